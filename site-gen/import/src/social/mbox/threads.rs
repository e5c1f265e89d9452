//! Finds which mail answers which. A mail is identified by the first 64 bits of a hash of its Message-ID, so that a million mails need
//! little memory.

use std::collections::BTreeMap;

use circle_model::id::Id;

use circle_content::ident;

/// The maximum number of answered mails that are read per mail.
const MOST: usize = 20;

/// A mail, and the mails that it says it answers, the most likely first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Known {
    /// Its hash; 0 for a mail that was left out.
    pub(super) id: u64,
    /// Hashes of the mails that it may answer.
    pub(super) parents: Vec<u64>,
    /// True for a mail that the circle could read.
    pub(super) published: bool,
}

/// The position of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// It begins a thread. `answered` is a mail that it answers and that is not in the input.
    Root {
        /// The hash of that mail.
        answered: Option<u64>,
    },
    /// It answers `parent`, in the thread that `root` begins.
    Reply {
        /// The hash of the thread's first mail.
        root: u64,
        /// The hash of the mail that it answers.
        parent: u64,
    },
    /// A duplicate, or left out.
    Twice,
}

/// The id of a mail's record.
pub(super) fn id_of(hash: u64) -> Id {
    Id::new(format!("{hash:016x}"))
}

/// The hash of a Message-ID, or of a mail without one.
pub(super) fn hash_of(bytes: &[u8]) -> u64 {
    let id = ident::id("mail", "mail", &String::from_utf8_lossy(bytes));
    u64::from_str_radix(id.as_str(), 16).unwrap_or(1).max(1)
}

/// The hashes of all `<ids>` of a header field, in order.
pub(super) fn ids(header: &str) -> Vec<u64> {
    let tokens = header.split('<').skip(1).filter_map(|part| part.split_once('>')).map(|(id, _)| id.trim());
    tokens.filter(|id| !id.is_empty()).map(|id| hash_of(id.as_bytes())).collect()
}

/// The mails that a header says it answers: `In-Reply-To` first, then `References` from the nearest on.
pub(super) fn parents(in_reply_to: &str, references: &str) -> Vec<u64> {
    let mut parents = Vec::new();
    for id in ids(in_reply_to).into_iter().chain(ids(references).into_iter().rev()) {
        if !parents.contains(&id) && parents.len() < MOST {
            parents.push(id);
        }
    }
    parents
}

/// The position of each mail. A mail that answers itself or is part of a cycle begins a thread. So does a mail that the circle could read
/// and that answers a private mail, because it would otherwise be withheld with that.
///
/// Of two copies of a mail the one from the list counts, not the author's own.
pub(super) fn places(mails: &[Known]) -> Vec<Place> {
    let mut at: BTreeMap<u64, usize> = BTreeMap::new();
    for (index, mail) in mails.iter().enumerate() {
        let first = at.entry(mail.id).or_insert(index);
        if mail.published && mails.get(*first).is_some_and(|first| !first.published) {
            *first = index;
        }
    }
    at.remove(&0);
    let published = |index: usize| mails.get(index).is_some_and(|mail| mail.published);
    let mut parent: Vec<Option<usize>> = mails
        .iter()
        .enumerate()
        .map(|(index, mail)| {
            let fits = |found: &usize| *found != index && (!mail.published || published(*found));
            mail.parents.iter().filter_map(|id| at.get(id).copied()).find(fits)
        })
        .collect();
    // The roots, computed once per mail. A mail that is met again while it is being computed is part of a cycle.
    let mut root: Vec<Option<usize>> = vec![None; mails.len()];
    let mut on_way: Vec<bool> = vec![false; mails.len()];
    for start in 0..mails.len() {
        let mut way = Vec::new();
        let mut here = start;
        let found = loop {
            if let Some(known) = root.get(here).copied().flatten() {
                break known;
            }
            if on_way.get(here).copied().unwrap_or(true) {
                // A cycle: its first mail begins the thread.
                let circle = way.iter().skip_while(|step| **step != here).copied().min().unwrap_or(here);
                if let Some(parent) = parent.get_mut(circle) {
                    *parent = None;
                }
                break circle;
            }
            if let Some(mark) = on_way.get_mut(here) {
                *mark = true;
            }
            way.push(here);
            match parent.get(here).copied().flatten() {
                Some(next) => here = next,
                None => break here,
            }
        };
        for step in way {
            if let Some(root) = root.get_mut(step) {
                *root = Some(found);
            }
        }
    }
    let hash = |index: usize| mails.get(index).map_or(0, |mail| mail.id);
    let of = |(index, mail): (usize, &Known)| {
        if at.get(&mail.id) != Some(&index) {
            return Place::Twice;
        }
        match (parent.get(index).copied().flatten(), root.get(index).copied().flatten()) {
            (Some(parent), Some(root)) if root != index => Place::Reply { root: hash(root), parent: hash(parent) },
            _ => {
                let elsewhere =
                    |id: &u64| *id != mail.id && at.get(id).is_none_or(|found| mail.published && !published(*found));
                Place::Root { answered: mail.parents.iter().copied().find(elsewhere) }
            }
        }
    };
    mails.iter().enumerate().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(id: u64, parents: &[u64], published: bool) -> Known {
        Known { id, parents: parents.to_vec(), published }
    }

    fn of(mails: &[(u64, &[u64])]) -> Vec<Place> {
        places(&mails.iter().map(|(id, parents)| known(*id, parents, true)).collect::<Vec<_>>())
    }

    #[test]
    fn private_mails_keep_back_only_themselves() {
        let mails = [
            known(1, &[], false),
            known(2, &[1], true),
            known(3, &[2], false),
            known(4, &[], false),
            known(4, &[], true),
        ];
        let root = |answered| Place::Root { answered };
        let reply = Place::Reply { root: 2, parent: 2 };
        assert_eq!(places(&mails), [root(None), root(Some(1)), reply, Place::Twice, root(None)]);
    }

    #[test]
    fn answers_find_their_thread() {
        let places = of(&[(1, &[]), (2, &[1]), (3, &[9, 2]), (4, &[8]), (2, &[]), (0, &[])]);
        let root = |answered| Place::Root { answered };
        let reply = |root, parent| Place::Reply { root, parent };
        assert_eq!(places, [root(None), reply(1, 1), reply(1, 2), root(Some(8)), Place::Twice, Place::Twice]);
    }

    #[test]
    fn circles_are_cut() {
        assert_eq!(of(&[(1, &[1])]), [Place::Root { answered: None }]);
        let reply = |root, parent| Place::Reply { root, parent };
        let places = of(&[(5, &[6]), (6, &[7]), (7, &[5]), (8, &[7])]);
        assert_eq!(places, [Place::Root { answered: None }, reply(5, 7), reply(5, 5), reply(5, 7)]);
    }

    #[test]
    fn heads_are_read_with_what_is_wrong_in_them() {
        let [a, b] = [hash_of(b"a@x"), hash_of(b"b@x")];
        assert_eq!(parents("Your message of Sat <a@x>", "<b@x>\n\t<a@x>"), [a, b]);
        assert_eq!(parents("lin's mail", ""), Vec::<u64>::new());
    }
}
