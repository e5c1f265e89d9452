//! The posts that leaders featured.

use minijinja::context;

use super::super::{Rendered, Renderer};
use crate::plan::{
    Page,
    front::DIGEST,
    kind::{Kind, Pages},
};
use circle_content::Result;

pub(crate) const KIND: Kind = Kind {
    fixed: &[DIGEST],
    folders: &["digest"],
    ..Kind::new("digest", Pages::OfContent(|site, plan| plan.front.pages(site.config.posts_per_page)))
};

impl Renderer<'_> {
    pub(crate) fn digest(&self, page: &Page, number: usize) -> Result<Rendered> {
        let posts = &self.plan.front.digest;
        let values = context! {
            count => self.n_posts(posts.len()),
            trail => self.trail(page, &[(self.words.get("home").to_owned(), "index.html")]),
            ..self.list(page, DIGEST, posts, number)
        };
        self.html(page, "list.html", self.words.get("digest"), "home", values)
    }
}
