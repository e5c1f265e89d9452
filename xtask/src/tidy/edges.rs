//! Which crate may depend on which.

use std::collections::BTreeMap;

use cargo_metadata::{DependencyKind, Metadata, Package};

use super::violation::Violation;

/// The arrows of the diagram in ARCHITECTURE.md: crate, and which of ours it may use.
const OURS: &[(&str, &[&str])] = &[
    ("circle-model", &[]),
    ("circle-html", &["circle-model"]),
    ("circle-content", &["circle-html", "circle-model"]),
    ("circle-import", &["circle-content", "circle-html", "circle-model"]),
    ("circle-site", &["circle-content", "circle-html", "circle-model"]),
    ("circle-publish", &["circle-site", "circle-content", "circle-html", "circle-model"]),
    (
        "site-gen",
        &[
            "circle-publish",
            "circle-site",
            "circle-import",
            "circle-content",
            "circle-html",
            "circle-model",
            "circle-api",
        ],
    ),
    ("circle-api", &["circle-model"]),
    ("circle-widget", &["circle-model"]),
    (
        "circle-tests",
        &[
            "site-gen",
            "circle-publish",
            "circle-site",
            "circle-import",
            "circle-content",
            "circle-html",
            "circle-api",
            "circle-model",
        ],
    ),
    ("xtask", &[]),
    ("xtask-widget", &[]),
    ("xtask-bench", &[]),
];

/// Edges that must be behind a feature.
const OPTIONAL: &[(&str, &str)] = &[("site-gen", "circle-api")];

/// Libraries that only some of ours may use, and why.
const RESTRICTED: &[(&str, &[&str], &str)] = &[
    ("leptos", &["circle-widget"], "the widget alone is a Leptos application"),
    ("sqlx", &["circle-api", "circle-tests"], "only the API talks to a database"),
];

/// Features that nobody may enable, and why.
const FORBIDDEN_FEATURES: &[(&str, &str, &str)] = &[
    ("leptos", "ssr", "it breaks the event handlers of every client-side build (leptos issue 4586)"),
    ("leptos", "hydrate", "it adds 30 KB, and static pages carry no hydration markers"),
];

/// Crates whose versions must be equal.
const SAME_VERSION: &[(&str, &str)] = &[("wasm-bindgen", "wasm-bindgen-cli-support")];

/// What the checks look at.
#[derive(Default)]
pub(super) struct Graph {
    edges: Vec<Edge>,
    /// Every resolved package: name, version, enabled features.
    resolved: Vec<(String, String, Vec<String>)>,
    members: Vec<String>,
}

struct Edge {
    from: String,
    to: String,
    optional: bool,
}

impl Graph {
    /// `packages` are the workspace's own, `metadata` is the resolved graph.
    pub(super) fn of(packages: &[Package], metadata: &Metadata) -> Self {
        let mut graph = Self::default();
        for package in packages {
            graph.members.push(package.name.to_string());
            let normal =
                package.dependencies.iter().filter(|dependency| dependency.kind != DependencyKind::Development);
            graph.edges.extend(normal.map(|dependency| Edge {
                from: package.name.to_string(),
                to: dependency.name.clone(),
                optional: dependency.optional,
            }));
        }
        let features: BTreeMap<_, Vec<String>> = metadata
            .resolve
            .iter()
            .flat_map(|resolve| &resolve.nodes)
            .map(|node| (&node.id, node.features.iter().map(|feature| feature.to_string()).collect()))
            .collect();
        graph.resolved.extend(metadata.packages.iter().map(|package| {
            let features = features.get(&package.id).cloned().unwrap_or_default();
            (package.name.to_string(), package.version.to_string(), features)
        }));
        graph
    }
}

pub(super) fn check(graph: &Graph) -> Vec<Violation> {
    let mut found = Vec::new();
    for member in &graph.members {
        if !OURS.iter().any(|(name, _)| name == member) {
            found.push(Violation::new(
                member,
                "this crate is not in the diagram of dependencies",
                "add it to ARCHITECTURE.md and to xtask/src/tidy/edges.rs",
            ));
        }
    }
    for Edge { from, to, optional } in &graph.edges {
        let allowed = OURS.iter().find(|(name, _)| name == from).map_or(&[][..], |(_, allowed)| allowed);
        if graph.members.contains(to) && !allowed.contains(&to.as_str()) {
            found.push(Violation::new(
                from,
                format!("depends on {to}, which the design's diagram does not have"),
                "move what it needs to a crate that both may use, often circle-model",
            ));
        }
        if !optional && OPTIONAL.contains(&(from.as_str(), to.as_str())) {
            found.push(Violation::new(
                from,
                format!("depends on {to} always"),
                "make it optional, behind the feature `serve`",
            ));
        }
        for (library, users, reason) in RESTRICTED {
            if to == library && !users.contains(&from.as_str()) {
                found.push(Violation::new(from, format!("depends on {library}"), *reason));
            }
        }
    }
    for (name, _, features) in &graph.resolved {
        for (library, feature, reason) in FORBIDDEN_FEATURES {
            if name == library && features.iter().any(|enabled| enabled == feature) {
                found.push(Violation::new(
                    format!("{library}/{feature}"),
                    format!("this feature is enabled: {reason}"),
                    format!("`cargo tree --workspace -e features -i {library}` shows by whom"),
                ));
            }
        }
    }
    for (one, other) in SAME_VERSION {
        let version = |wanted: &str| graph.resolved.iter().find(|(name, ..)| name == wanted).map(|(_, v, _)| v);
        if let (Some(a), Some(b)) = (version(one), version(other))
            && a != b
        {
            found.push(Violation::new(
                "Cargo.lock",
                format!("{one} is {a} and {other} is {b}; they must be equal"),
                format!("cargo update --package {other} --precise {a}"),
            ));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{Edge, Graph, check};

    fn edge(from: &str, to: &str) -> Edge {
        Edge { from: from.into(), to: to.into(), optional: false }
    }

    fn graph(edges: Vec<Edge>) -> Graph {
        let members = ["circle-model", "site-gen", "circle-api", "circle-widget"].map(String::from).to_vec();
        Graph { edges, members, resolved: Vec::new() }
    }

    #[test]
    fn the_diagram_itself_is_fine() {
        let optional = Edge { optional: true, ..edge("site-gen", "circle-api") };
        let fine = vec![edge("circle-api", "circle-model"), edge("circle-api", "sqlx"), optional];
        assert_eq!(check(&graph(fine)), []);
    }

    #[test]
    fn edges_outside_the_diagram_are_found() {
        for (from, to) in [
            ("circle-model", "circle-api"),
            ("circle-widget", "site-gen"),
            ("circle-api", "leptos"),
            ("site-gen", "sqlx"),
            ("site-gen", "circle-api"),
        ] {
            assert_eq!(check(&graph(vec![edge(from, to)])).len(), 1, "{from} -> {to}");
        }
    }

    #[test]
    fn a_new_crate_must_be_drawn() {
        let graph = Graph { members: vec!["novel".into()], ..Graph::default() };
        assert_eq!(check(&graph).len(), 1);
    }

    #[test]
    fn forbidden_features_and_unequal_versions_are_found() {
        let package = |name: &str, version: &str, feature: &str| (name.into(), version.into(), vec![feature.into()]);
        let mut graph = graph(Vec::new());
        graph.resolved = vec![package("leptos", "0.8.23", "csr"), package("other", "1.0.0", "ssr")];
        assert_eq!(check(&graph), []);
        graph.resolved.push(package("leptos", "0.8.23", "ssr"));
        graph.resolved.push(package("wasm-bindgen", "0.2.130", "std"));
        graph.resolved.push(package("wasm-bindgen-cli-support", "0.2.131", "std"));
        assert_eq!(check(&graph).len(), 2);
    }
}
