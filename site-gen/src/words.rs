//! The interface's words in three languages, one file for all of them: `words.toml`.

use std::collections::BTreeMap;

use circle_model::view::Lang;

/// The words of one language by their key. `{}` in a phrase is filled in by whoever uses it.
#[derive(Clone, Debug)]
pub struct Words(BTreeMap<String, String>);

impl Words {
    /// The words of `lang`.
    #[must_use]
    pub fn of(lang: Lang) -> Self {
        let table: toml::Table = include_str!("words.toml").parse().unwrap_or_default();
        let column = match lang {
            Lang::ZhHans => 0,
            Lang::ZhHant => 1,
            Lang::En => 2,
        };
        let phrase = |value: &toml::Value| Some(value.as_array()?.get(column)?.as_str()?.to_owned());
        Self(table.iter().filter_map(|(key, value)| Some((key.clone(), phrase(value)?))).collect())
    }

    /// The phrase of `key`; the key itself when there is none, so that a page never has a hole.
    #[must_use]
    pub fn get<'a>(&'a self, key: &'a str) -> &'a str {
        self.0.get(key).map_or(key, String::as_str)
    }

    /// The phrase of `key` with `{}` filled in.
    #[must_use]
    pub fn fill(&self, key: &str, value: &str) -> String {
        self.get(key).replacen("{}", value, 1)
    }

    /// All words, for templates.
    #[must_use]
    pub fn all(&self) -> &BTreeMap<String, String> {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_phrase_is_there_in_three_languages() {
        let table: toml::Table = include_str!("words.toml").parse().unwrap();
        assert!(table.len() > 40);
        for (key, value) in &table {
            let phrases: Vec<&str> = value.as_array().unwrap().iter().filter_map(toml::Value::as_str).collect();
            assert_eq!(phrases.len(), 3, "{key}");
            let holes: Vec<usize> = phrases.iter().map(|phrase| phrase.matches("{}").count()).collect();
            assert!(holes.iter().all(|count| *count == holes[0]), "{key}: {holes:?}");
        }
    }
}
