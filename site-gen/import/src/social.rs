//! Social networks, feeds and mail: Mastodon, Twitter, Facebook groups, Google+, WhatsApp, RSS, Atom, JSON Feed, mbox.

use circle_model::time::Time;

use super::Importer;
use circle_content::{dates, ident::tag_of, options::Options};
use circle_content::{input::Input, report::Report};

mod chat_text;
mod facebook;
mod feed;
mod google_plus;
mod lines;
mod mastodon;
mod mbox;
mod twitter;
mod whatsapp;

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

/// The files with this name (compared without case), in any folder.
fn named<'a>(input: &'a Input, name: &str) -> impl Iterator<Item = &'a str> {
    input.entries().iter().map(|entry| entry.path.as_str()).filter(move |path| name_of(path).eq_ignore_ascii_case(name))
}

/// The last segment of a path.
fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The folder of a file, with a trailing slash; empty for the root.
fn folder_of(path: &str) -> &str {
    path.strip_suffix(name_of(path)).unwrap_or_default()
}

/// Finds a file that the export names relative to an unknown root: searched in every folder from that of `beside` upwards.
fn upwards(input: &Input, beside: &str, file: &str) -> Option<String> {
    let file = file.trim_start_matches('/');
    let mut folder = folder_of(beside);
    loop {
        let path = format!("{folder}{file}");
        if input.has(&path) {
            return Some(path);
        }
        if folder.is_empty() {
            return None;
        }
        folder = folder_of(folder.trim_end_matches('/'));
    }
}

/// Reads a date. One that cannot be read stays as text, and is a problem.
fn when(raw: &str, place: &str, options: &Options, report: &mut Report) -> Time {
    dates::read(raw, options).unwrap_or_else(|| {
        let what = if raw.is_empty() { "there is no date".to_owned() } else { format!("`{raw}` is no date") };
        report.problem(place, what, "it is kept without a day; nothing has to be done");
        Time { raw: raw.to_owned(), ..Time::default() }
    })
}

/// The first bytes of a file as text, for probing.
fn head(input: &Input, path: &str, bytes: u64) -> String {
    input.head(path, bytes).map(|head| circle_content::decode::text(&head).text).unwrap_or_default()
}
