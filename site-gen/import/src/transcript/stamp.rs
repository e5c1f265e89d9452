//! Dates and times in a line, in the many forms of phones and programs.

use circle_html::privacy::account::is_mark;
use std::ops::Range;

/// A time in a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    /// Its byte range in the line.
    pub(super) at: Range<usize>,
    /// True if there is a date or weekday beside the time.
    pub(super) has_day: bool,
    /// True if the time has seconds.
    pub(super) has_seconds: bool,
}

/// What a word of a line may be in a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    Clock {
        length: usize,
        seconds: bool,
        day: bool,
    },
    Day,
    Month,
    Number,
    Weekday,
    /// 六 of `2021/05/29(六)`: a weekday only in brackets.
    ShortWeekday,
    Half,
    /// `at`: part of a time only between other parts.
    Joint,
    Other,
}

/// Signs that separate words, and belong to none.
pub(super) const SIGNS: &[char] = &[
    '[', ']', '(', ')', '（', '）', '【', '】', '{', '}', '<', '>', '「', '」', '《', '》', '@', ',', '，', '|', '·',
    '•',
];

const HALVES: &[&str] =
    &["上午", "下午", "晚上", "早上", "早晨", "凌晨", "中午", "午前", "午後", "清晨", "傍晚", "深夜", "오전", "오후"];

/// The first time in a line, with the date beside it. A range (`10:00 - 11:00`) belongs to a timetable, and does not count.
pub(super) fn find(line: &str) -> Option<Stamp> {
    let words = words(line);
    let of = |range: &Range<usize>| line.get(range.clone()).unwrap_or_default();
    let kinds: Vec<Word> = words.iter().map(|range| kind(of(range))).collect();
    let clock = kinds.iter().position(|kind| matches!(kind, Word::Clock { .. }))?;
    let Some(Word::Clock { length, seconds, day }) = kinds.get(clock).copied() else { return None };
    let word = words.get(clock)?.clone();
    let is_in_brackets = |at: usize| {
        words.get(at).is_some_and(|range| line.get(..range.start).is_some_and(|before| before.ends_with(['(', '（'])))
    };
    let is_part = |at: usize| match kinds.get(at) {
        Some(Word::ShortWeekday) => is_in_brackets(at),
        Some(Word::Other | Word::Clock { .. }) | None => false,
        Some(_) => true,
    };
    let mut first = clock;
    while first > 0 && is_part(first - 1) {
        first -= 1;
    }
    let is_whole = word.start + length == word.end;
    let mut last = clock;
    while is_whole && is_part(last + 1) {
        last += 1;
    }
    // A bare number belongs to a date only with a month name, and a month name (May) only with a number.
    let has = |range: Range<usize>, wanted: Word| range.into_iter().any(|at| kinds.get(at) == Some(&wanted));
    let with_month = |range: Range<usize>| has(range.clone(), Word::Month) && has(range, Word::Number);
    let is_loose = |at: usize| matches!(kinds.get(at), Some(Word::Month | Word::Number));
    if !with_month(first..clock)
        && let Some(at) = (first..clock).rev().find(|at| is_loose(*at))
    {
        first = at + 1;
    }
    if !with_month(clock + 1..last + 1)
        && let Some(at) = (clock + 1..=last).find(|at| is_loose(*at))
    {
        last = at - 1;
    }
    while first < clock && kinds.get(first) == Some(&Word::Joint) {
        first += 1;
    }
    while last > clock && kinds.get(last) == Some(&Word::Joint) {
        last -= 1;
    }
    let end = if last == clock { word.start + length } else { words.get(last)?.end };
    let after = line.get(end..)?.trim_start_matches([' ', '-', '–', '—', '~', '至', '到']);
    let is_span = line.get(end..)?.trim_start().starts_with(['-', '–', '—', '~', '至', '到'])
        && matches!(kind(after.split([' ', ',', '，']).next().unwrap_or_default()), Word::Clock { .. });
    let has_day =
        day || (first..=last).any(|at| matches!(kinds.get(at), Some(Word::Day | Word::Month | Word::Weekday)));
    (!is_span).then_some(Stamp { at: words.get(first)?.start..end, has_day, has_seconds: seconds })
}

/// True for a line with only a date: `2021/05/29(六)`, `2021年5月29日 星期六`, `— 昨天 —`.
pub(super) fn is_day_line(line: &str) -> bool {
    let words = words(line);
    let kinds: Vec<Word> = words.iter().map(|range| kind(line.get(range.clone()).unwrap_or_default())).collect();
    let is_part = |kind: &Word| !matches!(kind, Word::Other | Word::Clock { .. });
    let kinds: Vec<Word> =
        kinds.into_iter().zip(&words).filter(|(_, word)| !is_rule(line.get((*word).clone()))).map(|(k, _)| k).collect();
    kinds.iter().any(|kind| matches!(kind, Word::Day | Word::Month | Word::Weekday)) && kinds.iter().all(is_part)
}

fn is_rule(word: Option<&str>) -> bool {
    word.is_some_and(|word| word.chars().all(|c| matches!(c, '-' | '–' | '—' | '=' | '*' | '─' | '━')))
}

fn words(line: &str) -> Vec<Range<usize>> {
    let (mut words, mut start) = (Vec::new(), None);
    for (at, c) in line.char_indices() {
        if c.is_whitespace() || SIGNS.contains(&c) || is_mark(c) {
            words.extend(start.take().map(|start| start..at));
        } else if start.is_none() {
            start = Some(at);
        }
    }
    words.extend(start.map(|start| start..line.len()));
    words
}

fn kind(word: &str) -> Word {
    if let Some((length, seconds)) = clock(word) {
        return Word::Clock { length, seconds, day: false };
    }
    if let Some(length) = day(word) {
        let rest = word.get(length..).unwrap_or_default();
        let bare = rest.trim_start_matches(['T', '-', '_']);
        let skipped = word.len() - bare.len();
        return match (rest, clock(bare)) {
            ("", _) => Word::Day,
            (_, Some((clock, seconds))) => Word::Clock { length: skipped + clock, seconds, day: true },
            _ if is_weekday(rest) => Word::Day,
            _ => Word::Other,
        };
    }
    let lower = word.trim_matches(['.', ';', '\'']).to_lowercase();
    if is_weekday(&lower) {
        return Word::Weekday;
    }
    match lower.as_str() {
        "今天" | "昨天" | "前天" | "今日" | "昨日" | "today" | "yesterday" => Word::Weekday,
        "一" | "二" | "三" | "四" | "五" | "六" | "日" | "月" | "火" | "水" | "木" | "金" | "土" => {
            Word::ShortWeekday
        }
        "at" | "um" | "on" => Word::Joint,
        "am" | "pm" | "a.m" | "p.m" | "a" | "p" | "m" => Word::Half,
        half if HALVES.contains(&half) => Word::Half,
        zone if is_zone(zone) => Word::Half,
        month if is_month(month) => Word::Month,
        number if number.len() <= 4 && !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) => Word::Number,
        ordinal if is_ordinal(ordinal) => Word::Number,
        piece if is_piece_of_a_day(piece) => Word::Day,
        _ => Word::Other,
    }
}

fn is_ordinal(word: &str) -> bool {
    let number = ["st", "nd", "rd", "th"].iter().find_map(|end| word.strip_suffix(end));
    number.is_some_and(|number| matches!(number.len(), 1 | 2) && number.bytes().all(|b| b.is_ascii_digit()))
}

/// `2021年`, `5月`, `29日`, each by itself.
fn is_piece_of_a_day(word: &str) -> bool {
    let number = word.strip_suffix(['年', '月', '日', '号', '號', '년', '월', '일']);
    number.is_some_and(|number| matches!(number.len(), 1 | 2 | 4) && number.bytes().all(|b| b.is_ascii_digit()))
}

fn is_zone(word: &str) -> bool {
    let named = ["utc", "gmt", "cst", "cet", "cest", "est", "edt", "pst", "pdt", "bst", "jst", "hkt"];
    let rest = named.iter().find_map(|name| word.strip_prefix(name)).unwrap_or(word);
    let is_named = rest.len() < word.len();
    // `+86` is the beginning of a phone number; `+0800` and `UTC+8` are zones.
    let lengths = if is_named { 1..=5 } else { 4..=5 };
    let digits = rest.strip_prefix(['+', '-']);
    let is_shift = digits.is_some_and(|digits| {
        lengths.contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit() || b == b':')
    });
    (rest.is_empty() && is_named) || is_shift
}

fn is_month(word: &str) -> bool {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    word == "sept" || MONTHS.iter().any(|month| *month == word || (word.len() == 3 && month.starts_with(word)))
}

fn is_weekday(word: &str) -> bool {
    const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let lower = word.to_lowercase();
    let chinese = ["星期", "礼拜", "禮拜", "周", "週"].iter().find_map(|start| word.strip_prefix(start));
    DAYS.iter().any(|day| *day == lower || (lower.len() == 3 && day.starts_with(&lower)))
        || chinese.is_some_and(|day| matches!(day, "一" | "二" | "三" | "四" | "五" | "六" | "日" | "天" | "末"))
        || word.ends_with("曜日")
        || word.ends_with("요일")
}

/// Reads digits, and so on, from the start of a word.
struct Reader<'a>(&'a str);

impl Reader<'_> {
    fn digits(&mut self, least: usize, most: usize) -> Option<u32> {
        let count = self.0.bytes().take_while(u8::is_ascii_digit).count();
        if count < least || count > most {
            return None;
        }
        let (number, rest) = self.0.split_at(count);
        self.0 = rest;
        number.parse().ok()
    }

    fn sign(&mut self, signs: &[char]) -> Option<char> {
        let sign = self.0.chars().next().filter(|c| signs.contains(c))?;
        self.0 = self.0.get(sign.len_utf8()..)?;
        Some(sign)
    }
}

/// The length of the time at the start of a word, and whether it has seconds.
fn clock(word: &str) -> Option<(usize, bool)> {
    let half = HALVES.iter().find_map(|half| word.strip_prefix(half));
    let mut reader = Reader(half.unwrap_or(word));
    let hour = reader.digits(1, 2)?;
    let sign = reader.sign(&[':', '：', '点', '點', '时', '時', '시'])?;
    let is_colon = matches!(sign, ':' | '：');
    let minute = if is_colon { reader.digits(2, 2)? } else { reader.digits(1, 2).unwrap_or(0) };
    if hour > 24 || minute > 59 {
        return None;
    }
    let mut seconds = false;
    if is_colon {
        let before = reader.0;
        if reader.sign(&[':', '：']).is_some() && reader.digits(2, 2).is_some_and(|second| second <= 60) {
            seconds = true;
            let before = reader.0;
            if reader.sign(&['.', ',']).is_none() || reader.digits(1, 9).is_none() {
                reader.0 = before;
            }
        } else {
            reader.0 = before;
        }
    } else {
        reader.sign(&['分', '분']);
    }
    let lower = reader.0.to_ascii_lowercase();
    let half = ["am", "pm", "a.m.", "p.m.", "z"].iter().find(|half| lower.starts_with(**half));
    if let Some(half) = half {
        reader.0 = reader.0.get(half.len()..).unwrap_or_default();
    } else if reader.0.starts_with(if seconds { ['+', '-'] } else { ['+', '+'] }) && is_zone(reader.0) {
        reader.0 = "";
    }
    let next = reader.0.chars().next();
    let ends = next.is_none_or(|c| {
        matches!(c, ':' | '：' | ';' | '；' | '.' | '>' | '—' | '*') || (!c.is_ascii() && c.is_alphabetic())
    });
    // `10:00:5` and `10:00:abcd` are not times.
    let is_longer =
        matches!(next, Some(':')) && reader.0.as_bytes().get(1).is_some_and(u8::is_ascii_hexdigit) && seconds;
    (ends && !is_longer).then(|| (word.len() - reader.0.len(), seconds))
}

/// The length of the date at the start of a word.
fn day(word: &str) -> Option<usize> {
    const SIGNS: &[char] = &['-', '/', '.', '年', '月', '년', '월'];
    let mut reader = Reader(word);
    let first = reader.digits(1, 8)?;
    let digits = word.len() - reader.0.len();
    if digits == 8 {
        let (month, day) = (first / 100 % 100, first % 100);
        let is_day = (1900..2100).contains(&(first / 10_000)) && (1..=12).contains(&month) && (1..=31).contains(&day);
        return is_day.then_some(digits);
    }
    if !matches!(digits, 1 | 2 | 4) {
        return None;
    }
    let sign = reader.sign(SIGNS)?;
    let second = reader.digits(1, 2)?;
    let before = reader.0;
    let mut parts = vec![first, second];
    if reader.sign(SIGNS).is_some() {
        match reader.digits(1, 4) {
            Some(third) => parts.push(third),
            None => reader.0 = before,
        }
    }
    reader.sign(&['日', '号', '號', '일']);
    // `3.14` is a number, and so is `1.2.3` without a year.
    let is_long = parts.len() == 3 && (sign != '.' || parts.iter().any(|part| *part > 12));
    let is_short = parts.len() == 2 && matches!(sign, '-' | '/' | '月' | '월') && digits < 4;
    let has_month = parts.iter().any(|part| (1..=12).contains(part));
    (has_month && (is_long || is_short)).then(|| word.len() - reader.0.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_found_in_many_spellings() {
        for (line, wanted) in [
            ("2021-05-29 3:04:17 林晚(123456789)", "2021-05-29 3:04:17"),
            ("林晚 2021/5/29 20:01", "2021/5/29 20:01"),
            ("[2021/5/29 下午3:04] 林晚", "2021/5/29 下午3:04"),
            ("2021年5月29日 星期六 晚上8:01 小王：好", "2021年5月29日 星期六 晚上8:01"),
            ("May 29, 2021 10:00:00 AM", "May 29, 2021 10:00:00 AM"),
            ("Sat, 29 May 2021 at 10:00 PM", "Sat, 29 May 2021 at 10:00 PM"),
            ("阿木, [29.05.21 10:00]", "29.05.21 10:00"),
            ("2021-05-29T10:00:00+08:00 林晚", "2021-05-29T10:00:00+08:00"),
            ("昨天 10:00 林晚", "昨天 10:00"),
            ("10:00林晚：好", "10:00"),
            ("林晚 10:00：好", "10:00"),
            ("5/29/21, 10:00 AM - Lin: x", "5/29/21, 10:00 AM"),
            ("May 10:00", "10:00"),
            ("2021/05/29(六) 10:00", "2021/05/29(六) 10:00"),
            ("20210529 10:00:00 林晚", "20210529 10:00:00"),
        ] {
            let found = find(line).unwrap_or_else(|| panic!("{line}"));
            assert_eq!(&line[found.at], wanted, "{line}");
        }
        for line in
            ["10:00 - 11:00 签到", "10:00-11:00 签到", "比分 3:2", "https://a.example:8080/", "fe80::1", "25:00", ""]
        {
            assert_eq!(find(line), None, "{line}");
        }
    }

    #[test]
    fn lines_that_are_days() {
        for line in
            ["2021/05/29(六)", "2021年5月29日 星期六", "— 2021-05-29 —", "Saturday, May 29, 2021", "2021.05.29 土曜日"]
        {
            assert!(is_day_line(line), "{line}");
        }
        for line in ["五月", "29", "2021-05-29 河边", "", "----"] {
            assert!(!is_day_line(line), "{line}");
        }
    }
}
