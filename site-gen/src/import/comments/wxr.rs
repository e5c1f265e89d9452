//! WordPress: WXR (eXtended RSS) 1.0 to 1.2, the file of "Tools → Export", with posts and comments.
//!
//! The shape is that of formats.md §1.14.
//!
//! 1. The file is gone through once for what posts refer to: the site, its authors, categories and attachments.
//! 2. The second time, every `item` that is a post or page becomes a post, with its comments. Drafts, what waits for review or its day,
//!    private and password-protected things and the bin are pushed with their marks. Attachments are media. Menu entries,
//!    revisions and the like are counted.
//! 3. Texts of before the block editor have no paragraphs: [`text::paragraphs`] makes them where WordPress would have.
//! 4. Pingbacks and trackbacks are machines' notices, not comments: they are counted.
//!
//! Ids are numbers of one site: its address goes into every key.

use std::collections::{BTreeMap, BTreeSet};

use circle_model::{
    archive::{
        Circle, CommentFlags, MediaRole, MediaState, MediaUse, Name, NameKind, Post, PostFlags, PostKind, Record,
        Source, Space, SpaceKind, Text, TitleFrom, Verbatim, Visibility,
    },
    id::Id,
    time::{Offset, Time, ZoneFrom},
};

use super::{
    fields, pages,
    rows::{Row, Threads},
    xml::{self, Element},
};
use crate::{
    Result,
    import::{Importer, Options, Recognised, Sink, dates, files::Wanted, ident, markdown},
    input::Input,
    report::Report,
};

mod text;

const SOURCE: &str = "wordpress";

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

    fn extent(&self) -> crate::import::parts::Extent {
        crate::import::parts::Extent::Files
    }

    fn recognise(&self, input: &Input) -> Recognised {
        match fields::first_files(input, &["xml"]).find(|entry| is_wxr(input, &entry.path)) {
            Some(entry) => Recognised::Yes(format!("{} is a WordPress export (WXR)", entry.path)),
            None => Recognised::No("a WordPress export .xml (WXR)"),
        }
    }

    fn import(&self, input: &Input, options: &Options, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        let mut threads = Threads::new(input, options, SOURCE);
        for entry in fields::with_extension(input, &["xml"]) {
            if !is_wxr(input, &entry.path) {
                report.note(format!("{}: not read, it is no WordPress export", entry.path));
                continue;
            }
            let path = entry.path.as_str();
            let mut reading = Reading { path, options, site: Site::default(), people: BTreeMap::new(), comments: 0 };
            reading.look(input)?;
            reading.circle(sink)?;
            let listed = reading.site.spaces.len();
            let mut kinds = BTreeMap::new();
            let mut number = 0_u64;
            xml::elements(input, path, 2, report, |element, report| {
                if element.name == "item" {
                    number += 1;
                    reading.item(&element, number, &mut threads, &mut kinds, sink, report)?;
                }
                Ok(())
            })?;
            if reading.site.spaces.len() > listed {
                // Categories that the head of the file does not list.
                reading.circle(sink)?;
            }
            for (kind, count) in kinds {
                report.note(format!("{path}: {count} items of the kind `{kind}` were not read: they are no posts"));
            }
        }
        threads.finish(sink, report)
    }
}

fn is_wxr(input: &Input, path: &str) -> bool {
    let head = fields::head(input, path);
    head.contains("wordpress.org/export/") || head.contains("<wp:wxr_version>")
}

/// What items refer to.
#[derive(Default)]
struct Site {
    base: String,
    title: String,
    about: String,
    version: String,
    spaces: Vec<Space>,
    /// Names by login.
    authors: BTreeMap<String, (String, String)>,
    /// Address, title and parent of attachments by number.
    attachments: BTreeMap<String, (String, String, String)>,
    /// Numbers of posts that not everybody could see.
    shut: BTreeSet<String>,
}

struct Reading<'a> {
    path: &'a str,
    options: &'a Options,
    site: Site,
    people: BTreeMap<String, Id>,
    comments: u64,
}

impl Reading<'_> {
    fn key(&self, number: &str) -> String {
        format!("{}#{number}", self.site.base)
    }

    fn look(&mut self, input: &Input) -> Result<()> {
        let mut link = String::new();
        let mut categories: Vec<(String, String, String)> = Vec::new();
        let site = &mut self.site;
        // What is wrong with the file is said the second time.
        xml::elements(input, self.path, 2, &mut Report::default(), |element, _| {
            match element.name.as_str() {
                "title" => element.text.trim().clone_into(&mut site.title),
                "description" => element.text.trim().clone_into(&mut site.about),
                "link" => element.text.trim().clone_into(&mut link),
                "wp:base_blog_url" => element.text.trim().clone_into(&mut site.base),
                "wp:wxr_version" => element.text.trim().clone_into(&mut site.version),
                "wp:author" => {
                    let name = [element.word("wp:author_display_name"), element.word("wp:author_login")];
                    let name = name.into_iter().find(|name| !name.is_empty()).unwrap_or_default();
                    let email = element.word("wp:author_email").to_owned();
                    site.authors.insert(element.word("wp:author_login").to_owned(), (name.to_owned(), email));
                }
                "wp:category" => categories.push((
                    element.word("wp:category_nicename").to_owned(),
                    element.word("wp:cat_name").to_owned(),
                    element.word("wp:category_parent").to_owned(),
                )),
                "item" if element.word("wp:post_type") == "attachment" => {
                    let address = [element.word("wp:attachment_url"), element.word("guid")];
                    let address = address.into_iter().find(|address| !address.is_empty()).unwrap_or_default();
                    let (title, parent) = (element.word("title").to_owned(), element.word("wp:post_parent").to_owned());
                    site.attachments.insert(element.word("wp:post_id").to_owned(), (address.to_owned(), title, parent));
                }
                "item" => {
                    let open = matches!(element.word("wp:status"), "publish" | "");
                    if !open || !element.word("wp:post_password").is_empty() {
                        site.shut.insert(element.word("wp:post_id").to_owned());
                    }
                }
                _ => {}
            }
            Ok(())
        })?;
        if site.base.is_empty() {
            site.base = link;
        }
        site.base = site.base.trim_end_matches('/').to_owned();
        let id = |base: &str, nice: &str| ident::id(SOURCE, "space", &format!("{base}#{}", decoded(nice)));
        for (nice, name, parent) in categories {
            let parent = Some(parent).filter(|parent| !parent.is_empty()).map(|parent| id(&site.base, &parent));
            let space = id(&site.base, &nice);
            site.spaces.push(Space { id: space, name: markdown::unescape(&name), kind: SpaceKind::Category, parent });
        }
        Ok(())
    }

    fn circle(&self, sink: &mut dyn Sink) -> Result<()> {
        let site = &self.site;
        sink.push(Record::Circle(Box::new(Circle {
            id: ident::id(SOURCE, "circle", &site.base),
            name: markdown::unescape(&site.title),
            platform: Some("WordPress".to_owned()),
            about: Some(site.about.clone()).filter(|about| !about.is_empty()).map(Text::plain),
            url: Some(site.base.clone()).filter(|base| base.starts_with("http")),
            spaces: site.spaces.clone(),
            src: self.src(None),
            ..Circle::default()
        })))
    }

    fn src(&self, id: Option<String>) -> Source {
        Source { source: SOURCE.to_owned(), file: Some(self.path.to_owned()), id, import: None }
    }

    fn item(
        &mut self,
        item: &Element,
        number: u64,
        threads: &mut Threads<'_>,
        kinds: &mut BTreeMap<String, u64>,
        sink: &mut dyn Sink,
        report: &mut Report,
    ) -> Result<()> {
        if report.tool.is_none() && !self.site.version.is_empty() {
            report.tool = Some(format!("WordPress WXR {}", self.site.version));
        }
        let place = format!("{}: item {number}", self.path);
        match item.word("wp:post_type") {
            "post" | "page" | "" => self.post(item, &place, threads, sink, report),
            "attachment" if self.site.shut.contains(item.word("wp:post_parent")) => {
                // Where the post's text shows it, it is kept apart with the post.
                threads.leave_out("attachments belong to posts that are not published: left out with them");
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
                if item.child("wp:comment").is_some() {
                    threads.leave_out("attachments have comments of their own, which were not read");
                }
                Ok(())
            }
            kind => {
                *kinds.entry(kind.to_owned()).or_default() += 1;
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
        // A file without numbers still has addresses.
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
        let title = markdown::unescape(item.word("title"));
        let slug = decoded(item.word("wp:post_name"));
        let shut = !item.word("wp:post_password").is_empty();
        let visibility = match status {
            "publish" | "" if shut => Visibility::Private,
            "private" => Visibility::Private,
            "publish" | "" | "draft" | "auto-draft" | "pending" | "future" | "trash" => Visibility::Public,
            _ => Visibility::Unknown,
        };
        if shut {
            threads.leave_out("posts have a password: kept apart, not published");
        }
        let id = ident::id(SOURCE, "post", &key);
        let parent = item.word("wp:post_parent");
        let guid = item.word("guid");
        let post = Post {
            id: id.clone(),
            author: self.author(item.word("dc:creator"), threads, sink)?,
            edited: Some(edited).filter(|edited| edited.utc.is_some() && edited.utc > created.utc),
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
            // Which page a page lies below is no answer to it; it is kept for whoever wants the tree.
            extra: Some(parent)
                .filter(|parent| !matches!(*parent, "" | "0"))
                .and_then(|parent| serde_json::value::to_raw_value(parent).ok())
                .map(|parent| ("post_parent".to_owned(), Verbatim(parent)))
                .into_iter()
                .collect(),
            ..Post::default()
        };
        sink.push(Record::Post(Box::new(post)))?;
        for comment in item.all("wp:comment") {
            self.comment(comment, &id, place, threads, sink, report)?;
        }
        Ok(())
    }

    /// The picture above a post, and galleries that name their pictures by number.
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
            let alt = Some(markdown::unescape(title)).filter(|title| !title.is_empty());
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
            let name = markdown::unescape(term.text.trim());
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
                "category" | "post_tag" | "tag" | "" if !tags.contains(&name) => tags.push(name),
                // `post_format`, languages, menus: words for the program.
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

    fn comment(
        &mut self,
        comment: &Element,
        post: &Id,
        place: &str,
        threads: &mut Threads<'_>,
        sink: &mut dyn Sink,
        report: &mut Report,
    ) -> Result<()> {
        self.comments += 1;
        match comment.word("wp:comment_type") {
            "pingback" | "trackback" => {
                threads.leave_out("pingbacks and trackbacks were not read: they are notices of machines");
                return Ok(());
            }
            "" | "comment" => {}
            _ => {
                threads.leave_out("comments of a kind that other programs made (orders, notes, …) were not read");
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
            parent: number("wp:comment_parent").map(|number| self.key(number)),
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

    /// A comment of somebody who also writes posts has their account's number and e-mail address; the account itself is known by its
    /// login, so the address, compared here and kept nowhere, brings the two together.
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

    /// A date of which the file gives the local and the universal form: their difference is the zone. Drafts have neither
    /// (`0000-00-00 00:00:00`).
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
        // The feed's date of a draft is the year -1.
        dates::read(feed, self.options).filter(|time| time.utc.is_some_and(|utc| utc.0 > 0)).unwrap_or_default()
    }
}

/// A slug in readable characters: Chinese ones are percent-encoded.
fn decoded(slug: &str) -> String {
    percent_encoding::percent_decode_str(slug).decode_utf8_lossy().into_owned()
}
