//! Makes and undoes leaders' decisions about publishing. Originals stay as they are; the next build applies the decisions.
//!
//! 1. [`targets`] finds the record: by its id, by its page's address, or, for members, by name.
//! 2. [`decide`] appends to `archive/decisions.jsonl`. A decision's id is made from its target, so deciding twice changes
//!    nothing. Hidden data goes to `content/private` ([`circle_content::archive::decisions`]).
//! 3. `publish` also moves withheld records from `content/private` into the archive, through the same gate as an import.
//! 4. [`undo`] undoes decisions, [`list`] lists those in force.
//!
//! Importing another content folder also imports its decisions, except `publish` decisions: only this circle's leaders decide what private
//! content it shows.

use std::path::Path;

use circle_model::{
    archive::{Action, Decision, RecordKind},
    time::Time,
};
use data_encoding::HEXLOWER;

use circle_content::{
    Error, Result,
    archive::{
        decisions::{self, Ledger, PRIVATE_SPAN, Secret},
        made::{self, WITH_COMMENTS},
        opened,
    },
    report::Report,
};
use circle_html::privacy::pattern;
use circle_site::veil::{EVERYWHERE, Veil};

mod reach;
mod release;
mod sets;
pub mod targets;
mod tell;

pub use reach::Reach;
pub use sets::{Opened, WithheldGroup, publish_unknown, withheld};
use targets::{Catalogue, Target};
pub use tell::{Listed, list};

/// A leader's request for decisions.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The action.
    pub action: Action,
    /// The records, in the leader's words.
    pub targets: Vec<String>,
    /// For `redact-span`: the words to redact.
    pub texts: Vec<String>,
    /// For `redact-span`: `phone`, `email`, `ip` or `token`.
    pub patterns: Vec<String>,
    /// For `publish`: also publish the comments below the post.
    pub with_comments: bool,
    /// The reason.
    pub reason: Option<String>,
    /// Who decided.
    pub by: Option<String>,
    /// The current time.
    pub at: Time,
}

/// The result for one target.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The decision.
    pub decision: Decision,
    /// The target, in words.
    pub target: String,
    /// True if the decision was in force already.
    pub known: bool,
    /// Other results and remarks.
    pub notes: Vec<String>,
    /// For decisions about words: what it changes in the archive now.
    pub reach: Option<Reach>,
}

/// The veil for the decisions of a content folder about words; `None` if there are none.
///
/// # Errors When they cannot be read.
pub fn veil(content: &Path) -> Result<Option<Veil>> {
    let ledger = match content.is_dir() {
        true => decisions::read(content, &mut Report::default())?,
        false => return Ok(None),
    };
    if ledger.in_force().next().is_none() {
        return Ok(None);
    }
    let site = circle_site::index::Site::open(content, &mut Report::default())?;
    Ok(Some(site.veil().clone()).filter(|veil| !veil.is_empty()))
}

/// Makes decisions: either all of the request, or none.
///
/// # Errors
/// When a target is unknown, ambiguous or of the wrong kind, when there are no words to redact, or when a file cannot be read or
/// written.
pub fn decide(content: &Path, request: &Request, report: &mut Report) -> Result<Vec<Outcome>> {
    let mut ledger = decisions::read(content, report)?;
    let mut notes = Vec::new();
    let hides_words = request.action == Action::RedactSpan && !request.texts.is_empty();
    if request.action == Action::Pseudonymise || hides_words {
        let (key, made) = decisions::key_or_new(content)?;
        if made && ledger.in_force().any(|decision| decision.action == Action::Pseudonymise) {
            notes.push(
                "the key of the pseudonyms was gone, so a new one was made: everybody's pseudonym changes".to_owned(),
            );
        }
        ledger.key = Some(key);
    }
    let catalogue = Catalogue::open(content, &ledger, report)?;
    let mut spans: Vec<Option<String>> = Vec::new();
    if request.action == Action::RedactSpan {
        spans.extend(request.texts.iter().filter(|text| !text.trim().is_empty()).cloned().map(Some));
        for name in &request.patterns {
            pattern(name).ok_or_else(|| {
                Error::new(
                    format!("there is no pattern called `{name}`"),
                    "option: --pattern",
                    "choose phone, email, ip or token, or give the words with `--text`",
                )
            })?;
            spans.push(Some(format!("pattern:{name}")));
        }
        if spans.is_empty() {
            return Err(Error::new(
                "nothing says what to black out",
                "command: decide redact",
                "give the words with `--text`, or a kind of fact with `--pattern phone`",
            ));
        }
    } else {
        spans.push((request.action == Action::Publish && request.with_comments).then(|| WITH_COMMENTS.to_owned()));
    }
    let targets: Vec<Target> =
        request.targets.iter().map(|name| catalogue.find(name, request.action)).collect::<Result<_>>()?;
    let mut outcomes = Vec::new();
    for target in &targets {
        for span in &spans {
            let mut outcome = one(&mut ledger, request, target, span.as_deref(), &catalogue);
            outcome.notes.append(&mut notes);
            outcomes.push(outcome);
        }
    }
    decisions::write(content, &ledger)?;
    for outcome in &mut outcomes {
        if let Some(veil) = catalogue.veil_of(&outcome.decision, &ledger) {
            outcome.reach = Some(reach::of(content, &veil)?);
        }
    }
    if request.action == Action::Publish {
        for (target, outcome) in targets.iter().zip(&mut outcomes) {
            outcome.notes.extend(release::publish(content, &target.id, request.with_comments, report)?);
        }
    }
    Ok(outcomes)
}

fn one(ledger: &mut Ledger, request: &Request, target: &Target, span: Option<&str>, catalogue: &Catalogue) -> Outcome {
    // An action on a medium has only one name.
    let action = match (request.action, target.kind) {
        (Action::Hide, Some(RecordKind::Media)) => Action::DropMedia,
        (action, _) => action,
    };
    let words = span.filter(|span| action == Action::RedactSpan && !is_pattern(span));
    let public_span = match (words, &ledger.key) {
        (Some(words), Some(key)) => {
            let hash = HEXLOWER.encode(&key.hash("span", words));
            Some(format!("{PRIVATE_SPAN}{}", hash.get(..16).unwrap_or_default()))
        }
        _ => span.map(str::to_owned),
    };
    let decision = Decision {
        id: made::id_of(action, &target.id, public_span.as_deref()),
        target: target.id.clone(),
        action,
        span: public_span,
        reason: request.reason.clone(),
        by: request.by.clone(),
        at: request.at.clone(),
        undone: None,
    };
    let mut notes = Vec::new();
    let opposite = match action {
        Action::Hide => Some(Action::Publish),
        Action::Publish => Some(Action::Hide),
        _ => None,
    };
    for other in &mut ledger.decisions {
        let same_target = other.target == decision.target && other.undone.is_none();
        let narrower = action == Action::Publish && other.action == Action::Publish && other.id != decision.id;
        if same_target && (Some(other.action) == opposite || narrower) {
            other.undone = Some(request.at.clone());
            notes.push(format!("takes the place of an earlier decision ({})", made::verb(other.action)));
        }
    }
    let known = ledger.decisions.iter().any(|other| other.id == decision.id && other.undone.is_none());
    if !known {
        ledger.decisions.retain(|other| other.id != decision.id);
        ledger.decisions.push(decision.clone());
    }
    let names = if action == Action::Pseudonymise { catalogue.names_of(&target.id) } else { Vec::new() };
    if words.is_some() || !names.is_empty() {
        let secret = ledger
            .secrets
            .entry(decision.id.clone())
            .or_insert_with(|| Secret { id: decision.id.clone(), ..Secret::default() });
        secret.span = words.map(str::to_owned).or(secret.span.take());
        for name in names {
            if !secret.names.contains(&name) {
                secret.names.push(name);
            }
        }
    }
    Outcome { decision, target: target.words.clone(), known, notes, reach: None }
}

/// Undoes decisions: one by its id, or all about a record. Returns them as they were.
///
/// # Errors When no decision in force fits, or a file cannot be written.
pub fn undo(content: &Path, named: &str, at: &Time, report: &mut Report) -> Result<Vec<Outcome>> {
    let mut ledger = decisions::read(content, report)?;
    let named = named.trim();
    let direct = |decision: &&Decision| decision.id.as_str() == named || decision.target.as_str() == named;
    let target = if named == EVERYWHERE || ledger.in_force().any(|decision| direct(&decision)) {
        None
    } else {
        Some(Catalogue::open(content, &ledger, report)?.find_any(named)?)
    };
    let meant = |decision: &Decision| {
        decision.undone.is_none()
            && (direct(&decision) || target.as_ref().is_some_and(|target| target.id == decision.target))
    };
    let chosen: Vec<Decision> = ledger.decisions.iter().filter(|decision| meant(decision)).cloned().collect();
    if chosen.is_empty() {
        return Err(Error::new(
            "no decision in force is about this",
            format!("target: {named}"),
            "`circlekeep decide list` shows all decisions with their ids",
        ));
    }
    for decision in ledger.decisions.iter_mut().filter(|decision| chosen.iter().any(|one| one.id == decision.id)) {
        decision.undone = Some(at.clone());
    }
    decisions::write(content, &ledger)?;
    let mut outcomes = Vec::new();
    for decision in chosen {
        let mut notes = Vec::new();
        if opened::is_set(&decision) {
            notes.extend(sets::withdraw(content, &decision.target, report)?);
        } else if decision.action == Action::Publish {
            notes.extend(release::withdraw(content, &decision.target, report)?);
        }
        outcomes.push(Outcome { target: decision.target.to_string(), decision, known: false, notes, reach: None });
    }
    Ok(outcomes)
}

fn is_pattern(span: &str) -> bool {
    span.strip_prefix("pattern:").is_some_and(|name| pattern(name).is_some())
}
