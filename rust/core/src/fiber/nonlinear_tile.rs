//! What pairs of channels make on neighboring channels under test side by side, one lane of a wide vector for each.

use std::cell::Cell;

/// Channels under test of a tile: as many as the widest vectors hold.
pub(super) const TILE_WIDTH: usize = 16;

/// One number for each channel under test of a tile: a line of the cache.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
#[repr(align(64))]
pub(super) struct Lanes(pub [f64; TILE_WIDTH]);

thread_local! {
    static PAIRS: Cell<Vec<Lanes>> = const { Cell::new(Vec::new()) };
}

/// Lends memory for the pairs of a tile, with whatever is in it: each thread uses its own tile after tile.
pub(super) fn with_pairs<T>(count: usize, work: impl FnOnce(&mut [Lanes]) -> T) -> T {
    let mut pairs = PAIRS.take();
    pairs.resize(count, Lanes::default());
    let out = work(&mut pairs);
    PAIRS.set(pairs);
    out
}

/// What each channel of a comb makes on some neighboring channels under test.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tile<'a> {
    /// First channel under test.
    pub first: usize,
    /// One entry for each interfering channel. Lanes of channels beyond the end of the comb hold no figure.
    pub pairs: &'a [Lanes],
}

impl Tile<'_> {
    /// Channels under test that the comb has.
    pub(super) fn tests(&self) -> std::ops::Range<usize> {
        self.first..self.pairs.len().min(self.first + TILE_WIDTH)
    }
}

/// The first channels under test of the tiles of a comb.
pub(super) fn tile_starts(count: usize) -> std::iter::StepBy<std::ops::Range<usize>> {
    (0..count).step_by(TILE_WIDTH)
}

/// Entries of a column for the channels under test of a tile; zeros beyond its end.
pub(super) fn lanes_of(column: &[f64], first: usize) -> [f64; TILE_WIDTH] {
    let mut out = [0.0; TILE_WIDTH];
    for (lane, value) in out.iter_mut().zip(&column[first..]) {
        *lane = *value;
    }
    out
}

/// Figures for the channels under test of a tile, from a place on.
#[inline(always)]
pub(super) fn lanes_at(figures: &[f64], place: usize) -> &[f64] {
    &figures[place..][..TILE_WIDTH]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_cover_each_channel_once() {
        for count in [0, 1, 15, 16, 17, 40] {
            let pairs = vec![Lanes::default(); count];
            let tests: Vec<usize> =
                tile_starts(count).flat_map(|first| Tile { first, pairs: &pairs }.tests()).collect();
            assert_eq!(tests, (0..count).collect::<Vec<_>>());
        }
    }

    #[test]
    fn lanes_end_with_the_column() {
        let column: Vec<f64> = (1..=20).map(f64::from).collect();
        assert_eq!(lanes_of(&column, 0)[15], 16.0);
        let last = lanes_of(&column, 16);
        assert_eq!((&last[..4], &last[4..]), (&[17.0, 18.0, 19.0, 20.0][..], &[0.0; 12][..]));
        assert_eq!((lanes_at(&column, 4)[0], lanes_at(&column, 4)[15]), (5.0, 20.0));
        for beyond in [5, 21] {
            // Nothing in their place: zeros would pass for figures.
            assert!(std::panic::catch_unwind(|| lanes_at(&column, beyond)[0]).is_err());
        }
    }
}
