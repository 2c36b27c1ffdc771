//! Spans, lines and combs that were computed before, for every thread.

use super::nonlinear::{ChainNonlinearity, ChainSpan, NonlinearModel, NonlinearOptions};
use super::nonlinear_comb::{ChannelSignal, Comb};
use super::nonlinear_profile_line::ProfileSpan;
use super::nonlinear_span::SpanNoise;
use super::nonlinear_store::{Cost, Store};
use super::power_profile::PowerProfile;
use super::raman_pumped::{PumpedFiber, PumpedSpan};
use crate::error::Result;
use crate::task::Task;
use std::cell::RefCell;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

/// Locks of a store: threads that look up different entries seldom wait for each other.
const SHARD_COUNT: usize = 16;

/// What identical (fiber, length, comb, powers) spans share, keyed by the exact bits of all their figures and the comb that
/// [`Self::comb`] gave for its channels; so for whole lines and for combs.
///
/// A value is a pure function of its key, so that results do not depend on which thread came first, nor on whether a value
/// was found here or computed again. What comes a second time is kept; the memory is bounded: a full cache takes no more.
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
        let mut key = Key::new();
        let figures = |c: &ChannelSignal| [c.offset_hz, c.symbol_rate_hz, c.excess_kurtosis_ratio].map(f64::to_bits);
        for channel in channels {
            key.extend(figures(channel));
        }
        self.combs.fetch(&key, Cost::High, Comb::weight, || Comb::new(channels.to_vec()))
    }

    /// Gain and noise of a Raman-pumped span, and the course of its powers.
    ///
    /// # Errors
    /// As [`PumpedFiber::solve`].
    pub fn pumped_span(&self, pumped: &PumpedFiber, task: &Task) -> Result<Arc<PumpedSpan>> {
        self.pumped.fetch(&pumped.key(), Cost::High, PumpedSpan::weight, || pumped.solve(task))
    }

    pub(super) fn chain(
        &self,
        key: &[u64],
        cost: Cost,
        compute: impl FnOnce() -> Result<ChainNonlinearity>,
    ) -> Result<Arc<ChainNonlinearity>> {
        self.chains.fetch(key, cost, ChainNonlinearity::weight, compute)
    }

    pub(super) fn profile_span(
        &self,
        key: &[u64],
        compute: impl FnOnce() -> Result<ProfileSpan>,
    ) -> Result<Arc<ProfileSpan>> {
        self.profile_spans.fetch(key, Cost::High, ProfileSpan::weight, compute)
    }

    pub(super) fn span(&self, key: &[u64], compute: impl FnOnce() -> Result<SpanNoise>) -> Result<Arc<SpanNoise>> {
        self.spans.fetch(key, Cost::Low, SpanNoise::weight, compute)
    }
}

/// Words of the longest key whose memory is kept: courses of pumped powers take more.
const LONGEST_KEY: usize = 1 << 14;

thread_local! {
    static KEYS: RefCell<Vec<Vec<u64>>> = const { RefCell::new(Vec::new()) };
}

/// An empty key in memory that this thread keeps for the next one.
pub(super) struct Key(Vec<u64>);

impl Key {
    pub(super) fn new() -> Self {
        let mut words = KEYS.with_borrow_mut(Vec::pop).unwrap_or_default();
        words.clear();
        Self(words)
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        let words = std::mem::take(&mut self.0);
        if words.capacity() <= LONGEST_KEY {
            // No thread-local memory is left while a thread ends.
            let _ = KEYS.try_with(|keys| keys.borrow_mut().push(words));
        }
    }
}

impl Deref for Key {
    type Target = Vec<u64>;

    fn deref(&self) -> &Vec<u64> {
        &self.0
    }
}

impl DerefMut for Key {
    fn deref_mut(&mut self) -> &mut Vec<u64> {
        &mut self.0
    }
}

/// Fills `key` for one span under one comb.
pub(super) fn write_span_key(key: &mut Key, span: &ChainSpan<'_>, comb: &Comb) {
    key.clear();
    push_span(key, span);
    key.push(comb.id());
}

/// Key of one span with the course of its powers.
pub(super) fn profile_key(span: &ChainSpan<'_>, profile: &PowerProfile, comb: &Comb) -> Key {
    let mut key = Key::new();
    write_span_key(&mut key, span, comb);
    push_profile(&mut key, profile);
    key
}

/// Key of a whole line.
pub(super) fn chain_key(
    spans: &[ChainSpan<'_>],
    profiles: &[Option<&PowerProfile>],
    comb: &Comb,
    options: NonlinearOptions,
) -> Key {
    let model = match options.model {
        NonlinearModel::ClosedForm => 0,
        NonlinearModel::PublishedIsrsGn => 1,
        NonlinearModel::Integral => 2,
    };
    let mut key = Key::new();
    key.extend([spans.len() as u64, u64::from(options.format_correction), model]);
    for span in spans {
        push_span(&mut key, span);
    }
    key.push(comb.id());
    for (index, profile) in profiles.iter().enumerate() {
        if let Some(profile) = profile {
            key.push(index as u64);
            push_profile(&mut key, profile);
        }
    }
    key
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
    for column in [&figures[..], span.powers_w, span.attenuations_per_m] {
        key.extend(column.iter().map(|figure| figure.to_bits()));
    }
}
