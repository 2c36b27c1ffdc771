//! The fiber: attenuation, dispersion, Kerr nonlinearity and polarization-mode dispersion, in closed form and for sampled fields.

mod dispersion;
mod equalization_noise;
mod four_wave_mixing;
mod four_wave_mixing_spread;
mod gn_integral;
mod gn_integral_channel;
mod gn_integral_island;
mod gn_integral_link;
mod gn_integral_plane;
mod gn_integral_quadrature;
mod nonlinear;
mod nonlinear_cache;
mod nonlinear_chain;
mod nonlinear_coherence;
mod nonlinear_comb;
mod nonlinear_format;
mod nonlinear_geometry;
mod nonlinear_integral;
mod nonlinear_islands;
mod nonlinear_joint;
mod nonlinear_line;
mod nonlinear_line_span;
mod nonlinear_overlap;
mod nonlinear_profile;
mod nonlinear_profile_coherence;
mod nonlinear_profile_format;
mod nonlinear_profile_line;
mod nonlinear_profile_places;
mod nonlinear_profile_span;
mod nonlinear_profile_tables;
mod nonlinear_published;
mod nonlinear_sources;
mod nonlinear_span;
mod nonlinear_stations;
mod nonlinear_store;
mod nonlinear_strips;
mod nonlinear_tile;
mod polarization;
mod power_course;
mod power_profile;
mod raman;
mod raman_gain;
mod raman_noise;
mod raman_pumped;
mod raman_shooting;
mod raman_solver;
mod raman_tilt;
mod random_orientation;
mod split_step;
mod split_step_birefringence;
mod split_step_course;
mod split_step_engine;
mod split_step_plain;
mod split_step_rules;
mod split_step_sweeps;
mod waveplates;

pub use dispersion::{
    ChromaticDispersion, DispersionCorner, accumulated_phase_rad, dispersion_phase_rad, propagation_constants,
    small_signal_response_ratio, zero_dispersion_formula,
};
pub use equalization_noise::equalization_phase_noise_ratio;
pub use four_wave_mixing::{
    MixingLane, MixingProduct, MixingSpan, four_wave_mixing, mixing_polarization_ratio, zero_dispersion_phase_per_m,
};
pub use four_wave_mixing_spread::{MixingDraws, SpreadLane, SpreadLine, draw_mixing_crosstalk};
pub use gn_integral::{
    IntegralOptions, IntegralResult, IntegralSpan, SpectralChannel, integrate_nonlinear_interference,
};
pub use nonlinear::{
    ChainNonlinearity, ChainSpan, CombChannel, NonlinearModel, NonlinearOptions, NonlinearSpan, SpanNonlinearity,
};
pub use nonlinear_cache::NonlinearCache;
pub use nonlinear_chain::{is_modeled, nonlinear_chain, nonlinear_pumped_chain};
pub use nonlinear_comb::{ChannelSignal, Comb};
pub use nonlinear_published::{coherence_exponent, nonlinear_efficiency};
pub use polarization::{DgdDistribution, PdlDistribution, maxwell_exceedance, maxwell_quantile};
pub use power_profile::PowerProfile;
pub use raman::{PumpDirection, RamanFiber, RamanOptions, RamanPump, RamanSolution, RamanWave, solve_raman};
pub use raman_gain::RamanGain;
pub use raman_noise::{RamanChannel, raman_ase_w_per_hz, raman_span};
pub use raman_pumped::{PumpedFiber, PumpedSpan};
pub(crate) use raman_tilt::raman_transfer_ratio;
pub use split_step::{
    FieldFiber, FieldSampling, MANAKOV_RATIO, Precision, PropagationReport, StepRule, back_propagate_fiber,
    propagate_fiber,
};
pub use split_step_birefringence::Birefringence;
pub use waveplates::Waveplates;
