//! The two forms of a message's first line: `[2020-01-01, 12:00:01] Name: text` and `1/1/21, 12:00 - Name: text`.

use unicode_normalization::UnicodeNormalization as _;

use super::{order::Order, words::is_system};

/// The date and time of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stamp<'a> {
    /// As written.
    pub(super) raw: &'a str,
    /// The three numbers of the date, in the order of the file.
    pub(super) parts: [u32; 3],
    /// `15:04:17` or `15:04`.
    pub(super) clock: String,
    /// True for a 12-hour clock.
    pub(super) halves: bool,
}

impl Stamp<'_> {
    /// As `2021-05-29 15:04`.
    pub(super) fn date(&self, order: Order) -> String {
        let [a, b, c] = self.parts;
        let (year, month, day) = match order {
            _ if a > 999 => (a, b, c),
            Order::Day => (c, b, a),
            Order::Month => (c, a, b),
            Order::Year => (a, b, c),
        };
        let year = if year < 100 { 2000 + year } else { year };
        format!("{year:04}-{month:02}-{day:02} {}", self.clock)
    }
}

/// The first line of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line<'a> {
    /// The date and time.
    pub(super) stamp: Stamp<'a>,
    /// The speaker; `None` for WhatsApp's own messages.
    pub(super) sender: Option<&'a str>,
    /// The text.
    pub(super) text: &'a str,
}

/// Separators between date and time.
const AT: &[&str] = &["at ", "klo ", "kl. ", "kl ", "às ", "à ", "um ", "alle ", "a las ", "om ", "в ", "о "];

const MARKS: [char; 3] = ['\u{200e}', '\u{200f}', '\u{feff}'];

/// Reads a line that begins a message; `None` for one that continues the message before.
pub(super) fn read_line(line: &str) -> Option<Line<'_>> {
    let line = line.trim_start_matches(MARKS);
    let (raw, rest) = match line.strip_prefix('[') {
        Some(inner) => inner.split_once(']')?,
        None => line.split_once(" - ")?,
    };
    if raw.len() > 60 {
        return None;
    }
    let stamp = stamp(raw)?;
    let rest = rest.strip_prefix(' ').unwrap_or(rest);
    // In a group, WhatsApp's own messages have the group's name and a mark before the text.
    let said = rest.split_once(": ").or_else(|| rest.strip_suffix(':').map(|sender| (sender, "")));
    let by_whatsapp = |text: &str| text.starts_with('\u{200e}') && is_system(text);
    let (sender, text) = match said {
        Some((_, text)) if by_whatsapp(text) => (None, text),
        Some((sender, text)) if !is_system(sender) => (Some(sender), text),
        _ => (None, rest),
    };
    Some(Line { stamp, sender, text })
}

/// The time in 24-hour form: `22:00` for `下午10:00` and `10:00 PM`.
pub(in super::super) fn clock_of(raw: &str) -> Option<String> {
    let date = format!("2021/1/1 {}", raw.trim());
    (raw.len() < 40).then(|| stamp(&date)).flatten().map(|stamp| stamp.clock)
}

fn stamp(raw: &str) -> Option<Stamp<'_>> {
    let text: String = raw.nfkc().filter(|c| !MARKS.contains(c)).collect();
    let text = text.trim();
    let mut numbers = Vec::new();
    let mut rest = text;
    while numbers.len() < 3 {
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (number, after) = rest.split_at(end);
        numbers.push(number.parse::<u32>().ok().filter(|n| *n < 10_000)?);
        rest = if numbers.len() < 3 {
            after.strip_prefix(['/', '.', '-', '年', '月', '년', '월'])?.trim_start()
        } else {
            after
        };
    }
    let [a, b, c] = <[u32; 3]>::try_from(numbers).ok()?;
    if ![a, b, c].iter().any(|n| (1..=12).contains(n)) {
        return None;
    }
    let rest = rest.trim_start_matches(['日', '일', ',', '.', ' ']).trim();
    let rest = AT.iter().find_map(|at| rest.strip_prefix(at)).unwrap_or(rest).trim();
    let start = rest.find(|c: char| c.is_ascii_digit())?;
    let (before, clock) = rest.split_at(start);
    let end = clock.find(|c: char| !c.is_ascii_digit() && c != ':' && c != '.').unwrap_or(clock.len());
    let (clock, after) = clock.split_at(end);
    let half = format!("{before}{after}").to_lowercase().replace(['.', ' '], "");
    let clock = clock.replace('.', ":");
    let mut parts = clock.split(':').map(|part| part.parse::<u32>().ok());
    let (mut hour, minute) = (parts.next()??, parts.next()??);
    let second = match parts.next() {
        Some(second) => Some(second?),
        None => None,
    };
    let afternoon = match half.as_str() {
        "" => None,
        "am" | "上午" | "凌晨" | "早上" | "清晨" | "午前" | "오전" | "öö" | "πμ" | "ص" | "sa" => {
            Some(false)
        }
        "pm" | "下午" | "晚上" | "中午" | "午後" | "오후" | "ös" | "μμ" | "م" | "ch" => Some(true),
        _ => return None,
    };
    match afternoon {
        Some(true) if hour < 12 && !(half == "中午" && hour == 11) => hour += 12,
        Some(false) if hour == 12 => hour = 0,
        _ => {}
    }
    if hour > 24 || minute > 59 || second.is_some_and(|s| s > 60) {
        return None;
    }
    let clock = match second {
        Some(second) => format!("{hour:02}:{minute:02}:{second:02}"),
        None => format!("{hour:02}:{minute:02}"),
    };
    Some(Stamp { raw, parts: [a, b, c], clock, halves: afternoon.is_some() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_shapes_in_many_places() {
        for (line, date, sender, text) in [
            ("[2020-01-02, 12:00:01] 林晚: 你好", "2020-01-02 12:00:01", Some("林晚"), "你好"),
            ("\u{200e}[29/05/21, 3:04:17\u{202f}PM] A: x: y", "2021-05-29 15:04:17", Some("A"), "x: y"),
            ("29/5/21, 12:00 - A: ", "2021-05-29 12:00", Some("A"), ""),
            ("29.05.21, 09:05 - A B: z", "2021-05-29 09:05", Some("A B"), "z"),
            ("2021/5/29 下午3:04 - 林晚: 好", "2021-05-29 15:04", Some("林晚"), "好"),
            ("[2021/5/29 上午12:04:17] 林晚: 好", "2021-05-29 00:04:17", Some("林晚"), "好"),
            ("29/05/2021, 12.30 - A: b", "2021-05-29 12:30", Some("A"), "b"),
            ("29.5.2021 klo 12.30 - A: b", "2021-05-29 12:30", Some("A"), "b"),
            ("2021년 5월 29일 오후 3:04 - 임: b", "2021-05-29 15:04", Some("임"), "b"),
            ("29/5/2021, 3:04 p. m. - A: b", "2021-05-29 15:04", Some("A"), "b"),
            (
                "29/05/2021, 12:30 - 林晚 created group “读书会: 二”",
                "2021-05-29 12:30",
                None,
                "林晚 created group “读书会: 二”",
            ),
            (
                "[29/05/2021, 12:30:00] 读书会: \u{200e}Messages and calls are end-to-end encrypted.",
                "2021-05-29 12:30:00",
                None,
                "\u{200e}Messages and calls are end-to-end encrypted.",
            ),
        ] {
            let read = read_line(line).unwrap_or_else(|| panic!("{line}"));
            assert_eq!((read.stamp.date(Order::Day).as_str(), read.sender, read.text), (date, sender, text), "{line}");
        }
    }

    #[test]
    fn what_begins_no_message() {
        for line in [
            "",
            "第二行",
            "1 - 2: 3",
            "[x] y",
            "- 1/1/21: 好",
            "13/13/13, 12:00 - A: b",
            "[1/1/21] A: b",
            "1/1/21 - A: b",
        ] {
            assert_eq!(read_line(line), None, "{line}");
        }
    }
}
