//! Every golden case as its user would have it: imported into a content folder and built. The cases plant what nobody may read under
//! words that begin with `PLANTED`; here they are looked for in every byte and every name of what may be given to others: the archive,
//! the media and the site.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use circle_content::input::Input;
use circle_tests::{
    circle::Circle,
    exports::{cases, import, import_as, importer_of, input, options},
    files::places,
};

/// Where a planted word is below these folders, and what stands around it. A folder that nothing came into is not there.
fn found(folders: &[PathBuf]) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for folder in folders.iter().filter(|folder| folder.exists()) {
        for place in places(folder, "PLANTED") {
            let text = String::from_utf8_lossy(&fs::read(folder.join(&place)).unwrap_or_default()).into_owned();
            let found = all.len();
            for (at, _) in text.match_indices("PLANTED") {
                let before: String = text[..at].chars().rev().take(30).collect();
                let before: String = before.chars().rev().collect();
                let after: String = text[at..].chars().take(60).collect();
                all.insert(format!("{place}: …{before}{after}…").replace('\n', " "));
            }
            if place.contains("PLANTED") || all.len() == found {
                all.insert(place);
            }
        }
    }
    all
}

/// Imports canonical lines, one file a kind, as an export of their own.
fn native(content: &Path, files: &[(&str, &str)]) {
    import_as("native", &input(files.iter().map(|(name, lines)| (format!("{name}.jsonl"), *lines))), content);
}

#[test]
fn what_a_newer_export_takes_back_is_in_no_page() {
    let folder = Circle::empty();
    let (content, public) = (folder.content(), folder.out());
    let other = r#"{"id":"q","author":"n","visibility":"circle","body":{"source":"留下的"}}"#;
    let post = |seen: &str| {
        let words = r#""title":"PLANTED-TITLE","space":"s","tags":["PLANTED-TAG"],"body":{"source":"PLANTED-TEXT"}"#;
        format!(r#"{{"id":"p","author":"m","visibility":"{seen}",{words},"media":[{{"media":"missing-x"}}]}}"#)
    };
    let circle = r#"{"id":"k","name":"圈","spaces":[{"id":"s","name":"PLANTED-SPACE"}]}"#;
    let members = "{\"id\":\"m\",\"names\":[{\"value\":\"PLANTED-M\"}]}\n{\"id\":\"n\",\"names\":[{\"value\":\"PLANTED-N\"}]}\n{\"id\":\"o\",\"names\":[{\"value\":\"阿木\"}]}";
    let medium = r#"{"id":"missing-x","name":"PLANTED-MEDIUM.jpg","state":"missing"}"#;
    let comment = r#"{"id":"c","post":"p","author":"o","body":{"source":"PLANTED-COMMENT"}}"#;
    let all = |seen: &str| {
        let posts = format!("{}\n{other}", post(seen));
        native(
            &content,
            &[("circle", circle), ("members", members), ("posts", &posts), ("comments", comment), ("media", medium)],
        );
    };
    let pages = || {
        let _ = fs::remove_dir_all(&public);
        folder.build();
        let mut places = found(std::slice::from_ref(&public));
        places.retain(|place| !place.contains("PLANTED-N"));
        places
    };
    all("circle");
    assert!(!pages().is_empty(), "it was to be read");
    // The newer export has the post and no more, or all that hangs on it.
    native(&content, &[("posts", &post("followers"))]);
    for word in ["PLANTED-TITLE", "PLANTED-TAG", "PLANTED-TEXT", "PLANTED-COMMENT", "PLANTED-MEDIUM"] {
        assert!(!pages().iter().any(|place| place.contains(word)), "{word}: {:#?}", pages());
    }
    all("followers");
    let archive: Vec<String> = found(&[content.join("archive")]).into_iter().collect();
    for word in ["PLANTED-TITLE", "PLANTED-TAG", "PLANTED-TEXT", "PLANTED-COMMENT"] {
        assert!(!archive.iter().any(|place| place.contains(word)), "{word}: {archive:#?}");
    }
    // A member's own slice has the comment and knows nothing of its post, or no more than that there is one.
    let place = r#"{"id":"p","visibility":"circle","flags":{"partial":true}}"#;
    let late = comment.replace("\"c\"", "\"c2\"");
    native(&content, &[("comments", &late)]);
    native(&content, &[("posts", place), ("comments", &late)]);
    assert!(!pages().iter().any(|place| place.contains("PLANTED-COMMENT")), "{:#?}", pages());
    let kept = fs::read_to_string(content.join("private/withheld.jsonl")).expect("what is withheld");
    assert!(kept.contains("PLANTED-TEXT"), "{kept}");
    // Nothing in it says that this one is newer: it may be the first export, read again.
    all("circle");
    assert!(!pages().iter().any(|place| place.contains("PLANTED-COMMENT")), "{:#?}", pages());
}

#[test]
fn no_case_brings_out_what_it_plants() {
    let (mut leaks, mut built) = (Vec::new(), 0);
    for (importer, case) in cases() {
        let circle = Circle::empty();
        let content = circle.content();
        let input = Input::open(&case.join("in")).expect("a case has a folder `in`");
        let summary = import(&input, importer_of(&importer, &case), &content, &options());
        let (archive, media, public) = (content.join("archive"), content.join("media"), circle.out());
        match circle.try_build() {
            Ok(_) => built += 1,
            // Some cases are all private, or only broken.
            Err(error) => assert!(error.to_string().contains("has no posts"), "{}: {error}", case.display()),
        }
        let mut places = found(&[archive, media, public]);
        places.extend(summary.notes.iter().filter(|note| note.contains("PLANTED")).map(|note| format!("note: {note}")));
        if !places.is_empty() {
            let places: Vec<String> = places.into_iter().collect();
            leaks.push(format!("{}:\n  {}", case.display(), places.join("\n  ")));
        }
    }
    assert!(built > 70, "only {built} cases were built");
    assert!(leaks.is_empty(), "{} cases bring out what is private:\n{}", leaks.len(), leaks.join("\n"));
}
