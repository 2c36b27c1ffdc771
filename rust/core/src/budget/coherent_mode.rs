//! The figures of one coherent mode, looked up once for all its lanes.

use super::coherent_receiver::{Receiver, derive_receiver};
use super::coherent_tables::{CoherentModes, CoherentPaths};
use super::tables::Plant;
use crate::error::Result;
use crate::fec::FecScheme;
use crate::interpolate::Points;
use crate::units::from_db;

/// What the lanes of one mode share.
pub(super) struct ModeFigures<'a> {
    /// Row in the table of modes.
    pub row: usize,
    pub receiver: Receiver,
    pub scheme: FecScheme<'a>,
    /// Required OSNR over received power.
    pub required: Points<'a>,
    pub dispersion_penalty: Points<'a>,
    pub dgd_penalty: Points<'a>,
    pub pdl_penalty: Points<'a>,
    pub sop_penalty: Points<'a>,
    pub colorless_penalty: Points<'a>,
    /// Latency of FEC and modules, as far as it is known.
    pub latency_s: f64,
    /// Share of the noise after the penalty for dispersion that the dispersion made, per dispersion, where its table ends; NaN
    /// without a table.
    pub dispersion_share_m_per_s: f64,
}

impl<'a> ModeFigures<'a> {
    /// Looks up and derives the figures of one mode.
    ///
    /// # Errors
    /// Those of its receiver, and parameter errors for tables without a row for it.
    pub(super) fn find(
        plant: &Plant<'a>,
        modes: &CoherentModes<'a>,
        paths: &CoherentPaths<'_>,
        row: usize,
    ) -> Result<Self> {
        let fec = usize::try_from(modes.fec[row]).unwrap_or(0);
        let dispersion_penalty = modes.dispersion_penalty.curve(row)?;
        let end = dispersion_penalty.range().zip(dispersion_penalty.last_y());
        Ok(Self {
            row,
            receiver: derive_receiver(plant, modes, paths, row)?,
            scheme: plant.fecs.scheme(fec)?,
            required: modes.required_osnr.curve(row)?,
            dispersion_penalty,
            dgd_penalty: modes.dgd_penalty.curve(row)?,
            pdl_penalty: modes.pdl_penalty.curve(row)?,
            sop_penalty: modes.sop_penalty.curve(row)?,
            colorless_penalty: modes.colorless_penalty.curve(row)?,
            latency_s: [plant.fecs.latency_s[fec], modes.latency_s[row]].iter().filter(|part| part.is_finite()).sum(),
            dispersion_share_m_per_s: end.map_or(f64::NAN, |((_, last), last_db)| (1.0 - from_db(-last_db)) / last),
        })
    }
}
