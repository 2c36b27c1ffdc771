//! Spontaneous Raman scattering and what a pumped span is worth as an amplifier.

use super::raman::{RamanFiber, RamanOptions, RamanPump, RamanSolution, RamanWave, solve_raman};
use crate::error::Result;
use crate::task::Task;
use crate::units::{BOLTZMANN_J_PER_K, PLANCK_J_S, REFERENCE_BANDWIDTH_HZ, to_db};

/// Spontaneous emission of each channel's frequency at the end of the fiber, both polarizations.
///
/// # Algorithm
/// Integral over z of sum over pumps of 2 h f g(f_p, f) P_p(z) (1 + 1/(e^{h (f_p - f)/kT} - 1)) P(L)/P(z), by Simpson's rule on the
/// solution's positions.
///
/// # References
/// Bromage 2004, doi 10.1109/JLT.2003.822828.
pub fn raman_ase_w_per_hz(
    fiber: &RamanFiber,
    channels: &[RamanWave],
    pumps: &[RamanPump],
    solution: &RamanSolution,
) -> Vec<f64> {
    channels
        .iter()
        .zip(&solution.channel_power_w)
        .map(|(channel, power_w)| {
            let end_w = power_w[power_w.len() - 1];
            let mut emitted = vec![0.0; power_w.len()];
            for (pump, pump_power_w) in pumps.iter().zip(&solution.pump_power_w) {
                let offset_hz = pump.wave.frequency_hz - channel.frequency_hz;
                if offset_hz <= 0.0 {
                    continue;
                }
                let phonons = 1.0 / (PLANCK_J_S * offset_hz / (BOLTZMANN_J_PER_K * fiber.temperature_k)).exp_m1();
                let gain = fiber.gain.between_per_w_m(pump.wave.frequency_hz, channel.frequency_hz);
                let scale = 2.0 * PLANCK_J_S * channel.frequency_hz * gain * (1.0 + phonons) * end_w;
                for ((sum, pump_w), channel_w) in emitted.iter_mut().zip(pump_power_w).zip(power_w) {
                    *sum += scale * pump_w / channel_w;
                }
            }
            simpson(&solution.position_m, &emitted)
        })
        .collect()
}

/// Integral over an even number of even intervals.
fn simpson(x: &[f64], y: &[f64]) -> f64 {
    let intervals = x.len() - 1;
    let step = (x[intervals] - x[0]) / intervals as f64;
    y.windows(3).step_by(2).map(|three| three[0] + 4.0 * three[1] + three[2]).sum::<f64>() * step / 3.0
}

/// What a Raman-pumped span does to one channel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RamanChannel {
    /// Output over input with the pumps on: negative where the fiber still loses.
    pub net_gain_db: f64,
    /// Output with the pumps on over output with them off, Raman transfer between channels in both.
    pub on_off_gain_db: f64,
    /// Spontaneous emission in 12.5 GHz over the channel's power at the output.
    pub ase_ratio: f64,
    /// Noise figure of the amplifier with the on-off gain at the end of the fiber that adds as much noise (referred to its input,
    /// without the shot noise of the signal): below 0 dB where the span is pumped well.
    pub noise_figure_db: f64,
}

/// A Raman-pumped span as an amplifier: its powers along the fiber, and gain and noise of each channel.
///
/// # Algorithm
/// 1. Powers with the pumps on and with the pumps off.
/// 2. Spontaneous emission of the first; NF = S_ASE/(h f G_on-off).
///
/// # Errors
/// Those of [`solve_raman`].
pub fn raman_span(
    fiber: &RamanFiber,
    channels: &[RamanWave],
    pumps: &[RamanPump],
    options: &RamanOptions,
    task: &Task,
) -> Result<(RamanSolution, Vec<RamanChannel>)> {
    let on = solve_raman(fiber, channels, pumps, options, task)?;
    let off = solve_raman(fiber, channels, &[], options, task)?;
    let ase_w_per_hz = raman_ase_w_per_hz(fiber, channels, pumps, &on);
    let last = on.position_m.len() - 1;
    let of_channels = channels
        .iter()
        .zip(ase_w_per_hz)
        .enumerate()
        .map(|(index, (channel, density))| {
            let end_w = on.channel_power_w[index][last];
            let on_off = end_w / off.channel_power_w[index][last];
            RamanChannel {
                net_gain_db: to_db(end_w / channel.power_w),
                on_off_gain_db: to_db(on_off),
                ase_ratio: density * REFERENCE_BANDWIDTH_HZ / end_w,
                noise_figure_db: to_db(density / (PLANCK_J_S * channel.frequency_hz * on_off)),
            }
        })
        .collect();
    Ok((on, of_channels))
}
