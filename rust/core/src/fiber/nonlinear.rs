//! Nonlinear interference along a line: types and entry.

use super::nonlinear_cache::{NonlinearCache, span_key};
use super::nonlinear_comb::Comb;
use super::nonlinear_published::{coherence_exponent, nonlinear_efficiency};
use crate::error::{Error, Result};

/// One channel of the comb that loads a span.
#[derive(Debug, Clone, Copy)]
pub struct CombChannel {
    /// Center frequency relative to the frequency at which beta2 and beta3 are given.
    pub offset_hz: f64,
    /// Symbol rate, which is the noise bandwidth.
    pub symbol_rate_hz: f64,
    /// Power at the input of the fiber.
    pub power_w: f64,
}

/// One fiber span.
#[derive(Debug, Clone, Copy)]
pub struct NonlinearSpan {
    /// Power attenuation coefficient.
    pub attenuation_per_m: f64,
    /// Length.
    pub length_m: f64,
    /// Group-velocity dispersion.
    pub beta2_s2_per_m: f64,
    /// Its slope over angular frequency.
    pub beta3_s3_per_m: f64,
    /// Kerr coefficient.
    pub gamma_per_w_m: f64,
    /// Slope of the Raman gain spectrum; 0 switches inter-channel Raman scattering off.
    pub raman_slope_per_w_m_hz: f64,
}

/// Nonlinear interference that one span adds to one channel, as noise-to-signal ratios in the symbol rate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SpanNonlinearity {
    /// Of the channel on itself.
    pub self_channel_ratio: f64,
    /// Of all other channels.
    pub cross_channel_ratio: f64,
}

impl SpanNonlinearity {
    /// Where the model does not hold.
    pub(super) const NOT_MODELED: Self = Self { self_channel_ratio: f64::NAN, cross_channel_ratio: f64::NAN };

    /// Of all channels.
    pub fn total_ratio(&self) -> f64 {
        self.self_channel_ratio + self.cross_channel_ratio
    }
}

/// Which closed form makes the nonlinear interference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NonlinearModel {
    /// Islands of the GN integral in closed form, right for spans of any length.
    #[default]
    ClosedForm,
    /// The ISRS GN model as published for long spans, spans added with a coherence exponent.
    PublishedIsrsGn,
}

/// How the nonlinear interference is calculated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NonlinearOptions {
    /// The closed form.
    pub model: NonlinearModel,
    /// Takes off what the channels' constellations make less noise than Gaussian signals.
    pub format_correction: bool,
}

impl Default for NonlinearOptions {
    fn default() -> Self {
        Self { model: NonlinearModel::default(), format_correction: true }
    }
}

/// One fiber of a line with the light at its input.
#[derive(Debug, Clone, Copy)]
pub struct ChainSpan<'a> {
    /// The fiber; its attenuation is that of the comb's center.
    pub fiber: NonlinearSpan,
    /// Power of each channel at the input of the fiber, in the order of the comb.
    pub powers_w: &'a [f64],
    /// Attenuation of each channel; empty where all have that of the fiber.
    pub attenuations_per_m: &'a [f64],
}

/// Nonlinear interference of a line, span by span.
#[derive(Debug, Clone, PartialEq)]
pub struct ChainNonlinearity {
    channel_count: usize,
    /// Row after row: all channels of the first span, of the second, ...
    spans: Vec<SpanNonlinearity>,
}

impl ChainNonlinearity {
    /// What one span adds to every channel; its coherent part with all spans before it is its own.
    pub fn span(&self, span: usize) -> &[SpanNonlinearity] {
        &self.spans[span * self.channel_count..(span + 1) * self.channel_count]
    }

    /// Number of spans.
    pub fn span_count(&self) -> usize {
        self.spans.len() / self.channel_count.max(1)
    }

    /// Noise-to-signal ratio of the whole line for every channel.
    pub fn total_ratios(&self) -> Vec<f64> {
        let mut total = vec![0.0; self.channel_count];
        for row in self.spans.chunks_exact(self.channel_count.max(1)) {
            for (sum, noise) in total.iter_mut().zip(row) {
                *sum += noise.total_ratio();
            }
        }
        total
    }
}

/// Nonlinear noise-to-signal ratio of every channel in every span of a line.
///
/// Fibers follow each other in the order of the light; whatever is between them (nothing, an amplifier, a ROADM) only sets
/// the powers at their inputs. A span where the model does not hold (see [`is_modeled`]) gives NaN for every channel.
///
/// # Errors
/// [`Error::Parameter`] if a fiber's attenuation or length is not above zero, a figure is not finite, a power is negative or
/// a column is not as long as the comb.
pub fn nonlinear_chain(
    spans: &[ChainSpan<'_>],
    comb: &Comb,
    options: &NonlinearOptions,
    cache: &NonlinearCache,
) -> Result<ChainNonlinearity> {
    let count = comb.channels().len();
    let mut out = Vec::with_capacity(spans.len() * count);
    for span in spans {
        check_span(span, count)?;
        if !is_modeled(&span.fiber, comb) {
            out.resize(out.len() + count, SpanNonlinearity::NOT_MODELED);
            continue;
        }
        let key = span_key(&span.fiber, comb, span.powers_w, span.attenuations_per_m);
        let _ = options;
        let loaded: Vec<CombChannel> = comb
            .channels()
            .iter()
            .zip(span.powers_w)
            .map(|(channel, &power_w)| CombChannel {
                offset_hz: channel.offset_hz,
                symbol_rate_hz: channel.symbol_rate_hz,
                power_w,
            })
            .collect();
        let single = cache.span(key, || nonlinear_efficiency(&span.fiber, &loaded))?;
        out.extend(single.iter().zip(&loaded).map(|(noise, channel)| {
            let growth = (spans.len() as f64).powf(coherence_exponent(&span.fiber, channel));
            SpanNonlinearity { self_channel_ratio: noise.self_channel_ratio * growth, ..*noise }
        }));
    }
    Ok(ChainNonlinearity { channel_count: count, spans: out })
}

/// Whether the closed forms hold for a comb in a fiber: dispersion separates the channels, far enough from zero dispersion.
pub fn is_modeled(fiber: &NonlinearSpan, comb: &Comb) -> bool {
    // 1 ps/nm/km at 1550 nm.
    let least_beta2 = 1.275e-27;
    let beta2_at =
        |offset_hz: f64| fiber.beta2_s2_per_m + 2.0 * std::f64::consts::PI * fiber.beta3_s3_per_m * offset_hz;
    let all = comb.channels().iter().map(|channel| beta2_at(channel.offset_hz));
    let (least, greatest) = all.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), b| (low.min(b), high.max(b)));
    fiber.beta2_s2_per_m.is_finite() && (least >= least_beta2 || greatest <= -least_beta2)
}

fn check_span(span: &ChainSpan<'_>, count: usize) -> Result<()> {
    let lengths = (span.powers_w.len(), span.attenuations_per_m.len());
    if lengths.0 != count || (lengths.1 != count && lengths.1 != 0) {
        return Err(Error::parameter("powers_w", format!("{lengths:?} entries"), format!("{count}, one per channel")));
    }
    for &power_w in span.powers_w {
        if !(power_w >= 0.0 && power_w.is_finite()) {
            return Err(Error::parameter("power_w", power_w, "a finite number, 0 or above"));
        }
    }
    Ok(())
}
