//! Spectra of pulse-shaped signals.

use crate::error::{Error, Result, require_positive};
use std::f64::consts::PI;

/// Power spectrum of a signal with root-raised-cosine pulses, which is also the power response of its matched filter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RaisedCosine {
    symbol_rate_hz: f64,
    roll_off: f64,
}

impl RaisedCosine {
    /// A spectrum of this symbol rate and roll-off.
    ///
    /// # Errors
    /// [`Error::Parameter`] if the symbol rate is not above 0 or the roll-off is outside [0, 1].
    pub fn new(symbol_rate_hz: f64, roll_off: f64) -> Result<Self> {
        require_positive("symbol_rate_hz", symbol_rate_hz)?;
        if !(0.0..=1.0).contains(&roll_off) {
            return Err(Error::parameter("roll_off", roll_off, "a number from 0 to 1"));
        }
        Ok(Self { symbol_rate_hz, roll_off })
    }

    /// Symbol rate.
    pub fn symbol_rate_hz(&self) -> f64 {
        self.symbol_rate_hz
    }

    /// Share of excess bandwidth.
    pub fn roll_off(&self) -> f64 {
        self.roll_off
    }

    /// Offset from the center where the spectrum ends.
    pub fn edge_hz(&self) -> f64 {
        0.5 * self.symbol_rate_hz * (1.0 + self.roll_off)
    }

    /// Power density at an offset from the center, over that of the flat part; its integral is the symbol rate.
    pub fn density_ratio(&self, offset_hz: f64) -> f64 {
        let offset = offset_hz.abs() / self.symbol_rate_hz;
        if offset == 0.5 {
            // Without a roll-off, too, each of two copies has its half here.
            0.5
        } else if offset <= 0.5 * (1.0 - self.roll_off) {
            1.0
        } else if offset < 0.5 * (1.0 + self.roll_off) {
            0.5 * (1.0 + (PI / self.roll_off * (offset - 0.5 * (1.0 - self.roll_off))).cos())
        } else {
            0.0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_one_symbol_rate_apart_add_up_to_one() {
        for roll_off in [0.0, 0.05, 0.2, 1.0] {
            let spectrum = RaisedCosine::new(60e9, roll_off).unwrap();
            for step in 0..50 {
                let f = -29.9e9 + 1.2e9 * f64::from(step);
                let sum: f64 = (-1..=1).map(|k| spectrum.density_ratio(f + 60e9 * f64::from(k))).sum();
                assert!((sum - 1.0).abs() < 1e-12, "{roll_off} {f}: {sum}");
            }
            assert_eq!(spectrum.density_ratio(spectrum.edge_hz() * 1.000_001), 0.0);
        }
        assert!(RaisedCosine::new(60e9, 1.1).is_err());
        assert!(RaisedCosine::new(0.0, 0.1).is_err());
    }
}
