//! Applies the veil to whole records. This module handles every field of a record that is published.

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
    /// The published form of a post. Its own id is changed last, because the veil needs it until then.
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
            // The page at the source would show the author.
            post.url = None;
            post.legacy_urls.clear();
        }
        post.reply_to = post.reply_to.as_ref().map(|id| self.id(id));
        post.id = self.id(&post.id);
    }

    /// The published form of a comment.
    pub fn comment(&self, comment: &mut Comment) {
        if self.is_empty() {
            return;
        }
        let (id, post) = (comment.id.clone(), comment.post.clone());
        let about = [&id, &post];
        if circle_content::public::is_typed(comment) {
            // In text from the comment box, raw HTML is text.
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

    /// The published form of a member without a pseudonym. Their own words may name others.
    pub fn other_member(&self, member: &mut Member) {
        if self.is_empty() {
            return;
        }
        let id = member.id.clone();
        let about = [&id];
        // If two people have the same name, this one keeps it.
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

    /// The published form of a medium that is not dropped.
    pub fn medium(&self, medium: &mut Media) {
        if self.is_empty() {
            return;
        }
        let id = medium.id.clone();
        self.medium_of(&id, medium);
    }

    /// Changes a medium according to the decisions about the record that uses it.
    pub fn medium_of(&self, user: &Id, medium: &mut Media) {
        let fields = medium.name.iter_mut().chain(&mut medium.alt).chain(&mut medium.reason).chain(&mut medium.remote);
        self.texts(&[user], fields);
    }

    /// A text file that these records show, if it changes. HTML in it is text, too.
    #[must_use]
    pub fn attached(&self, about: &[Id], text: &str) -> Option<String> {
        let about: Vec<&Id> = about.iter().collect();
        let first = self.changed(&about, text, Markup::None);
        self.changed(&about, first.as_deref().unwrap_or(text), Markup::Html).or(first)
    }

    /// The published form of the circle.
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

    /// The published form of a space.
    pub fn space(&self, space: &mut Space) {
        let id = space.id.clone();
        self.texts(&[&id], std::iter::once(&mut space.name));
    }

    /// The published form of an event.
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

    /// The published form of a reaction. On some platforms, its kind is the name of a picture, and members name such pictures
    /// after themselves.
    pub fn reaction(&self, reaction: &mut Reaction) {
        let target = reaction.target.clone();
        self.texts(&[&target], std::iter::once(&mut reaction.kind));
        self.as_written(&[&target], reaction.at.as_mut(), []);
    }

    /// Raw times and numbers of the source, which may be sentences with names in them (某某等 12 人赞了).
    fn as_written<'a>(
        &self,
        about: &[&Id],
        times: impl IntoIterator<Item = &'a mut Time>,
        counts: impl IntoIterator<Item = &'a mut Count>,
    ) {
        self.texts(about, times.into_iter().map(|time| &mut time.raw));
        self.texts(about, counts.into_iter().map(|count| &mut count.raw));
    }

    /// Markdown of the configuration. If a mark divides a name, the result is HTML, which Markdown permits.
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
            // Titles and addresses may contain markup, too. Anything that is not a tag is read as text.
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

    /// Changes a body and the media it uses.
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
            // In the HTML, words that Markdown's marks divide are whole, and pictures are found in any notation.
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

    /// Changes Markdown in which HTML is text.
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

    /// Rules for the addresses of dropped media in a text.
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

/// Removes all other attributes from tags that name a dropped medium: alternative text, title, second address.
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
