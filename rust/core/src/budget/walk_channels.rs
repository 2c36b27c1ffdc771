//! The channels of one comb on their way along a path, column by column.

use super::verdict::Unknown;
use crate::fiber::Comb;
use crate::optics::POLYNOMIAL_SLOT_HZ;
use crate::units::to_db;
use std::mem::swap;
use std::sync::Arc;

/// A channel where its path begins.
#[derive(Debug, Clone, Copy)]
pub(super) struct Start {
    pub frequency_hz: f64,
    pub symbol_rate_hz: f64,
    pub slot_hz: f64,
    pub excess_kurtosis_ratio: f64,
    pub out_of_band_noise_ratio: f64,
    pub level_dbm: f64,
}

/// Columns over the channels of a comb; the memory serves path after path.
#[derive(Debug, Default)]
pub(super) struct Channels {
    pub frequency_hz: Vec<f64>,
    pub symbol_rate_hz: Vec<f64>,
    /// Spectrum between neighbors, over which the noise polynomials spread the power.
    pub slot_hz: Vec<f64>,
    /// Excess kurtosis of the constellation; 0 for Gaussian noise.
    pub excess_kurtosis_ratio: Vec<f64>,
    /// Noise of the transmitter in 12.5 GHz outside its band, over its power; 0 where it is not known.
    pub out_of_band_noise_ratio: Vec<f64>,
    pub level_dbm: Vec<f64>,
    /// Noise of all elements in 12.5 GHz, over the signal.
    pub noise_ratio: Vec<f64>,
    /// Nonlinear interference of all elements in the symbol rate, over the signal.
    pub nonlinear_ratio: Vec<f64>,
    pub dispersion_s_per_m: Vec<f64>,
    pub unknown: Vec<Unknown>,
    /// Decibels by which the slot is wider than the slot of the noise polynomials.
    pub slot_db: Vec<f64>,
    /// What each element does to the levels.
    levels: ElementColumns,
    /// Noise that an element adds; elements that add none are left out.
    noises: ElementColumns,
    /// Nonlinear interference of each fiber that makes some.
    nonlinear: ElementColumns,
    /// Figures of the fiber types that were passed, as long as the frequencies stay.
    fibers: Vec<FiberColumns>,
    /// The comb that the channels were last, which most paths share.
    pub comb: Option<Arc<Comb>>,
    /// Frequencies and slots of the path before.
    before: (Vec<f64>, Vec<f64>),
}

/// Figures of one fiber type at each channel.
#[derive(Debug)]
pub(super) struct FiberColumns {
    part: usize,
    /// NaN where no figure reaches.
    pub attenuation_db_per_m: Vec<f64>,
    pub dispersion_s_per_m2: Vec<f64>,
}

impl FiberColumns {
    pub(super) fn new(part: usize, attenuation_db_per_m: Vec<f64>, dispersion_s_per_m2: Vec<f64>) -> Self {
        Self { part, attenuation_db_per_m, dispersion_s_per_m2 }
    }
}

/// One column for each of some elements of a path, in their order.
#[derive(Debug, Default)]
struct ElementColumns {
    /// Elements, counted from the first of the path.
    elements: Vec<usize>,
    values: Vec<f64>,
}

impl ElementColumns {
    fn clear(&mut self) {
        self.elements.clear();
        self.values.clear();
    }

    /// Adds the column of an element.
    fn push(&mut self, element: usize, column: impl Iterator<Item = f64>) {
        self.elements.push(element);
        self.values.extend(column);
    }

    /// Each element with its value for one of `count` channels.
    fn of(&self, place: usize, count: usize) -> impl Iterator<Item = (usize, f64)> + '_ {
        self.elements.iter().copied().zip(self.values.iter().copied().skip(place).step_by(count.max(1)))
    }

    /// Each element with its column.
    fn columns(&self, count: usize) -> impl Iterator<Item = (usize, &[f64])> {
        self.elements.iter().copied().zip(self.values.chunks_exact(count.max(1)))
    }
}

impl Channels {
    /// Puts channels at the start of a path.
    pub(super) fn reset(&mut self, starts: impl Iterator<Item = Start>) {
        swap(&mut self.frequency_hz, &mut self.before.0);
        swap(&mut self.slot_hz, &mut self.before.1);
        for column in [
            &mut self.frequency_hz,
            &mut self.symbol_rate_hz,
            &mut self.slot_hz,
            &mut self.excess_kurtosis_ratio,
            &mut self.out_of_band_noise_ratio,
            &mut self.level_dbm,
        ] {
            column.clear();
        }
        for start in starts {
            self.frequency_hz.push(start.frequency_hz);
            self.symbol_rate_hz.push(start.symbol_rate_hz);
            self.slot_hz.push(start.slot_hz);
            self.excess_kurtosis_ratio.push(start.excess_kurtosis_ratio);
            self.out_of_band_noise_ratio.push(start.out_of_band_noise_ratio);
            self.level_dbm.push(start.level_dbm);
        }
        let count = self.count();
        for column in [&mut self.noise_ratio, &mut self.nonlinear_ratio, &mut self.dispersion_s_per_m] {
            column.clear();
            column.resize(count, 0.0);
        }
        self.unknown.clear();
        self.unknown.resize(count, Unknown::No);
        for columns in [&mut self.levels, &mut self.noises, &mut self.nonlinear] {
            columns.clear();
        }
        if self.frequency_hz != self.before.0 {
            self.fibers.clear();
        }
        if self.slot_hz != self.before.1 {
            self.slot_db.clear();
            self.slot_db.extend(self.slot_hz.iter().map(|slot_hz| to_db(slot_hz / POLYNOMIAL_SLOT_HZ)));
        }
    }

    pub(super) fn count(&self) -> usize {
        self.frequency_hz.len()
    }

    /// Frequency around which the comb lies.
    pub(super) fn center_hz(&self) -> f64 {
        self.frequency_hz.iter().sum::<f64>() / self.count() as f64
    }

    /// Elements that the comb has passed.
    fn passed_count(&self) -> usize {
        self.levels.elements.len()
    }

    pub(super) fn miss(&mut self, place: usize, reason: Unknown) {
        if self.unknown[place] == Unknown::No {
            self.unknown[place] = reason;
        }
    }

    pub(super) fn miss_all(&mut self, reason: Unknown) {
        for place in 0..self.count() {
            self.miss(place, reason);
        }
    }

    /// Passes an element that changes every level as much and adds no noise.
    pub(super) fn pass_flat(&mut self, level_db: f64) {
        self.levels.push(self.passed_count(), self.level_dbm.iter().map(|_| level_db));
        for level_dbm in &mut self.level_dbm {
            *level_dbm += level_db;
        }
    }

    /// Passes an element that changes each level by its own.
    pub(super) fn pass(&mut self, level_db: &[f64]) {
        self.levels.push(self.passed_count(), level_db.iter().copied());
        for (level_dbm, step_db) in self.level_dbm.iter_mut().zip(level_db) {
            *level_dbm += step_db;
        }
    }

    /// Adds the noise of the element that was passed last, in 12.5 GHz over the signal.
    pub(super) fn add_noise(&mut self, noise_ratio: &[f64]) {
        self.noises.push(self.passed_count() - 1, noise_ratio.iter().copied());
        for (sum, added) in self.noise_ratio.iter_mut().zip(noise_ratio) {
            *sum += added;
        }
    }

    /// Passes an element of which nothing is known for any channel.
    pub(super) fn pass_unknown(&mut self) {
        self.pass_flat(f64::NAN);
        self.add_noise(&vec![f64::NAN; self.count()]);
    }

    /// Adds the nonlinear interference of a fiber, element after element in their order.
    pub(super) fn add_nonlinear(&mut self, element: usize, ratio: impl Iterator<Item = f64> + Clone) {
        self.nonlinear.push(element, ratio.clone());
        for (sum, added) in self.nonlinear_ratio.iter_mut().zip(ratio) {
            *sum += added;
        }
    }

    /// Figures of a fiber type at the channels, made where these frequencies have not passed it yet.
    ///
    /// # Errors
    /// Those of `make`.
    pub(super) fn fiber<E>(
        &mut self,
        part: usize,
        make: impl FnOnce(&[f64]) -> Result<FiberColumns, E>,
    ) -> Result<usize, E> {
        if let Some(index) = self.fibers.iter().position(|fiber| fiber.part == part) {
            return Ok(index);
        }
        let made = make(&self.frequency_hz)?;
        self.fibers.push(made);
        Ok(self.fibers.len() - 1)
    }

    /// The figures by what [`Self::fiber`] returned.
    pub(super) fn fiber_columns(&self, index: usize) -> &FiberColumns {
        &self.fibers[index]
    }

    /// Noise of elements with their columns, those that add none left out: of ASE in 12.5 GHz, then nonlinear interference in
    /// the symbol rate.
    pub(super) fn noise_columns(&self) -> [impl Iterator<Item = (usize, &[f64])>; 2] {
        [&self.noises, &self.nonlinear].map(|columns| columns.columns(self.count()))
    }

    /// One channel behind its path.
    pub(super) fn at(&self, place: usize) -> Channel<'_> {
        Channel {
            comb: self,
            place,
            frequency_hz: self.frequency_hz[place],
            symbol_rate_hz: self.symbol_rate_hz[place],
            level_dbm: self.level_dbm[place],
            nonlinear_ratio: self.nonlinear_ratio[place],
            dispersion_s_per_m: self.dispersion_s_per_m[place],
            unknown: self.unknown[place],
        }
    }
}

/// One channel behind its path.
#[derive(Debug, Clone, Copy)]
pub(super) struct Channel<'a> {
    comb: &'a Channels,
    /// Its place in the comb.
    pub place: usize,
    pub frequency_hz: f64,
    pub symbol_rate_hz: f64,
    pub level_dbm: f64,
    pub nonlinear_ratio: f64,
    pub dispersion_s_per_m: f64,
    pub unknown: Unknown,
}

/// What one element does to one channel.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    pub level_db: f64,
    /// Noise-to-signal ratio in 12.5 GHz; 0 where it adds none.
    pub noise_ratio: f64,
    /// Noise-to-signal ratio of nonlinear interference in the symbol rate.
    pub nonlinear_ratio: f64,
}

impl<'a> Channel<'a> {
    /// Channels of the comb.
    pub(super) fn comb_count(&self) -> usize {
        self.comb.count()
    }

    /// What each element did to it, in order.
    pub(super) fn steps(&self) -> impl Iterator<Item = Step> + 'a {
        let (comb, place, count) = (self.comb, self.place, self.comb.count());
        let mut noises = comb.noises.of(place, count).peekable();
        let mut nonlinear = comb.nonlinear.of(place, count).peekable();
        comb.levels.of(place, count).map(move |(element, level_db)| Step {
            level_db,
            noise_ratio: noises.next_if(|noise| noise.0 == element).map_or(0.0, |noise| noise.1),
            nonlinear_ratio: nonlinear.next_if(|noise| noise.0 == element).map_or(0.0, |noise| noise.1),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comb_of(channels: &mut Channels, frequencies_hz: &[f64], slot_hz: f64) {
        channels.reset(frequencies_hz.iter().map(|&frequency_hz| Start {
            frequency_hz,
            symbol_rate_hz: 60e9,
            slot_hz,
            excess_kurtosis_ratio: 0.0,
            out_of_band_noise_ratio: 0.0,
            level_dbm: -10.0,
        }));
    }

    #[test]
    fn a_channel_knows_what_each_element_did_to_it() {
        let mut channels = Channels::default();
        for _ in 0..2 {
            comb_of(&mut channels, &[193e12, 194e12], 50e9);
            channels.pass_flat(-1.0);
            channels.pass(&[-20.0, -21.0]);
            channels.pass_flat(15.0);
            channels.add_noise(&[1e-3, 2e-3]);
            channels.pass_flat(-2.0);
            channels.add_nonlinear(1, [3e-4, 4e-4].into_iter());
            let channel = channels.at(1);
            assert_eq!((channel.level_dbm, channels.noise_ratio[1], channel.nonlinear_ratio), (-19.0, 2e-3, 4e-4));
            let steps: Vec<_> =
                channel.steps().map(|step| (step.level_db, step.noise_ratio, step.nonlinear_ratio)).collect();
            assert_eq!(steps, [(-1.0, 0.0, 0.0), (-21.0, 0.0, 4e-4), (15.0, 2e-3, 0.0), (-2.0, 0.0, 0.0)]);
        }
    }

    #[test]
    fn figures_are_kept_as_long_as_the_frequencies_stay() {
        let mut channels = Channels::default();
        let look_up = |channels: &mut Channels, part: usize| {
            let mut made = false;
            let make = |frequency_hz: &[f64]| {
                made = true;
                Ok::<_, ()>(FiberColumns::new(part, frequency_hz.to_vec(), frequency_hz.to_vec()))
            };
            let index = channels.fiber(part, make).unwrap();
            assert_eq!(channels.fiber_columns(index).attenuation_db_per_m, channels.frequency_hz);
            made
        };
        comb_of(&mut channels, &[193e12, 194e12], 50e9);
        assert!(look_up(&mut channels, 3) && !look_up(&mut channels, 3) && look_up(&mut channels, 1));
        comb_of(&mut channels, &[193e12, 194e12], 100e9);
        assert!(!look_up(&mut channels, 3) && !look_up(&mut channels, 1));
        assert!((channels.slot_db[1] - 3.010_299_956_6).abs() < 1e-9);
        comb_of(&mut channels, &[193e12, 194e12, 195e12], 100e9);
        assert!(look_up(&mut channels, 3));
        assert_eq!(channels.slot_db.len(), 3);
    }

    #[test]
    fn the_first_reason_stays() {
        let mut channels = Channels::default();
        comb_of(&mut channels, &[193e12, 194e12], 50e9);
        channels.miss(0, Unknown::Attenuation);
        channels.miss_all(Unknown::Dispersion);
        channels.pass_unknown();
        assert_eq!(channels.unknown, [Unknown::Attenuation, Unknown::Dispersion]);
        assert!(channels.at(0).level_dbm.is_nan() && channels.noise_ratio[0].is_nan());
    }
}
