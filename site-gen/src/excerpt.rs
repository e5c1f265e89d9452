//! The beginning of a text as one plain line, for lists and feeds.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use circle_model::{
    archive::{Text, TextFormat},
    text::{LineBreaks, excerpt, markdown_to_unsafe_html},
};
use lol_html::{EndTagHandler, RewriteStrSettings, doc_text, element, rewrite_str};

/// No more of a text than this many bytes is looked at: lists show its first lines.
const LOOK_AT: usize = 16 << 10;

/// Elements whose words are none of the text's.
const SKIPPED: &str = "script, style, noscript, template, table, pre, sup, svg, iframe, figcaption";

/// The first `max` characters of a text without its markup.
#[must_use]
pub(crate) fn of(text: &Text, max: usize) -> String {
    let mut end = text.source.len().min(LOOK_AT);
    while !text.source.is_char_boundary(end) {
        end -= 1;
    }
    let source = text.source.get(..end).unwrap_or_default();
    match text.format {
        TextFormat::Plain => excerpt(source, max),
        TextFormat::Markdown => excerpt(&words(&markdown_to_unsafe_html(source, LineBreaks::Soft)), max),
        TextFormat::Html => excerpt(&words(source), max),
    }
}

/// The words of HTML. Only for showing, escaped, as one line: it is not a sanitiser.
fn words(html: &str) -> String {
    let out = RefCell::new(String::new());
    let skipping = Rc::new(Cell::new(0_usize));
    let settings = RewriteStrSettings::new()
        .with_strict(false)
        .append_element_content_handler(element!(SKIPPED, |el| {
            if let Some(handlers) = el.end_tag_handlers() {
                skipping.set(skipping.get() + 1);
                let counter = Rc::clone(&skipping);
                let end: EndTagHandler<'static> = Box::new(move |_| {
                    counter.set(counter.get().saturating_sub(1));
                    Ok(())
                });
                handlers.push(end);
            }
            Ok(())
        }))
        .append_element_content_handler(element!("p, br, div, li, h1, h2, h3, h4, h5, h6, td, blockquote", |_el| {
            out.borrow_mut().push(' ');
            Ok(())
        }))
        .append_document_content_handler(doc_text!(|chunk| {
            if skipping.get() == 0 {
                out.borrow_mut().push_str(chunk.as_str());
            }
            Ok(())
        }));
    let read = rewrite_str(html, settings).is_ok();
    let raw = out.into_inner();
    if !read && raw.is_empty() {
        return String::new();
    }
    decoded(&raw)
}

/// Undoes the character references that people write.
fn decoded(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    let mut out = text.to_owned();
    for (reference, character) in [
        ("&nbsp;", " "),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&ldquo;", "“"),
        ("&rdquo;", "”"),
        ("&lsquo;", "‘"),
        ("&rsquo;", "’"),
        ("&mdash;", "—"),
        ("&hellip;", "…"),
        ("&middot;", "·"),
        ("&amp;", "&"),
    ] {
        out = out.replace(reference, character);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_has_words_and_no_markup() {
        let markdown = Text::markdown("# 题\n\n**粗**的 [字](https://a.example)。\n<script>x</script>\n\n二");
        assert_eq!(of(&markdown, 99), "题粗的字。二");
        let html = Text::html("<p>甲&nbsp;&amp; 乙</p><style>p{}</style><p>丙</p>");
        assert_eq!(of(&html, 99), "甲 & 乙丙");
    }
}
