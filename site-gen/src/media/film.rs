//! What films and sound recordings say about where they were made: phones write the place, to some metres, into every one.
//!
//! MP4, M4A and MOV are boxes in boxes: four bytes of length, four of kind. Everything that is told and not played stands in boxes of
//! the kinds [`TELLS`]. They become boxes of the kind `free`, which players pass over, of the same length and empty: so no byte of
//! the film moves, and the tables that say where its pictures lie stay true.

/// Kinds of boxes that tell: what the device and its programs wrote (places, names, titles, comments), and XMP.
const TELLS: &[&[u8; 4]] = &[b"udta", b"meta", b"uuid"];
/// Kinds of boxes in which such boxes stand.
const HOLDS: &[&[u8; 4]] = &[b"moov", b"trak", b"mdia", b"minf"];
/// Boxes in boxes; no film has more.
const DEEPEST: usize = 8;

/// Empties what tells, in place. What cannot be read as boxes stays as it is: no player finds anything there either.
pub(super) fn clean(film: &mut [u8]) {
    boxes(film, 0);
}

fn boxes(mut rest: &mut [u8], depth: usize) {
    while let Some((length, start)) = measure(rest) {
        let (this, after) = rest.split_at_mut(length);
        let kind: Option<[u8; 4]> = this.get(4..8).and_then(|kind| kind.try_into().ok());
        let inside = this.get_mut(start..).unwrap_or_default();
        match kind {
            Some(kind) if TELLS.contains(&&kind) => {
                inside.fill(0);
                if let Some(kind) = this.get_mut(4..8) {
                    kind.copy_from_slice(b"free");
                }
            }
            Some(kind) if HOLDS.contains(&&kind) && depth < DEEPEST => boxes(inside, depth + 1),
            _ => {}
        }
        rest = after;
    }
}

/// The length of the first box and where its content begins; nothing when no whole box is there.
fn measure(rest: &[u8]) -> Option<(usize, usize)> {
    let short = u32::from_be_bytes(rest.get(..4)?.try_into().ok()?);
    let (length, start) = match short {
        // To the end of the file.
        0 => (rest.len(), 8),
        1 => (usize::try_from(u64::from_be_bytes(rest.get(8..16)?.try_into().ok()?)).ok()?, 16),
        _ => (usize::try_from(short).ok()?, 8),
    };
    (length >= start && length <= rest.len()).then_some((length, start))
}

#[cfg(test)]
mod tests {
    fn of(kind: &[u8; 4], inside: &[u8]) -> Vec<u8> {
        [&(inside.len() as u32 + 8).to_be_bytes()[..], kind, inside].concat()
    }

    #[test]
    fn the_place_goes_and_no_byte_of_the_film_moves() {
        let place = b"+31.2304+121.4737/";
        let told = [of(b"udta", &of(b"\xa9xyz", place)), of(b"meta", place)].concat();
        let track = of(b"trak", &[of(b"tkhd", b"1234"), of(b"udta", place)].concat());
        let long = [&1_u32.to_be_bytes()[..], b"uuid", &34_u64.to_be_bytes(), place].concat();
        // What is played may hold the same letters; it is not read as boxes.
        let played = of(b"mdat", &of(b"udta", b"pictures"));
        let moov = of(b"moov", &[of(b"mvhd", b"head"), track, told].concat());
        let film = [of(b"ftyp", b"isom"), played.clone(), moov, long].concat();
        let mut clean = film.clone();
        super::clean(&mut clean);
        assert_eq!(clean.len(), film.len());
        assert!(!clean.windows(place.len()).any(|window| window == place), "the place is still there");
        assert_eq!(clean.get(12..12 + played.len()), Some(played.as_slice()));
        let changed = film.iter().zip(&clean).filter(|(a, b)| a != b).count();
        assert!(changed <= 4 * place.len() + 5 * 4 + 8, "{changed} bytes changed");
        assert!(clean.windows(8).any(|window| window == b"mvhdhead") && clean.windows(8).any(|w| w == b"tkhd1234"));
    }

    #[test]
    fn what_is_broken_stays_as_it_is() {
        for film in [
            &b""[..],
            b"\0\0\0",
            b"\0\0\0\x04udta",
            b"\xff\xff\xff\xffudtaxx",
            b"\0\0\0\x01udta\xff\xff\xff\xff\xff\xff\xff\xff",
        ] {
            let mut clean = film.to_vec();
            super::clean(&mut clean);
            assert_eq!(clean, film);
        }
        let deep = (0..40).fold(of(b"udta", b"x"), |inside, _| of(b"moov", &inside));
        super::clean(&mut deep.clone());
    }
}
