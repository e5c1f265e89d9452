//! Phrases with placeholders for values.

use std::fmt::Display;

/// Fills each `{}` of `phrase` with the next of `values`; a `{}` without a value becomes empty.
///
/// Text in square brackets agrees with the number before it: `{} post[s]` becomes `1 post` or `2 posts`, and `[is|are]` becomes `is` or
/// `are`. Values are inserted literally, whatever they contain.
pub fn fill(phrase: &str, values: impl IntoIterator<Item = impl Display>) -> String {
    let mut values = values.into_iter();
    let (mut text, mut rest, mut one) = (String::with_capacity(phrase.len()), phrase, false);
    while let Some(at) = rest.find(['{', '[']) {
        let (before, from) = rest.split_at(at);
        text.push_str(before);
        if let Some(after) = from.strip_prefix("{}") {
            let value = values.next().map_or_else(String::new, |value| value.to_string());
            one = value == "1";
            text.push_str(&value);
            rest = after;
        } else if let Some((inner, after)) = from.strip_prefix('[').and_then(|from| from.split_once(']')) {
            let (single, many) = inner.split_once('|').unwrap_or(("", inner));
            text.push_str(if one { single } else { many });
            rest = after;
        } else {
            let (sign, after) = from.split_at(1);
            text.push_str(sign);
            rest = after;
        }
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::fill;

    #[test]
    fn values_are_put_in_as_they_are_and_words_agree_with_numbers() {
        assert_eq!(fill("{} post[s], {} repl[y|ies]", [1, 2]), "1 post, 2 replies");
        assert_eq!(fill("{} post[s], {} repl[y|ies]", [0, 1]), "0 posts, 1 reply");
        assert_eq!(fill("{}回应{}，{} 次", ["{}", "[s]", "3"]), "{}回应[s]，3 次");
        assert_eq!(fill("{} 与 {}", ["1"]), "1 与 ");
        assert_eq!(fill("a { b [ c 书", ["1"]), "a { b [ c 书");
    }
}
