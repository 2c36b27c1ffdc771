//! Where KP4's symbols go: onto the lanes of a module, and into the words of an inner code.

use super::reed_solomon::LENGTH;
use crate::error::{Error, Result};

/// Symbols on the line for a set of interleaved codewords: as many rows as a lane has symbols, a column per lane.
///
/// # Algorithm
/// In every row the lanes take symbols from the codewords in turn, each codeword's in order; each row starts with the next
/// codeword, so that neighbors on one lane belong to different codewords.
///
/// The rule has the standard's statistics (whole symbols, equal shares, codewords in turn both along and across lanes); the order
/// within a pair of rows is this project's.
///
/// # Errors
/// [`Error::Parameter`] if there is no codeword, `codewords` is not whole, or the lanes are not a multiple of the codewords that
/// deals 544 symbols out evenly.
///
/// # References
/// IEEE 802.3-2022, 119.2.4 (interleaving and distribution of symbols).
pub fn distribute_symbols(codewords: &[u16], codewords_count: usize, lanes_count: usize) -> Result<Vec<u16>> {
    check_shape(codewords.len(), codewords_count, lanes_count)?;
    Ok((0..codewords.len()).map(|n| codewords[place_of(n, codewords_count, lanes_count)]).collect())
}

/// The codewords of symbols on the line: undoes [`distribute_symbols`].
///
/// # Errors
/// As [`distribute_symbols`].
pub fn collect_symbols(line: &[u16], codewords_count: usize, lanes_count: usize) -> Result<Vec<u16>> {
    check_shape(line.len(), codewords_count, lanes_count)?;
    let mut codewords = vec![0; line.len()];
    for (n, &symbol) in line.iter().enumerate() {
        codewords[place_of(n, codewords_count, lanes_count)] = symbol;
    }
    Ok(codewords)
}

/// Index among all codewords of the n-th symbol on the line, row after row.
fn place_of(n: usize, codewords_count: usize, lanes_count: usize) -> usize {
    let (row, lane) = (n / lanes_count, n % lanes_count);
    let codeword = (lane + row) % codewords_count;
    codeword * LENGTH + row * (lanes_count / codewords_count) + lane / codewords_count
}

fn check_shape(symbols: usize, codewords_count: usize, lanes_count: usize) -> Result<()> {
    if codewords_count == 0 || symbols != codewords_count * LENGTH {
        let allowed = "544 symbols for each codeword, and at least one codeword";
        return Err(Error::parameter(
            "codewords",
            format!("{symbols} symbols of {codewords_count} codewords"),
            allowed,
        ));
    }
    let even = lanes_count.is_multiple_of(codewords_count) && lanes_count > 0;
    if !(even && LENGTH.is_multiple_of(lanes_count / codewords_count)) {
        let allowed = format!("a multiple of {codewords_count} codewords that divides their {symbols} symbols");
        return Err(Error::parameter("lanes_count", lanes_count, allowed));
    }
    Ok(())
}

/// Symbols of a word whose neighbors in the stream already belong to different codewords: KP4 in groups of four.
pub const GROUP_CODEWORDS: usize = 4;

/// Convolutional interleaver before an inner code: the later symbols of each word are delayed by whole codewords, so that a word
/// carries symbols of as many codewords as it has symbols.
///
/// # Algorithm
/// 1. The stream holds groups of four codewords, symbol by symbol in turn.
/// 2. Symbols 0 to 3 of a word pass, 4 to 7 are delayed by one group's time, 8 to 11 by two; the receiver's interleaver
///    delays the other way about, so that all come out two groups late.
///
/// # References
/// IEEE P802.3dj draft, Clause 177 (twelve codewords a word; its delays, of the same kind, are counted per lane) and Clause 184,
/// whose eleven symbols a word get the same treatment here.
#[derive(Debug, Clone)]
pub struct WordInterleaver {
    word_symbols: usize,
    /// Delay of each place of a word in words.
    delays: Vec<usize>,
    /// Symbols under way, a ring for each place.
    waiting: Vec<Vec<u16>>,
    /// Words seen so far.
    words: usize,
}

impl WordInterleaver {
    /// The transmitter's interleaver, or with `inverse` the receiver's, filled with zeros.
    ///
    /// # Errors
    /// [`Error::Parameter`] if `word_symbols` is not from 1 to 12.
    pub fn new(word_symbols: usize, inverse: bool) -> Result<Self> {
        if !(1..=12).contains(&word_symbols) {
            return Err(Error::parameter("word_symbols", word_symbols, "1 to 12"));
        }
        // The last symbol of four stands seven behind the first of the four that pass before them, and may not catch up.
        let step = (GROUP_CODEWORDS * LENGTH + 2 * GROUP_CODEWORDS - 1).div_ceil(word_symbols);
        let last = (word_symbols - 1) / GROUP_CODEWORDS;
        let delay =
            |place: usize| (if inverse { last - place / GROUP_CODEWORDS } else { place / GROUP_CODEWORDS }) * step;
        let mut interleaver =
            Self { word_symbols, delays: (0..word_symbols).map(delay).collect(), waiting: Vec::new(), words: 0 };
        interleaver.reset();
        Ok(interleaver)
    }

    /// Words by which transmitter and receiver together delay every symbol.
    pub fn latency_words(&self) -> usize {
        self.delays.iter().copied().max().unwrap_or(0)
    }

    /// Forgets what is under way.
    pub fn reset(&mut self) {
        self.waiting = self.delays.iter().map(|&delay| vec![0; delay]).collect();
        self.words = 0;
    }

    /// Passes whole words of symbols.
    ///
    /// # Errors
    /// [`Error::Parameter`] if the symbols are not whole words.
    pub fn process(&mut self, symbols: &mut [u16]) -> Result<()> {
        if !symbols.len().is_multiple_of(self.word_symbols) {
            let allowed = format!("whole words of {}", self.word_symbols);
            return Err(Error::parameter("symbols", format!("{} symbols", symbols.len()), allowed));
        }
        for word in symbols.chunks_exact_mut(self.word_symbols) {
            for (symbol, ring) in word.iter_mut().zip(&mut self.waiting) {
                if !ring.is_empty() {
                    let slot = self.words % ring.len();
                    std::mem::swap(symbol, &mut ring[slot]);
                }
            }
            self.words += 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_get_equal_shares_in_turn_and_give_them_back() {
        for (codewords_count, lanes_count) in [(1, 1), (1, 4), (2, 8), (2, 16), (4, 32), (4, 8)] {
            // Each symbol says whose it is.
            let codewords: Vec<u16> = (0..codewords_count * LENGTH).map(|k| (k / LENGTH) as u16).collect();
            let line = distribute_symbols(&codewords, codewords_count, lanes_count).unwrap();
            for lane in 0..lanes_count {
                let own: Vec<u16> = line.iter().skip(lane).step_by(lanes_count).copied().collect();
                for codeword in 0..codewords_count as u16 {
                    let share = own.iter().filter(|&&owner| owner == codeword).count();
                    assert_eq!(share * codewords_count, own.len());
                }
                assert!(codewords_count == 1 || own.windows(2).all(|pair| pair[0] != pair[1]));
            }
            let numbered: Vec<u16> = (0..codewords.len() as u16).collect();
            let line = distribute_symbols(&numbered, codewords_count, lanes_count).unwrap();
            assert_eq!(collect_symbols(&line, codewords_count, lanes_count).unwrap(), numbered);
        }
        assert!(distribute_symbols(&[0; 544], 0, 1).is_err());
        assert!(distribute_symbols(&[0; 543], 1, 1).is_err());
        assert!(distribute_symbols(&[0; 1088], 2, 3).is_err());
        assert!(collect_symbols(&[0; 544], 1, 0).is_err());
        assert!(collect_symbols(&[0; 544], 1, 3).is_err());
    }

    /// Every word holds as many codewords as symbols once the delays are filled, and both interleavers give the stream back late.
    #[test]
    fn words_carry_symbols_of_different_codewords() {
        for word_symbols in [11, 12] {
            let groups = 33;
            // Symbol n of the stream: codeword n mod 4 of group n / 2176.
            let stream: Vec<u16> = (0..groups * 4 * LENGTH).map(|n| (4 * (n / (4 * LENGTH)) + n % 4) as u16).collect();
            let mut symbols = stream.clone();
            let mut transmitter = WordInterleaver::new(word_symbols, false).unwrap();
            let mut receiver = WordInterleaver::new(word_symbols, true).unwrap();
            let latency = transmitter.latency_words();
            let mut first = 0;
            // In unequal blocks, as a stream comes.
            for words in [1, 7, 300, 1000, symbols.len() / word_symbols - 1308] {
                transmitter.process(&mut symbols[first..first + words * word_symbols]).unwrap();
                first += words * word_symbols;
            }
            assert_eq!(first, symbols.len());
            for word in symbols.chunks(word_symbols).skip(latency) {
                let mut owners = word.to_vec();
                owners.sort_unstable();
                owners.dedup();
                assert_eq!(owners.len(), word_symbols);
            }
            receiver.process(&mut symbols).unwrap();
            assert_eq!(symbols[latency * word_symbols..], stream[..stream.len() - latency * word_symbols]);
            assert!(transmitter.process(&mut [0; 13]).is_err());
        }
        assert!(WordInterleaver::new(0, false).is_err());
    }
}
