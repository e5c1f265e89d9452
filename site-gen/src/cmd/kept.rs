//! The folder that `keep` makes has `site` and `content` beside each other. From one, other commands find the other.

use std::path::{Path, PathBuf};

use circle_content::config;
use circle_import::inspect::skeleton::shell;

/// The site at a path. In a folder that `keep` made, its `site`.
pub(crate) fn site_of(path: &Path) -> PathBuf {
    let inner = path.join("site");
    let is_kept = !path.join("index.html").is_file() && inner.join("index.html").is_file();
    if is_kept { inner } else { path.to_owned() }
}

/// The content of a site, as far as it can be found: the `content` beside it, otherwise the folder `content`.
pub(crate) fn content_of(site: &Path) -> PathBuf {
    let beside = site.parent().map(|folder| folder.join("content"));
    beside.filter(|content| content.join(config::FILE).is_file()).unwrap_or_else(|| PathBuf::from("content"))
}

/// The command that builds the site of a content folder.
pub(crate) fn next_build(content: &Path) -> String {
    let site = content.parent().map(|folder| folder.join("site")).filter(|site| site.join("index.html").is_file());
    let option = |name: &str, path: &Path| format!(" --{name} {}", shell(&path.display().to_string()));
    let mut command = "circlekeep build".to_owned();
    if content != Path::new("content") || site.is_some() {
        command += &option("content", content);
    }
    command + &site.map_or_else(String::new, |site| option("out", &site))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn site_and_content_of_a_kept_folder_find_each_other() {
        let dir = tempfile::tempdir().unwrap();
        let (kept, site, content) = (dir.path(), dir.path().join("site"), dir.path().join("content"));
        assert_eq!(site_of(kept), kept, "nothing is there yet");
        assert_eq!(content_of(&site), Path::new("content"));
        assert_eq!(next_build(Path::new("content")), "circlekeep build");
        for (folder, file) in [(&site, "index.html"), (&content, config::FILE)] {
            std::fs::create_dir(folder).unwrap();
            std::fs::File::create(folder.join(file)).unwrap();
        }
        assert_eq!((site_of(kept), site_of(&site), content_of(&site)), (site.clone(), site.clone(), content.clone()));
        let (content_shown, site_shown) = (content.display().to_string(), site.display().to_string());
        assert_eq!(
            next_build(&content),
            format!("circlekeep build --content {} --out {}", shell(&content_shown), shell(&site_shown))
        );
    }
}
