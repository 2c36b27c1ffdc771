//! Stimulated Raman scattering between the channels of one comb: the tilt that a fiber puts on their powers.

use crate::column::Column;
use crate::error::{Error, Result, require_finite, require_positive};
use crate::sums::sum_terms;
use crate::vector::{ColumnWork, exp, vectorize};

/// Power that each channel gains (above 1) or loses (below 1) to all others by Raman scattering in one fiber.
///
/// # Algorithm
/// 1. The Raman gain between two channels is taken as the slope times their distance (triangular gain), the fiber's
///    attenuation as alike for all: then P_i(L) = P_i(0) exp(-alpha L) P_tot exp(-x f_i) / sum over k of P_k exp(-x f_k),
///    with x = slope P_tot L_eff.
/// 2. Frequencies count from the powers' center, so that no exponential overflows.
///
/// The total power is kept but for the attenuation; a channel alone is not changed. Valid while the comb is narrower than
/// about 14 THz, where the gain of silica stops rising.
///
/// # Errors
/// [`Error::Parameter`] if the columns differ in length, a power is below zero or a number is not finite.
///
/// # References
/// Zirngibl 1998, doi 10.1049/el:19980555.
pub(crate) fn raman_transfer_ratio(
    power_w: &[f64],
    frequency_hz: &[f64],
    raman_slope_per_w_m_hz: f64,
    effective_length_m: f64,
) -> Result<Column> {
    if power_w.len() != frequency_hz.len() {
        return Err(Error::parameter(
            "power_w",
            format!("{} rows", power_w.len()),
            format!("{} rows, as frequency_hz", frequency_hz.len()),
        ));
    }
    require_finite("raman_slope_per_w_m_hz", raman_slope_per_w_m_hz)?;
    require_finite("effective_length_m", effective_length_m)?;
    for (&power, &frequency) in power_w.iter().zip(frequency_hz) {
        require_positive("frequency_hz", frequency)?;
        if !(power >= 0.0 && power.is_finite()) {
            return Err(Error::parameter("power_w", power, "a finite number, 0 or above"));
        }
    }
    let total_w: f64 = power_w.iter().sum();
    if total_w == 0.0 || power_w.len() < 2 {
        return Ok(power_w.iter().map(|_| 1.0).collect());
    }
    let center_hz = power_w.iter().zip(frequency_hz).map(|(power, frequency)| power * frequency).sum::<f64>() / total_w;
    let strength = raman_slope_per_w_m_hz * total_w * effective_length_m;
    let [mut ratios, mut terms] = [(); 2].map(|()| Column::scratch(power_w.len()));
    let (ratios_column, terms) = (&mut ratios[..], &mut terms[..]);
    vectorize(Transfer {
        ratios: ratios_column,
        terms,
        power_w,
        frequency_hz,
        center_hz,
        strength_s: strength,
        total_w,
    });
    Ok(ratios)
}

/// Step 1 for all channels.
struct Transfer<'a> {
    ratios: &'a mut [f64],
    terms: &'a mut [f64],
    power_w: &'a [f64],
    frequency_hz: &'a [f64],
    center_hz: f64,
    /// x of the model.
    strength_s: f64,
    total_w: f64,
}

impl ColumnWork for Transfer<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { ratios, terms, power_w, frequency_hz, center_hz, strength_s, total_w } = self;
        let (power_w, frequency_hz) = (&power_w[..ratios.len()], &frequency_hz[..ratios.len()]);
        for (k, ratio) in ratios.iter_mut().enumerate() {
            *ratio = exp(-strength_s * (frequency_hz[k] - center_hz));
        }
        let shifts = &ratios[..power_w.len()];
        let shared = sum_terms(&mut terms[..shifts.len()], |k| power_w[k] * shifts[k]);
        let factor = total_w / shared;
        for ratio in ratios {
            *ratio *= factor;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::to_db;

    const SLOPE: f64 = 0.028e-15;

    fn comb(count: usize, spacing_hz: f64) -> Vec<f64> {
        (0..count).map(|index| 193.7e12 + (index as f64 - (count as f64 - 1.0) / 2.0) * spacing_hz).collect()
    }

    #[test]
    fn total_power_is_kept() {
        let frequencies = comb(96, 50e9);
        let powers: Vec<f64> = (0..96).map(|index| 1e-3 * (1.0 + 0.01 * f64::from(index))).collect();
        let ratios = raman_transfer_ratio(&powers, &frequencies, SLOPE, 21e3).unwrap();
        let before: f64 = powers.iter().sum();
        let after: f64 = powers.iter().zip(&ratios).map(|(power, ratio)| power * ratio).sum();
        assert!((after / before - 1.0).abs() < 1e-13);
        assert!(ratios.windows(2).all(|pair| pair[1] < pair[0]), "higher frequencies lose");
    }

    /// 4.34 slope P L_eff B: the tilt in decibels is linear in frequency.
    #[test]
    fn tilt_of_a_full_band() {
        let frequencies = comb(65, 75e9);
        let powers = vec![1e-3; 65];
        let ratios = raman_transfer_ratio(&powers, &frequencies, SLOPE, 21e3).unwrap();
        let tilt_db = to_db(ratios[0]) - to_db(ratios[64]);
        let expected = 10.0 / std::f64::consts::LN_10 * SLOPE * 65e-3 * 21e3 * 4.8e12;
        assert!((tilt_db - expected).abs() < 1e-10, "{tilt_db} against {expected}");
    }

    /// The coupled equations dP_i/dz = -alpha P_i - slope P_i sum over k of (f_i - f_k) P_k, integrated step by step.
    #[test]
    fn agrees_with_the_coupled_equations() {
        let frequencies = comb(5, 1.2e12);
        let start = [2e-3, 5e-3, 1e-3, 8e-3, 4e-3];
        let (alpha, length_m, steps) = (0.2e-3 * std::f64::consts::LN_10 / 10.0, 80e3, 20_000);
        let slope_of = |powers: &[f64; 5]| {
            let mut out = [0.0; 5];
            for i in 0..5 {
                let transfer: f64 = (0..5).map(|k| (frequencies[i] - frequencies[k]) * powers[k]).sum();
                out[i] = -alpha * powers[i] - SLOPE * powers[i] * transfer;
            }
            out
        };
        let mut powers = start;
        let h = length_m / f64::from(steps);
        for _ in 0..steps {
            let first = slope_of(&powers);
            let mut middle = powers;
            for i in 0..5 {
                middle[i] += 0.5 * h * first[i];
            }
            let second = slope_of(&middle);
            for i in 0..5 {
                powers[i] += h * second[i];
            }
        }
        let effective_m = -libm::expm1(-alpha * length_m) / alpha;
        let ratios = raman_transfer_ratio(&start, &frequencies, SLOPE, effective_m).unwrap();
        for i in 0..5 {
            let closed = start[i] * (-alpha * length_m).exp() * ratios[i];
            assert!((closed / powers[i] - 1.0).abs() < 1e-7, "channel {i}: {closed} against {}", powers[i]);
        }
    }

    #[test]
    fn a_channel_alone_is_left_alone() {
        assert_eq!(raman_transfer_ratio(&[1.0], &[193e12], SLOPE, 21e3).unwrap()[..], [1.0]);
        assert!(raman_transfer_ratio(&[1.0, -1.0], &[193e12, 194e12], SLOPE, 21e3).is_err());
        assert!(raman_transfer_ratio(&[1.0], &[193e12, 194e12], SLOPE, 21e3).is_err());
    }
}
