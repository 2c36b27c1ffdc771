//! Nonlinear interference of one span: the ISRS GN model in closed form, as published for long spans.

use super::nonlinear::{CombChannel, NonlinearSpan, SpanNonlinearity};
use crate::error::{Error, Result, require_finite, require_positive};
use std::f64::consts::PI;

/// Nonlinear noise-to-signal ratio of every channel of a comb in one span.
///
/// # Algorithm
/// 1. T_i = (2 alpha - P_tot C_r f_i)^2 describes the Raman tilt; without Raman transfer T = 4 alpha^2.
/// 2. Self-channel: 4/9 gamma^2/B^2 pi/(3 phi alpha^2) [ (T - alpha^2)/alpha asinh(phi B^2/(pi alpha))
///    + (4 alpha^2 - T)/(2 alpha) asinh(phi B^2/(2 pi alpha)) ], phi = 3/2 pi^2 (beta2 + 2 pi beta3 f).
/// 3. Cross-channel, summed over k: 32/27 (P_k/P)^2 gamma^2/(B_k phi_k 3 alpha^2) [ (T_k - alpha^2)/alpha
///    atan(phi_k B/alpha) + (4 alpha^2 - T_k)/(2 alpha) atan(phi_k B/(2 alpha)) ],
///    phi_k = 2 pi^2 (f_k - f) (beta2 + pi beta3 (f + f_k)).
/// 4. The closed form holds the span to be long. A finite one makes the share 1 - exp(-2 alpha L) of that noise, since where
///    dispersion parts the phases, noise arises in proportion to the square of the local power: so a span that is cut in two
///    makes the noise of the whole.
/// 5. The ratio is eta P^2.
///
/// Cost: N^2 pairs of arctangents for N channels. Valid for Gaussian signals; for spans below 40 km still pessimistic.
///
/// # Errors
/// [`Error::Parameter`] if attenuation, length or a channel's symbol rate is not above zero, or a number is not finite.
///
/// # References
/// Semrau, Killey, Bayvel 2019, doi 10.1109/JLT.2019.2903045 (arXiv 1808.07940), equations 5, 10 and 11.
pub fn nonlinear_efficiency(span: &NonlinearSpan, comb: &[CombChannel]) -> Result<Vec<SpanNonlinearity>> {
    let alpha = require_positive("attenuation_per_m", span.attenuation_per_m)?;
    let length_m = require_positive("length_m", span.length_m)?;
    for (name, value) in [
        ("beta2_s2_per_m", span.beta2_s2_per_m),
        ("beta3_s3_per_m", span.beta3_s3_per_m),
        ("gamma_per_w_m", span.gamma_per_w_m),
        ("raman_slope_per_w_m_hz", span.raman_slope_per_w_m_hz),
    ] {
        require_finite(name, value)?;
    }
    for channel in comb {
        require_positive("symbol_rate_hz", channel.symbol_rate_hz)?;
        require_finite("offset_hz", channel.offset_hz)?;
        if !(channel.power_w >= 0.0 && channel.power_w.is_finite()) {
            return Err(Error::parameter("power_w", channel.power_w, "a finite number, 0 or above"));
        }
    }
    if span.gamma_per_w_m == 0.0 {
        return Ok(vec![SpanNonlinearity { self_channel_ratio: 0.0, cross_channel_ratio: 0.0 }; comb.len()]);
    }
    let total_power_w: f64 = comb.iter().map(|channel| channel.power_w).sum();
    let tilt = |offset_hz: f64| (2.0 * alpha - total_power_w * span.raman_slope_per_w_m_hz * offset_hz).powi(2);
    let finite_share = -libm::expm1(-2.0 * alpha * length_m);
    let gamma_squared = span.gamma_per_w_m.powi(2) * finite_share;
    let loss_factor = 3.0 * alpha * alpha;
    let cross_front = 32.0 / 27.0 * gamma_squared / loss_factor;
    let tilts: Vec<f64> = comb.iter().map(|channel| tilt(channel.offset_hz)).collect();

    Ok(comb
        .iter()
        .enumerate()
        .map(|(index, channel)| {
            let bandwidth = channel.symbol_rate_hz;
            let here = channel.offset_hz;
            let cross: f64 = comb
                .iter()
                .zip(&tilts)
                .enumerate()
                .filter(|(other, _)| *other != index)
                .map(|(_, (neighbor, &t))| {
                    let distance = neighbor.offset_hz - here;
                    let phi = 2.0
                        * PI
                        * PI
                        * distance
                        * (span.beta2_s2_per_m + PI * span.beta3_s3_per_m * (here + neighbor.offset_hz));
                    let arc = if phi == 0.0 {
                        // atan(phi B / a) / phi tends to B / a where the two channels travel at one speed.
                        bandwidth
                            * ((t - alpha * alpha) / (alpha * alpha)
                                + (4.0 * alpha * alpha - t) / (4.0 * alpha * alpha))
                    } else {
                        ((t - alpha * alpha) / alpha * (phi * bandwidth / alpha).atan()
                            + (4.0 * alpha * alpha - t) / (2.0 * alpha) * (0.5 * phi * bandwidth / alpha).atan())
                            / phi
                    };
                    neighbor.power_w.powi(2) / neighbor.symbol_rate_hz * arc
                })
                .sum::<f64>()
                * cross_front;
            let phi = 1.5 * PI * PI * (span.beta2_s2_per_m + 2.0 * PI * span.beta3_s3_per_m * here);
            let t = tilts[index];
            let reach = phi.abs() * bandwidth * bandwidth / PI;
            let arc = if phi == 0.0 {
                bandwidth * bandwidth / PI
                    * ((t - alpha * alpha) / (alpha * alpha) + (4.0 * alpha * alpha - t) / (4.0 * alpha * alpha))
            } else {
                ((t - alpha * alpha) / alpha * (reach / alpha).asinh()
                    + (4.0 * alpha * alpha - t) / (2.0 * alpha) * (0.5 * reach / alpha).asinh())
                    / phi.abs()
            };
            let own = 4.0 / 9.0 * gamma_squared / (bandwidth * bandwidth) * PI / loss_factor * arc;
            SpanNonlinearity { self_channel_ratio: own * channel.power_w.powi(2), cross_channel_ratio: cross }
        })
        .collect())
}

/// Exponent epsilon by which self-channel noise of N equal spans grows as N^(1 + epsilon) instead of N.
///
/// # Algorithm
/// epsilon = 3/10 ln(1 + 6/(alpha L asinh(pi^2/2 |beta2 + 2 pi beta3 f| B^2/alpha))).
///
/// # References
/// Poggiolini 2012, doi 10.1109/JLT.2012.2217729, equation 23, with the effective length of a long span.
pub fn coherence_exponent(span: &NonlinearSpan, channel: &CombChannel) -> f64 {
    let beta2 = (span.beta2_s2_per_m + 2.0 * PI * span.beta3_s3_per_m * channel.offset_hz).abs();
    let alpha = span.attenuation_per_m;
    let walk = (0.5 * PI * PI * beta2 * channel.symbol_rate_hz.powi(2) / alpha).asinh();
    if walk == 0.0 {
        return 0.0;
    }
    0.3 * (6.0 / (alpha * span.length_m * walk)).ln_1p()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fiber::propagation_constants;
    use crate::units::{SPEED_OF_LIGHT_M_PER_S, from_dbm, to_db};

    fn span(raman: f64, length_m: f64) -> NonlinearSpan {
        let (beta2, beta3) = propagation_constants(17e-6, 67.0, SPEED_OF_LIGHT_M_PER_S / 1550e-9);
        NonlinearSpan {
            attenuation_per_m: 0.2e-3 / (10.0 * std::f64::consts::E.log10()),
            length_m,
            beta2_s2_per_m: beta2,
            beta3_s3_per_m: beta3,
            gamma_per_w_m: 1.2e-3,
            raman_slope_per_w_m_hz: raman,
        }
    }

    fn comb(count: usize, spacing_hz: f64, symbol_rate_hz: f64, power_dbm: f64) -> Vec<CombChannel> {
        (0..count)
            .map(|index| CombChannel {
                offset_hz: (index as f64 - (count as f64 - 1.0) / 2.0) * spacing_hz,
                symbol_rate_hz,
                power_w: from_dbm(power_dbm),
            })
            .collect()
    }

    /// Values of the authors' reference program (Semrau, MIT licence) for 251 x 40.004 GBd on 40.005 GHz over 100 km.
    /// The program rounds c to 3e8 m/s, which moves beta2 by 0.07 % and eta by 0.003 dB: hence the tolerance of 0.004 dB.
    #[test]
    fn golden_values_of_the_reference_program() {
        let eta = |power_dbm: f64, raman: f64, channel: usize| {
            let power = from_dbm(power_dbm);
            let all = nonlinear_efficiency(&span(raman, 100e3), &comb(251, 40.005e9, 40.004e9, power_dbm)).unwrap();
            to_db((all[channel].self_channel_ratio + all[channel].cross_channel_ratio) / power.powi(2))
        };
        let raman = 0.028e-3 / 1e12;
        for (channel, off, at_0_dbm, at_2_dbm) in [
            (0, 27.7112, 29.4714, 30.4226),
            (12, 29.0977, 30.7815, 31.6911),
            (75, 29.9725, 30.7623, 31.2276),
            (125, 30.3241, 30.3393, 30.3791),
            (175, 30.5798, 29.7824, 29.3502),
            (237, 30.4666, 28.6520, 27.6713),
            (250, 29.0871, 27.1894, 26.2086),
        ] {
            assert!((eta(0.0, 0.0, channel) - off).abs() < 4e-3, "{channel}: {}", eta(0.0, 0.0, channel));
            assert!((eta(0.0, raman, channel) - at_0_dbm).abs() < 4e-3, "{channel}: {}", eta(0.0, raman, channel));
            assert!((eta(2.0, raman, channel) - at_2_dbm).abs() < 4e-3, "{channel}: {}", eta(2.0, raman, channel));
        }
    }

    #[test]
    fn six_spans_with_and_without_coherence() {
        let comb = comb(251, 40.005e9, 40.004e9, 0.0);
        let span = span(0.0, 100e3);
        let all = nonlinear_efficiency(&span, &comb).unwrap();
        for (channel, coherent, incoherent) in [(0, 35.7985, 35.4927), (125, 38.3086, 38.1056), (250, 37.2000, 36.8686)]
        {
            let own = all[channel].self_channel_ratio * 1e6;
            let cross = all[channel].cross_channel_ratio * 1e6;
            let epsilon = coherence_exponent(&span, &comb[channel]);
            let found = to_db(own * 6f64.powf(1.0 + epsilon) + cross * 6.0);
            assert!((found - coherent).abs() < 0.01, "{channel}: {found}");
            assert!((to_db((own + cross) * 6.0) - incoherent).abs() < 4e-3);
        }
    }

    #[test]
    fn metro_combs() {
        let zr_plus = nonlinear_efficiency(&span(0.028e-15, 80e3), &comb(64, 75e9, 60.1385e9, 0.0)).unwrap();
        let center = zr_plus[32].self_channel_ratio + zr_plus[32].cross_channel_ratio;
        assert!((to_db(center * 1e6) - 25.4065).abs() < 0.02, "{}", to_db(center * 1e6));
        let zr_800 = nonlinear_efficiency(&span(0.028e-15, 80e3), &comb(32, 150e9, 118.2e9, 0.0)).unwrap();
        let center = zr_800[16].self_channel_ratio + zr_800[16].cross_channel_ratio;
        assert!((to_db(center * 1e6) - 19.62).abs() < 0.02, "{}", to_db(center * 1e6));
    }

    #[test]
    fn bad_spans_are_refused() {
        let mut bad = span(0.0, 80e3);
        bad.attenuation_per_m = 0.0;
        assert!(nonlinear_efficiency(&bad, &comb(1, 75e9, 60e9, 0.0)).is_err());
        let mut hollow = span(0.0, 80e3);
        hollow.gamma_per_w_m = 0.0;
        assert_eq!(nonlinear_efficiency(&hollow, &comb(2, 75e9, 60e9, 0.0)).unwrap()[0].self_channel_ratio, 0.0);
    }
}
