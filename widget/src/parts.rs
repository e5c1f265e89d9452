//! The few elements that everything below the thread is made of.
//!
//! Leptos compiles each shape of view separately: every different element, set of attributes or kind of child adds two kilobytes. This
//! module has one shape for all, [`element`], which gets its attributes at run time, and one kind of dynamic content, [`changing`]. One
//! place, `App::listen`, handles all clicks, keys and submits.

use circle_model::{text::SafeHtml, view::Lang};
use leptos::{html::custom, prelude::*, tachys::html::directive::DirectiveAttribute};
use web_sys::Element;

use crate::{
    app::{Action, App, Notice, Submission},
    html,
    i18n::Word,
    watched::Watched,
};

/// Attributes: names and values.
type Dress = Vec<(&'static str, String)>;

/// An element. Attributes without a value are omitted.
pub(crate) fn element(tag: &str, attributes: &[(&'static str, &str)], children: Vec<AnyView>) -> AnyView {
    let given = attributes.iter().filter(|(_, value)| !value.is_empty());
    let dress: Dress = given.map(|(name, value)| (*name, (*value).to_owned())).collect();
    custom(native(tag)).directive(put_on, dress).child(children).into_any()
}

/// The element's name as the browser returns it. Leptos compares names, and keeps the element with the text typed into it if they are
/// equal.
fn native(tag: &str) -> String {
    let root = web_sys::window().and_then(|window| window.document()?.document_element());
    let capitals = root.is_none_or(|root| root.tag_name() == "HTML");
    if capitals { tag.to_ascii_uppercase() } else { tag.to_owned() }
}

/// Sets the attributes of an element, and removes those from its earlier use.
fn put_on(element: Element, dress: Dress) {
    for name in element.get_attribute_names().iter().filter_map(|name| name.as_string()) {
        // A section that the reader opened stays open.
        if name != "open" && !dress.iter().any(|(known, _)| *known == name) {
            let _ = element.remove_attribute(&name);
        }
    }
    for (name, value) in dress {
        let _ = element.set_attribute(name, &value);
    }
}

/// Dynamic content: `view` runs again when a value it reads changes.
pub(crate) fn changing(view: impl Fn() -> AnyView + Send + 'static) -> AnyView {
    any_changing(Box::new(view))
}

// Not generic, so that the effect machinery is compiled once and not once per closure.
fn any_changing(view: Box<dyn Fn() -> AnyView + Send>) -> AnyView {
    (move || view()).into_any()
}

/// Text.
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

/// A heading.
pub(crate) fn title(text: String) -> AnyView {
    element("h3", &[("class", "circle-title")], vec![words(text)])
}

/// A form. Its fields are read when it is submitted.
pub(crate) fn form(errand: Submission, children: Vec<AnyView>) -> AnyView {
    let attributes =
        [("class", "circle-form"), ("part", "form"), ("novalidate", "novalidate"), ("data-errand", errand.word())];
    element("form", &attributes, children)
}

/// The submit button of a form.
pub(crate) fn send(app: App, word: impl Fn() -> Word + Send + 'static, lang: Lang) -> AnyView {
    changing(move || {
        let (class, word) =
            if app.busy.get() { ("circle-send circle-busy", Word::Sending) } else { ("circle-send", word()) };
        element("button", &[("class", class), ("part", "button")], vec![words(word.say(lang))])
    })
}

/// A plain button.
pub(crate) fn plain(text: &str, deed: Action) -> AnyView {
    let class = if deed == Action::Kept { "circle-send" } else { "circle-plain" };
    let attributes = [("type", "button"), ("class", class), ("part", "button"), ("data-deed", deed.word())];
    element("button", &attributes, vec![words(text)])
}

/// A labelled text input.
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

/// A labelled checkbox.
pub(crate) fn tick(name: &str, label: &str) -> AnyView {
    let tick = element("input", &[("type", "checkbox"), ("name", name)], Vec::new());
    element("label", &[("class", "circle-check")], vec![tick, words(label)])
}

/// Sanitised HTML in a scrolling box.
pub(crate) fn rules(app: App, label: &str, rules: SafeHtml) -> AnyView {
    request_animation_frame(move || {
        if let (Some(place), Some(core)) = (app.element(".circle-rules"), app.core()) {
            html::fill(&core.client.host, &place, &rules);
        }
    });
    let attributes = [("class", "circle-rules"), ("tabindex", "0"), ("role", "region"), ("aria-label", label)];
    element("div", &attributes, Vec::new())
}

/// A line of text that screen readers announce when it changes.
pub(crate) fn line(notice: Watched<Notice>, lang: Lang) -> AnyView {
    changing(move || {
        let Notice { text, error, again } = notice.get();
        let class = if error { "circle-note circle-error" } else { "circle-note" };
        let again = if again { plain(Word::Again.say(lang), Action::Again) } else { nothing() };
        let attributes = [("class", class), ("part", "note"), ("role", "status"), ("tabindex", "-1")];
        element("div", &attributes, vec![words(text), again])
    })
}
