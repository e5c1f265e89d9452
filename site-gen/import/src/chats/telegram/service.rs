//! Service messages of Telegram: who joined and left, what was pinned, new names.

use circle_model::{archive::EventKind, id::Id, time::Time};
use serde_json::Value;

use super::message::{key_of, person};
use crate::{
    chats::talk::{Happened, Place, Talk},
    json::Fields as _,
};
use circle_content::{Result, sink::Sink};

/// Reads a service message.
pub(super) fn read(
    message: &Value,
    key: &str,
    at: Time,
    place: &Place,
    talk: &mut Talk<'_>,
    sink: &mut dyn Sink,
) -> Result<()> {
    let action = message.text("action").unwrap_or_default();
    let actor_key = message.id(&["actor_id"]).map(|id| person(&id));
    let actor_name = message.text("actor").unwrap_or_default();
    let title = message.text("title").map(str::to_owned);
    let happened = |kind, member, target, text| Happened { kind, at: at.clone(), member, target, text };
    match action {
        "invite_members" | "remove_members" => {
            let kind = if action == "invite_members" { EventKind::Join } else { EventKind::Leave };
            for (number, name) in message.list("members").iter().enumerate() {
                // Only names are given (null for deleted accounts), and a name does not identify a person. The person who acted has an id.
                let name = name.as_str().unwrap_or_default();
                let own = actor_key.as_deref().filter(|_| !name.is_empty() && name == actor_name);
                let member = own.and_then(|key| talk.actor(place, Some(key), name));
                let text = member.is_none().then(|| name.to_owned());
                talk.event(place, &format!("{key}/{number}"), happened(kind, member, None, text), sink)?;
            }
            Ok(())
        }
        "join_group_by_link" | "join_group_by_request" => {
            let member = talk.actor(place, actor_key.as_deref(), actor_name);
            talk.event(place, key, happened(EventKind::Join, member, None, None), sink)
        }
        "pin_message" => {
            let member = talk.actor(place, actor_key.as_deref(), actor_name);
            let target: Option<Id> =
                message.id(&["message_id"]).map(|number| talk.id("post", &key_of(&place.key, &number)));
            talk.event(place, key, happened(EventKind::Pin, member, target, None), sink)
        }
        "create_group"
        | "create_channel"
        | "edit_group_title"
        | "migrate_from_group"
        | "migrate_to_supergroup"
        | "topic_created"
        | "topic_edit" => {
            let member = talk.actor(place, actor_key.as_deref(), actor_name);
            let title = title.or_else(|| message.text("new_title").map(str::to_owned));
            talk.event(place, key, happened(EventKind::Announce, member, None, title), sink)
        }
        _ => {
            let action: String = action.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(40).collect();
            talk.left_out(format!(
                "service messages ({}) were not read",
                if action.is_empty() { "?" } else { &action }
            ));
            Ok(())
        }
    }
}
