//! Packs a built site: as a zip, or as a bag for archives and libraries. Also makes a book of the circle ([`epub`]).
//!
//! 1. Every byte is compared with the manifest. A site that was changed after the build is packed only on request.
//! 2. The circle's id and name come from the site's own feed.
//! 3. The entries are sorted by name. The same site gives the same bytes, wherever and whenever it is packed.
//! 4. The pack is written to a temporary file and renamed. Every file is hashed again while it is copied.
//!
//! A pack has the content of the site, byte for byte, and a few lines about it. Nothing else is read.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use crate::{
    fixity,
    write::{beside, store::Store, within},
};
use circle_content::{
    Error, Result,
    report::{Problem, Progress},
    slug,
};
use circle_site::parallel;

pub mod bag;
pub mod epub;
mod zipped;

pub use zipped::Zipped;

/// The form of a pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A zip with one folder. Unpacked, it opens by double click.
    Zip,
    /// A bag by RFC 8493, as a folder, or zipped if the name says so.
    Bag,
}

/// The options of a pack.
#[derive(Clone, Debug)]
pub struct Options {
    /// The built site.
    pub site: PathBuf,
    /// The form.
    pub form: Form,
    /// The file or folder to make. By default it is named after the circle, in the current folder.
    pub out: Option<PathBuf>,
    /// Replace what is there.
    pub force: bool,
    /// Also pack a site that was changed after the build.
    pub anyway: bool,
    /// For bags: list missing media with a known hash in `fetch.txt`.
    pub fetch: bool,
}

/// The result of packing.
#[derive(Debug)]
pub struct Packed {
    /// Where it is.
    pub path: PathBuf,
    /// How many files are in it.
    pub files: usize,
    /// Their bytes, before compression.
    pub bytes: u64,
    /// Media that the site refers to but does not have.
    pub absent: usize,
    /// The number of them in `fetch.txt`.
    pub to_fetch: usize,
    /// The differences from the manifest, if it was packed anyway.
    pub problems: Vec<Problem>,
}

/// A file of a pack.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// Its path in the pack.
    pub(crate) path: String,
    /// Its bytes.
    pub(crate) content: Content,
}

/// The bytes of a file of a pack.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    /// A file of the site, with its hash and length at the time of the comparison.
    Site(Seen),
    /// Made for the pack.
    Made(Vec<u8>),
}

/// A file of the site with its hash and length.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) path: String,
    pub(crate) sha256: String,
    pub(crate) bytes: u64,
}

/// The circle of the site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Circle {
    /// Letters, digits and dashes.
    pub(crate) id: String,
    /// As on every page.
    pub(crate) name: String,
}

/// Packs a site.
///
/// # Errors
/// When there is no site, it was changed after the build, or the pack cannot be written.
pub fn pack(options: &Options, progress: &dyn Progress) -> Result<Packed> {
    let site = Store::folder(&options.site)?;
    progress.stage("verifying", None);
    let problems = fixity::site(&site)?;
    if !options.anyway && !problems.is_empty() {
        return Err(not_as_built(&options.site, &problems));
    }
    progress.stage("reading", Some(site.files().len() as u64));
    let seen = look(&site, progress)?;
    let circle = Circle::of(&site);
    let target = options.out.clone().unwrap_or_else(|| match options.form {
        Form::Zip => PathBuf::from(format!("{}.zip", circle.id)),
        Form::Bag => PathBuf::from(format!("{}-bag", circle.id)),
    });
    let is_zip = target.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("zip"));
    let target = match options.form {
        Form::Zip if target.is_dir() => target.join(format!("{}.zip", circle.id)),
        _ => target,
    };
    if within::inside(&options.site, &target) {
        return Err(Error::new(
            "a pack inside the site would be a part of the next one",
            format!("path: {}", target.display()),
            "choose another place with `--out`",
        ));
    }
    let (entries, absent, to_fetch) = match options.form {
        Form::Zip => (seen.into_iter().map(|file| entry(&circle.id, file)).collect(), 0, 0),
        Form::Bag => {
            let bag = bag::of(&site, &circle, seen, options.fetch)?;
            (bag.entries, bag.absent, bag.to_fetch)
        }
    };
    let entries = sorted(entries);
    progress.stage("packing", Some(entries.len() as u64));
    let bytes = entries.iter().map(|entry| entry.content.length()).sum();
    match options.form {
        Form::Bag if !is_zip => beside::folder(&target, options.force, bag::BAGIT, |folder| {
            for entry in &entries {
                beside::inside(folder, &entry.path, &mut |out| entry.content.copy(&site, out))?;
                progress.advance(1);
            }
            Ok(())
        })?,
        _ => {
            // The content of a zipped bag is also in one folder.
            let top = if options.form == Form::Bag { format!("{}-bag/", circle.id) } else { String::new() };
            beside::file(&target, options.force, |file| {
                let mut zip = Zipped::new(file);
                for entry in &entries {
                    zip.add(&format!("{top}{}", entry.path), entry.content.length(), &mut |out| {
                        entry.content.copy(&site, out)
                    })?;
                    progress.advance(1);
                }
                zip.finish()
            })?;
        }
    }
    Ok(Packed { path: target, files: entries.len(), bytes, absent, to_fetch, problems })
}

/// Computes hash and length of every file.
fn look(site: &Store, progress: &dyn Progress) -> Result<Vec<Seen>> {
    let paths: Vec<&String> = site.files().iter().collect();
    let seen: Vec<Result<Seen>> = parallel::map(&paths, |path| {
        let (sha256, bytes) = site.hash(path).map_err(|error| {
            Error::new(format!("a file cannot be read: {error}"), site.place(path), "look at its permissions")
        })?;
        progress.advance(1);
        Ok(Seen { path: (*path).clone(), sha256, bytes })
    });
    seen.into_iter().collect()
}

fn entry(folder: &str, seen: Seen) -> Entry {
    Entry { path: format!("{folder}/{}", seen.path), content: Content::Site(seen) }
}

fn sorted(mut entries: Vec<Entry>) -> Vec<Entry> {
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    entries
}

impl Content {
    fn length(&self) -> u64 {
        match self {
            Self::Site(seen) => seen.bytes,
            Self::Made(bytes) => bytes.len() as u64,
        }
    }

    /// Writes the bytes. A file that changed in the meantime is an error.
    fn copy(&self, site: &Store, out: &mut dyn Write) -> std::io::Result<(String, u64)> {
        match self {
            Self::Site(seen) => {
                let (sha256, bytes) = site.copy(&seen.path, out)?;
                if sha256 != seen.sha256 {
                    return Err(std::io::Error::other(format!("{} changed while it was packed", seen.path)));
                }
                Ok((sha256, bytes))
            }
            Self::Made(bytes) => out.write_all(bytes).map(|()| (String::new(), bytes.len() as u64)),
        }
    }
}

impl Circle {
    /// Reads them from the site's feed: every site has one, and no template changes it.
    fn of(site: &Store) -> Self {
        let feed = site.text("feed.xml", 16 << 20).unwrap_or_default();
        let between = |start: &str, end: &str| Some(feed.split_once(start)?.1.split_once(end)?.0.to_owned());
        let id = between("urn:circlekeep:", ":").and_then(|id| slug::ascii(&id));
        let name = between("<title>", "</title>").and_then(|name| {
            quick_xml::escape::unescape(&name).ok().map(|name| circle_model::text::excerpt(&name, 200))
        });
        let id = id.unwrap_or_else(|| "circle".to_owned());
        Self { name: name.filter(|name| !name.is_empty()).unwrap_or_else(|| id.clone()), id }
    }
}

/// The error for a site that is not packed: the first differences from its manifest, by name.
#[must_use]
pub fn not_as_built(site: &Path, problems: &[Problem]) -> Error {
    let first: Vec<String> =
        problems.iter().take(5).map(|problem| format!("{} ({})", problem.place, short(&problem.what))).collect();
    let more = problems.len().saturating_sub(first.len());
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    Error::new(
        "files have changed since the build, so the site was not packed",
        format!("folder: {}: {}{more}", site.display(), first.join(", ")),
        "build it again; `circlekeep verify` lists every difference; `--anyway` packs it as it is",
    )
}

fn short(what: &str) -> &str {
    what.split(':').next().unwrap_or(what)
}
