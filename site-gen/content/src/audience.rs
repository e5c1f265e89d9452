//! Who could see a text, from its marks: the one table of the words and names by which people and programs state it, in Chinese and
//! English.
//!
//! 1. [`asks`] says what a name (a front matter field, a column, a key) asks: who could see the text, its state, or whether it is a draft,
//!    private, published, hidden, deleted or locked. Names are compared [`fold`]ed: without case, spaces, hyphens, underscores, traditional
//!    characters and common prefixes (`is`, `post_`, `wp_`, 是否).
//! 2. [`says`] interprets the value. **If a name asks who could see the text and the value is unknown, the text is withheld.**
//! 3. [`of_words`] interprets single words, `place` folders and file names.
//!
//! A text that its author removed from lists (hidden, unlisted, archived, `list: never`) is withheld as hidden, because only people with
//! its address could find it. A text that was only excluded from search engines (`noindex`, `robots`, `sitemap: false`) was in all lists,
//! and is published.

use circle_model::archive::{Post, PostFlags, Visibility};

mod fold;
mod place;
mod withheld;
mod words;

pub use fold::fold;
pub use place::of_path;
pub use withheld::{is_said, mark_said, of_post, of_visibility};

/// What a name asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asks {
    /// Who may see it.
    Audience,
    /// Who may see it, or what may be done with it. Licences say nothing about the audience.
    Permission,
    /// Its state.
    Status,
    /// Its kind or label. Most values say nothing about the audience.
    Kind,
    /// Often something else than whether it is published. Only a plain no and labels count.
    Perhaps,
    /// Whether it is a draft.
    Draft,
    /// Whether it is only for its author, or for people with a key or an account.
    Private,
    /// Whether it is published. No makes it a draft.
    Published,
    /// Whether everybody may see it. No makes it private.
    Public,
    /// Whether it is hidden.
    Hidden,
    /// Whether it is in lists, or becomes a page at all.
    Listed,
    /// Whether it was deleted.
    Deleted,
    /// The key to it. Its value is never kept.
    Password,
}

/// What a value says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    /// Nothing that withholds it.
    Nothing,
    /// The people who could see it.
    Seen(Visibility),
    /// It is a draft, or waits for approval.
    Draft,
    /// It is in the trash.
    Deleted,
    /// It is in no list.
    Hidden,
}

/// All marks of one text. The narrowest of several counts, in any order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AudienceMarks {
    /// Who could see it, if a mark says so.
    pub visibility: Option<Visibility>,
    /// It is a draft.
    pub draft: bool,
    /// It is in no list.
    pub hidden: bool,
    /// It was deleted.
    pub deleted: bool,
}

impl AudienceMarks {
    /// Adds a mark.
    pub fn hear(&mut self, says: Says) {
        match says {
            Says::Nothing => {}
            Says::Draft => self.draft = true,
            Says::Deleted => self.deleted = true,
            Says::Hidden => self.hidden = true,
            Says::Seen(visibility) => {
                let before = self.visibility.unwrap_or(visibility);
                self.visibility = Some(if width(before) < width(visibility) { before } else { visibility });
            }
        }
    }

    /// True if the marks withhold the text.
    #[must_use]
    pub fn withholds(&self) -> bool {
        self.draft || self.hidden || self.deleted || self.visibility.is_some_and(|who| !who.is_published())
    }

    /// Applies the marks to a post. Also notes that it has a mark that is not understood.
    pub fn mark_post(&self, post: &mut Post) {
        self.mark(&mut post.visibility, &mut post.flags);
        if self.visibility == Some(Visibility::Unknown) {
            mark_said(&mut post.extra);
        }
    }

    /// Applies the marks to a post's fields. They never loosen what the post already says.
    pub fn mark(&self, visibility: &mut Visibility, flags: &mut PostFlags) {
        if let Some(told) = self.visibility.filter(|told| width(*told) < width(*visibility)) {
            *visibility = told;
        }
        flags.draft |= self.draft;
        flags.hidden |= self.hidden;
        flags.deleted |= self.deleted;
    }
}

/// The narrower of two audiences.
#[must_use]
pub fn narrowest(all: impl IntoIterator<Item = Visibility>) -> Option<Visibility> {
    all.into_iter().min_by_key(|visibility| width(*visibility))
}

/// A rank by the number of people: fewer people are narrower.
fn width(visibility: Visibility) -> u8 {
    match visibility {
        Visibility::Private => 0,
        Visibility::Direct => 1,
        Visibility::Unknown => 2,
        Visibility::Followers => 3,
        Visibility::Circle => 4,
        Visibility::Public => 5,
    }
}

/// The audience that these words state; unknown for unknown words.
#[must_use]
pub fn of_words(shown: &str) -> Visibility {
    let shown = fold(shown);
    let has = |words: &str| words::within(words, &shown);
    let is = |words: &str| words::is(words, &shown);
    // The narrowest come first: 仅自己可见, 不公开, 部分好友可见.
    if has(words::SELF) || is(words::PRIVATE) {
        Visibility::Private
    } else if has("私信 指定 部分 双方") || is(words::DIRECT) {
        Visibility::Direct
    } else if has("好友 朋友 关注 粉丝 订阅") || is(words::FOLLOWERS) {
        Visibility::Followers
    } else if has("圈内 圈子 群内 成员") || is("circle group members") {
        Visibility::Circle
    } else if has("公开 所有人 任何人 所有用户 全部可见 人人可见") && !has(words::LIMITS) || is(words::PUBLIC)
    {
        Visibility::Public
    } else {
        Visibility::Unknown
    }
}

/// What a name asks; `None` for names that have nothing to do with the audience.
#[must_use]
pub fn asks(name: &str) -> Option<Asks> {
    let name = fold(name);
    // Longer than the longest known name.
    if name.is_empty() || name.len() > 60 {
        return None;
    }
    let mut bare = name.as_str();
    loop {
        if let Some(asks) = words::NAMES.iter().find_map(|(asks, names)| words::is(names, bare).then_some(*asks)) {
            return Some(asks);
        }
        let shorter = words::BEFORE
            .split_whitespace()
            .find_map(|before| bare.strip_prefix(before).filter(|rest| !rest.is_empty()));
        let shorter = shorter.or_else(|| words::AFTER.split_whitespace().find_map(|after| bare.strip_suffix(after)));
        match shorter.filter(|rest| !rest.is_empty()) {
            Some(rest) => bare = rest,
            None => break,
        }
    }
    words::within(words::OF_KEYS, &name).then_some(Asks::Password)
}

/// True for a name whose value has settings of the post (`params`, `extra`). They count as the post's own.
#[must_use]
pub fn holds_more(name: &str) -> bool {
    words::is(words::AROUND, &fold(name))
}

/// True or false, as programs and people write it.
#[must_use]
pub fn truth(word: &str) -> Option<bool> {
    let word = word.trim().to_lowercase();
    if words::is(words::YES, &word) {
        return Some(true);
    }
    if words::is(words::NO, &word) {
        return Some(false);
    }
    match fold(&word).as_str() {
        folded if words::is(words::YES, folded) => Some(true),
        folded if words::is(words::NO, folded) => Some(false),
        _ => None,
    }
}

/// What a state says: draft, published, deleted. `None` for other words.
fn of_state(word: &str) -> Option<Says> {
    let word = fold(word);
    let is = |words: &str| words::is(words, &word);
    if is(words::DRAFT) {
        Some(Says::Draft)
    } else if is(words::BIN) {
        Some(Says::Deleted)
    } else if is(words::HIDDEN) {
        Some(Says::Hidden)
    } else if is(words::LOCKED) {
        Some(Says::Seen(Visibility::Private))
    } else if is(words::SHOWN) {
        Some(Says::Nothing)
    } else {
        None
    }
}

/// What the value `word` says for a name of this kind. An unknown word never counts as yes.
#[must_use]
pub fn says(asks: Asks, word: &str) -> Says {
    let word = word.trim();
    if word.is_empty() || matches!(word, "null" | "~" | "None" | "nil") {
        return Says::Nothing;
    }
    let truth = truth(word);
    let number = word.bytes().all(|byte| byte.is_ascii_digit());
    let known = || match of_words(word) {
        Visibility::Unknown => of_state(word),
        known => Some(Says::Seen(known)),
    };
    let unknown = Says::Seen(Visibility::Unknown);
    match asks {
        // A number has a meaning only in its own program.
        Asks::Audience | Asks::Permission if number => unknown,
        Asks::Audience | Asks::Permission => match truth {
            Some(true) => Says::Nothing,
            Some(false) => Says::Seen(Visibility::Private),
            None if asks == Asks::Permission && is_licence(word) => Says::Nothing,
            None => known().unwrap_or(unknown),
        },
        Asks::Status => {
            let known = of_state(word).or_else(known);
            // How far the author has got. The blog shows the text anyway.
            let progress = words::is(words::PROGRESS, &fold(word));
            known.unwrap_or(if progress { Says::Nothing } else { unknown })
        }
        Asks::Kind => of_labels(word),
        Asks::Perhaps if truth == Some(false) => Says::Draft,
        Asks::Perhaps => of_labels(word),
        Asks::Draft if truth == Some(false) => Says::Nothing,
        Asks::Draft => Says::Draft,
        Asks::Private if truth == Some(false) || fold(word) == "public" => Says::Nothing,
        // Some people write the password here.
        Asks::Private => Says::Seen(Visibility::Private),
        Asks::Published | Asks::Public => match truth {
            Some(true) => Says::Nothing,
            Some(false) if asks == Asks::Public => Says::Seen(Visibility::Private),
            Some(false) => Says::Draft,
            None if is_day(word) || word.contains("://") => Says::Nothing,
            None => known().unwrap_or(unknown),
        },
        Asks::Hidden => {
            let parts = words::is(words::PARTS, &fold(word));
            if truth == Some(false) || parts { Says::Nothing } else { Says::Hidden }
        }
        Asks::Listed => {
            let never = truth == Some(false) || matches!(fold(word).as_str(), "never" | "local" | "none");
            if never { Says::Hidden } else { Says::Nothing }
        }
        Asks::Deleted if truth == Some(false) => Says::Nothing,
        Asks::Deleted => Says::Deleted,
        Asks::Password if word == "false" => Says::Nothing,
        Asks::Password => Says::Seen(Visibility::Private),
    }
}

/// What labels say. One text may have several.
fn of_labels(word: &str) -> Says {
    let mut told = Says::Nothing;
    for label in word.split([',', '，', '、', ';', '；', '/']).chain([word]) {
        if words::is(words::KINDS, &fold(label)) {
            told = of_state(label).unwrap_or(Says::Seen(Visibility::Private));
        }
    }
    told
}

/// Marks at the start of a title: 【草稿】五月, 私密：日记.
#[must_use]
pub fn of_title(title: &str) -> Says {
    let title = title.trim();
    let mark = match title.strip_prefix(['【', '[', '（', '(', '「', '［']) {
        Some(rest) => rest.split(['】', ']', '）', ')', '」', '］']).next(),
        None => title.split_once(['：', ':']).map(|(before, _)| before),
    };
    mark.map_or(Says::Nothing, of_labels)
}

/// Licences such as `CC BY 4.0`: what may be done with a text, not who may read it.
fn is_licence(word: &str) -> bool {
    let word = fold(word);
    let begins = ["ccby", "cc0", "ccbync", "mit", "apache", "gpl", "copyright", "creativecommons", "allrightsreserved"];
    begins.iter().any(|begin| word.starts_with(begin))
        || ["转载", "署名", "版权", "著作权", "license", "licence"].iter().any(|part| word.contains(part))
}

/// A date in place of a yes: Jekyll's `published: 2021-05-29`.
fn is_day(word: &str) -> bool {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    (6..=20).contains(&digits) && word.starts_with(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests;
