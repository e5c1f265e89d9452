//! Scans every byte of an input's text files, whichever importer recognises it: encodings, ids that floats damage, private facts, tables.
//! Of pictures and videos, whether they contain a position.
//!
//! 1. JSON and tables are read value by value, because the name of a field can make it private.
//! 2. Other text is read in pieces of 64 KB. Of a file of over `READ_WHOLE` bytes only every second, third … megabyte is examined, and
//!    [`Scan::sampled`] names it.
//! 3. Only counts, file names and samples are kept; private samples are masked.

use std::{
    collections::BTreeMap,
    io::{BufReader, Read},
};

use serde::Serialize;

use super::{
    json::{self, Node},
    numbers::Numbers,
    pictures,
    secrets::{FactExamples, Tally},
    sheets::{self, Sheet, Watch},
    structure::{Shape, Sheets, Table, Trees},
};
use circle_content::{
    decode,
    input::{Entry, Input},
    options::Options,
    report::Progress,
};
use circle_html::privacy;

/// Plain text files up to this size in bytes are read whole, longer ones in part.
const READ_WHOLE: u64 = 256 << 20;
/// The number of bytes by which an encoding is detected.
const HEAD: u64 = 1 << 20;
/// The size of a piece of text, and how much of its end may be carried over to the next piece.
const PIECE: usize = 64 << 10;
const CARRIED: usize = 8 << 10;
/// The number of file names in each list.
const NAMED: usize = 5;

/// File names: the first five, and the number of all.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Names {
    /// The first five.
    pub first: Vec<String>,
    /// The number of all.
    pub count: u64,
}

impl Names {
    fn add(&mut self, path: &str) {
        self.count += 1;
        if self.first.len() < NAMED {
            self.first.push(privacy::masked(path));
        }
    }
}

/// The result of the scan.
#[derive(Debug, Default, Serialize)]
pub struct Scan {
    /// Number of files by encoding and extension.
    pub encodings: BTreeMap<String, BTreeMap<String, u64>>,
    /// Text files that are not UTF-8.
    pub not_utf8: Names,
    /// Empty files.
    pub empty: Names,
    /// Ids that are numbers.
    pub numbers: Numbers,
    /// Private facts by kind.
    pub private: BTreeMap<&'static str, FactExamples>,
    /// Pictures and videos that contain a position.
    pub places: Names,
    /// Pictures and videos too large to be examined.
    pub not_looked_at: u64,
    /// Long texts of which only a part was examined.
    pub sampled: Names,
    /// JSON files and tables that could not be read to their end, with the reason.
    pub stopped: Vec<(String, String)>,
    /// Zips inside the input, whose content was not examined.
    pub inner_archives: Names,
    /// Files of which only the name was examined.
    pub not_text: u64,
    /// Tables and lists with more structures than can be distinguished.
    pub more_tables: u64,
}

/// The type of a file, by name and first bytes.
enum Kind {
    Empty,
    Json,
    Table(u8),
    Workbook,
    OldWorkbook,
    Text,
    Archive,
    Other,
}

/// Scans all files. Also returns the tables that were found.
pub(super) fn scan(input: &Input, options: &Options, progress: &dyn Progress) -> (Scan, Vec<Table>) {
    progress.stage("look", Some(input.entries().len() as u64));
    let mut scanner = Scanner {
        input,
        options,
        scan: Scan::default(),
        tally: Tally::default(),
        sheets: Vec::new(),
        trees: Vec::new(),
    };
    for entry in input.entries() {
        scanner.file(entry);
        progress.advance(1);
    }
    let Scanner { mut scan, tally, sheets, trees, .. } = scanner;
    scan.private = tally.found;
    let mut tables: Vec<Table> = sheets.into_iter().map(Sheets::table).collect();
    tables.extend(trees.into_iter().flat_map(Trees::tables));
    (scan, tables)
}

struct Scanner<'a> {
    input: &'a Input,
    options: &'a Options,
    scan: Scan,
    tally: Tally,
    sheets: Vec<Sheets>,
    trees: Vec<Trees>,
}

impl Scanner<'_> {
    fn file(&mut self, entry: &Entry) {
        let path = entry.path.as_str();
        self.tally.file(path);
        self.tally.text(path);
        if pictures::is_looked_at(path) && entry.bytes > 0 {
            match pictures::has_place(self.input, path, entry.bytes) {
                Some(true) => self.scan.places.add(path),
                Some(false) => {}
                None => self.scan.not_looked_at += 1,
            }
            return;
        }
        let Ok(head) = self.input.head(path, HEAD) else {
            return self.unreadable(path);
        };
        match kind(path, &head) {
            Kind::Empty => self.scan.empty.add(path),
            Kind::Archive => self.scan.inner_archives.add(path),
            Kind::Other => self.scan.not_text += 1,
            Kind::Workbook => self.workbook(path),
            Kind::OldWorkbook => {
                self.stopped(path, None, "an old Excel file; save it as .xlsx or CSV".to_owned());
            }
            Kind::Json => {
                self.encoding(path, &head);
                let mut root = Node::default();
                let Some(reader) = reader(self.input, path, &head) else { return self.unreadable(path) };
                let (documents, stopped) = json::read(
                    BufReader::with_capacity(PIECE, reader),
                    &mut root,
                    &mut self.tally,
                    &mut self.scan.numbers,
                    self.options,
                );
                if let Some(why) = stopped {
                    self.stopped(path, None, why);
                    // The rest after the error is scanned as plain text.
                    self.text(path, &head, entry.bytes);
                }
                if root.count() > 0 && !Trees::take(&mut self.trees, path, documents, root) {
                    self.scan.more_tables += 1;
                }
            }
            Kind::Table(delimiter) => {
                self.encoding(path, &head);
                let Some(reader) = reader(self.input, path, &head) else { return self.unreadable(path) };
                let mut watch =
                    Watch { tally: &mut self.tally, numbers: &mut self.scan.numbers, options: self.options };
                let sheet = sheets::text(reader, delimiter, &mut watch);
                if sheet.stopped.is_some() {
                    self.text(path, &head, entry.bytes);
                }
                self.sheet(path, Shape::Csv, sheet);
            }
            Kind::Text => {
                self.encoding(path, &head);
                self.text(path, &head, entry.bytes);
            }
        }
    }

    fn unreadable(&mut self, path: &str) {
        self.stopped(path, None, "it cannot be read".to_owned());
    }

    fn stopped(&mut self, path: &str, sheet: Option<&str>, why: String) {
        let place = sheet.map_or_else(|| path.to_owned(), |sheet| format!("{path}, {sheet}"));
        self.scan.stopped.push((privacy::masked(&place), why));
    }

    fn sheet(&mut self, path: &str, shape: Shape, mut sheet: Sheet) {
        if let Some(why) = sheet.stopped.take() {
            self.stopped(path, sheet.name.as_deref(), why);
        }
        if !Sheets::take(&mut self.sheets, path, shape, sheet) {
            self.scan.more_tables += 1;
        }
    }

    fn workbook(&mut self, path: &str) {
        let Ok(bytes) = self.input.read(path, sheets::LARGEST_WORKBOOK) else {
            self.stopped(path, None, "it is larger than a workbook may be; save its sheets as CSV".to_owned());
            return;
        };
        let mut watch = Watch { tally: &mut self.tally, numbers: &mut self.scan.numbers, options: self.options };
        match sheets::workbook(&bytes, &mut watch) {
            Ok(sheets) => sheets.into_iter().for_each(|sheet| self.sheet(path, Shape::Xlsx, sheet)),
            Err(why) => self.stopped(path, None, why),
        }
    }

    fn encoding(&mut self, path: &str, head: &[u8]) {
        let encoding = decode::encoding_of(head);
        let name = if head.starts_with(b"\xef\xbb\xbf") { "UTF-8 with a mark (BOM)" } else { encoding.name() };
        if encoding != encoding_rs::UTF_8 {
            self.scan.not_utf8.add(path);
        }
        let ending = ending(path);
        let ending = if ending.is_empty() { "(no ending)".to_owned() } else { format!(".{ending}") };
        *self.scan.encodings.entry(ending).or_default().entry(name.to_owned()).or_default() += 1;
    }

    fn text(&mut self, path: &str, head: &[u8], size: u64) {
        let Some(mut reader) = reader(self.input, path, head) else { return self.unreadable(path) };
        let every = size / READ_WHOLE + 1;
        if every > 1 {
            self.scan.sampled.add(path);
        }
        let mut pieces = 0_u64;
        let mut buffer = vec![0_u8; PIECE];
        let mut text: Vec<u8> = Vec::new();
        loop {
            let read = match reader.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => read,
                Err(_) => {
                    self.scan.stopped.push((privacy::masked(path), "it cannot be read to its end".to_owned()));
                    break;
                }
            };
            pieces += 1;
            // Megabytes in turn: sixteen pieces are looked at, the sixteen after them are not, and so on.
            if !(pieces / 16).is_multiple_of(every) {
                text.clear();
                continue;
            }
            text.extend_from_slice(buffer.get(..read).unwrap_or_default());
            let cut = cut(&text);
            let rest = text.split_off(cut);
            self.tally.text(&String::from_utf8_lossy(&text));
            text = rest;
        }
        self.tally.text(&String::from_utf8_lossy(&text));
    }
}

/// The file as UTF-8.
fn reader<'a>(input: &'a Input, path: &str, head: &[u8]) -> Option<impl Read + use<'a>> {
    let encoding = decode::encoding_of(head);
    let reader = input.reader(path).ok()?;
    Some(encoding_rs_io::DecodeReaderBytesBuilder::new().encoding(Some(encoding)).bom_override(true).build(reader))
}

/// Where a piece may end without splitting a fact: after its last line feed, or else its last space or quotation mark.
fn cut(text: &[u8]) -> usize {
    let from = text.len().saturating_sub(CARRIED);
    let tail = text.get(from..).unwrap_or_default();
    let last = |of: &[u8]| tail.iter().rposition(|byte| of.contains(byte)).map(|at| from + at + 1);
    last(b"\n").or_else(|| last(b" \t\"<>")).unwrap_or(text.len())
}

fn ending(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    if ending.len() <= 8 { ending.to_ascii_lowercase() } else { String::new() }
}

fn kind(path: &str, head: &[u8]) -> Kind {
    if head.is_empty() {
        return Kind::Empty;
    }
    let ending = ending(path);
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return if matches!(ending.as_str(), "xlsx" | "xlsm") { Kind::Workbook } else { Kind::Archive };
    }
    if head.starts_with(b"\xd0\xcf\x11\xe0") {
        return if ending == "xls" { Kind::OldWorkbook } else { Kind::Other };
    }
    if [&b"\x1f\x8b"[..], b"7z\xbc\xaf", b"Rar!"].iter().any(|mark| head.starts_with(mark)) {
        return Kind::Archive;
    }
    let encoding = decode::encoding_of(head);
    let utf16 = encoding == encoding_rs::UTF_16LE || encoding == encoding_rs::UTF_16BE;
    if !utf16 && head.iter().take(8192).filter(|byte| **byte == 0).count() > 2 || infer::is_image(head) {
        return Kind::Other;
    }
    if infer::is_audio(head) || infer::is_video(head) || head.starts_with(b"%PDF") {
        return Kind::Other;
    }
    let start = head.get(..head.len().min(PIECE)).unwrap_or_default();
    let (start, ..) = encoding.decode(start);
    let start = start.trim_start_matches('\u{feff}').trim_start();
    match ending.as_str() {
        "json" | "jsonl" | "ndjson" | "geojson" | "har" => return Kind::Json,
        "csv" => return Kind::Table(sheets::delimiter(start, false).unwrap_or(b',')),
        "tsv" | "tab" => return Kind::Table(sheets::delimiter(start, false).unwrap_or(b'\t')),
        _ => {}
    }
    if start.starts_with("{\"") || start.starts_with("[{") || ending == "js" && start.starts_with("window.") {
        return Kind::Json;
    }
    if matches!(ending.as_str(), "txt" | "dat" | "data" | "")
        && let Some(delimiter) = sheets::delimiter(start, true)
    {
        return Kind::Table(delimiter);
    }
    Kind::Text
}

#[cfg(test)]
mod tests {
    use super::*;
    use circle_content::report::Silent;

    fn look(files: &[(&str, &[u8])]) -> (Scan, Vec<Table>) {
        let files = files.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec())).collect();
        scan(&Input::memory(files), &Options::default(), &Silent)
    }

    #[test]
    fn encodings_empty_files_and_tables_of_a_mixed_folder() {
        let (gbk, ..) = encoding_rs::GB18030.encode("标题,正文,时间\n边城,读完了《边城》，很喜欢这本书。,2021-05-29\n");
        let (scan, tables) = look(&[
            ("a.csv", &gbk),
            ("b.json", "[{\"text\":\"读完了\",\"time\":\"2021-05-29\"}]".as_bytes()),
            ("c.md", b"\xef\xbb\xbf# hello"),
            ("d.json", b""),
            ("e.zip", b"PK\x03\x04xx"),
            ("f", b"\0\0\0\0\0"),
        ]);
        let encodings = format!("{:?}", scan.encodings);
        assert!(encodings.contains("gb18030") && encodings.contains("BOM"), "{encodings}");
        assert_eq!((scan.not_utf8.count, scan.empty.count, scan.inner_archives.count, scan.not_text), (1, 1, 1, 1));
        assert_eq!(tables.len(), 2);
        assert_eq!(tables[0].columns[1].samples, ["读完了《边城》，很喜欢这本书。"]);
    }

    #[test]
    fn facts_are_found_across_pieces_and_behind_broken_json() {
        let long = format!("{} lin.wan@mail.example.com ", "字 ".repeat(PIECE / 4 - 5));
        let (scan, _) = look(&[
            ("a.txt", long.as_bytes()),
            ("b.json", b"{\"email\":\"a@mail.example.com\"} oops \"phone\": \"13800138000\""),
        ]);
        assert_eq!(scan.private["e-mail address"].count, 2);
        assert_eq!(scan.private["e-mail address"].files, ["a.txt", "b.json"]);
        let (scan, _) = look(&[("c.json", b"{\"a\":1,, \"phone\": \"13800138000\"}")]);
        assert_eq!((scan.stopped.len(), scan.private["phone number"].count), (1, 1));
    }
}
