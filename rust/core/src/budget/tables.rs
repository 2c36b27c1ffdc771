//! The input tables: one column per quantity, NaN where a figure is absent.

use super::pump_table::PumpTable;
use super::sample::ElementSample;
use crate::error::{Error, Result};
use crate::fec::{FecKind, FecScheme};
use crate::fiber::ChromaticDispersion;
use crate::interpolate::{PointTable, check_offsets};
use crate::optics::{AmplifierNoise, GainShape};

/// Fiber types in use.
#[derive(Debug, Clone)]
pub struct FiberTable<'a> {
    /// Attenuation (dB/m) over wavelength (m), one curve per fiber.
    pub attenuation: PointTable<'a>,
    /// See [`ChromaticDispersion`].
    pub zero_dispersion_min_m: &'a [f64],
    /// See [`ChromaticDispersion`].
    pub zero_dispersion_max_m: &'a [f64],
    /// See [`ChromaticDispersion`].
    pub zero_dispersion_nominal_m: &'a [f64],
    /// See [`ChromaticDispersion`].
    pub zero_slope_max_s_per_m3: &'a [f64],
    /// See [`ChromaticDispersion`].
    pub zero_slope_nominal_s_per_m3: &'a [f64],
    /// See [`ChromaticDispersion`].
    pub dispersion_s_per_m2: &'a [f64],
    /// See [`ChromaticDispersion`].
    pub slope_s_per_m3: &'a [f64],
    /// Effective area at 1550 nm; NaN where it is not known.
    pub effective_area_m2: &'a [f64],
    /// Kerr coefficient.
    pub gamma_per_w_m: &'a [f64],
    /// Slope of the Raman gain spectrum, 0 where not modeled.
    pub raman_slope_per_w_m_hz: &'a [f64],
    /// PMD coefficient.
    pub pmd_s_per_sqrt_m: &'a [f64],
    /// Group index.
    pub group_index: &'a [f64],
}

impl FiberTable<'_> {
    /// Dispersion figures of one fiber.
    pub fn dispersion(&self, index: usize) -> ChromaticDispersion {
        ChromaticDispersion {
            zero_dispersion_min_m: self.zero_dispersion_min_m[index],
            zero_dispersion_max_m: self.zero_dispersion_max_m[index],
            zero_dispersion_nominal_m: self.zero_dispersion_nominal_m[index],
            zero_slope_max_s_per_m3: self.zero_slope_max_s_per_m3[index],
            zero_slope_nominal_s_per_m3: self.zero_slope_nominal_s_per_m3[index],
            dispersion_s_per_m2: self.dispersion_s_per_m2[index],
            slope_s_per_m3: self.slope_s_per_m3[index],
        }
    }

    fn check(&self) -> Result<()> {
        let rows = self.attenuation.len();
        for (name, length) in [
            ("zero_dispersion_min_m", self.zero_dispersion_min_m.len()),
            ("zero_dispersion_max_m", self.zero_dispersion_max_m.len()),
            ("zero_dispersion_nominal_m", self.zero_dispersion_nominal_m.len()),
            ("zero_slope_max_s_per_m3", self.zero_slope_max_s_per_m3.len()),
            ("zero_slope_nominal_s_per_m3", self.zero_slope_nominal_s_per_m3.len()),
            ("dispersion_s_per_m2", self.dispersion_s_per_m2.len()),
            ("slope_s_per_m3", self.slope_s_per_m3.len()),
            ("effective_area_m2", self.effective_area_m2.len()),
            ("gamma_per_w_m", self.gamma_per_w_m.len()),
            ("raman_slope_per_w_m_hz", self.raman_slope_per_w_m_hz.len()),
            ("pmd_s_per_sqrt_m", self.pmd_s_per_sqrt_m.len()),
            ("group_index", self.group_index.len()),
        ] {
            check_length(name, length, rows)?;
        }
        Ok(())
    }
}

/// Amplifier types in use.
#[derive(Debug, Clone)]
pub struct AmplifierTable<'a> {
    /// Least gain; below it an attenuator in front takes the difference.
    pub gain_min_db: &'a [f64],
    /// Greatest gain.
    pub gain_max_db: &'a [f64],
    /// Total output power that the amplifier can give.
    pub output_power_max_dbm: &'a [f64],
    /// Noise figure where it is one number, else NaN.
    pub noise_figure_db: &'a [f64],
    /// Noise figure over gain (dB over dB), else an empty curve.
    pub noise_figure_points: PointTable<'a>,
    /// A, B, C, D of the incremental-OSNR polynomial, four per amplifier, else NaN.
    pub osnr_coefficients: &'a [f64],
    /// Gain ripple (dB) over frequency (Hz), else an empty curve.
    pub gain_ripple: PointTable<'a>,
    /// Greatest tilt that the gain can be set to; NaN where there is no such control.
    pub gain_tilt_max_db: &'a [f64],
    /// Pumps that make the fiber in front the amplifier; none for any other.
    pub pumps: PumpTable<'a>,
}

impl<'a> AmplifierTable<'a> {
    /// Gain over frequency of one amplifier.
    ///
    /// # Errors
    /// [`Error::Parameter`] if its ripple is no curve.
    pub fn gain_shape(&self, index: usize) -> Result<GainShape<'a>> {
        Ok(GainShape { ripple: self.gain_ripple.curve(index)?, gain_tilt_max_db: self.gain_tilt_max_db[index] })
    }

    /// Noise description of one amplifier.
    ///
    /// # Errors
    /// [`Error::Parameter`] if there is none.
    pub fn noise(&self, index: usize) -> Result<AmplifierNoise<'a>> {
        let c = &self.osnr_coefficients[4 * index..4 * index + 4];
        if !self.noise_figure_db[index].is_nan() {
            return Ok(AmplifierNoise::Fixed { noise_figure_db: self.noise_figure_db[index] });
        }
        let points = self.noise_figure_points.curve(index)?;
        if !points.is_absent() {
            return Ok(AmplifierNoise::OverGain { points });
        }
        if c.iter().all(|value| value.is_finite()) {
            return Ok(AmplifierNoise::Polynomial { coefficients: [c[0], c[1], c[2], c[3]] });
        }
        Err(Error::parameter(format!("noise of amplifier {index}"), "absent", "a figure, a curve or a polynomial"))
    }

    fn check(&self) -> Result<()> {
        let rows = self.gain_min_db.len();
        check_length("gain_max_db", self.gain_max_db.len(), rows)?;
        check_length("output_power_max_dbm", self.output_power_max_dbm.len(), rows)?;
        check_length("noise_figure_db", self.noise_figure_db.len(), rows)?;
        check_length("noise_figure_points", self.noise_figure_points.len(), rows)?;
        check_length("osnr_coefficients", self.osnr_coefficients.len(), 4 * rows)?;
        check_length("gain_ripple", self.gain_ripple.len(), rows)?;
        check_length("gain_tilt_max_db", self.gain_tilt_max_db.len(), rows)?;
        self.pumps.check(rows)?;
        if let Some(&tilt_db) = self.gain_tilt_max_db.iter().find(|&&tilt_db| tilt_db < 0.0 || tilt_db.is_infinite()) {
            return Err(Error::parameter("gain_tilt_max_db", tilt_db, "a finite number, 0 or above"));
        }
        for (&least_db, &greatest_db) in self.gain_min_db.iter().zip(self.gain_max_db) {
            if !(least_db.is_finite() && greatest_db >= least_db) {
                return Err(Error::parameter("gain_max_db", greatest_db, format!("{least_db}, gain_min_db, or above")));
            }
        }
        let noisy = |&index: &usize| self.pumps.rows(index).is_empty();
        (0..rows).filter(noisy).try_for_each(|index| self.noise(index).map(|_| ()))
    }
}

/// FEC schemes in use.
#[derive(Debug, Clone)]
pub struct FecTable<'a> {
    /// 0 KP4, 1 inner code and KP4, 2 table.
    pub kind: &'a [u8],
    /// Threshold.
    pub threshold_ber: &'a [f64],
    /// Interleaved KP4 codewords, 0 where frame loss is not defined.
    pub interleaved_codewords_count: &'a [i64],
    /// Map of the kinds 1 and 2.
    pub points: PointTable<'a>,
    /// Latency of one direction; NaN where nobody knows it.
    pub latency_s: &'a [f64],
}

impl<'a> FecTable<'a> {
    /// Scheme `index`.
    ///
    /// # Errors
    /// [`Error::Parameter`] if there is no such kind or scheme.
    pub fn scheme(&self, index: usize) -> Result<FecScheme<'a>> {
        let kind = match self.kind.get(index) {
            Some(0) => FecKind::Kp4,
            Some(1) => FecKind::InnerKp4,
            Some(2) => FecKind::Table,
            other => return Err(Error::parameter("FEC kind", format!("{other:?}"), "0, 1 or 2")),
        };
        Ok(FecScheme {
            kind,
            threshold_ber: self.threshold_ber[index],
            points: self.points.curve(index)?,
            interleaved_codewords_count: u32::try_from(self.interleaved_codewords_count[index]).unwrap_or(0),
        })
    }

    fn check(&self) -> Result<()> {
        let rows = self.kind.len();
        check_length("threshold_ber", self.threshold_ber.len(), rows)?;
        check_length("interleaved_codewords_count", self.interleaved_codewords_count.len(), rows)?;
        check_length("FEC points", self.points.len(), rows)?;
        check_length("latency_s", self.latency_s.len(), rows)?;
        (0..rows).try_for_each(|index| self.scheme(index).map(|_| ()))
    }
}

/// What an element of a path is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ElementKind {
    /// A piece of fiber.
    Fiber,
    /// Loss only: connector, splice, mux, attenuator.
    Loss,
    /// An amplifier set to an output level per channel.
    Amplifier,
    /// A ROADM stage: equalizes and adds noise of a stated incremental OSNR.
    Stage,
}

/// The elements of all paths, one after the other.
#[derive(Debug, Clone)]
pub struct ElementTable<'a> {
    /// 0 fiber, 1 loss, 2 amplifier, 3 stage.
    pub kind: &'a [u8],
    /// Row in the table of fibers or amplifiers.
    pub part: &'a [i64],
    /// Length of a fiber.
    pub length_m: &'a [f64],
    /// Measured attenuation (dB/m) that replaces the fiber type's; NaN where not measured.
    pub attenuation_db_per_m: &'a [f64],
    /// Loss besides the fiber's attenuation.
    pub loss_db: &'a [f64],
    /// Output level per channel of an amplifier or an equalizing stage; NaN where the stage does not equalize.
    pub target_power_dbm: &'a [f64],
    /// Incremental OSNR of a stage; NaN where it adds no noise or a polynomial gives it.
    pub osnr_db: &'a [f64],
    /// Polynomial of a stage, four per element, else NaN.
    pub osnr_coefficients: &'a [f64],
    /// Least level per 50-GHz slot that the element's noise is specified for; NaN where it has no such limit.
    pub input_power_min_dbm: &'a [f64],
    /// Greatest level per 50-GHz slot that the element's noise is specified for; NaN where it has no such limit.
    pub input_power_max_dbm: &'a [f64],
    /// Polarization-dependent loss.
    pub pdl_db: &'a [f64],
    /// Differential group delay.
    pub dgd_s: &'a [f64],
    /// Accumulated dispersion of the element itself.
    pub dispersion_s_per_m: &'a [f64],
    /// Latency besides the fiber's.
    pub latency_s: &'a [f64],
    /// Reflectance of each reflecting point in the element; NaN where not known.
    pub reflectance_db: &'a [f64],
    /// Reflecting points in the element, between which its loss is shared evenly.
    pub reflectors_count: &'a [f64],
    /// Full width at 3 dB of a filter; NaN where the element is none.
    pub passband_3db_hz: &'a [f64],
    /// Full width at 10 dB; NaN where it is not known.
    pub passband_10db_hz: &'a [f64],
    /// By how much the center of a filter may be off; NaN where it is not known.
    pub frequency_tolerance_hz: &'a [f64],
    /// Isolation of a filter from the neighboring ports; NaN where it is not known.
    pub isolation_adjacent_db: &'a [f64],
    /// Isolation from all other ports; NaN where it is not known.
    pub isolation_non_adjacent_db: &'a [f64],
    /// Level of the leaks that the element adds at each channel's own frequency, over the signal; NaN where not known.
    pub in_band_crosstalk_db: &'a [f64],
    /// Channels that the element brings to one receiver without a filter, infinite for all; NaN where a filter parts them.
    pub colorless_channels_count: &'a [f64],
}

impl ElementTable<'_> {
    /// Kind of one element, which [`Plant::check`] has approved.
    pub fn kind(&self, index: usize) -> ElementKind {
        match self.kind[index] {
            0 => ElementKind::Fiber,
            2 => ElementKind::Amplifier,
            3 => ElementKind::Stage,
            _ => ElementKind::Loss,
        }
    }

    /// Row of the part that an element refers to.
    pub fn part(&self, index: usize) -> usize {
        usize::try_from(self.part[index]).unwrap_or(0)
    }
}

/// Everything that light passes: parts, elements and the paths that they form.
#[derive(Debug, Clone)]
pub struct Plant<'a> {
    /// Fiber types.
    pub fibers: FiberTable<'a>,
    /// Amplifier types.
    pub amplifiers: AmplifierTable<'a>,
    /// FEC schemes.
    pub fecs: FecTable<'a>,
    /// Elements.
    pub elements: ElementTable<'a>,
    /// Elements of path `i` are `path_offsets[i]..path_offsets[i + 1]`.
    pub path_offsets: &'a [usize],
    /// Specimens that stand in place of the figures of some elements; absent outside draws.
    pub sample: Option<&'a ElementSample>,
}

impl Plant<'_> {
    /// Number of paths.
    pub fn path_count(&self) -> usize {
        self.path_offsets.len() - 1
    }

    /// Checks that all columns fit each other and all rows that are named exist.
    ///
    /// # Errors
    /// [`Error::Parameter`] naming the first column that does not fit.
    pub fn check(&self) -> Result<()> {
        self.fibers.check()?;
        self.amplifiers.check()?;
        self.fecs.check()?;
        let e = &self.elements;
        let rows = e.kind.len();
        for (name, length) in [
            ("part", e.part.len()),
            ("length_m", e.length_m.len()),
            ("attenuation_db_per_m", e.attenuation_db_per_m.len()),
            ("loss_db", e.loss_db.len()),
            ("target_power_dbm", e.target_power_dbm.len()),
            ("osnr_db", e.osnr_db.len()),
            ("input_power_min_dbm", e.input_power_min_dbm.len()),
            ("input_power_max_dbm", e.input_power_max_dbm.len()),
            ("pdl_db", e.pdl_db.len()),
            ("dgd_s", e.dgd_s.len()),
            ("dispersion_s_per_m", e.dispersion_s_per_m.len()),
            ("latency_s", e.latency_s.len()),
            ("reflectance_db", e.reflectance_db.len()),
            ("reflectors_count", e.reflectors_count.len()),
            ("passband_3db_hz", e.passband_3db_hz.len()),
            ("passband_10db_hz", e.passband_10db_hz.len()),
            ("frequency_tolerance_hz", e.frequency_tolerance_hz.len()),
            ("isolation_adjacent_db", e.isolation_adjacent_db.len()),
            ("isolation_non_adjacent_db", e.isolation_non_adjacent_db.len()),
            ("in_band_crosstalk_db", e.in_band_crosstalk_db.len()),
            ("colorless_channels_count", e.colorless_channels_count.len()),
        ] {
            check_length(name, length, rows)?;
        }
        check_length("osnr_coefficients", e.osnr_coefficients.len(), 4 * rows)?;
        check_offsets("path", self.path_offsets, rows)?;
        for index in 0..rows {
            let limit = match e.kind[index] {
                0 => self.fibers.attenuation.len(),
                2 => self.amplifiers.gain_min_db.len(),
                1 | 3 => continue,
                other => return Err(Error::parameter(format!("kind of element {index}"), other, "0, 1, 2 or 3")),
            };
            check_index("part", e.part[index], limit)?;
            if e.kind[index] == 0 && !(e.length_m[index] > 0.0 && e.length_m[index].is_finite()) {
                return Err(Error::parameter(
                    format!("length_m of element {index}"),
                    e.length_m[index],
                    "a finite number above 0",
                ));
            }
        }
        Ok(())
    }
}

/// Checks that a column has `rows` entries.
pub(super) fn check_length(name: &str, length: usize, rows: usize) -> Result<()> {
    if length == rows { Ok(()) } else { Err(Error::parameter(name, format!("{length} rows"), format!("{rows} rows"))) }
}

/// Checks that a row number names one of `rows` rows.
pub(super) fn check_index(name: &str, index: i64, rows: usize) -> Result<()> {
    if usize::try_from(index).is_ok_and(|index| index < rows) {
        Ok(())
    } else {
        Err(Error::parameter(name, index, format!("a row number below {rows}")))
    }
}
