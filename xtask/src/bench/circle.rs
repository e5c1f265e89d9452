//! An invented circle of any size, the same on every machine: members who write much or little, tags, comments, seven years.
//!
//! Its words follow Zipf's law, as those of people do: a few are everywhere and most are rare. An index is only as long as it would
//! be in earnest if that is so.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Result;
use serde_json::json;

use crate::files;

/// Characters of which words are made; nobody means anything by them.
const CHARACTERS: &str = "一二三人口手日月水火山石田土木禾上下大小多少天地云雨风花鸟虫鱼来去出入开关左右前后东西南北春夏秋冬早晚明暗红黄蓝绿黑白金银长短高低远近快慢新旧老幼父母兄弟姐妹朋友先生家门窗灯桌椅床书本纸笔字词句段章页读写听说看想念记忘问答知道心思意见情爱恨喜怒哀乐笑哭走跑坐立行止吃喝睡醒做用给拿放打拉推找得失有无是不在从到对和与或但因为所以如果虽然可能应该必须已经正将曾刚才又再也都很太更最只还就却这那哪谁什么怎样几每各某其他自己别当时候今昨年月星期午夜河江湖海岸桥路街城村镇馆院店厂船车马牛羊猫狗树叶草果米茶酒盐糖菜汤饭桂竹梅兰菊松柳桃";

/// What every sentence may begin with.
const BEGINNINGS: &[&str] = &[
    "昨天夜里下了雨，",
    "这一章读得很慢，",
    "老陈带来一包桂花糕，",
    "有人问，灯塔究竟有没有亮过？",
    "我更喜欢第二个译本，",
    "下个月读什么还没有定，",
    "作者写河，其实写的是",
    "地图画在最后一页，",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
];

const TAGS: &[&str] =
    &["小说", "诗", "译本", "旧书", "散步", "Letters", "打卡", "第三章", "城南", "作者来信", "书单", "器物"];

const WORDS: &[&str] =
    &["page", "chapter", "Rust", "letter", "margin", "translation", "2021", "PDF", "river", "lighthouse"];

/// How many members the circle has for each hundred posts.
const MEMBERS: usize = 8;

/// Numbers from a seed.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    fn one<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list.get(self.below(list.len())).copied().unwrap_or_default()
    }

    /// A rank below `end`, the first about as often as all from the tenth to the twentieth.
    fn rank(&mut self, end: usize) -> usize {
        let share = self.below(1 << 20) as f64 / f64::from(1 << 20);
        ((end as f64).powf(share) as usize).saturating_sub(1).min(end.saturating_sub(1))
    }
}

/// Writes the content folder of a circle with so many posts; gives how many comments they have.
pub(super) fn write(content: &Path, posts: usize) -> Result<usize> {
    files::write(
        &content.join("circle.toml"),
        "id = \"bench\"\nname = \"量一量\"\nzone = \"Asia/Shanghai\"\n".as_bytes(),
    )?;
    let characters: Vec<char> = CHARACTERS.chars().collect();
    let members = (posts * MEMBERS / 100).clamp(12, 3000);
    let mut lines = String::from("{\"circlekeep\":1}\n");
    for number in 0..members {
        let name = name(&characters, number);
        let role = if number == 0 { "leader" } else { "member" };
        let member = json!({"id": format!("m{number}"), "names": [{"value": name, "kind": "display"}], "role": role, "src": {"source": "native"}});
        writeln!(lines, "{member}")?;
    }
    files::write(&content.join("archive/members.jsonl"), lines.as_bytes())?;
    let (mut written, mut comments, mut count) =
        (String::from("{\"circlekeep\":1}\n"), String::from("{\"circlekeep\":1}\n"), 0);
    for number in 0..posts {
        let (post, below) = post(&characters, number, posts, members);
        writeln!(written, "{post}")?;
        for comment in below {
            writeln!(comments, "{comment}")?;
            count += 1;
        }
    }
    files::write(&content.join("archive/posts.jsonl"), written.as_bytes())?;
    files::write(&content.join("archive/comments.jsonl"), comments.as_bytes())?;
    Ok(count)
}

fn name(characters: &[char], number: usize) -> String {
    let mut dice = Dice(number as u64 * 77 + 5);
    (0..2 + number % 2).filter_map(|_| characters.get(dice.below(characters.len()))).chain(&['子']).collect::<String>()
        + &number.to_string()
}

/// The same number makes the same post, and the same comments below it.
fn post(
    characters: &[char],
    number: usize,
    posts: usize,
    members: usize,
) -> (serde_json::Value, Vec<serde_json::Value>) {
    let mut dice = Dice(number as u64 + 1);
    // Seven years, evenly; 2015-01-01 is 16,436 days after the epoch.
    let minute = number * 7 * 365 * 24 * 60 / posts.max(1);
    // Half are short notes and check-ins, some are long essays.
    let sentences = match dice.below(20) {
        0 => 60 + dice.below(60),
        1..=4 => 12 + dice.below(20),
        _ => 1 + dice.below(6),
    };
    let titled = sentences > 8 || number.is_multiple_of(5);
    let title = titled.then(|| format!("第 {} 次：{}", number + 1, words(&mut dice, characters, 3)));
    let text = text(&mut dice, characters, sentences);
    let tags: Vec<&str> =
        (0..dice.below(3)).map(|_| TAGS.get(dice.rank(TAGS.len())).copied().unwrap_or("诗")).collect();
    let author = dice.rank(members);
    let post = json!({
        "id": format!("p{number:06}"), "author": format!("m{author}"), "created": time(minute), "title": title,
        "body": {"format": "plain", "source": text}, "tags": tags, "visibility": "public", "src": {"source": "native"},
    });
    let many = if dice.below(8) == 0 { dice.below(24) } else { dice.below(4) };
    let comments = (0..many)
        .map(|index| {
            let sentences = 1 + dice.below(2);
            let parent = (index > 0 && dice.below(3) == 0).then(|| format!("c{number:06}-{}", dice.below(index)));
            json!({
                "id": format!("c{number:06}-{index}"), "post": format!("p{number:06}"), "parent": parent,
                "author": format!("m{}", dice.rank(members)), "created": time(minute + 7 + index * 31),
                "body": {"format": "plain", "source": self::text(&mut dice, characters, sentences)}, "order": index + 1,
                "src": {"source": "native"},
            })
        })
        .collect();
    (post, comments)
}

fn text(dice: &mut Dice, characters: &[char], sentences: usize) -> String {
    let mut text = String::new();
    for sentence in 0..sentences {
        text.push_str(dice.one(BEGINNINGS));
        let length = 3 + dice.below(5);
        text.push_str(&words(dice, characters, length));
        if dice.below(12) == 0 {
            text.push_str(dice.one(WORDS));
        }
        text.push_str(dice.one(&["，", "，", "；", "："]));
        let length = 2 + dice.below(5);
        text.push_str(&words(dice, characters, length));
        text.push_str(dice.one(&["。", "。", "。", "？", "！"]));
        if sentence % 5 == 4 {
            text.push_str("\n\n");
        }
    }
    text
}

/// Words of one to three characters, out of forty thousand; which they are is their rank's affair alone.
fn words(dice: &mut Dice, characters: &[char], count: usize) -> String {
    let mut text = String::new();
    for _ in 0..count {
        push_word(&mut text, characters, dice.rank(40_000));
    }
    text
}

fn push_word(text: &mut String, characters: &[char], rank: usize) {
    let mut word = Dice(rank as u64 * 31 + 11);
    word.next();
    let length = if rank < 40 { 1 } else { 2 + usize::from(rank.is_multiple_of(7)) };
    // Rare words have rare characters, out of the many that are not in the list.
    let rare = rank > 4000;
    for _ in 0..length {
        let common = characters.get(word.below(characters.len())).copied().unwrap_or('一');
        let seldom = char::from_u32(0x4e00 + word.below(6000) as u32).unwrap_or('一');
        text.push(if rare && word.below(2) == 0 { seldom } else { common });
    }
}

/// The word that is the `rank`-th in how often it is written.
pub(super) fn word(rank: usize) -> String {
    let mut text = String::new();
    push_word(&mut text, &CHARACTERS.chars().collect::<Vec<_>>(), rank);
    text
}

/// A moment, so many minutes after the first of January 2015, in Shanghai.
fn time(minutes: usize) -> serde_json::Value {
    let (day, minute) = (minutes / 1440, minutes % 1440);
    let (year, month, day) = date(day as i64 + 16_436);
    let at = format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:00.000Z", minute / 60, minute % 60);
    json!({"raw": "", "utc": at, "offset": "+08:00", "precision": "s", "zone_from": "config"})
}

/// Year, month and day of a day since 1970, by Howard Hinnant's `civil_from_days`.
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn posts_are_the_same_every_time_and_differ_from_each_other() {
        let characters: Vec<char> = CHARACTERS.chars().collect();
        let of = |number| post(&characters, number, 4000, 320).0.to_string();
        assert_eq!(of(17), of(17));
        assert_ne!(of(17), of(18));
    }

    #[test]
    fn days_are_counted_as_the_calendar_does() {
        assert_eq!((date(0), date(16_436), date(18_321)), ((1970, 1, 1), (2015, 1, 1), (2020, 2, 29)));
    }
}
