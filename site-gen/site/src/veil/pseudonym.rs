//! Makes pseudonyms, the same in every build: a word and a number from a keyed hash of the member's id. The key is in
//! `content/private` and never in the site, so nobody can find a name by trying names.

use circle_model::{id::Id, view::Lang};

use super::rules::Lists;
use circle_content::archive::key::Key;

/// The first free name for a member. `free` returns false for names that are taken.
#[must_use]
pub(super) fn pseudonym(key: &Key, of: &Id, language: Lang, free: impl Fn(&str) -> bool) -> String {
    let lists = Lists::all();
    let words = if language == Lang::En { &lists.latin } else { &lists.chinese };
    let mut number: u64 = 0;
    loop {
        let hash = key.hash("pseudonym", &format!("{of}\n{number}"));
        let byte = |index: usize| usize::from(hash.get(index).copied().unwrap_or_default());
        let word = words.get(byte(0) % words.len().max(1)).map_or("", String::as_str);
        // Two digits are easy to say. Only a circle with thousands of pseudonyms needs more.
        let digits = if number < 1_000 { 2 + byte(1) % 98 } else { 100 + byte(1) * 256 + byte(2) };
        let name = format!("{word}-{digits}");
        if free(&name) || number > 1_000_000 {
            return name;
        }
        number += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pseudonyms_stay_and_step_aside() {
        let key = Key::new([7; 32]);
        let of = Id::from("m1");
        let first = pseudonym(&key, &of, Lang::ZhHans, |_| true);
        assert_eq!(first, pseudonym(&key, &of, Lang::ZhHans, |_| true));
        let second = pseudonym(&key, &of, Lang::ZhHans, |name| name != first);
        assert_ne!(first, second);
        assert!(pseudonym(&key, &of, Lang::En, |_| true).is_ascii());
        assert_ne!(key.id(&of), Key::new([8; 32]).id(&of));
    }

    #[test]
    fn there_are_enough_words() {
        for list in [&Lists::all().chinese, &Lists::all().latin] {
            let different: std::collections::BTreeSet<_> = list.iter().collect();
            assert!(different.len() == list.len() && list.len() >= 64, "{}", list.len());
        }
    }
}
