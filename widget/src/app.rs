//! The state of one element, and everything that changes it.
//!
//! A future takes everything it needs before it begins. After each await it asks [`App::core`] again, which is gone once the element was
//! removed from the page.

use std::{
    cell::{Cell, RefCell},
    pin::Pin,
    rc::Rc,
};

use circle_model::{
    view::{Actions, Lang, ViewOptions},
    wire::{CircleInfo, Comment, Joined, Me, Phase},
};
use gloo::events::{EventListener, EventListenerOptions};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Event, HtmlElement, ShadowRoot, VisibilityState};

pub(crate) use crate::panel::{Action, Notice, Panel, Submission, Target};
use crate::{
    client::{Client, Failure, Page, object},
    host::Host,
    i18n::{self, Word},
    thread::{Board, focus_on},
    watched::{Held, Watched, held},
};

/// Milliseconds during which a thread is not fetched again when its page becomes visible.
const FRESH: f64 = 30_000.0;
/// The maximum number of pages of a thread to fetch. It ends the loop if the cursors of a faulty server form a cycle.
const MAX_PAGES: usize = 1_000;

/// A line that shows an error.
pub(crate) const ERROR: &str = ".circle-foot .circle-error, .circle-compose .circle-error";

/// The state. A copyable handle.
#[derive(Clone, Copy)]
pub(crate) struct App {
    core: Held,
    pub(crate) lang: Watched<Lang>,
    pub(crate) info: Watched<Option<CircleInfo>>,
    /// True while something new can be posted. An unknown phase counts as open, because the API decides.
    pub(crate) open: Watched<bool>,
    pub(crate) me: Watched<Option<Me>>,
    pub(crate) signed_in: Watched<bool>,
    pub(crate) panel: Watched<Panel>,
    pub(crate) target: Watched<Target>,
    /// The welcome message and the recovery code.
    pub(crate) joined: Watched<(String, String)>,
    /// True while a form is being sent.
    pub(crate) busy: Watched<bool>,
    /// True while the composer shows the preview.
    pub(crate) previewing: Watched<bool>,
    /// The message below the thread.
    pub(crate) notice: Watched<Notice>,
    /// The message in the composer.
    pub(crate) remark: Watched<Notice>,
}

/// State that no view depends on.
pub(crate) struct Core {
    pub(crate) client: Client,
    pub(crate) board: Board,
    pages: RefCell<Vec<Page>>,
    newest_first: Cell<bool>,
    fetched: Cell<f64>,
    /// Comments whose like is being sent.
    liking: RefCell<Vec<String>>,
    /// The action that the reader wanted before they were asked to join, and its comment.
    pub(crate) wanted: RefCell<Option<(String, String)>>,
    /// The last text that was sent, with its idempotency key. Sending the same text again creates no second comment.
    pub(crate) sent: RefCell<(String, String)>,
    /// The nonce of the attempt to join; kept across retries.
    pub(crate) nonce: String,
}

impl App {
    /// The state of an element whose thread is in `place`. Must be created inside the element's owner.
    pub(crate) fn new(root: ShadowRoot, place: Element, host: Host) -> Self {
        let lang = Lang::from_tag(&host.lang());
        let newest_first = is_newest_first(&host.sort());
        let wanted = Some((host.intent(), host.comment()));
        let nonce = host.nonce();
        let client = Client::new(host);
        let signed_in = client.is_signed_in();
        let core = Core {
            client,
            board: Board::new(root, place),
            pages: RefCell::default(),
            newest_first: Cell::new(newest_first),
            fetched: Cell::new(0.0),
            liking: RefCell::default(),
            wanted: RefCell::new(wanted),
            sent: RefCell::default(),
            nonce,
        };
        let panel = if signed_in { Panel::Compose } else { Panel::Join };
        Self {
            core: StoredValue::new_local(Rc::new(core)),
            lang: Watched::new(lang),
            info: Watched::new(None),
            open: Watched::new(true),
            me: Watched::new(None),
            signed_in: Watched::new(signed_in),
            panel: Watched::new(panel),
            target: Watched::new(Target::New),
            joined: Watched::new(<(String, String)>::default()),
            busy: Watched::new(false),
            previewing: Watched::new(false),
            notice: Watched::new(Notice::default()),
            remark: Watched::new(Notice::default()),
        }
    }

    /// State that no view depends on; `None` once the element was removed.
    pub(crate) fn core(self) -> Option<Rc<Core>> {
        held(self.core)?.downcast().ok()
    }

    /// Fetches everything that is still missing.
    pub(crate) fn start(self) {
        let prefilled = self.core().is_some_and(|core| !core.client.host.invite().is_empty());
        match (self.signed_in.now(), prefilled) {
            (true, _) => self.focus_soon(".circle-compose textarea"),
            (false, true) => self.focus_soon(".circle-foot [name=name]"),
            (false, false) => self.focus_soon(".circle-foot [name=code]"),
        }
        spawn(async move {
            self.fetch_info().await;
        });
        spawn(async move {
            self.refresh().await;
            if self.signed_in.now() {
                self.fetch_me().await;
                self.do_wanted();
            }
            let ready = object(&[("app", true.into())]);
            if let Some(core) = self.core() {
                core.client.host.emit("circle-ready", &ready);
            }
        });
    }

    /// Listens for all actions in the element, and for the page becoming visible again.
    pub(crate) fn listen(self) -> Vec<EventListener> {
        let Some(core) = self.core() else { return Vec::new() };
        let mut heard = Vec::new();
        for kind in ["click", "submit", "keydown", "input"] {
            let options = EventListenerOptions::enable_prevent_default();
            let hear = move |event: &Event| self.hear(kind, event);
            heard.push(EventListener::new_with_options(core.board.root(), kind, options, hear));
        }
        if let Some(document) = web_sys::window().and_then(|window| window.document()) {
            let page = document.clone();
            heard.push(EventListener::new(&document, "visibilitychange", move |_| {
                let stale = self.core().is_some_and(|core| js_sys::Date::now() - core.fetched.get() > FRESH);
                if stale && page.visibility_state() == VisibilityState::Visible {
                    spawn(async move { self.refresh().await });
                }
            }));
        }
        heard
    }

    /// Handles an action in the element; the attributes of the target say which.
    fn hear(self, kind: &str, event: &Event) {
        let at: Option<Element> = event.target().and_then(|target| target.dyn_into().ok());
        let meaning = |name: &str| -> Option<(Element, String)> {
            let element = at.as_ref()?.closest(&["[", name, "]"].concat()).ok().flatten()?;
            let word = element.get_attribute(name)?;
            Some((element, word))
        };
        match kind {
            "click" => {
                if let Some((_, word)) = meaning("data-act") {
                    self.act(&word, &meaning("data-comment").map(|(_, id)| id).unwrap_or_default());
                } else if let Some(deed) = meaning("data-deed").and_then(|(_, word)| Action::from_word(&word)) {
                    self.perform(deed);
                }
            }
            "submit" => {
                if let Some((form, word)) = meaning("data-errand")
                    && let Some(errand) = Submission::from_word(&word)
                {
                    event.prevent_default();
                    self.submit(errand, form);
                }
            }
            _ if meaning("data-errand").is_none_or(|(_, word)| word != Submission::Post.word()) => {}
            "keydown" => self.key(event.unchecked_ref()),
            _ => self.keep_draft(),
        }
    }

    /// Changes the language.
    pub(crate) fn speak(self, lang: Lang) {
        self.lang.set(lang);
        spawn(async move { self.render().await });
    }

    /// Changes the order of the thread.
    pub(crate) fn sort(self, order: &str) {
        let Some(core) = self.core() else { return };
        core.newest_first.set(is_newest_first(order));
        spawn(async move { self.render().await });
    }

    /// Handles an action on a comment.
    pub(crate) fn act(self, act: &str, id: &str) {
        let Some(core) = self.core() else { return };
        let lang = self.lang.now();
        if !self.signed_in.now() {
            *core.wanted.borrow_mut() = Some((act.to_owned(), id.to_owned()));
            self.panel.set(Panel::Join);
            self.say(Word::JoinFirst);
            self.focus_soon(".circle-foot [name=code]");
            return;
        }
        match act {
            "like" => self.like(id.to_owned()),
            "reply" => {
                let name = self.find(id).and_then(|comment| comment.author).map(|author| author.name);
                self.open(Target::Reply { id: id.to_owned(), name: name.unwrap_or_default() });
            }
            "edit" => self.open(Target::Edit { id: id.to_owned() }),
            "delete" => {
                let [ask, yes, no] = [Word::DeleteAsk, Word::Delete, Word::Cancel].map(|word| word.say(lang));
                core.board.confirm(id, ask, yes, no);
            }
            "delete-no" => {
                core.board.remark(id, "");
                if let Some(article) = core.board.article(id) {
                    focus_on(&article);
                }
            }
            "delete-yes" => self.delete(id.to_owned()),
            _ => self.open(Target::New),
        }
    }

    /// Does what the reader wanted before they were asked to join.
    pub(crate) fn do_wanted(self) {
        let Some(core) = self.core() else { return };
        let (act, id) = core.wanted.take().unwrap_or_default();
        self.act(&act, &id);
    }

    fn like(self, id: String) {
        let Some(core) = self.core() else { return };
        if core.liking.borrow().contains(&id) {
            return;
        }
        let Some(comment) = self.find(&id) else { return };
        core.liking.borrow_mut().push(id.clone());
        let (liked, likes) = (comment.liked, comment.likes);
        self.change(&id, |comment| {
            comment.liked = !liked;
            comment.likes = if liked { likes.saturating_sub(1) } else { likes + 1 };
        });
        spawn(async move {
            self.render().await;
            let answer = core.client.like(&id, !liked).await;
            core.liking.borrow_mut().retain(|other| *other != id);
            if self.core().is_none() {
                return;
            }
            if let Err(failure) = answer {
                self.change(&id, |comment| {
                    comment.liked = liked;
                    comment.likes = likes;
                });
                self.render().await;
                let text = self.failed(&failure);
                core.board.remark(&id, &text);
            }
        });
    }

    fn delete(self, id: String) {
        let Some(core) = self.core() else { return };
        core.board.remark(&id, Word::Sending.say(self.lang.now()));
        spawn(async move {
            let answer = core.client.delete(&id).await;
            if self.core().is_none() {
                return;
            }
            match answer {
                Ok(()) => {
                    core.board.forget(&id);
                    self.remove(&id);
                    self.render().await;
                    self.say(Word::Deleted);
                    self.refresh().await;
                }
                Err(failure) => {
                    let text = self.failed(&failure);
                    core.board.remark(&id, &text);
                }
            }
        });
    }

    /// The comment as it was last fetched.
    pub(crate) fn find(self, id: &str) -> Option<Comment> {
        let core = self.core()?;
        let pages = core.pages.borrow();
        pages.iter().flat_map(|page| &page.comments).find(|comment| comment.id == id).cloned()
    }

    /// Changes a comment locally, until the API is asked again.
    pub(crate) fn change(self, id: &str, change: impl FnOnce(&mut Comment)) {
        let Some(core) = self.core() else { return };
        let mut pages = core.pages.borrow_mut();
        if let Some(comment) = pages.iter_mut().flat_map(|page| &mut page.comments).find(|comment| comment.id == id) {
            change(comment);
        }
    }

    /// Adds a comment that was just posted.
    pub(crate) fn add(self, comment: Comment) {
        let Some(core) = self.core() else { return };
        let mut pages = core.pages.borrow_mut();
        if pages.is_empty() {
            pages.push(Page::default());
        }
        if let Some(page) = pages.last_mut().filter(|_| !comment.id.is_empty()) {
            page.etag.clear();
            page.comments.retain(|other| other.id != comment.id);
            page.comments.push(comment);
        }
    }

    fn remove(self, id: &str) {
        let Some(core) = self.core() else { return };
        let mut pages = core.pages.borrow_mut();
        let answered =
            pages.iter().flat_map(|page| &page.comments).any(|comment| comment.parent.as_deref() == Some(id));
        for page in pages.iter_mut() {
            if let Some(at) = page.comments.iter().position(|comment| comment.id == id) {
                page.etag.clear();
                if let Some(comment) = page.comments.get_mut(at).filter(|_| answered) {
                    (comment.deleted, comment.author, comment.html) = (true, None, String::new());
                } else {
                    page.comments.remove(at);
                }
            }
        }
    }

    async fn fetch_info(self) {
        let Some(core) = self.core() else { return };
        match core.client.info().await {
            Ok(info) => {
                let open = info.phase == Phase::Open;
                if open != self.open.now() {
                    self.open.set(open);
                }
                self.info.set(Some(info));
                self.render().await;
            }
            Err(failure) => self.tell(&failure, false),
        }
    }

    async fn fetch_me(self) {
        let Some(core) = self.core() else { return };
        match core.client.me().await {
            Ok(me) => self.me.set(Some(me)),
            Err(failure) => self.tell(&failure, false),
        }
    }

    /// Fetches the changed pages of the thread, and shows it.
    pub(crate) fn refresh(self) -> Task {
        Box::pin(self.refresh_now())
    }

    async fn refresh_now(self) {
        let mut answer = self.fetch().await;
        if answer.as_ref().is_err_and(Failure::is_signed_out)
            && self.core().is_some_and(|core| core.client.is_signed_in())
        {
            // Reading needs no token. The server no longer knows ours, so it is forgotten.
            self.lose_session();
            answer = self.fetch().await;
        }
        match answer {
            Ok(()) => {
                if self.notice.now().again {
                    self.notice.set(Notice::default());
                }
                self.render().await;
            }
            Err(Failure::Network) => {
                let text = Word::ShownIsArchive.say(self.lang.now()).to_owned();
                self.notice.set(Notice { text, error: false, again: true });
                self.emit_failure(&Failure::Network);
            }
            Err(failure) => self.tell(&failure, true),
        }
    }

    async fn fetch(self) -> Result<(), Failure> {
        let Some(core) = self.core() else { return Ok(()) };
        let known = core.pages.borrow().clone();
        let mut pages: Vec<Page> = Vec::new();
        let mut after = String::new();
        loop {
            let before = known.iter().find(|page| page.after == after).cloned();
            let page = core.client.page(before.unwrap_or_else(|| Page { after, ..Page::default() })).await?;
            let next = page.next.clone();
            pages.push(page);
            match next {
                Some(cursor) if pages.len() < MAX_PAGES && self.core().is_some() => after = cursor,
                _ => break,
            }
        }
        *core.pages.borrow_mut() = pages;
        core.fetched.set(js_sys::Date::now());
        Ok(())
    }

    /// Shows the thread from the current state.
    pub(crate) fn render(self) -> Task {
        Box::pin(self.render_now())
    }

    async fn render_now(self) {
        let Some(core) = self.core() else { return };
        if core.fetched.get() == 0.0 {
            // Nothing was fetched yet. What the loader shows is better.
            return;
        }
        let comments: Vec<Comment> = core.pages.borrow().iter().flat_map(|page| page.comments.clone()).collect();
        let leaving = move |article: &Element| {
            let form = self.element(".circle-compose");
            if form.is_some() && article.next_element_sibling().as_ref() == form.as_ref().map(AsRef::as_ref) {
                self.go_home();
            }
        };
        let actions = if self.open.now() { Actions::Write } else { Actions::None };
        let options = ViewOptions { lang: self.lang.now(), actions };
        core.board.show(&core.client.host, &comments, options, core.newest_first.get(), leaving).await;
    }

    /// Stores the response to joining or signing in.
    pub(crate) fn enter(self, joined: Joined) {
        let Some(core) = self.core() else { return };
        let detail = object(&[("member", joined.member.name.as_str().into())]);
        self.joined.set((joined.welcome, joined.recovery_code));
        self.me.set(Some(joined.member));
        self.signed_in.set(true);
        self.panel.set(Panel::Welcome);
        self.focus_soon(".circle-welcome");
        self.notice.set(Notice::default());
        core.client.host.emit("circle-joined", &detail);
        spawn(async move { self.refresh().await });
    }

    /// Forgets the member and the token.
    pub(crate) fn sign_out(self) {
        let Some(core) = self.core() else { return };
        core.client.keep_token(None);
        self.go_home();
        self.me.set(None);
        self.signed_in.set(false);
        self.panel.set(Panel::Join);
    }

    fn lose_session(self) {
        self.sign_out();
        let text = Word::SessionLost.say(self.lang.now()).to_owned();
        self.notice.set(Notice { text, error: true, ..Notice::default() });
        self.focus_soon(ERROR);
    }

    /// The message for a failure. Also forgets a token that the server no longer knows.
    pub(crate) fn failed(self, failure: &Failure) -> String {
        self.emit_failure(failure);
        if failure.is_signed_out() && self.core().is_some_and(|core| core.client.is_signed_in()) {
            self.lose_session();
            return String::new();
        }
        i18n::failure(self.lang.now(), failure)
    }

    fn emit_failure(self, failure: &Failure) {
        if let Some(core) = self.core() {
            core.client.host.emit("circle-error", &object(&[("code", JsValue::from_str(failure.word()))]));
        }
    }

    /// Shows an error below the thread.
    pub(crate) fn tell(self, failure: &Failure, again: bool) {
        let text = self.failed(failure);
        if !text.is_empty() {
            self.notice.set(Notice { text, error: true, again });
            self.focus_soon(ERROR);
        }
    }

    /// Shows a message below the thread.
    pub(crate) fn say(self, word: Word) {
        let text = word.say(self.lang.now()).to_owned();
        self.notice.set(Notice { text, ..Notice::default() });
    }

    /// Moves the focus to the article of a comment.
    pub(crate) fn focus_comment(self, id: &str) {
        if let Some(article) = self.core().and_then(|core| core.board.article(id)) {
            focus_on(&article);
        }
    }

    /// Moves the composer back below the thread.
    pub(crate) fn go_home(self) {
        if let (Some(home), Some(form)) = (self.element(".circle-home"), self.element(".circle-compose"))
            && form.parent_element().as_ref() != Some(home.as_ref())
        {
            let _ = home.append_child(&form);
        }
    }

    /// An element of the shadow root.
    pub(crate) fn element(self, selector: &str) -> Option<HtmlElement> {
        self.core()?.board.root().query_selector(selector).ok().flatten()?.dyn_into().ok()
    }

    /// Moves the focus to an element of the shadow root, after pending changes are shown.
    pub(crate) fn focus_soon(self, selector: &'static str) {
        request_animation_frame(move || {
            if let Some(element) = self.element(selector) {
                focus_on(&element);
            }
        });
    }
}

/// A boxed future.
pub(crate) type Task = Pin<Box<dyn Future<Output = ()>>>;

/// Spawns a future. It is boxed, so that the task machinery is compiled once and not once per future.
pub(crate) fn spawn(task: impl Future<Output = ()> + 'static) {
    let task: Task = Box::pin(task);
    wasm_bindgen_futures::spawn_local(task);
}

fn is_newest_first(sort: &str) -> bool {
    sort.starts_with("new")
}
