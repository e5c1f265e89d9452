//! Tests that texts follow `docs/glossary.md`.

use circle_site::words::FILES;
use crate::messages::TABLES;

/// Every phrase in Chinese, with its file and key: simplified and traditional.
fn chinese() -> Vec<(String, String, String)> {
    let files = FILES.iter().chain(TABLES);
    let phrases = files.flat_map(|(file, text)| {
        let table: toml::Table = text.parse().unwrap();
        table.into_iter().map(move |(key, value)| {
            let form = |at: usize| value[at].as_str().unwrap().to_owned();
            (format!("{file}: {key}"), form(0), form(1))
        })
    });
    phrases.collect()
}

#[test]
fn one_thing_has_one_name() {
    const NOT_HANS: &str = "不发布 收起来 放上来 说不清 不知道给谁 板块 归档 反应 表态 您 「 」 粉丝 打码 涂去 历史上的今天 夜里 影片 导入器 …。";
    const NOT_HANT: &str = "評論 不發布 不發佈 收起來 放上來 說不清 不知道給誰 歸檔 反應 表態 您 “ ” 打開 點兩下 連按兩下 缺失 視頻 音頻 鏈接 用戶 許可權 數據 貼文 壓縮包 文件";
    let mut wrong = Vec::new();
    for (key, hans, hant) in chinese() {
        let bad = |text: &str, not: &'static str| not.split(' ').find(|word| text.contains(word));
        wrong.extend(bad(&hans, NOT_HANS).map(|word| format!("{word} in {key}: {hans}")));
        // The name of a file that members have already.
        if key.ends_with("keep_start_file") {
            continue;
        }
        wrong.extend(bad(&hant, NOT_HANT).map(|word| format!("{word} in {key}: {hant}")));
    }
    assert!(wrong.is_empty(), "see docs/glossary.md:\n{}", wrong.join("\n"));
}

/// A forum's threads are 帖子 to its members; everywhere else a post is 文章.
#[test]
fn posts_are_called_posts() {
    let forums = ["tieba", "Tieba", "thread", "floor"];
    for (key, hans, _) in chinese() {
        assert!(!hans.contains("帖子") || forums.iter().any(|word| key.contains(word)), "{key}: {hans}");
    }
}

/// What a Chinese sentence may say in small Latin letters: names of programs and formats, and what is typed as it stands. Names with a
/// capital are names.
const LATIN: &str = "a-z accountId announce archive author body cgiDataNew chatlog check circle circlekeep close comment \
    cur data decide discourse-archive douban-group douban-group-archive-tool email en feed files for \
    format freeze from getqzonehistory header http https iTunes id inspect ip keep live media \
    mediacrawler member minisign name new note own-slice page phone phpBB phpbb3-static pingback post \
    posts public record redact remark42 rss search slackdump source ssh style table theme thread \
    timetable title tofu topics trackback ua uri value visibility web wechat-article-exporter wechatmsg \
    weibo-crawler widget with zh-Hans zh-Hant zip zulip-archive";

#[test]
fn chinese_sentences_hold_no_english_words() {
    let mut wrong = Vec::new();
    for (key, hans, hant) in chinese() {
        for text in [hans, hant] {
            // Typed text is between backquotes, or is an option, a path, or a command with its arguments.
            let unquoted = |text: &str, quote: char| text.split(quote).step_by(2).collect::<Vec<_>>().join(" ");
            let plain = unquoted(&unquoted(&text, '`'), '"');
            let is_word = |c: char| c.is_ascii_alphanumeric() || "-./_:*".contains(c);
            let mut command = false;
            for word in plain.split(|c: char| !is_word(c)).filter(|word| word.len() > 1) {
                if word == "circlekeep" {
                    command = true;
                }
                let typed = word.starts_with('-') || word.contains(['.', '/', '_', ':', '*']) || command;
                let trimmed = word.trim_matches(|c: char| "-.:".contains(c));
                let is_english = trimmed.starts_with(|c: char| c.is_ascii_lowercase())
                    && trimmed.chars().filter(char::is_ascii_lowercase).count() > 1;
                if is_english && !typed && !LATIN.split(' ').any(|known| known == trimmed) {
                    wrong.push(format!("{trimmed} in {key}: {text}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} English words in Chinese:\n{}", wrong.len(), wrong.join("\n"));
}

/// A number before a plural would be wrong for one: `{} post[s]`.
#[test]
fn english_counts_have_a_singular() {
    for (file, text) in FILES {
        let table: toml::Table = text.parse().unwrap();
        for (key, value) in table {
            let english = value[2].as_str().unwrap();
            for (at, _) in english.match_indices("{} ") {
                let word: String = english[at + 3..].chars().take_while(|c| c.is_ascii_lowercase()).collect();
                let bare = !english[at + 3 + word.len()..].starts_with('[');
                let is_plural = [
                    "posts", "comments", "members", "pictures", "files", "records", "problems", "votes", "times",
                    "places",
                ];
                assert!(
                    key.starts_with("stats_talk_") || !(bare && is_plural.contains(&word.as_str())),
                    "{file}: {key}: {english}"
                );
            }
        }
    }
}

#[test]
fn english_has_one_name_for_what_is_not_published() {
    let not =
        ["left out", "withheld", "held back", "kept back", "put aside", "kept apart", "Losses", "is gone", "mend "];
    for (file, text) in FILES {
        let table: toml::Table = text.parse().unwrap();
        for (key, value) in table {
            // The option has that name.
            let english = value[2].as_str().unwrap().replace("--withheld", "");
            assert!(!not.iter().any(|word| english.contains(word)), "{file}: {key}: {english}");
        }
    }
}
