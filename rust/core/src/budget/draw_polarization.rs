//! What polarization does to the lanes of a path in one draw: DGD and PDL as lengths of sums in random directions.

use super::spread::{Quantity, Scope, purpose};
use super::tables::{ElementKind, Plant};
use crate::distribution::Distribution;
use crate::rng::RandomSource;
use std::f64::consts::LN_10;
use std::ops::Range;

/// Decibels of PDL of a rapidity of 1: the transmissions of the two axes differ by exp(2 rapidity).
const DB_PER_RAPIDITY: f64 = 20.0 / LN_10;
/// Six times the mean DGD is passed with a probability of 1e-19.
const GREATEST_TO_MEAN: f64 = 6.0;

/// The polarization of one path in one draw, for all lanes that share its fibers.
pub(super) struct Polarization {
    source: RandomSource,
    elements: Range<usize>,
    /// Mean DGD of all fibers.
    fiber_mean_s: f64,
    /// Sum of what the elements have beside.
    elements_s: f64,
    has_pdl: bool,
}

impl Polarization {
    pub(super) fn of(source: RandomSource, plant: &Plant<'_>, path: usize) -> Self {
        let elements = plant.path_offsets[path]..plant.path_offsets[path + 1];
        let (mut squares, mut elements_s, mut has_pdl) = (0.0, 0.0, false);
        for element in elements.clone() {
            elements_s += plant.elements.dgd_s[element];
            has_pdl |= plant.elements.pdl_db[element] > 0.0;
            if plant.elements.kind(element) == ElementKind::Fiber {
                squares += plant.pmd_s_per_sqrt_m(element).powi(2) * plant.elements.length_m[element];
            }
        }
        Self { source, elements, fiber_mean_s: squares.sqrt(), elements_s, has_pdl }
    }

    /// Length of the sum of the fibers' vector, Gaussian in each direction, and the elements' in any direction.
    ///
    /// NaN, for the mean to stand, where nothing that can be drawn comes near `ignored_s`.
    pub(super) fn dgd_s(&self, plant: &Plant<'_>, lane: u32, ignored_s: f64) -> f64 {
        if GREATEST_TO_MEAN * self.fiber_mean_s + self.elements_s < ignored_s {
            return f64::NAN;
        }
        let mut total_s = 0.0;
        if let Ok(fiber) = Distribution::maxwell(self.fiber_mean_s) {
            total_s = fiber.quantile(self.source.uniform(purpose(Quantity::Dgd, Scope::Fiber), lane));
        }
        for (place, element) in (0u32..).zip(self.elements.clone()) {
            let dgd_s = plant.elements.dgd_s[element];
            if dgd_s > 0.0 {
                let cosine = self.cosine(Quantity::Dgd, place, lane);
                total_s = (total_s * total_s + dgd_s * dgd_s + 2.0 * total_s * dgd_s * cosine).max(0.0).sqrt();
            }
        }
        total_s
    }

    /// PDL of the elements with their axes in any direction.
    pub(super) fn pdl_db(&self, plant: &Plant<'_>, lane: u32) -> f64 {
        let mut total = 0.0f64;
        if !self.has_pdl {
            return total;
        }
        for (place, element) in (0u32..).zip(self.elements.clone()) {
            let pdl = plant.elements.pdl_db[element] / DB_PER_RAPIDITY;
            if pdl > 0.0 {
                let cosine = self.cosine(Quantity::Pdl, place, lane);
                total = (total.cosh() * pdl.cosh() + total.sinh() * pdl.sinh() * cosine).max(1.0).acosh();
            }
        }
        total * DB_PER_RAPIDITY
    }

    /// Cosine between what came before and the element at a place of the path: any direction, so uniform.
    fn cosine(&self, quantity: Quantity, place: u32, lane: u32) -> f64 {
        2.0 * self.source.uniform(purpose(quantity, Scope::Element) | (place << 8), lane) - 1.0
    }
}
