//! `cargo xtask bench`: a build of a large invented circle, measured.
//!
//! What is printed are ratios, because seconds say more about the machine than about the program: how much a second
//! build takes of the first, and which share of a build each stage has; and what a query loads of the search index, in bytes.

use std::process::Command;
use std::time::Instant;

use anyhow::Result;
use serde_json::Value;

use crate::workspace::Workspace;
use crate::{files, program, say};

mod circle;
mod search;

/// What the command line says.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// How many posts the circle has; 100000 shows what search costs in a very large one.
    #[arg(long, default_value_t = 4000)]
    posts: usize,
}

/// Generates the circle, builds it twice in release, and prints the ratios.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<bool> {
    let program = program::build(workspace, true)?;
    let folder = workspace.target.join("bench");
    files::remove_folder(&folder)?;
    let comments = circle::write(&folder.join("content"), arguments.posts)?;
    say::note(format!("{} posts and {comments} comments are written", arguments.posts));
    let build = || -> Result<(f64, Value)> {
        let mut command = Command::new(&program);
        command.arg("build").arg("--content").arg(folder.join("content")).arg("--out").arg(folder.join("public"));
        let started = Instant::now();
        let summary = program::summary(&mut command)?;
        Ok((started.elapsed().as_secs_f64(), summary))
    };
    let (first, summary) = build()?;
    print("first build", arguments.posts, first, &summary);
    search::measure(&folder.join("public"), arguments.posts)?;
    let (second, summary) = build()?;
    print("second build, nothing changed", arguments.posts, second, &summary);
    say::result(format!("second / first: {:.2}", second / first));
    let written = summary.get("written").and_then(Value::as_u64);
    if written != Some(0) {
        say::result(format!("the second build should have written nothing, but its summary says: {written:?}"));
    }
    Ok(written == Some(0))
}

fn print(what: &str, posts: usize, total: f64, summary: &Value) {
    say::result(format!("{what}: {posts} posts in {total:.2} s, {:.2} ms each", total * 1000.0 / posts.max(1) as f64));
    let stages = summary.get("seconds").and_then(Value::as_object);
    for (stage, seconds) in stages.into_iter().flatten() {
        let seconds = seconds.as_f64().unwrap_or_default();
        say::result(format!("  {:>5.1} %  {stage}", 100.0 * seconds / total));
    }
}
