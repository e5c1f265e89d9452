//! A matrix of dots: who replied to whom.

use minijinja::{Value, context};

use super::shape::{WIDTH, radius, short, tenths};
use crate::{plan::Page, render::Renderer, stats::Stats};

/// The maximum number of pairs in the table.
const MOST_PAIRS: usize = 40;
/// The left edge of the columns, and below their right edge.
const LEFT: i64 = 2_200;
const RIGHT: i64 = 6_560;
const TOP: i64 = 360;

impl Renderer<'_> {
    pub(super) fn talk_chart(&self, page: &Page, stats: &Stats) -> Value {
        let talk = &stats.talk;
        let heading = self.words.get("stats_talk");
        let mut pairs: Vec<((usize, usize), u64)> = talk.among.iter().map(|(pair, n)| (*pair, *n)).collect();
        pairs.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let Some(((most_from, most_to), most)) = pairs.first().copied() else {
            return context! { heading, instead => self.words.get("stats_talk_none") };
        };
        let people: Vec<(String, Option<String>)> = talk.people.iter().map(|id| self.person(page, id)).collect();
        let name = |at: usize| people.get(at).map_or_else(String::new, |(name, _)| name.clone());
        let size = i64::try_from(people.len()).unwrap_or(1).max(1);
        let cell = ((RIGHT - LEFT) / size).min(420);
        let middle = |at: usize| i64::try_from(at).unwrap_or_default() * cell + cell / 2;
        let rows: Vec<Value> = people
            .iter()
            .enumerate()
            .map(|(at, (name_of, href))| {
                let own = talk.among.iter().filter(|((from, _), _)| *from == at);
                let dots: Vec<Value> = own
                    .clone()
                    .map(|((_, to), n)| {
                        context! {
                            x => tenths(LEFT + middle(*to)),
                            r => tenths(radius(*n, most, cell / 2 - 15, 15)),
                            top => *n == most,
                            title => self.words.fill_all("stats_pair", &[name_of.clone(), name(*to), n.to_string()]),
                        }
                    })
                    .collect();
                let y = TOP + middle(at);
                context! {
                    number => at + 1, minor => people.len() > 9 && at % 2 == 1, name => name_of.clone(), short => short(name_of, 14), href => href.clone(),
                    x => tenths(LEFT + middle(at)), y => tenths(y), base => tenths(y + 45),
                    self_from => tenths(-cell / 8), self_to => tenths(cell / 8),
                    total => own.map(|(_, n)| n).sum::<u64>(),
                    dots,
                }
            })
            .collect();
        let listed: Vec<Value> = pairs
            .iter()
            .take(MOST_PAIRS)
            .map(|((from, to), n)| {
                let of = |at: usize| {
                    people.get(at).map(|(name, href)| context! { name => name.clone(), href => href.clone() })
                };
                context! { from => of(*from), to => of(*to), n => *n }
            })
            .collect();
        let drawn: u64 = talk.among.values().sum();
        let peak = self.words.fill_all("stats_talk_peak", &[name(most_from), name(most_to), most.to_string()]);
        let mut notes = vec![self.words.get("stats_talk_note").to_owned(), peak];
        if talk.everybody > people.len() {
            notes.push(self.words.fill_all("stats_talk_part", &[people.len().to_string(), talk.everybody.to_string()]));
        }
        notes.push(self.words.fill_all("stats_talk_sum", &[talk.known.to_string(), drawn.to_string()]));
        for (key, n) in [("stats_talk_unknown", talk.unknown), ("stats_talk_own", talk.own)] {
            if n > 0 {
                notes.push(self.words.fill(key, &n.to_string()));
            }
        }
        let cut = (pairs.len() > MOST_PAIRS)
            .then(|| self.words.fill_all("stats_talk_top", &[pairs.len().to_string(), MOST_PAIRS.to_string()]));
        let desc = [people.len().to_string(), name(most_from), name(most_to), most.to_string()];
        context! {
            heading,
            desc => self.words.fill_all("stats_talk_desc", &desc),
            notes,
            height => tenths(TOP + size * cell + 80),
            left => tenths(LEFT), right => tenths(LEFT + size * cell), edge => tenths(WIDTH * 10),
            rows,
            caption => self.words.get("stats_talk_table"),
            pairs => listed,
            cut,
        }
    }
}
