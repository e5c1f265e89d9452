//! The lines of a long file as bytes, one at a time.

use std::io::{BufRead, ErrorKind};

use circle_content::{Error, Result, decode, input::Input};

/// The maximum length of a line in bytes; the rest of a longer line is skipped.
const LONGEST_LINE: usize = 1 << 20;

/// Reads a file of the input line by line, in any encoding. Long lines are cut.
pub(super) fn each_line(input: &Input, path: &str, mut each: impl FnMut(&str) -> Result<()>) -> Result<()> {
    let encoding = decode::encoding_of(&input.head(path, 1 << 20)?);
    let reader = encoding_rs_io::DecodeReaderBytesBuilder::new()
        .encoding(Some(encoding))
        .bom_override(true)
        .build(input.reader(path)?);
    let mut lines = Lines::new(std::io::BufReader::new(reader), LONGEST_LINE);
    while let Some(line) = lines.next(path)? {
        each(String::from_utf8_lossy(line).trim_end_matches(['\n', '\r']))?;
    }
    Ok(())
}

/// Reads lines. Of a long line only the beginning is kept.
pub(super) struct Lines<R> {
    reader: R,
    longest: usize,
    line: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    /// `longest` is the maximum length of a line in bytes.
    pub(super) fn new(reader: R, longest: usize) -> Self {
        Self { reader, longest, line: Vec::new() }
    }

    /// The next line with its line feed; `None` at the end. `place` is the file, for errors.
    pub(super) fn next(&mut self, place: &str) -> Result<Option<&[u8]>> {
        self.line.clear();
        let mut any = false;
        loop {
            let buffer = match self.reader.fill_buf() {
                Ok(buffer) => buffer,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => {
                    return Err(Error::new(
                        format!("cannot read a file of the input: {error}"),
                        format!("file: {place}"),
                        "check that the file is whole; a damaged zip has to be downloaded again",
                    ));
                }
            };
            if buffer.is_empty() {
                return Ok(any.then_some(self.line.as_slice()));
            }
            any = true;
            let end = buffer.iter().position(|byte| *byte == b'\n').map(|at| at + 1);
            let part = buffer.get(..end.unwrap_or(buffer.len())).unwrap_or(buffer);
            let room = self.longest.saturating_sub(self.line.len()).min(part.len());
            self.line.extend_from_slice(part.get(..room).unwrap_or(part));
            let length = part.len();
            self.reader.consume(length);
            if end.is_some() {
                return Ok(Some(self.line.as_slice()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_cut_and_the_last_needs_no_line_feed() {
        let mut lines = Lines::new(&b"ab\nabcdefgh\n\nz"[..], 4);
        let mut all = Vec::new();
        while let Some(line) = lines.next("x").unwrap() {
            all.push(line.to_vec());
        }
        assert_eq!(all, [b"ab\n".to_vec(), b"abcd".to_vec(), b"\n".to_vec(), b"z".to_vec()]);
    }
}
