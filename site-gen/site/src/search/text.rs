//! The text of a post's page and of each comment on it, as a reader sees it, taken from the page itself.
//!
//! 1. The post is in `article.post` (or, in a theme without it, in `main`); a comment is an `article[data-comment]`.
//! 2. The site's own words (bylines, labels, numbers) are skipped: [`SKIPPED`], and everything with `data-search="no"`.
//! 3. Blocks, rows and line breaks separate texts; markup inside a line does not. Pictures count as their descriptions. A tag
//!    begins with `#`, as on the page, so that results can tell it from a sentence. For the search, this is only a space.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use lol_html::{
    EndTagHandler, RewriteStrSettings, doc_text, element, html_content::Element, html_content::TextType, rewrite_str,
};

use circle_html::{entities, tags::Unclear};

mod plain;

/// Elements with the site's own words, or without words.
pub const SKIPPED: &str = "script, style, template, noscript, nav, button, .post-head, .reply-to, .as-text, .tombstone-what, .quoted-by, \
     .poll > h2, .poll meter, .poll-votes, .attachments > h2, .counts, .original, .long-note, .footnote-reference, \
     .footnote-definition-label, .footnote-back, .circle-by, .circle-answers, .circle-actions, .circle-gone, .circle-count, \
     .circle-empty, [data-search=no]";

/// Elements that separate their text from the text before and after them.
const BLOCKS: &str = "p, br, hr, div, section, article, aside, header, footer, main, h1, h2, h3, h4, h5, h6, ul, ol, li, dl, dt, dd, \
     table, caption, tr, td, th, blockquote, pre, figure, figcaption, details, summary, audio, video, meter, circle-widget";

/// The texts of one page.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Texts {
    /// The post's own text.
    pub(super) post: String,
    /// Anchor and text of each comment, in the order of the page.
    pub(super) comments: Vec<(String, String)>,
}

/// The destination of text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum To {
    Nowhere,
    Post,
    Comment,
}

/// Reads a post's page. This is not a sanitiser: the result is text.
pub(super) fn of_page(html: &str) -> Texts {
    let mut texts = match plain::of_page(html, has_post(html)) {
        Ok(texts) => {
            // In tests, both readers read every page.
            debug_assert_eq!(texts, fully(html), "two readers of one page");
            texts
        }
        Err(Unclear) => fully(html),
    };
    texts.post = lines(&texts.post);
    for (_, comment) in &mut texts.comments {
        *comment = lines(comment);
    }
    texts
}

/// True for a page whose theme marks the post.
fn has_post(html: &str) -> bool {
    html.contains("<article class=\"post")
}

/// Like [`of_page`], with a full HTML parser, for themes with complicated markup.
fn fully(html: &str) -> Texts {
    let root = if has_post(html) { "article.post" } else { "main" };
    let texts = Rc::new(RefCell::new(Texts::default()));
    let to = Rc::new(Cell::new(To::Nowhere));
    let skipping = Rc::new(Cell::new(0_usize));
    let push = {
        let (texts, to, skipping) = (Rc::clone(&texts), Rc::clone(&to), Rc::clone(&skipping));
        move |text: &str| {
            let mut texts = texts.borrow_mut();
            match to.get() {
                _ if skipping.get() > 0 => {}
                To::Nowhere => {}
                To::Post => texts.post.push_str(text),
                To::Comment => {
                    if let Some((_, comment)) = texts.comments.last_mut() {
                        comment.push_str(text);
                    }
                }
            }
        }
    };
    let enter = |place: To| {
        let (to, texts) = (Rc::clone(&to), Rc::clone(&texts));
        move |el: &mut Element<'_, '_>| {
            let before = to.replace(place);
            if place == To::Comment {
                let anchor = entities::decoded_attribute(&el.get_attribute("id").unwrap_or_default()).into_owned();
                texts.borrow_mut().comments.push((anchor, String::new()));
            }
            let to = Rc::clone(&to);
            at_end(el, move || to.set(before));
            Ok(())
        }
    };
    let skip = {
        let skipping = Rc::clone(&skipping);
        move |el: &mut Element<'_, '_>| {
            let counter = Rc::clone(&skipping);
            if at_end(el, move || counter.set(counter.get().saturating_sub(1))) {
                skipping.set(skipping.get() + 1);
            }
            Ok(())
        }
    };
    let part = {
        let push = push.clone();
        move |el: &mut Element<'_, '_>| {
            push("\n");
            let push = push.clone();
            at_end(el, move || push("\n"));
            Ok(())
        }
    };
    let picture = {
        let push = push.clone();
        move |el: &mut Element<'_, '_>| {
            // If there is no description, the word for it is the site's own.
            if el.get_attribute("data-search").as_deref() != Some("no") {
                push("\n");
                push(&spaced(&el.get_attribute("alt").unwrap_or_default()));
                push("\n");
            }
            Ok(())
        }
    };
    let tag = {
        let push = push.clone();
        move |_: &mut Element<'_, '_>| {
            push("#");
            Ok(())
        }
    };
    let settings = RewriteStrSettings::new()
        .with_strict(false)
        .append_element_content_handler(element!(root, enter(To::Post)))
        .append_element_content_handler(element!("article[data-comment]", enter(To::Comment)))
        .append_element_content_handler(element!(SKIPPED, skip))
        .append_element_content_handler(element!(BLOCKS, part))
        .append_element_content_handler(element!("img", picture))
        .append_element_content_handler(element!(".tags > li", tag))
        .append_document_content_handler(doc_text!(|chunk| {
            if matches!(chunk.text_type(), TextType::Data | TextType::RCData) {
                push(&spaced(chunk.as_str()));
            }
            Ok(())
        }));
    // If the markup is wrong, the text up to the mistake is better than nothing. The pages are our own, so this never happens.
    let _ = rewrite_str(html, settings);
    texts.take()
}

/// Runs something at the end tag; returns false for an element without one.
fn at_end(el: &mut Element<'_, '_>, run: impl FnOnce() + 'static) -> bool {
    let Some(handlers) = el.end_tag_handlers() else { return false };
    let end: EndTagHandler<'static> = Box::new(move |_| {
        run();
        Ok(())
    });
    handlers.push(end);
    true
}

/// White space in HTML becomes a space. We use a line feed for the end of a block.
fn spaced(text: &str) -> String {
    text.replace(['\n', '\r', '\t'], " ")
}

/// Decoded lines without empty ones.
fn lines(raw: &str) -> String {
    let words =
        raw.split('\n').map(|line| line.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" "));
    let out = words.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n");
    entities::decoded(&out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_its_content_without_what_the_site_says() {
        let texts = of_page(concat!(
            "<nav>导航</nav><main id=\"main\"><article class=\"post column\"><header class=\"post-head\"><h1>题</h1></header>",
            "<div class=\"prose\">\n<p>一<b>二</b>三&amp;&lt;script&gt;<br>四</p><table><tr><td>甲</td><td>乙</td></tr></table>",
            "<img src=\"x\" alt=\"海&quot;边\"><img src=\"y\" alt=\"图片\" data-search=\"no\"></div><section class=\"poll\"><h2>投票</h2><ul><li><span>选 A</span>",
            "<meter>3</meter><span class=\"poll-votes\">3 票</span></li></ul></section></article>",
            "<circle-widget><section class=\"circle-thread\"><h2 class=\"circle-count\">1 条评论</h2>",
            "<article class=\"circle-comment\" id=\"c-7\" data-comment=\"7\"><header class=\"circle-by\">林晚</header>",
            "<div class=\"circle-text\"><p>好看</p>\n</div></article></section></circle-widget></main>页脚",
        ));
        assert_eq!(texts.post, "一二三&<script>\n四\n甲\n乙\n海\"边\n选 A");
        assert_eq!(texts.comments, [("c-7".to_owned(), "好看".to_owned())]);
    }
}
