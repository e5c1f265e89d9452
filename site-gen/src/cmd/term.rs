//! Words for the terminal that never end the program.
//!
//! The standard macros panic when nobody reads any more (`circlekeep inspect export.zip | head`). An import must not
//! stop in the middle for that, so `main` puts macros of the same names in their place, and those come here: what
//! cannot be written is dropped, and the work goes on to its end and its exit code.
//!
//! What is told is in the reader's language from here on; see `spoken`.
//!
//! Names of files in a stranger's zip stand in what is told. A terminal obeys some characters: they could hide a line, or turn
//! "changed" into "all is well". Line breaks and tabs are all that goes through.

use std::fmt::Arguments;
use std::io::Write;

/// To standard output.
pub(crate) fn out(words: Arguments<'_>) {
    // There is nobody left to tell.
    let _ = std::io::stdout().write_all(plain(&super::spoken::say(&words.to_string())).as_bytes());
}

/// To standard error.
pub(crate) fn err(words: Arguments<'_>) {
    let _ = std::io::stderr().write_all(plain(&super::spoken::say(&words.to_string())).as_bytes());
}

/// The words, with a sign in the place of every character that a terminal would obey.
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
