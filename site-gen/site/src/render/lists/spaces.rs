//! The circle's spaces: their tree, and the posts of each.

use circle_model::archive::SpaceKind;
use minijinja::{Value, context};

use super::{
    super::{Rendered, Renderer, pager},
    slice,
};
use crate::plan::{
    NAMES_PER_PAGE, Page, What,
    kind::{Kind, Menu, Pages},
    page_count,
    spaces::{self, SpacePages},
};
use circle_content::Result;

/// The maximum depth of indentation, because a page has limited width.
const DEEPEST: usize = 5;

pub(crate) const SPACES: Kind = Kind {
    fixed: &[spaces::SPACES],
    menu: Some(Menu { place: 3, key: "spaces" }),
    is_timeless: true,
    ..Kind::new(
        "spaces",
        Pages::OfContent(|_, plan| match plan.spaces.list.len() {
            0 => Vec::new(),
            n => Page::list(spaces::SPACES, n, NAMES_PER_PAGE, What::Spaces),
        }),
    )
};

pub(crate) const SPACE: Kind = Kind {
    folders: &["spaces"],
    ..Kind::new(
        "space",
        Pages::OfContent(|site, plan| {
            let pages = |(index, space): (usize, &SpacePages)| {
                Page::list(&space.path, space.posts.len(), site.config.posts_per_page, |n| What::Space(index, n))
            };
            plan.spaces.list.iter().enumerate().flat_map(pages).collect()
        }),
    )
};

impl Renderer<'_> {
    pub(crate) fn spaces(&self, page: &Page, number: usize) -> Result<Rendered> {
        let all = &self.plan.spaces.list;
        let spaces: Vec<Value> =
            slice(all, number, NAMES_PER_PAGE).iter().map(|space| self.space_line(page, space)).collect();
        let count = page_count(all.len(), NAMES_PER_PAGE);
        let values = context! {
            spaces,
            count => self.words.fill("n_spaces", &all.len().to_string()),
            trail => self.trail(page, &[(self.words.get("home").to_owned(), "index.html")]),
            pager => pager(self, page, spaces::SPACES, number, count),
        };
        self.html(page, "spaces.html", self.words.get("spaces"), "spaces", values)
    }

    pub(crate) fn space(&self, page: &Page, index: usize, number: usize) -> Result<Rendered> {
        let all = &self.plan.spaces.list;
        let Some(space) = all.get(index) else { return Ok(Rendered::default()) };
        let mut above = Vec::new();
        let mut at = space.parent;
        while let Some(parent) = at.and_then(|parent| all.get(parent)).filter(|_| above.len() < DEEPEST) {
            above.push((parent.name.clone(), parent.path.as_str()));
            at = parent.parent;
        }
        above.push((self.words.get("spaces").to_owned(), spaces::SPACES));
        above.reverse();
        // Inner spaces follow their space in the list, up to the next space that is not deeper.
        let inner = all.iter().skip(index + 1).take_while(|other| other.depth > space.depth);
        let inner: Vec<Value> = inner
            .filter(|other| other.parent == Some(index))
            .take(NAMES_PER_PAGE)
            .map(|other| self.space_line(page, other))
            .collect();
        let values = context! {
            count => self.n_posts(space.posts.len()),
            kind => self.space_kind(space.kind),
            trail => self.trail(page, &above),
            inner => if number == 1 { inner } else { Vec::new() },
            talked => if number == 1 { self.talked_in(page, &space.posts) } else { None },
            months => if number == 1 { self.months_in(page, &space.path, &space.posts) } else { Vec::new() },
            ..self.list(page, &space.path, &space.posts, number)
        };
        self.html(page, "space.html", &space.name, "spaces", values)
    }

    fn space_line(&self, page: &Page, space: &SpacePages) -> Value {
        let inner = (space.with_inner > space.posts.len())
            .then(|| self.words.fill("with_inner", &space.with_inner.to_string()));
        context! {
            name => space.name.clone(),
            kind => self.space_kind(space.kind),
            href => self.href(&page.path, &space.path),
            count => self.n_posts(space.posts.len()),
            own => !space.posts.is_empty(),
            with_inner => inner,
            depth => space.depth.min(DEEPEST),
        }
    }

    /// The kind of a space, if its word says more than “space”. Boards, categories and columns of platforms are all called
    /// spaces.
    fn space_kind(&self, kind: SpaceKind) -> Option<&str> {
        match kind {
            SpaceKind::Channel => Some(self.words.get("space_channel")),
            SpaceKind::Album => Some(self.words.get("space_album")),
            SpaceKind::Category | SpaceKind::Column | SpaceKind::Board => None,
        }
    }
}
