//! A topic: talk, question with its answer, task or solution; with its pictures and files, comments, likes and rewards.

use circle_model::{
    archive::{
        Card, Comment, CommentFlags, CommentKind, Count, Counts, Event, EventKind, MediaRole, MediaState, MediaUse,
        Post, PostFlags, PostKind, Reaction, Record, Text, Visibility,
    },
    id::Id,
};
use serde_json::Value;

use super::{
    super::super::{files::Wanted, json::Fields as _},
    Reading, SOURCE, expired, index, rich, unsigned, verbatim,
};
use circle_content::{
    Result,
    report::{Part, Report},
};
use circle_content::{dates, ident, sink::Sink};

/// The maximum depth of nested replies. Deeper ones count as replies to the last level.
const DEEPEST: usize = 32;

/// The fields of a member's number.
pub(super) const USER: &[&str] = &["user_uid", "user_id", "uid"];

/// Pushes a topic with everything that belongs to it.
pub(super) fn push(reading: &mut Reading<'_>, topic: &Value, report: &mut Report, sink: &mut dyn Sink) -> Result<()> {
    let key = reading.index.key(topic);
    let id = ident::id(SOURCE, "post", &key.text);
    let group = reading.group(topic.at("group"), report, sink)?;
    let (kind, part) = part_of(reading, topic);
    let anonymous = part.flag("anonymous") || topic.flag("anonymous");
    let author = if anonymous {
        hide(reading, part, topic, &key.text);
        reading.count("questions were asked anonymously; who asked is not kept");
        None
    } else {
        writer(reading, part, topic, sink)?
    };
    let mut post = Post {
        id: id.clone(),
        author: author.clone(),
        created: reading.time(topic.word("create_time"), &key.text, report),
        kind,
        visibility: Visibility::Circle,
        weak_id: key.weak,
        src: reading.src(Some(&key.text).filter(|_| !key.weak).map(String::as_str)),
        ..Post::default()
    };
    let changed = topic.word("modify_time").map(|changed| reading.time(Some(changed), &key.text, report));
    post.edited = dates::edit(changed, &post.created);
    let text = [part, topic].into_iter().find_map(|at| at.text("text").or(at.text("content")));
    let body = text_of(reading, text.unwrap_or_default());
    post.tags = body.tags;
    titled(&mut post, topic, part, &body.plain);
    post.body = Text::html(match article_text(part, topic) {
        Some(text) if body.html.trim().is_empty() => text.to_owned(),
        Some(text) => format!("{}\n{text}", body.html),
        None => body.html,
    });
    post.media = media(reading, part, topic, sink)?;
    voice(reading, topic, &mut post.media, sink)?;
    post.flags = PostFlags {
        pinned: topic.flag("sticky"),
        digest: topic.flag("digested"),
        partial: is_partial(reading, topic, &key.text),
        ..PostFlags::default()
    };
    if is_elsewhere(part, topic) {
        report.lose(Part::TextElsewhere, 1, key.text.as_str());
        post.flags.partial = true;
    }
    post.counts = counts(topic);
    post.space = space(reading, topic, part, group.as_deref());
    if kind == PostKind::Solution {
        let task = part.id(&["task_uid", "task_id"]).or_else(|| topic.id(&["task_uid", "task_id", "task.task_id"]));
        post.reply_to = task.map(|task| ident::id(SOURCE, "post", &reading.index.mend(task)));
    }
    for name in ["annotation", "tourist_likes_count", "silenced"] {
        let value = topic.at(name);
        if topic.flag(name) || topic.text(name).is_some() {
            post.extra.extend(verbatim(name, value));
        }
    }
    if group.is_none() && topic.text("group.name").is_some() {
        reading.count("topics name a group without its number");
    }
    let asked = reading.people.mentioned(
        part.id(&["questionee.user_uid", "questionee.user_id"]).as_deref(),
        part.text("questionee.name").unwrap_or_default(),
    );
    if let Some(asked) = &asked {
        post.extra.extend(verbatim("questionee", &Value::from(asked.as_str())));
    }
    reading.posts.insert(key.text.clone(), (id.clone(), author.clone()));
    let created = post.created.clone();
    let checked_in = checkin(topic, part).is_some();
    sink.push(Record::Post(Box::new(post)))?;
    answer(reading, topic, &key.text, &id, sink, report)?;
    comments(reading, &key.text, topic, report, sink)?;
    reactions(reading, topic, &key.text, &id, report, sink)?;
    if checked_in && !anonymous {
        sink.push(Record::Event(Box::new(Event {
            id: ident::id(SOURCE, "event", &format!("checkin of {}", key.text)),
            kind: EventKind::Checkin,
            at: created,
            member: author,
            target: Some(id),
            src: reading.src(Some(&key.text)),
            ..Event::default()
        })))?;
    }
    Ok(())
}

/// The kind of a topic, and the object with its text. A topic of an unknown type keeps its text.
fn part_of<'v>(reading: &mut Reading<'_>, topic: &'v Value) -> (PostKind, &'v Value) {
    let said = topic.text("type").unwrap_or_default();
    let (kind, name) = match said {
        "talk" => (PostKind::Note, "talk"),
        "q&a" | "question" => (PostKind::Question, "question"),
        "task" => (PostKind::Task, "task"),
        "solution" => (PostKind::Solution, "solution"),
        other => {
            let found = [
                (PostKind::Note, "talk"),
                (PostKind::Question, "question"),
                (PostKind::Task, "task"),
                (PostKind::Solution, "solution"),
            ]
            .into_iter()
            .find(|(_, name)| topic.at(name).is_object());
            if !other.is_empty() && found.is_none() {
                let other: String = other.chars().take(40).collect();
                reading.count(&format!("topics are of the unknown type `{other}`; what text they have was kept"));
            }
            found.unwrap_or((PostKind::Note, said))
        }
    };
    let part = topic.at(name);
    let part = if part.is_object() && !name.is_empty() { part } else { topic };
    let kind = if kind == PostKind::Note && part.at("article").is_object() { PostKind::Article } else { kind };
    (kind, part)
}

/// Notes who must not be named in this topic: an anonymous asker has no name in its comments and likes, either.
fn hide(reading: &mut Reading<'_>, part: &Value, topic: &Value, key: &str) {
    let owners = [part.at("owner"), part.at("author"), topic.at("owner"), topic.at("author")];
    if let Some(asker) = owners.into_iter().find_map(|owner| owner.id(USER)) {
        reading.hidden.insert(key.to_owned(), ident::id(SOURCE, "member", &asker));
    }
}

/// True for the anonymous asker of the topic `key`.
fn is_hidden(reading: &Reading<'_>, key: &str, owner: &Value) -> bool {
    reading
        .hidden
        .get(key)
        .is_some_and(|asker| owner.id(USER).is_some_and(|user| ident::id(SOURCE, "member", &user) == *asker))
}

fn writer(reading: &mut Reading<'_>, part: &Value, topic: &Value, sink: &mut dyn Sink) -> Result<Option<Id>> {
    for owner in [part.at("owner"), part.at("author"), topic.at("owner"), topic.at("author")] {
        if let Some(name) = owner.as_str() {
            return Ok(reading.people.named(name));
        }
        if let Some(id) = reading.person(owner, sink)? {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

fn text_of(reading: &mut Reading<'_>, text: &str) -> rich::Rich {
    let rich = rich::read(text);
    for (id, name) in &rich.mentions {
        reading.people.mentioned(id.as_deref(), name);
    }
    for kind in &rich.unknown {
        let kind: String = kind.chars().take(40).collect();
        reading.count(&format!("pieces of text are of the unknown type `{kind}`; their words were kept"));
    }
    rich
}

/// An article has a title. Other topics have as title the shortened beginning of their text; it is used only if the text does not begin
/// that way.
fn titled(post: &mut Post, topic: &Value, part: &Value, plain: &str) {
    let article = [part.at("article"), topic.at("article")].into_iter().find(|article| article.is_object());
    if let Some(article) = article {
        let title = article.text("title").map(|title| title.trim().to_owned());
        post.title = title.clone();
        let url = article.text("article_url").or(article.text("inline_article_url")).map(str::to_owned);
        post.link = Some(Card { url, title, ..Card::default() });
        return;
    }
    let Some(title) = topic.text("title") else { return };
    let title = rich::read(title).plain;
    let words = |text: &str| text.split_whitespace().collect::<String>();
    let begins = title.trim().trim_end_matches(['.', '…']);
    if !words(plain).starts_with(&words(begins)) {
        post.title = Some(title.trim().to_owned());
    }
}

/// The text of an article as HTML, if the export has it.
fn article_text<'v>(part: &'v Value, topic: &'v Value) -> Option<&'v str> {
    let articles = [part.at("article"), topic.at("article")];
    articles.into_iter().find_map(|article| ["content", "html", "text"].iter().find_map(|field| article.text(field)))
}

/// True for an article of which the platform gave only the title and the address: its text is a page of its own.
fn is_elsewhere(part: &Value, topic: &Value) -> bool {
    let has_address = |article: &Value| article.text("article_url").or(article.text("inline_article_url")).is_some();
    [part.at("article"), topic.at("article")].into_iter().any(has_address) && article_text(part, topic).is_none()
}

fn counts(topic: &Value) -> Counts {
    let count = |paths: &[&str]| paths.iter().find_map(|path| topic.number(path)).map(Count::exactly);
    Counts {
        like: count(&["likes_count", "counts.likes"]),
        comment: count(&["comments_count", "counts.comments"]),
        read: count(&["reading_count", "readers_count", "counts.readers"]),
        reward: count(&["rewards_count", "counts.rewards"]).filter(|count| count.value != Some(0)),
        ..Counts::default()
    }
}

/// True, and counted, if the platform states more comments than the export has.
fn is_partial(reading: &mut Reading<'_>, topic: &Value, key: &str) -> bool {
    let said = topic.number("comments_count").or(topic.number("counts.comments")).unwrap_or(0);
    let partial = said > reading.index.comments_on(key);
    if partial {
        reading
            .count("topics have more comments than the export holds; the platform shows only a preview in its lists");
    }
    partial
}

fn checkin<'v>(topic: &'v Value, part: &'v Value) -> Option<(String, &'v str)> {
    [part, topic].into_iter().find_map(|at| {
        let id = at.id(&["checkin_uid", "checkin_id", "checkin.checkin_uid", "checkin.checkin_id"])?;
        Some((id, at.text("checkin.name").unwrap_or_default()))
    })
}

/// The check-in or column of a topic: stated by it, or by the folder of its page.
fn space(reading: &mut Reading<'_>, topic: &Value, part: &Value, group: Option<&str>) -> Option<Id> {
    if let Some((key, name)) = checkin(topic, part) {
        return Some(reading.space(&key, name, group));
    }
    let columns = topic.list("columns").first();
    for column in columns.into_iter().chain([topic.at("column")]) {
        if let Some(key) = column.id(&["column_uid", "column_id"]) {
            return Some(reading.space(&key, column.text("name").unwrap_or_default(), group));
        }
    }
    let path = reading.path.clone();
    if let Some(column) = path.split(|c: char| !c.is_ascii_digit()).find(|number| reading.spaces.contains_key(*number))
    {
        return Some(reading.space(column, "", group));
    }
    // If there are several groups, each is a space, to tell them apart in one archive.
    let group = group.filter(|_| reading.index.is_mixed())?;
    let name = reading.groups.get(group).map(|circle| circle.name.clone()).unwrap_or_default();
    Some(reading.board(group, &name))
}

fn media(reading: &mut Reading<'_>, part: &Value, topic: &Value, sink: &mut dyn Sink) -> Result<Vec<MediaUse>> {
    let mut uses = Vec::new();
    let same = std::ptr::eq(part, topic);
    for at in [Some(part), (!same).then_some(topic)].into_iter().flatten() {
        for image in at.list("images") {
            uses.extend(picture(reading, image, sink)?);
        }
        for file in at.list("files") {
            uses.extend(attachment(reading, file, "files", sink)?);
        }
    }
    for (order, used) in uses.iter_mut().enumerate() {
        used.order = u32::try_from(order).unwrap_or(u32::MAX);
    }
    Ok(uses)
}

fn picture(reading: &mut Reading<'_>, image: &Value, sink: &mut dyn Sink) -> Result<Option<MediaUse>> {
    let size =
        ["original", "large", "thumbnail"].into_iter().map(|size| image.at(size)).find(|s| s.text("url").is_some());
    let url = size.and_then(|size| size.text("url")).or(image.text("url")).or(image.as_str());
    let id = image.id(&["image_uid", "image_id"]);
    let name = image.text("filename").or(image.text("file_name"));
    let bytes = size.and_then(|size| size.number("size"));
    let names = [name, image.text("path"), id.as_deref(), url];
    let names: Vec<&str> = names.into_iter().flatten().collect();
    if names.is_empty() {
        return Ok(None);
    }
    let file = reading.shelf.find(&names, bytes, &reading.path);
    let wanted = Wanted {
        // People who saved pictures named them by this id.
        file: file.or(id.as_deref()).or(name),
        name: name.filter(|_| file.is_none()),
        remote: url.map(unsigned),
        role: MediaRole::Gallery,
        absent: url.and_then(expired),
        ..Wanted::default()
    };
    reading.files.take(&wanted, sink).map(Some)
}

fn attachment(reading: &mut Reading<'_>, file: &Value, what: &str, sink: &mut dyn Sink) -> Result<Option<MediaUse>> {
    let id = file.id(&["file_uid", "file_id"]);
    let name = file.text("name").or(file.text("filename"));
    let names: Vec<&str> = [file.text("path"), name, id.as_deref()].into_iter().flatten().collect();
    if names.is_empty() {
        return Ok(None);
    }
    let found = reading.shelf.find(&names, file.number("size"), &reading.path);
    // Two files of the same name are two files, as long as both are missing.
    let nowhere = format!("{what}/{}/{}", id.as_deref().unwrap_or_default(), name.unwrap_or_default());
    let wanted = Wanted {
        file: Some(found.unwrap_or(&nowhere)),
        name,
        role: MediaRole::Attachment,
        absent: Some((
            MediaState::Skipped,
            "the platform hands a file out only on request, and the export holds no more than its name",
        )),
        ..Wanted::default()
    };
    reading.files.take(&wanted, sink).map(Some)
}

/// The voice message of a topic.
fn voice(reading: &mut Reading<'_>, topic: &Value, uses: &mut Vec<MediaUse>, sink: &mut dyn Sink) -> Result<()> {
    let voice = topic.at("content_voice");
    if !voice.is_object() {
        return Ok(());
    }
    if let Some(mut used) = attachment(reading, voice, "voices", sink)? {
        used.alt = voice.number("duration").map(|seconds| format!("语音 {seconds} 秒"));
        used.order = u32::try_from(uses.len()).unwrap_or(u32::MAX);
        uses.push(used);
    }
    Ok(())
}

/// The answer to a question, as its accepted comment.
fn answer(
    reading: &mut Reading<'_>,
    topic: &Value,
    key: &str,
    post: &Id,
    sink: &mut dyn Sink,
    report: &mut Report,
) -> Result<()> {
    let answer = topic.at("answer");
    if !answer.is_object() || answer.as_object().is_some_and(serde_json::Map::is_empty) {
        return Ok(());
    }
    let author = writer(reading, answer, &Value::Null, sink)?;
    let body = text_of(reading, answer.text("text").or(answer.text("content")).unwrap_or_default());
    let media = media(reading, answer, answer, sink)?;
    let created = reading.time(answer.word("create_time"), key, report);
    sink.push(Record::Comment(Box::new(Comment {
        id: ident::id(SOURCE, "comment", &format!("answer to {key}")),
        post: post.clone(),
        author,
        created,
        body: Text::html(body.html),
        media,
        // Before all comments, which are sorted by time.
        order: Some(0),
        kind: CommentKind::Answer,
        flags: CommentFlags { accepted: true, ..CommentFlags::default() },
        src: reading.src(None),
        ..Comment::default()
    })))
}

/// The comments in a topic, without those that were already pushed.
pub(super) fn comments(
    reading: &mut Reading<'_>,
    key: &str,
    topic: &Value,
    report: &mut Report,
    sink: &mut dyn Sink,
) -> Result<()> {
    for list in ["show_comments", "comments"] {
        for value in topic.list(list) {
            comment(reading, key, value, None, report, sink)?;
        }
    }
    Ok(())
}

/// A comment on the topic `key`, and its replies.
pub(super) fn comment(
    reading: &mut Reading<'_>,
    key: &str,
    value: &Value,
    inside: Option<(&Id, usize)>,
    report: &mut Report,
    sink: &mut dyn Sink,
) -> Result<()> {
    if !value.is_object() || value.as_object().is_some_and(serde_json::Map::is_empty) {
        let help = "look at the topic's comments; all others were read";
        report.problem(format!("{}: comments on {key}", reading.path), "a comment is empty", help);
        return Ok(());
    }
    let Some((post, asker)) = reading.posts.get(key).cloned() else { return Ok(()) };
    let own = index::comment_key(value);
    // A comment without id is identified by its topic and content.
    let id = if own.weak { format!("{key}\n{}", own.text) } else { own.text.clone() };
    let id = ident::id(SOURCE, "comment", &id);
    if reading.comments.insert(id.clone()) {
        let nameless = ["owner", "author"].iter().any(|field| is_hidden(reading, key, value.at(field)));
        let author = if nameless { None } else { writer(reading, value, &Value::Null, sink)? };
        let body = text_of(reading, value.text("text").or(value.text("content")).unwrap_or_default());
        let media = media(reading, value, value, sink)?;
        let answered = value.at("repliee");
        let reply_to_member = if is_hidden(reading, key, answered) {
            None
        } else {
            reading.people.mentioned(answered.id(USER).as_deref(), answered.text("name").unwrap_or_default())
        };
        let parent = value.id(&["parent_comment_uid", "parent_comment_id"]).filter(|parent| parent != "0");
        let parent =
            parent.map(|parent| ident::id(SOURCE, "comment", &parent)).or_else(|| inside.map(|(id, _)| id.clone()));
        let count = |path: &str| value.number(path).filter(|count| *count > 0).map(Count::exactly);
        let comment = Comment {
            id: id.clone(),
            post,
            parent,
            reply_to_member,
            // Nothing marks the asker of an anonymous question.
            flags: CommentFlags {
                pinned: value.flag("sticky"),
                by_author: author.is_some() && author == asker,
                ..CommentFlags::default()
            },
            author,
            created: reading.time(value.word("create_time"), &own.text, report),
            body: Text::html(body.html),
            media,
            counts: Counts {
                like: count("likes_count"),
                comment: count("replies_count"),
                reward: count("rewards_count"),
                ..Counts::default()
            },
            weak_id: own.weak,
            src: reading.src(Some(own.text.as_str()).filter(|_| !own.weak)),
            ..Comment::default()
        };
        sink.push(Record::Comment(Box::new(comment)))?;
    }
    let depth = inside.map_or(0, |(_, depth)| depth);
    for list in ["replied_comments", "replies"] {
        for answer in value.list(list) {
            if depth < DEEPEST {
                self::comment(reading, key, answer, Some((&id, depth + 1)), report, sink)?;
            } else {
                report.problem(
                    format!("{}: comments on {key}", reading.path),
                    format!("an answer lies more than {DEEPEST} answers deep and was not read"),
                    "look at the topic's comments; all others were read",
                );
            }
        }
    }
    Ok(())
}

/// Likes (lists have only the newest ten), emoji by number, and rewards without their amounts.
fn reactions(
    reading: &mut Reading<'_>,
    topic: &Value,
    key: &str,
    post: &Id,
    report: &mut Report,
    sink: &mut dyn Sink,
) -> Result<()> {
    let likes = topic.list("latest_likes");
    let complete = topic.number("likes_count").is_some_and(|count| count <= likes.len() as u64);
    for like in likes {
        if is_hidden(reading, key, like.at("owner")) {
            continue;
        }
        let Some(member) = reading.person(like.at("owner"), sink)? else { continue };
        let at = like.word("create_time").map(|at| reading.time(Some(at), key, report));
        sink.push(Record::Reaction(Box::new(Reaction {
            id: ident::id(SOURCE, "reaction", &format!("{key} like {member}")),
            target: post.clone(),
            kind: "like".to_owned(),
            member: Some(member),
            at,
            complete,
            src: reading.src(None),
            ..Reaction::default()
        })))?;
    }
    for emoji in topic.list("likes_detail.emojis") {
        let (Some(name), Some(count)) = (emoji.text("emoji_key"), emoji.number("likes_count")) else { continue };
        sink.push(Record::Reaction(Box::new(Reaction {
            id: ident::id(SOURCE, "reaction", &format!("{key} emoji {name}")),
            target: post.clone(),
            kind: format!("emoji:{name}"),
            count: Some(count),
            complete: true,
            src: reading.src(None),
            ..Reaction::default()
        })))?;
    }
    let rewards = topic.list("rewards");
    let complete = topic.number("rewards_count").is_some_and(|count| count <= rewards.len() as u64);
    for reward in rewards {
        reading.count("rewards were read without their amounts");
        let owner = reward.at("owner");
        let member = if is_hidden(reading, key, owner) { None } else { reading.person(owner, sink)? };
        let when = reward.word("create_time");
        let who = member.as_ref().map_or("", |member| member.as_str());
        sink.push(Record::Reaction(Box::new(Reaction {
            id: ident::id(SOURCE, "reaction", &format!("{key} reward {who} {}", when.as_deref().unwrap_or_default())),
            target: post.clone(),
            kind: "reward".to_owned(),
            at: when.map(|at| reading.time(Some(at), key, report)),
            member,
            complete,
            src: reading.src(None),
            ..Reaction::default()
        })))?;
    }
    Ok(())
}
