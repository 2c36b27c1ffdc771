//! The signal itself: constellations, symbol patterns, spectra.

mod constellation;
mod fourier;
mod gaussian;
mod jones;
mod lane_fourier;
mod pattern;
mod spectrum;

pub use constellation::{Modulation, Point};
pub use fourier::{Fourier, bin_frequency_hz};
pub use gaussian::complex_normals;
pub use jones::{Jones, pass_polarization_loss, random_axis, rotate_polarization};
pub(crate) use lane_fourier::LaneFourier;
pub use pattern::pam4_pattern;
pub use spectrum::RaisedCosine;
