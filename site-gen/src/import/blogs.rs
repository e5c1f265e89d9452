//! Blogs: folders of Markdown; and loose pictures.

use super::{Importer, loose, markdown};

/// Those of this family.
pub(super) static IMPORTERS: &[&dyn Importer] = &[&markdown::Markdown, &loose::Loose];
