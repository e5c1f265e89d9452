//! The full texts of long posts. The archive stores them under ids of their own; a text and its post are matched by their beginning.

use circle_model::time::Utc;
use serde_json::Value;

use super::text::Link;
use crate::json::Fields as _;
use circle_content::{dates, options::Options};
use circle_html::entities;

/// The number of leading characters that must be equal if the times differ.
const ENOUGH: usize = 80;

/// A long text.
#[derive(Clone, Debug, Default)]
pub(super) struct Note {
    /// Its own id.
    pub(super) key: String,
    /// Its time, as the archive has it.
    pub(super) raw: String,
    /// The full text.
    pub(super) text: String,
    /// Its links.
    pub(super) links: Vec<Link>,
    at: Option<Utc>,
    taken: bool,
}

/// All long texts of an archive.
#[derive(Debug, Default)]
pub(super) struct Notes(Vec<Note>);

impl Notes {
    /// Adds an item of `note-tweet.js`.
    pub(super) fn add(&mut self, item: &Value) {
        let note = if item.at("noteTweet").is_object() { item.at("noteTweet") } else { item };
        let raw = note.text("createdAt").unwrap_or_default().to_owned();
        let links = note.list("core.urls").iter().filter_map(|url| {
            let target = url.text("expandedUrl")?.to_owned();
            let shown = url.text("displayUrl").map_or_else(|| target.clone(), str::to_owned);
            Some(Link { short: url.text("shortUrl")?.to_owned(), target, shown })
        });
        self.0.push(Note {
            key: note.id(&["noteTweetId"]).unwrap_or_else(|| raw.clone()),
            at: dates::read(&raw, &Options::default()).and_then(|time| time.utc),
            raw,
            text: entities::decoded(note.text("core.text").unwrap_or_default()),
            links: links.collect(),
            taken: false,
        });
    }

    /// The full text of a post with this beginning (HTML-escaped, as in `full_text`).
    pub(super) fn of(&mut self, beginning: &str, at: Option<Utc>) -> Option<Note> {
        if self.0.is_empty() {
            return None;
        }
        let beginning = entities::decoded(beginning);
        let beginning = beginning_of(&beginning);
        let long = beginning.chars().count();
        let found = self.0.iter_mut().find(|note| {
            let same_time = matches!((note.at, at), (Some(a), Some(b)) if (a.0 - b.0).abs() < 5_000);
            !note.taken && note.text.trim_start().starts_with(beginning) && (same_time && long > 0 || long >= ENOUGH)
        })?;
        found.taken = true;
        Some(found.clone())
    }

    /// Texts without a matching post.
    pub(super) fn alone(self) -> Vec<Note> {
        self.0.into_iter().filter(|note| !note.taken).collect()
    }
}

/// The text before the `… https://t.co/…` at its end.
fn beginning_of(text: &str) -> &str {
    let text = text.trim();
    let cut = text.rsplit_once("https://t.co/").filter(|(_, tail)| !tail.contains(char::is_whitespace));
    cut.map_or(text, |(before, _)| before).trim_end().trim_end_matches('…').trim_end()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_long_text_is_found_by_time_and_beginning() {
        let mut notes = Notes::default();
        notes.add(&json!({"noteTweet": {"noteTweetId": "9", "createdAt": "2021-05-29T03:04:17.000Z", "core": {"text": "今天读完 <论语>，写得很长很长。"}}}));
        let at = Some(Utc(1_622_257_457_000));
        assert!(notes.of("今天没有读", at).is_none());
        assert!(notes.of("今天读完", Some(Utc(0))).is_none());
        let found = notes.of("今天读完 &lt;论语&gt;，写… https://t.co/abc", at).unwrap();
        assert_eq!(found.text, "今天读完 <论语>，写得很长很长。");
        assert!(notes.alone().is_empty());
    }
}
