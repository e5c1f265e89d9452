//! Finds and replaces names, phrases and addresses, and decides where a name is really a name.
//!
//! * The longest match of all known names wins: 林晚秋 does not contain the name 林晚.
//! * A name in letters must be between word boundaries: *Annual* does not contain Ann.
//! * Chinese has no word boundaries. A name that is one character or a common word is replaced only where somebody is addressed or
//!   speaks. Any other name is replaced, except where it is the end of one word and the beginning of the next (树**林晚**上).
//! * A space in a name matches any run of spaces, hyphens, underscores or plus signs, as in addresses and file names.
//! * Between two Chinese characters of a name there may be spaces or the end of a line: 慕容 雪柏.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use circle_model::text::is_cjk;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::stream::{BREAK, Markup, Spelling, Unit, fold, streams};

/// Where a rule applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Care {
    /// A name: not inside words.
    Name,
    /// A name that is also a word: only where somebody is addressed or speaks.
    Mention,
    /// These characters, anywhere.
    Phrase,
    /// An address or file name: not as a part of a longer one.
    Address,
}

#[derive(Clone, Debug)]
struct Rule {
    needle: Vec<char>,
    /// `None` for a name that protects the names inside it.
    with: Option<String>,
    care: Care,
}

/// Rules, by the first character of their text.
#[derive(Clone, Debug, Default)]
pub(super) struct Rules {
    rules: Vec<Rule>,
    by_first: BTreeMap<char, Vec<usize>>,
}

impl Rules {
    /// Adds a rule; `with` is `None` for a name that must stay whole.
    pub(super) fn add(&mut self, text: &str, with: Option<&str>, care: Care) {
        let needle = collapse_spaces(&fold(text.trim()));
        if needle.is_empty() {
            return;
        }
        if self.rules.iter().any(|rule| rule.needle == needle && (rule.with.is_some() || with.is_none())) {
            return;
        }
        self.rules.retain(|rule| rule.needle != needle);
        self.rules.push(Rule { needle, with: with.map(str::to_owned), care });
        self.rules.sort_by(|a, b| b.needle.len().cmp(&a.needle.len()).then_with(|| a.needle.cmp(&b.needle)));
        self.by_first.clear();
        for (index, rule) in self.rules.iter().enumerate() {
            if let Some(first) = rule.needle.first() {
                self.by_first.entry(*first).or_default().push(index);
            }
        }
    }

    /// True if there is nothing to replace.
    pub(super) fn is_empty(&self) -> bool {
        self.rules.iter().all(|rule| rule.with.is_none())
    }

    /// The texts of all matches; with `sure`, without words that are also names.
    pub(super) fn found(&self, text: &str, markup: Markup, sure: bool) -> Vec<String> {
        if self.is_empty() || text.is_empty() {
            return Vec::new();
        }
        let mut found = Vec::new();
        for stream in streams(text, markup) {
            self.hits(&stream, |rule, _| {
                if rule.with.is_some() && !(sure && rule.care == Care::Mention) {
                    found.push(rule.needle.iter().collect());
                }
            });
        }
        found
    }

    /// The text with all replacements; `None` if it does not change.
    pub(super) fn apply(&self, text: &str, markup: Markup) -> Option<String> {
        if self.is_empty() || text.is_empty() {
            return None;
        }
        let mut edits: Vec<(usize, usize, String)> = Vec::new();
        for stream in streams(text, markup) {
            self.look(&stream, &mut edits);
        }
        if edits.is_empty() {
            return None;
        }
        edits.sort();
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        for (start, end, with) in edits {
            if start < at {
                continue;
            }
            out.push_str(text.get(at..start)?);
            out.push_str(&with);
            at = end;
        }
        out.push_str(text.get(at..)?);
        Some(out)
    }

    fn look(&self, units: &[Unit], edits: &mut Vec<(usize, usize, String)>) {
        self.hits(units, |rule, found| {
            let (Some(with), Some(first)) = (&rule.with, found.first()) else { return };
            let spelt = match first.spelling {
                Spelling::Percent => utf8_percent_encode(with, NON_ALPHANUMERIC).to_string().replace("%2D", "-"),
                Spelling::Plain => with.clone(),
            };
            for (index, unit) in found.iter().enumerate() {
                let with = if index == 0 { spelt.clone() } else { String::new() };
                // Several folded characters of one written character are one edit.
                if edits.last().is_none_or(|(start, ..)| index == 0 || *start != unit.bytes.start) {
                    edits.push((unit.bytes.start, unit.bytes.end, with));
                }
            }
        });
    }

    /// All matches of rules, the longest first.
    fn hits(&self, units: &[Unit], mut take: impl FnMut(&Rule, &[Unit])) {
        let mut at = 0;
        while let Some(unit) = units.get(at) {
            let candidates = self.by_first.get(&unit.folded).map(Vec::as_slice).unwrap_or_default();
            let hit = candidates.iter().filter_map(|index| self.rules.get(*index)).find_map(|rule| {
                let end = matched(units, at, rule)?;
                fits(units, at, end, rule.care).then_some((rule, end))
            });
            let Some((rule, end)) = hit else {
                at += 1;
                continue;
            };
            take(rule, units.get(at..end).unwrap_or_default());
            at = end;
        }
    }
}

/// Replaces runs of spaces by one.
fn collapse_spaces(text: &[char]) -> Vec<char> {
    let mut out: Vec<char> = Vec::with_capacity(text.len());
    for c in text {
        let c = if c.is_whitespace() { ' ' } else { *c };
        if c != ' ' || out.last() != Some(&' ') {
            out.push(c);
        }
    }
    out
}

/// The end of a match that begins at `at`.
fn matched(units: &[Unit], at: usize, rule: &Rule) -> Option<usize> {
    // A character that folds to several matches as a whole or not at all.
    let inside = |index: usize| {
        index > 0
            && units
                .get(index)
                .zip(units.get(index - 1))
                .is_some_and(|(a, b)| a.bytes == b.bytes && !a.bytes.is_empty())
    };
    if inside(at) {
        return None;
    }
    let mut end = at;
    let mut last = None;
    for wanted in &rule.needle {
        if matches!(rule.care, Care::Name | Care::Phrase)
            && is_han(*wanted)
            && last.is_some_and(is_han)
            && units.get(end)?.folded != *wanted
        {
            let from = end;
            while end - from < LONGEST_GAP && units.get(end).is_some_and(|unit| unit.folded.is_whitespace()) {
                end += 1;
            }
            // 树林 and 晚上 on two lines do not contain 林晚. For three characters, this hardly happens by chance.
            let next_line = units.get(from..end).is_some_and(|gap| gap.iter().any(|unit| unit.folded == '\n'));
            if next_line && rule.care == Care::Name && rule.needle.len() < 3 {
                let beside = [before(units, at), char_at(units, end + 1)];
                if beside.into_iter().flatten().any(is_han) {
                    return None;
                }
            }
        }
        last = Some(*wanted);
        if *wanted == ' ' {
            let from = end;
            while units.get(end).is_some_and(|unit| is_gap(unit.folded)) {
                end += 1;
            }
            if end == from {
                return None;
            }
        } else if units.get(end)?.folded == *wanted {
            end += 1;
        } else {
            return None;
        }
    }
    (!inside(end)).then_some(end)
}

/// The maximum number of blanks inside a name.
const LONGEST_GAP: usize = 8;

fn is_gap(c: char) -> bool {
    c.is_whitespace() || matches!(c, '-' | '_' | '+')
}

fn fits(units: &[Unit], start: usize, end: usize, care: Care) -> bool {
    match care {
        Care::Phrase => true,
        Care::Address => !is_joined(units, start, Side::Before, true) && !is_joined(units, end, Side::After, true),
        Care::Name => stands_alone(units, start, end) && !between_words(units, start, end),
        Care::Mention => stands_alone(units, start, end) && is_mention(units, start, end),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Before,
    After,
}

fn char_at(units: &[Unit], at: usize) -> Option<char> {
    units.get(at).map(|unit| unit.folded)
}

fn before(units: &[Unit], at: usize) -> Option<char> {
    char_at(units, at.checked_sub(1)?)
}

/// True for a character of a script with spaces between words.
fn is_letter(c: char) -> bool {
    let continues = matches!(c, '\u{300}'..='\u{36f}');
    let spaceless = is_han(c)
        || is_cjk(c)
        || matches!(c, '\u{1100}'..='\u{11ff}' | '\u{3040}'..='\u{30ff}' | '\u{0e00}'..='\u{0e7f}');
    continues || (c.is_alphanumeric() && !spaceless)
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// True if a letter beside this position is part of the same word. `address`: dots and slashes also continue a word.
fn is_joined(units: &[Unit], at: usize, side: Side, address: bool) -> bool {
    let (near, far) = match side {
        Side::Before => (before(units, at), at.checked_sub(2).and_then(|at| char_at(units, at))),
        Side::After => (char_at(units, at), char_at(units, at + 1)),
    };
    match near {
        Some('_') => far.is_some_and(is_letter),
        Some(c) if address && side == Side::Before => is_letter(c) || matches!(c, '/' | '.' | '-'),
        Some(c) => is_letter(c),
        None => false,
    }
}

/// True if a name that begins or ends with a letter begins or ends a word.
fn stands_alone(units: &[Unit], start: usize, end: usize) -> bool {
    let first = char_at(units, start).is_some_and(is_letter);
    let last = before(units, end).is_some_and(is_letter);
    let begins_inside = first && is_joined(units, start, Side::Before, false);
    let ends_inside = last && is_joined(units, end, Side::After, false);
    !begins_inside && !ends_inside
}

/// True if the name's first character ends one word and its last begins another: 树林|晚上.
fn between_words(units: &[Unit], start: usize, end: usize) -> bool {
    let pair =
        |first: Option<char>, second: Option<char>| first.zip(second).is_some_and(|pair| LISTS.pairs.contains(&pair));
    let left = pair(before(units, start), char_at(units, start));
    let right = pair(before(units, end), char_at(units, end));
    left && right
}

/// Words before a name when somebody is addressed.
const ADDRESSING: &[&str] = &[
    "回复",
    "回覆",
    "答复",
    "回应",
    "回應",
    "感谢",
    "感謝",
    "谢谢",
    "謝謝",
    "作者",
    "replying to",
    "reply to",
    "re",
    "by",
    "from",
    "cc",
];
/// Words after a name when somebody speaks.
const SPEAKING: &[&str] = &[
    "说", "說", "写道", "寫道", "回复", "回覆", "评论", "評論", "留言", "问", "問", "答", "said", "says", "wrote",
    "asked",
];

/// True if somebody is addressed or speaks here.
fn is_mention(units: &[Unit], start: usize, end: usize) -> bool {
    let after = char_at(units, end);
    let ends = after.is_none_or(|c| !is_letter(c) && !is_han(c));
    let one = end - start == 1;
    let says = says(units, end);
    if before(units, start) == Some('@') {
        return ends || says || !one;
    }
    // Goes back over spaces, colons and similar characters.
    let mut at = start;
    while before(units, at)
        .is_some_and(|c| c != BREAK && c != '\n' && (c.is_whitespace() || matches!(c, ':' | '@' | '[' | '「')))
    {
        at -= 1;
    }
    let addressed = ADDRESSING.iter().any(|word| ends_with(units, at, word));
    if addressed && ends {
        return true;
    }
    let opens = before(units, at).is_none_or(|c| c == '\n' || c == BREAK || matches!(c, '>' | '【' | '—' | '-' | '|'));
    opens && (says || speaks_with_colon(units, end))
}

fn skip_spaces(units: &[Unit], mut at: usize) -> usize {
    while char_at(units, at).is_some_and(|c| c != '\n' && c.is_whitespace()) {
        at += 1;
    }
    at
}

fn speaks_with_colon(units: &[Unit], end: usize) -> bool {
    char_at(units, skip_spaces(units, end)) == Some(':')
}

fn says(units: &[Unit], end: usize) -> bool {
    let at = skip_spaces(units, end);
    SPEAKING.iter().any(|word| {
        let length = word.chars().count();
        let same = word.chars().enumerate().all(|(index, c)| char_at(units, at + index) == Some(c));
        let whole = !word.is_ascii() || !char_at(units, at + length).is_some_and(is_letter);
        same && whole && (!word.is_ascii() || at > end)
    })
}

fn ends_with(units: &[Unit], end: usize, word: &str) -> bool {
    let Some(start) = end.checked_sub(word.chars().count()) else { return false };
    let same = word.chars().enumerate().all(|(index, c)| char_at(units, start + index) == Some(c));
    same && (!word.is_ascii() || !before(units, start).is_some_and(is_letter))
}

/// The lists of words.
pub(super) struct Lists {
    /// Chinese words for pseudonyms.
    pub(super) chinese: Vec<String>,
    /// English words for pseudonyms.
    pub(super) latin: Vec<String>,
    common: BTreeSet<Vec<char>>,
    pairs: BTreeSet<(char, char)>,
}

static LISTS: LazyLock<Lists> = LazyLock::new(Lists::read);

impl Lists {
    /// The lists of the program.
    pub(super) fn all() -> &'static Self {
        &LISTS
    }

    fn read() -> Self {
        let table: toml::Table = include_str!("words.toml").parse().unwrap_or_default();
        let list = |key: &str| -> Vec<String> {
            let items = table.get(key).and_then(toml::Value::as_array).into_iter().flatten();
            items.filter_map(|item| item.as_str().map(str::to_owned)).collect()
        };
        let words = |key: &str| -> Vec<Vec<char>> {
            table.get(key).and_then(toml::Value::as_str).unwrap_or_default().split_whitespace().map(fold).collect()
        };
        let pairs = words("pairs").into_iter().chain(words("common"));
        Self {
            chinese: list("chinese"),
            latin: list("latin"),
            common: words("common").into_iter().collect(),
            pairs: pairs.filter_map(|word| <[char; 2]>::try_from(word).ok().map(|[a, b]| (a, b))).collect(),
        }
    }
}

/// How strict the rule for a name must be.
pub(super) fn care_for(name: &str) -> Care {
    let folded = collapse_spaces(&fold(name.trim()));
    let short = folded.len() < 2;
    let digits = folded.len() < 5 && folded.iter().all(char::is_ascii_digit);
    let common = LISTS.common.contains(&folded);
    if short || digits || common { Care::Mention } else { Care::Name }
}

/// True if `name` folds to the same as `other`.
pub fn same_name(name: &str, other: &str) -> bool {
    collapse_spaces(&fold(name.trim())) == collapse_spaces(&fold(other.trim()))
}

/// The form of a name in rules.
pub(super) fn folded(name: &str) -> String {
    collapse_spaces(&fold(name.trim())).into_iter().collect()
}

/// True if the folded `text` contains or is the folded `name`.
pub(super) fn holds_or_is(text: &str, name: &str) -> bool {
    same_name(text, name) || holds(text, name)
}

/// True if the folded `long` contains the folded `short` and is longer.
pub(super) fn holds(long: &str, short: &str) -> bool {
    let (long, short) = (collapse_spaces(&fold(long.trim())), collapse_spaces(&fold(short.trim())));
    long.len() > short.len() && !short.is_empty() && long.windows(short.len()).any(|part| part == short)
}
