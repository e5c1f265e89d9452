//! What the site gives to other programs, and to itself: its published records come back as the same site, byte for byte.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use circle_model::archive::Action;
use circle_tests::exports::{cases, importer_of, options};
use site_gen::{
    BuildOptions, Summary,
    archive::Mode,
    build,
    decide::{self, Request},
    import,
    input::Input,
    report::{Report, Silent},
};
use tempfile::TempDir;

fn put(path: &Path, bytes: impl AsRef<[u8]>) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    let mut file = fs::File::create(path).expect("made");
    std::io::Write::write_all(&mut file, bytes.as_ref()).expect("written");
}

/// A content folder and its site.
struct Circle {
    folder: TempDir,
}

impl Circle {
    fn of(files: &[(&str, &str)]) -> Self {
        let circle = Self { folder: TempDir::new().expect("a folder") };
        for (path, text) in files {
            put(&circle.content().join(path), text);
        }
        circle
    }

    fn content(&self) -> PathBuf {
        self.folder.path().join("content")
    }

    fn out(&self) -> PathBuf {
        self.folder.path().join("public")
    }

    fn build(&self) -> Summary {
        built(&self.content(), &self.out())
    }

    fn page(&self, path: &str) -> String {
        fs::read_to_string(self.out().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    fn decide(&self, action: Action, target: &str, texts: &[&str]) {
        let request = Request {
            action,
            targets: vec![target.to_owned()],
            texts: texts.iter().map(|text| (*text).to_owned()).collect(),
            ..Request::default()
        };
        let outcomes = decide::decide(&self.content(), &request, &mut Report::default()).expect("decided");
        assert!(!outcomes.is_empty(), "{target}");
    }

    /// What is in the site.
    fn files(&self) -> BTreeMap<String, Vec<u8>> {
        files(&self.out())
    }
}

fn built(content: &Path, out: &Path) -> Summary {
    let options = BuildOptions { content: content.to_owned(), out: out.to_owned(), ..BuildOptions::default() };
    build(&options, &mut Report::default(), &Silent).expect("built")
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    walkdir::WalkDir::new(folder)
        .into_iter()
        .map(|entry| entry.expect("read"))
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let path = entry.path().strip_prefix(folder).expect("inside").to_string_lossy().into_owned();
            (path, fs::read(entry.path()).expect("read"))
        })
        .collect()
}

fn imported(from: &Path, content: &Path) {
    let input = Input::open(from).expect("an input");
    let (importer, _) = import::recognise(&input).expect("a built site is known");
    assert_eq!(importer.name(), "native");
    let at = circle_model::time::Utc(1_700_000_000_000);
    import::into_content(&input, importer, content, &import::Options::default(), at, Mode::Write, &Silent)
        .expect("imported");
}

/// Where two sites differ: the first few files, each with the first line that is another.
fn differences(one: &BTreeMap<String, Vec<u8>>, two: &BTreeMap<String, Vec<u8>>) -> Vec<String> {
    let names: std::collections::BTreeSet<&String> = one.keys().chain(two.keys()).collect();
    let line = |bytes: Option<&Vec<u8>>, at: usize| {
        let text = bytes.map_or_else(|| "(no such file)".into(), |bytes| String::from_utf8_lossy(bytes));
        text.lines().nth(at).unwrap_or("(no such line)").chars().take(900).collect::<String>()
    };
    let mut found = Vec::new();
    for name in names.into_iter().filter(|name| one.get(*name) != two.get(*name)) {
        let first = (0..100_000).find(|at| line(one.get(name), *at) != line(two.get(name), *at)).unwrap_or(0);
        found.push(format!("{name}:{first}\n  - {}\n  + {}", line(one.get(name), first), line(two.get(name), first)));
    }
    found
}

/// Builds, imports the site into an empty folder, builds that, and says where the two sites differ.
fn round_trip(circle: &Circle) -> Vec<String> {
    circle.build();
    let before = circle.files();
    assert!(before.contains_key("manifest-sha256.txt"));
    let mut found = Vec::new();
    // Both the whole site and a copy of only what a reader needs for it.
    let part = circle.folder.path().join("part");
    for (path, bytes) in before.iter().filter(|(path, _)| path.starts_with("data/") || path.starts_with("media/")) {
        put(&part.join(path), bytes);
    }
    for (number, from) in [circle.out(), part].iter().enumerate() {
        let content = circle.folder.path().join(format!("again-{number}/content"));
        let out = circle.folder.path().join(format!("again-{number}/public"));
        imported(from, &content);
        built(&content, &out);
        found.extend(differences(&before, &files(&out)));
    }
    found
}

fn same_again(circle: &Circle) {
    let found = round_trip(circle);
    assert!(found.is_empty(), "{} files differ\n{}", found.len(), found.join("\n"));
}

fn copy(from: &Path, to: &Path) {
    for (path, bytes) in files(from) {
        put(&to.join(path), bytes);
    }
}

#[test]
fn the_sample_circle_comes_back_byte_for_byte() {
    let circle = Circle::of(&[]);
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../content"), &circle.content());
    same_again(&circle);
}

#[test]
fn the_small_circle_with_all_its_faults_comes_back_byte_for_byte() {
    let circle = Circle::of(&[]);
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/content/small"), &circle.content());
    same_again(&circle);
}

#[test]
fn every_export_that_is_known_comes_back_byte_for_byte() {
    let mut wrong = Vec::new();
    let mut sites = 0;
    for (importer, case) in cases() {
        let circle = Circle::of(&[("circle.toml", "name = \"圈\"\nbase_url = \"https://circle.example/\"\n")]);
        let input = Input::open(&case.join("in")).expect("a case has a folder `in`");
        let at = circle_model::time::Utc(1_622_257_457_000);
        let importer = importer_of(&importer, &case);
        let content = circle.content();
        import::into_content(&input, importer, &content, &options(), at, Mode::Write, &Silent).expect("an import");
        // What holds nothing to publish makes no site.
        let any = ["posts", "comments"].iter().any(|kind| content.join(format!("archive/{kind}.jsonl")).is_file());
        if any {
            sites += 1;
            let found = round_trip(&circle);
            wrong.extend(found.first().map(|first| format!("{} ({}): {first}", case.display(), found.len())));
        }
    }
    assert!(sites > 40, "only {sites} cases had anything to publish");
    assert!(wrong.is_empty(), "{} cases differ\n{}", wrong.len(), wrong.join("\n"));
}
