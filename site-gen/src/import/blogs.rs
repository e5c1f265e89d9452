//! Blogs: folders of Markdown.

use super::{Importer, markdown};

/// Those of this family.
pub(super) static IMPORTERS: &[&dyn Importer] = &[&markdown::Markdown];
