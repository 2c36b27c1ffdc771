//! The comb of channels that loads a line, and what its geometry alone decides.

use crate::error::{Error, Result, require_finite, require_positive};

/// One channel of a comb: where it is, how wide, and how its amplitudes are spread.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChannelSignal {
    /// Center frequency relative to the frequency at which beta2 and beta3 are given.
    pub offset_hz: f64,
    /// Symbol rate: the width of its spectrum, which is taken as a rectangle, and the noise bandwidth.
    pub symbol_rate_hz: f64,
    /// E|a|^4/(E|a|^2)^2 - 2 of its constellation: 0 Gaussian, -1 QPSK, -0.68 16QAM.
    pub excess_kurtosis_ratio: f64,
}

/// A comb of channels, checked, with the figures that depend on its geometry only.
#[derive(Debug, Clone)]
pub struct Comb {
    channels: Vec<ChannelSignal>,
}

impl Comb {
    /// Checks a comb.
    ///
    /// # Errors
    /// [`Error::Parameter`] if a symbol rate is not above zero, a number is not finite, or two spectra overlap.
    pub fn new(channels: Vec<ChannelSignal>) -> Result<Self> {
        for channel in &channels {
            require_positive("symbol_rate_hz", channel.symbol_rate_hz)?;
            require_finite("offset_hz", channel.offset_hz)?;
            require_finite("excess_kurtosis_ratio", channel.excess_kurtosis_ratio)?;
        }
        let mut edges: Vec<(f64, f64)> = channels
            .iter()
            .map(|c| (c.offset_hz - 0.5 * c.symbol_rate_hz, c.offset_hz + 0.5 * c.symbol_rate_hz))
            .collect();
        edges.sort_by(|a, b| a.0.total_cmp(&b.0));
        // A millionth of the symbol rate is rounding of the frequencies, not an overlap.
        if let Some(pair) = edges.windows(2).find(|pair| pair[1].0 < pair[0].1 - 1e-6 * (pair[0].1 - pair[0].0)) {
            return Err(Error::parameter(
                "offset_hz",
                format!("{:.6e} Hz for the lower edge of a channel below the upper edge of its neighbor", pair[1].0),
                "channels at least half the sum of their symbol rates apart",
            ));
        }
        Ok(Self { channels })
    }

    /// The channels, in the order given.
    pub fn channels(&self) -> &[ChannelSignal] {
        &self.channels
    }
}
