//! `cargo xtask widget`: from the crate circle-widget to the files that a server hands out.
//!
//! 1. find or make a wasm standard library ([`crate::wasm_std`]);
//! 2. compile the crate with the profile `widget`, in a target folder of its own, so that host builds stay fresh;
//! 3. let wasm-bindgen write the glue (`xtask-widget`, a program of its own, because it is long to compile);
//! 4. with `--dist`: `wasm-opt` and minify, by npm packages of exact versions;
//! 5. put everything into target/widget, measure what a visitor downloads, and compare it with the budget.
//!
//! Steps 3 to 5 are left out when nothing that enters them has changed.

mod heavy;
mod npm;
mod sizes;

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, Result};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use self::heavy::Heavy;
use crate::wasm_std::{self, Form, WasmStd};
use crate::workspace::Workspace;
use crate::{files, process, say};

/// The name of the glue's and the wasm's files.
const APP: &str = "circle-widget-app";
/// The form without wasm. Only pages that forbid wasm fetch it, and they fetch no app.
const PLAIN: &str = "circle-widget-plain.js";
/// To be raised when steps 3 to 5 change, so that old output is made again.
const RECIPE: &str = "2";

/// What the command line says.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Make it as small as it gets, as visitors receive it: minified, through wasm-opt, panics without messages.
    #[arg(long)]
    dist: bool,
}

/// Builds the widget; false means that it is over its budget.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<bool> {
    Ok(build(workspace, if arguments.dist { Form::Dist } else { Form::Dev })?.within_budget)
}

/// What [`build`] made.
pub(crate) struct Built {
    /// The folder with all files, for `circlekeep serve --widget`.
    pub(crate) folder: PathBuf,
    /// Whether visitors download no more than they should.
    pub(crate) within_budget: bool,
}

/// Where [`build`] puts the widget's files.
pub(crate) fn folder(workspace: &Workspace) -> PathBuf {
    workspace.target.join("widget")
}

/// Builds the widget's files, prints their sizes, and writes them to `SIZES.json` beside the files.
pub(crate) fn build(workspace: &Workspace, form: Form) -> Result<Built> {
    let std = wasm_std::find(form, wasm_std::TARGET, &workspace.target)?;
    let wasm = compile(workspace, &std, form)?;
    let raw = files::read(&wasm)?;
    let loader = files::read(&workspace.root.join("widget/loader.js"))?;
    let plain = files::read(&workspace.root.join("widget/plain.js"))?;
    let style = files::read(&workspace.root.join("widget/widget.css"))?;

    let folder = folder(workspace);
    let stamp_file = workspace.target.join("wasm/widget-stamp");
    let stamp = stamp(form, &[&raw, &loader, &plain, &style]);
    let sizes_file = folder.join("SIZES.json");
    if sizes_file.is_file() && files::read_text(&stamp_file).is_ok_and(|old| old == stamp) {
        say::note(format!("{} is up to date", workspace.show(&folder)));
        let sizes = sizes::Sizes::from_json(&files::read(&sizes_file)?)?;
        return Ok(Built { folder, within_budget: sizes.report() });
    }

    let heavy = Heavy::build(workspace)?;
    let mut made = heavy.bind(&wasm, APP)?;
    made.insert("circle-widget.js".into(), loader);
    made.insert(PLAIN.into(), plain);
    made.insert("circle-widget.css".into(), style);
    if form == Form::Dist {
        made = npm::shrink(made, &workspace.target.join("npm"))?;
    }
    let sizes = sizes::measure(&made, &heavy.compressed(&made)?, &std, form);
    made.insert("SIZES.json".into(), sizes.to_json()?);
    for old in files::below(&folder)? {
        let name = old.strip_prefix(&folder).unwrap_or(&old).to_string_lossy().into_owned();
        if !made.contains_key(&name) {
            std::fs::remove_file(&old).with_context(|| format!("cannot remove {}", old.display()))?;
        }
    }
    for (name, bytes) in &made {
        files::write(&folder.join(name), bytes)?;
    }
    files::write(&stamp_file, stamp.as_bytes())?;
    say::note(format!("the widget is in {}", workspace.show(&folder)));
    Ok(Built { folder, within_budget: sizes.report() })
}

/// Files by their name in the widget's folder, with `/` between folders.
type Made = BTreeMap<String, Vec<u8>>;

/// The raw wasm file, compiled.
fn compile(workspace: &Workspace, std: &WasmStd, form: Form) -> Result<PathBuf> {
    // Two folders, because the two forms may come from two compilers and each would undo the other's work.
    let target = workspace.target.join(if form == Form::Dist { "wasm-dist" } else { "wasm" });
    // Panic messages hold the paths of source files; what visitors download must not tell about this machine.
    let mut flags = vec![format!("--remap-path-prefix={}=", workspace.root.display())];
    flags.extend(wasm_std::without_cargo_home());
    let mut command = std.cargo("build", &flags);
    command
        .args(["--locked", "--package", "circle-widget", "--lib", "--profile", "widget", "--target-dir"])
        .arg(&target);
    process::run(command.current_dir(&workspace.root)).context("the widget does not compile for wasm")?;
    Ok(target.join(wasm_std::TARGET).join("widget/circle_widget.wasm"))
}

fn stamp(form: Form, inputs: &[&[u8]]) -> String {
    let mut digest = Sha256::new();
    digest.update(format!("{RECIPE} {form:?} {}", npm::VERSIONS));
    for input in inputs {
        digest.update(Sha256::digest(input));
    }
    HEXLOWER.encode(&digest.finalize())
}
