//! The order of a thread. Any graph of parents, even a broken one, becomes a flat list in reading order.
//!
//! A comment follows its parent and its earlier siblings with all their answers (pre-order). A parent is *dangling* if it is missing, is
//! the comment itself, or closes a cycle. The comment then starts a branch of its own and is marked.

/// The input of the ordering.
pub trait Node {
    /// The comment's id.
    fn id(&self) -> &str;
    /// The id of its parent, the comment it answers.
    fn parent(&self) -> Option<&str>;
    /// The sort key among siblings: milliseconds or floor, whichever the source has. Siblings with equal keys keep their order.
    fn rank(&self) -> i64;
}

/// The position of a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Its index in the input.
    pub index: usize,
    /// The depth: 0 for a comment that answers the post.
    pub depth: usize,
    /// True if it names a parent that is not shown above it.
    pub dangling: bool,
}

/// Returns `nodes` in reading order. Every index occurs exactly once. If two nodes have the same id, the first is the parent of the answers
/// to that id. Takes O(n log n) time and does not recurse, at any depth.
#[must_use]
pub fn order<N: Node>(nodes: &[N]) -> Vec<Placed> {
    let by_id = Ids::new(nodes);
    let parent_of = |index: usize| -> Option<usize> {
        let parent = by_id.find(nodes.get(index)?.parent()?)?;
        (parent != index).then_some(parent)
    };
    let parents: Vec<Option<usize>> = (0..nodes.len()).map(parent_of).collect();
    let in_cycle = members_of_cycles(&parents);

    let mut roots = Vec::new();
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
    for (index, (parent, cyclic)) in parents.iter().zip(in_cycle).enumerate() {
        match parent.and_then(|parent| children.get_mut(parent)) {
            Some(siblings) if !cyclic => siblings.push(index),
            _ => roots.push(index),
        }
    }
    let rank = |index: &usize| nodes.get(*index).map_or(0, Node::rank);
    roots.sort_by_key(rank);
    for siblings in &mut children {
        siblings.sort_by_key(rank);
    }

    let mut placed = Vec::with_capacity(nodes.len());
    let mut pending: Vec<(usize, usize)> = roots.into_iter().rev().map(|index| (index, 0)).collect();
    while let Some((index, depth)) = pending.pop() {
        let names_parent = nodes.get(index).is_some_and(|node| node.parent().is_some());
        placed.push(Placed { index, depth, dangling: depth == 0 && names_parent });
        if let Some(next) = children.get(index) {
            pending.extend(next.iter().rev().map(|child| (*child, depth + 1)));
        }
    }
    placed
}

/// Finds nodes by id. A sorted list, because a `BTreeMap` would add four kilobytes to the widget.
pub(crate) struct Ids<'a>(Vec<(&'a str, usize)>);

impl<'a> Ids<'a> {
    pub(crate) fn new<N: Node>(nodes: &'a [N]) -> Self {
        let mut ids: Vec<(&str, usize)> = nodes.iter().enumerate().map(|(index, node)| (node.id(), index)).collect();
        ids.sort();
        Self(ids)
    }

    /// The first node with this id.
    pub(crate) fn find(&self, id: &str) -> Option<usize> {
        let at = self.0.partition_point(|(known, _)| *known < id);
        self.0.get(at).filter(|(known, _)| *known == id).map(|(_, index)| *index)
    }
}

/// Finds the nodes from which following the parents leads back to the node itself.
fn members_of_cycles(parents: &[Option<usize>]) -> Vec<bool> {
    let mut cyclic = vec![false; parents.len()];
    // In which walk a node was first met; 0 for none yet.
    let mut met = vec![0; parents.len()];
    for start in 0..parents.len() {
        let walk = start + 1;
        let mut at = start;
        while let Some(mark) = met.get_mut(at).filter(|mark| **mark == 0) {
            *mark = walk;
            match parents.get(at) {
                Some(Some(parent)) => at = *parent,
                _ => break,
            }
        }
        // A walk that ends at a node of its own has found a circle, and goes round it once more; one that ended without a parent
        // stands at a node that has none, and marks nothing.
        if met.get(at) == Some(&walk) {
            while let Some(Some(parent)) = parents.get(at) {
                match cyclic.get_mut(at) {
                    Some(mark) if !*mark => *mark = true,
                    _ => break,
                }
                at = *parent;
            }
        }
    }
    cyclic
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    struct Reply(String, Option<String>, i64);
    impl Node for Reply {
        fn id(&self) -> &str {
            &self.0
        }
        fn parent(&self) -> Option<&str> {
            self.1.as_deref()
        }
        fn rank(&self) -> i64 {
            self.2
        }
    }

    fn replies(list: &[(&str, Option<&str>, i64)]) -> Vec<Reply> {
        list.iter().map(|(id, parent, at)| Reply((*id).into(), parent.map(Into::into), *at)).collect()
    }

    fn shown(list: &[(&str, Option<&str>, i64)]) -> String {
        let nodes = replies(list);
        order(&nodes)
            .iter()
            .map(|p| format!("{}{}{}", nodes[p.index].0, p.depth, if p.dangling { "?" } else { "" }))
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn answers_follow_what_they_answer() {
        assert_eq!(shown(&[("b", None, 2), ("a", None, 1), ("c", Some("a"), 9), ("d", Some("c"), 10)]), "a0 c1 d2 b0");
    }

    #[test]
    fn a_parent_that_comes_later_in_the_file_is_still_a_parent() {
        assert_eq!(shown(&[("child", Some("p"), 1), ("p", None, 2)]), "p0 child1");
    }

    #[test]
    fn missing_self_and_circular_parents_dangle() {
        assert_eq!(shown(&[("a", Some("gone"), 1), ("b", Some("b"), 2)]), "a0? b0?");
        assert_eq!(shown(&[("a", Some("b"), 1), ("b", Some("a"), 2), ("c", Some("a"), 3)]), "a0? c1 b0?");
    }

    #[test]
    fn a_chain_of_a_hundred_thousand_does_not_recurse() {
        let nodes: Vec<Reply> =
            (0..100_000).map(|i| Reply(i.to_string(), (i > 0).then(|| (i - 1).to_string()), i)).collect();
        assert_eq!(order(&nodes).last().unwrap().depth, 99_999);
    }

    proptest! {
        #[test]
        fn every_comment_comes_out_once(parents in proptest::collection::vec(proptest::option::of(0usize..40), 0..40)) {
            let nodes: Vec<Reply> = parents.iter().enumerate()
                .map(|(i, parent)| Reply(i.to_string(), parent.map(|p| p.to_string()), i as i64)).collect();
            let mut indices: Vec<usize> = order(&nodes).iter().map(|p| p.index).collect();
            indices.sort_unstable();
            prop_assert_eq!(indices, (0..nodes.len()).collect::<Vec<_>>());
        }
    }
}
