//! The program `xtask-widget`, which has in it what is long to compile: wasm-bindgen and brotli.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::Made;
use crate::workspace::Workspace;
use crate::{files, process, program};

/// The program, built.
pub(super) struct Heavy(PathBuf);

impl Heavy {
    /// Builds it.
    pub(super) fn build(workspace: &Workspace) -> Result<Self> {
        program::build_named(workspace, "xtask-widget", false).map(Self)
    }

    /// Lets wasm-bindgen make the glue `name.js` and `name_bg.wasm` from a raw wasm file.
    pub(super) fn bind(&self, raw: &Path, name: &str) -> Result<Made> {
        let out = tempfile::tempdir()?;
        process::run(Command::new(&self.0).arg("bind").arg(raw).arg(name).arg(out.path()))?;
        let mut made = Made::new();
        for file in files::below(out.path())? {
            let name = file.strip_prefix(out.path())?.to_string_lossy().replace('\\', "/");
            made.insert(name, files::read(&file)?);
        }
        for wanted in [format!("{name}.js"), format!("{name}_bg.wasm")] {
            ensure!(made.contains_key(&wanted), "wasm-bindgen made no {wanted}");
        }
        Ok(made)
    }

    /// The size of each file as brotli 11 leaves it, in the order of `made`.
    pub(super) fn compressed(&self, made: &Made) -> Result<Vec<usize>> {
        let work = tempfile::tempdir()?;
        let mut command = Command::new(&self.0);
        command.arg("sizes");
        for (name, bytes) in made {
            let path = work.path().join(name);
            files::write(&path, bytes)?;
            command.arg(path);
        }
        let sizes: Result<Vec<usize>, _> = process::output(&mut command)?.lines().map(str::parse).collect();
        let sizes = sizes.context("xtask-widget printed no numbers")?;
        ensure!(sizes.len() == made.len(), "xtask-widget measured {} of {} files", sizes.len(), made.len());
        Ok(sizes)
    }
}
