//! The client of the API. The browser's own JSON parser reads the responses, because `serde_json` would add 21 KB.

use std::{cell::RefCell, pin::Pin};

use circle_model::{
    text::SafeHtml,
    wire::{Author, CircleInfo, Comment, ErrorCode, Joined, Me, Phase},
};
use js_sys::{Array, JSON, Object, Reflect};
use wasm_bindgen::prelude::*;

use crate::host::{Answer, Host};

/// Why a request failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// No response arrived.
    Network,
    /// The response cannot be read, or has an error of a newer API.
    Unreadable,
    /// The API refused.
    Api {
        /// The reason.
        code: ErrorCode,
        /// The invalid field, or empty.
        field: String,
        /// Seconds to wait.
        retry_after: Option<u64>,
    },
}

impl Failure {
    /// True if a token was sent and the server does not know it any more.
    pub(crate) fn is_signed_out(&self) -> bool {
        matches!(self, Self::Api { code: ErrorCode::NotSignedIn, .. })
    }

    /// The invalid field, or empty.
    pub(crate) fn field(&self) -> &str {
        match self {
            Self::Api { field, code, .. } if field.is_empty() => match code {
                ErrorCode::InviteInvalid => "code",
                ErrorCode::NameTaken | ErrorCode::NameReserved => "name",
                ErrorCode::RecoveryInvalid => "recovery_code",
                _ => "",
            },
            Self::Api { field, .. } => field,
            _ => "",
        }
    }

    /// The word for the detail of the event `circle-error`.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Unreadable => "unreadable",
            Self::Api { code, .. } => code.as_str(),
        }
    }
}

/// A page of a thread, with what is needed to ask whether it changed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Page {
    /// The cursor after which the page begins; empty for the first page.
    pub(crate) after: String,
    /// The entity tag from the API.
    pub(crate) etag: String,
    /// The cursor of the next page.
    pub(crate) next: Option<String>,
    /// The comments of the page.
    pub(crate) comments: Vec<Comment>,
}

/// The client of one element.
pub(crate) struct Client {
    pub(crate) host: Host,
    base: String,
    session: String,
    token: RefCell<Option<String>>,
}

type Sending<'a> = Pin<Box<dyn Future<Output = Result<(Answer, JsValue), Failure>> + 'a>>;

/// The parts of a request other than method and path.
#[derive(Default)]
struct Extra<'a> {
    body: Option<Object>,
    key: Option<&'a str>,
    etag: &'a str,
    anonymous: bool,
}

impl Client {
    /// A client for the circle, thread and stored token that the loader names.
    pub(crate) fn new(host: Host) -> Self {
        let session = host.session();
        let token = host.recall(&session);
        Self { base: host.address(), session, token: RefCell::new(token), host }
    }

    /// True if there is a token.
    pub(crate) fn is_signed_in(&self) -> bool {
        self.token.borrow().is_some()
    }

    /// Stores a token, or deletes it if it is empty.
    pub(crate) fn keep_token(&self, token: Option<String>) {
        self.host.keep(&self.session, token.as_deref().unwrap_or_default());
        *self.token.borrow_mut() = token;
    }

    /// The key of a draft in the browser's storage. `about` separates drafts of replies and edits.
    pub(crate) fn draft_key(&self, about: &str) -> String {
        let place = self.session.split_once(':').map_or("", |(_, rest)| rest);
        ["circlekeep:draft:", place, ":", &self.host.thread(), about].concat()
    }

    /// Fetches what every visitor may know about the circle.
    pub(crate) async fn info(&self) -> Result<CircleInfo, Failure> {
        let value = self.send("GET", "", Extra { anonymous: true, ..Extra::default() }).await?.1;
        Ok(CircleInfo {
            id: text(&value, "id"),
            name: text(&value, "name"),
            phase: match text(&value, "phase").as_str() {
                "frozen" => Phase::Frozen,
                "closed" => Phase::Closed,
                _ => Phase::Open,
            },
            freeze_at: maybe(&value, "freeze_at"),
            close_at: maybe(&value, "close_at"),
            announcement: maybe(&value, "announcement"),
            archive_url: maybe(&value, "archive_url"),
            rules_html: text(&value, "rules_html"),
            questions: list(&value, "questions").iter().filter_map(|question| question.as_string()).collect(),
            members: number(&value, "members"),
            edit_window: number(&value, "edit_window"),
        })
    }

    /// The page after the cursor `known.after`, or `known` itself if it did not change.
    pub(crate) async fn page(&self, known: Page) -> Result<Page, Failure> {
        let mut path = ["/comments?limit=100&thread=", &escaped(&self.host.thread())].concat();
        if !known.after.is_empty() {
            path.push_str("&after=");
            path.push_str(&escaped(&known.after));
        }
        let (answer, value) = self.send("GET", &path, Extra { etag: &known.etag, ..Extra::default() }).await?;
        if answer.status() == 304 {
            return Ok(known);
        }
        Ok(Page {
            after: known.after,
            etag: answer.etag().unwrap_or_default(),
            next: maybe(&value, "next"),
            comments: list(&value, "comments").iter().map(|one| comment(&one)).collect(),
        })
    }

    /// Joins with a code.
    pub(crate) async fn join(
        &self,
        code: &str,
        name: &str,
        answers: &[String],
        accept_rules: bool,
        nonce: &str,
    ) -> Result<Joined, Failure> {
        let body = object(&[("code", code.into()), ("name", name.into()), ("nonce", nonce.into())]);
        let answers: Array = answers.iter().map(|answer| JsValue::from_str(answer)).collect();
        set(&body, "answers", &answers);
        set(&body, "accept_rules", &accept_rules.into());
        self.sign_in("/join", body).await
    }

    /// Signs in with a recovery code.
    pub(crate) async fn recover(&self, code: &str) -> Result<Joined, Failure> {
        self.sign_in("/recover", object(&[("recovery_code", code.into())])).await
    }

    async fn sign_in(&self, path: &str, body: Object) -> Result<Joined, Failure> {
        let extra = Extra { body: Some(body), anonymous: true, ..Extra::default() };
        let value = self.send("POST", path, extra).await?.1;
        let joined = Joined {
            token: text(&value, "token"),
            recovery_code: text(&value, "recovery_code"),
            member: me(&get(&value, "member")),
            welcome: text(&value, "welcome"),
        };
        if joined.token.is_empty() {
            return Err(Failure::Unreadable);
        }
        self.keep_token(Some(joined.token.clone()));
        Ok(joined)
    }

    /// The member of the token.
    pub(crate) async fn me(&self) -> Result<Me, Failure> {
        Ok(me(&self.send("GET", "/me", Extra::default()).await?.1))
    }

    /// Renames the member.
    pub(crate) async fn rename(&self, name: &str) -> Result<Me, Failure> {
        let extra = Extra { body: Some(object(&[("name", name.into())])), ..Extra::default() };
        Ok(me(&self.send("PATCH", "/me", extra).await?.1))
    }

    /// Leaves the circle.
    pub(crate) async fn leave(&self) -> Result<(), Failure> {
        self.send("DELETE", "/me", Extra::default()).await.map(drop)
    }

    /// Everything that the member wrote, as JSON of the API.
    pub(crate) async fn export(&self) -> Result<String, Failure> {
        Ok(self.send("GET", "/me/export", Extra::default()).await?.0.text())
    }

    /// Posts a comment. A second request with the same `key` posts nothing.
    pub(crate) async fn post(&self, parent: Option<&str>, body: &str, key: &str) -> Result<Comment, Failure> {
        let new = object(&[("thread", self.host.thread().as_str().into()), ("body", body.into())]);
        if let Some(parent) = parent {
            set(&new, "parent", &parent.into());
        }
        let extra = Extra { body: Some(new), key: Some(key), ..Extra::default() };
        self.send("POST", "/comments", extra).await.map(|(_, value)| comment(&value))
    }

    /// One comment. Its author also receives its source.
    pub(crate) async fn comment(&self, id: &str) -> Result<Comment, Failure> {
        Ok(comment(&self.send("GET", &one(id), Extra::default()).await?.1))
    }

    /// Edits a comment.
    pub(crate) async fn edit(&self, id: &str, body: &str) -> Result<Comment, Failure> {
        let extra = Extra { body: Some(object(&[("body", body.into())])), ..Extra::default() };
        Ok(comment(&self.send("PATCH", &one(id), extra).await?.1))
    }

    /// Deletes a comment.
    pub(crate) async fn delete(&self, id: &str) -> Result<(), Failure> {
        self.send("DELETE", &one(id), Extra::default()).await.map(drop)
    }

    /// Adds or removes a like.
    pub(crate) async fn like(&self, id: &str, on: bool) -> Result<(), Failure> {
        let path = one(id) + "/like";
        self.send(if on { "PUT" } else { "DELETE" }, &path, Extra::default()).await.map(drop)
    }

    /// The HTML of a text, for the preview.
    pub(crate) async fn preview(&self, body: &str) -> Result<SafeHtml, Failure> {
        let extra = Extra { body: Some(object(&[("body", body.into())])), ..Extra::default() };
        Ok(vouched(text(&self.send("POST", "/preview", extra).await?.1, "html")))
    }

    /// Boxed: there are many callers, and each would otherwise contain this future's whole state.
    fn send<'a>(&'a self, method: &'a str, path: &'a str, extra: Extra<'a>) -> Sending<'a> {
        Box::pin(self.send_now(method, path, extra))
    }

    async fn send_now(&self, method: &str, path: &str, extra: Extra<'_>) -> Result<(Answer, JsValue), Failure> {
        let headers = Object::new();
        if let Some(token) = self.token.borrow().as_deref().filter(|_| !extra.anonymous) {
            set(&headers, "authorization", &["Bearer ", token].concat().into());
        }
        if let Some(key) = extra.key {
            set(&headers, "idempotency-key", &key.into());
        }
        if !extra.etag.is_empty() {
            set(&headers, "if-none-match", &extra.etag.into());
        }
        let options = object(&[("method", method.into())]);
        if let Some(body) = &extra.body {
            set(&headers, "content-type", &"application/json".into());
            let json = JSON::stringify(body).map_err(|_| Failure::Unreadable)?;
            set(&options, "body", &json);
        }
        set(&options, "headers", &headers);
        // This module compares entity tags itself, so the browser's cache must not answer.
        set(&options, "cache", &"no-store".into());

        let address = [&self.base, path].concat();
        let answer = self.host.ask(&address, &options).await.map_err(|_| Failure::Network)?;
        let answer: Answer = answer.unchecked_into();
        let value = JSON::parse(&answer.text()).unwrap_or(JsValue::NULL);
        match answer.status() {
            200..300 | 304 => Ok((answer, value)),
            _ => Err(refusal(&value)),
        }
    }
}

/// Declares HTML of the API to be safe: the API made it with `circle_model::text`.
pub(crate) fn vouched(html: String) -> SafeHtml {
    #[expect(clippy::disallowed_methods, reason = "the API sanitised it; the loader's `parse` is the second lock")]
    SafeHtml::vouch(html)
}

fn refusal(value: &JsValue) -> Failure {
    ErrorCode::from_wire(&text(value, "code")).map_or(Failure::Unreadable, |code| Failure::Api {
        code,
        field: text(value, "field"),
        retry_after: get(value, "retry_after").as_f64().map(whole),
    })
}

fn comment(value: &JsValue) -> Comment {
    let author = get(value, "author");
    Comment {
        id: text(value, "id"),
        parent: maybe(value, "parent"),
        author: author.is_object().then(|| Author {
            id: text(&author, "id"),
            name: text(&author, "name"),
            role: text(&author, "role"),
        }),
        created: text(value, "created"),
        edited: maybe(value, "edited"),
        html: text(value, "html"),
        source: maybe(value, "source"),
        deleted: flag(value, "deleted"),
        pinned: flag(value, "pinned"),
        likes: number(value, "likes"),
        liked: flag(value, "liked"),
        mine: flag(value, "mine"),
        editable: flag(value, "editable"),
    }
}

fn me(value: &JsValue) -> Me {
    Me { id: text(value, "id"), name: text(value, "name"), role: text(value, "role") }
}

/// The path of a comment in the API.
fn one(id: &str) -> String {
    ["/comments/", &escaped(id)].concat()
}

fn escaped(text: &str) -> String {
    js_sys::encode_uri_component(text).into()
}

/// A JavaScript object, for JSON or for the loader.
pub(crate) fn object(fields: &[(&str, JsValue)]) -> Object {
    let object = Object::new();
    for (name, value) in fields {
        set(&object, name, value);
    }
    object
}

fn set(object: &Object, name: &str, value: &JsValue) {
    // `Reflect.set` fails only for proxies and frozen objects, and these are neither.
    let _ = Reflect::set(object, &name.into(), value);
}

fn get(value: &JsValue, name: &str) -> JsValue {
    if value.is_object() { Reflect::get(value, &name.into()).unwrap_or(JsValue::NULL) } else { JsValue::NULL }
}

fn text(value: &JsValue, name: &str) -> String {
    maybe(value, name).unwrap_or_default()
}

fn maybe(value: &JsValue, name: &str) -> Option<String> {
    get(value, name).as_string()
}

fn flag(value: &JsValue, name: &str) -> bool {
    get(value, name).is_truthy()
}

fn number(value: &JsValue, name: &str) -> u64 {
    get(value, name).as_f64().map_or(0, whole)
}

fn list(value: &JsValue, name: &str) -> Array {
    get(value, name).dyn_into().unwrap_or_default()
}

/// A JSON number as a count. Saturating: no count here is above 2^53.
fn whole(number: f64) -> u64 {
    number as u64
}
