//! Adaptive Gauss-Kronrod quadrature with an error estimate and a limit on evaluations.

use crate::error::Result;
use crate::task::Task;

/// Positive nodes of the 15-point Kronrod rule, from the outermost to 0; every second is a node of the 7-point Gauss rule.
const KRONROD_NODES: [f64; 8] = [
    0.991_455_371_120_812_6,
    0.949_107_912_342_758_5,
    0.864_864_423_359_769_1,
    0.741_531_185_599_394_4,
    0.586_087_235_467_691_1,
    0.405_845_151_377_397_2,
    0.207_784_955_007_898_47,
    0.0,
];
const KRONROD_WEIGHTS: [f64; 8] = [
    0.022_935_322_010_529_224,
    0.063_092_092_629_978_55,
    0.104_790_010_322_250_18,
    0.140_653_259_715_525_92,
    0.169_004_726_639_267_9,
    0.190_350_578_064_785_4,
    0.204_432_940_075_298_9,
    0.209_482_141_084_727_83,
];
const GAUSS_7_WEIGHTS: [f64; 4] =
    [0.129_484_966_168_869_7, 0.279_705_391_489_276_64, 0.381_830_050_505_118_9, 0.417_959_183_673_469_4];

/// Nodes of the 6-point Gauss-Legendre rule on -1 to 1.
pub(super) const GAUSS_NODES: [f64; 6] = [
    -0.932_469_514_203_152,
    -0.661_209_386_466_264_5,
    -0.238_619_186_083_196_93,
    0.238_619_186_083_196_93,
    0.661_209_386_466_264_5,
    0.932_469_514_203_152,
];
/// Its weights.
pub(super) const GAUSS_WEIGHTS: [f64; 6] = [
    0.171_324_492_379_170_36,
    0.360_761_573_048_138_6,
    0.467_913_934_572_691_04,
    0.467_913_934_572_691_04,
    0.360_761_573_048_138_6,
    0.171_324_492_379_170_36,
];

/// A panel is halved at most so often.
const DEPTH_MAX: u32 = 40;

/// An integral, how far off it may be, and what it cost.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Estimate {
    pub value: f64,
    pub error: f64,
    pub evaluations_count: u64,
}

/// Integral between the first and the last of `panels`, whose inner entries are kinks of the integrand.
///
/// # Algorithm
/// 1. A panel that `needs_split` is halved before anything is evaluated.
/// 2. Otherwise its integral is the 15-point Kronrod value and its error the distance to the 7-point Gauss value.
/// 3. It is halved while that error is above its share of the tolerance, unless it is tiny or the evaluations are used up.
/// 4. Panels are added from left to right, so the sum does not depend on anything else.
///
/// # Errors
/// [`crate::Error::Cancelled`], asked for before every panel.
pub(super) fn integrate_adaptively(
    integrand: impl Fn(f64) -> f64,
    panels: &[f64],
    needs_split: impl Fn(f64, f64) -> bool,
    tolerance: f64,
    evaluations_count: u64,
    task: &Task,
) -> Result<Estimate> {
    let (Some(&first), Some(&last)) = (panels.first(), panels.last()) else { return Ok(Estimate::default()) };
    let width = last - first;
    let mut out = Estimate::default();
    let mut stack: Vec<(f64, f64, u32)> = panels.windows(2).rev().map(|pair| (pair[0], pair[1], 0)).collect();
    while let Some((low, high, depth)) = stack.pop() {
        let may_split = depth < DEPTH_MAX && out.evaluations_count < evaluations_count;
        let middle = 0.5 * (low + high);
        if may_split && needs_split(low, high) {
            stack.extend([(middle, high, depth + 1), (low, middle, depth + 1)]);
            continue;
        }
        task.check()?;
        let (value, error) = kronrod(&integrand, low, high);
        out.evaluations_count += 15;
        // Half of the tolerance goes by width, half to each panel of a long stack alike.
        if may_split && error > tolerance * (0.5 * (high - low) / width + 0.01) {
            stack.extend([(middle, high, depth + 1), (low, middle, depth + 1)]);
        } else {
            out.value += value;
            out.error += error;
        }
    }
    Ok(out)
}

/// Kronrod value and its distance to the Gauss value.
fn kronrod(integrand: &impl Fn(f64) -> f64, low: f64, high: f64) -> (f64, f64) {
    let (half, middle) = (0.5 * (high - low), 0.5 * (high + low));
    let center = integrand(middle);
    let (mut wide, mut narrow) = (KRONROD_WEIGHTS[7] * center, GAUSS_7_WEIGHTS[3] * center);
    for index in 0..7 {
        let reach = half * KRONROD_NODES[index];
        let pair = integrand(middle - reach) + integrand(middle + reach);
        wide += KRONROD_WEIGHTS[index] * pair;
        if index % 2 == 1 {
            narrow += GAUSS_7_WEIGHTS[index / 2] * pair;
        }
    }
    (half * wide, (half * (wide - narrow)).abs())
}

/// Most points of [`gauss_legendre`].
pub(super) const POINTS_MAX_COUNT: usize = GAUSS_NODES.len();

/// Nodes and weights of the Gauss-Legendre rule with 1 to 6 points.
pub(super) fn gauss_legendre(points_count: usize) -> Vec<(f64, f64)> {
    let half: &[(f64, f64)] = match points_count {
        1 => &[(0.0, 2.0)],
        2 => &[(0.577_350_269_189_625_8, 1.0)],
        3 => &[(0.0, 0.888_888_888_888_888_8), (0.774_596_669_241_483_4, 0.555_555_555_555_555_6)],
        4 => {
            &[(0.339_981_043_584_856_26, 0.652_145_154_862_546_1), (0.861_136_311_594_052_6, 0.347_854_845_137_453_85)]
        }
        5 => &[
            (0.0, 0.568_888_888_888_888_9),
            (0.538_469_310_105_683, 0.478_628_670_499_366_5),
            (0.906_179_845_938_664, 0.236_926_885_056_189_1),
        ],
        _ => return GAUSS_NODES.into_iter().zip(GAUSS_WEIGHTS).collect(),
    };
    half.iter().flat_map(|&(x, w)| if x == 0.0 { vec![(x, w)] } else { vec![(-x, w), (x, w)] }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smooth_kinked_and_oscillating_integrands() {
        let never = |_: f64, _: f64| false;
        let whole = integrate_adaptively(|x| x.powi(12), &[-1.0, 1.0], never, 1e-12, 10_000, &Task::new()).unwrap();
        assert!((whole.value - 2.0 / 13.0).abs() < 1e-13 && whole.evaluations_count == 15, "{whole:?}");
        let kink = integrate_adaptively(|x| (x - 0.3).abs(), &[0.0, 1.0], never, 1e-9, 10_000, &Task::new()).unwrap();
        assert!((kink.value - 0.29).abs() < 1e-9 && kink.error <= 1e-9, "{kink:?}");
        let wave =
            integrate_adaptively(|x| (400.0 * x).cos(), &[0.0, 1.0], |a, b| b - a > 0.025, 1e-9, 100_000, &Task::new())
                .unwrap();
        assert!((wave.value - 400f64.sin() / 400.0).abs() < 1e-10, "{wave:?}");
    }

    #[test]
    fn the_limit_on_evaluations_holds_and_shows_in_the_error() {
        let rough =
            integrate_adaptively(|x| (1e4 * x).sin().abs(), &[0.0, 1.0], |_, _| false, 1e-12, 300, &Task::new())
                .unwrap();
        assert!(rough.evaluations_count < 1500 && rough.error > 1e-4, "{rough:?}");
    }

    #[test]
    fn it_stops_in_the_middle() {
        let task = Task::new();
        let evaluations = std::cell::Cell::new(0u32);
        let integrand = |x: f64| {
            evaluations.set(evaluations.get() + 1);
            if evaluations.get() == 100 {
                task.cancel();
            }
            (1e4 * x).sin().abs()
        };
        let found = integrate_adaptively(integrand, &[0.0, 1.0], |_, _| false, 1e-12, 1_000_000, &task);
        assert_eq!(found.unwrap_err(), crate::Error::Cancelled);
        assert!(evaluations.get() < 120, "{}", evaluations.get());
    }
}
