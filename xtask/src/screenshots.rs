//! `cargo xtask screenshots`: every kind of page as a picture, in both themes, on phone and desk, light and dark.
//!
//! 1. build the program and the sample circle in each theme;
//! 2. let the example `shots` of the tests' package take the pictures: target/screenshots, with an index.html to look through;
//! 3. it writes the twelve that the README shows to docs/screenshots.

use std::process::Command;

use anyhow::Result;

use crate::gates::sites;
use crate::workspace::Workspace;
use crate::{files, process, program, say, test};

/// Takes the pictures.
pub(crate) fn run(workspace: &Workspace) -> Result<bool> {
    test::prepare()?;
    let program = program::build(workspace, false)?;
    let mut build = process::cargo();
    build.current_dir(&workspace.root).args(["build", "--workspace", "--example", "shots", "--locked"]);
    process::run(&mut build)?;
    let folder = workspace.target.join("gates/shown");
    for theme in sites::THEMES {
        let content = workspace.target.join("gates/content").join(format!("shown-{theme}"));
        sites::copy_sample(workspace, &content, theme)?;
        sites::build_one(&program, &content, &folder.join(theme))?;
    }
    let out = workspace.target.join("screenshots");
    files::remove_folder(&out)?;
    files::make_folder(&out)?;
    let mut shots = Command::new(workspace.target.join("debug/examples/shots"));
    shots.args([&folder, &out, &workspace.root.join("docs/screenshots")]);
    shots.envs(test::browser_programs());
    process::run(&mut shots)?;
    say::result(format!("look at {}", workspace.show(&out.join("index.html"))));
    Ok(true)
}
