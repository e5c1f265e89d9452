//! A mail: its header, parsed here because lists and programs use many variants, and its parts, parsed by mail-parser.

use std::{borrow::Cow, collections::BTreeSet};

use circle_model::archive::{Text, Visibility};
use mail_parser::{Message, MessageParser, MessagePart, MimeHeaders as _, PartType};

use super::{mask, threads};
use circle_content::decode;
use circle_html::{
    privacy::{facts, has_fact},
    sanitize::escaped,
};

/// Header fields: name in lower case, value on one line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Head(Vec<(String, String)>);

/// A part that is a file.
#[derive(Clone, Debug)]
pub(super) struct Attached {
    /// Its name.
    pub(super) name: String,
    /// Its bytes.
    pub(super) bytes: Vec<u8>,
    /// The address under which the body shows it.
    pub(super) reference: Option<String>,
    /// Why it is not kept.
    pub(super) refused: Option<&'static str>,
    /// True for a digital signature.
    pub(super) signature: bool,
}

/// The content of a mail.
#[derive(Clone, Debug, Default)]
pub(super) struct Mail {
    /// The author, if the name is not an address.
    pub(super) name: Option<String>,
    /// The author's address in lower case.
    pub(super) address: Option<String>,
    /// Its subject.
    pub(super) subject: Option<String>,
    /// The date as mail-parser reads it, in ISO 8601.
    pub(super) date: Option<String>,
    /// Its text.
    pub(super) body: Text,
    /// Its files.
    pub(super) attached: Vec<Attached>,
}

/// Parses a header. Folded lines are joined; bytes of an unstated encoding are guessed.
pub(super) fn read_head(mail: &[u8]) -> Head {
    let head = mail.get(..end_of_head(mail)).unwrap_or(mail);
    // No value used here is longer; a header of megabytes is hostile.
    let head = head.get(..head.len().min(256 << 10)).unwrap_or(head);
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in decode::text(head).text.split('\n') {
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = fields.last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            fields.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    Head(fields)
}

fn end_of_head(mail: &[u8]) -> usize {
    let ends = |at: usize| {
        let rest = mail.get(at..).unwrap_or_default();
        rest.starts_with(b"\n\n") || rest.starts_with(b"\n\r\n")
    };
    (0..mail.len()).find(|at| mail.get(*at) == Some(&b'\n') && ends(*at)).unwrap_or(mail.len())
}

impl Head {
    /// The first non-empty field with this lower-case name.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(field, value)| field == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// The mails that it says it answers.
    pub(super) fn answered(&self) -> Vec<u64> {
        threads::parents(self.get("in-reply-to").unwrap_or_default(), self.get("references").unwrap_or_default())
    }

    /// The addresses for posting to the list that delivered it.
    pub(super) fn lists(&self) -> Vec<String> {
        let fields = ["list-post", "x-beenthere", "mailing-list"].iter().filter_map(|name| self.get(name));
        fields.filter_map(|value| facts(value).into_iter().next()).map(|fact| fact.text.to_lowercase()).collect()
    }

    /// Who could read it. Mail of a list was for the list, including the author's own copy, which was sent to one of `lists`. Web archives
    /// of lists have neither recipients nor complete addresses.
    pub(super) fn visibility(&self, lists: &BTreeSet<String>) -> Visibility {
        // A posting address, or a header of a list program. List-Id alone and `Precedence: list` also occur in newsletters, invoices and
        // notifications, which are for one reader.
        let posts = self.get("list-post").is_some_and(|to| !to.eq_ignore_ascii_case("no"));
        let marks = ["mailing-list", "x-mailing-list", "x-mailman-version", "x-beenthere"];
        if posts || marks.iter().any(|name| self.get(name).is_some()) {
            return Visibility::Circle;
        }
        let to = ["to", "cc"].iter().filter_map(|name| self.get(name)).flat_map(facts);
        let named = self.list().map(|(key, _)| key).unwrap_or_default();
        let mut to = to.map(|fact| fact.text.to_lowercase());
        if to.any(|address| lists.contains(&address) || address.replace('@', ".") == named) {
            return Visibility::Circle;
        }
        let received = ["to", "cc", "bcc", "delivered-to", "received", "x-original-to", "envelope-to"];
        if received.iter().any(|name| self.get(name).is_some()) {
            return Visibility::Direct;
        }
        let from = self.get("from").unwrap_or_default();
        if from.contains(" at ") && !from.contains('@') { Visibility::Public } else { Visibility::Unknown }
    }

    /// The key and name of the list that delivered it.
    pub(super) fn list(&self) -> Option<(String, String)> {
        let raw = self.get("list-id")?;
        let (name, key) = match raw.split_once('<') {
            Some((name, rest)) => (name.trim().trim_matches('"'), rest.split('>').next().unwrap_or(rest)),
            None => ("", raw),
        };
        let name = words(name);
        let short = key.split('.').next().unwrap_or(key);
        Some((key.to_lowercase(), if name.is_empty() { short.to_owned() } else { name }))
    }
}

/// A value with its encoded words (`=?utf-8?B?…?=`) decoded.
fn words(value: &str) -> String {
    let mail = format!("Subject: {value}\n\n");
    let parsed = MessageParser::default().parse(mail.as_bytes());
    parsed.and_then(|mail| mail.subject().map(|subject| subject.trim().to_owned())).unwrap_or_default()
}

/// Parses a mail; `None` if it has no header.
pub(super) fn read_mail(bytes: &[u8]) -> Option<Mail> {
    let bytes = with_said_encoding(bytes);
    let message = MessageParser::default().parse(&*bytes)?;
    let head = read_head(&bytes);
    let (name, address) = author(&message, &head);
    let (body, shown) = body(&message);
    let mut attached: Vec<Attached> = Vec::new();
    for id in &message.attachments {
        if let Some(part) = message.parts.get(*id as usize).filter(|_| !shown.contains(id)) {
            let file = file(part, attached.len() + 1, &body);
            // Text after the last boundary belongs to no part.
            if !file.bytes.is_empty() || file.refused.is_some() || part.content_type().is_some() {
                attached.push(file);
            }
        }
    }
    Some(Mail {
        name,
        address,
        subject: message.subject().map(|subject| subject.trim().to_owned()).filter(|subject| !subject.is_empty()),
        date: message.date().map(mail_parser::DateTime::to_rfc3339),
        body,
        attached,
    })
}

/// The mail in UTF-8, if its encoding is not stated: old programs wrote GBK into headers, and into texts without a Content-Type.
fn with_said_encoding(bytes: &[u8]) -> Cow<'_, [u8]> {
    let (head, body) = bytes.split_at(end_of_head(bytes));
    let said = read_head(bytes).get("content-type").is_some();
    let odd_head = std::str::from_utf8(head).is_err();
    let odd_body = !said && std::str::from_utf8(body).is_err();
    if !odd_head && !odd_body {
        return Cow::Borrowed(bytes);
    }
    let mut whole = decode::text(head).text.into_bytes();
    if odd_body {
        whole.extend(decode::text(body).text.into_bytes())
    } else {
        whole.extend_from_slice(body)
    }
    Cow::Owned(whole)
}

/// The author's name and address. Archives write `lin at example.com (林晚)`; lists that must not pass on addresses write `林晚 via 读书会
/// <list@…>`.
fn author(message: &Message<'_>, head: &Head) -> (Option<String>, Option<String>) {
    let raw = words(head.get("from").unwrap_or_default());
    if raw.contains(" at ") && !raw.contains('@') {
        let (address, name) = raw.split_once('(').map_or((raw.as_str(), ""), |(a, n)| (a, n.trim_end_matches(')')));
        let address = address.trim().replace(" at ", "@").to_lowercase();
        return (named(name), Some(address).filter(|address| !address.is_empty()));
    }
    let first = message.from().and_then(|from| from.first());
    let name = first.and_then(|from| from.name.as_deref()).unwrap_or_default();
    let address = first.and_then(|from| from.address.as_deref()).map(|address| address.trim().to_lowercase());
    let address = address.filter(|address| address.contains('@'));
    let by_list = name.rsplit_once(" via ").filter(|_| head.get("list-id").is_some());
    if let Some((name, _)) = by_list {
        // The address is the list's; another field has the author's.
        let other = ["x-original-from", "x-original-sender", "reply-to"].iter().find_map(|field| head.get(field));
        let other = other.and_then(|other| facts(other).into_iter().next()).map(|fact| fact.text);
        let other = other.map(|other| other.to_lowercase()).filter(|other| Some(other) != address.as_ref());
        return (named(name), other);
    }
    (named(name), address)
}

fn named(name: &str) -> Option<String> {
    let name = name.trim().trim_matches(['"', '\'', ',']).trim();
    (!name.is_empty() && !name.contains('@') && !has_fact(name)).then(|| name.to_owned())
}

/// The text, and the parts that it consists of.
fn body(message: &Message<'_>) -> (Text, Vec<u32>) {
    let parts = || message.text_body.iter().filter_map(|id| Some((*id, &message.parts.get(*id as usize)?.body)));
    let marked = parts().any(|(_, body)| matches!(body, PartType::Html(_)));
    let mut pieces = Vec::new();
    let mut ids = Vec::new();
    for (id, body) in parts() {
        match body {
            PartType::Text(text) => {
                let text = mask::plain(text.replace("\r\n", "\n").trim_matches('\n').trim_end());
                pieces.push(if marked { format!("<p>{}</p>", escaped(&text).replace('\n', "<br>")) } else { text });
            }
            PartType::Html(html) => pieces.push(mask::html(html)),
            _ => continue,
        }
        ids.push(id);
    }
    let text = pieces.join("\n\n");
    (if marked { Text::html(text) } else { Text::plain(text) }, ids)
}

fn file(part: &MessagePart<'_>, number: usize, body: &Text) -> Attached {
    let kind = part
        .content_type()
        .map(|kind| format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default()).to_ascii_lowercase());
    let kind = kind.unwrap_or_default();
    let name = part.attachment_name().map_or_else(|| format!("attachment-{number}"), str::to_owned);
    let refused = match kind.as_str() {
        "message/rfc822" => Some("it is a whole mail, with the addresses of whoever wrote and got it"),
        "text/calendar" => Some("it is an invitation, with the addresses of all who were invited"),
        "text/vcard" | "text/x-vcard" | "text/directory" => {
            Some("it is a visiting card, with addresses and phone numbers")
        }
        _ => None,
    };
    let bytes = match &part.body {
        // Patches and forwarded notes begin with header lines, too.
        PartType::Text(text) => mask::plain(text).into_bytes(),
        other => match other {
            PartType::Html(html) => html.as_bytes().to_vec(),
            PartType::Binary(bytes) | PartType::InlineBinary(bytes) => bytes.to_vec(),
            _ => Vec::new(),
        },
    };
    let refused = refused.or_else(|| matches!(part.body, PartType::Message(_)).then_some("it is a whole mail"));
    let reference = part.content_id().map(mask::inner);
    Attached {
        name,
        bytes,
        reference: reference.filter(|reference| body.source.contains(reference.as_str())),
        refused,
        signature: matches!(
            kind.as_str(),
            "application/pgp-signature" | "application/pkcs7-signature" | "application/x-pkcs7-signature"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn authors_are_names_and_keys() {
        let of = |head: &str| {
            let mail = read_mail(format!("{head}\nDate: x\n\nb").as_bytes()).unwrap();
            (mail.name.unwrap_or_default(), mail.address.unwrap_or_default())
        };
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(of("From: =?utf-8?B?5p6X5pma?= <Lin@Example.com>"), pair("林晚", "lin@example.com"));
        assert_eq!(of("From: lin at example.com (=?utf-8?B?5p6X5pma?=)"), pair("林晚", "lin@example.com"));
        assert_eq!(of("From: \"lin@example.com\" <lin@example.com>"), pair("", "lin@example.com"));
        let via = "From: 林晚 via dushu <dushu@example.com>\nList-Id: <dushu.example.com>\nReply-To: lin@example.com";
        assert_eq!(of(via), pair("林晚", "lin@example.com"));
    }

    #[test]
    fn what_nothing_says_is_guessed() {
        let mut mail = b"From: lin@example.com\nSubject: ".to_vec();
        mail.extend(encoding_rs::GBK.encode("读书会通知").0.iter());
        mail.extend(b"\n\n");
        mail.extend(encoding_rs::GBK.encode("下个月一起读论语，请大家带书来。").0.iter());
        let read = read_mail(&mail).unwrap();
        assert_eq!(read.subject.as_deref(), Some("读书会通知"));
        assert_eq!(read.body.source, "下个月一起读论语，请大家带书来。");
    }

    #[test]
    fn who_could_read_it() {
        let lists = read_head(b"List-Post: <mailto:Dushu@lists.example.com>\n\n").lists().into_iter().collect();
        let of = |head: &str| read_head(head.as_bytes()).visibility(&lists);
        assert_eq!(
            of("From: a@example.com\nTo: b@example.com, \"x\" <dushu@lists.example.com>\n\n"),
            Visibility::Circle
        );
        assert_eq!(of("List-Id: <x.example.com>\nTo: x@example.com\n\n"), Visibility::Circle);
        assert_eq!(of("List-Post: <mailto:x@example.com>\nTo: a@example.com\n\n"), Visibility::Circle);
        // A newsletter or an invoice.
        assert_eq!(of("List-Id: <x.example.com>\nPrecedence: list\nTo: a@example.com\n\n"), Visibility::Direct);
        assert_eq!(of("From: a at example.com (A)\n\n"), Visibility::Public);
        assert_eq!(of("From: a@example.com\nTo: b@example.com\n\n"), Visibility::Direct);
        assert_eq!(of("From: a@example.com\n\n"), Visibility::Unknown);
    }
}
