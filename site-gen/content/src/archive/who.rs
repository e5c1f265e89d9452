//! What tells two records with the same id apart, and what identifies a record independent of its id.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use circle_model::{
    archive::RecordKind,
    id::Id,
    time::{Precision, Time},
};
use serde::{Deserialize, Deserializer};

use super::{
    lines::for_each_line,
    private::{FOLDER, Withheld},
};
use crate::{Result, address::normal_url, ident, report::Report};

/// The features that tell one record from another.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Who {
    #[serde(default)]
    pub(super) id: Id,
    #[serde(default)]
    pub(super) author: Option<Id>,
    #[serde(default)]
    pub(super) created: Time,
    #[serde(default)]
    pub(super) post: Id,
    #[serde(default)]
    pub(super) thread: Option<String>,
    #[serde(default)]
    pub(super) title: Option<String>,
    #[serde(default)]
    pub(super) slug: Option<String>,
    #[serde(default)]
    pub(super) url: Option<String>,
    /// A hash of the text without white space and markup, so that a rendering equals its source. Empty if the text has no letter.
    #[serde(default, rename = "body", deserialize_with = "print")]
    pub(super) words: String,
    #[serde(default)]
    media: Vec<Shown>,
    #[serde(default)]
    pub(super) src: From,
}

#[derive(Clone, Debug, Default, Deserialize)]
struct Shown {
    #[serde(default)]
    media: Id,
}

#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct From {
    #[serde(default)]
    pub(super) source: String,
    #[serde(default)]
    pub(super) file: Option<String>,
}

fn print<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    struct Body {
        #[serde(default)]
        source: String,
    }
    let Body { source } = Body::deserialize(deserializer)?;
    let letters: String = source.chars().filter(|c| c.is_alphanumeric()).collect();
    Ok(if letters.is_empty() { letters } else { ident::sha256_hex(letters.as_bytes()) })
}

/// How two records with the same id compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compared {
    /// The same record: the same time, and no contradiction; or, without clock time, the same text or title.
    Agree,
    /// Different records: another author, time or thread.
    Contradict,
    /// Another text, and nothing that says whether it is a later wording or another record.
    Doubt,
}

/// The prefix of a mark that is a web address, which any source may know.
pub(super) const AT: &str = "at\0";

impl Who {
    pub(super) fn read(line: &str) -> Option<Self> {
        serde_json::from_str(line).ok()
    }

    pub(super) fn is_dated(&self) -> bool {
        self.created.utc.is_some() || !self.created.raw.is_empty()
    }

    /// True if the time of day is known.
    fn has_clock(&self) -> bool {
        matches!(self.created.precision, Precision::Ms | Precision::S | Precision::Min)
    }

    /// A placeholder page, of which only the comments are known.
    pub(super) fn says_nothing(&self) -> bool {
        self.author.is_none() && self.words.is_empty() && !self.is_dated()
    }

    pub(super) fn compared(&self, other: &Self) -> Compared {
        let both = |a: Option<&Id>, b: Option<&Id>| a.zip(b).is_some_and(|(a, b)| a != b);
        let moment = self.is_dated() && other.is_dated();
        let same_moment = moment
            && (self.created.utc.is_some() && self.created.utc == other.created.utc
                || self.created.raw == other.created.raw);
        let thread = |who: &Self| Some(who.post.clone()).filter(|post| !post.is_empty());
        let differs = both(self.author.as_ref(), other.author.as_ref())
            || both(thread(self).as_ref(), thread(other).as_ref())
            || self.thread.as_ref().zip(other.thread.as_ref()).is_some_and(|(a, b)| a != b)
            || moment && !same_moment;
        // Many records share a day.
        let is_exact = same_moment && self.has_clock() && other.has_clock();
        let same_title = same_moment && self.title.is_some() && self.title == other.title;
        // A deleted record has no content that could belong to another record.
        let is_emptied = same_moment && (self.words.is_empty() || other.words.is_empty());
        if differs {
            Compared::Contradict
        } else if is_exact || same_title || is_emptied || (self.words == other.words && self.title == other.title) {
            Compared::Agree
        } else {
            Compared::Doubt
        }
    }

    /// True if everything that contradicts one of them contradicts the other.
    pub(super) fn tells_apart_as(&self, other: &Self) -> bool {
        let same_moment = self.created.utc == other.created.utc && self.created.raw == other.created.raw;
        self.author == other.author && self.post == other.post && self.thread == other.thread && same_moment
    }

    /// A hash of the text or, without text, of the pictures.
    fn said(&self) -> Option<String> {
        if !self.words.is_empty() {
            return Some(self.words.clone());
        }
        let ids = self.media.iter().map(|shown| shown.media.as_str()).filter(|id| !id.starts_with("missing-"));
        let ids: Vec<&str> = ids.collect();
        (!ids.is_empty() && ids.len() == self.media.len()).then(|| ids.join(" "))
    }

    /// The identity of a post in another file of the same export: the first of its marks, if that is specific enough. Within one minute
    /// people say the same thing twice.
    pub(super) fn mark_among_copies(&self, kind: RecordKind) -> Option<String> {
        let is_exact = matches!(self.created.precision, Precision::Ms | Precision::S);
        let is_titled = self.title.as_ref().is_some_and(|title| !title.is_empty());
        let is_sure = kind == RecordKind::Post && self.said().is_some() && (is_exact || is_titled);
        is_sure.then(|| self.marks(kind).into_iter().next()).flatten()
    }

    /// The identity of a record wherever it is: time, author and text; for a post with a clock time and a title: time, title and file name;
    /// and time and address.
    pub(super) fn marks(&self, kind: RecordKind) -> Vec<String> {
        let mut marks = Vec::new();
        let moment = self.created.utc.map_or_else(|| self.created.raw.clone(), |utc| utc.0.to_string());
        let title = self.title.clone().unwrap_or_default();
        if let Some(said) = self.said().filter(|_| self.is_dated() || kind == RecordKind::Post) {
            let author = self.author.clone().unwrap_or_default();
            marks.push(format!("{}\0{moment}\0{author}\0{title}\0{said}", kind.file_stem()));
        }
        if let (RecordKind::Post, Some(slug), true, false) = (kind, &self.slug, self.has_clock(), title.is_empty()) {
            marks.push(format!("{}\0{moment}\0{title}\0{slug}", kind.file_stem()));
        }
        if let (RecordKind::Post, Some(url), true) = (kind, &self.url, self.has_clock() && self.created.utc.is_some())
            // The address of the site itself identifies no post.
            && url.split("//").nth(1).is_some_and(|rest| rest.trim_end_matches('/').contains(['/', '?']))
        {
            // A blog's feed and its backup state the same address.
            marks.push(format!("{AT}{moment}\0{}", normal_url(url)));
        }
        marks
    }
}

/// What the archive or its private side knows of a record.
#[derive(Clone, Debug)]
pub struct Known(Who);

impl Known {
    /// True if a line is the same record, and not a record of another site with the same id.
    #[must_use]
    pub fn is(&self, line: &str) -> bool {
        Who::read(line).is_some_and(|who| who.compared(&self.0) == Compared::Agree)
    }
}

/// What is known of these posts and comments.
///
/// # Errors
/// If the archive cannot be read.
pub(super) fn known_of(content: &Path, ids: &BTreeSet<Id>) -> Result<BTreeMap<Id, Known>> {
    let mut known = BTreeMap::new();
    let mut look = |line: &str| {
        if let Some(who) = Who::read(line).filter(|who| ids.contains(&who.id)) {
            known.insert(who.id.clone(), Known(who));
        }
    };
    if ids.is_empty() {
        return Ok(known);
    }
    for kind in [RecordKind::Post, RecordKind::Comment] {
        let path = content.join("archive").join(format!("{}.jsonl", kind.file_stem()));
        for_each_line(&path, &mut Report::default(), |_, line| {
            look(line);
            Ok(())
        })?;
    }
    for_each_line(&content.join(FOLDER).join("withheld.jsonl"), &mut Report::default(), |_, line| {
        let line: Withheld = serde_json::from_str(line).map_err(|error| error.to_string())?;
        look(line.record.get());
        Ok(())
    })?;
    Ok(known)
}

/// The id of a record in a namespace.
pub(super) fn within(namespace: Option<&str>, id: &Id) -> Id {
    namespace.map_or_else(|| id.clone(), |name| ident::id("namespace", name, id.as_str()))
}

/// The id of a member in a namespace.
pub(super) fn in_namespace(who: &Who, namespace: Option<&str>) -> Who {
    let mut who = who.clone();
    if namespace.is_some() {
        who.post =
            Some(who.post).filter(|post| !post.is_empty()).map(|post| within(namespace, &post)).unwrap_or_default();
        // Members of another namespace have other ids and the same names. They distinguish nothing.
        who.author = None;
    }
    who
}

/// A name for a namespace, made from its content, so that the order of imports does not matter.
pub(super) fn derived<'a>(all: impl Iterator<Item = &'a Who>) -> String {
    let mark = |who: &Who| {
        let author = who.author.as_ref().map_or("", Id::as_str);
        format!("{}\0{author}\0{}\0{}", who.id, who.created.raw, who.created.utc.map(|utc| utc.0).unwrap_or_default())
    };
    let least = all.map(mark).min().unwrap_or_default();
    format!("~{}", ident::sha256_hex(least.as_bytes()).get(..8).unwrap_or_default())
}
