//! What an importer is: it knows its own inputs, and pushes canonical records into a [`Sink`].

use circle_content::{
    Result,
    input::Input,
    options::Options,
    report::Report,
    sink::{Ids, Sink},
};

/// One source that exports come from.
pub trait Importer: Sync {
    /// The name for `--from`.
    fn name(&self) -> &'static str;

    /// One line for `import --list`: what it reads, by the names that people know.
    fn about(&self) -> &'static str;

    /// False for what is only recognised to be refused with a better way.
    fn reads(&self) -> bool {
        true
    }

    /// How much of an input that holds other things too is this importer's.
    fn extent(&self) -> Extent {
        Extent::Tree(&[])
    }

    /// How far its ids are unique. Where they are [`Ids::Local`], the archive tells sites apart by what their records say.
    fn ids(&self) -> Ids {
        Ids::Global
    }

    /// Whether this is an input for it. From names and first bytes only; must not walk the tree.
    fn recognise(&self, input: &Input) -> Recognised;

    /// Reads it all, private things too: each record says who could see it, and the gate decides. A post comes before its
    /// comments, both before their reactions. One bad record is a problem in the report, never an error.
    ///
    /// # Errors
    /// Only when nothing more can be done: the input cannot be read at all, or the sink cannot take any more.
    fn import(&self, input: &Input, options: &Options, sink: &mut dyn Sink, report: &mut Report) -> Result<()>;
}

/// Whether an importer knows an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recognised {
    /// Certainly, and why.
    Yes(String),
    /// Perhaps, and why.
    Maybe(String),
    /// No; what was looked for.
    No(&'static str),
    /// Known, and not read: what it is and why not, and what to bring instead.
    Refused {
        /// What it is, and why it is not read.
        what: String,
        /// The better way.
        help: String,
    },
}

/// How much of an input that holds other things too belongs to an importer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// The folder that it knows, with all that is below: it is never torn apart. The names are those of folders inside such an export.
    Tree(&'static [&'static str]),
    /// The files that it knows by themselves, and what lies beside them that is nobody else's: attachments, further tables.
    Beside,
    /// The files that it knows by themselves, and pictures.
    Files,
    /// What nobody else claims.
    Rest,
}
