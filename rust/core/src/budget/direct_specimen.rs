//! A direct-detect path as one specimen has it: what all lanes on it read alike.

use super::sample::Change;
use super::tables::{ElementKind, FiberTable, Plant};
use crate::error::Result;
use crate::fiber::ChromaticDispersion;
use crate::units::from_db;

/// What a fiber of the path does.
#[derive(Debug, Clone, Copy)]
pub(super) struct SpecimenFiber {
    /// Row in the table of fibers.
    pub(super) part: usize,
    pub(super) length_m: f64,
    /// NaN where not measured.
    pub(super) measured_db_per_m: f64,
    /// What becomes of the attenuation of the type.
    pub(super) attenuation: Change,
    pub(super) dispersion: ChromaticDispersion,
}

impl SpecimenFiber {
    /// Attenuation (dB/m) as measured, else that of the type as the specimen has it; `None` where there is no figure.
    pub(super) fn attenuation_db_per_m(&self, fibers: &FiberTable<'_>, wavelength_m: f64) -> Result<Option<f64>> {
        if !self.measured_db_per_m.is_nan() {
            return Ok(Some(self.measured_db_per_m));
        }
        let figure = fibers.attenuation.curve(self.part)?.at(wavelength_m);
        Ok(figure.map(|figure| self.attenuation.apply(figure)))
    }
}

/// One element of the path.
#[derive(Debug, Clone, Copy)]
pub(super) struct SpecimenElement {
    /// Loss besides a fiber's attenuation.
    pub(super) loss_db: f64,
    pub(super) reflectors_count: f64,
    pub(super) reflectance_ratio: f64,
    pub(super) fiber: Option<SpecimenFiber>,
    /// What half of a reflecting point's share of the loss lets through, without any point half of the loss; NaN of fibers.
    half_share_ratio: f64,
}

impl SpecimenElement {
    pub(super) fn new(
        loss_db: f64,
        reflectors_count: f64,
        reflectance_ratio: f64,
        fiber: Option<SpecimenFiber>,
    ) -> Self {
        // The loss of a fiber is not known before the wavelength.
        let half_share_ratio = if fiber.is_some() { f64::NAN } else { half_share_ratio(-loss_db, reflectors_count) };
        Self { loss_db, reflectors_count, reflectance_ratio, fiber, half_share_ratio }
    }

    /// What half of a share of the loss lets through, for a lane whose level changes by `step_db`.
    pub(super) fn half_share_ratio(&self, step_db: f64) -> f64 {
        if self.fiber.is_some() { half_share_ratio(step_db, self.reflectors_count) } else { self.half_share_ratio }
    }
}

fn half_share_ratio(step_db: f64, reflectors_count: f64) -> f64 {
    from_db(0.5 * step_db / reflectors_count.max(1.0))
}

/// The elements of one path in order, with what needs no wavelength.
#[derive(Debug, Default)]
pub(super) struct PathSpecimen {
    pub(super) elements: Vec<SpecimenElement>,
    /// Dispersion of the elements besides the fibers'.
    pub(super) dispersion_s_per_m: f64,
    pub(super) dgd_mean_s: f64,
    path: Option<usize>,
}

impl PathSpecimen {
    /// Takes the figures of a path, with its sample where the plant has one; `reflectance_ratio` is that of all elements.
    pub(super) fn take(&mut self, plant: &Plant<'_>, reflectance_ratio: &[f64], path: usize) {
        self.elements.clear();
        let mut dgd_squared = 0.0;
        self.dispersion_s_per_m = 0.0;
        let range = plant.path_offsets[path]..plant.path_offsets[path + 1];
        for (element, &reflectance_ratio) in range.clone().zip(&reflectance_ratio[range]) {
            let loss_db = plant.loss_db(element);
            let reflectors_count = plant.elements.reflectors_count[element];
            dgd_squared += plant.elements.dgd_s[element].powi(2);
            self.dispersion_s_per_m += plant.elements.dispersion_s_per_m[element];
            let fiber = (plant.elements.kind(element) == ElementKind::Fiber).then(|| {
                let length_m = plant.elements.length_m[element];
                dgd_squared += plant.pmd_s_per_sqrt_m(element).powi(2) * length_m;
                SpecimenFiber {
                    part: plant.elements.part(element),
                    length_m,
                    measured_db_per_m: plant.elements.attenuation_db_per_m[element],
                    attenuation: plant.change(element).attenuation,
                    dispersion: plant.dispersion(element),
                }
            });
            self.elements.push(SpecimenElement::new(loss_db, reflectors_count, reflectance_ratio, fiber));
        }
        self.dgd_mean_s = dgd_squared.sqrt();
        self.path = Some(path);
    }

    /// Takes the figures of a path without a sample, unless they are there already.
    pub(super) fn take_once(&mut self, plant: &Plant<'_>, reflectance_ratio: &[f64], path: usize) {
        if self.path != Some(path) {
            self.take(plant, reflectance_ratio, path);
        }
    }
}
