//! Carrier phase by search over test phases, without known symbols.

use super::criterion::Targets;
use super::field::{Field, FieldView, require_count, require_field};
use super::rotation::{nearest_integer, take_off_phase};
use crate::error::Result;
use crate::signal::Modulation;
use crate::vector::{ColumnWork, dispatch_quads, vectorize};
use pulp::Simd;
use rustfft::num_complex::Complex64;
use std::f64::consts::{FRAC_2_PI, FRAC_PI_2};

/// Steps of the amplitude in the table of distances.
const AMPLITUDES_COUNT: usize = 128;
/// Steps of the angle between two test phases.
const ANGLES_COUNT: usize = 4;
/// Greatest amplitude of the table over the greatest of the constellation.
const AMPLITUDE_MAX_RATIO: f64 = 1.5;
/// Bits of a test phase's number, which stands below the distances: the least sum names its own phase.
const PHASE_BITS: u32 = 7;
/// The greatest distance of the table in integers; 511 of them above the phase's number stay below 2^31.
const DISTANCE_MAX: f64 = 16_383.0;

/// Blind phase search on each polarization of a stream of symbols, one sample each.
///
/// # Algorithm
/// 1. Test phases divide a quarter turn evenly. A symbol's squared distance to the constellation at all of them is one row of a
///    table: a symbol of amplitude r and angle a meets, at test phase b, what r alone meets at angle a - b. Rows are addressed by
///    amplitude (128 steps up to 1.5 times the greatest; beyond, the last) and by the angle in quarters of a test phase.
/// 2. Rows of the symbols from `half_window_count` before to as many behind are summed, exactly, in integers: each step adds one
///    row and takes one off.
/// 3. The least sum, with a parabola through it and its neighbors, is the phase; quarter turns are chosen so that the phase moves
///    least.
///
/// Constellations look the same after a quarter turn, hence any quarter turn is as good: known symbols decide.
/// Cost: 3 integer operations per symbol and test phase, whatever the constellation.
///
/// # References
/// Pfau, Hoffmann and Noe 2009, doi 10.1109/JLT.2008.2010511.
pub struct BlindPhaseSearch {
    table: DistanceTable,
    half_window_count: usize,
    searches: [Search; 2],
}

/// State of one polarization.
#[derive(Default)]
struct Search {
    /// Rows of the last symbols, as offsets into the table; the symbols that wait for their phase.
    rows: Vec<u32>,
    symbols: Vec<Complex64>,
    /// Sums of distances, each above the number of its test phase.
    sums: Vec<u32>,
    /// Symbols that were added, and of those that have their phase.
    added_count: usize,
    phase_rad: f64,
}

/// Symbols whose phase was recovered.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Recovered {
    /// Symbols with their phase taken off.
    pub symbols: Field,
    /// The phase that was taken off each.
    pub phase_rad: [Vec<f64>; 2],
}

/// Squared distances to the constellation by amplitude, angle within a test phase, and test phase.
struct DistanceTable {
    phases_count: usize,
    values: Vec<u32>,
    amplitude_scale: f64,
    empty: u32,
}

impl DistanceTable {
    fn new(targets: &Targets, phases_count: usize) -> Self {
        let amplitude_max = AMPLITUDE_MAX_RATIO * targets.radii.last().copied().unwrap_or(1.0).sqrt();
        let amplitude_scale = (AMPLITUDES_COUNT - 1) as f64 / amplitude_max;
        let step = FRAC_PI_2 / phases_count as f64;
        let mut distances = Vec::with_capacity(AMPLITUDES_COUNT * ANGLES_COUNT * phases_count);
        for amplitude in 0..AMPLITUDES_COUNT {
            for angle in 0..ANGLES_COUNT {
                for phase in 0..phases_count {
                    let turn = (angle as f64 / ANGLES_COUNT as f64 - phase as f64) * step;
                    let value = Complex64::from_polar(amplitude as f64 / amplitude_scale, turn);
                    distances.push((value - targets.nearest(value)).norm_sqr());
                }
            }
        }
        let most = distances.iter().copied().fold(0.0, f64::max);
        let mut values = Vec::with_capacity(2 * distances.len() + phases_count);
        for row in distances.chunks_exact(phases_count) {
            // Twice in a row, so that any start has a whole turn behind it.
            for _ in 0..2 {
                values
                    .extend(row.iter().map(|distance| ((distance / most * DISTANCE_MAX).round() as u32) << PHASE_BITS));
            }
        }
        let empty = values.len() as u32;
        values.resize(values.len() + phases_count, 0);
        Self { phases_count, values, amplitude_scale, empty }
    }
}

/// Rows of the table for symbols.
struct FindRows<'a> {
    table: &'a DistanceTable,
    symbols: &'a [Complex64],
    rows: &'a mut [u32],
}

impl ColumnWork for FindRows<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let phases = self.table.phases_count as u32;
        let per_turn = f64::from(phases * ANGLES_COUNT as u32);
        let angle_scale = per_turn / FRAC_PI_2;
        let (scale, last) = (self.table.amplitude_scale, (AMPLITUDES_COUNT - 1) as f64);
        for (row, symbol) in self.rows.iter_mut().zip(self.symbols) {
            let amplitude = (symbol.norm_sqr().sqrt() * scale + 0.5).min(last) as u32;
            let place = (quarter_angle(*symbol) * angle_scale + 0.5) as u32;
            let place = if place >= phases * ANGLES_COUNT as u32 { 0 } else { place };
            let (phase, angle) = (place / ANGLES_COUNT as u32, place % ANGLES_COUNT as u32);
            let start = if phase == 0 { 0 } else { phases - phase };
            *row = (amplitude * ANGLES_COUNT as u32 + angle) * 2 * phases + start;
        }
    }
}

/// Angle of a number within its quarter turn, right to 1e-5 rad.
///
/// # References
/// Abramowitz and Stegun, 4.4.49 (arc tangent, error below 1e-5).
#[inline(always)]
fn quarter_angle(value: Complex64) -> f64 {
    let (a, b) = (value.re.abs(), value.im.abs());
    // Turned back by quarters into the first one.
    let (x, y) = if value.re * value.im >= 0.0 { (a, b) } else { (b, a) };
    let t = x.min(y) / x.max(y).max(f64::MIN_POSITIVE);
    let z = t * t;
    let small = t * (0.999_866 + z * (-0.330_299_5 + z * (0.180_141 + z * (-0.085_133 + z * 0.020_835_1))));
    if y > x { FRAC_PI_2 - small } else { small }
}

/// Phases within a quarter turn for a run of symbols: as one symbol enters the window, the one in its middle has its phase found.
struct FindPhases<'a> {
    table: &'a [u32],
    sums: &'a mut [u32],
    /// Rows from the first that is still in the window on.
    rows: &'a [u32],
    /// Places in `rows` of the symbols that enter.
    entering: std::ops::Range<usize>,
    window_count: usize,
    phases: &'a mut Vec<f64>,
}

impl pulp::WithSimd for FindPhases<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let count = self.sums.len();
        let row = |place: usize| &self.table[self.rows[place] as usize..][..count];
        for entering in self.entering {
            let (added, removed) = (row(entering), row(entering - self.window_count));
            let sums = S::as_mut_simd_u32s(self.sums).0.iter_mut();
            let mut least = simd.splat_u32s(u32::MAX);
            for ((sum, added), removed) in sums.zip(S::as_simd_u32s(added).0).zip(S::as_simd_u32s(removed).0) {
                *sum = simd.sub_u32s(simd.add_u32s(*sum, *added), *removed);
                least = simd.min_u32s(least, *sum);
            }
            let mut lanes = [u32::MAX; 8];
            for (slot, least) in S::as_mut_simd_u32s(&mut lanes).0.iter_mut().zip([least]) {
                *slot = least;
            }
            let best = (lanes.into_iter().min().unwrap_or(0) & ((1 << PHASE_BITS) - 1)) as usize;
            let before = if best == 0 { count - 1 } else { best - 1 };
            let after = if best + 1 == count { 0 } else { best + 1 };
            let [before, here, after] = [before, best, after].map(|place| -f64::from(self.sums[place] >> PHASE_BITS));
            let offset = super::dispersion::parabola_offset(before, here, after);
            self.phases.push((best as f64 + offset) * (FRAC_PI_2 / count as f64));
        }
    }
}

impl BlindPhaseSearch {
    /// A search over `test_phases_count` phases, a multiple of 8 up to 128, in windows of 2 `half_window_count` + 1 symbols.
    ///
    /// # Errors
    /// [`crate::Error::Parameter`] if a count is out of range.
    pub fn new(modulation: Modulation, test_phases_count: usize, half_window_count: usize) -> Result<Self> {
        require_count("test_phases_count", test_phases_count, 8, 1 << PHASE_BITS)?;
        if !test_phases_count.is_multiple_of(8) {
            return Err(crate::Error::parameter("test_phases_count", test_phases_count, "a multiple of 8"));
        }
        require_count("half_window_count", half_window_count, 1, 255)?;
        let table = DistanceTable::new(&Targets::new(modulation)?, test_phases_count);
        let mut out = Self { table, half_window_count, searches: Default::default() };
        out.reset();
        Ok(out)
    }

    /// Takes the next symbols, of mean power 1, and gives those whose window is complete.
    ///
    /// # Errors
    /// [`crate::Error::Parameter`] if the polarizations differ in length or a symbol is not finite.
    pub fn process(&mut self, block: FieldView<'_>) -> Result<Recovered> {
        require_field("block", block)?;
        Ok(self.advance(block, 0))
    }

    /// Gives the rest of the symbols, with windows that end with the stream, and starts anew.
    pub fn finish(&mut self) -> Recovered {
        let out = self.advance([&[], &[]], self.half_window_count);
        self.reset();
        out
    }

    /// Forgets the stream.
    pub fn reset(&mut self) {
        for search in &mut self.searches {
            *search = Search {
                rows: vec![self.table.empty; 2 * self.half_window_count + 1],
                sums: (0..self.table.phases_count as u32).collect(),
                ..Search::default()
            };
        }
    }

    fn advance(&mut self, block: FieldView<'_>, beyond_count: usize) -> Recovered {
        let mut out = Recovered::default();
        for (polarization, (search, symbols)) in self.searches.iter_mut().zip(block).enumerate() {
            let before = search.rows.len();
            search.symbols.extend_from_slice(symbols);
            search.rows.resize(before + symbols.len(), 0);
            vectorize(FindRows { table: &self.table, symbols, rows: &mut search.rows[before..] });
            search.rows.resize(before + symbols.len() + beyond_count, self.table.empty);
            let mut phases = Vec::with_capacity(symbols.len() + beyond_count);
            dispatch_quads(FindPhases {
                table: &self.table.values,
                sums: &mut search.sums,
                rows: &search.rows,
                entering: before..search.rows.len(),
                window_count: 2 * self.half_window_count + 1,
                phases: &mut phases,
            });
            search.rows.drain(..search.rows.len() - before);
            // The first half window of steps has no symbol in its middle.
            let idle = self.half_window_count.saturating_sub(search.added_count).min(phases.len());
            search.added_count += phases.len();
            phases.drain(..idle);
            for phase in &mut phases {
                *phase += nearest_integer((search.phase_rad - *phase) * FRAC_2_PI) * FRAC_PI_2;
                search.phase_rad = *phase;
            }
            let ready = phases.len().min(search.symbols.len());
            phases.truncate(ready);
            let mut turned: Vec<Complex64> = search.symbols.drain(..ready).collect();
            take_off_phase(&mut turned, &phases);
            out.symbols[polarization] = turned;
            out.phase_rad[polarization] = phases;
        }
        out
    }
}

#[cfg(test)]
mod tests;
