//! Lines of talks without the numbers of who speaks.

use std::collections::BTreeMap;

use super::{Line, read};
use circle_content::ident;
use circle_html::privacy::account::{kind_of, nameless, without_account};

/// A line of a talk without the number behind the name of who speaks, and with a tag where the name is nothing but a number; nothing
/// where there is none. What was left out goes into `accounts`, with its kind.
pub(crate) fn without_numbers(line: &str, accounts: &mut BTreeMap<String, &'static str>) -> Option<String> {
    let who = match read(line) {
        Line::Said(said) => said.who,
        _ if nameless(line).is_some() => line,
        _ => return None,
    };
    let (name, account) = without_account(who);
    let mut shown = name.to_owned();
    if let Some(account) = account {
        accounts.insert(account.to_owned(), kind_of(account));
    }
    if let Some(kind) = nameless(name) {
        accounts.insert(name.to_owned(), kind);
        shown = format!("成员 {}", ident::tag_of(kind, name));
    }
    (shown != who).then(|| line.replacen(who, &shown, 1))
}
