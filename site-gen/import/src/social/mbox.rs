//! Mailing lists and mailboxes: mbox files, Maildir folders, single messages (.eml).
//!
//! 1. Two passes read the header of every mail, to find its list and which mail answers which ([`threads`]).
//! 2. The third pass pushes the mails that begin a thread as posts, the fourth the answers as comments. So memory grows with the number of
//!    mails and the longest of them, never with the file.
//! 3. Mail that a list delivered was for the list; any other mail is private.
//! 4. Email addresses are never shown: not as names, and not where programs write them into texts (`林晚 <…> wrote:`).

use std::collections::{BTreeMap, BTreeSet};

use circle_model::{
    archive::{
        Circle, Comment, CommentFlags, Media, MediaRole, MediaState, MediaUse, Post, PostFlags, Record, Scope, Source,
        Space, SpaceKind,
    },
    id::Id,
    time::Time,
};

use self::{
    mail::{Attached, Head, Mail, read_head, read_mail},
    split::{Mails, Piece, single},
    threads::{Known, Place},
};
use super::{head, name_of, tag_of, when};
use crate::{Importer, Recognised, files::Files, people::People};
use circle_content::{
    Result, dates, ident, input::Input, media::prepare, options::Options, report::Report, sink::Sink,
};

mod mail;
mod mask;
mod split;
mod threads;

const SOURCE: &str = "mail";

/// The maximum size of a mail.
const LONGEST: usize = 64 << 20;

/// Mail.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mbox;

impl Importer for Mbox {
    fn name(&self) -> &'static str {
        "mbox"
    }

    fn about(&self) -> &'static str {
        "mailing lists (邮件列表): .mbox files, Maildir folders, .eml mails"
    }

    fn extent(&self) -> crate::contract::Extent {
        crate::contract::Extent::Beside
    }

    fn recognise(&self, input: &Input) -> Recognised {
        let found = boxes(input, 20).into_iter().take(20).find(|(path, single)| {
            let head = head(input, path, 8192);
            if *single { is_mail(&head) } else { head.starts_with("From ") && is_mail(&head) }
        });
        match found {
            Some((path, true)) => Recognised::Yes(format!("{path} is a mail")),
            Some((path, false)) => Recognised::Yes(format!("{path} begins as mailboxes do")),
            None => Recognised::No("an .mbox file, a Maildir (cur, new), or .eml files"),
        }
    }

    fn import(&self, input: &Input, options: &Options, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        let boxes = boxes(input, usize::MAX);
        let (known, list_addresses) = first_pass(input, &boxes, report)?;
        let places = threads::places(&known);
        let twice = places.iter().filter(|place| **place == Place::Twice).count();
        if twice > 0 {
            report.note(format!("{twice} mails stand twice in the mailboxes and are kept once"));
        }
        let mut import = Import {
            options,
            people: People::new(SOURCE),
            files: Files::new(input, options, SOURCE),
            addresses: BTreeSet::new(),
            list_addresses,
            lists: BTreeMap::new(),
            private: 0,
            signatures: 0,
        };
        for roots in [true, false] {
            let mut at = 0;
            each_mail(input, &boxes, |path, number, piece| {
                let place = places.get(at).copied().unwrap_or(Place::Twice);
                at += 1;
                let wanted = match place {
                    Place::Root { .. } => roots,
                    Place::Reply { .. } => !roots,
                    Place::Twice => false,
                };
                match piece {
                    Piece::Whole(bytes) if wanted => {
                        let id = known.get(at - 1).map_or(0, |known| known.id);
                        import.mail(path, number, id, place, &bytes, sink, report)
                    }
                    _ => Ok(()),
                }
            })?;
        }
        if import.private > 0 {
            report.note(format!(
                "{} mails bear no mark of a mailing list (List-Post and the like): they are taken for private mail and kept back; `circlekeep decide publish` lets them out",
                import.private
            ));
        }
        if import.signatures > 0 {
            report.note(format!("{} cryptographic signatures of mails were not kept", import.signatures));
        }
        if !import.lists.is_empty() {
            report.scope = Scope::Circle;
        }
        import.circle(sink)?;
        import.people.finish(sink)?;
        import.files.finish(sink, report)
    }
}

fn is_mail(head: &str) -> bool {
    let has = |name: &str| head.starts_with(name) || head.contains(&format!("\n{name}"));
    has("From: ") && (has("Date: ") || has("Subject: ") || has("Message-ID: ") || has("Message-Id: "))
}

/// The files that contain mail; the second value is true for a file with a single mail. At most `most` files without a telling name are
/// probed.
fn boxes(input: &Input, mut most: usize) -> Vec<(&str, bool)> {
    let mut boxes = Vec::new();
    for entry in input.entries() {
        let path = entry.path.as_str();
        let name = name_of(path);
        let folder = name_of(super::folder_of(path).trim_end_matches('/'));
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension).to_ascii_lowercase();
        if matches!(folder, "cur" | "new") || extension == "eml" {
            boxes.push((path, true));
        } else if matches!(extension.as_str(), "mbox" | "mbx") || name.eq_ignore_ascii_case("mbox") {
            boxes.push((path, false));
        } else if most > 0 && (matches!(extension.as_str(), "txt" | "") || input.entries().len() == 1) {
            most -= 1;
            // Monthly files of list archives are called `2021-May.txt`.
            let start = head(input, path, 8192);
            if start.starts_with("From ") && is_mail(&start) {
                boxes.push((path, false));
            }
        }
    }
    boxes
}

/// Passes on each mail, with its file and its number in the file.
fn each_mail(
    input: &Input,
    boxes: &[(&str, bool)],
    mut each: impl FnMut(&str, u64, Piece) -> Result<()>,
) -> Result<()> {
    for (path, alone) in boxes {
        if *alone {
            each(path, 1, single(input, path, LONGEST)?)?;
            continue;
        }
        let mut mails = Mails::new(input.reader(path)?, LONGEST);
        let mut number = 0;
        while let Some(piece) = mails.next(path)? {
            number += 1;
            each(path, number, piece)?;
        }
    }
    Ok(())
}

/// Every mail with the mails it answers, and the addresses of the lists.
fn first_pass(input: &Input, boxes: &[(&str, bool)], report: &mut Report) -> Result<(Vec<Known>, BTreeSet<String>)> {
    let mut lists = BTreeSet::new();
    each_mail(input, boxes, |_, _, piece| {
        if let Piece::Whole(bytes) = piece {
            lists.extend(read_head(&bytes).lists());
        }
        Ok(())
    })?;
    let mut known = Vec::new();
    // Some programs use one Message-ID for many mails. With another sender or time it is another mail.
    let mut met: BTreeMap<u64, String> = BTreeMap::new();
    each_mail(input, boxes, |path, number, piece| {
        known.push(match piece {
            Piece::Whole(bytes) => {
                let head = read_head(&bytes);
                let key = head.get("message-id").map(threads::ids).and_then(|ids| ids.first().copied());
                let marks = marks(&head, path);
                let kept = !marks.draft && !marks.deleted && !marks.hidden;
                let mail = ["from", "date"].map(|name| head.get(name).unwrap_or_default()).join("\0");
                let key = key.filter(|key| *met.entry(*key).or_insert_with(|| mail.clone()) == mail);
                Known {
                    id: key.unwrap_or_else(|| threads::hash_of(&bytes)),
                    parents: head.answered(),
                    published: kept && head.visibility(&lists).is_published(),
                }
            }
            Piece::TooLong(bytes) => {
                report.problem(
                    format!("{path}: mail {number}"),
                    format!("the mail has {bytes} bytes, more than {LONGEST}, and was left out"),
                    "save its attachments by hand, if they belong to the circle; all other mails were read",
                );
                Known::default()
            }
        });
        Ok(())
    })?;
    Ok((known, lists))
}

struct Import<'a> {
    options: &'a Options,
    people: People,
    files: Files<'a>,
    /// Members whose address is already stored.
    addresses: BTreeSet<Id>,
    /// The addresses for posting to the lists.
    list_addresses: BTreeSet<String>,
    lists: BTreeMap<Id, Space>,
    private: u64,
    signatures: u64,
}

impl Import<'_> {
    #[expect(clippy::too_many_arguments, reason = "where it stands, what it is, and where it goes")]
    fn mail(
        &mut self,
        path: &str,
        number: u64,
        id: u64,
        at: Place,
        bytes: &[u8],
        sink: &mut dyn Sink,
        report: &mut Report,
    ) -> Result<()> {
        let place = format!("{path}: mail {number}");
        let head = read_head(bytes);
        let Some(mail) = read_mail(bytes) else {
            report.problem(
                place,
                "it cannot be read as a mail",
                "look at the file at that place; all others were read",
            );
            return Ok(());
        };
        let visibility = head.visibility(&self.list_addresses);
        self.private += u64::from(!visibility.is_published());
        let marks = marks(&head, path);
        let author = self.person(&mail, visibility.is_published(), sink)?;
        let created = self.time(&head, &mail, &place, report);
        let mut media = Vec::new();
        for attached in &mail.attached {
            if attached.signature {
                self.signatures += 1;
                continue;
            }
            let mut used = self.attachment(attached, path, sink)?;
            used.order = u32::try_from(media.len()).unwrap_or(u32::MAX);
            media.push(used);
        }
        let shown = media.iter().filter_map(|used: &MediaUse| used.reference.clone());
        let mut rest = mail.body.clone();
        for reference in shown {
            rest.source = rest.source.replace(&reference, "");
        }
        for mut used in self.files.in_text(&rest, path, sink)? {
            used.order = u32::try_from(media.len()).unwrap_or(u32::MAX);
            media.push(used);
        }
        let id = threads::id_of(id);
        let src = Source { source: SOURCE.to_owned(), file: Some(path.to_owned()), ..Source::default() };
        match at {
            Place::Reply { root, parent } => sink.push(Record::Comment(Box::new(Comment {
                id,
                post: threads::id_of(root),
                parent: (parent != root).then(|| threads::id_of(parent)),
                author,
                created,
                body: mail.body,
                media,
                visibility: Some(visibility),
                flags: CommentFlags {
                    deleted: marks.deleted,
                    hidden: marks.hidden || marks.draft,
                    ..CommentFlags::default()
                },
                src,
                ..Comment::default()
            }))),
            Place::Root { answered } => {
                let space = if visibility.is_published() { self.list(&head) } else { None };
                let address = head.get("archived-at").map(|url| url.trim_matches(['<', '>']).to_owned());
                sink.push(Record::Post(Box::new(Post {
                    id,
                    author,
                    created,
                    title: mail.subject,
                    body: mail.body,
                    media,
                    space,
                    visibility,
                    flags: marks,
                    reply_to: answered.map(threads::id_of),
                    url: address.filter(|url| url.starts_with("http")),
                    src,
                    ..Post::default()
                })))
            }
            Place::Twice => Ok(()),
        }
    }

    fn time(&self, head: &Head, mail: &Mail, place: &str, report: &mut Report) -> Time {
        let raw = head.get("date").unwrap_or_default();
        // Dates of mails may be more unusual than `dates::read` accepts; mail-parser's result is used then.
        let second = || {
            let mut time = dates::read(mail.date.as_deref()?, self.options)?;
            raw.clone_into(&mut time.raw);
            Some(time)
        };
        dates::read(raw, self.options).or_else(second).unwrap_or_else(|| when(raw, place, self.options, report))
    }

    /// The author. Names that people use in private mail are not published.
    fn person(&mut self, mail: &Mail, published: bool, sink: &mut dyn Sink) -> Result<Option<Id>> {
        let Some(address) = &mail.address else {
            return Ok(self.people.named(mail.name.as_deref().unwrap_or_default()));
        };
        let key = ident::id(SOURCE, "address", address);
        let name = mail.name.clone().unwrap_or_else(|| format!("成员 {}", tag_of("email", address)));
        let member = self.people.known(key.as_str(), if published { &name } else { "" });
        if !published {
            sink.keep_private(&member, "name", &name)?;
        }
        if self.addresses.insert(member.clone()) {
            sink.keep_private(&member, "email", address)?;
        }
        Ok(Some(member))
    }

    fn attachment(&mut self, attached: &Attached, path: &str, sink: &mut dyn Sink) -> Result<MediaUse> {
        let src = Source { source: SOURCE.to_owned(), file: Some(path.to_owned()), ..Source::default() };
        let prepared = match attached.refused {
            Some(why) => Err(why),
            None => prepare::prepare(&attached.bytes, &attached.name),
        };
        let mut medium = Media { name: Some(attached.name.clone()), src, ..Media::default() };
        match prepared {
            Ok(prepared) => {
                medium.file = Some(sink.keep_media(&prepared)?);
                medium.id = Id::new(prepared.sha256);
                medium.mime = Some(prepared.mime.to_owned());
                medium.bytes = Some(prepared.bytes.len() as u64);
                (medium.width, medium.height) = (prepared.width, prepared.height);
                medium.state = MediaState::Present;
            }
            Err(why) => {
                medium.id = ident::missing_media(&format!("{}\0{}", attached.name, ident::sha256_hex(&attached.bytes)));
                medium.state = MediaState::Skipped;
                medium.reason = Some(why.to_owned());
            }
        }
        let id = medium.id.clone();
        let picture = medium.mime.as_deref().is_some_and(|mime| mime.starts_with("image/"));
        sink.push(Record::Media(Box::new(medium)))?;
        let role = match &attached.reference {
            Some(_) => MediaRole::Inline,
            None if picture => MediaRole::Gallery,
            None => MediaRole::Attachment,
        };
        Ok(MediaUse { media: id, reference: attached.reference.clone(), role, ..MediaUse::default() })
    }

    /// The list that delivered a mail, as a space.
    fn list(&mut self, head: &Head) -> Option<Id> {
        let (key, name) = head.list()?;
        let id = ident::id(SOURCE, "space", &key);
        let space = Space { id: id.clone(), name, kind: SpaceKind::Board, parent: None };
        self.lists.entry(id.clone()).or_insert(space);
        Some(id)
    }

    fn circle(&mut self, sink: &mut dyn Sink) -> Result<()> {
        let spaces: Vec<Space> = std::mem::take(&mut self.lists).into_values().collect();
        let Some(first) = spaces.first() else { return Ok(()) };
        let one = spaces.len() == 1;
        sink.push(Record::Circle(Box::new(Circle {
            id: ident::id(SOURCE, "circle", if one { first.id.as_str() } else { "" }),
            name: if one { first.name.clone() } else { "邮件列表".to_owned() },
            platform: Some("邮件列表".to_owned()),
            src: Source { source: SOURCE.to_owned(), ..Source::default() },
            spaces,
            ..Circle::default()
        })))
    }
}

/// Flags from mail programs: drafts, deleted mails, spam; and the request of authors not to be archived.
fn marks(head: &Head, path: &str) -> PostFlags {
    let flags = name_of(path).rsplit_once("2,").map_or("", |(_, flags)| flags);
    let maildir = |flag: char| flags.len() < 10 && flags.contains(flag);
    let labels = head.get("x-gmail-labels").unwrap_or_default();
    let labelled = |names: &[&str]| labels.split(',').any(|label| names.contains(&label.trim().trim_matches('"')));
    let mozilla = head.get("x-mozilla-status").and_then(|word| u32::from_str_radix(word, 16).ok()).unwrap_or(0);
    let unwanted = head.get("x-no-archive").is_some_and(|word| word.eq_ignore_ascii_case("yes"));
    PostFlags {
        draft: maildir('D') || labelled(&["Drafts", "Draft", "草稿"]),
        deleted: maildir('T') || mozilla & 8 != 0 || labelled(&["Trash", "已删除邮件"]),
        hidden: unwanted || labelled(&["Spam", "垃圾邮件"]),
        ..PostFlags::default()
    }
}
