//! What a kind of page is to everything but its own render function: where its pages are, what it claims, the menu, how it is kept.
//!
//! Each kind is described once, beside its render function, and has a row in the table `crate::kinds`. The plan gets the table as
//! a [`Kinds`], because it is made before anything is rendered.

use std::fmt;

use super::{Page, Plan};
use crate::index::Site;

/// Gives the pages of a kind, in their order.
pub type PagesOf = fn(&Site, &Plan) -> Vec<Page>;

/// A kind of page.
#[derive(Clone, Copy)]
pub struct Kind {
    /// What it is called, in the code only.
    pub name: &'static str,
    /// Its pages.
    pub pages: Pages,
    /// Its addresses that are the same on every site. No post, member, tag or part of the circle gets one of them. The first one is
    /// where the menu leads.
    pub fixed: &'static [&'static str],
    /// Folders at the site's root that have pages of it, besides those of `fixed`. No page for an old address is put there.
    pub folders: &'static [&'static str],
    /// Those folders at the site's root that nothing else may use: no old address in them leads anywhere.
    pub whole_folders: &'static [&'static str],
    /// Its place in the menu.
    pub menu: Option<Menu>,
    /// True for a list that is not in the order of time, so that it has no newer and no older pages.
    pub is_timeless: bool,
    /// When a page may stay as it is, if nothing but texts and titles of posts changed.
    pub keep: Keep,
}

/// When the pages of a kind are known.
#[derive(Clone, Copy)]
pub enum Pages {
    /// They follow from the content.
    OfContent(PagesOf),
    /// They follow from the pages of the kinds before: they lead to them, or list them.
    OfPages(PagesOf),
    /// They are known only when all others are rendered. Nothing plans them; there is always at least one.
    OfRendered,
}

/// A place in the menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Menu {
    /// Where it stands: the smallest first.
    pub place: u8,
    /// Of its word, and of the section that a page names as its own.
    pub key: &'static str,
}

/// When a page may stay as it is, if nothing but texts and titles of posts changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Always: it shows nothing of a post.
    Always,
    /// When neither it nor any page to which it links is the page of a changed post: it shows nothing of a post to which it does
    /// not link.
    Linked,
    /// Never.
    Never,
}

impl Kind {
    /// A kind without fixed addresses that is rendered in every build. The other fields are for what differs.
    #[must_use]
    pub const fn new(name: &'static str, pages: Pages) -> Self {
        Self {
            name,
            pages,
            fixed: &[],
            folders: &[],
            whole_folders: &[],
            menu: None,
            is_timeless: false,
            keep: Keep::Never,
        }
    }

    /// The files and folders at the site's root that are this kind's.
    pub fn roots(&self) -> impl Iterator<Item = &'static str> {
        let of_fixed = self.fixed.iter().filter_map(|path| path.split('/').next());
        of_fixed.chain(self.folders.iter().chain(self.whole_folders).copied())
    }
}

impl fmt::Debug for Kind {
    /// Its name, which says all.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// All kinds, in the order of their pages.
#[derive(Clone, Copy, Debug, Default)]
pub struct Kinds(pub &'static [Kind]);

impl Kinds {
    /// Each kind.
    pub fn iter(self) -> std::slice::Iter<'static, Kind> {
        self.0.iter()
    }

    /// The addresses that nothing else may have.
    pub(super) fn reserved(self) -> impl Iterator<Item = String> {
        let fixed = self.iter().flat_map(|kind| kind.fixed).copied();
        // `members/page/2.html` is the second page of the list, and would be that of a member called `page`.
        let pages = fixed.clone().filter_map(|path| path.strip_suffix("/index.html"));
        fixed.map(str::to_owned).chain(pages.map(|folder| format!("{folder}/page.html")))
    }

    /// True for a file or folder at the site's root that has pages of some kind.
    pub(super) fn have_root(self, part: &str) -> bool {
        self.iter().flat_map(Kind::roots).any(|root| root == part)
    }

    /// True for a folder at the site's root in which everything is of some kind.
    pub(super) fn have_whole_folder(self, part: &str) -> bool {
        self.iter().flat_map(|kind| kind.whole_folders).any(|folder| *folder == part)
    }

    /// What the menu leads to: words' key and path, in their order. Only what this site has.
    pub(crate) fn menu(self, plan: &Plan) -> impl Iterator<Item = (&'static str, &'static str)> {
        let has = |kind: &Kind, path: &str| {
            matches!(kind.pages, Pages::OfRendered) || plan.pages.iter().any(|page| page.path == path)
        };
        let entry = |kind: &Kind| Some((kind.menu?, *kind.fixed.first().filter(|path| has(kind, path))?));
        let mut entries: Vec<(Menu, &'static str)> = self.iter().filter_map(entry).collect();
        entries.sort();
        entries.into_iter().map(|(menu, path)| (menu.key, path))
    }

    /// True for the first page of a list that is not in the order of time.
    pub(crate) fn is_timeless(self, first: &str) -> bool {
        self.iter().any(|kind| kind.is_timeless && kind.fixed.contains(&first))
    }
}
