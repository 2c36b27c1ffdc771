//! Powers along a span in parabolic pieces: what integrals over the span are taken from.

use super::power_profile::PowerProfile;

/// Change of the logarithm of a power over one piece, at most: a parabola through three points misses an exponential by 3e-5 then.
const PIECE_CHANGE: f64 = 0.25;

/// Power of every channel along one span relative to its input, at the ends and in the middle of the pieces.
#[derive(Debug, Clone)]
pub(super) struct PowerCourse {
    pub length_m: f64,
    pub channels: usize,
    /// Rising: end, middle, end, middle, ..., end.
    pub position_m: Vec<f64>,
    /// Powers of all channels, position after position.
    pub powers: Vec<f64>,
    /// Growth of the logarithm per meter at the input and at the end, and its change per meter, channel after channel.
    pub ends: Vec<[EndSlope; 2]>,
}

/// Level at an end of a span and the slopes of its logarithm there.
#[derive(Debug, Clone, Copy)]
pub(super) struct EndSlope {
    pub power: f64,
    pub growth_per_m: f64,
    pub bend_per_m2: f64,
}

/// Logarithms of the powers of all channels at the positions of a profile.
struct Samples<'a> {
    position_m: Vec<f64>,
    profile: &'a PowerProfile,
}

impl Samples<'_> {
    fn log(&self, channel: usize, node: usize) -> f64 {
        match self.profile {
            PowerProfile::Exponential { attenuation_per_m } => -attenuation_per_m[channel] * self.position_m[node],
            PowerProfile::Sampled { log_power_ratio, .. } => log_power_ratio[channel][node],
        }
    }

    fn slope(&self, channel: usize, interval: usize) -> f64 {
        (self.log(channel, interval + 1) - self.log(channel, interval))
            / (self.position_m[interval + 1] - self.position_m[interval])
    }

    /// Slope and bend at one end, from the two intervals next to it.
    fn end(&self, channel: usize, is_input: bool) -> EndSlope {
        let last = self.position_m.len() - 1;
        let (outer, inner, node) =
            if is_input { (0, 1.min(last - 1), 0) } else { (last - 1, last.saturating_sub(2), last) };
        let (near, far) = (self.slope(channel, outer), self.slope(channel, inner));
        let middle = |interval: usize| 0.5 * (self.position_m[interval] + self.position_m[interval + 1]);
        let bend_per_m2 = if outer == inner { 0.0 } else { (near - far) / (middle(outer) - middle(inner)) };
        let growth_per_m = near + bend_per_m2 * (self.position_m[node] - middle(outer));
        EndSlope { power: self.log(channel, node).exp(), growth_per_m, bend_per_m2 }
    }
}

impl PowerCourse {
    /// The course of a profile that has been checked.
    ///
    /// # Algorithm
    /// Between two positions the logarithm is linear, as [`PowerProfile`] says; intervals are cut where it changes by more than
    /// a quarter.
    pub(super) fn new(profile: &PowerProfile, length_m: f64) -> Self {
        let (position_m, channels) = match profile {
            PowerProfile::Exponential { attenuation_per_m } => (vec![0.0, length_m], attenuation_per_m.len()),
            PowerProfile::Sampled { position_m, log_power_ratio } => (position_m.clone(), log_power_ratio.len()),
        };
        let samples = Samples { position_m, profile };
        let mut course = Self {
            length_m,
            channels,
            position_m: vec![0.0],
            powers: vec![1.0; channels],
            ends: (0..channels).map(|channel| [true, false].map(|input| samples.end(channel, input))).collect(),
        };
        for node in 1..samples.position_m.len() {
            let (from_m, to_m) = (samples.position_m[node - 1], samples.position_m[node]);
            let change = |channel: usize| (samples.log(channel, node) - samples.log(channel, node - 1)).abs();
            let greatest = (0..channels).map(change).fold(0.0, f64::max);
            let halves = 2 * (greatest / PIECE_CHANGE).ceil().max(1.0) as usize;
            for half in 1..=halves {
                let share = half as f64 / halves as f64;
                course.position_m.push(from_m + share * (to_m - from_m));
                course.powers.extend((0..channels).map(|channel| {
                    let before = samples.log(channel, node - 1);
                    (before + share * (samples.log(channel, node) - before)).exp()
                }));
            }
        }
        course
    }

    /// Powers of all channels at one of the positions.
    pub(super) fn at(&self, node: usize) -> &[f64] {
        &self.powers[node * self.channels..(node + 1) * self.channels]
    }

    /// Powers of all channels anywhere along the span, by the parabola of the piece.
    pub(super) fn between(&self, place_m: f64, out: &mut [f64]) {
        let pieces = (self.position_m.len() - 1) / 2;
        let after = self.position_m.partition_point(|&position| position <= place_m);
        let first = 2 * ((after.max(1) - 1) / 2).min(pieces - 1);
        let (start, end) = (self.position_m[first], self.position_m[first + 2]);
        let t = 2.0 * (place_m - start) / (end - start) - 1.0;
        let weights = [0.5 * t * (t - 1.0), 1.0 - t * t, 0.5 * t * (t + 1.0)];
        let rows = [self.at(first), self.at(first + 1), self.at(first + 2)];
        for (channel, power) in out.iter_mut().enumerate() {
            *power = (0..3).map(|node| weights[node] * rows[node][channel]).sum();
        }
    }

    /// Integrals over the span of every channel's power and of its square.
    pub(super) fn integrals_m(&self) -> (Vec<f64>, Vec<f64>) {
        let (mut power, mut square) = (vec![0.0; self.channels], vec![0.0; self.channels]);
        for first in (0..self.position_m.len() - 1).step_by(2) {
            let width = (self.position_m[first + 2] - self.position_m[first]) / 6.0;
            for (node, weight) in [(first, width), (first + 1, 4.0 * width), (first + 2, width)] {
                for ((value, power), square) in self.at(node).iter().zip(&mut power).zip(&mut square) {
                    *power += weight * value;
                    *square += weight * value * value;
                }
            }
        }
        (power, square)
    }

    /// Mixing efficiency |int rho e^(j y z/L) dz/L|^2 of every channel at the phase `y`.
    ///
    /// # Algorithm
    /// 1. In a piece of half width b around m: rho = c + s t + q t^2, t = (z - m)/b, and with x = y b/L
    ///    int e^(j x t) dt = 2 sin x/x, int t e^(j x t) dt = 2 j (sin x/x - cos x)/x,
    ///    int t^2 e^(j x t) dt = 2 (sin x/x + 2 cos x/x^2 - 2 sin x/x^3), all times b e^(j y m/L).
    /// 2. So each position has one complex weight for all channels.
    pub(super) fn efficiencies(&self, phase: f64, sums: &mut [(f64, f64)], out: &mut [f64]) {
        sums.fill((0.0, 0.0));
        let per_m = phase / self.length_m;
        let (mut last_half, mut moments) = (f64::NAN, [0.0; 3]);
        for first in (0..self.position_m.len() - 1).step_by(2) {
            let half = 0.5 * (self.position_m[first + 2] - self.position_m[first]);
            if half != last_half {
                (last_half, moments) = (half, phase_moments(per_m * half).map(|moment| moment * half / self.length_m));
            }
            let [flat, odd, square] = moments;
            let (sine, cosine) = (per_m * (self.position_m[first] + half)).sin_cos();
            let turn = |re: f64, im: f64| (re * cosine - im * sine, re * sine + im * cosine);
            let weights = [turn(0.5 * square, -0.5 * odd), turn(flat - square, 0.0), turn(0.5 * square, 0.5 * odd)];
            let rows = [self.at(first), self.at(first + 1), self.at(first + 2)];
            for (channel, sum) in sums.iter_mut().enumerate() {
                let (a, b, c) = (rows[0][channel], rows[1][channel], rows[2][channel]);
                sum.0 += weights[0].0 * a + weights[1].0 * b + weights[2].0 * c;
                sum.1 += weights[0].1 * a + weights[1].1 * b + weights[2].1 * c;
            }
        }
        for (value, sum) in out.iter_mut().zip(sums) {
            *value = sum.0 * sum.0 + sum.1 * sum.1;
        }
    }
}

/// Integrals of e^(j x t), of t e^(j x t) over j, and of t^2 e^(j x t), over t from -1 to 1.
fn phase_moments(x: f64) -> [f64; 3] {
    let x2 = x * x;
    if x.abs() < 0.3 {
        // To the sixth order: 1e-9.
        return [
            2.0 * (1.0 - x2 / 6.0 * (1.0 - x2 / 20.0 * (1.0 - x2 / 42.0))),
            2.0 * x / 3.0 * (1.0 - x2 / 10.0 * (1.0 - x2 / 28.0 * (1.0 - x2 / 54.0))),
            2.0 / 3.0 * (1.0 - 0.3 * x2 * (1.0 - x2 * (5.0 / 84.0) * (1.0 - x2 * (7.0 / 270.0)))),
        ];
    }
    let (sine, cosine) = x.sin_cos();
    [2.0 * sine / x, 2.0 * (sine / x - cosine) / x, 2.0 * (sine / x + 2.0 * cosine / x2 - 2.0 * sine / (x * x2))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_the_integrals() {
        for x in [0.0f64, 1e-3, 0.29, 0.31, 1.7, 12.0] {
            let steps = 20_000;
            let mut sums = [0.0; 3];
            for step in 0..steps {
                let t = (f64::from(step) + 0.5) * 2.0 / f64::from(steps) - 1.0;
                let (sine, cosine) = (x * t).sin_cos();
                for (sum, term) in sums.iter_mut().zip([cosine, t * sine, t * t * cosine]) {
                    *sum += term * 2.0 / f64::from(steps);
                }
            }
            for (found, expected) in phase_moments(x).into_iter().zip(sums) {
                assert!((found - expected).abs() < 1e-7, "{x}: {found} {expected}");
            }
        }
    }

    /// |(1 - e^(-a + j y))/(a - j y)|^2 of a plain decay, and of one that grows.
    #[test]
    fn efficiency_of_an_exponential() {
        for alpha_per_m in [5e-5, -8e-5] {
            let length_m = 70e3;
            let course =
                PowerCourse::new(&PowerProfile::Exponential { attenuation_per_m: vec![alpha_per_m] }, length_m);
            let (mut sums, mut found) = ([(0.0, 0.0)], [0.0]);
            for y in [0.01, 0.5, 3.0, 20.0, 59.0] {
                course.efficiencies(y, &mut sums, &mut found);
                let a = alpha_per_m * length_m;
                let decay = (-a).exp();
                let expected = (1.0 + decay * decay - 2.0 * decay * y.cos()) / (a * a + y * y);
                assert!((found[0] / expected - 1.0).abs() < 2e-4, "{y}: {} {expected}", found[0]);
            }
            let square_m = course.integrals_m().1[0];
            let expected_m = -libm::expm1(-2.0 * alpha_per_m * length_m) / (2.0 * alpha_per_m);
            assert!((square_m / expected_m - 1.0).abs() < 1e-4);
            let end = course.ends[0][1];
            assert!((end.growth_per_m + alpha_per_m).abs() < 1e-12 && end.bend_per_m2.abs() < 1e-18);
        }
    }
}
