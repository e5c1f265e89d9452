//! 说说, 日志, 日记 and 留言, and the comments on them.

use circle_model::{
    archive::{
        Comment, CommentFlags, Count, Counts, MediaRole, MediaUse, Post, PostFlags, PostKind, Quote, Reaction, Record,
        SpaceKind, Text, Visibility,
    },
    id::Id,
};
use data_encoding::BASE64;
use serde_json::Value;

use super::{
    super::super::{files::Wanted, json::Fields as _},
    Reading, SOURCE, text,
};
use circle_content::{Result, dates, report::Report};
use circle_content::{ident, sink::Sink};

/// The maximum depth of nested comments. Deeper ones count as replies to the last level.
const DEEPEST: usize = 8;

/// A 说说.
pub(super) fn message(reading: &mut Reading<'_>, item: &Value, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
    let raw = item.text("custom_content").or(item.text("content")).unwrap_or_default();
    let uin = item.id(&["uin"]).or_else(|| reading.owner.clone());
    let key = item.id(&["tid"]).unwrap_or_default();
    let weak = key.is_empty();
    let said = item.word("created_time").unwrap_or_default();
    let key = if weak { format!("{}\n{said}\n{}", uin.as_deref().unwrap_or_default(), normal(raw)) } else { key };
    let id = ident::id(SOURCE, "post", &key);
    if !reading.seen.insert(id.clone()) {
        return Ok(());
    }
    let visibility = seen_by(reading, item);
    reading.private = !visibility.is_published();
    let name = item.text("name").or(item.text("nickname")).unwrap_or_default().to_owned();
    let author = reading.person(uin.as_deref(), &name);
    let body = spoken(reading, raw);
    let mut media = Vec::new();
    pictures(reading, first_list(item, &["custom_images", "pic"]), &mut media, sink)?;
    for (lists, words) in [
        (&["custom_videos", "video"][..], "视频"),
        (&["custom_voices", "voice"], "语音"),
        (&["custom_audios", "audio"], "音乐"),
        (&["custom_magics", "magic"], "动画表情"),
    ] {
        let from = media.len();
        pictures(reading, first_list(item, lists), &mut media, sink)?;
        for used in media.iter_mut().skip(from) {
            used.role = if words == "动画表情" { MediaRole::Gallery } else { MediaRole::Attachment };
            used.alt.get_or_insert_with(|| words.to_owned());
        }
    }
    let quoted = item.text("rt_con.content").or(item.text("rt_con")).map(str::to_owned);
    let quote = match quoted {
        None if item.text("rt_tid").is_none() => None,
        quoted => {
            let of = item.id(&["rt_uin"]);
            let of = reading.mentioned(of.as_deref(), item.text("rt_uinname").unwrap_or_default());
            let text = spoken(reading, quoted.as_deref().unwrap_or_default());
            Some(Quote { author: of, text: Some(Text::html(text.html)), ..Quote::default() })
        }
    };
    let list = first_list(item, &["custom_comments", "commentlist"]);
    let said_comments = item.number("commenttotal").or(item.number("cmtnum"));
    let created = reading
        .time(item.word("created_time").filter(|time| time != "0").or_else(|| item.word("custom_create_time")), report);
    let edited = item.word("lastmodify").filter(|time| time != "0").map(|time| reading.time(Some(time), report));
    let mut post = Post {
        id: id.clone(),
        author,
        edited: dates::edit(edited, &created),
        created,
        body: Text::html(body.html),
        media,
        tags: body.tags,
        kind: if quote.is_some() { PostKind::Share } else { PostKind::Note },
        quote,
        visibility,
        flags: PostFlags { pinned: item.flag("istop"), ..PostFlags::default() },
        counts: Counts {
            comment: said_comments.map(Count::exactly),
            like: item.number("likeTotal").map(Count::exactly),
            share: item.number("rt_sum").map(Count::exactly),
            read: item.number("custom_visitor.viewCount").map(Count::exactly),
            ..Counts::default()
        },
        weak_id: weak,
        src: reading.src(Some(&key).filter(|_| !weak).map(String::as_str)),
        ..Post::default()
    };
    post.flags.partial = said_comments.unwrap_or(0) > all(list, &["list_3", "replies"]);
    if let Some(place) = item.text("lbs.name").or(item.text("lbs.idname")) {
        let value = serde_json::value::RawValue::from_string(Value::from(place).to_string());
        post.extra.extend(value.ok().map(|value| ("place".to_owned(), circle_model::archive::Verbatim(value))));
    }
    if post.flags.partial {
        reading.count("items have more comments than the export holds");
    }
    sink.push(Record::Post(Box::new(post)))?;
    comments(reading, &id, list, sink, report)?;
    likes(reading, &id, item, sink)
}

/// A 日志, or a 日记, which only its author sees.
pub(super) fn blog(
    reading: &mut Reading<'_>,
    item: &Value,
    diary: bool,
    sink: &mut dyn Sink,
    report: &mut Report,
) -> Result<()> {
    let Some(number) = item.id(&["blogid", "blogId"]) else { return Ok(()) };
    let key = reading.own(if diary { "diary" } else { "blog" }, &number);
    let id = ident::id(SOURCE, "post", &key);
    if !reading.seen.insert(id.clone()) {
        return Ok(());
    }
    let visibility = if diary { Visibility::Private } else { seen_by(reading, item) };
    reading.private = !visibility.is_published();
    let html = item.text("custom_html").or(item.text("html")).or(item.text("custom_content")).or(item.text("content"));
    let mut mentions = Vec::new();
    let html = text::in_html(&unpacked(html.unwrap_or_default()), &mut mentions);
    for (uin, name) in mentions {
        reading.mentioned(Some(&uin), &name);
    }
    let body = Text::html(html);
    let media = shown(reading, &body.source, sink)?;
    let category =
        item.text("category").or(item.text("cate")).map(|name| (format!("category {name}"), name.to_owned()));
    let author = reading.owner();
    let list = first_list(item, &["comments", "custom_comments"]);
    let said = item.number("replynum").or(item.number("commentNum"));
    let created = reading.time(item.word("pubtime").or_else(|| item.word("pubTime")), report);
    let edited = item.word("lastmodifytime").filter(|time| time != "0").map(|time| reading.time(Some(time), report));
    let post = Post {
        id: id.clone(),
        author,
        edited: dates::edit(edited, &created),
        created,
        title: item.text("title").map(|title| title.trim().to_owned()),
        body,
        media,
        space: category.map(|(key, name)| reading.space(&reading.own("category", &key), &name, SpaceKind::Category)),
        kind: PostKind::Article,
        visibility,
        flags: PostFlags { partial: said.unwrap_or(0) > all(list, &["replies"]), ..PostFlags::default() },
        counts: Counts {
            comment: said.map(Count::exactly),
            read: item.number("readnum").or(item.number("custom_visitor.viewCount")).map(Count::exactly),
            like: item.number("likeTotal").map(Count::exactly),
            ..Counts::default()
        },
        src: reading.src(Some(&number)),
        ..Post::default()
    };
    if post.flags.partial {
        reading.count("items have more comments than the export holds");
    }
    sink.push(Record::Post(Box::new(post)))?;
    comments(reading, &id, list, sink, report)?;
    likes(reading, &id, item, sink)
}

/// A 留言 on the owner's board, with its replies.
pub(super) fn board(reading: &mut Reading<'_>, item: &Value, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
    let html = item.text("htmlContent").or(item.text("ubbContent")).unwrap_or_default();
    let uin = item.id(&["uin"]);
    let said = item.word("pubtime").unwrap_or_default();
    let number = item.id(&["id", "msgid"]);
    let key = match &number {
        Some(number) => reading.own("board", number),
        None => reading.own("board", &format!("{}\n{said}\n{}", uin.as_deref().unwrap_or_default(), normal(html))),
    };
    let id = ident::id(SOURCE, "post", &key);
    if !reading.seen.insert(id.clone()) {
        return Ok(());
    }
    let visibility = if item.flag("secret") { Visibility::Private } else { reading.options.default_visibility };
    reading.private = !visibility.is_published();
    let mut mentions = Vec::new();
    let body = Text::html(text::in_html(html, &mut mentions));
    for (uin, name) in mentions {
        reading.mentioned(Some(&uin), &name);
    }
    let media = shown(reading, &body.source, sink)?;
    let name = item.text("nickname").or(item.text("nick")).unwrap_or_default();
    // The tool writes 神秘者 for everybody whose name is hidden.
    let author = if name == "神秘者" && uin.as_deref().is_none_or(|uin| uin == "0") {
        None
    } else {
        reading.person(uin.as_deref(), name)
    };
    let post = Post {
        id: id.clone(),
        author,
        created: reading.time(Some(said).filter(|said| !said.is_empty()), report),
        body,
        media,
        space: Some(reading.space(&reading.own("board", ""), "留言板", SpaceKind::Board)),
        visibility,
        weak_id: number.is_none(),
        src: reading.src(number.as_deref()),
        ..Post::default()
    };
    sink.push(Record::Post(Box::new(post)))?;
    comments(reading, &id, item.list("replyList"), sink, report)
}

/// Comments with their replies, which have other field names in each module.
pub(super) fn comments(
    reading: &mut Reading<'_>,
    post: &Id,
    list: &[Value],
    sink: &mut dyn Sink,
    report: &mut Report,
) -> Result<()> {
    for value in list {
        comment(reading, post, value, None, sink, report)?;
    }
    Ok(())
}

fn comment(
    reading: &mut Reading<'_>,
    post: &Id,
    value: &Value,
    inside: Option<(&str, &Id, usize)>,
    sink: &mut dyn Sink,
    report: &mut Report,
) -> Result<()> {
    if !value.is_object() {
        report.problem(reading.place(), "a comment is no object and was not read", "look at the comments in the file");
        return Ok(());
    }
    let uin = value.id(&["uin", "poster.id", "poster.uin"]);
    let name = value.text("name").or(value.text("poster.name")).or(value.text("nick")).or(value.text("nickname"));
    let raw = value.text("content").or(value.text("htmlContent")).unwrap_or_default();
    let when = ["create_time", "postTime", "posttime", "time", "createTime2", "createTime", "pubtime"]
        .iter()
        .find_map(|field| value.word(field).filter(|time| time != "0"));
    let number = value.id(&["tid", "id", "commentid"]);
    // Ids count within the item, and those of replies within their comment.
    let outer = inside.map_or(String::new(), |(outer, _, _)| outer.to_owned());
    let content =
        || format!("{}\n{}\n{}", uin.as_deref().unwrap_or_default(), when.as_deref().unwrap_or_default(), normal(raw));
    let own = format!("{outer}/{}", number.clone().unwrap_or_else(content));
    let id = ident::id(SOURCE, "comment", &format!("{post}{own}"));
    if reading.seen.insert(id.clone()) {
        let author = reading.person(uin.as_deref(), name.unwrap_or_default());
        let secret = value.flag("private") || value.flag("secret");
        let around = reading.private;
        reading.private |= secret;
        let body = spoken(reading, raw);
        reading.private = around;
        let mut media = Vec::new();
        pictures(reading, first_list(value, &["custom_images", "pic", "rich_info"]), &mut media, sink)?;
        let created = reading.time(when, report);
        let is_owner = author.is_some() && uin.is_some() && uin == reading.owner;
        sink.push(Record::Comment(Box::new(Comment {
            id: id.clone(),
            post: post.clone(),
            parent: inside.map(|(_, parent, _)| parent.clone()),
            author,
            created,
            body: Text::html(body.html),
            media,
            visibility: secret.then_some(Visibility::Private),
            flags: CommentFlags { by_author: is_owner, ..CommentFlags::default() },
            weak_id: number.is_none(),
            src: reading.src(None),
            ..Comment::default()
        })))?;
    }
    let depth = inside.map_or(0, |(_, _, depth)| depth);
    for answer in ["list_3", "replies", "replyList"].iter().flat_map(|list| value.list(list)) {
        if depth < DEEPEST {
            comment(reading, post, answer, Some((&own, &id, depth + 1)), sink, report)?;
        } else {
            report.problem(
                reading.place(),
                "an answer lies too deep in others and was not read",
                "look at its comments",
            );
        }
    }
    Ok(())
}

fn likes(reading: &mut Reading<'_>, post: &Id, item: &Value, sink: &mut dyn Sink) -> Result<()> {
    let likes = item.list("likes");
    let complete = item.number("likeTotal").is_none_or(|total| total <= likes.len() as u64);
    for like in likes {
        let uin = like.id(&["fuin", "uin"]);
        let Some(member) = reading.person(uin.as_deref(), like.text("nick").or(like.text("name")).unwrap_or_default())
        else {
            continue;
        };
        sink.push(Record::Reaction(Box::new(Reaction {
            id: ident::id(SOURCE, "reaction", &format!("{post} like {member}")),
            target: post.clone(),
            kind: "like".to_owned(),
            member: Some(member),
            complete,
            src: reading.src(None),
            ..Reaction::default()
        })))?;
    }
    Ok(())
}

/// Who could see an item. `secret`: the author. `right`: 1 is everybody, 64 the author, any other number only some friends; without it (or
/// with 0) the default applies.
pub(super) fn seen_by(reading: &Reading<'_>, item: &Value) -> Visibility {
    if item.flag("secret") {
        return Visibility::Private;
    }
    let right = ["right", "rights", "priv", "ugc_right"].iter().find_map(|field| item.word(field));
    match right.as_deref().map(str::trim) {
        None | Some("" | "0") => reading.options.default_visibility,
        Some("1") => Visibility::Public,
        Some("64") => Visibility::Private,
        Some(_) => Visibility::Followers,
    }
}

/// Adds the pictures, videos or audio of a list.
pub(super) fn pictures(
    reading: &mut Reading<'_>,
    list: &[Value],
    uses: &mut Vec<MediaUse>,
    sink: &mut dyn Sink,
) -> Result<()> {
    for value in list {
        let path = value.text("custom_filepath").or(value.text("custom_filename"));
        let urls = ["custom_url", "url3", "url2", "url1", "o_url", "hd_url", "b_url", "url", "pic_url", "s_url"];
        let remote = urls.iter().find_map(|field| value.text(field)).filter(|url| url.contains("//"));
        let remote = remote.map(|url| if url.starts_with("//") { format!("https:{url}") } else { url.to_owned() });
        let names: Vec<&str> =
            [path, path.and_then(|path| path.rsplit_once('.')).map(|(stem, _)| stem)].into_iter().flatten().collect();
        if names.is_empty() && remote.is_none() {
            continue;
        }
        let found = reading.shelf.find(&names, None, &reading.path);
        let name = value.text("name").map(str::to_owned);
        let wanted = Wanted {
            file: found.or(path),
            remote: remote.as_deref(),
            name: name.as_deref(),
            role: MediaRole::Gallery,
            alt: value.text("desc").or(value.text("name")).map(str::to_owned),
            ..Wanted::default()
        };
        let mut used = reading.files.take(&wanted, sink)?;
        used.order = u32::try_from(uses.len()).unwrap_or(u32::MAX);
        uses.push(used);
    }
    Ok(())
}

/// The pictures in HTML. The tool's path `images/x.jpg` is in the folder that users merge by hand, so the name is searched everywhere.
fn shown(reading: &mut Reading<'_>, html: &str, sink: &mut dyn Sink) -> Result<Vec<MediaUse>> {
    let mut uses: Vec<MediaUse> = Vec::new();
    for address in circle_html::document::addresses(html) {
        let reference = address.address.as_str();
        if address.link || uses.iter().any(|known| known.reference.as_deref() == Some(reference)) {
            continue;
        }
        let remote = Some(reference).filter(|reference| reference.contains("//"));
        let stem = reference.rsplit_once('.').map(|(stem, _)| stem);
        let names: Vec<&str> = [Some(reference), stem].into_iter().flatten().collect();
        let found = if remote.is_some() { None } else { reading.shelf.find(&names, None, &reading.path) };
        let wanted = Wanted {
            file: found.or(remote.is_none().then_some(reference)),
            remote,
            reference: Some(reference),
            alt: address.alt.clone(),
            ..Wanted::default()
        };
        let mut used = reading.files.take(&wanted, sink)?;
        used.order = u32::try_from(uses.len()).unwrap_or(u32::MAX);
        uses.push(used);
    }
    Ok(uses)
}

fn spoken(reading: &mut Reading<'_>, raw: &str) -> text::Spoken {
    let spoken = text::read(raw);
    for (uin, name) in &spoken.mentions {
        reading.mentioned(Some(uin), name);
    }
    spoken
}

/// The first of these lists that is not empty. The tool repeats the platform's lists under names of its own.
pub(super) fn first_list<'v>(value: &'v Value, names: &[&str]) -> &'v [Value] {
    names.iter().map(|name| value.list(name)).find(|list| !list.is_empty()).unwrap_or_default()
}

/// The number of comments and replies.
fn all(list: &[Value], inner: &[&str]) -> u64 {
    list.iter().map(|value| 1 + inner.iter().map(|name| value.list(name).len() as u64).sum::<u64>()).sum()
}

/// HTML, in Base64 or plain.
fn unpacked(html: &str) -> String {
    let packed = html.trim();
    let is_packed = packed.len() >= 8
        && packed.len().is_multiple_of(4)
        && packed.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='));
    let decoded = is_packed.then(|| BASE64.decode(packed.as_bytes()).ok()).flatten();
    decoded.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_else(|| html.to_owned())
}

fn normal(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
