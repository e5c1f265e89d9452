//! PDF (ISO 32000): the crate `lopdf` parses the file and writes it again, which removes earlier revisions that programs append to.
//! Metadata and authors are removed from every dictionary, and metadata of JPEG from pictures.

use std::panic::{AssertUnwindSafe, catch_unwind};

use lopdf::{Dictionary, Document, LoadOptions, Object, SaveOptions, Stream, xref::XrefType};

use super::{Left, jpeg};

/// The maximum size of a file that is parsed.
const LONGEST: usize = 256 << 20;
/// The maximum unpacked size of a stream.
const UNPACKED: usize = 64 << 20;
/// The maximum number of times that the file is written until the result is stable.
const ROUNDS: usize = 4;
/// The maximum depth of nested values.
const DEEPEST: usize = 64;

/// Keys that are removed from every dictionary: XMP, private data of programs, times.
const TELLING: &[&[u8]] = &[b"Metadata", b"PieceInfo", b"LastModified", b"OPI", b"CreatorInfo", b"SpiderInfo"];
/// The author and time of an annotation.
const REMARK: &[&[u8]] = &[b"T", b"CreationDate", b"M"];
/// The signer, place, reason and time of a signature.
const SIGNATURE: &[&[u8]] = &[b"Name", b"Location", b"ContactInfo", b"Reason", b"M", b"Prop_Build", b"Cert"];
/// The path of another file on a computer.
const FILES: &[&[u8]] = &[b"F", b"UF", b"DOS", b"Mac", b"Unix"];

/// Writes the file again without metadata.
pub(super) fn clean(bytes: &mut Vec<u8>, depth: usize) -> Option<Left> {
    if bytes.len() > LONGEST {
        return Some(Left::TooLarge);
    }
    let mut left = None;
    let mut now = None;
    // Reading and writing the result must reproduce it, or names and checksums change with every build.
    for _ in 0..ROUNDS {
        let before = now.as_ref().unwrap_or(&*bytes);
        // lopdf may panic on a hostile file; that must not end the program.
        let written = catch_unwind(AssertUnwindSafe(|| once(before, depth))).unwrap_or(Err(Left::Damaged));
        match written {
            Ok((written, more)) => {
                left = left.max(more);
                if &written == before {
                    *bytes = written;
                    return left;
                }
                now = Some(written);
            }
            Err(why) => return Some(why),
        }
    }
    Some(Left::Damaged)
}

fn once(bytes: &[u8], depth: usize) -> Result<(Vec<u8>, Option<Left>), Left> {
    let options = LoadOptions { max_decompressed_size: Some(UNPACKED), ..LoadOptions::default() };
    let mut document = Document::load_mem_with_options(bytes, options).map_err(|_| Left::Damaged)?;
    if document.is_encrypted() || document.was_encrypted() || document.trailer.has(b"Encrypt") {
        return Err(Left::Locked);
    }
    let root = document.trailer.get(b"Root").cloned().map_err(|_| Left::Damaged)?;
    document.trailer = Dictionary::new();
    document.trailer.set("Root", root);
    let mut left = None;
    for object in document.objects.values_mut() {
        scrub(object, 0, depth, &mut left);
    }
    if let Ok(catalog) = document.catalog_mut() {
        // From signatures, which are invalid once anything changes.
        catalog.remove(b"Perms");
        catalog.remove(b"DSS");
    }
    document.prune_objects();
    if document.objects.is_empty() || document.get_pages().is_empty() {
        return Err(Left::Damaged);
    }
    document.max_id = document.objects.keys().map(|(number, _)| *number).max().unwrap_or_default();
    document.binary_mark = vec![0xbb, 0xad, 0xc0, 0xde];
    let packed = matches!(document.reference_table.cross_reference_type, XrefType::CrossReferenceStream);
    let mut written = Vec::with_capacity(bytes.len());
    let options = SaveOptions::builder().use_object_streams(packed).use_xref_streams(packed).build();
    document.save_with_options(&mut written, options).map_err(|_| Left::Damaged)?;
    Ok((written, left))
}

fn scrub(object: &mut Object, deep: usize, depth: usize, left: &mut Option<Left>) {
    if deep > DEEPEST {
        *left = (*left).max(Some(Left::Inside));
        return;
    }
    match object {
        Object::Array(items) => items.iter_mut().for_each(|item| scrub(item, deep + 1, depth, left)),
        Object::Dictionary(dictionary) => scrub_dictionary(dictionary, deep, depth, left),
        Object::Stream(stream) => {
            scrub_dictionary(&mut stream.dict, deep, depth, left);
            scrub_stream(stream, depth, left);
        }
        _ => {}
    }
}

fn scrub_dictionary(dictionary: &mut Dictionary, deep: usize, depth: usize, left: &mut Option<Left>) {
    let name = |dictionary: &Dictionary, key: &[u8]| {
        dictionary.get(key).ok().and_then(|value| value.as_name().ok()).map(<[u8]>::to_vec).unwrap_or_default()
    };
    let subtype = name(dictionary, b"Subtype");
    let remove = |dictionary: &mut Dictionary, keys: &[&[u8]]| {
        for key in keys {
            dictionary.remove(key);
        }
    };
    remove(dictionary, TELLING);
    // An annotation. A form field has its name under the key that has the author in an annotation.
    if dictionary.has(b"Rect") && !subtype.is_empty() && subtype != b"Widget" {
        remove(dictionary, REMARK);
    }
    if dictionary.has(b"ByteRange") {
        remove(dictionary, SIGNATURE);
    }
    if name(dictionary, b"FT") == b"Sig" {
        dictionary.remove(b"V");
    }
    if name(dictionary, b"Type") == b"Thread" {
        dictionary.remove(b"I");
    }
    for key in FILES {
        if let Ok(Object::String(path, _)) = dictionary.get_mut(key) {
            last_part(path);
        }
    }
    if let Ok(Object::String(address, _)) = dictionary.get_mut(b"URI")
        && address.get(..5).is_some_and(|start| start.eq_ignore_ascii_case(b"file:"))
    {
        last_part(address);
    }
    if let Ok(Object::Dictionary(parameters)) = dictionary.get_mut(b"Params") {
        remove(parameters, &[b"CreationDate", b"ModDate", b"Mac"]);
    }
    for (_, value) in dictionary.iter_mut() {
        scrub(value, deep + 1, depth, left);
    }
}

fn scrub_stream(stream: &mut Stream, depth: usize, left: &mut Option<Left>) {
    let filters: Vec<Vec<u8>> = stream.filters().unwrap_or_default().into_iter().map(<[u8]>::to_vec).collect();
    let attached = stream.dict.get(b"Type").and_then(Object::as_name).is_ok_and(|kind| kind == b"EmbeddedFile");
    if attached {
        match stream.get_plain_content_with_limit(UNPACKED) {
            Ok(content) => {
                let clean = super::within(content.clone(), depth + 1);
                *left = (*left).max(clean.left.map(|_| Left::Inside));
                if clean.bytes != content {
                    stream.set_plain_content(clean.bytes);
                }
            }
            Err(_) => *left = (*left).max(Some(Left::Inside)),
        }
    } else if filters == [b"DCTDecode"] && stream.content.starts_with(b"\xff\xd8") {
        let mut picture = stream.content.clone();
        if jpeg::clean(&mut picture).is_none() {
            stream.set_content(picture);
        }
    }
}

/// Keeps the file name of a path.
fn last_part(path: &mut Vec<u8>) {
    let wide = path.starts_with(&[0xfe, 0xff]);
    if let Some(at) = path.iter().rposition(|byte| matches!(byte, b'/' | b'\\')) {
        let name = path.split_off(at + 1);
        path.clear();
        if wide {
            path.extend([0xfe, 0xff]);
        }
        path.extend(name);
    }
}
