//! Sums over columns in an order that vector instructions of any width can keep.

/// Partial sums of a sum.
pub(crate) const SUM_LANES: usize = 8;

/// Sum of a column in eight interleaved partial sums: an order that vector instructions of any width can keep.
#[inline(always)]
pub(crate) fn sum(column: &[f64]) -> f64 {
    sum_over(column, |value| value)
}

/// Adds one term to each partial sum. These are asked for by constant places alone, so that they stay in registers.
#[inline(always)]
fn add_lanes(lanes: &mut [f64; SUM_LANES], terms: &[f64; SUM_LANES]) {
    for (lane, term) in lanes.iter_mut().zip(terms) {
        *lane += term;
    }
}

/// Terms of a last chunk that is not whole; zeros behind.
#[inline(always)]
fn fill_up(rest: &[f64], term: impl Fn(f64) -> f64) -> [f64; SUM_LANES] {
    let mut terms = [0.0; SUM_LANES];
    for (slot, &value) in terms.iter_mut().zip(rest) {
        *slot = term(value);
    }
    terms
}

/// Sum of partial sums.
#[inline(always)]
pub(crate) fn join(lanes: [f64; SUM_LANES]) -> f64 {
    ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]))
}

/// Sum of one term for each entry of `terms`, which holds them afterwards.
///
/// The columns that `term` reads must have the length of `terms` for the compiler to see: else it checks every index and makes
/// no vectors.
#[inline(always)]
pub(crate) fn sum_terms(terms: &mut [f64], term: impl Fn(usize) -> f64) -> f64 {
    for (k, slot) in terms.iter_mut().enumerate() {
        *slot = term(k);
    }
    sum(terms)
}

/// Sum of a function over a column, in the order of [`sum`].
#[inline(always)]
pub(crate) fn sum_over(column: &[f64], term: impl Fn(f64) -> f64) -> f64 {
    let mut lanes = [0.0; SUM_LANES];
    let (chunks, rest) = column.as_chunks::<SUM_LANES>();
    for chunk in chunks {
        // Not by the array's own map, which is not always inlined.
        for (lane, &value) in lanes.iter_mut().zip(chunk) {
            *lane += term(value);
        }
    }
    add_lanes(&mut lanes, &fill_up(rest, term));
    join(lanes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_sums() {
        for count in [0, 1, 8, 13, 64, 1001] {
            let column: Vec<f64> = (0..count).map(|k| (f64::from(k) * 0.7).sin()).collect();
            let plain: f64 = column.iter().map(|value| value * value).sum();
            let mut terms = vec![0.0; column.len()];
            for found in [sum_over(&column, |value| value * value), sum_terms(&mut terms, |k| column[k] * column[k])] {
                assert!((found - plain).abs() < 1e-12 * (1.0 + plain));
            }
        }
    }
}
