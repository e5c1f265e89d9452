//! Spreadsheets and flat JSON, by maps: a `map.toml` of the user, or one of the presets that are shipped as data.

use super::Importer;

/// Those of this family, the surest first.
pub(super) static IMPORTERS: &[&dyn Importer] = &[];
