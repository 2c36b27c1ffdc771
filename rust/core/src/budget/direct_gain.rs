//! The gain of an avalanche photodiode where its mode states none: the best one for the light that arrives.

use super::direct_tables::DirectModes;
use crate::optics::{AvalancheSpeed, Photodetector};
use crate::units::from_dbm;

/// Bandwidth that the photodiode must leave, over the symbol rate: that of the reference receiver.
const NEEDED_BANDWIDTH_RATIO: f64 = 0.5;
/// Middle of the uppermost eye above the average power, over the outer OMA: most shot noise is there.
const UPPERMOST_EYE_RATIO: f64 = 1.0 / 3.0;

/// How far the gain may follow the light.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct GainBounds {
    /// By speed.
    pub(super) greatest_ratio: f64,
    /// Average power at which the amplifier is overloaded at unity gain; infinite where nobody knows it.
    overload_w: f64,
}

/// Where the gain comes from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Gain {
    /// The mode states it.
    Stated,
    /// It is the best one for the light, within bounds.
    Best(GainBounds),
}

impl Gain {
    /// `None` where neither the gain is known nor what decides it.
    ///
    /// # Algorithm
    /// 1. Gain-bandwidth product over the bandwidth that the receiver needs, or over that at low gain where this is less:
    ///    such a photodiode is too slow at any gain, and up to there no slower.
    /// 2. The amplifier bears the greatest received power at unity gain, the least that there is; so much current, gain
    ///    times power, it bears at any power.
    ///
    /// # References
    /// Campbell 2007, doi 10.1109/JLT.2006.888481.
    pub(super) fn of(modes: &DirectModes<'_>, mode: usize) -> Option<Self> {
        if !modes.gain_ratio[mode].is_nan() {
            return Some(Self::Stated);
        }
        if !modes.ionization_ratio[mode].is_finite() {
            return None;
        }
        let low_gain_hz = modes.apd_bandwidth_hz[mode];
        let speed = AvalancheSpeed {
            bandwidth_hz: if low_gain_hz.is_nan() { f64::INFINITY } else { low_gain_hz },
            gain_bandwidth_hz: modes.apd_gain_bandwidth_hz[mode],
        };
        let needed_hz = (NEEDED_BANDWIDTH_RATIO * modes.symbol_rate_hz[mode]).min(speed.bandwidth_hz);
        let greatest_dbm = modes.received_power_max_dbm[mode];
        let overload_w = if greatest_dbm.is_nan() { f64::INFINITY } else { from_dbm(greatest_dbm) };
        speed.greatest_gain_ratio(needed_hz).map(|greatest_ratio| Self::Best(GainBounds { greatest_ratio, overload_w }))
    }

    pub(super) fn bounds(self) -> Option<GainBounds> {
        match self {
            Self::Stated => None,
            Self::Best(bounds) => Some(bounds),
        }
    }
}

impl GainBounds {
    /// A photodetector with the best gain for an outer OMA and average power, inside the bounds.
    pub(super) fn set_gain(
        &self,
        detector: Photodetector,
        (oma_w, average_w): (f64, f64),
        thermal_noise_a2: f64,
        bandwidth_hz: f64,
    ) -> Photodetector {
        let eye_w = average_w + UPPERMOST_EYE_RATIO * oma_w;
        let best_ratio = detector.best_gain_ratio(eye_w, thermal_noise_a2, bandwidth_hz);
        let bound_ratio = self.greatest_ratio.min(self.overload_w / average_w).max(1.0);
        Photodetector { gain_ratio: best_ratio.min(bound_ratio), ..detector }
    }
}

#[cfg(test)]
mod tests {
    use super::super::direct_tables::one_mode;
    use super::*;

    const APD: Photodetector =
        Photodetector { responsivity_a_per_w: 0.8, gain_ratio: 1.0, ionization_ratio: 0.2, dark_current_a: 1e-8 };

    #[test]
    fn a_stated_gain_has_no_bounds() {
        assert_eq!(Gain::of(&one_mode(6.0).view(), 0), Some(Gain::Stated));
        let columns = one_mode(f64::NAN);
        // 24 GHz at low gain is less than half of 53.125 GBd.
        let bounds = Gain::of(&columns.view(), 0).and_then(Gain::bounds).unwrap();
        assert!((bounds.greatest_ratio - 290.0 / 24.0).abs() < 1e-12 && bounds.overload_w == f64::INFINITY);
        let nan = [f64::NAN];
        let fast =
            Gain::of(&DirectModes { apd_bandwidth_hz: &nan, ..columns.view() }, 0).and_then(Gain::bounds).unwrap();
        assert!((fast.greatest_ratio - 290.0 / 26.5625).abs() < 1e-12);
        assert_eq!(Gain::of(&DirectModes { apd_gain_bandwidth_hz: &nan, ..columns.view() }, 0), None);
        assert_eq!(Gain::of(&DirectModes { ionization_ratio: &nan, ..columns.view() }, 0), None);
        assert_eq!(Gain::of(&DirectModes { apd_gain_bandwidth_hz: &[10e9], ..columns.view() }, 0), None);
    }

    #[test]
    fn the_gain_falls_with_the_light() {
        let (bandwidth_hz, thermal) = (13.8e9, (15e-12f64).powi(2) * 13.8e9);
        let bounds = GainBounds { greatest_ratio: 12.0, overload_w: from_dbm(-4.0) };
        let gain = |average_w: f64| bounds.set_gain(APD, (average_w, average_w), thermal, bandwidth_hz).gain_ratio;
        // Speed, the cubic, then a constant current of the amplifier, then nothing is left to take away.
        assert_eq!(gain(1e-6), 12.0);
        let cubic = APD.best_gain_ratio(40e-6 * 4.0 / 3.0, thermal, bandwidth_hz);
        assert!((gain(40e-6) / cubic - 1.0).abs() < 1e-12 && cubic < 9.0);
        assert!((gain(200e-6) * 200e-6 / from_dbm(-4.0) - 1.0).abs() < 1e-12);
        assert_eq!(gain(1e-3), 1.0);
        for step in 0..60 {
            let power_w = 1e-6 * 1.12f64.powi(step);
            assert!(gain(1.12 * power_w) <= gain(power_w));
        }
    }
}
