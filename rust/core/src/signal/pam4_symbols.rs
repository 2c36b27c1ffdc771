//! Symbols of four levels: Gray mapping, precoding, and the test patterns of the standards.

use super::prbs::Prbs;
use crate::error::{Error, Result};

/// Symbols of the short stress pattern.
pub const SSPRQ_SYMBOLS_COUNT: usize = 65_535;

/// States of the PRBS31 register before each part of the short stress pattern, and the bits of the part.
///
/// IEEE 802.3-2022, 120.5.11.2.3. Found again from the published sequence (SSPRQ_sequence.csv of the 802.3bs publication), whose
/// every symbol they give.
const SSPRQ_PARTS: [(u32, usize); 3] = [(0x0000_0002, 10_924), (0x3401_3FF7, 10_922), (0x0CCC_CCCC, 10_922)];

/// Levels 0 to 3 of pairs of bits, the first the more significant: 00, 01, 11, 10 from the lowest level up.
///
/// # Errors
/// [`Error::Parameter`] if the number of bits is odd or one is neither 0 nor 1.
///
/// # References
/// IEEE 802.3-2022, 120.5.7.1.
pub fn gray_levels(bits: &[u8]) -> Result<Vec<u8>> {
    require_below("bits", bits, 2)?;
    if !bits.len().is_multiple_of(2) {
        return Err(Error::parameter("bits", format!("{} bits", bits.len()), "an even number"));
    }
    Ok(bits.chunks_exact(2).map(|pair| 2 * pair[0] + (pair[0] ^ pair[1])).collect())
}

/// The bits that [`gray_levels`] maps to the levels.
///
/// # Errors
/// [`Error::Parameter`] if a level is above 3.
pub fn gray_bits(levels: &[u8]) -> Result<Vec<u8>> {
    require_below("levels", levels, 4)?;
    Ok(levels.iter().flat_map(|&level| [level >> 1, level >> 1 ^ level & 1]).collect())
}

/// Levels after 1/(1+D) precoding: P_j = (G_j - P_{j-1}) modulo 4, `before` ahead of the first.
///
/// # Errors
/// [`Error::Parameter`] if a level is above 3.
///
/// # References
/// IEEE 802.3-2022, 135.5.7.2.
pub fn precode(levels: &[u8], before: u8) -> Result<Vec<u8>> {
    require_below("levels", levels, 4)?;
    require_below("before", &[before], 4)?;
    let mut last = before;
    let coded = levels.iter().map(|&level| {
        last = (level + 4 - last) & 3;
        last
    });
    Ok(coded.collect())
}

/// Undoes [`precode`]: G_j = (P_j + P_{j-1}) modulo 4. An error by one level at the start of a run turns into two.
///
/// # Errors
/// [`Error::Parameter`] if a level is above 3.
pub fn undo_precoding(levels: &[u8], before: u8) -> Result<Vec<u8>> {
    require_below("levels", levels, 4)?;
    require_below("before", &[before], 4)?;
    let mut last = before;
    let plain = levels.iter().map(|&level| {
        let sum = (level + last) & 3;
        last = level;
        sum
    });
    Ok(plain.collect())
}

/// The first symbols of a quaternary pattern of an order: pairs of bits of the repeated binary sequence in Gray code. One
/// period are as many symbols as the binary sequence has bits.
///
/// # Errors
/// [`Error::Parameter`] if there is no sequence of the order.
///
/// # References
/// IEEE 802.3-2022, 120.5.11.2.1 (PRBS13Q), 120.5.11.2.2 (PRBS31Q); the other orders by the same rule.
pub fn quaternary_prbs(order: u32, state: u32, count: usize) -> Result<Vec<u8>> {
    gray_levels(&Prbs::new(order)?.bits(state, 2 * count)?)
}

/// One period of the short stress pattern random quaternary, 65,535 symbols.
///
/// # Algorithm
/// 1. Three parts of the inverted PRBS31, 32,768 bits together, sent twice without a break.
/// 2. The same bits twice again, but without the first and without the last one: the pairs shift by a bit.
/// 3. Gray code; of each of the two, the second half is turned upside down: level l becomes 3 - l.
///
/// # Errors
/// None in practice; [`Error::Parameter`] of the parts it is made of.
///
/// # References
/// IEEE 802.3-2022, 120.5.11.2.3; the published SSPRQ_sequence.csv.
pub fn ssprq() -> Result<Vec<u8>> {
    let prbs = Prbs::new(31)?;
    let mut once = Vec::new();
    for (state, count) in SSPRQ_PARTS {
        once.extend(prbs.bits(state, count)?);
    }
    let twice: Vec<u8> = once.iter().chain(&once).copied().collect();
    let straight = gray_levels(&twice)?;
    let shifted = gray_levels(&twice[1..twice.len() - 1])?;
    let half = once.len() / 2;
    let turn = |levels: Vec<u8>, from: usize| {
        levels.into_iter().enumerate().map(move |(k, level)| if k < from { level } else { 3 - level })
    };
    Ok(turn(straight, half).chain(turn(shifted, half - 1)).collect())
}

fn require_below(name: &str, values: &[u8], limit: u8) -> Result<()> {
    match values.iter().find(|&&value| value >= limit) {
        Some(wrong) => Err(Error::parameter(name, wrong, format!("numbers from 0 to {}", limit - 1))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighboring_levels_differ_in_one_bit() {
        assert_eq!(gray_levels(&[0, 0, 0, 1, 1, 1, 1, 0]).unwrap(), [0, 1, 2, 3]);
        assert_eq!(gray_bits(&[0, 1, 2, 3]).unwrap(), [0, 0, 0, 1, 1, 1, 1, 0]);
        assert!(gray_levels(&[0]).is_err() && gray_levels(&[2, 0]).is_err() && gray_bits(&[4]).is_err());
    }

    #[test]
    fn precoding_is_undone() {
        let levels = quaternary_prbs(9, 1, 511).unwrap();
        let coded = precode(&levels, 2).unwrap();
        assert_ne!(levels, coded);
        assert_eq!(undo_precoding(&coded, 2).unwrap(), levels);
        // By hand: 3, 3 - 3 = 0, 1 - 0 = 1, 0 - 1 = 3 modulo 4.
        assert_eq!(precode(&[3, 3, 1, 0], 0).unwrap(), [3, 0, 1, 3]);
        // A run of errors by one level, up and down in turn, leaves one at each end.
        let wrong: Vec<u8> = coded
            .iter()
            .enumerate()
            .map(|(k, &p)| if (100..110).contains(&k) { (p + if k % 2 == 0 { 1 } else { 3 }) & 3 } else { p })
            .collect();
        let found = undo_precoding(&wrong, 2).unwrap();
        assert_eq!((0..511).filter(|&k| found[k] != levels[k]).collect::<Vec<_>>(), [100, 110]);
    }

    /// The runs that the clause measures the OMA on, the balance of levels, and what repeats.
    #[test]
    fn the_stress_pattern_is_what_the_clause_asks_for() {
        let symbols = ssprq().unwrap();
        assert_eq!(symbols.len(), SSPRQ_SYMBOLS_COUNT);
        let longest = |level: u8| symbols.split(|&s| s != level).map(<[u8]>::len).max().unwrap();
        assert!(longest(3) >= 7 && longest(0) >= 6, "{} {}", longest(3), longest(0));
        let sum: f64 = symbols.iter().map(|&s| f64::from(s) - 1.5).sum();
        assert!(sum.abs() <= 2.0, "{sum}");
        assert!((0..16_384).all(|k| symbols[k] + symbols[16_384 + k] == 3));
        assert_eq!(symbols[..16], [2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 3, 2]);
    }
}
