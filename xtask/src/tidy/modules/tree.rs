//! The modules of one target, and which file a path leads to.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::super::source::Source;
use super::graph::Graph;
use super::read::{self, Declared};

/// How many imports are followed, one after the other, to the file that defines a name.
const LONGEST_WAY: usize = 16;

/// A path as it is written, in pieces: `super`, `plan`, `Plan`.
pub(super) type Path = Vec<String>;

/// One module: a file, or a block within one.
#[derive(Default)]
pub(super) struct Module {
    /// The number of its file.
    pub(super) file: usize,
    pub(super) parent: usize,
    pub(super) children: BTreeMap<String, usize>,
    /// What is defined here, and in which file: a macro with `#[macro_export]` is of the root wherever it stands.
    pub(super) items: BTreeMap<String, usize>,
    /// Names that a `use` brings in, re-exports too.
    pub(super) imports: BTreeMap<String, Vec<Path>>,
    /// Modules of which a `use` brings in everything.
    pub(super) globs: Vec<Path>,
    /// Every path that is written here, those of `use` among them.
    pub(super) mentions: BTreeSet<Path>,
}

/// All modules of a target; the first is its root.
#[derive(Default)]
pub(super) struct Tree {
    pub(super) modules: Vec<Module>,
    /// The files, from the project's root.
    pub(super) files: Vec<String>,
    /// Files that are declared and cannot be read, with the reason.
    pub(super) unread: Vec<(String, String)>,
}

/// Where a path leads.
enum Found {
    /// To something that is defined in a file.
    Item { file: usize, name: String },
    /// To a module itself.
    Module(usize),
}

impl Tree {
    /// Reads the root file and every file that it declares. `sources` are all files of the project.
    pub(super) fn read(root: &str, sources: &BTreeMap<&str, &Source>) -> Self {
        let mut tree = Self::default();
        tree.modules.push(Module::default());
        let folder = root.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        let mut open = VecDeque::from([Declared { module: 0, file: root.to_owned(), folder }]);
        while let Some(declared) = open.pop_front() {
            let Some(source) = sources.get(declared.file.as_str()) else {
                tree.unread.push((declared.file, "it is declared as a module, and not there".to_owned()));
                continue;
            };
            match syn::parse_file(&source.text) {
                Ok(parsed) => open.extend(read::file(&mut tree, &declared, &parsed, sources)),
                Err(error) => tree.unread.push((declared.file, format!("it cannot be read as Rust: {error}"))),
            }
        }
        tree
    }

    /// The number of a file, given when it is first asked for.
    pub(super) fn file(&mut self, path: &str) -> usize {
        self.files.iter().position(|known| known == path).unwrap_or_else(|| {
            self.files.push(path.to_owned());
            self.files.len() - 1
        })
    }

    /// Which file names what of which other.
    pub(super) fn graph(&self) -> Graph {
        let mut graph = Graph { files: self.files.clone(), ..Graph::default() };
        for (number, module) in self.modules.iter().enumerate() {
            let mut name = |file: usize, name: &str| {
                if file != module.file {
                    graph.edges.entry((module.file, file)).or_default().insert(name.to_owned());
                }
            };
            for path in &module.mentions {
                // To name a module is no edge: what is used of it is named by a longer path.
                if let Some(Found::Item { file, name: item }) = self.find(number, path, LONGEST_WAY) {
                    name(file, &item);
                }
            }
            for path in &module.globs {
                match self.find(number, path, LONGEST_WAY) {
                    Some(Found::Item { file, name: item }) => name(file, &item),
                    Some(Found::Module(other)) => {
                        if let Some(other) = self.modules.get(other) {
                            name(other.file, "*");
                        }
                    }
                    None => {}
                }
            }
        }
        graph
    }

    /// Where `path` leads, as it is written in the module `from`; nowhere if it leads out of this target.
    fn find(&self, from: usize, path: &[String], steps: usize) -> Option<Found> {
        let module = self.modules.get(from)?;
        let steps = steps.checked_sub(1)?;
        let (first, rest) = path.split_first()?;
        let jump = match first.as_str() {
            "crate" => Some(0),
            "self" => Some(from),
            "super" => Some(module.parent),
            _ => None,
        };
        if let Some(to) = jump {
            return if rest.is_empty() { Some(Found::Module(to)) } else { self.find(to, rest, steps) };
        }
        let item = || module.items.get(first).map(|file| Found::Item { file: *file, name: first.clone() });
        let child = || module.children.get(first).copied();
        match child() {
            // A module and, say, a function may have the same name; only a module is followed by `::` and more.
            Some(child) if !rest.is_empty() => return self.find(child, rest, steps),
            Some(child) => return item().or(Some(Found::Module(child))),
            None => {}
        }
        if let Some(found) = item() {
            return Some(found);
        }
        let longer = |start: &Path| start.iter().chain(rest).cloned().collect::<Path>();
        let imported = module.imports.get(first).into_iter().flatten();
        if let Some(found) =
            imported.filter(|path| **path != [first.clone()]).find_map(|path| self.find(from, &longer(path), steps))
        {
            return Some(found);
        }
        module.globs.iter().find_map(|glob| match self.find(from, glob, steps)? {
            // Of a module that this one is in, only what it names itself counts, or a walk would come back here.
            Found::Module(other) if other != from => self.find(other, path, steps),
            _ => None,
        })
    }
}
