//! A file of each kind with planted words lies in the content folder, beside a Markdown post, and in an export. What becomes of them is
//! searched, byte for byte: the site that is built in place, the archive that an import makes, and the site of that.

use std::{
    fs,
    path::{Path, PathBuf},
};

use circle_content::{
    archive::Mode,
    input::Input,
    options::Options,
    report::{Report, Silent},
};
use circle_model::time::Utc;
use circle_publish::{BuildOptions, Summary, build};
use tempfile::TempDir;

#[path = "../../site-gen/content/src/media/clean/tests/samples.rs"]
mod samples;

use samples::PLANT;

fn put(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    std::io::Write::write_all(&mut fs::File::create(path).expect("made"), bytes).expect("written");
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// Every file below `folder`.
fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = walkdir::WalkDir::new(folder).into_iter().filter_map(Result::ok);
    let files = entries.filter(|entry| entry.file_type().is_file());
    files.map(|entry| (entry.path().to_owned(), fs::read(entry.path()).expect("read"))).collect()
}

fn built(content: &Path, out: &Path) -> (Summary, Report) {
    let options = BuildOptions { content: content.to_owned(), out: out.to_owned(), ..BuildOptions::default() };
    let mut report = Report::default();
    let summary = build(&options, &mut report, &Silent).expect("a site");
    (summary, report)
}

/// Looks for the word in every byte, and for every sample's picture, sound or words.
fn look(folder: &Path) {
    let files = files(folder);
    for (path, bytes) in &files {
        assert!(!holds(bytes, PLANT), "{}", path.display());
    }
    for sample in samples::all() {
        let whole = files.iter().any(|(_, bytes)| sample.kept.iter().all(|part| holds(bytes, part)));
        assert!(whole, "{} is not there, or not whole", sample.name);
    }
}

/// A post that shows all samples: those that lie in `media/`, and copies of them beside it.
fn post(folder: &str) -> String {
    let line = |sample: samples::Sample| format!("![]({folder}{})\n\n", sample.name);
    let shown: String = samples::all().into_iter().map(line).collect();
    format!("---\ntitle: 都在这里\ndate: 2021-05-29\n---\n{shown}")
}

#[test]
fn no_planted_word_of_any_kind_of_file_reaches_the_site_or_the_archive() {
    let folder = TempDir::new().expect("a folder");
    let (content, public) = (folder.path().join("content"), folder.path().join("public"));
    put(&content.join("circle.toml"), "name = \"圈\"\n".as_bytes());
    put(&content.join("posts/a.md"), post("/media/").as_bytes());
    put(&content.join("posts/b/index.md"), post("").replace("都在这里", "就在旁边").as_bytes());
    for sample in samples::all() {
        put(&content.join("media").join(sample.name), &sample.bytes);
        put(&content.join("posts/b").join(sample.name), &sample.bytes);
    }
    let (summary, report) = built(&content, &public);
    assert_eq!((summary.media.missing, report.notes.len()), (0, 0), "{:?} {:?}", report.notes, report.problems);
    look(&public);
    assert_eq!(built(&content, &public).0.written, 0, "the second build writes nothing");

    // The same as an export.
    let export = folder.path().join("export");
    put(&export.join("a.md"), post("files/").as_bytes());
    for sample in samples::all() {
        put(&export.join("files").join(sample.name), &sample.bytes);
    }
    let (content, public) = (folder.path().join("imported"), folder.path().join("site"));
    put(&content.join("circle.toml"), "name = \"圈\"\n".as_bytes());
    let input = Input::open(&export).expect("a folder");
    let importer = circle_import::by_name("markdown").expect("an importer");
    let at = Utc(1_622_257_457_000);
    let done = circle_import::into_content(&input, importer, &content, &Options::default(), at, Mode::Write, &Silent)
        .expect("read");
    assert_eq!(done.media.missing, 0, "{:?} {:?}", done.notes, done.problems);
    look(&content.join("media"));
    assert!(files(&content.join("archive")).iter().all(|(_, bytes)| !holds(bytes, PLANT)));
    built(&content, &public);
    look(&public);

    // What was cleaned at the import is not changed again: its name is its checksum.
    let mut sums: Vec<Vec<u8>> = files(&content.join("media")).into_iter().map(|(_, bytes)| bytes).collect();
    let mut published: Vec<Vec<u8>> = files(&public.join("media")).into_iter().map(|(_, bytes)| bytes).collect();
    sums.sort();
    published.sort();
    assert!(sums == published, "the build cleaned what the import had cleaned");
}

#[test]
fn what_cannot_be_cleaned_is_named_and_left_out_where_the_leader_wants_that() {
    let folder = TempDir::new().expect("a folder");
    let (content, public) = (folder.path().join("content"), folder.path().join("public"));
    let packed = b"7z\xbc\xaf\x27\x1c\0\x04PLANTED";
    put(&content.join("circle.toml"), "name = \"圈\"\n".as_bytes());
    put(&content.join("media/all.7z"), packed);
    put(
        &content.join("posts/a.md"),
        "---\ntitle: 打包\ndate: 2021-05-29\n---\n[全部](/media/all.7z) ![](/media/a.png)\n".as_bytes(),
    );
    put(&content.join("media/a.png"), &samples::png().bytes);
    let (summary, report) = built(&content, &public);
    assert_eq!((summary.media.present, summary.media.missing), (2, 0));
    let note = report.notes.iter().find(|note| note.contains("media/all.7z")).expect("it is named");
    assert!(note.starts_with("1 file may still say who made it, where and when"), "{note}");
    let is_published = || files(&public).iter().any(|(_, bytes)| holds(bytes, PLANT));
    assert!(is_published());

    put(&content.join("circle.toml"), "name = \"圈\"\n[media]\nuncleaned = \"withhold\"\n".as_bytes());
    let (summary, report) = built(&content, &public);
    assert_eq!((summary.media.present, summary.media.missing), (1, 1), "{:?}", report.problems);
    assert!(!is_published());
    let losses = fs::read_to_string(public.join("losses.html")).expect("a page");
    assert!(losses.contains("清不掉文件里关于作者、时间、地点的信息"), "{losses}");
}
