//! `circlekeep check`: links, anchors, media, requests to other hosts, private facts.

use std::{path::PathBuf, process::ExitCode};

use serde_json::json;
use site_gen::{check, config::Config, report::Report, words::fill};

use super::progress::{exit_code, tell};

/// Find broken links, missing media, outside requests and private data in a built site
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The built site
    #[arg(value_name = "DIR", default_value = "public")]
    site: PathBuf,
    /// The content folder, for the list of private facts that circle.toml allows
    #[arg(long, value_name = "DIR", default_value = "content")]
    content: PathBuf,
}

pub(crate) fn run(args: Args, json: bool) -> anyhow::Result<ExitCode> {
    let config = std::fs::read_to_string(args.content.join(site_gen::config::FILE)).ok();
    let config = config.and_then(|text| Config::read(&text, &mut Report::default()).ok());
    let problems = check::folder(&args.site, &config.map(|config| config.allow).unwrap_or_default())?;
    if json {
        println!("{}", json!({ "command": "check", "problems": problems }));
    } else {
        tell(&problems);
        let (count, site) = (problems.len().to_string(), args.site.display().to_string());
        println!("{}", fill("{} problem[s] in {}", [count, site]));
    }
    Ok(exit_code(&problems))
}
