//! The first page, and the pages after it: everything, the newest first.

use minijinja::context;

use super::super::{Rendered, Renderer};
use crate::{Result, plan::Page};

impl Renderer<'_> {
    pub(in crate::render) fn home(&self, page: &Page, number: usize) -> Result<Rendered> {
        let all: Vec<usize> = (0..self.site.posts.len()).collect();
        let values = context! {
            home => true,
            first => number == 1,
            description => self.site.config.tagline.clone(),
            ..self.list(page, "index.html", &all, number)
        };
        self.html(page, "list.html", self.words.get("home"), "home", values)
    }
}
