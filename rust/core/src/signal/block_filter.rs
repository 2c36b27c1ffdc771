//! A long periodic field through a filter of short memory, block by block: it never is in memory as a whole.

use super::lane_fourier::LaneFourier;
use crate::error::{Error, Result};
use crate::signal::bin_frequency_hz;
use crate::wide::{Line, Wide, WideWork, enter_doubles};
use rayon::prelude::*;
use rustfft::num_complex::Complex64;

/// Blocks that lie side by side in the lanes of vectors.
const LANES: usize = 4;
type Cell = [f64; LANES];

/// Real and imaginary parts of the samples of one block.
#[derive(Debug, Clone)]
pub struct BlockField {
    /// Real parts.
    pub(crate) re: Vec<f64>,
    /// Imaginary parts.
    pub(crate) im: Vec<f64>,
}

/// A filter of periodic fields, cut into blocks that overlap.
#[derive(Debug, Clone)]
pub struct BlockFilter {
    plan: LaneFourier<f64>,
    /// The response in the order of the plan's frequencies, with the scale of both transforms.
    factors: Vec<Line<Cell>>,
    /// Samples of a block that the filter's memory spoils at either end.
    guard: usize,
}

impl BlockFilter {
    /// A filter whose memory reaches `guard` samples both ways.
    ///
    /// # Errors
    /// [`Error::Parameter`] if the length is not a power of two from 64 to 65536, or the guards leave less than half of it.
    pub fn new(length: usize, guard: usize, sample_rate_hz: f64, response: impl Fn(f64) -> Complex64) -> Result<Self> {
        if !length.is_power_of_two() || !(64..=65536).contains(&length) {
            return Err(Error::parameter("block length", length, "a power of two from 64 to 65536"));
        }
        if 4 * guard > length {
            return Err(Error::parameter("guard", guard, format!("at most a quarter of the block, {}", length / 4)));
        }
        let plan = LaneFourier::new(length);
        let factors = (0..length)
            .map(|position| {
                let frequency_hz = bin_frequency_hz(plan.frequency_index(position), length, sample_rate_hz);
                let factor = response(frequency_hz) / length as f64;
                Line { re: [factor.re; LANES], im: [factor.im; LANES] }
            })
            .collect();
        Ok(Self { plan, factors, guard })
    }

    /// Power of the filtered field, all samples of a period.
    ///
    /// `fill` writes the samples of a block from a place on, which may lie before 0 or reach over the end of the period.
    ///
    /// # Algorithm
    /// 1. Blocks overlap by twice the guard; what wraps around within a block stays in its guards.
    /// 2. Four blocks share the lanes of the transforms, which need no sorting. Blocks do not depend on each other: the
    ///    number of threads changes no bit.
    ///
    /// # Errors
    /// [`Error::Parameter`] if there is no sample; what `fill` returns.
    pub fn filtered_power(
        &self,
        samples_count: usize,
        fill: impl Fn(isize, &mut BlockField) -> Result<()> + Sync,
    ) -> Result<Vec<f64>> {
        if samples_count == 0 {
            return Err(Error::parameter("samples_count", samples_count, "1 or above"));
        }
        let length = self.factors.len();
        let kept = length - 2 * self.guard;
        let mut power = vec![0.0; samples_count];
        let room = || {
            let block = BlockField { re: vec![0.0; length], im: vec![0.0; length] };
            (block, vec![Line::<Cell>::default(); length])
        };
        power.par_chunks_mut(LANES * kept).enumerate().try_for_each_init(room, |(block, lines), (group, out)| {
            for lane in 0..out.len().div_ceil(kept) {
                let start = ((group * LANES + lane) * kept) as isize - self.guard as isize;
                // A short last block is filled to its end: a carrier that stops would ring into what is kept.
                fill(start, block)?;
                for (line, (re, im)) in lines.iter_mut().zip(block.re.iter().zip(&block.im)) {
                    line.re[lane] = *re;
                    line.im[lane] = *im;
                }
            }
            self.filter(lines);
            for (lane, part) in out.chunks_mut(kept).enumerate() {
                for (value, line) in part.iter_mut().zip(&lines[self.guard..]) {
                    *value = line.re[lane] * line.re[lane] + line.im[lane] * line.im[lane];
                }
            }
            Ok::<(), Error>(())
        })?;
        Ok(power)
    }

    fn filter(&self, lines: &mut [Line<Cell>]) {
        enter_doubles(Filter { plan: &self.plan, factors: &self.factors, lines });
    }
}

struct Filter<'a> {
    plan: &'a LaneFourier<f64>,
    factors: &'a [Line<Cell>],
    lines: &'a mut [Line<Cell>],
}

impl<W: Wide<Real = f64, Cell = Cell>> WideWork<W> for Filter<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self, wide: W) {
        self.plan.filter(wide, self.lines, self.factors);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::RandomSource;
    use crate::signal::{Fourier, complex_normals};

    /// The power behind a filter of short memory is that of one transform of the whole period, wherever the blocks are cut.
    #[test]
    fn blocks_are_seamless() {
        let count = 5000;
        let rate_hz = 400e9;
        // A smooth band, so that the filter's memory is short.
        let response = |f: f64| Complex64::cis(3e-22 * f * f) * (-(f / 90e9).powi(4)).exp() * Complex64::cis(1e-12 * f);
        let field = complex_normals(&RandomSource::new(1, 2, 3), 4, 0, count);
        let mut whole = field.clone();
        Fourier::new(count).filter(&mut whole, rate_hz, response);
        for (length, guard) in [(256, 60), (1024, 100), (2048, 60)] {
            let filter = BlockFilter::new(length, guard, rate_hz, response).unwrap();
            let power = filter
                .filtered_power(count, |start, block| {
                    for (k, (re, im)) in block.re.iter_mut().zip(&mut block.im).enumerate() {
                        let value = field[(start + k as isize).rem_euclid(count as isize) as usize];
                        (*re, *im) = (value.re, value.im);
                    }
                    Ok(())
                })
                .unwrap();
            for (found, expected) in power.iter().zip(&whole) {
                assert!((found - expected.norm_sqr()).abs() < 1e-6, "{length}: {found} {}", expected.norm_sqr());
            }
        }
        assert!(BlockFilter::new(1000, 10, rate_hz, response).is_err());
        assert!(BlockFilter::new(256, 65, rate_hz, response).is_err());
        let filter = BlockFilter::new(256, 10, rate_hz, response).unwrap();
        assert!(filter.filtered_power(0, |_, _| Ok(())).is_err());
        let refused = filter.filtered_power(10, |_, _| Err(Error::Model("no".to_string())));
        assert!(refused.is_err());
    }
}
