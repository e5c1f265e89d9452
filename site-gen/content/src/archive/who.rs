//! What tells one record from another beside its id, and what a record is known by wherever it lies.

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

/// What tells one record from another, beside its id.
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
    /// A print of the text without blanks and marks, so that a rendering and its source are the same. Empty where it has no letter.
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

/// How two records of one id stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compared {
    /// The same moment, and nothing against it; or, of what has no clock time, the same words or title.
    Agree,
    /// Another author, moment or thread.
    Contradict,
    /// Other words, and nothing that says whether they are a later wording or another record.
    Doubt,
}

/// How a mark begins that is an address on the web, which any source may know.
pub(super) const AT: &str = "at\0";

impl Who {
    pub(super) fn read(line: &str) -> Option<Self> {
        serde_json::from_str(line).ok()
    }

    pub(super) fn is_dated(&self) -> bool {
        self.created.utc.is_some() || !self.created.raw.is_empty()
    }

    /// True if it is known when on that day it was written.
    fn has_clock(&self) -> bool {
        matches!(self.created.precision, Precision::Ms | Precision::S | Precision::Min)
    }

    /// The place of a page, of which only the comments are known.
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
        // Many things are of one day.
        let is_exact = same_moment && self.has_clock() && other.has_clock();
        let same_title = same_moment && self.title.is_some() && self.title == other.title;
        // Of what was deleted nothing is left that could be another's.
        let is_emptied = same_moment && (self.words.is_empty() || other.words.is_empty());
        if differs {
            Compared::Contradict
        } else if is_exact || same_title || is_emptied || (self.words == other.words && self.title == other.title) {
            Compared::Agree
        } else {
            Compared::Doubt
        }
    }

    /// True if whatever contradicts one of them contradicts the other.
    pub(super) fn tells_apart_as(&self, other: &Self) -> bool {
        let same_moment = self.created.utc == other.created.utc && self.created.raw == other.created.raw;
        self.author == other.author && self.post == other.post && self.thread == other.thread && same_moment
    }

    /// A print of the words; where there are none, the pictures that are there.
    fn said(&self) -> Option<String> {
        if !self.words.is_empty() {
            return Some(self.words.clone());
        }
        let ids = self.media.iter().map(|shown| shown.media.as_str()).filter(|id| !id.starts_with("missing-"));
        let ids: Vec<&str> = ids.collect();
        (!ids.is_empty() && ids.len() == self.media.len()).then(|| ids.join(" "))
    }

    /// What a post is known by in another file of the same export: the first of its marks, if it is sure enough there. Of one minute
    /// people say the same twice.
    pub(super) fn mark_among_copies(&self, kind: RecordKind) -> Option<String> {
        let is_exact = matches!(self.created.precision, Precision::Ms | Precision::S);
        let is_titled = self.title.as_ref().is_some_and(|title| !title.is_empty());
        let is_sure = kind == RecordKind::Post && self.said().is_some() && (is_exact || is_titled);
        is_sure.then(|| self.marks(kind).into_iter().next()).flatten()
    }

    /// What it is known by wherever it lies: moment, author and words; of a post with a clock time and a title, moment, title and name; and
    /// moment and address.
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
            // The address of a site is that of no post.
            && url.split("//").nth(1).is_some_and(|rest| rest.trim_end_matches('/').contains(['/', '?']))
        {
            // A blog's feed and its backup say the same address.
            marks.push(format!("{AT}{moment}\0{}", normal_url(url)));
        }
        marks
    }
}

/// What the archive, or its private side, knows of a record.
#[derive(Clone, Debug)]
pub struct Known(Who);

impl Known {
    /// True if a line says the same record, and not one that another site calls the same.
    #[must_use]
    pub fn is(&self, line: &str) -> bool {
        Who::read(line).is_some_and(|who| who.compared(&self.0) == Compared::Agree)
    }
}

/// What is known of these posts and comments.
///
/// # Errors
/// When the archive cannot be read.
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

/// The id of a thing of a namespace.
pub(super) fn within(namespace: Option<&str>, id: &Id) -> Id {
    namespace.map_or_else(|| id.clone(), |name| ident::id("namespace", name, id.as_str()))
}

/// As somebody of the namespace would be named there.
pub(super) fn in_namespace(who: &Who, namespace: Option<&str>) -> Who {
    let mut who = who.clone();
    if namespace.is_some() {
        who.post =
            Some(who.post).filter(|post| !post.is_empty()).map(|post| within(namespace, &post)).unwrap_or_default();
        // The members of another namespace have other ids, and the same names: they do not tell anything apart.
        who.author = None;
    }
    who
}

/// A name that is made from what there is, whatever came first.
pub(super) fn derived<'a>(all: impl Iterator<Item = &'a Who>) -> String {
    let mark = |who: &Who| {
        let author = who.author.as_ref().map_or("", Id::as_str);
        format!("{}\0{author}\0{}\0{}", who.id, who.created.raw, who.created.utc.map(|utc| utc.0).unwrap_or_default())
    };
    let least = all.map(mark).min().unwrap_or_default();
    format!("~{}", ident::sha256_hex(least.as_bytes()).get(..8).unwrap_or_default())
}
