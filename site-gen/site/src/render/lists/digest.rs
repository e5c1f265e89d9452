//! The posts that leaders featured.

use minijinja::context;

use super::super::{Rendered, Renderer};
use crate::plan::{Page, front::DIGEST};
use circle_content::Result;

impl Renderer<'_> {
    pub(in crate::render) fn digest(&self, page: &Page, number: usize) -> Result<Rendered> {
        let posts = &self.plan.front.digest;
        let values = context! {
            count => self.n_posts(posts.len()),
            trail => self.trail(page, &[(self.words.get("home").to_owned(), "index.html")]),
            ..self.list(page, DIGEST, posts, number)
        };
        self.html(page, "list.html", self.words.get("digest"), "home", values)
    }
}
