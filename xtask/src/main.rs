//! Developer commands of Circlekeep, run as `cargo xtask <command>`.
//!
//! Each command finds or installs what it needs, says in plain words what it did, and shows progress. The two that a
//! fresh clone needs are `cargo xtask demo` and `cargo xtask test`.

mod apt;
mod bench;
mod demo;
mod disk;
mod dist;
mod files;
mod fuzz;
mod gates;
mod npm;
mod postgres;
mod process;
mod program;
mod say;
mod screenshots;
mod test;
mod tidy;
mod wasm_std;
mod widget;
mod workspace;

use std::process::ExitCode;

use clap::Parser;

use crate::workspace::Workspace;

/// Developer commands of Circlekeep.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", disable_help_subcommand = true)]
enum Command {
    /// Build everything, put the sample circle on the web of this machine, and make an invite code for it.
    Demo(demo::Arguments),
    /// Run every check that CI runs, layer by layer.
    Test(test::Arguments),
    /// Measure a build of a large invented circle.
    Bench(bench::Arguments),
    /// Damage the fixtures of every importer at random, for a minute each, and see that none panics.
    Fuzz(fuzz::Arguments),
    /// Build the widget's files into target/widget.
    Widget(widget::Arguments),
    /// Take a picture of every kind of page, in both themes, on phone and desk, light and dark.
    Screenshots,
    /// Check what no compiler checks: edges between crates and between files, file sizes, forbidden words.
    Tidy(tidy::Arguments),
    /// Make the folder that a release consists of: target/dist/circlekeep.
    Dist,
}

fn main() -> ExitCode {
    let command = Command::parse();
    let outcome = Workspace::find().and_then(|workspace| match command {
        Command::Demo(arguments) => demo::run(&workspace, &arguments),
        Command::Test(arguments) => test::run(&workspace, &arguments),
        Command::Bench(arguments) => bench::run(&workspace, &arguments),
        Command::Fuzz(arguments) => fuzz::run(&workspace, &arguments),
        Command::Widget(arguments) => widget::run(&workspace, &arguments),
        Command::Screenshots => screenshots::run(&workspace),
        Command::Tidy(arguments) => tidy::command(&workspace, &arguments),
        Command::Dist => dist::run(&workspace),
    });
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            say::error(&error);
            ExitCode::from(2)
        }
    }
}
