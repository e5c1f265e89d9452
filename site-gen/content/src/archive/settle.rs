//! Making the archive anew from what was there and what was pushed: the end of an import.
//!
//! 1. Kind by kind, posts first, because what hangs on them follows them: of every record that was pushed, all statements are gathered
//!    ([`super::statements`]), and what it is and who may see it is worked out from them.
//! 2. What hangs on a post that left the archive leaves with it, and comes back with it.
//! 3. The lines are put into the order of time, so that it does not matter which export came first.
//! 4. First everything private is safe on the disk, then the archive changes.

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
    lines::{for_each_line, read_range},
    merge::Mode,
    private::BELOW_POSTS,
    rules::merge_lines,
    statements::{Age, State, Statement, add, folded, marked, remember, remembered, same, verdict},
};
use crate::{
    Result, gate,
    report::{Exclusion, Report},
};

/// A record, by its kind and id.
pub(super) type Key = (RecordKind, Id);

/// What the private side has of the records that are being settled.
#[derive(Default)]
pub(super) struct Aside {
    /// The reason, and where the line is in `withheld.jsonl`: what is settled is read one by one, or memory would grow with the text.
    withheld: BTreeMap<Key, (String, Range<u64>)>,
    /// All posts that are withheld.
    pub(super) posts: BTreeSet<Id>,
    /// What is withheld only because of what it hangs on: its key, and the ids of what that may be.
    below: Vec<(Key, [Id; 2])>,
    /// Where the lines of statements are in `statements.jsonl`.
    said: BTreeMap<Key, Range<u64>>,
}

/// What becomes of the records that were settled.
#[derive(Default)]
pub(super) struct Settled {
    /// The line that `withheld.jsonl` has of it from now on, in the temporary file, or nothing.
    pub(super) withheld: BTreeMap<Key, Option<Range<u64>>>,
    /// The same of `statements.jsonl`; nothing when what was said is to be forgotten.
    pub(super) said: BTreeMap<Key, Option<Range<u64>>>,
    /// Posts that left the archive, and posts that came into it.
    left: BTreeSet<Id>,
    back: BTreeSet<Id>,
    /// Comments that left it for good, without a place.
    comments_left: BTreeSet<Id>,
    comments_back: BTreeSet<Id>,
}

/// What decides about a record beside its statements.
struct Rules {
    publish: BTreeSet<Id>,
    /// Posts that are published by decision, and without their comments.
    alone: BTreeSet<Id>,
    known: Vec<&'static str>,
    kind: RecordKind,
    age: Age,
}

impl Archive {
    /// The age of what is imported now. The clock has no say: the same export is as old whenever it is read.
    fn age(&self, report: &Report) -> Age {
        Age { seen: report.exported.or(self.latest), saved: None, nth: 0 }
    }

    /// Works out what the archive is to be, and writes it.
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
                // Where nothing is left there is no file, as if there never had been anything.
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

    /// Of the posts that are published by decision and without their comments, those that would not be published otherwise.
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

    /// What the private side has of the records that were pushed, and of what hangs on posts.
    fn aside_of(&self) -> Result<Aside> {
        let is_touched = |key: &Key| {
            self.withheld.contains_key(key) || self.index.get(&key.0).is_some_and(|ids| ids.contains_key(&key.1))
        };
        let mut aside = Aside::default();
        let folder = self.content.join(super::file::FOLDER);
        for_each_line(&folder.join("withheld.jsonl"), &mut Report::default(), |range, line| {
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
        for_each_line(&folder.join("statements.jsonl"), &mut Report::default(), |range, line| {
            if let Some(key) = super::private::said_key(line)
                && (is_touched(&key) || below.contains(&key))
            {
                aside.said.insert(key, range);
            }
            Ok(())
        })?;
        Ok(aside)
    }

    /// What the new file of a kind consists of; nothing when nothing of this kind is touched.
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
        // What a site published comes back in the order in which it stands there, which its pages follow.
        let of_site = self.import.as_ref().is_some_and(|import| import.importer.is_none());
        let pushed = self.index.get(&kind).filter(|_| of_site).into_iter().flatten();
        let pushed: BTreeMap<Id, u64> = pushed.map(|(id, range)| (id.clone(), range.start)).collect();
        let mut new = self.pushed_of(kind);
        // What was withheld with a post or comment that is back comes to be settled again.
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
                // Nothing is deleted, not even what nobody can read.
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
        for (id, pushed) in new {
            let key = (kind, id);
            let statements = self.statements(rules, pushed)?;
            let before_at = there.remove(&key.1);
            let before = before_at.clone().map(|range| read_range(path, range)).transpose()?;
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
                    None => Piece::Waiting(self.wait_line(&now)?),
                };
                kept.push((Place::of(kind, &now), piece));
            }
        }
        if of_site {
            return Ok(Some(Pieces { lines: kept.into_iter().map(|(_, piece)| piece).collect(), moved }));
        }
        // What nobody can read stays where it was, which is as good a place as any: at the beginning.
        moved |= !kept.is_sorted_by(|a, b| a.0 <= b.0) && kept.iter().all(|(_, piece)| matches!(piece, Piece::Kept(_)));
        let from = |piece: &Piece| if let Piece::Kept(range) = piece { range.start } else { 0 };
        kept.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| from(&a.1).cmp(&from(&b.1))));
        Ok(Some(Pieces { lines: kept.into_iter().map(|(_, piece)| piece).collect(), moved }))
    }

    /// Where in the temporary file what was pushed about records of a kind is, and why it is withheld, in the order of pushing.
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
            // Nearly all are one; a vector that grows by itself begins with four.
            sets.entry(id).or_insert_with(|| Vec::with_capacity(1)).push(one);
        }
        sets
    }

    /// The statements that were pushed about one record, each of the age that the import tells.
    fn statements(&mut self, rules: &Rules, pushed: Vec<Pushed>) -> Result<Vec<Statement>> {
        let mut set: Vec<Statement> = Vec::new();
        for (why, range) in pushed {
            let line = self.waiting_line(range)?;
            let mut age = rules.age;
            age.nth = u32::try_from(set.iter().filter(|known| known.why.as_deref() == why).count()).unwrap_or(u32::MAX);
            age.saved = saved(&line);
            let new = Statement::new(rules.kind, &line, why, age)?;
            add(rules.kind, &mut set, new)?;
        }
        Ok(set)
    }

    /// Settles one record: gives the line that the archive has of it from now on, if any.
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
        let private = self.content.join(super::file::FOLDER);
        let was_aside = match aside.withheld.get(key) {
            Some((why, range)) => {
                let line = read_range(&private.join("withheld.jsonl"), range.clone())?;
                let line: super::private::Withheld =
                    serde_json::from_str(&line).map_err(|error| super::file::not_json(&error))?;
                Some((why.clone(), line.record.get().to_owned()))
            }
            None => None,
        };
        let was_aside = was_aside.as_ref();
        let was_said = aside
            .said
            .get(key)
            .map(|range| read_range(&private.join("statements.jsonl"), range.clone()))
            .transpose()?;
        let mut set = match &was_said {
            Some(line) => {
                let kept = was_aside
                    .map(|(why, line)| (line.as_str(), Some(why.as_str())))
                    .or(before.map(|line| (line, None)));
                remembered(*kind, line, kept)
            }
            // Of what was in the archive before there were statements, or was put there by hand, the line is one.
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
        // The API, or a leader's decision, has the last word.
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
            // The place of a deleted comment stays, for the answers to it.
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
                    // Who deleted it left nothing in it; what it said before is what is kept.
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
            let said = said.map(|line| self.wait_line(&line)).transpose()?;
            settled.said.insert(key.clone(), said);
        }
        if kept_apart.as_ref() != was_aside {
            let line =
                kept_apart.map(|(why, record)| super::private::withheld_line(*kind, &why, record)).transpose()?;
            let line = line.map(|line| self.wait_line(&line)).transpose()?;
            settled.withheld.insert(key.clone(), line);
        }
        Ok(shown)
    }

    /// A line that was private, or hung on something private, without the facts that no published record may hold.
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

    /// The log of imports, and decisions: what is there stays, what is new follows. They are no records of the circle, and not counted.
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
            match self.waiting_line(new).and_then(|new| merge_lines(kind, &rules.known, line, &new)) {
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

/// Posts before what hangs on them, then whom and what they show.
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

/// Why something is withheld, and where it is in the temporary file.
type Pushed = (Option<&'static str>, Range<u64>);

/// The lines of a new file.
struct Pieces {
    lines: Vec<Piece>,
    /// True when the file must be written although no record says anything else than before.
    moved: bool,
}
