//! Chats and forums: Discourse, Telegram, Discord, Slack, Mattermost, Zulip, WhatsApp, mail.

use super::Importer;

/// Those of this family, the surest first.
pub(super) static IMPORTERS: &[&dyn Importer] = &[];
