//! bbPress, WordPress's forum plugin: its forums, topics and replies are items of the same export.
//!
//! 1. A forum is a space. A forum is restricted if it is private or hidden, or inside such a forum. Its topics are then restricted, too,
//!    although they do not say so.
//! 2. A topic is a post, a reply its comment. If a reply's topic is not in the export, its audience is unknown.

use std::collections::{BTreeMap, BTreeSet};

use circle_model::{
    archive::{CommentFlags, Space, SpaceKind, Text, Visibility},
    id::Id,
};

use super::{
    super::{
        rows::{Row, Threads},
        xml::Element,
    },
    Reading, SOURCE, is_open, text,
};
use circle_content::{
    Result, dates, ident,
    report::{Part, Report},
    sink::Sink,
};
use circle_html::entities;

/// The maximum depth of nested forums.
const DEEPEST: usize = 32;

/// What a file says about its forums.
#[derive(Debug, Default)]
pub(super) struct Forums {
    /// Name and parent of open forums, by number.
    open: BTreeMap<String, (String, String)>,
    topics: BTreeSet<String>,
    replies: bool,
}

impl Forums {
    /// Notes an item, if it is a forum.
    pub(super) fn look(&mut self, item: &Element) {
        let number = item.word("wp:post_id").to_owned();
        match item.word("wp:post_type") {
            "forum" if is_open(item) => {
                let name = entities::decoded(item.word("title"));
                self.open.insert(number, (name, item.word("wp:post_parent").to_owned()));
            }
            "topic" => {
                self.topics.insert(number);
            }
            "reply" => self.replies = true,
            _ => {}
        }
    }

    pub(super) fn has_replies(&self) -> bool {
        self.replies
    }

    /// Adds those of another file of the site.
    pub(super) fn add(&mut self, other: Self) {
        self.open.extend(other.open);
        self.topics.extend(other.topics);
        self.replies |= other.replies;
    }

    /// True for a forum that is open, and whose parents all are.
    fn is_open(&self, number: &str) -> bool {
        let mut at = number;
        for _ in 0..DEEPEST {
            match self.open.get(at) {
                Some((_, parent)) if matches!(parent.as_str(), "" | "0") => return true,
                Some((_, parent)) => at = parent,
                None => return false,
            }
        }
        false
    }
}

fn meta<'i>(item: &'i Element, name: &str) -> &'i str {
    item.all("wp:postmeta").find(|meta| meta.word("wp:meta_key") == name).map_or("", |meta| meta.word("wp:meta_value"))
}

impl Reading<'_> {
    /// Who could see a topic, by its forum. A topic without a forum is public.
    pub(super) fn forum_seen(&self, topic: &Element) -> Visibility {
        let forum = topic.word("wp:post_parent");
        if matches!(forum, "" | "0") || self.site.forums.is_open(forum) {
            Visibility::Public
        } else if self.site.known.contains(forum) {
            Visibility::Private
        } else {
            Visibility::Unknown
        }
    }

    /// The space of a topic, if its name may be published.
    pub(super) fn forum_space(&mut self, topic: &Element) -> Option<Id> {
        let forum = topic.word("wp:post_parent");
        (topic.word("wp:post_type") == "topic" && self.site.forums.is_open(forum))
            .then(|| self.forum_id(forum, DEEPEST))
    }

    /// The id of an open forum. It is pushed with the circle, together with its parents.
    fn forum_id(&mut self, number: &str, deep: usize) -> Id {
        let id = ident::id(SOURCE, "space", &self.key(&format!("forum {number}")));
        if !self.site.spaces.iter().any(|known| known.id == id) {
            let (name, parent) = self.site.forums.open.get(number).cloned().unwrap_or_default();
            let lies_in = deep > 0 && !matches!(parent.as_str(), "" | "0");
            let parent = lies_in.then(|| self.forum_id(&parent, deep - 1));
            self.site.spaces.push(Space { id: id.clone(), name, kind: SpaceKind::Board, parent });
        }
        id
    }

    /// A forum becomes a space through its topics; its description is not carried over.
    #[expect(clippy::unnecessary_wraps, reason = "as the other kinds of items")]
    pub(super) fn forum(&self, item: &Element, place: &str, report: &mut Report) -> Result<()> {
        if !item.word("content:encoded").is_empty() {
            report.lose(Part::Entry, 1, format!("{place} (forum)"));
        }
        Ok(())
    }

    pub(super) fn reply(
        &mut self,
        item: &Element,
        place: &str,
        threads: &mut Threads<'_>,
        sink: &mut dyn Sink,
        report: &mut Report,
    ) -> Result<()> {
        let date = |local: &str, universal: &str| (item.word(local), item.word(universal));
        let (local, universal) = date("wp:post_date", "wp:post_date_gmt");
        let created = self.time(local, universal, item.word("pubDate"), place, threads, report);
        let (local, universal) = date("wp:post_modified", "wp:post_modified_gmt");
        let changed = self.time(local, universal, "", place, threads, report);
        let topic = item.word("wp:post_parent");
        let status = item.word("wp:status");
        let login = item.word("dc:creator");
        let (known, email) = self.site.authors.get(login).cloned().unwrap_or_default();
        let anonymous = meta(item, "_bbp_anonymous_name");
        let name = if known.is_empty() { login } else { &known };
        let reply = |number: &str| self.key(&format!("reply {number}"));
        let number = Some(item.word("wp:post_id")).filter(|number| !number.is_empty());
        let answered = Some(meta(item, "_bbp_reply_to")).filter(|number| !matches!(*number, "" | "0"));
        let row = Row {
            key: number.map(reply),
            parent: answered.map(reply),
            user: Some(login).filter(|login| !login.is_empty()).map(|login| self.key(login)),
            name: if login.is_empty() { anonymous } else { name },
            email: if login.is_empty() { meta(item, "_bbp_anonymous_email") } else { &email },
            ip: meta(item, "_bbp_author_ip"),
            changed: dates::edit(Some(changed), &created),
            moment: Some(created),
            body: Text::html(text::paragraphs(item.word("content:encoded"))),
            visibility: if !self.site.forums.topics.contains(topic) {
                Some(Visibility::Unknown)
            } else if matches!(status, "private") || !item.word("wp:post_password").is_empty() {
                Some(Visibility::Private)
            } else {
                None
            },
            flags: CommentFlags {
                hidden: !matches!(status, "publish" | "closed" | "private" | "trash" | ""),
                deleted: status == "trash",
                ..CommentFlags::default()
            },
            file: self.path,
            place: place.to_owned(),
            ..Row::default()
        };
        threads.comment(row, ident::id(SOURCE, "post", &self.key(topic)), sink, report)
    }
}
