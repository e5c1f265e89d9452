//! What a visitor downloads, and how much it may be.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::{Made, PLAIN};
use crate::say;
use crate::wasm_std::{Form, WasmStd};

/// Everything that writing needs, with a standard library built for size.
const BUDGET: usize = 80 * 1024;
/// The same with the standard library as rustup ships it.
const BUDGET_PLAIN_STD: usize = 90 * 1024;
/// A build for development: neither minified nor optimised. It is watched in every test run, so that a library that
/// adds tens of kilobytes is noticed on the day it comes.
const BUDGET_DEV: usize = 110 * 1024;

/// The sizes of one build.
pub(super) struct Sizes {
    /// Name, bytes, bytes compressed by brotli 11.
    files: Vec<(String, usize, usize)>,
    budget: usize,
    form: String,
    origin: String,
}

/// The sizes of `made`; `compressed` are those that a web server sends, in the same order.
pub(super) fn measure(made: &Made, compressed: &[usize], std: &WasmStd, form: Form) -> Sizes {
    let files = made.iter().zip(compressed).map(|((name, bytes), small)| (name.clone(), bytes.len(), *small)).collect();
    let (form, budget) = match form {
        Form::Dev => ("dev", BUDGET_DEV),
        Form::Dist if std.immediate_abort => ("dist", BUDGET),
        Form::Dist => ("dist", BUDGET_PLAIN_STD),
    };
    Sizes { files, budget, form: form.to_owned(), origin: std.origin.clone() }
}

impl Sizes {
    /// Prints a table; true if the total is within the budget.
    pub(super) fn report(&self) -> bool {
        for (name, plain, small) in &self.files {
            say::note(format!("{plain:>9} bytes {small:>8} as brotli  {name}"));
        }
        let total = self.total();
        let within = total <= self.budget;
        let verdict = if within { "within" } else { "OVER" };
        say::note(format!("a visitor downloads {total} bytes, {verdict} the {} budget of {}", self.form, self.budget));
        within
    }

    /// The content of `SIZES.json`.
    pub(super) fn to_json(&self) -> Result<Vec<u8>> {
        let files: Vec<Value> = self
            .files
            .iter()
            .map(|(name, plain, small)| json!({ "name": name, "bytes": plain, "brotli": small }))
            .collect();
        let value = json!({
            "form": self.form, "std": self.origin, "budget": self.budget, "total": self.total(), "files": files,
        });
        let mut text = serde_json::to_vec_pretty(&value)?;
        text.push(b'\n');
        Ok(text)
    }

    /// Reads what [`Sizes::to_json`] wrote.
    pub(super) fn from_json(bytes: &[u8]) -> Result<Self> {
        let read = || -> Option<Self> {
            let value: Value = serde_json::from_slice(bytes).ok()?;
            let number = |value: &Value, key: &str| value.get(key)?.as_u64().map(|n| n as usize);
            let text = |value: &Value, key: &str| value.get(key)?.as_str().map(str::to_owned);
            let files = value.get("files")?.as_array()?.iter();
            let files = files.map(|f| Some((text(f, "name")?, number(f, "bytes")?, number(f, "brotli")?)));
            Some(Self {
                files: files.collect::<Option<_>>()?,
                budget: number(&value, "budget")?,
                form: text(&value, "form")?,
                origin: text(&value, "std")?,
            })
        };
        read().context("the widget's SIZES.json cannot be read\n  help: remove the folder target/widget")
    }

    /// What one visitor downloads at most: the app, or instead of it the plain form, which is far smaller.
    fn total(&self) -> usize {
        self.files.iter().filter(|(name, ..)| name != PLAIN).map(|(_, _, small)| small).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::Sizes;

    fn sizes(budget: usize) -> Sizes {
        let files = vec![("a.js".to_owned(), 100, 40), ("b.wasm".to_owned(), 300, 60)];
        Sizes { files, budget, form: "dev".into(), origin: "a test".into() }
    }

    #[test]
    fn the_budget_is_for_compressed_bytes_and_can_be_exceeded() {
        assert!(sizes(100).report());
        assert!(!sizes(99).report());
        let mut with_plain = sizes(100);
        with_plain.files.push((super::PLAIN.to_owned(), 50, 20));
        assert!(with_plain.report(), "no visitor downloads both");
    }

    #[test]
    fn sizes_survive_their_file() {
        let read = Sizes::from_json(&sizes(99).to_json().unwrap()).unwrap();
        assert_eq!(read.files, sizes(99).files);
        assert!(!read.report());
        assert!(Sizes::from_json(b"{}").is_err());
    }
}
