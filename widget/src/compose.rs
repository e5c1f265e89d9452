//! The composer: for a new comment, a reply or an edit. It is shown below the comment it belongs to, and it never loses a text.

use circle_model::{
    view::Lang,
    wire::{Comment, MAX_COMMENT_BYTES},
};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlTextAreaElement, KeyboardEvent, Node};

use crate::{
    app::{Action, App, Core, Notice, Panel, Submission, Target, spawn},
    client::{Failure, object},
    html,
    i18n::Word,
    parts::{block, changing, element, line, nothing, plain, send, words},
};

/// The composer. It is always in the tree, even while hidden, so that it can be moved.
pub(crate) fn compose(app: App, lang: Lang) -> AnyView {
    let about = changing(move || {
        words(match app.target.get() {
            Target::New => String::new(),
            Target::Reply { name, .. } => [Word::ReplyTo.say(lang), &name].concat(),
            Target::Edit { .. } => Word::Editing.say(lang).to_owned(),
        })
    });
    let action = move || if matches!(app.target.get(), Target::Edit { .. }) { Word::Save } else { Word::Post };
    let more = changing(move || {
        let word = if app.previewing.get() { Word::Back } else { Word::Preview };
        let mut buttons = vec![plain(word.say(lang), Action::Preview)];
        if app.target.get() != Target::New {
            buttons.push(plain(Word::Cancel.say(lang), Action::Cancel));
        }
        block("circle-row", "", buttons)
    });
    let text = [
        ("class", "circle-input"),
        ("part", "textarea"),
        ("name", "body"),
        ("rows", "4"),
        ("aria-label", Word::Write.say(lang)),
        ("placeholder", Word::Placeholder.say(lang)),
    ];
    let parts = vec![
        element("p", &[("class", "circle-target")], vec![about]),
        element("textarea", &text, Vec::new()),
        block("circle-preview circle-text", "preview", Vec::new()),
        block("circle-row", "", vec![send(app, action, lang), more]),
        line(app.remark, lang),
    ];
    // The form is not created again: it contains the text being written, and may be below a comment.
    let dressing = changing(move || {
        let shown = app.signed_in.get() && app.panel.get() == Panel::Compose && app.open.get();
        let class = class(shown, app.previewing.get());
        if let Some(form) = app.element(".circle-compose") {
            form.set_class_name(&class);
        }
        nothing()
    });
    let shown = app.signed_in.now() && app.panel.now() == Panel::Compose && app.open.now();
    let class = class(shown, app.previewing.now());
    let form = [("class", class.as_str()), ("part", "composer"), ("data-errand", Submission::Post.word())];
    element("div", &[("class", "circle-home")], vec![element("form", &form, parts), dressing])
}

fn class(shown: bool, previewing: bool) -> String {
    let hidden = if shown { "" } else { " circle-off" };
    ["circle-form circle-compose", hidden, if previewing { " circle-previewing" } else { "" }].concat()
}

impl App {
    /// Handles a key in the composer.
    pub(crate) fn key(self, event: &KeyboardEvent) {
        match event.key().as_str() {
            "Enter" if event.ctrl_key() || event.meta_key() => {
                event.prevent_default();
                self.send();
            }
            // While an input method is composing, Escape belongs to the input method.
            "Escape" if !event.is_composing() && self.target.now() != Target::New => {
                event.stop_propagation();
                self.cancel();
            }
            _ => {}
        }
    }

    /// Opens the composer for `target` with its stored draft.
    pub(crate) fn open(self, target: Target) {
        let Some(core) = self.core() else { return };
        self.remark.set(Notice::default());
        self.previewing.set(false);
        self.panel.set(Panel::Compose);
        self.target.set(target.clone());
        let draft = core.client.host.recall(&core.client.draft_key(&target.about()));
        let source = match &target {
            Target::Edit { id } => self.find(id).and_then(|comment| comment.source),
            _ => None,
        };
        let to_fetch = match &target {
            Target::Edit { id } if draft.is_none() && source.is_none() => Some(id.clone()),
            _ => None,
        };
        self.write(&draft.or(source).unwrap_or_default());
        self.move_to(&core, &target);
        if let Some(id) = to_fetch {
            self.busy.set(true);
            spawn(async move {
                let answer = core.client.comment(&id).await;
                self.busy.set(false);
                match answer {
                    Ok(Comment { source: Some(source), .. }) => self.write(&source),
                    Ok(_) => self.object(&Failure::Unreadable),
                    Err(failure) => self.object(&failure),
                }
            });
        }
    }

    /// Moves the composer below its comment and focuses it, once it is shown.
    fn move_to(self, core: &Core, target: &Target) {
        match (target.comment().and_then(|id| core.board.article(id)), self.element(".circle-compose")) {
            (Some(article), Some(form)) => {
                let form: Node = form.unchecked_into();
                let _ = article.after_with_node_1(&form);
            }
            _ => self.go_home(),
        }
        self.focus_soon(".circle-compose textarea");
    }

    /// Switches back to a new comment. The draft of the abandoned text is kept.
    pub(crate) fn cancel(self) {
        let about = self.target.now();
        let unchanged = match &about {
            Target::Edit { id } => self.find(id).and_then(|comment| comment.source).as_deref() == Some(&self.written()),
            _ => self.written().trim().is_empty(),
        };
        if unchanged {
            self.drop_draft(&about);
        }
        let comment = about.comment().map(str::to_owned);
        self.rest();
        if let Some(id) = comment {
            self.focus_comment(&id);
        }
    }

    /// Shows the composer for a new comment below the thread, without taking the focus.
    fn rest(self) {
        let Some(core) = self.core() else { return };
        self.go_home();
        self.target.set(Target::New);
        self.previewing.set(false);
        self.remark.set(Notice::default());
        self.write(&core.client.host.recall(&core.client.draft_key("")).unwrap_or_default());
    }

    pub(crate) fn send(self) {
        let Some(core) = self.core() else { return };
        if self.busy.now() {
            return;
        }
        let body = self.written();
        let target = self.target.now();
        let too = match body.trim().len() {
            0 => Some(Word::Empty),
            n if n > MAX_COMMENT_BYTES => Some(Word::TooLarge),
            _ => None,
        };
        if let Some(word) = too {
            self.object_to(word.say(self.lang.now()).to_owned());
            return;
        }
        // One idempotency key per text. A retry after a lost response creates no second comment; a changed text gets a new key.
        let about = [&target.about(), "\n", &body].concat();
        let key = {
            let mut sent = core.sent.borrow_mut();
            if sent.0 != about {
                *sent = (about, core.client.host.nonce());
            }
            sent.1.clone()
        };
        self.busy.set(true);
        self.remark.set(Notice::default());
        spawn(async move {
            let answer = match &target {
                Target::New => core.client.post(None, &body, &key).await,
                Target::Reply { id, .. } => core.client.post(Some(id), &body, &key).await,
                Target::Edit { id } => core.client.edit(id, &body).await,
            };
            self.busy.set(false);
            if self.core().is_none() {
                // The element was removed, but the comment was posted. The draft must go, because it would post the comment a second time.
                if answer.is_ok() {
                    core.client.host.keep(&core.client.draft_key(&target.about()), "");
                }
                return;
            }
            match answer {
                Ok(comment) => self.sent(&target, comment).await,
                Err(failure) => self.object(&failure),
            }
        });
    }

    async fn sent(self, target: &Target, comment: Comment) {
        let Some(core) = self.core() else { return };
        core.sent.take();
        self.drop_draft(target);
        self.rest();
        let id = comment.id.clone();
        let edited = matches!(target, Target::Edit { .. });
        if edited {
            self.change(&id, |known| *known = comment);
        } else {
            self.add(comment);
        }
        self.render().await;
        self.focus_comment(&id);
        self.say(if edited { Word::Saved } else { Word::Posted });
        if !edited {
            let detail = object(&[("id", id.as_str().into()), ("thread", core.client.host.thread().as_str().into())]);
            core.client.host.emit("circle-posted", &detail);
        }
        self.refresh().await;
    }

    /// Switches between the preview and the text.
    pub(crate) fn toggle_preview(self) {
        let Some(core) = self.core() else { return };
        if self.previewing.now() || self.written().trim().is_empty() {
            self.previewing.set(false);
            self.move_to(&core, &self.target.now());
            return;
        }
        let body = self.written();
        spawn(async move {
            match core.client.preview(&body).await {
                Ok(preview) => {
                    let Some(place) = self.element(".circle-preview") else { return };
                    html::fill(&core.client.host, &place, &preview);
                    self.previewing.set(true);
                }
                Err(failure) => self.object(&failure),
            }
        });
    }

    /// Shows an error in the composer.
    fn object(self, failure: &Failure) {
        let text = self.failed(failure);
        if text.is_empty() {
            return;
        }
        self.object_to([&text, Word::TextKept.say(self.lang.now())].concat());
    }

    fn object_to(self, text: String) {
        self.remark.set(Notice { text, error: true, again: false });
        self.focus_soon(".circle-compose .circle-error");
    }

    fn textarea(self) -> Option<HtmlTextAreaElement> {
        self.element(".circle-compose textarea")?.dyn_into().ok()
    }

    fn written(self) -> String {
        self.textarea().map(|text| text.value()).unwrap_or_default()
    }

    fn write(self, text: &str) {
        if let Some(place) = self.textarea() {
            place.set_value(text);
        }
    }

    pub(crate) fn keep_draft(self) {
        if let Some(core) = self.core() {
            let about = self.target.now().about();
            core.client.host.keep(&core.client.draft_key(&about), &self.written());
        }
    }

    fn drop_draft(self, target: &Target) {
        if let Some(core) = self.core() {
            core.client.host.keep(&core.client.draft_key(&target.about()), "");
        }
    }
}
