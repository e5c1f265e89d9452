//! Numbers as platforms show them: `1.2万`, `10+`, `3.4k`, `1,024`.

use circle_model::archive::Count;
use unicode_normalization::UnicodeNormalization as _;

/// Reads a count. `None` for a text without a digit. The shown text is always kept.
#[must_use]
pub fn count(shown: &str) -> Option<Count> {
    let text: String = shown.nfkc().filter(|c| !c.is_whitespace() && *c != ',').collect();
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    if !number.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let (unit, more) = unit.strip_suffix('+').map_or((unit, false), |unit| (unit, true));
    let zeros = match unit.to_ascii_lowercase().as_str() {
        "" => 0,
        "k" | "千" => 3,
        "万" | "w" | "萬" => 4,
        "m" => 6,
        "亿" | "億" => 8,
        _ => return Some(Count { value: None, raw: shown.trim().to_owned(), exact: false }),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let fraction = fraction.trim_end_matches('0');
    let value = || -> Option<u64> {
        let places = u32::try_from(fraction.len()).ok().filter(|places| *places <= zeros)?;
        let scaled: u64 = format!("{whole}{fraction}").parse().ok()?;
        scaled.checked_mul(10_u64.checked_pow(zeros - places)?)
    }();
    Some(Count { value, raw: shown.trim().to_owned(), exact: value.is_some() && zeros == 0 && !more })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shown_numbers_are_read() {
        for (shown, value, exact) in [
            ("79", Some(79), true),
            ("1.2万", Some(12_000), false),
            ("1.20 萬", Some(12_000), false),
            ("10+", Some(10), false),
            ("3.4k", Some(3_400), false),
            ("1,024", Some(1_024), true),
            ("１２", Some(12), true),
            ("1.5", None, false),
            ("8 of 845", None, false),
            ("99999999999999999999万", None, false),
        ] {
            let read = count(shown).unwrap();
            assert_eq!((read.value, read.exact), (value, exact), "{shown}");
        }
        assert_eq!((count(""), count("赞")), (None, None));
    }
}
