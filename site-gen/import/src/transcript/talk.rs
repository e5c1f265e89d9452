//! Detects whether people talk with each other in a text or a page, in any form: copied from a chat, or written by an exporter that no
//! importer recognises. Such a file does not say who could read it.

use circle_html::privacy::account;
use std::collections::BTreeMap;

use super::{Line, Said, read, stamp};

/// Words before a colon or beside a time that are not people: questions and answers, names of lists, weather, log levels.
const NO_PEOPLE: &[&str] = &[
    "问",
    "答",
    "問",
    "q",
    "a",
    "问题",
    "答案",
    "問題",
    "注",
    "注意",
    "ps",
    "p.s.",
    "p.s",
    "书名",
    "作者",
    "译者",
    "评分",
    "时间",
    "地点",
    "人物",
    "标题",
    "日期",
    "姓名",
    "电话",
    "地址",
    "微信",
    "邮箱",
    "链接",
    "来源",
    "出处",
    "价格",
    "数量",
    "备注",
    "说明",
    "优点",
    "缺点",
    "原因",
    "结果",
    "总结",
    "小结",
    "例如",
    "提示",
    "名称",
    "类型",
    "标签",
    "分类",
    "简介",
    "内容",
    "状态",
    "版本",
    "摘要",
    "编辑",
    "原文",
    "原文链接",
    "出版社",
    "主讲",
    "主持",
    "主题",
    "地點",
    "時間",
    "書名",
    "標題",
    "備註",
    "晴",
    "雨",
    "阴",
    "陰",
    "雪",
    "多云",
    "多雲",
    "小雨",
    "大雨",
    "中雨",
    "雾",
    "天气",
    "心情",
    "早餐",
    "午餐",
    "晚餐",
    "title",
    "name",
    "author",
    "date",
    "time",
    "url",
    "link",
    "tags",
    "tag",
    "category",
    "categories",
    "input",
    "output",
    "note",
    "notes",
    "todo",
    "http",
    "https",
    "error",
    "info",
    "warn",
    "warning",
    "debug",
    "trace",
    "fatal",
    "example",
    "usage",
    "version",
    "source",
    "type",
    "status",
    "summary",
    "added",
    "changed",
    "fixed",
    "removed",
    "isbn",
    "layout",
    "permalink",
    "draft",
    "slug",
    "description",
];

/// A file with this many messages of several people, with date and time, is a talk, whatever else is in it.
const MANY: usize = 20;

/// Statistics of a text.
#[derive(Debug, Default)]
struct Counts {
    lines: usize,
    covered: usize,
    said: usize,
    turns: usize,
    sure: usize,
    stamped: usize,
    dated: usize,
    people: BTreeMap<String, usize>,
    first_words: BTreeMap<String, usize>,
    before_moments: BTreeMap<String, usize>,
    after_moments: BTreeMap<String, usize>,
    moments: usize,
    last: String,
}

/// True if two or more people take turns in most of a text, or somebody speaks again and again with the time beside it.
pub(crate) fn is_talk(text: &str) -> bool {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    // Programs that export chats say so in the first lines.
    let named = lines.iter().take(3).any(|line| TEXTS.iter().any(|mark| line.starts_with(mark)));
    let counts = counted(&lines);
    named || counts.is_talk() || is_talk_by_names(&lines) || is_short(&lines) || is_mail(&lines) || is_data(&lines)
}

/// True for a talk in which nearly every line has a speaker and a time, as only programs write it.
pub(crate) fn is_log(text: &str) -> bool {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let counts = counted(&lines);
    counts.is_talk() && counts.stamped + counts.moments >= 4 && counts.covered * 10 >= counts.lines * 8
}

fn counted(lines: &[&str]) -> Counts {
    let mut counts = Counts { lines: lines.len(), ..Counts::default() };
    // If there are questions, an A is an answer; otherwise it is a speaker.
    let asks = lines.iter().any(|line| line.starts_with(['Q', 'q', '问', '問']));
    // How many lines continue the text of the last speaker.
    let mut words_follow = 0_usize;
    for (at, line) in lines.iter().enumerate() {
        match read(line) {
            Line::Said(said) if !is_nobody(&said) || (!asks && matches!(said.who, "A" | "a")) => {
                words_follow = if said.words.is_none() {
                    usize::MAX
                } else if said.when.is_some() {
                    12
                } else {
                    0
                };
                counts.said(&said);
            }
            Line::Moment => {
                counts.moments += 1;
                counts.covered += 1;
                words_follow = usize::MAX;
                let count = |of: &mut BTreeMap<String, usize>, line: Option<&&str>| {
                    let name = line.map(|line| key(line)).filter(|name| (1..=30).contains(&name.chars().count()));
                    if let Some(name) = name.filter(|name| !NO_PEOPLE.contains(&name.to_lowercase().as_str())) {
                        *of.entry(name).or_default() += 1;
                    }
                };
                count(&mut counts.before_moments, at.checked_sub(1).and_then(|at| lines.get(at)));
                count(&mut counts.after_moments, lines.get(at + 1));
            }
            Line::Day => counts.covered += usize::from(words_follow > 0),
            Line::Said(_) | Line::Other => {
                counts.covered += usize::from(words_follow > 0);
                words_follow = words_follow.saturating_sub(1);
            }
        }
    }
    counts
}

/// A name for counting: without number, title and Markdown.
fn key(name: &str) -> String {
    let (name, _) = account::without_account(name.trim_matches(['*', '_', '#', ' ', ':', '：', '>', '@']));
    account::without_title(name).trim_end_matches(['说', '：', ':']).to_owned()
}

fn is_nobody(said: &Said<'_>) -> bool {
    let name = key(said.who).to_lowercase();
    let has_letter = name.chars().any(|c| c.is_alphabetic() || !c.is_ascii() || c.is_ascii_digit());
    (said.first_word.is_none() && !said.who.is_empty() && (NO_PEOPLE.contains(&name.as_str()) || !has_letter))
        || (said.when.is_none() && said.who.chars().all(|c| c.is_ascii_digit() || c == '.'))
}

impl Counts {
    fn said(&mut self, said: &Said<'_>) {
        self.covered += 1;
        self.said += 1;
        self.stamped += usize::from(said.when.is_some());
        self.dated += usize::from(said.when.is_some() && said.has_day);
        if let Some(first) = said.first_word.filter(|first| !NO_PEOPLE.contains(&first.to_lowercase().as_str())) {
            *self.first_words.entry(key(first)).or_default() += 1;
        }
        let name = key(said.who);
        if name.is_empty() {
            return;
        }
        self.turns += usize::from(!self.last.is_empty() && self.last != name);
        self.sure += usize::from(said.is_sure && said.words.is_some());
        *self.people.entry(name.clone()).or_default() += 1;
        self.last = name;
    }

    fn is_talk(&self) -> bool {
        let often = |people: &BTreeMap<String, usize>| people.values().filter(|count| **count > 1).count();
        // Nearly all times have one of a few names beside them.
        let by_few = |people: &BTreeMap<String, usize>, all: usize| {
            let named: usize = people.values().filter(|count| **count > 1).sum();
            all >= 3 && named * 3 >= all * 2 && people.values().any(|count| *count > 1)
        };
        let is_most = self.covered * 2 >= self.lines;
        let frequent = often(&self.people);
        // In a short text not everybody speaks twice; then it must contain nothing else.
        let is_short_talk = frequent >= 1 && self.said >= 3 && self.covered * 10 >= self.lines * 9;
        let in_turns = self.people.len() >= 2
            && is_most
            && (self.sure >= 2 || self.turns >= 2 && (frequent >= 2 || is_short_talk));
        let is_much = self.stamped >= 4 && frequent >= 2 && self.turns >= 2 && self.covered * 4 >= self.lines;
        let is_many = self.dated >= MANY && frequent >= 2 && self.turns >= 4 || self.sure >= MANY && frequent >= 2;
        let by_one = self.stamped >= 3 && is_most && by_few(&self.people, self.stamped);
        let by_first_words = self.first_words.len() >= 2 && is_most && by_few(&self.first_words, self.stamped);
        let beside_moments = self.moments >= 2
            && [&self.before_moments, &self.after_moments].into_iter().any(|names| {
                by_few(names, self.moments) || (names.len() == 2 && self.moments == 3 && often(names) == 1)
            });
        in_turns || is_much || is_many || by_one || by_first_words || beside_moments
    }
}

/// Common surnames, and prefixes of short names.
const SURNAMES: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗郑梁谢宋唐许邓韩冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常小阿老張劉陳楊黃趙吳孫馬羅鄭謝許鄧韓馮蕭葉蘇呂盧鍾陸範韋賈鄒龍賀顧龔萬錢戴嚴";

/// True for a few lines that contain only messages of two or more people with plausible names: too short to take turns.
fn is_short(lines: &[&str]) -> bool {
    let is_person = |name: &str| {
        matches!(name, "我" | "你" | "他" | "她" | "对方")
            || ((2..=3).contains(&name.chars().count()) && name.starts_with(|c: char| SURNAMES.contains(c)))
    };
    let mut people: Vec<&str> = Vec::new();
    for line in lines {
        match read(line) {
            Line::Said(said) if said.words.is_some() && is_person(said.who) => people.push(said.who),
            _ => return false,
        }
    }
    people.sort_unstable();
    people.dedup();
    people.len() >= 2
}

/// True for a copied or printed mail: with sender, recipient, and subject or date in the lines above the text.
fn is_mail(lines: &[&str]) -> bool {
    let heads: Vec<String> =
        lines.iter().take(12).map(|line| line.trim_start_matches(['*', '>', ' ', '#']).to_lowercase()).collect();
    let has = |names: &[&str]| {
        heads.iter().any(|line| {
            let named = names.iter().find_map(|name| line.strip_prefix(name));
            named.is_some_and(|rest| rest.trim_start_matches(['*', ' ']).starts_with([':', '：']))
        })
    };
    has(&["from", "发件人", "寄件者", "寄件人"])
        && has(&["to", "收件人", "收件者"])
        && has(&["subject", "date", "sent", "主题", "主旨", "日期", "时间", "时 间", "发送时间", "傳送時間"])
}

/// True for JSON records of messages in a text: who, when and what, again and again.
fn is_data(lines: &[&str]) -> bool {
    let count = |names: &[&str]| {
        let of = |line: &&str| names.iter().map(|name| line.matches(&format!("\"{name}\":")).count()).sum::<usize>();
        lines.iter().map(of).sum::<usize>()
    };
    lines.first().is_some_and(|line| line.starts_with(['{', '[']))
        && count(&["sender", "from", "talker", "nickname", "senderName", "author", "name", "user", "sender_name"]) >= 3
        && count(&["time", "timestamp", "date", "createTime", "create_time", "ts", "timestamp_ms"]) >= 3
        && count(&["content", "text", "msg", "message", "body", "str_content", "StrContent"]) >= 3
}

/// True if two or more short lines occur again and again, never one after the other, with other text below each: names without a time or a
/// colon, as some programs copy them.
fn is_talk_by_names(lines: &[&str]) -> bool {
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    let is_short = |line: &str| {
        line.chars().count() <= 12
            && line.chars().any(char::is_alphabetic)
            && !line
                .contains(['。', '，', '！', '？', ',', '.', '!', '?', '：', ':', '#', '`', '=', '{', '}', ';', '|'])
    };
    for line in lines.iter().filter(|line| is_short(line)) {
        *times.entry(line).or_default() += 1;
    }
    let is_name = |line: &str| times.get(line).is_some_and(|count| *count >= 3);
    let names = times.values().filter(|count| **count >= 3).count();
    let said = lines.iter().filter(|line| is_name(line)).count();
    let apart = lines.windows(2).all(|pair| !pair.iter().all(|line| is_name(line)));
    (2..=30).contains(&names) && said * 4 >= lines.len() && apart && lines.first().is_some_and(|line| is_name(line))
}

/// Marks in the pages of programs that export chats.
const PROGRAMS: &[&[&str]] = &[
    &["\"is_send\"", "\"timestamp\""],
    &["imessage-exporter"],
    &["class=\"sent iMessage\""],
    &["class=\"received\"", "class=\"timestamp\""],
    &["QQChatExporter"],
    &["qq-chat-exporter"],
    &["QQ聊天记录导出"],
    &["WechatExporter"],
    &["wechat-dump"],
    &["MemoTrace"],
    &["EchoTrace"],
    &["chatlog__message"],
    &["class=\"from_name\"", "class=\"message "],
    &["消息记录", "消息对象:"],
    &["消息记录", "消息对象："],
];

/// First lines in the texts of such programs.
const TEXTS: &[&str] =
    &["[QQChatExporter", "[LINE] ", "消息记录（此消息记录为文本格式", "KakaoTalk Chats", "[KakaoTalk"];

/// Marks that web programs write into the heads of their pages, and browsers when they save one.
const SITES: &[&str] = &[
    "og:type",
    "og:url",
    "article:published_time",
    "datepublished",
    "<article",
    "saved from url=",
    "page saved with singlefile",
    "rel=\"canonical\"",
    "name=\"generator\"",
    "discuz",
    "phpbb",
];

/// Hosts of pages on which people write to each other.
const HOSTS: &[&str] = &[
    "web.whatsapp.com",
    "web.telegram.org",
    "wx.qq.com",
    "wx2.qq.com",
    "app.slack.com",
    "discord.com/channels",
    "messenger.com",
    "mail.google.com",
    "mail.qq.com",
    "teams.microsoft.com",
    "app.element.io",
    "chat.google.com",
    "web.skype.com",
];

/// Words in class names of message elements.
const MESSAGE: &[&str] = &["message", "msg", "bubble", "messages", "chat"];

/// True for a page in which people talk with each other: by the marks of a program that exports chats, by class names with times among the
/// elements, or by its text. A page that says that it is an article, or has a web address, may show a talk without being one.
pub(crate) fn is_talk_page(html: &str, text: &str) -> bool {
    if PROGRAMS.iter().any(|marks| marks.iter().all(|mark| html.contains(mark))) {
        return true;
    }
    let moments = || text.lines().filter(|line| stamp::find(line).is_some()).count();
    let messages = messages(html);
    if messages >= 4 && moments() * 3 >= messages.min(60) {
        return true;
    }
    let lower = html.get(..html.floor_char_boundary(16 << 10)).unwrap_or(html).to_ascii_lowercase();
    let has = |marks: &[&str]| marks.iter().any(|mark| lower.contains(mark));
    let is_article = has(SITES) && !has(HOSTS);
    !is_article && is_talk(text)
}

fn messages(html: &str) -> usize {
    let classes = html.split("class=").skip(1).filter_map(|rest| {
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
        match quote {
            Some(quote) => rest.get(1..)?.split(quote).next(),
            None => rest.split([' ', '>']).next(),
        }
    });
    let is_message = |class: &str| {
        class.len() < 200
            && class.split([' ', '-', '_']).any(|word| MESSAGE.contains(&word.to_ascii_lowercase().as_str()))
    };
    classes.filter(|class| is_message(class)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(line: impl Fn(usize) -> String) -> String {
        (0..6).map(|n| format!("{}\n", line(n))).collect()
    }

    #[test]
    fn a_talk_is_told_from_a_list_of_facts() {
        for talk in [
            "林晚：你好\n阿木：你好\n林晚：明天来吗\n阿木：来\n",
            "林晚：明天去吗\n阿木：去\n小王：我也去\n林晚：好\n",
            "**林晚**：明天去吗\n**阿木**：去\n\n**林晚**：好\n",
            "小王:\n第一句\n小李:\n第二句\n小王:\n第三句\n小李:\n好\n",
            "[20:01] 小王：去吗\n[20:02] 小李：去\n",
            "2021年5月29日 晚上8:01 小王：去吗\n2021年5月29日 晚上8:02 小李：去\n",
            "林晚：密码是什么\n阿木：明天说\n",
            "小王 20:01: 去吗\n小李 20:02: 去\n小王 20:03: 好\n",
            "10:00 <林晚> 去吗\n10:01 <阿木> 去\n10:02 <林晚> 好\n",
            "<林晚> 去吗\n<阿木> 去\n<林晚> 好\n<阿木> 嗯\n",
            "10:00 林晚 去吗\n10:01 阿木 去\n10:02 林晚 好\n10:03 阿木 嗯\n",
            "May 29, 2021 10:00:00 AM\nMe\n去吗\n\nMay 29, 2021 10:01:00 AM\n阿木\n去\n\nMay 29, 2021 10:02:00 AM\nMe\n好\n",
            "林晚\n2021-05-29 10:00\n去吗\n阿木\n2021-05-29 10:01\n去\n林晚\n2021-05-29 10:02\n好\n",
            "阿木, [29.05.21 10:00]\n去吗\n\n林晚, [29.05.21 10:01]\n去\n\n阿木, [29.05.21 10:02]\n好\n",
            "林晚 2021-05-29 10:00:00\n一\n林晚 2021-05-29 10:01:00\n二\n林晚 2021-05-29 10:02:00\n三\n",
            "林晚\n去吗\n阿木\n去\n林晚\n几点\n阿木\n六点\n林晚\n好\n阿木\n嗯\n",
            "2021-05-29 10:00:00\t林晚\t去吗\n2021-05-29 10:01:00\t阿木\t去\n",
            "林晚: 去吗 10:00\n阿木: 去 10:01\n林晚: 好 10:02\n",
            &said(|n| format!("2021-05-29 20:0{n} 小{}：第{n}句话", n % 2)),
            &said(|n| format!("小{} 2021/5/29 20:0{n}\n第{n}句话\n", n % 2)),
            &said(|n| format!("小{} — 2021/5/29 20:0{n}\n第{n}句话\n", n % 2)),
        ] {
            assert!(is_talk(talk), "{talk}");
        }
        for other in [
            "标题：五月\n作者：林晚\n日期：2021-05-29\n\n正文从这里开始，很长。\n",
            "注意：一\n注意：二\n注意：三\n",
            "上午：读书\n下午：散步\n",
            "https://a.example\nhttps://b.example\nhttps://a.example\nhttps://b.example\n",
            "问：怎么读？\n答：慢慢读。\n问：读完呢？\n答：再读。\n",
            "2021-05-29 03:04 河边\n去了河边。\n\n2021-05-30 03:04 雨\n没去。\n",
            "2021-05-29 20:00 晴\n去了。\n2021-05-30 20:00 雨\n没去。\n2021-05-31 20:00 晴\n去了。\n2021-06-01 20:00 雨\n没去。\n",
            "五月的书\n\n林晚：她说的话我记得。\n后来我们去了河边。\n阿木：也说了一句。\n天黑了才回来。\n",
            "书名：一\n作者：甲\n评分：5\n\n书名：二\n作者：乙\n评分：4\n",
            "# 1.2.0 (2021-05-29)\n\nAdded: a\nFixed: b\n\n# 1.1.0 (2021-05-01)\n\nAdded: c\nFixed: d\n",
            "10:00 - 10:30 签到\n10:30 - 11:00 讨论\n11:00 - 12:00 散步\n",
        ] {
            assert!(!is_talk(other), "{other}");
        }
    }

    #[test]
    fn pages_of_chats_are_told_from_articles() {
        let message =
            |n: usize| format!("<div class=\"chat-message\"><span class=time>10:0{n}</span><p>话{n}</p></div>");
        let page: String = (0..6).map(message).collect();
        let text: String = (0..6).map(|n| format!("10:0{n}\n话{n}\n")).collect();
        assert!(is_talk_page(&page, &text));
        assert!(!is_talk_page(
            "<article><h1>五月</h1><p>林晚：好</p><p>阿木：好</p><p>林晚：好</p></article>",
            "林晚：好\n阿木：好\n林晚：好\n"
        ));
        assert!(is_talk_page("<p>林晚：好</p>", "林晚：好\n阿木：好\n林晚：去\n"));
    }
}
