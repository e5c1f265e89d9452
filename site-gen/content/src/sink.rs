//! The receiver of canonical records: the archive, or a `Vec` in tests.

use std::collections::BTreeSet;

use circle_model::{archive::Record, id::Id};

use crate::{Result, media::prepare, report::Exclusion};

/// Accepts canonical records. Tests use a `Vec`.
pub trait Sink {
    /// Accepts one record.
    ///
    /// # Errors
    /// If it cannot be stored.
    fn push(&mut self, record: Record) -> Result<()>;

    /// Accepts a medium of the export, and returns its path below `content/media`. A sink that stores no files returns the path it would
    /// have.
    ///
    /// # Errors
    /// If it cannot be stored.
    fn keep_media(&mut self, medium: &prepare::Prepared) -> Result<String>;

    /// Accepts a private fact (`email`, `ip`, `phone`, …) about the record `of`, for `content/private`, which no build reads.
    ///
    /// # Errors
    /// If it cannot be stored.
    fn keep_private(&mut self, of: &Id, kind: &str, value: &str) -> Result<()> {
        let _ = (of, kind, value);
        Ok(())
    }

    /// Accepts a record that must not be published, for `content/private`. Importers normally push records and leave this decision to the
    /// gate. They call this only for kinds that are never published, such as private mail.
    ///
    /// # Errors
    /// If it cannot be stored.
    fn withhold(&mut self, why: Exclusion, record: Record) -> Result<()> {
        let _ = (why, record);
        Ok(())
    }

    /// Moves media that only withheld records use out of `content/media`.
    ///
    /// # Errors
    /// If they cannot be moved.
    fn set_aside(&mut self, media: &BTreeSet<Id>) -> Result<()> {
        let _ = media;
        Ok(())
    }
}

impl Sink for Vec<Record> {
    fn push(&mut self, record: Record) -> Result<()> {
        Vec::push(self, record);
        Ok(())
    }

    fn keep_media(&mut self, medium: &prepare::Prepared) -> Result<String> {
        Ok(media_path(&medium.sha256, medium.extension))
    }
}

/// The path of a medium below `content/media`: `ab/abcd….jpg`.
#[must_use]
pub fn media_path(sha256: &str, extension: &str) -> String {
    format!("{}/{sha256}.{extension}", sha256.get(..2).unwrap_or("00"))
}

/// How far an importer's ids are unique.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ids {
    /// On the whole platform: two records with the same id are the same record.
    Global,
    /// Within one site, installation, account or folder: two exports may have the same ids and be of different sites.
    Local,
}
