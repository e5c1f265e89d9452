//! Markdown to HTML by pulldown-cmark: CommonMark with tables and `~~strikethrough~~`, made to fit Chinese.

use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, TextMergeWithOffset};

use super::{
    SafeHtml, address_length, cjk, find_address, footnotes, is_cjk, is_safe_address, push_escaped, push_link_start,
};

/// How to render a single line break of the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineBreaks {
    /// As a space, or as nothing between two Han characters: CommonMark's rule, for articles.
    Soft,
    /// As a line break: what people mean when they press Enter in a comment.
    Hard,
}

/// Markdown of a comment as safe HTML. Raw HTML is shown as text. Pictures become links, because a picture on another host would tell that
/// host who reads the page. Links whose address could run a script lose it. Headings are lowered below those of the page.
#[must_use]
pub fn markdown(source: &str) -> SafeHtml {
    SafeHtml(render(source, LineBreaks::Hard, Trust::Nothing))
}

/// Markdown of an article as HTML **that is not safe**: raw HTML, pictures and all addresses stay as they are, for the generator's
/// sanitiser to judge. Also supports footnotes and task lists.
#[must_use]
pub fn markdown_to_unsafe_html(source: &str, breaks: LineBreaks) -> String {
    render(source, breaks, Trust::Everything)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Trust {
    Nothing,
    Everything,
}

fn render(source: &str, breaks: LineBreaks, trust: Trust) -> String {
    let tidy = separate_tables(source);
    let (text, letter) = match cjk::separate_emphasis(&tidy) {
        Some((text, letter)) => (text, Some(letter)),
        None => (tidy, None),
    };
    let mut options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    if trust == Trust::Everything {
        options |= Options::ENABLE_FOOTNOTES | Options::ENABLE_TASKLISTS;
    }
    let mut events = Vec::new();
    let mut state =
        State { breaks, trust, in_code: false, in_link: 0, image_alt: None, last: None, single_tildes: Vec::new() };
    for (event, range) in TextMergeWithOffset::new(Parser::new_ext(&text, options).into_offset_iter()) {
        let event = without_letter(event, letter);
        state.take(event, text.get(range).unwrap_or_default(), &mut events);
    }
    let mut html = String::with_capacity(source.len() * 3 / 2);
    pulldown_cmark::html::push_html(&mut html, footnotes::at_the_end(events).into_iter());
    html
}

/// State that the events so far leave for the next event.
struct State {
    breaks: LineBreaks,
    trust: Trust,
    in_code: bool,
    in_link: usize,
    image_alt: Option<(String, String)>,
    last: Option<char>,
    single_tildes: Vec<bool>,
}

impl State {
    fn take<'a>(&mut self, event: Event<'a>, source: &str, out: &mut Vec<Event<'a>>) {
        if let Some((address, mut alt)) = self.image_alt.take() {
            match event {
                Event::End(TagEnd::Image) => self.picture_as_link(&address, &alt, out),
                Event::Text(text) | Event::Code(text) => {
                    alt.push_str(&text);
                    self.image_alt = Some((address, alt));
                }
                _ => self.image_alt = Some((address, alt)),
            }
            return;
        }
        match event {
            Event::Html(html) | Event::InlineHtml(html) if self.trust == Trust::Nothing => self.text(html, out),
            Event::Start(Tag::HtmlBlock) if self.trust == Trust::Nothing => out.push(Event::Start(Tag::Paragraph)),
            Event::End(TagEnd::HtmlBlock) if self.trust == Trust::Nothing => out.push(Event::End(TagEnd::Paragraph)),
            Event::Start(Tag::Image { dest_url, .. }) if self.trust == Trust::Nothing => {
                self.image_alt = Some((dest_url.to_string(), String::new()));
            }
            Event::Start(Tag::Link { dest_url, .. }) if self.trust == Trust::Nothing => {
                self.in_link += 1;
                let address = if is_safe_address(&dest_url) { dest_url.as_ref() } else { "" };
                let mut start = String::new();
                push_link_start(&mut start, address);
                out.push(Event::InlineHtml(start.into()));
            }
            Event::End(TagEnd::Link) if self.trust == Trust::Nothing => {
                self.in_link = self.in_link.saturating_sub(1);
                out.push(Event::InlineHtml("</a>".into()));
            }
            Event::Start(Tag::Heading { level, .. }) if self.trust == Trust::Nothing => {
                out.push(Event::Start(Tag::Heading {
                    level: lower(level),
                    id: None,
                    classes: Vec::new(),
                    attrs: Vec::new(),
                }));
            }
            Event::End(TagEnd::Heading(level)) if self.trust == Trust::Nothing => {
                out.push(Event::End(TagEnd::Heading(lower(level))));
            }
            // `10~20` is a range of pages, not struck-out text. Only two tildes strike text out.
            Event::Start(Tag::Strikethrough) => {
                let single = !source.starts_with("~~");
                self.single_tildes.push(single);
                out.push(if single { Event::Text("~".into()) } else { Event::Start(Tag::Strikethrough) });
            }
            Event::End(TagEnd::Strikethrough) => {
                let single = self.single_tildes.pop().unwrap_or(false);
                out.push(if single { Event::Text("~".into()) } else { Event::End(TagEnd::Strikethrough) });
            }
            Event::Start(Tag::CodeBlock(kind)) => {
                self.in_code = true;
                out.push(Event::Start(Tag::CodeBlock(kind)));
            }
            Event::End(TagEnd::CodeBlock) => {
                self.in_code = false;
                out.push(Event::End(TagEnd::CodeBlock));
            }
            Event::SoftBreak => match self.breaks {
                LineBreaks::Hard => out.push(Event::HardBreak),
                // Whether the break becomes a space also depends on the next character, so the decision waits for it.
                LineBreaks::Soft => out.push(Event::SoftBreak),
            },
            Event::Text(text) => self.text(text, out),
            other => {
                if matches!(other, Event::Start(Tag::Link { .. })) {
                    self.in_link += 1;
                }
                if matches!(other, Event::End(TagEnd::Link)) {
                    self.in_link = self.in_link.saturating_sub(1);
                }
                out.push(other);
            }
        }
    }

    fn text<'a>(&mut self, text: CowStr<'a>, out: &mut Vec<Event<'a>>) {
        let after_break = matches!(out.last(), Some(Event::SoftBreak));
        if after_break && self.last.is_some_and(is_cjk) && text.chars().next().is_some_and(is_cjk) {
            out.pop();
        }
        self.last = text.chars().next_back();
        if self.in_code || self.in_link > 0 || find_address(&text).is_none() {
            out.push(Event::Text(text));
            return;
        }
        let mut rest: &str = &text;
        while let Some(at) = find_address(rest) {
            let (before, from) = rest.split_at(at);
            let (address, after) = from.split_at(address_length(from));
            out.push(Event::Text(before.to_owned().into()));
            let mut link = String::new();
            push_link_start(&mut link, address);
            push_escaped(&mut link, address);
            link.push_str("</a>");
            out.push(Event::InlineHtml(link.into()));
            rest = after;
        }
        out.push(Event::Text(rest.to_owned().into()));
    }

    fn picture_as_link(&mut self, address: &str, alt: &str, out: &mut Vec<Event<'_>>) {
        let shown = if alt.trim().is_empty() { address } else { alt };
        let mut html = String::new();
        if self.in_link == 0 && is_safe_address(address) {
            push_link_start(&mut html, address);
            push_escaped(&mut html, shown);
            html.push_str("</a>");
        } else {
            push_escaped(&mut html, shown);
        }
        out.push(Event::InlineHtml(html.into()));
    }
}

/// Headings of a comment start at the fourth level, below those of the page.
fn lower(level: HeadingLevel) -> HeadingLevel {
    match level {
        HeadingLevel::H1 => HeadingLevel::H4,
        HeadingLevel::H2 => HeadingLevel::H5,
        _ => HeadingLevel::H6,
    }
}

/// Removes the private letter (see `cjk`) from every text of an event.
fn without_letter(event: Event<'_>, letter: Option<char>) -> Event<'_> {
    let Some(letter) = letter else { return event };
    let clean = |text: CowStr<'_>| -> CowStr<'static> { text.replace(letter, "").into() };
    match event {
        Event::Text(t) => Event::Text(clean(t)),
        Event::Code(t) => Event::Code(clean(t)),
        Event::Html(t) => Event::Html(clean(t)),
        Event::InlineHtml(t) => Event::InlineHtml(clean(t)),
        Event::FootnoteReference(t) => Event::FootnoteReference(clean(t)),
        Event::Start(Tag::FootnoteDefinition(t)) => Event::Start(Tag::FootnoteDefinition(clean(t))),
        Event::Start(Tag::CodeBlock(pulldown_cmark::CodeBlockKind::Fenced(t))) => {
            Event::Start(Tag::CodeBlock(pulldown_cmark::CodeBlockKind::Fenced(clean(t))))
        }
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            Event::Start(Tag::Link { link_type, dest_url: clean(dest_url), title: clean(title), id: clean(id) })
        }
        Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
            Event::Start(Tag::Image { link_type, dest_url: clean(dest_url), title: clean(title), id: clean(id) })
        }
        other => other,
    }
}

/// Inserts an empty line before a pipe table that directly follows a line of text, as people write it. Without the line the parser reads
/// the whole table as a paragraph. Fenced code is not changed.
fn separate_tables(source: &str) -> String {
    let lines: Vec<&str> = source.split('\n').collect();
    let mut out = String::with_capacity(source.len() + 8);
    let mut fence: Option<char> = None;
    for (index, line) in lines.iter().enumerate() {
        let text = line.trim();
        let mark =
            text.chars().next().filter(|c| matches!(c, '`' | '~') && text.chars().take_while(|d| d == c).count() >= 3);
        match (fence, mark) {
            (None, Some(c)) => fence = Some(c),
            (Some(open), Some(c)) if open == c && text.chars().all(|d| d == c) => fence = None,
            _ => {}
        }
        let follows_text = index.checked_sub(1).and_then(|i| lines.get(i)).is_some_and(|before| {
            let before = before.trim();
            !before.is_empty() && !before.contains('|') && !before.starts_with(['>', '#'])
        });
        let is_header = text.contains('|') && lines.get(index + 1).is_some_and(|next| is_delimiter_row(next, text));
        let same_block = !line.starts_with([' ', '\t', '>', '-', '*', '+']);
        if fence.is_none() && follows_text && is_header && same_block {
            out.push('\n');
        }
        out.push_str(line);
        if index + 1 < lines.len() {
            out.push('\n');
        }
    }
    out
}

fn is_delimiter_row(line: &str, header: &str) -> bool {
    let cells = |row: &str| row.trim().trim_start_matches('|').trim_end_matches('|').split('|').count();
    let text = line.trim();
    text.contains('-')
        && text.contains('|')
        && text.chars().all(|c| matches!(c, '|' | '-' | ':' | ' ' | '\t'))
        && cells(text) == cells(header)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn html(source: &str) -> String {
        markdown(source).into_string()
    }

    #[test]
    fn nothing_in_a_comment_can_run() {
        let source =
            "<script>alert(1)</script>\n\n<img src=x onerror=alert(1)> [a](javascript:alert(1)) ![b](data:x) **粗**";
        let out = html(source);
        assert!(!out.contains("<script") && !out.contains("<img") && !out.contains("href=\"javascript"), "{out}");
        assert!(out.contains("&lt;script&gt;alert(1)&lt;/script&gt;") && out.contains("<strong>粗</strong>"), "{out}");
    }

    #[test]
    fn emphasis_next_to_full_width_marks() {
        for (source, expected) in [
            ("**强调。**后面", "<strong>强调。</strong>后面"),
            ("文字**“引用”**文字", "文字<strong>“引用”</strong>文字"),
            ("他说**《边城》**好看，*真的！*是吗", "他说<strong>《边城》</strong>好看，<em>真的！</em>是吗"),
            ("（**甲**）和**（乙）**丙", "（<strong>甲</strong>）和<strong>（乙）</strong>丙"),
            ("`**。**字`", "<code>**。**字</code>"),
        ] {
            assert_eq!(html(source), format!("<p>{expected}</p>\n"), "{source}");
        }
    }

    #[test]
    fn a_table_straight_after_a_line_of_text() {
        let out = html("书单如下：\n| 书 | 页 |\n| --- | --: |\n| 边城 | 120 |");
        assert!(out.contains("<p>书单如下：</p>") && out.contains("<td>边城</td>"), "{out}");
        let code = html("```\n文\n| a | b |\n| - | - |\n```");
        assert!(code.contains("文\n| a | b |"), "{code}");
    }

    #[test]
    fn one_tilde_is_a_range_two_strike() {
        assert_eq!(html("读 10~20 页，再读 30~40 页"), "<p>读 10~20 页，再读 30~40 页</p>\n");
        assert_eq!(html("~~不读了~~"), "<p><del>不读了</del></p>\n");
    }

    #[test]
    fn line_breaks() {
        assert_eq!(html("一\n二"), "<p>一<br />\n二</p>\n");
        assert_eq!(markdown_to_unsafe_html("一\n二 and\nthree", LineBreaks::Soft), "<p>一二 and\nthree</p>\n");
    }

    #[test]
    fn bare_addresses_become_links_and_stop_at_chinese_marks() {
        let out = html("见 https://a.example/b_c_d，`https://no.example` 和 [字](https://b.example \"t\")");
        assert_eq!(out.matches("<a ").count(), 2, "{out}");
        assert!(out.contains(">https://a.example/b_c_d</a>，"), "{out}");
    }

    proptest! {
        #[test]
        fn any_text_is_safe_and_never_panics(source in "[<>a-z/=\"'(){}\\[\\]!*_`~|# \\n\\-。，“”强http:&;]{0,120}") {
            let out = html(&source);
            for tag in out.split('<').skip(1) {
                let name: String = tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
                prop_assert!(ALLOWED.contains(&name.as_str()), "<{} in {}", tag, out);
            }
            let letter = char::from_u32(0xe000).unwrap();
            prop_assert!(!out.contains(letter), "a private letter is left");
        }
    }

    const ALLOWED: &[&str] = &[
        "a",
        "p",
        "br",
        "em",
        "strong",
        "del",
        "code",
        "pre",
        "ul",
        "ol",
        "li",
        "blockquote",
        "hr",
        "h4",
        "h5",
        "h6",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
    ];
}
