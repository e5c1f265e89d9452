//! Making the widget's files smaller, by `wasm-opt` and `esbuild` from npm.
//!
//! Both are programs that Rust crates would take a quarter of an hour to build; npm brings them in seconds.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::{APP, Made, PLAIN};
use crate::{files, npm, process};

/// The packages with their exact versions: another version makes other bytes.
pub(super) const VERSIONS: &str = "binaryen@132.0.0 esbuild@0.28.2";

/// The passes that make the *compressed* wasm small. Plain `-Oz` makes it larger: its inlining destroys repetition.
/// Never `--traps-never-happen`, which may drop Rust's bounds checks.
const WASM_OPT: &[&str] = &[
    "-Oz",
    "--converge",
    "-ocimfs",
    "20",
    "-aimfs",
    "2",
    "--skip-pass=local-cse",
    "--enable-bulk-memory",
    "--enable-reference-types",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-multivalue",
];

/// Returns the same files, smaller. Snippets that the glue imports become part of it.
pub(super) fn shrink(made: Made, npm: &Path) -> Result<Made> {
    npm::install(npm, &VERSIONS.split(' ').collect::<Vec<_>>(), "the small form of the widget")?;
    let work = tempfile::tempdir()?;
    for (name, bytes) in &made {
        files::write(&work.path().join(name), bytes)?;
    }
    let mut small = Made::new();
    let wasm = format!("{APP}_bg.wasm");
    let mut wasm_opt = node(npm, "binaryen/bin/wasm-opt")?;
    wasm_opt.args(WASM_OPT).arg(work.path().join(&wasm)).arg("-o").arg(work.path().join("small.wasm"));
    process::run(&mut wasm_opt)?;
    small.insert(wasm, files::read(&work.path().join("small.wasm"))?);

    let glue = format!("{APP}.js");
    for (name, extra) in [
        (glue.as_str(), &["--bundle", "--format=esm"][..]),
        ("circle-widget.js", &["--format=esm"]),
        (PLAIN, &["--format=esm"]),
        ("circle-widget.css", &[]),
    ] {
        let out = work.path().join(format!("small-{name}"));
        let mut esbuild = node(npm, "esbuild/bin/esbuild")?;
        esbuild.current_dir(work.path()).arg(name).args(extra);
        esbuild.args(["--minify", "--charset=utf8", "--target=es2022", "--log-level=warning"]);
        process::run(esbuild.arg(format!("--outfile={}", out.display())))?;
        small.insert(name.to_owned(), files::read(&out)?);
    }
    Ok(small)
}

fn node(npm: &Path, program: &str) -> Result<Command> {
    let mut command = Command::new("node");
    command.arg(npm::file(npm, program)?);
    Ok(command)
}
