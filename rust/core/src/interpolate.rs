//! Piecewise-linear tables with hard ends: outside its first and last point a table has no value.

use crate::error::{Error, Result};

/// Borrowed points (x rising) of one piecewise-linear curve.
#[derive(Debug, Clone, Copy)]
pub struct Points<'a> {
    x: &'a [f64],
    y: &'a [f64],
}

impl<'a> Points<'a> {
    /// A curve over `x` (strictly rising) and `y` of the same length, which may be zero: then the curve is absent.
    ///
    /// # Errors
    /// [`Error::Parameter`] if lengths differ, a number is not finite or `x` does not rise.
    pub fn new(x: &'a [f64], y: &'a [f64]) -> Result<Self> {
        if x.len() != y.len() {
            return Err(Error::parameter("points", format!("{} x and {} y", x.len(), y.len()), "as many x as y"));
        }
        if x.iter().chain(y).any(|value| !value.is_finite()) {
            return Err(Error::parameter("points", "a number that is not finite", "finite numbers"));
        }
        if x.windows(2).any(|pair| pair[1] <= pair[0]) {
            return Err(Error::parameter("points", "x that does not rise", "strictly rising x"));
        }
        Ok(Self { x, y })
    }

    /// Whether there is no curve.
    pub fn is_absent(&self) -> bool {
        self.x.is_empty()
    }

    /// All x, rising.
    pub fn x(&self) -> &'a [f64] {
        self.x
    }

    /// All y.
    pub fn y(&self) -> &'a [f64] {
        self.y
    }

    /// First x and last x; `None` where the curve is absent.
    pub fn range(&self) -> Option<(f64, f64)> {
        Some((*self.x.first()?, *self.x.last()?))
    }

    /// Last y; `None` where the curve is absent.
    pub fn last_y(&self) -> Option<f64> {
        self.y.last().copied()
    }

    /// Value at `x`; `None` outside the points.
    pub fn at(&self, x: f64) -> Option<f64> {
        self.between(x, |x0, x1, y0, y1| y0 + (x - x0) / (x1 - x0) * (y1 - y0))
    }

    /// Value at `x` by interpolation of ln y over ln x (all points positive); `None` outside the points.
    pub fn at_log_log(&self, x: f64) -> Option<f64> {
        self.between(x, |x0, x1, y0, y1| {
            let weight = (x / x0).ln() / (x1 / x0).ln();
            (y0.ln() + weight * (y1 / y0).ln()).exp()
        })
    }

    /// Finds the segment (x0, x1, y0, y1) that holds `x` and interpolates in it; a point itself gives its y exactly.
    fn between(&self, x: f64, interpolate: impl Fn(f64, f64, f64, f64) -> f64) -> Option<f64> {
        let (first, last) = self.range()?;
        if !(first <= x && x <= last) {
            return None;
        }
        let upper = self.x.partition_point(|&point| point < x);
        if upper == 0 || self.x[upper] == x {
            return Some(self.y[upper]);
        }
        Some(interpolate(self.x[upper - 1], self.x[upper], self.y[upper - 1], self.y[upper]))
    }
}

/// Many curves in one pair of flat arrays; curve `i` has the points `offsets[i]..offsets[i + 1]`.
#[derive(Debug, Clone, Copy)]
pub struct PointTable<'a> {
    offsets: &'a [usize],
    x: &'a [f64],
    y: &'a [f64],
}

impl<'a> PointTable<'a> {
    /// A table of `offsets.len() - 1` curves.
    ///
    /// # Errors
    /// [`Error::Parameter`] if the offsets do not rise from 0 to the number of points, or a curve is not valid.
    pub fn new(name: &str, offsets: &'a [usize], x: &'a [f64], y: &'a [f64]) -> Result<Self> {
        check_offsets(name, offsets, x.len())?;
        if x.len() != y.len() {
            return Err(Error::parameter(name, format!("{} x and {} y", x.len(), y.len()), "as many x as y"));
        }
        for row in offsets.windows(2) {
            Points::new(&x[row[0]..row[1]], &y[row[0]..row[1]])?;
        }
        Ok(Self { offsets, x, y })
    }

    /// Number of curves.
    pub fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Whether there are no curves.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Curve `index`; [`PointTable::new`] has found its points valid.
    ///
    /// # Errors
    /// [`Error::Parameter`] if there is no such curve.
    pub fn curve(&self, index: usize) -> Result<Points<'a>> {
        let (Some(&start), Some(&end)) = (self.offsets.get(index), self.offsets.get(index + 1)) else {
            return Err(Error::parameter("curve", index, format!("a number below {}", self.len())));
        };
        Ok(Points { x: &self.x[start..end], y: &self.y[start..end] })
    }
}

/// Checks that `offsets` cut `length` entries into consecutive rows.
///
/// # Errors
/// [`Error::Parameter`] if they do not start at 0, fall, or do not end at `length`.
pub fn check_offsets(name: &str, offsets: &[usize], length: usize) -> Result<()> {
    let sound = offsets.first() == Some(&0)
        && offsets.last() == Some(&length)
        && offsets.windows(2).all(|pair| pair[0] <= pair[1]);
    if sound {
        Ok(())
    } else {
        Err(Error::parameter(format!("{name} offsets"), format!("{offsets:?}"), format!("rising from 0 to {length}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hard_ends_and_knees() {
        let curve = Points::new(&[0.0, 4.0, 12.0], &[0.0, 0.0, 0.5]).unwrap();
        assert_eq!(curve.at(4.0), Some(0.0));
        assert_eq!(curve.at(8.0), Some(0.25));
        assert_eq!(curve.at(12.0), Some(0.5));
        assert_eq!(curve.at(12.000_001), None);
        assert_eq!(curve.at(-1e-9), None);
        assert_eq!(curve.at(f64::NAN), None);
        assert_eq!(Points::new(&[], &[]).unwrap().at(0.0), None);
        assert!(Points::new(&[1.0, 1.0], &[0.0, 0.0]).is_err());
    }

    #[test]
    fn log_log_is_a_power_law() {
        let curve = Points::new(&[1e-3, 1e-1], &[1e-6, 1e-2]).unwrap();
        assert!((curve.at_log_log(1e-2).unwrap() / 1e-4 - 1.0).abs() < 1e-12);
    }

    #[test]
    fn offsets_must_cut_the_points() {
        assert!(PointTable::new("t", &[0, 2, 2], &[0.0, 1.0], &[0.0, 1.0]).is_ok());
        assert!(PointTable::new("t", &[0, 3], &[0.0, 1.0], &[0.0, 1.0]).is_err());
        assert!(PointTable::new("t", &[1, 2], &[0.0, 1.0], &[0.0, 1.0]).is_err());
    }
}
