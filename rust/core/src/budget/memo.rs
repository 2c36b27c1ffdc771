//! Values that many rows share, computed once.

use crate::error::Result;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Values by the exact bits of the figures that they follow from.
///
/// A value is a pure function of its key: which thread came first changes nothing.
#[derive(Debug)]
pub(super) struct Memo<T> {
    values: Mutex<HashMap<Box<[u64]>, Arc<T>>>,
    most: usize,
}

impl<T> Default for Memo<T> {
    fn default() -> Self {
        Self::of_most(usize::MAX)
    }
}

impl<T> Memo<T> {
    /// A memo that outlives the batches which ask it: once it holds so many values it begins anew.
    pub(super) fn of_most(most: usize) -> Self {
        Self { values: Mutex::default(), most }
    }

    /// The value for these figures, computed where it is not known yet.
    pub(super) fn get(&self, figures: &[f64], compute: impl FnOnce() -> Result<T>) -> Result<Arc<T>> {
        let key: Box<[u64]> = figures.iter().map(|figure| figure.to_bits()).collect();
        // A poisoned lock is harmless: values are only ever whole.
        if let Some(found) = self.values.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(Arc::clone(found));
        }
        let value = Arc::new(compute()?);
        let mut values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
        if values.len() >= self.most {
            values.clear();
        }
        values.insert(key, Arc::clone(&value));
        Ok(value)
    }
}

/// Values that one thread used last: most rows in a row ask for the same few.
#[derive(Debug)]
pub(super) struct Recent<T, const N: usize> {
    values: RefCell<Vec<([u64; N], Arc<T>)>>,
}

impl<T, const N: usize> Default for Recent<T, N> {
    fn default() -> Self {
        Self { values: RefCell::default() }
    }
}

impl<T, const N: usize> Recent<T, N> {
    /// Values that are kept; comparing so many keys costs less than one look-up that all threads share.
    const MOST: usize = 8;

    /// Reads the value for these figures, asked for where it is not among the last.
    pub(super) fn read<R>(
        &self,
        figures: &[f64; N],
        ask: impl FnOnce() -> Result<Arc<T>>,
        read: impl FnOnce(&T) -> R,
    ) -> Result<R> {
        let key = figures.map(f64::to_bits);
        if let Some((_, found)) = self.values.borrow().iter().find(|(known, _)| *known == key) {
            return Ok(read(found));
        }
        let value = ask()?;
        let mut values = self.values.borrow_mut();
        if values.len() == Self::MOST {
            values.remove(0);
        }
        let out = read(&value);
        values.push((key, value));
        Ok(out)
    }

    /// Forgets all: what else the values follow from has changed.
    pub(super) fn clear(&mut self) {
        self.values.get_mut().clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_memo_of_few_forgets_and_answers_all_the_same() {
        let memo = Memo::of_most(3);
        for round in 0..2 {
            for figure in 0..10 {
                let value = memo.get(&[f64::from(figure)], || Ok(figure)).unwrap();
                assert_eq!(*value, figure, "{round}");
                assert!(memo.values.lock().unwrap().len() <= 3);
            }
        }
    }
}
