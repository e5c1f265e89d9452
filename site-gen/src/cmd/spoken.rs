//! The program's language: `--lang`, or the computer's. All output goes through this module (`term`).

use std::{ffi::OsString, sync::OnceLock};

use circle_model::view::Lang;
use circle_site::words::Words;
use site_gen::messages;

static SPOKEN: OnceLock<Lang> = OnceLock::new();

/// The language that the arguments select. It is read before the arguments are parsed, because their errors and their help are in
/// that language, too.
pub(crate) fn asked(args: &[OsString]) -> Lang {
    let mut words = args.iter().map(|word| word.to_string_lossy()).take_while(|word| word != "--");
    while let Some(word) = words.next() {
        let tag =
            if word == "--lang" { words.next() } else { word.strip_prefix("--lang=").map(|tag| tag.to_owned().into()) };
        if let Some(tag) = tag {
            return Lang::from_tag(&tag);
        }
    }
    sys_locale::get_locale().as_deref().map_or(Lang::En, Lang::from_tag)
}

/// Sets the program's language.
pub(crate) fn speak(lang: Lang) {
    // Called only once, in `main`.
    let _ = SPOKEN.set(lang);
}

/// The program's language; English until it is set.
pub(crate) fn lang() -> Lang {
    SPOKEN.get().copied().unwrap_or(Lang::En)
}

/// `english` in the program's language.
pub(crate) fn say(english: &str) -> String {
    messages::in_language(lang(), english)
}

/// One word of a certain kind in the program's language. Without the kind it might be a name.
pub(crate) fn one_word(kind: &str, word: &str) -> String {
    let english = format!("{kind}: {word}");
    let told = say(&english);
    if told == english { word.to_owned() } else { told }
}

/// The reasons why records are not published, with the number for each, in the words of the site.
pub(crate) fn reasons(excluded: impl IntoIterator<Item = (impl AsRef<str>, impl std::fmt::Display)>) -> String {
    let words = Words::shared(lang());
    let reason = |(reason, count): (_, _)| {
        format!("{} {count}", words.get(&format!("excluded_{}", AsRef::<str>::as_ref(&reason))))
    };
    excluded.into_iter().map(reason).collect::<Vec<_>>().join(lang().pick("，", "，", ", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_found_before_the_arguments_are_understood() {
        let lang = |line: &str| asked(&line.split(' ').map(OsString::from).collect::<Vec<_>>());
        assert_eq!(lang("circlekeep keep --lang zh-Hant x"), Lang::ZhHant);
        assert_eq!(lang("circlekeep --lang=zh-Hans --help"), Lang::ZhHans);
        assert_eq!(lang("circlekeep build --lang en"), Lang::En);
    }
}
