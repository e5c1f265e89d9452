//! Where the project and its build output are.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use cargo_metadata::{Metadata, MetadataCommand};

use crate::process;

/// The project's folder, and the folder that all build output goes to.
pub(crate) struct Workspace {
    /// The folder of the workspace's `Cargo.toml`.
    pub(crate) root: PathBuf,
    /// Cargo's target folder: `target`, or `CARGO_TARGET_DIR`.
    pub(crate) target: PathBuf,
    metadata: Metadata,
}

impl Workspace {
    /// Asks cargo, beginning at the current folder.
    pub(crate) fn find() -> Result<Self> {
        let metadata = MetadataCommand::new()
            .cargo_path(process::cargo_path())
            .no_deps()
            .exec()
            .context("cargo does not find the workspace\n  help: run `cargo xtask` inside the project's folder")?;
        let root = metadata.workspace_root.clone().into_std_path_buf();
        let target = metadata.target_directory.clone().into_std_path_buf();
        Ok(Self { root, target, metadata })
    }

    /// The packages of this workspace, without their dependencies' own packages.
    pub(crate) fn packages(&self) -> &[cargo_metadata::Package] {
        &self.metadata.packages
    }

    /// The whole resolved graph, which takes cargo a second longer.
    pub(crate) fn graph(&self) -> Result<Metadata> {
        MetadataCommand::new()
            .cargo_path(process::cargo_path())
            .current_dir(&self.root)
            .other_options(vec!["--locked".to_owned()])
            .exec()
            .context("cargo cannot resolve the dependencies as Cargo.lock has them\n  help: run `cargo metadata` for the details")
    }

    /// A path of the project as this command's messages show it: relative to the root where it lies below it.
    pub(crate) fn show(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).display().to_string()
    }
}
