//! Digital signal processing of receivers: equalizers.

mod equalizer;
mod linear;

pub use equalizer::{EQUALIZER_TAPS_MAX_COUNT, Equalizer, EqualizerLimits, EqualizerTaps, fit_equalizer};
