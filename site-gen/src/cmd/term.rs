//! Words for the terminal that never end the program.
//!
//! The standard macros panic when nobody reads any more (`circlekeep inspect export.zip | head`). An import must not
//! stop in the middle for that, so `main` puts macros of the same names in their place, and those come here: what
//! cannot be written is dropped, and the work goes on to its end and its exit code.

use std::fmt::Arguments;
use std::io::Write;

/// To standard output.
pub(crate) fn out(words: Arguments<'_>) {
    // There is nobody left to tell.
    let _ = std::io::stdout().write_fmt(words);
}

/// To standard error.
pub(crate) fn err(words: Arguments<'_>) {
    let _ = std::io::stderr().write_fmt(words);
}
