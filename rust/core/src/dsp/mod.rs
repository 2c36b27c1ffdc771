//! Digital signal processing of receivers: equalizers.

mod equalizer;
mod linear;

pub use equalizer::{Equalizer, EqualizerLimits, EqualizerTaps, fit_equalizer};
