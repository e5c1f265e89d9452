//! Inputs that are recognised and refused: encrypted databases, HAR files, training data, PDF, backups, packed archives, word processor
//! files.
//!
//! Each refusal says what the input is, why it is not read, and what to bring instead. It applies only if the whole input is of that kind:
//! a PDF beside posts refuses nothing.

use super::{Importer, Recognised};
use circle_content::{Error, Result, input::Input, report::Report};
use circle_content::{decode, options::Options, sink::Sink};

/// The refusals of this family. The most certain come first.
pub(super) static IMPORTERS: &[&dyn Importer] = &[
    &Refusal {
        name: "wechat-database",
        about: "databases of WeChat (微信 MSG0.db, MicroMsg.db, EnMicroMsg.db, message_0.db)",
        test: wechat_database,
    },
    &Refusal { name: "phone-backup", about: "backups of phones (iTunes, Android .ab)", test: phone_backup },
    &Refusal { name: "sqlite", about: "other databases (SQLite .db, .sqlite)", test: sqlite },
    &Refusal { name: "har", about: "recordings of a browser (.har)", test: har },
    &Refusal {
        name: "wechatmsg-training",
        about: "WeChatMsg / 留痕 \"JSON\", which is training data and no archive",
        test: training,
    },
    &Refusal { name: "pdf", about: "PDF", test: pdf },
    &Refusal {
        name: "packed",
        about: "packed archives of other kinds (.rar, .7z, .xz): unpack them first",
        test: packed,
    },
    &Refusal { name: "word", about: "documents of word processors (.docx, .doc, .odt, .pages)", test: word },
];

/// A kind of input that is refused. `test` returns what it is, and what to bring instead.
struct Refusal {
    name: &'static str,
    about: &'static str,
    test: fn(&Input) -> Option<(&'static str, &'static str)>,
}

impl Importer for Refusal {
    fn name(&self) -> &'static str {
        self.name
    }

    fn about(&self) -> &'static str {
        self.about
    }

    fn reads(&self) -> bool {
        false
    }

    fn recognise(&self, input: &Input) -> Recognised {
        match (self.test)(input) {
            Some((what, help)) => Recognised::Refused { what: what.to_owned(), help: help.to_owned() },
            None => Recognised::No("what is not read"),
        }
    }

    fn import(&self, input: &Input, _: &Options, _: &mut dyn Sink, _: &mut Report) -> Result<()> {
        let (what, help) = (self.test)(input).unwrap_or((
            "this importer reads nothing: it only explains why such files are not read",
            "leave `--from` out, and circlekeep finds the importer itself",
        ));
        Err(Error::new(what, input.place(), help))
    }
}

const SQLITE: &[u8] = b"SQLite format 3\0";

/// The file names in lower case, with their paths, without files of operating systems.
fn files(input: &Input) -> Vec<(String, &str)> {
    let named = input.entries().iter().map(|entry| {
        let path = entry.path.as_str();
        (path.rsplit('/').next().unwrap_or(path).to_lowercase(), path)
    });
    named.filter(|(name, _)| !name.starts_with('.') && name != "thumbs.db" && name != "desktop.ini").collect()
}

/// True if at least one file matches, and every other is `beside`.
fn whole(input: &Input, is: impl Fn(&str, &str) -> bool, beside: impl Fn(&str) -> bool) -> bool {
    let files = files(input);
    // `all` comes first: in a folder with thousands of files it stops at the first other file.
    !files.is_empty()
        && files.iter().all(|(name, path)| beside(name) || is(name, path))
        && files.iter().any(|(name, path)| is(name, path))
}

fn head(input: &Input, path: &str, bytes: u64) -> Vec<u8> {
    input.head(path, bytes).unwrap_or_default()
}

fn extension(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(_, extension)| extension)
}

/// True for files that a program creates beside its database.
fn beside_database(name: &str) -> bool {
    let ends = ["-wal", "-shm", "-journal", ".ini", ".sm", ".log"];
    ends.iter().any(|end| name.ends_with(end)) || picture(name)
}

fn picture(name: &str) -> bool {
    matches!(extension(name), "jpg" | "jpeg" | "png" | "gif" | "webp" | "mp4" | "mp3" | "amr" | "silk" | "dat" | "heic")
}

fn is_database(name: &str) -> bool {
    matches!(extension(name), "db" | "sqlite" | "sqlite3" | "db3")
}

/// The names of WeChat's databases on computers and phones.
fn is_wechat(name: &str) -> bool {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let numbered = |start: &str| {
        stem.strip_prefix(start).is_some_and(|n| n.trim_start_matches('_').bytes().all(|b| b.is_ascii_digit()))
    };
    is_database(name)
        && (numbered("msg")
            || numbered("message_")
            || numbered("mediamsg")
            || numbered("biz_message_")
            || matches!(
                stem,
                "micromsg"
                    | "enmicromsg"
                    | "de_micromsg"
                    | "de_msg"
                    | "snsmicromsg"
                    | "sns"
                    | "session"
                    | "contact"
                    | "misc"
                    | "favorite"
                    | "publicmsg"
                    | "ftsmsg"
                    | "ftscontact"
                    | "openimcontact"
                    | "openimmsg"
            ))
}

fn wechat_database(input: &Input) -> Option<(&'static str, &'static str)> {
    // Some of these names are common, so at least one that only WeChat uses is required.
    let surely = files(input)
        .iter()
        .any(|(name, _)| is_wechat(name) && ["msg", "message_"].iter().any(|part| name.contains(part)));
    if !surely || !whole(input, |name, _| is_wechat(name), |name| beside_database(name) || is_database(name)) {
        return None;
    }
    let encrypted = files(input).iter().any(|(name, path)| is_wechat(name) && head(input, path, 16) != SQLITE);
    let help = "export the chats with a tool that you run yourself, and bring its files: WeChatMsg (留痕) as CSV, or chatlog as JSON; circlekeep reads those. WeChat itself can also forward messages (合并转发) or print pages that you save as HTML";
    Some(if encrypted {
        (
            "this is a database of WeChat, and it is encrypted: circlekeep does not break encryption and asks for no keys",
            help,
        )
    } else {
        (
            "this is a database of WeChat: its inner form changes with every version, and it holds everybody's private messages, so circlekeep does not open it",
            help,
        )
    })
}

fn phone_backup(input: &Input) -> Option<(&'static str, &'static str)> {
    let files = files(input);
    let has = |wanted: &str| files.iter().any(|(name, _)| name == wanted);
    let itunes = (has("manifest.db") || has("manifest.mbdb")) && has("info.plist");
    let android = whole(
        input,
        |name, path| extension(name) == "ab" && head(input, path, 16).starts_with(b"ANDROID BACKUP"),
        picture,
    );
    (itunes || android).then_some((
        "this is the backup of a whole phone: everything on it is mixed in there, and circlekeep does not search it",
        "open the app in question on the phone, export the circle's posts or the one chat there, and bring that file",
    ))
}

fn sqlite(input: &Input) -> Option<(&'static str, &'static str)> {
    let is = |name: &str, path: &str| is_database(name) && head(input, path, 16) == SQLITE;
    whole(input, is, beside_database).then_some((
        "this is a database (SQLite): every program arranges its own differently, so nothing can be read from it safely",
        "open it with the program that wrote it and export JSON or CSV; the free DB Browser for SQLite (sqlitebrowser.org) exports any table as CSV, which `circlekeep inspect` then describes",
    ))
}

fn har(input: &Input) -> Option<(&'static str, &'static str)> {
    let is = |name: &str, path: &str| {
        let text = || decode::text(&head(input, path, 2048)).text;
        extension(name) == "har" || (extension(name) == "json" && is_har(&text()))
    };
    whole(input, is, |_| false).then_some((
        "this is a recording of everything that a browser sent and received (HAR): it holds your cookies and passwords, and must not be passed on",
        "delete the file when you are done with it; save the answers alone that hold the posts (in the browser's network list: right click, copy response) as .json files, and bring those",
    ))
}

fn is_har(text: &str) -> bool {
    text.trim_start().starts_with('{')
        && text.contains("\"log\"")
        && text.contains("\"creator\"")
        && (text.contains("\"entries\"") || text.contains("\"pages\""))
}

/// `[{"messages": [{"role": …}]}]` or `[{"system": …, "instruction": …, "output": …}]`.
fn training(input: &Input) -> Option<(&'static str, &'static str)> {
    let is = |name: &str, path: &str| {
        matches!(extension(name), "json" | "jsonl") && is_training(&decode::text(&head(input, path, 4096)).text)
    };
    whole(input, is, |_| false).then_some((
        "this is training data for a language model, as WeChatMsg (留痕) writes under the name JSON: shuffled questions and answers without dates and people, no archive",
        "export the chat again in WeChatMsg as CSV, or as HTML; circlekeep reads the CSV",
    ))
}

fn is_training(text: &str) -> bool {
    let has = |key: &str| text.contains(&format!("\"{key}\""));
    let pairs = has("instruction") && has("output") && (has("input") || has("system") || has("history"));
    let turns = has("messages") && has("role") && has("content") && !has("id") && !has("timestamp") && !has("time");
    let turns = turns && (text.contains("\"user\"") || text.contains("\"assistant\""));
    let start = text.trim_start();
    (start.starts_with('[') || start.starts_with('{')) && (pairs || turns)
}

fn pdf(input: &Input) -> Option<(&'static str, &'static str)> {
    let is = |name: &str, path: &str| {
        extension(name) == "pdf" || (input.entries().len() == 1 && head(input, path, 5).starts_with(b"%PDF-"))
    };
    whole(input, is, |_| false).then_some((
        "this is PDF: it says where letters stand on paper, not what is a post, who wrote it, and when",
        "export the posts again as HTML, Markdown, Word or a table, or save the pages from the browser; a PDF itself can be kept as an attachment: link it from a post in Markdown",
    ))
}

fn packed(input: &Input) -> Option<(&'static str, &'static str)> {
    let is = |name: &str, path: &str| {
        let ends = [".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".rar", ".7z", ".gz", ".xz", ".bz2", ".zst"];
        let starts: [&[u8]; 5] = [b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf\x27\x1c", b"BZh", b"\xfd7zXZ\0"];
        let bytes = || head(input, path, 8);
        ends.iter().any(|end| name.ends_with(end))
            || (input.entries().len() == 1 && starts.iter().any(|start| bytes().starts_with(start)))
    };
    whole(input, is, |_| false).then_some((
        "this is a packed archive of a kind that circlekeep does not open (it opens folders, .zip, .tar and .gz)",
        "unpack it first (on Windows with 7-Zip, on a Mac by a double click), and choose the folder that comes out",
    ))
}

fn word(input: &Input) -> Option<(&'static str, &'static str)> {
    let is = |name: &str, _: &str| matches!(extension(name), "docx" | "doc" | "odt" | "rtf" | "pages" | "wps");
    let unpacked = input.has("[Content_Types].xml") && input.entries().iter().any(|e| e.path == "word/document.xml");
    (unpacked || whole(input, is, |_| false)).then_some((
        "these are documents of a word processor, which circlekeep does not read",
        "open each and save it as a web page (HTML, filtered) or as plain text, one file for each post, and bring the folder",
    ))
}
