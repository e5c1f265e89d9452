//! Reads JSONL line by line: byte ranges, the header, and damage from crashes and editors.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read as _},
    ops::Range,
    path::Path,
};

use crate::{Error, Result, report::Report};

/// The maximum size of a record in bytes. The longest post in real exports had half a megabyte.
const LONGEST_LINE: u64 = 64 << 20;

/// Calls `each` for every line of an archive file except the header and blank lines. It passes the line and its byte range (without the
/// line feed) for [`super::Ranges`]. If `each` rejects the line, or if it is not UTF-8, too long, or cut off at the end of the file, the
/// report gets a problem and reading continues. A file that does not exist has no lines.
///
/// # Errors
/// If the file cannot be read, or its header has a higher version of the format.
pub fn for_each_line(
    path: &Path,
    report: &mut Report,
    each: impl FnMut(Range<u64>, &str) -> Result<(), String>,
) -> Result<()> {
    let place = path.display().to_string();
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(unreadable(&place, &error)),
    };
    for_each_line_of(BufReader::new(file), &place, report, each)
}

/// The same for any reader. `place` names it in problems.
///
/// # Errors
/// If it cannot be read, or its header has a higher version of the format.
pub fn for_each_line_of(
    mut reader: impl BufRead,
    place: &str,
    report: &mut Report,
    mut each: impl FnMut(Range<u64>, &str) -> Result<(), String>,
) -> Result<()> {
    let mut at = 0_u64;
    let mut number = 0_u64;
    let mut seen_record = false;
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = (&mut reader).take(LONGEST_LINE).read_until(b'\n', &mut line).map_err(|e| unreadable(place, &e))?;
        if read == 0 {
            return Ok(());
        }
        number += 1;
        let start = at;
        at += read as u64;
        let whole = line.last() == Some(&b'\n');
        if !whole && read as u64 == LONGEST_LINE {
            at += skip_line(&mut reader).map_err(|error| unreadable(place, &error))?;
            report.problem(
                format!("{place}:{number}"),
                format!("this line is over {LONGEST_LINE} bytes and was left out"),
                "a record is one line of JSON; look whether line feeds were lost",
            );
            continue;
        }
        let mark = if start == 0 && line.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        let bytes = line.get(mark..).unwrap_or_default();
        let before = bytes.iter().take_while(|b| b.is_ascii_whitespace()).count();
        let bytes = bytes.trim_ascii();
        if bytes.is_empty() {
            continue;
        }
        let from = start + (mark + before) as u64;
        let range = from..from + bytes.len() as u64;
        let said = match std::str::from_utf8(bytes) {
            Err(_) => Err("the line is not UTF-8".to_owned()),
            Ok(text) if !seen_record && is_header(text, place)? => continue,
            Ok(text) => each(range, text),
        };
        seen_record = true;
        if let Err(what) = said {
            let (what, help) = if whole {
                (what, "correct or remove the line; all others were read")
            } else {
                (
                    format!("the file ends in the middle of a line, as after a crash or a full disk: {what}"),
                    "export or copy it again; all lines before it were read",
                )
            };
            report.problem(format!("{place}:{number}"), what, help);
        }
    }
}

/// True for a header line that this program understands. An error for a newer version.
fn is_header(line: &str, place: &str) -> Result<bool> {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Header {
        circlekeep: u64,
    }
    match serde_json::from_str::<Header>(line) {
        Ok(Header { circlekeep: 1 }) => Ok(true),
        Ok(Header { circlekeep }) => Err(Error::new(
            format!("a newer circlekeep wrote this archive (format {circlekeep}; this program knows 1)"),
            format!("file: {place}"),
            "install the newest circlekeep",
        )),
        Err(_) => Ok(false),
    }
}

fn skip_line(reader: &mut impl BufRead) -> std::io::Result<u64> {
    let mut skipped = 0;
    loop {
        let buffer = reader.fill_buf()?;
        if buffer.is_empty() {
            return Ok(skipped);
        }
        let (used, found) = match buffer.iter().position(|b| *b == b'\n') {
            Some(at) => (at + 1, true),
            None => (buffer.len(), false),
        };
        reader.consume(used);
        skipped += used as u64;
        if found {
            return Ok(skipped);
        }
    }
}

pub(super) fn unreadable(place: &str, error: &std::io::Error) -> Error {
    Error::new(
        format!("cannot read the archive: {error}"),
        format!("file: {place}"),
        "check that the file is there and that you may read it",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &[u8]) -> (Vec<(Range<u64>, String)>, Report) {
        let (mut seen, mut report) = (Vec::new(), Report::default());
        for_each_line_of(text, "x.jsonl", &mut report, |range, line| {
            seen.push((range, line.to_owned()));
            if line.ends_with('}') { Ok(()) } else { Err("not JSON".to_owned()) }
        })
        .unwrap();
        (seen, report)
    }

    #[test]
    fn ranges_point_at_the_lines() {
        let text = b"\xef\xbb\xbf{\"circlekeep\":1}\r\n\n {\"id\":\"a\"}\r\n{\"id\":\"b\"}";
        let (seen, report) = lines(text);
        assert_eq!(seen.len(), 2);
        for (range, line) in seen {
            let bytes = &text[usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()];
            assert_eq!(bytes, line.as_bytes());
        }
        assert!(report.problems.is_empty());
    }

    #[test]
    fn a_cut_off_line_is_a_problem_with_its_number() {
        let (seen, report) = lines(b"{\"circlekeep\":1}\n{\"id\":\"a\"}\n\xff\n{\"id\":");
        assert_eq!(seen.len(), 2);
        let places: Vec<_> = report.problems.iter().map(|p| p.place.as_str()).collect();
        assert_eq!(places, ["x.jsonl:3", "x.jsonl:4"]);
        assert!(report.problems[1].what.contains("ends in the middle"));
    }

    #[test]
    fn a_newer_format_is_refused() {
        let mut report = Report::default();
        assert!(for_each_line_of(&b"{\"circlekeep\":2}\n"[..], "x", &mut report, |_, _| Ok(())).is_err());
    }
}
