//! Forward error correction as a map from pre-FEC to post-FEC errors.

mod kp4;
mod scheme;

pub use kp4::{Kp4Errors, codeword_error_ratio, frame_loss_ratio, kp4_from_bit_errors, kp4_from_symbol_errors};
pub use scheme::{FecKind, FecResult, FecScheme};
