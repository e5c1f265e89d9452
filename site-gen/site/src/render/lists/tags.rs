//! The list of tags, and the posts of each.

use minijinja::{Value, context};

use super::{
    super::{Rendered, Renderer, pager},
    slice,
};
use crate::plan::{
    NAMES_PER_PAGE, Page, Tag, What,
    kind::{Keep, Kind, Menu, Pages},
    page_count,
};
use circle_content::Result;

const PATH: &str = "tags/index.html";

pub(crate) const TAGS: Kind = Kind {
    fixed: &[PATH],
    menu: Some(Menu { place: 5, key: "tags" }),
    is_timeless: true,
    ..Kind::new("tags", Pages::OfContent(|_, plan| Page::list(PATH, plan.tags.len(), NAMES_PER_PAGE, What::Tags)))
};

pub(crate) const TAG: Kind = Kind {
    folders: &["tags"],
    keep: Keep::Linked,
    ..Kind::new(
        "tag",
        Pages::OfContent(|site, plan| {
            let pages = |(index, tag): (usize, &Tag)| {
                Page::list(&tag.path, tag.posts.len(), site.config.posts_per_page, |n| What::Tag(index, n))
            };
            plan.tags.iter().enumerate().flat_map(pages).collect()
        }),
    )
};

impl Renderer<'_> {
    pub(crate) fn tags(&self, page: &Page, number: usize) -> Result<Rendered> {
        let most = self.plan.tags.first().map_or(1, |tag| tag.posts.len()).max(1);
        let tags: Vec<Value> = slice(&self.plan.tags, number, NAMES_PER_PAGE)
            .iter()
            .map(|tag| {
                let size = 1 + tag.posts.len() * 4 / most;
                context! { name => tag.name.clone(), href => self.href(&page.path, &tag.path), n => tag.posts.len(), size => size.min(5) }
            })
            .collect();
        let count = page_count(self.plan.tags.len(), NAMES_PER_PAGE);
        let values = context! {
            tags,
            count => self.words.fill("n_tags", &self.plan.tags.len().to_string()),
            pager => pager(self, page, PATH, number, count),
        };
        self.html(page, "tags.html", self.words.get("tags"), "tags", values)
    }

    pub(crate) fn tag(&self, page: &Page, index: usize, number: usize) -> Result<Rendered> {
        let Some(tag) = self.plan.tags.get(index) else { return Ok(Rendered::default()) };
        let title = self.words.fill("tag_title", &tag.name);
        let first = number == 1;
        let values = context! {
            tag => tag.name.clone(),
            count => self.n_posts(tag.posts.len()),
            trail => self.trail(page, &[(self.words.get("tags").to_owned(), PATH)]),
            months => if first { self.months_in(page, &tag.path, &tag.posts) } else { Vec::new() },
            talked => if first { self.talked_in(page, &tag.posts) } else { None },
            people => if first { self.members_in(page, &tag.posts) } else { Vec::new() },
            ..self.list(page, &tag.path, &tag.posts, number)
        };
        self.html(page, "list.html", &title, "tags", values)
    }
}
