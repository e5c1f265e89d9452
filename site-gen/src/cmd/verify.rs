//! `circlekeep verify`: every byte against the manifest.

use std::{path::PathBuf, process::ExitCode};

use serde_json::json;
use site_gen::fixity;

use super::progress::{exit_code, tell};

/// Compare every byte of a built site, a zip of one or a bag with its manifest
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The built site, or what `pack` made of it: a zip, a bag, a zipped bag
    #[arg(value_name = "PATH", default_value = "public")]
    site: PathBuf,
}

pub(crate) fn run(args: Args, json: bool) -> anyhow::Result<ExitCode> {
    let verified = fixity::verify(&args.site)?;
    let problems = verified.problems;
    if json {
        println!(
            "{}",
            json!({
                "command": "verify", "kind": verified.kind.as_str(), "files": verified.files, "problems": problems,
            })
        );
    } else {
        tell(&problems);
        let all =
            if problems.is_empty() { "every byte is as it was written" } else { "not every byte is as it was written" };
        println!("{all}: {} differences in {} files of {}", problems.len(), verified.files, args.site.display());
    }
    Ok(exit_code(&problems))
}
