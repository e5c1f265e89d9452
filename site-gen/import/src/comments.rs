//! Comment systems, and blogs with comments: Disqus, WordPress, Blogger, Waline, Valine, Twikoo, Artalk, Isso, Commento, remark42,
//! Staticman.
//!
//! A comment system stores comments and addresses of pages, but not the pages. [`pages`] makes a placeholder for each page, [`rows`] makes
//! the comments. If a blog's own posts are imported too, the build (`site-gen/site/src/index/pages.rs`) joins the two.

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

/// The importers of this family. The most certain come first.
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
