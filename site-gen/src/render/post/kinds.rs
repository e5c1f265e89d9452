//! What a post is: the word for it, its marks, and the parts that only some kinds have.

use circle_model::archive::{Card, Poll, PostKind};
use minijinja::{Value, context};

use crate::{
    render::{Renderer, body::Around},
    sanitize,
    site::PostEntry,
};

impl Renderer<'_> {
    pub(in crate::render) fn kind_word(&self, kind: PostKind) -> Option<String> {
        let key = match kind {
            PostKind::Note | PostKind::Article => return None,
            PostKind::Question => "kind_question",
            PostKind::Task => "kind_task",
            PostKind::Solution => "kind_solution",
            PostKind::Poll => "kind_poll",
            PostKind::Share => "kind_share",
            PostKind::Review => "kind_review",
            PostKind::Recommendation => "kind_recommendation",
            PostKind::Album => "kind_album",
            PostKind::Service => "kind_service",
        };
        Some(self.words.get(key).to_owned())
    }

    pub(in crate::render) fn marks(&self, entry: &PostEntry) -> Vec<String> {
        let flags = &entry.flags;
        [
            (flags.pinned, "pinned"),
            (flags.digest, "digest"),
            (flags.locked, "locked"),
            (flags.sensitive, "sensitive"),
            (flags.partial, "partial"),
        ]
        .into_iter()
        .filter(|(set, _)| *set)
        .map(|(_, key)| self.words.get(key).to_owned())
        .collect()
    }

    pub(super) fn card_of(&self, around: &Around<'_>, card: &Card) -> Value {
        let url = card.url.clone().filter(|url| url.starts_with("http://") || url.starts_with("https://"));
        let picture = card.image.as_ref().map(|id| sanitize::medium_html(around.by_id(id, ""), "", true, around));
        context! {
            title => card.title.clone().or(url.clone()),
            summary => card.summary.clone(),
            host => url.as_deref().and_then(|url| url::Url::parse(url).ok()).and_then(|url| url.host_str().map(str::to_owned)),
            url,
            picture => picture.map(Value::from_safe_string),
        }
    }
}

pub(super) fn poll(poll: &Poll) -> Value {
    let most = poll.options.iter().filter_map(|option| option.votes.as_ref()?.value).max().unwrap_or(0).max(1);
    let options: Vec<Value> = poll
        .options
        .iter()
        .map(|option| {
            let value = option.votes.as_ref().and_then(|votes| votes.value);
            let shown = option.votes.as_ref().map(|votes| {
                if votes.raw.is_empty() { votes.value.unwrap_or(0).to_string() } else { votes.raw.clone() }
            });
            context! { text => option.text.clone(), votes => shown, value => value.unwrap_or(0), most }
        })
        .collect();
    context! { options }
}
