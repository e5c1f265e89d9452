//! Shortens raw HTML inside a Markdown source, in place.

use std::ops::Range;

use circle_model::text::Unseen;
use lol_html::{RewriteStrSettings, doc_comments, element, html_content::Element, rewrite_str};

use super::canonical::hides;
use crate::sanitize;

/// Attributes from which the sanitiser makes visible content.
const USED: &[(&str, &[&str])] = &[
    ("img", sanitize::LATE),
    ("iframe", &["src"]),
    ("embed", &["src"]),
    ("object", &["data"]),
    ("input", &["type", "checked"]),
    ("td", &["style"]),
    ("th", &["style"]),
    // These say what is hidden; the tree answers that.
    ("", &["hidden"]),
    ("dialog", &["open"]),
];

/// The Markdown without what no page shows: comments and attributes of its raw HTML, and unused link definitions. `None` if a piece cannot
/// be read.
pub(super) fn as_seen(source: &str, parts: &Unseen) -> Option<String> {
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    for range in &parts.html {
        let piece = source.get(range.clone())?;
        let shorter = rewritten(piece)?;
        if shorter != piece {
            edits.push((range.clone(), shorter));
        }
    }
    edits.extend(parts.notes.iter().map(|range| (range.clone(), String::new())));
    edits.sort_by_key(|(range, _)| (range.start, range.end));
    let mut out = String::with_capacity(source.len());
    let mut at = 0;
    for (range, with) in edits {
        if range.start < at {
            continue;
        }
        out.push_str(source.get(at..range.start)?);
        out.push_str(&with);
        at = range.end;
    }
    out.push_str(source.get(at..)?);
    Some(out)
}

/// The source without the given parts.
pub(super) fn without(source: &str, parts: &[Range<usize>]) -> String {
    let notes = Unseen { notes: parts.to_vec(), ..Unseen::default() };
    as_seen(source, &notes).unwrap_or_else(|| source.to_owned())
}

fn rewritten(piece: &str) -> Option<String> {
    // A comment that is never closed extends to the end.
    let settings = RewriteStrSettings::new()
        .with_strict(false)
        .append_document_content_handler(doc_comments!(|comment| {
            comment.remove();
            Ok(())
        }))
        .append_element_content_handler(element!("*", |el: &mut Element<'_, '_>| {
            let name = el.tag_name();
            let used = |attribute: &str| {
                USED.iter()
                    .any(|(element, known)| (element.is_empty() || *element == name) && known.contains(&attribute))
            };
            let conceals = |attribute: &str, value: &str| attribute == "style" && hides(value);
            let dropped: Vec<String> = el
                .attributes()
                .iter()
                .filter(|attribute| {
                    let key = attribute.name();
                    !sanitize::is_kept(&name, &key) && !used(&key) && !conceals(&key, &attribute.value())
                })
                .map(lol_html::html_content::Attribute::name)
                .collect();
            for attribute in &dropped {
                el.remove_attribute(attribute);
            }
            Ok(())
        }));
    rewrite_str(piece, settings).ok()
}
