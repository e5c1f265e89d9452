//! What the checks read.

use std::process::Command;

use anyhow::Result;

use crate::workspace::Workspace;
use crate::{files, process};

/// A file of the project: its path from the root, with `/`, and its text.
pub(super) struct Source {
    pub(super) path: String,
    pub(super) text: String,
}

/// Every text file that git has or would take.
pub(super) fn all(workspace: &Workspace) -> Result<Vec<Source>> {
    let mut git = Command::new("git");
    git.current_dir(&workspace.root).args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let list = process::output(&mut git)?;
    let mut sources = Vec::new();
    for path in list.split('\0').filter(|path| !path.is_empty()) {
        let file = workspace.root.join(path);
        // A file that git has and the folder has not is being deleted; a link is checked where it points.
        if !file.symlink_metadata().is_ok_and(|data| data.is_file()) {
            continue;
        }
        if let Ok(text) = String::from_utf8(files::read(&file)?) {
            sources.push(Source { path: path.to_owned(), text });
        }
    }
    Ok(sources)
}
