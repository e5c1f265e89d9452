//! Turns one file into one post: front matter and body into the fields of the canonical record.

use circle_model::{
    archive::{
        Extra, MediaRole, Member, Name, NameKind, Post, PostFlags, PostKind, Record, Source, Text, TextFormat,
        TitleFrom, Visibility,
    },
    id::Id,
    text::{LineBreaks, excerpt, markdown_to_unsafe_html},
    time::Time,
};
use unicode_normalization::UnicodeNormalization as _;

use super::{
    audience, body,
    fields::{collect_tags, mentions_mail},
    front_matter::{self, Front, Value},
    pictures,
    window::Window,
};
use crate::{
    audience::{Says, of_path, of_title},
    dates, decode, ident,
    input::Input,
    locked,
    options::{Options, Outcome},
    report::Problem,
};
use circle_html::document;
use circle_html::{canonical, entities, privacy};

/// The maximum size of a text in bytes. The longest post of real collections had half a megabyte.
const LONGEST: u64 = 32 << 20;
/// A text without a title of its own is an article from this many characters on; otherwise it is a note.
const ARTICLE_FROM: usize = 200;

/// Reads one file. The result has at most one post, its authors as members, and a medium for every picture.
#[must_use]
pub fn read_post(input: &Input, path: &str, options: &Options) -> Outcome {
    let mut outcome = Outcome::default();
    let bytes = match input.read(path, LONGEST) {
        Ok(bytes) => bytes,
        Err(error) => {
            let problem = Problem { place: path.to_owned(), what: error.what, help: error.help };
            outcome.problems.push(problem);
            return outcome;
        }
    };
    let decoded = decode::text(&bytes);
    outcome.notes.extend(decoded.note.map(|note| format!("{path}: {note}")));
    if decoded.text.trim().is_empty() {
        outcome.problem(path, "there is nothing in this file", "write the post, or remove the file");
        return outcome;
    }
    Reading { input, path, options, text: &decoded.text, fields: Vec::new(), outcome }.run()
}

impl Outcome {
    fn problem(&mut self, place: &str, what: impl Into<String>, help: impl Into<String>) {
        self.problems.push(Problem { place: place.to_owned(), what: what.into(), help: help.into() });
    }
}

/// A file being read. Understood fields are removed from `fields`; the rest becomes `extra`.
struct Reading<'a> {
    input: &'a Input,
    path: &'a str,
    options: &'a Options,
    text: &'a str,
    fields: Vec<(String, Value)>,
    outcome: Outcome,
}

impl Reading<'_> {
    fn run(mut self) -> Outcome {
        let extension = self.path.rsplit_once('.').map_or("", |(_, e)| e).to_ascii_lowercase();
        let Front { fields, length, notes, .. } = front_matter::split(self.text);
        self.outcome.notes.extend(notes.into_iter().map(|note| format!("{}: {note}", self.path)));
        let front = length > 0;
        self.fields = fields;
        let source = self.text.get(length..).unwrap_or_default().to_owned();
        let mut post = Post::default();
        let cut = locked::cut(&source);
        let source = cut.as_ref().map_or(source, |cut| cut.text.clone());
        self.outcome.locked = cut.as_ref().map(|cut| cut.removed.clone()).unwrap_or_default();
        self.body(&mut post, source, &extension, front);
        self.title(&mut post);
        self.outcome.window = Window::of(&self.fields, self.options);
        self.dates(&mut post);
        self.people(&mut post);
        self.addresses(&mut post);
        self.marks(&mut post);
        if cut.is_some_and(|cut| cut.whole) {
            post.visibility = Visibility::Private;
        }
        self.tags(&mut post);
        let mut found = pictures::PostMedia::default();
        found.in_body(self.input, self.path, &post.body);
        self.covers(&mut found);
        post.media = found.uses;
        self.outcome.records.extend(found.media.into_iter().map(|medium| Record::Media(Box::new(medium))));
        self.identity(&mut post);
        post.extra.extend(self.rest());
        self.outcome.records.push(Record::Post(Box::new(post)));
        self.outcome
    }

    /// Removes a field, by any of its names. The first name with a non-empty value wins.
    fn take(&mut self, names: &[&str]) -> Option<(String, Value)> {
        for name in names {
            let at =
                self.fields.iter().position(|(field, value)| field.eq_ignore_ascii_case(name) && *value != Value::Null);
            if let Some(at) = at {
                return Some(self.fields.remove(at));
            }
        }
        None
    }

    fn take_text(&mut self, names: &[&str]) -> Option<String> {
        let (name, value) = self.take(names)?;
        match value.as_text() {
            Some(text) => Some(text.to_owned()),
            None => {
                self.fields.push((name, value));
                None
            }
        }
    }

    /// Removes a boolean field. A field with another value stays as an unknown one.
    fn take_bool(&mut self, name: &str) -> Option<bool> {
        let at = self
            .fields
            .iter()
            .position(|(field, value)| field.eq_ignore_ascii_case(name) && value.as_bool().is_some())?;
        self.fields.remove(at).1.as_bool()
    }

    fn body(&mut self, post: &mut Post, source: String, extension: &str, front: bool) {
        let lang = self.take_text(&["lang", "language"]).or_else(|| self.options.language.clone());
        let (format, source) = match extension {
            "html" | "htm" => {
                let document = document::document(&source);
                let title = match (&document.heading, &document.title) {
                    (Some(heading), _) => Some(heading.clone()),
                    (None, title) => title.clone(),
                };
                let headed = document.heading.is_some() && !self.fields.iter().any(|(name, _)| name == "title");
                let mut body = document.body;
                if headed {
                    body = document::without_heading(&body);
                }
                for (name, meta) in [("title", title.as_deref()), ("canonical", document.canonical.as_deref())] {
                    self.add(name, meta);
                }
                for (name, keys) in [
                    ("author", &["author", "article:author", "dc.creator"][..]),
                    (
                        "date",
                        &["article:published_time", "date", "pubdate", "dc.date", "publishdate", "og:release_date"][..],
                    ),
                    ("updated", &["article:modified_time", "last-modified"][..]),
                    ("tags", &["keywords", "article:tag"][..]),
                    ("canonical", &["og:url"][..]),
                    ("cover", &["og:image"][..]),
                    ("description", &["description"][..]),
                ] {
                    let meta = keys.iter().find_map(|key| document.meta.iter().find(|(name, _)| name == key));
                    self.add(name, meta.map(|(_, value)| value.as_str()));
                }
                // HTML pages have in their head what other files have in front matter.
                let marks = document.meta.iter().filter(|(name, value)| audience::is_mark(name, value));
                self.fields.extend(marks.map(|(name, value)| (name.clone(), Value::text(value))));
                (TextFormat::Html, body)
            }
            "txt" if !front => {
                let (title, rest) = source.trim_start_matches('\n').split_once('\n').unwrap_or((source.trim(), ""));
                let heading =
                    body::leading_heading(&source).is_none() && title.chars().count() <= 80 && !rest.trim().is_empty();
                let rest = if heading {
                    self.add("title", Some(title.trim()));
                    rest.to_owned()
                } else {
                    source.clone()
                };
                if body::is_markdown(&rest) {
                    (TextFormat::Markdown, body::with_hard_breaks(&rest))
                } else {
                    (TextFormat::Plain, rest)
                }
            }
            _ => {
                // This comes before tags are removed, or the text of comments would stay without the tags around it.
                let tidy = body::without_dialect(&canonical::without_comments(&source));
                if !tidy.unknown.is_empty() {
                    let tags = tidy.unknown.join(", ");
                    let note = format!("{}: tags of a blog theme were left out, their text stayed: {tags}", self.path);
                    self.outcome.notes.push(note);
                }
                let format = if body::is_html(&tidy.text) { TextFormat::Html } else { TextFormat::Markdown };
                (format, body::with_real_line_breaks(&tidy.text).unwrap_or(tidy.text))
            }
        };
        let source = if format == TextFormat::Plain { source } else { document::without_lazy_loading(&source) };
        post.body = Text { format, source: source.trim_matches('\n').to_owned(), lang };
    }

    fn add(&mut self, name: &str, value: Option<&str>) {
        let there = self.fields.iter().any(|(field, value)| field == name && *value != Value::Null);
        if let Some(value) = value.map(str::trim).filter(|value| !value.is_empty() && !there) {
            self.fields.push((name.to_owned(), Value::text(value)));
        }
    }

    fn title(&mut self, post: &mut Post) {
        let given = self.take_text(&["title", "headline", "标题"]);
        if let Some(text) = given.as_deref().filter(|text| text.contains("{{") && text.contains("}}")) {
            let note = format!("{}: the title is the template `{text}`, so this is taken for a draft", self.path);
            self.outcome.notes.push(note);
            post.flags.draft = true;
        }
        post.title = given.map(|title| entities::decoded(&title));
        if post.body.format == TextFormat::Markdown
            && let Some((heading, rest)) = body::leading_heading(&post.body.source)
            && post.title.as_ref().is_none_or(|title| *title == heading)
        {
            post.title = Some(heading);
            post.body.source = rest.trim_matches('\n').to_owned();
        }
        // In a translation, `subject` is the original's title. The translation's own heading comes first.
        if post.title.is_none() {
            post.title = self.take_text(&["subject"]);
        }
        let long = post.body.source.chars().count() >= ARTICLE_FROM;
        post.kind = if post.title.is_some() || long { PostKind::Article } else { PostKind::Note };
        if post.title.is_none() {
            post.title_from = TitleFrom::Derived;
            post.title = self.derived_title(post);
        }
    }

    /// The title: the file name if it consists of words, else the first sentence, else the file name as it is.
    fn derived_title(&self, post: &Post) -> Option<String> {
        let stem = file_stem(self.path);
        let words = stem.chars().any(|c| circle_model::text::is_cjk(c) || c == ' ');
        if words && !stem.trim().is_empty() {
            return Some(stem.trim().to_owned());
        }
        let page = match post.body.format {
            TextFormat::Plain => post.body.source.clone(),
            TextFormat::Html => document::plain_text(&post.body.source),
            TextFormat::Markdown => document::plain_text(&markdown_to_unsafe_html(&post.body.source, LineBreaks::Hard)),
        };
        let line = page.lines().map(str::trim).find(|line| line.chars().any(char::is_alphanumeric)).unwrap_or_default();
        // A very short first sentence, such as a greeting, is no title: then the whole line is used.
        let end = line.find(['。', '！', '？', '；', '!', '?', '，', '—']).unwrap_or(line.len());
        let sentence = line.get(..end).filter(|s| s.chars().count() >= 4).unwrap_or(line);
        let sentence = excerpt(sentence, 30);
        Some(if sentence.is_empty() { stem.trim().to_owned() } else { sentence }).filter(|title| !title.is_empty())
    }

    fn dates(&mut self, post: &mut Post) {
        // `published` is a boolean in Jekyll and a date elsewhere.
        let mut names =
            vec!["date", "created", "created_at", "createTime", "create_time", "time", "datetime", "pubDate"];
        names.extend(["publishDate", "publish_date", "date_published", "published_at", "pubDatetime", "日期", "时间"]);
        let published = self.fields.iter().any(|(name, value)| name == "published" && value.as_bool().is_none());
        if published {
            names.push("published");
        }
        let from_path = dates::from_path(self.path, self.options);
        let given = self.take_text(&names);
        let place = self.path;
        post.created = match given {
            None => from_path.unwrap_or_default(),
            Some(raw) if raw.contains("{{") => Time { raw, ..Time::default() },
            Some(raw) => match (dates::read(&raw, self.options), from_path) {
                (Some(time), _) => time,
                (None, Some(time)) => {
                    let note =
                        format!("{place}: the date `{raw}` cannot be read; the one of the file's name was taken");
                    self.outcome.notes.push(note);
                    self.fields.push(("date".into(), Value::text(raw)));
                    time
                }
                (None, None) => {
                    let help = "write it as 2021-05-29 or 2021-05-29 11:04; until then the post stands at the end, without a date";
                    self.outcome.problem(place, format!("the date `{raw}` cannot be read"), help);
                    Time { raw, ..Time::default() }
                }
            },
        };
        let names = [
            "updated",
            "lastmod",
            "last_modified_at",
            "date_updated",
            "modified",
            "lastUpdated",
            "edited",
            "updated_at",
        ];
        if let Some(raw) = self.take_text(&names) {
            match dates::read(&raw, self.options) {
                Some(time) => post.edited = Some(time),
                None => self.fields.push(("updated".into(), Value::text(raw))),
            }
        }
    }

    fn people(&mut self, post: &mut Post) {
        let mut names = vec!["author", "authors", "作者", "translator"];
        // `name` is the author only beside `url` or `time`, as in posts that were copied one by one. Elsewhere it is a menu entry.
        let copied = self.fields.iter().any(|(name, _)| matches!(name.as_str(), "url" | "time" | "link"))
            || !post.created.raw.is_empty();
        if copied {
            names.push("name");
        }
        names.extend(["nickname", "writer", "by"]);
        let Some((field, value)) = self.take(&names) else { return };
        let values = match &value {
            Value::List(items) => items.clone(),
            one => vec![one.clone()],
        };
        for person in &values {
            let (name, url) = match person {
                Value::Map(fields) => {
                    let text = |wanted: &str| {
                        fields.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).and_then(|(_, v)| v.as_text())
                    };
                    (text("name").or_else(|| text("nick")), text("url").or_else(|| text("link")))
                }
                other => (other.as_text(), None),
            };
            // `lctt: [名字](https://…)` and `名字 <mail>`: only the name is kept, never an email address.
            let name = name.map(|name| {
                name.split(['<', '('])
                    .next()
                    .unwrap_or_default()
                    .split("http")
                    .next()
                    .unwrap_or_default()
                    .trim()
                    .trim_matches(['[', ']'])
            });
            let Some(name) = name.filter(|name| !name.is_empty() && !name.contains('@')) else { continue };
            let member = member(name, url.filter(|url| is_web(url)));
            post.author.get_or_insert_with(|| member.id.clone());
            self.outcome.records.push(Record::Member(Box::new(member)));
        }
        if values.len() > 1 {
            self.fields.push((field, value));
        }
    }

    fn addresses(&mut self, post: &mut Post) {
        for names in [
            &["original_url", "original", "original_link", "source_url", "canonical", "canonicalURL", "canonical_url"]
                [..],
            &["url"],
            &["link"],
            &["source"],
            &["via"],
        ] {
            let Some((name, value)) = self.take(names) else { continue };
            match value.as_text() {
                Some(text) if is_web(text) && post.url.is_none() => post.url = Some(text.to_owned()),
                Some(text) if text.starts_with('/') => self.legacy(post, text),
                _ => self.fields.push((name, value)),
            }
        }
        for name in ["permalink", "aliases", "alias", "redirect_from"] {
            let Some((_, value)) = self.take(&[name]) else { continue };
            let items = if let Value::List(items) = value { items } else { vec![value] };
            for text in items.iter().filter_map(Value::as_text) {
                if is_web(text) && name == "permalink" && post.url.is_none() {
                    post.url = Some(text.to_owned());
                }
                self.legacy(post, text);
                if name == "permalink" {
                    let last = text.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
                    let last = last.trim_end_matches(".html").trim_end_matches(".htm");
                    if !last.is_empty() && !last.starts_with(':') && !last.contains("index") {
                        post.slug = Some(last.to_owned());
                    }
                }
            }
        }
        if let Some(slug) = self.take_text(&["slug", "abbrlink"]) {
            post.slug = Some(slug);
        }
        if post.slug.is_none() {
            post.slug = Some(file_stem(self.path)).filter(|slug| !slug.trim().is_empty());
        }
    }

    fn legacy(&mut self, post: &mut Post, address: &str) {
        let path = url::Url::parse(address).map_or_else(|_| address.to_owned(), |url| url.path().to_owned());
        let path = if path.starts_with('/') { path } else { format!("/{path}") };
        if !path.contains(':') && path != "/" && !post.legacy_urls.contains(&path) {
            post.legacy_urls.push(path);
        }
    }

    fn marks(&mut self, post: &mut Post) {
        post.visibility = self.options.default_visibility;
        let mut marks = audience::told(&mut self.fields);
        if super::encrypted::is_locked(self.input, self.path, &self.fields) {
            marks.told.hear(Says::Seen(Visibility::Private));
        }
        marks.told.hear(of_title(post.title.as_deref().unwrap_or_default()));
        self.outcome.unknown = marks.unknown;
        let told = marks.told;
        let pinned = self.any_mark(&["sticky", "top", "pinned", "pin", "istop"]);
        post.flags = PostFlags {
            pinned,
            digest: self.any_mark(&["featured", "digest", "recommend"]),
            locked: self.take_bool("comments") == Some(false),
            draft: post.flags.draft,
            ..PostFlags::default()
        };
        // A stated audience replaces the default, even if it is wider than the default.
        if let Some(told) = told.visibility {
            post.visibility = told;
        }
        told.mark_post(post);
        of_path("", self.path).mark_post(post);
    }

    /// True for `true`, and for numbers above zero, which many themes use as a sort key.
    fn any_mark(&mut self, names: &[&str]) -> bool {
        let mut marked = false;
        for name in names {
            if let Some(yes) = self.take_bool(name) {
                marked |= yes;
            } else if let Some((name, value)) = self.take(&[name]) {
                marked |= value.as_text().and_then(|text| text.parse::<i64>().ok()).is_some_and(|number| number > 0);
                self.fields.push((name, value));
            }
        }
        marked
    }

    fn tags(&mut self, post: &mut Post) {
        let mut tags = Vec::new();
        let spaced = self.path.split('/').any(|part| part == "_posts" || part == "_drafts");
        if let Some((_, value)) = self.take(&["tags", "tag", "标签"]) {
            collect_tags(&value, spaced, &mut tags);
        }
        let categories = self.take(&["categories", "category", "分类"]);
        if let Some((name, value)) = &categories {
            collect_tags(value, spaced, &mut tags);
            // Category paths have more meaning than a set of tags can express.
            self.fields.push((name.clone(), value.clone()));
        }
        if let Some((_, Value::Map(groups))) = self.take(&["taxonomies"]) {
            let tags_first =
                groups.iter().filter(|(name, _)| name == "tags").chain(groups.iter().filter(|(n, _)| n != "tags"));
            for (_, value) in tags_first {
                collect_tags(value, false, &mut tags);
            }
        }
        for tag in tags {
            if !post.tags.contains(&tag) {
                post.tags.push(tag);
            }
        }
    }

    fn covers(&mut self, found: &mut pictures::PostMedia) {
        const COVERS: [&str; 14] = [
            "headimg",
            "cover",
            "thumbnail",
            "banner",
            "image",
            "images",
            "featured_image",
            "feature_image",
            "header-img",
            "cover_image",
            "index_img",
            "banner_img",
            "top_img",
            "thumb",
        ];
        let mut values = Vec::new();
        for name in COVERS {
            values.extend(self.take(&[name]).map(|(name, value)| (name, value, MediaRole::Cover)));
        }
        values.extend(self.take(&["photos", "gallery"]).map(|(name, value)| (name, value, MediaRole::Gallery)));
        // Zola and many themes nest them one level down.
        if let Some((name, Value::Map(mut below))) = self.take(&["extra", "header"]) {
            let covers = below.iter().position(|(name, _)| COVERS.contains(&name.as_str()) || name == "teaser");
            values.extend(covers.map(|at| below.remove(at)).map(|(name, value)| (name, value, MediaRole::Cover)));
            if !below.is_empty() {
                self.fields.push((name, Value::Map(below)));
            }
        }
        for (name, value, role) in values {
            let items = match &value {
                Value::List(items) => items.clone(),
                Value::Map(fields) => {
                    let address = |n: &str| matches!(n, "src" | "url" | "path" | "image" | "feature" | "image_url");
                    fields.iter().filter(|(n, _)| address(n)).map(|(_, v)| v.clone()).collect()
                }
                one => vec![one.clone()],
            };
            let addresses: Vec<&str> = items.iter().filter_map(Value::as_text).filter(|a| looks_like_file(a)).collect();
            if addresses.is_empty() {
                // `cover: false` and colours are settings, not pictures.
                self.fields.push((name, value));
                continue;
            }
            for address in addresses {
                found.take(self.input, self.path, address, role, None);
            }
        }
    }

    fn identity(&mut self, post: &mut Post) {
        let given = self.take_text(&["id"]);
        post.weak_id = given.is_none();
        post.id = given.clone().map_or_else(|| ident::id("markdown", "post", self.path), Id::new);
        post.src =
            Source { source: "markdown".into(), file: Some(self.path.to_owned()), id: given, ..Source::default() };
    }

    /// Unknown fields, verbatim, without facts that no published record may contain.
    fn rest(&mut self) -> Extra {
        let mut extra = Extra::new();
        let mut private = Vec::new();
        for (name, value) in std::mem::take(&mut self.fields) {
            if privacy::is_private_name(&name) || mentions_mail(&value) {
                private.push(name);
            } else if let Some(verbatim) = value.verbatim().filter(|_| value != Value::Null && !name.is_empty()) {
                extra.entry(name).or_insert(verbatim);
            }
        }
        if !private.is_empty() {
            let note = format!("{}: private fields were left out: {}", self.path, private.join(", "));
            self.outcome.notes.push(note);
        }
        extra
    }
}

/// A member of whom only the name is known.
pub(super) fn member(name: &str, url: Option<&str>) -> Member {
    let name: String = name.trim().nfc().collect();
    Member {
        id: ident::member_by_name(&name),
        names: vec![Name { value: name, kind: NameKind::Display, since: None }],
        url: url.map(str::to_owned),
        weak_id: true,
        src: Source { source: "markdown".into(), ..Source::default() },
        ..Member::default()
    }
}

/// The file name without folders, extension and date; for `index.md` the name of its folder.
fn file_stem(path: &str) -> String {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let stem = if matches!(stem, "index" | "_index") { folder.rsplit('/').next().unwrap_or(stem) } else { stem };
    let rest = dates::date_prefix(stem)
        .and_then(|length| stem.get(length..))
        .map(|r| r.trim_start_matches(['-', '_', ' ', '.']));
    rest.filter(|rest| !rest.is_empty()).unwrap_or(stem).to_owned()
}

fn is_web(address: &str) -> bool {
    let lower = address.get(..8.min(address.len())).unwrap_or_default().to_ascii_lowercase();
    lower.starts_with("http://") || lower.starts_with("https:/")
}

fn looks_like_file(address: &str) -> bool {
    address.contains('/') || address.rsplit_once('.').is_some_and(|(_, e)| (2..=5).contains(&e.len()))
}
