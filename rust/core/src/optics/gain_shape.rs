//! The gain of an amplifier over frequency: ripple that it has, tilt that it is set to.

use crate::interpolate::Points;

/// Band over which the tilt of an amplifier is stated: 191.3 to 196.1 THz.
pub const TILT_BAND_HZ: f64 = 4.8e12;

/// Gain of an amplifier over frequency, relative to its mean gain.
#[derive(Debug, Clone, Copy)]
pub struct GainShape<'a> {
    /// Deviation from a flat gain (dB) over frequency (Hz); outside its points the nearest one holds.
    pub ripple: Points<'a>,
    /// Greatest tilt over [`TILT_BAND_HZ`] that it can be set to, of either sign; 0 or NaN where it has no such control.
    pub gain_tilt_max_db: f64,
}

/// What the tilt control of an amplifier is set to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TiltSetting {
    /// Slope of the gain.
    pub tilt_db_per_hz: f64,
    /// Frequency at which the tilt changes nothing.
    pub center_hz: f64,
}

impl GainShape<'_> {
    /// Whether the gain is the same at every frequency.
    pub fn is_flat(&self, setting: TiltSetting) -> bool {
        setting.tilt_db_per_hz == 0.0 && self.ripple.is_absent()
    }

    /// Gain at one frequency relative to that of an amplifier without ripple and tilt.
    pub fn relative_gain_db(&self, setting: TiltSetting, frequency_hz: f64) -> f64 {
        let ripple_db = self.ripple.range().and_then(|(first, last)| self.ripple.at(frequency_hz.clamp(first, last)));
        setting.tilt_db_per_hz * (frequency_hz - setting.center_hz) + ripple_db.unwrap_or(0.0)
    }

    /// Tilt that levels the line behind the amplifier, as far as its control reaches.
    ///
    /// # Algorithm
    /// 1. Slope of the levels that arrive over frequency, by least squares.
    /// 2. The opposite slope, at most the greatest that can be set.
    pub fn choose_tilt(&self, level_dbm: &[f64], frequency_hz: &[f64]) -> TiltSetting {
        let count = frequency_hz.len() as f64;
        let center_hz = frequency_hz.iter().sum::<f64>() / count;
        let mean_dbm = level_dbm.iter().sum::<f64>() / count;
        let spread: f64 = frequency_hz.iter().map(|f| (f - center_hz).powi(2)).sum();
        // One channel has no slope, and an amplifier without the control has no tilt.
        let reach = self.gain_tilt_max_db / TILT_BAND_HZ;
        if spread == 0.0 || reach.is_nan() {
            return TiltSetting { tilt_db_per_hz: 0.0, center_hz };
        }
        let joint: f64 =
            frequency_hz.iter().zip(level_dbm).map(|(f, level)| (f - center_hz) * (level - mean_dbm)).sum();
        TiltSetting { tilt_db_per_hz: (-joint / spread).clamp(-reach, reach), center_hz }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FREQUENCIES: [f64; 4] = [192.5e12, 193.3e12, 194.1e12, 194.9e12];

    fn shape<'a>(x: &'a [f64], y: &'a [f64], gain_tilt_max_db: f64) -> GainShape<'a> {
        GainShape { ripple: Points::new(x, y).unwrap(), gain_tilt_max_db }
    }

    #[test]
    fn tilt_levels_what_arrives() {
        let levels = FREQUENCIES.map(|f| -20.0 - 0.4 * (f - 193.7e12) / 1e12);
        let part = shape(&[], &[], 5.0);
        let setting = part.choose_tilt(&levels, &FREQUENCIES);
        for (level, frequency) in levels.iter().zip(FREQUENCIES) {
            assert!((level + part.relative_gain_db(setting, frequency) + 20.0).abs() < 1e-12);
        }
    }

    #[test]
    fn control_ends_where_it_ends() {
        let levels = FREQUENCIES.map(|f| -20.0 + 2.0 * (f - 193.7e12) / 1e12);
        let setting = shape(&[], &[], 2.0).choose_tilt(&levels, &FREQUENCIES);
        assert!((setting.tilt_db_per_hz * TILT_BAND_HZ + 2.0).abs() < 1e-12);
        assert_eq!(shape(&[], &[], f64::NAN).choose_tilt(&levels, &FREQUENCIES).tilt_db_per_hz, 0.0);
        assert_eq!(shape(&[], &[], 2.0).choose_tilt(&[-3.0], &[193e12]).tilt_db_per_hz, 0.0);
    }

    #[test]
    fn ripple_is_read_from_its_curve_and_held_beyond_it() {
        let part = shape(&[192e12, 194e12, 195e12], &[0.0, 1.0, -1.0], 0.0);
        let flat = TiltSetting { tilt_db_per_hz: 0.0, center_hz: 193e12 };
        for (frequency, expected) in [(193e12, 0.5), (194e12, 1.0), (199e12, -1.0), (190e12, 0.0)] {
            assert!((part.relative_gain_db(flat, frequency) - expected).abs() < 1e-12);
        }
        assert_eq!(shape(&[], &[], 0.0).relative_gain_db(flat, 193e12), 0.0);
    }
}
