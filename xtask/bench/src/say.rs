//! The one place that prints. Progress goes to standard error, results to standard output.

/// Says what is being done. One line.
#[expect(clippy::print_stderr, reason = "this is the program's voice; every other module calls it")]
pub(crate) fn note(text: impl AsRef<str>) {
    eprintln!("bench: {}", text.as_ref());
}

/// Prints one line of the result.
#[expect(clippy::print_stdout, reason = "this is the program's voice; every other module calls it")]
pub(crate) fn result(text: impl AsRef<str>) {
    println!("{}", text.as_ref());
}

/// Reports why the bench could not go on, with the causes.
#[expect(clippy::print_stderr, reason = "this is the program's voice; every other module calls it")]
pub(crate) fn error(error: &anyhow::Error) {
    eprintln!("error: {error:#}");
}
