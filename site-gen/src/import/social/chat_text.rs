//! Chats that programs write as text, a line with day, clock and name before what somebody said: QQ's 导出消息记录 (.txt), lchatlog and
//! the like.
//!
//! 1. A line `2021-05-29 3:04:17 林晚(123456789)` begins a message; what follows it up to the next such line is its text.
//! 2. Numbers and addresses behind a name are the person's, and go to the private side; a title before it (【管理员】) is none of it.
//! 3. Nothing in such a file says who could read along. QQ names the list that the chat is in: of friends it is direct. All others are
//!    of two people, and direct, or of more, and unknown: never published without a leader's word.

use std::collections::{BTreeMap, BTreeSet};

use circle_model::{
    archive::{Event, EventKind, Post, PostKind, Record, Scope, Source, Text, TitleFrom, Visibility},
    id::Id,
};

use super::{lines::each_line, when};
use crate::{
    Result,
    import::{Importer, Options, Recognised, Sink, gate, ident, media, people::People},
    input::Input,
    report::{Exclusion, Part, Report},
};

const SOURCE: &str = "chat-text";
const LOOKED_FOR: &str = "a chat as text: lines with day, clock and name (QQ 消息记录 .txt)";
/// How many files are looked at to know that all are chats.
const LOOK_AT: usize = 60;
/// The longest name, in characters.
const LONGEST_NAME: usize = 60;
/// What stands above QQ's records.
const QQ: &str = "消息记录（此消息记录为文本格式";

/// Chats as text.
#[derive(Clone, Copy, Debug)]
pub(super) struct ChatText;

impl Importer for ChatText {
    fn name(&self) -> &'static str {
        SOURCE
    }

    fn about(&self) -> &'static str {
        "chats as text (聊天记录 .txt): QQ 导出的消息记录, lchatlog; withheld until a leader says otherwise"
    }

    fn recognise(&self, input: &Input) -> Recognised {
        // Beside other texts only QQ's own heading is sure.
        let texts =
            || input.entries().iter().map(|entry| entry.path.as_str()).filter(|path| !media::is_media_name(path));
        if let Some(path) = texts().filter(|path| is_text(path)).take(LOOK_AT).find(|path| is_qq(input, path)) {
            return Recognised::Yes(format!("{path} has the heading of QQ's records"));
        }
        let first: Vec<&str> = texts().take(LOOK_AT).collect();
        if !first.is_empty() && first.iter().all(|path| is_text(path) && is_chat(input, path)) {
            return Recognised::Yes(format!(
                "{} has lines with day, clock and name, each before what somebody said",
                first.join(", ")
            ));
        }
        Recognised::No(LOOKED_FOR)
    }

    fn import(&self, input: &Input, options: &Options, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        report.scope = Scope::Circle;
        let mut people = People::new(SOURCE);
        let paths: Vec<&str> =
            input.entries().iter().map(|entry| entry.path.as_str()).filter(|path| is_text(path)).collect();
        for path in paths {
            if !is_qq(input, path) && !is_chat(input, path) {
                report.note(format!("{path}: not read, it is no chat"));
                continue;
            }
            let (senders, friends) = first_pass(input, path)?;
            let visibility = if friends || senders <= 2 { Visibility::Direct } else { Visibility::Unknown };
            let mut chat = Chat {
                options,
                path,
                visibility,
                people: &mut people,
                seen: BTreeMap::new(),
                message: None,
                number: 0,
            };
            each_line(input, path, |line| chat.line(line, sink, report))?;
            chat.flush(sink, report)?;
            report.note(format!(
                "a chat in which {senders} people wrote is kept back: the file does not say who could read it; `circlekeep decide publish` lets it out if it was the circle's"
            ));
        }
        people.finish(sink)
    }
}

fn is_text(path: &str) -> bool {
    path.to_ascii_lowercase().ends_with(".txt")
}

fn is_qq(input: &Input, path: &str) -> bool {
    super::head(input, path, 2048).contains(QQ)
}

/// True for a text whose first line begins a message, and so do others, all by the second.
fn is_chat(input: &Input, path: &str) -> bool {
    let head = super::head(input, path, 8192);
    let lines: Vec<&str> = head.lines().filter(|line| !line.trim().is_empty()).collect();
    let begins = |line: &&&str| read_line(line).is_some_and(|line| line.seconds);
    lines.first().is_some_and(|line| begins(&line)) && lines.iter().filter(begins).count() >= 2
}

/// The line before what somebody said.
#[derive(Debug, PartialEq, Eq)]
struct Line<'a> {
    date: &'a str,
    name: &'a str,
    /// The number or address behind the name.
    account: Option<&'a str>,
    seconds: bool,
}

fn read_line(line: &str) -> Option<Line<'_>> {
    let line = line.trim_start_matches('\u{feff}').trim();
    let (day, rest) = line.split_once(' ')?;
    let (clock, name) = rest.trim_start().split_once(' ')?;
    let numbers = |text: &str, sign: &[char]| -> Option<Vec<usize>> {
        text.split(sign)
            .map(|part| part.bytes().all(|b| b.is_ascii_digit()).then_some(part.len()).filter(|n| *n > 0))
            .collect()
    };
    let day_parts = numbers(day, &['-', '/'])?;
    let clock_parts = numbers(clock, &[':'])?;
    let is_day = matches!(day_parts.as_slice(), [4, 1 | 2, 1 | 2]);
    let is_clock = matches!(clock_parts.as_slice(), [1 | 2, 2] | [1 | 2, 2, 2]);
    let name = name.trim();
    if !is_day || !is_clock || name.is_empty() || name.chars().count() > LONGEST_NAME || name.contains([':', '：']) {
        return None;
    }
    let (name, account) = without_account(name);
    let date = line.get(..line.len() - rest.trim_start().len() + clock.len())?;
    Some(Line { date, name: without_title(name), account, seconds: clock_parts.len() == 3 })
}

/// The name without the number or address that QQ writes behind it.
fn without_account(name: &str) -> (&str, Option<&str>) {
    for (open, close) in [('(', ')'), ('<', '>'), ('（', '）')] {
        if let Some(inside) = name.strip_suffix(close)
            && let Some((name, account)) = inside.rsplit_once(open)
            && (account.contains('@') || (account.len() >= 5 && account.bytes().all(|b| b.is_ascii_digit())))
        {
            return (name.trim(), Some(account));
        }
    }
    (name, None)
}

fn without_title(name: &str) -> &str {
    let rest = name.strip_prefix('【').and_then(|rest| rest.split_once('】')).map(|(_, name)| name.trim());
    rest.filter(|name| !name.is_empty()).unwrap_or(name)
}

/// How many wrote, and whether QQ says that the chat is with a friend.
fn first_pass(input: &Input, path: &str) -> Result<(usize, bool)> {
    let (mut senders, mut friends) = (BTreeSet::new(), false);
    each_line(input, path, |line| {
        friends |= line.starts_with("消息分组:") && line.contains("好友");
        if let Some(line) = read_line(line) {
            let key = line.account.unwrap_or(line.name);
            if !is_system(&line) && !senders.contains(key) {
                senders.insert(key.to_owned());
            }
        }
        Ok(())
    })?;
    Ok((senders.len(), friends))
}

/// True for what QQ itself says.
fn is_system(line: &Line<'_>) -> bool {
    line.account == Some("10000") || line.name == "系统消息"
}

struct Message {
    date: String,
    name: String,
    account: Option<String>,
    system: bool,
    text: String,
}

struct Chat<'a, 'b> {
    options: &'a Options,
    path: &'a str,
    visibility: Visibility,
    people: &'b mut People,
    seen: BTreeMap<Id, u64>,
    message: Option<Message>,
    number: u64,
}

impl Chat<'_, '_> {
    fn line(&mut self, text: &str, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        let Some(line) = read_line(text) else {
            // What stands before the first message is the file's heading.
            if let Some(message) = &mut self.message {
                message.text.push_str(text);
                message.text.push('\n');
            }
            return Ok(());
        };
        self.flush(sink, report)?;
        self.message = Some(Message {
            date: line.date.to_owned(),
            name: line.name.to_owned(),
            account: line.account.map(str::to_owned),
            system: is_system(&line),
            text: String::new(),
        });
        Ok(())
    }

    /// The message is whole: the next begins, or the file ends.
    fn flush(&mut self, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        let Some(message) = self.message.take() else { return Ok(()) };
        self.number += 1;
        let created = when(&message.date, &format!("a chat: message {}", self.number), self.options, report);
        let text = message.text.trim().to_owned();
        let src = Source { source: SOURCE.to_owned(), file: Some(self.path.to_owned()), ..Source::default() };
        if message.system {
            let id = self.once("event", &format!("{}\0{text}", created.raw));
            let event = Event {
                id,
                kind: EventKind::Announce,
                at: created,
                text: Some(Text::plain(text)),
                src,
                ..Event::default()
            };
            let why = gate::of_visibility(self.visibility).unwrap_or(Exclusion::Unknown);
            return sink.withhold(why, Record::Event(Box::new(event)));
        }
        let author = self.people.author(message.account.as_deref(), &message.name);
        if let (Some(author), Some(account)) = (&author, &message.account) {
            if let Some(member) = self.people.edit(author) {
                member.src.id = None;
            }
            sink.keep_private(author, if account.contains('@') { "email" } else { "qq" }, account)?;
        }
        report.lose(Part::NamedMedium, media::named_in(&text), "…");
        let key = format!("{}\0{}\0{text}", author.as_ref().map_or("", |author| author.as_str()), created.raw);
        sink.push(Record::Post(Box::new(Post {
            id: self.once("post", &key),
            author,
            created,
            title_from: TitleFrom::Derived,
            body: Text::plain(text),
            kind: PostKind::Note,
            visibility: self.visibility,
            weak_id: true,
            src,
            ..Post::default()
        })))
    }

    /// The id for a key; the second of two equal ones gets another.
    fn once(&mut self, kind: &str, key: &str) -> Id {
        let first = ident::id(SOURCE, kind, key);
        let times = self.seen.entry(first.clone()).or_default();
        *times += 1;
        if *times == 1 { first } else { ident::id(SOURCE, kind, &format!("{key}\0{times}")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_before_a_message() {
        let of = |line: &'static str| read_line(line).map(|line| (line.date, line.name, line.account, line.seconds));
        for (line, wanted) in [
            ("2021-05-29 3:04:17 林晚(123456789)", ("2021-05-29 3:04:17", "林晚", Some("123456789"), true)),
            (
                "2021-05-29 13:04:18 【管理员】阿木<amu@mail.example>",
                ("2021-05-29 13:04:18", "阿木", Some("amu@mail.example"), true),
            ),
            ("2021/5/29 13:04 阿 木 (一)", ("2021/5/29 13:04", "阿 木 (一)", None, false)),
        ] {
            assert_eq!(of(line), Some(wanted), "{line}");
        }
        for line in [
            "",
            "2021-05-29 3:04:17",
            "2021-05-29 早上 林晚",
            "29/5/21, 12:00 - A: b",
            "2021-05-29 3:04:17 林晚: 好",
            "2021-05-29",
        ] {
            assert_eq!(of(line), None, "{line}");
        }
    }

    #[test]
    fn a_diary_is_no_chat() {
        let is = |text: &str| {
            let input = Input::memory([("a.txt".to_owned(), text.as_bytes().to_vec())].into());
            matches!(ChatText.recognise(&input), Recognised::Yes(_))
        };
        assert!(is("2021-05-29 03:04:17 林晚\n去吗\n\n2021-05-29 03:05:17 阿木\n去\n"));
        assert!(!is("2021-05-29 晴\n去了河边。\n\n2021-05-30 雨\n没去。\n"));
        assert!(!is("2021-05-29 03:04 河边\n去了河边。\n\n2021-05-30 03:04 雨\n没去。\n"));
    }
}
