//! Spans and combs that were computed before, for every thread.

use super::nonlinear::{NonlinearSpan, SpanNonlinearity};
use super::nonlinear_comb::{ChannelSignal, Comb};
use crate::error::Result;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Locks of the cache: threads that look up different spans seldom wait for each other.
const SHARD_COUNT: usize = 16;

type Store<T> = Mutex<HashMap<Box<[u64]>, Arc<T>>>;

/// What identical (fiber, length, comb, powers) spans share, keyed by the exact bits of all their figures.
///
/// A value is a pure function of its key, so that results do not depend on which thread came first, nor on whether a value
/// was found here or computed again. The number of entries is bounded: a full cache takes no more.
#[derive(Debug)]
pub struct NonlinearCache {
    spans: Vec<Store<Vec<SpanNonlinearity>>>,
    combs: Store<Comb>,
    most_entries: usize,
}

impl Default for NonlinearCache {
    fn default() -> Self {
        Self::new(4096)
    }
}

impl NonlinearCache {
    /// An empty cache for at most so many spans; 0 keeps nothing.
    pub fn new(most_entries: usize) -> Self {
        Self { spans: (0..SHARD_COUNT).map(|_| Store::default()).collect(), combs: Store::default(), most_entries }
    }

    /// The comb of these channels, made once.
    ///
    /// # Errors
    /// As [`Comb::new`].
    pub fn comb(&self, channels: &[ChannelSignal]) -> Result<Arc<Comb>> {
        let key: Box<[u64]> = channels
            .iter()
            .flat_map(|c| [c.offset_hz.to_bits(), c.symbol_rate_hz.to_bits(), c.excess_kurtosis_ratio.to_bits()])
            .collect();
        fetch(&self.combs, self.most_entries / SHARD_COUNT, key, || Comb::new(channels.to_vec()))
    }

    pub(super) fn span(
        &self,
        key: Box<[u64]>,
        compute: impl FnOnce() -> Result<Vec<SpanNonlinearity>>,
    ) -> Result<Arc<Vec<SpanNonlinearity>>> {
        let shard = key.iter().fold(0u64, |sum, &word| (sum ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15)) >> 60;
        fetch(&self.spans[shard as usize % SHARD_COUNT], self.most_entries / SHARD_COUNT, key, compute)
    }
}

/// Key of one span under one comb.
pub(super) fn span_key(span: &NonlinearSpan, comb: &Comb, powers_w: &[f64], attenuations_per_m: &[f64]) -> Box<[u64]> {
    let fiber = [
        span.attenuation_per_m,
        span.length_m,
        span.beta2_s2_per_m,
        span.beta3_s3_per_m,
        span.gamma_per_w_m,
        span.raman_slope_per_w_m_hz,
    ];
    let channels = comb.channels().iter().flat_map(|c| [c.offset_hz, c.symbol_rate_hz]);
    fiber
        .into_iter()
        .chain(channels)
        .chain(powers_w.iter().copied())
        .chain(attenuations_per_m.iter().copied())
        .map(f64::to_bits)
        .collect()
}

fn fetch<T>(
    store: &Store<T>,
    most_entries: usize,
    key: Box<[u64]>,
    compute: impl FnOnce() -> Result<T>,
) -> Result<Arc<T>> {
    // A poisoned lock is harmless: entries are only ever whole.
    if let Some(found) = store.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
        return Ok(Arc::clone(found));
    }
    let value = Arc::new(compute()?);
    let mut entries = store.lock().unwrap_or_else(PoisonError::into_inner);
    if entries.len() < most_entries {
        entries.insert(key, Arc::clone(&value));
    }
    Ok(value)
}
