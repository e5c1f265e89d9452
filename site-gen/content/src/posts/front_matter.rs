//! Front matter in all its variants, as fields whose scalars stay the text that was written.
//!
//! 1. Find the block: `---`, `+++`, `;;;`, a JSON object, `[#]:` lines, or fields without an opening fence.
//! 2. Read it: YAML by events, so that `007`, `no` and `2021-05-01` do not become numbers, booleans or dates; TOML; JSON.
//! 3. If it is not valid YAML, values are quoted and it is parsed again; then it is read line by line. A note says so.

use std::collections::BTreeMap;

use circle_model::archive::Verbatim;
use granit_parser::{Event, Parser, ScalarStyle};
use indexmap::IndexMap;
use serde_json::value::RawValue;

mod headers;

use headers::{end_of_fields, field_name};

/// A value of front matter.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing, or `null`.
    Null,
    /// Text as written. `plain` is true if it was unquoted, so that `true` can be a boolean.
    Scalar {
        /// The text.
        text: String,
        /// True without quotes.
        plain: bool,
    },
    /// A list.
    List(Vec<Self>),
    /// Fields.
    Map(Vec<(String, Self)>),
}

impl Value {
    pub(super) fn text(value: impl Into<String>) -> Self {
        Self::Scalar { text: value.into(), plain: false }
    }

    /// The text of a non-empty scalar.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Scalar { text, .. } => Some(text.trim()).filter(|text| !text.is_empty()),
            _ => None,
        }
    }

    /// A boolean as YAML 1.1 and people write it.
    pub fn as_bool(&self) -> Option<bool> {
        crate::audience::truth(self.as_text()?)
    }

    /// The value as JSON, for unknown fields. A plain number or boolean with the same spelling in JSON stays one.
    pub fn verbatim(&self) -> Option<Verbatim> {
        RawValue::from_string(self.json()).ok().map(Verbatim)
    }

    fn json(&self) -> String {
        let string = |text: &str| serde_json::Value::from(text).to_string();
        match self {
            Self::Null => "null".to_owned(),
            Self::Scalar { text, plain: true } if is_json_scalar(text) => text.clone(),
            Self::Scalar { text, .. } => string(text),
            Self::List(items) => format!("[{}]", items.iter().map(Self::json).collect::<Vec<_>>().join(",")),
            Self::Map(fields) => {
                // JSON readers disagree about duplicate keys. The last one counts, as in YAML.
                let unique: IndexMap<&str, &Self> = fields.iter().map(|(name, value)| (name.as_str(), value)).collect();
                let fields: Vec<_> = unique.iter().map(|(k, v)| format!("{}:{}", string(k), v.json())).collect();
                format!("{{{}}}", fields.join(","))
            }
        }
    }
}

fn is_json_scalar(text: &str) -> bool {
    matches!(text, "true" | "false" | "null")
        || (text.len() < 40
            && text.starts_with(|c: char| c.is_ascii_digit() || c == '-')
            && serde_json::from_str::<&RawValue>(text).is_ok_and(|raw| raw.get() == text))
}

/// The front matter of a file.
#[derive(Debug, Default)]
pub(super) struct Front {
    /// The fields, in the order of the file.
    pub(super) fields: Vec<(String, Value)>,
    /// The length of the front matter in bytes.
    pub(super) length: usize,
    /// Notes about unusual syntax that lost nothing.
    pub(super) notes: Vec<String>,
}

/// Splits `text` (with LF line ends) into front matter and body.
pub(super) fn split(text: &str) -> Front {
    let lead = text.len() - text.trim_start_matches(['\n', ' ', '\t', '\u{feff}']).len();
    let rest = text.get(lead..).unwrap_or_default();
    let first = rest.lines().next().unwrap_or_default().trim_end();
    let mut front = if first.starts_with("---") && first.trim_matches('-').is_empty() {
        fenced(rest, first.len(), &["---", "..."])
    } else if let Some(language) = first.strip_prefix("---").filter(|it| LANGUAGES.contains(&it.trim())) {
        in_language(rest, language.trim())
    } else if first == "+++" {
        toml_block(rest)
    } else if first.starts_with(";;;") || first.starts_with('"') {
        json_with_semicolons(rest)
    } else if first.starts_with('{') {
        json_object(rest)
    } else if first.starts_with("[#]:") {
        headers::lctt(rest)
    } else if first.starts_with("#+") {
        headers::org(rest)
    } else if first.starts_with("<!--") {
        headers::in_comment(rest)
    } else {
        headers::properties(rest).or_else(|| headers::no_opening_fence(rest))
    }
    .unwrap_or_default();
    if front.length > 0 {
        front.length += lead;
    }
    let mut seen = BTreeMap::new();
    for (name, _) in &front.fields {
        *seen.entry(name.clone()).or_insert(0) += 1;
    }
    for (name, count) in seen {
        if count > 1 {
            front.notes.push(format!("the field `{name}` is there {count} times; the first one was taken"));
        }
    }
    front
}

/// The byte ranges of lines: start, end without LF, end with LF.
fn line_ranges(text: &str) -> impl Iterator<Item = (usize, usize, usize)> + '_ {
    let mut at = 0;
    text.split_inclusive('\n').map(move |line| {
        let start = at;
        at += line.len();
        (start, start + line.trim_end_matches('\n').len(), at)
    })
}

fn fenced(text: &str, fence: usize, closers: &[&str]) -> Option<Front> {
    let open = text.find('\n').map_or(text.len(), |at| at + 1);
    let inner = text.get(open..)?;
    for (start, end, next) in line_ranges(inner) {
        let line = inner.get(start..end)?.trim_end();
        let dashes = line.len() == fence && line.bytes().all(|b| b == b'-');
        if closers.contains(&line) || dashes {
            let block = inner.get(..start)?;
            // A horizontal rule at the top of a text is followed by prose, not by fields.
            let fields = block.trim_start().starts_with('{') || block.lines().any(|line| field_name(line).is_some());
            if !block.trim().is_empty() && !fields {
                return None;
            }
            let mut front = yaml(block);
            front.length = open + next;
            return Some(front);
        }
    }
    let end = end_of_fields(inner)?;
    let mut front = yaml(inner.get(..end)?);
    front.length = open + end;
    front
        .notes
        .push("the front matter is not closed with `---`; it was read up to the first line that is no field".into());
    Some(front)
}

/// Languages that Eleventy and others name after the fence.
const LANGUAGES: [&str; 5] = ["yaml", "yml", "toml", "json", "js"];

/// `---toml` and the like, up to `---`.
fn in_language(text: &str, language: &str) -> Option<Front> {
    let open = text.find('\n')? + 1;
    let inner = text.get(open..)?;
    let (start, _, next) = line_ranges(inner)
        .find(|(start, end, _)| inner.get(*start..*end).is_some_and(|line| line.trim_end() == "---"))?;
    let block = inner.get(..start)?;
    let mut front = match language {
        "toml" => toml_block(&format!("+++\n{block}\n+++\n"))?,
        "json" => json_object(block.trim()).unwrap_or_else(|| yaml(block)),
        _ => yaml(block),
    };
    front.length = open + next;
    Some(front)
}

fn toml_block(text: &str) -> Option<Front> {
    let inner = text.get(4..)?;
    let close =
        line_ranges(inner).find(|(start, end, _)| inner.get(*start..*end).is_some_and(|l| l.trim_end() == "+++"));
    let (block, length, note) = match close {
        Some((start, _, next)) => (inner.get(..start)?, 4 + next, None),
        None => {
            let end = inner.find("\n\n").map_or(inner.len(), |at| at + 1);
            let note = "the front matter is not closed with `+++`; it was read up to the first blank line";
            (inner.get(..end)?, 4 + end, Some(note.to_owned()))
        }
    };
    let mut front = Front { length, ..Front::default() };
    front.notes.extend(note);
    match block.parse::<toml::Table>() {
        Ok(table) => front.fields = table.into_iter().map(|(name, value)| (name, from_toml(value))).collect(),
        Err(error) => {
            front.notes.push(format!("the front matter is not TOML ({}); it was read line by line", error.message()));
            front.fields = by_line(block, '=');
        }
    }
    Some(front)
}

fn from_toml(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::text(text),
        toml::Value::Array(items) => Value::List(items.into_iter().map(from_toml).collect()),
        toml::Value::Table(table) => Value::Map(table.into_iter().map(|(k, v)| (k, from_toml(v))).collect()),
        other => Value::Scalar { text: other.to_string(), plain: true },
    }
}

/// Hexo's JSON: lines of `"title": "…",`, closed and sometimes opened by `;;;`.
fn json_with_semicolons(text: &str) -> Option<Front> {
    let open = if text.starts_with(";;;") { text.find('\n')? + 1 } else { 0 };
    let inner = text.get(open..)?;
    let (start, _, next) =
        line_ranges(inner).find(|(start, end, _)| inner.get(*start..*end).is_some_and(|l| l.trim_end() == ";;;"))?;
    let block = inner.get(..start)?.trim().trim_end_matches(',');
    let object = if block.starts_with('{') { block.to_owned() } else { format!("{{{block}}}") };
    let mut front = Front { length: open + next, ..Front::default() };
    match serde_json::from_str::<IndexMap<String, Box<RawValue>>>(&object) {
        Ok(fields) => front.fields = fields.into_iter().map(|(name, raw)| (name, from_json(&raw, 0))).collect(),
        Err(error) => {
            front.notes.push(format!("the front matter is not JSON ({error}); it was read line by line"));
            front.fields = by_line(block, ':');
        }
    }
    Some(front)
}

/// Hugo's JSON: one object, then the body.
fn json_object(text: &str) -> Option<Front> {
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<IndexMap<String, Box<RawValue>>>();
    let fields = stream.next()?.ok()?;
    let length = stream.byte_offset();
    let fields = fields.into_iter().map(|(name, raw)| (name, from_json(&raw, 0))).collect();
    Some(Front { fields, length, ..Front::default() })
}

fn from_json(raw: &RawValue, depth: u8) -> Value {
    let text = raw.get();
    if depth > 32 {
        return Value::text(text);
    }
    match text.as_bytes().first() {
        Some(b'"') => Value::text(serde_json::from_str::<String>(text).unwrap_or_else(|_| text.to_owned())),
        Some(b'[') => serde_json::from_str::<Vec<Box<RawValue>>>(text).map_or_else(
            |_| Value::text(text),
            |items| Value::List(items.iter().map(|i| from_json(i, depth + 1)).collect()),
        ),
        Some(b'{') => serde_json::from_str::<IndexMap<String, Box<RawValue>>>(text).map_or_else(
            |_| Value::text(text),
            |fields| Value::Map(fields.into_iter().map(|(k, v)| (k, from_json(&v, depth + 1))).collect()),
        ),
        Some(b'n') => Value::Null,
        _ => Value::Scalar { text: text.to_owned(), plain: true },
    }
}

fn yaml(block: &str) -> Front {
    let mut front = Front::default();
    let halved = headers::with_half_colons(block);
    let block = halved.as_deref().unwrap_or(block);
    // `title: {{ title }}` is valid YAML for nested mappings, but nobody means that.
    if block.lines().any(|line| line.split_once(':').is_some_and(|(_, value)| value.trim_start().starts_with("{{"))) {
        front.fields = events(&quoted(block)).unwrap_or_else(|_| by_line(block, ':'));
        return front;
    }
    let first = match events(block) {
        Ok(fields) => {
            front.fields = fields;
            return front;
        }
        Err(error) => error,
    };
    match events(&quoted(block)) {
        Ok(fields) => {
            front
                .notes
                .push(format!("the front matter is not YAML ({first}); it could be read with its values quoted"));
            front.fields = fields;
        }
        Err(_) => {
            front.notes.push(format!("the front matter is not YAML ({first}); it was read line by line"));
            front.fields = by_line(block, ':');
        }
    }
    front
}

fn events(block: &str) -> Result<Vec<(String, Value)>, String> {
    match value(block)? {
        Value::Map(fields) => Ok(fields),
        Value::Null => Ok(Vec::new()),
        _ => Err("it holds no fields".into()),
    }
}

/// Reads YAML by the parser's events. Aliases are expanded, up to a budget that no honest file reaches (against alias bombs).
pub fn value(block: &str) -> Result<Value, String> {
    enum Open {
        List(usize, Vec<Value>),
        Map(usize, Vec<(String, Value)>, Option<String>),
    }
    let mut stack: Vec<Open> = Vec::new();
    let mut anchors: BTreeMap<usize, (Value, usize)> = BTreeMap::new();
    let mut budget = 100_000_usize;
    let mut done = None;
    for next in Parser::new_from_str(block) {
        let (event, _) = next.map_err(|error| error.to_string())?;
        let (anchor, value) = match event {
            Event::Scalar(text, style, anchor, _) => {
                let plain = style == ScalarStyle::Plain;
                let null = plain && matches!(&*text, "" | "~" | "null" | "Null" | "NULL");
                (anchor, if null { Value::Null } else { Value::Scalar { text: text.into_owned(), plain } })
            }
            Event::SequenceStart(_, anchor, _) => {
                stack.push(Open::List(anchor, Vec::new()));
                if stack.len() > 32 {
                    return Err("it is nested too deeply".into());
                }
                continue;
            }
            Event::MappingStart(_, anchor, _) => {
                stack.push(Open::Map(anchor, Vec::new(), None));
                if stack.len() > 32 {
                    return Err("it is nested too deeply".into());
                }
                continue;
            }
            Event::SequenceEnd => match stack.pop() {
                Some(Open::List(anchor, items)) => (anchor, Value::List(items)),
                _ => return Err("a list ends where none began".into()),
            },
            Event::MappingEnd => match stack.pop() {
                Some(Open::Map(anchor, fields, _)) => (anchor, Value::Map(fields)),
                _ => return Err("a mapping ends where none began".into()),
            },
            Event::Alias(anchor) => {
                let (value, size) = anchors.get(&anchor).cloned().ok_or("an alias of nothing")?;
                budget = budget.checked_sub(size).ok_or("its aliases multiply without end")?;
                (0, value)
            }
            Event::DocumentEnd => break,
            _ => continue,
        };
        if anchor != 0 {
            let size = value.json().len();
            anchors.insert(anchor, (value.clone(), size));
        }
        match stack.last_mut() {
            None => done = Some(value),
            Some(Open::List(_, items)) => items.push(value),
            Some(Open::Map(_, fields, name)) => match name.take() {
                None => *name = Some(value.as_text().unwrap_or_default().to_owned()),
                Some(name) => fields.push((name, value)),
            },
        }
    }
    Ok(done.unwrap_or(Value::Null))
}

/// The block with tabs as spaces, and with quotes around every value that YAML would not read as its text.
fn quoted(block: &str) -> String {
    let mut result = String::with_capacity(block.len() + 16);
    for line in block.lines() {
        let bare = line.trim_start_matches([' ', '\t']);
        let indent = line.get(..line.len() - bare.len()).unwrap_or_default().replace('\t', "  ");
        let bare = bare.trim_end();
        result.push_str(&indent);
        if let Some(item) = bare.strip_prefix("- ") {
            result.push_str("- ");
            push_quoted(&mut result, item.trim());
        } else if let Some((name, value)) = bare.split_once(':').filter(|_| field_name(bare).is_some()) {
            result.push_str(name);
            result.push_str(": ");
            push_quoted(&mut result, value.trim());
        } else {
            result.push_str(&bare.replace('\t', " "));
        }
        result.push('\n');
    }
    result
}

fn push_quoted(result: &mut String, value: &str) {
    let pair = |open: char, close: char| value.len() > 1 && value.starts_with(open) && value.ends_with(close);
    let template = value.starts_with("{{");
    let sound = value.is_empty()
        || (pair('[', ']') && !value.contains(": "))
        || (pair('{', '}') && !template)
        || (pair('"', '"') && !value.get(1..value.len() - 1).unwrap_or_default().contains('"'))
        || (pair('\'', '\'') && !value.get(1..value.len() - 1).unwrap_or_default().contains('\''))
        || matches!(value, "|" | ">" | "|-" | ">-" | "|+" | ">+");
    if sound {
        result.push_str(value);
    } else {
        result.push('\'');
        result.push_str(&value.replace('\'', "''"));
        result.push('\'');
    }
}

/// The last resort: `name: value` lines, and `- item` lines as a list under the name before them.
fn by_line(block: &str, separator: char) -> Vec<(String, Value)> {
    let mut fields: Vec<(String, Value)> = Vec::new();
    for line in block.lines() {
        let bare = line.trim();
        if bare.is_empty() || bare.starts_with('#') || bare.starts_with('[') {
            continue;
        }
        let unquoted = |text: &str| {
            let text = text.trim().trim_end_matches(',');
            let inner = text.strip_prefix(['"', '\'']).and_then(|t| t.strip_suffix(['"', '\'']));
            inner.unwrap_or(text).to_owned()
        };
        if let Some(item) = bare.strip_prefix("- ") {
            if let Some((_, value)) = fields.last_mut() {
                match value {
                    Value::List(items) => items.push(Value::text(unquoted(item))),
                    Value::Null => *value = Value::List(vec![Value::text(unquoted(item))]),
                    _ => {}
                }
            }
            continue;
        }
        let Some((name, value)) = bare.split_once(separator) else {
            if let Some((_, Value::Scalar { text, .. })) = fields.last_mut() {
                text.push(' ');
                text.push_str(bare);
            }
            continue;
        };
        let value = value.trim();
        let list = value.strip_prefix('[').and_then(|v| v.trim_end_matches(',').strip_suffix(']'));
        let value = match list {
            _ if value.is_empty() => Value::Null,
            Some(items) => {
                Value::List(items.split(',').map(unquoted).filter(|item| !item.is_empty()).map(Value::text).collect())
            }
            None => Value::text(unquoted(value)),
        };
        fields.push((unquoted(name), value));
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(text: &str, name: &str) -> Option<String> {
        split(text).fields.into_iter().find(|(n, _)| n == name).and_then(|(_, v)| v.as_text().map(str::to_owned))
    }

    fn body(text: &str) -> &str {
        &text[split(text).length..]
    }

    #[test]
    fn scalars_stay_as_written() {
        for value in ["1984", "007", "no", "2021-05-01", "1_000", "0x1F", "1.10", "~/x"] {
            assert_eq!(field(&format!("---\ntitle: {value}\n---\nx"), "title").as_deref(), Some(value));
        }
        assert_eq!(field("---\ntitle: null\n---\n", "title"), None);
    }

    #[test]
    fn a_colon_in_a_title_is_quoted_and_said() {
        let front = split("---\ntitle: 注意: 冒号\ntags:\n\t- 甲\n\t- 乙: 丙\n---\n正文");
        assert_eq!(front.fields[0].1.as_text(), Some("注意: 冒号"));
        assert_eq!(front.fields[1].1, Value::List(vec![Value::text("甲"), Value::text("乙: 丙")]));
        assert_eq!(front.notes.len(), 1);
    }

    #[test]
    fn templates_are_text() {
        assert_eq!(field("---\ntitle: {{ title }}\ndate: {{ date }}\n---\n", "title").as_deref(), Some("{{ title }}"));
    }

    #[test]
    fn every_fence() {
        for text in [
            "---\ntitle: 题\n---\n正文",
            "\u{feff}\n---\ntitle: 题\n...\n正文",
            "title: 题\ndate: 2020-1-1\n---\n正文",
            "title: 题\ndate: 2020-1-1\n\n正文",
            "---\ntitle: 题\n正文",
            "+++\ntitle = \"题\"\n+++\n正文",
            "+++\ntitle = \"题\"\n\n正文",
            "---toml\ntitle = \"题\"\n---\n正文",
            "---json\n{\"title\": \"题\"}\n---\n正文",
            "---\n{\"title\": \"题\"}\n---\n正文",
            "\"title\": \"题\",\n\"n\": 1\n;;;\n正文",
            ";;;\n\"title\": \"题\"\n;;;\n正文",
            "{\"title\": \"题\"}\n正文",
            "[#]: subject: \"x\"\n[#]: title: (题)\n正文",
        ] {
            assert_eq!(field(text, "title").as_deref(), Some("题"), "{text}");
            assert_eq!(body(text).trim(), "正文", "{text}");
        }
    }

    #[test]
    fn pelican_writes_fields_without_a_fence() {
        let front = split("Title: 草稿\nDate: 2021-05-29 03:04\nStatus: draft\n\n正文\n");
        let status = front.fields.iter().find(|(name, _)| name == "Status").and_then(|(_, value)| value.as_text());
        assert_eq!(status, Some("draft"));
        for text in ["Title: 一个人的话\n\n正文", "Title: a\n正文写在下一行\n\nb"] {
            assert_eq!(split(text).length, 0, "{text}");
        }
    }

    #[test]
    fn a_rule_or_a_heading_is_no_front_matter() {
        for text in
            ["---\n\n正文里的分隔线\n\n---\n完", "注意: 集合\n---\n正文", "正文\n\n---\n", "http://a.example\n---\n"]
        {
            assert_eq!(split(text).length, 0, "{text}");
        }
    }

    #[test]
    fn alias_bombs_end() {
        let mut text = "a: &a [x,x,x,x,x,x,x,x,x]\n".to_owned();
        for n in 0..20 {
            let from = if n == 0 { "a".to_owned() } else { format!("b{}", n - 1) };
            text.push_str(&format!("b{n}: &b{n} [*{from},*{from},*{from},*{from},*{from},*{from}]\n"));
        }
        assert!(events(&text).is_err());
    }

    #[test]
    fn unknown_values_become_json() {
        let front = split("---\na: [1, 007, true, no, \"1\", {b: null}]\n---\n");
        assert_eq!(front.fields[0].1.json(), r#"[1,"007",true,"no","1",{"b":null}]"#);
    }
}
