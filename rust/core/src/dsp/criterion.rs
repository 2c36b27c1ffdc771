//! What an adaptive equalizer compares its outputs with.

use super::butterfly_kernel::ROWS;
use super::field::require_count;
use crate::error::{Error, Result, require_positive};
use crate::signal::{Modulation, Point};
use rustfft::num_complex::Complex64;

/// Rule by which an equalizer learns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Criterion {
    /// One radius for all symbols, E|a|^4/E|a|^2 (Godard 1980, doi 10.1109/TCOM.1980.1094608).
    ConstantModulus,
    /// The nearest of the constellation's radii (Ready and Gooch 1990, doi 10.1109/ICASSP.1990.115877).
    RadiusDirected,
    /// Known symbols alone; nothing is learned between them.
    Pilots,
    /// Known symbols where there are any, and the nearest point of the constellation elsewhere.
    DecisionDirected,
}

impl Criterion {
    /// Whether the carrier's phase matters.
    pub(super) fn sees_phase(self) -> bool {
        matches!(self, Self::Pilots | Self::DecisionDirected)
    }
}

/// One stage of learning.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LearningStage {
    /// Rule of the stage.
    pub criterion: Criterion,
    /// Step of the taps for a field of mean power 1 per polarization.
    pub step_ratio: f64,
    /// Symbols until the next stage; the last stage goes on for ever.
    pub symbols_count: u64,
}

/// Symbols that the receiver knows: every `spacing_count`-th symbol of the output from the first on, again from the start behind
/// the last.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownSymbols {
    /// Symbols of both polarizations, mean power 1.
    pub symbols: [Vec<Complex64>; 2],
    /// Symbols from one known symbol to the next; 1 where all are known.
    pub spacing_count: usize,
}

impl KnownSymbols {
    /// Checks lengths and figures.
    ///
    /// # Errors
    /// [`Error::Parameter`] if there are no symbols, as many in both polarizations, or one is not finite.
    pub fn validate(&self) -> Result<()> {
        super::field::require_block("pilots", super::field::view(&self.symbols), 1)?;
        require_count("pilot_spacing_count", self.spacing_count, 1, 1 << 20)?;
        Ok(())
    }

    /// The known symbol of a polarization at a place in the stream, if there is one.
    #[inline(always)]
    pub fn at(&self, polarization: usize, symbol_index: u64) -> Option<Complex64> {
        let spacing = self.spacing_count as u64;
        if !symbol_index.is_multiple_of(spacing) {
            return None;
        }
        let symbols = &self.symbols[polarization];
        symbols.get((symbol_index / spacing % symbols.len() as u64) as usize).copied()
    }
}

/// Radii and points of a constellation as the rules need them.
#[derive(Debug, Clone)]
pub(super) struct Targets {
    /// E|a|^4/E|a|^2.
    pub modulus: f64,
    /// Squares of the radii, rising.
    pub radii: Vec<f64>,
    /// Squares of the amplitudes halfway between neighboring radii.
    pub edges: Vec<f64>,
    /// Points.
    pub points: Vec<Complex64>,
}

impl Targets {
    pub fn new(modulation: Modulation) -> Result<Self> {
        modulation.validate()?;
        let points = modulation.points();
        let energy = |point: &Point| point.in_phase_ratio.powi(2) + point.quadrature_ratio.powi(2);
        let mut radii: Vec<f64> = points.iter().map(energy).collect();
        radii.sort_by(f64::total_cmp);
        radii.dedup_by(|a, b| (*a - *b).abs() < 1e-9);
        let edges = radii.windows(2).map(|pair| (0.5 * (pair[0].sqrt() + pair[1].sqrt())).powi(2)).collect();
        let modulus = points.iter().map(|point| point.probability_ratio * energy(point).powi(2)).sum();
        let points = points.iter().map(|point| Complex64::new(point.in_phase_ratio, point.quadrature_ratio)).collect();
        Ok(Self { modulus, radii, edges, points })
    }

    /// Point nearest to a value.
    #[inline(always)]
    pub fn nearest(&self, value: Complex64) -> Complex64 {
        let mut best = (f64::INFINITY, Complex64::default());
        for point in &self.points {
            let distance = (value - point).norm_sqr();
            if distance < best.0 {
                best = (distance, *point);
            }
        }
        best.1
    }

    /// Errors y (R - |y|^2) of `B` symbols, and the sum of (R - |y|^2)^2.
    #[inline(always)]
    pub fn radius_errors<const B: usize>(
        &self,
        criterion: Criterion,
        outputs: &[[f64; B]; ROWS],
        errors: &mut [[f64; B]; ROWS],
    ) -> f64 {
        let mut total = 0.0;
        for polarization in 0..2 {
            let (i, q) = (outputs[2 * polarization], outputs[2 * polarization + 1]);
            let power: [f64; B] = std::array::from_fn(|k| i[k] * i[k] + q[k] * q[k]);
            let mut wanted = [self.modulus; B];
            if criterion == Criterion::RadiusDirected {
                wanted = [self.radii[0]; B];
                for (edge, radius) in self.edges.iter().zip(&self.radii[1..]) {
                    for (slot, power) in wanted.iter_mut().zip(power) {
                        *slot = if power > *edge { *radius } else { *slot };
                    }
                }
            }
            for k in 0..B {
                let short = wanted[k] - power[k];
                errors[2 * polarization][k] = i[k] * short;
                errors[2 * polarization + 1][k] = q[k] * short;
                total += short * short;
            }
        }
        total
    }
}

/// Checks a list of stages.
///
/// # Errors
/// [`Error::Parameter`] if there is none, a step is not above 0 and below 1, a stage but the last has no symbols, or a stage of
/// pilots has none.
pub(super) fn validate_stages(stages: &[LearningStage], known: Option<&KnownSymbols>) -> Result<()> {
    if stages.is_empty() {
        return Err(Error::parameter("stages", "empty", "at least one stage"));
    }
    for (index, stage) in stages.iter().enumerate() {
        let name = format!("stages[{index}].step_ratio");
        require_positive(&name, stage.step_ratio)?;
        if stage.step_ratio >= 1.0 {
            return Err(Error::parameter(name, stage.step_ratio, "a number above 0 and below 1"));
        }
        if index + 1 < stages.len() && stage.symbols_count == 0 {
            return Err(Error::parameter(
                format!("stages[{index}].symbols_count"),
                0,
                "1 or more before another stage",
            ));
        }
        if stage.criterion == Criterion::Pilots && known.is_none() {
            return Err(Error::parameter(
                format!("stages[{index}].criterion"),
                "pilots",
                "a rule that needs no pilots where none are given",
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn radii_and_moduli_of_the_formats() {
        // 16QAM: energies 2, 10, 18 over 10, E|a|^4 = 1.32.
        let targets = Targets::new(Modulation::SixteenQam).unwrap();
        assert!(targets.radii.iter().zip([0.2, 1.0, 1.8]).all(|(a, b)| (a - b).abs() < 1e-12));
        assert!((targets.modulus - 1.32).abs() < 1e-12);
        assert_eq!(Targets::new(Modulation::Qpsk).unwrap().edges.len(), 0);
        assert_eq!(Targets::new(Modulation::EightQam).unwrap().radii.len(), 2);
    }

    #[test]
    fn pilots_repeat() {
        let symbols = [vec![Complex64::new(1.0, 0.0), Complex64::new(2.0, 0.0)], vec![Complex64::default(); 2]];
        let known = KnownSymbols { symbols, spacing_count: 3 };
        assert_eq!(known.at(0, 3).map(|value| value.re), Some(2.0));
        assert_eq!(known.at(0, 6).map(|value| value.re), Some(1.0));
        assert_eq!(known.at(0, 7), None);
    }
}
