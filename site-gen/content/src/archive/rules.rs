//! The rules for merging a known record with a new statement of it.

use std::collections::BTreeSet;

use circle_model::{
    archive::{MediaUse, Member, NameKind, Post, PostFlags, Record, RecordKind, Role, Source, Space},
    id::Id,
};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use super::{fields::source_of, file::not_json};
use crate::Result;

/// The source of records from the comment box, as `circlekeep export` writes it.
pub const API: &str = "circlekeep-api";

type Fields = IndexMap<String, Box<RawValue>>;

/// The line that replaces `old`, or `None` if nothing changed.
///
/// - Fields that this program does not know stay.
/// - A member, circle or medium also keeps known fields that the new record lacks: a name under a post must not erase a whole profile. A
///   member keeps all names and the highest role, because in a partial export other members are only ghosts.
/// - A post or comment keeps a picture that was found before if the new export has only its address. A preview never replaces the full
///   text.
/// - A post or comment keeps its author if the new export does not know the author. A preview removes nothing.
/// - Everything else follows the new record: a post that is no longer a draft loses the flag.
pub(super) fn merge_lines(kind: RecordKind, known: &[&str], old: &str, new: &str) -> Result<Option<String>> {
    if kind == RecordKind::Decision {
        // No export can undo a decision of this circle's leaders.
        return Ok(None);
    }
    let Ok(fields) = serde_json::from_str::<Fields>(old) else { return Ok(Some(new.to_owned())) };
    if kind == RecordKind::Post && is_place(new) {
        return Ok(None);
    }
    let keeps_known = |name: &str| match kind {
        RecordKind::Member | RecordKind::Circle | RecordKind::Media => true,
        // A partial export does not know what was answered, and a preview does not know its position.
        RecordKind::Post => {
            matches!(name, "author" | "space" | "reply_to" | "quote" | "poll" | "link" | "url" | "counts")
        }
        RecordKind::Comment => matches!(name, "parent" | "reply_to_member" | "order" | "counts"),
        _ => false,
    };
    let mut result: Fields = serde_json::from_str(new).map_err(|error| not_json(&error))?;
    // A member who deletes what they wrote in the comment box also withdraws their name, so records of the API are final.
    let is_whole_truth = read::<Source>(&result, "src").source == API;
    // Another program's copy of the same post, such as a feed beside a backup, is not an edit.
    let of_other = |fields: &Fields| read::<Source>(fields, "src").source;
    let is_preview = kind == RecordKind::Post
        && (read::<PostFlags>(&result, "flags").partial
            || !is_whole_truth && of_other(&fields) != of_other(&result) && of_other(&fields) != API);
    match kind {
        RecordKind::Member if is_whole_truth => {}
        RecordKind::Member => keep_names_and_role(&fields, &mut result)?,
        RecordKind::Post => {
            keep_text(old, new, &fields, &mut result)?;
            keep_unnamed_pictures(&fields, &mut result);
            keep_pictures(&fields, &mut result)?;
        }
        RecordKind::Comment => {
            keep_unnamed_pictures(&fields, &mut result);
            keep_pictures(&fields, &mut result)?;
        }
        RecordKind::Circle => keep_spaces(&fields, &mut result)?,
        _ => {}
    }
    for (name, value) in fields {
        let stays = keeps_known(&name) || (is_preview && name != "flags") || !known.contains(&name.as_str());
        if !result.contains_key(&name) && stays {
            result.insert(name, value);
        }
    }
    let line = serde_json::to_string(&result).map_err(|error| not_json(&error))?;
    let record = |line: &str| {
        let mut record = kind.parse(line).ok()?;
        if let Some(source) = source_of(&mut record) {
            source.import = None;
        }
        if let Record::Import(import) = &mut record {
            import.at = circle_model::time::Time::default();
        }
        Some(record)
    };
    let same = record(old).is_some_and(|old| record(&line).as_ref() == Some(&old));
    Ok((!same).then_some(line))
}

fn read<T: DeserializeOwned + Default>(fields: &Fields, name: &str) -> T {
    fields.get(name).and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default()
}

fn write(fields: &mut Fields, name: &str, value: &impl Serialize) -> Result<()> {
    let raw = serde_json::value::to_raw_value(value).map_err(|error| not_json(&error))?;
    fields.insert(name.to_owned(), raw);
    Ok(())
}

fn keep_names_and_role(old: &Fields, new: &mut Fields) -> Result<()> {
    let before = Member { names: read(old, "names"), role: read(old, "role"), ..Member::default() };
    let mut after = Member { names: read(new, "names"), role: read(new, "role"), ..Member::default() };
    let told = !after.names.is_empty();
    for mut name in before.names {
        if !after.names.iter().any(|known| known.value == name.value) {
            if told && name.kind == NameKind::Display {
                name.kind = NameKind::Alias;
            }
            after.names.push(name);
        }
    }
    // `member` is the default role of sources that do not state one; `ghost` says even less.
    if after.role == Role::Ghost || (after.role == Role::Member && before.role != Role::Ghost) {
        after.role = before.role;
    }
    write(new, "names", &after.names)?;
    write(new, "role", &after.role)
}

/// True for a placeholder post. A member's own archive has answers to topics that it does not contain. The placeholder must not replace the
/// topic from another export.
pub(super) fn is_place(line: &str) -> bool {
    matches!(RecordKind::Post.parse(line), Ok(Record::Post(post)) if is_place_of(&post))
}

/// [`is_place`], of a post.
pub(super) fn is_place_of(post: &Post) -> bool {
    let says_nothing = post.body.source.is_empty() && post.media.is_empty() && post.created.raw.is_empty();
    post.flags.partial && post.author.is_none() && post.tombstone.is_none() && says_nothing
}

/// An export of one channel does not remove the others.
fn keep_spaces(old: &Fields, new: &mut Fields) -> Result<()> {
    let before: Vec<Space> = read(old, "spaces");
    let mut after: Vec<Space> = read(new, "spaces");
    let known: BTreeSet<Id> = after.iter().map(|space| space.id.clone()).collect();
    let count = after.len();
    after.extend(before.into_iter().filter(|space| !known.contains(&space.id)));
    if after.len() == count { Ok(()) } else { write(new, "spaces", &after) }
}

/// A preview or a placeholder does not replace what is known of the post.
fn keep_text(old_line: &str, new_line: &str, old: &Fields, new: &mut Fields) -> Result<()> {
    let (Ok(before), Ok(after)) = (serde_json::from_str::<Post>(old_line), serde_json::from_str::<Post>(new_line))
    else {
        return Ok(());
    };
    if !after.flags.partial {
        return Ok(());
    }
    let start = after.body.source.trim().trim_end_matches(['.', '…']).trim_end();
    if before.body.source.trim().starts_with(start) && before.body.source.trim().len() > start.len() {
        for name in ["body", "title", "title_from", "media"] {
            if let Some(value) = old.get(name) {
                new.insert(name.to_owned(), value.clone());
            }
        }
    }
    let flags = PostFlags {
        partial: before.flags.partial,
        digest: before.flags.digest || after.flags.digest,
        pinned: before.flags.pinned || after.flags.pinned,
        sensitive: before.flags.sensitive || after.flags.sensitive,
        ..after.flags
    };
    if flags != after.flags {
        write(new, "flags", &flags)?;
        if flags == PostFlags::default() {
            new.shift_remove("flags");
        }
    }
    Ok(())
}

/// An export with the same text and no pictures at all does not remove the pictures.
fn keep_unnamed_pictures(old: &Fields, new: &mut Fields) {
    let words = |fields: &Fields| read::<Words>(fields, "body").source;
    let named = |fields: &Fields| !read::<Vec<MediaUse>>(fields, "media").is_empty();
    if named(old)
        && !named(new)
        && words(old) == words(new)
        && !words(old).is_empty()
        && let Some(media) = old.get("media")
    {
        new.insert("media".to_owned(), media.clone());
    }
}

#[derive(Default, Deserialize)]
struct Words {
    #[serde(default)]
    source: String,
}

/// If the new record has a missing medium at the position of one that is present, the present one stays.
fn keep_pictures(old: &Fields, new: &mut Fields) -> Result<()> {
    let before: Vec<MediaUse> = read(old, "media");
    let mut after: Vec<MediaUse> = read(new, "media");
    let absent = |medium: &MediaUse| medium.media.as_str().starts_with("missing-");
    let mut changed = false;
    for medium in after.iter_mut().filter(|medium| absent(medium)) {
        let same_place = |known: &&MediaUse| {
            !absent(known)
                && known.role == medium.role
                && match (&known.reference, &medium.reference) {
                    (None, None) => known.order == medium.order,
                    (known, new) => known == new,
                }
        };
        if let Some(known) = before.iter().find(same_place) {
            medium.media = known.media.clone();
            changed = true;
        }
    }
    if changed { write(new, "media", &after) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merged(kind: RecordKind, old: &str, new: &str) -> Option<serde_json::Value> {
        let line = merge_lines(kind, &super::super::fields::fields_of(kind), old, new).unwrap()?;
        Some(serde_json::from_str(&line).unwrap())
    }

    #[test]
    fn half_a_conversation_does_not_demote_the_leader() {
        let old = r#"{"id":"m","names":[{"value":"林晚","kind":"display"}],"role":"leader","bio":{"format":"plain","source":"编辑"}}"#;
        let new = r#"{"id":"m","names":[{"value":"晚来的林","kind":"display"}],"role":"ghost"}"#;
        let now = merged(RecordKind::Member, old, new).unwrap();
        assert_eq!((now["role"].as_str(), now["names"].as_array().unwrap().len()), (Some("leader"), 2));
        assert_eq!(
            (now["names"][0]["value"].as_str(), now["names"][1]["kind"].as_str()),
            (Some("晚来的林"), Some("alias"))
        );
        assert_eq!(now["bio"]["source"].as_str(), Some("编辑"));
        let again = serde_json::to_string(&now).unwrap();
        assert_eq!(merged(RecordKind::Member, &again, new), None, "the second time changes nothing");
        let new = r#"{"id":"m","names":[{"value":"林晚","kind":"display"}],"role":"admin"}"#;
        assert_eq!(merged(RecordKind::Member, old, new).unwrap()["role"].as_str(), Some("admin"));
    }

    #[test]
    fn a_picture_that_was_found_stays_found() {
        let old = r#"{"id":"p","media":[{"media":"abc","role":"gallery","order":1},{"media":"def","reference":"a.png","role":"inline"}]}"#;
        let new = r#"{"id":"p","title":"新","media":[{"media":"missing-1","role":"gallery","order":1},{"media":"missing-2","reference":"a.png","role":"inline"},{"media":"missing-3","role":"gallery","order":2}]}"#;
        let now = merged(RecordKind::Post, old, new).unwrap();
        let media: Vec<_> = now["media"].as_array().unwrap().iter().map(|m| m["media"].as_str().unwrap()).collect();
        assert_eq!(media, ["abc", "def", "missing-3"]);
        assert_eq!(now["title"].as_str(), Some("新"));
    }

    #[test]
    fn the_same_words_without_pictures_keep_the_pictures() {
        let old = r#"{"id":"p","body":{"source":"河边"},"media":[{"media":"abc","role":"gallery"}]}"#;
        let new = r#"{"id":"p","title":"新","body":{"source":"河边"}}"#;
        assert_eq!(merged(RecordKind::Post, old, new).unwrap()["media"][0]["media"].as_str(), Some("abc"));
        let edited = r#"{"id":"p","body":{"source":"河边，没有图"}}"#;
        assert!(merged(RecordKind::Post, old, edited).unwrap().get("media").is_none());
    }

    #[test]
    fn a_place_replaces_nothing_and_a_channel_closes_no_other() {
        let old = r#"{"id":"p","author":"m","body":{"source":"正文"}}"#;
        let place = r#"{"id":"p","title":"正文的题目","flags":{"partial":true}}"#;
        assert_eq!(merged(RecordKind::Post, old, place), None);
        assert!(merged(RecordKind::Post, place, old).is_some());
        let old = r#"{"id":"c","name":"群","spaces":[{"id":"a","name":"甲"},{"id":"b","name":"乙"}]}"#;
        let new = r#"{"id":"c","name":"群","spaces":[{"id":"b","name":"乙"}]}"#;
        assert_eq!(merged(RecordKind::Circle, old, new).unwrap()["spaces"].as_array().unwrap().len(), 2);
        let old = r#"{"id":"p","author":"m","tags":["书"],"body":{"source":"一二三四五六七"}}"#;
        let unsigned = r#"{"id":"p","body":{"source":"改过的"}}"#;
        let now = merged(RecordKind::Post, old, unsigned).unwrap();
        assert_eq!((now["author"].as_str(), now.get("tags")), (Some("m"), None));
        let preview = r#"{"id":"p","body":{"source":"一二三..."},"flags":{"partial":true}}"#;
        let chosen = r#"{"id":"p","body":{"source":"一二三四"},"flags":{"digest":true,"partial":true}}"#;
        assert_eq!(merged(RecordKind::Post, chosen, preview), None, "nor what was chosen");
        assert_eq!(merged(RecordKind::Post, old, preview), None, "a preview takes no tags away");
        let old = r#"{"id":"c","post":"p","parent":"b","order":4}"#;
        let new = r#"{"id":"c","post":"p"}"#;
        assert_eq!(merged(RecordKind::Comment, old, new), None);
    }

    #[test]
    fn a_preview_does_not_replace_the_text() {
        let old = r#"{"id":"p","title":"全","body":{"format":"plain","source":"一二三四五六七"}}"#;
        let preview = r#"{"id":"p","body":{"format":"plain","source":"一二三..."},"flags":{"partial":true}}"#;
        assert_eq!(merged(RecordKind::Post, old, preview), None);
        let edited = r#"{"id":"p","body":{"format":"plain","source":"改过的"},"flags":{"partial":true}}"#;
        assert_eq!(merged(RecordKind::Post, old, edited).unwrap()["body"]["source"].as_str(), Some("改过的"));
    }
}
