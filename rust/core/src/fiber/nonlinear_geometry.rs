//! Figures of a comb that the geometry of its pairs of channels alone decides.

use super::nonlinear_strips::{StripGroup, sum_strips};

/// One figure for each pair of channels: a row for each channel under test.
///
/// Channels of one symbol rate on an even grid see each other alike: one row serves all, each at another place.
#[derive(Debug, Clone, Default)]
pub(super) struct PairRows {
    figures: Vec<f64>,
    count: usize,
    is_even: bool,
}

impl PairRows {
    /// The figures of all channels seen from one.
    #[inline(always)]
    pub(super) fn row(&self, test: usize) -> &[f64] {
        let start = if self.is_even { self.count - 1 - test } else { test * self.count };
        &self.figures[start..start + self.count]
    }

    /// The one row that serves all channels of an even grid, over their distance from the last before to the last behind.
    pub(super) fn even_row(&self) -> &[f64] {
        &self.figures
    }

    /// Figures over that distance, 2 N - 1 for N channels.
    pub(super) fn even(figures: Vec<f64>) -> Self {
        Self { count: figures.len().div_ceil(2), figures, is_even: true }
    }

    fn weight(&self) -> usize {
        self.figures.len()
    }
}

/// Names the columns of pairs and what they have in common.
macro_rules! pair_columns {
    ($($(#[$about:meta])* $name:ident),+ $(,)?) => {
        /// Figures of each channel seen from each other one, one row for each channel under test.
        #[derive(Debug, Clone, Default)]
        pub(super) struct PairGeometry {
            $($(#[$about])* pub $name: PairRows,)+
        }

        impl PairGeometry {
            /// Numbers it holds.
            pub(super) fn weight(&self) -> usize {
                0 $(+ self.$name.weight())+
            }

            fn columns(&mut self) -> [&mut PairRows; COLUMN_COUNT] {
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
    /// Columns for `count` channels, to be filled with one row for all (`is_even`) or one for each.
    pub(super) fn new(count: usize, is_even: bool) -> Self {
        let length = if is_even { (2 * count).saturating_sub(1) } else { count * count };
        let mut out = Self::default();
        for column in out.columns() {
            *column = PairRows { figures: Vec::with_capacity(length), count, is_even };
        }
        out
    }

    /// Appends the figures of the next pair: a channel at distance D (0: itself, which makes no rectangle) and its strips.
    ///
    /// # Algorithm
    /// The window has the shape 1 - s at 1 + t s times the dispersion. A decaying power from zero dispersion on:
    /// 4 t/ln(1 + t) int_0^1 (1 - s)/((1 + t s)(2 + t s)) ds; a constant one: 2/ln(1 + t) int_0^1 t s/(1 + t s) ds; both by
    /// partial fractions.
    pub(super) fn push(&mut self, distance_hz: f64, rate_hz: f64, strips: &[StripGroup]) {
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
            column.figures.push(figure);
        }
    }
}
