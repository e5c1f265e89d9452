//! What may be depended on: the rules of `deny.toml`, checked without cargo-deny, which takes minutes to compile.
//!
//! Licences, banned crates, two versions of one crate, versions left open, and sources are checked here. Advisories and yanked
//! versions are not, because both need a list that is not in the project. Where cargo-deny is installed it is asked too, so that
//! the two cannot drift apart.

mod packages;
mod rules;

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use cargo_metadata::Metadata;
use cargo_metadata::semver::{Version, VersionReq};
use spdx::{Expression, Licensee, ParseMode};

use self::packages::Package;
use self::rules::{Level, Named, Rules};
use super::source::Source;
use super::violation::Violation;
use crate::workspace::Workspace;
use crate::{process, say};

/// The file with the rules.
const FILE: &str = "deny.toml";
/// How cargo calls the usual registry.
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Checks `metadata`, the resolved graph, by the rules, and asks cargo-deny if it is there.
pub(super) fn check(workspace: &Workspace, metadata: &Metadata, sources: &[Source]) -> Result<Vec<Violation>> {
    let Some(source) = sources.iter().find(|source| source.path == FILE) else {
        return Ok(vec![Violation::new(FILE, "not there", "it says what may be depended on")]);
    };
    let rules = match toml::from_str::<Rules>(&source.text) {
        Ok(rules) => rules,
        Err(error) => {
            let what = format!("cannot be read: {}", error.to_string().trim_end().replace('\n', "\n    "));
            return Ok(vec![Violation::new(FILE, what, "xtask/src/tidy/deny/rules.rs has what tidy understands")]);
        }
    };
    let packages = packages::all(workspace, metadata, &rules.graph.targets)?;
    let mut found = check_rules(&rules, &packages).with_context(|| format!("{FILE} cannot be followed"))?;
    if process::find("cargo-deny").is_some() {
        let mut deny = process::cargo();
        deny.current_dir(&workspace.root).args(["deny", "--offline", "check", "licenses", "bans", "sources"]);
        if !process::succeeds(&mut deny)? {
            found.push(Violation::new(FILE, "cargo-deny found something (see above)", "it explains each finding"));
        }
    } else {
        say::note(format!("tidy: cargo-deny is not installed; {FILE} is checked without it, advisories are not"));
    }
    Ok(found)
}

fn check_rules(rules: &Rules, packages: &[Package]) -> Result<Vec<Violation>> {
    let mut found = Vec::new();
    let compiled: Vec<&Package> = packages.iter().filter(|package| package.compiled).collect();
    check_licences(&rules.licenses.allow, &compiled, &mut found)?;
    check_banned(&rules.bans.deny, &compiled, &mut found)?;
    if rules.bans.multiple_versions == Level::Deny {
        check_duplicates(&rules.bans.skip, &compiled, &mut found)?;
    }
    if rules.bans.wildcards == Level::Deny {
        check_wildcards(rules.bans.allow_wildcard_paths, packages, &mut found);
    }
    check_sources(rules, packages, &mut found);
    let reasons = rules.bans.deny.iter().chain(&rules.bans.skip).map(|named| (&named.spec, &named.reason));
    let reasons = reasons.chain(rules.advisories.ignore.iter().map(|ignored| (&ignored.id, &ignored.reason)));
    for (name, _) in reasons.filter(|(_, reason)| reason.trim().is_empty()) {
        found.push(Violation::new(FILE, format!("`{name}` has no reason"), "say why it is there"));
    }
    Ok(found)
}

fn check_licences(allow: &[String], compiled: &[&Package], found: &mut Vec<Violation>) -> Result<()> {
    let allowed = allow.iter().map(|name| Licensee::parse(name).with_context(|| format!("`{name}` is no licence")));
    let allowed: Vec<Licensee> = allowed.collect::<Result<_>>()?;
    for package in compiled {
        let place = format!("{} {}", package.name, package.version);
        let Some(license) = &package.license else {
            found.push(Violation::new(place, "has no licence expression", "use another crate, or ask its author"));
            continue;
        };
        // Lax: `MIT/Apache-2.0` is how many older crates write it.
        match Expression::parse_mode(license, ParseMode::LAX) {
            Ok(expression) if expression.evaluate(|asked| allowed.iter().any(|one| one.satisfies(asked))) => {}
            Ok(_) => {
                let help =
                    format!("use another crate, or add the licence to {FILE} if it may be linked into our programs");
                found.push(Violation::new(
                    place,
                    format!("its licence is `{license}`, which {FILE} does not allow"),
                    help,
                ));
            }
            Err(error) => {
                let what = format!("its licence `{license}` is no SPDX expression: {}", error.reason);
                found.push(Violation::new(place, what, "use another crate, or ask its author"));
            }
        }
    }
    Ok(())
}

fn check_banned(deny: &[Named], compiled: &[&Package], found: &mut Vec<Violation>) -> Result<()> {
    for Named { spec, reason } in deny {
        let spec = Spec::parse(spec)?;
        for package in compiled.iter().filter(|package| spec.matches(package)) {
            found.push(Violation::new(
                format!("{} {}", package.name, package.version),
                format!("{FILE} bans this crate: {reason}"),
                format!("`cargo tree --workspace --target all --invert {}` shows who uses it", package.name),
            ));
        }
    }
    Ok(())
}

fn check_duplicates(skip: &[Named], compiled: &[&Package], found: &mut Vec<Violation>) -> Result<()> {
    let skip: Vec<(Spec, &str)> =
        skip.iter().map(|named| Ok((Spec::parse(&named.spec)?, named.spec.as_str()))).collect::<Result<_>>()?;
    let mut versions: BTreeMap<&str, Vec<&Package>> = BTreeMap::new();
    for package in compiled {
        versions.entry(&package.name).or_default().push(package);
    }
    for (name, packages) in &versions {
        let left = packages.iter().filter(|package| !skip.iter().any(|(spec, _)| spec.matches(package)));
        let left: Vec<String> = left.map(|package| package.version.to_string()).collect();
        if left.len() > 1 {
            found.push(Violation::new(
                *name,
                format!("is compiled {} times: {}", left.len(), left.join(", ")),
                format!(
                    "`cargo tree --workspace --target all --invert {name}@{}` shows for whom; if it cannot be helped, add it to \
                     `skip` in {FILE} with the reason",
                    left.first().map(String::as_str).unwrap_or_default()
                ),
            ));
        }
    }
    for (spec, written) in skip {
        let all = versions.get(spec.name.as_str()).map(Vec::as_slice).unwrap_or_default();
        if all.len() < 2 || !all.iter().any(|package| spec.matches(package)) {
            found.push(Violation::new(
                FILE,
                format!("`{written}` no longer stands beside another version"),
                "remove its line",
            ));
        }
    }
    Ok(())
}

fn check_wildcards(paths_may: bool, packages: &[Package], found: &mut Vec<Violation>) {
    for package in packages {
        for (name, requirement, ours) in &package.dependencies {
            if *requirement == VersionReq::STAR && !(paths_may && *ours) {
                found.push(Violation::new(
                    &package.name,
                    format!("takes any version of {name}"),
                    "ask for a version, so that an update cannot change what it gets",
                ));
            }
        }
    }
}

/// Looks at the whole lock file: cargo downloads what it names, compiled or not.
fn check_sources(rules: &Rules, packages: &[Package], found: &mut Vec<Violation>) {
    for package in packages {
        let Some(source) = package.source.as_deref().filter(|source| *source != REGISTRY) else { continue };
        let level = if source.starts_with("git+") { rules.sources.unknown_git } else { rules.sources.unknown_registry };
        if level == Level::Deny {
            found.push(Violation::new(
                format!("{} {}", package.name, package.version),
                format!("comes from {source}"),
                "take it from the usual registry, or into a folder of the project",
            ));
        }
    }
}

/// A crate and which of its versions.
struct Spec {
    name: String,
    requirement: VersionReq,
}

impl Spec {
    /// Reads `name`, `name@1.2.3` (this version) and `name:requirement`, as cargo-deny does.
    fn parse(text: &str) -> Result<Self> {
        let (name, requirement) = match (text.split_once('@'), text.split_once(':')) {
            (Some((name, version)), _) => (name, format!("={version}")),
            (_, Some((name, requirement))) => (name, requirement.to_owned()),
            _ => (text, "*".to_owned()),
        };
        let requirement = VersionReq::parse(&requirement).with_context(|| format!("`{text}` names no version"))?;
        Ok(Self { name: name.to_owned(), requirement })
    }

    fn matches(&self, package: &Package) -> bool {
        // By its number alone: the requirement `*` would leave out versions such as 1.0.0-rc.1.
        let Version { major, minor, patch, .. } = package.version;
        self.name == package.name
            && (self.requirement.matches(&package.version)
                || self.requirement.matches(&Version::new(major, minor, patch)))
    }
}

#[cfg(test)]
mod tests;
