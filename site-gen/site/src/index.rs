//! The content of a circle as a light index: the data that lists need of every post, and the position of its text. Bodies and
//! comments stay on the disk and are read when their page is rendered, so the index does not grow with the text.
//!
//! 1. `circle.toml` and the theme.
//! 2. Decisions, because they say what may be published.
//! 3. Members, media, reactions, events.
//! 4. Posts of the archive, then Markdown files.
//! 5. Pages that comment systems know only by their address are merged with the posts at that address.
//! 6. Comments, each with its position.
//!
//! Records that may not be published are counted here and are not in the index.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    path::Path,
};

use circle_model::{
    archive::{Comment, Media, MediaState, Member, NameKind, Post, Record, RecordKind, Role, TitleFrom, Visibility},
    id::Id,
    text,
    time::{Time, ZoneFrom},
};

use crate::{theme::Theme, veil::Veil, words::Words};
use circle_content::{
    Error, Result,
    archive::Ranges,
    config::{self, Config},
    input::Input,
    locked,
    options::Options,
    posts, public,
    report::{Exclusion, Report},
};
use circle_html::{canonical, privacy};

mod entries;
pub mod names;
mod own;
mod page_name;
mod pages;
mod read;
mod shown;

pub use entries::{CommentEntry, Place, PostEntry, Site};
pub use own::Names;
pub(crate) use page_name::{key_stem, page_name};

impl Site {
    /// Opens a content folder.
    ///
    /// # Errors
    /// When the folder or `circle.toml` cannot be read, a template has a mistake, or there is nothing to publish at all.
    pub fn open(folder: &Path, report: &mut Report) -> Result<Self> {
        if !folder.is_dir() {
            return Err(circle_content::no_content(folder));
        }
        let input = plain_input(folder)?;
        if !has_records(&input) {
            return Err(Error::new(
                "the content folder has no posts",
                format!("folder: {}, looked for: posts/ (.md .markdown .txt .html), archive/*.jsonl", folder.display()),
                "put articles into `posts/`, or bring an export in with `circlekeep import`",
            ));
        }
        for (name, reason) in input.refused() {
            report.problem(
                format!("{}/{name}", folder.display()),
                format!("this file was not read: {reason}"),
                "rename it",
            );
        }
        let config = read_config(&input, folder, report)?;
        let theme = Theme::open(&input, &config)?;
        Self::with(folder, input, config, theme, report)
    }

    /// The index without rendering anything; `None` if there is nothing to publish.
    ///
    /// # Errors
    /// When the folder or `circle.toml` cannot be read.
    fn index(folder: &Path, report: &mut Report) -> Result<Option<Self>> {
        if !folder.is_dir() {
            return Err(circle_content::no_content(folder));
        }
        let input = plain_input(folder)?;
        if !has_records(&input) {
            return Ok(None);
        }
        let config = read_config(&input, folder, report)?;
        Self::with(folder, input, config, Theme::default(), report).map(Some)
    }

    fn with(folder: &Path, input: Input, config: Config, theme: Theme, report: &mut Report) -> Result<Self> {
        let zone_from = if input.has(config::FILE) { ZoneFrom::Config } else { ZoneFrom::Assumed };
        let options = Options {
            zone: jiff::tz::TimeZone::get(&config.zone).unwrap_or(jiff::tz::TimeZone::UTC),
            zone_from,
            default_visibility: config.default_visibility,
            language: None,
            now_day: None,
            ..Options::default()
        };
        let file = |kind: RecordKind| folder.join("archive").join(format!("{}.jsonl", kind.file_stem()));
        let files = RecordKind::ALL.into_iter().map(|kind| (kind, Ranges::of(&file(kind)))).collect();
        let mut site = Self {
            config,
            theme,
            input,
            folder: folder.to_owned(),
            files,
            options,
            circles: Vec::new(),
            spaces: BTreeMap::new(),
            members: BTreeMap::new(),
            aliases: BTreeMap::new(),
            posts: Vec::new(),
            comments: Vec::new(),
            media: BTreeMap::new(),
            likes: BTreeMap::new(),
            reactions: Vec::new(),
            events: Vec::new(),
            imports: Vec::new(),
            withheld: BTreeSet::new(),
            unpublished: Vec::new(),
            names: Names::default(),
            pages: BTreeMap::new(),
            hidden_names: BTreeSet::new(),
            hidden_members: BTreeSet::new(),
            withheld_pages: BTreeSet::new(),
            for_the_circle: false,
            veil: Veil::default(),
            media_about: BTreeMap::new(),
            decided: BTreeMap::new(),
            dropped_files: BTreeSet::new(),
        };
        read::all(&mut site, report)?;
        Ok(site)
    }

    /// True if search engines are asked to stay away: the leader says so, or says nothing and the posts are not public.
    #[must_use]
    pub fn is_unlisted(&self) -> bool {
        !self.config.index.unwrap_or(!self.for_the_circle)
    }

    /// The member with this id. If the record has only a name, the one full record with the same name.
    #[must_use]
    pub fn member(&self, id: &Id) -> Option<&Member> {
        self.members.get(self.resolve(id))
    }

    /// The id under which a member is known.
    #[must_use]
    pub fn resolve<'a>(&'a self, id: &'a Id) -> &'a Id {
        self.aliases.get(id).unwrap_or(id)
    }

    /// The post with this id. If a comment system knew only the page's address, the post at that address.
    fn page(&self, id: Id) -> Id {
        self.pages.get(&id).cloned().unwrap_or(id)
    }

    /// The whole post as it may be published: without secrets in addresses, `extra`, and details of its source.
    ///
    /// # Errors
    /// When the file changed or went away since it was indexed.
    pub fn post(&self, entry: &PostEntry) -> Result<Post> {
        let changed = |place: String| {
            Error::new("the content changed while it was read", format!("file: {place}"), "run the build again")
        };
        let post = match &entry.place {
            Place::Line(range) => match self.line(RecordKind::Post, range)? {
                Record::Post(post) => *post,
                _ => return Err(changed("archive/posts.jsonl".to_owned())),
            },
            Place::File(path) => circle_content::posts::read_post(&self.input, path, &self.options)
                .records
                .into_iter()
                .find_map(|record| match record {
                    Record::Post(post) => Some(*post),
                    _ => None,
                })
                .ok_or_else(|| changed(path.clone()))?,
        };
        Ok(self.published_post(post, &entry.place))
    }

    /// The whole comment, as it may be published.
    ///
    /// # Errors
    /// When the file changed or went away since it was indexed.
    pub fn comment(&self, entry: &CommentEntry) -> Result<Comment> {
        let Record::Comment(comment) = self.line(RecordKind::Comment, &entry.range)? else {
            return Err(Error::new(
                "the content changed while it was read",
                "file: archive/comments.jsonl",
                "run the build again",
            ));
        };
        let mut comment = *comment;
        // If a decision publishes the comment, the flag of the record does not apply.
        comment.flags.deleted = entry.deleted;
        public::comment(&mut comment);
        self.name_locks(&mut comment.body.source);
        comment.post = self.page(comment.post);
        comment.author = comment.author.map(|id| self.resolve(&id).clone());
        comment.reply_to_member = comment.reply_to_member.map(|id| self.resolve(&id).clone());
        comment.reply_to_member = comment.reply_to_member.filter(|id| !self.hidden_members.contains(id));
        comment.src = public_source(&comment.src);
        comment.extra.clear();
        // Pages show only the earlier wordings of posts, if any.
        comment.versions.clear();
        self.veil.comment(&mut comment);
        if entry.deleted {
            let thread = comment.thread.take();
            comment = Comment {
                id: comment.id,
                post: comment.post,
                thread,
                parent: comment.parent,
                created: Time { raw: String::new(), ..comment.created },
                order: comment.order,
                flags: comment.flags,
                ..Comment::default()
            };
        }
        Ok(comment)
    }

    /// A line of an archive file as a record.
    ///
    /// # Errors
    /// When it cannot be read or is not a record of that kind.
    pub fn line(&self, kind: RecordKind, range: &Range<u64>) -> Result<Record> {
        let changed = |error: String| {
            Error::new(
                format!("the content changed while it was read: {error}"),
                format!("file: archive/{}.jsonl", kind.file_stem()),
                "run the build again",
            )
        };
        let file = self.files.get(&kind).ok_or_else(|| changed(String::new()))?;
        kind.parse(&file.line(range.clone())?).map_err(|error| changed(error.to_string()))
    }

    /// Replaces the mark of a removed locked part with words in the site's language.
    fn name_locks(&self, text: &mut String) {
        if text.contains(locked::BOX) {
            *text = text.replace(locked::BOX, Words::shared(self.config.language).get("locked_part"));
        }
    }

    fn published_post(&self, mut post: Post, place: &Place) -> Post {
        if !self.config.history || post.tombstone.is_some() || post.flags.deleted {
            post.versions.clear();
        }
        let file = file_of(&post, place).map(str::to_owned);
        public::post(&mut post, file.as_deref());
        self.name_locks(&mut post.body.source);
        post.versions.iter_mut().for_each(|version| self.name_locks(&mut version.body.source));
        if let Some(quote) = &mut post.quote {
            let by_hidden = quote.author.as_ref().is_some_and(|author| self.hidden_members.contains(author));
            if by_hidden || quote.post.as_ref().is_some_and(|id| self.withheld.contains(id)) {
                // A quotation must not reveal a post that is not published.
                *quote = circle_model::archive::Quote { post: None, ..Default::default() };
            }
            quote.author = quote.author.take().map(|id| self.resolve(&id).clone());
        }
        if post.reply_to.as_ref().is_some_and(|id| self.withheld.contains(id)) {
            post.reply_to = Some(Id::from("withheld"));
            // If the source does not say what a post quotes, it quotes the post that it replies to.
            if let Some(quote) = post.quote.as_mut().filter(|quote| quote.post.is_none()) {
                *quote = circle_model::archive::Quote::default();
            }
        }
        if post.tombstone.is_some() && post.flags.deleted {
            public::only_the_place(&mut post);
        }
        post.author = post.author.map(|id| self.resolve(&id).clone());
        post.extra.clear();
        let file = file_of(&post, place).map(|path| privacy::masked(&self.veil.line(&[&post.id], path)));
        post.src = circle_model::archive::Source { file, ..public_source(&post.src) };
        let breaks = breaks(&post, place);
        self.veil.post(&mut post, breaks);
        post
    }
}

/// The meaning of a single line break in the post's Markdown.
#[must_use]
pub fn breaks(post: &Post, place: &Place) -> text::LineBreaks {
    canonical::breaks(post, file_of(post, place))
}

/// The post's Markdown file in the content folder, or the file that it was before its published record was imported again.
#[must_use]
pub fn file_of<'a>(post: &'a Post, place: &'a Place) -> Option<&'a str> {
    match place {
        Place::File(path) => Some(path),
        Place::Line(_) => post
            .src
            .file
            .as_deref()
            .filter(|path| post.src.source == "markdown" && post.src.import.is_none() && path.starts_with("posts/")),
    }
}

/// The source of a record in its public form: the kind of source and the import, but no file and no id at the source.
#[must_use]
pub fn public_source(src: &circle_model::archive::Source) -> circle_model::archive::Source {
    let plain =
        |text: &str| text.len() <= 40 && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    circle_model::archive::Source {
        source: if plain(&src.source) { src.source.clone() } else { String::new() },
        import: src.import.clone().filter(|id| plain(id.as_str())),
        ..circle_model::archive::Source::default()
    }
}

/// Opens a content folder as an input. The folder itself may be a link; entries in it may not.
fn plain_input(folder: &Path) -> Result<Input> {
    Input::plain(&folder.canonicalize().unwrap_or_else(|_| folder.to_owned()))
}

/// True when there is anything to publish.
fn has_records(input: &Input) -> bool {
    input.entries().iter().any(|entry| {
        (entry.path.starts_with("posts/") && circle_content::posts::is_post(&entry.path))
            || entry.path.starts_with("archive/")
    })
}

fn read_config(input: &Input, folder: &Path, report: &mut Report) -> Result<Config> {
    if !input.has(config::FILE) {
        report.problem(
            folder.join(config::FILE).display().to_string(),
            "there is no circle.toml, so the circle has no name",
            "make one with at least the line name = \"…\"",
        );
        return Ok(Config::default());
    }
    let bytes = input.read(config::FILE, 1 << 20)?;
    let text = String::from_utf8(bytes).map_err(|_| {
        Error::new(
            "circle.toml is not UTF-8",
            format!("file: {}", config::FILE),
            "save it as UTF-8; in Notepad: File > Save as, Encoding: UTF-8",
        )
    })?;
    let mut config = Config::read(&text, report)?;
    for text in [&mut config.about, &mut config.rules, &mut config.tagline].into_iter().flatten() {
        public::setting(text);
    }
    Ok(config)
}
