//! A screen that remembers where the signal has been, as that of an oscilloscope.

use super::{Palette, require_rising};
use crate::error::{Error, Result};
use crate::vector::{ColumnWork, ln, vectorize};

/// How hits become shares of the brightest pixel's color.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// Hits over the most hits.
    Linear,
    /// ln(1 + hits) over that of the most hits.
    Logarithmic,
}

/// Hits below this count as none: a faded pixel would else be kept busy with ever smaller numbers.
const LEAST_HITS: f32 = 1e-6;
/// Wider and higher than any screen, low enough for a grid to fit into memory.
const MOST_PIXELS: usize = 1 << 14;
/// Columns of a line that are worked out at once.
const BLOCK: usize = 8;
/// Less than anybody sees, more than rounding.
const EDGE_PX: f64 = 1e-9;
const MOST_SAMPLES_PER_SYMBOL: f64 = 65_536.0;
/// Symbols; far above any, and samples keep their places to 1e-10 of a symbol.
const MOST_OFFSET: f64 = 1e6;

/// Grid of hits, `height_px` rows from top to bottom of `width_px` columns each, over a range of x and one of y.
///
/// A point is one hit. A trace that crosses a column of pixels from side to side is one hit there too, spread over the rows
/// in proportion to the time that it spends in each. Hits are single precision: a pixel counts up to 2^24 of them.
#[derive(Debug, Clone)]
pub struct Persistence {
    width_px: usize,
    height_px: usize,
    x_range: [f64; 2],
    y_range: [f64; 2],
    /// With a margin of one pixel to the right and below, where what ends on an edge puts nothing.
    hits: Vec<f32>,
    drawn_count: u64,
    dropped_count: u64,
}

impl Persistence {
    /// A dark screen; x and y rise to the right and to the top.
    ///
    /// # Errors
    /// [`Error::Parameter`] if a size is 0 or above 16384, or a range does not rise.
    pub fn new(width_px: usize, height_px: usize, x_range: [f64; 2], y_range: [f64; 2]) -> Result<Self> {
        for (name, size_px) in [("width_px", width_px), ("height_px", height_px)] {
            if !(1..=MOST_PIXELS).contains(&size_px) {
                return Err(Error::parameter(name, size_px, format!("whole numbers from 1 to {MOST_PIXELS}")));
            }
        }
        require_rising("x_range", x_range)?;
        require_rising("y_range", y_range)?;
        let hits = vec![0.0; (width_px + 1) * (height_px + 1)];
        Ok(Self { width_px, height_px, x_range, y_range, hits, drawn_count: 0, dropped_count: 0 })
    }

    /// Hits of each pixel: rows from the top.
    pub fn rows(&self) -> impl Iterator<Item = &[f32]> {
        self.hits.chunks_exact(self.stride()).take(self.height_px).map(|row| &row[..self.width_px])
    }

    fn stride(&self) -> usize {
        self.width_px + 1
    }

    #[inline(always)]
    fn most_hits(&self) -> f32 {
        const LANES: usize = 8;
        let mut most = [0.0_f32; LANES];
        for row in self.rows() {
            let (blocks, rest) = row.as_chunks::<LANES>();
            for block in blocks {
                for (most, &hits) in most.iter_mut().zip(block) {
                    *most = if hits > *most { hits } else { *most };
                }
            }
            for (most, &hits) in most.iter_mut().zip(rest) {
                *most = if hits > *most { hits } else { *most };
            }
        }
        most.into_iter().fold(0.0, f32::max)
    }

    /// Points and pieces of traces drawn since the screen was last cleared.
    pub fn drawn_count(&self) -> u64 {
        self.drawn_count
    }

    /// Points and pieces of traces that lay outside, or were not finite, since the screen was last cleared.
    pub fn dropped_count(&self) -> u64 {
        self.dropped_count
    }

    /// Rows and columns.
    pub fn shape(&self) -> (usize, usize) {
        (self.height_px, self.width_px)
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.hits.fill(0.0);
        (self.drawn_count, self.dropped_count) = (0, 0);
    }

    /// Multiplies all hits; those that fall below a millionth are gone.
    ///
    /// # Errors
    /// [`Error::Parameter`] if the ratio is not from 0 to 1.
    pub fn fade(&mut self, keep_ratio: f64) -> Result<()> {
        if !(0.0..=1.0).contains(&keep_ratio) {
            return Err(Error::parameter("keep_ratio", keep_ratio, "numbers from 0 to 1"));
        }
        let keep_ratio = keep_ratio as f32;
        for hits in &mut self.hits {
            let kept = *hits * keep_ratio;
            *hits = if kept < LEAST_HITS { 0.0 } else { kept };
        }
        Ok(())
    }

    /// Adds one hit for each point. The edges belong to the picture.
    ///
    /// # Errors
    /// [`Error::Parameter`] if there are not as many x as y.
    pub fn add_points(&mut self, x: &[f64], y: &[f64]) -> Result<()> {
        if x.len() != y.len() {
            return Err(Error::parameter("y", format!("{} points", y.len()), format!("{} points, as x", x.len())));
        }
        let ([left, right], [bottom, top]) = (self.x_range, self.y_range);
        let columns_per_x = self.width_px as f64 / (right - left);
        let rows_per_y = self.height_px as f64 / (top - bottom);
        let stride = self.stride();
        let mut drawn_count = 0;
        for (&x, &y) in x.iter().zip(y) {
            // Also false for NaN.
            if !(x >= left && x <= right && y >= bottom && y <= top) {
                continue;
            }
            // Casts to 32 bits take one instruction, those to 64 five.
            let column = (((x - left) * columns_per_x) as u32 as usize).min(self.width_px - 1);
            let row = (((y - bottom) * rows_per_y) as u32 as usize).min(self.height_px - 1);
            self.hits[(self.height_px - 1 - row) * stride + column] += 1.0;
            drawn_count += 1;
        }
        self.drawn_count += drawn_count;
        self.dropped_count += x.len() as u64 - drawn_count;
        Ok(())
    }

    /// Adds a waveform as an eye: x is time in symbols, samples are joined by straight lines.
    ///
    /// Sample k is at k / `samples_per_symbol_ratio` + `offset_ratio` symbols. Traces start over every whole number of
    /// symbols that the range of x needs: every two of them for -1 to 1 or 0 to 2.
    ///
    /// # Algorithm
    /// 1. The piece between two samples is moved by a multiple of that number into the range of x, and drawn once more one
    ///    turn earlier if it runs over the turn's end.
    /// 2. Each pixel takes the width, in columns, of the stretch of the line that lies in it. A flat line is followed column
    ///    by column and lies in two rows of each at most; a steep one row by row, in two columns of each at most.
    ///
    /// # Errors
    /// [`Error::Parameter`] if the samples per symbol are not from 1 to 65536, or the offset is beyond a million symbols.
    pub fn add_traces(&mut self, samples: &[f64], samples_per_symbol_ratio: f64, offset_ratio: f64) -> Result<()> {
        if !(1.0..=MOST_SAMPLES_PER_SYMBOL).contains(&samples_per_symbol_ratio) {
            let allowed = format!("numbers from 1 to {MOST_SAMPLES_PER_SYMBOL}");
            return Err(Error::parameter("samples_per_symbol", samples_per_symbol_ratio, allowed));
        }
        if !(-MOST_OFFSET..=MOST_OFFSET).contains(&offset_ratio) {
            let allowed = format!("numbers from -{MOST_OFFSET} to {MOST_OFFSET}");
            return Err(Error::parameter("offset_ui", offset_ratio, allowed));
        }
        let [left, right] = self.x_range;
        let (width, height) = (self.width_px as f64, self.height_px as f64);
        let drawn_count = vectorize(Traces {
            samples,
            samples_per_symbol_ratio,
            offset_ratio: offset_ratio - left,
            turn: (right - left - 1e-9).ceil().max(1.0),
            columns_per_symbol: width / (right - left),
            y_range: self.y_range,
            pencil: Pencil { stride: self.stride(), hits: &mut self.hits, width, height },
        });
        self.drawn_count += drawn_count;
        self.dropped_count += samples.len().saturating_sub(1) as u64 - drawn_count;
        Ok(())
    }

    /// Colors the pixels: none of the hits with the first color of the palette, the most hits of any pixel with the last.
    ///
    /// # Errors
    /// [`Error::Parameter`] if `out` has another number of pixels.
    pub fn shade(&self, palette: &Palette, scale: Scale, out: &mut [u32]) -> Result<()> {
        let pixels_count = self.width_px * self.height_px;
        if out.len() != pixels_count {
            let allowed = format!("{pixels_count} pixels");
            return Err(Error::parameter("out", format!("{} pixels", out.len()), allowed));
        }
        vectorize(Shading { screen: self, palette, scale, out });
        Ok(())
    }
}

struct Traces<'a> {
    samples: &'a [f64],
    samples_per_symbol_ratio: f64,
    /// Of the first sample from the left edge.
    offset_ratio: f64,
    /// Symbols after which traces start over.
    turn: f64,
    columns_per_symbol: f64,
    y_range: [f64; 2],
    pencil: Pencil<'a>,
}

impl ColumnWork for Traces<'_> {
    type Output = u64;

    #[inline(always)]
    fn run(mut self) -> u64 {
        let ([bottom, top], height) = (self.y_range, self.pencil.height);
        let rows_per_y = height / (top - bottom);
        // Rows from the top, as in the grid; the lower edge belongs to the picture.
        let row = |y: f64| {
            let row = height - (y - bottom) * rows_per_y;
            if row == height { height - EDGE_PX } else { row }
        };
        let step = 1.0 / self.samples_per_symbol_ratio;
        let length = step * self.columns_per_symbol;
        let mut drawn_count = 0;
        for (index, pair) in self.samples.windows(2).enumerate() {
            let ends = [row(pair[0]), row(pair[1])];
            let start = fold(index as f64 / self.samples_per_symbol_ratio + self.offset_ratio, self.turn);
            let mut is_drawn = self.pencil.draw(start * self.columns_per_symbol, length, ends);
            if start + step > self.turn {
                is_drawn |= self.pencil.draw((start - self.turn) * self.columns_per_symbol, length, ends);
            }
            drawn_count += u64::from(is_drawn);
        }
        drawn_count
    }
}

/// What is left of `time` after whole turns. The library's remainder would take longer than drawing.
#[inline(always)]
fn fold(time: f64, turn: f64) -> f64 {
    let turns = (time / turn) as i64;
    let left_over = time - turns as f64 * turn;
    if left_over < 0.0 { left_over + turn } else { left_over }
}

/// Pixels of a screen for one drawing, x and y in pixels from the left and from the top.
struct Pencil<'a> {
    hits: &'a mut [f32],
    stride: usize,
    width: f64,
    height: f64,
}

impl Pencil<'_> {
    /// Draws what lies inside of a straight piece that starts at `x`, and tells whether anything does.
    #[inline(always)]
    fn draw(&mut self, x: f64, length: f64, [from, to]: [f64; 2]) -> bool {
        let slope = (to - from) / length;
        let (mut start, mut end) = (x.max(0.0), (x + length).min(self.width));
        let (top, bottom) = if from < to { (from, to) } else { (to, from) };
        if !(start < end && slope.is_finite() && top <= self.height && bottom >= 0.0) {
            return false;
        }
        if top < 0.0 || bottom > self.height {
            let crossings = [(0.0 - from) / slope + x, (self.height - from) / slope + x];
            start = start.max(crossings[0].min(crossings[1]));
            end = end.min(crossings[0].max(crossings[1]));
            if start >= end {
                return false;
            }
        }
        let enters = (from + (start - x) * slope).clamp(0.0, self.height);
        if slope.abs() <= 1.0 {
            self.step_by_columns(start, end, enters, slope);
        } else {
            let leaves = (from + (end - x) * slope).clamp(0.0, self.height);
            let (top, bottom, x) = if slope > 0.0 { (enters, leaves, start) } else { (leaves, enters, end) };
            self.step_by_rows(top, bottom, x, 1.0 / slope);
        }
        true
    }

    /// Draws a flat piece: each column takes its share of the hit, in one row or in two.
    #[inline(always)]
    fn step_by_columns(&mut self, start: f64, end: f64, enters: f64, slope: f64) {
        // What a row takes of the way through a column; a level line stays in its row for ever.
        let per_row = 1.0 / slope.abs().max(f64::MIN_POSITIVE);
        // The line's highest point in a column is where it enters, or where it leaves.
        let lead = slope.min(0.0);
        let hits = &mut *self.hits;
        let stride = self.stride;
        let fill = |hits: &mut [f32], column: usize, enters: f64, share: f64| {
            let top = (enters + lead * share).max(0.0);
            let row = top as i32;
            let above = ((f64::from(row + 1) - top) * per_row).min(share);
            let pixel = row as usize * stride + column;
            hits[pixel] += above as f32;
            hits[pixel + stride] += (share - above) as f32;
        };
        let (first, last) = (start as u32 as usize, end as u32 as usize);
        if first == last {
            fill(hits, first, enters, end - start);
            return;
        }
        let share = (first + 1) as f64 - start;
        fill(hits, first, enters, share);
        let mut height = enters + share * slope;
        let mut column = first + 1;
        while column < last {
            // Several columns are worked out at once, and then put down one by one.
            let (mut rows, mut shares) = ([0_i32; BLOCK], [0.0_f32; BLOCK]);
            for index in 0..BLOCK {
                let top = (height + lead + index as f64 * slope).max(0.0);
                rows[index] = top as i32;
                shares[index] = ((f64::from(rows[index]) + 1.0 - top) * per_row).min(1.0) as f32;
            }
            let count = BLOCK.min(last - column);
            for (index, (row, above)) in rows.into_iter().zip(shares).enumerate().take(count) {
                let pixel = row as usize * stride + column + index;
                hits[pixel] += above;
                hits[pixel + stride] += 1.0 - above;
            }
            column += count;
            height += count as f64 * slope;
        }
        fill(hits, last, height, end - last as f64);
    }

    /// Draws a steep piece from its top: each row takes the time that the line spends there, in one column or in two.
    #[inline(always)]
    fn step_by_rows(&mut self, top: f64, bottom: f64, x: f64, columns_per_row: f64) {
        let lead = columns_per_row.min(0.0);
        let time_per_row = columns_per_row.abs();
        let hits = &mut *self.hits;
        let stride = self.stride;
        let mut fill = |row: usize, x: f64, rows: f64| {
            let left = (x + lead * rows).max(0.0);
            let column = left as i32;
            let time = rows * time_per_row;
            let before = (f64::from(column + 1) - left).min(time);
            let pixel = row * stride + column as usize;
            hits[pixel] += before as f32;
            hits[pixel + 1] += (time - before) as f32;
        };
        let (first, last) = (top as u32 as usize, bottom as u32 as usize);
        if first == last {
            fill(first, x, bottom - top);
            return;
        }
        let rows = (first + 1) as f64 - top;
        fill(first, x, rows);
        let mut place = x + rows * columns_per_row;
        for row in first + 1..last {
            fill(row, place, 1.0);
            place += columns_per_row;
        }
        fill(last, place, bottom - last as f64);
    }
}

struct Shading<'a> {
    screen: &'a Persistence,
    palette: &'a Palette,
    scale: Scale,
    out: &'a mut [u32],
}

impl ColumnWork for Shading<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let most = f64::from(self.screen.most_hits());
        let width_px = self.screen.width_px;
        // By the row, so that the margin stays outside and shares are worked out many at a time.
        let mut shares = vec![0.0; width_px];
        let is_linear = self.scale == Scale::Linear;
        let inverse = 1.0 / if is_linear { most } else { ln(1.0 + most) };
        for (pixels, row) in self.out.chunks_exact_mut(width_px).zip(self.screen.rows()) {
            if most == 0.0 {
                // All shares stay 0.
            } else if is_linear {
                shares.iter_mut().zip(row).for_each(|(share, &hits)| *share = f64::from(hits) * inverse);
            } else {
                shares.iter_mut().zip(row).for_each(|(share, &hits)| *share = ln(1.0 + f64::from(hits)) * inverse);
            }
            pixels.iter_mut().zip(&shares).for_each(|(pixel, &share)| *pixel = self.palette.color(share));
        }
    }
}
