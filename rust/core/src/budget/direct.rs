//! Direct-detect lanes: loss, dispersion corners, the standard's power closure, receiver noise, FEC.

use super::columns::{LaneColumns, fill_columns};
use super::tables::{ElementKind, Plant, check_index, check_length};
use super::verdict::{Contribution, ContributionKind as Kind, LaneOutput, Limit, Unknown, least};
use super::walk::{attenuation_db_per_m, path_totals};
use crate::error::{Error, Result, require_positive};
use crate::fiber::DispersionCorner;
use crate::metrics::{Pam4Levels, pam4_symbol_error_ratio, q_factor_db};
use crate::optics::Photodetector;
use crate::special::find_root;
use crate::task::Task;
use crate::units::{SPEED_OF_LIGHT_M_PER_S, from_db, from_dbm, to_db};

/// Ratio of the greatest to the mean DGD for which direct-detect limits are written (tail probability about 1e-7).
const DGD_MAX_TO_MEAN: f64 = 3.75;
/// Receiver noise bandwidth over the symbol rate, as of a fourth-order Bessel-Thomson receiver at half the symbol rate.
const NOISE_BANDWIDTH_RATIO: f64 = 0.52;

/// Margins closer than this are one.
const MARGIN_TIE_DB: f64 = 1e-9;

/// Operating modes in use; NaN where a figure is absent.
#[derive(Debug, Clone)]
pub struct DirectModes<'a> {
    /// Row in the FEC table.
    pub fec: &'a [i64],
    /// Symbol rate.
    pub symbol_rate_hz: &'a [f64],
    /// Symbol error ratio at which sensitivity and TDECQ are defined.
    pub target_ser_ratio: &'a [f64],
    /// A: least OMA less TDECQ.
    pub oma_less_tdecq_min_dbm: &'a [f64],
    /// Largest TDECQ.
    pub tdecq_max_db: &'a [f64],
    /// Least extinction ratio.
    pub extinction_ratio_db: &'a [f64],
    /// IL: channel insertion loss.
    pub insertion_loss_max_db: &'a [f64],
    /// X: allocation for multipath interference and DGD.
    pub mpi_dgd_allocation_db: &'a [f64],
    /// Least accumulated dispersion that the mode is tested over.
    pub dispersion_min_s_per_m: &'a [f64],
    /// Greatest accumulated dispersion that the mode is tested over.
    pub dispersion_max_s_per_m: &'a [f64],
    /// Greatest DGD.
    pub dgd_max_s: &'a [f64],
    /// Least average launch power.
    pub launch_power_min_dbm: &'a [f64],
    /// Greatest average launch power.
    pub launch_power_max_dbm: &'a [f64],
    /// Greatest average received power.
    pub received_power_max_dbm: &'a [f64],
    /// Responsivity.
    pub responsivity_a_per_w: &'a [f64],
    /// Avalanche gain, 1 for a PIN.
    pub gain_ratio: &'a [f64],
    /// Ratio of ionization coefficients.
    pub ionization_ratio: &'a [f64],
    /// Dark current.
    pub dark_current_a: &'a [f64],
    /// Latency of the modules at both ends besides the FEC's; NaN where nobody knows it.
    pub latency_s: &'a [f64],
}

/// The lanes, each on one path.
#[derive(Debug, Clone)]
pub struct DirectLanes<'a> {
    /// Row in the table of paths.
    pub path: &'a [i64],
    /// Row in the table of modes.
    pub mode: &'a [i64],
    /// Nominal wavelength.
    pub center_m: &'a [f64],
    /// Shortest wavelength that the tolerance allows.
    pub min_m: &'a [f64],
    /// Longest wavelength that the tolerance allows.
    pub max_m: &'a [f64],
    /// Average launch power where the user sets it; NaN: the mode's least OMA less TDECQ.
    pub launch_power_dbm: &'a [f64],
}

/// Evaluates every lane.
///
/// # Algorithm
/// 1. Loss at the lane's wavelength; accumulated dispersion at both ends of the lane's wavelength range and of the fiber's
///    zero-dispersion range; mean DGD.
/// 2. Closure of IEEE 802.3: power margin = (OMA - TDECQ) - loss - X - (A - IL - X), the last being the sensitivity for a
///    perfect transmitter; a transmitter at the mode's least OMA - TDECQ leaves IL - loss.
/// 3. Overload: strongest transmitter less loss against the greatest received power, unless the receiver bears even that
///    transmitter without any loss.
/// 4. Receiver noise is set such that the stressed signal at that sensitivity (an eye closed by the largest TDECQ and X) has
///    the mode's target SER; shot noise of PIN or APD rises with the level. SER of the four levels, BER = SER/2, FEC.
/// 5. FEC margin: the optical loss after which SER reaches its target.
/// 6. Dispersion outside the range that the mode is tested over, or too much DGD, blocks.
///
/// # Errors
/// Parameter errors for tables that do not fit each other, `Cancelled` if the task was cancelled.
///
/// # References
/// IEEE 802.3-2022, 121.8.5 and the power budget tables of clauses 121-124, 140, 151; see `docs/models/direct-budget.md`.
pub fn evaluate_direct(
    plant: &Plant<'_>,
    modes: &DirectModes<'_>,
    lanes: &DirectLanes<'_>,
    explain: bool,
    task: &Task,
) -> Result<LaneColumns> {
    plant.check()?;
    check(plant, modes, lanes)?;
    let receivers: Vec<Option<Receiver>> = (0..modes.fec.len()).map(|mode| Receiver::of(modes, mode)).collect();
    // Each lane is a unit of one row.
    let offsets: Vec<usize> = (0..=lanes.path.len()).collect();
    fill_columns(&offsets, explain, task, Scratch::default, |lane, scratch, writer| {
        writer.push(evaluate_lane(plant, modes, &receivers, lanes, lane, scratch, writer.explain())?);
        Ok(())
    })
}

/// Memory that one thread uses again for lane after lane.
#[derive(Default)]
struct Scratch {
    /// Level change of each element, in order.
    level_steps_db: Vec<f64>,
}

fn check(plant: &Plant<'_>, modes: &DirectModes<'_>, lanes: &DirectLanes<'_>) -> Result<()> {
    let rows = modes.fec.len();
    for (name, column) in [
        ("symbol_rate_hz", modes.symbol_rate_hz),
        ("target_ser_ratio", modes.target_ser_ratio),
        ("oma_less_tdecq_min_dbm", modes.oma_less_tdecq_min_dbm),
        ("tdecq_max_db", modes.tdecq_max_db),
        ("extinction_ratio_db", modes.extinction_ratio_db),
        ("insertion_loss_max_db", modes.insertion_loss_max_db),
        ("mpi_dgd_allocation_db", modes.mpi_dgd_allocation_db),
        ("dispersion_min_s_per_m", modes.dispersion_min_s_per_m),
        ("dispersion_max_s_per_m", modes.dispersion_max_s_per_m),
        ("dgd_max_s", modes.dgd_max_s),
        ("launch_power_min_dbm", modes.launch_power_min_dbm),
        ("launch_power_max_dbm", modes.launch_power_max_dbm),
        ("received_power_max_dbm", modes.received_power_max_dbm),
        ("responsivity_a_per_w", modes.responsivity_a_per_w),
        ("gain_ratio", modes.gain_ratio),
        ("ionization_ratio", modes.ionization_ratio),
        ("dark_current_a", modes.dark_current_a),
        ("mode latency_s", modes.latency_s),
    ] {
        check_length(name, column.len(), rows)?;
    }
    for mode in 0..rows {
        check_index("fec", modes.fec[mode], plant.fecs.kind.len())?;
        require_positive("symbol_rate_hz", modes.symbol_rate_hz[mode])?;
        require_positive("target_ser_ratio", modes.target_ser_ratio[mode])?;
        require_positive("responsivity_a_per_w", modes.responsivity_a_per_w[mode])?;
        require_positive("gain_ratio", modes.gain_ratio[mode])?;
    }
    let count = lanes.path.len();
    check_length("mode", lanes.mode.len(), count)?;
    for (name, column) in [
        ("center_m", lanes.center_m),
        ("min_m", lanes.min_m),
        ("max_m", lanes.max_m),
        ("launch_power_dbm", lanes.launch_power_dbm),
    ] {
        check_length(name, column.len(), count)?;
    }
    for lane in 0..count {
        check_index("path", lanes.path[lane], plant.path_count())?;
        check_index("mode", lanes.mode[lane], rows)?;
        require_positive("center_m", lanes.center_m[lane])?;
        require_positive("min_m", lanes.min_m[lane])?;
        require_positive("max_m", lanes.max_m[lane])?;
        if lanes.launch_power_dbm[lane].is_infinite() {
            return Err(Error::parameter("launch_power_dbm", lanes.launch_power_dbm[lane], "a finite number"));
        }
    }
    Ok(())
}

/// Average power over outer OMA for an extinction ratio: (ER + 1)/(2 (ER - 1)).
fn average_over_oma(extinction_ratio_db: f64) -> f64 {
    let er = from_db(extinction_ratio_db);
    (er + 1.0) / (2.0 * (er - 1.0))
}

/// A receiver whose thermal noise closes its mode's sensitivity.
#[derive(Clone, Copy)]
struct Receiver {
    detector: Photodetector,
    bandwidth_hz: f64,
    thermal_noise_a2: f64,
    target_ser_ratio: f64,
}

impl Receiver {
    /// `None` where the mode lacks a figure, or where shot noise alone exceeds what the sensitivity allows.
    fn of(modes: &DirectModes<'_>, mode: usize) -> Option<Self> {
        let sensitivity_dbm =
            modes.oma_less_tdecq_min_dbm[mode] - modes.insertion_loss_max_db[mode] - modes.mpi_dgd_allocation_db[mode];
        let average_over_oma = average_over_oma(modes.extinction_ratio_db[mode]);
        if !(sensitivity_dbm.is_finite() && average_over_oma.is_finite()) {
            return None;
        }
        let mut receiver = Self {
            detector: Photodetector {
                responsivity_a_per_w: modes.responsivity_a_per_w[mode],
                gain_ratio: modes.gain_ratio[mode],
                ionization_ratio: modes.ionization_ratio[mode],
                dark_current_a: modes.dark_current_a[mode],
            },
            bandwidth_hz: NOISE_BANDWIDTH_RATIO * modes.symbol_rate_hz[mode],
            thermal_noise_a2: 0.0,
            target_ser_ratio: modes.target_ser_ratio[mode],
        };
        // The standard's stressed test: an eye of that OMA inside a signal that TDECQ and X have closed by so much.
        let oma_w = from_dbm(sensitivity_dbm);
        let closed_db = modes.tdecq_max_db[mode] + modes.mpi_dgd_allocation_db[mode];
        let average_w = average_over_oma * oma_w * from_db(if closed_db.is_nan() { 0.0 } else { closed_db });
        let spread = receiver.detector.current_a(oma_w);
        let excess = |sigma: f64| {
            let trial = Self { thermal_noise_a2: sigma * sigma, ..receiver };
            trial.symbol_error_ratio(oma_w, average_w).max(1e-300).ln() - receiver.target_ser_ratio.ln()
        };
        let sigma = find_root(excess, 0.0, spread, 1e-14).ok()?;
        receiver.thermal_noise_a2 = sigma * sigma;
        Some(receiver)
    }

    /// SER for an eye of `oma_w` around an average power.
    fn symbol_error_ratio(&self, oma_w: f64, average_w: f64) -> f64 {
        let mut levels = Pam4Levels { mean_a: [0.0; 4], sigma_a: [0.0; 4] };
        for index in 0..4 {
            let power_w = (average_w + oma_w * (index as f64 / 3.0 - 0.5)).max(0.0);
            levels.mean_a[index] = self.detector.current_a(average_w + oma_w * (index as f64 / 3.0 - 0.5));
            levels.sigma_a[index] =
                (self.thermal_noise_a2 + self.detector.shot_noise_a2(power_w, self.bandwidth_hz)).sqrt();
        }
        pam4_symbol_error_ratio(&levels)
    }

    /// Optical dB that can be lost before the target SER.
    fn fec_margin_db(&self, oma_w: f64, average_w: f64) -> f64 {
        let excess = |loss_db: f64| {
            let left = from_db(-loss_db);
            self.symbol_error_ratio(oma_w * left, average_w * left).max(1e-300).ln() - self.target_ser_ratio.ln()
        };
        find_root(excess, -40.0, 40.0, 1e-13).unwrap_or(f64::NAN)
    }
}

fn evaluate_lane(
    plant: &Plant<'_>,
    modes: &DirectModes<'_>,
    receivers: &[Option<Receiver>],
    lanes: &DirectLanes<'_>,
    lane: usize,
    scratch: &mut Scratch,
    explain: bool,
) -> Result<LaneOutput> {
    let path = usize::try_from(lanes.path[lane]).unwrap_or(0);
    let mode = usize::try_from(lanes.mode[lane]).unwrap_or(0);
    let mut out = LaneOutput::empty();
    let totals = path_totals(plant, path);
    let fec = usize::try_from(modes.fec[mode]).unwrap_or(0);
    out.latency_s = totals.latency_s
        + [plant.fecs.latency_s[fec], modes.latency_s[mode]].iter().filter(|part| part.is_finite()).sum::<f64>();
    out.pdl_db = totals.pdl_db;
    let corners_s_per_m = pass(plant, path, lanes, lane, &mut out, &mut scratch.level_steps_db)?;
    check_dispersion(modes, mode, &mut out, corners_s_per_m);
    if out.dgd_mean_s * DGD_MAX_TO_MEAN > modes.dgd_max_s[mode] {
        out.set_blocked(Limit::Pmd, out.dgd_mean_s * DGD_MAX_TO_MEAN, modes.dgd_max_s[mode]);
    }

    let tdecq_db = modes.tdecq_max_db[mode];
    let average_db = to_db(average_over_oma(modes.extinction_ratio_db[mode]));
    let set_by_user = !lanes.launch_power_dbm[lane].is_nan();
    let launch_dbm = lanes.launch_power_dbm[lane];
    let least_dbm = modes.oma_less_tdecq_min_dbm[mode];
    let derived_dbm = launch_dbm - average_db - tdecq_db;
    let oma_less_tdecq_dbm = if !set_by_user {
        least_dbm
    } else if launch_dbm >= modes.launch_power_min_dbm[mode] {
        // A compliant transmitter has at least A, whatever its average power: it then modulates deeper.
        least_dbm.max(derived_dbm)
    } else {
        derived_dbm
    };
    let allocation_db = modes.mpi_dgd_allocation_db[mode];
    let sensitivity_dbm = modes.oma_less_tdecq_min_dbm[mode] - modes.insertion_loss_max_db[mode] - allocation_db;
    let level_db: f64 = scratch.level_steps_db.iter().sum();
    // TDECQ is stated for the dispersion that the mode is tested over; beyond it nobody knows the eye.
    let tested = out.blocked.is_none() && out.unknown == Unknown::No;
    out.tdecq_db = if tested { tdecq_db } else { f64::NAN };
    out.oma_outer_dbm = oma_less_tdecq_dbm + tdecq_db + level_db;
    out.launch_power_dbm = if set_by_user { launch_dbm } else { oma_less_tdecq_dbm + tdecq_db + average_db };
    out.received_power_dbm = out.launch_power_dbm + level_db;
    let sensitivity_margin = oma_less_tdecq_dbm + level_db - allocation_db - sensitivity_dbm;
    let strongest_dbm = if set_by_user { out.launch_power_dbm } else { modes.launch_power_max_dbm[mode] };
    // A receiver that bears its own strongest transmitter cannot be overloaded by a path that only loses light.
    let bears_all = !set_by_user && modes.received_power_max_dbm[mode] >= strongest_dbm;
    let overload_margin =
        if bears_all { f64::NAN } else { modes.received_power_max_dbm[mode] - (strongest_dbm + level_db) };
    out.power_margin_db = if sensitivity_margin.is_nan() { f64::NAN } else { sensitivity_margin.min(overload_margin) };
    if sensitivity_margin.is_nan() {
        out.set_unknown(Unknown::Closure);
    }

    if let Some(receiver) = &receivers[mode]
        && sensitivity_margin.is_finite()
        && tested
    {
        let oma_w = from_dbm(out.oma_outer_dbm - tdecq_db - allocation_db);
        let average_w = from_dbm(out.received_power_dbm);
        out.pre_fec_ber = receiver.symbol_error_ratio(oma_w, average_w) / 2.0;
        out.q_db = q_factor_db(out.pre_fec_ber);
        let after = plant.fecs.scheme(fec)?.apply(out.pre_fec_ber);
        out.post_fec_ber = after.post_fec_ber;
        out.frame_loss_ratio = after.frame_loss_ratio;
        out.fec_margin_db = receiver.fec_margin_db(oma_w, average_w);
    }
    if let Some((limit, _, _)) = out.blocked {
        out.limited_by = limit;
        return Ok(out);
    }
    if out.unknown != Unknown::No {
        return Ok(out);
    }
    // The closure is the rule; the receiver model decides only where it is stricter by more than its root's rounding.
    let margins = [out.power_margin_db, out.fec_margin_db + MARGIN_TIE_DB];
    if let Some(which) = least(&margins) {
        out.margin_db = if which == 0 { out.power_margin_db } else { out.fec_margin_db };
        let overloaded = which == 0 && overload_margin < sensitivity_margin;
        out.limited_by = if overloaded { Limit::Overload } else { Limit::Power };
        if explain {
            let elements = scratch.level_steps_db.iter().enumerate().map(|(index, &value)| Contribution {
                kind: Kind::Element,
                element: Some(plant.path_offsets[path] + index),
                value_db: if overloaded { -value } else { value },
            });
            out.contributions = if overloaded {
                let mut all = vec![plain(Kind::Launch, -strongest_dbm)];
                all.extend(elements);
                all.push(plain(Kind::GreatestReceived, modes.received_power_max_dbm[mode]));
                all
            } else {
                let mut all = vec![plain(Kind::OmaLessTdecq, oma_less_tdecq_dbm)];
                all.extend(elements);
                all.push(plain(Kind::MpiDgdAllocation, -allocation_db));
                all.push(plain(Kind::Sensitivity, -sensitivity_dbm));
                if which == 1 {
                    all.push(plain(Kind::ShotNoise, out.fec_margin_db - sensitivity_margin));
                }
                all
            };
        }
    }
    Ok(out)
}

/// Sends one lane along its path; gives the most negative and the most positive accumulated dispersion.
fn pass(
    plant: &Plant<'_>,
    path: usize,
    lanes: &DirectLanes<'_>,
    lane: usize,
    out: &mut LaneOutput,
    level_steps_db: &mut Vec<f64>,
) -> Result<(f64, f64)> {
    let elements = &plant.elements;
    level_steps_db.clear();
    let (mut lowest, mut highest, mut dgd_squared) = (0.0, 0.0, 0.0);
    for element in plant.path_offsets[path]..plant.path_offsets[path + 1] {
        lowest += elements.dispersion_s_per_m[element];
        highest += elements.dispersion_s_per_m[element];
        dgd_squared += elements.dgd_s[element].powi(2);
        if elements.kind(element) != ElementKind::Fiber {
            level_steps_db.push(-elements.loss_db[element]);
            continue;
        }
        let (part, length_m) = (elements.part(element), elements.length_m[element]);
        let frequency_hz = SPEED_OF_LIGHT_M_PER_S / lanes.center_m[lane];
        let attenuation = attenuation_db_per_m(plant, element, frequency_hz)?.unwrap_or_else(|| {
            out.set_unknown(Unknown::Attenuation);
            f64::NAN
        });
        level_steps_db.push(-attenuation * length_m - elements.loss_db[element]);
        let dispersion = plant.fibers.dispersion(part);
        lowest += dispersion.at(lanes.min_m[lane], DispersionCorner::LongestZero) * length_m;
        highest += dispersion.at(lanes.max_m[lane], DispersionCorner::ShortestZero) * length_m;
        dgd_squared += plant.fibers.pmd_s_per_sqrt_m[part].powi(2) * length_m;
    }
    if lowest.is_nan() || highest.is_nan() {
        out.set_unknown(Unknown::Dispersion);
    }
    out.dgd_mean_s = f64::sqrt(dgd_squared);
    Ok((lowest, highest))
}

/// Reports the corner that is nearer to (or further beyond) its limit, and blocks beyond it.
fn check_dispersion(modes: &DirectModes<'_>, mode: usize, out: &mut LaneOutput, (lowest, highest): (f64, f64)) {
    let (floor, ceiling) = (modes.dispersion_min_s_per_m[mode], modes.dispersion_max_s_per_m[mode]);
    if floor.is_nan() || ceiling.is_nan() {
        out.dispersion_s_per_m = if -lowest > highest { lowest } else { highest };
        if !lowest.is_nan() {
            out.set_unknown(Unknown::DispersionTolerance);
        }
        return;
    }
    let lower_is_nearer = lowest - floor < ceiling - highest;
    out.dispersion_s_per_m = if lower_is_nearer { lowest } else { highest };
    if lowest < floor {
        out.set_blocked(Limit::Dispersion, lowest, floor);
    }
    if highest > ceiling {
        out.set_blocked(Limit::Dispersion, highest, ceiling);
    }
}

fn plain(kind: Kind, value_db: f64) -> Contribution {
    Contribution { kind, element: None, value_db }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn average_and_oma() {
        // OMA/Pavg = 2 (ER - 1)/(ER + 1): 0.765 at 3.5 dB, 0.952 at 4.5 dB, 1.197 at 6 dB.
        for (er, ratio) in [(3.5, 0.765), (4.5, 0.952), (6.0, 1.197)] {
            assert!((1.0 / average_over_oma(er) - ratio).abs() < 1e-3);
        }
    }

    #[test]
    fn a_receiver_meets_its_own_target() {
        let one = |value: f64| vec![value];
        let (a, il, x, tdecq) = (one(-1.7), one(4.0), one(0.3), one(3.4));
        let (er, ser, rate) = (one(4.5), one(4.8e-4), one(53.125e9));
        let (r, m, k, i) = (one(0.8), one(1.0), one(0.0), one(10e-9));
        let nan = one(f64::NAN);
        let modes = DirectModes {
            fec: &[0],
            symbol_rate_hz: &rate,
            target_ser_ratio: &ser,
            oma_less_tdecq_min_dbm: &a,
            tdecq_max_db: &tdecq,
            extinction_ratio_db: &er,
            insertion_loss_max_db: &il,
            mpi_dgd_allocation_db: &x,
            dispersion_min_s_per_m: &nan,
            dispersion_max_s_per_m: &nan,
            dgd_max_s: &nan,
            launch_power_min_dbm: &nan,
            launch_power_max_dbm: &nan,
            received_power_max_dbm: &nan,
            responsivity_a_per_w: &r,
            gain_ratio: &m,
            ionization_ratio: &k,
            dark_current_a: &i,
            latency_s: &nan,
        };
        let receiver = Receiver::of(&modes, 0).unwrap();
        let oma_w = from_dbm(-6.0);
        let average_w = oma_w * average_over_oma(4.5) * from_db(3.4 + 0.3);
        assert!((receiver.symbol_error_ratio(oma_w, average_w) / 4.8e-4 - 1.0).abs() < 1e-9);
        assert!(receiver.fec_margin_db(oma_w, average_w).abs() < 1e-9);
        let margin = receiver.fec_margin_db(oma_w * from_db(2.0), average_w * from_db(2.0));
        assert!((margin - 2.0).abs() < 1e-9, "{margin}");
    }
}
