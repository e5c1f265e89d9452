//! `cargo xtask bench`: a build of a large invented circle, measured.
//!
//! What is printed are ratios, because seconds say more about the machine than about the program: how much a second
//! build takes of the first, and which share of a build each stage has.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::Result;
use serde_json::Value;

use crate::workspace::Workspace;
use crate::{files, program, say};

/// What the command line says.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// How many posts the circle has.
    #[arg(long, default_value_t = 4000)]
    posts: usize,
}

/// Invented sentences; a post is a sequence of them.
const SENTENCES: &[&str] = &[
    "昨天夜里下了雨，窗台上的薄荷又长高了一截。",
    "这一章读得很慢，有三处划了线，回头再看却说不出为什么。",
    "作者写河，其实写的是住在河边的人怎样互相等待。",
    "老陈带来一包桂花糕，大家边吃边争论结尾算不算圆满。",
    "我更喜欢第二个译本，句子短，读出声来有节奏。",
    "有人问，书里的灯塔究竟有没有亮过？",
    "地图画在最后一页，折痕处已经看不清地名。",
    "如果只能留下一本，我会选最薄的那本，因为它一直在口袋里。",
    "Two readers, one margin: we kept each other's pencil notes.",
    "下个月读什么还没有定，请在评论里写一个书名和一句理由。",
];

const TAGS: &[&str] = &["小说", "诗", "译本", "旧书", "散步", "Letters"];

/// Generates the circle, builds it twice in release, and prints the ratios.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<bool> {
    let program = program::build(workspace, true)?;
    let folder = workspace.target.join("bench");
    files::remove_folder(&folder)?;
    generate(&folder.join("content"), arguments.posts)?;
    let build = || -> Result<(f64, Value)> {
        let mut command = Command::new(&program);
        command.arg("build").arg("--content").arg(folder.join("content")).arg("--out").arg(folder.join("public"));
        let started = Instant::now();
        let summary = program::summary(&mut command)?;
        Ok((started.elapsed().as_secs_f64(), summary))
    };
    let (first, summary) = build()?;
    print("first build", arguments.posts, first, &summary);
    let (second, summary) = build()?;
    print("second build, nothing changed", arguments.posts, second, &summary);
    say::result(format!("second / first: {:.2}", second / first));
    let written = summary.get("written").and_then(Value::as_u64);
    if written != Some(0) {
        say::result(format!("the second build should have written nothing, but its summary says: {written:?}"));
    }
    Ok(written == Some(0))
}

fn generate(content: &Path, posts: usize) -> Result<()> {
    files::write(
        &content.join("circle.toml"),
        "id = \"bench\"\nname = \"量一量\"\nzone = \"Asia/Shanghai\"\n".as_bytes(),
    )?;
    for number in 0..posts {
        files::write(&content.join(format!("posts/{number:05}.md")), post(number).as_bytes())?;
    }
    Ok(())
}

/// The same number makes the same post on every machine.
fn post(number: usize) -> String {
    let pick = |list: &[&'static str], step: usize| {
        list.get((number * 7 + step * 3) % list.len()).copied().unwrap_or_default()
    };
    let (year, month, day) = (2015 + number % 6, 1 + number / 6 % 12, 1 + number / 72 % 28);
    let mut text = format!(
        "---\ntitle: 第 {number} 次读书\ndate: {year}-{month:02}-{day:02} 20:{:02}:00\nauthor: 读者{}\ntags: [{}, {}]\n---\n\n",
        number % 60,
        number % 40,
        pick(TAGS, 0),
        pick(TAGS, 1),
    );
    for paragraph in 0..6 + number % 5 {
        for sentence in 0..5 {
            text.push_str(pick(SENTENCES, paragraph * 5 + sentence * sentence));
        }
        text.push_str("\n\n");
    }
    text
}

fn print(what: &str, posts: usize, total: f64, summary: &Value) {
    say::result(format!("{what}: {posts} posts in {total:.2} s, {:.2} ms each", total * 1000.0 / posts.max(1) as f64));
    let stages = summary.get("seconds").and_then(Value::as_object);
    for (stage, seconds) in stages.into_iter().flatten() {
        let seconds = seconds.as_f64().unwrap_or_default();
        say::result(format!("  {:>5.1} %  {stage}", 100.0 * seconds / total));
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn posts_are_the_same_every_time_and_differ_from_each_other() {
        assert_eq!(super::post(17), super::post(17));
        assert_ne!(super::post(17), super::post(18));
        assert!(super::post(3999).contains("date: 2018-07-28 20:39:00"), "{}", super::post(3999));
    }
}
