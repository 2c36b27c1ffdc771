//! Progress and cancellation as a Python object.

use pyo3::prelude::*;
use std::sync::Arc;

/// Handle of one running evaluation: read its progress, or cancel it from another thread.
#[pyclass(frozen, module = "lightlane._core")]
#[derive(Default)]
pub struct Task {
    pub inner: Arc<lightlane_core::task::Task>,
}

#[pymethods]
impl Task {
    #[new]
    fn new() -> Self {
        Self::default()
    }

    /// Ask the kernel to stop at its next unit of work.
    fn cancel(&self) {
        self.inner.cancel();
    }

    /// Return (done, total) units of work.
    fn progress(&self) -> (u64, u64) {
        self.inner.progress()
    }
}
