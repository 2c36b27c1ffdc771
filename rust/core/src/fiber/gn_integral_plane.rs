//! The plane of the GN model's double integral, cut into islands.

use super::gn_integral::{IntegralSpan, SpectralChannel};
use super::gn_integral_island::{Band, Island};
use super::gn_integral_link::Quartet;

/// All islands that mix into `frequency_hz`; those of f1 and f2 exchanged count in the scale.
pub(super) fn islands(
    channels: &[SpectralChannel],
    spans: &[IntegralSpan],
    target: usize,
    frequency_hz: f64,
) -> Vec<Island> {
    let bands: Vec<Band> = channels
        .iter()
        .map(|channel| Band::new(channel.offset_hz - frequency_hz, channel.symbol_rate_hz, channel.roll_off))
        .collect();
    let mut out = Vec::new();
    for first in 0..channels.len() {
        for second in first..channels.len() {
            let low = bands[first].low_hz() + bands[second].low_hz();
            let high = bands[first].high_hz() + bands[second].high_hz();
            for third in 0..channels.len() {
                if bands[third].high_hz() <= low || bands[third].low_hz() >= high {
                    continue;
                }
                let exchanged = if first == second { 1.0 } else { 2.0 };
                let rate = |channel: usize| channels[channel].symbol_rate_hz;
                let spectra = rate(first) * rate(second) * rate(third);
                let scale = 16.0 / 27.0 * exchanged * rate(target) / spectra;
                let quartet = Quartet { first, second, third, target };
                for (u_sign, u_range_hz) in halves(&bands[first]) {
                    for (v_sign, v_range_hz) in halves(&bands[second]) {
                        let island = Island {
                            quartet,
                            scale,
                            first: bands[first],
                            second: bands[second],
                            third: bands[third],
                            u_sign,
                            v_sign,
                            u_range_hz,
                            v_range_hz,
                        };
                        split_by_dispersion(island, spans, frequency_hz, 0, &mut out);
                    }
                }
            }
        }
    }
    out
}

/// Sign and sizes of the parts of a band below and above 0.
fn halves(band: &Band) -> impl Iterator<Item = (f64, (f64, f64))> {
    let (low, high) = (band.low_hz(), band.high_hz());
    [(-1.0, ((-high).max(0.0), -low)), (1.0, (low.max(0.0), high))].into_iter().filter(|(_, range)| range.1 > range.0)
}

/// An island is cut so often in half.
const CUTS_MAX: u32 = 6;
/// Relative change of the dispersion that an island may span.
const DISPERSION_CHANGE_MAX: f64 = 0.02;

/// Keeps an island, or its halves where the dispersion varies too much in it.
fn split_by_dispersion(island: Island, spans: &[IntegralSpan], frequency_hz: f64, depth: u32, out: &mut Vec<Island>) {
    if !island.is_reachable() {
        return;
    }
    let (u_width, v_width) = (island.u_range_hz.1 - island.u_range_hz.0, island.v_range_hz.1 - island.v_range_hz.0);
    let sum_hz = 2.0 * frequency_hz + island.middle_sum_hz();
    let varies = spans.iter().any(|span| {
        let slope = std::f64::consts::PI * span.beta3_s3_per_m;
        (slope * 0.5 * (u_width + v_width)).abs() > DISPERSION_CHANGE_MAX * (span.beta2_s2_per_m + slope * sum_hz).abs()
    });
    if !varies || depth >= CUTS_MAX {
        out.push(island);
        return;
    }
    let halve = |range: (f64, f64)| [(range.0, 0.5 * (range.0 + range.1)), (0.5 * (range.0 + range.1), range.1)];
    let parts: Vec<Island> = if u_width >= v_width {
        halve(island.u_range_hz).map(|u_range_hz| Island { u_range_hz, ..island.clone() }).into()
    } else {
        halve(island.v_range_hz).map(|v_range_hz| Island { v_range_hz, ..island.clone() }).into()
    };
    for part in parts {
        split_by_dispersion(part, spans, frequency_hz, depth + 1, out);
    }
}
