//! Chats and forums: Telegram, QQ Chat Exporter, Discord, Slack, Mattermost, Zulip, phpBB.

use super::Importer;

mod discord;
mod markup;
mod mattermost;
mod phpbb;
mod qq_exporter;
mod slack;
mod talk;
mod telegram;
mod zulip;

/// The importers of this family. The most certain come first.
pub(super) static IMPORTERS: &[&dyn Importer] = &[
    &telegram::Telegram,
    &qq_exporter::QqExporter,
    &discord::Discord,
    &slack::Slack,
    &mattermost::Mattermost,
    &zulip::Zulip,
    &phpbb::Phpbb,
];
