//! The markup of a comment: one function for the static archive, the prerendered fragment of the API, and the widget.
//!
//! The markup is a contract (`<section data-circle-thread data-until>`, `<article id="c-…" data-comment>`), because newer widgets must work
//! on archives that are decades old. It changes only by addition and has a golden test.
//!
//! A thread is a flat list in reading order. `data-depth` is the depth, at most [`MAX_DEPTH`], and every answer names the comment it
//! answers.

use maud::{Markup, Render, html};

use crate::{
    text::SafeHtml,
    thread::{self, Ids, Node},
    time::{Offset, Precision, Time, ZoneFrom, parse_rfc3339},
    wire,
};

/// The deepest level of indentation. Deeper answers stay at this level.
pub const MAX_DEPTH: usize = 5;

/// A language of the interface.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    /// 简体中文.
    #[default]
    ZhHans,
    /// 繁體中文.
    ZhHant,
    /// English.
    En,
}

impl Lang {
    /// The language for a BCP 47 tag: Chinese in the stated script or region; English for every other tag.
    #[must_use]
    pub fn from_tag(tag: &str) -> Self {
        let tag = tag.to_ascii_lowercase();
        let mut parts = tag.split(['-', '_']);
        if parts.next() != Some("zh") {
            return Self::En;
        }
        if parts.any(|part| matches!(part, "hant" | "tw" | "hk" | "mo")) { Self::ZhHant } else { Self::ZhHans }
    }

    /// The BCP 47 tag.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::ZhHans => "zh-Hans",
            Self::ZhHant => "zh-Hant",
            Self::En => "en",
        }
    }

    /// The wording for this language.
    #[must_use]
    pub fn pick<'a>(self, hans: &'a str, hant: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::ZhHans => hans,
            Self::ZhHant => hant,
            Self::En => en,
        }
    }
}

/// Who wrote a comment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuthorView {
    /// The name that is shown.
    pub name: String,
    /// Their page, relative to the page the comment is on.
    pub href: Option<String>,
    /// A short label beside the name: 圈主, 管理员, …
    pub badge: Option<String>,
}

/// A comment, ready for display.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommentView {
    /// Its id.
    pub id: String,
    /// The id of its parent, the comment it answers.
    pub parent: Option<String>,
    /// The author; `None` for an anonymous or deleted comment.
    pub author: Option<AuthorView>,
    /// When it was written.
    pub created: Time,
    /// True if it was edited.
    pub edited: bool,
    /// Its text; empty if deleted.
    pub html: SafeHtml,
    /// The number of likes.
    pub likes: u64,
    /// True if the reader likes it.
    pub liked: bool,
    /// True if the reader may edit it.
    pub editable: bool,
    /// True for the stub of a deleted comment.
    pub deleted: bool,
    /// True if pinned.
    pub pinned: bool,
    /// True for the accepted answer.
    pub accepted: bool,
    /// Its floor (楼层), if the source numbers comments. Siblings are sorted by floor first and by time second.
    pub order: Option<u64>,
}

impl CommentView {
    /// A comment from the API. `html` is its sanitised HTML; the caller guarantees that.
    #[must_use]
    pub fn live(comment: &wire::Comment, html: SafeHtml, lang: Lang) -> Self {
        let (utc, offset) = parse_rfc3339(&comment.created).unzip();
        Self {
            id: comment.id.clone(),
            parent: comment.parent.clone(),
            author: comment.author.as_ref().map(|author| AuthorView {
                name: author.name.clone(),
                href: None,
                badge: role_badge(&author.role, lang).map(str::to_owned),
            }),
            created: Time {
                raw: comment.created.clone(),
                utc,
                offset: offset.or(Some(Offset(0))),
                precision: if utc.is_some() { Precision::Ms } else { Precision::None },
                zone_from: ZoneFrom::Explicit,
            },
            edited: comment.edited.is_some(),
            html,
            likes: comment.likes,
            liked: comment.liked,
            editable: comment.editable,
            deleted: comment.deleted,
            pinned: comment.pinned,
            accepted: false,
            order: None,
        }
    }
}

/// The label beside the name of a leader or an admin.
#[must_use]
pub fn role_badge(role: &str, lang: Lang) -> Option<&'static str> {
    match role {
        "leader" => Some(lang.pick("圈主", "圈主", "Leader")),
        "admin" => Some(lang.pick("管理员", "管理員", "Admin")),
        _ => None,
    }
}

/// What the reader can do with a comment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Actions {
    /// Nothing: the static archive.
    #[default]
    None,
    /// Like and reply, and edit their own.
    Write,
}

/// How a thread is displayed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ViewOptions {
    /// The interface's language.
    pub lang: Lang,
    /// What the reader can do.
    pub actions: Actions,
}

impl Node for CommentView {
    fn id(&self) -> &str {
        &self.id
    }
    fn parent(&self) -> Option<&str> {
        self.parent.as_deref()
    }
    fn rank(&self) -> i64 {
        match self.order {
            Some(order) => i64::try_from(order).unwrap_or(i64::MAX),
            None => self.created.utc.map_or(0, |utc| utc.0),
        }
    }
}

/// A thread: `<section data-circle-thread>`. `until` is the cursor after the last comment; empty if there is none.
#[must_use]
pub fn thread(comments: &[CommentView], until: &str, options: ViewOptions) -> SafeHtml {
    let lang = options.lang;
    let shown = comments.iter().filter(|comment| !comment.deleted).count();
    let heading = match (lang, shown) {
        (Lang::En, 1) => "1 comment".to_owned(),
        (Lang::En, n) => format!("{n} comments"),
        (Lang::ZhHans, n) => format!("{n} 条评论"),
        (Lang::ZhHant, n) => format!("{n} 則留言"),
    };
    let markup = html! {
        section.circle-thread data-circle-thread data-until=(until) lang=(lang.tag()) aria-label=(lang.pick("评论", "留言", "Comments")) {
            h2.circle-count { (heading) }
            @if comments.is_empty() {
                p.circle-empty { (lang.pick("还没有人评论。", "還沒有人留言。", "No comments yet.")) }
            }
            @for (article, _) in articles(comments, options) { (article) }
        }
    };
    vouched(markup)
}

/// The articles of a thread in reading order, each with the index of its comment in `comments`.
#[must_use]
pub fn articles(comments: &[CommentView], options: ViewOptions) -> Vec<(SafeHtml, usize)> {
    let by_id = Ids::new(comments);
    thread::order(comments)
        .into_iter()
        .filter_map(|placed| {
            let comment = comments.get(placed.index)?;
            let parent = comment.parent.as_deref().filter(|_| !placed.dangling);
            let answered = parent.and_then(|id| comments.get(by_id.find(id)?));
            Some((article(comment, answered, placed.dangling, placed.depth, options), placed.index))
        })
        .collect()
}

fn article(
    comment: &CommentView,
    answered: Option<&CommentView>,
    dangling: bool,
    depth: usize,
    options: ViewOptions,
) -> SafeHtml {
    let lang = options.lang;
    vouched(html! {
        article.circle-comment id=(anchor(&comment.id)) data-comment=(comment.id) data-depth=(depth.min(MAX_DEPTH)) {
            header.circle-by {
                (author(comment, lang))
                " "
                a.circle-when href={ "#" (anchor(&comment.id)) } {
                    @let shown = comment.created.display();
                    @let shown = if shown.is_empty() { lang.pick("时间不详", "時間不詳", "Undated") } else { &shown };
                    // A `time` without its machine's form must have that form as its text, which words are not.
                    @match comment.created.datetime() {
                        Some(datetime) => time datetime=(datetime) { (shown) },
                        None => span { (shown) },
                    }
                }
                @if comment.edited { " " span.circle-edited { (lang.pick("已编辑", "已編輯", "Edited")) } }
                @if comment.pinned { " " span.circle-mark { (lang.pick("置顶", "置頂", "Pinned")) } }
                @if comment.accepted { " " span.circle-mark { (lang.pick("已采纳", "已採納", "Accepted")) } }
            }
            @if let Some(answered) = answered {
                p.circle-answers {
                    (lang.pick("回复 ", "回覆 ", "Replying to "))
                    a href={ "#" (anchor(&answered.id)) } {
                        @match &answered.author {
                            Some(author) => bdi { (author.name) },
                            None => (lang.pick("上面的评论", "上面的留言", "the comment above")),
                        }
                    }
                }
            } @else if dangling {
                p.circle-answers { (lang.pick("回复的评论不在这里", "回覆的留言不在這裡", "Replying to a comment that is not here")) }
            }
            @if comment.deleted {
                p.circle-gone { (lang.pick("这条评论已删除。", "這則留言已刪除。", "This comment was deleted.")) }
            } @else {
                div.circle-text { (comment.html) }
            }
            (footer(comment, options))
        }
    })
}

fn author(comment: &CommentView, lang: Lang) -> Markup {
    html! {
        span.circle-name {
            @match &comment.author {
                Some(author) => {
                    @if let Some(href) = &author.href { a href=(href) { bdi { (author.name) } } } @else { bdi { (author.name) } }
                    @if let Some(badge) = &author.badge { " " span.circle-badge { (badge) } }
                }
                None => {
                    @if comment.deleted { (lang.pick("已删除", "已刪除", "Deleted")) }
                    @else { (lang.pick("匿名", "匿名", "Anonymous")) }
                }
            }
        }
    }
}

fn footer(comment: &CommentView, options: ViewOptions) -> Markup {
    let lang = options.lang;
    let likes = match (lang, comment.likes) {
        (Lang::En, 1) => "1 like".to_owned(),
        (Lang::En, n) => format!("{n} likes"),
        (Lang::ZhHans, n) => format!("{n} 人赞"),
        (Lang::ZhHant, n) => format!("{n} 人按讚"),
    };
    html! {
        @if options.actions == Actions::Write && !comment.deleted {
            footer.circle-actions {
                button type="button" data-act="like" aria-pressed=(comment.liked.to_string()) {
                    (lang.pick("赞", "讚", "Like"))
                    @if comment.likes > 0 { " " (comment.likes) }
                }
                button type="button" data-act="reply" { (lang.pick("回复", "回覆", "Reply")) }
                @if comment.editable {
                    button type="button" data-act="edit" { (lang.pick("编辑", "編輯", "Edit")) }
                    button type="button" data-act="delete" { (lang.pick("删除", "刪除", "Delete")) }
                }
            }
        } @else if comment.likes > 0 && !comment.deleted {
            footer.circle-actions { span.circle-likes { (likes) } }
        }
    }
}

/// The HTML id of a comment: `c-` and the comment's id, with characters that a URL fragment may not contain spelt out.
#[must_use]
pub fn anchor(id: &str) -> String {
    format!("c-{}", crate::id::Id::from(id).slug())
}

/// Maud escapes everything that is not [`SafeHtml`], so its output is safe.
fn vouched(markup: Markup) -> SafeHtml {
    SafeHtml::rendered(markup.render().into_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Utc;

    fn comment(id: &str, parent: Option<&str>, name: &str, at: i64) -> CommentView {
        CommentView {
            id: id.into(),
            parent: parent.map(Into::into),
            author: Some(AuthorView {
                name: name.into(),
                href: Some("../members/m.html".into()),
                badge: Some("圈主".into()),
            }),
            created: Time {
                utc: Some(Utc(1_622_257_457_000 + at)),
                offset: Some(Offset(480)),
                precision: Precision::S,
                ..Time::default()
            },
            html: crate::text::plain("好看"),
            ..CommentView::default()
        }
    }

    /// The contract: newer widgets rely on this markup. Add to it; never change it.
    #[test]
    fn the_markup_is_a_contract() {
        let html = thread(
            &[comment("1", None, "林晚", 0), comment("2", Some("1"), "</bdi><script>", 1)],
            "2",
            ViewOptions::default(),
        );
        assert_eq!(
            html.as_str(),
            concat!(
                r#"<section class="circle-thread" data-circle-thread data-until="2" lang="zh-Hans" aria-label="评论">"#,
                r#"<h2 class="circle-count">2 条评论</h2>"#,
                r#"<article class="circle-comment" id="c-1" data-comment="1" data-depth="0"><header class="circle-by">"#,
                r#"<span class="circle-name"><a href="../members/m.html"><bdi>林晚</bdi></a> <span class="circle-badge">圈主</span></span> "#,
                r##"<a class="circle-when" href="#c-1"><time datetime="2021-05-29T11:04:17+08:00">2021-05-29 11:04</time></a></header>"##,
                "<div class=\"circle-text\"><p>好看</p>\n</div></article>",
                r#"<article class="circle-comment" id="c-2" data-comment="2" data-depth="1"><header class="circle-by">"#,
                r#"<span class="circle-name"><a href="../members/m.html"><bdi>&lt;/bdi&gt;&lt;script&gt;</bdi></a> "#,
                r#"<span class="circle-badge">圈主</span></span> "#,
                r##"<a class="circle-when" href="#c-2"><time datetime="2021-05-29T11:04:17+08:00">2021-05-29 11:04</time></a></header>"##,
                r##"<p class="circle-answers">回复 <a href="#c-1"><bdi>林晚</bdi></a></p>"##,
                "<div class=\"circle-text\"><p>好看</p>\n</div></article></section>",
            )
        );
    }

    #[test]
    fn a_static_page_has_no_dead_buttons() {
        let comments = [CommentView { likes: 3, ..comment("1", None, "林晚", 0) }];
        let still = thread(&comments, "", ViewOptions::default());
        assert!(!still.as_str().contains("<button") && still.as_str().contains("3 人赞"));
        let live = thread(&comments, "", ViewOptions { lang: Lang::En, actions: Actions::Write });
        assert!(live.as_str().contains("data-act=\"like\"") && !live.as_str().contains("data-act=\"edit\""));
    }

    #[test]
    fn a_deleted_parent_stays_as_a_stub_and_a_missing_one_is_named() {
        let gone = CommentView { deleted: true, author: None, ..comment("1", None, "", 0) };
        let html = thread(
            &[gone, comment("2", Some("1"), "甲", 1), comment("3", Some("9"), "乙", 2)],
            "",
            ViewOptions::default(),
        );
        assert!(html.as_str().contains("这条评论已删除。") && html.as_str().contains("回复的评论不在这里"));
        assert!(html.as_str().contains("2 条评论"));
    }

    #[test]
    fn languages_by_tag() {
        assert_eq!(Lang::from_tag("zh-CN"), Lang::ZhHans);
        assert_eq!(Lang::from_tag("zh-Hant-HK"), Lang::ZhHant);
        assert_eq!(Lang::from_tag("en-GB"), Lang::En);
    }
}
