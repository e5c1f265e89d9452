//! The public form of a record: its texts in canonical form, and no secret in any address. The gate applies this to everything imported,
//! and the site to everything it reads.
//!
//! Each function returns the hidden texts that were written for people.

use std::collections::BTreeSet;

use circle_model::{
    archive::{Circle, Comment, Event, MediaUse, Member, Post, Text, TextFormat},
    text::{LineBreaks, markdown_to_unsafe_html},
};

use crate::posts::reference_key;
use circle_html::{canonical, privacy};

/// A post. `file` is the path of its Markdown file, if it is one.
pub fn post(post: &mut Post, file: Option<&str>) -> Vec<String> {
    let breaks = canonical::breaks(post, file);
    let shown = (!post.media.is_empty()).then(|| post.body.clone());
    let mut hidden = body(&mut post.body, breaks);
    if let Some(before) = shown.filter(|before| before.source != post.body.source) {
        // A picture inside hidden text is not shown anywhere.
        let gone = addresses_of(&before, breaks);
        let left = addresses_of(&post.body, breaks);
        post.media.retain(|used| {
            let key = used.reference.as_deref().map(|address| reference_key(&privacy::without_secrets(address)));
            key.is_none_or(|key| left.contains(&key) || !gone.contains(&key))
        });
    }
    uses(&mut post.media);
    for version in &mut post.versions {
        hidden.extend(body(&mut version.body, breaks));
        lines(&mut version.title);
    }
    for text in [&mut post.title, &mut post.slug, &mut post.tombstone] {
        lines(text);
    }
    lines(&mut post.tags);
    addresses(post.url.iter_mut().chain(&mut post.legacy_urls));
    if let Some(card) = &mut post.link {
        addresses(&mut card.url);
        lines(card.title.iter_mut().chain(&mut card.summary));
    }
    if let Some(quote) = &mut post.quote {
        addresses(&mut quote.url);
        hidden.extend(quote.text.iter_mut().flat_map(|text| body(text, LineBreaks::Hard)));
    }
    if let Some(poll) = &mut post.poll {
        lines(poll.options.iter_mut().map(|option| &mut option.text));
    }
    hidden
}

/// Leaves of a deleted post only that it existed, when, whose it was, and why it is gone. Its title and tags would say what it was about.
pub fn only_the_place(post: &mut Post) {
    (post.title, post.slug, post.url) = (None, None, None);
    (post.quote, post.poll, post.link) = (None, None, None);
    post.body = Text::default();
    post.tags.clear();
    post.legacy_urls.clear();
    post.media.clear();
    post.versions.clear();
}

/// A comment.
pub fn comment(comment: &mut Comment) -> Vec<String> {
    let typed = is_typed(comment);
    let of = |text: &mut Text| {
        let hidden = if typed { canonical::typed(text) } else { canonical::body(text, LineBreaks::Hard) };
        text.source = privacy::without_secrets(&text.source);
        hidden
    };
    let mut hidden = of(&mut comment.body);
    for version in &mut comment.versions {
        hidden.extend(of(&mut version.body));
    }
    uses(&mut comment.media);
    addresses(&mut comment.thread);
    hidden
}

/// True for a comment from the comment box: raw HTML in its Markdown is visible text, as the API shows it.
pub fn is_typed(comment: &Comment) -> bool {
    comment.body.format == TextFormat::Markdown && comment.media.is_empty()
}

/// A circle.
pub fn circle(circle: &mut Circle) -> Vec<String> {
    addresses(&mut circle.url);
    let texts = circle.about.iter_mut().chain(&mut circle.rules);
    texts.flat_map(|text| body(text, LineBreaks::Soft)).collect()
}

/// An event.
pub fn event(event: &mut Event) -> Vec<String> {
    event.text.iter_mut().flat_map(|text| body(text, LineBreaks::Hard)).collect()
}

/// A member's description of themselves.
pub fn member(member: &mut Member) -> Vec<String> {
    lines(&mut member.title);
    member.bio.iter_mut().flat_map(|text| body(text, LineBreaks::Hard)).collect()
}

/// An address without signatures; without its whole query if a token is still in it.
pub(crate) fn address(address: &str) -> String {
    let clean = privacy::without_secrets(address);
    if privacy::has_fact(&clean)
        && let Some((before, _)) = clean.split_once('?')
    {
        return before.to_owned();
    }
    clean
}

/// A text of the settings, in Markdown.
pub fn setting(text: &mut String) {
    let mut written = Text::markdown(std::mem::take(text));
    body(&mut written, LineBreaks::Soft);
    // If it had to become HTML, Markdown passes the HTML through.
    *text = written.source;
}

/// The addresses in a body, in comparable form.
fn addresses_of(text: &Text, breaks: LineBreaks) -> BTreeSet<String> {
    let html = match text.format {
        TextFormat::Plain => return BTreeSet::new(),
        TextFormat::Markdown => markdown_to_unsafe_html(&text.source, breaks),
        TextFormat::Html => text.source.clone(),
    };
    circle_html::document::addresses(&html)
        .into_iter()
        .map(|one| reference_key(&privacy::without_secrets(&one.address)))
        .collect()
}

fn body(text: &mut Text, breaks: LineBreaks) -> Vec<String> {
    let hidden = canonical::body(text, breaks);
    text.source = privacy::without_secrets(&text.source);
    hidden
}

/// Cleans the addresses by which a text refers to its media in the same way as those in the text, so that they still match.
fn uses(media: &mut [MediaUse]) {
    for used in media {
        lines(used.reference.iter_mut().chain(&mut used.alt));
    }
}

fn lines<'a>(texts: impl IntoIterator<Item = &'a mut String>) {
    for text in texts {
        *text = privacy::without_secrets(text);
    }
}

fn addresses<'a>(texts: impl IntoIterator<Item = &'a mut String>) {
    for text in texts {
        *text = address(text);
    }
}

#[cfg(test)]
mod tests {
    use circle_model::id::Id;

    use super::*;

    #[test]
    fn a_picture_that_is_hidden_is_no_picture_of_the_post() {
        for (source, shown) in [
            ("<p class=x><a href=\"/u/1/a.png\"><img src=\"/u/1/a.png\"></a></p>", true),
            ("<p class=x><img src=\"https://a.example/a.png?a=1&b=2\" alt=\"河\"></p>", true),
            ("<p hidden><img src=\"a.png\"></p>看", false),
            ("<!-- <img src=\"a.png\"> -->看", true),
            ("<p class=x><img src=\"/u/1/a.png?token=geheim1\"></p>", true),
            (
                "<p>读 <strong>城</strong> <span class=\"m\" data-u=\"7\">@石头</span></p><div class=\"i\"><a href=\"/u/1/desk.png\"><img src=\"/u/1/desk.png\"></a></div>",
                true,
            ),
        ] {
            let address = source.split("src=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
            let used = MediaUse { media: Id::from("m"), reference: Some(address.to_owned()), ..MediaUse::default() };
            let mut record = Post { body: Text::html(source), media: vec![used], ..Post::default() };
            post(&mut record, None);
            assert_eq!(!record.media.is_empty(), shown, "{source}: {record:?}");
        }
    }
}
