use super::super::field::view;
use super::super::test_signals::{noise, symbols};
use super::*;

const FORMATS: [Modulation; 4] = [
    Modulation::Qpsk,
    Modulation::EightQam,
    Modulation::SixteenQam,
    Modulation::ShapedSixteenQam { inner_amplitude_ratio: 0.681 },
];

/// Symbols with noise and a Wiener phase of a given variance per symbol.
fn received(modulation: Modulation, count: usize, noise_variance: f64, step_variance: f64) -> (Field, Vec<f64>) {
    let (sent, added, steps) = (symbols(modulation, count, 1), noise(count, 2), noise(count, 3));
    let mut phase = 0.3;
    let phases: Vec<f64> = steps[0]
        .iter()
        .map(|step| {
            phase += step.re * (2.0 * step_variance).sqrt();
            phase
        })
        .collect();
    let field = [0, 1].map(|p| {
        (0..count)
            .map(|k| sent[p][k] * Complex64::cis(phases[k]) + added[p][k] * noise_variance.sqrt())
            .collect::<Vec<_>>()
    });
    (field, phases)
}

/// The search as it is written in the paper, over the same windows.
fn search_plainly(field: &[Complex64], modulation: Modulation, phases: usize, half: usize, at: usize) -> usize {
    let targets = Targets::new(modulation).unwrap();
    let cost = |b: usize| -> f64 {
        let turn = Complex64::cis(-(b as f64) * FRAC_PI_2 / phases as f64);
        field[at - half..=at + half].iter().map(|value| (value * turn - targets.nearest(value * turn)).norm_sqr()).sum()
    };
    (0..phases).min_by(|a, b| cost(*a).total_cmp(&cost(*b))).unwrap()
}

/// At most one test phase apart, for the table's steps and the parabola's half.
#[test]
fn it_is_the_plain_search() {
    for modulation in FORMATS {
        let (field, _) = received(modulation, 600, 0.02, 1e-4);
        let mut search = BlindPhaseSearch::new(modulation, 64, 20).unwrap();
        let out = search.process(view(&field)).unwrap();
        for at in (20..580).step_by(7) {
            let expected = search_plainly(&field[0], modulation, 64, 20, at) as f64;
            let found = out.phase_rad[0][at].rem_euclid(FRAC_PI_2) / (FRAC_PI_2 / 64.0);
            let apart = (found - expected + 32.0).rem_euclid(64.0) - 32.0;
            assert!(apart.abs() < 1.01, "{modulation:?} {at}: {found} {expected}");
        }
    }
}

/// 100 kHz at 60 GBd: 2 pi 1e5/6e10 per symbol; 18 dB of SNR. The error is what noise of the window leaves, sigma^2/(2 N), and
/// the walk of the phase over it, step^2 N/12, at most doubled by wrong neighbors.
#[test]
fn laser_noise_is_followed() {
    let (half, step, variance) = (30, std::f64::consts::TAU * 1e5 / 6e10, 0.016);
    for modulation in [Modulation::Qpsk, Modulation::SixteenQam] {
        let (field, phases) = received(modulation, 20_000, variance, step);
        let mut search = BlindPhaseSearch::new(modulation, 64, half).unwrap();
        let mut out = search.process(view(&field)).unwrap();
        let rest = search.finish();
        out.phase_rad[0].extend_from_slice(&rest.phase_rad[0]);
        out.symbols[0].extend_from_slice(&rest.symbols[0]);
        assert_eq!((out.phase_rad[0].len(), out.symbols[0].len()), (20_000, 20_000));
        let mean: f64 = out.phase_rad[0].iter().zip(&phases).map(|(a, b)| (a - b).powi(2)).sum::<f64>() / 20_000.0;
        let window = 2.0 * half as f64 + 1.0;
        let bound = variance / (2.0 * window) + step * window / 12.0;
        assert!(mean < 2.0 * bound && mean > 0.5 * bound, "{modulation:?}: {mean:e} {bound:e}");
    }
}

#[test]
fn blocks_do_not_matter_and_reset_forgets() {
    let (field, _) = received(Modulation::SixteenQam, 1_000, 0.02, 1e-4);
    let mut search = BlindPhaseSearch::new(Modulation::SixteenQam, 32, 12).unwrap();
    let mut whole = search.process(view(&field)).unwrap().symbols[1].clone();
    whole.extend_from_slice(&search.finish().symbols[1]);
    search.process(view(&field)).unwrap();
    search.reset();
    let mut parts = Vec::new();
    for (from, to) in [(0, 1), (1, 5), (5, 30), (30, 30), (30, 700), (700, 1_000)] {
        parts.extend_from_slice(&search.process([&field[0][from..to], &field[1][from..to]]).unwrap().symbols[1]);
    }
    parts.extend_from_slice(&search.finish().symbols[1]);
    assert_eq!(whole, parts);
    assert_eq!(whole.len(), 1_000);
}

#[test]
fn nonsense_is_refused() {
    for (phases, half) in [(60, 10), (136, 10), (0, 10), (64, 0), (64, 256)] {
        assert!(BlindPhaseSearch::new(Modulation::Qpsk, phases, half).is_err());
    }
    let mut search = BlindPhaseSearch::new(Modulation::Qpsk, 64, 10).unwrap();
    assert!(search.process([&[Complex64::new(f64::NAN, 0.0)], &[Complex64::default()]]).is_err());
}
