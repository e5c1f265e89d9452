//! `circlekeep keep`: for a member who has only days left. One command turns exports into a finished site.
//!
//! 1. Opens and recognises every export, and checks the folder, before anything is written.
//! 2. Imports, writes `circle.toml`, and builds. The first time, this is done in a hidden folder, so that a failure leaves
//!    nothing behind ([`folder`]).
//! 3. Moves everything into place, with a page to double-click and a note that says what was and was not kept ([`summary`]).
//! 4. With `--zip`, packs only the site as a zip to share.
//! 5. Opens the browser.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;
use circle_content::{
    Error,
    archive::{self, Mode},
    config,
    input::Input,
    options::Options,
    report::Report,
};
use circle_import::{ByMap, Summary as Imported, parts::Parts};
use circle_model::{archive::Visibility, time::Utc, view::Lang};
use circle_publish::{BuildOptions, build, pack};
use circle_site::words::Words;
use site_gen::messages;

use super::{
    import::{Draft, all_parts, config_text, map_of, options, parts_of},
    ledger,
    progress::{Bar, exit_code},
};

mod folder;
mod show;
mod summary;

use folder::Kept;
use summary::SummaryData;

/// Save exports for good: makes an archive site and reports what could not be saved
///
/// The folder then holds a page to double-click, `site` (the archive, which may be shared) and `content` (your own working copy, which
/// may not). With a newer or another export, run it again on the same folder: it merges.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The exports: folders, zips or single files
    #[arg(required = true, value_name = "EXPORT")]
    exports: Vec<PathBuf>,
    /// The folder to keep them in: a new one, or one that this command made before [default: beside the first export]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// The circle's name [default: as the export calls it]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
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
    /// Time zone for dates that do not name one [default: that of circle.toml, else Asia/Shanghai]
    #[arg(long, value_name = "ZONE")]
    zone: Option<String>,
    /// Date of the export, to resolve dates such as 昨天 (yesterday) or 5月29日 (29 May)
    #[arg(long, value_name = "YYYY-MM-DD")]
    export_day: Option<String>,
    /// Look here (a folder or zip) for pictures that the export only links to; can be repeated
    #[arg(long, value_name = "DIR")]
    media: Vec<PathBuf>,
    /// As `--lang` says.
    #[arg(skip)]
    lang: Option<String>,
    /// Publish what says nothing of who may see it as visible to the circle; asks first, and is remembered for this export
    #[arg(long, value_name = "WHO")]
    visible_to: Option<String>,
    /// Answer yes to the question of --visible-to, for scripts
    #[arg(long)]
    yes: bool,
    /// Make a zip of the site too, to hand on; nothing of `content` is in it
    #[arg(long, value_name = "FILE")]
    zip: Option<PathBuf>,
    /// Do not open the site in the browser
    #[arg(long)]
    no_open: bool,
}

impl Args {
    /// The folder for the result; set at the beginning of [`run`].
    fn out(&self) -> &Path {
        self.out.as_deref().unwrap_or(Path::new(""))
    }
}

/// The number of posts and comments that is enough to find the language of a circle.
const ENOUGH_LINES: u32 = 5_000;

pub(crate) fn run(mut args: Args, lang: Option<String>, json: bool) -> anyhow::Result<ExitCode> {
    args.lang = lang;
    let spoken = args.lang.clone().or_else(sys_locale::get_locale);
    let lang = spoken.as_deref().map_or(Lang::En, Lang::from_tag);
    let words = Words::of(lang);
    if let (None, Some(first)) = (&args.out, args.exports.first()) {
        args.out = Some(beside(first, &words));
    }
    let map = args.map.as_deref().map(map_of).transpose()?;
    let mut inputs = Vec::new();
    for path in &args.exports {
        inputs.push(recognised(path, map.as_ref(), &args)?);
    }
    if let Some(zip) = &args.zip {
        check_replaceable(zip, &args)?;
    }
    let visible_to = args.visible_to.as_deref().map(ledger::visible_to).transpose()?;
    let asked = args.out().join("content");
    let plain = options(&asked, args.zone.as_deref(), &args.media, args.export_day.as_deref())?;
    let given = ledger::Asked { exports: &args.exports, map: map.as_ref(), from: args.from.as_deref() };
    let open = visible_to.is_some() && ledger::may_open(&given, &asked, &plain, args.yes, &words)?;
    let mut kept = Kept::open(args.out(), &args.exports)?;
    let bar = Bar::default();
    let done = keep(&args, inputs, &kept, &bar, (visible_to.filter(|_| open), !json));
    drop(bar);
    let Done { imported, built, mut report } = match done {
        Ok(done) => done,
        // Dropping `kept` removes the unfinished folder.
        Err(error) if !kept.again => return Err(with_nothing_written(error, &args)),
        Err(error) => return Err(error),
    };
    let name = published_name(&kept.content(), &mut report)?;
    kept.settle()?;
    let zip = args.zip.as_deref().map(|zip| zipped(&kept, zip)).transpose()?;
    let mut problems = imported.problems.clone();
    problems.extend(built.problems.iter().cloned());
    let told = SummaryData::of(&kept, name, imported, built, problems, zip)?;
    let note = messages::in_language(lang, &told.text(&kept, &words, false));
    let start = kept.beside(&words, &told.name, &note)?;
    if json {
        println!("{}", told.json(&kept, &start));
    } else {
        println!("{}", told.text(&kept, &words, true).trim_end());
    }
    if !args.no_open
        && !json
        && let Some(line) = show::open(&kept.site(), &start, &words)
    {
        println!("\n{line}");
    }
    Ok(exit_code(&told.problems))
}

/// The folder beside an export for its result. It is always the same, so that a second run merges.
fn beside(export: &Path, words: &Words) -> PathBuf {
    let full = export.canonicalize().unwrap_or_else(|_| export.to_owned());
    let name = full.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let mut stem = name.as_str();
    if full.is_file() {
        for end in [".gz", ".tgz", ".tar", ".zip", ".xlsx", ".json", ".jsonl", ".xml", ".csv", ".txt", ".md", ".html"] {
            let at = stem.len().saturating_sub(end.len());
            if at > 0 && stem.get(at..).is_some_and(|ending| ending.eq_ignore_ascii_case(end)) {
                stem = stem.get(..at).unwrap_or(stem);
            }
        }
    }
    // The path as typed is easier to read than an absolute one.
    let typed = export.parent().filter(|_| export.file_name().is_some());
    let folder = match typed {
        Some(folder) => folder.to_owned(),
        None => full.parent().map_or_else(PathBuf::new, Path::to_owned),
    };
    folder.join(words.fill("keep_beside", stem))
}

/// An export's parts, each with its importer.
fn recognised<'a>(path: &Path, map: Option<&'a ByMap>, args: &Args) -> anyhow::Result<Parts<'a>> {
    let input = Input::open(path).map_err(|error| with_nothing_written(error.into(), args))?;
    parts_of(input, map, args.from.as_deref()).map_err(|error| with_nothing_written(error.into(), args))
}

/// The same error, with a note that nothing was written.
fn with_nothing_written(error: anyhow::Error, args: &Args) -> anyhow::Error {
    let nothing = if args.out().exists() {
        format!("Nothing was written; {} is unchanged.", args.out().display())
    } else {
        "Nothing was written.".to_owned()
    };
    match error.downcast::<Error>() {
        Ok(Error { what, place, help }) => Error::new(what, place, format!("{help}\n  {nothing}")).into(),
        Err(error) => error.context(nothing),
    }
}

/// A zip of an earlier run is replaced; any other file with its name is not.
fn check_replaceable(zip: &Path, args: &Args) -> anyhow::Result<()> {
    let refuse = |what: &str| {
        let place = format!("file: {}", zip.display());
        Err(Error::new(what, place, "choose another name for `--zip`; nothing was written").into())
    };
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    if zip.is_dir() {
        return refuse("the zip cannot be made, because a folder has its name");
    }
    let folder = zip.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        return refuse("the zip cannot be made, because there is no such folder");
    }
    // Inside the exports it would be imported in the next run, and inside the site it would be compared with the manifest.
    if args.exports.iter().any(|export| real(zip).starts_with(real(export)))
        || real(folder).starts_with(real(args.out()))
    {
        return refuse("the zip cannot be made among the exports or in the folder that is kept");
    }
    let is_ours = |input: &Input| {
        let has = |name: &str| input.entries().iter().any(|entry| entry.path.split('/').nth(1) == Some(name));
        has("manifest-sha256.txt") && has("index.html")
    };
    if zip.exists() && !Input::plain(zip).is_ok_and(|input| is_ours(&input)) {
        return refuse("there is already a file with this name, which is not a zip of a site");
    }
    Ok(())
}

/// Packs only the site.
fn zipped(kept: &Kept, zip: &Path) -> anyhow::Result<PathBuf> {
    let options = pack::Options {
        site: kept.site(),
        form: pack::Form::Zip,
        out: Some(zip.to_owned()),
        force: true,
        anyway: false,
        fetch: false,
    };
    let bar = Bar::default();
    Ok(pack::pack(&options, &bar)?.path)
}

struct Done {
    imported: Imported,
    built: circle_publish::Summary,
    report: Report,
}

/// Import, configuration and build, all inside `kept`.
fn keep(
    args: &Args,
    inputs: Vec<Parts<'_>>,
    kept: &Kept,
    bar: &Bar,
    (unknown_as, speak): (Option<Visibility>, bool),
) -> anyhow::Result<Done> {
    let content = kept.content();
    let at = Utc(jiff::Timestamp::now().as_millisecond());
    let options = options(&content, args.zone.as_deref(), &args.media, args.export_day.as_deref())?;
    let options = Options { unknown_as, origin: args.origin.clone(), ..options };
    let mut imported = Imported::default();
    for parts in inputs {
        imported.add(all_parts(parts, &content, &options, at, Mode::Write, bar, speak)?);
    }
    if imported.added + imported.changed + imported.unchanged == 0 && imported.excluded.is_empty() {
        let place = args.exports.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ");
        let help = "look at what is in it with `circlekeep inspect`, and name the source with `--from`";
        // The export may itself say why, for example that one must sign in.
        let what = match imported.problems.first() {
            Some(problem) => format!("no posts could be read from it: {}", problem.what),
            None => "no posts could be read from it".to_owned(),
        };
        return Err(Error::new(what, format!("export: {place}"), help).into());
    }
    configure(args, &content)?;
    let mut report = Report::default();
    let built = build(&BuildOptions { content, out: kept.site(), ..BuildOptions::default() }, &mut report, bar)?;
    Ok(Done { imported, built, report })
}

/// Writes a `circle.toml` if there is none, with data from the exports and the member's choices. `--name` changes an existing
/// one.
fn configure(args: &Args, content: &Path) -> anyhow::Result<()> {
    let path = content.join(config::FILE);
    let text = if path.exists() {
        let Some(name) = &args.name else { return Ok(()) };
        let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        // Everything that the member wrote there stays, including comments.
        let mut table: toml_edit::DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| {
            Error::new(
                format!("circle.toml cannot be read: {}", error.message()),
                format!("file: {}", path.display()),
                "fix it, or leave `--name` out",
            )
        })?;
        if let Some(old) = table.get_mut("name").and_then(toml_edit::Item::as_value_mut) {
            let decor = old.decor().clone();
            *old = name.as_str().into();
            *old.decor_mut() = decor;
        } else {
            table.insert("name", toml_edit::value(name.as_str()));
        }
        table.to_string()
    } else {
        let mut draft = Draft::of(content, &args.exports);
        if let Some(name) = &args.name {
            draft.name.clone_from(name);
        }
        if let Some(zone) = &args.zone {
            draft.zone.clone_from(zone);
        }
        draft.language = Some(language(args, content));
        config_text(&draft)
    };
    replace(&path, text.as_bytes())
}

/// The interface's language: the member's choice; else the computer's, if that is Chinese; else the language of the posts.
fn language(args: &Args, content: &Path) -> Lang {
    if let Some(tag) = &args.lang {
        return Lang::from_tag(tag);
    }
    match sys_locale::get_locale().as_deref().map(Lang::from_tag) {
        Some(chinese @ (Lang::ZhHans | Lang::ZhHant)) => return chinese,
        Some(Lang::En) | None => {}
    }
    let (mut others, mut han, mut lines) = (0_u64, 0_u64, 0_u32);
    for file in ["posts.jsonl", "comments.jsonl"] {
        // The build reports files that cannot be read.
        let _ = archive::for_each_line(&content.join("archive").join(file), &mut Report::default(), |_, line| {
            lines += 1;
            if lines > ENOUGH_LINES {
                return Ok(());
            }
            let record: serde_json::Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
            let text = record.pointer("/body/source").and_then(serde_json::Value::as_str).unwrap_or_default();
            for c in text.chars().filter(|c| c.is_alphabetic()) {
                let is_han = matches!(c, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3134f}');
                *(if is_han { &mut han } else { &mut others }) += 1;
            }
            Ok(())
        });
    }
    // A word of five letters corresponds to one or two Han characters, and addresses and tags are letters, too.
    if han * 5 >= others { Lang::ZhHans } else { Lang::En }
}

/// The circle's name on the site.
fn published_name(content: &Path, report: &mut Report) -> anyhow::Result<String> {
    let path = content.join(config::FILE);
    let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(config::Config::read(&text, report)?.name)
}

/// Writes a small file under a temporary name, then renames it.
fn replace(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let write = || -> std::io::Result<()> {
        std::fs::create_dir_all(folder)?;
        let mut file = tempfile::Builder::new().prefix(".circlekeep-").tempfile_in(folder)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        #[cfg(unix)]
        std::fs::set_permissions(file.path(), std::os::unix::fs::PermissionsExt::from_mode(0o644))?;
        file.persist(path)?;
        Ok(())
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_export_is_kept_beside_itself_unless_somebody_says_where() {
        let dir = tempfile::tempdir().unwrap();
        let (folder, zip) = (dir.path().join("我的导出"), dir.path().join("backup.tar.gz"));
        std::fs::create_dir(&folder).unwrap();
        std::fs::File::create(&zip).unwrap();
        let words = Words::of(Lang::ZhHans);
        assert_eq!(beside(&folder, &words), dir.path().join("我的导出-存档"));
        assert_eq!(beside(&zip, &words), dir.path().join("backup-存档"));
    }
}
