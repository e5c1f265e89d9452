//! Terminal output that never ends the program.
//!
//! The standard macros panic if the reader has stopped reading (`circlekeep inspect export.zip | head`). That must not stop an
//! import, so `main` replaces these macros by its own, which call this module. Output that cannot be written is dropped, and the
//! program continues to its normal end and exit code.
//!
//! The output is translated here; see `spoken`.
//!
//! The output contains names of files in a stranger's zip. With control characters, a name could hide a line, or turn "changed"
//! into "all is well". So only line breaks and tabs are passed on.

use std::fmt::Arguments;
use std::io::Write;

/// Writes to standard output.
pub(crate) fn out(words: Arguments<'_>) {
    // An error cannot be reported any more.
    let _ = std::io::stdout().write_all(plain(&super::spoken::say(&words.to_string())).as_bytes());
}

/// Writes to standard error.
pub(crate) fn err(words: Arguments<'_>) {
    let _ = std::io::stderr().write_all(plain(&super::spoken::say(&words.to_string())).as_bytes());
}

/// The words, with a replacement for every character that controls a terminal.
fn plain(words: &str) -> String {
    let obeyed = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    let turned = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    words.replace(|c| obeyed(c) || turned(c), "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn a_name_in_a_zip_gives_the_terminal_no_orders() {
        let name = "a\u{1b}[2K\u{1b}]0;x\u{7}\rok\u{9b}1A\u{202e}b.html\n";
        let told = plain(&format!("added: {name}"));
        assert_eq!(told, "added: a\u{fffd}[2K\u{fffd}]0;x\u{fffd}\u{fffd}ok\u{fffd}1A\u{fffd}b.html\n");
    }
}
