//! What the program does when nobody typed a command: it was opened by a double click, or a folder was dropped on it.

use std::{env::var_os, ffi::OsString, io::IsTerminal as _, path::Path, process::ExitCode};

use circle_model::view::Lang;
use circle_site::words::Words;

/// What the words of the command line mean.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Meant {
    /// There are none.
    Nothing,
    /// A path where a command would stand: the command line of `keep` for it.
    Keep(Vec<OsString>),
    /// Anything else.
    Command,
}

/// Looks at the words, the program's own name first. A command has the right of way before a file of its name.
pub(crate) fn meant(args: &[OsString], is_command: impl Fn(&str) -> bool) -> Meant {
    let Some((program, rest)) = args.split_first() else { return Meant::Nothing };
    if rest.is_empty() {
        return Meant::Nothing;
    }
    let mut words = rest.iter();
    let first = loop {
        let Some(word) = words.next() else { return Meant::Command };
        match word.to_string_lossy() {
            // The only option before a command that has a value.
            lang if lang == "--lang" => {
                words.next();
            }
            option if option.starts_with('-') => {}
            _ => break word,
        }
    };
    let shown = first.to_string_lossy();
    // What cannot be a command is a path, also where there is nothing: then it is said that there is no such file.
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

/// Waits for a key where the window would close with the program, so that somebody can read what it says. Only on Windows, and only
/// where no shell has set what shells set.
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
