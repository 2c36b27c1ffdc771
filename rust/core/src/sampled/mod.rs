//! Sampled lanes whose field never is in memory as a whole: transmitter, fiber and detection of each block in one go.

mod direct_path;
mod lane_mixing;

pub use direct_path::{DirectPath, Echo, detect_power, launch_field};
pub use lane_mixing::{LitLane, mix_lanes};
