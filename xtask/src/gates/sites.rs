//! The sites that the gates judge, in `target/gates`.
//!
//! 1. `paper` and `bamboo`: the sample circle in each built-in theme;
//! 2. `exports`: one circle into which every fixture of every importer was brought, so that each kind of post is there.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use crate::workspace::Workspace;
use crate::{files, say};

/// The built-in themes.
pub(crate) const THEMES: &[&str] = &["paper", "bamboo"];
/// The site of every fixture.
pub(crate) const EXPORTS: &str = "exports";
/// The day on which the fixtures say that they were exported.
const EXPORT_DAY: &str = "2021-06-28";

/// Where the sites are: a folder of this name in it is one site.
pub(crate) fn folder(workspace: &Workspace) -> PathBuf {
    workspace.target.join("gates/sites")
}

/// The content folder of a site.
pub(crate) fn content(workspace: &Workspace, name: &str) -> PathBuf {
    workspace.target.join("gates/content").join(name)
}

/// Builds every site with the program at `program` and returns the folder with all of them.
///
/// # Errors
///
/// When one cannot be built. A fixture that no importer takes is counted, not an error: some are damaged on purpose.
pub(crate) fn build(workspace: &Workspace, program: &Path) -> Result<PathBuf> {
    let sites = folder(workspace);
    for theme in THEMES {
        let content = content(workspace, theme);
        copy_sample(workspace, &content, theme)?;
        build_one(program, &content, &sites.join(theme))?;
    }
    let content = content(workspace, EXPORTS);
    import_fixtures(workspace, program, &content)?;
    build_one(program, &content, &sites.join(EXPORTS))?;
    Ok(sites)
}

/// The sample circle with `theme` in its circle.toml. The key goes first, where no table can swallow it.
pub(crate) fn copy_sample(workspace: &Workspace, to: &Path, theme: &str) -> Result<()> {
    let sample = workspace.root.join("content");
    files::remove_folder(to)?;
    for path in files::below(&sample)? {
        let name = path.strip_prefix(&sample)?;
        let mut bytes = files::read(&path)?;
        if name == Path::new("circle.toml") {
            let text = String::from_utf8(bytes).context("content/circle.toml is not UTF-8")?;
            let own: Vec<&str> = text.lines().filter(|line| !line.starts_with("theme = ")).collect();
            bytes = format!("theme = \"{theme}\"\n{}\n", own.join("\n")).into_bytes();
        }
        files::write(&to.join(name), &bytes)?;
    }
    Ok(())
}

/// Runs `circlekeep build`.
pub(crate) fn build_one(program: &Path, content: &Path, out: &Path) -> Result<()> {
    files::remove_folder(out)?;
    let mut command = Command::new(program);
    command.arg("build").arg("--content").arg(content).arg("--out").arg(out).arg("--json");
    let output = command.output().context("cannot start circlekeep")?;
    if !matches!(output.status.code(), Some(0 | 1)) {
        bail!("circlekeep cannot build {}\n{}", content.display(), String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

fn import_fixtures(workspace: &Workspace, program: &Path, content: &Path) -> Result<()> {
    files::remove_folder(content)?;
    let circle =
        "id = \"exports\"\nname = \"什么都有的圈子\"\ntagline = \"每一种导出都在这里\"\nzone = \"Asia/Shanghai\"\n";
    files::write(&content.join("circle.toml"), circle.as_bytes())?;
    let (mut taken, mut refused) = (0, Vec::new());
    for importer in folders(&workspace.root.join("tests/fixtures/exports"))? {
        for case in folders(&importer)? {
            let mut command = Command::new(program);
            command.arg("import").arg("--json").arg("--content").arg(content).args(["--export-day", EXPORT_DAY]);
            let map = case.join("map.toml");
            if map.is_file() {
                command.arg("--map").arg(map);
            } else {
                command.arg("--from").args(importer.file_name());
            }
            command.arg(case.join("in")).stdout(Stdio::null()).stderr(Stdio::null());
            match command.status().context("cannot start circlekeep")?.code() {
                Some(0 | 1) => taken += 1,
                _ => refused.push(workspace.show(&case)),
            }
        }
    }
    ensure!(taken > refused.len(), "circlekeep imports hardly any of the fixtures");
    say::note(format!(
        "{taken} fixtures are in one circle; {} cannot be imported ({})",
        refused.len(),
        refused.join(", ")
    ));
    Ok(())
}

/// The folders in `folder`, sorted.
fn folders(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    let mut found = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
