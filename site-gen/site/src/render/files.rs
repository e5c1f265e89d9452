//! Files that are not made from a template: assets of the theme, media, and the owner's own theme files.

use std::collections::BTreeSet;

use circle_model::id::Id;

use super::{Rendered, Renderer};
use crate::{
    plan::{
        Page, What,
        kind::{Keep, Kind, Pages},
    },
    theme,
};
use circle_content::{Result, media};

pub(crate) const ASSET: Kind = Kind {
    whole_folders: &["assets"],
    keep: Keep::Always,
    ..Kind::new(
        "asset",
        Pages::OfContent(|site, _| {
            let assets = site.theme.assets.keys().filter(|name| site.config.live.is_some() || *name != "live.js");
            assets.map(|name| Page::of(format!("assets/{name}"), What::Asset(name.clone()))).collect()
        }),
    )
};

pub(crate) const MEDIA: Kind = Kind {
    whole_folders: &["media"],
    keep: Keep::Always,
    ..Kind::new(
        "media",
        Pages::OfContent(|_, plan| {
            let present = plan.media.iter().filter_map(|(id, medium)| Some((id, medium.as_ref().ok()?)));
            let mut files = BTreeSet::new();
            let once = present.filter(|(_, medium)| files.insert(&medium.path));
            once.map(|(id, medium)| Page::of(&medium.path, What::Media(id.clone()))).collect()
        }),
    )
};

pub(crate) const THEME_FILE: Kind = Kind {
    whole_folders: &["data"],
    ..Kind::new(
        "theme file",
        Pages::OfContent(|site, _| {
            let names = theme::own_files(&site.input);
            names.map(|name| Page::of(format!("data/theme/{name}"), What::ThemeFile(name.to_owned()))).collect()
        }),
    )
};

impl Renderer<'_> {
    pub(crate) fn asset(&self, name: &str) -> Rendered {
        Rendered { bytes: self.site.theme.assets.get(name).cloned().unwrap_or_default(), ..Rendered::default() }
    }

    pub(crate) fn theme_file(&self, name: &str) -> Result<Rendered> {
        Ok(Rendered { bytes: theme::own_file(&self.site.input, name)?, ..Rendered::default() })
    }

    pub(crate) fn medium_bytes(&self, id: &Id) -> Result<Rendered> {
        let bytes = match self.plan.media.get(id) {
            Some(Ok(medium)) => match media::veiled(&self.site.input, medium, &|text| self.site.shown_text(id, text)) {
                Some(text) => text.into_bytes(),
                None => media::bytes(&self.site.input, medium)?,
            },
            _ => Vec::new(),
        };
        Ok(Rendered { bytes, ..Rendered::default() })
    }
}
