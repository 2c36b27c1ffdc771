//! How strongly one wave gives power to another by Raman scattering.

use crate::error::{Error, Result, require_finite, require_positive};
use crate::units::{C_BAND_REFERENCE_M, wavelength_m};

/// Frequency of the pump with which the table was measured.
const TABLE_PUMP_HZ: f64 = 206.184_634e12;
/// Cutoff wavelength of the step-index core that stands for every fiber.
const CUTOFF_M: f64 = 1260e-9;
/// Raman gain of silica times effective area, by frequency offset: (THz, 1e-16 m/W), for polarizations at random and a pump at
/// 1454 nm; none beyond.
///
/// Standard single-mode fiber as published with GNPy 3.0.1; see D'Amico et al. 2022, doi 10.1109/JLT.2022.3162134, III.D.
#[rustfmt::skip]
const SILICA: [(f64, f64); 90] = [
    (0.0, 0.0), (0.5, 8.524), (1.0, 26.44), (1.5, 44.11), (2.0, 61.53), (2.5, 74.85), (3.0, 84.52), (3.5, 91.02), (4.0, 95.78),
    (4.5, 100.1), (5.0, 108.7), (5.5, 113.0), (6.0, 121.4), (6.5, 132.3), (7.0, 146.2), (7.5, 160.1), (8.0, 174.6), (8.5, 193.2),
    (9.0, 217.2), (9.5, 241.4), (10.0, 262.8), (10.5, 280.4), (11.0, 297.2), (11.5, 312.9), (12.0, 325.2), (12.5, 332.0),
    (12.75, 333.0), (13.0, 331.3), (13.25, 328.9), (13.5, 324.6), (14.0, 306.1), (14.5, 326.6), (14.75, 295.7), (15.0, 251.9),
    (15.5, 173.5), (16.0, 99.03), (16.5, 72.19), (17.0, 60.8), (17.5, 58.28), (18.0, 72.06), (18.25, 75.62), (18.5, 76.21),
    (18.75, 68.86), (19.0, 56.29), (19.5, 36.8), (20.0, 27.56), (20.5, 24.81), (21.0, 22.16), (21.5, 21.44), (22.0, 23.39),
    (22.5, 25.57), (23.0, 30.4), (23.5, 48.34), (24.0, 54.65), (24.5, 52.29), (25.0, 45.11), (25.5, 33.21), (26.0, 22.6),
    (26.5, 19.7), (27.0, 15.18), (27.5, 12.95), (28.0, 11.3), (28.5, 9.1), (29.0, 8.433), (29.5, 7.849), (30.0, 7.828),
    (30.5, 9.001), (31.0, 13.03), (31.5, 15.44), (32.0, 18.8), (32.5, 17.8), (33.0, 15.94), (33.5, 11.59), (34.0, 8.507),
    (34.5, 7.625), (35.0, 8.145), (35.5, 9.048), (36.0, 9.636), (36.5, 9.299), (37.0, 8.35), (37.5, 7.483), (38.0, 6.241),
    (38.5, 5.007), (39.0, 3.553), (39.5, 2.034), (40.0, 1.427), (40.5, 0.898), (41.0, 0.2983), (41.5, 0.1486), (42.0, 0.074),
];

/// Raman gain of a fiber.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum RamanGain {
    /// Silica's spectrum, with the fiber's effective area and the pump's frequency.
    Silica {
        /// Effective area at 1550 nm.
        effective_area_m2: f64,
    },
    /// A straight line through zero, without end, that keeps power instead of photons: what the ISRS closed forms hold to be true.
    Linear {
        /// Gain over frequency offset.
        slope_per_w_m_hz: f64,
    },
}

impl RamanGain {
    /// Refuses figures outside their range.
    ///
    /// # Errors
    /// [`Error::Parameter`] if an area or a radius is not above 0, or the slope is negative.
    pub fn check(&self) -> Result<()> {
        match *self {
            Self::Silica { effective_area_m2 } => require_positive("effective_area_m2", effective_area_m2).map(|_| ()),
            Self::Linear { slope_per_w_m_hz } => {
                if require_finite("slope_per_w_m_hz", slope_per_w_m_hz)? < 0.0 {
                    return Err(Error::parameter("slope_per_w_m_hz", slope_per_w_m_hz, "0 or above"));
                }
                Ok(())
            }
        }
    }

    /// Gain in 1/(W m) that a wave at `stokes_hz` has from one at `pump_hz`, which is above it.
    ///
    /// # Algorithm
    /// 1. Silica: the table at the offset, times the pump's frequency over the table's, over the effective area, which is the mean
    ///    of those of the two waves.
    /// 2. The effective area goes as 1/ln V(f): a Gaussian mode of radius a/sqrt(ln V) in a step-index core, whose V is 2.405 at the
    ///    cutoff wavelength, 1260 nm.
    ///
    /// # References
    /// D'Amico et al. 2022, doi 10.1109/JLT.2022.3162134, section III.D.
    pub fn between_per_w_m(&self, pump_hz: f64, stokes_hz: f64) -> f64 {
        let offset_hz = pump_hz - stokes_hz;
        match *self {
            Self::Silica { effective_area_m2 } => {
                let log_v = |wavelength_m: f64| (2.405 * CUTOFF_M / wavelength_m).ln();
                let area_m2 = |frequency_hz: f64| {
                    effective_area_m2 * log_v(C_BAND_REFERENCE_M) / log_v(wavelength_m(frequency_hz))
                };
                let overlap_m2 = 0.5 * (area_m2(pump_hz) + area_m2(stokes_hz));
                silica_m_per_w(offset_hz) * pump_hz / TABLE_PUMP_HZ / overlap_m2
            }
            Self::Linear { slope_per_w_m_hz } => slope_per_w_m_hz * offset_hz,
        }
    }

    /// Photon energies, pump's over Stokes wave's: how much more power the pump loses than the other gains.
    pub(super) fn defect_ratio(&self, pump_hz: f64, stokes_hz: f64) -> f64 {
        match self {
            Self::Silica { .. } => pump_hz / stokes_hz,
            Self::Linear { .. } => 1.0,
        }
    }
}

/// The table between its points; 0 beyond its end.
fn silica_m_per_w(offset_hz: f64) -> f64 {
    let offset = offset_hz * 1e-12;
    let upper = SILICA.partition_point(|point| point.0 < offset);
    if upper == 0 || upper == SILICA.len() {
        return 0.0;
    }
    let ((x0, y0), (x1, y1)) = (SILICA[upper - 1], SILICA[upper]);
    1e-16 * (y0 + (offset - x0) / (x1 - x0) * (y1 - y0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 0.42 per W and km at the peak is what is measured of standard fiber with a pump at 1454 nm (the same source).
    #[test]
    fn peak_and_ends_of_the_spectrum() {
        let gain = RamanGain::Silica { effective_area_m2: 83e-12 };
        let peak = gain.between_per_w_m(206.185e12, 206.185e12 - 12.75e12);
        assert!((peak * 1e3 - 0.4195).abs() < 0.001, "{peak}");
        assert_eq!(gain.between_per_w_m(206e12, 206e12), 0.0);
        assert_eq!(gain.between_per_w_m(236e12, 190e12), 0.0);
        let wide = RamanGain::Silica { effective_area_m2: 125e-12 };
        assert!(wide.between_per_w_m(206e12, 193e12) < 0.75 * gain.between_per_w_m(206e12, 193e12));
        assert!(RamanGain::Silica { effective_area_m2: 0.0 }.check().is_err());
        assert!(RamanGain::Linear { slope_per_w_m_hz: -1.0 }.check().is_err());
    }
}
