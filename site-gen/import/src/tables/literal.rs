//! Lists as programs print them into a cell: JSON (`["a","b"]`) and Python (`['a', "b"]`, `[(1, 'x', None)]`).

use serde_json::{Map, Value};

/// The maximum depth; no real list is deeper.
const DEEPEST: usize = 32;

/// The items, if the whole text is a list or tuple.
pub(super) fn list(text: &str) -> Option<Vec<Value>> {
    let text = text.trim();
    if !text.starts_with(['[', '(']) {
        return None;
    }
    let mut reader = Reader { rest: text };
    let value = reader.value(0)?;
    reader.space();
    match value {
        Value::Array(items) if reader.rest.is_empty() => Some(items),
        _ => None,
    }
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn takes(&mut self, mark: &str) -> bool {
        self.space();
        let rest = self.rest.strip_prefix(mark);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        if depth > DEEPEST {
            return None;
        }
        self.space();
        let first = self.rest.chars().next()?;
        match first {
            '[' | '(' => {
                let close = if first == '[' { "]" } else { ")" };
                self.takes(if first == '[' { "[" } else { "(" });
                let mut items = Vec::new();
                while !self.takes(close) {
                    items.push(self.value(depth + 1)?);
                    if !self.takes(",") {
                        return self.takes(close).then_some(Value::Array(items));
                    }
                }
                Some(Value::Array(items))
            }
            '{' => {
                self.takes("{");
                let mut fields = Map::new();
                while !self.takes("}") {
                    let key = super::rule::word(&self.value(depth + 1)?)?;
                    if !self.takes(":") {
                        return None;
                    }
                    fields.insert(key, self.value(depth + 1)?);
                    if !self.takes(",") {
                        return self.takes("}").then_some(Value::Object(fields));
                    }
                }
                Some(Value::Object(fields))
            }
            '\'' | '"' => self.text(first).map(Value::String),
            _ => self.bare(),
        }
    }

    fn text(&mut self, quote: char) -> Option<String> {
        let mut text = String::new();
        let mut chars = self.rest.char_indices().skip(1);
        while let Some((at, c)) = chars.next() {
            if c == quote {
                self.rest = self.rest.get(at + c.len_utf8()..)?;
                return Some(text);
            }
            if c != '\\' {
                text.push(c);
                continue;
            }
            let (_, escaped) = chars.next()?;
            let digits = match escaped {
                'n' => Ok('\n'),
                't' => Ok('\t'),
                'r' => continue,
                'x' => Err(2),
                'u' => Err(4),
                'U' => Err(8),
                other => Ok(other),
            };
            let digits = match digits {
                Ok(c) => {
                    text.push(c);
                    continue;
                }
                Err(digits) => digits,
            };
            let code: String = chars.by_ref().take(digits).map(|(_, c)| c).collect();
            text.push(u32::from_str_radix(&code, 16).ok().and_then(char::from_u32).unwrap_or('\u{fffd}'));
        }
        None
    }

    fn bare(&mut self) -> Option<Value> {
        let end = self.rest.find([',', ']', ')', '}', ':', ' ', '\n']).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest;
        match word {
            "None" | "null" | "nan" => Some(Value::Null),
            "True" | "true" => Some(true.into()),
            "False" | "false" => Some(false.into()),
            number => serde_json::from_str::<serde_json::Number>(number).ok().map(Value::Number),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lists_of_both_kinds_are_read() {
        assert_eq!(list("['a', \"b'c\", 'd\\'e\\n']").unwrap(), [json!("a"), json!("b'c"), json!("d'e\n")]);
        assert_eq!(
            list("[('t', '好\\u4e2d', None, 12345678901234567),]").unwrap(),
            [json!(["t", "好中", null, 12_345_678_901_234_567_u64])]
        );
        assert_eq!(list(r#"[{"a": [1, true]}]"#).unwrap(), [json!({ "a": [1, true] })]);
        assert_eq!(list("[]").unwrap(), Vec::<Value>::new());
    }

    #[test]
    fn texts_that_only_look_like_lists_stay_texts() {
        for text in ["[旺柴]", "(笑) 好", "['a'", "['a'] 和", "a", "", &"[".repeat(500)] {
            assert_eq!(list(text), None, "{text}");
        }
    }
}
