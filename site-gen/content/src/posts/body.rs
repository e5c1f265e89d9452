//! Bodies of posts: removes the syntax of blog programs that is not Markdown, and finds a title in the text.
//!
//! Nothing in this module changes fenced code.

/// A body without the syntax of its blog program.
#[derive(Debug, Default)]
pub(super) struct Body {
    /// Plain Markdown or HTML.
    pub(super) text: String,
    /// Unknown tags; their inner text was kept.
    pub(super) unknown: Vec<String>,
}

/// Longer lines, in bytes, are not searched for tags.
const LONGEST_TAG_LINE: usize = 64 << 10;

/// Turns tags of Hexo and Jekyll (`{% … %}`), shortcodes of Hugo and Zola (`{{< … >}}`), attribute lines of Kramdown (`{: … }`), "read
/// more" marks and LCTT's link definitions into Markdown.
pub(super) fn without_dialect(source: &str) -> Body {
    let mut body = Body::default();
    let mut fence: Option<String> = None;
    let mut raw = false;
    for line in source.split_inclusive('\n') {
        let bare = line.trim();
        if let Some(open) = &fence {
            body.text.push_str(line);
            if bare.starts_with(open.as_str()) && bare.trim_start_matches(['`', '~']).is_empty() {
                fence = None;
            }
            continue;
        }
        let run: String = bare.chars().take_while(|c| *c == '`' || *c == '~').collect();
        if run.len() >= 3 && (run.starts_with("```") || run.starts_with("~~~")) && !raw {
            // Inline code with three backticks is closed on its own line.
            let opens = !bare.get(run.len()..).unwrap_or_default().contains('`');
            if opens {
                fence = Some(run);
                body.text.push_str(line);
                continue;
            }
        }
        if raw {
            raw = !bare.contains("{% endraw %}") && !bare.contains("{%endraw%}");
            if raw {
                body.text.push_str(line);
            }
            continue;
        }
        if bare == "{% raw %}" || bare == "{%raw%}" {
            raw = true;
            continue;
        }
        if matches!(bare, "<!-- more -->" | "<!--more-->" | "{/* more */}") {
            continue;
        }
        let attributes = bare.starts_with("{:") && bare.ends_with('}') && !bare.contains("{::");
        if attributes || bare == "[TOC]" || bare == "[toc]" || bare == "@[toc]" || bare.starts_with("[#]:") {
            continue;
        }
        // A line of this length is data. Searching it for tags would take quadratic time.
        if line.len() > LONGEST_TAG_LINE || (!line.contains("{%") && !line.contains("{{")) {
            body.text.push_str(&line.replace("<!-- more -->", "").replace("<!--more-->", ""));
            continue;
        }
        push_without_tags(&mut body, line);
    }
    body
}

/// Removes tags and shortcodes from one line.
fn push_without_tags(body: &mut Body, line: &str) {
    let mut rest = line;
    let before = body.text.len();
    loop {
        let next = ["{%", "{{"].iter().filter_map(|open| rest.find(open)).min();
        let Some(at) = next else { break };
        let (text, from) = rest.split_at(at);
        let close = if from.starts_with("{%") { "%}" } else { "}}" };
        let Some(end) = from.find(close) else { break };
        // Code that shows a tag is not a tag.
        if text.matches('`').count() % 2 == 1 {
            let (kept, after) = rest.split_at(at + 2);
            body.text.push_str(kept);
            rest = after;
            continue;
        }
        body.text.push_str(text);
        let inner = from.get(2..end).unwrap_or_default();
        let whole = from.get(..end + 2).unwrap_or_default();
        rest = from.get(end + 2..).unwrap_or_default();
        let shortcode = inner.starts_with(['<', '%']) || whole.starts_with("{%");
        if !shortcode && !is_zola_call(inner) {
            // `{{ site.baseurl }}/a.jpg`: this variable is replaced by nothing. Any other is text.
            let variable = inner.trim();
            let address =
                ["site.baseurl", "site.url", "page.root", "site.base_url", "config.base_url"].contains(&variable);
            if !address {
                body.text.push_str(whole);
            }
            continue;
        }
        let inner = inner.trim_matches(['<', '>', '%', '/', '-', ' ', '\t']);
        push_tag(body, inner);
    }
    body.text.push_str(rest);
    // A line with only tags must not leave an empty line inside a paragraph, but it separates blocks.
    if body.text.get(before..).is_some_and(|added| added.trim().is_empty() && !added.is_empty()) {
        body.text.truncate(before);
        body.text.push('\n');
    }
}

fn is_zola_call(inner: &str) -> bool {
    let inner = inner.trim();
    inner.ends_with(')')
        && inner.split('(').next().is_some_and(|name| name.chars().all(|c| c.is_alphanumeric() || c == '_'))
}

fn push_tag(body: &mut Body, inner: &str) {
    let (name, arguments) = inner.split_once([' ', '(']).unwrap_or((inner, ""));
    let words = words(arguments.trim_end_matches(')'));
    let named = |wanted: &str| {
        words.iter().find_map(|word| {
            word.split_once('=').filter(|(name, _)| *name == wanted).map(|(_, value)| value.to_owned())
        })
    };
    let plain: Vec<&String> = words.iter().filter(|w| !w.contains('=') || w.contains("://")).collect();
    let picture = |body: &mut Body, address: &str, alt: &str| {
        let alt = alt.replace(['[', ']'], " ");
        body.text.push_str(&format!("![{}]({})", alt.trim(), bracketed(address)));
    };
    match name.to_ascii_lowercase().as_str() {
        "asset_img" | "img" | "image" | "asset_path" | "figure" | "imgproc" | "resize_image" | "inlineimg"
        | "inlineimage" => {
            let address = named("src").or_else(|| named("path")).or_else(|| {
                // `{% img [class names] /path/to/image [width] [height] ["title" "alt"] %}`
                let looks = |w: &&&String| w.contains('/') || w.contains('.');
                plain.iter().find(looks).or(plain.first()).map(|w| (*w).clone())
            });
            let after = address.as_ref().and_then(|a| plain.iter().position(|w| *w == a)).map_or(0, |at| at + 1);
            let mut words =
                plain.get(after..).unwrap_or_default().iter().filter(|w| !w.bytes().all(|b| b.is_ascii_digit()));
            let alt = named("alt")
                .or_else(|| named("caption"))
                .or_else(|| named("title"))
                .or_else(|| words.next_back().map(|w| (*w).clone()));
            if let Some(address) = address {
                picture(body, &address, alt.as_deref().unwrap_or_default());
            }
        }
        "link" | "asset_link" | "button" | "btn" => {
            // `{% link 名字::https://…::图 %}` and `{% link 名字 https://… %}`.
            let parts: Vec<&str> = if arguments.contains("::") {
                arguments.split("::").map(str::trim).collect()
            } else {
                plain.iter().map(|w| w.as_str()).collect()
            };
            let is_address = |part: &&&str| part.contains("://") || part.starts_with('/');
            let address = named("href").or_else(|| parts.iter().find(is_address).map(|p| (*p).to_owned()));
            let text = parts.iter().find(|p| !p.is_empty() && !is_address(p)).copied();
            match address {
                Some(address) => {
                    let text = text.unwrap_or(&address).replace(['[', ']'], " ");
                    body.text.push_str(&format!("[{text}]({})", bracketed(&address)));
                }
                None => body.text.push_str(text.unwrap_or_default()),
            }
        }
        "codeblock" | "highlight" | "code" => {
            let language =
                words.first().filter(|w| w.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '+'));
            let language = named("lang").or_else(|| language.map(|w| w.trim_start_matches("lang:").to_owned()));
            body.text.push_str(&format!("\n```{}\n", language.unwrap_or_default()));
        }
        "endcodeblock" | "endhighlight" | "endcode" => body.text.push_str("\n```\n"),
        "youtube" | "bilibili" | "vimeo" | "video" | "audio" | "iframe" | "gist" | "tweet" | "aplayer" | "meting" => {
            let what = named("src")
                .or_else(|| named("url"))
                .or_else(|| named("id"))
                .or_else(|| plain.first().map(|w| (*w).clone()));
            let what = what.unwrap_or_default();
            let address = match name.to_ascii_lowercase().as_str() {
                _ if what.contains("://") => what,
                "youtube" => format!("https://www.youtube.com/watch?v={what}"),
                "bilibili" => format!("https://www.bilibili.com/video/{what}"),
                "vimeo" => format!("https://vimeo.com/{what}"),
                "gist" => format!("https://gist.github.com/{what}"),
                _ => what,
            };
            body.text.push_str(&if address.contains("://") { format!("<{address}>") } else { address });
        }
        "post_link" | "post_path" | "ref" | "relref" => {
            body.text.push_str(plain.get(1).or(plain.first()).map_or("", |w| w.as_str()));
        }
        // Boxes: their content is the text; the arguments of the tag are at most a heading.
        "note" | "folding" | "details" | "admonition" | "quote" | "blockquote" | "centerquote" | "callout" | "tabs"
        | "tab" => {
            let text: Vec<&str> = plain
                .iter()
                .map(|w| w.as_str())
                .filter(|w| {
                    !matches!(
                        *w,
                        "info" | "warning" | "danger" | "success" | "primary" | "default" | "quote" | "tip" | "open"
                    )
                })
                .filter(|w| !w.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b','))
                .collect();
            if !text.is_empty() {
                body.text.push_str(&format!("\n**{}**\n\n", text.join(" ").trim_matches(['*', ' '])));
            }
        }
        "more" | "raw" | "endraw" => {}
        end if end.starts_with("end") => {}
        other => {
            if !body.unknown.iter().any(|known| known == other) {
                body.unknown.push(other.to_owned());
            }
            let text: Vec<&str> = plain.iter().map(|w| w.as_str()).filter(|w| !w.is_ascii()).collect();
            body.text.push_str(&text.join(" "));
        }
    }
}

/// An address in Markdown's syntax, also with spaces and brackets.
fn bracketed(address: &str) -> String {
    if address.contains([' ', '(', ')']) {
        format!("<{}>", address.replace(['<', '>'], ""))
    } else {
        address.to_owned()
    }
}

/// Splits arguments at spaces and commas. Quoted arguments stay together and lose their quotes.
fn words(arguments: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    for c in arguments.chars() {
        match (c, quote) {
            (c, Some(open)) if c == open => quote = None,
            (c, Some(_)) => word.push(c),
            ('"' | '\'', None) if word.is_empty() || word.ends_with('=') => quote = Some(c),
            (c, None) if c.is_whitespace() || c == ',' => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            (c, None) => word.push(c),
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// The heading at the start of a Markdown text, and the text without it: `# 题`, or a line underlined with `=`.
pub(super) fn leading_heading(source: &str) -> Option<(String, &str)> {
    let text = source.trim_start_matches(['\n', ' ', '\t']);
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    if let Some(heading) = first.strip_prefix("# ").or_else(|| first.strip_prefix("#\u{3000}")) {
        let heading = heading.trim().trim_end_matches('#').trim();
        return (!heading.is_empty()).then(|| (inline_text(heading), rest));
    }
    let (under, rest) = rest.split_once('\n').unwrap_or((rest, ""));
    let under = under.trim_end();
    let setext = under.len() >= 3 && under.bytes().all(|b| b == b'=');
    let plain = !first.trim().is_empty() && !first.starts_with(['>', '-', '*', '|', '<', '`', '#']);
    (setext && plain).then(|| (inline_text(first.trim()), rest))
}

/// The text of a line of Markdown without its markup.
pub(super) fn inline_text(markdown: &str) -> String {
    let html = circle_model::text::markdown_to_unsafe_html(markdown, circle_model::text::LineBreaks::Soft);
    circle_html::document::plain_text(&html).trim().to_owned()
}

/// True if a plain text file is really Markdown: it has a table, headings, lists, links, emphasis or code.
pub(super) fn is_markdown(text: &str) -> bool {
    let mut before = "";
    for line in text.lines() {
        let bare = line.trim();
        let rule = bare.contains('|') && bare.contains('-') && bare.chars().all(|c| matches!(c, '|' | '-' | ':' | ' '));
        if rule && before.contains('|') {
            return true;
        }
        let mark =
            ["# ", "## ", "### ", "- ", "* ", "> ", "```", "![", "1. "].iter().any(|mark| bare.starts_with(mark));
        if mark || bare.contains("](") || bare.matches("**").count() >= 2 {
            return true;
        }
        before = bare;
    }
    false
}

/// Makes every line break of running text a hard break (two spaces before the line feed), as the author of a text file meant it. Tables,
/// lists, quotations, headings and code keep their lines anyway, and are not changed.
pub(super) fn with_hard_breaks(text: &str) -> String {
    let mut result = String::with_capacity(text.len() + 32);
    let mut fenced = false;
    let lines: Vec<&str> = text.lines().collect();
    for (at, line) in lines.iter().enumerate() {
        let bare = line.trim();
        fenced ^= bare.starts_with("```") || bare.starts_with("~~~");
        result.push_str(line);
        let running = |text: &str| {
            let text = text.trim();
            !text.is_empty() && !text.contains('|') && !text.starts_with(['#', '-', '*', '>', '`', '~', '+', '='])
        };
        let next = lines.get(at + 1).copied().unwrap_or_default();
        if !fenced && running(line) && running(next) && !line.ends_with("  ") {
            result.push_str("  ");
        }
        result.push('\n');
    }
    result
}

/// A body with its line breaks written as `\n`, if it has no real line break.
pub(super) fn with_real_line_breaks(text: &str) -> Option<String> {
    let one = text.trim();
    (!one.contains('\n') && one.contains("\\n") && !one.contains('`'))
        .then(|| one.replace("\\r\\n", "\n").replace("\\n", "\n"))
}

/// True if a Markdown file is HTML from its first character: it begins with a block element and has no Markdown blocks.
pub(super) fn is_html(text: &str) -> bool {
    let start = text.trim_start();
    let Some(tag) = start.strip_prefix('<') else { return false };
    let name: String = tag.chars().take_while(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let block = matches!(
        name.as_str(),
        "p" | "div"
            | "section"
            | "article"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "ul"
            | "ol"
            | "table"
            | "figure"
            | "blockquote"
            | "html"
            | "body"
            | "center"
            | "main"
            | "header"
            | "pre"
            | "dl"
    ) || tag.starts_with('!') && start.to_ascii_lowercase().starts_with("<!doctype");
    let mut pre = false;
    let closes = text.contains("</p>");
    block
        && !text.lines().any(|line| {
            pre = (pre || line.contains("<pre")) && !line.contains("</pre");
            let mark = ["# ", "## ", "### ", "- ", "* ", "```", "![", "> ", "1. "].iter().any(|m| line.starts_with(m));
            let prose = line.starts_with(|c: char| circle_model::text::is_cjk(c)) && !closes;
            !pre && (mark || prose)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(source: &str) -> String {
        without_dialect(source).text
    }

    #[test]
    fn tags_become_markdown() {
        for (source, wanted) in [
            ("{% asset_img 图 一.jpg 狐狸 %}\n", "![狐狸](一.jpg)\n"),
            ("{% asset_img fox.jpg \"一只 狐狸\" %}\n", "![一只 狐狸](fox.jpg)\n"),
            ("{% img left /a/b.png 200 100 狐狸 %}\n", "![狐狸](/a/b.png)\n"),
            ("{{< figure src=\"/a.jpg\" alt=\"图\" >}}\n", "![图](/a.jpg)\n"),
            ("{{ image(path=\"a.jpg\", alt=\"图\") }}\n", "![图](a.jpg)\n"),
            ("{% link 书店::https://a.example/::x.png %}\n", "[书店](https://a.example/)\n"),
            ("一\n{% note info %}\n二\n{% endnote %}\n", "一\n\n二\n\n"),
            ("{% folding 她画的狐狸（文字版） %}\n三\n{% endfolding %}\n", "\n**她画的狐狸（文字版）**\n\n\n三\n\n"),
            ("{% highlight rust %}\nlet x;\n{% endhighlight %}\n", "\n```rust\n\nlet x;\n\n```\n\n"),
            ("{{< bilibili BV1xx >}}\n", "<https://www.bilibili.com/video/BV1xx>\n"),
            ("![x]({{ site.baseurl }}/a.jpg)", "![x](/a.jpg)"),
            ("一\n<!-- more -->\n二", "一\n二"),
            ("`{% note %}` 和 {{ 名字 }}", "`{% note %}` 和 {{ 名字 }}"),
            ("```\n{% note %}\n```\n", "```\n{% note %}\n```\n"),
            ("| a |\n{: .table }\n", "| a |\n"),
            ("{% 没有写完", "{% 没有写完"),
        ] {
            assert_eq!(text(source), wanted, "{source}");
        }
        let body = without_dialect("{% wish 平安 %}\n");
        assert_eq!((body.text.as_str(), body.unknown), ("平安\n", vec!["wish".to_owned()]));
    }

    #[test]
    fn headings() {
        assert_eq!(leading_heading("\n# 给*新人* #\n\n正文").unwrap(), ("给新人".to_owned(), "\n正文"));
        assert_eq!(leading_heading("题目\n===\n正文").unwrap(), ("题目".to_owned(), "正文"));
        assert!(leading_heading("正文\n# 后来的").is_none());
        assert!(leading_heading("#标签 正文").is_none());
    }

    #[test]
    fn html_bodies() {
        assert!(is_html("<p>一</p>\n<p>二</p>"));
        assert!(is_html("<div>\n  <p>一</p>\n</div>"));
        assert!(!is_html("<div align=center>图</div>\n\n## 标题"));
        assert!(!is_html("<b>粗</b>体"));
        assert!(!is_html("一 <p>"));
    }

    #[test]
    fn text_files() {
        assert!(is_markdown("盘点\n| 东西 | 数量 |\n|---|---|\n| 椅 | 1 |"));
        assert!(!is_markdown("第一行\n第二行 a|b\n"));
        assert_eq!(with_hard_breaks("一\n二\n| a |\n|---|\n\n三"), "一  \n二\n| a |\n|---|\n\n三\n");
        assert_eq!(with_real_line_breaks("一\\n\\n二\n").as_deref(), Some("一\n\n二"));
        assert_eq!(with_real_line_breaks("一\n二\\n"), None);
    }
}
