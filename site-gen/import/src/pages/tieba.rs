//! Saved pages of 百度贴吧 threads.
//!
//! 1. Every floor is an `.l_post` whose `data-field` is JSON: `author`, and `content` with post id, floor and time. The text is in
//!    `.d_post_content`. Floor 1 is the post; all others are comments with their floor as `order`.
//! 2. Replies inside a floor (楼中楼) are `.lzl_single_post`. A page shows only the first ones, so their number is compared with the stated
//!    one.
//! 3. Files are joined by thread id, whatever their names. Locations (IP属地) are not read.

use std::collections::{BTreeMap, BTreeSet};

use circle_model::{
    archive::{
        Circle, Comment, CommentKind, MediaUse, Post, PostFlags, PostKind, Record, Role, Scope, Source, Text,
        TitleFrom, Visibility,
    },
    id::Id,
    time::Time,
};
use dom_query::{NodeRef, Selection};
use serde_json::Value;

use super::{
    article, literal,
    page::{self, Page},
    pictures::{self, Pictures},
};
use crate::{
    Importer, Recognised,
    files::Files,
    json::{self, Fields as _},
    people::People,
};
use circle_content::{Result, dates, ident, input::Input, options::Options, report::Report, sink::Sink};

const SOURCE: &str = "tieba";

/// Saved threads of 百度贴吧.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tieba;

impl Importer for Tieba {
    fn name(&self) -> &'static str {
        "tieba"
    }

    fn about(&self) -> &'static str {
        "百度贴吧 (Baidu Tieba): threads saved as web pages, with floors and 楼中楼"
    }

    fn recognise(&self, input: &Input) -> Recognised {
        let (mut looked, mut marked) = (0, 0);
        for path in page::pages(input).take(6) {
            looked += 1;
            let head = page::head(input, path, 512 << 10);
            let marks =
                ["l_post", "d_post_content", "j_l_post", "core_title_txt", "tieba.baidu.com/p/", "PageData.thread"];
            marked += usize::from(marks.iter().filter(|mark| head.contains(*mark)).count() >= 2);
        }
        if marked > 0 && marked * 2 > looked {
            Recognised::Yes("its pages have the floors of 百度贴吧 threads".to_owned())
        } else {
            Recognised::No("threads of 百度贴吧 (.l_post, .d_post_content)")
        }
    }

    fn import(&self, input: &Input, options: &Options, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        let options = page::in_china(options);
        let mut reading = Reading {
            input,
            options: &options,
            files: Files::new(input, &options, SOURCE),
            people: People::new(SOURCE),
            threads: BTreeMap::new(),
            advertisements: 0,
        };
        for path in page::pages(input) {
            let Some(page) = Page::read(input, path, &options, report) else { continue };
            reading.page(&page, sink, report)?;
        }
        page::refuse_packed(input, report);
        report.scope = if reading.threads.len() == 1 { Scope::Thread } else { Scope::Unknown };
        if reading.advertisements > 0 {
            report.note(format!("{} floors without a number (advertisements) were not read", reading.advertisements));
        }
        let mut circles = BTreeSet::new();
        for (number, thread) in std::mem::take(&mut reading.threads) {
            reading.thread(&number, thread, &mut circles, sink, report)?;
        }
        reading.people.finish(sink)?;
        reading.files.finish(sink, report)
    }
}

#[derive(Debug, Default)]
struct Thread {
    title: Option<String>,
    forum: Option<String>,
    file: String,
    floors: BTreeMap<u64, Floor>,
}

#[derive(Debug)]
struct Floor {
    number: String,
    author: Option<Id>,
    name: String,
    created: Time,
    body: Text,
    media: Vec<MediaUse>,
    /// The number of replies that the page states.
    answers: u64,
    replies: Vec<Reply>,
    file: String,
}

#[derive(Debug)]
struct Reply {
    number: String,
    author: Option<Id>,
    name: String,
    /// The name of the person it answers.
    to: Option<String>,
    created: Time,
    body: Text,
    media: Vec<MediaUse>,
}

struct Reading<'a> {
    input: &'a Input,
    options: &'a Options,
    files: Files<'a>,
    people: People,
    threads: BTreeMap<String, Thread>,
    advertisements: u64,
}

impl Reading<'_> {
    fn page(&mut self, page: &Page, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        let floors = page.document.select(".l_post[data-field]");
        let fields: Vec<Value> = floors.nodes().iter().map(|floor| field(floor).unwrap_or_default()).collect();
        let number = fields.iter().find_map(|field| field.id(&["content.thread_id"]).filter(|id| id != "0"));
        let number = number.or_else(|| page.address.as_deref().and_then(thread_number));
        let Some(number) = number.filter(|_| !floors.is_empty()) else {
            let help = "save a page of the thread itself, scrolled to its end; lists of threads need not be saved";
            report.problem(&page.path, "there are no floors of a thread in this page", help);
            return Ok(());
        };
        let title = page.document.select_single(".core_title_txt");
        let title = title.attr("title").map(|title| title.trim().to_owned()).filter(|title| !title.is_empty());
        let title = title.or_else(|| page.text(".core_title_txt, h1, h3"));
        let forum = page.text(".card_title_fname").or_else(|| page.meta(&["fname"]));
        let options = page.options(self.options);
        for (floor, field) in floors.nodes().iter().zip(&fields) {
            let (Some(post), Some(at)) = (field.id(&["content.post_id"]), field.number("content.post_no")) else {
                self.advertisements += 1;
                continue;
            };
            let known = self.threads.get(&number).and_then(|thread| thread.floors.get(&at));
            if known.is_some_and(|known| known.number == post) {
                continue;
            }
            let read = self.floor(floor, field, post, page, &options, sink, report)?;
            let thread = self
                .threads
                .entry(number.clone())
                .or_insert_with(|| Thread { file: page.path.clone(), ..Thread::default() });
            if thread.floors.contains_key(&at) {
                report.problem(
                    &page.path,
                    format!("two posts say that they are floor {at}; the second was not read"),
                    "look at the page",
                );
                continue;
            }
            thread.title = thread.title.take().or_else(|| title.clone());
            thread.forum = thread.forum.take().or_else(|| forum.clone());
            thread.floors.insert(at, read);
        }
        Ok(())
    }

    #[expect(clippy::too_many_arguments, reason = "a floor needs its page, and what all floors share")]
    fn floor(
        &mut self,
        floor: &NodeRef<'_>,
        field: &Value,
        number: String,
        page: &Page,
        options: &Options,
        sink: &mut dyn Sink,
        report: &mut Report,
    ) -> Result<Floor> {
        let selection = Selection::from(*floor);
        let mut replies = Vec::new();
        for item in selection.select(".lzl_single_post[data-field]").nodes() {
            replies.extend(self.reply(item, page, options, sink, report)?);
        }
        let name = ["author.user_nickname", "author.name_u", "author.user_name"];
        let shown = selection.select_single(".p_author_name").nodes().first().and_then(page::line);
        let name =
            shown.or_else(|| name.iter().find_map(|path| field.text(path)).map(str::to_owned)).unwrap_or_default();
        let author = self.person(field.text("author.portrait"), field.id(&["author.user_id"]), &name);
        if let Some(member) = author.as_ref().and_then(|id| self.people.edit(id)) {
            let leader = selection.select_single(".d_badge_bawu1").exists();
            let helper = selection.select_single(".d_badge_bawu2").exists();
            member.role = if leader {
                Role::Leader
            } else if helper {
                Role::Admin
            } else {
                member.role
            };
        }
        let tail = || {
            let tails = selection.select(".tail-info, .post-tail-wrap span");
            tails.nodes().iter().filter_map(page::line).find(|text| dates::read(text, options).is_some())
        };
        let raw = field.word("content.date").or_else(tail);
        let created = raw.map_or_else(Time::default, |raw| article::date(&raw, options, &page.path, report));
        let (body, media) = match selection.select_single(".d_post_content").nodes().first() {
            Some(root) => self.body(root, page, sink)?,
            None => (Text::html(""), Vec::new()),
        };
        let answers = field.number("content.comment_num").unwrap_or_default();
        Ok(Floor { number, author, name, created, body, media, answers, replies, file: page.path.clone() })
    }

    fn reply(
        &mut self,
        item: &NodeRef<'_>,
        page: &Page,
        options: &Options,
        sink: &mut dyn Sink,
        report: &mut Report,
    ) -> Result<Option<Reply>> {
        let Some(field) = field(item) else { return Ok(None) };
        let Some(number) = field.id(&["spid"]) else { return Ok(None) };
        let selection = Selection::from(*item);
        let name =
            selection.select_single(".lzl_cnt > .at, .lzl_cnt > .j_user_card").nodes().first().and_then(page::line);
        let named =
            ["showname", "user_nickname", "user_name"].iter().find_map(|path| field.text(path)).map(str::to_owned);
        let name = name.or(named).unwrap_or_default();
        let author = self.person(field.text("portrait"), None, &name);
        let raw = selection.select_single(".lzl_time").nodes().first().and_then(page::line);
        let created = raw.map_or_else(Time::default, |raw| article::date(&raw, options, &page.path, report));
        let content = selection.select_single(".lzl_content_main");
        let answered = content.nodes().first().filter(|node| node.text().trim_start().starts_with("回复"));
        let answered = answered.map(|node| Selection::from(*node).select_single("a").clone());
        let answered = answered.and_then(|link| link.nodes().first().and_then(page::line));
        let to = answered.map(|name| name.trim_start_matches('@').to_owned());
        let (body, media) = match content.nodes().first() {
            Some(root) => self.body(root, page, sink)?,
            None => (Text::html(""), Vec::new()),
        };
        Ok(Some(Reply { number, author, name, to, created, body, media }))
    }

    /// A person by portrait, which all pages and tools have, or else by number; `None` if the page has neither of them nor a name.
    fn person(&mut self, portrait: Option<&str>, number: Option<String>, name: &str) -> Option<Id> {
        let portrait = portrait.and_then(|portrait| portrait.split(['?', '&']).next()).map(str::to_owned);
        let key = portrait.filter(|key| !key.is_empty()).or(number.filter(|number| number != "0"));
        if key.is_none() && matches!(name, "" | "匿名" | "贴吧用户") {
            return None;
        }
        self.people.author(key.as_deref(), name)
    }

    fn body(&mut self, root: &NodeRef<'_>, page: &Page, sink: &mut dyn Sink) -> Result<(Text, Vec<MediaUse>)> {
        // The platform's emoji have no words and are pictures on its server. A placeholder box for each would bury the text.
        Selection::from(*root).select("img.BDE_Smiley").replace_with_html("[表情]");
        pictures::tidy(root);
        let mut pictures = Pictures::default();
        pictures.mark(root, self.input, &page.path, None);
        let (mut body, media) = pictures.body(root, &page.path, &mut self.files, &|_| None, sink)?;
        body.lang.clone_from(&self.options.language);
        Ok((body, media))
    }

    fn thread(
        &mut self,
        number: &str,
        mut thread: Thread,
        circles: &mut BTreeSet<Id>,
        sink: &mut dyn Sink,
        report: &mut Report,
    ) -> Result<()> {
        if let Some(forum) = &thread.forum {
            let name = forum.trim_end_matches('吧');
            let id = ident::id(SOURCE, "circle", name);
            if circles.insert(id.clone()) {
                sink.push(Record::Circle(Box::new(Circle {
                    id,
                    name: format!("{name}吧"),
                    platform: Some("百度贴吧".to_owned()),
                    src: Source { source: SOURCE.to_owned(), id: Some(name.to_owned()), ..Source::default() },
                    ..Circle::default()
                })))?;
            }
        }
        let id = ident::id(SOURCE, "post", number);
        let first = thread.floors.remove(&1);
        if first.is_none() {
            let help = "save the first page of the thread, too, and import again";
            report.problem(
                &thread.file,
                format!("the first floor of the thread {number} is missing; only answers were read"),
                help,
            );
        }
        let source = |file: &str, id: &str| Source {
            source: SOURCE.to_owned(),
            file: Some(file.to_owned()),
            id: Some(id.to_owned()),
            ..Source::default()
        };
        let flags = PostFlags { partial: first.is_none(), ..PostFlags::default() };
        let mut post = Post {
            id: id.clone(),
            title: thread.title.clone(),
            title_from: TitleFrom::Source,
            kind: PostKind::Note,
            visibility: Visibility::Public,
            flags,
            url: Some(format!("https://tieba.baidu.com/p/{number}")),
            src: source(first.as_ref().map_or(&thread.file, |first| &first.file), number),
            ..Post::default()
        };
        // Only the name of the answered person is given; the person with that name in this thread is meant.
        let mut names: BTreeMap<String, Id> = BTreeMap::new();
        for floor in first.iter().chain(thread.floors.values()) {
            names.extend(floor.author.clone().map(|id| (floor.name.clone(), id)));
            for reply in &floor.replies {
                names.extend(reply.author.clone().map(|id| (reply.name.clone(), id)));
            }
        }
        let mut under_first = Vec::new();
        if let Some(first) = first {
            (post.author, post.created, post.body, post.media) = (first.author, first.created, first.body, first.media);
            under_first = first.replies;
        }
        sink.push(Record::Post(Box::new(post)))?;
        let mut hidden = 0_u64;
        let people = &mut self.people;
        let mut push = |reply: Reply, parent: Option<&Id>, file: &str, sink: &mut dyn Sink| {
            let to = reply.to.as_deref();
            let to = to.and_then(|name| names.get(name).cloned().or_else(|| people.mentioned(None, name)));
            sink.push(Record::Comment(Box::new(Comment {
                id: ident::id(SOURCE, "comment", &reply.number),
                post: id.clone(),
                parent: parent.cloned(),
                reply_to_member: to,
                author: reply.author,
                created: reply.created,
                body: reply.body,
                media: reply.media,
                kind: CommentKind::Comment,
                src: source(file, &reply.number),
                ..Comment::default()
            })))
        };
        for reply in under_first {
            push(reply, None, &thread.file, sink)?;
        }
        for (at, floor) in thread.floors {
            let comment = ident::id(SOURCE, "comment", &floor.number);
            hidden += floor.answers.saturating_sub(floor.replies.len() as u64);
            sink.push(Record::Comment(Box::new(Comment {
                id: comment.clone(),
                post: id.clone(),
                author: floor.author,
                created: floor.created,
                body: floor.body,
                media: floor.media,
                order: Some(at),
                kind: CommentKind::Comment,
                src: source(&floor.file, &floor.number),
                ..Comment::default()
            })))?;
            for reply in floor.replies {
                push(reply, Some(&comment), &floor.file, sink)?;
            }
        }
        if hidden > 0 {
            let help = "open the thread, unfold the replies under its floors, and save it again";
            report.problem(&thread.file, format!("{hidden} replies inside floors (楼中楼) are not in the pages"), help);
        }
        Ok(())
    }
}

/// The data of an element: JSON, or JSON with single quotes.
fn field(node: &NodeRef<'_>) -> Option<Value> {
    let text = node.attr("data-field")?;
    json::value(&text).ok().filter(Value::is_object).or_else(|| literal::assigned(&format!("field={text}"), "field"))
}

/// The id of a thread in its address.
fn thread_number(address: &str) -> Option<String> {
    let (_, rest) = address.split_once("/p/")?;
    let number: String = rest.chars().take_while(char::is_ascii_digit).collect();
    (!number.is_empty()).then_some(number)
}
