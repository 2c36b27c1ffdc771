//! The optical power of a PAM4 lane at its detector: field of the transmitter, reflections, dispersion, delay of polarizations.

use crate::error::{Error, Result, require_finite, require_positive};
use crate::fiber::accumulated_phase_rad;
use crate::optics::{Pam4Drive, Pam4Source};
use crate::signal::{BlockField, BlockFilter};
use rayon::prelude::*;
use rustfft::num_complex::Complex64;
use std::f64::consts::PI;

/// Samples of the shortest block.
const BLOCK_COUNT: usize = 2048;
const BLOCK_MAX_COUNT: usize = 65536;
/// What a block's guards hold beside the delays: the ringing of a spectrum that is cut at half of the sample rate.
const GUARD_COUNT: usize = 48;

/// A copy of the field that two reflections delay.
#[derive(Debug, Clone, PartialEq)]
pub struct Echo {
    /// Delay behind the signal.
    pub delay_symbols: usize,
    /// Field of the echo over that of the signal.
    pub amplitude_ratio: f64,
    /// Phase at each symbol of the period.
    pub phase_rad: Vec<f64>,
}

/// What lies between transmitter and detector, but for its loss.
#[derive(Debug, Clone, PartialEq)]
pub struct DirectPath {
    /// Wavelength of the carrier.
    pub wavelength_m: f64,
    /// Accumulated dispersion.
    pub dispersion_s_per_m: f64,
    /// Its slope over wavelength.
    pub slope_s_per_m2: f64,
    /// Delay between the two polarizations of the fiber.
    pub dgd_s: f64,
    /// Share of the power in the slow polarization.
    pub slow_power_ratio: f64,
    /// Reflections.
    pub echoes: Vec<Echo>,
    /// Field that joins the lane's in front of the fiber, in units of the square root of the outer OMA: every sample of the
    /// period, or none.
    pub joining: Vec<Complex64>,
}

impl DirectPath {
    fn check(&self, symbols: usize, samples: usize) -> Result<()> {
        if !self.joining.is_empty() && self.joining.len() != samples {
            return Err(Error::parameter("joining field", self.joining.len(), format!("none or {samples} samples")));
        }
        if let Some(found) = self.joining.iter().find(|value| !value.is_finite()) {
            return Err(Error::parameter("joining field", found, "finite numbers"));
        }
        require_positive("wavelength_m", self.wavelength_m)?;
        require_finite("dispersion_s_per_m", self.dispersion_s_per_m)?;
        require_finite("slope_s_per_m2", self.slope_s_per_m2)?;
        if !(self.dgd_s >= 0.0 && self.dgd_s.is_finite()) {
            return Err(Error::parameter("dgd_s", self.dgd_s, "a finite number, 0 or above"));
        }
        if !(0.0..=1.0).contains(&self.slow_power_ratio) {
            return Err(Error::parameter("slow_power_ratio", self.slow_power_ratio, "0 to 1"));
        }
        for echo in &self.echoes {
            if !(0.0..1.0).contains(&echo.amplitude_ratio) {
                return Err(Error::parameter("amplitude_ratio", echo.amplitude_ratio, "0 to below 1"));
            }
            if echo.phase_rad.len() != symbols {
                return Err(Error::parameter("phases of an echo", echo.phase_rad.len(), symbols.to_string()));
            }
            if let Some(found) = echo.phase_rad.iter().find(|phase| !phase.is_finite()) {
                return Err(Error::parameter("phase of an echo", found, "a finite number"));
            }
        }
        Ok(())
    }

    /// Phase of one polarization at an offset from the carrier; the late one for `sign` 1, the early one for -1.
    fn response(&self, offset_hz: f64, sign: f64) -> Complex64 {
        let phase = accumulated_phase_rad(self.dispersion_s_per_m, self.slope_s_per_m2, self.wavelength_m, offset_hz);
        Complex64::cis(phase - sign * PI * offset_hz * self.dgd_s)
    }

    /// How long the fiber smears a sample, in seconds one way.
    fn memory_s(&self, sample_rate_hz: f64) -> f64 {
        // The group delay at the edge of the band, as a difference of phases.
        let edge_hz = 0.5 * sample_rate_hz;
        let step_hz = 1e-3 * edge_hz;
        let phase = |offset_hz: f64| {
            accumulated_phase_rad(self.dispersion_s_per_m, self.slope_s_per_m2, self.wavelength_m, offset_hz)
        };
        let delay = |at: f64| ((phase(at + step_hz) - phase(at - step_hz)) / (4.0 * PI * step_hz)).abs();
        delay(edge_hz).max(delay(-edge_hz)) + 0.5 * self.dgd_s
    }
}

/// Optical power at the detector over the outer OMA at launch, loss left aside: all samples of a period of symbols.
///
/// # Algorithm
/// 1. Each block of samples: the field of the transmitter, and of the same transmitter earlier for every echo, turned by the
///    echo's phase.
/// 2. Phase of the accumulated dispersion with its slope over the field's spectrum. Echoes pass as much of it as the signal:
///    what they pass besides smears them alone.
/// 3. |E|^2; with a delay between polarizations the shares of both, each with its half of the delay.
///
/// Cost: one sum over the pulse, two transforms of the block's length, and a root per sample; with chirp a logarithm, a sine and
/// a cosine besides. Blocks share no state: the number of threads changes no bit.
///
/// # Errors
/// [`Error::Parameter`] for a figure that is not allowed or a fiber whose memory is longer than the longest block,
/// [`Error::Model`] if the transmitter's response overshoots below zero power.
///
/// # References
/// Agrawal 2010, Fiber-Optic Communication Systems, 2.4; the terms are those of `docs/models/direct-waveform.md`.
pub fn detect_power(
    source: &Pam4Source,
    drive: &Pam4Drive,
    symbol_rate_hz: f64,
    path: &DirectPath,
) -> Result<Vec<f64>> {
    require_positive("symbol_rate_hz", symbol_rate_hz)?;
    let per_symbol = source.samples_per_symbol();
    let samples = drive.symbols_count() * per_symbol;
    path.check(drive.symbols_count(), samples)?;
    let rate_hz = symbol_rate_hz * per_symbol as f64;
    let fill = |start: isize, block: &mut BlockField| fill_with_echoes(source, drive, path, start, block);
    if path.dispersion_s_per_m == 0.0 && path.slope_s_per_m2 == 0.0 && path.dgd_s == 0.0 {
        return unfiltered_power(samples, fill);
    }
    let guard = (path.memory_s(rate_hz) * rate_hz).ceil() as usize + GUARD_COUNT;
    let length = (8 * guard).next_power_of_two().max(BLOCK_COUNT);
    if length > BLOCK_MAX_COUNT {
        let found = format!("{:.4e} s/m, smeared over {guard} samples", path.dispersion_s_per_m);
        let allowed = format!("fibers that smear a sample over less than {} others", BLOCK_MAX_COUNT / 8);
        return Err(Error::parameter("dispersion_s_per_m", found, allowed));
    }
    let power_of = |sign: f64| {
        BlockFilter::new(length, guard, rate_hz, |offset_hz| path.response(offset_hz, sign))?
            .filtered_power(samples, fill)
    };
    if path.dgd_s == 0.0 {
        return power_of(0.0);
    }
    let (slow, fast) = (power_of(1.0)?, power_of(-1.0)?);
    let share = path.slow_power_ratio;
    Ok(slow.iter().zip(&fast).map(|(slow, fast)| share * slow + (1.0 - share) * fast).collect())
}

/// Field of a transmitter in units of the square root of the outer OMA: all samples of a period of symbols.
///
/// # Errors
/// [`Error::Model`] if the transmitter's response overshoots below zero power.
pub fn launch_field(source: &Pam4Source, drive: &Pam4Drive) -> Result<Vec<Complex64>> {
    let samples = drive.symbols_count() * source.samples_per_symbol();
    let mut block = BlockField { re: vec![0.0; samples], im: vec![0.0; samples] };
    source.fill(drive, 0, &mut block)?;
    Ok(block.re.iter().zip(&block.im).map(|(&re, &im)| Complex64::new(re, im)).collect())
}

fn unfiltered_power(samples: usize, fill: impl Fn(isize, &mut BlockField) -> Result<()> + Sync) -> Result<Vec<f64>> {
    let mut power = vec![0.0; samples];
    power.par_chunks_mut(BLOCK_COUNT).enumerate().try_for_each(|(block, out)| {
        let mut field = BlockField { re: vec![0.0; out.len()], im: vec![0.0; out.len()] };
        fill((block * BLOCK_COUNT) as isize, &mut field)?;
        for (value, (re, im)) in out.iter_mut().zip(field.re.iter().zip(&field.im)) {
            *value = re * re + im * im;
        }
        Ok(())
    })?;
    Ok(power)
}

fn fill_with_echoes(
    source: &Pam4Source,
    drive: &Pam4Drive,
    path: &DirectPath,
    start: isize,
    block: &mut BlockField,
) -> Result<()> {
    source.fill(drive, start, block)?;
    if !path.joining.is_empty() {
        let first = start.rem_euclid(path.joining.len() as isize) as usize;
        let period = path.joining.iter().cycle().skip(first);
        for ((re, im), joining) in block.re.iter_mut().zip(&mut block.im).zip(period) {
            (*re, *im) = (*re + joining.re, *im + joining.im);
        }
    }
    let per_symbol = source.samples_per_symbol() as isize;
    let mut late = BlockField { re: Vec::new(), im: Vec::new() };
    for echo in path.echoes.iter().filter(|echo| echo.amplitude_ratio > 0.0) {
        late.re.resize(block.re.len(), 0.0);
        late.im.resize(block.im.len(), 0.0);
        source.fill(drive, start - echo.delay_symbols as isize * per_symbol, &mut late)?;
        let count = echo.phase_rad.len() as isize;
        let mut turn = (isize::MIN, Complex64::default());
        for n in 0..block.re.len() {
            let symbol = (start + n as isize).div_euclid(per_symbol);
            if symbol != turn.0 {
                let phase = echo.phase_rad[symbol.rem_euclid(count) as usize];
                turn = (symbol, Complex64::from_polar(echo.amplitude_ratio, phase));
            }
            block.re[n] += late.re[n] * turn.1.re - late.im[n] * turn.1.im;
            block.im[n] += late.re[n] * turn.1.im + late.im[n] * turn.1.re;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::EyeSource;
    use crate::optics::{DrivePulse, Pam4Modulator, Response, Transmitter};
    use crate::signal::pam4_pattern;

    const RATE: f64 = 53.125e9;
    const PLAIN: DirectPath = DirectPath {
        wavelength_m: 1310e-9,
        dispersion_s_per_m: 0.0,
        slope_s_per_m2: 0.0,
        dgd_s: 0.0,
        slow_power_ratio: 0.5,
        echoes: Vec::new(),
        joining: Vec::new(),
    };

    fn source(chirp_alpha: f64, per_symbol: usize) -> Pam4Source {
        let response = Response::BesselThomson { bandwidth_hz: 0.6 * RATE };
        let pulse = DrivePulse::new(RATE, per_symbol, (&[1.0], 0), |f| response.at(f)).unwrap();
        let modulator = Pam4Modulator::Intensity { chirp_alpha, adiabatic_chirp_hz: 0.0 };
        Pam4Source::new(pulse, modulator, RATE, 4.5, 1.0).unwrap()
    }

    /// The power of the eye of the budget, which is one transform of a short pattern, before its receiver's response.
    #[test]
    fn power_behind_fiber_is_that_of_the_budgets_eye() {
        let pattern = pam4_pattern(5).unwrap();
        let transmitter = Transmitter {
            symbol_rate_hz: RATE,
            response: Response::BesselThomson { bandwidth_hz: 0.6 * RATE },
            extinction_ratio_db: 4.5,
            level_mismatch_ratio: 1.0,
            chirp_alpha: 0.7,
            adiabatic_chirp_hz: 0.0,
        };
        let receiver = Response::BesselThomson { bandwidth_hz: 0.5 * RATE };
        let eye = EyeSource::new(&transmitter, receiver).unwrap();
        let source = source(0.7, 20);
        let drive = source.prepare(&pattern, &[]).unwrap();
        for dispersion in [0.0, 30e-3, -60e-3] {
            let expected = eye.detect(dispersion, 1310e-9).unwrap();
            let path = DirectPath { dispersion_s_per_m: dispersion, ..PLAIN };
            let power = detect_power(&source, &drive, RATE, &path).unwrap();
            let mut signal: Vec<Complex64> = power.iter().map(|&value| value.into()).collect();
            crate::signal::Fourier::new(signal.len()).filter(&mut signal, 20.0 * RATE, |f| receiver.at(f));
            let mean = signal.iter().map(|value| value.re).sum::<f64>() / signal.len() as f64;
            for (found, known) in signal.iter().zip(&expected) {
                assert!((found.re - mean - known).abs() < 3e-3, "{dispersion}: {} {known}", found.re - mean);
            }
        }
    }

    /// Small modulation fades where cos(theta) - alpha sin(theta) is zero.
    #[test]
    fn fading_has_its_nulls() {
        let per_symbol = 8;
        for (alpha, dispersion) in [(0.0, 0.8), (1.0, 0.8), (-0.5, 0.8)] {
            let response = Response::BesselThomson { bandwidth_hz: 0.6 * RATE };
            let pulse = DrivePulse::new(RATE, per_symbol, (&[1.0], 0), |f| response.at(f)).unwrap();
            let modulator = Pam4Modulator::Intensity { chirp_alpha: alpha, adiabatic_chirp_hz: 0.0 };
            let source = Pam4Source::new(pulse, modulator, RATE, 0.01, 1.0).unwrap();
            // One symbol up in a long period of the lowest: all frequencies at once.
            let count = 4096;
            let mut symbols = vec![0u8; count];
            symbols[0] = 3;
            let drive = source.prepare(&symbols, &[]).unwrap();
            let spectrum_of = |dispersion_s_per_m: f64| {
                let path = DirectPath { dispersion_s_per_m, ..PLAIN };
                let power = detect_power(&source, &drive, RATE, &path).unwrap();
                let mut signal: Vec<Complex64> = power.iter().map(|&value| value.into()).collect();
                crate::signal::Fourier::new(signal.len()).to_spectrum(&mut signal);
                signal
            };
            let (near, far) = (spectrum_of(0.0), spectrum_of(dispersion));
            let gain = |bin: usize| (far[bin] / near[bin]).re;
            let bin_hz = RATE / count as f64;
            let crossing = (100..count / 2).find(|&bin| gain(bin) > 0.0 && gain(bin + 1) <= 0.0).unwrap();
            let share = gain(crossing) / (gain(crossing) - gain(crossing + 1));
            let found_hz = (crossing as f64 + share) * bin_hz;
            // tan(theta) = 1/alpha, theta = pi lambda^2 D f^2/c.
            let theta = 1.0f64.atan2(alpha);
            let expected_hz = (theta * 299_792_458.0 / (PI * 1310e-9f64.powi(2) * dispersion)).sqrt();
            assert!((found_hz / expected_hz - 1.0).abs() < 5e-3, "{alpha}: {found_hz} {expected_hz}");
        }
    }

    #[test]
    fn delays_and_echoes_are_where_they_belong() {
        let pattern = pam4_pattern(4).unwrap();
        let source = source(0.0, 8);
        let drive = source.prepare(&pattern, &[]).unwrap();
        let plain = detect_power(&source, &drive, RATE, &PLAIN).unwrap();
        // All of the power in one polarization that is late by half of the delay: two samples.
        let delayed = DirectPath { dgd_s: 4.0 / (8.0 * RATE), slow_power_ratio: 1.0, ..PLAIN };
        let late = detect_power(&source, &drive, RATE, &delayed).unwrap();
        for k in 2..plain.len() {
            assert!((late[k] - plain[k - 2]).abs() < 2e-3, "{k}: {} {}", late[k], plain[k - 2]);
        }
        let half = DirectPath { slow_power_ratio: 0.5, ..delayed };
        let both = detect_power(&source, &drive, RATE, &half).unwrap();
        let count = plain.len();
        for k in 0..count {
            let expected = 0.5 * (plain[(k + 2) % count] + plain[(k + count - 2) % count]);
            assert!((both[k] - expected).abs() < 2e-3);
        }
        // An echo of 1 %, in phase and in quadrature.
        for (phase, cosine) in [(0.0, 1.0), (0.5 * PI, 0.0)] {
            let echo = Echo { delay_symbols: 3, amplitude_ratio: 0.1, phase_rad: vec![phase; pattern.len()] };
            let power = detect_power(&source, &drive, RATE, &DirectPath { echoes: vec![echo], ..PLAIN }).unwrap();
            for k in 0..count {
                let before = plain[(k + count - 24) % count];
                let expected = plain[k] + 0.01 * before + 0.2 * cosine * (plain[k] * before).sqrt();
                assert!((power[k] - expected).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn a_joining_field_beats_with_the_lanes() {
        let pattern = pam4_pattern(4).unwrap();
        let source = source(0.7, 8);
        let drive = source.prepare(&pattern, &[]).unwrap();
        let own = launch_field(&source, &drive).unwrap();
        // Half of the lane's own field: 1.5 squared of its power, behind a fiber too.
        let joining: Vec<Complex64> = own.iter().map(|value| value * 0.5).collect();
        for dispersion_s_per_m in [0.0, 20e-3] {
            let plain = DirectPath { dispersion_s_per_m, ..PLAIN };
            let joined = DirectPath { joining: joining.clone(), ..plain.clone() };
            let (alone, both) = (
                detect_power(&source, &drive, RATE, &plain).unwrap(),
                detect_power(&source, &drive, RATE, &joined).unwrap(),
            );
            for (alone, both) in alone.iter().zip(&both) {
                assert!((both - 2.25 * alone).abs() < 1e-9, "{both} {alone}");
            }
        }
    }

    #[test]
    fn slope_bends_and_refusals() {
        let source = source(0.0, 8);
        let drive = source.prepare(&pam4_pattern(4).unwrap(), &[]).unwrap();
        let straight = DirectPath { dispersion_s_per_m: 20e-3, ..PLAIN };
        let bent = DirectPath { slope_s_per_m2: 9e5, ..straight.clone() };
        let power = |path: &DirectPath| detect_power(&source, &drive, RATE, path);
        let (one, two) = (power(&straight).unwrap(), power(&bent).unwrap());
        let apart = one.iter().zip(&two).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(apart > 1e-4 && apart < 0.2, "{apart}");
        for wrong in [
            DirectPath { wavelength_m: 0.0, ..PLAIN },
            DirectPath { dispersion_s_per_m: f64::NAN, ..PLAIN },
            DirectPath { dispersion_s_per_m: 1e4, ..PLAIN },
            DirectPath { dgd_s: -1.0, ..PLAIN },
            DirectPath { slow_power_ratio: 1.5, ..PLAIN },
            DirectPath { joining: vec![Complex64::default(); 3], ..PLAIN },
            DirectPath { echoes: vec![Echo { delay_symbols: 1, amplitude_ratio: 0.1, phase_rad: vec![0.0] }], ..PLAIN },
        ] {
            assert!(power(&wrong).is_err(), "{wrong:?}");
        }
    }
}
