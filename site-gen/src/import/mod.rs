//! Importers: one file per source. An importer reads an [`Input`] and pushes canonical records into a [`Sink`]; it never sees a
//! template, and no renderer ever sees an export.
//!
//! 1. [`recognise`] asks every importer, by names and first bytes only.
//! 2. [`Importer::import`] pushes records, private ones too; pictures go through [`files::Files`] or [`media::prepare`], which takes
//!    places and cameras out of them.
//! 3. [`gate::Gate`] lets through what may be published.
//! 4. The sink behind it, [`crate::archive::Archive`], merges them.

use std::{collections::BTreeSet, sync::Arc};

use circle_model::{
    archive::{Record, Visibility},
    id::Id,
    time::ZoneFrom,
};

use crate::{
    Error, Result,
    input::Input,
    report::{Exclusion, Problem, Report},
};

mod answered;
pub mod audience;
mod blogs;
mod chats;
mod circles;
mod comments;
pub mod dates;
pub mod decode;
pub mod files;
pub mod gate;
pub mod ident;
pub mod json;
pub mod locked;
pub mod loose;
pub mod markdown;
pub mod media;
pub mod native;
pub mod numbers;
pub mod opened;
mod pages;
pub mod parts;
pub mod people;
mod refused;
mod run;
mod social;
pub(crate) mod tables;
mod transcript;

pub(crate) use run::name_refused;
pub use run::{Summary, into_content};
pub use tables::{ByMap, Map, map_words, preset_text};
pub use transcript::plain_name;

/// What the circle's configuration says about records that do not say it themselves.
#[derive(Clone, Debug)]
pub struct Options {
    /// The zone of dates without one.
    pub zone: jiff::tz::TimeZone,
    /// Where that zone came from: `Config`, or `Assumed` when nobody chose it.
    pub zone_from: ZoneFrom,
    /// Who could see a post that does not say.
    pub default_visibility: Visibility,
    /// The language (BCP 47) of texts that do not say; `None` leaves it unsaid.
    pub language: Option<String>,
    /// The day on which the export was made, for `昨天` and `5月29日`. Without it such dates stay text.
    pub now_day: Option<jiff::civil::Date>,
    /// What the user calls the site, installation or account that the export is of, where it does not say so itself.
    pub origin: Option<String>,
    /// Folders and zips of the user in which pictures are looked for that the export only links.
    pub media: Vec<Arc<Input>>,
    /// Who may see what says nothing of it, when a leader chose so for this import; it is remembered as a decision.
    pub unknown_as: Option<Visibility>,
}

impl Default for Options {
    /// China's time, because that is where the readers of this program's platforms are; posts are the circle's.
    fn default() -> Self {
        Self {
            zone: jiff::tz::TimeZone::get("Asia/Shanghai").unwrap_or(jiff::tz::TimeZone::UTC),
            zone_from: ZoneFrom::Assumed,
            default_visibility: Visibility::Circle,
            language: None,
            now_day: None,
            origin: None,
            media: Vec::new(),
            unknown_as: None,
        }
    }
}

/// What one file came to.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Its records: at most one post, its authors as members, and a medium for every picture.
    pub records: Vec<Record>,
    /// Things worth saying that lost nothing.
    pub notes: Vec<String>,
    /// Things that went wrong.
    pub problems: Vec<Problem>,
    /// Fields that ask who may see it, with answers that nobody knows: it is withheld.
    pub unknown: Vec<(String, String)>,
    /// From when and until when it was to be seen, if it says so.
    pub window: Option<markdown::Window>,
    /// Parts of the text that were behind a lock, and were cut out.
    pub locked: Vec<String>,
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

/// How far the ids are unique that an importer makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ids {
    /// On the whole platform: two records of one id are the same.
    Global,
    /// Within one site, installation, account or folder: two exports may have the same ids and be of two sites.
    Local,
}

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
    fn extent(&self) -> parts::Extent {
        parts::Extent::Tree(&[])
    }

    /// How far its ids are unique. Where they are [`Ids::Local`], the archive tells sites apart by what their records say.
    fn ids(&self) -> Ids {
        Ids::Global
    }

    /// Whether this is an input for it. From names and first bytes only; must not walk the tree.
    fn recognise(&self, input: &Input) -> Recognised;

    /// Reads it all, private things too: each record says who could see it, and [`gate::Gate`] decides. A post comes before its
    /// comments, both before their reactions. One bad record is a problem in the report, never an error.
    ///
    /// # Errors
    /// Only when nothing more can be done: the input cannot be read at all, or the sink cannot take any more.
    fn import(&self, input: &Input, options: &Options, sink: &mut dyn Sink, report: &mut Report) -> Result<()>;
}

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
    fn keep_media(&mut self, medium: &media::Prepared) -> Result<String>;

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

    fn keep_media(&mut self, medium: &media::Prepared) -> Result<String> {
        Ok(media_path(&medium.sha256, medium.extension))
    }
}

/// Where a medium lies below `content/media`: `ab/abcd….jpg`.
#[must_use]
pub fn media_path(sha256: &str, extension: &str) -> String {
    format!("{}/{sha256}.{extension}", sha256.get(..2).unwrap_or("00"))
}

/// Every importer, the surest first; those that only refuse come last.
#[must_use]
pub fn importers() -> Vec<&'static dyn Importer> {
    let families: [&[&'static dyn Importer]; 9] = [
        &[&native::Native],
        circles::IMPORTERS,
        chats::IMPORTERS,
        comments::IMPORTERS,
        social::IMPORTERS,
        pages::IMPORTERS,
        tables::IMPORTERS,
        blogs::IMPORTERS,
        refused::IMPORTERS,
    ];
    families.concat()
}

/// The importer of that name.
///
/// # Errors
/// When there is none; the error lists those that there are.
pub fn by_name(name: &str) -> Result<&'static dyn Importer> {
    let importers = importers();
    let names = || importers.iter().map(|importer| importer.name()).collect::<Vec<_>>().join(", ");
    importers.iter().copied().find(|importer| importer.name() == name).ok_or_else(|| {
        Error::new(
            format!("there is no importer called `{name}`"),
            format!("known: {}", names()),
            "`circlekeep import --list` describes each",
        )
    })
}

/// What the importers say of an input.
enum Asked {
    Found(&'static dyn Importer, String),
    Refused { what: String, help: String },
    Unknown,
}

/// The first importer that is certain, else the first that says perhaps; and why.
fn ask(input: &Input) -> Asked {
    let mut perhaps = None;
    for importer in importers() {
        match importer.recognise(input) {
            Recognised::Yes(why) => return Asked::Found(importer, why),
            Recognised::Maybe(why) => {
                perhaps.get_or_insert((importer, why));
            }
            Recognised::No(_) => {}
            Recognised::Refused { what, help } => return Asked::Refused { what, help },
        }
    }
    perhaps.map_or(Asked::Unknown, |(importer, why)| Asked::Found(importer, why))
}

/// The importer that knows this input as a whole; [`parts::Parts`] knows its parts.
///
/// # Errors
/// When the input is empty or nobody knows it; the error says how to go on.
pub fn recognise(input: &Input) -> Result<(&'static dyn Importer, String)> {
    if input.entries().is_empty() {
        return Err(parts::nothing(input));
    }
    match ask(input) {
        Asked::Found(importer, why) => Ok((importer, why)),
        Asked::Refused { what, help } => Err(Error::new(what, input.place(), help)),
        Asked::Unknown => Err(unknown(input)),
    }
}

/// What to say of an input that nobody knows.
fn unknown(input: &Input) -> Error {
    if let Some((file, words)) = answered::error(input) {
        return Error::new(
            format!("this is not an export but an error message: {words}"),
            format!("file: {file}"),
            "sign in to the platform again, export again, and look at the file before you import it",
        );
    }
    Error::new(
        "circlekeep does not know this format",
        input.place(),
        "run `circlekeep inspect` on it: that shows what is in it, and drafts a map for tables and JSON; if you know the format, name it with `--from` (`circlekeep import --list` shows all)",
    )
}
