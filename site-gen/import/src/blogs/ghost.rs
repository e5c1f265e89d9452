//! Ghost: the JSON of "Settings → Labs → Export".
//!
//! 1. It is a dump of tables: `db[0].data.posts`, `tags`, `users`, and the tables that join them. Settings, members and newsletters contain
//!    keys and addresses, and are not read, except for the title of the site.
//! 2. `status` says whether a post was published, and `visibility` for whom: members, paying members, or everybody. Posts with `sent` went
//!    to members by mail only.
//! 3. `__GHOST_URL__` is a placeholder for the site's address, which the file does not contain.

use std::collections::BTreeMap;

use circle_model::{
    archive::{Circle, MediaRole, Name, NameKind, Post, PostFlags, PostKind, Record, Source, Text, Visibility},
    id::Id,
};
use serde_json::Value;

use crate::{
    Importer, Recognised,
    files::{Files, Wanted},
    json::{self, Fields as _, Step},
    people::People,
};
use circle_content::{
    Result,
    audience::{self, Asks, AudienceMarks, Says},
    dates, decode, ident,
    input::Input,
    options::Options,
    report::{Part, Report},
    sink::{Ids, Sink},
};

const SOURCE: &str = "ghost";
/// The number of bytes that are examined to recognise a file.
const HEAD: u64 = 64 << 10;
const PLACEHOLDER: &str = "__GHOST_URL__";

/// The importer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ghost;

impl Importer for Ghost {
    fn name(&self) -> &'static str {
        SOURCE
    }

    fn about(&self) -> &'static str {
        "Ghost 导出 (….ghost.….json): posts and pages with their authors and tags"
    }

    fn extent(&self) -> crate::contract::Extent {
        crate::contract::Extent::Beside
    }

    fn ids(&self) -> Ids {
        Ids::Local
    }

    fn recognise(&self, input: &Input) -> Recognised {
        match files(input).take(20).find(|path| is_ghost(input, path)) {
            Some(path) => Recognised::Yes(format!("{path} is an export of Ghost")),
            None => Recognised::No("a Ghost export .json"),
        }
    }

    fn import(&self, input: &Input, options: &Options, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        let mut people = People::new(SOURCE);
        let mut files_of = Files::new(input, options, SOURCE);
        for path in files(input).filter(|path| is_ghost(input, path)) {
            let tables = Tables::read(input, path, report)?;
            if !tables.title.is_empty() {
                sink.push(Record::Circle(Box::new(Circle {
                    id: ident::id(SOURCE, "circle", &tables.title),
                    name: tables.title.clone(),
                    platform: Some("Ghost".to_owned()),
                    about: Some(tables.about.clone()).filter(|about| !about.is_empty()).map(Text::plain),
                    src: src(path, None),
                    ..Circle::default()
                })))?;
            }
            let mut reading = Reading { path, options, tables, people: &mut people, files: &mut files_of };
            // The first pass reported what is wrong with the file.
            let lists = [POSTS[0], POSTS[1]];
            json::items(input, path, &lists, &mut Report::default(), |number, post, _| {
                reading.post(&format!("{path}: post {number}"), &post, sink, report)
            })?;
        }
        people.finish(sink)?;
        files_of.finish(sink, report)
    }
}

const POSTS: [&str; 2] = ["db[].data.posts[]", "data.posts[]"];

fn files(input: &Input) -> impl Iterator<Item = &str> {
    input.entries().iter().map(|entry| entry.path.as_str()).filter(|path| path.to_ascii_lowercase().ends_with(".json"))
}

fn is_ghost(input: &Input, path: &str) -> bool {
    let head = input.head(path, HEAD).map(|bytes| decode::text(&bytes).text).unwrap_or_default();
    let head: String = head.chars().filter(|c| !c.is_whitespace()).take(600).collect();
    let begins = ["{\"db\":[{\"meta\":{", "{\"db\":[{\"data\":{", "{\"meta\":{\"exported_on\""];
    begins.iter().any(|begin| head.starts_with(begin))
        && (head.contains("\"exported_on\"") || head.contains("\"data\":{"))
}

fn src(path: &str, id: Option<String>) -> Source {
    Source { source: SOURCE.to_owned(), file: Some(path.to_owned()), id, ..Source::default() }
}

/// The tables around the posts.
#[derive(Default)]
struct Tables {
    users: BTreeMap<String, Value>,
    tags: BTreeMap<String, String>,
    /// By post, in order.
    tags_of: BTreeMap<String, Vec<(u64, String)>>,
    authors_of: BTreeMap<String, Vec<(u64, String)>>,
    title: String,
    about: String,
}

impl Tables {
    fn read(input: &Input, path: &str, report: &mut Report) -> Result<Self> {
        const NAMES: [&str; 6] = ["users", "tags", "posts_tags", "posts_authors", "settings", "comments"];
        let lists: Vec<String> =
            NAMES.iter().flat_map(|name| [format!("db[].data.{name}[]"), format!("data.{name}[]")]).collect();
        let lists: Vec<&str> = lists.iter().map(String::as_str).collect();
        let mut tables = Self::default();
        let mut comments = 0;
        json::walk(input, path, &lists, report, |step, report| {
            let Step::Value { path: at, text } = step else { return Ok(()) };
            let Some(name) = at.strip_suffix("[]").and_then(|at| at.rsplit('.').next()).filter(|_| lists.contains(&at))
            else {
                if at.ends_with("meta.exported_on") || at.ends_with("meta") {
                    let made = json::value(text).ok();
                    let at = made.as_ref().and_then(|meta| meta.number("exported_on").or_else(|| meta.as_u64()));
                    report.made(at.and_then(|at| i64::try_from(at).ok()).map(circle_model::time::Utc));
                }
                return Ok(());
            };
            let Ok(row) = json::value(text) else { return Ok(()) };
            let id = |names: &[&str]| row.id(names).unwrap_or_default();
            let order = row.number("sort_order").unwrap_or_default();
            match name {
                "users" => {
                    tables.users.insert(id(&["id"]), row);
                }
                "tags" => {
                    tables.tags.insert(id(&["id"]), row.text("name").unwrap_or_default().to_owned());
                }
                "posts_tags" => tables.tags_of.entry(id(&["post_id"])).or_default().push((order, id(&["tag_id"]))),
                "posts_authors" => {
                    tables.authors_of.entry(id(&["post_id"])).or_default().push((order, id(&["author_id", "user_id"])));
                }
                "settings" => match row.text("key") {
                    Some("title") => tables.title = row.text("value").unwrap_or_default().to_owned(),
                    Some("description") => tables.about = row.text("value").unwrap_or_default().to_owned(),
                    // Settings contain keys, addresses and the names of private feeds.
                    _ => {}
                },
                _ => comments += 1,
            }
            Ok(())
        })?;
        report.lose(Part::Comment, comments, path);
        for list in tables.tags_of.values_mut().chain(tables.authors_of.values_mut()) {
            list.sort();
        }
        Ok(tables)
    }
}

struct Reading<'a, 'b> {
    path: &'a str,
    options: &'a Options,
    tables: Tables,
    people: &'b mut People,
    files: &'b mut Files<'a>,
}

impl Reading<'_, '_> {
    fn post(&mut self, place: &str, post: &Value, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        let key = post.id(&["uuid", "id"]);
        let own = post.id(&["id"]).unwrap_or_default();
        let Some(key) = key else {
            report.problem(place, "the item is empty", "nothing can be done; all other items were read");
            return Ok(());
        };
        let mut body = body(post);
        body.source = body.source.replace(PLACEHOLDER, "");
        body.lang = post.text("locale").or_else(|| post.text("language")).map(|lang| lang.replace('_', "-"));
        let mut media = self.files.in_text(&body, self.path, sink)?;
        if let Some(cover) = post.text("feature_image").or_else(|| post.text("image")) {
            let cover = cover.replace(PLACEHOLDER, "");
            let remote = cover.contains("://").then_some(cover.as_str());
            let file = remote.is_none().then_some(cover.as_str());
            let wanted = Wanted { file, remote, beside: self.path, role: MediaRole::Cover, ..Wanted::default() };
            let mut used = self.files.take(&wanted, sink)?;
            used.order = u32::try_from(media.len()).unwrap_or(u32::MAX);
            media.push(used);
        }
        let time = |name: &str| post.word(name).and_then(|raw| dates::read(&raw, self.options));
        let created = time("published_at").or_else(|| time("created_at")).unwrap_or_default();
        let edited = time("updated_at");
        let authors = self.authors(post, &own, sink)?;
        let tags = self.tables.tags_of.get(&own).into_iter().flatten();
        let tags = tags
            .filter_map(|(_, tag)| self.tables.tags.get(tag))
            .filter(|tag| !tag.is_empty() && !tag.starts_with('#'));
        let page = post.text("type") == Some("page") || post.flag("page");
        let mut record = Post {
            id: ident::id(SOURCE, "post", &key),
            author: authors,
            edited: dates::edit(edited, &created),
            created,
            title: post.text("title").map(|title| title.trim().to_owned()),
            media,
            tags: tags.cloned().collect(),
            kind: if page || body.source.chars().count() >= 200 { PostKind::Article } else { PostKind::Note },
            body,
            visibility: Visibility::Public,
            flags: PostFlags { digest: post.flag("featured"), ..PostFlags::default() },
            url: post.text("canonical_url").filter(|url| url.starts_with("http")).map(str::to_owned),
            slug: post.text("slug").map(str::to_owned),
            legacy_urls: post.text("slug").map(|slug| format!("/{slug}/")).into_iter().collect(),
            src: src(self.path, Some(key)),
            ..Post::default()
        };
        told(post).mark_post(&mut record);
        sink.push(Record::Post(Box::new(record)))
    }

    fn authors(&mut self, post: &Value, own: &str, sink: &mut dyn Sink) -> Result<Option<Id>> {
        let listed = self.tables.authors_of.get(own).cloned().unwrap_or_default();
        let mut users: Vec<String> = listed.into_iter().map(|(_, user)| user).collect();
        if users.is_empty() {
            users.extend(post.id(&["author_id", "created_by"]));
        }
        let mut first = None;
        for user in users {
            let Some(row) = self.tables.users.get(&user) else { continue };
            let slug = row.text("slug");
            let id = self.people.known(slug.unwrap_or(&user), row.text("name").unwrap_or_default());
            if let Some(member) = self.people.edit(&id) {
                member.bio = row.text("bio").map(Text::plain);
                member.url = row.text("website").map(str::to_owned);
                if let Some(slug) = slug.filter(|slug| !member.names.iter().any(|name| name.value == *slug)) {
                    member.names.push(Name { value: slug.to_owned(), kind: NameKind::Handle, since: None });
                }
            }
            if let Some(mail) = row.text("email") {
                sink.keep_private(&id, "email", mail)?;
            }
            first.get_or_insert(id);
        }
        Ok(first)
    }
}

/// Who could see a post.
fn told(post: &Value) -> AudienceMarks {
    let mut told = AudienceMarks::default();
    match post.text("status").unwrap_or_default() {
        "published" => {}
        "sent" => told.hear(Says::Seen(Visibility::Followers)),
        "" => told.hear(Says::Seen(Visibility::Unknown)),
        status => told.hear(audience::says(Asks::Status, status)),
    }
    match post.text("visibility") {
        // Before Ghost had members, every post was public.
        None | Some("public") => {}
        Some("members" | "paid" | "tiers" | "filter") => told.hear(Says::Seen(Visibility::Followers)),
        Some(other) => told.hear(audience::says(Asks::Audience, other)),
    }
    told
}

fn body(post: &Value) -> Text {
    if let Some(html) = post.text("html") {
        return Text::html(html);
    }
    if let Some(markdown) = post.text("markdown") {
        return Text::markdown(markdown);
    }
    if let Some(plain) = post.text("plaintext") {
        return Text::plain(plain);
    }
    let tree = ["lexical", "mobiledoc"].into_iter().find_map(|name| json::value(post.text(name)?).ok());
    let mut text = String::new();
    if let Some(tree) = tree {
        words(&tree, &mut text, 0);
    }
    Text::plain(text.trim())
}

/// The text of an editor's tree, one line per block.
fn words(tree: &Value, text: &mut String, depth: u8) {
    if depth > 60 {
        return;
    }
    for name in ["text", "html", "caption"] {
        text.push_str(tree.text(name).unwrap_or_default());
    }
    let cards = tree.list("cards").iter().filter_map(|card| card.get(1)).filter_map(|card| card.text("markdown"));
    cards.for_each(|card| text.push_str(&format!("{card}\n\n")));
    for section in tree.list("sections") {
        // [type, tag, [[open, closed, number, text], …]]
        for marker in section.get(2).and_then(Value::as_array).into_iter().flatten() {
            text.push_str(marker.get(3).and_then(Value::as_str).unwrap_or_default());
        }
        text.push_str("\n\n");
    }
    let inside = tree.at("root");
    if inside.is_object() {
        words(inside, text, depth + 1);
    }
    for child in tree.list("children") {
        words(child, text, depth + 1);
    }
    if !tree.list("children").is_empty() && !text.ends_with("\n\n") {
        text.push_str("\n\n");
    }
}
