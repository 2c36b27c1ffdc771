//! Pictures of signals.

use crate::border::{compute, to_python};
use lightlane_core::pictures::{self, Palette, Scale};
use lightlane_core::{Error, Result};
use numpy::ndarray::Array2;
use numpy::{PyArray1, PyArray2, PyReadonlyArray1, PyReadonlyArray2, PyReadwriteArray2, PyUntypedArrayMethods};
use pyo3::prelude::*;
use std::sync::{Mutex, MutexGuard, PoisonError};

type ColumnIn<'py> = PyReadonlyArray1<'py, f64>;
type ColumnOut<'py> = Bound<'py, PyArray1<f64>>;

fn gaps(py: Python<'_>, name: &str) -> PyErr {
    to_python(py, &Error::parameter(name, "an array with gaps", "a contiguous array"))
}

fn numbers<'a>(py: Python<'_>, name: &str, column: &'a ColumnIn<'_>) -> PyResult<&'a [f64]> {
    column.as_slice().map_err(|_| gaps(py, name))
}

fn scale(name: &str) -> Result<Scale> {
    match name {
        "log" => Ok(Scale::Logarithmic),
        "linear" => Ok(Scale::Linear),
        other => Err(Error::parameter("scale", other, "log or linear")),
    }
}

/// A screen that remembers where the signal has been; threads that use it at the same time take turns.
#[pyclass(module = "lightlane._core", frozen)]
struct Persistence(Mutex<pictures::Persistence>);

impl Persistence {
    /// Asked for with the interpreter released, or two threads would wait for each other.
    fn screen(&self) -> MutexGuard<'_, pictures::Persistence> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[pymethods]
impl Persistence {
    #[new]
    #[pyo3(signature = (width_px, height_px, *, x_range, y_range))]
    fn new(
        py: Python<'_>,
        width_px: usize,
        height_px: usize,
        x_range: (f64, f64),
        y_range: (f64, f64),
    ) -> PyResult<Self> {
        compute(py, || pictures::Persistence::new(width_px, height_px, x_range.into(), y_range.into()))
            .map(|screen| Self(Mutex::new(screen)))
    }

    fn add_points(&self, py: Python<'_>, x: ColumnIn<'_>, y: ColumnIn<'_>) -> PyResult<()> {
        let (x, y) = (numbers(py, "x", &x)?, numbers(py, "y", &y)?);
        compute(py, || self.screen().add_points(x, y))
    }

    #[pyo3(signature = (values, *, samples_per_symbol_ratio, offset_ratio))]
    fn add_traces(
        &self,
        py: Python<'_>,
        values: ColumnIn<'_>,
        samples_per_symbol_ratio: f64,
        offset_ratio: f64,
    ) -> PyResult<()> {
        let samples = numbers(py, "samples", &values)?;
        compute(py, || self.screen().add_traces(samples, samples_per_symbol_ratio, offset_ratio))
    }

    fn fade(&self, py: Python<'_>, keep_ratio: f64) -> PyResult<()> {
        compute(py, || self.screen().fade(keep_ratio))
    }

    fn clear(&self, py: Python<'_>) {
        py.detach(|| self.screen().clear());
    }

    #[pyo3(signature = (palette, out, *, scale))]
    fn shade(
        &self,
        py: Python<'_>,
        palette: PyReadonlyArray1<'_, u32>,
        mut out: PyReadwriteArray2<'_, u32>,
        scale: &str,
    ) -> PyResult<()> {
        let shape = (out.shape()[0], out.shape()[1]);
        let palette = palette.as_slice().map_err(|_| gaps(py, "palette"))?;
        let pixels = out.as_slice_mut().map_err(|_| gaps(py, "out"))?;
        compute(py, || {
            let screen = self.screen();
            if shape != screen.shape() {
                return Err(Error::parameter("out", format!("of shape {shape:?}"), format!("{:?}", screen.shape())));
            }
            screen.shade(&Palette::new(palette)?, self::scale(scale)?, pixels)
        })
    }

    /// Rows and columns.
    fn shape(&self, py: Python<'_>) -> (usize, usize) {
        py.detach(|| self.screen().shape())
    }

    /// Hits of each pixel.
    fn grid<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray2<f32>>> {
        let (shape, hits) = py.detach(|| {
            let screen = self.screen();
            (screen.shape(), screen.rows().flatten().copied().collect())
        });
        to_array(py, shape, hits)
    }

    /// Points and pieces of traces that were drawn, and those that were not.
    fn counts(&self, py: Python<'_>) -> (u64, u64) {
        py.detach(|| {
            let screen = self.screen();
            (screen.drawn_count(), screen.dropped_count())
        })
    }
}

fn to_array<T: numpy::Element>(
    py: Python<'_>,
    shape: (usize, usize),
    flat: Vec<T>,
) -> PyResult<Bound<'_, PyArray2<T>>> {
    let array = Array2::from_shape_vec(shape, flat)
        .map_err(|error| to_python(py, &Error::Model(format!("pixels do not fill the picture: {error}"))))?;
    Ok(PyArray2::from_owned_array(py, array))
}

/// Colors of the values of a matrix.
#[pyfunction]
#[pyo3(signature = (values, *, low, high, palette, nan_color, out))]
fn shade_matrix(
    py: Python<'_>,
    values: PyReadonlyArray2<'_, f64>,
    low: f64,
    high: f64,
    palette: PyReadonlyArray1<'_, u32>,
    nan_color: u32,
    mut out: PyReadwriteArray2<'_, u32>,
) -> PyResult<()> {
    if values.shape() != out.shape() {
        let (found, allowed) = (format!("of shape {:?}", out.shape()), format!("{:?}, that of values", values.shape()));
        return Err(to_python(py, &Error::parameter("out", found, allowed)));
    }
    let values = values.as_slice().map_err(|_| gaps(py, "values"))?;
    let palette = palette.as_slice().map_err(|_| gaps(py, "palette"))?;
    let pixels = out.as_slice_mut().map_err(|_| gaps(py, "out"))?;
    compute(py, || pictures::shade_matrix(values, low, high, &Palette::new(palette)?, nan_color, pixels))
}

/// Extremes of a trace by column of pixels.
#[pyfunction]
#[pyo3(signature = (x, y, *, columns_count))]
fn decimate_trace<'py>(
    py: Python<'py>,
    x: ColumnIn<'py>,
    y: ColumnIn<'py>,
    columns_count: usize,
) -> PyResult<(ColumnOut<'py>, ColumnOut<'py>)> {
    let (x, y) = (numbers(py, "x", &x)?, numbers(py, "y", &y)?);
    let kept = compute(py, || pictures::decimate_trace(x, y, columns_count))?;
    Ok((PyArray1::from_vec(py, kept.x), PyArray1::from_vec(py, kept.y)))
}

/// Adds this file's names to the extension.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Persistence>()?;
    module.add_function(wrap_pyfunction!(shade_matrix, module)?)?;
    module.add_function(wrap_pyfunction!(decimate_trace, module)?)
}
