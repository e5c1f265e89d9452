//! The comment rows of Valine and Waline, which have the same columns because Waline is a replacement for Valine; and the probing of JSON
//! files that all importers of this family share.

use circle_model::archive::{CommentFlags, Role, Text};
use serde_json::Value;

use super::rows::{self, Row};
use crate::json::Fields as _;
use circle_content::{
    dates, decode,
    input::{Entry, Input},
    options::Options,
};

/// The number of bytes of a file that are probed.
const HEAD: u64 = 64 << 10;
/// The number of files that are probed.
const LOOKED_AT: usize = 60;

/// The first bytes of a file as text.
pub(super) fn head(input: &Input, path: &str) -> String {
    input.head(path, HEAD).map(|bytes| decode::text(&bytes).text).unwrap_or_default()
}

/// The files with one of these extensions.
pub(super) fn with_extension<'i>(input: &'i Input, extensions: &[&str]) -> Vec<&'i Entry> {
    let fits = |path: &str| {
        let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension).to_ascii_lowercase();
        extensions.contains(&extension.as_str())
    };
    input.entries().iter().filter(|entry| fits(&entry.path)).collect()
}

/// The first files with one of these extensions, for probing.
pub(super) fn first_files<'i>(input: &'i Input, extensions: &[&str]) -> impl Iterator<Item = &'i Entry> {
    with_extension(input, extensions).into_iter().take(LOOKED_AT)
}

/// True if the text contains all these names of JSON fields.
pub(super) fn names(head: &str, fields: &[&str]) -> bool {
    fields.iter().all(|field| {
        head.match_indices(&format!("\"{field}\""))
            .any(|(at, found)| head.get(at + found.len()..).is_some_and(|rest| rest.trim_start().starts_with(':')))
    })
}

/// The lists of a JSON file that contain its items: those of `wrapper` if the first object has that key with a list; the document itself if
/// it is a list; otherwise every document is an item (JSONL).
pub(super) fn lists(head: &str, wrapper: &'static str) -> &'static [&'static str] {
    let key = wrapper.trim_end_matches("[]");
    let wrapped = head.split_once(&format!("\"{key}\"")).and_then(|(_, rest)| rest.trim_start().strip_prefix(':'));
    let body = head.find(['{', '[']).and_then(|at| head.get(at..)).unwrap_or_default();
    if body.starts_with('[') {
        &["[]"]
    } else if wrapped.is_some_and(|rest| rest.trim_start().starts_with('[')) && wrapper == "results[]" {
        &["results[]"]
    } else {
        &[""]
    }
}

/// True if a row was changed some time after it was written, by the service's clock. The program itself updates rows within a moment of
/// their creation.
fn touched(item: &Value) -> bool {
    let at = |name: &str| rows::moment(item.at(name)).and_then(|raw| dates::read(&raw, &Options::default())?.utc);
    matches!((at("createdAt"), at("updatedAt")), (Some(made), Some(changed)) if changed.0 - made.0 > 2000)
}

/// The comment that a comment answers: `pid`. The first versions had only `rid`, the top of the branch.
pub(super) fn answered(item: &Value) -> Option<String> {
    rows::key(item.at("pid")).or_else(|| rows::key(item.at("rid")))
}

/// A row of the table `Comment`. The importer passes `key` and `parent`, because it knows within what ids are unique.
pub(super) fn row<'v>(item: &'v Value, file: &'v str, place: String) -> Row<'v> {
    let status = item.text("status").unwrap_or_default();
    // LeanCloud's `ACL` states who may read a row. A moderator who withholds a comment removes everybody from it.
    let acl = item.at("ACL");
    let shut = acl.as_object().is_some_and(|acl| {
        !acl.get("*").is_some_and(|everybody| everybody.get("read").and_then(Value::as_bool).unwrap_or(false))
    });
    let source = item.at("comment").as_str().unwrap_or_default();
    Row {
        name: item.text("nick").unwrap_or_default(),
        email: item.text("mail").unwrap_or_default(),
        link: item.text("link").unwrap_or_default(),
        ip: item.text("ip").unwrap_or_default(),
        agent: item.text("ua").is_some(),
        picture: ["QQAvatar", "emailHash", "avatar", "mailMd5"].iter().any(|name| item.text(name).is_some()),
        // Valine sorts by `insertedAt`; the service sets `createdAt` again when rows are moved.
        created: rows::moment(item.at("insertedAt")).or_else(|| rows::moment(item.at("createdAt"))),
        // Both are the service's own clock. `insertedAt` may be years older than a row that was moved.
        edited: rows::moment(item.at("updatedAt")).filter(|_| touched(item)),
        // Waline stores the source, Valine the rendered HTML.
        body: if status.is_empty() { rows::html_or_markdown(source) } else { Text::markdown(source) },
        flags: CommentFlags {
            hidden: item.flag("isSpam") || !matches!(status, "" | "approved") || shut,
            pinned: item.flag("sticky") || item.flag("top"),
            ..CommentFlags::default()
        },
        likes: item.number("like"),
        role: (item.text("type") == Some("administrator")).then_some(Role::Admin),
        file,
        place,
        ..Row::default()
    }
}
