//! Passbands of multiplexers and wavelength-selective switches, alone and in cascade.

use crate::error::{Error, Result, require_finite, require_positive};
use crate::special::{find_root, inverse_q_function, q_function};
use crate::units::{from_db, to_db};
use std::f64::consts::LN_2;

/// Steps that settle what the edges take from each other; each gains a third of a digit or more.
const FAR_EDGE_STEPS: usize = 40;

/// Law of the passband's edges.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Shape {
    /// A rectangle of the field, smoothed by a Gaussian: half its width, the Gaussian's standard deviation, the field in
    /// the middle.
    SmoothedRectangle { half_width_hz: f64, edge_hz: f64, peak_ratio: f64 },
    /// Power exp(-ln 2 |f/half_width|^exponent).
    SuperGaussian { half_width_hz: f64, exponent: f64 },
}

/// Power transmission of one filter over the offset from a signal's center; 1 in its middle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Passband {
    shape: Shape,
    center_offset_hz: f64,
}

fn check_widths(width_3db_hz: f64, width_10db_hz: f64, center_offset_hz: f64) -> Result<()> {
    require_positive("width_3db_hz", width_3db_hz)?;
    require_finite("width_10db_hz", width_10db_hz)?;
    require_finite("center_offset_hz", center_offset_hz)?;
    if width_10db_hz > width_3db_hz {
        Ok(())
    } else {
        Err(Error::parameter("width_10db_hz", width_10db_hz, format!("more than {width_3db_hz}, the 3-dB width")))
    }
}

impl Passband {
    /// The passband of a wavelength-selective switch or of a flat-top multiplexer with these full widths.
    ///
    /// # Algorithm
    /// The field is a rectangle of width B smoothed by a Gaussian of standard deviation s, so that each edge is
    /// Q((f - B/2)/s) of the field. With x(d) = Q^-1(10^(-d/20)), the half widths at d dB are B/2 + x(d) s: the two given
    /// ones determine B and s. What the far edge takes away is put in step by step.
    ///
    /// # Errors
    /// [`Error::Parameter`] if a width is not above 0, the 10-dB width is not the greater one, or it is so much greater
    /// (more than 1.66 times) that the edges meet in the middle.
    ///
    /// # References
    /// Pulikkaseril 2011, doi 10.1364/OE.19.008458.
    pub fn flat_top(width_3db_hz: f64, width_10db_hz: f64, center_offset_hz: f64) -> Result<Self> {
        check_widths(width_3db_hz, width_10db_hz, center_offset_hz)?;
        let halves_hz = [0.5 * width_3db_hz, 0.5 * width_10db_hz];
        let (mut half_width_hz, mut edge_hz) = (0.0, 0.0);
        // What the far edge takes away; nothing at first.
        let (mut peak, mut far) = (1.0, [0.0; 2]);
        for _ in 0..FAR_EDGE_STEPS {
            let at_3db = inverse_q_function(0.5f64.sqrt() * peak + far[0])?;
            let at_10db = inverse_q_function(0.1f64.sqrt() * peak + far[1])?;
            edge_hz = (halves_hz[1] - halves_hz[0]) / (at_10db - at_3db);
            half_width_hz = halves_hz[0] - at_3db * edge_hz;
            if half_width_hz < 1.85 * edge_hz {
                return Err(Error::parameter(
                    "width_10db_hz",
                    width_10db_hz,
                    format!("at most 1.66 times the 3-dB width of {width_3db_hz}, or the edges meet in the middle"),
                ));
            }
            peak = 1.0 - 2.0 * q_function(half_width_hz / edge_hz);
            far = halves_hz.map(|half_hz| q_function((half_hz + half_width_hz) / edge_hz));
        }
        Ok(Self { shape: Shape::SmoothedRectangle { half_width_hz, edge_hz, peak_ratio: peak }, center_offset_hz })
    }

    /// A super-Gaussian passband with these full widths.
    ///
    /// # Algorithm
    /// Power exp(-ln 2 |2 f/B3|^m): 3 dB at B3/2, and 10 dB at B10/2 for m = ln(ln 10/ln 2)/ln(B10/B3).
    ///
    /// # Errors
    /// [`Error::Parameter`] if a width is not above 0 or the 10-dB width is not the greater one.
    pub fn super_gaussian(width_3db_hz: f64, width_10db_hz: f64, center_offset_hz: f64) -> Result<Self> {
        check_widths(width_3db_hz, width_10db_hz, center_offset_hz)?;
        let exponent = (10f64.ln() / LN_2).ln() / (width_10db_hz / width_3db_hz).ln();
        Ok(Self { shape: Shape::SuperGaussian { half_width_hz: 0.5 * width_3db_hz, exponent }, center_offset_hz })
    }

    /// The same passband with its center moved.
    #[must_use]
    pub fn shifted(self, by_hz: f64) -> Self {
        Self { center_offset_hz: self.center_offset_hz + by_hz, ..self }
    }

    /// Offset of the passband's center from the signal's.
    pub fn center_offset_hz(&self) -> f64 {
        self.center_offset_hz
    }

    /// Power transmission at an offset from the signal's center.
    pub fn power_ratio(&self, offset_hz: f64) -> f64 {
        let f = (offset_hz - self.center_offset_hz).abs();
        match self.shape {
            Shape::SmoothedRectangle { half_width_hz, edge_hz, peak_ratio } => {
                let far = q_function((f + half_width_hz) / edge_hz);
                ((q_function((f - half_width_hz) / edge_hz) - far) / peak_ratio).powi(2)
            }
            Shape::SuperGaussian { half_width_hz, exponent } => (-LN_2 * (f / half_width_hz).powf(exponent)).exp(),
        }
    }

    /// Greatest distance from the center where the transmission is still worth a number.
    fn reach_hz(&self) -> f64 {
        match self.shape {
            Shape::SmoothedRectangle { half_width_hz, edge_hz, .. } => half_width_hz + 20.0 * edge_hz,
            Shape::SuperGaussian { half_width_hz, exponent } => half_width_hz * (600.0 / LN_2).powf(1.0 / exponent),
        }
    }
}

/// Power transmission of filters one after the other.
pub fn cascade_power_ratio(passbands: &[Passband], offset_hz: f64) -> f64 {
    passbands.iter().map(|passband| passband.power_ratio(offset_hz)).product()
}

/// Full width of a cascade at `depth_db` below its own peak.
///
/// # Algorithm
/// 1. Each transmission falls from its center on both sides, so that the peak of the product lies between the outermost
///    centers: golden-section search (the logarithms are concave, there is one peak).
/// 2. A root finder on each side of the peak.
///
/// # Errors
/// [`Error::Parameter`] if there is no passband or the depth is not above 0.
pub fn cascade_width_hz(passbands: &[Passband], depth_db: f64) -> Result<f64> {
    require_positive("depth_db", depth_db)?;
    if passbands.is_empty() {
        return Err(Error::parameter("passbands", "an empty list", "at least one passband"));
    }
    let ends =
        |pick: fn(f64, f64) -> f64, start: f64| passbands.iter().map(Passband::center_offset_hz).fold(start, pick);
    let (low, high) = (ends(f64::min, f64::INFINITY), ends(f64::max, f64::NEG_INFINITY));
    let peak_hz = golden_section(|f| cascade_power_ratio(passbands, f), low, high);
    let limit = cascade_power_ratio(passbands, peak_hz) / from_db(depth_db);
    let difference = |f: f64| to_db((cascade_power_ratio(passbands, f) / limit).max(1e-300));
    let reach_hz = passbands.iter().map(Passband::reach_hz).fold(f64::INFINITY, f64::min);
    let upper = find_root(difference, peak_hz, high + reach_hz, 1e-12)?;
    let lower = find_root(difference, peak_hz, low - reach_hz, 1e-12)?;
    Ok(upper - lower)
}

fn golden_section(function: impl Fn(f64) -> f64, low: f64, high: f64) -> f64 {
    let golden = 0.5 * (5f64.sqrt() - 1.0);
    let (mut low, mut high) = (low, high);
    for _ in 0..60 {
        let (left, right) = (high - golden * (high - low), low + golden * (high - low));
        if function(left) < function(right) {
            low = left;
        } else {
            high = right;
        }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    type Maker = fn(f64, f64, f64) -> Result<Passband>;
    const MAKERS: [Maker; 2] = [Passband::flat_top, Passband::super_gaussian];

    #[test]
    fn both_laws_have_their_widths() {
        for make in MAKERS {
            for (width_3db, width_10db) in [(70e9, 94e9), (76e9, 85e9), (50e9, 82e9)] {
                let passband = make(width_3db, width_10db, 3e9).unwrap();
                assert!((passband.power_ratio(3e9) - 1.0).abs() < 1e-12);
                for side in [-0.5, 0.5] {
                    let at = |width: f64| to_db(passband.power_ratio(3e9 + side * width));
                    assert!((at(width_3db) + to_db(2.0)).abs() < 1e-6, "{}", at(width_3db));
                    assert!((at(width_10db) + 10.0).abs() < 1e-6, "{}", at(width_10db));
                }
                assert!((cascade_width_hz(&[passband], 10.0).unwrap() / width_10db - 1.0).abs() < 1e-7);
            }
        }
    }

    #[test]
    fn cascade_of_super_gaussians_narrows_by_the_root_of_their_number() {
        // N powers of the exponent: the 3-dB width goes with N^(-1/m).
        let one = Passband::super_gaussian(70e9, 94e9, 0.0).unwrap();
        let exponent = (10f64.ln() / LN_2).ln() / (94f64 / 70.0).ln();
        for count in [2usize, 8, 20] {
            let width = cascade_width_hz(&vec![one; count], to_db(2.0)).unwrap();
            assert!((width / (70e9 * (count as f64).powf(-1.0 / exponent)) - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn shifted_filters_pass_what_they_share() {
        for make in MAKERS {
            let sharp = make(70e9, 70.7e9, 0.0).unwrap();
            let width = cascade_width_hz(&[sharp.shifted(-4e9), sharp.shifted(4e9)], to_db(2.0)).unwrap();
            assert!((width / 62e9 - 1.0).abs() < 1e-3, "{width}");
        }
    }

    #[test]
    fn refuses_widths_that_make_no_passband() {
        for (width_3db, width_10db) in
            [(70e9, 70e9), (70e9, 60e9), (0.0, 60e9), (f64::NAN, 60e9), (70e9, f64::INFINITY)]
        {
            for make in MAKERS {
                assert!(make(width_3db, width_10db, 0.0).is_err());
            }
        }
        assert!(Passband::flat_top(50e9, 91e9, 0.0).is_err());
        assert!(cascade_width_hz(&[], 3.0).is_err());
    }
}
