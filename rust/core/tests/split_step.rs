//! Sampled fields along a fiber against closed forms: solitons, dispersed pulses, the way there and back.

#![allow(clippy::unwrap_used)] // Shared code of tests.

use lightlane_core::fiber::{
    FieldFiber, FieldSampling, PowerProfile, Precision, StepRule, back_propagate_fiber, propagate_fiber,
};
use lightlane_core::task::Task;
use rustfft::num_complex::Complex64;

const RATE_HZ: f64 = 1e12;
const BETA2: f64 = -21.7e-27;
const GAMMA: f64 = 1.3e-3;
const WIDTH_S: f64 = 10e-12;

fn sampling(polarizations_count: usize, precision: Precision) -> FieldSampling {
    FieldSampling { sample_rate_hz: RATE_HZ, polarizations_count, precision }
}

fn fiber(length_m: f64, gamma_per_w_m: f64, attenuation_per_m: f64) -> FieldFiber {
    FieldFiber {
        length_m,
        beta2_s2_per_m: BETA2,
        beta3_s3_per_m: 0.0,
        gamma_per_w_m,
        profile: PowerProfile::Exponential { attenuation_per_m: vec![attenuation_per_m] },
        birefringence: None,
    }
}

/// Time of a sample from the middle of the window.
fn time_s(n: usize, count: usize) -> f64 {
    (n as f64 - 0.5 * count as f64) / RATE_HZ
}

/// A comb of 33 tones in each polarization, noise-like and without random numbers.
fn busy_field(count: usize, power_w: f64) -> Vec<Complex64> {
    comb_field(count, power_w, 7.0)
}

fn comb_field(count: usize, power_w: f64, spacing: f64) -> Vec<Complex64> {
    let tone = |n: usize, row: f64, m: f64| {
        let cycles = (m * spacing + row) * n as f64 / count as f64;
        Complex64::from_polar(1.0, std::f64::consts::TAU * cycles.fract() + 2.4 * m * m + row)
    };
    let sum = |n: usize, row: f64| (-16..=16).map(|m| tone(n, row, f64::from(m))).sum::<Complex64>();
    let scale = (power_w / 66.0).sqrt();
    (0..2 * count).map(|n| sum(n % count, (n / count) as f64) * scale).collect()
}

fn distance(a: &[Complex64], b: &[Complex64]) -> f64 {
    let norm = |values: &mut dyn Iterator<Item = Complex64>| values.map(|x| x.norm_sqr()).sum::<f64>();
    (norm(&mut a.iter().zip(b).map(|(a, b)| a - b)) / norm(&mut b.iter().copied())).sqrt()
}

fn run(field: &[Complex64], rows: usize, fiber: &FieldFiber, rule: StepRule) -> Vec<Complex64> {
    propagate_fiber(field, &sampling(rows, Precision::Double), fiber, rule, &Task::new()).unwrap().0
}

fn soliton(count: usize, gamma_per_w_m: f64) -> Vec<Complex64> {
    let peak_w = -BETA2 / (gamma_per_w_m * WIDTH_S * WIDTH_S);
    (0..count).map(|n| Complex64::from(peak_w.sqrt() / (time_s(n, count) / WIDTH_S).cosh())).collect()
}

/// A Gaussian pulse of standard deviation `WIDTH_S` in |A|^2/2 broadens and turns as A = (T0^2/q)^(1/2) exp(-t^2/(2 q)),
/// q = T0^2 + j beta2 z for a field written as exp(+j omega t). Agrawal, "Nonlinear fiber optics", 3.2.
#[test]
fn a_gaussian_pulse_broadens_as_in_the_closed_form() {
    for count in [1024, 1000] {
        let square = WIDTH_S * WIDTH_S;
        let start: Vec<_> =
            (0..count).map(|n| Complex64::from((-0.5 * time_s(n, count).powi(2) / square).exp())).collect();
        let q = Complex64::new(square, BETA2 * 9e3);
        let pulse = |n: usize| (square / q).sqrt() * (-0.5 * time_s(n, count).powi(2) / q).exp();
        let expected: Vec<_> = (0..count).map(pulse).collect();
        let found = run(&start, 1, &fiber(9e3, 0.0, 0.0), StepRule::Fixed { length_m: 2e3 });
        assert!(distance(&found, &expected) < 1e-9, "{count}: {}", distance(&found, &expected));
    }
}

/// A = A0 sech(t/T0) exp(-j z/(2 LD)) keeps its shape; over one period z0 = pi LD/2 it turns by pi/4. The error falls with the
/// square of the step. Two polarizations share the soliton of 8/9 of gamma in any state.
#[test]
fn solitons_keep_their_shape_with_an_error_of_second_order() {
    let period_m = 0.5 * std::f64::consts::PI * WIDTH_S * WIDTH_S / -BETA2;
    let turn = Complex64::from_polar(1.0, -0.25 * std::f64::consts::PI);
    let count = 2048;
    let one = soliton(count, GAMMA);
    let state = [Complex64::new(0.6, 0.0), Complex64::new(0.0, 0.8)];
    let shared = soliton(count, GAMMA * 8.0 / 9.0);
    let two: Vec<_> = state.iter().flat_map(|part| shared.iter().map(move |a| part * a)).collect();
    for (rows, start) in [(1, one), (2, two)] {
        let expected: Vec<_> = start.iter().map(|a| a * turn).collect();
        let error = |steps: f64| {
            let rule = StepRule::Fixed { length_m: period_m / steps };
            distance(&run(&start, rows, &fiber(period_m, GAMMA, 0.0), rule), &expected)
        };
        let errors = [error(25.0), error(50.0), error(100.0)];
        assert!(errors[2] < 1e-4, "{errors:?}");
        for pair in errors.windows(2) {
            assert!((pair[0] / pair[1] - 4.0).abs() < 0.1, "{errors:?}");
        }
    }
}

#[test]
fn energy_is_kept_without_loss_and_falls_as_the_loss_says() {
    let start = busy_field(4096, 20e-3);
    let energy = |field: &[Complex64]| field.iter().map(Complex64::norm_sqr).sum::<f64>();
    let rule = StepRule::Fixed { length_m: 1e3 };
    let kept = energy(&run(&start, 2, &fiber(80e3, GAMMA, 0.0), rule)) / energy(&start);
    assert!((kept - 1.0).abs() < 1e-12, "{kept}");
    let left = energy(&run(&start, 2, &fiber(80e3, GAMMA, 4.6e-5), rule)) / energy(&start);
    assert!((left / (-4.6e-5f64 * 80e3).exp() - 1.0).abs() < 1e-12, "{left}");
}

#[test]
fn the_way_back_undoes_the_way_there() {
    let there = fiber(80e3, GAMMA, 4.6e-5);
    for count in [4096, 3000] {
        let start = busy_field(count, 20e-3);
        let rule = StepRule::Fixed { length_m: 500.0 };
        let end = run(&start, 2, &there, rule);
        let (back, _) =
            back_propagate_fiber(&end, &sampling(2, Precision::Double), &there, rule, &Task::new()).unwrap();
        assert!(distance(&back, &start) < 1e-11, "{}", distance(&back, &start));
        // The Kerr effect does something, and dispersion alone does not undo it.
        let linear = FieldFiber { gamma_per_w_m: 0.0, ..there.clone() };
        let (wrong, _) =
            back_propagate_fiber(&end, &sampling(2, Precision::Double), &linear, rule, &Task::new()).unwrap();
        assert!(distance(&wrong, &start) > 0.1);
    }
}

/// The sweeps of powers of two and the transforms of any length are two programs for one equation.
#[test]
fn both_engines_agree() {
    let third_order = FieldFiber { beta3_s3_per_m: 0.13e-39, ..fiber(80e3, GAMMA, 4.6e-5) };
    // The same period sampled by 256 x 3 and by 1024 samples: the tones fit into both.
    let coarse = 768;
    let fine = 1024;
    let rule = StepRule::Fixed { length_m: 2e3 };
    let at = |count: usize| {
        let start = comb_field(count, 20e-3, 2.0);
        let sampling = FieldSampling { sample_rate_hz: 1e12 * count as f64 / 1024.0, ..sampling(2, Precision::Double) };
        propagate_fiber(&start, &sampling, &third_order, rule, &Task::new()).unwrap().0
    };
    let (a, b) = (at(coarse), at(fine));
    let common = |field: &[Complex64], step: usize| field.iter().step_by(step).copied().collect::<Vec<_>>();
    assert!(distance(&common(&a, 3), &common(&b, 4)) < 1e-9, "{}", distance(&common(&a, 3), &common(&b, 4)));
}

#[test]
fn chosen_steps_keep_the_error_that_they_promise() {
    let line = fiber(80e3, GAMMA, 4.6e-5);
    let start = busy_field(4096, 40e-3);
    let exact = run(&start, 2, &line, StepRule::LocalError { error_fraction: 1e-7 });
    let fine = run(&start, 2, &line, StepRule::Fixed { length_m: 5.0 });
    assert!(distance(&exact, &fine) < 1e-5, "{}", distance(&exact, &fine));
    for error_fraction in [1e-2, 1e-3, 1e-4] {
        let rule = StepRule::LocalError { error_fraction };
        let (found, report) =
            propagate_fiber(&start, &sampling(2, Precision::Double), &line, rule, &Task::new()).unwrap();
        let error = distance(&found, &exact);
        assert!(error < error_fraction && report.error_fraction <= error_fraction, "{error:e} {report:?}");
        assert!(error > 1e-4 * error_fraction, "{error:e} {report:?}");
    }
    let rule = StepRule::NonlinearPhase { greatest_rad: 5e-3 };
    let (found, report) = propagate_fiber(&start, &sampling(2, Precision::Double), &line, rule, &Task::new()).unwrap();
    assert!(distance(&found, &exact) < 1e-2, "{}", distance(&found, &exact));
    assert!(report.phase_max_rad < 1.5 * 5e-3 && report.step_max_m > 4.0 * report.step_min_m, "{report:?}");
}

#[test]
fn singles_follow_doubles() {
    let line = fiber(80e3, GAMMA, 4.6e-5);
    for count in [4096, 3000] {
        let start = busy_field(count, 20e-3);
        let rule = StepRule::Fixed { length_m: 500.0 };
        let exact = run(&start, 2, &line, rule);
        let single = propagate_fiber(&start, &sampling(2, Precision::Single), &line, rule, &Task::new()).unwrap().0;
        let error = distance(&single, &exact);
        assert!(error < 2e-5 && error > 1e-8, "{count}: {error:e}");
    }
}

#[test]
fn threads_change_no_bit() {
    let line = fiber(40e3, GAMMA, 4.6e-5);
    let start = busy_field(8192, 20e-3);
    for rule in [
        StepRule::Fixed { length_m: 2e3 },
        StepRule::NonlinearPhase { greatest_rad: 5e-3 },
        StepRule::LocalError { error_fraction: 1e-3 },
    ] {
        for precision in [Precision::Double, Precision::Single] {
            let of = |threads: usize| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                pool.install(|| propagate_fiber(&start, &sampling(2, precision), &line, rule, &Task::new()).unwrap())
            };
            let one = of(1);
            assert!([2, 3].into_iter().all(|threads| of(threads).0 == one.0));
        }
    }
}

#[test]
fn fields_that_are_none_are_refused_by_name() {
    let line = fiber(80e3, GAMMA, 4.6e-5);
    let rule = StepRule::Fixed { length_m: 1e3 };
    let good = busy_field(256, 1e-3);
    let refusal = |field: &[Complex64], rows: usize, fiber: &FieldFiber, rule: StepRule| {
        propagate_fiber(field, &sampling(rows, Precision::Single), fiber, rule, &Task::new()).unwrap_err().to_string()
    };
    let mut holed = good.clone();
    holed[300].im = f64::NAN;
    assert!(refusal(&holed, 2, &line, rule).contains("sample 44 of row 1"));
    assert!(refusal(&good, 3, &line, rule).starts_with("field"));
    assert!(refusal(&good[..8], 1, &line, rule).starts_with("field"));
    assert!(refusal(&good, 2, &fiber(-1.0, GAMMA, 0.0), rule).starts_with("length_m"));
    assert!(refusal(&good, 2, &fiber(1e3, f64::NAN, 0.0), rule).starts_with("gamma_per_w_m"));
    assert!(refusal(&good, 2, &line, StepRule::Fixed { length_m: 0.0 }).starts_with("step_m"));
    assert!(refusal(&good, 2, &line, StepRule::LocalError { error_fraction: 1e-6 }).starts_with("error_fraction"));
}

mod birefringent {
    //! Waveplates between the steps of a fiber, against the same plates behind one that does nothing else.

    use super::{GAMMA, RATE_HZ, busy_field, distance, fiber, run, sampling};
    use lightlane_core::fiber::{
        Birefringence, FieldFiber, Precision, StepRule, Waveplates, back_propagate_fiber, propagate_fiber,
    };
    use lightlane_core::rng::RandomSource;
    use lightlane_core::task::Task;
    use rustfft::num_complex::Complex64;

    const RULES: [StepRule; 3] = [
        StepRule::Fixed { length_m: 1.7e3 },
        StepRule::NonlinearPhase { greatest_rad: 5e-3 },
        StepRule::LocalError { error_fraction: 1e-3 },
    ];

    fn plates(dgd_mean_s: f64) -> Waveplates {
        Waveplates::draw(dgd_mean_s, 60, &RandomSource::new(3, 1, 4)).unwrap()
    }

    fn birefringent(gamma_per_w_m: f64, dgd_mean_s: f64, places_count: usize) -> FieldFiber {
        let birefringence = Some(Birefringence { plates: plates(dgd_mean_s), places_count });
        FieldFiber { birefringence, ..fiber(80e3, gamma_per_w_m, 4.6e-5) }
    }

    /// Plates and dispersion commute: without the Kerr effect it does not matter where they act.
    #[test]
    fn without_the_kerr_effect_places_do_not_matter() {
        for count in [4096, 3000] {
            let start = busy_field(count, 20e-3);
            for rule in RULES {
                let mut expected = run(&start, 2, &fiber(80e3, 0.0, 4.6e-5), rule);
                plates(5e-12).pass(&mut expected, RATE_HZ).unwrap();
                for places_count in [1, 7, 60] {
                    let found = run(&start, 2, &birefringent(0.0, 5e-12, places_count), rule);
                    let error = distance(&found, &expected);
                    assert!(error < 1e-11, "{count} {places_count} {rule:?}: {error:e}");
                }
            }
        }
    }

    #[test]
    fn energy_is_kept() {
        let start = busy_field(4096, 20e-3);
        let energy = |field: &[Complex64]| field.iter().map(Complex64::norm_sqr).sum::<f64>();
        for rule in RULES {
            let lossless = FieldFiber { profile: fiber(80e3, GAMMA, 0.0).profile, ..birefringent(GAMMA, 5e-12, 20) };
            let kept = energy(&run(&start, 2, &lossless, rule)) / energy(&start);
            // The extrapolation of the error rule is no rotation: it keeps energy as well as it keeps the field.
            let tolerance = if matches!(rule, StepRule::LocalError { .. }) { 1e-5 } else { 1e-12 };
            assert!((kept - 1.0).abs() < tolerance, "{rule:?}: {:e}", kept - 1.0);
        }
    }

    #[test]
    fn the_way_back_undoes_the_way_there() {
        for count in [4096, 3000] {
            let there = birefringent(GAMMA, 5e-12, 20);
            let start = busy_field(count, 20e-3);
            // Equal steps that fall on both sides of the cuts alike.
            let rule = StepRule::Fixed { length_m: 500.0 };
            let end = run(&start, 2, &there, rule);
            let (back, _) =
                back_propagate_fiber(&end, &sampling(2, Precision::Double), &there, rule, &Task::new()).unwrap();
            assert!(distance(&back, &start) < 1e-11, "{}", distance(&back, &start));
            let plain = fiber(80e3, GAMMA, 4.6e-5);
            let (wrong, _) =
                back_propagate_fiber(&end, &sampling(2, Precision::Double), &plain, rule, &Task::new()).unwrap();
            assert!(distance(&wrong, &start) > 0.1);
        }
    }

    #[test]
    fn threads_change_no_bit() {
        let line = birefringent(GAMMA, 5e-12, 9);
        let start = busy_field(8192, 20e-3);
        for rule in RULES {
            for precision in [Precision::Double, Precision::Single] {
                let of = |threads: usize| {
                    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                    pool.install(|| {
                        propagate_fiber(&start, &sampling(2, precision), &line, rule, &Task::new()).unwrap()
                    })
                };
                assert_eq!(of(1).0, of(4).0);
            }
        }
    }

    /// The plates are a random walk, whose splitting converges at least with the root of the number of places; both rules of steps
    /// come to the same field.
    #[test]
    fn many_places_converge() {
        let start = busy_field(4096, 20e-3);
        let many = Waveplates::draw(0.5e-12, 4800, &RandomSource::new(3, 1, 4)).unwrap();
        let with = |places_count: usize, rule: StepRule| {
            let birefringence = Some(Birefringence { plates: many.clone(), places_count });
            run(&start, 2, &FieldFiber { birefringence, ..fiber(80e3, GAMMA, 4.6e-5) }, rule)
        };
        let exact = with(320, StepRule::Fixed { length_m: 50.0 });
        let errors = [5, 20, 80].map(|places| distance(&with(places, StepRule::Fixed { length_m: 50.0 }), &exact));
        assert!(errors[0] > errors[1] && errors[1] > errors[2] && errors[0] > 4.0 * errors[2], "{errors:?}");
        let chosen = with(320, StepRule::LocalError { error_fraction: 1e-4 });
        assert!(distance(&chosen, &exact) < 1e-4, "{}", distance(&chosen, &exact));
    }
}
