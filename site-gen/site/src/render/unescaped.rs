//! The only module that puts something into a template unescaped. The template engine escapes everything else.

use circle_model::text::SafeHtml;
use minijinja::Value;

/// Safe HTML, for a template.
#[expect(clippy::disallowed_methods, reason = "it is safe by its type")]
pub(super) fn html(html: SafeHtml) -> Value {
    Value::from_safe_string(html.into_string())
}

/// JSON for a `<script>` element: nothing in it can end the element, begin a comment, or break a line for older parsers.
#[expect(clippy::disallowed_methods, reason = "every character that means anything to HTML is written as its number")]
pub(super) fn json(text: &str) -> Value {
    Value::from_safe_string(escaped_json(text))
}

fn escaped_json(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' => out.push_str("\\u003c"),
            '>' => out.push_str("\\u003e"),
            '&' => out.push_str("\\u0026"),
            '\u{2028}' => out.push_str("\\u2028"),
            '\u{2029}' => out.push_str("\\u2029"),
            other => out.push(other),
        }
    }
    out
}
