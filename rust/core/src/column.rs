//! Memory for columns of numbers that each thread takes and gives back again and again.

use std::cell::RefCell;
use std::ops::{Deref, DerefMut};

/// Columns that a thread keeps ready, and numbers of the longest of them: two megabytes at most.
const MOST_KEPT: usize = 128;
const LONGEST_KEPT: usize = 2048;

thread_local! {
    static KEPT: RefCell<Vec<Vec<f64>>> = const { RefCell::new(Vec::new()) };
}

/// A column like a `Vec<f64>` of fixed length, whose memory the thread that drops it uses again: kernels that need some fifty
/// short columns for each span spend a tenth of their time on the allocator otherwise.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Column(Vec<f64>);

impl Column {
    /// So many zeros.
    pub(crate) fn zeros(count: usize) -> Self {
        let mut column = Self::empty();
        column.0.resize(count, 0.0);
        column
    }

    /// So many numbers of any value, for those who write before they read.
    pub(crate) fn scratch(count: usize) -> Self {
        let mut column = Self(take_kept());
        column.0.resize(count, 0.0);
        column
    }

    fn empty() -> Self {
        let mut column = take_kept();
        column.clear();
        Self(column)
    }
}

/// Memory that this thread has kept, with whatever is in it.
fn take_kept() -> Vec<f64> {
    // No thread-local memory is left while a thread ends.
    KEPT.try_with(|kept| kept.borrow_mut().pop()).ok().flatten().unwrap_or_default()
}

impl Drop for Column {
    fn drop(&mut self) {
        let column = std::mem::take(&mut self.0);
        if column.capacity() == 0 || column.capacity() > LONGEST_KEPT {
            return;
        }
        let _ = KEPT.try_with(|kept| {
            let mut kept = kept.borrow_mut();
            if kept.len() < MOST_KEPT {
                kept.push(column);
            }
        });
    }
}

impl FromIterator<f64> for Column {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        let mut column = Self::empty();
        column.0.extend(values);
        column
    }
}

impl From<&[f64]> for Column {
    fn from(values: &[f64]) -> Self {
        let mut column = Self::empty();
        column.0.extend_from_slice(values);
        column
    }
}

impl Clone for Column {
    fn clone(&self) -> Self {
        Self::from(&self[..])
    }
}

impl Deref for Column {
    type Target = [f64];

    #[inline]
    fn deref(&self) -> &[f64] {
        &self.0
    }
}

impl DerefMut for Column {
    #[inline]
    fn deref_mut(&mut self) -> &mut [f64] {
        &mut self.0
    }
}

impl<'a> IntoIterator for &'a Column {
    type Item = &'a f64;
    type IntoIter = std::slice::Iter<'a, f64>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<'a> IntoIterator for &'a mut Column {
    type Item = &'a mut f64;
    type IntoIter = std::slice::IterMut<'a, f64>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter_mut()
    }
}

/// Cuts memory into columns of one length that follow each other.
///
/// # Panics
/// If there is not enough of it.
pub(crate) fn split_columns<const N: usize>(mut memory: &mut [f64], length: usize) -> [&mut [f64]; N] {
    let mut out: [&mut [f64]; N] = std::array::from_fn(|_| &mut [][..]);
    for column in &mut out {
        (*column, memory) = memory.split_at_mut(length);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_follow_each_other() {
        let mut memory: Vec<f64> = (0..7).map(f64::from).collect();
        let [first, second, third] = split_columns(&mut memory, 2);
        assert_eq!((&*first, &*second, &*third), (&[0.0, 1.0][..], &[2.0, 3.0][..], &[4.0, 5.0][..]));
        assert!(split_columns::<2>(&mut [], 0).iter().all(|column| column.is_empty()));
    }

    #[test]
    fn memory_is_used_again_and_scratch_alone_may_hold_what_was_in_it() {
        std::thread::spawn(|| {
            let first: Column = (0..100).map(f64::from).collect();
            let place = first.as_ptr();
            drop(first);
            let second = Column::zeros(60);
            assert_eq!((second.as_ptr(), second.len()), (place, 60));
            assert!(second.iter().all(|&value| value == 0.0));
            let copy = second.clone();
            assert!(copy == second && copy.as_ptr() != place);
            drop(second);
            let scratch = Column::scratch(30);
            assert_eq!((scratch.as_ptr(), scratch.len()), (place, 30));
            drop(scratch);
            let third = Column::from(&[1.0, 2.0][..]);
            assert_eq!((third.as_ptr(), &third[..]), (place, &[1.0, 2.0][..]));
        })
        .join()
        .unwrap();
    }

    #[test]
    fn what_is_kept_has_its_bounds() {
        std::thread::spawn(|| {
            drop(Column::zeros(LONGEST_KEPT + 1));
            assert_eq!(KEPT.with(|kept| kept.borrow().len()), 0);
            let many: Vec<Column> = (0..MOST_KEPT + 9).map(|_| Column::zeros(1)).collect();
            drop(many);
            assert_eq!(KEPT.with(|kept| kept.borrow().len()), MOST_KEPT);
        })
        .join()
        .unwrap();
    }

    #[test]
    fn a_column_may_end_on_another_thread() {
        let column = Column::zeros(5);
        std::thread::spawn(move || drop(column)).join().unwrap();
    }
}
