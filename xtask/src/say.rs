//! The one place that prints, so that progress and results stay apart.
//!
//! Progress and explanations go to standard error, as cargo's own do; what a person or a script came for goes to
//! standard output.

use std::io::Write as _;

/// Says what is being done, or what was found. One line.
#[expect(clippy::print_stderr, reason = "this is the program's voice; every other module calls it")]
pub(crate) fn note(text: impl AsRef<str>) {
    eprintln!("xtask: {}", text.as_ref());
}

/// Prints one line of the result. Whoever read it and left, as `head` does, is told no more.
pub(crate) fn result(text: impl AsRef<str>) {
    _ = writeln!(std::io::stdout(), "{}", text.as_ref());
}

/// Reports why a command could not be carried out, with its causes.
#[expect(clippy::print_stderr, reason = "this is the program's voice; every other module calls it")]
pub(crate) fn error(error: &anyhow::Error) {
    eprintln!("error: {error:#}");
}

/// A number of seconds as people read it: `0.4 s`, `12 s`, `3 min 05 s`.
pub(crate) fn seconds(duration: std::time::Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..10 => format!("{:.1} s", duration.as_secs_f64()),
        10..60 => format!("{seconds} s"),
        _ => format!("{} min {:02} s", seconds / 60, seconds % 60),
    }
}
