//! What the constellations of the interfering channels take off their noise, for powers that run in any way.

use super::nonlinear_comb::Comb;
use super::nonlinear_format::FOURTH_MOMENT_WEIGHT;
use super::nonlinear_line_span::beta2_at;
use super::nonlinear_profile_line::ProfileLineSpan;
use super::nonlinear_profile_places::SpanPlaces;

/// Gauss-Legendre nodes and weights on (0, 1).
const RULE: [(f64, f64); 4] = [
    (0.069_431_844_202_973_71, 0.173_927_422_568_726_93),
    (0.330_009_478_207_571_87, 0.326_072_577_431_273_07),
    (0.669_990_521_792_428_1, 0.326_072_577_431_273_07),
    (0.930_568_155_797_026_3, 0.173_927_422_568_726_93),
];

/// Change of the cross-channel noise of one channel in the last span by the formats of the others (below 0 for QAM).
///
/// # Algorithm
/// Dispersion d spreads a symbol of channel k, seen from the channel under test, over the interval d (D - B_k/2) ...
/// d (D + B_k/2), D the distance of the channels: noise from two places is correlated as far as these overlap. With
/// t = B_k/(D - B_k/2), of the Gaussian noise of channel k in the span the share 5/6 excess kurtosis times
/// 2 |beta2|/(t ln(1 + t) A_s^2 int rho_s^2 dz) int A_s rho_s(z) int A_r rho_r(z') [(1 + t)/|d_>| - 1/|d_<|] dz' dz
/// over all places z' before z, in this and the spans before, whose dispersion has the same sign and the greater |d_>| is less
/// than 1 + t times the smaller |d_<|; A is the Kerr coefficient times the power at the input.
///
/// For decaying powers this is what `format_change` has closed forms for.
///
/// # References
/// Dar et al. 2013, doi 10.1364/OE.21.025685.
pub(super) fn profile_format_change(line: &[ProfileLineSpan<'_>], before_s2: &[f64], comb: &Comb, test: usize) -> f64 {
    let Some((here, _)) = line.split_last() else { return 0.0 };
    let Some(solved) = &here.solved else { return 0.0 };
    let count = comb.kurtoses.len();
    let beta2s: Vec<f64> = line.iter().map(|span| beta2_at(span.span, comb.offsets_hz[test])).collect();
    let last = line.len() - 1;
    // Dispersion only grows: spans before one that the window does not reach are out of it, too.
    let is_rising = beta2s.iter().all(|beta2| beta2 * beta2s[0] > 0.0);
    let mut total = 0.0;
    for k in (0..count).filter(|&k| k != test && comb.kurtoses[k] != 0.0 && here.amplitudes[k] > 0.0) {
        let pair = test * count + k;
        let window = comb.pairs.width.at(test, k);
        let places = &solved.places.far;
        let mut sum = 0.0;
        for (place_m, share_m) in places.place_m.iter().zip(places.shares_m(k)) {
            let here_s2 = before_s2[last] + beta2s[last] * place_m;
            let mut inner = 0.0;
            for (index, span) in line.iter().enumerate().rev() {
                let Some(there) = &span.solved else { continue };
                let end_m = if index == last { *place_m } else { there.places.length_m };
                if is_rising && (before_s2[index] + beta2s[index] * end_m) * (1.0 + window) / here_s2 <= 1.0 {
                    break;
                }
                let course = (&there.places, k, before_s2[index], beta2s[index], end_m);
                inner += span.amplitudes[k] / here.amplitudes[k] * meeting(here_s2, window, course);
            }
            sum += share_m * inner;
        }
        let together = 2.0 * beta2s[last].abs() * comb.pairs.level.at(test, k) * sum / solved.places.square_m[k];
        total += solved.noise.pairs[pair] * comb.kurtoses[k] * together;
    }
    FOURTH_MOMENT_WEIGHT * total
}

/// Integral of rho(z') [(1 + t)/|d_>| - 1/|d_<|] over the places of one span, up to `end_m`, that meet the dispersion `here_s2`.
fn meeting(
    here_s2: f64,
    window: f64,
    (places, channel, start_s2, beta2, end_m): (&SpanPlaces, usize, f64, f64, f64),
) -> f64 {
    let place_m = |dispersion_s2: f64| ((dispersion_s2 - start_s2) / beta2).clamp(0.0, end_m);
    let (one, two) = (place_m(here_s2 / (1.0 + window)), place_m(here_s2 * (1.0 + window)));
    let (from_m, to_m) = (one.min(two), one.max(two));
    if from_m >= to_m {
        return 0.0;
    }
    let kernel = |place_m: f64| {
        let there_s2 = (start_s2 + beta2 * place_m).abs();
        let (low, high) = (there_s2.min(here_s2.abs()), there_s2.max(here_s2.abs()));
        (1.0 + window) / high - 1.0 / low
    };
    if from_m == 0.0 && to_m == places.length_m {
        let shares = places.far.place_m.iter().zip(places.far.shares_m(channel));
        return shares.map(|(place_m, share_m)| share_m * kernel(*place_m)).sum();
    }
    let width = to_m - from_m;
    RULE.iter()
        .map(|(place, weight)| {
            let place_m = from_m + place * width;
            weight * width * places.power(channel, place_m) * kernel(place_m)
        })
        .sum()
}
