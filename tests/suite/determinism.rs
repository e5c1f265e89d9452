//! The same content gives the same bytes: twice, in two folders, on one thread and on many. And what did not change is not written.

use std::path::Path;

use circle_content::report::{Report, Silent};
use circle_publish::{BuildOptions, Summary, build};
use circle_tests::{files::files, program::workspace};
use tempfile::TempDir;

fn build_to(out: &Path, threads: usize) -> Summary {
    let content = workspace().join("content");
    let options = BuildOptions { content, out: out.to_owned(), threads, ..BuildOptions::default() };
    build(&options, &mut Report::default(), &Silent).expect("built")
}

#[test]
fn one_thread_and_many_two_folders_one_site() {
    let folder = TempDir::new().expect("a folder");
    let (one, many) = (folder.path().join("one"), folder.path().join("elsewhere/many"));
    build_to(&one, 1);
    build_to(&many, 7);
    let (one, many) = (files(&one), files(&many));
    assert!(one.len() > 100);
    for (path, bytes) in &one {
        assert!(many.get(path) == Some(bytes), "{path} differs");
    }
    assert_eq!(one.len(), many.len());
}

#[test]
fn the_second_build_writes_nothing() {
    let folder = TempDir::new().expect("a folder");
    let first = build_to(folder.path(), 2);
    let second = build_to(folder.path(), 2);
    assert!(first.written > 100 && first.unchanged == 0);
    assert_eq!((second.written, second.removed), (0, 0));
    assert_eq!(second.unchanged, first.written);
}
