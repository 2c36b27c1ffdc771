//! Figures of a comb that the geometry of its pairs of channels alone decides.

use super::nonlinear_strips::{StripGroup, sum_strips};
use super::nonlinear_tile::TILE_WIDTH;
use crate::column::Column;

/// One figure for each pair of channels, so that neighboring channels under test are neighbors in memory.
///
/// Channels of one symbol rate on an even grid see each other alike: one row over their distance serves all, each at another
/// place. Else there is a row for each interfering channel. Zeros follow, as far as a tile may look.
#[derive(Debug, Clone, Default)]
pub(super) struct PairFigures {
    figures: Column,
    count: usize,
    is_even: bool,
}

impl PairFigures {
    /// Zeros for all pairs of `count` channels.
    pub(super) fn new(count: usize, is_even: bool) -> Self {
        let length = if is_even { 2 * count + TILE_WIDTH } else { count * count.next_multiple_of(TILE_WIDTH) };
        Self { figures: Column::zeros(length.next_multiple_of(TILE_WIDTH)), count, is_even }
    }

    /// The figure of channel `k` seen from the channel under test.
    #[inline(always)]
    pub(super) fn at(&self, test: usize, k: usize) -> f64 {
        self.figures[self.places(test).of(k)]
    }

    /// Figures of all channels seen from the one under test.
    pub(super) fn seen_from(&self, test: usize) -> impl Iterator<Item = f64> {
        (0..self.count).map(move |k| self.at(test, k))
    }

    /// All figures, to be read at [`PairPlaces`].
    pub(super) fn figures(&self) -> &[f64] {
        &self.figures
    }

    /// Where the figures of each channel seen from those of a tile begin.
    pub(super) fn places(&self, first: usize) -> PairPlaces {
        if self.is_even {
            PairPlaces { start: self.count - 1 + first, step: usize::MAX }
        } else {
            PairPlaces { start: first, step: self.count.next_multiple_of(TILE_WIDTH) }
        }
    }

    /// The one row that serves all channels of an even grid, in groups.
    pub(super) fn even_groups_mut(&mut self) -> &mut [[f64; TILE_WIDTH]] {
        self.figures.as_chunks_mut().0
    }

    fn weight(&self) -> usize {
        self.figures.len()
    }
}

/// Places of figures of one channel after the other: forward by rows, or back over the one row of an even grid.
#[derive(Debug, Clone, Copy)]
pub(super) struct PairPlaces {
    start: usize,
    /// Modulo the greatest number there is.
    step: usize,
}

impl PairPlaces {
    /// The place of channel `k`.
    #[inline(always)]
    pub(super) fn of(self, k: usize) -> usize {
        self.start.wrapping_add(k.wrapping_mul(self.step))
    }
}

/// Names the columns of pairs and what they have in common.
macro_rules! pair_columns {
    ($($(#[$about:meta])* $name:ident),+ $(,)?) => {
        /// Figures of each channel seen from each other one.
        #[derive(Debug, Clone, Default)]
        pub(super) struct PairGeometry {
            $($(#[$about])* pub $name: PairFigures,)+
        }

        impl PairGeometry {
            /// Numbers it holds.
            pub(super) fn weight(&self) -> usize {
                0 $(+ self.$name.weight())+
            }

            fn columns(&mut self) -> [&mut PairFigures; COLUMN_COUNT] {
                [$(&mut self.$name),+]
            }
        }
    };
}

const COLUMN_COUNT: usize = 10;

pair_columns!(
    /// ln((D + B/2)/(D - B/2)) for distance D and symbol rate B.
    reach_ln,
    /// B/(D^2 - B^2/4).
    span_per_hz,
    /// t = B/(D - B/2): width, relative to the dispersion gathered, of the window in which symbols of one channel pass one of
    /// the other.
    width,
    /// 1/(t ln(1 + t)).
    level,
    /// Share of the noise of a span too short to lose power, without dispersion before it, that the window holds together.
    flat_share,
    /// What it holds together of a long span beyond that.
    long_excess,
    /// Strips where the third frequency leaves the channel: weight of the first tail in their asymptote, ...
    cut_tail,
    /// ... and of the constant of K.
    cut_constant,
    /// Strips that fall into the channel above: weight of the first tail.
    upper_tail,
    /// The same of the channel below.
    lower_tail,
);

impl PairGeometry {
    /// Columns for `count` channels, to be filled for one distance after the other (`is_even`) or for each pair.
    pub(super) fn new(count: usize, is_even: bool) -> Self {
        let mut out = Self::default();
        for column in out.columns() {
            *column = PairFigures::new(count, is_even);
        }
        out
    }

    /// Sets the figures of a pair, a channel under test and one at distance D (0: itself, which makes no rectangle), and its strips.
    ///
    /// # Algorithm
    /// The window has the shape 1 - s at 1 + t s times the dispersion. A decaying power from zero dispersion on:
    /// 4 t/ln(1 + t) int_0^1 (1 - s)/((1 + t s)(2 + t s)) ds; a constant one: 2/ln(1 + t) int_0^1 t s/(1 + t s) ds; both by
    /// partial fractions.
    pub(super) fn set(&mut self, (test, k): (usize, usize), distance_hz: f64, rate_hz: f64, strips: &[StripGroup]) {
        let mut figures = [0.0; COLUMN_COUNT];
        if distance_hz != 0.0 {
            let t = rate_hz / (distance_hz - 0.5 * rate_hz);
            let reach_ln = t.ln_1p();
            let flat_share = 2.0 * (t - reach_ln) / (t * reach_ln);
            let long_share = 4.0 * ((1.0 + 1.0 / t) * reach_ln - (1.0 + 2.0 / t) * (0.5 * t).ln_1p()) / reach_ln;
            figures[..6].copy_from_slice(&[
                reach_ln,
                rate_hz / (distance_hz * distance_hz - 0.25 * rate_hz * rate_hz),
                t,
                1.0 / (t * reach_ln),
                flat_share,
                long_share - flat_share,
            ]);
        }
        figures[6..].copy_from_slice(&sum_strips(strips));
        for (column, figure) in self.columns().into_iter().zip(figures) {
            let place = column.places(test).of(k);
            column.figures[place] = figure;
        }
    }
}
