//! Saved web pages: 豆瓣小组 folders, articles of WeChat official accounts, any page with an article.

use super::Importer;

/// Those of this family, the surest first.
pub(super) static IMPORTERS: &[&dyn Importer] = &[];
