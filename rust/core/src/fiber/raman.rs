//! Stimulated Raman scattering: how the power of every channel and pump runs along a fiber.

use super::power_profile::PowerProfile;
use super::raman_gain::RamanGain;
use super::raman_solver::{Waves, solve};
use crate::error::{Error, Result, require_finite, require_positive};
use crate::task::Task;

/// One channel or pump.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RamanWave {
    /// Frequency.
    pub frequency_hz: f64,
    /// Power where it enters the fiber: at the input, or of a counter-propagating pump at the output.
    pub power_w: f64,
    /// Power attenuation coefficient at its frequency.
    pub attenuation_per_m: f64,
}

/// Which way a pump runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PumpDirection {
    /// With the channels.
    Forward,
    /// Against them, from the end of the fiber.
    Backward,
}

/// One pump.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RamanPump {
    /// Its light.
    pub wave: RamanWave,
    /// Which way it runs.
    pub direction: PumpDirection,
}

/// A fiber with Raman scattering.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RamanFiber {
    /// Length.
    pub length_m: f64,
    /// Raman gain.
    pub gain: RamanGain,
    /// Temperature, which makes spontaneous scattering.
    pub temperature_k: f64,
}

/// How closely to solve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RamanOptions {
    /// Distance between the positions of the answer, at most.
    pub step_m: f64,
    /// Error allowed in the logarithm of every power.
    pub tolerance_ratio: f64,
    /// Sweeps to and fro allowed where pumps run backward.
    pub sweeps_max_count: u32,
}

impl Default for RamanOptions {
    fn default() -> Self {
        Self { step_m: 1000.0, tolerance_ratio: 1e-8, sweeps_max_count: 200 }
    }
}

/// Powers along a fiber.
#[derive(Debug, Clone, PartialEq)]
pub struct RamanSolution {
    /// Positions, from 0 to the length.
    pub position_m: Vec<f64>,
    /// Power of each channel at each position.
    pub channel_power_w: Vec<Vec<f64>>,
    /// Power of each pump at each position.
    pub pump_power_w: Vec<Vec<f64>>,
    /// Sweeps that were needed, and runs of the shooting; 1 where nothing runs backward.
    pub sweeps_count: u32,
    /// Change of the logarithm of a power in the last sweep.
    pub change_ratio: f64,
}

impl RamanSolution {
    /// The channels' powers relative to their inputs.
    pub fn profile(&self) -> PowerProfile {
        let relative = |row: &Vec<f64>| row.iter().map(|power| (power / row[0]).ln()).collect();
        PowerProfile::Sampled {
            position_m: self.position_m.clone(),
            log_power_ratio: self.channel_power_w.iter().map(relative).collect(),
        }
    }
}

/// Power of every channel and pump along a fiber.
///
/// # Algorithm
/// 1. d ln P_i/dz = -alpha_i + sum over f_j > f_i of g(f_j, f_i) P_j - sum over f_j < f_i of f_i/f_j g(f_i, f_j) P_j, with the other
///    sign for what runs backward: photons are kept where nothing is lost.
/// 2. The logarithms are integrated by the explicit Runge-Kutta pair of Dormand and Prince with its error held to the tolerance;
///    no power can become negative, and rates are bounded by gain times total power, so the steps stay stable.
/// 3. Backward pumps: sweeps forward with their powers given and backward with the others' given (between the positions by cubic
///    Hermite interpolation of the logarithm), until no logarithm changes by more than ten times the tolerance. Where sweeps do
///    not come closer, only a share of each is taken.
/// 4. After every 16 sweeps: Newton's method on the backward powers at the input, which strong pumps need.
///
/// Cost: waves^2 operations per evaluation, 7 evaluations per step, some 100 steps per sweep.
///
/// # Errors
/// [`Error::Parameter`] for figures outside their range; [`Error::Model`] if the sweeps do not converge; [`Error::Cancelled`].
///
/// # References
/// Bromage 2004, doi 10.1109/JLT.2003.822828 (equations of Raman amplifiers); Dormand and Prince 1980,
/// doi 10.1016/0771-050X(80)90013-3.
pub fn solve_raman(
    fiber: &RamanFiber,
    channels: &[RamanWave],
    pumps: &[RamanPump],
    options: &RamanOptions,
    task: &Task,
) -> Result<RamanSolution> {
    check(fiber, channels, pumps, options)?;
    // An even number of intervals, for Simpson's rule over them.
    let count = 2 * (0.5 * fiber.length_m / options.step_m).ceil().max(1.0) as usize;
    let position_m: Vec<f64> = (0..=count).map(|node| fiber.length_m * node as f64 / count as f64).collect();
    let forward = |direction: PumpDirection| {
        pumps.iter().enumerate().filter(move |(_, pump)| pump.direction == direction).map(|(index, _)| index)
    };
    let with: Vec<usize> = forward(PumpDirection::Forward).collect();
    let against: Vec<usize> = forward(PumpDirection::Backward).collect();
    let ahead: Vec<RamanWave> = channels.iter().copied().chain(with.iter().map(|&index| pumps[index].wave)).collect();
    let back: Vec<RamanWave> = against.iter().map(|&index| pumps[index].wave).collect();
    let solved = solve(&Waves::new(&fiber.gain, &ahead, &back), &position_m, options, task)?;
    let row = |wave: usize| solved.log_powers.iter().map(|node| node[wave].exp()).collect::<Vec<f64>>();
    let mut pump_power_w = vec![Vec::new(); pumps.len()];
    for (place, &index) in with.iter().chain(&against).enumerate() {
        pump_power_w[index] = row(channels.len() + place);
    }
    Ok(RamanSolution {
        position_m,
        channel_power_w: (0..channels.len()).map(row).collect(),
        pump_power_w,
        sweeps_count: solved.sweeps_count,
        change_ratio: solved.change_ratio,
    })
}

fn check(fiber: &RamanFiber, channels: &[RamanWave], pumps: &[RamanPump], options: &RamanOptions) -> Result<()> {
    require_positive("length_m", fiber.length_m)?;
    require_positive("temperature_k", fiber.temperature_k)?;
    require_positive("step_m", options.step_m)?;
    if !(1e-13..=1e-2).contains(&options.tolerance_ratio) {
        return Err(Error::parameter("tolerance_ratio", options.tolerance_ratio, "1e-13 to 1e-2"));
    }
    fiber.gain.check()?;
    for wave in channels.iter().chain(pumps.iter().map(|pump| &pump.wave)) {
        require_positive("frequency_hz", wave.frequency_hz)?;
        require_positive("power_w", wave.power_w)?;
        if require_finite("attenuation_per_m", wave.attenuation_per_m)? < 0.0 {
            return Err(Error::parameter("attenuation_per_m", wave.attenuation_per_m, "0 or above"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fiber::raman_span;
    use crate::units::to_db;

    const ALPHA: f64 = 0.2e-3 / 4.342_944_819;
    const SILICA: RamanGain = RamanGain::Silica { effective_area_m2: 83e-12 };

    fn fiber(length_m: f64, gain: RamanGain) -> RamanFiber {
        RamanFiber { length_m, gain, temperature_k: 298.0 }
    }

    fn comb(count: usize, spacing_hz: f64, power_w: f64, attenuation_per_m: f64) -> Vec<RamanWave> {
        (0..count)
            .map(|index| RamanWave {
                frequency_hz: 193.4e12 + (index as f64 - 0.5 * (count as f64 - 1.0)) * spacing_hz,
                power_w,
                attenuation_per_m,
            })
            .collect()
    }

    fn pump(frequency_hz: f64, power_w: f64, attenuation_per_m: f64, direction: PumpDirection) -> RamanPump {
        RamanPump { wave: RamanWave { frequency_hz, power_w, attenuation_per_m }, direction }
    }

    fn run(fiber: &RamanFiber, channels: &[RamanWave], pumps: &[RamanPump]) -> RamanSolution {
        solve_raman(fiber, channels, pumps, &RamanOptions::default(), &Task::new()).unwrap()
    }

    /// Zirngibl's solution for a straight gain: P_i(z) = P_i e^{-a z} P e^{-f_i x}/sum_j P_j e^{-f_j x}, x = C_r P L_eff(z).
    #[test]
    fn straight_gain_has_a_closed_form() {
        let slope_per_w_m_hz = 0.028e-15;
        let channels = comb(96, 100e9, 2e-3, ALPHA);
        let found = run(&fiber(100e3, RamanGain::Linear { slope_per_w_m_hz }), &channels, &[]);
        let total_w: f64 = channels.iter().map(|wave| wave.power_w).sum();
        for (node, z) in found.position_m.iter().enumerate() {
            let x = slope_per_w_m_hz * total_w * -(-ALPHA * z).exp_m1() / ALPHA;
            let weight = |wave: &RamanWave| (-(wave.frequency_hz - 193.4e12) * x).exp();
            let sum: f64 = channels.iter().map(|wave| wave.power_w * weight(wave)).sum();
            for (wave, row) in channels.iter().zip(&found.channel_power_w) {
                let expected_w = wave.power_w * (-ALPHA * z).exp() * total_w * weight(wave) / sum;
                assert!((row[node] / expected_w - 1.0).abs() < 1e-6, "{z}: {}", row[node] / expected_w);
            }
        }
        assert_eq!(found.sweeps_count, 1);
    }

    /// A signal too weak to deplete its pump gains g P (1 - e^{-a_p L})/a_p nepers, from whichever end the pump comes.
    #[test]
    fn small_signal_gain_from_either_end() {
        let pump_alpha = 0.25e-3 / 4.342_944_819;
        let channels = comb(1, 1e9, 1e-9, ALPHA);
        for direction in [PumpDirection::Forward, PumpDirection::Backward] {
            let pumps = [pump(206e12, 0.3, pump_alpha, direction)];
            let span = fiber(80e3, SILICA);
            let found = run(&span, &channels, &pumps);
            let effective_m = -(-pump_alpha * 80e3).exp_m1() / pump_alpha;
            let nepers = SILICA.between_per_w_m(206e12, 193.4e12) * 0.3 * effective_m - ALPHA * 80e3;
            let end_w = found.channel_power_w[0].last().unwrap();
            assert!(((end_w / 1e-9).ln() - nepers).abs() < 1e-6, "{direction:?}");
        }
    }

    #[test]
    fn photons_are_kept_where_nothing_is_lost() {
        let mut channels = comb(40, 100e9, 3e-3, 0.0);
        channels[3].power_w = 20e-3;
        let pumps = [
            pump(206e12, 0.5, 0.0, PumpDirection::Backward),
            pump(201e12, 0.3, 0.0, PumpDirection::Backward),
            pump(209e12, 0.4, 0.0, PumpDirection::Forward),
        ];
        let options = RamanOptions { step_m: 250.0, ..RamanOptions::default() };
        let found = solve_raman(&fiber(8e3, SILICA), &channels, &pumps, &options, &Task::new()).unwrap();
        let flow = |node: usize| {
            let ahead: f64 =
                channels.iter().zip(&found.channel_power_w).map(|(wave, row)| row[node] / wave.frequency_hz).sum();
            let pumped = pumps.iter().zip(&found.pump_power_w).map(|(pump, row)| {
                let sign = if pump.direction == PumpDirection::Forward { 1.0 } else { -1.0 };
                sign * row[node] / pump.wave.frequency_hz
            });
            ahead + pumped.sum::<f64>()
        };
        let scale: f64 = pumps.iter().map(|pump| pump.wave.power_w / pump.wave.frequency_hz).sum();
        for node in 0..found.position_m.len() {
            assert!((flow(node) - flow(0)).abs() < 1e-7 * scale, "{node}: {}", (flow(node) - flow(0)) / scale);
        }
        // The pumps did give: the check above is not about nothing.
        assert!(found.pump_power_w[0][0] < 0.3, "{}", found.pump_power_w[0][0]);
    }

    #[test]
    fn a_strong_backward_pump_converges_and_a_finer_grid_agrees() {
        let channels = comb(96, 50e9, 2e-3, ALPHA);
        let pump_alpha = 0.25e-3 / 4.342_944_819;
        let pumps = [
            pump(206e12, 0.45, pump_alpha, PumpDirection::Backward),
            pump(203e12, 0.35, pump_alpha, PumpDirection::Backward),
            pump(201e12, 0.25, pump_alpha, PumpDirection::Backward),
            pump(210e12, 0.2, pump_alpha, PumpDirection::Forward),
        ];
        let span = fiber(100e3, SILICA);
        let coarse = run(&span, &channels, &pumps);
        let options = RamanOptions { step_m: 250.0, ..RamanOptions::default() };
        let fine = solve_raman(&span, &channels, &pumps, &options, &Task::new()).unwrap();
        for (a, b) in coarse.channel_power_w.iter().zip(&fine.channel_power_w) {
            let difference_db = to_db(a.last().unwrap() / b.last().unwrap());
            assert!(difference_db.abs() < 1e-4, "{difference_db}");
        }
        assert!(coarse.change_ratio <= 1e-7 && coarse.sweeps_count < 40, "{}", coarse.sweeps_count);
    }

    /// Pumps so strong that they give all they have to the channels; sweeps alone come closer by a percent each.
    #[test]
    fn pumps_of_watts_converge() {
        let pump_alpha = 0.25e-3 / 4.342_944_819;
        let back = |frequency_hz: f64, power_w: f64| pump(frequency_hz, power_w, pump_alpha, PumpDirection::Backward);
        let five = [(200.5e12, 0.4), (202.5e12, 0.4), (204.5e12, 0.5), (206.5e12, 0.6), (208.5e12, 0.6)];
        let sets = [vec![back(205e12, 2.0)], five.map(|(frequency_hz, power_w)| back(frequency_hz, power_w)).to_vec()];
        for pumps in sets {
            for power_w in [1e-4, 2e-3] {
                let channels = comb(40, 100e9, power_w, ALPHA);
                let options = RamanOptions { sweeps_max_count: 100, ..RamanOptions::default() };
                let found = solve_raman(&fiber(80e3, SILICA), &channels, &pumps, &options, &Task::new()).unwrap();
                let (start, end) = (0, found.position_m.len() - 1);
                for (pump, row) in pumps.iter().zip(&found.pump_power_w) {
                    assert!((row[end] / pump.wave.power_w - 1.0).abs() < 2e-7);
                    assert!(row[start] < row[end]);
                }
                for (wave, row) in channels.iter().zip(&found.channel_power_w) {
                    assert!((row[start] / wave.power_w - 1.0).abs() < 1e-12);
                }
                assert!(found.sweeps_count < 60 && found.change_ratio <= 1e-7, "{}", found.sweeps_count);
            }
        }
    }

    /// A lossless short fiber with an undepleted pump is a uniform amplifier: S = 2 h f n (G - 1), n = 1/(1 - e^{-h df/kT}).
    #[test]
    fn noise_of_a_uniform_amplifier() {
        use crate::units::{BOLTZMANN_J_PER_K, PLANCK_J_S};
        let span = fiber(5e3, SILICA);
        let channels = comb(1, 1e9, 1e-9, 0.0);
        let pumps = [pump(206e12, 0.8, 0.0, PumpDirection::Backward)];
        let options = RamanOptions { step_m: 250.0, ..RamanOptions::default() };
        let (_, found) = raman_span(&span, &channels, &pumps, &options, &Task::new()).unwrap();
        let nepers = SILICA.between_per_w_m(206e12, 193.4e12) * 0.8 * 5e3;
        let phonon = PLANCK_J_S * (206e12 - 193.4e12) / (BOLTZMANN_J_PER_K * 298.0);
        let inversion = 1.0 / (1.0 - (-phonon).exp());
        let expected = 2.0 * inversion * (1.0 - (-nepers).exp());
        assert!((found[0].on_off_gain_db - to_db(nepers.exp())).abs() < 1e-6);
        assert!((found[0].net_gain_db - found[0].on_off_gain_db).abs() < 1e-9);
        assert!((found[0].noise_figure_db - to_db(expected)).abs() < 1e-4, "{}", found[0].noise_figure_db);
    }

    #[test]
    fn refusals_and_cancelling() {
        let span = fiber(80e3, SILICA);
        let channels = comb(2, 100e9, 1e-3, ALPHA);
        let bad = |fiber: &RamanFiber, channels: &[RamanWave]| {
            solve_raman(fiber, channels, &[], &RamanOptions::default(), &Task::new()).is_err()
        };
        assert!(bad(&fiber(0.0, SILICA), &channels));
        assert!(bad(&RamanFiber { temperature_k: 0.0, ..span }, &channels));
        assert!(bad(&span, &comb(2, 100e9, 0.0, ALPHA)));
        assert!(bad(&span, &comb(2, 100e9, 1e-3, -ALPHA)));
        let task = Task::new();
        task.cancel();
        let cancelled = solve_raman(&span, &channels, &[], &RamanOptions::default(), &task);
        assert_eq!(cancelled.unwrap_err(), Error::Cancelled);
        let hasty = RamanOptions { sweeps_max_count: 2, ..RamanOptions::default() };
        let pumps = [pump(206e12, 1.0, ALPHA, PumpDirection::Backward)];
        let tired = solve_raman(&span, &comb(40, 100e9, 5e-3, ALPHA), &pumps, &hasty, &Task::new());
        assert!(matches!(tired, Err(Error::Model(_))));
    }
}
