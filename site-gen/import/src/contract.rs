//! The contract of importers: an importer recognises its own inputs, and pushes canonical records into a [`Sink`].

use circle_content::{
    Result,
    input::Input,
    options::Options,
    report::Report,
    sink::{Ids, Sink},
};

/// An importer for one source.
pub trait Importer: Sync {
    /// The name for `--from`.
    fn name(&self) -> &'static str;

    /// One line for `import --list`: the formats it reads, by names that users know.
    fn about(&self) -> &'static str;

    /// False for importers that recognise an input only to refuse it with a better way.
    fn reads(&self) -> bool {
        true
    }

    /// Which part of an input with other content belongs to this importer.
    fn extent(&self) -> Extent {
        Extent::Tree(&[])
    }

    /// How far its ids are unique. With [`Ids::Local`], the archive tells sites apart by the content of their records.
    fn ids(&self) -> Ids {
        Ids::Global
    }

    /// Whether this importer recognises the input. Only from file names and leading bytes; must not walk the tree.
    fn recognise(&self, input: &Input) -> Recognised;

    /// Reads everything, private records included. Each record states who could see it, and the gate decides. A post comes before its
    /// comments, both before their reactions. One bad record is a problem in the report, never an error.
    ///
    /// # Errors
    /// Only if nothing more can be done: the input cannot be read at all, or the sink cannot accept any more.
    fn import(&self, input: &Input, options: &Options, sink: &mut dyn Sink, report: &mut Report) -> Result<()>;
}

/// Whether an importer recognises an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recognised {
    /// Certainly, with the reason.
    Yes(String),
    /// Maybe, with the reason.
    Maybe(String),
    /// No, with what was searched for.
    No(&'static str),
    /// Recognised, but not read.
    Refused {
        /// What it is, and why it is not read.
        what: String,
        /// What to bring instead.
        help: String,
    },
}

/// Which part of an input with other content belongs to an importer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// The folder that it recognises, with everything below, never split. The names are those of folders inside such an export.
    Tree(&'static [&'static str]),
    /// The files that it recognises one by one, and unclaimed files beside them: attachments, further tables.
    Beside,
    /// The files that it recognises one by one, and pictures.
    Files,
    /// What no other importer claims.
    Rest,
}
