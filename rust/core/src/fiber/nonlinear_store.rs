//! Values by the exact bits of the figures that they follow from, for every thread.

use crate::error::Result;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Entries of one shard that were seen once and are at hand until others push them out.
const RECENT_COUNT: usize = 2;
/// Hashes of one shard that are remembered: a key that comes again after so many others is taken for a new one.
const SEEN_COUNT: usize = 1024;

/// Entries by key, in shards that are locked one by one.
///
/// # Algorithm
/// 1. A key that comes for the first time leaves its hash and, for a short while, its value: most keys of most batches never
///    come again, and to keep them all costs as much time as to compute a cheap one.
/// 2. One that comes again, or whose value is costly, is kept as long as there is room.
#[derive(Debug)]
pub(super) struct Store<T> {
    shards: Vec<Mutex<Shard<T>>>,
    /// Numbers that one shard may hold.
    most_count: usize,
}

/// Whether a value takes so long that it is kept at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cost {
    /// Some ten microseconds.
    Low,
    /// Milliseconds, or as many entries as there are kinds of links.
    High,
}

#[derive(Debug)]
struct Shard<T> {
    entries: HashMap<u64, Entry<T>, BuildHasherDefault<Hashed>>,
    count: usize,
    recent: [Option<Entry<T>>; RECENT_COUNT],
    next_recent: usize,
    seen: Vec<u64>,
}

#[derive(Debug)]
struct Entry<T> {
    hash: u64,
    key: Vec<u64>,
    value: Arc<T>,
}

impl<T> Store<T> {
    pub(super) fn new(most_count: usize, shard_count: usize) -> Self {
        let shard = || Shard {
            entries: HashMap::default(),
            count: 0,
            recent: [const { None }; RECENT_COUNT],
            next_recent: 0,
            seen: Vec::new(),
        };
        Self { shards: (0..shard_count).map(|_| Mutex::new(shard())).collect(), most_count: most_count / shard_count }
    }

    /// The value of a key, computed where it is not at hand.
    pub(super) fn fetch(
        &self,
        key: &[u64],
        cost: Cost,
        weight: impl Fn(&T) -> usize,
        compute: impl FnOnce() -> Result<T>,
    ) -> Result<Arc<T>> {
        let hash = hash_words(key);
        let shard = &self.shards[(hash >> 32) as usize % self.shards.len()];
        if let Some(found) = lock(shard).find(hash, key, self.most_count, &weight) {
            return Ok(found);
        }
        let value = Arc::new(compute()?);
        let size = key.len() + weight(&value);
        if size <= self.most_count {
            lock(shard).note(hash, key, &value, cost, size, self.most_count);
        }
        Ok(value)
    }
}

/// A poisoned lock is harmless: entries are only ever whole.
fn lock<T>(shard: &Mutex<Shard<T>>) -> MutexGuard<'_, Shard<T>> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<T> Shard<T> {
    fn find(&mut self, hash: u64, key: &[u64], most_count: usize, weight: impl Fn(&T) -> usize) -> Option<Arc<T>> {
        if let Some(entry) = self.entries.get(&hash).filter(|entry| entry.key == key) {
            return Some(Arc::clone(&entry.value));
        }
        let is_key = |entry: &Option<Entry<T>>| entry.as_ref().is_some_and(|e| e.hash == hash && e.key == key);
        let place = self.recent.iter().position(is_key)?;
        let entry = self.recent[place].take()?;
        let value = Arc::clone(&entry.value);
        let size = key.len() + weight(&value);
        self.keep(entry, size, most_count);
        Some(value)
    }

    /// Notes a value that was computed.
    fn note(&mut self, hash: u64, key: &[u64], value: &Arc<T>, cost: Cost, size: usize, most_count: usize) {
        // Memory only where something is noted.
        self.seen.resize(SEEN_COUNT, 0);
        let seen = &mut self.seen[hash as usize % SEEN_COUNT];
        if cost == Cost::High || *seen == hash {
            self.keep(Entry { hash, key: key.to_vec(), value: Arc::clone(value) }, size, most_count);
            return;
        }
        *seen = hash;
        // The memory of the key that goes serves the one that comes.
        let place = &mut self.recent[self.next_recent];
        let mut memory = place.take().map_or_else(Vec::new, |gone| gone.key);
        memory.clear();
        memory.extend_from_slice(key);
        *place = Some(Entry { hash, key: memory, value: Arc::clone(value) });
        self.next_recent = (self.next_recent + 1) % RECENT_COUNT;
    }

    /// Keeps an entry for good, where there is room. Of two keys of one hash the first stays.
    fn keep(&mut self, entry: Entry<T>, size: usize, most_count: usize) {
        if self.count + size <= most_count && !self.entries.contains_key(&entry.hash) {
            self.count += size;
            self.entries.insert(entry.hash, entry);
        }
    }
}

/// A fast hash of words, in four chains that do not wait for each other; equality of keys is decided by all their bits.
fn hash_words(words: &[u64]) -> u64 {
    const FACTOR: u64 = 0x517c_c1b7_2722_0a95;
    let mix = |state: u64, word: u64| (state.rotate_left(5) ^ word).wrapping_mul(FACTOR);
    let mut chains = [0, 1, 2, 3];
    let quadruples = words.chunks_exact(4);
    let rest = quadruples.remainder();
    for quadruple in quadruples {
        for (chain, &word) in chains.iter_mut().zip(quadruple) {
            *chain = mix(*chain, word);
        }
    }
    let state = rest.iter().fold(words.len() as u64, |state, &word| mix(state, word));
    let state = chains.into_iter().fold(state, mix);
    state ^ (state >> 29)
}

/// Hands a hash on as it is.
#[derive(Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    /// Asks for a key and tells whether its value was computed.
    fn ask(store: &Store<u64>, key: &[u64]) -> bool {
        ask_for(store, Cost::Low, key)
    }

    fn ask_for(store: &Store<u64>, cost: Cost, key: &[u64]) -> bool {
        let computed = Cell::new(false);
        let compute = || {
            computed.set(true);
            Ok(key.iter().sum())
        };
        assert_eq!(*store.fetch(key, cost, |_| 1, compute).unwrap(), key.iter().sum::<u64>());
        computed.get()
    }

    #[test]
    fn a_key_that_comes_again_is_kept() {
        let store = Store::new(1 << 20, 1);
        // At once: it is still at hand, and stays.
        assert!(ask(&store, &[1, 2, 3]) && !ask(&store, &[1, 2, 3]));
        // After others have come: computed once more, then kept.
        assert!(ask(&store, &[4]));
        for other in 100..110 {
            assert!(ask(&store, &[other, 7]));
        }
        assert!(ask(&store, &[4]) && !ask(&store, &[4]) && !ask(&store, &[1, 2, 3]));
        assert!((100..108).all(|other| ask(&store, &[other, 7])));
    }

    #[test]
    fn what_is_costly_is_kept_at_once() {
        let store = Store::new(1 << 20, 1);
        assert!((0..20).all(|key| ask_for(&store, Cost::High, &[key])));
        assert!((0..20).all(|key| !ask_for(&store, Cost::High, &[key])));
    }

    #[test]
    fn memory_has_its_bound() {
        let nothing = Store::new(0, 1);
        assert!((0..3).all(|_| ask(&nothing, &[1])));
        // Room for two entries of a word each and its value.
        let store = Store::new(4, 1);
        for key in 1..=3 {
            assert!(ask(&store, &[key]) && !ask(&store, &[key]));
        }
        for key in 10..20 {
            ask(&store, &[key]);
        }
        assert_eq!([1, 2, 3].map(|key| ask(&store, &[key])), [false, false, true]);
    }

    #[test]
    fn keys_of_other_length_or_order_are_others() {
        let store = Store::new(1 << 20, 4);
        let keys: [&[u64]; 6] = [&[], &[0], &[0, 0], &[1, 2, 3, 4, 5], &[5, 2, 3, 4, 1], &[1, 2, 3, 4]];
        assert!(keys.iter().all(|key| ask(&store, key)));
        let mut hashes = keys.map(hash_words);
        hashes.sort_unstable();
        assert!(hashes.windows(2).all(|pair| pair[0] != pair[1]));
    }
}
