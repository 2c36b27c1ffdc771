//! Answers of units of work, written row by row, in parallel over runs of units.

use super::columns::{Answer, LaneColumns};
use super::draws::RowSink;
use super::verdict::{Contribution, LaneOutput};
use crate::error::{Error, Result};
use crate::task::Task;
use rayon::prelude::*;
use std::ops::Range;

/// Most and fewest rows that one worker fills at a time: cutting the columns costs nothing beside so many, and no worker waits
/// long for the last of few.
const ROWS_PER_RUN: usize = 512;
const LEAST_ROWS_PER_RUN: usize = 32;
/// Runs that each thread has at least, as far as the rows go.
const RUNS_PER_THREAD: usize = 4;

/// Answers that are written together: few enough to stay in the cache until then.
const ANSWERS_AT_A_TIME: usize = 64;

/// Steps towards the margins of all answers, in their order.
#[derive(Debug, Clone, Default)]
pub struct Explanations {
    /// Steps of answer `i` are `offsets[i]..offsets[i + 1]`; only 0 where nobody asked.
    pub offsets: Vec<usize>,
    /// The steps, one answer after the other.
    pub contributions: Vec<Contribution>,
}

/// Where answers go: rows of columns that may be many more.
#[derive(Debug)]
pub struct AnswerRows<'a> {
    /// The columns.
    pub columns: LaneColumns<'a>,
    /// Row of each answer.
    pub rows: &'a [usize],
}

/// Takes the answers of consecutive lanes, one after the other.
#[derive(Debug)]
pub(super) struct RowWriter<'a> {
    window: LaneColumns<'a>,
    /// Row at which the window begins.
    start: usize,
    /// Rows of the answers that are not written yet.
    rows: &'a [usize],
    /// The first of these, as far as they have come.
    answers: Vec<Answer>,
    explain: bool,
    contributions: Vec<Contribution>,
    /// Number of contributions up to and with each row.
    ends: Vec<usize>,
}

impl RowSink for RowWriter<'_> {
    fn explain(&self) -> bool {
        self.explain
    }

    fn push(&mut self, out: &mut LaneOutput) {
        self.answers.push(Answer::of(out));
        if self.explain {
            self.contributions.append(&mut out.contributions);
            self.ends.push(self.contributions.len());
        }
    }
}

impl RowWriter<'_> {
    /// Writes what has come.
    fn flush(&mut self) {
        let (rows, rest) = self.rows.split_at(self.answers.len().min(self.rows.len()));
        self.window.write(self.start, rows, &self.answers);
        self.rows = rest;
        self.answers.clear();
    }
}

/// Fills columns in parallel and counts the answers as done: unit `i` of work (a path or a lane) has the answers
/// `offsets[i]..offsets[i + 1]`.
///
/// # Algorithm
/// 1. Cut the units into runs of at most about [`ROWS_PER_RUN`] answers, where no row of one run lies among those of another, and the
///    columns at the same rows.
/// 2. Each run is one task; runs that a thread takes one after the other share the memory of their scratch, which no answer
///    depends on. Each answer has its row, so that no row depends on which thread computes it or how the units are cut.
/// 3. Steps of explanation, of which there are any number per answer, are gathered per run and joined at the end.
///
/// # Errors
/// The first error of `evaluate`, `Cancelled` if the task was cancelled, and [`Error::Parameter`] if there is not one row for
/// each answer or a row is beyond the end of the columns.
pub(super) fn fill_columns<S>(
    AnswerRows { mut columns, rows }: AnswerRows<'_>,
    offsets: &[usize],
    explain: bool,
    task: &Task,
    new_scratch: impl Fn() -> S + Sync + Send,
    evaluate: impl Fn(usize, &mut S, &mut RowWriter<'_>) -> Result<()> + Sync,
) -> Result<Explanations> {
    let count = offsets.last().copied().unwrap_or(0);
    if rows.len() != count {
        return Err(Error::parameter("rows", format!("{} rows", rows.len()), format!("{count}, one for each answer")));
    }
    if let Some(row) = rows.iter().find(|&&row| row >= columns.rows_count()) {
        return Err(Error::parameter("rows", row, format!("a number below {}", columns.rows_count())));
    }
    columns.check_units(offsets.len().saturating_sub(1))?;
    let mut runs = Vec::new();
    let mut taken = 0;
    let share = count / (RUNS_PER_THREAD * rayon::current_num_threads());
    for Run { units, window } in cut(offsets, rows, share.clamp(LEAST_ROWS_PER_RUN, ROWS_PER_RUN)) {
        columns.take_front(window.start - taken, 0);
        taken = window.end;
        runs.push((units.clone(), window.start, columns.take_front(window.len(), units.len())));
    }
    let explained = runs
        .into_par_iter()
        .map_init(&new_scratch, |scratch, (units, start, window)| {
            let rows = &rows[offsets[units.start]..offsets[units.end]];
            let (answers, contributions, ends) = (Vec::new(), Vec::new(), Vec::new());
            let mut writer = RowWriter { window, start, rows, answers, explain, contributions, ends };
            for (place, unit) in units.enumerate() {
                task.check()?;
                let before = writer.answers.len();
                evaluate(unit, scratch, &mut writer)?;
                writer.window.write_unit(place, &writer.answers[before..]);
                if writer.answers.len() >= ANSWERS_AT_A_TIME {
                    writer.flush();
                }
                task.advance((offsets[unit + 1] - offsets[unit]) as u64);
            }
            writer.flush();
            Ok((writer.contributions, writer.ends))
        })
        .collect::<Result<Vec<_>>>()?;
    let mut out = Explanations { offsets: vec![0], contributions: Vec::new() };
    for (contributions, ends) in explained {
        let before = out.contributions.len();
        out.offsets.extend(ends.into_iter().map(|end| before + end));
        out.contributions.extend(contributions);
    }
    out.offsets.resize(count + 1, 0);
    Ok(out)
}

/// Units that one worker takes together, and the rows among which theirs lie.
#[derive(Debug, PartialEq, Eq)]
struct Run {
    units: Range<usize>,
    window: Range<usize>,
}

/// Runs of units with about so many answers each, rising by their rows.
fn cut(offsets: &[usize], rows: &[usize], rows_per_run: usize) -> Vec<Run> {
    let units = offsets.len().saturating_sub(1);
    // The least row of any answer from each unit on: a run may end before it.
    let mut least_from = vec![usize::MAX; units + 1];
    for unit in (0..units).rev() {
        let own = rows[offsets[unit]..offsets[unit + 1]].iter().copied();
        least_from[unit] = own.fold(least_from[unit + 1], usize::min);
    }
    let mut runs = Vec::new();
    let (mut start, mut end_row) = (0, 0);
    for unit in 0..units {
        let own = rows[offsets[unit]..offsets[unit + 1]].iter();
        end_row = own.fold(end_row, |end, &row| end.max(row + 1));
        let is_long = offsets[unit + 1] - offsets[start] >= rows_per_run;
        if unit + 1 == units || (is_long && end_row <= least_from[unit + 1]) {
            runs.push(Run { units: start..unit + 1, window: least_from[start].min(end_row)..end_row });
            start = unit + 1;
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::super::columns::{CODE_COLUMNS, NUMBER_COLUMNS, UNIT_COLUMNS};
    use super::super::verdict::ContributionKind;
    use super::*;

    const NUMBER_COUNT: usize = NUMBER_COLUMNS.len();

    fn no_units<'a>() -> impl Iterator<Item = &'a mut [f64]> {
        UNIT_COLUMNS.iter().map(|_| &mut [][..])
    }

    #[test]
    fn what_a_unit_shares_is_written_once() {
        // Unit i has i % 3 answers; those without any write nothing.
        let mut offsets = vec![0];
        for unit in 0..1000usize {
            offsets.push(offsets[unit] + unit % 3);
        }
        let count = offsets[1000];
        let rows: Vec<usize> = (0..count).collect();
        let evaluate = |unit: usize, (): &mut (), writer: &mut RowWriter<'_>| {
            for _ in 0..unit % 3 {
                let mut out = LaneOutput::empty();
                (out.latency_s, out.launch_power_dbm) = (unit as f64, -2.0 * unit as f64);
                writer.push(&mut out);
            }
            Ok(())
        };
        let mut numbers = vec![vec![0.0; count]; NUMBER_COUNT];
        let mut codes = vec![vec![0; count]; CODE_COLUMNS.len()];
        // Latency has a row for each unit, launch power one for each answer.
        let place = |name: &str| NUMBER_COLUMNS.iter().position(|other| *other == name).unwrap();
        numbers[place("latency_s")].clear();
        let mut latencies = vec![-1.0; 1000];
        let mut fill = |latencies: &mut [f64]| {
            let units = no_units().take(UNIT_COLUMNS.len() - 1).chain([latencies]);
            let numbers = numbers.iter_mut().map(Vec::as_mut_slice);
            let columns = LaneColumns::new(numbers, codes.iter_mut().map(Vec::as_mut_slice), units)?;
            fill_columns(AnswerRows { columns, rows: &rows }, &offsets, false, &Task::new(), || (), evaluate)
        };
        assert!(fill(&mut [0.0; 999]).is_err() && fill(&mut []).is_err());
        fill(&mut latencies).unwrap();
        for (unit, &latency_s) in latencies.iter().enumerate() {
            assert_eq!(latency_s, if unit % 3 == 0 { -1.0 } else { unit as f64 });
            let launches = &numbers[place("launch_power_dbm")][offsets[unit]..offsets[unit + 1]];
            assert!(launches.iter().all(|&launch_dbm| launch_dbm == -2.0 * unit as f64));
        }
    }

    #[test]
    fn runs_cover_every_unit_once() {
        for rows_per_unit in [0, 1, 7, ROWS_PER_RUN, 3 * ROWS_PER_RUN] {
            let offsets: Vec<usize> = (0..100).map(|unit| unit * rows_per_unit).collect();
            let rows: Vec<usize> = (0..99 * rows_per_unit).collect();
            let units: Vec<usize> = cut(&offsets, &rows, ROWS_PER_RUN).into_iter().flat_map(|run| run.units).collect();
            assert_eq!(units, (0..99).collect::<Vec<_>>());
        }
        assert!(cut(&[0], &[], ROWS_PER_RUN).is_empty());
    }

    #[test]
    fn units_whose_rows_lie_among_each_other_stay_together() {
        // Two units of 600 rows each, one with the even rows and one with the odd; then one far behind.
        let mut rows: Vec<usize> = (0..600).map(|row| 2 * row).chain((0..600).map(|row| 2 * row + 1)).collect();
        rows.extend(5000..5600);
        let runs = cut(&[0, 600, 1200, 1800], &rows, ROWS_PER_RUN);
        assert_eq!(runs, [Run { units: 0..2, window: 0..1200 }, Run { units: 2..3, window: 5000..5600 }]);
    }

    #[test]
    fn answers_and_steps_land_where_they_belong() {
        // Unit i has i % 4 answers; answer r of it explains itself by r steps. Every third row belongs to somebody else.
        let mut offsets = vec![0];
        for unit in 0..3000usize {
            offsets.push(offsets[unit] + unit % 4);
        }
        let count = offsets[3000];
        let rows: Vec<usize> = (0..count).map(|answer| answer + answer / 2).collect();
        let evaluate = |unit: usize, seen: &mut usize, writer: &mut RowWriter<'_>| {
            *seen += 1;
            for answer in 0..unit % 4 {
                let mut out = LaneOutput::empty();
                out.margin_db = (offsets[unit] + answer) as f64;
                let step =
                    Contribution { kind: ContributionKind::Launch, element: Some(unit), value_db: out.margin_db };
                out.contributions = vec![step; answer];
                writer.push(&mut out);
            }
            Ok(())
        };
        let task = Task::new();
        task.start(count as u64);
        let length = rows[count - 1] + 1;
        let mut numbers = vec![vec![-1.0; length]; NUMBER_COUNT];
        let mut codes = vec![vec![255; length]; CODE_COLUMNS.len()];
        let columns = LaneColumns::new(
            numbers.iter_mut().map(Vec::as_mut_slice),
            codes.iter_mut().map(Vec::as_mut_slice),
            no_units(),
        )
        .unwrap();
        let found =
            fill_columns(AnswerRows { columns, rows: &rows }, &offsets, true, &task, || 0usize, evaluate).unwrap();
        let column = |name: &str| &numbers[NUMBER_COLUMNS.iter().position(|column| *column == name).unwrap()];
        for (row, (margin_db, osnr_db)) in column("margin_db").iter().zip(column("osnr_db")).enumerate() {
            if row % 3 == 2 {
                assert_eq!((*margin_db, *osnr_db, codes[0][row]), (-1.0, -1.0, 255));
            } else {
                assert_eq!((*margin_db, codes[0][row]), ((row - row / 3) as f64, 0));
                assert!(osnr_db.is_nan());
            }
        }
        assert_eq!(found.offsets.len(), count + 1);
        for answer in 0..count {
            let steps = found.offsets[answer]..found.offsets[answer + 1];
            assert!(found.contributions[steps].iter().all(|step| step.value_db == answer as f64));
        }
        assert_eq!(task.progress(), (count as u64, count as u64));
    }

    #[test]
    fn rows_must_be_there() {
        let evaluate = |_: usize, (): &mut (), writer: &mut RowWriter<'_>| {
            writer.push(&mut LaneOutput::empty());
            Ok(())
        };
        for rows in [&[0][..], &[0, 2]] {
            let mut numbers = vec![vec![0.0; 2]; NUMBER_COUNT];
            let mut codes = vec![vec![0; 2]; CODE_COLUMNS.len()];
            let numbers = numbers.iter_mut().map(Vec::as_mut_slice);
            let columns = LaneColumns::new(numbers, codes.iter_mut().map(Vec::as_mut_slice), no_units()).unwrap();
            assert!(
                fill_columns(AnswerRows { columns, rows }, &[0, 1, 2], false, &Task::new(), || (), evaluate).is_err()
            );
        }
    }
}
