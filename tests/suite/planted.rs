//! A name is planted in every field of every kind of record that holds words, and in the settings; its bearer gets a pseudonym, and a
//! phrase of one post is blacked out. Then both are looked for in the site, and in all that is packed of it.
//!
//! `decisions` follows each action through a circle as people write one. This is for the fields in which nobody expects a name: dates
//! and numbers as the source wrote them, kinds of reactions, names of files that are not there.

use std::{fs, path::Path};

use circle_content::report::{Report, Silent};
use circle_model::archive::Action;
use circle_publish::pack::{
    self, Form, Options,
    epub::{self, Of},
};
use circle_tests::{
    circle::{Circle, build, try_build},
    files::places_in_any_spelling,
};
use site_gen::decide::{self, Request};

const NAME: &str = "慕容雪柏";
const HANDLE: &str = "murong_xb";
const PHRASE: &str = "PLANTED 暗号";

fn time(raw: &str) -> String {
    format!(
        r#"{{"raw":"2021-05-29 {raw}","utc":"2021-05-28T16:00:00.000Z","offset":"+08:00","precision":"day","zone_from":"config"}}"#
    )
}

fn count(raw: &str) -> String {
    format!(r#"{{"value":12,"raw":"{raw}等 12 人"}}"#)
}

/// A circle with `word` in every field of everybody's records, and `phrase` in those of one post.
fn filled(word: &str, handle: &str, phrase: &str) -> Circle {
    let (at, twelve) = (time(word), count(word));
    let body = |words: &str| format!(r#""body":{{"format":"plain","source":"{words}"}}"#);
    Circle::empty()
        .file(
            "circle.toml",
            format!(
                "name = \"{word}的圈子\"\nid = \"quan\"\ntagline = \"{word}\"\nplatform = \"{word}\"\nabout = \"{word}\"\nrules = \"{word}\"\nbase_url = \"https://circle.example/\"\n\
                 [redirects]\nhosts = [\"{handle}.example\", \"old.example\"]\n[[timetable]]\nat = \"2021\"\ntext = \"{word}\"\n"
            ),
        )
        .records(
            "circle",
            [format!(
                r#"{{"id":"k","name":"{word}","platform":"{word}","about":{{"format":"plain","source":"{word}"}},"url":"https://{handle}.example/","created":{at},"closed":{at},"reported_members":{twelve},"spaces":[{{"id":"s","name":"{word}"}}]}}"#
            )],
        )
        .records(
            "members",
            [
                format!(
                    r#"{{"id":"m1","names":[{{"value":"{NAME}","kind":"display"}},{{"value":"{HANDLE}","kind":"handle"}}]}}"#
                ),
                format!(
                    r#"{{"id":"m2","names":[{{"value":"何平","kind":"display","since":{at}}}],"role":"leader","title":"{word}","joined":{at},"bio":{{"format":"plain","source":"{word}"}},"url":"https://a.example/{handle}"}}"#
                ),
            ],
        )
        .records(
            "posts",
            [
                format!(
                    r#"{{"id":"p1","author":"m2","created":{at},"edited":{at},"title":"题 {word}","slug":"{handle}-1","tags":["{word}"],"space":"s","visibility":"circle","url":"https://old.example/{handle}","legacy_urls":["/{handle}/1/"],"src":{{"file":"{word}.json"}},"counts":{{"like":{twelve},"comment":{twelve},"share":{twelve},"read":{twelve},"collect":{twelve},"reward":{twelve}}},"link":{{"url":"https://a.example/{handle}","title":"{word}","summary":"{word}"}},"quote":{{"author":"m1","url":"https://a.example/{handle}","text":{{"format":"plain","source":"{word}"}}}},"poll":{{"options":[{{"text":"{word}","votes":{twelve}}},{{"text":"无","votes":{{"value":1}}}}],"closed":{at}}},"media":[{{"media":"lost","role":"gallery","alt":"{word}","reference":"{word}.png"}},{{"media":"nameless","role":"gallery"}},{{"media":"file","role":"attachment"}}],{}}}"#,
                    body(word)
                ),
                format!(
                    r#"{{"id":"p2","author":"m2","created":{},"title":"二","visibility":"circle","counts":{{"like":{}}},"media":[{{"media":"dark","role":"gallery"}}],{}}}"#,
                    time(phrase),
                    count(phrase),
                    body(phrase)
                ),
                format!(
                    r#"{{"id":"p3","author":"m2","created":{at},"visibility":"circle","flags":{{"deleted":true}},"tombstone":"{word}删除","title":"{word}",{}}}"#,
                    body(word)
                ),
            ],
        )
        .records(
            "comments",
            [
                format!(
                    r#"{{"id":"c1","post":"p1","author":"m2","created":{at},"edited":{at},"counts":{{"like":{twelve}}},"media":[{{"media":"mute","role":"gallery","alt":"{word}"}}],{}}}"#,
                    body(word)
                ),
                format!(
                    r#"{{"id":"c2","post":"nowhere","author":"m2","created":{at},"thread":"posts/{handle}.html",{}}}"#,
                    body(word)
                ),
            ],
        )
        .records(
            "reactions",
            [
                format!(r#"{{"id":"r1","target":"p1","kind":":{handle}:","member":"m2","at":{at},"count":2}}"#),
                format!(r#"{{"id":"r2","target":"p1","kind":"{word}的表情"}}"#),
            ],
        )
        .records(
            "events",
            [format!(
                r#"{{"id":"e1","kind":"announce","at":{at},"member":"m2","text":{{"format":"plain","source":"{word}"}}}}"#
            )],
        )
        .records(
            "imports",
            [format!(
                r#"{{"id":"i1","importer":"native","tool":"{word}","at":{at},"files":[{{"path":"{word}","bytes":1,"sha256":""}}],"warnings":["{word}"]}}"#
            )],
        )
        .records(
            "media",
            [
                format!(
                    r#"{{"id":"lost","state":"missing","name":"{word}.png","alt":"{word}","reason":"{word}","remote":["https://a.example/{handle}.png"]}}"#
                ),
                format!(r#"{{"id":"nameless","state":"present","file":"{word} 13900139000.png"}}"#),
                format!(r#"{{"id":"mute","state":"present","file":"2021/{handle}.png"}}"#),
                format!(r#"{{"id":"dark","state":"present","file":"{phrase}.png"}}"#),
                format!(r#"{{"id":"file","state":"present","file":"words.txt","name":"{word}.txt"}}"#),
            ],
        )
        .file("media/words.txt", word)
}

/// All that is made of a circle, in a folder: its site, the packs of it, and its books.
pub(crate) fn make(content: &Path, made: &Path) {
    let out = made.join("public");
    build(content, &out);
    for (form, name) in [(Form::Zip, "a.zip"), (Form::Bag, "bag")] {
        let out_of = Some(made.join(name));
        let options = Options { site: out.clone(), form, out: out_of, force: true, anyway: false, fetch: true };
        pack::pack(&options, &Silent).expect("packed");
    }
    for (of, name) in [(Of::Circle, "a.epub"), (Of::Member("何平".to_owned()), "b.epub"), (Of::Year(2021), "c.epub")]
    {
        let options = epub::Options { content: content.to_owned(), of, out: Some(made.join(name)), force: true };
        epub::book(&options, &mut Report::default(), &Silent).expect("bound");
    }
}

#[test]
fn a_name_in_a_field_where_nobody_expects_one_is_gone_from_all_that_is_made() {
    let circle = filled(NAME, HANDLE, PHRASE);
    let (content, made) = (circle.content(), circle.path("made"));
    make(&content, &made);
    // Before, they are everywhere: what is looked for can be found.
    for (word, file) in [
        (NAME, "public/data/posts.jsonl"),
        (NAME, "public/data/reactions.jsonl"),
        (NAME, "public/data/events.jsonl"),
        (NAME, "public/losses.html"),
        (NAME, "bag/absent-media.tsv"),
        (NAME, "a.epub!EPUB/m2021-05.xhtml"),
        (HANDLE, "public/data/circle.toml"),
        (HANDLE, "public/data/reactions.jsonl"),
        (HANDLE, "public/_redirects"),
        (HANDLE, "public/data/media.jsonl"),
        (PHRASE, "public/data/posts.jsonl"),
        (PHRASE, "public/data/media.jsonl"),
    ] {
        assert!(places_in_any_spelling(&made, word).iter().any(|place| place == file), "{word} is not in {file}");
    }
    circle.decide(Action::Pseudonymise, "m1");
    circle.ask(&Request {
        action: Action::RedactSpan,
        targets: vec!["post:p2".to_owned()],
        texts: vec![PHRASE.to_owned()],
        ..Request::default()
    });
    make(&content, &made);
    for word in [NAME, HANDLE, PHRASE, "13900139000"] {
        assert_eq!(places_in_any_spelling(&made, word), Vec::<String>::new(), "{word}");
    }
    // What is nobody's name stays.
    let settings = fs::read_to_string(made.join("public/data/circle.toml")).expect("the settings");
    assert!(settings.contains("old.example"), "{settings}");
}

#[test]
fn who_is_hidden_is_hidden_with_what_they_wrote_and_with_what_others_quote_of_it() {
    let at = time("");
    let body = |words: &str| format!(r#""body":{{"format":"plain","source":"{words}"}}"#);
    let circle = Circle::new("圈")
        .config("id = \"quan\"\nbase_url = \"https://circle.example/\"\n")
        .records(
            "members",
            [
                // Known by name only, in another export, and before the record that says whose name it is.
                r#"{"id":"w3","names":[{"value":"PLANTED-WHO","kind":"display"}],"weak_id":true}"#,
                r#"{"id":"m2","names":[{"value":"何平","kind":"display"}]}"#,
                r#"{"id":"hidden-one","names":[{"value":"PLANTED-WHO","kind":"display"}],"bio":{"format":"plain","source":"PLANTED-BIO"}}"#,
            ],
        )
        .records(
            "posts",
            [
                format!(
                    r#"{{"id":"p1","author":"m2","created":{at},"title":"一","visibility":"circle","reply_to":"p9","quote":{{"post":"p9","author":"hidden-one","text":{{"format":"plain","source":"PLANTED-QUOTE"}}}},{}}}"#,
                    body("话")
                ),
                format!(
                    r#"{{"id":"p2","author":"m2","created":{at},"title":"二","visibility":"circle","quote":{{"author":"hidden-one","text":{{"format":"plain","source":"PLANTED-SAID"}}}},{}}}"#,
                    body("话")
                ),
                format!(
                    r#"{{"id":"p9","author":"hidden-one","created":{at},"title":"PLANTED-TITLE","slug":"planted-slug","tags":["PLANTED-TAG"],"visibility":"circle","legacy_urls":["/planted-old/"],{}}}"#,
                    body("PLANTED-BODY")
                ),
            ],
        )
        .records(
            "comments",
            [
                format!(r#"{{"id":"c1","post":"p1","author":"hidden-one","created":{at},{}}}"#, body("PLANTED-COMMENT")),
                format!(r#"{{"id":"c2","post":"p1","author":"w3","created":{at},{}}}"#, body("PLANTED-WEAK")),
                format!(
                    r#"{{"id":"c3","post":"p1","author":"m2","parent":"c1","reply_to_member":"hidden-one","created":{at},{}}}"#,
                    body("留下的话")
                ),
                format!(r#"{{"id":"c4","post":"p9","author":"m2","created":{at},{}}}"#, body("PLANTED-BELOW")),
            ],
        )
        .records(
            "events",
            [format!(
                r#"{{"id":"e1","kind":"announce","at":{at},"member":"hidden-one","text":{{"format":"plain","source":"PLANTED-EVENT"}}}}"#
            )],
        )
        .records("reactions", [r#"{"id":"r1","target":"p1","kind":"like","member":"hidden-one"}"#]);
    let (content, made) = (circle.content(), circle.path("made"));
    make(&content, &made);
    for word in ["PLANTED-WHO", "PLANTED-BODY", "PLANTED-SAID", "PLANTED-WEAK", "planted-old", "hidden-one"] {
        assert!(!places_in_any_spelling(&made, word).is_empty(), "{word} is nowhere");
    }
    circle.decide(Action::Hide, "hidden-one");
    make(&content, &made);
    for word in ["PLANTED", "planted-slug", "planted-old", "hidden-one"] {
        assert_eq!(places_in_any_spelling(&made, word), Vec::<String>::new(), "{word}");
    }
    assert!(!places_in_any_spelling(&made, "留下的话").is_empty());
    let listed = decide::list(&content, &mut Report::default()).expect("listed");
    assert_eq!((listed[0].posts, listed[0].comments), (1, 1), "{listed:?}");
    let about = fs::read_to_string(made.join("public/data/circle.toml")).expect("the settings");
    assert!(about.contains("decision = "), "what was left out is counted: {about}");
}

#[test]
fn words_that_are_black_everywhere_are_never_shown_because_nobody_knows_them_any_more() {
    let circle = filled("词", "handle", PHRASE);
    let (content, made) = (circle.content(), circle.path("made"));
    circle.ask(&Request {
        action: Action::RedactSpan,
        targets: vec!["everywhere".to_owned()],
        texts: vec![PHRASE.to_owned()],
        ..Request::default()
    });
    make(&content, &made);
    assert_eq!(places_in_any_spelling(&made, PHRASE), Vec::<String>::new());
    // The archive was copied without its private side, as one hands it on.
    fs::remove_file(content.join("private/decisions.jsonl")).expect("removed");
    let error = try_build(&content, &made.join("public")).expect_err("unknown words");
    assert!(error.what.contains("everywhere") && error.help.contains("backup"), "{error}");
    assert_eq!(places_in_any_spelling(&made, PHRASE), Vec::<String>::new());
}
