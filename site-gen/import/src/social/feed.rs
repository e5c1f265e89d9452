//! Feed files: RSS 0.9 to 2.0, Atom, JSON Feed.
//!
//! 1. The text is decoded with the declared encoding, if that fits its bytes.
//! 2. feed-rs parses it. Dates are read by `dates::read`, which accepts more forms and keeps the text.
//! 3. Relative addresses are resolved against the feed's address, because on our pages they would lead elsewhere.

use std::{
    collections::BTreeMap,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, UNIX_EPOCH},
};

use circle_model::{
    archive::{Circle, MediaRole, Post, PostFlags, PostKind, Record, Source, Text, TextFormat, Visibility},
    time::{Time, Utc},
};
use feed_rs::model::{Entry, Feed as Parsed, Link};
use lol_html::{RewriteStrSettings, element, rewrite_str};
use url::Url;

mod marks;

use super::{head, name_of, when};
use crate::{
    Importer, Recognised,
    comments::is_blogger,
    files::{Files, Wanted},
    people::People,
};
use circle_content::{
    Result,
    audience::AudienceMarks,
    dates, decode, ident,
    input::Input,
    media::prepare,
    options::Options,
    posts::resolve,
    report::Report,
    sink::{Ids, Sink},
};
use circle_html::{document::plain_text, entities};

const SOURCE: &str = "feed";

/// The maximum size of a feed in bytes.
const LONGEST: u64 = 64 << 20;

/// A feed file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Feed;

impl Importer for Feed {
    fn name(&self) -> &'static str {
        "feed"
    }

    fn about(&self) -> &'static str {
        "RSS, Atom and JSON Feed files (订阅源 feed.xml, rss.xml, atom.xml, feed.json): only the latest items"
    }

    fn extent(&self) -> crate::contract::Extent {
        crate::contract::Extent::Files
    }

    fn ids(&self) -> Ids {
        Ids::Local
    }

    fn recognise(&self, input: &Input) -> Recognised {
        // A blog's folder contains a feed, too. The feed is meant only if there is nothing else.
        let mut texts =
            input.entries().iter().map(|entry| entry.path.as_str()).filter(|path| !prepare::is_media_name(path));
        let first: Vec<&str> = texts.by_ref().take(20).collect();
        if first.is_empty() || texts.next().is_some() || !first.iter().all(|path| is_feed(input, path)) {
            return Recognised::No("a file that begins with <rss>, <feed> or a JSON Feed's version, and nothing else");
        }
        Recognised::Yes(format!("{} is a feed", first.join(", ")))
    }

    fn import(&self, input: &Input, options: &Options, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        let (mut people, mut files) = (People::new(SOURCE), Files::new(input, options, SOURCE));
        let paths: Vec<&str> = input.entries().iter().map(|entry| entry.path.as_str()).collect();
        for path in paths.into_iter().filter(|path| !prepare::is_media_name(path)) {
            if !is_feed(input, path) {
                report.note(format!("{path} is no feed and was not read"));
                continue;
            }
            let text = match input.read(path, LONGEST) {
                Ok(bytes) => text_of(&bytes),
                Err(error) => {
                    report.problem(path, error.what, "all other feeds were read");
                    continue;
                }
            };
            match parsed(&text, options) {
                Ok((feed, times)) => {
                    let marks = marks::of_items(&text, feed.entries.len());
                    let (people, files) = (&mut people, &mut files);
                    let mut import = Import { input, options, path, times, marks, people, files };
                    import.feed(feed, sink, report)?;
                }
                Err(error) => report.problem(
                    path,
                    format!("the feed cannot be read: {error}"),
                    "fetch it again; a feed that was cut off has to be whole",
                ),
            }
        }
        people.finish(sink)?;
        files.finish(sink, report)
    }
}

fn is_feed(input: &Input, path: &str) -> bool {
    let extension = name_of(path).rsplit_once('.').map_or("", |(_, extension)| extension);
    if matches!(extension, "md" | "markdown" | "html" | "htm" | "css" | "js" | "db" | "jsonl" | "mbox" | "eml") {
        return false;
    }
    let head = head(input, path, 4096);
    let start = head.trim_start();
    if start.starts_with('{') {
        return head.contains("jsonfeed.org/version");
    }
    // WordPress's and Blogger's exports are feeds with additional data, such as drafts, and have importers of their own.
    let export = head.contains("wordpress.org/export") || is_blogger(input, path);
    let xml = start.starts_with('<') && !export && !head.contains("{{");
    xml && ["<rss", "<feed", "<rdf:RDF"].iter().any(|root| head.contains(root))
}

/// The text of a feed without its XML declaration, which would be wrong after decoding.
fn text_of(bytes: &[u8]) -> String {
    let start: String = bytes.iter().take(200).map(|byte| char::from(*byte)).collect();
    let declared = start.split_once("encoding=").and_then(|(_, rest)| {
        let quote = rest.chars().next()?;
        rest.get(1..)?.split(quote).next()
    });
    let encoding = declared.and_then(|label| encoding_rs::Encoding::for_label(label.as_bytes()));
    let text = match encoding {
        Some(encoding) if std::str::from_utf8(bytes).is_err() && encoding != encoding_rs::UTF_8 => {
            encoding.decode(bytes).0.into_owned()
        }
        _ => decode::text(bytes).text,
    };
    let text = text.trim_start();
    let rest = text.strip_prefix("<?xml").and_then(|rest| rest.split_once("?>")).map(|(_, rest)| rest);
    rest.unwrap_or(text).to_owned()
}

/// The texts of dates, by moment, because feed-rs keeps only the moment.
type Times = BTreeMap<i64, Time>;

fn parsed(text: &str, options: &Options) -> Result<(Parsed, Times), String> {
    let times: Arc<Mutex<Times>> = Arc::default();
    let (kept, options) = (Arc::clone(&times), options.clone());
    let parser = feed_rs::parser::Builder::new()
        .sanitize_content(false)
        // An item without an id gets a key from its content.
        .id_generator(|_, _, _| String::new())
        .timestamp_parser(move |raw| {
            let time = dates::read(raw, &options)?;
            let ms = time.utc?.0;
            kept.lock().unwrap_or_else(PoisonError::into_inner).entry(ms).or_insert(time);
            let distance = Duration::from_millis(ms.unsigned_abs());
            let moment = if ms < 0 { UNIX_EPOCH.checked_sub(distance) } else { UNIX_EPOCH.checked_add(distance) };
            Some(moment?.into())
        })
        .build();
    let text = authors_apart(text);
    // feed-rs panics on durations with non-ASCII digits or too many digits.
    let feed = std::panic::catch_unwind(AssertUnwindSafe(|| parser.parse(text.as_bytes())));
    let feed = feed.map_err(|_| "something in it stops the program that reads feeds".to_owned())?;
    let feed = feed.map_err(|error| error.to_string())?;
    let times = std::mem::take(&mut *times.lock().unwrap_or_else(PoisonError::into_inner));
    Ok((feed, times))
}

/// The feed with spaces around the addresses of authors. feed-rs cuts the byte before and after an address off the name, and panics if that
/// splits a character: `阿木（amu@example.com）`.
fn authors_apart(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let names = ["<author", "<managingEditor", "<webMaster", "<dc:creator", "<creator", "<itunes:"];
    while let Some(at) = names.iter().filter_map(|name| rest.find(name)).min() {
        let (before, from) = rest.split_at(at);
        let (name, inner) = from.split_at(from.find('>').map_or(from.len(), |at| at + 1));
        let (inner, after) = inner.split_at(inner.find("</").unwrap_or(inner.len()));
        out.push_str(before);
        out.push_str(name);
        let of_mail = |c: char| c.is_ascii_alphanumeric() || "._%+-@:".contains(c);
        let mut last = ' ';
        for c in inner.chars() {
            if (of_mail(last) && !c.is_ascii()) || (of_mail(c) && !last.is_ascii()) {
                out.push(' ');
            }
            out.push(c);
            last = c;
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

struct Import<'a, 'b> {
    input: &'a Input,
    options: &'a Options,
    path: &'a str,
    times: Times,
    /// What each item says about its audience.
    marks: Vec<AudienceMarks>,
    people: &'b mut People,
    files: &'b mut Files<'a>,
}

impl Import<'_, '_> {
    fn feed(&mut self, feed: Parsed, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        report.tool = feed.generator.as_ref().map(|generator| generator.content.clone());
        let home = address(&feed.links).map(str::to_owned);
        let title = feed.title.as_ref().map(|title| entities::decoded(title.content.trim())).unwrap_or_default();
        let of_itself = feed.links.iter().find(|link| link.rel.as_deref() == Some("self"));
        report.comes_from(home.as_deref().or(of_itself.map(|link| link.href.as_str())).unwrap_or_default());
        report.made(feed.updated.or(feed.published).map(|at| Utc(at.timestamp_millis())));
        if !title.is_empty() {
            sink.push(Record::Circle(Box::new(Circle {
                id: ident::id(SOURCE, "circle", home.as_deref().unwrap_or(&title)),
                name: title,
                platform: None,
                about: feed.description.as_ref().map(|about| Text::plain(plain_text(&about.content).trim())),
                url: home.clone(),
                src: Source { source: SOURCE.to_owned(), file: Some(self.path.to_owned()), ..Source::default() },
                ..Circle::default()
            })))?;
        }
        report.note(format!(
            "{}: a feed holds only the latest items, here {}; older ones have to come from elsewhere",
            self.path,
            feed.entries.len()
        ));
        let author = feed.authors.first().and_then(|author| author.name.clone());
        for (number, entry) in feed.entries.iter().enumerate() {
            let place = format!("{}: item {}", self.path, number + 1);
            let told = self.marks.get(number).copied().unwrap_or_default();
            self.entry(
                &place,
                entry,
                told,
                home.as_deref(),
                author.as_deref(),
                feed.language.as_deref(),
                sink,
                report,
            )?;
        }
        Ok(())
    }

    #[expect(clippy::too_many_arguments, reason = "what the feed says for all of its items")]
    fn entry(
        &mut self,
        place: &str,
        entry: &Entry,
        told: AudienceMarks,
        home: Option<&str>,
        author: Option<&str>,
        language: Option<&str>,
        sink: &mut dyn Sink,
        report: &mut Report,
    ) -> Result<()> {
        let link = address(&entry.links).map(str::to_owned);
        let base = [link.as_deref(), home].into_iter().flatten().find_map(|address| Url::parse(address).ok());
        let link = link.map(|link| absolute(&link, base.as_ref()));
        let mut body = match entry.content.as_ref().and_then(|content| Some((content, content.body.as_deref()?))) {
            Some((content, text)) => text_of_type(text, content.content_type.as_ref()),
            None => entry
                .summary
                .as_ref()
                .map_or_else(Text::default, |summary| text_of_type(&summary.content, summary.content_type.as_ref())),
        };
        if body.format == TextFormat::Html
            && let Some(base) = &base
        {
            let (input, path) = (self.input, self.path);
            body.source = with_whole_addresses(&body.source, base, |address| resolve(input, path, address).is_some());
        }
        body.lang = entry.language.as_deref().or(language).map(str::to_owned);
        let title =
            entry.title.as_ref().map(|title| entities::decoded(title.content.trim())).filter(|title| !title.is_empty());
        if title.is_none() && body.source.trim().is_empty() && link.is_none() {
            report.problem(place, "the item is empty", "nothing can be done; all other items were read");
            return Ok(());
        }
        let mut uses = self.files.in_text(&body, self.path, sink)?;
        let enclosed = entry.media.iter().flat_map(|medium| &medium.content).filter_map(|content| {
            let kind = content.content_type.as_ref().map(ToString::to_string).unwrap_or_default();
            Some((content.url.as_ref()?.to_string(), kind))
        });
        let linked = entry.links.iter().filter(|link| link.rel.as_deref() == Some("enclosure"));
        let linked = linked.map(|link| (link.href.clone(), link.media_type.clone().unwrap_or_default()));
        for (url, kind) in enclosed.chain(linked) {
            if uses.iter().any(|used| used.reference.as_deref() == Some(url.as_str())) {
                continue;
            }
            let shown = ["image/", "video/", "audio/"].iter().any(|start| kind.starts_with(start));
            let name = url.split(['?', '#']).next().unwrap_or_default().rsplit('/').next().unwrap_or_default();
            let file = super::upwards(self.input, self.path, name);
            let wanted = Wanted {
                file: file.as_deref().filter(|_| !name.is_empty()),
                remote: Some(&url),
                role: if shown { MediaRole::Gallery } else { MediaRole::Attachment },
                ..Wanted::default()
            };
            let mut used = self.files.take(&wanted, sink)?;
            used.order = u32::try_from(uses.len()).unwrap_or(u32::MAX);
            if !uses.iter().any(|known| known.media == used.media) {
                uses.push(used);
            }
        }
        let name = entry.authors.first().and_then(|author| author.name.as_deref()).or(author).unwrap_or_default();
        let (name, mail) = without_mail(name, entry.authors.first().and_then(|author| author.email.as_deref()));
        let author = self.people.named(&name);
        if let (Some(member), Some(mail)) = (&author, mail) {
            sink.keep_private(member, "email", &mail)?;
        }
        let created = entry.published.or(entry.updated).and_then(|at| self.times.get(&at.timestamp_millis())).cloned();
        let created = created.unwrap_or_else(|| when("", place, self.options, report));
        let edited = entry.updated.filter(|_| entry.published.is_some());
        let edited = edited.and_then(|at| self.times.get(&at.timestamp_millis())).cloned();
        let edited = dates::edit(edited, &created);
        let guid = Some(entry.id.trim()).filter(|guid| !guid.is_empty()).map(str::to_owned);
        let weak_id = guid.is_none();
        let key = guid.clone().or_else(|| link.clone()).unwrap_or_else(|| {
            format!("{name}\0{}\0{}\0{}", created.raw, title.as_deref().unwrap_or_default(), body.source.trim())
        });
        let mut post = Post {
            id: ident::id(SOURCE, "post", &key),
            author,
            created,
            edited,
            title,
            body,
            media: uses,
            tags: entry.categories.iter().map(|c| c.label.clone().unwrap_or_else(|| c.term.clone())).collect(),
            kind: PostKind::Article,
            visibility: Visibility::Public,
            flags: PostFlags { partial: entry.content.is_none() && is_cut(entry), ..PostFlags::default() },
            url: link,
            weak_id,
            src: Source { source: SOURCE.to_owned(), file: Some(self.path.to_owned()), id: guid, ..Source::default() },
            ..Post::default()
        };
        told.mark_post(&mut post);
        sink.push(Record::Post(Box::new(post)))
    }
}

/// True for a summary that says that it continues elsewhere.
fn is_cut(entry: &Entry) -> bool {
    let text = entry.summary.as_ref().map(|summary| plain_text(&summary.content)).unwrap_or_default();
    ["…", "...", "[&#8230;]", "[…]"].iter().any(|end| text.trim_end().ends_with(end))
}

/// The page of an item or feed.
fn address(links: &[Link]) -> Option<&str> {
    let page = |link: &&Link| matches!(link.rel.as_deref(), None | Some("alternate"));
    links
        .iter()
        .find(page)
        .or(links.first().filter(|link| link.rel.as_deref() != Some("enclosure")))
        .map(|l| l.href.as_str())
}

fn text_of_type(text: &str, kind: &str) -> Text {
    let markup = kind.contains("html") || kind.contains("xml") || text.contains("</") || text.contains("<br");
    if markup { Text::html(text) } else { Text::plain(entities::decoded(text)) }
}

fn absolute(address: &str, base: Option<&Url>) -> String {
    match base.filter(|_| Url::parse(address).is_err()).and_then(|base| base.join(address).ok()) {
        Some(whole) => whole.to_string(),
        None => address.to_owned(),
    }
}

/// HTML with absolute addresses. Fragments (`#note`) stay, and so do files for which `here` is true.
fn with_whole_addresses(html: &str, base: &Url, here: impl Fn(&str) -> bool) -> String {
    let here = &here;
    let whole = |name: &'static str| {
        let base = base.clone();
        element!(format!("[{name}]"), move |el| {
            if let Some(address) = el.get_attribute(name) {
                let address = entities::decoded_attribute(address.trim()).into_owned();
                let bare = address.starts_with('#') || address.is_empty() || here(&address);
                if !bare && Url::parse(&address).is_err() {
                    el.set_attribute(name, &absolute(&address, Some(&base)))?;
                }
            }
            Ok(())
        })
    };
    let settings = RewriteStrSettings::new().with_strict(false);
    let settings = settings.append_element_content_handler(whole("href")).append_element_content_handler(whole("src"));
    rewrite_str(html, settings).unwrap_or_else(|_| html.to_owned())
}

/// The name in `lin@example.com (林晚)` or `林晚 <lin@example.com>`, and the address. Authors of RSS items are email addresses.
fn without_mail(name: &str, mail: Option<&str>) -> (String, Option<String>) {
    let is_mail = |text: &str| text.split_once('@').is_some_and(|(a, b)| !a.is_empty() && b.contains('.'));
    let mut found = mail.filter(|mail| is_mail(mail)).map(str::to_owned);
    let mut words = Vec::new();
    for word in name.split([' ', '(', ')', '<', '>', '（', '）']).filter(|word| !word.is_empty()) {
        if is_mail(word) {
            found.get_or_insert_with(|| word.trim_start_matches("mailto:").to_owned());
        } else {
            words.push(word);
        }
    }
    (words.join(" "), found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_author_is_a_name_without_the_address() {
        let mail = Some("lin@example.com".to_owned());
        assert_eq!(without_mail("lin@example.com (林晚)", None), ("林晚".to_owned(), mail.clone()));
        assert_eq!(without_mail("林 晚", Some("lin@example.com")), ("林 晚".to_owned(), mail.clone()));
        assert_eq!(without_mail("lin@example.com", None), (String::new(), mail));
    }

    #[test]
    fn full_width_brackets_round_an_address_are_no_end() {
        for name in ["阿木（amu@example.com）", "amu@example.com（阿木）", "😀amu@example.com😀阿木"] {
            let text = format!(
                "<rss version=\"2.0\"><channel><title>x</title><item><author>{name}</author></item></channel></rss>"
            );
            let (feed, _) = parsed(&text, &Options::default()).unwrap();
            let author = feed.entries[0].authors[0].clone();
            assert_eq!(author.email.as_deref(), Some("amu@example.com"), "{author:?}");
        }
        assert_eq!(without_mail("阿木（", None).0, "阿木");
    }

    #[test]
    fn what_stops_the_parser_is_a_problem_and_no_end() {
        let text = "<rss version=\"2.0\" xmlns:itunes=\"http://www.itunes.com/dtds/podcast-1.0.dtd\"><channel><title>x</title><item><itunes:duration>99999999999999999999999</itunes:duration></item></channel></rss>";
        assert!(parsed(text, &Options::default()).is_err_and(|what| what.contains("stops the program")));
    }

    #[test]
    fn relative_addresses_are_made_whole() {
        let base = Url::parse("https://example.com/posts/1.html").unwrap();
        let html = "<a href=\"../2.html#a\">二</a><a href=\"#n\">注</a><img src=\"/p.png\"><img src=\"q.png\">";
        let html = with_whole_addresses(html, &base, |address| address == "q.png");
        let wanted = "<a href=\"https://example.com/2.html#a\">二</a><a href=\"#n\">注</a><img src=\"https://example.com/p.png\"><img src=\"q.png\">";
        assert_eq!(html, wanted);
    }

    #[test]
    fn the_declared_encoding_is_taken_only_where_it_fits() {
        let latin = b"<?xml version=\"1.0\" encoding=\"iso-8859-1\"?><rss>caf\xe9</rss>";
        assert_eq!(text_of(latin), "<rss>café</rss>");
        let wrong = "<?xml version='1.0' encoding='gb2312'?><rss>读书</rss>";
        assert_eq!(text_of(wrong.as_bytes()), "<rss>读书</rss>");
    }
}
