//! Tracks that are neither seen nor heard: where the camera was at each moment, as action cameras, drones and phones write it.

use std::ops::Range;

use super::{BoxSpan, along, first, free, list};
use crate::media::clean::{
    Left,
    bytes::{be16, be32, be64, holds, letters, merge, zero_all},
};

/// Handler types of tracks that are seen or heard: pictures, sound, text, and times of single pictures.
const SHOWN: &[&[u8; 4]] = &[b"vide", b"soun", b"pict", b"auxv", b"text", b"sbtl", b"subt", b"clcp", b"tmcd", b"hint"];
/// Handler types of text tracks; drones write positions into them.
const WORDS: &[&[u8; 4]] = &[b"text", b"sbtl", b"subt"];
const PLACES: &[&[u8]] = &[b"GPS", b"gps", b"atitude", b"ongitude"];

/// Empties such tracks and their samples.
pub(super) fn blank(bytes: &mut [u8], file: Range<usize>, within: &[Range<usize>]) -> Option<Left> {
    let mut left = None;
    let top = list(bytes, file);
    let (mut goes, mut gone) = (Vec::new(), Vec::new());
    // Many tracks that refer to the same samples must not cost more than one long video.
    let mut budget = bytes.len().saturating_mul(4);
    let fragments = top.iter().any(|found| &found.kind == b"moof");
    let movie = top.into_iter().find(|found| &found.kind == b"moov")?;
    if first(bytes, movie.content(), b"cmov").is_some() {
        // Its tables are compressed.
        return Some(Left::Inside);
    }
    for track in list(bytes, movie.content()).into_iter().filter(|found| &found.kind == b"trak") {
        let Some(handler) =
            along(bytes, track.content(), &[b"mdia", b"hdlr"]).and_then(|found| letters(bytes, found.inside + 8))
        else {
            continue;
        };
        let words = WORDS.contains(&&handler);
        if SHOWN.contains(&&handler) && !words {
            continue;
        }
        let mut samples = samples(bytes, track);
        if let Some(samples) = &mut samples {
            merge(samples);
        }
        if words {
            let length = samples.iter().flatten().map(Range::len).fold(0, usize::saturating_add);
            let tells = |range: &Range<usize>| {
                let part = bytes.get(range.start..range.end.min(bytes.len())).unwrap_or_default();
                PLACES.iter().any(|place| holds(part, place))
            };
            match budget.checked_sub(length) {
                Some(rest) if !samples.iter().flatten().any(tells) => {
                    budget = rest;
                    continue;
                }
                rest => budget = rest.unwrap_or_default(),
            }
        }
        match samples {
            Some(samples) if !fragments => goes.extend(samples),
            // The samples are interleaved with those of other tracks.
            _ => left = Some(Left::Inside),
        }
        gone.push(track);
    }
    zero_all(bytes, goes, within);
    for track in gone {
        free(bytes, track);
    }
    left
}

/// The positions of a track's samples; `None` if its tables cannot be read.
fn samples(bytes: &[u8], track: BoxSpan) -> Option<Vec<Range<usize>>> {
    let table = along(bytes, track.content(), &[b"mdia", b"minf", b"stbl"])?;
    let parts = list(bytes, table.content());
    let part = |kind: &[u8; 4]| parts.iter().find(|found| &found.kind == kind).copied();
    // Truncated tables are read as far as they go: each read ends at the table's end.
    let chunks: Vec<usize> = match (part(b"stco"), part(b"co64")) {
        (Some(table), _) => entries(bytes, table, 8, 4).map_while(|at| be32(bytes, at)).collect(),
        (None, Some(table)) => entries(bytes, table, 8, 8).map_while(|at| be64(bytes, at)).collect(),
        _ => return None,
    };
    let sizes = Sizes::of(bytes, part(b"stsz"), part(b"stz2"))?;
    let runs: Vec<(usize, usize)> = entries(bytes, part(b"stsc")?, 8, 12)
        .map_while(|at| Some((be32(bytes, at)?.checked_sub(1)?, be32(bytes, at + 4)?)))
        .collect();
    let mut found = Vec::new();
    let (mut run, mut sample, mut budget) = (0, 0, bytes.len());
    for (number, from) in chunks.into_iter().enumerate() {
        while runs.get(run + 1).is_some_and(|(first, _)| *first <= number) {
            run += 1;
        }
        let count = runs.get(run).map_or(0, |(_, count)| *count);
        budget = budget.checked_sub(count)?;
        let length = (sample..sample + count).map(|n| sizes.get(bytes, n)).fold(0, usize::saturating_add);
        sample += count;
        found.push(from..from.saturating_add(length));
    }
    Some(found)
}

/// The range of the entries of a table whose count follows its first four bytes.
fn entries(bytes: &[u8], table: BoxSpan, first: usize, each: usize) -> impl Iterator<Item = usize> + use<> {
    let count = be32(bytes, table.inside + first - 4).unwrap_or_default();
    let start = table.inside + first;
    let room = table.end.saturating_sub(start) / each;
    (0..count.min(room)).map(move |n| start + n * each)
}

/// The sizes of samples.
enum Sizes {
    All(usize),
    Table(usize, usize),
    Small(usize, usize),
}

impl Sizes {
    fn of(bytes: &[u8], usual: Option<BoxSpan>, small: Option<BoxSpan>) -> Option<Self> {
        if let Some(table) = usual {
            return Some(match be32(bytes, table.inside + 4)? {
                0 => Self::Table(table.inside + 12, table.end),
                size => Self::All(size),
            });
        }
        let table = small?;
        (be32(bytes, table.inside + 4)? == 16).then_some(Self::Small(table.inside + 12, table.end))
    }

    fn get(&self, bytes: &[u8], n: usize) -> usize {
        match self {
            Self::All(size) => *size,
            Self::Table(at, end) => be32(bytes, at + n * 4).filter(|_| at + n * 4 < *end).unwrap_or_default(),
            Self::Small(at, end) => be16(bytes, at + n * 2).filter(|_| at + n * 2 < *end).unwrap_or_default(),
        }
    }
}
