//! Fewer points of a trace that look the same.

use crate::error::{Error, Result};
use crate::vector::{ColumnWork, vectorize};

/// Points of a trace.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Decimated {
    /// Places of the points.
    pub x: Vec<f64>,
    /// Their values; NaN where the line is interrupted.
    pub y: Vec<f64>,
}

/// Least and greatest of a column of pixels, as places in the trace.
#[derive(Clone, Copy)]
struct Extremes {
    least: usize,
    greatest: usize,
}

/// The least and the greatest value of each of `columns_count` equal parts of a trace, at their own places and in their
/// own order.
///
/// Values that are not finite are gaps: where one lies between two points that are kept, a NaN stands between them. Gaps at
/// the ends are left out. A trace of no more than twice the columns is kept whole, its gaps as NaN.
///
/// # Algorithm
/// 1. Refuse x that falls or is not finite; count the values that are gaps up to each part.
/// 2. Parts are [x0 + j w, x0 + (j+1) w), the last one closed; each is found by halving.
/// 3. In each part the first of the least and the first of the greatest values, eight lanes at a time where all are finite.
///
/// # Errors
/// [`Error::Parameter`] if lengths differ, `x` is not finite or falls, or `columns_count` is 0.
pub fn decimate_trace(x: &[f64], y: &[f64], columns_count: usize) -> Result<Decimated> {
    if x.len() != y.len() {
        return Err(Error::parameter("y", format!("{} points", y.len()), format!("{} points, as x", x.len())));
    }
    if columns_count == 0 {
        return Err(Error::parameter("columns_count", 0, "whole numbers from 1 on"));
    }
    if !vectorize(Rising(x)) {
        return Err(describe_fall(x));
    }
    if x.len() <= columns_count.saturating_mul(2) {
        let y = y.iter().map(|&value| if value.is_finite() { value } else { f64::NAN }).collect();
        return Ok(Decimated { x: x.to_vec(), y });
    }
    let (first, last) = (x[0], x[x.len() - 1]);
    let parts_per_x = columns_count as f64 / (last - first);
    let part_of = |x: f64| (((x - first) * parts_per_x) as usize).min(columns_count - 1);
    let mut line = Line { x, y, kept: Decimated::default(), before: None };
    let (mut start, mut length) = (0, x.len() / columns_count);
    while start < x.len() {
        let part = part_of(x[start]);
        // Parts are mostly as long as the one before: looked for in twice that length first.
        let mut ahead = start.saturating_add(length.saturating_mul(2)).clamp(start + 1, x.len());
        if part_of(x[ahead - 1]) <= part {
            ahead = x.len();
        }
        length = x[start..ahead].partition_point(|&x| part_of(x) <= part);
        line.keep(start, start + length);
        start += length;
    }
    Ok(line.kept)
}

/// Numbers that are compared at once.
const LANES: usize = 8;

/// Whether a column is finite and never falls.
struct Rising<'a>(&'a [f64]);

impl ColumnWork for Rising<'_> {
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        let column = self.0;
        let next = column.get(1..).unwrap_or_default();
        let (mut least_step, mut zero) = ([f64::INFINITY; LANES], [0.0; LANES]);
        let (blocks, rest) = column[..next.len()].as_chunks::<LANES>();
        let (blocks_next, rest_next) = next.as_chunks::<LANES>();
        for (block, next) in blocks.iter().zip(blocks_next) {
            for lane in 0..LANES {
                let step = next[lane] - block[lane];
                least_step[lane] = if step < least_step[lane] { step } else { least_step[lane] };
                zero[lane] += next[lane] * 0.0;
            }
        }
        let rises = rest.iter().zip(rest_next).all(|(a, b)| a <= b) && least_step.iter().all(|&step| step >= 0.0);
        rises
            && zero.iter().all(|&zero| zero == 0.0)
            && column.first().is_none_or(|x| x.is_finite())
            && column.last().is_none_or(|x| x.is_finite())
    }
}

fn describe_fall(x: &[f64]) -> Error {
    if let Some(index) = x.iter().position(|x| !x.is_finite()) {
        return Error::parameter(format!("x[{index}]"), x[index], "finite numbers");
    }
    let index = x.windows(2).position(|pair| pair[1] < pair[0]).map_or(0, |index| index + 1);
    Error::parameter(format!("x[{index}]"), x[index], format!("{} or above, as x must not fall", x[index - 1]))
}

struct Line<'a> {
    x: &'a [f64],
    y: &'a [f64],
    kept: Decimated,
    /// Place behind the point that was kept last, and whether a gap has been seen since.
    before: Option<(usize, bool)>,
}

impl Line<'_> {
    /// Keeps the extremes of one part of the trace.
    fn keep(&mut self, start: usize, end: usize) {
        let part = &self.y[start..end];
        let (least, greatest, is_whole) = vectorize(Range(part));
        let found = if is_whole {
            let place = |value: f64| start + vectorize(Place { column: part, value });
            Some(Extremes { least: place(least), greatest: place(greatest) })
        } else {
            self.find_between_gaps(start, end)
        };
        let Some(Extremes { least, greatest }) = found else {
            // A part of gaps alone.
            if let Some((_, has_gap)) = &mut self.before {
                *has_gap = true;
            }
            return;
        };
        let (early, late) = (least.min(greatest), least.max(greatest));
        self.push(early, is_whole);
        if late != early {
            self.push(late, is_whole);
        }
        if !is_whole && let Some((_, has_gap)) = &mut self.before {
            *has_gap = self.y[late + 1..end].iter().any(|y| !y.is_finite());
        }
    }

    fn push(&mut self, index: usize, is_whole: bool) {
        if let Some((next, mut has_gap)) = self.before {
            if !is_whole {
                has_gap |= self.y[next..index].iter().any(|y| !y.is_finite());
            }
            if has_gap {
                self.kept.x.push(self.x[index]);
                self.kept.y.push(f64::NAN);
            }
        }
        self.kept.x.push(self.x[index]);
        self.kept.y.push(self.y[index]);
        self.before = Some((index + 1, false));
    }

    fn find_between_gaps(&self, start: usize, end: usize) -> Option<Extremes> {
        let mut found: Option<Extremes> = None;
        for index in (start..end).filter(|&index| self.y[index].is_finite()) {
            let so_far = found.get_or_insert(Extremes { least: index, greatest: index });
            if self.y[index] < self.y[so_far.least] {
                so_far.least = index;
            }
            if self.y[index] > self.y[so_far.greatest] {
                so_far.greatest = index;
            }
        }
        found
    }
}

/// Least and greatest value, and whether all are finite.
struct Range<'a>(&'a [f64]);

impl ColumnWork for Range<'_> {
    type Output = (f64, f64, bool);

    #[inline(always)]
    fn run(self) -> (f64, f64, bool) {
        let (mut least, mut greatest) = ([f64::INFINITY; LANES], [f64::NEG_INFINITY; LANES]);
        // x 0 is 0 for finite numbers alone, and NaN stays.
        let mut zero = [0.0; LANES];
        let (blocks, rest) = self.0.as_chunks::<LANES>();
        for block in blocks {
            for lane in 0..LANES {
                let value = block[lane];
                least[lane] = if value < least[lane] { value } else { least[lane] };
                greatest[lane] = if value > greatest[lane] { value } else { greatest[lane] };
                zero[lane] += value * 0.0;
            }
        }
        for &value in rest {
            least[0] = if value < least[0] { value } else { least[0] };
            greatest[0] = if value > greatest[0] { value } else { greatest[0] };
            zero[0] += value * 0.0;
        }
        let least = least.into_iter().fold(f64::INFINITY, f64::min);
        let greatest = greatest.into_iter().fold(f64::NEG_INFINITY, f64::max);
        (least, greatest, zero.iter().all(|&zero| zero == 0.0))
    }
}

/// First place of a value that is in the column.
struct Place<'a> {
    column: &'a [f64],
    value: f64,
}

impl ColumnWork for Place<'_> {
    type Output = usize;

    #[inline(always)]
    fn run(self) -> usize {
        const BLOCK: usize = 32;
        let holds = |block: &&[f64]| {
            let mut holds = false;
            block.iter().for_each(|&value| holds |= value == self.value);
            holds
        };
        // Whole blocks are compared at once; the one that holds the value is then searched.
        let skipped = self.column.chunks(BLOCK).take_while(|block| !holds(block)).count() * BLOCK;
        skipped + self.column[skipped..].iter().position(|&value| value == self.value).unwrap_or(0)
    }
}
