//! `verify` says of every file whether somebody vouches for it: what lies beside the listed ones is told, whatever its name.

use std::{fs, path::Path};

use circle_tests::{
    files::put,
    program::{build, run, run_json, text, workspace},
};
use tempfile::TempDir;

fn problems(path: &Path) -> Vec<String> {
    let summary = run_json(&["verify", text(path)]);
    let problems = summary.get("problems").and_then(serde_json::Value::as_array).expect("problems");
    let place = |problem: &serde_json::Value| problem.get("where")?.as_str().map(str::to_owned);
    problems.iter().filter_map(place).collect()
}

fn sample(folder: &Path) -> std::path::PathBuf {
    let site = folder.join("public");
    let _ = build(&workspace().join("content"), &site);
    site
}

#[test]
fn every_file_that_nobody_listed_is_told_and_help_lists_the_few_that_are_not() {
    let folder = TempDir::new().expect("a folder");
    let site = sample(folder.path());
    for harmless in
        ["README.md", ".gitkeep", ".gitignore", ".DS_Store", "posts/.DS_Store", "media/Thumbs.db", "desktop.ini"]
    {
        put(site.join(harmless), b"x");
    }
    assert_eq!(problems(&site), [""; 0]);
    let added = [".htaccess", ".well-known/x.html", "posts/.htaccess", "posts/README.md", ".git/config"];
    for name in added {
        put(site.join(name), b"RewriteRule .* https://evil.example/");
    }
    #[cfg(unix)]
    std::os::unix::fs::symlink("/etc/hostname", site.join(".link")).expect("a link");
    let told = problems(&site);
    for name in added.into_iter().chain(cfg!(unix).then_some(".link")) {
        assert!(told.iter().any(|told| told == name), "{name}: {told:?}");
    }
    // Nobody packs or signs what is not as it was built.
    let refused = run(&["pack", text(&site), "--as", "zip", "--out", text(&folder.path().join("x.zip"))]);
    assert_eq!(refused.status.code(), Some(2));
    let help = String::from_utf8(run(&["verify", "--help"]).stdout).expect("UTF-8");
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    for name in ["README.md", ".gitkeep", ".gitignore", ".DS_Store", "Thumbs.db", "desktop.ini", ".sig", ".minisig"] {
        assert!(help.contains(name), "{name}: {help}");
    }
}

#[test]
fn a_zip_holds_nothing_before_its_first_file_and_nobody_signed_is_said() {
    let folder = TempDir::new().expect("a folder");
    let site = sample(folder.path());
    let zip = folder.path().join("site.zip");
    let _ = run_json(&["pack", text(&site), "--as", "zip", "--out", text(&zip)]);
    assert_eq!(problems(&zip), [""; 0]);
    let said = String::from_utf8(run(&["verify", text(&zip)]).stdout).expect("UTF-8");
    assert!(said.contains("nobody signed this"), "{said}");
    let bytes = fs::read(&zip).expect("the zip");
    for before in [&b"#!/bin/sh\nrm -rf ~\n"[..], b"\0"] {
        let prefixed = folder.path().join("prefixed.zip");
        put(&prefixed, [before, &bytes].concat());
        let refused = run(&["verify", text(&prefixed)]);
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(refused.status.code() == Some(2) && said.contains("before the first file"), "{said}");
    }
}

#[test]
fn a_bag_without_a_list_of_its_own_files_has_no_room_for_others() {
    let folder = TempDir::new().expect("a folder");
    let site = sample(folder.path());
    let bag = folder.path().join("bag");
    let _ = run_json(&["pack", text(&site), "--as", "bag", "--out", text(&bag)]);
    put(bag.join(".htaccess"), b"x");
    assert!(problems(&bag).contains(&".htaccess".to_owned()));
    fs::remove_file(bag.join("tagmanifest-sha256.txt")).expect("removed");
    assert!(problems(&bag).contains(&".htaccess".to_owned()));
}
