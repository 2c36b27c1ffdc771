//! What multipath interference and DGD cost on a path, in place of the standard's allocation for both.

use super::direct_specimen::PathSpecimen;
use super::tables::ElementTable;
use crate::error::{Error, Result};
use crate::metrics::{CopyClosure, InterferedSignal, closure_penalty_db, dgd_penalty_db};
use crate::optics::ReflectionSums;
use crate::units::from_db;

/// Probability with which the eye closes more than is counted, over phases, polarizations and symbols.
const EXCEEDANCE_RATIO: f64 = 1e-6;
/// Reflecting points below this do not count (IEEE 802.3, tables of discrete reflectance).
const NEGLIGIBLE_DB: f64 = -55.0;
/// Greatest reflectance of each point where a path has at most so many: IEEE P802.3dj draft 1.3, table 181-10, read at
/// second hand; the same rows serve the 2 km and 10 km clauses.
const ALLOWED: [(f64, f64); 6] = [(1.0, -25.0), (2.0, -31.0), (4.0, -35.0), (6.0, -38.0), (8.0, -40.0), (10.0, -41.0)];

/// How a mode's eye closes with the copies that reflections make; `None` where a figure of it is not known.
#[derive(Debug, Clone, Copy)]
pub(super) struct ModeReflections {
    closure: CopyClosure,
    /// Reflectance of transmitter and receiver.
    end_ratio: f64,
}

impl ModeReflections {
    pub(super) fn of(extinction_ratio_db: f64, reflectance_max_db: f64) -> Option<Self> {
        let signal = InterferedSignal { levels_count: 4, extinction_ratio_db, polarization_aligned: false };
        let closure = CopyClosure::new(&signal, EXCEEDANCE_RATIO).ok()?;
        reflectance_max_db.is_finite().then(|| Self { closure, end_ratio: from_db(reflectance_max_db) })
    }
}

/// Both shares of what a path costs, in dB; or the standard's allocation as a whole.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum PathAllocation {
    /// The standard's X: reflectances are not known, or they keep to the standard and cost more than X by the estimate.
    Standard(f64),
    /// Computed from the path.
    Computed {
        /// Multipath interference.
        multipath_db: f64,
        /// Differential group delay.
        dgd_db: f64,
    },
}

impl PathAllocation {
    /// Penalty of one path.
    ///
    /// # Algorithm
    /// 1. Reflections of transmitter, connectors and receiver, each pair a copy; the closure of the top eye that random
    ///    phases and polarizations pass with a probability of 1e-6, by a normal distribution and at most the bound.
    /// 2. DGD at its greatest behind the equalizer.
    /// 3. Reflectances within what IEEE 802.3 allows by their number cost at most X, which the standard guarantees; others
    ///    cost what they cost.
    pub(super) fn of(
        path: &PathSpecimen,
        allowed: bool,
        mode: Option<&ModeReflections>,
        standard_db: f64,
        level_steps_db: &[f64],
        dgd_db: impl FnOnce() -> Option<f64>,
    ) -> Self {
        let computed = mode.and_then(|mode| {
            let multipath_db = multipath_db(path, mode, level_steps_db)?;
            let dgd_db = dgd_db()?;
            (!allowed || multipath_db + dgd_db <= standard_db).then_some((multipath_db, dgd_db))
        });
        match computed {
            Some((multipath_db, dgd_db)) => Self::Computed { multipath_db, dgd_db },
            None => Self::Standard(standard_db),
        }
    }

    /// The penalty as a whole.
    pub(super) fn total_db(&self) -> f64 {
        match self {
            Self::Standard(standard_db) => *standard_db,
            Self::Computed { multipath_db, dgd_db } => multipath_db + dgd_db,
        }
    }
}

/// Penalty of the greatest DGD behind the equalizer; lanes of one path ask for the same again and again.
#[derive(Debug, Default)]
pub(super) struct DgdPenalty {
    last: Option<(f64, f64, Option<f64>)>,
}

impl DgdPenalty {
    /// `None` where the model ends.
    pub(super) fn at(&mut self, dgd_max_s: f64, symbol_rate_hz: f64) -> Option<f64> {
        match self.last {
            Some((dgd, rate, penalty_db)) if dgd == dgd_max_s && rate == symbol_rate_hz => penalty_db,
            _ => {
                let penalty_db = dgd_penalty_db(dgd_max_s, symbol_rate_hz, 0.5).ok();
                self.last = Some((dgd_max_s, symbol_rate_hz, penalty_db));
                penalty_db
            }
        }
    }
}

/// Penalty of all pairs of reflections; `None` where a reflectance or a loss is not known or the eye is closed.
fn multipath_db(path: &PathSpecimen, mode: &ModeReflections, level_steps_db: &[f64]) -> Option<f64> {
    if path.elements.iter().all(|element| element.reflectors_count == 0.0) {
        // Every link has connectors; where none is described, nothing is known of them.
        return None;
    }
    let mut sums = ReflectionSums::default();
    sums.reflect(mode.end_ratio);
    for (element, &step_db) in path.elements.iter().zip(level_steps_db) {
        // A reflecting point stands in the middle of its share of the loss.
        let half = element.half_share_ratio(step_db);
        sums.pass(half);
        for point in 0..element.reflectors_count as usize {
            if point > 0 {
                sums.pass(half * half);
            }
            sums.reflect(element.reflectance_ratio);
        }
        sums.pass(half);
    }
    sums.reflect(mode.end_ratio);
    let penalty_db = closure_penalty_db(mode.closure.closure_ratio(sums.fields_ratio, sums.powers_ratio));
    (!penalty_db.is_nan()).then_some(penalty_db)
}

/// Whether a path's reflectances are allowed by their number.
pub(super) fn keeps_to_the_standard(elements: &ElementTable<'_>, path: std::ops::Range<usize>) -> bool {
    let (mut count, mut greatest_db) = (0.0, f64::NEG_INFINITY);
    for element in path {
        if elements.reflectors_count[element] > 0.0 && elements.reflectance_db[element] > NEGLIGIBLE_DB {
            count += elements.reflectors_count[element];
            greatest_db = elements.reflectance_db[element].max(greatest_db);
        }
    }
    count == 0.0 || ALLOWED.iter().find(|(most, _)| count <= *most).is_some_and(|(_, limit)| greatest_db <= *limit)
}

/// Refuses reflectances above 0 dB and counts that are none.
pub(super) fn check_reflections(elements: &ElementTable<'_>) -> Result<()> {
    for (&reflectance_db, &count) in elements.reflectance_db.iter().zip(elements.reflectors_count) {
        if reflectance_db > 0.0 {
            return Err(Error::parameter("reflectance_db", reflectance_db, "0 or below"));
        }
        if !(count >= 0.0 && count.fract() == 0.0) {
            return Err(Error::parameter("reflectors_count", count, "a whole number, 0 or above"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::direct_specimen::SpecimenElement;
    use super::*;

    /// One path of connectors, `per_element` in each of two elements of 0.5 dB.
    fn penalty(reflectance_db: f64, per_element: f64) -> (Option<f64>, bool) {
        let (zero, nan) = (vec![0.0; 2], vec![f64::NAN; 2]);
        let (reflectance, count, loss) = (vec![reflectance_db; 2], vec![per_element; 2], vec![0.5; 2]);
        let coefficients = vec![f64::NAN; 8];
        let elements = ElementTable {
            kind: &[1, 1],
            part: &[-1, -1],
            length_m: &nan,
            attenuation_db_per_m: &nan,
            loss_db: &loss,
            target_power_dbm: &nan,
            osnr_db: &nan,
            osnr_coefficients: &coefficients,
            input_power_min_dbm: &nan,
            input_power_max_dbm: &nan,
            pdl_db: &zero,
            dgd_s: &zero,
            dispersion_s_per_m: &zero,
            latency_s: &zero,
            reflectance_db: &reflectance,
            reflectors_count: &count,
            passband_3db_hz: &nan,
            passband_10db_hz: &nan,
            frequency_tolerance_hz: &nan,
            isolation_adjacent_db: &nan,
            isolation_non_adjacent_db: &nan,
            in_band_crosstalk_db: &nan,
            colorless_channels_count: &nan,
        };
        let mode = ModeReflections::of(4.5, -26.0).unwrap();
        let mut specimen = PathSpecimen::default();
        specimen.elements = vec![SpecimenElement::new(0.5, per_element, from_db(reflectance_db), None); 2];
        (multipath_db(&specimen, &mode, &[-0.5, -0.5]), keeps_to_the_standard(&elements, 0..2))
    }

    #[test]
    fn reflections_and_what_is_allowed() {
        assert_eq!(penalty(-45.0, 0.0).0, None);
        assert_eq!(penalty(f64::NAN, 1.0).0, None);
        let (good, allowed) = penalty(-45.0, 1.0);
        assert!(allowed && (0.1..0.4).contains(&good.unwrap()));
        let (more, allowed) = penalty(-35.0, 2.0);
        assert!(allowed && more > good);
        assert!(!penalty(-30.0, 1.0).1 && penalty(-31.0, 1.0).1 && !penalty(-45.0, 6.0).1 && penalty(-60.0, 6.0).1);
        assert!(ModeReflections::of(4.5, f64::NAN).is_none());
    }
}
