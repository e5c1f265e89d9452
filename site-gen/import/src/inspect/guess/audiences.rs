//! Columns that state the audience of a row, by the common table of such names, and the words for them in a drafted map.

use super::{Guess, PEOPLE, Values, plain, visibility};
use circle_content::audience::{self, Asks, Says};

/// All other columns that state the audience of a row, by the table of such names. The narrowest of several values counts.
pub(super) fn by_audience(found: &mut Vec<Guess>, columns: &[(String, &Values)]) {
    for (column, (name, values)) in columns.iter().enumerate() {
        let last = name.rsplit('.').next().unwrap_or(name);
        // `*` stands for keys that are data, and the content of a list does not belong to the row.
        let free = !name.contains(['*', '[']) && !found.iter().any(|guess| guess.column == column) && values.filled > 0;
        let Some(asks) = audience::asks(last).filter(|_| free) else { continue };
        let of_person = name
            .rsplit_once('.')
            .is_some_and(|(above, _)| PEOPLE.contains(&plain(above.rsplit('.').next().unwrap_or(above)).as_str()));
        let withholds = || values.few.keys().any(|word| audience::says(asks, word) != Says::Nothing);
        if !of_person && (!matches!(asks, Asks::Kind | Asks::Perhaps) || withholds()) {
            found.push(Guess { field: "visibility", column, by_name: true });
        }
    }
}

/// The meaning of a word in a column of this name, as a word of a map.
#[must_use]
pub fn answer(column: &str, word: &str) -> &'static str {
    let Some(asks) = audience::asks(column.rsplit('.').next().unwrap_or(column)) else { return visibility(word) };
    match audience::says(asks, word) {
        Says::Nothing => "circle",
        Says::Seen(_) if visibility(word) != "unknown" => visibility(word),
        Says::Seen(circle_model::archive::Visibility::Unknown) => "unknown",
        Says::Seen(circle_model::archive::Visibility::Followers) => "followers",
        Says::Seen(circle_model::archive::Visibility::Direct) => "direct",
        Says::Seen(_) | Says::Draft | Says::Deleted | Says::Hidden => "private",
    }
}

/// The meaning of all words that are not listed.
#[must_use]
pub fn otherwise(column: &str) -> &'static str {
    match audience::asks(column.rsplit('.').next().unwrap_or(column)) {
        Some(Asks::Password | Asks::Private | Asks::Draft | Asks::Deleted | Asks::Hidden) => "private",
        Some(Asks::Kind | Asks::Perhaps | Asks::Listed) => "circle",
        _ => "unknown",
    }
}

/// True for a column of keys, whose values no map may show.
#[must_use]
pub fn holds_keys(column: &str) -> bool {
    matches!(audience::asks(column.rsplit('.').next().unwrap_or(column)), Some(Asks::Password | Asks::Private))
}
