//! `circlekeep inspect`: shows what is in an export before it is imported. This file only prints; the library does the work.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;
use circle_content::{input::Input, phrase::fill};
use circle_import::inspect::{self, Findings, contents::Contents, scan::Names, skeleton::shell, structure::Table};
use circle_model::{archive::Scope, text::without_bidi, time::ZoneFrom, view::Lang};

use super::{
    ledger,
    progress::{Bar, words},
    spoken::{self, reasons, say as said},
};

/// Show what is in an export: its format, contents, losses and private data; writes nothing
///
/// Takes anything: a folder, a zip, a single file. Reads only; nothing is written, and no private value is shown. For a format that
/// nobody knows it describes the tables and drafts a map.toml to fill in.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The exports: folders, zips or single files
    #[arg(required = true, value_name = "ANYTHING")]
    exports: Vec<PathBuf>,
    /// Use this format if detection is wrong (`circlekeep import --list` shows all)
    #[arg(long, value_name = "NAME")]
    from: Option<String>,
    /// The content folder whose circle.toml says the zone and who may see what
    #[arg(long, default_value = "content", value_name = "DIR")]
    content: PathBuf,
    /// Time zone for dates that do not name one, such as Asia/Shanghai; else the one of circle.toml
    #[arg(long, value_name = "ZONE")]
    zone: Option<String>,
    /// Date of the export, to resolve dates such as 昨天 (yesterday) or 5月29日 (29 May)
    #[arg(long, value_name = "YYYY-MM-DD")]
    export_day: Option<String>,
    /// Look here (a folder or zip) for pictures that the export only links to; can be repeated
    #[arg(long, value_name = "DIR")]
    media: Vec<PathBuf>,
    /// Describe the tables and print the map.toml even if the format is known
    #[arg(long)]
    structure: bool,
    /// Write the map.toml to this file, which must not be there yet
    #[arg(long, value_name = "FILE")]
    write_map: Option<PathBuf>,
}

/// The maximum number of problems, notes and file names that are shown; the rest are counted.
const SHOWN: usize = 5;
/// The maximum number of columns of a table without `--structure`.
const COLUMNS: usize = 16;
/// The maximum number of things that importers looked for; `--json` lists them all.
const LOOKED_FOR: usize = 12;

pub(crate) fn run(args: Args, json: bool) -> anyhow::Result<ExitCode> {
    if let Some(path) = &args.write_map {
        if args.exports.len() > 1 {
            return Err(circle_content::Error::new(
                "a map is for one export",
                "option: --write-map",
                "run inspect on each export by itself",
            )
            .into());
        }
        if path.exists() {
            return Err(already_exists(path).into());
        }
    }
    let mut options =
        super::import::options(&args.content, args.zone.as_deref(), &args.media, args.export_day.as_deref())?;
    if args.zone.is_none() && !args.content.join("circle.toml").is_file() {
        options.zone_from = ZoneFrom::Assumed;
    }
    let (mut code, mut all, mut failed) = (0, Vec::new(), Vec::new());
    for (number, path) in args.exports.iter().enumerate() {
        let bar = Bar::default();
        let looked = Input::open(path).and_then(|input| inspect::look(&input, args.from.as_deref(), &options, &bar));
        drop(bar);
        match looked {
            Ok(findings) => {
                code = code.max(u8::from(!findings.is_fine()));
                let written = args.write_map.as_deref().map(|map| write_map(map, &findings)).transpose()?;
                if !json {
                    if number > 0 {
                        println!();
                    }
                    say(&findings, path, &args, written.is_some());
                }
                all.push(findings);
            }
            Err(error) if args.exports.len() == 1 => return Err(error.into()),
            Err(error) => {
                eprintln!("error: {error}");
                code = 2;
                failed.push(error.to_string());
            }
        }
    }
    if json {
        println!("{}", serde_json::json!({ "command": "inspect", "inputs": all, "errors": failed }));
    }
    Ok(ExitCode::from(code))
}

fn already_exists(path: &Path) -> circle_content::Error {
    circle_content::Error::new(
        "there is a file of this name already, and it may hold your work",
        format!("file: {}", path.display()),
        "choose another name, or move the old file away",
    )
}

fn write_map(path: &Path, findings: &Findings) -> anyhow::Result<()> {
    let map = findings.map.as_ref().ok_or_else(|| {
        circle_content::Error::new(
            "there is no table or list in it, so there is nothing to put into a map",
            format!("file: {}", findings.name),
            "a map describes JSON, CSV or XLSX; run `circlekeep inspect` without --write-map to see what is there",
        )
    })?;
    let mut file = match std::fs::OpenOptions::new().write(true).create_new(true).open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => return Err(already_exists(path).into()),
        opened => opened.with_context(|| format!("cannot write {}", path.display()))?,
    };
    file.write_all(said(map).as_bytes()).with_context(|| format!("cannot write {}", path.display()))
}

fn say(findings: &Findings, path: &Path, args: &Args, written: bool) {
    what(findings);
    if let Some(contents) = &findings.contents {
        how_much(contents);
    }
    lost(findings);
    private(findings);
    told(findings);
    let show = args.structure || findings.is_unknown();
    if show && !findings.tables.is_empty() {
        head("Its tables");
        for table in &findings.tables {
            describe(table, args.structure, "  ");
        }
        more("… and {} more table[s]", findings.scan.more_tables);
    }
    next(findings, path, args, written);
    if show
        && !written
        && let Some(map) = &findings.map
    {
        head("map.toml");
        print!("{map}");
    }
}

/// Prints a line of the report. Names from exports may contain characters that reverse the direction of text.
fn line(text: &str) {
    println!("  {}", without_bidi(text));
}

fn head(text: &str) {
    println!("\n{text}");
}

fn more(what: &str, count: u64) {
    if count > 0 {
        line(&fill(what, [count]));
    }
}

fn what(findings: &Findings) {
    let Findings { recognition, .. } = findings;
    println!("{}", without_bidi(&findings.name));
    head("What it is");
    if findings.files == 0 {
        line("Nothing: it is empty, or holds only hidden files.");
    } else if findings.bytes == 0 {
        line("All files have 0 bytes: most likely the download did not finish.");
    } else if let Some((what, better)) = &recognition.refused {
        line(&format!("Known, but not read: {what}"));
        line(&format!("A better way: {better}"));
    } else if findings.parts.len() > 1 {
        line(&format!("It holds {} things, each with its own format:", findings.parts.len()));
        for part in &findings.parts {
            let counts =
                fill("{} post[s], {} comment[s], {} picture[s] and file[s]", [part.posts, part.comments, part.media]);
            line(&format!("· {} ({}): {}: {}", part.name, part.importer, said(&part.why), said(&counts)));
        }
    } else if let (Some(importer), Some(why)) = (recognition.importer, &recognition.why) {
        let sure = if recognition.sure { "Format" } else { "Probably" };
        line(&format!("{sure}: {importer}: {}", recognition.about.unwrap_or_default()));
        line(&format!("Because: {why}"));
    } else {
        line("This format is not known.");
        // An English list of file names does not help readers of Chinese.
        if spoken::lang() == Lang::En {
            looked_for(&recognition.looked_for);
        } else {
            line("`circlekeep import --list` shows all formats that can be read.");
        }
    }
    for (name, why) in &recognition.others {
        line(&format!("It could also be {name} (--from {name}): {why}"));
    }
    let endings: Vec<String> = findings.endings.iter().take(6).map(|(ending, n)| format!("{n} {ending}")).collect();
    line(&fill("{} file[s], {}: {}", [findings.files.to_string(), size(findings.bytes), endings.join(", ")]));
    let Some(contents) = &findings.contents else { return };
    if let Some(tool) = &contents.tool {
        line(&format!("Written by: {tool}"));
    }
    match contents.scope {
        Scope::Circle => line("Scope: the whole circle"),
        Scope::OwnSlice => line("Scope: one member's own content, without what others wrote"),
        Scope::Thread => line("Scope: a single thread"),
        Scope::Unknown => {}
    }
}

/// What the importers looked for, grouped.
fn looked_for(all: &[(&'static str, &'static str)]) {
    let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
    for (name, what) in all {
        match groups.iter_mut().find(|(known, _)| known == what) {
            Some((_, names)) => names.push(name),
            None => groups.push((what, vec![name])),
        }
    }
    let wanted: Vec<String> =
        groups.iter().take(LOOKED_FOR).map(|(what, names)| format!("{what} ({})", names.join(", "))).collect();
    line(&format!("Looked for: {}", wanted.join("; ")));
    more(
        "… and {} more format[s]; `circlekeep import --list` shows all",
        groups.len().saturating_sub(LOOKED_FOR) as u64,
    );
}

fn how_much(contents: &Contents) {
    head("How much");
    let Contents { posts, comments, members, ghosts, reactions, events, .. } = contents;
    line(&format!("Posts {posts} · Comments {comments} · Members {members} · Reactions {reactions}"));
    if *ghosts > 0 {
        line(&fill("{} of the members [is|are] only mentioned", [ghosts]));
    }
    if *events > 0 {
        line(&format!("Events such as joining and notices: {events}"));
    }
    let all = contents.media_present + contents.media_missing;
    if all > 0 {
        let missing = contents.media_missing;
        line(&format!("Pictures and files {all}: {} present, {missing} missing", contents.media_present));
    }
    if let (Some(first), Some(last)) = (&contents.first, &contents.last) {
        line(&format!("From {first} to {last}"));
    }
    let zones = contents.zone_from.iter().map(|(from, count)| {
        let how = match *from {
            "explicit" => "{} date[s] name[s|] a time zone",
            "config" => "{} date[s] [is|are] read in the time zone you chose",
            "exporter" => "{} date[s] use[s|] the time zone this tool is known to write",
            _ => "{} date[s] name[s|] none and [is|are] read as China's time; --zone chooses another",
        };
        fill(how, [count])
    });
    let zones: Vec<String> = zones.collect();
    if !zones.is_empty() {
        let offsets: Vec<String> = contents.offsets.iter().map(|(offset, n)| format!("{offset} ×{n}")).collect();
        zones.iter().for_each(|zone| line(zone));
        line(&format!("Time zones: {}", offsets.join(", ")));
    }
    if contents.dates_absent > 0 {
        line(&fill("{} record[s] [has|have] no date", [contents.dates_absent]));
    }
}

fn lost(findings: &Findings) {
    let mut lines = Vec::new();
    if let Some(contents) = &findings.contents {
        let mut say = |count: u64, text: &str| {
            if count > 0 {
                lines.push(fill(text, [count]));
            }
        };
        say(
            contents.dates_unreadable,
            "{} date[s] cannot be read; --export-day helps with dates such as 昨天 (yesterday) and 5月29日 (29 May)",
        );
        say(contents.partial, "{} post[s] show[s|] only the beginning of a longer discussion");
        say(contents.tombstones, "{} post[s] [was|were] gone before the export was made");
        say(contents.dangling_replies, "{} repl[y|ies] answer[s|] something that is not in it");
        say(contents.orphans, "{} comment[s] belong[s|] to a post that is not in it");
        for (state, count) in contents.media.iter().filter(|(state, _)| *state != "present") {
            lines.push(fill("{} picture[s] or file[s]: {}", [count.to_string(), (*state).to_string()]));
        }
        let hosts: Vec<String> = contents.remote_hosts.iter().map(|(host, n)| format!("{host} ×{n}")).collect();
        if !hosts.is_empty() {
            let rest = if contents.more_hosts > 0 { format!(" (+{})", contents.more_hosts) } else { String::new() };
            lines.push(format!("Pictures that are only linked are at: {}{rest}", hosts.join(", ")));
        }
        lines.push(ledger::files_line(&contents.files, words()));
        for (head, below) in ledger::open(&contents.files, &contents.lost, words(), true) {
            lines.push(head);
            lines.extend(below.into_iter().map(|line| format!("  · {line}")));
        }
        let silent = &contents.files_without_records;
        if !silent.is_empty() {
            let first: Vec<&str> = silent.iter().take(SHOWN).map(String::as_str).collect();
            let rest = silent.len().saturating_sub(SHOWN);
            let rest = if rest > 0 { format!(" (+{rest})") } else { String::new() };
            lines.push(format!(
                "No records were read from: {}{rest} (--structure shows what is in it)",
                first.join(", ")
            ));
        }
    }
    let scan = &findings.scan;
    let big: u64 = scan.numbers.big.values().sum();
    let columns = |map: &std::collections::BTreeMap<String, u64>| {
        map.keys().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ")
    };
    if big > 0 {
        lines.push(fill(
            "{} id[s] [has|have] more than 15 digits ({}): importing is safe, but saving this file from Excel would destroy them",
            [big.to_string(), columns(&scan.numbers.big)],
        ));
    }
    let damaged: u64 = scan.numbers.damaged.values().sum();
    if damaged > 0 {
        lines.push(fill(
            "{} id[s] [has|have] lost the last digits already, such as 4.45E+15 ({}): export again, and do not open it in Excel",
            [damaged.to_string(), columns(&scan.numbers.damaged)],
        ));
    }
    for (place, why) in scan.stopped.iter().take(SHOWN) {
        lines.push(format!("{place}: {why}"));
    }
    names(&mut lines, "Files of 0 bytes:", &scan.empty);
    names(&mut lines, "Zips inside it; unpack and inspect them:", &scan.inner_archives);
    if lines.is_empty() {
        return;
    }
    head("What would be lost");
    lines.iter().for_each(|text| line(text));
    more("… and {} more file[s] that could not be read to the end", scan.stopped.len().saturating_sub(SHOWN) as u64);
}

fn names(lines: &mut Vec<String>, what: &str, names: &Names) {
    if names.count > 0 {
        let rest = names.count - names.first.len() as u64;
        let rest = if rest > 0 { format!(" (+{rest})") } else { String::new() };
        lines.push(format!("{what} {} ({}{rest})", names.count, names.first.join(", ")));
    }
}

fn private(findings: &Findings) {
    head("What is private in it");
    let mut lines = Vec::new();
    if let Some(contents) = &findings.contents
        && !contents.withheld.is_empty()
    {
        lines.push(format!("Will not be published: {}", reasons(&contents.withheld)));
    }
    for (kind, found) in &findings.scan.private {
        let rest = if found.more_files > 0 { format!(" (+{})", found.more_files) } else { String::new() };
        let kind = if found.count == 1 { kind } else { many(kind) };
        let (examples, files) = (found.examples.join(", "), found.files.join(", "));
        lines.push(format!("{} {kind} ({examples}), in {files}{rest}", found.count));
    }
    names(&mut lines, "Pictures or videos that say where they were taken:", &findings.scan.places);
    if findings.scan.not_looked_at > 0 {
        let count = findings.scan.not_looked_at;
        lines.push(fill("{} file[s] [is|are] too large to be searched for places", [count]));
    }
    if lines.is_empty() {
        line("Nothing was found; texts can still say more than a program sees.");
        return;
    }
    lines.iter().for_each(|text| line(text));
    if findings.contents.is_some() {
        line(
            "An import stores what is in fields only in content/private. What people wrote in their texts stays; please look through it yourself.",
        );
    } else {
        line("Do not pass this file on.");
    }
}

/// Encodings, problems and notes.
fn told(findings: &Findings) {
    let scan = &findings.scan;
    let encodings: Vec<String> = scan
        .encodings
        .iter()
        .flat_map(|(ending, found)| found.iter().map(move |(encoding, n)| format!("{ending} {encoding} ×{n}")))
        .collect();
    if !encodings.is_empty() {
        head("Its files");
        line(&format!("Encodings: {}", encodings.join(", ")));
        let mut lines = Vec::new();
        names(&mut lines, "Not UTF-8, converted when read:", &scan.not_utf8);
        names(&mut lines, "Over 256 MB, only partly searched for private data:", &scan.sampled);
        lines.iter().for_each(|text| line(text));
    }
    if !findings.problems.is_empty() {
        head("Problems");
        for problem in findings.problems.iter().take(SHOWN) {
            line(&format!("{}: {}", problem.place, problem.what));
            line(&format!("  {}", problem.help));
        }
        more("… and {} more problem[s]", findings.problems.len().saturating_sub(SHOWN) as u64);
    }
    if !findings.notes.is_empty() {
        head("Notes");
        findings.notes.iter().take(SHOWN).for_each(|note| line(note));
        more("… and {} more note[s]", findings.notes.len().saturating_sub(SHOWN) as u64);
    }
}

fn describe(table: &Table, all: bool, indent: &str) {
    let record = table.record.map_or_else(|| "?".to_owned(), |record| record.word().to_owned());
    let files = table.files.first().cloned().unwrap_or_default();
    let files = if table.file_count > 1 { format!("{files} … (+{})", table.file_count - 1) } else { files };
    let place = match (&table.sheet, table.path.as_deref()) {
        (Some(sheet), _) => format!(", sheet `{sheet}`"),
        (None, Some("")) => ", each document".to_owned(),
        (None, Some(path)) => format!(" `{path}`"),
        (None, None) => String::new(),
    };
    let rows = table.rows.to_string();
    let text = match (table.delimiter, table.header) {
        (Some(between), Some(header)) => {
            let between = if between == '\t' { "tab".to_owned() } else { format!("`{between}`") };
            let values = [files, place, rows, record, between, header.to_string()];
            fill("{}{}: {} row[s] → {}, between cells: {}, names in row {}", values)
        }
        (None, Some(header)) => {
            fill("{}{}: {} row[s] → {}, names in row {}", [files, place, rows, record, header.to_string()])
        }
        _ => fill("{}{}: {} row[s] → {}", [files, place, rows, record]),
    };
    println!("{indent}{}", without_bidi(&text));
    if table.uneven > 0 {
        println!("{indent}  {}", fill("{} row[s] [has|have] more cells than there are names", [table.uneven]));
    }
    let shown = if all { usize::MAX } else { COLUMNS };
    for column in table.columns.iter().take(shown) {
        let kind = serde_json::to_value(column.kind)
            .ok()
            .and_then(|kind| kind.as_str().map(str::to_owned))
            .unwrap_or_default();
        let guess = column.field.map_or_else(String::new, |field| format!(" → {field}"));
        let private = if column.private { " (private)" } else { "" };
        let samples = column.samples.join(" | ");
        let text = format!("{}{guess}: {kind}{private}, {:.0}%  {samples}", column.name, column.filled * 100.0);
        println!("{indent}  {}", without_bidi(&text));
    }
    let rest = table.columns.len().saturating_sub(shown);
    if rest > 0 {
        println!("{indent}  {}", fill("… and {} more column[s]; --structure shows all", [rest]));
    }
    for nested in &table.nested {
        let deeper = format!("{indent}    ");
        describe(nested, all, &deeper);
    }
}

fn next(findings: &Findings, path: &Path, args: &Args, written: bool) {
    head("What to do next");
    let export = shell(&path.display().to_string());
    let command = |text: &str| println!("    {text}");
    if findings.files == 0 || findings.bytes == 0 {
        line("Download or export it again, then inspect it again.");
        return;
    }
    if let Some(contents) = &findings.contents {
        let mut options = String::new();
        if let Some(from) = args.from.as_deref() {
            options.push_str(&format!(" --from {from}"));
        }
        match args.zone.as_deref() {
            Some(zone) => options.push_str(&format!(" --zone {zone}")),
            None if contents.zone_from.contains_key("assumed") => options.push_str(" --zone Asia/Shanghai"),
            None => {}
        }
        if contents.posts + contents.comments + contents.members > 0 {
            line("Import it; doing it twice changes nothing:");
            command(&format!("circlekeep import {export}{options}"));
        } else {
            line("No posts could be read from it; see the problems and notes above.");
        }
        if !contents.remote_hosts.is_empty() {
            line("While the platform is still there, save the linked pictures into a folder, then add:");
            command("--media DIR");
        }
        return;
    }
    if findings.recognition.refused.is_some() {
        line("Do as “A better way” above says.");
        return;
    }
    line(
        "The format of the 微信圈子 export is documented nowhere, so nothing is guessed here: for tables and JSON, a map.toml says what each column is.",
    );
    if findings.map.is_none() {
        line(
            "There is no table here. Save each text as a .txt or .md file, put them in one folder with their pictures, and import that folder.",
        );
        return;
    }
    if written {
        let map = args.write_map.as_deref().map(|map| shell(&map.display().to_string())).unwrap_or_default();
        line("The map is written. Open it in a text editor, check the guesses, then try it:");
        command(&format!("circlekeep import {export} --map {map} --dry-run"));
    } else {
        command(&format!("circlekeep inspect {export} --write-map map.toml"));
        line("Check map.toml in a text editor, then try it; nothing is written:");
        command(&format!("circlekeep import {export} --map map.toml --dry-run"));
    }
}

/// The plural of a kind of private data.
fn many(kind: &'static str) -> &'static str {
    match kind {
        "e-mail address" => "e-mail addresses",
        "phone number" => "phone numbers",
        "network address" => "network addresses",
        "access token" => "login tokens",
        "signed address" => "links that carry a login",
        "WeChat id" => "WeChat ids",
        "QQ number" => "QQ numbers",
        "identity card number" => "identity card numbers",
        "password or key" => "passwords or keys",
        "private key" => "private keys",
        "cookie" => "cookies",
        other => other,
    }
}

fn size(bytes: u64) -> String {
    let mut unit = 0;
    let mut rest = bytes;
    while rest >= 10_240 && unit < 3 {
        rest /= 1024;
        unit += 1;
    }
    format!("{rest} {}", ["bytes", "KB", "MB", "GB"].get(unit).unwrap_or(&"GB"))
}
