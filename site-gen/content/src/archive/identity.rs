//! The identity of records: ids that are unique only within one site, installation, account or folder.
//!
//! An importer makes ids from the ids of its source ([`crate::ident`]). Two forums both have a topic 1. So, for importers with
//! [`Ids::Local`], these steps run before the merge:
//!
//! 1. If files of one export contradict each other (same id, but another author, time or thread), they are treated as separate exports.
//! 2. Each export is compared with every *namespace* that the archive has for this importer. It belongs to the namespace with which its
//!    records agree, or to a new one if they contradict all. The first namespace has no name, and its ids are as the importer makes them.
//!    In every other namespace the name is part of all ids.
//! 3. A record whose id is unknown there may still be known under another id: a file that was moved, or a message in another member's
//!    export of the same group. It is the same record if time, author and text are equal or, for a dated post, if time, title and file name
//!    are equal.
//!
//! So the order of imports decides only which site's namespace has no name.

use std::collections::{BTreeMap, BTreeSet};

use circle_model::{
    archive::{Import, Record, RecordKind},
    id::Id,
};
use indexmap::IndexMap;

use super::{
    Archive,
    file::not_json,
    lines::for_each_line,
    private::{FOLDER, Withheld},
    refer::each_id,
    settle::Key,
    who::{AT, Compared, Known, Who, derived, in_namespace, within},
};
use crate::{Result, report::Report, sink::Ids};

/// How many records agree, how many contradict, and how many do neither.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    agree: u64,
    /// Of the agreeing ones, those with the same time. Two blogs share the undated first page that their program creates.
    dated: u64,
    contradict: u64,
    doubt: u64,
    /// The number of pages of which both have comments.
    pages: u64,
}

impl Tally {
    /// True if there is evidence that both are of one site.
    fn fits(self) -> bool {
        self.agree > self.contradict && (self.dated > 0 || self.agree > self.doubt)
    }

    /// True if no record of one would replace a record of the other.
    fn is_free(self) -> bool {
        self.contradict == 0
            && (self.dated > 0 || self.agree > self.doubt || (self.agree == 0 && self.doubt == 0 && self.pages == 0))
    }
}

/// A record that was pushed.
struct Pushed {
    key: Key,
    who: Who,
    group: usize,
}

/// What happens to the ids of one part of the import.
#[derive(Default)]
struct Group {
    namespace: Option<String>,
    /// New ids for posts and comments that the archive knows under another id.
    known_as: BTreeMap<Id, Id>,
}

impl Archive {
    /// The namespace of this import, if it has a name. Known after [`Self::identify`].
    #[must_use]
    pub fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    /// What the archive has of these posts and comments.
    ///
    /// # Errors
    /// If the archive cannot be read.
    pub fn known_of(&self, ids: &BTreeSet<Id>) -> Result<BTreeMap<Id, Known>> {
        super::who::known_of(&self.content, ids)
    }

    /// Gives the pushed records the ids that they have in the archive. Reports it if two sites were told apart.
    ///
    /// # Errors
    /// If the archive or a temporary file cannot be read or written.
    pub fn identify(&mut self, report: &mut Report) -> Result<()> {
        let Some(import) = self.import.clone().filter(|import| import.ids == Ids::Local) else { return Ok(()) };
        self.part_namesakes()?;
        let mut pushed = self.pushed_ones()?;
        let groups = grouped(&mut pushed);
        let known = self.namespaces(&import)?;
        let mut names: Vec<Option<String>> = known.iter().map(|(_, name)| name.clone()).chain([None]).collect();
        names.sort();
        names.dedup();
        let found = self.found(&pushed, &names, groups)?;
        let mut decided: Vec<Group> = Vec::new();
        for (group, tallies) in found.tallies.iter().enumerate() {
            let of_group = || pushed.iter().filter(|record| record.group == group);
            let name = import.origin.clone().or_else(|| report.origin.clone());
            let same_origin =
                name.as_ref().and_then(|name| known.iter().find(|(origin, _)| origin.as_ref() == Some(name)));
            let best = tallies
                .iter()
                .enumerate()
                .filter(|(_, tally)| tally.fits())
                .max_by_key(|(at, tally)| (tally.agree - tally.contradict, usize::MAX - at));
            let first = tallies.first().copied().unwrap_or_default();
            let namespace = if let (Some((_, namespace)), 1) = (same_origin, groups) {
                namespace.clone()
            } else if let Some((at, _)) = best {
                names.get(at).cloned().flatten()
            } else if first.is_free() && !decided.iter().any(|other| other.namespace.is_none()) {
                None
            } else {
                let name =
                    name.filter(|_| groups == 1).unwrap_or_else(|| derived(of_group().map(|record| &record.who)));
                report.note(format!(
                    "some of it has the ids of another site's records and is not theirs: it was kept apart as `{name}`; with --origin NAME you can name it"
                ));
                Some(name)
            };
            // A new namespace is not in the list yet, and nothing contradicts it.
            let at = names.iter().position(|name| *name == namespace).unwrap_or(usize::MAX);
            let known_as = found.known_as(group, &pushed, at, namespace.as_deref());
            decided.push(Group { namespace, known_as });
        }
        copies(&pushed, &found, &names, &mut decided);
        self.namespace = decided.first().and_then(|group| group.namespace.clone());
        if decided.iter().all(|group| group.namespace.is_none() && group.known_as.is_empty()) {
            return Ok(());
        }
        let of_file: BTreeMap<String, usize> =
            pushed.iter().filter_map(|record| Some((record.who.src.file.clone()?, record.group))).collect();
        self.rename(&decided, &of_file)
    }

    /// If different records of one file have the same id, gives all of them but the first one in the file ids of their own.
    fn part_namesakes(&mut self) -> Result<()> {
        let again = std::mem::take(&mut self.again);
        let mut of_id: BTreeMap<Key, Vec<std::ops::Range<u64>>> = BTreeMap::new();
        for (key, range) in again {
            of_id.entry(key).or_default().push(range);
        }
        for (key, mut ranges) in of_id {
            ranges.extend(self.index.get(&key.0).and_then(|ids| ids.get(&key.1)).cloned());
            let mut read = Vec::new();
            for range in ranges {
                if let Some(who) = Who::read(&self.waiting.line(range.clone())?) {
                    read.push((derived(std::iter::once(&who)), who, range));
                }
            }
            read.sort_by(|a, b| (&a.0, a.2.start).cmp(&(&b.0, b.2.start)));
            let first = read.first().map(|(_, who, _)| who.clone()).unwrap_or_default();
            for (name, who, range) in read {
                let is_namesake = who.src.file == first.src.file && who.compared(&first) == Compared::Contradict;
                let id = if is_namesake { within(Some(&name), &key.1) } else { key.1.clone() };
                let range = if is_namesake {
                    let line = self.waiting.line(range)?;
                    let mut record = key.0.parse(&line).map_err(|error| not_json(&error))?;
                    match &mut record {
                        Record::Post(post) => post.id = id.clone(),
                        Record::Comment(comment) => comment.id = id.clone(),
                        _ => {}
                    }
                    self.wait(&record)?
                } else {
                    range
                };
                let latest = self.index.get(&key.0).and_then(|ids| ids.get(&id)).cloned();
                match latest {
                    Some(latest) if latest != range => self.again.push(((key.0, id), range)),
                    Some(_) => {}
                    None => {
                        self.index.entry(key.0).or_default().insert(id, range);
                    }
                }
            }
        }
        Ok(())
    }

    /// Every post and comment that was pushed.
    fn pushed_ones(&mut self) -> Result<Vec<Pushed>> {
        let kinds = [RecordKind::Post, RecordKind::Comment];
        let mut ranges: Vec<(Key, std::ops::Range<u64>)> = self.again.clone();
        for kind in kinds {
            let ids = self.index.get(&kind).into_iter().flatten();
            ranges.extend(ids.map(|(id, range)| ((kind, id.clone()), range.clone())));
        }
        let again = self.withheld_again.iter().map(|(key, told)| (key, told));
        let withheld = self.withheld.iter().chain(again).filter(|(key, _)| kinds.contains(&key.0));
        ranges.extend(withheld.map(|(key, (_, range))| (key.clone(), range.clone())));
        ranges.sort_by_key(|(_, range)| range.start);
        let mut pushed = Vec::with_capacity(ranges.len());
        for (key, range) in ranges {
            if let Some(who) = Who::read(&self.waiting.line(range)?) {
                pushed.push(Pushed { key, who, group: 0 });
            }
        }
        Ok(pushed)
    }

    /// The origins of earlier imports of this importer, each with its namespace.
    fn namespaces(&self, import: &super::Importing) -> Result<Vec<(Option<String>, Option<String>)>> {
        let mut known: Vec<(Option<String>, Option<String>)> = Vec::new();
        for_each_line(&self.content.join("archive/imports.jsonl"), &mut Report::default(), |_, line| {
            let one: Import = serde_json::from_str(line).map_err(|error| error.to_string())?;
            if import.importer.as_ref().is_some_and(|importer| importer.as_str() == one.importer) {
                known.push((one.origin, one.namespace));
            }
            Ok(())
        })?;
        known.sort();
        known.dedup();
        Ok(known)
    }

    /// Compares the pushed records with the archive and the private side.
    fn found(&self, pushed: &[Pushed], names: &[Option<String>], groups: usize) -> Result<Existing> {
        let mut by_id: IndexMap<(RecordKind, Id), Vec<(usize, usize)>> = IndexMap::new();
        let mut by_mark: IndexMap<String, Vec<usize>> = IndexMap::new();
        let sources: BTreeSet<&str> = pushed.iter().map(|record| record.who.src.source.as_str()).collect();
        for (at, record) in pushed.iter().enumerate() {
            for (name, namespace) in names.iter().enumerate() {
                let id = within(namespace.as_deref(), &record.key.1);
                by_id.entry((record.key.0, id)).or_default().push((at, name));
            }
            for mark in record.who.marks(record.key.0) {
                by_mark.entry(mark).or_default().push(at);
            }
        }
        let mut found = Existing { tallies: vec![vec![Tally::default(); names.len()]; groups], ..Existing::default() };
        let mut look = |kind: RecordKind, line: &str| {
            let Some(there) = Who::read(line) else { return };
            let mut is_known = false;
            for (at, name) in by_id.get(&(kind, there.id.clone())).into_iter().flatten() {
                let Some(record) = pushed.get(*at) else { continue };
                found.there.insert((kind, there.id.clone()));
                is_known = true;
                let Some(tally) = found.tallies.get_mut(record.group).and_then(|of| of.get_mut(*name)) else {
                    continue;
                };
                if record.who.says_nothing() && there.says_nothing() {
                    tally.pages += u64::from(kind == RecordKind::Post);
                    continue;
                }
                match in_namespace(&record.who, names.get(*name).and_then(Option::as_deref)).compared(&there) {
                    Compared::Agree => {
                        tally.agree += 1;
                        tally.dated += u64::from(record.who.is_dated() && there.is_dated());
                    }
                    Compared::Contradict => {
                        tally.contradict += 1;
                        found.contradicted.insert((*at, *name));
                    }
                    Compared::Doubt => tally.doubt += 1,
                }
            }
            let same_source = is_known || sources.contains(there.src.source.as_str());
            for mark in there.marks(kind).into_iter().filter(|mark| same_source || mark.starts_with(AT)) {
                for at in by_mark.get(&mark).into_iter().flatten() {
                    found.marked.entry(*at).or_default().push((there.id.clone(), there.post.clone()));
                }
            }
        };
        for kind in [RecordKind::Post, RecordKind::Comment] {
            let path = self.content.join("archive").join(format!("{}.jsonl", kind.file_stem()));
            for_each_line(&path, &mut Report::default(), |_, line| {
                look(kind, line);
                Ok(())
            })?;
        }
        for_each_line(&self.content.join(FOLDER).join("withheld.jsonl"), &mut Report::default(), |_, line| {
            let line: Withheld = serde_json::from_str(line).map_err(|error| error.to_string())?;
            if let Some((key, _)) = line.key() {
                look(key.0, line.record.get());
            }
            Ok(())
        })?;
        Ok(found)
    }

    /// Gives every waiting record its ids.
    fn rename(&mut self, groups: &[Group], of_file: &BTreeMap<String, usize>) -> Result<()> {
        let weak = self.weak_members()?;
        let group_of = |record: &mut Record| {
            let file = super::fields::source_of(record).and_then(|src| src.file.clone());
            let at = file.and_then(|file| of_file.get(&file).copied()).unwrap_or_default();
            groups.get(at).or(groups.first())
        };
        let is_one = groups.len() == 1;
        let named = |record: &mut Record| {
            let Some(group) = group_of(record) else { return };
            each_id(record, &mut |of, id| {
                let is_person = of == RecordKind::Member;
                if of == RecordKind::Media || is_person && (weak.contains(id) || !is_one) {
                    return;
                }
                let is_told = matches!(of, RecordKind::Post | RecordKind::Comment);
                *id = match group.known_as.get(id).filter(|_| is_told) {
                    Some(known) => known.clone(),
                    None => within(group.namespace.as_deref(), id),
                };
            });
        };
        let (mut index, mut again) = (BTreeMap::new(), Vec::new());
        for (kind, ids) in std::mem::take(&mut self.index) {
            let mut renamed = indexmap::IndexMap::new();
            for (_, range) in ids {
                let (id, range) = self.rename_one(kind, range, &named)?;
                if let Some(before) = renamed.insert(id.clone(), range)
                    && matches!(kind, RecordKind::Post | RecordKind::Comment)
                {
                    again.push(((kind, id), before));
                }
            }
            index.insert(kind, renamed);
        }
        self.index = index;
        for ((kind, _), range) in std::mem::take(&mut self.again) {
            let (id, range) = self.rename_one(kind, range, &named)?;
            again.push(((kind, id), range));
        }
        // An id that two files of one export used for two records is not a repeated record.
        for ((kind, id), range) in again {
            let ids = self.index.entry(kind).or_default();
            match ids.get(&id) {
                Some(_) => self.again.push(((kind, id), range)),
                None => {
                    ids.insert(id, range);
                }
            }
        }
        let all: Vec<_> =
            std::mem::take(&mut self.withheld_again).into_iter().chain(std::mem::take(&mut self.withheld)).collect();
        for ((kind, _), (why, range)) in all {
            let (id, range) = self.rename_one(kind, range, &named)?;
            if let Some(before) = self.withheld.insert((kind, id.clone()), (why, range)) {
                self.withheld_again.push(((kind, id), before));
            }
        }
        Ok(())
    }

    fn rename_one(
        &mut self,
        kind: RecordKind,
        range: std::ops::Range<u64>,
        named: &dyn Fn(&mut Record),
    ) -> Result<(Id, std::ops::Range<u64>)> {
        let line = self.waiting.line(range.clone())?;
        let mut record = kind.parse(&line).map_err(|error| not_json(&error))?;
        let before = record.id().clone();
        named(&mut record);
        if before != *record.id() {
            // The facts may be of several records with this id; each keeps those that may be its own.
            let from = (before.clone(), Box::default(), Box::default());
            let facts: Vec<_> = self.facts.range(from..).take_while(|fact| fact.0 == before).cloned().collect();
            self.facts.extend(facts.into_iter().map(|(_, kind, value)| (record.id().clone(), kind, value)));
        }
        let range = self.wait(&record)?;
        Ok((record.id().clone(), range))
    }

    /// Ids of members of whom only the name is known. All sources agree on these ids.
    fn weak_members(&mut self) -> Result<BTreeSet<Id>> {
        let mut ranges: Vec<_> =
            self.index.get(&RecordKind::Member).into_iter().flat_map(|ids| ids.values().cloned()).collect();
        let withheld = self.withheld.iter().filter(|(key, _)| key.0 == RecordKind::Member);
        ranges.extend(withheld.map(|(_, (_, range))| range.clone()));
        let mut weak = BTreeSet::new();
        for range in ranges {
            if let Ok(Record::Member(member)) = RecordKind::Member.parse(&self.waiting.line(range)?)
                && member.weak_id
            {
                weak.insert(member.id);
            }
        }
        Ok(weak)
    }
}

/// What the archive has of the pushed records.
#[derive(Default)]
struct Existing {
    /// By part of the import and by namespace.
    tallies: Vec<Vec<Tally>>,
    /// Ids that exist, in any namespace.
    there: BTreeSet<Key>,
    /// Records that contradict the record with their id in this namespace.
    contradicted: BTreeSet<(usize, usize)>,
    /// The ids of records with the same marks, with the ids of their posts.
    marked: BTreeMap<usize, Vec<(Id, Id)>>,
}

impl Existing {
    /// Ids of one part of the import that the archive has under another id.
    fn known_as(&self, group: usize, pushed: &[Pushed], name: usize, namespace: Option<&str>) -> BTreeMap<Id, Id> {
        let mut known_as: BTreeMap<Id, Id> = BTreeMap::new();
        let mut taken: BTreeSet<(RecordKind, Id)> = BTreeSet::new();
        let own = |record: &Pushed| (record.key.0, within(namespace, &record.key.1));
        taken.extend(
            pushed.iter().filter(|record| record.group == group).map(own).filter(|key| self.there.contains(key)),
        );
        // Posts come first, because a comment is also recognised by its post.
        let of_group = || pushed.iter().enumerate().filter(|(_, record)| record.group == group);
        let is_post = |record: &Pushed| record.key.0 == RecordKind::Post;
        let ordered =
            of_group().filter(|(_, record)| is_post(record)).chain(of_group().filter(|(_, record)| !is_post(record)));
        for (at, record) in ordered {
            let is_there = self.there.contains(&own(record));
            let is_another = is_there && self.contradicted.contains(&(at, name));
            if is_there && !is_another {
                continue;
            }
            let below = match known_as.get(&record.who.post) {
                Some(known) => known.clone(),
                None => within(namespace, &record.who.post),
            };
            let fits = |post: &Id| post.is_empty() || record.who.post.is_empty() || *post == below;
            let same = self.marked.get(&at).into_iter().flatten().filter(|(_, post)| fits(post)).map(|(id, _)| id);
            let free = same.clone().find(|id| !taken.contains(&(record.key.0, (*id).clone())));
            if let Some(id) = free {
                taken.insert((record.key.0, id.clone()));
                known_as.insert(record.key.1.clone(), id.clone());
            } else if is_another {
                // The right site, but a different record: it gets an id from what distinguishes it.
                known_as
                    .insert(record.key.1.clone(), within(Some(&derived(std::iter::once(&record.who))), &record.key.1));
            }
        }
        known_as
    }
}

/// Recognises a post that an earlier file of the import already had: a folder and its zip, or two members' exports of one group.
fn copies(pushed: &[Pushed], found: &Existing, names: &[Option<String>], decided: &mut [Group]) {
    let mut first: BTreeMap<String, usize> = BTreeMap::new();
    let mut taken: BTreeSet<(usize, &str)> = BTreeSet::new();
    for (at, record) in pushed.iter().enumerate() {
        let Some(mark) = record.who.mark_among_copies(record.key.0) else { continue };
        let Some(before) = first.get(&mark).copied() else {
            first.insert(mark, at);
            continue;
        };
        let file = |record: &'_ Pushed| record.who.src.file.clone().unwrap_or_default();
        let Some(known) = pushed.get(before).filter(|known| file(known) != file(record)) else { continue };
        let id = |group: &Group, id: &Id| match group.known_as.get(id) {
            Some(known) => known.clone(),
            None => within(group.namespace.as_deref(), id),
        };
        let (Some(of_known), Some(own)) = (decided.get(known.group), decided.get(record.group)) else { continue };
        let (known_id, own_id) = (id(of_known, &known.key.1), id(own, &record.key.1));
        // A record that the archive has under its own id stays.
        let is_there = names.contains(&own.namespace) && found.there.contains(&(record.key.0, own_id.clone()));
        let is_first_of_file = taken.insert((before, record.who.src.file.as_deref().unwrap_or_default()));
        if known_id != own_id
            && !is_there
            && is_first_of_file
            && let Some(group) = decided.get_mut(record.group)
        {
            group.known_as.insert(record.key.1.clone(), known_id);
        }
    }
}

/// Splits the import into parts if its files contradict each other, and returns the number of parts. Each file goes to the first part with
/// which no record of it disagrees.
fn grouped(pushed: &mut [Pushed]) -> usize {
    let mut files: IndexMap<String, Vec<usize>> = IndexMap::new();
    for (at, record) in pushed.iter().enumerate() {
        files.entry(record.who.src.file.clone().unwrap_or_default()).or_default().push(at);
    }
    // For each part: what its files say of an id. One entry for all files that say the same.
    let mut groups: Vec<BTreeMap<Key, Vec<Who>>> = Vec::new();
    for records in files.into_values() {
        let own: Vec<(Key, Who)> =
            records.iter().filter_map(|at| pushed.get(*at)).map(|one| (one.key.clone(), one.who.clone())).collect();
        let fits = |said: &BTreeMap<Key, Vec<Who>>| {
            own.iter().all(|(key, who)| {
                let there = said.get(key).into_iter().flatten();
                there.into_iter().all(|other| other.compared(who) != Compared::Contradict)
            })
        };
        let at = groups.iter().position(fits).unwrap_or_else(|| {
            groups.push(BTreeMap::new());
            groups.len() - 1
        });
        for (key, who) in own {
            let there = groups.get_mut(at).map(|said| said.entry(key).or_default());
            if let Some(there) = there.filter(|there| !there.iter().any(|other| other.tells_apart_as(&who))) {
                there.push(who);
            }
        }
        for record in records {
            if let Some(record) = pushed.get_mut(record) {
                record.group = at;
            }
        }
    }
    groups.len().max(1)
}
