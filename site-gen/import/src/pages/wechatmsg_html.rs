//! Chats of WeChat as pages of 留痕 MemoTrace (WeChatMsg): `<name>.html` with all messages as an array in a script, `<name>.html.json` with
//! the same messages, and `image/`, `video/`, `voice/`, `file/`.
//!
//! 1. If the JSON exists, it is streamed. Otherwise the array in the page is read, whose texts are escaped for HTML.
//! 2. The page states the chat's id. An id ending in `@chatroom` is a group, any other a private chat; without the page it is unknown. Only
//!    messages of a group may be published.
//! 3. Money (红包, 转账) is mentioned without amounts, places without coordinates. The platform's own messages are counted.

use std::collections::BTreeMap;

use circle_model::{
    archive::{
        Card, Circle, MediaRole, MediaState, Post, PostKind, Quote, Record, Scope, Source, Text, TitleFrom, Visibility,
    },
    id::Id,
    time::Time,
};
use serde_json::Value;

use super::{
    article, literal,
    page::{self, Page},
};
use crate::{
    Importer, Recognised,
    files::{Files, Wanted},
    json::{self, Fields as _},
    people::People,
};
use circle_content::{
    Result, ident,
    input::Input,
    media::prepare as formats,
    options::Options,
    report::{Part, Report},
    sink::Sink,
};
use circle_html::entities;

const SOURCE: &str = "wechat";
/// The page's styles and program come before the messages; with their pictures they have over 400 KB.
const HEAD: u64 = 2 << 20;

/// Chats as pages of MemoTrace.
#[derive(Clone, Copy, Debug)]
pub(super) struct WechatMsgHtml;

impl Importer for WechatMsgHtml {
    fn name(&self) -> &'static str {
        "wechatmsg-html"
    }

    fn about(&self) -> &'static str {
        "微信聊天 WeChat chats: pages of 留痕 MemoTrace (WeChatMsg), with the .html.json beside them; private talks are held back"
    }

    fn recognise(&self, input: &Input) -> Recognised {
        let chats = chats(input);
        let marked = chats.iter().take(4).any(|chat| {
            let file = chat.json.as_ref().unwrap_or(&chat.page);
            let head = page::head(input, file, HEAD);
            ["\"is_send\"", "\"server_id\"", "\"timestamp\""].iter().all(|mark| head.contains(mark))
        });
        if marked {
            Recognised::Yes("its pages hold messages as MemoTrace (WeChatMsg) writes them".to_owned())
        } else {
            Recognised::No("chats of MemoTrace (<name>.html with is_send and server_id)")
        }
    }

    fn import(&self, input: &Input, options: &Options, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        let options = page::in_china(options);
        let mut reading = Reading {
            input,
            options: &options,
            files: Files::new(input, &options, SOURCE),
            people: People::new(SOURCE),
            counts: BTreeMap::new(),
        };
        report.tool = Some("MemoTrace (WeChatMsg)".to_owned());
        let chats = chats(input);
        report.scope = if chats.len() == 1 { Scope::Thread } else { Scope::Unknown };
        for chat in &chats {
            reading.chat(chat, sink, report)?;
        }
        page::refuse_packed(input, report);
        for (what, count) in std::mem::take(&mut reading.counts) {
            report.note(format!("{count} {what}"));
        }
        reading.people.finish(sink)?;
        reading.files.finish(sink, report)
    }
}

/// A chat: its page, and the list beside it.
#[derive(Debug)]
struct Chat {
    page: String,
    json: Option<String>,
}

fn chats(input: &Input) -> Vec<Chat> {
    let mut chats: Vec<Chat> = page::pages(input)
        .map(|path| Chat { page: path.to_owned(), json: Some(format!("{path}.json")).filter(|json| input.has(json)) })
        .collect();
    for entry in input.entries() {
        let Some(path) = entry.path.strip_suffix(".json").filter(|path| page::is_page(path)) else { continue };
        if !input.has(path) {
            chats.push(Chat { page: path.to_owned(), json: Some(entry.path.clone()) });
        }
    }
    chats
}

/// The context of a message.
struct Place {
    file: String,
    visibility: Visibility,
    /// True if texts are escaped for HTML.
    escaped: bool,
}

struct Reading<'a> {
    input: &'a Input,
    options: &'a Options,
    files: Files<'a>,
    people: People,
    counts: BTreeMap<&'static str, u64>,
}

impl Reading<'_> {
    fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }

    fn chat(&mut self, chat: &Chat, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        // The name of the chat comes before the messages, so a page that is too long to be read still has it.
        let head = if self.input.has(&chat.page) { page::head(self.input, &chat.page, HEAD) } else { String::new() };
        let visibility = visibility(&head);
        match visibility {
            Visibility::Circle => self.circle(&head, sink)?,
            Visibility::Direct => self.count("chats are private talks; they are held back"),
            _ => self
                .count("chats do not say whether they were groups, because their page is missing; they are held back"),
        }
        let place = |file: &str, escaped| Place { file: file.to_owned(), visibility, escaped };
        if let Some(file) = &chat.json {
            let place = place(file, false);
            let mut failed = None;
            json::items(self.input, file, &["[]"], report, |number, message, report| {
                if failed.is_none() {
                    failed = self.message(number, &message, &place, sink, report).err();
                }
                Ok(())
            })?;
            return failed.map_or(Ok(()), Err);
        }
        let Some(page) = Page::read(self.input, &chat.page, self.options, report) else { return Ok(()) };
        let messages = page.scripts.iter().find_map(|script| messages(script)).unwrap_or_default();
        if messages.is_empty() {
            let help =
                "export the chat again with MemoTrace, and bring the folder with the file that ends in .html.json";
            report.problem(&chat.page, "there are no messages in this page", help);
        }
        let place = place(&chat.page, true);
        for (number, message) in (1_u64..).zip(&messages) {
            self.message(number, message, &place, sink, report)?;
        }
        Ok(())
    }

    fn circle(&self, head: &str, sink: &mut dyn Sink) -> Result<()> {
        let title =
            head.split_once("<title>").and_then(|(_, rest)| rest.split_once("</title>")).map(|(title, _)| title);
        let Some(name) = title.map(|title| entities::decoded(title).trim().to_owned()).filter(|name| !name.is_empty())
        else {
            return Ok(());
        };
        sink.push(Record::Circle(Box::new(Circle {
            id: ident::id(SOURCE, "circle", &name),
            name,
            platform: Some("微信群".to_owned()),
            src: Source { source: SOURCE.to_owned(), ..Source::default() },
            ..Circle::default()
        })))
    }

    fn message(
        &mut self,
        number: u64,
        message: &Value,
        place: &Place,
        sink: &mut dyn Sink,
        report: &mut Report,
    ) -> Result<()> {
        let at = format!("{}: message {number}", place.file);
        if !message.is_object() || message.word("timestamp").is_none() {
            report.problem(
                at,
                "this is no message: it has no time",
                "look at the file at that place; all others were read",
            );
            return Ok(());
        }
        let text = |path: &str| {
            let text = message.text(path)?;
            Some(if place.escaped { entities::decoded(text) } else { text.to_owned() })
        };
        let kind = message.word("type").unwrap_or_default();
        if kind == "10000" {
            self.count("notices of the platform (somebody came, somebody took a message back) were not read");
            return Ok(());
        }
        // The file of a private chat is named after a person.
        let shown = if place.visibility.is_published() { place.file.as_str() } else { "…" };
        let mut body: Vec<String> = Vec::new();
        match kind.as_str() {
            "8594229559345" => body.push("[红包]".to_owned()),
            "8589934592049" => body.push("[转账]".to_owned()),
            _ => body.extend(["text", "voice_to_text"].iter().filter_map(|field| text(field))),
        }
        // Of a place only the name is kept, because coordinates reveal where a person was.
        body.extend([text("poiname"), text("label")].into_iter().flatten());
        for merged in message.list("messages") {
            let said = self.merged(merged, place.escaped);
            report.lose(Part::Block, u64::from(said.is_none()), shown);
            body.extend(said);
        }
        let link = text("url").filter(|url| url.starts_with("http")).map(|url| Card {
            url: Some(url),
            title: text("title"),
            summary: text("description"),
            image: None,
        });
        let mut media = Vec::new();
        if let Some(path) = text("path") {
            let picture = path.contains("image/") || path.contains("video/") || path.contains("voice/");
            let saved = ["", ".jpg", ".png", ".gif", ".jpeg", ".webp"]
                .iter()
                .find_map(|end| circle_content::posts::resolve(self.input, &place.file, &format!("{path}{end}")));
            let name = text("file_name");
            let wanted = Wanted {
                file: saved.as_deref().or(Some(&path)),
                beside: &place.file,
                name: name.as_deref(),
                role: if picture { MediaRole::Gallery } else { MediaRole::Attachment },
                absent: Some((
                    MediaState::Missing,
                    "MemoTrace found no file for it on the computer where the chat was exported",
                )),
                ..Wanted::default()
            };
            media.push(self.files.take(&wanted, sink)?);
        }
        let created =
            message.word("timestamp").map_or_else(Time::default, |raw| article::date(&raw, self.options, &at, report));
        let name = text("display_name").unwrap_or_default();
        let author = self.people.named(&name);
        if message.flag("is_send")
            && let Some(member) = author.as_ref().and_then(|id| self.people.edit(id))
        {
            member.is_self = true;
        }
        let server = message.id(&["server_id"]).filter(|id| id != "0");
        let weak_key = format!("{name}\0{}\0{}", created.raw, body.join("\n"));
        let post = |key: &str| -> Id { ident::id(SOURCE, "post", key) };
        let reply_to = message.id(&["quote_server_id"]).filter(|id| id != "0").map(|id| post(&id));
        let quote = text("quote_text").map(|quoted| Quote {
            post: reply_to.clone(),
            text: Some(Text::plain(quoted)),
            ..Quote::default()
        });
        if media.is_empty() {
            report.lose(Part::NamedMedium, body.iter().map(|line| formats::named_in(line)).sum(), shown);
        }
        if body.is_empty() && media.is_empty() && link.is_none() {
            report.lose(Part::NamedMedium, 1, shown);
            self.count(
                "messages hold nothing that can be shown (stickers, calls and the like); only their place is kept",
            );
        }
        sink.push(Record::Post(Box::new(Post {
            id: post(server.as_deref().unwrap_or(&weak_key)),
            author,
            created,
            title_from: TitleFrom::Derived,
            body: Text { lang: self.options.language.clone(), ..Text::plain(body.join("\n")) },
            media,
            kind: PostKind::Note,
            visibility: place.visibility,
            link,
            quote,
            reply_to,
            weak_id: server.is_none(),
            src: Source { source: SOURCE.to_owned(), file: Some(place.file.clone()), id: server, ..Source::default() },
            ..Post::default()
        })))
    }

    /// A forwarded message in a bundle, as a line.
    fn merged(&self, message: &Value, escaped: bool) -> Option<String> {
        let text =
            |path: &str| message.text(path).map(|text| if escaped { entities::decoded(text) } else { text.to_owned() });
        let said = text("text").or_else(|| text("title")).or_else(|| text("file_name"))?;
        Some(format!("{}：{said}", text("display_name").unwrap_or_default()))
    }
}

/// Who could read a chat. The page has its id, and groups end in `@chatroom`.
fn visibility(head: &str) -> Visibility {
    let before = head.split_once("\"is_send\"").map_or(head, |(before, _)| before);
    // The page's own program contains `@chatroom`, too, so the number before it is required.
    let is_name =
        |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    let mut texts = before.split(['"', '\'']);
    if texts.clone().any(|text| text.strip_suffix("@chatroom").is_some_and(is_name)) {
        Visibility::Circle
    } else if texts.any(|text| text.strip_prefix("wxid_").is_some_and(is_name)) {
        Visibility::Direct
    } else {
        Visibility::Unknown
    }
}

/// The array of messages in a script: the first one whose items have the field for sent messages.
fn messages(script: &str) -> Option<Vec<Value>> {
    let lists = script
        .match_indices('[')
        .filter(|(at, _)| script.get(..*at).is_some_and(|before| before.trim_end().ends_with(['=', ':', '/'])));
    lists.take(64).find_map(|(at, _)| {
        let value = literal::assigned(&format!("list={}", script.get(at..)?), "list")?;
        let Value::Array(items) = value else { return None };
        items.iter().any(|item| item.get("is_send").is_some()).then_some(items)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_numbered_chatroom_is_a_group() {
        for (head, wanted) in [
            ("var wxid = \"12345@chatroom\"; x = [{\"is_send\": true", Visibility::Circle),
            ("if (id.endsWith('@chatroom')) {} var wxid = \"wxid_abc0\";", Visibility::Direct),
            ("if (id.endsWith('@chatroom')) {} var wxid = \"old_name\";", Visibility::Unknown),
            ("var wxid = \"wxid_abc0\"; x = [{\"is_send\": true, \"text\": \"12345@chatroom\"", Visibility::Direct),
        ] {
            assert_eq!(visibility(head), wanted, "{head}");
        }
    }
}
