//! Page kinds: the pages and names of each, its entry in the menu, and when an incremental build may reuse its pages.
//!
//! Each kind has one [`Kind`] beside its render function, and one row in the table `crate::kinds`. The plan gets the table as a
//! parameter and stores it ([`Plan::kinds`]), so that neither the plan nor the renderer depends on the table.

use std::fmt;

use super::{Page, Plan};
use crate::index::Site;

/// Returns the pages of a kind, in order.
pub type PagesOf = fn(&Site, &Plan) -> Vec<Page>;

/// A kind of page.
#[derive(Clone, Copy)]
pub struct Kind {
    /// Its name, for tests and debugging.
    pub name: &'static str,
    /// Its pages.
    pub pages: Pages,
    /// The paths that are the same on every site. No post, member, tag or space can get one of them. The menu links to the first
    /// one.
    pub fixed: &'static [&'static str],
    /// Folders at the site's root that contain its pages, besides those in `fixed`. Redirect pages are never put there.
    pub folders: &'static [&'static str],
    /// Folders at the site's root that belong to the site with everything in them: no address in them is ever redirected.
    pub whole_folders: &'static [&'static str],
    /// Its entry in the menu.
    pub menu: Option<Menu>,
    /// True for a list that is not in order of time. Its pager says “previous” and “next”, not “newer” and “older”.
    pub is_timeless: bool,
    /// When an incremental build may reuse a page.
    pub keep: Keep,
}

/// The pages of a kind, by when they are known.
#[derive(Clone, Copy)]
pub enum Pages {
    /// They depend on the content only.
    OfContent(PagesOf),
    /// They depend on the pages of other kinds, because they link to them or list them. They are planned after all `OfContent`.
    OfPages(PagesOf),
    /// They are known only when all others are rendered, so they are not in the plan. There is always at least one.
    OfRendered,
}

/// An entry in the menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Menu {
    /// Its position; the smallest is first.
    pub place: u8,
    /// The key of its label in the words of the site's language.
    pub key: &'static str,
}

/// When an incremental build may reuse a page, if only texts and titles of posts changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Always, because it shows nothing of a post.
    Always,
    /// If it is not the page of a changed post and links to none. This is only for kinds whose pages link to every post of which
    /// they show anything.
    Linked,
    /// Never.
    Never,
}

impl Kind {
    /// A kind without names of its own and without an entry in the menu, which is rendered in every build.
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

    /// The files and folders at the site's root that belong to this kind.
    pub fn roots(&self) -> impl Iterator<Item = &'static str> {
        let of_fixed = self.fixed.iter().filter_map(|path| path.split('/').next());
        of_fixed.chain(self.folders.iter().chain(self.whole_folders).copied())
    }
}

impl fmt::Debug for Kind {
    /// Only the name: function pointers are not worth reading, and the plan's `Debug` output is hashed by incremental builds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Page kinds, in the order of their pages.
#[derive(Clone, Copy, Debug, Default)]
pub struct Kinds(pub &'static [Kind]);

impl Kinds {
    /// All kinds, in order.
    pub fn iter(self) -> std::slice::Iter<'static, Kind> {
        self.0.iter()
    }

    /// The paths that no post, member, tag or space may get.
    pub(super) fn reserved(self) -> impl Iterator<Item = String> {
        let fixed = self.iter().flat_map(|kind| kind.fixed).copied();
        // `members/page/2.html` is the second page of the list. It must not be the second page of a member called `page`.
        let pages = fixed.clone().filter_map(|path| path.strip_suffix("/index.html"));
        fixed.map(str::to_owned).chain(pages.map(|folder| format!("{folder}/page.html")))
    }

    /// True for a file or folder at the site's root that belongs to a kind.
    pub(super) fn have_root(self, part: &str) -> bool {
        self.iter().flat_map(Kind::roots).any(|root| root == part)
    }

    /// True for a folder at the site's root that belongs to a kind with everything in it.
    pub(super) fn have_whole_folder(self, part: &str) -> bool {
        self.iter().flat_map(|kind| kind.whole_folders).any(|folder| *folder == part)
    }

    /// The entries of the menu in order, each with the key of its label and its path. Only pages that this site has are in it.
    pub(crate) fn menu(self, plan: &Plan) -> impl Iterator<Item = (&'static str, &'static str)> {
        let has = |kind: &Kind, path: &str| {
            matches!(kind.pages, Pages::OfRendered) || plan.pages.iter().any(|page| page.path == path)
        };
        let entry = |kind: &Kind| Some((kind.menu?, *kind.fixed.first().filter(|path| has(kind, path))?));
        let mut entries: Vec<(Menu, &'static str)> = self.iter().filter_map(entry).collect();
        entries.sort();
        entries.into_iter().map(|(menu, path)| (menu.key, path))
    }

    /// True for the first page of a list that is not in order of time.
    pub(crate) fn is_timeless(self, first: &str) -> bool {
        self.iter().any(|kind| kind.is_timeless && kind.fixed.contains(&first))
    }
}
