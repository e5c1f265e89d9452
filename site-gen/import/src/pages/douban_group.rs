//! 豆瓣小组: folders of the archive tool (`小组名_ID/<title>/1.html, 2.html, …`, `images/`, `meta.json`, `failed_images.jsonl`), its single files
//! with embedded pictures, and topics that a browser saved.
//!
//! 1. A folder with numbered pages is one topic; any other page is a topic of its own. `_single_html_exports/` repeats topics beside it,
//!    and is read only for topics that are not there.
//! 2. [`topic::read`] parses one page. Pages are joined in order; a comment on two pages is one comment.
//! 3. A quoted comment is the parent if it is found; otherwise the quotation stays in the text.
//! 4. Locations (IP 属地) are not read. Collapsed comments are kept, because collapsing is not hiding.

use std::collections::{BTreeMap, BTreeSet};

use circle_model::{
    archive::{
        Circle, Comment, CommentFlags, CommentKind, Counts, Member, NameKind, Post, PostFlags, PostKind, Record, Role,
        Scope, Source, Space, SpaceKind, Text, TitleFrom, Visibility,
    },
    id::Id,
    time::Time,
};

use super::page::{self, Page};
use crate::{
    Importer, Recognised,
    files::Files,
    json::{self, Fields as _},
    people::People,
};
use circle_content::{
    Result, dates, ident, input::Input, media::prepare, options::Options, report::Report, sink::Sink,
};
use circle_html::sanitize::escaped;

mod topic;

use topic::{Quoted, Reply, Topic, Who};

const SOURCE: &str = "douban";

/// Saved topics of 豆瓣小组.
#[derive(Clone, Copy, Debug)]
pub(super) struct DoubanGroup;

impl Importer for DoubanGroup {
    fn name(&self) -> &'static str {
        "douban-group"
    }

    fn about(&self) -> &'static str {
        "豆瓣小组 (Douban groups): folders of douban-group-archive-tool, its single files, topics saved by a browser"
    }

    fn recognise(&self, input: &Input) -> Recognised {
        const WHAT: &str = "topics of 豆瓣小组 (小组名_ID/<title>/1.html with meta.json)";
        let mut looked = 0;
        let mut marked = 0;
        let folder_of_tool = input
            .entries()
            .iter()
            .any(|entry| numbered(&entry.path).is_some_and(|(folder, _)| input.has(&format!("{folder}/meta.json"))));
        for path in page::pages(input).take(6) {
            looked += 1;
            let head = page::head(input, path, 256 << 10);
            let marks = [
                "comment-item",
                "topic-content",
                "topic-richtext",
                "reply-doc",
                "douban.com/group/topic/",
                "topic-reply",
            ];
            marked += usize::from(marks.iter().filter(|mark| head.contains(*mark)).count() >= 2);
        }
        if marked > 0 && (folder_of_tool || marked * 2 > looked) {
            Recognised::Yes("its pages have the comments and texts of 豆瓣小组".to_owned())
        } else if folder_of_tool {
            Recognised::Maybe(
                "it has folders with 1.html and meta.json, as the archive tool for 豆瓣小组 writes".to_owned(),
            )
        } else {
            Recognised::No(WHAT)
        }
    }

    fn import(&self, input: &Input, options: &Options, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        let options = page::in_china(options);
        let topics = topics(input, report);
        let groups: BTreeSet<&String> =
            topics.iter().filter_map(|found| found.group.as_ref().map(|(id, _)| id)).collect();
        report.scope = if topics.len() == 1 { Scope::Thread } else { Scope::Circle };
        if topics.iter().any(|found| input.has(&format!("{}/meta.json", found.folder))) {
            report.tool = Some("douban-group-archive-tool".to_owned());
        }
        let many_groups = groups.len() > 1;
        let mut import = Importing {
            input,
            options: &options,
            files: Files::new(input, &options, SOURCE),
            people: People::new(SOURCE),
            numbers: BTreeMap::new(),
            circles: BTreeSet::new(),
            now_day: None,
            many_groups,
            posts: BTreeMap::new(),
            counts: BTreeMap::new(),
        };
        for found in &topics {
            import.topic(found, sink, report)?;
        }
        page::refuse_packed(input, report);
        import.rest(report);
        for (what, count) in std::mem::take(&mut import.counts) {
            report.note(format!("{count} {what}"));
        }
        import.people.finish(sink)?;
        import.files.finish(sink, report)
    }
}

/// The pages of one topic.
#[derive(Debug)]
struct TopicPages {
    folder: String,
    /// Number and path of each page, in order.
    pages: Vec<(u32, String)>,
    /// Id and name of the group, from the name of the folder.
    group: Option<(String, String)>,
}

/// Folder and page number of a page from the tool.
fn numbered(path: &str) -> Option<(&str, u32)> {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let number = name.rsplit_once('.').filter(|_| page::is_page(path))?.0.parse().ok()?;
    Some((folder, number))
}

fn topics(input: &Input, report: &mut Report) -> Vec<TopicPages> {
    let mut folders: BTreeMap<String, Vec<(u32, String)>> = BTreeMap::new();
    let mut repeated = 0_u64;
    for path in page::pages(input) {
        let original = path.replacen("_single_html_exports/", "", 1);
        if original != path && input.has(&original) {
            repeated += 1;
            continue;
        }
        match numbered(path) {
            Some((folder, number)) => folders.entry(folder.to_owned()).or_default().push((number, path.to_owned())),
            None => {
                folders.insert(path.to_owned(), vec![(1, path.to_owned())]);
            }
        }
    }
    if repeated > 0 {
        report.note(format!("{repeated} single files repeat topics that are beside them, and were not read again"));
    }
    let root = input.name().strip_suffix(".zip").unwrap_or(input.name()).to_owned();
    let named = |name: &str| {
        let (name, id) = name.rsplit_once('_')?;
        let known = !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.'));
        (known && !name.is_empty()).then(|| (id.to_owned(), name.to_owned()))
    };
    folders
        .into_iter()
        .map(|(folder, mut pages)| {
            pages.sort();
            let above =
                folder.rsplit('/').skip(1).filter(|name| !name.starts_with("_single_html")).chain([root.as_str()]);
            let group = above.filter_map(named).next();
            TopicPages { folder, pages, group }
        })
        .collect()
}

struct Importing<'a> {
    input: &'a Input,
    options: &'a Options,
    files: Files<'a>,
    people: People,
    /// The account number of a person whose address has a name.
    numbers: BTreeMap<String, String>,
    circles: BTreeSet<Id>,
    /// The day on which the current topic was saved.
    now_day: Option<jiff::civil::Date>,
    many_groups: bool,
    /// Topics by id, each with its folder.
    posts: BTreeMap<Id, String>,
    /// Notes, each with its number.
    counts: BTreeMap<&'static str, u64>,
}

impl Importing<'_> {
    fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }

    fn topic(&mut self, found: &TopicPages, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        let meta_file = format!("{}/meta.json", found.folder);
        let meta = if self.input.has(&meta_file) {
            json::whole(self.input, &meta_file, 1 << 20).unwrap_or_else(|error| {
                report.problem(&meta_file, error.what, error.help);
                serde_json::Value::Null
            })
        } else {
            serde_json::Value::Null
        };
        let failed = failed_images(self.input, &found.folder, report)?;
        let mut topic: Option<Topic> = None;
        let mut replies: Vec<Reply> = Vec::new();
        let mut partial = self.missing_pages(found, &meta, report);
        for (_, path) in &found.pages {
            let Some(page) = Page::read(self.input, path, self.options, report) else {
                partial = true;
                continue;
            };
            if !topic::is_topic(&page) {
                let help =
                    "save the topic again while you are logged in and may see it; lists of topics need not be saved";
                report.problem(path, "there is no topic of a group in this page", help);
                continue;
            }
            let (of_page, more) = topic::read(&page, self.input, &mut self.files, &failed, sink)?;
            for who in more.iter().map(|reply| &reply.who).chain([&of_page.who]) {
                if let (Some(slug), Some(number)) = (&who.slug, &who.number) {
                    self.numbers.insert(slug.clone(), number.clone());
                }
            }
            match &mut topic {
                Some(first) => first.take_missing(of_page),
                None => topic = Some(of_page),
            }
            replies.extend(more);
        }
        let Some(topic) = topic else { return Ok(()) };
        let link = meta.text("link").map(str::to_owned).or_else(|| topic.address.clone());
        if let Some(day) = meta.text("saved_at").and_then(|raw| page::day(raw, self.options)) {
            self.now_day = Some(day);
        } else {
            self.now_day = self.options.now_day;
        }
        let number = link.as_deref().and_then(topic::topic_number).or_else(|| topic.number.clone());
        let space = self.group(found, &topic, sink)?;
        let author = self.author(&topic.who);
        let created = self.time(topic.created.as_deref(), &found.folder, report);
        let weak_key = format!("{}\0{}\0{}", topic.who.name, created.raw, page::bare(&topic.body.source));
        let id = ident::id(SOURCE, "post", number.as_deref().unwrap_or(&weak_key));
        if let Some(other) = self.posts.insert(id.clone(), found.folder.clone()) {
            // Two copies of a topic may have been saved at different times, so the comments of both count.
            report.note(format!(
                "{}: this topic is also in {other}; its text was read there, its comments from both",
                found.folder
            ));
            return self.replies(replies, &id, author.as_ref(), found, sink, report);
        }
        let title = title(topic.title.as_deref(), meta.text("title"), &found.folder);
        if topic.body.source.contains("正确答案") {
            self.count(ANSWERS);
        }
        let mut flags = PostFlags { partial, ..PostFlags::default() };
        flags.digest = topic.digest;
        let post = Post {
            id: id.clone(),
            author: author.clone(),
            created,
            edited: topic.edited.as_deref().and_then(|raw| dates::read(raw, self.options)),
            title: Some(title),
            title_from: TitleFrom::Source,
            kind: if topic.poll.is_some() { PostKind::Poll } else { PostKind::Note },
            body: Text { lang: self.options.language.clone(), ..topic.body },
            media: topic.media,
            poll: topic.poll,
            visibility: Visibility::Circle,
            flags,
            space,
            counts: Counts { like: topic.likes, collect: topic.collected, ..Counts::default() },
            url: number.as_ref().map(|number| format!("https://www.douban.com/group/topic/{number}/")),
            weak_id: number.is_none(),
            src: Source {
                source: SOURCE.to_owned(),
                file: found.pages.first().map(|(_, path)| path.clone()),
                id: number,
                ..Source::default()
            },
            ..Post::default()
        };
        sink.push(Record::Post(Box::new(post)))?;
        self.replies(replies, &id, author.as_ref(), found, sink, report)
    }

    /// True, with a problem, if pages of the topic are missing.
    fn missing_pages(&self, found: &TopicPages, meta: &serde_json::Value, report: &mut Report) -> bool {
        let last = found.pages.iter().map(|(number, _)| *number).max().unwrap_or_default();
        let wanted =
            meta.number("pages").and_then(|pages| u32::try_from(pages).ok()).unwrap_or_default().max(last).min(100_000);
        let there: BTreeSet<u32> = found.pages.iter().map(|(number, _)| *number).collect();
        let missing: Vec<String> =
            (1..=wanted).filter(|number| !there.contains(number)).take(20).map(|n| n.to_string()).collect();
        let numbered = found.pages.iter().all(|(_, path)| numbered(path).is_some());
        if missing.is_empty() || !numbered {
            return false;
        }
        let what = format!("the pages {} of this topic are missing, with the comments on them", missing.join(", "));
        report.problem(
            &found.folder,
            what,
            "save the topic again with the archive tool, as long as the group is there",
        );
        true
    }

    fn time(&self, raw: Option<&str>, place: &str, report: &mut Report) -> Time {
        let Some(raw) = raw.filter(|raw| !raw.is_empty()) else { return Time::default() };
        let options = Options { now_day: self.now_day, ..self.options.clone() };
        super::article::date(raw, &options, place, report)
    }

    /// Pushes the group once. Returns the space of the post if there are several groups.
    fn group(&mut self, found: &TopicPages, topic: &Topic, sink: &mut dyn Sink) -> Result<Option<Id>> {
        let group = match (&found.group, &topic.group) {
            // The folder has the name that the user gave it; the page has the group's own name.
            (Some((id, name)), Some((page_id, page_name))) if id == page_id => {
                Some((id.clone(), if page_name.is_empty() { name.clone() } else { page_name.clone() }))
            }
            (Some(group), _) => Some(group.clone()),
            (None, group) => group.clone(),
        };
        let Some((group, name)) = group else { return Ok(None) };
        let id = ident::id(SOURCE, "circle", &group);
        let space = self.many_groups.then(|| ident::id(SOURCE, "space", &group));
        if self.circles.insert(id.clone()) {
            let of_space = |id: &Id| Space { id: id.clone(), name: name.clone(), kind: SpaceKind::Board, parent: None };
            sink.push(Record::Circle(Box::new(Circle {
                id,
                spaces: space.iter().map(of_space).collect(),
                name: name.clone(),
                platform: Some("豆瓣小组".to_owned()),
                url: Some(format!("https://www.douban.com/group/{group}/")),
                src: Source { source: SOURCE.to_owned(), id: Some(group), ..Source::default() },
                ..Circle::default()
            })))?;
        }
        Ok(space)
    }

    fn key(&self, who: &Who) -> Option<String> {
        who.number.clone().or_else(|| {
            let slug = who.slug.as_ref()?;
            Some(self.numbers.get(slug).unwrap_or(slug).clone())
        })
    }

    fn author(&mut self, who: &Who) -> Option<Id> {
        let id = self.people.author(self.key(who).as_deref(), &who.name)?;
        if let Some(member) = self.people.edit(&id) {
            describe(member, who);
        }
        Some(id)
    }

    fn replies(
        &mut self,
        replies: Vec<Reply>,
        post: &Id,
        author: Option<&Id>,
        found: &TopicPages,
        sink: &mut dyn Sink,
        report: &mut Report,
    ) -> Result<()> {
        let mut known: BTreeSet<Id> = BTreeSet::new();
        let mut earlier: Vec<Earlier> = Vec::new();
        // The list of liked comments above the first page repeats comments of all pages, so it comes last.
        let (first, liked): (Vec<Reply>, Vec<Reply>) = replies.into_iter().partition(|reply| reply.in_order);
        let mut order = 0_u64;
        // Quotations often name a person without their account; the person with that name in this topic is meant.
        let mut names: BTreeMap<String, Id> = BTreeMap::new();
        for reply in first.into_iter().chain(liked) {
            let bare = page::bare(&reply.body.source);
            let weak_key =
                || format!("{post}\0{}\0{}\0{bare}", reply.who.name, reply.created.as_deref().unwrap_or_default());
            let id = ident::id(SOURCE, "comment", &reply.number.clone().unwrap_or_else(weak_key));
            if !known.insert(id.clone()) {
                if reply.in_order {
                    self.count("comments that two pages hold were kept once");
                }
                continue;
            }
            let created = self.time(reply.created.as_deref(), &found.folder, report);
            let writer = self.author(&reply.who);
            if let Some(writer) = &writer {
                names.insert(reply.who.name.clone(), writer.clone());
            }
            if reply.folded {
                self.count("folded comments were kept like all others");
            }
            if bare.contains("正确答案") {
                self.count(ANSWERS);
            }
            let mut body = reply.body;
            let (mut parent, mut reply_to_member) = (None, None);
            if let Some(quoted) = &reply.quoted {
                let key = self.key(&quoted.who);
                reply_to_member = match names.get(&quoted.who.name).filter(|_| key.is_none()) {
                    Some(known) => Some(known.clone()),
                    None => self.people.mentioned(key.as_deref(), &quoted.who.name),
                };
                parent =
                    earlier.iter().rev().find(|one| one.is(quoted, reply_to_member.as_ref())).map(|one| one.id.clone());
                if parent.is_none() && !quoted.text.is_empty() {
                    let name = Some(&quoted.who.name).filter(|name| !name.is_empty());
                    let name = name.map(|name| format!("<br>— {}", escaped(name))).unwrap_or_default();
                    body.source = format!("<blockquote>{}{name}</blockquote>{}", escaped(&quoted.text), body.source);
                }
            }
            if reply.unseen {
                self.count(
                    "comments could not be seen by whoever saved the page ([内容不可见]); only their place is kept",
                );
                body = Text::default();
            }
            order += 1;
            earlier.push(Earlier { id: id.clone(), author: writer.clone(), text: bare });
            body.lang.clone_from(&self.options.language);
            sink.push(Record::Comment(Box::new(Comment {
                id,
                post: post.clone(),
                parent,
                reply_to_member,
                created,
                body,
                media: reply.media,
                order: reply.in_order.then_some(order),
                kind: CommentKind::Comment,
                flags: CommentFlags {
                    deleted: reply.unseen,
                    by_author: author.is_some() && writer.as_ref() == author,
                    ..CommentFlags::default()
                },
                author: writer,
                weak_id: reply.number.is_none(),
                counts: Counts { like: reply.likes, ..Counts::default() },
                src: Source {
                    source: SOURCE.to_owned(),
                    file: Some(reply.file),
                    id: reply.number,
                    ..Source::default()
                },
                ..Comment::default()
            })))?;
        }
        Ok(())
    }

    /// Reports what is missing or was not read.
    fn rest(&mut self, report: &mut Report) {
        let mut others = 0_u64;
        let mut not_saved = BTreeSet::new();
        let mut place = String::new();
        for entry in self.input.entries() {
            let path = entry.path.as_str();
            let name = path.rsplit('/').next().unwrap_or(path);
            if name.ends_with("_urls.json") && entry.bytes < 8 << 20 {
                let Ok(list) = json::whole(self.input, path, 8 << 20) else { continue };
                for item in list.list("") {
                    let link = item.text("link").or_else(|| item.text("url")).or_else(|| item.as_str());
                    let Some(number) = link.and_then(topic::topic_number) else { continue };
                    if !self.posts.contains_key(&ident::id(SOURCE, "post", &number)) {
                        not_saved.insert(number);
                        path.clone_into(&mut place);
                    }
                }
            } else if !page::is_page(path)
                && !page::is_packed(path)
                && !prepare::is_media_name(path)
                && !matches!(name, "meta.json" | "failed_images.jsonl" | "config.json")
                && !name.contains("_urls")
            {
                others += 1;
            }
        }
        if !not_saved.is_empty() {
            let some: Vec<&str> = not_saved.iter().take(5).map(String::as_str).collect();
            report.problem(
                place,
                format!("{} topics of the list of addresses were not saved: {}", not_saved.len(), some.join(", ")),
                "run the archive tool for these again, as long as the group is there",
            );
        }
        if others > 0 {
            report.note(format!("{others} files of other kinds were not read"));
        }
    }
}

const ANSWERS: &str = "texts hold a line 正确答案 (the answer to a question for joining); they are kept, and `circlekeep decide redact` can black it out";

struct Earlier {
    id: Id,
    author: Option<Id>,
    text: String,
}

impl Earlier {
    /// True for the quoted comment: it is by that person, and begins with the quoted words, which the platform may shorten.
    fn is(&self, quoted: &Quoted, who: Option<&Id>) -> bool {
        let words = quoted.text.split_whitespace().collect::<Vec<_>>().join(" ");
        let words = words.trim_end_matches(['.', '…']).trim_end();
        let same_person = match (who, &self.author) {
            (Some(who), Some(author)) => who == author,
            _ => true,
        };
        same_person && !words.is_empty() && self.text.starts_with(words)
    }
}

/// Adds what a page says about a person apart from the name.
fn describe(member: &mut Member, who: &Who) {
    if who.role != Role::Member && matches!(member.role, Role::Member | Role::Ghost) {
        member.role = who.role;
    }
    if member.bio.is_none() {
        member.bio = who.bio.clone().map(Text::plain);
    }
    if let Some(slug) = &who.slug {
        member.url.get_or_insert_with(|| format!("https://www.douban.com/people/{slug}/"));
        if Some(slug) != who.number.as_ref() && !member.names.iter().any(|name| &name.value == slug) {
            member.names.push(circle_model::archive::Name { value: slug.clone(), kind: NameKind::Handle, since: None });
        }
    }
}

/// The page's heading; or the title in the list, if the page shortened it; or the folder's name.
fn title(heading: Option<&str>, listed: Option<&str>, folder: &str) -> String {
    let cut = |text: &str| text.trim_end_matches(['.', '…']).to_owned();
    match (heading, listed) {
        (Some(heading), Some(listed)) if cut(heading) != heading && listed.starts_with(&cut(heading)) => {
            listed.trim().to_owned()
        }
        (Some(heading), _) => heading.to_owned(),
        (None, Some(listed)) => listed.trim().to_owned(),
        (None, None) => {
            let name = folder.rsplit('/').next().unwrap_or(folder);
            name.rsplit_once('.').filter(|_| page::is_page(name)).map_or(name, |(stem, _)| stem).to_owned()
        }
    }
}

/// Why pictures of a topic could not be downloaded, by address.
fn failed_images(input: &Input, folder: &str, report: &mut Report) -> Result<BTreeMap<String, String>> {
    let file = format!("{folder}/failed_images.jsonl");
    let mut reasons = BTreeMap::new();
    if input.has(&file) {
        json::items(input, &file, &[""], report, |_, item, _| {
            if let Some(address) = item.text("image_url") {
                reasons.insert(address.to_owned(), item.text("reason").unwrap_or_default().to_owned());
            }
            Ok(())
        })?;
    }
    Ok(reasons)
}
