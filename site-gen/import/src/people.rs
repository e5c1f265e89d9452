//! The people of an export. They are collected during reading and pushed once at the end, each with everything that is known.

use circle_model::{
    archive::{Member, Name, NameKind, Record, Role, Source},
    id::Id,
};
use indexmap::IndexMap;

use circle_content::Result;
use circle_content::{ident, sink::Sink};

/// Members by id, in the order of their first occurrence.
#[derive(Debug)]
pub struct People {
    source: String,
    members: IndexMap<Id, Member>,
}

impl People {
    /// For one import. `source` is the platform, which is part of every id: `zsxq`, `weibo`, … Exports of one platform by different tools
    /// must use the same word, so that they merge.
    #[must_use]
    pub fn new(source: impl Into<String>) -> Self {
        Self { source: source.into(), members: IndexMap::new() }
    }

    /// A person whom the source identifies by `key` (never an email address or phone number if there is anything better). Another name for
    /// a known key becomes an alias. An empty name is ignored.
    pub fn known(&mut self, key: &str, name: &str) -> Id {
        let id = ident::id(&self.source, "member", key);
        let source = &self.source;
        let member = self.members.entry(id.clone()).or_insert_with(|| Member {
            id: id.clone(),
            src: Source { source: source.clone(), id: Some(key.to_owned()), ..Source::default() },
            ..Member::default()
        });
        if member.role == Role::Ghost {
            member.role = Role::Member;
        }
        add_name(member, name);
        id
    }

    /// A person of whom the source has only a name. The id is the same for all sources. `None` if the name is blank.
    pub fn named(&mut self, name: &str) -> Option<Id> {
        let name = name.trim();
        if name.is_empty() {
            return None;
        }
        let id = ident::member_by_name(name);
        let source = &self.source;
        let member = self.members.entry(id.clone()).or_insert_with(|| Member {
            id: id.clone(),
            weak_id: true,
            src: Source { source: source.clone(), ..Source::default() },
            ..Member::default()
        });
        if member.role == Role::Ghost {
            member.role = Role::Member;
        }
        add_name(member, name);
        Some(id)
    }

    /// [`Self::known`] if there is a key, else [`Self::named`].
    pub fn author(&mut self, key: Option<&str>, name: &str) -> Option<Id> {
        match key.map(str::trim).filter(|key| !key.is_empty()) {
            Some(key) => Some(self.known(key, name)),
            None => self.named(name),
        }
    }

    /// A person who is only mentioned, quoted or answered: a ghost, unless they occur as [`Self::author`].
    pub fn mentioned(&mut self, key: Option<&str>, name: &str) -> Option<Id> {
        let id = match key.map(str::trim).filter(|key| !key.is_empty()) {
            Some(key) => ident::id(&self.source, "member", key),
            None => ident::member_by_name(name),
        };
        let met = self.members.get(&id).is_some_and(|member| member.role != Role::Ghost);
        let id = self.author(key, name)?;
        if !met && let Some(member) = self.members.get_mut(&id) {
            member.role = Role::Ghost;
        }
        Some(id)
    }

    /// The member, for adding more: role, bio, avatar, address.
    pub fn edit(&mut self, id: &Id) -> Option<&mut Member> {
        self.members.get_mut(id)
    }

    /// Pushes all members.
    ///
    /// # Errors
    /// If the sink cannot accept them.
    pub fn finish(self, sink: &mut dyn Sink) -> Result<()> {
        for member in self.members.into_values() {
            sink.push(Record::Member(Box::new(member)))?;
        }
        Ok(())
    }
}

fn add_name(member: &mut Member, name: &str) {
    let name = name.trim();
    if name.is_empty() || member.names.iter().any(|known| known.value == name) {
        return;
    }
    let kind = if member.names.iter().any(|known| known.kind == NameKind::Display) {
        NameKind::Alias
    } else {
        NameKind::Display
    };
    member.names.push(Name { value: name.to_owned(), kind, since: None });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_person_has_one_record_with_all_names() {
        let mut people = People::new("zsxq");
        let ghost = people.mentioned(Some("7"), "林晚").unwrap();
        assert_eq!(people.edit(&ghost).unwrap().role, Role::Ghost);
        assert_eq!(people.known("7", "晚来的林"), ghost);
        assert_eq!(people.mentioned(Some("7"), ""), Some(ghost.clone()));
        assert_eq!(people.edit(&ghost).unwrap().role, Role::Member);
        assert_eq!(people.named(" "), None);
        assert!(people.named("阿木").is_some_and(|id| id == ident::member_by_name("阿木")));
        let mut records = Vec::new();
        people.finish(&mut records).unwrap();
        let Record::Member(member) = &records[0] else { panic!("a member") };
        assert_eq!((records.len(), member.names.len(), member.display_name()), (2, 2, "林晚"));
    }
}
