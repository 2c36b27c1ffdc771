//! Sampled PAM4 lanes: power at the detector, received current, equalizer, decisions, error ratios.

use crate::border::{Columns, compute, to_python};
use crate::direct::{equalizer_of, response_of};
use crate::lane_tables::DirectModeColumns;
use lightlane_core::budget::direct_front_end as front_end;
use lightlane_core::dsp::{LmsEqualizer, Pam4Slicer, fit_equalizer};
use lightlane_core::metrics::NoisyDecisions;
use lightlane_core::optics::{
    DecisionNoise, DrivePulse, Pam4Modulator, Pam4Source, Photodetector, SampledReceiver, SamplingGrid,
};
use lightlane_core::rng::RandomSource;
use lightlane_core::sampled::{DirectPath, Echo, detect_power, launch_field};
use lightlane_core::{Error, Result};
use numpy::{Complex64, PyArray1, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::f64::consts::TAU;

type Column<'py> = Bound<'py, PyArray1<f64>>;
type Floats<'py> = PyReadonlyArray1<'py, f64>;

/// A measured response: complex gain at frequencies that rise from 0, straight lines in between, nothing beyond the last.
struct MeasuredResponse {
    frequency_hz: Vec<f64>,
    gain: Vec<Complex64>,
}

impl MeasuredResponse {
    fn new(frequency_hz: &Floats<'_>, gain: &PyReadonlyArray1<'_, Complex64>) -> Result<Self> {
        let (frequency_hz, gain) = (frequency_hz.as_array().to_vec(), gain.as_array().to_vec());
        if frequency_hz.len() != gain.len() || gain.len() < 2 {
            return Err(Error::parameter("measured response", gain.len(), "as many gains as frequencies, 2 or more"));
        }
        if frequency_hz[0] != 0.0 || !frequency_hz.windows(2).all(|pair| pair[0] < pair[1]) {
            return Err(Error::parameter("frequencies of the response", "not so", "numbers that rise from 0"));
        }
        Ok(Self { frequency_hz, gain })
    }

    fn at(&self, frequency_hz: f64) -> Complex64 {
        let wanted = frequency_hz.abs();
        let after = self.frequency_hz.partition_point(|&known| known <= wanted);
        let (Some(low), Some(high)) = (self.frequency_hz.get(after.wrapping_sub(1)), self.frequency_hz.get(after))
        else {
            return if self.frequency_hz.last() == Some(&wanted) {
                self.gain[self.gain.len() - 1]
            } else {
                Complex64::default()
            };
        };
        let share = (wanted - low) / (high - low);
        let gain = self.gain[after - 1] * (1.0 - share) + self.gain[after] * share;
        if frequency_hz < 0.0 { gain.conj() } else { gain }
    }
}

/// A dictionary of numbers.
struct Figures<'a, 'py>(&'a Bound<'py, PyDict>);

impl Figures<'_, '_> {
    fn get(&self, name: &str) -> PyResult<f64> {
        let missing = || to_python(self.0.py(), &Error::parameter(name, "nothing", "a number"));
        self.0.get_item(name)?.ok_or_else(missing)?.extract()
    }
}

/// How a transmitter makes its light, as Python hands it over.
struct TransmitterIn {
    symbol_rate_hz: f64,
    samples_per_symbol: usize,
    modulator: Pam4Modulator,
    extinction_ratio_db: f64,
    level_mismatch_ratio: f64,
    taps: (Vec<f64>, usize),
    response: (String, Option<f64>),
    measured: Option<MeasuredResponse>,
}

impl TransmitterIn {
    fn new(
        figure: &Figures<'_, '_>,
        modulator: &str,
        samples_per_symbol: usize,
        taps: (Vec<f64>, usize),
        response: (String, Option<f64>),
        measured: Option<(Floats<'_>, PyReadonlyArray1<'_, Complex64>)>,
    ) -> PyResult<Self> {
        let py = figure.0.py();
        let chirp_alpha = figure.get("chirp_alpha")?;
        let modulator = match modulator {
            "intensity" => {
                Pam4Modulator::Intensity { chirp_alpha, adiabatic_chirp_hz: figure.get("adiabatic_chirp_hz")? }
            }
            "mach_zehnder" => Pam4Modulator::MachZehnder { chirp_alpha },
            other => return Err(to_python(py, &Error::parameter("modulator", other, "intensity or mach_zehnder"))),
        };
        let measured = measured.map(|(frequency_hz, gain)| MeasuredResponse::new(&frequency_hz, &gain)).transpose();
        Ok(Self {
            symbol_rate_hz: figure.get("symbol_rate_hz")?,
            samples_per_symbol,
            modulator,
            extinction_ratio_db: figure.get("extinction_ratio_db")?,
            level_mismatch_ratio: figure.get("level_mismatch_ratio")?,
            taps,
            response,
            measured: measured.map_err(|error| to_python(py, &error))?,
        })
    }

    fn source(&self) -> Result<Pam4Source> {
        let (taps, main_tap) = (&self.taps.0, self.taps.1);
        let shaped = |response: &dyn Fn(f64) -> Complex64| {
            DrivePulse::new(self.symbol_rate_hz, self.samples_per_symbol, (taps, main_tap), response)
        };
        let pulse = if let Some(known) = &self.measured {
            shaped(&|f| known.at(f))?
        } else {
            let known = response_of(&self.response.0, self.response.1)?;
            known.validate()?;
            shaped(&|f| known.at(f))?
        };
        Pam4Source::new(pulse, self.modulator, self.symbol_rate_hz, self.extinction_ratio_db, self.level_mismatch_ratio)
    }
}

/// Field of a transmitter over the root of the outer OMA, all samples of a period.
#[pyfunction]
#[pyo3(signature = (symbols, edge_delay_ratio, *, figures, modulator, samples_per_symbol, pre_emphasis_ratio, main_tap, response,
    measured=None))]
fn pam4_field<'py>(
    py: Python<'py>,
    symbols: PyReadonlyArray1<'py, u8>,
    edge_delay_ratio: Floats<'py>,
    figures: &Bound<'py, PyDict>,
    modulator: &str,
    samples_per_symbol: usize,
    pre_emphasis_ratio: Floats<'py>,
    main_tap: usize,
    response: (String, Option<f64>),
    measured: Option<(Floats<'py>, PyReadonlyArray1<'py, Complex64>)>,
) -> PyResult<Bound<'py, PyArray1<Complex64>>> {
    let taps = (pre_emphasis_ratio.as_array().to_vec(), main_tap);
    let transmitter = TransmitterIn::new(&Figures(figures), modulator, samples_per_symbol, taps, response, measured)?;
    let (symbols, edges) = (symbols.as_array().to_vec(), edge_delay_ratio.as_array().to_vec());
    let field = compute(py, || {
        let source = transmitter.source()?;
        launch_field(&source, &source.prepare(&symbols, &edges)?)
    })?;
    Ok(PyArray1::from_vec(py, field))
}

/// Optical power at the detector over the outer OMA at launch, all samples of a period.
#[pyfunction]
#[pyo3(signature = (symbols, edge_delay_ratio, *, figures, modulator, samples_per_symbol, pre_emphasis_ratio, main_tap, response,
    measured=None, echo_delay_count, echo_amplitude_ratio, echo_phase_rad, joining_ratio=None))]
fn pam4_power<'py>(
    py: Python<'py>,
    symbols: PyReadonlyArray1<'py, u8>,
    edge_delay_ratio: Floats<'py>,
    figures: &Bound<'py, PyDict>,
    modulator: &str,
    samples_per_symbol: usize,
    pre_emphasis_ratio: Floats<'py>,
    main_tap: usize,
    response: (String, Option<f64>),
    measured: Option<(Floats<'py>, PyReadonlyArray1<'py, Complex64>)>,
    echo_delay_count: PyReadonlyArray1<'py, i64>,
    echo_amplitude_ratio: Floats<'py>,
    echo_phase_rad: PyReadonlyArray2<'py, f64>,
    joining_ratio: Option<PyReadonlyArray1<'py, Complex64>>,
) -> PyResult<Column<'py>> {
    let figure = Figures(figures);
    let taps = (pre_emphasis_ratio.as_array().to_vec(), main_tap);
    let transmitter = TransmitterIn::new(&figure, modulator, samples_per_symbol, taps, response, measured)?;
    let phases = echo_phase_rad.as_array();
    let delays = echo_delay_count.as_array();
    let echoes = (0..phases.nrows().min(delays.len()))
        .map(|row| Echo {
            delay_symbols: usize::try_from(delays[row]).unwrap_or(0),
            amplitude_ratio: echo_amplitude_ratio.as_array()[row],
            phase_rad: phases.row(row).to_vec(),
        })
        .collect();
    let path = DirectPath {
        wavelength_m: figure.get("wavelength_m")?,
        dispersion_s_per_m: figure.get("dispersion_s_per_m")?,
        slope_s_per_m2: figure.get("slope_s_per_m2")?,
        dgd_s: figure.get("dgd_s")?,
        slow_power_ratio: figure.get("slow_power_ratio")?,
        echoes,
        joining: joining_ratio.map(|field| field.as_array().to_vec()).unwrap_or_default(),
    };
    let (symbols, edges) = (symbols.as_array().to_vec(), edge_delay_ratio.as_array().to_vec());
    let power = compute(py, || {
        let source = transmitter.source()?;
        detect_power(&source, &source.prepare(&symbols, &edges)?, transmitter.symbol_rate_hz, &path)
    })?;
    Ok(PyArray1::from_vec(py, power))
}

/// A photodetector with its amplifier, sampled.
#[pyclass(name = "SampledReceiver", frozen)]
struct PySampledReceiver(SampledReceiver);

#[pymethods]
impl PySampledReceiver {
    #[new]
    #[pyo3(signature = (*, figures, samples_per_symbol, response, delay_ui=0.0))]
    fn new(
        py: Python<'_>,
        figures: &Bound<'_, PyDict>,
        samples_per_symbol: usize,
        response: (String, Option<f64>),
        delay_ui: f64,
    ) -> PyResult<Self> {
        let figure = Figures(figures);
        let detector = Photodetector {
            responsivity_a_per_w: figure.get("responsivity_a_per_w")?,
            gain_ratio: figure.get("gain_ratio")?,
            ionization_ratio: figure.get("ionization_ratio")?,
            dark_current_a: figure.get("dark_current_a")?,
        };
        let (thermal, intensity) = (figure.get("thermal_a2_per_hz")?, figure.get("intensity_per_hz")?);
        let amplified_w_per_hz = figure.get("amplified_w_per_hz")?;
        let rate_hz = figure.get("symbol_rate_hz")?;
        compute(py, || {
            let known = response_of(&response.0, response.1)?;
            known.validate()?;
            let delayed = |f: f64| known.at(f) * Complex64::cis(-TAU * f * delay_ui / rate_hz);
            SampledReceiver::new(detector, thermal, intensity, (rate_hz, samples_per_symbol), delayed)?
                .behind_amplifier(amplified_w_per_hz)
                .map(Self)
        })
    }

    /// Current on a grid of the waveform; with noise of a stream where there is one.
    #[pyo3(signature = (power_w, *, first, step, noise))]
    fn receive<'py>(
        &self,
        py: Python<'py>,
        power_w: Floats<'py>,
        first: usize,
        step: usize,
        noise: Option<(u64, u64)>,
    ) -> PyResult<Column<'py>> {
        let power_w = power_w.as_slice()?;
        let current = compute(py, || {
            let source = noise.map(|(seed, stream)| RandomSource::new(seed, stream, 0));
            self.0.receive(power_w, SamplingGrid { first, step }, source.as_ref())
        })?;
        Ok(PyArray1::from_vec(py, current))
    }

    /// Noise of decisions behind taps: thermal and dark variance, then those of shot and intensity noise by decision.
    #[pyo3(signature = (power_w, *, first, step, taps, lead, tap_step))]
    fn decision_noise<'py>(
        &self,
        py: Python<'py>,
        power_w: Floats<'py>,
        first: usize,
        step: usize,
        taps: Floats<'py>,
        lead: usize,
        tap_step: usize,
    ) -> PyResult<(f64, f64, Column<'py>, Column<'py>)> {
        let (power_w, taps) = (power_w.as_slice()?, taps.as_array().to_vec());
        let found =
            compute(py, || self.0.decision_noise(power_w, SamplingGrid { first, step }, (&taps, lead, tap_step)))?;
        let column = |values: Vec<f64>| PyArray1::from_vec(py, values);
        Ok((found.thermal_a2, found.dark_a2, column(found.shot_a2), column(found.intensity_a2)))
    }

    /// Autocorrelation of the response's noise at lags of so many samples.
    fn noise_autocorrelation<'py>(&self, py: Python<'py>, step: usize, lags_count: usize) -> Column<'py> {
        PyArray1::from_vec(py, self.0.noise_autocorrelation(step, lags_count))
    }

    /// Noise bandwidth.
    fn noise_bandwidth_hz(&self) -> f64 {
        self.0.noise_bandwidth_hz()
    }
}

/// Taps of least squared error: weights, place of the main one, feedback, mean squared error.
#[pyfunction]
#[pyo3(signature = (sample_ratio, sent_ratio, *, equalizer, tap_limits, noise_variance_ratio, noise_autocorrelation_ratio))]
fn fit_pam4_equalizer<'py>(
    py: Python<'py>,
    sample_ratio: Floats<'py>,
    sent_ratio: Floats<'py>,
    equalizer: &str,
    tap_limits: bool,
    noise_variance_ratio: f64,
    noise_autocorrelation_ratio: Floats<'py>,
) -> PyResult<(Column<'py>, usize, f64, f64)> {
    let (samples, sent) = (sample_ratio.as_array().to_vec(), sent_ratio.as_array().to_vec());
    let noise = noise_autocorrelation_ratio.as_array().to_vec();
    let fit = compute(py, || {
        fit_equalizer(&equalizer_of(equalizer, tap_limits)?, &samples, &sent, noise_variance_ratio, &noise)
    })?;
    let taps = PyArray1::from_vec(py, fit.taps);
    Ok((taps, fit.main_index, fit.feedback_ratio, fit.mean_squared_error_ratio))
}

/// Symbols decided with decision feedback, or as the likeliest sequence.
#[pyfunction]
#[pyo3(signature = (values, *, level_ratio, threshold_ratio, feedback_ratio, before, sequence))]
fn decide_pam4<'py>(
    py: Python<'py>,
    values: Floats<'py>,
    level_ratio: [f64; 4],
    threshold_ratio: [f64; 3],
    feedback_ratio: f64,
    before: u8,
    sequence: bool,
) -> PyResult<Bound<'py, PyArray1<u8>>> {
    let values = values.as_array().to_vec();
    let slicer = Pam4Slicer { level_ratio, threshold_ratio, feedback_ratio };
    let symbols =
        compute(
            py,
            || {
                if sequence { slicer.decide_sequence(&values, before) } else { slicer.decide(&values, before) }
            },
        )?;
    Ok(PyArray1::from_vec(py, symbols))
}

/// Taps that adapt to known symbols by least mean squares; then the weight of the symbol before and what error is left.
#[pyfunction]
#[pyo3(signature = (sample_ratio, sent_ratio, *, taps_count, main_index, taps_per_symbol, feedback_max_ratio, step_ratio, passes_count))]
#[allow(clippy::too_many_arguments)] // Columns, and keyword-only numbers.
fn adapt_lms<'py>(
    py: Python<'py>,
    sample_ratio: Floats<'py>,
    sent_ratio: Floats<'py>,
    taps_count: usize,
    main_index: usize,
    taps_per_symbol: usize,
    feedback_max_ratio: f64,
    step_ratio: f64,
    passes_count: usize,
) -> PyResult<(Column<'py>, f64, f64)> {
    let (samples, sent) = (sample_ratio.as_array().to_vec(), sent_ratio.as_array().to_vec());
    let equalizer =
        LmsEqualizer { taps_count, main_index, taps_per_symbol, feedback_max_ratio, step_ratio, passes_count };
    let found = compute(py, || equalizer.adapt(&samples, &sent))?;
    Ok((PyArray1::from_vec(py, found.taps), found.feedback_ratio, found.mean_squared_error_ratio))
}

/// Symbol error ratios and thresholds of equalized decisions in several lights, and the margin to a target if there is one.
#[pyfunction]
#[pyo3(signature = (symbols, values, *, constant_a2, shot_a2, intensity_a2, light_ratio, target_ser_ratio))]
fn pam4_error_ratios<'py>(
    py: Python<'py>,
    symbols: PyReadonlyArray1<'py, u8>,
    values: Floats<'py>,
    constant_a2: f64,
    shot_a2: Floats<'py>,
    intensity_a2: Floats<'py>,
    light_ratio: Floats<'py>,
    target_ser_ratio: Option<f64>,
) -> PyResult<(Column<'py>, Vec<[f64; 3]>, f64)> {
    let (symbols, values) = (symbols.as_array().to_vec(), values.as_array().to_vec());
    let noise = DecisionNoise {
        thermal_a2: constant_a2,
        dark_a2: 0.0,
        shot_a2: shot_a2.as_array().to_vec(),
        intensity_a2: intensity_a2.as_array().to_vec(),
    };
    let lights = light_ratio.as_array().to_vec();
    let (errors, margin_db) = compute(py, || {
        let decisions = NoisyDecisions::new(&symbols, &values, &noise)?;
        let margin_db = target_ser_ratio.map_or(Ok(f64::NAN), |target| decisions.margin_db(target))?;
        Ok((decisions.sweep(&lights)?, margin_db))
    })?;
    let ratios = errors.iter().map(|error| error.symbol_error_ratio).collect();
    Ok((PyArray1::from_vec(py, ratios), errors.iter().map(|error| error.threshold_ratio).collect(), margin_db))
}

/// Detector, thermal noise and its bandwidth of the receiver that closes a mode's stressed sensitivity; None where a figure lacks.
#[pyfunction]
fn direct_front_end<'py>(
    py: Python<'py>,
    modes: &Bound<'py, PyDict>,
    mode: usize,
    oma_w: f64,
    average_w: f64,
) -> PyResult<Option<Bound<'py, PyDict>>> {
    let modes = DirectModeColumns::read(&Columns::new("modes", modes))?;
    let Some(found) = compute(py, || front_end(&modes.view()?, mode, oma_w, average_w))? else { return Ok(None) };
    let out = PyDict::new(py);
    for (name, value) in [
        ("responsivity_a_per_w", found.detector.responsivity_a_per_w),
        ("gain_ratio", found.detector.gain_ratio),
        ("ionization_ratio", found.detector.ionization_ratio),
        ("dark_current_a", found.detector.dark_current_a),
        ("thermal_noise_a2", found.thermal_noise_a2),
        ("bandwidth_hz", found.bandwidth_hz),
    ] {
        out.set_item(name, value)?;
    }
    Ok(Some(out))
}

/// Adds the functions of this file.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PySampledReceiver>()?;
    module.add_function(wrap_pyfunction!(pam4_power, module)?)?;
    module.add_function(wrap_pyfunction!(pam4_field, module)?)?;
    module.add_function(wrap_pyfunction!(fit_pam4_equalizer, module)?)?;
    module.add_function(wrap_pyfunction!(decide_pam4, module)?)?;
    module.add_function(wrap_pyfunction!(adapt_lms, module)?)?;
    module.add_function(wrap_pyfunction!(pam4_error_ratios, module)?)?;
    module.add_function(wrap_pyfunction!(direct_front_end, module)?)
}
