//! `benches/baseline.json`: the ratios that were good enough, and by how much a run may be worse.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::files;

/// By how much a ratio may be worse, if the file does not say.
const TOLERANCE: f64 = 0.15;

/// The file.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Baseline {
    /// The share by which a ratio may be larger before `--check` fails.
    tolerance: f64,
    /// The same for ratios whose names begin with these words: what the clock measures varies more than what is counted.
    tolerances: BTreeMap<String, f64>,
    /// The ratios. Less is better in all of them.
    ratios: BTreeMap<String, f64>,
}

/// A ratio that became worse.
#[derive(Debug, PartialEq)]
pub(crate) struct Worse {
    /// What it is of.
    pub(crate) name: String,
    /// In the baseline.
    pub(crate) was: f64,
    /// Now.
    pub(crate) is: f64,
    /// The most that it may be.
    pub(crate) most: f64,
}

impl Default for Baseline {
    fn default() -> Self {
        let tolerances = [("watch: ", 0.5), ("verify: ", 0.5)].map(|(name, share)| (name.to_owned(), share)).into();
        Self { tolerance: TOLERANCE, tolerances, ratios: BTreeMap::new() }
    }
}

impl Baseline {
    /// The file at `path`; an empty one if there is none.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        if !path.is_file() {
            return Ok(Self::default());
        }
        serde_json::from_str(&files::read(path)?).with_context(|| format!("{} is not a baseline", path.display()))
    }

    /// What is worse now by more than the tolerance.
    pub(crate) fn worse(&self, now: &BTreeMap<String, f64>) -> Vec<Worse> {
        let both = now.iter().filter_map(|(name, is)| self.ratios.get(name).map(|was| (name, *was, *is)));
        both.map(|(name, was, is)| Worse { name: name.clone(), was, is, most: self.most(name, was) })
            .filter(|worse| worse.is > worse.most)
            .collect()
    }

    /// The most that a ratio may be. What is 0 must stay so.
    fn most(&self, name: &str, was: f64) -> f64 {
        let own = self.tolerances.iter().find(|(start, _)| name.starts_with(start.as_str())).map(|(_, share)| *share);
        // The file has four digits.
        was * (1.0 + own.unwrap_or(self.tolerance)) + 0.0001
    }

    /// Ratios of the baseline that were not measured now.
    pub(crate) fn not_measured(&self, now: &BTreeMap<String, f64>) -> Vec<&str> {
        self.ratios.keys().filter(|name| !now.contains_key(*name)).map(String::as_str).collect()
    }

    /// A ratio of the baseline.
    pub(crate) fn ratio(&self, name: &str) -> Option<f64> {
        self.ratios.get(name).copied()
    }

    /// Writes the file with the ratios of now; what was not measured stays as it is.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub(crate) fn bless(&mut self, path: &Path, now: &BTreeMap<String, f64>) -> Result<()> {
        let rounded = |value: f64| (value * 10_000.0).round() / 10_000.0;
        self.ratios.extend(now.iter().map(|(name, value)| (name.clone(), rounded(*value))));
        files::write(path, &(serde_json::to_string_pretty(self)? + "\n"))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::Baseline;

    fn ratios(pairs: &[(&str, f64)]) -> BTreeMap<String, f64> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect()
    }

    #[test]
    fn a_worse_ratio_fails_and_a_better_one_does_not() {
        let baseline = Baseline { ratios: ratios(&[("a", 1.0), ("b", 1.0), ("c", 1.0)]), ..Baseline::default() };
        let worse = baseline.worse(&ratios(&[("a", 1.2), ("b", 1.1), ("c", 0.2), ("new", 9.0)]));
        assert_eq!(worse.iter().map(|worse| worse.name.as_str()).collect::<Vec<_>>(), ["a"]);
        assert!(baseline.worse(&ratios(&[])).is_empty());
        assert_eq!(baseline.not_measured(&ratios(&[("a", 1.0)])), ["b", "c"]);
    }

    #[test]
    fn what_the_clock_measures_may_vary_more_and_nothing_becomes_something() {
        let baseline = Baseline { ratios: ratios(&[("watch: x", 1.0), ("missed", 0.0)]), ..Baseline::default() };
        assert!(baseline.worse(&ratios(&[("watch: x", 1.4), ("missed", 0.0)])).is_empty());
        assert_eq!(baseline.worse(&ratios(&[("watch: x", 1.6), ("missed", 0.01)])).len(), 2);
    }

    #[test]
    fn what_is_blessed_is_read_again_and_keeps_what_was_not_measured() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("baseline.json");
        let mut baseline = Baseline { ratios: ratios(&[("large", 2.0)]), ..Baseline::default() };
        baseline.bless(&path, &ratios(&[("small", 0.123_456)])).unwrap();
        let again = Baseline::read(&path).unwrap();
        assert_eq!((again.ratio("large"), again.ratio("small")), (Some(2.0), Some(0.1235)));
        assert!(again.worse(&ratios(&[("small", 0.123_456)])).is_empty());
    }
}
