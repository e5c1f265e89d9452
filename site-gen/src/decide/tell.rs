//! Describes decisions: those in force, and what each applies to.

use std::{collections::BTreeMap, path::Path};

use circle_model::{
    archive::{Action, Comment, Decision, Post, Record, RecordKind},
    id::Id,
    text::LineBreaks,
};

use super::targets::Catalogue;
use circle_content::{
    Result,
    archive::{self, decisions, made, opened},
    report::Report,
};
use circle_html::privacy::pattern;
use circle_site::veil::{EVERYWHERE, Span, Veil, Wishes};

/// A decision in force.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The decision.
    pub decision: Decision,
    /// Its target in words.
    pub target: String,
    /// The number of posts that it applies to.
    pub posts: u64,
    /// The number of comments.
    pub comments: u64,
    /// What it hides or inserts, for the leader only.
    pub detail: Option<String>,
}

/// All decisions in force, with what they currently apply to.
///
/// # Errors
/// When the content cannot be read.
pub fn list(content: &Path, report: &mut Report) -> Result<Vec<Listed>> {
    if !content.is_dir() {
        return Err(circle_content::no_content(content));
    }
    let ledger = decisions::read(content, report)?;
    let in_force: Vec<Decision> = ledger.in_force().cloned().collect();
    if in_force.is_empty() {
        return Ok(Vec::new());
    }
    let catalogue = Catalogue::open(content, &ledger, report)?;
    let veil = catalogue.veil();
    let mut listed: Vec<Listed> = in_force
        .into_iter()
        .map(|decision| {
            let secret = ledger.secrets.get(&decision.id);
            let detail = match decision.action {
                Action::Pseudonymise => veil
                    .member(&decision.target)
                    .and_then(|public| veil.public_members().get(public))
                    .map(|member| member.display_name().to_owned()),
                Action::RedactSpan => secret.and_then(|secret| secret.span.clone()).or_else(|| decision.span.clone()),
                _ => decision.span.clone(),
            };
            let target = match opened::is_set(&decision) {
                true => format!("all of which import {} does not say who could see it", decision.target),
                false => catalogue.describe(&decision.target, decision.action),
            };
            Listed { decision, target, posts: 0, comments: 0, detail }
        })
        .collect();
    // Each redaction alone, to find its changes.
    let alone: BTreeMap<Id, Veil> = listed
        .iter()
        .filter(|one| one.decision.action == Action::RedactSpan)
        .filter_map(|one| Some((one.decision.id.clone(), only(&one.decision, one.detail.as_deref()?)?)))
        .collect();
    for (kind, records) in [(RecordKind::Post, "posts"), (RecordKind::Comment, "comments")] {
        let path = content.join("archive").join(format!("{records}.jsonl"));
        archive::for_each_line(&path, &mut Report::default(), |_, line| {
            match kind.parse(line).map_err(|error| error.to_string())? {
                Record::Post(post) => {
                    for one in &mut listed {
                        one.posts += u64::from(hits_post(one, &post, veil, &alone));
                    }
                }
                Record::Comment(comment) => {
                    for one in &mut listed {
                        one.comments += u64::from(hits_comment(one, &comment, veil, &alone));
                    }
                }
                _ => {}
            }
            Ok(())
        })?;
    }
    Ok(listed)
}

impl Listed {
    /// The name of the action on the command line.
    #[must_use]
    pub fn action(&self) -> &'static str {
        made::verb(self.decision.action)
    }
}

impl super::Outcome {
    /// The name of the action on the command line.
    #[must_use]
    pub fn action(&self) -> &'static str {
        made::verb(self.decision.action)
    }
}

/// The veil of one redaction.
pub(super) fn only(decision: &Decision, span: &str) -> Option<Veil> {
    let span = match span.strip_prefix("pattern:").and_then(pattern) {
        Some(kind) => Span::Facts(kind),
        None => Span::Text(span.to_owned()),
    };
    let wishes = Wishes { spans: BTreeMap::from([(decision.target.clone(), [span].into())]), ..Wishes::default() };
    Veil::new(&wishes, &[], &[], circle_model::view::Lang::ZhHans, None)
}

fn hits_post(one: &Listed, post: &Post, veil: &Veil, alone: &BTreeMap<Id, Veil>) -> bool {
    let decision = &one.decision;
    match decision.action {
        Action::Hide => post.id == decision.target || post.author.as_ref() == Some(&decision.target),
        Action::Publish if opened::is_set(decision) => opened::is_of(&post.extra, &decision.target),
        Action::Publish => post.id == decision.target,
        Action::Pseudonymise => is_same(veil, post.author.as_ref(), &decision.target),
        Action::DropMedia => post.media.iter().any(|used| used.media == decision.target),
        Action::RedactSpan => alone.get(&decision.id).is_some_and(|veil| {
            let mut changed = post.clone();
            veil.post(&mut changed, LineBreaks::Hard);
            changed != *post
        }),
    }
}

fn hits_comment(one: &Listed, comment: &Comment, veil: &Veil, alone: &BTreeMap<Id, Veil>) -> bool {
    let decision = &one.decision;
    match decision.action {
        Action::Hide => {
            comment.id == decision.target
                || comment.post == decision.target
                || comment.author.as_ref() == Some(&decision.target)
        }
        Action::Publish if opened::is_set(decision) => opened::is_of(&comment.extra, &decision.target),
        Action::Publish => comment.id == decision.target,
        Action::Pseudonymise => is_same(veil, comment.author.as_ref(), &decision.target),
        Action::DropMedia => comment.media.iter().any(|used| used.media == decision.target),
        Action::RedactSpan => alone.get(&decision.id).is_some_and(|veil| {
            let mut changed = comment.clone();
            veil.comment(&mut changed);
            changed != *comment
        }),
    }
}

fn is_same(veil: &Veil, author: Option<&Id>, target: &Id) -> bool {
    author.is_some_and(|author| {
        author == target || (veil.member(author).is_some() && veil.member(author) == veil.member(target))
    })
}

impl Catalogue {
    fn describe(&self, id: &Id, action: Action) -> String {
        if id.as_str() == EVERYWHERE {
            return "all that is published".to_owned();
        }
        self.find(id.as_str(), action).map_or_else(|_| format!("{id} (not in the archive)"), |target| target.words)
    }
}
