//! The signal itself: constellations.

mod constellation;

pub use constellation::{Modulation, Point};
