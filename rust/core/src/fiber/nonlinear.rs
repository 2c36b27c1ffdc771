//! Nonlinear interference along a line: what goes in and what comes out.

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

/// What makes the nonlinear interference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NonlinearModel {
    /// Islands of the GN integral, semi-analytic: right for spans of any length, spans added with their phases.
    #[default]
    ClosedForm,
    /// The ISRS GN model as published for long spans, spans added with a coherence exponent.
    PublishedIsrsGn,
    /// The integral of the GN model, some 10^4 times slower; the format correction is the closed form's.
    Integral,
}

/// How the nonlinear interference is calculated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NonlinearOptions {
    /// The model.
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
    pub(super) fn new(channel_count: usize, spans: Vec<SpanNonlinearity>) -> Self {
        Self { channel_count, spans }
    }

    /// Adds what other channels make less or more in `with` than in `without`, where both are known.
    pub(super) fn add_cross(&mut self, with: &Self, without: &Self) {
        for (noise, (with, without)) in self.spans.iter_mut().zip(with.spans.iter().zip(&without.spans)) {
            let change = with.cross_channel_ratio - without.cross_channel_ratio;
            if !change.is_nan() {
                noise.cross_channel_ratio += change;
            }
        }
    }

    /// Numbers it holds.
    pub(super) fn weight(&self) -> usize {
        2 * self.spans.len()
    }

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
