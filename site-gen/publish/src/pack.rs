//! A built site as one thing that can be handed on: a zip, or a bag for those who preserve. And the circle as a book ([`epub`]).
//!
//! 1. Every byte is compared with the manifest; a site that is not as it was built is not packed unasked.
//! 2. Who it is: the circle's id and name, as the site's own feed says them.
//! 3. The list of what goes in, sorted by name; the same site makes the same bytes, wherever and whenever it is packed.
//! 4. It is written beside its place and renamed, and every file is hashed again on its way in.
//!
//! A pack holds what the site holds, byte for byte, and some lines about it: nothing else is ever read.

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

/// What a site is packed as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A zip with one folder, which opens by double click when it is unpacked.
    Zip,
    /// A bag after RFC 8493, as a folder, or zipped where the name says so.
    Bag,
}

/// What to pack, and into what.
#[derive(Clone, Debug)]
pub struct Options {
    /// The built site.
    pub site: PathBuf,
    /// What it becomes.
    pub form: Form,
    /// The file or folder to make; without it one named after the circle, here.
    pub out: Option<PathBuf>,
    /// Replace what is there.
    pub force: bool,
    /// Pack a site that is not as it was built, too.
    pub anyway: bool,
    /// For bags: name absent media whose hash is known as still to be fetched.
    pub fetch: bool,
}

/// What was packed.
#[derive(Debug)]
pub struct Packed {
    /// Where it is.
    pub path: PathBuf,
    /// How many files are in it.
    pub files: usize,
    /// Their bytes, before compression.
    pub bytes: u64,
    /// Media that the site knows of and does not have.
    pub absent: usize,
    /// How many of them a bag names as still to be fetched.
    pub to_fetch: usize,
    /// What differs from the manifest, where it was packed anyway.
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
    /// A file of the site, as it was when it was looked at.
    Site(Seen),
    /// Made for the pack.
    Made(Vec<u8>),
}

/// A file of the site, looked at.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) path: String,
    pub(crate) sha256: String,
    pub(crate) bytes: u64,
}

/// Whose site it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Circle {
    /// Letters, digits and dashes.
    pub(crate) id: String,
    /// As it stands on every page.
    pub(crate) name: String,
}

/// Packs a site.
///
/// # Errors
/// When there is no site, it is not as it was built, or the pack cannot be written.
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
            // What is in a zipped bag is in one folder too.
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

/// Looks at every file: hash and length.
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

    /// Writes the bytes; a file that changed since it was looked at is an error.
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
    /// As the feed of the site says it: every site has one, and no template changes it.
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

/// Why a site is not packed: what differs from its manifest, the first ones by name.
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
