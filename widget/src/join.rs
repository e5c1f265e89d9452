//! Joining with an invite code, and signing in with a recovery code.

use circle_model::{
    code::{BadCode, Code, parse},
    view::Lang,
    wire::Joined,
};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement};

use crate::{
    app::{Action, App, ERROR, Notice, Panel, Submission, spawn},
    client::{Failure, vouched},
    i18n::Word,
    parts::{block, changing, field, form, line, nothing, paragraph, plain, rules, send, tick, title},
    thread::focus_on,
};

/// The form to join. If nobody can join any more, only the way to sign in.
pub(crate) fn join(app: App, lang: Lang) -> AnyView {
    let other = plain(Word::HaveAccount.say(lang), Action::Show(Panel::Recover));
    if !app.open.get() {
        return other;
    }
    let invite = app.core().map(|core| core.client.host.invite()).unwrap_or_default();
    let asked = changing(move || {
        let Some(info) = app.info.get() else { return nothing() };
        let mut parts: Vec<AnyView> =
            info.questions.into_iter().map(|question| field(question, "answers", "", String::new())).collect();
        if !info.rules_html.trim().is_empty() {
            parts.push(rules(app, Word::RulesTitle.say(lang), vouched(info.rules_html)));
            parts.push(tick("accept_rules", Word::RulesAccept.say(lang)));
        }
        block("", "", parts)
    });
    let parts = vec![
        title(Word::Join.say(lang).to_owned()),
        paragraph("circle-help", Word::JoinIntro.say(lang).to_owned()),
        field(Word::Code.say(lang).to_owned(), "code", Word::CodeHelp.say(lang), invite),
        field(Word::Name.say(lang).to_owned(), "name", Word::NameHelp.say(lang), String::new()),
        asked,
        line(app.remark, lang),
        block("circle-row", "", vec![send(app, || Word::Join, lang), other]),
    ];
    form(Submission::Join, parts)
}

/// The form to sign in with a recovery code.
pub(crate) fn recover(app: App, lang: Lang) -> AnyView {
    let mut buttons = vec![send(app, || Word::SignIn, lang)];
    if app.open.get() {
        buttons.push(plain(Word::HaveInvite.say(lang), Action::Show(Panel::Join)));
    }
    let parts = vec![
        title(Word::RecoverTitle.say(lang).to_owned()),
        field(Word::Recovery.say(lang).to_owned(), "recovery_code", Word::RecoverIntro.say(lang), String::new()),
        line(app.remark, lang),
        block("circle-row", "", buttons),
    ];
    form(Submission::Recover, parts)
}

/// The welcome message, and the recovery code, which is shown only this once.
pub(crate) fn welcome(app: App, lang: Lang) -> AnyView {
    let (welcome, code) = app.joined.now();
    let name = app.me.now().map(|me| me.name).unwrap_or_default();
    let buttons = vec![plain(Word::Kept.say(lang), Action::Kept), plain(Word::Copy.say(lang), Action::Copy)];
    let parts = vec![
        title([Word::Welcome.say(lang), &name].concat()),
        paragraph("", welcome),
        paragraph("circle-help", Word::RecoveryFor.say(lang).to_owned()),
        paragraph("circle-help", Word::Recovery.say(lang).to_owned()),
        paragraph("circle-code", code),
        block("circle-row", "", buttons),
    ];
    block("circle-form circle-welcome", "welcome", parts)
}

impl App {
    /// Sends the request to join.
    pub(crate) fn send_join(self, form: Element) {
        let Some(core) = self.core() else { return };
        let [code, name] = ["code", "name"].map(|name| value(&form, name));
        let answers = inputs(&form, "answers");
        let rules = inputs(&form, "accept_rules").first().is_some_and(HtmlInputElement::checked);
        let asked_for_rules = !inputs(&form, "accept_rules").is_empty();
        let answers: Vec<String> = answers.iter().map(HtmlInputElement::value).collect();
        let wrong = if let Some(word) = invite_hint(&code) {
            Some(("code", word))
        } else if name.trim().is_empty() {
            Some(("name", Word::InvalidName))
        } else if answers.iter().any(|answer| answer.trim().is_empty()) {
            Some(("answers", Word::InvalidAnswers))
        } else if asked_for_rules && !rules {
            Some(("accept_rules", Word::InvalidRules))
        } else {
            None
        };
        if let Some((field, word)) = wrong {
            self.point_at(&form, field, word.say(self.lang.now()).to_owned());
            return;
        }
        self.begin(&form);
        spawn(async move {
            let answer = core.client.join(&code, name.trim(), &answers, rules, &core.nonce).await;
            self.finish(&form, answer);
        });
    }

    /// Sends the request to sign in.
    pub(crate) fn send_recovery(self, form: Element) {
        let Some(core) = self.core() else { return };
        let code = value(&form, "recovery_code");
        if let Some(word) = recovery_hint(&code) {
            self.point_at(&form, "recovery_code", word.say(self.lang.now()).to_owned());
            return;
        }
        self.begin(&form);
        spawn(async move {
            let answer = core.client.recover(&code).await;
            self.finish(&form, answer);
        });
    }

    /// Marks a form as being sent.
    pub(crate) fn begin(self, form: &Element) {
        self.busy.set(true);
        self.remark.set(Notice::default());
        for input in inputs(form, "") {
            let _ = input.remove_attribute("aria-invalid");
        }
    }

    fn finish(self, form: &Element, answer: Result<Joined, Failure>) {
        self.busy.set(false);
        if self.core().is_none() {
            return;
        }
        match answer {
            Ok(joined) => self.enter(joined),
            Err(failure) => self.point_at(form, failure.field(), self.failed(&failure)),
        }
    }

    /// Shows an error in a form. If one field is invalid, that field gets the focus.
    pub(crate) fn point_at(self, form: &Element, field: &str, text: String) {
        let input = if field.is_empty() { None } else { inputs(form, field).into_iter().next() };
        self.remark.set(Notice { text, error: true, again: false });
        if let Some(input) = input {
            let _ = input.set_attribute("aria-invalid", "true");
            let input: HtmlElement = input.unchecked_into();
            focus_on(&input);
        } else {
            self.focus_soon(ERROR);
        }
    }
}

/// The inputs of a form with this name; all inputs for the empty name.
fn inputs(form: &Element, name: &str) -> Vec<HtmlInputElement> {
    let selector = if name.is_empty() { "input".to_owned() } else { ["input[name='", name, "']"].concat() };
    let Ok(found) = form.query_selector_all(&selector) else { return Vec::new() };
    (0..found.length()).filter_map(|at| found.get(at)?.dyn_into().ok()).collect()
}

/// The value of an input.
pub(crate) fn value(form: &Element, name: &str) -> String {
    inputs(form, name).first().map(HtmlInputElement::value).unwrap_or_default()
}

/// What is wrong with a text as an invite code. Needs no request.
fn invite_hint(text: &str) -> Option<Word> {
    match parse(text) {
        Ok(Code::Typed { .. } | Code::Link(_)) => None,
        Ok(Code::Recovery(_)) => Some(Word::CodeIsRecovery),
        Err(bad) => Some(bad_hint(bad)),
    }
}

/// What is wrong with a text as a recovery code.
fn recovery_hint(text: &str) -> Option<Word> {
    match parse(text) {
        Ok(Code::Recovery(_)) => None,
        Ok(Code::Typed { .. } | Code::Link(_)) => Some(Word::CodeIsInvite),
        Err(bad) => Some(bad_hint(bad)),
    }
}

fn bad_hint(bad: BadCode) -> Word {
    match bad {
        BadCode::Shape => Word::CodeShape,
        BadCode::Mistyped => Word::CodeMistyped,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use circle_model::code::{LINK_SYMBOLS, RECOVERY_SYMBOLS, printed, symbols};

    #[test]
    fn a_code_is_told_from_a_slip_and_from_the_other_kind() {
        let invite = printed("ABCDEF0123456789ABC");
        let recovery = printed(&symbols(&[7; 64], RECOVERY_SYMBOLS).unwrap());
        let link = symbols(&[9; 64], LINK_SYMBOLS).unwrap();
        assert_eq!(invite_hint(&invite), None);
        assert_eq!(invite_hint(&format!("https://a.example/#join={link}")), None);
        assert_eq!(invite_hint(&invite.to_lowercase().replace('-', "　")), None);
        assert_eq!(invite_hint(&invite.replacen('B', "D", 1)), Some(Word::CodeMistyped));
        assert_eq!(invite_hint(&invite[..9]), Some(Word::CodeShape));
        assert_eq!(invite_hint(""), Some(Word::CodeShape));
        assert_eq!(invite_hint(&recovery), Some(Word::CodeIsRecovery));
        assert_eq!(recovery_hint(&recovery), None);
        assert_eq!(recovery_hint(&invite), Some(Word::CodeIsInvite));
    }
}
