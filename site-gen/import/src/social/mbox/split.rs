//! Splits an mbox file into mails.
//!
//! A mail begins with a line `From somebody Sat May 29 03:04:17 2021` after an empty line, followed by a header. Texts may contain such
//! lines, too, if a program did not quote them with `>`. So the date and the following line must fit.

use std::io::BufRead;

use super::super::lines::Lines;
use circle_content::{Result, input::Input};

/// A mail, or the size of one that is too long to be held in memory.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Its bytes, without the line before its header.
    Whole(Vec<u8>),
    /// Its size in bytes.
    TooLong(u64),
}

/// A file with a single mail.
pub(super) fn single(input: &Input, path: &str, longest: usize) -> Result<Piece> {
    let bytes = input.entry(path).map_or(0, |entry| entry.bytes);
    if bytes > longest as u64 {
        return Ok(Piece::TooLong(bytes));
    }
    Ok(Piece::Whole(input.read(path, longest as u64)?))
}

/// The mails of an mbox file.
pub(super) struct Mails<R> {
    lines: Lines<R>,
    longest: usize,
    mail: Vec<u8>,
    bytes: u64,
    /// A line that separates two mails if a header follows.
    held: Option<Vec<u8>>,
    after_empty: bool,
    begun: bool,
    ended: bool,
}

impl<R: BufRead> Mails<R> {
    /// `longest` is the maximum size of a mail in bytes.
    pub(super) fn new(reader: R, longest: usize) -> Self {
        Self {
            // A separator line must be complete, however small that limit is.
            lines: Lines::new(reader, longest.max(4096)),
            longest,
            mail: Vec::new(),
            bytes: 0,
            held: None,
            after_empty: true,
            begun: false,
            ended: false,
        }
    }

    /// The next mail; `None` at the end. `place` is the file, for errors.
    pub(super) fn next(&mut self, place: &str) -> Result<Option<Piece>> {
        if self.ended {
            return Ok(None);
        }
        loop {
            let Some(line) = self.lines.next(place)? else {
                self.ended = true;
                if let Some(held) = self.held.take().filter(|_| self.begun) {
                    add(&mut self.mail, &mut self.bytes, self.longest, &held);
                }
                return Ok(self.taken());
            };
            let empty = line.iter().all(|byte| matches!(byte, b'\r' | b'\n'));
            let separates = self.after_empty && is_separator(line);
            self.after_empty = empty;
            if let Some(held) = self.held.take() {
                if is_head(line) {
                    let line = line.to_vec();
                    let before = self.taken();
                    self.begun = true;
                    self.take(&line);
                    if before.is_some() {
                        return Ok(before);
                    }
                    continue;
                }
                add(&mut self.mail, &mut self.bytes, self.longest, &held);
            }
            if separates {
                self.held = Some(line.to_vec());
                continue;
            }
            self.begun |= !empty;
            if self.begun {
                let line = unquoted(line);
                add(&mut self.mail, &mut self.bytes, self.longest, line);
            }
        }
    }

    fn take(&mut self, line: &[u8]) {
        add(&mut self.mail, &mut self.bytes, self.longest, line);
    }

    /// The mail collected so far, if any.
    fn taken(&mut self) -> Option<Piece> {
        let bytes = std::mem::take(&mut self.bytes);
        let mail = std::mem::take(&mut self.mail);
        if !std::mem::take(&mut self.begun) {
            return None;
        }
        Some(if bytes > self.longest as u64 { Piece::TooLong(bytes) } else { Piece::Whole(mail) })
    }
}

fn add(mail: &mut Vec<u8>, bytes: &mut u64, longest: usize, line: &[u8]) {
    *bytes += line.len() as u64;
    if mail.len() + line.len() <= longest {
        mail.extend_from_slice(line);
    }
}

/// `From lin@example.com Sat May 29 03:04:17 2021`: with a time and a year.
fn is_separator(line: &[u8]) -> bool {
    let Some(rest) = line.strip_prefix(b"From ") else { return false };
    if rest.len() > 300 {
        return false;
    }
    let text = String::from_utf8_lossy(rest);
    let words: Vec<&str> = text.split_whitespace().collect();
    let clock = words.iter().any(|word| {
        word.split(':').count() >= 2 && word.split(':').all(|n| n.len() == 2 && n.bytes().all(|b| b.is_ascii_digit()))
    });
    let year = words.iter().any(|word| {
        word.len() == 4
            && (word.starts_with("19") || word.starts_with("20"))
            && word.bytes().all(|b| b.is_ascii_digit())
    });
    clock && year
}

/// `Name: value`, or a quoted separator line.
fn is_head(line: &[u8]) -> bool {
    let name: Vec<u8> = line.iter().copied().take_while(|byte| *byte != b':').collect();
    let named = name.len() < line.len() && !name.is_empty() && name.len() < 80;
    (named && name.iter().all(|byte| byte.is_ascii_graphic())) || line.starts_with(b">From ")
}

/// `>From` was `From` before quoting.
fn unquoted(line: &[u8]) -> &[u8] {
    let bare = line.iter().position(|byte| *byte != b'>').and_then(|at| line.get(at..)).unwrap_or_default();
    if bare.len() < line.len() && bare.starts_with(b"From ") { line.get(1..).unwrap_or(line) } else { line }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str, longest: usize) -> Vec<Piece> {
        let mut mails = Mails::new(text.as_bytes(), longest);
        std::iter::from_fn(|| mails.next("x").unwrap()).collect()
    }

    fn whole(text: &str) -> Piece {
        Piece::Whole(text.as_bytes().to_vec())
    }

    #[test]
    fn only_a_line_that_a_head_follows_begins_a_mail() {
        let text = "From a@example.com Sat May 29 03:04:17 2021\nSubject: 1\n\nFrom here on 2021 at 10:00 we read\nand\n\nFrom x Sat May 29 03:04:17 2021\nno head\n\n>From y\n>>From z\n\nFrom b Sun May 30 03:04:17 2021 +0800\nSubject: 2\n\nb\n";
        let first = "Subject: 1\n\nFrom here on 2021 at 10:00 we read\nand\n\nFrom x Sat May 29 03:04:17 2021\nno head\n\nFrom y\n>From z\n\n";
        assert_eq!(split(text, 1000), [whole(first), whole("Subject: 2\n\nb\n")]);
    }

    #[test]
    fn a_mail_that_is_too_long_is_measured_and_the_next_is_read() {
        let text = "From a Sat May 29 03:04:17 2021\nA: 1\n\nxxxxxxxxxxxxxxxxxxxxxxxxxx\n\nFrom b Sat May 29 03:04:17 2021\nB: 2\n\ny\n";
        assert_eq!(split(text, 20), [Piece::TooLong(34), whole("B: 2\n\ny\n")]);
        assert_eq!(split("\n\n", 20), []);
        assert_eq!(split("Subject: alone\n\nx", 20), [whole("Subject: alone\n\nx")]);
    }
}
