//! Reads everything once, and decides what is published.

use circle_model::archive::Source;

use super::{
    BTreeMap, BTreeSet, CommentEntry, Exclusion, Id, Media, MediaState, Member, NameKind, Place, Post, PostEntry,
    Range, Record, RecordKind, Report, Result, Role, Site, Time, TitleFrom, Visibility, breaks, pages, posts, privacy,
    public, public_source, text,
};
use circle_content::{archive, phrase::fill};

mod decided;
mod untitled;

use super::own::Names;
use decided::Decisions;

/// The number of characters of a post in lists.
const EXCERPT: usize = 120;

/// Reads all records of the content folder into the index.
pub(super) fn all(site: &mut Site, report: &mut Report) -> Result<()> {
    let mut decisions = decided::read(site, report)?;
    simple_kinds(site, &decisions, report)?;
    let mut seen = BTreeSet::new();
    archived_posts(site, &mut decisions, &mut seen, report)?;
    written_posts(site, &mut decisions, &mut seen, report);
    join_members(site);
    pages::join(site, report);
    comments(site, &decisions, report)?;
    let withheld = std::mem::take(&mut site.withheld);
    site.events.retain(|event| event.target.as_ref().is_none_or(|id| !withheld.contains(id)));
    site.withheld = withheld;
    decided::finish(site);
    site.posts.sort_by(|a, b| {
        let key = |post: &PostEntry| post.created.utc;
        // For posts of the same moment, the archive's order decides, because chats have only minutes.
        key(b).cmp(&key(a)).then_with(|| b.place.cmp_in_archive(&a.place)).then_with(|| a.id.cmp(&b.id))
    });
    let unpublished = std::mem::take(&mut site.unpublished);
    site.names = Names::for_links(site, &unpublished);
    Ok(())
}

/// Reads one archive file. A line that is not a record of its kind is a problem.
fn each(
    site: &mut Site,
    kind: RecordKind,
    report: &mut Report,
    mut take: impl FnMut(&mut Site, Record, Range<u64>, &mut Report),
) -> Result<()> {
    let Some(path) = site.files.get(&kind).map(|file| file.path().to_owned()) else { return Ok(()) };
    let mut own = Report::default();
    archive::for_each_line(&path, report, |range, line| {
        let record = kind.parse(line).map_err(|error| error.to_string())?;
        if record.id().is_empty() {
            return Err("the record has no id".to_owned());
        }
        take(site, record, range, &mut own);
        Ok(())
    })?;
    report.merge(own);
    Ok(())
}

fn simple_kinds(site: &mut Site, decisions: &Decisions, report: &mut Report) -> Result<()> {
    each(site, RecordKind::Circle, report, |site, record, _, _| {
        let Record::Circle(mut circle) = record else { return };
        circle.extra.clear();
        circle.src = public_source(&circle.src);
        public::circle(&mut circle);
        site.veil.circle(&mut circle);
        site.spaces.extend(circle.spaces.iter().map(|space| (space.id.clone(), space.clone())));
        site.circles.push(*circle);
    })?;
    if !decisions.withhold.is_empty() {
        // A person who is known only by name may come before the record with that name.
        each(site, RecordKind::Member, &mut Report::default(), |site, record, _, _| {
            let Record::Member(member) = record else { return };
            if decisions.withhold.contains(&member.id) {
                site.hidden_names.extend(member.names.into_iter().map(|name| name.value));
            }
        })?;
    }
    each(site, RecordKind::Member, report, |site, record, _, report| {
        let Record::Member(member) = record else { return };
        if is_for_members(site, decisions, &member.id, &member.src) {
            // Their comments are counted.
            return;
        }
        add_member(site, *member, decisions, report);
    })?;
    each(site, RecordKind::Media, report, |site, record, _, _| {
        let Record::Media(media) = record else { return };
        add_media(site, *media, decisions);
    })?;
    each(site, RecordKind::Reaction, report, |site, record, range, _| {
        let Record::Reaction(reaction) = record else { return };
        if reaction.kind == "like" {
            *site.likes.entry(reaction.target).or_default() += reaction.count.unwrap_or(1);
        }
        site.reactions.push(range);
    })?;
    each(site, RecordKind::Event, report, |site, record, _, _| {
        let Record::Event(mut event) = record else { return };
        let by_hidden = event.member.as_ref().is_some_and(|member| site.hidden_members.contains(member));
        if !by_hidden && !decisions.withhold.contains(&event.id) {
            public::event(&mut event);
            site.veil.event(&mut event);
            event.src = public_source(&event.src);
            site.events.push(*event);
        }
    })?;
    each(site, RecordKind::Import, report, |site, record, _, _| {
        let Record::Import(mut import) = record else { return };
        import.files.clear();
        import.warnings.clear();
        // The origin may be the number of an owner or a group. Only the next import needs it.
        (import.origin, import.namespace) = (None, None);
        import.tool = import.tool.map(|tool| site.veil.line(&[], &tool));
        import.at.raw = site.veil.line(&[], &import.at.raw);
        site.imports.push(*import);
    })
}

/// Adds a member in public form. Names and the member's own words may contain an address or a phone number: those are removed.
fn add_member(site: &mut Site, mut member: Member, decisions: &Decisions, report: &mut Report) {
    if let Some(public) = site.veil.member(&member.id).cloned()
        && !decisions.withhold.contains(&member.id)
    {
        if let Some(record) = site.veil.public_members().get(&public) {
            site.members.entry(public).or_insert_with(|| record.clone());
        }
        return;
    }
    let same_name = member.weak_id && site.hidden_names.contains(member.display_name());
    if same_name || decisions.withhold.contains(&member.id) {
        report.exclude(Exclusion::Decision);
        site.hidden_names.extend(member.names.iter().map(|name| name.value.clone()));
        site.hidden_members.insert(member.id.clone());
        let hidden = Member { id: member.id.clone(), role: Role::Anonymous, ..Member::default() };
        site.members.insert(member.id, hidden);
        return;
    }
    // A handle is the name of an account, often of a mailbox. Readers know people by their display names.
    member.names.retain(|name| name.kind != NameKind::Handle || is_public_handle(&name.value));
    member.names.retain(|name| !privacy::has_fact(&name.value));
    for name in &mut member.names {
        name.value = text::without_bidi(&name.value).trim().to_owned();
    }
    member.names.retain(|name| !name.value.is_empty());
    public::member(&mut member);
    if let Some(bio) = &mut member.bio {
        bio.source = privacy::masked(&bio.source);
    }
    member.title = member.title.take().map(|title| privacy::masked(&title));
    member.url = member
        .url
        .take()
        .filter(|url| (url.starts_with("https://") || url.starts_with("http://")) && !privacy::has_fact(url));
    member.src = public_source(&member.src);
    member.extra.clear();
    site.veil.other_member(&mut member);
    site.members.entry(member.id.clone()).or_insert(member);
}

/// True for a handle that looks like a name chosen for others to see: it is not a mailbox and has no long run of digits.
fn is_public_handle(handle: &str) -> bool {
    !privacy::has_fact(handle) && !handle.contains('@') && handle.bytes().filter(u8::is_ascii_digit).count() < 7
}

fn add_media(site: &mut Site, mut media: Media, decisions: &Decisions) {
    if decisions.withhold.contains(&media.id) {
        if let Ok(published) = circle_content::media::examine(&site.input, &media) {
            site.dropped_files.insert(published.sha256);
        }
        let id = site.veil.id(&media.id);
        site.media.insert(
            id.clone(),
            Media { id, state: MediaState::Missing, reason: Some("decision".to_owned()), ..Media::default() },
        );
        return;
    }
    media.remote = media.remote.iter().map(|address| privacy::without_secrets(address)).collect();
    media.name = media.name.take().map(|name| privacy::masked(&text::without_bidi(&name)));
    media.src = public_source(&media.src);
    site.veil.medium(&mut media);
    match site.media.get(&media.id) {
        Some(known) if known.state == MediaState::Present || media.state != MediaState::Present => {}
        _ => {
            site.media.insert(media.id.clone(), media);
        }
    }
}

/// True for a record from a live circle that only members may read. Its source says who may read it.
fn is_for_members(site: &Site, decisions: &Decisions, id: &Id, src: &Source) -> bool {
    site.config.live_rules.keeps_to_members() && src.source == archive::API && !decisions.publish.contains(id)
}

/// Why a post is not published, if it is not.
fn withheld(
    id: &Id,
    visibility: Visibility,
    decisions: &Decisions,
    draft: bool,
    deleted: bool,
    hidden: bool,
) -> Option<Exclusion> {
    if decisions.withhold.contains(id) {
        return Some(Exclusion::Decision);
    }
    if decisions.publish.contains(id) {
        return None;
    }
    match visibility {
        _ if draft => Some(Exclusion::Draft),
        _ if deleted => Some(Exclusion::Deleted),
        _ if hidden => Some(Exclusion::Hidden),
        Visibility::Public | Visibility::Circle => None,
        Visibility::Followers => Some(Exclusion::Followers),
        Visibility::Direct => Some(Exclusion::Direct),
        Visibility::Private => Some(Exclusion::Private),
        Visibility::Unknown => Some(Exclusion::Unknown),
    }
}

fn archived_posts(
    site: &mut Site,
    decisions: &mut Decisions,
    seen: &mut BTreeSet<Id>,
    report: &mut Report,
) -> Result<()> {
    each(site, RecordKind::Post, report, |site, record, range, report| {
        let Record::Post(post) = record else { return };
        add_post(site, *post, Place::Line(range), decisions, seen, report);
    })
}

fn written_posts(site: &mut Site, decisions: &mut Decisions, seen: &mut BTreeSet<Id>, report: &mut Report) {
    let paths: Vec<String> = site
        .input
        .entries()
        .iter()
        .map(|entry| &entry.path)
        .filter(|path| path.starts_with("posts/") && posts::is_post(path))
        .filter(|path| !posts::is_rendering(&site.input, path, &site.options))
        .cloned()
        .collect();
    let mut marked = posts::Marked::new(&site.options);
    for post in &site.posts {
        marked.saw(&post.created);
    }
    let (mut now, mut later) = (paths, Vec::new());
    // Posts with a date from or until which they are public must wait for the dates of all others.
    for dates_known in [false, true] {
        for path in std::mem::take(&mut now) {
            let mut outcome = posts::read_post(&site.input, &path, &site.options);
            if outcome.window.is_some() && !dates_known {
                later.push(path);
                continue;
            }
            marked.take(&path, &mut outcome);
            report.problems.extend(outcome.problems);
            report.notes.extend(outcome.notes);
            written_post(site, path, outcome.records, decisions, seen, report);
        }
        now = std::mem::take(&mut later);
    }
    marked.finish(report);
}

/// Reads one Markdown file, its members and media. Members who wrote only withheld texts are not published.
fn written_post(
    site: &mut Site,
    path: String,
    records: Vec<Record>,
    decisions: &mut Decisions,
    seen: &mut BTreeSet<Id>,
    report: &mut Report,
) {
    let mut post = None;
    let mut others = Vec::new();
    for record in records {
        match record {
            Record::Post(record) => post = Some(record),
            other => others.push(other),
        }
    }
    let Some(post) = post else { return };
    if !add_post(site, *post, Place::File(path), decisions, seen, report) {
        return;
    }
    for record in others {
        match record {
            Record::Member(member) => add_member(site, *member, decisions, &mut Report::default()),
            Record::Media(media) => add_media(site, *media, decisions),
            Record::Circle(mut circle) => {
                site.veil.circle(&mut circle);
                site.spaces.extend(circle.spaces.iter().map(|space| (space.id.clone(), space.clone())));
            }
            _ => {}
        }
    }
}

/// Adds a post to the index if it is published; says whether it is.
fn add_post(
    site: &mut Site,
    mut post: Post,
    place: Place,
    decisions: &mut Decisions,
    seen: &mut BTreeSet<Id>,
    report: &mut Report,
) -> bool {
    if !seen.insert(post.id.clone()) {
        report.exclude(Exclusion::Duplicate);
        report.note(format!("the post {} is in the content twice; the first one stays", post.id));
        return false;
    }
    let file = super::file_of(&post, &place).map(str::to_owned);
    public::post(&mut post, file.as_deref());
    site.name_locks(&mut post.body.source);
    // A tombstone gets a page: it says that there was a post, and why it is gone.
    let deleted = post.flags.deleted && post.tombstone.is_none();
    let by_hidden = hides_author(site, decisions, &post.id, post.author.as_ref());
    let why = withheld(&post.id, post.visibility, decisions, post.flags.draft, deleted, post.flags.hidden);
    let unclear = why == Some(Exclusion::Unknown) && circle_content::audience::is_said(&post.extra);
    let why = if unclear { Some(Exclusion::Unclear) } else { why };
    if let Some(why) = why.or(by_hidden) {
        report.exclude(why);
        site.withheld.insert(post.id.clone());
        let entry = entry(site, &post, place);
        site.withheld_pages.insert(page_stem(&entry));
        site.unpublished.push(entry);
        return false;
    }
    if withheld(&post.id, post.visibility, &Decisions::default(), post.flags.draft, deleted, post.flags.hidden)
        .is_some()
        && !decisions.with_comments.contains(&post.id)
    {
        decisions.alone.insert(post.id.clone());
    }
    site.for_the_circle |= post.visibility != Visibility::Public;
    if site.veil.is_empty() {
        let post = site.published_post(post, &place);
        let entry = entry(site, &post, place);
        site.posts.push(entry);
        return true;
    }
    let original = entry(site, &post, place.clone());
    let former = page_stem(&original);
    let mut public = site.published_post(post.clone(), &place);
    if decided::tells(site, &post, &public, &place) {
        site.veil.rename(&post.id);
        public.id = site.veil.id(&post.id);
    }
    let mut entry = entry(site, &public, place);
    // Links between posts use the addresses that the posts had, even if the address is not shown any more.
    let urls = original.urls.iter().map(|url| site.veil.line(&[&post.id], url));
    entry.urls = urls.collect();
    entry.former_page = (page_stem(&entry) != former).then_some(former);
    site.posts.push(entry);
    true
}

/// If a decision hides a member, it also hides what they wrote, except records that a decision publishes.
fn hides_author(site: &Site, decisions: &Decisions, id: &Id, author: Option<&Id>) -> Option<Exclusion> {
    let hidden = |author: &Id| decisions.withhold.contains(author) || site.hidden_members.contains(author);
    (!decisions.publish.contains(id) && author.is_some_and(hidden)).then_some(Exclusion::Decision)
}

/// The thread key of a post's page, without its extension and number.
fn page_stem(entry: &PostEntry) -> String {
    let (folder, name) = super::page_name(entry);
    super::key_stem(&format!("{folder}{name}.html"))
}

fn entry(site: &Site, post: &Post, place: Place) -> PostEntry {
    let heading = post.title.as_deref().filter(|_| post.title_from == TitleFrom::Source);
    let words = circle_html::excerpt::without_title(&post.body, breaks(post, &place), heading, EXCERPT);
    let own =
        post.title.as_deref().map(text::without_bidi).map(|title| title.trim().to_owned()).filter(|t| !t.is_empty());
    let titled = own.is_some() && post.title_from == TitleFrom::Source;
    let title = own.unwrap_or_else(|| {
        let gone = post.tombstone.as_deref().map(|reason| text::excerpt(reason, 30));
        let first = gone.unwrap_or_else(|| circle_html::excerpt::cut(&words, 30));
        if first.is_empty() { untitled::title(site, post) } else { first }
    });
    let mut tags: Vec<String> = Vec::new();
    for tag in &post.tags {
        let tag = text::without_bidi(tag).trim().to_owned();
        if !tag.is_empty() && !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    let mut media: Vec<Id> = post.media.iter().map(|medium| medium.media.clone()).collect();
    media.extend(post.link.iter().filter_map(|card| card.image.clone()));
    let cover = post.media.iter().find(|medium| medium.role == circle_model::archive::MediaRole::Cover);
    PostEntry {
        source: post.src.source.clone(),
        id: post.id.clone(),
        author: post.author.clone(),
        title,
        titled,
        created: post.created.clone(),
        tags,
        space: post.space.clone(),
        kind: post.kind,
        flags: post.flags,
        excerpt: words,
        picture: cover.or(post.media.first()).map(|medium| medium.media.clone()),
        pictures: post.media.len(),
        media,
        slug: post.slug.clone(),
        urls: post.url.iter().chain(&post.legacy_urls).cloned().collect(),
        moved_from: post.url.iter().chain(&post.legacy_urls).cloned().collect(),
        tombstone: post.tombstone.clone(),
        reply_to: post.reply_to.clone(),
        said_comments: post.counts.comment.clone(),
        file: super::file_of(post, &place).map(str::to_owned),
        source_file: post.src.file.clone().filter(|_| post.src.source == "markdown"),
        place,
        former_page: None,
    }
}

/// Merges records of two sources that have the same name: a weak record (only a name) becomes the only strong record with that
/// name. A person who joined the live circle chose their name there, so it gives them nobody's posts. Only an invite made for a
/// member of the archive connects them with that member.
fn join_members(site: &mut Site) {
    let mut strong: BTreeMap<&str, Vec<&Id>> = BTreeMap::new();
    let claims = |member: &&Member| !member.weak_id && member.src.source != archive::API;
    for member in site.members.values().filter(claims).filter(|member| !member.display_name().is_empty()) {
        strong.entry(member.display_name()).or_default().push(&member.id);
    }
    let mut aliases = BTreeMap::new();
    for member in site.members.values().filter(|member| member.weak_id) {
        if let Some([one]) = strong.get(member.display_name()).map(Vec::as_slice) {
            aliases.insert(member.id.clone(), (*one).clone());
        }
    }
    for id in aliases.keys() {
        site.members.remove(id);
    }
    for post in &mut site.posts {
        if let Some(one) = post.author.as_ref().and_then(|id| aliases.get(id)) {
            post.author = Some(one.clone());
        }
    }
    site.aliases.extend(aliases);
}

fn comments(site: &mut Site, decisions: &Decisions, report: &mut Report) -> Result<()> {
    let mut seen = BTreeSet::new();
    let mut of_members = 0_u64;
    each(site, RecordKind::Comment, report, |site, record, range, report| {
        let Record::Comment(mut comment) = record else { return };
        comment.post = site.page(comment.post);
        if !seen.insert(comment.id.clone()) {
            report.exclude(Exclusion::Duplicate);
            return;
        }
        let visibility = comment.visibility.unwrap_or(Visibility::Circle);
        let alone = decisions.alone.contains(&comment.post) && !decisions.publish.contains(&comment.id);
        let why = if site.withheld.contains(&comment.post) || alone {
            Some(Exclusion::ParentExcluded)
        } else {
            withheld(&comment.id, visibility, decisions, false, comment.flags.deleted, comment.flags.hidden)
        };
        // If members deleted their own comments, not even the place of these is kept.
        let why = hides_author(site, decisions, &comment.id, comment.author.as_ref()).or(why);
        let for_members = is_for_members(site, decisions, &comment.id, &comment.src).then_some(Exclusion::MembersOnly);
        let why = for_members.or(why);
        let is_live = comment.src.source == archive::API && site.config.live_rules.private;
        of_members += u64::from(is_live && (for_members.is_some() || why.is_none()));
        if let Some(why) = why {
            report.exclude(why);
            site.withheld.insert(comment.id.clone());
        }
        if why.is_some_and(|why| why != Exclusion::Deleted) {
            return;
        }
        let deleted = why == Some(Exclusion::Deleted);
        let resolved = comment.author.as_ref().map(|id| site.resolve(id).clone());
        if comment.weak_id && !site.veil.is_empty() {
            let mut public = (*comment).clone();
            site.veil.comment(&mut public);
            if public.body != comment.body || resolved.as_ref().is_some_and(|id| site.veil.hides(id)) {
                site.veil.rename(&comment.id);
            }
        }
        let addressed = comment.reply_to_member.as_ref().map(|id| site.resolve(id).clone());
        site.comments.push(CommentEntry {
            reply_to_member: addressed.filter(|id| !deleted && !site.hidden_members.contains(id)),
            created: Time { raw: String::new(), ..comment.created },
            id: comment.id,
            post: comment.post,
            thread: comment.thread,
            parent: comment.parent,
            author: resolved.filter(|_| !deleted),
            deleted,
            media: if deleted { Vec::new() } else { comment.media.into_iter().map(|medium| medium.media).collect() },
            range,
        });
    })?;
    if of_members > 0 {
        report.note(if site.config.live_rules.publish {
            fill(
                "{} comment[s] of the private circle [is|are] in the site, and everybody who has the site can read [it|them]: circle.toml says `publish = \"public\"`",
                [of_members],
            )
        } else {
            fill(
                "{} comment[s] of the private circle [stays|stay] out of the site; if everybody who has the site may read [it|them], write `publish = \"public\"` into the part `live` of circle.toml",
                [of_members],
            )
        });
    }
    // A stub is kept only if another comment replies to it.
    let answered: BTreeSet<Id> = site.comments.iter().filter_map(|comment| comment.parent.clone()).collect();
    site.comments.retain(|comment| !comment.deleted || answered.contains(&comment.id));
    Ok(())
}
