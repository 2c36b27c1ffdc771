//! Colors of values.

use super::require_rising;
use crate::error::{Error, Result};
use crate::vector::{ColumnWork, vectorize};

/// 256 colors 0xAARRGGBB, the first one for the least value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Palette([u32; Palette::COLORS_COUNT]);

impl Palette {
    /// Colors of every palette.
    pub const COLORS_COUNT: usize = 256;

    /// A palette of these colors.
    ///
    /// # Errors
    /// [`Error::Parameter`] if there are not 256.
    pub fn new(colors: &[u32]) -> Result<Self> {
        colors
            .try_into()
            .map(Self)
            .map_err(|_| Error::parameter("palette", format!("{} colors", colors.len()), "256 colors"))
    }

    /// Color of a share of the way from the least value to the greatest: of 256 equal steps, the last one closed.
    ///
    /// What lies outside, infinities too, gets the color of the nearer end; NaN that of the least.
    #[inline(always)]
    pub(super) fn color(&self, share: f64) -> u32 {
        // The cast takes NaN and what is below 0 to 0.
        self.0[((share * Self::COLORS_COUNT as f64) as u32).min(Self::COLORS_COUNT as u32 - 1) as usize]
    }
}

struct Shading<'a> {
    values: &'a [f64],
    low: f64,
    span: f64,
    palette: &'a Palette,
    nan_color: u32,
    out: &'a mut [u32],
}

impl ColumnWork for Shading<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for (pixel, &value) in self.out.iter_mut().zip(self.values) {
            let color = self.palette.color((value - self.low) / self.span);
            *pixel = if value.is_nan() { self.nan_color } else { color };
        }
    }
}

/// Colors the values of a matrix, such as those of a waterfall of spectra, `low` and below with the first color of the
/// palette, `high` and above with the last, NaN with its own.
///
/// # Errors
/// [`Error::Parameter`] if `low` is not below `high`, or `out` has another length than `values`.
pub fn shade_matrix(
    values: &[f64],
    low: f64,
    high: f64,
    palette: &Palette,
    nan_color: u32,
    out: &mut [u32],
) -> Result<()> {
    require_rising("low and high", [low, high])?;
    if out.len() != values.len() {
        return Err(Error::parameter("out", format!("{} pixels", out.len()), format!("{} pixels", values.len())));
    }
    vectorize(Shading { values, low, span: high - low, palette, nan_color, out });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gray() -> Palette {
        Palette::new(&(0..256).map(|level| 0xff00_0000 | (level * 0x01_0101)).collect::<Vec<u32>>()).unwrap()
    }

    #[test]
    fn every_value_finds_its_color() {
        let values = [f64::NEG_INFINITY, -1.0, 0.0, 0.999, 1.0, 128.0, 255.5, 256.0, 300.0, f64::INFINITY, f64::NAN];
        let mut out = [0; 11];
        shade_matrix(&values, 0.0, 256.0, &gray(), 7, &mut out).unwrap();
        let levels: Vec<u32> = out[..10].iter().map(|color| color & 0xff).collect();
        assert_eq!(levels, [0, 0, 0, 0, 1, 128, 255, 255, 255, 255]);
        assert_eq!(out[10], 7);
    }

    #[test]
    fn what_cannot_be_shaded_is_refused() {
        let palette = gray();
        for (low, high) in [(1.0, 1.0), (2.0, 1.0), (f64::NAN, 1.0), (0.0, f64::INFINITY), (-1e308, 1e308)] {
            assert!(shade_matrix(&[0.0], low, high, &palette, 0, &mut [0]).is_err(), "{low} to {high}");
        }
        assert!(shade_matrix(&[0.0], 0.0, 1.0, &palette, 0, &mut [0; 2]).is_err());
        assert!(Palette::new(&[0; 255]).is_err());
    }
}
