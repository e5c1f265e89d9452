//! Waline: the JSON that its panel exports.
//!
//! The format is that of Waline's server (`packages/server/src/controller/db.js`: `type`, `version`, `time`, `tables`, `data`) and its
//! table definitions (`assets/waline.sql`).
//!
//! 1. `data.Users` and `data.Counter` are read first: names of accounts, and views of pages. Passwords and second factors in `Users` are
//!    never read.
//! 2. `data.Comment` becomes comments. Row ids are numbers of one database, so the page is part of their key. LeanCloud's long ids are the
//!    same as in the Valine export, and are kept.
//! 3. `status` is `approved`, `waiting` or `spam`.

use std::collections::BTreeMap;

use circle_model::archive::Role;

use super::{
    fields,
    pages::{self, Page},
    rows::{self, Answers, Threads},
    valine::SOURCE,
};
use crate::{
    Importer, Recognised,
    json::{self, Fields as _},
};
use circle_content::{
    Result,
    input::Input,
    options::Options,
    report::Report,
    sink::{Ids, Sink},
};

/// The importer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waline;

/// The public fields of an account.
struct User {
    name: String,
    link: String,
    email: String,
    admin: bool,
}

impl Importer for Waline {
    fn name(&self) -> &'static str {
        "waline"
    }

    fn about(&self) -> &'static str {
        "Waline 评论: the waline.json that its panel exports (a LeanCloud export of Waline is read by `valine`)"
    }

    fn extent(&self) -> crate::contract::Extent {
        crate::contract::Extent::Files
    }

    fn ids(&self) -> Ids {
        Ids::Local
    }

    fn recognise(&self, input: &Input) -> Recognised {
        match fields::first_files(input, &["json"]).find(|entry| is_waline(&fields::head(input, &entry.path))) {
            Some(entry) => Recognised::Yes(format!("{} says that it is Waline's, with its tables", entry.path)),
            None => Recognised::No("Waline's exported .json"),
        }
    }

    fn import(&self, input: &Input, options: &Options, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        let mut threads = Threads::new(input, options, SOURCE).with_pages_of("waline");
        for entry in fields::with_extension(input, &["json"]) {
            if is_waline(&fields::head(input, &entry.path)) {
                file(input, &entry.path, &mut threads, sink, report)?;
            } else {
                report.note(format!("{}: not read, it is no Waline export", entry.path));
            }
        }
        threads.finish(sink, report)
    }
}

fn is_waline(head: &str) -> bool {
    fields::names(head, &["tables", "data"])
        && (head.contains("\"waline\"") || fields::names(head, &["Comment"]))
        && head.contains("\"Comment\"")
}

fn file(input: &Input, path: &str, threads: &mut Threads<'_>, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
    let mut users: BTreeMap<String, User> = BTreeMap::new();
    let mut reads: BTreeMap<String, u64> = BTreeMap::new();
    // Some people save the panel's whole response, in which `data` is inside another `data`. Errors are reported below.
    let lists = ["data.Users[]", "data.data.Users[]"];
    json::items(input, path, &lists, &mut Report::default(), |_, item, _| {
        if let Some(key) = rows::key(item.at("objectId")).or_else(|| rows::key(item.at("id"))) {
            let text = |name: &str| item.text(name).unwrap_or_default().to_owned();
            let admin = item.text("type") == Some("administrator");
            users.insert(key, User { name: text("display_name"), link: text("url"), email: text("email"), admin });
        }
        Ok(())
    })?;
    let lists = ["data.Counter[]", "data.data.Counter[]"];
    json::items(input, path, &lists, &mut Report::default(), |_, item, _| {
        if let (Some(url), Some(time)) = (item.text("url"), item.number("time")) {
            reads.insert(pages::place(url, None).key, time);
        }
        Ok(())
    })?;
    if !users.is_empty() {
        let count = users.len();
        report.note(format!(
            "{path}: of {count} accounts, names and pages of those who wrote were kept; passwords were not read"
        ));
    }
    let lists = ["data.Comment[]", "data.data.Comment[]"];
    let mut answers = Answers::default();
    json::items(input, path, &lists, &mut Report::default(), |_, item, _| {
        let unique = |key: String| unique(&item, key);
        if let Some(key) = rows::key(item.at("objectId")).or_else(|| rows::key(item.at("id"))).map(unique) {
            let row = fields::row(&item, path, String::new());
            answers.note(key, fields::answered(&item).map(unique), !row.flags.hidden);
        }
        Ok(())
    })?;
    json::items(input, path, &lists, report, |number, item, report| {
        if item.text("comment").is_none() && item.text("nick").is_none() {
            threads.leave_out("rows hold neither a text nor a name: left out");
            return Ok(());
        }
        let address = item.text("url").unwrap_or_default();
        let page = pages::place(address, None).key;
        let unique = |key: String| unique(&item, key);
        let mut row = fields::row(&item, path, format!("{path}: comment {number}"));
        row.body = circle_model::archive::Text::markdown(item.at("comment").as_str().unwrap_or_default());
        row.key = rows::key(item.at("objectId")).or_else(|| rows::key(item.at("id"))).map(unique);
        let root = rows::key(item.at("rid")).map(unique);
        row.parent = answers.place(fields::answered(&item).map(unique), root);
        row.user = rows::key(item.at("user_id")).or_else(|| {
            // Written before the author had an account.
            let same = |user: &User| !user.email.is_empty() && user.email == row.email && user.name == row.name;
            users.iter().find(|(_, user)| same(user)).map(|(key, _)| key.clone())
        });
        if let Some(user) = row.user.as_ref().and_then(|key| users.get(key)) {
            let or = |own: &str, other: &'_ str| if own.is_empty() { other.to_owned() } else { own.to_owned() };
            let (name, link, email) = (or(&user.name, row.name), or(row.link, &user.link), or(row.email, &user.email));
            row.role = user.admin.then_some(Role::Admin).or(row.role);
            let row = rows::Row { name: &name, link: &link, email: &email, ..row };
            let page = Page { address, reads: reads.get(&page).copied(), ..Page::default() };
            let post = threads.page(&page, path);
            return threads.comment(row, post, sink, report);
        }
        let page = Page { address, reads: reads.get(&page).copied(), ..Page::default() };
        let post = threads.page(&page, path);
        threads.comment(row, post, sink, report)
    })?;
    Ok(())
}

/// A key that no other database has: numeric ids are unique within one database, so the page precedes them. LeanCloud's long ids are the
/// same in its own export.
fn unique(item: &serde_json::Value, key: String) -> String {
    let of_leancloud = key.len() == 24 && key.bytes().all(|byte| byte.is_ascii_hexdigit());
    let page = pages::place(item.text("url").unwrap_or_default(), None).key;
    if of_leancloud { key } else { format!("{page}#{key}") }
}
