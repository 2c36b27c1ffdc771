//! What an equalizer's taps say of the channel: DGD, PDL, residual dispersion, and the speed of its polarization.

use super::butterfly::{AdaptiveEqualizer, HISTORY_SYMBOLS_COUNT, LearningSpan};
use crate::error::{Error, Result, require_positive};
use crate::units::{SPEED_OF_LIGHT_M_PER_S, to_db};
use rustfft::num_complex::Complex64;
use std::f64::consts::{PI, TAU};

/// Frequencies across the band at which the taps are looked at.
const FREQUENCIES_COUNT: usize = 33;
/// Steps between the frequencies whose matrices show the DGD: far apart, for the noise of the taps turns them too.
const DGD_STEPS_COUNT: usize = 8;

type Matrix = [[Complex64; 2]; 2];

/// The channel as its inverse, the equalizer, shows it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChannelEstimate {
    /// Differential group delay, mean over the band.
    pub dgd_s: f64,
    /// Polarization-dependent loss, mean over the band.
    pub pdl_db: f64,
    /// Chromatic dispersion that was left before the equalizer; NaN without a wavelength.
    pub dispersion_s_per_m: f64,
    /// Angular speed of the polarization in Stokes space, over the latter half of the history; NaN with fewer than eight spans of it.
    pub sop_rate_rad_per_s: f64,
}

/// Estimates the channel from the taps of an equalizer.
///
/// # Algorithm
/// 1. W(f) are the taps' 2x2 responses at 33 frequencies over the middle `band_ratio` of the symbol rate; the channel is W^-1.
/// 2. PDL: the ratio of the singular values of W. DGD: the channel's matrices a quarter of the band apart, W(f + df)^-1 W(f),
///    have eigenvalues whose angles differ by 2 pi df DGD; below half a turn, 2.5 symbols of DGD in a band of 0.8.
/// 3. Half the angle of det W is the delay that both polarizations share; its bend is 2 pi^2 beta2 L of the channel.
/// 4. From span to span of the history the unitary part of W(0) turns by U_1^H U_2; the turn in Stokes space is
///    2 acos(|trace|/2). Its mean squares over one and over many spans differ by the speed's part: that of the taps' noise is the
///    same in both.
///
/// An equalizer that settles for least error instead of no interference shows less PDL, at 15 dB of SNR by a tenth. Outputs of
/// which one lags by a symbol show that as DGD.
///
/// # Errors
/// [`Error::Parameter`] if a rate is not above 0 or the band outside 0.1 to 1; [`Error::Model`] if the taps have no inverse.
///
/// # References
/// Hauske et al. 2009, doi 10.1109/JLT.2009.2020656 (optical performance monitoring from FIR filters in coherent receivers);
/// Heffner 1992, doi 10.1109/68.157165 (Jones matrix eigenanalysis).
pub fn estimate_channel(
    equalizer: &AdaptiveEqualizer,
    symbol_rate_hz: f64,
    wavelength_m: f64,
    band_ratio: f64,
) -> Result<ChannelEstimate> {
    require_positive("symbol_rate_hz", symbol_rate_hz)?;
    if !(0.1..=1.0).contains(&band_ratio) {
        return Err(Error::parameter("band_ratio", band_ratio, "a number from 0.1 to 1"));
    }
    let taps = equalizer.taps();
    let step_hz = band_ratio * symbol_rate_hz / (FREQUENCIES_COUNT - 1) as f64;
    let frequencies: Vec<f64> =
        (0..FREQUENCIES_COUNT).map(|k| (k as f64 - 0.5 * (FREQUENCIES_COUNT - 1) as f64) * step_hz).collect();
    let matrices: Vec<Matrix> = frequencies.iter().map(|f| response(&taps, *f / symbol_rate_hz)).collect();
    if matrices.iter().any(|matrix| determinant(matrix).norm() < 1e-9) {
        return Err(Error::Model(
            "the equalizer's taps have no inverse: both outputs hold the same polarization".into(),
        ));
    }
    let pdl_db = matrices.iter().map(pdl_of).sum::<f64>() / FREQUENCIES_COUNT as f64;
    let pairs = matrices.iter().zip(&matrices[DGD_STEPS_COUNT..]);
    let turn_rad = pairs.map(|(low, high)| turn_between(high, low)).sum::<f64>();
    let dgd_s = turn_rad / (FREQUENCIES_COUNT - DGD_STEPS_COUNT) as f64 / (TAU * DGD_STEPS_COUNT as f64 * step_hz);
    // phase of the channel = -beta2 L w^2/2; of the equalizer the opposite.
    let bend = bend_of_delay(&matrices, &frequencies);
    let beta2_length = bend / (PI * PI * 2.0);
    let dispersion_s_per_m = -beta2_length * TAU * SPEED_OF_LIGHT_M_PER_S / (wavelength_m * wavelength_m);
    Ok(ChannelEstimate {
        dgd_s,
        pdl_db,
        dispersion_s_per_m,
        sop_rate_rad_per_s: sop_rate(equalizer.history(), symbol_rate_hz),
    })
}

/// Response of the taps at a frequency over the symbol rate, the part that a complex equalizer has.
fn response(taps: &[f64], frequency_ratio: f64) -> Matrix {
    let count = taps.len() / 16;
    let middle = (count / 2) as f64;
    let mut out = [[Complex64::default(); 2]; 2];
    for (output, row) in out.iter_mut().enumerate() {
        for (input, entry) in row.iter_mut().enumerate() {
            let at = |o: usize, i: usize, tap: usize| taps[((2 * output + o) * 4 + 2 * input + i) * count + tap];
            for tap in 0..count {
                let value =
                    Complex64::new(0.5 * (at(0, 0, tap) + at(1, 1, tap)), 0.5 * (at(1, 0, tap) - at(0, 1, tap)));
                *entry += value * Complex64::cis(-PI * frequency_ratio * (tap as f64 - middle));
            }
        }
    }
    out
}

fn determinant(m: &Matrix) -> Complex64 {
    m[0][0] * m[1][1] - m[0][1] * m[1][0]
}

/// Ratio of the singular values in dB of power.
fn pdl_of(m: &Matrix) -> f64 {
    let power: f64 = m.iter().flatten().map(Complex64::norm_sqr).sum();
    let product = determinant(m).norm_sqr();
    let root = (power * power - 4.0 * product).max(0.0).sqrt();
    to_db((power + root) / (power - root))
}

/// Difference of the angles of the eigenvalues of a^-1 b.
fn turn_between(a: &Matrix, b: &Matrix) -> f64 {
    let d = determinant(a);
    let inverse = [[a[1][1] / d, -a[0][1] / d], [-a[1][0] / d, a[0][0] / d]];
    let entry = |r: usize, c: usize| inverse[r][0] * b[0][c] + inverse[r][1] * b[1][c];
    let m = [[entry(0, 0), entry(0, 1)], [entry(1, 0), entry(1, 1)]];
    let half = 0.5 * (m[0][0] + m[1][1]);
    let root = (half * half - determinant(&m)).sqrt();
    ((half + root) * (half - root).conj()).arg().abs()
}

/// Least-squares second derivative, halved, of half the angle of the determinant over frequency.
fn bend_of_delay(matrices: &[Matrix], frequencies: &[f64]) -> f64 {
    let mut angles = Vec::with_capacity(matrices.len());
    let (mut before, mut total) = (determinant(&matrices[0]), 0.0);
    for matrix in matrices {
        let here = determinant(matrix);
        total += (here * before.conj()).arg();
        angles.push(0.5 * total);
        before = here;
    }
    // On an even grid around 0, f^2 less its mean is orthogonal to 1 and to f.
    let mean = frequencies.iter().map(|f| f * f).sum::<f64>() / frequencies.len() as f64;
    let product: f64 = frequencies.iter().zip(&angles).map(|(f, angle)| (f * f - mean) * angle).sum();
    product / frequencies.iter().map(|f| (f * f - mean).powi(2)).sum::<f64>()
}

/// Angular speed in Stokes space over the latter half of a history.
///
/// Squares of turns over a long and a short time: the taps' own noise turns both alike and falls out of the difference.
fn sop_rate(history: &[LearningSpan], symbol_rate_hz: f64) -> f64 {
    let late: Vec<Matrix> = history[history.len() / 2..].iter().map(|span| unitary_part(&span.center_matrix)).collect();
    let mean_square = |lag: usize| {
        let pairs = late.iter().zip(&late[lag..]);
        pairs.map(|(a, b)| stokes_turn(a, b).powi(2)).sum::<f64>() / (late.len() - lag) as f64
    };
    if late.len() < 4 {
        return f64::NAN;
    }
    let short = mean_square(1);
    let lags = (1..usize::BITS).map(|power| 1 << power).take_while(|lag| 2 * lag <= late.len());
    // The longest time over which the turn is still a small angle, or else the shortest there is.
    let lags: Vec<(usize, f64)> = lags.map(|lag| (lag, mean_square(lag))).collect();
    let Some((lag, long)) = lags.iter().rev().find(|(_, square)| *square < 1.0).or(lags.first()) else {
        return f64::NAN;
    };
    let square = (long - short).max(0.0) / (lag * lag - 1) as f64;
    square.sqrt() * symbol_rate_hz / HISTORY_SYMBOLS_COUNT as f64
}

/// Angle in Stokes space between two unitary matrices.
fn stokes_turn(a: &Matrix, b: &Matrix) -> f64 {
    let trace: Complex64 = a.iter().flatten().zip(b.iter().flatten()).map(|(a, b)| a.conj() * b).sum();
    2.0 * (0.5 * trace.norm()).min(1.0).acos()
}

/// Nearest unitary matrix: M + its cofactors' conjugates, phase for phase, scaled.
fn unitary_part(m: &Matrix) -> Matrix {
    let d = determinant(m);
    let phase = if d.norm() > 0.0 { d / d.norm() } else { Complex64::new(1.0, 0.0) };
    let sum = [
        [m[0][0] + phase * m[1][1].conj(), m[0][1] - phase * m[1][0].conj()],
        [m[1][0] - phase * m[0][1].conj(), m[1][1] + phase * m[0][0].conj()],
    ];
    let scale = determinant(&sum).norm().sqrt();
    if scale > 0.0 { sum.map(|row| row.map(|value| value / scale)) } else { sum }
}

#[cfg(test)]
mod tests {
    use super::super::test_signals::birefringent;
    use super::*;

    fn scaled(f: f64) -> Matrix {
        let m = birefringent(0.4, 0.9, 0.5)(f);
        // 3 dB of PDL behind the birefringence.
        let loss = 10f64.powf(-3.0 / 20.0);
        [m[0], m[1].map(|value| value * loss)]
    }

    #[test]
    fn matrices_show_what_they_are_made_of() {
        assert!((pdl_of(&scaled(0.1)) - 3.0).abs() < 1e-9);
        let turn = turn_between(&birefringent(0.4, 0.9, 0.5)(0.1), &birefringent(0.4, 0.9, 0.5)(0.12));
        assert!((turn - TAU * 0.02 * 0.4).abs() < 1e-12);
        let u = unitary_part(&scaled(0.2));
        let (a, b): (f64, Complex64) =
            (u[0].iter().map(Complex64::norm_sqr).sum(), u[0][0] * u[1][0].conj() + u[0][1] * u[1][1].conj());
        assert!((a - 1.0).abs() < 1e-12 && b.norm() < 1e-12);
    }

    /// A steady turn under noise that alone would be taken for twenty times its speed.
    #[test]
    fn a_steady_turn_is_seen_through_noise() {
        let noise = super::super::test_signals::noise(4 * 256, 3);
        let history: Vec<LearningSpan> = (0..256)
            .map(|span| {
                let m = birefringent(0.0, 0.001 * span as f64, 0.0)(0.0);
                let center_matrix = [0, 1].map(|r| [0, 1].map(|c| m[r][c] + 0.01 * noise[0][4 * span + 2 * r + c]));
                LearningSpan { mean_squared_error_ratio: 0.0, center_matrix }
            })
            .collect();
        let found = sop_rate(&history, HISTORY_SYMBOLS_COUNT as f64);
        assert!((found - 0.002).abs() < 1e-4, "{found}");
        let turns = history.windows(2).map(|pair| stokes_turn(&pair[0].center_matrix, &pair[1].center_matrix));
        assert!(turns.sum::<f64>() / 255.0 > 0.01);
        assert!(sop_rate(&history[..6], 1.0).is_nan());
    }

    #[test]
    fn a_quadratic_phase_is_the_bend() {
        let frequencies: Vec<f64> = (-16..=16).map(f64::from).collect();
        let matrices: Vec<Matrix> = frequencies
            .iter()
            .map(|f| {
                let value = Complex64::cis(0.003 * f * f + 0.1 * f + 2.0);
                [[value, Complex64::default()], [Complex64::default(), value]]
            })
            .collect();
        assert!((bend_of_delay(&matrices, &frequencies) - 0.003).abs() < 1e-12);
    }
}
