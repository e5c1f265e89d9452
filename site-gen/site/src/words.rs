//! The texts of the site's pages in three languages: one file in `words/` for each part of the site.

use std::{collections::BTreeMap, fmt::Display, sync::OnceLock};

use circle_model::view::Lang;

use circle_content::phrase::fill;

/// Every file of words.
const FILES: &[(&str, &str)] = &[
    ("book", include_str!("words/book.toml")),
    ("calendar", include_str!("words/calendar.toml")),
    ("frame", include_str!("words/frame.toml")),
    ("info", include_str!("words/info.toml")),
    ("keep", include_str!("words/keep.toml")),
    ("ledger", include_str!("words/ledger.toml")),
    ("lists", include_str!("words/lists.toml")),
    ("posts", include_str!("words/posts.toml")),
    ("reading", include_str!("words/reading.toml")),
    ("search", include_str!("words/search.toml")),
    ("stats", include_str!("words/stats.toml")),
    ("structure", include_str!("words/structure.toml")),
];

/// The words of one language by key. The caller fills in `{}`; [`fill`] describes the other placeholders.
#[derive(Clone, Debug)]
pub struct Words(BTreeMap<String, String>);

impl Words {
    /// The words of `lang`.
    #[must_use]
    pub fn of(lang: Lang) -> Self {
        let column = match lang {
            Lang::ZhHans => 0,
            Lang::ZhHant => 1,
            Lang::En => 2,
        };
        let phrase = |value: &toml::Value| Some(value.as_array()?.get(column)?.as_str()?.to_owned());
        let tables = FILES.iter().map(|(_, text)| text.parse::<toml::Table>().unwrap_or_default());
        Self(tables.flatten().filter_map(|(key, value)| Some((key, phrase(&value)?))).collect())
    }

    /// The words of `lang`, read once: for callers that need them for each of many posts.
    #[must_use]
    pub fn shared(lang: Lang) -> &'static Self {
        static ALL: [OnceLock<Words>; 3] = [const { OnceLock::new() }; 3];
        let [hans, hant, en] = &ALL;
        let slot = match lang {
            Lang::ZhHans => hans,
            Lang::ZhHant => hant,
            Lang::En => en,
        };
        slot.get_or_init(|| Self::of(lang))
    }

    /// The phrase of `key`, or the key itself if there is none, so that a page never has a gap.
    #[must_use]
    pub fn get<'a>(&'a self, key: &'a str) -> &'a str {
        self.0.get(key).map_or(key, String::as_str)
    }

    /// The phrase of `key` with `{}` filled in.
    #[must_use]
    pub fn fill(&self, key: &str, value: &str) -> String {
        fill(self.get(key), [value])
    }

    /// The phrase of `key` with each `{}` filled in, in the order of `values`.
    #[must_use]
    pub fn fill_all(&self, key: &str, values: impl IntoIterator<Item = impl Display>) -> String {
        fill(self.get(key), values)
    }

    /// All words, for templates.
    #[must_use]
    pub fn all(&self) -> &BTreeMap<String, String> {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::FILES;
    use crate::theme::BUILT_IN;

    #[test]
    fn templates_leave_the_signs_between_words_to_the_words() {
        for (name, text) in BUILT_IN.iter().filter(|(name, _)| name.ends_with(".html")) {
            let chinese = |sign: &char| ('\u{2e80}'..='\u{ffef}').contains(sign) || "“”".contains(*sign);
            assert_eq!(text.chars().find(chinese), None, "{name}");
        }
    }

    #[test]
    fn every_phrase_is_there_in_three_languages_and_once() {
        let mut keys = BTreeSet::new();
        for (file, text) in FILES {
            let table: toml::Table = text.parse().unwrap_or_else(|error| panic!("{file}: {error}"));
            for (key, value) in &table {
                let phrases: Vec<&str> = value.as_array().unwrap().iter().filter_map(toml::Value::as_str).collect();
                assert_eq!(phrases.len(), 3, "{file}: {key}");
                let holes: Vec<usize> = phrases.iter().map(|phrase| phrase.matches("{}").count()).collect();
                assert!(holes.iter().all(|count| *count == holes[0]), "{file}: {key}: {holes:?}");
                assert!(keys.insert(key.clone()), "{file}: {key} is in another file too");
            }
        }
        assert!(keys.len() > 40);
    }
}
