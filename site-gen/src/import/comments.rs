//! Comment systems: Disqus, WordPress, Waline, Valine, Twikoo, Artalk, Isso, Commento, remark42, Staticman.

use super::Importer;

/// Those of this family, the surest first.
pub(super) static IMPORTERS: &[&dyn Importer] = &[];
