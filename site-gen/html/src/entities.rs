//! Character references (`&eacute;`, `&#26519;`, `&#x6797`) as browsers decode them, including those without a semicolon.
//!
//! The table and the rules are those of the HTML standard, from the crate `htmlize`. XML has only five names; XML readers decode those.

use std::borrow::Cow;

/// Decodes the text of HTML. Each reference is decoded once.
#[must_use]
pub fn decoded(text: &str) -> String {
    htmlize::unescape(text).into_owned()
}

/// Decodes the value of an attribute. There, `&copy=1` is the next parameter of an address and not a reference.
#[must_use]
pub fn decoded_attribute(value: &str) -> Cow<'_, str> {
    htmlize::unescape_attribute(value)
}

/// Decodes the reference at the start of `text`: the characters, and the number of bytes it takes. `None` if there is no reference.
pub fn reference(text: &str) -> Option<(Cow<'static, str>, usize)> {
    let rest = text.strip_prefix('&')?;
    let (name, is_number) = match rest.strip_prefix('#') {
        Some(number) => {
            let hex = number.strip_prefix(['x', 'X']);
            let is_digit = |b: &u8| if hex.is_some() { b.is_ascii_hexdigit() } else { b.is_ascii_digit() };
            let digits = hex.unwrap_or(number).bytes().take_while(|b| is_digit(b)).count();
            if digits == 0 {
                return None;
            }
            (1 + usize::from(hex.is_some()) + digits, true)
        }
        None => {
            let longest = htmlize::ENTITY_MAX_LENGTH;
            (rest.bytes().take(longest).take_while(u8::is_ascii_alphanumeric).count(), false)
        }
    };
    let closed = text.as_bytes().get(1 + name) == Some(&b';');
    let whole = 1 + name + usize::from(closed);
    if is_number {
        let character = htmlize::unescape(text.get(..whole)?).into_owned();
        return Some((character.into(), whole));
    }
    // Names without a semicolon match as long as possible: `&notit;` is `¬it;`.
    let shortest = htmlize::ENTITY_MIN_LENGTH;
    (shortest..=whole).rev().find_map(|length| {
        let characters = htmlize::ENTITIES.get(text.as_bytes().get(..length)?)?;
        Some((std::str::from_utf8(characters).ok()?.into(), length))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn references_are_read_as_browsers_do() {
        for (text, read) in [
            ("J&uumlrgen It&#8217;s Caf&eacute;", "Jürgen It’s Café"),
            ("慕&#23481雪柏 &#x6797晚", "慕容雪柏 林晚"),
            ("a&ZeroWidthSpace;b&shy;c", "a\u{200b}b\u{ad}c"),
            ("&amp;lt; &unknown; & &#xffffffff;", "&lt; &unknown; & \u{fffd}"),
            ("&#x80;&notit;", "€¬it;"),
        ] {
            assert_eq!(decoded(text), read);
        }
        assert_eq!(decoded_attribute("?a=1&copy=2&amp;b"), "?a=1&copy=2&b");
    }

    proptest! {
        #[test]
        fn one_reference_is_read_as_in_the_text(text in "&(#|#x|#X)?[a-zA-Z0-9;&]{0,12}") {
            let (read, length) = reference(&text).unwrap_or(("&".into(), 1));
            let rest = text.get(length..).unwrap();
            prop_assert_eq!(format!("{read}{}", decoded(rest)), decoded(&text));
        }
    }
}
