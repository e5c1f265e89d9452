//! Numeric ids that a program with floats (a spreadsheet, a browser) would damage, and those that are already damaged.

use std::collections::BTreeMap;

use serde::Serialize;

/// 2^53: integers up to it are exact as floats.
const EXACT: u64 = 1 << 53;
/// A spreadsheet keeps 15 significant digits.
const SPREADSHEET: f64 = 1e15;

/// Numbers by their column or field.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Numbers {
    /// Integers over 2^53, written as numbers.
    pub big: BTreeMap<String, u64>,
    /// The same, written as text: safe until a spreadsheet opens them.
    pub big_in_text: BTreeMap<String, u64>,
    /// Numbers whose last digits are lost: `4.45457E+15`.
    pub damaged: BTreeMap<String, u64>,
}

impl Numbers {
    /// Adds an integer of a JSON file.
    pub fn json(&mut self, name: &str, digits: &str) {
        if is_big(digits) {
            count(&mut self.big, name);
        }
    }

    /// Adds a JSON number with a fraction or exponent, or with more than 64 bits.
    pub fn json_float(&mut self, name: &str, number: f64) {
        if number.abs() >= SPREADSHEET {
            count(&mut self.damaged, name);
        }
    }

    /// Adds a text of a JSON file.
    pub fn json_text(&mut self, name: &str, text: &str) {
        if is_big(text) {
            count(&mut self.big_in_text, name);
        } else if is_damaged(text) {
            count(&mut self.damaged, name);
        }
    }

    /// Adds a cell of a text table, which does not distinguish numbers from texts.
    pub fn cell(&mut self, name: &str, text: &str) {
        if is_big(text) {
            count(&mut self.big, name);
        } else if is_damaged(text) {
            count(&mut self.damaged, name);
        }
    }
}

fn count(map: &mut BTreeMap<String, u64>, name: &str) {
    if map.len() < 50 || map.contains_key(name) {
        *map.entry(name.to_owned()).or_default() += 1;
    }
}

fn is_big(text: &str) -> bool {
    let text = text.trim();
    let text = text.strip_prefix('-').unwrap_or(text);
    // A number with over 20 digits is a hash or a card number, and never was a numeric id.
    (16..=20).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_digit())
        && text.parse::<u64>().is_ok_and(|n| n > EXACT)
}

/// `4.45457E+15`: a spreadsheet's form of a long number.
fn is_damaged(text: &str) -> bool {
    let text = text.trim();
    let Some((number, power)) = text.split_once(['e', 'E']) else { return false };
    let Some((whole, fraction)) = number.split_once('.').or(Some((number, ""))) else { return false };
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let power = power.strip_prefix('+').unwrap_or(power);
    whole.len() == 1
        && digits(whole)
        && digits(fraction)
        && power.parse::<u32>().is_ok_and(|power| (11..=20).contains(&power))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn big_and_damaged_ids_are_told_apart() {
        let mut numbers = Numbers::default();
        for cell in ["45544415585881458", "4.45457E+15", "9007199254740992", "13800138000", "1.5", "1E5", "0x1e15"] {
            numbers.cell("id", cell);
        }
        numbers.json_float("id", 4.554_441_558_588_146e16);
        numbers.json_float("score", 4.5);
        numbers.json_text("uid", "45544415585881458");
        assert_eq!(numbers.big.get("id"), Some(&1));
        assert_eq!(numbers.damaged.get("id"), Some(&2));
        assert_eq!(numbers.big_in_text.get("uid"), Some(&1));
        assert_eq!(numbers.damaged.len(), 1);
    }
}
