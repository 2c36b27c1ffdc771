//! Batched analytic lane models: a table in, columns out.
//!
//! Rows are paths; a path is a run of elements, and on a coherent path all wavelengths travel together as one comb.

mod coherent;
mod coherent_comb;
mod coherent_explain;
mod coherent_filtering;
mod coherent_lane;
mod coherent_leaks;
mod coherent_penalties;
mod coherent_receiver;
mod coherent_tables;
mod columns;
mod direct;
mod direct_allocation;
mod direct_draws;
mod direct_eye;
mod direct_judge;
mod direct_lane;
mod direct_launch;
mod direct_mixing;
mod direct_path;
mod direct_receiver;
mod direct_specimen;
mod direct_tables;
mod draw_polarization;
mod draws;
mod link_margins;
mod memo;
mod polarization;
mod pump_table;
mod ranking;
mod sample;
mod spread;
mod tables;
mod verdict;
mod walk;
mod walk_amplifier;
mod walk_fiber;
mod walk_nonlinear;
mod walk_raman;

pub use coherent::{CoherentOptions, draw_coherent, evaluate_coherent};
pub use coherent_comb::HeldQuantity;
pub use coherent_tables::{CoherentModes, CoherentPaths};
pub use columns::{AnswerRows, CODE_COLUMNS, Explanations, LaneColumns, NUMBER_COLUMNS};
pub use direct::{draw_direct, evaluate_direct};
pub use direct_eye::EyeCache;
pub use direct_tables::{DirectLanes, DirectModes};
pub use draws::{DrawColumns, DrawRequest};
pub use pump_table::PumpTable;
pub use sample::{ElementSample, LaneSample};
pub use spread::SpreadTable;
pub use tables::{AmplifierTable, ElementKind, ElementTable, FecTable, FiberTable, Plant};
pub use verdict::{Contribution, ContributionKind, LaneOutput, Limit, Unknown};
