//! Rows that are posts: their audience, their links and quotes, and the comments inside them.

use circle_model::{
    archive::{Card, Extra, Post, PostKind, Quote, Record, Space, Verbatim, Visibility},
    id::Id,
};

use super::{
    answers::{Under, same_address},
    fields,
    map::{Fields, Kind, Table},
    records::{Engine, Row},
    rule,
};
use circle_content::{Result, audience, ident, report::Report, sink::Sink};
use circle_html::entities;

impl Engine<'_> {
    pub(super) fn post(
        &mut self,
        table: &Table,
        row: &Row<'_>,
        sink: &mut dyn Sink,
        report: &mut Report,
    ) -> Result<()> {
        let fields = &table.fields;
        let key = self.key(fields, "id", row, report);
        let pictures = key.as_deref().map(|key| self.pictures_of(&table.pictures.0, key)).unwrap_or_default();
        let said = self.said(fields, row, &pictures, sink, report)?;
        let title = row.text(fields, "title").map(|title| title.trim().to_owned());
        let quote = self.quote(fields, row, report);
        let link = self.link(fields, row);
        let empty = said.body.source.trim().is_empty() && title.is_none() && said.media.is_empty() && quote.is_none();
        if empty && link.is_none() && key.is_none() {
            self.nothing(row, report);
            return Ok(());
        }
        if empty && link.is_none() {
            self.tally.note("posts have neither text nor title nor picture", row.spot);
        }
        let id = match &key {
            Some(key) => ident::id(&self.map.source, "post", key),
            None => {
                ident::id(&self.map.source, "post", &format!("{}\n{}", said.weak, title.as_deref().unwrap_or_default()))
            }
        };
        if !self.is_new(Kind::Post, &id, row, key.is_some()) {
            return Ok(());
        }
        let word = |field: &str| row.text(fields, field).unwrap_or_default();
        let url = row.text(fields, "url").map(|url| url.trim().to_owned()).filter(|url| fields::is_web(url));
        let mut post = Post {
            id: id.clone(),
            visibility: self.visibility(fields, row).unwrap_or(self.options.default_visibility),
            // Blogs and forums store titles as HTML, also in their tables.
            title: title.as_deref().map(entities::decoded),
            quote,
            link,
            tags: tags(row.list(fields, "tags")),
            kind: self.kind(fields, row),
            reply_to: self.key(fields, "reply_to", row, report).map(|key| ident::id(&self.map.source, "post", &key)),
            weak_id: key.is_none(),
            src: self.src(row, key),
            extra: extra(table, row),
            author: said.author,
            created: said.created,
            edited: said.edited,
            body: said.body,
            media: said.media,
            counts: said.counts,
            ..Post::default()
        };
        post.flags.pinned = fields::yes(&word("pinned"));
        post.flags.digest = fields::yes(&word("digest"));
        post.flags.deleted = fields::not_no(&word("deleted"));
        post.flags.draft = fields::not_no(&word("draft"));
        post.flags.hidden = fields::not_no(&word("hidden"));
        post.flags.sensitive = fields::not_no(&word("sensitive"));
        self.unmapped(fields, Some(table), row).mark_post(&mut post);
        if post.visibility == Visibility::Unknown && answers(fields, row) {
            audience::mark_said(&mut post.extra);
        }
        if self.private.contains(&id) && circle_content::audience::of_post(&post).is_none() {
            let what = "rows show a post of which another row says that it is private; it is held back";
            self.tally.note(what, row.spot);
            post.visibility = Visibility::Unknown;
        }
        if let Some(url) = &url {
            self.by_url.insert(same_address(url), id.clone());
        }
        post.url = url;
        self.posts.insert(id.clone());
        if let Some(name) = row.text(fields, "space") {
            post.space = Some(self.space(name.trim(), circle_content::audience::of_post(&post).is_none()));
        }
        let fact_of = post.author.clone().unwrap_or_else(|| id.clone());
        sink.push(Record::Post(Box::new(post)))?;
        self.private_facts(&fact_of, fields, row, sink)?;
        self.own = false;
        for nested in &table.comments {
            let under = Under { post: &id, comment: None };
            self.nested(nested, &nested.rows, row, under, sink, report)?;
        }
        Ok(())
    }

    /// The audience that a row states. `None`: the map has no rule for it.
    pub(super) fn visibility(&mut self, fields: &Fields, row: &Row<'_>) -> Option<Visibility> {
        let rule = fields.get("visibility")?;
        let visibility = fields::visibility(&rule.each(row.value, row.spot));
        if visibility == Visibility::Unknown {
            let shown = rule.keys().find_map(|key| rule::word(&rule::look_up(row.value, key, row.spot)));
            let shown = shown.unwrap_or_default();
            self.tally.note(
                format!(
                    "records say `{}` of who could see them, which the map does not explain, so they are held back",
                    shown.trim()
                ),
                row.spot,
            );
        }
        Some(visibility)
    }

    pub(super) fn kind(&mut self, fields: &Fields, row: &Row<'_>) -> PostKind {
        let Some(word) = row.text(fields, "kind") else { return PostKind::default() };
        fields::kind(&word).unwrap_or_else(|| {
            self.tally.note(
                format!(
                    "posts are of the kind `{}`, which the map does not explain; they were taken as notes",
                    word.trim()
                ),
                row.spot,
            );
            PostKind::default()
        })
    }

    pub(super) fn quote(&mut self, fields: &Fields, row: &Row<'_>, report: &mut Report) -> Option<Quote> {
        let text =
            row.formatted(fields, "quote_text").map(|(text, format)| fields::text(text.trim().to_owned(), format));
        let post = self.key(fields, "quote_id", row, report).map(|key| ident::id(&self.map.source, "post", &key));
        let url = row.text(fields, "quote_url").filter(|url| fields::is_web(url));
        if text.is_none() && post.is_none() && url.is_none() {
            return None;
        }
        let author = row.text(fields, "quote_author").and_then(|name| self.people.mentioned(None, name.trim()));
        Some(Quote { post, author, url, text })
    }

    pub(super) fn link(&self, fields: &Fields, row: &Row<'_>) -> Option<Card> {
        let url = row.text(fields, "link").map(|url| url.trim().to_owned()).filter(|url| fields::is_web(url));
        let title = row.text(fields, "link_title").map(|title| entities::decoded(title.trim()));
        let summary = row.text(fields, "link_summary").map(|summary| summary.trim().to_owned());
        (url.is_some() || title.is_some()).then_some(Card { url, title, summary, image: None })
    }

    /// A space is pushed only if it has a published post, because a private chat has the name of a person.
    pub(super) fn space(&mut self, name: &str, shown: bool) -> Id {
        let id = ident::id(&self.map.source, "space", name);
        if shown {
            let space = || Space { id: id.clone(), name: name.to_owned(), ..Space::default() };
            self.spaces.entry(name.to_owned()).or_insert_with(space);
        }
        id
    }
}

fn tags(found: Vec<String>) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for tag in found {
        let tag = tag.trim().trim_matches(['#', '＃']).trim();
        if !tag.is_empty() && !tags.iter().any(|known| known == tag) {
            tags.push(tag.to_owned());
        }
    }
    tags
}

fn extra(table: &Table, row: &Row<'_>) -> Extra {
    let found = table.extra.iter().filter_map(|name| {
        let value = rule::look_up(row.value, name, row.spot);
        if value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty()) {
            return None;
        }
        Some((name.clone(), Verbatim(serde_json::value::to_raw_value(&value).ok()?)))
    });
    found.collect()
}

/// True for a row with a value for its audience.
fn answers(fields: &Fields, row: &Row<'_>) -> bool {
    let shown = |key: &str| rule::word(&rule::look_up(row.value, key, row.spot));
    let rule = fields.get("visibility");
    rule.is_some_and(|rule| rule.keys().any(|key| shown(key).is_some_and(|word| !word.trim().is_empty())))
}
