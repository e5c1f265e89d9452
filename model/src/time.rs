//! Points in time as exports give them: the raw text, the precision, and where the time zone came from.
//!
//! The arithmetic is the proleptic Gregorian calendar (days-from-civil, Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
//! This module has no time zone database: the host computes the offset, and the record stores it.

use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Milliseconds since 1970-01-01T00:00:00Z. Serialises as RFC 3339 with milliseconds: `2021-05-29T03:04:17.000Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Utc(pub i64);

/// Minutes east of Greenwich, -1439 to 1439. Serialises as `+08:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Offset(pub i16);

/// The precision with which a time was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// Milliseconds.
    Ms,
    /// Seconds.
    S,
    /// Minutes.
    Min,
    /// Only the day; the clock part of `utc` is local midnight.
    Day,
    /// Only the month; the day is the first.
    Month,
    /// The source gave nothing usable.
    #[default]
    None,
}

/// Where the offset of a [`Time`] came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ZoneFrom {
    /// The text itself stated it, or the number was an epoch.
    Explicit,
    /// The zone of `circle.toml`.
    Config,
    /// The exporting tool is known to write times of this zone.
    Exporter,
    /// Unknown; a default was used.
    #[default]
    Assumed,
}

/// A point in time, with its precision.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Time {
    /// The text exactly as in the source; empty if there was none.
    #[serde(default)]
    pub raw: String,
    /// The moment, if it could be worked out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub utc: Option<Utc>,
    /// The local offset at that moment; dates are shown with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<Offset>,
    /// The precision of the source.
    #[serde(default)]
    pub precision: Precision,
    /// Where the offset came from.
    #[serde(default)]
    pub zone_from: ZoneFrom,
}

/// A local date and clock time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Civil {
    /// The year (astronomical: 0 is 1 BC).
    pub year: i32,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 59.
    pub second: u8,
    /// 0 to 999.
    pub millisecond: u16,
}

const DAY_MS: i64 = 86_400_000;

impl Civil {
    /// The local clock `offset` minutes east of Greenwich at `utc`.
    #[must_use]
    pub fn at(utc: Utc, offset: Offset) -> Self {
        let local = utc.0.saturating_add(i64::from(offset.0) * 60_000);
        let (days, ms) = (local.div_euclid(DAY_MS), local.rem_euclid(DAY_MS));
        // 719,468 days lie between 0000-03-01 and 1970-01-01. An era is 400 years, 146,097 days. Years begin in March here, so that a leap
        // day is the last day of its year.
        let z = days.saturating_add(719_468);
        let (era, day_of_era) = (z.div_euclid(146_097), z.rem_euclid(146_097));
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        // From March on, the months have 31, 30, 31, 30, 31 days, twice, and 31: 153 days per five months.
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Self {
            year: i32::try_from(year).unwrap_or(i32::MAX),
            month: narrow(month),
            day: narrow(day),
            hour: narrow(ms / 3_600_000),
            minute: narrow(ms / 60_000 % 60),
            second: narrow(ms / 1_000 % 60),
            millisecond: u16::try_from(ms % 1_000).unwrap_or_default(),
        }
    }

    /// The moment at which a clock with `offset` shows this date and time; `None` for a date that does not exist.
    #[must_use]
    pub fn to_utc(self, offset: Offset) -> Option<Utc> {
        let in_month = match self.month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if self.year % 4 == 0 && (self.year % 100 != 0 || self.year % 400 == 0) => 29,
            2 => 28,
            _ => return None,
        };
        if self.day == 0 || self.day > in_month || self.hour > 23 || self.minute > 59 || self.second > 59 {
            return None;
        }
        let (month, day) = (i64::from(self.month), i64::from(self.day));
        let year = i64::from(self.year) - i64::from(month <= 2);
        let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
        let day_of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        let days = era * 146_097 + day_of_era - 719_468;
        let clock = i64::from(self.hour) * 3_600_000 + i64::from(self.minute) * 60_000 + i64::from(self.second) * 1_000;
        Some(Utc(days * DAY_MS + clock + i64::from(self.millisecond) - i64::from(offset.0) * 60_000))
    }
}

fn narrow(value: i64) -> u8 {
    u8::try_from(value).unwrap_or_default()
}

impl Time {
    /// A moment with millisecond precision. `zone_from` says where the offset came from.
    #[must_use]
    pub fn exact(utc: Utc, offset: Offset, zone_from: ZoneFrom) -> Self {
        Self { raw: String::new(), utc: Some(utc), offset: Some(offset), precision: Precision::Ms, zone_from }
    }

    /// The local date and clock time, if the moment is known. Without an offset, it is in UTC.
    #[must_use]
    pub fn local(&self) -> Option<Civil> {
        Some(Civil::at(self.utc?, self.offset.unwrap_or_default()))
    }

    /// For readers, with no more precision than was given: `2021-05-29 11:04`, `2021-05-29`, `2021-05`. The raw text if the moment is
    /// unknown; empty if there was no time.
    #[must_use]
    pub fn display(&self) -> String {
        let Some(c) = self.local() else { return self.raw.clone() };
        let mut text = String::new();
        push_date(&mut text, c, self.precision != Precision::Month);
        if matches!(self.precision, Precision::Ms | Precision::S | Precision::Min) {
            text.push(' ');
            push_clock(&mut text, c.hour, c.minute);
        }
        text
    }

    /// For `<time datetime>`: the moment with its offset, or only the day or month if no more was given. `None` if unknown.
    #[must_use]
    pub fn datetime(&self) -> Option<String> {
        if matches!(self.precision, Precision::Ms | Precision::S | Precision::Min) {
            return Some(rfc3339(self.utc?, self.offset.unwrap_or_default(), false));
        }
        let mut text = String::new();
        push_date(&mut text, self.local()?, self.precision != Precision::Month);
        Some(text)
    }
}

/// `2021-05-29T11:04:17+08:00`, with milliseconds if asked for, and `Z` for offset 0.
#[must_use]
pub fn rfc3339(utc: Utc, offset: Offset, milliseconds: bool) -> String {
    let c = Civil::at(utc, offset);
    let mut text = String::with_capacity(32);
    push_date(&mut text, c, true);
    text.push('T');
    push_clock(&mut text, c.hour, c.minute);
    text.push(':');
    push_digits(&mut text, c.second.into(), 2);
    if milliseconds {
        text.push('.');
        push_digits(&mut text, c.millisecond.into(), 3);
    }
    if offset.0 == 0 {
        text.push('Z')
    } else {
        push_offset(&mut text, offset)
    }
    text
}

// By hand: the machinery of `format!` would weigh a kilobyte in the widget.
fn push_date(text: &mut String, civil: Civil, with_day: bool) {
    if civil.year < 0 {
        text.push('-');
    }
    push_digits(text, civil.year.unsigned_abs(), if civil.year < 0 { 3 } else { 4 });
    text.push('-');
    push_digits(text, civil.month.into(), 2);
    if with_day {
        text.push('-');
        push_digits(text, civil.day.into(), 2);
    }
}

fn push_clock(text: &mut String, hours: u8, minutes: u8) {
    push_digits(text, hours.into(), 2);
    text.push(':');
    push_digits(text, minutes.into(), 2);
}

fn push_offset(text: &mut String, offset: Offset) {
    text.push(if offset.0 < 0 { '-' } else { '+' });
    let minutes = i64::from(offset.0.unsigned_abs());
    push_clock(text, narrow(minutes / 60), narrow(minutes % 60));
}

/// Appends a number of at least `width` digits.
fn push_digits(text: &mut String, number: u32, width: usize) {
    if number > 9 || width > 1 {
        push_digits(text, number / 10, width.saturating_sub(1));
    }
    text.push(char::from_digit(number % 10, 10).unwrap_or('0'));
}

/// A number of one to nine decimal digits.
fn digits(text: &str) -> Option<u32> {
    if text.is_empty() || text.len() > 9 {
        return None;
    }
    text.bytes().try_fold(0, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + u32::from(byte - b'0')))
}

/// Reads RFC 3339 (`2021-05-29T11:04:17.482+08:00`, also with a space for the `T`); digits after the millisecond are dropped.
#[must_use]
pub fn parse_rfc3339(text: &str) -> Option<(Utc, Offset)> {
    let number = |from: usize, to: usize| digits(text.get(from..to)?);
    let is = |at: usize, any: &[u8]| text.as_bytes().get(at).is_some_and(|b| any.contains(b));
    if !(is(4, b"-") && is(7, b"-") && is(10, b"Tt ") && is(13, b":") && is(16, b":")) {
        return None;
    }
    let rest = text.get(19..)?;
    let (fraction, zone) = match rest.strip_prefix('.') {
        Some(after) => {
            let digits = after.bytes().take_while(u8::is_ascii_digit).count();
            if digits == 0 {
                return None;
            }
            (after.get(..digits.min(3))?, after.get(digits..)?)
        }
        None => ("", rest),
    };
    let millisecond = match fraction.len() {
        0 => 0,
        1 => digits(fraction)? * 100,
        2 => digits(fraction)? * 10,
        _ => digits(fraction)?,
    };
    let offset = if zone.eq_ignore_ascii_case("z") { Offset(0) } else { zone.parse().ok()? };
    let civil = Civil {
        year: i32::try_from(number(0, 4)?).ok()?,
        month: u8::try_from(number(5, 7)?).ok()?,
        day: u8::try_from(number(8, 10)?).ok()?,
        hour: u8::try_from(number(11, 13)?).ok()?,
        minute: u8::try_from(number(14, 16)?).ok()?,
        // A leap second (60) becomes 59, because no `Civil` has it.
        second: u8::try_from(number(17, 19)?).ok()?.min(59),
        millisecond: u16::try_from(millisecond).ok()?,
    };
    Some((civil.to_utc(offset)?, offset))
}

impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        push_offset(&mut text, *self);
        f.write_str(&text)
    }
}

/// The text is not `+hh:mm`, `-hh:mm` or `+hhmm`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadOffset;

impl fmt::Display for BadOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an offset looks like +08:00")
    }
}

impl core::str::FromStr for Offset {
    type Err = BadOffset;
    fn from_str(text: &str) -> Result<Self, BadOffset> {
        let (sign, rest) = match text.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, text.strip_prefix('+').ok_or(BadOffset)?),
        };
        let mut number = 0;
        let mut count = 0;
        for byte in rest.bytes().filter(|byte| *byte != b':') {
            if !byte.is_ascii_digit() || count == 4 {
                return Err(BadOffset);
            }
            number = number * 10 + i16::from(byte - b'0');
            count += 1;
        }
        if count != 4 {
            return Err(BadOffset);
        }
        let (hours, minutes) = (number / 100, number % 100);
        if hours > 23 || minutes > 59 { Err(BadOffset) } else { Ok(Self(sign * (hours * 60 + minutes))) }
    }
}

impl Serialize for Utc {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&rfc3339(*self, Offset(0), true))
    }
}

impl<'de> Deserialize<'de> for Utc {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        parse_rfc3339(&text)
            .map(|(utc, _)| utc)
            .ok_or_else(|| de::Error::custom(format!("`{text}` is not a moment like 2021-05-29T03:04:17Z")))
    }
}

impl Serialize for Offset {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Offset {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_morning_after_the_announcement() {
        let (utc, offset) = parse_rfc3339("2021-05-29T11:04:17+08:00").unwrap();
        assert_eq!(utc, Utc(1_622_257_457_000));
        let time = Time { utc: Some(utc), offset: Some(offset), precision: Precision::S, ..Time::default() };
        assert_eq!(time.display(), "2021-05-29 11:04");
        assert_eq!(time.datetime().unwrap(), "2021-05-29T11:04:17+08:00");
        assert_eq!(serde_json::to_string(&utc).unwrap(), "\"2021-05-29T03:04:17.000Z\"");
    }

    #[test]
    fn what_is_not_a_date_is_none() {
        for text in
            ["", "2021-02-30T00:00:00Z", "2021-05-29", "2021-05-29T25:00:00Z", "2021-05-29T00:00:00", "二〇二一"]
        {
            assert_eq!(parse_rfc3339(text), None, "{text}");
        }
    }

    #[test]
    fn only_what_was_given_is_shown() {
        let utc = parse_rfc3339("2021-05-28T16:00:00Z").unwrap().0;
        let time = |precision| Time { utc: Some(utc), offset: Some(Offset(480)), precision, ..Time::default() };
        assert_eq!(time(Precision::Day).display(), "2021-05-29");
        assert_eq!(time(Precision::Month).display(), "2021-05");
        let unknown = Time { raw: "昨天".to_owned(), ..Time::default() };
        assert_eq!((unknown.display().as_str(), unknown.datetime()), ("昨天", None));
    }

    proptest! {
        #[test]
        fn civil_and_back(ms in -62_000_000_000_000i64..250_000_000_000_000, minutes in -1439i16..1440) {
            let (utc, offset) = (Utc(ms), Offset(minutes));
            prop_assert_eq!(Civil::at(utc, offset).to_utc(offset), Some(utc));
            if ms > 0 {
                prop_assert_eq!(parse_rfc3339(&rfc3339(utc, offset, true)), Some((utc, offset)));
            }
        }

        #[test]
        fn arbitrary_text_never_panics(text in "\\PC{0,40}") {
            let _ = parse_rfc3339(&text);
            let _ = text.parse::<Offset>();
        }
    }
}
