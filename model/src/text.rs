//! Text: the only type of HTML that may reach a page unescaped, and the functions that make it.

use core::fmt::Write as _;

use maud::Render;

#[cfg(feature = "markdown")]
mod cjk;
#[cfg(feature = "markdown")]
mod footnotes;
#[cfg(feature = "markdown")]
mod markdown;
#[cfg(feature = "markdown")]
mod unseen;
#[cfg(feature = "markdown")]
pub use markdown::{LineBreaks, markdown, markdown_to_unsafe_html};
#[cfg(feature = "markdown")]
pub use unseen::{Unseen, unseen};

/// The version of the rules that make HTML from a source. It is stored beside stored HTML; if it changes, that HTML is made again.
pub const RULES_VERSION: u32 = 1;

/// HTML that is safe to put into a page: it has only elements and attributes of a short list, and no address that can run a script.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SafeHtml(String);

impl SafeHtml {
    /// Declares `html` to be safe. Only `text`, the generator's `sanitize`, and code that passes on their output may call this. Clippy and
    /// `cargo xtask tidy` stop any other code from doing so.
    #[must_use]
    pub fn vouch(html: String) -> Self {
        Self(html)
    }

    /// Wraps what `view` rendered: Maud has already escaped everything that is not safe.
    pub(crate) fn rendered(html: String) -> Self {
        Self(html)
    }

    /// The HTML.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The HTML.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }

    /// True if it is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Safe pieces one after the other are safe.
impl FromIterator<SafeHtml> for SafeHtml {
    fn from_iter<I: IntoIterator<Item = Self>>(pieces: I) -> Self {
        Self(pieces.into_iter().map(Self::into_string).collect())
    }
}

impl Render for SafeHtml {
    fn render_to(&self, buffer: &mut String) {
        buffer.push_str(&self.0);
    }
}

/// Plain text as paragraphs; line breaks are kept, addresses become links.
#[must_use]
pub fn plain(source: &str) -> SafeHtml {
    let mut html = String::with_capacity(source.len() + 16);
    let lines = source.replace("\r\n", "\n").replace('\r', "\n");
    for paragraph in lines.split("\n\n").map(|p| p.trim_matches('\n')).filter(|p| !p.trim().is_empty()) {
        html.push_str("<p>");
        for (index, line) in paragraph.split('\n').enumerate() {
            if index > 0 {
                html.push_str("<br>\n");
            }
            push_linked(&mut html, line);
        }
        html.push_str("</p>\n");
    }
    SafeHtml(html)
}

/// Appends `text`, escaped for element content and double-quoted attributes.
pub fn push_escaped(html: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            // HTML forbids them, and they hide what a text says.
            '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{7f}' => {}
            other => html.push(other),
        }
    }
}

/// Appends `text` escaped, with its bare `http://` and `https://` addresses as links.
fn push_linked(html: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = find_address(rest) {
        let (before, from) = rest.split_at(at);
        let (address, after) = from.split_at(address_length(from));
        push_escaped(html, before);
        push_link_start(html, address);
        push_escaped(html, address);
        html.push_str("</a>");
        rest = after;
    }
    push_escaped(html, rest);
}

/// The byte position at which the next bare address of `text` begins.
fn find_address(text: &str) -> Option<usize> {
    text.match_indices("http").map(|(at, _)| at).find(|at| {
        let from = text.get(*at..).unwrap_or_default();
        let scheme = if from.starts_with("https://") {
            8
        } else if from.starts_with("http://") {
            7
        } else {
            return false;
        };
        let starts_word = !text.get(..*at).unwrap_or_default().ends_with(|c: char| c.is_ascii_alphanumeric());
        starts_word && address_length(from) > scheme
    })
}

/// The number of bytes at the start of `text` that belong to the address. An address ends at white space, quotes, angle brackets,
/// full-width punctuation or any character outside ASCII. Closing punctuation belongs to the sentence, not to the address.
fn address_length(text: &str) -> usize {
    let stop =
        |c: char| !c.is_ascii_graphic() || matches!(c, '<' | '>' | '"' | '\'' | '`' | '\\' | '|' | '^' | '{' | '}');
    let mut end = text.find(stop).unwrap_or(text.len());
    while let Some(address) = text.get(..end) {
        let opens = address.matches('(').count();
        let trailing = match address.chars().last() {
            Some('.' | ',' | ';' | ':' | '!' | '?' | '*' | '_' | '~') => true,
            Some(')') => address.matches(')').count() > opens,
            Some(']') => true,
            _ => false,
        };
        if !trailing {
            break;
        }
        end -= 1;
    }
    end
}

/// Appends the `<a …>` of an external link, with the attributes that every link of a member gets.
fn push_link_start(html: &mut String, address: &str) {
    html.push_str("<a href=\"");
    push_escaped(html, address);
    html.push_str("\" rel=\"nofollow ugc noopener noreferrer\">");
}

/// True if a link may have this address: `http`, `https`, `mailto`, or no scheme at all.
#[must_use]
pub fn is_safe_address(address: &str) -> bool {
    // Browsers skip white space and control characters inside the scheme.
    let plain: String = address.chars().filter(|c| !c.is_whitespace() && !c.is_control()).take(64).collect();
    let before = plain.split(['/', '?', '#']).next().unwrap_or_default();
    match before.split_once(':') {
        None => true,
        Some((scheme, _)) => matches!(scheme.to_ascii_lowercase().as_str(), "http" | "https" | "mailto"),
    }
}

/// One line of at most `max` characters, with `…` if it was cut. White space becomes one space, or nothing between two Han characters.
#[must_use]
pub fn excerpt(text: &str, max: usize) -> String {
    let mut line = String::new();
    let mut count = 0;
    let mut space = false;
    for character in text.chars().filter(|c| !is_bidi_control(*c)) {
        if character.is_whitespace() || character.is_control() {
            space = !line.is_empty();
            continue;
        }
        let between_han = line.chars().last().is_some_and(is_cjk) && is_cjk(character);
        if space && !between_han {
            line.push(' ');
            count += 1;
        }
        space = false;
        if count >= max {
            let _ = write!(line, "…");
            return line;
        }
        line.push(character);
        count += 1;
    }
    line
}

/// `text` without the invisible characters that change the direction of everything after them (U+202A–202E, U+2066–2069, and the marks
/// U+200E, U+200F, U+061C). For places that cannot use `<bdi>`: titles, file names, feeds, terminals.
#[must_use]
pub fn without_bidi(text: &str) -> String {
    text.chars().filter(|c| !is_bidi_control(*c) && !c.is_control()).collect()
}

fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}')
}

/// True for Han characters, kana, and the punctuation and full-width forms that are written between them.
#[must_use]
pub fn is_cjk(c: char) -> bool {
    matches!(c,
        '\u{2e80}'..='\u{2fdf}' | '\u{3000}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe4f}' | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..='\u{3ffff}'
        | '“' | '”' | '‘' | '’' | '…' | '—' | '·')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_escaped_and_keeps_its_lines() {
        assert_eq!(
            plain("1 < 2 & <b>\n第二行\n\n新段").as_str(),
            "<p>1 &lt; 2 &amp; &lt;b&gt;<br>\n第二行</p>\n<p>新段</p>\n"
        );
    }

    #[test]
    fn an_address_stops_where_the_sentence_goes_on() {
        for (text, address) in [
            ("见https://a.example/b，很好", "https://a.example/b"),
            ("（http://a.example/x_(y)）", "http://a.example/x_(y)"),
            ("(http://a.example/x).", "http://a.example/x"),
            ("https://a.example/?q=1&r=2。", "https://a.example/?q=1&amp;r=2"),
        ] {
            let html = plain(text);
            assert!(html.as_str().contains(&format!(">{address}</a>")), "{}", html.as_str());
        }
        assert!(!plain("xhttp://a.example https:// 完").as_str().contains("<a"));
    }

    #[test]
    fn addresses_that_run_are_not_safe() {
        for bad in
            ["javascript:alert(1)", " JaVa\nScript:alert(1)", "data:text/html,x", "vbscript:x", "\u{1}javascript:x"]
        {
            assert!(!is_safe_address(bad), "{bad:?}");
        }
        for good in ["https://a.example", "/a:b", "posts/x.html", "#c-1", "?a=b:c", "mailto:a@b.example"] {
            assert!(is_safe_address(good), "{good:?}");
        }
    }

    #[test]
    fn an_excerpt_is_one_line_of_whole_characters() {
        assert_eq!(excerpt("  第一行\n  第二行 and\tmore ", 99), "第一行第二行 and more");
        assert_eq!(excerpt("一二三四", 3), "一二三…");
        assert_eq!(excerpt("\u{202e}abc", 9), "abc");
    }
}
