//! `cargo xtask dist`: the folder that a release consists of.

use anyhow::{Context, Result};

use crate::wasm_std::Form;
use crate::workspace::Workspace;
use crate::{files, program, say, widget};

/// What goes beside the program, where it exists.
const PAPERS: &[&str] = &["README.md", "CHANGELOG.md", "KNOWN-ISSUES.md", "LICENSE-MIT", "LICENSE-APACHE"];

/// Fills target/dist/circlekeep with the program, the widget and the papers; false if the widget is over its budget.
pub(crate) fn run(workspace: &Workspace) -> Result<bool> {
    let widget = widget::build(workspace, Form::Dist)?;
    let program = program::build(workspace, true)?;
    let folder = workspace.target.join("dist/circlekeep");
    files::remove_folder(&folder)?;
    files::make_folder(&folder)?;
    let copy = |from: &std::path::Path, name: &std::path::Path| -> Result<()> {
        let to = folder.join(name);
        files::make_folder(to.parent().unwrap_or(&folder))?;
        std::fs::copy(from, &to).with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))?;
        Ok(())
    };
    copy(&program, program.file_name().unwrap_or_default().as_ref())?;
    for file in files::below(&widget.folder)? {
        copy(&file, &std::path::Path::new("widget").join(file.strip_prefix(&widget.folder)?))?;
    }
    for paper in PAPERS.iter().map(|name| workspace.root.join(name)).filter(|path| path.is_file()) {
        copy(&paper, paper.file_name().unwrap_or_default().as_ref())?;
    }
    say::result(format!("the release is in {}", workspace.show(&folder)));
    Ok(widget.within_budget)
}
