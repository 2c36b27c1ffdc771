//! A scheme of the catalog: which formula or table leads from pre-FEC to post-FEC errors.

use super::kp4::{frame_loss_ratio, kp4_from_bit_errors, kp4_from_symbol_errors};
use super::lanes::{LaneErrors, module_errors};
use crate::error::Result;
use crate::interpolate::Points;

/// Of the ten bits of an outer symbol that an inner decoder leaves wrong, the share that is wrong: the decoder's word
/// differs in 4 of 128 or 6 of 126 bits, so that a symbol which it hits has 1.1 to 1.2 wrong bits (1.12 counted for
/// Hamming(128,120) at its threshold, 1.24 for BCH(126,110), see [`super::count_inner`]).
const WRONG_BITS_RATIO: f64 = 0.112;

/// How a scheme maps errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FecKind {
    /// KP4 alone: exact binomial formula.
    Kp4,
    /// Inner code by a table of 10-bit symbol error ratio over pre-FEC BER, then KP4.
    InnerKp4,
    /// A table of post-FEC BER over pre-FEC BER.
    Table,
}

/// One scheme.
#[derive(Debug, Clone, Copy)]
pub struct FecScheme<'a> {
    /// Kind of map.
    pub kind: FecKind,
    /// Largest pre-FEC BER that the scheme is specified to correct.
    pub threshold_ber: f64,
    /// The table of [`FecKind::InnerKp4`] or [`FecKind::Table`].
    pub points: Points<'a>,
    /// Interleaved KP4 codewords of one frame stream; 0 where frame loss is not defined.
    pub interleaved_codewords_count: u32,
}

/// What a scheme leaves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FecResult {
    /// Post-FEC BER; below the first point of a table it is that point's value and reads as "at most".
    pub post_fec_ber: f64,
    /// Loss ratio of 64-octet frames; NaN where the scheme does not define it.
    pub frame_loss_ratio: f64,
}

impl FecScheme<'_> {
    /// Errors that are left at `pre_fec_ber`.
    ///
    /// # Algorithm
    /// 1. KP4: binomial formula.
    /// 2. Inner code: symbol error ratio by log-log interpolation (below the first point the first value bounds it, above
    ///    the last point every symbol counts as wrong), then KP4.
    /// 3. Table: log-log interpolation; below the first point the first value bounds it; above the last point the decoder
    ///    does nothing useful and the pre-FEC BER itself is returned.
    pub fn apply(&self, pre_fec_ber: f64) -> FecResult {
        if pre_fec_ber.is_nan() {
            return FecResult { post_fec_ber: f64::NAN, frame_loss_ratio: f64::NAN };
        }
        match self.kind {
            FecKind::Kp4 => {
                let errors = kp4_from_bit_errors(pre_fec_ber);
                self.with_frames(errors.post_fec_ber, errors.codeword_error_ratio)
            }
            FecKind::InnerKp4 => {
                let symbol_error_ratio = self.bounded(pre_fec_ber).unwrap_or(1.0);
                let errors = kp4_from_symbol_errors(symbol_error_ratio, WRONG_BITS_RATIO * symbol_error_ratio);
                self.with_frames(errors.post_fec_ber, errors.codeword_error_ratio)
            }
            FecKind::Table => FecResult {
                post_fec_ber: self.bounded(pre_fec_ber).unwrap_or(pre_fec_ber).min(pre_fec_ber),
                frame_loss_ratio: f64::NAN,
            },
        }
    }

    /// Errors that one lane hands to KP4; `None` where the scheme does not end in KP4 or the BER is not known.
    pub fn lane_errors(&self, pre_fec_ber: f64) -> Option<LaneErrors> {
        match self.kind {
            _ if pre_fec_ber.is_nan() => None,
            FecKind::Kp4 => Some(LaneErrors::from_bit_errors(pre_fec_ber)),
            FecKind::InnerKp4 => {
                let symbol_error_ratio = self.bounded(pre_fec_ber).unwrap_or(1.0);
                let bit_error_ratio = WRONG_BITS_RATIO * symbol_error_ratio;
                Some(LaneErrors::Independent { symbol_error_ratio, bit_error_ratio })
            }
            FecKind::Table => None,
        }
    }

    /// Loss ratio of 64-octet frames of a module whose codewords lie on all of its lanes; NaN where the scheme does not end in
    /// KP4, defines no frames, or the BER of a lane is not known.
    ///
    /// # Errors
    /// As [`module_errors`].
    pub fn module_frame_loss_ratio(&self, pre_fec_ber: &[f64]) -> Result<f64> {
        let lanes: Option<Vec<LaneErrors>> = pre_fec_ber.iter().map(|&ber| self.lane_errors(ber)).collect();
        match lanes.filter(|_| self.interleaved_codewords_count > 0) {
            Some(lanes) => Ok(module_errors(&lanes, self.interleaved_codewords_count)?.frame_loss_ratio),
            None => Ok(f64::NAN),
        }
    }

    /// Table value; the first y below the table, `None` above it.
    fn bounded(&self, x: f64) -> Option<f64> {
        let (first, _) = self.points.range()?;
        self.points.at_log_log(x.max(first))
    }

    fn with_frames(&self, post_fec_ber: f64, codeword_error_ratio: f64) -> FecResult {
        let frame_loss_ratio = match self.interleaved_codewords_count {
            0 => f64::NAN,
            count => frame_loss_ratio(codeword_error_ratio, count),
        };
        FecResult { post_fec_ber, frame_loss_ratio }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_bounds_below_and_gives_up_above() {
        let points = Points::new(&[2.0e-2, 2.1e-2, 2.27e-2], &[1e-15, 6.3e-4, 1.4e-2]).unwrap();
        let scheme = FecScheme { kind: FecKind::Table, threshold_ber: 2e-2, points, interleaved_codewords_count: 0 };
        assert_eq!(scheme.apply(1e-3).post_fec_ber, 1e-15);
        assert_eq!(scheme.apply(2.0e-2).post_fec_ber, 1e-15);
        assert!(scheme.apply(2.05e-2).post_fec_ber > 1e-15);
        assert_eq!(scheme.apply(5e-2).post_fec_ber, 5e-2);
        assert!(scheme.apply(1e-3).frame_loss_ratio.is_nan());
        assert_eq!(scheme.apply(0.0).post_fec_ber, 0.0);
    }
}
