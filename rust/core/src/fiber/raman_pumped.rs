//! Raman-pumped spans that share one solution.

use super::power_profile::PowerProfile;
use super::raman::{RamanFiber, RamanOptions, RamanPump, RamanWave};
use super::raman_gain::RamanGain;
use super::raman_noise::{RamanChannel, raman_span};
use crate::error::Result;
use crate::task::Task;

/// A fiber with the channels and pumps that enter it.
#[derive(Debug, Clone)]
pub struct PumpedFiber {
    /// The fiber.
    pub fiber: RamanFiber,
    /// Channels at its input.
    pub channels: Vec<RamanWave>,
    /// Pumps from either end.
    pub pumps: Vec<RamanPump>,
}

/// What the pumps make of a fiber.
#[derive(Debug, Clone)]
pub struct PumpedSpan {
    /// Gain and noise of each channel.
    pub channels: Vec<RamanChannel>,
    /// The course of the powers.
    pub profile: PowerProfile,
}

impl PumpedFiber {
    /// Solves the span.
    ///
    /// # Errors
    /// Those of [`raman_span`].
    pub fn solve(&self, task: &Task) -> Result<PumpedSpan> {
        let (solution, channels) =
            raman_span(&self.fiber, &self.channels, &self.pumps, &RamanOptions::default(), task)?;
        Ok(PumpedSpan { channels, profile: solution.profile() })
    }

    /// The exact bits of all figures.
    pub(super) fn key(&self) -> Box<[u64]> {
        let (kind, gain) = match self.fiber.gain {
            RamanGain::Silica { effective_area_m2 } => (0, effective_area_m2),
            RamanGain::Linear { slope_per_w_m_hz } => (1, slope_per_w_m_hz),
        };
        let mut key = vec![kind, self.channels.len() as u64];
        key.extend([gain, self.fiber.length_m, self.fiber.temperature_k].map(f64::to_bits));
        let mut push =
            |wave: &RamanWave| key.extend([wave.frequency_hz, wave.power_w, wave.attenuation_per_m].map(f64::to_bits));
        self.channels.iter().for_each(&mut push);
        self.pumps.iter().for_each(|pump| push(&pump.wave));
        key.extend(self.pumps.iter().map(|pump| pump.direction as u64));
        key.into_boxed_slice()
    }
}

impl PumpedSpan {
    /// Numbers it holds.
    pub(super) fn weight(&self) -> usize {
        let profile = match &self.profile {
            PowerProfile::Sampled { position_m, log_power_ratio } => position_m.len() * (1 + log_power_ratio.len()),
            PowerProfile::Exponential { .. } => 0,
        };
        4 * self.channels.len() + profile
    }
}
