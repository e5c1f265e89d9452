//! Finds the record that a leader names: `p1`, `post:p1`, `posts/2021/05/x.html`, a full address, `…#c-0f3e`, `members/….html`,
//! `media/….jpg`, or a member's name.

use std::{
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    path::Path,
};

use circle_model::{
    archive::{Action, Decision, Member, Record, RecordKind},
    id::Id,
    view::anchor,
};

use circle_content::{
    Error, Result,
    archive::{self, decisions::Ledger, private},
    report::Report,
};
use circle_site::{
    index::Site,
    kinds,
    plan::Plan,
    veil::{EVERYWHERE, Veil, Wishes, same_name},
};

/// A record that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Its id in the archive.
    pub id: Id,
    /// Its kind; `None` for all records at once.
    pub kind: Option<RecordKind>,
    /// A description.
    pub words: String,
}

/// All records that can be named.
#[derive(Debug)]
pub struct Catalogue {
    /// Records of the archive and of `content/private`, and published ones of Markdown files.
    records: BTreeMap<(RecordKind, Id), String>,
    withheld: BTreeSet<Id>,
    members: Vec<Member>,
    written: BTreeMap<Id, usize>,
    site: Site,
    plan: Plan,
}

impl Catalogue {
    /// Reads a content folder.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn open(content: &Path, ledger: &Ledger, report: &mut Report) -> Result<Self> {
        // The build reports problems of the content.
        let mut unheard = Report::default();
        let site = Site::open(content, &mut unheard)?;
        let plan = kinds::plan(&site, &mut unheard);
        let mut catalogue = Self {
            records: BTreeMap::new(),
            withheld: BTreeSet::new(),
            members: Vec::new(),
            written: BTreeMap::new(),
            site,
            plan,
        };
        for kind in RecordKind::ALL {
            archive::for_each_line(
                &content.join("archive").join(format!("{}.jsonl", kind.file_stem())),
                report,
                |_, line| {
                    catalogue.add(kind.parse(line).map_err(|error| error.to_string())?);
                    Ok(())
                },
            )?;
        }
        for (_, record) in private::withheld(content)? {
            catalogue.withheld.insert(record.id().clone());
            catalogue.add(record);
        }
        catalogue.add_published();
        for decision in ledger.in_force().filter(|decision| decision.action == Action::Pseudonymise) {
            let names = ledger.secrets.get(&decision.id).map(|secret| secret.names.clone()).unwrap_or_default();
            if !catalogue.members.iter().any(|member| member.id == decision.target) {
                let names = names.into_iter().map(|value| circle_model::archive::Name { value, ..Default::default() });
                let member =
                    Member { id: decision.target.clone(), names: names.collect(), weak_id: true, ..Member::default() };
                catalogue.add(Record::Member(Box::new(member)));
            }
        }
        Ok(catalogue)
    }

    /// Finds the record with this name, if the action applies to its kind.
    ///
    /// # Errors
    /// When there is none, more than one, or one of another kind.
    pub fn find(&self, named: &str, action: Action) -> Result<Target> {
        if action == Action::RedactSpan && named == EVERYWHERE {
            return Ok(Target { id: Id::from(EVERYWHERE), kind: None, words: "all that is published".to_owned() });
        }
        let kinds: &[RecordKind] = match action {
            Action::Pseudonymise => &[RecordKind::Member],
            Action::DropMedia => &[RecordKind::Media],
            Action::Publish => &[RecordKind::Post, RecordKind::Comment],
            Action::RedactSpan => &[RecordKind::Post, RecordKind::Comment, RecordKind::Member, RecordKind::Media],
            Action::Hide => {
                &[RecordKind::Post, RecordKind::Comment, RecordKind::Member, RecordKind::Media, RecordKind::Event]
            }
        };
        self.among(named, kinds)
    }

    /// Finds the record with this name.
    ///
    /// # Errors
    /// When there is none, or more than one.
    pub fn find_any(&self, named: &str) -> Result<Target> {
        self.among(named, &RecordKind::ALL)
    }

    /// Every name that a member has in the archive, including those under ids that are only a name.
    #[must_use]
    pub fn names_of(&self, id: &Id) -> Vec<String> {
        let mut names = Vec::new();
        for member in self.members.iter().filter(|member| member.id == *id) {
            for name in &member.names {
                if !names.contains(&name.value) {
                    names.push(name.value.clone());
                }
            }
        }
        names
    }

    /// The current veil of the site.
    #[must_use]
    pub fn veil(&self) -> &circle_site::veil::Veil {
        self.site.veil()
    }

    /// The veil of one decision about words.
    #[must_use]
    pub(super) fn veil_of(&self, decision: &Decision, ledger: &Ledger) -> Option<Veil> {
        let secret = ledger.secrets.get(&decision.id);
        match decision.action {
            Action::RedactSpan => {
                let span = secret.and_then(|secret| secret.span.clone()).or_else(|| decision.span.clone())?;
                super::tell::only(decision, &span)
            }
            Action::Pseudonymise => {
                let names = secret.map(|secret| secret.names.clone()).unwrap_or_default();
                let wishes = Wishes { pseudonyms: vec![(decision.target.clone(), names)], ..Wishes::default() };
                Veil::new(&wishes, &self.members, &[], self.site.config.language, ledger.key.clone())
            }
            _ => None,
        }
    }

    fn among(&self, named: &str, kinds: &[RecordKind]) -> Result<Target> {
        let named = named.trim();
        let mut found = self.by_id(named);
        if found.is_empty() {
            found.extend(self.by_address(named));
        }
        if found.is_empty() && kinds.contains(&RecordKind::Member) {
            found = self.by_name(named)?;
        }
        let fitting: Vec<&(RecordKind, Id)> = found.iter().filter(|(kind, _)| kinds.contains(kind)).collect();
        match (fitting.as_slice(), found.first()) {
            ([one], _) => Ok(self.target(one)),
            ([], Some((kind, id))) => {
                let wanted: Vec<&str> = kinds.iter().map(|kind| word(*kind)).collect();
                Err(Error::new(
                    format!("this cannot be done to a {}", word(*kind)),
                    format!("target: {named} ({})", self.words(*kind, id)),
                    format!("name a {}", wanted.join(", ")),
                ))
            }
            ([], None) => Err(Error::new(
                "there is no such post, comment, member or picture",
                format!("target: {named}"),
                "copy the address of its page (posts/2021/05/….html, with #c-… for a comment), or give its id; members also by name",
            )),
            (several, _) => {
                let all: Vec<String> = several.iter().map(|(kind, id)| format!("{}:{id}", word(*kind))).collect();
                Err(Error::new(
                    "several records have this id",
                    format!("target: {named}"),
                    format!("say which: {}", all.join(", ")),
                ))
            }
        }
    }

    fn target(&self, key: &(RecordKind, Id)) -> Target {
        Target { id: key.1.clone(), kind: Some(key.0), words: self.words(key.0, &key.1) }
    }

    /// Describes a record.
    #[must_use]
    pub fn words(&self, kind: RecordKind, id: &Id) -> String {
        let said = self.records.get(&(kind, id.clone())).map(String::as_str).unwrap_or_default();
        let withheld = if self.withheld.contains(id) { ", withheld" } else { "" };
        if said.is_empty() {
            format!("{} {id}{withheld}", word(kind))
        } else {
            format!("{} {id} “{said}”{withheld}", word(kind))
        }
    }

    fn by_id(&self, named: &str) -> Vec<(RecordKind, Id)> {
        let (only, id) = match named.split_once(':') {
            Some((kind, id)) => (RecordKind::ALL.into_iter().find(|known| word(*known) == kind), id),
            None => (None, named),
        };
        let id = Id::from(if only.is_some() { id } else { named });
        RecordKind::ALL
            .into_iter()
            .filter(|kind| only.is_none_or(|only| only == *kind) && self.records.contains_key(&(*kind, id.clone())))
            .map(|kind| (kind, id.clone()))
            .collect()
    }

    fn by_address(&self, named: &str) -> Option<(RecordKind, Id)> {
        let decoded = percent_encoding::percent_decode_str(named).decode_utf8_lossy().into_owned();
        let (path, fragment) = decoded.split_once('#').unwrap_or((&decoded, ""));
        let path = path.split('?').next().unwrap_or_default();
        if fragment.starts_with("c-") || path.starts_with("c-") {
            let wanted = if fragment.is_empty() { path } else { fragment };
            let comment = self.site.comments.iter().find(|comment| anchor(comment.id.as_str()) == wanted)?;
            return Some((RecordKind::Comment, self.original(&comment.id)));
        }
        let inside = |folder: &str| {
            let at = if path.starts_with(folder) { 0 } else { path.rfind(&format!("/{folder}"))? + 1 };
            path.get(at..)
        };
        if let Some(page) = inside("posts/")
            && let Some(index) = self.plan.posts.iter().position(|known| known == page)
        {
            return Some((RecordKind::Post, self.original(&self.site.posts.get(index)?.id)));
        }
        if let Some(file) = inside("posts/")
            && let Some(index) = self.plan.by_file.get(file)
        {
            return Some((RecordKind::Post, self.original(&self.site.posts.get(*index)?.id)));
        }
        if let Some(page) = inside("members/") {
            let (id, _) = self.plan.members.iter().find(|(_, pages)| pages.path == page)?;
            return Some((RecordKind::Member, self.original(id)));
        }
        let file = inside("media/")?;
        let (id, _) =
            self.plan.media.iter().find(|(_, medium)| medium.as_ref().is_ok_and(|known| known.path == file))?;
        Some((RecordKind::Media, self.original(id)))
    }

    /// The id in the archive for a published id; of several, that of an existing record.
    fn original(&self, public: &Id) -> Id {
        self.site.veil().original(public).unwrap_or(public).clone()
    }

    fn by_name(&self, named: &str) -> Result<Vec<(RecordKind, Id)>> {
        let named = named.trim_start_matches(['@', '＠']);
        let has = |member: &&Member| member.names.iter().any(|name| same_name(&name.value, named));
        let mut found: Vec<&Member> = self.members.iter().filter(has).collect();
        found.sort_by(|a, b| a.id.cmp(&b.id));
        found.dedup_by(|a, b| a.id == b.id);
        // A person identified only by name is the only member with that name.
        let strong: Vec<&Member> = found.iter().copied().filter(|member| !member.weak_id).collect();
        if strong.len() == 1 {
            found = strong;
        }
        match found.as_slice() {
            [] => Ok(Vec::new()),
            [one] => Ok(vec![(RecordKind::Member, one.id.clone())]),
            several => {
                let all: Vec<String> = several
                    .iter()
                    .map(|member| {
                        let wrote = self.written.get(&member.id).copied().unwrap_or_default();
                        format!("{} ({}, {wrote} posts and comments)", member.id, member.display_name())
                    })
                    .collect();
                Err(Error::new(
                    format!("{} members are called `{named}`", several.len()),
                    all.join("\n  "),
                    "give the id of the one you mean, or the address of their page",
                ))
            }
        }
    }

    fn add(&mut self, record: Record) {
        let said = match &record {
            Record::Post(post) => post.title.clone().unwrap_or_else(|| circle_html::excerpt::of(&post.body, 24)),
            Record::Comment(comment) => circle_html::excerpt::of(&comment.body, 24),
            Record::Member(member) => member.display_name().to_owned(),
            Record::Media(medium) => medium.name.clone().or(medium.alt.clone()).unwrap_or_default(),
            _ => String::new(),
        };
        let author = match &record {
            Record::Post(post) => post.author.clone(),
            Record::Comment(comment) => comment.author.clone(),
            _ => None,
        };
        if let Some(author) = author {
            *self.written.entry(author).or_default() += 1;
        }
        let key = (record.kind(), record.id().clone());
        self.records.entry(key).or_insert(circle_model::text::without_bidi(&said));
        if let Record::Member(member) = record {
            self.members.push(*member);
        }
    }

    /// Adds records that only Markdown files have.
    fn add_published(&mut self) {
        let site = &self.site;
        for post in site.posts.iter().filter(|post| matches!(post.place, circle_site::index::Place::File(_))) {
            let id = site.veil().original(&post.id).unwrap_or(&post.id).clone();
            self.records.entry((RecordKind::Post, id)).or_insert_with(|| post.title.clone());
            if let Some(author) = &post.author {
                *self.written.entry(author.clone()).or_default() += 1;
            }
        }
        for member in site.members.values().filter(|member| site.veil().original(&member.id).is_none()) {
            let key = (RecordKind::Member, member.id.clone());
            if let Entry::Vacant(place) = self.records.entry(key) {
                place.insert(member.display_name().to_owned());
                self.members.push(member.clone());
            }
        }
        for id in site.media.keys() {
            let id = site.veil().original(id).unwrap_or(id).clone();
            self.records.entry((RecordKind::Media, id)).or_default();
        }
    }
}

/// The word for a kind in messages to leaders.
fn word(kind: RecordKind) -> &'static str {
    match kind {
        RecordKind::Circle => "circle",
        RecordKind::Member => "member",
        RecordKind::Post => "post",
        RecordKind::Comment => "comment",
        RecordKind::Reaction => "reaction",
        RecordKind::Media => "picture",
        RecordKind::Event => "event",
        RecordKind::Import => "import",
        RecordKind::Decision => "decision",
    }
}
