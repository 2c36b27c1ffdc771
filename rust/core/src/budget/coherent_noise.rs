//! Noise of a comb behind its line, for all channels at once.

use super::walk_channels::Channels;
use crate::column::Column;
use crate::units::REFERENCE_BANDWIDTH_HZ;
use crate::vector::{ColumnWork, to_db, vectorize};

/// Columns over the channels that are not dark.
#[derive(Debug)]
pub(super) struct LineNoise {
    /// That of transmitter and line in 12.5 GHz over the signal.
    ase_ratio: Column,
    /// The same in the symbol rate, with nonlinear interference.
    line_ratio: Column,
    osnr_db: Column,
    snr_nli_db: Column,
    gsnr_db: Column,
}

/// Noise of one channel behind its line: see [`LineNoise`]; levels are NaN where there is none.
#[derive(Debug, Clone, Copy)]
pub(super) struct LaneNoise {
    pub ase_ratio: f64,
    pub line_ratio: f64,
    pub osnr_db: f64,
    pub snr_nli_db: f64,
    pub gsnr_db: f64,
}

impl LineNoise {
    /// The noise of channels whose transmitters add `tx_noise` in 12.5 GHz.
    pub(super) fn find(channels: &Channels, tx_noise: impl Iterator<Item = f64>) -> Self {
        let column = || Column::scratch(channels.count());
        let mut out = Self {
            ase_ratio: tx_noise.collect(),
            line_ratio: column(),
            osnr_db: column(),
            snr_nli_db: column(),
            gsnr_db: column(),
        };
        vectorize(Levels { noise: &mut out, channels });
        out
    }

    pub(super) fn at(&self, place: usize) -> LaneNoise {
        LaneNoise {
            ase_ratio: self.ase_ratio[place],
            line_ratio: self.line_ratio[place],
            osnr_db: self.osnr_db[place],
            snr_nli_db: self.snr_nli_db[place],
            gsnr_db: self.gsnr_db[place],
        }
    }
}

/// Adds the noise of the line to that of the transmitters, and finds the levels.
struct Levels<'a> {
    noise: &'a mut LineNoise,
    channels: &'a Channels,
}

impl ColumnWork for Levels<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { noise, channels } = self;
        let count = channels.count();
        let (noise_ratio, rates_hz) = (&channels.noise_ratio[..count], &channels.symbol_rate_hz[..count]);
        let nonlinear_ratio = &channels.nonlinear_ratio[..count];
        let (ase_ratio, line_ratio) = (&mut noise.ase_ratio[..count], &mut noise.line_ratio[..count]);
        for k in 0..count {
            let ase = ase_ratio[k] + noise_ratio[k];
            ase_ratio[k] = ase;
            line_ratio[k] = ase * (rates_hz[k] / REFERENCE_BANDWIDTH_HZ) + nonlinear_ratio[k];
        }
        for (levels, ratios) in [
            (&mut noise.osnr_db, &*ase_ratio),
            (&mut noise.snr_nli_db, nonlinear_ratio),
            (&mut noise.gsnr_db, &*line_ratio),
        ] {
            for (level, &ratio) in levels.iter_mut().zip(ratios) {
                let level_db = -to_db(ratio);
                *level = if ratio > 0.0 { level_db } else { f64::NAN };
            }
        }
    }
}
