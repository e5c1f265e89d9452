//! `circlekeep inspect`: what an export is, before anything is imported. Only printing; the looking is in the library.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;
use circle_model::{archive::Scope, text::without_bidi, time::ZoneFrom};
use site_gen::{
    input::Input,
    inspect::{self, Findings, contents::Contents, scan::Names, skeleton::shell, structure::Table},
};

use super::{
    ledger,
    progress::{Bar, words},
};

/// Say what an export is: who reads it, how much is in it, what would be lost, what is private
///
/// Takes anything: a folder, a zip, a single file. Reads only; nothing is written, and no private value is shown. For a format that
/// nobody knows it describes the tables and drafts a map.toml to fill in.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The exports: folders, zips or single files
    #[arg(required = true, value_name = "ANYTHING")]
    exports: Vec<PathBuf>,
    /// The importer to try, when recognising fails or errs
    #[arg(long, value_name = "NAME")]
    from: Option<String>,
    /// The content folder whose circle.toml says the zone and who may see what
    #[arg(long, default_value = "content", value_name = "DIR")]
    content: PathBuf,
    /// The zone of dates without one, such as Asia/Shanghai; else the one of circle.toml
    #[arg(long, value_name = "ZONE")]
    zone: Option<String>,
    /// The day on which the export was made, for dates such as 昨天 and 5月29日
    #[arg(long, value_name = "YYYY-MM-DD")]
    export_day: Option<String>,
    /// A folder or zip in which to look for pictures that the export only links; may be given more than once
    #[arg(long, value_name = "DIR")]
    media: Vec<PathBuf>,
    /// Describe the tables and print the map.toml even if the format is known
    #[arg(long)]
    structure: bool,
    /// Write the map.toml to this file, which must not be there yet
    #[arg(long, value_name = "FILE")]
    write_map: Option<PathBuf>,
}

/// How many problems, notes and file names are shown; the rest are counted.
const SHOWN: usize = 5;
/// How many columns of a table are shown without `--structure`.
const COLUMNS: usize = 16;
/// How many of the things that importers looked for are shown; `--json` lists them all.
const LOOKED_FOR: usize = 12;

pub(crate) fn run(args: Args, json: bool) -> anyhow::Result<ExitCode> {
    if let Some(path) = &args.write_map {
        if args.exports.len() > 1 {
            return Err(site_gen::Error::new(
                "a map is for one export",
                "option: --write-map",
                "run inspect on each export by itself",
            )
            .into());
        }
        if path.exists() {
            return Err(there_already(path).into());
        }
    }
    let mut options =
        super::import::options(&args.content, args.zone.as_deref(), &args.media, args.export_day.as_deref())?;
    if args.zone.is_none() && !args.content.join("circle.toml").is_file() {
        options.zone_from = ZoneFrom::Assumed;
    }
    let (mut code, mut all, mut failed) = (0, Vec::new(), Vec::new());
    for (number, path) in args.exports.iter().enumerate() {
        let bar = Bar::default();
        let looked = Input::open(path).and_then(|input| inspect::look(&input, args.from.as_deref(), &options, &bar));
        drop(bar);
        match looked {
            Ok(findings) => {
                code = code.max(u8::from(!findings.is_fine()));
                let written = args.write_map.as_deref().map(|map| write_map(map, &findings)).transpose()?;
                if !json {
                    if number > 0 {
                        println!();
                    }
                    say(&findings, path, &args, written.is_some());
                }
                all.push(findings);
            }
            Err(error) if args.exports.len() == 1 => return Err(error.into()),
            Err(error) => {
                eprintln!("error: {error}");
                code = 2;
                failed.push(error.to_string());
            }
        }
    }
    if json {
        println!("{}", serde_json::json!({ "command": "inspect", "inputs": all, "errors": failed }));
    }
    Ok(ExitCode::from(code))
}

fn there_already(path: &Path) -> site_gen::Error {
    site_gen::Error::new(
        "there is a file of this name already, and it may hold your work",
        format!("file: {}", path.display()),
        "choose another name, or move the old file away",
    )
}

fn write_map(path: &Path, findings: &Findings) -> anyhow::Result<()> {
    let map = findings.map.as_ref().ok_or_else(|| {
        site_gen::Error::new(
            "there is no table or list in it, so there is nothing to put into a map",
            format!("file: {}", findings.name),
            "a map describes JSON, CSV or XLSX; run `circlekeep inspect` without --write-map to see what is there",
        )
    })?;
    let mut file = match std::fs::OpenOptions::new().write(true).create_new(true).open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => return Err(there_already(path).into()),
        opened => opened.with_context(|| format!("cannot write {}", path.display()))?,
    };
    file.write_all(map.as_bytes()).with_context(|| format!("cannot write {}", path.display()))
}

fn say(findings: &Findings, path: &Path, args: &Args, written: bool) {
    what(findings);
    if let Some(contents) = &findings.contents {
        how_much(contents);
    }
    lost(findings);
    private(findings);
    told(findings);
    let show = args.structure || findings.is_unknown();
    if show && !findings.tables.is_empty() {
        head("结构 · Its tables");
        for table in &findings.tables {
            describe(table, args.structure, "  ");
        }
        more("tables", findings.scan.more_tables);
    }
    next(findings, path, args, written);
    if show
        && !written
        && let Some(map) = &findings.map
    {
        head("map.toml");
        print!("{map}");
    }
}

/// A line of the report. Names from exports can hold characters that turn lines round.
fn line(text: &str) {
    println!("  {}", without_bidi(text));
}

fn head(text: &str) {
    println!("\n{text}");
}

fn more(what: &str, count: u64) {
    if count > 0 {
        line(&format!("… and {count} more {what}"));
    }
}

fn what(findings: &Findings) {
    let Findings { recognition, .. } = findings;
    println!("{}", without_bidi(&findings.name));
    head("这是什么 · What it is");
    if findings.files == 0 {
        line("空的，或者只有隐藏文件。 Nothing: it is empty, or holds only hidden files.");
    } else if findings.bytes == 0 {
        line(
            "所有文件都是 0 字节：多半是没有下载完。 All files have 0 bytes: most likely the download did not finish.",
        );
    } else if let Some((what, better)) = &recognition.refused {
        line(&format!("认识，但不读。 Known, and not read: {what}"));
        line(&format!("更好的办法 · A better way: {better}"));
    } else if let (Some(importer), Some(why)) = (recognition.importer, &recognition.why) {
        let sure = if recognition.sure { "" } else { "可能是 probably " };
        line(&format!("{sure}{importer}: {}", recognition.about.unwrap_or_default()));
        line(&format!("因为 because: {why}"));
    } else {
        line("没有导入器认识它。 No importer knows it.");
        looked_for(&recognition.looked_for);
    }
    for (name, why) in &recognition.others {
        line(&format!("也可能是 could also be {name} (--from {name}): {why}"));
    }
    let endings: Vec<String> = findings.endings.iter().take(6).map(|(ending, n)| format!("{n} {ending}")).collect();
    line(&format!("{} 个文件 files, {}: {}", findings.files, size(findings.bytes), endings.join(", ")));
    let Some(contents) = &findings.contents else { return };
    if let Some(tool) = &contents.tool {
        line(&format!("写它的工具 written by: {tool}"));
    }
    match contents.scope {
        Scope::Circle => line("范围 scope: 整个圈子 · the whole circle"),
        Scope::OwnSlice => {
            line("范围 scope: 一个成员自己的部分 · one member's own part: what others wrote is not in it")
        }
        Scope::Thread => line("范围 scope: 一个帖子 · one thread"),
        Scope::Unknown => {}
    }
}

/// What the importers looked for; those that looked for the same thing together.
fn looked_for(all: &[(&'static str, &'static str)]) {
    let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
    for (name, what) in all {
        match groups.iter_mut().find(|(known, _)| known == what) {
            Some((_, names)) => names.push(name),
            None => groups.push((what, vec![name])),
        }
    }
    let wanted: Vec<String> =
        groups.iter().take(LOOKED_FOR).map(|(what, names)| format!("{what} ({})", names.join(", "))).collect();
    line(&format!("找过 looked for: {}", wanted.join("; ")));
    more("(circlekeep import --list has them all)", groups.len().saturating_sub(LOOKED_FOR) as u64);
}

fn how_much(contents: &Contents) {
    head("有多少 · How much");
    let Contents { posts, comments, members, ghosts, reactions, events, .. } = contents;
    line(&format!(
        "帖子 posts {posts} · 评论 comments {comments} · 成员 members {members} · 反应 reactions {reactions}"
    ));
    if *ghosts > 0 {
        line(&format!("其中 {ghosts} 个成员只被提到过 · {ghosts} of the members are only mentioned"));
    }
    if *events > 0 {
        line(&format!("加入、通知等 events {events}"));
    }
    let all = contents.media_present + contents.media_missing;
    if all > 0 {
        let missing = contents.media_missing;
        line(&format!("图片和文件 media {all}: {} 在 present, {missing} 缺 missing", contents.media_present));
    }
    if let (Some(first), Some(last)) = (&contents.first, &contents.last) {
        line(&format!("从 from {first} 到 to {last}"));
    }
    let zones = contents.zone_from.iter().map(|(from, count)| {
        let how = match *from {
            "explicit" => "写明了时区 say their zone",
            "config" => "按设置的时区 by the zone you chose",
            "exporter" => "按导出工具的时区 by the zone that the tool is known to write",
            _ => "没写，按北京时间算 say none: taken as China's time; --zone chooses another",
        };
        format!("{count} 个 {how}")
    });
    let zones: Vec<String> = zones.collect();
    if !zones.is_empty() {
        let offsets: Vec<String> = contents.offsets.iter().map(|(offset, n)| format!("{offset} ×{n}")).collect();
        line(&format!("日期的时区 zones of dates: {} ({})", zones.join("; "), offsets.join(", ")));
    }
    if contents.dates_absent > 0 {
        line(&format!("{} 条没有日期 have no date", contents.dates_absent));
    }
}

fn lost(findings: &Findings) {
    let mut lines = Vec::new();
    if let Some(contents) = &findings.contents {
        let mut say = |count: u64, text: &str| {
            if count > 0 {
                lines.push(format!("{count} {text}"));
            }
        };
        say(
            contents.dates_unreadable,
            "个日期读不懂 dates that cannot be read; --export-day helps with 昨天 and 5月29日",
        );
        say(contents.partial, "个帖子只是预览，后面的评论不在里面 posts show only the beginning of a longer thread");
        say(contents.tombstones, "个帖子导出时已经没有了 posts were gone before the export was made");
        say(contents.dangling_replies, "条回复的对象不在里面 replies answer something that is not in it");
        say(contents.orphans, "条评论的帖子不在里面 comments whose post is not in it");
        for (state, count) in contents.media.iter().filter(|(state, _)| *state != "present") {
            lines.push(format!("{count} 张图片或文件 pictures or files: {state}"));
        }
        let hosts: Vec<String> = contents.remote_hosts.iter().map(|(host, n)| format!("{host} ×{n}")).collect();
        if !hosts.is_empty() {
            let rest = if contents.more_hosts > 0 {
                format!(" and {} more hosts", contents.more_hosts)
            } else {
                String::new()
            };
            lines.push(format!("只有网址的图片在 pictures that are only linked: {}{rest}", hosts.join(", ")));
        }
        lines.push(ledger::files_line(&contents.files, words()));
        for (head, below) in ledger::open(&contents.files, &contents.lost, words(), true) {
            lines.push(head);
            lines.extend(below.into_iter().map(|line| format!("  · {line}")));
        }
        let silent = &contents.files_without_records;
        if !silent.is_empty() {
            let first: Vec<&str> = silent.iter().take(SHOWN).map(String::as_str).collect();
            let rest = silent.len().saturating_sub(SHOWN);
            let rest = if rest > 0 { format!(" and {rest} more") } else { String::new() };
            lines.push(format!(
                "这些文件里没有读出任何记录 no record of its own came from: {}{rest} (--structure shows what is in it)",
                first.join(", ")
            ));
        }
    }
    let scan = &findings.scan;
    let big: u64 = scan.numbers.big.values().sum();
    let columns = |map: &std::collections::BTreeMap<String, u64>| {
        map.keys().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ")
    };
    if big > 0 {
        lines.push(format!(
            "{big} 个编号超过 2^53，导入没问题，用 Excel 打开再保存就毁了 ids are over 2^53: an import keeps them, a spreadsheet that saves this file destroys them ({})",
            columns(&scan.numbers.big)
        ));
    }
    let damaged: u64 = scan.numbers.damaged.values().sum();
    if damaged > 0 {
        lines.push(format!(
            "{damaged} 个编号已经毁了（4.45E+15 那样） numbers have lost their last digits already, such as 4.45E+15 ({}): export again, and do not open it in a spreadsheet",
            columns(&scan.numbers.damaged)
        ));
    }
    for (place, why) in scan.stopped.iter().take(SHOWN) {
        lines.push(format!("{place}: {why}"));
    }
    names(&mut lines, "空文件 files of 0 bytes", &scan.empty);
    names(&mut lines, "里面还有压缩包，请解开再看 zips inside it; unpack and inspect them", &scan.inner_archives);
    if lines.is_empty() {
        return;
    }
    head("会丢什么 · What would be lost");
    lines.iter().for_each(|text| line(text));
    more("files that could not be read to their end", scan.stopped.len().saturating_sub(SHOWN) as u64);
}

fn names(lines: &mut Vec<String>, what: &str, names: &Names) {
    if names.count > 0 {
        let rest = names.count - names.first.len() as u64;
        let rest = if rest > 0 { format!(" and {rest} more") } else { String::new() };
        lines.push(format!("{what} {}: {}{rest}", names.count, names.first.join(", ")));
    }
}

fn private(findings: &Findings) {
    head("里面的隐私 · What is private in it");
    let mut lines = Vec::new();
    if let Some(contents) = &findings.contents {
        for (reason, count) in &contents.withheld {
            let why = match *reason {
                "followers" => "只给关注者看 only for followers",
                "direct" => "私信 direct messages",
                "private" => "只给自己看 only for their author",
                "unknown" => "不知道谁能看 nothing says who could see them",
                "draft" => "草稿 drafts",
                "deleted" => "已删除 deleted",
                "hidden" => "被隐藏 hidden",
                "parent-excluded" => "属于不发布的帖子 belong to what is not published",
                other => other,
            };
            lines.push(format!("{count} 条不会发布 will not be published: {why}"));
        }
    }
    for (kind, found) in &findings.scan.private {
        let chinese = match *kind {
            "e-mail address" => "邮箱 ",
            "phone number" => "手机号 ",
            "network address" => "IP 地址 ",
            "access token" => "访问令牌 ",
            "signed address" => "带签名的网址 ",
            "WeChat id" => "微信号 ",
            "QQ number" => "QQ 号 ",
            "identity card number" => "身份证号 ",
            "password or key" => "密码 ",
            "private key" => "私钥 ",
            "cookie" => "登录 Cookie ",
            _ => "",
        };
        let rest = if found.more_files > 0 { format!(" and {} more files", found.more_files) } else { String::new() };
        lines.push(format!(
            "{} {chinese}{kind} ({}) in {}{rest}",
            found.count,
            found.examples.join(", "),
            found.files.join(", ")
        ));
    }
    names(&mut lines, "照片或视频里有拍摄地点 pictures or videos say where they were taken:", &findings.scan.places);
    if findings.scan.not_looked_at > 0 {
        lines.push(format!(
            "{} 个太大，没有检查拍摄地点 files are too large to look for places",
            findings.scan.not_looked_at
        ));
    }
    if lines.is_empty() {
        line("没有发现。 Nothing was found; texts can still say more than a program sees.");
        return;
    }
    lines.iter().for_each(|text| line(text));
    if findings.contents.is_some() {
        line("导入时，这些从字段里取出，只存进 content/private；正文里写的请自己看一遍。");
        line(
            "An import takes them out of fields, into content/private only; what people wrote into their texts stays: look at it yourself.",
        );
    } else {
        line("不要把这个文件发给别人。 Do not pass this file on.");
    }
}

/// Encodings, problems and notes.
fn told(findings: &Findings) {
    let scan = &findings.scan;
    let encodings: Vec<String> = scan
        .encodings
        .iter()
        .flat_map(|(ending, found)| found.iter().map(move |(encoding, n)| format!("{ending} {encoding} ×{n}")))
        .collect();
    if !encodings.is_empty() {
        head("文件 · Its files");
        line(&format!("编码 encodings: {}", encodings.join(", ")));
        let mut lines = Vec::new();
        names(&mut lines, "不是 UTF-8，会自动转换 not UTF-8, converted when read:", &scan.not_utf8);
        names(
            &mut lines,
            "超过 256 MB，隐私只查了一部分 over 256 MB, only a share was searched for private facts:",
            &scan.sampled,
        );
        lines.iter().for_each(|text| line(text));
    }
    if !findings.problems.is_empty() {
        head("问题 · Problems");
        for problem in findings.problems.iter().take(SHOWN) {
            line(&format!("{}: {}", problem.place, problem.what));
            line(&format!("  {}", problem.help));
        }
        more("problems", findings.problems.len().saturating_sub(SHOWN) as u64);
    }
    if !findings.notes.is_empty() {
        head("说明 · Notes");
        findings.notes.iter().take(SHOWN).for_each(|note| line(note));
        more("notes", findings.notes.len().saturating_sub(SHOWN) as u64);
    }
}

fn describe(table: &Table, all: bool, indent: &str) {
    let record = table.record.map_or_else(|| "?".to_owned(), |record| record.word().to_owned());
    let files = table.files.first().cloned().unwrap_or_default();
    let files = if table.file_count > 1 { format!("{files} … ({} files)", table.file_count) } else { files };
    let place = match (&table.sheet, table.path.as_deref()) {
        (Some(sheet), _) => format!(" 工作表 sheet `{sheet}`"),
        (None, Some("")) => " 每个文档一条 each document".to_owned(),
        (None, Some(path)) => format!(" `{path}`"),
        (None, None) => String::new(),
    };
    let how = match (table.delimiter, table.header) {
        (Some('\t'), Some(header)) => format!(", between cells: tab, names in row {header}"),
        (Some(between), Some(header)) => format!(", between cells: `{between}`, names in row {header}"),
        (None, Some(header)) => format!(", names in row {header}"),
        _ => String::new(),
    };
    println!("{indent}{}", without_bidi(&format!("{files}{place}: {} 行 rows → {record}{how}", table.rows)));
    if table.uneven > 0 {
        println!("{indent}  {} rows have more cells than there are names", table.uneven);
    }
    let shown = if all { usize::MAX } else { COLUMNS };
    for column in table.columns.iter().take(shown) {
        let kind = serde_json::to_value(column.kind)
            .ok()
            .and_then(|kind| kind.as_str().map(str::to_owned))
            .unwrap_or_default();
        let guess = column.field.map_or_else(String::new, |field| format!(" → {field}"));
        let private = if column.private { " 私 private" } else { "" };
        let samples = column.samples.join(" | ");
        let text = format!("{}{guess}: {kind}{private}, {:.0}%  {samples}", column.name, column.filled * 100.0);
        println!("{indent}  {}", without_bidi(&text));
    }
    let rest = table.columns.len().saturating_sub(shown);
    if rest > 0 {
        println!("{indent}  … and {rest} more columns; --structure shows all");
    }
    for nested in &table.nested {
        let deeper = format!("{indent}    ");
        describe(nested, all, &deeper);
    }
}

fn next(findings: &Findings, path: &Path, args: &Args, written: bool) {
    head("下一步 · What to do next");
    let export = shell(&path.display().to_string());
    let command = |text: &str| println!("    {text}");
    if findings.files == 0 || findings.bytes == 0 {
        line("重新下载或导出一次。 Download or export it again, then inspect it again.");
        return;
    }
    if let Some(contents) = &findings.contents {
        let mut options = String::new();
        if let Some(from) = args.from.as_deref() {
            options.push_str(&format!(" --from {from}"));
        }
        match args.zone.as_deref() {
            Some(zone) => options.push_str(&format!(" --zone {zone}")),
            None if contents.zone_from.contains_key("assumed") => options.push_str(" --zone Asia/Shanghai"),
            None => {}
        }
        if contents.posts + contents.comments + contents.members > 0 {
            line("导入（再导一次也不会重复）： Import it; doing it twice changes nothing:");
            command(&format!("circlekeep import {export}{options}"));
        } else {
            line("里面没有读出帖子。 No post came out of it: look at the problems and notes above.");
        }
        if !contents.remote_hosts.is_empty() {
            line(
                "趁平台还在，把只有网址的图片存到一个文件夹，再加上： Save the linked pictures while the platform is there, then add:",
            );
            command("--media DIR");
        }
        return;
    }
    if findings.recognition.refused.is_some() {
        line("按上面「更好的办法」做。 Follow the better way above.");
        return;
    }
    line(
        "微信圈子「导出个人主页数据」的格式没有任何公开文档，所以这里不猜：有表格或 JSON，就用 map.toml 说明哪一列是什么。",
    );
    line(
        "The format of the 微信圈子 export is documented nowhere, so nothing is guessed here: for tables and JSON, a map.toml says what each column is.",
    );
    if findings.map.is_none() {
        line("这里没有表格。把文字存成 .txt 或 .md，一篇一个文件，和图片放进同一个文件夹，再导入那个文件夹。");
        line(
            "There is no table here. Save the texts as .txt or .md, one a file, in a folder with their pictures, and import that folder.",
        );
        return;
    }
    if written {
        let map = args.write_map.as_deref().map(|map| shell(&map.display().to_string())).unwrap_or_default();
        line(
            "map.toml 写好了。用记事本打开，核对猜的那些列，然后试一次： The map is written. Open it, check the guesses, then try it:",
        );
        command(&format!("circlekeep import {export} --map {map} --dry-run"));
    } else {
        command(&format!("circlekeep inspect {export} --write-map map.toml"));
        line(
            "用记事本核对 map.toml，然后试一次，什么也不会写： Check it in an editor, then try it; nothing is written:",
        );
        command(&format!("circlekeep import {export} --map map.toml --dry-run"));
    }
}

fn size(bytes: u64) -> String {
    let mut unit = 0;
    let mut rest = bytes;
    while rest >= 10_240 && unit < 3 {
        rest /= 1024;
        unit += 1;
    }
    format!("{rest} {}", ["bytes", "KB", "MB", "GB"].get(unit).unwrap_or(&"GB"))
}
