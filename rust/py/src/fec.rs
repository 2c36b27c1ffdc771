//! FEC formulas.

use crate::border::{compute, map_array};
use lightlane_core::fec::{self, ErrorBursts, FecKind, FecScheme, LaneErrors, LaneMultiplexing};
use lightlane_core::interpolate::Points;
use lightlane_core::{Error, Result};
use numpy::{PyArray1, PyArrayDyn, PyReadonlyArray1, PyReadonlyArray2, PyReadonlyArrayDyn};
use pyo3::prelude::*;

/// Codeword error ratio, post-FEC BER and frame loss ratio of modules.
type ModuleColumns<'py> = (Bound<'py, PyArray1<f64>>, Bound<'py, PyArray1<f64>>, Bound<'py, PyArray1<f64>>);

/// Codeword error ratio of KP4 at a pre-FEC bit error ratio.
#[pyfunction]
fn kp4_codeword_error_ratio<'py>(
    py: Python<'py>,
    pre_fec_ber: PyReadonlyArrayDyn<'py, f64>,
) -> PyResult<Bound<'py, PyArrayDyn<f64>>> {
    map_array(py, &pre_fec_ber, |ber| Ok(fec::kp4_from_bit_errors(ber).codeword_error_ratio))
}

/// Bit error ratio after KP4 at a pre-FEC bit error ratio.
#[pyfunction]
fn kp4_post_fec_ber<'py>(
    py: Python<'py>,
    pre_fec_ber: PyReadonlyArrayDyn<'py, f64>,
) -> PyResult<Bound<'py, PyArrayDyn<f64>>> {
    map_array(py, &pre_fec_ber, |ber| Ok(fec::kp4_from_bit_errors(ber).post_fec_ber))
}

/// Loss ratio of 64-octet frames behind KP4.
#[pyfunction]
#[pyo3(signature = (codeword_error_ratio, *, interleaved_codewords_count))]
fn kp4_frame_loss_ratio<'py>(
    py: Python<'py>,
    codeword_error_ratio: PyReadonlyArrayDyn<'py, f64>,
    interleaved_codewords_count: u32,
) -> PyResult<Bound<'py, PyArrayDyn<f64>>> {
    map_array(py, &codeword_error_ratio, |ratio| Ok(fec::frame_loss_ratio(ratio, interleaved_codewords_count)))
}

/// What all lanes of a module share.
#[derive(Clone)]
struct LaneRule {
    inner: Option<(Vec<f64>, Vec<f64>)>,
    bursts: Option<(ErrorBursts, LaneMultiplexing)>,
    interleaved_codewords_count: u32,
}

impl LaneRule {
    fn new(
        inner: Option<(Vec<f64>, Vec<f64>)>,
        continuation_ratio: Option<f64>,
        precoded: bool,
        pcs_lanes_count: Option<u32>,
        interleaved_codewords_count: u32,
    ) -> Self {
        let multiplexing = pcs_lanes_count
            .map_or(LaneMultiplexing::Symbol, |pcs_lanes_count| LaneMultiplexing::Bit { pcs_lanes_count });
        Self {
            inner,
            bursts: continuation_ratio
                .map(|continuation_ratio| (ErrorBursts { continuation_ratio, precoded }, multiplexing)),
            interleaved_codewords_count,
        }
    }

    fn lane(&self, pre_fec_ber: f64) -> Result<Option<LaneErrors>> {
        if let Some((bursts, multiplexing)) = self.bursts {
            let errors = LaneErrors::Bursts { pam4_symbol_error_ratio: 2.0 * pre_fec_ber, bursts, multiplexing };
            return Ok((!pre_fec_ber.is_nan()).then_some(errors));
        }
        let (kind, points) = match &self.inner {
            Some((x, y)) => (FecKind::InnerKp4, Points::new(x, y)?),
            None => (FecKind::Kp4, Points::new(&[], &[])?),
        };
        let scheme = FecScheme {
            kind,
            threshold_ber: f64::NAN,
            points,
            interleaved_codewords_count: self.interleaved_codewords_count,
        };
        Ok(scheme.lane_errors(pre_fec_ber))
    }

    /// `None` where the BER of a lane is not known.
    fn module(&self, pre_fec_ber: &[f64]) -> Result<Option<fec::ModuleErrors>> {
        let lanes: Option<Vec<LaneErrors>> =
            pre_fec_ber.iter().map(|&ber| self.lane(ber)).collect::<Result<Vec<_>>>()?.into_iter().collect();
        lanes.map(|lanes| fec::module_errors(&lanes, self.interleaved_codewords_count)).transpose()
    }
}

/// Codeword error ratio, post-FEC BER and frame loss ratio of modules; a row of BERs per module, a column per lane.
#[pyfunction]
#[pyo3(signature = (pre_fec_ber, *, interleaved_codewords_count, inner_pre_fec_ber=None, inner_symbol_error_ratio=None, continuation_ratio=None, precoded=false, pcs_lanes_count=None))]
fn module_frame_loss<'py>(
    py: Python<'py>,
    pre_fec_ber: PyReadonlyArray2<'py, f64>,
    interleaved_codewords_count: u32,
    inner_pre_fec_ber: Option<PyReadonlyArray1<'py, f64>>,
    inner_symbol_error_ratio: Option<PyReadonlyArray1<'py, f64>>,
    continuation_ratio: Option<f64>,
    precoded: bool,
    pcs_lanes_count: Option<u32>,
) -> PyResult<ModuleColumns<'py>> {
    let inner =
        inner_pre_fec_ber.zip(inner_symbol_error_ratio).map(|(x, y)| (x.as_array().to_vec(), y.as_array().to_vec()));
    let rule = LaneRule::new(inner, continuation_ratio, precoded, pcs_lanes_count, interleaved_codewords_count);
    let rows: Vec<Vec<f64>> = pre_fec_ber.as_array().rows().into_iter().map(|row| row.to_vec()).collect();
    let found = compute(py, || {
        rows.iter()
            .map(|row| {
                let errors = rule.module(row)?;
                Ok(errors.map_or([f64::NAN; 3], |e| [e.codeword_error_ratio, e.post_fec_ber, e.frame_loss_ratio]))
            })
            .collect::<Result<Vec<_>>>()
    })?;
    let column = |k: usize| PyArray1::from_iter(py, found.iter().map(|row| row[k]));
    Ok((column(0), column(1), column(2)))
}

/// Probabilities of 0, 1, 2 ... symbol errors in a codeword of one module.
#[pyfunction]
#[pyo3(signature = (pre_fec_ber, *, interleaved_codewords_count, inner_pre_fec_ber=None, inner_symbol_error_ratio=None, continuation_ratio=None, precoded=false, pcs_lanes_count=None))]
fn block_symbol_errors<'py>(
    py: Python<'py>,
    pre_fec_ber: PyReadonlyArray1<'py, f64>,
    interleaved_codewords_count: u32,
    inner_pre_fec_ber: Option<PyReadonlyArray1<'py, f64>>,
    inner_symbol_error_ratio: Option<PyReadonlyArray1<'py, f64>>,
    continuation_ratio: Option<f64>,
    precoded: bool,
    pcs_lanes_count: Option<u32>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let inner =
        inner_pre_fec_ber.zip(inner_symbol_error_ratio).map(|(x, y)| (x.as_array().to_vec(), y.as_array().to_vec()));
    let rule = LaneRule::new(inner, continuation_ratio, precoded, pcs_lanes_count, interleaved_codewords_count);
    let lanes = pre_fec_ber.as_array().to_vec();
    let errors = compute(py, || {
        rule.module(&lanes)?.ok_or_else(|| Error::parameter("pre_fec_ber", "NaN", "a ratio for every lane"))
    })?;
    Ok(PyArray1::from_vec(py, errors.symbol_errors_ratio))
}

/// Ratio of outer symbols that hard decoding of Hamming(128,120) leaves in error.
#[pyfunction]
fn hamming_hard_symbol_error_ratio<'py>(
    py: Python<'py>,
    pre_fec_ber: PyReadonlyArrayDyn<'py, f64>,
) -> PyResult<Bound<'py, PyArrayDyn<f64>>> {
    map_array(py, &pre_fec_ber, |ber| Ok(fec::hamming_hard_symbol_error_ratio(ber)))
}

/// Union bound of the ratio of outer symbols that soft decoding of Hamming(128,120) leaves in error.
#[pyfunction]
fn hamming_soft_symbol_error_bound<'py>(
    py: Python<'py>,
    pre_fec_ber: PyReadonlyArrayDyn<'py, f64>,
) -> PyResult<Bound<'py, PyArrayDyn<f64>>> {
    map_array(py, &pre_fec_ber, |ber| Ok(fec::hamming_soft_symbol_error_bound(ber)))
}

/// Probability that a PAM4 decision behind one tap of decision feedback is wrong if the one before it was.
#[pyfunction]
#[pyo3(signature = (tap_ratio, *, distance_over_sigma_ratio))]
fn feedback_continuation_ratio(py: Python<'_>, tap_ratio: f64, distance_over_sigma_ratio: f64) -> PyResult<f64> {
    compute(py, || fec::feedback_continuation_ratio(tap_ratio, distance_over_sigma_ratio))
}

/// Post-FEC BER and frame loss ratio that a scheme leaves at a pre-FEC BER: `kp4`, `inner_kp4` or `table`, with its points.
#[pyfunction]
#[pyo3(signature = (pre_fec_ber, *, kind, point_ber, point_ratio, interleaved_codewords_count))]
fn apply_fec(
    py: Python<'_>,
    pre_fec_ber: f64,
    kind: &str,
    point_ber: PyReadonlyArray1<'_, f64>,
    point_ratio: PyReadonlyArray1<'_, f64>,
    interleaved_codewords_count: u32,
) -> PyResult<(f64, f64)> {
    let (x, y) = (point_ber.as_array().to_vec(), point_ratio.as_array().to_vec());
    compute(py, || {
        let kind = match kind {
            "kp4" => FecKind::Kp4,
            "inner_kp4" => FecKind::InnerKp4,
            "table" => FecKind::Table,
            other => return Err(Error::parameter("kind", other, "kp4, inner_kp4 or table")),
        };
        let points = Points::new(&x, &y)?;
        let left = FecScheme { kind, threshold_ber: f64::NAN, points, interleaved_codewords_count }.apply(pre_fec_ber);
        Ok((left.post_fec_ber, left.frame_loss_ratio))
    })
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(apply_fec, module)?)?;
    module.add_function(wrap_pyfunction!(kp4_codeword_error_ratio, module)?)?;
    module.add_function(wrap_pyfunction!(kp4_post_fec_ber, module)?)?;
    module.add_function(wrap_pyfunction!(kp4_frame_loss_ratio, module)?)?;
    module.add_function(wrap_pyfunction!(module_frame_loss, module)?)?;
    module.add_function(wrap_pyfunction!(block_symbol_errors, module)?)?;
    module.add_function(wrap_pyfunction!(hamming_hard_symbol_error_ratio, module)?)?;
    module.add_function(wrap_pyfunction!(hamming_soft_symbol_error_bound, module)?)?;
    module.add_function(wrap_pyfunction!(feedback_continuation_ratio, module)?)
}
