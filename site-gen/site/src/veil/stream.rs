//! A text as a reader sees it, with the positions of its bytes.
//!
//! 1. Markup is separated: the inside of each tag is a stream of its own, so that a name in `alt` is found, and `<b>林</b>晚` reads
//!    as one name. Elements that the sanitiser removes with their content do not count.
//! 2. Every notation of a character is decoded: character references, percent-encoding, `\u` escapes.
//! 3. Width, case and composition are folded (NFKD, lower case). Invisible characters (direction marks, joiners) are skipped.
//!
//! Names that Markdown's marks divide are found in the HTML made from the Markdown.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization as _;

use circle_html::entities;

/// Marks the beginning or end of a block; no name extends over it.
pub(super) const BREAK: char = '\u{fffc}';

/// The notation of a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spelling {
    /// The character itself, or a notation that any character may replace.
    Plain,
    /// `%E6%9E%97`: the replacement must be written in the same way.
    Percent,
}

/// One folded character, and the bytes that it was read from. One character may fold to several, which then share their bytes.
#[derive(Clone, Debug)]
pub(super) struct Unit {
    pub(super) folded: char,
    pub(super) bytes: Range<usize>,
    pub(super) spelling: Spelling,
}

/// Whether `<b>` is a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Markup {
    /// It is.
    Html,
    /// It is three characters.
    None,
}

/// Elements that divide a text: the words before and after are never one name.
const BLOCKS: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "caption",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "li",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "summary",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "ul",
];

/// Elements that the sanitiser removes with their content.
const GONE: &[&str] = &[
    "script", "style", "noscript", "template", "svg", "math", "select", "textarea", "title", "head", "xmp", "noembed",
    "noframes",
];

/// The streams of a text: first the text for readers, then the inside of each tag and of each removed element.
pub(super) fn streams(text: &str, markup: Markup) -> Vec<Vec<Unit>> {
    let mut main = Vec::new();
    let mut others = Vec::new();
    let mut at = 0;
    let (mut budget, mut lower) = (BUDGET, None);
    while at < text.len() {
        let rest = text.get(at..).unwrap_or_default();
        if markup == Markup::Html
            && rest.starts_with('<')
            && let Some(length) = tag_length(rest, &mut budget)
        {
            let tag = rest.get(..length).unwrap_or_default();
            let (name, closing) = tag_name(tag);
            let mut inside = Vec::new();
            read(text, at + 1..at + length.saturating_sub(1), &mut inside);
            others.push(inside);
            let is_note = name == "sup" && tag.contains("footnote-reference");
            if !closing
                && (is_note || GONE.contains(&name.as_str()))
                && let Some(end) = end_of(text, at + length, &name, &mut lower)
            {
                // Everything up to its end is removed, whatever it contains.
                let mut inside = Vec::new();
                read(text, at + length..end, &mut inside);
                others.push(inside);
                at = end;
                continue;
            }
            let between = match name.as_str() {
                // Lists show the text without these elements.
                "br" | "audio" | "embed" | "hr" | "iframe" | "img" | "input" | "object" | "source" | "video" => {
                    Some('\n')
                }
                name => BLOCKS.contains(&name).then_some(BREAK),
            };
            main.extend(between.map(|folded| Unit { folded, bytes: at..at, spelling: Spelling::Plain }));
            at += length;
            continue;
        }
        // At least one character, even if it is a `<` that does not begin a tag.
        let first = rest.chars().next().map_or(1, char::len_utf8);
        let end = match markup {
            Markup::Html => at + first + rest.get(first..).map_or(0, |rest| rest.find('<').unwrap_or(rest.len())),
            Markup::None => text.len(),
        };
        read(text, at..end, &mut main);
        at = end;
    }
    others.retain(|stream| !stream.is_empty());
    others.insert(0, main);
    others
}

/// The tags of an HTML text, comments included, as ranges of bytes.
pub(super) fn tags(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let (mut at, mut budget) = (0, BUDGET);
    while let Some(start) = text.get(at..).and_then(|rest| rest.find('<')) {
        at += start;
        let length = text.get(at..).and_then(|rest| tag_length(rest, &mut budget));
        if let Some(length) = length {
            found.push(at..at + length);
        }
        at += length.unwrap_or(1);
    }
    found
}

/// The name of a tag in lower case, and whether it is an end tag.
pub(super) fn tag_name(tag: &str) -> (String, bool) {
    let inside = tag.strip_prefix('<').unwrap_or(tag);
    let (inside, closing) = match inside.strip_prefix('/') {
        Some(inside) => (inside, true),
        None => (inside, false),
    };
    let name = inside.chars().take_while(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    (name, closing)
}

/// The folded characters of a name or phrase.
pub(super) fn fold(text: &str) -> Vec<char> {
    let mut units = Vec::new();
    read(text, 0..text.len(), &mut units);
    units.into_iter().map(|unit| unit.folded).collect()
}

/// The maximum number of bytes that are searched for the ends of tags. Otherwise a text of unclosed quotation marks would take
/// the square of its length.
const BUDGET: usize = 64 << 20;

/// The length of the tag at the beginning of `text`; `None` if there is none.
fn tag_length(text: &str, budget: &mut usize) -> Option<usize> {
    let next = text.chars().nth(1).filter(|_| *budget > 0)?;
    if text.starts_with("<!--") {
        return Some(text.find("-->").map_or(text.len(), |end| end + 3));
    }
    if !(next.is_ascii_alphabetic() || matches!(next, '/' | '!' | '?')) {
        return None;
    }
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (Some(open), byte) if open == byte => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'>') => {
                *budget = budget.saturating_sub(at);
                return Some(at + 1);
            }
            _ => {}
        }
    }
    *budget = budget.saturating_sub(text.len());
    // For a quotation mark that never ends, browsers end the tag at the first `>`, or see no tag.
    text.find('>').map(|end| end + 1)
}

/// The beginning of the end tag of an element `name` after `at`. `lower` caches the text in lower case between calls.
fn end_of(text: &str, at: usize, name: &str, lower: &mut Option<String>) -> Option<usize> {
    let lower = lower.get_or_insert_with(|| text.to_ascii_lowercase());
    let end = format!("</{name}");
    // Most texts have none at all, so this is checked first.
    lower.rfind(&end).filter(|last| *last >= at)?;
    lower.get(at..)?.find(&end).map(|found| at + found)
}

fn read(text: &str, range: Range<usize>, out: &mut Vec<Unit>) {
    let Some(part) = text.get(range.clone()) else { return };
    let mut at = range.start;
    let mut rest = part;
    while let Some(first) = rest.chars().next() {
        if first == '&'
            && let Some((characters, length)) = entities::reference(rest)
        {
            for character in characters.chars() {
                push(character, at..at + length, Spelling::Plain, out);
            }
            at += length;
            rest = rest.get(length..).unwrap_or_default();
            continue;
        }
        let (character, length, spelling) = match first {
            '%' => percent(rest).map(|(c, n)| (c, n, Spelling::Percent)),
            '\\' => escape(rest).map(|(c, n)| (c, n, Spelling::Plain)),
            _ => None,
        }
        .unwrap_or((first, first.len_utf8(), Spelling::Plain));
        push(character, at..at + length, spelling, out);
        at += length;
        rest = rest.get(length..).unwrap_or_default();
    }
}

fn push(character: char, bytes: Range<usize>, spelling: Spelling, out: &mut Vec<Unit>) {
    if is_invisible(character) {
        return;
    }
    if character.is_ascii() {
        out.push(Unit { folded: character.to_ascii_lowercase(), bytes, spelling });
        return;
    }
    for part in std::iter::once(character).nfkd() {
        for folded in part.to_lowercase() {
            out.push(Unit { folded, bytes: bytes.clone(), spelling });
        }
    }
}

/// Invisible characters. With them, a name could be written so that only people recognise it.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{180b}'..='\u{180f}'
            | '\u{e0000}'..='\u{e01ef}'
            | '\u{feff}'
    )
}

/// One character as percent-encoded UTF-8.
fn percent(text: &str) -> Option<(char, usize)> {
    let byte = |index: usize| -> Option<u8> {
        let hex = text.get(index * 3..index * 3 + 3)?.strip_prefix('%')?;
        u8::from_str_radix(hex, 16).ok()
    };
    let first = byte(0)?;
    let length = match first {
        0x21..=0x7e | b' ' => 1,
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return None,
    };
    let bytes: Vec<u8> = (0..length).map(byte).collect::<Option<_>>()?;
    let character = std::str::from_utf8(&bytes).ok()?.chars().next()?;
    Some((character, length * 3))
}

/// `\u6797`, or two of them for a character beyond the first plane.
fn escape(text: &str) -> Option<(char, usize)> {
    let unit = |at: usize| -> Option<u16> {
        let hex = text.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(hex, 16).ok()
    };
    let first = unit(0)?;
    if let Some(character) = char::from_u32(u32::from(first)) {
        return (!character.is_ascii()).then_some((character, 6));
    }
    let both = [first, unit(6)?];
    let character = char::decode_utf16(both).next()?.ok()?;
    Some((character, 12))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_as(text: &str, markup: Markup) -> Vec<String> {
        streams(text, markup).iter().map(|stream| stream.iter().map(|unit| unit.folded).collect()).collect()
    }

    #[test]
    fn every_spelling_reads_the_same() {
        for text in
            ["林晚", "<b>林</b>晚", "&#26519;晚", "&#x6797;&#x665A;", "%E6%9E%97%e6%99%9a", "林\u{202e}晚", "\\u6797晚"]
        {
            assert_eq!(read_as(text, Markup::Html).first().unwrap(), "林晚", "{text}");
        }
        assert_eq!(read_as("Ｌin E\u{301}", Markup::None), ["lin e\u{301}"]);
        assert_eq!(read_as("Lin É", Markup::None), ["lin e\u{301}"]);
    }

    #[test]
    fn tags_and_dropped_elements_are_streams_of_their_own() {
        assert_eq!(
            read_as("林<script>x<i</script>晚<img alt=\"甲>乙\"><p>丙", Markup::Html),
            ["林晚\n\u{fffc}丙", "script", "x<i", "/script", "img alt=\"甲>乙\"", "p"]
        );
        assert_eq!(read_as("1 < 2 <3 & <", Markup::Html), ["1 < 2 <3 & <"]);
        assert_eq!(read_as("<b>", Markup::None), ["<b>"]);
    }

    #[test]
    fn bytes_lead_back() {
        let text = "a<i>&#26519;</i>é%E6%99%9A";
        for unit in streams(text, Markup::Html).concat() {
            assert!(text.get(unit.bytes).is_some());
        }
    }
}
