//! Transforms of short columns that lie side by side in the lanes of vectors.

use crate::wide::{Line, Pair, Real, Wide};
use std::f64::consts::{FRAC_1_SQRT_2, TAU};

/// One pass over the columns: butterflies of `radix` lines that are `block / radix` apart, and the factors behind them.
#[derive(Debug, Clone)]
struct Pass<T> {
    radix: usize,
    block: usize,
    /// exp(-2 pi j k i/block) for each k below block/radix: i from 1 to radix - 1.
    factors: Vec<[T; 2]>,
}

/// Plan of the transforms of columns of one length, a power of two from 16 on.
///
/// The forward transform takes lines in order and leaves frequencies in the order of [`LaneFourier::frequency_index`]; the
/// inverse one undoes it, without the factor 1/length. No lines are sorted: what is done to a spectrum can be done in any order.
#[derive(Debug, Clone)]
pub(crate) struct LaneFourier<T> {
    passes: Vec<Pass<T>>,
}

/// Lines of a butterfly; a radix of four leaves the upper half alone.
type Eight<W> = [Pair<W>; 8];

/// Calls a function with the radix of a pass as a constant.
macro_rules! by_radix {
    ($pass:expr, $function:ident($($argument:expr),*)) => {
        if $pass.radix == 8 {
            $function::<W, 8>($($argument),*)
        } else {
            $function::<W, 4>($($argument),*)
        }
    };
}

impl<T: Real> LaneFourier<T> {
    /// The plan: radix eight, and one or two passes of radix four for what is left.
    pub(crate) fn new(length: usize) -> Self {
        let mut passes = Vec::new();
        let mut block = length;
        while block > 1 {
            let levels = block.trailing_zeros();
            let radix = if levels == 2 || levels == 4 { 4 } else { 8 };
            let stride = block / radix;
            let factor = |k: usize, i: usize| {
                let (sine, cosine) = (-TAU * ((k * i) % block) as f64 / block as f64).sin_cos();
                [T::nearest(cosine), T::nearest(sine)]
            };
            let factors = (0..stride).flat_map(|k| (1..radix).map(move |i| factor(k, i))).collect();
            passes.push(Pass { radix, block, factors });
            block = stride;
        }
        Self { passes }
    }

    /// Mean square that the rounded constants of one direction leave of each line's, over that of exact ones.
    ///
    /// In single precision some 1e-7 would be lost in each step, always to the same side.
    pub(crate) fn rounding_gain(&self) -> f64 {
        let root = T::nearest(FRAC_1_SQRT_2).as_f64() / FRAC_1_SQRT_2;
        let pass_gain = |pass: &Pass<T>| {
            let squares: f64 = pass.factors.iter().map(|[re, im]| re.as_f64().powi(2) + im.as_f64().powi(2)).sum();
            // One line of each butterfly has no factor.
            let lines = pass.block as f64;
            let factors = (squares + (pass.block / pass.radix) as f64) / lines;
            // Half the lines of eight are half made of products with the root.
            let butterfly = if pass.radix == 8 { 0.75 + 0.25 * root * root } else { 1.0 };
            factors * butterfly
        };
        self.passes.iter().map(pass_gain).product()
    }

    /// Which frequency the forward transform leaves at a position.
    pub(crate) fn frequency_index(&self, position: usize) -> usize {
        let (mut rest, mut index, mut weight) = (position, 0, 1);
        for pass in &self.passes {
            let stride = pass.block / pass.radix;
            index += weight * (rest / stride);
            rest %= stride;
            weight *= pass.radix;
        }
        index
    }

    /// Forward transform in place; `post` may change each line of the spectrum, by position, before it is stored.
    #[inline(always)]
    pub(crate) fn forward<W: Wide<Real = T>>(
        &self,
        wide: W,
        lines: &mut [Line<W::Cell>],
        post: impl Fn(usize, Pair<W>) -> Pair<W>,
    ) {
        self.first_forward(wide, lines);
        self.forward_but_first(wide, lines, post);
    }

    /// Inverse transform in place; `pre` may change each line of the spectrum, by position, after it is loaded.
    #[inline(always)]
    pub(crate) fn inverse<W: Wide<Real = T>>(
        &self,
        wide: W,
        lines: &mut [Line<W::Cell>],
        pre: impl Fn(usize, Pair<W>) -> Pair<W>,
    ) {
        self.inverse_but_first(wide, lines, pre);
        self.first_inverse(wide, lines);
    }

    /// Forward transform, a factor for each frequency, inverse transform: all in place.
    #[inline(always)]
    pub(crate) fn filter<W: Wide<Real = T>>(&self, wide: W, lines: &mut [Line<W::Cell>], factors: &[Line<W::Cell>]) {
        let Some((last, passes)) = self.passes.split_last() else { return };
        for pass in passes {
            by_radix!(pass, forth(wide, lines, &pass.factors));
        }
        by_radix!(last, filter_at_the_end(wide, lines, factors));
        for pass in passes.iter().rev() {
            by_radix!(pass, back(wide, lines, &pass.factors));
        }
    }

    /// As [`LaneFourier::filter`] with the same factors in all lanes. What the first pass leaves, parts that know nothing of each
    /// other, is done part by part, so that it stays in the cache.
    #[inline(always)]
    pub(crate) fn filter_alike<W: Wide<Real = T>>(&self, wide: W, lines: &mut [Line<W::Cell>], factors: &[[T; 2]]) {
        let [first, passes @ .., last] = &self.passes[..] else { return };
        let part = first.block / first.radix;
        by_radix!(first, forth(wide, lines, &first.factors));
        for (lines, factors) in lines.chunks_exact_mut(part).zip(factors.chunks_exact(part)) {
            for pass in passes {
                by_radix!(pass, forth(wide, lines, &pass.factors));
            }
            by_radix!(last, filter_alike_at_the_end(wide, lines, factors));
            for pass in passes.iter().rev() {
                by_radix!(pass, back(wide, lines, &pass.factors));
            }
        }
        by_radix!(first, back(wide, lines, &first.factors));
    }

    /// Inverse transform but for the pass that forward comes first, in which time is in order again.
    #[inline(always)]
    pub(crate) fn inverse_but_first<W: Wide<Real = T>>(
        &self,
        wide: W,
        lines: &mut [Line<W::Cell>],
        pre: impl Fn(usize, Pair<W>) -> Pair<W>,
    ) {
        let Some((last, passes)) = self.passes.split_last() else { return };
        if last.radix == 8 {
            back_at_the_end::<W, 8>(wide, lines, pre);
        } else {
            back_at_the_end::<W, 4>(wide, lines, pre);
        }
        for pass in passes.iter().skip(1).rev() {
            by_radix!(pass, back(wide, lines, &pass.factors));
        }
    }

    /// Forward transform but for its first pass.
    #[inline(always)]
    pub(crate) fn forward_but_first<W: Wide<Real = T>>(
        &self,
        wide: W,
        lines: &mut [Line<W::Cell>],
        post: impl Fn(usize, Pair<W>) -> Pair<W>,
    ) {
        let Some((last, passes)) = self.passes.split_last() else { return };
        for pass in passes.iter().skip(1) {
            by_radix!(pass, forth(wide, lines, &pass.factors));
        }
        if last.radix == 8 {
            forth_at_the_end::<W, 8>(wide, lines, post);
        } else {
            forth_at_the_end::<W, 4>(wide, lines, post);
        }
    }

    /// The pass that [`LaneFourier::inverse_but_first`] leaves out.
    #[inline(always)]
    pub(crate) fn first_inverse<W: Wide<Real = T>>(&self, wide: W, lines: &mut [Line<W::Cell>]) {
        if let Some(pass) = self.passes.first() {
            by_radix!(pass, back(wide, lines, &pass.factors));
        }
    }

    /// The pass that [`LaneFourier::forward_but_first`] leaves out.
    #[inline(always)]
    pub(crate) fn first_forward<W: Wide<Real = T>>(&self, wide: W, lines: &mut [Line<W::Cell>]) {
        if let Some(pass) = self.passes.first() {
            by_radix!(pass, forth(wide, lines, &pass.factors));
        }
    }

    /// The work in time between the last pass of an inverse transform and the first pass of a forward one, for two columns at
    /// once, or one and zeros: `work` gets the lines at the same places of both.
    #[inline(always)]
    pub(crate) fn through_time<W: Wide<Real = T>>(
        &self,
        wide: W,
        first: &mut [Line<W::Cell>],
        second: Option<&mut [Line<W::Cell>]>,
        work: impl FnMut(&mut [Pair<W>], &mut [Pair<W>]),
    ) {
        let Some(pass) = self.passes.first() else { return };
        match (second, pass.radix) {
            (Some(second), 8) => both_through::<W, 8>(wide, first, second, &pass.factors, work),
            (Some(second), _) => both_through::<W, 4>(wide, first, second, &pass.factors, work),
            (None, 8) => one_through::<W, 8>(wide, first, &pass.factors, work),
            (None, _) => one_through::<W, 4>(wide, first, &pass.factors, work),
        }
    }
}

/// A block cut into as many parts as the radix says; the rest of eight are empty.
#[inline(always)]
fn cut<C, const RADIX: usize>(block: &mut [Line<C>], stride: usize) -> [&mut [Line<C>]; 8] {
    let mut rest = block;
    std::array::from_fn(
        #[inline(always)]
        |i| {
            let (part, after) = std::mem::take(&mut rest).split_at_mut(if i < RADIX { stride } else { 0 });
            rest = after;
            part
        },
    )
}

#[inline(always)]
fn take<W: Wide, const RADIX: usize>(wide: W, parts: &[&mut [Line<W::Cell>]; 8], k: usize) -> Eight<W> {
    let zero = wide.constant(0.0);
    let mut values = [(zero, zero); 8];
    for i in 0..RADIX {
        values[i] = wide.load_line(&parts[i][k]);
    }
    values
}

#[inline(always)]
fn put<W: Wide, const RADIX: usize>(wide: W, values: Eight<W>, parts: &mut [&mut [Line<W::Cell>]; 8], k: usize) {
    for i in 0..RADIX {
        parts[i][k] = wide.store_line(values[i]);
    }
}

/// Butterfly, then factors.
#[inline(always)]
fn butterfly_forth<W: Wide, const RADIX: usize>(wide: W, values: Eight<W>, factors: &[[W::Real; 2]]) -> Eight<W> {
    let mut out = butterfly::<W, RADIX>(wide, values);
    let factors = &factors[..RADIX - 1];
    for i in 1..RADIX {
        out[i] = wide.mul_pair(out[i], (wide.splat(factors[i - 1][0]), wide.splat(factors[i - 1][1])));
    }
    out
}

/// Conjugate factors, then the butterfly back.
#[inline(always)]
fn butterfly_back<W: Wide, const RADIX: usize>(wide: W, values: Eight<W>, factors: &[[W::Real; 2]]) -> Eight<W> {
    let mut changed = values;
    let factors = &factors[..RADIX - 1];
    for i in 1..RADIX {
        changed[i] = wide.mul_conjugate(values[i], (wide.splat(factors[i - 1][0]), wide.splat(factors[i - 1][1])));
    }
    inverse_butterfly::<W, RADIX>(wide, changed)
}

/// One pass of the forward transform over all blocks.
#[inline(always)]
fn forth<W: Wide, const RADIX: usize>(wide: W, lines: &mut [Line<W::Cell>], factors: &[[W::Real; 2]]) {
    let stride = factors.len() / (RADIX - 1);
    for block in lines.chunks_exact_mut(RADIX * stride) {
        let mut parts = cut::<W::Cell, RADIX>(block, stride);
        for (k, factors) in (0..stride).zip(factors.chunks_exact(RADIX - 1)) {
            let values = take::<W, RADIX>(wide, &parts, k);
            put::<W, RADIX>(wide, butterfly_forth::<W, RADIX>(wide, values, factors), &mut parts, k);
        }
    }
}

/// One pass of the inverse transform over all blocks.
#[inline(always)]
fn back<W: Wide, const RADIX: usize>(wide: W, lines: &mut [Line<W::Cell>], factors: &[[W::Real; 2]]) {
    let stride = factors.len() / (RADIX - 1);
    for block in lines.chunks_exact_mut(RADIX * stride) {
        let mut parts = cut::<W::Cell, RADIX>(block, stride);
        for (k, factors) in (0..stride).zip(factors.chunks_exact(RADIX - 1)) {
            let values = take::<W, RADIX>(wide, &parts, k);
            put::<W, RADIX>(wide, butterfly_back::<W, RADIX>(wide, values, factors), &mut parts, k);
        }
    }
}

/// The pass whose blocks are single butterflies, forward.
#[inline(always)]
fn forth_at_the_end<W: Wide, const RADIX: usize>(
    wide: W,
    lines: &mut [Line<W::Cell>],
    post: impl Fn(usize, Pair<W>) -> Pair<W>,
) {
    for (index, block) in lines.chunks_exact_mut(RADIX).enumerate() {
        let mut parts = cut::<W::Cell, RADIX>(block, 1);
        let mut values = butterfly::<W, RADIX>(wide, take::<W, RADIX>(wide, &parts, 0));
        for (i, value) in values.iter_mut().enumerate().take(RADIX) {
            *value = post(index * RADIX + i, *value);
        }
        put::<W, RADIX>(wide, values, &mut parts, 0);
    }
}

/// The same, inverse.
#[inline(always)]
fn back_at_the_end<W: Wide, const RADIX: usize>(
    wide: W,
    lines: &mut [Line<W::Cell>],
    pre: impl Fn(usize, Pair<W>) -> Pair<W>,
) {
    for (index, block) in lines.chunks_exact_mut(RADIX).enumerate() {
        let mut parts = cut::<W::Cell, RADIX>(block, 1);
        let mut values = take::<W, RADIX>(wide, &parts, 0);
        for (i, value) in values.iter_mut().enumerate().take(RADIX) {
            *value = pre(index * RADIX + i, *value);
        }
        put::<W, RADIX>(wide, inverse_butterfly::<W, RADIX>(wide, values), &mut parts, 0);
    }
}

/// The same, forward and inverse with factors between.
#[inline(always)]
fn filter_at_the_end<W: Wide, const RADIX: usize>(wide: W, lines: &mut [Line<W::Cell>], factors: &[Line<W::Cell>]) {
    for (block, factors) in lines.chunks_exact_mut(RADIX).zip(factors.chunks_exact(RADIX)) {
        let mut parts = cut::<W::Cell, RADIX>(block, 1);
        let mut values = butterfly::<W, RADIX>(wide, take::<W, RADIX>(wide, &parts, 0));
        for i in 0..RADIX {
            values[i] = wide.mul_pair(values[i], wide.load_line(&factors[i]));
        }
        put::<W, RADIX>(wide, inverse_butterfly::<W, RADIX>(wide, values), &mut parts, 0);
    }
}

/// The same with one factor for all lanes.
#[inline(always)]
fn filter_alike_at_the_end<W: Wide, const RADIX: usize>(
    wide: W,
    lines: &mut [Line<W::Cell>],
    factors: &[[W::Real; 2]],
) {
    for (block, factors) in lines.chunks_exact_mut(RADIX).zip(factors.chunks_exact(RADIX)) {
        let mut parts = cut::<W::Cell, RADIX>(block, 1);
        let mut values = butterfly::<W, RADIX>(wide, take::<W, RADIX>(wide, &parts, 0));
        for i in 0..RADIX {
            values[i] = wide.mul_pair(values[i], (wide.splat(factors[i][0]), wide.splat(factors[i][1])));
        }
        put::<W, RADIX>(wide, inverse_butterfly::<W, RADIX>(wide, values), &mut parts, 0);
    }
}

#[inline(always)]
fn both_through<W: Wide, const RADIX: usize>(
    wide: W,
    first: &mut [Line<W::Cell>],
    second: &mut [Line<W::Cell>],
    factors: &[[W::Real; 2]],
    mut work: impl FnMut(&mut [Pair<W>], &mut [Pair<W>]),
) {
    let stride = factors.len() / (RADIX - 1);
    let (mut first, mut second) = (cut::<W::Cell, RADIX>(first, stride), cut::<W::Cell, RADIX>(second, stride));
    for (k, factors) in (0..stride).zip(factors.chunks_exact(RADIX - 1)) {
        let mut a = butterfly_back::<W, RADIX>(wide, take::<W, RADIX>(wide, &first, k), factors);
        let mut b = butterfly_back::<W, RADIX>(wide, take::<W, RADIX>(wide, &second, k), factors);
        work(&mut a[..RADIX], &mut b[..RADIX]);
        put::<W, RADIX>(wide, butterfly_forth::<W, RADIX>(wide, a, factors), &mut first, k);
        put::<W, RADIX>(wide, butterfly_forth::<W, RADIX>(wide, b, factors), &mut second, k);
    }
}

#[inline(always)]
fn one_through<W: Wide, const RADIX: usize>(
    wide: W,
    lines: &mut [Line<W::Cell>],
    factors: &[[W::Real; 2]],
    mut work: impl FnMut(&mut [Pair<W>], &mut [Pair<W>]),
) {
    let stride = factors.len() / (RADIX - 1);
    let zero = wide.constant(0.0);
    let mut parts = cut::<W::Cell, RADIX>(lines, stride);
    for (k, factors) in (0..stride).zip(factors.chunks_exact(RADIX - 1)) {
        let mut a = butterfly_back::<W, RADIX>(wide, take::<W, RADIX>(wide, &parts, k), factors);
        work(&mut a[..RADIX], &mut [(zero, zero); 8]);
        put::<W, RADIX>(wide, butterfly_forth::<W, RADIX>(wide, a, factors), &mut parts, k);
    }
}

#[inline(always)]
fn butterfly<W: Wide, const RADIX: usize>(wide: W, x: Eight<W>) -> Eight<W> {
    if RADIX == 8 {
        butterfly_8(wide, x)
    } else {
        let out = butterfly_4(wide, [x[0], x[1], x[2], x[3]]);
        [out[0], out[1], out[2], out[3], x[4], x[5], x[6], x[7]]
    }
}

/// The inverse butterfly: real and imaginary parts change places before and behind the forward one.
#[inline(always)]
fn inverse_butterfly<W: Wide, const RADIX: usize>(wide: W, x: Eight<W>) -> Eight<W> {
    butterfly::<W, RADIX>(wide, x.map(swap::<W>)).map(swap::<W>)
}

#[inline(always)]
fn swap<W: Wide>((re, im): Pair<W>) -> Pair<W> {
    (im, re)
}

/// Transform of four numbers: 16 sums.
#[inline(always)]
fn butterfly_4<W: Wide>(wide: W, x: [Pair<W>; 4]) -> [Pair<W>; 4] {
    let (a, b) = (wide.add_pair(x[0], x[2]), wide.sub_pair(x[0], x[2]));
    let (c, d) = (wide.add_pair(x[1], x[3]), wide.sub_pair(x[1], x[3]));
    [
        wide.add_pair(a, c),
        (wide.add(b.0, d.1), wide.sub(b.1, d.0)),
        wide.sub_pair(a, c),
        (wide.sub(b.0, d.1), wide.add(b.1, d.0)),
    ]
}

/// Transform of eight numbers: 44 sums and 8 fused products.
#[inline(always)]
fn butterfly_8<W: Wide>(wide: W, x: Eight<W>) -> Eight<W> {
    let even = butterfly_4(
        wide,
        std::array::from_fn(
            #[inline(always)]
            |k| wide.add_pair(x[k], x[k + 4]),
        ),
    );
    let b: [Pair<W>; 4] = std::array::from_fn(
        #[inline(always)]
        |k| wide.sub_pair(x[k], x[k + 4]),
    );
    // b1 (1 - j), b3 (-1 - j); the factor 1/sqrt 2 comes with the last sums.
    let c = (wide.add(b[1].0, b[1].1), wide.sub(b[1].1, b[1].0));
    let d = (wide.sub(b[3].1, b[3].0), wide.add(b[3].0, b[3].1));
    // d stands for (d.0, -d.1).
    let (e, f) = ((wide.add(c.0, d.0), wide.sub(c.1, d.1)), (wide.sub(c.0, d.0), wide.add(c.1, d.1)));
    let (g, h) =
        ((wide.add(b[0].0, b[2].1), wide.sub(b[0].1, b[2].0)), (wide.sub(b[0].0, b[2].1), wide.add(b[0].1, b[2].0)));
    let root = wide.splat(W::Real::nearest(FRAC_1_SQRT_2));
    [
        even[0],
        (wide.mul_add(root, e.0, g.0), wide.mul_add(root, e.1, g.1)),
        even[1],
        (wide.mul_add(root, f.1, h.0), wide.neg_mul_add(root, f.0, h.1)),
        even[2],
        (wide.neg_mul_add(root, e.0, g.0), wide.neg_mul_add(root, e.1, g.1)),
        even[3],
        (wide.neg_mul_add(root, f.1, h.0), wide.mul_add(root, f.0, h.1)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wide::Portable;
    use rustfft::num_complex::Complex64;

    fn columns(length: usize) -> Vec<Line<[f64; 4]>> {
        let value = |n: usize, k: f64| ((n as f64 + 0.3 * k) * 1.7 + k).sin();
        let cell = |n: usize, k: f64| [value(n, k), value(n, k + 1.0), value(n, k + 2.0), value(n, k + 3.0)];
        (0..length).map(|n| Line { re: cell(n, 0.0), im: cell(n, 7.0) }).collect()
    }

    #[test]
    fn each_column_is_transformed_as_by_its_definition() {
        for length in [16, 32, 64, 128, 256, 512] {
            let plan = LaneFourier::<f64>::new(length);
            let before = columns(length);
            let mut lines = before.clone();
            plan.forward(Portable::<true>, &mut lines, |_, value| value);
            for position in (0..length).step_by(1 + length / 16) {
                let k = plan.frequency_index(position);
                let sum: Complex64 = (0..length)
                    .map(|n| {
                        let angle = -TAU * ((n * k) % length) as f64 / length as f64;
                        Complex64::new(before[n].re[2], before[n].im[2]) * Complex64::from_polar(1.0, angle)
                    })
                    .sum();
                let found = Complex64::new(lines[position].re[2], lines[position].im[2]);
                assert!((found - sum).norm() < 1e-12 * length as f64, "{length} {position} {found} {sum}");
            }
            plan.inverse(Portable::<true>, &mut lines, |_, value| value);
            let scale = 1.0 / length as f64;
            assert!(lines.iter().zip(&before).all(|(a, b)| (a.im[3] * scale - b.im[3]).abs() < 1e-14));
        }
    }
}
