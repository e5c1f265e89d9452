//! The text of each file by itself.

use super::source::Source;
use super::violation::Violation;

/// The longest a source file may be, in lines; a longer one has two rooms in it.
const LONGEST: usize = 600;

/// Longer files, each with the reason why it has only one room.
const LONG_FILES: &[(&str, &str)] = &[];

/// Marks of unfinished work. In pieces here, so that this file has none.
const UNFINISHED: &[&str] = &[
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("todo", "!"),
    concat!("unimple", "mented!"),
    concat!("#[ig", "nore"),
];

/// Who may say that HTML is safe, and why.
const VOUCHERS: &[(&str, &str)] = &[
    ("model/src/text.rs", "defines it, and renders Markdown"),
    ("model/src/text/", "the same"),
    ("site-gen/html/src/sanitize.rs", "the sanitiser for imported HTML"),
    ("site-gen/html/src/sanitize/", "the same"),
    ("widget/src/client.rs", "takes HTML from the API, which sanitised it when it was written"),
    ("tests/", "compares what the view makes of known HTML with what a browser shows"),
    ("api/src/routes/fragment.rs", "reads HTML from the store, which text::markdown made when it was written"),
];

/// A folder whose code reaches the outside only through some files.
struct Seam {
    folder: &'static str,
    /// Files and folders (ending in `/`) below `folder` that may.
    through: &'static [&'static str],
    help: &'static str,
}

/// What to do instead.
const THROUGH: &str = "go through Input, archive, write or cmd, so that the pipeline can run where there are no files";

/// Where files, threads and the clock are reached.
const SEAMS: &[Seam] = &[
    Seam { folder: "site-gen/html/src/", through: &[], help: THROUGH },
    Seam { folder: "site-gen/content/src/", through: &["input.rs", "input/", "archive.rs", "archive/"], help: THROUGH },
    Seam { folder: "site-gen/import/src/", through: &[], help: THROUGH },
    Seam { folder: "site-gen/site/src/", through: &["parallel.rs"], help: THROUGH },
    Seam { folder: "site-gen/publish/src/", through: &["write.rs", "write/", "last_build.rs"], help: THROUGH },
    Seam { folder: "site-gen/src/", through: &["cmd/", "main.rs"], help: THROUGH },
    Seam {
        folder: "model/src/",
        through: &[],
        help: "circle-model does no I/O and knows no clock: take the value as a parameter",
    },
];

/// What counts as the outside.
const OUTSIDE: &[&str] = &["std::fs", "rayon", "SystemTime", "ZonedDateTime::now", "Timestamp::now"];

/// Folders that exist only on one machine. In pieces here, so that this file has none.
const MACHINE_PATHS: &[&str] = &[concat!("/wo", "rk/"), concat!("/ro", "ot/")];

/// Hosts of package registries: which one a machine uses is its own affair.
const REGISTRIES: &[&str] = &[
    concat!("registry.", "npmjs.org"),
    concat!("index.", "crates.io"),
    concat!("static.", "crates.io"),
    concat!("files.", "pythonhosted.org"),
    concat!("deb.", "debian.org"),
];

/// Where Cargo.lock may say that a package comes from.
const LOCK_SOURCE: &str = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";

pub(super) fn check(sources: &[Source]) -> Vec<Violation> {
    let mut found = Vec::new();
    for source in sources {
        check_length(source, LONG_FILES, &mut found);
        for (number, line) in (1..).zip(source.text.lines()) {
            let place = || format!("{}:{number}", source.path);
            check_words(source, line, &place, &mut found);
            check_machine(source, line, &place, &mut found);
        }
        check_seams(source, &mut found);
    }
    for (path, _) in LONG_FILES {
        if !sources.iter().any(|source| source.path == *path) {
            found.push(Violation::new(*path, "listed as a long file, but not there", "remove it from LONG_FILES"));
        }
    }
    found
}

fn check_length(source: &Source, exceptions: &[(&str, &str)], found: &mut Vec<Violation>) {
    if !is_code(&source.path) {
        return;
    }
    let lines = source.text.lines().count();
    let excepted = exceptions.iter().any(|(path, _)| *path == source.path);
    if lines > LONGEST && !excepted {
        found.push(Violation::new(
            &source.path,
            format!("{lines} lines, more than {LONGEST}"),
            "find the two rooms in it, or list it in LONG_FILES of xtask/src/tidy/sources.rs with the reason",
        ));
    }
    if lines <= LONGEST && excepted {
        found.push(Violation::new(&source.path, "listed as a long file, but short", "remove it from LONG_FILES"));
    }
}

fn check_words(source: &Source, line: &str, place: &dyn Fn() -> String, found: &mut Vec<Violation>) {
    if !is_code(&source.path) {
        return;
    }
    for word in UNFINISHED.iter().filter(|word| line.contains(**word)) {
        found.push(Violation::new(place(), format!("`{word}`"), "finish it, or write an issue"));
    }
    let allow = concat!("al", "low(");
    let bare = [format!("#[{allow}"), format!("#![{allow}")].iter().any(|start| line.contains(start))
        || (line.contains("cfg_attr(") && line.contains(&format!(" {allow}")));
    if bare {
        found.push(Violation::new(
            place(),
            "a bare `allow`",
            "`#[expect(lint, reason = \"…\")]` says why, and ends when it is not needed",
        ));
    }
    let vouch = concat!("SafeHtml::", "vouch");
    let may = VOUCHERS.iter().any(|(path, _)| is_or_below(&source.path, path));
    if line.contains(vouch) && !may && !line.trim_start().starts_with("//") {
        found.push(Violation::new(
            place(),
            format!("`{vouch}` here"),
            "let text::markdown or sanitize::html make it; who else may is listed in xtask/src/tidy/sources.rs",
        ));
    }
}

fn check_machine(source: &Source, line: &str, place: &dyn Fn() -> String, found: &mut Vec<Violation>) {
    for path in MACHINE_PATHS {
        // `https://site.example/work/…` is an address; only what begins with the folder is a path of a machine.
        let begins = |at: usize| !line[..at].ends_with(|c: char| c.is_alphanumeric() || "._-/})*".contains(c));
        if line.match_indices(path).any(|(at, _)| begins(at)) {
            found.push(Violation::new(
                place(),
                format!("`{path}`, a path of one machine"),
                "use a path relative to the project",
            ));
        }
    }
    for host in REGISTRIES.iter().filter(|host| line.contains(**host)) {
        found.push(Violation::new(
            place(),
            format!("`{host}`, a registry's host"),
            "the machine's own settings say where packages come from",
        ));
    }
    if source.path.ends_with("Cargo.lock") && line.starts_with("source = ") && line != LOCK_SOURCE {
        found.push(Violation::new(place(), format!("`{line}`"), "only crates.io's packages, by their usual name"));
    }
}

fn check_seams(source: &Source, found: &mut Vec<Violation>) {
    let Some((seam, below)) = SEAMS.iter().find_map(|seam| Some((seam, source.path.strip_prefix(seam.folder)?))) else {
        return;
    };
    let passes = seam.through.iter().any(|path| is_or_below(below, path));
    if passes || below.ends_with("tests.rs") || below.contains("tests/") || !below.ends_with(".rs") {
        return;
    }
    // Tests stand at the end of a file and may do as they like.
    let own = source.text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    for (number, line) in (1..).zip(own.lines()) {
        let code = line.split("//").next().unwrap_or_default();
        let grouped = code.contains("std::{") && code.split(|c: char| !c.is_alphanumeric()).any(|word| word == "fs");
        if grouped || OUTSIDE.iter().any(|name| code.contains(name)) {
            let place = format!("{}:{number}", source.path);
            found.push(Violation::new(place, format!("reaches outside: `{}`", code.trim()), seam.help));
        }
    }
}

fn is_code(path: &str) -> bool {
    [".rs", ".js", ".css"].iter().any(|end| path.ends_with(end))
}

/// `rule` is a file, or a folder if it ends in `/`.
fn is_or_below(path: &str, rule: &str) -> bool {
    if rule.ends_with('/') { path.starts_with(rule) } else { path == rule }
}

#[cfg(test)]
mod tests {
    use super::{Source, UNFINISHED, check, check_length};

    fn count(path: &str, text: &str) -> usize {
        check(&[Source { path: path.into(), text: text.into() }]).len()
    }

    #[test]
    fn long_files_need_a_reason() {
        assert_eq!(count("a/b.rs", &"x\n".repeat(600)), 0);
        assert_eq!(count("a/b.rs", &"x\n".repeat(601)), 1);
        assert_eq!(count("a/b.md", &"x\n".repeat(601)), 0);
        let exceptions = &[("a.css", "one table")];
        let mut found = Vec::new();
        check_length(&Source { path: "a.css".into(), text: "x\n".repeat(601) }, exceptions, &mut found);
        assert_eq!(found, []);
        check_length(&Source { path: "a.css".into(), text: "x\n".into() }, exceptions, &mut found);
        assert_eq!(found.len(), 1, "an exception that is not needed is found too");
    }

    #[test]
    fn unfinished_work_is_found_in_code_only() {
        for word in UNFINISHED {
            assert_eq!(count("a.js", &format!("// {word}: later")), 1, "{word}");
            assert_eq!(count("notes.md", &format!("{word}: later")), 0, "{word}");
        }
    }

    #[test]
    fn bare_allow_is_found_and_a_method_of_that_name_is_not() {
        let attribute = concat!("#[al", "low(dead_code)]");
        assert_eq!(count("a.rs", attribute), 1);
        assert_eq!(count("a.rs", &attribute.replace('#', "#!")), 1);
        assert_eq!(count("a.rs", concat!("#[cfg_attr(test, al", "low(x))]")), 1);
        assert_eq!(count("a.rs", "limits.allow(key); disallow(x);"), 0);
        assert_eq!(count("a.rs", "#[expect(dead_code, reason = \"…\")]"), 0);
    }

    #[test]
    fn only_some_files_may_vouch() {
        let line = concat!("let html = SafeHtml::", "vouch(text);");
        assert_eq!(count("site-gen/site/src/render.rs", line), 1);
        assert_eq!(count("site-gen/html/src/sanitize.rs", line), 0);
        assert_eq!(count("api/src/routes/fragment.rs", line), 0);
        assert_eq!(count("api/src/routes/posts.rs", &format!("// never {line}")), 0);
    }

    #[test]
    fn the_outside_is_reached_through_the_seams() {
        for line in ["use std::fs;", "use std::{fs, io};", "use rayon::prelude::*;", "let now = ZonedDateTime::now();"]
        {
            assert_eq!(count("site-gen/site/src/plan.rs", line), 1, "{line}");
            assert_eq!(count("site-gen/import/src/hexo.rs", line), 1, "{line}");
            assert_eq!(count("model/src/time.rs", line), 1, "{line}");
            assert_eq!(count("site-gen/publish/src/write.rs", line), 0, "{line}");
            assert_eq!(count("site-gen/src/cmd/build.rs", line), 0, "{line}");
            assert_eq!(count("api/src/lib.rs", line), 0, "{line}");
            assert_eq!(
                count("site-gen/site/src/plan.rs", &format!("fn f() {{}}\n#[cfg(test)]\nmod tests {{\n{line}\n}}")),
                0
            );
        }
        assert_eq!(count("site-gen/site/src/plan.rs", "// no std::fs here\nuse std::{fmt, io};"), 0);
    }

    #[test]
    fn machine_paths_are_found_and_addresses_are_not() {
        let path = concat!("/wo", "rk/");
        assert_eq!(count("README.md", &format!("cd {path}main")), 1);
        assert_eq!(count("README.md", &format!("<https://circle.example{path}one.html>")), 0);
        assert_eq!(count("a.toml", concat!("x = \"/ro", "ot/.cargo\"")), 1);
        assert_eq!(count("a.toml", concat!("x = \"https://registry.", "npmjs.org/\"")), 1);
    }

    #[test]
    fn the_lock_file_names_the_usual_registry() {
        assert_eq!(count("Cargo.lock", super::LOCK_SOURCE), 0);
        assert_eq!(count("Cargo.lock", "source = \"git+https://example.org/x\""), 1);
    }
}
