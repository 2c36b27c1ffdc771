//! Polarization on a path: DGD and PDL as distributions over the orientation of its elements.

use super::memo::Memo;
use super::tables::{ElementKind, Plant};
use crate::error::Result;
use crate::fiber::{DgdDistribution, PdlDistribution};
use std::sync::Arc;

/// DGD and PDL of one path.
#[derive(Debug)]
pub(super) struct PathPolarization {
    pub dgd: DgdDistribution,
    pub dgd_mean_s: f64,
    pub pdl: PdlDistribution,
    pub pdl_mean_db: f64,
}

/// Distributions of the paths that were seen before.
#[derive(Debug, Default)]
pub(super) struct PolarizationMemo(Memo<PathPolarization>);

impl PolarizationMemo {
    /// DGD and PDL of a path: PMD of its fibers (Maxwellian, in squares), DGD and PDL of its elements, in any order.
    pub(super) fn path(&self, plant: &Plant<'_>, path: usize) -> Result<Arc<PathPolarization>> {
        let elements = &plant.elements;
        let mut fiber_squared_s2 = 0.0;
        let (mut dgd_s, mut pdl_db) = (Vec::new(), Vec::new());
        for element in plant.path_offsets[path]..plant.path_offsets[path + 1] {
            if elements.kind(element) == ElementKind::Fiber {
                let coefficient = plant.fibers.pmd_s_per_sqrt_m[elements.part(element)];
                fiber_squared_s2 += coefficient.powi(2) * elements.length_m[element];
            }
            dgd_s.extend(Some(elements.dgd_s[element]).filter(|&dgd| dgd != 0.0));
            pdl_db.extend(Some(elements.pdl_db[element]).filter(|&pdl| pdl != 0.0));
        }
        // Sums of vectors do not depend on their order, nor do rows that differ in nothing else.
        dgd_s.sort_by(f64::total_cmp);
        pdl_db.sort_by(f64::total_cmp);
        let key: Vec<f64> = [fiber_squared_s2, dgd_s.len() as f64]
            .into_iter()
            .chain(dgd_s.iter().copied())
            .chain(pdl_db.iter().copied())
            .collect();
        self.0.get(&key, || {
            let dgd = DgdDistribution::new(fiber_squared_s2.sqrt(), &dgd_s)?;
            let pdl = PdlDistribution::new(&pdl_db)?;
            Ok(PathPolarization { dgd_mean_s: dgd.mean_s(), pdl_mean_db: pdl.mean_db(), dgd, pdl })
        })
    }
}
