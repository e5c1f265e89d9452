//! Named transformations for the texts of particular platforms. A map selects one with `clean = "…"`; `docs/maps.md` describes each.

use serde::Deserialize;

/// A transformation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Clean {
    /// 小红书: `#读书[话题]#` becomes `#读书`; emoji codes such as `[笑哭R]` stay.
    XhsTopics,
    /// 小红书: the topics of such a text, for `tags`.
    XhsTopicList,
    /// QQ空间: `@{uin:10002,nick:林晚,who:1}` becomes `@林晚`, because the number is private.
    QzoneMentions,
    /// MemoTrace: `【文件】name size path type md5` becomes the name. The rest reveals a path on a computer.
    WechatmsgFiles,
    /// Articles of 公众号: only the parameters that identify the article stay in the address.
    WechatLink,
    /// 豆伴: the text alone from a status flattened to `名字(@id) 说: 正文 图片//转发的`.
    TofuStatus,
    /// 豆伴: the pictures of such a status, for `images`.
    TofuImages,
    /// 豆伴: the reposted text.
    TofuQuoted,
    /// 豆伴: the author of the reposted text.
    TofuQuotedAuthor,
    /// An address without query and fragment.
    NoQuery,
}

impl Clean {
    /// True for transformations with several results.
    pub(super) fn gives_several(self) -> bool {
        matches!(self, Self::XhsTopicList | Self::TofuImages)
    }

    /// The results of such a transformation.
    pub(super) fn several(self, text: &str) -> Vec<String> {
        match self {
            Self::XhsTopicList => topics(text).1,
            Self::TofuImages => status(text).pictures,
            _ => vec![self.text(text)],
        }
    }

    /// The text without the platform's own syntax.
    pub(super) fn text(self, text: &str) -> String {
        match self {
            Self::XhsTopics | Self::XhsTopicList => topics(text).0,
            Self::QzoneMentions => mentions(text),
            Self::WechatmsgFiles => without_paths(text),
            Self::WechatLink => article(text),
            Self::TofuStatus | Self::TofuImages => status(text).text,
            Self::TofuQuoted => status(status(text).below).text,
            Self::TofuQuotedAuthor => status(status(text).below).author,
            Self::NoQuery => text.split(['?', '#']).next().unwrap_or_default().to_owned(),
        }
    }
}

/// The text with plain topics, and the topics.
fn topics(text: &str) -> (String, Vec<String>) {
    let (mut clean, mut found) = (String::with_capacity(text.len()), Vec::new());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("[话题]#") {
        rest = after;
        clean.push_str(before);
        if let Some((_, topic)) = before.rsplit_once('#')
            && !topic.trim().is_empty()
        {
            found.push(topic.trim().to_owned());
        }
    }
    clean.push_str(rest);
    (clean, found)
}

fn mentions(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("@{") {
        clean.push_str(before);
        let inside = after.split_once('}').filter(|(inside, _)| inside.contains("nick:"));
        let Some((inside, more)) = inside else {
            clean.push_str("@{");
            rest = after;
            continue;
        };
        let name = inside.split_once("nick:").map_or("", |(_, name)| name);
        let name = [",who:", ",auto:", ",uin:"]
            .iter()
            .filter_map(|end| name.split_once(end))
            .map(|(name, _)| name)
            .min_by_key(|name| name.len())
            .unwrap_or(name);
        clean.push('@');
        clean.push_str(name);
        rest = more;
    }
    clean.push_str(rest);
    clean
}

fn without_paths(text: &str) -> String {
    let Some((before, file)) = text.split_once("【文件】") else { return text.to_owned() };
    let size = |word: &str| {
        let number = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit() || b == b'.')
    };
    let words: Vec<&str> = file.split_whitespace().collect();
    let name = match words.iter().skip(1).position(|word| size(word)) {
        Some(at) => words.get(..=at).unwrap_or_default().join(" "),
        None => words.first().copied().unwrap_or_default().to_owned(),
    };
    format!("{before}【文件】{name}")
}

/// The parts of a flattened status.
struct Status<'a> {
    author: String,
    text: String,
    pictures: Vec<String>,
    below: &'a str,
}

fn status(text: &str) -> Status<'_> {
    // The reposted text follows `//`, which must not be that of an address.
    let end = text.match_indices("//").map(|(at, _)| at).find(|at| {
        let before = text.get(..*at).unwrap_or_default();
        !before.ends_with(':') && text.get(at + 2..).is_some_and(|below| below.contains("(@") || !below.contains(": "))
    });
    let (own, below) =
        end.map_or((text, ""), |at| (text.get(..at).unwrap_or_default(), text.get(at + 2..).unwrap_or_default()));
    let (author, own) = match own.split_once("(@") {
        Some((author, rest)) if !author.contains(['\n', '：', ' ']) || rest.contains(") ") => {
            match rest.split_once(": ") {
                Some((_, said)) => (author, said),
                None => (author, rest.split_once(')').map_or("", |(_, said)| said)),
            }
        }
        _ => ("", own),
    };
    let picture = |word: &str| word.starts_with("https://") && word.contains("doubanio.com/");
    let pictures = own.split_whitespace().flat_map(|word| word.split(',')).filter(|word| picture(word));
    let pictures: Vec<String> = pictures.map(str::to_owned).collect();
    // The pictures are at the end, joined by commas.
    let said = own.trim();
    let cut = said.rfind(" https://").filter(|at| said.get(at + 1..).is_some_and(|rest| rest.split(',').all(picture)));
    let said = cut.and_then(|at| said.get(..at)).unwrap_or(if picture(said) { "" } else { said });
    Status { author: author.trim().to_owned(), text: said.trim().to_owned(), pictures, below }
}

fn article(address: &str) -> String {
    let address = address.trim();
    let address = address.split('#').next().unwrap_or_default();
    let Some((page, query)) = address.split_once('?') else { return address.to_owned() };
    let kept: Vec<&str> = query
        .split('&')
        .map(|part| part.strip_prefix("amp;").unwrap_or(part))
        .filter(|part| part.split_once('=').is_some_and(|(name, _)| matches!(name, "__biz" | "mid" | "idx" | "sn")))
        .collect();
    let page = page.strip_prefix("http://").map_or_else(|| page.to_owned(), |rest| format!("https://{rest}"));
    if kept.is_empty() { page } else { format!("{page}?{}", kept.join("&")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_takes_away_what_is_only_the_platforms() {
        for (clean, text, wanted) in [
            (Clean::XhsTopics, "好看[笑哭R]#读书[话题]# #边城[话题]#", "好看[笑哭R]#读书 #边城"),
            (Clean::QzoneMentions, "@{uin:10002,nick:林,晚,who:1,auto:1} 来 @{x}", "@林,晚 来 @{x}"),
            (Clean::WechatmsgFiles, "【文件】书 单.pdf 1234 C:\\Users\\a\\书 单.pdf pdf 0123", "【文件】书 单.pdf"),
            (Clean::WechatmsgFiles, "没有", "没有"),
            (
                Clean::WechatLink,
                "http://mp.weixin.qq.com/s?__biz=MzA=&mid=1&idx=2&sn=ab&chksm=c&pass_ticket=x#rd",
                "https://mp.weixin.qq.com/s?__biz=MzA=&mid=1&idx=2&sn=ab",
            ),
            (Clean::WechatLink, "https://mp.weixin.qq.com/s/AbC", "https://mp.weixin.qq.com/s/AbC"),
            (Clean::NoQuery, "https://a.example/x?xsec_token=1", "https://a.example/x"),
        ] {
            assert_eq!(clean.text(text), wanted);
        }
        let status = "林晚(@linwan) 说: 看 https://a.example/x https://img1.doubanio.com/1.jpg,https://img1.doubanio.com/2.jpg//阿木(@amu) 说: 原话//某(@b): 更早";
        assert_eq!(Clean::TofuStatus.text(status), "看 https://a.example/x");
        assert_eq!(Clean::TofuImages.several(status).len(), 2);
        assert_eq!(
            (Clean::TofuQuoted.text(status), Clean::TofuQuotedAuthor.text(status)),
            ("原话".to_owned(), "阿木".to_owned())
        );
        assert_eq!(Clean::TofuStatus.text("该广播已被删除"), "该广播已被删除");
        assert_eq!(Clean::TofuQuoted.text("林晚(@linwan) 说: 看 https://a.example/x"), "");
        assert_eq!(Clean::XhsTopicList.several("a #读书[话题]##边城[话题]#"), ["读书", "边城"]);
    }
}
