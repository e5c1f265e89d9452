//! What a post answers and what it quotes.

use circle_model::{archive::Post, text::LineBreaks};
use minijinja::{Value, context};

use crate::{
    render::{Renderer, body::Around},
    report::Problem,
};

impl Renderer<'_> {
    pub(super) fn quote(
        &self,
        page: &str,
        around: &Around<'_>,
        post: &Post,
        problems: &mut Vec<Problem>,
    ) -> Option<Value> {
        let quote = post.quote.as_ref()?;
        let inside = quote.post.as_ref().and_then(|id| self.plan.by_id.get(id));
        let href = inside.and_then(|index| self.plan.posts.get(*index)).map(|path| self.href(page, path));
        let title = inside.and_then(|index| self.site.posts.get(*index)).map(|post| post.title.clone());
        let html = quote.text.as_ref().map(|text| around.html(text, LineBreaks::Hard, problems).0.into_string());
        Some(context! {
            author => quote.author.as_ref().map(|id| self.name(Some(id))),
            href,
            title,
            url => quote.url.clone().filter(|url| url.starts_with("http://") || url.starts_with("https://")),
            html => html.map(Value::from_safe_string),
        })
    }

    /// What a post answers: a page, or the honest word that it is not here.
    pub(super) fn reply(&self, page: &str, post: &Post) -> Option<Value> {
        let id = post.reply_to.as_ref()?;
        let inside = self.plan.by_id.get(id).copied();
        Some(context! {
            href => inside.and_then(|index| self.plan.posts.get(index)).map(|path| self.href(page, path)),
            title => inside.and_then(|index| self.site.posts.get(index)).map(|post| post.title.clone()),
        })
    }
}
