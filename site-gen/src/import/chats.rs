//! Chats and forums: Discourse, Telegram, Discord, Slack, Mattermost, Zulip, WhatsApp, mail.

use super::Importer;

mod discord;
mod markup;
mod slack;
mod talk;
mod telegram;

/// Those of this family, the surest first.
pub(super) static IMPORTERS: &[&dyn Importer] = &[&telegram::Telegram, &discord::Discord, &slack::Slack];
