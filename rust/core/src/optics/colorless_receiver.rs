//! A coherent receiver behind a drop without a filter: noise that the other channels leave through imperfect balance.

use crate::error::{Error, Result};
use crate::units::{from_db, to_db};

/// What a receiver without a filter suffers from the other channels on its fiber.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ColorlessReceiver {
    /// Noise of the other channels over the bearable noise of the receiver, per unit of their power over the signal's.
    pub rejection_ratio: f64,
}

impl ColorlessReceiver {
    /// Fits the rejection to points of penalty over the ratio of total to channel power, and gives the worst misfit (dB).
    ///
    /// # Algorithm
    /// Imperfect balance leaves noise in proportion to the power of the other channels, R - 1 of the signal's. A penalty p
    /// at the required OSNR says that they take the share 1 - 10^(-p/10) of the bearable noise: least squares of the shares
    /// over R - 1, through the origin.
    ///
    /// # Errors
    /// [`Error::Parameter`] if the columns differ in length, hold NaN or a penalty below 0, or no ratio is above 0 dB.
    pub fn fit(total_to_channel_db: &[f64], penalty_db: &[f64]) -> Result<(Self, f64)> {
        let sound = total_to_channel_db.len() == penalty_db.len()
            && total_to_channel_db.iter().chain(penalty_db).all(|value| value.is_finite() && *value >= 0.0);
        let others: Vec<f64> = total_to_channel_db.iter().map(|ratio| from_db(*ratio) - 1.0).collect();
        let squares: f64 = others.iter().map(|other| other * other).sum();
        if !sound || squares <= 0.0 {
            let allowed = "as many penalties as ratios, none below 0 dB, and one ratio above";
            return Err(Error::parameter("colorless points", "columns that give no rejection", allowed));
        }
        let shares = penalty_db.iter().map(|penalty| 1.0 - from_db(-penalty));
        let rejection_ratio = others.iter().zip(shares).map(|(other, share)| other * share).sum::<f64>() / squares;
        let receiver = Self { rejection_ratio };
        let worst_db = total_to_channel_db
            .iter()
            .zip(penalty_db)
            .map(|(&ratio, penalty)| receiver.penalty_db(ratio).map_or(f64::INFINITY, |found| (found - penalty).abs()))
            .fold(0.0, f64::max);
        Ok((receiver, worst_db))
    }

    /// Noise of the other channels over the bearable noise, at a ratio of total to channel power.
    pub fn noise_share_ratio(&self, total_to_channel_db: f64) -> f64 {
        self.rejection_ratio * (from_db(total_to_channel_db) - 1.0)
    }

    /// Penalty of OSNR at the FEC threshold; `None` where the other channels alone are too much.
    pub fn penalty_db(&self, total_to_channel_db: f64) -> Option<f64> {
        let left = 1.0 - self.noise_share_ratio(total_to_channel_db);
        (left > 0.0).then(|| -to_db(left))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colorless_drop_is_linear_in_the_power_of_the_others() {
        // OpenROADM 400G and 800G: 0.3 dB at 13 dB and 0.5 dB at 15 dB, two figures for one rejection.
        let (receiver, worst_db) = ColorlessReceiver::fit(&[0.0, 13.0, 15.0], &[0.0, 0.3, 0.5]).unwrap();
        assert!(worst_db < 0.01, "{worst_db}");
        assert_eq!(receiver.penalty_db(0.0), Some(0.0));
        assert_eq!(receiver.penalty_db(40.0), None);
        assert!(ColorlessReceiver::fit(&[0.0], &[0.0]).is_err());
        assert!(ColorlessReceiver::fit(&[15.0], &[-0.1]).is_err());
    }
}
