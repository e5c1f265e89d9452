//! Saved web pages: 豆瓣小组 folders, articles of WeChat official accounts, any page with an article.

use super::Importer;

mod article;
mod douban_group;
mod literal;
mod page;
mod pictures;
mod saved;
mod wechat_article;

/// Those of this family, the surest first.
pub(super) static IMPORTERS: &[&dyn Importer] =
    &[&douban_group::DoubanGroup, &wechat_article::WechatArticle, &article::SavedArticle];

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::{import, input::Input};

    #[test]
    fn each_kind_of_page_is_known_and_blogs_stay_blogs() {
        let exports = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/exports");
        for (case, wanted) in [
            ("douban-group/folder", "douban-group"),
            ("douban-group/browser", "douban-group"),
            ("wechat-article/pages", "wechat-article"),
            ("article/pages", "article"),
            ("markdown/html", "markdown"),
            ("markdown/data-uri", "markdown"),
            ("markdown/hexo", "markdown"),
        ] {
            let input = Input::open(&exports.join(case).join("in")).unwrap();
            let (importer, why) = import::recognise(&input).unwrap();
            assert_eq!(importer.name(), wanted, "{case}: {why}");
        }
    }
}
