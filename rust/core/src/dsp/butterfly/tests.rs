use super::super::field::view;
use super::super::test_signals::{birefringent, shape, symbols, through, with_noise};
use super::*;

fn plan(modulation: Modulation, stages: &[(Criterion, f64, u64)]) -> AdaptiveEqualizerPlan {
    AdaptiveEqualizerPlan {
        taps_count: 15,
        widely_linear: false,
        modulation,
        update_symbols_count: 8,
        single_output_symbols_count: 0,
        stages: stages
            .iter()
            .map(|&(criterion, step_ratio, symbols_count)| LearningStage { criterion, step_ratio, symbols_count })
            .collect(),
        known: None,
    }
}

const BLIND: [(Criterion, f64, u64); 2] =
    [(Criterion::ConstantModulus, 2e-3, 20_000), (Criterion::RadiusDirected, 1e-3, 0)];

#[test]
#[ignore = "a measurement"]
fn speed() {
    let modulation = Modulation::SixteenQam;
    let field = shape(&symbols(modulation, 1 << 16, 1), 0.1, true);
    let received = with_noise(&through(&field, birefringent(0.3, 0.6, 0.4)), 0.01, 5);
    for wide in [false, true] {
        let mut best = f64::INFINITY;
        for _ in 0..60 {
            let mut equalizer =
                AdaptiveEqualizer::new(AdaptiveEqualizerPlan { widely_linear: wide, ..plan(modulation, &BLIND) })
                    .unwrap();
            let start = std::time::Instant::now();
            equalizer.process(view(&received)).unwrap();
            best = best.min(start.elapsed().as_secs_f64());
        }
        println!("{wide}: {:.3} M symbols/s", 65536e-6 / best);
    }
}
