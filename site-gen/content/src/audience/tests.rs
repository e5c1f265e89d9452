use super::*;

fn of(name: &str, value: &str) -> AudienceMarks {
    let mut told = AudienceMarks::default();
    if let Some(asks) = asks(name) {
        told.hear(says(asks, value));
    }
    told
}

/// Every spelling of "not for everybody" that the issue names, and more.
const WITHHELD: &[(&str, &str)] = &[
    ("status", "draft"),
    ("Status", "Draft"),
    ("status", "private"),
    ("status", "私密"),
    ("state", "unpublished"),
    ("type", "draft"),
    ("publish", "false"),
    ("published", "no"),
    ("public", "false"),
    ("isPublic", "false"),
    ("is-public", "0"),
    ("draft", "true"),
    ("draft", "\u{ff11}"),
    ("DRAFT", "YES"),
    ("isDraft", "1"),
    ("is_draft", "是"),
    ("is private", "on"),
    ("is_private", "y"),
    ("permission", "private"),
    ("access", "private"),
    ("access", "3"),
    ("encrypted", "true"),
    ("wp_password", "x"),
    ("password", "0"),
    ("post_status", "private"),
    ("post-status", "future"),
    ("草稿", "是"),
    ("私密", "是"),
    ("状态", "草稿"),
    ("狀態", "草稿"),
    ("可见", "仅自己"),
    ("可見性", "否"),
    ("权限", "私密"),
    ("權限", "僅自己可見"),
    ("公开", "否"),
    ("公開", "否"),
    ("是否公开", "不"),
    ("發布", "否"),
    ("是否發佈", "false"),
    ("visibility", "什么"),
    ("visibility", "1"),
    ("Visible_To", "friends"),
    ("privacy", "only me"),
    ("hidden", "true"),
    ("unlisted", "true"),
    ("listed", "false"),
    ("archived", "true"),
    ("deleted", "1"),
    ("回收站", "是"),
    ("membersOnly", "true"),
    ("need_login", "true"),
    ("tags", "私密"),
    ("status", "qwertz"),
    ("状态", "7"),
    ("审核状态", "未通过"),
];

#[test]
fn every_spelling_of_not_public_withholds() {
    for (name, value) in WITHHELD {
        assert!(of(name, value).withholds(), "{name}: {value}");
    }
}

#[test]
fn what_says_nothing_of_it_withholds_nothing() {
    for (name, value) in [
        ("status", "publish"),
        ("status", "连载中"),
        ("status", "evergreen"),
        ("状态", "在读"),
        ("permission", "CC BY 4.0"),
        ("权限", "允许转载"),
        ("type", "post"),
        ("layout", "post"),
        ("private", "false"),
        ("encrypt", ""),
        ("password", ""),
        ("draft", "否"),
        ("published", "2021-05-29"),
        ("published", "true"),
        ("公开", "是"),
        ("可见", "公开"),
        ("visibility", "public"),
        ("hide", "toc"),
        ("noindex", "true"),
        ("sitemap", "false"),
        ("keywords", "x"),
        ("keys", "x"),
        ("posts", "x"),
        ("tags", "读书"),
        ("license", "private"),
    ] {
        assert!(!of(name, value).withholds(), "{name}: {value}");
    }
}

#[test]
fn who_could_see_it() {
    for (words, wanted) in [
        ("公开", Visibility::Public),
        ("已公開", Visibility::Public),
        ("不公开", Visibility::Private),
        ("半公开", Visibility::Unknown),
        ("仅会员公开", Visibility::Unknown),
        ("Only me", Visibility::Private),
        ("仅圈内", Visibility::Circle),
        ("部分好友可见", Visibility::Direct),
        ("热门", Visibility::Unknown),
    ] {
        assert_eq!(of_words(words), wanted, "{words}");
    }
    let mut told = AudienceMarks::default();
    for who in [Visibility::Public, Visibility::Private, Visibility::Circle] {
        told.hear(Says::Seen(who));
    }
    assert_eq!(told.visibility, Some(Visibility::Private));
}

#[test]
fn folders_and_names() {
    for path in [
        "_drafts/a.md",
        "Drafts/a.md",
        "blog/DRAFT/a.md",
        "草稿/a.md",
        "草稿箱/2021/a.md",
        "01-草稿/a.md",
        "私密/a.md",
        "私密 日记/a.md",
        "日记（私密）/a.md",
        "Private/a.md",
        "未發佈/a.md",
        "_unpublished/a.md",
        "回收站/a.md",
        "Trash/a.md",
        ".trash/a.md",
        "source/_discarded/a.md",
        "a/草稿.zip/b.md",
        "drafts-old/a.md",
        "posts/x.draft.md",
        "posts/X.Draft.MD",
        "posts/x.private.md",
        "posts/x-draft.md",
        "posts/draft.md",
        "posts/【草稿】五月.md",
        "posts/五月（私密）.md",
        "posts/草稿 五月.md",
        "posts/五月-草稿.md",
        "posts/[draft] may.md",
    ] {
        assert!(of_path("", path).withholds(), "{path}");
    }
    for path in [
        "posts/drafting-a-letter.md",
        "posts/saving-private-ryan.md",
        "posts/private-island/index.md",
        "posts/trash-talk.md",
        "bin/a.md",
        "posts/起草.md",
        "posts/2021-05-29-first.md",
        "posts/top-secret.md",
    ] {
        assert!(!of_path("", path).withholds(), "{path}");
    }
    assert!(of_path("草稿", "a.md").draft && of_path("backup/drafts.zip", "a.md").draft);
}
