//! Social networks and feeds: Mastodon, Twitter, Facebook groups, Google+, RSS, Atom, JSON Feed.

use super::Importer;

/// Those of this family, the surest first.
pub(super) static IMPORTERS: &[&dyn Importer] = &[];
