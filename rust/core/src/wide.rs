//! Lanes of explicit vectors: four doubles or eight singles side by side, with fused products where the processor has them.
//!
//! [`crate::vector`] leaves the vectors to the compiler and keeps every bit at every width. The transforms of sampled fields cannot:
//! they need all registers, and fused products. Their results are the same bit for bit on the same instruction set
//! (docs/decisions/0011-fused-products-in-sampled-fields.md).

use rustfft::FftNum;
use std::f64::consts::TAU;
use std::fmt::Debug;

/// Real and imaginary parts of neighboring numbers: one line of the cache.
#[derive(Debug, Clone, Copy, Default)]
#[repr(C, align(64))]
pub(crate) struct Line<C> {
    /// Real parts.
    pub(crate) re: C,
    /// Imaginary parts.
    pub(crate) im: C,
}

/// Single or double precision.
pub(crate) trait Real: FftNum + Default + Debug {
    /// The nearest number of this precision.
    fn nearest(value: f64) -> Self;
    /// The number as a double.
    fn as_f64(self) -> f64;
    /// Coefficients of (sin(x)/x - 1)/x^2 and of (cos x - 1)/x^2, from the highest power of x^2 down.
    const SINE: &'static [f64];
    /// See [`Real::SINE`].
    const VERSINE: &'static [f64];
    /// Added to a small number, it leaves its nearest integer in the low bits.
    const ROUND: f64;
    /// 2 pi in two parts: a few turns times the first are exact.
    const TURN: [f64; 2];
}

impl Real for f64 {
    fn nearest(value: f64) -> Self {
        value
    }
    fn as_f64(self) -> f64 {
        self
    }
    // Taylor: the next term is below 1e-16 of the value for |x| <= pi/4.
    const SINE: &'static [f64] = &[
        -1.0 / 1_307_674_368_000.0,
        1.0 / 6_227_020_800.0,
        -1.0 / 39_916_800.0,
        1.0 / 362_880.0,
        -1.0 / 5_040.0,
        1.0 / 120.0,
        -1.0 / 6.0,
    ];
    const VERSINE: &'static [f64] = &[
        1.0 / 20_922_789_888_000.0,
        -1.0 / 87_178_291_200.0,
        1.0 / 479_001_600.0,
        -1.0 / 3_628_800.0,
        1.0 / 40_320.0,
        -1.0 / 720.0,
        1.0 / 24.0,
        -0.5,
    ];
    const ROUND: f64 = 6_755_399_441_055_744.0;
    const TURN: [f64; 2] = [TAU, 2.449_293_598_294_706_4e-16];
}

impl Real for f32 {
    fn nearest(value: f64) -> Self {
        value as f32
    }
    fn as_f64(self) -> f64 {
        f64::from(self)
    }
    const SINE: &'static [f64] = &[1.0 / 362_880.0, -1.0 / 5_040.0, 1.0 / 120.0, -1.0 / 6.0];
    const VERSINE: &'static [f64] = &[1.0 / 40_320.0, -1.0 / 720.0, 1.0 / 24.0, -0.5];
    const ROUND: f64 = 12_582_912.0;
    const TURN: [f64; 2] = [6.283_185_5, -1.748_455_5e-7];
}

/// What vectors of one precision can do on one instruction set.
pub(crate) trait Wide: Copy + Send + Sync + 'static {
    /// Precision.
    type Real: Real;
    /// A vector in a register.
    type Vector: Copy;
    /// A vector in memory.
    type Cell: Copy + Default + Debug + Send + Sync + AsRef<[Self::Real]> + AsMut<[Self::Real]>;
    /// Numbers of a vector.
    const LANES: usize;

    fn load(self, cell: &Self::Cell) -> Self::Vector;
    fn store(self, vector: Self::Vector) -> Self::Cell;
    fn splat(self, value: Self::Real) -> Self::Vector;
    fn add(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    fn sub(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    fn mul(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// a b + c
    fn mul_add(self, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector;
    /// c - a b
    fn neg_mul_add(self, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector;
    fn max(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// Lays a square of `LANES` lines on its side.
    fn transpose(self, from: &[Line<Self::Cell>], to: &mut [Line<Self::Cell>]);
    /// Does work compiled for this instruction set; what it calls must be inlined.
    fn enter<W: WideWork<Self>>(self, work: W) -> W::Output;

    /// A number in all lanes.
    #[inline(always)]
    fn constant(self, value: f64) -> Self::Vector {
        self.splat(Self::Real::nearest(value))
    }

    /// A complex number from memory.
    #[inline(always)]
    fn load_line(self, line: &Line<Self::Cell>) -> Pair<Self> {
        (self.load(&line.re), self.load(&line.im))
    }

    /// A complex number to memory.
    #[inline(always)]
    fn store_line(self, (re, im): Pair<Self>) -> Line<Self::Cell> {
        Line { re: self.store(re), im: self.store(im) }
    }

    #[inline(always)]
    fn add_pair(self, a: Pair<Self>, b: Pair<Self>) -> Pair<Self> {
        (self.add(a.0, b.0), self.add(a.1, b.1))
    }

    #[inline(always)]
    fn sub_pair(self, a: Pair<Self>, b: Pair<Self>) -> Pair<Self> {
        (self.sub(a.0, b.0), self.sub(a.1, b.1))
    }

    /// Product of complex numbers.
    #[inline(always)]
    fn mul_pair(self, a: Pair<Self>, b: Pair<Self>) -> Pair<Self> {
        (self.neg_mul_add(a.1, b.1, self.mul(a.0, b.0)), self.mul_add(a.0, b.1, self.mul(a.1, b.0)))
    }

    /// Product of a complex number with the conjugate of another.
    #[inline(always)]
    fn mul_conjugate(self, a: Pair<Self>, b: Pair<Self>) -> Pair<Self> {
        (self.mul_add(a.1, b.1, self.mul(a.0, b.0)), self.neg_mul_add(a.0, b.1, self.mul(a.1, b.0)))
    }

    /// cos x - 1 and sin x, right to some units of the last place.
    ///
    /// # Algorithm
    /// x less whole turns is in [-pi, pi]; polynomials of a quarter of it; the angle doubled twice. The difference cos - 1
    /// keeps all digits of small angles.
    #[inline(always)]
    fn versine_and_sine(self, x: Self::Vector) -> Pair<Self> {
        let round = self.constant(Self::Real::ROUND);
        let turns = self.sub(self.mul_add(x, self.constant(TAU.recip()), round), round);
        let rest = self.neg_mul_add(turns, self.constant(Self::Real::TURN[0]), x);
        let rest = self.neg_mul_add(turns, self.constant(Self::Real::TURN[1]), rest);
        let quarter = self.mul(rest, self.constant(0.25));
        let square = self.mul(quarter, quarter);
        let mut sine = self.constant(Self::Real::SINE[0]);
        for &term in &Self::Real::SINE[1..] {
            sine = self.mul_add(sine, square, self.constant(term));
        }
        let mut sine = self.mul_add(self.mul(sine, square), quarter, quarter);
        let mut versine = self.constant(Self::Real::VERSINE[0]);
        for &term in &Self::Real::VERSINE[1..] {
            versine = self.mul_add(versine, square, self.constant(term));
        }
        let mut versine = self.mul(versine, square);
        for _ in 0..2 {
            let twice = self.add(sine, sine);
            let double = self.mul_add(twice, versine, twice);
            versine = self.neg_mul_add(twice, sine, self.constant(0.0));
            sine = double;
        }
        (versine, sine)
    }
}

/// Work on doubles for whichever vectors the processor has.
pub(crate) trait DoublesWork<O>: WideWork<Portable<true>, Output = O> {
    /// The same on AVX2 with fused products.
    #[cfg(target_arch = "x86_64")]
    fn run_fused(self, wide: Fused<true>) -> O;
}

#[cfg(target_arch = "x86_64")]
impl<O, W: WideWork<Portable<true>, Output = O> + WideWork<Fused<true>, Output = O>> DoublesWork<O> for W {
    fn run_fused(self, wide: Fused<true>) -> O {
        wide.enter(self)
    }
}

#[cfg(not(target_arch = "x86_64"))]
impl<O, W: WideWork<Portable<true>, Output = O>> DoublesWork<O> for W {}

/// Does work on doubles with the widest vectors of this processor.
pub(crate) fn enter_doubles<O, W: DoublesWork<O>>(work: W) -> O {
    #[cfg(target_arch = "x86_64")]
    if let Some(wide) = Fused::<true>::detect() {
        return work.run_fused(wide);
    }
    Portable::<true>.enter(work)
}

/// Real and imaginary part in registers.
pub(crate) type Pair<W> = (<W as Wide>::Vector, <W as Wide>::Vector);

/// Work to be compiled for an instruction set. `run` must be `#[inline(always)]`.
pub(crate) trait WideWork<W: Wide> {
    /// What it gives.
    type Output;
    /// Does it.
    fn run(self, wide: W) -> Self::Output;
}

/// The vectors of every processor: arrays whose loops the compiler may turn into vectors.
#[derive(Clone, Copy)]
pub(crate) struct Portable<const DOUBLE: bool>;

macro_rules! portable {
    ($double:literal, $real:ty, $lanes:literal) => {
        impl Wide for Portable<$double> {
            type Real = $real;
            type Vector = [$real; $lanes];
            type Cell = [$real; $lanes];
            const LANES: usize = $lanes;

            #[inline(always)]
            fn load(self, cell: &Self::Cell) -> Self::Vector {
                *cell
            }
            #[inline(always)]
            fn store(self, vector: Self::Vector) -> Self::Cell {
                vector
            }
            #[inline(always)]
            fn splat(self, value: $real) -> Self::Vector {
                [value; $lanes]
            }
            #[inline(always)]
            fn add(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
                std::array::from_fn(|k| a[k] + b[k])
            }
            #[inline(always)]
            fn sub(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
                std::array::from_fn(|k| a[k] - b[k])
            }
            #[inline(always)]
            fn mul(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
                std::array::from_fn(|k| a[k] * b[k])
            }
            #[inline(always)]
            fn mul_add(self, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector {
                std::array::from_fn(|k| a[k] * b[k] + c[k])
            }
            #[inline(always)]
            fn neg_mul_add(self, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector {
                std::array::from_fn(|k| c[k] - a[k] * b[k])
            }
            #[inline(always)]
            fn max(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
                std::array::from_fn(|k| if a[k] > b[k] { a[k] } else { b[k] })
            }
            #[inline(always)]
            fn transpose(self, from: &[Line<Self::Cell>], to: &mut [Line<Self::Cell>]) {
                for (row, line) in from[..$lanes].iter().enumerate() {
                    for (column, target) in to[..$lanes].iter_mut().enumerate() {
                        target.re[row] = line.re[column];
                        target.im[row] = line.im[column];
                    }
                }
            }
            #[inline(always)]
            fn enter<W: WideWork<Self>>(self, work: W) -> W::Output {
                work.run(self)
            }
        }
    };
}

portable!(true, f64, 4);
portable!(false, f32, 8);

/// AVX2 with fused products.
#[cfg(target_arch = "x86_64")]
#[derive(Clone, Copy)]
pub(crate) struct Fused<const DOUBLE: bool>(pulp::x86::V3);

#[cfg(target_arch = "x86_64")]
struct Entered<T, W>(T, W);

#[cfg(target_arch = "x86_64")]
impl<T: Wide, W: WideWork<T>> pulp::WithSimd for Entered<T, W> {
    type Output = W::Output;

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _simd: S) -> W::Output {
        self.1.run(self.0)
    }
}

#[cfg(target_arch = "x86_64")]
macro_rules! fused {
    ($double:literal, $real:ty, $lanes:literal, $register:ident, $set:ident, $add:ident, $sub:ident, $mul:ident, $max:ident,
     $mul_add:ident, $neg_mul_add:ident, $transpose:ident) => {
        impl Wide for Fused<$double> {
            type Real = $real;
            type Vector = std::arch::x86_64::$register;
            type Cell = [$real; $lanes];
            const LANES: usize = $lanes;

            #[inline(always)]
            fn load(self, cell: &Self::Cell) -> Self::Vector {
                pulp::cast(*cell)
            }
            #[inline(always)]
            fn store(self, vector: Self::Vector) -> Self::Cell {
                pulp::cast(vector)
            }
            #[inline(always)]
            fn splat(self, value: $real) -> Self::Vector {
                self.0.avx.$set(value)
            }
            #[inline(always)]
            fn add(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
                self.0.avx.$add(a, b)
            }
            #[inline(always)]
            fn sub(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
                self.0.avx.$sub(a, b)
            }
            #[inline(always)]
            fn mul(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
                self.0.avx.$mul(a, b)
            }
            #[inline(always)]
            fn mul_add(self, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector {
                self.0.fma.$mul_add(a, b, c)
            }
            #[inline(always)]
            fn neg_mul_add(self, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector {
                self.0.fma.$neg_mul_add(a, b, c)
            }
            #[inline(always)]
            fn max(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
                self.0.avx.$max(a, b)
            }
            #[inline(always)]
            fn transpose(self, from: &[Line<Self::Cell>], to: &mut [Line<Self::Cell>]) {
                let (from, to) = (&from[..$lanes], &mut to[..$lanes]);
                let rows = self.$transpose(std::array::from_fn(
                    #[inline(always)]
                    |k| self.load(&from[k].re),
                ));
                for (target, row) in to.iter_mut().zip(rows) {
                    target.re = self.store(row);
                }
                let rows = self.$transpose(std::array::from_fn(
                    #[inline(always)]
                    |k| self.load(&from[k].im),
                ));
                for (target, row) in to.iter_mut().zip(rows) {
                    target.im = self.store(row);
                }
            }
            #[inline(always)]
            fn enter<W: WideWork<Self>>(self, work: W) -> W::Output {
                pulp::Simd::vectorize(self.0, Entered(self, work))
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
fused!(
    true,
    f64,
    4,
    __m256d,
    _mm256_set1_pd,
    _mm256_add_pd,
    _mm256_sub_pd,
    _mm256_mul_pd,
    _mm256_max_pd,
    _mm256_fmadd_pd,
    _mm256_fnmadd_pd,
    transpose_doubles
);
#[cfg(target_arch = "x86_64")]
fused!(
    false,
    f32,
    8,
    __m256,
    _mm256_set1_ps,
    _mm256_add_ps,
    _mm256_sub_ps,
    _mm256_mul_ps,
    _mm256_max_ps,
    _mm256_fmadd_ps,
    _mm256_fnmadd_ps,
    transpose_singles
);

#[cfg(target_arch = "x86_64")]
impl<const DOUBLE: bool> Fused<DOUBLE> {
    /// The instruction set, if this processor has it.
    pub(crate) fn detect() -> Option<Self> {
        match pulp::Arch::new() {
            pulp::Arch::V3(simd) => Some(Self(simd)),
            pulp::Arch::V4(simd) => Some(Self(*simd)),
            _ => None,
        }
    }

    #[inline(always)]
    fn transpose_doubles(self, r: [std::arch::x86_64::__m256d; 4]) -> [std::arch::x86_64::__m256d; 4] {
        let avx = self.0.avx;
        let (a, b) = (avx._mm256_unpacklo_pd(r[0], r[1]), avx._mm256_unpackhi_pd(r[0], r[1]));
        let (c, d) = (avx._mm256_unpacklo_pd(r[2], r[3]), avx._mm256_unpackhi_pd(r[2], r[3]));
        [
            avx._mm256_permute2f128_pd::<0x20>(a, c),
            avx._mm256_permute2f128_pd::<0x20>(b, d),
            avx._mm256_permute2f128_pd::<0x31>(a, c),
            avx._mm256_permute2f128_pd::<0x31>(b, d),
        ]
    }

    /// The two squares of four in the halves of four rows.
    #[inline(always)]
    fn transpose_halves(self, r: [std::arch::x86_64::__m256; 4]) -> [std::arch::x86_64::__m256; 4] {
        let avx = self.0.avx;
        let (a, b) = (avx._mm256_unpacklo_ps(r[0], r[1]), avx._mm256_unpackhi_ps(r[0], r[1]));
        let (c, d) = (avx._mm256_unpacklo_ps(r[2], r[3]), avx._mm256_unpackhi_ps(r[2], r[3]));
        [
            avx._mm256_shuffle_ps::<0x44>(a, c),
            avx._mm256_shuffle_ps::<0xEE>(a, c),
            avx._mm256_shuffle_ps::<0x44>(b, d),
            avx._mm256_shuffle_ps::<0xEE>(b, d),
        ]
    }

    /// Pairs of rows, fours of them within each half, then the halves.
    #[inline(always)]
    fn transpose_singles(self, r: [std::arch::x86_64::__m256; 8]) -> [std::arch::x86_64::__m256; 8] {
        let avx = self.0.avx;
        let (top, bottom) =
            (self.transpose_halves([r[0], r[1], r[2], r[3]]), self.transpose_halves([r[4], r[5], r[6], r[7]]));
        std::array::from_fn(
            #[inline(always)]
            |k| {
                if k < 4 {
                    avx._mm256_permute2f128_ps::<0x20>(top[k], bottom[k])
                } else {
                    avx._mm256_permute2f128_ps::<0x31>(top[k - 4], bottom[k - 4])
                }
            },
        )
    }
}
