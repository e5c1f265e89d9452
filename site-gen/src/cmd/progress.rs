//! A progress bar on standard error, if that is a terminal; and the output of problems.

use std::{io::IsTerminal as _, process::ExitCode, sync::Mutex, time::Duration};

use circle_content::{
    phrase::fill,
    report::{Problem, Progress},
};
use circle_html::privacy::Published;
use circle_import::inspect::skeleton::shell;
use circle_site::words::Words;
use indicatif::{ProgressBar, ProgressStyle};

/// The maximum number of problems that are shown; the rest are counted.
const SHOWN: usize = 20;

/// Shows stages as progress bars. Silent if there is no terminal.
#[derive(Debug, Default)]
pub(crate) struct Bar(Mutex<Option<ProgressBar>>);

impl Progress for Bar {
    fn stage(&self, name: &str, total: Option<u64>) {
        if !std::io::stderr().is_terminal() {
            return;
        }
        let bar = total.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
        let shape = if total.is_some() { "{msg:10} {bar:40} {pos}/{len}" } else { "{msg:10} {spinner}" };
        if let Ok(style) = ProgressStyle::with_template(shape) {
            bar.set_style(style);
        }
        bar.set_message(super::spoken::one_word("stage", name));
        bar.enable_steady_tick(Duration::from_millis(120));
        let mut slot = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(old) = slot.replace(bar) {
            old.finish_and_clear();
        }
    }

    fn advance(&self, steps: u64) {
        if let Some(bar) = &*self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner) {
            bar.inc(steps);
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if let Some(bar) = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take() {
            bar.finish_and_clear();
        }
    }
}

/// The words of the program's language.
pub(crate) fn words() -> &'static Words {
    Words::shared(super::spoken::lang())
}

/// A line about private data that people wrote into published texts, with the command that redacts all of it; `None` if there is
/// none.
pub(crate) fn facts_line(facts: &Published, content: &std::path::Path, words: &Words) -> Option<String> {
    let counts: Vec<String> =
        facts.counts().map(|(pattern, count)| words.fill(&format!("facts_{pattern}"), &count.to_string())).collect();
    let command = facts.command(&shell(&content.display().to_string()));
    (!counts.is_empty()).then(|| words.fill_all("facts_note", [counts.join(words.get("list_comma")), command]))
}

/// Prints the problems on standard error, the first ones in full.
pub(crate) fn tell(problems: &[Problem]) {
    for problem in problems.iter().take(SHOWN) {
        eprintln!("problem: {}\n  at: {}\n  help: {}", problem.what, problem.place, problem.help);
    }
    if problems.len() > SHOWN {
        eprintln!("{}", fill("… and {} more problem[s]; `--json` lists them all", [problems.len() - SHOWN]));
    }
}

/// 0 for success, 1 if there were problems.
pub(crate) fn exit_code(problems: &[Problem]) -> ExitCode {
    if problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) }
}
