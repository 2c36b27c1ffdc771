//! How strong four-wave mixing is over what nobody controls: zero-dispersion wavelength, lane wavelengths, polarization.

use super::four_wave_mixing::{MixingSpan, check_span, mismatch_per_m, mixing_polarization_ratio, visit_products};
use crate::error::{Error, Result, require_positive};
use crate::rng::RandomSource;
use crate::vector::{ColumnWork, vectorize};
use crate::wide::{Portable, Wide};
use rayon::prelude::*;
use std::ops::Range;

/// Lanes of draws that one thread takes together.
const HITS_PER_TASK: usize = 256;
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
///
/// [`four_wave_mixing`]: super::four_wave_mixing
pub fn draw_mixing_crosstalk(
    line: &SpreadLine,
    lanes: &[SpreadLane],
    draws_count: usize,
    seed: u64,
) -> Result<Vec<Vec<f64>>> {
    let draws = MixingDraws::new(lanes, line.window_hz, draws_count, seed)?;
    let hits = draws.mix(line, &[line.span.length_m])?;
    let mut rows = vec![vec![0.0; lanes.len()]; draws_count];
    for (hit, crosstalk) in draws.hits.iter().zip(&hits) {
        rows[hit.draw][hit.victim] = crosstalk[0];
    }
    Ok(rows)
}

/// What is drawn once for the lanes of a grid: all but the fiber, of which only the share of its range is.
#[derive(Debug, Clone)]
pub struct MixingDraws {
    lanes_count: usize,
    window_hz: f64,
    /// Of each draw, where in its range the zero-dispersion wavelength lies.
    zero_share: Vec<f64>,
    /// Lanes of draws on which products fall, by victim and draw.
    hits: Vec<Hit>,
    /// Products of all hits, one after the other.
    products: Vec<DrawnProduct>,
}

/// The products of one draw on one lane.
#[derive(Debug, Clone)]
struct Hit {
    draw: usize,
    victim: usize,
    products: Range<usize>,
}

/// Three waves, and the power of their product over the victim's for an integral of one.
#[derive(Debug, Clone, Copy)]
struct DrawnProduct {
    waves_hz: [f64; 3],
    scale: f64,
}

impl MixingDraws {
    /// Draws lanes and their products, see [`draw_mixing_crosstalk`].
    ///
    /// # Errors
    /// [`Error::Parameter`] if a range is upside down or a figure outside its range.
    pub fn new(lanes: &[SpreadLane], window_hz: f64, draws_count: usize, seed: u64) -> Result<Self> {
        require_positive("window_hz", window_hz)?;
        for lane in lanes {
            require_positive("frequency_min_hz", lane.frequency_min_hz)?;
            require_positive("power_w", lane.power_w)?;
            if !(lane.frequency_max_hz >= lane.frequency_min_hz && lane.frequency_max_hz.is_finite()) {
                let least = lane.frequency_min_hz;
                return Err(Error::parameter("frequency_max_hz", lane.frequency_max_hz, format!("{least} or above")));
            }
        }
        let random = |draw: usize| RandomSource::new(seed, NO_LINK, draw as u64);
        let mut drawn: Vec<(usize, usize, DrawnProduct)> = (0..draws_count)
            .into_par_iter()
            .flat_map_iter(|draw| {
                draw_products(lanes, window_hz, &random(draw)).into_iter().map(move |(victim, one)| (victim, draw, one))
            })
            .collect();
        // Products of one draw on one lane stay in their order.
        drawn.sort_by_key(|&(victim, draw, _)| (victim, draw));
        let mut hits: Vec<Hit> = Vec::new();
        for (place, &(victim, draw, _)) in drawn.iter().enumerate() {
            match hits.last_mut() {
                Some(last) if (last.victim, last.draw) == (victim, draw) => last.products.end = place + 1,
                _ => hits.push(Hit { draw, victim, products: place..place + 1 }),
            }
        }
        Ok(Self {
            lanes_count: lanes.len(),
            window_hz,
            zero_share: (0..draws_count).map(|draw| random(draw).uniform(ZERO_DISPERSION, 0)).collect(),
            hits,
            products: drawn.into_iter().map(|(.., product)| product).collect(),
        })
    }

    /// Power of all mixing products on each lane that is passed with a probability, for each of several lengths of the line.
    ///
    /// # Algorithm
    /// The draws of [`draw_mixing_crosstalk`], the same ones for every length, each of which is computed on its own; per lane
    /// the least of them that at most `exceedance_ratio` of all pass. Row `k` belongs to length `k`.
    ///
    /// # Errors
    /// [`Error::Parameter`] if a range is upside down, a figure outside its range, the window is not that of the draws, or
    /// there is no draw.
    ///
    /// # References
    /// As [`draw_mixing_crosstalk`].
    pub fn quantiles(&self, line: &SpreadLine, lengths_m: &[f64], exceedance_ratio: f64) -> Result<Vec<Vec<f64>>> {
        if !(exceedance_ratio > 0.0 && exceedance_ratio < 1.0) {
            return Err(Error::parameter("exceedance_ratio", exceedance_ratio, "a number above 0 and below 1"));
        }
        let draws_count = self.zero_share.len();
        if draws_count == 0 {
            return Err(Error::parameter("draws_count", draws_count, "1 or above"));
        }
        let rows = self.mix(line, lengths_m)?;
        let place = (((1.0 - exceedance_ratio) * (draws_count - 1) as f64).ceil() as usize).min(draws_count - 1);
        let of_victim: Vec<Range<usize>> = (0..self.lanes_count)
            .map(|victim| {
                let first_of = |lane| self.hits.partition_point(|hit| hit.victim < lane);
                first_of(victim)..first_of(victim + 1)
            })
            .collect();
        let (lengths, victims) = (lengths_m.len(), self.lanes_count);
        let passed: Vec<f64> = (0..lengths * victims)
            .into_par_iter()
            .map(|entry| {
                let hit: Vec<f64> =
                    rows[of_victim[entry % victims].clone()].iter().map(|row| row[entry / victims]).collect();
                select_among_zeros(hit, draws_count, place)
            })
            .collect();
        Ok(passed.chunks(victims.max(1)).map(<[f64]>::to_vec).collect())
    }

    /// One row per hit: the crosstalk at every length.
    fn mix(&self, line: &SpreadLine, lengths_m: &[f64]) -> Result<Vec<Vec<f64>>> {
        for &length_m in lengths_m {
            check_span(&MixingSpan { length_m, ..line.span })?;
        }
        if line.window_hz != self.window_hz {
            return Err(Error::parameter(
                "window_hz",
                line.window_hz,
                format!("{}, that of the draws", self.window_hz),
            ));
        }
        let (shortest, longest) = (line.zero_dispersion_min_m, line.zero_dispersion_max_m);
        require_positive("zero_dispersion_min_m", shortest)?;
        if !(longest >= shortest && longest.is_finite()) {
            return Err(Error::parameter("zero_dispersion_max_m", longest, format!("{shortest} or above")));
        }
        let table: Vec<[f64; 3]> = lengths_m
            .iter()
            .map(|&length_m| {
                let exponent = -line.span.attenuation_per_m * length_m;
                [length_m, exponent.exp(), exponent.exp_m1().powi(2)]
            })
            .collect();
        let weight = (line.span.gamma_per_w_m * line.span.transmission_ratio).powi(2);
        let mix_hit = |hit: &Hit| {
            let span =
                MixingSpan { zero_dispersion_m: between(shortest, longest, self.zero_share[hit.draw]), ..line.span };
            let mut crosstalk = vec![0.0; table.len()];
            for product in &self.products[hit.products.clone()] {
                vectorize(Products {
                    lengths: &table,
                    mismatch_per_m: mismatch_per_m(&span, product.waves_hz),
                    attenuation_per_m: span.attenuation_per_m,
                    scale: product.scale * weight,
                    crosstalk: &mut crosstalk,
                });
            }
            crosstalk
        };
        Ok(self.hits.par_iter().with_min_len(HITS_PER_TASK).map(mix_hit).collect())
    }
}

fn between(low: f64, high: f64, share: f64) -> f64 {
    low + share * (high - low)
}

/// The products of one draw, each with its victim.
fn draw_products(lanes: &[SpreadLane], window_hz: f64, random: &RandomSource) -> Vec<(usize, DrawnProduct)> {
    let drawn_hz: Vec<f64> = lanes
        .iter()
        .enumerate()
        .map(|(index, lane)| {
            between(lane.frequency_min_hz, lane.frequency_max_hz, random.uniform(WAVELENGTH, index as u32))
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
    let mut products = Vec::new();
    visit_products(&drawn_hz, window_hz, |[i, j, k], victim, _| {
        let degeneracy = if i == j { 1.0 } else { 4.0 };
        let powers = lanes[i].power_w * lanes[j].power_w * lanes[k].power_w / lanes[victim].power_w;
        let aligned = mixing_polarization_ratio(&[states[i], states[j], states[k], states[victim]]);
        let waves_hz = [i, j, k].map(|lane| drawn_hz[lane]);
        products.push((victim, DrawnProduct { waves_hz, scale: degeneracy * powers * aligned }));
    });
    products
}

/// The value at a place in rising order of `count` values, of which all but these are 0.
fn select_among_zeros(mut values: Vec<f64>, count: usize, place: usize) -> f64 {
    let zeros = count - values.len();
    let below = values.iter().filter(|value| value.total_cmp(&0.0).is_lt()).count();
    let place = if place < below {
        place
    } else if place < below + zeros {
        return 0.0;
    } else {
        place - zeros
    };
    *values.select_nth_unstable_by(place, f64::total_cmp).1
}

/// Adds one product of a fiber, over all of its lengths.
struct Products<'a> {
    lengths: &'a [[f64; 3]],
    mismatch_per_m: f64,
    attenuation_per_m: f64,
    scale: f64,
    crosstalk: &'a mut [f64],
}

impl ColumnWork for Products<'_> {
    type Output = ();

    /// |(1 - exp((-a + j b) L))/(a - j b)|^2 = ((1 - l)^2 + 2 l (1 - cos b L))/(a^2 + b^2), l = exp(-a L): no digits are lost
    /// where both are small.
    #[inline(always)]
    fn run(self) {
        const LANES: usize = 4;
        let (a, b) = (self.attenuation_per_m, self.mismatch_per_m);
        let norm = a * a + b * b;
        if norm == 0.0 {
            for (sum, [length_m, ..]) in self.crosstalk.iter_mut().zip(self.lengths) {
                *sum += self.scale * length_m * length_m;
            }
            return;
        }
        let scale = self.scale / norm;
        for (sums, lengths) in self.crosstalk.chunks_mut(LANES).zip(self.lengths.chunks(LANES)) {
            let mut angle = [0.0; LANES];
            for (slot, [length_m, ..]) in angle.iter_mut().zip(lengths) {
                *slot = b * length_m;
            }
            let (versine, _) = Portable::<true>.versine_and_sine(angle);
            for ((sum, [_, left, lost]), versine) in sums.iter_mut().zip(lengths).zip(versine) {
                *sum += scale * (lost - 2.0 * left * versine);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fiber::{MixingLane, four_wave_mixing};

    #[test]
    fn quantiles_are_those_of_the_draws_at_each_length() {
        let span = MixingSpan {
            attenuation_per_m: 0.35e-3 * std::f64::consts::LN_10 / 10.0,
            length_m: 10e3,
            gamma_per_w_m: 1.5e-3,
            zero_dispersion_m: 1310e-9,
            zero_slope_s_per_m3: 93.0,
            transmission_ratio: 1.0,
        };
        let line = SpreadLine { span, zero_dispersion_min_m: 1310e-9, zero_dispersion_max_m: 1310e-9, window_hz: 1e9 };
        let lanes = [228.6e12, 229.0e12, 229.4e12, 229.8e12].map(|frequency_hz| SpreadLane {
            frequency_min_hz: frequency_hz,
            frequency_max_hz: frequency_hz,
            power_w: 2e-3,
        });
        let draws = MixingDraws::new(&lanes, 1e9, 200, 3).unwrap();
        let found = draws.quantiles(&line, &[5e3, 10e3], 0.1).unwrap();
        // A length alone has the same bits as among others.
        assert_eq!(draws.quantiles(&line, &[10e3], 0.1).unwrap()[0], found[1]);
        let mut column: Vec<f64> =
            draw_mixing_crosstalk(&line, &lanes, 200, 3).unwrap().iter().map(|row| row[1]).collect();
        column.sort_by(f64::total_cmp);
        assert_eq!(found[1][1].to_bits(), column[180].to_bits());
        assert_ne!(found[0][1].to_bits(), found[1][1].to_bits());
        // Nothing but polarization is drawn, and it takes at most everything but (8/9)^2.
        let fixed = lanes.map(|lane| MixingLane { frequency_hz: lane.frequency_min_hz, power_w: lane.power_w });
        let products = four_wave_mixing(&[span], &fixed, 1e9).unwrap();
        let all: f64 = products.iter().filter(|one| one.victim_index == 1).map(|one| one.power_ratio).sum();
        assert!(found[1][1] < all * (8.0f64 / 9.0).powi(2) && found[1][1] > 0.05 * all);
        assert!(MixingDraws::new(&lanes, 1e9, 0, 3).unwrap().quantiles(&line, &[5e3], 0.1).is_err());
        assert!(draws.quantiles(&line, &[5e3], 1.0).is_err());
        assert!(draws.quantiles(&line, &[-5e3], 0.1).is_err());
        assert!(draws.quantiles(&SpreadLine { window_hz: 2e9, ..line }, &[5e3], 0.1).is_err());
    }

    #[test]
    fn places_among_zeros_are_those_of_the_sorted_values() {
        let values = [0.5, -1.0, 0.0, 2.0, -0.0, 0.25];
        let mut all = values.to_vec();
        all.resize(10, 0.0);
        all.sort_by(f64::total_cmp);
        for (place, expected) in all.iter().enumerate() {
            assert_eq!(select_among_zeros(values.to_vec(), 10, place).to_bits(), expected.to_bits(), "{place}");
        }
    }

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
