//! The page that a server shows for an address that the site does not have.

use minijinja::context;

use super::{Rendered, Renderer};
use crate::plan::Page;
use circle_content::Result;

impl Renderer<'_> {
    pub(super) fn not_found(&self, page: &Page) -> Result<Rendered> {
        self.html(page, "404.html", self.words.get("not_found"), "", context! {})
    }
}
