//! The graph of a crate, for people.

use std::collections::{BTreeMap, BTreeSet};

use super::graph::{Definition, Graph};
use crate::say;

/// How many names of a list are shown.
const NAMES: usize = 5;

/// Prints the circles of a target, of which those of more than `largest` files are too large, what closes those,
/// and the edges between its rooms.
pub(super) fn print(root: &str, graph: &Graph, largest: usize) {
    let folder = root.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
    let short = |file: usize| graph.file(file).strip_prefix(&folder).unwrap_or(graph.file(file));
    let circles = graph.circles();
    say::result(format!("{root}: {} files, {} edges, {} circles", graph.files.len(), graph.edges.len(), circles.len()));
    for circle in &circles {
        let files: Vec<&str> = circle.iter().map(|file| short(*file)).collect();
        say::result(format!("  circle of {}: {}", circle.len(), files.join(" ")));
        for one in graph.closing(circle, largest) {
            say::result(format!("    closed by {}", describe(&one, &short)));
        }
    }
    let room = |file: usize| room(short(file), root.strip_prefix(&folder).unwrap_or(root));
    let mut rooms: BTreeMap<(&str, &str), BTreeSet<String>> = BTreeMap::new();
    for ((from, to), names) in &graph.edges {
        let (from, to) = (room(*from), room(*to));
        if from != to {
            rooms.entry((from, to)).or_default().extend(names.iter().cloned());
        }
    }
    let mut from_before = "";
    for ((from, to), names) in &rooms {
        if *from != from_before {
            say::result(format!("  {from}"));
            from_before = from;
        }
        // Back and forth between two rooms is a circle of rooms, even if no file is in one.
        let arrow = if rooms.contains_key(&(*to, *from)) { "<->" } else { "-->" };
        say::result(format!("    {arrow} {to}: {}", list(names.iter().map(String::as_str))));
    }
}

/// The top module that a file belongs to: `import` for `import/run.rs` and for `import.rs`.
fn room<'a>(file: &'a str, root: &str) -> &'a str {
    if file == root {
        return "(root)";
    }
    let top = file.split('/').next().unwrap_or(file);
    top.strip_suffix(".rs").unwrap_or(top)
}

/// A definition and who uses it, with the files as `short` calls them.
pub(super) fn describe<'a>(one: &Definition, short: &impl Fn(usize) -> &'a str) -> String {
    format!("{}: {}, used by {}", short(one.file), one.name, list(one.users.iter().map(|user| short(*user))))
}

/// The first few names, and how many there are beside.
fn list<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> String {
    let more = names.len().saturating_sub(NAMES);
    let mut text = names.take(NAMES).collect::<Vec<_>>().join(", ");
    if more > 0 {
        text.push_str(&format!(", {more} more"));
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_room_is_a_file_and_the_folder_of_its_name() {
        for (file, room) in [("lib.rs", "(root)"), ("import.rs", "import"), ("import/run.rs", "import")] {
            assert_eq!(super::room(file, "lib.rs"), room);
        }
    }
}
