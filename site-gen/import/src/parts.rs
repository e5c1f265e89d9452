//! Splits an input with several exports: each part goes to the importer that recognises it.
//!
//! 1. An importer *claims* files that it recognises one by one, or a folder that it recognises as a whole ([`Extent`]).
//! 2. Files that were neither claimed nor read are then examined as one folder: a blog, notes, saved pages.
//! 3. The remaining media are content, too ([`super::loose`]), unless they are part of an export. Media that an importer did not use may
//!    come from private messages.
//!
//! Everything that is left after that stays in [`Input::unread`].

use std::collections::{BTreeMap, BTreeSet};

use super::{Importer, Recognised, importers, loose, markdown, pages, recognise};
use circle_content::media::prepare::is_picture_or_sound;
use circle_content::{Error, Result, archive::published, input::Input, report::Problem};

mod blog;

pub use super::contract::Extent;

/// A part of an input.
#[expect(missing_debug_implementations, reason = "an importer is a name and a function; the name is what is printed")]
pub struct Part<'a> {
    /// Its files.
    pub input: Input,
    /// Its importer.
    pub importer: &'a dyn Importer,
    /// The reason.
    pub why: String,
}

/// The parts of an input, one after the other. A later importer gets what was not read before.
#[expect(missing_debug_implementations, reason = "as of its parts")]
pub struct Parts<'a> {
    input: Input,
    ready: std::vec::IntoIter<Part<'a>>,
    stage: Stage,
    /// Folders whose files are not for the last importers, and single files of others.
    taken: Taken,
    problems: Vec<Problem>,
    notes: Vec<String>,
    /// Texts that wait for the pictures beside them.
    waiting: BTreeSet<String>,
    /// Folders with pictures that an export shows. The pictures that it does not show may come from private messages.
    shown: BTreeSet<String>,
    /// True if all other texts are notes, and not saved pages.
    notes_only: bool,
    given: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Claimed,
    Texts,
    Pictures,
    Done,
}

#[derive(Debug, Default)]
struct Taken {
    trees: BTreeSet<String>,
    files: BTreeSet<String>,
    /// Files that a blog program generated from the sources beside them.
    generated: BTreeSet<String>,
    /// Folders of blogs, whose pictures are not loose ones.
    blogs: BTreeSet<String>,
}

/// The maximum depth and number of folders that are examined by themselves.
const DEEPEST: usize = 4;
const MOST_FOLDERS: usize = 300;
/// The number of files with similar names that are probed; the others are assumed to be the same.
const ASKED: usize = 4;

impl<'a> Parts<'a> {
    /// Splits an input. Only the first bytes of files are read.
    ///
    /// # Errors
    /// If it is empty, if no importer recognises anything in it, or if all of it is refused.
    pub fn of(input: Input) -> Result<Self> {
        let mut taken = Taken::default();
        blog::find(&input, &mut taken.blogs, &mut taken.generated);
        let sources = input.part("", |path| !is_below(path, &taken.generated));
        let claims = claims(&sources);
        let mut parts = Vec::new();
        for claim in &claims {
            match &claim.files {
                None => {
                    taken.trees.insert(claim.home.clone());
                }
                Some(files) => taken.files.extend(files.iter().cloned()),
            }
        }
        for claim in &claims {
            if let Some(part) = view(&sources, claim, &claims, &taken) {
                parts.push(part);
            }
        }
        let whole_is_refused = claims.is_empty().then(|| recognise(&input));
        if let Some(Err(error)) = whole_is_refused {
            return Err(error);
        }
        Ok(Self {
            ready: parts.into_iter(),
            stage: Stage::Claimed,
            taken,
            problems: Vec::new(),
            notes: Vec::new(),
            waiting: BTreeSet::new(),
            shown: BTreeSet::new(),
            notes_only: false,
            given: 0,
            input,
        })
    }

    /// Everything for one importer, whatever the content.
    #[must_use]
    pub fn all_for(input: Input, importer: &'a dyn Importer, why: &str) -> Self {
        let part = Part { input: input.part("", |_| true), importer, why: why.to_owned() };
        Self {
            input,
            ready: vec![part].into_iter(),
            stage: Stage::Done,
            taken: Taken::default(),
            problems: Vec::new(),
            notes: Vec::new(),
            waiting: BTreeSet::new(),
            shown: BTreeSet::new(),
            notes_only: false,
            given: 0,
        }
    }

    /// The whole input.
    #[must_use]
    pub fn input(&self) -> &Input {
        &self.input
    }

    /// What was recognised and refused, and notes about the whole input; complete after the last part.
    #[must_use]
    pub fn said(self) -> (Vec<Problem>, Vec<String>) {
        (self.problems, self.notes)
    }

    /// The next part. The previous one must have been read.
    pub fn next_part(&mut self) -> Option<Part<'a>> {
        loop {
            if let Some(mut part) = self.ready.next() {
                if self.given == 0 {
                    part.input.take_refused_of(&self.input);
                }
                self.given += 1;
                return Some(part);
            }
            self.stage = match self.stage {
                Stage::Claimed => {
                    self.ready = self.texts().into_iter();
                    Stage::Texts
                }
                Stage::Texts => {
                    self.ready = self.pictures().into_iter();
                    Stage::Pictures
                }
                Stage::Pictures | Stage::Done => return None,
            };
        }
    }

    /// What is left for the last importers: neither claimed nor read.
    fn left(&self) -> BTreeSet<String> {
        let attached: Vec<String> =
            self.input.opened().filter(|(_, read)| *read).map(|(path, _)| format!("{path}/")).collect();
        let unread = self.input.unread().into_iter().map(|entry| &entry.path);
        let free = unread.filter(|path| {
            !self.taken.files.contains(*path)
                && !is_below(path, &self.taken.trees)
                && !is_below(path, &self.taken.generated)
                && !attached.iter().any(|archive| path.starts_with(archive))
        });
        free.cloned().collect()
    }

    /// A blog is a part of its own; all other texts are one part.
    fn texts(&mut self) -> Vec<Part<'a>> {
        let left = self.left();
        let mut parts = Vec::new();
        for folder in &self.taken.generated {
            self.notes.push(format!("{folder} was made from the sources beside it, and was not read a second time"));
        }
        for blog in self.taken.blogs.clone() {
            // With its folder in the paths, because notes beside the blog may have the same names.
            let part = self.input.part("", |path| {
                path.starts_with(&blog)
                    && !self.taken.files.contains(path)
                    && !is_below(path, &self.taken.trees)
                    && !is_below(path, &self.taken.generated)
            });
            parts.extend(self.known(part.called(&blog)));
        }
        self.shown = self.folders_shown();
        let beside = |path: &str| !is_below(path, &self.taken.blogs) && !is_below(path, &self.taken.trees);
        let rest = self.input.part("", |path| beside(path) && (left.contains(path) || is_picture_or_sound(path)));
        self.waiting = loose::texts(&rest);
        let rest = rest.part("", |path| !self.waiting.contains(path));
        if rest.entries().iter().any(|entry| left.contains(&entry.path) && !is_picture_or_sound(&entry.path)) {
            // A blog's pictures belong to its posts, even without its settings.
            let is_blog = rest.entries().iter().any(|entry| entry.path.contains("_posts/"));
            let (mut known, mut notes_only) = (self.known(rest), !is_blog);
            let is_notes = |part: &Part<'_>| part.importer.name() == markdown::NAME;
            // An importer of pages does not read the notes between them.
            if let Some(part) = known.take_if(|part| !is_notes(part)) {
                notes_only = false;
                let is_note = |path: &str| circle_content::posts::is_post(path) && !pages::is_page(path);
                let notes = part.input.part("", |path| is_note(path) || is_picture_or_sound(path));
                let input = part.input.part("", |path| !is_note(path));
                parts.push(Part { input, ..part });
                if notes.entries().iter().any(|entry| is_note(&entry.path)) {
                    known = self.known(notes);
                }
            }
            self.notes_only = notes_only && known.as_ref().is_some_and(is_notes);
            parts.extend(known);
        }
        parts
    }

    fn known(&mut self, input: Input) -> Option<Part<'a>> {
        match super::registry::ask(&input) {
            super::registry::Asked::Found(importer, why) if importer.name() != loose::NAME => {
                Some(Part { input, importer, why })
            }
            super::registry::Asked::Refused { what, help } => {
                self.problems.push(Problem { place: input.place(), what, help });
                None
            }
            super::registry::Asked::Found(..) | super::registry::Asked::Unknown => None,
        }
    }

    /// The folders of the pictures that were read.
    fn folders_shown(&self) -> BTreeSet<String> {
        let unread: BTreeSet<&str> = self.input.unread().into_iter().map(|entry| entry.path.as_str()).collect();
        let pictures = self.input.entries().iter().map(|entry| entry.path.as_str());
        let read = pictures.filter(|path| is_picture_or_sound(path) && !unread.contains(path));
        read.map(|path| folder_of(path).to_owned()).collect()
    }

    fn pictures(&self) -> Vec<Part<'a>> {
        let left = self.left();
        // If an export or a saved page shows one picture of a folder, the folder belongs to it. Notes may show pictures from among others.
        let shown = if self.notes_only { &self.shown } else { &self.folders_shown() };
        let exports =
            loose::Exports::new(&self.taken.files, &self.taken.trees, self.input.opened().map(|(path, _)| path));
        let chats = loose::Chats::among(&self.input, &self.taken.files);
        let is_loose = |path: &str| {
            let folder = folder_of(path);
            let theirs = !folder.is_empty() && shown.contains(folder) && !exports.are_in(folder);
            let of_chat = is_picture_or_sound(path) && chats.have(path);
            left.contains(path) && !theirs && !of_chat && !is_below(path, &self.taken.blogs) && !exports.have(path)
        };
        let part =
            self.input.part("", |path| (is_picture_or_sound(path) || self.waiting.contains(path)) && is_loose(path));
        match loose::Loose.recognise(&part) {
            Recognised::Yes(why) | Recognised::Maybe(why) => vec![Part { input: part, importer: &loose::Loose, why }],
            _ => Vec::new(),
        }
    }
}

/// A claim of one importer.
struct Claim {
    importer: &'static dyn Importer,
    home: String,
    /// The files, if it is not the whole folder.
    files: Option<BTreeSet<String>>,
    why: String,
}

/// The folder of a path, with a trailing `/`.
fn folder_of(path: &str) -> &str {
    path.rfind('/').and_then(|at| path.get(..=at)).unwrap_or_default()
}

fn parent_of(folder: &str) -> &str {
    folder_of(folder.trim_end_matches('/'))
}

/// True if a path is in one of these folders; the empty name stands for all.
fn is_below(path: &str, folders: &BTreeSet<String>) -> bool {
    folders.iter().any(|folder| path.starts_with(folder.as_str()))
}

fn claims(input: &Input) -> Vec<Claim> {
    let single = files_known(input);
    let mut homes: Vec<Claim> = Vec::new();
    for importer in importers() {
        let Extent::Tree(inner) = importer.extent() else { continue };
        if !importer.reads() {
            continue;
        }
        let mut budget = MOST_FOLDERS;
        for (mut home, why) in trees(input, importer, "", 0, &mut budget) {
            let name = |home: &str| home.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_lowercase();
            while !home.is_empty() && inner.contains(&name(&home).as_str()) {
                home = parent_of(&home).to_owned();
            }
            homes.push(Claim { importer, home, files: None, why });
        }
    }
    // Of two nested folders the outer one wins, and for the same folder the first importer.
    let mut trees: Vec<Claim> = Vec::new();
    homes.sort_by_key(|claim| claim.home.len());
    for claim in homes {
        if !trees.iter().any(|outer| claim.home.starts_with(&outer.home)) {
            trees.push(claim);
        }
    }
    // Other importers may claim files directly in a tree's home folder, beside its folders, but none below, where files may be attachments.
    // In a site that Circlekeep built they may claim nothing, because its feeds repeat its `data/`.
    let sites: Vec<&str> = trees
        .iter()
        .map(|tree| tree.home.as_str())
        .filter(|home| published::settings_of(&input.part(home, |_| true)).is_some())
        .collect();
    let mut files: BTreeMap<(usize, String), Claim> = BTreeMap::new();
    for (path, (order, importer, why)) in single {
        let folder = folder_of(&path);
        if trees.iter().any(|tree| folder.starts_with(&tree.home) && folder != tree.home)
            || sites.iter().any(|home| folder.starts_with(home))
        {
            continue;
        }
        let claim = files.entry((order, folder.to_owned())).or_insert_with(|| Claim {
            importer,
            home: folder.to_owned(),
            files: Some(BTreeSet::new()),
            why,
        });
        claim.files.get_or_insert_default().insert(path);
    }
    let mut claims = trees;
    claims.extend(files.into_values());
    grown(input, claims)
}

/// Extends claims to the folder around them as long as nobody else could read anything else in it. So an export with topics in one folder
/// and comments in another is one export.
fn grown(input: &Input, mut claims: Vec<Claim>) -> Vec<Claim> {
    let readable: Vec<&str> = input
        .entries()
        .iter()
        .map(|entry| entry.path.as_str())
        .filter(|path| circle_content::posts::is_post(path) || is_picture_or_sound(path))
        .collect();
    let archives: BTreeSet<&str> = input.opened().map(|(path, _)| path).collect();
    loop {
        let mut changed = false;
        for at in 0..claims.len() {
            let Some(claim) = claims.get(at) else { continue };
            if claim.home.is_empty() || claim.importer.extent() == Extent::Files {
                continue;
            }
            let (name, parent) = (claim.importer.name(), parent_of(&claim.home).to_owned());
            let own = |path: &str| {
                claims.iter().any(|own| own.importer.name() == name && path.starts_with(own.home.as_str()))
            };
            let others = claims.iter().any(|other| other.importer.name() != name && other.home.starts_with(&parent));
            // A folder of pictures named after the export, or after a folder in it (相册, 相册_媒体), belongs to the export.
            let home = claim.home.as_str();
            let own_folders = || {
                let below = input.entries().iter().filter_map(|entry| entry.path.strip_prefix(home)?.split_once('/'));
                below.map(|(folder, _)| folder).chain(home.trim_end_matches('/').rsplit('/').next())
            };
            let beside = |path: &str| {
                let folder = path.strip_prefix(parent.as_str()).and_then(|rest| rest.split_once('/'));
                let named = folder.and_then(|(folder, _)| folder.rsplit_once('_')).map(|(name, _)| name);
                named.is_some_and(|name| own_folders().any(|own| own == name))
            };
            let is_archive = archives.contains(claim.home.trim_end_matches('/'));
            let is_twin = claim.files.is_none() && twins(input, claim, &claims, &parent);
            let in_the_way = readable.iter().any(|path| path.starts_with(&parent) && !own(path) && !beside(path));
            if others || is_archive || is_twin || in_the_way {
                continue;
            }
            if let Some(claim) = claims.get_mut(at) {
                claim.home = parent;
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    // Claims of one importer for the same folder are one claim.
    let mut merged: Vec<Claim> = Vec::new();
    claims.sort_by_key(|claim| claim.home.len());
    for claim in claims {
        let same = merged.iter_mut().find(|known| {
            let grown = known.importer.extent() != Extent::Files && claim.home.starts_with(&known.home);
            known.importer.name() == claim.importer.name()
                && (known.home == claim.home || grown && claim.files.is_none())
        });
        match same {
            Some(known) => {
                if let (Some(files), Some(more)) = (&mut known.files, claim.files) {
                    files.extend(more);
                }
            }
            None => merged.push(claim),
        }
    }
    merged
}

/// True if the folder around this export contains another one of the same kind: both have a file with the same name, which is not a number.
fn twins(input: &Input, claim: &Claim, claims: &[Claim], parent: &str) -> bool {
    let names = |home: &str| -> BTreeSet<String> {
        let part = input.part(home, |path| !is_picture_or_sound(path));
        let paths = part.entries().iter().map(|entry| entry.path.clone());
        paths.filter(|path| !path.bytes().any(|byte| byte.is_ascii_digit())).collect()
    };
    let others = claims.iter().filter(|other| {
        other.importer.name() == claim.importer.name()
            && other.home != claim.home
            && other.home.starts_with(parent)
            && !other.home.starts_with(&claim.home)
            && !claim.home.starts_with(&other.home)
    });
    let own = names(&claim.home);
    others.into_iter().any(|other| !own.is_disjoint(&names(&other.home)))
}

/// The smallest folders that a tree importer is certain of.
fn trees(
    input: &Input,
    importer: &'static dyn Importer,
    home: &str,
    depth: usize,
    budget: &mut usize,
) -> Vec<(String, String)> {
    let part = input.part(home, |_| true);
    let why = match importer.recognise(&part) {
        Recognised::Yes(why) => Some(why),
        _ => None,
    };
    let mut folders: Vec<String> = Vec::new();
    for entry in part.entries() {
        if let Some(at) = entry.path.find('/') {
            let folder = format!("{home}{}/", entry.path.get(..at).unwrap_or_default());
            if folders.last() != Some(&folder) {
                folders.push(folder);
            }
        }
    }
    if depth >= DEEPEST || folders.is_empty() || folders.len() > *budget {
        return why.map(|why| (home.to_owned(), why)).into_iter().collect();
    }
    *budget -= folders.len();
    let below: Vec<(String, String)> =
        folders.iter().flat_map(|folder| trees(input, importer, folder, depth + 1, budget)).collect();
    let Some(why) = why else { return below };
    let without = input.part(home, |path| !below.iter().any(|(folder, _)| path.starts_with(folder.as_str())));
    if below.is_empty() || matches!(importer.recognise(&without), Recognised::Yes(_)) {
        vec![(home.to_owned(), why)]
    } else {
        below
    }
}

type Known = (usize, &'static dyn Importer, String);

/// The files that an importer of single files recognises.
fn files_known(input: &Input) -> BTreeMap<String, Known> {
    let all = importers();
    let asked: Vec<(usize, &'static dyn Importer)> = all
        .iter()
        .copied()
        .enumerate()
        .filter(|(_, importer)| importer.reads() && matches!(importer.extent(), Extent::Files | Extent::Beside))
        .collect();
    let mut known = BTreeMap::new();
    let mut shapes: BTreeMap<(&str, String), (usize, Option<Known>)> = BTreeMap::new();
    for entry in input.entries() {
        let path = entry.path.as_str();
        if is_picture_or_sound(path) {
            continue;
        }
        // A chat may be among a hundred notes with similar names, so each text is examined by itself.
        let shape = (folder_of(path), if is_text(path) { path.to_owned() } else { shape_of(path) });
        let (count, answer) = shapes.get(&shape).cloned().unwrap_or_default();
        let answer = if count >= ASKED {
            answer
        } else {
            let single = input.single(path);
            let found = asked.iter().find_map(|(order, importer)| match importer.recognise(&single) {
                Recognised::Yes(why) => Some((*order, *importer, why)),
                _ => None,
            });
            let same = count == 0 || found.as_ref().map(|f| f.0) == answer.as_ref().map(|f| f.0);
            // One differs, so every file with a similar name is probed.
            shapes.insert(shape, (if same { count + 1 } else { 0 }, found.clone()));
            found
        };
        if let Some(answer) = answer {
            known.insert(entry.path.clone(), answer);
        }
    }
    known
}

fn is_text(path: &str) -> bool {
    path.to_ascii_lowercase().ends_with(".txt")
}

/// A file name without its numbers.
fn shape_of(path: &str) -> String {
    let mut shape = String::new();
    for c in path.rsplit('/').next().unwrap_or(path).chars() {
        let c = if c.is_ascii_digit() { '0' } else { c };
        if c != '0' || !shape.ends_with('0') {
            shape.push(c);
        }
    }
    shape
}

/// The input for the importer of a claim.
fn view(input: &Input, claim: &Claim, claims: &[Claim], taken: &Taken) -> Option<Part<'static>> {
    let home = claim.home.as_str();
    let inner: Vec<String> = input
        .opened()
        .map(|(path, _)| format!("{path}/"))
        .filter(|archive| archive.starts_with(home) && archive != home)
        .collect();
    // Two exports of one kind keep their folders in the paths, so that their records have different paths.
    let alone = claims.iter().filter(|other| other.importer.name() == claim.importer.name()).count() == 1;
    let seen = |keep: &dyn Fn(&str) -> bool| {
        if alone {
            input.part(home, keep)
        } else {
            input.part("", |path| path.starts_with(home) && keep(path)).called(home)
        }
    };
    let of_others = |path: &str| {
        let other = |other: &&Claim| !std::ptr::eq(*other, claim);
        claims.iter().filter(other).any(|other| match &other.files {
            Some(files) => files.contains(path),
            None => path.starts_with(other.home.as_str()) && other.home.len() >= home.len(),
        })
    };
    let in_archive = |path: &str| inner.iter().any(|archive| path.starts_with(archive.as_str()));
    let part = match (&claim.files, claim.importer.extent()) {
        (None, _) => seen(&|path| !of_others(path) && !in_archive(path)),
        (Some(files), Extent::Beside) => {
            let beside = |path: &str| !of_others(path) && !in_archive(path) && !is_below(path, &taken.trees);
            let part = seen(&|path| files.contains(path) || beside(path));
            match claim.importer.recognise(&part) {
                Recognised::Yes(_) => part,
                // The importer recognises the file only by itself.
                _ => seen(&|path| files.contains(path)),
            }
        }
        (Some(files), _) => {
            let picture = |path: &str| is_picture_or_sound(path) && !of_others(path) && !in_archive(path);
            seen(&|path| files.contains(path) || picture(path))
        }
    };
    (!part.entries().is_empty()).then(|| Part { input: part, importer: claim.importer, why: claim.why.clone() })
}

/// The error for an input without a recognised part.
pub(super) fn nothing(input: &Input) -> Error {
    let refused = match input.refused() {
        [] => String::new(),
        [(name, reason), ..] => format!("\n  refused: {name}: {reason}"),
    };
    Error::new(
        "there is nothing to import: it is empty, or holds only hidden files",
        format!("{}{refused}", input.place()),
        "choose the folder or zip that holds the posts (.md, .txt, .html, or posts.jsonl)",
    )
}
