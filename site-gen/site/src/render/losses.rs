//! The pages “Missing” (`losses.html`): everything that the archive refers to but does not have, with the reason, the number, and
//! what a leader can do about it.
//!
//! 1. If several pages lack the same medium, [`once`] makes one loss of it. It groups the losses by reason, the most frequent
//!    first.
//! 2. Three lists follow each other and are divided into pages together: the losses, posts with fewer comments than their source
//!    said, and comments whose post is not in the archive.
//! 3. The first page has the sums, and links to the beginning of each part.

use std::collections::{BTreeMap, BTreeSet};

use circle_model::{
    archive::Scope,
    view::{self, ViewOptions},
};
use minijinja::{Value, context};

use super::{Loss, Rendered, Renderer, pager, unescaped};
use crate::{
    index::{PostEntry, Site},
    plan::{
        LOSSES_PER_PAGE, Page,
        kind::{Kind, Menu, Pages},
        nth, page_count,
    },
};
use circle_content::{
    Result,
    report::{Part, Problem},
};

/// The maximum number of pages that are named for one missing medium.
const MOST_PLACES: usize = 5;

/// The reasons with a text in `words/`: each has a `reason_` and a `mend_`.
const REASONS: &[&str] = &[
    "missing",
    "skipped",
    "expired",
    "forbidden",
    "placeholder",
    "too-big",
    "no-file",
    "empty",
    "not-a-picture",
    "unreadable",
    "uncleaned",
    "remote",
    "decision",
    "unknown",
];

/// Each of the sorted `losses` once, with all pages that lack it, by reason, the most frequent first.
#[must_use]
pub fn once(losses: Vec<Loss>) -> Vec<Loss> {
    let mut known: BTreeMap<(bool, String), usize> = BTreeMap::new();
    let mut all: Vec<Loss> = Vec::new();
    for loss in losses {
        let key = if loss.is_post || loss.key.is_empty() {
            format!("{}\n{}\n{}", loss.page, loss.what, loss.address)
        } else {
            loss.key.clone()
        };
        let place = *known.entry((loss.is_post, key)).or_insert(all.len());
        match all.get_mut(place) {
            Some(same) => {
                same.is_avatar &= loss.is_avatar;
                // They are sorted by page, so a page that is already named is the last one.
                let named = same.also.last().map_or(&same.page, |(page, _)| page);
                if *named != loss.page {
                    same.also.push((loss.page, loss.title));
                }
            }
            None => all.push(loss),
        }
    }
    let mut counts: BTreeMap<(bool, String), usize> = BTreeMap::new();
    for loss in &all {
        *counts.entry((loss.is_avatar, loss.reason.clone())).or_default() += 1;
    }
    // Posts are one group, because the reasons are in the words of their sources. Pictures of posts come before pictures of
    // people, even if most people have none.
    all.sort_by(|a, b| {
        let rank = |loss: &Loss| {
            let count = counts.get(&(loss.is_avatar, loss.reason.clone())).copied().unwrap_or_default();
            match loss.is_post {
                true => (1, 0, String::new()),
                false => (u8::from(loss.is_avatar) * 2, usize::MAX - count, loss.reason.clone()),
            }
        };
        rank(a).cmp(&rank(b)).then_with(|| a.cmp(b))
    });
    all
}

/// A post whose source counted more comments than the archive has.
#[derive(Debug)]
pub(super) struct Short {
    post: usize,
    said: String,
    here: u64,
    fewer: u64,
    exact: bool,
}

impl Short {
    /// Every such post, the newest first.
    pub(super) fn all(site: &Site, threads: &[Vec<usize>]) -> Vec<Self> {
        let of = |(index, (post, thread)): (usize, (&PostEntry, &Vec<usize>))| {
            let count = post.said_comments.as_ref()?;
            let said = count.value?;
            let shown = |at: &&usize| site.comments.get(**at).is_some_and(|comment| !comment.deleted);
            let here = thread.iter().filter(shown).count() as u64;
            let fewer = said.checked_sub(here).filter(|fewer| *fewer > 0)?;
            let said = if count.raw.is_empty() { said.to_string() } else { count.raw.clone() };
            Some(Self { post: index, said, here, fewer, exact: count.exact })
        };
        site.posts.iter().zip(threads).enumerate().filter_map(of).collect()
    }
}

const PATH: &str = "losses.html";

pub(crate) const KIND: Kind = Kind {
    fixed: &[PATH],
    whole_folders: &["losses"],
    menu: Some(Menu { place: 9, key: "losses" }),
    is_timeless: true,
    ..Kind::new("losses", Pages::OfRendered)
};

impl Renderer<'_> {
    /// The number of these pages; `losses` is the result of [`once`].
    #[must_use]
    pub fn loss_pages(&self, losses: &[Loss]) -> usize {
        page_count(losses.len() + self.shorts.len() + self.plan.orphans.len(), LOSSES_PER_PAGE)
    }

    pub(crate) fn losses(&self, page: &Page, number: usize, losses: &[Loss]) -> Result<Rendered> {
        let shorts = &self.shorts;
        let orphans = &self.plan.orphans;
        let start = (number - 1).saturating_mul(LOSSES_PER_PAGE);
        let [of_losses, of_shorts, of_orphans] = parts(start, [losses.len(), shorts.len(), orphans.len()]);
        let groups = self.loss_groups(page, losses.get(of_losses).unwrap_or_default(), losses);
        let (mut more_losses, mut problems) = (Vec::new(), Vec::new());
        let orphans_here = orphans.get(of_orphans).unwrap_or_default();
        let threads = self.orphans(&page.path, orphans_here, &mut more_losses, &mut problems)?;
        let nothing = losses.is_empty()
            && shorts.is_empty()
            && orphans.is_empty()
            && self.site.imports.iter().all(|import| import.lost.is_empty() && import.not_read == 0);
        let first = number == 1;
        let values = context! {
            groups,
            shorts => self.shorts(page, shorts.get(of_shorts).unwrap_or_default()),
            orphans => threads,
            first,
            nothing,
            count => (!losses.is_empty()).then(|| self.words.fill("n_losses", &losses.len().to_string())),
            sums => first.then(|| self.sums(page, losses, shorts.len(), orphans.len())),
            total => losses.len(),
            known => if first { self.known_of() } else { Vec::new() },
            pager => pager(self, page, PATH, number, self.loss_pages(losses)),
        };
        let rendered = self.html(page, "losses.html", self.words.get("losses_title"), "losses", values)?;
        Ok(Rendered { problems, ..rendered })
    }

    /// The losses of one page, by reason.
    fn loss_groups(&self, page: &Page, shown: &[Loss], all: &[Loss]) -> Vec<Value> {
        shown
            .chunk_by(same_group)
            .filter_map(|chunk| {
                let first = chunk.first()?;
                let rows: Vec<Value> = chunk.iter().map(|loss| self.row(page, loss)).collect();
                let count = all.iter().filter(|loss| same_group(loss, first)).count();
                Some(context! {
                    id => self.anchor(first),
                    heading => self.group_name(first),
                    count => self.words.fill("n_losses", &count.to_string()),
                    is_post => first.is_post,
                    rows,
                })
            })
            .collect()
    }

    fn row(&self, page: &Page, loss: &Loss) -> Value {
        let places = loss.also.len() + 1;
        let also: Vec<Value> = loss
            .also
            .iter()
            .take(MOST_PLACES - 1)
            .map(|(path, title)| context! { title, href => self.href(&page.path, path) })
            .collect();
        context! {
            what => loss.what.clone(), address => loss.address.clone(), title => loss.title.clone(),
            reason => loss.is_post.then(|| loss.reason.clone()),
            href => self.href(&page.path, &loss.page),
            also,
            places => (places > 1).then(|| self.words.fill("lost_places", &places.to_string())),
        }
    }

    /// The sums by reason, with what can be done.
    fn sums(&self, page: &Page, losses: &[Loss], shorts: usize, orphans: usize) -> Vec<Value> {
        let mut sums = Vec::new();
        let mut at = 0;
        let link = |at: usize, anchor: &str| {
            let path = nth(PATH, at / LOSSES_PER_PAGE + 1);
            let page_of = if path == page.path { String::new() } else { self.href(&page.path, &path) };
            format!("{page_of}#{anchor}")
        };
        for group in losses.chunk_by(same_group) {
            let Some(first) = group.first() else { continue };
            let mend = match self.reason_key(first) {
                _ if first.is_post => "mend_post".to_owned(),
                key => format!("mend_{}", key.unwrap_or("unknown")),
            };
            sums.push(context! {
                name => self.group_name(first), n => group.len(), href => link(at, &self.anchor(first)),
                mend => self.words.get(&mend),
            });
            at += group.len();
        }
        // These are not in the sum: they are not missing things, or they are in the archive after all.
        let others = [("short_threads", shorts, "shorts"), ("lost_threads", orphans, "orphans")];
        for (key, n, anchor) in others.into_iter().filter(|(_, n, _)| *n > 0) {
            sums.push(context! {
                name => self.words.get(key), n, href => link(at, anchor), beside => true,
                mend => self.words.get(&format!("mend_{anchor}")),
            });
            at += n;
        }
        sums
    }

    /// What is known to be missing without knowing what it was.
    fn known_of(&self) -> Vec<String> {
        let (mut lines, shorts) = (Vec::new(), &self.shorts);
        if !shorts.is_empty() {
            let fewer: u64 = shorts.iter().map(|short| short.fewer).fold(0, u64::saturating_add);
            let key = if shorts.iter().all(|short| short.exact) { "known_shorts" } else { "known_shorts_least" };
            lines.push(self.words.fill_all(key, &[shorts.len().to_string(), fewer.to_string()]));
        }
        let here = |post: &&PostEntry| post.reply_to.as_ref().is_some_and(|id| !self.plan.by_id.contains_key(id));
        let posts = self.site.posts.iter().filter(here).count();
        let comments = crate::stats::comments(self.site, self.plan)
            .filter(|comment| comment.parent.as_ref().is_some_and(|id| !self.plan.comment_ids.contains(id)))
            .count();
        for (key, n) in [("known_replies", posts), ("known_answers", comments)] {
            if n > 0 {
                lines.push(self.words.fill(key, &n.to_string()));
            }
        }
        lines.extend(self.not_carried_over());
        if self.site.imports.iter().any(|import| import.scope == Scope::OwnSlice) {
            lines.push(self.own_slice());
        }
        if self.site.imports.iter().any(|import| import.scope == Scope::Thread) {
            lines.push(self.words.get("known_thread").to_owned());
        }
        lines
    }

    /// What the imports could not carry over, by kind, and the number of files that no importer read. Comments that a source only
    /// counted are listed post by post, computed from the current archive.
    fn not_carried_over(&self) -> Vec<String> {
        let mut lost: BTreeMap<&str, u64> = BTreeMap::new();
        for (kind, count) in self.site.imports.iter().flat_map(|import| &import.lost) {
            *lost.entry(kind).or_default() += count;
        }
        lost.remove(Part::AbsentComment.as_str());
        let known = |kind: &&str| Part::ALL.iter().any(|part| part.as_str() == *kind);
        let mut lines: Vec<String> = lost
            .iter()
            .filter(|(kind, _)| known(kind))
            .map(|(kind, count)| self.words.fill(&format!("lost_{kind}"), &count.to_string()))
            .map(|what| self.words.fill("ledger_known_lost", &what))
            .collect();
        let not_read: u64 = self.site.imports.iter().map(|import| import.not_read).sum();
        if not_read > 0 {
            lines.push(self.words.fill("ledger_known_files", &not_read.to_string()));
        }
        lines
    }

    /// The period of one member's own export, and a note that it lacks other people's posts.
    fn own_slice(&self) -> String {
        let own: BTreeSet<_> = self.site.members.values().filter(|member| member.is_self).map(|m| &m.id).collect();
        let is_own = |post: &&PostEntry| post.author.as_ref().is_some_and(|id| own.contains(id));
        let days: Vec<String> = self
            .site
            .posts
            .iter()
            .filter(is_own)
            .filter_map(|post| post.created.local())
            .map(|date| format!("{:04}-{:02}-{:02}", date.year, date.month, date.day))
            .collect();
        let n = self.site.posts.iter().filter(is_own).count().to_string();
        match (days.iter().min(), days.iter().max()) {
            (Some(first), Some(last)) => self.words.fill_all("known_slice", &[first.clone(), last.clone(), n]),
            _ => self.words.get("own_slice").to_owned(),
        }
    }

    fn shorts(&self, page: &Page, shorts: &[Short]) -> Vec<Value> {
        let row = |short: &Short| {
            Some(context! {
                title => self.site.posts.get(short.post)?.title.clone(),
                href => self.href(&page.path, self.plan.posts.get(short.post)?),
                text => self.words.fill_all("short_thread", &[short.said.clone(), short.here.to_string()]),
            })
        };
        shorts.iter().filter_map(row).collect()
    }

    /// Comments whose post is not in the archive. They are shown here, so that nothing is lost.
    fn orphans(
        &self,
        page: &str,
        shown: &[usize],
        losses: &mut Vec<Loss>,
        problems: &mut Vec<Problem>,
    ) -> Result<Value> {
        if shown.is_empty() {
            return Ok(Value::UNDEFINED);
        }
        let mut views = Vec::new();
        for comment in shown.iter().filter_map(|index| self.site.comments.get(*index)) {
            let full = self.site.comment(comment)?;
            views.push(self.comment_view(page, self.words.get("losses_title"), &full, losses, problems));
        }
        let options = ViewOptions { lang: self.site.config.language, ..ViewOptions::default() };
        Ok(unescaped::html(view::articles(&views, options).into_iter().map(|(html, _)| html).collect()))
    }

    fn group_name(&self, loss: &Loss) -> String {
        match (loss.is_post, loss.is_avatar) {
            (true, _) => self.words.get("lost_posts").to_owned(),
            (false, true) => self.words.fill("lost_avatars", &loss.reason),
            (false, false) => loss.reason.clone(),
        }
    }

    /// The key of the text for a reason.
    fn reason_key(&self, loss: &Loss) -> Option<&'static str> {
        REASONS.iter().find(|key| self.words.get(&format!("reason_{key}")) == loss.reason).copied()
    }

    fn anchor(&self, loss: &Loss) -> String {
        match self.reason_key(loss) {
            _ if loss.is_post => "posts".to_owned(),
            key if loss.is_avatar => format!("avatars-{}", key.unwrap_or("other")),
            key => format!("reason-{}", key.unwrap_or("other")),
        }
    }
}

fn same_group(a: &Loss, b: &Loss) -> bool {
    a.is_post == b.is_post && (a.is_post || (a.is_avatar == b.is_avatar && a.reason == b.reason))
}

/// The part of each list that is on the page that begins at position `start` of all lists together.
fn parts<const N: usize>(start: usize, lengths: [usize; N]) -> [std::ops::Range<usize>; N] {
    let end = start + LOSSES_PER_PAGE;
    let mut before = 0;
    lengths.map(|length| {
        let range = start.saturating_sub(before).min(length)..end.saturating_sub(before).min(length);
        before += length;
        range
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loss(page: &str, key: &str, reason: &str) -> Loss {
        let text = str::to_owned;
        Loss { page: text(page), title: text(page), key: text(key), reason: text(reason), ..Loss::default() }
    }

    #[test]
    fn a_medium_that_three_pages_miss_is_one_loss() {
        let losses = once(vec![loss("a", "k", "x"), loss("b", "k", "x"), loss("b", "k", "x"), loss("c", "k", "x")]);
        let pages: Vec<&str> = losses.iter().flat_map(|loss| &loss.also).map(|(page, _)| page.as_str()).collect();
        assert_eq!((losses.len(), pages), (1, vec!["b", "c"]));
    }

    #[test]
    fn media_of_one_name_are_two_and_the_most_frequent_reason_is_first() {
        let named = |page: &str, key: &str| Loss { address: "image.jpg".to_owned(), ..loss(page, key, "often") };
        let losses = once(vec![loss("a", "z", "rare"), named("a", "1"), named("b", "2")]);
        let reasons: Vec<&str> = losses.iter().map(|loss| loss.reason.as_str()).collect();
        assert_eq!(reasons, ["often", "often", "rare"]);
    }

    #[test]
    fn pictures_of_posts_come_before_many_missing_avatars() {
        let avatar = |page: &str| Loss { is_avatar: true, ..loss(page, page, "often") };
        let losses = once(vec![avatar("m1"), avatar("m2"), loss("p", "k", "often"), loss("q", "l", "rare")]);
        let pages: Vec<&str> = losses.iter().map(|loss| loss.page.as_str()).collect();
        assert_eq!(pages, ["p", "q", "m1", "m2"]);
    }

    #[test]
    fn three_lists_are_cut_into_pages_as_one() {
        let of = |start| parts(start, [150, 100, 30]);
        assert_eq!(of(0), [0..150, 0..50, 0..0]);
        assert_eq!(of(200), [150..150, 50..100, 0..30]);
    }
}
