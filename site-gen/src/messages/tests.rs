use std::{collections::BTreeSet, fs, path::Path};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::*;

/// Files whose sentences are not messages, or are not translated yet, with the reason.
const APART: &[(&str, &str)] = &[
    ("content/src/audience", "words and names that exports use of who may see a text"),
    ("content/src/archive/fields.rs", "a mark that never reaches anybody"),
    ("src/cmd/help.rs", "the words of clap, translated there"),
    ("content/src/config/settings.rs", "a file for programs"),
    ("html/src/excerpt.rs", "names of elements"),
    ("import/src/answered.rs", "words that pages say"),
    ("import/src/chats/slack/blocks.rs", "what the export says"),
    ("import/src/chats/slack/message.rs", "a text inside the archive"),
    ("import/src/chats/telegram/media.rs", "what the export says"),
    ("html/src/document.rs", "names of elements"),
    ("content/src/archive/not_read.rs", "the head of a file, in all languages at once"),
    ("import/src/pages/page.rs", "names of elements"),
    ("import/src/pages/pictures.rs", "names of elements"),
    ("import/src/pages/douban_group/topic.rs", "names of elements"),
    ("import/src/social/whatsapp/words.rs", "what the export says"),
    ("import/src/inspect/guess.rs", "names of columns"),
    ("import/src/inspect/skeleton.rs", "pieces of lines, which the tables have whole"),
    ("publish/src/pack/bag.rs", "what a bag says of itself, and which librarians read"),
    ("html/src/privacy/published.rs", "a command, typed as it stands"),
    ("site/src/render.rs", "a rule for browsers"),
    ("site/src/render/redirects.rs", "files for servers"),
    ("html/src/sanitize.rs", "a rule for browsers"),
    ("site/src/search/text.rs", "names of elements"),
    ("publish/src/sign.rs", "what a signature says of itself"),
];

#[test]
fn a_message_is_found_again_with_its_values() {
    let say = |english: &str| in_language(Lang::ZhHans, english);
    assert_eq!(say("`x` is not a date"), "`x` 不是日期");
    assert_eq!(
        say("a link leads to #c-1 in posts/1.html, which is not there"),
        "有链接指向 posts/1.html 里的 #c-1，但那里没有"
    );
    assert_eq!(in_language(Lang::ZhHant, "`x` is not a date"), "`x` 不是日期");
    assert_eq!(in_language(Lang::En, "`x` is not a date"), "`x` is not a date");
    assert_eq!(say("nobody has translated this"), "nobody has translated this");
}

#[test]
fn messages_inside_messages_and_behind_places_and_counts_are_translated() {
    let say = |english: &str| in_language(Lang::ZhHans, english);
    assert_eq!(say("not read: the file is empty"), "没有读：文件是空的");
    assert_eq!(say("a.csv: the file is empty"), "a.csv：文件是空的");
    assert_eq!(
        say("3 comments do not say which topic they belong to, and were not read"),
        "3 条评论没有写明属于哪个主题，没有读"
    );
    assert_eq!(say("its date cannot be read: ``"), "读不懂日期 ``");
    assert_eq!(say("the file is empty: `a: b`"), "文件是空的：`a: b`");
    assert_eq!(say("item 4: the file is empty"), "第 4 条：文件是空的");
    assert_eq!(say("record = \"post\""), "record = \"post\"", "a line of a file");
    assert_eq!(say("- zip:  the file is empty"), "- zip：文件是空的");
    let drafted = "post = { from = \"post\" }    # a guess, please check · text 90%";
    assert_eq!(say(drafted), "post = { from = \"post\" }    # 猜的，请核对 · 文字 90%");
    assert_eq!(say("  nobody\n  the file is empty"), "  nobody\n  文件是空的");
}

#[test]
fn endings_agree_with_numbers_in_either_form() {
    assert!(fits(&pieces("{} post[s] [is|are] here"), "1 post is here", &mut Vec::new(), &mut 100));
    assert!(fits(&pieces("{} post[s] [is|are] here"), "2 posts are here", &mut Vec::new(), &mut 100));
    assert!(!fits(&pieces("{} post[s] [is|are] here"), "2 posts were here", &mut Vec::new(), &mut 100));
    assert_eq!(pieces("a [[table]] with {} of {x}"), pieces("a [[table]] with {0} of {}"));
}

#[test]
fn a_hostile_text_is_looked_up_in_no_time() {
    let start = std::time::Instant::now();
    let _ = in_language(Lang::ZhHans, &"a: b, (c) ".repeat(20_000));
    let _ = in_language(Lang::ZhHans, &"a: b, (c) ".repeat(190));
    assert!(start.elapsed().as_secs() < 5);
}

#[test]
fn every_message_has_both_languages_and_as_many_values_and_is_found() {
    let mut seen = BTreeSet::new();
    for (file, text) in TABLES {
        let table: toml::Table = text.parse().unwrap_or_else(|error| panic!("{file}: {error}"));
        for (english, value) in &table {
            let forms: Vec<&str> = value.as_array().unwrap().iter().filter_map(toml::Value::as_str).collect();
            assert_eq!(forms.len(), 2, "{file}: {english}");
            let values = |text: &str| pieces(text).iter().filter(|piece| **piece == Piece::Value).count();
            for form in &forms {
                assert_eq!(values(form), values(english), "{file}: {english}: {form}");
            }
            assert!(seen.insert(english.clone()), "{file}: twice: {english}");
            // With values in it, the sentence must find its own translation and no other.
            let mut number = 0;
            let part = |piece: &Piece| match piece {
                Piece::Literal(text) => text.clone(),
                Piece::Ending(_, many) => many.clone(),
                Piece::Value => {
                    number += 1;
                    format!("V{}", number - 1)
                }
            };
            let filled_in: String = pieces(english).iter().map(part).collect();
            if !english.starts_with("{}") && !english.ends_with("{}") {
                let values: Vec<String> = (0..20).map(|at| format!("V{at}")).collect();
                let values: Vec<&str> = values.iter().map(String::as_str).collect();
                let expected = filled(forms[0], &values, str::to_owned);
                assert_eq!(in_language(Lang::ZhHans, &filled_in), expected, "{file}: {english}");
            }
        }
    }
}

/// True for several lower-case words in a row.
fn is_sentence(line: &str) -> bool {
    let is_small = |word: &&str| {
        let bare = word.trim_matches(|c: char| ",;:.()".contains(c));
        word.len() > 1 && bare.chars().all(|c| c.is_ascii_lowercase() || c == '\'')
    };
    line.split(' ').filter(is_small).count() > 2 && !line.starts_with('<')
}

/// The sentences of a source file: literals with some words in a row, outside of tests, attributes and documentation.
fn sentences(tokens: TokenStream, found: &mut BTreeSet<String>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        at += 1;
        match token {
            TokenTree::Punct(sign) if sign.as_char() == '#' => {
                // `#![…]` of a whole file.
                at += usize::from(matches!(tokens.get(at), Some(TokenTree::Punct(sign)) if sign.as_char() == '!'));
                let Some(TokenTree::Group(group)) = tokens.get(at).filter(|next| matches!(next, TokenTree::Group(_)))
                else {
                    continue;
                };
                at += 1;
                // What is only compiled for tests is skipped up to its body.
                if group.stream().to_string().replace(' ', "") == "cfg(test)" {
                    let is_body = |token: &TokenTree| {
                        matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace)
                            || matches!(token, TokenTree::Punct(sign) if sign.as_char() == ';')
                    };
                    at += tokens.iter().skip(at).position(is_body).map_or(0, |body| body + 1);
                }
            }
            TokenTree::Ident(name)
                if ["panic", "expect", "unreachable", "assert"].contains(&name.to_string().as_str()) =>
            {
                at += usize::from(matches!(tokens.get(at), Some(TokenTree::Punct(_))));
                at += usize::from(matches!(tokens.get(at), Some(TokenTree::Group(_))));
            }
            // The reason why an export was recognised counts, however short it is.
            TokenTree::Ident(name) if ["Yes", "Maybe", "No"].contains(&name.to_string().as_str()) => {
                if let Some(TokenTree::Group(group)) = tokens.get(at) {
                    reasons(group.stream(), found);
                }
            }
            TokenTree::Group(group) => sentences(group.stream(), found),
            TokenTree::Literal(literal) => {
                if let Ok(text) = syn::parse_str::<syn::LitStr>(&literal.to_string()) {
                    // Text after a label must be in a table by itself.
                    let bare = |line: &str| {
                        let line = line.trim_start();
                        let label =
                            ["help: ", "note: ", "error: "].into_iter().find_map(|label| line.strip_prefix(label));
                        label.unwrap_or(line).to_owned()
                    };
                    found.extend(text.value().lines().map(bare).filter(|line| is_sentence(line)));
                }
            }
            _ => {}
        }
    }
}

/// All literals with a space in them.
fn reasons(tokens: TokenStream, found: &mut BTreeSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => reasons(group.stream(), found),
            TokenTree::Literal(literal) => {
                let text = syn::parse_str::<syn::LitStr>(&literal.to_string()).map(|text| text.value());
                found.extend(text.into_iter().filter(|text| text.trim().contains(' ')));
            }
            _ => {}
        }
    }
}

#[test]
fn every_sentence_of_the_program_is_in_chinese_too() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).to_owned();
    let (mut folders, mut missing, mut used) = (vec![root.clone()], Vec::new(), BTreeSet::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            if !name.ends_with(".rs") || name.ends_with("tests.rs") || name == "src/messages/glossary.rs" {
                continue;
            }
            let mut found = BTreeSet::new();
            sentences(fs::read_to_string(&path).unwrap().parse().unwrap(), &mut found);
            let apart: Vec<_> = APART.iter().filter(|(apart, _)| name.starts_with(apart)).collect();
            for text in found.into_iter().filter(|text| !is_translated(text)) {
                if apart.is_empty() {
                    missing.push(format!("{name}: {text}"));
                }
                used.extend(apart.iter().map(|(apart, _)| *apart));
            }
        }
    }
    assert!(missing.is_empty(), "{} sentences are in no table of messages:\n{}", missing.len(), missing.join("\n"));
    for (apart, why) in APART {
        assert!(used.contains(apart), "{apart} ({why}) has nothing that is missing");
    }
}
