//! Comments in one cell of a spreadsheet, one per line: `林晚：我也喜欢 (2021-05-29 12:00)`.
//!
//! 1. The text before the first colon is the name, if it is short and not an address.
//! 2. A date in brackets at the end is the date.
//! 3. A line without a name continues the comment before it; the first line is then a comment without author.

use serde_json::{Map, Value};

/// The maximum length of a name in characters.
const LONGEST_NAME: usize = 30;

/// The name and the text of a line; `None` if it does not begin with a name.
pub(crate) fn named(line: &str) -> Option<(&str, &str)> {
    let (name, words) = line.split_once([':', '：'])?;
    let (name, words) = (name.trim(), words.trim());
    let is_name = !name.is_empty()
        && name.chars().count() <= LONGEST_NAME
        && name.chars().any(char::is_alphanumeric)
        && !name.chars().all(|c| c.is_ascii_digit())
        && !words.starts_with("//")
        && !name.contains(['，', '。', '！', '？', '“', '「']);
    is_name.then_some((name, words))
}

/// The comments of a cell, as rows with the columns `author`, `body`, `created` and `floor`.
pub(super) fn comments(cell: &str) -> Vec<Value> {
    let mut found: Vec<(Option<String>, String)> = Vec::new();
    for line in cell.lines().map(str::trim).filter(|line| !line.is_empty()) {
        match (named(line), found.last_mut()) {
            (Some((name, words)), _) => found.push((Some(name.to_owned()), words.to_owned())),
            (None, Some((_, words))) => {
                words.push('\n');
                words.push_str(line);
            }
            (None, None) => found.push((None, line.to_owned())),
        }
    }
    (1_u64..).zip(found).map(|(number, (name, words))| row(number, name, &words)).collect()
}

fn row(number: u64, name: Option<String>, words: &str) -> Value {
    let (words, date) = dated(words).map_or((words, None), |(words, date)| (words, Some(date)));
    let mut row = Map::new();
    row.insert("author".to_owned(), name.into());
    row.insert("body".to_owned(), words.into());
    row.insert("created".to_owned(), date.into());
    // Most have no date; their order is that of the cell.
    row.insert("floor".to_owned(), number.into());
    Value::Object(row)
}

/// The text, and the date in brackets after it.
fn dated(words: &str) -> Option<(&str, &str)> {
    let inside = words.strip_suffix([')', '）', ']', '】'])?;
    let (before, date) = inside.rsplit_once(['(', '（', '[', '【'])?;
    let digits = date.chars().filter(char::is_ascii_digit).count();
    let is_date = digits >= 4 && date.chars().all(|c| c.is_ascii_digit() || " -/.:T年月日时分秒".contains(c));
    is_date.then(|| (before.trim_end(), date.trim()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::comments;

    #[test]
    fn a_comment_a_line() {
        let cell = "小鱼: 学到了：谢谢 (2022-05-04 10:11)\n星主：@小鱼 不客气\n下周见\n\nhttps://example.com/1\n大熊：";
        assert_eq!(
            comments(cell),
            [
                json!({"author": "小鱼", "body": "学到了：谢谢", "created": "2022-05-04 10:11", "floor": 1}),
                json!({"author": "星主", "body": "@小鱼 不客气\n下周见\nhttps://example.com/1", "created": null, "floor": 2}),
                json!({"author": "大熊", "body": "", "created": null, "floor": 3}),
            ]
        );
        for whole in ["没有名字，只有话", "10:30 开会 (3)"] {
            assert_eq!(comments(whole), [json!({"author": null, "body": whole, "created": null, "floor": 1})]);
        }
        assert!(comments(" \n ").is_empty());
    }
}
