//! HTML of the site's own pictures, players and files. All of it is valid inside a paragraph.

use super::{FileNote, Medium, Surroundings, escaped};
use crate::privacy;
use circle_model::text::SafeHtml;

/// A picture of at least this height, and at least three times as tall as wide, shows only its top until the reader asks for all of it.
const LONG: u32 = 900;
/// A picture of at least this width is wider than the column; it links to the full size.
const WIDE: u32 = 800;
/// The maximum height of other pictures. The page states width and height, so that nothing moves when the picture loads.
const HIGH: u32 = 680;
/// The box for a missing picture takes the picture's size only if its words fit in.
const ROOMY: (u32, u32) = (160, 100);
/// The maximum side of a box, whatever a record says about a missing picture.
const LARGEST: u32 = 4000;

/// A picture at its place: the site's own, or a box with the reason.
#[must_use]
pub fn picture(address: &str, alt: &str, in_link: bool, page: &dyn Surroundings) -> String {
    html_of(page.medium(address), alt, in_link, page)
}

/// The alternative text of a picture.
#[derive(Clone, Copy, Debug)]
pub enum Alt<'a> {
    /// Written by a person: search finds it.
    Said(&'a str),
    /// The site's default, if nobody wrote one. Search skips it, because it would find every such picture.
    Ours(&'a str),
}

/// One of the site's own pictures. A large one links to its full size. A very tall one shows its top and expands in place, without a
/// script. Without labels for that, it does not fold.
#[must_use]
pub fn own_picture(
    href: &str,
    size: Option<(u32, u32)>,
    alt: Alt<'_>,
    in_link: bool,
    (open, shut): (&str, &str),
) -> String {
    let href = escaped(href);
    let (alt, unsearched) = match alt {
        Alt::Said(alt) => (escaped(alt), ""),
        Alt::Ours(alt) => (escaped(alt), " data-search=\"no\""),
    };
    let is_long = |(width, height): (u32, u32)| height > LONG && height > width.saturating_mul(3);
    let shown = size.map(|size| if is_long(size) { size } else { no_higher(size) });
    let img = format!(
        "<img src=\"{href}\" alt=\"{alt}\"{unsearched}{} loading=\"lazy\" decoding=\"async\">",
        measures(shown)
    );
    let link = format!("<a class=\"picture\" href=\"{href}\">{img}</a>");
    match size {
        _ if in_link => img,
        Some(size) if is_long(size) && !open.is_empty() => format!(
            "<span class=\"long-picture\">{link}<label class=\"long-note\"><input type=\"checkbox\"> \
             <span class=\"fold-out\">{}</span><span class=\"fold-in\">{}</span></label></span>",
            escaped(open),
            escaped(shut)
        ),
        Some((width, height)) if width >= WIDE || height > HIGH => link,
        _ => img,
    }
}

/// A medium in a gallery: a picture of any size links to its full size.
#[must_use]
pub fn tile(medium: Medium, alt: &str, page: &dyn Surroundings) -> SafeHtml {
    let html = match medium {
        Medium::Picture { ref href, .. } => {
            let href = escaped(href);
            format!("<a class=\"picture\" href=\"{href}\">{}</a>", html_of(medium, alt, true, page))
        }
        medium => html_of(medium, alt, false, page),
    };
    vouch(html)
}

fn measures(size: Option<(u32, u32)>) -> String {
    size.map_or_else(String::new, |(width, height)| format!(" width=\"{width}\" height=\"{height}\""))
}

pub(super) fn player(address: &str, page: &dyn Surroundings, in_link: bool) -> String {
    html_of(page.medium(address), "", in_link, page)
}

/// A medium as HTML.
#[must_use]
pub fn medium_html(medium: Medium, alt: &str, in_link: bool, page: &dyn Surroundings) -> SafeHtml {
    vouch(html_of(medium, alt, in_link, page))
}

#[expect(clippy::disallowed_methods, reason = "it is made here, and every value in it is escaped")]
fn vouch(html: String) -> SafeHtml {
    SafeHtml::vouch(html)
}

pub(super) fn html_of(medium: Medium, alt: &str, in_link: bool, page: &dyn Surroundings) -> String {
    match medium {
        Medium::Picture { href, size, alt: known } => {
            let said = [alt, known.as_deref().unwrap_or_default()].into_iter().find(|alt| !alt.trim().is_empty());
            let alt = said.map_or_else(|| Alt::Ours(page.some_picture()), Alt::Said);
            own_picture(&href, size, alt, in_link, (page.long_picture(), page.fold_picture()))
        }
        Medium::Sound(href) => plays("audio", &href, alt, in_link, page),
        Medium::Video(href) => plays("video", &href, alt, in_link, page),
        Medium::File(_, name) if in_link => escaped(&name),
        Medium::File(href, name) => {
            let note = page.file_note(&href).unwrap_or(FileNote { name, ..FileNote::default() });
            format!("<span class=\"file-line\">{}</span>", download(&href, &note))
        }
        Medium::Lost { reason, address, is_file, size } => {
            lost_box(&page.lost_label(alt, is_file), &reason, &address, size.filter(|_| !is_file))
        }
    }
}

/// An audio or video player, with its name, size and a download link below.
fn plays(element: &str, href: &str, alt: &str, in_link: bool, page: &dyn Surroundings) -> String {
    let note = page.file_note(href);
    let label = match (alt.trim(), &note) {
        ("", None) => String::new(),
        ("", Some(note)) => note.name.clone(),
        (alt, _) => alt.to_owned(),
    };
    let label = if label.is_empty() { label } else { format!(" aria-label=\"{}\"", escaped(&label)) };
    let size = note.as_ref().and_then(|note| note.size).filter(|_| element == "video");
    let player = format!(
        "<{element} controls preload=\"none\"{}{label} src=\"{}\"></{element}>",
        measures(size.map(within_reason)),
        escaped(href)
    );
    match note {
        Some(note) if !in_link => {
            format!("<span class=\"player\">{player}<span class=\"file-line\">{}</span></span>", download(href, &note))
        }
        _ => player,
    }
}

fn download(href: &str, note: &FileNote) -> String {
    let (href, name) = (escaped(href), escaped(&note.name));
    let mut html = format!("<a class=\"file\" href=\"{href}\" download=\"{name}\"><bdi>{name}</bdi></a>");
    if !note.about.is_empty() {
        html.push_str(&format!(" <span class=\"file-about\">{}</span>", escaped(&note.about)));
    }
    if let Some(why) = &note.why {
        html.push_str(&format!(" <span class=\"file-why\">{}</span>", escaped(why)));
    }
    html
}

/// The box for a missing medium: what it was, why it is missing, and its address as text.
#[must_use]
pub fn lost(label: &str, reason: &str, address: &str) -> String {
    lost_box(label, reason, address, None)
}

/// The same box, in the size of the missing picture.
fn lost_box(label: &str, reason: &str, address: &str, size: Option<(u32, u32)>) -> String {
    let label = escaped(label);
    let size = size.filter(|(width, height)| *width >= ROOMY.0 && *height >= ROOMY.1).map(within_reason);
    let mut words = format!(
        "<span class=\"lost-what\" role=\"img\" aria-label=\"{label}\">{label}</span> <span class=\"lost-why\">{}</span>",
        escaped(reason)
    );
    if !address.is_empty() {
        words.push_str(" <span class=\"lost-where\">");
        words.push_str(&escaped(&privacy::without_secrets(address)));
        words.push_str("</span>");
    }
    match size {
        Some((width, height)) => format!(
            "<span class=\"lost lost-sized\"><svg class=\"lost-frame\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" aria-hidden=\"true\"></svg><span class=\"lost-words\">{words}</span></span>"
        ),
        None => format!("<span class=\"lost\">{words}</span>"),
    }
}

/// The same aspect ratio, no taller than [`HIGH`].
fn no_higher((width, height): (u32, u32)) -> (u32, u32) {
    if height <= HIGH {
        return (width, height);
    }
    let width = u64::from(width) * u64::from(HIGH) / u64::from(height);
    (u32::try_from(width).unwrap_or(HIGH).max(1), HIGH)
}

/// A size for a page: the same aspect ratio, no side longer than [`LARGEST`].
fn within_reason((width, height): (u32, u32)) -> (u32, u32) {
    let longest = u64::from(width.max(height)).max(1);
    let limit = u64::from(LARGEST).min(longest);
    let side = |side: u32| u32::try_from((u64::from(side) * limit / longest).max(1)).unwrap_or(LARGEST);
    (side(width), side(height))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_honest_box_has_the_shape_of_what_is_lost() {
        let html = lost_box("图片不在了", "过期", "", Some((1200, 800)));
        assert!(html.contains("width=\"1200\" height=\"800\" viewBox=\"0 0 1200 800\""), "{html}");
        assert_eq!(within_reason((8000, 4_000_000_000)), (1, 4000));
        assert!(!lost_box("表情", "过期", "", Some((60, 60))).contains("<svg"), "words need room");
    }

    #[test]
    fn only_a_very_long_picture_folds() {
        let of = |size| own_picture("a.png", Some(size), Alt::Said(""), false, ("展开", "收起"));
        assert!(of((400, 4000)).contains("type=\"checkbox\""));
        assert!(!of((400, 800)).contains("checkbox") && !of((1200, 900)).contains("checkbox"));
        let feed = own_picture("a.png", Some((400, 4000)), Alt::Said(""), false, ("", ""));
        assert!(
            feed.starts_with("<a class=\"picture\"") && !feed.contains("checkbox"),
            "no fold without a style sheet"
        );
        let ours = own_picture("a.png", None, Alt::Ours("图片"), true, ("", ""));
        assert!(ours.contains("alt=\"图片\" data-search=\"no\"") && !of((400, 800)).contains("data-search"), "{ours}");
        assert!(of((600, 900)).contains("width=\"453\" height=\"680\""), "a high one is a link, and fits the screen");
        assert!(of((600, 900)).starts_with("<a class=\"picture\"") && of((600, 400)).starts_with("<img"));
        assert!(of((1200, 900)).starts_with("<a class=\"picture\""));
    }
}
