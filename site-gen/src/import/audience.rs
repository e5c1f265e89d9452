//! Who could see what is marked with a word: the one table of such words.

use circle_model::archive::Visibility;

/// Who could see what is marked with these words; unknown for words that nobody knows.
#[must_use]
pub fn of_words(shown: &str) -> Visibility {
    let shown: String =
        shown.to_lowercase().chars().filter(|c| !c.is_whitespace() && !matches!(c, '_' | '-')).collect();
    let has = |words: &[&str]| words.iter().any(|word| shown.contains(word));
    let is = |words: &[&str]| words.contains(&shown.as_str());
    // The narrowest first: 仅自己可见, 不公开, 部分好友可见.
    if has(&["自己", "私密", "保密", "不公开", "未公开"]) || is(&["private", "self", "onlyme", "me"]) {
        Visibility::Private
    } else if has(&["私信", "指定", "部分"]) || is(&["direct"]) {
        Visibility::Direct
    } else if has(&["好友", "朋友", "关注", "粉丝"]) || is(&["followers", "friends"]) {
        Visibility::Followers
    } else if has(&["圈内", "圈子", "群内", "成员"]) || is(&["circle", "group", "members"]) {
        Visibility::Circle
    } else if has(&["公开", "所有人", "任何人"]) || is(&["public", "everyone", "all", "world"]) {
        Visibility::Public
    } else {
        Visibility::Unknown
    }
}
