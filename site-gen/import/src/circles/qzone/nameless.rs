//! Paths without the folder that is named after a QQ number. Published records name their files, and must not contain the number.

use std::collections::BTreeSet;

use circle_model::{archive::Record, id::Id};

use circle_content::{Result, report::Exclusion};
use circle_content::{media::prepare::Prepared, sink::Sink};

/// `path` without that folder.
pub(super) fn path(path: &str) -> String {
    path.split('/').filter(|part| !part.contains("QQ空间备份_")).collect::<Vec<_>>().join("/")
}

/// A sink that passes everything on, with such paths in media, whose records are made elsewhere.
pub(super) struct Nameless<'a> {
    pub(super) sink: &'a mut dyn Sink,
}

impl Sink for Nameless<'_> {
    fn push(&mut self, mut record: Record) -> Result<()> {
        if let Record::Media(medium) = &mut record {
            medium.src.file = medium.src.file.as_deref().map(path);
        }
        self.sink.push(record)
    }

    fn keep_media(&mut self, medium: &Prepared) -> Result<String> {
        self.sink.keep_media(medium)
    }

    fn keep_private(&mut self, of: &Id, kind: &str, value: &str) -> Result<()> {
        self.sink.keep_private(of, kind, value)
    }

    fn withhold(&mut self, why: Exclusion, record: Record) -> Result<()> {
        self.sink.withhold(why, record)
    }

    fn set_aside(&mut self, media: &BTreeSet<Id>) -> Result<()> {
        self.sink.set_aside(media)
    }
}
