//! `circlekeep export`: writes live comments as canonical records, into `content/archive` or as one stream.
//!
//! The API's data takes precedence for records that the API made: an edit there changes the archive, and a deletion there empties
//! the record in the archive. Records of the archive that this database does not have stay as they are, so that a wrong `--db`
//! does not delete any comment.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;
use circle_api::{
    CircleConfig,
    export::{Exported, SOURCE, export},
    store::{Create, Store},
};
use circle_content::{
    archive::{Archive, Mode, for_each_line},
    phrase::fill,
    report::Report,
    sink::Sink as _,
};
use circle_model::{
    archive::{Comment, CommentFlags, Counts, HEADER, Member, Record, RecordKind, Role, Text},
    id::Id,
    time::Time,
};
use serde_json::json;

use super::live::{Which, block_on};

/// Save new comments into the archive before the next build
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    which: Which,
    /// Write one stream of records to this file (`-`: standard output) and leave the archive alone
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(crate) fn run(args: Args, json: bool) -> anyhow::Result<ExitCode> {
    block_on(async {
        let (store, circle) = args.which.open(Create::Never).await?;
        match &args.out {
            Some(path) if path.as_os_str() == "-" => {
                stream(&store, &circle, std::io::stdout().lock()).await?;
            }
            Some(path) => {
                let file = File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
                let records = stream(&store, &circle, BufWriter::new(&file)).await?;
                file.sync_all().with_context(|| format!("cannot write {}", path.display()))?;
                say(
                    json,
                    &circle,
                    json!({ "records": records, "out": path }),
                    &format!("{records} records in {}.", path.display()),
                );
            }
            None => merge(&store, &circle, &args.which.content, json).await?,
        }
        store.close().await;
        Ok(ExitCode::SUCCESS)
    })
}

/// One JSON object per line, with its kind first, for `import` and `jq`.
async fn stream(store: &Store, circle: &CircleConfig, mut out: impl Write) -> anyhow::Result<u64> {
    let mut records = 0;
    writeln!(out, "{HEADER}")?;
    export(store, circle, |exported| {
        if let Exported::Is(record) = exported {
            writeln!(out, "{}", record.to_line().map_err(Failed::from)?).map_err(Failed::from)?;
            records += 1;
        }
        Ok::<_, Failed>(())
    })
    .await?;
    out.flush()?;
    Ok(records)
}

async fn merge(store: &Store, circle: &CircleConfig, content: &Path, json: bool) -> anyhow::Result<()> {
    let mut report = Report::default();
    let mut known = ours(content, circle, &mut report)?;
    let mut archive = Archive::open(content, Mode::Write)?;
    let (mut comments, mut members, mut emptied) = (0_u64, 0_u64, 0_u64);
    export(store, circle, |exported| {
        let record = match exported {
            Exported::Is(record) => {
                known.remove(&(record.kind(), record.id().clone()));
                match record.kind() {
                    RecordKind::Member => members += 1,
                    _ => comments += 1,
                }
                Some(record)
            }
            Exported::Gone { kind, id } => known.remove(&(kind, id)).map(|old| {
                emptied += 1;
                without_content(old)
            }),
        };
        record.map_or(Ok(()), |record| archive.push(record)).map_err(Failed::from)
    })
    .await?;
    let merged = archive.finish(&mut report)?;
    if !known.is_empty() {
        eprintln!(
            "note: {} records of the archive came from another database of {}; they stay as they are",
            known.len(),
            circle.id
        );
    }
    let summary = json!({
        "comments": comments, "members": members, "added": merged.added, "changed": merged.changed,
        "unchanged": merged.unchanged, "emptied": emptied, "unknown": known.len(),
    });
    let words = fill(
        "Saved {} comment[s] by {} member[s]: {} new, {} changed, {} unchanged. Run `circlekeep build` to show them.",
        [comments, members, merged.added, merged.changed, merged.unchanged],
    );
    say(json, circle, summary, &words);
    Ok(())
}

/// The archive's records from this circle's API.
fn ours(
    content: &Path,
    circle: &CircleConfig,
    report: &mut Report,
) -> anyhow::Result<BTreeMap<(RecordKind, Id), Record>> {
    let place = format!("circles/{}", circle.id);
    let mut found = BTreeMap::new();
    for kind in [RecordKind::Member, RecordKind::Comment] {
        let path = content.join("archive").join(format!("{}.jsonl", kind.file_stem()));
        for_each_line(&path, report, |_, line| {
            let record = kind.parse(line).map_err(|error| error.to_string())?;
            let source = match &record {
                Record::Member(member) => &member.src,
                Record::Comment(comment) => &comment.src,
                _ => return Ok(()),
            };
            if source.source == SOURCE && source.file.as_deref() == Some(place.as_str()) {
                found.insert((kind, record.id().clone()), record);
            }
            Ok(())
        })?;
    }
    Ok(found)
}

/// A record whose content was deleted. Its id and its place stay, so that references to it still work.
fn without_content(record: Record) -> Record {
    match record {
        Record::Comment(old) => Record::Comment(Box::new(Comment {
            author: None,
            reply_to_member: None,
            edited: None,
            body: Text::default(),
            media: Vec::new(),
            flags: CommentFlags { deleted: true, hidden: true, ..CommentFlags::default() },
            counts: Counts::default(),
            ..*old
        })),
        Record::Member(old) => Record::Member(Box::new(Member {
            id: old.id,
            role: Role::Deleted,
            // Explicitly unknown, because merging keeps fields that a new record does not have.
            joined: Some(Time::default()),
            src: old.src,
            ..Member::default()
        })),
        other => other,
    }
}

fn say(json: bool, circle: &CircleConfig, mut summary: serde_json::Value, words: &str) {
    if !json {
        println!("{words}");
        return;
    }
    if let Some(summary) = summary.as_object_mut() {
        summary.insert("command".to_owned(), "export".into());
        summary.insert("circle".to_owned(), circle.id.clone().into());
    }
    println!("{summary}");
}

/// Errors during an export.
#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error(transparent)]
    Store(#[from] circle_api::store::StoreError),
    #[error(transparent)]
    Site(#[from] circle_content::Error),
    #[error("the records cannot be written: {0}")]
    Write(#[from] std::io::Error),
    #[error("a record cannot be written: {0}")]
    Json(#[from] serde_json::Error),
}
