//! What is taken out of the records that go through the gate, and what stays where a record was.

use std::collections::BTreeSet;

use circle_model::{
    archive::{Circle, Comment, MediaUse, Post},
    id::Id,
};

use circle_html::privacy;

pub(super) fn uses(media: &[MediaUse]) -> impl Iterator<Item = Id> {
    media.iter().map(|medium| medium.media.clone())
}

/// The media that a post shows.
pub(super) fn shown_by(post: &Post) -> BTreeSet<Id> {
    uses(&post.media).chain(post.link.iter().filter_map(|card| card.image.clone())).collect()
}

/// The place of a deleted comment.
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

/// Sources whose chats, and the files of them, are called after people and their numbers as often as not.
const CHATS: &[&str] = &["wechat", "chat-text", "qq"];

/// The name of a file, without addresses and numbers of people: of chats without any number that is no day.
pub(super) fn clean_name(source: &str, name: &str) -> String {
    if CHATS.contains(&source) { privacy::account::unnumbered(name) } else { privacy::masked(name) }
}

/// Takes numbers out of the names of a circle and its spaces, which some importers take from the names of files.
pub(super) fn clean_names(circle: &mut Circle) {
    let source = circle.src.source.clone();
    for name in circle.spaces.iter_mut().map(|space| &mut space.name).chain([&mut circle.name]) {
        *name = clean_name(&source, name);
    }
}

/// True for a name that is a number or address of somebody and nothing else, or holds one.
pub(super) fn is_nameless(source: &str, name: &str) -> bool {
    let kind = privacy::account::nameless(name);
    privacy::has_fact(name) || kind.is_some_and(|kind| kind != "qq" || CHATS.contains(&source))
}

/// True for a post that only says that there is one, made for the sake of its comments.
pub(super) fn is_place(post: &Post) -> bool {
    post.author.is_none() && post.body.source.is_empty() && post.media.is_empty() && post.created.raw.is_empty()
}

/// True for the address of a picture that is asked for by the hash of somebody's e-mail address, which whoever has a list of addresses
/// can turn back.
pub(super) fn is_mail_picture(address: &str) -> bool {
    address.contains("ravatar.") && address.contains("/avatar/")
}

/// True when a field of an object or list inside has the name of something private.
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
