//! Counting test cases, from what `cargo test` prints.

/// The cases of one layer.
#[derive(Default, Debug, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) passed: usize,
    pub(super) failed: usize,
    pub(super) skipped: usize,
    /// What failed, in words, for the list at the end.
    pub(super) failures: Vec<String>,
    /// What was skipped, in words.
    pub(super) left_out: Vec<String>,
}

impl Count {
    /// A layer that is one case.
    pub(super) fn one(passed: bool) -> Self {
        if passed { Self::passed() } else { Self::failed("see above") }
    }

    pub(super) fn passed() -> Self {
        Self { passed: 1, ..Self::default() }
    }

    pub(super) fn failed(why: &str) -> Self {
        Self { failed: 1, failures: vec![why.to_owned()], ..Self::default() }
    }

    pub(super) fn skipped(why: &str) -> Self {
        Self { skipped: 1, left_out: vec![why.to_owned()], ..Self::default() }
    }

    /// A layer that is one case with a list of what is wrong.
    pub(super) fn of(failures: Vec<String>) -> Self {
        if failures.is_empty() { Self::passed() } else { Self { failed: failures.len(), failures, ..Self::default() } }
    }

    /// Whether there was no case at all.
    pub(super) fn is_empty(&self) -> bool {
        self.passed + self.failed + self.skipped == 0
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
        self.failures.extend(other.failures.iter().cloned());
        self.left_out.extend(other.left_out.iter().cloned());
    }

    /// Reads one line of `cargo test`: a result line is counted, the name of a case that failed or was ignored is kept.
    pub(super) fn read(&mut self, line: &str) {
        if let Some(rest) = line.strip_prefix("test result: ") {
            self.passed += number_before(rest, " passed");
            self.failed += number_before(rest, " failed");
            self.skipped += number_before(rest, " ignored");
        } else if let Some(rest) = line.strip_prefix("test ") {
            if let Some(name) = rest.strip_suffix(" ... FAILED") {
                self.failures.push(name.to_owned());
            } else if let Some((name, _)) = rest.split_once(" ... ignored") {
                self.left_out.push(name.to_owned());
            }
        }
    }
}

/// The number before ` passed` in `ok. 3 passed; 0 failed; …`.
fn number_before(text: &str, word: &str) -> usize {
    let before = text.split(word).next().unwrap_or_default();
    if before.len() == text.len() {
        return 0;
    }
    before.rsplit(|c: char| !c.is_ascii_digit()).next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::Count;

    #[test]
    fn result_lines_are_summed_and_names_are_kept() {
        let mut count = Count::default();
        for line in [
            "running 3 tests",
            "test text::one ... ok",
            "test text::two ... FAILED",
            "test text::three ... ignored, needs a reason",
            "test result: FAILED. 11 passed; 1 failed; 1 ignored; 0 measured; 7 filtered out; finished in 0.00s",
            "test result: ok. 20 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
        ] {
            count.read(line);
        }
        assert_eq!((count.passed, count.failed, count.skipped), (31, 1, 1));
        assert_eq!(count.failures, ["text::two"]);
        assert_eq!(count.left_out, ["text::three"]);
    }

    #[test]
    fn other_lines_count_for_nothing() {
        let mut count = Count::default();
        count.read("5 passed; 2 failed");
        count.read("test result: unknown");
        assert!(count.is_empty());
    }

    #[test]
    fn one_case_layers_add_up() {
        let mut count = Count::one(true);
        count.add(&Count::one(false));
        count.add(&Count::skipped("not asked for"));
        assert_eq!((count.passed, count.failed, count.skipped), (1, 1, 1));
    }
}
