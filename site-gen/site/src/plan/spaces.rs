//! The circle's spaces (channels, boards, columns) as a tree of pages.
//!
//! 1. A space has a page if it, or a space inside it, has posts.
//! 2. A space with an unknown parent is at the top. If parents form a cycle, the space with the smallest id becomes the top.
//! 3. The tree is a list in reading order: each space after its parent, siblings by name.

use std::collections::{BTreeMap, BTreeSet};

use circle_model::{archive::SpaceKind, id::Id};

use crate::index::Site;
use circle_content::slug::{self, Taken};

/// The list of spaces.
pub const SPACES: &str = "spaces/index.html";

/// The spaces that have pages.
#[derive(Debug, Default)]
pub struct Spaces {
    /// The spaces, in the order of the tree.
    pub list: Vec<SpacePages>,
    by_id: BTreeMap<Id, usize>,
}

/// The pages of a space.
#[derive(Clone, Debug)]
pub struct SpacePages {
    /// Its name; never empty.
    pub name: String,
    /// Its kind.
    pub kind: SpaceKind,
    /// Its first page.
    pub path: String,
    /// The space that contains it, as a position in [`Spaces::list`].
    pub parent: Option<usize>,
    /// The number of spaces around it.
    pub depth: usize,
    /// Its posts, the newest first.
    pub posts: Vec<usize>,
    /// The number of posts in it and in all spaces inside it.
    pub with_inner: usize,
}

impl Spaces {
    /// Builds the tree of a site's spaces.
    pub(super) fn of(site: &Site, taken: &mut Taken) -> Self {
        let mut posts: BTreeMap<&Id, Vec<usize>> = BTreeMap::new();
        for (index, post) in site.posts.iter().enumerate() {
            if let Some(space) = post.space.as_ref().filter(|id| site.spaces.contains_key(*id)) {
                posts.entry(space).or_default().push(index);
            }
        }
        let parents = parents(site);
        let mut totals: BTreeMap<&Id, usize> = BTreeMap::new();
        for (space, posts) in &posts {
            let mut at = Some(*space);
            while let Some(id) = at {
                *totals.entry(id).or_default() += posts.len();
                at = parents.get(id).copied();
            }
        }
        let mut children: BTreeMap<Option<&Id>, Vec<&Id>> = BTreeMap::new();
        for id in totals.keys() {
            children.entry(parents.get(id).copied()).or_default().push(id);
        }
        for beside in children.values_mut() {
            beside.sort_by_key(|id| (site.spaces.get(*id).map(|space| space.name.as_str()), *id));
        }
        let mut spaces = Self::default();
        // The next space is the last of the list. There is no recursion, because a hostile archive may nest as deep as it likes.
        let mut waiting: Vec<(&Id, Option<usize>, usize)> =
            children.get(&None).into_iter().flatten().rev().map(|id| (*id, None, 0)).collect();
        while let Some((id, parent, depth)) = waiting.pop() {
            let Some(space) = site.spaces.get(id) else { continue };
            let name = circle_model::text::without_bidi(&space.name).trim().to_owned();
            let wanted = slug::readable(&name).unwrap_or_else(|| slug::of_id(id));
            let index = spaces.list.len();
            spaces.by_id.insert(id.clone(), index);
            spaces.list.push(SpacePages {
                name: if name.is_empty() { id.to_string() } else { name },
                kind: space.kind,
                path: taken.page("spaces/", &wanted).0,
                parent,
                depth,
                posts: posts.remove(id).unwrap_or_default(),
                with_inner: totals.get(id).copied().unwrap_or(0),
            });
            let inner = children.get(&Some(id)).into_iter().flatten().rev();
            waiting.extend(inner.map(|child| (*child, Some(index), depth + 1)));
        }
        spaces
    }

    /// A space by its id.
    #[must_use]
    pub fn get(&self, id: &Id) -> Option<&SpacePages> {
        self.by_id.get(id).and_then(|index| self.list.get(*index))
    }
}

/// Each space's parent, without unknown ones and without cycles.
fn parents(site: &Site) -> BTreeMap<&Id, &Id> {
    let mut parents: BTreeMap<&Id, &Id> = site
        .spaces
        .values()
        .filter_map(|space| Some((&space.id, space.parent.as_ref()?)))
        .filter(|(id, parent)| id != parent && site.spaces.contains_key(*parent))
        .collect();
    // Spaces on a path that was already followed to its end need not be checked again.
    let mut sound: BTreeSet<&Id> = BTreeSet::new();
    let all: Vec<&Id> = parents.keys().copied().collect();
    for start in all {
        let mut way = BTreeSet::new();
        let mut at = start;
        while !sound.contains(at) && way.insert(at) {
            let Some(parent) = parents.get(at).copied() else { break };
            if way.contains(parent) {
                // The smallest id of the cycle becomes its top.
                let mut circle = BTreeSet::from([parent]);
                let mut next = parent;
                while let Some(up) = parents.get(next).copied().filter(|up| circle.insert(up)) {
                    next = up;
                }
                if let Some(top) = circle.first() {
                    parents.remove(top);
                }
                break;
            }
            at = parent;
        }
        sound.extend(way);
    }
    parents
}
