//! Turns the text of a saved page into a body: without page elements, and with every picture under an address by which it can be found.
//!
//! 1. [`tidy`] removes what is not text: forms, advertisements, drawings, tracking pixels.
//! 2. [`Pictures::mark`] finds out for every picture which of its attributes names a file of the export, which is the picture itself
//!    (`data:`), and which is its web address. It puts a mark in its place that survives when Readability moves elements.
//! 3. [`Pictures::body`] stores the pictures whose marks are still in the text, and replaces the marks by addresses.

use circle_model::archive::{MediaRole, MediaState, MediaUse, Text};
use dom_query::NodeRef;

use crate::files::{Files, Wanted};
use circle_content::{Result, input::Input, media::prepare, sink::Sink};

/// Elements of a page that are not part of its text.
const MACHINERY: &str = "script, style, noscript, template, link, meta, object, embed, form, input, button, textarea, select, svg, canvas, \
    ins.adsbygoogle, [id^='dale_'], [ad-status], [id^='gdt-ad'], [class*='advert'], iframe[src*='doubleclick'], iframe[src*='ads']";

/// Attributes that name a picture; those that name a saved file come first.
const ADDRESSES: &[&str] = &[
    "src",
    "data-src",
    "data-original",
    "data-lazy-src",
    "data-actualsrc",
    "data-origin-src",
    "data-photo-url",
    "data-raw-src",
    "data-archived-original-url",
];
/// Attributes with a picture's web address; the most certain come first.
const REMOTE: &[&str] = &[
    "data-archived-original-url",
    "data-original",
    "data-origin-src",
    "data-photo-url",
    "data-raw-src",
    "data-src",
    "data-lazy-src",
    "data-actualsrc",
    "src",
];
/// Attributes that matter in a text; all others are presentation.
const KEPT: &[&str] = &[
    "href", "src", "alt", "title", "colspan", "rowspan", "datetime", "start", "cite", "lang", "dir", "controls",
    "poster",
];
const MARK: &str = "circlekeep-picture-";

/// A picture of a page.
#[derive(Debug, Default)]
struct Picture {
    /// A file of the export, as the page names it.
    file: Option<String>,
    /// The picture itself.
    data: Option<String>,
    /// Its web address.
    remote: Option<String>,
    alt: Option<String>,
}

/// The pictures of one page, by their marks.
#[derive(Debug, Default)]
pub(super) struct Pictures {
    list: Vec<Picture>,
    /// The number of embedded SVG drawings: icons and placeholders, which are not kept.
    pub(super) drawings: u64,
}

/// Removes what is not text.
pub(super) fn tidy(root: &NodeRef<'_>) {
    let matched = dom_query::Selection::from(*root);
    matched.select(MACHINERY).remove();
    for node in root.descendants() {
        if node.is_comment() {
            node.remove_from_parent();
        } else if node.has_name("iframe") {
            let address =
                node.attr("data-src").or_else(|| node.attr("src")).map(|src| src.to_string()).unwrap_or_default();
            if address.starts_with("http") || address.starts_with("//") {
                node.set_attr("src", &address);
            } else {
                node.remove_from_parent();
            }
        }
    }
}

impl Pictures {
    /// Puts marks in place of the pictures below `root`. `address` is the page's own, for relative addresses.
    pub(super) fn mark(&mut self, root: &NodeRef<'_>, input: &Input, path: &str, address: Option<&str>) {
        let base = address.and_then(|address| url::Url::parse(address).ok());
        for image in root.descendants() {
            if !image.has_name("img") {
                continue;
            }
            let attribute =
                |name: &str| image.attr(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
            let one_pixel =
                |name: &str| attribute(name).is_some_and(|size| matches!(size.as_str(), "0" | "1" | "0px" | "1px"));
            let named: Vec<String> = ADDRESSES
                .iter()
                .filter_map(|name| attribute(name))
                .chain(attribute("srcset").or_else(|| attribute("data-srcset")).and_then(|set| largest(&set)))
                .collect();
            let drawing = named.first().is_some_and(|address| address.starts_with("data:image/svg"));
            let named: Vec<String> = named.into_iter().filter(|name| !name.starts_with("data:image/svg")).collect();
            if (one_pixel("width") && one_pixel("height")) || named.is_empty() {
                self.drawings += u64::from(drawing);
                image.remove_from_parent();
                continue;
            }
            let file = named.iter().find(|name| circle_content::posts::resolve(input, path, name).is_some()).cloned();
            let remote = REMOTE.iter().filter_map(|name| attribute(name)).chain(named.iter().cloned());
            // A file beside the page has a local address, which is not where it came from.
            let base = base.as_ref().filter(|_| file.is_none());
            let remote = remote.filter_map(|name| absolute(&name, base)).next();
            let data = named.iter().find(|name| name.starts_with("data:")).cloned();
            // A page with lazy loading shows a single dot first.
            let dot =
                |data: &str| prepare::unpacked(data).is_none_or(|one| one.width == Some(1) && one.height == Some(1));
            let data = data.filter(|data| file.is_none() && !(remote.is_some() && dot(data)));
            let file = file.or_else(|| if remote.is_none() && data.is_none() { named.first().cloned() } else { None });
            image.set_attr("src", &format!("{MARK}{}.jpg", self.list.len()));
            let others: Vec<String> = image
                .attrs()
                .iter()
                .map(|a| a.name.local.to_string())
                .filter(|name| name != "src" && name != "alt")
                .collect();
            image.remove_attrs(&others.iter().map(String::as_str).collect::<Vec<_>>());
            self.list.push(Picture { file, data, remote, alt: attribute("alt") });
        }
    }

    /// The HTML of `root`, with its pictures stored. `absent` has what is known of a missing picture, by address.
    ///
    /// # Errors
    /// If the sink cannot accept a picture.
    pub(super) fn body(
        &self,
        root: &NodeRef<'_>,
        path: &str,
        files: &mut Files<'_>,
        absent: &dyn Fn(&str) -> Option<(MediaState, String)>,
        sink: &mut dyn Sink,
    ) -> Result<(Text, Vec<MediaUse>)> {
        let mut uses: Vec<MediaUse> = Vec::new();
        for node in root.descendants() {
            if !node.is_element() {
                continue;
            }
            let table = node.has_name("td") || node.has_name("th");
            let frame = node.has_name("iframe");
            let dressing: Vec<String> = node
                .attrs()
                .iter()
                .map(|attribute| attribute.name.local.to_string())
                .filter(|name| {
                    !(KEPT.contains(&name.as_str()) || (table && name == "style") || (frame && name == "src"))
                })
                .collect();
            node.remove_attrs(&dressing.iter().map(String::as_str).collect::<Vec<_>>());
            if !node.has_name("img") {
                continue;
            }
            let mark = node.attr("src").unwrap_or_default();
            let picture = mark
                .strip_prefix(MARK)
                .and_then(|rest| rest.strip_suffix(".jpg"))
                .and_then(|number| number.parse::<usize>().ok())
                .and_then(|number| self.list.get(number));
            let Some(picture) = picture else {
                node.remove_from_parent();
                continue;
            };
            let mut used = picture.stored(path, files, absent, sink)?;
            node.set_attr("src", used.reference.as_deref().unwrap_or_default());
            if uses.iter().any(|known| known.reference == used.reference) {
                continue;
            }
            used.order = u32::try_from(uses.len()).unwrap_or(u32::MAX);
            uses.push(used);
        }
        Ok((Text::html(root.inner_html().trim()), uses))
    }
}

impl Picture {
    fn stored(
        &self,
        path: &str,
        files: &mut Files<'_>,
        absent: &dyn Fn(&str) -> Option<(MediaState, String)>,
        sink: &mut dyn Sink,
    ) -> Result<MediaUse> {
        let reason = self.remote.as_deref().and_then(absent);
        let unreadable =
            (MediaState::Skipped, "the picture stands inside the page, but it is damaged or of no known kind");
        let mut wanted = Wanted {
            file: self.file.as_deref(),
            beside: path,
            remote: self.remote.as_deref(),
            role: MediaRole::Inline,
            alt: self.alt.clone(),
            absent: reason.as_ref().map(|(state, why)| (*state, why.as_str())),
            ..Wanted::default()
        };
        if let Some(data) = &self.data {
            if let Some(used) = files.unpack(data, &wanted, sink)? {
                return Ok(used);
            }
            wanted.absent = Some(unreadable);
            wanted.name = self.remote.is_none().then_some("picture");
        }
        wanted.reference = wanted.file.or(wanted.remote).or(wanted.name);
        files.take(&wanted, sink)
    }
}

fn absolute(address: &str, base: Option<&url::Url>) -> Option<String> {
    if address.starts_with("http://") || address.starts_with("https://") {
        return Some(address.to_owned());
    }
    if let Some(rest) = address.strip_prefix("//") {
        return Some(format!("https://{rest}"));
    }
    let joined = base.filter(|_| !address.contains(':'))?.join(address).ok()?;
    matches!(joined.scheme(), "http" | "https").then(|| joined.to_string())
}

/// The widest candidate of `a.jpg 480w, b.jpg 2x`.
fn largest(set: &str) -> Option<String> {
    set.split(", ")
        .filter_map(|candidate| {
            let mut words = candidate.split_whitespace();
            let address = words.next()?.trim_end_matches(',');
            let size: String = words.next().unwrap_or("1").chars().take_while(char::is_ascii_digit).collect();
            Some((size.parse::<u64>().unwrap_or(1), address.to_owned()))
        })
        .max_by_key(|(size, _)| *size)
        .map(|(_, address)| address)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use circle_model::archive::Record;
    use dom_query::Document;

    use super::*;
    use circle_content::options::Options;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0\x3a\x7e\x9b\x55\0\0\0\x0aIDATx\x9cc`\0\0\0\x02\0\x01\x48\xaf\xa4\x71\0\0\0\0IEND\xaeB`\x82";

    #[test]
    fn every_picture_gets_the_address_by_which_it_can_be_found() {
        let input = Input::memory(BTreeMap::from([("p/页_files/640".to_owned(), PNG.to_vec())]));
        let dot = format!("data:image/png;base64,{}", data_encoding::BASE64.encode(PNG));
        let page = Document::from(format!(
            "<div id=x onclick=a() class=c><img src='./页_files/640' data-src='https://a.example/1'><img src='{dot}' data-original='//a.example/2'>\
             <img src='{dot}' alt=点><img src='data:image/svg+xml,<svg/>'><img src=https://b.example/t.gif width=1 height=1>\
             <img srcset='s.jpg 1x, l.jpg 2x'><iframe data-src='https://v.example/1'></iframe><form>搜索</form><!-- 注 --></div>"
        ));
        let options = Options::default();
        let mut files = Files::new(&input, &options, "web");
        let mut sink: Vec<Record> = Vec::new();
        let root = page.select_single("#x").nodes()[0];
        tidy(&root);
        let mut pictures = Pictures::default();
        pictures.mark(&root, &input, "p/页.html", Some("https://c.example/a/"));
        let absent = |address: &str| address.ends_with("/2").then(|| (MediaState::Forbidden, "403".to_owned()));
        let (body, uses) = pictures.body(&root, "p/页.html", &mut files, &absent, &mut sink).unwrap();
        let references: Vec<_> = uses.iter().map(|used| used.reference.clone().unwrap()).collect();
        assert_eq!(references[..2], ["./页_files/640", "https://a.example/2"]);
        assert!(references[2].starts_with("/media/"));
        assert_eq!(references[3..], ["https://c.example/a/l.jpg"]);
        assert!(references.iter().all(|reference| body.source.contains(reference)), "{}", body.source);
        assert_eq!(pictures.drawings, 1);
        for gone in ["svg", "onclick", "t.gif", "搜索", "注", MARK, "class"] {
            assert!(!body.source.contains(gone), "{gone} in {}", body.source);
        }
        assert!(body.source.contains("<iframe src=\"https://v.example/1\">"));
        let states: Vec<_> =
            sink.iter().filter_map(|r| if let Record::Media(m) = r { Some(m.state) } else { None }).collect();
        assert_eq!(states, [MediaState::Present, MediaState::Forbidden, MediaState::Present, MediaState::Missing]);
    }
}
