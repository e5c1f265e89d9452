use std::{
    collections::BTreeMap,
    fs::File,
    io::{Read as _, Write as _},
};

use super::{names::decoded_name, *};

fn zipped(files: &[(&str, &[u8])]) -> tempfile::NamedTempFile {
    let file = tempfile::Builder::new().suffix(".zip").tempfile().unwrap();
    let mut writer = zip::ZipWriter::new(file.reopen().unwrap());
    for (name, bytes) in files {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap();
    file
}

#[test]
fn names_that_leave_the_zip_are_refused_and_listed() {
    let file = zipped(&[
        ("../evil.md", b"x"),
        ("a/../../evil.md", b"x"),
        ("/etc/passwd", b"x"),
        ("C:\\evil.md", b"x"),
        (".git/config", b"x"),
        ("posts\\a.md", b"# A"),
        ("__MACOSX/._a.md", b"x"),
        ("posts/.DS_Store", b"x"),
    ]);
    let input = Input::open(file.path()).unwrap();
    let paths: Vec<_> = input.entries().iter().map(|e| e.path.as_str()).collect();
    assert_eq!(paths, ["posts/a.md"]);
    assert_eq!(input.refused().len(), 5, "{:?}", input.refused());
    assert_eq!(input.read("posts/a.md", 10).unwrap(), b"# A");
    assert!(input.read("posts/a.md", 2).is_err());
    assert!(input.unread().is_empty());
    let mut text = String::new();
    input.reader("posts/a.md").unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(text, "# A");
}

#[test]
fn entries_of_one_name_are_counted_and_git_is_one_line() {
    let file = zipped(&[("a.md", b"x"), ("b.md", b"y"), (".git/a", b"z"), (".git/b", b"z")]);
    let mut bytes = std::fs::read(file.path()).unwrap();
    while let Some(at) = bytes.windows(4).position(|four| four == b"b.md") {
        bytes[at] = b'a';
    }
    File::create(file.path()).unwrap().write_all(&bytes).unwrap();
    let input = Input::open(file.path()).unwrap();
    assert_eq!(input.entries().len(), 1);
    let reasons: Vec<_> = input.refused().iter().map(|(_, reason)| reason.as_str()).collect();
    assert!(reasons[0].starts_with("1 of its entries") && reasons[1].starts_with("2 entries belong"), "{reasons:?}");
}

#[test]
fn a_name_in_gbk_is_read() {
    let (raw, _, _) = encoding_rs::GBK.encode("帖子/第一次碰面.md");
    assert_eq!(decoded_name(&raw), "帖子/第一次碰面.md");
}

#[test]
fn a_bomb_is_refused() {
    let zeros = vec![0_u8; 40 << 20];
    let file = zipped(&[("zeros.md", &zeros), ("a.md", b"x")]);
    let input = Input::open(file.path()).unwrap();
    assert_eq!(input.entries().len(), 1);
    assert_eq!(input.refused().len(), 1);
}

#[test]
fn a_folder_is_sorted_and_hidden_folders_stay_out() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["b.md", "a/c.md", ".obsidian/x.md", ".git/y.md"] {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        File::create(path).unwrap().write_all(b"x").unwrap();
    }
    let input = Input::open(dir.path()).unwrap();
    let paths: Vec<_> = input.entries().iter().map(|e| e.path.as_str()).collect();
    assert_eq!(paths, ["a/c.md", "b.md"]);
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    let dir = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/etc/passwd", dir.path().join("a.md")).unwrap();
    let input = Input::open(dir.path()).unwrap();
    assert!(input.entries().is_empty());
    assert_eq!(input.refused().len(), 1);
}

#[test]
fn memory_is_judged_like_a_zip() {
    let files = BTreeMap::from([("../x".to_owned(), vec![1]), ("y.md".to_owned(), vec![2])]);
    let input = Input::memory(files);
    assert_eq!((input.entries().len(), input.refused().len()), (1, 1));
    assert_eq!(input.head("y.md", 0).unwrap(), Vec::<u8>::new());
}

/// A tar of these files.
fn tarred(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_ustar();
        header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        writer.append(&header, *bytes).unwrap();
    }
    writer.into_inner().unwrap()
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

fn bytes_of(file: &tempfile::NamedTempFile) -> Vec<u8> {
    std::fs::read(file.path()).unwrap()
}

fn paths(input: &Input) -> Vec<&str> {
    input.entries().iter().map(|entry| entry.path.as_str()).collect()
}

/// Opens bytes as a file of this name.
fn opened(name: &str, bytes: &[u8]) -> Result<Input> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    put(&path, bytes);
    Input::open(&path)
}

#[test]
fn a_gzipped_tar_is_a_folder_and_a_gzipped_file_is_the_file() {
    let tar = tarred(&[("exports/Comment.0.jsonl", b"{}"), ("../evil", b"x"), ("exports/_User.0.jsonl", b"{}{}")]);
    for (name, bytes) in [("export.tar.gz", gzipped(&tar)), ("export.tgz", gzipped(&tar)), ("export.tar", tar.clone())]
    {
        let input = opened(name, &bytes).unwrap();
        assert_eq!(paths(&input), ["Comment.0.jsonl", "_User.0.jsonl"], "{name}");
        assert_eq!(input.read("_User.0.jsonl", 9).unwrap(), b"{}{}");
        assert_eq!(input.refused().len(), 1, "{:?}", input.refused());
    }
    // Two gzips one after the other are one file, as `gzip` has it.
    let mut twice = gzipped(b"<rss>");
    twice.extend(gzipped(b"</rss>"));
    let input = opened("dump.xml.gz", &twice).unwrap();
    assert_eq!(paths(&input), ["dump.xml"]);
    assert_eq!(input.read("dump.xml", 99).unwrap(), b"<rss></rss>");
    assert!(opened("zeros.gz", &gzipped(&vec![0_u8; 40 << 20])).is_err(), "a bomb");
}

#[test]
fn of_a_download_that_broke_off_what_came_before_is_read_and_the_damage_is_named() {
    // Bytes that do not shrink, so that half of the packed ones are about half of the others.
    let mut noise = 1_u32;
    let lines: String = (0..4000)
        .map(|n| {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            format!("{{\"objectId\":\"{noise:08x}{n}\"}}\n")
        })
        .collect();
    let tar = tarred(&[("Counter.0.jsonl", b"{}\n"), ("Comment.0.jsonl", lines.as_bytes()), ("_User.0.jsonl", b"{}")]);
    let cut = gzipped(&tar);
    for (name, bytes) in [("export.tar.gz", &cut[..cut.len() / 2]), ("export.tar", &tar[..tar.len() / 2])] {
        let input = opened(name, bytes).unwrap();
        assert_eq!(paths(&input), ["Comment.0.jsonl", "Counter.0.jsonl"], "{name}");
        let read = input.read("Comment.0.jsonl", 1 << 20).unwrap();
        assert!(read.len() > lines.len() / 4 && lines.as_bytes().starts_with(&read), "{name}: {}", read.len());
        let damaged: Vec<_> = input.damaged().iter().map(|(of, _)| of.as_str()).collect();
        assert_eq!(damaged, [name, "Comment.0.jsonl"], "{:?}", input.damaged());
    }
    // One file alone, bytes that changed on the way, and bytes that do not belong to it.
    let (packed, mut damaged) = (gzipped(lines.as_bytes()), gzipped(lines.as_bytes()));
    let at = damaged.len() - 8;
    damaged[at] ^= 1;
    let mut more = packed.clone();
    more.extend(b"\x1f\x8b<html>");
    for bytes in [&packed[..packed.len() / 2], &damaged, &more] {
        let input = opened("comments.jsonl.gz", bytes).unwrap();
        assert_eq!(paths(&input), ["comments.jsonl"]);
        assert_eq!(input.damaged().len(), 1, "{:?}", input.damaged());
    }
    // A file that is not an archive at all is an error.
    assert!(opened("export.tar.gz", b"\x1f\x8b\x08").is_err());
}

#[test]
fn archives_in_archives_are_read_and_what_is_wrong_with_one_is_named() {
    let chat = bytes_of(&zipped(&[("_chat.txt", b"hello"), ("../x", b"y")]));
    let deep = bytes_of(&zipped(&[("wx.zip", &chat), ("a.md", b"# A")]));
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes) in [
        ("all.zip", deep.as_slice()),
        ("broken.zip", b"PK\x03\x04 and nothing"),
        ("table.xlsx", &chat),
        ("comments.json.gz", &gzipped(b"[]")),
        ("notes.gz", b"no gzip at all"),
        ("b/Comment.tar.gz", &gzipped(&tarred(&[("c.jsonl", b"{}")]))),
    ] {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        put(path, bytes);
    }
    let input = Input::open(dir.path()).unwrap();
    let expected = [
        "all.zip/a.md",
        "all.zip/wx.zip/_chat.txt",
        "b/Comment.tar.gz/c.jsonl",
        "broken.zip",
        "comments.json",
        "notes.gz",
        "table.xlsx",
    ];
    assert_eq!(paths(&input), expected);
    assert_eq!(input.read("all.zip/wx.zip/_chat.txt", 9).unwrap(), b"hello");
    // An archive that was opened is still there for the record that it is attached to.
    assert_eq!(input.read("all.zip", 1 << 20).unwrap(), deep);
    assert!(input.was_gzipped("comments.json") && !input.was_gzipped("table.xlsx"));
    let refused: Vec<_> = input.refused().iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(refused, ["broken.zip", "all.zip/wx.zip/../x"]);
    assert!(input.refused()[0].1.contains(archive::DAMAGED));

    let part = input.part("all.zip/", |path| !path.ends_with(".md"));
    assert_eq!((part.name(), paths(&part)), ("all.zip", vec!["wx.zip/_chat.txt"]));
    assert!(part.unread().is_empty(), "what was read of the whole is read of the part");
    part.read("wx.zip/_chat.txt", 9).unwrap();
    assert_eq!(input.unread().len(), expected.len() - 1);
    let (hash, bytes) = part.hashes(|| {}).unwrap()[0];
    assert_eq!((hash[0], bytes), (0x2c, 5));
}

#[test]
fn a_folder_and_its_zips_have_the_same_names() {
    let dir = tempfile::tempdir().unwrap();
    let post = dir.path().join("my blog/source/_posts/first.md");
    std::fs::create_dir_all(post.parent().unwrap()).unwrap();
    put(&post, b"# A");
    let (plain, top) =
        (zipped(&[("source/_posts/first.md", b"# A")]), zipped(&[("blog-main/source/_posts/first.md", b"# A")]));
    let nested = zipped(&[("backup/blog.zip", &bytes_of(&top))]);
    for path in [&dir.path().join("my blog"), dir.path(), plain.path(), top.path(), nested.path()] {
        assert_eq!(paths(&Input::open(path).unwrap()), ["source/_posts/first.md"], "{}", path.display());
    }
    // What is ours is taken as it is.
    assert_eq!(paths(&Input::plain(dir.path()).unwrap()), ["my blog/source/_posts/first.md"]);
}

fn put(path: impl AsRef<Path>, bytes: impl AsRef<[u8]>) {
    File::create(path).and_then(|mut file| file.write_all(bytes.as_ref())).unwrap();
}
