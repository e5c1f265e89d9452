//! Lists withheld records by import and reason, and publishes whole sets of them: those of unknown audience.
//!
//! Other records (direct messages, private posts, drafts, deleted and hidden ones) can only be published one by one.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use circle_model::{
    archive::{Comment, Post, Record, Visibility},
    id::Id,
    time::Time,
};

use super::release;
use circle_content::{
    Error, Result,
    archive::{Archive, decisions, for_each_line, made::of_set, opened, private},
    report::{Exclusion, Report},
    sink::Sink as _,
};

/// The number of sample lines of a group, and below their length in characters.
const SAMPLES: usize = 20;
const SAMPLE: usize = 40;

/// The withheld records of one import with one reason.
#[derive(Clone, Debug, Default)]
pub struct WithheldGroup {
    /// The import; empty if it is unknown.
    pub import: Id,
    /// The reason.
    pub reason: String,
    /// The number of posts.
    pub posts: u64,
    /// The number of comments.
    pub comments: u64,
    /// The ids and first words of the first records.
    pub samples: Vec<(Id, String)>,
}

/// A set that was published.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The import.
    pub import: Id,
    /// The number of posts and comments of unknown audience.
    pub records: u64,
    /// The number of comments below these posts that were published with them.
    pub below: u64,
}

/// All withheld records.
///
/// # Errors
/// When it cannot be read.
pub fn withheld(content: &Path) -> Result<Vec<WithheldGroup>> {
    if !content.is_dir() {
        return Err(circle_content::no_content(content));
    }
    let mut groups: BTreeMap<(Id, String), WithheldGroup> = BTreeMap::new();
    for (reason, record) in private::withheld(content)? {
        let (import, words, is_post) = match &record {
            Record::Post(post) => (&post.src.import, post.title.as_ref().unwrap_or(&post.body.source), true),
            Record::Comment(comment) => (&comment.src.import, &comment.body.source, false),
            _ => continue,
        };
        let import = import.clone().unwrap_or_default();
        let group = groups.entry((import.clone(), reason.clone())).or_insert_with(|| WithheldGroup {
            import,
            reason,
            ..WithheldGroup::default()
        });
        *if is_post { &mut group.posts } else { &mut group.comments } += 1;
        let words: String = words.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(SAMPLE).collect();
        if group.samples.len() < SAMPLES && !words.is_empty() {
            group.samples.push((record.id().clone(), words));
        }
    }
    Ok(groups.into_values().collect())
}

/// Publishes posts and comments of unknown audience, of one import or of all, as visible to the circle, with the comments that
/// are withheld only because of their post. Each of these imports gets a decision.
///
/// # Errors
/// When there are none, or a file cannot be read or written.
pub fn publish_unknown(
    content: &Path,
    import: Option<&str>,
    (reason, by): (Option<String>, Option<String>),
    at: &Time,
    report: &mut Report,
) -> Result<Vec<Opened>> {
    let mut sets: BTreeMap<Id, BTreeSet<Id>> = BTreeMap::new();
    for (why, record) in private::withheld(content)? {
        let from = match &record {
            Record::Post(post) => post.src.import.clone(),
            Record::Comment(comment) => comment.src.import.clone(),
            _ => continue,
        };
        let from = from.unwrap_or_default();
        if why == Exclusion::Unknown.as_str() && import.is_none_or(|import| import == from.as_str()) {
            sets.entry(from).or_default().insert(record.id().clone());
        }
    }
    if sets.is_empty() {
        return Err(Error::new(
            "nothing of unknown audience is withheld",
            import.map_or_else(|| "all imports".to_owned(), |import| format!("import: {import}")),
            "`circlekeep decide list --withheld` shows what is withheld, by import and reason",
        ));
    }
    let mut ledger = decisions::read(content, report)?;
    for import in sets.keys().filter(|import| !import.is_empty()) {
        let decision = super::Decision { reason: reason.clone(), by: by.clone(), ..of_set(import, at.clone()) };
        ledger.decisions.retain(|other| other.id != decision.id);
        ledger.decisions.push(decision);
    }
    decisions::write(content, &ledger)?;
    let mut done = Vec::new();
    for (import, ids) in sets {
        let records = ids.len() as u64;
        let below = release::all(content, ids, true, Some(&import), report)?.unwrap_or_default();
        done.push(Opened { import, records, below });
    }
    Ok(done)
}

/// Withholds records that are in the archive only because of a decision on this import. Returns their number.
pub(super) fn withdraw(content: &Path, import: &Id, report: &mut Report) -> Result<Vec<String>> {
    let mut marked = BTreeSet::new();
    opened::each(content, |by, id| {
        if by == *import {
            marked.insert(id.clone());
        }
    })?;
    let folder = content.join("archive");
    let mut back: Vec<(Exclusion, Record)> = Vec::new();
    let mut gone: BTreeSet<Id> = BTreeSet::new();
    for_each_line(&folder.join("posts.jsonl"), &mut Report::default(), |_, line| {
        let mut post: Post = serde_json::from_str(line).map_err(|error| error.to_string())?;
        if marked.contains(&post.id) {
            post.visibility = Visibility::Unknown;
            post.extra.remove(opened::MARK);
            gone.insert(post.id.clone());
            back.push((Exclusion::Unknown, Record::Post(Box::new(post))));
        }
        Ok(())
    })?;
    for_each_line(&folder.join("comments.jsonl"), &mut Report::default(), |_, line| {
        let mut comment: Comment = serde_json::from_str(line).map_err(|error| error.to_string())?;
        if gone.contains(&comment.post) {
            gone.insert(comment.id.clone());
            back.push((Exclusion::ParentExcluded, Record::Comment(Box::new(comment))));
        } else if marked.contains(&comment.id) {
            comment.visibility = Some(Visibility::Unknown);
            comment.extra.remove(opened::MARK);
            gone.insert(comment.id.clone());
            back.push((Exclusion::Unknown, Record::Comment(Box::new(comment))));
        }
        Ok(())
    })?;
    if back.is_empty() {
        return Ok(Vec::new());
    }
    for_each_line(&folder.join("reactions.jsonl"), &mut Report::default(), |_, line| {
        let record = circle_model::archive::RecordKind::Reaction.parse(line).map_err(|error| error.to_string())?;
        if let Record::Reaction(reaction) = &record
            && gone.contains(&reaction.target)
        {
            back.push((Exclusion::ParentExcluded, record));
        }
        Ok(())
    })?;
    let count = back.len();
    let mut archive = Archive::open(content, circle_content::archive::Mode::Write)?;
    for (why, record) in back {
        archive.withhold(why, record)?;
    }
    archive.finish(report)?;
    Ok(vec![format!("{count} records went back to {}", content.join(private::FOLDER).display())])
}
