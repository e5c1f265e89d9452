//! The part below the thread: the circle's phase, messages, forms, and the member's menu.

use circle_model::{text::is_safe_address, view::Lang, wire::Phase};
use leptos::prelude::*;
use web_sys::Element;

use crate::{
    app::{Action, App, Notice, Panel, Submission, spawn},
    compose::compose,
    i18n::{Word, moment},
    join::{join, recover, value, welcome},
    parts::{block, changing, element, field, form, line, nothing, paragraph, plain, send, words},
};

/// The app's part of the shadow root. Changing the language renews the words and keeps what was typed.
pub(crate) fn foot(app: App) -> AnyView {
    changing(move || {
        let lang = app.lang.get();
        let parts = vec![
            changing(move || banner(app, lang)),
            line(app.notice, lang),
            compose(app, lang),
            changing(move || panel(app, lang)),
            changing(move || menu(app, lang)),
        ];
        block("circle-app", "app", parts)
    })
}

fn panel(app: App, lang: Lang) -> AnyView {
    match app.panel.get() {
        Panel::Join => join(app, lang),
        Panel::Recover => recover(app, lang),
        Panel::Welcome => welcome(app, lang),
        Panel::Compose => nothing(),
        Panel::Rename => rename(app, lang),
        Panel::Leave => ask(lang, Word::LeaveAsk, Word::Leave, Action::Leave),
        Panel::SignOut => ask(lang, Word::SignOutAsk, Word::SignOut, Action::SignOut),
    }
}

/// The timetable, from the announcement on, and what is still possible.
fn banner(app: App, lang: Lang) -> AnyView {
    let Some(info) = app.info.get() else { return nothing() };
    let mut parts = Vec::new();
    match info.phase {
        Phase::Open if info.freeze_at.is_none() && info.close_at.is_none() && info.announcement.is_none() => {
            return nothing();
        }
        Phase::Open => {}
        Phase::Frozen => parts.push(paragraph("circle-phase", Word::Frozen.say(lang).to_owned())),
        Phase::Closed => parts.push(paragraph("circle-phase", Word::Closed.say(lang).to_owned())),
    }
    if let Some(text) = info.announcement {
        parts.push(paragraph("", text));
    }
    for (word, at) in [(Word::WillFreeze, info.freeze_at), (Word::WillClose, info.close_at)] {
        if let Some(at) = at {
            parts.push(paragraph("circle-date", [word.say(lang), &moment(&at)].concat()));
        }
    }
    let archive = info.archive_url.filter(|address| info.phase != Phase::Open && is_safe_address(address));
    if let Some(address) = archive {
        parts.push(element("a", &[("href", &address)], vec![words(Word::Archive.say(lang))]));
    }
    if app.signed_in.get() {
        parts.push(plain(Word::Export.say(lang), Action::Export));
    }
    block("circle-banner", "banner", parts)
}

fn menu(app: App, lang: Lang) -> AnyView {
    if !app.signed_in.get() || app.panel.get() == Panel::Welcome {
        return nothing();
    }
    let name = app.me.get().map_or_else(|| Word::Menu.say(lang).to_owned(), |me| me.name);
    let mut buttons = vec![
        plain(Word::Export.say(lang), Action::Export),
        plain(Word::SignOut.say(lang), Action::Show(Panel::SignOut)),
        plain(Word::Leave.say(lang), Action::Show(Panel::Leave)),
    ];
    if app.open.get() {
        buttons.insert(0, plain(Word::Rename.say(lang), Action::Show(Panel::Rename)));
    }
    let summary = element("summary", &[], vec![element("bdi", &[], vec![words(name)])]);
    element("details", &[("class", "circle-me"), ("part", "menu")], vec![summary, block("circle-row", "", buttons)])
}

fn rename(app: App, lang: Lang) -> AnyView {
    let name = app.me.now().map(|me| me.name).unwrap_or_default();
    let buttons = vec![send(app, || Word::Save, lang), plain(Word::Cancel.say(lang), Action::Show(Panel::Compose))];
    let parts = vec![
        field(Word::Name.say(lang).to_owned(), "name", Word::NameHelp.say(lang), name),
        line(app.remark, lang),
        block("circle-row", "", buttons),
    ];
    form(Submission::Rename, parts)
}

fn ask(lang: Lang, question: Word, yes: Word, deed: Action) -> AnyView {
    let buttons = vec![plain(Word::Cancel.say(lang), Action::Show(Panel::Compose)), plain(yes.say(lang), deed)];
    let parts = vec![paragraph("", question.say(lang).to_owned()), block("circle-row", "", buttons)];
    block("circle-form", "form", parts)
}

impl App {
    /// Handles a button below the thread.
    pub(crate) fn perform(self, deed: Action) {
        match deed {
            Action::Show(panel) => {
                self.remark.set(Notice::default());
                self.go_home();
                self.panel.set(panel);
                self.focus_soon(match panel {
                    Panel::Compose => ".circle-compose textarea",
                    Panel::Leave | Panel::SignOut => ".circle-form:not(.circle-compose) button",
                    _ => ".circle-form:not(.circle-compose) input",
                });
            }
            Action::Again => spawn(async move { self.refresh().await }),
            Action::Export => self.export(),
            Action::SignOut => {
                self.sign_out();
                self.say(Word::SignedOut);
            }
            Action::Leave => self.leave(),
            Action::Copy => self.copy(),
            Action::Kept => {
                self.joined.set(Default::default());
                self.panel.set(Panel::Compose);
                self.do_wanted();
            }
            Action::Preview => self.toggle_preview(),
            Action::Cancel => self.cancel(),
        }
    }

    /// Handles a form below the thread.
    pub(crate) fn submit(self, errand: Submission, form: Element) {
        if self.busy.now() {
            return;
        }
        match errand {
            Submission::Post => self.send(),
            Submission::Join => self.send_join(form),
            Submission::Recover => self.send_recovery(form),
            Submission::Rename => self.rename(form),
        }
    }

    fn export(self) {
        spawn(async move {
            let Some(core) = self.core() else { return };
            match core.client.export().await {
                Ok(text) => {
                    let circle = self.info.now().map(|info| info.id).unwrap_or_default();
                    core.client.host.save(&["circle-", &circle, "-own-data.json"].concat(), &text);
                    self.say(Word::Exported);
                }
                Err(failure) => self.tell(&failure, false),
            }
        });
    }

    fn copy(self) {
        let code = self.joined.now().1;
        spawn(async move {
            let Some(core) = self.core() else { return };
            let done = core.client.host.copy(&code).await.is_truthy();
            self.say(if done { Word::Copied } else { Word::CopyFailed });
        });
    }

    fn rename(self, form: Element) {
        let Some(core) = self.core() else { return };
        let name = value(&form, "name");
        self.begin(&form);
        spawn(async move {
            let answer = core.client.rename(name.trim()).await;
            self.busy.set(false);
            match answer {
                Ok(me) => {
                    self.me.set(Some(me));
                    self.panel.set(Panel::Compose);
                    self.say(Word::Saved);
                    self.refresh().await;
                }
                Err(failure) => self.point_at(&form, "name", self.failed(&failure)),
            }
        });
    }

    fn leave(self) {
        spawn(async move {
            let Some(core) = self.core() else { return };
            match core.client.leave().await {
                Ok(()) => {
                    self.sign_out();
                    self.say(Word::Left);
                    self.refresh().await;
                }
                Err(failure) => self.tell(&failure, false),
            }
        });
    }
}
