//! A saved page: read within limits, parsed, with the metadata of its head.
//!
//! 1. A page over 32 MB is refused, so that memory stays small.
//! 2. Scripts and drawings are removed before parsing. The text of scripts is kept, because some pages have all their content in one.
//! 3. A page that is nested too deeply is refused before a tree is built.
//! 4. Browsers and SingleFile state in a comment at the start where and when a page was saved.

use std::{cell::RefCell, rc::Rc};

use dom_query::{Document, NodeRef};
use lol_html::{RewriteStrSettings, element, rewrite_str, text};
use serde_json::Value;

use crate::json;
use circle_content::{dates, decode, input::Input, options::Options, report::Report};
use circle_html::sanitize;

/// The maximum size of a page in bytes. The longest real article with embedded pictures had 30 MB.
pub(super) const LONGEST: u64 = 32 << 20;

/// The maximum number of tags. A tree takes far more memory than its text; real pages have about ten thousand tags.
const MOST_TAGS: usize = 600_000;

/// A page, with the metadata of its head.
pub(super) struct Page {
    /// Its path in the input.
    pub(super) path: String,
    /// The tree, without scripts and drawings.
    pub(super) document: Document,
    /// The texts of its scripts, in order.
    pub(super) scripts: Vec<String>,
    /// The JSON-LD objects of its head, including those in lists and `@graph`.
    pub(super) linked_data: Vec<Value>,
    /// Its address on the web.
    pub(super) address: Option<String>,
    /// The day on which it was saved.
    pub(super) saved: Option<jiff::civil::Date>,
}

/// True for the extension of a saved page.
pub(crate) fn is_page(path: &str) -> bool {
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    ["html", "htm", "xhtml", "shtml"].iter().any(|known| extension.eq_ignore_ascii_case(known))
}

/// True for packed page formats that are not supported.
pub(super) fn is_packed(path: &str) -> bool {
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    ["mht", "mhtml", "webarchive", "maff"].iter().any(|known| extension.eq_ignore_ascii_case(known))
}

/// True for a file in the folder that a browser makes beside a page: frames and advertisements.
pub(super) fn is_part(path: &str) -> bool {
    path.split('/').rev().skip(1).any(|folder| folder.ends_with("_files") || folder.ends_with(".files"))
}

/// The first bytes of a page as text, for probing.
pub(super) fn head(input: &Input, path: &str, bytes: u64) -> String {
    input.head(path, bytes).map(|head| decode::text(&head).text).unwrap_or_default()
}

/// The pages of an input, without the parts of other pages.
pub(super) fn pages(input: &Input) -> impl Iterator<Item = &str> {
    input.entries().iter().map(|entry| entry.path.as_str()).filter(|path| is_page(path) && !is_part(path))
}

/// Reports a problem for every page in an unsupported packed format.
pub(super) fn refuse_packed(input: &Input, report: &mut Report) {
    for entry in input.entries().iter().filter(|entry| is_packed(&entry.path)) {
        let what = "this page is packed in a format that is not read (MHTML or a web archive)";
        let help = "open it in a browser and save it again as \"web page, complete\", or with the extension SingleFile";
        report.problem(&entry.path, what, help);
    }
}

impl Page {
    /// Reads a page. `None` with a problem in the report if it cannot be read.
    pub(super) fn read(input: &Input, path: &str, options: &Options, report: &mut Report) -> Option<Self> {
        let size = input.entry(path).map_or(0, |entry| entry.bytes);
        let too_long = size > LONGEST;
        let bytes = match (!too_long).then(|| input.read(path, LONGEST)) {
            Some(Ok(bytes)) => bytes,
            Some(Err(error)) if !error.what.contains("limit") => {
                report.problem(path, error.what, error.help);
                return None;
            }
            _ => {
                report.problem(
                    path,
                    format!("this page has {} MB, and only 32 MB are read of one page", size >> 20),
                    "save it in parts, or export it again with its pictures beside it instead of inside it",
                );
                return None;
            }
        };
        let decoded = decode::text(&bytes);
        drop(bytes);
        report.notes.extend(decoded.note.map(|note| format!("{path}: {note}")));
        if decoded.text.trim().is_empty() {
            report.problem(path, "there is nothing in this file", "save the page again, or remove the file");
            return None;
        }
        match Self::parse(path, &decoded.text, options) {
            Ok(page) => Some(page),
            Err(what) => {
                report.problem(
                    path,
                    format!("this page cannot be read: {what}"),
                    "open it in a browser and save it again",
                );
                None
            }
        }
    }

    /// Parses a page.
    ///
    /// # Errors
    /// With the reason in words.
    pub(super) fn parse(path: &str, html: &str, options: &Options) -> Result<Self, &'static str> {
        let (bare, scripts, data) = without_scripts(html).ok_or("it is no HTML")?;
        if bare.bytes().filter(|byte| *byte == b'<').count() > MOST_TAGS {
            return Err("it has too many elements");
        }
        sanitize::affordable(&bare, sanitize::As::Page)?;
        let document = Document::from(bare);
        let mut linked_data = Vec::new();
        for text in data {
            if let Ok(value) = json::value(text.trim()) {
                flatten(value, &mut linked_data, 0);
            }
        }
        let start: String = html.chars().take(4096).collect();
        let (saved_from, saved) = saved(&start, options);
        let link = document.select_single("link[rel=canonical]").attr("href").map(|href| href.to_string());
        let mut page = Self { path: path.to_owned(), document, scripts, linked_data, address: saved_from, saved };
        let absolute = |address: &String| address.starts_with("https://") || address.starts_with("http://");
        page.address =
            page.address.take().or(link).filter(absolute).or_else(|| page.meta(&["og:url"]).filter(absolute));
        Ok(page)
    }

    /// The content of the first of these `<meta>` elements that is not empty, by name, property or itemprop.
    pub(super) fn meta(&self, names: &[&str]) -> Option<String> {
        let metas = self.document.select("meta[content]");
        names.iter().find_map(|wanted| {
            metas.nodes().iter().find_map(|meta| {
                let named = ["property", "name", "itemprop"]
                    .iter()
                    .any(|key| meta.attr(key).is_some_and(|name| name.eq_ignore_ascii_case(wanted)));
                let content = meta.attr("content").filter(|_| named)?;
                Some(content.trim().to_owned()).filter(|content| !content.is_empty())
            })
        })
    }

    /// The text of the first element that matches `selector`, on one line.
    pub(super) fn text(&self, selector: &str) -> Option<String> {
        self.document.select_single(selector).nodes().first().and_then(line)
    }

    /// These options with the day on which the page was saved as the day of the export, for dates such as `昨天`.
    pub(super) fn options(&self, options: &Options) -> Options {
        Options { now_day: self.saved.or(options.now_day), ..options.clone() }
    }
}

/// The text of an element on one line.
pub(super) fn line(node: &NodeRef<'_>) -> Option<String> {
    let text = node.text().split_whitespace().collect::<Vec<_>>().join(" ");
    (!text.is_empty()).then_some(text)
}

/// These options with China's time zone for dates without one, because the platform shows all times in it.
pub(super) fn in_china(options: &Options) -> Options {
    let zone = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap_or_else(|_| options.zone.clone());
    Options { zone, zone_from: circle_model::time::ZoneFrom::Exporter, ..options.clone() }
}

/// The text of HTML in a form in which two copies of it are equal.
pub(super) fn bare(html: &str) -> String {
    circle_html::document::plain_text(html).split_whitespace().collect::<Vec<_>>().join(" ")
}

type Parts = (String, Vec<String>, Vec<String>);

/// The page without scripts, styles and drawings; the texts of its scripts; and those that are JSON-LD.
fn without_scripts(html: &str) -> Option<Parts> {
    #[derive(Default)]
    struct Seen {
        scripts: Vec<String>,
        data: Vec<String>,
        is_data: bool,
    }
    let seen = Rc::new(RefCell::new(Seen::default()));
    let (begins, texts) = (Rc::clone(&seen), Rc::clone(&seen));
    let settings = RewriteStrSettings::new()
        .with_strict(false)
        .append_element_content_handler(element!("script", move |script| {
            let mut seen = begins.borrow_mut();
            let kind = script.get_attribute("type").unwrap_or_default().to_ascii_lowercase();
            seen.is_data = kind == "application/ld+json";
            let list = if seen.is_data { &mut seen.data } else { &mut seen.scripts };
            list.push(String::new());
            drop(seen);
            script.remove();
            Ok(())
        }))
        .append_element_content_handler(text!("script", move |chunk| {
            let mut seen = texts.borrow_mut();
            let list = if seen.is_data { &mut seen.data } else { &mut seen.scripts };
            if let Some(last) = list.last_mut() {
                last.push_str(chunk.as_str());
            }
            Ok(())
        }))
        .append_element_content_handler(element!("style, svg, template", |el| {
            el.remove();
            Ok(())
        }));
    let bare = rewrite_str(html, settings).ok()?;
    let seen = seen.take();
    let full = |list: Vec<String>| list.into_iter().filter(|text| !text.trim().is_empty()).collect();
    Some((bare, full(seen.scripts), full(seen.data)))
}

fn flatten(value: Value, into: &mut Vec<Value>, depth: usize) {
    match value {
        Value::Array(items) if depth < 8 => items.into_iter().for_each(|item| flatten(item, into, depth + 1)),
        Value::Object(mut fields) => {
            let graph = fields.remove("@graph");
            into.push(Value::Object(fields));
            if let Some(graph) = graph.filter(|_| depth < 8) {
                flatten(graph, into, depth + 1);
            }
        }
        _ => {}
    }
}

/// Where and when a page was saved: `<!-- saved from url=(0042)https://… -->` from browsers, and SingleFile's comment with `url:` and
/// `saved date:`.
fn saved(start: &str, options: &Options) -> (Option<String>, Option<jiff::civil::Date>) {
    let single = start.split_once("Page saved with SingleFile").and_then(|(_, rest)| rest.split("-->").next());
    if let Some(comment) = single {
        let field = |name: &str| {
            let lines = comment.lines().map(str::trim);
            lines.filter_map(|line| line.strip_prefix(name)).map(|value| value.trim().to_owned()).next()
        };
        let day = field("saved date:").and_then(|date| day(&date, options));
        return (field("url:"), day);
    }
    let from = start.split_once("saved from url=(").and_then(|(_, rest)| rest.split_once(')'));
    let address = from.and_then(|(_, rest)| rest.split("-->").next()).map(|address| address.trim().to_owned());
    (address, None)
}

/// The day of a date in China, where the people who saved it were.
pub(super) fn day(date: &str, options: &Options) -> Option<jiff::civil::Date> {
    let time = dates::read(date, options)?;
    let at = jiff::Timestamp::from_millisecond(time.utc?.0).ok()?;
    Some(at.to_zoned_datetime(options.zone.clone()).date())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(html: &str) -> Page {
        Page::parse("a.html", html, &Options::default()).unwrap()
    }

    #[test]
    fn where_and_when_a_page_was_saved() {
        let chrome = page(
            "<!DOCTYPE html>\n<!-- saved from url=(0026)https://circle.example/p/1 -->\n<html><head></head></html>",
        );
        assert_eq!(chrome.address.as_deref(), Some("https://circle.example/p/1"));
        let single = page(
            "<!DOCTYPE html> <html><!--\n Page saved with SingleFile \n url: https://circle.example/p/2 \n saved date: Tue May 09 2023 21:27:04 GMT+0800 (中国标准时间)\n--><head>",
        );
        assert_eq!(single.address.as_deref(), Some("https://circle.example/p/2"));
        assert_eq!(single.saved, Some(jiff::civil::date(2023, 5, 9)));
        let head = page(
            "<html><head><link rel=canonical href='/x'><meta property='og:url' content='https://circle.example/3'>",
        );
        assert_eq!(head.address.as_deref(), Some("https://circle.example/3"));
    }

    #[test]
    fn scripts_are_read_and_not_shown() {
        let page = page(
            "<script>var a = '<div>';</script><script type=application/ld+json>[{\"@graph\":[{\"@type\":\"Article\"}]}]</script><p>一<style>p{}</style></p>",
        );
        assert_eq!(page.scripts, ["var a = '<div>';"]);
        assert_eq!(page.linked_data.len(), 2);
        assert_eq!(page.text("body").as_deref(), Some("一"));
    }

    #[test]
    fn a_page_of_hundreds_of_megabytes_is_refused_before_it_is_read() {
        let long = vec![b' '; usize::try_from(LONGEST).unwrap() + 1];
        let input = Input::memory(std::collections::BTreeMap::from([("a.html".to_owned(), long)]));
        let mut report = Report::default();
        assert!(Page::read(&input, "a.html", &Options::default(), &mut report).is_none());
        assert!(report.problems[0].what.contains("only 32 MB are read"));
    }

    #[test]
    fn what_is_nested_too_deep_or_has_too_many_elements_is_no_page() {
        assert!(Page::parse("a.html", &"<p>一</p>".repeat(MOST_TAGS), &Options::default()).is_err());
        assert!(Page::parse("a.html", &"<div>".repeat(100_000), &Options::default()).is_err());
    }
}
