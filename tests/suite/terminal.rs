//! What the program does only when a person sits before it, in a pseudo terminal: it opens the browser, and asks for passphrases.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use circle_tests::{
    files::put,
    program::{self, run_json, text, workspace},
    terminal,
};
use tempfile::TempDir;

/// A folder with a program `xdg-open` that only writes down what it is to open, for the front of the path; and where it does.
fn opener(folder: &Path) -> (String, PathBuf) {
    let (program, opened) = (folder.join("bin/xdg-open"), folder.join("opened"));
    // Written beside and renamed, so that whoever waits for it never reads half of it.
    let name = text(&opened);
    put(&program, format!("#!/bin/sh\nprintf '%s\\n' \"$@\" > '{name}.part'\nmv '{name}.part' '{name}'\n"));
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("may be run");
    let path = std::env::var("PATH").expect("a path");
    (format!("{}:{path}", text(&folder.join("bin"))), opened)
}

/// `keep` in a terminal: what it said last.
fn kept(out: &Path, set: &[(&str, &str)], more: &[&str]) -> (String, Option<i32>) {
    let export = workspace().join("tests/fixtures/exports/tofu/sheets/in");
    let arguments = [&["keep", text(&export), "--out", text(out), "--lang", "zh"], more].concat();
    let unset = ["DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"];
    let said = terminal::run(Path::new("/"), &unset, set, &arguments, &[]);
    assert!(said.text.contains("存好了") || more.contains(&"--json"), "{}", said.text);
    (said.text.trim_end().lines().last().unwrap_or_default().to_owned(), said.code)
}

#[test]
fn the_finished_site_is_opened_for_who_sits_before_the_screen_and_for_nobody_else() {
    let folder = TempDir::new().expect("a folder");
    let (path, opened) = opener(folder.path());
    let display = [("DISPLAY", ":99"), ("PATH", path.as_str())];

    let nowhere = folder.path().join("甲");
    let (line, code) = kept(&nowhere, &[("PATH", &path)], &[]);
    assert_eq!(code, Some(0));
    assert!(line.contains("没有打开浏览器") && line.contains(text(&nowhere.join("打开这里.html"))), "{line}");
    let (line, code) = kept(&folder.path().join("乙"), &display, &["--no-open"]);
    assert!(code == Some(0) && !line.contains("浏览器"), "{line}");
    let (line, code) = kept(&folder.path().join("丙"), &display, &["--json"]);
    assert!(code == Some(0) && line.contains("\"open\":"), "{line}");

    // Without a program that opens anything, the site is kept all the same.
    let empty = folder.path().join("empty");
    fs::create_dir(&empty).expect("a folder");
    let shut = folder.path().join("丁");
    let (line, code) = kept(&shut, &[("DISPLAY", ":99"), ("PATH", text(&empty))], &[]);
    assert_eq!(code, Some(0));
    assert!(line.starts_with("没能打开浏览器") && line.contains(text(&shut.join("打开这里.html"))), "{line}");
    assert!(!opened.exists(), "nothing was to be opened until here");

    let out = folder.path().join("我的 圈子：🎉");
    let (line, code) = kept(&out, &display, &[]);
    assert_eq!(code, Some(0));
    assert!(line.starts_with("正在用浏览器打开") && line.contains(text(&out.join("打开这里.html"))), "{line}");
    // Whoever opens is not waited for.
    let end = Instant::now() + Duration::from_secs(30);
    while !opened.exists() {
        assert!(Instant::now() < end, "nothing was opened");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(fs::read_to_string(&opened).expect("read").trim_end(), text(&out.join("site/index.html")));
}

#[test]
fn a_folder_that_looks_like_an_address_is_opened_as_the_folder_that_it_is() {
    let folder = TempDir::new().expect("a folder");
    let (path, opened) = opener(folder.path());
    // Given relative to the folder that one is in, as people do.
    let out = folder.path().join("my:圈");
    let export = workspace().join("tests/fixtures/exports/tofu/sheets/in");
    let set = [("DISPLAY", ":99"), ("PATH", path.as_str())];
    let said = terminal::run(folder.path(), &[], &set, &["keep", text(&export), "--out", "my:圈"], &[]);
    assert_eq!(said.code, Some(0), "{}", said.text);
    let end = Instant::now() + Duration::from_secs(30);
    while !opened.exists() {
        assert!(Instant::now() < end, "nothing was opened");
        std::thread::sleep(Duration::from_millis(20));
    }
    let told = fs::read_to_string(&opened).expect("read");
    let real = |path: &Path| path.canonicalize().expect("it is there");
    assert!(told.starts_with('/'), "{told}");
    assert_eq!(real(Path::new(told.trim_end())), real(&out.join("site/index.html")));
}

/// A small content folder.
fn content(folder: &Path) -> PathBuf {
    let content = folder.join("content");
    put(content.join("circle.toml"), "name = \"圈\"\nid = \"quan\"\n");
    put(content.join("posts/2021-05-01-a.md"), "# 一\n\n话。\n");
    content
}

const UNSET: &[&str] = &["CIRCLEKEEP_PASSPHRASE"];
const QUESTION: &str = "while you type): ";

#[test]
fn the_passphrase_of_a_key_is_asked_for_and_never_shown() {
    let keys = workspace().join("tests/fixtures/keys");
    for (name, passphrase, file) in [
        ("locked", "a passphrase", "manifest-sha256.txt.sig"),
        ("minisign-locked", "灯下 a passphrase", "manifest-sha256.txt.minisig"),
    ] {
        let folder = TempDir::new().expect("a folder");
        let content = content(folder.path());
        let site = folder.path().join("public");
        let key = keys.join(name);
        let build = ["build", "--content", text(&content), "--out", text(&site), "--sign", text(&key)];
        let wrong = terminal::run(folder.path(), UNSET, &[], &build, &[(QUESTION, "another one")]);
        assert_eq!(wrong.code, Some(2), "{name}: {}", wrong.text);
        assert!(wrong.text.contains("wrong passphrase for this key"), "{name}: {}", wrong.text);
        assert!(!wrong.text.contains("another one"), "{name}: {}", wrong.text);
        assert!(!site.exists(), "{name}: a key that does not open is told before anything is written");

        let right = terminal::run(folder.path(), UNSET, &[], &build, &[(QUESTION, passphrase)]);
        assert_eq!(right.code, Some(0), "{name}: {}", right.text);
        assert!(right.text.contains("signed: ") && !right.text.contains(passphrase), "{name}: {}", right.text);
        let public = keys.join(format!("{name}.pub"));
        let told = run_json(&["verify", text(&site), "--signed-by", text(&public)]);
        assert_eq!(told.pointer("/signatures/0/verdict").and_then(|it| it.as_str()), Some("good"), "{name}: {told}");
        assert_eq!(told.pointer("/signatures/0/file").and_then(|it| it.as_str()), Some(file), "{name}: {told}");
    }
}

#[test]
fn without_a_terminal_a_locked_key_is_an_error_and_no_waiting() {
    let folder = TempDir::new().expect("a folder");
    let content = content(folder.path());
    let site = folder.path().join("public");
    let _ = run_json(&["build", "--content", text(&content), "--out", text(&site)]);
    for name in ["locked", "minisign-locked"] {
        let key = workspace().join("tests/fixtures/keys").join(name);
        // In a session of its own it has no terminal, also where whoever runs the tests has one.
        let output = Command::new("setsid")
            .arg("--wait")
            .arg(program::program())
            .args(["pack", text(&site), "--as", "zip", "--out", text(&folder.path().join("site.zip"))])
            .args(["--sign", text(&key)])
            .env_remove("CIRCLEKEEP_PASSPHRASE")
            .stdin(Stdio::null())
            .output()
            .expect("`setsid` of util-linux starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{name}: {said}");
        assert!(
            said.contains("no terminal") && said.contains("help: ") && said.contains("--passphrase-file"),
            "{said}"
        );
        assert!(!folder.path().join("site.zip").exists() && !site.join("manifest-sha256.txt.sig").exists());
    }
    // A file as Notepad writes it, with its unseen mark and its line end.
    let file = folder.path().join("passphrase.txt");
    put(&file, "\u{feff}a passphrase\r\n");
    let key = workspace().join("tests/fixtures/keys/locked");
    let told = run_json(&["verify", text(&site), "--sign", text(&key), "--passphrase-file", text(&file)]);
    assert_eq!(told.pointer("/signatures/0/verdict").and_then(|it| it.as_str()), Some("unknown"), "{told}");
}
