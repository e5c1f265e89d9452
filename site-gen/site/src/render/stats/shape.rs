//! Lengths and positions in charts. All are whole tenths of a unit, so that every machine writes the same digits. A chart is 720
//! units wide.

/// The width of every chart, in units.
pub(super) const WIDTH: i64 = 720;

/// Tenths in the form of SVG: `12.5`, `7`.
pub(super) fn tenths(value: i64) -> String {
    match (value / 10, value % 10) {
        (whole, 0) => whole.to_string(),
        (whole, part) => format!("{whole}.{}", part.abs()),
    }
}

/// The part `n / most` of `whole`, but at least `least` if `n` is not zero.
pub(super) fn part(n: u64, most: u64, whole: i64, least: i64) -> i64 {
    if n == 0 || most == 0 {
        return 0;
    }
    let wide = i128::from(n) * i128::from(whole) / i128::from(most);
    i64::try_from(wide).unwrap_or(whole).clamp(least, whole)
}

/// The radius of a dot for `n`, if the dot for `most` has the given `radius` and areas are proportional.
pub(super) fn radius(n: u64, most: u64, radius: i64, least: i64) -> i64 {
    if n == 0 || most == 0 {
        return 0;
    }
    let square = u128::from(n) * u128::from(radius.unsigned_abs()).pow(2) / u128::from(most);
    i64::try_from(square.isqrt()).unwrap_or(radius).clamp(least, radius)
}

/// A name shortened to fit: wide characters count as two.
pub(super) fn short(name: &str, most: usize) -> String {
    let width = |c: char| if c.is_ascii() || c < '\u{1100}' { 1 } else { 2 };
    if name.chars().map(width).sum::<usize>() <= most {
        return name.to_owned();
    }
    let mut left = most.saturating_sub(1);
    let fits = |c: &char| {
        let fits = width(*c) <= left;
        left = left.saturating_sub(width(*c));
        fits
    };
    format!("{}…", name.chars().take_while(fits).collect::<String>().trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_as_few_as_they_can_be() {
        assert_eq!([tenths(0), tenths(125), tenths(70)], ["0", "12.5", "7"]);
    }

    #[test]
    fn something_never_looks_like_nothing_and_the_most_is_the_whole() {
        assert_eq!((part(0, 9, 100, 5), part(1, 1_000, 100, 5), part(9, 9, 100, 5)), (0, 5, 100));
        assert_eq!(part(u64::MAX, u64::MAX, 100, 5), 100);
        assert_eq!((radius(0, 4, 100, 5), radius(1, 4, 100, 5), radius(4, 4, 100, 5)), (0, 50, 100));
    }

    #[test]
    fn long_names_are_cut_at_their_width() {
        assert_eq!(short("林晚", 8), "林晚");
        assert_eq!(short("一二三四五", 8), "一二三…");
        assert_eq!(short("abcdefghij", 8), "abcdefg…");
    }
}
