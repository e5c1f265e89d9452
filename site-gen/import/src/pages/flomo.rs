//! flomo (浮墨笔记): the HTML of its export, one file per year or in total, with pictures in `file/`.
//!
//! 1. `.memos` contains a `.memo` per note, with `.time`, `.content` and `.files`. Newer exports have no `.memos`.
//! 2. A note has no id, so its key is its time and text, and importing again changes nothing.
//! 3. Tags are words in the text that begin with `#`.

use circle_model::{
    archive::{MediaRole, Post, PostKind, Record, Scope, Source, Text, TitleFrom},
    time::Time,
};
use dom_query::NodeRef;

use super::page::{self, Page};
use crate::{
    Importer, Recognised,
    files::{Files, Wanted},
    people::People,
};
use circle_content::{Result, dates, ident, input::Input, options::Options, report::Report, sink::Sink};

const SOURCE: &str = "flomo";

/// flomo's export.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flomo;

impl Importer for Flomo {
    fn name(&self) -> &'static str {
        SOURCE
    }

    fn about(&self) -> &'static str {
        "flomo 浮墨笔记: the .html of its export, with file/ beside it"
    }

    fn recognise(&self, input: &Input) -> Recognised {
        match page::pages(input).take(12).find(|path| is_export(&page::head(input, path, 64 << 10))) {
            Some(path) => Recognised::Yes(format!("{path} holds notes as flomo writes them")),
            None => Recognised::No("flomo's exported .html"),
        }
    }

    fn import(&self, input: &Input, options: &Options, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        report.scope = Scope::OwnSlice;
        report.tool = Some("flomo".to_owned());
        let (mut people, mut files) = (People::new(SOURCE), Files::new(input, options, SOURCE));
        let options = page::in_china(options);
        for path in page::pages(input) {
            if !is_export(&page::head(input, path, 64 << 10)) {
                report.note(format!("{path}: not read, it is no export of flomo"));
                continue;
            }
            let Some(page) = Page::read(input, path, &options, report) else { continue };
            let author = page.text(".user .name").and_then(|name| people.named(&name));
            if let Some(member) = author.as_ref().and_then(|author| people.edit(author)) {
                member.is_self = true;
            }
            // `于 2021-6-1 导出 3 条 MEMO`
            let said = page.text(".user .date").unwrap_or_default();
            let made = said.split_whitespace().find_map(|word| dates::read(word, &options)?.utc);
            report.made(made);
            let memos = page.document.select(".memo");
            let count = memos.nodes().len();
            let promised =
                said.split_once("导出").and_then(|(_, rest)| rest.split_whitespace().next()?.parse::<usize>().ok());
            if let Some(promised) = promised.filter(|promised| *promised != count) {
                let help = "export again; a page that was cut off has to be whole";
                report.problem(
                    path,
                    format!("the page says that it holds {promised} notes, and there are {count}"),
                    help,
                );
            }
            for (memo, number) in memos.nodes().iter().zip(1_u64..) {
                let place = format!("{path}: note {number}");
                let post = note(memo, path, &place, &options, &mut files, sink, report)?;
                sink.push(Record::Post(Box::new(Post { author: author.clone(), ..post })))?;
            }
        }
        people.finish(sink)?;
        files.finish(sink, report)
    }
}

fn is_export(head: &str) -> bool {
    let has = |mark: &str| head.contains(mark);
    has("class=\"memo\"") && has("class=\"time\"") && has("class=\"content\"")
}

fn note(
    memo: &NodeRef<'_>,
    path: &str,
    place: &str,
    options: &Options,
    files: &mut Files<'_>,
    sink: &mut dyn Sink,
    report: &mut Report,
) -> Result<Post> {
    let inside = memo.descendants();
    let classed = |class: &str| {
        inside
            .iter()
            .find(|node| node.attr("class").is_some_and(|classes| classes.split_whitespace().any(|own| own == class)))
    };
    let raw = classed("time").and_then(page::line).unwrap_or_default();
    let created = dates::read(&raw, options).unwrap_or_else(|| {
        report.problem(place, format!("the date `{raw}` cannot be read"), "the note is kept, without a date");
        Time { raw: raw.clone(), ..Time::default() }
    });
    let html = classed("content").map(|node| node.inner_html().to_string()).unwrap_or_default();
    let words = page::bare(&html);
    let mut tags: Vec<String> = Vec::new();
    for word in words.split_whitespace() {
        let tag = word.strip_prefix('#').unwrap_or_default().trim_end_matches('#');
        if !tag.is_empty() && !tags.iter().any(|known| known == tag) {
            tags.push(tag.to_owned());
        }
    }
    let body = Text::html(html);
    let mut media = files.in_text(&body, path, sink)?;
    let hung: Vec<NodeRef<'_>> = classed("files").map(|node| node.descendants()).unwrap_or_default();
    for node in hung {
        let picture = ["img", "audio", "video", "source"].iter().any(|name| node.has_name(name));
        let Some(file) = node.attr("src").or_else(|| node.attr("href")).map(|file| file.to_string()) else { continue };
        let wanted = Wanted {
            file: Some(&file).filter(|file| !file.starts_with("http")).map(String::as_str),
            remote: Some(&file).filter(|file| file.starts_with("http")).map(String::as_str),
            beside: path,
            role: if picture { MediaRole::Gallery } else { MediaRole::Attachment },
            ..Wanted::default()
        };
        media.push(files.take(&wanted, sink)?);
    }
    for (order, used) in media.iter_mut().enumerate() {
        used.order = u32::try_from(order).unwrap_or(u32::MAX);
    }
    Ok(Post {
        id: ident::id(SOURCE, "post", &format!("{raw}\0{words}")),
        created,
        title_from: TitleFrom::Derived,
        body,
        media,
        tags,
        kind: PostKind::Note,
        visibility: options.default_visibility,
        weak_id: true,
        src: Source { source: SOURCE.to_owned(), file: Some(path.to_owned()), ..Source::default() },
        ..Post::default()
    })
}
