//! Translates the program's messages: errors, problems, notes and lines of output.
//!
//! Code writes every message in English, and it stays English in `--json`, in the archive and in tests. Code that shows a message
//! to a person looks it up here, as in gettext, by its English text; the pattern finds the values in it. So a message needs no
//! key, code that makes one needs no language, and a message without a translation is still readable. The tables are in
//! `messages/*.toml`: `"{} file[s] [was|were] not read" = ["{} 个文件没有读", "{} 個檔案沒有讀"]`.
//!
//! In a pattern, `{}` is a value, and `[s]` and `[is|are]` agree with the number before them as in
//! [`fill`](circle_content::phrase::fill). A translation uses the values in order, or by number (`{2}`). A value that is itself a
//! message is translated, too, and so are the parts of `a place: a message` and `12 things of a kind`.

use std::sync::OnceLock;

use circle_model::view::Lang;

/// Every table: English, then simplified and traditional Chinese.
pub(super) const TABLES: &[(&str, &str)] = &[
    ("archive", include_str!("messages/archive.toml")),
    ("commands", include_str!("messages/commands.toml")),
    ("help", include_str!("messages/help.toml")),
    ("import", include_str!("messages/import.toml")),
    ("inspect", include_str!("messages/inspect.toml")),
    ("site", include_str!("messages/site.toml")),
];

/// The maximum depth of messages inside values.
const DEEPEST: usize = 6;

/// The maximum length of the word in a pattern of one word and a value, including the space, such as `line {}`. The value is one
/// word, too.
const LONGEST_WORD: usize = 8;

/// The maximum length of a message. Longer texts are somebody's own words.
const LONGEST: usize = 2_000;

/// The maximum number of ends of values that are tried for one pattern. A hostile text may almost fit it in very many ways.
const STEPS: u32 = 20_000;

/// A piece of a pattern.
#[derive(Debug, PartialEq)]
enum Piece {
    Literal(String),
    Value,
    /// The singular and the plural.
    Ending(String, String),
}

#[derive(Debug)]
struct Message {
    pieces: Vec<Piece>,
    /// The number of letters in the pattern. If several patterns fit, the one with the most letters is meant.
    letters: usize,
    chinese: [String; 2],
}

/// `english` in `lang`, or unchanged if no table has it. All lines are looked up together, then each by itself.
#[must_use]
pub fn in_language(lang: Lang, english: &str) -> String {
    let column = match lang {
        Lang::ZhHans => 0,
        Lang::ZhHant => 1,
        Lang::En => return english.to_owned(),
    };
    translated(english, column, DEEPEST).unwrap_or_else(|| {
        let line = |line: &str| {
            let text = line.trim();
            let said = translated(text, column, DEEPEST).filter(|_| !text.is_empty());
            said.map_or_else(|| line.to_owned(), |said| line.replacen(text, &said, 1))
        };
        english.split('\n').map(line).collect::<Vec<_>>().join("\n")
    })
}

/// True if every line of a pattern has a Chinese translation. For tests.
#[must_use]
pub fn is_translated(pattern: &str) -> bool {
    let sample = |line: &str| {
        let pieces = pieces(line.trim());
        let part = |piece: &Piece| match piece {
            Piece::Literal(text) => text.clone(),
            Piece::Value => "V".to_owned(),
            Piece::Ending(_, many) => many.clone(),
        };
        pieces.iter().map(part).collect::<String>()
    };
    let is_said = |line: String| in_language(Lang::ZhHans, &line) != line;
    // After a colon at the end there is always a value.
    is_said(sample(pattern))
        || is_said(format!("{} V", sample(pattern)))
        || pattern.split('\n').map(sample).filter(|line| !line.is_empty()).all(is_said)
}

impl Message {
    /// True for a word and a value, such as `line {}`.
    fn is_one_word(&self) -> bool {
        let word = |text: &str| {
            text.len() <= LONGEST_WORD && text.ends_with(' ') && text.trim().chars().all(char::is_alphabetic)
        };
        matches!(self.pieces.as_slice(), [Piece::Literal(text), Piece::Value] if word(text))
    }
}

fn all() -> &'static [Message] {
    static ALL: OnceLock<Vec<Message>> = OnceLock::new();
    ALL.get_or_init(|| {
        let mut all = Vec::new();
        for (english, value) in TABLES.iter().flat_map(|(_, text)| text.parse::<toml::Table>().unwrap_or_default()) {
            let column = |at: usize| Some(value.as_array()?.get(at)?.as_str()?.to_owned());
            if let (Some(hans), Some(hant)) = (column(0), column(1)) {
                let pieces = pieces(&english);
                let letters =
                    pieces.iter().map(|piece| if let Piece::Literal(text) = piece { text.len() } else { 0 }).sum();
                all.push(Message { pieces, letters, chinese: [hans, hant] });
            }
        }
        all.sort_by_key(|message| std::cmp::Reverse(message.letters));
        all
    })
}

/// Divides a pattern into pieces. `{name}` and `{0}` are values, too.
fn pieces(pattern: &str) -> Vec<Piece> {
    let (mut pieces, mut literal, mut rest) = (Vec::new(), String::new(), pattern);
    let is_name = |inner: &str| inner.chars().all(|c| c.is_alphanumeric() || "_.:?=".contains(c));
    while let Some(sign) = rest.chars().next() {
        let after = rest.get(sign.len_utf8()..).unwrap_or_default();
        let closed = match sign {
            '{' => after.split_once('}').filter(|(inner, _)| is_name(inner)).map(|(_, after)| (Piece::Value, after)),
            '[' => after.split_once(']').filter(|(inner, _)| inner.chars().all(|c| c.is_alphabetic() || c == '|')).map(
                |(inner, after)| {
                    let (one, many) = inner.split_once('|').unwrap_or(("", inner));
                    (Piece::Ending(one.to_owned(), many.to_owned()), after)
                },
            ),
            _ => None,
        };
        if let Some((piece, after)) = closed {
            if !literal.is_empty() {
                pieces.push(Piece::Literal(std::mem::take(&mut literal)));
            }
            pieces.push(piece);
            rest = after;
        } else {
            literal.push(sign);
            rest = after;
        }
    }
    if !literal.is_empty() {
        pieces.push(Piece::Literal(literal));
    }
    pieces
}

fn translated(text: &str, column: usize, depth: usize) -> Option<String> {
    if depth == 0 || text.is_empty() || text.len() > LONGEST {
        return None;
    }
    let mut later = None;
    for message in all() {
        let mut values = Vec::new();
        if !fits(&message.pieces, text, &mut values, &mut { STEPS }) {
            continue;
        }
        // A text that begins with one word may be anything. A value with a message in it is more likely a place before that
        // message.
        if message.is_one_word() && values.iter().any(|value| value.contains(' ')) {
            continue;
        }
        // Anything may follow a label.
        let label = matches!(message.pieces.as_slice(), [Piece::Literal(label), Piece::Value] if label.ends_with(": "));
        if !label && values.iter().any(|value| value.contains(": ")) {
            // A later pattern may fit better, with all of its words: `Reading {} as {}: {}` before `{} has the heading of …`.
            later.get_or_insert((message, values));
            continue;
        }
        return whole(message, &values, column, depth);
    }
    if let Some((message, values)) = later {
        return after_place(text, column, depth).or_else(|| whole(message, &values, column, depth));
    }
    // Compound forms: a problem before the text that was seen, a place before a message, a number before the things counted.
    if let Some((what, seen)) = text.split_once(": `").filter(|_| text.ends_with('`'))
        && let Some(what) = translated(what, column, depth - 1)
    {
        return Some(format!("{what}：`{seen}"));
    }
    if let Some(said) = after_place(text, column, depth) {
        return Some(said);
    }
    let (count, what) = text.split_once(' ')?;
    let counted = !count.is_empty() && count.chars().all(|c| c.is_ascii_digit() || c == ',');
    counted.then(|| translated(what, column, depth - 1)).flatten().map(|what| format!("{what}：{count}"))
}

/// The translation of a message with its values, each of which is translated, too.
fn whole(message: &Message, values: &[&str], column: usize, depth: usize) -> Option<String> {
    let say = |value: &str| translated(value, column, depth - 1).unwrap_or_else(|| value.to_owned());
    Some(filled(message.chinese.get(column)?, values, say))
}

/// Translates a message after a place.
fn after_place(text: &str, column: usize, depth: usize) -> Option<String> {
    let (place, what) = text.split_once(": ")?;
    let what = translated(what.trim_start(), column, depth - 1)?;
    let place = translated(place, column, depth - 1).unwrap_or_else(|| place.to_owned());
    Some(format!("{place}：{what}"))
}

/// True if `text` is `pieces` with values inserted; these are appended to `values`. A value is as short as the rest allows.
fn fits<'a>(pieces: &[Piece], text: &'a str, values: &mut Vec<&'a str>, steps: &mut u32) -> bool {
    let Some((first, rest)) = pieces.split_first() else { return text.is_empty() };
    match first {
        Piece::Literal(literal) => {
            text.strip_prefix(literal.as_str()).is_some_and(|text| fits(rest, text, values, steps))
        }
        Piece::Ending(one, many) => [many, one].into_iter().any(|form| {
            let kept = values.len();
            let fit = text.strip_prefix(form.as_str()).is_some_and(|text| fits(rest, text, values, steps));
            if !fit {
                values.truncate(kept);
            }
            fit
        }),
        Piece::Value => {
            let kept = values.len();
            // Only values between backquotes may be empty.
            let quoted = matches!(rest.first(), Some(Piece::Literal(literal)) if literal.starts_with('`'));
            let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
            for end in ends.filter(|end| *end > 0 || quoted) {
                let (value, after) = text.split_at(end);
                *steps = steps.saturating_sub(1);
                if value.ends_with('\n') || *steps == 0 {
                    break;
                }
                if matches!(rest.first(), Some(Piece::Literal(literal)) if !after.starts_with(literal.as_str())) {
                    continue;
                }
                values.push(value);
                if fits(rest, after, values, steps) {
                    return true;
                }
                values.truncate(kept);
            }
            false
        }
    }
}

/// A translation with its values, each translated by `say`: `{}` is the next one, `{2}` the second, `{=}` one that is not
/// translated.
fn filled(chinese: &str, values: &[&str], say: impl Fn(&str) -> String) -> String {
    let (mut text, mut rest, mut next) = (String::new(), chinese, 0);
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let closed = after.split_once('}').filter(|(inner, _)| inner.chars().all(|c| c.is_ascii_digit() || c == '='));
        let Some((inner, after)) = closed else {
            text.push('{');
            rest = after;
            continue;
        };
        let at = inner.trim_end_matches('=').parse::<usize>().map_or(next, |number| number.saturating_sub(1));
        next += 1;
        let value = values.get(at).copied().unwrap_or_default();
        if inner.ends_with('=') {
            text.push_str(value)
        } else {
            text.push_str(&say(value))
        }
        rest = after;
    }
    text + rest
}

#[cfg(test)]
#[path = "messages/tests.rs"]
mod tests;
