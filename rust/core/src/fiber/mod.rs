//! The fiber: attenuation, dispersion, Kerr nonlinearity and polarization-mode dispersion in closed form.

mod dispersion;
mod equalization_noise;
mod nonlinear;
mod nonlinear_cache;
mod nonlinear_comb;
mod nonlinear_published;
mod polarization;
mod random_orientation;

pub use dispersion::{ChromaticDispersion, DispersionCorner, propagation_constants, zero_dispersion_formula};
pub use equalization_noise::equalization_phase_noise_ratio;
pub use nonlinear::{
    ChainNonlinearity, ChainSpan, CombChannel, NonlinearModel, NonlinearOptions, NonlinearSpan, SpanNonlinearity,
    is_modeled, nonlinear_chain,
};
pub use nonlinear_cache::NonlinearCache;
pub use nonlinear_comb::{ChannelSignal, Comb};
pub use nonlinear_published::{coherence_exponent, nonlinear_efficiency};
pub use polarization::{DgdDistribution, PdlDistribution, maxwell_exceedance, maxwell_quantile};
