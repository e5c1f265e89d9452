//! The circle's parts (channels, boards, columns) as a tree of pages.
//!
//! 1. A part has a page if it has posts, or something in it has.
//! 2. One whose parent is not known stands at the top; a circle of parents is cut where its smallest id is.
//! 3. The tree is a list in the order in which it is read: each part after its parent, those beside each other by name.

use std::collections::{BTreeMap, BTreeSet};

use circle_model::{archive::SpaceKind, id::Id};

use crate::index::Site;
use circle_content::slug::{self, Taken};

/// The list of parts.
pub const SPACES: &str = "spaces/index.html";

/// The parts that have pages.
#[derive(Debug, Default)]
pub struct Spaces {
    /// In the order of the tree.
    pub list: Vec<SpacePages>,
    by_id: BTreeMap<Id, usize>,
}

/// A part's pages.
#[derive(Clone, Debug)]
pub struct SpacePages {
    /// What it is called; never empty.
    pub name: String,
    /// What it is.
    pub kind: SpaceKind,
    /// Its first page.
    pub path: String,
    /// The part it is in, as an index of [`Spaces::list`].
    pub parent: Option<usize>,
    /// How many parts are round it.
    pub depth: usize,
    /// Its posts, the newest first.
    pub posts: Vec<usize>,
    /// How many posts it has with all that is in it.
    pub with_inner: usize,
}

impl Spaces {
    /// The tree of a site's parts.
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
        // The next to be taken lies on top. No recursion: a hostile archive may nest as deep as it likes.
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

    /// A part by its id.
    #[must_use]
    pub fn get(&self, id: &Id) -> Option<&SpacePages> {
        self.by_id.get(id).and_then(|index| self.list.get(*index))
    }
}

/// Each part's parent, without those that are not known and without circles.
fn parents(site: &Site) -> BTreeMap<&Id, &Id> {
    let mut parents: BTreeMap<&Id, &Id> = site
        .spaces
        .values()
        .filter_map(|space| Some((&space.id, space.parent.as_ref()?)))
        .filter(|(id, parent)| id != parent && site.spaces.contains_key(*parent))
        .collect();
    // Whatever lies on a way up that was followed to its end needs no second look.
    let mut sound: BTreeSet<&Id> = BTreeSet::new();
    let all: Vec<&Id> = parents.keys().copied().collect();
    for start in all {
        let mut way = BTreeSet::new();
        let mut at = start;
        while !sound.contains(at) && way.insert(at) {
            let Some(parent) = parents.get(at).copied() else { break };
            if way.contains(parent) {
                // The smallest id of the circle becomes its top.
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
