//! What a text of HTML would cost the parsers that build a tree of it, found out before any tree is built.
//!
//! A scan of the text cannot tell: which tags nest, which end others and which are opened again is the tree builder's to say. So
//! html5ever's own tree builder runs here over a sink that builds nothing. It counts what the real parsers (ammonia, `dom_query`)
//! would do, and the rest of the text is left unread as soon as that is more than a long text without malice takes:
//!
//! 1. steps: every question of the tree builder walks its stack of open elements or its list of open formatting elements; and the
//!    tree behind ammonia looks through all children of an element to find one, and html5ever's writer of HTML looks for the next angle
//!    bracket at every `&`, no-break space and `·` of a text;
//! 2. growth: a formatting element that is never closed is made again, with all its attributes, in every paragraph after it;
//! 3. depth: of the finished tree, because elements move while it is made.
//!
//! What is within these limits costs time and memory in proportion to its length.

use std::{
    borrow::Cow,
    cell::{Cell, OnceCell, RefCell},
    rc::Rc,
};

use html5ever::{
    Attribute, ExpandedName, QualName,
    buffer_queue::BufferQueue,
    interface::{ElementFlags, NodeOrText, QuirksMode, TokenizerResult, TreeSink},
    local_name, ns,
    tendril::StrTendril,
    tokenizer::{Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts},
    tree_builder::{TreeBuilder, TreeBuilderOpts, create_element},
};

/// The most elements that one is inside of.
const MAX_DEPTH: u32 = 256;
/// The most attributes of an element: html5ever looks through all of them for each one more.
const MAX_ATTRIBUTES: usize = 64;
/// Steps of the tree builder for each byte of the text. The pages and posts of all fixtures take less than one; what else happens to
/// a byte takes as long as 25.
const STEPS_PER_BYTE: usize = 16;
/// Bytes of tags and comments in the tree for each byte of the text. In all fixtures they are fewer than the text has.
const GROWTH: usize = 4;
/// Bytes that the writer looks at in the time of one step.
const LOOKS_PER_STEP: usize = 256;
/// What a short text may take besides.
const FREE: usize = 1 << 18;

const TOO_DEEP: &str = "its elements are nested too deep";
const TOO_MANY_ATTRIBUTES: &str = "one of its elements has too many attributes";
const TOO_TANGLED: &str = "its elements are too tangled";

/// What the text will be parsed as. It has to be what the real parser takes it for, or another tree is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum As {
    /// What ammonia cleans.
    Body,
    /// A whole page for `dom_query`.
    Page,
    /// A part of a page for `dom_query`.
    Part,
}

/// True, as `Ok`, when parsing the text costs no more than a long text does.
///
/// # Errors
/// Says in words what is too much.
pub fn affordable(html: &str, kind: As) -> Result<(), &'static str> {
    let tags = html.bytes().filter(|byte| *byte == b'<').count();
    if most_attributes(html) > MAX_ATTRIBUTES {
        return Err(TOO_MANY_ATTRIBUTES);
    }
    // Each tag makes at most every one before it again, and the writer looks through all of the text at each mark. Most texts are
    // so short that this is little, and need no closer look.
    let marks = html.bytes().filter(|byte| matches!(byte, b'&' | 0xC2)).count();
    if tags <= 64 && tags * html.len() <= FREE && marks * html.len() <= FREE * LOOKS_PER_STEP {
        return Ok(());
    }
    let census = measure(html, kind);
    census.verdict()?;
    if census.depth() > MAX_DEPTH { Err(TOO_DEEP) } else { Ok(()) }
}

/// Runs the tree builder, and gives up once the text costs too much.
fn measure(html: &str, kind: As) -> Census {
    let census = Census::default();
    census.steps_left.set(most_steps(html.len()));
    census.bytes_left.set(most_bytes(html.len()));
    let opts = TreeBuilderOpts { scripting_enabled: kind == As::Body, ..TreeBuilderOpts::default() };
    let context = match kind {
        As::Body => Some(local_name!("div")),
        As::Part => Some(local_name!("body")),
        As::Page => None,
    };
    let builder = match context {
        None => TreeBuilder::new(census, opts),
        Some(name) => {
            let around = create_element(&census, QualName::new(None, ns!(html), name), Vec::new());
            TreeBuilder::new_for_fragment(census, around, None, opts)
        }
    };
    let tokenizer = Tokenizer::new(Watched(builder), TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(html));
    while !matches!(tokenizer.feed(&input), TokenizerResult::Done) {}
    tokenizer.end();
    let Watched(builder) = tokenizer.sink;
    builder.sink
}

fn most_steps(length: usize) -> usize {
    length.saturating_mul(STEPS_PER_BYTE).saturating_add(FREE)
}

fn most_bytes(length: usize) -> usize {
    length.saturating_mul(GROWTH).saturating_add(FREE)
}

/// Hands tokens to the tree builder until they cost too much, and none after that.
struct Watched(TreeBuilder<Rc<Node>, Census>);

impl TokenSink for Watched {
    type Handle = Rc<Node>;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<Rc<Node>> {
        if self.0.sink.verdict().is_err() {
            return TokenSinkResult::Continue;
        }
        self.0.process_token(token, line)
    }

    fn end(&self) {
        if self.0.sink.verdict().is_ok() {
            self.0.end();
        }
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.0.adjusted_current_node_present_but_not_in_html_namespace()
    }
}

/// An element, or what stands in the tree for a text of comments, without its children.
#[derive(Debug)]
struct Node {
    number: u32,
    name: QualName,
    joins_mathml: bool,
    /// Attributes that were added later: those of a second `<body>`.
    added: Cell<usize>,
    /// What is inside of a `<template>` is a tree of its own, which is counted as inside of it.
    contents: OnceCell<Rc<Node>>,
}

/// The children of a node. They move all at once from one node to another, so a node's parent is the owner of the list it is in.
#[derive(Clone, Copy, Debug, Default)]
struct List {
    owner: u32,
    length: usize,
    ends_in_text: bool,
    /// Where it ends in text: how often the writer looks for an angle bracket that is not there yet.
    looking: usize,
}

/// Where a node is.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    /// The list it is in, if it is in any.
    within: Option<u32>,
    /// The list of its children.
    children: u32,
    /// How deep it was when it was put there.
    depth: u32,
}

/// A sink that counts.
#[derive(Debug)]
struct Census {
    document: Rc<Node>,
    places: RefCell<Vec<Place>>,
    lists: RefCell<Vec<List>>,
    steps_left: Cell<usize>,
    bytes_left: Cell<usize>,
    deepest: Cell<u32>,
}

impl Default for Census {
    fn default() -> Self {
        Self {
            document: Rc::new(Node {
                number: 0,
                name: QualName::new(None, ns!(), local_name!("")),
                joins_mathml: false,
                added: Cell::new(0),
                contents: OnceCell::new(),
            }),
            places: RefCell::new(vec![Place::default()]),
            lists: RefCell::new(vec![List::default()]),
            steps_left: Cell::new(0),
            bytes_left: Cell::new(0),
            deepest: Cell::new(0),
        }
    }
}

impl Census {
    fn verdict(&self) -> Result<(), &'static str> {
        if self.deepest.get() > MAX_DEPTH {
            Err(TOO_DEEP)
        } else if self.steps_left.get() == 0 || self.bytes_left.get() == 0 {
            Err(TOO_TANGLED)
        } else {
            Ok(())
        }
    }

    fn step(&self, steps: usize) {
        self.steps_left.set(self.steps_left.get().saturating_sub(steps));
    }

    fn make(&self, name: QualName, bytes: usize, joins_mathml: bool) -> Rc<Node> {
        self.step(1);
        self.bytes_left.set(self.bytes_left.get().saturating_sub(bytes));
        let (mut places, mut lists) = (self.places.borrow_mut(), self.lists.borrow_mut());
        let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        let (number, children) = (count(places.len()), count(lists.len()));
        places.push(Place { within: None, children, depth: 0 });
        lists.push(List { owner: number, length: 0, ..List::default() });
        Rc::new(Node { number, name, joins_mathml, added: Cell::new(0), contents: OnceCell::new() })
    }

    fn place(&self, node: &Node) -> Place {
        self.places.borrow().get(node.number as usize).copied().unwrap_or_default()
    }

    fn change_list(&self, list: u32, change: impl FnOnce(&mut List)) {
        if let Some(list) = self.lists.borrow_mut().get_mut(list as usize) {
            change(list);
        }
    }

    fn list(&self, list: u32) -> List {
        self.lists.borrow().get(list as usize).copied().unwrap_or_default()
    }

    /// Puts a node at the end of a list, or anywhere into it.
    fn put(&self, list: u32, child: NodeOrText<Rc<Node>>) {
        self.step(1);
        match child {
            NodeOrText::AppendText(text) => {
                let before = self.list(list);
                let looking = self.write(&text, if before.ends_in_text { before.looking } else { 0 });
                self.change_list(list, |list| {
                    list.length += usize::from(!list.ends_in_text);
                    list.ends_in_text = true;
                    list.looking = looking;
                });
            }
            NodeOrText::AppendNode(node) => {
                let owner = self.list(list).owner;
                let mut places = self.places.borrow_mut();
                let depth = places.get(owner as usize).map_or(0, |place| place.depth) + 1;
                if let Some(place) = places.get_mut(node.number as usize) {
                    place.within = Some(list);
                    place.depth = depth;
                }
                self.deepest.set(self.deepest.get().max(depth.saturating_sub(2)));
                drop(places);
                self.change_list(list, |list| {
                    list.length += 1;
                    list.ends_in_text = false;
                });
            }
        }
    }

    /// Counts what it takes to write a text that is looked through `looking` times already, and says how often what follows is.
    fn write(&self, text: &str, mut looking: usize) -> usize {
        let mut looks = 0_usize;
        for byte in text.bytes() {
            looks += looking;
            match byte {
                b'<' | b'>' => looking = 0,
                b'&' | 0xC2 => looking += 1,
                _ => {}
            }
        }
        self.step(looks / LOOKS_PER_STEP);
        looking
    }

    /// Looks a node up among its parent's children, as ammonia's tree has to. Gives the list in which it is.
    fn find(&self, node: &Node) -> Option<u32> {
        let within = self.place(node).within?;
        // A look at one of many takes less than a question of the tree builder.
        self.step(1 + self.list(within).length / 4);
        Some(within)
    }

    /// How deep the finished tree is, the document and its root (or the element around) not counted.
    fn depth(&self) -> u32 {
        let (places, lists) = (self.places.borrow(), self.lists.borrow());
        let parent = |number: u32| {
            let within = places.get(number as usize).and_then(|place| place.within)?;
            lists.get(within as usize).map(|list| list.owner)
        };
        let mut depths: Vec<Option<u32>> = vec![None; places.len()];
        let (mut way, mut deepest) = (Vec::new(), 0_u32);
        for number in 0..u32::try_from(places.len()).unwrap_or(u32::MAX) {
            let mut at = Some(number);
            let mut depth = 0;
            while let Some(here) = at {
                match depths.get(here as usize).copied().flatten() {
                    Some(known) => {
                        depth = known;
                        break;
                    }
                    None => way.push(here),
                }
                at = parent(here);
            }
            let root = at.is_none();
            while let Some(here) = way.pop() {
                depth = if root && parent(here).is_none() { 0 } else { depth + 1 };
                if let Some(slot) = depths.get_mut(here as usize) {
                    *slot = Some(depth);
                }
            }
            deepest = deepest.max(depth);
        }
        deepest.saturating_sub(2)
    }
}

/// Bytes of an element when it is written: its name twice, its attributes once.
fn written(name: &QualName, attributes: &[Attribute]) -> usize {
    let of = |attribute: &Attribute| attribute.name.local.len() + attribute.value.len() + 4;
    5 + 2 * name.local.len() + attributes.iter().map(of).sum::<usize>()
}

impl TreeSink for Census {
    type Handle = Rc<Node>;
    type Output = Self;
    type ElemName<'a> = ExpandedName<'a>;

    fn finish(self) -> Self {
        self
    }

    fn parse_error(&self, _: Cow<'static, str>) {}

    fn get_document(&self) -> Rc<Node> {
        Rc::clone(&self.document)
    }

    fn elem_name<'a>(&'a self, target: &'a Rc<Node>) -> ExpandedName<'a> {
        self.step(1);
        target.name.expanded()
    }

    fn create_element(&self, name: QualName, attrs: Vec<Attribute>, flags: ElementFlags) -> Rc<Node> {
        let bytes = written(&name, &attrs);
        for attribute in &attrs {
            self.write(&attribute.value, 0);
        }
        self.make(name, bytes, flags.mathml_annotation_xml_integration_point)
    }

    fn create_comment(&self, text: StrTendril) -> Rc<Node> {
        self.make(QualName::new(None, ns!(), local_name!("")), text.len() + 7, false)
    }

    fn create_pi(&self, target: StrTendril, data: StrTendril) -> Rc<Node> {
        self.make(QualName::new(None, ns!(), local_name!("")), target.len() + data.len() + 4, false)
    }

    fn append(&self, parent: &Rc<Node>, child: NodeOrText<Rc<Node>>) {
        self.put(self.place(parent).children, child);
    }

    fn append_based_on_parent_node(&self, element: &Rc<Node>, previous: &Rc<Node>, child: NodeOrText<Rc<Node>>) {
        if self.place(element).within.is_some() {
            self.append_before_sibling(element, child);
        } else {
            self.append(previous, child);
        }
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    fn get_template_contents(&self, target: &Rc<Node>) -> Rc<Node> {
        let made = target.contents.get_or_init(|| {
            let contents = self.make(QualName::new(None, ns!(), local_name!("")), 0, false);
            self.append(target, NodeOrText::AppendNode(Rc::clone(&contents)));
            contents
        });
        Rc::clone(made)
    }

    fn same_node(&self, x: &Rc<Node>, y: &Rc<Node>) -> bool {
        self.step(1);
        Rc::ptr_eq(x, y)
    }

    fn set_quirks_mode(&self, _: QuirksMode) {}

    fn append_before_sibling(&self, sibling: &Rc<Node>, child: NodeOrText<Rc<Node>>) {
        let Some(list) = self.find(sibling) else { return };
        if let NodeOrText::AppendNode(node) = &child {
            self.remove_from_parent(node);
        }
        self.put(list, child);
    }

    fn add_attrs_if_missing(&self, target: &Rc<Node>, attrs: Vec<Attribute>) {
        target.added.set(target.added.get() + attrs.len());
        self.step(1 + 8 * target.added.get());
    }

    fn remove_from_parent(&self, target: &Rc<Node>) {
        let Some(list) = self.find(target) else { return };
        self.change_list(list, |list| list.length = list.length.saturating_sub(1));
        if let Some(place) = self.places.borrow_mut().get_mut(target.number as usize) {
            place.within = None;
        }
    }

    fn reparent_children(&self, node: &Rc<Node>, new_parent: &Rc<Node>) {
        let (from, to) = (self.place(node).children, self.place(new_parent).children);
        self.step(1 + self.list(from).length);
        // The tree builder moves children to an element that it has just made: the two change lists, and nothing else is touched.
        self.change_list(from, |list| list.owner = new_parent.number);
        self.change_list(to, |list| list.owner = node.number);
        let mut places = self.places.borrow_mut();
        for (number, children) in [(node.number, to), (new_parent.number, from)] {
            if let Some(place) = places.get_mut(number as usize) {
                place.children = children;
            }
        }
    }

    fn is_mathml_annotation_xml_integration_point(&self, target: &Rc<Node>) -> bool {
        self.step(1);
        target.joins_mathml
    }
}

/// Where a tag is, for its attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum In {
    Name,
    Before,
    AttributeName,
    AfterName,
    BeforeValue,
    Bare,
    Single,
    Double,
}

impl In {
    const ALL: [Self; 8] = [
        Self::Name,
        Self::Before,
        Self::AttributeName,
        Self::AfterName,
        Self::BeforeValue,
        Self::Bare,
        Self::Single,
        Self::Double,
    ];

    /// What follows after a byte, and whether an attribute begins with it; nothing when the tag ends.
    fn next(self, byte: u8) -> Option<(Self, bool)> {
        let space = matches!(byte, b'\t' | b'\n' | b'\x0c' | b'\r' | b' ');
        Some(match (self, byte) {
            (Self::Single, b'\'') | (Self::Double, b'"') => (Self::Before, false),
            (Self::Single | Self::Double, _) => (self, false),
            (_, b'>') => return None,
            (Self::BeforeValue, b'"') => (Self::Double, false),
            (Self::BeforeValue, b'\'') => (Self::Single, false),
            (Self::BeforeValue, _) if space => (Self::BeforeValue, false),
            (Self::BeforeValue, _) => (Self::Bare, false),
            (Self::Bare, _) if space => (Self::Before, false),
            (Self::Bare, _) => (Self::Bare, false),
            (Self::AttributeName | Self::AfterName, b'=') => (Self::BeforeValue, false),
            (Self::AttributeName | Self::AfterName, _) if space => (Self::AfterName, false),
            (_, b'/') => (Self::Before, false),
            (Self::Name | Self::Before, _) if space => (Self::Before, false),
            (Self::Name, _) => (Self::Name, false),
            (Self::AttributeName, _) => (Self::AttributeName, false),
            (Self::Before | Self::AfterName, _) => (Self::AttributeName, true),
        })
    }
}

/// The most attributes that any tag of the text can have, whatever is taken for a comment, a script or the value of another tag's
/// attribute: html5ever looks at none of its tokens before the tag is at its end, and then the time is spent. Tags that may begin
/// anywhere are followed all at once: of those that are in the same state, only the one with the most attributes counts.
fn most_attributes(html: &str) -> usize {
    let (mut most, mut open, mut any) = (0_usize, [None::<usize>; 8], false);
    let mut last = [0_u8; 2];
    for byte in html.bytes() {
        if any {
            let mut next = [None; 8];
            for (state, count) in In::ALL.into_iter().zip(open) {
                let Some(count) = count else { continue };
                let Some((after, begins)) = state.next(byte) else { continue };
                let count = count + usize::from(begins);
                most = most.max(count);
                if let Some(slot) = next.get_mut(after as usize) {
                    *slot = (*slot).max(Some(count));
                }
            }
            open = next;
            any = open.iter().any(Option::is_some);
        }
        let begins = byte.is_ascii_alphabetic() && (last[1] == b'<' || last == [b'<', b'/']);
        if begins && let Some(slot) = open.first_mut() {
            *slot = (*slot).max(Some(0));
            any = true;
        }
        last = [last[1], byte];
        if most > MAX_ATTRIBUTES {
            break;
        }
    }
    most
}

#[cfg(test)]
#[path = "afford/tests.rs"]
mod tests;
