//! Leaders' decisions in the form that the index needs, and the veil that applies them.
//!
//! If the hidden data of a decision is missing (it is in `content/private`, which was not copied with the archive), the whole
//! target is not published. Publishing too little can be fixed later.

use std::collections::{BTreeMap, BTreeSet};

use circle_model::{
    archive::{Action, Decision, Media, Member, Post, Record, RecordKind},
    id::Id,
};

use crate::{
    index::{Place, Site},
    veil::{BAR, EVERYWHERE, Span, Veil, Wishes},
};
use circle_content::{
    Error, Result,
    archive::decisions::{self, Ledger, PRIVATE_SPAN, Secret},
    report::Report,
};

/// Leaders' decisions by record.
#[derive(Debug, Default)]
pub(super) struct Decisions {
    pub(super) publish: BTreeSet<Id>,
    /// Posts that a decision publishes together with the withheld comments below them.
    pub(super) with_comments: BTreeSet<Id>,
    /// Posts that are published only because of a decision, without their comments.
    pub(super) alone: BTreeSet<Id>,
    pub(super) withhold: BTreeSet<Id>,
}

/// Reads the decisions and makes the veil.
///
/// # Errors
/// When they cannot be read, or a pseudonym is in force and its key is not there.
pub(super) fn read(site: &mut Site, report: &mut Report) -> Result<Decisions> {
    let ledger = decisions::read(&site.folder, report)?;
    let mut decided = Decisions::default();
    let mut wishes = Wishes::default();
    // Two redacted phrases in one record count as one decision about one record.
    let about: BTreeSet<(&str, &Id)> = ledger.in_force().map(|one| (word(one.action), &one.target)).collect();
    site.decided.clone_from(&site.config.decided);
    for (action, _) in about {
        *site.decided.entry(action).or_default() += 1;
    }
    for decision in ledger.in_force() {
        take(decision, &ledger, &mut decided, &mut wishes, report);
    }
    if decided.withhold.contains(&Id::from(EVERYWHERE)) {
        return Err(Error::new(
            "words are to be blacked out everywhere, and which these are is not known here",
            format!("file: {}/private/decisions.jsonl", site.folder.display()),
            "put it back from a backup of the content folder; or undo the decision (`circlekeep decide undo everywhere`) and decide it again",
        ));
    }
    if wishes.pseudonyms.is_empty() && wishes.spans.is_empty() && wishes.dropped.is_empty() {
        return Ok(decided);
    }
    let (members, media) = known(site, &wishes)?;
    let language = site.config.language;
    site.veil = Veil::new(&wishes, &members, &media, language, ledger.key).ok_or_else(|| {
        Error::new(
            "members have pseudonyms, and the key from which these are made is not there",
            format!("file: {}/private/pseudonym.key", site.folder.display()),
            "put it back from a backup of the content folder; or decide `pseudonymise` again, which makes a new key and new pseudonyms for all",
        )
    })?;
    site.aliases.extend(site.veil.members().clone());
    let own = Veil::clone(&site.veil);
    let config = &mut site.config;
    for text in [&mut config.about, &mut config.rules, &mut config.tagline].into_iter().flatten() {
        *text = own.markdown(text).trim().to_owned();
    }
    config.name = own.line(&[], &config.name);
    config.platform = config.platform.as_deref().map(|text| own.line(&[], text));
    for milestone in &mut config.timetable {
        milestone.text = own.line(&[], &milestone.text);
    }
    if config.live.is_none() {
        // A live circle's API uses this id; for an archive it is only a name.
        config.id = own.line(&[], &config.id).to_lowercase().replace(BAR, "x");
    }
    Ok(decided)
}

fn take(decision: &Decision, ledger: &Ledger, decided: &mut Decisions, wishes: &mut Wishes, report: &mut Report) {
    let target = decision.target.clone();
    let secret = ledger.secrets.get(&decision.id);
    match decision.action {
        Action::Publish => {
            decided.withhold.remove(&target);
            if decision.span.as_deref() == Some(circle_content::archive::made::WITH_COMMENTS) {
                decided.with_comments.insert(target.clone());
            }
            decided.publish.insert(target);
        }
        Action::Hide => {
            decided.publish.remove(&target);
            decided.withhold.insert(target);
        }
        Action::DropMedia => {
            decided.withhold.insert(target.clone());
            wishes.dropped.insert(target);
        }
        Action::Pseudonymise => {
            wishes.pseudonyms.push((target, secret.map(|secret| secret.names.clone()).unwrap_or_default()));
        }
        Action::RedactSpan => match span(decision, secret) {
            Some(span) => {
                wishes.spans.entry(target).or_default().insert(span);
            }
            None => {
                report.problem(
                    format!("archive/decisions.jsonl: {}", decision.id),
                    "what this decision blacks out is not known here, so all of its target is left out to be safe",
                    format!("copy content/private/decisions.jsonl too; or decide `redact {target} --text …` again"),
                );
                decided.publish.remove(&target);
                decided.withhold.insert(target);
            }
        },
    }
}

/// The key of a decision in the words of pages.
fn word(action: Action) -> &'static str {
    match action {
        Action::Hide => "hide",
        Action::Pseudonymise => "pseudonymise",
        Action::RedactSpan => "redact",
        Action::DropMedia => "drop",
        Action::Publish => "publish",
    }
}

/// The text that a decision redacts.
fn span(decision: &Decision, secret: Option<&Secret>) -> Option<Span> {
    let span = decision.span.as_deref()?;
    if let Some(pattern) = span.strip_prefix("pattern:") {
        return circle_html::privacy::pattern(pattern).map(Span::Facts);
    }
    let text = match span.strip_prefix(PRIVATE_SPAN) {
        Some(_) => secret?.span.clone()?,
        // Written by hand.
        None => span.to_owned(),
    };
    (!text.trim().is_empty()).then_some(Span::Text(text))
}

/// All members as they are, and the dropped media. A member must be known to be told apart from others.
fn known(site: &mut Site, wishes: &Wishes) -> Result<(Vec<Member>, Vec<Media>)> {
    let (mut members, mut media) = (Vec::new(), Vec::new());
    let mut keep = |record: Record| match record {
        Record::Member(member) => members.push(*member),
        Record::Media(medium) if wishes.dropped.contains(&medium.id) => media.push(*medium),
        _ => {}
    };
    // Problems of a line are reported when it is read later.
    let mut unheard = Report::default();
    for kind in [RecordKind::Member, RecordKind::Media] {
        super::each(site, kind, &mut unheard, |_, record, _, _| keep(record))?;
    }
    if !(wishes.pseudonyms.is_empty() && wishes.dropped.is_empty()) {
        let files = site.input.entries().iter().map(|entry| &entry.path);
        for path in files.filter(|path| path.starts_with("posts/") && circle_content::posts::is_post(path)) {
            circle_content::posts::read_post(&site.input, path, &site.options).records.into_iter().for_each(&mut keep);
        }
    }
    Ok((members, media))
}

/// True if a post's id was made from data that is hidden now, so that anybody could verify a guess.
pub(super) fn tells(site: &Site, post: &Post, public: &Post, place: &Place) -> bool {
    let path = match place {
        Place::File(path) => site.veil.line(&[&post.id], path) != *path,
        Place::Line(_) => false,
    };
    let hides = |id: &Option<Id>| id.as_ref().is_some_and(|id| site.veil.hides(id));
    let changed = post.body != public.body || post.title != public.title;
    path || (post.weak_id && (changed || hides(&post.author) || hides(&public.author)))
}

/// Updates ids that changed after other records had referred to them.
pub(super) fn finish(site: &mut Site) {
    if site.veil.is_empty() {
        return;
    }
    let veil = Veil::clone(&site.veil);
    let likes: BTreeMap<Id, u64> =
        std::mem::take(&mut site.likes).into_iter().map(|(id, n)| (veil.id(&id), n)).collect();
    site.likes = likes;
    for comment in &mut site.comments {
        comment.id = veil.id(&comment.id);
        comment.post = veil.id(&comment.post);
        comment.parent = comment.parent.as_ref().map(|id| veil.id(id));
        comment.media = comment.media.iter().map(|id| veil.id(id)).collect();
    }
    for post in &mut site.posts {
        post.reply_to = post.reply_to.as_ref().map(|id| veil.id(id));
    }
    // The name of a picture is part of the post that shows it.
    let shown = site.posts.iter().map(|post| (&post.id, &post.media));
    let said = site.comments.iter().map(|comment| (&comment.id, &comment.media));
    for (public, media) in shown.chain(said) {
        let id = veil.original(public).unwrap_or(public);
        for medium in media.iter().filter(|_| veil.blacks_out(id)) {
            site.media_about.entry(medium.clone()).or_default().push(id.clone());
            if let Some(record) = site.media.get_mut(medium) {
                veil.medium_of(id, record);
            }
        }
    }
    for event in &mut site.events {
        event.target = event.target.as_ref().map(|id| veil.id(id));
    }
    for member in site.members.values_mut() {
        member.avatar = member.avatar.as_ref().map(|id| veil.id(id));
    }
    for circle in &mut site.circles {
        circle.cover = circle.cover.as_ref().map(|id| veil.id(id));
    }
}
