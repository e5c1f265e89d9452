//! Turns rows into canonical records.
//!
//! 1. [`Engine::row`] processes a row. A row that the map skips is counted; any other is a member, a post or a comment. [`super::said`]
//!    reads the fields that posts and comments share, then [`super::posts`], [`super::answers`] and [`super::people`] read the others.
//! 2. A record without an id at the source gets a key from its author, raw time and text, so that importing again changes nothing.
//! 3. [`Engine::finish`] pushes the circle with its spaces and the members, and reports what was found.

use std::collections::{BTreeMap, BTreeSet};

use circle_model::{
    archive::{Circle, Record, Source, Space},
    id::Id,
};
use indexmap::IndexMap;
use serde_json::Value;

use super::{
    fields,
    map::{Choice, Fields, Kind, Map, Table},
    rule::{self, Spot},
    said::words,
    tally::Tally,
};
use crate::{files::Files, people::People};
use circle_content::{
    Result,
    audience::Asks,
    ident,
    input::Input,
    options::Options,
    report::{Part, Report},
    sink::Sink,
};

/// Fields that withhold a post.
const HIDING: [&str; 3] = ["deleted", "draft", "hidden"];

/// True if rows of this table state their audience, and which post they are.
pub(super) fn decides_by_row(table: &Table) -> bool {
    let asks = |field: &str| table.fields.get(field).is_some_and(|rule| rule.keys().next().is_some());
    table.record == Kind::Post && asks("id") && (asks("visibility") || HIDING.into_iter().any(asks))
}

/// An import with a map.
pub(super) struct Engine<'a> {
    pub(super) map: &'a Map,
    pub(super) options: &'a Options,
    pub(super) people: People,
    pub(super) tally: Tally,
    /// True while records are by the person who made the export.
    pub(super) own: bool,
    pub(super) files: Files<'a>,
    pub(super) input: &'a Input,
    /// Files of the export by name, for cells with only a file name.
    pub(super) by_name: BTreeMap<String, Option<&'a str>>,
    /// Files of the export by each word of their names, for pictures that are named after a record.
    pub(super) by_word: BTreeMap<String, Vec<&'a str>>,
    /// Posts that were pushed, and those that the map skips.
    pub(super) posts: BTreeSet<Id>,
    pub(super) skipped: BTreeSet<Id>,
    /// Posts of which some row says that not everybody in the circle could see them.
    pub(super) private: BTreeSet<Id>,
    /// Posts by address, for comments that have only that.
    pub(super) by_url: BTreeMap<String, Id>,
    /// The rows that were read, by id, each as a hash.
    seen: BTreeMap<(Kind, Id), String>,
    pub(super) spaces: IndexMap<String, Space>,
    /// For each table: keys of its rules that no row had yet, and keys of rows without a rule.
    unmet: Vec<BTreeSet<String>>,
    unused: Vec<BTreeMap<String, u64>>,
    rows: Vec<u64>,
    /// A row that later rows may continue.
    waiting: Option<(usize, Spot, Value)>,
    /// What the names of columns ask about the audience (cached).
    pub(super) asks: BTreeMap<String, Option<Asks>>,
    /// The last values of merged columns, with their sheet.
    filled: (String, BTreeMap<String, Value>),
}

/// A row, and where it is.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    pub(super) value: &'a Value,
    pub(super) spot: &'a Spot,
}

impl Row<'_> {
    pub(super) fn text(&self, fields: &Fields, field: &str) -> Option<String> {
        fields.get(field)?.text(self.value, self.spot)
    }

    pub(super) fn formatted<'f>(&self, fields: &'f Fields, field: &str) -> Option<(String, Option<&'f str>)> {
        fields.get(field)?.formatted(self.value, self.spot)
    }

    pub(super) fn list(&self, fields: &Fields, field: &str) -> Vec<String> {
        fields.get(field).map(|rule| rule.list(self.value, self.spot)).unwrap_or_default()
    }

    fn is_one_of(&self, choice: &Choice) -> bool {
        let shown = rule::word(&rule::look_up(self.value, &choice.from, self.spot)).unwrap_or_default();
        choice.is.0.iter().any(|word| word == shown.trim())
    }
}

impl<'a> Engine<'a> {
    pub(super) fn new(map: &'a Map, input: &'a Input, options: &'a Options) -> Self {
        let mut by_name = BTreeMap::new();
        for entry in input.entries() {
            let name = entry.path.rsplit('/').next().unwrap_or_default().to_lowercase();
            by_name.entry(name).and_modify(|path| *path = None).or_insert(Some(entry.path.as_str()));
        }
        let mut by_word: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        if map.tables.iter().any(|table| !table.pictures.0.is_empty()) {
            for entry in input.entries() {
                for word in words(entry.path.rsplit('/').next().unwrap_or_default()) {
                    by_word.entry(word).or_default().push(&entry.path);
                }
            }
        }
        let keys = |table: &Table| {
            table.fields.rules().flat_map(|(_, rule)| rule.keys()).map(str::to_owned).collect::<BTreeSet<String>>()
        };
        Self {
            map,
            options,
            people: People::new(&map.source),
            tally: Tally::default(),
            own: false,
            files: Files::new(input, options, &map.source),
            input,
            by_name,
            by_word,
            posts: BTreeSet::new(),
            skipped: BTreeSet::new(),
            private: BTreeSet::new(),
            by_url: BTreeMap::new(),
            seen: BTreeMap::new(),
            spaces: IndexMap::new(),
            unmet: map.tables.iter().map(keys).collect(),
            unused: map.tables.iter().map(|_| BTreeMap::new()).collect(),
            rows: map.tables.iter().map(|_| 0).collect(),
            waiting: None,
            asks: BTreeMap::new(),
            filled: (String::new(), BTreeMap::new()),
        }
    }

    /// Remembers the post of a row that must not be published.
    pub(super) fn look_for_private(&mut self, table: &Table, spot: &Spot, value: &Value) {
        let row = Row { value, spot };
        let held = HIDING.iter().any(|field| row.text(&table.fields, field).is_some_and(|word| fields::not_no(&word)));
        // An empty cell states nothing: it may be merged, or the row may be older than the column.
        let said = table.fields.get("visibility").map(|rule| rule.each(value, spot)).unwrap_or_default();
        let shown = said.is_empty() || fields::visibility(&said).is_published();
        if (held || !shown)
            && let Some(rule::Key::Id(key)) = table.fields.get("id").map(|rule| rule.key(value, spot))
        {
            self.private.insert(ident::id(&self.map.source, "post", &key));
        }
    }

    /// Processes a row of the table with this index: joins rows that continue another, and fills merged cells.
    pub(super) fn take(
        &mut self,
        number: usize,
        spot: &Spot,
        value: &Value,
        sink: &mut dyn Sink,
        report: &mut Report,
    ) -> Result<()> {
        let Some(table) = self.map.tables.get(number) else { return Ok(()) };
        let value = if table.fill.0.is_empty() { value.clone() } else { self.filled(number, table, spot, value) };
        let Some(column) = &table.continued else { return self.row(number, spot, &value, sink, report) };
        let begins = rule::word(&rule::look_up(&value, column, spot)).is_some_and(|text| !text.trim().is_empty());
        if !begins
            && let Some((_, above, Value::Object(fields))) = &mut self.waiting
            && above.sheet == spot.sheet
        {
            if let Value::Array(below) = fields.entry("+").or_insert_with(|| Value::Array(Vec::new())) {
                below.push(value);
            }
            return Ok(());
        }
        self.flush(sink, report)?;
        self.waiting = Some((number, spot.clone(), value));
        Ok(())
    }

    /// Processes the row that waited for its continuation.
    pub(super) fn flush(&mut self, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        match self.waiting.take() {
            Some((number, spot, value)) => self.row(number, &spot, &value, sink, report),
            None => Ok(()),
        }
    }

    fn filled(&mut self, number: usize, table: &Table, spot: &Spot, value: &Value) -> Value {
        let place = format!("{number} {} {}", spot.path, spot.sheet.as_deref().unwrap_or_default());
        if self.filled.0 != place {
            self.filled = (place, BTreeMap::new());
        }
        let mut value = value.clone();
        let Some(fields) = value.as_object_mut() else { return value };
        for column in &table.fill.0 {
            let said = fields.get(column).filter(|said| rule::word(said).is_some_and(|text| !text.trim().is_empty()));
            match (said.cloned(), self.filled.1.get(column)) {
                (Some(said), _) => {
                    self.filled.1.insert(column.clone(), said);
                }
                (None, Some(above)) => {
                    fields.insert(column.clone(), above.clone());
                }
                (None, None) => {}
            }
        }
        value
    }

    fn row(
        &mut self,
        number: usize,
        spot: &Spot,
        value: &Value,
        sink: &mut dyn Sink,
        report: &mut Report,
    ) -> Result<()> {
        let map = self.map;
        let Some(table) = map.tables.get(number) else { return Ok(()) };
        let row = Row { value, spot };
        if !value.is_object() && !value.is_array() {
            self.nothing(&row, report);
            return Ok(());
        }
        self.look_at_keys(number, table, &row);
        let skip = table.skip.iter().any(|choice| row.is_one_of(choice));
        if skip || !table.only.iter().all(|choice| row.is_one_of(choice)) {
            self.tally.note(format!("rows of {} are left out, as the map says", table.files), spot);
            if table.record == Kind::Post
                && let Some(rule::Key::Id(key)) = table.fields.get("id").map(|rule| rule.key(value, spot))
            {
                self.skipped.insert(ident::id(&map.source, "post", &key));
            }
            return Ok(());
        }
        // An export of a member's own posts contains comments by others.
        self.own = table.own.unwrap_or(map.own && table.record == Kind::Post);
        match table.record {
            Kind::Member => self.member(&table.fields, &row, sink, report),
            Kind::Post => self.post(table, &row, sink, report),
            Kind::Comment => self.comment_row(table, &row, sink, report),
        }
    }

    /// Notes which columns of the map exist, and which columns of the file have no rule.
    fn look_at_keys(&mut self, number: usize, table: &Table, row: &Row<'_>) {
        if let Some(rows) = self.rows.get_mut(number) {
            *rows += 1;
        }
        if let Some(unmet) = self.unmet.get_mut(number) {
            unmet.retain(|key| !rule::has(row.value, key, row.spot));
        }
        let (Some(unused), Some(columns)) = (self.unused.get_mut(number), row.value.as_object()) else { return };
        for (name, value) in columns {
            let empty = value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty());
            if empty {
                continue;
            }
            if let Some(count) = unused.get_mut(name) {
                *count += 1;
                continue;
            }
            if unused.len() > 200 {
                continue;
            }
            let root = |key: &str| {
                let key = key.split(['.', '[']).next().unwrap_or(key);
                key == name
            };
            let asked =
                |fields: &Fields| fields.rules().flat_map(|(_, rule)| rule.keys()).any(|key| key == name || root(key));
            let used = asked(&table.fields)
                || table.comments.iter().any(|nested| root(&nested.rows))
                || table.skip.iter().chain(&table.only).any(|choice| root(&choice.from))
                || table.extra.contains(name)
                || table.ignore.0.contains(name)
                || table.fill.0.contains(name)
                || name == "+";
            if !used {
                unused.insert(name.clone(), 1);
            }
        }
    }

    /// A row without a result.
    pub(super) fn nothing(&mut self, row: &Row<'_>, report: &mut Report) {
        let help = "look at the row; if it is none of the circle's, leave it out with `skip` in the map";
        self.tally.problem("nothing could be read from this row", "", help, row.spot, report);
    }

    pub(super) fn src(&self, row: &Row<'_>, key: Option<String>) -> Source {
        Source { source: self.map.source.clone(), file: Some(row.spot.path.clone()), id: key, ..Source::default() }
    }

    /// False if the same row was read before.
    pub(super) fn is_new(&mut self, kind: Kind, id: &Id, row: &Row<'_>, strong: bool) -> bool {
        let print = ident::sha256_hex(row.value.to_string().as_bytes());
        let print = print.get(..16).unwrap_or_default().to_owned();
        match self.seen.insert((kind, id.clone()), print.clone()) {
            None => true,
            Some(before) if before == print => {
                self.tally.note("rows repeat another row exactly and were read once", row.spot);
                false
            }
            Some(_) => {
                let what = if strong {
                    "rows have the id of another row with other content; the later one was taken"
                } else {
                    "rows have the author, time and text of another row; they were taken as one"
                };
                self.tally.note(what, row.spot);
                true
            }
        }
    }

    /// Pushes the circle, its members and the rest, and reports what was found.
    pub(super) fn finish(self, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        let map = self.map;
        if map.circle.is_some() || !self.spaces.is_empty() {
            let name = map.circle.clone().unwrap_or_else(|| map.source.clone());
            sink.push(Record::Circle(Box::new(Circle {
                id: ident::id(&map.source, "circle", &name),
                name,
                spaces: self.spaces.into_values().collect(),
                src: Source { source: map.source.clone(), ..Source::default() },
                ..Circle::default()
            })))?;
        }
        for (number, table) in map.tables.iter().enumerate() {
            let rows = self.rows.get(number).copied().unwrap_or(0);
            let unmet: Vec<&str> = self.unmet.get(number).into_iter().flatten().map(String::as_str).collect();
            let unused: Vec<&str> =
                self.unused.get(number).into_iter().flatten().map(|(name, _)| name.as_str()).collect();
            if rows > 0 && !unmet.is_empty() && map.preset.is_none() {
                report.problem(
                    table.files.to_string(),
                    format!("no row has what the map asks for: {}", unmet.join(", ")),
                    super::map::meant(unmet.first().copied().unwrap_or_default(), &unused),
                );
            }
            for (name, count) in self.unused.get(number).into_iter().flatten() {
                report.lose(Part::Column, *count, format!("{}: {name}", table.files));
            }
            if !unused.is_empty() {
                report.note(format!(
                    "{}: left out, because no field of the map asks for it: {}",
                    table.files,
                    unused.join(", ")
                ));
            }
        }
        self.tally.finish(&self.input.place(), report);
        self.people.finish(sink)?;
        self.files.finish(sink, report)
    }
}
