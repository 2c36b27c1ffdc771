//! Sampled lanes that share a fiber: what the Kerr effect makes of all of them in the band of one.

use crate::error::{Error, Result, require_positive};
use crate::fiber::{MixingSpan, zero_dispersion_phase_per_m};
use crate::signal::{Fourier, bin_frequency_hz};
use crate::units::SPEED_OF_LIGHT_M_PER_S;
use rayon::prelude::*;
use rustfft::num_complex::Complex64;
use std::f64::consts::{PI, TAU};

/// A lane at the input of the fiber.
#[derive(Debug, Clone, PartialEq)]
pub struct LitLane {
    /// Carrier.
    pub frequency_hz: f64,
    /// Complex envelope over a period, in the square root of a watt.
    pub field: Vec<Complex64>,
    /// State of polarization, a unit vector.
    pub jones: [Complex64; 2],
}

/// Share of the Kerr coefficient that a fiber leaves whose birefringence turns quickly.
const MANAKOV: f64 = 8.0 / 9.0;
/// Samples that lanes may walk past each other in one step.
const WALK_COUNT: f64 = 3.0;
const STEPS_MIN: usize = 16;
const STEPS_MAX: usize = 8192;
/// Sums that are made side by side, whatever the number of threads.
const PARTS_COUNT: usize = 8;
/// Parts of a spectrum this far below its greatest are left out.
const LEAST_SHARE: f64 = 1e-12;
/// Field that the first order can add, over the lane's own, in power.
const MOST_ADDED_RATIO: f64 = 0.1;

/// One product of three lanes in the victim's band.
struct Product {
    waves: [usize; 3],
    /// Distance from the victim in steps of the spectrum.
    shift: isize,
    mismatch_per_m: f64,
    /// Phase of a wave at the product's place, which the victim's own dispersion takes off again.
    own_per_m: f64,
    polarization: Complex64,
}

/// Field that the lanes of a fiber add to one of them, in its polarization, as if it had joined in front of the fiber.
///
/// # Algorithm
/// 1. First order in the Kerr coefficient: e = -j (8/9) gamma times the sum over lanes i, j, k with f_i + f_j - f_k within
///    the window of the victim of (k* . i)(v* . j) times the integral over the fiber of exp(-a z) A_i A_j A_k*, each
///    envelope as its dispersion and delay have made it at z, and the dispersion of the victim up to z taken off.
/// 2. The fiber in steps in which lanes walk past each other by a few samples: envelopes at the middle, attenuation and phase
///    mismatch of the carriers integrated exactly. Dispersion is that of G.652 around the zero-dispersion wavelength.
/// 3. Where k is i or j, powers count without their mean: a constant phase is not detected.
///
/// Cost: a transform for each lane and one more in each step.
///
/// # Errors
/// [`Error::Parameter`] for a figure that is not allowed; [`Error::Model`] if what is added is more than a tenth of the
/// lane's own power, beyond which the first order does not hold.
///
/// # References
/// Agrawal 2013, Nonlinear Fiber Optics, ch. 7 and 10; Wai and Menyuk 1996, doi 10.1109/50.482766;
/// `docs/models/four-wave-mixing.md`.
pub fn mix_lanes(
    span: &MixingSpan,
    lanes: &[LitLane],
    victim: usize,
    sample_rate_hz: f64,
    window_hz: f64,
) -> Result<Vec<Complex64>> {
    check(span, lanes, victim)?;
    require_positive("sample_rate_hz", sample_rate_hz)?;
    require_positive("window_hz", window_hz)?;
    let line = Line::new(span, lanes, victim, sample_rate_hz, window_hz);
    let steps = line.steps_count();
    let step_m = span.length_m / steps as f64;
    let parts: Vec<Vec<Complex64>> = (0..PARTS_COUNT)
        .into_par_iter()
        .map(|part| {
            let mut sum = vec![Complex64::default(); line.length];
            for step in (part * steps / PARTS_COUNT)..((part + 1) * steps / PARTS_COUNT) {
                line.add_step(step as f64 * step_m, step_m, &mut sum);
            }
            sum
        })
        .collect();
    let mut added = vec![Complex64::default(); line.length];
    for part in &parts {
        added.iter_mut().zip(part).for_each(|(sum, value)| *sum += value);
    }
    line.fourier.to_signal(&mut added);
    let power = |field: &[Complex64]| field.iter().map(Complex64::norm_sqr).sum::<f64>();
    let ratio = power(&added) / power(&lanes[victim].field);
    if ratio > MOST_ADDED_RATIO {
        return Err(Error::Model(format!(
            "the lanes of the fiber add {:.0} % to the power of lane {victim}, beyond what the first order describes",
            100.0 * ratio
        )));
    }
    Ok(added)
}

/// What all steps share.
struct Line<'a> {
    span: &'a MixingSpan,
    fourier: Fourier,
    length: usize,
    sample_rate_hz: f64,
    /// Spectrum of each lane: places, values, and phase per meter beside that of the carrier.
    spectra: Vec<Vec<(usize, Complex64, f64)>>,
    mean_w: Vec<f64>,
    /// Phase per meter of the victim's band.
    own_per_m: Vec<f64>,
    products: Vec<Product>,
    /// Delay of each lane behind the victim.
    delay_s_per_m: Vec<f64>,
}

impl<'a> Line<'a> {
    fn new(span: &'a MixingSpan, lanes: &[LitLane], victim: usize, sample_rate_hz: f64, window_hz: f64) -> Self {
        let length = lanes[victim].field.len();
        let fourier = Fourier::new(length);
        let own_hz = lanes[victim].frequency_hz;
        let bins_hz: Vec<f64> = (0..length).map(|bin| bin_frequency_hz(bin, length, sample_rate_hz)).collect();
        let spectra = lanes
            .iter()
            .map(|lane| {
                let mut spectrum = lane.field.clone();
                fourier.to_spectrum(&mut spectrum);
                let least = LEAST_SHARE * spectrum.iter().map(Complex64::norm_sqr).fold(0.0, f64::max);
                let carrier = phase_per_m(span, own_hz, lane.frequency_hz);
                let kept = spectrum.into_iter().enumerate().filter(|(_, value)| value.norm_sqr() > least);
                kept.map(|(bin, value)| {
                    (bin, value, phase_per_m(span, own_hz, lane.frequency_hz + bins_hz[bin]) - carrier)
                })
                .collect()
            })
            .collect();
        let mean = |field: &[Complex64]| field.iter().map(Complex64::norm_sqr).sum::<f64>() / length as f64;
        Self {
            span,
            fourier,
            length,
            sample_rate_hz,
            spectra,
            mean_w: lanes.iter().map(|lane| mean(&lane.field)).collect(),
            own_per_m: bins_hz.iter().map(|offset_hz| phase_per_m(span, own_hz, own_hz + offset_hz)).collect(),
            products: list_products(span, lanes, victim, sample_rate_hz / length as f64, window_hz),
            delay_s_per_m: lanes.iter().map(|lane| delay_s_per_m(span, own_hz, lane.frequency_hz)).collect(),
        }
    }

    fn steps_count(&self) -> usize {
        let (least, greatest) = self
            .delay_s_per_m
            .iter()
            .fold((0.0_f64, 0.0_f64), |(least, greatest), &delay| (least.min(delay), greatest.max(delay)));
        let walk = (greatest - least) * self.span.length_m * self.sample_rate_hz;
        ((walk / WALK_COUNT).ceil() as usize).clamp(STEPS_MIN, STEPS_MAX)
    }

    /// Adds the spectrum of what one step makes, in front of the fiber.
    fn add_step(&self, start_m: f64, step_m: f64, sum: &mut [Complex64]) {
        let middle_m = start_m + 0.5 * step_m;
        let envelopes: Vec<Vec<Complex64>> = self
            .spectra
            .iter()
            .map(|spectrum| {
                let mut field = vec![Complex64::default(); self.length];
                for &(bin, value, per_m) in spectrum {
                    field[bin] = value * Complex64::cis(-per_m * middle_m);
                }
                self.fourier.to_signal(&mut field);
                field
            })
            .collect();
        let mut made = vec![Complex64::default(); self.length];
        for product in &self.products {
            let [i, j, k] = product.waves;
            let weight = self.weight(product, start_m, step_m) * Complex64::cis(-product.own_per_m * middle_m);
            let (a, b, c) = (&envelopes[i], &envelopes[j], &envelopes[k]);
            if i == k || j == k {
                let (kept, phased) = if i == k { (j, i) } else { (i, j) };
                let mean = self.mean_w[phased];
                for (made, (own, other)) in made.iter_mut().zip(envelopes[kept].iter().zip(&envelopes[phased])) {
                    *made += weight * own * (other.norm_sqr() - mean);
                }
                continue;
            }
            // The product stands beside the victim's carrier: turned sample by sample, afresh now and then.
            let turn_rad = TAU * product.shift as f64 / self.length as f64;
            for (block, made) in made.chunks_mut(1024).enumerate() {
                let first = block * 1024;
                let mut turned = weight * Complex64::cis(turn_rad * first as f64);
                let step = Complex64::cis(turn_rad);
                for (n, made) in made.iter_mut().enumerate() {
                    *made += turned * a[first + n] * b[first + n] * c[first + n].conj();
                    turned *= step;
                }
            }
        }
        self.fourier.to_spectrum(&mut made);
        for (sum, (made, per_m)) in sum.iter_mut().zip(made.iter().zip(&self.own_per_m)) {
            *sum += made * Complex64::cis(per_m * middle_m);
        }
    }

    /// -j (8/9) gamma times the integral over a step of what does not depend on the symbols.
    fn weight(&self, product: &Product, start_m: f64, step_m: f64) -> Complex64 {
        let decay = Complex64::new(-self.span.attenuation_per_m, -product.mismatch_per_m);
        let turned = decay * step_m;
        let length = if turned.norm() < 1e-6 { step_m * (1.0 + 0.5 * turned) } else { (turned.exp() - 1.0) / decay };
        let kerr = Complex64::new(0.0, -MANAKOV * self.span.gamma_per_w_m * self.span.transmission_ratio);
        kerr * product.polarization * (decay * start_m).exp() * length
    }
}

fn list_products(span: &MixingSpan, lanes: &[LitLane], victim: usize, bin_hz: f64, window_hz: f64) -> Vec<Product> {
    let (own_hz, count) = (lanes[victim].frequency_hz, lanes.len());
    let dot = |a: usize, b: usize| {
        lanes[a].jones[0].conj() * lanes[b].jones[0] + lanes[a].jones[1].conj() * lanes[b].jones[1]
    };
    let at = |lane: usize| phase_per_m(span, own_hz, lanes[lane].frequency_hz);
    let mut products = Vec::new();
    for i in 0..count {
        for j in 0..count {
            for k in 0..count {
                let offset_hz = lanes[i].frequency_hz + lanes[j].frequency_hz - lanes[k].frequency_hz - own_hz;
                // A lane's own phase and that of another by it belong to it alone, however near the window reaches.
                if offset_hz.abs() > window_hz || ((i == k && j != victim) || (j == k && i != victim)) {
                    continue;
                }
                let shift = (offset_hz / bin_hz).round();
                let own_per_m = phase_per_m(span, own_hz, own_hz + shift * bin_hz);
                products.push(Product {
                    waves: [i, j, k],
                    shift: shift as isize,
                    mismatch_per_m: at(i) + at(j) - at(k) - phase_per_m(span, own_hz, own_hz + offset_hz),
                    own_per_m,
                    polarization: dot(k, i) * dot(victim, j),
                });
            }
        }
    }
    products
}

/// Phase per meter at a frequency, less that of the victim's carrier and its group delay.
fn phase_per_m(span: &MixingSpan, own_hz: f64, frequency_hz: f64) -> f64 {
    let beta = |f: f64| zero_dispersion_phase_per_m(f, span.zero_dispersion_m, span.zero_slope_s_per_m3);
    beta(frequency_hz) - beta(own_hz) - slope_per_m_hz(span, own_hz) * (frequency_hz - own_hz)
}

/// Derivative of the propagation constant over frequency.
fn slope_per_m_hz(span: &MixingSpan, frequency_hz: f64) -> f64 {
    let u = SPEED_OF_LIGHT_M_PER_S / (frequency_hz * span.zero_dispersion_m);
    let scale = 0.25 * PI * SPEED_OF_LIGHT_M_PER_S * span.zero_slope_s_per_m3 * span.zero_dispersion_m;
    scale * u / frequency_hz * (1.0 - 1.0 / (u * u)).powi(2)
}

fn delay_s_per_m(span: &MixingSpan, own_hz: f64, frequency_hz: f64) -> f64 {
    (slope_per_m_hz(span, frequency_hz) - slope_per_m_hz(span, own_hz)) / TAU
}

fn check(span: &MixingSpan, lanes: &[LitLane], victim: usize) -> Result<()> {
    require_positive("length_m", span.length_m)?;
    require_positive("zero_dispersion_m", span.zero_dispersion_m)?;
    for (name, value) in [
        ("attenuation_per_m", span.attenuation_per_m),
        ("gamma_per_w_m", span.gamma_per_w_m),
        ("zero_slope_s_per_m3", span.zero_slope_s_per_m3),
        ("transmission_ratio", span.transmission_ratio),
    ] {
        if !(value >= 0.0 && value.is_finite()) {
            return Err(Error::parameter(name, value, "a finite number, 0 or above"));
        }
    }
    let Some(own) = lanes.get(victim) else {
        return Err(Error::parameter("victim", victim, format!("lanes 0 to {}", lanes.len().saturating_sub(1))));
    };
    if own.field.len() < 2 {
        return Err(Error::parameter("field", format!("{} samples", own.field.len()), "2 samples or more"));
    }
    for lane in lanes {
        require_positive("frequency_hz", lane.frequency_hz)?;
        if lane.field.len() != own.field.len() {
            let allowed = format!("{}, as of every lane", own.field.len());
            return Err(Error::parameter("field", format!("{} samples", lane.field.len()), allowed));
        }
        if let Some(found) = lane.field.iter().find(|value| !value.is_finite()) {
            return Err(Error::parameter("field", found, "finite numbers"));
        }
        let norm = lane.jones[0].norm_sqr() + lane.jones[1].norm_sqr();
        if norm.is_nan() || (norm - 1.0).abs() > 1e-6 {
            return Err(Error::parameter("jones", format!("of norm {norm}"), "unit vectors"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fiber::{MixingLane, four_wave_mixing};

    const SPAN: MixingSpan = MixingSpan {
        attenuation_per_m: 0.35e-3 * std::f64::consts::LN_10 / 10.0,
        length_m: 10e3,
        gamma_per_w_m: 1.5e-3,
        zero_dispersion_m: 1310e-9,
        zero_slope_s_per_m3: 92.0,
        transmission_ratio: 1.0,
    };
    const X: [Complex64; 2] = [Complex64::new(1.0, 0.0), Complex64::new(0.0, 0.0)];

    /// Constant waves of one polarization: the closed form with the Manakov factor.
    #[test]
    fn constant_waves_give_the_closed_form() {
        let power_w: [f64; 3] = [2e-3, 3e-3, 1e-3];
        let frequency_hz = [228.2e12, 229.0e12, 229.8e12];
        let lanes: Vec<LitLane> = (0..3)
            .map(|lane| LitLane {
                frequency_hz: frequency_hz[lane],
                field: vec![power_w[lane].sqrt().into(); 64],
                jones: X,
            })
            .collect();
        let waves: Vec<MixingLane> =
            (0..3).map(|lane| MixingLane { frequency_hz: frequency_hz[lane], power_w: power_w[lane] }).collect();
        let known = four_wave_mixing(&[SPAN], &waves, 1e9).unwrap();
        for (victim, own_w) in power_w.into_iter().enumerate() {
            let expected: Vec<f64> = known.iter().filter(|p| p.victim_index == victim).map(|p| p.power_ratio).collect();
            assert_eq!(expected.len(), 1, "one product falls on lane {victim}");
            let added = mix_lanes(&SPAN, &lanes, victim, 400e9, 1e9).unwrap();
            let ratio = added[0].norm_sqr() / own_w / MANAKOV.powi(2);
            assert!((ratio / expected[0] - 1.0).abs() < 1e-6, "{victim}: {ratio} and {}", expected[0]);
        }
    }

    /// Without dispersion a lane turns its own phase by the power above its mean.
    #[test]
    fn a_lane_alone_turns_its_own_phase() {
        let flat = MixingSpan { zero_slope_s_per_m3: 0.0, ..SPAN };
        let field: Vec<Complex64> = (0..64).map(|n| Complex64::new(0.03 + 0.02 * f64::from(n % 3), 0.0)).collect();
        let lane = LitLane { frequency_hz: 229e12, field: field.clone(), jones: X };
        let added = mix_lanes(&flat, &[lane], 0, 400e9, 1e9).unwrap();
        let mean = field.iter().map(Complex64::norm_sqr).sum::<f64>() / 64.0;
        let effective_m = (1.0 - (-SPAN.attenuation_per_m * SPAN.length_m).exp()) / SPAN.attenuation_per_m;
        for (added, own) in added.iter().zip(&field) {
            let expected = -MANAKOV * SPAN.gamma_per_w_m * effective_m * (own.norm_sqr() - mean) * own.re;
            assert!((added.im - expected).abs() < 1e-12 && added.re.abs() < 1e-12, "{added} {expected}");
        }
    }

    #[test]
    fn what_cannot_be_mixed_is_refused() {
        let lane = LitLane { frequency_hz: 229e12, field: vec![1e-2.into(); 8], jones: X };
        let mix = |span: &MixingSpan, lanes: &[LitLane], victim| mix_lanes(span, lanes, victim, 1e11, 1e9);
        assert!(mix(&SPAN, std::slice::from_ref(&lane), 1).is_err());
        assert!(mix(&MixingSpan { length_m: 0.0, ..SPAN }, std::slice::from_ref(&lane), 0).is_err());
        let short = LitLane { field: vec![1e-2.into(); 4], ..lane.clone() };
        assert!(mix(&SPAN, &[lane.clone(), short], 0).is_err());
        let loud = LitLane { field: (0..8).map(|n| f64::from(n).into()).collect(), ..lane.clone() };
        assert!(matches!(mix(&SPAN, &[loud], 0), Err(Error::Model(_))));
        assert!(mix(&SPAN, &[LitLane { jones: [1.0.into(), 1.0.into()], ..lane }], 0).is_err());
    }
}
