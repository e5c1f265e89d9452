//! Reads the keys of `circle.toml`, for every caller. Errors name the key that was probably meant, and are marked if the live circle must
//! not ignore them.

use toml::{Table, Value};

use super::{FILE, Milestone};
use crate::report::{Problem, Report};

const TIMETABLE_KEYS: &[&str] = &["at", "kind", "text"];
/// The keys of the first part of the file that concern the live circle.
const ALSO_LIVE: &[&str] = &["name", "id", "zone", "rules", "base_url"];

/// Reads keys and reports errors.
pub(super) struct Reader<'a> {
    report: &'a mut Report,
    grave: Option<Problem>,
    meant_private: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn new(report: &'a mut Report) -> Self {
        Self { report, grave: None, meant_private: false }
    }

    /// The first error that the live circle must not ignore.
    pub(super) fn grave(self) -> Option<Problem> {
        self.grave
    }

    /// True if a key without effect looks like `private`.
    pub(super) fn meant_private(&self) -> bool {
        self.meant_private
    }

    pub(super) fn problem(&mut self, key: &str, what: impl Into<String>, help: impl Into<String>) {
        self.report.problem(format!("{FILE}: {key}"), what, help);
        if key == "live" || key.starts_with("live.") || ALSO_LIVE.contains(&key) {
            self.mark();
        }
    }

    /// Marks the last reported error as one that must not be ignored.
    fn mark(&mut self) {
        if self.grave.is_none() {
            self.grave = self.report.problems.last().cloned();
        }
    }

    /// Reports unknown keys. A misspelt `private` keeps comments out of the archive until it is fixed.
    pub(super) fn known(&mut self, table: &Table, keys: &[&str], prefix: &str) {
        for key in table.keys().filter(|key| !keys.contains(&key.as_str())) {
            let meant = nearest(key, keys).or_else(|| nearest(key, super::live::KEYS));
            let help = match meant {
                Some(known) if keys.contains(&known) => format!("did you mean `{known}`?"),
                Some(known) => format!("did you mean `{known}` in the part [live]?"),
                None => format!("the keys are {}", keys.join(", ")),
            };
            self.useless(&format!("{prefix}{key}"), "circlekeep does not know this key, so it has no effect", help);
            // An error in a key that only concerns pages does not stop the server: `serve --watch` shows it in the page.
            if meant.is_some_and(|meant| meant == "live" || !keys.contains(&meant)) {
                self.mark();
            }
        }
    }

    /// Reports a key that has no effect at its place. Only a key that looks like `private` must not be ignored.
    pub(super) fn useless(&mut self, key: &str, what: impl Into<String>, help: impl Into<String>) {
        self.problem(key, what, help);
        if nearest(key.rsplit('.').next().unwrap_or_default(), &["private"]).is_some() {
            self.meant_private = true;
            self.mark();
        }
    }

    /// A table of the file.
    pub(super) fn part<'t>(&mut self, table: &'t Table, name: &str) -> Option<&'t Table> {
        match table.get(name)? {
            Value::Table(part) => Some(part),
            _ => {
                self.problem(name, "this is not a part of the file", format!("begin it with a line [{name}]"));
                None
            }
        }
    }

    pub(super) fn yes_or_no(&mut self, table: &Table, key: &str, prefix: &str) -> Option<bool> {
        match table.get(key)? {
            Value::Boolean(yes) => Some(*yes),
            _ => {
                self.problem(
                    &format!("{prefix}{key}"),
                    "this is neither true nor false",
                    format!("write {key} = true, or {key} = false, without quotes"),
                );
                None
            }
        }
    }

    /// An integer, at least `least`.
    pub(super) fn number(&mut self, table: &Table, key: &str, prefix: &str, least: u32) -> Option<u32> {
        let found = table.get(key)?;
        let number = found.as_integer().and_then(|number| u32::try_from(number).ok()).filter(|number| *number >= least);
        if number.is_none() {
            self.problem(
                &format!("{prefix}{key}"),
                format!("this is not a whole number from {least} up"),
                format!("write for example {key} = 500, without quotes"),
            );
        }
        number
    }

    pub(super) fn text(&mut self, table: &Table, key: &str, prefix: &str) -> Option<String> {
        match table.get(key)? {
            Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
            Value::Datetime(date) => Some(date.to_string()),
            Value::Integer(number) => Some(number.to_string()),
            _ => {
                self.problem(&format!("{prefix}{key}"), "this is not a text", "write the value between quotes \"…\"");
                None
            }
        }
    }

    pub(super) fn list(&mut self, table: &Table, key: &str, prefix: &str) -> Vec<String> {
        match table.get(key) {
            None => Vec::new(),
            Some(Value::Array(items)) if items.iter().all(Value::is_str) => {
                items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
            }
            Some(_) => {
                self.problem(&format!("{prefix}{key}"), "this is not a list of texts", "write [\"…\", \"…\"]");
                Vec::new()
            }
        }
    }

    pub(super) fn timetable(&mut self, table: &Table) -> Vec<Milestone> {
        let entries: Vec<&Table> = match table.get("timetable") {
            None => return Vec::new(),
            Some(Value::Array(entries)) => entries.iter().filter_map(Value::as_table).collect(),
            Some(_) => {
                self.problem("timetable", "this is not a timetable", "begin each entry with a line [[timetable]]");
                return Vec::new();
            }
        };
        let mut milestones = Vec::new();
        for (index, entry) in entries.into_iter().enumerate() {
            let place = format!("timetable entry {}", index + 1);
            self.known(entry, TIMETABLE_KEYS, "timetable.");
            let text = self.text(entry, "text", "timetable.");
            let at = self.text(entry, "at", "timetable.");
            let kind = self.text(entry, "kind", "timetable.").unwrap_or_else(|| "note".to_owned());
            if !["announce", "freeze", "close", "note"].contains(&kind.as_str()) {
                self.problem(&place, format!("`{kind}` is not a kind"), "use announce, freeze, close or note");
            }
            match (at, text) {
                (Some(at), Some(text)) => milestones.push(Milestone { at, kind, text }),
                _ => self.problem(&place, "an entry needs `at` and `text`", "add what is missing"),
            }
        }
        milestones
    }
}

/// The known key that was probably meant.
fn nearest<'k>(key: &str, keys: &[&'k str]) -> Option<&'k str> {
    let key = key.to_lowercase();
    let near = keys.iter().map(|known| (strsim::damerau_levenshtein(&key, known), *known)).min();
    near.filter(|(distance, _)| *distance <= 1 + key.chars().count() / 3).map(|(_, known)| known)
}
