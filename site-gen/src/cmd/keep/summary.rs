//! The result of `keep`, in plain words and as JSON: what was kept, what was not and why, what must not be shared, and what to do
//! next.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    path::{Path, PathBuf},
};

use circle_content::{
    Result,
    archive::{for_each_line, private},
    report::{Problem, Report},
};
use circle_import::{Summary as Imported, inspect::skeleton::shell};
use circle_model::{
    archive::{Media, MediaState, Post, Record},
    text::without_bidi,
    time::Time,
};
use circle_site::words::Words;
use serde_json::{Value, json};

use super::{
    super::{ledger, progress::facts_line, spoken::say},
    folder::Kept,
};

/// The maximum number of problems on the terminal; the note has all of them.
const SHOWN: usize = 5;

/// The data of the summary.
#[derive(Debug)]
pub(super) struct SummaryData {
    /// The circle's name.
    pub(super) name: String,
    /// The problems of the import and the build.
    pub(super) problems: Vec<Problem>,
    imported: Imported,
    built: circle_publish::Summary,
    pictures: u64,
    files: u64,
    /// The first and the last day of the published posts.
    dates: Option<(String, String)>,
    /// Posts and comments that are not in the site, by reason: everything in the folder, not only from this run.
    apart: BTreeMap<String, u64>,
    /// The number of private facts that all runs removed.
    facts: u64,
    /// The zip of the site.
    zip: Option<PathBuf>,
}

impl SummaryData {
    /// Counts the current content of the folder.
    ///
    /// # Errors
    /// When its records cannot be read.
    pub(super) fn of(
        kept: &Kept,
        name: String,
        imported: Imported,
        built: circle_publish::Summary,
        problems: Vec<Problem>,
        zip: Option<PathBuf>,
    ) -> Result<Self> {
        let data = kept.site().join("data");
        let (mut first, mut last): (Option<Time>, Option<Time>) = (None, None);
        each(&data.join("posts.jsonl"), |post: Post| {
            let time = post.created;
            if time.utc.is_some() && first.as_ref().is_none_or(|first| time.utc < first.utc) {
                first = Some(time.clone());
            }
            if time.utc.is_some() && last.as_ref().is_none_or(|last| time.utc > last.utc) {
                last = Some(time);
            }
        })?;
        let (mut pictures, mut files) = (0, 0);
        each(&data.join("media.jsonl"), |medium: Media| {
            if medium.state == MediaState::Present {
                let is_picture = medium.mime.as_deref().is_some_and(|mime| mime.starts_with("image/"));
                *(if is_picture { &mut pictures } else { &mut files }) += 1;
            }
        })?;
        let mut apart: BTreeMap<String, u64> = BTreeMap::new();
        for (reason, record) in private::withheld(&kept.content())? {
            if matches!(record, Record::Post(_) | Record::Comment(_)) {
                *apart.entry(reason).or_default() += 1;
            }
        }
        for (reason, count) in &built.excluded {
            // A deleted comment has its place in the archive and its text on the private side. It counts once.
            let known = apart.entry((*reason).to_owned()).or_default();
            *known = (*known).max(*count);
        }
        let mut facts = 0;
        let facts_file = kept.content().join(private::FOLDER).join("facts.jsonl");
        each(&facts_file, |of: Value| {
            let kinds = of.get("facts").and_then(Value::as_object).into_iter().flat_map(serde_json::Map::values);
            facts += kinds.filter_map(Value::as_array).map(|values| values.len() as u64).sum::<u64>();
        })?;
        let day = |time: Time| time.display().split(' ').next().unwrap_or_default().to_owned();
        let dates = first.zip(last).map(|(first, last)| (day(first), day(last)));
        Ok(Self { name, problems, imported, built, pictures, files, dates, apart, facts, zip })
    }

    /// The summary in plain words; `short` is for the terminal, which shows only the first problems.
    pub(super) fn text(&self, kept: &Kept, words: &Words, short: bool) -> String {
        let shown = |path: &Path| path.display().to_string();
        let (content, site) = (shown(&kept.root().join("content")), kept.root().join("site"));
        let mut out = String::new();
        let name = without_bidi(&self.name);
        let aside: u64 = self.apart.values().sum();
        if self.built.posts == 0 && aside > 0 {
            line(&mut out, "", &words.fill_all("keep_aside", [&name, &aside.to_string()]));
        } else if self.built.posts + self.built.comments == 0 {
            line(&mut out, "", &words.fill("keep_empty", &name));
        } else if kept.again {
            let (added, changed) = (self.imported.added.to_string(), self.imported.changed.to_string());
            line(&mut out, "", &words.fill_all("keep_again", [&name, &added, &changed]));
        } else {
            line(&mut out, "", &words.fill("keep_done", &name));
        }
        if self.built.posts == 0 {
            line(&mut out, "", words.get("keep_none_published"));
        }

        line(&mut out, "\n", words.get("keep_kept"));
        for (key, count) in [
            ("keep_posts", self.built.posts),
            ("keep_comments", self.built.comments),
            ("keep_members", self.built.members),
            ("keep_pictures", self.pictures),
            ("keep_files", self.files),
        ] {
            if count > 0 {
                item(&mut out, &words.fill(key, &count.to_string()));
            }
        }
        if self.imported.opened > 0 {
            item(&mut out, &words.fill("unknown_opened", &self.imported.opened.to_string()));
        }
        if let Some((first, last)) = &self.dates {
            item(&mut out, &words.fill_all("keep_dates", [first, last]));
        }
        if kept.again && self.imported.gone_upstream > 0 {
            item(&mut out, &words.fill("keep_gone", &self.imported.gone_upstream.to_string()));
        }

        line(&mut out, "\n", words.get("keep_apart"));
        if self.apart.is_empty() && self.facts == 0 {
            item(&mut out, words.get("keep_nothing_apart"));
        } else {
            for (reason, count) in &self.apart {
                let why = words.get(&format!("excluded_{reason}")).to_owned();
                item(&mut out, &words.fill_all("keep_apart_count", [&why, &count.to_string()]));
            }
            if self.facts > 0 {
                item(&mut out, &words.fill("keep_facts", &self.facts.to_string()));
            }
            item(&mut out, &words.fill("keep_apart_where", &shown(&kept.root().join("content").join(private::FOLDER))));
            if let Some(count) = self.apart.get("unknown").filter(|count| **count > 0) {
                item(&mut out, &words.fill("unknown_offer", &count.to_string()));
            }
            if !self.apart.is_empty() {
                item(&mut out, &words.fill_all("keep_publish", [shell(&content), shell(&content)]));
            }
        }

        line(&mut out, "\n", words.get("keep_lost"));
        if self.built.media.missing > 0 {
            item(&mut out, &words.fill("keep_missing", &self.built.media.missing.to_string()));
        }
        if !self.problems.is_empty() {
            item(&mut out, &words.fill("keep_problems", &self.problems.len().to_string()));
            let most = if short { SHOWN } else { usize::MAX };
            for Problem { place, what, help } in self.problems.iter().take(most) {
                // Each part separately, because a place and a message may contain colons.
                let text = without_bidi(&format!("{}: {} ({})", say(place), say(what), say(help)));
                line(&mut out, "    · ", &text.replace(['\n', '\r'], " "));
            }
            if self.problems.len() > most {
                let more = (self.problems.len() - most).to_string();
                let note = shown(&kept.root().join(words.get("keep_note_file")));
                line(&mut out, "    ", &words.fill_all("keep_more", [&more, &note]));
            }
        }
        let open = ledger::open(&self.imported.files, &self.imported.lost, words, short);
        for (head, below) in &open {
            item(&mut out, head);
            below.iter().for_each(|text| line(&mut out, "    · ", text));
        }
        let earlier = not_read_before(kept, self.imported.files.not_read.len());
        if earlier > 0 {
            let list = shown(&kept.root().join("content/private/not-read.txt"));
            item(&mut out, &words.fill_all("keep_unread_before", [earlier.to_string(), list]));
        }
        if self.problems.is_empty() && self.built.media.missing == 0 && open.is_empty() {
            item(&mut out, words.get("keep_nothing_lost"));
        }

        line(&mut out, "\n", words.get("keep_private"));
        item(&mut out, &words.fill("keep_private_content", &content));
        let facts = facts_line(&self.built.private, &kept.root().join("content"), words);
        facts.into_iter().for_each(|facts| item(&mut out, &facts));
        if !self.built.uncleaned.is_empty() {
            let most = if short { SHOWN } else { usize::MAX };
            let more = if self.built.uncleaned.len() > most { " …" } else { "" };
            let names: Vec<String> = self.built.uncleaned.iter().take(most).map(|name| without_bidi(name)).collect();
            let config = shown(&kept.root().join("content").join("circle.toml"));
            let values = [self.built.uncleaned.len().to_string(), names.join(", ") + more, config];
            item(&mut out, &words.fill_all("keep_uncleaned", values));
        }
        match &self.zip {
            Some(zip) => item(&mut out, &words.fill_all("keep_share_zip", [&shown(zip), &shown(&site)])),
            None => item(&mut out, &words.fill("keep_share_folder", &shown(&site))),
        }

        line(&mut out, "\n", words.get("keep_next"));
        item(&mut out, &words.fill("keep_open", &shown(&kept.start(words))));
        item(&mut out, &words.fill("keep_copy", &shown(kept.root())));
        item(&mut out, &words.fill("keep_verify", &shell(&shown(&site))));
        item(&mut out, words.get("keep_repeat"));
        item(&mut out, &words.fill("keep_change", &shown(&kept.root().join("content").join("circle.toml"))));
        if short {
            item(&mut out, &words.fill("keep_note_too", &shown(&kept.root().join(words.get("keep_note_file")))));
        }
        out
    }

    /// The summary of `--json`.
    pub(super) fn json(&self, kept: &Kept, start: &Path) -> Value {
        let (first, last) = self.dates.clone().unzip();
        json!({
            "command": "keep",
            "importer": self.imported.importer,
            "name": self.name,
            "again": kept.again,
            "posts": self.built.posts,
            "comments": self.built.comments,
            "members": self.built.members,
            "pictures": self.pictures,
            "attachments": self.files,
            "first": first,
            "last": last,
            "added": self.imported.added,
            "changed": self.imported.changed,
            "unchanged": self.imported.unchanged,
            "gone_upstream": self.imported.gone_upstream,
            "media": self.built.media,
            "excluded": self.apart,
            "files": self.imported.files,
            "records": self.imported.records,
            "lost": self.imported.lost,
            "opened": self.imported.opened,
            "imports": self.imported.imports,
            "private": self.facts,
            "private_in_texts": self.built.private,
            "problems": self.problems,
            "notes": self.imported.notes,
            "open": start,
            "site": kept.site(),
            "content": kept.content(),
            "zip": self.zip,
            "pages": self.built.pages,
        })
    }
}

/// Every record of a file.
fn each<T: serde::de::DeserializeOwned>(path: &Path, mut take: impl FnMut(T)) -> Result<()> {
    for_each_line(path, &mut Report::default(), |_, line| {
        take(serde_json::from_str(line).map_err(|error| error.to_string())?);
        Ok(())
    })
}

fn line(out: &mut String, before: &str, text: &str) {
    let _ = writeln!(out, "{before}{text}");
}

fn item(out: &mut String, text: &str) {
    line(out, "  - ", text);
}

/// The number of files of earlier exports that are still listed as not read.
fn not_read_before(kept: &Kept, now: usize) -> usize {
    let text = std::fs::read_to_string(kept.content().join("private/not-read.txt")).unwrap_or_default();
    text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')).count().saturating_sub(now)
}
