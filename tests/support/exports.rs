//! The fixtures of the importers, imports as suites need them, and one that keeps nothing.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use circle_content::{
    archive::Mode,
    gate::Gate,
    input::Input,
    options::Options,
    report::{Report, Silent},
    sink::Sink,
};
use circle_import::{ByMap, Importer, Map, Summary};
use circle_model::{archive::Record, time::Utc};

use crate::files::files;

/// Every folder `fixtures/exports/<importer>/<case>`, with the importer's name.
///
/// # Panics
/// When the fixtures cannot be listed.
#[must_use]
pub fn cases() -> Vec<(String, PathBuf)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/exports");
    let folders = |path: &Path| {
        let mut folders: Vec<PathBuf> = fs::read_dir(path)
            .expect("the fixtures can be listed")
            .map(|entry| entry.expect("an entry can be read").path())
            .filter(|path| path.is_dir())
            .collect();
        folders.sort();
        folders
    };
    let mut cases = Vec::new();
    for importer in folders(&root) {
        let name = importer.file_name().expect("a folder has a name").to_string_lossy().into_owned();
        cases.extend(folders(&importer).into_iter().map(|case| (name.clone(), case)));
    }
    cases
}

/// The export day of the cases, so that `昨天` means a day.
#[must_use]
pub fn options() -> Options {
    Options { now_day: "2021-06-28".parse().ok(), ..Options::default() }
}

/// The input of a case `<importer>/<case>`.
#[must_use]
pub fn fixture(case: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/exports").join(case).join("in")
}

/// The importer that a case's folder is named after, or, beside a `map.toml`, the one that it makes.
///
/// # Panics
/// When there is none of that name, or the map cannot be read.
#[must_use]
pub fn importer_of(name: &str, case: &Path) -> &'static dyn Importer {
    match fs::read_to_string(case.join("map.toml")) {
        Ok(text) => Box::leak(Box::new(ByMap(Map::read(&text).expect("the case's map can be read")))),
        Err(_) => circle_import::by_name(name).expect("the folder is named after an importer"),
    }
}

/// Files in memory, as an input of their own.
pub fn input<N: Into<String>, B: Into<Vec<u8>>>(files: impl IntoIterator<Item = (N, B)>) -> Input {
    Input::memory(files.into_iter().map(|(name, bytes)| (name.into(), bytes.into())).collect())
}

/// Imports an input into a content folder, on 29 May 2021.
///
/// # Panics
/// When the import stops.
pub fn import(input: &Input, importer: &dyn Importer, content: &Path, options: &Options) -> Summary {
    let at = Utc(1_622_257_457_000);
    circle_import::into_content(input, importer, content, options, at, Mode::Write, &Silent).expect("an import")
}

/// As [`import`], by the importer of this name.
///
/// # Panics
/// When there is no such importer, or the import stops.
pub fn import_as(from: &str, input: &Input, content: &Path) -> Summary {
    import(input, circle_import::by_name(from).expect("an importer"), content, &Options::default())
}

/// As [`import`], by the importer that recognises the input; gives its name too.
///
/// # Panics
/// When no importer does, or the import stops.
pub fn import_known(input: &Input, content: &Path) -> (&'static str, Summary) {
    let (importer, _) = circle_import::recognise(input).expect("a known export");
    (importer.name(), import(input, importer, content, &Options::default()))
}

/// Every file of a content folder's archive but the log of imports; none where there is no archive.
///
/// # Panics
/// When one cannot be read, or is no text.
#[must_use]
pub fn archive(content: &Path) -> BTreeMap<String, String> {
    let archive = content.join("archive");
    let files = if archive.exists() { files(&archive) } else { BTreeMap::new() };
    let files = files.into_iter().filter(|(name, _)| name != "imports.jsonl");
    files.map(|(name, bytes)| (name, String::from_utf8(bytes).expect("text"))).collect()
}

/// Takes records, sees that they can be written, and forgets them.
struct Forget(u64);

impl Sink for Forget {
    fn push(&mut self, record: Record) -> circle_content::Result<()> {
        let line = record.to_line().expect("a record is JSON");
        record.kind().parse(&line).expect("what was written can be read");
        self.0 += 1;
        Ok(())
    }

    fn keep_media(&mut self, medium: &circle_content::media::prepare::Prepared) -> circle_content::Result<String> {
        Ok(circle_content::sink::media_path(&medium.sha256, medium.extension))
    }
}

/// Asks every importer whether it knows `input`, then lets `importer` read it. Says how many records came through the gate; what
/// cannot be imported at all is none.
///
/// # Panics
/// When the importer makes a record that cannot be written, or panics itself.
pub fn survive(importer: &dyn Importer, input: &Input) -> u64 {
    for other in circle_import::importers() {
        let _ = other.recognise(input);
    }
    let (mut forget, mut report) = (Forget(0), Report::default());
    let mut gate = Gate::new(&mut forget, BTreeSet::new());
    if importer.import(input, &options(), &mut gate, &mut report).is_ok() {
        let _ = gate.finish();
    }
    forget.0
}
