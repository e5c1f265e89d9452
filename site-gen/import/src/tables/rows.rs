//! Streams the rows of the files that a table names, each as a JSON object by column. A large file needs no more memory than its longest
//! row.
//!
//! 1. CSV: the first bytes decide encoding and delimiter. Rows may be longer or shorter than the header. A header in the middle of the
//!    file, which tools append with every run, is not a row, and applies from there on.
//! 2. JSON and JSONL, by [`json::items`].
//! 3. XLSX, by [`super::sheet`].

use std::io::{BufRead as _, BufReader, Read};

use serde_json::{Map, Value};

use super::{map::Table, rule::Spot, shape, sheet};
use crate::json;
use circle_content::{Error, Result, decode, input::Input, report::Report};

/// Receives a row.
pub(super) type Each<'a> = &'a mut dyn FnMut(&Spot, &Value, &mut Report) -> Result<()>;

/// Reads the rows of a file. Rows that cannot be read are problems in the report.
///
/// # Errors
/// If the file cannot be read at all, or `each` fails.
pub(super) fn read(input: &Input, path: &str, table: &Table, report: &mut Report, each: Each<'_>) -> Result<()> {
    let name = path.rsplit('/').next().unwrap_or(path).to_lowercase();
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "xlsx" | "xlsm" => sheet::read(input, path, table, report, each),
        "xls" | "ods" | "numbers" | "et" => {
            let help = "open it in Excel or WPS, save it as .xlsx or .csv, and import again";
            report.problem(path, "spreadsheets of this kind are not read", help);
            Ok(())
        }
        "json" | "jsonl" | "ndjson" | "js" => of_json(input, path, table, report, each),
        _ => of_csv(input, path, table, report, each),
    }
}

fn of_json(input: &Input, path: &str, table: &Table, report: &mut Report, each: Each<'_>) -> Result<()> {
    let guessed;
    let list = match &table.rows {
        Some(rows) => rows.as_str(),
        None => {
            let head = decode::text(&input.head(path, 4096)?).text;
            guessed = if head.trim_start().starts_with('[') { "[]" } else { "" };
            guessed
        }
    };
    if list.is_empty() && is_lines(input, path)? {
        return of_lines(input, path, report, each);
    }
    json::items(input, path, &[list], report, |number, item, report| {
        let spot = Spot { path: path.to_owned(), top: input.top().to_owned(), sheet: None, row: number, item: true };
        each(&spot, &item, report)
    })?;
    Ok(())
}

/// True if the first line is a complete value.
fn is_lines(input: &Input, path: &str) -> Result<bool> {
    let head = decode::text(&input.head(path, 1 << 20)?).text;
    let Some((first, more)) = head.trim_start().split_once('\n') else { return Ok(false) };
    Ok(!more.trim().is_empty() && json::value(first).is_ok())
}

/// Reads JSONL line by line, so that a truncated line does not affect others.
fn of_lines(input: &Input, path: &str, report: &mut Report, each: Each<'_>) -> Result<()> {
    let mut reader = BufReader::new(decoded(input, path, report)?);
    let mut line = Vec::new();
    let mut number = 0;
    loop {
        line.clear();
        let read = (&mut reader).take(json::LONGEST_ITEM as u64).read_until(b'\n', &mut line);
        if read.map_err(|error| unreadable(path, &error))? == 0 {
            return Ok(());
        }
        number += 1;
        let text = String::from_utf8_lossy(&line);
        let text = text.trim().trim_start_matches('\u{feff}').trim_end_matches(',');
        if text.is_empty() {
            continue;
        }
        match json::value(text) {
            Ok(item) => each(
                &Spot { path: path.to_owned(), top: input.top().to_owned(), sheet: None, row: number, item: true },
                &item,
                report,
            )?,
            Err(what) => {
                let help = "look at the file at that line; all other lines were read";
                report.problem(format!("{path}: line {number}"), format!("not read: {what}"), help);
            }
        }
    }
}

/// The file as UTF-8.
fn decoded<'a>(input: &'a Input, path: &str, report: &mut Report) -> Result<impl Read + 'a> {
    let encoding = decode::encoding_of(&input.head(path, 256 << 10)?);
    if encoding != encoding_rs::UTF_8 {
        report.note(format!("{path}: read as {}", encoding.name()));
    }
    Ok(encoding_rs_io::DecodeReaderBytesBuilder::new()
        .encoding(Some(encoding))
        .bom_override(true)
        .build(input.reader(path)?))
}

fn unreadable(path: &str, error: &dyn std::fmt::Display) -> Error {
    Error::new(
        format!("cannot read a table: {error}"),
        format!("file: {path}"),
        "check that the file is whole; a damaged zip has to be downloaded again",
    )
}

fn of_csv(input: &Input, path: &str, table: &Table, report: &mut Report, each: Each<'_>) -> Result<()> {
    let sample = decode::text(&input.head(path, 256 << 10)?).text;
    let delimiter = table.delimiter.and_then(|c| u8::try_from(c).ok()).unwrap_or_else(|| guessed_delimiter(&sample));
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .has_headers(false)
        .delimiter(delimiter)
        .from_reader(WithoutNul(decoded(input, path, report)?));
    let mut rows = Rows::new(input, path, None, table);
    let mut record = csv::ByteRecord::new();
    while reader.read_byte_record(&mut record).map_err(|error| unreadable(path, &error))? {
        let cells = record.iter().map(|cell| Value::from(plain(&String::from_utf8_lossy(cell)))).collect();
        rows.take(cells, report, each)?;
    }
    rows.finish(report);
    Ok(())
}

/// A spreadsheet's ways to mark a text: `="0123"` and `'0123`.
pub(super) fn plain(cell: &str) -> String {
    let cell = cell.replace("\r\n", "\n");
    if let Some(text) = cell.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')) {
        return text.to_owned();
    }
    match cell.strip_prefix('\'') {
        Some(text) if text.starts_with(|c: char| c.is_ascii_digit() || "=+-@".contains(c)) && !text.contains('\'') => {
            text.to_owned()
        }
        _ => cell,
    }
}

/// The delimiter that is most frequent in the first line outside quotes.
fn guessed_delimiter(sample: &str) -> u8 {
    let mut counts = [(b',', 0_u32), (b';', 0), (b'\t', 0), (b'|', 0)];
    let mut quoted = false;
    for byte in sample.bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted && counts.iter().any(|(_, count)| *count > 0) => break,
            _ if quoted => {}
            _ => {
                for (_, count) in counts.iter_mut().filter(|(delimiter, _)| *delimiter == byte) {
                    *count += 1;
                }
            }
        }
    }
    // Of equally frequent ones the first is the most common.
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(delimiter, _)| *delimiter)
}

/// Turns rows of cells into objects by column.
pub(super) struct Rows<'a> {
    path: &'a str,
    top: &'a str,
    sheet: Option<String>,
    header_at: u64,
    columns: Vec<String>,
    row: u64,
    headers_again: u64,
    longer: u64,
    shorter: u64,
    shifted: u64,
}

impl<'a> Rows<'a> {
    pub(super) fn new(input: &'a Input, path: &'a str, sheet: Option<String>, table: &Table) -> Self {
        let header_at = table.header.unwrap_or(1);
        Self {
            path,
            top: input.top(),
            sheet,
            header_at,
            columns: Vec::new(),
            row: 0,
            headers_again: 0,
            longer: 0,
            shorter: 0,
            shifted: 0,
        }
    }

    /// Skips empty rows, up to the one before row `next`.
    pub(super) fn skip_to(&mut self, next: u64) {
        self.row = self.row.max(next.saturating_sub(1));
    }

    pub(super) fn take(&mut self, cells: Vec<Value>, report: &mut Report, each: Each<'_>) -> Result<()> {
        self.row += 1;
        let blank = |cell: &Value| cell.as_str().map_or(cell.is_null(), |text| text.trim().is_empty());
        if self.header_at > 0 && self.columns.is_empty() {
            if self.row >= self.header_at && !cells.iter().all(blank) {
                self.columns = names(&cells);
            }
            return Ok(());
        }
        if cells.iter().all(blank) {
            return Ok(());
        }
        if self.is_header_again(&cells) {
            self.headers_again += 1;
            self.columns = names(&cells);
            return Ok(());
        }
        let mut row = Map::new();
        let filled = cells.iter().rposition(|cell| !blank(cell)).map_or(0, |at| at + 1);
        if self.header_at > 0 {
            self.longer += u64::from(filled > self.columns.len());
            // A sheet omits empty cells; a short line of text has lost some.
            self.shorter += u64::from(self.sheet.is_none() && cells.len() < self.columns.len());
        }
        let cells = if self.header_at > 0 && filled > self.columns.len() {
            let (cells, moved) = shape::aligned(&self.columns, cells, filled);
            self.shifted += u64::from(moved);
            cells
        } else {
            cells
        };
        for (at, cell) in cells.into_iter().enumerate() {
            let name = self.columns.get(at).cloned().unwrap_or_else(|| (at + 1).to_string());
            if at < self.columns.len() || at < filled {
                row.insert(name, cell);
            }
        }
        for name in self.columns.iter().skip(row.len()) {
            row.insert(name.clone(), Value::Null);
        }
        let spot = Spot {
            path: self.path.to_owned(),
            top: self.top.to_owned(),
            sheet: self.sheet.clone(),
            row: self.row,
            item: false,
        };
        each(&spot, &Value::Object(row), report)
    }

    /// True for a repeated header: it begins with the same name, and most of its cells are names of columns.
    fn is_header_again(&self, cells: &[Value]) -> bool {
        let word = |cell: &Value| cell.as_str().unwrap_or_default().trim().trim_start_matches('\u{feff}').to_owned();
        let (Some(first), Some(column)) = (cells.first().map(word), self.columns.first()) else { return false };
        if first != *column || cells.len() < 2 {
            return false;
        }
        let words: Vec<String> = cells.iter().map(word).filter(|word| !word.is_empty()).collect();
        let known = words.iter().filter(|word| self.columns.contains(word)).count();
        known * 2 > words.len() && known > 1
    }

    pub(super) fn finish(&self, report: &mut Report) {
        let place =
            self.sheet.as_ref().map_or_else(|| self.path.to_owned(), |sheet| format!("{}, sheet {sheet}", self.path));
        for (count, what) in [
            (self.headers_again, "rows repeat the header and are no records; columns follow the last header"),
            (self.longer, "rows have more cells than the header; the surplus has no name (\"13\", \"14\", … in a map)"),
            (
                self.shifted,
                "rows have a cell in their middle that the header does not name; the cells after it were taken by what they look like",
            ),
            (self.shorter, "rows have fewer cells than the header; what is missing was taken as empty"),
        ] {
            if count > 0 {
                report.note(format!("{place}: {count} {what}"));
            }
        }
    }
}

/// Column names. An empty name becomes its index; a duplicate gets a number as well.
fn names(cells: &[Value]) -> Vec<String> {
    let mut names: Vec<String> = Vec::with_capacity(cells.len());
    for (at, cell) in cells.iter().enumerate() {
        let shown = super::rule::word(cell).unwrap_or_default();
        let mut name = shown.trim().trim_start_matches('\u{feff}').to_owned();
        if name.is_empty() {
            name = (at + 1).to_string();
        }
        if names.contains(&name) {
            name = format!("{name} ({})", at + 1);
        }
        names.push(name);
    }
    // Empty columns at the end come from a spreadsheet.
    let used = cells.iter().rposition(|cell| !super::rule::word(cell).unwrap_or_default().trim().is_empty());
    names.truncate(used.map_or(0, |at| at + 1));
    names
}

/// NUL has no meaning in a text, and stops programs that read it later.
struct WithoutNul<R>(R);

impl<R: Read> Read for WithoutNul<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        loop {
            let read = self.0.read(buffer)?;
            let Some(part) = buffer.get_mut(..read).filter(|part| !part.is_empty()) else { return Ok(read) };
            let mut kept = 0;
            for at in 0..part.len() {
                if part.get(at).is_some_and(|byte| *byte != 0) {
                    part.swap(kept, at);
                    kept += 1;
                }
            }
            if kept > 0 {
                return Ok(kept);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn rows(name: &str, bytes: &[u8], more: &str) -> (Vec<String>, Report) {
        let input = Input::memory(BTreeMap::from([(name.to_owned(), bytes.to_vec())]));
        let text = format!(
            "circlekeep_map = 1\nsource = \"x\"\n[[table]]\nfiles = \"*\"\nrecord = \"post\"\n{more}\n[table.fields]\nbody = \"a\"\n"
        );
        let map = super::super::Map::read(&text).unwrap();
        let (mut seen, mut report) = (Vec::new(), Report::default());
        read(&input, name, &map.tables[0], &mut report, &mut |spot, row, _| {
            seen.push(format!("{} {row}", spot.row));
            Ok(())
        })
        .unwrap();
        (seen, report)
    }

    #[test]
    fn csv_as_it_is_found() {
        let (seen, report) =
            rows("a.csv", "\u{feff}a;b\r\n1;\"x;\r\ny\"\r\n\r\n2\r\n3;4;5;\r\na;b\r\n'0007;=\"08\"\r\n".as_bytes(), "");
        assert_eq!(
            seen,
            [
                r#"2 {"a":"1","b":"x;\ny"}"#,
                r#"3 {"a":"2","b":null}"#,
                r#"4 {"a":"3","b":"4","3":"5"}"#,
                r#"6 {"a":"0007","b":"08"}"#
            ]
        );
        assert_eq!(report.notes.len(), 3, "{:?}", report.notes);
    }

    #[test]
    fn a_later_header_with_more_columns_holds_from_there_on() {
        let (seen, _) = rows("a.csv", b"id,text,date\n1,x,d\nid,text,tag,date\n2,y,t,d\n", "");
        assert_eq!(seen[1], r#"4 {"id":"2","text":"y","tag":"t","date":"d"}"#);
    }

    #[test]
    fn other_encodings_and_no_header() {
        let (bytes, _, _) = encoding_rs::GBK.encode("读完了，写得很长的一行\t第二列也有几个汉字\n");
        let (seen, report) = rows("a.tsv", &bytes, "header = 0");
        assert_eq!(seen, [r#"1 {"1":"读完了，写得很长的一行","2":"第二列也有几个汉字"}"#]);
        assert!(report.notes[0].contains("gb18030"), "{:?}", report.notes);
        let utf16: Vec<u8> = "\u{feff}a,b\n1,\0二\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(rows("a.csv", &utf16, "").0, [r#"2 {"a":"1","b":"二"}"#]);
    }

    #[test]
    fn json_lists_and_lines() {
        assert_eq!(rows("a.json", b"[{\"a\":1},{\"a\":2}]", "").0, [r#"1 {"a":1}"#, r#"2 {"a":2}"#]);
        let (seen, report) = rows("a.jsonl", b"{\"a\":1}\n{\"a\":2\n\n{\"a\":3}\n", "");
        assert_eq!((seen.len(), report.problems[0].place.as_str()), (2, "a.jsonl: line 2"));
        assert_eq!(rows("a.json", b"{\n\"a\":1}", "").0, [r#"1 {"a":1}"#]);
        assert_eq!(rows("a.json", b"{\"d\":{\"l\":[{\"a\":1}]}}", "rows = \"d.l[]\"").0, [r#"1 {"a":1}"#]);
    }
}
