//! Passband narrowing of a path: which filters a lane goes through, and what they cost at its noise.

use super::coherent_penalties::NoiseLoad;
use super::coherent_tables::CoherentModes;
use super::memo::Memo;
use super::tables::Plant;
use super::walk::Channel;
use crate::error::Result;
use crate::optics::{FilterCascade, NoiseStage, Passband};
use crate::signal::RaisedCosine;
use std::sync::Arc;

/// The filters of one path whose shape is known.
#[derive(Debug, Default)]
pub(super) struct PathFilters {
    /// (3-dB width, 10-dB width, tolerance of the center) of each.
    passbands_hz: Vec<(f64, f64, f64)>,
    /// For each element, how many filters light has passed behind it.
    passed_count: Vec<usize>,
}

impl PathFilters {
    /// Finds the filters of a path.
    pub(super) fn find(&mut self, plant: &Plant<'_>, path: usize) {
        self.passbands_hz.clear();
        self.passed_count.clear();
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
        let mut key = vec![symbol_rate_hz, roll_off, laser_hz];
        key.extend(self.passbands_hz.iter().flat_map(|&(narrow, wide, tolerance)| [narrow, wide, tolerance]));
        memo.get(&key, || {
            let passbands: Vec<Passband> = self
                .passbands_hz
                .iter()
                .map(|&(narrow, wide, tolerance)| Passband::flat_top(narrow, wide, tolerance + laser_hz))
                .collect::<Result<_>>()?;
            let signal = RaisedCosine::new(symbol_rate_hz, roll_off)?;
            Ok(FilterCascade::new(&signal, &passbands))
        })
    }

    /// Noise of a lane as the decision counts it, by place: the line's times kappa, and the receiver's behind all filters.
    pub(super) fn noise_stages(&self, channel: &Channel, load: NoiseLoad) -> Vec<NoiseStage> {
        let mut noise = vec![0.0; self.passbands_hz.len() + 1];
        noise[0] = load.tx_ratio * load.per_bandwidth;
        for ((&passed, &ase), &nonlinear) in
            self.passed_count.iter().zip(&channel.noise_steps).zip(&channel.nonlinear_steps)
        {
            noise[passed] += ase * load.per_bandwidth + nonlinear;
        }
        let places = noise.into_iter().enumerate().map(|(passbands_before_count, noise)| NoiseStage {
            // A format's correction may take a little more off one fiber than that fiber makes.
            noise_ratio: (noise * load.kappa_ratio).max(0.0),
            passbands_before_count,
        });
        let receiver = NoiseStage { noise_ratio: load.receiver_ratio, passbands_before_count: self.passbands_hz.len() };
        places.chain([receiver]).collect()
    }
}
