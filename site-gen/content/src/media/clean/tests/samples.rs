//! One file of each kind, made here, with [`PLANT`] wherever such a file can say who made it, when, where and with what.
//! The suite lays the same files into a content folder.

#[path = "documents.rs"]
mod documents;

use documents::{archive, docx, epub, odt, pdf, pptx, xlsx};

/// The word that must be nowhere.
pub(super) const PLANT: &[u8] = b"PLANTED";

/// A file with planted words.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    /// Its name, by which it is known in the content folder.
    pub(super) name: &'static str,
    /// Its bytes.
    pub(super) bytes: Vec<u8>,
    /// What must still be there: the picture, the sound, the words.
    pub(super) kept: Vec<Vec<u8>>,
}

fn sample(name: &'static str, bytes: Vec<u8>, kept: &[&[u8]]) -> Sample {
    Sample { name, bytes, kept: kept.iter().map(|part| part.to_vec()).collect() }
}

/// All of them.
#[must_use]
pub(super) fn all() -> Vec<Sample> {
    vec![
        jpeg(),
        png(),
        webp(),
        gif(),
        tiff(),
        avif(),
        heic(),
        jxl(),
        mp4("film.mp4", b"isom"),
        mp4("film.mov", b"qt  "),
        mp4("film.3gp", b"3gp4"),
        mp4("sound.m4a", b"M4A "),
        wav(),
        aiff(),
        avi(),
        mp3(),
        flac(),
        ogg("sound.ogg", b"\x01vorbis\0\0\0\0\x02", b"\x03vorbis"),
        ogg("sound.opus", b"OpusHead\x01\x02\0\0", b"OpusTags"),
        webm(),
        pdf(),
        docx(),
        xlsx(),
        pptx(),
        odt(),
        epub(),
        archive(),
    ]
}

fn be(number: usize) -> [u8; 4] {
    u32::try_from(number).unwrap_or_default().to_be_bytes()
}

fn le(number: usize) -> [u8; 4] {
    u32::try_from(number).unwrap_or_default().to_le_bytes()
}

/// A TIFF block: the orientation 6, a maker, and a GPS directory with a place.
fn exif() -> Vec<u8> {
    let mut block = b"II\x2a\0\x08\0\0\0\x03\0".to_vec();
    block.extend(b"\x0f\x01\x02\0\x0c\0\0\0\x32\0\0\0");
    block.extend(b"\x12\x01\x03\0\x01\0\0\0\x06\0\0\0");
    block.extend(b"\x25\x88\x04\0\x01\0\0\0\x3e\0\0\0");
    block.extend([0; 4]);
    block.extend(b"PLANTEDMAKER");
    block.extend(b"\x01\0\x02\0\x02\0\x0d\0\0\0\x50\0\0\0\0\0\0\0");
    block.extend(b"PLANTED121.47");
    block
}

const XMP: &[u8] =
    b"<?xpacket begin=''?><x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF>PLANTED</rdf:RDF></x:xmpmeta><?xpacket end='w'?>";

fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len() + 2).unwrap_or_default().to_be_bytes();
    [&[0xff, marker], &length[..], content].concat()
}

/// A photograph of a telephone: notes before, between and behind the scans, a second picture and a film at the end.
#[must_use]
pub(super) fn jpeg() -> Sample {
    let frame = segment(0xc0, b"\x08\0\x10\0\x20\x01\x01\x11\0");
    let scan = [segment(0xda, b"\x01\x01\0\0\x3f\0"), b"SCANNED\xff\0\xff\xd0ROWS".to_vec()].concat();
    let told = [
        segment(0xe0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"),
        segment(0xe0, b"JFXX\0\x10PLANTED"),
        segment(0xe1, &[b"Exif\0\0", exif().as_slice()].concat()),
        segment(0xe1, &[b"http://ns.adobe.com/xap/1.0/\0", XMP].concat()),
        segment(0xe2, b"ICC_PROFILE\0\x01\x01COLOURS"),
        segment(0xe2, b"MPF\0PLANTED"),
        segment(0xed, b"Photoshop 3.0\x008BIMPLANTED"),
        segment(0xee, b"Adobe\0\x64\0\0\0\0\x01PLANTED"),
        segment(0xea, b"PLANTED"),
        segment(0xfe, b"PLANTED"),
    ]
    .concat();
    let between = [segment(0xe1, &[b"Exif\0\0", exif().as_slice()].concat()), segment(0xfe, b"PLANTED")].concat();
    let picture = [b"\xff\xd8", told.as_slice(), &frame, &scan, &between, &scan, b"\xff\xd9"].concat();
    let bytes = [picture.as_slice(), &picture, &mp4("", b"mp42").bytes, b"PLANTED"].concat();
    sample("photo.jpg", bytes, &[&frame, &scan, b"COLOURS", b"Adobe\0\x64\0\0\0\0\x01"])
}

/// The checksum of PNG and zip.
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 0 { sum >> 1 } else { sum >> 1 ^ 0xedb8_8320 })
    })
}

fn chunk(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let sum = crc(&[kind, content].concat()).to_be_bytes();
    [&be(content.len())[..], kind, content, &sum].concat()
}

/// One grey pixel, and what was said of it.
#[must_use]
pub(super) fn png() -> Sample {
    let header = chunk(b"IHDR", b"\0\0\0\x01\0\0\0\x01\x08\0\0\0\0");
    let data = chunk(b"IDAT", b"x\x9cc`\0\0\0\x02\0\x01");
    let told = [
        chunk(b"tEXt", b"Author\0PLANTED"),
        chunk(b"zTXt", b"Comment\0\0PLANTED"),
        chunk(b"iTXt", &[b"XML:com.adobe.xmp\0\0\0\0\0", XMP].concat()),
        chunk(b"eXIf", &exif()),
        chunk(b"tIME", b"PLANTED"),
        chunk(b"prVt", b"PLANTED"),
        chunk(b"sPLT", b"PLANTED\0\x08"),
        chunk(b"gAMA", b"\0\0\xb1\x8f"),
    ]
    .concat();
    let head = b"\x89PNG\r\n\x1a\n";
    let bytes =
        [&head[..], &header, &told, &data, &chunk(b"tEXt", b"a\0PLANTED"), &chunk(b"IEND", b""), PLANT].concat();
    sample("screen.png", bytes, &[&header, &data, b"gAMA"])
}

fn riff(kind: &[u8; 4], form: &[u8; 4], chunks: &[Vec<u8>]) -> Vec<u8> {
    let inside = chunks.concat();
    let length = if kind == b"FORM" { be(inside.len() + 4) } else { le(inside.len() + 4) };
    [&kind[..], &length, form, &inside].concat()
}

fn part(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let pad: &[u8] = if content.len() % 2 == 1 { b"\0" } else { b"" };
    [&kind[..], &le(content.len()), content, pad].concat()
}

fn webp() -> Sample {
    let frame = [&[0; 16][..], &part(b"VP8L", b"\x2fFRAME"), &part(b"TELL", PLANT)].concat();
    let chunks = [
        part(b"VP8X", b"\x2c\0\0\0\0\0\0\0\0\0"),
        part(b"ICCP", b"COLOURS"),
        part(b"VP8L", b"\x2f\0\0\0\0PICTURE"),
        part(b"ANMF", &frame),
        part(b"EXIF", &exif()),
        part(b"XMP ", XMP),
        part(b"TELL", PLANT),
    ];
    let bytes = [riff(b"RIFF", b"WEBP", &chunks), PLANT.to_vec()].concat();
    sample("picture.webp", bytes, &[b"VP8X\x0a\0\0\0\x28", b"PICTURE", b"COLOURS", b"FRAME", b"EXIF"])
}

fn gif() -> Sample {
    let loops = b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0";
    let picture = b"\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0";
    let told = b"\x21\xfe\x07PLANTED\0\x21\xff\x0bXMP DataXMP\x07PLANTED\0\x21\x01\x0cPLANTEDSCREE\x07PLANTED\0";
    let bytes = [b"GIF89a\x01\0\x01\0\0\0\0", &loops[..], told, picture, told, b"\x3b", PLANT].concat();
    sample("moving.gif", bytes, &[loops, picture, b"\0\x3b"])
}

fn tiff() -> Sample {
    // Entries: size, packing, what was seen, where the strip is, maker, rows, length of the strip, EXIF, GPS, XMP, and who.
    let strip = b"STRIPDATA";
    let words = 8 + 2 + 11 * 12 + 4;
    let gps = words + 16;
    let strip_at = gps + 18 + 16;
    let entry = |tag: usize, kind: usize, count: usize, value: usize| {
        let short = |number: usize| u16::try_from(number).unwrap_or_default().to_le_bytes();
        [&short(tag)[..], &short(kind), &le(count), &le(value)].concat()
    };
    let entries = [
        entry(256, 3, 1, 3),
        entry(257, 3, 1, 3),
        entry(259, 3, 1, 1),
        entry(270, 2, 16, words),
        entry(273, 4, 1, strip_at),
        entry(274, 3, 1, 6),
        entry(279, 4, 1, strip.len()),
        entry(315, 2, 16, words),
        entry(700, 1, 16, words),
        entry(34_665, 4, 1, gps),
        entry(34_853, 4, 1, gps),
    ]
    .concat();
    let place = [&b"\x01\0"[..], &entry(2, 2, 16, gps + 18), &[0; 4]].concat();
    let bytes = [
        b"II\x2a\0\x08\0\0\0\x0b\0",
        entries.as_slice(),
        &[0; 4],
        b"PLANTED PLANTED\0",
        &place,
        b"PLANTED PLANTED\0",
        strip,
        PLANT,
    ]
    .concat();
    sample("scan.tif", bytes, &[strip, b"\x12\x01\x03\0\x01\0\0\0\x06"])
}

fn boxed(kind: &[u8; 4], inside: &[u8]) -> Vec<u8> {
    [&be(inside.len() + 8)[..], kind, inside].concat()
}

/// A picture in boxes: one item is the picture, one EXIF, one XMP, one in the table itself.
fn heif(name: &'static str, brand: &[u8; 4], kind: &[u8; 4]) -> Sample {
    let picture = b"CODEDPICTURE";
    let told = [&b"\0\0\0\x06Exif\0\0"[..], &exif()].concat();
    let info = |number: u8, kind: &[u8; 4], rest: &[u8]| {
        boxed(b"infe", &[&[2, 0, 0, 0, 0, number, 0, 0][..], kind, rest].concat())
    };
    let infos = [
        info(1, kind, b"PLANTED\0"),
        info(2, b"Exif", b"PLANTED\0"),
        info(3, b"mime", b"PLANTED\0application/rdf+xml\0"),
        info(4, b"uri ", b"\0urn:x\0"),
    ]
    .concat();
    let meta = |start: usize| {
        let mut places = vec![1, 0, 0, 0, 0x44, 0, 0, 4];
        let lengths = [(1, 0, picture.len()), (2, 0, told.len()), (3, 0, XMP.len()), (4, 1, PLANT.len())];
        let mut at = start;
        for (number, method, length) in lengths {
            places.extend([0, number, 0, method, 0, 0, 0, 1]);
            places.extend(be(if method == 1 { 0 } else { at }));
            places.extend(be(length));
            at += length;
        }
        let parts = [
            boxed(b"hdlr", b"\0\0\0\0\0\0\0\0pict\0\0\0\0\0\0\0\0\0\0\0\0PLANTED\0"),
            boxed(b"pitm", b"\0\0\0\0\0\x01"),
            boxed(b"iinf", &[&b"\0\0\0\0\0\x04"[..], &infos].concat()),
            boxed(b"iloc", &places),
            boxed(b"iprp", &boxed(b"ipco", &[boxed(b"irot", b"\x01"), boxed(b"udes", PLANT)].concat())),
            boxed(b"idat", PLANT),
            boxed(b"xml ", PLANT),
        ]
        .concat();
        boxed(b"meta", &[&[0; 4][..], &parts].concat())
    };
    let head = boxed(b"ftyp", &[&brand[..], b"\0\0\0\0mif1", brand].concat());
    let start = head.len() + meta(0).len() + 8;
    let data = boxed(b"mdat", &[&picture[..], &told, XMP, b"Exif\0\0", &exif()].concat());
    let bytes = [head, meta(start), data, boxed(b"mpvd", PLANT), boxed(b"uuid", PLANT), PLANT.to_vec()].concat();
    sample(name, bytes, &[picture, b"irot\x01", kind])
}

fn avif() -> Sample {
    heif("picture.avif", b"avif", b"av01")
}

fn heic() -> Sample {
    heif("picture.heic", b"heic", b"hvc1")
}

fn jxl() -> Sample {
    let boxes = [
        boxed(b"JXL ", b"\r\n\x87\n"),
        boxed(b"ftyp", b"jxl \0\0\0\0jxl "),
        boxed(b"Exif", &[&[0; 4][..], &exif()].concat()),
        boxed(b"xml ", XMP),
        boxed(b"brob", b"Exif PLANTED"),
        boxed(b"jxlc", b"\xff\x0aPICTURE"),
        boxed(b"jbrd", PLANT),
    ];
    sample("picture.jxl", boxes.concat(), &[b"\xff\x0aPICTURE"])
}

/// A film or recording: a track that plays, one that says where the camera was, and notes everywhere.
fn mp4(name: &'static str, brand: &[u8; 4]) -> Sample {
    let head = boxed(b"ftyp", &[&brand[..], b"\0\0\0\0", brand].concat());
    let notes = [
        boxed(b"udta", &[boxed(b"\xa9xyz", b"\0\x07\x15\xc7PLANTED"), boxed(b"loci", PLANT)].concat()),
        boxed(b"meta", &[&[0; 4][..], &boxed(b"keys", PLANT), &boxed(b"ilst", PLANT)].concat()),
        boxed(b"uuid", XMP),
        boxed(b"free", PLANT),
    ]
    .concat();
    let track = |handler: &[u8; 4], at: usize, length: usize| {
        let handler = boxed(b"hdlr", &[&[0; 8][..], handler, &[0; 12], b"PLANTED\0"].concat());
        let table = [
            boxed(b"stsd", &[&[0, 0, 0, 0, 0, 0, 0, 1][..], &boxed(b"mp4a", b"\0\0\0\0\0\0\0\x01DESCRIBED")].concat()),
            boxed(b"stsc", &[&[0; 4][..], &be(1), &be(1), &be(1), &be(1)].concat()),
            boxed(b"stsz", &[&[0; 4][..], &be(0), &be(1), &be(length)].concat()),
            boxed(b"stco", &[&[0; 4][..], &be(1), &be(at)].concat()),
        ]
        .concat();
        let source = boxed(b"alis", &[&[0, 0, 0, 1][..], b"/Users/PLANTED/film"].concat());
        let sources = boxed(b"dinf", &boxed(b"dref", &[&[0, 0, 0, 0, 0, 0, 0, 1][..], &source].concat()));
        let inside = boxed(b"minf", &[sources, boxed(b"stbl", &table)].concat());
        let media = boxed(b"mdia", &[boxed(b"mdhd", b"\0\0\0\0PLANTED!"), handler, inside].concat());
        boxed(b"trak", &[media, notes.clone()].concat())
    };
    let sound = b"SOUNDSAMPLES";
    let places = b"PLANTED,31.23,121.47";
    let first = head.len() + 8;
    let tracks = [
        track(b"soun", first, sound.len()),
        track(b"meta", first + sound.len(), places.len()),
        track(b"text", first + sound.len() + places.len(), 12),
    ];
    let data = boxed(b"mdat", &[&sound[..], places, b"GPS(PLANTED)"].concat());
    let movie = boxed(b"moov", &[boxed(b"mvhd", b"\0\0\0\0PLANTED!"), tracks.concat(), notes.clone()].concat());
    sample(name, [head, data, movie, notes, boxed(b"sefd", PLANT)].concat(), &[sound, b"DESCRIBED", b"soun"])
}

fn wav() -> Sample {
    let format = part(b"fmt ", b"\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0");
    let sound = part(b"data", b"SOUNDSAMPLE");
    let chunks = [
        part(b"bext", PLANT),
        format.clone(),
        part(b"LIST", b"INFOIART\x08\0\0\0PLANTED\0"),
        sound.clone(),
        part(b"iXML", b"<BWFXML>PLANTED</BWFXML>"),
        part(b"id3 ", b"ID3\x03PLANTED"),
        part(b"_PMX", XMP),
        part(b"JUNK", PLANT),
    ];
    sample("voice.wav", [riff(b"RIFF", b"WAVE", &chunks), PLANT.to_vec()].concat(), &[&format, &sound])
}

fn aiff() -> Sample {
    let part = |kind: &[u8; 4], content: &[u8]| {
        let pad: &[u8] = if content.len() % 2 == 1 { b"\0" } else { b"" };
        [&kind[..], &be(content.len()), content, pad].concat()
    };
    let sound = part(b"SSND", b"\0\0\0\0\0\0\0\0SOUND");
    let common = part(b"COMM", b"\0\x01\0\0\0\x05\0\x08\x40\x0c\xfa\0\0\0\0\0\0\0");
    let chunks = [part(b"NAME", PLANT), common.clone(), part(b"ANNO", PLANT), sound.clone(), part(b"ID3 ", PLANT)];
    sample("voice.aiff", riff(b"FORM", b"AIFF", &chunks), &[&common, &sound])
}

fn avi() -> Sample {
    let list = |kind: &[u8; 4], parts: &[Vec<u8>]| part(b"LIST", &[&kind[..], &parts.concat()].concat());
    let streams = list(
        b"strl",
        &[part(b"strh", b"vidsMJPG"), part(b"strf", b"FORM"), part(b"strd", PLANT), part(b"strn", PLANT)],
    );
    let frame = part(
        b"00dc",
        &[b"\xff\xd8FRAMED", segment(0xe1, &[b"Exif\0\0", exif().as_slice()].concat()).as_slice()].concat(),
    );
    let chunks = [
        list(b"hdrl", &[part(b"avih", b"HEAD"), streams, part(b"JUNK", PLANT)]),
        list(b"INFO", &[part(b"IART", PLANT)]),
        part(b"IDIT", PLANT),
        part(b"JUNK", PLANT),
        list(b"movi", &[frame, part(b"JUNK", PLANT)]),
        part(b"idx1", b"INDEX"),
        part(b"_PMX", XMP),
    ];
    let bytes = [riff(b"RIFF", b"AVI ", &chunks), PLANT.to_vec()].concat();
    sample("film.avi", bytes, &[b"FRAMED", b"INDEX", b"vidsMJPG"])
}

fn mp3() -> Sample {
    // 128 kbit/s, 44.1 kHz: 417 bytes.
    let frame = |fill: u8| [&b"\xff\xfb\x90\x64"[..], &[fill; 413]].concat();
    let second = [&b"ID3\x03\0\0\0\0\0\x14TPE1\0\0\0\x0a\0\0\0PLANTED"[..], &[0; 2]].concat();
    let ape = [
        &b"APETAGEX\xd0\x07\0\0\x34\0\0\0\x01\0\0\0\0\0\0\xa0\0\0\0\0\0\0\0\0"[..],
        b"\x07\0\0\0\0\0\0\0Artist\0PLANTED",
    ]
    .concat();
    let ape = [ape.as_slice(), b"APETAGEX\xd0\x07\0\0\x34\0\0\0\x01\0\0\0\0\0\0\x80\0\0\0\0\0\0\0\0"].concat();
    let first = [&b"TAG"[..], b"PLANTED", &[b' '; 118]].concat();
    let lyrics = b"LYRICSBEGININD0000200LYR00007PLANTED000034LYRICS200";
    let sound = [frame(1), frame(2), frame(3)].concat();
    sample("song.mp3", [&second, &sound, lyrics.as_slice(), &ape, &first].concat(), &[&sound])
}

fn flac() -> Sample {
    let block = |kind: u8, content: &[u8]| [&[kind][..], &be(content.len())[1..], content].concat();
    let comment = [&le(7)[..], PLANT, &le(1), &le(14), b"ARTIST=PLANTED"].concat();
    let stream = block(0, &[7; 34]);
    let sound = b"\xff\xf8SOUNDFRAMES";
    let blocks = [
        stream.clone(),
        block(4, &comment),
        block(6, &[b"\0\0\0\x03image/jpeg PLANTED", exif().as_slice()].concat()),
        block(2, b"aPPLPLANTED"),
        block(0x81, PLANT),
    ];
    let tags = [b"TAGPLANTED".to_vec(), vec![b' '; 118]].concat();
    let bytes = [b"ID3\x03\0\0\0\0\0\x07PLANTED", &b"fLaC"[..], &blocks.concat(), sound, &tags].concat();
    sample("song.flac", bytes, &[stream.get(1..).expect("a stream"), sound])
}

fn ogg(name: &'static str, head: &[u8], mark: &[u8]) -> Sample {
    let page = |kind: u8, number: usize, packet: &[u8]| {
        let mut lengths = vec![255; packet.len() / 255];
        lengths.push((packet.len() % 255) as u8);
        let count = u8::try_from(lengths.len()).unwrap_or_default();
        let start = [&b"OggS\0"[..], &[kind], &[0; 8], &le(7), &le(number), &[0; 4], &[count]].concat();
        [start, lengths, packet.to_vec()].concat()
    };
    let tags = [mark, &le(7), PLANT, &le(1), &le(314), b"ARTIST=PLANTED", &[b'x'; 300], b"\x01"].concat();
    let bytes = [page(2, 0, head), page(0, 1, &tags), page(0, 2, b"SOUNDPACKET"), b"PLANTED".to_vec()].concat();
    sample(name, bytes, &[head, b"SOUNDPACKET"])
}

fn webm() -> Sample {
    let element = |id: &[u8], inside: &[u8]| [id, &[0x10], &be(inside.len())[1..], inside].concat();
    let info = [
        element(b"\xbf", b"SUM!"),
        element(b"\x2a\xd7\xb1", b"\x0f\x42\x40"),
        element(b"\x7b\xa9", PLANT),
        element(b"\x44\x61", b"PLANTED!"),
        element(b"\x4d\x80", PLANT),
        element(b"\x57\x41", PLANT),
    ]
    .concat();
    let track = [element(b"\x83", b"\x01"), element(b"\x53\x6e", PLANT), element(b"\x86", b"V_VP9")].concat();
    let told = [
        element(b"\x12\x54\xc3\x67", PLANT),
        element(b"\x19\x41\xa4\x69", PLANT),
        element(b"\x10\x43\xa7\x70", PLANT),
        element(b"\xec", PLANT),
    ]
    .concat();
    let parts = [
        element(b"\x15\x49\xa9\x66", &info),
        element(b"\x16\x54\xae\x6b", &element(b"\xae", &track)),
        told.clone(),
        element(b"\x1f\x43\xb6\x75", &element(b"\xa3", b"FRAMED")),
        told,
    ]
    .concat();
    let head = element(b"\x1a\x45\xdf\xa3", &element(b"\x42\x82", b"webm"));
    // A browser that records does not know how long it becomes.
    let bytes = [head, b"\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff".to_vec(), parts].concat();
    sample("film.webm", bytes, &[b"FRAMED", b"V_VP9", b"webm"])
}
