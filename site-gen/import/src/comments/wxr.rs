//! WordPress: WXR (eXtended RSS) 1.0 to 1.2, the file of "Tools → Export", with posts and comments.
//!
//! The shape is described in `docs/formats.md`.
//!
//! 1. The first pass collects what posts refer to: the site, its authors, categories and attachments.
//! 2. In the second pass every `item` that is a post or page becomes a post, with its comments. Drafts, pending and scheduled posts,
//!    private and password-protected ones, and deleted ones are pushed with their flags. Attachments become media. Menu entries, revisions
//!    and the like are counted.
//! 3. Texts from before the block editor have no paragraphs: [`text::paragraphs`] makes them as WordPress would.
//! 4. Pingbacks and trackbacks come from programs and are not comments: they are counted.
//! 5. A site's export may have several files. What one file states about attachments and restricted posts applies to all files of the site.
//! 6. [`forum`] reads bbPress, whose forums, topics and replies are items: spaces, posts and comments.
//!
//! Ids are numbers within one site, so the site's address is part of every key.

use std::collections::{BTreeMap, BTreeSet};

use circle_model::{
    archive::{
        Circle, CommentFlags, MediaRole, MediaState, MediaUse, Name, NameKind, Post, PostFlags, PostKind, Record,
        Source, Space, SpaceKind, Text, TitleFrom, Verbatim, Visibility,
    },
    id::Id,
    time::{Offset, Time, ZoneFrom},
};

use self::site::Site;
use super::{
    fields, pages,
    rows::{Answers, Row, Threads},
    xml::{self, Element},
};
use crate::{Importer, Recognised, files::Wanted};
use circle_content::{
    Result,
    audience::{self, Asks, AudienceMarks},
    dates, ident,
    input::Input,
    options::Options,
    report::{Part, Report},
    sink::{Ids, Sink},
};
use circle_html::entities;

mod forum;
mod site;
mod text;

const SOURCE: &str = "wordpress";

/// Types of items that WordPress and its themes create for themselves; those that begin with `wp_` are such types, too.
const MACHINERY: &[&str] = &[
    "revision",
    "nav_menu_item",
    "custom_css",
    "customize_changeset",
    "oembed_cache",
    "user_request",
    "scheduled-action",
    "acf-field",
    "acf-field-group",
    "elementor_library",
];

/// The importer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wxr;

impl Importer for Wxr {
    fn name(&self) -> &'static str {
        "wxr"
    }

    fn about(&self) -> &'static str {
        "WordPress 导出文件 (WXR .xml, 1.0–1.2): posts, pages, comments, attachments"
    }

    fn extent(&self) -> crate::contract::Extent {
        crate::contract::Extent::Files
    }

    fn ids(&self) -> Ids {
        Ids::Local
    }

    fn recognise(&self, input: &Input) -> Recognised {
        match fields::first_files(input, &["xml"]).find(|entry| is_wxr(input, &entry.path)) {
            Some(entry) => Recognised::Yes(format!("{} is a WordPress export (WXR)", entry.path)),
            None => Recognised::No("a WordPress export .xml (WXR)"),
        }
    }

    fn import(&self, input: &Input, options: &Options, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        let mut threads = Threads::new(input, options, SOURCE);
        let mut sites: BTreeMap<String, Reading<'_>> = BTreeMap::new();
        for entry in fields::with_extension(input, &["xml"]) {
            let path = entry.path.as_str();
            if !is_wxr(input, path) {
                report.note(format!("{path}: not read, it is no WordPress export"));
                continue;
            }
            let site = Site::look(input, path, options)?;
            report.made(site.made);
            report.comes_from(&site.base);
            let reading = sites.entry(site.base.clone()).or_insert_with(|| Reading::new(options));
            reading.paths.push(path);
            reading.site.add(site);
        }
        for reading in sites.values_mut() {
            reading.files(input, &mut threads, sink, report)?;
        }
        threads.finish(sink, report)
    }
}

/// True for an item that everybody could see, according to itself.
fn is_open(item: &Element) -> bool {
    let status = item.word("wp:status");
    let closed = status == "closed" && matches!(item.word("wp:post_type"), "topic" | "forum");
    (matches!(status, "publish" | "") || closed) && item.word("wp:post_password").is_empty()
}

fn is_wxr(input: &Input, path: &str) -> bool {
    let head = fields::head(input, path);
    head.contains("wordpress.org/export/") || head.contains("<wp:wxr_version>")
}

struct Reading<'a> {
    /// The files of the site.
    paths: Vec<&'a str>,
    /// The current file.
    path: &'a str,
    options: &'a Options,
    site: Site,
    people: BTreeMap<String, Id>,
    /// Items of other types, by file and type.
    kinds: BTreeMap<(&'a str, String), u64>,
}

impl<'a> Reading<'a> {
    fn new(options: &'a Options) -> Self {
        Self {
            paths: Vec::new(),
            path: "",
            options,
            site: Site::default(),
            people: BTreeMap::new(),
            kinds: BTreeMap::new(),
        }
    }

    /// Reads the files of one site: first all posts, then all comments, wherever they are.
    fn files(
        &mut self,
        input: &Input,
        threads: &mut Threads<'_>,
        sink: &mut dyn Sink,
        report: &mut Report,
    ) -> Result<()> {
        let paths = std::mem::take(&mut self.paths);
        self.path = paths.first().copied().unwrap_or_default();
        self.circle(sink)?;
        let listed = self.site.spaces.len();
        for path in &paths {
            self.path = path;
            let mut number = 0_u64;
            xml::elements(input, path, 2, report, |element, report| {
                if element.name == "item" {
                    number += 1;
                    self.item(&element, number, threads, sink, report)?;
                }
                Ok(())
            })?;
        }
        let replied = self.site.forums.has_replies();
        for path in paths.iter().filter(|_| replied) {
            self.path = path;
            let mut number = 0_u64;
            // The first pass reported errors in the file.
            xml::elements(input, path, 2, &mut Report::default(), |element, _| {
                number += u64::from(element.name == "item");
                if element.name == "item" && element.word("wp:post_type") == "reply" {
                    self.reply(&element, &format!("{path}: item {number}"), threads, sink, report)?;
                }
                Ok(())
            })?;
        }
        self.path = paths.first().copied().unwrap_or_default();
        if self.site.spaces.len() > listed {
            // Categories that the head of the file does not list.
            self.circle(sink)?;
        }
        for ((path, kind), count) in std::mem::take(&mut self.kinds) {
            if MACHINERY.contains(&kind.as_str()) || kind.starts_with("wp_") {
                report.note(format!("{path}: {count} items of the kind `{kind}` were not read: they are no posts"));
            } else {
                report.lose(Part::Entry, count, format!("{path}: {kind}"));
            }
        }
        Ok(())
    }

    fn key(&self, number: &str) -> String {
        format!("{}#{number}", self.site.base)
    }

    fn circle(&self, sink: &mut dyn Sink) -> Result<()> {
        let site = &self.site;
        sink.push(Record::Circle(Box::new(Circle {
            id: ident::id(SOURCE, "circle", &site.base),
            name: entities::decoded(&site.title),
            platform: Some("WordPress".to_owned()),
            about: Some(site.about.clone()).filter(|about| !about.is_empty()).map(Text::plain),
            url: Some(site.base.clone()).filter(|base| base.starts_with("http")),
            spaces: site.spaces.clone(),
            src: self.src(None),
            ..Circle::default()
        })))
    }

    fn src(&self, id: Option<String>) -> Source {
        Source { source: SOURCE.to_owned(), file: Some(self.path.to_owned()), id, ..Source::default() }
    }

    fn item(
        &mut self,
        item: &Element,
        number: u64,
        threads: &mut Threads<'_>,
        sink: &mut dyn Sink,
        report: &mut Report,
    ) -> Result<()> {
        if report.tool.is_none() && !self.site.version.is_empty() {
            report.tool = Some(format!("WordPress WXR {}", self.site.version));
        }
        let place = format!("{}: item {number}", self.path);
        match item.word("wp:post_type") {
            "post" | "page" | "topic" | "" => self.post(item, &place, threads, sink, report),
            "forum" => self.forum(item, &place, report),
            "reply" => Ok(()),
            "attachment" if self.site.shut.contains(item.word("wp:post_parent")) => {
                // If the post's text shows it, it is stored with the post on the private side.
                threads.leave_out("attachments belong to posts that are not published: left out with them");
                Ok(())
            }
            "attachment"
                if !matches!(item.word("wp:post_parent"), "" | "0")
                    && !self.site.known.contains(item.word("wp:post_parent")) =>
            {
                threads.leave_out(
                    "attachments belong to posts that are not in the export: who could see them, nothing says",
                );
                Ok(())
            }
            "attachment" => {
                let address = [item.word("wp:attachment_url"), item.word("guid")];
                let remote = address.into_iter().find(|address| !address.is_empty());
                let name = item.word("title");
                let name = remote
                    .and_then(|address| address.rsplit('/').next())
                    .filter(|name| !name.is_empty())
                    .unwrap_or(name);
                let wanted = Wanted { remote, name: Some(name), beside: self.path, ..Wanted::default() };
                threads.files().take(&wanted, sink)?;
                report.lose(Part::Comment, item.all("wp:comment").count() as u64, place);
                Ok(())
            }
            kind => {
                *self.kinds.entry((self.path, kind.to_owned())).or_default() += 1;
                Ok(())
            }
        }
    }

    fn post(
        &mut self,
        item: &Element,
        place: &str,
        threads: &mut Threads<'_>,
        sink: &mut dyn Sink,
        report: &mut Report,
    ) -> Result<()> {
        let own = item.word("wp:post_id");
        let link = item.word("link");
        // A file without ids still has addresses.
        let key = self.key(if own.is_empty() { link } else { own });
        let page = item.word("wp:post_type") == "page";
        let status = item.word("wp:status");
        let content = item.word("content:encoded");
        let mut body = Text::html(text::paragraphs(content));
        if content.is_empty() && !item.word("excerpt:encoded").is_empty() {
            body = Text::html(text::paragraphs(item.word("excerpt:encoded")));
        }
        let mut media = threads.files().in_text(&body, self.path, sink)?;
        self.more_media(item, content, own, &mut media, threads, sink)?;
        let created = self.time(
            item.word("wp:post_date"),
            item.word("wp:post_date_gmt"),
            item.word("pubDate"),
            place,
            threads,
            report,
        );
        let edited =
            self.time(item.word("wp:post_modified"), item.word("wp:post_modified_gmt"), "", place, threads, report);
        let (space, tags) = self.terms(item);
        let space = self.forum_space(item).or(space);
        let title = entities::decoded(item.word("title"));
        let slug = decoded(item.word("wp:post_name"));
        let shut = !item.word("wp:post_password").is_empty();
        let topic = item.word("wp:post_type") == "topic";
        let visibility = match status {
            "publish" | "closed" | "" if shut => Visibility::Private,
            "private" | "hidden" => Visibility::Private,
            "closed" | "spam" if topic => self.forum_seen(item),
            "publish" | "" if topic => self.forum_seen(item),
            "publish" | "" | "draft" | "auto-draft" | "pending" | "future" | "trash" => Visibility::Public,
            _ => Visibility::Unknown,
        };
        if shut {
            threads.leave_out("posts have a password: kept apart, not published");
        }
        // Plugins state a post's audience in custom fields.
        let mut told = AudienceMarks::default();
        for meta in item.all("wp:postmeta") {
            let asks = audience::asks(meta.word("wp:meta_key"));
            if let Some(asks @ (Asks::Audience | Asks::Permission | Asks::Private | Asks::Password)) = asks {
                told.hear(audience::says(asks, meta.word("wp:meta_value")));
            }
        }
        let id = ident::id(SOURCE, "post", &key);
        let parent = item.word("wp:post_parent");
        let guid = item.word("guid");
        let mut post = Post {
            id: id.clone(),
            author: self.author(item.word("dc:creator"), threads, sink)?,
            edited: dates::edit(Some(edited), &created),
            created,
            title: Some(title).filter(|title| !title.is_empty()),
            title_from: TitleFrom::Source,
            media,
            tags,
            space,
            kind: if page || body.source.chars().count() >= 200 { PostKind::Article } else { PostKind::Note },
            body,
            visibility,
            flags: PostFlags {
                pinned: item.word("wp:is_sticky") == "1",
                draft: matches!(status, "draft" | "auto-draft" | "pending" | "future"),
                deleted: status == "trash",
                hidden: status == "spam",
                locked: status == "closed",
                ..PostFlags::default()
            },
            url: Some(link.to_owned()).filter(|link| link.starts_with("http")),
            slug: Some(slug).filter(|slug| !slug.is_empty()),
            legacy_urls: [pages::place(link, None).path, guid.to_owned()]
                .into_iter()
                .filter(|address| {
                    address.len() > 1 && *address != link && (address.starts_with('/') || address.starts_with("http"))
                })
                .collect(),
            src: self.src(Some(key)),
            // The parent of a page is not a post that it answers; it is kept as data.
            extra: Some(parent)
                .filter(|parent| !topic && !matches!(*parent, "" | "0"))
                .and_then(|parent| serde_json::value::to_raw_value(parent).ok())
                .map(|parent| ("post_parent".to_owned(), Verbatim(parent)))
                .into_iter()
                .collect(),
            ..Post::default()
        };
        told.mark_post(&mut post);
        sink.push(Record::Post(Box::new(post)))?;
        let mut answers = Answers::default();
        for comment in item.all("wp:comment") {
            let number = |name: &str| Some(comment.word(name)).filter(|number| !matches!(*number, "" | "0"));
            if let Some(own) = number("wp:comment_id") {
                let shown = matches!(comment.word("wp:comment_approved"), "1" | "approve" | "");
                answers.note(self.key(own), number("wp:comment_parent").map(|number| self.key(number)), shown);
            }
        }
        for comment in item.all("wp:comment") {
            self.comment(comment, &id, &answers, place, threads, sink, report)?;
        }
        Ok(())
    }

    /// The picture above a post, and galleries that refer to their pictures by number.
    fn more_media(
        &self,
        item: &Element,
        content: &str,
        own: &str,
        media: &mut Vec<MediaUse>,
        threads: &mut Threads<'_>,
        sink: &mut dyn Sink,
    ) -> Result<()> {
        let meta = item.all("wp:postmeta").find(|meta| meta.word("wp:meta_key") == "_thumbnail_id");
        let cover = meta.map(|meta| (meta.word("wp:meta_value").to_owned(), MediaRole::Cover));
        let (named, all) = text::galleries(content);
        let mut wanted: Vec<(String, MediaRole)> = cover.into_iter().collect();
        wanted.extend(named.into_iter().map(|number| (number, MediaRole::Gallery)));
        if all {
            let of_this = self.site.attachments.iter().filter(|(_, (_, _, parent))| parent == own && !own.is_empty());
            wanted.extend(of_this.map(|(number, _)| (number.clone(), MediaRole::Gallery)));
        }
        let mut seen = BTreeSet::new();
        for (number, role) in wanted {
            let Some((address, title, _)) = self.site.attachments.get(&number) else { continue };
            if !seen.insert(number) {
                continue;
            }
            let alt = Some(entities::decoded(title)).filter(|title| !title.is_empty());
            let absent = Some((MediaState::Missing, "WordPress exports hold only the addresses of pictures"));
            let wanted = Wanted { remote: Some(address), beside: self.path, role, alt, absent, ..Wanted::default() };
            let mut used = threads.files().take(&wanted, sink)?;
            used.order = u32::try_from(media.len()).unwrap_or(u32::MAX);
            media.push(used);
        }
        Ok(())
    }

    fn terms(&mut self, item: &Element) -> (Option<Id>, Vec<String>) {
        let (mut space, mut tags) = (None, Vec::new());
        for term in item.all("category") {
            let name = entities::decoded(term.text.trim());
            let nice = decoded(term.attribute("nicename"));
            if name.is_empty() {
                continue;
            }
            match term.attribute("domain") {
                "category" | "" if matches!(nice.as_str(), "uncategorized" | "未分类" | "未分類") => {}
                "category" if space.is_none() => {
                    let id = ident::id(SOURCE, "space", &format!("{}#{nice}", self.site.base));
                    if !self.site.spaces.iter().any(|known| known.id == id) {
                        let kind = SpaceKind::Category;
                        self.site.spaces.push(Space { id: id.clone(), name, kind, parent: None });
                    }
                    space = Some(id);
                }
                "category" | "post_tag" | "topic-tag" | "tag" | "" if !tags.contains(&name) => tags.push(name),
                // `post_format`, languages, menus: terms for the program.
                _ => {}
            }
        }
        (space, tags)
    }

    fn author(&mut self, login: &str, threads: &mut Threads<'_>, sink: &mut dyn Sink) -> Result<Option<Id>> {
        if login.is_empty() {
            return Ok(None);
        }
        if let Some(known) = self.people.get(login) {
            return Ok(Some(known.clone()));
        }
        let (name, email) = self.site.authors.get(login).cloned().unwrap_or_default();
        let key = self.key(login);
        let id = threads.people().known(&key, if name.is_empty() { login } else { &name });
        if !name.is_empty()
            && name != login
            && let Some(member) = threads.people().edit(&id)
        {
            member.names.push(Name { value: login.to_owned(), kind: NameKind::Handle, since: None });
        }
        if !email.is_empty() {
            sink.keep_private(&id, "email", &email)?;
        }
        self.people.insert(login.to_owned(), id.clone());
        Ok(Some(id))
    }

    #[expect(clippy::too_many_arguments, reason = "what it answers, where it stands, and where it goes")]
    fn comment(
        &mut self,
        comment: &Element,
        post: &Id,
        answers: &Answers,
        place: &str,
        threads: &mut Threads<'_>,
        sink: &mut dyn Sink,
        report: &mut Report,
    ) -> Result<()> {
        match comment.word("wp:comment_type") {
            "pingback" | "trackback" => {
                threads.leave_out("pingbacks and trackbacks were not read: they are notices of machines");
                return Ok(());
            }
            "" | "comment" => {}
            _ => {
                report.lose(Part::Comment, 1, format!("{}: {}", self.path, comment.word("wp:comment_type")));
                return Ok(());
            }
        }
        let place = format!("{place}, comment {}", comment.word("wp:comment_id"));
        let approved = comment.word("wp:comment_approved");
        let number = |name: &str| Some(comment.word(name)).filter(|number| !matches!(*number, "" | "0"));
        let moment = self.time(
            comment.word("wp:comment_date"),
            comment.word("wp:comment_date_gmt"),
            "",
            &place,
            threads,
            report,
        );
        let row = Row {
            key: number("wp:comment_id").map(|number| self.key(number)),
            parent: answers.place(number("wp:comment_parent").map(|number| self.key(number)), None),
            user: number("wp:comment_user_id").map(|number| self.key(&format!("user {number}"))),
            name: comment.word("wp:comment_author"),
            email: comment.word("wp:comment_author_email"),
            link: comment.word("wp:comment_author_url"),
            ip: comment.word("wp:comment_author_IP"),
            moment: Some(moment),
            body: Text::html(text::paragraphs(comment.word("wp:comment_content"))),
            flags: CommentFlags {
                hidden: matches!(approved, "0" | "spam" | "hold"),
                deleted: matches!(approved, "trash" | "post-trashed"),
                ..CommentFlags::default()
            },
            file: self.path,
            place,
            ..Row::default()
        };
        let row = self.known_author(row);
        threads.comment(row, post.clone(), sink, report)
    }

    /// A comment by an author of posts has their account's number and email address, while the account is identified by its login. The
    /// address is compared here, and stored nowhere, to join the two.
    fn known_author<'r>(&self, mut row: Row<'r>) -> Row<'r> {
        let same =
            |(_, (_, email)): &(&String, &(String, String))| !email.is_empty() && email.eq_ignore_ascii_case(row.email);
        if row.user.is_some()
            && let Some((login, _)) = self.site.authors.iter().find(same)
        {
            row.user = Some(self.key(login));
        }
        row
    }

    /// A date that the file has in local time and in UTC: their difference is the zone. Drafts have neither (`0000-00-00 00:00:00`).
    fn time(
        &self,
        local: &str,
        universal: &str,
        feed: &str,
        place: &str,
        threads: &Threads<'_>,
        report: &mut Report,
    ) -> Time {
        let real = |text: &str| !text.is_empty() && !text.starts_with("0000-00-00");
        if real(local) && real(universal) {
            let utc = dates::read(&format!("{universal} +0000"), self.options);
            let civil = dates::read(&format!("{local} +0000"), self.options);
            if let (Some(utc), Some(civil)) = (utc, civil)
                && let (Some(moment), Some(shown)) = (utc.utc, civil.utc)
                && let Ok(offset) = i16::try_from((shown.0 - moment.0) / 60_000)
                && offset.abs() <= 15 * 60
            {
                let (offset, zone_from) = (Some(Offset(offset)), ZoneFrom::Explicit);
                return Time { raw: local.to_owned(), utc: Some(moment), offset, precision: utc.precision, zone_from };
            }
        }
        if real(local) {
            return threads.time(Some(local), place, report);
        }
        if real(universal) {
            return threads.time(Some(&format!("{universal} +0000")), place, report);
        }
        // The feed's date of a draft is in the year -1.
        dates::read(feed, self.options).filter(|time| time.utc.is_some_and(|utc| utc.0 > 0)).unwrap_or_default()
    }
}

/// A slug, percent-decoded: WordPress encodes Chinese.
fn decoded(slug: &str) -> String {
    percent_encoding::percent_decode_str(slug).decode_utf8_lossy().into_owned()
}
