//! Verifies that every byte is as it was written: in a built site, a zip of one, or a bag.
//!
//! 1. A `bagit.txt` identifies a bag, a manifest a site. In a zip, both may be in one folder.
//! 2. For a bag: the tag manifest, the payload manifest, the sum of bytes; then the site in it.
//! 3. For a site: changed, missing and added files, whatever their names. Signatures of the manifest beside it do not count as
//!    added, and neither do the few files of `write::IGNORED`, which have no effect on any server. `--help` lists all of them.

use std::{collections::BTreeSet, io, path::Path};

use crate::{
    pack::bag,
    write::{MANIFEST, Manifest, SIGNATURES, does_not_count, manifest_of, store::Store},
};
use circle_content::{Error, Result, report::Problem};
use circle_site::parallel;

/// About the size of the manifest of a site with a million files, in bytes.
pub(crate) const LONGEST: u64 = 256 << 20;

/// The kind of thing that was compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A built folder.
    Site,
    /// A zip of one.
    Zip,
    /// A bag, as a folder or zipped.
    Bag,
}

impl Kind {
    /// The word in summaries.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Site => "site",
            Self::Zip => "zip",
            Self::Bag => "bag",
        }
    }
}

/// The result of a comparison.
#[derive(Debug)]
pub struct Verified {
    /// The kind of thing that it is.
    pub kind: Kind,
    /// How many files the manifest of the site lists.
    pub files: usize,
    /// Every difference.
    pub problems: Vec<Problem>,
    /// The site in it, for its signatures.
    pub site: Store,
}

/// Compares a built folder, a zip or a bag with its own manifests.
///
/// # Errors
/// When it is none of these, or its manifest is damaged.
pub fn verify(path: &Path) -> Result<Verified> {
    let store = Store::open(path)?;
    let unpacked = path.is_dir();
    // The content of a zip is in one folder, so that it unpacks into one.
    let store = match store.only_folder() {
        Some(folder) if !unpacked => store.below(&folder),
        _ => store,
    };
    let mut problems = Vec::new();
    if store.twice() > 0 {
        problems.push(Problem {
            place: path.display().to_string(),
            what: format!("added: {} entries of the zip have the name of another one", store.twice()),
            help: "take the zip from another copy: which of the two a program unpacks cannot be known".to_owned(),
        });
    }
    let (kind, site) = if store.files().contains(bag::BAGIT) {
        problems.extend(bag::verify(&store)?);
        let payload = store.below("data/");
        // The site is the folder with a manifest of its own. There may be other files beside it.
        let folder = payload.files().iter().find_map(|path| {
            path.strip_suffix(MANIFEST).filter(|folder| folder.matches('/').count() == usize::from(!folder.is_empty()))
        });
        let site = folder.map_or(payload.clone(), |folder| payload.below(folder));
        if let Some(folder) = folder.filter(|folder| !folder.is_empty()) {
            problems.extend(beside(&payload, folder, &site));
        }
        (Kind::Bag, site)
    } else {
        (if unpacked { Kind::Site } else { Kind::Zip }, store)
    };
    // Differences from the payload manifest are not reported twice.
    let told: BTreeSet<String> = problems.iter().map(|problem| problem.place.clone()).collect();
    let files = manifest(&site)?.len();
    problems.extend(self::site(&site)?.into_iter().filter(|problem| {
        !told.iter().any(|place| place.strip_suffix(&problem.place).is_some_and(|before| before.ends_with('/')))
    }));
    Ok(Verified { kind, files, problems, site })
}

/// Files in a bag beside a signed site. Nobody signs the lists of a bag, but a good signature in it would seem to cover these
/// files. Fetched media are listed with their own hash.
fn beside<'a>(payload: &'a Store, folder: &'a str, site: &Store) -> impl Iterator<Item = Problem> + 'a {
    let is_signed = SIGNATURES.iter().any(|file| site.files().contains(*file));
    let others = payload.files().iter().filter(move |path| is_signed && !path.starts_with(folder));
    others.filter(|path| path.strip_prefix("absent/").is_none_or(|hash| !is_hash(hash))).map(|path| Problem {
        place: format!("data/{path}"),
        what: "added: it lies beside the signed site, and nobody signed it".to_owned(),
        help: "believe only what is in the folder of the site".to_owned(),
    })
}

fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Links to other places: whatever their content is today, it is not part of the built site.
pub(crate) fn links(store: &Store) -> impl Iterator<Item = Problem> + '_ {
    store.links().iter().map(|path| Problem {
        place: path.clone(),
        what: "added: it is a link to another place, and a site has none".to_owned(),
        help: "delete it, and take the file from another copy if the site has one of this name".to_owned(),
    })
}

/// Compares a site with its manifest.
///
/// # Errors
/// When there is no manifest, or it is damaged.
pub fn site(site: &Store) -> Result<Vec<Problem>> {
    let manifest = manifest(site)?;
    let mut problems = compare(site, &manifest);
    let added = site
        .files()
        .iter()
        .filter(|path| *path != MANIFEST && !SIGNATURES.contains(&path.as_str()) && !manifest.contains_key(*path))
        .filter(|path| !does_not_count(path))
        .filter(|path| !site.links().contains(*path));
    problems.extend(added.map(|path| Problem {
        place: path.clone(),
        what: "added: it is not in the manifest".to_owned(),
        help: "delete it if you did not put it there".to_owned(),
    }));
    problems.extend(links(site));
    problems.sort();
    Ok(problems)
}

/// Every file that differs from a manifest.
pub(crate) fn compare(store: &Store, manifest: &Manifest) -> Vec<Problem> {
    let listed: Vec<(&String, &String)> = manifest.iter().collect();
    let compared = parallel::map(&listed, |(path, sha256)| {
        let what = match store.hash(path) {
            Ok((there, _)) if there == **sha256 => return None,
            Ok(_) => "changed: its bytes are not those of the manifest".to_owned(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => "missing".to_owned(),
            Err(error) => format!("cannot be read: {error}"),
        };
        Some(Problem { place: (*path).clone(), what, help: "take it from another copy, or build again".to_owned() })
    });
    compared.into_iter().flatten().collect()
}

/// The manifest of a site.
///
/// # Errors
/// When there is none, or it is damaged.
pub fn manifest(site: &Store) -> Result<Manifest> {
    let text = site.text(MANIFEST, LONGEST).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Error::new(
            "there is no manifest, so nothing can be compared",
            site.place(MANIFEST),
            "build the site with `circlekeep build`, or name its folder",
        ),
        _ => Error::new(
            format!("the manifest cannot be read: {error}"),
            site.place(MANIFEST),
            "take it from another copy of the site",
        ),
    })?;
    manifest_of(&text, &site.place(MANIFEST))
}
