//! Direct-detect lanes in draws of specimens.

use super::direct::{Batch, Scratch};
use super::direct_lane::DGD_MAX_TO_MEAN;
use super::direct_tables::DirectLanes;
use super::draws::{MarginSink, RowSink, SampledModel};
use super::sample::LaneSample;
use super::tables::Plant;
use crate::error::Result;
use std::ops::Range;

impl SampledModel for Batch<'_> {
    type Scratch = Scratch;
    const DGD_MAX_TO_MEAN: f64 = DGD_MAX_TO_MEAN;

    fn plant(&self) -> &Plant<'_> {
        self.plant
    }

    fn lanes(&self, path: usize) -> Range<usize> {
        self.path_lanes[path]..self.path_lanes[path + 1]
    }

    fn answers_count(&self, path: usize) -> usize {
        self.lanes(path).len()
    }

    fn mode(&self, lane: usize) -> usize {
        usize::try_from(self.lanes.mode[lane]).unwrap_or(0)
    }

    fn modes_count(&self) -> usize {
        self.modes.fec.len()
    }

    fn lanes_count(&self) -> usize {
        self.lanes.path.len()
    }

    fn ignored_dgd_s(&self, lane: usize) -> f64 {
        // A twentieth of the symbol closes the eye by thousandths of a decibel.
        let mode = self.mode(lane);
        (0.05 / self.modes.symbol_rate_hz[mode]).min(self.modes.dgd_max_s[mode])
    }

    fn new_scratch(&self) -> Scratch {
        Scratch::default()
    }

    fn frame_loss_ratio(&self, lane: usize, pre_fec_ber: &[f64]) -> Result<f64> {
        let fec = usize::try_from(self.modes.fec[self.mode(lane)]).unwrap_or(0);
        self.plant.fecs.scheme(fec)?.module_frame_loss_ratio(pre_fec_ber)
    }

    fn evaluate(
        &self,
        plant: &Plant<'_>,
        (path, lanes): (usize, Range<usize>),
        changes: &LaneSample,
        scratch: &mut Scratch,
        sink: &mut MarginSink<'_>,
    ) -> Result<()> {
        let rows = DirectLanes { sample: Some(changes), ..self.lanes.clone() };
        let batch = Batch { plant, lanes: &rows, ..*self };
        scratch.path.take(plant, self.reflectance_ratio, path);
        for lane in lanes {
            sink.push(&mut batch.evaluate_lane(lane, scratch, false)?);
        }
        Ok(())
    }
}
