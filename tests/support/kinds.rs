//! The kinds of pages that a built site has, found by looking, so that a page that somebody adds is judged without being listed.
//!
//! 1. A path's *pattern* keeps the first folder and `index.html` and puts `#` for numbers and `*` for names: `posts/#/#/*`.
//! 2. Of each pattern the page with the most class names stands for all.
//! 3. More pages are taken until every class name that any page has is on one that was taken.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// A page that stands for others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kind {
    /// Its pattern, and, for the second page of a pattern and those after it, the class name that it was taken for.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
}

/// What has been taken already, across sites.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    patterns: BTreeSet<String>,
    classes: BTreeSet<String>,
}

/// The kinds of pages of the site in `public`, in the order of their names.
#[must_use]
pub fn of(public: &Path) -> Vec<Kind> {
    beyond(public, &mut Seen::default())
}

/// The kinds of pages of the site in `public` that `seen` does not hold yet.
///
/// # Panics
/// When the site's manifest or a page that it lists cannot be read.
#[must_use]
pub fn beyond(public: &Path, seen: &mut Seen) -> Vec<Kind> {
    let manifest = fs::read_to_string(public.join("manifest-sha256.txt")).expect("a built site has a manifest");
    let paths =
        manifest.lines().filter_map(|line| Some(line.split_once("  ")?.1)).filter(|path| path.ends_with(".html"));
    let mut patterns: BTreeMap<String, Vec<(&str, BTreeSet<String>)>> = BTreeMap::new();
    for path in paths {
        let html = fs::read_to_string(public.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        let pattern = if html.contains("http-equiv=\"refresh\"") { "(stub)".to_owned() } else { pattern(path) };
        patterns.entry(pattern).or_default().push((path, classes(&html)));
    }
    let mut kinds = Vec::new();
    let mut take = |name: String, path: &str, classes: &BTreeSet<String>, seen: &mut Seen| {
        seen.classes.extend(classes.iter().cloned());
        kinds.push(Kind { name, path: public.join(path) });
    };
    for (pattern, pages) in &patterns {
        if !seen.patterns.insert(pattern.clone()) {
            continue;
        }
        // The first of those with the most.
        let most = pages.iter().map(|(_, classes)| classes.len()).max().unwrap_or_default();
        if let Some((path, classes)) = pages.iter().find(|(_, classes)| classes.len() == most) {
            take(pattern.clone(), path, classes, seen);
        }
    }
    loop {
        let new = |classes: &BTreeSet<String>| classes.difference(&seen.classes).count();
        let all = patterns.iter().flat_map(|(pattern, pages)| pages.iter().map(move |page| (pattern, page)));
        let best = all.map(|(pattern, (path, classes))| (new(classes), pattern, path, classes));
        let Some((count, pattern, path, classes)) = best.reduce(|a, b| if b.0 > a.0 { b } else { a }) else { break };
        if count == 0 {
            break;
        }
        let reason = classes.difference(&seen.classes).next().cloned().unwrap_or_default();
        take(format!("{pattern} {reason}"), path, classes, seen);
    }
    kinds.sort_by(|a, b| a.name.cmp(&b.name));
    kinds
}

/// `posts/2021/05/x.html` is `posts/#/#/*`.
fn pattern(path: &str) -> String {
    let path = path.strip_suffix(".html").unwrap_or(path);
    let parts = path.split('/').enumerate().map(|(depth, part)| match part {
        _ if !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()) && (depth > 0 || part != "404") => "#",
        _ if depth == 0 => part,
        "index" | "page" | "undated" => part,
        _ => "*",
    });
    parts.collect::<Vec<_>>().join("/")
}

/// The class names in a page.
fn classes(html: &str) -> BTreeSet<String> {
    let values = html.split(" class=\"").skip(1).filter_map(|rest| rest.split('"').next());
    values.flat_map(str::split_whitespace).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::pattern;

    #[test]
    fn names_and_numbers_of_a_path_become_signs() {
        for (path, wanted) in [
            ("index.html", "index"),
            ("404.html", "404"),
            ("page/2.html", "page/#"),
            ("posts/2021/05/边城.html", "posts/#/#/*"),
            ("posts/undated/x.html", "posts/undated/*"),
            ("members/index.html", "members/index"),
            ("members/m-a/2.html", "members/*/#"),
        ] {
            assert_eq!(pattern(path), wanted, "{path}");
        }
    }
}
