//! Forward error correction: codes, their decoders and what these leave, and maps from pre-FEC to post-FEC errors.

mod bursts;
mod channel;
mod counting;
mod counts;
mod galois_field;
mod hamming;
mod inner_code;
mod kp4;
mod lanes;
pub mod product;
mod reed_solomon;
mod reed_solomon_decoder;
mod registry;
mod scheme;
mod symbol_interleaver;
mod word_code;

pub use bursts::{ErrorBursts, LaneMultiplexing, burst_symbol_errors, feedback_continuation_ratio};
pub use channel::{Channel, ChannelKind, Reliability};
pub use counting::{CHAIN_CODEWORDS, InnerDecoder, count_chain, count_inner, count_kp4};
pub use counts::{Counts, count_frames};
pub use hamming::{
    HAMMING_BITS, HAMMING_SYMBOLS, hamming_hard_symbol_error_ratio, hamming_information_positions,
    hamming_soft_symbol_error_bound,
};
pub use inner_code::{BCH_BITS, BCH_GENERATOR, BCH_SYMBOLS, InnerCode};
pub use kp4::{
    KP4_CORRECTED, KP4_SYMBOL_BITS, KP4_SYMBOLS, Kp4Errors, codeword_error_ratio, frame_loss_ratio,
    kp4_from_bit_errors, kp4_from_symbol_errors,
};
pub use lanes::{LaneErrors, ModuleErrors, module_errors};
pub use reed_solomon::{KP4_MESSAGE_SYMBOLS, encode_kp4, kp4_generator};
pub use reed_solomon_decoder::{Kp4Decoded, decode_kp4};
pub use registry::{COUNTED_CODES, CountFrames, CountedCode, CountedRatio, count_code, counted_code};
pub use scheme::{FecKind, FecResult, FecScheme};
pub use symbol_interleaver::{WordInterleaver, collect_symbols, distribute_symbols};
pub use word_code::{
    DecodedWord, DecodedWords, MOST_TEST_BITS, WordCode, decode_words_hard, decode_words_soft, encode_words,
};
