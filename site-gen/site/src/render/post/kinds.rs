//! The kind of a post: its word, its marks, and the parts that only some kinds have.

use circle_model::archive::{Card, Poll, PollOption, PostKind};
use minijinja::{Value, context};

use crate::{
    index::PostEntry,
    render::{Renderer, body::TextContext, unescaped},
};
use circle_html::sanitize;

impl Renderer<'_> {
    pub(in crate::render) fn kind_word(&self, kind: PostKind) -> Option<String> {
        match kind {
            PostKind::Note | PostKind::Article => None,
            kind => Some(self.words.get(&format!("kind_{}", class(kind))).to_owned()),
        }
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

    /// A card for a linked page. If the page sells something, the price from its title or summary is shown separately.
    pub(super) fn card_of(&self, around: &TextContext<'_>, kind: PostKind, card: &Card) -> Value {
        let url = card.url.clone().filter(|url| url.starts_with("http://") || url.starts_with("https://"));
        let picture = card.image.as_ref().map(|id| sanitize::medium_html(around.by_id(id, ""), "", true, around));
        let label = match kind {
            PostKind::Recommendation => Some("card_goods"),
            PostKind::Review => Some("card_reviewed"),
            PostKind::Share => Some("card_shared"),
            _ => None,
        };
        let texts = card.summary.as_deref().into_iter().chain(card.title.as_deref());
        let price = texts.filter(|_| kind == PostKind::Recommendation).find_map(price_in);
        // The price is not repeated.
        let rest = |summary: &str| -> String {
            let rest = price.as_deref().and_then(|price| summary.trim().strip_prefix(price)).unwrap_or(summary);
            rest.trim_start_matches(|c: char| c.is_whitespace() || "·，,、；;|/".contains(c)).to_owned()
        };
        let summary = card.summary.as_deref().map(rest).filter(|summary| !summary.is_empty());
        context! {
            label => label.map(|key| self.words.get(key)),
            goods => kind == PostKind::Recommendation,
            title => card.title.clone().or(url.clone()),
            price,
            summary,
            host => url.as_deref().and_then(|url| url::Url::parse(url).ok()).and_then(|url| url.host_str().map(str::to_owned)),
            url,
            picture => picture.map(unescaped::html),
        }
    }

    /// A poll: for each answer the votes, their share and the length of the bar.
    pub(super) fn poll(&self, poll: &Poll) -> Value {
        let votes_of = |option: &PollOption| option.votes.as_ref().and_then(|votes| votes.value);
        let most = poll.options.iter().filter_map(votes_of).max().unwrap_or(0);
        let total = poll.options.iter().filter_map(votes_of).fold(0_u64, u64::saturating_add);
        // Shares are shown only if all numbers are known.
        let known = poll.options.iter().all(|option| votes_of(option).is_some());
        let exact = poll.options.iter().filter_map(|option| option.votes.as_ref()).all(|votes| votes.exact);
        let options: Vec<Value> = poll
            .options
            .iter()
            .map(|option| {
                let value = votes_of(option);
                let shown = option.votes.as_ref().map(|votes| {
                    if votes.raw.is_empty() { votes.value.unwrap_or(0).to_string() } else { votes.raw.clone() }
                });
                context! {
                    text => option.text.clone(),
                    votes => shown,
                    percent => value.filter(|_| known && total > 0).map(|value| format!("{}%", share(value, total, 100))),
                    bar => value.map(|value| share(value, most, 1000)),
                    first => most > 0 && value == Some(most),
                }
            })
            .collect();
        let mut notes = Vec::new();
        if known && total > 0 {
            let key = if exact { "poll_total" } else { "poll_total_about" };
            notes.push(self.words.fill(key, &total.to_string()));
        } else if poll.options.iter().all(|option| option.votes.is_none()) {
            notes.push(self.words.get("poll_unknown").to_owned());
        }
        if poll.multiple {
            notes.push(self.words.get("poll_multiple").to_owned());
        }
        let closed = poll.closed.as_ref().map(|time| self.words.fill("poll_closed", &time.display()));
        notes.extend(closed);
        context! { options, notes }
    }
}

/// The class name of a kind of post in style sheets.
pub(super) fn class(kind: PostKind) -> &'static str {
    match kind {
        PostKind::Note => "note",
        PostKind::Article => "article",
        PostKind::Question => "question",
        PostKind::Task => "task",
        PostKind::Solution => "solution",
        PostKind::Poll => "poll",
        PostKind::Share => "share",
        PostKind::Review => "review",
        PostKind::Recommendation => "recommendation",
        PostKind::Album => "album",
        PostKind::Service => "service",
    }
}

/// `part` of `whole` as a number of parts of `scale`, rounded.
fn share(part: u64, whole: u64, scale: u64) -> u64 {
    let (part, whole) = (u128::from(part), u128::from(whole.max(1)));
    u64::try_from((part * u128::from(scale) * 2 + whole) / (whole * 2)).unwrap_or(scale).min(scale)
}

/// The first price in a text, as written: `¥39.90`, `￥ 12`, `25 元`. A number without a currency is not a price.
fn price_in(text: &str) -> Option<String> {
    let number = |text: &str| -> usize {
        text.char_indices()
            .find(|(_, c)| !(c.is_ascii_digit() || matches!(c, '.' | ',')))
            .map_or(text.len(), |(at, _)| at)
    };
    for (at, _) in text.match_indices(['¥', '￥']) {
        let (sign, rest) = text.get(at..)?.split_at_checked(text.get(at..)?.chars().next()?.len_utf8())?;
        let digits = rest.trim_start().get(..number(rest.trim_start()))?.trim_end_matches(['.', ',']);
        if digits.starts_with(|c: char| c.is_ascii_digit()) {
            return Some(format!("{sign}{digits}"));
        }
    }
    for (at, unit) in text.match_indices('元') {
        let before = text.get(..at)?.trim_end();
        let digits: usize = before.chars().rev().take_while(|c| c.is_ascii_digit() || *c == '.').count();
        let digits = before.get(before.len() - digits..)?;
        if digits.starts_with(|c: char| c.is_ascii_digit()) {
            return Some(format!("{digits} {unit}"));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_is_what_says_its_currency() {
        assert_eq!(price_in("到手 ￥ 39.90，包邮"), Some("￥39.90".to_owned()));
        assert_eq!(price_in("旧书 25 元一本"), Some("25 元".to_owned()));
        assert_eq!(price_in("1984 年的书，公元前，多元"), None);
    }

    #[test]
    fn shares_are_rounded_and_never_more_than_all() {
        assert_eq!([share(1, 3, 100), share(2, 3, 100), share(3, 3, 100), share(0, 0, 100)], [33, 67, 100, 0]);
        assert_eq!(share(u64::MAX, u64::MAX, 1000), 1000);
    }
}
