//! Reads values that a page's script assigns, without running it: `var ct = "1764842451";`, `window.cgiDataNew = { … }`.
//!
//! 1. [`assigned`] finds the assignment.
//! 2. The expression is read as a literal. A call is its first argument (`JsDecode('…')`, `htmlDecode("…")`). `a || b` is the first
//!    non-empty one. `'9' * 1` is the text `9`, because the platform's numbers may be longer than a float can hold.
//! 3. Anything else is skipped up to the next comma or bracket, so that one unusual field does not affect the others.

use serde_json::{Map, Value};

use circle_html::entities;

/// The maximum depth of literals; no page has deeper data.
const DEEPEST: usize = 64;
/// The maximum number of assignments to a name that are tried.
const MOST_PLACES: usize = 64;

/// The first non-empty value that `script` assigns to `name`, in any form (`var name =`, `window.name =`).
pub(super) fn assigned(script: &str, name: &str) -> Option<Value> {
    let places = script.match_indices(name).filter_map(|(at, _)| {
        let before = script.get(..at)?.chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '$' | '-' | '\'' | '"')) {
            return None;
        }
        let after = script.get(at + name.len()..)?.trim_start();
        after.strip_prefix('=').filter(|after| !after.starts_with('='))
    });
    places.take(MOST_PLACES).find_map(|rest| Reader { rest }.expression(0).filter(says_something))
}

/// The first value that one of `scripts` assigns to `name`, as text.
pub(super) fn text(scripts: &[String], name: &str) -> Option<String> {
    scripts.iter().find_map(|script| match assigned(script, name)? {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    })
}

/// Decodes doubly written escapes: `\x0a`, `\x26` and the like that are still in a text after it was read.
pub(super) fn decoded(text: &str) -> String {
    if !text.contains("\\x") {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\\x") {
        out.push_str(before);
        let code = after.get(..2).and_then(|hex| u32::from_str_radix(hex, 16).ok()).and_then(char::from_u32);
        match (code, after.get(2..)) {
            (Some(c), Some(tail)) => {
                out.push(c);
                rest = tail;
            }
            _ => {
                out.push_str("\\x");
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

fn says_something(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(yes) => *yes,
        Value::Number(number) => number.as_i64() != Some(0),
        Value::String(text) => !text.is_empty(),
        Value::Array(_) | Value::Object(_) => true,
    }
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn space(&mut self) {
        loop {
            self.rest = self.rest.trim_start();
            if let Some(comment) = self.rest.strip_prefix("//") {
                self.rest = comment.split_once('\n').map_or("", |(_, rest)| rest);
            } else if let Some(comment) = self.rest.strip_prefix("/*") {
                self.rest = comment.split_once("*/").map_or("", |(_, rest)| rest);
            } else {
                return;
            }
        }
    }

    fn take(&mut self, mark: &str) -> bool {
        self.space();
        self.rest.strip_prefix(mark).is_some_and(|rest| {
            self.rest = rest;
            true
        })
    }

    fn word(&mut self) -> &'a str {
        self.space();
        let end =
            self.rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '$' | '.'))).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word
    }

    fn expression(&mut self, depth: usize) -> Option<Value> {
        let mut value = self.single(depth)?;
        loop {
            if self.take("||") {
                let other = self.single(depth);
                if !says_something(&value) {
                    value = other?;
                }
            } else if self.take("*") {
                self.single(depth)?;
            } else if self.rest.starts_with('.')
                && self.rest.get(1..2).is_some_and(|c| !c.starts_with(char::is_numeric))
            {
                // `.html(false)`: a method call on a text is the text.
                self.word();
                if self.take("(") {
                    self.skip_to(')');
                    self.take(")");
                }
            } else {
                return Some(value);
            }
        }
    }

    fn single(&mut self, depth: usize) -> Option<Value> {
        self.space();
        if depth > DEEPEST {
            return None;
        }
        match self.rest.chars().next()? {
            '{' => self.object(depth).map(Value::Object),
            '[' => self.list(depth).map(Value::Array),
            quote @ ('\'' | '"' | '`') => self.quoted(quote).map(Value::String),
            '(' => {
                self.take("(");
                let value = self.expression(depth + 1);
                self.skip_to(')');
                self.take(")");
                value
            }
            '!' => {
                self.take("!");
                let value = self.single(depth + 1)?;
                Some(Value::Bool(!says_something(&value)))
            }
            c if c.is_ascii_digit() || c == '-' => {
                let negative = self.take("-");
                let digits = self.word();
                let number = format!("{}{digits}", if negative { "-" } else { "" });
                (!digits.is_empty()).then(|| number.parse::<i64>().map_or(Value::String(number), Value::from))
            }
            c if c.is_alphabetic() || matches!(c, '_' | '$') => {
                let word = self.word();
                match word {
                    "true" => return Some(Value::Bool(true)),
                    "false" => return Some(Value::Bool(false)),
                    "null" | "undefined" | "NaN" => return Some(Value::Null),
                    _ => {}
                }
                if !self.take("(") {
                    return Some(Value::Null);
                }
                let value = self.expression(depth + 1).unwrap_or(Value::Null);
                self.skip_to(')');
                self.take(")");
                Some(match value {
                    Value::String(text) if word.ends_with("htmlDecode") => {
                        Value::String(entities::decoded(&decoded(&text)))
                    }
                    Value::String(text) => Value::String(decoded(&text)),
                    other => other,
                })
            }
            _ => None,
        }
    }

    fn object(&mut self, depth: usize) -> Option<Map<String, Value>> {
        self.take("{");
        let mut fields = Map::new();
        loop {
            self.space();
            // A truncated script keeps the part before the end.
            let Some(first) = self.rest.chars().next() else { return Some(fields) };
            let key = match first {
                '}' => {
                    self.take("}");
                    return Some(fields);
                }
                ',' => {
                    self.take(",");
                    continue;
                }
                quote @ ('\'' | '"') => match self.quoted(quote) {
                    Some(key) => key,
                    None => return Some(fields),
                },
                _ => self.word().to_owned(),
            };
            if !key.is_empty()
                && self.take(":")
                && let Some(value) = self.expression(depth + 1)
            {
                fields.entry(key).or_insert(value);
            }
            self.skip_item('}');
        }
    }

    fn list(&mut self, depth: usize) -> Option<Vec<Value>> {
        self.take("[");
        let mut items = Vec::new();
        loop {
            self.space();
            match self.rest.chars().next() {
                None => return Some(items),
                Some(']') => {
                    self.take("]");
                    return Some(items);
                }
                Some(',') => {
                    self.take(",");
                }
                Some(_) => {
                    items.extend(self.expression(depth + 1));
                    self.skip_item(']');
                }
            }
        }
    }

    /// Skips the rest of an item: up to its comma, or the bracket that closes its list.
    fn skip_item(&mut self, close: char) {
        self.skip_to(',');
        // A closing bracket without an opening one must not stop the reader forever.
        if let Some(rest) = self.rest.strip_prefix([')', ']', '}']).filter(|_| !self.rest.starts_with(close)) {
            self.rest = rest;
        }
    }

    /// Skips to `stop`, or to the bracket that closes this list or object, past complete texts and brackets.
    fn skip_to(&mut self, stop: char) {
        let mut open = 0_u32;
        while let Some(c) = self.rest.chars().next() {
            match c {
                '\'' | '"' | '`' => {
                    // After an unclosed text nothing can be recognised.
                    if self.quoted(c).is_none() {
                        self.rest = "";
                    }
                    continue;
                }
                _ if c == stop && open == 0 => return,
                '(' | '[' | '{' => open += 1,
                ')' | ']' | '}' if open == 0 => return,
                ')' | ']' | '}' => open -= 1,
                _ => {}
            }
            self.rest = self.rest.get(c.len_utf8()..).unwrap_or_default();
        }
    }

    fn quoted(&mut self, quote: char) -> Option<String> {
        let inner = self.rest.strip_prefix(quote)?;
        let mut out = String::new();
        let mut chars = inner.char_indices();
        while let Some((at, c)) = chars.next() {
            if c == quote {
                self.rest = inner.get(at + c.len_utf8()..).unwrap_or_default();
                return Some(out);
            }
            if c != '\\' {
                out.push(c);
                continue;
            }
            let (_, escaped) = chars.next()?;
            let mut hex = |digits: usize| {
                let text: String = chars.by_ref().take(digits).map(|(_, c)| c).collect();
                u32::from_str_radix(&text, 16).ok()
            };
            match escaped {
                'n' => out.push('\n'),
                'r' => out.push('\r'),
                't' => out.push('\t'),
                'b' | 'f' | 'v' | '0' | '\n' => {}
                'x' => out.extend(hex(2).and_then(char::from_u32)),
                'u' => {
                    let code = hex(4)?;
                    if !(0xd800..0xdc00).contains(&code) {
                        out.push(char::from_u32(code).unwrap_or('\u{fffd}'));
                        continue;
                    }
                    // The second half of a surrogate pair follows, or the text is damaged there.
                    let pair: String = chars.by_ref().take(2).map(|(_, c)| c).collect();
                    let low: String = chars.by_ref().take(4).map(|(_, c)| c).collect();
                    let low = u32::from_str_radix(&low, 16)
                        .ok()
                        .filter(|low| pair == "\\u" && (0xdc00..0xe000).contains(low));
                    let code = low.and_then(|low| char::from_u32(0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00)));
                    out.push(code.unwrap_or('\u{fffd}'));
                }
                other => out.push(other),
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn assignments_of_old_pages() {
        let script = r#"if (act == 1) {} var ct = "1764842451"; var biz = "" || "MzA5==";
            var nickname = htmlDecode("读书&amp;会"); var msg_title = '一\'二'.html(false); window.mid = '2247' * 1;"#;
        let text = |name| super::text(&[script.to_owned()], name);
        assert_eq!(text("ct").as_deref(), Some("1764842451"));
        assert_eq!(text("biz").as_deref(), Some("MzA5=="));
        assert_eq!(text("nickname").as_deref(), Some("读书&会"));
        assert_eq!(text("msg_title").as_deref(), Some("一'二"));
        assert_eq!(text("mid").as_deref(), Some("2247"));
        assert_eq!(text("act"), None);
    }

    #[test]
    fn an_object_with_calls_and_odd_fields() {
        let script = r"window.cgiDataNew = { // 页面的数据
            title: JsDecode('图\x26quot;一\x0a二'), item_show_type: '8' * 1, 'mid': '45544415585881458' * 1,
            bad: a ? {b: 'c'} : 1, run: function (x) { return [x, '}']; }, emoji: '\ud83d\ude00\u4e2d',
            list: [ { cdn_url: 'https://a.example/1', watermark: { cdn_url: 'x' } }, , { cdn_url: JsDecode('b') }, ],
            yes: !0, last: 7 };";
        let value = assigned(script, "cgiDataNew").unwrap();
        assert_eq!(value["title"], "图&quot;一\n二");
        assert_eq!(value["mid"], "45544415585881458");
        assert_eq!(
            value["list"],
            json!([{"cdn_url": "https://a.example/1", "watermark": {"cdn_url": "x"}}, {"cdn_url": "b"}])
        );
        assert_eq!((&value["emoji"], &value["yes"], &value["last"]), (&json!("😀中"), &json!(true), &json!(7)));
    }

    #[test]
    fn broken_scripts_end() {
        for script in [
            "x = {",
            "x = [1, {a: 'b",
            "x = ((((",
            "x = {a:)}",
            "x = {a b c}",
            "x = [)]",
            "x = '\\u12",
            "x = {,,:,}",
            "x = {]}",
            "x = [}]",
        ] {
            let _ = assigned(script, "x");
        }
        let _ = assigned(&format!("x = {}", "[".repeat(200_000)), "x");
        let _ = assigned(&"x = '\\'".repeat(20_000), "x");
        assert_eq!(assigned("x = [')', {a: 1}]", "x"), Some(json!([")", {"a": 1}])));
    }

    #[test]
    fn escapes_written_twice() {
        assert_eq!(decoded(r"一\x0a二\x26lt;\xzz"), "一\n二&lt;\\xzz");
    }
}
