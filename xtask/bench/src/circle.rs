//! An invented circle of any size, the same on every machine: members who write much or little, tags, comments, seven years.
//!
//! Its words follow Zipf's law, as those of people do: a few are everywhere and most are rare. An index is only as long as it would
//! be in earnest if that is so.

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
        (libm::pow(end as f64, share) as usize).saturating_sub(1).min(end.saturating_sub(1))
    }
}

/// The most comments that one post has.
const LONGEST: f64 = 3000.0;
/// How heavy the tail of the threads is (Pareto's exponent), and how long they are: 5.08 comments a post on average
/// in a circle of 100,000 (4.85 in one of 4,000, which has fewer of the very long threads); a third of the posts have none, one post in a thousand has more than two hundred.
const TAIL: f64 = 1.6;
const LENGTH: f64 = 3.39;

/// A circle of so many posts. Nothing of it is kept in memory: every post is made when it is asked for.
pub(crate) struct Circle {
    characters: Vec<char>,
    posts: usize,
}

/// A post as it was written, with its comments.
pub(crate) struct Post {
    /// Its number, from 0.
    pub(crate) number: usize,
    /// Which member wrote it.
    pub(crate) author: usize,
    /// Minutes after the first of January 2015.
    pub(crate) minute: usize,
    /// Many are check-ins without one.
    pub(crate) title: Option<String>,
    /// Paragraphs, parted by empty lines.
    pub(crate) text: String,
    /// Up to two.
    pub(crate) tags: Vec<&'static str>,
    /// In the order in which they were written.
    pub(crate) comments: Vec<Comment>,
}

/// A comment, which may answer an earlier one.
pub(crate) struct Comment {
    /// Which member wrote it.
    pub(crate) author: usize,
    /// Minutes after the first of January 2015.
    pub(crate) minute: usize,
    /// The comment that it answers, by its position.
    pub(crate) parent: Option<usize>,
    /// One or two sentences.
    pub(crate) text: String,
}

impl Circle {
    /// A circle of so many posts.
    pub(crate) fn new(posts: usize) -> Self {
        Self { characters: CHARACTERS.chars().collect(), posts }
    }

    /// How many posts it has.
    pub(crate) fn posts(&self) -> usize {
        self.posts
    }

    /// How many members it has.
    pub(crate) fn members(&self) -> usize {
        (self.posts * MEMBERS / 100).clamp(12, 3000)
    }

    /// The name of a member.
    pub(crate) fn name(&self, number: usize) -> String {
        let mut dice = Dice(number as u64 * 77 + 5);
        let characters = (0..2 + number % 2).filter_map(|_| self.characters.get(dice.below(self.characters.len())));
        characters.chain(&['子']).collect::<String>() + &number.to_string()
    }

    /// All posts, the oldest first.
    pub(crate) fn all(&self) -> impl Iterator<Item = Post> {
        (0..self.posts).map(|number| self.post(number))
    }

    /// The same number makes the same post, and the same comments below it.
    pub(crate) fn post(&self, number: usize) -> Post {
        let (characters, members) = (&self.characters, self.members());
        let mut dice = Dice(number as u64 + 1);
        // Seven years, evenly.
        let minute = number * 7 * 365 * 24 * 60 / self.posts.max(1);
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
        let comments = (0..thread_length(number))
            .map(|index| {
                let sentences = 1 + dice.below(2);
                Comment {
                    parent: (index > 0 && dice.below(3) == 0).then(|| dice.below(index)),
                    author: dice.rank(members),
                    minute: minute + 7 + index * 31,
                    text: self::text(&mut dice, characters, sentences),
                }
            })
            .collect();
        Post { number, author, minute, title, text, tags, comments }
    }
}

impl Post {
    /// Its title, or how its text begins.
    pub(crate) fn heading(&self) -> String {
        self.title.clone().unwrap_or_else(|| self.text.chars().take_while(|c| *c != '\n').take(20).collect())
    }
}

/// How many comments a post has. The golden ratio spreads the posts evenly over the distribution, so that the average
/// hardly depends on the size of the circle.
fn thread_length(number: usize) -> usize {
    let spread = (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 11;
    let share = (spread + 1) as f64 / (1_u64 << 53) as f64;
    (LENGTH * (libm::pow(share, -1.0 / TAIL) - 1.0)).min(LONGEST) as usize
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

/// A moment, so many minutes after the first of January 2015, in UTC.
pub(crate) fn time(minutes: usize) -> String {
    let (day, minute) = (minutes / 1440, minutes % 1440);
    // 2015-01-01 is 16,436 days after the epoch.
    let (year, month, day) = date(day as i64 + 16_436);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:00.000Z", minute / 60, minute % 60)
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
    use sha2::{Digest as _, Sha256};

    use super::*;

    /// A hash of everything that a circle says.
    fn hash(posts: usize) -> String {
        let circle = Circle::new(posts);
        let mut hash = Sha256::new();
        for post in circle.all() {
            hash.update(format!(
                "{} {} {:?} {:?} {}",
                post.author,
                time(post.minute),
                post.title,
                post.tags,
                post.text
            ));
            for Comment { author, minute, parent, text } in &post.comments {
                hash.update(format!("{} {} {parent:?} {text}", circle.name(*author), time(*minute)));
            }
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn a_circle_is_the_same_every_time_and_on_every_machine() {
        assert_eq!(hash(300), "6a3152de9b6f9059835179cb3133d9f23e57c3ce801025044fb3b058cb3aeb87");
        assert_ne!(hash(300), hash(301));
    }

    #[test]
    fn threads_have_a_heavy_tail_and_about_the_same_average() {
        for posts in [4000, 20_000, 100_000] {
            let lengths: Vec<usize> = (0..posts).map(thread_length).collect();
            let average = lengths.iter().sum::<usize>() as f64 / posts as f64;
            assert!((4.8..5.2).contains(&average), "{posts}: {average}");
            assert!(*lengths.iter().max().unwrap() > 400);
            let none = lengths.iter().filter(|length| **length == 0).count();
            assert!((posts / 4..posts / 2).contains(&none), "{none}");
        }
    }

    #[test]
    fn days_are_counted_as_the_calendar_does() {
        assert_eq!((date(0), date(16_436), date(18_321)), ((1970, 1, 1), (2015, 1, 1), (2020, 2, 29)));
    }
}
