//! Estimates the cost of parsing a text of HTML before any tree is built.
//!
//! A scan of the text cannot tell the cost: only the tree builder knows which tags nest, which close others and which are reopened. So
//! html5ever's own tree builder runs here over a sink that builds nothing and counts what the real parsers (ammonia, `dom_query`) would do.
//! It stops as soon as the count is more than a harmless long text needs. It counts:
//!
//! 1. Steps. Every query of the tree builder walks the stack of open elements or the list of open formatting elements. The tree behind
//!    ammonia scans all children of an element to find one. html5ever's serialiser searches for the next angle bracket at every `&`,
//!    no-break space and `·`.
//! 2. Growth. An unclosed formatting element is created again, with all its attributes, in every later paragraph.
//! 3. Depth of the finished tree, because elements move while it is built.
//!
//! A text within these limits takes time and memory in proportion to its length.

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

/// The maximum depth of nesting.
const MAX_DEPTH: u32 = 256;
/// The maximum number of attributes of an element. html5ever compares each new attribute with all earlier ones.
const MAX_ATTRIBUTES: usize = 64;
/// Steps of the tree builder per byte of text. The pages and posts of all fixtures need less than one; the other work on a byte takes as
/// long as 25.
const STEPS_PER_BYTE: usize = 16;
/// Bytes of tags and comments in the tree per byte of text. In all fixtures there are fewer than in the text.
const GROWTH: usize = 4;
/// Bytes that the serialiser scans in the time of one step.
const LOOKS_PER_STEP: usize = 256;
/// An allowance on top, for short texts.
const FREE: usize = 1 << 18;

const TOO_DEEP: &str = "its elements are nested too deep";
const TOO_MANY_ATTRIBUTES: &str = "one of its elements has too many attributes";
const TOO_TANGLED: &str = "its elements are too tangled";

/// The context in which the text will be parsed. It must match the real parser's, or another tree is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum As {
    /// A fragment for ammonia.
    Body,
    /// A whole page for `dom_query`.
    Page,
    /// A fragment for `dom_query`.
    Part,
}

/// `Ok` if parsing the text costs no more than a harmless long text.
///
/// # Errors
/// With the reason in words.
pub fn affordable(html: &str, kind: As) -> Result<(), &'static str> {
    let tags = html.bytes().filter(|byte| *byte == b'<').count();
    if most_attributes(html) > MAX_ATTRIBUTES {
        return Err(TOO_MANY_ATTRIBUTES);
    }
    // An upper bound: each tag reopens at most all tags before it, and the serialiser scans the whole text at each mark. Most texts are so
    // short that this bound is small, and need no closer check.
    let marks = html.bytes().filter(|byte| matches!(byte, b'&' | 0xC2)).count();
    if tags <= 64 && tags * html.len() <= FREE && marks * html.len() <= FREE * LOOKS_PER_STEP {
        return Ok(());
    }
    let census = measure(html, kind);
    census.verdict()?;
    if census.depth() > MAX_DEPTH { Err(TOO_DEEP) } else { Ok(()) }
}

/// Runs the tree builder, and stops once the text costs too much.
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

/// Passes tokens to the tree builder until they cost too much, and none after that.
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

/// A node of the tree: an element or the text of comments, without its children.
#[derive(Debug)]
struct Node {
    number: u32,
    name: QualName,
    joins_mathml: bool,
    /// Attributes that were added later, from a second `<body>`.
    added: Cell<usize>,
    /// The content of a `<template>` is a separate tree; it is counted as its child.
    contents: OnceCell<Rc<Node>>,
}

/// The children of a node. The tree builder moves them to another node all at once, so a node's parent is the owner of the list that
/// contains it.
#[derive(Clone, Copy, Debug, Default)]
struct List {
    owner: u32,
    length: usize,
    ends_in_text: bool,
    /// If the list ends in text: how often the serialiser scans for an angle bracket that has not come yet.
    looking: usize,
}

/// The position of a node.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    /// The list that contains it, if any.
    within: Option<u32>,
    /// The list of its children.
    children: u32,
    /// Its depth when it was inserted.
    depth: u32,
}

/// A sink that only counts.
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

    /// Inserts a node into a list.
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

    /// Adds the cost of writing a text that is already scanned `looking` times. Returns how often the following text is scanned.
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

    /// Finds a node among its parent's children, as ammonia's tree must. Returns the list that contains it.
    fn find(&self, node: &Node) -> Option<u32> {
        let within = self.place(node).within?;
        // Comparing one child takes less than a query of the tree builder.
        self.step(1 + self.list(within).length / 4);
        Some(within)
    }

    /// The depth of the finished tree, without the document and its root (or the context element).
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

/// The serialised size of an element in bytes: its name twice, its attributes once.
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
        // The tree builder moves children to an element that it has just created. The two exchange lists; nothing else is touched.
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

/// The state inside a tag, for counting attributes.
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

    /// The state after a byte, and whether an attribute begins with it; `None` when the tag ends.
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

/// The maximum number of attributes of any tag of the text, whatever the tokeniser takes for a comment, a script or an attribute value.
/// html5ever emits the token only at the end of the tag, and by then the time is spent. Since a tag may begin anywhere, all candidates are
/// followed at once; of those in the same state only the one with the most attributes is kept.
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
