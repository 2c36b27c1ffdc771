//! The Raman pumps of amplifier types.

use super::tables::check_length;
use crate::error::Result;
use crate::fiber::{PumpDirection, RamanPump, RamanWave};
use crate::interpolate::check_offsets;

/// Pumps of amplifier types, one after the other.
#[derive(Debug, Clone, Copy)]
pub struct PumpTable<'a> {
    /// Pumps of amplifier `i` are `offsets[i]..offsets[i + 1]`.
    pub offsets: &'a [usize],
    /// Frequency.
    pub frequency_hz: &'a [f64],
    /// Power where it enters the glass.
    pub power_w: &'a [f64],
    /// 1: from the end of the fiber, against the channels.
    pub is_backward: &'a [u8],
}

impl PumpTable<'_> {
    /// Rows of the pumps of one amplifier.
    pub fn rows(&self, amplifier: usize) -> std::ops::Range<usize> {
        self.offsets[amplifier]..self.offsets[amplifier + 1]
    }

    /// One pump in a fiber that attenuates it so much.
    pub(super) fn pump(&self, row: usize, attenuation_per_m: f64) -> RamanPump {
        RamanPump {
            wave: RamanWave { frequency_hz: self.frequency_hz[row], power_w: self.power_w[row], attenuation_per_m },
            direction: if self.is_backward[row] == 0 { PumpDirection::Forward } else { PumpDirection::Backward },
        }
    }

    /// Checks the columns for so many amplifiers; the figures themselves are the solver's to refuse.
    pub(super) fn check(&self, amplifiers: usize) -> Result<()> {
        check_length("pump_offsets", self.offsets.len(), amplifiers + 1)?;
        check_length("pump_power_w", self.power_w.len(), self.frequency_hz.len())?;
        check_length("pump_is_backward", self.is_backward.len(), self.frequency_hz.len())?;
        check_offsets("pump", self.offsets, self.frequency_hz.len())
    }
}
