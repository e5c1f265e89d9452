//! The fields that posts and comments share: author, dates, text, counts, and pictures, which are found by address, path and name.

use circle_model::{
    archive::{Counts, MediaRole, MediaUse, Text},
    id::Id,
    time::Time,
};
use unicode_normalization::UnicodeNormalization as _;

use super::{
    fields,
    map::Fields,
    records::{Engine, Row},
};
use crate::{files::Wanted, numbers};
use circle_content::{
    Result, dates,
    media::prepare as formats,
    report::{Part, Report},
    sink::Sink,
};

/// A file name of this length is not shared by two pictures by chance.
const LONG_NAME: usize = 10;

/// The runs of letters and digits in a name, in lower case.
pub(super) fn words(name: &str) -> impl Iterator<Item = String> {
    name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase)
}

/// The shared fields.
pub(super) struct Said {
    pub(super) author: Option<Id>,
    pub(super) created: Time,
    pub(super) edited: Option<Time>,
    pub(super) body: Text,
    pub(super) media: Vec<MediaUse>,
    pub(super) counts: Counts,
    /// Author, raw time and text, for a weak id.
    pub(super) weak: String,
}

impl<'a> Engine<'a> {
    pub(super) fn time(&mut self, fields: &Fields, field: &str, row: &Row<'_>, report: &mut Report) -> Option<Time> {
        let (raw, format) = row.formatted(fields, field)?;
        Some(fields::time(&raw, format, self.options).unwrap_or_else(|unread| {
            let help = "say how it is written, such as { from = \"…\", format = \"%d/%m/%Y %H:%M\" }; for 昨天 and the like, give --export-day";
            self.tally.problem("this date cannot be read", &raw, help, row.spot, report);
            unread
        }))
    }

    pub(super) fn said(
        &mut self,
        fields: &Fields,
        row: &Row<'_>,
        pictures: &[&str],
        sink: &mut dyn Sink,
        report: &mut Report,
    ) -> Result<Said> {
        let (author, who) = self.author(fields, row, sink, report)?;
        let created = self.time(fields, "created", row, report);
        let edited = self.time(fields, "edited", row, report);
        let (body, format) = row.formatted(fields, "body").unwrap_or_default();
        let normal: String = body.split_whitespace().collect::<Vec<_>>().join(" ").nfc().collect();
        let created = created.unwrap_or_default();
        let edited = dates::edit(edited, &created);
        let weak = format!("{who}\n{}\n{normal}", created.raw.trim());
        let named = formats::named_in(&body);
        let body = fields::text(body.trim_end().to_owned(), format);
        let mut media = self.files.in_text(&body, &row.spot.path, sink)?;
        for (field, role) in
            [("images", MediaRole::Gallery), ("files", MediaRole::Attachment), ("cover", MediaRole::Cover)]
        {
            let named = row.list(fields, field);
            // As many files as addresses: each file belongs to one address.
            let paired = role == MediaRole::Gallery && named.len() == pictures.len();
            for (at, named) in named.iter().enumerate() {
                let file = pictures.get(at).copied().filter(|_| paired);
                media.extend(self.picture(named.trim(), file, role, row, sink)?);
            }
            if role == MediaRole::Gallery && !paired {
                for path in pictures {
                    media.extend(self.picture(path, None, role, row, sink)?);
                }
            }
        }
        if media.is_empty() {
            report.lose(Part::NamedMedium, named, row.spot.path.as_str());
        }
        for (order, used) in media.iter_mut().enumerate() {
            used.order = u32::try_from(order).unwrap_or(u32::MAX);
        }
        let count = |field: &str| row.text(fields, field).and_then(|shown| numbers::count(&shown));
        let counts = Counts {
            like: count("likes"),
            comment: count("comments"),
            share: count("shares"),
            read: count("reads"),
            collect: count("collects"),
            reward: None,
        };
        Ok(Said { author, created, edited, body, media, counts, weak })
    }

    /// A picture or file in a cell: an address, a path, or a name that only one file of the export has. `known` is the file, if it is
    /// certain.
    pub(super) fn picture(
        &mut self,
        named: &str,
        known: Option<&str>,
        role: MediaRole,
        row: &Row<'_>,
        sink: &mut dyn Sink,
    ) -> Result<Option<MediaUse>> {
        if named.is_empty() || named.starts_with("data:") {
            return Ok(None);
        }
        let remote = fields::is_web(named) || named.starts_with("//");
        let path = named.replace('\\', "/");
        let name = path.rsplit('/').next().unwrap_or_default().split(['?', '#']).next().unwrap_or_default();
        let alone = self.by_name.get(&name.to_lowercase()).copied().flatten();
        let file = if remote {
            // Many addresses end in `1.jpg`; a long name belongs to one picture.
            alone.filter(|_| name.len() >= LONG_NAME)
        } else if self.input.has(&path) || circle_content::posts::resolve(self.input, &row.spot.path, &path).is_some() {
            Some(path.as_str())
        } else {
            alone.or(Some(path.as_str()))
        };
        let (file, remote) = (known.or(file), remote.then_some(named));
        let wanted = Wanted { file, beside: &row.spot.path, remote, role, ..Wanted::default() };
        Ok(Some(self.files.take(&wanted, sink)?))
    }

    /// Pictures of the export whose names say to which record they belong, sorted by number.
    pub(super) fn pictures_of(&self, patterns: &[String], key: &str) -> Vec<&'a str> {
        if patterns.is_empty() || key.contains(['*', '/']) {
            return Vec::new();
        }
        let patterns: Vec<String> = patterns.iter().map(|pattern| pattern.replace("{id}", key)).collect();
        let fits = |path: &str| patterns.iter().any(|pattern| super::glob::fits(pattern, path));
        let word = words(key).next().unwrap_or_default();
        let found = self.by_word.get(&word).into_iter().flatten().copied();
        let mut found: Vec<&str> = found.filter(|path| fits(path)).collect();
        // `…_2.jpg` comes before `…_10.jpg`.
        found.sort_by_key(|path| (path.len(), *path));
        found
    }

    pub(super) fn one_picture(
        &mut self,
        fields: &Fields,
        field: &str,
        role: MediaRole,
        row: &Row<'_>,
        sink: &mut dyn Sink,
    ) -> Result<Option<MediaUse>> {
        match row.text(fields, field) {
            Some(named) => self.picture(named.trim(), None, role, row, sink),
            None => Ok(None),
        }
    }
}
