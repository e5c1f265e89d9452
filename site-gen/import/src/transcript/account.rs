//! Lines of talks without the numbers of the speakers.

use std::collections::BTreeMap;

use super::{Line, read};
use circle_content::ident;
use circle_html::privacy::account::{kind_of, nameless, without_account};

/// A line without the number behind the speaker's name, and with a tag in place of a name that is only a number; `None` if there is no
/// number. Removed numbers go into `accounts`, with their kind.
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
