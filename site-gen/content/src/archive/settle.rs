//! Computes the new archive from the old one and the pushed records. This is the end of an import.
//!
//! 1. Kind by kind, posts first, because comments and reactions follow their posts: gathers all statements about every pushed record
//!    ([`super::statements`]), and computes from them the record and who may see it.
//! 2. Records that depend on a post leave the archive with it, and return with it.
//! 3. Sorts the lines by time, so that it does not matter which export came first.
//! 4. Writes the private side to the disk first, then the archive. So a crash never publishes a private record.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    path::Path,
};

use circle_model::{
    archive::{Record, RecordKind, Scope},
    id::Id,
};

use super::{
    Archive, Merged,
    changes::Change,
    fields::{canonical, fields_of},
    file::Piece,
    line::{Place, bad, on, saved, says_something},
    lines::for_each_line,
    merge::Mode,
    private::BELOW_POSTS,
    ranges::Ranges,
    rules::merge_lines,
    statements::{Age, State, Statement, add, folded, marked, remember, remembered, same, verdict},
};
use crate::{
    Result, gate,
    report::{Exclusion, Report},
};

/// A record, by kind and id.
pub(super) type Key = (RecordKind, Id);

/// What the private side has of the records being settled.
pub(super) struct Aside {
    withheld_lines: Ranges,
    said_lines: Ranges,
    /// The reason, and the byte range in `withheld.jsonl`. Records are read one by one, so that memory does not grow with the text.
    withheld: BTreeMap<Key, (String, Range<u64>)>,
    /// All posts that are withheld.
    pub(super) posts: BTreeSet<Id>,
    /// Records that are withheld only because of what they depend on: their key, and the ids that they depend on.
    below: Vec<(Key, [Id; 2])>,
    /// The byte ranges of statements in `statements.jsonl`.
    said: BTreeMap<Key, Range<u64>>,
}

/// The result for the settled records.
#[derive(Default)]
pub(super) struct Settled {
    /// The new line of `withheld.jsonl` in the temporary file, or `None`.
    pub(super) withheld: BTreeMap<Key, Option<Range<u64>>>,
    /// The new line of `statements.jsonl`; `None` if the statements are to be forgotten.
    pub(super) said: BTreeMap<Key, Option<Range<u64>>>,
    /// Posts that left the archive, and posts that entered it.
    left: BTreeSet<Id>,
    back: BTreeSet<Id>,
    /// Comments that left the archive completely, without a placeholder.
    comments_left: BTreeSet<Id>,
    comments_back: BTreeSet<Id>,
}

/// Everything apart from its statements that decides about a record.
struct Rules {
    publish: BTreeSet<Id>,
    /// Posts that a decision publishes without their comments.
    alone: BTreeSet<Id>,
    known: Vec<&'static str>,
    kind: RecordKind,
    age: Age,
}

impl Archive {
    /// The age of the current import. It never comes from the clock: the same export has the same age whenever it is read.
    fn age(&self, report: &Report) -> Age {
        Age { seen: report.exported.or(self.latest), saved: None, nth: 0 }
    }

    /// Computes the new archive, and writes it.
    pub(super) fn settle(&mut self, report: &mut Report) -> Result<Merged> {
        let mut merged = Merged::default();
        let folder = self.content.join("archive");
        self.move_aside()?;
        self.covered.own_slice = report.scope == Scope::OwnSlice;
        let (publish, with_comments) = self.decided_to_publish(report)?;
        let mut rules = Rules {
            alone: self.alone(&publish, &with_comments)?,
            publish,
            known: Vec::new(),
            kind: RecordKind::Post,
            age: self.age(report),
        };
        let aside = self.aside_of()?;
        let mut settled = Settled::default();
        let mut ready = Vec::new();
        for kind in ORDER {
            (rules.kind, rules.known) = (kind, fields_of(kind));
            let path = folder.join(format!("{}.jsonl", kind.file_stem()));
            let before = (merged.added, merged.changed);
            let pieces = match kind {
                RecordKind::Import | RecordKind::Decision => self.log(&rules, &path, report)?,
                _ => self.settle_kind(&rules, &path, &aside, &mut settled, &mut merged, report)?,
            };
            let Some(pieces) = pieces else { continue };
            if self.mode == Mode::Write && (before != (merged.added, merged.changed) || pieces.moved) {
                // If no record is left, the file is removed.
                let file = match pieces.lines.is_empty() {
                    true => None,
                    false => Some(self.write_beside(&path, &pieces.lines)?),
                };
                ready.push((file, path));
            }
        }
        self.finish_private(settled)?;
        self.store(ready, &folder)?;
        Ok(merged)
    }

    /// Of the posts that a decision publishes without their comments, those that would not be published otherwise.
    fn alone(&self, publish: &BTreeSet<Id>, with_comments: &BTreeSet<Id>) -> Result<BTreeSet<Id>> {
        let mut alone: BTreeSet<Id> = publish.difference(with_comments).cloned().collect();
        if alone.is_empty() {
            return Ok(alone);
        }
        for_each_line(&self.content.join("archive/posts.jsonl"), &mut Report::default(), |_, line| {
            if let Ok(Record::Post(post)) = RecordKind::Post.parse(line)
                && alone.contains(&post.id)
                && crate::audience::of_post(&post).is_none()
            {
                alone.remove(&post.id);
            }
            Ok(())
        })?;
        Ok(alone)
    }

    /// Reads from the private side what concerns the pushed records, and what depends on posts.
    fn aside_of(&self) -> Result<Aside> {
        let is_touched = |key: &Key| {
            self.withheld.contains_key(key) || self.index.get(&key.0).is_some_and(|ids| ids.contains_key(&key.1))
        };
        let folder = self.content.join(super::file::FOLDER);
        let mut aside = Aside {
            withheld_lines: Ranges::of(&folder.join("withheld.jsonl")),
            said_lines: Ranges::of(&folder.join("statements.jsonl")),
            withheld: BTreeMap::new(),
            posts: BTreeSet::new(),
            below: Vec::new(),
            said: BTreeMap::new(),
        };
        for_each_line(aside.withheld_lines.path(), &mut Report::default(), |range, line| {
            let line: super::private::Withheld = serde_json::from_str(line).map_err(|error| error.to_string())?;
            let Some((key, on)) = line.key() else { return Ok(()) };
            if key.0 == RecordKind::Post {
                aside.posts.insert(key.1.clone());
            }
            let is_below = BELOW_POSTS.contains(&key.0) && line.reason == Exclusion::ParentExcluded.as_str();
            if is_below {
                aside.below.push((key.clone(), on));
            }
            if is_below || is_touched(&key) {
                aside.withheld.insert(key, (line.reason, range));
            }
            Ok(())
        })?;
        let below: BTreeSet<Key> = aside.below.iter().map(|(key, _)| key.clone()).collect();
        for_each_line(aside.said_lines.path(), &mut Report::default(), |range, line| {
            if let Some(key) = super::private::said_key(line)
                && (is_touched(&key) || below.contains(&key))
            {
                aside.said.insert(key, range);
            }
            Ok(())
        })?;
        Ok(aside)
    }

    /// The content of the new file of a kind; `None` if nothing of this kind changed.
    fn settle_kind(
        &mut self,
        rules: &Rules,
        path: &Path,
        aside: &Aside,
        settled: &mut Settled,
        merged: &mut Merged,
        report: &mut Report,
    ) -> Result<Option<Pieces>> {
        let kind = rules.kind;
        // Records of a built site come back in their published order, because its pages follow that order.
        let of_site = self.import.as_ref().is_some_and(|import| import.importer.is_none());
        let pushed = self.index.get(&kind).filter(|_| of_site).into_iter().flatten();
        let pushed: BTreeMap<Id, u64> = pushed.map(|(id, range)| (id.clone(), range.start)).collect();
        let mut new = self.pushed_of(kind);
        // Records that were withheld with a post or comment that returned are settled again.
        for (key, on) in aside.below.iter().filter(|(key, _)| key.0 == kind) {
            let is_back = on.iter().any(|id| settled.back.contains(id) || settled.comments_back.contains(id));
            if is_back {
                new.entry(key.1.clone()).or_default();
            }
        }
        let is_below = BELOW_POSTS.contains(&kind) && !(settled.left.is_empty() && settled.comments_left.is_empty());
        let withheld_now: BTreeSet<Id> =
            aside.posts.union(&settled.left).filter(|id| !settled.back.contains(id)).cloned().collect();
        if new.is_empty() && !is_below {
            return Ok(None);
        }
        let mut there: BTreeMap<Id, Range<u64>> = BTreeMap::new();
        let mut kept: Vec<(Option<Place>, Piece)> = Vec::new();
        let covered = std::mem::take(&mut self.covered);
        let mut look = Report::default();
        let mut moved = false;
        for_each_line(path, &mut look, |range, line| {
            let Some(place) = Place::of(kind, line) else {
                // Nothing is deleted, not even unreadable lines.
                kept.push((None, Piece::Kept(range)));
                return Err(bad(line));
            };
            let id = place.3.clone();
            let leaves =
                is_below && on(line).iter().any(|id| settled.left.contains(id) || settled.comments_left.contains(id));
            if new.contains_key(&id) || leaves {
                new.entry(id.clone()).or_default();
                there.insert(id, range);
            } else {
                if covered.has_lost(line) {
                    merged.gone += 1;
                    merged.changes.push(Change::gone(kind, line));
                }
                kept.push((Some(place), Piece::Kept(range)));
            }
            Ok(())
        })?;
        self.covered = covered;
        report.merge(look);
        let mut new: Vec<_> = new.into_iter().collect();
        if of_site {
            new.sort_by_key(|(id, _)| pushed.get(id).copied());
        }
        let old = Ranges::of(path);
        for (id, pushed) in new {
            let key = (kind, id);
            let statements = self.statements(rules, pushed)?;
            let before_at = there.remove(&key.1);
            let before = before_at.clone().map(|range| old.line(range)).transpose()?;
            let now = self.settle_one(rules, &key, statements, before.as_deref(), aside, settled, &withheld_now)?;
            match (&before, &now) {
                (None, Some(_)) => merged.added += 1,
                (Some(before), Some(now)) if same(kind, before, now) => {
                    merged.unchanged += 1;
                    moved |= before != now;
                }
                (Some(before), _) => {
                    merged.changed += 1;
                    merged.changes.extend(Change::between(kind, before, now.as_deref()));
                }
                (None, None) => {}
            }
            if let Some(now) = now {
                let piece = match before_at.filter(|_| before.as_ref() == Some(&now)) {
                    Some(range) => Piece::Kept(range),
                    None => Piece::Waiting(self.waiting.push(&now)?),
                };
                kept.push((Place::of(kind, &now), piece));
            }
        }
        if of_site {
            return Ok(Some(Pieces { lines: kept.into_iter().map(|(_, piece)| piece).collect(), moved }));
        }
        // Unreadable lines move to the beginning of the file.
        moved |= !kept.is_sorted_by(|a, b| a.0 <= b.0) && kept.iter().all(|(_, piece)| matches!(piece, Piece::Kept(_)));
        let from = |piece: &Piece| if let Piece::Kept(range) = piece { range.start } else { 0 };
        kept.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| from(&a.1).cmp(&from(&b.1))));
        Ok(Some(Pieces { lines: kept.into_iter().map(|(_, piece)| piece).collect(), moved }))
    }

    /// The byte ranges of the pushed statements of a kind in the temporary file, and why they are withheld, in the order of pushing.
    fn pushed_of(&mut self, kind: RecordKind) -> BTreeMap<Id, Vec<Pushed>> {
        let mut pushed: Vec<(Id, Pushed)> = Vec::new();
        for (id, range) in self.index.remove(&kind).unwrap_or_default() {
            pushed.push((id, (None, range)));
        }
        for (key, range) in std::mem::take(&mut self.again) {
            if key.0 == kind {
                pushed.push((key.1, (None, range)));
            } else {
                self.again.push((key, range));
            }
        }
        let (mine, rest) = std::mem::take(&mut self.withheld).into_iter().partition(|(key, _)| key.0 == kind);
        self.withheld = rest;
        let mine: indexmap::IndexMap<Key, (&'static str, Range<u64>)> = mine;
        let (again, rest) = std::mem::take(&mut self.withheld_again).into_iter().partition(|(key, _)| key.0 == kind);
        self.withheld_again = rest;
        let again: Vec<(Key, (&'static str, Range<u64>))> = again;
        pushed.extend(mine.into_iter().chain(again).map(|((_, id), (why, range))| (id, (Some(why), range))));
        pushed.sort_by_key(|(_, (_, range))| range.start);
        let mut sets: BTreeMap<Id, Vec<Pushed>> = BTreeMap::new();
        for (id, one) in pushed {
            // Nearly all have one entry; a growing vector would start with room for four.
            sets.entry(id).or_insert_with(|| Vec::with_capacity(1)).push(one);
        }
        sets
    }

    /// The pushed statements about one record, each with the age of the import.
    fn statements(&mut self, rules: &Rules, pushed: Vec<Pushed>) -> Result<Vec<Statement>> {
        let mut set: Vec<Statement> = Vec::new();
        for (why, range) in pushed {
            let line = self.waiting.line(range)?;
            let mut age = rules.age;
            age.nth = u32::try_from(set.iter().filter(|known| known.why.as_deref() == why).count()).unwrap_or(u32::MAX);
            age.saved = saved(&line);
            let new = Statement::new(rules.kind, &line, why, age)?;
            add(rules.kind, &mut set, new)?;
        }
        Ok(set)
    }

    /// Settles one record, and returns its new line in the archive, if any.
    #[expect(clippy::too_many_arguments, reason = "each is another side of one record")]
    fn settle_one(
        &mut self,
        rules: &Rules,
        key: &Key,
        new: Vec<Statement>,
        before: Option<&str>,
        aside: &Aside,
        settled: &mut Settled,
        withheld_posts: &BTreeSet<Id>,
    ) -> Result<Option<String>> {
        let (kind, id) = key;
        let was_aside = match aside.withheld.get(key) {
            Some((why, range)) => {
                let line = aside.withheld_lines.line(range.clone())?;
                let line: super::private::Withheld =
                    serde_json::from_str(&line).map_err(|error| super::file::not_json(&error))?;
                Some((why.clone(), line.record.get().to_owned()))
            }
            None => None,
        };
        let was_aside = was_aside.as_ref();
        let was_said = aside.said.get(key).map(|range| aside.said_lines.line(range.clone())).transpose()?;
        let mut set = match &was_said {
            Some(line) => {
                let kept = was_aside
                    .map(|(why, line)| (line.as_str(), Some(why.as_str())))
                    .or(before.map(|line| (line, None)));
                remembered(*kind, line, kept)
            }
            // A line that is older than the statements, or was written by hand, counts as a statement.
            None => {
                let mut set = Vec::new();
                for (line, why) in before
                    .map(|line| (line, None))
                    .into_iter()
                    .chain(was_aside.map(|(why, line)| (line.as_str(), Some(why.as_str()))))
                {
                    set.push(Statement::new(*kind, line, why, Age::default())?);
                }
                set
            }
        };
        // The API and leaders' decisions are final.
        let is_last_word = self.import.is_none() && !new.is_empty();
        if is_last_word {
            set.clear();
        }
        for statement in new {
            add(*kind, &mut set, statement)?;
        }
        set.sort_by(|a, b| (a.age, &a.why, &a.line).cmp(&(b.age, &b.why, &b.line)));
        let (mut state, mut why) = verdict(*kind, &set);
        if state == State::Withheld && rules.publish.contains(id) {
            (state, why) = (State::Shown, None);
        }
        if BELOW_POSTS.contains(kind) && state != State::Withheld && !rules.publish.contains(id) {
            let line = set.last().map(|statement| statement.line.clone()).unwrap_or_default();
            let below = on(&line).iter().any(|id| {
                withheld_posts.contains(id) || rules.alone.contains(id) || settled.comments_left.contains(id)
            });
            if below {
                (state, why) = (State::Withheld, Some(Exclusion::ParentExcluded.as_str().to_owned()));
            }
        }
        let by_state = |wanted: State| set.iter().filter(move |statement| statement.state(*kind) == wanted);
        let is_deleted = why.as_deref() == Some(Exclusion::Deleted.as_str());
        let shown = match state {
            State::Shown if by_state(State::Shown).next().is_none() => folded(*kind, &rules.known, set.iter())?,
            State::Shown | State::Gone => folded(*kind, &rules.known, by_state(state))?,
            // A deleted comment with answers stays as a placeholder.
            State::Withheld if is_deleted => folded(*kind, &rules.known, by_state(State::Gone))?,
            State::Withheld => None,
        };
        let mut shown = shown.map(|line| self.cleaned(*kind, line, &set)).transpose()?;
        if let (Some(line), Some(importer)) =
            (&mut shown, self.import.as_ref().and_then(|import| import.importer.clone()))
        {
            *line = marked(*kind, line, importer)?;
        }
        if is_last_word && let (Some(before), Some(now)) = (before, &shown) {
            shown = Some(merge_lines(*kind, &rules.known, before, now)?.unwrap_or_else(|| before.to_owned()));
        }
        let kept_apart = match &why {
            Some(why) if state == State::Withheld => {
                let line = match is_deleted {
                    // The source removed its content; the earlier wordings are kept.
                    true => {
                        folded(*kind, &rules.known, set.iter().filter(|statement| says_something(&statement.line)))?
                    }
                    false => None,
                };
                let line = match line {
                    Some(line) => Some(line),
                    None => folded(*kind, &rules.known, set.iter())?,
                };
                line.map(|line| (why.clone(), line))
            }
            _ => None,
        };
        match kind {
            RecordKind::Post => {
                let is_there = shown.is_some();
                if before.is_some() && !is_there {
                    settled.left.insert(id.clone());
                } else if is_there && was_aside.is_some() {
                    settled.back.insert(id.clone());
                } else if !is_there {
                    settled.left.insert(id.clone());
                }
            }
            RecordKind::Comment if shown.is_none() => {
                settled.comments_left.insert(id.clone());
            }
            RecordKind::Comment if was_aside.is_some() => {
                settled.comments_back.insert(id.clone());
            }
            _ => {}
        }
        let is_kept_so = |statement: &Statement| match (&shown, &kept_apart) {
            (Some(line), None) => statement.why.is_none() && *line == statement.line,
            (None, Some((why, line))) => statement.why.as_ref() == Some(why) && *line == statement.line,
            _ => false,
        };
        let is_kept_so = set.first().is_some_and(is_kept_so);
        let forget = self.import.is_none();
        let said = if forget { None } else { Some(remember(*kind, id, &set, is_kept_so)?) };
        if said != was_said {
            let said = said.map(|line| self.waiting.push(&line)).transpose()?;
            settled.said.insert(key.clone(), said);
        }
        if kept_apart.as_ref() != was_aside {
            let line =
                kept_apart.map(|(why, record)| super::private::withheld_line(*kind, &why, record)).transpose()?;
            let line = line.map(|line| self.waiting.push(&line)).transpose()?;
            settled.withheld.insert(key.clone(), line);
        }
        Ok(shown)
    }

    /// A withheld line without the facts that no published record may have.
    fn cleaned(&mut self, kind: RecordKind, line: String, set: &[Statement]) -> Result<String> {
        if set.iter().all(|statement| statement.why.is_none()) {
            return Ok(line);
        }
        let record = kind.parse(&line).map_err(|error| super::file::not_json(&error))?;
        let (record, facts) = gate::cleaned(record)?;
        for (of, fact, value) in facts {
            self.facts.insert((of, fact.into(), value.into()));
        }
        match record {
            Some(record) => canonical(kind, &record.to_line().map_err(|error| super::file::not_json(&error))?),
            None => Ok(line),
        }
    }

    /// The log of imports, and decisions: existing lines stay, new ones are appended. They are not records of the circle, and are not
    /// counted.
    fn log(&mut self, rules: &Rules, path: &Path, report: &mut Report) -> Result<Option<Pieces>> {
        let kind = rules.kind;
        let Some(mut incoming) = self.index.remove(&kind) else { return Ok(None) };
        let (mut lines, mut is_new) = (Vec::new(), false);
        let mut failed = None;
        let mut look = Report::default();
        for_each_line(path, &mut look, |range, line| {
            let Some(place) = Place::of(kind, line) else {
                lines.push(Piece::Kept(range));
                return Err(bad(line));
            };
            let Some(new) = incoming.swap_remove(&place.3) else {
                lines.push(Piece::Kept(range));
                return Ok(());
            };
            match self.waiting.line(new).and_then(|new| merge_lines(kind, &rules.known, line, &new)) {
                Ok(Some(new)) => {
                    is_new = true;
                    lines.push(Piece::New(new));
                }
                Ok(None) => lines.push(Piece::Kept(range)),
                Err(error) => {
                    failed.get_or_insert(error);
                }
            }
            Ok(())
        })?;
        if let Some(error) = failed {
            return Err(error);
        }
        report.merge(look);
        let mut rest: Vec<_> = incoming.into_values().collect();
        rest.sort_by_key(|range| range.start);
        is_new |= !rest.is_empty();
        lines.extend(rest.into_iter().map(Piece::Waiting));
        Ok(Some(Pieces { lines, moved: is_new }))
    }
}

/// Posts before the records that depend on them, then members and media.
const ORDER: [RecordKind; 9] = [
    RecordKind::Post,
    RecordKind::Comment,
    RecordKind::Reaction,
    RecordKind::Event,
    RecordKind::Member,
    RecordKind::Media,
    RecordKind::Circle,
    RecordKind::Import,
    RecordKind::Decision,
];

/// Why a record is withheld, and its byte range in the temporary file.
type Pushed = (Option<&'static str>, Range<u64>);

/// The lines of a new file.
struct Pieces {
    lines: Vec<Piece>,
    /// True if the file must be written although no record changed.
    moved: bool,
}
