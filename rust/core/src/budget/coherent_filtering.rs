//! Passband narrowing of a path: which filters a lane goes through, and what they cost at its noise.

use super::coherent_penalties::NoiseLoad;
use super::coherent_tables::CoherentModes;
use super::memo::{Memo, Recent};
use super::tables::Plant;
use super::walk_channels::{Channel, Channels};
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
    /// Noise behind the first 0, 1, 2 ... filters, place after place, each over all channels: of ASE in 12.5 GHz, and nonlinear
    /// interference in the symbol rate.
    places: [Vec<f64>; 2],
    /// Noise at each place of one channel.
    noise: RefCell<Vec<f64>>,
    /// What a cascade needs for one channel.
    memory: RefCell<Vec<f64>>,
}

impl PathFilters {
    /// Finds the filters of a path, and between which of them the noise of its channels was added.
    pub(super) fn find(&mut self, plant: &Plant<'_>, path: usize, channels: &Channels) {
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
        if self.is_empty() {
            return;
        }
        let count = channels.count();
        for (place, columns) in self.places.iter_mut().zip(channels.noise_columns()) {
            place.clear();
            place.resize((self.passbands_hz.len() + 1) * count, 0.0);
            for (element, column) in columns {
                let start = self.passed_count[element] * count;
                for (sum, added) in place[start..start + count].iter_mut().zip(column) {
                    *sum += added;
                }
            }
        }
    }

    /// Whether the path has no filter of known shape.
    pub(super) fn is_empty(&self) -> bool {
        self.passbands_hz.is_empty()
    }

    /// Sends a lane of a mode and a symbol rate with its noise through the filters, as the decision counts it: by place, that of
    /// the line times kappa, and that of the receiver behind all filters.
    ///
    /// The signal meets the filters with every center off by its tolerance to one side, the laser to the other.
    pub(super) fn send(
        &self,
        memo: &Memo<FilterCascade>,
        modes: &CoherentModes<'_>,
        (mode, symbol_rate_hz): (usize, f64),
        channel: Channel<'_>,
        load: NoiseLoad,
    ) -> Result<FilteredSignal> {
        let laser_hz = modes.frequency_tolerance_hz[mode];
        let laser_hz = if laser_hz.is_nan() { 0.0 } else { laser_hz };
        let figures = [symbol_rate_hz, modes.roll_off[mode], laser_hz];
        let ask = || self.cascade(memo, figures);
        self.recent.read(&figures, ask, |cascade| self.send_through(cascade, channel, load))?
    }

    /// The cascade of the filters for a signal of this symbol rate, roll-off and tolerance of the laser.
    fn cascade(&self, memo: &Memo<FilterCascade>, figures: [f64; 3]) -> Result<Arc<FilterCascade>> {
        let passbands_hz = self.passbands_hz.iter().flat_map(|&(narrow, wide, tolerance)| [narrow, wide, tolerance]);
        let key: Vec<f64> = figures.into_iter().chain(passbands_hz).collect();
        let [symbol_rate_hz, roll_off, laser_hz] = figures;
        memo.get(&key, || {
            let passbands: Vec<Passband> = self
                .passbands_hz
                .iter()
                .map(|&(narrow, wide, tolerance)| Passband::flat_top(narrow, wide, tolerance + laser_hz))
                .collect::<Result<_>>()?;
            Ok(FilterCascade::new(&RaisedCosine::new(symbol_rate_hz, roll_off)?, &passbands))
        })
    }

    fn send_through(&self, cascade: &FilterCascade, channel: Channel<'_>, load: NoiseLoad) -> Result<FilteredSignal> {
        let mut noise = self.noise.borrow_mut();
        noise.clear();
        let [ase, nonlinear] =
            self.places.each_ref().map(|places| places[channel.place..].iter().step_by(channel.comb_count()));
        noise.extend(ase.zip(nonlinear).map(|(ase, nonlinear)| ase * load.per_bandwidth + nonlinear));
        noise[0] += load.tx_ratio * load.per_bandwidth;
        for place in noise.iter_mut() {
            // A format's correction may take a little more off one fiber than that fiber makes.
            *place = (*place * load.kappa_ratio).max(0.0);
        }
        noise[self.passbands_hz.len()] += load.receiver_ratio;
        cascade.send_noise(&mut noise, &mut self.memory.borrow_mut())
    }
}
