//! Runs the program without a command: somebody double-clicked it, or dropped a folder on it.

use std::{env::var_os, ffi::OsString, io::IsTerminal as _, path::Path, process::ExitCode};

use circle_model::view::Lang;
use circle_site::words::Words;

/// The meaning of the arguments.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Meant {
    /// There are no arguments.
    Nothing,
    /// A path in place of a command: the command line of `keep` for it.
    Keep(Vec<OsString>),
    /// Anything else.
    Command,
}

/// Interprets the arguments, of which the first is the program's own name. A command takes precedence over a file with its name.
pub(crate) fn meant(args: &[OsString], is_command: impl Fn(&str) -> bool) -> Meant {
    let Some((program, rest)) = args.split_first() else { return Meant::Nothing };
    if rest.is_empty() {
        return Meant::Nothing;
    }
    let mut words = rest.iter();
    let first = loop {
        let Some(word) = words.next() else { return Meant::Command };
        match word.to_string_lossy() {
            // This is the only option before a command that has a value.
            lang if lang == "--lang" => {
                words.next();
            }
            option if option.starts_with('-') => {}
            _ => break word,
        }
    };
    let shown = first.to_string_lossy();
    // Text that cannot be a command is a path. If the file does not exist, the error says so.
    let is_path = Path::new(first).exists() || shown.contains(['/', '\\', '.']) || !shown.is_ascii();
    if is_command(&shown) || !is_path {
        return Meant::Command;
    }
    Meant::Keep([program.clone(), OsString::from("keep")].into_iter().chain(rest.iter().cloned()).collect())
}

fn words() -> Words {
    Words::of(sys_locale::get_locale().as_deref().map_or(Lang::En, Lang::from_tag))
}

/// Says how to begin.
pub(crate) fn welcome() -> ExitCode {
    println!("{}", words().get("keep_welcome"));
    wait();
    ExitCode::SUCCESS
}

/// Waits for a key if the window would close with the program, so that the user can read the output. Only on Windows, and only if
/// no variable of a shell is set.
pub(crate) fn wait() {
    let of_shells = ["PROMPT", "SHELL", "MSYSTEM", "WT_SESSION", "TERM_PROGRAM", "TERM", "SSH_CONNECTION"];
    let own_window = cfg!(windows) && !of_shells.iter().any(|name| var_os(name).is_some());
    if !own_window || !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
        return;
    }
    println!("\n{}", words().get("keep_press_enter"));
    let _ = std::io::stdin().read_line(&mut String::new());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(words: &[&str]) -> Vec<OsString> {
        std::iter::once("circlekeep").chain(words.iter().copied()).map(OsString::from).collect()
    }

    #[test]
    fn a_path_alone_means_keep_beside_it() {
        let dir = tempfile::tempdir().unwrap();
        let (folder, zip) = (dir.path().join("我的导出"), dir.path().join("backup.tar.gz"));
        std::fs::create_dir(&folder).unwrap();
        std::fs::File::create(&zip).unwrap();
        let shown = |path: &Path| path.display().to_string();
        let is_command = |word: &str| word == "keep" || word == "build";
        assert_eq!(meant(&args(&[]), is_command), Meant::Nothing);
        assert_eq!(meant(&args(&["build"]), is_command), Meant::Command);
        assert_eq!(meant(&args(&["--json"]), is_command), Meant::Command);
        assert_eq!(meant(&args(&["--lang", "zh-Hans", "build"]), is_command), Meant::Command);
        assert_eq!(meant(&args(&["biuld"]), is_command), Meant::Command, "a slip of the fingers");
        for line in [
            vec!["/there/is/nothing"],
            vec!["没有这个.zip"],
            vec![&shown(&folder), &shown(&zip)],
            vec!["--lang", "zh-Hans", &shown(&folder)],
            vec![&shown(&folder), "--visible-to", "circle", "--no-open"],
        ] {
            let Meant::Keep(kept) = meant(&args(&line), is_command) else { panic!("no keep: {line:?}") };
            assert_eq!(kept[1], "keep");
            assert_eq!(kept[2..], args(&line)[1..]);
        }
    }
}
