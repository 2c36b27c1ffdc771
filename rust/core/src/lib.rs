//! Physics and mathematics of 400G/800G optical lanes: no Python, no input or output, no globals.
//!
//! Everything is in SI units, except levels and ratios that the standards write in decibels, whose names end in `_db` or `_dbm`.
//! Modules import only from their left: `units, error, rng, task, column, vector, wide, gaussian, sums, quadrature < special, hermite, interpolate, quantile < distribution < signal < {optics, fiber, dsp, fec} < metrics < {budget, sampled}`; `pictures` needs `error` and `vector` alone.

pub mod budget;
mod column;
pub mod distribution;
pub mod dsp;
pub mod error;
pub mod fec;
pub mod fiber;
mod gaussian;
pub mod hermite;
pub mod interpolate;
pub mod metrics;
pub mod optics;
pub mod pictures;
mod quadrature;
pub mod quantile;
pub mod rng;
pub mod sampled;
pub mod signal;
pub mod special;
mod sums;
pub mod task;
pub mod units;
mod vector;
mod wide;

pub use error::{Error, Result};
