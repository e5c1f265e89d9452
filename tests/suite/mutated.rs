//! No importer panics, hangs or makes a record that cannot be written, whatever became of its export. `cargo xtask fuzz` does the
//! same for as long as one likes.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Duration, Instant},
};

use circle_content::input::Input;
use circle_tests::{
    exports,
    files::files,
    mutate::{Chance, mutate},
};

/// How many times each case is changed.
const TIMES: u64 = 12;

#[test]
fn every_importer_survives_damaged_exports() {
    let mut came = 0;
    for (importer, case) in exports::cases() {
        let importer = exports::importer_of(&importer, &case);
        let whole = files(&case.join("in"));
        for seed in 0..TIMES {
            let mut damaged = whole.clone();
            mutate(&mut damaged, &mut Chance::new(seed));
            let started = Instant::now();
            let outcome = catch_unwind(AssertUnwindSafe(|| exports::survive(importer, &Input::memory(damaged))));
            came +=
                outcome.unwrap_or_else(|_| panic!("{} panics: {} with seed {seed}", importer.name(), case.display()));
            // Nothing here is long; what takes this long never ends on a real export.
            assert!(started.elapsed() < Duration::from_secs(20), "{}: seed {seed} takes too long", case.display());
        }
    }
    assert!(came > 500, "only {came} records came through, so the damage is too great to test anything");
}
