//! Reads dates in the forms that exports and people use.
//!
//! 1. [`read`] tries, in this order: an epoch, English forms (RFC 2822, JavaScript), then numbers with any separators, including Chinese
//!    ones.
//! 2. A zone in the text is explicit. Otherwise the circle's zone at that moment applies, including China's summer time of 1986 to 1991.
//! 3. A relative date needs the day of the export. Without it, the text is not a date.

use circle_model::time::{Offset, Precision, Time, Utc, ZoneFrom};
use jiff::{
    Timestamp, ToSpan as _,
    civil::{Date, DateTime, Time as Clock},
    tz::{Offset as JiffOffset, TimeZone},
};
use unicode_normalization::UnicodeNormalization as _;

use crate::options::Options;

/// Reads a date. `None` if the text is not a date; the caller keeps the text and reports it.
///
/// A time in UTC (`GMT`, `Z`, `+0000`) is shown in the circle's zone, because programs write moments in UTC wherever their author is.
#[must_use]
pub fn read(raw: &str, options: &Options) -> Option<Time> {
    let text: String = raw.nfkc().collect();
    let text = text.trim().trim_matches(['"', '\'']).trim();
    if text.is_empty() || text.len() > 120 || text.contains(['`', '{']) {
        return None;
    }
    let mut time = epoch(text, options)
        .or_else(|| english(text, options))
        .or_else(|| numbers(text, options))
        .or_else(|| relative(text, options))?;
    raw.clone_into(&mut time.raw);
    Some(time)
}

/// The time of an edit, from a field that the source calls so. A time that is not later than the creation is not an edit.
#[must_use]
pub fn edit(edited: Option<Time>, created: &Time) -> Option<Time> {
    edited.filter(|edited| edited.utc.is_some() && edited.utc > created.utc)
}

/// Reads the date at the start of a file name or path: `2021-05-29-slug.md`, `20210529 slug.md`, `2021/05/29/slug.md`.
#[must_use]
pub fn from_path(path: &str, options: &Options) -> Option<Time> {
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
    let in_name = |name: &str| {
        let length = date_prefix(name)?;
        read(name.get(..length)?, options)
    };
    if let Some(time) = in_name(name) {
        return Some(time);
    }
    let parts: Vec<&str> = folders.split('/').collect();
    if let Some(time) = parts.last().and_then(|folder| in_name(folder)) {
        return Some(time);
    }
    for at in (0..parts.len()).rev() {
        let Some(year) = parts.get(at).filter(|p| p.len() == 4 && p.bytes().all(|b| b.is_ascii_digit())) else {
            continue;
        };
        let number = |at: usize| parts.get(at).filter(|p| p.len() <= 2 && p.bytes().all(|b| b.is_ascii_digit()));
        let Some(month) = number(at + 1) else { continue };
        let raw = number(at + 2).map_or_else(|| format!("{year}-{month}"), |day| format!("{year}-{month}-{day}"));
        return read(&raw, options);
    }
    None
}

/// The number of bytes of the date at the start of a file name: 10 for `2021-05-29-slug`, 8 for `20210529 slug`.
#[must_use]
pub fn date_prefix(name: &str) -> Option<usize> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let plausible = |year: &str, month: &str, day: &str| {
        digits(year)
            && (1970..2100).contains(&year.parse::<u32>().unwrap_or(0))
            && digits(month)
            && (1..=12).contains(&month.parse::<u32>().unwrap_or(0))
            && digits(day)
            && (1..=31).contains(&day.parse::<u32>().unwrap_or(0))
    };
    let ends = |at: usize| !name.get(at..).unwrap_or_default().starts_with(|c: char| c.is_ascii_alphanumeric());
    if let (Some(y), Some(m), Some(d)) = (name.get(..4), name.get(5..7), name.get(8..10)) {
        let separated = [4, 7].iter().all(|at| matches!(name.as_bytes().get(*at), Some(b'-' | b'_' | b'.')));
        if separated && plausible(y, m, d) && ends(10) {
            return Some(10);
        }
    }
    if let (Some(y), Some(m), Some(d)) = (name.get(..4), name.get(4..6), name.get(6..8))
        && plausible(y, m, d)
        && ends(8)
    {
        return Some(8);
    }
    None
}

fn epoch(text: &str, options: &Options) -> Option<Time> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if !whole.bytes().all(|b| b.is_ascii_digit()) || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let number: i64 = whole.parse().ok()?;
    // Epochs by their number of digits: seconds, milliseconds, microseconds.
    let (ms, precision) = match whole.len() {
        9 | 10 if fraction.is_empty() => (number * 1000, Precision::S),
        9 | 10 => (number * 1000 + format!("{fraction:0<3}").get(..3)?.parse::<i64>().ok()?, Precision::Ms),
        12 | 13 if whole.len() == 13 => (number, Precision::Ms),
        16 => (number / 1000, Precision::Ms),
        _ => return None,
    };
    moment(ms, precision, options)
}

/// A moment, shown in the circle's zone.
fn moment(ms: i64, precision: Precision, options: &Options) -> Option<Time> {
    let offset = options.zone.to_offset(Timestamp::from_millisecond(ms).ok()?);
    let offset = Offset(i16::try_from(offset.seconds() / 60).ok()?);
    Some(Time {
        raw: String::new(),
        utc: Some(Utc(ms)),
        offset: Some(offset),
        precision,
        zone_from: ZoneFrom::Explicit,
    })
}

/// What a text says about its zone.
#[derive(Clone, Debug, PartialEq)]
enum Zone {
    /// Nothing.
    Unsaid,
    /// An offset in seconds.
    Offset(i32),
    /// A place such as `Asia/Shanghai`.
    Named(TimeZone),
}

fn place(date: Date, clock: Option<Clock>, precision: Precision, zone: Zone, options: &Options) -> Option<Time> {
    let civil = DateTime::from_parts(date, clock.unwrap_or(Clock::midnight()));
    let (zone, zone_from) = match zone {
        Zone::Offset(0) => {
            let stamp = TimeZone::UTC.to_timestamp(civil).ok()?;
            return moment(stamp.as_millisecond(), precision, options);
        }
        Zone::Offset(seconds) => (TimeZone::fixed(JiffOffset::from_seconds(seconds).ok()?), ZoneFrom::Explicit),
        Zone::Named(zone) => (zone, ZoneFrom::Explicit),
        Zone::Unsaid => (options.zone.clone(), options.zone_from),
    };
    let stamp = zone.to_timestamp(civil).ok()?;
    let offset = Offset(i16::try_from(zone.to_offset(stamp).seconds() / 60).ok()?);
    Some(Time {
        raw: String::new(),
        utc: Some(Utc(stamp.as_millisecond())),
        offset: Some(offset),
        precision,
        zone_from,
    })
}

/// `Sat, 29 May 2021 03:04:17 GMT`, `Tue May 09 2023 21:27:04 GMT+0800 (中国标准时间)`, `May 29, 2021 3:04 PM`.
fn english(text: &str, options: &Options) -> Option<Time> {
    const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let text = text.split('(').next()?.replace(',', " ");
    let (mut day, mut month, mut year) = (None, None, None);
    let (mut clock, mut zone, mut afternoon) = (None, Zone::Unsaid, None);
    for token in text.split_whitespace() {
        let lower = token.to_ascii_lowercase();
        let number = lower.trim_end_matches(['s', 't', 'n', 'd', 'r', 'h', '.']);
        let named = lower.get(..3).and_then(|three| MONTHS.iter().position(|m| *m == three));
        if let Some(at) = named.filter(|_| lower.bytes().all(|b| b.is_ascii_alphabetic() || b == b'.')) {
            month = i8::try_from(at + 1).ok();
        } else if number.len() <= 2 && !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) && day.is_none()
        {
            day = number.parse::<i8>().ok();
        } else if lower.len() == 4 && lower.bytes().all(|b| b.is_ascii_digit()) && year.is_none() {
            year = lower.parse::<i16>().ok();
        } else if number.len() == 2
            && number == lower
            && number.bytes().all(|b| b.is_ascii_digit())
            && month.is_some()
            && year.is_none()
        {
            // Years have two digits in RFC 822, which RSS refers to. RFC 2822 says which century they belong to.
            year = number.parse::<i16>().ok().map(|year| if year < 50 { 2000 + year } else { 1900 + year });
        } else if token.contains(':') && clock.is_none() && lower.starts_with(|c: char| c.is_ascii_digit()) {
            let (parsed, precision, rest) = clock_of(token)?;
            clock = Some((parsed, precision));
            match rest.to_ascii_lowercase().as_str() {
                "" => {}
                "am" => afternoon = Some(false),
                "pm" => afternoon = Some(true),
                other => zone = zone_of(other)?,
            }
        } else if matches!(lower.as_str(), "am" | "a.m." | "pm" | "p.m.") {
            afternoon = Some(lower.starts_with('p'));
        } else if let Some(said) = zone_of(token) {
            zone = said;
        } else if !lower.bytes().all(|b| b.is_ascii_alphabetic() || b == b'.') {
            return None;
        }
    }
    let date = Date::new(year?, month?, day?).ok()?;
    match clock {
        None => place(date, None, Precision::Day, zone, options),
        Some(((hour, minute, second, ms), precision)) => {
            let hour = turned(hour, afternoon);
            with_clock(date, (hour, minute, second, ms), precision, zone, options)
        }
    }
}

type ClockParts = (i8, i8, i8, i16);

fn turned(hour: i8, afternoon: Option<bool>) -> i8 {
    match afternoon {
        Some(true) if hour < 12 => hour + 12,
        Some(false) if hour == 12 => 0,
        _ => hour,
    }
}

/// 24:00 is midnight of the next day. A leap second becomes the second before it.
fn with_clock(date: Date, clock: ClockParts, precision: Precision, zone: Zone, options: &Options) -> Option<Time> {
    let (hour, minute, second, ms) = clock;
    let (date, hour) =
        if hour == 24 && minute == 0 && second == 0 { (date.checked_add(1.day()).ok()?, 0) } else { (date, hour) };
    let clock = Clock::new(hour, minute, second.min(59), i32::from(ms) * 1_000_000).ok()?;
    place(date, Some(clock), precision, zone, options)
}

/// `2021-05-29`, `2020-5-8 9:5`, `2019年10月01日 下午3点20分`, `2021/5/29T9:31:00+00:00`, `20210529030417`, `05/29/2021`.
fn numbers(text: &str, options: &Options) -> Option<Time> {
    if text.len() >= 8 && text.bytes().all(|b| b.is_ascii_digit()) {
        let (date, clock) = (text.get(..8)?, text.get(8..)?);
        let part = |from: usize, to: usize| date.get(from..to).and_then(|t| t.parse::<i16>().ok());
        let date = Date::new(part(0, 4)?, i8::try_from(part(4, 6)?).ok()?, i8::try_from(part(6, 8)?).ok()?).ok()?;
        let two = |at: usize| clock.get(at..at + 2).and_then(|t| t.parse::<i8>().ok());
        return match clock.len() {
            0 => place(date, None, Precision::Day, Zone::Unsaid, options),
            4 => with_clock(date, (two(0)?, two(2)?, 0, 0), Precision::Min, Zone::Unsaid, options),
            6 => with_clock(date, (two(0)?, two(2)?, two(4)?, 0), Precision::S, Zone::Unsaid, options),
            _ => None,
        };
    }
    let (first, rest) = leading_number(text)?;
    if first.len() != 4 {
        return day_first(text, options);
    }
    let year: i16 = first.parse().ok()?;
    let rest = rest.trim_start().strip_prefix(['-', '/', '.', '年', '_'])?.trim_start();
    let (month, rest) = leading_number(rest)?;
    let month: i8 = month.parse().ok().filter(|_| month.len() <= 2)?;
    let rest = rest.trim_start();
    let Some(after) = rest.strip_prefix(['-', '/', '.', '月', '_']).map(str::trim_start).filter(|a| !a.is_empty())
    else {
        let whole = rest.is_empty() || rest == "月";
        return whole.then(|| place(Date::new(year, month, 1).ok()?, None, Precision::Month, Zone::Unsaid, options))?;
    };
    let (day, rest) = leading_number(after)?;
    let day: i8 = day.parse().ok().filter(|_| day.len() <= 2)?;
    tail(Date::new(year, month, day).ok()?, rest, options)
}

/// `29/05/2021` and `05/29/2021`, if only one order is possible.
fn day_first(text: &str, options: &Options) -> Option<Time> {
    let (a, rest) = leading_number(text)?;
    let (b, rest) = leading_number(rest.strip_prefix(['/', '.', '-'])?)?;
    let (year, rest) = leading_number(rest.strip_prefix(['/', '.', '-'])?)?;
    let (a, b): (i8, i8) = (a.parse().ok()?, b.parse().ok()?);
    let (day, month) = if a > 12 && b <= 12 {
        (a, b)
    } else if (b > 12 && a <= 12) || a == b {
        (b, a)
    } else {
        return None;
    };
    tail(Date::new(year.parse().ok().filter(|_| year.len() == 4)?, month, day).ok()?, rest, options)
}

/// What may follow a day: `日`, a weekday, a clock time, a zone, a remark in brackets.
fn tail(date: Date, rest: &str, options: &Options) -> Option<Time> {
    let mut rest = rest.trim_start_matches(['日', '号', 'T', 't', ',', ' ', '\t', '_']);
    for weekday in ["星期", "礼拜", "周"] {
        if let Some(after) = rest.strip_prefix(weekday) {
            rest = after.trim_start_matches(['一', '二', '三', '四', '五', '六', '日', '天', ' ', ',']);
        }
    }
    if rest.starts_with('(') {
        let after = rest.split_once(')')?.1;
        rest = after.trim_start();
    }
    let mut afternoon = None;
    for (word, half) in [
        ("上午", false),
        ("早上", false),
        ("凌晨", false),
        ("清晨", false),
        ("早晨", false),
        ("中午", true),
        ("下午", true),
        ("傍晚", true),
        ("晚上", true),
        ("晚", true),
    ] {
        if let Some(after) = rest.strip_prefix(word) {
            afternoon = Some((half, word));
            rest = after.trim_start();
            break;
        }
    }
    if rest.is_empty() {
        return place(date, None, Precision::Day, Zone::Unsaid, options);
    }
    let Some(((hour, minute, second, ms), precision, after)) = clock_of(rest) else {
        let zone = zone_of(rest.trim())?;
        return place(date, None, Precision::Day, zone, options);
    };
    let after = after.split('(').next()?.trim();
    let (after, half) = match after.get(..2).map(str::to_ascii_lowercase).as_deref() {
        Some("am") => (after.get(2..)?.trim(), Some(false)),
        Some("pm") => (after.get(2..)?.trim(), Some(true)),
        // 中午11:30 is before twelve.
        _ => (after, afternoon.filter(|(_, word)| !(*word == "中午" && hour > 10)).map(|(half, _)| half)),
    };
    let zone = if after.is_empty() { Zone::Unsaid } else { zone_of(after)? };
    with_clock(date, (turned(hour, half), minute, second, ms), precision, zone, options)
}

/// `昨天 12:00`, `5月29日 03:04`, `3天前`: only if the day of the export is known.
fn relative(text: &str, options: &Options) -> Option<Time> {
    let today = options.now_day?;
    for (word, back) in [("今天", 0), ("今日", 0), ("昨天", 1), ("昨日", 1), ("前天", 2)] {
        if let Some(rest) = text.strip_prefix(word) {
            return tail(today.checked_sub(i64::from(back).days()).ok()?, rest, options);
        }
    }
    let (number, rest) = leading_number(text)?;
    let number: i64 = number.parse().ok()?;
    if rest.trim() == "天前" {
        return place(
            today.checked_sub(jiff::Span::new().try_days(number).ok()?).ok()?,
            None,
            Precision::Day,
            Zone::Unsaid,
            options,
        );
    }
    let (day, rest) = leading_number(rest.strip_prefix('月')?)?;
    let (month, day) = (i8::try_from(number).ok()?, day.parse::<i8>().ok()?);
    let this_year = Date::new(today.year(), month, day).ok();
    let date = this_year.filter(|date| *date <= today).or_else(|| Date::new(today.year() - 1, month, day).ok())?;
    tail(date, rest, options)
}

fn leading_number(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

/// `9:5`, `03:04:17.4820000`, `3点20分`, `15时`. Returns the rest of the text.
fn clock_of(text: &str) -> Option<(ClockParts, Precision, &str)> {
    let (hour, rest) = leading_number(text)?;
    let hour: i8 = hour.parse().ok().filter(|h| *h <= 24)?;
    let after = rest.strip_prefix([':', '点', '时'])?;
    if after.starts_with('半') {
        return Some(((hour, 30, 0, 0), Precision::Min, after.strip_prefix('半')?));
    }
    let Some((minute, rest)) = leading_number(after) else {
        let whole = !rest.starts_with(':');
        return whole.then_some(((hour, 0, 0, 0), Precision::Min, after));
    };
    let minute: i8 = minute.parse().ok().filter(|m| *m < 60)?;
    let Some((second, after)) = rest.strip_prefix([':', '分']).and_then(leading_number) else {
        return Some(((hour, minute, 0, 0), Precision::Min, rest.strip_prefix('分').unwrap_or(rest)));
    };
    let second: i8 = second.parse().ok().filter(|s| *s <= 60)?;
    let after = after.strip_prefix('秒').unwrap_or(after);
    let Some((fraction, after)) = after.strip_prefix(['.', ',']).and_then(leading_number) else {
        return Some(((hour, minute, second, 0), Precision::S, after));
    };
    let ms = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
    Some(((hour, minute, second, ms), Precision::Ms, after))
}

/// `Z`, `+0800`, `+08:00`, `+8`, `GMT+0800`, `UTC`, `Asia/Shanghai`. `CST` is ignored: it means the zone of China and one of America.
fn zone_of(text: &str) -> Option<Zone> {
    let text = text.trim();
    let upper = text.to_ascii_uppercase();
    if matches!(upper.as_str(), "Z" | "GMT" | "UTC" | "UT") {
        return Some(Zone::Offset(0));
    }
    match upper.as_str() {
        "CST" | "" => return Some(Zone::Unsaid),
        "EST" => return Some(Zone::Offset(-5 * 3600)),
        "EDT" => return Some(Zone::Offset(-4 * 3600)),
        "PST" => return Some(Zone::Offset(-8 * 3600)),
        "PDT" => return Some(Zone::Offset(-7 * 3600)),
        "JST" | "KST" => return Some(Zone::Offset(9 * 3600)),
        "HKT" | "SGT" => return Some(Zone::Offset(8 * 3600)),
        _ => {}
    }
    let bare = upper.strip_prefix("GMT").or(upper.strip_prefix("UTC")).unwrap_or(&upper);
    if let Some(sign) = bare.chars().next().filter(|c| matches!(c, '+' | '-')) {
        let digits: String = bare.chars().skip(1).filter(|c| *c != ':').collect();
        if digits.is_empty() || digits.len() > 4 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let (hours, minutes) = match digits.len() {
            1 | 2 => (digits.parse::<i32>().ok()?, 0),
            3 => (digits.get(..1)?.parse().ok()?, digits.get(1..)?.parse().ok()?),
            _ => (digits.get(..2)?.parse().ok()?, digits.get(2..)?.parse().ok()?),
        };
        if hours > 15 || minutes > 59 {
            return None;
        }
        let seconds = hours * 3600 + minutes * 60;
        return Some(Zone::Offset(if sign == '-' { -seconds } else { seconds }));
    }
    if text.contains('/') { TimeZone::get(text).ok().map(Zone::Named) } else { None }
}

#[cfg(test)]
mod tests {
    use circle_model::time::rfc3339;
    use proptest::prelude::*;

    use super::*;

    fn shown(raw: &str) -> String {
        let options = Options { now_day: Some(jiff::civil::date(2021, 6, 2)), ..Options::default() };
        read(raw, &options).map_or_else(
            || "none".to_owned(),
            |t| {
                format!(
                    "{} {:?}",
                    rfc3339(t.utc.unwrap(), t.offset.unwrap(), t.precision == Precision::Ms),
                    t.precision
                )
            },
        )
    }

    #[test]
    fn years_of_two_digits_are_of_the_century_that_rfc_2822_says() {
        let at = |raw: &str| read(raw, &Options::default()).and_then(|time| time.utc);
        assert_eq!(at("Sat, 07 Sep 02 00:00:01 GMT"), at("2002-09-07T00:00:01Z"));
        assert_eq!(at("07 Sep 99 00:00:01 GMT"), at("1999-09-07T00:00:01Z"));
        assert!(at("07 Sep 02 00:00:01 GMT").is_some());
        assert_eq!(at("Sep 07"), None);
    }

    #[test]
    fn every_shape_that_was_seen() {
        for (raw, wanted) in [
            ("2021-05-29", "2021-05-29T00:00:00+08:00 Day"),
            ("2021-05", "2021-05-01T00:00:00+08:00 Month"),
            ("2019年10月01日", "2019-10-01T00:00:00+08:00 Day"),
            ("2019年10月", "2019-10-01T00:00:00+08:00 Month"),
            ("2020-5-8 9:5", "2020-05-08T09:05:00+08:00 Min"),
            ("2021/5/29 03:04:17", "2021-05-29T03:04:17+08:00 S"),
            ("2021年05月29日 03:04", "2021-05-29T03:04:00+08:00 Min"),
            ("2021年5月29日 星期六 下午3点20分", "2021-05-29T15:20:00+08:00 Min"),
            ("Sat, 29 May 2021 03:04:17 GMT", "2021-05-29T11:04:17+08:00 S"),
            ("Sat, 27 May 2023 21:04:00 +0800", "2023-05-27T21:04:00+08:00 S"),
            ("Tue May 09 2023 21:27:04 GMT+0800 (中国标准时间)", "2023-05-09T21:27:04+08:00 S"),
            ("May 29, 2021 3:04 PM", "2021-05-29T15:04:00+08:00 Min"),
            ("2018-08-01T9:31:00+00:00", "2018-08-01T17:31:00+08:00 S"),
            ("2023-08-12T09:30:00-04:00", "2023-08-12T09:30:00-04:00 S"),
            ("2011-11-25T22:10:03.0000000-08:00", "2011-11-25T22:10:03.000-08:00 Ms"),
            ("2026-04-10T08:10:39.907+0800", "2026-04-10T08:10:39.907+08:00 Ms"),
            ("1622257457", "2021-05-29T11:04:17+08:00 S"),
            ("1622257457000", "2021-05-29T11:04:17.000+08:00 Ms"),
            ("1736554746.482349", "2025-01-11T08:19:06.482+08:00 Ms"),
            ("20210529", "2021-05-29T00:00:00+08:00 Day"),
            ("20210529030417", "2021-05-29T03:04:17+08:00 S"),
            ("29/05/2021", "2021-05-29T00:00:00+08:00 Day"),
            ("2021-05-29 24:00", "2021-05-30T00:00:00+08:00 Min"),
            ("1988-07-01 12:00", "1988-07-01T12:00:00+09:00 Min"),
            ("昨天 12:00", "2021-06-01T12:00:00+08:00 Min"),
            ("前天", "2021-05-31T00:00:00+08:00 Day"),
            ("5月29日 03:04", "2021-05-29T03:04:00+08:00 Min"),
            ("12月30日", "2020-12-30T00:00:00+08:00 Day"),
            ("3天前", "2021-05-30T00:00:00+08:00 Day"),
            ("2021-05-29 12:00 Asia/Tokyo", "2021-05-29T12:00:00+09:00 Min"),
        ] {
            assert_eq!(shown(raw), wanted, "{raw}");
        }
    }

    #[test]
    fn what_is_no_date() {
        for raw in
            ["", "`r Sys.Date()`", "{{ date }}", "2021", "2021-02-30", "05/06/2021", "不久以前", "2021-13-01", "25:00"]
        {
            assert_eq!(shown(raw), "none", "{raw}");
        }
        assert_eq!(read("昨天", &Options::default()), None);
    }

    #[test]
    fn dates_in_names() {
        let day = |path| from_path(path, &Options::default()).map(|t| (t.display(), t.raw));
        let some = |shown: &str, raw: &str| Some((shown.to_owned(), raw.to_owned()));
        assert_eq!(day("_posts/2021-05-29-slug.md"), some("2021-05-29", "2021-05-29"));
        assert_eq!(day("20220101 标题.md"), some("2022-01-01", "20220101"));
        assert_eq!(day("2022-09-02 夜读小记.md"), some("2022-09-02", "2022-09-02"));
        assert_eq!(day("2021/05/29/x.md"), some("2021-05-29", "2021-05-29"));
        assert_eq!(day("content/2021/05/x.md"), some("2021-05", "2021-05"));
        assert_eq!(day("2021-05-29-slug/index.md"), some("2021-05-29", "2021-05-29"));
        assert_eq!(day("1984.md"), None);
        assert_eq!(day("12345678.md"), None);
    }

    proptest! {
        #[test]
        fn arbitrary_text_never_panics(text in "\\PC{0,40}", digits in "[0-9年月日TZ:+./ -]{0,30}") {
            let options = Options { now_day: Some(jiff::civil::date(2021, 6, 2)), ..Options::default() };
            let _ = read(&text, &options);
            let _ = read(&digits, &options);
            let _ = from_path(&text, &options);
        }
    }
}
