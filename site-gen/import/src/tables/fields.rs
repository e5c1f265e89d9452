//! Fields other than text: terms of the model, flags, dates, counts.

use circle_model::{
    archive::{PostKind, Role, Text, Visibility},
    time::Time,
};

use circle_content::{audience, dates, options::Options};

/// The model's terms for kinds of posts.
pub(super) const KINDS: &[&str] = &[
    "note",
    "article",
    "question",
    "task",
    "solution",
    "poll",
    "share",
    "review",
    "recommendation",
    "album",
    "service",
];

/// The model's terms for roles.
pub(super) const ROLES: &[&str] = &["leader", "admin", "member", "guest", "bot", "anonymous", "deleted", "ghost"];

/// The kind of post for a word.
pub(super) fn kind(word: &str) -> Option<PostKind> {
    serde_json::from_value(word.trim().to_lowercase().into()).ok()
}

/// The role for a word. The Chinese words are those that platforms show.
pub(super) fn role(word: &str) -> Option<Role> {
    match word.trim() {
        "圈主" | "群主" | "星主" | "创建者" | "组长" => Some(Role::Leader),
        "管理员" | "合伙人" | "嘉宾管理员" => Some(Role::Admin),
        "成员" | "圈友" => Some(Role::Member),
        "嘉宾" => Some(Role::Guest),
        word => serde_json::from_value(word.to_lowercase().into()).ok(),
    }
}

/// True unless the word is a no. For flags that withhold a record: everything except a plain no counts.
pub(super) fn not_no(word: &str) -> bool {
    !matches!(
        word.trim().to_lowercase().as_str(),
        "" | "0" | "0.0" | "false" | "no" | "n" | "none" | "null" | "nan" | "否" | "无" | "未" | "正常" | "-"
    )
}

/// True if the word is a yes. For positive flags: everything except a plain yes does not count.
pub(super) fn yes(word: &str) -> bool {
    matches!(word.trim().to_lowercase().as_str(), "1" | "1.0" | "true" | "yes" | "y" | "是" | "√" | "✓" | "有")
        || word.parse::<u64>().is_ok_and(|number| number > 0)
}

/// True for the names that platforms show for anonymous people.
pub(super) fn is_anonymous(name: &str) -> bool {
    matches!(name.trim().to_lowercase().as_str(), "匿名" | "匿名用户" | "匿名网友" | "anonymous")
}

/// A text in the format that a map states.
pub(super) fn text(source: String, format: Option<&str>) -> Text {
    match format {
        Some("html") => Text::html(source),
        Some("markdown") => Text::markdown(source),
        _ => Text::plain(source),
    }
}

/// True for an address that a reader can follow.
pub(super) fn is_web(address: &str) -> bool {
    let address = address.trim();
    address.starts_with("https://") || address.starts_with("http://")
}

/// The narrowest audience of the map's words. An unknown word or no word means that nobody may see the record.
pub(super) fn visibility(words: &[String]) -> Visibility {
    let each = words.iter().map(|word| super::rule::visibility(word.trim()).unwrap_or(Visibility::Unknown));
    audience::narrowest(each).unwrap_or(Visibility::Unknown)
}

/// A date, in the map's format if it has one. `Err` has a time with only its raw text.
pub(super) fn time(raw: &str, format: Option<&str>, options: &Options) -> Result<Time, Time> {
    let told = format.and_then(|format| by_format(raw.trim(), format));
    let read = told.and_then(|iso| dates::read(&iso, options)).or_else(|| dates::read(raw, options));
    let read = read.or_else(|| dates::read(&of_days(raw.trim())?, options));
    match read {
        Some(mut time) => {
            raw.clone_into(&mut time.raw);
            Ok(time)
        }
        None => Err(Time { raw: raw.to_owned(), ..Time::default() }),
    }
}

/// A date in a spreadsheet's form, days since the end of 1899: `44345.5` is noon of 29 May 2021.
fn of_days(raw: &str) -> Option<String> {
    let days: f64 = raw.parse().ok().filter(|days| (10_000.0..100_000.0).contains(days) && raw.len() > 4)?;
    let time = calamine::ExcelDateTime::new(days, calamine::ExcelDateTimeType::DateTime, false);
    Some(day_and_clock(&time))
}

/// A spreadsheet's date as ISO text. It is a fraction of a day, so 11:04:17 may be stored as 11:04:16.999.
pub(super) fn day_and_clock(time: &calamine::ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, ms) = time.to_ymd_hms_milli();
    let day = format!("{year:04}-{month:02}-{day:02}");
    let second = if ms >= 500 { second + 1 } else { second }.min(59);
    if (hour, minute, second) == (0, 0, 0) { day } else { format!("{day} {hour:02}:{minute:02}:{second:02}") }
}

/// The same time in ISO 8601, with the precision of the format.
fn by_format(raw: &str, format: &str) -> Option<String> {
    let parsed = jiff::fmt::strtime::parse(format, raw).ok()?;
    let Ok(date) = parsed.to_date() else {
        return parsed.to_timestamp().ok().map(|moment| moment.to_string());
    };
    let (Some(hour), Some(minute)) = (parsed.hour(), parsed.minute()) else { return Some(date.to_string()) };
    let clock = match parsed.second() {
        Some(second) => format!("{hour:02}:{minute:02}:{second:02}"),
        None => format!("{hour:02}:{minute:02}"),
    };
    let offset = parsed.offset().map(|offset| {
        let minutes = offset.seconds() / 60;
        format!("{}{:02}:{:02}", if minutes < 0 { '-' } else { '+' }, minutes.abs() / 60, minutes.abs() % 60)
    });
    Some(format!("{date}T{clock}{}", offset.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_by_the_maps_format() {
        let read = |raw: &str, format: &str| {
            let time = time(raw, Some(format), &Options::default()).unwrap();
            (time.utc.unwrap().0, time.raw)
        };
        assert_eq!(read("03/04/2021 05:06", "%d/%m/%Y %H:%M"), (1_617_397_560_000, "03/04/2021 05:06".to_owned()));
        assert_eq!(read("03/04/2021", "%d/%m/%Y").0, 1_617_379_200_000);
        assert_eq!(read("1622257457", "%s").0, 1_622_257_457_000);
        assert_eq!(read("03/04/2021 05:06:07 +0000", "%d/%m/%Y %H:%M:%S %z").0, 1_617_426_367_000);
        // If the format does not fit, any known form of date is accepted.
        assert_eq!(read("2021-05-29 11:04", "%d/%m/%Y").0, 1_622_257_440_000);
        assert_eq!(read("44345.5", "").0, 1_622_260_800_000);
        assert!(time("某天", None, &Options::default()).is_err());
    }

    #[test]
    fn what_hides_counts_unless_it_is_a_no() {
        assert!(not_no("是") && not_no("maybe") && !not_no("否") && !not_no("0") && !not_no(""));
        assert!(yes("是") && yes("2") && !yes("maybe") && !yes("0"));
    }
}
