//! Redirects: a page for each old path that can have one, and the complete list for two kinds of servers.

use std::fmt::Write as _;

use minijinja::context;

use super::{Rendered, Renderer};
use crate::plan::{
    Page, What,
    kind::{Kind, Pages},
    redirects::{FOR_HOSTERS, FOR_NGINX, Redirect, root_path},
};
use circle_content::{Result, slug};

/// They may be in any folder that belongs to no other kind, so they claim none.
pub(crate) const MOVED: Kind = Kind::new(
    "moved",
    Pages::OfPages(|_, plan| plan.moved.iter().map(|(path, post)| Page::of(path, What::Moved(*post))).collect()),
);

pub(crate) const LISTS: Kind = Kind {
    fixed: &[FOR_HOSTERS, FOR_NGINX],
    ..Kind::new(
        "redirects",
        Pages::OfPages(|_, plan| {
            let lists = [FOR_HOSTERS, FOR_NGINX].into_iter().filter(|_| !plan.redirects.is_empty());
            lists.map(|path| Page::of(path, What::Redirects(path))).collect()
        }),
    )
};

impl Renderer<'_> {
    /// The page at an old path, which leads to the post.
    pub(crate) fn moved(&self, page: &Page, post: usize) -> Result<Rendered> {
        let to = self.plan.posts.get(post).map(String::as_str).unwrap_or_default();
        let values = context! {
            target => self.href(&page.path, to),
            target_canonical => self.public_href(&page.path, to),
            target_title => self.site.posts.get(post).map(|post| post.title.clone()),
        };
        self.html(page, "moved.html", self.words.get("moved"), "", values)
    }

    /// The list for servers.
    pub(crate) fn redirect_list(&self, form: &str) -> Rendered {
        let root = root_path(self.site.config.base_url.as_deref());
        let list = &self.plan.redirects;
        let text = if form == FOR_HOSTERS { for_hosters(list, &root) } else { for_nginx(list, &root) };
        Rendered { bytes: text.into_bytes(), ..Rendered::default() }
    }
}

/// The format of Netlify and Cloudflare Pages: old address, for Netlify its query as separate words, new address, 301.
fn for_hosters(list: &[Redirect], root: &str) -> String {
    let mut text = String::from(
        "# Old addresses of this site. Netlify and Cloudflare Pages read this file by themselves\n\
         # (Cloudflare takes the first 2,000 lines, and none that has a query).\n",
    );
    for Redirect { from, to } in list {
        let (path, query) = from.split_once('?').unwrap_or((from, ""));
        let words: String = query.split('&').filter(|word| word.contains('=')).map(|word| format!(" {word}")).collect();
        if words.is_empty() && !query.is_empty() {
            // This format has only queries of names and values. nginx's list has the others.
            continue;
        }
        let _ = writeln!(text, "{path}{words} {root}{} 301", slug::href(to));
    }
    text
}

/// A map for nginx. Addresses contain only letters, digits and `-_.~/?&=%+`, so that none can end a line or a quotation.
fn for_nginx(list: &[Redirect], root: &str) -> String {
    let mut text = String::from(
        "# Old addresses of this site, for nginx. In the part `http`:\n\
         #   map_hash_bucket_size 512;\n\
         #   include /path/to/redirects-nginx.conf;\n\
         # and in the part `server`:\n\
         #   if ($circlekeep_moved) { return 301 $circlekeep_moved; }\n\
         map $request_uri $circlekeep_moved {\n    default \"\";\n",
    );
    for Redirect { from, to } in list {
        let _ = writeln!(text, "    \"{from}\" \"{root}{}\";", slug::href(to));
    }
    text.push_str("}\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_said_as_each_server_wants_it() {
        let of = |from: &str| Redirect { from: from.to_owned(), to: "posts/2021/05/诗.html".to_owned() };
        let list = [of("/?p=12"), of("/view.php?t=3&f=1"), of("/x?12"), of("/a/")];
        let target = "/c/posts/2021/05/%E8%AF%97.html";
        let text = for_hosters(&list, "/c/");
        let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(
            lines,
            [format!("/ p=12 {target} 301"), format!("/view.php t=3 f=1 {target} 301"), format!("/a/ {target} 301")]
        );
        let text = for_nginx(&list, "/c/");
        assert!(text.contains(&format!("    \"/x?12\" \"{target}\";\n")), "{text}");
        assert_eq!(text.matches("{target}").count() + text.matches("301 $circlekeep_moved").count(), 1);
    }
}
