//! Optical parts: amplifiers and photodetectors.

mod amplifier;
mod photodetector;

pub use amplifier::{AmplifierNoise, POLYNOMIAL_SLOT_HZ, ase_ratio, osnr_polynomial, polynomial_noise_figure_db};
pub use photodetector::Photodetector;
