//! The gate between importers and the archive. Importers push everything that an export contains, each record with its audience. The gate
//! passes on only what may be published, so that `content/archive` can be shown to anybody.
//!
//! 1. A record that is followers-only, direct, private, of unknown audience, a draft, hidden or deleted is withheld. So is everything that
//!    depends on it: its comments, reactions, pictures, and members that occur nowhere else. It is counted by its reason and stored in
//!    `content/private`, which no build reads. `circlekeep decide publish` can publish it.
//! 2. Email and IP addresses, phone numbers, tokens and signatures are removed from the records that are passed on. Texts of posts and
//!    comments, which people wrote for others, only lose signatures in addresses; `inspect` and `check` report what else is in them.
//!
//! An importer pushes a post before its comments, and both before their reactions.

use std::collections::{BTreeMap, BTreeSet};

use circle_model::{
    archive::{Circle, Comment, Extra, Media, Member, Post, Reaction, Record, RecordKind, Source, Visibility},
    id::Id,
};

pub use super::audience::{of_post, of_visibility};

mod account;
mod clean;
mod cleaned;
mod decided;
mod marks;

use account::Account;
pub use account::Counts;
pub use cleaned::{Fact, cleaned};

use clean::{clean_name, clean_names, holds_private, is_mail_picture, is_nameless, is_place, shown_by, stub, uses};

use super::audience::{self, AudienceMarks};
use crate::{Result, archive::Known, public, report::Exclusion};
use crate::{archive::opened, media::prepare, sink::Sink};
use circle_html::privacy;

/// Accepts all records of one import, passes on those that may be published, and withholds the rest.
pub struct Gate<'a> {
    sink: &'a mut dyn Sink,
    /// Records that a leader decided to publish.
    publish: BTreeSet<Id>,
    /// What is known of these records, because another site may have the same ids. The decision is about the known one.
    known: BTreeMap<Id, Known>,
    /// Of these posts, those that are published with their comments.
    with_comments: BTreeSet<Id>,
    /// Posts that a decision publishes without their comments.
    alone: BTreeSet<Id>,
    withheld: BTreeSet<Id>,
    /// Posts that earlier exports withheld, and that this export has not made public.
    withheld_before: BTreeSet<Id>,
    members: Vec<Member>,
    met: BTreeSet<Id>,
    met_in_private: BTreeSet<Id>,
    shown: BTreeSet<Id>,
    shown_in_private: BTreeSet<Id>,
    circles: BTreeMap<Id, Circle>,
    /// Spaces of publishable records, and spaces of withheld ones.
    spaces: BTreeSet<Id>,
    private_spaces: BTreeSet<Id>,
    counts: Counts,
    account: Account,
    /// Who may see records of unknown audience, if a leader chose that: for the listed records, or for all.
    unknown_as: Option<(Visibility, opened::Chosen)>,
    /// True if the records come from the archive itself. Their marks are then decisions of this circle's leaders.
    is_ours: bool,
    /// The folders and archives around everything that is read.
    above: String,
    /// What the name of the last file says, cached, because records of one file follow each other.
    placed: (String, AudienceMarks),
}

impl<'a> Gate<'a> {
    /// A gate before `sink`. Records in `publish` pass whatever they say themselves, but not what depends on them.
    #[must_use]
    pub fn new(sink: &'a mut dyn Sink, publish: BTreeSet<Id>) -> Self {
        Self {
            sink,
            publish,
            known: BTreeMap::new(),
            with_comments: BTreeSet::new(),
            alone: BTreeSet::new(),
            withheld: BTreeSet::new(),
            withheld_before: BTreeSet::new(),
            members: Vec::new(),
            met: BTreeSet::new(),
            met_in_private: BTreeSet::new(),
            shown: BTreeSet::new(),
            shown_in_private: BTreeSet::new(),
            circles: BTreeMap::new(),
            spaces: BTreeSet::new(),
            private_spaces: BTreeSet::new(),
            counts: Counts::default(),
            account: Account::default(),
            unknown_as: None,
            is_ours: false,
            above: String::new(),
            placed: (String::new(), AudienceMarks::default()),
        }
    }

    /// Treats records of unknown audience (and without any other mark) as `visibility`, if they are among `chosen`.
    #[must_use]
    pub fn with_unknown_as(self, visibility: Visibility, chosen: opened::Chosen) -> Self {
        Self { unknown_as: Some((visibility, chosen)), ..self }
    }

    /// The audience of a record that states `visibility`.
    fn visibility(&mut self, id: &Id, visibility: Visibility, extra: &mut Extra) -> Visibility {
        let Some((visible_to, chosen)) = &self.unknown_as else { return visibility };
        match chosen.by(id) {
            Some(import) if visibility == Visibility::Unknown && !audience::is_said(extra) => {
                self.counts.opened += 1;
                opened::mark(extra, import);
                *visible_to
            }
            _ => visibility,
        }
    }

    fn pass(&mut self, record: Record) -> Result<()> {
        self.account.keep(record.kind(), record.id());
        self.sink.push(record)
    }

    fn hold(&mut self, why: Exclusion, record: Record) -> Result<()> {
        self.account.withhold(record.kind(), record.id(), why);
        self.sink.withhold(why, record)
    }

    /// Passes on members who occur in publishable records, or nowhere at all (a list of members), and moves away pictures that only
    /// withheld records use. If the circle lists a space that has only withheld records, the circle is pushed again without it.
    ///
    /// # Errors
    /// If the sink cannot accept them.
    pub fn finish(mut self) -> Result<Counts> {
        for (_, circle) in std::mem::take(&mut self.circles) {
            let mut seen = circle.clone();
            self.close_spaces(&mut seen);
            if seen != circle {
                self.sink.push(Record::Circle(Box::new(seen)))?;
            }
        }
        for mut member in std::mem::take(&mut self.members) {
            if self.met_in_private.contains(&member.id) && !self.met.contains(&member.id) {
                self.shown_in_private.extend(member.avatar.iter().cloned());
                self.hold(Exclusion::ParentExcluded, Record::Member(Box::new(member)))?;
                continue;
            }
            self.shown.extend(member.avatar.iter().cloned());
            self.clean_member(&mut member)?;
            self.pass(Record::Member(Box::new(member)))?;
        }
        let aside: BTreeSet<Id> = self.shown_in_private.difference(&self.shown).cloned().collect();
        if !aside.is_empty() {
            self.sink.set_aside(&aside)?;
            aside.iter().for_each(|id| self.account.withhold(RecordKind::Media, id, Exclusion::ParentExcluded));
        }
        self.counts.absent_comments = self.account.absent_comments();
        self.counts.records = self.account.finish();
        for kind in ["posts", "comments", "events"] {
            for (why, count) in self.counts.records.get(kind).into_iter().flat_map(|records| &records.withheld) {
                *self.counts.excluded.entry(why).or_default() += count;
            }
        }
        Ok(self.counts)
    }

    /// Removes spaces that so far have only withheld records: an event for two people, a folder of drafts. A space above a kept one stays.
    /// A space without any records was listed for all, and stays.
    fn close_spaces(&self, circle: &mut Circle) {
        let above: BTreeSet<Id> = circle
            .spaces
            .iter()
            .filter(|space| self.spaces.contains(&space.id) || !self.private_spaces.contains(&space.id))
            .filter_map(|space| space.parent.clone())
            .collect();
        circle.spaces.retain(|space| {
            self.spaces.contains(&space.id) || !self.private_spaces.contains(&space.id) || above.contains(&space.id)
        });
    }

    /// Leaves of a deleted post only the placeholder and the reason.
    fn empty(&mut self, post: &mut Post) -> Result<()> {
        // Some sources identify their posts by address.
        let address = post.src.id.take_if(|id| id.contains("://"));
        let named = [post.title.take(), post.slug.take(), post.url.take().or(address)].into_iter().flatten();
        let words = named.chain([std::mem::take(&mut post.body.source)]).chain(std::mem::take(&mut post.tags));
        for words in words.filter(|words| !words.trim().is_empty()) {
            self.fact(&post.id, "deleted text", &words)?;
        }
        public::only_the_place(post);
        Ok(())
    }

    fn fact(&mut self, of: &Id, kind: &str, value: &str) -> Result<()> {
        *self.counts.facts.entry(kind.to_owned()).or_default() += 1;
        self.sink.keep_private(of, kind, value)
    }

    /// Moves content that no page showed to the private side.
    fn hidden(&mut self, of: &Id, words: Vec<String>) -> Result<()> {
        words.iter().try_for_each(|words| self.fact(of, "hidden text", words))
    }

    fn post(&mut self, mut post: Post) -> Result<()> {
        // Only this circle's leaders decide about unknown audiences, so the mark of an export is ignored.
        if !self.is_ours {
            post.extra.remove(opened::MARK);
        }
        post.visibility = self.visibility(&post.id, post.visibility, &mut post.extra);
        self.look_at_post(&mut post)?;
        let own = of_post(&post);
        let why = own.filter(|_| !self.is_published(&post.id, &post));
        if own.is_some() && why.is_none() && !self.with_comments.contains(&post.id) {
            self.alone.insert(post.id.clone());
        }
        let people = post.author.iter().chain(post.quote.iter().filter_map(|quote| quote.author.as_ref())).cloned();
        let media = shown_by(&post);
        if let Some(why) = why {
            self.met_in_private.extend(people);
            self.shown_in_private.extend(media);
            self.private_spaces.extend(post.space.clone());
            self.withheld.insert(post.id.clone());
            return self.hold(why, Record::Post(Box::new(post)));
        }
        if self.withheld_before.contains(&post.id) {
            if is_place(&post) {
                // The record has no content, and what is withheld says why.
                return Ok(());
            }
            self.withheld_before.remove(&post.id);
        }
        self.met.extend(people);
        self.spaces.extend(post.space.clone());
        let id = post.id.clone();
        if post.flags.deleted && own.is_none() {
            self.empty(&mut post)?;
        }
        self.hidden(&id, public::post(&mut post, None))?;
        let left = shown_by(&post);
        self.shown_in_private.extend(media.difference(&left).cloned());
        self.shown.extend(left);
        self.clean_rest(&id, &mut post.src, Some(&mut post.extra))?;
        self.pass(Record::Post(Box::new(post)))
    }

    fn comment(&mut self, mut comment: Comment) -> Result<()> {
        if !self.is_ours {
            comment.extra.remove(opened::MARK);
        }
        if let Some(visibility) = comment.visibility {
            comment.visibility = Some(self.visibility(&comment.id, visibility, &mut comment.extra));
        }
        self.look_at_comment(&mut comment)?;
        let is_published = self.is_published(&comment.id, &comment);
        let alone = self.alone.contains(&comment.post) && !is_published;
        let why = if self.is_withheld(&comment.post) || alone {
            Some(Exclusion::ParentExcluded)
        } else if is_published {
            None
        } else if let Some(why) = comment.visibility.and_then(of_visibility) {
            // This comes first: a private record leaves no placeholder when it is deleted, either.
            Some(why)
        } else if comment.flags.hidden {
            Some(Exclusion::Hidden)
        } else {
            comment.flags.deleted.then_some(Exclusion::Deleted)
        };
        let people = comment.author.iter().chain(&comment.reply_to_member).cloned();
        if let Some(why) = why {
            self.met_in_private.extend(people);
            self.shown_in_private.extend(uses(&comment.media));
            if why == Exclusion::Deleted {
                // The placeholder stays, because it has answers.
                let mut place = stub(&comment);
                self.clean_rest(&comment.id, &mut place.src, None)?;
                self.sink.push(Record::Comment(Box::new(place)))?;
                self.account.withhold(RecordKind::Comment, &comment.id, why);
                let empty = comment.body.source.trim().is_empty() && comment.media.is_empty();
                return if empty { Ok(()) } else { self.sink.withhold(why, Record::Comment(Box::new(comment))) };
            }
            self.withheld.insert(comment.id.clone());
            return self.hold(why, Record::Comment(Box::new(comment)));
        }
        self.met.extend(people);
        self.shown.extend(uses(&comment.media));
        let id = comment.id.clone();
        self.hidden(&id, public::comment(&mut comment))?;
        self.clean_rest(&id, &mut comment.src, Some(&mut comment.extra))?;
        self.pass(Record::Comment(Box::new(comment)))
    }

    fn reaction(&mut self, mut reaction: Reaction) -> Result<()> {
        if self.is_withheld(&reaction.target) || self.alone.contains(&reaction.target) {
            self.met_in_private.extend(reaction.member.clone());
            return self.hold(Exclusion::ParentExcluded, Record::Reaction(Box::new(reaction)));
        }
        self.met.extend(reaction.member.clone());
        let id = reaction.id.clone();
        self.clean_rest(&id, &mut reaction.src, None)?;
        self.pass(Record::Reaction(Box::new(reaction)))
    }

    fn medium(&mut self, mut medium: Media) -> Result<()> {
        if self.counts.seen.insert(medium.id.clone()) {
            let present = medium.state == circle_model::archive::MediaState::Present;
            *if present { &mut self.counts.media.present } else { &mut self.counts.media.missing } += 1;
        }
        for address in std::mem::take(&mut medium.remote) {
            if is_mail_picture(&address) {
                self.fact(&medium.id, "hash of an e-mail address", &address)?;
            } else {
                medium.remote.push(public::address(&address));
            }
        }
        medium.name = medium.name.as_deref().map(|name| clean_name(&medium.src.source, name));
        medium.reason = medium.reason.as_deref().map(privacy::masked);
        let id = medium.id.clone();
        self.clean_rest(&id, &mut medium.src, None)?;
        self.pass(Record::Media(Box::new(medium)))
    }

    fn clean_member(&mut self, member: &mut Member) -> Result<()> {
        let id = member.id.clone();
        self.hidden(&id, public::member(member))?;
        for name in std::mem::take(&mut member.names) {
            if is_nameless(&member.src.source, &name.value) {
                self.fact(&id, "name", &name.value)?;
            } else {
                member.names.push(name);
            }
        }
        for text in [member.bio.as_mut().map(|bio| &mut bio.source), member.title.as_mut()].into_iter().flatten() {
            if privacy::has_fact(text) {
                self.fact(&id, "bio", text)?;
                *text = privacy::masked(text);
            }
        }
        if let Some(url) = member.url.take() {
            let clean = public::address(&url);
            if privacy::has_fact(&clean) {
                self.fact(&id, "url", &url)?;
            } else {
                member.url = Some(clean);
            }
        }
        self.clean_rest(&id, &mut member.src, Some(&mut member.extra))
    }

    /// What all records have in common: their source, and unknown fields.
    fn clean_rest(&mut self, id: &Id, src: &mut Source, extra: Option<&mut Extra>) -> Result<()> {
        if let Some(key) = src.id.take_if(|key| privacy::has_fact(key)) {
            self.fact(id, "id at the source", &key)?;
        }
        src.file = src.file.as_deref().map(|file| clean_name(&src.source, file));
        let Some(extra) = extra else { return Ok(()) };
        let names: Vec<String> = extra
            .iter()
            .filter(|(name, value)| {
                let value = value.0.get();
                let named = privacy::is_private_name(name) || holds_private(value);
                named || privacy::has_fact(value) || privacy::is_private_value(value)
            })
            .map(|(name, _)| name.clone())
            .collect();
        for name in names {
            if let Some(value) = extra.remove(&name) {
                self.fact(id, &name, value.0.get())?;
            }
        }
        Ok(())
    }
}

impl Sink for Gate<'_> {
    fn push(&mut self, record: Record) -> Result<()> {
        self.account.push(&record);
        match record {
            Record::Post(post) => self.post(*post),
            Record::Comment(comment) => self.comment(*comment),
            Record::Reaction(reaction) => self.reaction(*reaction),
            Record::Media(medium) => self.medium(*medium),
            Record::Member(member) => {
                self.members.push(*member);
                Ok(())
            }
            Record::Event(mut event) => {
                if event.target.as_ref().is_some_and(|target| self.is_withheld(target)) {
                    self.met_in_private.extend(event.member.clone());
                    return self.hold(Exclusion::ParentExcluded, Record::Event(event));
                }
                self.met.extend(event.member.clone());
                let id = event.id.clone();
                self.hidden(&id, public::event(&mut event))?;
                self.clean_rest(&id, &mut event.src, None)?;
                self.pass(Record::Event(event))
            }
            Record::Circle(mut circle) => {
                self.shown.extend(circle.cover.clone());
                let id = circle.id.clone();
                self.hidden(&id, public::circle(&mut circle))?;
                self.clean_rest(&id, &mut circle.src, Some(&mut circle.extra))?;
                clean_names(&mut circle);
                self.close_spaces(&mut circle);
                self.circles.insert(id, circle.as_ref().clone());
                self.pass(Record::Circle(circle))
            }
            other @ (Record::Import(_) | Record::Decision(_)) => self.pass(other),
        }
    }

    fn keep_media(&mut self, medium: &prepare::Prepared) -> Result<String> {
        self.sink.keep_media(medium)
    }

    fn keep_private(&mut self, of: &Id, kind: &str, value: &str) -> Result<()> {
        self.fact(of, kind, value)
    }

    fn withhold(&mut self, why: Exclusion, record: Record) -> Result<()> {
        self.withheld.insert(record.id().clone());
        self.account.push(&record);
        self.hold(why, record)
    }

    fn set_aside(&mut self, media: &BTreeSet<Id>) -> Result<()> {
        self.shown_in_private.extend(media.iter().cloned());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use circle_model::archive::RecordKind;

    use super::*;

    /// A sink that writes down what it receives, one line each.
    #[derive(Default)]
    struct Notes(Vec<String>);

    impl Sink for Notes {
        fn push(&mut self, record: Record) -> Result<()> {
            self.0.push(format!("{} {}", record.kind().file_stem(), record.to_line().unwrap()));
            Ok(())
        }
        fn keep_media(&mut self, medium: &prepare::Prepared) -> Result<String> {
            Ok(medium.sha256.clone())
        }
        fn keep_private(&mut self, of: &Id, kind: &str, value: &str) -> Result<()> {
            self.0.push(format!("private {of} {kind} {value}"));
            Ok(())
        }
        fn withhold(&mut self, why: Exclusion, record: Record) -> Result<()> {
            self.0.push(format!("withheld {} {} {}", why.as_str(), record.kind().file_stem(), record.id()));
            Ok(())
        }
        fn set_aside(&mut self, media: &BTreeSet<Id>) -> Result<()> {
            self.0.push(format!("aside {}", media.iter().map(Id::as_str).collect::<Vec<_>>().join(",")));
            Ok(())
        }
    }

    fn ids(ids: &[&str]) -> BTreeSet<Id> {
        ids.iter().map(|id| Id::from(*id)).collect()
    }

    fn through(lines: &[(RecordKind, &str)], publish: &[&str]) -> (Vec<String>, Counts) {
        let mut notes = Notes::default();
        let mut gate = Gate::new(&mut notes, ids(publish)).with_comments_of(ids(publish));
        for (kind, line) in lines {
            gate.push(kind.parse(line).unwrap()).unwrap();
        }
        let counts = gate.finish().unwrap();
        (notes.0, counts)
    }

    const DIRECT: &[(RecordKind, &str)] = &[
        (
            RecordKind::Post,
            r#"{"id":"p","author":"m","visibility":"direct","media":[{"media":"a"}],"body":{"source":"SECRET"}}"#,
        ),
        (RecordKind::Comment, r#"{"id":"c","post":"p","author":"n"}"#),
        (RecordKind::Reaction, r#"{"id":"r","target":"c","kind":"like","member":"n"}"#),
        (RecordKind::Post, r#"{"id":"q","author":"n","visibility":"circle","media":[{"media":"b"}]}"#),
        (RecordKind::Member, r#"{"id":"m","avatar":"av"}"#),
        (RecordKind::Member, r#"{"id":"n"}"#),
        (RecordKind::Member, r#"{"id":"listed"}"#),
    ];

    #[test]
    fn a_private_post_takes_with_it_what_hangs_on_it() {
        let (notes, counts) = through(DIRECT, &[]);
        let text = notes.join("\n");
        assert!(!text.contains("SECRET"), "{text}");
        for line in [
            "withheld direct posts p",
            "withheld parent-excluded comments c",
            "withheld parent-excluded reactions r",
            "withheld parent-excluded members m",
            "aside a,av",
        ] {
            assert!(notes.iter().any(|note| note == line), "{line}\n{text}");
        }
        let members = notes.iter().filter(|note| note.starts_with("members ")).count();
        assert_eq!((members, counts.excluded["direct"], counts.excluded["parent-excluded"]), (2, 1, 1));
        let (notes, counts) = through(DIRECT, &["p"]);
        assert!(notes.join("\n").contains("SECRET") && counts.excluded.is_empty());
        let mut notes = Notes::default();
        let mut gate = Gate::new(&mut notes, ids(&["p"]));
        for (kind, line) in DIRECT {
            gate.push(kind.parse(line).unwrap()).unwrap();
        }
        // Without its comments, if only the post was requested.
        assert_eq!(gate.finish().unwrap().excluded["parent-excluded"], 1);
        assert!(notes.0.iter().any(|note| note == "withheld parent-excluded reactions r"));
    }

    #[test]
    fn deleted_comments_leave_their_place() {
        let line = r#"{"id":"c","post":"p","author":"m","body":{"source":"SECRET"},"flags":{"deleted":true}}"#;
        let (notes, _) = through(&[(RecordKind::Comment, line)], &[]);
        assert!(notes[0].starts_with("comments ") && !notes[0].contains("SECRET") && !notes[0].contains("author"));
        assert_eq!(notes[1], "withheld deleted comments c");
    }

    #[test]
    fn what_was_private_leaves_no_place_when_it_is_deleted_too() {
        let line =
            r#"{"id":"c","post":"p","visibility":"private","flags":{"deleted":true},"body":{"source":"SECRET"}}"#;
        assert_eq!(through(&[(RecordKind::Comment, line)], &[]).0, ["withheld private comments c"]);
        let line = r#"{"id":"c","post":"p","flags":{"deleted":true},"src":{"source":"x","id":"b@mail.example.com"}}"#;
        let (notes, _) = through(&[(RecordKind::Comment, line)], &[]);
        assert!(notes.iter().any(|note| note.starts_with("comments ") && !note.contains("mail.example")), "{notes:?}");
    }

    #[test]
    fn spaces_of_private_things_are_not_named() {
        let circle = r#"{"id":"k","name":"圈","spaces":[{"id":"a","name":"甲"},{"id":"b","name":"SECRET","parent":"a"},{"id":"e","name":"空"}]}"#;
        let public = r#"{"id":"q","space":"a","visibility":"circle"}"#;
        let private = r#"{"id":"p","space":"b","visibility":"direct"}"#;
        let after = [(RecordKind::Post, public), (RecordKind::Post, private), (RecordKind::Circle, circle)];
        let (notes, _) = through(&after, &[]);
        let text = notes.join("\n");
        assert!(!text.contains("SECRET") && text.contains("甲") && text.contains("空"), "{text}");
        // If the circle comes first, its last version counts.
        let before = [(RecordKind::Circle, circle), (RecordKind::Post, public), (RecordKind::Post, private)];
        let (notes, _) = through(&before, &[]);
        assert!(notes.last().is_some_and(|last| last.starts_with("circle ") && !last.contains("SECRET")), "{notes:?}");
    }

    #[test]
    fn of_a_deleted_post_only_its_place_and_reason_go_on() {
        let line = r#"{"id":"p","title":"SECRET","visibility":"circle","tombstone":"作者删除","flags":{"deleted":true},"body":{"source":"SECRET"}}"#;
        let (notes, _) = through(&[(RecordKind::Post, line)], &[]);
        let public: String = notes.iter().filter(|note| !note.starts_with("private ")).cloned().collect();
        assert!(public.contains("作者删除") && !public.contains("SECRET"), "{public}");
    }

    #[test]
    fn facts_leave_every_field_but_the_text() {
        let member = r#"{"id":"m","names":[{"value":"a@mail.example.com"},{"value":"林晚"}],"bio":{"source":"电话 13800138000"},"url":"https://a.example/?token=abcdefgh","src":{"source":"x","id":"b@mail.example.com"},"extra":{"email":"x","seen_from":"203.0.113.9","deep":{"wxid":"wx1"},"level":3}}"#;
        let medium = r#"{"id":"i","remote":["https://files.example/a.png?t=xoxe-1234567890abcdef1234&e=1","https://www.gravatar.com/avatar/0123456789abcdef?s=80"]}"#;
        let (notes, counts) = through(&[(RecordKind::Member, member), (RecordKind::Media, medium)], &[]);
        let public: String = notes.iter().filter(|note| !note.starts_with("private ")).cloned().collect();
        for fact in ["mail.example", "13800138000", "abcdefgh", "203.0.113.9", "wx1", "xoxe-", "0123456789abcdef"] {
            assert!(!public.contains(fact), "{fact}: {public}");
        }
        assert!(public.contains("林晚") && public.contains("level"), "{public}");
        assert_eq!(counts.facts.values().sum::<u64>(), 7, "{counts:?}");
    }
}
