//! What the fields of a post say about its audience, by the words of [`crate::audience`].

use circle_model::archive::Visibility;

use super::front_matter::Value;
use crate::audience::{self, Asks, AudienceMarks, Says};

/// The maximum depth of nested settings.
const DEEPEST: u8 = 4;

/// What the fields say, and which of them are not understood.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Marks {
    pub(super) told: AudienceMarks,
    /// Names of fields that state an audience in unknown words.
    pub(super) unknown: Vec<(String, String)>,
}

/// Reads the fields, and removes those that say nothing else.
pub(super) fn told(fields: &mut Vec<(String, Value)>) -> Marks {
    let mut marks = Marks::default();
    fields.retain(|(name, value)| {
        let Some(asks) = audience::asks(name) else {
            if let (Value::Map(below), true) = (value, audience::holds_more(name)) {
                marks.below(below, 0);
            }
            return true;
        };
        let said = marks.field(name, asks, value, 0);
        match asks {
            // The password itself is never kept, nor a password that stands in place of yes or no.
            Asks::Password | Asks::Private | Asks::Audience => false,
            Asks::Permission => said == Says::Nothing && value.as_bool().is_none(),
            Asks::Status | Asks::Kind | Asks::Perhaps => true,
            Asks::Draft | Asks::Published | Asks::Public | Asks::Hidden | Asks::Deleted | Asks::Listed => {
                value.as_bool().is_none() && *value != Value::Null
            }
        }
    });
    marks
}

/// True if a field of this name and value withholds its text, or states an audience. A block of such fields is front matter.
pub(super) fn is_mark(name: &str, value: &str) -> bool {
    audience::asks(name).is_some_and(|asks| {
        let says = audience::says(asks, value.trim().trim_matches(['"', '\'']));
        says != Says::Nothing && (says != Says::Seen(Visibility::Unknown) || value.chars().count() < 30)
    })
}

impl Marks {
    /// What one field says: the narrowest of its values.
    fn field(&mut self, name: &str, asks: Asks, value: &Value, depth: u8) -> Says {
        match value {
            Value::Null => Says::Nothing,
            Value::Scalar { text, .. } => {
                let says = audience::says(asks, text);
                self.told.hear(says);
                if says == Says::Seen(Visibility::Unknown) {
                    let shown: String = text.trim().chars().take(40).collect();
                    self.unknown.push((name.to_owned(), shown));
                }
                says
            }
            Value::List(items) => items.iter().fold(Says::Nothing, |before, item| {
                let says = self.field(name, asks, item, depth);
                if says == Says::Nothing { before } else { says }
            }),
            Value::Map(below) if depth < DEEPEST => below.iter().fold(Says::Nothing, |before, (inner, value)| {
                // `visibility: {type: private}`: a key with a meaning of its own keeps it; other values belong to the outer name.
                let own = audience::asks(inner).filter(|own| !matches!(own, Asks::Kind));
                let says = self.field(name, own.unwrap_or(asks), value, depth + 1);
                if says == Says::Nothing { before } else { says }
            }),
            Value::Map(_) => Says::Nothing,
        }
    }

    fn below(&mut self, fields: &[(String, Value)], depth: u8) {
        for (name, value) in fields {
            if let Some(asks) = audience::asks(name) {
                self.field(name, asks, value, depth);
            } else if let (Value::Map(inner), true) = (value, depth < DEEPEST && audience::holds_more(name)) {
                self.below(inner, depth + 1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, value: Value) -> Marks {
        told(&mut vec![(name.to_owned(), value)])
    }

    #[test]
    fn nested_values_answer_the_name_above() {
        let map = |name: &str, value: &str| Value::Map(vec![(name.to_owned(), Value::text(value))]);
        for (name, value) in [
            ("visibility", map("type", "private")),
            ("visibility", map("private", "true")),
            ("access", Value::List(vec![Value::text("public"), Value::text("私密")])),
            ("params", map("private", "true")),
            ("extra", Value::Map(vec![("hexo".to_owned(), map("密码", "x"))])),
        ] {
            assert_eq!(of(name, value.clone()).told.visibility, Some(Visibility::Private), "{name}: {value:?}");
        }
        for (name, value) in [("_build", map("render", "never")), ("build", map("list", "never"))] {
            assert!(of(name, value).told.hidden, "{name}");
        }
        for (name, value) in [
            ("cover", map("hidden", "true")),
            ("hide", Value::List(vec![Value::text("toc"), Value::text("navigation")])),
            ("tags", Value::List(vec![Value::text("读书")])),
            ("build", map("render", "always")),
        ] {
            assert!(!of(name, value).told.withholds(), "{name}");
        }
        let odd = of("Visibility", Value::text("什么"));
        assert_eq!(odd.unknown, [("Visibility".to_owned(), "什么".to_owned())]);
        assert!(odd.told.withholds());
    }

    #[test]
    fn of_two_words_the_narrower_holds_and_keys_are_never_kept() {
        for order in [["access", "visibility"], ["visibility", "access"]] {
            let field =
                |name: &str| (name.to_owned(), Value::text(if name == "access" { "private" } else { "public" }));
            assert_eq!(told(&mut order.map(field).to_vec()).told.visibility, Some(Visibility::Private));
        }
        let mut fields = vec![
            ("wp_password".to_owned(), Value::text("hunter2")),
            ("encrypt".to_owned(), Value::text("hunter2")),
            ("文章密码".to_owned(), Value::text("hunter2")),
            ("title".to_owned(), Value::text("题")),
        ];
        assert_eq!(told(&mut fields).told.visibility, Some(Visibility::Private));
        assert_eq!(fields.len(), 1);
    }
}
