//! The canonical form of a body: only what a page shows of it, in one spelling.
//!
//! 1. If HTML has only elements and attributes that pages show, in our own writer's spelling, it is returned unchanged. One scan of the
//!    text decides that.
//! 2. Otherwise it is parsed. Comments, scripts, form fields and hidden elements are removed from the tree.
//! 3. The tree is serialised and cleaned by the sanitiser's allow-list: no `data-…`, no `class`, no unnecessary character reference.
//! 4. Markdown stays Markdown if possible: its raw HTML is cleaned in place; unused link definitions and comments of other programs are cut
//!    out. If its markup hides something, the body becomes HTML.
//!
//! A text that a page can only show as plain text (too long, or nested too deep) stays as it is, because readers see all of it.

use circle_model::{
    archive::{Post, PostKind, Text, TextFormat},
    text::{LineBreaks, markdown_to_unsafe_html, unseen},
};
use dom_query::{Document, NodeRef};

use super::source;
use crate::{excerpt, sanitize};

/// Elements that browsers do not show, or show only as a form control.
const UNSEEN: &[&str] = &["datalist", "option", "optgroup"];

/// Line breaks: files and articles follow CommonMark, text typed into an app keeps its lines. `file` is the path of the Markdown file that
/// is the post.
#[must_use]
pub fn breaks(post: &Post, file: Option<&str>) -> LineBreaks {
    match (file, post.kind) {
        (Some(_), _) | (_, PostKind::Article) => LineBreaks::Soft,
        _ => LineBreaks::Hard,
    }
}

/// Brings a body into canonical form. Returns the hidden texts that were written for people.
pub fn body(text: &mut Text, breaks: LineBreaks) -> Vec<String> {
    match text.format {
        TextFormat::Plain => Vec::new(),
        TextFormat::Html => html(text),
        TextFormat::Markdown => markdown(text, breaks),
    }
}

/// As [`body`], for comments: raw HTML in their Markdown is visible text.
pub fn typed(text: &mut Text) -> Vec<String> {
    if text.format != TextFormat::Markdown {
        return body(text, LineBreaks::Hard);
    }
    let notes = unseen(&text.source, true).notes;
    if !notes.is_empty() {
        text.source = source::without(&text.source, &notes);
    }
    Vec::new()
}

/// Markdown without the comments of other Markdown programs.
pub fn without_comments(markdown: &str) -> String {
    let comments = unseen(markdown, false).comments;
    if comments.is_empty() { markdown.to_owned() } else { source::without(markdown, &comments) }
}

fn html(text: &mut Text) -> Vec<String> {
    if is_canonical(&text.source) || sanitize::affordable(&text.source, sanitize::As::Body).is_err() {
        return Vec::new();
    }
    let (seen, hidden) = without_hidden(&text.source);
    let Some(kept) = sanitize::kept(&seen) else { return Vec::new() };
    text.source = kept;
    hidden.unwrap_or_default()
}

fn markdown(text: &mut Text, breaks: LineBreaks) -> Vec<String> {
    let mut parts = unseen(&text.source, false);
    if !parts.comments.is_empty() {
        text.source = source::without(&text.source, &parts.comments);
        parts = unseen(&text.source, false);
    }
    // Most raw HTML is a `<b>` or a `<br>` and contains nothing to remove.
    let is_plain = |range: &std::ops::Range<usize>| text.source.get(range.clone()).is_some_and(is_canonical);
    if parts.notes.is_empty() && parts.html.iter().all(is_plain) {
        return Vec::new();
    }
    let Some(page) = of_markdown(&text.source, breaks) else { return Vec::new() };
    // Removing a part may turn the text around it into Markdown, and a comment in a list or quotation consists of many pieces. So the
    // shorter source is used only if it renders the same page; otherwise the body becomes the HTML of that page.
    let shorter = source::as_seen(&text.source, &parts);
    let same = |shorter: &String| {
        of_markdown(shorter, breaks).is_some_and(|cut| cut.hidden.is_none() && is_same(&cut.html, &page.html))
    };
    match shorter.filter(same) {
        Some(shorter) => text.source = shorter,
        None => (text.source, text.format) = (page.html, TextFormat::Html),
    }
    page.hidden.unwrap_or_default()
}

/// The HTML that Markdown becomes.
struct Page {
    html: String,
    hidden: Option<Vec<String>>,
}

fn of_markdown(source: &str, breaks: LineBreaks) -> Option<Page> {
    let html = markdown_to_unsafe_html(source, breaks);
    sanitize::affordable(&html, sanitize::As::Body).ok()?;
    let (seen, hidden) = without_hidden(&html);
    Some(Page { html: sanitize::kept(&seen)?, hidden })
}

/// True if two pages differ only in white space.
fn is_same(one: &str, other: &str) -> bool {
    let words = |html: &str| html.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    words(one) == words(other)
}

/// The HTML without the parts that no browser shows. `Some` with the hidden words if there were any.
fn without_hidden(html: &str) -> (String, Option<Vec<String>>) {
    let document = Document::fragment(html);
    let mut hidden: Option<Vec<String>> = None;
    let mut waiting = vec![document.root()];
    while let Some(node) = waiting.pop() {
        for child in node.children() {
            if child.is_comment() || child.is_doctype() {
                hidden.get_or_insert_default();
                child.remove_from_parent();
            } else if is_hidden(&child) {
                let words = hidden.get_or_insert_default();
                let is_program = child.node_name().is_some_and(|name| matches!(&*name, "script" | "style"));
                let text =
                    if is_program { String::new() } else { excerpt::of(&Text::html(child.inner_html()), usize::MAX) };
                words.extend(Some(text).filter(|text| !text.is_empty()));
                child.remove_from_parent();
            } else {
                waiting.push(child);
            }
        }
    }
    if hidden.is_none() {
        return (html.to_owned(), None);
    }
    (document.html_root().inner_html().to_string(), hidden)
}

fn is_hidden(node: &NodeRef<'_>) -> bool {
    let Some(name) = node.node_name() else { return false };
    if sanitize::GONE.contains(&&*name) || UNSEEN.contains(&&*name) {
        return true;
    }
    let has = |attribute: &str| node.attr(attribute);
    has("hidden").is_some_and(|value| !value.eq_ignore_ascii_case("until-found"))
        || has("style").is_some_and(|style| hides(&style))
        || (&*name == "dialog" && has("open").is_none())
}

/// True for a `style` that hides its element.
pub(super) fn hides(style: &str) -> bool {
    let style: String = style.to_ascii_lowercase().split_whitespace().collect();
    style.split(';').any(|rule| rule.trim_end_matches("!important") == "display:none")
}

/// True if every tag, attribute and character reference is one that the sanitiser keeps and writes in the same way.
fn is_canonical(html: &str) -> bool {
    let mut rest = html;
    while let Some(at) = rest.find(['<', '&']) {
        let from = rest.get(at..).unwrap_or_default();
        let length = if from.starts_with('&') {
            ["&amp;", "&lt;", "&gt;", "&nbsp;", "&quot;"]
                .iter()
                .find(|known| from.starts_with(**known))
                .map(|k| k.len())
        } else {
            canonical_tag(from)
        };
        match length.and_then(|length| from.get(length..)) {
            Some(after) => rest = after,
            None => return false,
        }
    }
    true
}

/// The length of the tag at the start of `from`, if it has only what pages show.
fn canonical_tag(from: &str) -> Option<usize> {
    let inside = from.get(1..)?;
    let closing = inside.strip_prefix('/');
    let inside = closing.unwrap_or(inside);
    let length = inside.find(|c: char| !c.is_ascii_lowercase() && !c.is_ascii_digit())?;
    let (name, mut rest) = inside.split_at(length);
    if !sanitize::TAGS.contains(&name) {
        return None;
    }
    while let Some(attribute) = rest.strip_prefix(' ').filter(|_| closing.is_none()) {
        let (key, value) = attribute.split_once("=\"")?;
        if !sanitize::is_kept(name, key) {
            return None;
        }
        let (value, after) = value.split_once('"')?;
        if value.contains(['<', '>']) || !is_canonical(value) {
            return None;
        }
        rest = after;
    }
    rest.starts_with('>').then(|| from.len() - rest.len() + 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn seen(mut text: Text) -> (TextFormat, String, Vec<String>) {
        let hidden = body(&mut text, LineBreaks::Soft);
        (text.format, text.source, hidden)
    }

    #[test]
    fn html_keeps_what_is_seen() {
        for (source, expected) in [
            ("<p>好</p>", "<p>好</p>"),
            ("<p class=a data-x=秘 onclick=y>好<!-- 秘 --></p>", "<p>好</p>"),
            ("J&uuml;rgen It&#8217;s &lt;", "Jürgen It’s &lt;"),
            ("<div style='display: none'>秘</div>好<p hidden>秘<p>看", "好<p>看</p>"),
            ("<textarea>秘</textarea><select><option>秘</select><datalist><option>秘</datalist>好", "好"),
            ("<script>秘</script><template>秘</template><noscript>秘</noscript><meta content=秘>好", "好"),
            ("<input type=hidden value=秘><input type=checkbox checked> 做", "☑  做"),
            ("<img data-src=a.png alt=图 srcset=秘>", "<img alt=\"图\" src=\"a.png\">"),
            ("<td style='text-align:right'>一", "一"),
            ("<iframe src='https://v.example/1'></iframe>", "<video src=\"https://v.example/1\"></video>"),
            ("<a href=\"/x?a=1&amp;b=2\" id=q rel=r>好</a>", "<a href=\"/x?a=1&amp;b=2\" id=\"q\">好</a>"),
        ] {
            let (format, html, _) = seen(Text::html(source));
            assert_eq!((format, html.as_str()), (TextFormat::Html, expected), "{source}");
            assert_eq!(seen(Text::html(html.clone())).1, html, "twice");
        }
        assert_eq!(seen(Text::html("<p hidden>秘<b>密</b></p>好<style>a{}</style>")).2, ["秘密"]);
    }

    #[test]
    fn markdown_stays_markdown_where_it_can() {
        for (source, expected) in [
            ("**好** <b class=x data-y='秘'>的</b>", "**好** <b>的</b>"),
            ("一\n\n<!-- 秘 -->\n\n二 <!-- 秘 -->三", "一\n\n\n\n二 三"),
            ("看 [这](/a)\n\n[//]: # (秘)\n", "看 [这](/a)\n\n\n"),
            ("`<!-- 码 -->`\n\n    <!-- 码 -->\n", "`<!-- 码 -->`\n\n    <!-- 码 -->\n"),
            ("<img data-src=\"a.png\" class=\"z\">", "<img data-src=\"a.png\">"),
            ("a < b & c &amp; d", "a < b & c &amp; d"),
            ("用 %% 表示一，两个 %% 就是二 <b>好</b>", "用 %% 表示一，两个 %% 就是二 <b>好</b>"),
        ] {
            let (format, markdown, _) = seen(Text::markdown(source));
            assert_eq!((format, markdown.as_str()), (TextFormat::Markdown, expected), "{source}");
        }
        for source in ["好\n\n<div style=\"display:none\">\n\n**秘**\n\n</div>\n\n看", "好 <span hidden>秘</span>看"]
        {
            let (format, html, hidden) = seen(Text::markdown(source));
            assert_eq!(format, TextFormat::Html, "{source}");
            assert!(!html.contains('秘') && html.contains('好') && html.contains('看'), "{html}");
            assert_eq!(hidden, ["秘"]);
        }
    }

    #[test]
    fn a_comment_of_many_pieces_goes_and_makes_no_markdown_of_what_is_beside_it() {
        for source in [
            "> <!-- 秘\n> 密 -->\n> 看",
            "- a\n  <!-- 秘\n  密 -->\n- 看",
            "<!-- 秘\r\n密 -->\r\n看",
            "看[^1]\n\n[^1]: <!-- 秘\n    密 -->",
            "<!-- 秘 --> [a]: /看",
            "[b]: https://x.example/看<!-- 密 -->",
            "看\n<!-- 秘 -->===\n一",
        ] {
            let (format, out, _) = seen(Text::markdown(source));
            let page = if format == TextFormat::Html { out } else { markdown_to_unsafe_html(&out, LineBreaks::Soft) };
            assert!(!page.contains(['秘', '密']) && page.contains('看'), "{source:?}: {page}");
            assert!(!page.contains("<h1>看"), "{source:?}: {page}");
        }
    }

    #[test]
    fn in_a_comment_raw_html_is_text() {
        let mut text = Text::markdown("<!-- 看得见 -->\n\n[x]: /秘");
        typed(&mut text);
        assert_eq!(text.source.trim_end(), "<!-- 看得见 -->");
    }

    proptest! {
        #[test]
        fn the_form_is_one(source in "[a-z <>/=\"'&;!#\\[\\]:()%*_`\\n-]{0,60}", markdown in any::<bool>()) {
            let text = if markdown { Text::markdown(source) } else { Text::html(source) };
            let (format, once, _) = seen(text);
            let again = seen(Text { format, source: once.clone(), lang: None });
            prop_assert_eq!((again.0, again.1), (format, once));
        }

        #[test]
        fn no_comment_is_left(before in "[a-z <>/\"'&\\n]{0,20}", after in "[a-z <>/\"'&\\n]{0,20}", markdown in any::<bool>()) {
            let source = format!("{before}<!-- GEHEIM -->{after}");
            let text = if markdown { Text::markdown(source) } else { Text::html(source) };
            let (format, once, _) = seen(text);
            let page = if format == TextFormat::Html { once } else { markdown_to_unsafe_html(&once, LineBreaks::Soft) };
            prop_assert!(!page.contains("<!--"), "{}", page);
        }
    }
}
