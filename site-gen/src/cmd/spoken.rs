//! The language that the program speaks: `--lang`, else the computer's. Every line that is told goes through it (`term`).

use std::{ffi::OsString, sync::OnceLock};

use circle_model::view::Lang;
use circle_site::words::Words;
use site_gen::messages;

static SPOKEN: OnceLock<Lang> = OnceLock::new();

/// The language that the arguments ask for. It is looked for before they are understood, because what is wrong with them, and their
/// help, are told in it too.
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

/// From here on the program speaks `lang`.
pub(crate) fn speak(lang: Lang) {
    // Asked once, in `main`.
    let _ = SPOKEN.set(lang);
}

/// The language that is spoken; English until somebody asked.
pub(crate) fn lang() -> Lang {
    SPOKEN.get().copied().unwrap_or(Lang::En)
}

/// `english` as it is told.
pub(crate) fn say(english: &str) -> String {
    messages::in_language(lang(), english)
}

/// One word of those of a kind, as it is told. Alone it could be anybody's name.
pub(crate) fn one_word(kind: &str, word: &str) -> String {
    let english = format!("{kind}: {word}");
    let told = say(&english);
    if told == english { word.to_owned() } else { told }
}

/// Why records are not published, and how many for each reason, in the site's own words.
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
