//! Forward error correction as a map from pre-FEC to post-FEC errors.

mod bursts;
mod galois_field;
mod hamming;
mod kp4;
mod lanes;
mod reed_solomon;
mod reed_solomon_decoder;
mod scheme;

pub use bursts::{ErrorBursts, LaneMultiplexing, burst_symbol_errors, feedback_continuation_ratio};
pub use hamming::{
    HAMMING_BITS, HAMMING_SYMBOLS, hamming_hard_symbol_error_ratio, hamming_information_positions,
    hamming_soft_symbol_error_bound,
};
pub use kp4::{
    KP4_CORRECTED, KP4_SYMBOL_BITS, KP4_SYMBOLS, Kp4Errors, codeword_error_ratio, frame_loss_ratio,
    kp4_from_bit_errors, kp4_from_symbol_errors,
};
pub use lanes::{LaneErrors, ModuleErrors, module_errors};
pub use reed_solomon::{KP4_MESSAGE_SYMBOLS, encode_kp4, kp4_generator};
pub use reed_solomon_decoder::{Kp4Decoded, decode_kp4};
pub use scheme::{FecKind, FecResult, FecScheme};
