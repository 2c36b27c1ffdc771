//! Semiconductor optical amplifiers: gain that a signal's own power pulls down and that recovers within hundreds of picoseconds.

use crate::error::{Error, Result, require_positive};
use std::f64::consts::LN_2;

/// A traveling-wave semiconductor amplifier.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SemiconductorAmplifier {
    /// Gain of weak light.
    pub gain_ratio: f64,
    /// Output power at which the gain is half of that.
    pub saturation_power_w: f64,
    /// Time in which the gain recovers.
    pub lifetime_s: f64,
}

/// Lifetimes after which what was before is forgotten.
const SETTLED_LIFETIMES: f64 = 40.0;

impl SemiconductorAmplifier {
    fn check(&self) -> Result<()> {
        if !(self.gain_ratio > 2.0 && self.gain_ratio.is_finite()) {
            // Below, no output power halves the gain.
            return Err(Error::parameter("gain_ratio", self.gain_ratio, "a finite number above 2"));
        }
        require_positive("saturation_power_w", self.saturation_power_w)?;
        require_positive("lifetime_s", self.lifetime_s)?;
        Ok(())
    }

    /// Energy that saturates the gain, over the lifetime: P_3dB (G - 2)/(G ln 2).
    fn scale_w(&self) -> f64 {
        self.saturation_power_w * (self.gain_ratio - 2.0) / (self.gain_ratio * LN_2)
    }

    /// Power behind the amplifier, of a periodic waveform of power in front of it.
    ///
    /// # Algorithm
    /// h = ln G obeys dh/dt = (ln G0 - h)/tau - P (e^h - 1)/(tau P_s); each sample by the rule of the middle, for a power that
    /// is straight between samples. It starts from the gain of the mean power and goes through as much of the period's end
    /// as it takes to forget that.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a figure or a power that is not allowed, or samples longer than a fifth of the lifetime.
    ///
    /// # References
    /// Agrawal and Olsson 1989, doi 10.1109/3.34059.
    pub fn amplify(&self, power_w: &[f64], sample_rate_hz: f64) -> Result<Vec<f64>> {
        self.check()?;
        require_positive("sample_rate_hz", sample_rate_hz)?;
        if power_w.is_empty() {
            return Err(Error::parameter("power_w", "none", "1 sample or more"));
        }
        if let Some(found) = power_w.iter().find(|power| !(**power >= 0.0 && power.is_finite())) {
            return Err(Error::parameter("power_w", found, "finite numbers, 0 or above"));
        }
        let step = 1.0 / (sample_rate_hz * self.lifetime_s);
        if step > 0.2 {
            let allowed = format!("{:e} s or above, five samples", 5.0 / sample_rate_hz);
            return Err(Error::parameter("lifetime_s", format!("{:e}", self.lifetime_s), allowed));
        }
        let scale_w = self.scale_w();
        let full = self.gain_ratio.ln();
        let slope = |h: f64, power: f64| full - h - power / scale_w * h.exp_m1();
        let follow = |h: f64, from: f64, to: f64| {
            let middle = h + 0.5 * step * slope(h, from);
            h + step * slope(middle, 0.5 * (from + to))
        };
        let mean = power_w.iter().sum::<f64>() / power_w.len() as f64;
        let mut h = self.steady_log_gain(mean);
        let settling = (SETTLED_LIFETIMES / step).ceil() as usize;
        let skipped = power_w.len() - settling % power_w.len();
        let mut before = power_w[(skipped + power_w.len() - 1) % power_w.len()];
        let warm_up = power_w.iter().cycle().skip(skipped % power_w.len()).take(settling);
        for &power in warm_up {
            h = follow(h, before, power);
            before = power;
        }
        let mut out = Vec::with_capacity(power_w.len());
        for &power in power_w {
            h = follow(h, before, power);
            before = power;
            out.push(power * h.exp());
        }
        Ok(out)
    }

    /// ln G in constant light, h = ln G0 - (P/P_s)(e^h - 1), by Newton's method from above.
    fn steady_log_gain(&self, power_w: f64) -> f64 {
        let (full, ratio) = (self.gain_ratio.ln(), power_w / self.scale_w());
        let mut h = full;
        for _ in 0..100 {
            let step = (full - h - ratio * h.exp_m1()) / (1.0 + ratio * h.exp());
            h += step;
            if step.abs() < 1e-14 {
                break;
            }
        }
        h
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AMPLIFIER: SemiconductorAmplifier =
        SemiconductorAmplifier { gain_ratio: 100.0, saturation_power_w: 10e-3, lifetime_s: 200e-12 };

    #[test]
    fn at_its_saturation_power_the_gain_is_half() {
        let out = AMPLIFIER.amplify(&[10e-3 / 50.0; 64], 400e9).unwrap();
        assert!((out[0] - 10e-3).abs() < 1e-9, "{}", out[0]);
        let weak = AMPLIFIER.amplify(&[1e-12; 64], 400e9).unwrap();
        assert!((weak[0] / 1e-10 - 1.0).abs() < 1e-6);
    }

    /// A short pulse of energy U leaves the gain 1/(1 - (1 - 1/G0) exp(-U/E_s)), Agrawal and Olsson, eq. (16); it recovers
    /// with the lifetime.
    #[test]
    fn a_pulse_takes_the_gain_that_its_energy_asks_for() {
        let rate_hz = 20e12;
        let saturation_j = AMPLIFIER.scale_w() * AMPLIFIER.lifetime_s;
        // A picosecond of light in two nanoseconds of almost none; all samples tell the gain.
        let dim = 1e-12;
        let mut power = vec![dim; 40_000];
        power[1000..1020].fill(0.5 * saturation_j / 1e-12);
        let out = AMPLIFIER.amplify(&power, rate_hz).unwrap();
        let gain_at = |sample: usize| out[sample] / power[sample];
        let expected = 1.0 / (1.0 - (1.0 - 1.0 / 100.0) * (-0.5f64).exp());
        assert!((gain_at(1021) / expected - 1.0).abs() < 0.02, "{} {expected}", gain_at(1021));
        let later = (100.0f64.ln() - gain_at(1021 + 4000).ln()) / (100.0f64.ln() - gain_at(1021).ln());
        assert!((later / (-1.0f64).exp() - 1.0).abs() < 1e-3, "{later}");
    }

    #[test]
    fn what_is_no_amplifier_is_refused() {
        for wrong in [
            SemiconductorAmplifier { gain_ratio: 2.0, ..AMPLIFIER },
            SemiconductorAmplifier { saturation_power_w: 0.0, ..AMPLIFIER },
            SemiconductorAmplifier { lifetime_s: 1e-12, ..AMPLIFIER },
        ] {
            assert!(wrong.amplify(&[1e-6; 8], 400e9).is_err(), "{wrong:?}");
        }
        assert!(AMPLIFIER.amplify(&[-1e-6; 8], 400e9).is_err());
        assert!(AMPLIFIER.amplify(&[], 400e9).is_err());
    }
}
