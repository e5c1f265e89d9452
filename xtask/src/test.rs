//! `cargo xtask test`: the whole truth, in layers.
//!
//! Each layer is announced, runs with its output passed through, and ends in one row of the table. A layer that fails
//! does not keep the others from running. The last line is always `N passed, N failed, N skipped`.

mod count;
mod examples;
mod portable;

use std::env;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::ValueEnum as _;

use self::count::Count;
use crate::postgres::Postgres;
use crate::wasm_std::{self, Form};
use crate::workspace::Workspace;
use crate::{apt, disk, gates, postgres, process, program, say, tidy, widget};

/// What the command line says.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Run only this layer; may be given more than once. The others count as skipped.
    #[arg(long, value_enum)]
    only: Vec<Layer>,
}

/// The layers, in the order in which they run.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Layer {
    /// Install the programs that the other layers use, where that is possible.
    Prepare,
    /// The formatting of the code.
    Fmt,
    /// What no compiler checks.
    Tidy,
    /// Clippy for everything, and for the generator without its server.
    Clippy,
    /// The documentation, with warnings as errors.
    Doc,
    /// The widget for wasm, and its size.
    Widget,
    /// The libraries that run in browsers and on WASI too, checked for both.
    Wasm,
    /// Unit, golden, API and store tests, and the examples in the documentation.
    Tests,
    /// The widget and the archive in Chromium.
    Browser,
    /// Every page by the Nu checker and in a text browser.
    Html,
    /// Bags by bagit.py and books by EPUBCheck.
    Packs,
    /// Every kind of page in Chromium: axe, keyboard, contrast, motion, zoom, print.
    Access,
}

/// The integration test target, in tests/Cargo.toml, that needs a browser.
const BROWSER_TARGET: &str = "browser";
/// The one that needs the sites of [`gates::sites`] too.
const ACCESS_TARGET: &str = "access";

/// Runs the layers; true if nothing failed.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<bool> {
    let mut rows: Vec<(Layer, Count, Duration)> = Vec::new();
    let mut surroundings = Surroundings::default();
    if !workspace.target.join("debug").join(format!("circlekeep{}", env::consts::EXE_SUFFIX)).exists() {
        say::note(
            "nothing is compiled yet; this run compiles without incremental data, which only a second one would use",
        );
        process::compile_once();
    }
    let layers = Layer::value_variants();
    for (number, layer) in (1..).zip(layers) {
        let started = Instant::now();
        let count = if !arguments.only.is_empty() && !arguments.only.contains(layer) {
            Count::skipped("not asked for")
        } else {
            say::note(format!("──── {number}/{} {}: {}", layers.len(), layer.name(), layer.purpose()));
            layer.run(workspace, &mut surroundings).unwrap_or_else(|error| {
                say::error(&error);
                Count::failed("could not be carried out")
            })
        };
        if count.failed > 0 {
            say::note(format!("{} FAILED", layer.name()));
        }
        rows.push((*layer, count, started.elapsed()));
    }
    drop(surroundings);
    report(&rows)
}

impl Layer {
    fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }

    fn purpose(self) -> String {
        let value = self.to_possible_value();
        value.and_then(|value| Some(value.get_help()?.to_string())).unwrap_or_default()
    }

    fn run(self, workspace: &Workspace, surroundings: &mut Surroundings) -> Result<Count> {
        let cargo = || {
            let mut command = process::cargo();
            command.current_dir(&workspace.root);
            command
        };
        match self {
            Self::Prepare => {
                prepare()?;
                disk::ensure(workspace).map(|()| Count::passed())
            }
            Self::Fmt => Ok(Count::one(process::succeeds(cargo().args(["fmt", "--all", "--check"]))?)),
            Self::Tidy => tidy::run(workspace).map(Count::one),
            Self::Clippy => {
                let all = ["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"];
                // Without its server, the generator is what the other crates leave of it: only the tests ask for the server. With
                // the whole workspace but them, cargo enables nearly the same features of dependencies, and checks 31 of
                // them again; for the generator alone it would check 142.
                let bare = ["clippy", "--workspace", "--exclude", "circle-tests", "--no-default-features"];
                let bare = bare.into_iter().chain(["--locked", "--", "-D", "warnings"]);
                let mut count = Count::one(process::succeeds(cargo().args(all))?);
                count.add(&Count::one(process::succeeds(cargo().args(bare))?));
                Ok(count)
            }
            Self::Doc => {
                let mut command = cargo();
                command.args(["doc", "--workspace", "--no-deps", "--locked"]).env("RUSTDOCFLAGS", "-D warnings");
                Ok(Count::one(process::succeeds(&mut command)?))
            }
            Self::Widget => {
                let built = widget::build(workspace, Form::Dev)?;
                if !built.within_budget {
                    return Ok(Count::failed("the widget is larger than its budget"));
                }
                Ok(Count::passed())
            }
            Self::Wasm => portable::check(workspace),
            // Each of the three selects the whole workspace, so that cargo enables the same features in all of them
            // and compiles every dependency once.
            Self::Tests => {
                // All test programs and the program itself in one go, so that no core waits for the end of the other build.
                let everything = ["build", "--workspace", "--bin", "circlekeep", "--tests", "--locked"];
                if !process::succeeds(cargo().args(everything))? {
                    return Ok(Count::failed("it does not compile"));
                }
                surroundings.program = Some(program::build(workspace, false)?);
                let mut command = cargo();
                command.args(["test", "--workspace", "--locked", "--no-fail-fast", "--lib", "--bins"]);
                for name in test_targets(workspace)
                    .iter()
                    .filter(|name| ![BROWSER_TARGET, ACCESS_TARGET].contains(&name.as_str()))
                {
                    command.args(["--test", name]);
                }
                let mut count = surroundings.test(workspace, command)?;
                match examples::first(workspace)? {
                    None => say::note("no documentation has an example in Rust, so there is none to run"),
                    Some(file) => {
                        say::note(format!("{file} has an example in its documentation"));
                        let mut command = cargo();
                        command.args(["test", "--workspace", "--locked", "--no-fail-fast", "--doc"]);
                        count.add(&surroundings.test(workspace, command)?);
                    }
                }
                Ok(count)
            }
            Self::Browser => {
                if !test_targets(workspace).iter().any(|name| name == BROWSER_TARGET) {
                    bail!("there is no test target `{BROWSER_TARGET}`\n  help: see tests/Cargo.toml");
                }
                if !widget::folder(workspace).join("SIZES.json").is_file() {
                    bail!("the widget is not built, and the browser tests need it\n  help: cargo xtask widget");
                }
                surroundings.program = Some(program::build(workspace, false)?);
                let mut command = cargo();
                command.args(["test", "--workspace", "--locked", "--no-fail-fast", "--test", BROWSER_TARGET]);
                surroundings.test(workspace, command)
            }
            Self::Html => {
                let sites = surroundings.sites(workspace)?;
                let failures = gates::pages::check(workspace, &sites)?;
                Ok(Count::of(failures))
            }
            Self::Packs => {
                let sites = surroundings.sites(workspace)?;
                let program = surroundings.program.clone().context("circlekeep is not built")?;
                Ok(Count::of(gates::packs::check(workspace, &program, &sites)?))
            }
            Self::Access => {
                let sites = surroundings.sites(workspace)?;
                let mut command = cargo();
                command.args(["test", "--workspace", "--locked", "--no-fail-fast", "--test", ACCESS_TARGET]);
                command.env("CIRCLEKEEP_SITES", sites).env("CIRCLEKEEP_AXE", gates::tools::axe(workspace)?);
                surroundings.test(workspace, command)
            }
        }
    }
}

/// What the tests find around them.
#[derive(Default)]
struct Surroundings {
    postgres: Option<Postgres>,
    /// The program `circlekeep`, which cargo does not build for another package's tests.
    program: Option<PathBuf>,
    /// The folder of the sites that the gates judge.
    sites: Option<PathBuf>,
}

impl Surroundings {
    /// Builds the sites that the gates judge, once.
    fn sites(&mut self, workspace: &Workspace) -> Result<PathBuf> {
        if self.sites.is_none() {
            let program = program::build(workspace, false)?;
            say::note("building the sites that the gates judge");
            self.sites = Some(gates::sites::build(workspace, &program)?);
            self.program = Some(program);
        }
        self.sites.clone().context("the sites are not built")
    }

    /// Runs a `cargo test`, shows its output as it comes, and counts its cases.
    fn test(&mut self, workspace: &Workspace, mut command: Command) -> Result<Count> {
        if self.postgres.is_none() {
            self.postgres = Some(Postgres::start()?);
        }
        command.envs(self.postgres.iter().map(|postgres| ("CIRCLEKEEP_TEST_POSTGRES", postgres.url())));
        command.envs(self.program.iter().map(|path| ("CIRCLEKEEP_BIN", path)));
        command.env("CIRCLEKEEP_WIDGET", widget::folder(workspace));
        command.envs(browser_programs());
        let shown: Vec<_> = command.get_args().map(|word| word.to_string_lossy()).collect();
        say::note(format!("running cargo {}", shown.join(" ")));
        let mut child = command.stdout(Stdio::piped()).spawn().context("cannot start cargo")?;
        let stdout = child.stdout.take().context("cargo has no output")?;
        let mut count = Count::default();
        for line in BufReader::new(stdout).split(b'\n') {
            let line = line?;
            let line = String::from_utf8_lossy(&line);
            say::result(&line);
            count.read(&line);
        }
        let succeeded = child.wait()?.success();
        if count.is_empty() && succeeded {
            return Ok(count);
        }
        if !succeeded && count.failed == 0 {
            count.add(&Count::failed("it did not compile, or a test program ended early"));
        }
        Ok(count)
    }
}

/// The variables by which tests find Chromium and its driver.
pub(crate) fn browser_programs() -> impl Iterator<Item = (&'static str, PathBuf)> {
    let chromium = chromium().map(|path| ("CHROMIUM", path));
    chromium.into_iter().chain(chromedriver().map(|path| ("CHROMEDRIVER", path)))
}

fn chromium() -> Option<PathBuf> {
    env::var_os("CHROMIUM")
        .map(Into::into)
        .or_else(|| ["chromium", "chromium-browser", "google-chrome"].into_iter().find_map(process::find))
}

fn chromedriver() -> Option<PathBuf> {
    env::var_os("CHROMEDRIVER").map(Into::into).or_else(|| process::find("chromedriver"))
}

/// Installs what is missing. One package list per thing, so that a machine which has it in another way is left alone.
pub(crate) fn prepare() -> Result<()> {
    let mut packages: Vec<&str> = Vec::new();
    if chromium().is_none() {
        packages.push("chromium");
    }
    if chromedriver().is_none() {
        packages.push("chromium-driver");
    }
    if postgres::programs().is_none() {
        packages.push("postgresql");
    }
    if apt::is_debian() {
        packages.push("fonts-noto-cjk");
        if env::var_os("CIRCLEKEEP_WASM_STD").is_some_and(|value| value == "debian") {
            packages.extend(wasm_std::DEBIAN_PACKAGES);
        }
    }
    let installed = apt::ensure(&packages, "testing")?;
    let what = if installed.is_empty() {
        "nothing was missing".to_owned()
    } else {
        format!("installed {}", installed.join(" "))
    };
    say::note(format!("prepare: {what}"));
    Ok(())
}

/// The names of the workspace's integration tests.
fn test_targets(workspace: &Workspace) -> Vec<String> {
    let targets = workspace.packages().iter().flat_map(|package| &package.targets);
    targets.filter(|target| target.is_test()).map(|target| target.name.clone()).collect()
}

fn report(rows: &[(Layer, Count, Duration)]) -> Result<bool> {
    let mut total = Count::default();
    say::result(format!("\n{:<10} {:>7} {:>7} {:>8} {:>13}", "layer", "passed", "failed", "skipped", "time"));
    for (layer, count, time) in rows {
        let Count { passed, failed, skipped, .. } = count;
        let (name, time) = (layer.name(), say::seconds(*time));
        say::result(format!("{name:<10} {passed:>7} {failed:>7} {skipped:>8} {time:>13}"));
        total.add(count);
    }
    let of = |skipped: bool| {
        rows.iter().flat_map(move |(layer, count, _)| {
            let list = if skipped { &count.left_out } else { &count.failures };
            list.iter().map(move |what| format!("{}: {what}", layer.name()))
        })
    };
    for line in of(true) {
        say::result(format!("skipped  {line}"));
    }
    for line in of(false) {
        say::result(format!("FAILED   {line}"));
    }
    say::result(format!("{} passed, {} failed, {} skipped", total.passed, total.failed, total.skipped));
    Ok(total.failed == 0)
}
