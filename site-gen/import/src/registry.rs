//! The table of importers, and the search for the one that recognises an input.

use super::{
    Importer, Recognised, answered, blogs, chats, circles, comments, native, pages, parts, refused, social, tables,
};
use circle_content::{Error, Result, input::Input};

/// Every importer. The most certain come first; those that only refuse come last.
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

/// The importer with this name.
///
/// # Errors
/// If there is none; the error lists all names.
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

/// The answer of the importers about an input.
pub(super) enum Asked {
    Found(&'static dyn Importer, String),
    Refused { what: String, help: String },
    Unknown,
}

/// The first importer that is certain, or else the first that answers maybe; with the reason.
pub(super) fn ask(input: &Input) -> Asked {
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

/// The importer that recognises this input as a whole. For parts of it, see [`parts::Parts`].
///
/// # Errors
/// If the input is empty, or no importer recognises it. The error says how to continue.
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

/// The error for an input that no importer recognises.
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
