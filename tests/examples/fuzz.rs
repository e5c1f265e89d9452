//! Damages the fixtures of every importer at random for a while: `cargo xtask fuzz`. Arguments: seconds an importer, then the names of
//! importers (all by default). What makes one panic is kept in a folder, with the seed that makes it again.

use std::{
    fs,
    io::Write as _,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, Instant},
};

use circle_content::input::Input;
use circle_import::Importer;
use circle_tests::{
    exports,
    files::files,
    mutate::{Chance, Files, change, mutate},
};

#[expect(clippy::print_stdout, reason = "this is a program, and that is its output")]
fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let seconds = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(60);
    let only: Vec<String> = arguments.collect();
    let kept = std::env::temp_dir().join("circlekeep-fuzz");
    // What a panic says is said once, below, with the input.
    std::panic::set_hook(Box::new(|_| {}));
    let mut found = 0;
    let mut names: Vec<&str> = circle_import::importers().iter().map(|importer| importer.name()).collect();
    names.push("zip");
    for name in names.into_iter().filter(|name| only.is_empty() || only.iter().any(|one| one == name)) {
        let (runs, failures) = one(name, Duration::from_secs(seconds), &kept);
        println!("{name:<24} {runs:>8} inputs, {failures} failures");
        found += failures;
    }
    if found == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Fuzzes one importer; `zip` stands for opening zips.
#[expect(clippy::print_stdout, reason = "this is a program, and that is its output")]
fn one(name: &str, long: Duration, kept: &Path) -> (u64, u64) {
    let reads = |importer: &str| circle_import::importers().iter().any(|one| one.name() == importer && one.reads());
    // What only refuses has no fixtures: all others' are its own.
    let mut corpus: Vec<(&dyn Importer, Files)> = Vec::new();
    for (importer, case) in exports::cases() {
        if importer == name || !reads(name) {
            let importer =
                if reads(name) { Ok(exports::importer_of(name, &case)) } else { circle_import::by_name(name) };
            corpus.extend(
                importer.or_else(|_| circle_import::by_name("native")).map(|one| (one, files(&case.join("in")))),
            );
        }
    }
    let (started, mut runs, mut failures) = (Instant::now(), 0, 0);
    while started.elapsed() < long {
        let seed = runs;
        runs += 1;
        let mut chance = Chance::new(seed ^ 0x5eed);
        let Some((importer, mut damaged)) = corpus.get(chance.below(corpus.len())).cloned() else { break };
        let begun = Instant::now();
        let outcome = if name == "zip" {
            let bytes = zipped(&damaged, &mut chance);
            damaged = Files::from([("damaged.zip".to_owned(), bytes.clone())]);
            catch_unwind(|| open(&bytes))
        } else {
            mutate(&mut damaged, &mut chance);
            let input = damaged.clone();
            catch_unwind(AssertUnwindSafe(|| {
                exports::survive(importer, &Input::memory(input));
            }))
        };
        let slow = begun.elapsed() > Duration::from_secs(20);
        if outcome.is_err() || slow {
            failures += 1;
            let folder = kept.join(format!("{name}-{seed}"));
            keep(&folder, &damaged);
            println!(
                "{name}: {} with seed {seed}; the input is in {}",
                if slow { "slow" } else { "panic" },
                folder.display()
            );
        }
    }
    (runs, failures)
}

fn zipped(files: &Files, chance: &mut Chance) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in files {
        let _ = writer.start_file(name.as_str(), zip::write::SimpleFileOptions::default());
        let _ = writer.write_all(bytes);
    }
    let mut bytes = writer.finish().map(std::io::Cursor::into_inner).unwrap_or_default();
    for _ in 0..=chance.below(3) {
        change(&mut bytes, chance);
    }
    bytes
}

fn open(bytes: &[u8]) {
    let file = tempfile::NamedTempFile::new().and_then(|mut file| file.write_all(bytes).map(|()| file));
    let Ok(file) = file else { return };
    if let Ok(input) = Input::open(file.path()) {
        for entry in input.entries() {
            let _ = input.read(&entry.path, 1 << 20);
        }
    }
}

fn keep(folder: &Path, files: &Files) {
    for (name, bytes) in files {
        let safe: PathBuf = name.split('/').filter(|part| *part != "..").collect();
        let path = folder.join(safe);
        let _ = path.parent().map(fs::create_dir_all);
        let _ = fs::File::create(path).and_then(|mut file| file.write_all(bytes));
    }
}
