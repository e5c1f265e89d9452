//! The archive that Twitter (X) gives its members: `data/tweets.js` and similar files, each a script that assigns one list.
//!
//! 1. `account.js` and `profile.js` describe the member; `protected-history.js` says whether only followers could read.
//! 2. `twitter-circle-tweet.js` names the posts for selected people, which are also in `tweets.js` without a mark.
//! 3. `note-tweet.js` has the full text of long posts, of which the other files have only the beginning.
//! 4. Then `tweets.js` and its parts, `community-tweet.js` (communities were public), deleted posts, and private messages, each with its
//!    audience.

use std::collections::{BTreeMap, BTreeSet};

use circle_model::{
    archive::{
        Count, Counts, MediaRole, MediaUse, Name, NameKind, Post, PostFlags, PostKind, Quote, Record, Scope, Source,
        Text, Visibility,
    },
    id::Id,
};
use serde_json::Value;

use self::text::{Link, linked};
use super::{folder_of, head, name_of, when};
use crate::{
    Importer, Recognised,
    files::{Files, Wanted},
    json::{self, Fields as _},
    people::People,
};
use circle_content::{Result, dates, ident, input::Input, options::Options, report::Report, sink::Sink};
use circle_html::entities;

mod notes;
mod text;

const SOURCE: &str = "twitter";

/// A Twitter archive.
#[derive(Clone, Copy, Debug)]
pub(super) struct Twitter;

impl Importer for Twitter {
    fn name(&self) -> &'static str {
        "twitter"
    }

    fn about(&self) -> &'static str {
        "Twitter / X archive (推特): data/tweets.js, note-tweet.js, tweets_media"
    }

    fn extent(&self) -> crate::contract::Extent {
        crate::contract::Extent::Tree(&["data"])
    }

    fn recognise(&self, input: &Input) -> Recognised {
        let lists = input.entries().iter().map(|entry| entry.path.as_str()).filter(|path| part_of(path, "tweets"));
        for path in lists.chain(input.entries().iter().map(|e| e.path.as_str()).filter(|path| part_of(path, "tweet"))) {
            if head(input, path, 256).contains("window.YTD.tweet") {
                return Recognised::Yes(format!("{path} begins as the lists of a Twitter archive do"));
            }
        }
        Recognised::No("data/tweets.js")
    }

    fn import(&self, input: &Input, options: &Options, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        report.scope = Scope::OwnSlice;
        let mut export = Export {
            input,
            options,
            people: People::new(SOURCE),
            files: Files::new(input, options, SOURCE),
            media: media_by_post(input),
            author: None,
            handle: String::new(),
            protected: false,
            is_doubtful: false,
            chosen_few: BTreeSet::new(),
            notes: notes::Notes::default(),
            superseded: Vec::new(),
            seen: BTreeSet::new(),
            twice: 0,
        };
        export.read_account(sink, report)?;
        export.read_age(report);
        export.read_protection(report)?;
        let lists = |stem: &'static str| {
            input.entries().iter().map(|entry| entry.path.as_str()).filter(move |path| part_of(path, stem))
        };
        for path in lists("note-tweet") {
            json::items(input, path, &["[]"], report, |_, item, _| {
                export.notes.add(&item);
                Ok(())
            })?;
        }
        let before = report.problems.len();
        for path in lists("twitter-circle-tweet") {
            export.is_doubtful |= input.entries().iter().any(|entry| entry.path == path && entry.bytes == 0);
            json::items(input, path, &["[]"], report, |_, item, _| {
                export.chosen_few.extend(post_of(&item).id(&["id_str", "id"]));
                Ok(())
            })?;
        }
        export.is_doubtful |= report.problems.len() > before;
        if export.is_doubtful {
            report.note(
                "a file that says whom the account shows its posts to is damaged, so its posts are not published",
            );
        }
        let whole = ["tweets", "tweet", "community-tweet", "twitter-circle-tweet"].map(|stem| (stem, false));
        for (stem, deleted) in whole.into_iter().chain([("deleted-tweets", true)]) {
            for path in lists(stem) {
                json::items(input, path, &["[]"], report, |number, item, report| {
                    export.post(&format!("{path}: item {number}"), path, post_of(&item), deleted, sink, report)
                })?;
            }
        }
        export.earlier_versions(sink, report)?;
        for stem in ["direct-messages", "direct-messages-group"] {
            for path in lists(stem) {
                export.messages(path, sink, report)?;
            }
        }
        export.long_posts_alone(sink, report)?;
        export.say_what_was_left(report);
        export.people.finish(sink)?;
        export.files.finish(sink, report)
    }
}

/// True for `STEM.js` and its parts, `STEM-part1.js`.
fn part_of(path: &str, stem: &str) -> bool {
    name_of(path).strip_suffix(".js").and_then(|name| name.strip_prefix(stem)).is_some_and(|rest| {
        rest.is_empty()
            || rest.strip_prefix("-part").is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
    })
}

/// The post of a list item; newer archives wrap it in an object.
fn post_of(item: &Value) -> &Value {
    if item.at("tweet").is_object() { item.at("tweet") } else { item }
}

/// Folders of posts' files.
const MEDIA: &[&str] = &[
    "tweets_media",
    "tweet_media",
    "community_tweet_media",
    "community_tweets_media",
    "twitter_circle_tweet_media",
    "deleted_tweets_media",
];

/// The files of each post: `tweets_media/<post id>-<name>`.
fn media_by_post(input: &Input) -> BTreeMap<&str, Vec<&str>> {
    let mut media: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for entry in input.entries() {
        let path = entry.path.as_str();
        let folder = name_of(folder_of(path).trim_end_matches('/'));
        if MEDIA.contains(&folder)
            && let Some((id, _)) = name_of(path).split_once('-')
        {
            media.entry(id).or_default().push(path);
        }
    }
    media
}

struct Export<'a> {
    input: &'a Input,
    options: &'a Options,
    people: People,
    files: Files<'a>,
    media: BTreeMap<&'a str, Vec<&'a str>>,
    author: Option<Id>,
    handle: String,
    /// True if only followers could read the account.
    protected: bool,
    /// True if the file that says so is damaged.
    is_doubtful: bool,
    /// The ids of posts for selected people.
    chosen_few: BTreeSet<String>,
    notes: notes::Notes,
    /// Earlier versions of edited posts, with their file and the id of the last version.
    superseded: Vec<(String, String, Value)>,
    seen: BTreeSet<String>,
    twice: u64,
}

impl Export<'_> {
    /// The first item of a short list, such as `account.js`.
    fn only(&self, name: &str, report: &mut Report) -> Option<(String, Value)> {
        let path = super::named(self.input, name).next()?;
        match json::whole(self.input, path, 8 << 20) {
            Ok(list) => Some((path.to_owned(), list.get(0).cloned().unwrap_or_default())),
            Err(error) => {
                report.problem(path, error.what, "the posts are read without what it says");
                None
            }
        }
    }

    fn read_account(&mut self, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        let Some((_, account)) = self.only("account.js", report) else {
            report.note("there is no account.js: the posts are read without their author's name");
            return Ok(());
        };
        let account = account.at("account");
        let Some(key) = account.id(&["accountId"]) else {
            report.problem("account.js", "it has no accountId", "the posts are read without their author's name");
            return Ok(());
        };
        account.text("username").unwrap_or_default().clone_into(&mut self.handle);
        let member = self.people.known(&key, account.text("accountDisplayName").unwrap_or(&self.handle));
        for (field, kind) in [("email", "email"), ("phoneNumber", "phone")] {
            if let Some(fact) = account.text(field) {
                sink.keep_private(&member, kind, fact)?;
            }
        }
        report.comes_from(&key);
        self.protected = account.flag("protected");
        let profile = self.only("profile.js", report);
        let avatar = match profile.as_ref().and_then(|(path, profile)| {
            profile.text("profile.avatarMediaUrl").map(|url| (path.as_str(), url.to_owned()))
        }) {
            Some((path, url)) => {
                let name = url.rsplit('/').next().unwrap_or_default();
                let file = format!("profile_media/{key}-{name}");
                let file = super::upwards(self.input, path, &file);
                let wanted =
                    Wanted { file: file.as_deref(), remote: Some(&url), role: MediaRole::Avatar, ..Wanted::default() };
                Some(self.files.take(&wanted, sink)?.media)
            }
            None => None,
        };
        let joined = account.text("createdAt").and_then(|raw| dates::read(raw, self.options));
        if let Some(person) = self.people.edit(&member) {
            person.is_self = true;
            person.joined = joined;
            person.avatar = avatar;
            person.bio = profile.as_ref().and_then(|(_, p)| p.text("profile.description.bio")).map(Text::plain);
            if !self.handle.is_empty() {
                let value = format!("@{}", self.handle);
                person.names.push(Name { value, kind: NameKind::Handle, since: None });
            }
        }
        self.author = Some(member);
        Ok(())
    }

    /// When the archive was made, from `manifest.js`, a script with one object.
    fn read_age(&self, report: &mut Report) {
        let Some(path) = super::named(self.input, "manifest.js").next() else { return };
        if let Ok(manifest) = json::whole(self.input, path, 8 << 20) {
            let raw = manifest.text("archiveInfo.generationDate");
            report.made(raw.and_then(|raw| dates::read(raw, self.options)?.utc));
        }
    }

    /// Whether the account was protected at the end. The last change counts, also for earlier posts.
    fn read_protection(&mut self, report: &mut Report) -> Result<()> {
        let Some(path) = super::named(self.input, "protected-history.js").next() else { return Ok(()) };
        let mut last: Option<(i64, bool)> = None;
        let before = report.problems.len();
        json::items(self.input, path, &["[]"], report, |_, item, _| {
            let entry = item.at("protectedHistory");
            let at =
                entry.text("protectedAt").and_then(|raw| dates::read(raw, self.options)?.utc).map_or(0, |utc| utc.0);
            let protects = !entry.text("action").is_some_and(|action| action.to_lowercase().starts_with("un"));
            if last.is_none_or(|(latest, _)| at >= latest) {
                last = Some((at, protects));
            }
            Ok(())
        })?;
        let is_empty = self.input.entries().iter().any(|entry| entry.path == path && entry.bytes == 0);
        self.is_doubtful |= is_empty || report.problems.len() > before;
        if let Some((_, protects)) = last {
            self.protected = protects;
        }
        if self.protected {
            report.note("the account is protected: its posts were for its followers only");
        }
        Ok(())
    }

    fn post(
        &mut self,
        place: &str,
        path: &str,
        post: &Value,
        deleted: bool,
        sink: &mut dyn Sink,
        report: &mut Report,
    ) -> Result<()> {
        let Some(key) = post.id(&["id_str", "id"]) else {
            report.problem(place, "the post has no id", "nothing can be done; all other items were read");
            return Ok(());
        };
        let last = post.list("edit_info.initial.editTweetIds").last().and_then(Value::as_str);
        if let Some(last) = last.filter(|last| *last != key) {
            self.superseded.push((path.to_owned(), last.to_owned(), post.clone()));
            return Ok(());
        }
        self.push(place, path, &key, post, PostFlags { deleted, ..PostFlags::default() }, sink, report)
    }

    /// An earlier version is hidden behind the last one, or replaces it if the last one is missing.
    fn earlier_versions(&mut self, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        for (path, last, post) in std::mem::take(&mut self.superseded) {
            let hidden = self.seen.contains(&last);
            let key = post.id(&["id_str", "id"]).unwrap_or_default();
            self.push(&path, &path, &key, &post, PostFlags { hidden, ..PostFlags::default() }, sink, report)?;
        }
        Ok(())
    }

    #[expect(clippy::too_many_arguments, reason = "where it stands, what it is, and where it goes")]
    fn push(
        &mut self,
        place: &str,
        path: &str,
        key: &str,
        post: &Value,
        flags: PostFlags,
        sink: &mut dyn Sink,
        report: &mut Report,
    ) -> Result<()> {
        if !self.seen.insert(key.to_owned()) {
            self.twice += 1;
            return Ok(());
        }
        let created = when(post.text("created_at").unwrap_or_default(), place, self.options, report);
        let long = self.notes.of(post.text("full_text").or(post.text("text")).unwrap_or_default(), created.utc);
        let full = post.text("full_text").or(post.text("text")).map(entities::decoded).unwrap_or_default();
        let mut media: Vec<MediaUse> = Vec::new();
        let (links, shown) = self.attached(key, post, flags.deleted, &mut media, sink)?;
        let visibility = if self.protected || self.chosen_few.contains(key) {
            Visibility::Followers
        } else if self.is_doubtful {
            Visibility::Unknown
        } else {
            Visibility::Public
        };
        // The people whom a private post mentions are as private as the post.
        let kept_back = flags.deleted || flags.hidden || !visibility.is_published();
        for mention in post.list("entities.user_mentions").iter().filter(|_| !kept_back) {
            let name = mention.text("name").or(mention.text("screen_name")).unwrap_or_default();
            let key = mention.id(&["id_str"]).filter(|id| id != "-1");
            self.people.mentioned(key.as_deref(), name);
        }
        let mut tags: Vec<String> = Vec::new();
        for tag in post.list("entities.hashtags").iter().filter_map(|tag| tag.text("text")) {
            if !tags.iter().any(|known| known == tag) {
                tags.push(tag.to_owned());
            }
        }
        let retweet = full.strip_prefix("RT @").and_then(|rest| rest.split_once(": "));
        let shared =
            post.list("entities.urls").iter().filter_map(|url| url.text("expanded_url")).find_map(text::status);
        let (body, quote) = match (retweet, shared) {
            (Some((handle, text)), _) => {
                let author = post.list("entities.user_mentions").iter().find(|m| m.text("screen_name") == Some(handle));
                let author = match author.and_then(|author| Some((author.id(&["id_str"])?, author.text("name")?))) {
                    Some((key, name)) if key != "-1" => self.people.mentioned(Some(&key), name),
                    _ => self.people.mentioned(None, &format!("@{handle}")),
                };
                (
                    String::new(),
                    Some(Quote { author, text: Some(Text::html(linked(text, &links, &shown))), ..Quote::default() }),
                )
            }
            (None, Some((handle, id, url))) => {
                let own = handle.eq_ignore_ascii_case(&self.handle);
                let author = if own { self.author.clone() } else { self.people.mentioned(None, &format!("@{handle}")) };
                let post = own.then(|| ident::id(SOURCE, "post", &id));
                (linked(&full, &links, &shown), Some(Quote { post, author, url: Some(url), text: None }))
            }
            (None, None) => (linked(&full, &links, &shown), None),
        };
        let body = long.map_or(body, |note| linked(&note.text, &note.links, &shown));
        let mut body = Text::html(body);
        body.lang = post.text("lang").filter(|lang| lang.len() == 2).map(str::to_owned);
        let edited = post.at("edit_info.edit").is_object().then(|| created.clone());
        let counted = |field: &str| post.number(field).map(Count::exactly);
        let sensitive = post.flag("possibly_sensitive");
        sink.push(Record::Post(Box::new(Post {
            id: ident::id(SOURCE, "post", key),
            author: self.author.clone(),
            created,
            edited,
            body,
            media,
            tags,
            kind: if retweet.is_some() { PostKind::Share } else { PostKind::Note },
            visibility,
            flags: PostFlags { sensitive, ..flags },
            quote,
            reply_to: post
                .id(&["in_reply_to_status_id_str", "in_reply_to_status_id"])
                .map(|answered| ident::id(SOURCE, "post", &answered)),
            counts: Counts { like: counted("favorite_count"), share: counted("retweet_count"), ..Counts::default() },
            url: (!self.handle.is_empty()).then(|| format!("https://twitter.com/{}/status/{key}", self.handle)),
            src: self.src(path, key),
            ..Post::default()
        })))
    }

    /// Adds the media of a post. Returns the links of its text, and the short addresses that only stood for media.
    fn attached(
        &mut self,
        key: &str,
        post: &Value,
        deleted: bool,
        media: &mut Vec<MediaUse>,
        sink: &mut dyn Sink,
    ) -> Result<(Vec<Link>, Vec<String>)> {
        let listed = [post.list("extended_entities.media"), post.list("entities.media")];
        let listed = listed.into_iter().find(|list| !list.is_empty()).unwrap_or_default();
        let mut rest: Vec<&str> = self.media.get(key).cloned().unwrap_or_default();
        let mut shown = Vec::new();
        for medium in listed {
            let picture = medium.text("media_url_https").or(medium.text("media_url")).unwrap_or_default();
            let video = best_video(medium);
            let remote = video.unwrap_or(picture);
            let name = remote.split('?').next().unwrap_or_default().rsplit('/').next().unwrap_or_default();
            let ends = format!("-{name}");
            let file = rest.iter().position(|path| path.ends_with(&ends)).map(|at| rest.remove(at));
            shown.extend(medium.text("url").map(str::to_owned));
            let wanted = Wanted {
                file,
                remote: Some(remote).filter(|remote| !remote.is_empty()),
                name: Some(name).filter(|name| !name.is_empty()),
                role: MediaRole::Gallery,
                alt: medium.text("ext_alt_text").map(str::to_owned),
                spoiler: post.flag("possibly_sensitive"),
                ..Wanted::default()
            };
            let mut used = self.files.take(&wanted, sink)?;
            used.order = u32::try_from(media.len()).unwrap_or(u32::MAX);
            media.push(used);
        }
        // Files that no list names belong to the post, too, except thumbnails of its videos.
        if listed.is_empty() && !deleted {
            for path in rest {
                let mut used = self
                    .files
                    .take(&Wanted { file: Some(path), role: MediaRole::Gallery, ..Wanted::default() }, sink)?;
                used.order = u32::try_from(media.len()).unwrap_or(u32::MAX);
                media.push(used);
            }
        }
        let links = post.list("entities.urls").iter().filter_map(|url| {
            let target = url.text("expanded_url")?;
            let shown = url.text("display_url").unwrap_or(target);
            Some(Link { short: url.text("url")?.to_owned(), target: target.to_owned(), shown: shown.to_owned() })
        });
        Ok((links.collect(), shown))
    }

    fn messages(&mut self, path: &str, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        let (mut number, mut other) = (0_u64, 0_u64);
        json::items(self.input, path, &["[].dmConversation.messages[]"], report, |_, item, report| {
            let message = item.at("messageCreate");
            let Some(key) = message.id(&["id"]) else {
                other += 1;
                return Ok(());
            };
            number += 1;
            let place = format!("{path}: message {number}");
            let author = message.id(&["senderId"]).map(|sender| self.people.known(&sender, ""));
            let created = when(message.text("createdAt").unwrap_or_default(), &place, self.options, report);
            sink.push(Record::Post(Box::new(Post {
                id: ident::id(SOURCE, "message", &key),
                author,
                created,
                body: Text::plain(message.text("text").unwrap_or_default()),
                visibility: Visibility::Direct,
                src: self.src(path, &key),
                ..Post::default()
            })))
        })?;
        if other > 0 {
            report
                .note(format!("{path}: {other} events of private conversations (joined, left, renamed) were not read"));
        }
        Ok(())
    }

    /// Long texts without a matching post: their audience is unknown.
    fn long_posts_alone(&mut self, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        let alone = std::mem::take(&mut self.notes).alone();
        if !alone.is_empty() {
            report.note(format!("{} long posts of note-tweet.js belong to no post of tweets.js; nothing says who could see them, so they are kept back", alone.len()));
        }
        for note in alone {
            let created = when(&note.raw, "note-tweet.js", self.options, report);
            sink.push(Record::Post(Box::new(Post {
                id: ident::id(SOURCE, "note", &note.key),
                author: self.author.clone(),
                created,
                body: Text::html(linked(&note.text, &note.links, &[])),
                visibility: Visibility::Unknown,
                src: self.src("note-tweet.js", &note.key),
                ..Post::default()
            })))?;
        }
        Ok(())
    }

    fn say_what_was_left(&self, report: &mut Report) {
        if self.twice > 0 {
            report.note(format!("{} posts stand twice in the archive and are kept once", self.twice));
        }
        let of_messages = self.input.entries().iter().filter(|entry| {
            matches!(
                name_of(folder_of(&entry.path).trim_end_matches('/')),
                "direct_messages_media" | "direct_messages_group_media"
            )
        });
        let of_messages = of_messages.count();
        if of_messages > 0 {
            report.note(format!("{of_messages} pictures of private messages were not read"));
        }
        let lists =
            ["like", "follower", "following", "block", "mute", "lists-created", "personalization", "ad-engagements"];
        let left = lists.iter().filter(|stem| self.input.entries().iter().any(|entry| part_of(&entry.path, stem)));
        let left: Vec<String> = left.map(|stem| format!("{stem}.js")).collect();
        if !left.is_empty() {
            report.note(format!("not read, because the member did not write it: {}", left.join(", ")));
        }
    }

    fn src(&self, path: &str, key: &str) -> Source {
        Source { source: SOURCE.to_owned(), file: Some(path.to_owned()), id: Some(key.to_owned()), ..Source::default() }
    }
}

/// The address of the best version of a video.
fn best_video(medium: &Value) -> Option<&str> {
    let variants = medium.list("video_info.variants");
    let best = variants.iter().filter(|v| v.text("content_type") == Some("video/mp4"));
    best.max_by_key(|variant| variant.number("bitrate").unwrap_or(0))?.text("url")
}
