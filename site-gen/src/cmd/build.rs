//! `circlekeep build`: content in, site out.

use std::{path::PathBuf, process::ExitCode};

use site_gen::{BuildOptions, Summary, build, report::Report};

use super::progress::{Bar, exit_code, facts_line, tell, words};

/// Build the site from the content folder
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The folder with circle.toml, posts, archive, media and theme
    #[arg(long, value_name = "DIR", default_value = "content")]
    content: PathBuf,
    /// The folder for the site
    #[arg(long, value_name = "DIR", default_value = "public")]
    out: PathBuf,
    /// The site's own address, for feeds and the sitemap; goes before that of circle.toml
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// Count everything that is missing, and private facts in texts, as problems
    #[arg(long)]
    strict: bool,
    /// Threads that render; 0 is one for each core
    #[arg(long, value_name = "N", default_value_t = 0)]
    threads: usize,
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
    let summary = build(&options, &mut report, &bar)?;
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

fn say(summary: &Summary, out: &std::path::Path) {
    let Summary { posts, comments, members, media, pages, written, unchanged, removed, .. } = summary;
    println!("published: {posts} posts, {comments} comments, {members} members, {} media", media.present);
    let excluded: Vec<String> = summary.excluded.iter().map(|(reason, n)| format!("{n} {reason}")).collect();
    if !excluded.is_empty() {
        println!("left out: {}", excluded.join(", "));
    }
    if media.missing > 0 {
        println!("missing: {} media; losses.html lists each with its reason", media.missing);
    }
    println!("pages: {pages}; files: {written} written, {unchanged} unchanged, {removed} removed");
    let seconds: f64 = summary.seconds.values().sum();
    let problems = summary.problems.len();
    println!("{problems} problems, {seconds:.1} seconds. Open {}", out.join("index.html").display());
}
