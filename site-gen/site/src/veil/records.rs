//! The veil over whole records. Every field of a record that anybody can read is named here.

use circle_model::{
    archive::{
        Circle, Comment, Count, Counts, Event, Media, MediaUse, Member, Post, Reaction, Space, Text, TextFormat,
    },
    id::Id,
    text::{LineBreaks, markdown, markdown_to_unsafe_html},
    time::Time,
};

use super::{
    Veil, dropped_name,
    rules::{Care, Rules},
    stream::{Markup, tag_name, tags},
};

impl Veil {
    /// A post as it is published. Its own id is changed last, so that the veil still knows which post it is.
    pub fn post(&self, post: &mut Post, breaks: LineBreaks) {
        if self.is_empty() {
            return;
        }
        let id = post.id.clone();
        let about = [&id];
        self.body(&about, &mut post.body, &mut post.media, breaks);
        self.texts(
            &about,
            post.title.iter_mut().chain(&mut post.tags).chain(&mut post.slug).chain(&mut post.tombstone),
        );
        self.texts(&about, post.url.iter_mut().chain(&mut post.legacy_urls));
        for version in &mut post.versions {
            self.body(&about, &mut version.body, &mut [], breaks);
            self.texts(&about, version.title.iter_mut());
            self.as_written(&about, version.at.as_mut(), []);
        }
        if let Some(card) = &mut post.link {
            self.texts(&about, card.url.iter_mut().chain(&mut card.title).chain(&mut card.summary));
            card.image = card.image.as_ref().map(|image| self.id(image));
        }
        if let Some(quote) = &mut post.quote {
            let quoted = quote.post.clone().unwrap_or_else(|| id.clone());
            let about = [&id, &quoted];
            self.texts(&about, quote.url.iter_mut());
            if let Some(text) = &mut quote.text {
                self.body(&about, text, &mut [], LineBreaks::Hard);
            }
            if quote.author.as_ref().is_some_and(|author| self.hides(author)) {
                quote.url = None;
            }
            quote.post = quote.post.as_ref().map(|id| self.id(id));
        }
        if let Some(poll) = &mut post.poll {
            self.texts(&about, poll.options.iter_mut().map(|option| &mut option.text));
            self.as_written(&about, poll.closed.as_mut(), poll.options.iter_mut().filter_map(|o| o.votes.as_mut()));
        }
        self.as_written(&about, [&mut post.created].into_iter().chain(&mut post.edited), counts(&mut post.counts));
        if post.author.as_ref().is_some_and(|author| self.hides(author)) {
            // The page at the source says who wrote it.
            post.url = None;
            post.legacy_urls.clear();
        }
        post.reply_to = post.reply_to.as_ref().map(|id| self.id(id));
        post.id = self.id(&post.id);
    }

    /// A comment as it is published.
    pub fn comment(&self, comment: &mut Comment) {
        if self.is_empty() {
            return;
        }
        let (id, post) = (comment.id.clone(), comment.post.clone());
        let about = [&id, &post];
        if circle_content::public::is_typed(comment) {
            // What was typed into the widget: raw HTML is text there.
            self.typed(&about, &mut comment.body);
        } else {
            self.body(&about, &mut comment.body, &mut comment.media, LineBreaks::Hard);
        }
        self.texts(&about, comment.thread.iter_mut());
        let times = [&mut comment.created].into_iter().chain(&mut comment.edited);
        self.as_written(&about, times, counts(&mut comment.counts));
        comment.post = self.id(&comment.post);
        comment.parent = comment.parent.as_ref().map(|id| self.id(id));
        comment.id = self.id(&comment.id);
    }

    /// A member without a pseudonym as they are published: what they say of themselves may name others.
    pub fn other_member(&self, member: &mut Member) {
        if self.is_empty() {
            return;
        }
        let id = member.id.clone();
        let about = [&id];
        // Two people of one name: this one keeps it.
        let spans = Self { spans: self.spans.clone(), ..Self::default() };
        for name in &mut member.names {
            name.value = spans.line(&about, &name.value);
        }
        if let Some(bio) = &mut member.bio {
            self.body(&about, bio, &mut [], LineBreaks::Hard);
        }
        self.texts(&about, member.title.iter_mut().chain(&mut member.url));
        let since = member.names.iter_mut().filter_map(|name| name.since.as_mut());
        self.as_written(&about, since.chain(&mut member.joined), []);
        member.avatar = member.avatar.as_ref().map(|avatar| self.id(avatar));
    }

    /// A medium that is not dropped, as it is published.
    pub fn medium(&self, medium: &mut Media) {
        if self.is_empty() {
            return;
        }
        let id = medium.id.clone();
        self.medium_of(&id, medium);
    }

    /// A medium as the record that uses it is published.
    pub fn medium_of(&self, user: &Id, medium: &mut Media) {
        let fields = medium.name.iter_mut().chain(&mut medium.alt).chain(&mut medium.reason).chain(&mut medium.remote);
        self.texts(&[user], fields);
    }

    /// A text file that these records show, if it changes; HTML is text there too.
    #[must_use]
    pub fn attached(&self, about: &[Id], text: &str) -> Option<String> {
        let about: Vec<&Id> = about.iter().collect();
        let first = self.changed(&about, text, Markup::None);
        self.changed(&about, first.as_deref().unwrap_or(text), Markup::Html).or(first)
    }

    /// The circle as it is published.
    pub fn circle(&self, circle: &mut Circle) {
        if self.is_empty() {
            return;
        }
        let id = circle.id.clone();
        let about = [&id];
        self.texts(&about, std::iter::once(&mut circle.name).chain(&mut circle.platform).chain(&mut circle.url));
        for text in [&mut circle.about, &mut circle.rules].into_iter().flatten() {
            self.body(&about, text, &mut [], LineBreaks::Soft);
        }
        circle.cover = circle.cover.as_ref().map(|cover| self.id(cover));
        let times = circle.created.iter_mut().chain(&mut circle.closed);
        self.as_written(&about, times, circle.reported_members.as_mut());
        for space in &mut circle.spaces {
            self.space(space);
        }
    }

    /// A part of the circle as it is published.
    pub fn space(&self, space: &mut Space) {
        let id = space.id.clone();
        self.texts(&[&id], std::iter::once(&mut space.name));
    }

    /// An event as it is published.
    pub fn event(&self, event: &mut Event) {
        if self.is_empty() {
            return;
        }
        let id = event.id.clone();
        if let Some(text) = &mut event.text {
            self.body(&[&id], text, &mut [], LineBreaks::Hard);
        }
        self.as_written(&[&id], [&mut event.at], []);
        if let Some(public) = event.member.as_ref().and_then(|member| self.member(member)) {
            event.member = Some(public.clone());
            event.id = self.hidden_id(&event.id);
        }
    }

    /// A reaction as it is published: of some platforms, its kind is a picture's name, and members give such pictures their names.
    pub fn reaction(&self, reaction: &mut Reaction) {
        let target = reaction.target.clone();
        self.texts(&[&target], std::iter::once(&mut reaction.kind));
        self.as_written(&[&target], reaction.at.as_mut(), []);
    }

    /// Times and numbers as the source wrote them: what stood there may be a sentence with a name in it (某某等 12 人赞了).
    fn as_written<'a>(
        &self,
        about: &[&Id],
        times: impl IntoIterator<Item = &'a mut Time>,
        counts: impl IntoIterator<Item = &'a mut Count>,
    ) {
        self.texts(about, times.into_iter().map(|time| &mut time.raw));
        self.texts(about, counts.into_iter().map(|count| &mut count.raw));
    }

    /// Markdown of the configuration; where a mark cuts a name in two, it comes back as the HTML that it becomes, which Markdown lets pass.
    #[must_use]
    pub fn markdown(&self, text: &str) -> String {
        let mut text = Text::markdown(text);
        self.body(&[], &mut text, &mut [], LineBreaks::Soft);
        text.source
    }

    /// True for a member with a pseudonym, under any id.
    #[must_use]
    pub fn hides(&self, member: &Id) -> bool {
        self.members.contains_key(member) || self.public.contains_key(member)
    }

    fn texts<'a>(&self, about: &[&Id], texts: impl Iterator<Item = &'a mut String>) {
        for text in texts {
            // Titles and addresses may hold markup too; what is no tag is read as it stands.
            if let Some(changed) = self.changed(about, text, Markup::None) {
                *text = changed;
            }
            if text.contains('<')
                && let Some(changed) = self.changed(about, text, Markup::Html)
            {
                *text = changed;
            }
        }
    }

    /// A body and the media it uses.
    fn body(&self, about: &[&Id], text: &mut Text, media: &mut [MediaUse], breaks: LineBreaks) {
        let own = self.dropped_here(media);
        let change = |source: &str, markup: Markup| -> Option<String> {
            let local = own.apply(source, markup);
            self.changed(about, local.as_deref().unwrap_or(source), markup).or(local)
        };
        if text.format == TextFormat::Plain {
            if let Some(changed) = change(&text.source, Markup::None) {
                text.source = changed;
            }
        } else if let Some(changed) = change(&text.source, Markup::Html) {
            text.source = changed;
        }
        if text.format == TextFormat::Markdown && !self.is_empty() {
            // What Markdown's marks cut in two is whole in its HTML; and pictures are found there however they were written.
            let html = markdown_to_unsafe_html(&text.source, breaks);
            let clean = change(&html, Markup::Html);
            if clean.is_some() || self.shows_dropped(&html) {
                text.source = clean.unwrap_or(html);
                text.format = TextFormat::Html;
            }
        }
        if text.format == TextFormat::Html && self.shows_dropped(&text.source) {
            text.source = without_words(&text.source);
        }
        for used in media {
            if self.dropped.contains(&used.media) {
                let public = self.id(&used.media);
                used.reference = used.reference.is_some().then(|| public.to_string());
                used.alt = None;
                used.media = public;
                continue;
            }
            let fields = used.alt.iter_mut().chain(&mut used.reference);
            self.texts(about, fields);
            used.media = self.id(&used.media);
        }
    }

    /// Markdown in which HTML is text.
    fn typed(&self, about: &[&Id], text: &mut Text) {
        if let Some(changed) = self.changed(about, &text.source, Markup::None) {
            text.source = changed;
        }
        let html = markdown(&text.source).into_string();
        if let Some(changed) = self.changed(about, &html, Markup::Html) {
            text.source = changed;
            text.format = TextFormat::Html;
        }
    }

    /// Rules for the addresses by which a text names the dropped media that it uses.
    fn dropped_here(&self, media: &[MediaUse]) -> Rules {
        let mut rules = Rules::default();
        for used in media.iter().filter(|used| self.dropped.contains(&used.media)) {
            if let Some(reference) = &used.reference {
                rules.add(reference, Some(self.id(&used.media).as_str()), Care::Address);
            }
        }
        rules
    }

    fn shows_dropped(&self, html: &str) -> bool {
        (1..=self.dropped.len()).any(|number| html.contains(&dropped_name(number)))
    }
}

fn counts(counts: &mut Counts) -> impl Iterator<Item = &mut Count> {
    let Counts { like, comment, share, read, collect, reward } = counts;
    [like, comment, share, read, collect, reward].into_iter().filter_map(Option::as_mut)
}

/// HTML in which the tags that name a dropped medium say nothing else: no alternative text, no title, no second address.
fn without_words(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut at = 0;
    for range in tags(html) {
        let Some(tag) = html.get(range.clone()) else { continue };
        let Some(start) = tag.find("dropped-") else { continue };
        let name: String = tag
            .get(start..)
            .unwrap_or_default()
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '-')
            .collect();
        out.push_str(html.get(at..range.start).unwrap_or_default());
        match tag_name(tag).0.as_str() {
            "a" => out.push_str("<a>"),
            "video" | "audio" => out.push_str(&format!("<{} src=\"{name}\">", tag_name(tag).0)),
            _ => out.push_str(&format!("<img src=\"{name}\">")),
        }
        at = range.end;
    }
    out.push_str(html.get(at..).unwrap_or_default());
    out
}
