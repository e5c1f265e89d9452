//! Reasons beside dependencies, shared lints, what CI calls, what the README mentions.

use std::collections::BTreeSet;

use cargo_metadata::Package;

use super::source::Source;
use super::violation::Violation;

/// The names of all packages that ours depend on, for whatever purpose.
pub(super) fn used_dependencies(packages: &[Package]) -> BTreeSet<String> {
    packages.iter().flat_map(|package| &package.dependencies).map(|dependency| dependency.name.clone()).collect()
}

/// `used` are the names of all dependencies of ours, `members` the manifests of our packages.
pub(super) fn check(sources: &[Source], used: &BTreeSet<String>, members: &[String]) -> Vec<Violation> {
    let text = |path: &str| sources.iter().find(|source| source.path == path).map(|source| source.text.as_str());
    let mut found = Vec::new();
    match text("Cargo.toml") {
        Some(manifest) => check_reasons(manifest, used, &mut found),
        None => found.push(Violation::new("Cargo.toml", "not there", "the workspace's manifest belongs at the root")),
    }
    for source in sources {
        if members.contains(&source.path) && !source.text.contains("[lints]\nworkspace = true") {
            found.push(Violation::new(
                &source.path,
                "does not take the workspace's lints",
                "add the two lines `[lints]` and `workspace = true`",
            ));
        }
    }
    if !text(".ci/run").is_some_and(|script| script.contains("cargo xtask test")) {
        found.push(Violation::new(".ci/run", "does not call `cargo xtask test`", "what CI checks, one command checks"));
    }
    if let (Some(readme), Some(main)) = (text("README.md"), text("site-gen/src/main.rs")) {
        for subcommand in subcommands(main) {
            if !readme.contains(&format!("circlekeep {subcommand}")) {
                found.push(Violation::new(
                    "README.md",
                    format!("does not mention `circlekeep {subcommand}`"),
                    "one line there says what each subcommand is for",
                ));
            }
        }
    }
    found
}

/// Every entry of `[workspace.dependencies]` has a comment on its line, and somebody uses it.
fn check_reasons(manifest: &str, used: &BTreeSet<String>, found: &mut Vec<Violation>) {
    let section = manifest.split("[workspace.dependencies]\n").nth(1).unwrap_or_default();
    let mut entries: Vec<String> = Vec::new();
    for line in section.lines().take_while(|line| !line.starts_with('[')) {
        match entries.last_mut() {
            // A list over several lines belongs to its entry.
            Some(entry) if line.starts_with([' ', ']', '}']) => entry.push_str(line),
            _ if line.is_empty() || line.starts_with('#') => {}
            _ => entries.push(line.to_owned()),
        }
    }
    if entries.is_empty() {
        found.push(Violation::new("Cargo.toml", "has no [workspace.dependencies]", "all versions belong there"));
    }
    for entry in entries {
        let name = entry.split('=').next().unwrap_or_default().trim().trim_matches('"');
        let ours = entry.contains("path = \"");
        if !ours && comment(&entry).len() < 5 {
            found.push(Violation::new(
                "Cargo.toml",
                format!("the dependency {name} has no reason beside it"),
                "say in a comment on its line what it is here for",
            ));
        }
        if !ours && !used.contains(name) {
            found.push(Violation::new("Cargo.toml", format!("nobody uses the dependency {name}"), "remove its line"));
        }
    }
}

/// What follows the first `#` that is not inside quotes.
fn comment(line: &str) -> &str {
    let mut quoted = false;
    for (at, c) in line.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '#' if !quoted => return line.get(at + 1..).unwrap_or_default().trim(),
            _ => {}
        }
    }
    ""
}

/// The names of clap's subcommands: the variants of the enum that derives `Subcommand` (or, as the program's only
/// enum, `Parser`), as clap writes them. Those hidden from the help are left out.
fn subcommands(main: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut derives = false;
    let mut inside = false;
    let mut hidden = false;
    for line in main.lines() {
        let start = line.trim_start();
        if line.starts_with("#[derive(") {
            derives = line.contains("Subcommand") || line.contains("Parser");
        } else if derives && line.contains("enum ") && line.ends_with('{') {
            inside = true;
        } else if line.starts_with("struct ") || line.starts_with("pub(crate) struct ") {
            derives = false;
        } else if line.starts_with('}') {
            inside = false;
        } else if inside && start.starts_with("#[") {
            hidden |= start.contains("hide = true");
        } else if inside && line.len() - start.len() == 4 && start.starts_with(|c: char| c.is_ascii_uppercase()) {
            let name: String = start.chars().take_while(char::is_ascii_alphanumeric).collect();
            if !std::mem::take(&mut hidden) {
                names.push(kebab(&name));
            }
        }
    }
    names
}

fn kebab(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !out.is_empty() {
            out.push('-');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Source, check, subcommands};

    const MANIFEST: &str = "[workspace.dependencies]\n# Ours.\nours = { path = \"ours\" }\n\nserde = { version = \"1\" } # the one (de)serialiser\n\n[profile.dev]\nx = 1\n";

    fn problems(changed: &[(&str, &str)]) -> Vec<String> {
        let mut files = vec![
            ("Cargo.toml", MANIFEST),
            ("site-gen/html/Cargo.toml", "[package]\n\n[lints]\nworkspace = true\n"),
            (".ci/run", "exec cargo xtask test\n"),
            ("README.md", "`circlekeep build` makes the site."),
            (
                "site-gen/src/main.rs",
                "#[derive(Parser)]\nenum Command {\n    /// Makes the site.\n    Build(build::Arguments),\n}\n",
            ),
        ];
        for (path, text) in changed {
            files.retain(|(existing, _)| existing != path);
            files.push((path, text));
        }
        let sources: Vec<Source> =
            files.into_iter().map(|(path, text)| Source { path: path.into(), text: text.into() }).collect();
        let used = BTreeSet::from(["serde".to_owned()]);
        check(&sources, &used, &["site-gen/html/Cargo.toml".to_owned()])
            .into_iter()
            .map(|problem| problem.what)
            .collect()
    }

    #[test]
    fn a_project_in_order_has_no_problems() {
        assert_eq!(problems(&[]), Vec::<String>::new());
    }

    #[test]
    fn dependencies_need_a_reason_and_a_user() {
        let no_reason = MANIFEST.replace("# the one", "the one");
        assert_eq!(problems(&[("Cargo.toml", &no_reason)]).len(), 1);
        let in_quotes = MANIFEST.replace("} # the one (de)serialiser", ", package = \"# not a reason\" }");
        assert_eq!(problems(&[("Cargo.toml", &in_quotes)]).len(), 1);
        let unused = MANIFEST.replace("serde =", "serde_yaml =");
        assert_eq!(problems(&[("Cargo.toml", &unused)]).len(), 1);
    }

    #[test]
    fn lints_ci_and_readme_are_checked() {
        assert_eq!(problems(&[("site-gen/html/Cargo.toml", "[package]\n")]).len(), 1);
        assert_eq!(problems(&[(".ci/run", "exec cargo test\n")]).len(), 1);
        assert_eq!(problems(&[("README.md", "circlekeep")]), ["does not mention `circlekeep build`"]);
    }

    #[test]
    fn subcommands_are_read_as_clap_writes_them() {
        let main = "#[derive(Subcommand)]\nenum Command {\n    /// A.\n    Build(A),\n    BackUp {\n        Field: u8,\n    },\n    #[command(hide = true)]\n    Inner,\n    Last,\n}\n\nenum Other {\n    Thing,\n}\n";
        assert_eq!(
            subcommands(&main.replace("}\n\nenum", "}\n\n#[derive(Debug)]\nenum")),
            ["build", "back-up", "last"]
        );
    }
}
