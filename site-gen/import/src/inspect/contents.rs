//! The content of an input according to its importer: records pass the same gate as in an import, and are counted instead of stored.

use std::collections::{BTreeMap, BTreeSet};

use circle_model::{
    archive::{Media, MediaState, Record, Role, Scope},
    id::Id,
    time::{Time, ZoneFrom},
};
use serde::Serialize;

use super::secrets;
use crate::Importer;
use circle_content::{
    Result,
    gate::Gate,
    input::Input,
    media::prepare::Prepared,
    options::Options,
    report::{Exclusion, Files, Lost, Part, Problem, Progress, Records, Report},
    sink::{Sink, media_path},
};
use circle_html::privacy;

/// The content of an input.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Contents {
    /// All posts, including those that would be withheld.
    pub posts: u64,
    /// All comments.
    pub comments: u64,
    /// All members, including `ghosts`.
    pub members: u64,
    /// Members who are only mentioned, or only known from a quotation.
    pub ghosts: u64,
    /// Likes and other reactions.
    pub reactions: u64,
    /// Events: joins, meetups, announcements.
    pub events: u64,
    /// Media by state and, if missing, by reason.
    pub media: BTreeMap<String, u64>,
    /// Media that are present.
    pub media_present: u64,
    /// Media that are missing.
    pub media_missing: u64,
    /// Hosts of the missing pictures: the five most frequent, with their numbers.
    pub remote_hosts: Vec<(String, u64)>,
    /// The number of further hosts.
    pub more_hosts: u64,
    /// Posts, comments and events that would not be published, by reason.
    pub withheld: BTreeMap<&'static str, u64>,
    /// Private facts that would be removed from records, by kind.
    pub private: BTreeMap<String, u64>,
    /// The first date, with the offset in which it is shown.
    pub first: Option<String>,
    /// The last date.
    pub last: Option<String>,
    /// Number of dates by offset.
    pub offsets: BTreeMap<String, u64>,
    /// Number of dates by where their zone came from.
    pub zone_from: BTreeMap<&'static str, u64>,
    /// Posts and comments with an unreadable date.
    pub dates_unreadable: u64,
    /// Posts and comments without a date.
    pub dates_absent: u64,
    /// Posts that show only part of a longer thread.
    pub partial: u64,
    /// Posts that were already deleted when the export was made.
    pub tombstones: u64,
    /// Posts and comments that answer something outside this export.
    pub dangling_replies: u64,
    /// Comments on posts outside this export.
    pub orphans: u64,
    /// Which part of a circle it is.
    pub scope: Scope,
    /// The program that wrote it.
    pub tool: Option<String>,
    /// Tables and lists that gave no record.
    pub files_without_records: Vec<String>,
    /// Why reading stopped, if it did.
    pub failed: Option<String>,
    /// What would happen to every file.
    pub files: Files,
    /// What would happen to every record, by kind.
    pub records: BTreeMap<&'static str, Records>,
    /// Parts of records that would not be carried over, by kind.
    pub lost: BTreeMap<&'static str, Lost>,
}

impl Contents {
    /// Adds the content of another part of the same input.
    pub(super) fn add(&mut self, other: Self) {
        self.posts += other.posts;
        self.comments += other.comments;
        self.members += other.members;
        self.ghosts += other.ghosts;
        self.reactions += other.reactions;
        self.events += other.events;
        self.media_present += other.media_present;
        self.media_missing += other.media_missing;
        self.more_hosts += other.more_hosts;
        self.dates_unreadable += other.dates_unreadable;
        self.dates_absent += other.dates_absent;
        self.partial += other.partial;
        self.tombstones += other.tombstones;
        self.dangling_replies += other.dangling_replies;
        self.orphans += other.orphans;
        plus(&mut self.media, other.media);
        plus(&mut self.withheld, other.withheld);
        plus(&mut self.private, other.private);
        plus(&mut self.offsets, other.offsets);
        plus(&mut self.zone_from, other.zone_from);
        self.remote_hosts.extend(other.remote_hosts);
        // Dates in a form whose text order is their order in time.
        self.first = [self.first.take(), other.first].into_iter().flatten().min();
        self.last = [self.last.take(), other.last].into_iter().flatten().max();
        self.files_without_records.extend(other.files_without_records);
        self.failed = self.failed.take().or(other.failed);
        if self.scope != other.scope {
            self.scope = Scope::Unknown;
        }
        self.tool = [self.tool.take(), other.tool].into_iter().flatten().reduce(|all, tool| format!("{all}, {tool}"));
    }
}

fn plus<K: Ord>(all: &mut BTreeMap<K, u64>, more: BTreeMap<K, u64>) {
    for (key, count) in more {
        *all.entry(key).or_default() += count;
    }
}

/// Runs `importer` and counts. Its messages go to `report`, without private facts.
pub(super) fn count(
    input: &Input,
    importer: &dyn Importer,
    options: &Options,
    report: &mut Report,
    progress: &dyn Progress,
) -> Contents {
    progress.stage("read", None);
    let mut counting = Counting::new(progress);
    let mut own = Report::default();
    let mut gate = Gate::new(&mut counting, BTreeSet::new()).below(input.above());
    let done = importer.import(input, options, &mut gate, &mut own).and_then(|()| gate.finish());
    let (mut contents, files) = counting.finish();
    // Canonical records keep the name of the file that they originally came from.
    if !files.is_empty() && contents.posts > 0 && importer.name() != "native" {
        let named = |path: &str| files.contains(path) || files.contains(&privacy::masked(path));
        let silent = input.entries().iter().filter(|entry| is_data(&entry.path) && !named(&entry.path));
        contents.files_without_records = silent.map(|entry| privacy::masked(&entry.path)).collect();
    }
    match done {
        Ok(counts) => {
            counts.say(&mut own);
            contents.withheld = counts.excluded;
            contents.records = counts.records;
            let (posts, absent) = counts.absent_comments;
            own.lose(Part::AbsentComment, absent, format!("{posts} posts"));
            contents.private =
                counts.facts.into_iter().map(|(kind, count)| (secrets::without_facts(&kind), count)).collect();
        }
        Err(error) => {
            let what = secrets::without_facts(&error.what);
            own.problem(error.place, format!("reading stopped: {what}"), error.help);
            contents.failed = Some(what);
        }
    }
    let generated = importer.name() == "native" && circle_content::archive::published::settings_of(input).is_some();
    own.idle.iter().for_each(|path| input.leave(path));
    contents.files = Files::of(input, generated, &contents.records);
    for file in &mut contents.files.not_read {
        file.path = secrets::without_facts(&file.path);
    }
    contents.lost = std::mem::take(&mut own.lost);
    for place in contents.lost.values_mut().flat_map(|lost| &mut lost.places) {
        *place = secrets::without_facts(place);
    }
    contents.scope = own.scope;
    contents.tool = own.tool.take().map(|tool| secrets::without_facts(&tool));
    report.notes.extend(own.notes.iter().map(|note| secrets::without_facts(note)));
    report.problems.extend(own.problems.into_iter().map(|problem| Problem {
        place: secrets::without_facts(&problem.place),
        what: secrets::without_facts(&problem.what),
        help: secrets::without_facts(&problem.help),
    }));
    contents
}

/// A sink that stores nothing.
struct Counting<'a> {
    contents: Contents,
    progress: &'a dyn Progress,
    posts: BTreeSet<u64>,
    comments: BTreeSet<u64>,
    members: BTreeSet<u64>,
    others: BTreeSet<u64>,
    media: BTreeSet<u64>,
    /// References of answers, which are resolved at the end.
    targets: BTreeMap<u64, u64>,
    homes: BTreeMap<u64, u64>,
    hosts: BTreeMap<String, u64>,
    first: Option<Time>,
    last: Option<Time>,
    files: BTreeSet<String>,
}

impl<'a> Counting<'a> {
    fn new(progress: &'a dyn Progress) -> Self {
        Self {
            contents: Contents::default(),
            progress,
            posts: BTreeSet::new(),
            comments: BTreeSet::new(),
            members: BTreeSet::new(),
            others: BTreeSet::new(),
            media: BTreeSet::new(),
            targets: BTreeMap::new(),
            homes: BTreeMap::new(),
            hosts: BTreeMap::new(),
            first: None,
            last: None,
            files: BTreeSet::new(),
        }
    }

    /// The account, and the files that records refer to.
    fn finish(mut self) -> (Contents, BTreeSet<String>) {
        let there = |id: &u64| self.posts.contains(id) || self.comments.contains(id);
        self.contents.dangling_replies = self.targets.iter().filter(|(id, _)| !there(id)).map(|(_, n)| n).sum();
        self.contents.orphans = self.homes.iter().filter(|(id, _)| !self.posts.contains(id)).map(|(_, n)| n).sum();
        self.contents.first = self.first.as_ref().map(shown);
        self.contents.last = self.last.as_ref().map(shown);
        let mut hosts: Vec<(String, u64)> = self.hosts.into_iter().collect();
        hosts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        self.contents.more_hosts = hosts.len().saturating_sub(5) as u64;
        hosts.truncate(5);
        self.contents.remote_hosts = hosts;
        (self.contents, self.files)
    }

    fn date(&mut self, time: &Time) {
        let Some(utc) = time.utc else {
            let empty = time.raw.trim().is_empty();
            *if empty { &mut self.contents.dates_absent } else { &mut self.contents.dates_unreadable } += 1;
            return;
        };
        let from = match time.zone_from {
            ZoneFrom::Explicit => "explicit",
            ZoneFrom::Config => "config",
            ZoneFrom::Exporter => "exporter",
            ZoneFrom::Assumed => "assumed",
        };
        *self.contents.zone_from.entry(from).or_default() += 1;
        *self.contents.offsets.entry(offset(time)).or_default() += 1;
        let at = |time: &Option<Time>| time.as_ref().and_then(|time| time.utc);
        if at(&self.first).is_none_or(|first| utc < first) {
            self.first = Some(time.clone());
        }
        if at(&self.last).is_none_or(|last| utc > last) {
            self.last = Some(time.clone());
        }
    }

    fn named(&mut self, file: Option<&String>) {
        if let Some(file) = file
            && !self.files.contains(file)
        {
            self.files.insert(file.clone());
        }
    }

    fn medium(&mut self, medium: &Media) {
        if !self.media.insert(key(&medium.id)) {
            return;
        }
        let state = match medium.state {
            MediaState::Present => "present",
            MediaState::Missing => "missing",
            MediaState::Skipped => "skipped",
            MediaState::Expired => "expired",
            MediaState::Forbidden => "forbidden",
            MediaState::Placeholder => "placeholder",
            MediaState::TooBig => "too big",
        };
        if medium.state == MediaState::Present {
            self.contents.media_present += 1;
            *self.contents.media.entry(state.to_owned()).or_default() += 1;
            return;
        }
        self.contents.media_missing += 1;
        let reason = medium.reason.as_deref().map(secrets::without_facts).unwrap_or_default();
        let mut line = if reason.is_empty() { state.to_owned() } else { format!("{state}: {reason}") };
        // Some reasons contain the file name. A few kinds are distinguished; the others count by state.
        if self.contents.media.len() >= 12 && !self.contents.media.contains_key(&line) {
            state.clone_into(&mut line);
        }
        *self.contents.media.entry(line).or_default() += 1;
        let host = medium.remote.first().and_then(|address| url::Url::parse(address).ok());
        if let Some(host) = host.as_ref().and_then(url::Url::host_str) {
            *self.hosts.entry(secrets::without_facts(host)).or_default() += 1;
        }
    }

    fn record(&mut self, record: &Record) {
        let is_new = |set: &mut BTreeSet<u64>, id: &Id| set.insert(key(id));
        match record {
            Record::Post(post) => {
                self.named(post.src.file.as_ref());
                if !is_new(&mut self.posts, &post.id) {
                    return;
                }
                self.progress.advance(1);
                self.contents.posts += 1;
                self.contents.partial += u64::from(post.flags.partial);
                self.contents.tombstones += u64::from(post.tombstone.is_some());
                if let Some(target) = &post.reply_to {
                    *self.targets.entry(key(target)).or_default() += 1;
                }
                self.date(&post.created);
            }
            Record::Comment(comment) => {
                self.named(comment.src.file.as_ref());
                if !is_new(&mut self.comments, &comment.id) {
                    return;
                }
                self.progress.advance(1);
                self.contents.comments += 1;
                if let Some(target) = &comment.parent {
                    *self.targets.entry(key(target)).or_default() += 1;
                }
                if !comment.post.is_empty() {
                    *self.homes.entry(key(&comment.post)).or_default() += 1;
                }
                self.date(&comment.created);
            }
            Record::Member(member) => {
                self.named(member.src.file.as_ref());
                if is_new(&mut self.members, &member.id) {
                    self.contents.members += 1;
                    self.contents.ghosts += u64::from(member.role == Role::Ghost);
                }
            }
            Record::Reaction(reaction) => {
                self.named(reaction.src.file.as_ref());
                self.contents.reactions += u64::from(is_new(&mut self.others, &reaction.id));
            }
            Record::Event(event) => {
                self.named(event.src.file.as_ref());
                self.contents.events += u64::from(is_new(&mut self.others, &event.id));
            }
            Record::Media(medium) => self.medium(medium),
            Record::Circle(circle) => self.named(circle.src.file.as_ref()),
            Record::Import(_) | Record::Decision(_) => {}
        }
    }
}

impl Sink for Counting<'_> {
    fn push(&mut self, record: Record) -> Result<()> {
        self.record(&record);
        Ok(())
    }

    fn keep_media(&mut self, medium: &Prepared) -> Result<String> {
        Ok(media_path(&medium.sha256, medium.extension))
    }

    fn withhold(&mut self, _why: Exclusion, record: Record) -> Result<()> {
        self.record(&record);
        Ok(())
    }
}

/// True for file names of tables and lists.
fn is_data(path: &str) -> bool {
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension).to_ascii_lowercase();
    matches!(extension.as_str(), "json" | "jsonl" | "ndjson" | "csv" | "tsv" | "xlsx")
}

fn key(id: &Id) -> u64 {
    secrets::hash(id.as_str())
}

fn offset(time: &Time) -> String {
    time.offset.map_or_else(|| "+00:00".to_owned(), |offset| offset.to_string())
}

/// A date for readers, with its offset.
fn shown(time: &Time) -> String {
    let display = time.display();
    format!("{display} ({})", offset(time))
}
