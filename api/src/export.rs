//! The store as canonical records: members with their names and roles, comments with their number of likes. The export contains nothing
//! that a member did not publish to the circle.

use std::collections::BTreeMap;

use circle_model::{
    archive::{
        Comment, CommentFlags, Count, Counts, Member, Name, NameKind, Record, RecordKind, Role, Source, Text,
        Visibility,
    },
    id::Id,
    time::{Time, Utc, ZoneFrom},
};

use crate::{
    config::CircleConfig,
    store::{CommentRow, MemberRow, State, Store, StoreError},
};

/// The name of this source in a record's `src.source`.
pub const SOURCE: &str = "circlekeep-api";

/// The state of a record in the store.
#[derive(Clone, Debug, PartialEq)]
pub enum Exported {
    /// It exists, with this content.
    Is(Record),
    /// Its author deleted it and no answer depends on it. An archive that has the record must drop its content.
    Gone {
        /// A member or a comment.
        kind: RecordKind,
        /// The id of the record.
        id: Id,
    },
}

/// Passes every current member and every comment to `sink`: members first, each kind in the order of creation. A member who is also a
/// member of the archive is exported under the id that they have there. A deleted comment with answers is a record without text and author.
///
/// # Errors
/// If the database or the sink fails.
pub async fn export<E: From<StoreError>>(
    store: &Store,
    circle: &CircleConfig,
    mut sink: impl FnMut(Exported) -> Result<(), E>,
) -> Result<(), E> {
    let mut after = String::new();
    let mut archived: BTreeMap<String, String> = BTreeMap::new();
    loop {
        let members = store.members_after(&circle.id, &after).await?;
        let Some(last) = members.last() else { break };
        after.clone_from(&last.id);
        for row in &members {
            match &row.archived {
                Some(id) => {
                    archived.insert(row.id.clone(), id.clone());
                }
                None => sink(member(circle, row))?,
            }
        }
    }
    after.clear();
    loop {
        let comments = store.comments_after(&circle.id, &after).await?;
        let Some(last) = comments.last() else { break };
        after.clone_from(&last.id);
        for mut row in comments {
            if let Some(id) = archived.get(&row.author) {
                row.author.clone_from(id);
            }
            sink(comment(circle, row))?;
        }
    }
    Ok(())
}

fn member(circle: &CircleConfig, row: &MemberRow) -> Exported {
    let id = Id::from(row.id.as_str());
    if row.erased_at.is_some() {
        return Exported::Gone { kind: RecordKind::Member, id };
    }
    Exported::Is(Record::Member(Box::new(Member {
        names: vec![Name { value: row.name.clone(), kind: NameKind::Display, since: None }],
        role: match row.role.as_str() {
            "leader" => Role::Leader,
            "admin" => Role::Admin,
            _ => Role::Member,
        },
        joined: Some(time(circle, row.joined_at)),
        src: source(circle, &row.id),
        id,
        ..Member::default()
    })))
}

fn comment(circle: &CircleConfig, row: CommentRow) -> Exported {
    let state = row.state();
    let id = Id::from(row.id.as_str());
    if state == State::Gone {
        return Exported::Gone { kind: RecordKind::Comment, id };
    }
    let live = state == State::Live;
    let likes = u64::try_from(row.likes).unwrap_or_default();
    Exported::Is(Record::Comment(Box::new(Comment {
        src: source(circle, &row.id),
        id,
        thread: Some(row.thread),
        parent: row.parent.map(Id::from),
        author: live.then(|| Id::from(row.author)),
        created: time(circle, row.created_at),
        edited: row.edited_at.filter(|_| live).map(|at| time(circle, at)),
        body: if live { Text::markdown(row.source) } else { Text::default() },
        visibility: Some(Visibility::Circle),
        flags: CommentFlags { deleted: !live, pinned: live && row.pinned, ..CommentFlags::default() },
        counts: Counts { like: (live && likes > 0).then(|| Count::exactly(likes)), ..Counts::default() },
        ..Comment::default()
    })))
}

fn source(circle: &CircleConfig, id: &str) -> Source {
    Source {
        source: SOURCE.to_owned(),
        file: Some(format!("circles/{}", circle.id)),
        id: Some(id.to_owned()),
        ..Source::default()
    }
}

fn time(circle: &CircleConfig, milliseconds: i64) -> Time {
    let utc = Utc(milliseconds);
    Time::exact(utc, circle.offset(utc), ZoneFrom::Config)
}
