//! What each element of a path does to each channel: levels, noise, nonlinear interference, dispersion.

use super::coherent::{CoherentOptions, with_model};
use super::coherent_comb::CombScratch;
use super::coherent_lane::Lane;
use super::coherent_tables::{CoherentModes, CoherentPaths};
use super::draws::RowSink;
use super::tables::{ElementKind, Plant};
use super::verdict::{ContributionKind as Kind, LaneOutput};
use super::walk::attenuation_db_per_m;
use crate::error::Result;
use crate::fiber::DispersionCorner;
use crate::task::Task;
use crate::units::{REFERENCE_BANDWIDTH_HZ, wavelength_m};

/// Columns of elements: one row for each path, channel that is not dark, and element of the path, in this order. Columns of
/// receivers, from `kappa_ratio` on: one row for each lit channel.
#[derive(Debug, Clone, Default)]
pub struct TraceColumns {
    /// Row of the channel in the table of paths.
    pub channel_row: Vec<usize>,
    /// Row of the element in the table of elements.
    pub element: Vec<usize>,
    /// Level behind the element.
    pub level_dbm: Vec<f64>,
    /// What the element adds to the level.
    pub level_step_db: Vec<f64>,
    /// Noise that the element adds, in 12.5 GHz, over the signal.
    pub noise_ratio: Vec<f64>,
    /// Nonlinear interference of the element in the symbol rate, over the signal.
    pub nonlinear_ratio: Vec<f64>,
    /// Attenuation of a fiber alone, without extra loss and Raman scattering; 0 of other elements.
    pub attenuation_db: Vec<f64>,
    /// Dispersion of the element at the channel.
    pub dispersion_s_per_m: Vec<f64>,
    /// Noise of the line counts so much at the decision.
    pub kappa_ratio: Vec<f64>,
    /// Noise of the receiver: too little power, other channels behind a colorless drop, and what nothing changes.
    pub receiver_ratio: Vec<f64>,
    /// Noise of the transmitter in 12.5 GHz, over the signal.
    pub transmitter_ratio: Vec<f64>,
    /// What the mode's tables take for dispersion, DGD, PDL and rotation of polarization, in decibels of the line's noise.
    pub tabled_penalty_db: Vec<f64>,
    /// What filters and neighbors cost, computed or allowed for.
    pub shaped_penalty_db: Vec<f64>,
}

/// Follows every channel of every path from element to element and into its receiver, as [`super::evaluate_coherent`] does.
///
/// # Errors
/// As [`super::evaluate_coherent`].
///
/// # References
/// `docs/models/coherent-budget.md`.
pub fn trace_coherent(
    plant: &Plant<'_>,
    modes: &CoherentModes<'_>,
    paths: &CoherentPaths<'_>,
    options: CoherentOptions,
    task: &Task,
) -> Result<TraceColumns> {
    with_model(plant, modes, paths, options, task, |model| {
        let mut columns = TraceColumns::default();
        let mut scratch = CombScratch::default();
        for path in 0..paths.channel_offsets.len().saturating_sub(1) {
            task.check()?;
            model.evaluate_path(path, &mut scratch, &mut columns)?;
            for (row, channel) in scratch.present() {
                let mut level_dbm = channel.level_dbm - channel.steps().map(|step| step.level_db).sum::<f64>();
                let elements = plant.path_offsets[path]..plant.path_offsets[path + 1];
                for (element, step) in elements.zip(channel.steps()) {
                    let (attenuation_db, fiber_s_per_m) = fiber_figures(plant, element, channel.frequency_hz)?;
                    level_dbm += step.level_db;
                    columns.channel_row.push(row);
                    columns.element.push(element);
                    columns.level_dbm.push(level_dbm);
                    columns.level_step_db.push(step.level_db);
                    columns.noise_ratio.push(step.noise_ratio);
                    columns.nonlinear_ratio.push(step.nonlinear_ratio);
                    columns.attenuation_db.push(attenuation_db);
                    columns.dispersion_s_per_m.push(fiber_s_per_m + plant.elements.dispersion_s_per_m[element]);
                }
            }
        }
        Ok(columns)
    })
}

impl RowSink for TraceColumns {
    fn explain(&self) -> bool {
        false
    }

    fn push(&mut self, _out: &mut LaneOutput) {}

    fn note(&mut self, lane: &Lane<'_>) {
        let per_bandwidth = lane.channel.symbol_rate_hz / REFERENCE_BANDWIDTH_HZ;
        let receiver = lane.receiver;
        self.kappa_ratio.push(receiver.bearable_noise * receiver.required_osnr / per_bandwidth);
        self.receiver_ratio.push(lane.thermal_noise + lane.colorless_noise() + receiver.transceiver_noise);
        self.transmitter_ratio.push(receiver.tx_noise);
        let (mut tabled_db, mut shaped_db) = (0.0, 0.0);
        for &(kind, _, penalty_db) in &lane.penalties {
            match kind {
                Kind::FilteringPenalty | Kind::CrosstalkPenalty => shaped_db += penalty_db,
                Kind::DispersionPenalty | Kind::PmdPenalty | Kind::PdlPenalty | Kind::SopPenalty => {
                    tabled_db += penalty_db;
                }
                _ => {}
            }
        }
        self.tabled_penalty_db.push(tabled_db);
        self.shaped_penalty_db.push(shaped_db);
    }
}

/// Attenuation and dispersion of a fiber element; nothing of others.
fn fiber_figures(plant: &Plant<'_>, element: usize, frequency_hz: f64) -> Result<(f64, f64)> {
    if plant.elements.kind(element) != ElementKind::Fiber {
        return Ok((0.0, 0.0));
    }
    let length_m = plant.elements.length_m[element];
    let attenuation_db_per_m = attenuation_db_per_m(plant, element, frequency_hz)?.unwrap_or(f64::NAN);
    let dispersion = plant.dispersion(element).at(wavelength_m(frequency_hz), DispersionCorner::Nominal);
    Ok((attenuation_db_per_m * length_m, dispersion * length_m))
}
