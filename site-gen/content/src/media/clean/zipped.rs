//! Zip-based files: DOCX, XLSX, PPTX, ODT, EPUB, and plain zips. Each part is cleaned and put into a new container without times and
//! machine data. Unchanged parts keep their compressed bytes.

use std::io::{Cursor, Read as _};

use zip::{CompressionMethod, ZipArchive};

use super::{Left, within};

mod parts;
mod words;

use parts::{Package, Part};

/// The maximum size of a file that is unpacked.
const LONGEST: usize = 256 << 20;
/// The maximum unpacked size of one part, and of all parts together.
const UNPACKED: u64 = 64 << 20;
const ALL_UNPACKED: u64 = 512 << 20;
/// The maximum number of parts.
const MOST: usize = 100_000;

/// A part of the new container, packed.
struct Packed {
    name: Vec<u8>,
    method: u16,
    sum: u32,
    length: u32,
    bytes: Vec<u8>,
}

/// Cleans the parts.
pub(super) fn clean(bytes: &mut Vec<u8>, depth: usize) -> Option<Left> {
    if bytes.len() > LONGEST {
        return Some(Left::TooLarge);
    }
    match cleaned(bytes, depth) {
        Ok((clean, left)) => {
            *bytes = clean;
            left
        }
        Err(why) => Some(why),
    }
}

fn cleaned(bytes: &[u8], depth: usize) -> Result<(Vec<u8>, Option<Left>), Left> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| Left::Damaged)?;
    if archive.len() > MOST {
        return Err(Left::TooLarge);
    }
    let mut names: Vec<String> = Vec::new();
    for at in 0..archive.len() {
        let entry = archive.by_index_raw(at).map_err(|_| Left::Damaged)?;
        names.push(String::from_utf8_lossy(entry.name_raw()).into_owned());
    }
    let mime = whole(&mut archive, names.iter().position(|name| name == "mimetype"), 256);
    let package = Package::of(&names, &mime.unwrap_or_default());
    if package == Package::Program {
        return Err(Left::Unknown);
    }
    let mut packed = Vec::new();
    let mut left = None;
    let mut budget = ALL_UNPACKED;
    for (at, name) in names.iter().enumerate() {
        let entry = archive.by_index_raw(at).map_err(|_| Left::Damaged)?;
        if entry.encrypted() {
            return Err(Left::Locked);
        }
        let size = entry.size();
        let part = package.part(name);
        if part == Part::Dropped {
            continue;
        }
        let (raw_name, sum) = (entry.name_raw().to_vec(), entry.crc32());
        let method = match entry.compression() {
            CompressionMethod::Stored => 0,
            CompressionMethod::Deflated => 8,
            _ => return Err(Left::Unknown),
        };
        let length = u32::try_from(size).map_err(|_| Left::TooLarge)?;
        let limit = entry.compressed_size();
        let mut raw = Vec::new();
        entry.take(limit).read_to_end(&mut raw).map_err(|_| Left::Damaged)?;
        let as_it_is = Packed { name: raw_name, method, sum, length, bytes: raw };
        let new = match part {
            Part::Dropped | Part::Kept => None,
            Part::Replaced(text) => Some(text.as_bytes().to_vec()),
            Part::Words | Part::Picture => {
                // A part that is too large, damaged, or compressed in an unknown way is copied, and the report says so.
                let content = (size <= UNPACKED.min(budget)).then(|| whole(&mut archive, Some(at), UNPACKED)).flatten();
                budget = budget.saturating_sub(size);
                match content {
                    None => {
                        left = left.max(Some(Left::Inside));
                        None
                    }
                    Some(content) if part == Part::Words => match words::clean(&content, &package, name) {
                        Ok(new) => new,
                        Err(why) => {
                            left = left.max(Some(why));
                            None
                        }
                    },
                    Some(content) => {
                        let clean = within(content.clone(), depth + 1);
                        left = left.max(clean.left.map(|_| Left::Inside));
                        Some(clean.bytes).filter(|clean| *clean != content)
                    }
                }
            }
            Part::Emptied => Some(vec![0; usize::try_from(size.min(UNPACKED)).unwrap_or_default()]),
        };
        packed.push(match new {
            None => as_it_is,
            Some(new) => stored(as_it_is.name, new),
        });
    }
    Ok((container(&packed)?, left))
}

/// The content of a part, if it unpacks to at most `most` bytes.
fn whole(archive: &mut ZipArchive<Cursor<&[u8]>>, at: Option<usize>, most: u64) -> Option<Vec<u8>> {
    let entry = archive.by_index(at?).ok()?;
    let mut content = Vec::new();
    entry.take(most + 1).read_to_end(&mut content).ok()?;
    (content.len() as u64 <= most).then_some(content)
}

/// A part is stored uncompressed: compressors change with their versions, and the same file must always give the same bytes.
fn stored(name: Vec<u8>, bytes: Vec<u8>) -> Packed {
    let mut sum = flate2::Crc::new();
    sum.update(&bytes);
    Packed { name, method: 0, sum: sum.sum(), length: u32::try_from(bytes.len()).unwrap_or_default(), bytes }
}

/// The container (PKWARE's APPNOTE 6.3, sections 4.3.7, 4.3.12 and 4.3.16): with the earliest possible time, and without owners and
/// comments.
fn container(parts: &[Packed]) -> Result<Vec<u8>, Left> {
    let number = |number: usize| u32::try_from(number).map(u32::to_le_bytes).map_err(|_| Left::TooLarge);
    let short = |number: usize| u16::try_from(number).map(u16::to_le_bytes).map_err(|_| Left::TooLarge);
    let (mut file, mut list) = (Vec::new(), Vec::new());
    for part in parts {
        // The flag for UTF-8 names.
        let unicode = !part.name.is_ascii() && std::str::from_utf8(&part.name).is_ok();
        // Version 2.0 is needed to extract folders and deflate.
        let mut head = vec![20, 0];
        head.extend(if unicode { [0, 8] } else { [0, 0] });
        head.extend(part.method.to_le_bytes());
        // 1980-01-01 00:00, the earliest time that zip can store.
        head.extend([0, 0, 0x21, 0]);
        head.extend(part.sum.to_le_bytes());
        head.extend(number(part.bytes.len())?);
        head.extend(part.length.to_le_bytes());
        head.extend(short(part.name.len())?);
        head.extend([0, 0]);
        list.extend(b"PK\x01\x02\x14\0");
        list.extend(&head);
        list.extend([0; 6]);
        // The attribute for folders.
        list.extend([if part.name.ends_with(b"/") { 0x10 } else { 0 }, 0, 0, 0]);
        list.extend(number(file.len())?);
        list.extend(&part.name);
        file.extend(b"PK\x03\x04");
        file.extend(&head);
        file.extend(&part.name);
        file.extend(&part.bytes);
    }
    let (start, count) = (number(file.len())?, short(parts.len())?);
    let length = number(list.len())?;
    file.extend(list);
    file.extend(b"PK\x05\x06\0\0\0\0");
    file.extend([count, count].concat());
    file.extend([length, start].concat());
    file.extend([0, 0]);
    Ok(file)
}
