//! What must hold of direct-detect impairments and of FEC over lanes, over their whole range.

use lightlane_core::fec::{
    ErrorBursts, LaneErrors, LaneMultiplexing, burst_symbol_errors, hamming_hard_symbol_error_ratio, module_errors,
};
use lightlane_core::fiber::{MixingLane, MixingSpan, four_wave_mixing};
use lightlane_core::metrics::{
    InterferedSignal, InterferenceDistribution, Interferer, InterfererField, dgd_penalty_db, interference_bound_ratio,
    interference_quantile_estimate_ratio, pdl_excess_loss_db,
};
use lightlane_core::optics::{Reflector, double_reflections};
use lightlane_core::units::from_db;
use proptest::prelude::*;

fn lanes() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(-5.0..-1.5f64, 1..9).prop_map(|logs| logs.into_iter().map(|x| 10f64.powf(x)).collect())
}

fn copies() -> impl Strategy<Value = Vec<Interferer>> {
    prop::collection::vec(-75.0..-40.0f64, 1..12).prop_map(|levels| {
        levels
            .into_iter()
            .map(|level| Interferer { power_ratio: from_db(level), field: InterfererField::Copy })
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_worse_lane_never_helps_a_module(bers in lanes(), index in 0usize..8, factor in 1.0..3.0f64) {
        let errors = |bers: &[f64]| {
            let lanes: Vec<LaneErrors> = bers.iter().map(|&ber| LaneErrors::from_bit_errors(ber)).collect();
            module_errors(&lanes, 2).unwrap()
        };
        let before = errors(&bers);
        let mut worse = bers.clone();
        let place = index % worse.len();
        worse[place] *= factor;
        let after = errors(&worse);
        prop_assert!(after.codeword_error_ratio >= before.codeword_error_ratio * (1.0 - 1e-12));
        prop_assert!((before.symbol_errors_ratio.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        prop_assert!(before.frame_loss_ratio >= before.codeword_error_ratio);
        // Any order of lanes that divide a codeword evenly is the same module.
        if 544 % bers.len() == 0 {
            let mut turned = bers.clone();
            turned.reverse();
            let other = errors(&turned);
            prop_assert!((other.codeword_error_ratio / before.codeword_error_ratio - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn runs_keep_probability(ser in 1e-5..2e-2f64, run in 0.0..0.75f64, precoded: bool, bits: bool, turns in 0u32..3) {
        let multiplexing =
            if bits { LaneMultiplexing::Bit { pcs_lanes_count: 4 } } else { LaneMultiplexing::Symbol };
        let bursts = ErrorBursts { continuation_ratio: run, precoded };
        let found = burst_symbol_errors(136, ser, bursts, multiplexing, 1 << turns).unwrap();
        prop_assert!((found.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        prop_assert!(found.iter().all(|p| (0.0..=1.0).contains(p)));
    }

    #[test]
    fn hard_decoding_helps_few_errors(log in -6.0..-2.5f64) {
        let ber = 10f64.powf(log);
        let uncoded = 1.0 - (1.0 - ber).powi(10);
        let left = hamming_hard_symbol_error_ratio(ber);
        prop_assert!(left < uncoded && left >= 0.0);
    }

    #[test]
    fn more_interference_never_helps(all in copies(), more_db in -70.0..-45.0f64, er in 2.0..12.0f64) {
        let signal = InterferedSignal { levels_count: 4, extinction_ratio_db: er, polarization_aligned: false };
        let mut more = all.clone();
        more.push(Interferer { power_ratio: from_db(more_db), field: InterfererField::Copy });
        let quantile = |all: &[Interferer]| InterferenceDistribution::new(&signal, all).unwrap().quantile_ratio(1e-6).unwrap();
        let (before, after) = (quantile(&all), quantile(&more));
        let bound = interference_bound_ratio(&signal, &more, 1.0).unwrap();
        // The grid is 1/512 of the bound.
        prop_assert!(after >= before - bound / 256.0);
        prop_assert!(after <= bound * (1.0 + 1e-9));
        let estimate = interference_quantile_estimate_ratio(&signal, &more, 1e-6).unwrap();
        prop_assert!(estimate >= after - bound / 256.0, "{estimate} {after} {bound}");
        // The eye is the more open the higher the extinction ratio.
        let deeper = InterferedSignal { extinction_ratio_db: er + 1.0, ..signal };
        prop_assert!(interference_bound_ratio(&deeper, &more, 1.0).unwrap() < bound);
    }

    #[test]
    fn loss_between_reflectors_weakens_their_copies(loss_db in 0.0..10.0f64, more_db in 0.0..5.0f64, r in -60.0..-20.0f64) {
        let pair = |loss_before_db: f64| {
            double_reflections(&[
                Reflector { reflectance_ratio: from_db(-26.0), loss_before_db: 0.0 },
                Reflector { reflectance_ratio: from_db(r), loss_before_db },
            ])[0]
        };
        let ratio = pair(loss_db) / pair(loss_db + more_db);
        prop_assert!((ratio / from_db(2.0 * more_db) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn mixing_goes_with_the_square_of_power(level_db in -5.0..5.0f64, zero_nm in 1300.0..1324.0f64, length_km in 0.5..40.0f64) {
        let products = |power_w: f64| {
            let lanes: Vec<MixingLane> =
                (0..4).map(|k| MixingLane { frequency_hz: 228.6e12 + 0.4e12 * f64::from(k), power_w }).collect();
            let span = MixingSpan {
                attenuation_per_m: 8e-5,
                length_m: length_km * 1e3,
                gamma_per_w_m: 1.5e-3,
                zero_dispersion_m: zero_nm * 1e-9,
                zero_slope_s_per_m3: 92.0,
                transmission_ratio: 1.0,
            };
            four_wave_mixing(&[span], &lanes, 1e9).unwrap()
        };
        let (one, other) = (products(1e-3), products(1e-3 * from_db(level_db)));
        prop_assert_eq!(one.len(), other.len());
        for (a, b) in one.iter().zip(&other) {
            prop_assert!(a.efficiency_ratio <= 1.0 + 1e-9);
            prop_assert!((b.power_ratio / a.power_ratio / from_db(2.0 * level_db) - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn delays_and_losses_never_help(dgd_ps in 0.0..8.0f64, more_ps in 0.0..1.0f64, pdl_db in 0.0..2.0f64, p in 0.0..0.5f64) {
        let rate = 106.25e9;
        let split = 0.5;
        let before = dgd_penalty_db(dgd_ps * 1e-12, rate, split).unwrap();
        prop_assert!(dgd_penalty_db((dgd_ps + more_ps) * 1e-12, rate, split).unwrap() >= before - 1e-12);
        prop_assert!(dgd_penalty_db(dgd_ps * 1e-12, rate, 0.2).unwrap() <= before + 1e-12);
        prop_assert!(pdl_excess_loss_db(pdl_db, p).unwrap() >= -1e-12);
        prop_assert!(pdl_excess_loss_db(pdl_db + 0.1, p).unwrap() >= pdl_excess_loss_db(pdl_db, p).unwrap() - 1e-12);
    }
}
