//! Progress and cancellation as a Python object.

use crate::border::to_python;
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

    /// Announce the units of work of all kernels that will get this task, and reset the count.
    fn start(&self, total_count: u64) {
        self.inner.start(total_count);
    }

    /// Ask the kernel to stop at its next unit of work.
    fn cancel(&self) {
        self.inner.cancel();
    }

    /// Raise Cancelled if somebody has cancelled: for what runs between two kernels.
    fn check(&self, py: Python<'_>) -> PyResult<()> {
        self.inner.check().map_err(|error| to_python(py, &error))
    }

    /// Return (done, total) units of work.
    fn progress(&self) -> (u64, u64) {
        self.inner.progress()
    }
}
