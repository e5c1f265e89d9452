//! The few elements that everything below the thread is made of.
//!
//! Leptos compiles each shape of view by itself: every other element, set of attributes or kind of child is another two
//! kilobytes. Here is one shape for all, [`element`], dressed at run time, and one kind of thing that changes, [`changing`].
//! What is pressed, typed and sent is heard in one place for all, `App::listen`.

use circle_model::{text::SafeHtml, view::Lang};
use leptos::{html::custom, prelude::*, tachys::html::directive::DirectiveAttribute};
use web_sys::Element;

use crate::{
    app::{App, Deed, Errand, Notice},
    html,
    i18n::Word,
    watched::Watched,
};

/// Attributes: names and values.
type Dress = Vec<(&'static str, String)>;

/// An element. Attributes without a value are left out.
pub(crate) fn element(tag: &str, attributes: &[(&'static str, &str)], children: Vec<AnyView>) -> AnyView {
    let given = attributes.iter().filter(|(_, value)| !value.is_empty());
    let dress: Dress = given.map(|(name, value)| (*name, (*value).to_owned())).collect();
    custom(native(tag)).directive(put_on, dress).child(children).into_any()
}

/// The element's name as the browser will give it back. Leptos compares the two, and keeps the element, with what was typed into
/// it, if they are the same.
fn native(tag: &str) -> String {
    let root = web_sys::window().and_then(|window| window.document()?.document_element());
    let capitals = root.is_none_or(|root| root.tag_name() == "HTML");
    if capitals { tag.to_ascii_uppercase() } else { tag.to_owned() }
}

/// Gives an element its attributes, and takes those away that it had in another place.
fn put_on(element: Element, dress: Dress) {
    for name in element.get_attribute_names().iter().filter_map(|name| name.as_string()) {
        // What the reader opened stays open.
        if name != "open" && !dress.iter().any(|(known, _)| *known == name) {
            let _ = element.remove_attribute(&name);
        }
    }
    for (name, value) in dress {
        let _ = element.set_attribute(name, &value);
    }
}

/// Something that changes; `view` runs again when what it reads does.
pub(crate) fn changing(view: impl Fn() -> AnyView + Send + 'static) -> AnyView {
    any_changing(Box::new(view))
}

// Not generic, so that the machinery of effects is compiled once and not for each closure.
fn any_changing(view: Box<dyn Fn() -> AnyView + Send>) -> AnyView {
    (move || view()).into_any()
}

/// Words.
pub(crate) fn words(text: impl Into<String>) -> AnyView {
    let text: String = text.into();
    text.into_any()
}

/// Nothing.
pub(crate) fn nothing() -> AnyView {
    ().into_any()
}

/// A block.
pub(crate) fn block(class: &str, part: &str, children: Vec<AnyView>) -> AnyView {
    element("div", &[("class", class), ("part", part)], children)
}

/// A paragraph.
pub(crate) fn paragraph(class: &str, text: String) -> AnyView {
    element("p", &[("class", class)], vec![words(text)])
}

/// A title.
pub(crate) fn title(text: String) -> AnyView {
    element("h3", &[("class", "circle-title")], vec![words(text)])
}

/// A form; its fields are read when it is sent.
pub(crate) fn form(errand: Errand, children: Vec<AnyView>) -> AnyView {
    let attributes =
        [("class", "circle-form"), ("part", "form"), ("novalidate", "novalidate"), ("data-errand", errand.word())];
    element("form", &attributes, children)
}

/// The button that sends a form.
pub(crate) fn send(app: App, word: impl Fn() -> Word + Send + 'static, lang: Lang) -> AnyView {
    changing(move || {
        let (class, word) =
            if app.busy.get() { ("circle-send circle-busy", Word::Sending) } else { ("circle-send", word()) };
        element("button", &[("class", class), ("part", "button")], vec![words(word.say(lang))])
    })
}

/// A quiet button.
pub(crate) fn plain(text: &str, deed: Deed) -> AnyView {
    let class = if deed == Deed::Kept { "circle-send" } else { "circle-plain" };
    let attributes = [("type", "button"), ("class", class), ("part", "button"), ("data-deed", deed.word())];
    element("button", &attributes, vec![words(text)])
}

/// A labelled line to write in.
pub(crate) fn field(label: String, name: &str, help: &str, value: String) -> AnyView {
    let attributes = [
        ("class", if name.ends_with("code") { "circle-input circle-mono" } else { "circle-input" }),
        ("part", "input"),
        ("name", name),
        ("value", &value),
        ("autocomplete", if name == "name" { "nickname" } else { "off" }),
        ("autocapitalize", "off"),
        ("spellcheck", "false"),
    ];
    let parts = vec![
        element("span", &[], vec![words(label)]),
        element("input", &attributes, Vec::new()),
        element("small", &[("class", "circle-help")], vec![words(help)]),
    ];
    element("label", &[("class", "circle-field")], parts)
}

/// A box to tick.
pub(crate) fn tick(name: &str, label: &str) -> AnyView {
    let tick = element("input", &[("type", "checkbox"), ("name", name)], Vec::new());
    element("label", &[("class", "circle-check")], vec![tick, words(label)])
}

/// Sanitised HTML in a box that scrolls.
pub(crate) fn rules(app: App, label: &str, rules: SafeHtml) -> AnyView {
    request_animation_frame(move || {
        if let (Some(place), Some(core)) = (app.element(".circle-rules"), app.core()) {
            html::fill(&core.client.host, &place, &rules);
        }
    });
    let attributes = [("class", "circle-rules"), ("tabindex", "0"), ("role", "region"), ("aria-label", label)];
    element("div", &attributes, Vec::new())
}

/// A line of words that is read out when it changes.
pub(crate) fn line(notice: Watched<Notice>, lang: Lang) -> AnyView {
    changing(move || {
        let Notice { text, error, again } = notice.get();
        let class = if error { "circle-note circle-error" } else { "circle-note" };
        let again = if again { plain(Word::Again.say(lang), Deed::Again) } else { nothing() };
        let attributes = [("class", class), ("part", "note"), ("role", "status"), ("tabindex", "-1")];
        element("div", &attributes, vec![words(text), again])
    })
}
