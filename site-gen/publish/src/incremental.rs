//! Building again after an edit, as `serve --watch` does: the same bytes as a whole build, with less work.
//!
//! 1. The index and the plan are always made anew: they are cheap, and every decision is in them.
//! 2. The *outline* is the hash of all that more than one page can show: every file of the content but the texts of posts and the
//!    media, the index without titles and excerpts, and the plan, which holds the hash of every medium. If it is another than
//!    before, every page is rendered: a date, a tag, a new post, the theme and the configuration reach everywhere.
//! 3. If it is the same, only texts and titles changed, of posts that are known by their files. A page stays as it is when it is the
//!    page of no such post, and links to none: *a page that shows anything of another post links to that post*. The page kind
//!    says whether this holds ([`Keep`]); by default it does not, and the page is rendered.
//! 4. What stays is not read again by the check either. Whether it is still on the disk as it was written, its size and time say.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::{self, Write as _},
    io::Read as _,
    path::{Path, PathBuf},
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use sha2::{Digest as _, Sha256};

use crate::{
    check::{self, Checked, Fresh, Looks},
    write::{self, Ready, Stamp, Writer},
};
use circle_content::{Error, Result, input::Input, media::hex};
use circle_site::{
    index::Site,
    kinds,
    plan::{Page, Plan, kind::Keep},
    render::{Loss, Rendered, Renderer},
};

/// What a build leaves for the next one. A new one remembers nothing, and the build with it is a whole one.
#[derive(Debug, Default)]
pub struct Memory {
    out: PathBuf,
    outline: String,
    /// The hashes of the files of posts.
    texts: BTreeMap<String, String>,
    pages: BTreeMap<String, Remembered>,
    looks: Looks,
}

/// A page as it was made.
#[derive(Debug)]
struct Remembered {
    sha256: String,
    stamp: Stamp,
    /// Without its bytes, which are on the disk.
    rendered: Rendered,
}

/// One build with what is remembered of the last one.
#[derive(Debug, Default)]
pub(crate) struct Incremental {
    before: Memory,
    outline: String,
    texts: BTreeMap<String, String>,
    remembers: bool,
    /// The pages of posts whose text or title changed; `None` when every page may have.
    changed: Option<BTreeSet<String>>,
    made: Mutex<BTreeMap<String, (String, Rendered)>>,
    rendered: AtomicU64,
    fresh: Fresh,
}

impl Incremental {
    /// A build that renders everything and remembers nothing.
    pub(crate) fn whole(site: &Site, plan: &Plan) -> Self {
        let planned = plan.pages.iter().map(|page| page.path.clone()).collect();
        Self { fresh: Fresh::new(&site.config.allow, Some(planned)), ..Self::default() }
    }

    /// Compares the content with what is remembered.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub(crate) fn begin(
        before: Memory,
        out: &Path,
        site: &mut Site,
        plan: &Plan,
        excluded: &BTreeMap<&'static str, u64>,
    ) -> Result<Self> {
        let mut outline = Hash::default();
        let texts = files(site, &mut outline)?;
        index(site, plan, excluded, &mut outline);
        let outline = outline.finish();
        let same = outline == before.outline && out == before.out;
        let changed = if same { changed_pages(&before.texts, &texts, plan) } else { None };
        let fresh = Fresh::new(&site.config.allow, None);
        Ok(Self { before, outline, texts, remembers: true, changed, fresh, ..Self::default() })
    }

    /// Renders a page and makes its file ready, or leaves it as it is.
    ///
    /// # Errors
    /// As [`Renderer::page`] and [`Writer::stage`].
    pub(crate) fn page(
        &self,
        renderer: &Renderer<'_>,
        writer: &Writer,
        page: &Page,
        losses: &[Loss],
    ) -> Result<(Ready, Rendered)> {
        let stands = self.before.pages.get(&page.path).filter(|_| self.stands(page));
        let (ready, rendered) = match stands.filter(|known| writer.stamp(&page.path) == Some(known.stamp)) {
            Some(known) => (Ready::as_it_is(&page.path, &known.sha256), known.rendered.clone()),
            None => {
                let mut rendered = renderer.page(page, losses)?;
                let bytes = std::mem::take(&mut rendered.bytes);
                self.rendered.fetch_add(1, Ordering::Relaxed);
                self.fresh.take(&page.path, &bytes);
                (writer.stage(&page.path, &bytes)?, rendered)
            }
        };
        if self.remembers {
            let mut made = self.made.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            made.insert(page.path.clone(), (ready.sha256().to_owned(), rendered.clone()));
        }
        Ok((ready, rendered))
    }

    /// How many files were rendered until now.
    pub(crate) fn rendered(&self) -> u64 {
        self.rendered.load(Ordering::Relaxed)
    }

    /// Checks the built folder.
    ///
    /// # Errors
    /// As [`check::folder`].
    pub(crate) fn check(&mut self, out: &Path) -> Result<Checked> {
        let fresh = std::mem::take(&mut self.fresh);
        check::folder_again(out, fresh, self.remembers.then_some(&mut self.before.looks))
    }

    /// What the next build should know.
    pub(crate) fn end(self, out: &Path) -> Memory {
        let made = self.made.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        let remembered = |(path, (sha256, rendered)): (String, (String, Rendered))| {
            let stamp = write::stamp(out, &path)?;
            Some((path, Remembered { sha256, stamp, rendered }))
        };
        Memory {
            out: out.to_owned(),
            outline: self.outline,
            texts: self.texts,
            pages: made.into_iter().filter_map(remembered).collect(),
            looks: self.before.looks,
        }
    }

    /// True for a page whose bytes cannot have changed.
    fn stands(&self, page: &Page) -> bool {
        let Some(changed) = &self.changed else { return false };
        let links_to_none = || !self.before.looks.links(&page.path).any(|target| changed.contains(target));
        changed.is_empty()
            || match kinds::kind(&page.what).keep {
                Keep::Always => true,
                Keep::Linked => !changed.contains(&page.path) && links_to_none(),
                Keep::Never => false,
            }
    }
}

/// Puts every file but media and the texts of posts into the outline; gives the hashes of those texts.
fn files(site: &Site, outline: &mut Hash) -> Result<BTreeMap<String, String>> {
    let mut texts = BTreeMap::new();
    for entry in site.input.entries().iter().filter(|entry| !entry.path.starts_with("media/")) {
        let sha256 = hash_of(&site.input, &entry.path)?;
        let _ = writeln!(outline, "{}", entry.path);
        if entry.path.starts_with("posts/") && circle_content::posts::is_post(&entry.path) {
            texts.insert(entry.path.clone(), sha256);
        } else {
            let _ = writeln!(outline, "{sha256}");
        }
    }
    Ok(texts)
}

fn hash_of(input: &Input, path: &str) -> Result<String> {
    let mut reader = input.reader(path)?;
    let (mut hash, mut buffer) = (Sha256::new(), vec![0_u8; 64 << 10]);
    loop {
        let read = reader.read(&mut buffer).map_err(|error| {
            Error::new(
                format!("a file of the content cannot be read: {error}"),
                format!("file: {path}"),
                "check that you may read it",
            )
        })?;
        match buffer.get(..read) {
            Some(part) if !part.is_empty() => hash.update(part),
            _ => return Ok(hex(&hash.finalize())),
        }
    }
}

/// Puts the index and the plan into the outline, all of them: a field that is new there is in it without a word here. Titles and
/// excerpts are left out, because pages that show them link to their post.
fn index(site: &mut Site, plan: &Plan, excluded: &BTreeMap<&'static str, u64>, outline: &mut Hash) {
    // Sizes of files and compiled templates say nothing that the files' hashes have not said.
    let input = std::mem::replace(&mut site.input, Input::memory(BTreeMap::new()));
    let theme = std::mem::take(&mut site.theme);
    let posts = std::mem::take(&mut site.posts);
    let _ = writeln!(outline, "{site:?}\n{plan:?}\n{excluded:?}");
    for post in &posts {
        let mut post = post.clone();
        post.title.clear();
        post.excerpt.clear();
        let _ = writeln!(outline, "{post:?}");
    }
    site.input = input;
    site.theme = theme;
    site.posts = posts;
}

/// The pages of posts whose files changed; `None` when one of them has no page, so that nobody knows what it reaches.
fn changed_pages(
    before: &BTreeMap<String, String>,
    now: &BTreeMap<String, String>,
    plan: &Plan,
) -> Option<BTreeSet<String>> {
    let differing = now.iter().filter(|(file, sha256)| before.get(*file) != Some(*sha256));
    differing.map(|(file, _)| plan.posts.get(*plan.by_file.get(file)?).cloned()).collect()
}

/// A hash of text that is written piece by piece.
#[derive(Default)]
struct Hash(Sha256);

impl Hash {
    fn finish(self) -> String {
        hex(&self.0.finalize())
    }
}

impl fmt::Write for Hash {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.update(text.as_bytes());
        Ok(())
    }
}
