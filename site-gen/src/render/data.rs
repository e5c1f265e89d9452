//! `data/*.jsonl`: the published records, ready to be imported again. Only what readers may see is in them.

use std::collections::BTreeMap;

use circle_model::{
    archive::{Circle, Event, HEADER, Media, MediaState, Record, RecordKind},
    id::Id,
};

use super::{Rendered, Renderer};
use crate::{Result, site::public_source};

impl Renderer<'_> {
    pub(super) fn data(&self, kind: RecordKind) -> Result<Rendered> {
        let mut lines = Lines::default();
        match kind {
            RecordKind::Circle => {
                for circle in &self.site.circles {
                    lines.push(Record::Circle(Box::new(circle.clone())));
                }
                if self.site.circles.is_empty() {
                    let config = &self.site.config;
                    lines.push(Record::Circle(Box::new(Circle {
                        id: Id::from(config.id.as_str()),
                        name: config.name.clone(),
                        platform: config.platform.clone(),
                        ..Circle::default()
                    })));
                }
            }
            RecordKind::Member => {
                for id in &self.plan.member_order {
                    if let Some(member) = self.site.members.get(id) {
                        lines.push(Record::Member(Box::new(member.clone())));
                    }
                }
            }
            RecordKind::Post => {
                // The oldest first, so that what has one moment keeps its order when it is imported again.
                for entry in self.site.posts.iter().rev() {
                    lines.push(Record::Post(Box::new(self.site.post(entry)?)));
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
                        lines.push(Record::Comment(Box::new(comment)));
                    }
                }
            }
            RecordKind::Reaction => {
                for range in &self.site.reactions {
                    let Record::Reaction(mut reaction) = self.site.line(kind, range)? else { continue };
                    reaction.target = self.site.veil.id(&reaction.target);
                    if reaction.member.as_ref().is_some_and(|member| self.site.veil.hides(member)) {
                        // Its id may be made from who and what.
                        reaction.id = self.site.veil.hidden_id(&reaction.id);
                    }
                    if self.is_published(&reaction.target) {
                        reaction.src = public_source(&reaction.src);
                        reaction.member = reaction.member.map(|id| self.site.resolve(&id).clone());
                        lines.push(Record::Reaction(reaction));
                    }
                }
            }
            RecordKind::Media => {
                for (id, medium) in &self.plan.media {
                    let Some(record) = self.site.media.get(id) else { continue };
                    let mut record = Media { file: None, ..record.clone() };
                    match medium {
                        Ok(published) => {
                            record.file = published.path.strip_prefix("media/").map(str::to_owned);
                            record.bytes = Some(published.bytes);
                        }
                        Err(missing) => {
                            record.reason.get_or_insert_with(|| missing.reason.to_owned());
                            if record.state == MediaState::Present {
                                record.state = MediaState::Missing;
                            }
                        }
                    }
                    lines.push(Record::Media(Box::new(record)));
                }
            }
            RecordKind::Event => {
                for event in &self.site.events {
                    let about_nothing_hidden = event.target.as_ref().is_none_or(|id| !self.site.withheld.contains(id));
                    if about_nothing_hidden {
                        let target = event.target.as_ref().map(|id| self.site.veil.id(id));
                        lines.push(Record::Event(Box::new(Event { target, ..event.clone() })));
                    }
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

    fn is_published(&self, id: &Id) -> bool {
        self.plan.by_id.contains_key(id) || self.plan.comment_ids.contains(id)
    }
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
