//! The content of a file: chats and their messages in order, from any supported program.

use super::{
    super::{head, lines::each_line},
    Message, line_app, qq_page,
};
use crate::transcript::{self, Line};
use circle_content::{Result, input::Input};
use circle_html::privacy::account;

/// The heading above QQ's messages.
const QQ: &str = "消息记录（此消息记录为文本格式";

/// The program that wrote a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// QQ's message manager, as text.
    Qq,
    /// QQ's message manager, as a page (the one in an .mht).
    QqPage,
    /// LINE.
    Line,
    /// Programs that write a line with date, time and name before each message: 留痕 TXT, lchatlog.
    Lines,
}

/// An item of a file.
pub(super) enum Piece {
    /// A chat begins.
    Talk { name: Option<String>, is_friend: bool },
    /// A message.
    Message(Message),
    /// Something that could not be read, in words.
    Lost(&'static str),
}

/// The program of a file, by its first lines.
pub(super) fn format_of(input: &Input, path: &str) -> Option<Format> {
    let name = path.to_ascii_lowercase();
    if [".html", ".htm"].iter().any(|end| name.ends_with(end)) {
        return qq_page::is(&head(input, path, 16 << 10)).then_some(Format::QqPage);
    }
    if !name.ends_with(".txt") {
        return None;
    }
    let head = head(input, path, 8192);
    if head.get(..head.floor_char_boundary(2048)).unwrap_or(&head).contains(QQ) {
        Some(Format::Qq)
    } else if line_app::is(&head) {
        Some(Format::Line)
    } else {
        is_lines(&head).then_some(Format::Lines)
    }
}

/// True for a text whose first line begins a message, as do other lines, all with seconds, and with a speaker who speaks again or is
/// answered.
fn is_lines(head: &str) -> bool {
    let lines: Vec<&str> = head.lines().filter(|line| !line.trim().is_empty()).collect();
    let begins = |line: &str| before_message(line).is_some_and(|line| line.seconds);
    lines.first().is_some_and(|line| begins(line)) && lines.iter().filter(|line| begins(line)).count() >= 2
}

/// The line before a message.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Before<'a> {
    pub(super) date: &'a str,
    pub(super) who: &'a str,
    pub(super) seconds: bool,
}

/// Reads a line that contains only date, time and name.
pub(super) fn before_message(line: &str) -> Option<Before<'_>> {
    match transcript::read(line) {
        Line::Said(said) if said.is_first && said.has_day && said.words.is_none() && !said.who.is_empty() => {
            let date = said.when?;
            date.starts_with(|c: char| c.is_ascii_digit()).then_some(Before {
                date,
                who: said.who,
                seconds: said.has_seconds,
            })
        }
        _ => None,
    }
}

/// Passes on everything in a file.
pub(super) fn each(
    input: &Input,
    path: &str,
    format: Format,
    take: &mut dyn FnMut(&Piece) -> Result<()>,
) -> Result<()> {
    match format {
        Format::Qq | Format::Lines => lines(input, path, take),
        Format::QqPage => qq_page::each(input, path, take),
        Format::Line => line_app::each(input, path, take),
    }
}

fn lines(input: &Input, path: &str, take: &mut dyn FnMut(&Piece) -> Result<()>) -> Result<()> {
    let mut message: Option<Message> = None;
    let (mut group, mut after_rule) = (None, false);
    each_line(input, path, |line| {
        // QQ writes the list and the name of a chat between horizontal rules above its messages.
        if let Some(list) = line.strip_prefix("消息分组:").filter(|_| after_rule) {
            group = Some(list.trim().to_owned());
        } else if let Some(name) = line.strip_prefix("消息对象:").filter(|_| after_rule) {
            flush(&mut message, take)?;
            let is_friend = group.take().is_some_and(|list| list.contains("好友"));
            take(&Piece::Talk { name: Some(name.trim().to_owned()), is_friend })?;
        } else if let Some(before) = before_message(line) {
            flush(&mut message, take)?;
            message = Some(Message {
                date: before.date.to_owned(),
                who: before.who.to_owned(),
                is_system: is_system(before.who),
                ..Message::default()
            });
        } else if let Some(message) = &mut message {
            message.text.push_str(line);
            message.text.push('\n');
        }
        let is_rule = line.len() >= 16 && line.bytes().all(|byte| byte == b'=');
        if is_rule {
            // The rule above the next chat's heading is not part of a message.
            if let Some(message) = &mut message {
                let end = message.text.trim_end().trim_end_matches('=').len();
                message.text.truncate(end);
            }
        }
        after_rule = is_rule;
        Ok(())
    })?;
    flush(&mut message, take)
}

/// The message is complete: the next one begins, or the file ends.
pub(super) fn flush(message: &mut Option<Message>, take: &mut dyn FnMut(&Piece) -> Result<()>) -> Result<()> {
    match message.take() {
        Some(message) => take(&Piece::Message(message)),
        None => Ok(()),
    }
}

/// True for QQ's own messages.
pub(super) fn is_system(who: &str) -> bool {
    let (name, account) = account::without_account(who);
    matches!(account, Some("10000" | "1000000")) || name == "系统消息"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_before_a_message() {
        let of = |line: &'static str| before_message(line).map(|line| (line.date, line.who, line.seconds));
        for (line, wanted) in [
            ("2021-05-29 3:04:17 林晚(123456789)", ("2021-05-29 3:04:17", "林晚(123456789)", true)),
            (
                "2021-05-29 13:04:18 【管理员】阿木<amu@mail.example>",
                ("2021-05-29 13:04:18", "【管理员】阿木<amu@mail.example>", true),
            ),
            ("2021/5/29 13:04 阿 木 (一)", ("2021/5/29 13:04", "阿 木 (一)", false)),
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
            format_of(&input, "a.txt").is_some()
        };
        assert!(is("2021-05-29 03:04:17 林晚\n去吗\n\n2021-05-29 03:05:17 阿木\n去\n"));
        assert!(!is("2021-05-29 晴\n去了河边。\n\n2021-05-30 雨\n没去。\n"));
        assert!(!is("2021-05-29 03:04 河边\n去了河边。\n\n2021-05-30 03:04 雨\n没去。\n"));
    }
}
