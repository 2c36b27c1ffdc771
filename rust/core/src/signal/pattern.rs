//! Symbol patterns in which every context occurs equally often.

use crate::error::{Error, Result};

/// Product of two elements of GF(4) in the basis (1, w): 2 is w, 3 is w^2.
const PRODUCT: [[u8; 4]; 4] = [[0, 0, 0, 0], [0, 1, 2, 3], [0, 2, 3, 1], [0, 3, 1, 2]];

/// Coefficients c_0..c_{n-1} of primitive polynomials x^n = c_{n-1} x^{n-1} + ... + c_0 over GF(4), from degree 3 up.
const PRIMITIVE: [&[u8]; 5] =
    [&[2, 1, 1], &[2, 0, 1, 1], &[2, 0, 0, 0, 1], &[2, 0, 0, 0, 1, 3], &[2, 0, 0, 0, 0, 1, 1]];

/// A periodic sequence of the four levels in which each run of `order` symbols occurs exactly once.
///
/// # Algorithm
/// 1. Run a feedback shift register with a primitive polynomial over GF(4) through its 4^n - 1 states. Such a sequence has
///    no correlation at any lag that an equalizer spans, unlike one that lists contexts in alphabetic order.
/// 2. Put one more zero into its longest run of zeros, which supplies the context of zeros alone.
///
/// # Errors
/// [`Error::Parameter`] if `order` is outside 3-7.
///
/// # References
/// Lidl and Niederreiter 1997, Finite Fields, ch. 8; de Bruijn 1946. The polynomials were found by search; the test counts contexts.
pub fn pam4_pattern(order: usize) -> Result<Vec<u8>> {
    let Some(taps) = order.checked_sub(3).and_then(|index| PRIMITIVE.get(index)) else {
        return Err(Error::parameter("order", order, "a number from 3 to 7"));
    };
    let length = 4usize.pow(order as u32);
    let mut state = vec![0u8; order];
    state[order - 1] = 1;
    let mut out = Vec::with_capacity(length);
    // The state that follows n - 1 zeros starts the sequence, so that the missing zero comes first.
    out.push(0);
    for _ in 1..length {
        out.push(state[0]);
        let next = taps.iter().zip(&state).fold(0, |sum, (&tap, &value)| sum ^ PRODUCT[tap as usize][value as usize]);
        state.rotate_left(1);
        state[order - 1] = next;
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_context_occurs_once() {
        for order in 3..=7 {
            let pattern = pam4_pattern(order).unwrap();
            let mut seen = vec![0u32; pattern.len()];
            for start in 0..pattern.len() {
                let context =
                    (0..order).fold(0, |sum, step| 4 * sum + pattern[(start + step) % pattern.len()] as usize);
                seen[context] += 1;
            }
            assert!(seen.iter().all(|&count| count == 1), "order {order}");
        }
        assert!(pam4_pattern(2).is_err());
        assert!(pam4_pattern(8).is_err());
    }
}
