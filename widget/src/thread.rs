//! The live thread: the same articles as the archive's, patched comment by comment.
//!
//! 1. `circle_model::view` renders the comments, exactly as on the host, but with buttons.
//! 2. Only articles whose HTML changed are created again, at most [`BATCH`] in one task.
//! 3. Until the first patch is complete, the loader's view stays in place.

use std::cell::{Cell, RefCell};

use circle_model::{
    view::{CommentView, ViewOptions, articles, thread},
    wire::Comment,
};
use gloo::timers::callback::Timeout;
use js_sys::{Array, Promise};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Element, HtmlElement, Node, ShadowRoot};

use crate::{client::vouched, host::Host, html, i18n};

/// Articles per task. A thousand at once would block the page for a third of a second.
const BATCH: usize = 48;

/// The thread of one element.
pub(crate) struct Board {
    root: ShadowRoot,
    place: Element,
    section: RefCell<Option<Element>>,
    shown: RefCell<Vec<Shown>>,
    /// Ids of comments that the reader deleted. The archive's static copies of them are not shown again.
    deleted: RefCell<Vec<String>>,
    /// Number of patches, so that an older patch stops when a newer one begins.
    patch: Cell<u32>,
}

struct Shown {
    id: String,
    html: String,
    element: Element,
}

/// An article to show.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    id: String,
    html: String,
}

/// The placeholder for the HTML of a static copy, which never changes.
const ARCHIVED: &str = "archived";

impl Board {
    /// A thread on the loader's layout. Takes over the articles that the loader already shows.
    pub(crate) fn new(root: ShadowRoot, place: Element) -> Self {
        let section = place.query_selector("[data-circle-thread]").ok().flatten();
        let mut shown = Vec::new();
        if let Some(section) = &section {
            for element in children(section) {
                if let Some(id) = element.get_attribute("data-comment") {
                    // The HTML of these articles is unknown, so the first patch creates them again, with buttons.
                    shown.push(Shown { id, html: String::new(), element });
                }
            }
        }
        Self {
            root,
            place,
            section: RefCell::new(section),
            shown: RefCell::new(shown),
            deleted: RefCell::default(),
            patch: Cell::new(0),
        }
    }

    /// The shadow root.
    pub(crate) fn root(&self) -> &ShadowRoot {
        &self.root
    }

    /// The article of a comment.
    pub(crate) fn article(&self, id: &str) -> Option<HtmlElement> {
        self.shown.borrow().iter().find(|shown| shown.id == id).map(|shown| shown.element.clone().unchecked_into())
    }

    /// Marks a comment as deleted by the reader.
    pub(crate) fn forget(&self, id: &str) {
        self.deleted.borrow_mut().push(id.to_owned());
    }

    /// Shows `comments`. Calls `before_removal` for every article that is about to be removed.
    pub(crate) async fn show(
        &self,
        host: &Host,
        comments: &[Comment],
        options: ViewOptions,
        newest_first: bool,
        before_removal: impl Fn(&Element),
    ) {
        let patch = self.patch.get().wrapping_add(1);
        self.patch.set(patch);
        let lang = options.lang;
        let mut views: Vec<CommentView> =
            comments.iter().map(|comment| CommentView::live(comment, vouched(comment.html.clone()), lang)).collect();
        let mut entries = entries(&views, options, newest_first);
        let live: Array = comments.iter().map(|comment| JsValue::from_str(&comment.id)).collect();
        let archived = self.archived(host, &live);
        entries.splice(0..0, archived.iter().map(|(id, _)| Entry { id: id.clone(), html: ARCHIVED.to_owned() }));
        let mut count = views.iter().filter(|view| !view.deleted).count();
        count += archived.iter().filter(|(_, copy)| matches!(copy.query_selector(".circle-gone"), Ok(None))).count();

        let known = self.section.borrow().clone();
        views.clear();
        let Some(section) = known.or_else(|| html::first(host, &thread(&views, "", options))) else { return };
        let _ = section.set_attribute("lang", lang.tag());
        if let Ok(Some(heading)) = section.query_selector(".circle-count") {
            heading.set_text_content(Some(&i18n::count(lang, count)));
        }
        let empty = section.query_selector(".circle-empty").ok().flatten();
        match empty {
            Some(empty) if !entries.is_empty() => empty.remove(),
            None if entries.is_empty() => {
                let made = html::first(host, &thread(&views, "", options));
                if let Some(Some(empty)) = made.map(|made| made.query_selector(".circle-empty").ok().flatten()) {
                    let _ = section.append_child(&empty);
                }
            }
            _ => {}
        }

        let wanted = |shown: &Shown| entries.iter().any(|entry| entry.id == shown.id);
        let (stay, leave): (Vec<Shown>, Vec<Shown>) = self.shown.take().into_iter().partition(wanted);
        *self.shown.borrow_mut() = stay;
        for shown in leave {
            before_removal(&shown.element);
            shown.element.remove();
        }
        let mut previous = section.query_selector(".circle-count").ok().flatten();
        let mut made = 0;
        for entry in &entries {
            let same = self.same(entry);
            let element = match same {
                Some(element) => element,
                None => {
                    made += 1;
                    if made > BATCH {
                        made = 0;
                        next_task().await;
                        if self.patch.get() != patch {
                            return;
                        }
                    }
                    let fresh = match archived.iter().find(|(id, _)| *id == entry.id) {
                        Some((_, copy)) => Some(copy.clone()),
                        None => html::first(host, &vouched(entry.html.clone())),
                    };
                    let Some(fresh) = fresh else { continue };
                    self.replace(entry, &fresh);
                    fresh
                }
            };
            let next = match &previous {
                Some(previous) => next_article(previous),
                None => section.first_element_child(),
            };
            if next.as_ref() != Some(&element) {
                let _ = section.insert_before(&element, next.as_ref().map(AsRef::<Node>::as_ref));
            }
            previous = Some(element);
        }
        if self.section.borrow().is_none() {
            self.place.replace_children_with_node_1(&section);
            *self.section.borrow_mut() = Some(section);
        }
    }

    /// The article of an entry, if it can be kept.
    fn same(&self, entry: &Entry) -> Option<Element> {
        let shown = self.shown.borrow();
        let same = shown.iter().find(|shown| shown.id == entry.id)?;
        (same.html == entry.html).then(|| same.element.clone())
    }

    /// Replaces the entry's article by `fresh`. Keeps the focus if it was inside.
    fn replace(&self, entry: &Entry, fresh: &Element) {
        let new = Shown { id: entry.id.clone(), html: entry.html.clone(), element: fresh.clone() };
        let mut shown = self.shown.borrow_mut();
        let Some(place) = shown.iter_mut().find(|shown| shown.id == entry.id) else {
            shown.push(new);
            return;
        };
        let old = std::mem::replace(place, new);
        drop(shown);
        let focus = self.root.active_element().filter(|active| old.element.contains(Some(active)));
        let _ = old.element.replace_with_with_node_1(fresh);
        if let Some(focus) = focus {
            let act = focus.get_attribute("data-act").unwrap_or_default();
            let again = fresh.query_selector(&["[data-act='", &act, "']"].concat()).ok().flatten();
            focus_on(&again.unwrap_or_else(|| fresh.clone()).unchecked_into());
        }
    }

    fn archived(&self, host: &Host, live: &Array) -> Vec<(String, Element)> {
        let deleted = self.deleted.borrow();
        let copies = host.archived(live);
        let named = copies.iter().filter_map(|copy| {
            let copy: Element = copy.dyn_into().ok()?;
            Some((copy.get_attribute("data-comment")?, copy))
        });
        named.filter(|(id, _)| !deleted.contains(id)).collect()
    }

    /// Shows a message at a comment, as an alert that stays.
    pub(crate) fn remark(&self, id: &str, text: &str) {
        let Some(article) = self.article(id) else { return };
        self.clear_remark(id);
        if text.is_empty() {
            return;
        }
        if let Some(line) = create("p", "circle-note circle-error") {
            let _ = line.set_attribute("role", "alert");
            line.set_text_content(Some(text));
            let _ = article.append_child(&line);
        }
    }

    fn clear_remark(&self, id: &str) {
        if let Some(line) = self.article(id).and_then(|article| article.query_selector(".circle-note").ok().flatten()) {
            line.remove();
        }
    }

    /// Asks at a comment whether to delete it: two buttons, with the focus on Cancel.
    pub(crate) fn confirm(&self, id: &str, question: &str, yes: &str, no: &str) {
        let Some(article) = self.article(id) else { return };
        self.clear_remark(id);
        let Some(line) = create("p", "circle-note circle-confirm") else { return };
        let _ = line.set_attribute("role", "group");
        let _ = line.append_with_str_1(question);
        let mut last = None;
        for (act, text) in [("delete-yes", yes), ("delete-no", no)] {
            let Some(button) = create("button", "circle-link") else { continue };
            let _ = button.set_attribute("type", "button");
            let _ = button.set_attribute("data-act", act);
            button.set_text_content(Some(text));
            let _ = line.append_with_str_1(" ");
            let _ = line.append_child(&button);
            last = Some(button);
        }
        let _ = article.append_child(&line);
        if let Some(button) = last {
            focus_on(&button.unchecked_into());
        }
    }
}

/// The articles of a thread in reading order. With `newest_first` the top-level branches are reversed; answers stay below what they answer.
fn entries(views: &[CommentView], options: ViewOptions, newest_first: bool) -> Vec<Entry> {
    let mut branches: Vec<Vec<Entry>> = Vec::new();
    for (html, index) in articles(views, options) {
        let Some(view) = views.get(index) else { continue };
        let entry = Entry { id: view.id.clone(), html: html.into_string() };
        let answers = view
            .parent
            .as_deref()
            .is_some_and(|parent| parent != view.id && views.iter().any(|other| other.id == parent));
        match branches.last_mut() {
            Some(branch) if answers => branch.push(entry),
            _ => branches.push(vec![entry]),
        }
    }
    if newest_first {
        branches.reverse();
    }
    branches.into_iter().flatten().collect()
}

/// The article after `element`. The composer may be between the two.
fn next_article(element: &Element) -> Option<Element> {
    let mut next = element.next_element_sibling();
    while let Some(other) = next.take_if(|next| !next.has_attribute("data-comment")) {
        next = other.next_element_sibling();
    }
    next
}

fn children(element: &Element) -> Vec<Element> {
    let mut all = Vec::new();
    let mut next = element.first_element_child();
    while let Some(child) = next {
        next = child.next_element_sibling();
        all.push(child);
    }
    all
}

fn create(name: &str, class: &str) -> Option<Element> {
    let element = web_sys::window()?.document()?.create_element(name).ok()?;
    element.set_class_name(class);
    Some(element)
}

/// Focuses an element, even if it is not focusable by default.
pub(crate) fn focus_on(element: &HtmlElement) {
    if element.tab_index() < 0 {
        element.set_tab_index(-1);
    }
    let _ = element.focus();
}

/// Lets the browser paint and respond before continuing.
async fn next_task() {
    let wait = Promise::new(&mut |done, _| {
        Timeout::new(0, move || {
            let _ = done.call0(&JsValue::NULL);
        })
        .forget();
    });
    let _ = JsFuture::from(wait).await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use circle_model::{
        time::{Time, Utc},
        view::{Actions, Lang},
    };

    fn views(list: &[(&str, Option<&str>)]) -> Vec<CommentView> {
        let view = |(at, (id, parent)): (usize, &(&str, Option<&str>))| CommentView {
            id: (*id).into(),
            parent: parent.map(Into::into),
            created: Time { utc: Some(Utc(at as i64)), ..Time::default() },
            ..CommentView::default()
        };
        list.iter().enumerate().map(view).collect()
    }

    fn order(list: &[(&str, Option<&str>)], newest_first: bool) -> String {
        entries(&views(list), ViewOptions::default(), newest_first).iter().map(|entry| entry.id.as_str()).collect()
    }

    #[test]
    fn newest_first_turns_the_branches_and_keeps_answers_below() {
        let list = [("a", None), ("b", None), ("c", Some("a")), ("d", Some("gone")), ("e", Some("c"))];
        assert_eq!(order(&list, false), "acebd");
        assert_eq!(order(&list, true), "dbace");
    }

    #[test]
    fn an_article_is_what_the_host_makes() {
        let views = views(&[("a", None)]);
        let options = ViewOptions { lang: Lang::ZhHans, actions: Actions::Write };
        let whole = thread(&views, "", options);
        assert!(whole.as_str().contains(&entries(&views, options, false)[0].html));
    }
}
