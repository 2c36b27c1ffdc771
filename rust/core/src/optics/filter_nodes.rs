//! Frequencies at which what a cascade of filters costs is calculated.

use crate::quadrature::SIX_NODES;
use crate::signal::RaisedCosine;
use crate::sums::SUM_LANES;

/// Midpoints over one symbol rate; the SNR is right to 3e-5 of itself, without roll-off too.
pub(super) const MIDPOINTS: usize = 256;
/// Panels over each slope of the spectrum and over its flat part, from few to many.
pub(super) const PANELS: [(usize, usize); 4] = [(1, 1), (1, 2), (2, 4), (4, 8)];

/// Frequencies over one symbol rate at which a cascade is calculated.
#[derive(Debug, Clone)]
pub(super) struct Nodes {
    /// Offsets from the center within one symbol rate, first those with an image; then these images, a symbol rate away where the
    /// signal has some density.
    pub offsets_hz: Vec<f64>,
    /// Share of the symbol rate that each offset within one symbol rate stands for.
    pub weights: Vec<f64>,
    pub images_count: usize,
}

impl Nodes {
    /// Midpoints, close enough for any passband.
    pub(super) fn midpoints(signal: &RaisedCosine) -> Self {
        let share = 1.0 / MIDPOINTS as f64;
        Self::new(signal, (0..MIDPOINTS).map(|step| ((step as f64 + 0.5) * share - 0.5, share)))
    }

    /// Few nodes for smooth passbands: six in each panel, panels end where the roll-off begins.
    pub(super) fn panels(signal: &RaisedCosine, (of_slope, of_flat): (usize, usize)) -> Self {
        let flat = 0.5 * (1.0 - signal.roll_off());
        let pieces = |from: f64, to: f64, count: usize| {
            let width = (to - from) / count as f64;
            (0..count).map(move |piece| (from + piece as f64 * width, width))
        };
        let panels = pieces(-0.5, -flat, of_slope)
            .chain(pieces(-flat, flat, of_flat))
            .chain(pieces(flat, 0.5, of_slope))
            .filter(|&(_, width)| width > 0.0);
        Self::new(
            signal,
            panels.flat_map(|(from, width)| SIX_NODES.map(|(place, weight)| (from + place * width, weight * width))),
        )
    }

    fn new(signal: &RaisedCosine, nodes: impl Iterator<Item = (f64, f64)>) -> Self {
        let rate = signal.symbol_rate_hz();
        // Spectra of less than two symbol rates have one image at most, on the other side.
        let image = |offset_hz: f64| offset_hz - rate.copysign(offset_hz);
        let has_image = |&(offset_hz, _): &(f64, f64)| signal.density_ratio(image(offset_hz)) > 0.0;
        let (mut with_image, mut alone): (Vec<_>, Vec<_>) =
            nodes.map(|(place, weight)| (place * rate, weight)).partition(has_image);
        for some in [&mut with_image, &mut alone] {
            // Whole vectors: what fills the last one has no weight.
            let last = some.last().map_or(0.0, |&(offset_hz, _)| offset_hz);
            some.resize(some.len().next_multiple_of(SUM_LANES), (last, 0.0));
        }
        let (mut offsets_hz, weights): (Vec<f64>, Vec<f64>) = with_image.iter().chain(&alone).copied().unzip();
        offsets_hz.extend(with_image.iter().map(|&(offset_hz, _)| image(offset_hz)));
        Self { offsets_hz, weights, images_count: with_image.len() }
    }
}
