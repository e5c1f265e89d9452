//! `circlekeep theme eject`: a fresh copy of a built-in template or asset, to be changed.

use std::{io::Write as _, path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use serde_json::json;
use site_gen::{Error, theme::BUILT_IN};

/// Copy built-in templates and style sheets into content/theme, to change them
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Write one built-in file into content/theme; a file that is there is never overwritten
    Eject {
        /// Its name, such as tokens.css or post.html
        file: String,
        /// The content folder
        #[arg(long, value_name = "DIR", default_value = "content")]
        content: PathBuf,
    },
    /// List the built-in files
    List,
}

pub(crate) fn run(args: Args, json: bool) -> anyhow::Result<ExitCode> {
    let names: Vec<&str> = BUILT_IN.iter().map(|(name, _)| *name).collect();
    let (file, content) = match args.action {
        Action::List => {
            if json {
                println!("{}", json!({ "command": "theme", "files": names }));
            } else {
                println!("{}", names.join("\n"));
            }
            return Ok(ExitCode::SUCCESS);
        }
        Action::Eject { file, content } => (file, content),
    };
    let Some((name, text)) = BUILT_IN.iter().find(|(name, _)| *name == file) else {
        return Err(Error::new(
            "there is no built-in file of this name",
            format!("file: {file}; known: {}", names.join(", ")),
            "choose one of those",
        )
        .into());
    };
    let folder = content.join("theme");
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let target = folder.join(name);
    let mut out = std::fs::File::create_new(&target)
        .with_context(|| format!("cannot write {}; a file that is there is never overwritten", target.display()))?;
    out.write_all(text.as_bytes()).with_context(|| format!("cannot write {}", target.display()))?;
    if json {
        println!("{}", json!({ "command": "theme", "file": target }));
    } else {
        println!("{} is yours to change; delete it to have the built-in one back", target.display());
    }
    Ok(ExitCode::SUCCESS)
}
