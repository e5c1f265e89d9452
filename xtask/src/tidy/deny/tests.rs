use super::packages::Package;
use super::rules::Rules;
use super::{REGISTRY, check_rules};

const RULES: &str = r#"
[graph]
targets = ["x86_64-unknown-linux-gnu"]
[advisories]
yanked = "deny"
ignore = [{ id = "RUSTSEC-2024-0436", reason = "unmaintained, and does one small thing" }]
[licenses]
allow = ["MIT", "Apache-2.0", "Unicode-3.0", "Apache-2.0 WITH LLVM-exception"]
[bans]
multiple-versions = "deny"
wildcards = "deny"
allow-wildcard-paths = true
deny = [{ crate = "rsa", reason = "open advisory" }, { crate = "old:<2", reason = "unsound before 2" }]
skip = [{ crate = "twice:0.1", reason = "below another" }]
[sources]
unknown-registry = "deny"
unknown-git = "deny"
"#;

fn package(name: &str, version: &str) -> Package {
    Package {
        name: name.into(),
        version: version.parse().unwrap(),
        license: Some("MIT".into()),
        source: Some(REGISTRY.into()),
        compiled: true,
        dependencies: Vec::new(),
    }
}

/// What is wrong with a project in order to which `more` was added.
fn problems(more: impl IntoIterator<Item = Package>) -> Vec<String> {
    let in_order = [package("twice", "0.1.7"), package("twice", "0.2.0"), package("old", "2.1.0")];
    let packages: Vec<Package> = in_order.into_iter().chain(more).collect();
    let found = check_rules(&toml::from_str(RULES).unwrap(), &packages).unwrap();
    found.into_iter().map(|one| format!("{}: {}", one.place, one.what)).collect()
}

#[test]
fn a_project_in_order_has_no_problems() {
    assert_eq!(problems([]), Vec::<String>::new());
}

#[test]
fn licences_are_evaluated() {
    for (license, allowed) in [
        ("MIT OR GPL-3.0-only", true),
        ("MIT/Apache-2.0", true),
        ("Apache-2.0 / MIT", true),
        ("(MIT OR Apache-2.0) AND Unicode-3.0", true),
        ("Apache-2.0 WITH LLVM-exception OR GPL-3.0-only", true),
        ("MIT AND GPL-3.0-only", false),
        ("GPL-3.0-or-later", false),
        ("MPL-2.0", false),
        ("something of my own", false),
    ] {
        let one = Package { license: Some(license.into()), ..package("a", "1.0.0") };
        assert_eq!(problems([one]).is_empty(), allowed, "{license}");
    }
    assert_eq!(problems([Package { license: None, ..package("a", "1.0.0") }]).len(), 1);
}

#[test]
fn banned_crates_are_found_only_where_they_are_compiled() {
    assert_eq!(problems([package("rsa", "0.9.10")]), ["rsa 0.9.10: deny.toml bans this crate: open advisory"]);
    assert_eq!(problems([package("rsa", "0.10.0-rc.12")]).len(), 1);
    assert_eq!(problems([Package { compiled: false, ..package("rsa", "0.9.10") }]).len(), 0);
    // 1.9 is banned, and stands beside 2.1.
    assert_eq!(problems([package("old", "1.9.0")]).len(), 2);
}

#[test]
fn a_second_version_is_found_unless_it_is_skipped() {
    assert_eq!(problems([package("old", "3.0.0")]), ["old: is compiled 2 times: 2.1.0, 3.0.0"]);
    assert_eq!(problems([package("twice", "0.3.0")]), ["twice: is compiled 2 times: 0.2.0, 0.3.0"]);
    assert_eq!(problems([Package { compiled: false, ..package("old", "3.0.0") }]).len(), 0);
}

#[test]
fn a_skip_that_is_not_needed_is_found() {
    let rules: Rules = toml::from_str(RULES).unwrap();
    for packages in
        [vec![], vec![package("twice", "0.1.7")], vec![package("twice", "0.2.0"), package("twice", "0.3.0")]]
    {
        let found = check_rules(&rules, &packages).unwrap();
        assert!(found.iter().any(|one| one.what.contains("`twice:0.1` no longer")), "{found:?}");
    }
}

#[test]
fn open_versions_are_found() {
    let with = |requirement: &str, ours| Package {
        source: None,
        dependencies: vec![("b".into(), requirement.parse().unwrap(), ours)],
        ..package("a", "1.0.0")
    };
    assert_eq!(problems([with("*", false)]), ["a: takes any version of b"]);
    assert_eq!(problems([with("*", true)]).len(), 0);
    assert_eq!(problems([with("1", false)]).len(), 0);
}

#[test]
fn other_sources_are_found_even_where_nothing_is_compiled() {
    for source in ["git+https://code.example/x", "registry+https://packages.example/index"] {
        let one = Package { source: Some(source.into()), compiled: false, ..package("a", "1.0.0") };
        assert_eq!(problems([one]), [format!("a 1.0.0: comes from {source}")]);
    }
    assert_eq!(problems([Package { source: None, ..package("a", "1.0.0") }]).len(), 0);
}

#[test]
fn rules_that_cannot_be_followed_are_refused() {
    assert!(toml::from_str::<Rules>(&RULES.replace("[sources]", "[sources]\nallow-git = []")).is_err());
    assert!(toml::from_str::<Rules>(&RULES.replace("wildcards = \"deny\"", "wildcards = \"warn\"")).is_err());
    for (rule, broken) in [("\"MIT\"", "\"My licence\""), ("old:<2", "old:two")] {
        assert!(check_rules(&toml::from_str(&RULES.replace(rule, broken)).unwrap(), &[]).is_err(), "{broken}");
    }
    let no_reason = RULES.replace("\"below another\"", "\"\"");
    let packages = [package("twice", "0.1.7"), package("twice", "0.2.0")];
    assert_eq!(check_rules(&toml::from_str(&no_reason).unwrap(), &packages).unwrap().len(), 1);
}
