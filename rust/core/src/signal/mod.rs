//! The signal itself: constellations, symbol patterns, spectra.

mod constellation;
mod fourier;
mod pattern;
mod spectrum;

pub use constellation::{Modulation, Point};
pub use fourier::{Fourier, bin_frequency_hz};
pub use pattern::pam4_pattern;
pub use spectrum::RaisedCosine;
