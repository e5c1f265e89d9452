//! The ledger of an import in words: the same lines for `import`, `keep` and `inspect`.

use std::{
    collections::BTreeMap,
    io::{IsTerminal as _, Write as _},
    path::{Path, PathBuf},
};

use circle_content::{
    Error,
    archive::Mode,
    input::Input,
    options::Options,
    report::{Files, Lost},
};
use circle_import::{ByMap, Summary};
use circle_model::{archive::Visibility, text::without_bidi};
use circle_site::words::Words;

use super::{
    import::{all_parts, parts_of},
    progress::Bar,
};

/// The maximum number of file names, and of places of missing parts.
const SHOWN: usize = 20;
const PLACES: usize = 3;

/// One line: the numbers of files that were read, belong to records, need no reading, and were not read.
pub(crate) fn files_line(files: &Files, words: &Words) -> String {
    let mut parts = vec![words.fill("files_read", &files.read.to_string())];
    if files.belongs > 0 {
        parts.push(words.fill("files_belong", &files.belongs.to_string()));
    }
    if files.needs_none > 0 {
        let comma = words.get("list_comma");
        let why: Vec<&str> = files.needs_none_why.keys().map(|why| words.get(needs_none(why))).collect();
        parts.push(words.fill_all("files_none", [files.needs_none.to_string(), why.join(comma)]));
    }
    if !files.not_read.is_empty() {
        parts.push(words.fill("files_not", &files.not_read.len().to_string()));
    }
    parts.join(words.get("list_comma"))
}

fn needs_none(why: &str) -> &'static str {
    match why {
        "theme" => "needs_none_theme",
        "style" => "needs_none_style",
        "lock" => "needs_none_lock",
        "config" => "needs_none_config",
        "generated" => "needs_none_generated",
        _ => "needs_none_system",
    }
}

/// What was not read or not carried over: a line, and details below it. `refused` entries are reported as problems elsewhere,
/// unless `all` are requested. `short` shows only the first names.
pub(crate) fn open(
    files: &Files,
    lost: &BTreeMap<&'static str, Lost>,
    words: &Words,
    short: bool,
) -> Vec<(String, Vec<String>)> {
    let mut out = Vec::new();
    let not_read: Vec<_> = files.not_read.iter().filter(|file| !file.is_refused()).collect();
    if !not_read.is_empty() {
        let most = if short { SHOWN } else { usize::MAX };
        let mut names: Vec<String> = not_read
            .iter()
            .take(most)
            .map(|file| {
                let why = words.get(&format!("unread_{}", file.why)).to_owned();
                words.fill_all("ledger_file", [without_bidi(&file.path).replace(['\n', '\r'], " "), why])
            })
            .collect();
        if not_read.len() > most {
            names.push(words.fill("ledger_more_files", &(not_read.len() - most).to_string()));
        }
        out.push((words.fill("ledger_not_read", &not_read.len().to_string()), names));
    }
    if !lost.is_empty() {
        let of = |(kind, lost): (&&str, &Lost)| {
            let what = words.fill(&format!("lost_{kind}"), &lost.count.to_string());
            let places: Vec<String> = lost.places.iter().take(PLACES).map(|place| without_bidi(place)).collect();
            let places = places.join(words.get("list_comma"));
            if places.is_empty() { what } else { words.fill_all("ledger_lost_in", [what, places]) }
        };
        out.push((words.get("ledger_lost").to_owned(), lost.iter().map(of).collect()));
    }
    out
}

/// Parses the value of `--visible-to`.
pub(crate) fn visible_to(name: &str) -> anyhow::Result<Visibility> {
    match name {
        "circle" => Ok(Visibility::Circle),
        _ => Err(Error::new(
            format!("`{name}` is nobody to whom records of unknown audience can be shown"),
            "option: --visible-to",
            "the one choice is `circle`: the members of the circle",
        )
        .into()),
    }
}

/// The given exports, and how to read them.
pub(crate) struct Asked<'a> {
    pub(crate) exports: &'a [PathBuf],
    pub(crate) map: Option<&'a ByMap>,
    pub(crate) from: Option<&'a str>,
}

/// Asks whether to publish records of unknown audience, with their number and kind. True if there are any and the answer is yes.
/// `yes` answers for scripts.
///
/// # Errors
/// When an input cannot be read, or there is no terminal to ask on.
pub(crate) fn may_open(
    asked: &Asked<'_>,
    content: &Path,
    options: &Options,
    yes: bool,
    words: &Words,
) -> anyhow::Result<bool> {
    let mut total = Summary::default();
    let plain = Options { unknown_as: None, ..options.clone() };
    for path in asked.exports {
        let parts = parts_of(Input::open(path)?, asked.map, asked.from)?;
        let at = circle_model::time::Utc(0);
        total.add(all_parts(parts, content, &plain, at, Mode::DryRun, &Bar::default(), false)?);
    }
    let of = |kind: &str| {
        total.records.get(kind).and_then(|records| records.withheld.get("unknown")).copied().unwrap_or_default()
    };
    let counts: Vec<String> = [("posts", "unknown_posts"), ("comments", "unknown_comments")]
        .into_iter()
        .filter(|(kind, _)| of(kind) > 0)
        .map(|(kind, key)| words.fill(key, &of(kind).to_string()))
        .collect();
    if counts.is_empty() || yes {
        return Ok(!counts.is_empty());
    }
    confirmed(&words.fill("unknown_ask", &counts.join(words.get("list_comma"))), "--visible-to")
}

/// Asks on a terminal; without one, says that `--yes` is needed.
pub(crate) fn confirmed(question: &str, option: &str) -> anyhow::Result<bool> {
    if !std::io::stdin().is_terminal() {
        return Err(Error::new(
            "this has to be confirmed, and there is nobody at the terminal to ask",
            format!("option: {option}"),
            "run it in a terminal, or add `--yes` to answer yes; nothing was written",
        )
        .into());
    }
    let mut stderr = std::io::stderr();
    let _ = stderr.write_all(question.as_bytes()).and_then(|()| stderr.flush());
    let mut answer = String::new();
    let read = std::io::stdin().read_line(&mut answer).unwrap_or_default();
    let answer = answer.trim().to_lowercase();
    Ok(read > 0 && ["y", "yes", "是", "好", "ｙ"].contains(&answer.as_str()))
}
