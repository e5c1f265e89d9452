//! The folder that `keep` makes.
//!
//! - a page to double-click, which leads to `site/index.html`, and a note in plain words;
//! - `site`: the archive, and nothing that must not be shared;
//! - `content`: the records, with `content/private`.
//!
//! The first time, everything is made in a hidden folder inside and moved out at the end, so that a failure or an interruption
//! leaves nothing that looks finished. Later runs change the existing files: import and build each do all of their work or none.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use circle_content::{Error, config, slug};
use circle_model::view::Lang;
use circle_publish::write::{IGNORED, MANIFEST};
use circle_site::words::Words;

use super::replace;

/// The folder in which everything is made the first time.
const UNFINISHED: &str = ".circlekeep-unfinished";
/// A mark in the page and in the note: files with it may be replaced.
const MARK: &str = "Circlekeep keep";

/// A folder that is being made or updated.
#[derive(Debug)]
pub(super) struct Kept {
    root: PathBuf,
    /// True until everything has moved out of [`UNFINISHED`].
    unfinished: bool,
    /// True if the folder was not there before.
    made: bool,
    /// True if `keep` made it before.
    pub(super) again: bool,
}

impl Kept {
    /// Checks that `root` is new, empty, or made by an earlier `keep`.
    ///
    /// # Errors
    /// When it contains anything else, is inside an export, or cannot be made.
    pub(super) fn open(root: &Path, exports: &[PathBuf]) -> anyhow::Result<Self> {
        let made = !root.exists();
        let again = root.join("content").join(config::FILE).is_file()
            && (root.join("site").join(MANIFEST).is_file() || root.join(UNFINISHED).exists());
        if !made && !again {
            check_ours(root)?;
        }
        let nearest = root.ancestors().find(|folder| folder.exists() && !folder.as_os_str().is_empty());
        let nearest = nearest.unwrap_or(Path::new(".")).canonicalize().unwrap_or_default();
        for export in exports {
            if export.canonicalize().is_ok_and(|export| export.is_dir() && nearest.starts_with(export)) {
                return Err(Error::new(
                    "the --out folder is inside the export, and would be read too",
                    format!("export: {}, folder: {}", export.display(), root.display()),
                    "choose a folder outside the export with `--out`",
                )
                .into());
            }
        }
        let cannot = |error: std::io::Error| {
            Error::new(
                format!("the folder cannot be made or written: {error}"),
                format!("folder: {}", root.display()),
                "choose another with `--out`, for one on your desktop or in your documents",
            )
        };
        fs::create_dir_all(root).map_err(cannot)?;
        // Left by an interrupted run; nothing in it was ever shown as finished.
        if root.join(UNFINISHED).exists() {
            fs::remove_dir_all(root.join(UNFINISHED)).map_err(cannot)?;
        }
        let kept = Self { root: root.to_owned(), unfinished: !again, made, again };
        fs::create_dir_all(kept.content()).map_err(cannot)?;
        Ok(kept)
    }

    /// The folder.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// The current folder of the records.
    pub(super) fn content(&self) -> PathBuf {
        self.now().join("content")
    }

    /// The current folder of the site.
    pub(super) fn site(&self) -> PathBuf {
        self.now().join("site")
    }

    fn now(&self) -> PathBuf {
        if self.unfinished { self.root.join(UNFINISHED) } else { self.root.clone() }
    }

    /// Moves everything to its place.
    ///
    /// # Errors
    /// When it cannot be moved.
    pub(super) fn settle(&mut self) -> anyhow::Result<()> {
        if !self.unfinished {
            return Ok(());
        }
        for name in ["content", "site"] {
            let target = self.root.join(name);
            fs::rename(self.now().join(name), &target).with_context(|| format!("cannot make {}", target.display()))?;
        }
        self.unfinished = false;
        let empty = self.root.join(UNFINISHED);
        fs::remove_dir_all(&empty).with_context(|| format!("cannot remove {}", empty.display()))
    }

    /// Writes the page to double-click and the note, and returns the page's path. Removes those in another language.
    ///
    /// # Errors
    /// When they cannot be written.
    pub(super) fn beside(&self, words: &Words, name: &str, note: &str) -> anyhow::Result<PathBuf> {
        for other in [Lang::ZhHans, Lang::ZhHant, Lang::En].map(Words::of) {
            for key in ["keep_start_file", "keep_note_file"] {
                let path = self.root.join(other.get(key));
                let ours = fs::read_to_string(&path).is_ok_and(|text| text.contains(MARK));
                if ours && other.get(key) != words.get(key) {
                    fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
                }
            }
        }
        let note = format!("{note}\n-- {MARK}\n");
        // Without this mark and Windows line ends, Notepad shows the text wrongly.
        let note = format!("\u{feff}{}", note.replace('\n', "\r\n"));
        replace(&self.root.join(words.get("keep_note_file")), note.as_bytes())?;
        let start = self.start(words);
        replace(&start, start_page(words, name).as_bytes())?;
        Ok(start)
    }

    /// The page to double-click.
    pub(super) fn start(&self, words: &Words) -> PathBuf {
        self.root.join(words.get("keep_start_file"))
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        if self.unfinished {
            // Errors cannot be reported here; the next run removes the folder.
            let _ = fs::remove_dir_all(self.root.join(UNFINISHED));
            if self.made {
                let _ = fs::remove_dir(&self.root);
            }
        }
    }
}

/// Fails if a folder contains anything that `keep` did not put there.
fn check_ours(root: &Path) -> anyhow::Result<()> {
    if !root.is_dir() {
        return Err(Error::new(
            "there is already a file with this name",
            format!("path: {}", root.display()),
            "choose another name with `--out`; nothing was written",
        )
        .into());
    }
    let entries = fs::read_dir(root).map_err(|error| {
        Error::new(
            format!("the folder cannot be read: {error}"),
            format!("folder: {}", root.display()),
            "choose another with `--out`",
        )
    })?;
    let stranger = entries
        .filter_map(Result::ok)
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name != UNFINISHED && !IGNORED.contains(&name.as_str()))
        .min();
    match stranger {
        None => Ok(()),
        Some(name) => Err(Error::new(
            "this folder holds other things, so nothing was written",
            format!("folder: {}, for one: {name}", root.display()),
            "choose a new or empty folder with `--out`, or one that `circlekeep keep` made",
        )
        .into()),
    }
}

/// Leads to the site immediately, or by a link if redirects are forbidden.
fn start_page(words: &Words, name: &str) -> String {
    let mut link = String::new();
    circle_model::text::push_escaped(&mut link, &words.fill("keep_start_link", name));
    let home = slug::href("site/index.html");
    format!(
        "<!doctype html>\n<!-- {MARK} -->\n<html>\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"refresh\" content=\"0; url={home}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{link}</title>\n</head>\n\
         <body>\n<p><a href=\"{home}\">{link}</a></p>\n</body>\n</html>\n"
    )
}
