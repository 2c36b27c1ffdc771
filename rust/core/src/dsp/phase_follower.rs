//! Phase-locked loop of second order on symbols that are known or decided on.

use rustfft::num_complex::Complex64;

/// Gains of phase and frequency per symbol: damping 1/sqrt 2 and a natural frequency of 0.03 rad per symbol.
const PHASE_GAIN: f64 = 0.0424;
const FREQUENCY_GAIN: f64 = 0.0009;

/// Carrier phase that an equalizer follows inside its error.
///
/// # References
/// Gardner, Phaselock Techniques, 3rd edition, section 2.2: gains 2 zeta omega and omega^2.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct PhaseFollower {
    phase_rad: f64,
    frequency_rad: f64,
}

impl PhaseFollower {
    /// Errors by quadrature of `B` symbols, the sum of their squares, and how many symbols `want` named a target for.
    ///
    /// The phase moves on once per call, by the mean over the symbols.
    #[inline(always)]
    pub fn errors<const B: usize>(
        &mut self,
        in_phase: &[f64; B],
        quadrature: &[f64; B],
        want: impl Fn(usize, Complex64) -> Option<Complex64>,
    ) -> ([[f64; B]; 2], f64, f64) {
        let mut errors = [[0.0; B]; 2];
        let (mut total, mut count, mut turn, mut weight) = (0.0, 0.0, 0.0, 0.0);
        for k in 0..B {
            // The frequency carries the phase on from symbol to symbol.
            let carrier = Complex64::cis(self.phase_rad + k as f64 * self.frequency_rad);
            let value = Complex64::new(in_phase[k], quadrature[k]) * carrier.conj();
            let Some(target) = want(k, value) else { continue };
            let error = (target - value) * carrier;
            (errors[0][k], errors[1][k]) = (error.re, error.im);
            total += error.norm_sqr();
            count += 1.0;
            turn += (value * target.conj()).im;
            weight += target.norm_sqr();
        }
        if weight > 0.0 {
            let off = turn / weight;
            self.phase_rad += PHASE_GAIN * count * off;
            self.frequency_rad += FREQUENCY_GAIN * count * off;
        }
        self.phase_rad += B as f64 * self.frequency_rad;
        (errors, total, count)
    }
}
