//! A file of each kind with planted words lies in the content folder, beside a Markdown post, and in an export. What becomes of them is
//! searched, byte for byte: the site that is built in place, the archive that an import makes, and the site of that.

use std::path::Path;

use circle_content::input::Input;
use circle_tests::{
    circle::{Circle, Site},
    exports::import_as,
    files::{files, put},
};

#[path = "../../site-gen/content/src/media/clean/tests/samples.rs"]
mod samples;

use samples::PLANT;

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// Looks for the word in every byte, and for every sample's picture, sound or words.
fn look(folder: &Path) {
    let files = files(folder);
    for (path, bytes) in &files {
        assert!(!holds(bytes, PLANT), "{path}");
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
    let circle = Circle::new("圈")
        .file("posts/a.md", post("/media/"))
        .file("posts/b/index.md", post("").replace("都在这里", "就在旁边"));
    for sample in samples::all() {
        circle.put(&format!("media/{}", sample.name), &sample.bytes);
        circle.put(&format!("posts/b/{}", sample.name), &sample.bytes);
    }
    let Site { summary, report, .. } = circle.build();
    assert_eq!((summary.media.missing, report.notes.len()), (0, 0), "{:?} {:?}", report.notes, report.problems);
    look(&circle.out());
    assert_eq!(circle.build().summary.written, 0, "the second build writes nothing");

    // The same as an export.
    let export = circle.path("export");
    put(export.join("a.md"), post("files/"));
    for sample in samples::all() {
        put(export.join("files").join(sample.name), &sample.bytes);
    }
    let again = Circle::new("圈");
    let (content, public) = (again.content(), again.out());
    let done = import_as("markdown", &Input::open(&export).expect("a folder"), &content);
    assert_eq!(done.media.missing, 0, "{:?} {:?}", done.notes, done.problems);
    look(&content.join("media"));
    assert!(files(&content.join("archive")).values().all(|bytes| !holds(bytes, PLANT)));
    again.build();
    look(&public);

    // What was cleaned at the import is not changed again: its name is its checksum.
    let mut sums: Vec<Vec<u8>> = files(&content.join("media")).into_values().collect();
    let mut published: Vec<Vec<u8>> = files(&public.join("media")).into_values().collect();
    sums.sort();
    published.sort();
    assert!(sums == published, "the build cleaned what the import had cleaned");
}

#[test]
fn what_cannot_be_cleaned_is_named_and_left_out_where_the_leader_wants_that() {
    let circle = Circle::new("圈")
        .file("media/all.7z", b"7z\xbc\xaf\x27\x1c\0\x04PLANTED")
        .file("posts/a.md", "---\ntitle: 打包\ndate: 2021-05-29\n---\n[全部](/media/all.7z) ![](/media/a.png)\n")
        .file("media/a.png", samples::png().bytes);
    let Site { summary, report, .. } = circle.build();
    assert_eq!((summary.media.present, summary.media.missing), (2, 0));
    let note = report.notes.iter().find(|note| note.contains("media/all.7z")).expect("it is named");
    assert!(note.starts_with("1 file may still say who made it, where and when"), "{note}");
    let is_published = || circle.files().values().any(|bytes| holds(bytes, PLANT));
    assert!(is_published());

    let Site { summary, report, .. } = circle.clone().config("[media]\nuncleaned = \"withhold\"\n").build();
    assert_eq!((summary.media.present, summary.media.missing), (1, 1), "{:?}", report.problems);
    assert!(!is_published());
    let losses = circle.page("losses.html");
    assert!(losses.contains("清不掉文件里关于作者、时间、地点的信息"), "{losses}");
}
