//! `circlekeep check`: checks links, anchors, media, requests to other hosts, and private data.

use std::{path::PathBuf, process::ExitCode};

use circle_content::{config::Config, phrase::fill, report::Report};
use circle_publish::check;
use serde_json::json;

use super::{
    kept::{content_of, site_of},
    progress::{exit_code, facts_line, tell, words},
};

/// Find broken links, missing media, outside requests and private data in a built site, and what a decision takes out and still stands there
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The built site
    #[arg(value_name = "DIR", default_value = "public")]
    site: PathBuf,
    /// The content folder, for what circle.toml allows and for what leaders decided [default: beside the site, else `content`]
    #[arg(long, value_name = "DIR")]
    content: Option<PathBuf>,
    /// Count private facts in texts as problems too
    #[arg(long)]
    strict: bool,
}

pub(crate) fn run(args: Args, json: bool) -> anyhow::Result<ExitCode> {
    let site = site_of(&args.site);
    let content = args.content.unwrap_or_else(|| content_of(&site));
    let config = std::fs::read_to_string(content.join(circle_content::config::FILE)).ok();
    let config = config.and_then(|text| Config::read(&text, &mut Report::default()).ok());
    let check::Checked { mut problems, facts } =
        check::folder(&site, &config.map(|config| config.allow).unwrap_or_default())?;
    if let Some(veil) = site_gen::decide::veil(&content)? {
        problems.extend(check::decided(&site, &veil)?);
    }
    if args.strict {
        problems.extend(check::facts_as_problems(&facts));
    }
    if json {
        println!("{}", json!({ "command": "check", "private": facts, "problems": problems }));
    } else {
        tell(&problems);
        let (count, site) = (problems.len().to_string(), site.display().to_string());
        println!("{}", fill("{} problem[s] in {}", [count, site]));
        if let Some(line) = facts_line(&facts, &content, words()) {
            println!("{line}");
        }
    }
    Ok(exit_code(&problems))
}
