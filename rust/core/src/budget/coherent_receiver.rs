//! The coherent receiver of one mode: what its required OSNR and its transceiver noise say about every other noise.

use super::coherent_tables::{CoherentModes, CoherentPaths};
use super::tables::Plant;
use crate::error::{Error, Result};
use crate::metrics::{Modulation, snr_for_ber};
use crate::optics::{ColorlessReceiver, ReceiverCurve};
use crate::units::{REFERENCE_BANDWIDTH_HZ, from_db, to_db};

/// What the receiver of one mode needs, derived once per mode.
pub(super) struct Receiver {
    pub modulation: Modulation,
    /// SNR at the FEC threshold.
    pub threshold_db: f64,
    /// Noise of the mode's transmitter in 12.5 GHz; none where nobody states it.
    pub tx_noise: f64,
    /// 1/SNR_TRX.
    pub transceiver_noise: f64,
    /// 1/SNR_threshold - 1/SNR_TRX: the line noise that the receiver bears, times kappa.
    pub bearable_noise: f64,
    /// Required OSNR at ample received power, as a ratio; NaN where nobody knows it.
    pub required_osnr: f64,
    pub required_osnr_db: f64,
    /// Required OSNR over received power, fitted to the mode's points; `None` where it states none.
    pub curve: Option<ReceiverCurve>,
    /// What other channels do at a drop without a filter; `None` where the mode states nothing.
    pub colorless: Option<ColorlessReceiver>,
}

/// Derives the receiver of one mode.
pub(super) fn derive_receiver(
    plant: &Plant<'_>,
    modes: &CoherentModes<'_>,
    paths: &CoherentPaths<'_>,
    mode: usize,
) -> Result<Receiver> {
    let modulation = match modes.modulation[mode] {
        0 => Modulation::Qpsk,
        1 => Modulation::EightQam,
        2 => Modulation::SixteenQam,
        3 => Modulation::ShapedSixteenQam { inner_amplitude_ratio: modes.inner_amplitude_ratio[mode] },
        other => return Err(Error::parameter(format!("modulation of mode {mode}"), other, "0, 1, 2 or 3")),
    };
    let threshold_ber = plant.fecs.threshold_ber[usize::try_from(modes.fec[mode]).unwrap_or(0)];
    let threshold_snr = snr_for_ber(modulation, threshold_ber)?;
    let trx_db = modes.snr_trx_db[mode];
    let transceiver_noise = if trx_db.is_nan() { 0.0 } else { 1.0 / from_db(trx_db) };
    let bearable_noise = 1.0 / threshold_snr - transceiver_noise;
    if bearable_noise <= 0.0 {
        return Err(Error::parameter(
            format!("snr_trx_db of mode {mode}"),
            trx_db,
            format!("more than the {:.2} dB that the FEC threshold needs", to_db(threshold_snr)),
        ));
    }
    let curve = fit_curve(modes, mode)?;
    let required_osnr = if let Some(curve) = &curve {
        // The least required OSNR of the points stands for ample power; the others say what less power costs.
        from_db(curve.law.ample_osnr_db)
    } else if modes.kappa_db[mode].is_nan() {
        f64::NAN
    } else {
        // Both sides in the symbol rate of the first channel that runs this mode.
        let symbol_rate = paths
            .mode
            .iter()
            .position(|&row| usize::try_from(row) == Ok(mode))
            .map_or(f64::NAN, |channel| paths.symbol_rate_hz[channel]);
        from_db(modes.kappa_db[mode]) / bearable_noise * symbol_rate / REFERENCE_BANDWIDTH_HZ
    };
    let colorless = modes.colorless_penalty.curve(mode)?;
    let colorless =
        if colorless.is_absent() { None } else { Some(ColorlessReceiver::fit(colorless.x(), colorless.y())?.0) };
    let tx_osnr_db = modes.tx_osnr_db[mode];
    Ok(Receiver {
        modulation,
        threshold_db: to_db(threshold_snr),
        tx_noise: if tx_osnr_db.is_nan() { 0.0 } else { 1.0 / from_db(tx_osnr_db) },
        transceiver_noise,
        bearable_noise,
        required_osnr,
        required_osnr_db: to_db(required_osnr),
        curve,
        colorless,
    })
}

/// One receiver from the OSNR limit to the unamplified one, fitted to the mode's points and its sensitivity together.
fn fit_curve(modes: &CoherentModes<'_>, mode: usize) -> Result<Option<ReceiverCurve>> {
    let curve = modes.required_osnr.curve(mode)?;
    if curve.is_absent() {
        return Ok(None);
    }
    let sensitivity_dbm = Some(modes.sensitivity_dbm[mode]).filter(|level| !level.is_nan());
    Ok(Some(ReceiverCurve::fit(curve.x(), curve.y(), sensitivity_dbm)?.curve))
}
