//! Blogs (Ghost's export, folders of Markdown) and loose pictures.

use super::{Importer, loose, markdown};

mod ghost;

/// The importers of this family.
pub(super) static IMPORTERS: &[&dyn Importer] = &[&ghost::Ghost, &markdown::Markdown, &loose::Loose];
