//! What is recognised and not read: encrypted databases, HAR files, training data, PDF.

use super::Importer;

/// Those of this family, the surest first.
pub(super) static IMPORTERS: &[&dyn Importer] = &[];
