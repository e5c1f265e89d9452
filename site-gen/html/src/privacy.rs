//! Private facts: email and IP addresses, phone numbers, tokens and signed addresses.
//!
//! 1. [`facts`] finds everything that has the form of a private fact. It is used for fields, where a false alarm loses nothing.
//! 2. [`alarms`] finds those that a person should check in a text that people wrote. It skips what only looks like a fact, such as an order
//!    number or an address of a home network.
//! 3. Facts that only programs insert (signatures and logins in addresses) are removed before publishing. The code of a shared file
//!    (`?pwd=`) stays, because whoever posted the address meant it to be used.

use std::{borrow::Cow, net::Ipv6Addr, sync::LazyLock};

use aho_corasick::{AhoCorasick, MatchKind};

pub mod account;
mod alarm;
mod named;
mod published;

pub use alarm::alarms;
pub use named::kind_by_name;
pub use named::{is_private_name, is_private_value};
pub use published::{PATTERNS, Published, pattern};

/// A private fact in a text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fact {
    /// Its kind, in English, for the report.
    pub kind: &'static str,
    /// The fact itself.
    pub text: String,
}

/// Parameters of addresses that let whoever has them act or read as a particular user. Compared without case.
const SECRET_PARAMETERS: &[&str] = &[
    "xsec_token",
    "x-amz-signature",
    "x-amz-credential",
    "x-amz-security-token",
    "x-oss-signature",
    "ossaccesskeyid",
    "access_token",
    "auth_token",
    "auth_key",
    "token",
    "sig",
    "sign",
    "signature",
    "x-goog-signature",
    "x-cos-signature",
    "q-signature",
    "pass_ticket",
    "session_key",
    "sessionid",
    "jsessionid",
    "apikey",
    "api_key",
    "wssecret",
    "exportkey",
    "auth",
    "authkey",
    "authtoken",
    "authorization",
    "secret",
    "client_secret",
    "private_token",
    "refresh_token",
    "id_token",
    "csrf_token",
    "session",
    "session_id",
    "phpsessid",
    "jwt",
    "sid",
    "login",
    "skey",
    "p_skey",
    "wxtoken",
    "q-ak",
    "key-pair-id",
    "policy",
];

/// All private facts of a text, each once, sorted.
#[must_use]
pub fn facts(text: &str) -> Vec<Fact> {
    let mut found: Vec<Fact> = places(text).into_iter().map(|(_, fact)| fact).collect();
    found.sort();
    found.dedup();
    found
}

/// The beginnings of tokens of well-known services.
const TOKENS: [&str; 8] = ["ghp_", "github_pat_", "xoxb-", "xoxp-", "xoxe-", "AKIA", "sk-live-", "Bearer "];

/// True for bytes that can be the beginning of a private fact. This one test skips most of a text.
fn is_telling(byte: u8) -> bool {
    byte.is_ascii_hexdigit() || matches!(byte, b'@' | b'=' | b':')
}

/// All private facts of a text, each with its position.
fn places(text: &str) -> Vec<(usize, Fact)> {
    let mut found = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(skipped) = bytes.get(at..).and_then(|rest| rest.iter().position(|b| is_telling(*b))) {
        at += skipped;
        let Some(byte) = bytes.get(at) else { break };
        match byte {
            b'@' => found.extend(email(text, at)),
            b'0'..=b'9' if !is_word_before(bytes, at) => {
                if let Some(fact) = phone(text, at).or_else(|| ipv4(text, at)) {
                    // The rest of a number is not another number.
                    let start = at;
                    at += fact.text.len() - 1;
                    found.push((start, fact));
                }
            }
            b'e' if !is_word_before(bytes, at) => found.extend(jwt(text, at).map(|fact| (at, fact))),
            b'=' => found.extend(secret_parameter(text, at)),
            _ => {}
        }
        let byte = bytes.get(at).unwrap_or(byte);
        if (byte.is_ascii_hexdigit() || *byte == b':') && !is_hex_or_colon_before(bytes, at) {
            found.extend(ipv6(text, at).map(|fact| (at, fact)));
        }
        at += 1;
    }
    found.extend(tokens(text));
    found
}

/// Tokens of well-known services.
fn tokens(text: &str) -> Vec<(usize, Fact)> {
    // Finds all beginnings in one pass; none of them overlaps another. The list is our own and short, so the automaton can always be built.
    static AUTOMATON: LazyLock<Option<AhoCorasick>> =
        LazyLock::new(|| AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(TOKENS).ok());
    // A token inside a token does not count; searching there again would take the square of its length.
    let mut ends = [0; TOKENS.len()];
    let mut found = Vec::new();
    for beginning in AUTOMATON.iter().flat_map(|automaton| automaton.find_iter(text)) {
        let Some(end) = ends.get_mut(beginning.pattern().as_usize()).filter(|end| beginning.start() >= **end) else {
            continue;
        };
        let rest = text.as_bytes().get(beginning.end()..).unwrap_or_default();
        let length = rest.iter().take_while(|b| b.is_ascii_alphanumeric() || b"-_.~+/".contains(b)).count();
        *end = beginning.end() + length;
        if length >= 16 {
            let text = text.get(beginning.start()..*end).unwrap_or_default();
            found.push((beginning.start(), Fact { kind: "access token", text: text.to_owned() }));
        }
    }
    found
}

/// True if the text contains a private fact.
#[must_use]
pub fn has_fact(text: &str) -> bool {
    !facts(text).is_empty()
}

/// `text` without the secret parameters of its addresses. Everything else stays as it is.
#[must_use]
pub fn without_secrets(text: &str) -> String {
    let text = without_login(text);
    if !text.contains('=') {
        return text.into_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = &*text;
    while let Some(equals) = rest.find('=') {
        let name_start = parameter_start(rest, equals);
        let name = rest.get(name_start..equals).unwrap_or_default();
        let value_end = equals + 1 + value_length(rest.get(equals + 1..).unwrap_or_default());
        let before = rest.get(..name_start).unwrap_or_default();
        // After a removed parameter, the text before the next one is already in `out`.
        let begins = |text: &str| text.ends_with(['?', '&', ';', '#']);
        if is_secret(name) && value_end > equals + 1 && (begins(before) || before.is_empty() && begins(&out)) {
            // `?token=x&a=b` becomes `?a=b`, and `?a=b&token=x` becomes `?a=b`.
            let after = rest.get(value_end..).unwrap_or_default();
            let separator = ["&amp;", "&"].into_iter().find(|separator| after.starts_with(*separator));
            match separator {
                Some(separator) => {
                    out.push_str(before);
                    rest = after.get(separator.len()..).unwrap_or_default();
                }
                None => {
                    out.push_str(before);
                    let kept = out.strip_suffix("&amp;").or_else(|| out.strip_suffix(['?', '&', '#']));
                    out.truncate(kept.map_or(out.len(), str::len));
                    rest = after;
                }
            }
        } else {
            out.push_str(rest.get(..=equals).unwrap_or_default());
            rest = rest.get(equals + 1..).unwrap_or_default();
        }
    }
    out.push_str(rest);
    // Removing the last parameters may have left a question mark.
    out
}

/// `text` with every private fact blacked out. For texts that members did not write for others.
#[must_use]
pub fn masked(text: &str) -> String {
    let mut out = text.to_owned();
    for fact in facts(text) {
        out = out.replace(&fact.text, "███");
    }
    out
}

/// `https://a.example/` from `https://user:password@a.example/`. A user name without a password stays, unless it is as long as a token.
fn without_login(text: &str) -> Cow<'_, str> {
    if !text.contains("//") || !text.contains('@') {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(slashes) = rest.find("//") {
        let (before, after) = rest.split_at(slashes + 2);
        out.push_str(before);
        let ends = |c: char| !c.is_ascii_graphic() || matches!(c, '/' | '?' | '#' | '"' | '\'' | '<' | '>' | '\\');
        let host = after.get(..after.find(ends).unwrap_or(after.len())).unwrap_or_default();
        let login = host.rfind('@').filter(|at| {
            let login = host.get(..*at).unwrap_or_default();
            // Sixteen characters are a token rather than a user name. `%3a` is an encoded colon before a password.
            login.len() >= 16 || login.contains(':') || login.to_ascii_lowercase().contains("%3a")
        });
        rest = after.get(login.map_or(0, |at| at + 1)..).unwrap_or_default();
    }
    out.push_str(rest);
    out.into()
}

fn parameter_start(text: &str, equals: usize) -> usize {
    let before = text.get(..equals).unwrap_or_default();
    let is_name = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'%');
    equals - before.bytes().rev().take_while(is_name).count()
}

fn value_length(text: &str) -> usize {
    text.bytes()
        .take_while(|b| {
            b.is_ascii_graphic()
                && !matches!(b, b'&' | b'"' | b'\'' | b'<' | b'>' | b')' | b']' | b'#' | b';' | b',' | b'\\')
        })
        .count()
}

fn is_secret(name: &str) -> bool {
    let name = percent_encoding::percent_decode_str(name).decode_utf8_lossy();
    SECRET_PARAMETERS.iter().any(|secret| name.eq_ignore_ascii_case(secret))
}

fn secret_parameter(text: &str, equals: usize) -> Option<(usize, Fact)> {
    let start = parameter_start(text, equals);
    let name = text.get(start..equals)?;
    let before = text.get(..start)?;
    if !before.ends_with(['?', '&', ';', '#']) || !is_secret(name) {
        return None;
    }
    let length = value_length(text.get(equals + 1..)?);
    let text = text.get(start..equals + 1 + length).unwrap_or_default();
    (length >= 6).then(|| (start, Fact { kind: "signed address", text: text.to_owned() }))
}

fn is_word_before(bytes: &[u8], at: usize) -> bool {
    at.checked_sub(1)
        .and_then(|i| bytes.get(i))
        .is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))
}

fn is_hex_or_colon_before(bytes: &[u8], at: usize) -> bool {
    at.checked_sub(1)
        .and_then(|i| bytes.get(i))
        .is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-' | b':'))
}

fn email(text: &str, at: usize) -> Option<(usize, Fact)> {
    let local = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'%' | b'+' | b'-');
    let start = at - text.as_bytes().get(..at)?.iter().rev().take_while(|b| local(b)).count();
    let domain: String =
        text.get(at + 1..)?.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-')).collect();
    let domain = domain.trim_end_matches(['.', '-']);
    let (host, top) = domain.rsplit_once('.')?;
    let named = !host.is_empty() && top.len() >= 2 && top.bytes().all(|b| b.is_ascii_alphabetic());
    // `logo@2x.png` is a file name.
    let file = matches!(top, "png" | "jpg" | "jpeg" | "webp" | "gif" | "svg" | "css" | "js");
    let text = text.get(start..at + 1 + domain.len()).unwrap_or_default();
    (named && !file && start < at).then(|| (start, Fact { kind: "e-mail address", text: text.to_owned() }))
}

/// A mobile number of mainland China: 1, then 3 to 9, then nine digits; also with `+86`, or grouped by spaces or hyphens.
fn phone(text: &str, at: usize) -> Option<Fact> {
    let rest = text.get(at..)?;
    // Most numbers are not phone numbers, which their first two digits show.
    if !(rest.starts_with("86") || matches!(rest.as_bytes(), [b'1', b'3'..=b'9', ..])) {
        return None;
    }
    let national = match rest.strip_prefix("86") {
        Some(after) if text.get(..at)?.ends_with('+') => after.trim_start_matches([' ', '-']),
        _ => rest,
    };
    let mut digits = String::new();
    let mut length = rest.len() - national.len();
    let mut chars = national.chars().peekable();
    while let Some(character) = chars.next() {
        if character.is_ascii_digit() {
            digits.push(character);
        } else if !(matches!(character, ' ' | '-')
            && matches!(digits.len(), 3 | 7)
            && chars.peek().is_some_and(char::is_ascii_digit))
        {
            if character.is_ascii_alphabetic() || character == '_' {
                return None;
            }
            break;
        }
        length += character.len_utf8();
        if digits.len() > 11 {
            return None;
        }
    }
    let mobile = digits.len() == 11
        && digits.starts_with('1')
        && digits.as_bytes().get(1).is_some_and(|b| (b'3'..=b'9').contains(b));
    mobile.then(|| Fact { kind: "phone number", text: rest.get(..length).unwrap_or_default().to_owned() })
}

fn ipv4(text: &str, at: usize) -> Option<Fact> {
    let rest = text.get(at..)?;
    let first = rest.bytes().take(4).take_while(u8::is_ascii_digit).count();
    if first > 3 || rest.as_bytes().get(first) != Some(&b'.') {
        return None;
    }
    let end = rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_')).count();
    let run = rest.get(..end)?.trim_end_matches(['.', '-']);
    let address: std::net::Ipv4Addr = run.parse().ok()?;
    // 1.2.3.4 is usually a chapter number, and a loopback address belongs to nobody.
    let chapter = run.len() <= 7;
    let own = address.is_loopback() || address.is_unspecified();
    (!chapter && !own).then(|| Fact { kind: "network address", text: run.to_owned() })
}

fn ipv6(text: &str, at: usize) -> Option<Fact> {
    let rest = text.get(at..)?;
    let first = rest.bytes().take(5).take_while(u8::is_ascii_hexdigit).count();
    if first > 4 || rest.as_bytes().get(first) != Some(&b':') {
        return None;
    }
    let run = rest.get(..rest.bytes().take_while(|b| b.is_ascii_hexdigit() || *b == b':').count())?;
    let groups: Vec<&str> = run.split(':').filter(|group| !group.is_empty()).collect();
    let after = text.as_bytes().get(at + run.len());
    if groups.len() < 3 || !run.bytes().any(|b| b.is_ascii_digit()) || after.is_some_and(u8::is_ascii_alphanumeric) {
        return None;
    }
    let address: Ipv6Addr = run.trim_end_matches(':').parse().ok()?;
    (!address.is_loopback()).then_some(Fact { kind: "network address", text: run.to_owned() })
}

fn jwt(text: &str, at: usize) -> Option<Fact> {
    let rest = text.get(at..)?;
    if !rest.starts_with("eyJ") {
        return None;
    }
    let token: String =
        rest.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')).collect();
    let parts: Vec<&str> = token.split('.').collect();
    let whole = parts.len() >= 3 && parts.iter().take(2).all(|part| part.len() >= 8);
    whole.then_some(Fact { kind: "access token", text: token })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(text: &str) -> Vec<String> {
        facts(text).into_iter().map(|fact| fact.text).collect()
    }

    #[test]
    fn facts_are_found() {
        for (text, fact) in [
            ("写信给lin.wan+a@mail.example.com。", "lin.wan+a@mail.example.com"),
            ("电话13800138000，", "13800138000"),
            ("(+86 138-0013-8000)", "86 138-0013-8000"),
            ("138 0013 8000 找我", "138 0013 8000"),
            ("来自 203.0.113.47 的", "203.0.113.47"),
            ("来自 2001:db8::8a2e:370:7334", "2001:db8::8a2e:370:7334"),
            ("eyJhbGciOiJIUzI1.eyJzdWIiOiIx.c2ln", "eyJhbGciOiJIUzI1.eyJzdWIiOiIx.c2ln"),
            ("https://a.example/x?b=1&xsec_token=ABcd1234%3D&c", "xsec_token=ABcd1234%3D"),
        ] {
            assert_eq!(found(text), [fact], "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_a_fact_is_not_one() {
        for text in [
            "2022-06-18 20:30:15",
            "第1.2.3.4节",
            "13位数1622257457000",
            "logo@2x.png",
            "@林晚",
            "p=10:20:30",
            "9787020002207",
            "a1380013800012b",
            "https://a.example/token/x?page=2",
            "std::vec::a",
            "3b1c13800138000aa",
            "127.0.0.1:8080",
            "三点一四 3.1415926",
        ] {
            assert_eq!(found(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn secrets_leave_addresses_and_nothing_else() {
        for (with, without) in [
            ("https://a.example/x?token=abcdef&b=1", "https://a.example/x?b=1"),
            ("https://a.example/x?b=1&amp;X-Amz-Signature=abcdef\">", "https://a.example/x?b=1\">"),
            ("(https://a.example/x?xsec_token=a%3D)，后", "(https://a.example/x)，后"),
            ("a = b, token=5", "a = b, token=5"),
            ("见 https://lin:geheim@a.example/x 和 ftp://a@b.example", "见 https://a.example/x 和 ftp://a@b.example"),
            ("git clone https://ghx_0123456789abcdef@a.example/r", "git clone https://a.example/r"),
            ("https://a.example/#access_token=abcdef&b=1", "https://a.example/#b=1"),
            ("https://a.example/p?token=S1&amp;sig=S2&amp;auth=S3&amp;sign=S4\">", "https://a.example/p\">"),
            ("https://a.example/?a=1&token=S1&sig=S2&b=2&sign=S3", "https://a.example/?a=1&b=2"),
            ("https://a.example/?to%6Ben=S1 //lin:geheim@a.example/", "https://a.example/ //a.example/"),
            ("https://pan.example/s/1?pwd=ab12", "https://pan.example/s/1?pwd=ab12"),
        ] {
            assert_eq!(without_secrets(with), without);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "\\PC{0,80}") {
            let _ = (facts(&text), without_secrets(&text), masked(&text));
        }

        #[test]
        fn no_secret_is_left(text in "[a-c?&=;#.]{0,9}(token|sig)=[a-z0-9]{6,9}[a-c?&=;# .]{0,9}") {
            let clean = without_secrets(&text);
            prop_assert!(facts(&clean).iter().all(|fact| fact.kind != "signed address"), "{} -> {}", text, clean);
        }
    }
}
