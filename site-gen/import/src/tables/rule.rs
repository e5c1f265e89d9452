//! The rule of a field: where in a row its value is, and how it is transformed.
//!
//! 1. `from`: the first non-empty column or key, or with `join` all of them.
//! 2. `after` and `before`: a part of the text. A text without the mark has no value, and the next alternative is tried.
//! 3. `clean`: a named transformation; see [`super::clean`].
//! 4. `values`, `else`: map the source's values to ours.
//! 5. `prefix`: a text before the value.
//!
//! Fields with several values are split first: a JSON or Python list, one value per line (`lines`), or at a separator (`split`).

use std::{collections::BTreeMap, fmt};

use circle_model::archive::Visibility;
use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};
use serde_json::Value;

use super::{clean::Clean, literal};

/// Our terms for audiences.
pub(super) const VISIBILITIES: &[&str] = &["public", "circle", "followers", "direct", "private", "unknown"];

/// The visibility for a term.
pub(super) fn visibility(word: &str) -> Option<Visibility> {
    VISIBILITIES.contains(&word).then(|| serde_json::from_value(word.into()).ok()).flatten()
}

/// A text, or a list of texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Words(pub(super) Vec<String>);

impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(", "))
    }
}

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Seen;
        impl<'de> Visitor<'de> for Seen {
            type Value = Words;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text in quotes, or a list of such texts")
            }
            fn visit_str<E: de::Error>(self, word: &str) -> Result<Words, E> {
                Ok(Words(vec![word.to_owned()]))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Words, A::Error> {
                let mut words = Vec::new();
                while let Some(word) = list.next_element::<String>()? {
                    words.push(word);
                }
                Ok(Words(words))
            }
        }
        deserializer.deserialize_any(Seen)
    }
}

/// How to find a field's value: the first alternative with a result.
#[derive(Clone, Debug, Default)]
pub(super) struct Rule(Vec<One>);

/// One alternative.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct One {
    #[serde(default)]
    from: Words,
    /// A constant.
    #[serde(default)]
    value: Option<String>,
    #[serde(default)]
    join: Option<String>,
    /// The text before each joined value, in the order of `from`.
    #[serde(default)]
    labels: Vec<String>,
    #[serde(default)]
    after: Words,
    #[serde(default)]
    before: Words,
    #[serde(default)]
    clean: Option<Clean>,
    #[serde(default)]
    values: BTreeMap<String, String>,
    #[serde(default, rename = "else")]
    otherwise: Option<String>,
    #[serde(default)]
    prefix: Option<String>,
    #[serde(default)]
    split: Words,
    #[serde(default)]
    lines: bool,
    /// The format: of a date in strftime syntax; of a text `plain`, `html` or `markdown`.
    #[serde(default)]
    format: Option<String>,
}

impl<'de> Deserialize<'de> for Rule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Seen;
        struct Single(One);
        impl<'de> Deserialize<'de> for Single {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let rule = deserializer.deserialize_any(Seen)?;
                rule.0.into_iter().next().map(Single).ok_or_else(|| de::Error::custom("a rule in a list is empty"))
            }
        }
        impl<'de> Visitor<'de> for Seen {
            type Value = Rule;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a column, or { from = \"…\", … }, or a list of these")
            }
            fn visit_str<E: de::Error>(self, name: &str) -> Result<Rule, E> {
                Ok(Rule(vec![One { from: Words(vec![name.to_owned()]), ..One::default() }]))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Rule, A::Error> {
                let mut ones = Vec::new();
                while let Some(Single(one)) = list.next_element::<Single>()? {
                    ones.push(one);
                }
                Ok(Rule(ones))
            }
            fn visit_map<A: MapAccess<'de>>(self, table: A) -> Result<Rule, A::Error> {
                Ok(Rule(vec![One::deserialize(MapAccessDeserializer::new(table))?]))
            }
        }
        deserializer.deserialize_any(Seen)
    }
}

/// The position of a row. `@file`, `@folder`, `@sheet` and `@row` are columns of every table.
#[derive(Clone, Debug, Default)]
pub(super) struct Spot {
    pub(super) path: String,
    /// The folder around all files, which no path contains.
    pub(super) top: String,
    pub(super) sheet: Option<String>,
    pub(super) row: u64,
    /// True for JSON, where rows are called items.
    pub(super) item: bool,
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        if let Some(sheet) = &self.sheet {
            write!(f, ", sheet {sheet}")?;
        }
        write!(f, ": {} {}", if self.item { "item" } else { "row" }, self.row)
    }
}

/// The content of a field for ids.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Key {
    None,
    /// A rounded number: a spreadsheet or another program damaged the id.
    Damaged(String),
    Id(String),
}

impl Rule {
    /// Checks and completes the rule for the field with this name. An error has what is wrong, and what to do.
    pub(super) fn prepare(&mut self, field: &str) -> Result<(), (String, String)> {
        for one in &mut self.0 {
            if one.from.0.is_empty() && one.value.is_none() {
                let help = "name the column: { from = \"…\" }, or a constant: { value = \"…\" }";
                return Err((
                    format!("the rule of `{field}` does not say where its value comes from"),
                    help.to_owned(),
                ));
            }
            let known = match field {
                "visibility" => VISIBILITIES,
                "kind" => super::fields::KINDS,
                "role" => super::fields::ROLES,
                "body" | "bio" if one.format.is_some() => &["plain", "html", "markdown"],
                _ => continue,
            };
            let words = if matches!(field, "body" | "bio") {
                one.format.iter().collect::<Vec<_>>()
            } else {
                one.values.values().chain(&one.otherwise).chain(&one.value).collect()
            };
            for word in words {
                if !known.contains(&word.as_str()) {
                    return Err((format!("`{word}` is no word for `{field}`"), super::map::meant(word, known)));
                }
            }
            if field == "visibility" && !one.values.is_empty() {
                // An author who lists the values that may be seen does not mean others.
                one.otherwise.get_or_insert_with(|| "unknown".to_owned());
            }
        }
        Ok(())
    }

    /// The columns and keys that it reads.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().flat_map(|one| &one.from.0).map(String::as_str)
    }

    /// The value as text, if there is one.
    pub(super) fn text(&self, row: &Value, spot: &Spot) -> Option<String> {
        self.formatted(row, spot).map(|(text, _)| text)
    }

    /// The value as text, and the `format` of the alternative that found it.
    pub(super) fn formatted(&self, row: &Value, spot: &Spot) -> Option<(String, Option<&str>)> {
        self.0.iter().find_map(|one| Some((one.text(row, spot)?, one.format.as_deref())))
    }

    /// The results of all alternatives.
    pub(super) fn each(&self, row: &Value, spot: &Spot) -> Vec<String> {
        self.0.iter().filter_map(|one| one.text(row, spot)).collect()
    }

    /// All non-empty values, in order.
    pub(super) fn list(&self, row: &Value, spot: &Spot) -> Vec<String> {
        self.0.iter().map(|one| one.list(row, spot)).find(|list| !list.is_empty()).unwrap_or_default()
    }

    /// The value as an id. A float, or a number in exponent notation, may already be another id.
    pub(super) fn key(&self, row: &Value, spot: &Spot) -> Key {
        for one in &self.0 {
            for name in &one.from.0 {
                let value = look_up(row, name, spot);
                if let Some(shown) = damaged(&value) {
                    return Key::Damaged(shown);
                }
            }
            if let Some(text) = one.text(row, spot) {
                return Key::Id(text.trim().to_owned());
            }
        }
        Key::None
    }
}

impl One {
    fn text(&self, row: &Value, spot: &Spot) -> Option<String> {
        if let Some(value) = &self.value {
            return Some(value.clone());
        }
        let Some(between) = &self.join else {
            return self.from.0.iter().find_map(|name| self.changed(word(&look_up(row, name, spot))));
        };
        let parts = self.from.0.iter().enumerate().filter_map(|(at, name)| {
            let part = self.changed(word(&look_up(row, name, spot)))?;
            Some(format!("{}{part}", self.labels.get(at).map_or("", String::as_str)))
        });
        let parts: Vec<String> = parts.collect();
        (!parts.is_empty()).then(|| parts.join(between))
    }

    fn list(&self, row: &Value, spot: &Spot) -> Vec<String> {
        if let Some(value) = &self.value {
            return vec![value.clone()];
        }
        for name in &self.from.0 {
            let found = look_up(row, name, spot);
            let items: Vec<String> = match &found {
                Value::Array(items) => flat(items),
                Value::String(text) => match literal::list(text) {
                    Some(items) => flat(&items),
                    None => self.pieces(text),
                },
                other => word(other).into_iter().collect(),
            };
            let items: Vec<String> = items.into_iter().filter_map(|item| self.changed(Some(item))).collect();
            if !items.is_empty() {
                return items;
            }
        }
        Vec::new()
    }

    /// The values in one cell.
    fn pieces(&self, text: &str) -> Vec<String> {
        if self.clean.is_some_and(Clean::gives_several) {
            return self.clean.map_or_else(Vec::new, |clean| clean.several(text));
        }
        if self.lines {
            return text.lines().map(str::to_owned).collect();
        }
        if self.split.0.is_empty() {
            return if is_address(text) {
                addresses(text, &[",", ";", "|", " ", "\n", "，", "；"])
            } else {
                vec![text.to_owned()]
            };
        }
        let separators: Vec<&str> = self.split.0.iter().map(String::as_str).filter(|s| !s.is_empty()).collect();
        if is_address(text) {
            return addresses(text, &separators);
        }
        let mut pieces = vec![text.to_owned()];
        for separator in separators {
            pieces = pieces.iter().flat_map(|piece| piece.split(separator)).map(str::to_owned).collect();
        }
        pieces
    }

    fn changed(&self, text: Option<String>) -> Option<String> {
        let mut text = text.unwrap_or_default();
        for mark in &self.after.0 {
            text = text.split_once(mark.as_str())?.1.to_owned();
        }
        for mark in &self.before.0 {
            text = text.split_once(mark.as_str())?.0.to_owned();
        }
        if let Some(clean) = self.clean.filter(|clean| !clean.gives_several()) {
            text = clean.text(&text);
        }
        if let Some(ours) = self.values.get(text.trim()) {
            text.clone_from(ours);
        } else if text.trim().is_empty() {
            return None;
        } else if let Some(otherwise) = &self.otherwise {
            text.clone_from(otherwise);
        }
        if text.trim().is_empty() {
            return None;
        }
        Some(self.prefix.as_ref().map_or_else(|| text.clone(), |prefix| format!("{prefix}{}", text.trim())))
    }
}

/// The value at `key`: a column with exactly this name, or else keys with dots. `[]` after a key means the items of a list, a number one of
/// them.
pub(super) fn look_up(row: &Value, key: &str, spot: &Spot) -> Value {
    if let Some(special) = key.strip_prefix('@') {
        let (folder, name) = spot.path.rsplit_once('/').unwrap_or(("", &spot.path));
        return match special {
            "file" => name.rsplit_once('.').map_or(name, |(stem, _)| stem).into(),
            "folder" => folder.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or(&spot.top).into(),
            "sheet" => spot.sheet.clone().into(),
            "row" => spot.row.to_string().into(),
            _ => Value::Null,
        };
    }
    if let Some(value) = row.get(key) {
        return value.clone();
    }
    if !key.contains(['.', '[']) && !row.is_array() {
        return Value::Null;
    }
    let mut at = row.clone();
    let mut rest = key;
    while !rest.is_empty() {
        let (part, more) = rest.split_once('.').unwrap_or((rest, ""));
        let (part, every) = part.strip_suffix("[]").map_or((part, false), |part| (part, true));
        if !part.is_empty() {
            at = match (&at, part.parse::<usize>()) {
                (Value::Array(items), Ok(number)) => items.get(number).cloned().unwrap_or_default(),
                _ => at.get(part).cloned().unwrap_or_default(),
            };
        }
        if let (Value::String(text), true) = (&at, !more.is_empty() || every)
            && let Some(items) = literal::list(text)
        {
            at = Value::Array(items);
        }
        if every {
            let Value::Array(items) = at else { return Value::Null };
            if more.is_empty() {
                return Value::Array(items);
            }
            return Value::Array(items.iter().map(|item| look_up(item, more, spot)).filter(|v| !v.is_null()).collect());
        }
        rest = more;
    }
    at
}

/// True if the row has this column or key, even if it is empty.
pub(super) fn has(row: &Value, key: &str, spot: &Spot) -> bool {
    key.starts_with('@') || row.get(key).is_some() || !look_up(row, key, spot).is_null()
}

/// A value as text: a number as its digits, a list with one item per line.
pub(super) fn word(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Number(number) => Some(match number.as_f64() {
            Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() < 1e18 => format!("{float:.0}"),
            _ => number.to_string(),
        }),
        Value::Array(items) => Some(flat(items).join("\n")).filter(|text| !text.is_empty()),
        Value::Null | Value::Object(_) => None,
    }
}

fn flat(items: &[Value]) -> Vec<String> {
    items.iter().filter(|item| !item.is_array()).filter_map(word).collect()
}

/// The original id, if the given value is a rounded form of it.
fn damaged(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) if number.is_f64() => Some(number.to_string()),
        Value::String(text) => {
            let (digits, exponent) = text.trim().split_once(['E', 'e'])?;
            let (sign, exponent) = exponent.split_at_checked(1)?;
            let float = digits.contains('.') && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
            let power = exponent.parse::<u32>().is_ok_and(|power| power >= 10);
            (float && sign == "+" && power).then(|| text.trim().to_owned())
        }
        _ => None,
    }
}

fn is_address(text: &str) -> bool {
    let text = text.trim_start();
    text.starts_with("http://") || text.starts_with("https://") || text.starts_with("//")
}

/// Separate addresses. An address may contain the separator, so only a separator before the next address counts.
fn addresses(text: &str, separators: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text.trim();
    'next: while !rest.is_empty() {
        for (at, _) in rest.char_indices().skip(1) {
            let tail = rest.get(at..).unwrap_or_default();
            let Some(after) = separators.iter().find_map(|separator| tail.strip_prefix(separator)) else { continue };
            if is_address(after) || after.trim().is_empty() {
                found.push(rest.get(..at).unwrap_or_default().trim().to_owned());
                rest = after.trim_start();
                continue 'next;
            }
        }
        found.push(rest.to_owned());
        break;
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rule(text: &str) -> Rule {
        let mut table: BTreeMap<String, Rule> = toml::from_str(&format!("r = {text}")).unwrap();
        table.remove("r").unwrap()
    }

    fn list(rule_text: &str, cell: Value) -> Vec<String> {
        rule(rule_text).list(&json!({ "a": cell }), &Spot::default())
    }

    #[test]
    fn lists_are_split_as_they_were_joined() {
        assert_eq!(list(r#"{ from = "a", split = "," }"#, json!("x, y,")), ["x", " y"]);
        assert_eq!(list(r#"{ from = "a", split = [",", "，"] }"#, json!("x，y,z")), ["x", "y", "z"]);
        assert_eq!(list("\"a\"", json!("['x', \"y\"]")), ["x", "y"]);
        assert_eq!(list("\"a\"", json!(["x", 7])), ["x", "7"]);
        assert_eq!(list(r#"{ from = "a", lines = true }"#, json!("x\n\ny")), ["x", "y"]);
        assert_eq!(list("\"a[].u\"", json!([{ "u": "x" }, {}, { "u": "y" }])), ["x", "y"]);
        let two = "https://a.example/1,w_2/x.jpg,https://b.example/2.png";
        for rule in ["\"a\"", r#"{ from = "a", split = "," }"#] {
            assert_eq!(list(rule, json!(two)), ["https://a.example/1,w_2/x.jpg", "https://b.example/2.png"]);
        }
    }

    #[test]
    fn parts_alternatives_and_constants() {
        let row = json!({ "a": "好\n引用：林晚: 说过", "b": "没有", "x.y": 1, "n": { "m": [[5, "六"]] } });
        let text = |r: &str| rule(r).text(&row, &Spot::default());
        assert_eq!(text(r#"{ from = "a", after = ["引用：", ": "] }"#).unwrap(), "说过");
        assert_eq!(text(r#"{ from = "a", after = "引用：", before = ": " }"#).unwrap(), "林晚");
        assert_eq!(text(r#"{ from = "b", before = "引用：" }"#), None);
        assert_eq!(text(r#"[{ from = "b", before = "引用：" }, "b"]"#).unwrap(), "没有");
        assert_eq!(text(r#"["none", "b"]"#).unwrap(), "没有");
        assert_eq!(text(r#"{ value = "review" }"#).unwrap(), "review");
        assert_eq!(text("\"x.y\"").unwrap(), "1");
        assert_eq!(text("\"n.m.0.1\"").unwrap(), "六");
        assert_eq!(text(r#"{ from = ["b", "x.y"], join = " / ", labels = ["", "分："] }"#).unwrap(), "没有 / 分：1");
        assert_eq!(text(r#"{ from = "b", values = { "没有" = "" } }"#), None);
        assert_eq!(text(r#"{ from = "b", prefix = "https://a.example/" }"#).unwrap(), "https://a.example/没有");
    }

    #[test]
    fn an_id_that_a_spreadsheet_rounded_is_none() {
        let key = |value: Value| rule("\"a\"").key(&json!({ "a": value }), &Spot::default());
        assert_eq!(key(json!("4.45457E+15")), Key::Damaged("4.45457E+15".to_owned()));
        assert!(matches!(key(json!(4.554_441_558_588_146e16)), Key::Damaged(_)));
        assert_eq!(key(json!(45_544_415_585_881_460_u64)), Key::Id("45544415585881460".to_owned()));
        assert_eq!(key(json!(" 1e5f ")), Key::Id("1e5f".to_owned()));
        assert_eq!(key(json!("")), Key::None);
    }
}
