//! Makes `**强调。**后面` bold, which CommonMark's flanking rules do not.
//!
//! CommonMark closes a run of `*` only if the character before it is not punctuation, or the character after it is white space or
//! punctuation. Chinese writes no spaces, so a full-width punctuation mark at the inner edge of the run breaks the emphasis. In that case
//! this module puts a letter of a private-use area between the mark and the run before parsing, and the renderer removes it from everything
//! the parser returns. The rule is the "cjk-friendly emphasis" amendment. Only `*` runs need it, because `_` never marks part of a word.

use super::is_cjk;

/// Inserts the private letter where it is needed. `None` if it is needed nowhere, or if the text already contains every candidate letter.
pub(super) fn separate_emphasis(source: &str) -> Option<(String, char)> {
    let letter = ('\u{e000}'..'\u{e040}').find(|c| !source.contains(*c))?;
    let mut out = String::new();
    let mut copied = 0;
    let mut at = 0;
    while let Some(found) = source.get(at..).and_then(|rest| rest.find('*')) {
        let start = at + found;
        let run = source.get(start..).map_or(0, |rest| rest.len() - rest.trim_start_matches('*').len());
        let end = start + run;
        let before = source.get(..start).and_then(|text| text.chars().next_back());
        let after = source.get(end..).and_then(|text| text.chars().next());
        if before.is_some_and(is_full_width_mark) && after.is_some_and(is_letter) {
            out.push_str(source.get(copied..start).unwrap_or_default());
            out.push(letter);
            copied = start;
        } else if after.is_some_and(is_full_width_mark) && before.is_some_and(is_letter) {
            out.push_str(source.get(copied..end).unwrap_or_default());
            out.push(letter);
            copied = end;
        }
        at = end;
    }
    if copied == 0 && out.is_empty() {
        return None;
    }
    out.push_str(source.get(copied..).unwrap_or_default());
    Some((out, letter))
}

fn is_full_width_mark(c: char) -> bool {
    is_cjk(c) && !c.is_alphanumeric() && c != '\u{3000}'
}

fn is_letter(c: char) -> bool {
    c.is_alphanumeric()
}
