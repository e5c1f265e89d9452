//! The beginning of a text as one plain line, for lists and feeds.
//!
//! 1. Markup is removed; of a collapsed section (`<details>`, often a spoiler) only the label stays.
//! 2. The end of a line or paragraph becomes a space, unless punctuation already ends it.
//! 3. The line is cut.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use circle_model::{
    archive::{Text, TextFormat},
    text::{LineBreaks, excerpt, is_cjk, markdown_to_unsafe_html},
};
use lol_html::{EndTagHandler, RewriteStrSettings, doc_text, element, rewrite_str};

use crate::entities;

/// At most this many bytes of a text are read, because lists show only its first lines.
const LOOK_AT: usize = 16 << 10;

/// Elements whose content is not part of the text.
const SKIPPED: &str = "script, style, noscript, template, table, pre, sup, svg, iframe, figcaption";

/// The first `max` characters of a text without markup. A single line break in Markdown does not end a line.
#[must_use]
pub fn of(text: &Text, max: usize) -> String {
    of_lines(text, LineBreaks::Soft, max)
}

/// The first `max` characters of a text without markup. `breaks` says what a single line break in Markdown means.
#[must_use]
pub fn of_lines(text: &Text, breaks: LineBreaks, max: usize) -> String {
    without_title(text, breaks, None, max)
}

/// As [`of_lines`], but skips a first line that repeats `title`, if there is more text after it.
#[must_use]
pub fn without_title(text: &Text, breaks: LineBreaks, title: Option<&str>, max: usize) -> String {
    let mut end = text.source.len().min(LOOK_AT);
    while !text.source.is_char_boundary(end) {
        end -= 1;
    }
    let source = text.source.get(..end).unwrap_or_default();
    match text.format {
        TextFormat::Plain => joined(source, title, max),
        TextFormat::Markdown => joined(&words(&markdown_to_unsafe_html(source, breaks)), title, max),
        TextFormat::Html => joined(&words(source), title, max),
    }
}

/// The first `max` characters of one line, with `…` if it was cut.
#[must_use]
pub fn cut(line: &str, max: usize) -> String {
    match line.char_indices().nth(max) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default().trim_end()),
        None => line.to_owned(),
    }
}

/// Joins lines. A space separates two Chinese words from different lines; after a full stop no space is needed.
fn joined(lines: &str, title: Option<&str>, max: usize) -> String {
    let mut out = String::new();
    let mut count = 0;
    let mut lines = lines.lines().map(|line| excerpt(line, usize::MAX)).filter(|line| !line.is_empty()).peekable();
    let title = title.map(|title| excerpt(title, usize::MAX));
    if let Some(first) = lines.next_if(|line| Some(line) == title.as_ref())
        && lines.peek().is_none()
    {
        return cut(&first, max);
    }
    for line in lines {
        let Some(next) = line.chars().next() else { continue };
        if let Some(last) = out.chars().last() {
            let is_mark = |c: char| is_cjk(c) && !c.is_alphanumeric();
            if !is_mark(last) && !is_mark(next) {
                out.push(' ');
                count += 1;
            }
        }
        count += line.chars().count();
        out.push_str(&line);
        if count > max {
            break;
        }
    }
    cut(&out, max)
}

/// The text of HTML. Only for display as one escaped line: this is not a sanitiser.
fn words(html: &str) -> String {
    let out = Rc::new(RefCell::new(String::new()));
    let skipping = Rc::new(Cell::new(0_usize));
    let (folded, labels) = (Rc::new(Cell::new(0_usize)), Rc::new(Cell::new(0_usize)));
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
        .append_element_content_handler(element!("details, summary", |el| {
            let counter = Rc::clone(if el.tag_name() == "details" { &folded } else { &labels });
            out.borrow_mut().push('\n');
            if let Some(handlers) = el.end_tag_handlers() {
                counter.set(counter.get() + 1);
                let end: EndTagHandler<'static> = Box::new(move |_| {
                    counter.set(counter.get().saturating_sub(1));
                    Ok(())
                });
                handlers.push(end);
            }
            Ok(())
        }))
        .append_element_content_handler(element!("p, br, div, li, h1, h2, h3, h4, h5, h6, td, blockquote", |el| {
            out.borrow_mut().push('\n');
            if let Some(handlers) = el.end_tag_handlers() {
                let after = Rc::clone(&out);
                let end: EndTagHandler<'static> = Box::new(move |_| {
                    after.borrow_mut().push('\n');
                    Ok(())
                });
                handlers.push(end);
            }
            Ok(())
        }))
        .append_document_content_handler(doc_text!(|chunk| {
            // The label of a collapsed section is visible on the page, too.
            if skipping.get() == 0 && labels.get() >= folded.get() {
                out.borrow_mut().push_str(&chunk.as_str().replace(['\n', '\r'], " "));
            }
            Ok(())
        }));
    let read = rewrite_str(html, settings).is_ok();
    let raw = out.take();
    if !read && raw.is_empty() {
        return String::new();
    }
    entities::decoded(&raw).replace('\u{a0}', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_has_words_and_no_markup() {
        let markdown = Text::markdown("# 题\n\n**粗**的 [字](https://a.example)。\n<script>x</script>\n\n二");
        assert_eq!(of(&markdown, 99), "题 粗的字。二");
        let html = Text::html("<p>甲&nbsp;&amp; 乙</p><style>p{}</style><p>丙</p>");
        assert_eq!(of(&html, 99), "甲 & 乙 丙");
    }

    #[test]
    fn a_text_that_begins_with_its_title_does_not_say_it_again() {
        let after = |text: &Text, title| without_title(text, LineBreaks::Soft, Some(title), 99);
        assert_eq!(after(&Text::markdown("# 搬家谣\n\n锅归唐栗。"), "搬家谣"), "锅归唐栗。");
        assert_eq!(after(&Text::plain("1984 年的书"), "1984"), "1984 年的书");
        assert_eq!(after(&Text::plain("活着"), "活着"), "活着");
    }

    #[test]
    fn a_line_break_between_chinese_words_is_a_space() {
        assert_eq!(of(&Text::plain("第一行\n第二行\n\n第三行。\n第四行"), 99), "第一行 第二行 第三行。第四行");
        let chat = Text::markdown("今天\n读完了");
        assert_eq!(of_lines(&chat, LineBreaks::Hard, 99), "今天 读完了");
        // A line of an article that an editor wrapped continues.
        assert_eq!(of(&chat, 99), "今天读完了");
        assert_eq!(of(&Text::plain("一二三四五\n六"), 5), "一二三四五…");
    }

    #[test]
    fn what_is_folded_away_is_in_no_excerpt() {
        let spoiler = "看完了。<details><summary>剧透</summary>凶手是<b>他</b><details><summary>再里</summary>乙</details></details>真的";
        assert_eq!(of(&Text::html(spoiler), 99), "看完了。剧透 真的");
        assert_eq!(of(&Text::html("<summary>不在里面</summary>外"), 99), "不在里面外");
    }
}
