//! Searches every file of a built site for names and words that leaders removed, as a reader would see them.
//!
//! The veil changes records before pages are made from them. This module checks the result: file names, and each text file in
//! every notation of characters. Whatever it finds was missed by the veil, so it is a problem.

use std::path::Path;

use percent_encoding::percent_decode_str;

use super::is_text;
use crate::write::{files_of, read_file};
use circle_content::{Result, report::Problem};
use circle_html::{document::plain_text, entities};
use circle_site::{
    parallel,
    veil::{Markup, Veil},
};

/// A problem for each file that still contains a name, phrase or address that must be removed everywhere. Words that are redacted
/// in one record only may occur in others, and are not searched for.
///
/// # Errors When the folder cannot be read.
pub fn decided(out: &Path, veil: &Veil) -> Result<Vec<Problem>> {
    if veil.is_empty() {
        return Ok(Vec::new());
    }
    let files: Vec<String> = files_of(out)?.into_iter().collect();
    let found: Vec<Option<Problem>> = parallel::map(&files, |path| {
        let mut left = veil.left_in(path, Markup::None);
        // An unreadable file is a problem of the check itself. The search index has every pair of published characters, including
        // pairs from longer words; scripts and styles are our own.
        if left.is_none()
            && is_text(path)
            && !path.starts_with("search/i")
            && !path.starts_with("assets/")
            && let Ok(bytes) = read_file(out, path)
        {
            let text = String::from_utf8_lossy(&bytes);
            left = readings(path, &text).into_iter().find_map(|(text, markup)| veil.left_in(&text, markup));
        }
        left.map(|left| Problem {
            place: path.clone(),
            what: format!("`{left}` still stands here, which a decision takes out everywhere"),
            help: "do not publish this site; black the words out with `circlekeep decide redact everywhere --text …`, or hide the post, and report it as a bug".to_owned(),
        })
    });
    Ok(found.into_iter().flatten().collect())
}

/// The readings of a file: as it is, as its words alone, and with double encoding decoded.
fn readings(path: &str, text: &str) -> Vec<(String, Markup)> {
    let is_page = path.ends_with(".html") || path.ends_with(".xml") || path.ends_with(".xhtml");
    let unescaped = match is_page {
        // Nobody reads a name across the end of a block.
        true => plain_text(text).replace('\n', "\u{fffc}"),
        // The escapes of JSON other than `\u`.
        false => text.replace("\\n", "\n").replace("\\t", " ").replace("\\\"", "\"").replace("\\/", "/"),
    };
    let twice = entities::decoded(&percent_decode_str(&unescaped).decode_utf8_lossy());
    let mut readings = vec![(text.to_owned(), Markup::Html)];
    if !is_page {
        readings.push((unescaped.clone(), Markup::Html));
    }
    readings.push((unescaped, Markup::None));
    readings.push((twice, Markup::None));
    readings
}
