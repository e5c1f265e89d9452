//! XLSX. Cells are streamed and become rows, so that a sheet that claims a million columns costs nothing.
//!
//! A formula gives its last computed value. Dates become ISO text. Numbers that a spreadsheet has rounded stay floats, so that no id is
//! made from them.

use std::io::Cursor;

use calamine::{Data, DataRef, Reader as _, Xlsx};
use serde_json::Value;

use super::{
    glob,
    map::Table,
    rows::{Each, Rows, plain},
};
use circle_content::{Result, input::Input, media::prepare::LARGEST, report::Report};

/// The maximum number of columns.
const COLUMNS: u32 = 2048;
/// From this number on Excel keeps only fifteen significant digits.
const ROUNDED: f64 = 1e15;

/// Reads the rows of the sheets that the table names.
///
/// # Errors
/// If the file cannot be read, or `each` fails.
pub(super) fn read(input: &Input, path: &str, table: &Table, report: &mut Report, each: Each<'_>) -> Result<()> {
    let Some(mut book) = open(input, path, report)? else { return Ok(()) };
    for name in book.sheet_names() {
        if is_named(table, &name) {
            sheet((input, path), &mut book, &name, table, report, each)?;
        }
    }
    Ok(())
}

/// The names of all sheets; empty, with a problem, if it is not a workbook.
///
/// # Errors
/// If the file cannot be read.
pub(super) fn names(input: &Input, path: &str) -> Result<Vec<String>> {
    Ok(open(input, path, &mut Report::default())?.map_or_else(Vec::new, |book| book.sheet_names()))
}

/// The number of rows below the header of a sheet.
///
/// # Errors
/// If the file cannot be read.
pub(super) fn count(input: &Input, path: &str, name: &str, table: &Table) -> Result<u64> {
    let mut rows = 0;
    let mut report = Report::default();
    if let Some(mut book) = open(input, path, &mut report)? {
        sheet((input, path), &mut book, name, table, &mut report, &mut |_, _, _| {
            rows += 1;
            Ok(())
        })?;
    }
    Ok(rows)
}

/// True if the table names this sheet.
pub(super) fn is_named(table: &Table, name: &str) -> bool {
    let name = name.trim().to_lowercase();
    table.sheet.as_ref().is_none_or(|sheets| sheets.0.iter().any(|sheet| glob::name_fits(&sheet.to_lowercase(), &name)))
}

type Book = Xlsx<Cursor<Vec<u8>>>;

fn open(input: &Input, path: &str, report: &mut Report) -> Result<Option<Book>> {
    let bytes = input.read(path, LARGEST)?;
    match Xlsx::new(Cursor::new(bytes)) {
        Ok(book) => Ok(Some(book)),
        Err(error) => {
            let help = "open it in Excel or WPS and save it again as .xlsx without a password, or as .csv";
            report.problem(path, format!("this spreadsheet cannot be read: {error}"), help);
            Ok(None)
        }
    }
}

fn sheet(
    (input, path): (&Input, &str),
    book: &mut Book,
    name: &str,
    table: &Table,
    report: &mut Report,
    each: Each<'_>,
) -> Result<()> {
    let broken = |report: &mut Report, row: u64, error: &dyn std::fmt::Display| {
        report.problem(
            format!("{path}, sheet {name}: after row {row}"),
            format!("the rest of the sheet cannot be read: {error}"),
            "open the file in Excel or WPS and save it again; everything before was read",
        );
    };
    let mut cells = match book.worksheet_cells_reader(name) {
        Ok(cells) => cells,
        // Charts and dialogs are sheets, too.
        Err(error) => {
            broken(report, 0, &error);
            return Ok(());
        }
    };
    let mut rows = Rows::new(input, path, Some(name.to_owned()), table);
    let (mut row, mut at): (Vec<Value>, Option<u32>) = (Vec::new(), None);
    loop {
        let cell = match cells.next_cell() {
            Ok(cell) => cell,
            Err(error) => {
                broken(report, u64::from(at.unwrap_or(0)), &error);
                break;
            }
        };
        let Some(cell) = cell else { break };
        let (number, column) = cell.get_position();
        if at != Some(number) {
            if let Some(at) = at {
                rows.skip_to(u64::from(at) + 1);
                rows.take(std::mem::take(&mut row), report, each)?;
            }
            at = Some(number);
        }
        if column >= COLUMNS {
            continue;
        }
        while row.len() < column as usize {
            row.push(Value::Null);
        }
        row.push(value(cell.get_value()));
    }
    if let Some(at) = at {
        rows.skip_to(u64::from(at) + 1);
        rows.take(row, report, each)?;
    }
    rows.finish(report);
    Ok(())
}

fn value(cell: &DataRef<'_>) -> Value {
    match cell {
        DataRef::Int(number) => (*number).into(),
        DataRef::Float(number) if number.fract() == 0.0 && number.abs() < ROUNDED => {
            #[expect(clippy::cast_possible_truncation, reason = "it is whole and below 10^15")]
            let whole = *number as i64;
            whole.into()
        }
        DataRef::Float(number) => (*number).into(),
        DataRef::String(text) => plain(text).into(),
        DataRef::SharedString(text) => plain(text).into(),
        DataRef::Bool(flag) => (*flag).into(),
        DataRef::DateTime(time) if time.is_datetime() => super::fields::day_and_clock(time).into(),
        DataRef::DateTime(_) | DataRef::Error(_) | DataRef::Empty => match Data::from(cell.clone()) {
            Data::DateTime(time) => time.as_f64().into(),
            _ => Value::Null,
        },
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone().into(),
    }
}
