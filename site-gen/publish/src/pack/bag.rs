//! A bag by RFC 8493 (BagIt 1.0), for archives and libraries.
//!
//! 1. `data/<circle>/` is the site, byte for byte; `manifest-sha256.txt` lists it.
//! 2. `bagit.txt` and `bag-info.txt`. There is no `Bagging-Date`: the same site makes the same bag on any day.
//! 3. `absent-media.tsv` lists every medium that the archive refers to but does not have, with its address. A bag with this file
//!    is *complete and valid*, because nothing of its payload is missing.
//! 4. `fetch.txt` is written only on request, and lists only missing media with a known SHA-256. The standard requires these
//!    files in the payload manifest, too. So the bag is *incomplete* until somebody fetches them, and validators say so.
//! 5. `tagmanifest-sha256.txt` lists all of these files.

use std::collections::BTreeMap;

use circle_model::archive::{MediaState, Record, RecordKind};
use sha2::{Digest as _, Sha256};

use super::{Circle, Content, Entry, Seen};
use crate::{
    fixity::{self, LONGEST},
    write::{Manifest, does_not_count, store::Store},
};
use circle_content::{Error, Result, media::hex, report::Problem};

/// The file that identifies a bag.
pub const BAGIT: &str = "bagit.txt";
const INFO: &str = "bag-info.txt";
const FETCH: &str = "fetch.txt";
const ABSENT: &str = "absent-media.tsv";
const PAYLOAD: &str = "manifest-sha256.txt";
const TAGS: &str = "tagmanifest-sha256.txt";

/// A bag, ready to be written.
pub(crate) struct Bag {
    pub(crate) entries: Vec<Entry>,
    pub(crate) absent: usize,
    pub(crate) to_fetch: usize,
}

/// A medium that the site refers to but does not have.
#[derive(Debug, PartialEq, Eq)]
struct Absent {
    /// Its SHA-256, if the archive has it.
    sha256: Option<String>,
    bytes: Option<u64>,
    name: String,
    reason: String,
    addresses: Vec<String>,
}

/// The bag of a site; `fetch` asks for a `fetch.txt`.
///
/// # Errors
/// When the site's list of media cannot be read.
pub(crate) fn of(site: &Store, circle: &Circle, seen: Vec<Seen>, fetch: bool) -> Result<Bag> {
    let absent = absent(site)?;
    let mut payload: BTreeMap<String, String> = BTreeMap::new();
    let mut sum: Option<u64> = Some(0);
    let mut entries = Vec::new();
    for file in seen {
        let path = format!("data/{}/{}", circle.id, file.path);
        sum = sum.map(|sum| sum + file.bytes);
        payload.insert(path.clone(), file.sha256.clone());
        entries.push(Entry { path, content: Content::Site(file) });
    }
    let mut fetches = String::new();
    let mut to_fetch = 0;
    for medium in absent.iter().filter(|_| fetch) {
        let (Some(sha256), Some(address)) = (&medium.sha256, medium.addresses.first()) else { continue };
        let path = format!("data/absent/{sha256}");
        if payload.insert(path.clone(), sha256.clone()).is_none() {
            let length = medium.bytes.map_or_else(|| "-".to_owned(), |bytes| bytes.to_string());
            fetches.push_str(&format!("{address} {length} {path}\n"));
            // Without the unknown lengths, the sum would be wrong.
            sum = sum.zip(medium.bytes).map(|(sum, bytes)| sum + bytes);
            to_fetch += 1;
        }
    }
    let mut tags: BTreeMap<&str, String> = BTreeMap::new();
    tags.insert(BAGIT, "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n".to_owned());
    tags.insert(INFO, info(circle, sum.map(|sum| (sum, payload.len())), &absent));
    tags.insert(PAYLOAD, lines(&payload));
    if !absent.is_empty() {
        tags.insert(ABSENT, table(&absent));
    }
    if !fetches.is_empty() {
        tags.insert(FETCH, fetches);
    }
    let hashes = tags.iter().map(|(path, text)| ((*path).to_owned(), hex(&Sha256::digest(text.as_bytes())))).collect();
    tags.insert(TAGS, lines(&hashes));
    entries.extend(
        tags.into_iter().map(|(path, text)| Entry { path: path.to_owned(), content: Content::Made(text.into_bytes()) }),
    );
    Ok(Bag { entries, absent: absent.len(), to_fetch })
}

/// Compares a bag with its manifests.
///
/// # Errors
/// When it has no manifest of a known kind, or one is damaged.
pub(crate) fn verify(bag: &Store) -> Result<Vec<Problem>> {
    let mut problems = Vec::new();
    let mut problem = |place: &str, what: String, help: &str| {
        problems.push(Problem { place: place.to_owned(), what, help: help.to_owned() });
    };
    let another = "take the bag from another copy";
    let declared = text(bag, BAGIT)?;
    if !declared.trim_start_matches('\u{feff}').starts_with("BagIt-Version: ") {
        problem(BAGIT, "changed: this is no declaration of a bag".to_owned(), another);
    }
    let payload = parsed(bag, PAYLOAD)?;
    let tags = if bag.files().contains(TAGS) { parsed(bag, TAGS)? } else { Manifest::new() };
    let fetched = if bag.files().contains(FETCH) { fetches(&text(bag, FETCH)?) } else { BTreeMap::new() };
    let mut sum = 0;
    for path in payload.keys().filter(|path| bag.files().contains(*path)) {
        sum += bag.hash(path).map(|(_, bytes)| bytes).unwrap_or_default();
    }
    let oxum = if bag.files().contains(INFO) { text(bag, INFO)? } else { String::new() };
    let oxum = oxum.lines().find_map(|line| line.strip_prefix("Payload-Oxum:")).map(str::trim).map(str::to_owned);
    let here = format!("{sum}.{}", payload.keys().filter(|path| bag.files().contains(*path)).count());
    if fetched.is_empty() && oxum.is_some_and(|oxum| oxum != here) {
        problem(INFO, format!("changed: Payload-Oxum is not {here}, which is what is here"), another);
    }
    let counts = |path: &&String| !does_not_count(path);
    let added = |path: &&String| path.starts_with("data/") && !payload.contains_key(*path);
    for path in bag.files().iter().filter(added).filter(counts) {
        problem(
            path,
            "added: the manifest of the bag does not know it".to_owned(),
            "delete it if you did not put it there",
        );
    }
    // A bag need not list its own files; then only those that every bag has are allowed.
    let own = |path: &str| tags.is_empty() && [BAGIT, INFO, PAYLOAD, FETCH].contains(&path);
    let listed = |path: &str| payload.contains_key(path) || tags.contains_key(path) || own(path);
    let unlisted = |path: &&String| !path.starts_with("data/") && !path.starts_with("tagmanifest-") && !listed(path);
    for path in bag.files().iter().filter(unlisted).filter(counts) {
        problem(
            path,
            "added: the bag's list of its own files does not know it".to_owned(),
            "delete it if you did not put it there",
        );
    }
    for link in fixity::links(bag) {
        problem(&link.place, link.what, &link.help);
    }
    for manifest in [&payload, &tags] {
        for mut found in fixity::compare(bag, manifest) {
            if found.what == "missing"
                && let Some(address) = fetched.get(&found.place)
            {
                found.what = "missing: it is still to be fetched".to_owned();
                found.help = format!("fetch it from {address}, or pack without `--fetch`");
            }
            problem(&found.place, found.what, &found.help);
        }
    }
    problems.sort();
    problems.dedup();
    Ok(problems)
}

/// The format of `sha256sum`, with line breaks and per cent signs of names encoded, as RFC 8493, 2.1.3, requires.
fn lines(hashes: &BTreeMap<String, String>) -> String {
    hashes.iter().map(|(path, sha256)| format!("{sha256}  {}\n", encoded(path))).collect()
}

fn encoded(path: &str) -> String {
    path.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn decoded(path: &str) -> String {
    let cases = [("%0D", "\r"), ("%0d", "\r"), ("%0A", "\n"), ("%0a", "\n"), ("%25", "%")];
    cases.iter().fold(path.to_owned(), |path, (from, to)| path.replace(from, to))
}

fn parsed(bag: &Store, path: &str) -> Result<Manifest> {
    let damaged = |number: usize, what: &str| {
        Error::new(
            format!("a manifest of the bag is damaged: {what}"),
            format!("{}, line {number}", bag.place(path)),
            "take the bag from another copy",
        )
    };
    let mut manifest = Manifest::new();
    for (number, line) in (1..).zip(text(bag, path)?.lines()) {
        let (sha256, name) = line
            .split_once([' ', '\t'])
            .filter(|(sha256, _)| sha256.len() == 64 && sha256.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .ok_or_else(|| damaged(number, "this is not a checksum and a path"))?;
        let name = decoded(name.trim_start_matches([' ', '\t', '*']));
        if name.is_empty() || name.starts_with('/') || name.split('/').any(|part| part == "..") {
            return Err(damaged(number, "the path leaves the bag"));
        }
        if manifest.insert(name, sha256.to_ascii_lowercase()).is_some() {
            return Err(damaged(number, "it lists this file twice"));
        }
    }
    Ok(manifest)
}

/// Addresses by path.
fn fetches(text: &str) -> BTreeMap<String, String> {
    let line = |line: &str| {
        let (address, rest) = line.split_once([' ', '\t'])?;
        let (_, path) = rest.trim_start().split_once([' ', '\t'])?;
        Some((decoded(path.trim_start()), address.to_owned()))
    };
    text.lines().filter_map(line).collect()
}

fn text(bag: &Store, path: &str) -> Result<String> {
    bag.text(path, LONGEST).map_err(|error| {
        Error::new(
            format!("a file that every bag has cannot be read: {error}"),
            bag.place(path),
            "take the bag from another copy",
        )
    })
}

fn info(circle: &Circle, payload: Option<(u64, usize)>, absent: &[Absent]) -> String {
    let mut info = format!(
        "Source-Organization: {name}\nExternal-Description: The archive site of {name}: open data/{id}/index.html in a browser\n\
         External-Identifier: urn:circlekeep:{id}\nBag-Software-Agent: circlekeep {version}\n",
        name = circle.name,
        id = circle.id,
        version = env!("CARGO_PKG_VERSION"),
    );
    if let Some((bytes, files)) = payload {
        info.push_str(&format!("Payload-Oxum: {bytes}.{files}\n"));
    }
    if !absent.is_empty() {
        let count = absent.len();
        info.push_str(&format!("Internal-Sender-Description: {count} media are known and absent, see {ABSENT}\n"));
    }
    info
}

fn table(absent: &[Absent]) -> String {
    let mut table = "sha256\tbytes\tname\treason\taddresses\n".to_owned();
    for medium in absent {
        let cells = [
            medium.sha256.clone().unwrap_or_default(),
            medium.bytes.map(|bytes| bytes.to_string()).unwrap_or_default(),
            medium.name.clone(),
            medium.reason.clone(),
            medium.addresses.join(" "),
        ];
        let cells = cells.map(|cell| cell_of(&cell));
        table.push_str(&cells.join("\t"));
        table.push('\n');
    }
    table
}

/// A cell of a table: nothing in it can end the cell, and no spreadsheet reads a stranger's file name as a formula.
fn cell_of(text: &str) -> String {
    let text = text.replace(|c: char| c.is_control(), " ");
    let formula = text.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    if formula { format!("'{text}") } else { text }
}

/// The missing media, from the site's own list.
fn absent(site: &Store) -> Result<Vec<Absent>> {
    let path = "data/media.jsonl";
    if !site.files().contains(path) {
        return Ok(Vec::new());
    }
    let text = site.text(path, LONGEST).map_err(|error| {
        Error::new(format!("the list of media cannot be read: {error}"), site.place(path), "build the site again")
    })?;
    let records = text.lines().skip(1).filter_map(|line| match RecordKind::Media.parse(line) {
        Ok(Record::Media(media)) => Some(media),
        _ => None,
    });
    let absent = records.filter(|media| media.state != MediaState::Present).map(|media| {
        let id = media.id.as_str();
        let is_hash = id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        Absent {
            sha256: is_hash.then(|| id.to_ascii_lowercase()),
            bytes: media.bytes,
            name: media.name.clone().unwrap_or_default(),
            reason: media.reason.clone().unwrap_or_else(|| format!("{:?}", media.state).to_lowercase()),
            addresses: media.remote.iter().filter_map(|address| fetchable(address)).collect(),
        }
    });
    Ok(absent.collect())
}

/// An http address without spaces.
fn fetchable(address: &str) -> Option<String> {
    let url = url::Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    Some(url.to_string())
}

#[cfg(test)]
mod tests {
    use super::{cell_of, decoded, encoded, fetchable, fetches};

    #[test]
    fn a_name_is_one_cell_and_no_formula() {
        for (name, cell) in [
            ("=HYPERLINK(\"https://evil.example\")", "'=HYPERLINK(\"https://evil.example\")"),
            (" +1", "' +1"),
            ("＝1", "'＝1"),
            ("\t@x", "' @x"),
            ("a\tb\r\nc=1", "a b  c=1"),
            ("圈.jpg", "圈.jpg"),
        ] {
            assert_eq!(cell_of(name), cell, "{name:?}");
        }
    }

    #[test]
    fn names_with_line_breaks_and_per_cent_signs_come_back() {
        for name in ["data/圈/100%.html", "data/a\r\nb", "data/%0A", "data/%250A", "data/a b"] {
            assert!(!encoded(name).contains(['\r', '\n']));
            assert_eq!(decoded(&encoded(name)), name);
        }
    }

    #[test]
    fn only_web_addresses_can_be_fetched_and_no_blank_divides_them() {
        assert_eq!(fetchable("https://a.example/图 1.jpg").unwrap(), "https://a.example/%E5%9B%BE%201.jpg");
        assert!(fetchable("file:///etc/passwd").is_none() && fetchable("weixin://x").is_none());
        let line = "https://a.example/x - data/absent/00\n";
        assert_eq!(fetches(line).get("data/absent/00").unwrap(), "https://a.example/x");
    }
}
