//! `circlekeep`: makes an archive of a circle that outlives its platform. This file parses the command line and calls the
//! subcommands.
//!
//! A path without a command, as when somebody drops a folder on the program, means `keep`. Without arguments, the program says
//! how to begin ([`cmd::dropped`]).
//!
//! Exit codes: 0 success, 1 done but with problems, 2 failed.

/// Like the macro of the standard library, but does not panic if the pipe is closed (`… | head`); see [`cmd::term`].
macro_rules! print {
    ($($words:tt)*) => { $crate::cmd::term::out(format_args!($($words)*)) };
}

/// Like the macro of the standard library, but does not panic if the pipe is closed.
macro_rules! println {
    () => { print!("\n") };
    ($($words:tt)*) => { print!("{}\n", format_args!($($words)*)) };
}

/// Like the macro of the standard library, but does not panic if the pipe is closed.
macro_rules! eprint {
    ($($words:tt)*) => { $crate::cmd::term::err(format_args!($($words)*)) };
}

/// Like the macro of the standard library, but does not panic if the pipe is closed.
macro_rules! eprintln {
    ($($words:tt)*) => { $crate::cmd::term::err(format_args!("{}\n", format_args!($($words)*))) };
}

/// A build allocates and frees many small texts on all cores; see docs/performance.md.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

mod cmd;

use std::process::ExitCode;

use circle_model::view::Lang;
use clap::{CommandFactory as _, FromArgMatches as _, Parser};

/// What a person needs who has an export and a few minutes.
const FIRST_TIME: &str = "\
The first time, one command does it all (put your own file or folder for export.zip):
  circlekeep export.zip
To choose the folder:
  circlekeep keep export.zip --out my-circle
To see what is in an export first, without writing anything:
  circlekeep inspect export.zip";

/// Save a circle for good: exports in, a complete archive site out
#[derive(Debug, Parser)]
#[command(name = "circlekeep", version, propagate_version = true, after_help = FIRST_TIME)]
struct Cli {
    /// Language of what is printed: zh-Hans, zh-Hant or en; `keep` also makes a new site in it [default: the computer's]
    #[arg(long, global = true, value_name = "LANGUAGE", display_order = 900)]
    lang: Option<String>,
    /// Print one machine-readable summary on standard output, in English
    #[arg(long, global = true, display_order = 901)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    // First steps.
    Keep(cmd::keep::Args),
    Inspect(cmd::inspect::Args),
    // An archive step by step.
    Import(cmd::import::Args),
    Build(cmd::build::Args),
    Check(cmd::check::Args),
    Decide(cmd::decide::Args),
    Theme(cmd::theme::Args),
    // Hand it on.
    Verify(cmd::verify::Args),
    Pack(cmd::pack::Args),
    // Comments.
    #[cfg(feature = "serve")]
    Serve(cmd::serve::Args),
    #[cfg(feature = "serve")]
    Invite(cmd::invite::Args),
    #[cfg(feature = "serve")]
    Export(cmd::export::Args),
}

fn main() -> ExitCode {
    let args: Vec<_> = std::env::args_os().collect();
    let spoken = cmd::spoken::asked(&args);
    let is_command = |word: &str| Cli::command().find_subcommand(word).is_some() || word == "help";
    match cmd::dropped::meant(&args, is_command) {
        cmd::dropped::Meant::Nothing => cmd::dropped::welcome(),
        cmd::dropped::Meant::Keep(args) => {
            let code = parse_and_run(args, spoken);
            cmd::dropped::wait();
            code
        }
        cmd::dropped::Meant::Command => parse_and_run(args, spoken),
    }
}

fn parse_and_run(args: Vec<std::ffi::OsString>, spoken: Lang) -> ExitCode {
    let parsed = cmd::help::in_language(Cli::command(), spoken)
        .try_get_matches_from(args)
        .and_then(|matches| Cli::from_arg_matches(&matches));
    match parsed {
        Ok(cli) => run(cli, spoken),
        Err(error) => {
            cmd::spoken::speak(spoken);
            cmd::help::tell(&error, spoken)
        }
    }
}

fn run(Cli { lang, json, command }: Cli, spoken: Lang) -> ExitCode {
    // Machine-readable output is always English.
    cmd::spoken::speak(if json { Lang::En } else { spoken });
    let done = match command {
        Command::Inspect(args) => cmd::inspect::run(args, json),
        Command::Import(args) => cmd::import::run(args, json),
        Command::Keep(args) => cmd::keep::run(args, lang, json),
        Command::Build(args) => cmd::build::run(args, json),
        Command::Check(args) => cmd::check::run(args, json),
        Command::Decide(args) => cmd::decide::run(args, json),
        Command::Verify(args) => cmd::verify::run(args, json),
        Command::Pack(args) => cmd::pack::run(args, json),
        Command::Theme(args) => cmd::theme::run(args, json),
        #[cfg(feature = "serve")]
        Command::Serve(args) => cmd::serve::run(args, json),
        #[cfg(feature = "serve")]
        Command::Invite(args) => cmd::invite::run(args, json),
        #[cfg(feature = "serve")]
        Command::Export(args) => cmd::export::run(args, json),
    };
    done.unwrap_or_else(|error| {
        if json {
            println!("{}", serde_json::json!({ "error": format!("{error:#}") }));
        }
        eprintln!("error: {error:#}");
        ExitCode::from(2)
    })
}
