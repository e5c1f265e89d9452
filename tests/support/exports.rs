//! The fixtures of the importers, and an import that keeps nothing.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use circle_content::{gate::Gate, input::Input, options::Options, report::Report, sink::Sink};
use circle_import::{ByMap, Importer, Map};
use circle_model::archive::Record;

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
