//! Applies leaders' decisions to everything that leaves the archive: pseudonyms, redacted words, dropped media. The originals
//! stay as they are. Pages, feeds and `data/` are made only from records that passed through here.
//!
//! 1. [`Veil::new`] takes the decisions, all members' names and the key.
//! 2. [`Veil::post`], [`Veil::comment`] and similar functions change a record as it is read. Titles, excerpts, tags and file
//!    names are made from the changed record.
//! 3. Ids that were made from a name or a text could be guessed. They are replaced by keyed hashes.
//!
//! Only this module knows the people behind pseudonyms: nothing in the site leads back to them.

use std::collections::{BTreeMap, BTreeSet};

use circle_model::{
    archive::{Media, Member, NameKind, Role},
    id::Id,
    view::Lang,
};

mod pseudonym;
mod records;
mod rules;
mod stream;

use circle_content::archive::key::Key;
pub use rules::same_name;
use rules::{Care, Rules};
pub use stream::Markup;

/// The replacement for redacted words. Its length is always the same, so that nobody can count letters.
pub const BAR: &str = "███";

/// A word or phrase to redact.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Span {
    /// Exactly these words.
    Text(String),
    /// All private data of this kind, with the names of [`circle_html::privacy::facts`].
    Facts(&'static str),
}

/// The decisions in force.
#[derive(Clone, Debug, Default)]
pub struct Wishes {
    /// Members with pseudonyms, in the order of the decisions, with the names they had when it was decided.
    pub pseudonyms: Vec<(Id, Vec<String>)>,
    /// The words to redact, by record; [`EVERYWHERE`] means all records.
    pub spans: BTreeMap<Id, BTreeSet<Span>>,
    /// Media to remove.
    pub dropped: BTreeSet<Id>,
}

/// The target of a decision that applies to all records.
pub const EVERYWHERE: &str = "everywhere";

/// Changes what is published. The default one changes nothing.
#[derive(Clone, Debug, Default)]
pub struct Veil {
    names: Rules,
    addresses: Rules,
    spans: BTreeMap<Id, (Rules, BTreeSet<&'static str>)>,
    /// The public id of each member with a pseudonym, by every id that the archive has of them.
    members: BTreeMap<Id, Id>,
    /// The published records of these members.
    public: BTreeMap<Id, Member>,
    /// Records and media that are published under another id.
    ids: BTreeMap<Id, Id>,
    dropped: BTreeSet<Id>,
    key: Option<Key>,
    /// Names and words to remove that also belong to others, or that the site itself uses, folded.
    shared: BTreeSet<String>,
}

impl Veil {
    /// The veil for these decisions. `members` are all members as they are in the archive, `media` the dropped media. `None` if
    /// there is a pseudonym but no key.
    #[must_use]
    pub fn new(wishes: &Wishes, members: &[Member], media: &[Media], language: Lang, key: Option<Key>) -> Option<Self> {
        let mut veil = Self { key, ..Self::default() };
        for (number, id) in wishes.dropped.iter().enumerate() {
            veil.drop_medium(id, number + 1, media.iter().filter(|medium| medium.id == *id));
        }
        let ours = crate::words::Words::shared(language).all();
        for (id, spans) in &wishes.spans {
            // Words of the site itself are not words that people wrote.
            let own = |span: &&Span| match span {
                Span::Text(text) => ours.values().any(|words| rules::holds_or_is(words, text)),
                Span::Facts(_) => false,
            };
            for span in spans.iter().filter(own).filter(|_| id.as_str() == EVERYWHERE) {
                if let Span::Text(text) = span {
                    veil.shared.insert(rules::folded(text));
                }
            }
            let (rules, facts) = veil.spans.entry(id.clone()).or_default();
            for span in spans {
                match span {
                    Span::Text(text) => rules.add(text, Some(BAR), Care::Phrase),
                    Span::Facts(kind) => {
                        facts.insert(kind);
                    }
                }
            }
        }
        if !wishes.pseudonyms.is_empty() {
            let key = veil.key.clone()?;
            veil.name_members(wishes, members, language, &key);
        }
        Some(veil)
    }

    /// True if it never changes anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty() && self.spans.is_empty() && self.dropped.is_empty()
    }

    /// The id under which a member with a pseudonym is published.
    #[must_use]
    pub fn member(&self, id: &Id) -> Option<&Id> {
        self.members.get(id)
    }

    /// Every id of members with a pseudonym, with the public one.
    #[must_use]
    pub fn members(&self) -> &BTreeMap<Id, Id> {
        &self.members
    }

    /// Members with a pseudonym as they are published, by their public id.
    #[must_use]
    pub fn public_members(&self) -> &BTreeMap<Id, Member> {
        &self.public
    }

    /// The id under which a record or medium is published.
    #[must_use]
    pub fn id(&self, id: &Id) -> Id {
        self.ids.get(id).unwrap_or(id).clone()
    }

    /// The record or member with the published id `public`, if that differs from its own.
    #[must_use]
    pub fn original(&self, public: &Id) -> Option<&Id> {
        self.ids.iter().chain(&self.members).find(|(_, id)| *id == public).map(|(original, _)| original)
    }

    /// The public ids of dropped media.
    pub fn dropped(&self) -> impl Iterator<Item = Id> + '_ {
        self.dropped.iter().map(|id| self.id(id))
    }

    /// True for a medium that is removed, by either of its ids.
    #[must_use]
    pub fn is_dropped(&self, id: &Id) -> bool {
        self.dropped.contains(id)
    }

    /// True for a record with redacted words.
    #[must_use]
    pub fn blacks_out(&self, id: &Id) -> bool {
        self.spans.contains_key(id)
    }

    /// An id that reveals nothing about this one.
    #[must_use]
    pub fn hidden_id(&self, id: &Id) -> Id {
        match &self.key {
            Some(key) => key.id(id),
            // Without a key (if somebody wrote a phrase into decisions.jsonl by hand), a number is used.
            None => Id::new(format!("redacted-{}", self.ids.len() + 1)),
        }
    }

    /// Publishes a record under an id that reveals nothing.
    pub fn rename(&mut self, id: &Id) {
        let hidden = self.hidden_id(id);
        self.ids.entry(id.clone()).or_insert(hidden);
    }

    /// The public form of a text without markup, of the records `about`.
    #[must_use]
    pub fn line(&self, about: &[&Id], text: &str) -> String {
        self.changed(about, text, Markup::None).unwrap_or_else(|| text.to_owned())
    }

    /// The number of places that change in a text of the records `about`.
    #[must_use]
    pub fn places(&self, about: &[&Id], text: &str, markup: Markup) -> u64 {
        let everywhere = Id::from(EVERYWHERE);
        let spans = about.iter().copied().chain([&everywhere]).filter_map(|id| self.spans.get(id));
        let mut places = 0;
        for (rules, facts) in spans {
            places += rules.found(text, markup, false).len();
            places += facts_in(text, facts).map_or(0, |rules| rules.found(text, markup, false).len());
        }
        (places + self.names.found(text, markup, false).len()) as u64
    }

    /// Words in the text that must be removed everywhere, except names that belong to somebody else, too, or are words.
    #[must_use]
    pub fn left_in(&self, text: &str, markup: Markup) -> Option<String> {
        let spans = self.spans.get(&Id::from(EVERYWHERE)).map(|(rules, _)| rules);
        let all = [&self.names, &self.addresses].into_iter().chain(spans);
        all.flat_map(|rules| rules.found(text, markup, true)).find(|found| {
            // Short words in letters are often names of tags and settings.
            let short = found.len() < 8 && found.bytes().all(|b| b.is_ascii_alphanumeric());
            !short && !self.shared.contains(found)
        })
    }

    /// The changed text, if it changes. Redactions come first, so that no pseudonym can split a phrase.
    fn changed(&self, about: &[&Id], text: &str, markup: Markup) -> Option<String> {
        if self.is_empty() {
            return None;
        }
        let mut current: Option<String> = None;
        let everywhere = Id::from(EVERYWHERE);
        for id in about.iter().copied().chain([&everywhere]) {
            let Some((rules, facts)) = self.spans.get(id) else { continue };
            let now = current.as_deref().unwrap_or(text);
            let next = rules.apply(now, markup);
            let now = next.as_deref().unwrap_or(now);
            let found = facts_in(now, facts).and_then(|rules| rules.apply(now, markup));
            current = found.or(next).or(current);
        }
        for rules in [&self.addresses, &self.names] {
            current = rules.apply(current.as_deref().unwrap_or(text), markup).or(current);
        }
        current
    }

    fn drop_medium<'a>(&mut self, id: &Id, number: usize, records: impl Iterator<Item = &'a Media>) {
        let public = dropped_name(number);
        for address in records.flat_map(|medium| &medium.remote).filter(|address| address.len() > 8) {
            self.addresses.add(address, Some(&public), Care::Address);
            let bare = address.trim_start_matches("https:").trim_start_matches("http:");
            for scheme in ["https:", "http:", ""] {
                self.addresses.add(&format!("{scheme}{bare}"), Some(&public), Care::Address);
            }
        }
        self.ids.insert(id.clone(), Id::new(public));
        self.dropped.insert(id.clone());
    }

    /// Finds the names of all members, then a pseudonym for each who needs one.
    fn name_members(&mut self, wishes: &Wishes, members: &[Member], language: Lang, key: &Key) {
        let mut people: Vec<Person> = Vec::new();
        for (target, known) in &wishes.pseudonyms {
            if people.iter().any(|person| person.ids.contains(target)) {
                continue;
            }
            people.push(person(target, known, members));
        }
        let theirs: BTreeSet<&String> = people.iter().flat_map(|person| &person.names).collect();
        let others = || members.iter().flat_map(|member| &member.names).map(|name| &name.value);
        // Longer names of others that contain one of theirs stay as they are.
        for name in others().filter(|name| !theirs.contains(name)) {
            if theirs.iter().any(|short| rules::holds(name, short)) && rules::care_for(name) == Care::Name {
                self.names.add(name, None, Care::Name);
            }
        }
        let ids: BTreeSet<&Id> = people.iter().flat_map(|person| &person.ids).collect();
        let kept = members.iter().filter(|member| !ids.contains(&member.id)).flat_map(|member| &member.names);
        let words = crate::words::Words::shared(language).all();
        let ours = |name: &&String| words.values().any(|words| rules::holds_or_is(words, name));
        let shared = kept
            .map(|name| &name.value)
            .chain(theirs.iter().copied().filter(ours))
            .flat_map(|name| spellings(name))
            .map(|name| rules::folded(&name));
        self.shared.extend(shared);
        let mut taken: Vec<String> = Vec::new();
        for person in &people {
            let pseudonym = pseudonym::pseudonym(key, &person.id, language, |candidate| {
                !taken.iter().any(|other| same_name(other, candidate))
                    && !others().chain(theirs.iter().copied()).any(|name| {
                        same_name(name, candidate) || (name.chars().count() > 1 && rules::holds(candidate, name))
                    })
            });
            taken.push(pseudonym.clone());
            let public = key.id(&person.id);
            for name in &person.names {
                for spelling in spellings(name) {
                    self.names.add(&spelling, Some(&pseudonym), rules::care_for(&spelling));
                }
            }
            for url in &person.urls {
                self.addresses.add(url, Some(&pseudonym), Care::Address);
            }
            for id in &person.ids {
                self.members.insert(id.clone(), public.clone());
            }
            let name = circle_model::archive::Name { value: pseudonym, kind: NameKind::Display, since: None };
            let record = Member {
                id: public.clone(),
                names: vec![name],
                role: person.role,
                is_self: person.is_self,
                ..Member::default()
            };
            self.public.insert(public, record);
        }
    }
}

/// Everything known about a member with a pseudonym.
struct Person {
    /// The id from which the pseudonym is made: the same for each of their ids that a decision may name.
    id: Id,
    ids: BTreeSet<Id>,
    names: BTreeSet<String>,
    urls: BTreeSet<String>,
    role: Role,
    is_self: bool,
}

/// A member and all other records of the same person: those with only the name.
fn person(target: &Id, known: &[String], members: &[Member]) -> Person {
    let records = |id: &Id| members.iter().filter(|member| member.id == *id).collect::<Vec<_>>();
    let mut ids = BTreeSet::from([target.clone()]);
    let own = records(target);
    let shown: BTreeSet<&str> =
        own.iter().map(|member| member.display_name()).filter(|name| !name.is_empty()).collect();
    let strong: BTreeSet<&Id> = members
        .iter()
        .filter(|member| !member.weak_id && shown.contains(member.display_name()))
        .map(|m| &m.id)
        .collect();
    // If the target is only a name, it means the one person with it, as in the rest of the site.
    if own.iter().all(|member| member.weak_id)
        && let (Some(one), 1) = (strong.first(), strong.len())
    {
        ids.insert((*one).clone());
    }
    // A record with only one of their names is also them: another source calls them so.
    let named = members.iter().filter(|member| ids.contains(&member.id)).flat_map(|member| &member.names);
    let called: Vec<String> = named.map(|name| name.value.clone()).chain(known.iter().cloned()).collect();
    let is_theirs =
        |member: &&Member| member.weak_id && called.iter().any(|name| same_name(name, member.display_name()));
    ids.extend(members.iter().filter(is_theirs).map(|member| member.id.clone()));
    let records: Vec<&Member> = members.iter().filter(|member| ids.contains(&member.id)).collect();
    let names = records.iter().flat_map(|member| &member.names).map(|name| name.value.clone());
    let names: BTreeSet<String> = names.chain(known.iter().cloned()).filter(|name| !name.trim().is_empty()).collect();
    let urls = records.iter().filter_map(|member| member.url.clone()).filter(|url| url.len() > 12).collect();
    let rank = |member: &&&Member| (member.role != Role::Ghost, !member.weak_id);
    // There are only a few leaders, so the badge would reveal who it is.
    let role = match records.iter().max_by_key(rank).map_or_else(Default::default, |member| member.role) {
        Role::Leader | Role::Admin => Role::Member,
        role => role,
    };
    let id = records.iter().find(|member| !member.weak_id).map_or(target, |member| &member.id).clone();
    Person { id, ids, names, urls, role, is_self: records.iter().any(|member| member.is_self) }
}

/// A name as it is, and without the signs and pictures around it, which other people omit.
fn spellings(name: &str) -> Vec<String> {
    let whole = name.trim().trim_start_matches(['@', '＠']).to_owned();
    let bare = whole.trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
    let mut all = vec![whole];
    if bare.chars().count() > 1 && !all.contains(&bare) {
        all.push(bare);
    }
    all
}

/// Rules for some kinds of private data in a text; the same data that a check counts.
fn facts_in(text: &str, kinds: &BTreeSet<&'static str>) -> Option<Rules> {
    if kinds.is_empty() {
        return None;
    }
    let mut rules = Rules::default();
    for fact in circle_html::privacy::alarms(text).into_iter().filter(|fact| kinds.contains(fact.kind)) {
        rules.add(&fact.text, Some(BAR), Care::Phrase);
    }
    Some(rules)
}

/// The id of a dropped medium, which also replaces its address in texts.
fn dropped_name(number: usize) -> String {
    format!("dropped-{number}")
}

#[cfg(test)]
mod tests;
