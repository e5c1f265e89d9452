//! Gives all spellings of a text one form, so that texts and queries can be compared.
//!
//! 1. NFKC makes full width, half width, compatibility and composed forms equal.
//! 2. Letters become lower case, and the final sigma a normal one.
//! 3. Invisible characters are removed.
//! 4. Traditional characters and the variants of Taiwan and Hong Kong become simplified ones, character by character.
//!
//! `assets/find.js` does the same with the same table, which is part of the site.

use std::{collections::BTreeMap, sync::LazyLock};

use hanconv::RawDictionary;
use unicode_normalization::{IsNormalized, UnicodeNormalization as _, char::is_combining_mark, is_nfkc_quick};

/// The class of a character in the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// From a script without spaces, or a pictograph: found as part of any run of such characters.
    Gram,
    /// A letter, digit or mark of a script with words: found by the beginning of the word.
    Word,
    /// Everything else: spaces and punctuation.
    Gap,
}

/// Traditional characters and regional variants with their folded form, which is never folded again.
static FOLD: LazyLock<BTreeMap<char, char>> = LazyLock::new(|| {
    let one = |text: &str| {
        let mut characters = text.chars();
        characters.next().filter(|_| characters.next().is_none())
    };
    let pairs = |(from, to): (&str, &str)| Some((one(from)?, one(to)?));
    let mut raw: BTreeMap<char, char> = RawDictionary::TSCharacters.iter().filter_map(pairs).collect();
    let simplified: std::collections::BTreeSet<char> = raw.values().copied().collect();
    for (variant, standard) in [RawDictionary::TWVariants, RawDictionary::HKVariants]
        .iter()
        .flat_map(RawDictionary::inv_iter)
        .filter_map(pairs)
    {
        if !simplified.contains(&variant) && variant != standard {
            raw.entry(variant).or_insert(standard);
        }
    }
    let settled = |start: char| {
        let mut here = start;
        // The tables have chains of at most three characters; a cycle would also end here.
        for _ in 0..4 {
            match raw.get(&here) {
                Some(next) if *next != here && *next != start => here = *next,
                _ => break,
            }
        }
        here
    };
    raw.keys().map(|from| (*from, settled(*from))).filter(|(from, to)| from != to).collect()
});

/// The pairs of the table whose second character is in `known`: characters that a reader may type instead.
pub(super) fn pairs_for(known: &std::collections::BTreeSet<char>) -> String {
    FOLD.iter().filter(|(_, to)| known.contains(to)).flat_map(|(from, to)| [*from, *to]).collect()
}

/// The form of a text for comparison: letters, marks and grams. Every run of other characters becomes one space, or one line feed
/// if it contains a line feed. It never begins with one.
#[must_use]
pub fn normal(text: &str) -> Vec<char> {
    let mut out = Vec::with_capacity(text.len() / 2);
    let mut add = |character: char| {
        if is_invisible(character) {
            return;
        }
        let shown = match class(character) {
            Class::Gap if character == '\n' => '\n',
            Class::Gap => ' ',
            _ => character,
        };
        match (out.last(), shown) {
            (None, ' ' | '\n') | (Some(' ' | '\n'), ' ') => {}
            (Some(' ' | '\n'), '\n') => {
                out.pop();
                out.push('\n');
            }
            _ => out.push(shown),
        }
    };
    let mut lowered = |character: char| match character {
        'a'..='z' | '0'..='9' | ' ' | '\n' => add(character),
        'A'..='Z' => add(character.to_ascii_lowercase()),
        '\u{4e00}'..='\u{9fff}' => add(folded(character)),
        _ => character.to_lowercase().for_each(|c| add(if c == 'ς' { 'σ' } else { folded(c) })),
    };
    if is_nfkc_quick(text.chars()) == IsNormalized::Yes {
        text.chars().for_each(&mut lowered);
    } else {
        text.nfkc().for_each(&mut lowered);
    }
    out
}

fn folded(character: char) -> char {
    FOLD.get(&character).copied().unwrap_or(character)
}

/// Invisible characters: those that only join, separate, change direction or select a shape.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
}

/// The class of a character after folding.
pub(super) fn class(c: char) -> Class {
    match c {
        'a'..='z' | '0'..='9' => Class::Word,
        '\u{0}'..='\u{7f}' => Class::Gap,
        '\u{e01}'..='\u{e3a}'
        | '\u{e40}'..='\u{e4e}'
        | '\u{e81}'..='\u{ece}'
        | '\u{edc}'..='\u{edf}'
        | '\u{1000}'..='\u{103f}'
        | '\u{1050}'..='\u{108f}'
        | '\u{1100}'..='\u{11ff}'
        | '\u{1780}'..='\u{17d3}'
        | '\u{2600}'..='\u{27bf}'
        | '\u{3005}'..='\u{3007}'
        | '\u{3021}'..='\u{3029}'
        | '\u{3041}'..='\u{3096}'
        | '\u{3099}'
        | '\u{309a}'
        | '\u{309d}'..='\u{309f}'
        | '\u{30a1}'..='\u{30fa}'
        | '\u{30fc}'..='\u{30ff}'
        | '\u{3105}'..='\u{312f}'
        | '\u{3131}'..='\u{318e}'
        | '\u{31a0}'..='\u{31bf}'
        | '\u{31f0}'..='\u{31ff}'
        | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{a960}'..='\u{a97c}'
        | '\u{ac00}'..='\u{d7fb}'
        | '\u{f900}'..='\u{faff}'
        | '\u{1f000}'..='\u{1faff}'
        | '\u{20000}'..='\u{3ffff}' => Class::Gram,
        _ if c.is_alphanumeric() || is_combining_mark(c) => Class::Word,
        _ => Class::Gap,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(of: &str) -> String {
        normal(of).into_iter().collect()
    }

    #[test]
    fn all_spellings_are_one() {
        assert_eq!(text("《讀書會》，Ｒｕｓｔ２０２１！"), "读书会 rust2021 ");
        assert_eq!(text("臺灣 台湾 裏 裡 看著"), "台湾 台湾 里 里 看着");
        assert_eq!(text("cafe\u{301} CAFÉ"), "café café");
        assert_eq!(text("ｶﾞﾗｽ ガラス"), "ガラス ガラス");
        assert_eq!(text("한글 \u{1112}\u{1161}\u{11ab}글"), "한글 한글");
        assert_eq!(text("読\u{200b}书 ΣΑΣ σας"), "読书 σασ σασ");
        assert_eq!(text("，一 \n 二"), "一\n二");
    }

    #[test]
    fn nothing_is_folded_twice() {
        assert!(FOLD.len() > 2500);
        for (from, to) in FOLD.iter() {
            assert!(!FOLD.contains_key(to), "{from} becomes {to}, which becomes another");
            assert_eq!((class(*from), class(*to)), (Class::Gram, Class::Gram), "{from} {to}");
            assert_eq!(text(&to.to_string()), to.to_string(), "{to} is one spelling already");
        }
    }
}
