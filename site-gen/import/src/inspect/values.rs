//! Statistics of the values of a column or field: their types, their number, and samples.
//!
//! Private samples are masked before they are stored, so that nothing can show them later.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::secrets;
use circle_content::{dates, options::Options};

/// The number of values per column whose type is determined; the others are only counted.
const JUDGED: u64 = 20_000;
/// The number of different values that are counted one by one; more are "many".
const DIFFERENT: usize = 2_000;
/// The number of different short values that are kept with their counts, for columns such as 类型.
const LISTED: usize = 12;
/// The number of samples.
const SAMPLES: usize = 3;
/// The length of a sample in characters.
const SHOWN: usize = 28;

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Type {
    /// Empty, or only spaces.
    Empty,
    /// `true`, `否`.
    Flag,
    /// An integer.
    Number,
    /// A number with a fraction or an exponent.
    Fraction,
    /// A readable date, or an epoch.
    Date,
    /// One or more web addresses.
    Url,
    /// A list, in JSON or inside a cell.
    List,
    /// A single word of letters and digits.
    Id,
    /// Any other text.
    Text,
}

/// The values of one column.
#[derive(Clone, Debug, Default)]
pub struct Values {
    /// The number of values by type.
    pub types: BTreeMap<Type, u64>,
    /// The number of non-empty values.
    pub filled: u64,
    /// The number of rows or objects that were examined.
    pub seen: u64,
    /// Samples, shortened, and masked if private.
    pub samples: Vec<String>,
    /// Different short values with their counts, while there are few.
    pub few: BTreeMap<String, u64>,
    /// True if there are more different values than `few` has.
    pub many: bool,
    /// The length of the longest, in characters.
    pub longest: usize,
    /// Unmasked samples for guessing date formats and delimiters. Never shown.
    pub raw: Vec<String>,
    /// True if the name or a value is private.
    pub private: bool,
    different: BTreeSet<u64>,
}

impl Values {
    /// Adds a value of a column called `name`. `number` is true if the file itself stores it as a number.
    pub fn add(&mut self, name: &str, text: &str, options: &Options) {
        self.seen += 1;
        let text = text.trim();
        if text.is_empty() {
            if self.judged() < JUDGED {
                *self.types.entry(Type::Empty).or_default() += 1;
            }
            return;
        }
        self.filled += 1;
        if self.judged() >= JUDGED {
            return;
        }
        *self.types.entry(type_of(text, options)).or_default() += 1;
        let length = text.chars().count();
        self.longest = self.longest.max(length);
        if self.different.len() < DIFFERENT {
            self.different.insert(secrets::hash(text));
        }
        let private = secrets::is_private_value(name, text);
        self.private |= private;
        let shown = if private { secrets::masked(text) } else { shortened(text) };
        if self.samples.len() < SAMPLES && !self.samples.contains(&shown) {
            self.samples.push(shown.clone());
        }
        if self.raw.len() < 8 && length <= 2_000 {
            self.raw.push(text.to_owned());
        }
        if private || length > 20 {
            self.many = true;
        } else if let Some(count) = self.few.get_mut(&shown) {
            *count += 1;
        } else if self.few.len() < LISTED {
            self.few.insert(shown, 1);
        } else {
            self.many = true;
        }
    }

    /// Adds the statistics of another column with the same name.
    pub fn merge(&mut self, other: Self) {
        for (kind, count) in other.types {
            *self.types.entry(kind).or_default() += count;
        }
        self.seen += other.seen;
        self.filled += other.filled;
        self.longest = self.longest.max(other.longest);
        self.private |= other.private;
        for sample in other.samples {
            if self.samples.len() < SAMPLES && !self.samples.contains(&sample) {
                self.samples.push(sample);
            }
        }
        self.raw.extend(other.raw.into_iter().take(8_usize.saturating_sub(self.raw.len())));
        self.many |= other.many;
        for (value, count) in other.few {
            if self.few.len() < LISTED || self.few.contains_key(&value) {
                *self.few.entry(value).or_default() += count;
            } else {
                self.many = true;
            }
        }
        self.different.extend(other.different.into_iter().take(DIFFERENT.saturating_sub(self.different.len())));
    }

    /// The type of most values; a list or an address takes precedence over more general types.
    #[must_use]
    pub fn kind(&self) -> Type {
        let most = self.types.iter().filter(|(kind, _)| **kind != Type::Empty).max_by_key(|(_, count)| **count);
        most.map_or(Type::Empty, |(kind, _)| *kind)
    }

    /// The share of judged non-empty values with this type, from 0 to 1.
    #[must_use]
    pub fn share(&self, kind: Type) -> f64 {
        let all: u64 = self.types.iter().filter(|(kind, _)| **kind != Type::Empty).map(|(_, count)| count).sum();
        if all == 0 { 0.0 } else { ratio(self.types.get(&kind).copied().unwrap_or_default(), all) }
    }

    /// True if no compared value occurred twice.
    #[must_use]
    pub fn all_different(&self) -> bool {
        let compared: u64 = self.types.iter().filter(|(kind, _)| **kind != Type::Empty).map(|(_, count)| count).sum();
        compared > 0 && (self.different.len() as u64 == compared || self.different.len() >= DIFFERENT)
    }

    fn judged(&self) -> u64 {
        self.types.values().sum()
    }
}

/// `part` of `all`, from 0 to 1 with two decimals.
#[must_use]
pub fn ratio(part: u64, all: u64) -> f64 {
    if all == 0 {
        return 0.0;
    }
    #[expect(clippy::cast_precision_loss, reason = "a share that is shown with two places")]
    let share = part as f64 / all as f64;
    (share * 100.0).round() / 100.0
}

/// A value for display: one short line.
#[must_use]
pub fn shortened(text: &str) -> String {
    let mut short: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(SHOWN).collect();
    if text.chars().nth(SHOWN).is_some() {
        short.push('…');
    }
    circle_model::text::without_bidi(&short)
}

/// The type of a value.
#[must_use]
pub fn type_of(text: &str, options: &Options) -> Type {
    let text = text.trim();
    if text.is_empty() {
        return Type::Empty;
    }
    if matches!(text.to_ascii_lowercase().as_str(), "true" | "false" | "yes" | "no" | "是" | "否") {
        return Type::Flag;
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.bytes().all(|b| b.is_ascii_digit()) {
        return if is_epoch(digits) { Type::Date } else { Type::Number };
    }
    if digits.starts_with(|c: char| c.is_ascii_digit()) && digits.parse::<f64>().is_ok() {
        return Type::Fraction;
    }
    if text.starts_with("http://") || text.starts_with("https://") || text.starts_with("//") {
        return Type::Url;
    }
    if text.starts_with('[') && text.ends_with(']') {
        return Type::List;
    }
    if text.len() <= 60 && (dates::read(text, options).is_some() || date_format(std::slice::from_ref(&text)).is_some())
    {
        return Type::Date;
    }
    let word = text.len() <= 64 && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    if word && text.bytes().any(|b| b.is_ascii_digit()) { Type::Id } else { Type::Text }
}

/// An epoch in seconds or milliseconds between 2001 and 2040. Long QQ numbers can look the same; then the name decides.
fn is_epoch(digits: &str) -> bool {
    // From 2001-09-09, the first time with ten digits, to 2040-01-01.
    match digits.len() {
        10 => digits.parse::<u64>().is_ok_and(|n| (1_000_000_000..2_208_988_800).contains(&n)),
        13 => digits.parse::<u64>().is_ok_and(|n| (1_000_000_000_000..2_208_988_800_000).contains(&n)),
        _ => false,
    }
}

/// Date formats that `dates::read` refuses because they are ambiguous; the first that fits all samples is used. Day before month comes
/// first; a sample such as 05/29/2021 rules it out.
const FORMATS: &[&str] = &[
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y",
    "%d-%m-%Y %H:%M:%S",
    "%d-%m-%Y %H:%M",
    "%d-%m-%Y",
    "%Y%m%d%H%M%S",
    "%Y%m%d%H%M",
];

/// A format for dates that `dates::read` does not accept; `None` if no known one fits all `samples`.
#[must_use]
pub fn date_format<T: AsRef<str>>(samples: &[T]) -> Option<&'static str> {
    if samples.is_empty() {
        return None;
    }
    FORMATS.iter().copied().find(|format| {
        samples.iter().all(|sample| {
            let parsed = jiff::fmt::strtime::parse(format, sample.as_ref().trim());
            parsed.and_then(|parsed| parsed.to_date()).is_ok_and(|date| (1990..2100).contains(&date.year()))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_told_by_values() {
        let options = Options::default();
        for (text, kind) in [
            (" ", Type::Empty),
            ("是", Type::Flag),
            ("1024", Type::Number),
            ("4.45457E+15", Type::Fraction),
            ("1622257457", Type::Date),
            ("2021年05月29日 03:04", Type::Date),
            ("29/05/2021 13:04", Type::Date),
            ("https://a.example/x", Type::Url),
            ("['a', 'b']", Type::List),
            ("note_8a7f", Type::Id),
            ("读完了《边城》", Type::Text),
        ] {
            assert_eq!(type_of(text, &options), kind, "{text}");
        }
    }

    #[test]
    fn two_day_dates_get_a_format() {
        assert_eq!(date_format(&["01/02/2021 13:04", "29/05/2021 03:04"]), Some("%d/%m/%Y %H:%M"));
        assert_eq!(date_format(&["01/02/2021", "05/29/2021"]), Some("%m/%d/%Y"));
        assert_eq!(date_format(&["不久以前"]), None);
    }

    #[test]
    fn private_samples_are_masked_when_they_are_kept() {
        let mut values = Values::default();
        for text in ["lin.wan@mail.example.com", "PLANTED-token-value"] {
            values.add("access_token", text, &Options::default());
        }
        let shown = format!("{:?} {:?}", values.samples, values.few);
        assert!(values.private && !shown.contains("mail.example") && !shown.contains("PLANTED"), "{shown}");
        assert_eq!(values.samples, ["li…", "PL…"]);
    }
}
