//! The canonical records themselves: `posts.jsonl`, `members.jsonl` and so on, in a folder or zip, with their media. `docs/records.md`
//! describes them.
//!
//! They may be at the top level, in `archive/` (a content folder), or in `data/` (a built site). Files in `posts/` of a content folder are
//! read as Markdown.

use std::{
    collections::BTreeMap,
    io::{BufRead, Cursor},
};

use circle_model::{
    archive::{Extra, HEADER, Media, MediaState, Record, RecordKind, Verbatim, Visibility},
    id::Id,
};
use indexmap::IndexMap;
use serde_json::value::RawValue;

use super::{Importer, Recognised, markdown};
use circle_content::{
    Result,
    archive::{API, fields_of, for_each_line_of, made, private, published},
    config::{self, Config},
    input::Input,
    report::Report,
};
use circle_content::{decode, media::prepare, options::Options, sink::Sink};

/// Canonical JSONL.
#[derive(Clone, Copy, Debug)]
pub struct Native;

const LOOKED_FOR: &str = "posts.jsonl, members.jsonl and the like";

impl Importer for Native {
    fn name(&self) -> &'static str {
        "native"
    }

    fn about(&self) -> &'static str {
        "canonical JSONL: posts.jsonl, members.jsonl …, a content folder, or data/ of a built site"
    }

    fn extent(&self) -> crate::contract::Extent {
        crate::contract::Extent::Tree(&["archive", "data", "content"])
    }

    fn recognise(&self, input: &Input) -> Recognised {
        let mut perhaps = None;
        for entry in input.entries() {
            if kind_of(&entry.path).is_none() {
                continue;
            }
            let head = input.head(&entry.path, 64).unwrap_or_default();
            let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&head);
            if head.starts_with(HEADER.as_bytes()) {
                return Recognised::Yes(format!("{} begins with {HEADER}", entry.path));
            }
            perhaps.get_or_insert_with(|| entry.path.clone());
        }
        perhaps.map_or(Recognised::No(LOOKED_FOR), |path| Recognised::Maybe(format!("it holds {path}")))
    }

    fn import(&self, input: &Input, options: &Options, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        let mut files: Vec<(RecordKind, &str)> =
            input.entries().iter().filter_map(|e| Some((kind_of(&e.path)?, e.path.as_str()))).collect();
        files.sort();
        for (kind, path) in &files {
            let closed = is_closed(input, path);
            import_file(input, *kind, path, closed, sink, report)?;
        }
        for entry in input.entries().iter().filter(|entry| private::is_withheld_file(&entry.path)) {
            let mut count = 0_u64;
            for_each_line_of(input.reader(&entry.path)?, &entry.path, report, |_, _| {
                count += 1;
                Ok(())
            })?;
            if count > 0 {
                report.problem(
                    &entry.path,
                    format!("{count} records that are not published stay there and were not taken"),
                    "keep that folder too; to go on with it somewhere else, copy all of it instead of importing it",
                );
            }
        }
        // A content folder has Markdown beside its archive. A built site, which has `data/`, has only its own pages there.
        let roots: Vec<&str> = files.iter().filter_map(|(_, path)| root_of(path)).collect();
        let posts: Vec<&str> = input
            .entries()
            .iter()
            .map(|entry| entry.path.as_str())
            .filter(|path| roots.iter().any(|root| path.strip_prefix(root).is_some_and(|p| p.starts_with("posts/"))))
            .filter(|path| circle_content::posts::is_post(path))
            .collect();
        if !posts.is_empty() && !files.iter().any(|(_, path)| path.rsplit('/').nth(1) == Some("data")) {
            markdown::import_files(input, &posts, options, sink, report)?;
        }
        Ok(())
    }
}

/// The kind of record in a file, by its name.
fn kind_of(path: &str) -> Option<RecordKind> {
    let name = path.rsplit('/').next()?;
    let stem = name.strip_suffix(".jsonl").or_else(|| name.strip_suffix(".ndjson"))?;
    RecordKind::ALL.into_iter().find(|kind| kind.file_stem() == stem)
}

/// The folder (with a trailing `/`, or empty) that contains the `archive/` or `data/` of a file.
fn root_of(path: &str) -> Option<&str> {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let root = folder.strip_suffix("archive").or_else(|| folder.strip_suffix("data"));
    match root {
        Some(root) if root.is_empty() || root.ends_with('/') => Some(root),
        _ if folder.is_empty() => Some(""),
        _ => path.get(..folder.len() + 1),
    }
}

/// True if the `circle.toml` of the file's content folder restricts its live circle to members.
fn is_closed(input: &Input, path: &str) -> bool {
    let settings = root_of(path).map(|root| format!("{root}{}", config::FILE)).filter(|path| input.has(path));
    let text = settings.and_then(|path| input.read(&path, 1 << 20).ok()).map(|bytes| decode::text(&bytes).text);
    text.is_some_and(|text| {
        Config::read(&text, &mut Report::default()).is_ok_and(|config| config.live_rules.keeps_to_members())
    })
}

fn import_file(
    input: &Input,
    kind: RecordKind,
    path: &str,
    closed: bool,
    sink: &mut dyn Sink,
    report: &mut Report,
) -> Result<()> {
    let reader: Box<dyn BufRead + '_> = match foreign(input, path)? {
        Some(decoded) => {
            report.notes.extend(decoded.note.map(|note| format!("{path}: {note}")));
            Box::new(Cursor::new(decoded.text.into_bytes()))
        }
        None => input.reader(path)?,
    };
    let known = fields_of(kind);
    let mut seen: BTreeMap<Id, u64> = BTreeMap::new();
    let mut number = 0_u64;
    let mut dropped: BTreeMap<String, u64> = BTreeMap::new();
    let mut notes = Vec::new();
    let mut problems = Report::default();
    let mut failed = None;
    let mut not_taken = 0_u64;
    for_each_line_of(reader, path, report, |_, line| {
        number += 1;
        if failed.is_some() {
            return Ok(());
        }
        let (mut record, note) = parse(kind, line)?;
        notes.extend(note.map(|note| format!("{path}: record {number}: {note}")));
        if record.id().is_empty() {
            return Err("the record has no id".to_owned());
        }
        for name in keep_unknown(&mut record, line, &known) {
            *dropped.entry(name).or_default() += 1;
        }
        let hash = fingerprint(line);
        match seen.insert(record.id().clone(), hash) {
            Some(before) if before == hash => return Ok(()),
            Some(_) => problems.problem(
                format!("{path}: record {number}"),
                format!("the id `{}` is there twice with different content; the later one was taken", record.id()),
                "give each record its own id",
            ),
            None => {}
        }
        if let Record::Comment(comment) = &mut record
            && closed
            && comment.src.source == API
        {
            comment.visibility = Some(Visibility::Private);
        }
        if let Record::Decision(decision) = &mut record
            && !made::adopt(decision)
        {
            not_taken += 1;
            return Ok(());
        }
        if let Record::Media(medium) = &mut record {
            match keep_medium(input, path, medium, sink) {
                Ok(None) => {}
                Ok(Some(what)) => problems.problem(
                    format!("{path}: record {number}"),
                    what,
                    "put the file into the export's media folder, and import again; until then posts show a box",
                ),
                Err(error) => failed = Some(error),
            }
        }
        if let Err(error) = sink.push(record) {
            failed = Some(error);
        }
        Ok(())
    })?;
    if let Some(error) = failed {
        return Err(error);
    }
    report.merge(problems);
    report.notes.extend(notes);
    if not_taken > 0 {
        report.note(format!(
            "{path}: {not_taken} decisions were not taken over: those to publish, which only this circle's own leaders can make, and those taken back"
        ));
    }
    for (name, count) in dropped {
        report.note(format!("{path}: the field `{name}` of {count} records is not known and could not be kept"));
    }
    Ok(())
}

/// The whole file as text if it is not UTF-8; `None` if it can be read line by line.
fn foreign(input: &Input, path: &str) -> Result<Option<decode::Decoded>> {
    let head = input.head(path, 64 << 10)?;
    let fine = match std::str::from_utf8(&head) {
        Ok(_) => true,
        // The sample may end inside a character.
        Err(error) => error.error_len().is_none() || error.valid_up_to() > 4096,
    };
    let zeros = head.iter().filter(|b| **b == 0).count() > head.len() / 8;
    if fine && !zeros {
        return Ok(None);
    }
    Ok(Some(decode::text(&input.read(path, prepare::LARGEST)?)))
}

/// If parsing fails, a second attempt replaces unpaired surrogates, which some programs write and JSON readers refuse.
fn parse(kind: RecordKind, line: &str) -> Result<(Record, Option<&'static str>), String> {
    match kind.parse(line) {
        Ok(record) => Ok((record, None)),
        Err(error) => match without_lone_surrogates(line).map(|line| kind.parse(&line)) {
            Some(Ok(record)) => Ok((record, Some("half a surrogate pair was replaced by U+FFFD"))),
            _ => Err(error.to_string()),
        },
    }
}

pub(super) fn without_lone_surrogates(line: &str) -> Option<String> {
    let code = |at: usize| -> Option<u16> {
        let escape = line.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(escape, 16).ok()
    };
    let mut result = String::with_capacity(line.len());
    let (mut at, mut copied, mut changed) = (0, 0, false);
    while let Some(found) = line.get(at..).and_then(|rest| rest.find('\\')) {
        at += found;
        match code(at) {
            Some(0xd800..=0xdbff) if code(at + 6).is_some_and(|low| (0xdc00..=0xdfff).contains(&low)) => at += 12,
            Some(0xd800..=0xdfff) => {
                result.push_str(line.get(copied..at)?);
                result.push_str("\\ufffd");
                at += 6;
                copied = at;
                changed = true;
            }
            Some(_) => at += 6,
            // The character after a backslash never begins another escape.
            None => at += 1 + line.get(at + 1..).and_then(|r| r.chars().next()).map_or(0, char::len_utf8),
        }
    }
    result.push_str(line.get(copied..)?);
    changed.then_some(result)
}

/// Moves unknown fields into `extra`. Returns the names of those that have no place there.
fn keep_unknown(record: &mut Record, line: &str, known: &[&str]) -> Vec<String> {
    let Ok(fields) = serde_json::from_str::<IndexMap<String, Box<RawValue>>>(line) else { return Vec::new() };
    let unknown = fields.into_iter().filter(|(name, _)| !known.contains(&name.as_str()));
    let extra: &mut Extra = match record {
        Record::Circle(r) => &mut r.extra,
        Record::Member(r) => &mut r.extra,
        Record::Post(r) => &mut r.extra,
        Record::Comment(r) => &mut r.extra,
        _ => return unknown.map(|(name, _)| name).collect(),
    };
    for (name, value) in unknown {
        extra.entry(name).or_insert(Verbatim(value));
    }
    Vec::new()
}

fn fingerprint(line: &str) -> u64 {
    let hash = circle_content::ident::sha256_hex(line.as_bytes());
    u64::from_str_radix(hash.get(..16).unwrap_or_default(), 16).unwrap_or_default()
}

/// Stores the file of a medium that is present. If something is wrong, returns it in words; the record's state is then `missing`.
fn keep_medium(input: &Input, jsonl: &str, medium: &mut Media, sink: &mut dyn Sink) -> Result<Option<String>> {
    let Some(file) = medium.file.clone().filter(|_| medium.state == MediaState::Present) else {
        if medium.state == MediaState::Present {
            medium.state = MediaState::Missing;
            medium.reason.get_or_insert_with(|| "the record names no file".to_owned());
            return Ok(Some(format!("the medium `{}` is said to be there, but names no file", medium.id)));
        }
        return Ok(None);
    };
    let lose = |medium: &mut Media, reason: &str| {
        medium.state = MediaState::Missing;
        medium.file = None;
        medium.reason = Some(reason.to_owned());
        Some(format!("the medium `{file}` is missing: {reason}"))
    };
    let Some(path) = find(input, jsonl, &file) else {
        let hostile = file.starts_with('/') || file.contains('\\') || file.split('/').skip(1).any(|part| part == "..");
        let reason = if hostile { "its name leaves the export" } else { "no file of this name is in the export" };
        return Ok(lose(medium, reason));
    };
    let bytes = match input.read(&path, prepare::LARGEST) {
        Ok(bytes) => bytes,
        Err(error) => return Ok(lose(medium, &error.what)),
    };
    match prepare::prepare(&bytes, &path) {
        Ok(prepared) => {
            medium.file = Some(sink.keep_media(&prepared)?);
            medium.mime = Some(prepared.mime.to_owned());
            medium.bytes = Some(prepared.bytes.len() as u64);
            medium.width = prepared.width.or(medium.width);
            medium.height = prepared.height.or(medium.height);
            Ok(None)
        }
        // A site publishes former web pages as text files for download; they stay such files.
        Err(_) if published::settings_of(input).is_some() && path.ends_with(".txt") => {
            medium.file = Some(sink.keep_media(&prepare::Prepared::text(bytes))?);
            Ok(None)
        }
        Err(reason) => Ok(lose(medium, reason)),
    }
}

/// The path of a medium's file: in `media/` beside `archive/` or `data/`, or, with one `../`, beside `media/`.
fn find(input: &Input, jsonl: &str, file: &str) -> Option<String> {
    let root = root_of(jsonl)?;
    let inside =
        |path: &str| !path.split('/').any(|part| part == "..") && !path.starts_with('/') && !path.contains('\\');
    let candidates = match file.strip_prefix("../") {
        Some(beside) if inside(beside) => vec![format!("{root}{beside}")],
        None if inside(file) => vec![format!("{root}media/{file}"), format!("{root}{file}")],
        _ => return None,
    };
    candidates.into_iter().find(|path| input.has(path) && kind_of(path).is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_of_pairs_are_replaced_and_whole_pairs_stay() {
        let line = r#"{"a":"\ud83d\ude00 \ud83d x \\ud83d \ude00"}"#;
        assert_eq!(without_lone_surrogates(line).unwrap(), r#"{"a":"\ud83d\ude00 \ufffd x \\ud83d \ufffd"}"#);
        assert_eq!(without_lone_surrogates(r#"{"a":"\n\u00e9"}"#), None);
    }

    #[test]
    fn roots() {
        assert_eq!(root_of("posts.jsonl"), Some(""));
        assert_eq!(root_of("archive/posts.jsonl"), Some(""));
        assert_eq!(root_of("content/archive/posts.jsonl"), Some("content/"));
        assert_eq!(root_of("backup/posts.jsonl"), Some("backup/"));
    }
}
