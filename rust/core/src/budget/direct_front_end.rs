//! What the budget makes of a mode's receiver, for the models that sample it.

use super::direct_receiver::Receiver;
use super::direct_tables::DirectModes;
use crate::error::{Error, Result, require_positive};
use crate::optics::Photodetector;

/// The receiver of a mode in some light.
#[derive(Debug, Clone, Copy)]
pub struct DirectFrontEnd {
    /// With its gain in that light.
    pub detector: Photodetector,
    /// Variance of the noise that does not depend on the light.
    pub thermal_noise_a2: f64,
    /// Bandwidth that this noise was counted in.
    pub bandwidth_hz: f64,
}

/// The receiver that closes a mode's stressed sensitivity, in light of an outer OMA and an average power; `None` where the
/// mode lacks a figure.
///
/// # Errors
/// [`Error::Parameter`] if there is no such mode or the light is not above 0.
///
/// # References
/// `docs/models/direct-budget.md`.
pub fn direct_front_end(
    modes: &DirectModes<'_>,
    mode: usize,
    oma_w: f64,
    average_w: f64,
) -> Result<Option<DirectFrontEnd>> {
    if mode >= modes.fec.len() {
        return Err(Error::parameter("mode", mode, format!("below {}", modes.fec.len())));
    }
    require_positive("oma_w", oma_w)?;
    require_positive("average_w", average_w)?;
    Ok(Receiver::of(modes, mode).map(|receiver| receiver.in_light(oma_w, average_w)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::direct_tables::one_mode;

    #[test]
    fn the_gain_follows_the_light_where_the_mode_states_none() {
        for (gain, follows) in [(1.0, false), (6.0, false), (f64::NAN, true)] {
            let columns = one_mode(gain);
            let end = |oma_w: f64| direct_front_end(&columns.view(), 0, oma_w, oma_w).unwrap().unwrap();
            let (weak, strong) = (end(3e-5), end(1.0));
            assert_eq!(weak.detector.gain_ratio > strong.detector.gain_ratio, follows);
            assert!(weak.thermal_noise_a2 > 0.0 && (weak.bandwidth_hz / (0.52 * 53.125e9) - 1.0).abs() < 1e-12);
        }
        let columns = one_mode(1.0);
        assert!(direct_front_end(&columns.view(), 1, 1e-3, 1e-3).is_err());
        assert!(direct_front_end(&columns.view(), 0, 0.0, 1e-3).is_err());
    }
}
