//! Comments, from rows of their own, and from inside other rows.
//!
//! A comment finds its post by the post's id or address. If the post is not in the export, a placeholder is made, so that no comment is
//! lost. If the map decides the audience of posts row by row, nobody may see such a placeholder.

use circle_model::{
    archive::{Comment, Post, Record, Visibility},
    id::Id,
};
use serde_json::Value;

use super::{
    fields,
    map::{Fields, Kind, Nested, Table},
    records::{Engine, Row},
    rule,
};
use circle_content::{Result, ident, report::Report, sink::Sink};

/// The parent of a comment inside a row.
#[derive(Clone, Copy)]
pub(super) struct Under<'a> {
    pub(super) post: &'a Id,
    pub(super) comment: Option<&'a Id>,
}

impl Engine<'_> {
    /// A comment with a row of its own.
    pub(super) fn comment_row(
        &mut self,
        table: &Table,
        row: &Row<'_>,
        sink: &mut dyn Sink,
        report: &mut Report,
    ) -> Result<()> {
        let fields = &table.fields;
        let key = self.key(fields, "post", row, report);
        let url = row.text(fields, "post_url").map(|url| same_address(&url));
        let known = url.as_ref().and_then(|url| self.by_url.get(url)).cloned();
        let post = match (&key, known, &url) {
            (Some(key), _, _) => ident::id(&self.map.source, "post", key),
            (None, Some(known), _) => known,
            (None, None, Some(url)) => ident::id(&self.map.source, "post", url),
            (None, None, None) => {
                let help = "look at the row: the column that names its post is empty";
                self.tally.problem("this comment does not say which post it belongs to", "", help, row.spot, report);
                return Ok(());
            }
        };
        if self.skipped.contains(&post) {
            self.tally.note("comments belong to posts that the map leaves out, and were left out with them", row.spot);
            return Ok(());
        }
        if self.posts.insert(post.clone()) {
            self.place_for(&post, key.or(url), row, sink)?;
        }
        if let Some(id) = self.comment(fields, row, &post, None, sink, report)? {
            self.own = false;
            for nested in &table.comments {
                let under = Under { post: &post, comment: Some(&id) };
                self.nested(nested, &nested.rows, row, under, sink, report)?;
            }
        }
        Ok(())
    }

    /// A placeholder for the comments on a post that the export does not contain.
    pub(super) fn place_for(
        &mut self,
        post: &Id,
        key: Option<String>,
        row: &Row<'_>,
        sink: &mut dyn Sink,
    ) -> Result<()> {
        let hidden = super::says_who_may_see(self.map);
        let what = if hidden {
            "posts are not in the export but comments on them are; who could see them is not known, so both are held back"
        } else {
            "posts are not in the export but comments on them are; a place was made for each"
        };
        self.tally.note(what, row.spot);
        let mut place = Post {
            id: post.clone(),
            visibility: if hidden { Visibility::Unknown } else { self.options.default_visibility },
            src: self.src(row, key),
            ..Post::default()
        };
        place.flags.partial = true;
        sink.push(Record::Post(Box::new(place)))
    }

    /// Comments inside a row, and their replies.
    pub(super) fn nested(
        &mut self,
        nested: &Nested,
        rows: &str,
        row: &Row<'_>,
        under: Under<'_>,
        sink: &mut dyn Sink,
        report: &mut Report,
    ) -> Result<()> {
        let found = rule::look_up(row.value, rows.strip_suffix("[]").unwrap_or(rows), row.spot);
        let items = match found {
            Value::Array(items) => items,
            Value::String(text) if nested.lines => super::lines::comments(&text),
            Value::String(text) if !text.trim().is_empty() => match super::literal::list(&text) {
                Some(items) => items,
                None => {
                    let help = "look at the cell; it should hold a list such as [('…', '…')]";
                    self.tally.problem("the comments in this cell cannot be read", &text, help, row.spot, report);
                    return Ok(());
                }
            },
            Value::Null | Value::String(_) => return Ok(()),
            other => {
                let help = "look at the field; it should hold a list";
                let seen = other.to_string();
                self.tally.problem("the comments in this field are no list", &seen, help, row.spot, report);
                return Ok(());
            }
        };
        for item in &items {
            let inner = Row { value: item, spot: row.spot };
            let id = self.comment(&nested.fields, &inner, under.post, under.comment, sink, report)?;
            if let (Some(id), Some(replies)) = (id, &nested.replies) {
                let under = Under { comment: Some(&id), ..under };
                self.nested(nested, replies, &inner, under, sink, report)?;
            }
        }
        Ok(())
    }

    pub(super) fn comment(
        &mut self,
        fields: &Fields,
        row: &Row<'_>,
        post: &Id,
        above: Option<&Id>,
        sink: &mut dyn Sink,
        report: &mut Report,
    ) -> Result<Option<Id>> {
        let key = self.key(fields, "id", row, report);
        let said = self.said(fields, row, &[], sink, report)?;
        let deleted = row.text(fields, "deleted").is_some_and(|word| fields::not_no(&word));
        if said.body.source.trim().is_empty() && said.media.is_empty() && key.is_none() {
            self.nothing(row, report);
            return Ok(None);
        }
        let comment_id = |key: &str| ident::id(&self.map.source, "comment", key);
        let id = match &key {
            Some(key) => comment_id(key),
            None => comment_id(&format!("{post}\n{}", said.weak)),
        };
        let new = self.is_new(Kind::Comment, &id, row, key.is_some());
        if !new {
            return Ok(Some(id));
        }
        // Some tools write 0 or the post's id if there is no parent comment.
        let of_post = self.key(fields, "post", row, report);
        let parent =
            self.key(fields, "parent", row, report).filter(|parent| parent != "0" && Some(parent) != of_post.as_ref());
        let parent = parent.map(|key| ident::id(&self.map.source, "comment", &key)).or_else(|| above.cloned());
        let answered = row.text(fields, "reply_to_name");
        let word = |field: &str| row.text(fields, field).unwrap_or_default();
        let mut comment = Comment {
            id: id.clone(),
            post: post.clone(),
            parent: parent.filter(|parent| *parent != id),
            reply_to_member: answered.and_then(|name| self.people.mentioned(None, name.trim().trim_start_matches('@'))),
            author: said.author,
            created: said.created,
            edited: said.edited,
            body: said.body,
            media: said.media,
            counts: said.counts,
            order: row
                .text(fields, "floor")
                .and_then(|floor| floor.trim().trim_end_matches(['楼', 'F', '#']).parse().ok()),
            visibility: self.visibility(fields, row),
            weak_id: key.is_none(),
            src: self.src(row, key),
            ..Comment::default()
        };
        let told = self.unmapped(fields, None, row);
        if told.withholds() {
            comment.visibility = Some(told.visibility.filter(|who| !who.is_published()).unwrap_or(Visibility::Private));
        }
        comment.flags.deleted = deleted;
        comment.flags.hidden = fields::not_no(&word("hidden"));
        comment.flags.pinned = fields::yes(&word("pinned"));
        let fact_of = comment.author.clone().unwrap_or_else(|| id.clone());
        sink.push(Record::Comment(Box::new(comment)))?;
        self.private_facts(&fact_of, fields, row, sink)?;
        Ok(Some(id))
    }
}

/// An address for comparison: without scheme, fragment and trailing slash.
pub(super) fn same_address(url: &str) -> String {
    let url = url.trim().split('#').next().unwrap_or_default();
    let url = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).unwrap_or(url);
    url.trim_end_matches('/').to_owned()
}
