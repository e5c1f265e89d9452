//! Where canonical records go: the archive, or in tests a `Vec`.

use std::collections::BTreeSet;

use circle_model::{archive::Record, id::Id};

use crate::{Result, media::prepare, report::Exclusion};

/// Takes canonical records. Tests use a `Vec`.
pub trait Sink {
    /// Takes one record.
    ///
    /// # Errors
    /// When it cannot be stored.
    fn push(&mut self, record: Record) -> Result<()>;

    /// Takes a medium that the export holds, and says under which path below `content/media` it is now.
    /// A sink that keeps no files answers the path where it would be.
    ///
    /// # Errors
    /// When it cannot be stored.
    fn keep_media(&mut self, medium: &prepare::Prepared) -> Result<String>;

    /// Takes a private fact (`email`, `ip`, `phone`, …) about the record `of`, for `content/private`, which no build reads.
    ///
    /// # Errors
    /// When it cannot be stored.
    fn keep_private(&mut self, of: &Id, kind: &str, value: &str) -> Result<()> {
        let _ = (of, kind, value);
        Ok(())
    }

    /// Takes a record that must not be published, for `content/private`. Importers push instead, and leave this to the gate;
    /// they call it only for kinds of things that are never published whatever they say, such as private mail.
    ///
    /// # Errors
    /// When it cannot be stored.
    fn withhold(&mut self, why: Exclusion, record: Record) -> Result<()> {
        let _ = (why, record);
        Ok(())
    }

    /// Moves media that only private things show out of `content/media`.
    ///
    /// # Errors
    /// When they cannot be moved.
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

/// Where a medium lies below `content/media`: `ab/abcd….jpg`.
#[must_use]
pub fn media_path(sha256: &str, extension: &str) -> String {
    format!("{}/{sha256}.{extension}", sha256.get(..2).unwrap_or("00"))
}

/// How far the ids are unique that an importer makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ids {
    /// On the whole platform: two records of one id are the same.
    Global,
    /// Within one site, installation, account or folder: two exports may have the same ids and be of two sites.
    Local,
}
