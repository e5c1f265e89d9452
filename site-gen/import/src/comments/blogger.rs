//! Blogger: the Atom file of "Back up content" (`blog-05-29-2021.xml`), and `feed.atom` of Google Takeout.
//!
//! 1. Both contain everything: posts, pages, comments and, in the older one, the template and the settings with the addresses of readers
//!    and admins. The category (`…/blogger/2008/kind#post`) or `blogger:type` states the kind of an entry. Only posts, pages and comments
//!    are read.
//! 2. Drafts (`app:draft`, `blogger:status`), scheduled posts and deleted ones are pushed with their flags. The settings state whether only
//!    invited readers could see the blog.
//! 3. The file is read once per kind, so the order of entries does not matter. A comment states its post, and the comment it answers.

use std::collections::{BTreeMap, BTreeSet};

use circle_model::{
    archive::{Circle, Post, PostFlags, PostKind, Record, Source, Text, Visibility},
    id::Id,
    time::{Time, Utc},
};

use super::{
    fields, pages,
    rows::{Row, Threads},
    xml::{self, Element},
};
use crate::{Importer, Recognised};
use circle_content::{
    Result,
    audience::{self, Asks, AudienceMarks},
    dates, ident,
    input::Input,
    options::Options,
    report::{Part, Report},
    sink::Sink,
};
use circle_html::entities;

const SOURCE: &str = "blogger";

/// The importer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Blogger;

impl Importer for Blogger {
    fn name(&self) -> &'static str {
        SOURCE
    }

    fn about(&self) -> &'static str {
        "Blogger 备份 (blog-….xml) and feed.atom of Google Takeout: posts, pages, comments"
    }

    fn extent(&self) -> crate::contract::Extent {
        crate::contract::Extent::Files
    }

    fn recognise(&self, input: &Input) -> Recognised {
        match fields::first_files(input, &["xml", "atom"]).find(|entry| is_blogger(input, &entry.path)) {
            Some(entry) => Recognised::Yes(format!("{} is a backup of a Blogger blog", entry.path)),
            None => Recognised::No("a Blogger backup .xml or feed.atom"),
        }
    }

    fn import(&self, input: &Input, options: &Options, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        let mut threads = Threads::new(input, options, SOURCE);
        for entry in fields::with_extension(input, &["xml", "atom"]) {
            if is_blogger(input, &entry.path) {
                let mut reading = Reading { input, options, path: &entry.path, ..Reading::new(input, options) };
                reading.file(&mut threads, sink, report)?;
            } else {
                report.note(format!("{}: not read, it is no Blogger backup", entry.path));
            }
        }
        threads.finish(sink, report)
    }
}

/// True for an Atom file with a whole blog. Ordinary feeds have no kinds.
pub(crate) fn is_blogger(input: &Input, path: &str) -> bool {
    let head = fields::head(input, path);
    head.contains("<feed")
        && ["schemas.google.com/blogger/2008/kind#", "schemas.google.com/blogger/2018", ".archive</id>"]
            .iter()
            .any(|mark| head.contains(mark))
        && head.contains("blogger")
}

struct Reading<'a> {
    input: &'a Input,
    options: &'a Options,
    path: &'a str,
    title: String,
    about: String,
    home: String,
    exported: Option<Utc>,
    /// Who could see the blog.
    seen: Visibility,
    posts: BTreeSet<String>,
    comments: BTreeSet<String>,
    others: BTreeMap<String, u64>,
}

/// The kind of an entry.
fn kind(entry: &Element) -> String {
    let own = entry.word("blogger:type");
    if !own.is_empty() {
        return own.to_lowercase();
    }
    let kinds = entry.all("category").filter(|category| category.attribute("scheme").ends_with("#kind"));
    let term = kinds.map(|category| category.attribute("term")).next().unwrap_or_default();
    term.rsplit_once('#').map_or("", |(_, kind)| kind).to_lowercase()
}

impl<'a> Reading<'a> {
    fn new(input: &'a Input, options: &'a Options) -> Self {
        Self {
            input,
            options,
            path: "",
            title: String::new(),
            about: String::new(),
            home: String::new(),
            exported: None,
            seen: Visibility::Public,
            posts: BTreeSet::new(),
            comments: BTreeSet::new(),
            others: BTreeMap::new(),
        }
    }

    fn file(&mut self, threads: &mut Threads<'_>, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        let (input, path) = (self.input, self.path);
        // Errors in the file are reported only once.
        xml::elements(input, path, 1, report, |element, report| {
            self.head(&element, report);
            Ok(())
        })?;
        report.made(self.exported);
        report.comes_from(&self.home);
        if self.seen != Visibility::Public {
            report.note("only readers whom its author invited could see this blog, so nothing of it is published; `circlekeep decide publish` publishes");
        }
        if !self.title.is_empty() {
            sink.push(Record::Circle(Box::new(Circle {
                id: ident::id(SOURCE, "circle", if self.home.is_empty() { &self.title } else { &self.home }),
                name: self.title.clone(),
                platform: Some("Blogger".to_owned()),
                about: Some(self.about.clone()).filter(|about| !about.is_empty()).map(Text::plain),
                url: Some(self.home.clone()).filter(|home| home.starts_with("http")),
                src: self.src(None),
                ..Circle::default()
            })))?;
        }
        let mut number = 0_u64;
        xml::elements(input, path, 1, &mut Report::default(), |entry, _| {
            number += u64::from(entry.name == "entry");
            match kind(&entry).as_str() {
                what @ ("post" | "page") if entry.name == "entry" => {
                    let place = format!("{path}: entry {number}");
                    self.post(&entry, what == "page", &place, threads, sink, report)
                }
                _ => Ok(()),
            }
        })?;
        let mut number = 0_u64;
        xml::elements(input, path, 1, &mut Report::default(), |entry, _| {
            number += u64::from(entry.name == "entry");
            if entry.name == "entry" && kind(&entry) == "comment" {
                self.comment(&entry, format!("{path}: entry {number}"), threads, sink, report)?;
            }
            Ok(())
        })?;
        for (kind, count) in std::mem::take(&mut self.others) {
            if matches!(kind.as_str(), "template" | "settings") {
                report.note(format!("{path}: {count} items of the kind `{kind}` were not read: they are no posts"));
            } else {
                report.lose(Part::Entry, count, format!("{path}: {kind}"));
            }
        }
        Ok(())
    }

    /// What the file states about itself, and its kinds of entries.
    fn head(&mut self, element: &Element, report: &mut Report) {
        match element.name.as_str() {
            "title" => self.title = entities::decoded(element.text.trim()),
            "subtitle" => self.about = entities::decoded(element.text.trim()),
            "updated" => {
                self.exported = dates::read(element.text.trim(), self.options).and_then(|time| time.utc);
            }
            "generator" => report.tool = Some(format!("Blogger {}", element.attribute("version")).trim().to_owned()),
            "link" if element.attribute("rel") == "alternate" => element.attribute("href").clone_into(&mut self.home),
            "entry" => match kind(element).as_str() {
                "post" | "page" => {
                    self.posts.insert(element.word("id").to_owned());
                }
                "comment" => {
                    self.comments.insert(element.word("id").to_owned());
                }
                other => {
                    let id = element.word("id").to_uppercase();
                    let value = element.word("content").to_uppercase();
                    let by_invitation =
                        id.ends_with("READ_ACCESS_MODE") && !matches!(value.as_str(), "" | "EVERYONE" | "PUBLIC");
                    let with_readers = id.ends_with("BLOG_READERS") && !value.is_empty();
                    if other == "settings" && (by_invitation || with_readers) {
                        self.seen = Visibility::Unknown;
                    }
                    *self.others.entry(other.to_owned()).or_default() += 1;
                }
            },
            _ => {}
        }
    }

    fn src(&self, id: Option<String>) -> Source {
        Source { source: SOURCE.to_owned(), file: Some(self.path.to_owned()), id, ..Source::default() }
    }

    /// Who could see an entry, by everything that it states.
    fn told(&self, entry: &Element, created: &Time) -> AudienceMarks {
        let mut told = AudienceMarks::default();
        told.hear(audience::says(Asks::Status, entry.word("blogger:status")));
        told.draft |= entry
            .child("app:control")
            .is_some_and(|control| !matches!(control.word("app:draft").to_lowercase().as_str(), "" | "no" | "false"));
        told.deleted |= !entry.word("blogger:trashed").is_empty();
        // A scheduled post.
        let early = |(at, exported): (Utc, Utc)| at.0 > exported.0;
        told.draft |= created.utc.zip(self.exported).is_some_and(early);
        told
    }

    fn post(
        &mut self,
        entry: &Element,
        page: bool,
        place: &str,
        threads: &mut Threads<'_>,
        sink: &mut dyn Sink,
        report: &mut Report,
    ) -> Result<()> {
        let own = entry.word("id").to_owned();
        let body = body(entry);
        let media = threads.files().in_text(&body, self.path, sink)?;
        let created = threads.time(Some(entry.word("published")), place, report);
        let edited = dates::read(entry.word("updated"), self.options);
        let link = entry
            .all("link")
            .find(|link| link.attribute("rel") == "alternate" && link.attribute("type") != "application/atom+xml");
        let link = link.map(|link| link.attribute("href").to_owned()).unwrap_or_default();
        let file = entry.word("blogger:filename");
        let title = entities::decoded(entry.word("title"));
        let mut post = Post {
            id: ident::id(SOURCE, "post", &own),
            author: author(entry, threads, sink)?,
            edited: dates::edit(edited, &created),
            title: Some(title).filter(|title| !title.is_empty()),
            media,
            tags: tags(entry),
            kind: if page || body.source.chars().count() >= 200 { PostKind::Article } else { PostKind::Note },
            body,
            visibility: self.seen,
            flags: PostFlags::default(),
            url: Some(link.clone()).filter(|link| link.starts_with("http")),
            slug: stem(if link.is_empty() { file } else { &link }),
            legacy_urls: [pages::place(&link, None).path, file.to_owned()]
                .into_iter()
                .filter(|path| path.len() > 1 && path.starts_with('/'))
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect(),
            src: self.src(Some(own)),
            ..Post::default()
        };
        self.told(entry, &created).mark_post(&mut post);
        post.created = created;
        sink.push(Record::Post(Box::new(post)))
    }

    fn comment(
        &mut self,
        entry: &Element,
        place: String,
        threads: &mut Threads<'_>,
        sink: &mut dyn Sink,
        report: &mut Report,
    ) -> Result<()> {
        let answers = entry.child("thr:in-reply-to").map(|reply| reply.attribute("ref")).unwrap_or_default();
        let post = if answers.is_empty() { entry.word("blogger:parent") } else { answers };
        let post = self.whole(post, &self.posts).unwrap_or_else(|| post.to_owned());
        if !self.posts.contains(&post) {
            let help = "the comment is kept, and shown where its post is imported, too";
            report.problem(place.as_str(), "the post that it answers is not in the file".to_owned(), help);
        }
        let related = entry.all("link").find(|link| link.attribute("rel") == "related");
        let related = related.and_then(|link| link.attribute("href").rsplit('/').next()).unwrap_or_default();
        let parent = [entry.word("blogger:inReplyTo"), related].into_iter().find(|parent| !parent.is_empty());
        let parent = parent.and_then(|parent| self.whole(parent, &self.comments));
        let created = entry.word("published").to_owned();
        let told = self.told(entry, &Time::default());
        let writer = entry.child("author");
        let of = |name: &str| writer.map(|writer| writer.word(name)).unwrap_or_default();
        let mut row = Row {
            key: Some(entry.word("id").to_owned()).filter(|key| !key.is_empty()),
            parent,
            user: Some(of("uri").to_owned()).filter(|uri| !uri.is_empty()),
            name: of("name"),
            email: real_mail(of("email")),
            created: Some(created),
            body: body(entry),
            file: self.path,
            place,
            ..Row::default()
        };
        row.visibility = told.visibility;
        row.flags.deleted = told.deleted;
        row.flags.hidden = told.draft || told.hidden;
        threads.comment(row, ident::id(SOURCE, "post", &post), sink, report)
    }

    /// The full id for an id of which only the number is given.
    fn whole(&self, named: &str, known: &BTreeSet<String>) -> Option<String> {
        if named.is_empty() {
            return None;
        }
        if known.contains(named) {
            return Some(named.to_owned());
        }
        let number = named.rsplit(['-', '/']).next().unwrap_or(named);
        let any = known.iter().next()?;
        let (before, _) = any.rsplit_once("post-")?;
        Some(format!("{before}post-{number}")).filter(|whole| known.contains(whole))
    }
}

fn body(entry: &Element) -> Text {
    let content = entry.child("content").or_else(|| entry.child("summary"));
    let Some(content) = content else { return Text::default() };
    match content.attribute("type") {
        "text" => Text::plain(content.text.trim()),
        _ => Text::html(content.text.trim()),
    }
}

fn tags(entry: &Element) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for category in entry.all("category").filter(|category| !category.attribute("scheme").ends_with("#kind")) {
        let tag = category.attribute("term").trim().to_owned();
        if !tag.is_empty() && !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags
}

/// Blogger's common address for everybody who gave none.
fn real_mail(mail: &str) -> &str {
    if mail == "noreply@blogger.com" { "" } else { mail }
}

fn author(entry: &Element, threads: &mut Threads<'_>, sink: &mut dyn Sink) -> Result<Option<Id>> {
    let Some(writer) = entry.child("author") else { return Ok(None) };
    let (uri, name, mail) = (writer.word("uri"), writer.word("name"), real_mail(writer.word("email")));
    let id = threads.people().author(Some(uri), name);
    if let (Some(id), false) = (&id, mail.is_empty()) {
        sink.keep_private(id, "email", mail)?;
    }
    Ok(id)
}

/// `first` from `/2021/05/first.html`.
fn stem(path: &str) -> Option<String> {
    let name = path.split(['?', '#']).next().unwrap_or_default().rsplit('/').next().unwrap_or_default();
    let stem = name.strip_suffix(".html").unwrap_or(name);
    Some(stem.to_owned()).filter(|stem| !stem.is_empty() && path.contains('/'))
}
