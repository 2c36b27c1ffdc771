//! Dual-polarization formats in additive white Gaussian noise, hard decision, Gray labels.

use super::eight_qam;
use crate::error::{Error, Result};
use crate::quantile::normal_quantile;
use crate::signal::Modulation;
use crate::special::{find_root, q_function};
use crate::units::from_db;
use crate::vector::gaussian_tails;

impl Modulation {
    /// Bit error ratio at a signal-to-noise ratio Es/N0 (noise of both quadratures in the symbol rate).
    ///
    /// # Algorithm
    /// 1. QPSK: Q(sqrt SNR).
    /// 2. 8QAM: integral over the decision regions, see the two-ring table.
    /// 3. 16QAM: (3 Q(g) + 2 Q(3g) - Q(5g))/4, g = sqrt(SNR/5).
    /// 4. Shaped 16QAM: the mean of sign and amplitude bit of the shaped 4-level quadrature, amplitude decided by the
    ///    maximum a-posteriori threshold.
    ///
    /// # References
    /// Cho and Yoon 2002, doi 10.1109/TCOMM.2002.800818 (square QAM).
    pub fn bit_error_ratio(&self, snr_ratio: f64) -> f64 {
        if snr_ratio.is_nan() || snr_ratio < 0.0 {
            return f64::NAN;
        }
        match self {
            Self::Qpsk => q_function(snr_ratio.sqrt()),
            Self::EightQam => eight_qam::bit_error_ratio(snr_ratio),
            Self::SixteenQam => {
                let g = (snr_ratio / 5.0).sqrt();
                let [one, three, five, _] = gaussian_tails([g, 3.0 * g, 5.0 * g, f64::INFINITY]);
                0.25 * (3.0 * one + 2.0 * three - five)
            }
            Self::ShapedSixteenQam { inner_amplitude_ratio } => {
                shaped_bit_error_ratio(snr_ratio, *inner_amplitude_ratio)
            }
        }
    }
}

fn shaped_bit_error_ratio(snr_ratio: f64, inner: f64) -> f64 {
    if snr_ratio == 0.0 {
        // Signs are guessed; the amplitude is always decided as the likelier, inner one.
        return 0.5 * (0.5 + (1.0 - inner));
    }
    let outer = 1.0 - inner;
    // Levels -3, -1, 1, 3: energy of both quadratures 2 (inner + 9 outer), noise of one quadrature half of all.
    let sigma = ((inner + 9.0 * outer) / snr_ratio).sqrt();
    let threshold = 2.0 + 0.5 * sigma * sigma * (inner / outer).ln();
    let sign = inner * q_function(1.0 / sigma) + outer * q_function(3.0 / sigma);
    let distances = [threshold - 1.0, threshold + 1.0, 3.0 - threshold, 3.0 + threshold];
    let [below, beyond, above, far] = gaussian_tails(distances.map(|distance| distance / sigma));
    let amplitude = inner * (below + beyond) + outer * (above - far);
    0.5 * (sign + amplitude)
}

/// SNR (ratio) at which a format has a given bit error ratio.
///
/// # Errors
/// [`Error::Parameter`] if `ber` is outside (0, 0.25) or the format is not valid.
pub fn snr_for_ber(modulation: Modulation, ber: f64) -> Result<f64> {
    modulation.validate()?;
    if !(ber > 0.0 && ber < 0.25) {
        return Err(Error::parameter("ber", ber, "a number between 0 and 0.25, both excluded"));
    }
    let target = ber.ln();
    let difference = |snr_db: f64| modulation.bit_error_ratio(from_db(snr_db)).max(1e-320).ln() - target;
    find_root(difference, -10.0, 45.0, 1e-13).map(from_db)
}

/// Q factor (dB) of a bit error ratio: 20 log10(sqrt 2 erfc^-1(2 BER)); NaN at BER 0 or 0.5 and above.
pub fn q_factor_db(ber: f64) -> f64 {
    if !(ber > 0.0 && ber < 0.5) {
        return f64::NAN;
    }
    20.0 * (-normal_quantile(ber)).log10()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::to_db;

    #[test]
    fn snr_at_the_thresholds() {
        for (modulation, ber, expected) in [
            (Modulation::Qpsk, 1.25e-2, 7.01),
            (Modulation::SixteenQam, 1.25e-2, 13.55),
            (Modulation::Qpsk, 2.0e-2, 6.25),
            (Modulation::EightQam, 2.0e-2, 10.33),
            (Modulation::SixteenQam, 2.0e-2, 12.71),
        ] {
            let found = to_db(snr_for_ber(modulation, ber).unwrap());
            assert!((found - expected).abs() < 0.015, "{modulation:?} at {ber}: {found}");
        }
    }

    #[test]
    fn unshaped_limit_is_plain_sixteen_qam() {
        let shaped = Modulation::ShapedSixteenQam { inner_amplitude_ratio: 0.5 };
        for snr_db in [0.0, 6.0, 12.0, 18.0] {
            let snr = from_db(snr_db);
            let plain = Modulation::SixteenQam.bit_error_ratio(snr);
            assert!((shaped.bit_error_ratio(snr) / plain - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn q_of_published_thresholds() {
        for (ber, expected) in [(1.25e-2, 7.01), (2.0e-2, 6.25), (2.4e-4, 10.86)] {
            assert!((q_factor_db(ber) - expected).abs() < 0.006, "{}", q_factor_db(ber));
        }
        assert!(q_factor_db(0.0).is_nan());
        assert!(snr_for_ber(Modulation::Qpsk, 0.5).is_err());
    }
}
