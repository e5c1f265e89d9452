use super::*;

mod samples;

use samples::{PLANT, Sample};

/// Every place in which the planted word stands, in plain letters or as UTF-16.
fn plants(bytes: &[u8]) -> usize {
    let wide: Vec<u8> = PLANT.iter().flat_map(|letter| [*letter, 0]).collect();
    super::bytes::places(bytes, PLANT).len() + super::bytes::places(bytes, &wide).len()
}

#[test]
fn no_planted_word_is_left_and_what_shows_or_plays_is() {
    for Sample { name, bytes, kept } in samples::all() {
        assert!(plants(&bytes) > 0, "{name}: nothing is planted");
        let cleaned = clean(bytes.clone());
        assert_eq!(plants(&cleaned.bytes), 0, "{name}: {}", String::from_utf8_lossy(&cleaned.bytes));
        assert_eq!(cleaned.left, None, "{name}");
        for part in kept {
            assert!(holds(&cleaned.bytes, &part), "{name}: {} is gone", String::from_utf8_lossy(&part));
        }
        assert!(clean(cleaned.bytes.clone()) == cleaned, "{name}: cleaning twice is not cleaning once");
        assert!(clean(bytes) == cleaned, "{name}: it depends on more than the file");
    }
}

#[test]
fn what_has_nothing_to_tell_stays_as_it_is() {
    for bytes in
        [&b""[..], b"a", "甲,乙\n".as_bytes(), b"\xff\xfea\0b\0", b"#!AMR\n\x3c\x91\x17", b"\x02#!SILK_V3\x0c\0\xa7"]
    {
        assert_eq!(clean(bytes.to_vec()), Clean { bytes: bytes.to_vec(), left: None });
    }
}

#[test]
fn what_cannot_be_cleaned_says_why() {
    let locked = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R/Encrypt<</Filter/Standard/V 1/R 2/O(a)/U(b)/P 4>>/ID[(a)(b)]>>\n%%EOF";
    for (bytes, left) in [
        (&b"7z\xbc\xaf\x27\x1c\0\x04"[..], Left::Unknown),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0", Left::Unknown),
        (b"PK\x03\x04\0\0\0", Left::Damaged),
        (b"fLaC\0\0", Left::Damaged),
        (b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDRxx", Left::Damaged),
        (b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDRxx tEXtGPS", Left::Torn),
    ] {
        let cleaned = clean(bytes.to_vec());
        assert_eq!((cleaned.left, cleaned.bytes.as_slice()), (Some(left), bytes));
    }
    assert!(matches!(clean(locked.to_vec()).left, Some(Left::Locked | Left::Damaged)));
}

#[test]
fn what_breaks_off_or_is_damaged_never_stops_the_program() {
    for Sample { name, bytes, .. } in samples::all() {
        let step = (bytes.len() / 60).max(1);
        for end in (0..bytes.len()).step_by(step) {
            let cleaned = clean(bytes[..end].to_vec());
            assert!(clean(cleaned.bytes.clone()).bytes == cleaned.bytes, "{name}, cut off at {end}");
        }
        let mut number = 1_u64;
        for _ in 0..60 {
            let mut damaged = bytes.clone();
            for _ in 0..4 {
                // Knuth's numbers: the same every time.
                number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let at = (number >> 33) as usize % damaged.len();
                damaged[at] = (number >> 24) as u8;
            }
            let cleaned = clean(damaged);
            assert!(clean(cleaned.bytes.clone()).bytes == cleaned.bytes, "{name}, damaged");
        }
    }
}

#[test]
fn a_torn_photograph_keeps_what_can_be_seen_and_loses_its_place() {
    let whole = samples::jpeg();
    let end = whole.bytes.windows(2).rposition(|two| two == b"\xff\xda").unwrap() + 14;
    let cleaned = clean(whole.bytes[..end].to_vec());
    assert_eq!((cleaned.left, plants(&cleaned.bytes)), (None, 0));
    assert!(holds(&cleaned.bytes, b"\xff\xda"));
}

#[test]
fn which_way_is_up_stays() {
    let cleaned = clean(samples::jpeg().bytes);
    assert_eq!(orientation(&cleaned.bytes), Some(6));
}

#[test]
fn a_hostile_file_costs_no_more_than_a_long_one() {
    // Marks that all point to one directory; directories in each other; a box in a box.
    let marks = b"Exif\0\0II\x2a\0\x08\0\0\0\xff\xff".repeat(20_000);
    let film = [&(marks.len() as u32 + 8).to_be_bytes(), &b"mdat"[..], &marks].concat();
    let tiff = [&b"II\x2a\0\x08\0\0\0"[..], &b"\xff\xff\x11\x01\x04\0\xff\xff\0\0\0\0\0\0".repeat(20_000)].concat();
    let deep = (0..50_000_u32).rev().flat_map(|n| [&(n * 8 + 8).to_be_bytes()[..], b"moov"].concat()).collect();
    let started = std::time::Instant::now();
    for bytes in [
        film,
        tiff,
        deep,
        b"II\x2a\0\x08\0\0\0".repeat(40_000),
        b"OggS".repeat(80_000),
        b"\xff\xfb\x90".repeat(100_000),
    ] {
        let _ = clean(bytes);
    }
    assert!(started.elapsed().as_secs() < 30, "{:?}", started.elapsed());
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_survived_and_cleaning_twice_is_cleaning_once(
        bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300),
        kind in 0_usize..15,
    ) {
        let heads: [&[u8]; 15] = [
            b"GIF89a", b"II\x2a\0\x08\0\0\0", b"\0\0\0\x20moov", b"\0\0\0\x18ftypavif\0\0\0\0avifmif1\0\0\0\x60meta\0\0\0\0\0\0\0\x21hdlr\0\0\0\0\0\0\0\0pict",
            b"\xff\xd8\xff\xe1", b"\x89PNG\r\n\x1a\n", b"RIFF\xff\0\0\0WEBPVP8X", b"RIFF\xff\0\0\0WAVE", b"RIFF\xff\0\0\0AVI LIST",
            b"fLaC", b"OggS\0\x02", b"ID3\x04\0\0\0\0\0\0", b"\x1a\x45\xdf\xa3\x80\x18\x53\x80\x67\x80",
            b"PK\x03\x04", b"%PDF-1.4\n",
        ];
        let cleaned = clean([heads[kind], &bytes].concat());
        proptest::prop_assert_eq!(&clean(cleaned.bytes.clone()).bytes, &cleaned.bytes);
    }
}
