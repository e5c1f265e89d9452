//! Whether people talk with each other in a text: what somebody copied out of a chat.
//!
//! Shapes that are known, with the name of who speaks: `林晚：好`, `**林晚**：好`, `2021-05-29 20:00 林晚：好`, `林晚 20:01：好`, and what stands
//! on a line of its own before the words: `林晚 2021/5/29 20:01`, `2021-05-29 20:01 林晚`, `林晚：`.

use std::collections::BTreeMap;

/// Words before a colon that are no people: the questions and answers of an article.
const NO_PEOPLE: &[&str] = &["问", "答", "問", "q", "a", "问题", "答案", "問題", "注", "注意", "ps", "p.s."];

/// Who speaks in a line.
#[derive(Debug, PartialEq)]
struct Speaker {
    name: String,
    /// The words stand in the same line.
    has_words: bool,
    /// A clock stands before or behind the name, and a colon before the words: nobody writes so but programs.
    is_sure: bool,
}

/// True if two people or more take turns in most of a text.
pub(super) fn is_talk(text: &str) -> bool {
    let (mut lines, mut covered, mut said, mut turns, mut sure) = (0_usize, 0_usize, 0_usize, 0_usize, 0_usize);
    let mut people: BTreeMap<String, usize> = BTreeMap::new();
    let mut last = String::new();
    let mut words_follow = false;
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        lines += 1;
        let Some(speaker) = speaker(line) else {
            covered += usize::from(words_follow);
            continue;
        };
        covered += 1;
        said += 1;
        words_follow = !speaker.has_words;
        turns += usize::from(!last.is_empty() && last != speaker.name);
        sure += usize::from(speaker.is_sure);
        *people.entry(speaker.name.clone()).or_default() += 1;
        last = speaker.name;
    }
    let often = people.values().filter(|count| **count > 1).count();
    let is_most = covered * 2 >= lines;
    // In a short one not everybody speaks twice; then there is nothing else in it.
    let is_short_talk = often >= 1 && said >= 3 && covered * 10 >= lines * 9;
    people.len() >= 2 && is_most && (sure >= 2 || turns >= 2 && (often >= 2 || is_short_talk))
}

fn speaker(line: &str) -> Option<Speaker> {
    let line = line.replace("**", "");
    let line = line.trim();
    let tokens: Vec<&str> = line.split_whitespace().collect();
    let Some(first) = tokens.iter().position(|token| is_stamp(token)) else { return before_colon(line, false) };
    let after =
        tokens.iter().skip(first).position(|token| !is_stamp(token)).map_or(tokens.len(), |count| first + count);
    let stamps = tokens.get(first..after)?;
    if !stamps.iter().any(|stamp| stamp.trim_end_matches([':', '：']).contains(':')) {
        return before_colon(line, false);
    }
    let rest = tokens.get(after..)?.join(" ");
    if first == 0 {
        let said = before_colon(&rest, true);
        return said.or_else(|| name(&rest).map(|name| Speaker { name, has_words: false, is_sure: false }));
    }
    let ends = stamps.last().is_some_and(|stamp| stamp.ends_with([':', '：']));
    let name = name(&tokens.get(..first)?.join(" "))?;
    if !ends && !rest.is_empty() {
        return None;
    }
    Some(Speaker { name, has_words: !rest.is_empty(), is_sure: ends && !rest.is_empty() })
}

fn before_colon(line: &str, is_sure: bool) -> Option<Speaker> {
    let (before, words) = line.split_at(line.find(['：', ':'])?);
    let words = words.trim_start_matches(['：', ':']).trim();
    let name = name(before)?;
    (!words.starts_with("//")).then_some(Speaker {
        name,
        has_words: !words.is_empty(),
        is_sure: is_sure && !words.is_empty(),
    })
}

fn name(text: &str) -> Option<String> {
    let text = text.trim();
    let is_name = text.chars().count() <= 20
        && text.chars().any(char::is_alphabetic)
        && !text.contains(['。', '，', '/', '!', '！', '?', '？', ':', '：'])
        && !NO_PEOPLE.contains(&text.to_lowercase().as_str());
    is_name.then(|| text.to_owned())
}

/// A day or a clock: `2021-05-29`, `[20:01:17]`, `2021年5月29日`, `下午3:04`.
fn is_stamp(token: &str) -> bool {
    let token =
        token.trim_matches(['[', ']', '(', ')', '（', '）', '【', '】', ',', '，']).trim_end_matches([':', '：']);
    let token = ["上午", "下午", "晚上", "早上", "凌晨", "中午"]
        .iter()
        .find_map(|half| token.strip_prefix(half))
        .unwrap_or(token)
        .trim_end_matches([']', ')', '）', '】']);
    token.chars().filter(char::is_ascii_digit).count() >= 3
        && token.chars().all(|c| c.is_ascii_digit() || "-/.:年月日".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_talk_is_told_from_a_list_of_facts() {
        let stamped: String = (0..6).map(|n| format!("2021-05-29 20:0{n} 小{}：第{n}句话\n", n % 2)).collect();
        let blocks: String = (0..6).map(|n| format!("小{} 2021/5/29 20:0{n}\n第{n}句话\n\n", n % 2)).collect();
        for talk in [
            "林晚：你好\n阿木：你好\n林晚：明天来吗\n阿木：来\n",
            "林晚：明天去吗\n阿木：去\n小王：我也去\n林晚：好\n",
            "**林晚**：明天去吗\n**阿木**：去\n\n**林晚**：好\n",
            "小王:\n第一句\n小李:\n第二句\n小王:\n第三句\n小李:\n好\n",
            "[20:01] 小王：去吗\n[20:02] 小李：去\n",
            "2021年5月29日 晚上8:01 小王：去吗\n2021年5月29日 晚上8:02 小李：去\n",
            "小王 20:01: 去吗\n小李 20:02: 去\n小王 20:03: 好\n",
            &stamped,
            &blocks,
        ] {
            assert!(is_talk(talk), "{talk}");
        }
        for other in [
            "标题：五月\n作者：林晚\n日期：2021-05-29\n\n正文从这里开始，很长。\n",
            "注意：一\n注意：二\n注意：三\n",
            "https://a.example\nhttps://b.example\nhttps://a.example\nhttps://b.example\n",
            "问：怎么读？\n答：慢慢读。\n问：读完呢？\n答：再读。\n",
            "2021-05-29 03:04 河边\n去了河边。\n\n2021-05-30 03:04 雨\n没去。\n",
            "五月的书\n\n林晚：她说的话我记得。\n后来我们去了河边。\n阿木：也说了一句。\n天黑了才回来。\n",
        ] {
            assert!(!is_talk(other), "{other}");
        }
    }
}
