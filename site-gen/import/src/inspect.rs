//! Describes an input without importing it: `circlekeep inspect`.
//!
//! 1. Asks every importer, and collects reasons and what was searched for: [`Recognition`].
//! 2. The importer that recognises the input reads it through the gate into a sink that only counts: [`contents::Contents`].
//! 3. Scans all bytes for encodings, damaged ids, private facts and tables: [`scan::Scan`].
//! 4. If no importer recognises it: describes the tables, and drafts a `map.toml`: [`structure::Table`], [`skeleton`].
//!
//! Nothing is written, and no private fact leaves this module: only its kind, the number of facts, and their first two characters.

use serde::Serialize;

use secrets::without_facts;

use crate::{
    Importer, Recognised, name_refused,
    parts::{Part, Parts},
};
use circle_content::{
    archive::published,
    input::Input,
    options::Options,
    report::{Files, Problem, Progress, Report},
};

pub mod contents;
pub mod guess;
pub mod json;
pub mod numbers;
mod pictures;
pub mod scan;
pub mod secrets;
pub mod sheets;
pub mod skeleton;
pub mod structure;
pub mod values;

/// All results for one input. `--json` prints this as JSON.
#[derive(Debug, Serialize)]
pub struct Findings {
    /// The name of the folder or file.
    pub name: String,
    /// The number of files.
    pub files: u64,
    /// Their total size in bytes.
    pub bytes: u64,
    /// Number of files by extension.
    pub endings: Vec<(String, u64)>,
    /// Refused entries, with the reason.
    pub refused: Vec<(String, String)>,
    /// Which importer recognises it.
    pub recognition: Recognition,
    /// The exports in it, each with its importer; one if everything is one export.
    pub parts: Vec<InputPart>,
    /// Its content, if an importer reads it; the sum of several parts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contents: Option<contents::Contents>,
    /// What its bytes contain.
    pub scan: scan::Scan,
    /// The tables in it.
    pub tables: Vec<structure::Table>,
    /// A draft of a map, if there are tables.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub map: Option<String>,
    /// Problems during reading.
    pub problems: Vec<Problem>,
    /// Notes.
    pub notes: Vec<String>,
}

/// A part of an input.
#[derive(Clone, Debug, Serialize)]
pub struct InputPart {
    /// Its folder or file.
    pub name: String,
    /// Its importer.
    pub importer: &'static str,
    /// The reason.
    pub why: String,
    /// The number of posts.
    pub posts: u64,
    /// The number of comments.
    pub comments: u64,
    /// The number of media that are present.
    pub media: u64,
}

/// The answers of the importers.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Recognition {
    /// The importer that `import` would use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub importer: Option<&'static str>,
    /// What it reads, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<&'static str>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// True if it is certain.
    pub sure: bool,
    /// Other importers that may recognise it, with the reason.
    pub others: Vec<(&'static str, String)>,
    /// Recognised, but not read: what it is, and what to bring instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<(String, String)>,
    /// If no importer recognises it: what each searched for.
    pub looked_for: Vec<(&'static str, &'static str)>,
}

impl Findings {
    /// True if no importer can read it as it is.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        self.recognition.importer.is_none()
    }

    /// True if it is recognised, read, and without problems.
    #[must_use]
    pub fn is_fine(&self) -> bool {
        let read = |contents: &contents::Contents| contents.posts + contents.comments + contents.members > 0;
        self.problems.is_empty() && self.contents.as_ref().is_some_and(read)
    }
}

/// Inspects an input. `from` selects the importer, whatever the input looks like.
///
/// # Errors
/// If there is no importer called `from`.
pub fn look(
    input: &Input,
    from: Option<&str>,
    options: &Options,
    progress: &dyn Progress,
) -> circle_content::Result<Findings> {
    let whole = input.part("", |_| true);
    let (parts, mut recognition) = match from {
        Some(name) => {
            let importer = crate::by_name(name)?;
            (Some(Parts::all_for(whole, importer, "named with --from")), named(importer))
        }
        None => {
            let (taken, mut recognition) = recognise(input);
            let parts = Parts::of(whole).ok();
            if parts.is_some() {
                recognition.refused = None;
            } else if let Some(importer) = taken {
                return Err(circle_content::Error::new("no part of it is known", input.place(), importer.about()));
            }
            (parts, recognition)
        }
    };
    let mut report = Report::default();
    name_refused(input, &mut report, without_facts);
    let (contents, found) = match parts {
        Some(parts) => count_parts(parts, &mut recognition, options, &mut report, progress),
        None => (None, Vec::new()),
    };
    let (scan, tables) = scan::scan(input, options, progress);
    let map = skeleton::map(input, &tables, options);
    recognition.why = recognition.why.map(|why| without_facts(&why));
    Ok(Findings {
        name: without_facts(input.name()),
        files: input.entries().len() as u64,
        bytes: input.entries().iter().map(|entry| entry.bytes).sum(),
        endings: endings(input),
        refused: input.refused().iter().map(|(name, why)| (without_facts(name), without_facts(why))).collect(),
        recognition,
        parts: found,
        contents,
        scan,
        tables,
        map,
        problems: report.problems,
        notes: report.notes,
    })
}

/// Reads every part and counts. The importer of the first part is reported for the input.
fn count_parts(
    mut parts: Parts<'static>,
    recognition: &mut Recognition,
    options: &Options,
    report: &mut Report,
    progress: &dyn Progress,
) -> (Option<contents::Contents>, Vec<InputPart>) {
    let (mut all, mut found) = (None::<contents::Contents>, Vec::new());
    while let Some(Part { input, importer, why }) = parts.next_part() {
        let counted = contents::count(&input, importer, options, report, progress);
        found.push(InputPart {
            name: without_facts(input.name()),
            importer: importer.name(),
            why: without_facts(&why),
            posts: counted.posts,
            comments: counted.comments,
            media: counted.media_present,
        });
        match &mut all {
            Some(all) => all.add(counted),
            None => all = Some(counted),
        }
        if found.len() == 1 && recognition.importer != Some(importer.name()) {
            *recognition = Recognition { why: Some(why), sure: recognition.sure, ..named(importer) };
        }
    }
    if found.len() > 1 {
        recognition.others.clear();
        if let Some(all) = &mut all {
            // A file that one part did not read may have been read by another.
            let whole = parts.input();
            all.files = Files::of(whole, published::settings_of(whole).is_some(), &all.records);
            all.files.not_read.iter_mut().for_each(|file| file.path = without_facts(&file.path));
        }
    }
    let (problems, notes) = parts.said();
    report.problems.extend(problems);
    report.notes.extend(notes);
    (all, found)
}

fn named(importer: &'static dyn Importer) -> Recognition {
    Recognition {
        importer: Some(importer.name()),
        about: Some(importer.about()),
        why: Some("named with --from".to_owned()),
        sure: true,
        ..Recognition::default()
    }
}

/// Asks every importer. As in [`crate::recognise`], the first that is certain wins, or one before it that refuses; otherwise the first that
/// answers maybe.
fn recognise(input: &Input) -> (Option<&'static dyn Importer>, Recognition) {
    let mut recognition = Recognition::default();
    let mut taken: Option<&'static dyn Importer> = None;
    if input.entries().is_empty() {
        return (None, recognition);
    }
    for importer in crate::importers() {
        match importer.recognise(input) {
            Recognised::Yes(why) | Recognised::Maybe(why) if recognition.sure || recognition.refused.is_some() => {
                recognition.others.push((importer.name(), without_facts(&why)));
            }
            Recognised::Yes(why) => {
                if let (Some(before), Some(reason)) = (taken.replace(importer), recognition.why.take()) {
                    recognition.others.push((before.name(), without_facts(&reason)));
                }
                recognition.why = Some(why);
                recognition.sure = true;
            }
            Recognised::Maybe(why) if taken.is_some() => {
                recognition.others.push((importer.name(), without_facts(&why)));
            }
            Recognised::Maybe(why) => {
                taken = Some(importer);
                recognition.why = Some(why);
            }
            Recognised::No(what) if importer.reads() => recognition.looked_for.push((importer.name(), what)),
            Recognised::No(_) => {}
            Recognised::Refused { what, help } => {
                if !recognition.sure && recognition.refused.is_none() {
                    recognition.refused = Some((without_facts(&what), without_facts(&help)));
                    if let (Some(before), Some(reason)) = (taken.take(), recognition.why.take()) {
                        recognition.others.push((before.name(), without_facts(&reason)));
                    }
                }
            }
        }
    }
    if let Some(importer) = taken {
        recognition.importer = Some(importer.name());
        recognition.about = Some(importer.about());
        recognition.looked_for.clear();
    }
    (taken, recognition)
}

/// Number of files by extension, the most frequent first.
fn endings(input: &Input) -> Vec<(String, u64)> {
    let mut counted: std::collections::BTreeMap<String, u64> = std::collections::BTreeMap::new();
    for entry in input.entries() {
        let name = entry.path.rsplit('/').next().unwrap_or(&entry.path);
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending).to_lowercase();
        let ending =
            if ending.is_empty() || ending.len() > 8 { "(no ending)".to_owned() } else { format!(".{ending}") };
        *counted.entry(ending).or_default() += 1;
    }
    let mut counted: Vec<(String, u64)> = counted.into_iter().collect();
    counted.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    counted
}
