//! A pseudo terminal, for what the program does only when a person sits before it.
//!
//! It is `script` of util-linux that makes one: the program runs in it, what the program says is read as it comes, and what a person
//! would type is typed when the question for it has come.

use std::{
    fmt::Write as _,
    io::{Read as _, Write as _},
    path::Path,
    process::{Command, Stdio},
    sync::mpsc,
    time::{Duration, Instant},
};

use crate::program;

/// Longer than anything that a test does in a terminal.
const PATIENCE: Duration = Duration::from_secs(240);

/// What stood in the terminal when the program had ended, and how it ended.
#[derive(Debug)]
pub struct Said {
    /// Everything that was shown, what was typed too where the terminal shows it.
    pub text: String,
    /// The exit code.
    pub code: Option<i32>,
}

/// Runs `circlekeep` in a terminal, in the folder `at`. `unset` are variables that it must not have, `set` such as it must; each of `answers` is a
/// question, and what is typed when it has come.
///
/// # Panics
/// When there is no `script`, or the program does not come to its end.
#[must_use]
pub fn run(at: &Path, unset: &[&str], set: &[(&str, &str)], arguments: &[&str], answers: &[(&str, &str)]) -> Said {
    // A person's terminal is still there when the program has ended; this one is not, and what was opened must not end with it.
    let mut line = format!("trap '' HUP; cd {}; ", quoted(program::text(at)));
    for name in unset {
        let _ = write!(line, "unset {name}; ");
    }
    for (name, value) in set {
        let _ = write!(line, "export {name}={}; ", quoted(value));
    }
    let _ = write!(line, "exec {}", quoted(program::text(&program::program())));
    for argument in arguments {
        let _ = write!(line, " {}", quoted(argument));
    }
    let mut child = Command::new("script")
        .args(["--quiet", "--return", "--command", &line, "/dev/null"])
        .env("SHELL", "/bin/sh")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("`script` of util-linux starts");
    let (to, pieces) = mpsc::channel();
    let mut output = child.stdout.take().expect("its output");
    let reader = std::thread::spawn(move || {
        let mut piece = [0; 4096];
        while let Ok(length @ 1..) = output.read(&mut piece) {
            if to.send(piece.get(..length).unwrap_or_default().to_vec()).is_err() {
                break;
            }
        }
    });
    let mut keyboard = child.stdin.take().expect("its input");
    let (mut bytes, mut answers, mut read_to) = (Vec::new(), answers.iter(), 0);
    let mut next = answers.next();
    let end = Instant::now() + PATIENCE;
    while let Some(left) = end.checked_duration_since(Instant::now()) {
        let Ok(piece) = pieces.recv_timeout(left) else { break };
        bytes.extend(piece);
        let said = String::from_utf8_lossy(bytes.get(read_to..).unwrap_or_default()).into_owned();
        if let Some((question, answer)) = next
            && said.contains(question)
        {
            // What is typed is hidden a moment after the question has come, and nobody types faster.
            std::thread::sleep(Duration::from_secs(1));
            keyboard.write_all(format!("{answer}\n").as_bytes()).expect("typed");
            keyboard.flush().expect("typed");
            read_to = bytes.len();
            next = answers.next();
        }
    }
    let text = String::from_utf8_lossy(&bytes).replace("\r\n", "\n");
    if Instant::now() >= end {
        let _ = child.kill();
        panic!("it did not come to its end:\n{text}");
    }
    reader.join().expect("the reader ends");
    let code = child.wait().expect("its end").code();
    assert_eq!(next, None, "a question never came:\n{text}");
    Said { text, code }
}

/// For the shell.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}
