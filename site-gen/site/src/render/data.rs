//! `data/*.jsonl`: the published records, ready to be imported again. Only what readers may see is in them.

use std::collections::{BTreeMap, BTreeSet};

use circle_model::{
    archive::{Circle, HEADER, Media, MediaState, Member, Record, RecordKind, Role, Visibility},
    id::Id,
};

use super::{Rendered, Renderer};
use crate::plan::{
    Page, What,
    kind::{Kind, Pages},
};
use circle_content::{
    Result,
    config::settings,
    media::{Missing, Published},
    report::Exclusion,
};

pub(crate) const DATA: Kind = Kind {
    whole_folders: &["data"],
    ..Kind::new(
        "data",
        Pages::OfContent(|_, _| {
            let kinds = RecordKind::ALL.into_iter().filter(|kind| *kind != RecordKind::Decision);
            kinds.map(|kind| Page::of(format!("data/{}.jsonl", kind.file_stem()), What::Data(kind))).collect()
        }),
    )
};

pub(crate) const SETTINGS: Kind = Kind {
    fixed: &[settings::PUBLISHED],
    ..Kind::new("settings", Pages::OfContent(|_, _| vec![Page::of(settings::PUBLISHED, What::Settings)]))
};

impl Renderer<'_> {
    pub(crate) fn data(&self, kind: RecordKind) -> Result<Rendered> {
        let mut lines = Lines::default();
        match kind {
            RecordKind::Circle => {
                self.circles().into_iter().for_each(|circle| lines.push(Record::Circle(Box::new(circle))))
            }
            RecordKind::Member => {
                self.people()?.into_iter().for_each(|member| lines.push(Record::Member(Box::new(member))));
            }
            RecordKind::Post => {
                // The oldest first, so that what has one moment keeps its order when it is imported again.
                for entry in self.site.posts.iter().rev() {
                    let mut post = self.site.post(entry)?;
                    // Whoever could see it before, everybody can now.
                    if !post.visibility.is_published() {
                        post.visibility = Visibility::Circle;
                    }
                    (post.flags.draft, post.flags.hidden) = (false, false);
                    post.flags.deleted &= post.tombstone.is_some();
                    // Addresses of pages that became one with this post, by which other posts link to it.
                    let known: Vec<String> = post.legacy_urls.iter().chain(&post.url).cloned().collect();
                    post.legacy_urls.extend(entry.moved_from.iter().filter(|url| !known.contains(url)).cloned());
                    lines.push(Record::Post(Box::new(post)));
                }
            }
            RecordKind::Comment => {
                let mut pages: BTreeMap<usize, &String> = BTreeMap::new();
                for (thread, page) in self.plan.threads.iter().zip(&self.plan.posts) {
                    pages.extend(thread.iter().map(|index| (*index, page)));
                }
                for (index, entry) in self.site.comments.iter().enumerate() {
                    if self.plan.comment_ids.contains(&entry.id) {
                        let mut comment = self.site.comment(entry)?;
                        // The page's name now, which may be another than when it was written.
                        if let (Some(thread), Some(page)) = (&mut comment.thread, pages.get(&index)) {
                            thread.clone_from(page);
                        }
                        comment.visibility = comment.visibility.filter(|seen_by| seen_by.is_published());
                        comment.flags.hidden = false;
                        lines.push(Record::Comment(Box::new(comment)));
                    }
                }
            }
            RecordKind::Reaction => {
                for range in &self.site.reactions {
                    let reaction = self.site.reaction(range)?;
                    if let Some(reaction) = reaction.filter(|reaction| self.is_published(&reaction.target)) {
                        lines.push(Record::Reaction(Box::new(reaction)));
                    }
                }
            }
            RecordKind::Media => {
                for (id, medium) in &self.plan.media {
                    let Some(record) = self.site.media.get(id) else { continue };
                    let file = self.file_name(id, record);
                    lines.push(Record::Media(Box::new(described(record, medium, file))));
                }
            }
            RecordKind::Event => {
                for event in &self.site.events {
                    lines.push(Record::Event(Box::new(event.clone())));
                }
            }
            RecordKind::Import => {
                for import in &self.site.imports {
                    lines.push(Record::Import(Box::new(import.clone())));
                }
            }
            RecordKind::Decision => {}
        }
        Ok(Rendered { bytes: lines.0.into_bytes(), ..Rendered::default() })
    }

    /// `data/circle.toml`.
    pub(crate) fn settings(&self) -> Rendered {
        let mut left_out = self.excluded.clone();
        // The stubs of deleted comments are published, and are counted again by whoever reads them.
        let stubs = self.site.comments.iter().filter(|comment| comment.deleted);
        let stubs = stubs.filter(|comment| self.plan.comment_ids.contains(&comment.id)).count() as u64;
        if let Some(count) = left_out.get_mut(Exclusion::Deleted.as_str()) {
            *count = count.saturating_sub(stubs);
        }
        left_out.retain(|_, count| *count > 0);
        let mut config = self.site.config.clone();
        // A member's own host is named after them, and who imports this site needs none of theirs.
        config.old_hosts.retain(|host| self.site.is_untouched(host));
        Rendered { bytes: settings::text(&config, &left_out, &self.site.decided).into_bytes(), ..Rendered::default() }
    }

    /// The circle as each source knows it, and the parts of it that only Markdown files name.
    fn circles(&self) -> Vec<Circle> {
        let mut circles = self.site.circles.clone();
        if circles.is_empty() {
            let config = &self.site.config;
            circles.push(Circle {
                id: Id::from(config.id.as_str()),
                name: config.name.clone(),
                platform: config.platform.clone(),
                ..Circle::default()
            });
        }
        let known: BTreeSet<Id> =
            circles.iter().flat_map(|circle| &circle.spaces).map(|space| space.id.clone()).collect();
        let others = self.site.spaces.values().filter(|space| !known.contains(&space.id)).cloned();
        if let Some(first) = circles.first_mut() {
            first.spaces.extend(others);
        }
        circles
    }

    /// Everybody with a page, and of those without one (anonymous, gone, nameless) whoever wrote something here, without what no page
    /// shows of them.
    fn people(&self) -> Result<Vec<Member>> {
        let of = |id: &Id| self.site.members.get(id).cloned();
        let mut people: Vec<Member> = self.plan.member_order.iter().filter_map(of).collect();
        let pageless = |id: &Id| self.site.members.contains_key(id) && !self.plan.members.contains_key(id);
        if !self.site.members.keys().any(pageless) {
            return Ok(people);
        }
        let mut met: BTreeSet<Id> = BTreeSet::new();
        for entry in &self.site.posts {
            met.extend(entry.author.clone());
            met.extend(self.site.post(entry)?.quote.and_then(|quote| quote.author));
        }
        let comments = self.site.comments.iter().filter(|comment| self.plan.comment_ids.contains(&comment.id));
        met.extend(comments.flat_map(|comment| comment.author.iter().chain(&comment.reply_to_member)).cloned());
        for member in met.iter().filter(|id| pageless(id)).filter_map(of) {
            let shown = member.names.iter().find(|name| name.value == member.display_name()).cloned();
            people.push(Member {
                id: member.id,
                names: shown.into_iter().filter(|_| member.role != Role::Anonymous).collect(),
                avatar: member.avatar.filter(|avatar| self.plan.media.contains_key(avatar)),
                role: member.role,
                title: member.title.filter(|_| member.role != Role::Anonymous),
                ..Member::default()
            });
        }
        Ok(people)
    }

    fn is_published(&self, id: &Id) -> bool {
        self.plan.by_id.contains_key(id) || self.plan.comment_ids.contains(id)
    }
}

/// A medium as it is published: what its file really is, or why it is not there.
fn described(record: &Media, medium: &Result<Published, Missing>, file: Option<String>) -> Media {
    let mut described = Media { file: None, ..record.clone() };
    match medium {
        Ok(published) => {
            described.file = published.path.strip_prefix("media/").map(str::to_owned);
            described.bytes = Some(published.bytes);
            described.mime = Some(published.mime().to_owned());
            if let Some((width, height)) = published.size {
                (described.width, described.height) = (Some(width), Some(height));
            }
        }
        Err(missing) if record.state == MediaState::Present => {
            described.state = MediaState::Missing;
            described.reason = Some(missing.reason.to_owned());
            // The losses page names the file where nothing else names it.
            described.name = described.name.or(file);
        }
        Err(missing) => {
            described.reason.get_or_insert_with(|| missing.reason.to_owned());
        }
    }
    described
}

struct Lines(String);

impl Default for Lines {
    fn default() -> Self {
        Self(format!("{HEADER}\n"))
    }
}

impl Lines {
    fn push(&mut self, record: Record) {
        // A record that came from JSON always goes back to it.
        if let Ok(line) = record.to_line() {
            self.0.push_str(&line);
            self.0.push('\n');
        }
    }
}
