//! `circlekeep pack`: the site as one thing to hand on.

use std::{path::PathBuf, process::ExitCode};

use serde_json::json;
use site_gen::pack::{self, Form};

use super::progress::{Bar, exit_code, tell};

/// Pack a built site into a zip, or into a bag (RFC 8493) for archives and libraries
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The built site
    #[arg(value_name = "DIR", default_value = "public")]
    site: PathBuf,
    /// What it becomes
    #[arg(long = "as", value_name = "FORM")]
    form: As,
    /// The file or folder to make; without it one named after the circle. A bag whose name ends in .zip is zipped
    #[arg(long, value_name = "PATH")]
    out: Option<PathBuf>,
    /// Replace what is there
    #[arg(long)]
    force: bool,
    /// Pack the site even if it is not as it was built
    #[arg(long)]
    anyway: bool,
    /// In a bag, name absent media whose hash is known in fetch.txt; it is incomplete until somebody fetched them
    #[arg(long)]
    fetch: bool,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum As {
    /// One folder in a zip; unpack it and open index.html
    Zip,
    /// A bag after RFC 8493
    Bag,
}

pub(crate) fn run(args: Args, json: bool) -> anyhow::Result<ExitCode> {
    let form = match args.form {
        As::Zip => Form::Zip,
        As::Bag => Form::Bag,
    };
    let options = pack::Options {
        site: args.site,
        form,
        out: args.out,
        force: args.force,
        anyway: args.anyway,
        fetch: args.fetch,
    };
    let bar = Bar::default();
    let packed = pack::pack(&options, &bar)?;
    drop(bar);
    if json {
        let media = json!({ "missing": packed.absent, "to_fetch": packed.to_fetch });
        println!(
            "{}",
            json!({
                "command": "pack", "path": packed.path, "files": packed.files, "bytes": packed.bytes, "media": media,
                "problems": packed.problems,
            })
        );
        return Ok(exit_code(&packed.problems));
    }
    tell(&packed.problems);
    println!("packed: {} files, {} bytes", packed.files, packed.bytes);
    if packed.absent > 0 {
        println!("absent media: {}, listed in absent-media.tsv; {} to be fetched", packed.absent, packed.to_fetch);
    }
    println!("{} is ready", packed.path.display());
    Ok(exit_code(&packed.problems))
}
