//! Chromatic dispersion of a received field: the filter that undoes it, and its estimate without known symbols.

use super::clock_tone::{clock_weights, products};
use super::field::{Field, FieldView, require_block, require_count};
use super::overlap_save::{OverlapSave, SEGMENT_MAX_COUNT, cheapest_segment_count};
use crate::error::{Error, Result, require_finite, require_positive};
use crate::signal::{Fourier, RaisedCosine, bin_frequency_hz};
use crate::units::SPEED_OF_LIGHT_M_PER_S;
use rustfft::num_complex::Complex64;
use std::f64::consts::TAU;

/// Samples beyond the spread of the dispersion that the filter's pulse response may fill on either side.
const GUARD_COUNT: usize = 48;
/// Symbols on either side of a root-raised-cosine pulse of roll-off 1 that matter; the pulse is longer by 1/roll-off.
const PULSE_SYMBOLS_COUNT: f64 = 6.0;
/// Greatest length of the pulse on one side in symbols.
const PULSE_SYMBOLS_MAX_COUNT: f64 = 256.0;
/// Points of the estimate's scan per symbol of delay.
const SCAN_POINTS_COUNT: usize = 8;

/// What a receiver's fixed filter does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReceiverFilter {
    /// Rate of the samples.
    pub sample_rate_hz: f64,
    /// Accumulated dispersion to undo.
    pub dispersion_s_per_m: f64,
    /// Accumulated slope of dispersion to undo.
    pub dispersion_slope_s_per_m2: f64,
    /// Wavelength of the carrier.
    pub wavelength_m: f64,
    /// Spectrum whose square root is the matched filter; `None` for none.
    pub matched: Option<RaisedCosine>,
}

impl ReceiverFilter {
    /// Transfer function at an offset from the carrier.
    ///
    /// # Algorithm
    /// Conjugate of the fiber's exp(-j (beta2 w^2/2 + beta3 w^3/6) L) with beta2 L = -D lambda^2/(2 pi c) and
    /// beta3 L = (lambda^2/(2 pi c))^2 (S + 2 D/lambda), times the root of the raised cosine.
    pub fn response(&self, offset_hz: f64) -> Complex64 {
        let factor = self.wavelength_m * self.wavelength_m / (TAU * SPEED_OF_LIGHT_M_PER_S);
        let beta2 = -self.dispersion_s_per_m * factor;
        let beta3 =
            factor * factor * (self.dispersion_slope_s_per_m2 + 2.0 * self.dispersion_s_per_m / self.wavelength_m);
        let omega = TAU * offset_hz;
        let phase = omega * omega * (0.5 * beta2 + omega * beta3 / 6.0);
        Complex64::from_polar(self.matched.map_or(1.0, |spectrum| spectrum.density_ratio(offset_hz).sqrt()), phase)
    }

    /// Samples on either side of its middle that the pulse response fills.
    ///
    /// # Algorithm
    /// Half of |D| lambda^2/c fs^2, the spread of the delays over the band; the pulse of the matched filter; 48 more.
    pub fn reach_count(&self) -> usize {
        let slope = self.dispersion_slope_s_per_m2.abs() * self.wavelength_m * self.wavelength_m * self.sample_rate_hz
            / SPEED_OF_LIGHT_M_PER_S;
        let spread = (self.dispersion_s_per_m.abs() + slope) * self.wavelength_m * self.wavelength_m
            / SPEED_OF_LIGHT_M_PER_S
            * self.sample_rate_hz
            * self.sample_rate_hz;
        let pulse = self.matched.map_or(0.0, |spectrum| {
            let symbols = (PULSE_SYMBOLS_COUNT / spectrum.roll_off()).min(PULSE_SYMBOLS_MAX_COUNT);
            symbols * self.sample_rate_hz / spectrum.symbol_rate_hz()
        });
        (0.5 * spread + pulse).ceil() as usize + GUARD_COUNT
    }

    /// The filter on a stream. Cost: [`OverlapSave`]'s, with a transform that costs next to least per sample.
    ///
    /// # Errors
    /// [`Error::Parameter`] if a rate or the wavelength is not above 0, a dispersion not finite, or the dispersion so great
    /// that its spread does not fit into 2^20 samples.
    pub fn build(&self) -> Result<OverlapSave> {
        require_positive("sample_rate_hz", self.sample_rate_hz)?;
        require_positive("wavelength_m", self.wavelength_m)?;
        require_finite("dispersion_s_per_m", self.dispersion_s_per_m)?;
        require_finite("dispersion_slope_s_per_m2", self.dispersion_slope_s_per_m2)?;
        if let Some(spectrum) = self.matched
            && 2.0 * spectrum.edge_hz() > self.sample_rate_hz
        {
            let allowed = format!("at least the signal's bandwidth, {}", 2.0 * spectrum.edge_hz());
            return Err(Error::parameter("sample_rate_hz", self.sample_rate_hz, allowed));
        }
        let reach = self.reach_count();
        if reach > SEGMENT_MAX_COUNT / 4 {
            let allowed = format!("a spread of at most {} samples; it is {}", SEGMENT_MAX_COUNT / 2, 2 * reach);
            return Err(Error::parameter("dispersion_s_per_m", self.dispersion_s_per_m, allowed));
        }
        let length = cheapest_segment_count(2 * reach);
        let response: Vec<Complex64> =
            (0..length).map(|k| self.response(bin_frequency_hz(k, length, self.sample_rate_hz))).collect();
        OverlapSave::new(&response, reach, reach)
    }

    /// The filter on one period of a periodic field: one transform there and back, nothing truncated.
    ///
    /// # Errors
    /// As [`Self::build`], and if the field is empty, not finite, or differs in length.
    pub fn apply_periodic(&self, field: FieldView<'_>) -> Result<Field> {
        require_positive("sample_rate_hz", self.sample_rate_hz)?;
        require_positive("wavelength_m", self.wavelength_m)?;
        require_finite("dispersion_s_per_m", self.dispersion_s_per_m)?;
        require_finite("dispersion_slope_s_per_m2", self.dispersion_slope_s_per_m2)?;
        let count = require_block("field", field, 1)?;
        let fourier = Fourier::new(count);
        Ok(field.map(|samples| {
            let mut samples = samples.to_vec();
            fourier.filter(&mut samples, self.sample_rate_hz, |frequency_hz| self.response(frequency_hz));
            samples
        }))
    }
}

/// Where the search for a dispersion takes place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DispersionSearch {
    /// Symbol rate; the field has two samples per symbol.
    pub symbol_rate_hz: f64,
    /// Roll-off of the pulses.
    pub roll_off: f64,
    /// Wavelength of the carrier.
    pub wavelength_m: f64,
    /// Least dispersion.
    pub dispersion_min_s_per_m: f64,
    /// Greatest dispersion.
    pub dispersion_max_s_per_m: f64,
    /// Samples of a segment, even; segments are averaged without phase, so that the symbol clock may drift.
    pub segment_count: usize,
}

/// Dispersion that was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DispersionEstimate {
    /// Accumulated dispersion.
    pub dispersion_s_per_m: f64,
    /// Clock tone there over the mean of the search: below about 3 nothing was found.
    pub clock_tone_ratio: f64,
}

/// Estimates the dispersion of a received field of two samples per symbol by its clock tone, without known symbols.
///
/// # Algorithm
/// 1. Spectral components one symbol rate apart are correlated: U(f) = X_p(f) conj X_q(f + Rs) for both polarizations p, q,
///    weighted by what the roll-off leaves of them.
///    Dispersion D makes of that a delay t = D lambda^2/c Rs, since its quadratic phase has a linear difference.
/// 2. The transform of U over f is the clock tone behind every dispersion at once; the sum of the squares of the four products
///    does not depend on polarization, DGD or clock phase.
/// 3. Segments are averaged; the greatest value in the search range, with a parabola through it and its neighbors.
///
/// The peak is about 1/roll-off symbols wide, c/(lambda^2 Rs^2 roll-off) in dispersion; 32768 symbols of 12 dB find it to a tenth of
/// that (60 GBd, roll-off 0.1 and 0.2: 35 and 17 ps/nm). Cost: 3 transforms of a segment each.
///
/// # Errors
/// [`Error::Parameter`] if a figure is out of range, the range is empty or goes beyond what a segment can tell apart, or the
/// field is shorter than a segment.
///
/// # References
/// Soriano et al. 2011, doi 10.1109/JLT.2011.2145357 (clock tone); Sui et al. 2013, J. Lightwave Technol. 31(2), 306
/// (autocorrelation of the power).
pub fn estimate_dispersion(field: FieldView<'_>, search: &DispersionSearch) -> Result<DispersionEstimate> {
    let symbol_rate = require_positive("symbol_rate_hz", search.symbol_rate_hz)?;
    let wavelength = require_positive("wavelength_m", search.wavelength_m)?;
    require_count("segment_count", search.segment_count, 64, SEGMENT_MAX_COUNT)?;
    if !search.segment_count.is_multiple_of(2) {
        return Err(Error::parameter("segment_count", search.segment_count, "an even number"));
    }
    let count = require_block("field", field, search.segment_count)?;
    let delay_per_dispersion = wavelength * wavelength / SPEED_OF_LIGHT_M_PER_S * symbol_rate * symbol_rate;
    let half = search.segment_count / 2;
    let limit = 0.5 * half as f64 / delay_per_dispersion;
    let (least, most) = (search.dispersion_min_s_per_m, search.dispersion_max_s_per_m);
    for (name, value) in [("dispersion_min_s_per_m", least), ("dispersion_max_s_per_m", most)] {
        if !(-limit..=limit).contains(&value) {
            let allowed = format!("from {} to {limit} for segments of {} samples", -limit, search.segment_count);
            return Err(Error::parameter(name, value, allowed));
        }
    }
    if least >= most {
        return Err(Error::parameter("dispersion_min_s_per_m", least, format!("below the greatest, {most}")));
    }
    let tone = clock_tone(field, count, &clock_weights(half, search.roll_off)?);
    // Points of the transform count delays in parts of a symbol, negative ones from its end.
    let point = |dispersion: f64| dispersion * delay_per_dispersion * SCAN_POINTS_COUNT as f64;
    let (first, last) = (point(least).ceil() as i64, point(most).floor() as i64);
    let at = |place: i64| tone[place.rem_euclid(tone.len() as i64) as usize];
    let best = (first..=last).max_by(|a, b| at(*a).total_cmp(&at(*b))).unwrap_or(first);
    let mean = (first..=last).map(at).sum::<f64>() / ((last - first).max(0) + 1) as f64;
    let offset = parabola_offset(at(best - 1), at(best), at(best + 1));
    Ok(DispersionEstimate {
        dispersion_s_per_m: (best as f64 + offset) / point(1.0),
        clock_tone_ratio: at(best) / mean,
    })
}

/// Square of the clock tone by delay, in steps of a part of a symbol.
fn clock_tone(field: FieldView<'_>, count: usize, weights: &[f64]) -> Vec<f64> {
    let half = weights.len();
    let segment_count = 2 * half;
    let forward = Fourier::new(segment_count);
    let scan = Fourier::new(half * SCAN_POINTS_COUNT);
    let mut tone = vec![0.0; scan.length()];
    let mut product = vec![Complex64::default(); scan.length()];
    for start in (0..=count - segment_count).step_by(segment_count) {
        let spectra = field.map(|samples| {
            let mut spectrum = samples[start..start + segment_count].to_vec();
            forward.to_spectrum(&mut spectrum);
            spectrum
        });
        for (low, high) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            product.fill(Complex64::default());
            for (slot, value) in product.iter_mut().zip(products(&spectra[low], &spectra[high], weights)) {
                *slot = value;
            }
            scan.to_signal(&mut product);
            for (sum, value) in tone.iter_mut().zip(&product) {
                *sum += value.norm_sqr();
            }
        }
    }
    tone
}

/// Place of the greatest value of a parabola through three neighbors, from the middle one.
#[inline(always)]
pub(super) fn parabola_offset(before: f64, here: f64, after: f64) -> f64 {
    let bend = before - 2.0 * here + after;
    if bend < 0.0 { (0.5 * (before - after) / bend).clamp(-0.5, 0.5) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::super::field::view;
    use super::super::test_signals::{birefringent, shape, symbols, through, with_noise};
    use super::*;
    use crate::signal::Modulation;

    const RATE_HZ: f64 = 60e9;

    fn filter(dispersion_s_per_m: f64) -> ReceiverFilter {
        ReceiverFilter {
            sample_rate_hz: 2.0 * RATE_HZ,
            dispersion_s_per_m,
            dispersion_slope_s_per_m2: 0.0,
            wavelength_m: 1550e-9,
            matched: None,
        }
    }

    fn search() -> DispersionSearch {
        DispersionSearch {
            symbol_rate_hz: RATE_HZ,
            roll_off: 0.2,
            wavelength_m: 1550e-9,
            dispersion_min_s_per_m: -5.0,
            dispersion_max_s_per_m: 50.0,
            segment_count: 1 << 13,
        }
    }

    /// 20 s/m is 20 000 ps/nm. A second filter of the negative sign is the fiber.
    #[test]
    fn the_stream_undoes_dispersion() {
        let sent = shape(&symbols(Modulation::SixteenQam, 1 << 14, 3), 0.2, false);
        let received = filter(-20.0).apply_periodic(view(&sent)).unwrap();
        let mut stream = filter(20.0).build().unwrap();
        let mut out = stream.process(view(&received)).unwrap();
        let rest = stream.finish();
        for p in 0..2 {
            out[p].extend_from_slice(&rest[p]);
            // The ends see zeros where the periodic field goes on.
            let inside = 2_000..30_000;
            let error: f64 = out[p][inside.clone()].iter().zip(&sent[p][inside]).map(|(a, b)| (a - b).norm_sqr()).sum();
            assert!(error / 28_000.0 < 1e-6, "{}", error / 28_000.0);
        }
    }

    #[test]
    fn the_estimate_finds_dispersion_behind_noise_and_dgd() {
        // A tenth of the width of the peak, c/(lambda^2 Rs^2 roll-off), for 32768 symbols of 12 dB.
        for roll_off in [0.1, 0.2] {
            let tolerance_s_per_m = 0.1 * 0.034_66 / roll_off;
            for dispersion in [-1.7, 0.04, 2.0, 20.0, 40.0] {
                let sent = shape(&symbols(Modulation::SixteenQam, 1 << 15, 4), roll_off, false);
                let turned = through(&sent, birefringent(0.5, 0.785, 1.0));
                let received = with_noise(&filter(-dispersion).apply_periodic(view(&turned)).unwrap(), 0.06, 8);
                let found = estimate_dispersion(view(&received), &DispersionSearch { roll_off, ..search() }).unwrap();
                let off = found.dispersion_s_per_m - dispersion;
                assert!(
                    off.abs() < tolerance_s_per_m && found.clock_tone_ratio > 5.0,
                    "{roll_off} {dispersion}: {off} {found:?}"
                );
            }
        }
    }

    #[test]
    fn nonsense_is_refused() {
        assert!(filter(f64::NAN).build().is_err());
        assert!(filter(1e5).build().is_err());
        let spectrum = RaisedCosine::new(130e9, 0.1).unwrap();
        assert!(ReceiverFilter { matched: Some(spectrum), ..filter(1.0) }.build().is_err());
        let field = symbols(Modulation::Qpsk, 1 << 13, 1);
        for bad in [
            DispersionSearch { dispersion_max_s_per_m: 1e3, ..search() },
            DispersionSearch { dispersion_min_s_per_m: 60.0, ..search() },
            DispersionSearch { segment_count: 1 << 14, ..search() },
            DispersionSearch { segment_count: 4_095, ..search() },
            DispersionSearch { symbol_rate_hz: -1.0, ..search() },
        ] {
            assert!(estimate_dispersion(view(&field), &bad).is_err(), "{bad:?}");
        }
    }
}
