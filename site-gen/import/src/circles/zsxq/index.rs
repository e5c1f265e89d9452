//! The first pass: the best version of each topic, and all comment ids. Only ids are held in memory.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    super::super::json::Fields as _,
    things::{self, Thing},
};
use circle_content::ident;
use circle_content::{Result, input::Input, report::Report};

/// 2^53: programs that keep larger integers as floats lose digits.
const EXACT: u64 = 1 << 53;
/// A topic's id has at least this many digits.
const TOPIC_DIGITS: usize = 15;
/// The number of files that a note names.
const NAMED: usize = 5;

/// A topic's key: its id at the source, or a hash of its content.
#[derive(Debug, PartialEq)]
pub(super) struct Key {
    pub(super) text: String,
    pub(super) weak: bool,
}

/// The order of versions: by number of comments, then by time, then by length.
type Score = (usize, String, usize);

/// What the first pass finds.
#[derive(Debug, Default)]
pub(super) struct Index {
    best: BTreeMap<String, (Score, (usize, u64))>,
    /// From `topic_id`, which may be damaged, to `topic_uid`, which is not.
    twins: BTreeMap<String, String>,
    comments: BTreeMap<String, BTreeSet<u64>>,
    /// The topic of a file with comments, from its name.
    topic_of_file: BTreeMap<usize, String>,
    columns: BTreeSet<String>,
    groups: BTreeSet<String>,
    comment_pages: bool,
    again: u64,
    damaged: u64,
    mended: u64,
    strangers: Vec<String>,
}

impl Index {
    pub(super) fn read(input: &Input, paths: &[&str], report: &mut Report) -> Result<Self> {
        let mut index = Self::default();
        let mut loose: BTreeMap<(usize, Option<String>), BTreeSet<u64>> = BTreeMap::new();
        for (file, path) in paths.iter().enumerate() {
            let mut number = 0;
            let (mut known, mut strange) = (false, false);
            things::each(input, path, report, |thing, report| {
                known |= !matches!(thing, Thing::Unknown);
                match thing {
                    Thing::Topic(value) => {
                        number += 1;
                        index.topic(&value, file, number);
                    }
                    Thing::Comment(value) => {
                        let ids = loose.entry((file, index.said_topic(&value))).or_default();
                        comment_ids(&value, ids);
                        index.comment_pages = true;
                    }
                    Thing::Column(_) | Thing::Checkin(_) | Thing::Group(_) => {
                        index.columns.insert((*path).to_owned());
                    }
                    Thing::Refused(code, words) => report.problem(
                        *path,
                        format!("the platform answered with an error instead of topics: {code} {words}").trim_end(),
                        "fetch this page again, later and more slowly; its topics are not in the export",
                    ),
                    Thing::Broken(number) => report.problem(
                        format!("{path}: item {number}"),
                        "this item of the list is no topic",
                        "look at the file at that place; all other items were read",
                    ),
                    Thing::Unknown => strange = true,
                }
                Ok(())
            })?;
            if strange && !known {
                index.strangers.push((*path).to_owned());
            }
        }
        for ((file, said), ids) in loose {
            let key = said.or_else(|| {
                let path = paths.get(file)?;
                let topic = index.topic_in_name(path)?;
                index.topic_of_file.insert(file, topic.clone());
                Some(topic)
            });
            if let Some(key) = key {
                index.comments.entry(key).or_default().extend(ids);
            }
        }
        Ok(index)
    }

    fn topic(&mut self, value: &Value, file: usize, number: u64) {
        let key = self.key(value).text;
        self.groups.extend(value.id(&["group.group_uid", "group.group_id"]));
        let (uid, id) = (value.id(&["topic_uid"]), value.id(&["topic_id"]));
        match (uid, id) {
            (Some(uid), Some(id)) if uid != id => {
                self.mended += 1;
                self.twins.insert(id, uid);
            }
            (None, Some(_)) if value.at("topic_id").as_u64().is_some_and(|id| id > EXACT) => self.damaged += 1,
            _ => {}
        }
        let mut ids = BTreeSet::new();
        for list in ["show_comments", "comments"] {
            value.list(list).iter().for_each(|comment| comment_ids(comment, &mut ids));
        }
        let changed = value.word("modify_time").or_else(|| value.word("create_time")).unwrap_or_default();
        let score = (ids.len(), changed, value.to_string().len());
        self.comments.entry(key.clone()).or_default().extend(ids);
        match self.best.get_mut(&key) {
            None => {
                self.best.insert(key, (score, (file, number)));
            }
            Some(best) => {
                self.again += 1;
                if score > best.0 {
                    *best = (score, (file, number));
                }
            }
        }
    }

    /// The key of a topic: its textual id, else its number, else a hash of its content.
    #[expect(clippy::unused_self, reason = "keys belong to the index, whatever they are made from")]
    pub(super) fn key(&self, value: &Value) -> Key {
        if let Some(text) = value.id(&["topic_uid", "topic_id"]) {
            return Key { text, weak: false };
        }
        let part =
            ["talk", "question", "task", "solution"].into_iter().map(|kind| value.at(kind)).find(|p| p.is_object());
        let part = part.unwrap_or(value);
        let author = part.id(&["owner.user_id", "author.user_id"]).unwrap_or_default();
        Key { text: weak(&author, value, part), weak: true }
    }

    /// The topic that a comment states.
    pub(super) fn said_topic(&self, comment: &Value) -> Option<String> {
        comment.id(&["topic_uid", "topic_id", "topic.topic_uid", "topic.topic_id"]).map(|id| self.mend(id))
    }

    /// The topic of a file with comments.
    pub(super) fn topic_of(&self, file: usize) -> Option<String> {
        self.topic_of_file.get(&file).cloned()
    }

    /// The undamaged id, if both are known.
    pub(super) fn mend(&self, id: String) -> String {
        self.twins.get(&id).cloned().unwrap_or(id)
    }

    pub(super) fn is_best(&self, value: &Value, file: usize, number: u64) -> bool {
        self.best.get(&self.key(value).text).is_some_and(|(_, at)| *at == (file, number))
    }

    /// The number of comments on a topic in the whole export.
    pub(super) fn comments_on(&self, key: &str) -> u64 {
        self.comments.get(key).map_or(0, |ids| ids.len() as u64)
    }

    pub(super) fn has_columns(&self, path: &str) -> bool {
        self.columns.contains(path)
    }

    /// True if the export has topics of several groups.
    pub(super) fn is_mixed(&self) -> bool {
        self.groups.len() > 1
    }

    pub(super) fn has_more_comments(&self) -> bool {
        self.comment_pages || self.again > 0
    }

    /// A topic's id in the name of a file or its folders.
    fn topic_in_name(&self, path: &str) -> Option<String> {
        let numbers = |text: &str| -> Vec<String> {
            text.split(|c: char| !c.is_ascii_digit()).filter(|n| n.len() > 5).map(str::to_owned).collect()
        };
        let known = path.rsplit('/').flat_map(numbers).map(|id| self.mend(id)).find(|id| self.best.contains_key(id));
        known.or_else(|| {
            let name = path.rsplit('/').next()?;
            numbers(name).into_iter().find(|id| id.len() >= TOPIC_DIGITS)
        })
    }

    pub(super) fn say(&self, report: &mut Report) {
        for group in &self.groups {
            report.comes_from(group);
        }
        if self.again > 0 {
            report
                .note(format!("{} topics were there more than once (pages overlap); each was taken once", self.again));
        }
        if self.mended > 0 {
            report.note(format!("{} topics have a damaged topic_id; topic_uid was used", self.mended));
        }
        if self.damaged > 0 {
            report.note(format!(
                "{} topics have only a long number as topic_id; a program that saved it as a float may have changed its last digits, and an export with topic_uid would not merge with this one",
                self.damaged
            ));
        }
        if let Some((named, more)) =
            self.strangers.split_at_checked(NAMED.min(self.strangers.len())).filter(|s| !s.0.is_empty())
        {
            let more = if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
            report.note(format!("{}{more}: no topics in it, not read", named.join(", ")));
            report.idle.extend(self.strangers.iter().cloned());
        }
    }
}

/// A key from content: author, time, text.
pub(super) fn weak(author: &str, dated: &Value, said: &Value) -> String {
    let text = said.text("text").or(said.text("content")).or(dated.text("title")).unwrap_or_default();
    let text: Vec<&str> = text.split_whitespace().collect();
    let when = dated.word("create_time").unwrap_or_default();
    format!("{author}\n{when}\n{}", ident::sha256_hex(text.join(" ").as_bytes()))
}

/// The key of a comment, and whether it was made from its content.
pub(super) fn comment_key(comment: &Value) -> Key {
    match comment.id(&["comment_uid", "comment_id"]) {
        Some(text) => Key { text, weak: false },
        None => {
            let author = comment.id(&["owner.user_id", "author.user_id"]).unwrap_or_default();
            Key { text: weak(&author, comment, comment), weak: true }
        }
    }
}

/// The ids of a comment and of its replies, shortened.
fn comment_ids(comment: &Value, ids: &mut BTreeSet<u64>) {
    if !comment.is_object() {
        return;
    }
    let key = comment_key(comment).text;
    let short = || u64::from_str_radix(ident::sha256_hex(key.as_bytes()).get(..16).unwrap_or_default(), 16);
    ids.insert(key.parse().or_else(|_| short()).unwrap_or_default());
    for list in ["replied_comments", "replies"] {
        comment.list(list).iter().for_each(|answer| comment_ids(answer, ids));
    }
}
