//! A post as pages show it: its record is read once, its body sanitised once, its comments read once.

use circle_model::{
    archive::{Comment, Post},
    text::SafeHtml,
};

use super::{Renderer, body::TextContext};
use crate::index::{PostEntry, breaks};
use circle_content::{Result, report::Problem};

/// A post with its sanitised body. Whatever shows a post begins with this.
pub(super) struct PostView<'a> {
    /// The whole record, in the form that is published.
    pub(super) post: Post,
    /// Its body.
    pub(super) html: SafeHtml,
    /// True if the body could only be shown as plain text.
    pub(super) as_text: bool,
    /// Where the body stands, for the other texts and pictures of the post. It knows what was missing so far.
    pub(super) context: TextContext<'a>,
    /// What went wrong.
    pub(super) problems: Vec<Problem>,
}

impl Renderer<'_> {
    /// The view of a post on the page at `page`. `root` goes before addresses of the site.
    ///
    /// # Errors
    /// When the content changed while it was read.
    pub(super) fn view<'a>(&'a self, entry: &'a PostEntry, page: &'a str, root: String) -> Result<PostView<'a>> {
        Ok(self.view_of(entry, self.site.post(entry)?, page, root))
    }

    /// The same, of a record that was read already.
    pub(super) fn view_of<'a>(&'a self, entry: &'a PostEntry, post: Post, page: &'a str, root: String) -> PostView<'a> {
        let context = TextContext::new(self, page, &entry.title, root, &post.media, file_of(entry));
        let mut problems = Vec::new();
        let (html, as_text) = context.html(&post.body, breaks(&post, &entry.place), &mut problems);
        PostView { post, html, as_text, context, problems }
    }

    /// A post's text for a feed: addresses of the site begin with `root`.
    pub(super) fn feed_html(&self, entry: &PostEntry, post: &Post, page: &str, root: &str) -> String {
        let context =
            TextContext::new(self, page, &entry.title, root.to_owned(), &post.media, file_of(entry)).for_feed();
        context.html(&post.body, breaks(post, &entry.place), &mut Vec::new()).0.into_string()
    }

    /// The comments of the post at `index`, in the order of their files.
    ///
    /// # Errors
    /// When the content changed while it was read.
    pub(super) fn comments_of(&self, index: usize) -> Result<Vec<Comment>> {
        let thread = self.plan.threads.get(index).into_iter().flatten();
        thread.filter_map(|at| self.site.comments.get(*at)).map(|entry| self.site.comment(entry)).collect()
    }
}

/// The file that a post's text was in, here or at its source.
fn file_of(entry: &PostEntry) -> Option<&str> {
    entry.file.as_deref().or(entry.source_file.as_deref())
}
