//! Columns without a rule in the map that state that a row is not for everybody. The author of the map did not know them.

use circle_model::archive::Visibility;

use super::{
    map::{Fields, Table},
    records::{Engine, Row},
    rule,
};
use circle_content::audience::{self, Asks, AudienceMarks, Says};

/// The number of column names that are cached.
const MOST_NAMES: usize = 2000;

impl Engine<'_> {
    /// What such columns say about a row of `table` (nested rows have none). Only a word that is known to withhold counts, except in
    /// columns that ask nothing but the audience.
    pub(super) fn unmapped(&mut self, fields: &Fields, table: Option<&Table>, row: &Row<'_>) -> AudienceMarks {
        let mut told = AudienceMarks::default();
        let Some(columns) = row.value.as_object() else { return told };
        for (name, value) in columns {
            let asks = match self.asks.get(name) {
                Some(known) => *known,
                None => {
                    let asks = audience::asks(name);
                    if self.asks.len() < MOST_NAMES {
                        self.asks.insert(name.clone(), asks);
                    }
                    asks
                }
            };
            let Some(asks) = asks else { continue };
            let is_root = |key: &str| key == name || key.split(['.', '[']).next() == Some(name.as_str());
            let named = |table: &Table| {
                table.skip.iter().chain(&table.only).any(|choice| is_root(&choice.from))
                    || table.extra.contains(name)
                    || table.ignore.0.contains(name)
            };
            let mapped = fields.rules().flat_map(|(_, rule)| rule.keys()).any(is_root) || table.is_some_and(named);
            if mapped {
                continue;
            }
            let says = audience::says(asks, &rule::word(value).unwrap_or_default());
            let counts = match asks {
                Asks::Audience => true,
                // A number in these columns is often a quantity.
                Asks::Deleted | Asks::Hidden | Asks::Draft | Asks::Private => {
                    rule::word(value).is_some_and(|word| audience::truth(&word) == Some(true))
                }
                Asks::Password => false,
                _ => says != Says::Seen(Visibility::Unknown),
            };
            if counts {
                if says != Says::Nothing {
                    let what = format!("rows are withheld because of a column of which the map does not speak: {name}");
                    self.tally.note(what, row.spot);
                }
                told.hear(says);
            }
        }
        told
    }
}
