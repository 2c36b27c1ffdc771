//! The contributions that add up to a coherent lane's margin.

use super::coherent_lane::Lane;
use super::verdict::{Contribution, ContributionKind as Kind};
use super::walk::noise_step_db;
use crate::units::{REFERENCE_BANDWIDTH_HZ, to_db};

impl Lane<'_> {
    pub(super) fn explain_level(&self, kind: Kind, limit_dbm: f64) -> Vec<Contribution> {
        let sign = if kind == Kind::LeastReceived { 1.0 } else { -1.0 };
        let mut steps = vec![plain(Kind::Launch, sign * self.out.launch_power_dbm)];
        steps.extend(self.level_steps(sign));
        steps.push(plain(kind, -sign * limit_dbm));
        steps
    }

    /// Level change of each element, times `sign`.
    pub(super) fn level_steps(&self, sign: f64) -> impl Iterator<Item = Contribution> + '_ {
        self.channel.steps().enumerate().map(move |(index, step)| Contribution {
            kind: Kind::Element,
            element: Some(self.first_element + index),
            value_db: sign * step.level_db,
        })
    }

    /// OSNR from the transmitter to the receiver, noise by noise, penalties included.
    pub(super) fn explain_line(&self, tx_noise: f64) -> Vec<Contribution> {
        let per_bandwidth = self.channel.symbol_rate_hz / REFERENCE_BANDWIDTH_HZ;
        let mut steps = Vec::new();
        let mut noise = 0.0;
        if tx_noise > 0.0 {
            steps.push(plain(Kind::TransmitterOsnr, -to_db(tx_noise)));
            noise = tx_noise;
        }
        for (index, step) in self.channel.steps().enumerate() {
            let added = step.noise_ratio;
            if added > 0.0 {
                steps.push(Contribution {
                    kind: Kind::ElementNoise,
                    element: Some(self.first_element + index),
                    value_db: noise_step_db(noise, added),
                });
                noise += added;
            }
        }
        for (index, step) in self.channel.steps().enumerate() {
            let added = step.nonlinear_ratio / per_bandwidth;
            if added != 0.0 {
                steps.push(Contribution {
                    kind: Kind::Nonlinearity,
                    element: Some(self.first_element + index),
                    value_db: noise_step_db(noise, added),
                });
                noise += added;
            }
        }
        steps.extend(self.penalties.iter().filter(|p| p.2 != 0.0).map(|p| plain(p.0, -p.2)));
        steps
    }

    pub(super) fn explain_osnr(&self, tx_noise: f64, ample_db: f64) -> Vec<Contribution> {
        let mut steps = self.explain_line(tx_noise);
        if self.colorless_db > 0.0 {
            steps.push(plain(Kind::ColorlessPenalty, -self.colorless_db));
        }
        steps.push(plain(Kind::RequiredOsnr, -ample_db));
        if self.out.required_osnr_db != ample_db {
            steps.push(plain(Kind::LowReceivedPower, ample_db - self.out.required_osnr_db));
        }
        steps
    }

    pub(super) fn explain_fec(&self, tx_noise: f64) -> Vec<Contribution> {
        let mut steps = self.explain_line(tx_noise);
        if steps.is_empty() {
            steps.push(plain(Kind::TransceiverNoise, self.out.snr_db));
        } else {
            let per_bandwidth = self.channel.symbol_rate_hz / REFERENCE_BANDWIDTH_HZ;
            steps.push(plain(Kind::NoiseBandwidth, -to_db(per_bandwidth)));
            let so_far: f64 = steps.iter().map(|step| step.value_db).sum();
            let mut noise = self.line_noise + self.receiver.transceiver_noise;
            steps.push(plain(Kind::TransceiverNoise, -to_db(noise) - so_far));
            for (kind, added) in
                [(Kind::LowReceivedPower, self.thermal_noise), (Kind::ColorlessPenalty, self.colorless_noise())]
            {
                if added > 0.0 {
                    steps.push(plain(kind, noise_step_db(noise, added)));
                    noise += added;
                }
            }
        }
        steps.push(plain(Kind::ThresholdSnr, -self.receiver.threshold_db));
        steps
    }
}

pub(super) fn plain(kind: Kind, value_db: f64) -> Contribution {
    Contribution { kind, element: None, value_db }
}
