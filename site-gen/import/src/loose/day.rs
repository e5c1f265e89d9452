//! The time at which a loose picture was taken: from the camera's metadata, or else from its name.

use std::io::Cursor;

use circle_model::time::Time;
use exif::{In, Tag};

use circle_content::{dates, input::Input, options::Options};

/// The camera's metadata is at the beginning of a JPEG, so this many bytes are enough.
const HEAD: u64 = 1 << 20;

/// When a picture was taken, if it says so.
pub(super) fn of(input: &Input, path: &str, options: &Options) -> Option<Time> {
    in_picture(input, path, options).or_else(|| in_name(path, options))
}

fn in_picture(input: &Input, path: &str, options: &Options) -> Option<Time> {
    let head = input.head(path, HEAD).ok()?;
    let exif = exif::Reader::new().read_from_container(&mut Cursor::new(&head)).ok()?;
    let text = |tag: Tag| match &exif.get_field(tag, In::PRIMARY)?.value {
        exif::Value::Ascii(texts) => Some(String::from_utf8_lossy(texts.first()?).trim().to_owned()),
        _ => None,
    };
    let original = text(Tag::DateTimeOriginal).map(|taken| (taken, text(Tag::OffsetTimeOriginal)));
    let digitized = || text(Tag::DateTimeDigitized).map(|taken| (taken, text(Tag::OffsetTimeDigitized)));
    let (taken, offset) = original.or_else(digitized)?;
    let (day, clock) = taken.split_once(' ')?;
    let day = day.replace(':', "-");
    if day.starts_with("0000") {
        return None;
    }
    let offset = offset.filter(|offset| offset.len() == 6 && offset.starts_with(['+', '-'])).unwrap_or_default();
    dates::read(&format!("{day} {clock}{offset}"), options)
}

/// `IMG_20210529_030417.jpg`, `Screenshot_2021-05-29-03-04-17.png`, `微信图片_20210529030417.jpg`, `mmexport1622257457000.jpg`.
pub(super) fn in_name(path: &str, options: &Options) -> Option<Time> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let runs: Vec<&str> = name.split(|c: char| !c.is_ascii_digit()).filter(|run| !run.is_empty()).collect();
    // Epoch milliseconds between 2001 and 2033.
    if let Some(run) = runs.iter().find(|run| run.len() == 13 && run.starts_with('1')) {
        let moment = jiff::Timestamp::from_millisecond(run.parse().ok()?).ok()?;
        return dates::read(&moment.to_string(), options);
    }
    for (at, run) in runs.iter().enumerate() {
        let (day, mut rest) = if run.len() == 8 || run.len() == 14 || run.len() == 17 {
            (run.get(..8)?.to_owned(), run.get(8..)?.to_owned())
        } else if let (4, Some(month), Some(day)) = (run.len(), two(&runs, at + 1), two(&runs, at + 2)) {
            (format!("{run}{month}{day}"), String::new())
        } else {
            continue;
        };
        let next = at + if run.len() == 4 { 3 } else { 1 };
        if rest.is_empty() {
            rest = match runs.get(next) {
                Some(clock) if clock.len() == 6 || clock.len() == 9 => (*clock).to_owned(),
                _ => [next, next + 1, next + 2].iter().filter_map(|at| two(&runs, *at)).collect(),
            };
        }
        let part = |text: &str, from: usize, to: usize| text.get(from..to).and_then(|part| part.parse::<i8>().ok());
        let year = day.get(..4)?.parse::<i16>().ok().filter(|year| (1990..2100).contains(year));
        let (Some(year), Some(month), Some(date)) = (year, part(&day, 4, 6), part(&day, 6, 8)) else { continue };
        let Ok(date) = jiff::civil::Date::new(year, month, date) else { continue };
        let clock = match (part(&rest, 0, 2), part(&rest, 2, 4), part(&rest, 4, 6)) {
            (Some(hour), Some(minute), Some(second)) => jiff::civil::Time::new(hour, minute, second, 0).ok(),
            _ => None,
        };
        let raw = clock.map_or_else(|| date.to_string(), |clock| format!("{date} {clock}"));
        return dates::read(&raw, options);
    }
    None
}

fn two<'a>(runs: &[&'a str], at: usize) -> Option<&'a str> {
    runs.get(at).copied().filter(|run| run.len() == 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_when() {
        for (name, expected) in [
            ("IMG_20210529_030417.jpg", "2021-05-29 03:04"),
            ("Screenshot_2021-05-29-03-04-17.png", "2021-05-29 03:04"),
            ("Screenshot 2021-05-29 at 03.04.17.png", "2021-05-29 03:04"),
            ("微信图片_20210529030417.jpg", "2021-05-29 03:04"),
            ("mmexport1622257457000.jpg", "2021-05-29 11:04"),
            ("PXL_20210529_030417123.jpg", "2021-05-29 03:04"),
            ("2021-05-29 河边.jpg", "2021-05-29"),
            ("a/20210529.png", "2021-05-29"),
        ] {
            let time = in_name(name, &Options::default()).map(|time| time.display()).unwrap_or_default();
            assert!(time.starts_with(expected), "{name}: {time}");
        }
        for name in ["IMG_1234.jpg", "20219999.jpg", "12345678.png", "picture.png", "1.jpg"] {
            assert_eq!(in_name(name, &Options::default()), None, "{name}");
        }
    }
}
