//! LINE's chat history: a heading, a line per day, and a line per message with time, name and text, separated by tabs (by spaces in exports
//! from a computer). A text with several lines is in quotation marks.

use super::{
    super::{lines::each_line, whatsapp::clock_of},
    Message,
    read::{Piece, flush},
};
use crate::transcript;
use circle_content::{Result, input::Input};

/// True for the beginning of such a file.
pub(super) fn is(head: &str) -> bool {
    head.trim_start_matches('\u{feff}').trim_start().starts_with("[LINE]")
}

/// The name of the chat from the heading: `[LINE] 與阿木的聊天記錄`.
fn name(heading: &str) -> String {
    let name = heading.trim_start_matches('\u{feff}').trim().trim_start_matches("[LINE]").trim();
    let starts = ["Chat history with ", "Chat history in ", "ประวัติการแชทกับ", "ประวัติการแชทใน", "與", "与"];
    let name = starts.iter().find_map(|start| name.strip_prefix(start)).unwrap_or(name);
    let ends = ["的聊天記錄", "的聊天记录", "的聊天", "とのトーク履歴", "のトーク履歴", "님과의 대화", ".txt"];
    let name = ends.iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
    name.trim().to_owned()
}

/// The day of a date line, as `2021-05-29`. With `is_day_first`: `29/05/2021`.
fn day(line: &str, is_day_first: bool) -> Option<String> {
    let numbers: Vec<u32> = line
        .split(|c: char| !c.is_ascii_digit())
        .filter(|digits| !digits.is_empty())
        .map(|digits| digits.parse().ok())
        .collect::<Option<_>>()?;
    let [a, b, c] = <[u32; 3]>::try_from(numbers).ok()?;
    let (year, month, day) = match () {
        () if a > 999 => (a, b, c),
        () if c > 999 && (is_day_first || a > 12) => (c, b, a),
        () if c > 999 => (c, a, b),
        () => return None,
    };
    // Thailand uses the Buddhist era.
    let year = if year > 2400 { year - 543 } else { year };
    ((1..=12).contains(&month) && (1..=31).contains(&day)).then(|| format!("{year:04}-{month:02}-{day:02}"))
}

/// Passes on everything in a file.
pub(super) fn each(input: &Input, path: &str, take: &mut dyn FnMut(&Piece) -> Result<()>) -> Result<()> {
    let (mut today, mut number, mut is_day_first) = (String::new(), 0_u64, false);
    let mut message: Option<Message> = None;
    let mut in_quotes = false;
    each_line(input, path, |line| {
        number += 1;
        if number == 1 {
            is_day_first = line.contains("ประวัติ");
            return take(&Piece::Talk { name: Some(name(line)).filter(|name| !name.is_empty()), is_friend: false });
        }
        if !in_quotes
            && let Some(day) = Some(line.trim())
                .filter(|line| line.len() < 60 && transcript::is_day(line))
                .and_then(|line| day(line, is_day_first))
        {
            today = day;
            return Ok(());
        }
        if !in_quotes
            && !today.is_empty()
            && let Some((clock, rest)) = clock(line)
        {
            flush(&mut message, take)?;
            let (who, said) = match rest.split_once('\t') {
                Some((who, said)) => (who.trim(), said),
                // With tabs, a line without a name comes from the program. Exports from a computer use spaces.
                None if line.contains('\t') => ("", rest),
                None => rest.split_once(' ').unwrap_or(("", rest)),
            };
            in_quotes = said.starts_with('"') && !closes(said.get(1..).unwrap_or_default());
            let said = if in_quotes { said.get(1..).unwrap_or_default() } else { said };
            message = Some(Message {
                date: format!("{today} {clock}"),
                who: who.to_owned(),
                is_system: who.is_empty(),
                text: said.to_owned(),
                ..Message::default()
            });
            return Ok(());
        }
        if let Some(message) = &mut message {
            let line = if in_quotes && closes(line) {
                in_quotes = false;
                line.trim_end().strip_suffix('"').unwrap_or(line)
            } else {
                line
            };
            message.text.push('\n');
            message.text.push_str(&line.replace("\"\"", "\""));
        }
        Ok(())
    })?;
    flush(&mut message, take)
}

/// True for a line that ends the quoted text. Two quotation marks are a literal one.
fn closes(line: &str) -> bool {
    let line = line.trim_end();
    let marks = line.len() - line.trim_end_matches('"').len();
    marks % 2 == 1
}

/// The time (24 hours) at the start of a line, and the rest of the line.
fn clock(line: &str) -> Option<(String, &str)> {
    let line = line.trim_start_matches('\u{feff}');
    let end = match line.find('\t') {
        Some(tab) => tab,
        None => {
            let mut ends = line.match_indices(' ').map(|(at, _)| at).take(2);
            let (first, second) = (ends.next()?, ends.next());
            // `下午 10:00 林晚`, `10:00 PM 林晚`.
            [second, Some(first)]
                .into_iter()
                .flatten()
                .find(|end| clock_of(line.get(..*end).unwrap_or_default()).is_some())?
        }
    };
    let (clock, rest) = line.split_at(end);
    Some((clock_of(clock)?, rest.get(1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_days_and_clocks() {
        for (heading, wanted) in [
            ("[LINE] Chat history with 阿木", "阿木"),
            ("[LINE] 與阿木的聊天記錄", "阿木"),
            ("[LINE] 読書会のトーク履歴", "読書会"),
            ("\u{feff}[LINE] 阿木とのトーク履歴", "阿木"),
        ] {
            assert!(is(heading));
            assert_eq!(name(heading), wanted);
        }
        for (line, thai, wanted) in [
            ("2021/05/29(六)", false, "2021-05-29"),
            ("Sat, 05/29/2021", false, "2021-05-29"),
            ("2021.05.29 土曜日", false, "2021-05-29"),
            ("ส. 29/05/2564", true, "2021-05-29"),
        ] {
            assert_eq!(day(line, thai).as_deref(), Some(wanted), "{line}");
        }
        for (line, wanted) in [
            ("10:00\t林晚\t好", ("10:00", "林晚\t好")),
            ("下午10:00\t林晚\t好", ("22:00", "林晚\t好")),
            ("10:00 PM\t林晚\t好", ("22:00", "林晚\t好")),
            ("10:00 林晚 好", ("10:00", "林晚 好")),
        ] {
            assert_eq!(clock(line), Some((wanted.0.to_owned(), wanted.1)), "{line}");
        }
    }
}
