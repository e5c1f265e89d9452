//! Files that are published as they are: assets of the theme, media, and the owner's own theme.

use circle_model::id::Id;

use super::{Rendered, Renderer};
use crate::theme;
use circle_content::{Result, media};

impl Renderer<'_> {
    pub(super) fn asset(&self, name: &str) -> Rendered {
        Rendered { bytes: self.site.theme.assets.get(name).cloned().unwrap_or_default(), ..Rendered::default() }
    }

    pub(super) fn theme_file(&self, name: &str) -> Result<Rendered> {
        Ok(Rendered { bytes: theme::own_file(&self.site.input, name)?, ..Rendered::default() })
    }

    pub(super) fn medium_bytes(&self, id: &Id) -> Result<Rendered> {
        let bytes = match self.plan.media.get(id) {
            Some(Ok(medium)) => {
                let about = self.plan.media_about.get(id).map(Vec::as_slice).unwrap_or_default();
                match media::veiled(&self.site.input, medium, &|text| self.site.veil.attached(about, text)) {
                    Some(text) => text.into_bytes(),
                    None => media::bytes(&self.site.input, medium)?,
                }
            }
            _ => Vec::new(),
        };
        Ok(Rendered { bytes, ..Rendered::default() })
    }
}
