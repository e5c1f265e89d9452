//! Finds folders of blog programs, and the files in them that the program generated.

use std::collections::BTreeSet;

use super::folder_of;
use circle_content::input::Input;

/// Files in the root folder of a Hexo, Jekyll, Hugo, Zola, MkDocs or Pelican blog.
const SETTINGS: &[&str] = &[
    "_config.yml",
    "_config.yaml",
    "_config.toml",
    "hugo.toml",
    "hugo.yaml",
    "hugo.json",
    "config.toml",
    "config.yaml",
    "config.yml",
    "config.json",
    "mkdocs.yml",
    "pelicanconf.py",
];
/// Folders with the texts of such a blog.
const SOURCES: &[&str] = &["source/_posts/", "_posts/", "content/", "source/", "collections/_posts/"];
/// Folders with the site that it generates.
const OUTPUTS: &[&str] = &["public/", "_site/", "docs/", "output/", "site/", "dist/"];

/// Finds the folders of blogs, and in them those with the generated site.
pub(super) fn find(input: &Input, blogs: &mut BTreeSet<String>, generated: &mut BTreeSet<String>) {
    for entry in input.entries() {
        let folder = folder_of(&entry.path);
        let name = entry.path.get(folder.len()..).unwrap_or_default();
        let inside = ["themes/", "node_modules/"].iter().any(|part| format!("/{folder}").contains(&format!("/{part}")));
        if !SETTINGS.contains(&name) || inside || blogs.iter().any(|blog| folder.starts_with(blog.as_str())) {
            continue;
        }
        if SOURCES.iter().any(|source| holds(input, &format!("{folder}{source}"))) {
            blogs.insert(folder.to_owned());
        }
    }
    for blog in blogs.iter() {
        for output in OUTPUTS {
            let folder = format!("{blog}{output}");
            let page = ["index.html", "atom.xml", "index.xml", "sitemap.xml"]
                .iter()
                .any(|n| input.has(&format!("{folder}{n}")));
            let texts = input.entries().iter().any(|e| e.path.starts_with(&folder) && e.path.ends_with(".md"));
            if page && !texts {
                generated.insert(folder);
            }
        }
    }
}

/// True if there is a file below the folder.
fn holds(input: &Input, folder: &str) -> bool {
    let at = input.entries().partition_point(|entry| entry.path.as_str() < folder);
    input.entries().get(at).is_some_and(|entry| entry.path.starts_with(folder))
}
