//! Segments of a stream, filtered side by side in the lanes of vectors.

use crate::signal::LaneFourier;
#[cfg(target_arch = "x86_64")]
use crate::wide::Fused;
use crate::wide::{Line, Portable, Wide, WideWork};
use rustfft::num_complex::Complex64;
use std::ops::Range;

/// Rows that are filtered at a time: two segments of two polarizations.
pub(super) const ROWS_COUNT: usize = 4;
/// Shortest segment that has two passes.
pub(super) const SEGMENT_MIN_COUNT: usize = 16;

/// A filter of a number of rows by one response.
pub(super) trait Bank: Send + Sync {
    /// Filters rows and keeps a range of each; where `out` has no room a row is dropped.
    fn filter(&mut self, rows: [&[Complex64]; ROWS_COUNT], kept: Range<usize>, out: [&mut [Complex64]; ROWS_COUNT]);
}

/// The filter of a response at the bins of a transform of its length, a power of two from [`SEGMENT_MIN_COUNT`] on.
pub(super) fn make_bank(response: &[Complex64]) -> Box<dyn Bank> {
    #[cfg(target_arch = "x86_64")]
    if let Some(wide) = Fused::<true>::detect() {
        return Box::new(LaneBank::new(wide, response));
    }
    Box::new(LaneBank::new(Portable::<true>, response))
}

/// # Algorithm
/// 1. Sample i of all rows becomes line i: squares of four by four numbers are laid on their side.
/// 2. Transform, response and transform back of the lines, parts of them in the cache until they are done
///    ([`LaneFourier::filter_alike`]); frequencies stay in the order in which the transform leaves them.
/// 3. What is kept is laid back into rows.
///
/// A lane does not know of the others: which segments share a pass changes no bit.
struct LaneBank<W: Wide<Real = f64>> {
    wide: W,
    along: LaneFourier<f64>,
    /// Response over the number of samples, by position.
    factors: Vec<[f64; 2]>,
    lines: Vec<Line<W::Cell>>,
}

impl<W: Wide<Real = f64>> LaneBank<W> {
    fn new(wide: W, response: &[Complex64]) -> Self {
        let along = LaneFourier::new(response.len());
        let scale = 1.0 / (response.len() as f64 * along.rounding_gain());
        let factor = |position: usize| {
            let value = response[along.frequency_index(position)] * scale;
            [value.re, value.im]
        };
        let factors = (0..response.len()).map(factor).collect();
        Self { wide, along, factors, lines: vec![Line::default(); response.len()] }
    }
}

impl<W: Wide<Real = f64>> Bank for LaneBank<W> {
    fn filter(&mut self, rows: [&[Complex64]; ROWS_COUNT], kept: Range<usize>, out: [&mut [Complex64]; ROWS_COUNT]) {
        let Self { wide, along, factors, lines } = self;
        wide.enter(FilterRows { along, factors, lines, rows, kept, out });
    }
}

struct FilterRows<'a, W: Wide<Real = f64>> {
    along: &'a LaneFourier<f64>,
    factors: &'a [[f64; 2]],
    lines: &'a mut [Line<W::Cell>],
    rows: [&'a [Complex64]; ROWS_COUNT],
    kept: Range<usize>,
    out: [&'a mut [Complex64]; ROWS_COUNT],
}

impl<W: Wide<Real = f64>> WideWork<W> for FilterRows<'_, W> {
    type Output = ();

    #[inline(always)]
    fn run(self, wide: W) {
        let Self { along, factors, lines, rows, kept, out } = self;
        lay_down(wide, rows, lines);
        along.filter_alike(wide, lines, factors);
        stand_up(wide, &lines[kept], out);
    }
}

/// Four samples of a row as two vectors of real and imaginary parts in turns.
#[inline(always)]
fn pack<C: Default + AsMut<[f64]>>(four: &[Complex64; 4]) -> Line<C> {
    let mut line = Line::<C>::default();
    line.re.as_mut().copy_from_slice(&[four[0].re, four[0].im, four[1].re, four[1].im]);
    line.im.as_mut().copy_from_slice(&[four[2].re, four[2].im, four[3].re, four[3].im]);
    line
}

/// Samples of rows side by side in lines.
#[inline(always)]
fn lay_down<W: Wide<Real = f64>>(wide: W, rows: [&[Complex64]; ROWS_COUNT], lines: &mut [Line<W::Cell>]) {
    let [a, b, c, d] = rows.map(|row| row.as_chunks::<4>().0);
    let mut square = [Line::default(); 4];
    for ((((a, b), c), d), lines) in a.iter().zip(b).zip(c).zip(d).zip(lines.as_chunks_mut::<4>().0) {
        wide.transpose(&[pack(a), pack(b), pack(c), pack(d)], &mut square);
        // Of each vector the transposed square has real and imaginary parts in turns.
        lines[0] = Line { re: square[0].re, im: square[1].re };
        lines[1] = Line { re: square[2].re, im: square[3].re };
        lines[2] = Line { re: square[0].im, im: square[1].im };
        lines[3] = Line { re: square[2].im, im: square[3].im };
    }
}

/// The other way: lines into rows, where these have room.
#[inline(always)]
fn stand_up<W: Wide<Real = f64>>(wide: W, lines: &[Line<W::Cell>], out: [&mut [Complex64]; ROWS_COUNT]) {
    let (fours, rest) = lines.as_chunks::<4>();
    let mut square = [Line::default(); 4];
    let mut out = out;
    for (index, lines) in fours.iter().enumerate() {
        let turned = [
            Line { re: lines[0].re, im: lines[2].re },
            Line { re: lines[0].im, im: lines[2].im },
            Line { re: lines[1].re, im: lines[3].re },
            Line { re: lines[1].im, im: lines[3].im },
        ];
        wide.transpose(&turned, &mut square);
        for (row, line) in out.iter_mut().zip(&square) {
            if let Some(four) = row.get_mut(4 * index..4 * index + 4) {
                let (first, second) = (line.re.as_ref(), line.im.as_ref());
                four[0] = Complex64::new(first[0], first[1]);
                four[1] = Complex64::new(first[2], first[3]);
                four[2] = Complex64::new(second[0], second[1]);
                four[3] = Complex64::new(second[2], second[3]);
            }
        }
    }
    for (index, line) in rest.iter().enumerate() {
        for (lane, row) in out.iter_mut().enumerate() {
            if let Some(value) = row.get_mut(4 * fours.len() + index) {
                *value = Complex64::new(line.re.as_ref()[lane], line.im.as_ref()[lane]);
            }
        }
    }
}
