//! Turns a page of the site into a piece of the book: well-formed XHTML, whatever the page contains.
//!
//! 1. The post's article and its thread are taken from the page, without navigation, forms and scripts.
//! 2. Elements of a fixed list are kept where XHTML permits them. A block inside a line becomes a line. All other elements are
//!    replaced by their content.
//! 3. Ids get a prefix per piece, because several pieces share a file. Links keep their meaning until the files are known.
//! 4. Characters that XML does not permit are removed.

use std::collections::{BTreeMap, BTreeSet};

use circle_model::id::Id;
use dom_query::{Document, NodeRef};

use circle_site::words::Words;

/// A picture of the site.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Picture {
    pub(super) path: String,
    pub(super) id: Id,
    pub(super) mime: &'static str,
}

/// The targets of a page's links and pictures.
pub(super) struct BookLinks<'a> {
    pub(super) paths: &'a BTreeMap<&'a str, usize>,
    pub(super) pictures: &'a BTreeMap<&'a str, Picture>,
    pub(super) words: &'a Words,
}

/// One post with its comments.
#[derive(Debug, Default)]
pub(super) struct Piece {
    /// Its position in the site.
    pub(super) index: usize,
    /// The prefix of its ids, which is also the id of the whole piece.
    pub(super) id: String,
    pub(super) parts: Vec<Part>,
    pub(super) ids: BTreeSet<String>,
    /// The paths of its pictures.
    pub(super) pictures: BTreeSet<String>,
    pub(super) comments: usize,
}

/// A part of a piece's text.
#[derive(Debug)]
pub(super) enum Part {
    Xhtml(String),
    /// The beginning of a link to a post, and to an id in it.
    Link(usize, Option<String>),
    /// The end of the link.
    LinkEnd,
}

impl Picture {
    /// `None` for a format that readers of books need not support.
    pub(super) fn of(id: &Id, path: &str) -> Option<Self> {
        let mime = match path.rsplit_once('.')?.1 {
            "jpg" | "jpeg" => "image/jpeg",
            "png" => "image/png",
            "gif" => "image/gif",
            "webp" => "image/webp",
            _ => return None,
        };
        Some(Self { path: path.to_owned(), id: id.clone(), mime })
    }

    /// True for a format that every reader supports. WebP is one only since EPUB 3.3, so it gets a placeholder.
    pub(super) fn is_core(&self) -> bool {
        self.mime != "image/webp"
    }
}

/// Inline elements that keep their name.
const LINE: &[&str] = &[
    "em", "strong", "b", "i", "u", "s", "sub", "sup", "small", "mark", "code", "kbd", "samp", "var", "cite", "q",
    "abbr", "dfn", "bdi", "span",
];
/// Block elements and their replacements.
const BLOCK: &[(&str, &str)] = &[
    ("p", "p"),
    ("blockquote", "blockquote"),
    ("pre", "pre"),
    ("ul", "ul"),
    ("ol", "ol"),
    ("div", "div"),
    ("section", "section"),
    ("article", "section"),
    ("header", "div"),
    ("footer", "div"),
    ("aside", "div"),
    ("figure", "div"),
    ("figcaption", "p"),
    ("details", "div"),
    ("summary", "p"),
    ("dl", "div"),
    ("dt", "p"),
    ("dd", "div"),
    ("address", "div"),
    ("h1", "h2"),
    ("h2", "h3"),
    ("h3", "h4"),
    ("h4", "h5"),
    ("h5", "h6"),
    ("h6", "h6"),
];
/// Blocks that may contain only inline elements.
const HOLDS_LINES: &[&str] = &["p", "pre", "h2", "h3", "h4", "h5", "h6"];
/// Elements without anybody's words.
const LEFT: &[&str] = &[
    "script", "style", "template", "noscript", "nav", "button", "form", "select", "textarea", "svg", "math", "iframe",
    "object", "embed", "dialog", "head", "title", "link", "meta", "rp",
];

/// Takes a post from its page. `number` counts the posts of the book from 1; `index` is the post's position in the site.
pub(super) fn piece(html: &str, path: &str, number: usize, index: usize, around: &BookLinks<'_>) -> Piece {
    let document = Document::from(html);
    let base =
        url::Url::parse("http://site.invalid/").and_then(|root| root.join(&circle_content::slug::href(path))).ok();
    let id = format!("p{number:05}");
    let mut writer =
        Writer { piece: Piece { index, id: id.clone(), ..Piece::default() }, around, base, text: String::new() };
    writer.text = format!("<section class=\"post\" id=\"{id}\">\n");
    if let Some(article) = document.select("article.post").nodes().first() {
        writer.children(article, false);
    }
    let thread = document.select("section.circle-thread");
    writer.piece.comments = document.select("article.circle-comment").length();
    if writer.piece.comments > 0
        && let Some(thread) = thread.nodes().first()
    {
        writer.text.push_str("<section class=\"comments\">\n");
        writer.children(thread, false);
        writer.text.push_str("</section>\n");
    }
    writer.text.push_str("</section>\n");
    writer.flush();
    writer.piece
}

/// Text in a form that XML permits, between tags and in attributes.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' | '\r' => out.push(character),
            '\u{fffe}' | '\u{ffff}' => {}
            control if control.is_control() => {}
            other => out.push(other),
        }
    }
    out
}

struct Writer<'a> {
    piece: Piece,
    around: &'a BookLinks<'a>,
    base: Option<url::Url>,
    text: String,
}

/// The target of a link.
enum Target {
    Post(usize, Option<String>),
    Outside(String),
    Here(String),
    Nowhere,
}

impl Writer<'_> {
    fn flush(&mut self) {
        let text = std::mem::take(&mut self.text);
        self.piece.parts.push(Part::Xhtml(text));
    }

    fn children(&mut self, node: &NodeRef<'_>, in_line: bool) {
        for child in node.children_it(false) {
            self.node(&child, in_line);
        }
    }

    fn node(&mut self, node: &NodeRef<'_>, in_line: bool) {
        if node.is_text() {
            let text = escaped(&node.text());
            self.text.push_str(&text);
            return;
        }
        if !node.is_element() {
            return;
        }
        let name = node.node_name().map(|name| name.to_string()).unwrap_or_default();
        let hidden = node.has_attr("hidden") || node.has_class("disc");
        let unseen = node.has_class("visually-hidden") && name != "h1";
        if LEFT.contains(&name.as_str()) || hidden || unseen {
            return;
        }
        match name.as_str() {
            "br" => self.text.push_str("<br/>"),
            "wbr" => self.text.push_str("<wbr/>"),
            "hr" => self.text.push_str(if in_line { "<br/>" } else { "<hr/>\n" }),
            "img" => self.picture(node),
            "a" => self.link(node, in_line),
            "audio" => self.left_out("book_sound"),
            "video" => self.left_out("book_film"),
            "input" => self.text.push_str(if node.has_attr("checked") { "☑ " } else { "☐ " }),
            "table" if !in_line => self.table(node),
            "td" | "th" | "tr" | "table" | "caption" | "meter" | "progress" => {
                self.text.push_str("<span class=\"cell\">");
                self.children(node, true);
                self.text.push_str("</span> ");
            }
            "li" => self.wrapped("div", node, in_line),
            "rt" => self.wrapped("sup", node, true),
            "time" | "del" | "ins" => self.wrapped("span", node, true),
            line if LINE.contains(&line) => self.wrapped(line, node, true),
            other => match BLOCK.iter().find(|(from, _)| *from == other) {
                Some((_, to)) if matches!(*to, "ul" | "ol") && !in_line => self.list(to, node),
                Some((_, to)) => self.wrapped(to, node, in_line),
                None => self.children(node, in_line),
            },
        }
    }

    /// An element with its content. A block inside a line becomes a line.
    fn wrapped(&mut self, name: &str, node: &NodeRef<'_>, in_line: bool) {
        let is_line = LINE.contains(&name);
        let name = if in_line && !is_line { "span" } else { name };
        let attributes = self.attributes(node, (in_line && !is_line).then_some("block"));
        self.text.push_str(&format!("<{name}{attributes}>"));
        self.children(node, in_line || is_line || HOLDS_LINES.contains(&name));
        self.text.push_str(&format!("</{name}>"));
        if !in_line && !is_line {
            self.text.push('\n');
        }
    }

    fn attributes(&mut self, node: &NodeRef<'_>, more: Option<&str>) -> String {
        let mut out = String::new();
        if let Some(id) = node.attr("id").map(|id| inner_id(&self.piece.id, &id))
            && self.piece.ids.insert(id.clone())
        {
            out.push_str(&format!(" id=\"{id}\""));
        }
        let class = node.attr("class").map(|class| class.to_string()).unwrap_or_default();
        let plain = |word: &&str| word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let depth =
            node.attr("data-depth").filter(|depth| depth.parse::<u8>().is_ok()).map(|depth| format!("d{depth}"));
        let words: Vec<&str> = class.split_whitespace().filter(plain).chain(more).chain(depth.as_deref()).collect();
        if !words.is_empty() {
            out.push_str(&format!(" class=\"{}\"", words.join(" ")));
        }
        if let Some(dir) = node.attr("dir").filter(|dir| matches!(dir.as_ref(), "ltr" | "rtl" | "auto")) {
            out.push_str(&format!(" dir=\"{dir}\""));
        }
        if let Some(lang) = node.attr("lang").filter(|lang| is_lang(lang)) {
            out.push_str(&format!(" lang=\"{lang}\" xml:lang=\"{lang}\""));
        }
        out
    }

    /// A list may contain only items.
    fn list(&mut self, name: &str, node: &NodeRef<'_>) {
        let attributes = self.attributes(node, None);
        let start = node.attr("start").and_then(|start| start.parse::<i32>().ok()).filter(|_| name == "ol");
        let start = start.map(|start| format!(" start=\"{start}\"")).unwrap_or_default();
        self.text.push_str(&format!("<{name}{attributes}{start}>\n"));
        for child in node.children_it(false) {
            if child.is_element() && child.node_name().as_deref() == Some("li") {
                let attributes = self.attributes(&child, None);
                self.text.push_str(&format!("<li{attributes}>"));
                self.children(&child, false);
                self.text.push_str("</li>\n");
            } else if child.is_element() || (child.is_text() && !child.text().trim().is_empty()) {
                self.text.push_str("<li>");
                self.node(&child, false);
                self.text.push_str("</li>\n");
            }
        }
        self.text.push_str(&format!("</{name}>\n"));
    }

    /// A table as its rows, because pages need not follow XHTML's rules for head, body and foot.
    fn table(&mut self, node: &NodeRef<'_>) {
        let mut rows = Vec::new();
        let mut caption = None;
        let mut groups = vec![*node];
        while let Some(group) = groups.pop() {
            let children: Vec<NodeRef<'_>> = group.children_it(false).collect();
            for child in &children {
                match child.node_name().as_deref() {
                    Some("tr") => rows.push(*child),
                    Some("caption") => caption = caption.or(Some(*child)),
                    _ => {}
                }
            }
            let inner = children
                .into_iter()
                .filter(|child| matches!(child.node_name().as_deref(), Some("thead" | "tbody" | "tfoot")));
            groups.extend(inner.collect::<Vec<_>>().into_iter().rev());
        }
        rows.retain(|row| !cells_of(row).is_empty());
        if rows.is_empty() {
            return;
        }
        if let Some(caption) = caption {
            self.wrapped("p", &caption, false);
        }
        let attributes = self.attributes(node, None);
        self.text.push_str(&format!("<table{attributes}>\n<tbody>\n"));
        for row in rows {
            self.text.push_str("<tr>");
            for (name, cell) in cells_of(&row) {
                let span = |key: &str| {
                    let span =
                        cell.attr(key).and_then(|span| span.parse::<u16>().ok()).filter(|n| (2..1000).contains(n));
                    span.map(|span| format!(" {key}=\"{span}\"")).unwrap_or_default()
                };
                self.text.push_str(&format!("<{name}{}{}>", span("colspan"), span("rowspan")));
                self.children(&cell, false);
                self.text.push_str(&format!("</{name}>"));
            }
            self.text.push_str("</tr>\n");
        }
        self.text.push_str("</tbody>\n</table>\n");
    }

    fn picture(&mut self, node: &NodeRef<'_>) {
        let alt = node.attr("alt").map(|alt| escaped(&alt)).unwrap_or_default();
        let path = node.attr("src").and_then(|src| self.path(&src));
        match path.as_deref().and_then(|path| self.around.pictures.get(path)) {
            Some(picture) => {
                self.piece.pictures.insert(picture.path.clone());
                self.text.push_str(&format!("<img src=\"{}\" alt=\"{alt}\"/>", escaped(&picture.path)));
            }
            None => {
                let words = self.around.words;
                let (what, why) = (words.get("book_picture"), words.get("book_left_out"));
                let alt = if alt.is_empty() { String::new() } else { format!("{}{alt}", words.get("colon")) };
                self.text.push_str(&format!(
                    "<span class=\"left-out\">{}{alt} {}</span>",
                    escaped(what),
                    escaped(&words.fill("bracketed", why))
                ));
            }
        }
    }

    fn left_out(&mut self, what: &str) {
        let words = self.around.words;
        let why = words.fill("bracketed", words.get("book_left_out"));
        self.text.push_str(&format!("<span class=\"left-out\">{} {}</span>", escaped(words.get(what)), escaped(&why)));
    }

    fn link(&mut self, node: &NodeRef<'_>, in_line: bool) {
        let target = node.attr("href").map_or(Target::Nowhere, |href| self.target(&href));
        // The date of a comment links to the comment itself.
        let target = if node.has_class("circle-when") { Target::Nowhere } else { target };
        match target {
            Target::Nowhere => self.wrapped("span", node, true),
            Target::Outside(address) => {
                let attributes = self.attributes(node, None);
                self.text.push_str(&format!("<a{attributes} href=\"{}\">", escaped(&address)));
                self.children(node, true);
                self.text.push_str("</a>");
            }
            Target::Here(id) => {
                let index = self.piece.index;
                self.inside(node, index, Some(id));
            }
            Target::Post(index, id) => self.inside(node, index, id),
        }
        if !in_line {
            self.text.push('\n');
        }
    }

    fn inside(&mut self, node: &NodeRef<'_>, index: usize, id: Option<String>) {
        // Links back from footnotes use the id of the link itself.
        let attributes = self.attributes(node, None);
        self.text.push_str(&format!("<span{attributes}>"));
        self.flush();
        self.piece.parts.push(Part::Link(index, id));
        self.children(node, true);
        self.flush();
        self.piece.parts.push(Part::LinkEnd);
        self.text.push_str("</span>");
    }

    fn target(&self, href: &str) -> Target {
        if let Some(id) = href.strip_prefix('#') {
            let id = percent_encoding::percent_decode_str(id).decode_utf8_lossy().into_owned();
            return Target::Here(id);
        }
        let Some(url) = self.base.as_ref().and_then(|base| base.join(href).ok()) else { return Target::Nowhere };
        if url.host_str() != Some("site.invalid") {
            let outside = matches!(url.scheme(), "http" | "https") && url.host_str().is_some();
            return if outside { Target::Outside(strict(url.as_str())) } else { Target::Nowhere };
        }
        let decode = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
        let path = decode(url.path().trim_start_matches('/'));
        let id = url.fragment().map(decode);
        self.around.paths.get(path.as_str()).map_or(Target::Nowhere, |index| Target::Post(*index, id))
    }

    /// The path in the site of an address on this page.
    fn path(&self, address: &str) -> Option<String> {
        let url = self.base.as_ref()?.join(address).ok()?;
        let path = percent_encoding::percent_decode_str(url.path().trim_start_matches('/'));
        (url.host_str() == Some("site.invalid")).then(|| path.decode_utf8_lossy().into_owned())
    }
}

/// An address by RFC 3986, which permits less than browsers do. Readers and validators of books follow it.
fn strict(address: &str) -> String {
    let (scheme, rest) = address.split_once("://").unwrap_or(("http", address));
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, tail) = rest.split_at_checked(end).unwrap_or((rest, ""));
    let mut out = format!("{scheme}://{host}");
    let mut in_fragment = false;
    for (at, character) in tail.char_indices() {
        let is_code = |hex: &str| hex.bytes().take(2).filter(u8::is_ascii_hexdigit).count() == 2;
        let whole = match character {
            '%' => tail.get(at + 1..).is_some_and(is_code),
            '#' => !std::mem::replace(&mut in_fragment, true),
            other => other.is_ascii_alphanumeric() || "-._~:/?@!$&'()*+,;=".contains(other),
        };
        if whole {
            out.push(character);
        } else {
            for byte in character.encode_utf8(&mut [0; 4]).bytes() {
                out.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    out
}

/// The id in the book of an id on a page.
pub(super) fn inner_id(piece: &str, id: &str) -> String {
    let plain = id.chars().map(|c| {
        if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') {
            c.to_string()
        } else {
            format!("_{:x}", u32::from(c))
        }
    });
    format!("{piece}-{}", plain.collect::<String>())
}

fn cells_of<'a>(row: &NodeRef<'a>) -> Vec<(String, NodeRef<'a>)> {
    let cell = |child: NodeRef<'a>| {
        let name = child.node_name()?.to_string();
        matches!(name.as_str(), "td" | "th").then_some((name, child))
    };
    row.children_it(false).filter_map(cell).collect()
}

/// True for a plain language tag: short parts of letters and digits.
fn is_lang(lang: &str) -> bool {
    let mut words = lang.split('-');
    let first =
        words.next().is_some_and(|word| (2..=3).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_alphabetic()));
    first && words.all(|word| (2..=8).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::{escaped, inner_id, is_lang, strict};

    #[test]
    fn addresses_become_what_the_standard_allows() {
        assert_eq!(
            strict("https://a.example/x?q=|^`{}&b=%zz%20#f#g"),
            "https://a.example/x?q=%7C%5E%60%7B%7D&b=%25zz%20#f%23g"
        );
        assert_eq!(strict("https://a.example/[1]%"), "https://a.example/%5B1%5D%25");
        assert_eq!(strict("http://[::1]:80/"), "http://[::1]:80/");
    }

    #[test]
    fn what_xml_cannot_hold_goes_and_ids_stay_apart() {
        assert_eq!(escaped("a\u{1}<\u{fffe}&\u{b}\""), "a&lt;&amp;&quot;");
        assert_eq!(inner_id("p00001", "注 1"), "p00001-_6ce8_201");
        assert!(is_lang("zh-Hans") && !is_lang("<") && !is_lang("a") && !is_lang("zh-"));
    }
}
