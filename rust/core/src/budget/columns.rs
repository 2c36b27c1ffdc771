//! The answers as columns: one array per quantity, filled row by row, in parallel over runs of rows.

use super::draws::RowSink;
use super::verdict::{Contribution, LaneOutput, Limit};
use crate::error::Result;
use crate::task::Task;
use rayon::prelude::*;
use std::ops::Range;

/// Rows that one worker fills at a time; large enough that cutting the columns costs nothing.
const ROWS_PER_RUN: usize = 512;

/// Declares the columns of numbers that a lane's answer fills.
macro_rules! number_columns {
    ($($name:ident),+ $(,)?) => {
        /// The answers of a batch; row `i` of every column belongs to lane `i`.
        ///
        /// A column of numbers is named as its field of [`LaneOutput`]; NaN where a quantity does not exist or is not known.
        #[derive(Debug, Clone, Default)]
        pub struct LaneColumns {
            $(
                #[doc = concat!("See [`LaneOutput::", stringify!($name), "`].")]
                pub $name: Vec<f64>,
            )+
            /// Value that passed a limit without a decibel scale.
            pub blocked_value: Vec<f64>,
            /// Where that limit ends.
            pub blocked_end: Vec<f64>,
            /// Code of [`LaneOutput::limited_by`].
            pub limited_by: Vec<u8>,
            /// Code of the passed limit, that of [`Limit::None`] where none is passed.
            pub blocked: Vec<u8>,
            /// Code of [`LaneOutput::unknown`].
            pub unknown: Vec<u8>,
            /// Steps of lane `i` are `contribution_offsets[i]..contribution_offsets[i + 1]`; only 0 where nobody asked.
            pub contribution_offsets: Vec<usize>,
            /// Steps towards the margins of all lanes.
            pub contributions: Vec<Contribution>,
        }

        /// Consecutive rows of all columns, open for writing.
        #[derive(Debug)]
        struct Window<'a> {
            $($name: &'a mut [f64],)+
            blocked_value: &'a mut [f64],
            blocked_end: &'a mut [f64],
            limited_by: &'a mut [u8],
            blocked: &'a mut [u8],
            unknown: &'a mut [u8],
        }

        impl LaneColumns {
            fn zeroed(rows: usize) -> Self {
                Self {
                    $($name: vec![0.0; rows],)+
                    blocked_value: vec![0.0; rows],
                    blocked_end: vec![0.0; rows],
                    limited_by: vec![0; rows],
                    blocked: vec![0; rows],
                    unknown: vec![0; rows],
                    contribution_offsets: vec![0],
                    contributions: Vec::new(),
                }
            }

            fn window(&mut self) -> Window<'_> {
                Window {
                    $($name: &mut self.$name,)+
                    blocked_value: &mut self.blocked_value,
                    blocked_end: &mut self.blocked_end,
                    limited_by: &mut self.limited_by,
                    blocked: &mut self.blocked,
                    unknown: &mut self.unknown,
                }
            }

            /// The columns of numbers with their names, in a fixed order.
            pub fn into_numbers(self) -> Vec<(&'static str, Vec<f64>)> {
                vec![
                    $((stringify!($name), self.$name),)+
                    ("blocked_value", self.blocked_value),
                    ("blocked_end", self.blocked_end),
                ]
            }
        }

        impl<'a> Window<'a> {
            /// The first `rows` rows and the rest.
            fn split(self, rows: usize) -> (Self, Self) {
                $(let $name = self.$name.split_at_mut(rows);)+
                let blocked_value = self.blocked_value.split_at_mut(rows);
                let blocked_end = self.blocked_end.split_at_mut(rows);
                let limited_by = self.limited_by.split_at_mut(rows);
                let blocked = self.blocked.split_at_mut(rows);
                let unknown = self.unknown.split_at_mut(rows);
                (
                    Window {
                        $($name: $name.0,)+
                        blocked_value: blocked_value.0,
                        blocked_end: blocked_end.0,
                        limited_by: limited_by.0,
                        blocked: blocked.0,
                        unknown: unknown.0,
                    },
                    Window {
                        $($name: $name.1,)+
                        blocked_value: blocked_value.1,
                        blocked_end: blocked_end.1,
                        limited_by: limited_by.1,
                        blocked: blocked.1,
                        unknown: unknown.1,
                    },
                )
            }

            fn set(&mut self, row: usize, out: &LaneOutput) {
                $(self.$name[row] = out.$name;)+
                let (limit, value, end) = out.blocked.unwrap_or((Limit::None, f64::NAN, f64::NAN));
                self.blocked_value[row] = value;
                self.blocked_end[row] = end;
                self.limited_by[row] = out.limited_by as u8;
                self.blocked[row] = limit as u8;
                self.unknown[row] = out.unknown as u8;
            }
        }
    };
}

number_columns!(
    launch_power_dbm,
    received_power_dbm,
    osnr_db,
    snr_nli_db,
    gsnr_db,
    snr_db,
    dispersion_s_per_m,
    dgd_mean_s,
    dgd_outage_ratio,
    pdl_db,
    pdl_outage_ratio,
    tdecq_db,
    tecq_db,
    oma_outer_dbm,
    sensitivity_oma_dbm,
    symbol_error_ratio,
    pre_fec_ber,
    q_db,
    post_fec_ber,
    frame_loss_ratio,
    required_osnr_db,
    osnr_margin_db,
    power_margin_db,
    fec_margin_db,
    margin_db,
    latency_s,
);

/// Takes the answers of consecutive lanes, one after the other.
#[derive(Debug)]
pub(super) struct RowWriter<'a> {
    window: Window<'a>,
    next: usize,
    explain: bool,
    contributions: Vec<Contribution>,
    /// Number of contributions up to and with each row.
    ends: Vec<usize>,
}

impl RowSink for RowWriter<'_> {
    fn explain(&self) -> bool {
        self.explain
    }

    fn push(&mut self, out: LaneOutput) {
        self.window.set(self.next, &out);
        self.next += 1;
        if self.explain {
            self.contributions.extend(out.contributions);
            self.ends.push(self.contributions.len());
        }
    }
}

/// Fills columns in parallel and counts the rows as done: unit `i` of work (a path or a lane) has the rows `offsets[i]..offsets[i + 1]`.
///
/// # Algorithm
/// 1. Cut the units into runs of about [`ROWS_PER_RUN`] rows and the columns at the same rows.
/// 2. Each run is one task; runs that a thread takes one after the other share the memory of their scratch, which no answer
///    depends on. Units write their rows in order, so that no row depends on which thread computes it or how the units are cut.
/// 3. Steps of explanation, of which there are any number per row, are gathered per run and joined at the end.
///
/// # Errors
/// The first error of `evaluate` and `Cancelled` if the task was cancelled.
pub(super) fn fill_columns<S>(
    offsets: &[usize],
    explain: bool,
    task: &Task,
    new_scratch: impl Fn() -> S + Sync + Send,
    evaluate: impl Fn(usize, &mut S, &mut RowWriter<'_>) -> Result<()> + Sync,
) -> Result<LaneColumns> {
    let rows = offsets.last().copied().unwrap_or(0);
    let mut columns = LaneColumns::zeroed(rows);
    let mut rest = columns.window();
    let mut runs = Vec::new();
    for units in cut(offsets) {
        let (window, after) = rest.split(offsets[units.end] - offsets[units.start]);
        rest = after;
        runs.push((units, window));
    }
    let explained = runs
        .into_par_iter()
        .map_init(&new_scratch, |scratch, (units, window)| {
            let mut writer = RowWriter { window, next: 0, explain, contributions: Vec::new(), ends: Vec::new() };
            for unit in units {
                task.check()?;
                evaluate(unit, scratch, &mut writer)?;
                task.advance((offsets[unit + 1] - offsets[unit]) as u64);
            }
            Ok((writer.contributions, writer.ends))
        })
        .collect::<Result<Vec<_>>>()?;
    if explain {
        for (contributions, ends) in explained {
            let before = columns.contributions.len();
            columns.contribution_offsets.extend(ends.into_iter().map(|end| before + end));
            columns.contributions.extend(contributions);
        }
    } else {
        columns.contribution_offsets.resize(rows + 1, 0);
    }
    Ok(columns)
}

/// Runs of units with about [`ROWS_PER_RUN`] rows each.
fn cut(offsets: &[usize]) -> Vec<Range<usize>> {
    let units = offsets.len().saturating_sub(1);
    let mut runs = Vec::new();
    let mut start = 0;
    for unit in 0..units {
        if offsets[unit + 1] - offsets[start] >= ROWS_PER_RUN || unit + 1 == units {
            runs.push(start..unit + 1);
            start = unit + 1;
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_cover_every_unit_once() {
        for rows_per_unit in [0, 1, 7, ROWS_PER_RUN, 3 * ROWS_PER_RUN] {
            let offsets: Vec<usize> = (0..100).map(|unit| unit * rows_per_unit).collect();
            let units: Vec<usize> = cut(&offsets).into_iter().flatten().collect();
            assert_eq!(units, (0..99).collect::<Vec<_>>());
        }
        assert!(cut(&[0]).is_empty());
    }

    #[test]
    fn rows_and_steps_land_where_they_belong() {
        use super::super::verdict::ContributionKind;
        // Unit i has i % 4 rows; row r of it explains itself by r steps.
        let mut offsets = vec![0];
        for unit in 0..3000usize {
            offsets.push(offsets[unit] + unit % 4);
        }
        let evaluate = |unit: usize, seen: &mut usize, writer: &mut RowWriter<'_>| {
            *seen += 1;
            for row in 0..unit % 4 {
                let mut out = LaneOutput::empty();
                out.margin_db = (offsets[unit] + row) as f64;
                let step =
                    Contribution { kind: ContributionKind::Launch, element: Some(unit), value_db: out.margin_db };
                out.contributions = vec![step; row];
                writer.push(out);
            }
            Ok(())
        };
        let task = Task::new();
        task.start(offsets.last().map_or(0, |&rows| rows as u64));
        let columns = fill_columns(&offsets, true, &task, || 0usize, evaluate).unwrap();
        let rows = *offsets.last().unwrap();
        assert_eq!(columns.margin_db, (0..rows).map(|row| row as f64).collect::<Vec<_>>());
        assert!(columns.osnr_db.iter().all(|value| value.is_nan()));
        assert_eq!(columns.contribution_offsets.len(), rows + 1);
        for row in 0..rows {
            let steps = columns.contribution_offsets[row]..columns.contribution_offsets[row + 1];
            assert!(columns.contributions[steps].iter().all(|step| step.value_db == row as f64));
        }
        assert_eq!(task.progress(), (rows as u64, rows as u64));
    }
}
