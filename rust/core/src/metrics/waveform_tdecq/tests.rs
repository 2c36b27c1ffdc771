use super::*;
use crate::metrics::{EyeSource, TdecqTest, estimate_tdecq, prepare_capture};
use crate::optics::Transmitter;
use crate::signal::ssprq;
use crate::special::inverse_q_function;

const RATE: f64 = 53.125e9;

fn plan(receiver: Response, equalizer: Equalizer) -> WaveformTest {
    WaveformTest {
        symbol_rate_hz: RATE,
        receiver,
        noise_color: receiver,
        equalizer,
        main_index: None,
        target_ser_ratio: 4.8e-4,
        threshold_reach_ratio: 0.0,
        instrument_noise_w: 0.0,
    }
}

fn half() -> Response {
    Response::BesselThomson { bandwidth_hz: 0.5 * RATE }
}

/// Rectangular symbols behind a filter, whole periods: what the reference file calls a rectangular transmitter.
fn rectangular(pattern: &[u8], per_symbol: usize, response: Response) -> Vec<f64> {
    let samples: Vec<f64> =
        pattern.iter().flat_map(|&level| std::iter::repeat_n(1.0 + f64::from(level), per_symbol)).collect();
    let eye = SampledEye::new(&samples, pattern.to_vec(), 0, RATE, response).unwrap();
    eye.grid(per_symbol)
}

fn measure(samples: &[f64], pattern: &[u8], per_symbol: f64, test: &WaveformTest) -> WaveformTdecq {
    let capture = prepare_capture(samples, per_symbol * RATE, RATE, pattern, false).unwrap();
    measure_tdecq(&capture, test).unwrap()
}

#[test]
fn ideal_levels_cost_nothing_and_noise_its_share() {
    let pattern = ssprq().unwrap();
    // Steady through both windows: symbols change in the first and last tenth alone.
    let ideal: Vec<f64> = pattern.iter().flat_map(|&level| std::iter::repeat_n(1.0 + f64::from(level), 8)).collect();
    let flat = plan(Response::Flat, Equalizer { taps_count: 1, precursors_max_count: 0, ..Equalizer::FFE5 });
    let found = measure(&ideal, &pattern, 8.0, &flat);
    assert!(found.tdecq_db.abs() < 0.02, "{}", found.tdecq_db);
    // 0.6 of the noise that an ideal signal bears leaves sqrt(1 - 0.36) of it: -5 log10(1 - 0.36) = 0.969 dB.
    let sigma = 0.6 * 3.0 / (6.0 * pam4_target_q(4.8e-4).unwrap());
    // On each level every quantile of the normal distribution once, in an order that the pattern does not know, and once more
    // with the other sign: no draw, and the levels' means keep. Drawn for all levels together their tails would not be even.
    let counts = [0u8, 1, 2, 3].map(|level| pattern.iter().filter(|&&symbol| symbol == level).count());
    let mut met = [0usize; 4];
    let noise: Vec<f64> = pattern
        .iter()
        .map(|&symbol| {
            let (place, n) = (&mut met[usize::from(symbol)], counts[usize::from(symbol)]);
            *place += 1;
            sigma * inverse_q_function(((*place * 7919 % n) as f64 + 0.5) / n as f64).unwrap()
        })
        .collect();
    let noisy: Vec<f64> = [1.0, -1.0]
        .iter()
        .flat_map(|sign| ideal.iter().enumerate().map(move |(k, x)| (sign, k / 8, x)))
        .map(|(sign, k, x)| x + sign * noise[k])
        .collect();
    let found = measure(&noisy, &pattern, 8.0, &flat);
    assert!((found.tdecq_db - 0.969).abs() < 0.02, "{}", found.tdecq_db);
}

/// The swept kernel has another pattern, half the windows' instants, taps of least squares: 0.2 dB, as its reference says.
#[test]
fn a_rectangular_transmitter_behind_the_reference_receiver() {
    let pattern = ssprq().unwrap();
    let eo = Response::BesselThomson { bandwidth_hz: 0.6 * RATE };
    let samples = rectangular(&pattern, 16, eo);
    let found = measure(&samples, &pattern, 16.0, &plan(half(), Equalizer::FFE5));
    let transmitter = Transmitter {
        symbol_rate_hz: RATE,
        response: eo,
        extinction_ratio_db: 4.5,
        level_mismatch_ratio: 1.0,
        chirp_alpha: 0.0,
        adiabatic_chirp_hz: 0.0,
    };
    let source = EyeSource::new(&transmitter, half()).unwrap();
    let test = TdecqTest { equalizer: Equalizer::FFE5, target_ser_ratio: 4.8e-4, noise_variance_ratio: [0.0; 4] };
    let swept = estimate_tdecq(&source, 0.0, 1310e-9, &test).unwrap();
    assert!((found.tdecq_db - swept.tdecq_db).abs() < 0.05, "{} {}", found.tdecq_db, swept.tdecq_db);
    assert!(found.is_settled && found.tdecq_db < found.least_squares_tdecq_db);
    assert!((found.tdecq_db - 0.96).abs() < 0.2);
}
