//! `circlekeep theme`: lists the built-in themes, and copies a built-in template or asset for editing.

use std::{io::Write as _, path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use circle_content::Error;
use circle_site::theme::{BUILT_IN, BuiltIn, THEMES};
use serde_json::json;

/// List themes, or copy their files into content/theme to edit
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Copy a built-in file into content/theme (never overwrites)
    Eject {
        /// Its name, such as tokens.css or post.html
        file: String,
        /// The content folder
        #[arg(long, value_name = "DIR", default_value = "content")]
        content: PathBuf,
        /// The built-in theme whose file it is
        #[arg(long, value_name = "NAME", default_value = "paper")]
        theme: String,
    },
    /// List the built-in themes and files
    List,
}

pub(crate) fn run(args: Args, json: bool) -> anyhow::Result<ExitCode> {
    let (file, content, theme) = match args.action {
        Action::List => {
            list(json);
            return Ok(ExitCode::SUCCESS);
        }
        Action::Eject { file, content, theme } => (file, content, theme),
    };
    let Some(theme) = THEMES.iter().find(|known| known.name == theme) else {
        let known: Vec<&str> = THEMES.iter().map(|theme| theme.name).collect();
        return Err(Error::new(
            "there is no built-in theme of this name",
            format!("theme: {theme}; known: {}", known.join(", ")),
            "choose one of those",
        )
        .into());
    };
    let Some((name, text)) = files(theme).find(|(name, _)| *name == file) else {
        let known: Vec<&str> = files(theme).map(|(name, _)| name).collect();
        return Err(Error::new(
            "there is no built-in file of this name",
            format!("file: {file}; known: {}", known.join(", ")),
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
        println!("{}", json!({ "command": "theme", "file": target, "theme": theme.name }));
    } else {
        println!("edit {} as you like; delete it to return to the built-in one", target.display());
    }
    Ok(ExitCode::SUCCESS)
}

/// The files of a theme: its own, and the plain ones for other names.
fn files(theme: &BuiltIn) -> impl Iterator<Item = (&'static str, &'static str)> {
    let own = theme.files;
    let plain = BUILT_IN.iter().filter(|(name, _)| !own.iter().any(|(other, _)| other == name));
    own.iter().chain(plain).copied()
}

fn list(json: bool) {
    if json {
        let themes: Vec<_> = THEMES
            .iter()
            .map(|theme| {
                let own: Vec<&str> = theme.files.iter().map(|(name, _)| *name).collect();
                json!({ "name": theme.name, "about": theme.about, "files": own })
            })
            .collect();
        let names: Vec<&str> = BUILT_IN.iter().map(|(name, _)| *name).collect();
        println!("{}", json!({ "command": "theme", "themes": themes, "files": names }));
        return;
    }
    println!("themes, for `theme = \"…\"` in circle.toml:");
    for theme in THEMES {
        let own: Vec<&str> = theme.files.iter().map(|(name, _)| *name).collect();
        let own = if own.is_empty() { String::new() } else { format!(" ({})", own.join(", ")) };
        println!("  {}  {}{own}", theme.name, super::spoken::say(theme.about));
    }
    println!("files, for `circlekeep theme eject`:");
    for (name, _) in BUILT_IN {
        println!("  {name}");
    }
}
