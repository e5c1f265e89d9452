//! `circlekeep build`: makes the site from the content folder.

use std::{
    path::PathBuf,
    process::ExitCode,
    time::{Duration, SystemTime},
};

use etcetera::BaseStrategy as _;

use circle_content::{phrase::fill, report::Report};
use circle_publish::{
    BuildOptions, Summary, build,
    last_build::{Cache, build_if_changed},
};

use super::{
    progress::{Bar, exit_code, facts_line, tell, words},
    spoken::reasons,
};

/// Build the archive site from the content folder
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The folder with circle.toml, posts, archive, media and theme
    #[arg(long, value_name = "DIR", default_value = "content")]
    content: PathBuf,
    /// The folder for the site
    #[arg(long, value_name = "DIR", default_value = "public")]
    out: PathBuf,
    /// The site's public address, for feeds and the sitemap (overrides circle.toml)
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// Treat missing media, and private data in texts, as problems (exit status 1)
    #[arg(long)]
    strict: bool,
    /// Number of worker threads (0: one per core)
    #[arg(long, value_name = "N", default_value_t = 0)]
    threads: usize,
    /// Build even if nothing changed since the last build
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    sign: super::sign::Signing,
}

pub(crate) fn run(args: Args, json: bool) -> anyhow::Result<ExitCode> {
    let (content, out) = (args.content.clone(), args.out.clone());
    let options = BuildOptions {
        content: args.content,
        out: args.out,
        base_url: args.base_url,
        strict: args.strict,
        threads: args.threads,
    };
    let key = args.sign.open()?;
    let mut report = Report::default();
    let bar = Bar::default();
    let summary = match cache().filter(|_| !args.force) {
        Some(cache) => build_if_changed(&options, &cache, &mut report, &bar)?,
        None => build(&options, &mut report, &bar)?,
    };
    drop(bar);
    let signature = key.map(|key| super::sign::write(&key, &out)).transpose()?;
    if json {
        println!("{}", serde_json::to_string(&summary)?);
        return Ok(exit_code(&summary.problems));
    }
    tell(&summary.problems);
    for note in &report.notes {
        eprintln!("note: {note}");
    }
    say(&summary, &out);
    if let Some(line) = facts_line(&summary.private, &content, words()) {
        println!("{line}");
    }
    if let Some(signature) = signature {
        println!("signed: {} by {}", signature.file, signature.by);
    }
    Ok(exit_code(&summary.problems))
}

/// Where the user's caches are, and which program this is. `None` where that is not known: then every build is done in full.
fn cache() -> Option<Cache> {
    let now = u64::try_from(jiff::Timestamp::now().as_millisecond()).ok()?;
    let program = std::env::current_exe().ok()?;
    let meta = program.metadata().ok()?;
    let folder = etcetera::choose_base_strategy().ok()?.cache_dir().join("circlekeep").join("builds");
    Some(Cache {
        folder,
        program: format!("{} {} {:?}", program.display(), meta.len(), meta.modified().ok()?),
        now: SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(now))?,
    })
}

fn say(summary: &Summary, out: &std::path::Path) {
    let Summary { posts, comments, members, media, pages, written, unchanged, removed, .. } = summary;
    let published = [*posts, *comments, *members, media.present];
    println!("{}", fill("published: {} post[s], {} comment[s], {} member[s], {} picture[s] or file[s]", published));
    if !summary.excluded.is_empty() {
        println!("not published: {}", reasons(&summary.excluded));
    }
    if media.missing > 0 {
        println!(
            "{}",
            fill("missing: {} picture[s] or file[s]; losses.html gives the reason for each", [media.missing])
        );
    }
    println!("pages: {pages}; files: {written} written, {unchanged} unchanged, {removed} removed");
    if summary.is_repeated() {
        println!("nothing changed since the last build, so nothing was built; `--force` builds anyway");
    }
    let seconds: f64 = summary.seconds.values().sum();
    let problems = summary.problems.len();
    let (seconds, page) = (format!("{seconds:.1}"), out.join("index.html").display().to_string());
    println!(
        "{}",
        match problems {
            0 => fill("No problems. Built in {} seconds. Open {}", [seconds, page]),
            some => fill("{} problem[s]. Built in {} seconds. Open {}", [some.to_string(), seconds, page]),
        }
    );
}
