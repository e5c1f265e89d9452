//! The author of a row, and private facts beside a name.

use circle_model::{
    archive::{MediaRole, Member, Name, NameKind},
    id::Id,
};

use super::{
    fields,
    map::Fields,
    records::{Engine, Row},
    rule::Key,
};
use circle_content::{Result, ident, report::Report, sink::Sink};
use circle_html::privacy;

impl Engine<'_> {
    /// The author, and the text from which a weak id is made. Anonymous authors are not named.
    pub(super) fn author(
        &mut self,
        fields: &Fields,
        row: &Row<'_>,
        sink: &mut dyn Sink,
        report: &mut Report,
    ) -> Result<(Option<Id>, String)> {
        let name = row.text(fields, "author").unwrap_or_default();
        let name = name.trim();
        if fields::is_anonymous(name) {
            return Ok((None, String::new()));
        }
        let key = self.key(fields, "author_id", row, report);
        let author = match &key {
            Some(key) if privacy::has_fact(key) => {
                // An address or phone number cannot be a public key. Its hash still joins what one person wrote.
                let hash = ident::id(&self.map.source, "member-key", key);
                let id = self.people.known(hash.as_str(), name);
                sink.keep_private(&id, "id at the source", key)?;
                Some(id)
            }
            key => self.people.author(key.as_deref(), name),
        };
        if let Some(id) = &author {
            if let Some(handle) = row.text(fields, "author_handle") {
                self.add_name(id, handle.trim(), NameKind::Handle);
            }
            if self.own
                && let Some(member) = self.people.edit(id)
            {
                member.is_self = true;
            }
        }
        Ok((author, key.unwrap_or_else(|| name.to_owned())))
    }

    /// Stores email addresses, IP addresses and phone numbers on the private side, as facts about the person, or else about the record.
    pub(super) fn private_facts(&mut self, of: &Id, fields: &Fields, row: &Row<'_>, sink: &mut dyn Sink) -> Result<()> {
        for kind in ["email", "ip", "phone"] {
            if let Some(value) = row.text(fields, kind) {
                sink.keep_private(of, kind, value.trim())?;
            }
        }
        Ok(())
    }

    /// A row that is a member.
    pub(super) fn member(
        &mut self,
        fields: &Fields,
        row: &Row<'_>,
        sink: &mut dyn Sink,
        report: &mut Report,
    ) -> Result<()> {
        let name = row.text(fields, "name").unwrap_or_default();
        let (name, key) = (name.trim(), self.key(fields, "id", row, report));
        let key = match key {
            Some(key) if privacy::has_fact(&key) => {
                Some(ident::id(&self.map.source, "member-key", &key).as_str().to_owned())
            }
            key => key,
        };
        let Some(id) = self.people.author(key.as_deref(), name) else {
            self.nothing(row, report);
            return Ok(());
        };
        for (field, kind) in [("handle", NameKind::Handle), ("alias", NameKind::Alias)] {
            for name in fields.get(field).map(|rule| rule.list(row.value, row.spot)).unwrap_or_default() {
                self.add_name(&id, name.trim(), kind);
            }
        }
        let role = row.text(fields, "role").and_then(|word| {
            let role = fields::role(&word);
            if role.is_none() {
                self.tally.note(
                    format!("members have the role `{}`, which was taken as plain membership", word.trim()),
                    row.spot,
                );
            }
            role
        });
        let joined = self.time(fields, "joined", row, report);
        let avatar = self.one_picture(fields, "avatar", MediaRole::Avatar, row, sink)?;
        let bio = row.formatted(fields, "bio");
        let url = row.text(fields, "url").filter(|url| fields::is_web(url));
        if let Some(member) = self.people.edit(&id) {
            let Member { role: known, joined: since, avatar: picture, bio: about, url: page, .. } = member;
            *known = role.unwrap_or(*known);
            *since = joined.or(since.take());
            *picture = avatar.map(|used| used.media).or(picture.take());
            *about = bio.map(|(text, format)| fields::text(text, format)).or(about.take());
            *page = url.or(page.take());
        }
        self.private_facts(&id, fields, row, sink)
    }

    fn add_name(&mut self, id: &Id, value: &str, kind: NameKind) {
        if let Some(member) = self.people.edit(id)
            && !value.is_empty()
            && !member.names.iter().any(|name| name.value == value)
        {
            member.names.push(Name { value: value.to_owned(), kind, since: None });
        }
    }

    /// The id in a field. A damaged one is a problem, and counts as missing.
    pub(super) fn key(&mut self, fields: &Fields, field: &str, row: &Row<'_>, report: &mut Report) -> Option<String> {
        match fields.get(field)?.key(row.value, row.spot) {
            Key::None => None,
            Key::Id(key) => Some(key),
            Key::Damaged(shown) => {
                self.tally.problem(
                    "a long number was rounded by a spreadsheet, so it is no id any more",
                    &shown,
                    "export again and do not save the file with Excel; the record was kept under an id made from its text",
                    row.spot,
                    report,
                );
                None
            }
        }
    }
}
