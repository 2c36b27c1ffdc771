//! The comb of one path: which of its channels are lit, and their way along the line.

use super::coherent_filtering::PathFilters;
use super::coherent_penalties::{Beside, RecentCrosstalk};
use super::coherent_tables::{CoherentPaths, Occupancy};
use super::sample::{LaneChange, change_of};
use super::tables::Plant;
use super::walk::propagate;
use super::walk_amplifier::AmplifierControl;
use super::walk_channels::{Channel, Channels, Start};
use super::walk_nonlinear::{NonlinearContext, add_nonlinearity};
use crate::error::{Error, Result};

/// What amplifiers hold on to while some channels of a comb are dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum HeldQuantity {
    /// The level per channel: they have been set anew for the channels that are lit.
    #[default]
    Level,
    /// The gain that they had with all channels.
    Gain,
    /// The total output power that they had with all channels.
    Power,
}

impl HeldQuantity {
    /// The quantity of a name: `level`, `gain` or `power`.
    ///
    /// # Errors
    /// [`Error::Parameter`] for any other word.
    pub fn from_word(word: &str) -> Result<Self> {
        match word {
            "level" => Ok(Self::Level),
            "gain" => Ok(Self::Gain),
            "power" => Ok(Self::Power),
            _ => Err(Error::parameter("amplifier_control", format!("'{word}'"), "'level', 'gain', 'power'")),
        }
    }
}

/// Memory that one thread uses again for path after path.
#[derive(Default)]
pub(super) struct CombScratch {
    /// Rows of the channels that are not dark.
    rows: Vec<usize>,
    channels: Channels,
    /// The whole comb, where amplifiers are set up with it before some of it goes dark.
    all: Channels,
    pub filters: PathFilters,
    pub recent_crosstalk: RecentCrosstalk,
}

impl CombScratch {
    /// The lit channels behind their path, with their rows and the channels beside them.
    pub(super) fn lit<'a>(
        &'a self,
        paths: &'a CoherentPaths<'_>,
    ) -> impl Iterator<Item = (usize, Channel<'a>, [Option<Beside>; 2])> {
        self.present().filter(|&(row, _)| paths.occupancy(row) == Occupancy::Lit).map(|(row, channel)| {
            let below = channel.place.checked_sub(1).and_then(|below| self.beside(paths, below));
            (row, channel, [below, self.beside(paths, channel.place + 1)])
        })
    }

    /// All channels that are not dark behind their path, with their rows.
    pub(super) fn present(&self) -> impl Iterator<Item = (usize, Channel<'_>)> {
        self.rows.iter().enumerate().map(|(place, &row)| (row, self.channels.at(place)))
    }

    /// Finds the filters that the channels have passed.
    pub(super) fn find_filters(&mut self, plant: &Plant<'_>, path: usize) {
        self.filters.find(plant, path, &self.channels);
    }

    /// All channels that are not dark.
    pub(super) fn channels(&self) -> &Channels {
        &self.channels
    }

    fn beside(&self, paths: &CoherentPaths<'_>, place: usize) -> Option<Beside> {
        let row = *self.rows.get(place)?;
        Some(Beside {
            mode: usize::try_from(paths.mode[row]).unwrap_or(0),
            frequency_hz: self.channels.frequency_hz[place],
            symbol_rate_hz: self.channels.symbol_rate_hz[place],
            level_dbm: self.channels.level_dbm[place],
        })
    }
}

/// How combs are sent along their paths.
#[derive(Clone, Copy)]
pub(super) struct CombOptions<'a> {
    pub held: HeldQuantity,
    /// Excess kurtosis of each mode's constellation.
    pub excess_kurtosis_ratio: &'a [f64],
    /// Noise of each mode's transmitter in 12.5 GHz outside its band, over its power.
    pub out_of_band_noise_ratio: &'a [f64],
    pub nonlinear: NonlinearContext<'a>,
}

/// Sends the comb of one path to its end.
///
/// # Algorithm
/// 1. All channels lit or filled with noise: they go along the path together.
/// 2. Some dark: those that are not dark go alone, through amplifiers that are set anew for them, or hold the gain or the
///    total power to which the whole comb had brought them.
/// 3. Nonlinear interference of all fibers follows from the levels at their inputs.
pub(super) fn propagate_comb(
    plant: &Plant<'_>,
    paths: &CoherentPaths<'_>,
    path: usize,
    options: &CombOptions<'_>,
    scratch: &mut CombScratch,
) -> Result<()> {
    let rows = paths.channel_offsets[path]..paths.channel_offsets[path + 1];
    scratch.rows.clear();
    scratch.rows.extend(rows.clone().filter(|&row| paths.occupancy(row) != Occupancy::Dark));
    launch(paths, options, &scratch.rows, &mut scratch.channels);
    let held = if scratch.rows.len() == rows.len() { HeldQuantity::Level } else { options.held };
    let whole;
    let control = if held == HeldQuantity::Level {
        AmplifierControl::Level
    } else {
        launch(paths, options, &rows.collect::<Vec<_>>(), &mut scratch.all);
        whole = propagate(plant, path, &mut scratch.all, AmplifierControl::Level, options.nonlinear)?;
        if held == HeldQuantity::Gain {
            AmplifierControl::Gain(&whole.settings)
        } else {
            AmplifierControl::Power(&whole.settings)
        }
    };
    let line = propagate(plant, path, &mut scratch.channels, control, options.nonlinear)?;
    add_nonlinearity(plant.path_offsets[path], &line.loads, &mut scratch.channels, options.nonlinear)
}

fn launch(paths: &CoherentPaths<'_>, options: &CombOptions<'_>, rows: &[usize], channels: &mut Channels) {
    channels.reset(rows.iter().map(|&row| {
        let signal = paths.occupancy(row) != Occupancy::Noise;
        let mode = usize::try_from(paths.mode[row]).unwrap_or(0);
        Start {
            frequency_hz: paths.frequency_hz[row],
            symbol_rate_hz: paths.symbol_rate_hz[row],
            slot_hz: paths.slot_hz[row],
            excess_kurtosis_ratio: if signal { options.excess_kurtosis_ratio[mode] } else { 0.0 },
            out_of_band_noise_ratio: options.out_of_band_noise_ratio[mode],
            level_dbm: paths.launch_power_dbm[row] + change_of(paths.sample, row, LaneChange::NONE).transmitter_db,
        }
    }));
}
