//! Gauss-Legendre rules on (0, 1): (node, weight).

/// Three nodes: exact for polynomials to the fifth degree.
pub(crate) const THREE_NODES: [(f64, f64); 3] = [
    (0.112_701_665_379_258_3, 0.277_777_777_777_777_8),
    (0.5, 0.444_444_444_444_444_4),
    (0.887_298_334_620_741_7, 0.277_777_777_777_777_8),
];

/// Four nodes: exact for polynomials to the seventh degree.
pub(crate) const FOUR_NODES: [(f64, f64); 4] = [
    (0.069_431_844_202_973_71, 0.173_927_422_568_726_93),
    (0.330_009_478_207_571_87, 0.326_072_577_431_273_07),
    (0.669_990_521_792_428_1, 0.326_072_577_431_273_07),
    (0.930_568_155_797_026_3, 0.173_927_422_568_726_93),
];

/// Six nodes: exact for polynomials to the eleventh degree.
pub(crate) const SIX_NODES: [(f64, f64); 6] = [
    (0.033_765_242_898_423_99, 0.085_662_246_189_585_17),
    (0.169_395_306_766_867_74, 0.180_380_786_524_069_3),
    (0.380_690_406_958_401_55, 0.233_956_967_286_345_52),
    (0.619_309_593_041_598_5, 0.233_956_967_286_345_52),
    (0.830_604_693_233_132_3, 0.180_380_786_524_069_3),
    (0.966_234_757_101_576, 0.085_662_246_189_585_17),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_are_integrated_exactly() {
        let moment = |rule: &[(f64, f64)], power: i32| rule.iter().map(|(x, w)| w * x.powi(power)).sum::<f64>();
        for power in 0..12 {
            let exact = 1.0 / f64::from(power + 1);
            assert!((moment(&SIX_NODES, power) - exact).abs() < 1e-15);
            assert!(power > 7 || (moment(&FOUR_NODES, power) - exact).abs() < 1e-15);
            assert!(power > 5 || (moment(&THREE_NODES, power) - exact).abs() < 1e-15);
        }
        assert!((moment(&FOUR_NODES, 8) - 1.0 / 9.0).abs() > 1e-6);
    }
}
