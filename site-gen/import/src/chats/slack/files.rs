//! Files of Slack's messages. Slack's own export only names them, with a token in the address; slackdump includes them.

use circle_model::archive::{MediaRole, MediaState, MediaUse};
use serde_json::Value;

use crate::{
    chats::talk::{Place, Talk, folder_of},
    files::Wanted,
    json::Fields as _,
};
use circle_content::{Result, input::Input, sink::Sink};

const NOT_HELD: &str = "Slack's export names files and does not hold them";

/// Reads `files`.
pub(super) fn read(
    message: &Value,
    input: &Input,
    place: &Place,
    talk: &mut Talk<'_>,
    sink: &mut dyn Sink,
) -> Result<Vec<MediaUse>> {
    let mut uses: Vec<MediaUse> = Vec::new();
    let files = message.list("files").iter().chain(std::iter::once(message.at("file")).filter(|file| file.is_object()));
    for file in files {
        let id = file.id(&["id"]).unwrap_or_default();
        let name = file.text("name").or_else(|| file.text("title"));
        let address = ["url_private", "url_private_download", "permalink"].iter().find_map(|field| file.text(field));
        let remote = address.filter(|address| address.starts_with("http"));
        // With `?t=xoxe-…` anybody can read the workspace's files.
        let bare = remote.map(|address| address.split(['?', '#']).next().unwrap_or(address));
        let local = local(input, &place.file, &id, name.unwrap_or_default());
        let local = local.or_else(|| address.filter(|_| remote.is_none()).map(str::to_owned));
        let absent = match file.text("mode") {
            Some("tombstone") => (MediaState::Missing, "the file was deleted before the export"),
            Some("hidden_by_limit") => (MediaState::Forbidden, "the workspace's plan hid the file"),
            Some("external") => (MediaState::Skipped, "the file was on another server"),
            _ => (MediaState::Skipped, NOT_HELD),
        };
        let picture =
            file.text("mimetype").is_some_and(|mime| mime.starts_with("image/") || mime.starts_with("video/"));
        let mut used = talk.files.take(
            &Wanted {
                file: local.as_deref(),
                remote: bare,
                name: name.or(Some(id.as_str()).filter(|id| !id.is_empty())),
                beside: &place.file,
                role: if picture { MediaRole::Gallery } else { MediaRole::Attachment },
                alt: file.text("alt_txt").map(str::to_owned),
                absent: Some(absent),
                ..Wanted::default()
            },
            sink,
        )?;
        used.order = u32::try_from(uses.len()).unwrap_or(u32::MAX);
        uses.push(used);
    }
    Ok(uses)
}

/// slackdump's path for a file: `<channel>/attachments/<id>-<name>`, or `__uploads/<id>/<name>`.
fn local(input: &Input, day: &str, id: &str, name: &str) -> Option<String> {
    if id.is_empty() || name.is_empty() {
        return None;
    }
    let channel = folder_of(day);
    let root = folder_of(channel.trim_end_matches('/'));
    [
        format!("{channel}attachments/{id}-{name}"),
        format!("{root}__uploads/{id}/{name}"),
        format!("{root}attachments/{id}-{name}"),
    ]
    .into_iter()
    .find(|path| input.has(path))
}
