//! Python border of `lightlane-core`: arrays in, arrays out, errors mapped, the interpreter released while Rust computes.

// PyO3 hands arguments over by value.
#![allow(clippy::needless_pass_by_value)]

mod block_fec;
mod border;
mod budget;
mod carrier;
mod coherent_hardware;
mod direct;
mod direct_waveform;
mod draws;
mod dsp;
mod fec;
mod fec_counts;
mod fiber;
mod fields;
mod four_wave_mixing;
mod gn_integral;
mod interference;
mod lane_tables;
mod lit_lanes;
mod metrics;
mod optics;
mod patterns;
mod pictures;
mod plant_table;
mod product_fec;
mod raman;
mod sampled_field;
mod signal;
mod split_step;
mod surrogate;
mod symbol_quality;
mod task;
mod tdecq;

use pyo3::prelude::*;

/// The Rust kernels of Lightlane, in SI units; `lightlane.kernels` is their typed front.
#[pymodule]
#[pyo3(name = "_core")]
fn core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<task::Task>()?;
    module.add_function(wrap_pyfunction!(border::build_info, module)?)?;
    budget::register(module)?;
    coherent_hardware::register(module)?;
    carrier::register(module)?;
    direct::register(module)?;
    direct_waveform::register(module)?;
    draws::register(module)?;
    dsp::register(module)?;
    block_fec::register(module)?;
    fec::register(module)?;
    fec_counts::register(module)?;
    fiber::register(module)?;
    four_wave_mixing::register(module)?;
    interference::register(module)?;
    gn_integral::register(module)?;
    lit_lanes::register(module)?;
    metrics::register(module)?;
    optics::register(module)?;
    product_fec::register(module)?;
    patterns::register(module)?;
    pictures::register(module)?;
    raman::register(module)?;
    signal::register(module)?;
    symbol_quality::register(module)?;
    sampled_field::register(module)?;
    split_step::register(module)?;
    surrogate::register(module)?;
    tdecq::register(module)?;
    Ok(())
}
