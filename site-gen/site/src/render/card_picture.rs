//! The picture that chats and search engines show beside a link to the site: `assets/card.png`, 1200 × 630.
//!
//! The text is drawn with the glyphs of GNU Unifont, which are part of the program, enlarged without smoothing. So the picture
//! needs no system font, has Chinese, and is the same on every machine: it has four colours, a fixed compression and no time
//! stamp. From top to bottom it shows the seal, the circle's name, its description, a row of bars for the months, and the numbers
//! of posts and comments. To replace the picture, put `card.png` into `content/theme/`.

use super::{Rendered, Renderer};
use crate::plan::{
    CARD, Page, What,
    kind::{Kind, Pages},
};

const WIDTH: usize = 1200;
const HEIGHT: usize = 630;
/// The empty margin at the left and right, in pixels.
const MARGIN: usize = 96;
/// Indices of the palette.
const PAPER: u8 = 0;
const INK: u8 = 1;
const SEAL: u8 = 2;
const SOFT: u8 = 3;

pub(crate) const KIND: Kind = Kind {
    fixed: &[CARD],
    ..Kind::new(
        "card picture",
        Pages::OfContent(|site, _| {
            // The owner's own picture replaces this one.
            let own = site.theme.assets.contains_key("card.png");
            (!own).then(|| Page::of(CARD, What::CardPicture)).into_iter().collect()
        }),
    )
};

impl Renderer<'_> {
    /// The card picture.
    pub(crate) fn card_picture(&self) -> Rendered {
        let config = &self.site.config;
        // The colours of the themes' tokens in light mode.
        let seal: [u8; 3] = if config.theme == "bamboo" { [0x2f, 0x6b, 0x4c] } else { [0xb2, 0x3a, 0x2b] };
        let palette = [[0xfa, 0xf7, 0xf0], [0x24, 0x21, 0x1c], seal, [0x6a, 0x63, 0x58]];
        let mut sheet = Sheet::new();
        sheet.fill(0, 0, 24, HEIGHT, SEAL);
        sheet.fill(MARGIN, HEIGHT - 132, WIDTH - 2 * MARGIN, 2, SOFT);
        let (lines, scale) = set(&config.name, 2, &[9, 8, 7, 6, 5, 4]);
        let mut top = if lines.len() == 1 { 128 } else { 72 };
        for line in &lines {
            sheet.text(line, MARGIN, top, scale, INK);
            top += scale * 18;
        }
        if let Some(tagline) = &config.tagline {
            let (lines, scale) = set(tagline, 1, &[3]);
            for line in &lines {
                sheet.text(line, MARGIN, top + 22, scale, SOFT);
            }
        }
        self.months_of_life(&mut sheet);
        let footer = super::counts_line(self.site, self.plan, &self.words);
        for line in set(&footer, 1, &[2]).0 {
            sheet.text(&line, MARGIN, HEIGHT - 92, 2, SOFT);
        }
        Rendered { bytes: sheet.encoded(&palette), ..Rendered::default() }
    }

    /// Posts per month, the oldest at the left; months without posts are gaps. A longer history shows only its last 120 months.
    fn months_of_life(&self, sheet: &mut Sheet) {
        const MONTHS: i32 = 120;
        const TALLEST: usize = 96;
        let number = |(year, month): (i32, u8)| year.saturating_mul(12).saturating_add(i32::from(month));
        let months: Vec<(i32, usize)> =
            self.plan.months.iter().filter_map(|month| Some((number(month.date?), month.posts.len()))).collect();
        let Some(last) = months.iter().map(|(month, _)| *month).max() else { return };
        let months: Vec<(i32, usize)> = months.into_iter().filter(|(month, _)| last - month < MONTHS).collect();
        let first = months.iter().map(|(month, _)| *month).min().unwrap_or(last);
        let most = months.iter().map(|(_, posts)| *posts).max().unwrap_or(1).max(1);
        let room = WIDTH - 2 * MARGIN;
        let step = (room / usize::try_from(last - first + 1).unwrap_or(1).max(1)).clamp(8, 40);
        for (month, posts) in months {
            let at = MARGIN + usize::try_from(month - first).unwrap_or(0) * step;
            let tall = (posts * TALLEST).div_ceil(most).max(3);
            sheet.fill(at, HEIGHT - 134 - tall, step - step / 3, tall, SEAL);
        }
    }
}

/// Divides a text into at most `lines` lines at the largest of `scales` at which it fits. If it does not fit at the last one, it
/// ends with `…`.
fn set(text: &str, lines: usize, scales: &[usize]) -> (Vec<String>, usize) {
    let text: String = circle_model::text::without_bidi(text).split_whitespace().collect::<Vec<_>>().join(" ");
    let room = |scale: usize| (WIDTH - 2 * MARGIN) / scale;
    for scale in scales {
        let cut = cut(&text, room(*scale));
        // Large type has only one line: a name gets two lines only where the type would be small otherwise.
        let most = if *scale > 5 { 1 } else { lines };
        if cut.len() <= most {
            return (cut, *scale);
        }
    }
    let scale = scales.last().copied().unwrap_or(1);
    let mut cut = cut(&text, room(scale).saturating_sub(16));
    cut.truncate(lines);
    if let Some(last) = cut.last_mut() {
        last.push('…');
    }
    (cut, scale)
}

/// Lines of at most `room` dots. Chinese may break anywhere, a word of letters only if it is longer than a line.
fn cut(text: &str, room: usize) -> Vec<String> {
    let (mut lines, mut line, mut used) = (Vec::new(), String::new(), 0);
    for character in text.chars() {
        let width = width(character);
        if used + width > room {
            let letters = character.is_ascii_alphanumeric();
            let carried = match line.rsplit_once(' ') {
                Some((before, word)) if letters && word.chars().all(|c| c.is_ascii_alphanumeric()) => {
                    let word = word.to_owned();
                    line = before.to_owned();
                    word
                }
                _ => String::new(),
            };
            lines.push(std::mem::replace(&mut line, carried));
            used = line.chars().map(self::width).sum();
        }
        if !(line.is_empty() && character == ' ') {
            line.push(character);
            used += width;
        }
    }
    lines.push(line);
    lines.retain(|line| !line.trim().is_empty());
    lines
}

/// The width of a character in dots. A character that the font does not have (emoji, rare characters) is a square.
fn width(character: char) -> usize {
    glyph(character).get_width()
}

fn glyph(character: char) -> &'static unifont::Glyph {
    static EMPTY: unifont::Glyph = unifont::Glyph::Halfwidth([0; 16]);
    unifont::get_glyph(character).or_else(|| unifont::get_glyph('□')).unwrap_or(&EMPTY)
}

/// A picture of palette indices, one byte each.
struct Sheet(Vec<u8>);

impl Sheet {
    fn new() -> Self {
        Self(vec![PAPER; WIDTH * HEIGHT])
    }

    fn fill(&mut self, left: usize, top: usize, wide: usize, tall: usize, colour: u8) {
        for y in top..(top + tall).min(HEIGHT) {
            let row = y * WIDTH;
            let (from, to) = (row + left.min(WIDTH), row + (left + wide).min(WIDTH));
            self.0.get_mut(from..to).unwrap_or_default().fill(colour);
        }
    }

    fn text(&mut self, text: &str, left: usize, top: usize, scale: usize, colour: u8) {
        let mut at = left;
        for character in text.chars() {
            let glyph = glyph(character);
            for y in 0..16 {
                for x in (0..glyph.get_width()).filter(|x| glyph.get_pixel(*x, y)) {
                    self.fill(at + x * scale, top + y * scale, scale, scale, colour);
                }
            }
            at += glyph.get_width() * scale;
        }
    }

    /// The PNG, with two bits per pixel. Empty only if the encoder fails, which cannot happen when it writes to memory.
    fn encoded(&self, palette: &[[u8; 3]; 4]) -> Vec<u8> {
        let packed: Vec<u8> =
            self.0.chunks(4).map(|four| four.iter().fold(0, |byte, colour| byte << 2 | (colour & 3))).collect();
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, WIDTH as u32, HEIGHT as u32);
        encoder.set_color(png::ColorType::Indexed);
        encoder.set_depth(png::BitDepth::Two);
        encoder.set_palette(palette.concat());
        encoder.set_compression(png::Compression::High);
        encoder.set_filter(png::Filter::NoFilter);
        let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(&packed));
        if written.is_err() {
            bytes.clear();
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_where_they_may_be() {
        assert_eq!(set("漫读书会", 2, &[9, 4]), (vec!["漫读书会".to_owned()], 9));
        let (lines, scale) =
            set("The Slow Reading Circle of the Old Cotton Mill Dormitory, Second Floor", 2, &[9, 5, 4]);
        assert_eq!((lines.len(), scale), (2, 4), "{lines:?}");
        assert!(lines.iter().all(|line| !line.starts_with(' ')), "{lines:?}");
        let (lines, _) = set(&"很长的名字".repeat(40), 2, &[9, 4]);
        assert!(lines.len() == 2 && lines.last().is_some_and(|line| line.ends_with('…')), "{lines:?}");
    }

    #[test]
    fn what_the_font_has_not_is_a_square_and_no_gap() {
        assert_eq!(width('😀'), width('□'));
        assert!(width('书') == 16 && width('a') == 8);
    }
}
