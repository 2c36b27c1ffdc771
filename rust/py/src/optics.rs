//! Filters, crosstalk and the coherent receiver.

use crate::border::{compute, map_array, to_python};
use lightlane_core::optics::{
    self, ColorlessReceiver, FilterCascade, Neighbor, NoiseStage, Passband, ReceiverCurve, ReceiverNoise,
};
use lightlane_core::signal::RaisedCosine;
use lightlane_core::{Error, Result};
use numpy::{PyArray1, PyArrayDyn, PyReadonlyArray1, PyReadonlyArrayDyn};
use pyo3::prelude::*;

/// Owned columns of a cascade.
struct Cascade {
    width_3db_hz: Vec<f64>,
    width_10db_hz: Vec<f64>,
    center_offset_hz: Vec<f64>,
    shape: String,
}

impl Cascade {
    fn new(
        width_3db_hz: &PyReadonlyArray1<'_, f64>,
        width_10db_hz: &PyReadonlyArray1<'_, f64>,
        center_offset_hz: &PyReadonlyArray1<'_, f64>,
        shape: &str,
    ) -> Self {
        Self {
            width_3db_hz: width_3db_hz.as_array().to_vec(),
            width_10db_hz: width_10db_hz.as_array().to_vec(),
            center_offset_hz: center_offset_hz.as_array().to_vec(),
            shape: shape.to_owned(),
        }
    }

    fn passbands(&self) -> Result<Vec<Passband>> {
        let lengths = (self.width_3db_hz.len(), self.width_10db_hz.len(), self.center_offset_hz.len());
        if lengths.1 != lengths.0 || lengths.2 != lengths.0 {
            return Err(Error::parameter("passbands", format!("{lengths:?} entries"), "columns of one length"));
        }
        let make = match self.shape.as_str() {
            "flat_top" => Passband::flat_top,
            "super_gaussian" => Passband::super_gaussian,
            other => return Err(Error::parameter("shape", other, "flat_top or super_gaussian")),
        };
        let widths = self.width_3db_hz.iter().zip(&self.width_10db_hz).zip(&self.center_offset_hz);
        widths.map(|((&near, &far), &center)| make(near, far, center)).collect()
    }
}

/// Power transmission of a cascade over the offset from the signal's center.
#[pyfunction]
#[pyo3(signature = (offset_hz, *, width_3db_hz, width_10db_hz, center_offset_hz, shape))]
fn cascade_power_ratio<'py>(
    py: Python<'py>,
    offset_hz: PyReadonlyArrayDyn<'py, f64>,
    width_3db_hz: PyReadonlyArray1<'py, f64>,
    width_10db_hz: PyReadonlyArray1<'py, f64>,
    center_offset_hz: PyReadonlyArray1<'py, f64>,
    shape: &str,
) -> PyResult<Bound<'py, PyArrayDyn<f64>>> {
    let cascade = Cascade::new(&width_3db_hz, &width_10db_hz, &center_offset_hz, shape);
    let passbands = cascade.passbands().map_err(|error| to_python(py, &error))?;
    map_array(py, &offset_hz, |offset| Ok(optics::cascade_power_ratio(&passbands, offset)))
}

/// Full width of a cascade at a depth below its peak.
#[pyfunction]
#[pyo3(signature = (depth_db, *, width_3db_hz, width_10db_hz, center_offset_hz, shape))]
fn cascade_width_hz<'py>(
    py: Python<'py>,
    depth_db: f64,
    width_3db_hz: PyReadonlyArray1<'py, f64>,
    width_10db_hz: PyReadonlyArray1<'py, f64>,
    center_offset_hz: PyReadonlyArray1<'py, f64>,
    shape: &str,
) -> PyResult<f64> {
    let cascade = Cascade::new(&width_3db_hz, &width_10db_hz, &center_offset_hz, shape);
    compute(py, || optics::cascade_width_hz(&cascade.passbands()?, depth_db))
}

/// SNR after filters and equalizer, the share of power passed, and the penalty in line noise.
#[pyfunction]
#[pyo3(signature = (line_noise_ratio, passbands_before_count, *, receiver_noise_ratio, symbol_rate_hz, roll_off,
                    width_3db_hz, width_10db_hz, center_offset_hz, shape))]
fn send_through_passbands<'py>(
    py: Python<'py>,
    line_noise_ratio: PyReadonlyArray1<'py, f64>,
    passbands_before_count: PyReadonlyArray1<'py, i64>,
    receiver_noise_ratio: f64,
    symbol_rate_hz: f64,
    roll_off: f64,
    width_3db_hz: PyReadonlyArray1<'py, f64>,
    width_10db_hz: PyReadonlyArray1<'py, f64>,
    center_offset_hz: PyReadonlyArray1<'py, f64>,
    shape: &str,
) -> PyResult<(f64, f64, f64)> {
    let cascade = Cascade::new(&width_3db_hz, &width_10db_hz, &center_offset_hz, shape);
    let noise = line_noise_ratio.as_array().to_vec();
    let before = passbands_before_count.as_array().to_vec();
    compute(py, || {
        if noise.len() != before.len() {
            let found = format!("{} noise ratios and {} counts", noise.len(), before.len());
            return Err(Error::parameter("line", found, "columns of one length"));
        }
        let passbands = cascade.passbands()?;
        let line = noise
            .iter()
            .zip(&before)
            .map(|(&noise_ratio, &count)| {
                let passbands_before_count = usize::try_from(count)
                    .map_err(|_| Error::parameter("passbands_before_count", count, "a number of 0 or more"))?;
                Ok(NoiseStage { noise_ratio, passbands_before_count })
            })
            .collect::<Result<Vec<_>>>()?;
        let signal = RaisedCosine::new(symbol_rate_hz, roll_off)?;
        let line_noise_ratio: f64 = line.iter().map(|stage| stage.noise_ratio).sum();
        if line_noise_ratio <= 0.0 {
            return Err(Error::parameter("line_noise_ratio", line_noise_ratio, "noise at one stage or more"));
        }
        let receiver = NoiseStage { noise_ratio: receiver_noise_ratio, passbands_before_count: passbands.len() };
        let stages: Vec<_> = line.into_iter().chain([receiver]).collect();
        let filtered = FilterCascade::new(&signal, &passbands).send(&stages)?;
        let penalty_db = filtered.penalty_db(line_noise_ratio, receiver_noise_ratio);
        Ok((filtered.snr_ratio, filtered.power_ratio, penalty_db))
    })
}

/// Crosstalk of one neighbor after the matched filter over the spacing.
#[pyfunction]
#[pyo3(signature = (spacing_hz, *, symbol_rate_hz, roll_off, neighbor_symbol_rate_hz, neighbor_roll_off_ratio, power_ratio,
                    width_3db_hz, width_10db_hz, center_offset_hz, shape))]
fn neighbor_crosstalk_ratio<'py>(
    py: Python<'py>,
    spacing_hz: PyReadonlyArrayDyn<'py, f64>,
    symbol_rate_hz: f64,
    roll_off: f64,
    neighbor_symbol_rate_hz: f64,
    neighbor_roll_off_ratio: f64,
    power_ratio: f64,
    width_3db_hz: PyReadonlyArray1<'py, f64>,
    width_10db_hz: PyReadonlyArray1<'py, f64>,
    center_offset_hz: PyReadonlyArray1<'py, f64>,
    shape: &str,
) -> PyResult<Bound<'py, PyArrayDyn<f64>>> {
    let cascade = Cascade::new(&width_3db_hz, &width_10db_hz, &center_offset_hz, shape);
    let prepared = compute(py, || {
        Ok((
            RaisedCosine::new(symbol_rate_hz, roll_off)?,
            RaisedCosine::new(neighbor_symbol_rate_hz, neighbor_roll_off_ratio)?,
            cascade.passbands()?,
        ))
    })?;
    let (signal, spectrum, passbands) = prepared;
    map_array(py, &spacing_hz, |spacing_hz| {
        let neighbor = Neighbor { spectrum, spacing_hz, power_ratio, passbands: &passbands };
        optics::neighbor_crosstalk_ratio(&signal, &neighbor)
    })
}

/// Crosstalk of leaks at the signal's own center.
#[pyfunction]
#[pyo3(signature = (levels_db, *, symbol_rate_hz, roll_off))]
fn in_band_crosstalk_ratio(
    py: Python<'_>,
    levels_db: PyReadonlyArray1<'_, f64>,
    symbol_rate_hz: f64,
    roll_off: f64,
) -> PyResult<f64> {
    let levels = levels_db.as_array().to_vec();
    compute(py, || optics::in_band_crosstalk_ratio(&RaisedCosine::new(symbol_rate_hz, roll_off)?, &levels))
}

/// Noise in 12.5 GHz that other transmitters throw into a channel.
#[pyfunction]
#[pyo3(signature = (level_db, isolation_db, out_of_band_osnr_db))]
fn out_of_band_noise_ratio(
    py: Python<'_>,
    level_db: PyReadonlyArray1<'_, f64>,
    isolation_db: PyReadonlyArray1<'_, f64>,
    out_of_band_osnr_db: PyReadonlyArray1<'_, f64>,
) -> PyResult<f64> {
    let columns = [level_db, isolation_db, out_of_band_osnr_db].map(|column| column.as_array().to_vec());
    compute(py, || optics::out_of_band_noise_ratio(&columns[0], &columns[1], &columns[2]))
}

/// Parameters, powers of the points and distances of a fitted receiver.
type ReceiverAnswer<'py> =
    (Bound<'py, PyArray1<f64>>, Bound<'py, PyArray1<f64>>, Bound<'py, PyArray1<f64>>, Bound<'py, PyArray1<f64>>);

/// Fits a receiver to required OSNR over received power: figures of its law (ample OSNR, three shares, knee and least
/// power); powers, noise shares and distances of its points.
#[pyfunction]
#[pyo3(signature = (power_dbm, osnr_db, *, sensitivity_dbm=None))]
fn fit_receiver<'py>(
    py: Python<'py>,
    power_dbm: PyReadonlyArray1<'py, f64>,
    osnr_db: PyReadonlyArray1<'py, f64>,
    sensitivity_dbm: Option<f64>,
) -> PyResult<ReceiverAnswer<'py>> {
    let columns = [power_dbm, osnr_db].map(|column| column.as_array().to_vec());
    let fit = compute(py, || ReceiverCurve::fit(&columns[0], &columns[1], sensitivity_dbm))?;
    let law = fit.curve.law;
    let figures = vec![
        law.ample_osnr_db,
        law.line_ratio,
        law.inverse_power_ratio,
        law.inverse_square_ratio,
        law.knee_power_dbm,
        law.least_power_dbm,
    ];
    let column = |values| PyArray1::from_vec(py, values);
    Ok((column(figures), column(fit.curve.power_dbm), column(fit.curve.share_ratio), column(fit.distance_db)))
}

/// Required OSNR of a receiver over received power; NaN below its hard end.
#[pyfunction]
#[pyo3(signature = (power_dbm, point_power_dbm, point_share_ratio, *, ample_osnr_db, line_ratio, inverse_power_ratio,
                    inverse_square_ratio, knee_power_dbm, least_power_dbm))]
fn receiver_required_osnr_db<'py>(
    py: Python<'py>,
    power_dbm: PyReadonlyArrayDyn<'py, f64>,
    point_power_dbm: PyReadonlyArray1<'py, f64>,
    point_share_ratio: PyReadonlyArray1<'py, f64>,
    ample_osnr_db: f64,
    line_ratio: f64,
    inverse_power_ratio: f64,
    inverse_square_ratio: f64,
    knee_power_dbm: f64,
    least_power_dbm: f64,
) -> PyResult<Bound<'py, PyArrayDyn<f64>>> {
    let law = ReceiverNoise {
        ample_osnr_db,
        line_ratio,
        inverse_power_ratio,
        inverse_square_ratio,
        knee_power_dbm,
        least_power_dbm,
    };
    let [powers, shares] = [point_power_dbm, point_share_ratio].map(|column| column.as_array().to_vec());
    let receiver = ReceiverCurve::new(law, powers, shares).map_err(|error| to_python(py, &error))?;
    map_array(py, &power_dbm, |power| Ok(receiver.required_osnr_db(power).unwrap_or(f64::NAN)))
}

/// Noise that too little power makes over the bearable noise of a receiver; NaN where nothing says how it grows.
#[pyfunction]
#[pyo3(signature = (power_dbm, point_power_dbm, point_share_ratio, *, ample_osnr_db, line_ratio, inverse_power_ratio,
                    inverse_square_ratio, knee_power_dbm, least_power_dbm))]
fn receiver_noise_share_ratio<'py>(
    py: Python<'py>,
    power_dbm: PyReadonlyArrayDyn<'py, f64>,
    point_power_dbm: PyReadonlyArray1<'py, f64>,
    point_share_ratio: PyReadonlyArray1<'py, f64>,
    ample_osnr_db: f64,
    line_ratio: f64,
    inverse_power_ratio: f64,
    inverse_square_ratio: f64,
    knee_power_dbm: f64,
    least_power_dbm: f64,
) -> PyResult<Bound<'py, PyArrayDyn<f64>>> {
    let law = ReceiverNoise {
        ample_osnr_db,
        line_ratio,
        inverse_power_ratio,
        inverse_square_ratio,
        knee_power_dbm,
        least_power_dbm,
    };
    let [powers, shares] = [point_power_dbm, point_share_ratio].map(|column| column.as_array().to_vec());
    let receiver = ReceiverCurve::new(law, powers, shares).map_err(|error| to_python(py, &error))?;
    map_array(py, &power_dbm, |power| Ok(receiver.noise_share_ratio(power).unwrap_or(f64::NAN)))
}

/// Rejection of a colorless receiver fitted to penalties, and the worst misfit (dB).
#[pyfunction]
fn fit_colorless_receiver(
    py: Python<'_>,
    total_to_channel_db: PyReadonlyArray1<'_, f64>,
    penalty_db: PyReadonlyArray1<'_, f64>,
) -> PyResult<(f64, f64)> {
    let columns = [total_to_channel_db, penalty_db].map(|column| column.as_array().to_vec());
    let (receiver, worst_db) = compute(py, || ColorlessReceiver::fit(&columns[0], &columns[1]))?;
    Ok((receiver.rejection_ratio, worst_db))
}

/// Penalty of a colorless receiver over the ratio of total to channel power; NaN where the others are too much.
#[pyfunction]
#[pyo3(signature = (total_to_channel_db, *, rejection_ratio))]
fn colorless_penalty_db<'py>(
    py: Python<'py>,
    total_to_channel_db: PyReadonlyArrayDyn<'py, f64>,
    rejection_ratio: f64,
) -> PyResult<Bound<'py, PyArrayDyn<f64>>> {
    let receiver = ColorlessReceiver { rejection_ratio };
    map_array(py, &total_to_channel_db, |ratio| Ok(receiver.penalty_db(ratio).unwrap_or(f64::NAN)))
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(cascade_power_ratio, module)?)?;
    module.add_function(wrap_pyfunction!(cascade_width_hz, module)?)?;
    module.add_function(wrap_pyfunction!(send_through_passbands, module)?)?;
    module.add_function(wrap_pyfunction!(neighbor_crosstalk_ratio, module)?)?;
    module.add_function(wrap_pyfunction!(in_band_crosstalk_ratio, module)?)?;
    module.add_function(wrap_pyfunction!(out_of_band_noise_ratio, module)?)?;
    module.add_function(wrap_pyfunction!(fit_receiver, module)?)?;
    module.add_function(wrap_pyfunction!(receiver_required_osnr_db, module)?)?;
    module.add_function(wrap_pyfunction!(receiver_noise_share_ratio, module)?)?;
    module.add_function(wrap_pyfunction!(fit_colorless_receiver, module)?)?;
    module.add_function(wrap_pyfunction!(colorless_penalty_db, module)?)
}
