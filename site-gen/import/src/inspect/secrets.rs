//! Private facts in an input, by kind and number: those of [`circle_html::privacy`], and those that only whole exports contain, such as
//! cookies, keys and an app's ids of people. A fact itself is never kept, only its hash and its first two characters.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use circle_html::privacy::{self, kind_by_name};

/// The number of different facts of a kind that are distinguished. After that every occurrence counts.
const TOLD_APART: usize = 200_000;
/// The number of files that are kept per kind.
const FILES: usize = 5;
/// The size in bytes of the pieces in which texts are scanned.
const PIECE: usize = 64 << 10;
/// The number of masked examples per kind.
const EXAMPLES: usize = 2;

/// Private facts of one kind.
#[derive(Clone, Debug, Default, Serialize)]
pub struct FactExamples {
    /// The number of different facts.
    pub count: u64,
    /// The first two characters of some facts, followed by `…`.
    pub examples: Vec<String>,
    /// The first five files that contain such facts.
    pub files: Vec<String>,
    /// The number of further files.
    pub more_files: u64,
    #[serde(skip)]
    seen: BTreeSet<u64>,
    #[serde(skip)]
    last_file: u64,
}

/// Counts private facts, file by file.
#[derive(Debug, Default)]
pub struct Tally {
    /// The facts found, by kind.
    pub found: BTreeMap<&'static str, FactExamples>,
    file: String,
    number: u64,
}

impl Tally {
    /// Sets the file that the next texts come from.
    pub fn file(&mut self, path: &str) {
        self.file = privacy::masked(path);
        self.number += 1;
    }

    /// Scans a text.
    pub fn text(&mut self, text: &str) {
        let mut rest = text;
        while rest.len() > PIECE {
            // A long text is scanned in pieces that end at a line feed or space.
            let end = (0..=PIECE).rev().find(|at| rest.is_char_boundary(*at)).unwrap_or(0);
            let (piece, _) = rest.split_at(end);
            let end = piece.rfind(['\n', ' ', '\t', '"', '>']).filter(|at| *at > PIECE / 2).map_or(end, |at| at + 1);
            let (piece, more) = rest.split_at(end);
            each_fact(piece, &mut |kind, fact| self.add(kind, fact));
            rest = more;
        }
        each_fact(rest, &mut |kind, fact| self.add(kind, fact));
    }

    /// Scans the value of a field or column, whose name can make it private.
    pub fn field(&mut self, name: &str, value: &str) {
        match kind_by_name(name, value) {
            Some(kind) => self.add(kind, value.trim()),
            None => self.text(value),
        }
    }

    /// Counts a fact.
    pub fn add(&mut self, kind: &'static str, fact: &str) {
        let found = self.found.entry(kind).or_default();
        if found.last_file != self.number {
            found.last_file = self.number;
            if found.files.len() < FILES {
                found.files.push(self.file.clone());
            } else {
                found.more_files += 1;
            }
        }
        if found.seen.len() < TOLD_APART {
            if !found.seen.insert(hash(fact)) {
                return;
            }
        } else if found.seen.contains(&hash(fact)) {
            return;
        }
        found.count += 1;
        let example = masked(fact);
        if found.examples.len() < EXAMPLES && !found.examples.contains(&example) {
            found.examples.push(example);
        }
    }
}

/// The first two characters, then `…`; of four characters or fewer only the first.
#[must_use]
pub fn masked(text: &str) -> String {
    let text = circle_model::text::without_bidi(text);
    let keep = if text.chars().count() > 4 { 2 } else { 1 };
    text.chars().take(keep).chain(['…']).collect()
}

/// A message without any private fact, because notes and problems of importers may quote what they read.
#[must_use]
pub fn without_facts(text: &str) -> String {
    let mut out = privacy::without_secrets(text);
    let mut facts: Vec<String> = Vec::new();
    each_fact(&out, &mut |_, fact| facts.push(fact.to_owned()));
    facts.sort_by_key(|fact| std::cmp::Reverse(fact.len()));
    for fact in facts {
        out = out.replace(&fact, &masked(&fact));
    }
    circle_model::text::without_bidi(&out)
}

/// True if a value must not be shown: because of its field's name, or because it contains a private fact.
#[must_use]
pub fn is_private_value(name: &str, value: &str) -> bool {
    if privacy::is_private_name(name) || kind_by_name(name, value).is_some() || privacy::is_private_value(value) {
        return true;
    }
    let mut any = false;
    each_fact(value, &mut |_, _| any = true);
    any
}

/// True if a column of this name contains private data, judging by the name.
#[must_use]
pub fn is_private_name(name: &str) -> bool {
    privacy::is_private_name(name) || kind_by_name(name, "something").is_some()
}

/// A hash for distinguishing texts.
#[must_use]
pub fn hash(text: &str) -> u64 {
    use std::hash::Hasher as _;
    let mut hasher = std::hash::DefaultHasher::new();
    hasher.write(text.as_bytes());
    hasher.finish()
}

fn each_fact(text: &str, take: &mut dyn FnMut(&'static str, &str)) {
    if text.len() < 5 {
        return;
    }
    for fact in privacy::facts(text) {
        take(fact.kind, &fact.text);
    }
    for (at, _) in text.match_indices("wxid_") {
        let id = run(text, at, |b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
        if id.len() >= 11 {
            take("WeChat id", id);
        }
    }
    for (at, _) in text.match_indices("PRIVATE KEY-----") {
        if let Some(begin) = text.get(..at).and_then(|before| before.rfind("-----BEGIN"))
            && at - begin < 40
        {
            // A hash of the key's first line distinguishes keys.
            let end = text.get(at..).map_or(at, |rest| at + rest.len().min(120));
            let end = (at..=end).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(at);
            take("private key", text.get(begin..end).unwrap_or_default());
        }
    }
    // The content of a header's value is not another header.
    let mut end = 0;
    for (at, _) in text.match_indices(':') {
        if at < end {
            continue;
        }
        let Some(name) = text.get(..at).map(word_at_end) else { continue };
        let kind = match () {
            () if name.eq_ignore_ascii_case("cookie") || name.eq_ignore_ascii_case("set-cookie") => "cookie",
            () if name.eq_ignore_ascii_case("authorization") => "authorization header",
            () => continue,
        };
        let value = text.get(at + 1..).unwrap_or_default().trim_start_matches(' ');
        let length =
            value.bytes().take(4096).take_while(|b| matches!(b, b' '..=b'~') && !matches!(b, b'"' | b'\'')).count();
        end = at + length;
        if length >= 8 {
            take(kind, value.get(..length).unwrap_or_default());
        }
    }
    // Scripts and pages contain `"openid":"…"` as text; in JSON files the field's name is known.
    for (at, _) in text.match_indices("\":") {
        let Some(name) = text.get(..at).map(word_at_end) else { continue };
        let value = text.get(at + 2..).unwrap_or_default().trim_start_matches(' ');
        let Some(value) = value.strip_prefix('"').and_then(|value| value.split('"').next()) else { continue };
        if let Some(kind) = kind_by_name(name, value) {
            take(kind, value);
        }
    }
}

fn run(text: &str, at: usize, of: impl Fn(u8) -> bool) -> &str {
    let length = text.bytes().skip(at).take(64).take_while(|b| of(*b)).count();
    text.get(at..at + length).unwrap_or_default()
}

fn word_at_end(text: &str) -> &str {
    let length =
        text.bytes().rev().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')).take(40).count();
    text.get(text.len() - length..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_exports_hold_is_counted_by_kind_and_never_kept() {
        let mut tally = Tally::default();
        tally.file("a.har");
        let texts = [
            "写信给 lin.wan@mail.example.com，电话 13800138000",
            "wxid_plantedplanted01 说",
            "-----BEGIN RSA PRIVATE KEY-----\nMIIPLANTED\n-----END RSA PRIVATE KEY-----",
            "Cookie: session=PLANTED-cookie; b=2\r\nAuthorization: Basic UExBTlRFRA==",
            "var a = {\"openid\":\"oPLANTED1234567\"}",
        ];
        for text in texts {
            tally.text(text);
            tally.text(text);
        }
        tally.field("xsec_token", "ABPLANTED=");
        tally.field("user.ip", "203.0.113.9");
        let kinds: Vec<(&str, u64)> = tally.found.iter().map(|(kind, found)| (*kind, found.count)).collect();
        assert_eq!(
            kinds,
            [
                ("WeChat id", 1),
                ("access token", 1),
                ("authorization header", 1),
                ("cookie", 1),
                ("e-mail address", 1),
                ("network address", 1),
                ("openid", 1),
                ("phone number", 1),
                ("private key", 1)
            ]
        );
        let shown = serde_json::to_string(&tally.found).unwrap();
        for secret in ["PLANTED", "planted", "lin.wan", "13800138000", "203.0.113"] {
            assert!(!shown.contains(secret), "{secret}: {shown}");
        }
    }

    #[test]
    fn ordinary_words_are_no_secrets() {
        for text in ["cookie recipes: 饼干", "token", "作者：林晚", "https://a.example/?page=2", "今天12:30见"]
        {
            assert!(!is_private_value("正文", text), "{text}");
        }
        assert!(!is_private_value("token_count", "12") || privacy::is_private_name("token_count"));
        assert_eq!(without_facts("line 3: lin.wan@mail.example.com is odd"), "line 3: li… is odd");
    }
}
