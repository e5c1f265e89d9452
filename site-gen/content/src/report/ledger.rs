//! The ledger of an import: what happened to every file of its inputs, and to every record in them.
//!
//! 1. A file is read, belongs to a record (a picture, an attachment), needs no reading for a known reason ([`NEEDS_NONE`]), or is listed as
//!    not read, with the reason. These four add up to all files, including refused ones.
//! 2. A pushed record is kept, withheld for a reason, or a duplicate within this import.
//!
//! File names are private: they appear on the terminal, in `--json` and in `content/private`, and nowhere else.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::{
    input::{Entry, Input},
    media::prepare::is_media_name,
};

/// What happened to the records of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Records {
    /// Pushed by importers.
    pub read: u64,
    /// In the archive.
    pub kept: u64,
    /// In `content/private`, by reason.
    pub withheld: BTreeMap<&'static str, u64>,
    /// Duplicates within this import.
    pub same: u64,
}

impl Records {
    /// Adds the numbers of another import.
    pub fn add(&mut self, other: Self) {
        self.read += other.read;
        self.kept += other.kept;
        self.same += other.same;
        for (why, count) in other.withheld {
            *self.withheld.entry(why).or_default() += count;
        }
    }
}

/// A file that was not read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct NotRead {
    /// Its path in its input, after the input's name.
    pub path: String,
    /// The reason: a word of [`NotRead::WORDS`] or, for a refused entry, a sentence.
    pub why: String,
}

impl NotRead {
    /// A picture, audio file or other file that no record refers to.
    pub const UNUSED: &str = "unused-medium";
    /// Another archive inside the export.
    pub const PACKED: &str = "packed";
    /// A table whose columns are unknown.
    pub const TABLE: &str = "table";
    /// A document of an office program, or a PDF.
    pub const DOCUMENT: &str = "document";
    /// It was read, but gave no record.
    pub const NOTHING: &str = "no-record";
    /// No importer knows it.
    pub const UNKNOWN: &str = "unknown-file";
    /// All words. `unread_<word>` in `site-gen/site/src/words/` explains each.
    pub const WORDS: [&str; 6] =
        [Self::UNUSED, Self::PACKED, Self::TABLE, Self::DOCUMENT, Self::NOTHING, Self::UNKNOWN];

    /// True if the input refused it; a problem already reports that.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        !Self::WORDS.contains(&self.why.as_str())
    }
}

/// What happened to the files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Files {
    /// Read by importers.
    pub read: u64,
    /// Pictures, sounds and attachments of records.
    pub belongs: u64,
    /// Files that need no reading.
    pub needs_none: u64,
    /// Their number by reason; `needs_none_<word>` in `site-gen/site/src/words/` explains each reason.
    pub needs_none_why: BTreeMap<&'static str, u64>,
    /// All other files.
    pub not_read: Vec<NotRead>,
}

impl Files {
    /// The account of an input after all importers ran. `generated` is true if everything except its records was generated from them: a
    /// built site. If `records` says that no record came of it, its read files count as not read.
    #[must_use]
    pub fn of(input: &Input, generated: bool, records: &BTreeMap<&'static str, Records>) -> Self {
        let nothing = !["posts", "comments", "members", "reactions", "events", "decisions"]
            .iter()
            .any(|kind| records.get(kind).is_some_and(|records| records.read > 0));
        let mut files = Self::default();
        let unread: Vec<&Entry> = input.unread();
        let mut next = unread.iter().peekable();
        let sources = Sources::of(input);
        let refused: BTreeSet<&str> = input.refused().iter().map(|(path, _)| path.as_str()).collect();
        for entry in input.entries() {
            // Both lists are sorted in the same way.
            if next.next_if(|unread| unread.path == entry.path).is_none() {
                if nothing {
                    let why = NotRead::NOTHING.to_owned();
                    files.not_read.push(NotRead { path: shown(input, &entry.path), why });
                } else {
                    *if is_media_name(&entry.path) { &mut files.belongs } else { &mut files.read } += 1;
                }
            } else if let Some(why) = sources.needs_none(input, &entry.path, generated) {
                files.needs_none += 1;
                *files.needs_none_why.entry(why).or_default() += 1;
            } else {
                if refused.contains(entry.path.as_str()) {
                    // The reason why it was not opened is more specific.
                    continue;
                }
                let why = if is_packed(&entry.path) {
                    NotRead::PACKED
                } else if has_ending(&entry.path, TABLES) {
                    NotRead::TABLE
                } else if has_ending(&entry.path, DOCUMENTS) {
                    NotRead::DOCUMENT
                } else if is_media_name(&entry.path) {
                    NotRead::UNUSED
                } else {
                    NotRead::UNKNOWN
                };
                files.not_read.push(NotRead { path: shown(input, &entry.path), why: why.to_owned() });
            }
        }
        let refused = input.refused().iter();
        files.not_read.extend(refused.map(|(path, why)| NotRead { path: shown(input, path), why: why.clone() }));
        files
    }

    /// The number of all files.
    #[must_use]
    pub fn all(&self) -> u64 {
        self.read + self.belongs + self.needs_none + self.not_read.len() as u64
    }

    /// Adds those of another input.
    pub fn add(&mut self, other: Self) {
        self.read += other.read;
        self.belongs += other.belongs;
        self.needs_none += other.needs_none;
        for (why, count) in other.needs_none_why {
            *self.needs_none_why.entry(why).or_default() += count;
        }
        self.not_read.extend(other.not_read);
    }
}

/// A path with the name of its input, unless it is the only file of the input.
fn shown(input: &Input, path: &str) -> String {
    if path == input.name() { path.to_owned() } else { format!("{}/{path}", input.name()) }
}

/// Why a file needs no reading, by its path: the reason, folders above it, names, and extensions.
type Reason = (&'static str, &'static [&'static str], &'static [&'static str], &'static [&'static str]);

/// Every reason for which an unread file is not a loss. All names are in lower case.
pub const NEEDS_NONE: [Reason; 6] = [
    (
        "theme",
        &[
            "themes",
            "theme",
            "layouts",
            "_layouts",
            "_includes",
            "_sass",
            "scaffolds",
            "archetypes",
            "node_modules",
            "templates",
            "_templates",
            "i18n",
            "locales",
        ],
        &[],
        &[".ejs", ".njk", ".liquid", ".mustache", ".hbs", ".pug", ".swig", ".j2", ".tmpl"],
    ),
    (
        "style",
        &[],
        &["robots.txt", "sitemap.xml", "site.webmanifest", "manifest.webmanifest", "browserconfig.xml"],
        &[".css", ".scss", ".sass", ".less", ".styl", ".woff", ".woff2", ".ttf", ".otf", ".eot", ".map"],
    ),
    (
        "lock",
        &[],
        &[
            "package-lock.json",
            "yarn.lock",
            "pnpm-lock.yaml",
            "gemfile.lock",
            "composer.lock",
            "cargo.lock",
            "go.sum",
            "poetry.lock",
            "bun.lockb",
        ],
        &[],
    ),
    (
        "config",
        &[".github", ".vscode", ".idea"],
        &[
            "_config.yml",
            "_config.yaml",
            "_config.toml",
            "hugo.toml",
            "hugo.yaml",
            "hugo.yml",
            "hugo.json",
            "config.toml",
            "config.yaml",
            "config.yml",
            "package.json",
            "gemfile",
            "makefile",
            "dockerfile",
            "netlify.toml",
            "vercel.json",
            "tsconfig.json",
            "go.mod",
            "circle.toml",
            "map.toml",
            "cname",
            "license",
            "license.txt",
            "license.md",
            ".gitignore",
            ".editorconfig",
            ".gitattributes",
            ".nojekyll",
            "db.json",
            "_redirects",
            "_headers",
            "manifest-sha256.txt",
            "requirements.txt",
        ],
        &[".bat", ".ps1"],
    ),
    ("generated", &[], &[], &[]),
    ("system", &["__macosx"], &["thumbs.db", "desktop.ini", ".ds_store", "icon\r"], &[]),
];

/// How the files of an input were generated.
struct Sources {
    /// The folder of a site's sources, with a trailing `/`. Files in its output folders were generated from them.
    root: Option<String>,
}

impl Sources {
    fn of(input: &Input) -> Self {
        const SETTINGS: &[&str] =
            &["_config.yml", "_config.yaml", "hugo.toml", "hugo.yaml", "config.toml", "config.yaml"];
        let settings = input.entries().iter().filter(|entry| {
            entry.path.matches('/').count() <= 1
                && SETTINGS.iter().any(|name| entry.path.rsplit('/').next() == Some(name))
        });
        let folder = |path: &str| path.rsplit_once('/').map_or_else(String::new, |(folder, _)| format!("{folder}/"));
        let has = |root: &String| {
            let posts = ["source/", "content/", "_posts/"].map(|posts| format!("{root}{posts}"));
            input.entries().iter().any(|entry| posts.iter().any(|posts| entry.path.starts_with(posts)))
        };
        Self { root: settings.map(|entry| folder(&entry.path)).find(has) }
    }

    fn needs_none(&self, input: &Input, path: &str, generated: bool) -> Option<&'static str> {
        let lower = path.to_lowercase();
        let made = self.root.as_ref().and_then(|root| path.strip_prefix(root)).is_some_and(|below| {
            ["public/", "_site/", "resources/_gen/", ".deploy_git/", ".jekyll-cache/"]
                .iter()
                .any(|output| below.starts_with(output))
        });
        if made || (generated && !lower.starts_with("media/") && !lower.contains("/media/")) {
            return Some("generated");
        }
        let name = lower.rsplit('/').next().unwrap_or(&lower);
        let above = || lower.split('/').rev().skip(1);
        let known = NEEDS_NONE.iter().find(|(_, folders, names, endings)| {
            above().any(|folder| folders.contains(&folder))
                || names.contains(&name)
                || endings.iter().any(|ending| name.ends_with(ending))
        });
        // A folder `templates` belongs to a theme only if there is a blog with a theme. The same holds for data files of blog programs.
        let is_text = [".md", ".markdown", ".txt", ".html", ".json"].iter().any(|ending| name.ends_with(ending));
        let known = known.filter(|(why, _, names, _)| {
            let is_name = names.contains(&name) && name != "db.json";
            self.root.is_some()
                || is_name
                || !is_text
                || *why == "system"
                || above().any(|folder| folder == "node_modules")
        });
        if let Some((why, ..)) = known {
            // A picture of a theme may belong to a post that misspells its name, so pictures are always listed.
            return (!is_media_name(path) || *why == "system" || above().any(|folder| folder == "node_modules"))
                .then_some(why);
        }
        ([".js", ".mjs", ".ts"].iter().any(|ending| name.ends_with(ending)) && !holds_data(input, path))
            .then_some("style")
    }
}

/// True for a script that only assigns data to a name, as in exports of Twitter: `window.YTD.tweets.part0 = [`.
fn holds_data(input: &Input, path: &str) -> bool {
    let Ok(head) = input.head(path, 400) else { return true };
    // `.ts` is TypeScript or a video.
    // MPEG transport streams have the byte 0x47 every 188 bytes.
    if head.contains(&0) || head.first() == Some(&0x47) && head.get(188) == Some(&0x47) {
        return true;
    }
    let head = String::from_utf8_lossy(&head);
    let mut head = head.trim_start_matches('\u{feff}').trim_start();
    while head.starts_with("//") {
        head = head.split_once('\n').map_or("", |(_, rest)| rest.trim_start());
    }
    if head.starts_with(['[', '{']) {
        return true;
    }
    // `export default […]`, and a call with only data: `jsonp_123({…})`.
    if let Some(value) = head.strip_prefix("export default") {
        return value.trim_start().starts_with(['[', '{']);
    }
    if let Some((call, value)) = head.split_once('(') {
        let is_word = !call.is_empty() && call.chars().all(|c| c.is_alphanumeric() || "_$.".contains(c));
        if is_word && value.trim_start().starts_with(['[', '{']) {
            return true;
        }
    }
    let Some((name, value)) = head.split_once('=') else { return false };
    let named = name.len() < 120
        && name.chars().all(|c| c.is_alphanumeric() || " ._$[]\"'-\t".contains(c))
        && !name.contains("function");
    named && value.trim_start().starts_with(['[', '{', '"', '\''])
}

/// True for the extension of an archive.
const TABLES: &[&str] = &[".csv", ".tsv", ".xlsx", ".xlsm", ".xls", ".ods"];
const DOCUMENTS: &[&str] = &[".pdf", ".doc", ".docx", ".odt", ".rtf", ".wps", ".ppt", ".pptx", ".pages"];

fn is_packed(path: &str) -> bool {
    has_ending(path, &[".zip", ".gz", ".tgz", ".tar", ".7z", ".rar", ".bz2", ".xz"])
}

fn has_ending(path: &str, endings: &[&str]) -> bool {
    let lower = path.to_ascii_lowercase();
    endings.iter().any(|ending| lower.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(files: &[(&str, &str)], read: &[&str]) -> Files {
        let files = files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
        let input = Input::memory(files);
        for path in read {
            input.read(path, 1000).unwrap();
        }
        Files::of(&input, false, &BTreeMap::from([("posts", Records { read: 1, ..Records::default() })]))
    }

    #[test]
    fn every_file_is_in_one_of_four_places() {
        let files = [
            ("source/_posts/a.md", "# A"),
            ("source/_posts/a.png", "x"),
            ("source/_posts/b.png", "x"),
            ("_config.yml", "title: x"),
            ("themes/next/layout.ejs", "x"),
            ("themes/next/languages.yml", "x"),
            ("public/index.html", "x"),
            ("package-lock.json", "{}"),
            ("old/wordpress.xml", "<rss>"),
            ("old/backup.zip", "x"),
            ("data/community-tweet.js", "window.YTD.community_tweet.part0 = [ {} ]"),
            ("assets/main.js", "(function(){ var a = [1] })()"),
            ("../leaves.md", "x"),
        ];
        let account = account(&files, &["source/_posts/a.md", "source/_posts/a.png"]);
        assert_eq!((account.read, account.belongs, account.needs_none), (1, 1, 6), "{account:?}");
        assert_eq!(account.needs_none_why["generated"], 1);
        assert_eq!(account.needs_none_why["theme"], 2);
        assert_eq!(account.all(), files.len() as u64);
        let named: Vec<(&str, &str)> =
            account.not_read.iter().map(|file| (file.path.as_str(), file.why.as_str())).collect();
        assert_eq!(
            named[..4],
            [
                ("memory/data/community-tweet.js", "unknown-file"),
                ("memory/old/backup.zip", "packed"),
                ("memory/old/wordpress.xml", "unknown-file"),
                ("memory/source/_posts/b.png", "unused-medium"),
            ]
        );
        assert!(account.not_read[4].is_refused(), "{named:?}");
    }

    #[test]
    fn words_and_data_are_named_whatever_their_folder_is_called() {
        let files = [
            ("notes.md", "x"),
            ("templates/信.txt", "x"),
            ("themes/读书.md", "x"),
            ("db.json", "{}"),
            ("录像.ts", "G\0\0"),
            ("a.js", "jsonp_123({\"posts\":[]})"),
            ("b.js", "// 我的帖子\nvar posts = [ {} ]"),
            ("c.js", "export default [ {} ]"),
        ];
        let account = account(&files, &["notes.md"]);
        assert_eq!((account.needs_none, account.not_read.len()), (0, 7), "{account:?}");
    }

    #[test]
    fn a_folder_called_public_without_sources_is_content() {
        let account = account(&[("public/a.html", "x"), ("content.txt", "x")], &[]);
        assert_eq!(account.not_read.len(), 2);
    }
}
