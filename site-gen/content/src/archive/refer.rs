//! Visits every id in a record: its own, and its references.

use circle_model::{
    archive::{MediaUse, Record, RecordKind},
    id::Id,
};

/// Calls `change` for every id, with the kind of record that the id belongs to. Spaces count as [`RecordKind::Circle`]. The target of a
/// reaction or event may be a post or a comment, and is reported as a post.
pub(super) fn each_id(record: &mut Record, change: &mut dyn FnMut(RecordKind, &mut Id)) {
    fn some(ids: &mut Option<Id>, kind: RecordKind, change: &mut dyn FnMut(RecordKind, &mut Id)) {
        for id in ids.iter_mut() {
            change(kind, id);
        }
    }
    fn uses(media: &mut [MediaUse], change: &mut dyn FnMut(RecordKind, &mut Id)) {
        for used in media {
            change(RecordKind::Media, &mut used.media);
        }
    }
    match record {
        Record::Post(post) => {
            change(RecordKind::Post, &mut post.id);
            some(&mut post.author, RecordKind::Member, change);
            some(&mut post.space, RecordKind::Circle, change);
            some(&mut post.reply_to, RecordKind::Post, change);
            uses(&mut post.media, change);
            if let Some(quote) = &mut post.quote {
                some(&mut quote.post, RecordKind::Post, change);
                some(&mut quote.author, RecordKind::Member, change);
            }
            if let Some(card) = &mut post.link {
                some(&mut card.image, RecordKind::Media, change);
            }
        }
        Record::Comment(comment) => {
            change(RecordKind::Comment, &mut comment.id);
            if !comment.post.is_empty() {
                change(RecordKind::Post, &mut comment.post);
            }
            some(&mut comment.parent, RecordKind::Comment, change);
            some(&mut comment.author, RecordKind::Member, change);
            some(&mut comment.reply_to_member, RecordKind::Member, change);
            uses(&mut comment.media, change);
        }
        Record::Reaction(reaction) => {
            change(RecordKind::Reaction, &mut reaction.id);
            change(RecordKind::Post, &mut reaction.target);
            some(&mut reaction.member, RecordKind::Member, change);
        }
        Record::Event(event) => {
            change(RecordKind::Event, &mut event.id);
            some(&mut event.target, RecordKind::Post, change);
            some(&mut event.member, RecordKind::Member, change);
        }
        Record::Member(member) => {
            change(RecordKind::Member, &mut member.id);
            some(&mut member.avatar, RecordKind::Media, change);
        }
        Record::Media(medium) => change(RecordKind::Media, &mut medium.id),
        Record::Circle(circle) => {
            change(RecordKind::Circle, &mut circle.id);
            some(&mut circle.cover, RecordKind::Media, change);
            for space in &mut circle.spaces {
                change(RecordKind::Circle, &mut space.id);
                some(&mut space.parent, RecordKind::Circle, change);
            }
        }
        Record::Import(_) | Record::Decision(_) => {}
    }
}
