//! Code that all chat importers share: the people, files and counts of one import, reactions, and private events.

use std::collections::BTreeMap;

use circle_model::{
    archive::{Event, EventKind, Reaction, Record, Source, Text, Verbatim, Visibility},
    id::Id,
    time::Time,
};
use serde_json::{Value, value::RawValue};

use crate::{files::Files, people::People};
use circle_content::{
    Result, dates, ident,
    input::Input,
    options::Options,
    report::{Part, Report},
    sink::Sink,
};

/// The import of a chat.
#[derive(Debug)]
pub(super) struct Talk<'a> {
    pub(super) source: &'static str,
    pub(super) options: &'a Options,
    pub(super) people: People,
    pub(super) files: Files<'a>,
    left_out: BTreeMap<String, u64>,
    lost: BTreeMap<(Part, String), u64>,
}

/// The channel or chat of a message.
#[derive(Clone, Debug, Default)]
pub(super) struct Place {
    /// The file of the export.
    pub(super) file: String,
    /// Part of the key of every message.
    pub(super) key: String,
    /// Who could read it.
    pub(super) visibility: Visibility,
    /// The space, if its name may be published.
    pub(super) space: Option<Id>,
    /// Its name, which is stored with withheld records.
    pub(super) name: String,
}

impl Place {
    /// True if messages of this place are published.
    pub(super) fn is_published(&self) -> bool {
        self.visibility.is_published()
    }

    /// The source of a record.
    pub(super) fn src(&self, source: &str, id: impl Into<String>) -> Source {
        Source { source: source.to_owned(), file: Some(self.file.clone()), id: Some(id.into()), ..Source::default() }
    }
}

/// Reactions of one kind to one target.
pub(super) struct Reacted<'a> {
    pub(super) target: &'a Id,
    /// `like`, `reward`, `emoji:…`.
    pub(super) kind: &'a str,
    /// The members who reacted, with the time if known.
    pub(super) members: Vec<(Id, Option<Time>)>,
    /// The total number, if the source states it.
    pub(super) count: Option<u64>,
}

impl<'a> Talk<'a> {
    pub(super) fn new(input: &'a Input, options: &'a Options, source: &'static str) -> Self {
        Self {
            source,
            options,
            people: People::new(source),
            files: Files::new(input, options, source),
            left_out: BTreeMap::new(),
            lost: BTreeMap::new(),
        }
    }

    pub(super) fn id(&self, kind: &str, key: &str) -> Id {
        ident::id(self.source, kind, key)
    }

    /// Counts something that was left out on purpose. The note at the end has the number followed by these words.
    pub(super) fn left_out(&mut self, what: impl Into<String>) {
        *self.left_out.entry(what.into()).or_default() += 1;
    }

    /// Counts parts of messages that are not carried over. Private places are not named.
    pub(super) fn lose(&mut self, part: Part, count: u64, place: &Place) {
        if count == 0 {
            return;
        }
        let file = if place.is_published() { place.file.clone() } else { "…".to_owned() };
        *self.lost.entry((part, file)).or_default() += count;
    }

    /// A date. One that cannot be read is kept as text, and is a problem.
    pub(super) fn time(&self, raw: Option<String>, place: &str, report: &mut Report) -> Time {
        let raw = raw.unwrap_or_default();
        dates::read(&raw, self.options).unwrap_or_else(|| {
            let help = "the message is kept without a date; the export's own program may show the right one";
            report.problem(place, format!("its date cannot be read: `{raw}`"), help);
            Time { raw, ..Time::default() }
        })
    }

    /// A person who did something other than writing. In private places they are only an id, because the gate publishes members whom it
    /// meets nowhere else.
    pub(super) fn actor(&mut self, place: &Place, key: Option<&str>, name: &str) -> Option<Id> {
        if place.is_published() {
            return self.people.author(key, name);
        }
        key.map(|key| self.id("member", key))
    }

    /// A person who is mentioned, quoted or answered. In private places they leave no trace.
    pub(super) fn mention(&mut self, place: &Place, key: Option<&str>, name: &str) -> Option<Id> {
        if place.is_published() { self.people.mentioned(key, name) } else { None }
    }

    /// Pushes an event, or withholds it with everything else from a private place.
    pub(super) fn event(&mut self, place: &Place, key: &str, event: Happened, sink: &mut dyn Sink) -> Result<()> {
        let mut src = place.src(self.source, key);
        // A key with several lines was made by Circlekeep, because the source has no id.
        src.id = src.id.filter(|key| !key.contains('\n'));
        let event = Event {
            id: self.id("event", key),
            kind: event.kind,
            at: event.at,
            member: event.member,
            target: event.target,
            text: event.text.filter(|text| !text.trim().is_empty()).map(Text::plain),
            src,
        };
        match circle_content::audience::of_visibility(place.visibility) {
            Some(why) => sink.withhold(why, Record::Event(Box::new(event))),
            None => sink.push(Record::Event(Box::new(event))),
        }
    }

    /// Pushes a record for each named member, and one for the number of the others.
    pub(super) fn reactions(&self, reacted: Reacted<'_>, sink: &mut dyn Sink) -> Result<()> {
        let Reacted { target, kind, members, count } = reacted;
        let named = members.len() as u64;
        let complete = count.is_none_or(|count| count <= named);
        let src = || Source { source: self.source.to_owned(), ..Source::default() };
        let row = |who: &str| self.id("reaction", &format!("{target}/{kind}/{who}"));
        for (member, at) in members {
            sink.push(Record::Reaction(Box::new(Reaction {
                id: row(member.as_str()),
                target: target.clone(),
                kind: kind.to_owned(),
                member: Some(member),
                at,
                complete,
                src: src(),
                ..Reaction::default()
            })))?;
        }
        if !complete {
            sink.push(Record::Reaction(Box::new(Reaction {
                id: row("others"),
                target: target.clone(),
                kind: kind.to_owned(),
                count: count.map(|count| count - named),
                src: src(),
                ..Reaction::default()
            })))?;
        }
        Ok(())
    }

    /// Pushes the members, and reports what was left out.
    pub(super) fn finish(self, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        self.people.finish(sink)?;
        self.files.finish(sink, report)?;
        for ((part, place), count) in self.lost {
            report.lose(part, count, place);
        }
        for (what, count) in self.left_out {
            report.note(format!("{count} {what}"));
        }
        Ok(())
    }
}

/// An event without an id yet.
#[derive(Debug, Default)]
pub(super) struct Happened {
    pub(super) kind: EventKind,
    pub(super) at: Time,
    pub(super) member: Option<Id>,
    pub(super) target: Option<Id>,
    pub(super) text: Option<String>,
}

/// A value for `extra`.
pub(super) fn verbatim(value: &Value) -> Option<Verbatim> {
    RawValue::from_string(value.to_string()).ok().map(Verbatim)
}

/// The last segment of a path.
pub(super) fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The folder of a path with a trailing `/`, or empty.
pub(super) fn folder_of(path: &str) -> &str {
    path.strip_suffix(name_of(path)).unwrap_or_default()
}
