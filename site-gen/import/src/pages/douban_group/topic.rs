//! Parses one page of a topic.
//!
//! The text is in `.topic-richtext` or, on old pages, in a `.topic-content` inside `.topic-doc`; comments are `.comment-item`. The archive
//! tool may have removed links to people, so a name is the link's text, the picture's `alt`, or the text before the time.

use std::collections::BTreeMap;

use circle_model::archive::{Count, MediaRole, MediaState, MediaUse, Poll, PollOption, Role, Text};
use dom_query::{NodeRef, Selection};

use super::super::{
    page::{self, Page},
    pictures::{self, Pictures},
};
use crate::{files::Files, json::Fields as _, numbers};
use circle_content::{Result, input::Input, sink::Sink};
use circle_html::sanitize::escaped;

/// Selectors for the options of a poll.
const OPTIONS: &str =
    ".topic-doc [class*='poll'] li, .topic-content [class*='poll'] li, [class*='poll-option'], #poll li";

/// A person on a page.
#[derive(Debug, Default)]
pub(super) struct Who {
    /// The account number.
    pub(super) number: Option<String>,
    /// The name in the address of their page; for most people the number.
    pub(super) slug: Option<String>,
    pub(super) name: String,
    pub(super) role: Role,
    /// Their description, in brackets after the name.
    pub(super) bio: Option<String>,
}

/// A topic, as far as one page shows it.
#[derive(Debug, Default)]
pub(super) struct Topic {
    pub(super) number: Option<String>,
    pub(super) address: Option<String>,
    /// Id and name of the group.
    pub(super) group: Option<(String, String)>,
    pub(super) who: Who,
    pub(super) title: Option<String>,
    pub(super) created: Option<String>,
    pub(super) edited: Option<String>,
    pub(super) body: Text,
    pub(super) media: Vec<MediaUse>,
    pub(super) poll: Option<Poll>,
    pub(super) likes: Option<Count>,
    pub(super) collected: Option<Count>,
    pub(super) digest: bool,
}

/// A quotation in a comment.
#[derive(Debug)]
pub(super) struct Quoted {
    pub(super) who: Who,
    pub(super) text: String,
}

/// A comment.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) number: Option<String>,
    pub(super) who: Who,
    pub(super) created: Option<String>,
    pub(super) body: Text,
    pub(super) media: Vec<MediaUse>,
    pub(super) quoted: Option<Quoted>,
    pub(super) likes: Option<Count>,
    pub(super) folded: bool,
    /// True if the platform showed only that the comment exists.
    pub(super) unseen: bool,
    /// False in the list of liked comments, which repeats comments of all pages.
    pub(super) in_order: bool,
    /// The file that contains it.
    pub(super) file: String,
}

impl Topic {
    /// Adds what another page of the topic has and this one lacks, because the first page may be unreadable.
    pub(super) fn take_missing(&mut self, other: Self) {
        self.number = self.number.take().or(other.number);
        self.address = self.address.take().or(other.address);
        self.group = self.group.take().or(other.group);
        self.title = self.title.take().or(other.title);
        self.created = self.created.take().or(other.created);
        if self.who.name.is_empty() {
            self.who = other.who;
        }
        if self.body.source.is_empty() && self.media.is_empty() {
            (self.body, self.media) = (other.body, other.media);
        }
    }
}

/// True for a page of a topic.
pub(super) fn is_topic(page: &Page) -> bool {
    page.document.select_single("#topic-content, .topic-content, .topic-richtext, .comment-item .reply-doc").exists()
}

/// The number of a topic in its address.
pub(super) fn topic_number(address: &str) -> Option<String> {
    let (_, rest) = address.split_once("/group/topic/")?;
    let number: String = rest.chars().take_while(char::is_ascii_digit).collect();
    (!number.is_empty()).then_some(number)
}

/// Reads a page. `failed` has the reason why a picture could not be downloaded, by address.
///
/// # Errors
/// If the sink cannot accept a picture.
pub(super) fn read(
    page: &Page,
    input: &Input,
    files: &mut Files<'_>,
    failed: &BTreeMap<String, String>,
    sink: &mut dyn Sink,
) -> Result<(Topic, Vec<Reply>)> {
    page.document.select(".ip-location, .create-ip, .pub-ip").remove();
    for link in page.document.select(".image-download-failed").nodes() {
        let address = link.descendants().into_iter().find_map(|node| node.attr("href")).unwrap_or_default();
        link.replace_with_html(format!("<img src=\"{}\">", escaped(&address)));
    }
    for link in page.document.select("a[href*='douban.com/link2/']").nodes() {
        let target = link.attr("href").and_then(|href| url::Url::parse(&href).ok());
        let target =
            target.and_then(|url| url.query_pairs().find(|(key, _)| key == "url").map(|(_, to)| to.into_owned()));
        if let Some(target) = target {
            link.set_attr("href", &target);
        }
    }
    let mut reading = Reading { page, input, files, failed, sink };
    let replies = reading.replies()?;
    let topic = reading.topic()?;
    Ok((topic, replies))
}

struct Reading<'r, 'f> {
    page: &'r Page,
    input: &'r Input,
    files: &'r mut Files<'f>,
    failed: &'r BTreeMap<String, String>,
    sink: &'r mut dyn Sink,
}

impl Reading<'_, '_> {
    fn topic(&mut self) -> Result<Topic> {
        let document = &self.page.document;
        let bodies = [
            ".topic-richtext",
            ".topic-doc .topic-content",
            ".topic-doc #link-report",
            "#link-report .topic-content",
            ".topic-doc .markdown",
            ".topic-doc .rich-content",
        ];
        let root = bodies.iter().find_map(|selector| document.select_single(selector).nodes().first().cloned());
        let poll = self.poll();
        if poll.is_some() {
            // Its options are shown separately.
            document.select(OPTIONS).remove();
            document.select("[class*='poll'] ul:empty, [class*='poll'] ol:empty").remove();
        }
        let (body, media) = match &root {
            Some(root) => self.body(root)?,
            None => (Text::default(), Vec::new()),
        };
        let address = self.page.address.clone().filter(|address| topic_number(address).is_some());
        // Links in the text may lead to other topics; these lead to this one.
        let own =
            ".lnk-reply[href*='/group/topic/'], .tabs a[href*='/group/topic/'], .paginator a[href*='/group/topic/']";
        let linked = || document.select(own).nodes().iter().find_map(|a| topic_number(&a.attr("href")?));
        let data = || self.page.linked_data.iter().find_map(|data| topic_number(data.text("url")?));
        Ok(Topic {
            number: address.as_deref().and_then(topic_number).or_else(data).or_else(linked),
            address,
            group: self.group(),
            who: who(&document.select_single("#topic-content, .topic-content"), ".topic-doc h3"),
            title: self.page.text("#content h1, .article h1, h1").or_else(|| self.page.meta(&["og:title"])),
            created: self
                .page
                .text(".topic-doc .create-time, .topic-doc h3 .color-green, .create-time")
                .and_then(|t| time(&t)),
            edited: self.page.text(".topic-doc .update-time, .update-time").and_then(|text| time(&text)),
            body,
            media,
            poll,
            likes: self.page.text(".action-react .react-num, .fav-num a, .react-num").and_then(|text| number(&text)),
            collected: self
                .page
                .text(".action-collect .react-num, .action-collect .collect-num")
                .and_then(|text| number(&text)),
            digest: document.select_single("h1 .elite, h1 .elite_topic_lable, .elite_topic_lable").exists(),
        })
    }

    fn replies(&mut self) -> Result<Vec<Reply>> {
        let mut replies = Vec::new();
        for item in self.page.document.select(".comment-item").nodes() {
            // A nested element with this class belongs to the same comment.
            if item.ancestors_it(None).any(|above| above.has_class("comment-item")) {
                continue;
            }
            let liked = item.ancestors_it(Some(6)).any(|above| {
                above.id_attr().is_some_and(|id| id.starts_with("popular")) || above.has_class("popular-bd")
            });
            let reply = Selection::from(*item);
            let quoted = quoted(&reply);
            reply.select(".reply-quote, .folded-msg, .reply-folded-reason, .folded-reason, .reply-hidden").remove();
            let number = item.attr("data-cid").or_else(|| item.id_attr()).map(|id| id.trim().to_owned());
            let mut who = who(&reply, ".reply-doc h4, h4");
            who.number =
                item.attr("data-author-id").map(|id| id.trim().to_owned()).filter(|id| !id.is_empty()).or(who.number);
            let created =
                reply.select_single(".pubtime").nodes().first().and_then(page::line).and_then(|text| time(&text));
            let photos = reply.select_single(".comment-photos");
            let photos = match photos.nodes().first() {
                Some(photos) => self.body(photos)?.1,
                None => Vec::new(),
            };
            reply.select(".comment-photos").remove();
            let contents = [".reply-content", ".markdown", ".reply-doc > p", ".reply-doc p"];
            let root = contents.iter().find_map(|selector| reply.select_single(selector).nodes().first().cloned());
            let (body, mut media) = match &root {
                Some(root) => self.body(root)?,
                None => (Text::html(""), Vec::new()),
            };
            for photo in photos {
                let order = u32::try_from(media.len()).unwrap_or(u32::MAX);
                media.push(MediaUse { role: MediaRole::Gallery, reference: None, order, ..photo });
            }
            let unseen =
                media.is_empty() && matches!(page::bare(&body.source).as_str(), "[内容不可见]" | "该条回复已被删除");
            let votes = reply.select_single(".comment-vote, .react-num").nodes().first().and_then(page::line);
            replies.push(Reply {
                number: number.filter(|number| !number.is_empty()),
                who,
                created,
                body,
                media,
                quoted,
                likes: votes.and_then(|text| self::number(&text)),
                folded: item.attr("data-is_folded").is_some_and(|folded| folded.eq_ignore_ascii_case("true")),
                unseen,
                in_order: !liked,
                file: self.page.path.clone(),
            });
        }
        Ok(replies)
    }

    /// The text of an element, with its pictures stored.
    fn body(&mut self, root: &NodeRef<'_>) -> Result<(Text, Vec<MediaUse>)> {
        pictures::tidy(root);
        keep_lines(root);
        let mut pictures = Pictures::default();
        pictures.mark(root, self.input, &self.page.path, None);
        let failed = self.failed;
        let absent = |address: &str| failed.get(address).map(|reason| why(reason));
        pictures.body(root, &self.page.path, self.files, &absent, self.sink)
    }

    /// The group, from the first link to one.
    fn group(&self) -> Option<(String, String)> {
        let links = self.page.document.select("a[href*='/group/']");
        links.nodes().iter().find_map(|link| {
            let href = link.attr("href")?;
            let (_, rest) = href.split_once("douban.com/group/")?;
            let mut parts = rest.split(['/', '?', '#']);
            let id = parts
                .next()
                .filter(|id| !matches!(*id, "" | "topic" | "people" | "explore" | "search" | "mine" | "my_topics"))?;
            let own = parts.all(|part| part.is_empty() || part.contains('=') || part == "_i");
            let name = page::line(link).filter(|name| own && name.chars().count() <= 60)?;
            let name = name.trim_start_matches("回").trim_start_matches('"').trim_end_matches('"').trim().to_owned();
            Some((id.to_owned(), name))
        })
    }

    /// Reads a poll. Only lists and digits distinguish its options and numbers.
    fn poll(&self) -> Option<Poll> {
        let options = self.page.document.select(OPTIONS);
        let options: Vec<PollOption> = options
            .nodes()
            .iter()
            .filter_map(|option| {
                let text = page::line(option)?;
                let votes = text
                    .rsplit([' ', '(', '（'])
                    .next()
                    .filter(|last| last.contains('票') || text.ends_with([')', '）']));
                let votes = votes.and_then(number);
                let text = match &votes {
                    Some(_) => {
                        text.rsplit_once([' ', '(', '（']).map_or(text.as_str(), |(before, _)| before).trim().to_owned()
                    }
                    None => text,
                };
                Some(PollOption { text, votes })
            })
            .collect();
        (!options.is_empty()).then(|| Poll { options, ..Poll::default() })
    }
}

/// Keeps the line feeds of old comments, which the platform's style sheet shows as line breaks.
fn keep_lines(root: &NodeRef<'_>) {
    let elements: Vec<NodeRef<'_>> = root.descendants().into_iter().chain([*root]).collect();
    if elements.iter().any(|node| node.has_name("br") || node.has_name("p") && node.id != root.id) {
        return;
    }
    for node in elements.iter().flat_map(NodeRef::children).filter(NodeRef::is_text) {
        let text = node.text();
        let text = text.trim_matches(|c: char| c == '\n' || c == ' ');
        if text.contains('\n') {
            node.replace_with_html(escaped(text).replace('\n', "<br>"));
        }
    }
}

/// Why a picture could not be downloaded, in the tool's words, without addresses.
fn why(reason: &str) -> (MediaState, String) {
    let status = reason.split_once("状态码").map(|(_, rest)| rest.trim_start());
    let status: String = status.unwrap_or_default().chars().take_while(char::is_ascii_digit).collect();
    match status.as_str() {
        "401" | "403" | "418" => {
            (MediaState::Forbidden, format!("the archive tool could not download it: 状态码 {status}"))
        }
        "" => {
            let words = reason.split("http").next().unwrap_or_default();
            let words: String =
                if words.trim().is_empty() { "下载失败".to_owned() } else { words.chars().take(80).collect() };
            (MediaState::Missing, format!("the archive tool could not download it: {}", words.trim()))
        }
        _ => (MediaState::Missing, format!("the archive tool could not download it: 状态码 {status}")),
    }
}

/// The author of a topic or comment. `heading` is the element with the name.
fn who(item: &Selection<'_>, heading: &str) -> Who {
    let face = item.select_single(".user-face, .avatar");
    let picture = face.select_single("img");
    let heading = item.select_single(heading);
    let link = heading.select_single("a");
    let href = link.attr("href").or_else(|| face.select_single("a").attr("href"));
    let slug = href
        .as_deref()
        .and_then(|href| href.split_once("/people/"))
        .map(|(_, rest)| rest.split(['/', '?', '#']).next().unwrap_or_default().to_owned());
    let icon = picture.attr("data-archived-original-url").or_else(|| picture.attr("src")).unwrap_or_default();
    let icon =
        icon.rsplit_once("/icon/u").map(|(_, rest)| rest.chars().take_while(char::is_ascii_digit).collect::<String>());
    let slug = slug.filter(|slug| !slug.is_empty());
    let number = icon.filter(|number| !number.is_empty());
    let number = number.or_else(|| slug.clone().filter(|slug| slug.bytes().all(|byte| byte.is_ascii_digit())));
    let owner = heading.select_single(".owner-icon").exists();
    let manager = heading.select_single(".manager-icon").exists();
    let shown =
        heading.nodes().first().map(|node| node.immediate_text().split_whitespace().collect::<Vec<_>>().join(" "));
    let shown = shown.unwrap_or_default();
    let in_from = heading.select_single(".from").nodes().first().and_then(page::line);
    let name = link.nodes().first().and_then(page::line);
    let name = name.or_else(|| picture.attr("alt").map(|alt| alt.trim().to_owned()).filter(|alt| !alt.is_empty()));
    let name = name.or_else(|| {
        in_from.map(|from| from.trim_start_matches("来自").trim_start_matches([':', '：', ' ']).to_owned())
    });
    let name = name.unwrap_or_else(|| shown.clone());
    let bio = shown.strip_prefix(&name).unwrap_or(&shown).trim();
    let bio = bio.strip_prefix('(').and_then(|bio| bio.strip_suffix(')')).map(str::trim).filter(|bio| !bio.is_empty());
    let role = match (owner, manager) {
        _ if name == "[已注销]" => Role::Deleted,
        (true, _) => Role::Leader,
        (_, true) => Role::Admin,
        _ => Role::Member,
    };
    Who { number, slug, name, role, bio: bio.map(str::to_owned) }
}

fn quoted(reply: &Selection<'_>) -> Option<Quoted> {
    let quote = reply.select_single(".reply-quote");
    if !quote.exists() {
        return None;
    }
    let text = [".all", ".ref-comment", ".ref-content", ".short", ".reply-quote-content"]
        .iter()
        .find_map(|selector| quote.select_single(selector).nodes().first().cloned());
    let by = quote.select_single(".pubdate");
    let link = by.select_single("a");
    let name = link.nodes().first().or(by.nodes().first()).and_then(page::line).unwrap_or_default();
    let slug = link.attr("href").and_then(|href| {
        let (_, rest) = href.split_once("/people/")?;
        rest.split(['/', '?', '#']).next().map(str::to_owned).filter(|slug| !slug.is_empty())
    });
    let number = slug.clone().filter(|slug| slug.bytes().all(|byte| byte.is_ascii_digit()));
    by.remove();
    quote.select(".toggle-reply").remove();
    let text =
        text.as_ref().and_then(page::line).or_else(|| quote.nodes().first().and_then(page::line)).unwrap_or_default();
    Some(Quoted { who: Who { number, slug, name, ..Who::default() }, text })
}

/// The time at the start of a text. It is followed by a location.
fn time(text: &str) -> Option<String> {
    let is_time = |word: &&str| word.contains(|c: char| c.is_ascii_digit()) || ["今天", "昨天", "前天"].contains(word);
    let words: Vec<&str> =
        text.split_whitespace().skip_while(|word| !is_time(word)).take_while(is_time).take(3).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// The number in `赞 (12)`, `12人`, `1.2万`.
fn number(text: &str) -> Option<Count> {
    let from = text.find(|c: char| c.is_ascii_digit())?;
    let digits: String = text
        .get(from..)?
        .chars()
        .take_while(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | '万' | '+' | 'k'))
        .collect();
    numbers::count(&digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_lose_the_place() {
        assert_eq!(time("2023-05-09 21:27:04 北京").as_deref(), Some("2023-05-09 21:27:04"));
        assert_eq!(time("发布于 昨天 12:00 上海").as_deref(), Some("昨天 12:00"));
        assert_eq!(time("江苏"), None);
    }

    #[test]
    fn numbers_and_reasons() {
        assert_eq!(number("赞 (12)").unwrap().value, Some(12));
        assert_eq!(number("1.2万").unwrap().value, Some(12_000));
        assert_eq!(why("https://pic.example/1.jpg (状态码 403)").0, MediaState::Forbidden);
        assert_eq!(why("https://pic.example/1.jpg").1, "the archive tool could not download it: 下载失败");
        assert_eq!(
            topic_number("https://www.douban.com/group/topic/45544415585881458/?start=100").as_deref(),
            Some("45544415585881458")
        );
    }
}
