//! Files as tests write and read them: one file, all below a folder, those of a zip; and where a word stands in them.

use std::{
    collections::BTreeMap,
    fs,
    io::{Cursor, Read as _, Write as _},
    path::{Path, PathBuf},
};

/// Writes a file, and makes the folders above it.
///
/// # Panics
/// When it cannot be written.
pub fn put(path: impl AsRef<Path>, bytes: impl AsRef<[u8]>) {
    let path = path.as_ref();
    fs::create_dir_all(path.parent().expect("a folder")).expect("a new folder");
    let written = fs::File::create(path).and_then(|mut file| file.write_all(bytes.as_ref()));
    written.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}

/// The files below a folder by their paths, which have `/` on every system.
///
/// # Panics
/// When something cannot be read, or there is no such folder.
#[must_use]
pub fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    below(folder).filter(|(_, path)| path.is_file()).map(|(name, path)| (name, read(&path))).collect()
}

/// The texts of the HTML files below a folder.
///
/// # Panics
/// When something cannot be read, or is no text.
#[must_use]
pub fn html_files(folder: &Path) -> BTreeMap<String, String> {
    let pages = files(folder).into_iter().filter(|(path, _)| path.ends_with(".html"));
    pages.map(|(path, bytes)| (path, String::from_utf8(bytes).expect("UTF-8"))).collect()
}

/// Where a word stands below a folder, as it is: in a file, in a file of a zip or in a name.
///
/// # Panics
/// When there is no such folder: what was never made holds no secret, and proves nothing.
#[must_use]
pub fn places(folder: &Path, word: &str) -> Vec<String> {
    let found = everything(folder).into_iter();
    // Bytes that are no text keep the words between them.
    let found = found.filter(|(name, bytes)| name.contains(word) || String::from_utf8_lossy(bytes).contains(word));
    found.map(|(name, _)| name).collect()
}

/// As [`places`], for a word in any spelling, as browsers and scripts read it, and in letters of either case.
///
/// # Panics
/// When there is no such folder.
#[must_use]
pub fn places_in_any_spelling(folder: &Path, word: &str) -> Vec<String> {
    let spellings: Vec<String> = spellings(word).iter().map(|spelling| spelling.to_lowercase()).collect();
    let mut found = Vec::new();
    for (name, bytes) in everything(folder) {
        let text = format!("{name}\n{}", String::from_utf8_lossy(&bytes)).to_lowercase();
        if spellings.iter().any(|spelling| text.contains(spelling)) {
            found.push(name);
        }
    }
    found
}

/// A zip of files, below the folder `top`, which ends with `/` or is nothing.
///
/// # Panics
/// Never; it is written into memory.
#[must_use]
pub fn zipped(files: &BTreeMap<String, Vec<u8>>, top: &str) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (path, bytes) in files {
        zip.start_file(format!("{top}{path}"), zip::write::SimpleFileOptions::default()).expect("begun");
        zip.write_all(bytes).expect("written");
    }
    zip.finish().expect("finished").into_inner()
}

/// The files of a zip by their names.
///
/// # Panics
/// When it is no zip, or a damaged one.
#[must_use]
pub fn unzipped(zip: &[u8]) -> BTreeMap<String, Vec<u8>> {
    unzip(zip).expect("a zip")
}

fn unzip(zip: &[u8]) -> zip::result::ZipResult<BTreeMap<String, Vec<u8>>> {
    let mut zip = zip::ZipArchive::new(Cursor::new(zip))?;
    let mut files = BTreeMap::new();
    for index in 0..zip.len() {
        let mut entry = zip.by_index(index)?;
        let name = entry.name()?.into_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes)?;
        files.insert(name, bytes);
    }
    Ok(files)
}

/// A PNG of one pixel, another for every number.
///
/// # Panics
/// Never; it is written into memory.
#[must_use]
pub fn picture(number: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 1, 1);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.write_header().expect("begun").write_image_data(&[number]).expect("written");
    bytes
}

/// A word as itself, as part of a file's name, percent-encoded, as character references, as JSON escapes, and in base64 at each of three
/// places.
fn spellings(word: &str) -> Vec<String> {
    let percent: String = word.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let some_percent: String = word
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '-' || c == '_' {
                c.to_string()
            } else {
                c.to_string().bytes().map(|b| format!("%{b:02x}")).collect()
            }
        })
        .collect();
    let dashed = word.replace(['_', ' '], "-");
    let decimal: String = word.chars().map(|c| format!("&#{};", u32::from(c))).collect();
    let hexadecimal: String = word.chars().map(|c| format!("&#x{:x};", u32::from(c))).collect();
    let json: String = word.chars().map(|c| format!("\\u{:04x}", u32::from(c))).collect();
    let mut all = vec![word.to_owned(), dashed, percent, some_percent, decimal, hexadecimal, json];
    for (before, skip) in [("", 0), ("a", 2), ("ab", 3)] {
        let encoded = data_encoding::BASE64_NOPAD.encode(format!("{before}{word}").as_bytes());
        // What depends on the neighbours is cut off.
        all.extend(encoded.get(skip..encoded.len() - 1).map(str::to_owned));
    }
    all
}

/// Every file and folder below `folder` by its name, and every file of a zip as `a.zip!name`.
fn everything(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    for (name, path) in below(folder) {
        let bytes = if path.is_file() { read(&path) } else { Vec::new() };
        let inside = if bytes.starts_with(b"PK") { unzip(&bytes).unwrap_or_default() } else { BTreeMap::new() };
        all.extend(inside.into_iter().map(|(inside, bytes)| (format!("{name}!{inside}"), bytes)));
        all.push((name, bytes));
    }
    all
}

/// The names and paths of what is below a folder, in their order.
fn below(folder: &Path) -> impl Iterator<Item = (String, PathBuf)> {
    walkdir::WalkDir::new(folder).min_depth(1).sort_by_file_name().into_iter().map(move |entry| {
        let path = entry.expect("a readable folder").into_path();
        (path.strip_prefix(folder).expect("inside").to_string_lossy().replace('\\', "/"), path)
    })
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
