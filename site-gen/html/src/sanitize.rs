//! Turns a hostile text into [`SafeHtml`]. Every imported text passes through here:
//!
//! 1. A text that would make the real parsers slow (by size, depth, attributes or misnesting; `sanitize/afford.rs`) is shown as plain text.
//!    This is checked on the input, on what the parsers get, and before every pass of step 4, because a pass can grow the text.
//! 2. Markdown becomes HTML ([`circle_model::text::markdown_to_unsafe_html`]).
//! 3. Lazy pictures, frames, players, check boxes and cell alignment are rewritten into elements that step 4 keeps.
//! 4. ammonia cleans the HTML with a short allow-list, until nothing changes any more.
//! 5. Pictures, players, links, headings and tables become those of the site. Nothing is ever loaded from another host.
//! 6. Footnotes link back to their reference (`sanitize/notes.rs`).

use std::{
    cell::{Cell, RefCell},
    collections::BTreeSet,
    rc::Rc,
};

use circle_model::{
    archive::{Text, TextFormat},
    text::{LineBreaks, SafeHtml, is_safe_address, markdown_to_unsafe_html, plain, push_escaped},
};
use lol_html::{
    RewriteStrSettings, element,
    html_content::{ContentType, Element},
    rewrite_str,
};

use crate::entities;

mod afford;
mod figure;
mod notes;

pub use afford::{As, affordable};
use figure::player;
pub use figure::{Alt, lost, medium_html, own_picture, picture, tile};

/// Longer texts, in bytes, are shown as plain text.
pub const MAX_SOURCE: usize = 1 << 20;
/// ammonia is stable after two passes on every known input. More passes than this are an attack.
const MAX_PASSES: usize = 5;

/// What the page that shows the text knows about pictures and links.
pub trait Surroundings {
    /// What the picture, audio or video at this address is, or what the page says if it is missing.
    fn medium(&self, address: &str) -> Medium;
    /// The target of a link.
    fn link(&self, address: &str) -> Link;
    /// The label of the box for a missing picture or file, from its alternative text.
    fn lost_label(&self, alt: &str, is_file: bool) -> String;
    /// The alternative text of a picture that has none.
    fn some_picture(&self) -> &str {
        ""
    }
    /// The label of a picture so tall that only its top is shown.
    fn long_picture(&self) -> &str;
    /// The label that collapses a tall picture again.
    fn fold_picture(&self) -> &str {
        self.long_picture()
    }
    /// What a reader should know about an audio, video or file before loading it, by the address that [`Medium`] gave.
    fn file_note(&self, _href: &str) -> Option<FileNote> {
        None
    }
    /// The label of the link back from footnote number n; empty if there is none.
    fn note_back(&self, _number: &str) -> String {
        String::new()
    }
    /// The label of a scrolling box for screen readers.
    fn scroll_label(&self, _code: bool) -> &str {
        ""
    }
}

/// The description of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileNote {
    /// Its name.
    pub name: String,
    /// Its kind, size and duration: `MP3 · 1.2 MB · 1:20`.
    pub about: String,
    /// Why browsers cannot show or play it, if that is so.
    pub why: Option<String>,
    /// Width and height of a video in pixels, if the source says.
    pub size: Option<(u32, u32)>,
}

/// A medium as a text may use it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Medium {
    /// A picture of the site.
    Picture {
        /// Its address, relative to the page.
        href: String,
        /// Width and height in pixels, if known.
        size: Option<(u32, u32)>,
        /// The alternative text, if the text has none.
        alt: Option<String>,
    },
    /// An audio file of the site, by its address relative to the page.
    Sound(String),
    /// A video of the site, by its address relative to the page.
    Video(String),
    /// Another file, by its address relative to the page, and its name.
    File(String, String),
    /// Missing: the reason, and its address as text.
    Lost {
        /// The reason, in words.
        reason: String,
        /// Its former address; empty if unknown.
        address: String,
        /// True if it is known not to be a picture, such as a PDF or an audio file.
        is_file: bool,
        /// Width and height of the picture or video in pixels, if the source says.
        size: Option<(u32, u32)>,
    },
}

/// The target of a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// Another site; the link is kept.
    Outside(String),
    /// A page of this site, relative to the page.
    Inside(String),
    /// Nothing: only the link's text stays.
    Nowhere,
}

/// A sanitised text.
#[derive(Clone, Debug, Default)]
pub struct Cleaned {
    /// The HTML.
    pub html: SafeHtml,
    /// Why the text is shown as plain text, if it is.
    pub shown_as_text: Option<&'static str>,
}

/// Sanitises a text. `breaks` says what a single line break in Markdown means. Never fails: a text that cannot be parsed within the limits
/// is shown as plain text, so that no word is lost.
#[must_use]
pub fn html(text: &Text, breaks: LineBreaks, page: &dyn Surroundings) -> Cleaned {
    let source = text.source.as_str();
    if source.len() > MAX_SOURCE {
        return as_text(source, "it is over 1 MB");
    }
    let unsafe_html = match text.format {
        TextFormat::Plain => return finished(rewrite(plain(source).as_str(), page), source),
        TextFormat::Markdown => markdown_to_unsafe_html(source, breaks),
        TextFormat::Html => source.to_owned(),
    };
    let Some(prepared) = prepare(&unsafe_html) else { return as_text(source, "its HTML cannot be read") };
    match clean_until_stable(prepared, For::Page) {
        Ok(clean) => finished(rewrite(&clean, page).map(|html| with_notes(html, page)), source),
        Err(reason) => as_text(source, reason),
    }
}

/// The part of `html` that can reach a page, before the page's own pictures, links and headings are inserted. This is the form in which
/// HTML is stored and published as data. `None` if a page shows the source itself.
pub(crate) fn kept(html: &str) -> Option<String> {
    if html.len() > MAX_SOURCE {
        return None;
    }
    let clean = clean_until_stable(prepare(html)?, For::Keeping).ok()?;
    // ammonia leaves an empty attribute if none of the classes may stay.
    Some(clean.replace(" class=\"\"", ""))
}

fn with_notes(html: String, page: &dyn Surroundings) -> String {
    if page.note_back("").is_empty() { html } else { notes::with_ways_back(html, |number| page.note_back(number)) }
}

#[expect(clippy::disallowed_methods, reason = "this is the generator's one way to safe HTML")]
fn finished(html: Option<String>, source: &str) -> Cleaned {
    match html {
        Some(html) => Cleaned { html: SafeHtml::vouch(html), shown_as_text: None },
        None => as_text(source, "its HTML cannot be read"),
    }
}

fn as_text(source: &str, reason: &'static str) -> Cleaned {
    Cleaned { html: plain(source), shown_as_text: Some(reason) }
}

/// Attributes in which lazily loading pages keep the real address; `src` has only a placeholder.
pub(crate) const LATE: &[&str] = &["data-src", "data-original", "data-lazy-src", "data-actualsrc", "data-url"];

/// Moves content that ammonia would drop, and readers need, into elements that it keeps. The output is as hostile as the input.
fn prepare(html: &str) -> Option<String> {
    let handler = element!("*", |el: &mut Element<'_, '_>| {
        match el.tag_name().as_str() {
            "img" => {
                if let Some(address) =
                    LATE.iter().find_map(|name| el.get_attribute(name).filter(|a| !a.trim().is_empty()))
                {
                    el.set_attribute("src", &address)?;
                }
            }
            "iframe" | "embed" | "object" => {
                let address = el.get_attribute("src").or_else(|| el.get_attribute("data")).unwrap_or_default();
                let quoted = address.replace('"', "&quot;");
                el.replace(&format!("<video src=\"{quoted}\"></video>"), ContentType::Html);
            }
            "input" => {
                let checkbox = el.get_attribute("type").is_some_and(|kind| kind.eq_ignore_ascii_case("checkbox"));
                let mark = if el.has_attribute("checked") { "☑ " } else { "☐ " };
                el.replace(if checkbox { mark } else { "" }, ContentType::Text);
            }
            "td" | "th" => {
                let style = el.get_attribute("style").unwrap_or_default().to_ascii_lowercase();
                let align = ["left", "center", "right"].into_iter().find(|side| {
                    style
                        .split("text-align")
                        .nth(1)
                        .is_some_and(|rest| rest.trim_start_matches([':', ' ']).starts_with(side))
                });
                if let Some(side) = align {
                    el.set_attribute("align", side)?;
                }
            }
            _ => {}
        }
        Ok(())
    });
    let settings = RewriteStrSettings::new().with_strict(false);
    rewrite_str(html, settings.append_element_content_handler(handler)).ok()
}

pub(crate) const TAGS: &[&str] = &[
    "a",
    "abbr",
    "audio",
    "b",
    "bdi",
    "bdo",
    "blockquote",
    "br",
    "caption",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "details",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "mark",
    "ol",
    "p",
    "pre",
    "q",
    "rp",
    "rt",
    "ruby",
    "s",
    "samp",
    "small",
    "source",
    "span",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "time",
    "tr",
    "u",
    "ul",
    "var",
    "video",
    "wbr",
];

/// Elements that are removed together with their content.
pub(crate) const GONE: &[&str] = &[
    "script", "style", "noscript", "template", "svg", "math", "select", "textarea", "title", "head", "xmp", "noembed",
    "noframes",
];

/// Attributes that every element may have, then those of single elements.
pub(crate) const ATTRIBUTES: &[(&str, &[&str])] = &[
    ("", &["lang", "dir", "title", "id"]),
    ("a", &["href"]),
    ("img", &["src", "alt"]),
    ("video", &["src"]),
    ("audio", &["src"]),
    ("source", &["src"]),
    ("ol", &["start"]),
    ("li", &["value"]),
    ("td", &["colspan", "rowspan"]),
    ("th", &["colspan", "rowspan"]),
    ("time", &["datetime"]),
];
/// Elements whose text may be aligned.
const ALIGNED: &[&str] = &["td", "th"];
/// Classes that elements may have: those of footnotes.
const CLASSES: &[(&str, &[&str])] =
    &[("sup", &["footnote-reference", "footnote-definition-label"]), ("div", &["footnote-definition"])];

/// True for an attribute that is kept.
pub(crate) fn is_kept(element: &str, attribute: &str) -> bool {
    let listed = ATTRIBUTES
        .iter()
        .any(|(name, attributes)| (name.is_empty() || *name == element) && attributes.contains(&attribute));
    listed
        || (attribute == "align" && ALIGNED.contains(&element))
        || (attribute == "class" && CLASSES.iter().any(|(name, _)| *name == element))
}

/// The purpose of the clean HTML.
#[derive(Clone, Copy, PartialEq, Eq)]
enum For {
    /// For a page. Ids in the text must not collide with those of the site.
    Page,
    /// For the archive and `data/`.
    Keeping,
}

fn clean_until_stable(html: String, goal: For) -> Result<String, &'static str> {
    let mut cleaner = ammonia::Builder::empty();
    cleaner
        .add_tags(TAGS)
        .add_clean_content_tags(GONE)
        .add_url_schemes(&["http", "https", "mailto"])
        .url_relative(ammonia::UrlRelative::PassThrough)
        .link_rel((goal == For::Page).then_some("nofollow ugc noopener noreferrer"))
        .strip_comments(true)
        .id_prefix((goal == For::Page).then_some("u-"));
    for (element, attributes) in ATTRIBUTES {
        match *element {
            "" => cleaner.add_generic_attributes(*attributes),
            element => cleaner.add_tag_attributes(element, *attributes),
        };
    }
    for element in ALIGNED {
        cleaner.add_tag_attribute_values(element, "align", &["left", "center", "right"]);
    }
    for (element, classes) in CLASSES {
        cleaner.add_allowed_classes(element, *classes);
    }
    affordable(&html, As::Body)?;
    let mut current = cleaner.clean(&html).to_string();
    // ammonia adds the prefix to every id again in every pass, so only the first pass may add it.
    cleaner.id_prefix(None);
    for _ in 0..MAX_PASSES {
        affordable(&current, As::Body)?;
        let next = cleaner.clean(&current).to_string();
        if next == current {
            return Ok(current);
        }
        current = next;
    }
    Err("its HTML changes each time it is cleaned")
}

/// What the first scan of the clean HTML found.
#[derive(Default)]
struct FirstScan {
    ids: BTreeSet<String>,
}

/// The open headings: each with its own rank, and its rank on the page.
#[derive(Default)]
struct Outline(Vec<(u8, u8)>);

impl Outline {
    /// The rank on the page for a heading of `rank`: below the page's own heading, and never skipping a level, because users of screen
    /// readers navigate by levels.
    fn place(&mut self, rank: u8) -> u8 {
        while self.0.pop_if(|(own, _)| *own >= rank).is_some() {}
        let placed = self.0.last().map_or(2, |(_, above)| above + 1).min(6);
        self.0.push((rank, placed));
        placed
    }
}

fn look(html: &str) -> Option<FirstScan> {
    let found = RefCell::new(FirstScan::default());
    let handler = element!("*", |el: &mut Element<'_, '_>| {
        let mut found = found.borrow_mut();
        found.ids.extend(el.get_attribute("id"));
        Ok(())
    });
    let settings = RewriteStrSettings::new().with_strict(false);
    rewrite_str(html, settings.append_element_content_handler(handler)).ok()?;
    Some(found.into_inner())
}

/// Replaces pictures, links, headings and tables of clean HTML by the site's own. The input has only elements of [`TAGS`].
fn rewrite(html: &str, page: &dyn Surroundings) -> Option<String> {
    let found = look(html)?;
    let in_link = Rc::new(Cell::new(0_usize));
    let seen_ids = RefCell::new(BTreeSet::new());
    let outline = RefCell::new(Outline::default());
    let handler = element!("*", |el: &mut Element<'_, '_>| {
        if let Some(id) = el.get_attribute("id") {
            // An id that occurs twice, or that no URL fragment can name, is removed.
            let plain = !id.is_empty() && id.bytes().all(|b| !b.is_ascii_whitespace() && !b"\"'<>%#&".contains(&b));
            if !plain || !seen_ids.borrow_mut().insert(id) {
                el.remove_attribute("id");
            }
        }
        let tag = el.tag_name();
        match tag.as_str() {
            "a" => link(el, page, &found.ids, &in_link)?,
            "img" => {
                let address = unescape(&el.get_attribute("src").unwrap_or_default());
                let alt = unescape(&el.get_attribute("alt").unwrap_or_default());
                let html = picture(&address, &alt, in_link.get() > 0, page);
                el.replace(&html, ContentType::Html);
            }
            "video" | "audio" | "source" => match el.get_attribute("src") {
                Some(address) => {
                    let html = player(&unescape(&address), page, in_link.get() > 0);
                    el.replace(&html, ContentType::Html);
                }
                None => el.remove_and_keep_content(),
            },
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                let level = outline.borrow_mut().place(tag.as_bytes().get(1).map_or(6, |digit| digit - b'0'));
                el.set_tag_name(&format!("h{level}"))?;
            }
            "table" => {
                el.before(&table_box(page), ContentType::Html);
                el.after("</div>", ContentType::Html);
            }
            "pre" => scrolls(el, page)?,
            // The `datetime` of imported texts is often invalid, and then the element is an error in HTML.
            "time" => {
                el.remove_attribute("datetime");
                el.set_tag_name("span")?;
            }
            _ => {}
        }
        Ok(())
    });
    let settings = RewriteStrSettings::new().with_strict(false);
    rewrite_str(html, settings.append_element_content_handler(handler)).ok()
}

fn link(
    el: &mut Element<'_, '_>,
    page: &dyn Surroundings,
    ids: &BTreeSet<String>,
    in_link: &Rc<Cell<usize>>,
) -> lol_html::HandlerResult {
    let address = unescape(&el.get_attribute("href").unwrap_or_default());
    let leads = match address.strip_prefix('#') {
        Some(id) if ids.contains(&format!("u-{id}")) => Link::Inside(format!("#u-{id}")),
        Some(_) => Link::Nowhere,
        None if address.is_empty() || !is_safe_address(&address) => Link::Nowhere,
        None => page.link(&address),
    };
    match leads {
        Link::Nowhere => {
            el.remove_and_keep_content();
            return Ok(());
        }
        Link::Inside(href) => {
            el.set_attribute("href", &escaped(&href))?;
            el.remove_attribute("rel");
        }
        Link::Outside(href) => el.set_attribute("href", &escaped(&href))?,
    }
    in_link.set(in_link.get() + 1);
    let counter = Rc::clone(in_link);
    if let Some(handlers) = el.end_tag_handlers() {
        handlers.push(Box::new(move |_| {
            counter.set(counter.get().saturating_sub(1));
            Ok(())
        }));
    }
    Ok(())
}

/// The start tag of the box in which a table scrolls, also by keyboard.
fn table_box(page: &dyn Surroundings) -> String {
    match page.scroll_label(false) {
        "" => "<div class=\"table-scroll\" tabindex=\"0\" role=\"group\">".to_owned(),
        label => {
            format!("<div class=\"table-scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{}\">", escaped(label))
        }
    }
}

/// Lets keyboard users scroll to the end of a long line.
fn scrolls(el: &mut Element<'_, '_>, page: &dyn Surroundings) -> lol_html::HandlerResult {
    let label = page.scroll_label(true);
    if !label.is_empty() {
        el.set_attribute("tabindex", "0")?;
        el.set_attribute("role", "region")?;
        el.set_attribute("aria-label", &escaped(label))?;
    }
    Ok(())
}

/// A text that is already safe, with its tables and code blocks in scrolling boxes.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "a safe text with boxes of the site's own around its tables")]
pub fn with_boxes(html: SafeHtml, page: &dyn Surroundings) -> SafeHtml {
    if !html.as_str().contains("<pre") && !html.as_str().contains("<table") {
        return html;
    }
    let handler = element!("table, pre", |el: &mut Element<'_, '_>| {
        if el.tag_name() == "pre" {
            return scrolls(el, page);
        }
        el.before(&table_box(page), ContentType::Html);
        el.after("</div>", ContentType::Html);
        Ok(())
    });
    let settings = RewriteStrSettings::new().with_strict(false);
    match rewrite_str(html.as_str(), settings.append_element_content_handler(handler)) {
        Ok(boxed) => SafeHtml::vouch(boxed),
        Err(_) => html,
    }
}

/// `html` after the name of the member it answers, for sources that know the member but not the comment.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "a safe text with escaped words before it")]
pub fn addressed(label: &str, name: &str, html: SafeHtml) -> SafeHtml {
    SafeHtml::vouch(format!(
        "<p class=\"circle-answers\">{} <bdi>{}</bdi></p>{}",
        escaped(label),
        escaped(name),
        html.as_str()
    ))
}

/// `html` followed by a medium.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "a safe text with one of the site's own pictures after it")]
pub fn with_medium(html: SafeHtml, medium: Medium, alt: &str, page: &dyn Surroundings) -> SafeHtml {
    let figure = figure::html_of(medium, alt, false, page);
    SafeHtml::vouch(format!("{}<p class=\"figure\">{figure}</p>", html.as_str()))
}

/// `text`, escaped for element content and quoted attributes.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    push_escaped(&mut out, text);
    out
}

/// The value of an attribute, trimmed.
fn unescape(value: &str) -> String {
    entities::decoded_attribute(value).trim().to_owned()
}

#[cfg(test)]
#[path = "sanitize/tests.rs"]
mod tests;
