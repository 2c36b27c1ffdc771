//! A sample of a link: what its specimens have in place of the figures of their types.

use super::tables::Plant;
use crate::fiber::ChromaticDispersion;

/// How a drawn number changes a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// Added to it.
    Offset,
    /// Multiplied with it.
    Ratio,
    /// The place between its least (0) and greatest value (1).
    Range,
}

/// What becomes of one figure: `figure * ratio + offset`, or a place in its range, moved by `offset`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Change {
    ratio: f64,
    offset: f64,
    place: Option<f64>,
}

impl Change {
    /// The figure stays.
    pub(super) const NONE: Self = Self { ratio: 1.0, offset: 0.0, place: None };

    /// Joins another number to the change.
    pub(super) fn join(&mut self, basis: Basis, number: f64) {
        match basis {
            Basis::Offset => self.offset += number,
            Basis::Ratio => self.ratio *= number,
            Basis::Range => self.place = Some(number),
        }
    }

    /// The figure of the specimen.
    pub(super) fn apply(&self, figure: f64) -> f64 {
        figure * self.ratio + self.offset
    }

    /// The figure of the specimen where the type gives a range; `None` where nothing is drawn and the range stays.
    pub(super) fn apply_to_range(&self, figure: f64, low: f64, high: f64) -> Option<f64> {
        if *self == Self::NONE {
            return None;
        }
        Some(self.place.map_or(self.apply(figure), |place| low + place * (high - low) + self.offset))
    }
}

/// What is different in one element of a path.
#[derive(Debug, Clone, Copy)]
pub struct ElementChange {
    pub(super) attenuation: Change,
    pub(super) zero_dispersion: Change,
    pub(super) zero_slope: Change,
    pub(super) dispersion: Change,
    pub(super) pmd: Change,
    pub(super) noise_figure: Change,
    /// Loss of connectors, splices, muxes beyond their figures.
    pub(super) loss_db: f64,
}

impl ElementChange {
    /// Every figure stays.
    pub(super) const NONE: Self = Self {
        attenuation: Change::NONE,
        zero_dispersion: Change::NONE,
        zero_slope: Change::NONE,
        dispersion: Change::NONE,
        pmd: Change::NONE,
        noise_figure: Change::NONE,
        loss_db: 0.0,
    };
}

/// What is different in one lane and its modules.
#[derive(Debug, Clone, Copy)]
pub struct LaneChange {
    pub(super) wavelength: Change,
    /// Added to the launch power (coherent) or to OMA less TDECQ (direct detection).
    pub(super) transmitter_db: f64,
    /// Added to the sensitivity.
    pub(super) sensitivity_db: f64,
    /// Added to the required OSNR.
    pub(super) required_osnr_db: f64,
    /// The other lanes launch as much more as the mode allows, in place of what their specimens do.
    pub(super) neighbors_at_limit: bool,
    /// DGD that stands in place of its mean; NaN where the mean stands.
    pub(super) dgd_s: f64,
    /// PDL; NaN where that of the path stands.
    pub(super) pdl_db: f64,
}

impl LaneChange {
    /// Every figure stays.
    pub(super) const NONE: Self = Self {
        wavelength: Change::NONE,
        transmitter_db: 0.0,
        sensitivity_db: 0.0,
        required_osnr_db: 0.0,
        neighbors_at_limit: false,
        dgd_s: f64::NAN,
        pdl_db: f64::NAN,
    };
}

/// The specimens that consecutive elements or lanes of a table have, in place of their types.
#[derive(Debug, Clone)]
pub struct Sample<T> {
    pub(super) first: usize,
    pub(super) changes: Vec<T>,
}

impl<T: Copy> Sample<T> {
    /// Rows `first..first + count` without any change.
    pub(super) fn new(first: usize, count: usize, none: T) -> Self {
        Self { first, changes: vec![none; count] }
    }

    /// The change of a row, which must be inside.
    pub(super) fn at(&mut self, row: usize) -> &mut T {
        &mut self.changes[row - self.first]
    }
}

/// Specimens of elements.
pub type ElementSample = Sample<ElementChange>;
/// Specimens of lanes.
pub type LaneSample = Sample<LaneChange>;

/// The change of a row of a table that may have a sample.
pub(super) fn change_of<T: Copy>(sample: Option<&Sample<T>>, row: usize, none: T) -> T {
    sample.map_or(none, |sample| sample.changes[row - sample.first])
}

impl Plant<'_> {
    /// What the sample says of one element.
    pub(super) fn change(&self, element: usize) -> ElementChange {
        change_of(self.sample, element, ElementChange::NONE)
    }

    /// Loss of an element besides the fiber's attenuation.
    pub(super) fn loss_db(&self, element: usize) -> f64 {
        self.elements.loss_db[element]
            + self.sample.map_or(0.0, |sample| sample.changes[element - sample.first].loss_db)
    }

    /// Dispersion figures of a fiber element: those of its type, or of the drawn specimen.
    pub(super) fn dispersion(&self, element: usize) -> ChromaticDispersion {
        let mut figures = self.fibers.dispersion(self.elements.part(element));
        if self.sample.is_none() {
            return figures;
        }
        let change = self.change(element);
        let (low, high) = (figures.zero_dispersion_min_m, figures.zero_dispersion_max_m);
        if let Some(zero) = change.zero_dispersion.apply_to_range(figures.zero_dispersion_nominal_m, low, high) {
            figures.zero_dispersion_min_m = zero;
            figures.zero_dispersion_nominal_m = zero;
            figures.zero_dispersion_max_m = zero;
        }
        if change.zero_slope != Change::NONE {
            let slope = change.zero_slope.apply(figures.zero_slope_nominal_s_per_m3);
            figures.zero_slope_nominal_s_per_m3 = slope;
            figures.zero_slope_max_s_per_m3 = slope;
        }
        figures.dispersion_s_per_m2 = change.dispersion.apply(figures.dispersion_s_per_m2);
        figures
    }

    /// PMD coefficient of a fiber element.
    pub(super) fn pmd_s_per_sqrt_m(&self, element: usize) -> f64 {
        let figure = self.fibers.pmd_s_per_sqrt_m[self.elements.part(element)];
        if self.sample.is_none() { figure } else { self.change(element).pmd.apply(figure) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_stays_a_range_until_something_is_drawn() {
        assert_eq!(Change::NONE.apply_to_range(5.0, 4.0, 7.0), None);
        let mut change = Change::NONE;
        change.join(Basis::Range, 0.25);
        assert_eq!(change.apply_to_range(5.0, 4.0, 8.0), Some(5.0));
        change.join(Basis::Offset, 0.5);
        assert_eq!(change.apply_to_range(5.0, 4.0, 8.0), Some(5.5));
    }

    #[test]
    fn ratios_multiply_and_offsets_add() {
        let mut change = Change::NONE;
        for (basis, number) in [(Basis::Ratio, 1.5), (Basis::Offset, 1.0), (Basis::Ratio, 2.0), (Basis::Offset, -3.0)] {
            change.join(basis, number);
        }
        assert_eq!(change.apply(2.0), 4.0);
        assert_eq!(change.apply_to_range(2.0, 0.0, 1.0), Some(4.0));
    }
}
