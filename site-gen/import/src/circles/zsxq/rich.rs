//! The text format of 知识星球: plain text with `<e type="…" …/>` elements for hashtags, mentions, links and bold text, whose values are
//! percent-encoded. Everything else is literal, including `<b>` and `1 < 2`, and line breaks count.

use circle_html::sanitize::escaped;

/// The result.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Rich {
    /// As HTML, with every piece of text escaped.
    pub(super) html: String,
    /// As plain text.
    pub(super) plain: String,
    /// Hashtags without `#`.
    pub(super) tags: Vec<String>,
    /// Mentioned members: the id, and the name without `@`.
    pub(super) mentions: Vec<(Option<String>, String)>,
    /// Unknown types of elements; their titles are kept as text.
    pub(super) unknown: Vec<String>,
}

/// Reads a text.
pub(super) fn read(text: &str) -> Rich {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut rich = Rich::default();
    let mut inline = String::new();
    let mut rest = text.as_str();
    while let Some((before, from)) = rest.find("<e ").map(|at| rest.split_at(at)) {
        rich.plain.push_str(before);
        inline.push_str(&escaped(before));
        match element(from) {
            Some((attributes, after)) => {
                rich.element(&attributes, &mut inline);
                rest = after;
            }
            None => {
                rich.plain.push_str("<e ");
                inline.push_str(&escaped("<e "));
                rest = from.strip_prefix("<e ").unwrap_or_default();
            }
        }
    }
    rich.plain.push_str(rest);
    inline.push_str(&escaped(rest));
    rich.html = paragraphs(&inline);
    rich
}

impl Rich {
    fn element(&mut self, attributes: &[(&str, String)], inline: &mut String) {
        let of = |name: &str| attributes.iter().find(|(n, _)| *n == name).map(|(_, v)| v.as_str()).unwrap_or_default();
        let title = of("title");
        self.plain.push_str(title);
        match of("type") {
            "hashtag" => {
                let tag = title.trim().trim_matches('#').trim();
                if !tag.is_empty() && !self.tags.iter().any(|known| known == tag) {
                    self.tags.push(tag.to_owned());
                }
                inline.push_str(&escaped(title));
            }
            "mention" => {
                let id = Some(of("uid").trim().to_owned()).filter(|id| !id.is_empty());
                self.mentions.push((id, title.trim().trim_start_matches('@').to_owned()));
                inline.push_str(&escaped(title));
            }
            "web" | "web_url" => {
                let href = of("href").trim();
                let shown = if title.trim().is_empty() { href } else { title };
                if title.trim().is_empty() {
                    self.plain.push_str(href);
                }
                if href.starts_with("https://") || href.starts_with("http://") {
                    inline.push_str(&format!("<a href=\"{}\">{}</a>", escaped(href), escaped(shown)));
                } else {
                    inline.push_str(&escaped(shown));
                }
            }
            "text_bold" => inline.push_str(&format!("<strong>{}</strong>", escaped(title))),
            other => {
                self.unknown.push(other.to_owned());
                inline.push_str(&escaped(title));
            }
        }
    }
}

/// The decoded attributes of the element at the start of `text`, and the rest of the text.
fn element(text: &str) -> Option<(Vec<(&str, String)>, &str)> {
    let mut rest = text.strip_prefix("<e")?;
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start_matches(' ');
        if let Some(after) = rest.strip_prefix("/>") {
            return Some((attributes, after));
        }
        // Scans no further than a name reaches: a text that repeats `<e ` must not be scanned to its end each time.
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-')).filter(|end| *end > 0)?;
        let (name, after) = rest.split_at(end);
        let after = after.strip_prefix("=\"")?;
        let (value, after) = after.split_once('"')?;
        attributes.push((name, percent_encoding::percent_decode_str(value).decode_utf8_lossy().into_owned()));
        rest = after;
    }
}

/// Empty lines separate paragraphs; other line breaks and leading spaces stay.
fn paragraphs(inline: &str) -> String {
    let mut html = String::new();
    let mut open = false;
    for line in inline.split('\n') {
        if line.trim_matches([' ', '\t']).is_empty() {
            if open {
                html.push_str("</p>");
            }
            open = false;
            continue;
        }
        html.push_str(if open { "<br>" } else { "<p>" });
        open = true;
        let text = line.trim_start_matches([' ', '\t']);
        html.extend(std::iter::repeat_n('\u{a0}', line.len() - text.len()));
        html.push_str(text);
    }
    if open {
        html.push_str("</p>");
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_become_html_and_all_else_is_text() {
        let text = "<e type=\"hashtag\" hid=\"1\" title=\"%23%E5%85%B1%E8%AF%BB%23\" /> 1 < 2 & <b>\r\n  缩进\n\n<e type=\"mention\" uid=\"77\" title=\"%40%E6%9E%97%E6%99%9A\" />看<e type=\"web\" href=\"https%3A%2F%2Fexample.com%2F%3Fa%3D1%26b%3D2\" title=\"%E9%93%BE%E6%8E%A5\" /><e type=\"text_bold\" title=\"%E9%87%8D%3Ci%3E\" />";
        let rich = read(text);
        assert_eq!(
            rich.html,
            "<p>#共读# 1 &lt; 2 &amp; &lt;b&gt;<br>\u{a0}\u{a0}缩进</p><p>@林晚看<a href=\"https://example.com/?a=1&amp;b=2\">链接</a><strong>重&lt;i&gt;</strong></p>"
        );
        assert_eq!(rich.plain, "#共读# 1 < 2 & <b>\n  缩进\n\n@林晚看链接重<i>");
        assert_eq!(rich.tags, ["共读"]);
        assert_eq!(rich.mentions, [(Some("77".to_owned()), "林晚".to_owned())]);
        assert!(rich.unknown.is_empty());
    }

    #[test]
    fn what_is_no_element_stays_as_it_was() {
        for text in ["<e type=\"web\" href=\"x\"", "<e >", "<e type=web />", "<e onclick=\"a\"b=\"c>"] {
            assert_eq!(read(text).plain, text);
            assert_eq!(read(text).html, format!("<p>{}</p>", escaped(text)));
        }
    }

    #[test]
    fn unknown_elements_keep_their_title_and_bad_links_are_text() {
        let rich = read(
            "<e type=\"text_wave\" title=\"%E6%B5%AA\"/><e type=\"web\" href=\"javascript%3Aalert(1)\" title=\"x\" /><e type=\"web\" href=\"https://example.com/a\" title=\"\" />",
        );
        assert_eq!(rich.html, "<p>浪x<a href=\"https://example.com/a\">https://example.com/a</a></p>");
        assert_eq!((rich.unknown, rich.plain.as_str()), (vec!["text_wave".to_owned()], "浪xhttps://example.com/a"));
    }

    #[test]
    fn nothing_gives_nothing() {
        assert_eq!(read(" \n\n"), Rich { plain: " \n\n".to_owned(), ..Rich::default() });
    }
}
