//! Sums over columns in an order that vector instructions of any width can keep.

/// Partial sums of a sum.
pub(crate) const SUM_LANES: usize = 8;

/// Sum of a column in eight interleaved partial sums: an order that vector instructions of any width can keep.
#[inline(always)]
pub(crate) fn sum(column: &[f64]) -> f64 {
    sum_over(column, |value| value)
}

/// Sum of products of three columns of one length, in the order of [`sum`]. Fuses products: call it inside of
/// [`crate::vector::vectorize`].
#[inline(always)]
#[allow(clippy::needless_range_loop)] // One counter for three columns.
pub(crate) fn sum_of_products(first: &[f64], second: &[f64], third: &[f64]) -> f64 {
    let chunks = first.len() / SUM_LANES;
    let columns = (chunk_up(first, chunks), chunk_up(second, chunks), chunk_up(third, chunks));
    let mut lanes = [0.0; SUM_LANES];
    for ((first, second), third) in columns.0.iter().zip(columns.1).zip(columns.2) {
        for lane in 0..SUM_LANES {
            lanes[lane] = (first[lane] * second[lane]).mul_add(third[lane], lanes[lane]);
        }
    }
    let mut rest = [0.0; SUM_LANES];
    for (slot, k) in rest.iter_mut().zip(chunks * SUM_LANES..first.len()) {
        *slot = first[k] * second[k] * third[k];
    }
    add_lanes(&mut lanes, &rest);
    join(lanes)
}

/// The first chunks of a column that is at least so long.
#[inline(always)]
pub(crate) fn chunk_up(column: &[f64], chunks: usize) -> &[[f64; SUM_LANES]] {
    &column.as_chunks().0[..chunks]
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
    fn sums_of_products_are_sums() {
        for count in [0, 1, 8, 13, 64, 1001] {
            let column = |seed: f64| (0..count).map(|k| (f64::from(k) * seed).sin()).collect::<Vec<_>>();
            let (first, second, third) = (column(0.7), column(1.3), column(2.1));
            let products: Vec<f64> = (0..first.len()).map(|k| first[k] * second[k] * third[k]).collect();
            let plain: f64 = products.iter().sum();
            for found in [sum_of_products(&first, &second, &third), sum(&products)] {
                assert!((found - plain).abs() < 1e-12 * (1.0 + plain.abs()));
            }
        }
    }
}
