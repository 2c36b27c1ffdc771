//! The comb of one path: which of its channels are lit, and their way along the line.

use super::coherent_tables::{CoherentPaths, Occupancy};
use super::tables::Plant;
use super::walk::{Channel, propagate};
use super::walk_amplifier::AmplifierControl;
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
    channels: Vec<Channel>,
    /// The whole comb, where amplifiers are set up with it before some of it goes dark.
    all: Vec<Channel>,
}

impl CombScratch {
    /// The lit channels behind their path, with their rows.
    pub(super) fn lit<'a>(&'a self, paths: &'a CoherentPaths<'_>) -> impl Iterator<Item = (usize, &'a Channel)> {
        let present = self.rows.iter().copied().zip(&self.channels);
        present.filter(|&(row, _)| paths.occupancy(row) == Occupancy::Lit)
    }
}

/// Sends the comb of one path to its end.
///
/// # Algorithm
/// 1. All channels lit or filled with noise: they go along the path together.
/// 2. Some dark: those that are not dark go alone, through amplifiers that are set anew for them, or hold the gain or the
///    total power to which the whole comb had brought them.
pub(super) fn propagate_comb(
    plant: &Plant<'_>,
    paths: &CoherentPaths<'_>,
    path: usize,
    held: HeldQuantity,
    scratch: &mut CombScratch,
) -> Result<()> {
    let rows = paths.channel_offsets[path]..paths.channel_offsets[path + 1];
    scratch.rows.clear();
    scratch.rows.extend(rows.clone().filter(|&row| paths.occupancy(row) != Occupancy::Dark));
    launch(paths, &scratch.rows, &mut scratch.channels);
    let held = if scratch.rows.len() == rows.len() { HeldQuantity::Level } else { held };
    if held == HeldQuantity::Level {
        propagate(plant, path, &mut scratch.channels, AmplifierControl::Level)?;
        return Ok(());
    }
    launch(paths, &rows.collect::<Vec<_>>(), &mut scratch.all);
    let settings = propagate(plant, path, &mut scratch.all, AmplifierControl::Level)?;
    let control = match held {
        HeldQuantity::Gain => AmplifierControl::Gain(&settings),
        _ => AmplifierControl::Power(&settings),
    };
    propagate(plant, path, &mut scratch.channels, control)?;
    Ok(())
}

fn launch(paths: &CoherentPaths<'_>, rows: &[usize], channels: &mut Vec<Channel>) {
    channels.resize_with(rows.len(), Channel::default);
    for (channel, &row) in channels.iter_mut().zip(rows) {
        channel.reset(
            paths.frequency_hz[row],
            paths.symbol_rate_hz[row],
            paths.slot_hz[row],
            paths.launch_power_dbm[row],
        );
    }
}
