//! Aligns rows that have more cells than the header. If a tool got a new column between two runs, it appends longer rows below the old
//! header, and from the new column on every cell would have the wrong name.
//!
//! 1. The names of some columns say what their cells look like: a date, a number, an address.
//! 2. The surplus cells are removed where the following cells then fit their names best. They are kept with a number as name, so that
//!    nothing is lost.

use serde_json::Value;

/// Rows with more surplus cells have another cause.
const MOST: usize = 3;

/// The cells in column order, the surplus cells after them, and whether any were moved.
pub(super) fn aligned(columns: &[String], mut cells: Vec<Value>, filled: usize) -> (Vec<Value>, bool) {
    let surplus = filled.saturating_sub(columns.len());
    if surplus == 0 || surplus > MOST {
        return (cells, false);
    }
    let score = |gap: usize| -> i64 {
        let under = |at: usize| if at < gap { at } else { at + surplus };
        columns
            .iter()
            .enumerate()
            .filter_map(|(at, name)| fits(name, cells.get(under(at))?))
            .map(|fits| if fits { 1 } else { -1 })
            .sum()
    };
    let best = (0..=columns.len()).max_by_key(|gap| (score(*gap), *gap)).unwrap_or(columns.len());
    if score(best) <= score(columns.len()) {
        return (cells, false);
    }
    let between: Vec<Value> = cells.drain(best..(best + surplus).min(cells.len())).collect();
    cells.truncate(columns.len());
    cells.extend(between);
    (cells, true)
}

/// Whether a cell fits the name of its column; `None` if the name says nothing, or the cell is empty.
fn fits(name: &str, cell: &Value) -> Option<bool> {
    let name = name.trim().to_lowercase();
    let shown = super::rule::word(cell).unwrap_or_default();
    let shown = shown.trim();
    let digits = shown.bytes().filter(u8::is_ascii_digit).count();
    let date = digits >= 6 && shown.contains(['-', '/', '年', ':', '.']) && !shown.contains("://");
    let any = |words: &[&str]| words.iter().any(|word| name.contains(word));
    if any(&["日期", "时间", "時間", "date", "time"]) || name.ends_with("_at") {
        Some(date)
    } else if shown.is_empty() || shown == "无" {
        None
    } else if any(&["url", "网址", "链接", "link"]) {
        Some(shown.contains("://"))
    } else if name.ends_with('数') || name.ends_with("count") || name.ends_with("likes") {
        Some(digits > 0 && shown.chars().all(|c| c.is_ascii_digit() || "万亿,.+".contains(c)))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(columns: &str, cells: &str) -> (String, bool) {
        let columns: Vec<String> = columns.split('|').map(str::to_owned).collect();
        let cells: Vec<Value> = cells.split('|').map(Value::from).collect();
        let filled = cells.len();
        let (cells, moved) = aligned(&columns, cells, filled);
        (cells.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("|"), moved)
    }

    #[test]
    fn a_cell_that_the_header_does_not_name_moves_no_other() {
        let columns = "id|正文|视频url|日期|工具|点赞数|评论数";
        assert_eq!(row(columns, "1|话|||2021-05-29|手机|3|4"), ("1|话||2021-05-29|手机|3|4|".to_owned(), true));
        assert_eq!(row(columns, "1|话||新|2021-05-29|手机|3|4"), ("1|话||2021-05-29|手机|3|4|新".to_owned(), true));
        assert_eq!(row(columns, "1|话||2021-05-29|手机|3|4|新"), ("1|话||2021-05-29|手机|3|4|新".to_owned(), false));
        assert_eq!(row("a|b", "1|2|3"), ("1|2|3".to_owned(), false));
    }
}
