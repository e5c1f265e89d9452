//! The program `circlekeep`, run as its users run it.

use std::{
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use serde_json::Value;

use crate::circle::Circle;

/// The folder of the workspace.
#[must_use]
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the workspace's folder")
}

/// Where the program is: `CIRCLEKEEP_BIN`, or beside the folder of the running test.
///
/// # Panics
/// When there is none; `cargo build -p site-gen` makes it.
#[must_use]
pub fn program() -> PathBuf {
    if let Some(path) = std::env::var_os("CIRCLEKEEP_BIN") {
        return path.into();
    }
    let test = std::env::current_exe().expect("the path of this test");
    let beside = test.parent().and_then(Path::parent).expect("a target folder").join("circlekeep");
    assert!(beside.exists(), "{} is not there: run `cargo build -p site-gen`, or `cargo xtask test`", beside.display());
    beside
}

/// The folder with the widget's files: `CIRCLEKEEP_WIDGET`, or `target/widget`.
///
/// # Panics
/// When it is not there; `cargo xtask widget` makes it.
#[must_use]
pub fn widget() -> PathBuf {
    let folder = std::env::var_os("CIRCLEKEEP_WIDGET").map_or_else(|| workspace().join("target/widget"), PathBuf::from);
    assert!(folder.join("circle-widget.js").exists(), "{} has no widget: run `cargo xtask widget`", folder.display());
    folder
}

/// Runs `circlekeep` with `arguments` and waits for it. Its cache is not the user's.
///
/// # Panics
/// When it cannot be started.
#[must_use]
pub fn run(arguments: &[&str]) -> Output {
    let cache = workspace().join("target/tests-cache");
    Command::new(program()).args(arguments).env("XDG_CACHE_HOME", cache).output().expect("circlekeep starts")
}

/// Runs `circlekeep --json` with `arguments` and gives its summary.
///
/// # Panics
/// When it fails (exit code 2), or prints something else than one JSON object.
#[must_use]
pub fn run_json(arguments: &[&str]) -> Value {
    let output = run(&[arguments, &["--json"]].concat());
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_ne!(output.status.code(), Some(2), "circlekeep {arguments:?} failed:\n{err}");
    serde_json::from_str(&out).unwrap_or_else(|error| panic!("circlekeep {arguments:?}: {error}\n{out}\n{err}"))
}

/// Builds a site and gives the summary.
///
/// # Panics
/// When the build cannot be done.
pub fn build(content: &Path, out: &Path) -> Value {
    run_json(&["build", "--content", text(content), "--out", text(out)])
}

/// Imports exports into a content folder, with `more` options, and gives the summary.
///
/// # Panics
/// When it says something else than one JSON object.
#[must_use]
pub fn import(exports: &[&Path], content: &Path, more: &[&str]) -> Value {
    let exports: Vec<&str> = exports.iter().map(|path| text(path)).collect();
    run_json(&[&["import", "--content", text(content)], exports.as_slice(), more].concat())
}

/// Copies a folder with all that is in it.
///
/// # Panics
/// When something cannot be read or written.
pub fn copy_folder(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from) {
        let entry = entry.expect("a readable folder");
        let target = to.join(entry.path().strip_prefix(from).expect("inside"));
        if entry.file_type().is_dir() {
            std::fs::create_dir_all(&target).expect("a new folder");
        } else {
            std::fs::copy(entry.path(), &target).expect("a copied file");
        }
    }
}

/// A circle that `circlekeep serve` serves, gone with this value.
pub struct Served {
    /// `content`, `public` and the database are in here.
    pub circle: Circle,
    /// Where it is served, without a slash at the end.
    pub url: String,
    /// The circle's id.
    pub id: String,
    server: Option<Child>,
}

impl Served {
    /// The sample circle of this repository, built and served. `prepare` may change the content first.
    ///
    /// # Panics
    /// When anything fails.
    #[must_use]
    pub fn sample(prepare: impl FnOnce(Circle) -> Circle) -> Self {
        let circle = prepare(Circle::sample());
        let mut served = Self { circle, url: String::new(), id: "dushu".to_owned(), server: None };
        served.build();
        served.start();
        served
    }

    /// `content`.
    #[must_use]
    pub fn content(&self) -> PathBuf {
        self.circle.content()
    }

    /// `public`.
    #[must_use]
    pub fn public(&self) -> PathBuf {
        self.circle.out()
    }

    fn database(&self) -> String {
        format!("sqlite://{}", self.circle.path("circle.db").display())
    }

    /// Builds the site and gives the summary.
    ///
    /// # Panics
    /// When the build cannot be done.
    pub fn build(&self) -> Value {
        build(&self.content(), &self.public())
    }

    /// Writes what members wrote into `content/archive`.
    ///
    /// # Panics
    /// When it cannot be done.
    pub fn export(&self) -> Value {
        run_json(&["export", "--db", &self.database(), "--circle", &self.id, "--content", text(&self.content())])
    }

    /// A new invite code.
    ///
    /// # Panics
    /// When none is made.
    #[must_use]
    pub fn invite(&self, more: &[&str]) -> (String, String) {
        let database = self.database();
        let mut arguments = vec!["invite", "new", "--db", &database, "--circle", &self.id, "--site", &self.url];
        arguments.extend(more);
        let invite = run_json(&arguments);
        let field = |name: &str| invite.get(name).and_then(Value::as_str).expect("a code and a link").to_owned();
        (field("code"), field("link"))
    }

    /// Revokes every invite code.
    ///
    /// # Panics
    /// When there is none, or it cannot be done.
    pub fn revoke_all(&self) {
        let database = self.database();
        let listed = run_json(&["invite", "list", "--db", &database, "--circle", &self.id]);
        let invites = listed.get("invites").and_then(Value::as_array).unwrap_or_else(|| panic!("no invites: {listed}"));
        assert!(!invites.is_empty());
        for id in invites.iter().filter_map(|invite| invite.get("id").and_then(Value::as_str)) {
            let _ = run_json(&["invite", "revoke", id, "--db", &database, "--circle", &self.id]);
        }
    }

    /// Starts the server; `url` is where it listens.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start(&mut self) {
        let mut server = Command::new(program())
            .args(["serve", "--json", "--listen", "127.0.0.1:0", "--content", text(&self.content())])
            .args(["--out", text(&self.public()), "--db", &self.database(), "--widget", text(&widget())])
            .stdout(Stdio::piped())
            .spawn()
            .expect("circlekeep serve starts");
        let mut line = String::new();
        BufReader::new(server.stdout.take().expect("its output")).read_line(&mut line).expect("a line");
        self.server = Some(server);
        let started: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("serve said `{line}`: {error}"));
        let url = started.get("url").and_then(Value::as_str).expect("its address");
        self.url = url.trim_end_matches('/').to_owned();
    }

    /// Kills the server, as a power cut would.
    pub fn stop(&mut self) {
        if let Some(mut server) = self.server.take() {
            let _ = server.kill();
            let _ = server.wait();
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A path as an argument.
///
/// # Panics
/// When it is not UTF-8; temporary folders are.
#[must_use]
pub fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

/// `circlekeep serve --watch` over the `content` of a folder, and its address. Whoever starts it stops it.
///
/// # Panics
/// When it does not start.
#[must_use]
pub fn watching(folder: &Path, listen: &str) -> (Child, String) {
    watching_with(folder, listen, &[])
}

/// As [`watching`], with `more` options.
///
/// # Panics
/// When it does not start.
#[must_use]
pub fn watching_with(folder: &Path, listen: &str, more: &[&str]) -> (Child, String) {
    let database = format!("sqlite://{}", folder.join("circle.db").display());
    let mut server = Command::new(program())
        .args(["serve", "--watch", "--json", "--listen", listen, "--db", &database])
        .args(["--content", text(&folder.join("content")), "--out", text(&folder.join("public"))])
        .args(more)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("circlekeep serve starts");
    let mut line = String::new();
    BufReader::new(server.stdout.take().expect("its output")).read_line(&mut line).expect("a line");
    let started: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("serve said `{line}`: {error}"));
    let url = started.get("url").and_then(Value::as_str).expect("its address").trim_end_matches('/').to_owned();
    (server, url)
}
