//! Social networks, feeds and mail: Mastodon, Twitter, Facebook groups, Google+, WhatsApp, RSS, Atom, JSON Feed, mbox.

use super::Importer;
use circle_content::ident::tag_of;

mod chat_text;
mod facebook;
mod feed;
mod google_plus;
mod lines;
mod mastodon;
mod mbox;
mod paths;
mod twitter;
mod whatsapp;
mod when;

use paths::{folder_of, head, name_of, named, upwards};
use when::when;

/// The importers of this family. The most certain come first.
pub(super) static IMPORTERS: &[&dyn Importer] = &[
    &mastodon::Mastodon,
    &twitter::Twitter,
    &facebook::FacebookGroup,
    &google_plus::GooglePlus,
    &whatsapp::WhatsApp,
    &chat_text::ChatText,
    &mbox::Mbox,
    &feed::Feed,
];
