//! Progress and cancellation of a running kernel, shared with the caller through atomics.

use crate::error::{Error, Result};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Handle of one running evaluation: the kernel counts, the caller reads and may cancel.
#[derive(Debug, Default)]
pub struct Task {
    cancelled: AtomicBool,
    done_count: AtomicU64,
    total_count: AtomicU64,
}

impl Task {
    /// A task that has not started.
    pub fn new() -> Self {
        Self::default()
    }

    /// Announces how many units of work (lanes) all kernels that get this task will do together, and resets the count.
    pub fn start(&self, total_count: u64) {
        self.done_count.store(0, Ordering::Relaxed);
        self.total_count.store(total_count, Ordering::Relaxed);
    }

    /// Counts more units as done.
    pub fn advance(&self, more_count: u64) {
        self.done_count.fetch_add(more_count, Ordering::Relaxed);
    }

    /// Asks the kernel to stop at its next unit of work.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    /// (done, total) units of work.
    pub fn progress(&self) -> (u64, u64) {
        (self.done_count.load(Ordering::Relaxed), self.total_count.load(Ordering::Relaxed))
    }

    /// Stops the kernel if the caller has cancelled.
    ///
    /// # Errors
    /// [`Error::Cancelled`] after [`Task::cancel`].
    pub fn check(&self) -> Result<()> {
        if self.cancelled.load(Ordering::Relaxed) { Err(Error::Cancelled) } else { Ok(()) }
    }
}
