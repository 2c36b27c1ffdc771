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

/// Symbols with edges of a raised cosine over 0.7 symbols, repeated: level in both windows, and of little beyond the samples' band.
fn soft_edges(symbols: &[f64]) -> Vec<f64> {
    let n = symbols.len();
    let raised = |x: f64| 0.5 - 0.5 * (std::f64::consts::PI * x.clamp(0.0, 1.0)).cos();
    (0..8 * n)
        .map(|sample| {
            let (k, time) = (sample / 8, ((sample % 8) as f64 + 0.5) / 8.0);
            let (before, after) = (1.0 - raised((time + 0.35) / 0.7), raised((time - 0.65) / 0.7));
            before * symbols[(k + n - 1) % n] + after * symbols[(k + 1) % n] + (1.0 - before - after) * symbols[k]
        })
        .collect()
}

/// 0.6 of the noise that an ideal signal bears leaves sqrt(1 - 0.36) of it: -5 log10(1 - 0.36) = 0.969 dB beside what the edges
/// cost without noise.
#[test]
fn ideal_levels_cost_little_and_noise_its_share() {
    let pattern = ssprq().unwrap();
    let flat = plan(Response::Flat, Equalizer { taps_count: 1, precursors_max_count: 0, ..Equalizer::FFE5 });
    let sigma = 0.6 * 3.0 / (6.0 * pam4_target_q(4.8e-4).unwrap());
    // On each level every quantile of the normal distribution once, in an order that the pattern does not know, and once more
    // with the other sign: no draw, and the levels' means keep. Drawn for all levels together their tails would not be even.
    let counts = pattern.iter().fold([0usize; 4], |mut counts, &symbol| {
        counts[usize::from(symbol)] += 1;
        counts
    });
    let mut met = [0usize; 4];
    let noise: Vec<f64> = pattern
        .iter()
        .map(|&symbol| {
            let (place, n) = (&mut met[usize::from(symbol)], counts[usize::from(symbol)]);
            *place += 1;
            sigma * inverse_q_function(((*place * 1009 % n) as f64 + 0.5) / n as f64).unwrap()
        })
        .collect();
    let cost = |share: f64| {
        let symbols: Vec<f64> = [share, -share]
            .iter()
            .flat_map(|sign| pattern.iter().zip(&noise).map(move |(&level, x)| 1.0 + f64::from(level) + sign * x))
            .collect();
        measure(&soft_edges(&symbols), &pattern, 8.0, &flat).tdecq_db
    };
    let (clean_db, noisy_db) = (cost(0.0), cost(1.0));
    assert!(clean_db < 0.05, "{clean_db}");
    assert!((noisy_db - clean_db - 0.969).abs() < 0.02, "{noisy_db} {clean_db}");
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
