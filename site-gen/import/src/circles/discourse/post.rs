//! Posts of a forum: the first of a topic is the post, all others are comments.

use circle_model::archive::{
    Comment, CommentFlags, CommentKind, Count, Counts, Event, EventKind, Post, PostFlags, Reaction, Record, Text,
    TitleFrom, Visibility,
};
use circle_model::id::Id;
use serde_json::Value;

use super::{super::super::json::Fields as _, Reading, SOURCE, cooked};
use circle_content::{Result, report::Report};
use circle_content::{dates, ident, sink::Sink};

/// `post_type` of messages of the program: closed, pinned, invited.
const SMALL_ACTION: u64 = 3;
/// `post_type` of posts for the staff only.
const WHISPER: u64 = 4;
/// `actions_summary` of likes.
const LIKE: u64 = 2;

/// The id of a topic's post.
pub(super) fn topic_id(reading: &Reading<'_>, topic: u64) -> Id {
    ident::id(SOURCE, "post", &reading.key(&topic.to_string()))
}

/// The id of a comment.
pub(super) fn comment_id(reading: &Reading<'_>, topic: u64, number: u64) -> Id {
    ident::id(SOURCE, "comment", &reading.key(&format!("{topic}/{number}")))
}

/// A post with everything that its topic says, without its text.
pub(super) fn frame(reading: &mut Reading<'_>, number: u64) -> Post {
    let id = topic_id(reading, number);
    let default = reading.options.default_visibility;
    let host = reading.host.clone();
    let (for_few, is_doubtful) = (for_few(reading, number), is_doubtful(reading, number));
    let Some(topic) = reading.topics.get_mut(&number) else { return Post { id, ..Post::default() } };
    topic.out = true;
    let facts = &topic.facts;
    let title = topic.title.as_deref().map(str::trim).filter(|title| !title.is_empty()).map(str::to_owned);
    let from_slug = topic.slug.clone().filter(|slug| title.is_none() && !slug.is_empty());
    let tags = facts.list("tags").iter().filter_map(|tag| tag.as_str().or_else(|| tag.text("name"))).map(str::to_owned);
    let post = Post {
        id,
        title_from: if from_slug.is_some() { TitleFrom::Derived } else { TitleFrom::Source },
        title: title.or(from_slug),
        tags: tags.collect(),
        visibility: match (for_few, is_doubtful) {
            (true, _) => Visibility::Direct,
            (false, true) => Visibility::Unknown,
            (false, false) => default,
        },
        flags: PostFlags {
            pinned: facts.flag("pinned") || facts.flag("pinned_globally"),
            locked: facts.flag("closed") || facts.flag("archived"),
            deleted: facts.word("deleted_at").is_some(),
            // Unlisted: only people with the link find it.
            hidden: facts.at("visible") == &Value::Bool(false),
            partial: topic.said > topic.here || !topic.has_first,
            ..PostFlags::default()
        },
        counts: Counts {
            comment: Some(topic.said).filter(|said| *said > 0).map(|said| Count::exactly(said - 1)),
            read: facts.number("views").map(Count::exactly),
            ..Counts::default()
        },
        url: host.map(|host| match &topic.slug {
            Some(slug) if !slug.is_empty() => format!("https://{host}/t/{slug}/{number}"),
            _ => format!("https://{host}/t/{number}"),
        }),
        ..Post::default()
    };
    let (category, partial) = (topic.category.clone(), topic.said > topic.here);
    if partial {
        reading.count("topics have more posts than the export holds");
    }
    let space = category.map(|category| reading.space(&category, &format!("分类 {category}")));
    Post { space, ..post }
}

/// True for a private conversation, and for a restricted category.
fn for_few(reading: &Reading<'_>, topic: u64) -> bool {
    reading.topics.get(&topic).is_some_and(|topic| {
        topic.direct || topic.category.as_ref().is_some_and(|category| reading.restricted.contains(category))
    })
}

/// True if the field that would state a restriction is missing.
fn is_doubtful(reading: &Reading<'_>, topic: u64) -> bool {
    reading.topics.get(&topic).is_some_and(|topic| {
        let is_known = topic.category.as_ref().is_some_and(|category| reading.categories.contains_key(category));
        topic.cut && !topic.is_whole || reading.categories_are_cut && !is_known
    })
}

/// Pushes the first post of a topic.
pub(super) fn topic(reading: &mut Reading<'_>, value: &Value, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
    let number = value.number("topic_id").unwrap_or(0);
    let mut post = frame(reading, number);
    let what = format!("topic {number}");
    post.author = reading.person(value, sink)?;
    post.created = reading.time(value.word("created_at"), &what, report);
    post.edited = dates::edit(edited(reading, value, &what, report), &post.created);
    post.flags.hidden |= value.flag("hidden");
    post.flags.deleted |= is_deleted(value);
    if value.number("post_type") == Some(WHISPER) {
        post.visibility = Visibility::Private;
    }
    reading.private = circle_content::audience::of_post(&post).is_some();
    post.body = text(reading, value);
    post.media = reading.files.in_text(&post.body, &reading.path.clone(), sink)?;
    post.counts.like = likes(value);
    post.src = reading.src(Some(number.to_string()));
    let id = post.id.clone();
    sink.push(Record::Post(Box::new(post)))?;
    reactions(reading, value, &id, sink)
}

/// Pushes the placeholder of a topic whose first post is missing.
pub(super) fn place(reading: &mut Reading<'_>, number: u64, sink: &mut dyn Sink) -> Result<()> {
    let mut post = frame(reading, number);
    post.flags.partial = true;
    if let Some(topic) = reading.topics.get(&number) {
        topic.file.clone_into(&mut reading.path);
    }
    post.src = reading.src(Some(number.to_string()));
    sink.push(Record::Post(Box::new(post)))
}

/// Pushes another post of a topic.
pub(super) fn comment(
    reading: &mut Reading<'_>,
    value: &Value,
    sink: &mut dyn Sink,
    report: &mut Report,
) -> Result<()> {
    let (Some(topic), Some(number)) = (value.number("topic_id"), value.number("post_number")) else { return Ok(()) };
    let what = format!("topic {topic}, post {number}");
    let (post, id) = (topic_id(reading, topic), comment_id(reading, topic, number));
    let author = reading.person(value, sink)?;
    let created = reading.time(value.word("created_at"), &what, report);
    let kind = value.number("post_type");
    reading.private = for_few(reading, topic) || kind == Some(WHISPER) || is_deleted(value) || value.flag("hidden");
    let body = text(reading, value);
    if kind == Some(SMALL_ACTION) {
        let action = value.text("action_code").unwrap_or("small action");
        let words = cooked::plain(&body.source);
        let words = if words.is_empty() { action.to_owned() } else { format!("{action}: {words}") };
        return sink.push(Record::Event(Box::new(Event {
            id: ident::id(SOURCE, "event", &reading.key(&format!("{topic}/{number}"))),
            kind: if action.starts_with("pinned") { EventKind::Pin } else { EventKind::Announce },
            at: created,
            member: author,
            target: Some(post),
            text: Some(Text::plain(words)),
            src: reading.src(Some(format!("{topic}/{number}"))),
        })));
    }
    let answered = value.number("reply_to_post_number");
    let reply_to_member = match value.text("reply_to_user.username") {
        Some(username) => reading.mentioned(username),
        None => None,
    };
    let media = reading.files.in_text(&body, &reading.path.clone(), sink)?;
    let accepted = value.flag("accepted_answer");
    let comment = Comment {
        id: id.clone(),
        post,
        // A reply to the first post is a reply to the topic.
        parent: answered.filter(|number| *number > 1).map(|number| comment_id(reading, topic, number)),
        reply_to_member,
        author,
        edited: dates::edit(edited(reading, value, &what, report), &created),
        created,
        body,
        media,
        order: Some(number),
        kind: if accepted { CommentKind::Answer } else { CommentKind::Comment },
        visibility: (kind == Some(WHISPER)).then_some(Visibility::Private),
        flags: CommentFlags {
            deleted: is_deleted(value),
            hidden: value.flag("hidden"),
            accepted,
            ..CommentFlags::default()
        },
        counts: Counts { like: likes(value), ..Counts::default() },
        src: reading.src(Some(format!("{topic}/{number}"))),
        ..Comment::default()
    };
    sink.push(Record::Comment(Box::new(comment)))?;
    reactions(reading, value, &id, sink)
}

fn is_deleted(value: &Value) -> bool {
    value.word("deleted_at").is_some() || value.flag("user_deleted")
}

/// The HTML, if there is any; it contains the forum's rendering of quotes and uploads. Otherwise the Markdown source.
pub(super) fn text(reading: &mut Reading<'_>, value: &Value) -> Text {
    let html = value.text("cooked").or(value.text("post_cooked"));
    let Some(html) = html else {
        return Text::markdown(value.text("raw").or(value.text("post_raw")).unwrap_or_default());
    };
    let cooked = cooked::read(html, reading.host.as_deref());
    for name in cooked.mentions {
        reading.mentioned(&name);
    }
    Text::html(cooked.html)
}

fn edited(reading: &Reading<'_>, value: &Value, what: &str, report: &mut Report) -> Option<circle_model::time::Time> {
    let changed = value.word("updated_at").filter(|changed| Some(changed) != value.word("created_at").as_ref())?;
    // The forum updates posts for reasons of its own; the version number shows whether the author edited the post.
    let again = value.number("version").is_none_or(|version| version > 1);
    again.then(|| reading.time(Some(changed), what, report))
}

fn likes(value: &Value) -> Option<Count> {
    let like = value.list("actions_summary").iter().find(|action| action.number("id") == Some(LIKE));
    like.and_then(|like| like.number("count")).or_else(|| value.number("like_count")).map(Count::exactly)
}

fn reactions(reading: &Reading<'_>, value: &Value, target: &Id, sink: &mut dyn Sink) -> Result<()> {
    for reaction in value.list("reactions") {
        let (Some(name), Some(count)) = (reaction.text("id"), reaction.number("count")) else { continue };
        sink.push(Record::Reaction(Box::new(Reaction {
            id: ident::id(SOURCE, "reaction", &format!("{target} {name}")),
            target: target.clone(),
            kind: format!("emoji:{name}"),
            count: Some(count),
            complete: true,
            src: reading.src(None),
            ..Reaction::default()
        })))?;
    }
    Ok(())
}
