//! Monte Carlo of the block codes: KP4, the inner codes, and their chains.

use super::channel::{Channel, ChannelKind};
use super::counts::{Counts, count_frames};
use super::inner_code::InnerCode;
use super::kp4::KP4_SYMBOL_BITS;
use super::reed_solomon::{KP4_MESSAGE_SYMBOLS, LENGTH, encode_one};
use super::reed_solomon_decoder::decode_one;
use super::symbol_interleaver::{GROUP_CODEWORDS, WordInterleaver};
use super::word_code::{MOST_TEST_BITS, pack_bits, unpack_bits};
use crate::error::{Error, Result};
use crate::rng::RandomSource;
use crate::task::Task;
use std::ops::Range;

const SYMBOL_BITS: usize = KP4_SYMBOL_BITS as usize;
/// Purposes of the random numbers of a frame; each word of a chain has its own from the last on.
const DATA_PURPOSE: u32 = 0;
const NOISE_PURPOSE: u32 = 1;
/// Keys of the codes' random sources.
const KP4_KEY: u64 = 0x4b50_3421;
const INNER_KEY: u64 = 0x494e_4e52;
const CHAIN_KEY: u64 = 0x4348_4149;
/// Groups of four KP4 codewords in one frame of a chain.
const GROUPS: usize = 3;
/// Codewords in one frame of a chain.
pub const CHAIN_CODEWORDS: usize = GROUPS * GROUP_CODEWORDS;
/// Addresses of a chain's fill, behind those of its codewords.
const FILL_ENTITY: usize = CHAIN_CODEWORDS * LENGTH;

/// Fills the messages of codewords with random symbols and encodes them.
fn random_codewords(source: &RandomSource, codewords: &mut [u16]) {
    for (index, codeword) in codewords.chunks_exact_mut(LENGTH).enumerate() {
        random_symbols(source, index * LENGTH, &mut codeword[..KP4_MESSAGE_SYMBOLS]);
        encode_one(codeword);
    }
}

/// Fills symbols with random ones from an address on.
fn random_symbols(source: &RandomSource, first: usize, symbols: &mut [u16]) {
    for (k, symbols) in symbols.chunks_mut(12).enumerate() {
        let words = source.words(DATA_PURPOSE, (first + k) as u32);
        let bits = words.iter().fold(0u128, |all, &word| all << 32 | u128::from(word));
        for (n, symbol) in symbols.iter_mut().enumerate() {
            *symbol = (bits >> (SYMBOL_BITS * n)) as u16 & 0x3ff;
        }
    }
}

/// Wrong bits and wrong symbols of a received word.
fn differences(sent: &[u16], received: &[u16]) -> (u64, u64) {
    sent.iter()
        .zip(received)
        .fold((0, 0), |(bits, symbols), (a, b)| (bits + u64::from((a ^ b).count_ones()), symbols + u64::from(a != b)))
}

/// Counts errors of KP4 alone; a frame is one codeword.
///
/// # Algorithm
/// Random message, encoder, hard decisions of the channel, decoder; a word that decodes to another codeword is counted as
/// miscorrected.
///
/// # Errors
/// [`Error::Cancelled`] after a cancel of the task.
pub fn count_kp4(channel: &Channel, frames: Range<u64>, seed: u64, task: &Task) -> Result<Counts> {
    count_frames(&frames, 32, task, |part| {
        let (mut sent, mut bits, mut llrs) =
            ([0; LENGTH], vec![0; SYMBOL_BITS * LENGTH], vec![0.0; SYMBOL_BITS * LENGTH]);
        Ok(part
            .map(|frame| {
                let source = RandomSource::new(seed, KP4_KEY, frame);
                random_codewords(&source, &mut sent);
                let mut received = sent;
                if channel.kind() == ChannelKind::BinarySymmetric {
                    let flip = |place: usize| received[place / SYMBOL_BITS] ^= 1 << (place % SYMBOL_BITS);
                    channel.flips(&source, NOISE_PURPOSE, bits.len(), flip);
                } else {
                    put_symbols(&sent, &mut bits);
                    channel.receive(&source, NOISE_PURPOSE, &bits, &mut llrs);
                    for (symbol, llrs) in received.iter_mut().zip(llrs.chunks_exact(SYMBOL_BITS)) {
                        *symbol = llrs.iter().enumerate().fold(0, |all, (k, llr)| all | u16::from(*llr < 0.0) << k);
                    }
                }
                let before = differences(&sent, &received);
                let counts = decode_and_compare(&sent, &mut received);
                Counts {
                    frames: 1,
                    line_bits: counts.bits,
                    bit_errors_before: before.0,
                    symbols: LENGTH as u64,
                    symbol_errors: before.1,
                    ..counts
                }
            })
            .sum())
    })
}

/// Bits of symbols, a byte each, the lowest bit first.
fn put_symbols(symbols: &[u16], bits: &mut [u8]) {
    for (symbol, bits) in symbols.iter().zip(bits.chunks_exact_mut(SYMBOL_BITS)) {
        unpack_bits(u128::from(*symbol), bits);
    }
}

/// Decodes one KP4 codeword and counts what is left.
fn decode_and_compare(sent: &[u16], received: &mut [u16]) -> Counts {
    let decoded = decode_one(received, &[]);
    let (bits, symbols) = differences(sent, received);
    Counts {
        frame_errors: u64::from(symbols > 0),
        bits: (SYMBOL_BITS * LENGTH) as u64,
        bit_errors_after: bits,
        miscorrections: u64::from(symbols > 0 && !decoded.failed),
        ..Counts::default()
    }
}

/// How an inner code is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InnerDecoder {
    /// Hard decisions.
    Hard,
    /// Soft decisions with so many bits tried both ways.
    Soft {
        /// Bits tried both ways.
        test_bits_count: usize,
    },
}

impl InnerDecoder {
    fn check(self) -> Result<()> {
        match self {
            Self::Soft { test_bits_count } if test_bits_count > MOST_TEST_BITS => {
                Err(Error::parameter("test_bits_count", test_bits_count, format!("0 to {MOST_TEST_BITS}")))
            }
            _ => Ok(()),
        }
    }
}

/// Buffers of one received inner word.
struct WordBuffers {
    bits: Vec<u8>,
    llrs: Vec<f32>,
}

impl WordBuffers {
    fn new(inner: InnerCode) -> Self {
        Self { bits: vec![0; inner.code().bits()], llrs: vec![0.0; inner.code().bits()] }
    }
}

/// Sends and decodes one inner word: counts, and the decoded information.
fn pass_inner_word(
    (inner, decoder): (InnerCode, InnerDecoder),
    channel: &Channel,
    (source, purpose): (&RandomSource, u32),
    information: u128,
    buffers: &mut WordBuffers,
) -> (Counts, u128) {
    let code = inner.code();
    let sent = code.encode(information);
    unpack_bits(sent, &mut buffers.bits);
    channel.receive(source, purpose, &buffers.bits, &mut buffers.llrs);
    for (bit, llr) in buffers.bits.iter_mut().zip(&buffers.llrs) {
        *bit = u8::from(*llr < 0.0);
    }
    let hard = pack_bits(&buffers.bits);
    let decoded = match decoder {
        InnerDecoder::Hard => code.decode_hard(hard),
        InnerDecoder::Soft { test_bits_count } => code.decode_soft(&buffers.llrs, test_bits_count),
    };
    let found = code.information(decoded.word);
    let wrong = found ^ information;
    let symbol_errors = (0..inner.symbols()).filter(|k| wrong >> (SYMBOL_BITS * k) & 0x3ff != 0).count() as u64;
    let counts = Counts {
        frames: 1,
        frame_errors: u64::from(wrong != 0),
        line_bits: code.bits() as u64,
        bit_errors_before: u64::from((hard ^ sent).count_ones()),
        bits: code.information_bits() as u64,
        bit_errors_after: u64::from(wrong.count_ones()),
        symbols: inner.symbols() as u64,
        symbol_errors,
        miscorrections: u64::from(decoded.word != sent && !decoded.failed),
        ..Counts::default()
    };
    (counts, found)
}

/// Counts errors of an inner code alone; a frame is one word, symbols are those that it hands to KP4.
///
/// # Errors
/// [`Error::Parameter`] if too many bits are to be tried; [`Error::Cancelled`] after a cancel of the task.
pub fn count_inner(
    inner: InnerCode,
    decoder: InnerDecoder,
    channel: &Channel,
    frames: Range<u64>,
    seed: u64,
    task: &Task,
) -> Result<Counts> {
    decoder.check()?;
    let kept = u128::MAX >> (u128::BITS as usize - inner.code().information_bits());
    count_frames(&frames, 512, task, |part| {
        let mut buffers = WordBuffers::new(inner);
        Ok(part
            .map(|frame| {
                let source = RandomSource::new(seed, INNER_KEY, frame);
                let words = source.words(DATA_PURPOSE, 0);
                let information = words.iter().fold(0, |all, &word| all << 32 | u128::from(word)) & kept;
                pass_inner_word((inner, decoder), channel, (&source, NOISE_PURPOSE), information, &mut buffers).0
            })
            .sum())
    })
}

/// Counts errors of an inner code and KP4 together; a frame is twelve KP4 codewords.
///
/// # Algorithm
/// 1. Three groups of four random codewords, symbol by symbol in turn, through the convolutional interleaver, before and after
///    random symbols that fill and empty it.
/// 2. Inner encoder, channel, inner decoder, the other interleaver, KP4 decoder.
///
/// Words at both ends carry such fill beside symbols of the frame. Its symbols and line bits are counted too, its bits after
/// decoding are not.
///
/// # Errors
/// [`Error::Parameter`] if too many bits are to be tried; [`Error::Cancelled`] after a cancel of the task.
pub fn count_chain(
    inner: InnerCode,
    decoder: InnerDecoder,
    channel: &Channel,
    frames: Range<u64>,
    seed: u64,
    task: &Task,
) -> Result<Counts> {
    decoder.check()?;
    count_frames(&frames, 1, task, |part| {
        let mut buffers = WordBuffers::new(inner);
        let mut frame = |frame| {
            let source = RandomSource::new(seed, CHAIN_KEY, frame);
            count_chain_frame((inner, decoder), channel, &source, &mut buffers)
        };
        part.map(&mut frame).try_fold(Counts::default(), |sum, counts| Ok(sum + counts?))
    })
}

fn count_chain_frame(
    scheme: (InnerCode, InnerDecoder),
    channel: &Channel,
    source: &RandomSource,
    buffers: &mut WordBuffers,
) -> Result<Counts> {
    let size = scheme.0.symbols();
    let mut sent = vec![0; CHAIN_CODEWORDS * LENGTH];
    random_codewords(source, &mut sent);
    let mut transmitter = WordInterleaver::new(size, false)?;
    let mut receiver = WordInterleaver::new(size, true)?;
    let latency = transmitter.latency_words() * size;
    let mut stream = vec![0; sent.len().div_ceil(size) * size + latency];
    for (n, symbol) in stream[..sent.len()].iter_mut().enumerate() {
        *symbol = sent[place_in_groups(n)];
    }
    random_symbols(source, FILL_ENTITY, &mut stream[sent.len()..]);
    let mut fill = vec![0; latency];
    random_symbols(source, FILL_ENTITY + LENGTH * CHAIN_CODEWORDS, &mut fill);
    transmitter.process(&mut fill)?;
    transmitter.process(&mut stream)?;
    let mut counts = Counts::default();
    for (index, word) in stream.chunks_exact_mut(size).enumerate() {
        let information = word.iter().rev().fold(0, |all, &symbol| all << SYMBOL_BITS | u128::from(symbol));
        let purpose = NOISE_PURPOSE + index as u32;
        let (of_word, found) = pass_inner_word(scheme, channel, (source, purpose), information, buffers);
        counts = counts + of_word;
        for (k, symbol) in word.iter_mut().enumerate() {
            *symbol = (found >> (SYMBOL_BITS * k)) as u16 & 0x3ff;
        }
    }
    receiver.process(&mut stream)?;
    let mut received = vec![0; sent.len()];
    for (n, &symbol) in stream[latency..latency + sent.len()].iter().enumerate() {
        received[place_in_groups(n)] = symbol;
    }
    let pairs = sent.chunks_exact(LENGTH).zip(received.chunks_exact_mut(LENGTH));
    let left: Counts = pairs.map(|(sent, received)| decode_and_compare(sent, received)).sum();
    Ok(Counts {
        frames: 1,
        frame_errors: left.frame_errors.min(1),
        bits: left.bits,
        bit_errors_after: left.bit_errors_after,
        miscorrections: left.miscorrections,
        ..counts
    })
}

/// Index among all codewords of the n-th symbol of a stream of groups.
fn place_in_groups(n: usize) -> usize {
    let (group, within) = (n / (GROUP_CODEWORDS * LENGTH), n % (GROUP_CODEWORDS * LENGTH));
    (group * GROUP_CODEWORDS + within % GROUP_CODEWORDS) * LENGTH + within / GROUP_CODEWORDS
}
