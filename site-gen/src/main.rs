//! `circlekeep`: an archive of a circle that outlives its platform. An enum of subcommands, and a match.
//!
//! Paths alone, as when somebody drops a folder on the program, mean `keep`; nothing at all, a word on how to begin ([`cmd::dropped`]).
//!
//! Exit codes: 0 fine, 1 done but with problems reported, 2 could not.

/// As in the standard library, but a closed pipe (`… | head`) is no panic; see [`cmd::term`].
macro_rules! print {
    ($($words:tt)*) => { $crate::cmd::term::out(format_args!($($words)*)) };
}

/// As in the standard library, but a closed pipe is no panic.
macro_rules! println {
    () => { print!("\n") };
    ($($words:tt)*) => { print!("{}\n", format_args!($($words)*)) };
}

/// As in the standard library, but a closed pipe is no panic.
macro_rules! eprintln {
    ($($words:tt)*) => { $crate::cmd::term::err(format_args!("{}\n", format_args!($($words)*))) };
}

mod cmd;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser};

/// What a person needs who has an export and a few minutes.
const FIRST_TIME: &str = "\
第一次用，一条命令就够了（导出.zip 换成您的文件，也可以是装着几种导出和截图的文件夹）：
  circlekeep 导出.zip
换个名字存：
  circlekeep keep 导出.zip --out 我的圈子
想先看看导出里有什么，什么也不会写：
  circlekeep inspect 导出.zip

The first time, one command does it all; a path alone means `keep`, with a folder beside it. `inspect` looks and writes nothing.";

/// Keeps a circle: exports and Markdown in, a complete site out, live comments beside it.
#[derive(Debug, Parser)]
#[command(name = "circlekeep", version, propagate_version = true, after_help = FIRST_TIME)]
struct Cli {
    /// Print one machine-readable summary on standard output
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Inspect(cmd::inspect::Args),
    Import(cmd::import::Args),
    Keep(cmd::keep::Args),
    Build(cmd::build::Args),
    Check(cmd::check::Args),
    Decide(cmd::decide::Args),
    Verify(cmd::verify::Args),
    Pack(cmd::pack::Args),
    Theme(cmd::theme::Args),
    #[cfg(feature = "serve")]
    Serve(cmd::serve::Args),
    #[cfg(feature = "serve")]
    Invite(cmd::invite::Args),
    #[cfg(feature = "serve")]
    Export(cmd::export::Args),
}

fn main() -> ExitCode {
    let args: Vec<std::ffi::OsString> = std::env::args_os().collect();
    let is_command = |word: &str| Cli::command().find_subcommand(word).is_some() || word == "help";
    match cmd::dropped::meant(&args, is_command) {
        cmd::dropped::Meant::Nothing => cmd::dropped::welcome(),
        cmd::dropped::Meant::Keep(args) => {
            let code = run(Cli::parse_from(args));
            cmd::dropped::wait();
            code
        }
        cmd::dropped::Meant::Command => run(Cli::parse_from(args)),
    }
}

fn run(Cli { json, command }: Cli) -> ExitCode {
    let done = match command {
        Command::Inspect(args) => cmd::inspect::run(args, json),
        Command::Import(args) => cmd::import::run(args, json),
        Command::Keep(args) => cmd::keep::run(args, json),
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
