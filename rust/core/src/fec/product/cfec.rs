//! CFEC of 400ZR: five blocks of the staircase code, scrambler, interleaver, inner Hamming words, and back.

use super::hamming128::{HammingEncoder, LANES, MESSAGE_BITS, WORD_BITS, Words, decide_words};
use super::ofec_decoder::quantized;
use super::staircase::{
    COLUMNS, INFORMATION_COLUMNS, STAIRCASE_BLOCK_BITS, STAIRCASE_BLOCK_INFORMATION_BITS, StaircaseDecoder,
    StaircaseSchedule, encode_staircase,
};
use super::{Decoded, require_llr};
use crate::error::{Error, Result};
use crate::task::Task;

/// Blocks of the staircase code in a frame.
pub(crate) const BLOCKS: usize = 5;
/// Inner words of a frame.
const WORDS: usize = 10_976;
/// Bits that the inner words of a frame carry: five blocks and 544 zeros.
const CARRIED_BITS: usize = WORDS * MESSAGE_BITS;
/// Inner words whose bits take turns on the line.
const TURNS: usize = 8;
/// Blocks of 119 bits over which the bits of an inner word are spread.
const DEPTH: usize = 16;
/// Information bits of a frame.
pub const CFEC_FRAME_INFORMATION_BITS: usize = BLOCKS * STAIRCASE_BLOCK_INFORMATION_BITS;
/// Line bits of a frame.
pub const CFEC_FRAME_BITS: usize = WORDS * WORD_BITS;

/// Bits of the scrambler x^16+x^12+x^3+x+1 from 0xFFFF.
fn scrambler() -> impl Iterator<Item = u8> {
    let mut state = 0xFFFFu16;
    std::iter::repeat_with(move || {
        let out = state >> 15;
        let feedback = (state >> 15 ^ state >> 11 ^ state >> 2 ^ state) & 1;
        state = state << 1 | feedback;
        out as u8
    })
}

/// Places of the first bits of the blocks of 119 bits from which an inner word takes its bits, those of number j from entry j % 16.
///
/// A stand-in for the convolutional interleaver of depth 16: bit j of each inner word is taken from the block j mod 16 places
/// before, within the frame as a ring.
fn interleaved(word: usize) -> [usize; DEPTH] {
    std::array::from_fn(|delay| (word + WORDS - delay) % WORDS * MESSAGE_BITS)
}

/// Place on the line of bit `bit` of inner word `word`: eight words take turns, and each has all bits of the symbols in turn.
///
/// The turn by the number of the bit is a stand-in.
fn line_place(word: usize, bit: usize) -> usize {
    (word / TURNS * WORD_BITS + bit) * TURNS + (word + bit) % TURNS
}

/// What a frame needs beyond the outer code.
pub(crate) struct InnerStage {
    encoder: HammingEncoder,
    scramble: Vec<u8>,
    carried: Vec<u8>,
}

impl InnerStage {
    pub fn new() -> Self {
        Self {
            encoder: HammingEncoder::new(),
            scramble: scrambler().take(CARRIED_BITS).collect(),
            carried: vec![0; CARRIED_BITS],
        }
    }

    /// Line bits of five blocks.
    pub fn encode(&mut self, blocks: &[u8], line: &mut [u8]) {
        for (place, carried) in self.carried.iter_mut().enumerate() {
            *carried = blocks.get(place).copied().unwrap_or(0) ^ self.scramble[place];
        }
        let mut bits = [0; WORD_BITS];
        for word in 0..WORDS {
            let blocks = interleaved(word);
            for (bit, value) in bits.iter_mut().enumerate().take(MESSAGE_BITS) {
                *value = self.carried[blocks[bit % DEPTH] + bit];
            }
            self.encoder.complete(&mut bits);
            for (bit, &value) in bits.iter().enumerate() {
                line[line_place(word, bit)] = value;
            }
        }
    }

    /// Decides five blocks.
    pub fn decode(&mut self, llr: &[f32], blocks: &mut [u8]) {
        let mut words: Words = [[0; LANES]; WORD_BITS];
        for first in (0..WORDS).step_by(LANES) {
            let part = &llr[first * WORD_BITS..][..LANES * WORD_BITS];
            for (half, part) in part.chunks_exact(TURNS * WORD_BITS).enumerate() {
                for (bit, turn) in part.chunks_exact(TURNS).enumerate() {
                    for lane in 0..TURNS {
                        words[bit][half * TURNS + lane] = quantized(turn[(lane + bit) % TURNS]);
                    }
                }
            }
            decide_words(&mut words);
            for lane in 0..LANES {
                let blocks = interleaved(first + lane);
                for (bit, lanes) in words.iter().enumerate().take(MESSAGE_BITS) {
                    self.carried[blocks[bit % DEPTH] + bit] = lanes[lane] as u8;
                }
            }
        }
        for ((block, carried), scramble) in blocks.iter_mut().zip(&self.carried).zip(&self.scramble) {
            *block = carried ^ scramble;
        }
    }
}

/// Encodes whole frames of five blocks of information to line bits.
///
/// # Algorithm
/// 1. Staircase code, block after block across frames.
/// 2. 544 zeros behind each five blocks; scrambled from a fresh start.
/// 3. The bits of 16 neighboring blocks of 119 bits mixed (a stand-in), each then completed to a word of Hamming (128,119).
/// 4. Bits of eight words in turn, so that a symbol has one bit of each.
///
/// # Errors
/// [`Error::Parameter`] if the bits are not a whole number of frames of 1,223,680, or one is neither 0 nor 1.
///
/// # References
/// OIF-400ZR-03.0, clause 10, as far as public; not interoperable: the permutation of the staircase code and the interleaver are
/// stand-ins, and the CRC is the caller's.
pub fn encode_cfec(information: &[u8]) -> Result<Vec<u8>> {
    if !information.len().is_multiple_of(CFEC_FRAME_INFORMATION_BITS) {
        let allowed = format!("a multiple of {CFEC_FRAME_INFORMATION_BITS} bits");
        return Err(Error::parameter("information", format!("{} bits", information.len()), allowed));
    }
    let blocks = encode_staircase(information)?;
    let mut line = vec![0; information.len() / CFEC_FRAME_INFORMATION_BITS * CFEC_FRAME_BITS];
    let mut inner = InnerStage::new();
    for (line, blocks) in line.chunks_exact_mut(CFEC_FRAME_BITS).zip(blocks.chunks_exact(BLOCKS * STAIRCASE_BLOCK_BITS))
    {
        inner.encode(blocks, line);
    }
    Ok(line)
}

/// Takes the information out of decoded blocks.
pub(crate) fn append_information(block: &[u8], information: &mut Vec<u8>) {
    for row in block.chunks_exact(COLUMNS) {
        information.extend_from_slice(&row[..INFORMATION_COLUMNS]);
    }
}

/// Decodes whole blocks of the staircase code from hard decisions.
///
/// # Algorithm
/// A window of blocks; whenever one comes in, passes over all words whose syndrome has changed, until nothing changes.
///
/// # Errors
/// [`Error::Parameter`] if the bits are not a whole number of blocks of 261,120, one is neither 0 nor 1, or the schedule is not
/// allowed; [`Error::Cancelled`] if the task is cancelled.
///
/// # References
/// Smith et al. 2012, doi 10.1109/JLT.2011.2175479.
pub fn decode_staircase(bits: &[u8], schedule: StaircaseSchedule, task: &Task) -> Result<Decoded> {
    super::require_bits("bits", bits)?;
    if !bits.len().is_multiple_of(STAIRCASE_BLOCK_BITS) {
        let allowed = format!("a multiple of {STAIRCASE_BLOCK_BITS}");
        return Err(Error::parameter("bits", format!("{} bits", bits.len()), allowed));
    }
    let mut outer = OuterStage::new(bits, schedule)?;
    for block in bits.chunks_exact(STAIRCASE_BLOCK_BITS) {
        task.check()?;
        outer.push(block);
    }
    Ok(outer.finish())
}

/// The staircase decoder and what it has given.
struct OuterStage<'a> {
    received: &'a [u8],
    decoder: StaircaseDecoder,
    information: Vec<u8>,
    changed_bits_count: u64,
    at: usize,
}

impl<'a> OuterStage<'a> {
    fn new(received: &'a [u8], schedule: StaircaseSchedule) -> Result<Self> {
        let decoder = StaircaseDecoder::new(schedule)?;
        Ok(Self { received, decoder, information: Vec::new(), changed_bits_count: 0, at: 0 })
    }

    fn push(&mut self, block: &[u8]) {
        let Self { received, decoder, information, changed_bits_count, at } = self;
        decoder.push(block, &mut |done| take_block(received, done, information, changed_bits_count, at));
    }

    fn finish(self) -> Decoded {
        let Self { received, mut decoder, mut information, mut changed_bits_count, mut at } = self;
        decoder.finish(&mut |done| take_block(received, done, &mut information, &mut changed_bits_count, &mut at));
        Decoded { information, changed_bits_count, flagged_words_count: decoder.flagged_words_count }
    }
}

fn take_block(received: &[u8], done: &[u8], information: &mut Vec<u8>, changed_bits_count: &mut u64, at: &mut usize) {
    *changed_bits_count += received[*at..].iter().zip(done).filter(|(a, b)| a != b).count() as u64;
    *at += done.len();
    append_information(done, information);
}

/// Decodes whole frames of CFEC from log-likelihood ratios ln P(0)/P(1).
///
/// # Algorithm
/// Chase decoding of the inner words on steps of 1/4 up to 31.5; hard decisions through the interleaver and the scrambler back to
/// blocks; staircase decoder across frames. `changed_bits_count` is that of the outer code.
///
/// # Errors
/// [`Error::Parameter`] if the ratios are not whole frames of 1,404,928, one is not finite or beyond 1e6, or the schedule is not
/// allowed; [`Error::Cancelled`] if the task is cancelled.
pub fn decode_cfec(llr: &[f32], schedule: StaircaseSchedule, task: &Task) -> Result<Decoded> {
    if !llr.len().is_multiple_of(CFEC_FRAME_BITS) {
        let allowed = format!("a multiple of {CFEC_FRAME_BITS}");
        return Err(Error::parameter("llr", format!("{} numbers", llr.len()), allowed));
    }
    require_llr(llr)?;
    schedule.validate()?;
    let mut inner = InnerStage::new();
    let mut blocks = vec![0; llr.len() / CFEC_FRAME_BITS * BLOCKS * STAIRCASE_BLOCK_BITS];
    let frames = llr.chunks_exact(CFEC_FRAME_BITS).zip(blocks.chunks_exact_mut(BLOCKS * STAIRCASE_BLOCK_BITS));
    for (llr, blocks) in frames {
        task.check()?;
        inner.decode(llr, blocks);
    }
    decode_staircase(&blocks, schedule, task)
}
