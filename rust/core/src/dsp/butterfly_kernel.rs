//! Inner loops of the butterfly equalizer: real filters of four rows and their gradients, for the widest vectors.
//!
//! A row is one quadrature of one polarization. Samples are sorted by row and by parity, so that the filter of several symbols
//! and the gradient of several taps both run over neighbors in memory.

use pulp::Simd;

/// Quadratures of both polarizations: in-phase and quadrature of the first, then of the second.
pub(super) const ROWS: usize = 4;
/// Taps of one parity are filled up with zeros to a multiple of this, the widest vector.
pub(super) const GROUP: usize = 4;

/// Samples by row and parity.
pub(super) type Lanes<'a> = [[&'a [f64]; 2]; ROWS];

/// Taps by output row, input row and parity, each `half_count` long.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RealTaps {
    /// Taps of one parity, filled up.
    pub half_count: usize,
    /// Taps of both parities that are in use.
    pub taps_count: usize,
    /// All taps one after the other.
    pub values: Vec<f64>,
}

impl RealTaps {
    pub fn new(taps_count: usize) -> Self {
        let half_count = taps_count.div_ceil(2).next_multiple_of(GROUP);
        Self { half_count, taps_count, values: vec![0.0; ROWS * ROWS * 2 * half_count] }
    }

    /// Taps of one parity from `input` to `output`.
    #[inline(always)]
    fn row(&self, output: usize, input: usize, parity: usize) -> &[f64] {
        &self.values[((output * ROWS + input) * 2 + parity) * self.half_count..][..self.half_count]
    }

    /// Place of tap `tap` from `input` to `output`.
    pub fn place(&self, output: usize, input: usize, tap: usize) -> usize {
        ((output * ROWS + input) * 2 + tap % 2) * self.half_count + tap / 2
    }
}

/// Outputs of `B` symbols by row.
#[inline(always)]
pub(super) fn filter<const B: usize, S: Simd>(simd: S, taps: &RealTaps, lanes: &Lanes<'_>) -> [[f64; B]; ROWS] {
    let mut out = [[0.0; B]; ROWS];
    if B.is_multiple_of(2 * S::F64_LANES) {
        for start in (0..B).step_by(2 * S::F64_LANES) {
            filter_vectors(simd, taps, lanes, start, &mut out);
        }
        return out;
    }
    for (input, parities) in lanes.iter().enumerate() {
        for (parity, samples) in parities.iter().enumerate() {
            for (output, out) in out.iter_mut().enumerate() {
                let weights = taps.row(output, input, parity);
                for (symbol, sum) in out.iter_mut().enumerate() {
                    *sum += weights.iter().zip(&samples[symbol..]).map(|(weight, sample)| weight * sample).sum::<f64>();
                }
            }
        }
    }
    out
}

/// Outputs of as many symbols as two vectors hold. Eight sums run side by side, or each product would wait for the last.
#[inline(always)]
fn filter_vectors<const B: usize, S: Simd>(
    simd: S,
    taps: &RealTaps,
    lanes: &Lanes<'_>,
    start: usize,
    out: &mut [[f64; B]; ROWS],
) {
    let width = 2 * S::F64_LANES;
    let zero = simd.splat_f64s(0.0);
    let mut sums = [[zero; 2]; ROWS];
    for (input, parities) in lanes.iter().enumerate() {
        for (parity, samples) in parities.iter().enumerate() {
            let [first, second, third, fourth] = [0, 1, 2, 3].map(|output| taps.row(output, input, parity));
            let windows = samples[start..start + taps.half_count + width - 1].windows(width);
            let weights = first.iter().zip(second).zip(third).zip(fourth);
            for (window, (((a, b), c), d)) in windows.zip(weights) {
                if let ([early, late], _) = S::as_simd_f64s(window) {
                    for (sum, weight) in sums.iter_mut().zip([a, b, c, d]) {
                        let weight = simd.splat_f64s(*weight);
                        sum[0] = simd.mul_add_e_f64s(weight, *early, sum[0]);
                        sum[1] = simd.mul_add_e_f64s(weight, *late, sum[1]);
                    }
                }
            }
        }
    }
    for (out, sum) in out.iter_mut().zip(sums) {
        S::as_mut_simd_f64s(&mut out[start..start + width]).0.copy_from_slice(&sum);
    }
}

/// Sum over `B` symbols of error times sample, for each tap, in the order of the taps.
#[inline(always)]
pub(super) fn gradient<const B: usize, S: Simd>(
    simd: S,
    half: usize,
    lanes: &Lanes<'_>,
    errors: &[[f64; B]; ROWS],
    out: &mut [f64],
) {
    let width = S::F64_LANES;
    for (input, parities) in lanes.iter().enumerate() {
        for group in (0..half).step_by(width) {
            let mut sums = [[simd.splat_f64s(0.0); ROWS]; 2];
            let [even, odd] = parities.map(|samples| samples[group..group + width + B - 1].windows(width));
            for (symbol, (even, odd)) in even.zip(odd).enumerate().take(B) {
                if let (([even], _), ([odd], _)) = (S::as_simd_f64s(even), S::as_simd_f64s(odd)) {
                    for row in 0..ROWS {
                        let error = simd.splat_f64s(errors[row][symbol]);
                        sums[0][row] = simd.mul_add_e_f64s(error, *even, sums[0][row]);
                        sums[1][row] = simd.mul_add_e_f64s(error, *odd, sums[1][row]);
                    }
                }
            }
            for (parity, rows) in sums.iter().enumerate() {
                for (row, sum) in rows.iter().enumerate() {
                    let start = ((row * ROWS + input) * 2 + parity) * half + group;
                    S::as_mut_simd_f64s(&mut out[start..start + width]).0.copy_from_slice(&[*sum]);
                }
            }
        }
    }
}

/// Moves the taps along the gradient; `mask` is 1 for each tap of one pair of rows and 0 where the taps are filled up.
///
/// A strictly linear equalizer keeps its rows the parts of complex taps: the parts' gradients add up. A widely linear one moves
/// each row alone by twice the step, so that both learn at the same pace.
#[inline(always)]
pub(super) fn update<S: Simd>(
    simd: S,
    taps: &mut [f64],
    gradient: &[f64],
    mask: &[f64],
    step: f64,
    widely_linear: bool,
) {
    let (taps, slopes, mask) = (S::as_mut_simd_f64s(taps).0, S::as_simd_f64s(gradient).0, S::as_simd_f64s(mask).0);
    let pair = mask.len();
    if widely_linear {
        let step = simd.splat_f64s(2.0 * step);
        for (taps, slopes) in taps.chunks_exact_mut(pair).zip(slopes.chunks_exact(pair)) {
            for ((tap, slope), mask) in taps.iter_mut().zip(slopes).zip(mask) {
                *tap = simd.mul_add_e_f64s(simd.mul_f64s(step, *mask), *slope, *tap);
            }
        }
        return;
    }
    let step = simd.splat_f64s(step);
    // Complex taps by their parts (i, i), (i, q), (q, i), (q, q).
    for (output, input) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        let (start, place) = (2 * output * ROWS * pair, 2 * input * pair);
        let (top, bottom) = taps[start..start + 2 * ROWS * pair].split_at_mut(ROWS * pair);
        let (ii, iq) = top[place..place + 2 * pair].split_at_mut(pair);
        let (qi, qq) = bottom[place..place + 2 * pair].split_at_mut(pair);
        let part = |quadrature: usize| &slopes[start + quadrature * ROWS * pair + place..][..2 * pair];
        let ((slope_ii, slope_iq), (slope_qi, slope_qq)) = (part(0).split_at(pair), part(1).split_at(pair));
        for k in 0..pair {
            let step = simd.mul_f64s(step, mask[k]);
            let real = simd.mul_f64s(step, simd.add_f64s(slope_ii[k], slope_qq[k]));
            let imaginary = simd.mul_f64s(step, simd.sub_f64s(slope_qi[k], slope_iq[k]));
            ii[k] = simd.add_f64s(ii[k], real);
            iq[k] = simd.sub_f64s(iq[k], imaginary);
            qi[k] = simd.add_f64s(qi[k], imaginary);
            qq[k] = simd.add_f64s(qq[k], real);
        }
    }
}
