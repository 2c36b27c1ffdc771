//! Passband narrowing of a path: which filters a lane goes through, and what they cost at its noise.

use super::coherent_penalties::NoiseLoad;
use super::coherent_tables::CoherentModes;
use super::memo::{Memo, Recent};
use super::tables::Plant;
use super::walk::Channel;
use crate::error::Result;
use crate::optics::{FilterCascade, FilteredSignal, Passband};
use crate::signal::RaisedCosine;
use std::cell::RefCell;
use std::sync::Arc;

/// The filters of one path whose shape is known.
#[derive(Debug, Default)]
pub(super) struct PathFilters {
    /// (3-dB width, 10-dB width, tolerance of the center) of each.
    passbands_hz: Vec<(f64, f64, f64)>,
    /// For each element, how many filters light has passed behind it.
    passed_count: Vec<usize>,
    /// Cascades of this path by mode, symbol rate and tolerance of the laser.
    recent: Recent<FilterCascade, 3>,
    /// Noise at each place, one channel after the other.
    noise: RefCell<Vec<f64>>,
    /// What a cascade needs for one channel.
    memory: RefCell<Vec<f64>>,
}

impl PathFilters {
    /// Finds the filters of a path.
    pub(super) fn find(&mut self, plant: &Plant<'_>, path: usize) {
        self.passbands_hz.clear();
        self.passed_count.clear();
        self.recent.clear();
        let elements = &plant.elements;
        for element in plant.path_offsets[path]..plant.path_offsets[path + 1] {
            let (width_3db_hz, width_10db_hz) = (elements.passband_3db_hz[element], elements.passband_10db_hz[element]);
            if !width_3db_hz.is_nan() && !width_10db_hz.is_nan() {
                let tolerance_hz = elements.frequency_tolerance_hz[element];
                self.passbands_hz.push((
                    width_3db_hz,
                    width_10db_hz,
                    if tolerance_hz.is_nan() { 0.0 } else { tolerance_hz },
                ));
            }
            self.passed_count.push(self.passbands_hz.len());
        }
    }

    /// Whether the path has no filter of known shape.
    pub(super) fn is_empty(&self) -> bool {
        self.passbands_hz.is_empty()
    }

    /// The filters as a signal of a mode meets them: every center off by its tolerance to one side, the laser to the other.
    pub(super) fn cascade(
        &self,
        memo: &Memo<FilterCascade>,
        modes: &CoherentModes<'_>,
        mode: usize,
        symbol_rate_hz: f64,
    ) -> Result<Arc<FilterCascade>> {
        let laser_hz = modes.frequency_tolerance_hz[mode];
        let laser_hz = if laser_hz.is_nan() { 0.0 } else { laser_hz };
        let roll_off = modes.roll_off[mode];
        let figures = [symbol_rate_hz, roll_off, laser_hz];
        self.recent.get(&figures, || {
            let passbands_hz =
                self.passbands_hz.iter().flat_map(|&(narrow, wide, tolerance)| [narrow, wide, tolerance]);
            let key: Vec<f64> = figures.into_iter().chain(passbands_hz).collect();
            memo.get(&key, || {
                let passbands: Vec<Passband> = self
                    .passbands_hz
                    .iter()
                    .map(|&(narrow, wide, tolerance)| Passband::flat_top(narrow, wide, tolerance + laser_hz))
                    .collect::<Result<_>>()?;
                let signal = RaisedCosine::new(symbol_rate_hz, roll_off)?;
                Ok(FilterCascade::new(&signal, &passbands))
            })
        })
    }

    /// Sends a lane with its noise through the filters, as the decision counts it: by place, that of the line times kappa, and
    /// that of the receiver behind all filters.
    pub(super) fn send(&self, cascade: &FilterCascade, channel: &Channel, load: NoiseLoad) -> Result<FilteredSignal> {
        let mut noise = self.noise.borrow_mut();
        noise.clear();
        noise.resize(self.passbands_hz.len() + 1, 0.0);
        noise[0] = load.tx_ratio * load.per_bandwidth;
        for (&passed, step) in self.passed_count.iter().zip(&channel.steps) {
            noise[passed] += step.noise_ratio * load.per_bandwidth + step.nonlinear_ratio;
        }
        for place in noise.iter_mut() {
            // A format's correction may take a little more off one fiber than that fiber makes.
            *place = (*place * load.kappa_ratio).max(0.0);
        }
        noise[self.passbands_hz.len()] += load.receiver_ratio;
        cascade.send_noise(&mut noise, &mut self.memory.borrow_mut())
    }
}
