//! Files that could not be cleaned, counted and named.

use std::collections::{BTreeMap, BTreeSet};

use super::Left;
use crate::{phrase::fill, report::Report};

/// The number of files that are named per reason.
const NAMED: usize = 10;

/// The files of one import or build that may still contain private metadata, by the reason.
#[derive(Debug, Default)]
pub struct Uncleaned(BTreeMap<Left, BTreeSet<String>>);

impl Uncleaned {
    /// Adds a file, if there is a reason; `path` is its path below `content/media`.
    pub fn add(&mut self, left: Option<Left>, path: &str) {
        if let Some(left) = left {
            self.0.entry(left).or_default().insert(path.to_owned());
        }
    }

    /// Reports the number of files per reason, and names the first.
    pub fn tell(&self, report: &mut Report) {
        for (left, paths) in &self.0 {
            let more = if paths.len() > NAMED { ", …" } else { "" };
            let names: Vec<&str> = paths.iter().take(NAMED).map(String::as_str).collect();
            let values = [paths.len().to_string(), left.as_str().to_owned(), names.join(", ") + more];
            report.note(fill("{} file[s] may still say who made [it|them], where and when ({}): {}", values));
        }
    }
}
