//! Bodies of chat messages: HTML that is written piece by piece, each piece escaped; and the Markdown dialect of chats.
//!
//! 1. [`Html`] separates paragraphs, lines and blocks. It accepts unescaped HTML only from callers that escaped it themselves.
//! 2. [`markdown`] escapes what chats show literally and CommonMark would read as markup.

use circle_html::sanitize::escaped;

/// The label on a hidden spoiler.
const SPOILER: &str = "剧透 (spoiler)";

/// The HTML of one message.
#[derive(Debug, Default)]
pub(super) struct Html {
    out: String,
    open: bool,
}

impl Html {
    /// Text: blank lines separate paragraphs, line breaks stay.
    pub(super) fn text(&mut self, text: &str) {
        let text = text.replace("\r\n", "\n");
        for (at, part) in text.split("\n\n").enumerate() {
            if at > 0 {
                self.close();
            }
            let part = if at > 0 || !self.open { part.trim_start_matches('\n') } else { part };
            if !part.is_empty() {
                self.inline(&lines(part));
            }
        }
    }

    /// HTML that is already safe, and valid inside a paragraph.
    pub(super) fn inline(&mut self, html: &str) {
        if !self.open {
            self.out.push_str("<p>");
            self.open = true;
        }
        self.out.push_str(html);
    }

    /// Text inside an element such as `b`.
    pub(super) fn element(&mut self, name: &str, text: &str) {
        let text = lines(text);
        self.inline(&format!("<{name}>{text}</{name}>"));
    }

    /// A link; only its text if the address is not a web address.
    pub(super) fn link(&mut self, address: &str, text: &str) {
        let html = link(address, &lines(text));
        self.inline(&html);
    }

    /// HTML that is already safe, between paragraphs.
    pub(super) fn block(&mut self, html: &str) {
        self.close();
        self.out.push_str(html);
        self.out.push('\n');
    }

    /// Text that is hidden until the reader opens it.
    pub(super) fn spoiler(&mut self, text: &str) {
        let html = spoiler(&lines(text));
        self.block(&html);
    }

    /// Preformatted text.
    pub(super) fn code(&mut self, text: &str) {
        let html = format!("<pre><code>{}</code></pre>", escaped(text.trim_matches('\n')));
        self.block(&html);
    }

    /// The finished HTML.
    pub(super) fn finish(mut self) -> String {
        self.close();
        self.out.truncate(self.out.trim_end().len());
        self.out
    }

    fn close(&mut self) {
        if std::mem::take(&mut self.open) {
            while self.out.ends_with("<br>\n") {
                self.out.truncate(self.out.len() - "<br>\n".len());
            }
            self.out.push_str("</p>\n");
        }
    }
}

/// Escaped text whose line breaks count.
pub(super) fn lines(text: &str) -> String {
    escaped(text).replace('\n', "<br>\n")
}

/// A link around HTML that is already safe.
pub(super) fn link(address: &str, html: &str) -> String {
    let address = address.trim();
    let lower = address.to_ascii_lowercase();
    if ["http://", "https://", "mailto:"].iter().any(|scheme| lower.starts_with(scheme)) {
        format!("<a href=\"{}\">{html}</a>", escaped(address))
    } else {
        html.to_owned()
    }
}

/// A spoiler around HTML that is already safe.
pub(super) fn spoiler(html: &str) -> String {
    format!("<details><summary>{SPOILER}</summary>{html}</details>")
}

/// The text before the next `>`, and the text after it. Searching stops at a maximum length: no real token is longer, and unlimited
/// searching would take quadratic time on a hostile text.
pub(super) fn closed(text: &str) -> Option<(&str, &str)> {
    let at = text.get(..text.floor_char_boundary(4096))?.find('>')?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// Turns the Markdown of a chat into CommonMark. `token` receives the text from a `<` through the next `>`, and may return its meaning.
/// Every other `<` is literal, because chats have no HTML. Code is not changed.
pub(super) fn markdown(text: &str, token: &dyn Fn(&str) -> Option<String>) -> String {
    let text = text.replace("\r\n", "\n");
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text.as_str();
    while let Some(at) = rest.find('`') {
        let (before, code) = rest.split_at(at);
        out.push_str(&prose(before, out.is_empty() || out.ends_with('\n'), token));
        let ticks = code.len() - code.trim_start_matches('`').len();
        let fence = code.get(..ticks).unwrap_or("`");
        let inside = code.get(ticks..).unwrap_or_default();
        let Some((inside, after)) = inside.split_once(fence).filter(|(inside, _)| !inside.is_empty()) else {
            out.push_str(&fence.replace('`', "\\`"));
            rest = inside;
            continue;
        };
        if ticks >= 3 {
            // Chats accept a code fence anywhere; Markdown only on a line of its own. A first line with a single word names the language.
            if !out.is_empty() && !out.ends_with('\n') {
                out.push('\n');
            }
            let (language, inside) = match inside.split_once('\n') {
                Some((word, lines)) if word.chars().all(|c| c.is_ascii_alphanumeric() || "+-#_".contains(c)) => {
                    (word, lines)
                }
                _ => ("", inside),
            };
            out.push_str(&format!("{fence}{language}\n{}\n{fence}\n", inside.trim_end_matches('\n')));
            rest = after.strip_prefix('\n').unwrap_or(after);
        } else {
            out.push_str(&format!("{fence}{inside}{fence}"));
            rest = after;
        }
    }
    out.push_str(&prose(rest, out.is_empty() || out.ends_with('\n'), token));
    out.trim_end().to_owned()
}

/// Markdown in which HTML is literal text, for chats with good Markdown but no HTML.
pub(super) fn without_html(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some(at) = rest.find('`') {
        let (before, code) = rest.split_at(at);
        out.push_str(&without_tags(before));
        let ticks = code.len() - code.trim_start_matches('`').len();
        let fence = code.get(..ticks).unwrap_or("`");
        let inside = code.get(ticks..).unwrap_or_default();
        out.push_str(fence);
        rest = inside;
        if let Some((inside, after)) = inside.split_once(fence) {
            out.push_str(inside);
            out.push_str(fence);
            rest = after;
        }
    }
    out.push_str(&without_tags(rest));
    out
}

fn without_tags(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, part) in text.split('<').enumerate() {
        if at > 0 {
            let address = ["http://", "https://", "mailto:"].iter().any(|scheme| part.starts_with(scheme));
            out.push_str(if address { "<" } else { "\\<" });
        }
        out.push_str(part);
    }
    out
}

/// Markdown outside code.
fn prose(text: &str, mut line_start: bool, token: &dyn Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, line) in text.split('\n').enumerate() {
        if at > 0 {
            out.push('\n');
            line_start = true;
        }
        let mut line = line;
        if line_start {
            // In a chat, indented text is not code, and a line of dashes does not make a heading or table.
            let indented = line.starts_with('\t') || line.len() - line.trim_start_matches(' ').len() > 3;
            let bare = line.trim();
            if indented && !bare.starts_with(['-', '*', '+']) {
                line = line.trim_start();
            }
            if bare.len() > 1 && bare.chars().all(|c| matches!(c, '-' | '=' | '|' | ':' | ' ')) {
                out.push('\\');
                line = bare;
            }
        }
        line_start = false;
        escape_line(line, &mut out, token);
    }
    out
}

fn escape_line(line: &str, out: &mut String, token: &dyn Fn(&str) -> Option<String>) {
    let mut rest = line;
    while let Some(at) = rest.find(['<', '&', '!', '|', '\\']) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        if let Some(inside) = from.strip_prefix('<') {
            let known = closed(inside).and_then(|(inside, after)| {
                let address = inside.starts_with("http://") || inside.starts_with("https://");
                let told = if address { Some(format!("<{inside}>")) } else { token(inside) };
                Some((told?, after))
            });
            match known {
                Some((told, after)) => {
                    out.push_str(&told);
                    rest = after;
                }
                None => {
                    out.push_str("\\<");
                    rest = inside;
                }
            }
        } else if let Some((hidden, after)) =
            from.strip_prefix("||").and_then(|inside| inside.split_once("||")).filter(|(hidden, _)| !hidden.is_empty())
        {
            let mut inner = String::new();
            escape_line(hidden, &mut inner, token);
            // A line that begins with `<details>` would be HTML up to the end of the paragraph.
            out.push('\u{200b}');
            out.push_str(&spoiler(&inner));
            rest = after;
        } else if let Some(after) = from.strip_prefix('\\') {
            // Escaped characters stay escaped.
            out.push('\\');
            let mut characters = after.chars();
            out.extend(characters.next());
            rest = characters.as_str();
        } else if let Some(after) = from.strip_prefix("![") {
            out.push_str("!\\[");
            rest = after;
        } else {
            let mut characters = from.chars();
            if let Some(sign) = characters.next() {
                if sign == '&' {
                    out.push('\\');
                }
                out.push(sign);
            }
            rest = characters.as_str();
        }
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_piece_is_escaped() {
        let mut html = Html::default();
        html.text("\n一 <b>\n二\n\n三");
        html.element("b", "<i>");
        html.link("javascript:alert(1)", "点");
        html.link("https://a.example/?a=\"&b", "四");
        html.code("<x>\n");
        html.spoiler("凶手\n是");
        assert_eq!(
            html.finish(),
            "<p>一 &lt;b&gt;<br>\n二</p>\n<p>三<b>&lt;i&gt;</b>点<a href=\"https://a.example/?a=&quot;&amp;b\">四</a></p>\n\
             <pre><code>&lt;x&gt;</code></pre>\n<details><summary>剧透 (spoiler)</summary>凶手<br>\n是</details>"
        );
    }

    #[test]
    fn chats_know_no_html_no_tables_and_no_indented_code() {
        let plain = |text: &str| markdown(text, &|_| None);
        assert_eq!(plain("a <b>c</b> &amp; 1 < 2"), "a \\<b>c\\</b> \\&amp; 1 \\< 2");
        assert_eq!(plain("标题\n---\n    缩进\n|--|--|"), "标题\n\\---\n缩进\n\\|--|--|");
        assert_eq!(plain("看 <https://a.example/x> ![图](y)"), "看 <https://a.example/x> !\\[图](y)");
        assert_eq!(
            plain("`a <b>` 和 ```rust\nlet a = \"<b>\";```好"),
            "`a <b>` 和 \n```rust\nlet a = \"<b>\";\n```\n好"
        );
        assert_eq!(plain("一个 ` 和 **粗**"), "一个 \\` 和 **粗**");
        assert_eq!(plain("\\<b> a || b"), "\\<b> a || b");
        assert!(plain("x ||a <b>|| y").contains("</summary>a \\<b></details> y"));
    }

    #[test]
    fn html_is_text_outside_code() {
        assert_eq!(without_html("a <b> `<i>` <https://a.example> ` <"), "a \\<b> `<i>` <https://a.example> ` \\<");
    }

    #[test]
    fn tokens_mean_what_the_chat_says() {
        let token = |inside: &str| inside.strip_prefix('@').map(|id| format!("@名{id}"));
        assert_eq!(markdown("嗨 <@7> `<@7>` <x>", &token), "嗨 @名7 `<@7>` \\<x>");
    }
}
