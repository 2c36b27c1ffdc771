//! Order statistics of a stream of margins whose length is known: exact, in memory that hardly grows with it.

/// Candidates that are kept before the first are dropped.
const KEPT_COUNT: usize = 8192;
/// Margins after which candidates are looked through.
const NARROWING_COUNT: usize = 4096;
/// ln of the probability that a dropped number turns out to be the wanted one, in a stream without order.
const LN_MISS: f64 = -34.5;

/// Quantiles of the margins of one lane or link, and the share that does not close.
///
/// # Algorithm
/// 1. Of a stream of n numbers the one at place k (from the least) is wanted. After m of them it lies, but for a probability
///    of 1e-15, between the places m k/n - d and m k/n + d of these; d = L/3 + sqrt((L/3)^2 + 2 L v) with v = m k/n (1 - k/n)
///    and L = 34.5 (Bernstein's bound, which holds for draws without replacement).
/// 2. Numbers outside are counted and dropped whenever the candidates have doubled. What is left is a few times sqrt(m).
/// 3. Should the wanted number have been dropped, as in a stream that rises, [`Ranking::finish`] says so, and the stream is
///    to be read once more with everything kept: the answer is exact either way.
///
/// # References
/// Hoeffding 1963, doi 10.1080/01621459.1963.10500830 (sampling without replacement); Boucheron, Lugosi and Massart 2013,
/// Concentration Inequalities, 2.8 (Bernstein).
#[derive(Debug)]
pub(super) struct Ranking {
    total_count: usize,
    seen_count: usize,
    unknown_count: usize,
    negative_count: usize,
    wanted: Vec<Wanted>,
}

impl Ranking {
    /// For `total_count` margins and quantiles at probabilities in (0, 1).
    pub(super) fn new(total_count: usize, quantile_ratio: &[f64], keep_all: bool) -> Self {
        let wanted = quantile_ratio.iter().map(|&probability| {
            // A probability that is a whole share of the draws may come out a rounding above it.
            let place = ((probability * total_count as f64 - 1e-9).ceil().max(1.0) as usize).min(total_count) - 1;
            Wanted::new(place, if keep_all { usize::MAX } else { KEPT_COUNT })
        });
        Self { total_count, seen_count: 0, unknown_count: 0, negative_count: 0, wanted: wanted.collect() }
    }

    /// Takes more margins: NaN where nothing is known, which closes no more than minus infinity does.
    pub(super) fn extend(&mut self, margins_db: impl Iterator<Item = f64>) {
        for margin_db in margins_db {
            self.seen_count += 1;
            self.unknown_count += usize::from(margin_db.is_nan());
            let margin_db = if margin_db.is_nan() { f64::NEG_INFINITY } else { margin_db };
            self.negative_count += usize::from(margin_db < 0.0);
            for wanted in &mut self.wanted {
                wanted.take(margin_db);
            }
            if self.seen_count.is_multiple_of(NARROWING_COUNT) {
                for wanted in &mut self.wanted {
                    wanted.narrow(self.seen_count, self.total_count);
                }
            }
        }
    }

    /// Whether nothing is known of any margin.
    pub(super) fn is_unknown(&self) -> bool {
        self.unknown_count == self.seen_count
    }

    /// The quantiles, NaN where one falls on draws without a margin, and the share that does not close; `None` if a wanted
    /// number was dropped.
    pub(super) fn finish(self) -> Option<(Vec<f64>, f64)> {
        if self.is_unknown() {
            return Some((vec![f64::NAN; self.wanted.len()], f64::NAN));
        }
        let outage_ratio = self.negative_count as f64 / self.total_count as f64;
        let finite = |margin_db: f64| if margin_db.is_finite() { margin_db } else { f64::NAN };
        let quantiles = self.wanted.into_iter().map(|wanted| wanted.find().map(finite));
        Some((quantiles.collect::<Option<_>>()?, outage_ratio))
    }
}

/// The number at one place, with what is known of where it lies.
#[derive(Debug)]
struct Wanted {
    place: usize,
    /// How many numbers lie below `low`, and at it.
    below_count: usize,
    low: f64,
    low_count: usize,
    /// Between `low` and `high`.
    kept: Vec<f64>,
    high: f64,
    high_count: usize,
    /// How many are kept before they are looked through.
    room: usize,
}

impl Wanted {
    fn new(place: usize, room: usize) -> Self {
        let (low, high) = (f64::NEG_INFINITY, f64::INFINITY);
        Self { place, below_count: 0, low, low_count: 0, kept: Vec::new(), high, high_count: 0, room }
    }

    fn take(&mut self, number: f64) {
        if number < self.low {
            self.below_count += 1;
        } else if number < self.high {
            if number > self.low {
                self.kept.push(number);
            } else {
                self.low_count += 1;
            }
        } else if number == self.high {
            self.high_count += 1;
        }
    }

    fn narrow(&mut self, seen_count: usize, total_count: usize) {
        if self.kept.len() <= self.room {
            return;
        }
        self.kept.sort_unstable_by(f64::total_cmp);
        let share = self.place as f64 / total_count as f64;
        let expected = share * seen_count as f64;
        let third = -LN_MISS / 3.0;
        let distance = third + (third * third - 2.0 * LN_MISS * expected * (1.0 - share)).sqrt();
        let before = (self.below_count + self.low_count) as f64;
        let (first, last) = (expected - distance - before, expected + distance - before);
        if last < (self.kept.len() - 1) as f64 {
            self.high = self.kept[last.max(0.0).ceil() as usize];
            let end = self.kept.partition_point(|&number| number < self.high);
            self.high_count = self.kept[end..].iter().take_while(|&&number| number == self.high).count();
            self.kept.truncate(end);
        }
        if first > 0.0 && !self.kept.is_empty() {
            self.low = self.kept[(first as usize).min(self.kept.len() - 1)];
            let start = self.kept.partition_point(|&number| number < self.low);
            let end = self.kept.partition_point(|&number| number <= self.low);
            self.below_count += self.low_count + start;
            self.low_count = end - start;
            self.kept.drain(..end);
        }
        self.room = KEPT_COUNT.max(2 * self.kept.len());
        self.kept.shrink_to(self.room);
    }

    fn find(mut self) -> Option<f64> {
        let place = self.place.checked_sub(self.below_count)?;
        let Some(place) = place.checked_sub(self.low_count) else { return Some(self.low) };
        let Some(above) = place.checked_sub(self.kept.len()) else {
            let (_, &mut number, _) = self.kept.select_nth_unstable_by(place, f64::total_cmp);
            return Some(number);
        };
        (above < self.high_count).then_some(self.high)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distribution::Distribution;
    use crate::rng::RandomSource;

    fn rank(margins: Vec<f64>, quantile_ratio: &[f64]) -> (Vec<f64>, f64) {
        let mut ranking = Ranking::new(margins.len(), quantile_ratio, false);
        ranking.extend(margins.into_iter());
        ranking.finish().unwrap()
    }

    #[test]
    fn quantiles_are_order_statistics() {
        let margins: Vec<f64> = (0..1000).map(|index| f64::from((index * 7) % 1000) - 99.5).collect();
        let (at, outage) = rank(margins, &[0.001, 0.5, 0.05, 0.9999]);
        assert_eq!(at, [-99.5, 399.5, -50.5, 899.5]);
        assert_eq!(outage, 0.1);
    }

    #[test]
    fn draws_without_a_verdict_do_not_close() {
        let (at, outage) = rank(vec![1.0, f64::NAN, f64::NEG_INFINITY, 2.0], &[0.1, 0.75, 0.99]);
        assert!(at[0].is_nan());
        assert_eq!(at[1..], [1.0, 2.0]);
        assert_eq!(outage, 0.5);
        let (at, outage) = rank(vec![f64::NAN; 3], &[0.5]);
        assert!(at[0].is_nan() && outage.is_nan());
    }

    /// Margins of half a million draws: smooth, in steps of a tenth, and half of them blocked.
    #[test]
    fn a_long_stream_is_ranked_exactly_and_in_little_memory() {
        let normal = Distribution::normal(3.0, 0.5).unwrap();
        let smooth = |draw: u64| normal.quantile(RandomSource::new(1, 2, draw).uniform(3, 4));
        let steps = |draw: u64| (10.0 * smooth(draw)).round() / 10.0;
        let blocked = |draw: u64| if draw.is_multiple_of(2) { f64::NEG_INFINITY } else { smooth(draw) };
        let quantiles = [0.001, 0.01, 0.05, 0.5, 0.95];
        let total = 500_000;
        for stream in [&smooth as &dyn Fn(u64) -> f64, &steps, &blocked] {
            let numbers: Vec<f64> = (0..total as u64).map(stream).collect();
            let mut ranking = Ranking::new(total, &quantiles, false);
            let mut most = 0;
            for chunk in numbers.chunks(20_000) {
                ranking.extend(chunk.iter().copied());
                most = most.max(ranking.wanted.iter().map(|wanted| wanted.kept.len()).max().unwrap());
            }
            // Twice what is left after 500 000 of the median, 2 (12 + sqrt(69 * 125 000)).
            assert!(most < 12_000, "{most}");
            let (found, _) = ranking.finish().unwrap();
            let mut sorted = numbers;
            sorted.sort_unstable_by(f64::total_cmp);
            for (found, probability) in found.into_iter().zip(quantiles) {
                let expected = sorted[(probability * total as f64 - 1e-9).ceil() as usize - 1];
                assert!(found == expected || found.is_nan() && expected.is_infinite(), "{probability}");
            }
        }
    }

    #[test]
    fn a_stream_that_rises_is_noticed_and_ranked_when_all_is_kept() {
        let total = 100_000;
        let rising = |keep_all| {
            let mut ranking = Ranking::new(total, &[0.5], keep_all);
            for start in (0..total).step_by(10_000) {
                ranking.extend((start..start + 10_000).map(|number| number as f64));
            }
            ranking.finish()
        };
        assert!(rising(false).is_none());
        assert_eq!(rising(true).unwrap(), (vec![49_999.0], 0.0));
    }
}
