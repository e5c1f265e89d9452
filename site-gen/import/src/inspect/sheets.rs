//! Tables: delimited text, and the sheets of a workbook. Finds the row with the column names, and describes the columns.
//!
//! Rows are streamed. The first ten are examined together to find the header: the first row that is nearly full and contains no date,
//! number or address. A table without a header has columns called `1`, `2`, ….

use std::{
    cell::Cell,
    io::{Cursor, Read},
    rc::Rc,
};

use calamine::{DataRef, Reader as _, Xlsx};

use super::{
    numbers::Numbers,
    secrets::Tally,
    values::{Type, Values, type_of},
};
use circle_content::options::Options;

/// The maximum size of a record of a text table in bytes. A longer one is an unclosed quotation mark.
const LONGEST_RECORD: u64 = 32 << 20;
/// The maximum size of a workbook in bytes; it may unpack to [`UNPACKED`].
pub(super) const LARGEST_WORKBOOK: u64 = 64 << 20;
const UNPACKED: u64 = 512 << 20;
/// Further columns are ignored.
const MOST_COLUMNS: usize = 400;
/// The number of rows in which the header is searched.
const FIRST: usize = 10;
const DELIMITERS: &[u8] = b",\t;|";

/// A table.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    /// Its name in a workbook.
    pub name: Option<String>,
    /// The delimiter of a text table.
    pub delimiter: Option<char>,
    /// The row of the header, from 1; 0 if there is none.
    pub header: u64,
    /// Its columns, with their names.
    pub columns: Vec<(String, Values)>,
    /// The number of rows below the header.
    pub rows: u64,
    /// Rows with more cells than columns.
    pub uneven: u64,
    /// Why reading stopped before the end.
    pub stopped: Option<String>,
}

/// What examines the cells.
pub struct Watch<'a> {
    /// Counts private facts.
    pub tally: &'a mut Tally,
    /// Counts ids that are numbers.
    pub numbers: &'a mut Numbers,
    /// For dates.
    pub options: &'a Options,
}

/// The delimiter, by the first lines: the one with which most lines have the same number of cells. With `surely`, only if all lines agree
/// on at least three cells, for files that may be ordinary text.
pub fn delimiter(head: &str, surely: bool) -> Option<u8> {
    // The last line may be incomplete.
    let head = head.rsplit_once('\n').filter(|_| head.len() >= 16 << 10).map_or(head, |(head, _)| head);
    let mut best: Option<(usize, usize, u8)> = None;
    for delimiter in DELIMITERS {
        let mut widths: Vec<usize> = Vec::new();
        for record in reader(head.as_bytes(), *delimiter).records().take(30) {
            match record {
                Ok(record) => widths.push(record.len()),
                Err(_) => break,
            }
        }
        let Some(width) = widths.first().copied().filter(|width| *width > 1) else { continue };
        let same = widths.iter().filter(|w| **w == width).count();
        if surely && (same < widths.len() || widths.len() < 3 || width < 3) {
            continue;
        }
        let score = (same * 100 / widths.len(), width, *delimiter);
        if best.is_none_or(|(same, width, _)| (score.0, score.1) > (same, width)) {
            best = Some(score);
        }
    }
    best.map(|(_, _, delimiter)| delimiter)
}

fn reader<R: Read>(source: R, delimiter: u8) -> csv::Reader<R> {
    csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(source)
}

/// Reads a text table in UTF-8.
pub fn text(source: impl Read, delimiter: u8, watch: &mut Watch<'_>) -> Sheet {
    let since = Rc::new(Cell::new(0));
    let mut records = reader(Limited { source, since: Rc::clone(&since) }, delimiter);
    let mut builder = Builder::default();
    let mut record = csv::StringRecord::new();
    let mut number = 0;
    let mut stopped = None;
    loop {
        since.set(0);
        match records.read_record(&mut record) {
            Ok(false) => break,
            Ok(true) => {
                number += 1;
                builder.row(number, record.iter().map(|cell| (cell.to_owned(), false)).collect(), watch);
            }
            Err(error) => {
                let long = since.get() > LONGEST_RECORD;
                let why =
                    if long { "a quotation mark is opened and never closed" } else { "it cannot be read further" };
                stopped = Some(format!("after {number} rows {why}"));
                // Errors of the input repeat forever; a flexible reader has none for single records.
                let _ = error;
                break;
            }
        }
    }
    let mut sheet = builder.finish(watch);
    sheet.delimiter = Some(char::from(delimiter));
    sheet.stopped = stopped;
    sheet
}

/// Reads all sheets of a workbook (`.xlsx`).
///
/// # Errors
/// With the reason in words.
pub fn workbook(bytes: &[u8], watch: &mut Watch<'_>) -> Result<Vec<Sheet>, String> {
    let damaged = || "it is no workbook that can be opened; save it again as .xlsx or as CSV".to_owned();
    let mut parts = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| damaged())?;
    let mut unpacked = 0_u64;
    for at in 0..parts.len() {
        unpacked = unpacked.saturating_add(parts.by_index_raw(at).map_err(|_| damaged())?.size());
    }
    if unpacked > UNPACKED {
        return Err("it unpacks to more than half a gigabyte; save its sheets as CSV".to_owned());
    }
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|_| damaged())?;
    let mut sheets = Vec::new();
    for name in workbook.sheet_names() {
        let mut builder = Builder::default();
        let mut stopped = None;
        match workbook.worksheet_cells_reader(&name) {
            Ok(mut cells) => {
                let mut row: (u32, Vec<(String, bool)>) = (0, Vec::new());
                loop {
                    match cells.next_cell() {
                        Ok(Some(cell)) => {
                            let (line, column) = cell.get_position();
                            if line != row.0 {
                                builder.row(u64::from(row.0) + 1, std::mem::take(&mut row.1), watch);
                                row.0 = line;
                            }
                            let column = usize::try_from(column).unwrap_or(usize::MAX);
                            if column < MOST_COLUMNS {
                                row.1.resize(row.1.len().max(column + 1), (String::new(), false));
                                if let Some(place) = row.1.get_mut(column) {
                                    *place = shown(cell.get_value());
                                }
                            }
                        }
                        Ok(None) => break,
                        Err(_) => {
                            stopped = Some(format!("after row {} it cannot be read further", row.0));
                            break;
                        }
                    }
                }
                builder.row(u64::from(row.0) + 1, row.1, watch);
            }
            Err(_) => stopped = Some("this sheet cannot be read".to_owned()),
        }
        let mut sheet = builder.finish(watch);
        sheet.name = Some(name);
        sheet.stopped = stopped;
        sheets.push(sheet);
    }
    Ok(sheets)
}

/// A cell as text, and whether it was stored as a number.
fn shown(cell: &DataRef<'_>) -> (String, bool) {
    match cell {
        DataRef::Int(number) => (number.to_string(), true),
        DataRef::Float(number) => (number.to_string(), true),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => (text.clone(), false),
        DataRef::SharedString(text) => ((*text).to_owned(), false),
        DataRef::Bool(flag) => (flag.to_string(), false),
        DataRef::DateTime(date) => {
            let (year, month, day, hour, minute, second, _) = date.to_ymd_hms_milli();
            (format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"), false)
        }
        DataRef::Error(_) | DataRef::Empty => (String::new(), false),
    }
}

/// Collects rows until the header is known, then counts.
#[derive(Default)]
struct Builder {
    sheet: Sheet,
    first: Vec<(u64, Vec<(String, bool)>)>,
    begun: bool,
    /// The number of columns of the header.
    named: usize,
}

impl Builder {
    fn row(&mut self, number: u64, cells: Vec<(String, bool)>, watch: &mut Watch<'_>) {
        if cells.iter().all(|(cell, _)| cell.trim().is_empty()) {
            return;
        }
        if self.begun {
            self.count(cells, watch);
            return;
        }
        self.first.push((number, cells));
        if self.first.len() >= FIRST {
            self.begin(watch);
        }
    }

    fn finish(mut self, watch: &mut Watch<'_>) -> Sheet {
        if !self.begun {
            self.begin(watch);
        }
        // A delimiter at the end of every row makes an empty column.
        while self.sheet.columns.len() > self.named
            && self.sheet.columns.last().is_some_and(|(_, values)| values.filled == 0)
        {
            self.sheet.columns.pop();
        }
        self.sheet
    }

    fn begin(&mut self, watch: &mut Watch<'_>) {
        self.begun = true;
        let first = std::mem::take(&mut self.first);
        let filled = |row: &[(String, bool)]| row.iter().filter(|(cell, _)| !cell.trim().is_empty()).count();
        let width = first.iter().map(|(_, row)| filled(row)).max().unwrap_or(0);
        let names = first.iter().position(|(_, row)| {
            let plain = row.iter().all(|(cell, number)| {
                !number
                    && !matches!(type_of(cell, watch.options), Type::Number | Type::Fraction | Type::Date | Type::Url)
            });
            plain && filled(row) * 10 >= width * 6
        });
        let columns = first.iter().map(|(_, row)| row.len()).max().unwrap_or(0).min(MOST_COLUMNS);
        let header = names.and_then(|at| first.get(at));
        self.sheet.header = header.map_or(0, |(number, _)| *number);
        let filled_names = |row: &[(String, bool)]| row.iter().rposition(|(name, _)| !name.trim().is_empty());
        self.named = header.map_or(columns, |(_, row)| filled_names(row).map_or(0, |last| last + 1));
        self.sheet.columns = (0..columns)
            .map(|at| {
                let name = header.and_then(|(_, row)| row.get(at)).map(|(name, _)| name.trim().to_owned());
                // An empty or private name is replaced by the column's index.
                let name = name.filter(|name| !name.is_empty() && !circle_html::privacy::has_fact(name));
                (name.unwrap_or_else(|| (at + 1).to_string()), Values::default())
            })
            .collect();
        for (number, row) in first {
            if number > self.sheet.header {
                self.count(row, watch);
            } else {
                row.iter().for_each(|(cell, _)| watch.tally.text(cell));
            }
        }
    }

    fn count(&mut self, row: Vec<(String, bool)>, watch: &mut Watch<'_>) {
        // Some tools write the header again in a later run.
        let again = row.len() == self.named
            && row.iter().zip(&self.sheet.columns).all(|((cell, _), (name, _))| cell.trim() == name);
        if again {
            return;
        }
        self.sheet.rows += 1;
        let last = row.iter().rposition(|(cell, _)| !cell.trim().is_empty()).map_or(0, |last| last + 1);
        self.sheet.uneven += u64::from(last > self.named);
        let empty = (String::new(), false);
        let longer = row.len().max(self.sheet.columns.len());
        for at in 0..longer {
            let (cell, number) = row.get(at).unwrap_or(&empty);
            let Some((name, values)) = self.sheet.columns.get_mut(at) else {
                watch.tally.text(cell);
                continue;
            };
            values.add(name, cell, watch.options);
            watch.tally.field(name, cell);
            match cell.parse::<f64>() {
                Ok(value) if *number => watch.numbers.json_float(name, value),
                _ if self.sheet.name.is_none() => watch.numbers.cell(name, cell),
                _ => watch.numbers.json_text(name, cell),
            }
        }
    }
}

/// Ends a record that never ends by itself.
struct Limited<R> {
    source: R,
    since: Rc<Cell<u64>>,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.since.get() > LONGEST_RECORD {
            return Err(std::io::Error::other("a record without an end"));
        }
        let count = self.source.read(buffer)?;
        self.since.set(self.since.get() + count as u64);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(table: &str) -> Sheet {
        let (mut tally, mut numbers) = (Tally::default(), Numbers::default());
        let mut watch = Watch { tally: &mut tally, numbers: &mut numbers, options: &Options::default() };
        let delimiter = delimiter(table, false).unwrap_or(b',');
        text(table.as_bytes(), delimiter, &mut watch)
    }

    #[test]
    fn separators_and_names_are_found() {
        let table = sheet("编号;谁;何时;写了什么\n1;林晚;2021-05-29;你好, 世界\n2;阿晨;2021-05-30;\"两行\n正文\"\n");
        assert_eq!((table.delimiter, table.header, table.rows), (Some(';'), 1, 2));
        assert_eq!(table.columns[3].0, "写了什么");
        assert_eq!(table.columns[2].1.kind(), Type::Date);
        assert_eq!(sheet("a\tb\n1\t2,3\n").delimiter, Some('\t'));
    }

    #[test]
    fn tables_without_names_and_with_lines_before_them() {
        let table = sheet("1,2021-05-29,读完了\n2,2021-05-30,还没有\n");
        assert_eq!((table.header, table.rows, table.columns[2].0.as_str()), (0, 2, "3"));
        let table = sheet("我的导出,,\n帖子,时间,正文\n1,2021-05-29,读完了\n帖子,时间,正文\n2,2021-05-30,x,多\n");
        assert_eq!((table.header, table.rows, table.uneven), (2, 2, 1));
    }

    #[test]
    fn prose_is_no_table() {
        assert_eq!(delimiter("今天，天气很好。\n我们去了公园, 然后回家。\n没有了。\n", true), None);
        assert_eq!(delimiter("a\tb\tc\n1\t2\t3\n4\t5\t6\n", true), Some(b'\t'));
    }
}
