//! The few elements that everything below the thread is made of.
//!
//! Leptos compiles each shape of view by itself; few shapes, put together at run time, keep the program small.

use circle_model::{text::SafeHtml, view::Lang};
use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;

use crate::{
    app::{App, Deed, Errand, Notice},
    html,
    i18n::Word,
    watched::Watched,
};

/// A block.
pub(crate) fn block(class: &'static str, part: &'static str, children: Vec<AnyView>) -> AnyView {
    view! { <div class=class part=part>{children}</div> }.into_any()
}

/// A paragraph.
pub(crate) fn paragraph(class: &'static str, text: String) -> AnyView {
    view! { <p class=class>{text}</p> }.into_any()
}

/// Something that changes; `view` runs again when what it reads does.
pub(crate) fn changing(view: impl Fn() -> AnyView + Send + 'static) -> AnyView {
    let view: Box<dyn Fn() -> AnyView + Send> = Box::new(view);
    (move || view()).into_any()
}

/// Words that change.
pub(crate) fn saying(text: impl Fn() -> String + Send + 'static) -> AnyView {
    let text = boxed(text);
    (move || text()).into_any()
}

/// A form; its fields are read when it is sent.
pub(crate) fn form(app: App, errand: Errand, children: Vec<AnyView>) -> AnyView {
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if let Some(form) = event.current_target() {
            app.submit(errand, form.unchecked_into());
        }
    };
    view! { <form class="circle-form" part="form" novalidate on:submit=submit>{children}</form> }.into_any()
}

/// A title.
pub(crate) fn title(text: String) -> AnyView {
    view! { <h3 class="circle-title">{text}</h3> }.into_any()
}

/// The buttons of a form in a row: the first sends it.
pub(crate) fn send(app: App, word: impl Fn() -> Word + Send + 'static, lang: Lang) -> AnyView {
    let label = saying(move || if app.busy.get() { Word::Sending } else { word() }.say(lang).to_owned());
    let class = boxed(move || if app.busy.get() { "circle-send circle-busy" } else { "circle-send" }.to_owned());
    view! { <button class=class part="button">{label}</button> }.into_any()
}

/// A quiet button.
pub(crate) fn plain(app: App, text: &'static str, deed: Deed) -> AnyView {
    let class = if deed == Deed::Kept { "circle-send" } else { "circle-plain" };
    view! { <button type="button" class=class part="button" on:click=move |_| app.perform(deed)>{text}</button> }
        .into_any()
}

/// A labelled line to write in.
pub(crate) fn field(label: String, name: &'static str, help: &'static str, value: String) -> AnyView {
    let autocomplete = if name == "name" { "nickname" } else { "off" };
    let class = if name.ends_with("code") { "circle-input circle-mono" } else { "circle-input" };
    view! {
        <label class="circle-field">
            <span>{label}</span>
            <input class=class part="input" name=name value=value autocomplete=autocomplete autocapitalize="off" spellcheck="false"/>
            <small class="circle-help">{help}</small>
        </label>
    }
    .into_any()
}

/// A box to tick.
pub(crate) fn tick(name: &'static str, label: &'static str) -> AnyView {
    // The braces keep Leptos from making the input by `innerHTML`, which Trusted Types forbid.
    view! { <label class="circle-check"><input type={"checkbox"} name=name/>{label}</label> }.into_any()
}

/// Sanitised HTML in a box that scrolls.
pub(crate) fn rules(app: App, label: &'static str, rules: SafeHtml) -> AnyView {
    request_animation_frame(move || {
        if let (Some(place), Some(core)) = (app.element(".circle-rules"), app.core()) {
            html::fill(&core.client.host, &place, &rules);
        }
    });
    view! { <div class="circle-rules" tabindex="0" role="region" aria-label=label></div> }.into_any()
}

/// A line of words that is read out when it changes.
pub(crate) fn line(app: App, notice: Watched<Notice>, lang: Lang) -> AnyView {
    let again =
        changing(
            move || {
                if notice.get().again { plain(app, Word::Again.say(lang), Deed::Again) } else { ().into_any() }
            },
        );
    let class = boxed(move || if notice.get().error { "circle-note circle-error" } else { "circle-note" }.to_owned());
    let text = saying(move || notice.get().text);
    view! { <div class=class part="note" role="status" tabindex="-1">{text}{again}</div> }.into_any()
}

type Text = Box<dyn Fn() -> String + Send>;

/// A closure in a box, so that one shape of view serves all.
pub(crate) fn boxed(text: impl Fn() -> String + Send + 'static) -> Text {
    Box::new(text)
}
