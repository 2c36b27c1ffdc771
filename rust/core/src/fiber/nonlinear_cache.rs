//! Spans, lines and combs that were computed before, for every thread.

use super::nonlinear::{ChainNonlinearity, ChainSpan, NonlinearModel, NonlinearOptions};
use super::nonlinear_comb::{ChannelSignal, Comb};
use super::nonlinear_profile_line::ProfileSpan;
use super::nonlinear_span::SpanNoise;
use super::power_profile::PowerProfile;
use super::raman_pumped::{PumpedFiber, PumpedSpan};
use crate::error::Result;
use crate::task::Task;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

/// Locks of a store: threads that look up different entries seldom wait for each other.
const SHARD_COUNT: usize = 16;

type Key = Box<[u64]>;

/// What identical (fiber, length, comb, powers) spans share, keyed by the exact bits of all their figures; so for whole lines
/// and for combs.
///
/// A value is a pure function of its key, so that results do not depend on which thread came first, nor on whether a value
/// was found here or computed again. The memory is bounded: a full cache takes no more.
#[derive(Debug)]
pub struct NonlinearCache {
    spans: Store<SpanNoise>,
    profile_spans: Store<ProfileSpan>,
    chains: Store<ChainNonlinearity>,
    combs: Store<Comb>,
    pumped: Store<PumpedSpan>,
}

impl Default for NonlinearCache {
    /// A cache of at most 128 MiB.
    fn default() -> Self {
        Self::new(128 << 20)
    }
}

impl NonlinearCache {
    /// An empty cache of at most so many bytes; 0 keeps nothing.
    pub fn new(most_bytes: usize) -> Self {
        let most = most_bytes / size_of::<f64>();
        // Few combs serve many lines, and one of a hundred channels would not fit into a shard's share.
        Self {
            spans: Store::new(3 * most / 8, SHARD_COUNT),
            profile_spans: Store::new(most / 8, 1),
            chains: Store::new(most / 4, SHARD_COUNT),
            combs: Store::new(most / 8, 1),
            pumped: Store::new(most / 8, 1),
        }
    }

    /// The comb of these channels, made once.
    ///
    /// # Errors
    /// As [`Comb::new`].
    pub fn comb(&self, channels: &[ChannelSignal]) -> Result<Arc<Comb>> {
        let key = channels
            .iter()
            .flat_map(|c| [c.offset_hz, c.symbol_rate_hz, c.excess_kurtosis_ratio])
            .map(f64::to_bits)
            .collect();
        self.combs.fetch(key, Comb::weight, || Comb::new(channels.to_vec()))
    }

    /// Gain and noise of a Raman-pumped span, and the course of its powers.
    ///
    /// # Errors
    /// As [`PumpedFiber::solve`].
    pub fn pumped_span(&self, pumped: &PumpedFiber, task: &Task) -> Result<Arc<PumpedSpan>> {
        self.pumped.fetch(pumped.key(), PumpedSpan::weight, || pumped.solve(task))
    }

    pub(super) fn chain(
        &self,
        key: Key,
        compute: impl FnOnce() -> Result<ChainNonlinearity>,
    ) -> Result<Arc<ChainNonlinearity>> {
        self.chains.fetch(key, ChainNonlinearity::weight, compute)
    }

    pub(super) fn profile_span(
        &self,
        key: Key,
        compute: impl FnOnce() -> Result<ProfileSpan>,
    ) -> Result<Arc<ProfileSpan>> {
        self.profile_spans.fetch(key, ProfileSpan::weight, compute)
    }

    pub(super) fn span(&self, key: Key, compute: impl FnOnce() -> Result<SpanNoise>) -> Result<Arc<SpanNoise>> {
        self.spans.fetch(key, SpanNoise::weight, compute)
    }
}

/// Key of one span under one comb of Gaussian signals.
pub(super) fn span_key(span: &ChainSpan<'_>, comb: &Comb) -> Key {
    let mut key = Vec::with_capacity(8 + 4 * span.powers_w.len());
    push_span(&mut key, span);
    key.extend(comb.channels().iter().flat_map(|c| [c.offset_hz.to_bits(), c.symbol_rate_hz.to_bits()]));
    key.into_boxed_slice()
}

/// Key of one span with the course of its powers.
pub(super) fn profile_key(span: &ChainSpan<'_>, profile: &PowerProfile, comb: &Comb) -> Key {
    let mut key = span_key(span, comb).into_vec();
    push_profile(&mut key, profile);
    key.into_boxed_slice()
}

/// Key of a whole line.
pub(super) fn chain_key(
    spans: &[ChainSpan<'_>],
    profiles: &[Option<&PowerProfile>],
    comb: &Comb,
    options: NonlinearOptions,
) -> Key {
    let mut key = vec![
        spans.len() as u64,
        u64::from(options.format_correction),
        match options.model {
            NonlinearModel::ClosedForm => 0,
            NonlinearModel::PublishedIsrsGn => 1,
            NonlinearModel::Integral => 2,
        },
    ];
    for span in spans {
        push_span(&mut key, span);
    }
    let channels = comb.channels().iter();
    key.extend(channels.flat_map(|c| [c.offset_hz, c.symbol_rate_hz, c.excess_kurtosis_ratio].map(f64::to_bits)));
    for (index, profile) in profiles.iter().enumerate() {
        if let Some(profile) = profile {
            key.push(index as u64);
            push_profile(&mut key, profile);
        }
    }
    key.into_boxed_slice()
}

fn push_profile(key: &mut Vec<u64>, profile: &PowerProfile) {
    let (position_m, rows) = match profile {
        PowerProfile::Exponential { attenuation_per_m } => (&[][..], std::slice::from_ref(attenuation_per_m)),
        PowerProfile::Sampled { position_m, log_power_ratio } => (&position_m[..], &log_power_ratio[..]),
    };
    key.push(position_m.len() as u64);
    key.extend(position_m.iter().chain(rows.iter().flatten()).map(|figure| figure.to_bits()));
}

fn push_span(key: &mut Vec<u64>, span: &ChainSpan<'_>) {
    let fiber = &span.fiber;
    let figures = [
        fiber.attenuation_per_m,
        fiber.length_m,
        fiber.beta2_s2_per_m,
        fiber.beta3_s3_per_m,
        fiber.gamma_per_w_m,
        fiber.raman_slope_per_w_m_hz,
    ];
    // The lengths keep columns of different meaning apart.
    key.extend([span.powers_w.len() as u64, span.attenuations_per_m.len() as u64]);
    key.extend(figures.iter().chain(span.powers_w).chain(span.attenuations_per_m).map(|figure| figure.to_bits()));
}

/// Entries by key, in shards that are locked one by one.
#[derive(Debug)]
struct Store<T> {
    shards: Vec<Mutex<Shard<T>>>,
    /// Numbers that one shard may hold.
    most_count: usize,
}

#[derive(Debug)]
struct Shard<T> {
    entries: HashMap<Key, Arc<T>, BuildHasherDefault<WordHasher>>,
    count: usize,
}

impl<T> Store<T> {
    fn new(most_count: usize, shard_count: usize) -> Self {
        let shard = || Mutex::new(Shard { entries: HashMap::default(), count: 0 });
        Self { shards: (0..shard_count).map(|_| shard()).collect(), most_count: most_count / shard_count }
    }

    fn fetch(&self, key: Key, weight: impl Fn(&T) -> usize, compute: impl FnOnce() -> Result<T>) -> Result<Arc<T>> {
        let mut hasher = WordHasher::default();
        key.iter().for_each(|&word| hasher.write_u64(word));
        let shard = &self.shards[(hasher.finish() >> 32) as usize % self.shards.len()];
        // A poisoned lock is harmless: entries are only ever whole.
        if let Some(found) = shard.lock().unwrap_or_else(PoisonError::into_inner).entries.get(&key) {
            return Ok(Arc::clone(found));
        }
        let value = Arc::new(compute()?);
        let size = key.len() + weight(&value);
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        if shard.count + size <= self.most_count && !shard.entries.contains_key(&key) {
            shard.count += size;
            shard.entries.insert(key, Arc::clone(&value));
        }
        Ok(value)
    }
}

/// A fast hash of words; equality of keys is decided by all their bits.
#[derive(Default)]
struct WordHasher {
    state: u64,
}

impl Hasher for WordHasher {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    fn write_u64(&mut self, word: u64) {
        self.state = (self.state.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
    }

    fn finish(&self) -> u64 {
        self.state ^ (self.state >> 29)
    }
}
