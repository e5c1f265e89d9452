//! Numbers and addresses of people in names: as the name, behind it, and in the names of chats and files.

use super as privacy;

/// The minimum number of digits of a QQ number.
const SHORTEST_NUMBER: usize = 5;

/// Splits a name from the number or address that programs write behind it.
#[must_use]
pub fn without_account(name: &str) -> (&str, Option<&str>) {
    let name = name.trim();
    for (open, close) in [('(', ')'), ('<', '>'), ('（', '）'), ('[', ']')] {
        if let Some(inside) = name.strip_suffix(close)
            && let Some((name, account)) = inside.rsplit_once(open)
            && is_account(account.trim())
        {
            return (name.trim(), Some(account.trim()));
        }
    }
    (name, None)
}

/// The name without a title before it, such as 【管理员】.
#[must_use]
pub fn without_title(name: &str) -> &str {
    let rest = name.strip_prefix('【').and_then(|rest| rest.split_once('】')).map(|(_, name)| name.trim());
    rest.filter(|name| !name.is_empty()).unwrap_or(name)
}

/// The kind of number or address, if the name is nothing else. Such a name is never shown.
#[must_use]
pub fn nameless(name: &str) -> Option<&'static str> {
    let name = name.trim_matches(|c: char| c.is_whitespace() || is_mark(c));
    let digits = name.chars().filter(char::is_ascii_digit).count();
    let only = |more: &str| name.chars().all(|c| c.is_ascii_digit() || c == ' ' || c == '\u{a0}' || more.contains(c));
    if name.contains('@') && privacy::has_fact(name) {
        Some("email")
    } else if is_wechat(name) {
        Some("wechat")
    } else if digits >= 7
        && only("+-()\u{2011}\u{202f}")
        && (name.starts_with(['+', '(']) || name.contains(['-', ' ']) || privacy::has_fact(name))
    {
        Some("phone")
    } else {
        (digits >= SHORTEST_NUMBER && only("")).then_some("qq")
    }
}

/// The kind of the text behind a name.
#[must_use]
pub fn kind_of(account: &str) -> &'static str {
    nameless(account).unwrap_or("account")
}

/// Direction marks that phones put around names and times.
#[must_use]
pub fn is_mark(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

fn is_account(text: &str) -> bool {
    let is_number = text.len() >= SHORTEST_NUMBER && text.bytes().all(|b| b.is_ascii_digit());
    is_number || is_wechat(text) || (text.contains('@') && !text.contains(' ')) || nameless(text) == Some("phone")
}

fn is_wechat(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    ["wxid_", "gh_"].iter().any(|start| {
        lower.strip_prefix(start).is_some_and(|rest| rest.len() >= 6 && rest.bytes().all(|b| b.is_ascii_alphanumeric()))
    }) || ["@chatroom", "@openim"].iter().any(|end| lower.ends_with(end))
}

/// The name of a chat or of its file without numbers and addresses of people. Programs name files after them: `group_123456_20260101.json`,
/// `阿木(12345678).txt`. Dates and times stay.
#[must_use]
pub fn unnumbered(name: &str) -> String {
    let masked = privacy::masked(name);
    let mut out = String::with_capacity(masked.len());
    let mut rest = masked.as_str();
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit() || c == '+' || c == 'w' || c == 'W' || c == 'g') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let wechat = ["wxid_", "gh_"]
            .iter()
            .find(|start| from.get(..start.len()).is_some_and(|is| is.eq_ignore_ascii_case(start)));
        if let Some(start) = wechat.filter(|_| !out.ends_with(|c: char| c.is_ascii_alphanumeric())) {
            let id = from.get(start.len()..).unwrap_or_default();
            let end = id.find(|c: char| !c.is_ascii_alphanumeric() && c != '@').unwrap_or(id.len());
            out.push_str("███");
            rest = id.get(end..).unwrap_or_default();
            continue;
        }
        let is_number = from.starts_with(|c: char| c.is_ascii_digit() || c == '+');
        if !is_number {
            let mut chars = from.chars();
            out.extend(chars.next());
            rest = chars.as_str();
            continue;
        }
        let run = run_of_digits(from);
        let (number, after) = from.split_at(run);
        let digits: String = number.chars().filter(char::is_ascii_digit).collect();
        // A hash or a name of letters and digits is not a person's number.
        let is_in_word =
            out.ends_with(|c: char| c.is_ascii_alphabetic()) || after.starts_with(|c: char| c.is_ascii_alphabetic());
        let is_long_word = is_in_word && !out.to_ascii_lowercase().ends_with("qq");
        if digits.len() >= SHORTEST_NUMBER && !is_moment(number, &digits) && !is_long_word {
            out.push_str("███");
            // `@chatroom` and the like belong to the number.
            let end = if after.starts_with('@') {
                after.find(|c: char| !c.is_ascii_alphanumeric() && c != '@').unwrap_or(after.len())
            } else {
                0
            };
            rest = after.get(end..).unwrap_or_default();
        } else {
            out.push_str(number);
            rest = after;
        }
    }
    out.push_str(rest);
    out.replace("+███", "███")
}

/// The publishable name of a chat, circle or file: without numbers and addresses of people and the brackets around them. Empty if nothing
/// else is left.
#[must_use]
pub fn plain_name(name: &str) -> String {
    let mut out = unnumbered(name);
    for (open, close) in [('(', ')'), ('（', '）'), ('[', ']'), ('<', '>'), ('_', '_'), ('-', '-')] {
        let between = if open == close { open.to_string() } else { String::new() };
        out = out.replace(&format!("{open}███{close}"), &between);
    }
    out.replace("███", "").trim_matches([' ', '_', '-', '\u{3000}']).to_owned()
}

/// The length of the number at the start of a text: digits, also in groups if it begins with a plus sign.
fn run_of_digits(text: &str) -> usize {
    let grouped = text.starts_with('+');
    let inside =
        |c: char| c.is_ascii_digit() || (grouped && matches!(c, '+' | ' ' | '-' | '(' | ')' | '\u{a0}' | '\u{2011}'));
    let end = text.find(|c: char| !inside(c)).unwrap_or(text.len());
    let run = text.get(..end).unwrap_or_default();
    let trimmed = run.trim_end_matches(|c: char| !c.is_ascii_digit());
    if trimmed.is_empty() { 1 } else { trimmed.len() }
}

/// True for digits that are a date (`20210529`) or a time (`20210529110417`).
fn is_moment(number: &str, digits: &str) -> bool {
    let part = |range: std::ops::Range<usize>| digits.get(range).and_then(|part| part.parse::<u32>().ok()).unwrap_or(0);
    let is_day = (1990..2100).contains(&part(0..4)) && (1..=12).contains(&part(4..6)) && (1..=31).contains(&part(6..8));
    let is_clock = part(8..10) < 24 && part(10..12) < 60;
    // Thirteen digits are epoch milliseconds, as cameras and phones write them.
    if number.len() == 13 && digits.starts_with('1') {
        return true;
    }
    // Date alone, or with hours and minutes, seconds, milliseconds.
    let is_whole = digits.len() == 8 || (matches!(digits.len(), 12 | 14 | 17) && is_clock);
    number.len() == digits.len()
        && (digits.len() == 6 && (1990..2100).contains(&part(0..4)) && (1..=12).contains(&part(4..6))
            || is_day && is_whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_leave_the_names_of_chats() {
        for (name, wanted) in [
            ("group_123456_20260101.json", "group_███_20260101.json"),
            ("阿木(12345678).txt", "阿木(███).txt"),
            ("WhatsApp 聊天记录 +86 138 0013 8000.txt", "WhatsApp 聊天记录 ███.txt"),
            ("wxid_abc123def456.html", "███.html"),
            ("12345678901@chatroom.txt", "███"),
            ("lin@mail.example.txt", "███"),
            ("QQ123456789.mht", "QQ███.mht"),
            ("读书会2021.txt", "读书会2021.txt"),
            ("2021-05-29 读书会.txt", "2021-05-29 读书会.txt"),
            ("abc1234567def.txt", "abc1234567def.txt"),
            ("20210529110417.txt", "20210529110417.txt"),
            ("138 0013 8000.txt", "███.txt"),
        ] {
            assert_eq!(unnumbered(name), wanted, "{name}");
        }
    }

    #[test]
    fn what_is_left_of_a_name() {
        for (name, wanted) in [
            ("阿木(12345678)", "阿木"),
            ("group_123456_20260101", "group_20260101"),
            ("群聊 +86 138 0013 8000", "群聊"),
            ("12345678", ""),
            ("读书会", "读书会"),
        ] {
            assert_eq!(plain_name(name), wanted, "{name}");
        }
    }

    #[test]
    fn a_name_that_is_a_number_is_none() {
        for (name, wanted) in [
            ("+86 138 0013 8000", Some("phone")),
            ("\u{202a}+1 (555) 010-0000\u{202c}", Some("phone")),
            ("wxid_abc123def456", Some("wechat")),
            ("lin@mail.example", Some("email")),
            ("123456789", Some("qq")),
            ("林晚", None),
            ("林 123", None),
            ("1024", None),
        ] {
            assert_eq!(nameless(name), wanted, "{name}");
        }
        assert_eq!(without_account("林晚(123456789)"), ("林晚", Some("123456789")));
        assert_eq!(without_account("阿 木 (一)"), ("阿 木 (一)", None));
    }
}
