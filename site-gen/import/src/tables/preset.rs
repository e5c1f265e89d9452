//! Built-in maps: a file in `site-gen/import/presets/` for each program whose exports are tables. An export is recognised by file names,
//! and by words among the first bytes of the files.

use std::sync::LazyLock;

use super::{HEAD, Map, WithoutMap, by_map, glob};
use crate::{Importer, Recognised};
use circle_content::{Result, decode, input::Input, options::Options, report::Report, sink::Sink};

/// The number of files with a matching name that are probed.
const FILES: usize = 12;

macro_rules! presets {
    ($($number:literal $name:literal),* $(,)?) => {
        /// Names and texts, in the order of recognition.
        static TEXTS: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../presets/", $name, ".toml")))),*];
        /// The importers: one per preset, then `map` itself.
        pub(super) const PRESETS_AND_MAP: &[&dyn Importer] = &[$(&Shipped($number),)* &WithoutMap];
    };
}

presets! {
    0 "tofu",
    1 "weibo-crawler",
    2 "mediacrawler-xhs",
    3 "mediacrawler-weibo",
    4 "mediacrawler-tieba",
    5 "mediacrawler-zhihu",
    6 "wechatmsg",
    7 "getqzonehistory",
    8 "wechat-article-exporter",
}

static MAPS: LazyLock<Vec<Option<Map>>> =
    LazyLock::new(|| TEXTS.iter().map(|(_, text)| Map::read(text).ok()).collect());

/// The text of the preset with this name, as a starting point for a user's own map.
#[must_use]
pub fn preset_text(name: &str) -> Option<&'static str> {
    TEXTS.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// The preset at this index of [`TEXTS`].
#[derive(Clone, Copy, Debug)]
struct Shipped(usize);

impl Shipped {
    fn map(self) -> Option<&'static Map> {
        MAPS.get(self.0).and_then(Option::as_ref)
    }
}

impl Importer for Shipped {
    fn name(&self) -> &'static str {
        TEXTS.get(self.0).map_or("", |(name, _)| name)
    }

    fn about(&self) -> &'static str {
        self.map().and_then(|map| map.preset.as_ref()).map_or("", |preset| preset.about.as_str())
    }

    fn extent(&self) -> crate::contract::Extent {
        crate::contract::Extent::Beside
    }

    fn recognise(&self, input: &Input) -> Recognised {
        let mut perhaps = None;
        for mark in self.map().and_then(|map| map.preset.as_ref()).into_iter().flat_map(|preset| &preset.mark) {
            let named = |path: &str| mark.files.0.iter().any(|pattern| glob::fits(pattern, path));
            for entry in input.entries().iter().filter(|entry| named(&entry.path)).take(FILES) {
                if !mark.has.is_empty() {
                    let head = decode::text(&input.head(&entry.path, HEAD).unwrap_or_default()).text;
                    if !mark.has.iter().all(|word| head.contains(word.as_str())) {
                        continue;
                    }
                }
                let why = match mark.has.first() {
                    Some(word) => format!("{} has `{word}` and what else belongs to it", entry.path),
                    None => format!("it holds {}", entry.path),
                };
                if mark.perhaps {
                    perhaps.get_or_insert(why);
                } else {
                    return Recognised::Yes(why);
                }
            }
        }
        perhaps.map_or(Recognised::No("the files of a known table"), Recognised::Maybe)
    }

    fn import(&self, input: &Input, options: &Options, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        match self.map() {
            Some(map) => by_map(map, input, options, sink, report),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_is_a_map_of_its_name() {
        for (name, text) in TEXTS {
            let map = Map::read(text).unwrap_or_else(|error| panic!("{name}: {error}"));
            let preset = map.preset.unwrap();
            assert_eq!(preset.name, *name);
            assert!(!preset.mark.is_empty() && preset.about.chars().count() < 160, "{name}");
        }
        assert_eq!(PRESETS_AND_MAP.len(), TEXTS.len() + 1);
        for (importer, (name, _)) in PRESETS_AND_MAP.iter().zip(TEXTS) {
            assert_eq!(importer.name(), *name);
        }
    }
}
