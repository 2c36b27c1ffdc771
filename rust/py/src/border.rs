//! The one way across: errors, columns and the interpreter lock.

use lightlane_core::{Error, Result};
use numpy::{PyReadonlyArray1, PyReadonlyArrayDyn};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Runs a kernel without holding the interpreter and maps its error.
pub fn compute<T: Send>(py: Python<'_>, kernel: impl FnOnce() -> Result<T> + Send) -> PyResult<T> {
    py.detach(kernel).map_err(|error| to_python(py, &error))
}

/// The Python exception of a core error; the classes are Lightlane's own.
pub fn to_python(py: Python<'_>, error: &Error) -> PyErr {
    let name = match error {
        Error::Parameter { .. } => "ParameterError",
        Error::Model(_) => "ModelError",
        Error::Cancelled => "Cancelled",
    };
    let raised = py
        .import("lightlane.errors")
        .and_then(|module| module.getattr(name))
        .and_then(|class| class.call1((error.to_string(),)));
    match raised {
        Ok(instance) => PyErr::from_value(instance),
        Err(import_error) => import_error,
    }
}

/// Named columns of one input table.
pub struct Columns<'a, 'py> {
    table: &'a str,
    columns: &'a Bound<'py, PyDict>,
}

impl<'a, 'py> Columns<'a, 'py> {
    /// Columns of the table that errors call `table`.
    pub fn new(table: &'a str, columns: &'a Bound<'py, PyDict>) -> Self {
        Self { table, columns }
    }

    fn take<T: numpy::Element + Clone>(&self, name: &str, kind: &str) -> PyResult<Vec<T>> {
        let wrong = |found: &str| PyTypeError::new_err(format!("{}.{name}: {found}; needs {kind}", self.table));
        let column = self.columns.get_item(name)?.ok_or_else(|| wrong("missing"))?;
        let array = column
            .extract::<PyReadonlyArray1<'_, T>>()
            .map_err(|_| wrong("not a one-dimensional array of the right type"))?;
        Ok(array.as_array().to_vec())
    }

    /// A column of numbers.
    pub fn f64s(&self, name: &str) -> PyResult<Vec<f64>> {
        self.take(name, "a one-dimensional float64 array")
    }

    /// A column of row numbers.
    pub fn i64s(&self, name: &str) -> PyResult<Vec<i64>> {
        self.take(name, "a one-dimensional int64 array")
    }

    /// A column of codes.
    pub fn u8s(&self, name: &str) -> PyResult<Vec<u8>> {
        self.take(name, "a one-dimensional uint8 array")
    }

    /// A column of offsets.
    pub fn offsets(&self, name: &str) -> PyResult<Vec<usize>> {
        self.i64s(name)?
            .into_iter()
            .map(|value| {
                usize::try_from(value)
                    .map_err(|_| PyTypeError::new_err(format!("{}.{name}: {value}; needs 0 or above", self.table)))
            })
            .collect()
    }

    /// The flat points of many curves: columns `<name>_offsets`, `<name>_x`, `<name>_y`.
    pub fn curves(&self, name: &str) -> PyResult<Curves> {
        Ok(Curves {
            offsets: self.offsets(&format!("{name}_offsets"))?,
            x: self.f64s(&format!("{name}_x"))?,
            y: self.f64s(&format!("{name}_y"))?,
        })
    }
}

/// Owned points of many curves.
pub struct Curves {
    offsets: Vec<usize>,
    x: Vec<f64>,
    y: Vec<f64>,
}

impl Curves {
    /// The curves as the core reads them.
    pub fn view(&self, name: &str) -> Result<lightlane_core::interpolate::PointTable<'_>> {
        lightlane_core::interpolate::PointTable::new(name, &self.offsets, &self.x, &self.y)
    }
}

/// Applies a scalar function to every entry of an array and keeps its shape.
pub fn map_array<'py>(
    py: Python<'py>,
    input: &PyReadonlyArrayDyn<'py, f64>,
    function: impl Fn(f64) -> Result<f64> + Send + Sync,
) -> PyResult<Bound<'py, numpy::PyArrayDyn<f64>>> {
    let values = input.as_array().to_owned();
    let out = compute(py, || {
        let mut out = values;
        for value in &mut out {
            *value = function(*value)?;
        }
        Ok(out)
    })?;
    Ok(numpy::PyArray::from_owned_array(py, out))
}

/// Build target and instruction set, for the manifest of a run.
#[pyfunction]
pub fn build_info(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let info = PyDict::new(py);
    info.set_item("version", env!("CARGO_PKG_VERSION"))?;
    info.set_item("target", format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS))?;
    info.set_item("optimized", !cfg!(debug_assertions))?;
    let mut features = Vec::new();
    for (name, enabled) in [
        ("sse2", cfg!(target_feature = "sse2")),
        ("avx2", cfg!(target_feature = "avx2")),
        ("fma", cfg!(target_feature = "fma")),
        ("neon", cfg!(target_feature = "neon")),
    ] {
        if enabled {
            features.push(name);
        }
    }
    info.set_item("instruction_set", features.join("+"))?;
    Ok(info)
}
