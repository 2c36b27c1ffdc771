//! The signal itself: constellations and spectra.

mod constellation;
mod spectrum;

pub use constellation::{Modulation, Point};
pub use spectrum::RaisedCosine;
