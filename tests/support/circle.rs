//! One builder of small circles, and what suites ask of the sites that are made of them.
//!
//! ```text
//! let site = Circle::new("圈").member(member("m", "阿木")).post(post("p", "m", at("2021-05-14T02:00:00.000Z"), "话")).build();
//! assert!(site.page("index.html").contains("话"));
//! assert_eq!(site.places("PLANTED"), Vec::<String>::new());
//! ```
//!
//! A circle is a folder on disk from the beginning, so a test may change it and build it again. A suite that needs posts of its own kind
//! makes them with a function of its own from [`post`] and [`with`].

use std::{
    collections::BTreeMap,
    fmt::Display,
    fs,
    ops::Deref,
    path::{Path, PathBuf},
    rc::Rc,
};

use circle_content::{
    Error,
    report::{Report, Silent},
};
use circle_model::archive::Action;
use circle_publish::{BuildOptions, Summary, check};
use serde_json::{Value, json};
use site_gen::decide::{self, Request};
use tempfile::TempDir;

use crate::{
    files::{files, places, put},
    program::{copy_folder, workspace},
};

/// 29 May 2021, as the JSON of a record.
pub const TIME: &str =
    r#"{"raw":"2021-05-29","utc":"2021-05-28T16:00:00.000Z","offset":"+08:00","precision":"day","zone_from":"config"}"#;

/// A circle in a temporary folder, which goes with the last clone: `content`, the site in `public`, and whatever a test puts beside them.
#[derive(Clone, Debug)]
pub struct Circle {
    folder: Rc<TempDir>,
}

impl Circle {
    /// A circle that has only a name.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self::empty().config(&format!("name = {}\n", Value::from(name)))
    }

    /// A circle without a `circle.toml`, whose content folder is empty.
    ///
    /// # Panics
    /// When there is no place for it.
    #[must_use]
    pub fn empty() -> Self {
        let circle = Self { folder: Rc::new(TempDir::new().expect("a temporary folder")) };
        fs::create_dir(circle.content()).expect("a content folder");
        circle
    }

    /// A copy of the sample circle, `content` of this repository.
    #[must_use]
    pub fn sample() -> Self {
        Self::copy_of(&workspace().join("content"))
    }

    /// A copy of `fixtures/content/small`, the circle of the golden site.
    #[must_use]
    pub fn small() -> Self {
        Self::copy_of(&workspace().join("tests/fixtures/content/small"))
    }

    fn copy_of(content: &Path) -> Self {
        let circle = Self::empty();
        copy_folder(content, &circle.content());
        circle
    }

    /// Adds lines to `circle.toml`; tables come last.
    #[must_use]
    pub fn config(self, lines: &str) -> Self {
        let before = fs::read_to_string(self.content().join("circle.toml")).unwrap_or_default();
        self.file("circle.toml", format!("{before}{lines}"))
    }

    /// Writes a file of the content folder.
    #[must_use]
    pub fn file(self, path: &str, bytes: impl AsRef<[u8]>) -> Self {
        self.put(path, bytes);
        self
    }

    /// Adds records to `archive/<kind>.jsonl`: JSON values, or lines as they stand.
    #[must_use]
    pub fn records<R: Display>(self, kind: &str, records: impl IntoIterator<Item = R>) -> Self {
        let path = format!("archive/{kind}.jsonl");
        let added = lines(records);
        let all = match fs::read_to_string(self.content().join(&path)) {
            Ok(before) => before + added.split_once('\n').map_or("", |(_, records)| records),
            Err(_) => added,
        };
        self.file(&path, all)
    }

    /// Adds a post.
    #[must_use]
    pub fn post(self, post: Value) -> Self {
        self.records("posts", [post])
    }

    /// Adds a comment.
    #[must_use]
    pub fn comment(self, comment: Value) -> Self {
        self.records("comments", [comment])
    }

    /// Adds a member.
    #[must_use]
    pub fn member(self, member: Value) -> Self {
        self.records("members", [member])
    }

    /// Writes a file of the content folder, also of a circle that was built before.
    pub fn put(&self, path: &str, bytes: impl AsRef<[u8]>) {
        put(self.content().join(path), bytes);
    }

    /// A place in the circle's folder, beside `content` and `public`.
    #[must_use]
    pub fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    /// The content folder.
    #[must_use]
    pub fn content(&self) -> PathBuf {
        self.path("content")
    }

    /// Where the site is built.
    #[must_use]
    pub fn out(&self) -> PathBuf {
        self.path("public")
    }

    /// Builds the site.
    ///
    /// # Panics
    /// When the build stops.
    pub fn build(&self) -> Site {
        self.try_build().unwrap_or_else(|error| panic!("the build goes on, but: {error}"))
    }

    /// Builds the site, or says why the build stops.
    ///
    /// # Errors
    /// Those of the build.
    pub fn try_build(&self) -> Result<Site, Error> {
        let (summary, report) = try_build(&self.content(), &self.out())?;
        Ok(Site { circle: self.clone(), summary, report })
    }

    /// Decides about one target.
    ///
    /// # Panics
    /// When the decision is refused.
    pub fn decide(&self, action: Action, target: &str) -> Vec<decide::Outcome> {
        self.ask(&Request { action, targets: vec![target.to_owned()], ..Request::default() })
    }

    /// Decides as a whole request asks.
    ///
    /// # Panics
    /// When the decision is refused.
    pub fn ask(&self, request: &Request) -> Vec<decide::Outcome> {
        decide::decide(&self.content(), request, &mut Report::default()).expect("decided")
    }

    /// The text of a file of the site.
    ///
    /// # Panics
    /// When the site has no such file.
    #[must_use]
    pub fn page(&self, path: &str) -> String {
        fs::read_to_string(self.out().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// The files of the site by their paths.
    #[must_use]
    pub fn files(&self) -> BTreeMap<String, Vec<u8>> {
        files(&self.out())
    }

    /// Where a word stands in the site; see [`places`].
    #[must_use]
    pub fn places(&self, word: &str) -> Vec<String> {
        places(&self.out(), word)
    }
}

/// A circle that was built, and what its build said. All that can be asked of a circle can be asked of it.
#[derive(Debug)]
pub struct Site {
    circle: Circle,
    /// What the build came to.
    pub summary: Summary,
    /// Its problems and notes.
    pub report: Report,
}

impl Site {
    /// This site, when its build had no problem and every byte is as the manifest says.
    ///
    /// # Panics
    /// When it is not so.
    #[must_use]
    pub fn sound(self) -> Self {
        assert_eq!(self.summary.problems, Vec::new());
        assert_eq!(check::verify(&self.out()).expect("verified"), Vec::new());
        self
    }
}

impl Deref for Site {
    type Target = Circle;

    fn deref(&self) -> &Circle {
        &self.circle
    }
}

/// Builds the site of a content folder.
///
/// # Panics
/// When the build stops.
pub fn build(content: &Path, out: &Path) -> (Summary, Report) {
    try_build(content, out).expect("built")
}

/// As [`build`], for builds that may stop.
///
/// # Errors
/// Those of the build.
pub fn try_build(content: &Path, out: &Path) -> Result<(Summary, Report), Error> {
    let options = BuildOptions { content: content.to_owned(), out: out.to_owned(), ..BuildOptions::default() };
    let mut report = Report::default();
    circle_publish::build(&options, &mut report, &Silent).map(|summary| (summary, report))
}

/// The text of an archive's file with these records.
#[must_use]
pub fn lines<R: Display>(records: impl IntoIterator<Item = R>) -> String {
    let records = records.into_iter().map(|record| format!("{record}\n"));
    std::iter::once("{\"circlekeep\":1}\n".to_owned()).chain(records).collect()
}

/// A minute of UTC, as a circle in Shanghai shows it.
#[must_use]
pub fn at(utc: &str) -> Value {
    json!({"raw": "", "utc": utc, "offset": "+08:00", "precision": "min", "zone_from": "config"})
}

/// The record of a member.
#[must_use]
pub fn member(id: &str, name: &str) -> Value {
    json!({"id": id, "names": [{"value": name, "kind": "display"}], "role": "member"})
}

/// The record of a post that the circle may read.
#[must_use]
pub fn post(id: &str, author: &str, created: Value, words: &str) -> Value {
    json!({
        "id": id, "author": author, "created": created, "visibility": "circle",
        "body": {"format": "plain", "source": words},
    })
}

/// The record of a comment.
#[must_use]
pub fn comment(id: &str, post: &str, author: &str, created: Value, words: &str) -> Value {
    json!({
        "id": id, "post": post, "author": author, "created": created, "body": {"format": "plain", "source": words},
    })
}

/// A record with more fields, or with other ones.
///
/// # Panics
/// When either is no JSON object.
#[must_use]
pub fn with(mut record: Value, more: Value) -> Value {
    let Value::Object(more) = more else { panic!("fields, not {more}") };
    record.as_object_mut().expect("a record").extend(more);
    record
}
