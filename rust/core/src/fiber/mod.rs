//! The fiber: attenuation, dispersion, Kerr nonlinearity and polarization-mode dispersion in closed form.

mod dispersion;
mod nonlinear;
mod polarization;

pub use dispersion::{ChromaticDispersion, DispersionCorner, propagation_constants, zero_dispersion_formula};
pub use nonlinear::{CombChannel, NonlinearSpan, SpanNonlinearity, coherence_exponent, nonlinear_efficiency};
pub use polarization::maxwell_exceedance;
