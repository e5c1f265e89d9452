//! `floor FROM TO`: how little it can take to make pages of Markdown. Reads every file below FROM, and writes a page for each below
//! TO: pulldown-cmark for the text, minijinja for the page, one thread, and nothing else. No lists, no tags, no feed, no check.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use minijinja::{Environment, context};

const PAGE: &str = include_str!("../sites/floor/page.html");

fn main() -> Result<()> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let from = arguments.next().context("usage: floor FROM TO")?;
    let to = arguments.next().context("usage: floor FROM TO")?;
    let mut environment = Environment::new();
    environment.add_template("page.html", PAGE)?;
    let template = environment.get_template("page.html")?;
    let mut open = vec![from.clone()];
    while let Some(folder) = open.pop() {
        fs::create_dir_all(to.join(folder.strip_prefix(&from)?))?;
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                open.push(entry.path());
            } else {
                page(&template, &entry.path(), &to.join(entry.path().strip_prefix(&from)?))?;
            }
        }
    }
    Ok(())
}

fn page(template: &minijinja::Template<'_, '_>, from: &Path, to: &Path) -> Result<()> {
    let text = fs::read_to_string(from).with_context(|| format!("cannot read {}", from.display()))?;
    let (front, body) = text.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n")).unwrap_or(("", &text));
    let field = |name: &str| front.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    let title: String = serde_json::from_str(field("title: ")).unwrap_or_default();
    let tags: Vec<String> = serde_json::from_str(field("tags: ")).unwrap_or_default();
    let mut html = String::with_capacity(body.len() * 2);
    pulldown_cmark::html::push_html(&mut html, pulldown_cmark::Parser::new(body));
    let page = template.render(context! { title, date => field("date: "), tags, body => html })?;
    let mut file = File::create(to.with_extension("html"))?;
    Ok(file.write_all(page.as_bytes())?)
}
