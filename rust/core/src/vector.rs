//! Work on columns with the widest vector instructions that the processor has, and the transcendental functions for it.
//!
//! Wheels are built for the baseline processor. Loops that decide the speed of whole fabrics are compiled once more for
//! AVX2 and for AVX-512, and the processor decides at run time. No sum is contracted or reordered for that, and what is
//! written as a fused product is fused everywhere: the width of the vectors changes no bit. Processors without such an
//! instruction fuse by software, slowly, and so does code outside of [`vectorize`]: hence functions with `mul_add` belong
//! inside.

use crate::column::Column;
use std::f64::consts::{LN_2, LN_10, LOG2_E, SQRT_2};

/// A piece of work over columns whose loops gain by wide vectors.
///
/// `run` must be `#[inline(always)]`, and so must what its loops call: only then is it compiled for each instruction set.
pub(crate) trait ColumnWork {
    /// What the work gives.
    type Output;

    /// Does the work.
    fn run(self) -> Self::Output;
}

struct Dispatched<W>(W);

impl<W: ColumnWork> pulp::WithSimd for Dispatched<W> {
    type Output = W::Output;

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _simd: S) -> W::Output {
        self.0.run()
    }
}

/// Does a piece of work with the widest vectors of this processor. Costs a few nanoseconds: hand in a whole column.
#[inline]
pub(crate) fn vectorize<W: ColumnWork>(work: W) -> W::Output {
    pulp::Arch::new().dispatch(Dispatched(work))
}

/// Does work that is written for vectors of four doubles at most, with the widest of these.
#[inline]
pub(crate) fn dispatch_quads<W: pulp::WithSimd>(work: W) -> W::Output {
    match pulp::Arch::new() {
        #[cfg(target_arch = "x86_64")]
        pulp::Arch::V4(simd) => pulp::Simd::vectorize(*simd, work),
        narrower => narrower.dispatch(work),
    }
}

/// 1.5 2^52: added to a small number, it leaves its nearest integer in the low bits.
const ROUND: f64 = 6_755_399_441_055_744.0;

/// e^x, right to 2e-16 of itself; 0 below -708 and infinite above 709, where the last binade is left out. Fuses products:
/// call it inside of [`vectorize`].
///
/// # Algorithm
/// x = n ln 2 + r, |r| <= ln 2/2; Taylor polynomial of e^r to r^13; n goes into the exponent.
#[inline(always)]
pub(crate) fn exp(x: f64) -> f64 {
    // ln 2 in two parts: n times the first is exact.
    const LN_2_HIGH: f64 = 0.693_147_180_369_123_8;
    const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    let inside = x.clamp(-708.0, 709.0);
    let shifted = inside.mul_add(LOG2_E, ROUND);
    let n = shifted - ROUND;
    let r = n.mul_add(-LN_2_LOW, n.mul_add(-LN_2_HIGH, inside));
    let value = exp_near_zero(r);
    // The low bits of the shifted number are n; 1023 is the bias of the exponent.
    let power = f64::from_bits(shifted.to_bits().wrapping_add(1023) << 52);
    let finite = value * power;
    let finite = if x < -708.0 { 0.0 } else { finite };
    if x > 709.0 { f64::INFINITY } else { finite }
}

/// Up to this size on both sides of 0 [`exp_near_zero`] is [`exp`].
pub(crate) const NEAR_ZERO: f64 = 0.5 * LN_2;

/// e^x for x within [`NEAR_ZERO`], bit by bit as [`exp`] and in half the time: its Taylor polynomial alone.
#[inline(always)]
pub(crate) fn exp_near_zero(x: f64) -> f64 {
    let mut sum: f64 = 1.0 / 6_227_020_800.0;
    for inverse in [
        1.0 / 479_001_600.0,
        1.0 / 39_916_800.0,
        1.0 / 3_628_800.0,
        1.0 / 362_880.0,
        1.0 / 40_320.0,
        1.0 / 5_040.0,
        1.0 / 720.0,
        1.0 / 120.0,
        1.0 / 24.0,
        1.0 / 6.0,
        0.5,
    ] {
        sum = sum.mul_add(x, inverse);
    }
    1.0 + sum.mul_add(x * x, x)
}

/// Natural logarithm of a positive normal number, right to 2e-16 of itself or of 1; -infinity for 0 and below the normal
/// numbers, NaN for a negative number, infinity for infinity.
///
/// # Algorithm
/// x = 2^n m, m from 1/sqrt 2 to sqrt 2; ln m = 2 artanh(s), s = (m - 1)/(m + 1), by its series to s^21.
#[inline(always)]
pub(crate) fn ln(x: f64) -> f64 {
    /// Bits of sqrt 2, so that the exponent counts from 1/sqrt 2 on.
    const HALF_SQUARE: u64 = (SQRT_2 / 2.0).to_bits();
    /// 2^52, whose low bits take an integer.
    const INTEGER: u64 = 0x4330_0000_0000_0000;
    let bits = x.to_bits().wrapping_sub(HALF_SQUARE);
    // Positive for every normal number: 1022 above the exponent.
    let biased = bits.wrapping_add(1022 << 52) >> 52;
    let n = f64::from_bits(biased | INTEGER) - (f64::from_bits(INTEGER) + 1022.0);
    let m = f64::from_bits((bits & 0x000f_ffff_ffff_ffff) + HALF_SQUARE);
    let s = (m - 1.0) / (m + 1.0);
    let z = s * s;
    let mut sum = 1.0 / 21.0;
    for inverse in
        [1.0 / 19.0, 1.0 / 17.0, 1.0 / 15.0, 1.0 / 13.0, 1.0 / 11.0, 1.0 / 9.0, 1.0 / 7.0, 1.0 / 5.0, 1.0 / 3.0]
    {
        sum = sum * z + inverse;
    }
    let value = n * LN_2 + (2.0 * s + 2.0 * s * z * sum);
    let value = if x < f64::MIN_POSITIVE { f64::NEG_INFINITY } else { value };
    let value = if x == f64::INFINITY { x } else { value };
    if x >= 0.0 { value } else { f64::NAN }
}

/// Gaussian tail probability Q(x) = P(N(0,1) > x), right to 1e-15 of itself; 0 above 37.6, where it is below 3e-308. Fuses
/// products: call it inside of [`vectorize`].
///
/// # Algorithm
/// 1. For x >= 0: Q(x) = e^(-x^2/2) p(t)/(1 + sqrt 2 x), t = (x - 5)/(x + 5), p the polynomial through the values at the
///    Chebyshev nodes of -1 <= t < 1, which are those of e^(x^2/2) Q(x) (1 + sqrt 2 x).
/// 2. The square is taken in two parts: x in 26 bits, and the rest.
/// 3. For x < 0: 1 - Q(-x).
#[inline(always)]
pub(crate) fn gaussian_tail(x: f64) -> f64 {
    const FACTORS: [f64; 23] = [
        -3.532_809_163_841_578e-10,
        3.291_090_340_113_798e-9,
        4.579_563_461_285_692e-9,
        -3.809_875_137_750_955_4e-8,
        -3.299_687_002_712_676e-8,
        2.822_539_163_947_482_6e-7,
        1.493_108_122_732_249e-7,
        -1.939_405_859_450_694_6e-6,
        1.798_663_639_556_316_2e-7,
        1.333_250_812_516_024e-5,
        -1.674_728_051_911_788e-5,
        -7.620_841_018_652_865e-5,
        0.000_282_889_266_753_534_55,
        -4.460_088_513_727_551_3e-5,
        -0.002_461_265_127_314_651,
        0.010_208_851_480_656_011,
        -0.025_178_554_836_236_95,
        0.044_398_861_321_414_96,
        -0.057_159_048_971_947_27,
        0.047_648_661_339_231_23,
        -0.004_193_708_178_283_38,
        -0.070_052_413_620_621_2,
        0.620_820_926_494_837_3,
    ];
    /// All but the 27 lowest bits.
    const HIGH: u64 = 0xffff_ffff_f800_0000;
    let size = x.abs();
    let t = (size - 5.0) / (size + 5.0);
    // Even and odd powers by themselves, two chains that do not wait for each other.
    let (square, (pairs, last)) = (t * t, FACTORS.as_chunks());
    let [mut even, mut odd] = [0.0_f64; 2];
    for [of_even, of_odd] in pairs {
        even = even.mul_add(square, *of_even);
        odd = odd.mul_add(square, *of_odd);
    }
    let sum = odd.mul_add(t, even.mul_add(square, last[0]));
    let high = f64::from_bits(size.to_bits() & HIGH);
    let rest = 0.5 * (size - high) * (size + high);
    let decay = exp(-0.5 * high * high) * (1.0 - rest * (1.0 - rest * (0.5 - rest * (1.0 / 6.0))));
    let tail = decay * sum / (1.0 + SQRT_2 * size);
    // Infinity less itself is no number.
    let tail = if size > 38.0 { 0.0 } else { tail };
    if x < 0.0 { 1.0 - tail } else { tail }
}

struct FewTails<const N: usize>([f64; N]);

impl<const N: usize> ColumnWork for FewTails<N> {
    type Output = [f64; N];

    #[inline(always)]
    fn run(self) -> [f64; N] {
        let mut tails = [0.0; N];
        for (tail, x) in tails.iter_mut().zip(self.0) {
            *tail = gaussian_tail(x);
        }
        tails
    }
}

/// A few of [`gaussian_tail`], four in the time of one.
pub(crate) fn gaussian_tails<const N: usize>(x: [f64; N]) -> [f64; N] {
    vectorize(FewTails(x))
}

/// Ratio of a decibel value, as [`crate::units::from_db`].
#[inline(always)]
fn from_db(value_db: f64) -> f64 {
    exp(value_db * (0.1 * LN_10))
}

/// Decibel value of a ratio, as [`crate::units::to_db`]; for loops inside of [`vectorize`].
#[inline(always)]
pub(crate) fn to_db(ratio: f64) -> f64 {
    ln(ratio) * (10.0 / LN_10)
}

struct ToDb<'a>(&'a mut [f64]);

impl ColumnWork for ToDb<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for value in self.0 {
            *value = to_db(*value);
        }
    }
}

/// Puts decibels in the place of ratios, as [`crate::units::to_db`].
pub(crate) fn to_db_column(column: &mut [f64]) {
    vectorize(ToDb(column));
}

struct FromDb<'a> {
    column: &'a mut [f64],
    unit: f64,
}

impl ColumnWork for FromDb<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for value in self.column {
            *value = self.unit * from_db(*value);
        }
    }
}

/// Ratios of decibel values, as [`crate::units::from_db`].
pub(crate) fn from_db_column(values_db: impl Iterator<Item = f64>) -> Column {
    let mut column: Column = values_db.collect();
    vectorize(FromDb { column: &mut column, unit: 1.0 });
    column
}

/// Powers in watts of levels in dBm, as [`crate::units::from_dbm`].
pub(crate) fn from_dbm_column(levels_dbm: impl Iterator<Item = f64>) -> Column {
    let mut column: Column = levels_dbm.collect();
    vectorize(FromDb { column: &mut column, unit: 1e-3 });
    column
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sums::sum_terms;

    fn close(found: f64, expected: f64, tolerance: f64) {
        let scale = expected.abs().max(f64::MIN_POSITIVE);
        assert!((found - expected).abs() <= tolerance * scale, "{found:e} {expected:e}");
    }

    #[test]
    fn exponentials_and_logarithms_are_those_of_the_standard_library() {
        for step in 0..200_000 {
            let x = -700.0 + 0.007_013 * f64::from(step);
            if x < 709.0 {
                close(exp(x), x.exp(), 1e-15);
            }
            let positive = (x * 0.98).exp();
            assert!((ln(positive) - positive.ln()).abs() <= 4e-16 * (1.0 + positive.ln().abs()), "{positive:e}");
        }
        // Around 1 the error is relative to the logarithm itself.
        for step in 1..10_000 {
            let x = 1.0 + 3e-5 * (f64::from(step) - 5_000.5);
            close(ln(x), x.ln(), 1e-15);
        }
        assert_eq!((exp(0.0), ln(1.0)), (1.0, 0.0));
        for step in -10_000..=10_000 {
            let x = NEAR_ZERO * f64::from(step) / 10_000.0;
            assert_eq!(exp(x).to_bits(), exp_near_zero(x).to_bits(), "{x}");
        }
    }

    #[test]
    fn ends_are_those_of_the_standard_library() {
        assert_eq!(exp(-709.0), 0.0);
        assert_eq!(exp(f64::NEG_INFINITY), 0.0);
        assert_eq!(exp(710.0), f64::INFINITY);
        assert!(exp(f64::NAN).is_nan());
        assert_eq!(ln(0.0), f64::NEG_INFINITY);
        assert_eq!(ln(f64::INFINITY), f64::INFINITY);
        assert!(ln(-1.0).is_nan() && ln(f64::NAN).is_nan());
        close(ln(f64::MIN_POSITIVE), f64::MIN_POSITIVE.ln(), 1e-15);
        close(ln(f64::MAX), f64::MAX.ln(), 1e-15);
    }

    #[test]
    fn gaussian_tails_are_those_of_the_error_function() {
        for step in 0..90_000 {
            let x = -8.0 + 0.000_5 * f64::from(step);
            let expected = 0.5 * libm::erfc(x * std::f64::consts::FRAC_1_SQRT_2);
            // The argument of the error function is rounded twice, as 1/sqrt 2 and as a product: x^2 times a digit.
            close(gaussian_tail(x), expected, 1e-15 + 2.3e-16 * x * x);
            assert_eq!(gaussian_tails([x, 0.0, 2.0 * x, 1.0])[..2], [gaussian_tail(x), 0.5]);
        }
        assert_eq!(
            (gaussian_tail(0.0), gaussian_tail(f64::INFINITY), gaussian_tail(f64::NEG_INFINITY)),
            (0.5, 0.0, 1.0)
        );
        assert!(gaussian_tail(f64::NAN).is_nan());
        // By mpmath with 40 digits: erfc(x/sqrt 2)/2.
        for (x, expected) in [
            (-3.0, 0.998_650_101_968_369_9),
            (-0.5, 0.691_462_461_274_013_1),
            (0.25, 0.401_293_674_317_076_3),
            (1.0, 0.158_655_253_931_457_05),
            (2.5, 0.006_209_665_325_776_135),
            (4.25, 1.068_852_577_493_442e-5),
            (7.5, 3.190_891_672_910_896_3e-14),
            (12.0, 1.776_482_112_077_679e-33),
            (20.0, 2.753_624_118_606_233_7e-89),
            (37.0, 5.725_571_222_524_577e-300),
        ] {
            close(gaussian_tail(x), expected, 1e-15);
        }
        // Abramowitz and Stegun, table 26.2: Q(5) = 2.8665 15719e-7.
        close(gaussian_tail(5.0), 2.866_515_719e-7, 1e-9);
    }

    #[test]
    fn decibels_go_back_and_forth() {
        for step in 0..2_000 {
            let value_db = -300.0 + 0.3 * f64::from(step);
            close(from_db(value_db), crate::units::from_db(value_db), 3e-14);
            assert!((to_db(from_db(value_db)) - value_db).abs() < 1e-12);
            let power_w = from_dbm_column([value_db].into_iter())[0];
            close(power_w, crate::units::from_dbm(value_db), 3e-14);
        }
    }

    struct Sum<'a>(&'a [f64]);

    impl ColumnWork for Sum<'_> {
        type Output = f64;

        #[inline(always)]
        fn run(self) -> f64 {
            let mut terms = vec![0.0; self.0.len()];
            let column = &self.0[..terms.len()];
            sum_terms(&mut terms, |k| exp(column[k]))
        }
    }

    #[test]
    fn wide_vectors_change_no_bit() {
        for count in [0, 1, 7, 8, 9, 64, 1001] {
            let column: Vec<f64> = (0..count).map(|k| (f64::from(k) * 0.7).sin()).collect();
            assert_eq!(vectorize(Sum(&column)).to_bits(), Sum(&column).run().to_bits());
        }
    }
}
