//! Code that all comment systems share: turns rows with a page, a parent and an author into records.
//!
//! 1. A page is pushed with its first publishable comment ([`Threads::page`]).
//! 2. A comment is pushed as soon as it is read ([`Threads::comment`]). Its parent may come later or never: ids are made from keys, so
//!    nothing must be sorted.
//! 3. Email and IP addresses go to the private side. The browser (`ua`) and the hash of an avatar are private, too, and are only counted.
//! 4. A person is a user of the site, or else a name together with an email address (as a hash), so that two people with the same name stay
//!    two.

use std::collections::{BTreeMap, BTreeSet};

use circle_model::{
    archive::{Comment, CommentFlags, Count, Counts, Post, Record, Role, Source, Text, TextFormat, Visibility},
    id::Id,
    time::Time,
};
use serde_json::Value;

use super::pages::{self, Page};
use crate::{files::Files, json::Fields as _, people::People};
use circle_content::{Result, dates, ident, input::Input, options::Options, report::Report, sink::Sink};

/// Placeholder names that systems give to people without a name.
const NOBODY: &[&str] =
    &["anonymous", "anonymous user", "匿名", "匿名用户", "匿名者", "匿名访客", "游客", "null", "undefined", "deleted"];

/// A comment in the form of its system.
#[derive(Debug, Default)]
pub(super) struct Row<'a> {
    /// Its key at the source, unique in the whole source. Without one the id is made from the content.
    pub(super) key: Option<String>,
    /// The key of the comment it answers.
    pub(super) parent: Option<String>,
    /// The author's key, if the site has users.
    pub(super) user: Option<String>,
    /// The author's name.
    pub(super) name: &'a str,
    /// The author's email address, or the site's replacement for it.
    pub(super) email: &'a str,
    /// The author's website.
    pub(super) link: &'a str,
    /// The author's IP address.
    pub(super) ip: &'a str,
    /// True if the source has the author's browser.
    pub(super) agent: bool,
    /// True if the source has an avatar or its hash.
    pub(super) picture: bool,
    /// The author's role on the site.
    pub(super) role: Option<Role>,
    /// When it was written, as the source has it.
    pub(super) created: Option<String>,
    /// The parsed time, if the importer has it; takes precedence over `created`.
    pub(super) moment: Option<Time>,
    /// When it was edited.
    pub(super) edited: Option<String>,
    /// The parsed time of the edit; takes precedence over `edited`.
    pub(super) changed: Option<Time>,
    /// Who could see it, if that differs from the page.
    pub(super) visibility: Option<Visibility>,
    /// Its text.
    pub(super) body: Text,
    /// Its flags.
    pub(super) flags: CommentFlags,
    /// The number of likes.
    pub(super) likes: Option<u64>,
    /// Its floor.
    pub(super) order: Option<u64>,
    /// The file that contains it.
    pub(super) file: &'a str,
    /// Its position, for the report.
    pub(super) place: String,
}

/// Which comment answers which. A hidden comment is not in its thread: its replies move to the comment it answered.
#[derive(Debug, Default)]
pub(super) struct Answers(BTreeMap<String, (Option<String>, bool)>);

/// The maximum number of hidden comments between a reply and its new parent.
const DEEPEST: usize = 64;

impl Answers {
    /// Notes a comment, the comment it answers, and whether it is published.
    pub(super) fn note(&mut self, key: String, parent: Option<String>, shown: bool) {
        self.0.insert(key, (parent, shown));
    }

    /// The visible comment that a reply to `parent` belongs to; `root` is the first comment of the thread, if the source states it. If no
    /// visible comment is found, the parent stays as the source has it.
    pub(super) fn place(&self, parent: Option<String>, root: Option<String>) -> Option<String> {
        let mut at = parent.clone();
        for _ in 0..DEEPEST {
            match at.as_ref().and_then(|key| self.0.get(key)) {
                Some((_, true)) => return at,
                Some((above, false)) => at.clone_from(above),
                None => break,
            }
        }
        let root = root.filter(|root| self.0.get(root).is_some_and(|(_, shown)| *shown));
        root.or(parent)
    }
}

/// The comments of one import.
#[derive(Debug)]
pub(super) struct Threads<'a> {
    source: &'static str,
    /// The source of their pages. Differs if two systems share their comments, but not what they know of pages.
    pages_of: &'static str,
    options: &'a Options,
    people: People,
    guests: People,
    files: Files<'a>,
    pages: BTreeMap<String, Id>,
    /// Pages without a publishable comment so far.
    waiting: BTreeMap<Id, Post>,
    seen: BTreeSet<Id>,
    left_out: BTreeMap<&'static str, u64>,
}

impl<'a> Threads<'a> {
    /// For the import of `input`.
    pub(super) fn new(input: &'a Input, options: &'a Options, source: &'static str) -> Self {
        Self {
            source,
            pages_of: source,
            options,
            people: People::new(source),
            guests: People::new("guest"),
            files: Files::new(input, options, source),
            pages: BTreeMap::new(),
            waiting: BTreeMap::new(),
            seen: BTreeSet::new(),
            left_out: BTreeMap::new(),
        }
    }

    /// Keeps pages separate from those of another system with the same source.
    pub(super) fn with_pages_of(mut self, system: &'static str) -> Self {
        self.pages_of = system;
        self
    }

    /// The site's users, to add what the source knows of them.
    pub(super) fn people(&mut self) -> &mut People {
        &mut self.people
    }

    /// The media of the import.
    pub(super) fn files(&mut self) -> &mut Files<'a> {
        &mut self.files
    }

    /// Counts something that is left out on purpose. `what` follows the number in the note.
    pub(super) fn leave_out(&mut self, what: &'static str) {
        *self.left_out.entry(what).or_default() += 1;
    }

    /// The post of a page. It is pushed with its first publishable comment, so a page with only spam has no post.
    pub(super) fn page(&mut self, page: &Page<'_>, file: &str) -> Id {
        let key = pages::place(page.address, page.site).key;
        if let Some(known) = self.pages.get(&key) {
            return known.clone();
        }
        let post = pages::post(page, self.pages_of, file, self.options);
        let id = post.id.clone();
        self.pages.insert(key, id.clone());
        self.waiting.insert(id.clone(), post);
        id
    }

    /// Pushes a comment on `post` (empty if the post is unknown).
    pub(super) fn comment(
        &mut self,
        mut row: Row<'_>,
        post: Id,
        sink: &mut dyn Sink,
        report: &mut Report,
    ) -> Result<()> {
        let created = match row.moment.clone() {
            Some(moment) => moment,
            None => self.time(row.created.as_deref(), &row.place, report),
        };
        let key = row.key.clone().unwrap_or_else(|| {
            format!(
                "{}\0{}\0{}",
                row.name.trim(),
                created.raw,
                row.body.source.split_whitespace().collect::<Vec<_>>().join(" ")
            )
        });
        let id = ident::id(self.source, "comment", &key);
        if !self.seen.insert(id.clone()) {
            self.leave_out("comments stand in the export more than once; the last of each was taken");
        }
        let mut body = std::mem::take(&mut row.body);
        body.source = without_machinery(&body);
        if !row.flags.hidden
            && !row.flags.deleted
            && let Some(page) = self.waiting.remove(&post)
        {
            sink.push(Record::Post(Box::new(page)))?;
        }
        let author = self.author(&row, &id, sink)?;
        if row.agent {
            self.leave_out("comments name their author's browser (ua): left out");
        }
        if row.picture {
            self.leave_out("comments name their author's picture or its hash: not fetched, left out");
        }
        let mut media = self.files.in_text(&body, row.file, sink)?;
        for (order, used) in media.iter_mut().enumerate() {
            used.order = u32::try_from(order).unwrap_or(u32::MAX);
        }
        let parent = row.parent.filter(|parent| !parent.is_empty()).map(|key| ident::id(self.source, "comment", &key));
        let edited = row.edited.as_deref().and_then(|raw| dates::read(raw, self.options));
        let edited = row.changed.take().or(edited);
        let comment = Comment {
            id,
            post,
            // A reply to itself is a reply to the post.
            parent: parent.filter(|parent| row.key.is_none() || *parent != ident::id(self.source, "comment", &key)),
            author,
            edited: dates::edit(edited, &created),
            created,
            body,
            media,
            order: row.order,
            visibility: row.visibility,
            flags: row.flags,
            counts: Counts { like: row.likes.filter(|likes| *likes > 0).map(Count::exactly), ..Counts::default() },
            weak_id: row.key.is_none(),
            src: Source {
                source: self.source.to_owned(),
                file: Some(row.file.to_owned()),
                id: row.key,
                ..Source::default()
            },
            ..Comment::default()
        };
        sink.push(Record::Comment(Box::new(comment)))
    }

    /// Reads a date. One that cannot be read stays as text, and is a problem.
    pub(super) fn time(&self, raw: Option<&str>, place: &str, report: &mut Report) -> Time {
        let Some(raw) = raw.filter(|raw| !raw.trim().is_empty()) else { return Time::default() };
        dates::read(raw, self.options).unwrap_or_else(|| {
            let help = "the comment is kept, without a date";
            report.problem(
                place,
                format!("the date `{}` cannot be read", raw.chars().take(60).collect::<String>()),
                help,
            );
            Time { raw: raw.to_owned(), ..Time::default() }
        })
    }

    /// Pushes the people, and reports what was left out and the number of pages.
    pub(super) fn finish(mut self, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        let shown = self.pages.len() - self.waiting.len();
        if !self.waiting.is_empty() {
            // They are not pushed as hidden, because another system may have published comments on the same page.
            report.note(format!("{} pages have only comments that are not shown: left out", self.waiting.len()));
        }
        self.people.finish(sink)?;
        self.guests.finish(sink)?;
        self.files.finish(sink, report)?;
        if shown > 0 {
            report.note(format!(
                "{shown} pages have comments, and the export has only the addresses of the pages; where a post with such an address is \
                 imported too, the build shows them below it"
            ));
        }
        for (what, count) in std::mem::take(&mut self.left_out) {
            report.note(format!("{count} {what}"));
        }
        Ok(())
    }

    fn author(&mut self, row: &Row<'_>, comment: &Id, sink: &mut dyn Sink) -> Result<Option<Id>> {
        let (name, email) = (row.name.trim(), row.email.trim());
        let user = row.user.as_deref().map(str::trim).filter(|user| !user.is_empty());
        let nobody = NOBODY.contains(&name.to_lowercase().as_str());
        let (author, people) = if let Some(user) = user {
            (Some(self.people.known(user, if nobody { "" } else { name })), &mut self.people)
        } else if name.is_empty() || nobody {
            (None, &mut self.guests)
        } else if email.is_empty() {
            (self.guests.named(name), &mut self.guests)
        } else {
            let key = ident::id("guest", "e-mail", &format!("{name}\0{}", email.to_lowercase()));
            let id = self.guests.known(key.as_str(), name);
            if let Some(member) = self.guests.edit(&id) {
                member.role = Role::Guest;
            }
            (Some(id), &mut self.guests)
        };
        if let Some(member) = author.as_ref().and_then(|id| people.edit(id)) {
            if let Some(role) = row.role {
                member.role = role;
            }
            if member.url.is_none() {
                member.url = web(row.link);
            }
        }
        let of = author.as_ref().unwrap_or(comment);
        if !email.is_empty() {
            sink.keep_private(of, "email", email)?;
        }
        if !row.ip.trim().is_empty() {
            sink.keep_private(of, "ip", row.ip.trim())?;
        }
        Ok(author)
    }
}

/// The address of an author's website. Many people write it without its scheme.
fn web(link: &str) -> Option<String> {
    let link = link.trim();
    let lower = link.to_ascii_lowercase();
    if lower.starts_with("http://") || lower.starts_with("https://") {
        return Some(link.to_owned()).filter(|link| link.len() > 10);
    }
    let bare = !link.contains([':', '@', ' ', '<', '"']) && link.contains('.') && link.len() > 3;
    bare.then(|| format!("http://{}", link.trim_start_matches('/')))
}

/// A date as databases store it: text or number, `{"__type":"Date","iso":…}` (LeanCloud), `{"$date":…}` and `{"$numberLong":…}` (MongoDB).
pub(super) fn moment(value: &Value) -> Option<String> {
    match value {
        Value::Object(_) => ["iso", "$date", "$numberLong", "_seconds"].iter().find_map(|key| moment(value.at(key))),
        _ => value.word(""),
    }
}

/// An id as databases store it: text, a number, or `{"$oid":…}` (MongoDB). `0`, `null` and similar values are not ids.
pub(super) fn key(value: &Value) -> Option<String> {
    let key = match value {
        Value::Object(_) => value.id(&["$oid", "objectId"]),
        _ => value.id(&[""]),
    };
    key.filter(|key| !matches!(key.as_str(), "0" | "null" | "undefined" | "NaN"))
}

/// HTML if it has elements; otherwise Markdown, which includes plain text with line breaks.
pub(super) fn html_or_markdown(text: &str) -> Text {
    let html =
        ["</p>", "<br", "</a>", "<img", "</div>", "</code>", "<p>", "</blockquote>", "</li>", "</strong>", "</em>"];
    let lower = text.to_ascii_lowercase();
    let fenced = lower.contains("```");
    if !fenced && html.iter().any(|tag| lower.contains(tag)) { Text::html(text) } else { Text::markdown(text) }
}

/// A comment's text without parts that only work on the site's own page: links to its anchors (`<a href="#5c…">@name</a>`) become text, and
/// emoji pictures become their words.
fn without_machinery(body: &Text) -> String {
    match body.format {
        TextFormat::Html => without_faces(&without_anchors(&body.source)),
        TextFormat::Markdown => without_faces(&without_markdown_anchors(&body.source)),
        TextFormat::Plain => body.source.clone(),
    }
}

fn without_anchors(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, after)) = rest.split_once("<a ") {
        out.push_str(before);
        let tag = after.split_once('>');
        let local = tag.is_some_and(|(tag, _)| ["href=\"#", "href='#", "href=#"].iter().any(|href| tag.contains(href)));
        match tag.filter(|_| local).and_then(|(_, inner)| inner.split_once("</a>")) {
            Some((words, after)) => {
                out.push_str(words);
                rest = after;
            }
            None => {
                out.push_str("<a ");
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

fn without_markdown_anchors(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("[@") {
        out.push_str(before);
        let link = after.split_once("](#").and_then(|(name, after)| Some((name, after.split_once(')')?)));
        match link.filter(|(name, (anchor, _))| !name.contains(['\n', ']']) && !anchor.contains(char::is_whitespace)) {
            Some((name, (_, after))) => {
                out.push('@');
                out.push_str(name);
                rest = after;
            }
            None => {
                out.push_str("[@");
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

fn without_faces(html: &str) -> String {
    const FACES: &[&str] = &["emoji", "emotion", "smiley", "owo", "biaoqing", "emote", "sticker"];
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, after)) = rest.split_once("<img") {
        out.push_str(before);
        let (tag, following) = after.split_once('>').unwrap_or((after, ""));
        let class = attribute(tag, "class").unwrap_or_default().to_ascii_lowercase();
        let words =
            ["alt", "title"].iter().find_map(|name| attribute(tag, name)).filter(|words| !words.trim().is_empty());
        match words.filter(|_| FACES.iter().any(|face| class.contains(face))) {
            // The value of an attribute is already escaped for HTML.
            Some(words) => out.push_str(words),
            None => {
                out.push_str("<img");
                rest = after;
                continue;
            }
        }
        rest = following;
    }
    out.push_str(rest);
    out
}

/// The raw value of an attribute inside a tag.
fn attribute<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    let (_, value) = tag.split_once(&format!(" {name}="))?;
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    value.strip_prefix(quote)?.split(quote).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_to_what_is_not_shown_stands_below_what_that_answered() {
        let key = |key: &str| Some(key.to_owned());
        let mut answers = Answers::default();
        answers.note("1".to_owned(), None, true);
        answers.note("2".to_owned(), key("1"), false);
        answers.note("3".to_owned(), key("2"), false);
        answers.note("9".to_owned(), None, false);
        answers.note("a".to_owned(), key("b"), false);
        answers.note("b".to_owned(), key("a"), false);
        assert_eq!(answers.place(key("1"), None), key("1"));
        assert_eq!(answers.place(key("3"), None), key("1"));
        assert_eq!(answers.place(key("9"), None), key("9"));
        assert_eq!(answers.place(key("gone"), key("1")), key("1"));
        assert_eq!(answers.place(key("gone"), None), key("gone"));
        assert_eq!(answers.place(key("a"), key("1")), key("1"));
        assert_eq!(answers.place(None, None), None);
    }

    #[test]
    fn words_stay_when_the_machinery_goes() {
        let html = r##"<p><a class="at" href="#5c71">@林晚 </a> , 好<img class="vemoji" src="https://cdn.example/a.png" alt="[微笑]"> <a href="/x">见</a><img src="b.png"></p>"##;
        assert_eq!(
            without_machinery(&Text::html(html)),
            r#"<p>@林晚  , 好[微笑] <a href="/x">见</a><img src="b.png"></p>"#
        );
        let markdown = "[@阿木](#52): 见 [这里](#注) 与 [@没有";
        assert_eq!(without_machinery(&Text::markdown(markdown)), "@阿木: 见 [这里](#注) 与 [@没有");
    }

    #[test]
    fn dates_and_ids_of_databases() {
        let value = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        for (json, wanted) in [
            (r#"{"__type":"Date","iso":"2021-05-29T03:04:17.000Z"}"#, Some("2021-05-29T03:04:17.000Z")),
            (r#"{"$date":{"$numberLong":"1622257457000"}}"#, Some("1622257457000")),
            ("1622257457000", Some("1622257457000")),
            ("null", None),
        ] {
            assert_eq!(moment(&value(json)).as_deref(), wanted, "{json}");
        }
        assert_eq!(key(&value(r#"{"$oid":"5f"}"#)).as_deref(), Some("5f"));
        assert_eq!((key(&value("0")), key(&value("\"\"")), key(&value("7")).as_deref()), (None, None, Some("7")));
    }

    #[test]
    fn a_page_of_the_web_is_told_from_other_things() {
        assert_eq!(web("https://a.example.com").as_deref(), Some("https://a.example.com"));
        assert_eq!(web("a.example.com/me").as_deref(), Some("http://a.example.com/me"));
        for link in ["", "http://", "javascript:alert(1)", "me@mail.example.com", "无"] {
            assert_eq!(web(link), None, "{link}");
        }
    }
}
