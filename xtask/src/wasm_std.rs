//! Finding a Rust standard library for wasm, or making one.
//!
//! Four ways, in this order:
//! 1. the active toolchain already has the target;
//! 2. `rustup target add`, unless `CIRCLEKEEP_WASM_STD=debian` is set;
//! 3. the active toolchain has the standard library's source (`rust-src`): built once, kept in the target folder;
//! 4. the same with Debian's own compiler, `/usr/bin/rustc` from `rustc-web`, installed by apt where that is possible.
//!
//! For a release ([`Form::Dist`]) the ways that build from source come first, because only they can make a library
//! whose panics abort at once; that is 10 KB less for every visitor.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use crate::{apt, files, process, say};

/// The target of the widget.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";
/// The target of programs that run outside of browsers.
pub(crate) const WASI: &str = "wasm32-wasip1";

/// What Debian calls a compiler that can build this library.
pub(crate) const DEBIAN_PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "lld-22"];

/// The oldest compiler that this workspace accepts, from its `Cargo.toml`.
const MINIMUM: &str = env!("CARGO_PKG_RUST_VERSION");

/// What the library is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Form {
    /// For development and tests: panics have messages.
    Dev,
    /// For visitors: as small as it gets.
    Dist,
}

/// A way to compile for wasm.
pub(crate) struct WasmStd {
    target: &'static str,
    /// Where it comes from, in words.
    pub(crate) origin: String,
    /// Whether panics abort at once, without a message.
    pub(crate) immediate_abort: bool,
    cargo: PathBuf,
    environment: Vec<(&'static str, OsString)>,
    rustflags: Vec<String>,
    linker: Option<PathBuf>,
}

impl WasmStd {
    /// A cargo command that compiles for the library's target; `more_flags` are further rustc flags.
    pub(crate) fn cargo(&self, subcommand: &str, more_flags: &[String]) -> Command {
        let mut command = clean(&self.cargo);
        command
            .args([subcommand, "--target", self.target])
            .envs(self.environment.iter().map(|(name, value)| (name, value)));
        // As configuration and not in RUSTFLAGS: a list there is cut at spaces, which paths may contain.
        let flags: Vec<&String> = self.rustflags.iter().chain(more_flags).collect();
        if !flags.is_empty() {
            command.arg("--config").arg(format!("target.{}.rustflags={}", self.target, serde_json::json!(flags)));
        }
        if let Some(linker) = &self.linker {
            command.arg("--config").arg(format!("target.{}.linker={}", self.target, serde_json::json!(linker)));
        }
        command
    }
}

/// Finds or makes the library for `target`, and says which way it took. What is made is kept below `folder`.
///
/// # Errors
///
/// When no way works; the error names all of them.
pub(crate) fn find(form: Form, target: &'static str, folder: &Path) -> Result<WasmStd> {
    let debian_only = env::var_os("CIRCLEKEEP_WASM_STD").is_some_and(|value| value == "debian");
    let active = Compiler::active(target);
    let cache = folder.join("wasm-sysroot");
    let mut failures: Vec<String> = Vec::new();
    let ways: &[Way] = match form {
        Form::Dev => &[Way::Present, Way::RustupTarget, Way::Source, Way::Debian],
        Form::Dist => &[Way::Source, Way::RustupSource, Way::Debian, Way::Present, Way::RustupTarget],
    };
    for way in ways {
        let attempt = match way {
            Way::Present => active.ready("the active toolchain has it"),
            Way::Source => active.build_once(form, &cache),
            Way::RustupTarget | Way::RustupSource if debian_only => {
                Err(anyhow::anyhow!("not tried, because CIRCLEKEEP_WASM_STD=debian is set"))
            }
            Way::RustupTarget => rustup(&["target", "add", target]).and_then(|()| active.ready("added by rustup")),
            Way::RustupSource => {
                rustup(&["component", "add", "rust-src"]).and_then(|()| active.build_once(form, &cache))
            }
            Way::Debian => debian(form, target, &cache),
        };
        match attempt {
            Ok(found) => {
                say::note(format!("standard library for {target}: {}", found.origin));
                return Ok(found);
            }
            Err(error) => failures.push(format!("{}: {error:#}", way.name())),
        }
    }
    bail!(
        "there is no Rust standard library for {target}\n  tried:\n    {}\n  help: `rustup target add {target}` on a \
         machine with rustup; `apt-get install {}` as root on Debian",
        failures.join("\n    "),
        DEBIAN_PACKAGES.join(" ")
    )
}

#[derive(Clone, Copy)]
enum Way {
    Present,
    RustupTarget,
    RustupSource,
    Source,
    Debian,
}

impl Way {
    fn name(self) -> &'static str {
        match self {
            Self::Present => "the active toolchain's own",
            Self::RustupTarget => "`rustup target add`",
            Self::RustupSource => "`rustup component add rust-src`",
            Self::Source => "the active toolchain's source",
            Self::Debian => "Debian's compiler",
        }
    }
}

struct Compiler {
    target: &'static str,
    rustc: PathBuf,
    cargo: PathBuf,
    /// A folder to put first on the search path, so that cargo finds the tools of the same kind.
    first_on_path: Option<&'static str>,
    name: &'static str,
}

impl Compiler {
    fn active(target: &'static str) -> Self {
        let rustc = env::var_os("RUSTC").map_or_else(|| PathBuf::from("rustc"), PathBuf::from);
        Self { target, rustc, cargo: process::cargo_path(), first_on_path: None, name: "the active toolchain" }
    }

    fn debian(target: &'static str) -> Self {
        let own = PathBuf::from("/usr/bin/cargo");
        let cargo = if own.is_file() { own } else { process::cargo_path() };
        Self {
            target,
            rustc: "/usr/bin/rustc".into(),
            cargo,
            first_on_path: Some("/usr/bin"),
            name: "Debian's compiler",
        }
    }

    fn ask(&self, arguments: &[&str]) -> Result<String> {
        process::output(clean(&self.rustc).args(arguments))
    }

    fn sysroot(&self) -> Result<PathBuf> {
        Ok(self.ask(&["--print", "sysroot"])?.into())
    }

    /// The library as the toolchain brings it.
    fn ready(&self, how: &str) -> Result<WasmStd> {
        let folder = PathBuf::from(self.ask(&["--print", "target-libdir", "--target", self.target])?);
        let there = files::below(&folder)?.iter().any(|file| {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with("libstd-") && name.ends_with(".rlib")
        });
        if !there {
            bail!("it has none for {}", self.target);
        }
        Ok(WasmStd {
            target: self.target,
            origin: format!("{how} ({})", self.ask(&["--version"])?),
            immediate_abort: false,
            cargo: self.cargo.clone(),
            environment: self.environment(false),
            rustflags: Vec::new(),
            linker: self.linker()?,
        })
    }

    /// The library built from the toolchain's own source, once per compiler and form.
    fn build_once(&self, form: Form, cache: &Path) -> Result<WasmStd> {
        self.check_source()?;
        let version = self.ask(&["-vV"])?;
        let (flags, features, level) = match form {
            Form::Dev => (vec!["-Cembed-bitcode=yes"], "", "3"),
            Form::Dist => (
                vec!["-Cembed-bitcode=yes", "-Zunstable-options", "-Cpanic=immediate-abort"],
                "optimize_for_size",
                "\"z\"",
            ),
        };
        let flags: Vec<String> = flags.into_iter().map(str::to_owned).chain(without_cargo_home()).collect();
        let recipe = format!("{version}\n{flags:?} {features} {level} v1");
        let key: String = HEXLOWER.encode(&Sha256::digest(recipe.as_bytes())).chars().take(16).collect();
        let sysroot = cache.join(key);
        if !sysroot.join("lib/rustlib").join(self.target).is_dir() {
            say::note(format!(
                "building the standard library for {} once with {} (about a minute)",
                self.target, self.name
            ));
            self.build(&sysroot, cache, &flags, features, level)?;
        }
        let mut rustflags = vec![format!("--sysroot={}", sysroot.display())];
        if form == Form::Dist {
            // Panic strategies must agree: every crate is compiled with the library's.
            rustflags.extend(["-Zunstable-options".to_owned(), "-Cpanic=immediate-abort".to_owned()]);
        }
        let release = version.lines().next().unwrap_or_default();
        Ok(WasmStd {
            target: self.target,
            origin: format!("built from the source that {} has ({release})", self.name),
            immediate_abort: form == Form::Dist,
            cargo: self.cargo.clone(),
            environment: self.environment(form == Form::Dist),
            rustflags,
            linker: self.linker()?,
        })
    }

    fn check_source(&self) -> Result<()> {
        let version = self.ask(&["--version"])?;
        if !new_enough(&version, MINIMUM) {
            bail!("{version} is older than {MINIMUM}");
        }
        let library = self.sysroot()?.join("lib/rustlib/src/rust/library/std/Cargo.toml");
        if !library.is_file() {
            bail!("it has no source of the standard library");
        }
        self.linker().map(drop)
    }

    /// Builds an empty crate with `-Zbuild-std`, outside the project's profiles, and keeps the libraries.
    fn build(&self, sysroot: &Path, cache: &Path, flags: &[String], features: &str, level: &str) -> Result<()> {
        files::make_folder(cache)?;
        let work = tempfile::Builder::new().prefix("building-").tempdir_in(cache)?;
        let manifest = format!(
            "[package]\nname = \"stdseed\"\nversion = \"0.0.0\"\nedition = \"2021\"\n[workspace]\n[lib]\n\
             [profile.release]\nopt-level = {level}\ncodegen-units = 1\npanic = \"abort\"\n"
        );
        files::write(&work.path().join("Cargo.toml"), manifest.as_bytes())?;
        files::write(&work.path().join("src/lib.rs"), b"#![no_std]\n")?;
        let mut command = clean(&self.cargo);
        command.current_dir(work.path()).args(["build", "--release", "--target", self.target]);
        command.arg("-Zbuild-std=std,panic_abort,test");
        if !features.is_empty() {
            command.arg(format!("-Zbuild-std-features={features}"));
        }
        command.arg("--config").arg(format!("target.{}.rustflags={}", self.target, serde_json::json!(flags)));
        command.arg("--target-dir").arg(work.path().join("t"));
        for (name, value) in self.environment(true) {
            command.env(name, value);
        }
        process::run(&mut command).with_context(|| format!("building the standard library for {}", self.target))?;
        let made = work.path().join("made");
        let libraries = made.join("lib");
        files::make_folder(&libraries)?;
        for file in files::below(&work.path().join("t").join(self.target).join("release/deps"))? {
            let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if name.ends_with(".rlib") && !name.starts_with("libstdseed") {
                std::fs::copy(&file, libraries.join(&name)).with_context(|| format!("cannot copy {name}"))?;
            }
        }
        // Renamed when complete, so that an interrupted build leaves nothing that looks finished. A second xtask that
        // was faster has made the same folder; then ours is not needed.
        let targets = sysroot.join("lib/rustlib");
        files::make_folder(&targets)?;
        let kept = targets.join(self.target);
        match std::fs::rename(&made, &kept) {
            Err(error) if !kept.is_dir() => Err(error).context("cannot keep the standard library"),
            _ => Ok(()),
        }
    }

    /// `bootstrap` lets a stable compiler accept the unstable flags that this library needs.
    fn environment(&self, bootstrap: bool) -> Vec<(&'static str, OsString)> {
        let mut environment = vec![("RUSTC", self.rustc.clone().into_os_string())];
        if bootstrap {
            environment.push(("RUSTC_BOOTSTRAP", "1".into()));
        }
        if let Some(first) = self.first_on_path {
            let mut path = OsString::from(first);
            if let Some(rest) = env::var_os("PATH") {
                path.push(":");
                path.push(rest);
            }
            environment.push(("PATH", path));
        }
        environment
    }

    /// The linker to name, or `None` if the compiler finds its own.
    fn linker(&self) -> Result<Option<PathBuf>> {
        let version = self.ask(&["-vV"])?;
        let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default();
        let beside = |sysroot: &Path| sysroot.join("lib/rustlib").join(host).join("bin/rust-lld");
        if beside(&self.sysroot()?).is_file() {
            return Ok(None);
        }
        // `is_file` follows links, and Debian's rust-lld is a dangling one until lld-22 is there.
        if let Some(linker) = ["rust-lld", "wasm-ld", "wasm-ld-22"].into_iter().find_map(process::find) {
            return Ok(Some(linker));
        }
        let rustup = process::output(Command::new("rustc").args(["--print", "sysroot"])).ok();
        match rustup.map(|sysroot| beside(Path::new(&sysroot))).filter(|linker| linker.is_file()) {
            Some(linker) => Ok(Some(linker)),
            None => bail!("there is no linker for wasm (Debian: lld-22)"),
        }
    }
}

fn rustup(arguments: &[&str]) -> Result<()> {
    if process::find("rustup").is_none() {
        bail!("there is no rustup");
    }
    say::note("the active toolchain lacks a wasm standard library; asking rustup for it");
    if !process::succeeds(Command::new("rustup").args(arguments))? {
        bail!("rustup could not do it");
    }
    Ok(())
}

fn debian(form: Form, target: &'static str, cache: &Path) -> Result<WasmStd> {
    let compiler = Compiler::debian(target);
    if compiler.check_source().is_err() {
        apt::ensure(&DEBIAN_PACKAGES, "the wasm standard library")?;
    }
    compiler.build_once(form, cache)
}

/// Panic messages hold the paths of source files; what visitors download must not tell about this machine.
pub(crate) fn without_cargo_home() -> Option<String> {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| env::var_os("HOME").map(|home| Path::new(&home).join(".cargo")));
    home.map(|home| format!("--remap-path-prefix={}=cargo", home.display()))
}

/// A command without the flags that a person may have set for their own builds.
fn clean(program: &Path) -> Command {
    let mut command = Command::new(program);
    for name in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_TARGET", "RUSTC_WORKSPACE_WRAPPER"] {
        command.env_remove(name);
    }
    command
}

/// Compares `rustc 1.96.0 (…)` with `1.90`.
fn new_enough(version: &str, minimum: &str) -> bool {
    let numbers = |text: &str| -> Vec<u32> { text.split('.').take(2).filter_map(|part| part.parse().ok()).collect() };
    let release = version.split_whitespace().nth(1).unwrap_or_default();
    numbers(release) >= numbers(minimum)
}

#[cfg(test)]
mod tests {
    use super::new_enough;

    #[test]
    fn versions_compare_by_number() {
        assert!(new_enough("rustc 1.96.0 (ac68faa20 2026-05-25)", "1.90"));
        assert!(new_enough("rustc 1.90.1", "1.90"));
        assert!(new_enough("rustc 1.100.0", "1.90"));
        assert!(!new_enough("rustc 1.63.0", "1.90"));
        assert!(!new_enough("not found", "1.90"));
    }
}
