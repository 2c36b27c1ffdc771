//! Pseudo-random binary sequences of the standards.

use crate::error::{Error, Result};

/// A pseudo-random binary sequence: a generator polynomial and whether its output is inverted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prbs {
    order: u32,
    /// Exponents below the order whose bits are added; the order itself is always one of them.
    taps: &'static [u32],
    is_inverted: bool,
}

/// Order, exponents of the other terms of the polynomial, output inverted.
///
/// IEEE 802.3-2022: 68.6.1 (PRBS9), 94.3.10.8 (PRBS13), 49.2.8 (PRBS31, inverted). ITU-T O.150: 5.1 (9), 5.2 (11), 5.3 (15,
/// inverted), 5.6 (23, inverted), 5.8 (31, inverted); PRBS7 is x^7 + x^6 + 1 of common use (ITU-T O.150 has none).
const SEQUENCES: [(u32, &[u32], bool); 7] = [
    (7, &[6], false),
    (9, &[5], false),
    (11, &[9], false),
    (13, &[12, 2, 1], false),
    (15, &[14], true),
    (23, &[18], true),
    (31, &[28], true),
];

impl Prbs {
    /// The sequence of an order.
    ///
    /// # Errors
    /// [`Error::Parameter`] if there is none.
    pub fn new(order: u32) -> Result<Self> {
        let found = SEQUENCES.iter().find(|(known, _, _)| *known == order);
        let Some(&(order, taps, is_inverted)) = found else {
            return Err(Error::parameter("order", order, "7, 9, 11, 13, 15, 23 or 31"));
        };
        Ok(Self { order, taps, is_inverted })
    }

    /// The same without the inversion at the output, or with it.
    #[must_use]
    pub fn inverted(self, is_inverted: bool) -> Self {
        Self { is_inverted, ..self }
    }

    /// Order of the polynomial.
    pub fn order(&self) -> u32 {
        self.order
    }

    /// Bits after which the sequence repeats: 2^order - 1.
    pub fn period(&self) -> usize {
        (1 << self.order) - 1
    }

    /// The first bits behind a state of the register, whose latest bit is the least significant of `state`.
    ///
    /// # Algorithm
    /// b_n = b_{n-order} + sum of b_{n-t} over the other exponents t, modulo 2; the output is the new bit, inverted where the
    /// standard says so. All ones are the usual start.
    ///
    /// # Errors
    /// [`Error::Parameter`] if the state is 0 or has more bits than the register.
    ///
    /// # References
    /// ITU-T O.150; IEEE 802.3-2022, 49.2.8 and 94.3.10.8.
    pub fn bits(&self, state: u32, count: usize) -> Result<Vec<u8>> {
        let mask = u32::MAX >> (32 - self.order);
        if state == 0 || state & !mask != 0 {
            return Err(Error::parameter("state", state, format!("a number from 1 to {mask}")));
        }
        let mut register = state;
        let flip = u8::from(self.is_inverted);
        let bits = (0..count).map(|_| {
            let sum = self.taps.iter().fold(register >> (self.order - 1), |sum, tap| sum ^ register >> (tap - 1)) & 1;
            register = (register << 1 | sum) & mask;
            sum as u8 ^ flip
        });
        Ok(bits.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A sequence of greatest length has 2^(n-1) ones and holds every state but zero once.
    #[test]
    fn sequences_have_the_greatest_length() {
        for (order, _, _) in &SEQUENCES[..5] {
            let prbs = Prbs::new(*order).unwrap().inverted(false);
            let period = prbs.period();
            let bits = prbs.bits(1, period + *order as usize).unwrap();
            assert_eq!(bits[..period].iter().map(|&bit| usize::from(bit)).sum::<usize>(), period.div_ceil(2));
            let mut seen = vec![false; period + 1];
            for window in bits.windows(*order as usize).take(period) {
                seen[window.iter().fold(0, |state, &bit| 2 * state + usize::from(bit))] = true;
            }
            assert!(!seen[0] && seen[1..].iter().all(|&state| state), "order {order}");
        }
    }

    /// ITU-T O.150: the longest run of zeros of an inverted sequence is as long as its order, else one less.
    #[test]
    fn inverted_sequences_have_the_longer_run_of_zeros() {
        for (order, is_inverted) in [(9, false), (11, false), (15, true)] {
            let prbs = Prbs::new(order).unwrap();
            let bits = prbs.bits(1, 2 * prbs.period()).unwrap();
            let longest = bits.split(|&bit| bit == 1).map(<[u8]>::len).max().unwrap();
            assert_eq!(longest as u32, if is_inverted { order } else { order - 1 });
        }
    }

    #[test]
    fn refusals() {
        assert!(Prbs::new(8).is_err());
        let prbs = Prbs::new(7).unwrap();
        assert!(prbs.bits(0, 10).is_err() && prbs.bits(128, 10).is_err() && prbs.bits(127, 10).is_ok());
    }
}
