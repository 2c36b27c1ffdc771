//! Digital signal processing of receivers: equalizers of direct detection, and the blocks of a coherent receiver.

mod blind_phase;
mod butterfly;
mod butterfly_kernel;
mod channel_estimate;
mod clock_tone;
mod criterion;
mod dispersion;
mod equalizer;
mod field;
mod frequency_offset;
mod interpolator;
mod linear;
mod lms;
mod orthogonalize;
mod overlap_save;
mod overlap_save_lanes;
mod pam4_decisions;
mod phase_follower;
mod pilot_phase;
mod resample;
mod rotation;
#[cfg(test)]
mod test_signals;
mod timing;
mod viterbi;

pub use blind_phase::{BlindPhaseSearch, Recovered};
pub use butterfly::{AdaptiveEqualizer, AdaptiveEqualizerPlan, HISTORY_SYMBOLS_COUNT, LearningSpan};
pub use channel_estimate::{ChannelEstimate, estimate_channel};
pub use criterion::{Criterion, KnownSymbols, LearningStage};
pub use dispersion::{DispersionEstimate, DispersionSearch, ReceiverFilter, estimate_dispersion};
pub(crate) use equalizer::tap_bounds;
pub use equalizer::{
    EQUALIZER_TAPS_MAX_COUNT, Equalizer, EqualizerLimits, EqualizerTaps, fit_equalizer, fit_equalizer_at,
};
pub use field::{Field, FieldView, view};
pub use frequency_offset::{FrequencyOffset, estimate_frequency_offset, estimate_frequency_offset_by_pilots};
pub(crate) use linear::{minimize_quadratic, solve};
pub use lms::{LmsEqualizer, LmsTaps};
pub use orthogonalize::IqOrthogonalizer;
pub use overlap_save::OverlapSave;
pub use pam4_decisions::Pam4Slicer;
pub use pilot_phase::{FrequencyShift, PilotPhase};
pub use resample::{Resampler, resample_periodic, resample_uniform};
pub use timing::{TimingRecovery, estimate_timing_symbols};
pub use viterbi::ViterbiViterbi;
