//! The rules of `deny.toml`, in the form in which cargo-deny reads them.

use serde::Deserialize;

/// The file. A setting that is not listed here is an error: a rule that nobody reads must not look like one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rules {
    pub(super) graph: Graph,
    pub(super) advisories: Advisories,
    pub(super) licenses: Licenses,
    pub(super) bans: Bans,
    pub(super) sources: Sources,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Graph {
    /// The systems that we build for.
    pub(super) targets: Vec<String>,
}

/// What needs a list of advisories, which only cargo-deny has.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Advisories {
    #[serde(rename = "yanked")]
    _yanked: Level,
    pub(super) ignore: Vec<Ignored>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ignored {
    pub(super) id: String,
    pub(super) reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Licenses {
    pub(super) allow: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Bans {
    pub(super) multiple_versions: Level,
    pub(super) wildcards: Level,
    pub(super) allow_wildcard_paths: bool,
    pub(super) deny: Vec<Named>,
    /// Versions that may stand beside another of the same crate.
    pub(super) skip: Vec<Named>,
}

/// A crate, with the reason why it is named.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Named {
    /// `name`, `name@1.2.3` or `name:requirement`.
    #[serde(rename = "crate")]
    pub(super) spec: String,
    pub(super) reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Sources {
    pub(super) unknown_registry: Level,
    pub(super) unknown_git: Level,
}

/// cargo-deny's `warn` is left out: nobody reads a warning.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Level {
    Allow,
    Deny,
}
