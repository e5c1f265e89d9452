//! Drafts a `map.toml` for unknown tables, with guesses filled in, so that a person can correct it in two minutes.
//!
//! 1. One `[[table]]` per kind of list. Guessed fields are filled in; the others are comments.
//! 2. Every unused column is listed as a comment with a sample, so that nothing is overlooked.
//! 3. Private columns are only named; their values are never shown.

use std::fmt::Write as _;

use super::{
    guess::{Row, answer, holds_keys, is_private_place, otherwise},
    structure::{Column, Shape, Table},
    values::{Type, date_format},
};
use crate::tables::lines;
use circle_content::{ident, input::Input, options::Options, phrase::fill};
use circle_html::privacy;

/// Tables with fewer rows than this and no guess are left out.
const MOST_TABLES: usize = 12;

/// The text of the map; `None` if there is no table.
#[must_use]
pub fn map(input: &Input, tables: &[Table], options: &Options) -> Option<String> {
    let mut known: Vec<&Table> = tables.iter().filter(|table| table.rows > 0 && !table.columns.is_empty()).collect();
    if known.is_empty() {
        return None;
    }
    // Posts before comments, because comments look for their posts. Unknown tables come last.
    known.sort_by_key(|table| (table.record.is_none(), table.record, std::cmp::Reverse(table.rows)));
    let mut out = String::new();
    head(&mut out, input, options);
    let any = known.iter().any(|table| table.record.is_some());
    for (number, table) in known.iter().take(MOST_TABLES).enumerate() {
        let live = table.record.is_some() || !any && number == 0;
        one(&mut out, input, table, live);
    }
    let more = known.len().saturating_sub(MOST_TABLES);
    if more > 0 {
        line(&mut out, &fill("# {} more table[s] [is|are] not written here.", [more]));
    }
    Some(out)
}

fn head(out: &mut String, input: &Input, options: &Options) {
    let name = privacy::masked(input.name());
    let zone = options.zone.iana_name().unwrap_or("Asia/Shanghai");
    let name_of_circle = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
    let _ = write!(
        out,
        r#"# This file says which column of the export is the text and which the date. Edit it with a text editor; a line that begins with # has no effect.
#
# 1. Look at each [[table]]: is `record` right (post, comment or member)?
# 2. Look at each field: is the column beside it the right one?
# 3. For a column below “Columns that are not used” that you want, remove the # and put a field's name for ???.
# 4. Try it, nothing is written:
#      circlekeep import {export} --map map.toml --dry-run
# Fields:
#   post:    id author author_id author_handle created edited title body images files cover tags space kind visibility pinned digest
#            deleted draft hidden sensitive url link reply_to quote_text quote_author likes comments shares reads collects email ip phone
#   comment: id post post_url parent author author_id created edited body images floor reply_to_name deleted hidden visibility likes email ip phone
#   member:  id name handle alias role bio url avatar joined email ip phone
#   email, ip and phone only go to content/private and are never published.

circlekeep_map = 1

# A short name of the source: a-z, 0-9 and - only; keep it the same at every import.
source = {source}
# The circle's name.
# circle = {circle}
# Time zone for dates that do not name one.
zone = {zone}
# Whose export it is: circle (everybody's posts) or own-slice (only your own).
# scope = "own-slice"
# Who could see what does not say it: circle (the circle, will be published) or unknown (not published).
# visibility = "circle"
"#,
        export = shell(&name),
        source = quoted(&source(input.name())),
        circle = quoted(name_of_circle),
        zone = quoted(zone),
    );
}

fn one(out: &mut String, input: &Input, table: &Table, live: bool) {
    let place = table.place();
    let what = match table.shape {
        Shape::Json => "JSON",
        Shape::Csv => "CSV",
        Shape::Xlsx => "XLSX",
    };
    let mut text = String::new();
    line(&mut text, "[[table]]");
    let globs = globs(input, table);
    line(&mut text, &format!("files = {}", list(&globs)));
    if let Some(sheet) = &table.sheet {
        let sheet = if privacy::has_fact(sheet) { "*" } else { sheet };
        line(&mut text, &format!("sheet = {}", quoted(sheet)));
    }
    if let Some(header) = table.header {
        line(&mut text, &format!("header = {header}    # the row with the names of the columns; 0: there is none"));
    }
    if let Some(delimiter) = table.delimiter {
        line(&mut text, &format!("delimiter = {}", quoted(&delimiter.to_string())));
    }
    if let Some(path) = &table.path {
        line(&mut text, &format!("rows = {}", quoted(path)));
    }
    let has = |field: &str| table.guesses.iter().any(|guess| guess.field == field);
    // A map with comments and no posts is not useful.
    let alone = table.record == Some(Row::Comment) && !has("post") && !has("post_url");
    let record = if alone { Row::Post } else { table.record.unwrap_or(Row::Post) };
    if alone {
        line(
            &mut text,
            "# These look like comments, and no column says of which post: each becomes a post of its own.",
        );
    }
    let record_note = if table.record.is_some() { "" } else { "    # unknown, please choose" };
    line(&mut text, &format!("record = {}{record_note}", quoted(record.word())));
    line(&mut text, "[table.fields]");
    let private = is_private_place(&place) && record != Row::Member;
    fields(&mut text, table, record, private);
    if table.guesses.iter().all(|guess| private && guess.field == "visibility") {
        // A table without fields is not valid.
        let first = table.columns.iter().find(|column| !column.private && !column.name.contains('*'));
        let first = first.map_or("???", |column| column.name.as_str());
        line(
            &mut text,
            &format!(
                "{} = {}    # a guess, please check",
                if record == Row::Member { "name" } else { "body" },
                quoted(first)
            ),
        );
    }
    if private {
        line(&mut text, "# Its name looks like private messages, so it is not published.");
        line(&mut text, "visibility = { value = \"direct\" }");
    }
    let lines = (record == Row::Post).then(|| table.columns.iter().find(|column| holds_comments(column))).flatten();
    unused(&mut text, table.columns.iter().filter(|column| lines.is_none_or(|cell| cell.name != column.name)));
    if let Some(cell) = lines {
        comment_lines(&mut text, cell);
    }
    if record == Row::Post {
        for nested in table.nested.iter().filter(|it| it.record == Some(Row::Comment) && !it.guesses.is_empty()) {
            comments(&mut text, nested);
        }
    }
    line(out, "");
    let rows = table.rows;
    line(out, &fill("# ── {} · {} · {} row[s] ──", [comment(&place), what.to_string(), rows.to_string()]));
    if live {
        out.push_str(&text);
    } else {
        line(out, "# These look like neither posts, comments nor members, so the table has no effect.");
        for commented in text.lines() {
            line(out, &format!("# {commented}"));
        }
    }
}

/// True for a column whose name and most lines look like comments: `林晚：我也喜欢`, one per line.
fn holds_comments(column: &Column) -> bool {
    let name = column.name.to_lowercase();
    let lines = || column.known.raw.iter().flat_map(|cell| cell.lines()).filter(|line| !line.trim().is_empty());
    column.field.is_none()
        && column.kind == Type::Text
        && ["评论", "回复", "留言", "評論", "回覆", "comment", "repl"].iter().any(|word| name.contains(word))
        && lines().filter(|line| lines::named(line).is_some()).count() * 2 > lines().count()
}

fn comment_lines(out: &mut String, cell: &Column) {
    line(out, "# Each line of this column is a comment, written as `name: words`: a guess, please check.");
    line(out, "[[table.comments]]");
    line(out, &format!("rows = {}    # {}", quoted(&cell.name), about(cell)));
    line(out, "lines = true");
    line(out, "[table.comments.fields]");
    for field in ["author", "created", "body", "floor"] {
        line(out, &format!("{field} = \"{field}\""));
    }
}

fn comments(out: &mut String, nested: &Table) {
    line(out, "# Comments inside each row.");
    line(out, "[[table.comments]]");
    line(out, &format!("rows = {}", quoted(nested.path.as_deref().unwrap_or_default())));
    if let Some(path) =
        nested.nested.iter().find(|inner| inner.record == Some(Row::Comment)).and_then(|t| t.path.as_deref())
    {
        line(out, &format!("replies = {}", quoted(path)));
    }
    line(out, "[table.comments.fields]");
    fields(out, nested, Row::Comment, false);
    unused(out, nested.columns.iter());
}

/// The lines of the guessed fields. Without the audience, if that is private whatever a column says.
fn fields(out: &mut String, table: &Table, record: Row, private: bool) {
    let of_comments = |field: &str| matches!(field, "post" | "post_url" | "parent" | "reply_to_name" | "floor");
    let fits = |field: &str| !(private && field == "visibility" || record == Row::Post && of_comments(field));
    let mut guesses: Vec<_> = table.guesses.iter().filter(|guess| fits(guess.field)).collect();
    guesses.sort_by_key(|guess| ORDER.iter().position(|field| *field == guess.field).unwrap_or(ORDER.len()));
    for guess in guesses {
        let Some(column) = table.columns.get(guess.column) else { continue };
        let unsure = if guess.by_name { "" } else { "a guess, please check · " };
        let alike: Vec<_> = table.guesses.iter().filter(|other| other.field == guess.field).collect();
        let (first, last) = (
            alike.first().is_some_and(|it| it.column == guess.column),
            alike.last().is_some_and(|it| it.column == guess.column),
        );
        let (rule, about) = (rule(guess.field, column), about(column));
        // If several columns state the audience of a row, the narrowest value counts.
        match (first, last) {
            (true, true) => line(out, &format!("{} = {rule}    # {unsure}{about}", guess.field)),
            (true, false) => line(out, &format!("{} = [\n    {rule},    # {unsure}{about}", guess.field)),
            (false, true) => line(out, &format!("    {rule},    # {unsure}{about}\n]")),
            (false, false) => line(out, &format!("    {rule},    # {unsure}{about}")),
        }
    }
    let has = |field: &str| table.guesses.iter().any(|guess| guess.field == field);
    let needed: &[&str] = match record {
        Row::Post => &["created", "author", "body"],
        Row::Comment => &["body", "author", "created"],
        Row::Member => &["name"],
    };
    for field in needed.iter().filter(|field| !has(field)) {
        if *field == "author" && has("author_id") {
            line(out, "# author = \"???\"    # not needed where a table of members has the names");
            continue;
        }
        line(out, &format!("# {field} = \"???\"    # not recognised, write the column's name"));
    }
    if record == Row::Post && !has("id") {
        line(out, "# id = \"???\"    # may be missing; it is then made from author, date and text");
    }
}

const ORDER: &[&str] = &[
    "id",
    "post",
    "post_url",
    "parent",
    "name",
    "author",
    "author_id",
    "author_handle",
    "handle",
    "alias",
    "role",
    "created",
    "edited",
    "joined",
    "title",
    "body",
    "bio",
    "images",
    "avatar",
    "files",
    "cover",
    "tags",
    "space",
    "visibility",
];

/// The right-hand side of a field.
fn rule(field: &str, column: &Column) -> String {
    let from = quoted(&column.name);
    match field {
        "created" | "edited" | "joined" => match date_format(&column.known.raw) {
            Some(format) => format!("{{ from = {from}, format = {} }}", quoted(format)),
            None => from,
        },
        "body" => {
            let html = |raw: &String| ["<p", "<br", "<div", "<img", "<a "].iter().any(|tag| raw.contains(tag));
            let format = if column.known.raw.iter().any(html) { "html" } else { "plain" };
            format!("{{ from = {from}, format = \"{format}\" }}")
        }
        "images" | "files" | "tags" if column.kind != Type::List && !column.name.contains("[]") => {
            let raw = &column.known.raw;
            let split = [";", "；", "|", "，", ","].into_iter().find(|separator| {
                raw.iter().any(|raw| {
                    let pieces = raw.split(separator).filter(|piece| !piece.trim().is_empty()).count();
                    pieces > 1
                        && (field == "tags" || raw.split(separator).skip(1).all(|p| p.trim().is_empty() || is_file(p)))
                })
            });
            match split {
                Some(separator) => format!("{{ from = {from}, split = {} }}", quoted(separator)),
                None if raw.iter().any(|raw| raw.contains('\n')) => format!("{{ from = {from}, lines = true }}"),
                // Addresses are separated without naming a delimiter.
                None if column.kind == Type::Url => from,
                None => format!("{{ from = {from}, split = \",\" }}"),
            }
        }
        "visibility" => {
            let pairs: Vec<String> = column
                .values
                .keys()
                .chain(column.known.few.keys().filter(|_| column.values.is_empty()))
                .filter(|_| !holds_keys(&column.name) || column.kind == Type::Flag)
                .map(|value| (quoted(value.trim()), answer(&column.name, value)))
                // Two values may be equal without the part that a map cannot express.
                .collect::<std::collections::BTreeMap<_, _>>()
                .into_iter()
                .map(|(value, seen)| format!("{value} = {}", quoted(seen)))
                .collect();
            let otherwise = quoted(otherwise(&column.name));
            format!("{{ from = {from}, values = {{ {} }}, else = {otherwise} }}", pairs.join(", "))
        }
        "role" => {
            let pairs: Vec<String> = column
                .known
                .few
                .keys()
                .filter_map(|value| Some(format!("{} = {}", quoted(value), quoted(role(value)?))))
                .collect();
            format!("{{ from = {from}, values = {{ {} }}, else = \"member\" }}", pairs.join(", "))
        }
        _ => from,
    }
}

fn is_file(piece: &str) -> bool {
    let piece = piece.trim();
    piece.starts_with("http") || piece.starts_with("//") || piece.contains('.') || piece.contains('/')
}

fn role(shown: &str) -> Option<&'static str> {
    match shown.trim().to_lowercase().as_str() {
        "圈主" | "群主" | "星主" | "创建者" | "owner" | "leader" | "founder" => Some("leader"),
        "管理员" | "admin" | "administrator" | "moderator" => Some("admin"),
        "成员" | "普通成员" | "member" => Some("member"),
        "机器人" | "bot" => Some("bot"),
        _ => None,
    }
}

fn unused<'a>(out: &mut String, columns: impl Iterator<Item = &'a Column>) {
    let rest: Vec<&Column> = columns.filter(|column| column.field.is_none()).collect();
    if rest.is_empty() {
        return;
    }
    line(out, "# Columns that are not used:");
    for column in rest {
        let private = if column.private { "private, better not used · " } else { "" };
        line(out, &format!("# ??? = {}    # {private}{}", quoted(&column.name), about(column)));
    }
}

/// A short description of a column that is safe in a comment.
fn about(column: &Column) -> String {
    let kind = match column.kind {
        Type::Empty => "empty",
        Type::Flag => "yes or no",
        Type::Number => "number",
        Type::Fraction => "fraction",
        Type::Date => "date",
        Type::Url => "address",
        Type::List => "list",
        Type::Id => "id",
        Type::Text => "text",
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share from 0 to 1 as per cent")]
    let filled = (column.filled * 100.0).round() as u64;
    let samples: Vec<String> = if column.values.len() > 1 {
        column.values.iter().take(6).map(|(value, count)| format!("{} ×{count}", comment(value))).collect()
    } else {
        column.samples.iter().take(2).map(|sample| comment(sample)).collect()
    };
    let samples = if samples.is_empty() { String::new() } else { format!(" · {}", samples.join(" | ")) };
    format!("{kind} {filled}%{samples}")
}

/// Patterns that match the table's files and no others.
fn globs(input: &Input, table: &Table) -> Vec<String> {
    let name = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
    let others: Vec<String> = input
        .entries()
        .iter()
        .filter(|entry| !table.paths.contains(&entry.path))
        .map(|entry| name(&entry.path))
        .collect();
    let names: Vec<String> = table.paths.iter().map(|path| name(path)).collect();
    let first = names.first().cloned().unwrap_or_default();
    let ending = first.rsplit_once('.').map(|(_, ending)| format!("*.{ending}"));
    let private = |pattern: &str| privacy::has_fact(pattern);
    if names.iter().all(|name| *name == first) && !private(&first) {
        if !others.contains(&first) || table.paths.iter().any(|path| private(path)) {
            return vec![first];
        }
        return table.paths.iter().take(20).cloned().collect();
    }
    let mut start = first.clone();
    let mut end = first;
    for name in &names {
        start = start.chars().zip(name.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a).collect();
        let back: Vec<char> =
            end.chars().rev().zip(name.chars().rev()).take_while(|(a, b)| a == b).map(|(a, _)| a).collect();
        end = back.into_iter().rev().collect();
    }
    let pattern = format!("{start}*{end}");
    let fits =
        |name: &String| name.len() >= start.len() + end.len() && name.starts_with(&start) && name.ends_with(&end);
    let too_short = names.iter().any(|name| name.len() < start.len() + end.len());
    if !others.iter().any(fits) && !too_short && !private(&pattern) {
        return vec![pattern];
    }
    if names.len() <= 20 && !names.iter().any(|name| private(name)) {
        return names;
    }
    ending.map_or_else(|| vec!["*".to_owned()], |ending| vec![ending])
}

/// The lower-case letters, digits and hyphens of a file name.
fn source(name: &str) -> String {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    if privacy::has_fact(stem) {
        return "my-export".to_owned();
    }
    let mut out = String::new();
    for c in stem.chars() {
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    let out = out.trim_matches('-');
    let letters = out.chars().any(|c| c.is_ascii_lowercase());
    if letters {
        out.chars().take(30).collect::<String>().trim_matches('-').to_owned()
    } else {
        // Two circles with Chinese names must not share a source, or post 1 of one would be post 1 of the other.
        let hash = ident::id("map", "source", stem).to_string();
        format!("my-export-{}", hash.chars().take(4).collect::<String>())
    }
}

fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push('\n');
}

/// A quoted TOML string on one line. JSON's escapes are valid in TOML.
fn quoted(text: &str) -> String {
    let text: String = text.chars().filter(|c| *c != '\u{7f}').collect();
    serde_json::Value::from(text).to_string()
}

fn list(texts: &[String]) -> String {
    format!("[{}]", texts.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", "))
}

/// A text for the end of a line.
fn comment(text: &str) -> String {
    super::secrets::without_facts(text)
}

/// A file name as a command-line argument.
#[must_use]
pub fn shell(name: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | '█');
    if name.chars().all(plain) { name.to_owned() } else { format!("\"{name}\"") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inspect::scan;
    use circle_content::report::Silent;

    fn drafted(files: &[(&str, &str)]) -> (String, toml::Table) {
        let files = files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect();
        let input = Input::memory(files);
        let options = Options::default();
        let (_, tables) = scan::scan(&input, &options, &Silent);
        let text = map(&input, &tables, &options).unwrap();
        let table = text.parse().unwrap_or_else(|error| panic!("{error}\n{text}"));
        (text, table)
    }

    const POSTS: &str = "id,时间,正文,可见范围,标签,\"怪\"\"名\"\na1,2021-05-29,读完了，很喜欢。,公开,\"书,夜\",\"一\n二\"\na2,2021-05-30,还没有读完。,仅自己,,三\n";

    #[test]
    fn files_of_one_shape_become_one_table() {
        let (_, map) = drafted(&[("x/帖子1.csv", POSTS), ("x/帖子2.csv", POSTS), ("x/readme.md", "hello")]);
        assert_eq!(map["table"].as_array().unwrap().len(), 1);
        assert_eq!(map["table"][0]["files"][0].as_str(), Some("帖子*.csv"));
        let (_, map) = drafted(&[("a/1.csv", POSTS), ("b/1.csv", "x,y\n1,2\n")]);
        assert_eq!(map["table"][0]["files"][0].as_str(), Some("a/1.csv"));
    }

    #[test]
    fn values_separators_and_odd_names_are_written_as_toml() {
        let (text, map) = drafted(&[("posts.csv", POSTS)]);
        let fields = &map["table"][0]["fields"];
        assert_eq!(fields["visibility"]["values"]["公开"].as_str(), Some("public"));
        assert_eq!(fields["visibility"]["values"]["仅自己"].as_str(), Some("private"));
        assert_eq!(fields["visibility"]["else"].as_str(), Some("unknown"));
        assert_eq!(fields["tags"]["split"].as_str(), Some(","));
        assert!(text.contains("\"怪\\\"名\""), "{text}");
    }

    #[test]
    fn what_is_nothing_is_a_comment_and_private_mail_stays_private() {
        let (text, map) = drafted(&[("posts.csv", POSTS), ("stats.csv", "键,值\n甲,1\n乙,2\n")]);
        assert_eq!(map["table"].as_array().unwrap().len(), 1, "{text}");
        assert!(text.contains("# [[table]]"), "{text}");
        let (_, map) = drafted(&[("私信.csv", POSTS)]);
        assert_eq!(map["table"][0]["fields"]["visibility"]["value"].as_str(), Some("direct"));
    }

    #[test]
    fn a_source_is_made_of_letters_digits_and_hyphens() {
        assert_eq!(source("My Circle (2).zip"), "my-circle-2");
        let chinese = source("书友圈.zip");
        assert!(chinese.starts_with("my-export-") && chinese.len() == 14, "{chinese}");
        assert_ne!(chinese, source("钓友圈.zip"));
        assert_eq!(source("13800138000 a.csv"), "my-export");
    }
}
