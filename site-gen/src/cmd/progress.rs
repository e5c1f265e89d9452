//! A progress bar on standard error, and only where that is a terminal; and how problems are told.

use std::{io::IsTerminal as _, process::ExitCode, sync::Mutex, time::Duration};

use circle_content::{
    phrase::fill,
    report::{Problem, Progress},
};
use circle_html::privacy::Published;
use circle_import::inspect::skeleton::shell;
use circle_site::words::Words;
use indicatif::{ProgressBar, ProgressStyle};

/// How many problems are shown; the rest are counted.
const SHOWN: usize = 20;

/// Draws stages as bars. On anything but a terminal it is silent.
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

/// The words of the language that the program speaks.
pub(crate) fn words() -> &'static Words {
    Words::shared(super::spoken::lang())
}

/// One line on the private facts that people wrote into what is published, and the command that mends all of them; `None` where
/// there are none.
pub(crate) fn facts_line(facts: &Published, content: &std::path::Path, words: &Words) -> Option<String> {
    let counts: Vec<String> =
        facts.counts().map(|(pattern, count)| words.fill(&format!("facts_{pattern}"), &count.to_string())).collect();
    let command = facts.command(&shell(&content.display().to_string()));
    (!counts.is_empty()).then(|| words.fill_all("facts_note", [counts.join(words.get("list_comma")), command]))
}

/// Tells the problems on standard error, the first ones in full.
pub(crate) fn tell(problems: &[Problem]) {
    for problem in problems.iter().take(SHOWN) {
        eprintln!("problem: {}\n  at: {}\n  help: {}", problem.what, problem.place, problem.help);
    }
    if problems.len() > SHOWN {
        eprintln!("{}", fill("… and {} more problem[s]; `--json` lists them all", [problems.len() - SHOWN]));
    }
}

/// 0 when all is well, 1 when it is done but something was wrong.
pub(crate) fn exit_code(problems: &[Problem]) -> ExitCode {
    if problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) }
}
