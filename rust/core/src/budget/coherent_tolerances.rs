//! What a mode makes of the DGD, PDL and rotation of a path, looked up once for all lanes that meet the same.

use super::coherent_mode::ModeFigures;
use super::polarization::PathPolarization;
use crate::interpolate::Points;

/// What a table of penalties says of a value.
#[derive(Debug, Clone, Copy)]
pub(super) enum Looked {
    /// The penalty, 0 where there is neither a table nor anything to bear.
    Penalty(f64),
    /// Beyond the table, whose end on this side comes second.
    Past(f64, f64),
    /// There is no table, and something to bear.
    NoTable,
}

/// Looks a value up in a table of penalties with hard ends; one that nobody knows has none.
pub(super) fn look_up(curve: &Points<'_>, value: f64) -> Looked {
    match curve.range() {
        None if value != 0.0 => Looked::NoTable,
        None => Looked::Penalty(0.0),
        Some((first, last)) => match curve.at(value) {
            Some(penalty_db) => Looked::Penalty(penalty_db),
            None if value.is_nan() => Looked::Penalty(0.0),
            None => Looked::Past(value, if value > last { last } else { first }),
        },
    }
}

/// Penalties and outages of one mode under one DGD, PDL and rotation.
#[derive(Debug)]
pub(super) struct Tolerances {
    of: [u64; 3],
    /// Those of DGD, PDL and rotation.
    pub looked: [Looked; 3],
    /// Shares of time in which DGD and PDL are more than the mode bears; NaN where that is not known.
    pub outage_ratios: [f64; 2],
}

impl Tolerances {
    /// Of no mode that there is.
    pub(super) const NONE: Self =
        Self { of: [u64::MAX; 3], looked: [Looked::Penalty(0.0); 3], outage_ratios: [f64::NAN; 2] };

    /// Looks everything up; outages where the path has `distributions` of DGD and PDL.
    pub(super) fn find(
        mode: &ModeFigures<'_>,
        dgd_max_s: f64,
        (dgd_s, pdl_db, sop_rate_rad_per_s): (f64, f64, f64),
        distributions: Option<&PathPolarization>,
    ) -> Self {
        let looked = [
            look_up(&mode.dgd_penalty, dgd_s),
            look_up(&mode.pdl_penalty, pdl_db),
            look_up(&mode.sop_penalty, sop_rate_rad_per_s),
        ];
        let mut outage_ratios = [f64::NAN; 2];
        if let Some(path) = distributions {
            if !dgd_max_s.is_nan() {
                outage_ratios[0] = path.dgd.exceedance_ratio(dgd_max_s);
            }
            if let Some((_, pdl_max_db)) = mode.pdl_penalty.range() {
                outage_ratios[1] = path.pdl.exceedance_ratio(pdl_max_db);
            }
        }
        Self { of: key_of(mode, dgd_s, pdl_db), looked, outage_ratios }
    }

    /// Whether another lane of the path asks for the same.
    pub(super) fn hold_for(&self, mode: &ModeFigures<'_>, dgd_s: f64, pdl_db: f64) -> bool {
        self.of == key_of(mode, dgd_s, pdl_db)
    }
}

fn key_of(mode: &ModeFigures<'_>, dgd_s: f64, pdl_db: f64) -> [u64; 3] {
    [mode.row as u64, dgd_s.to_bits(), pdl_db.to_bits()]
}
