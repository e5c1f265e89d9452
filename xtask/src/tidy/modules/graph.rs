//! Files and what they name of each other; the circles among them, and what closes a circle.

use std::collections::{BTreeMap, BTreeSet};

/// Files by number, and for each pair (from, to) the names that `from` uses of `to`.
#[derive(Default)]
pub(super) struct Graph {
    pub(super) files: Vec<String>,
    pub(super) edges: BTreeMap<(usize, usize), BTreeSet<String>>,
}

/// A pair of files: from, to.
type Edge = (usize, usize);

/// Something that is defined in one file and used in others.
#[derive(Clone)]
pub(super) struct Definition {
    pub(super) file: usize,
    pub(super) name: String,
    pub(super) users: Vec<usize>,
}

impl Graph {
    /// The path of a file.
    pub(super) fn file(&self, number: usize) -> &str {
        self.files.get(number).map_or("?", String::as_str)
    }

    /// The groups of files in which each reaches each other, the largest first; a file alone is none.
    ///
    /// Both files of a pair reach each other, so both are found from either. This walks the graph once per file, which is
    /// instant for some hundreds of files and shorter than Tarjan's algorithm or a graph library.
    pub(super) fn circles(&self) -> Vec<Vec<usize>> {
        let reach = self.reach(self.edges.keys().copied());
        let reaches = |from: usize, to: usize| reach.get(from).is_some_and(|to_all| to_all.contains(&to));
        let mut circles = Vec::new();
        let mut placed = BTreeSet::new();
        for file in 0..self.files.len() {
            if placed.contains(&file) || !reaches(file, file) {
                continue;
            }
            let circle: Vec<usize> =
                (0..self.files.len()).filter(|other| reaches(file, *other) && reaches(*other, file)).collect();
            placed.extend(circle.iter().copied());
            circles.push(circle);
        }
        circles.sort_by_key(|circle| std::cmp::Reverse(circle.len()));
        circles
    }

    /// What each file reaches by one step or more along `edges`.
    fn reach(&self, edges: impl Iterator<Item = Edge>) -> Vec<BTreeSet<usize>> {
        let mut next: Vec<Vec<usize>> = vec![Vec::new(); self.files.len()];
        for (from, to) in edges {
            if let Some(next) = next.get_mut(from) {
                next.push(to);
            }
        }
        (0..self.files.len()).map(|file| walk(&next, file)).collect()
    }

    /// A small set of definitions that close `circle`: if each were in a file that uses none of these files, no part of it
    /// would be a circle of more than `largest` files. Those with the most users come first.
    ///
    /// To find the smallest set is hard, so this is an approximation after Eades, Lin and Smyth (1993): put the files into
    /// an order in which they use as much as possible of later ones and as little as possible of earlier ones, take the
    /// definitions that are used by later files, and give back each that closes no large circle.
    pub(super) fn closing(&self, circle: &[usize], largest: usize) -> Vec<Definition> {
        let definitions = self.definitions(circle);
        let order = ordered(circle, &definitions);
        let place: BTreeMap<usize, usize> = order.iter().enumerate().map(|(place, file)| (*file, place)).collect();
        let (mut few_users, down): (Vec<Definition>, Vec<Definition>) = definitions
            .into_iter()
            .partition(|one| one.users.iter().any(|user| place.get(user) > place.get(&one.file)));
        let mut knots: BTreeMap<usize, usize> = BTreeMap::new();
        for one in &few_users {
            *knots.entry(one.file).or_default() += one.users.len();
        }
        // What is given back first decides what else can be. Both orders are good guesses: first what few use, or first
        // what is not of the file that most is used of.
        few_users.sort_by_key(|one| one.users.len());
        let mut no_knots = few_users.clone();
        no_knots.sort_by_key(|one| knots.get(&one.file).copied());
        let sets = [few_users, no_knots].map(|set| self.without_needless(set, &down, largest));
        let mut closing = sets.into_iter().min_by_key(Vec::len).unwrap_or_default();
        closing.sort_by_key(|one| std::cmp::Reverse(one.users.len()));
        closing
    }

    /// Those of `closing` that close a large circle if all before them that do not are used again.
    fn without_needless(&self, mut closing: Vec<Definition>, down: &[Definition], largest: usize) -> Vec<Definition> {
        let edges = |one: &Definition| one.users.iter().map(|user| (*user, one.file)).collect::<Vec<_>>();
        let mut kept: Vec<Edge> = down.iter().flat_map(edges).collect();
        closing.retain(|one| {
            let before = kept.len();
            kept.extend(edges(one));
            let closes = self.circle_of(one.file, &kept) > largest;
            if closes {
                kept.truncate(before);
            }
            closes
        });
        closing
    }

    /// What files of `circle` define and others of it use.
    fn definitions(&self, circle: &[usize]) -> Vec<Definition> {
        let mut users: BTreeMap<(usize, &str), Vec<usize>> = BTreeMap::new();
        for ((from, to), names) in
            self.edges.iter().filter(|((from, to), _)| circle.contains(from) && circle.contains(to))
        {
            for name in names {
                users.entry((*to, name)).or_default().push(*from);
            }
        }
        let definition = |((file, name), users): ((usize, &str), _)| Definition { file, name: name.to_owned(), users };
        users.into_iter().map(definition).collect()
    }

    /// How many files are in one circle with `file`.
    fn circle_of(&self, file: usize, edges: &[Edge]) -> usize {
        let (mut next, mut back) = (vec![Vec::new(); self.files.len()], vec![Vec::new(); self.files.len()]);
        for (from, to) in edges {
            if let (Some(next), Some(back)) = (next.get_mut(*from), back.get_mut(*to)) {
                next.push(*to);
                back.push(*from);
            }
        }
        walk(&next, file).intersection(&walk(&back, file)).count()
    }
}

/// What `start` reaches by one step or more.
fn walk(next: &[Vec<usize>], start: usize) -> BTreeSet<usize> {
    let mut seen = BTreeSet::new();
    let mut open = vec![start];
    while let Some(file) = open.pop() {
        open.extend(next.get(file).into_iter().flatten().filter(|file| seen.insert(**file)));
    }
    seen
}

/// The files so that they use much of later ones and little of earlier ones.
fn ordered(circle: &[usize], definitions: &[Definition]) -> Vec<usize> {
    let mut left: BTreeSet<usize> = circle.iter().copied().collect();
    let (mut first, mut last) = (Vec::new(), Vec::new());
    while !left.is_empty() {
        // How many definitions each offers to others, and uses of others.
        let mut offers: BTreeMap<usize, usize> = BTreeMap::new();
        let mut uses: BTreeMap<usize, usize> = BTreeMap::new();
        for one in definitions.iter().filter(|one| left.contains(&one.file)) {
            let users = one.users.iter().filter(|user| left.contains(*user));
            *offers.entry(one.file).or_default() += usize::from(users.clone().next().is_some());
            users.for_each(|user| *uses.entry(*user).or_default() += 1);
        }
        let of = |counts: &BTreeMap<usize, usize>, file: &usize| counts.get(file).copied().unwrap_or_default();
        let sinks: Vec<usize> = left.iter().copied().filter(|file| of(&uses, file) == 0).collect();
        if sinks.is_empty() {
            // A file that offers nothing comes first, whatever it uses.
            let best = left.iter().copied().max_by_key(|file| {
                let (offers, uses) = (of(&offers, file), of(&uses, file));
                (offers == 0, uses as isize - offers as isize)
            });
            first.extend(best.filter(|best| left.remove(best)));
        }
        for sink in sinks {
            left.remove(&sink);
            last.push(sink);
        }
    }
    first.extend(last.into_iter().rev());
    first
}

#[cfg(test)]
mod tests {
    use super::Graph;

    fn graph(files: usize, edges: &[(usize, usize, &[&str])]) -> Graph {
        Graph {
            files: (0..files).map(|file| format!("{file}.rs")).collect(),
            edges: edges
                .iter()
                .map(|(from, to, names)| ((*from, *to), names.iter().map(|name| (*name).to_owned()).collect()))
                .collect(),
        }
    }

    #[test]
    fn circles_are_found_largest_first() {
        let graph = graph(
            6,
            &[
                (0, 1, &["a"]),
                (1, 0, &["a"]),
                (1, 2, &["a"]),
                (2, 3, &["a"]),
                (3, 4, &["a"]),
                (4, 2, &["a"]),
                (4, 5, &["a"]),
            ],
        );
        assert_eq!(graph.circles(), [vec![2, 3, 4], vec![0, 1]]);
        assert_eq!(super::Graph::default().circles(), Vec::<Vec<usize>>::new());
    }

    fn closing(graph: &Graph, largest: usize) -> Vec<String> {
        let circle: Vec<usize> = (0..graph.files.len()).collect();
        graph.closing(&circle, largest).iter().map(|one| format!("{}:{} {:?}", one.file, one.name, one.users)).collect()
    }

    #[test]
    fn a_single_definition_closes_a_circle_that_many_would() {
        let many: &[&str] = &["a", "b", "c"];
        let graph = graph(5, &[(0, 1, many), (1, 2, many), (2, 3, many), (3, 4, many), (4, 0, &["x"])]);
        assert_eq!(closing(&graph, 4), ["0:x [4]"]);
        assert_eq!(closing(&graph, 5), Vec::<String>::new());
    }

    #[test]
    fn a_definition_that_many_use_counts_once() {
        // A root with routes, each of which takes the root's state.
        let edges: Vec<_> = (1..6).flat_map(|route| [(0, route, &["a", "b"][..]), (route, 0, &["State"])]).collect();
        assert_eq!(closing(&graph(6, &edges), 4), ["0:State [1, 2, 3, 4, 5]"]);
    }

    #[test]
    fn what_closes_only_a_small_circle_is_not_named() {
        let many: &[&str] = &["a", "b"];
        let edges =
            [(0, 1, many), (1, 0, &["x"]), (1, 2, many), (2, 3, many), (3, 2, &["x"]), (3, 4, many), (4, 0, &["y"])];
        let named = closing(&graph(5, &edges), 4);
        assert!(!named.is_empty() && !named.iter().any(|one| one.contains(":x ")), "{named:?}");
    }
}
