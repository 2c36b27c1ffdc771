//! How strong four-wave mixing is over what nobody controls: zero-dispersion wavelength, lane wavelengths, polarization.

use super::four_wave_mixing::{MixingLane, MixingSpan, four_wave_mixing, mixing_polarization_ratio};
use crate::error::{Error, Result, require_positive};
use crate::rng::RandomSource;
use rayon::prelude::*;

/// What a random number is for.
const ZERO_DISPERSION: u32 = 0x4657_0001;
const WAVELENGTH: u32 = 0x4657_0002;
const POLARIZATION: u32 = 0x4657_0003;
/// Link key of a spread that belongs to no link.
const NO_LINK: u64 = 0;

/// One lane with the range in which its laser lies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SpreadLane {
    /// Lowest frequency.
    pub frequency_min_hz: f64,
    /// Highest frequency.
    pub frequency_max_hz: f64,
    /// Average power.
    pub power_w: f64,
}

/// A line whose zero-dispersion wavelength lies in a range.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SpreadLine {
    /// The fiber; its zero-dispersion wavelength is replaced by the drawn one.
    pub span: MixingSpan,
    /// Shortest zero-dispersion wavelength.
    pub zero_dispersion_min_m: f64,
    /// Longest zero-dispersion wavelength.
    pub zero_dispersion_max_m: f64,
    /// Products further than this from a lane do not beat inside its receiver.
    pub window_hz: f64,
}

/// Power of all mixing products on each lane over that lane's own, one row per draw.
///
/// # Algorithm
/// 1. Each draw: zero-dispersion wavelength and every lane's frequency uniform in their ranges, every lane's state of
///    polarization uniform on the sphere; all by address (seed, draw, purpose, lane).
/// 2. Products of [`four_wave_mixing`], each times [`mixing_polarization_ratio`], summed per victim.
///
/// # Errors
/// [`Error::Parameter`] if a range is upside down or a figure outside its range.
///
/// # References
/// Photonics 2024, 11(12), 1179 (Monte Carlo over wavelengths, polarization and zero-dispersion wavelength for LWDM lanes).
pub fn draw_mixing_crosstalk(
    line: &SpreadLine,
    lanes: &[SpreadLane],
    draws_count: usize,
    seed: u64,
) -> Result<Vec<Vec<f64>>> {
    let (shortest, longest) = (line.zero_dispersion_min_m, line.zero_dispersion_max_m);
    require_positive("zero_dispersion_min_m", shortest)?;
    if !(longest >= shortest && longest.is_finite()) {
        return Err(Error::parameter("zero_dispersion_max_m", longest, format!("{shortest} or above")));
    }
    for lane in lanes {
        require_positive("frequency_min_hz", lane.frequency_min_hz)?;
        if !(lane.frequency_max_hz >= lane.frequency_min_hz && lane.frequency_max_hz.is_finite()) {
            let least = lane.frequency_min_hz;
            return Err(Error::parameter("frequency_max_hz", lane.frequency_max_hz, format!("{least} or above")));
        }
    }
    (0..draws_count)
        .into_par_iter()
        .map(|draw| draw_one(line, lanes, &RandomSource::new(seed, NO_LINK, draw as u64)))
        .collect()
}

fn draw_one(line: &SpreadLine, lanes: &[SpreadLane], random: &RandomSource) -> Result<Vec<f64>> {
    let between = |low: f64, high: f64, share: f64| low + share * (high - low);
    let zero = random.uniform(ZERO_DISPERSION, 0);
    let span = MixingSpan {
        zero_dispersion_m: between(line.zero_dispersion_min_m, line.zero_dispersion_max_m, zero),
        ..line.span
    };
    let drawn: Vec<MixingLane> = lanes
        .iter()
        .enumerate()
        .map(|(index, lane)| MixingLane {
            frequency_hz: between(
                lane.frequency_min_hz,
                lane.frequency_max_hz,
                random.uniform(WAVELENGTH, index as u32),
            ),
            power_w: lane.power_w,
        })
        .collect();
    let states: Vec<[f64; 3]> = (0..lanes.len())
        .map(|index| {
            let [height, turn] = random.uniform_pair(POLARIZATION, index as u32);
            let s3 = 2.0 * height - 1.0;
            let (sine, cosine) = (std::f64::consts::TAU * turn).sin_cos();
            let radius = (1.0 - s3 * s3).max(0.0).sqrt();
            [radius * cosine, radius * sine, s3]
        })
        .collect();
    let mut crosstalk = vec![0.0; lanes.len()];
    for product in four_wave_mixing(&[span], &drawn, line.window_hz)? {
        let [i, j, k] = product.lane_indices;
        let states = [states[i], states[j], states[k], states[product.victim_index]];
        crosstalk[product.victim_index] += product.power_ratio * mixing_polarization_ratio(&states);
    }
    Ok(crosstalk)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_are_addressed_and_coarse_grids_are_immune() {
        let span = MixingSpan {
            attenuation_per_m: 0.35e-3 * std::f64::consts::LN_10 / 10.0,
            length_m: 10e3,
            gamma_per_w_m: 1.5e-3,
            zero_dispersion_m: 1310e-9,
            zero_slope_s_per_m3: 93.0,
            transmission_ratio: 1.0,
        };
        let line = SpreadLine { span, zero_dispersion_min_m: 1300e-9, zero_dispersion_max_m: 1324e-9, window_hz: 60e9 };
        let grid = |spacing_hz: f64, tolerance_hz: f64| -> Vec<SpreadLane> {
            (0..4)
                .map(|k| {
                    let center = 228.6e12 + f64::from(k) * spacing_hz;
                    SpreadLane {
                        frequency_min_hz: center - tolerance_hz,
                        frequency_max_hz: center + tolerance_hz,
                        power_w: 2e-3,
                    }
                })
                .collect()
        };
        let one = draw_mixing_crosstalk(&line, &grid(400e9, 45e9), 64, 1).unwrap();
        let more = draw_mixing_crosstalk(&line, &grid(400e9, 45e9), 128, 1).unwrap();
        assert_eq!(one[..], more[..64]);
        assert!(one.iter().flatten().any(|&ratio| ratio > 1e-6));
        // 20 nm apart nothing is phase matched: at least 60 dB below what a fine grid can reach.
        let most = |rows: &[Vec<f64>]| rows.iter().flatten().fold(0.0f64, |a, &b| a.max(b));
        let coarse = draw_mixing_crosstalk(&line, &grid(3.5e12, 1.1e12), 64, 1).unwrap();
        assert!(most(&coarse) < 1e-3 * most(&one), "{} {}", most(&coarse), most(&one));
        let upside_down = SpreadLine { zero_dispersion_max_m: 1290e-9, ..line };
        assert!(draw_mixing_crosstalk(&upside_down, &grid(400e9, 45e9), 1, 1).is_err());
    }
}
