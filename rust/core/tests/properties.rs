//! What must hold of the core's mathematics over its whole range.

use lightlane_core::fec::{codeword_error_ratio, frame_loss_ratio, kp4_from_bit_errors, kp4_from_symbol_errors};
use lightlane_core::fiber::{CombChannel, NonlinearSpan, coherence_exponent, maxwell_exceedance, nonlinear_efficiency};
use lightlane_core::interpolate::{PointTable, Points, check_offsets};
use lightlane_core::metrics::{
    Modulation, Pam4Levels, pam4_symbol_error_ratio, pam4_target_q, q_factor_db, snr_for_ber,
};
use lightlane_core::special::{find_root, inverse_q_function, q_function};
use lightlane_core::units::{from_db, from_dbm, to_db, to_dbm};
use proptest::prelude::*;

/// Rising x with any y.
fn curves() -> impl Strategy<Value = (Vec<f64>, Vec<f64>)> {
    (prop::collection::vec((0.01..10.0f64, -50.0..50.0f64), 1..12), -100.0..100.0f64).prop_map(|(steps, start)| {
        let mut x = start;
        steps
            .into_iter()
            .map(|(step, y)| {
                x += step;
                (x, y)
            })
            .unzip()
    })
}

fn formats() -> impl Strategy<Value = Modulation> {
    prop_oneof![
        Just(Modulation::Qpsk),
        Just(Modulation::EightQam),
        Just(Modulation::SixteenQam),
        (0.5..0.9f64).prop_map(|inner_amplitude_ratio| Modulation::ShapedSixteenQam { inner_amplitude_ratio }),
    ]
}

fn spans() -> impl Strategy<Value = NonlinearSpan> {
    (0.15..0.3f64, 20e3..120e3f64, 2.0..25.0f64, 0.5..2.0f64).prop_map(|(db_per_km, length_m, d, gamma)| {
        NonlinearSpan {
            attenuation_per_m: db_per_km * 1e-3 * std::f64::consts::LN_10 / 10.0,
            length_m,
            beta2_s2_per_m: -d * 1.276e-27,
            beta3_s3_per_m: 0.14e-39,
            gamma_per_w_m: gamma * 1e-3,
            raman_slope_per_w_m_hz: 0.0,
        }
    })
}

fn combs() -> impl Strategy<Value = Vec<CombChannel>> {
    (prop::collection::btree_set(-20i32..20, 1..12), 20e9..90e9f64, -6.0..6.0f64).prop_map(
        |(slots, symbol_rate_hz, level_dbm)| {
            slots
                .into_iter()
                .map(|slot| CombChannel {
                    offset_hz: f64::from(slot) * 100e9,
                    symbol_rate_hz,
                    power_w: from_dbm(level_dbm),
                })
                .collect()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_curve_stays_between_its_neighbors_and_ends_hard((x, y) in curves(), place in 0.0..1.0f64) {
        let curve = Points::new(&x, &y).unwrap();
        let (first, last) = curve.range().unwrap();
        let at = first + place * (last - first);
        let value = curve.at(at).unwrap();
        let upper = x.partition_point(|&point| point < at).max(1).min(x.len() - 1);
        let (a, b) = (y[upper.saturating_sub(1)], y[upper]);
        prop_assert!(a.min(b) - 1e-9 <= value && value <= a.max(b) + 1e-9);
        for (point, expected) in x.iter().zip(&y) {
            prop_assert_eq!(curve.at(*point), Some(*expected));
        }
        prop_assert_eq!(curve.at(first.next_down()), None);
        prop_assert_eq!(curve.at(last.next_up()), None);
    }

    #[test]
    fn log_log_agrees_with_linear_at_the_points(
        (x, y) in curves().prop_map(|(x, y)| {
            let base = x[0];
            (
                x.iter().map(|v| v - base + 1.0).collect::<Vec<_>>(),
                y.iter().map(|v| (v / 10.0).exp()).collect::<Vec<_>>(),
            )
        }),
        place in 0.0..1.0f64,
    ) {
        let curve = Points::new(&x, &y).unwrap();
        for (point, expected) in x.iter().zip(&y) {
            prop_assert_eq!(curve.at_log_log(*point), Some(*expected));
        }
        let (first, last) = curve.range().unwrap();
        let value = curve.at_log_log(first + place * (last - first)).unwrap();
        let (least, most) = y.iter().fold((f64::INFINITY, 0.0f64), |(a, b), &v| (a.min(v), b.max(v)));
        prop_assert!(value >= least * (1.0 - 1e-12) && value <= most * (1.0 + 1e-12));
    }

    #[test]
    fn offsets_that_cut_their_entries_are_the_only_ones(cuts in prop::collection::vec(0usize..20, 1..8)) {
        let mut offsets = vec![0];
        for cut in cuts {
            offsets.push(offsets.last().unwrap() + cut);
        }
        let length = *offsets.last().unwrap();
        prop_assert!(check_offsets("rows", &offsets, length).is_ok());
        prop_assert!(check_offsets("rows", &offsets, length + 1).is_err());
        let x: Vec<f64> = (0..length).map(|index| index as f64).collect();
        let table = PointTable::new("rows", &offsets, &x, &x).unwrap();
        prop_assert_eq!(table.len(), offsets.len() - 1);
        offsets[0] = 1;
        prop_assert!(check_offsets("rows", &offsets, length).is_err());
    }

    #[test]
    fn gaussian_tail_and_inverse(exponent in -300.0..-0.31f64) {
        let probability = 10f64.powf(exponent);
        let x = inverse_q_function(probability).unwrap();
        // The tail is as exact as x: a relative error of 1e-16 in x is x^2 of that in Q(x).
        prop_assert!((q_function(x) / probability - 1.0).abs() < 1e-15 * (10.0 + 4.0 * x * x));
        prop_assert!(inverse_q_function(probability * 1.01).unwrap() < x);
    }

    #[test]
    fn decibels_and_back(level in -300.0..300.0f64) {
        prop_assert!((to_db(from_db(level)) - level).abs() < 1e-11);
        prop_assert!((to_dbm(from_dbm(level)) - level).abs() < 1e-11);
    }

    #[test]
    fn a_root_is_one(root in -50.0..50.0f64, slope in 0.01..100.0f64, bend in 0.0..1.0f64) {
        let function = |x: f64| slope * (x - root) * (1.0 + bend * (x - root) * (x - root));
        let found = find_root(function, -100.0, 100.0, 1e-13).unwrap();
        prop_assert!((found - root).abs() < 1e-9, "{} instead of {}", found, root);
        prop_assert!(find_root(function, 60.0, 100.0, 1e-13).is_err());
    }

    #[test]
    fn snr_for_ber_inverts_the_error_ratio(format in formats(), exponent in -15.0..-0.75f64) {
        let ber = 10f64.powf(exponent);
        let snr = snr_for_ber(format, ber).unwrap();
        prop_assert!((format.bit_error_ratio(snr) / ber - 1.0).abs() < 1e-9);
        prop_assert!(format.bit_error_ratio(snr * 1.01) < ber);
        prop_assert!(q_factor_db(ber) > q_factor_db(ber * 1.01));
    }

    #[test]
    fn pam4_levels_err_alike_when_moved_or_scaled(
        q in 0.5..6.0f64, shift in -10.0..10.0f64, scale in 1e-6..1e3f64,
    ) {
        let levels = |shift: f64, scale: f64| Pam4Levels {
            mean_a: [0.0, 2.0, 4.0, 6.0].map(|mean| scale * mean + shift),
            sigma_a: [scale / q; 4],
        };
        let plain = pam4_symbol_error_ratio(&levels(0.0, 1.0));
        prop_assert!((pam4_symbol_error_ratio(&levels(shift * scale, scale)) / plain - 1.0).abs() < 1e-9);
        prop_assert!((pam4_target_q(plain).unwrap() - q).abs() < 1e-9);
    }

    #[test]
    fn kp4_is_monotone(exponent in -12.0..-1.2f64, factor in 1.01..5.0f64) {
        let (low, high) = (10f64.powf(exponent), 10f64.powf(exponent) * factor);
        let (before, after) = (kp4_from_bit_errors(low), kp4_from_bit_errors(high));
        // Near certainty the binomial terms sum to 1 but for their rounding.
        let slack = 1.0 + 1e-11;
        prop_assert!(before.codeword_error_ratio <= after.codeword_error_ratio * slack);
        prop_assert!(before.post_fec_ber <= after.post_fec_ber * slack);
        prop_assert!(before.post_fec_ber <= low * slack);
        prop_assert!((0.0..=1.0).contains(&after.codeword_error_ratio));
        prop_assert_eq!(codeword_error_ratio(before.symbol_error_ratio), before.codeword_error_ratio);
        let symbols = kp4_from_symbol_errors(before.symbol_error_ratio, low);
        prop_assert_eq!(symbols, before);
        prop_assert!(frame_loss_ratio(before.codeword_error_ratio, 4) >= before.codeword_error_ratio);
    }

    #[test]
    fn dgd_tail_falls(ratio in 0.0..8.0f64, step in 0.001..2.0f64) {
        prop_assert!(maxwell_exceedance(ratio) > maxwell_exceedance(ratio + step));
        prop_assert!(maxwell_exceedance(ratio) <= 1.0);
    }

    #[test]
    fn interference_scales_with_the_square_of_power(span in spans(), comb in combs(), factor in 0.1..10.0f64) {
        let scaled: Vec<CombChannel> =
            comb.iter().map(|channel| CombChannel { power_w: channel.power_w * factor, ..*channel }).collect();
        let before = nonlinear_efficiency(&span, &comb).unwrap();
        for (one, two) in before.iter().zip(nonlinear_efficiency(&span, &scaled).unwrap()) {
            let expected = (one.self_channel_ratio + one.cross_channel_ratio) * factor * factor;
            prop_assert!(((two.self_channel_ratio + two.cross_channel_ratio) / expected - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn another_channel_never_disturbs_less(span in spans(), comb in combs()) {
        let before = nonlinear_efficiency(&span, &comb).unwrap();
        let mut more = comb.clone();
        more.push(CombChannel { offset_hz: 2.5e12, ..comb[0] });
        let after = nonlinear_efficiency(&span, &more).unwrap();
        for (one, two) in before.iter().zip(&after) {
            prop_assert!(two.cross_channel_ratio > one.cross_channel_ratio);
            prop_assert_eq!(two.self_channel_ratio, one.self_channel_ratio);
        }
    }

    #[test]
    fn the_order_of_a_comb_does_not_matter(span in spans(), comb in combs()) {
        let mut turned = comb.clone();
        turned.reverse();
        let (one, two) = (nonlinear_efficiency(&span, &comb).unwrap(), nonlinear_efficiency(&span, &turned).unwrap());
        for (a, b) in one.iter().zip(two.iter().rev()) {
            prop_assert!((a.cross_channel_ratio - b.cross_channel_ratio).abs() <= 1e-13 * a.cross_channel_ratio);
        }
    }

    #[test]
    fn coherence_falls_with_length_and_symbol_rate(span in spans(), comb in combs()) {
        let longer = NonlinearSpan { length_m: 2.0 * span.length_m, ..span };
        let faster = CombChannel { symbol_rate_hz: 2.0 * comb[0].symbol_rate_hz, ..comb[0] };
        let exponent = coherence_exponent(&span, &comb[0]);
        prop_assert!(exponent > 0.0);
        prop_assert!(coherence_exponent(&longer, &comb[0]) < exponent);
        prop_assert!(coherence_exponent(&span, &faster) < exponent);
    }
}
