//! What posts and comments have alike: author, dates, text, counts, and pictures, which are looked for by address, path and name.

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
use crate::{
    Result,
    import::{Sink, files::Wanted, numbers},
    report::Report,
};

/// What posts and comments have alike.
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

impl Engine<'_> {
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
        sink: &mut dyn Sink,
        report: &mut Report,
    ) -> Result<Said> {
        let (author, who) = self.author(fields, row, sink, report)?;
        let created = self.time(fields, "created", row, report);
        let edited = self.time(fields, "edited", row, report);
        let (body, format) = row.formatted(fields, "body").unwrap_or_default();
        let normal: String = body.split_whitespace().collect::<Vec<_>>().join(" ").nfc().collect();
        let created = created.unwrap_or_default();
        let weak = format!("{who}\n{}\n{normal}", created.raw.trim());
        let body = fields::text(body.trim_end().to_owned(), format);
        let mut media = self.files.in_text(&body, &row.spot.path, sink)?;
        for (field, role) in
            [("images", MediaRole::Gallery), ("files", MediaRole::Attachment), ("cover", MediaRole::Cover)]
        {
            for named in row.list(fields, field) {
                media.extend(self.picture(named.trim(), role, row, sink)?);
            }
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

    /// A picture or file that a cell names: an address, a path, or a name that only one file of the export has.
    pub(super) fn picture(
        &mut self,
        named: &str,
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
        let file = if remote { alone } else { Some(path.as_str()) };
        let beside = file.filter(|file| self.input.has(file)).is_none() && !remote;
        let direct = crate::import::markdown::resolve(self.input, &row.spot.path, &path).is_some();
        let file = if beside && !direct { alone.or(file) } else { file };
        let wanted =
            Wanted { file, beside: &row.spot.path, remote: remote.then_some(named), role, ..Wanted::default() };
        Ok(Some(self.files.take(&wanted, sink)?))
    }

    /// Pictures of the export whose name says to which record they belong. As many as the record has addresses take their place,
    /// in order.
    pub(super) fn pictures_by_name(
        &mut self,
        patterns: &[String],
        key: &str,
        media: &mut Vec<MediaUse>,
        sink: &mut dyn Sink,
    ) -> Result<()> {
        if patterns.is_empty() || key.contains(['*', '/']) {
            return Ok(());
        }
        let patterns: Vec<String> = patterns.iter().map(|p| p.replace("{id}", key)).collect();
        let fits = |path: &str| patterns.iter().any(|pattern| super::glob::fits(pattern, path));
        let mut paths: Vec<&str> =
            self.input.entries().iter().map(|entry| entry.path.as_str()).filter(|p| fits(p)).collect();
        // …_2.jpg comes before …_10.jpg.
        paths.sort_by_key(|path| (path.len(), *path));
        let galleries = media.iter().filter(|used| used.role == MediaRole::Gallery).count();
        for (at, path) in paths.iter().enumerate() {
            let wanted = Wanted { file: Some(path), role: MediaRole::Gallery, ..Wanted::default() };
            let mut used = self.files.take(&wanted, sink)?;
            if paths.len() == galleries
                && let Some(place) = media.iter_mut().filter(|used| used.role == MediaRole::Gallery).nth(at)
            {
                used.order = place.order;
                *place = used;
            } else if !media.iter().any(|known| known.media == used.media) {
                used.order = u32::try_from(media.len()).unwrap_or(u32::MAX);
                media.push(used);
            }
        }
        Ok(())
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
            Some(named) => self.picture(named.trim(), role, row, sink),
            None => Ok(None),
        }
    }
}
