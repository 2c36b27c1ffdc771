//! The sampled field of a PAM4 transmitter: drive pulses, the modulator's curve, chirp.

use super::drive_pulse::DrivePulse;
use super::transmitter::average_over_oma;
use crate::error::{Error, Result, require_finite, require_positive};
use crate::signal::BlockField;
use crate::vector::{ColumnWork, ln, vectorize};
use crate::wide::{Wide, WideWork, enter_doubles};
use std::f64::consts::{SQRT_2, TAU};

/// What turns the drive into light.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pam4Modulator {
    /// Electro-absorption modulator or directly modulated laser: the power follows the drive.
    Intensity {
        /// alpha of the transient chirp: phase = alpha/2 ln P.
        chirp_alpha: f64,
        /// Shift of the optical frequency from the lowest to the highest level.
        adiabatic_chirp_hz: f64,
    },
    /// Mach-Zehnder modulator about its quadrature: power in proportion to 1 + sin(drive).
    MachZehnder {
        /// alpha at the quadrature, of arms that are driven unequally; 0 for push-pull.
        chirp_alpha: f64,
    },
}

/// A transmitter that gives the field of any part of its waveform.
#[derive(Debug, Clone)]
pub struct Pam4Source {
    pulse: DrivePulse,
    modulator: Pam4Modulator,
    symbol_rate_hz: f64,
    /// Drive of each level: power over the outer OMA, or the angle of the modulator.
    level_drives: [f64; 4],
    /// Average power of the outer levels over the OMA.
    middle: f64,
    extinction_ratio_db: f64,
}

/// A sequence of symbols, repeated for ever, with the edges between them.
#[derive(Debug, Clone)]
pub struct Pam4Drive {
    levels: Vec<f64>,
    delays: Vec<f64>,
}

impl Pam4Drive {
    /// Symbols of a period.
    pub fn symbols_count(&self) -> usize {
        self.levels.len()
    }
}

impl Pam4Source {
    /// A transmitter whose levels have an extinction ratio and a level mismatch R_LM.
    ///
    /// # Errors
    /// [`Error::Parameter`] naming the figure that is not allowed.
    pub fn new(
        pulse: DrivePulse,
        modulator: Pam4Modulator,
        symbol_rate_hz: f64,
        extinction_ratio_db: f64,
        level_mismatch_ratio: f64,
    ) -> Result<Self> {
        require_positive("symbol_rate_hz", symbol_rate_hz)?;
        require_positive("extinction_ratio_db", extinction_ratio_db)?;
        if !(level_mismatch_ratio > 0.0 && level_mismatch_ratio <= 1.0) {
            return Err(Error::parameter("level_mismatch_ratio", level_mismatch_ratio, "a number above 0, up to 1"));
        }
        let middle = average_over_oma(extinction_ratio_db);
        let inner = level_mismatch_ratio / 6.0;
        let powers = [middle - 0.5, middle - inner, middle + inner, middle + 0.5];
        let level_drives = match modulator {
            Pam4Modulator::Intensity { chirp_alpha, adiabatic_chirp_hz } => {
                require_finite("chirp_alpha", chirp_alpha)?;
                require_finite("adiabatic_chirp_hz", adiabatic_chirp_hz)?;
                powers
            }
            Pam4Modulator::MachZehnder { chirp_alpha } => {
                require_finite("chirp_alpha", chirp_alpha)?;
                powers.map(|power| (power / middle - 1.0).asin())
            }
        };
        Ok(Self { pulse, modulator, symbol_rate_hz, level_drives, middle, extinction_ratio_db })
    }

    /// Samples per symbol.
    pub fn samples_per_symbol(&self) -> usize {
        self.pulse.samples_per_symbol()
    }

    /// Average power of the outer levels over the outer OMA.
    pub fn average_over_oma(&self) -> f64 {
        self.middle
    }

    /// The drive of a sequence of symbols, 0 to 3, that repeats; `delays` as of [`DrivePulse::drive`].
    ///
    /// # Errors
    /// [`Error::Parameter`] if there is no symbol, one is above 3, or the delays are not as many, or not within half a symbol.
    pub fn prepare(&self, symbols: &[u8], delays: &[f64]) -> Result<Pam4Drive> {
        if symbols.is_empty() {
            return Err(Error::parameter("symbols", "none", "1 or more"));
        }
        if let Some(found) = symbols.iter().find(|&&symbol| symbol > 3) {
            return Err(Error::parameter("symbols", found, "0, 1, 2 or 3"));
        }
        if !delays.is_empty() && delays.len() != symbols.len() {
            return Err(Error::parameter("delays", delays.len(), format!("none or {}", symbols.len())));
        }
        if let Some(found) = delays.iter().find(|delay| delay.is_nan() || delay.abs() > 0.5) {
            return Err(Error::parameter("delays", found, "-0.5 to 0.5 symbols"));
        }
        let levels = symbols.iter().map(|&symbol| self.level_drives[usize::from(symbol)]).collect();
        Ok(Pam4Drive { levels, delays: delays.to_vec() })
    }

    /// Writes the field from sample `start` of the period on, in units of the square root of the outer OMA.
    ///
    /// # Algorithm
    /// 1. Drive: see [`DrivePulse::drive`]; the response acts on the power of an absorption modulator and on the voltage of
    ///    an interferometer, whose curve then compresses overshoots.
    /// 2. Absorption: E = sqrt(P) exp(j phase), phase = alpha/2 ln P + 2 pi shift integral of (P - middle) dt, counted from
    ///    the block's begin. Interferometer: E = sqrt(2 middle) sin(theta/2 + pi/4) exp(j alpha theta/2), so that
    ///    alpha = 2 P (d phase/dt)/(dP/dt) at the quadrature.
    ///
    /// # Errors
    /// [`Error::Model`] if the response drives the power of an absorption modulator below zero.
    ///
    /// # References
    /// Koch and Bowers 1984, doi 10.1049/el:19840709 (chirp); Koyama and Iga 1988, doi 10.1109/50.3969 (interferometer).
    pub fn fill(&self, drive: &Pam4Drive, start: isize, block: &mut BlockField) -> Result<()> {
        let per_symbol = self.samples_per_symbol() as isize;
        let first = start.div_euclid(per_symbol);
        let skipped = start.rem_euclid(per_symbol) as usize;
        let mut waveform = vec![0.0; block.re.len() + skipped];
        self.pulse.drive(&drive.levels, &drive.delays, first, &mut waveform);
        let waveform = &waveform[skipped..];
        match self.modulator {
            Pam4Modulator::Intensity { chirp_alpha, adiabatic_chirp_hz } => {
                if waveform.iter().any(|&power| power <= 0.0) {
                    return Err(Error::Model(format!(
                        "the electro-optic response overshoots below zero power at an extinction ratio of {} dB",
                        self.extinction_ratio_db
                    )));
                }
                write_absorption(chirp_alpha, waveform, block);
                if adiabatic_chirp_hz != 0.0 {
                    let rate_hz = self.symbol_rate_hz * per_symbol as f64;
                    shift_by_power(block, waveform, self.middle, TAU * adiabatic_chirp_hz / rate_hz);
                }
            }
            Pam4Modulator::MachZehnder { chirp_alpha } => {
                write_interferometer(chirp_alpha, (2.0 * self.middle).sqrt(), waveform, block);
            }
        }
        Ok(())
    }
}

/// Turns the phase by the integral of the power.
fn shift_by_power(block: &mut BlockField, power: &[f64], middle: f64, step_rad: f64) {
    let mut turned_rad = 0.0f64;
    for ((re, im), power) in block.re.iter_mut().zip(&mut block.im).zip(power) {
        let (sine, cosine) = turned_rad.sin_cos();
        (*re, *im) = (*re * cosine - *im * sine, *re * sine + *im * cosine);
        turned_rad += step_rad * (power - middle);
    }
}

/// Numbers that are worked on together.
const LANES: usize = 4;

/// How a number of the drive becomes magnitude and phase.
#[derive(Clone, Copy)]
enum Polar {
    /// Root of the power; half of alpha times its logarithm.
    Power { half_alpha: f64 },
    /// A constant; a multiple of the drive.
    Angle { magnitude: f64, turn: f64 },
}

/// Writes the field of a drive.
struct WritePolar<'a> {
    polar: Polar,
    waveform: &'a [f64],
    block: &'a mut BlockField,
}

impl<W: Wide<Real = f64, Cell = [f64; LANES]>> WideWork<W> for WritePolar<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self, wide: W) {
        let parts = self.block.re.chunks_mut(LANES).zip(self.block.im.chunks_mut(LANES));
        for ((re, im), values) in parts.zip(self.waveform.chunks(LANES)) {
            // What a short last piece lacks is 1, whose logarithm and root exist.
            let mut four = [1.0; LANES];
            four[..values.len()].copy_from_slice(values);
            let (mut magnitude, mut angle) = ([0.0; LANES], [0.0; LANES]);
            match self.polar {
                Polar::Power { half_alpha } => {
                    for lane in 0..LANES {
                        magnitude[lane] = four[lane].sqrt();
                        angle[lane] = half_alpha * ln(four[lane]);
                    }
                }
                Polar::Angle { magnitude: constant, turn } => {
                    for lane in 0..LANES {
                        magnitude[lane] = constant;
                        angle[lane] = turn * four[lane];
                    }
                }
            }
            let (versine, sine) = wide.versine_and_sine(wide.load(&angle));
            let magnitude = wide.load(&magnitude);
            let cosines = wide.store(wide.mul_add(magnitude, versine, magnitude));
            let sines = wide.store(wide.mul(magnitude, sine));
            re.copy_from_slice(&cosines[..re.len()]);
            im.copy_from_slice(&sines[..im.len()]);
        }
    }
}

fn write_polar(polar: Polar, waveform: &[f64], block: &mut BlockField) {
    enter_doubles(WritePolar { polar, waveform, block });
}

fn write_interferometer(chirp_alpha: f64, scale: f64, waveform: &[f64], block: &mut BlockField) {
    // sin(theta/2 + pi/4), from the sine and cosine of half the angle.
    write_polar(Polar::Angle { magnitude: scale, turn: 0.5 }, waveform, block);
    for (re, im) in block.re.iter_mut().zip(&mut block.im) {
        (*re, *im) = ((*re + *im) / SQRT_2, 0.0);
    }
    if chirp_alpha != 0.0 {
        let mut turned = BlockField { re: vec![0.0; waveform.len()], im: vec![0.0; waveform.len()] };
        write_polar(Polar::Angle { magnitude: 1.0, turn: 0.5 * chirp_alpha }, waveform, &mut turned);
        for (n, (re, im)) in block.re.iter_mut().zip(&mut block.im).enumerate() {
            (*re, *im) = (*re * turned.re[n], *re * turned.im[n]);
        }
    }
}

fn write_absorption(chirp_alpha: f64, waveform: &[f64], block: &mut BlockField) {
    if chirp_alpha != 0.0 {
        write_polar(Polar::Power { half_alpha: 0.5 * chirp_alpha }, waveform, block);
        return;
    }
    vectorize(Roots { waveform, roots: &mut block.re });
    block.im.fill(0.0);
}

struct Roots<'a> {
    waveform: &'a [f64],
    roots: &'a mut [f64],
}

impl ColumnWork for Roots<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for (root, power) in self.roots.iter_mut().zip(self.waveform) {
            *root = power.sqrt();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optics::{Response, Transmitter};
    use crate::signal::{Fourier, pam4_pattern};

    const RATE: f64 = 53.125e9;

    fn source(modulator: Pam4Modulator, ratio: f64, mismatch: f64) -> Pam4Source {
        let response = Response::BesselThomson { bandwidth_hz: ratio * RATE };
        let pulse = DrivePulse::new(RATE, 20, (&[1.0], 0), |f| response.at(f)).unwrap();
        Pam4Source::new(pulse, modulator, RATE, 4.5, mismatch).unwrap()
    }

    fn whole(source: &Pam4Source, symbols: &[u8]) -> BlockField {
        let count = symbols.len() * source.samples_per_symbol();
        let mut block = BlockField { re: vec![0.0; count], im: vec![0.0; count] };
        source.fill(&source.prepare(symbols, &[]).unwrap(), 0, &mut block).unwrap();
        block
    }

    /// The field of the budget's eye, which is made by transforms of the whole pattern half a sample early.
    #[test]
    fn an_absorption_modulator_is_that_of_the_budget() {
        let pattern = pam4_pattern(4).unwrap();
        let modulator = Pam4Modulator::Intensity { chirp_alpha: 0.7, adiabatic_chirp_hz: 0.0 };
        let field = whole(&source(modulator, 0.6, 0.95), &pattern);
        let fine = 21;
        let transmitter = Transmitter {
            symbol_rate_hz: RATE,
            response: Response::BesselThomson { bandwidth_hz: 0.6 * RATE },
            extinction_ratio_db: 4.5,
            level_mismatch_ratio: 0.95,
            chirp_alpha: 0.7,
            adiabatic_chirp_hz: 0.0,
        };
        let expected = transmitter.field(&pattern, fine, &Fourier::new(pattern.len() * fine)).unwrap();
        for k in 0..pattern.len() {
            let (found, known) = ((field.re[20 * k], field.im[20 * k]), expected[fine * k]);
            assert!((found.0 - known.re).abs() < 3e-3 && (found.1 - known.im).abs() < 3e-3, "{k}");
        }
    }

    #[test]
    fn an_interferometer_keeps_its_levels_and_compresses_what_overshoots() {
        let long: Vec<u8> = [[0u8; 8], [1; 8], [2; 8], [3; 8]].concat();
        let modulator = Pam4Modulator::MachZehnder { chirp_alpha: 0.0 };
        let field = whole(&source(modulator, 0.6, 1.0), &long);
        let middle = average_over_oma(4.5);
        for level in 0..4 {
            let at = (8 * level + 4) * 20;
            let power = field.re[at].powi(2) + field.im[at].powi(2);
            assert!((power - (middle - 0.5 + level as f64 / 3.0)).abs() < 1e-3, "{level}: {power}");
        }
        assert!(field.im.iter().all(|&im| im == 0.0));
        // alpha = 2 P (d phase/dt)/(dP/dt) where the power passes the middle.
        let chirped = whole(&source(Pam4Modulator::MachZehnder { chirp_alpha: 0.4 }, 0.6, 1.0), &[0, 0, 0, 3, 3, 3]);
        let power: Vec<f64> = (0..120).map(|n| chirped.re[n].powi(2) + chirped.im[n].powi(2)).collect();
        let phase: Vec<f64> = (0..120).map(|n| chirped.im[n].atan2(chirped.re[n])).collect();
        let n = (1..119).filter(|&n| power[n] < middle && power[n + 1] >= middle).collect::<Vec<_>>()[0];
        let alpha = (power[n] + power[n + 1]) * (phase[n + 1] - phase[n]) / (power[n + 1] - power[n]);
        assert!((alpha - 0.4).abs() < 0.02, "{alpha}");
    }

    #[test]
    fn adiabatic_chirp_shifts_the_frequency_with_the_level() {
        let long: Vec<u8> = [[0u8; 12], [3; 12]].concat();
        let modulator = Pam4Modulator::Intensity { chirp_alpha: 0.0, adiabatic_chirp_hz: 4e9 };
        let field = whole(&source(modulator, 0.6, 1.0), &long);
        let phase = |n: usize| field.im[n].atan2(field.re[n]);
        let shift_hz = |n: usize| (phase(n + 1) - phase(n)) / TAU * RATE * 20.0;
        assert!((shift_hz(18 * 20) - shift_hz(6 * 20) - 4e9).abs() < 1e7);
    }

    #[test]
    fn refusals() {
        let pulse = || DrivePulse::new(RATE, 4, (&[1.0], 0), |_| 1.0.into()).unwrap();
        let modulator = Pam4Modulator::MachZehnder { chirp_alpha: 0.0 };
        assert!(Pam4Source::new(pulse(), modulator, RATE, 0.0, 1.0).is_err());
        assert!(Pam4Source::new(pulse(), modulator, RATE, 4.5, 1.1).is_err());
        assert!(
            Pam4Source::new(pulse(), Pam4Modulator::MachZehnder { chirp_alpha: f64::NAN }, RATE, 4.5, 1.0).is_err()
        );
        let source = Pam4Source::new(pulse(), modulator, RATE, 4.5, 1.0).unwrap();
        assert!(source.prepare(&[], &[]).is_err());
        assert!(source.prepare(&[4], &[]).is_err());
        assert!(source.prepare(&[1, 2], &[0.1]).is_err());
        assert!(source.prepare(&[1, 2], &[0.1, 0.6]).is_err());
    }
}
