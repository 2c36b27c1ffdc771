//! Values that many rows share, computed once.

use crate::error::Result;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Values by the exact bits of the figures that they follow from.
///
/// A value is a pure function of its key: which thread came first changes nothing.
#[derive(Debug)]
pub(super) struct Memo<T> {
    values: Mutex<HashMap<Box<[u64]>, Arc<T>>>,
}

impl<T> Default for Memo<T> {
    fn default() -> Self {
        Self { values: Mutex::default() }
    }
}

impl<T> Memo<T> {
    /// The value for these figures, computed where it is not known yet.
    pub(super) fn get(&self, figures: &[f64], compute: impl FnOnce() -> Result<T>) -> Result<Arc<T>> {
        let key: Box<[u64]> = figures.iter().map(|figure| figure.to_bits()).collect();
        // A poisoned lock is harmless: values are only ever whole.
        if let Some(found) = self.values.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(Arc::clone(found));
        }
        let value = Arc::new(compute()?);
        self.values.lock().unwrap_or_else(PoisonError::into_inner).insert(key, Arc::clone(&value));
        Ok(value)
    }
}
