//! What the program does when nobody typed a command: it was opened by a double click, or a folder was dropped on it.

use std::{
    env::var_os,
    ffi::OsString,
    io::IsTerminal as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use circle_model::view::Lang;
use site_gen::words::Words;

/// What the words of the command line mean.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Meant {
    /// There are none.
    Nothing,
    /// Paths alone: the command line of `keep` for them.
    Keep(Vec<OsString>),
    /// Anything else.
    Command,
}

/// Looks at the words, the program's own name first. A command has the right of way before a file of its name.
pub(crate) fn meant(args: &[OsString], is_command: impl Fn(&str) -> bool) -> Meant {
    let Some((program, paths)) = args.split_first() else { return Meant::Nothing };
    let Some(first) = paths.first() else { return Meant::Nothing };
    let is_path = |word: &OsString| !word.to_string_lossy().starts_with('-') && Path::new(word).exists();
    if is_command(&first.to_string_lossy()) || !paths.iter().all(is_path) {
        return Meant::Command;
    }
    let out = beside(Path::new(first), &words());
    let rest = paths.iter().cloned().chain([OsString::from("--out"), out.into_os_string()]);
    Meant::Keep([program.clone(), OsString::from("keep")].into_iter().chain(rest).collect())
}

/// The folder beside an export in which it is kept: always the same one, so that a second time merges.
fn beside(export: &Path, words: &Words) -> PathBuf {
    let full = export.canonicalize().unwrap_or_else(|_| export.to_owned());
    let name = full.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let mut stem = name.as_str();
    if full.is_file() {
        for end in [".gz", ".tgz", ".tar", ".zip", ".xlsx", ".json", ".jsonl", ".xml", ".csv", ".txt", ".md", ".html"] {
            let at = stem.len().saturating_sub(end.len());
            if at > 0 && stem.get(at..).is_some_and(|ending| ending.eq_ignore_ascii_case(end)) {
                stem = stem.get(..at).unwrap_or(stem);
            }
        }
    }
    // A path as it was typed reads better than one from the root.
    let typed = export.parent().filter(|_| export.file_name().is_some());
    let folder = match typed {
        Some(folder) => folder.to_owned(),
        None => full.parent().map_or_else(PathBuf::new, Path::to_owned),
    };
    folder.join(words.fill("keep_beside", stem))
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
        assert_eq!(meant(&args(&["/there/is/nothing"]), is_command), Meant::Command);
        assert_eq!(meant(&args(&[&shown(&folder), "--json"]), is_command), Meant::Command);
        let both = args(&[&shown(&folder), &shown(&zip)]);
        let Meant::Keep(kept) = meant(&both, is_command) else { panic!("no keep") };
        assert_eq!(kept[1], "keep");
        assert_eq!(kept[4], "--out");
        assert!(kept[5].to_string_lossy().contains("我的导出"), "{kept:?}");

        let words = Words::of(Lang::ZhHans);
        assert_eq!(beside(&folder, &words), dir.path().join("我的导出-存档"));
        assert_eq!(beside(&zip, &words), dir.path().join("backup-存档"));
    }
}
