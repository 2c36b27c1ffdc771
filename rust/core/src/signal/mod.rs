//! The signal itself: bits, constellations, frames, pulses, symbol patterns, spectra.

mod amplitude_shaping;
mod bits;
mod block_filter;
mod coherent_frame;
mod constellation;
mod fourier;
mod jones;
mod lane_fourier;
mod pam4_symbols;
mod pattern;
mod prbs;
mod pulse_shape;
mod spectrum;
mod symbols;

pub use crate::gaussian::{complex_normals, normals};
pub use amplitude_shaping::{AmplitudeShaper, SHAPED_BLOCK_SYMBOLS, ShapingRate};
pub use bits::random_bits;
pub use block_filter::{BlockField, BlockFilter};
pub use coherent_frame::{FramePlan, SymbolRole};
pub use constellation::{Modulation, Point};
pub use fourier::{Fourier, bin_frequency_hz};
pub use jones::{Jones, pass_polarization_loss, random_axis, rotate_polarization};
pub(crate) use lane_fourier::LaneFourier;
pub use pam4_symbols::{SSPRQ_SYMBOLS_COUNT, gray_bits, gray_levels, precode, quaternary_prbs, ssprq, undo_precoding};
pub use pattern::pam4_pattern;
pub use prbs::Prbs;
pub use pulse_shape::shape_pulses;
pub use spectrum::RaisedCosine;
pub use symbols::SymbolMap;
