//! Counts how much of the archive a decision about words changes, so that a misspelt name is noticed at once.

use std::path::Path;

use circle_model::{
    archive::{Comment, Post, Record, RecordKind, Text, TextFormat},
    text::{LineBreaks, markdown_to_unsafe_html},
};
use serde_json::Value;

use circle_content::{Result, archive, input::Input, public, report::Report};
use circle_site::veil::{Markup, Veil};

/// The current changes of a decision.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Reach {
    /// The number of places.
    pub places: u64,
    /// The number of posts with such places.
    pub posts: u64,
    /// The number of comments with such places.
    pub comments: u64,
}

/// Counts the places that `veil`, made for one decision, changes in the archive and the Markdown files.
///
/// # Errors
/// When the content cannot be read.
pub(super) fn of(content: &Path, veil: &Veil) -> Result<Reach> {
    let mut reach = Reach::default();
    // The build reports problems of the content.
    let mut unheard = Report::default();
    for kind in [RecordKind::Post, RecordKind::Comment] {
        let path = content.join("archive").join(format!("{}.jsonl", kind.file_stem()));
        archive::for_each_line(&path, &mut unheard, |_, line| {
            match kind.parse(line).map_err(|error| error.to_string())? {
                Record::Post(post) => reach.post(veil, *post),
                Record::Comment(comment) => reach.comment(veil, *comment),
                _ => {}
            }
            Ok(())
        })?;
    }
    let input = Input::plain(content)?;
    let files = input.entries().iter().map(|entry| entry.path.as_str());
    for path in files.filter(|path| path.starts_with("posts/") && circle_content::posts::is_post(path)) {
        for record in
            circle_content::posts::read_post(&input, path, &circle_content::options::Options::default()).records
        {
            if let Record::Post(post) = record {
                reach.post(veil, *post);
            }
        }
    }
    Ok(reach)
}

impl Reach {
    fn post(&mut self, veil: &Veil, mut post: Post) {
        public::post(&mut post, None);
        let body = std::mem::take(&mut post.body);
        let places = in_text(veil, &post.id, &[], &body) + in_fields(veil, &post.id, &[], serde_json::to_value(&post));
        // The byline counts, too.
        let places = places + u64::from(post.author.as_ref().is_some_and(|author| veil.hides(author)));
        self.places += places;
        self.posts += u64::from(places > 0);
    }

    fn comment(&mut self, veil: &Veil, mut comment: Comment) {
        public::comment(&mut comment);
        let body = std::mem::take(&mut comment.body);
        let (id, post) = (comment.id.clone(), comment.post.clone());
        let above = std::slice::from_ref(&post);
        let places = in_text(veil, &id, above, &body) + in_fields(veil, &id, above, serde_json::to_value(&comment));
        let places = places + u64::from(comment.author.as_ref().is_some_and(|author| veil.hides(author)));
        self.places += places;
        self.comments += u64::from(places > 0);
    }
}

type Id = circle_model::id::Id;

fn in_text(veil: &Veil, id: &Id, above: &[Id], text: &Text) -> u64 {
    let about: Vec<&Id> = std::iter::once(id).chain(above).collect();
    match text.format {
        TextFormat::Plain => veil.places(&about, &text.source, Markup::None),
        TextFormat::Html => veil.places(&about, &text.source, Markup::Html),
        TextFormat::Markdown => {
            veil.places(&about, &markdown_to_unsafe_html(&text.source, LineBreaks::Hard), Markup::Html)
        }
    }
}

/// The number of places in all texts of a record except its ids.
fn in_fields(veil: &Veil, id: &Id, above: &[Id], record: serde_json::Result<Value>) -> u64 {
    const IDS: &[&str] = &["id", "author", "post", "parent", "media", "member", "src", "extra", "space", "reply_to"];
    let about: Vec<&Id> = std::iter::once(id).chain(above).collect();
    let mut places = 0;
    let mut waiting = vec![record.unwrap_or_default()];
    while let Some(value) = waiting.pop() {
        match value {
            Value::String(text) => places += veil.places(&about, &text, Markup::None),
            Value::Array(items) => waiting.extend(items),
            Value::Object(fields) => {
                let texts = fields.into_iter().filter(|(name, _)| !IDS.contains(&name.as_str()));
                waiting.extend(texts.map(|(_, value)| value));
            }
            _ => {}
        }
    }
    places
}
