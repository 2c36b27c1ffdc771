//! Optical parts: transmitters, amplifiers, filters, what other channels leave in a channel, photodetectors.

mod amplified_field;
mod amplifier;
mod coherent_front_end;
mod coherent_receiver;
mod colorless_receiver;
mod converter;
mod crosstalk;
mod drive_pulse;
mod filter;
mod filter_nodes;
mod gain_shape;
mod iq_modulator;
mod laser;
mod pam4_source;
mod passband;
mod photodetector;
mod reflection;
mod response;
mod sampled_receiver;
mod semiconductor_amplifier;
mod transmitter;

pub use amplified_field::{NoiseAddress, amplify_field, filter_field};
pub use amplifier::{
    AmplifierNoise, POLYNOMIAL_SLOT_HZ, ase_ratio, osnr_polynomial, polynomial_noise_figure_db,
    spontaneous_emission_ratio,
};
pub use coherent_front_end::CoherentFrontEnd;
pub use coherent_receiver::{ReceiverCurve, ReceiverFit, ReceiverNoise};
pub use colorless_receiver::ColorlessReceiver;
pub use converter::Converter;
pub use crosstalk::{Neighbor, in_band_crosstalk_ratio, neighbor_crosstalk_ratio, out_of_band_noise_ratio};
pub use drive_pulse::DrivePulse;
pub use filter::{FilterCascade, FilteredSignal, NoiseStage};
pub use gain_shape::{GainShape, TILT_BAND_HZ, TiltSetting};
pub use iq_modulator::IqModulator;
pub use laser::{intensity_noise_amplitude, lorentzian_phase_rad, masked_phase_rad};
pub use pam4_source::{Pam4Drive, Pam4Modulator, Pam4Source};
pub use passband::{Passband, cascade_power_ratio, cascade_width_hz};
pub use photodetector::{AvalancheSpeed, Photodetector, optimum_gain_ratio};
pub use reflection::{ReflectionSums, Reflector, double_reflections};
pub use response::Response;
pub use sampled_receiver::{DecisionNoise, SampledReceiver, SamplingGrid};
pub use semiconductor_amplifier::SemiconductorAmplifier;
pub use transmitter::{Transmitter, average_over_oma};
