//! `circlekeep import`: imports exports into the archive of a content folder.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;
use circle_content::{archive::Mode, config::Config, input::Input, options::Options, phrase::fill, report::Report};
use circle_import::{
    ByMap, Map, Summary,
    parts::{Part, Parts},
};
use circle_model::{
    archive::Circle,
    text::without_bidi,
    time::{Utc, ZoneFrom},
    view::Lang,
};
use site_gen::messages;

use super::{
    ledger,
    progress::{Bar, exit_code, tell, words},
    spoken::{lang, reasons, say as said},
};

/// Add exports (folders, zips, files) to the content folder
///
/// Importing twice changes nothing; nothing that was there is ever deleted.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The exports: folders, zips or single files
    #[arg(required_unless_present_any = ["list", "print_map"], value_name = "EXPORT")]
    exports: Vec<PathBuf>,
    /// The content folder to merge into; made when it is not there
    #[arg(long, default_value = "content", value_name = "DIR")]
    content: PathBuf,
    /// Use this format if detection is wrong (`circlekeep import --list` shows all)
    #[arg(long, value_name = "NAME")]
    from: Option<String>,
    /// What to call the site, installation or account that the export is of, where it does not say so itself: ids are only unique
    /// within one
    #[arg(long, value_name = "NAME")]
    origin: Option<String>,
    /// A map.toml that says which column or key of the export is what; `circlekeep inspect` drafts one
    #[arg(long, value_name = "FILE", conflicts_with = "from")]
    map: Option<PathBuf>,
    /// Time zone for dates that do not name one, such as Asia/Shanghai; else the one of circle.toml
    #[arg(long, value_name = "ZONE")]
    zone: Option<String>,
    /// Date of the export, to resolve dates such as 昨天 (yesterday) or 5月29日 (29 May)
    #[arg(long, value_name = "YYYY-MM-DD")]
    export_day: Option<String>,
    /// Look here (a folder or zip) for pictures that the export only links to; can be repeated
    #[arg(long, value_name = "DIR")]
    media: Vec<PathBuf>,
    /// Publish what says nothing of who may see it as visible to the circle; asks first, and is remembered for this export
    #[arg(long, value_name = "WHO")]
    visible_to: Option<String>,
    /// Answer yes to the question of --visible-to, for scripts
    #[arg(long)]
    yes: bool,
    /// Say what would be done, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Print the map that a table importer (tofu, weibo-crawler, …) is made of, to change it for --map, and end
    #[arg(long, value_name = "NAME")]
    print_map: Option<String>,
    /// List the importers, and end
    #[arg(long)]
    list: bool,
}

/// The maximum number of notes that are shown; the rest are counted.
const SHOWN: usize = 10;

pub(crate) fn run(args: Args, json: bool) -> anyhow::Result<ExitCode> {
    if args.list {
        list(json);
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(name) = &args.print_map {
        println!("{}", circle_import::preset_text(name).ok_or_else(|| no_preset(name))?.trim_end());
        return Ok(ExitCode::SUCCESS);
    }
    let at = Utc(jiff::Timestamp::now().as_millisecond());
    let mode = if args.dry_run { Mode::DryRun } else { Mode::Write };
    let mut options = options(&args.content, args.zone.as_deref(), &args.media, args.export_day.as_deref())?;
    options.origin.clone_from(&args.origin);
    let visible_to = args.visible_to.as_deref().map(ledger::visible_to).transpose()?;
    let bar = Bar::default();
    let mut total = Summary::default();
    let map = args.map.as_deref().map(map_of).transpose()?;
    // Every export is opened and recognised before anything is written.
    let mut exports = Vec::new();
    for path in &args.exports {
        exports.push(parts_of(Input::open(path)?, map.as_ref(), args.from.as_deref())?);
    }
    if visible_to.is_some() {
        let asked = ledger::Asked { exports: &args.exports, map: map.as_ref(), from: args.from.as_deref() };
        if ledger::may_open(&asked, &args.content, &options, args.yes, words())? {
            options.unknown_as = visible_to;
        }
    }
    for export in exports {
        total.add(all_parts(export, &args.content, &options, at, mode, &bar, !json)?);
    }
    drop(bar);
    let made = if mode == Mode::Write { minimal_config(&args)? } else { None };
    if json {
        println!("{}", serde_json::to_string(&total)?);
        return Ok(exit_code(&total.problems));
    }
    tell(&total.problems);
    for note in total.notes.iter().take(SHOWN) {
        eprintln!("note: {}", without_bidi(note));
    }
    if total.notes.len() > SHOWN {
        eprintln!("{}", fill("… and {} more note[s]; `--json` lists them all", [total.notes.len() - SHOWN]));
    }
    say(&total, mode, &args.content);
    if let Some(path) = made {
        println!("Created {} with the circle's name and time zone. Please check it.", path.display());
    }
    // After an import of nothing, a build would only report the same.
    if mode == Mode::DryRun {
        println!("Next: the same command without --dry-run");
    } else if total.posts + total.comments + total.members > 0 {
        println!(
            "Next: circlekeep build --content {}",
            circle_import::inspect::skeleton::shell(&args.content.display().to_string())
        );
    }
    Ok(exit_code(&total.problems))
}

/// The parts of an export, each with its importer: the one on the command line, or the one that recognises it.
pub(super) fn parts_of<'a>(
    input: Input,
    map: Option<&'a ByMap>,
    from: Option<&str>,
) -> Result<Parts<'a>, circle_content::Error> {
    match (map, from) {
        (Some(map), _) => Ok(Parts::all_for(input, map, "as --map says")),
        (None, Some(name)) => Ok(Parts::all_for(input, circle_import::by_name(name)?, "named with --from")),
        (None, None) => Parts::of(input),
    }
}

/// Reads all parts of an export, one after the other.
pub(super) fn all_parts(
    mut parts: Parts<'_>,
    content: &Path,
    options: &Options,
    at: Utc,
    mode: Mode,
    bar: &Bar,
    speak: bool,
) -> anyhow::Result<Summary> {
    let mut total = Summary::default();
    while let Some(Part { input, importer, why }) = parts.next_part() {
        if speak {
            eprintln!("Reading {} as {}: {}", without_bidi(input.name()), importer.name(), without_bidi(&why));
        }
        total.add(circle_import::into_content(&input, importer, content, options, at, mode, bar)?);
    }
    circle_import::account_of_parts(parts.input(), content, &mut total, mode)?;
    let (problems, notes) = parts.said();
    total.problems.extend(problems);
    total.notes.extend(notes);
    Ok(total)
}

/// The importer that a map.toml defines.
pub(super) fn map_of(path: &Path) -> anyhow::Result<ByMap> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read the map {}", path.display()))?;
    let map = Map::read(&circle_content::decode::text(&bytes).text).map_err(|mut error| {
        error.place = error.place.replace("map.toml", &path.display().to_string());
        error
    })?;
    Ok(ByMap(map))
}

fn no_preset(name: &str) -> circle_content::Error {
    circle_content::Error::new(
        format!("`{name}` has no map to print"),
        "option: --print-map",
        "`circlekeep import --list` names the importers; those of tables are tofu, weibo-crawler, mediacrawler-…, wechatmsg, getqzonehistory and wechat-article-exporter",
    )
}

fn say(summary: &Summary, mode: Mode, content: &Path) {
    let Summary { posts, comments, members, media, added, changed, unchanged, .. } = summary;
    let all = media.present + media.missing;
    let read = [*posts, *comments, *members, all, media.missing];
    println!("{}", fill("Read: {} post[s], {} comment[s], {} member[s], {} picture[s] or file[s] ({} missing)", read));
    if !summary.excluded.is_empty() {
        println!("Will not be published: {}", reasons(&summary.excluded));
    }
    let facts: Vec<String> = summary.private.iter().map(|(kind, n)| fill(fact(kind), [n])).collect();
    if !facts.is_empty() {
        let facts: Vec<String> = facts.iter().map(|fact| said(fact)).collect();
        println!("Private data, stored separately: {}", facts.join(lang().pick("，", "，", ", ")));
    }
    if !(summary.excluded.is_empty() && facts.is_empty()) && mode == Mode::Write {
        let folder = content.join("private");
        println!("All of it is in {}; never publish that folder", folder.display());
    }
    println!("{}", ledger::files_line(&summary.files, words()));
    for (head, below) in ledger::open(&summary.files, &summary.lost, words(), true) {
        println!("{head}");
        below.iter().for_each(|line| println!("  · {line}"));
    }
    if summary.opened > 0 {
        println!("{}", words().fill("unknown_opened", &summary.opened.to_string()));
    } else if let Some(count) = summary.excluded.get("unknown") {
        println!("{}", words().fill("unknown_offer", &count.to_string()));
    }
    let archive = content.join("archive").display().to_string();
    let sums = [added.to_string(), changed.to_string(), unchanged.to_string(), archive];
    println!(
        "{}",
        if mode == Mode::Write {
            fill("Archive: {} added, {} changed, {} unchanged, in {}", sums)
        } else {
            fill("Dry run, nothing written: {} added, {} changed, {} unchanged, in {}", sums)
        }
    );
    if summary.gone_upstream > 0 {
        println!(
            "{}",
            fill(
                "No longer on the platform: {} post[s] and comment[s]. They stay in the archive.",
                [summary.gone_upstream]
            )
        );
    }
}

/// The name of a kind of private data.
fn fact(kind: &str) -> &'static str {
    match kind {
        "email" => "{} e-mail address[es]",
        "phone" => "{} phone number[s]",
        "ip" => "{} IP address[es]",
        "qq" => "{} QQ number[s]",
        "wechat" => "{} WeChat id[s]",
        "name" | "alias" => "{} private name[s]",
        "token" => "{} login token[s]",
        _ => "{} other fact[s]",
    }
}

fn list(json: bool) {
    let width = circle_import::importers().iter().map(|importer| importer.name().len()).max().unwrap_or_default();
    for importer in circle_import::importers() {
        let (name, about) = (importer.name(), importer.about());
        if json {
            println!("{}", serde_json::json!({ "importer": name, "reads": importer.reads(), "about": about }));
        } else {
            println!("{name:<width$} {}{}", said(if importer.reads() { "" } else { "not read: " }), said(about));
        }
    }
}

/// Time zone, visibility and language: from the command line, then from circle.toml, then the defaults.
pub(crate) fn options(
    content: &Path,
    zone: Option<&str>,
    media: &[PathBuf],
    export_day: Option<&str>,
) -> anyhow::Result<Options> {
    // If there is no circle.toml, one with this zone is written, so that another import gives the same result.
    let mut options = Options { zone_from: ZoneFrom::Config, ..Options::default() };
    let path = content.join("circle.toml");
    if path.is_file() {
        let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let config = Config::read(&text, &mut Report::default())?;
        options.default_visibility = config.default_visibility;
        if let Ok(zone) = jiff::tz::TimeZone::get(&config.zone) {
            options.zone = zone;
        }
    }
    if let Some(name) = zone {
        options.zone = jiff::tz::TimeZone::get(name).map_err(|_| {
            circle_content::Error::new(
                format!("there is no time zone called `{name}`"),
                "option: --zone",
                "write it as Asia/Shanghai, America/Toronto or UTC",
            )
        })?;
    }
    for folder in media {
        options.media.push(std::sync::Arc::new(Input::open(folder)?));
    }
    if let Some(day) = export_day {
        let day = day.parse().map_err(|_| {
            circle_content::Error::new(
                format!("`{day}` is not a date"),
                "option: --export-day",
                "write it as 2021-06-28",
            )
        })?;
        options.now_day = Some(day);
    }
    Ok(options)
}

/// Writes a circle.toml if the content folder has none, with the name of the first export. Never overwrites one.
fn minimal_config(args: &Args) -> anyhow::Result<Option<PathBuf>> {
    let path = args.content.join("circle.toml");
    if path.exists() {
        return Ok(None);
    }
    let mut draft = Draft::of(&args.content, &args.exports);
    if let Some(zone) = &args.zone {
        draft.zone.clone_from(zone);
    }
    let mut file = match std::fs::OpenOptions::new().write(true).create_new(true).open(&path) {
        Ok(file) => file,
        // Nothing was imported, so there is no content folder to configure.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("cannot write {}", path.display())),
    };
    let text = config_text(&draft);
    file.write_all(text.as_bytes()).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(Some(path))
}

/// The content of a new circle.toml: only data from the exports.
pub(super) struct Draft {
    /// The circle's name.
    pub(super) name: String,
    /// Time zone for dates that do not name one.
    pub(super) zone: String,
    /// The platform that it was on, if an export says so.
    pub(super) platform: Option<String>,
    /// The interface's language, if the user chose it.
    pub(super) language: Option<Lang>,
}

impl Draft {
    /// The archive's data about the circle; without a name, the name of the first export.
    pub(super) fn of(content: &Path, exports: &[PathBuf]) -> Self {
        let told = circles(content);
        let only = |mut all: Vec<String>| {
            all.sort();
            all.dedup();
            all.pop().filter(|one| all.is_empty() && !one.is_empty())
        };
        let plain = |text: &str| without_bidi(text).trim().to_owned();
        let file = exports.first().and_then(|export| {
            let full = export.canonicalize().unwrap_or_else(|_| export.clone());
            let name = full.file_name().map(|name| name.to_string_lossy().into_owned());
            // Exports of chats are named after people and their numbers.
            let name = if full.is_dir() { name } else { name.map(|name| plain_stem(&name).to_owned()) };
            name.map(|name| circle_html::privacy::account::plain_name(&name))
        });
        Self {
            name: only(told.iter().map(|circle| plain(&circle.name)).collect())
                .or(file)
                .filter(|name| !name.trim().is_empty())
                .unwrap_or_else(|| "圈子".to_owned()),
            zone: "Asia/Shanghai".to_owned(),
            platform: only(told.iter().map(|circle| plain(circle.platform.as_deref().unwrap_or_default())).collect()),
            language: None,
        }
    }
}

/// `export` of `export.tar.gz`, and of `export.json`.
fn plain_stem(name: &str) -> &str {
    let stem = |name| Path::new(name).file_stem().and_then(std::ffi::OsStr::to_str).unwrap_or(name);
    let first = stem(name);
    let is_packed = name.to_ascii_lowercase().ends_with(".gz") || first.to_ascii_lowercase().ends_with(".tar");
    if is_packed { stem(first) } else { first }
}

/// The circles of the archive.
fn circles(content: &Path) -> Vec<Circle> {
    let mut circles = Vec::new();
    let path = content.join("archive").join("circle.jsonl");
    let read = circle_content::archive::for_each_line(&path, &mut Report::default(), |_, line| {
        circles.push(serde_json::from_str(line).map_err(|error| error.to_string())?);
        Ok(())
    });
    if read.is_ok() { circles } else { Vec::new() }
}

/// The text of a new circle.toml.
pub(super) fn config_text(draft: &Draft) -> String {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let known = |key: &str, value: Option<&str>, example: &str| match value {
        Some(value) => format!("{key} = {}", quoted(value)),
        None => format!("# {key} = {}", quoted(example)),
    };
    let text = format!(
        r#"# The circle's settings. Edit them with a text editor; a line that begins with # has no effect.

# The name, at the top of every page.
name = {name}

# Time zone for dates that do not name one.
zone = {zone}

# One line about it.
# tagline = ""

# Language of the interface: zh-Hans, zh-Hant or en.
{language}

# The platform on which the circle was.
{platform}

# About and rules, in Markdown.
# about = """
# """
# rules = """
# """

# The site's address, for feeds and the sitemap.
# base_url = "https://example.com/"

# Posts that do not say who may see them: public or circle.
# default_visibility = "circle"

# Whether search engines may list the site. If this is not said, they may where every post is public.
# [site]
# index = false

# Show the earlier wordings of posts that were edited.
# [show]
# history = true

# Hosts that were yours: old addresses there lead to the new ones.
# [redirects]
# hosts = ["old.example"]
"#,
        name = quoted(&draft.name),
        zone = quoted(&draft.zone),
        language = known("language", draft.language.map(Lang::tag), "zh-Hans"),
        platform = known("platform", draft.platform.as_deref(), ""),
    );
    // The comments are in the language of the new site.
    let lang = draft.language.unwrap_or_else(lang);
    let said = |line: &str| if line.starts_with('#') { messages::in_language(lang, line) } else { line.to_owned() };
    text.split('\n').map(said).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_circle_is_not_called_after_the_ending_of_a_file() {
        for (file, name) in [
            ("export.tar.gz", "export"),
            ("a.b.zip", "a.b"),
            ("评论.json.gz", "评论"),
            ("x.TAR", "x"),
            ("v1.2.tgz", "v1.2"),
        ] {
            assert_eq!(plain_stem(file), name);
        }
    }

    #[test]
    fn the_minimal_configuration_can_be_read() {
        let draft = Draft {
            name: "漫读\"书会\"".to_owned(),
            zone: "Asia/Shanghai".to_owned(),
            platform: Some("微信圈子".to_owned()),
            language: Some(Lang::ZhHant),
        };
        let text = config_text(&draft);
        let mut report = Report::default();
        let config = Config::read(&text, &mut report).unwrap();
        assert_eq!((config.name.as_str(), config.zone.as_str()), ("漫读\"书会\"", "Asia/Shanghai"));
        assert_eq!((config.platform.as_deref(), config.language), (Some("微信圈子"), Lang::ZhHant));
        assert!(report.problems.is_empty(), "{:?}", report.problems);
    }
}
