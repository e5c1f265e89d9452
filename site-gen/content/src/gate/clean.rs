//! What the gate removes from records, and what remains as a placeholder.

use std::collections::BTreeSet;

use circle_model::{
    archive::{Circle, Comment, MediaUse, Post},
    id::Id,
};

use circle_html::privacy;

pub(super) fn uses(media: &[MediaUse]) -> impl Iterator<Item = Id> {
    media.iter().map(|medium| medium.media.clone())
}

/// The media of a post.
pub(super) fn shown_by(post: &Post) -> BTreeSet<Id> {
    uses(&post.media).chain(post.link.iter().filter_map(|card| card.image.clone())).collect()
}

/// The placeholder of a deleted comment.
pub(super) fn stub(comment: &Comment) -> Comment {
    Comment {
        id: comment.id.clone(),
        post: comment.post.clone(),
        thread: comment.thread.clone(),
        parent: comment.parent.clone(),
        created: comment.created.clone(),
        order: comment.order,
        flags: comment.flags,
        src: comment.src.clone(),
        ..Comment::default()
    }
}

/// Sources that often name chats and their files after people and their numbers.
const CHATS: &[&str] = &["wechat", "chat-text", "qq"];

/// A file name without addresses and numbers of people. For chats, without any number that is not a date.
pub(super) fn clean_name(source: &str, name: &str) -> String {
    if CHATS.contains(&source) { privacy::account::unnumbered(name) } else { privacy::masked(name) }
}

/// Removes numbers of people from the names of a circle and its spaces, which some importers take from file names.
pub(super) fn clean_names(circle: &mut Circle) {
    let source = circle.src.source.clone();
    for name in circle.spaces.iter_mut().map(|space| &mut space.name).chain([&mut circle.name]) {
        *name = clean_name(&source, name);
    }
}

/// True for a name that contains a number or address of a person.
pub(super) fn is_nameless(source: &str, name: &str) -> bool {
    let kind = privacy::account::nameless(name);
    privacy::has_fact(name) || kind.is_some_and(|kind| kind != "qq" || CHATS.contains(&source))
}

/// True for a placeholder post, made only for its comments.
pub(super) fn is_place(post: &Post) -> bool {
    post.author.is_none() && post.body.source.is_empty() && post.media.is_empty() && post.created.raw.is_empty()
}

/// True for the address of a picture that contains a hash of an email address (such as Gravatar). A list of addresses is enough to reverse
/// the hash.
pub(super) fn is_mail_picture(address: &str) -> bool {
    address.contains("ravatar.") && address.contains("/avatar/")
}

/// True if a field at any depth has the name of something private.
pub(super) fn holds_private(json: &str) -> bool {
    fn inside(value: &serde_json::Value) -> bool {
        match value {
            serde_json::Value::Object(fields) => {
                fields.iter().any(|(name, value)| (privacy::is_private_name(name) && !value.is_null()) || inside(value))
            }
            serde_json::Value::Array(items) => items.iter().any(inside),
            _ => false,
        }
    }
    json.starts_with(['{', '[']) && serde_json::from_str(json).is_ok_and(|value| inside(&value))
}
