//! Reading one file: what it defines, imports, declares and names. Code for tests does not count.

use std::collections::BTreeMap;

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, Item, Meta, UseTree};

use super::super::source::Source;
use super::tree::{Module, Path, Tree};

/// A module that has a file of its own.
pub(super) struct Declared {
    /// Its number in the tree.
    pub(super) module: usize,
    pub(super) file: String,
    /// The folder in which the files of its children are.
    pub(super) folder: String,
}

/// Puts what `parsed` holds into `tree`; returns the modules that it declares.
pub(super) fn file(
    tree: &mut Tree,
    declared: &Declared,
    parsed: &syn::File,
    sources: &BTreeMap<&str, &Source>,
) -> Vec<Declared> {
    let file = tree.file(&declared.file);
    if let Some(module) = tree.modules.get_mut(declared.module) {
        module.file = file;
    }
    let mut reader = Reader {
        tree,
        sources,
        declared: Vec::new(),
        module: declared.module,
        file,
        path: &declared.file,
        folder: declared.folder.clone(),
        bodies: 0,
    };
    reader.visit_file(parsed);
    reader.declared
}

struct Reader<'a> {
    tree: &'a mut Tree,
    sources: &'a BTreeMap<&'a str, &'a Source>,
    declared: Vec<Declared>,
    /// The module that is being read.
    module: usize,
    file: usize,
    path: &'a str,
    folder: String,
    /// How many blocks of code this is in: what is defined there has no path.
    bodies: usize,
}

impl Reader<'_> {
    fn here(&mut self) -> Option<&mut Module> {
        self.tree.modules.get_mut(self.module)
    }

    fn mention(&mut self, path: Path) {
        if let Some(here) = self.here() {
            here.mentions.insert(path);
        }
    }

    fn define(&mut self, name: &syn::Ident) {
        let (bodies, file) = (self.bodies, self.file);
        if let Some(here) = self.here().filter(|_| bodies == 0) {
            here.items.insert(plain(name), file);
        }
    }

    fn module(&mut self, item: &syn::ItemMod) {
        let name = plain(&item.ident);
        let number = self.tree.modules.len();
        self.tree.modules.push(Module { file: self.file, parent: self.module, ..Module::default() });
        if let Some(here) = self.here() {
            here.children.insert(name.clone(), number);
        }
        let below = join(&self.folder, &name);
        if let Some((_, items)) = &item.content {
            let (module, folder) = (self.module, std::mem::replace(&mut self.folder, below));
            self.module = number;
            for item in items {
                self.visit_item(item);
            }
            (self.module, self.folder) = (module, folder);
            return;
        }
        let explicit = item.attrs.iter().filter(|attribute| attribute.path().is_ident("path")).find_map(text_of);
        let (file, folder) = match explicit {
            Some(path) => {
                let file = join(folder_of(self.path), &path);
                let folder = folder_of(&file).to_owned();
                (file, folder)
            }
            None => {
                let inside = format!("{below}/mod.rs");
                (if self.sources.contains_key(inside.as_str()) { inside } else { format!("{below}.rs") }, below)
            }
        };
        self.declared.push(Declared { module: number, file, folder });
    }

    fn import(&mut self, start: &[String], tree: &UseTree) {
        let with = |name: &syn::Ident| {
            let mut path = start.to_vec();
            // `use plan::{self}` means `plan`.
            if name != "self" || path.is_empty() {
                path.push(plain(name));
            }
            path
        };
        let (path, name) = match tree {
            UseTree::Path(more) => return self.import(&with(&more.ident), &more.tree),
            UseTree::Group(group) => return group.items.iter().for_each(|tree| self.import(start, tree)),
            UseTree::Glob(_) => {
                if let Some(here) = self.here() {
                    here.globs.push(start.to_vec());
                }
                return;
            }
            UseTree::Name(name) => (with(&name.ident), None),
            UseTree::Rename(renamed) => (with(&renamed.ident), Some(plain(&renamed.rename))),
        };
        let Some(name) = name.or_else(|| path.last().cloned()) else { return };
        if let Some(here) = self.here() {
            here.imports.entry(name).or_default().push(path.clone());
        }
        self.mention(path);
    }

    /// The paths in what a macro or an attribute is given, whose grammar only itself knows.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Path = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(name) => {
                    if colons != 2 {
                        self.flush(&mut path);
                    }
                    path.push(plain(&name));
                    colons = 0;
                    continue;
                }
                TokenTree::Punct(mark) if mark.as_char() == ':' && !path.is_empty() => {
                    colons += 1;
                    continue;
                }
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Literal(literal) => {
                    // serde's attributes name functions in quotes.
                    let text = syn::parse_str::<syn::LitStr>(&literal.to_string());
                    if let Ok(quoted) = text.and_then(|text| syn::parse_str::<syn::Path>(&text.value())) {
                        self.visit_path(&quoted);
                    }
                }
                TokenTree::Punct(_) => {}
            }
            self.flush(&mut path);
            colons = 0;
        }
        self.flush(&mut path);
    }

    fn flush(&mut self, path: &mut Path) {
        let path = std::mem::take(path);
        // A single word may be anything: a field, a variable, a key.
        if path.len() > 1 {
            self.mention(path);
        }
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        let (attributes, name) = attributes_and_name(item);
        if attributes.iter().any(for_tests) {
            return;
        }
        match item {
            Item::Mod(item) => return self.module(item),
            Item::Use(item) if item.leading_colon.is_none() => return self.import(&[], &item.tree),
            Item::Use(_) => return,
            Item::Macro(_) if attributes.iter().any(|attribute| attribute.path().is_ident("macro_export")) => {
                let file = self.file;
                if let (Some(root), Some(name)) = (self.tree.modules.first_mut(), name) {
                    root.items.insert(plain(name), file);
                }
            }
            _ => {}
        }
        if let Some(name) = name {
            self.define(name);
        }
        visit::visit_item(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        if !item.attrs.iter().any(for_tests) {
            visit::visit_impl_item_fn(self, item);
        }
    }

    fn visit_block(&mut self, block: &'ast syn::Block) {
        self.bodies += 1;
        visit::visit_block(self, block);
        self.bodies -= 1;
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none() {
            self.mention(path.segments.iter().map(|segment| plain(&segment.ident)).collect());
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        self.visit_path(&mac.path);
        self.tokens(mac.tokens.clone());
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        match &attribute.meta {
            // The text of a documentation comment names nothing that code needs.
            Meta::NameValue(value) if value.path.is_ident("doc") => {}
            Meta::List(list) => self.tokens(list.tokens.clone()),
            _ => visit::visit_attribute(self, attribute),
        }
    }

    fn visit_vis_restricted(&mut self, _: &'ast syn::VisRestricted) {
        // `pub(in crate::import)` says who may use a name, and uses nothing.
    }
}

/// Whether an attribute leaves the code below it out unless tests are compiled.
fn for_tests(attribute: &Attribute) -> bool {
    if attribute.path().is_ident("test") {
        return true;
    }
    let Meta::List(list) = &attribute.meta else { return false };
    attribute.path().is_ident("cfg") && needs_test(list.tokens.clone())
}

/// Whether the condition `test` or `all(test, …)` is asked for.
fn needs_test(tokens: TokenStream) -> bool {
    let mut all = false;
    tokens.into_iter().any(|token| match token {
        TokenTree::Group(group) => std::mem::take(&mut all) && needs_test(group.stream()),
        TokenTree::Ident(name) => {
            all = name == "all";
            name == "test"
        }
        _ => false,
    })
}

fn attributes_and_name(item: &Item) -> (&[Attribute], Option<&syn::Ident>) {
    match item {
        Item::Const(item) => (&item.attrs, Some(&item.ident)),
        Item::Enum(item) => (&item.attrs, Some(&item.ident)),
        Item::Fn(item) => (&item.attrs, Some(&item.sig.ident)),
        Item::Macro(item) => (&item.attrs, item.ident.as_ref()),
        Item::Mod(item) => (&item.attrs, Some(&item.ident)),
        Item::Static(item) => (&item.attrs, Some(&item.ident)),
        Item::Struct(item) => (&item.attrs, Some(&item.ident)),
        Item::Trait(item) => (&item.attrs, Some(&item.ident)),
        Item::TraitAlias(item) => (&item.attrs, Some(&item.ident)),
        Item::Type(item) => (&item.attrs, Some(&item.ident)),
        Item::Union(item) => (&item.attrs, Some(&item.ident)),
        Item::ExternCrate(item) => (&item.attrs, None),
        Item::ForeignMod(item) => (&item.attrs, None),
        Item::Impl(item) => (&item.attrs, None),
        Item::Use(item) => (&item.attrs, None),
        _ => (&[], None),
    }
}

/// The text of `#[path = "…"]`.
fn text_of(attribute: &Attribute) -> Option<String> {
    match &attribute.meta.require_name_value().ok()?.value {
        syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => Some(text.value()),
        _ => None,
    }
}

/// A name without `r#`.
fn plain(name: &syn::Ident) -> String {
    let name = name.to_string();
    name.strip_prefix("r#").map_or_else(|| name.clone(), str::to_owned)
}

fn folder_of(file: &str) -> &str {
    file.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// `folder/path`, with `..` followed.
fn join(folder: &str, path: &str) -> String {
    let mut pieces: Vec<&str> = folder.split('/').filter(|piece| !piece.is_empty()).collect();
    for piece in path.split('/') {
        if piece == ".." {
            pieces.pop();
        } else {
            pieces.push(piece);
        }
    }
    pieces.join("/")
}
