use std::collections::BTreeMap;

use super::{Crate, Source, Violation, check_trees};

/// The sources of a crate whose root declares every other file at the top.
fn crate_of(files: &[(&str, &str)]) -> Vec<Source> {
    let declared: String = files
        .iter()
        .filter(|(path, _)| *path != "lib.rs" && !path.contains('/'))
        .map(|(path, _)| format!("mod {};\n", path.trim_end_matches(".rs")))
        .collect();
    let root = files.iter().find(|(path, _)| *path == "lib.rs").map_or("", |(_, text)| text);
    let mut sources = vec![Source { path: "a/src/lib.rs".into(), text: format!("{declared}{root}") }];
    sources.extend(
        files
            .iter()
            .filter(|(path, _)| *path != "lib.rs")
            .map(|(path, text)| Source { path: format!("a/src/{path}"), text: (*text).to_owned() }),
    );
    sources
}

fn check(files: &[(&str, &str)], excepted: Option<usize>) -> Vec<Violation> {
    let sources = crate_of(files);
    let one = Crate { name: "a".into(), roots: vec!["a/src/lib.rs".into()] };
    let by_path: BTreeMap<&str, &Source> = sources.iter().map(|source| (source.path.as_str(), source)).collect();
    check_trees("a", &one.trees(&by_path), excepted)
}

/// Edges as `from -> to: names`, without the folder.
fn edges(files: &[(&str, &str)]) -> Vec<String> {
    let sources = crate_of(files);
    let by_path: BTreeMap<&str, &Source> = sources.iter().map(|source| (source.path.as_str(), source)).collect();
    let tree = super::Tree::read("a/src/lib.rs", &by_path);
    assert_eq!(tree.unread, []);
    let graph = tree.graph();
    let short = |file: usize| graph.file(file).trim_start_matches("a/src/").to_owned();
    let edges = graph.edges.iter().map(|((from, to), names)| {
        format!("{} -> {}: {}", short(*from), short(*to), names.iter().cloned().collect::<Vec<_>>().join(" "))
    });
    edges.collect()
}

const FIVE: [(&str, &str); 5] = [
    ("one.rs", "use crate::two::Two; pub struct One(Two); pub fn more() {}"),
    ("two.rs", "pub struct Two(super::three::Three); pub fn more() {}"),
    ("three.rs", "use super::four; pub struct Three; fn f() { four::four() }"),
    ("four.rs", "pub fn four() { println!(\"{}\", crate::five::FIVE) }"),
    ("five.rs", "pub const FIVE: u8 = 5; type Back = crate::one::One;"),
];

#[test]
fn a_circle_of_five_files_is_found_and_told_how_to_open() {
    let found = check(&FIVE, None);
    let [one] = found.as_slice() else { panic!("{found:?}") };
    assert!(one.what.starts_with("5 files form a circle, more than 4: "), "{one:?}");
    for file in ["one.rs", "two.rs", "three.rs", "four.rs", "five.rs"] {
        assert!(one.what.contains(file), "{one:?}");
    }
    // One definition is enough to open it, and one is named.
    assert_eq!(one.help.matches(", used by ").count(), 1, "{one:?}");
}

#[test]
fn a_circle_of_four_files_is_allowed() {
    let mut four = FIVE;
    four[3] = ("four.rs", "pub fn four() {} type Back = crate::one::One;");
    assert_eq!(check(&four, None), []);
}

#[test]
fn an_exception_holds_up_to_its_number_and_ends_when_it_is_not_needed() {
    assert_eq!(check(&FIVE, Some(5)), []);
    assert_eq!(check(&FIVE[..4], Some(5)).len(), 1);
    let mut six = FIVE.to_vec();
    six[4].1 = "pub const FIVE: u8 = crate::six::SIX;";
    six.push(("six.rs", "pub const SIX: u8 = 5; type Back = crate::one::One;"));
    assert_eq!(check(&six, Some(5)).len(), 1);
}

#[test]
fn re_exports_lead_to_the_file_that_defines() {
    assert_eq!(
        edges(&[
            ("lib.rs", "pub use door::Deep as Renamed;"),
            ("door.rs", "mod inner; pub use inner::{Deep, *};"),
            ("door/inner.rs", "pub struct Deep; pub fn all() {}"),
            ("user.rs", "use crate::door; fn f(_: crate::Renamed) { door::all() }"),
        ]),
        ["lib.rs -> door/inner.rs: Deep", "door.rs -> door/inner.rs: * Deep", "user.rs -> door/inner.rs: Deep all",]
    );
}

#[test]
fn tests_declarations_comments_and_visibility_are_no_edges() {
    let nothing = [
        ("lib.rs", "#[cfg(test)] mod checked;"),
        ("one.rs", "#[cfg(test)]\nmod tests { use crate::two::Two; }\n#[cfg(all(test, unix))] use crate::two::Two;"),
        ("two.rs", "/// See [`crate::one::f`].\npub(in crate::two) struct Two; #[test] fn f() { crate::one::x() }"),
        ("three.rs", "use super::two; mod below;"),
        ("three/below.rs", "use ::two::Two; use std::two::Two as _;"),
    ];
    // The attribute stands on a second declaration, so take the first away.
    assert_eq!(edges(&nothing[1..]), Vec::<String>::new());
    assert_eq!(
        edges(&[("one.rs", "#[cfg(not(test))] use crate::two::Two;"), ("two.rs", "pub struct Two;")]),
        ["one.rs -> two.rs: Two"]
    );
}

#[test]
fn paths_are_seen_in_macros_attributes_types_and_blocks() {
    let two = ("two.rs", "pub struct Two; pub mod inside { pub fn deep() {} } pub enum Kind { A }");
    for (code, name) in [
        ("fn f() { assert_eq!(1, g(super::two::inside::deep())); }", "deep"),
        ("#[serde(with = \"crate::two::Two\")] struct S;", "Two"),
        ("struct S { #[arg(value_parser = super::two::Two)] x: u8 }", "Two"),
        ("fn f() -> Vec<Option<crate::two::Two>> { vec![] }", "Two"),
        ("fn f() { use crate::two::Kind::*; A; }", "Kind"),
        ("mod block { use super::super::two::{self, Two as T}; }", "Two"),
        ("impl From<crate::two::Two> for u8 {}", "Two"),
        ("use super::*; fn f(_: two::Two) {}", "Two"),
    ] {
        let found = edges(&[("one.rs", code), two]);
        assert!(found.contains(&format!("one.rs -> two.rs: {name}")), "{code}: {found:?}");
    }
}

#[test]
fn globs_that_bring_each_other_in_end() {
    assert_eq!(
        edges(&[("one.rs", "pub use super::two::*; fn f() { nowhere::x() }"), ("two.rs", "pub use super::one::*;")]),
        ["one.rs -> two.rs: *", "two.rs -> one.rs: *"]
    );
}

#[test]
fn files_are_where_rust_looks_for_them() {
    assert_eq!(
        edges(&[
            ("lib.rs", "mod folder; use folder::below::X; #[path = \"other/named.rs\"] mod called; use called::Y;"),
            ("folder/mod.rs", "pub mod below;"),
            ("folder/below.rs", "pub struct X;"),
            ("other/named.rs", "pub struct Y;"),
        ]),
        ["lib.rs -> other/named.rs: Y", "lib.rs -> folder/below.rs: X"]
    );
}

#[test]
fn what_cannot_be_read_is_told() {
    assert_eq!(check(&[("lib.rs", "mod gone;")], None).len(), 1);
    assert_eq!(check(&[("one.rs", "fn (")], None).len(), 1);
}
