//! What must not be published is planted everywhere a record has room for it, and then looked for in every byte of the site.

use circle_tests::{
    circle::{Circle, TIME},
    files::places,
};

/// Words that stand for private facts, each in a place where exports hold such facts.
const PLANTED: &[&str] = &[
    "planted-mail@mail.example.com",
    "handle@mail.example.com",
    "203.0.113.77",
    "13900139000",
    "plantedtoken0123456789",
    "PLANTED-EXTRA",
    "PLANTED-SOURCE-FILE",
    "PLANTED-SOURCE-ID",
    "PLANTED-DIRECT",
    "PLANTED-PRIVATE",
    "PLANTED-UNKNOWN",
    "PLANTED-FOLLOWERS",
    "PLANTED-DRAFT",
    "PLANTED-DELETED",
    "PLANTED-HIDDEN",
    "PLANTED-UNDER-PRIVATE",
    "PLANTED-DIRECT-COMMENT",
    "PLANTED-QUOTE-OF-HIDDEN",
    "PLANTED-DECISION-REASON",
    "PLANTED-IMPORT-FILE",
    "PLANTED-WARNING",
    "PLANTED-GHOSTWRITER",
    "PLANTED-HIDDEN-MEMBER",
    "PLANTED-EXIF",
    "PLANTED-UNUSED-MEDIA",
    "PLANTED-LIVE-BELOW-HIDDEN",
];

#[test]
fn nothing_private_is_in_any_byte() {
    let post = |id: &str, rest: &str| format!(r#"{{"id":"{id}","author":"m1","created":{TIME},"kind":"note",{rest}}}"#);
    let body = |words: &str| format!(r#""body":{{"format":"plain","source":"{words}"}}"#);
    let comment = |id: &str, rest: &str, words: &str| {
        format!(r#"{{"id":"{id}","author":"m1","created":{TIME},{rest},{}}}"#, body(words))
    };
    let circle = Circle::new("圈")
        .records(
            "posts",
            [
                post(
                    "p1",
                    &format!(
                        r#""visibility":"circle","title":"公开","slug":"open",{},"media":[{{"media":"pic","role":"gallery"}}],"src":{{"source":"wp","file":"PLANTED-SOURCE-FILE","id":"PLANTED-SOURCE-ID"}},"extra":{{"author_email":"planted-mail@mail.example.com","ip":"203.0.113.77","note":"PLANTED-EXTRA"}},"url":"https://old.example/a?xsec_token=plantedtoken0123456789","quote":{{"post":"p-hidden","text":{{"format":"plain","source":"PLANTED-QUOTE-OF-HIDDEN"}}}}"#,
                        body("公开的话，见 https://old.example/b?access_token=plantedtoken0123456789&b=1")
                    ),
                ),
                post("p-direct", &format!(r#""visibility":"direct",{}"#, body("PLANTED-DIRECT"))),
                post("p-private", &format!(r#""visibility":"private",{}"#, body("PLANTED-PRIVATE"))),
                post("p-unknown", &body("PLANTED-UNKNOWN")),
                post("p-followers", &format!(r#""visibility":"followers",{}"#, body("PLANTED-FOLLOWERS"))),
                post("p-draft", &format!(r#""visibility":"public","flags":{{"draft":true}},{}"#, body("PLANTED-DRAFT"))),
                post(
                    "p-deleted",
                    &format!(r#""visibility":"public","flags":{{"deleted":true}},{}"#, body("PLANTED-DELETED")),
                ),
                post(
                    "p-gone",
                    &format!(
                        r#""visibility":"public","flags":{{"deleted":true}},"tombstone":"作者删除","title":"PLANTED-DELETED",{}"#,
                        body("PLANTED-DELETED")
                    ),
                ),
                post(
                    "p-hidden",
                    &format!(
                        r#""visibility":"public","slug":"hid",{},"media":[{{"media":"unused","role":"gallery"}}]"#,
                        body("PLANTED-HIDDEN")
                    ),
                ),
            ],
        )
        .records(
            "comments",
            [
                comment(
                    "c1",
                    r#""post":"p1","extra":{"comment_author_IP":"203.0.113.77"},"src":{"file":"PLANTED-SOURCE-FILE"}"#,
                    "好",
                ),
                comment("c2", r#""post":"p-private""#, "PLANTED-UNDER-PRIVATE"),
                comment("c3", r#""post":"p1","visibility":"direct""#, "PLANTED-DIRECT-COMMENT"),
                comment("c4", r#""post":"p1","flags":{"deleted":true}"#, "PLANTED-DELETED"),
                comment("c5", r#""post":"p1","parent":"c4""#, "答"),
                comment("c6", r#""thread":"posts/2021/05/hid.html""#, "PLANTED-LIVE-BELOW-HIDDEN"),
            ],
        )
        .records(
            "members",
            [
                r#"{"id":"m1","names":[{"value":"甲","kind":"display"},{"value":"handle@mail.example.com","kind":"handle"},{"value":"13900139000","kind":"alias"}],"role":"member","bio":{"format":"plain","source":"写信 planted-mail@mail.example.com 或打 13900139000"},"url":"mailto:planted-mail@mail.example.com","src":{"id":"PLANTED-SOURCE-ID"},"extra":{"last_ip":"203.0.113.77","token":"plantedtoken0123456789"}}"#,
                r#"{"id":"m2","names":[{"value":"PLANTED-HIDDEN-MEMBER","kind":"display"}],"role":"member"}"#,
            ],
        )
        .records(
            "media",
            [
                r#"{"id":"pic","file":"pic.png","state":"present","name":"13900139000.png","remote":["https://cdn.example/p.png?X-Amz-Signature=plantedtoken0123456789"],"src":{"file":"PLANTED-SOURCE-FILE"}}"#,
                r#"{"id":"unused","file":"unused.txt","state":"present","name":"PLANTED-UNUSED-MEDIA"}"#,
            ],
        )
        .records(
            "decisions",
            [
                r#"{"id":"d1","target":"p-hidden","action":"hide","reason":"PLANTED-DECISION-REASON","by":"PLANTED-DECISION-REASON"}"#,
                r#"{"id":"d2","target":"m2","action":"hide"}"#,
            ],
        )
        .records("imports", [r#"{"id":"i1","importer":"native","files":[{"path":"PLANTED-IMPORT-FILE","bytes":1,"sha256":""}],"counts":{"posts":1},"warnings":["PLANTED-WARNING"]}"#])
        .file("posts/draft.md", "---\ntitle: 草稿\nauthor: PLANTED-GHOSTWRITER\ndraft: true\n---\nPLANTED-DRAFT")
        .file("media/unused.txt", "PLANTED-UNUSED-MEDIA")
        .file("media/pic.png", png_with_text());
    let site = circle.build();
    let summary = &site.summary;
    assert_eq!((summary.posts, summary.comments), (2, 2), "{:?}", summary.excluded);
    assert_eq!(summary.problems, Vec::new());
    assert_eq!((summary.media.present, summary.media.missing), (1, 0));

    // What is looked for is really there to be found.
    for word in PLANTED {
        assert!(!places(&circle.content(), word).is_empty(), "{word} was not planted");
        assert_eq!(site.places(word), Vec::<String>::new(), "{word}");
    }
    // And what may be read is there.
    let page = site.page("posts/2021/05/open.html");
    assert!(page.contains("公开的话") && page.contains("https://old.example/b?b=1"), "{page}");
}

/// A picture of one pixel with a text chunk, as cameras and editors write them.
fn png_with_text() -> Vec<u8> {
    let chunk = |kind: &[u8; 4], data: &[u8]| {
        let summed = [kind.as_slice(), data].concat();
        let mut out = u32::try_from(data.len()).expect("short").to_be_bytes().to_vec();
        out.extend(&summed);
        out.extend(crc(&summed).to_be_bytes());
        out
    };
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    png.extend(chunk(b"IHDR", &[0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 0]));
    png.extend(chunk(b"tEXt", b"Comment\0PLANTED-EXIF"));
    png.extend(chunk(b"IDAT", &[0x78, 0x9c, 0x63, 0, 0, 0, 4, 0, 1]));
    png.extend(chunk(b"IEND", b""));
    png
}

/// The check sum of PNG chunks (ISO 3309).
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { sum >> 1 ^ 0xedb8_8320 } else { sum >> 1 })
    })
}
