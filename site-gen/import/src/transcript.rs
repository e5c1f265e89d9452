//! Transcripts of talks: recognises the beginning of a message in a line, in any order of date, time, name and text. All such forms are
//! here, except WhatsApp's, which has its texts in forty languages beside its importer.
//!
//! Recognised with or without brackets and Markdown's asterisks: `2021-05-29 20:01 林晚(1234567)`, `林晚 2021/5/29 20:01`, `[20:01] 林晚: 好`, `林晚
//! 20:01：好`, `20:01<TAB>林晚<TAB>好`, `20:01 <林晚> 好`, `林晚: 好 20:01`, `林晚：好`, `<林晚> 好`, and a time or a name alone.

use self::stamp::Stamp;
use circle_html::privacy::account::{is_mark, without_account};

mod account;
mod stamp;
mod talk;

pub(super) use account::without_numbers;
pub(super) use talk::{is_log, is_talk, is_talk_page};

/// The maximum length of a name in characters.
const LONGEST_NAME: usize = 40;

/// The kind of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Line<'a> {
    /// The beginning of a message.
    Said(Said<'a>),
    /// Only a date with time.
    Moment,
    /// Only a date.
    Day,
    /// Anything else.
    Other,
}

/// The beginning of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said<'a> {
    /// The speaker, with a number or address that is written behind the name.
    pub(super) who: &'a str,
    /// The text in the same line.
    pub(super) words: Option<&'a str>,
    /// The time, as written.
    pub(super) when: Option<&'a str>,
    /// True if the time precedes the name.
    pub(super) is_first: bool,
    /// True if there is a date beside the time.
    pub(super) has_day: bool,
    /// True if the time has seconds.
    pub(super) has_seconds: bool,
    /// True if a sign separates time, name and text, as only programs write them.
    pub(super) is_sure: bool,
    /// True if, without a sign, the first word may be the name and the others the text.
    pub(super) first_word: Option<&'a str>,
}

/// Reads a line.
pub(super) fn read(line: &str) -> Line<'_> {
    let line = line.trim_matches(|c: char| c.is_whitespace() || is_mark(c));
    let line = line.trim_start_matches(['>', '*', '#', '_', '`']).trim_start();
    let line = without_number(line.strip_prefix("- ").unwrap_or(line));
    // Longer lines are the text of a message.
    if line.is_empty() || line.len() > 4000 {
        return Line::Other;
    }
    match stamp::find(line) {
        Some(stamp) => stamped(line, stamp).map_or(Line::Other, |said| said),
        None if stamp::is_day_line(line) => Line::Day,
        None => unstamped(line).map_or(Line::Other, Line::Said),
    }
}

/// The line without a list number (`12. `, `3)`, `4、`), and without a time in a form that no program writes (`10.05 `).
fn without_number(line: &str) -> &str {
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = line.len() - rest.len();
    let after = rest.strip_prefix(['.', ')', '、']);
    let after = after.map(|after| after.trim_start_matches(|c: char| c.is_ascii_digit() && rest.starts_with('.')));
    match after {
        Some(after) if (1..=4).contains(&digits) && after.len() + 3 >= rest.len() => {
            let words = after.trim_start();
            // `1.5` and `29.05.2021` are not list numbers.
            if after.starts_with([' ', '\t']) || words.starts_with(|c: char| !c.is_ascii()) { words } else { line }
        }
        _ => line,
    }
}

/// True for a line with only a date.
pub(super) fn is_day(line: &str) -> bool {
    // Abbreviations of Thai weekdays are short and have a dot: ส. 29/05/2564.
    stamp::is_day_line(line)
        || line.split_once(". ").is_some_and(|(week, day)| week.chars().count() <= 3 && stamp::is_day_line(day))
}

/// Signs between a time and a name.
fn is_between(c: char) -> bool {
    c.is_whitespace()
        || is_mark(c)
        || matches!(
            c,
            ']' | ')' | '）' | '】' | '}' | ',' | '，' | '-' | '–' | '—' | '|' | '·' | '•' | '*' | '_' | ';' | '；'
        )
}

fn is_opening(c: char) -> bool {
    c.is_whitespace()
        || is_mark(c)
        || matches!(
            c,
            '[' | '(' | '（' | '【' | '{' | '<' | ',' | '，' | '-' | '–' | '—' | '|' | '·' | '•' | '*' | '_' | '@'
        )
}

fn stamped(line: &str, stamp: Stamp) -> Option<Line<'_>> {
    let when = line.get(stamp.at.clone())?;
    let (before, after) = (line.get(..stamp.at.start)?, line.get(stamp.at.end..)?);
    let of = |who, words, is_first, is_sure, first_word| {
        Line::Said(Said {
            who,
            words,
            when: Some(when),
            is_first,
            has_day: stamp.has_day,
            has_seconds: stamp.has_seconds,
            is_sure,
            first_word,
        })
    };
    let is_bracketed = before.trim_end().ends_with(['[', '(', '（', '【', '<']);
    let name = before.trim_matches(is_opening);
    let rest = after.trim_start_matches(is_between);
    if name.is_empty() {
        let rest = rest.trim_start_matches([':', '：']).trim_start();
        if rest.is_empty() {
            return Some(Line::Moment);
        }
        // 【管理员】阿木(123456789): the text in brackets is a title.
        if rest.starts_with('【') && without_account(rest).1.is_some() {
            return Some(of(rest, None, true, false, None));
        }
        if let Some((who, words)) = in_brackets(rest).or_else(|| before_tab(rest)).or_else(|| before_colon(rest)) {
            return Some(of(who, Some(words).filter(|words| !words.is_empty()), true, true, None));
        }
        let mut words = rest
            .split(|c: char| c.is_whitespace() || matches!(c, ',' | '，' | '|' | ';'))
            .filter(|word| !word.is_empty());
        let first = words.next().filter(|_| words.next().is_some()).filter(|word| is_name(word));
        let who = if is_name(rest) { rest } else { "" };
        return (!who.is_empty() || first.is_some()).then(|| of(who, None, true, false, first));
    }
    let ends_in_colon = |text: &str| text.trim_end_matches(['*', ' ']).ends_with([':', '：']);
    if ends_in_colon(name) && !rest.is_empty() {
        let who = name.trim_end_matches([':', '：', '*', ' ']);
        return is_name(who).then(|| of(who, Some(rest), false, true, None));
    }
    let colon = rest.strip_prefix([':', '：', '>']).map(|words| words.trim_matches([' ', '*']));
    if let Some(words) = colon {
        return is_name(name).then(|| of(name, Some(words).filter(|words| !words.is_empty()), false, true, None));
    }
    if rest.is_empty() {
        // Some programs write the time after the text.
        if let Some((who, words)) = before_colon(name).filter(|(_, words)| !words.is_empty()) {
            return Some(of(who, Some(words), false, true, None));
        }
        return is_name(name).then(|| of(name, None, false, false, None));
    }
    (is_name(name) && !name.contains(['。', '；'])).then(|| of(name, Some(rest), false, is_bracketed, None))
}

fn unstamped(line: &str) -> Option<Said<'_>> {
    let bracketed = in_brackets(line).filter(|(_, words)| {
        // `[words](address)` and `(words)` are not speakers.
        !words.is_empty() && !words.starts_with('(') && !line.starts_with(['(', '（'])
    });
    let (who, words) = bracketed.or_else(|| before_colon(line)).or_else(|| before_tab(line))?;
    let is_spoken = who.chars().count() <= 20
        && who.chars().any(|c| c.is_alphabetic() || !c.is_ascii())
        && !who.contains(['。', '，', '/', '!', '！', '?', '？', '、', '"', '“', '=', '{', ';'])
        && !words.starts_with("//");
    is_spoken.then(|| Said {
        who,
        words: Some(words).filter(|words| !words.is_empty()),
        when: None,
        is_first: false,
        has_day: false,
        has_seconds: false,
        is_sure: false,
        first_word: None,
    })
}

/// `<林晚> 好`, `【林晚】好`.
fn in_brackets(text: &str) -> Option<(&str, &str)> {
    for (open, close) in [('<', '>'), ('[', ']'), ('【', '】'), ('「', '」'), ('（', '）'), ('(', ')')] {
        if let Some((who, words)) = text.strip_prefix(open).and_then(|rest| rest.split_once(close)) {
            return is_name(who).then(|| (who, words.trim_start_matches([':', '：', ' ', '\t', '*'])));
        }
    }
    None
}

fn before_tab(text: &str) -> Option<(&str, &str)> {
    let (who, words) = text.split_once('\t')?;
    is_name(who).then(|| (who.trim(), words.trim()))
}

fn before_colon(text: &str) -> Option<(&str, &str)> {
    let (who, words) = text.split_at(text.find(['：', ':'])?);
    let words = words.trim_start_matches(['：', ':']).trim_matches(|c: char| c.is_whitespace() || c == '*');
    let who = who.trim_matches(|c: char| c.is_whitespace() || c == '*' || c == '_' || is_mark(c));
    is_name(who).then_some((who, words))
}

fn is_name(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty()
        && text.chars().count() <= LONGEST_NAME
        && !text.contains(['：', '。', '\n'])
        && !text.contains(": ")
}
