//! WhatsApp's own words in the languages of our readers: files, what was left out, who came and went; and phone numbers.

use circle_model::archive::EventKind;

/// A file of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attached<'a> {
    /// Its name.
    File(&'a str),
    /// The chat was exported without it.
    LeftOut,
}

/// The text without the marks of direction that WhatsApp puts round names and files.
pub(super) fn without_marks(text: &str) -> String {
    let marks = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{feff}');
    text.chars().filter(|c| !marks(*c)).collect::<String>().trim().to_owned()
}

/// A line that stands for a file, and what else the line says.
pub(super) fn attachment(line: &str) -> Option<(Attached<'_>, String)> {
    let trimmed = line.trim().trim_start_matches(['\u{200e}', '\u{200f}']).trim();
    // `<attached: 1.jpg>`, perhaps with a text before it.
    for word in ["<attached: ", "<附件：", "<附件: ", "<附加: ", "<附加檔案: "] {
        if let Some((before, rest)) = trimmed.split_once(word)
            && let Some((name, after)) = rest.split_once('>')
        {
            let said = [without_marks(before), without_marks(after)].join(" ").trim().to_owned();
            return Some((Attached::File(name.trim()), said));
        }
    }
    for word in ["(file attached)", "(文件附件)", "(附件)", "(檔案附件)", "（文件附件）", "（附件）"]
    {
        if let Some((name, after)) = trimmed.split_once(word) {
            return Some((Attached::File(name.trim()), without_marks(after)));
        }
    }
    let lower = trimmed.to_lowercase();
    let left_out = matches!(
        lower.as_str(),
        "<media omitted>"
            | "<省略多媒体文件>"
            | "<省略多媒體檔案>"
            | "<媒體已略去>"
            | "<多媒体文件已省略>"
            | "image omitted"
            | "video omitted"
            | "audio omitted"
            | "sticker omitted"
            | "gif omitted"
            | "document omitted"
            | "忽略图片"
            | "忽略视频"
            | "忽略音频"
            | "忽略贴图"
            | "忽略文档"
            | "省略图片"
            | "省略视频"
            | "省略音频"
            | "略去圖片"
            | "略去影片"
    );
    left_out.then_some((Attached::LeftOut, String::new()))
}

/// True for the words that stand where a message was.
pub(super) fn is_deleted(text: &str) -> bool {
    let text = without_marks(text);
    let text = text.trim_end_matches(['.', '。']);
    matches!(
        text,
        "This message was deleted"
            | "You deleted this message"
            | "此消息已删除"
            | "此消息已被删除"
            | "您删除了此消息"
            | "你删除了此消息"
            | "此訊息已刪除"
            | "你已刪除此訊息"
    )
}

/// True for what WhatsApp itself says.
pub(super) fn is_system(text: &str) -> bool {
    [
        "end-to-end encrypted",
        "端到端加密",
        "端對端加密",
        " created group",
        " created this group",
        " changed the subject",
        " changed this group's",
        " changed the group",
        " changed their phone number",
        " changed to ",
        "security code changed",
        " joined using",
        " was added",
        " added ",
        " removed ",
        " left",
        " pinned a message",
        "创建了群组",
        "建立了群組",
        "更改了群组",
        "更改了本群",
        "使用邀请链接加入",
        "通过邀请链接加入",
        "加入了群组",
        "退出了群组",
        "已退出",
        "添加了",
        "移除了",
        "新增了",
    ]
    .iter()
    .any(|words| text.contains(words) || (words.ends_with(' ') && text.ends_with(words.trim_end())))
}

/// What such a line is about.
pub(super) fn kind_of(text: &str) -> EventKind {
    let any = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if any(&[" joined using", " was added", " added ", "加入", "添加了", "新增了"]) {
        EventKind::Join
    } else if any(&[" left", " removed ", "退出", "移除了"]) {
        EventKind::Leave
    } else if any(&[" pinned a message"]) {
        EventKind::Pin
    } else {
        EventKind::Announce
    }
}

/// True for a name that is a phone number.
pub(super) fn is_phone(name: &str) -> bool {
    let digits = name.chars().filter(char::is_ascii_digit).count();
    digits >= 7 && name.chars().all(|c| c.is_ascii_digit() || is_between(c) || is_hidden(c) || c == '+')
}

fn is_between(c: char) -> bool {
    matches!(c, ' ' | '-' | '(' | ')' | '\u{a0}' | '\u{202f}' | '\u{2011}')
}

/// Marks that WhatsApp puts round numbers.
fn is_hidden(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
}

/// The text with another word for each phone number: `+86 138 0000 0000`, and with `mentions` only `@8613800000000`, which WhatsApp
/// writes for people without a name.
pub(super) fn without_phones(text: &str, mentions: bool, shown: &mut dyn FnMut(&str) -> String) -> String {
    let sign = if mentions { '@' } else { '+' };
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(sign) {
        let (before, from) = rest.split_at(at);
        let after = from.strip_prefix(sign).unwrap_or_default();
        let inside = |c: char| c.is_ascii_digit() || is_hidden(c) || (!mentions && is_between(c));
        let end = after.find(|c: char| !inside(c)).unwrap_or(after.len());
        let (run, after) = after.split_at(end);
        let number = run.trim_end_matches(|c: char| !c.is_ascii_digit());
        let digits: String = number.chars().filter(char::is_ascii_digit).collect();
        if digits.len() >= 7 && digits.len() <= 15 {
            out.push_str(before.trim_end_matches(is_hidden));
            out.push_str(&shown(&digits));
            let tail = run.strip_prefix(number).unwrap_or_default();
            out.extend(tail.chars().filter(|c| !is_hidden(*c)));
            rest = after;
        } else {
            out.push_str(before);
            out.push(sign);
            rest = from.strip_prefix(sign).unwrap_or_default();
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_what_was_left_out() {
        let of = attachment;
        assert_eq!(of("\u{200e}<attached: 1.jpg>"), Some((Attached::File("1.jpg"), String::new())));
        assert_eq!(of("看 \u{200e}<附件：2.jpg>"), Some((Attached::File("2.jpg"), "看".to_owned())));
        assert_eq!(of("\u{200e}IMG-1.jpg (file attached)"), Some((Attached::File("IMG-1.jpg"), String::new())));
        assert_eq!(of("<Media omitted>"), Some((Attached::LeftOut, String::new())));
        assert_eq!(of("<省略多媒体文件>"), Some((Attached::LeftOut, String::new())));
        assert_eq!(of("图片在哪"), None);
    }

    #[test]
    fn phone_numbers_are_found_and_replaced() {
        assert!(is_phone("+86 138 0000 0000") && is_phone("\u{202a}+1 (555) 010-0000\u{202c}"));
        assert!(!is_phone("12345") && !is_phone("林 138 0000 0000"));
        let mut tag = |number: &str| format!("<{}>", number.len());
        let own = without_phones("\u{202a}+86 138 0000 0000\u{202c} left, 3 + 4", false, &mut tag);
        assert_eq!(own, "<13> left, 3 + 4");
        assert_eq!(without_phones("谢谢 @\u{2068}8613800000000\u{2069} 和 @林", true, &mut tag), "谢谢 <13> 和 @林");
    }
}
