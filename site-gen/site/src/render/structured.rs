//! Structured data for programs: Open Graph (for previews of links in chats) and JSON-LD with the vocabulary of schema.org.
//!
//! * A post is a `DiscussionForumPosting` with the beginning of its text and of its first comments, nested like the thread. A
//!   question with answers is a `QAPage`. The home page is a `WebSite`, a member's page a `ProfilePage`.
//! * With `base_url` every address is absolute. Without it, addresses are relative to the page, as JSON-LD allows inside HTML,
//!   and `og:url` and `og:image` are absent, because they must be absolute.
//! * The limits below keep a page with a thousand comments from growing by more than a few kilobytes.

use std::collections::BTreeMap;

use circle_model::{
    archive::{Comment, CommentKind, Post, PostKind},
    id::Id,
};
use minijinja::{Value, context};
use serde_json::{Map, Value as Json, json};

use super::{Renderer, unescaped};
use crate::{
    index::PostEntry,
    plan::CARD,
    plan::{Page, What},
};
use circle_content::{media::Kind, slug};
use circle_html::excerpt;

/// The maximum number of comments in JSON-LD.
const MOST_COMMENTS: usize = 60;
/// The maximum depth of nested replies.
const DEEPEST: usize = 4;
/// The maximum number of characters of a post's text, and below of a comment's.
const POST_TEXT: usize = 600;
const COMMENT_TEXT: usize = 160;
/// Smaller pictures are not used as cards.
const LEAST_CARD: (u32, u32) = (300, 160);

impl Renderer<'_> {
    /// The address of a file of the site for programs: absolute if `base_url` is set, otherwise relative to the page `from`.
    pub(super) fn public_href(&self, from: &str, to: &str) -> String {
        match &self.site.config.base_url {
            Some(base) => format!("{base}{}", slug::href(to).strip_suffix("index.html").unwrap_or(&slug::href(to))),
            None => self.href(from, to),
        }
    }

    /// The Open Graph data of every page, with the card picture of the site.
    pub(super) fn open_graph(&self, page: &Page) -> Value {
        let kind = match page.what {
            What::Post(_) => "article",
            What::Member(..) => "profile",
            _ => "website",
        };
        let locale = match self.site.config.language.tag() {
            "zh-Hant" => "zh_TW",
            "en" => "en_US",
            _ => "zh_CN",
        };
        let base = self.site.config.base_url.as_ref();
        let image = base.map(|base| context! { href => format!("{base}{CARD}"), width => 1200, height => 630 });
        let json_ld = match &page.what {
            What::Home(1) => self.site_json(page),
            What::Member(id, 1) => self.member_json(page, id),
            _ => Value::UNDEFINED,
        };
        context! { kind, locale, image, json_ld }
    }

    /// The additional data of a post: times, author, tags, and its own first picture in place of the card.
    pub(super) fn article(&self, page: &Page, entry: &PostEntry, post: &Post) -> Value {
        let picture = self.picture_of(entry).filter(|_| !entry.flags.sensitive && entry.tombstone.is_none());
        let image = self.site.config.base_url.as_ref().zip(picture).map(|(base, (path, (width, height)))| {
            context! { href => format!("{base}{}", slug::href(path)), width, height }
        });
        let author = entry.author.as_ref().and_then(|id| self.plan.members.get(id));
        context! {
            published => post.created.datetime(),
            modified => post.edited.as_ref().and_then(circle_model::time::Time::datetime),
            author => author.map(|member| self.public_href(&page.path, &member.path)).filter(|href| href.contains("://")),
            tags => entry.tags.clone(),
            image,
        }
    }

    /// The first published picture of a post that is large enough, with its size.
    fn picture_of(&self, entry: &PostEntry) -> Option<(&str, (u32, u32))> {
        entry.picture.iter().chain(&entry.media).find_map(|id| {
            let medium = self.plan.media.get(id)?.as_ref().ok().filter(|medium| medium.kind == Kind::Picture)?;
            let (width, height) = medium.size?;
            (width >= LEAST_CARD.0 && height >= LEAST_CARD.1).then_some((medium.path.as_str(), (width, height)))
        })
    }

    /// JSON-LD of the site, for its home page.
    fn site_json(&self, page: &Page) -> Value {
        let config = &self.site.config;
        let mut site = json!({
            "@context": "https://schema.org",
            "@type": "WebSite",
            "name": config.name,
            "url": self.public_href(&page.path, "index.html"),
            "inLanguage": config.language.tag(),
            "publisher": { "@type": "Organization", "name": config.name },
        });
        insert(&mut site, "description", config.tagline.as_ref().map(|line| json!(line)));
        data_block(&site)
    }

    /// JSON-LD of a member's page.
    fn member_json(&self, page: &Page, id: &Id) -> Value {
        let posts = self.plan.members.get(id).map_or(0, |member| member.posts.len());
        let mut person = self.person_json(&page.path, Some(id));
        insert(&mut person, "agentInteractionStatistic", Some(counter("WriteAction", posts as u64)));
        data_block(&json!({ "@context": "https://schema.org", "@type": "ProfilePage", "mainEntity": person }))
    }

    /// JSON-LD of a post with the beginning of its thread.
    pub(super) fn post_json(&self, page: &Page, entry: &PostEntry, post: &Post, comments: &[Comment]) -> Value {
        let path = &page.path;
        let told: Vec<&Comment> = comments.iter().filter(|comment| !comment.flags.deleted).collect();
        let count = told.len() as u64;
        let text = excerpt::of(&post.body, POST_TEXT);
        let config = &self.site.config;
        let mut posting = json!({
            "@type": "DiscussionForumPosting",
            "headline": circle_model::text::excerpt(&entry.title, 110),
            "url": self.public_href(path, path),
            "author": self.person_json(path, post.author.as_ref()),
        });
        insert(&mut posting, "datePublished", post.created.datetime().map(|time| json!(time)));
        insert(
            &mut posting,
            "dateModified",
            post.edited.as_ref().and_then(|time| time.datetime()).map(|time| json!(time)),
        );
        insert(&mut posting, "text", Some(json!(text)).filter(|_| !text.is_empty()));
        insert(&mut posting, "inLanguage", post.body.lang.as_ref().map(|lang| json!(lang)));
        let picture = self.picture_of(entry).map(|(file, _)| json!(self.public_href(path, file)));
        insert(&mut posting, "image", picture);
        insert(&mut posting, "keywords", Some(json!(entry.tags)).filter(|_| !entry.tags.is_empty()));
        insert(&mut posting, "creativeWorkStatus", entry.tombstone.as_ref().map(|_| json!("Deleted")));
        let likes = post.counts.like.as_ref().and_then(|count| count.value);
        let likes = likes.unwrap_or(0).max(self.site.likes.get(&post.id).copied().unwrap_or(0));
        insert(&mut posting, "interactionStatistic", interactions(likes, count));
        insert(&mut posting, "commentCount", (count > 0).then(|| json!(count)));
        let children = Threads::new(told.into_iter().take(MOST_COMMENTS));
        let answers: Vec<&Comment> = children.top().filter(|comment| comment.kind == CommentKind::Answer).collect();
        let whole = if post.kind == PostKind::Question && !answers.is_empty() {
            insert(&mut posting, "@type", Some(json!("Question")));
            let name = posting.as_object_mut().and_then(|question| question.remove("headline"));
            insert(&mut posting, "name", name);
            insert(&mut posting, "answerCount", Some(json!(answers.len())));
            let of = |accepted: bool| -> Vec<Json> {
                let fitting = answers.iter().filter(|answer| answer.flags.accepted == accepted);
                fitting.map(|answer| self.comment_json(path, answer, "Answer", &children, 1)).collect()
            };
            let (accepted, suggested) = (of(true), of(false));
            insert(&mut posting, "acceptedAnswer", Some(json!(accepted)).filter(|_| !accepted.is_empty()));
            insert(&mut posting, "suggestedAnswer", Some(json!(suggested)).filter(|_| !suggested.is_empty()));
            let others =
                self.comments_json(path, children.top().filter(|c| c.kind != CommentKind::Answer), &children, 1);
            insert(&mut posting, "comment", others);
            json!({ "@context": "https://schema.org", "@type": "QAPage", "mainEntity": posting })
        } else {
            insert(&mut posting, "comment", self.comments_json(path, children.top(), &children, 1));
            let site = json!({ "@type": "WebSite", "name": config.name, "url": self.public_href(path, "index.html") });
            insert(&mut posting, "isPartOf", Some(site));
            let mut whole = json!({ "@context": "https://schema.org" });
            if let (Some(whole), Json::Object(posting)) = (whole.as_object_mut(), posting) {
                whole.extend(posting);
            }
            whole
        };
        data_block(&whole)
    }

    fn comments_json<'c>(
        &self,
        from: &str,
        comments: impl Iterator<Item = &'c Comment>,
        children: &Threads<'c>,
        depth: usize,
    ) -> Option<Json> {
        let list: Vec<Json> =
            comments.map(|comment| self.comment_json(from, comment, "Comment", children, depth)).collect();
        (!list.is_empty()).then(|| json!(list))
    }

    fn comment_json(&self, from: &str, comment: &Comment, kind: &str, children: &Threads<'_>, depth: usize) -> Json {
        let text = excerpt::of(&comment.body, COMMENT_TEXT);
        let mut told = json!({
            "@type": kind,
            "url": format!("{}#c-{}", self.public_href(from, from), slug::href(comment.id.as_str())),
            "author": self.person_json(from, comment.author.as_ref()),
            // A comment with only a picture has no text; an ellipsis stands for it.
            "text": if text.is_empty() { "…".to_owned() } else { text },
        });
        insert(&mut told, "datePublished", comment.created.datetime().map(|time| json!(time)));
        let likes = comment.counts.like.as_ref().and_then(|count| count.value).unwrap_or(0);
        let likes = likes.max(self.site.likes.get(&comment.id).copied().unwrap_or(0));
        insert(&mut told, "interactionStatistic", interactions(likes, 0));
        if depth < DEEPEST {
            let below = self.comments_json(from, children.below(&comment.id), children, depth + 1);
            insert(&mut told, "comment", below);
        }
        told
    }

    fn person_json(&self, from: &str, id: Option<&Id>) -> Json {
        let mut person = json!({ "@type": "Person", "name": self.name(id) });
        let page = id.and_then(|id| self.plan.members.get(self.site.resolve(id)));
        insert(&mut person, "url", page.map(|member| json!(self.public_href(from, &member.path))));
        person
    }
}

/// The tree of comments. A comment whose parent is not among them is at the top.
struct Threads<'a> {
    top: Vec<&'a Comment>,
    below: BTreeMap<&'a Id, Vec<&'a Comment>>,
}

impl<'a> Threads<'a> {
    fn new(comments: impl Iterator<Item = &'a Comment>) -> Self {
        // Only an earlier comment can be the parent, so two comments that name each other do not form a cycle.
        let mut seen: std::collections::BTreeSet<&Id> = std::collections::BTreeSet::new();
        let mut threads = Self { top: Vec::new(), below: BTreeMap::new() };
        for comment in comments {
            match comment.parent.as_ref().filter(|parent| seen.contains(parent)) {
                Some(parent) => threads.below.entry(parent).or_default().push(comment),
                None => threads.top.push(comment),
            }
            seen.insert(&comment.id);
        }
        threads
    }

    fn top(&self) -> impl Iterator<Item = &'a Comment> + '_ {
        self.top.iter().copied()
    }

    fn below(&self, id: &Id) -> impl Iterator<Item = &'a Comment> + '_ {
        self.below.get(id).into_iter().flatten().copied()
    }
}

fn insert(object: &mut Json, key: &str, value: Option<Json>) {
    if let (Some(object), Some(value)) = (object.as_object_mut(), value) {
        object.insert(key.to_owned(), value);
    }
}

fn counter(action: &str, count: u64) -> Json {
    let kind = format!("https://schema.org/{action}");
    json!({ "@type": "InteractionCounter", "interactionType": kind, "userInteractionCount": count })
}

fn interactions(likes: u64, comments: u64) -> Option<Json> {
    let all: Vec<Json> = [("LikeAction", likes), ("CommentAction", comments)]
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(action, count)| counter(action, count))
        .collect();
    (!all.is_empty()).then(|| json!(all))
}

/// A graph, or an item of one, as a data block.
fn data_block(json: &Json) -> Value {
    let text = match json {
        Json::Object(fields) => serde_json::to_string(fields),
        other => serde_json::to_string(&Map::from_iter([("@graph".to_owned(), other.clone())])),
    };
    unescaped::json(&text.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_data_block_can_end_it() {
        let hostile = json!({ "name": "</script><script>alert(1)</script><!--\u{2028}&" });
        let block = data_block(&hostile).to_string();
        assert!(!block.contains(['<', '>', '&', '\u{2028}']), "{block}");
        assert_eq!(serde_json::from_str::<Json>(&block).unwrap(), hostile);
    }

    #[test]
    fn comments_that_answer_each_other_are_no_circle() {
        let of =
            |id: &str, parent: &str| Comment { id: Id::from(id), parent: Some(Id::from(parent)), ..Comment::default() };
        let comments = [of("a", "b"), of("b", "a"), of("c", "c"), of("d", "b")];
        let threads = Threads::new(comments.iter());
        let top: Vec<&str> = threads.top().map(|comment| comment.id.as_str()).collect();
        assert_eq!(top, ["a", "c"]);
        assert_eq!(threads.below(&Id::from("b")).count(), 1);
    }
}
