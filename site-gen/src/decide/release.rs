//! Moves withheld records into the archive, and back. Both go through the gate and the archive's own merging. So email addresses
//! and the like are removed as in an import, and nothing is lost if the disk is full.

use std::{collections::BTreeSet, path::Path};

use circle_model::{
    archive::{Comment, Media, Post, Record, RecordKind, Visibility},
    id::Id,
};

use circle_content::{
    Result,
    archive::{self, Archive, Mode, opened::Chosen, private},
    gate::Gate,
    report::{Exclusion, Report},
    sink::Sink,
};

/// Moves a withheld post or comment into the archive, with its pictures and its author and, on request, with the comments below
/// it and their reactions. Returns what was moved.
pub(super) fn publish(content: &Path, target: &Id, with_comments: bool, report: &mut Report) -> Result<Vec<String>> {
    let below = all(content, BTreeSet::from([target.clone()]), with_comments, None, report)?;
    let Some(below) = below else { return Ok(Vec::new()) };
    let mut notes = vec!["it was withheld, and is in the archive now".to_owned()];
    match (with_comments, below) {
        (_, 0) => {}
        (true, n) => notes.push(format!("{n} comments below it came with it")),
        (false, n) => notes.push(format!("{n} comments below it stay withheld; `--with-comments` publishes them too")),
    }
    Ok(notes)
}

/// Moves these posts and comments. Returns the number of comments below them, or `None` if none of them was withheld. With
/// `opened_for`, records of unknown audience become visible to the circle, by a decision on that import.
pub(super) fn all(
    content: &Path,
    targets: BTreeSet<Id>,
    with_comments: bool,
    opened_for: Option<&Id>,
    report: &mut Report,
) -> Result<Option<u64>> {
    let withheld = private::withheld(content)?;
    let mut wanted = targets.clone();
    let mut below = 0_u64;
    for (reason, record) in &withheld {
        if let Record::Comment(comment) = record
            && targets.contains(&comment.post)
            && reason == Exclusion::ParentExcluded.as_str()
        {
            below += 1;
            if with_comments {
                wanted.insert(comment.id.clone());
            }
        }
    }
    let is_wanted = |record: &Record| match record {
        Record::Post(_) | Record::Comment(_) => wanted.contains(record.id()),
        Record::Reaction(reaction) => with_comments && wanted.contains(&reaction.target),
        _ => false,
    };
    let chosen: Vec<&Record> = withheld.iter().map(|(_, record)| record).filter(|record| is_wanted(record)).collect();
    if chosen.is_empty() {
        return Ok(None);
    }
    let (mut people, mut pictures) = (BTreeSet::new(), BTreeSet::new());
    for record in &chosen {
        match record {
            Record::Post(post) => {
                people.extend(post.author.clone());
                pictures.extend(post.media.iter().map(|used| used.media.clone()));
                pictures.extend(post.link.iter().filter_map(|card| card.image.clone()));
            }
            Record::Comment(comment) => {
                people.extend(comment.author.iter().chain(&comment.reply_to_member).cloned());
                pictures.extend(comment.media.iter().map(|used| used.media.clone()));
            }
            Record::Reaction(reaction) => people.extend(reaction.member.clone()),
            _ => {}
        }
    }
    for (_, record) in &withheld {
        if let Record::Member(member) = record
            && people.contains(&member.id)
        {
            pictures.extend(member.avatar.clone());
        }
    }
    let mut archive = Archive::open(content, Mode::Write)?;
    let publish = if opened_for.is_some() { BTreeSet::new() } else { wanted.clone() };
    let mut gate = Gate::new(&mut archive, publish).with_comments_of(targets);
    if let Some(import) = opened_for {
        gate = gate.with_unknown_as(Visibility::Circle, Chosen::All(import.clone()));
    }
    let mut files = Vec::new();
    for wave in [RecordKind::Member, RecordKind::Media, RecordKind::Post, RecordKind::Comment, RecordKind::Reaction] {
        for (_, record) in withheld.iter().filter(|(_, record)| record.kind() == wave) {
            let beside = match record {
                Record::Member(member) => people.contains(&member.id),
                Record::Media(medium) => pictures.contains(&medium.id),
                _ => false,
            };
            if !beside && !is_wanted(record) {
                continue;
            }
            if let Record::Media(medium) = record {
                files.extend(file_of(medium));
            }
            gate.push(record.clone())?;
        }
    }
    gate.finish()?;
    for file in files {
        private::bring_back(content, &file)?;
    }
    archive.finish(report)?;
    Ok(Some(below))
}

fn file_of(medium: &Media) -> Option<String> {
    medium.file.clone().filter(|file| !file.starts_with("../"))
}

/// Withholds records that are in the archive only because of a decision to publish. Returns what was moved.
pub(super) fn withdraw(content: &Path, target: &Id, report: &mut Report) -> Result<Vec<String>> {
    let mut back: Vec<(Exclusion, Record)> = Vec::new();
    let path = |kind: RecordKind| content.join("archive").join(format!("{}.jsonl", kind.file_stem()));
    each(&path(RecordKind::Post), RecordKind::Post, |record| {
        if let Record::Post(post) = &record
            && post.id == *target
            && let Some(why) = circle_content::audience::of_post(post)
        {
            back.push((why, record));
        }
    })?;
    let post_goes = !back.is_empty();
    let mut gone = BTreeSet::from([target.clone()]);
    each(&path(RecordKind::Comment), RecordKind::Comment, |record| {
        let Record::Comment(comment) = &record else { return };
        if post_goes && comment.post == *target {
            gone.insert(comment.id.clone());
            back.push((Exclusion::ParentExcluded, record));
        } else if comment.id == *target
            && let Some(why) = of_comment(comment)
        {
            back.push((why, record));
        }
    })?;
    if back.is_empty() {
        return Ok(Vec::new());
    }
    each(&path(RecordKind::Reaction), RecordKind::Reaction, |record| {
        if let Record::Reaction(reaction) = &record
            && gone.contains(&reaction.target)
        {
            back.push((Exclusion::ParentExcluded, record));
        }
    })?;
    let count = back.len();
    let mut archive = Archive::open(content, Mode::Write)?;
    for (why, record) in back {
        archive.withhold(why, record)?;
    }
    archive.finish(report)?;
    Ok(vec![format!("{count} records went back to {}", content.join(private::FOLDER).display())])
}

fn of_comment(comment: &Comment) -> Option<Exclusion> {
    let as_post = Post {
        visibility: comment.visibility.unwrap_or(Visibility::Circle),
        flags: circle_model::archive::PostFlags {
            deleted: comment.flags.deleted,
            hidden: comment.flags.hidden,
            ..Default::default()
        },
        ..Post::default()
    };
    circle_content::audience::of_post(&as_post)
}

fn each(path: &Path, kind: RecordKind, mut take: impl FnMut(Record)) -> Result<()> {
    archive::for_each_line(path, &mut Report::default(), |_, line| {
        take(kind.parse(line).map_err(|error| error.to_string())?);
        Ok(())
    })
}
