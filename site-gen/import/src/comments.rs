//! Comment systems, and blogs with their comments: Disqus, WordPress, Blogger, Waline, Valine, Twikoo, Artalk, Isso, Commento, remark42, Staticman.
//!
//! They keep comments and addresses of pages, not the pages. [`pages`] makes a place for each page, [`rows`] makes the comments; when
//! a blog's own posts are imported too, the build (`site::pages`) brings the two together.

pub(super) use blogger::is_blogger;

use super::Importer;

mod artalk;
mod blogger;
mod commento;
mod disqus;
mod fields;
mod isso;
mod pages;
mod remark42;
mod rows;
mod staticman;
mod twikoo;
mod valine;
mod waline;
mod wxr;
mod xml;

/// Those of this family, the surest first.
pub(super) static IMPORTERS: &[&dyn Importer] = &[
    &blogger::Blogger,
    &disqus::Disqus,
    &wxr::Wxr,
    &waline::Waline,
    &valine::Valine,
    &twikoo::Twikoo,
    &artalk::Artalk,
    &commento::Commento,
    &remark42::Remark42,
    &isso::Isso,
    &staticman::Staticman,
];
