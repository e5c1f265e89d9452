//! A complete import: reads an export, merges it into the archive of a content folder, and returns a summary.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    time::Instant,
};

use circle_model::{
    archive::{Import, ImportedFile, Record, RecordKind, Visibility},
    id::Id,
    time::{Offset, Time, Utc, ZoneFrom},
};
use data_encoding::HEXLOWER;
use serde::Serialize;

use super::Importer;
use circle_content::{
    Result,
    archive::{Archive, Change, Importing, Mode, changes, not_read, published},
    input::{DAMAGED, Entry, Input},
    media::clean::uncleaned::Uncleaned,
    report::{Exclusion, Files, Lost, MediaCounts, Part, Problem, Progress, Records, Report},
};
use circle_content::{
    archive::opened,
    gate::Gate,
    media::prepare::Prepared,
    options::Options,
    sink::{Ids, Sink},
};
use circle_html::privacy;

/// The result of an import. `--json` prints it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Summary {
    /// Always `import`.
    pub command: &'static str,
    /// The importer's name.
    pub importer: String,
    /// Posts read.
    pub posts: u64,
    /// Comments read.
    pub comments: u64,
    /// Members read.
    pub members: u64,
    /// Media by state.
    pub media: MediaCounts,
    /// New records, of all kinds.
    pub added: u64,
    /// Records whose content changed.
    pub changed: u64,
    /// Unchanged records.
    pub unchanged: u64,
    /// Posts and comments of earlier exports that this export covers and does not contain. They stay.
    pub gone_upstream: u64,
    /// Posts and comments that changed, left the archive, or are missing at the source, by name.
    pub changes: Vec<Change>,
    /// Posts and comments that were withheld, by reason. They are in `content/private`.
    pub excluded: BTreeMap<&'static str, u64>,
    /// Private facts that were removed from records, by kind. They are in `content/private`.
    pub private: BTreeMap<String, u64>,
    /// What happened to every file.
    pub files: Files,
    /// What happened to every record, by kind.
    pub records: BTreeMap<&'static str, Records>,
    /// Parts of records that were not carried over, by kind.
    pub lost: BTreeMap<&'static str, Lost>,
    /// Posts and comments of unknown audience that are published, because a leader chose so.
    pub opened: u64,
    /// The ids of the imports, for `decide publish --import`.
    pub imports: Vec<Id>,
    /// Problems.
    pub problems: Vec<Problem>,
    /// Notes: unusual, but nothing was lost.
    pub notes: Vec<String>,
    /// Seconds by stage.
    pub seconds: BTreeMap<&'static str, f64>,
}

const AGAIN: &str =
    "if it can still be had, download or copy it again and import that too: what is known already stays";

/// Reports refused and damaged entries of the input as problems. `place` says how a name is shown.
pub(crate) fn name_refused(input: &Input, report: &mut Report, place: impl Fn(&str) -> String) {
    for (name, reason) in input.refused() {
        let help = if reason.contains(DAMAGED) {
            AGAIN
        } else {
            "look at the file yourself; if it belongs to the circle, put it into the export under a plain name"
        };
        report.problem(place(name), format!("not read: {reason}"), help);
    }
    for (name, reason) in input.damaged() {
        report.problem(place(name), reason.as_str(), AGAIN);
    }
}

/// Imports `input` into the folder `content`. `at` is the current time; only the first import of the same bytes stores it.
///
/// # Errors
/// If the input cannot be read at all, or the archive cannot be written. The archive is then unchanged.
pub fn into_content(
    input: &Input,
    importer: &dyn Importer,
    content: &Path,
    options: &Options,
    at: Utc,
    mode: Mode,
    progress: &dyn Progress,
) -> Result<Summary> {
    let mut report = Report::default();
    name_refused(input, &mut report, str::to_owned);
    let started = Instant::now();
    progress.stage("fingerprint", Some(input.entries().len() as u64));
    let mut files = fingerprints(input, progress)?;
    let mut archive = Archive::open(content, mode)?;
    let id = import_id(importer, &files);
    // The records of a built site state their imports themselves, and its files are not an export.
    let of_site = importer.name() == "native" && published::settings_of(input).is_some();
    let mark = (!of_site).then(|| Id::new(importer.name()));
    // Two blogs that were built by Circlekeep may both have a `hello-world`.
    let ids = if of_site { Ids::Local } else { importer.ids() };
    archive.of_import(Importing { importer: mark, id: id.clone(), ids, origin: options.origin.clone() });
    progress.stage("read", None);
    let (publish, with_comments) = archive.decided_to_publish(&mut report)?;
    let before = archive.withheld_posts(&publish)?;
    let known = if ids == Ids::Local { archive.known_of(&publish)? } else { BTreeMap::new() };
    let mut telling = Telling { sink: &mut archive, progress, uncleaned: Uncleaned::default() };
    let mut gate =
        Gate::new(&mut telling, publish).with_comments_of(with_comments).with_withheld_before(before).with_known(known);
    gate = gate.below(input.above());
    let (decided, opened_before) = opened::known(content, &id, &mut report)?;
    if let Some(visibility) = options.unknown_as.or(decided) {
        gate = gate.with_unknown_as(visibility, opened::Chosen::All(id.clone()));
    } else if !opened_before.is_empty() {
        gate = gate.with_unknown_as(Visibility::Circle, opened::Chosen::These(opened_before));
    }
    importer.import(input, options, &mut gate, &mut report)?;
    report.idle.iter().for_each(|path| input.leave(path));
    let counts = gate.finish()?;
    counts.say(&mut report);
    let uncleaned = telling.uncleaned;
    archive.identify(&mut report)?;
    let account = Files::of(input, of_site, &counts.records);
    let (short, absent) = counts.absent_comments;
    report.lose(Part::AbsentComment, absent, format!("{}: {short} posts", input.name()));
    // File names often contain names and numbers of people, so the archive stores only sizes and hashes.
    // Each name is on a line of its own, because a line with a million names could not be read again.
    if of_site {
        files.clear();
    }
    for file in &mut files {
        let name = std::mem::take(&mut file.path);
        archive.keep_private(&Id::new(format!("file-{}", file.sha256)), "name in the export", &name)?;
    }
    let read = started.elapsed().as_secs_f64();
    let by_kind: BTreeMap<String, u64> = RecordKind::ALL
        .into_iter()
        .map(|kind| (kind.file_stem().to_owned(), archive.pushed(kind)))
        .filter(|(_, count)| *count > 0)
        .collect();
    let nothing = by_kind.is_empty() && counts.excluded.is_empty();
    if nothing {
        let help = "look at the notes: every file that was left out is named there";
        report.problem(input.place(), "there was no post or record in it", help);
    } else if !of_site {
        let offset = options.zone.to_offset(jiff::Timestamp::from_millisecond(at.0).unwrap_or_default()).seconds() / 60;
        archive.push(Record::Import(Box::new(Import {
            id: id.clone(),
            importer: importer.name().to_owned(),
            at: Time::exact(at, Offset(i16::try_from(offset).unwrap_or_default()), ZoneFrom::Explicit),
            // The origin is needed only if ids are local. For an account or a private chat it is a private fact.
            origin: options.origin.clone().or_else(|| report.origin.clone()).filter(|_| ids == Ids::Local),
            namespace: archive.namespace().map(str::to_owned),
            tool: report.tool.clone(),
            scope: report.scope,
            files,
            counts: by_kind,
            warnings: warnings(&report.notes, input),
            lost: report.lost.iter().map(|(kind, lost)| ((*kind).to_owned(), lost.count)).collect(),
            withheld: counts.excluded.iter().map(|(why, count)| ((*why).to_owned(), *count)).collect(),
            not_read: account.not_read.len() as u64,
        })))?;
    }
    // This comes after the record of the import, because readers need not know which files these are.
    uncleaned.tell(&mut report);
    progress.stage("write", None);
    let started = Instant::now();
    let (posts, comments, members) =
        (archive.pushed(RecordKind::Post), archive.pushed(RecordKind::Comment), archive.pushed(RecordKind::Member));
    let merged = archive.finish(&mut report)?;
    if mode == Mode::Write {
        changes::write(content, &merged.changes, at, options)?;
        not_read::write(content, &id, &account.not_read)?;
        if options.unknown_as.is_some() && counts.opened > 0 && decided.is_none() {
            opened::remember(content, &id, at, &mut report)?;
        }
    }
    if of_site && !nothing {
        published::take_settings(input, content, mode, &mut report)?;
    }
    Ok(Summary {
        command: "import",
        importer: importer.name().to_owned(),
        posts,
        comments,
        members,
        media: counts.media,
        added: merged.added,
        changed: merged.changed,
        unchanged: merged.unchanged,
        gone_upstream: merged.gone,
        changes: merged.changes,
        excluded: counts.excluded,
        private: counts.facts,
        files: account,
        records: counts.records,
        lost: report.lost,
        opened: counts.opened,
        imports: vec![id],
        problems: report.problems,
        notes: report.notes,
        seconds: BTreeMap::from([("read", read), ("write", started.elapsed().as_secs_f64())]),
    })
}

impl Summary {
    /// Adds the result of another import of the same run.
    pub fn add(&mut self, other: Self) {
        self.command = other.command;
        if self.importer.is_empty() {
            self.importer = other.importer;
        } else if !self.importer.split(", ").any(|name| name == other.importer) {
            self.importer = format!("{}, {}", self.importer, other.importer);
        }
        self.posts += other.posts;
        self.comments += other.comments;
        self.members += other.members;
        self.media.present += other.media.present;
        self.media.missing += other.media.missing;
        self.added += other.added;
        self.changed += other.changed;
        self.unchanged += other.unchanged;
        self.gone_upstream += other.gone_upstream;
        self.changes.extend(other.changes);
        for (reason, count) in other.excluded {
            *self.excluded.entry(reason).or_default() += count;
        }
        for (kind, count) in other.private {
            *self.private.entry(kind).or_default() += count;
        }
        self.files.add(other.files);
        for (kind, records) in other.records {
            self.records.entry(kind).or_default().add(records);
        }
        for (kind, lost) in other.lost {
            self.lost.entry(kind).or_default().add(lost);
        }
        self.opened += other.opened;
        self.imports.extend(other.imports);
        self.problems.extend(other.problems);
        self.notes.extend(other.notes);
        for (stage, seconds) in other.seconds {
            *self.seconds.entry(stage).or_default() += seconds;
        }
    }
}

/// A sink that reports progress.
struct Telling<'a> {
    sink: &'a mut dyn Sink,
    progress: &'a dyn Progress,
    uncleaned: Uncleaned,
}

impl Sink for Telling<'_> {
    fn push(&mut self, record: Record) -> Result<()> {
        if matches!(record, Record::Post(_) | Record::Comment(_)) {
            self.progress.advance(1);
        }
        self.sink.push(record)
    }

    fn keep_media(&mut self, medium: &Prepared) -> Result<String> {
        let path = self.sink.keep_media(medium)?;
        self.uncleaned.add(medium.left, &path);
        Ok(path)
    }

    fn keep_private(&mut self, of: &Id, kind: &str, value: &str) -> Result<()> {
        self.sink.keep_private(of, kind, value)
    }

    fn withhold(&mut self, why: Exclusion, record: Record) -> Result<()> {
        self.sink.withhold(why, record)
    }

    fn set_aside(&mut self, media: &BTreeSet<Id>) -> Result<()> {
        self.sink.set_aside(media)
    }
}

/// The maximum number of notes in the record of an import. 24,000 notes of the same kind say no more than a hundred, and every note is
/// searched for every name.
const MOST_WARNINGS: usize = 100;

/// The notes of an import as its record stores them. The last one states how many more there were.
fn warnings(notes: &[String], input: &Input) -> Vec<String> {
    let kept = notes.iter().take(MOST_WARNINGS).map(|note| privacy::masked(&without_names(note, input)));
    let more = notes.len().saturating_sub(MOST_WARNINGS);
    kept.chain((more > 0).then(|| format!("… and {more} more"))).collect()
}

/// A note without file names, which often contain names of people, and without quotations from the export. So everybody may read what the
/// archive stores.
fn without_names(note: &str, input: &Input) -> String {
    let quoted = note.split('`').enumerate().map(|(at, part)| {
        let ours = at % 2 == 0 || part.starts_with("circlekeep ");
        if ours { part } else { "███" }
    });
    let mut out = quoted.collect::<Vec<_>>().join("`");
    for entry in input.entries() {
        // A file called `a` is not a name, and every note contains `a`.
        let name = entry.path.rsplit('/').next().unwrap_or_default();
        for named in [entry.path.as_str(), name].into_iter().filter(|named| named.chars().count() > 4) {
            if out.contains(named) {
                out = out.replace(named, "███");
            }
        }
    }
    out
}

fn fingerprints(input: &Input, progress: &dyn Progress) -> Result<Vec<ImportedFile>> {
    let hashes = input.hashes(|| progress.advance(1))?;
    let file = |(entry, (sha256, bytes)): (&Entry, ([u8; 32], u64))| ImportedFile {
        path: entry.path.clone(),
        bytes,
        sha256: HEXLOWER.encode(&sha256),
    };
    Ok(input.entries().iter().zip(hashes).map(file).collect())
}

fn import_id(importer: &dyn Importer, files: &[ImportedFile]) -> Id {
    let mut key = String::new();
    for file in files {
        key.push_str(&file.path);
        key.push('\0');
        key.push_str(&file.sha256);
        key.push('\n');
    }
    circle_content::ident::id(importer.name(), "import", &key)
}
