//! Invite and recovery codes as people type them: Crockford's base 32, with a check symbol.
//!
//! Three shapes, told apart by their length: a *typed* invite (20 symbols: a selector of 6, a secret of 13 and the check
//! symbol), the secret of an invite *link* (26 symbols, 130 bits, copied and never typed) and a *recovery* code (30 symbols: 145
//! bits and the check symbol). The check symbol tells a typing mistake from a wrong code without asking a server.
//!
//! What Chinese input methods produce is read too: full-width forms are ASCII plus a constant, and every dash, space or other
//! sign between the symbols is dropped. The server needs no further normalisation.

/// The 32 symbols: no I, L, O or U.
pub const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Symbols of the public half of a typed code, by which the server finds it.
pub const SELECTOR_SYMBOLS: usize = 6;
/// Symbols of the secret half of a typed code: 65 bits.
pub const SECRET_SYMBOLS: usize = 13;
/// Symbols of a link's secret: 130 bits.
pub const LINK_SYMBOLS: usize = 26;
/// Symbols of a recovery code without its check symbol: 145 bits.
pub const RECOVERY_SYMBOLS: usize = 29;

/// A code of the right shape. Only the server knows whether it was issued.
#[derive(Clone, PartialEq, Eq)]
pub enum Code {
    /// A typed invite code.
    Typed {
        /// The public selector, 6 symbols.
        selector: String,
        /// The secret, 13 symbols.
        secret: String,
    },
    /// The secret of an invite link.
    Link(String),
    /// A recovery code, without its check symbol.
    Recovery(String),
}

/// The debug output shows only the shape, so that a code that is logged by mistake stays secret.
impl core::fmt::Debug for Code {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Typed { .. } => "Code::Typed(…)",
            Self::Link(_) => "Code::Link(…)",
            Self::Recovery(_) => "Code::Recovery(…)",
        })
    }
}

/// Why a text is not a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadCode {
    /// No code has this number of symbols, or the text contains a letter that no code has.
    Shape,
    /// The check symbol is wrong: a symbol was mistyped.
    Mistyped,
}

/// Reads a code as a person typed or pasted it, also from a whole invite link (`…#join=CODE`).
///
/// # Errors
/// If it cannot be a code. The two reasons differ because the widget explains them with different words.
pub fn parse(text: &str) -> Result<Code, BadCode> {
    let after_link = text.rsplit_once("join=").map_or(text, |(_, code)| code);
    let symbols = symbols_of(after_link).ok_or(BadCode::Shape)?;
    match symbols.len() {
        n if n == SELECTOR_SYMBOLS + SECRET_SYMBOLS + 1 => {
            let data = checked(&symbols)?;
            let (selector, secret) = data.split_at(SELECTOR_SYMBOLS);
            Ok(Code::Typed { selector: selector.to_owned(), secret: secret.to_owned() })
        }
        LINK_SYMBOLS => Ok(Code::Link(symbols)),
        n if n == RECOVERY_SYMBOLS + 1 => Ok(Code::Recovery(checked(&symbols)?.to_owned())),
        _ => Err(BadCode::Shape),
    }
}

/// `count` symbols from random `bytes`, five bits of a byte each; `None` if there are too few bytes.
#[must_use]
pub fn symbols(bytes: &[u8], count: usize) -> Option<String> {
    let taken = bytes.get(..count)?;
    Some(taken.iter().map(|byte| symbol(byte & 31)).collect())
}

/// `data` with its check symbol, in groups of five: `XXXXX-XXXXX-XXXXX-XXXXX`.
#[must_use]
pub fn printed(data: &str) -> String {
    let mut out = String::with_capacity(data.len() * 6 / 5 + 2);
    for (index, one) in data.chars().chain([check_symbol(data)]).enumerate() {
        if index > 0 && index % 5 == 0 {
            out.push('-');
        }
        out.push(one);
    }
    out
}

/// The symbols of `text` in capitals, with look-alikes resolved (`O` is `0`; `I` and `L` are `1`). `None` if a letter or digit is not a
/// symbol.
fn symbols_of(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        let ascii = match character {
            // Full-width forms, U+FF01 to U+FF5E, are ASCII from `!` to `~`.
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(character) - 0xfee0)?,
            other => other,
        };
        match ascii.to_ascii_uppercase() {
            'O' => out.push('0'),
            'I' | 'L' => out.push('1'),
            'U' => return None,
            one if one.is_ascii_alphanumeric() => out.push(one),
            // Dashes, spaces, quotation marks, 「邀请码：」 before it: all that is no symbol separates.
            _ => {}
        }
    }
    Some(out)
}

/// `symbols` without the last one, if that is the right check symbol.
fn checked(symbols: &str) -> Result<&str, BadCode> {
    let (at, last) = symbols.char_indices().next_back().ok_or(BadCode::Shape)?;
    let data = symbols.get(..at).ok_or(BadCode::Shape)?;
    if check_symbol(data) == last { Ok(data) } else { Err(BadCode::Mistyped) }
}

/// A weighted sum over GF(32), the field with the polynomial x⁵ + x² + 1. The weights are the powers of x, which all differ for up to 31
/// symbols. So the sum detects every single wrong symbol and every swap of two symbols.
fn check_symbol(data: &str) -> char {
    let mut weight = 1u8;
    let mut sum = 0u8;
    for byte in data.bytes() {
        sum ^= times(weight, value(byte));
        weight = times(weight, 2);
    }
    symbol(sum)
}

fn times(a: u8, b: u8) -> u8 {
    let (mut a, mut b, mut product) = (a, b, 0u8);
    while b > 0 {
        if b & 1 == 1 {
            product ^= a;
        }
        a <<= 1;
        // The sixth bit is x⁵: reduce by x⁵ + x² + 1.
        if a & 32 != 0 {
            a ^= 0b10_0101;
        }
        b >>= 1;
    }
    product
}

fn value(symbol: u8) -> u8 {
    let at = ALPHABET.iter().position(|one| *one == symbol).unwrap_or_default();
    u8::try_from(at).unwrap_or_default()
}

fn symbol(value: u8) -> char {
    ALPHABET.get(usize::from(value & 31)).copied().map_or('0', char::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn typed() -> String {
        printed("ABC123DEFGH45678JKM")
    }

    #[test]
    fn the_code_is_read_however_it_is_typed() {
        let wanted = Code::Typed { selector: "ABC123".into(), secret: "DEFGH45678JKM".into() };
        let code = typed();
        assert_eq!((code.len(), code.matches('-').count()), (23, 3));
        let wide: String = code.chars().map(|c| char::from_u32(u32::from(c) + 0xfee0).unwrap()).collect();
        for text in [
            code.clone(),
            code.to_lowercase(),
            code.replace('-', " "),
            code.replace('-', "——"),
            code.replace('-', ""),
            code.replace('-', "\u{3000}"),
            code.replace('1', "l"),
            code.replace('1', "I"),
            format!("邀请码：{code}。"),
            format!("https://a.example/x.html#join={code}"),
            wide,
        ] {
            assert_eq!(parse(&text), Ok(wanted.clone()), "{text}");
        }
    }

    #[test]
    fn shapes_are_told_apart() {
        assert_eq!(parse(&"A".repeat(26)), Ok(Code::Link("A".repeat(26))));
        let recovery = "7".repeat(29);
        assert_eq!(parse(&printed(&recovery)), Ok(Code::Recovery(recovery)));
        for text in ["", "ABC", "U2345-67890-12345-67890", &"A".repeat(27)] {
            assert_eq!(parse(text), Err(BadCode::Shape), "{text}");
        }
    }

    #[test]
    fn what_is_logged_by_mistake_is_no_secret() {
        assert!(!format!("{:?}", parse(&typed()).unwrap()).contains("DEFGH"));
    }

    proptest! {
        #[test]
        fn one_wrong_symbol_is_noticed(bytes in proptest::collection::vec(any::<u8>(), 19), at in 0usize..20, by in 1u8..32) {
            let code = printed(&symbols(&bytes, 19).unwrap()).replace('-', "");
            let mut wrong = code.clone().into_bytes();
            wrong[at] = ALPHABET[usize::from((value(wrong[at]) + by) % 32)];
            prop_assert_eq!(parse(&String::from_utf8(wrong).unwrap()), Err(BadCode::Mistyped));
        }

        #[test]
        fn two_swapped_symbols_are_noticed(bytes in proptest::collection::vec(any::<u8>(), 19), at in 0usize..18) {
            let code = printed(&symbols(&bytes, 19).unwrap()).replace('-', "");
            let mut swapped = code.clone().into_bytes();
            swapped.swap(at, at + 1);
            let swapped = String::from_utf8(swapped).unwrap();
            prop_assert_eq!(parse(&swapped).is_ok(), swapped == code);
        }

        #[test]
        fn arbitrary_text_never_panics(text in "\\PC{0,60}") {
            let _ = parse(&text);
        }
    }
}
