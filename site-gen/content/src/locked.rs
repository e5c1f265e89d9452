//! Locked parts of a text: `[secret key=…]…[/secret]`, `{hide}…{/hide}`, `{{% hugo-encryptor "…" %}}…{{% /hugo-encryptor %}}`.
//!
//! 1. A tag opens a lock by its name (`LOCKS`), or, whatever its name, by an attribute that is a key or names a role (`KEYS`).
//! 2. The tag with its key, its content and its end tag are replaced by a [`BOX`].
//! 3. If a lock has no end, its extent is unknown, and the whole text is withheld.
//!
//! The gate applies this to everything imported. The Markdown reader applies it first, before it removes the tags of blog programs.

use std::collections::BTreeMap;

use super::audience::fold;

/// The placeholder for a locked part, until the site shows it in its own language.
pub const BOX: &str = "【🔒 locked · 这里的内容只给部分读者看，没有公开】";

/// The kind of private fact under which locked parts are stored.
pub const LOCKED: &str = "locked part";

/// Names of locking tags, folded.
const LOCKS: &[&str] = &[
    "hide",
    "hidden",
    "secret",
    "reply",
    "replyview",
    "private",
    "password",
    "passwd",
    "pwd",
    "encrypt",
    "encrypted",
    "member",
    "members",
    "vip",
    "login",
    "logged",
    "restrict",
    "paid",
    "pay",
    "payread",
    "payview",
    "premium",
    "subscriber",
    "subscribers",
    "lock",
    "locked",
    "onlyme",
    "authoronly",
    "adminonly",
    "wxcaptcha",
    "gzh",
    "erphpdown",
    "kggatedblock",
    "passster",
    "ppwp",
    "隐藏",
    "回复可见",
    "登录可见",
    "会员可见",
    "会员",
    "付费",
    "付费可见",
    "密码",
    "加密",
    "私密",
    "评论可见",
    "回复",
    "登录",
    "仅自己可见",
    "口令",
    "公众号",
];
/// Parts of the names of other locking tags.
const PARTS: &[&str] = &[
    "hide",
    "hidden",
    "secret",
    "private",
    "password",
    "passwd",
    "encrypt",
    "locker",
    "loggedin",
    "member",
    "login",
    "restrict",
    "paywall",
    "payread",
    "payview",
    "premium",
    "protect",
    "subscriber",
    "viponly",
    "replyto",
    "可见",
];
/// Boxes of themes that every reader can open.
const OPEN: &[&str] = &[
    "hidetoggle",
    "hideinline",
    "hideblock",
    "unhide",
    "visitor",
    "hidetoc",
    "hidetitle",
    "endhidetoggle",
    "endhideblock",
];
/// Attributes that are a key, or state who may read.
const KEYS: &[&str] = &[
    "key",
    "keys",
    "password",
    "pass",
    "passwd",
    "pwd",
    "passphrase",
    "role",
    "roles",
    "userrole",
    "level",
    "levels",
    "userlevel",
    "capability",
    "membership",
    "memberlevel",
    "secret",
    "requires",
    "密码",
    "口令",
    "角色",
    "等级",
];
/// The maximum distance to the end of a tag, in bytes.
const LONGEST_TAG: usize = 600;

/// The result of cutting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The remaining text, with placeholders.
    pub text: String,
    /// The removed parts, with their tags.
    pub removed: Vec<String>,
    /// The number of removed parts.
    pub parts: u64,
    /// True if a lock has no end: the text is withheld, and is cut off from there.
    pub whole: bool,
}

/// The note for this number of parts.
#[must_use]
pub fn said(parts: u64) -> String {
    format!(
        "{parts} parts of texts were only for readers with a key, a role or an answer: they are cut out, and a box says so; a text in which such a part has no end is withheld whole"
    )
}

/// The syntax of a tag. A lock ends only with the same syntax.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Form {
    Square,
    Curly,
    Shortcode,
    Liquid,
    Comment,
    Element,
    Container,
}

struct Tag<'a> {
    form: Form,
    name: String,
    arguments: &'a str,
    closes: bool,
    from: usize,
    to: usize,
}

/// Cuts out locked parts. `None` if there are none.
#[must_use]
pub fn cut(text: &str) -> Option<Cut> {
    if !text.contains(['[', '{', '<']) && !text.contains(":::") {
        return None;
    }
    let tags = tags(text);
    let mut ends: BTreeMap<(Form, &str), Vec<usize>> = BTreeMap::new();
    for (at, tag) in tags.iter().enumerate().filter(|(_, tag)| tag.closes) {
        ends.entry((tag.form, tag.name.as_str())).or_default().push(at);
    }
    let mut cut = Cut { text: String::new(), removed: Vec::new(), parts: 0, whole: false };
    let (mut done, mut skip) = (0, 0);
    for (at, tag) in tags.iter().enumerate() {
        if at < skip || tag.closes || !locks(tag) {
            continue;
        }
        // The end of a container has no name.
        let name = if tag.form == Form::Container { "" } else { tag.name.as_str() };
        let end = ends.get(&(tag.form, name)).and_then(|ends| {
            // A nested lock of the same name ends first.
            let (mut depth, mut next) = (1_usize, at + 1);
            let mut last = None;
            for end in ends.iter().skip(ends.partition_point(|end| *end < at)) {
                let opened = tags.get(next..*end).unwrap_or_default().iter();
                depth += opened
                    .filter(|inner| !inner.closes && inner.form == tag.form && (name.is_empty() || inner.name == name))
                    .count();
                depth -= 1;
                next = end + 1;
                last = Some(*end);
                if depth == 0 {
                    break;
                }
            }
            last
        });
        let Some(end) = end else {
            if is_meant(text, tag) {
                cut.text.push_str(text.get(done..tag.from).unwrap_or_default());
                cut.text.push_str(BOX);
                cut.removed.push(text.get(tag.from..).unwrap_or_default().to_owned());
                cut.parts += 1;
                cut.whole = true;
                return Some(cut);
            }
            continue;
        };
        let Some(close) = tags.get(end) else { continue };
        cut.text.push_str(text.get(done..tag.from).unwrap_or_default());
        cut.text.push_str(BOX);
        cut.removed.push(text.get(tag.from..close.to).unwrap_or_default().to_owned());
        cut.parts += 1;
        (done, skip) = (close.to, end + 1);
    }
    cut.text.push_str(text.get(done..).unwrap_or_default());
    (cut.parts > 0).then_some(cut)
}

/// True if a tag without an end was meant as a lock. `[login]` in a sentence is a word, and `[hidden gems](…)` is a link.
fn is_meant(text: &str, tag: &Tag<'_>) -> bool {
    let begins_line = text.get(..tag.from).unwrap_or_default().trim_end_matches([' ', '\t']).ends_with(['\n', '>'])
        || text.get(..tag.from).is_some_and(|before| before.trim().is_empty());
    let is_link = text.get(tag.to..).unwrap_or_default().starts_with(['(', '[', ':']);
    let with_key = has_key(tag.arguments);
    match tag.form {
        Form::Square => {
            with_key || !is_link && begins_line && (tag.arguments.is_empty() || tag.arguments.starts_with('='))
        }
        Form::Curly => with_key || begins_line && tag.arguments.is_empty(),
        Form::Shortcode => true,
        Form::Liquid => with_key || LOCKS.contains(&tag.name.as_str()),
        Form::Comment | Form::Container => LOCKS.contains(&tag.name.as_str()),
        Form::Element => false,
    }
}

fn locks(tag: &Tag<'_>) -> bool {
    let name = tag.name.as_str();
    if OPEN.contains(&name) {
        return false;
    }
    let by_name = LOCKS.contains(&name) || tag.form != Form::Element && PARTS.iter().any(|part| name.contains(part));
    by_name
        || tag.form != Form::Element && tag.form != Form::Comment && has_key(tag.arguments)
        || tag.form == Form::Comment && has_json_key(tag.arguments)
}

/// True if one of the arguments is a key.
fn has_key(arguments: &str) -> bool {
    arguments.match_indices(['=', ':']).any(|(at, _)| {
        let before = arguments.get(..at).unwrap_or_default().trim_end();
        let name = before.rsplit([' ', ',', ';', '\t', '\n', '"', '\'', '(']).next().unwrap_or_default();
        KEYS.contains(&fold(name).as_str())
    })
}

fn has_json_key(arguments: &str) -> bool {
    ["\"password\"", "\"passwd\"", "\"role\"", "\"roles\"", "\"userRole\""].iter().any(|key| arguments.contains(key))
}

/// All tags of a text that may be locks, in order.
fn tags(text: &str) -> Vec<Tag<'_>> {
    let mut tags = Vec::new();
    let mut at = 0;
    while let Some(found) = text.get(at..).and_then(|rest| rest.find(['[', '{', '<', ':'])) {
        at += found;
        let rest = text.get(at..).unwrap_or_default();
        match tag(rest, at, text) {
            Some(tag) => {
                at = tag.to.max(at + 1);
                tags.push(tag);
            }
            None => at += 1,
        }
    }
    tags
}

fn tag<'a>(rest: &'a str, at: usize, text: &str) -> Option<Tag<'a>> {
    let window = rest.get(..floor(rest, LONGEST_TAG)).unwrap_or(rest);
    let (form, open, close) = if rest.starts_with("{{%") {
        (Form::Shortcode, "{{%", "%}}")
    } else if rest.starts_with("{{<") {
        (Form::Shortcode, "{{<", ">}}")
    } else if rest.starts_with("{%") {
        (Form::Liquid, "{%", "%}")
    } else if rest.starts_with("{{") {
        (Form::Curly, "{{", "}}")
    } else if rest.starts_with('{') {
        (Form::Curly, "{", "}")
    } else if rest.starts_with("<!--") {
        (Form::Comment, "<!--", "-->")
    } else if rest.starts_with('<') {
        (Form::Element, "<", ">")
    } else if rest.starts_with('[') {
        (Form::Square, "[", "]")
    } else if rest.starts_with(":::")
        && text.get(..at).is_some_and(|before| before.is_empty() || before.ends_with('\n'))
    {
        return container(rest, at);
    } else {
        return None;
    };
    let inner_from = open.len();
    // A key may contain the end of a tag, so quotes are respected.
    let inner_to = inner_from + end_of(window.get(inner_from..)?, close)?;
    let inner = rest.get(inner_from..inner_to)?.trim_matches([' ', '\t', '\n', '\r', '-', '~']);
    let to = at + inner_to + close.len();
    let (inner, mut closes) = match inner.strip_prefix('/') {
        Some(inner) => (inner.trim_start(), true),
        None => (inner, false),
    };
    let name_end =
        inner.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '/' | ':'))).unwrap_or(inner.len());
    let (raw, arguments) = inner.split_at(name_end);
    let raw = raw.strip_prefix("wp:").unwrap_or(raw).trim_end_matches([':', '/', '-']);
    let mut name = fold(raw);
    let mut arguments = arguments.trim();
    if matches!(form, Form::Liquid | Form::Comment | Form::Curly)
        && let Some(ended) = name.strip_prefix("end").filter(|ended| !ended.is_empty())
    {
        name = ended.to_owned();
        closes = true;
    }
    if form == Form::Comment {
        closes |= arguments.eq_ignore_ascii_case("end") || arguments == "结束";
        arguments = arguments.trim_start_matches("start").trim();
        // Ghost: `kg-gated-block:begin nonMember:false …`.
        if let Some(bare) = name.strip_prefix("kggatedblock") {
            closes |= bare == "end";
            name = if arguments.contains("nonMember:true") { "shown".to_owned() } else { "kggatedblock".to_owned() };
        }
    }
    (!name.is_empty()).then_some(Tag { form, name, arguments, closes, from: at, to })
}

/// `::: private` of VuePress and similar programs. It ends with a line of colons.
fn container(rest: &str, at: usize) -> Option<Tag<'_>> {
    let line = rest.split('\n').next().unwrap_or_default();
    let inner = line.trim_start_matches(':').trim().trim_start_matches(['{', '.', ' ']);
    let to = at + line.len();
    let name_end = inner.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-'))).unwrap_or(inner.len());
    let (name, arguments) = inner.split_at(name_end);
    let name = fold(name);
    if name.is_empty() {
        return Some(Tag { form: Form::Container, name: String::new(), arguments: "", closes: true, from: at, to });
    }
    Some(Tag { form: Form::Container, name, arguments: arguments.trim(), closes: false, from: at, to })
}

/// The position of `close` outside quotes, or inside quotes if it occurs nowhere else.
fn end_of(inner: &str, close: &str) -> Option<usize> {
    let first = inner.find(close)?;
    let mut quote = None;
    for (at, c) in inner.char_indices() {
        match (quote, c) {
            (None, _) if inner.get(at..).is_some_and(|rest| rest.starts_with(close)) => return Some(at),
            (None, '"' | '\'') if inner.get(..at).is_some_and(|before| before.ends_with(['=', ' '])) => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            _ => {}
        }
    }
    Some(first)
}

/// The last character boundary at or before `most`.
fn floor(text: &str, most: usize) -> usize {
    (0..=most.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_behind_a_lock_is_cut_out_with_its_key() {
        for (open, close) in [
            ("[secret key=\"KEY\"]", "[/secret]"),
            ("[secret key='K]EY']", "[/secret]"),
            ("[Reply]", "[/reply]"),
            ("[private]", "[/private]"),
            ("[private role=\"editor\"]", "[/private]"),
            ("[password KEY]", "[/password]"),
            ("[member]", "[/member]"),
            ("[vip level=2]", "[/vip]"),
            ("[login]", "[/login]"),
            ("[hide]", "[/hide]"),
            ("[hide=10]", "[/hide]"),
            ("[隐藏]", "[/隐藏]"),
            ("[anything_else password=KEY]", "[/anything_else]"),
            ("[um_loggedin roles=\"a\"]", "[/um_loggedin]"),
            ("{hide}", "{/hide}"),
            ("{{ hide }}", "{{ /hide }}"),
            ("{% encrypt KEY %}", "{% endencrypt %}"),
            ("{%- private -%}", "{%- endprivate -%}"),
            ("{{% hugo-encryptor \"KEY\" %}}", "{{% /hugo-encryptor %}}"),
            ("{{< hugo-encryptor \"KEY\" >}}", "{{< /hugo-encryptor >}}"),
            ("{{< box password=\"KEY\" >}}", "{{< / box >}}"),
            ("<!--login start-->", "<!--login end-->"),
            ("<!-- hide -->", "<!-- /hide -->"),
            ("<!-- wp:x/block {\"password\":\"KEY\"} -->", "<!-- /wp:x/block -->"),
            ("<secret>", "</secret>"),
            ("\n::: private", "\n:::\n"),
        ] {
            for inside in ["WORD", "\nWORD\n\n<p>WORD</p>\n"] {
                let text = format!("前{open}\n{inside}{close}后");
                let cut = cut(&text).unwrap_or_else(|| panic!("{text}"));
                assert!(!cut.text.contains("WORD") && !cut.text.contains("EY"), "{text}: {}", cut.text);
                assert!(
                    cut.text.contains('前') && cut.text.contains('后') && cut.text.contains(BOX),
                    "{text}: {cut:?}"
                );
                assert!(!cut.whole);
            }
        }
        let nested = cut("一[hide]A[hide]B[/hide]C[/hide]二[hide]D[/hide]三").unwrap();
        assert_eq!((nested.text, nested.parts), (format!("一{BOX}二{BOX}三"), 2));
    }

    #[test]
    fn a_lock_without_an_end_keeps_all() {
        for text in
            ["前\n[hide]\nWORD", "[secret key=KEY]WORD", "{{% hugo-encryptor \"KEY\" %}}WORD", "{% encrypt KEY %}WORD"]
        {
            let cut = cut(text).unwrap();
            assert!(cut.whole && !cut.text.contains("WORD"), "{text}");
        }
    }

    #[test]
    fn words_and_links_are_no_locks() {
        for text in [
            "点 [login] 按钮",
            "[private](https://a.example/)",
            "[Hidden gems][1]\n\n[secret]: https://a.example/",
            "{% hideToggle 题 %}\n文\n{% endhideToggle %}",
            "{% note %}x{% endnote %}",
            "`[x]` {a} <b>c</b> [ ] [x]",
            "<p>:::</p>",
            "[caption id=\"a\"]x[/caption]",
        ] {
            assert_eq!(cut(text), None, "{text}");
        }
    }

    #[test]
    fn many_tags_cost_no_more_than_long_texts() {
        for unit in ["[hide]", "[/hide]", "{hide", "[", "{{%", "<!--", ":::\n", "[hide][/x]", "[a key="] {
            let started = std::time::Instant::now();
            let _ = cut(&unit.repeat(400_000 / unit.len()));
            assert!(started.elapsed().as_secs() < 20, "{unit}");
        }
    }
}
