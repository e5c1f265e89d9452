//! Saved web pages: 豆瓣小组 folders, flomo, 贴吧 threads, chats as pages of MemoTrace, articles of WeChat official accounts, and any other page
//! with an article.

use super::Importer;

mod article;
mod comments;
mod douban_group;
mod flomo;
mod literal;
mod page;
mod pictures;
mod saved;
mod tieba;
mod wechat_article;
mod wechatmsg_html;

pub(super) use page::is_page;

/// The importers of this family. The most certain come first.
pub(super) static IMPORTERS: &[&dyn Importer] = &[
    &douban_group::DoubanGroup,
    &tieba::Tieba,
    &wechatmsg_html::WechatMsgHtml,
    &flomo::Flomo,
    &wechat_article::WechatArticle,
    &article::SavedArticle,
];

#[cfg(test)]
mod tests {
    use std::path::Path;

    use circle_content::{input::Input, options::Options, report::Report};

    #[test]
    fn each_kind_of_page_is_known_and_blogs_stay_blogs() {
        let exports = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/exports");
        for (case, wanted) in [
            ("douban-group/folder", "douban-group"),
            ("douban-group/browser", "douban-group"),
            ("wechat-article/pages", "wechat-article"),
            ("article/pages", "article"),
            ("tieba/thread", "tieba"),
            ("wechatmsg-html/group", "wechatmsg-html"),
            ("wechatmsg-html/page", "wechatmsg-html"),
            ("markdown/html", "markdown"),
            ("markdown/data-uri", "markdown"),
            ("markdown/hexo", "markdown"),
        ] {
            let input = Input::open(&exports.join(case).join("in")).unwrap();
            let (importer, why) = crate::recognise(&input).unwrap();
            assert_eq!(importer.name(), wanted, "{case}: {why}");
        }
    }

    #[test]
    fn cut_and_shuffled_pages_never_panic() {
        let exports = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/exports");
        for case in [
            "douban-group/folder",
            "douban-group/browser",
            "wechat-article/pages",
            "article/pages",
            "tieba/thread",
            "wechatmsg-html/group",
        ] {
            let input = Input::open(&exports.join(case).join("in")).unwrap();
            let importer = crate::by_name(case.split('/').next().unwrap()).unwrap();
            for part in 1..24_usize {
                let files = input.entries().iter().map(|entry| {
                    let mut bytes = input.read(&entry.path, 1 << 20).unwrap();
                    let at = bytes.len() * part / 24;
                    if part % 2 == 0 {
                        bytes.truncate(at);
                    } else {
                        bytes.rotate_left(at);
                    }
                    (entry.path.clone(), bytes)
                });
                let cut = Input::memory(files.collect());
                let (mut sink, mut report) = (Vec::new(), Report::default());
                importer.import(&cut, &Options::default(), &mut sink, &mut report).unwrap();
                let text = format!("{sink:?}");
                assert!(!text.contains("PLANTED-saver") && !text.contains("planted-saver@"), "{case} {part}");
            }
        }
    }
}
