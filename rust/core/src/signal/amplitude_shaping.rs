//! Distribution matching of the shaped formats: bits to amplitudes of which the inner ones are more frequent, and back.

use crate::error::{Error, Result};

/// Fields of one block: as many input bits for each, for four words of 10 and eight words of 11 amplitudes.
const SHORT_FIELDS_COUNT: usize = 4;
const FIELDS_COUNT: usize = 12;
const SHORT_WORD_BITS: usize = 10;
const LONG_WORD_BITS: usize = 11;
/// Amplitudes of one block.
pub const SHAPED_BLOCK_SYMBOLS: usize = 128;

/// The shaping rates of the OpenROADM modes, named by the input bits of a block of 128 amplitudes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShapingRate {
    /// FlexO-6: 33.7 % shaping overhead of the coder's block, P(inner) = 0.8265.
    Bits72,
    /// FlexO-8e: 11.0 %, P(inner) = 0.681.
    Bits106,
    /// FlexO-8: 5.71 %, P(inner) = 0.623.
    Bits116,
}

impl ShapingRate {
    /// The rate whose share of inner amplitudes is the nearest to one that a mode states, within 0.002.
    ///
    /// # Errors
    /// [`Error::Parameter`] if none is so near.
    pub fn from_inner_amplitude_ratio(ratio: f64) -> Result<Self> {
        [Self::Bits72, Self::Bits106, Self::Bits116]
            .into_iter()
            .find(|rate| (AmplitudeShaper::new(*rate).inner_amplitude_ratio() - ratio).abs() < 2e-3)
            .ok_or_else(|| Error::parameter("inner_amplitude_ratio", ratio, "0.8265, 0.681 or 0.623, within 0.002"))
    }

    /// Input bits of each field.
    fn widths(self) -> [usize; FIELDS_COUNT] {
        match self {
            Self::Bits72 => [6; FIELDS_COUNT],
            Self::Bits106 => [8, 8, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9],
            Self::Bits116 => [9, 9, 9, 9, 10, 10, 10, 10, 10, 10, 10, 10],
        }
    }

    /// Input bits of one block.
    pub fn block_bits(self) -> usize {
        self.widths().iter().sum()
    }
}

/// Tables of one rate.
///
/// # Algorithm
/// 1. A block's input bits are cut into twelve fields, each an index, least significant bit first.
/// 2. Each field picks a word of 10 (the first four) or 11 amplitude bits from all words of that length, listed by falling
///    number of inner amplitudes (bit 1); a field shorter than its word reaches only the first words of the list.
///
/// The order among words of one weight, and the rewiring between quadratures behind the tables, are those of the
/// specification's own tables, which are not public: here they are listed by falling value and not rewired. Rate and share of
/// inner amplitudes do not depend on that; line bits are not interoperable.
///
/// # References
/// Open ROADM MSA 6.0 W-Port Digital Specification, 9, as the documentation of maiman 0.17 gives it.
#[derive(Debug, Clone)]
pub struct AmplitudeShaper {
    widths: [usize; FIELDS_COUNT],
    short_words: Vec<u16>,
    long_words: Vec<u16>,
    short_indices: Vec<u16>,
    long_indices: Vec<u16>,
}

impl AmplitudeShaper {
    /// Tables of a rate.
    pub fn new(rate: ShapingRate) -> Self {
        let (short_words, short_indices) = list_words(SHORT_WORD_BITS);
        let (long_words, long_indices) = list_words(LONG_WORD_BITS);
        Self { widths: rate.widths(), short_words, long_words, short_indices, long_indices }
    }

    /// Input bits of one block.
    pub fn block_bits(&self) -> usize {
        self.widths.iter().sum()
    }

    fn word_bits(field: usize) -> usize {
        if field < SHORT_FIELDS_COUNT { SHORT_WORD_BITS } else { LONG_WORD_BITS }
    }

    /// Amplitude bits, 1 for inner, of whole blocks of input bits.
    ///
    /// # Errors
    /// [`Error::Parameter`] if the bits are not whole blocks.
    pub fn shape(&self, bits: &[u8]) -> Result<Vec<u8>> {
        self.require_blocks("bits", bits.len(), self.block_bits())?;
        let mut amplitudes = Vec::with_capacity(bits.len() / self.block_bits() * SHAPED_BLOCK_SYMBOLS);
        for block in bits.chunks_exact(self.block_bits()) {
            let mut rest = block;
            for (field, &width) in self.widths.iter().enumerate() {
                let (input, after) = rest.split_at(width);
                rest = after;
                let index = input.iter().rev().fold(0, |index, &bit| 2 * index + usize::from(bit & 1));
                let words = if field < SHORT_FIELDS_COUNT { &self.short_words } else { &self.long_words };
                let length = Self::word_bits(field);
                amplitudes.extend((0..length).rev().map(|place| (words[index] >> place & 1) as u8));
            }
        }
        Ok(amplitudes)
    }

    /// Input bits of whole blocks of amplitude bits, and how many words no input leads to (errors in them are certain; their
    /// fields come out as zeros).
    ///
    /// # Errors
    /// [`Error::Parameter`] if the amplitudes are not whole blocks.
    pub fn unshape(&self, amplitudes: &[u8]) -> Result<(Vec<u8>, usize)> {
        self.require_blocks("amplitudes", amplitudes.len(), SHAPED_BLOCK_SYMBOLS)?;
        let mut bits = Vec::with_capacity(amplitudes.len() / SHAPED_BLOCK_SYMBOLS * self.block_bits());
        let mut impossible_count = 0;
        for block in amplitudes.chunks_exact(SHAPED_BLOCK_SYMBOLS) {
            let mut rest = block;
            for (field, &width) in self.widths.iter().enumerate() {
                let (word, after) = rest.split_at(Self::word_bits(field));
                rest = after;
                let value = word.iter().fold(0, |value, &bit| 2 * value + usize::from(bit & 1));
                let indices = if field < SHORT_FIELDS_COUNT { &self.short_indices } else { &self.long_indices };
                let index = usize::from(indices[value]);
                let reached = index < 1 << width;
                impossible_count += usize::from(!reached);
                bits.extend((0..width).map(|place| if reached { (index >> place & 1) as u8 } else { 0 }));
            }
        }
        Ok((bits, impossible_count))
    }

    /// Share of inner amplitudes for fair input bits.
    pub fn inner_amplitude_ratio(&self) -> f64 {
        let mean_weight = |field: usize| {
            let words = if field < SHORT_FIELDS_COUNT { &self.short_words } else { &self.long_words };
            let reached = &words[..1 << self.widths[field]];
            reached.iter().map(|word| f64::from(word.count_ones())).sum::<f64>() / reached.len() as f64
        };
        (0..FIELDS_COUNT).map(mean_weight).sum::<f64>() / SHAPED_BLOCK_SYMBOLS as f64
    }

    #[allow(clippy::unused_self)] // Reads as a check of this shaper's input.
    fn require_blocks(&self, name: &str, found: usize, block: usize) -> Result<()> {
        if found.is_multiple_of(block) {
            Ok(())
        } else {
            Err(Error::parameter(name, format!("{found} bits"), format!("a multiple of {block} bits")))
        }
    }
}

/// All words of a length by falling weight and value, and the place of each word in that list.
fn list_words(length: usize) -> (Vec<u16>, Vec<u16>) {
    let mut words: Vec<u16> = (0..1u16 << length).collect();
    words.sort_by_key(|&word| (std::cmp::Reverse(word.count_ones()), std::cmp::Reverse(word)));
    let mut indices = vec![0; words.len()];
    for (index, &word) in words.iter().enumerate() {
        indices[usize::from(word)] = index as u16;
    }
    (words, indices)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::RandomSource;
    use crate::signal::random_bits;

    const RATES: [ShapingRate; 3] = [ShapingRate::Bits72, ShapingRate::Bits106, ShapingRate::Bits116];

    /// Table 4 of the W-Port Digital Specification: share of inner amplitudes and net bits per symbol (both amplitude bits
    /// of a block of 512 columns against their signs, through the code of rate 111/128).
    #[test]
    fn shares_and_rates_are_those_of_the_specification() {
        for (rate, inner, bits) in [(RATES[0], 0.8265, 2.594), (RATES[1], 0.681, 3.125), (RATES[2], 0.623, 3.281)] {
            let shaper = AmplitudeShaper::new(rate);
            // Three and four decimals are stated; the shortest words of the specification's table have 0.0007 fewer.
            assert!((shaper.inner_amplitude_ratio() - inner).abs() < 7e-4, "{}", shaper.inner_amplitude_ratio());
            assert_eq!(ShapingRate::from_inner_amplitude_ratio(inner).unwrap(), rate);
            // Of 4,096 coded bits half are amplitudes; 3,552 enter the coder, of which 1,504 are signs.
            let net = (4.0 * shaper.block_bits() as f64 * 4.0 + 1504.0) / 1024.0;
            assert!((net - bits).abs() < 6e-4, "{net}");
        }
        assert!(ShapingRate::from_inner_amplitude_ratio(0.7).is_err());
    }

    #[test]
    fn unshaping_undoes_shaping() {
        for rate in RATES {
            let shaper = AmplitudeShaper::new(rate);
            let bits = random_bits(&RandomSource::new(1, 2, 3), 0, 400 * shaper.block_bits());
            let amplitudes = shaper.shape(&bits).unwrap();
            assert_eq!(amplitudes.len(), 400 * SHAPED_BLOCK_SYMBOLS);
            assert_eq!(shaper.unshape(&amplitudes).unwrap(), (bits.clone(), 0));
            let inner = amplitudes.iter().map(|&bit| f64::from(bit)).sum::<f64>() / amplitudes.len() as f64;
            // Five standard deviations of independent amplitudes.
            assert!((inner - shaper.inner_amplitude_ratio()).abs() < 5.0 * 0.5 / (amplitudes.len() as f64).sqrt());
            // Only outer amplitudes: a word that none of the rates reaches.
            let (zeros, impossible) = shaper.unshape(&[0; SHAPED_BLOCK_SYMBOLS]).unwrap();
            assert_eq!(impossible, FIELDS_COUNT);
            assert!(zeros.iter().all(|&bit| bit == 0));
            assert!(shaper.shape(&bits[1..]).is_err());
            assert!(shaper.unshape(&amplitudes[1..]).is_err());
        }
    }
}
