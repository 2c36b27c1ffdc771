//! The tables that all lane models share: parts, elements and paths, owned while Python goes on.

use crate::border::{Columns, Curves};
use lightlane_core::Result;
use lightlane_core::budget::{AmplifierTable, ElementTable, FecTable, FiberTable, Plant, PumpTable};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Declares a struct of owned columns and how to read it from a dictionary.
macro_rules! owned_columns {
    ($name:ident { $($field:ident : $kind:ident -> $type:ty),+ $(,)? }) => {
        pub struct $name { $($field: $type),+ }
        impl $name {
            pub fn read(columns: &Columns<'_, '_>) -> PyResult<Self> {
                Ok(Self { $($field: columns.$kind(stringify!($field))?),+ })
            }
        }
    };
}

pub(crate) use owned_columns;

owned_columns!(Fibers {
    attenuation: curves -> Curves,
    zero_dispersion_min_m: f64s -> Vec<f64>,
    zero_dispersion_max_m: f64s -> Vec<f64>,
    zero_dispersion_nominal_m: f64s -> Vec<f64>,
    zero_slope_max_s_per_m3: f64s -> Vec<f64>,
    zero_slope_nominal_s_per_m3: f64s -> Vec<f64>,
    dispersion_s_per_m2: f64s -> Vec<f64>,
    slope_s_per_m3: f64s -> Vec<f64>,
    effective_area_m2: f64s -> Vec<f64>,
    gamma_per_w_m: f64s -> Vec<f64>,
    raman_slope_per_w_m_hz: f64s -> Vec<f64>,
    pmd_s_per_sqrt_m: f64s -> Vec<f64>,
    group_index: f64s -> Vec<f64>,
});

owned_columns!(Amplifiers {
    gain_min_db: f64s -> Vec<f64>,
    gain_max_db: f64s -> Vec<f64>,
    output_power_max_dbm: f64s -> Vec<f64>,
    noise_figure_db: f64s -> Vec<f64>,
    noise_figure: curves -> Curves,
    osnr_coefficients: f64s -> Vec<f64>,
    gain_ripple: curves -> Curves,
    gain_tilt_max_db: f64s -> Vec<f64>,
    pump_offsets: offsets -> Vec<usize>,
    pump_frequency_hz: f64s -> Vec<f64>,
    pump_power_w: f64s -> Vec<f64>,
    pump_is_backward: u8s -> Vec<u8>,
});

owned_columns!(Fecs {
    kind: u8s -> Vec<u8>,
    threshold_ber: f64s -> Vec<f64>,
    interleaved_codewords_count: i64s -> Vec<i64>,
    points: curves -> Curves,
    latency_s: f64s -> Vec<f64>,
});

owned_columns!(Elements {
    kind: u8s -> Vec<u8>,
    part: i64s -> Vec<i64>,
    length_m: f64s -> Vec<f64>,
    attenuation_db_per_m: f64s -> Vec<f64>,
    loss_db: f64s -> Vec<f64>,
    target_power_dbm: f64s -> Vec<f64>,
    osnr_db: f64s -> Vec<f64>,
    input_power_min_dbm: f64s -> Vec<f64>,
    input_power_max_dbm: f64s -> Vec<f64>,
    osnr_coefficients: f64s -> Vec<f64>,
    pdl_db: f64s -> Vec<f64>,
    dgd_s: f64s -> Vec<f64>,
    dispersion_s_per_m: f64s -> Vec<f64>,
    latency_s: f64s -> Vec<f64>,
    reflectance_db: f64s -> Vec<f64>,
    reflectors_count: f64s -> Vec<f64>,
    passband_3db_hz: f64s -> Vec<f64>,
    passband_10db_hz: f64s -> Vec<f64>,
    frequency_tolerance_hz: f64s -> Vec<f64>,
    isolation_adjacent_db: f64s -> Vec<f64>,
    isolation_non_adjacent_db: f64s -> Vec<f64>,
    in_band_crosstalk_db: f64s -> Vec<f64>,
    colorless_channels_count: f64s -> Vec<f64>,
    path_offsets: offsets -> Vec<usize>,
});

/// The tables that both models share.
pub struct OwnedPlant {
    fibers: Fibers,
    amplifiers: Amplifiers,
    fecs: Fecs,
    elements: Elements,
}

impl OwnedPlant {
    pub fn read(plant: &Bound<'_, PyDict>) -> PyResult<Self> {
        let table = |name: &str| -> PyResult<Bound<'_, PyDict>> {
            let missing =
                || pyo3::exceptions::PyTypeError::new_err(format!("plant.{name}: missing; needs a dictionary"));
            Ok(plant.get_item(name)?.ok_or_else(missing)?.cast_into::<PyDict>()?)
        };
        Ok(Self {
            fibers: Fibers::read(&Columns::new("fibers", &table("fibers")?))?,
            amplifiers: Amplifiers::read(&Columns::new("amplifiers", &table("amplifiers")?))?,
            fecs: Fecs::read(&Columns::new("fecs", &table("fecs")?))?,
            elements: Elements::read(&Columns::new("elements", &table("elements")?))?,
        })
    }

    pub fn view(&self) -> Result<Plant<'_>> {
        let (f, a, c, e) = (&self.fibers, &self.amplifiers, &self.fecs, &self.elements);
        Ok(Plant {
            fibers: FiberTable {
                attenuation: f.attenuation.view("attenuation")?,
                zero_dispersion_min_m: &f.zero_dispersion_min_m,
                zero_dispersion_max_m: &f.zero_dispersion_max_m,
                zero_dispersion_nominal_m: &f.zero_dispersion_nominal_m,
                zero_slope_max_s_per_m3: &f.zero_slope_max_s_per_m3,
                zero_slope_nominal_s_per_m3: &f.zero_slope_nominal_s_per_m3,
                dispersion_s_per_m2: &f.dispersion_s_per_m2,
                slope_s_per_m3: &f.slope_s_per_m3,
                effective_area_m2: &f.effective_area_m2,
                gamma_per_w_m: &f.gamma_per_w_m,
                raman_slope_per_w_m_hz: &f.raman_slope_per_w_m_hz,
                pmd_s_per_sqrt_m: &f.pmd_s_per_sqrt_m,
                group_index: &f.group_index,
            },
            amplifiers: AmplifierTable {
                gain_min_db: &a.gain_min_db,
                gain_max_db: &a.gain_max_db,
                output_power_max_dbm: &a.output_power_max_dbm,
                noise_figure_db: &a.noise_figure_db,
                noise_figure_points: a.noise_figure.view("noise_figure")?,
                osnr_coefficients: &a.osnr_coefficients,
                gain_ripple: a.gain_ripple.view("gain_ripple")?,
                gain_tilt_max_db: &a.gain_tilt_max_db,
                pumps: PumpTable {
                    offsets: &a.pump_offsets,
                    frequency_hz: &a.pump_frequency_hz,
                    power_w: &a.pump_power_w,
                    is_backward: &a.pump_is_backward,
                },
            },
            fecs: FecTable {
                kind: &c.kind,
                threshold_ber: &c.threshold_ber,
                interleaved_codewords_count: &c.interleaved_codewords_count,
                points: c.points.view("points")?,
                latency_s: &c.latency_s,
            },
            elements: ElementTable {
                kind: &e.kind,
                part: &e.part,
                length_m: &e.length_m,
                attenuation_db_per_m: &e.attenuation_db_per_m,
                loss_db: &e.loss_db,
                target_power_dbm: &e.target_power_dbm,
                osnr_db: &e.osnr_db,
                input_power_min_dbm: &e.input_power_min_dbm,
                input_power_max_dbm: &e.input_power_max_dbm,
                osnr_coefficients: &e.osnr_coefficients,
                pdl_db: &e.pdl_db,
                dgd_s: &e.dgd_s,
                dispersion_s_per_m: &e.dispersion_s_per_m,
                latency_s: &e.latency_s,
                reflectance_db: &e.reflectance_db,
                reflectors_count: &e.reflectors_count,
                passband_3db_hz: &e.passband_3db_hz,
                passband_10db_hz: &e.passband_10db_hz,
                frequency_tolerance_hz: &e.frequency_tolerance_hz,
                isolation_adjacent_db: &e.isolation_adjacent_db,
                isolation_non_adjacent_db: &e.isolation_non_adjacent_db,
                in_band_crosstalk_db: &e.in_band_crosstalk_db,
                colorless_channels_count: &e.colorless_channels_count,
            },
            path_offsets: &e.path_offsets,
            sample: None,
        })
    }
}
