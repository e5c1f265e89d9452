//! Platforms that were made for circles: 知识星球, QQ空间 and the like.

use super::Importer;

mod discourse;
mod qzone;
mod shelf;
mod zsxq;

/// Those of this family, the surest first.
pub(super) static IMPORTERS: &[&dyn Importer] = &[&zsxq::Zsxq, &qzone::Qzone, &discourse::Discourse];
