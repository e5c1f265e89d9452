//! Every golden case as its user would have it: imported into a content folder and built. The cases plant what nobody may read under
//! words that begin with `PLANTED`; here they are looked for in every byte and every name of what may be given to others: the archive,
//! the media and the site.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use circle_content::{
    archive::Mode,
    input::Input,
    options::Options,
    report::{Report, Silent},
};
use circle_import::{ByMap, Importer, Map, Summary};
use circle_publish::{BuildOptions, build};
use tempfile::TempDir;

/// What every planted secret begins with.
const PLANTED: &[u8] = b"PLANTED";

fn folders(path: &Path) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = fs::read_dir(path)
        .expect("the fixtures can be listed")
        .map(|entry| entry.expect("an entry can be read").path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

/// Every case with its importer.
fn cases() -> Vec<(PathBuf, &'static dyn Importer)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/exports");
    let importer_of = |case: &Path| -> &'static dyn Importer {
        if let Ok(text) = fs::read_to_string(case.join("map.toml")) {
            return Box::leak(Box::new(ByMap(Map::read(&text).expect("the case's map can be read"))));
        }
        let name = case.parent().and_then(Path::file_name).expect("a folder has a name").to_string_lossy();
        circle_import::by_name(&name).expect("the folder is named after an importer")
    };
    let cases = folders(&root).into_iter().flat_map(|importer| folders(&importer));
    cases.map(|case| (case.clone(), importer_of(&case))).collect()
}

fn imported(case: &Path, importer: &dyn Importer, content: &Path) -> Summary {
    let input = Input::open(&case.join("in")).expect("a case has a folder `in`");
    let options = Options { now_day: "2021-06-28".parse().ok(), ..Options::default() };
    let at = circle_model::time::Utc(1_622_257_457_000);
    circle_import::into_content(&input, importer, content, &options, at, Mode::Write, &Silent).expect("an import")
}

/// Where the word is below these folders: the file and what stands around it.
fn found(folders: &[PathBuf]) -> BTreeSet<String> {
    let mut places = BTreeSet::new();
    for entry in folders.iter().flat_map(walkdir::WalkDir::new) {
        let Ok(entry) = entry else { continue };
        let name = entry.path().to_string_lossy().into_owned();
        if name.contains("PLANTED") {
            places.insert(format!("a name: {name}"));
        }
        if !entry.file_type().is_file() {
            continue;
        }
        let bytes = fs::read(entry.path()).expect("a file can be read");
        for at in bytes.windows(PLANTED.len()).enumerate().filter(|(_, window)| *window == PLANTED).map(|(at, _)| at) {
            let around = bytes.get(at.saturating_sub(90)..(at + 60).min(bytes.len())).unwrap_or_default();
            let file = entry.file_name().to_string_lossy();
            places.insert(format!("{file}: …{}…", String::from_utf8_lossy(around).replace('\n', " ")));
        }
    }
    places
}

/// Imports canonical lines, one file a kind, as an export of their own.
fn native(content: &Path, files: &[(&str, &str)]) {
    let files = files.iter().map(|(name, lines)| (format!("{name}.jsonl"), lines.as_bytes().to_vec())).collect();
    let (importer, at) =
        (circle_import::by_name("native").expect("it is there"), circle_model::time::Utc(1_622_257_457_000));
    let options = Options::default();
    let input = Input::memory(files);
    circle_import::into_content(&input, importer, content, &options, at, Mode::Write, &Silent).expect("an import");
}

#[test]
fn what_a_newer_export_takes_back_is_in_no_page() {
    let folder = TempDir::new().expect("a temporary folder");
    let (content, public) = (folder.path().join("content"), folder.path().join("public"));
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
        let options = BuildOptions { content: content.clone(), out: public.clone(), ..BuildOptions::default() };
        build(&options, &mut Report::default(), &Silent).expect("a site");
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
    for (case, importer) in cases() {
        let folder = TempDir::new().expect("a temporary folder");
        let content = folder.path().join("content");
        let summary = imported(&case, importer, &content);
        let (archive, media, public) = (content.join("archive"), content.join("media"), folder.path().join("public"));
        let options = BuildOptions { content: content.clone(), out: public.clone(), ..BuildOptions::default() };
        match build(&options, &mut Report::default(), &Silent) {
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
