//! Pictures of signals as arrays of pixels, for whoever paints them many times a second.
//!
//! Rows go from top to bottom, pixels are 0xAARRGGBB: what a toolkit's 32-bit images are made of.

mod decimate;
mod palette;
mod persistence;

pub use decimate::{Decimated, decimate_trace};
pub use palette::{Palette, shade_matrix};
pub use persistence::{Persistence, Scale};

use crate::error::{Error, Result, require_finite};

/// Refuses a range whose ends are not finite or do not rise.
fn require_rising(name: &str, [low, high]: [f64; 2]) -> Result<()> {
    require_finite(name, low)?;
    require_finite(name, high)?;
    if low < high && (high - low).is_finite() {
        Ok(())
    } else {
        Err(Error::parameter(name, format!("{low} to {high}"), "two numbers, the lower one first"))
    }
}

#[cfg(test)]
mod tests;
