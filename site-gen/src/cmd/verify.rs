//! `circlekeep verify`: every byte against the manifest.

use std::{path::PathBuf, process::ExitCode};

use serde_json::json;
use site_gen::check;

use super::progress::{exit_code, tell};

/// Compare every byte of a built site with its manifest
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The built site
    #[arg(value_name = "DIR", default_value = "public")]
    site: PathBuf,
}

pub(crate) fn run(args: Args, json: bool) -> anyhow::Result<ExitCode> {
    let problems = check::verify(&args.site)?;
    if json {
        println!("{}", json!({ "command": "verify", "problems": problems }));
    } else {
        tell(&problems);
        let all =
            if problems.is_empty() { "every byte is as it was written" } else { "not every byte is as it was written" };
        println!("{all}: {} differences in {}", problems.len(), args.site.display());
    }
    Ok(exit_code(&problems))
}
