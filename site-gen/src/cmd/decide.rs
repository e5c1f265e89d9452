//! `circlekeep decide`: makes, lists and undoes leaders' decisions about publishing.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use circle_content::{phrase::fill, report::Report};
use circle_model::{
    archive::Action,
    text::without_bidi,
    time::{Offset, Time, Utc, ZoneFrom},
};
use site_gen::decide::{self, Outcome, Request};

use super::{
    kept::next_build,
    ledger::confirmed,
    progress::{exit_code, tell, words},
    spoken::{one_word, say as said},
};

/// Hide, rename, redact or publish posts, comments and members
///
/// A TARGET is a page's address (posts/2021/05/x.html, members/….html, media/….jpg; with #c-… a comment), an id, or a member's
/// name. The archive keeps the originals; the next build applies what was decided, and so does every build after a new import.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
    /// The content folder
    #[arg(long, global = true, default_value = "content", value_name = "DIR")]
    content: PathBuf,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Hide posts, comments or members, and everything below them
    Hide(Common),
    /// Replace members' names with pseudonyms everywhere
    Pseudonymise(Common),
    /// Black out words in a post and its comments, or `everywhere`
    Redact {
        #[command(flatten)]
        common: Common,
        /// The words to black out; may be given more than once
        #[arg(long, value_name = "WORDS")]
        text: Vec<String>,
        /// A kind of private fact to black out: phone, email, ip or token; may be given more than once
        #[arg(long, value_name = "KIND")]
        pattern: Vec<String>,
    },
    /// Remove pictures or files wherever they are used
    DropMedia(Common),
    /// Publish posts or comments that were not published by rule: named ones, or all of an import of which nothing says who could see them
    Publish(Publish),
    /// List current decisions and what they affect
    List {
        /// Show what is not published instead, by import and reason
        #[arg(long)]
        withheld: bool,
    },
    /// Undo decisions by id, or all for a target
    Undo {
        /// Ids of decisions, or targets
        #[arg(required = true, value_name = "DECISION")]
        targets: Vec<String>,
    },
}

#[derive(Debug, clap::Args)]
struct Publish {
    /// What the decision is about
    #[arg(required_unless_present = "reason", value_name = "TARGET")]
    targets: Vec<String>,
    /// Publish the comments below the post too
    #[arg(long)]
    with_comments: bool,
    /// Without a TARGET: publish all that was withheld for this reason, which can only be `unknown`; with one: why
    #[arg(long, value_name = "REASON")]
    reason: Option<String>,
    /// Only what this import brought; `decide list --withheld` shows their ids
    #[arg(long, value_name = "ID", requires = "reason", conflicts_with = "targets")]
    import: Option<String>,
    /// Answer yes to the question, for scripts
    #[arg(long)]
    yes: bool,
    /// Why; kept with the decision, never published
    #[arg(long, value_name = "WORDS")]
    why: Option<String>,
    /// Who decided; kept with the decision, never published
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

#[derive(Debug, clap::Args)]
struct Common {
    /// A page's address (posts/2021/05/x.html; members/….html; media/….jpg; with #c-… a comment), an id, or a member's name
    #[arg(required = true, value_name = "TARGET")]
    targets: Vec<String>,
    /// Why; kept with the decision, never published
    #[arg(long, value_name = "WORDS")]
    reason: Option<String>,
    /// Who decided; kept with the decision, never published
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

pub(crate) fn run(args: Args, json: bool) -> anyhow::Result<ExitCode> {
    let now = Utc(jiff::Timestamp::now().as_millisecond());
    let at = Time::exact(now, Offset(0), ZoneFrom::Explicit);
    let mut report = Report::default();
    let request = |action: Action, common: Common| Request {
        action,
        targets: common.targets,
        reason: common.reason,
        by: common.by,
        at: at.clone(),
        ..Request::default()
    };
    let request = match args.what {
        What::Hide(common) => request(Action::Hide, common),
        What::Pseudonymise(common) => request(Action::Pseudonymise, common),
        What::DropMedia(common) => request(Action::DropMedia, common),
        What::Redact { common, text, pattern } => {
            Request { texts: text, patterns: pattern, ..request(Action::RedactSpan, common) }
        }
        What::Publish(args_of) if args_of.targets.is_empty() => {
            return publish_set(&args.content, args_of, &at, json);
        }
        What::Publish(Publish { targets, with_comments, reason, why, by, .. }) => {
            let common = Common { targets, reason: reason.or(why), by };
            Request { with_comments, ..request(Action::Publish, common) }
        }
        What::List { withheld: true } => return list_withheld(&args.content, json),
        What::List { withheld: false } => return list(&args.content, json),
        What::Undo { targets } => {
            let mut outcomes = Vec::new();
            for target in &targets {
                outcomes.extend(decide::undo(&args.content, target, &at, &mut report)?);
            }
            say(&args.content, &outcomes, "undone", json);
            return Ok(finish(&report, json));
        }
    };
    let outcomes = decide::decide(&args.content, &request, &mut report)?;
    say(&args.content, &outcomes, "decided", json);
    Ok(finish(&report, json))
}

fn say(content: &Path, outcomes: &[Outcome], done: &str, json: bool) {
    if json {
        let all: Vec<serde_json::Value> = outcomes
            .iter()
            .map(|one| {
                serde_json::json!({
                    "decision": one.decision.id, "action": one.action(), "target": one.decision.target,
                    "known": one.known, "notes": one.notes, "reach": one.reach,
                })
            })
            .collect();
        println!("{}", serde_json::json!({ "command": "decide", "done": done, "decisions": all }));
        return;
    }
    for one in outcomes {
        let done = if one.known { "decided already" } else { done };
        println!(
            "{done}: {} {} ({})",
            one_word("decision", one.action()),
            said(&without_bidi(&one.target)),
            one.decision.id
        );
        for note in &one.notes {
            println!("  {}", without_bidi(note));
        }
        match one.reach.filter(|_| done != "undone") {
            Some(reach) if reach.places > 0 => println!(
                "  {}",
                fill("it changes {} place[s]: {} post[s], {} comment[s]", [reach.places, reach.posts, reach.comments])
            ),
            Some(_) => println!(
                "  warning: no text of the archive holds this today, so nothing changes; look at how it is written there. The decision stays for what is imported later"
            ),
            None => {}
        }
    }
    let advice = match outcomes.first().map(|one| one.decision.action) {
        Some(Action::Hide | Action::DropMedia) => {
            "the next build no longer shows it in any page, feed or file, nor what is below it"
        }
        Some(Action::Pseudonymise) => "the next build uses the pseudonym everywhere; `circlekeep decide list` shows it",
        Some(Action::RedactSpan) => "the next build shows ███ instead, in pages, feeds, file names and data/",
        Some(Action::Publish) => "the next build publishes it",
        None => return,
    };
    println!("{}", if done == "undone" { "the next build shows it again" } else { advice });
    println!("next: run `{}`, and replace the old site folder with the new one", next_build(content));
    println!(
        "copies made earlier still show it: old zips and folders, Git history, search engines, live comments; remove it there by hand"
    );
}

fn list(content: &Path, json: bool) -> anyhow::Result<ExitCode> {
    let mut report = Report::default();
    let listed = decide::list(content, &mut report)?;
    if json {
        let all: Vec<serde_json::Value> = listed
            .iter()
            .map(|one| {
                serde_json::json!({
                    "decision": one.decision.id, "action": one.action(), "target": one.decision.target, "posts": one.posts,
                    "comments": one.comments, "detail": one.detail, "reason": one.decision.reason, "by": one.decision.by,
                    "at": one.decision.at.display(),
                })
            })
            .collect();
        println!("{}", serde_json::json!({ "command": "decide", "in_force": all }));
        return Ok(exit_code(&report.problems));
    }
    if listed.is_empty() {
        println!("no decisions are in force");
    }
    for one in &listed {
        let detail =
            one.detail.as_deref().map_or_else(String::new, |detail| format!(" → {}", one_word("decision", detail)));
        let (action, target) = (one_word("decision", one.action()), said(&without_bidi(&one.target)));
        println!("{}  {action} {target}{}", one.decision.id, without_bidi(&detail));
        println!("    {} posts, {} comments of the archive", one.posts, one.comments);
        let kept: Vec<&str> =
            [&one.decision.by, &one.decision.reason].into_iter().flatten().map(String::as_str).collect();
        if !kept.is_empty() {
            println!("    {}", without_bidi(&kept.join(": ")));
        }
    }
    Ok(finish(&report, json))
}

/// Publishes records of unknown audience, after asking.
fn publish_set(content: &Path, args: Publish, at: &Time, json: bool) -> anyhow::Result<ExitCode> {
    let reason = args.reason.as_deref().unwrap_or_default();
    if reason != "unknown" {
        return Err(circle_content::Error::new(
            format!("what was withheld as `{reason}` is not published as a set"),
            "option: --reason",
            "only `unknown` can be: name all others one by one (`circlekeep decide list --withheld` counts them)",
        )
        .into());
    }
    let words = words();
    let all = decide::withheld(content)?;
    let meant = |group: &&decide::WithheldGroup| {
        group.reason == "unknown" && args.import.as_deref().is_none_or(|import| import == group.import.as_str())
    };
    let posts: u64 = all.iter().filter(meant).map(|group| group.posts).sum();
    let comments: u64 = all.iter().filter(meant).map(|group| group.comments).sum();
    let counts: Vec<String> = [(posts, "unknown_posts"), (comments, "unknown_comments")]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, key)| words.fill(key, &count.to_string()))
        .collect();
    let question = words.fill("unknown_ask", &counts.join(words.get("list_comma")));
    if posts + comments > 0 && !args.yes && !confirmed(&question, "decide publish --reason")? {
        println!("nothing was decided");
        return Ok(ExitCode::SUCCESS);
    }
    let mut report = Report::default();
    let done = decide::publish_unknown(content, args.import.as_deref(), (args.why, args.by), at, &mut report)?;
    if json {
        let done: Vec<_> = done
            .iter()
            .map(|one| serde_json::json!({ "import": one.import, "records": one.records, "below": one.below }))
            .collect();
        println!("{}", serde_json::json!({ "command": "decide", "published": done }));
    } else {
        for one in &done {
            println!("decided: publish {} of import {}", one.records, one.import);
            if one.below > 0 {
                println!("  with {} comments below them", one.below);
            }
        }
        println!("next: {}", next_build(content));
    }
    Ok(finish(&report, json))
}

/// Lists withheld records by import and reason.
fn list_withheld(content: &Path, json: bool) -> anyhow::Result<ExitCode> {
    let groups = decide::withheld(content)?;
    if json {
        let groups: Vec<_> = groups
            .iter()
            .map(|group| {
                serde_json::json!({
                    "import": group.import, "reason": group.reason, "posts": group.posts, "comments": group.comments,
                    "first": group.samples.iter().map(|(id, words)| serde_json::json!({ "id": id, "words": words })).collect::<Vec<_>>(),
                })
            })
            .collect();
        println!("{}", serde_json::json!({ "command": "decide", "withheld": groups }));
        return Ok(ExitCode::SUCCESS);
    }
    if groups.is_empty() {
        println!("nothing is withheld");
    }
    let words = words();
    for group in &groups {
        let why = words.get(&format!("excluded_{}", group.reason)).to_owned();
        let counts: Vec<String> = [(group.posts, "unknown_posts"), (group.comments, "unknown_comments")]
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, key)| words.fill(key, &count.to_string()))
            .collect();
        println!("{}  {} ({why}): {}", group.import, group.reason, counts.join(words.get("list_comma")));
        for (id, sample) in &group.samples {
            println!("    {id}  {}", without_bidi(sample));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn finish(report: &Report, json: bool) -> ExitCode {
    if !json {
        tell(&report.problems);
    }
    exit_code(&report.problems)
}
