//! The answers as columns: one array per quantity.

use super::verdict::{LaneOutput, Limit};
use crate::error::{Error, Result};
use std::mem::take;

/// Declares the columns of numbers that a lane's answer fills.
macro_rules! number_columns {
    ($($name:ident),+ $(,)?) => {
        /// Columns of numbers, each named as its field of [`LaneOutput`], and last the value that passed a limit without a
        /// decibel scale and where that limit ends.
        pub const NUMBER_COLUMNS: [&str; NUMBER_COUNT] = [$(stringify!($name),)+ "blocked_value", "blocked_end"];
        const NUMBER_COUNT: usize = [$(stringify!($name)),+].len() + 2;

        /// Numbers of one answer, in the order of [`NUMBER_COLUMNS`].
        fn numbers(out: &LaneOutput) -> [f64; NUMBER_COUNT] {
            let (_, value, end) = out.blocked.unwrap_or((Limit::None, f64::NAN, f64::NAN));
            [$(out.$name,)+ value, end]
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
    post_fec_ber,
    frame_loss_ratio,
    required_osnr_db,
    osnr_margin_db,
    power_margin_db,
    fec_margin_db,
    margin_db,
    latency_s,
);

/// Columns that only direct-detect lanes fill: who evaluates no others may leave them out.
pub const DIRECT_COLUMNS: [&str; 5] =
    ["tdecq_db", "tecq_db", "oma_outer_dbm", "sensitivity_oma_dbm", "symbol_error_ratio"];

/// Columns that the answers of one unit of work may share, as those of all channels of one mode on a path do: who knows that they
/// do may have one row for each unit in place of one for each answer.
pub const UNIT_COLUMNS: [&str; 6] =
    ["launch_power_dbm", "dgd_mean_s", "dgd_outage_ratio", "pdl_db", "pdl_outage_ratio", "latency_s"];

/// From this column on numbers are written where a lane passes a limit, and left alone elsewhere.
const FIRST_OF_BLOCKED: usize = NUMBER_COUNT - 2;

/// Columns of codes: of [`LaneOutput::limited_by`], of the passed limit, of [`LaneOutput::unknown`].
pub const CODE_COLUMNS: [&str; 3] = ["limited_by", "blocked", "unknown"];

/// Columns that answers are written to; NaN where a quantity does not exist or is not known. One without a row is left out.
#[derive(Debug, Default)]
pub struct LaneColumns<'a> {
    /// In the order of [`NUMBER_COLUMNS`].
    numbers: [&'a mut [f64]; NUMBER_COUNT],
    /// In the order of [`CODE_COLUMNS`].
    codes: [&'a mut [u8]; CODE_COLUMNS.len()],
    /// In the order of [`UNIT_COLUMNS`], each with its place in [`NUMBER_COLUMNS`]: a row for each unit of work; empty where each
    /// answer has its own.
    units: [(usize, &'a mut [f64]); UNIT_COLUMNS.len()],
}

impl<'a> LaneColumns<'a> {
    /// Columns in the order of [`NUMBER_COLUMNS`], those of [`DIRECT_COLUMNS`] empty where they are left out, [`CODE_COLUMNS`], and
    /// those of [`UNIT_COLUMNS`] that have a row for each unit, the others empty: in the one list or in the other.
    ///
    /// # Errors
    /// [`Error::Parameter`] if there are more or fewer, or they differ in length.
    pub fn new(
        numbers: impl IntoIterator<Item = &'a mut [f64]>,
        codes: impl IntoIterator<Item = &'a mut [u8]>,
        units: impl IntoIterator<Item = &'a mut [f64]>,
    ) -> Result<Self> {
        let (mut numbers, mut codes, mut units) = (numbers.into_iter(), codes.into_iter(), units.into_iter());
        let missing = |kind: &str, allowed: usize| Error::parameter(kind, "another number", allowed.to_string());
        let mut out = Self::default();
        for column in &mut out.numbers {
            *column = numbers.next().ok_or_else(|| missing("columns of numbers", NUMBER_COUNT))?;
        }
        for column in &mut out.codes {
            *column = codes.next().ok_or_else(|| missing("columns of codes", CODE_COLUMNS.len()))?;
        }
        for ((place, column), name) in out.units.iter_mut().zip(UNIT_COLUMNS) {
            *place = NUMBER_COLUMNS.iter().position(|other| *other == name).unwrap_or(0);
            *column = units.next().ok_or_else(|| missing("columns of units", UNIT_COLUMNS.len()))?;
        }
        let rows = out.rows_count();
        let is_of_units =
            |name: &str| out.units.iter().any(|(place, column)| NUMBER_COLUMNS[*place] == name && !column.is_empty());
        let is_left_out = |(name, column): &(&str, &&mut [f64])| {
            column.is_empty() && (DIRECT_COLUMNS.contains(name) || is_of_units(name))
        };
        let numbers = NUMBER_COLUMNS.into_iter().zip(&out.numbers).filter(|column| !is_left_out(column));
        let lengths = numbers.map(|(_, column)| column.len()).chain(out.codes.iter().map(|column| column.len()));
        if let Some(length) = lengths.into_iter().find(|&length| length != rows) {
            return Err(Error::parameter("columns of answers", format!("{length} rows"), format!("{rows} rows")));
        }
        Ok(out)
    }

    pub(super) fn rows_count(&self) -> usize {
        self.codes[0].len()
    }

    /// Checks that columns of units have one row for each of so many units.
    ///
    /// # Errors
    /// [`Error::Parameter`] if they have not.
    pub(super) fn check_units(&self, count: usize) -> Result<()> {
        let wrong = |column: &&mut [f64]| !column.is_empty() && column.len() != count;
        match self.units.iter().map(|(_, column)| column).find(|column| wrong(column)) {
            None => Ok(()),
            Some(column) => {
                let allowed = format!("{count} rows, one for each unit, or none");
                Err(Error::parameter("columns of units", format!("{} rows", column.len()), allowed))
            }
        }
    }

    /// Takes the first rows and units out.
    pub(super) fn take_front(&mut self, rows: usize, units: usize) -> Self {
        let mut front = Self::default();
        for (front, rest) in front.numbers.iter_mut().zip(&mut self.numbers).filter(|(_, rest)| !rest.is_empty()) {
            (*front, *rest) = take(rest).split_at_mut(rows);
        }
        for (front, rest) in front.codes.iter_mut().zip(&mut self.codes) {
            (*front, *rest) = take(rest).split_at_mut(rows);
        }
        for ((front_place, front), (place, rest)) in front.units.iter_mut().zip(&mut self.units) {
            *front_place = *place;
            if !rest.is_empty() {
                (*front, *rest) = take(rest).split_at_mut(units);
            }
        }
        front
    }

    /// Writes what the answers of a unit share.
    pub(super) fn write_unit(&mut self, unit: usize, answers: &[Answer]) {
        let Some(first) = answers.first() else { return };
        for (place, column) in self.units.iter_mut().filter(|(_, column)| !column.is_empty()) {
            column[unit] = first.numbers[*place];
            debug_assert!(answers.iter().all(|other| other.numbers[*place].to_bits() == column[unit].to_bits()));
        }
    }

    /// Writes answers to rows that count from `start`, column after column: row after row would touch all columns, which lie
    /// far apart, again and again.
    pub(super) fn write(&mut self, start: usize, rows: &[usize], answers: &[Answer]) {
        let (always, of_blocked) = self.numbers.split_at_mut(FIRST_OF_BLOCKED);
        for (index, column) in always.iter_mut().enumerate().filter(|(_, column)| !column.is_empty()) {
            for (row, answer) in rows.iter().zip(answers) {
                column[row - start] = answer.numbers[index];
            }
        }
        for (row, answer) in rows.iter().zip(answers).filter(|(_, answer)| answer.is_blocked()) {
            for (index, column) in of_blocked.iter_mut().enumerate() {
                column[row - start] = answer.numbers[FIRST_OF_BLOCKED + index];
            }
        }
        for (index, column) in self.codes.iter_mut().enumerate() {
            for (row, answer) in rows.iter().zip(answers) {
                column[row - start] = answer.codes[index];
            }
        }
    }
}

/// One answer, as the columns hold it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Answer {
    numbers: [f64; NUMBER_COUNT],
    codes: [u8; CODE_COLUMNS.len()],
}

impl Answer {
    pub(super) fn of(out: &LaneOutput) -> Self {
        let blocked = out.blocked.map_or(Limit::None, |(limit, _, _)| limit);
        Self { numbers: numbers(out), codes: [out.limited_by as u8, blocked as u8, out.unknown as u8] }
    }

    fn is_blocked(&self) -> bool {
        self.codes[1] != Limit::None as u8
    }
}
