//! The page that a server shows for an address that the site does not have.

use minijinja::context;

use super::{Rendered, Renderer};
use crate::plan::{
    Page, What,
    kind::{Kind, Pages},
};
use circle_content::Result;

const PATH: &str = "404.html";

pub(crate) const KIND: Kind =
    Kind { fixed: &[PATH], ..Kind::new("not found", Pages::OfContent(|_, _| vec![Page::of(PATH, What::NotFound)])) };

impl Renderer<'_> {
    pub(crate) fn not_found(&self, page: &Page) -> Result<Rendered> {
        self.html(page, "404.html", self.words.get("not_found"), "", context! {})
    }
}
