//! One story of a circle, told on SQLite and, where there is a server, on PostgreSQL: the same statements, the same outcome.

use circle_api::{
    export::{Exported, export},
    store::Archived,
};
use circle_model::{
    archive::{Record, RecordKind, Text, Visibility},
    wire::ErrorCode,
};
use circle_tests::api::{CIRCLE, Caller, THREAD, TestApi};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn the_story_on_sqlite() {
    story(TestApi::with(CIRCLE, |_| {}).await).await;
}

#[tokio::test]
async fn the_story_on_postgres() {
    if let Some(api) = TestApi::on_postgres().await {
        story(api).await;
    }
}

#[tokio::test]
async fn html_of_older_rules_is_made_again() {
    let api = TestApi::with(CIRCLE, |_| {}).await;
    let (anon, member, _) = api.people().await;
    member.comment("**粗**", None).await;
    let database = format!("sqlite://{}", api.database_file().display());
    // As an older program would have left it.
    let old = std::process::Command::new("python3")
        .args(["-c", "import sqlite3, sys\nwith sqlite3.connect(sys.argv[1]) as db: db.execute(\"update comments set html = 'old', rules_version = 0\")"])
        .arg(api.database_file())
        .status()
        .expect("python3 runs");
    assert!(old.success());
    assert_eq!(anon.thread().await.comments[0].html, "old");
    circle_api::store::Store::open(&database, circle_api::store::Create::Never).await.expect("opens");
    assert_eq!(anon.thread().await.comments[0].html.trim(), "<p><strong>粗</strong></p>");
}

async fn story(api: TestApi) {
    let (anon, member, leader) = api.people().await;

    // Three more for three seats, at one moment, with one too many.
    let codes =
        [api.invite(|_| {}).await, api.invite(|_| {}).await, api.invite(|_| {}).await, api.invite(|_| {}).await];
    let (a, b, c, d) = tokio::join!(
        anon.join(&codes[0].code, "甲"),
        anon.join(&codes[1].link_secret, "乙"),
        anon.join(&codes[2].code, "丙"),
        anon.join(&codes[3].code, "丁"),
    );
    let (joined, refused): (Vec<_>, Vec<_>) = [a, b, c, d].into_iter().partition(Result::is_ok);
    let joined: Vec<_> = joined.into_iter().flatten().collect();
    let refused: Vec<_> = refused.into_iter().filter_map(Result::err).collect();
    assert_eq!(refused.iter().map(|reply| reply.refusal()).collect::<Vec<_>>(), [(409, ErrorCode::CircleFull)]);
    assert_eq!(api.store().count_members("dushu").await.expect("a count"), 5);

    // A thread, and what is left of it when it is taken back from below.
    let root = member.comment("根", None).await;
    let branch = leader.comment("枝", Some(&root.id)).await;
    let leaf = member.comment("叶", Some(&branch.id)).await;
    assert!(leader.call(Method::PUT, &format!("/comments/{}/like", leaf.id)).await.status.is_success());
    for id in [&root.id, &branch.id] {
        assert!(leader.call(Method::DELETE, &format!("/comments/{id}")).await.status.is_success());
    }
    let page = anon.thread().await;
    let shown: Vec<_> = page.comments.iter().map(|comment| (comment.deleted, comment.likes)).collect();
    assert_eq!((shown.as_slice(), page.total), ([(true, 0), (true, 0), (false, 1)].as_slice(), 1));

    // What goes into the archive: names, texts, counts; no stub's author, no secret.
    let records = exported(&api).await;
    let line = |record: &Record| record.to_line().expect("a line");
    let all: String =
        records.iter().map(|one| if let Exported::Is(record) = one { line(record) } else { String::new() }).collect();
    assert!(!all.contains("hash") && !all.contains(&codes[0].id) && !all.contains('枝'));
    let comments: Vec<_> = records
        .iter()
        .filter_map(|one| match one {
            Exported::Is(Record::Comment(comment)) => Some(comment),
            _ => None,
        })
        .collect();
    let [stub, _, leaf] = comments.as_slice() else { panic!("three comments, not {}", comments.len()) };
    assert!(stub.flags.deleted && stub.author.is_none() && stub.body == Text::default());
    assert_eq!((leaf.body.source.as_str(), leaf.thread.as_deref()), ("叶", Some(THREAD)));
    assert_eq!(leaf.counts.like.as_ref().and_then(|count| count.value), Some(1));
    assert!(comments.iter().all(|comment| comment.visibility == Some(Visibility::Circle) && comment.post.is_empty()));

    // Erased: the last answer goes, and with it the stubs that only it kept.
    assert_eq!(member.call(Method::DELETE, "/me").await.status.as_u16(), 204);
    assert!(anon.thread().await.comments.is_empty());
    let gone: Vec<RecordKind> = exported(&api)
        .await
        .iter()
        .filter_map(|one| if let Exported::Gone { kind, .. } = one { Some(*kind) } else { None })
        .collect();
    assert_eq!(gone, [RecordKind::Member, RecordKind::Comment, RecordKind::Comment, RecordKind::Comment]);

    // Who joins with an invite that is for somebody of the archive is that member, once.
    let for_one = async || {
        let archived = Archived { id: "m-1".to_owned(), name: "老 周".to_owned() };
        api.invite(|new| new.archived = Some(archived)).await.code
    };
    let leave = async |who: usize| {
        let caller: &Caller = joined.get(who).expect("three joined");
        caller.call(Method::DELETE, "/me").await.status.as_u16()
    };
    let (first, second) = (for_one().await, for_one().await);
    assert_eq!(leave(0).await, 204);
    let claimed = anon.join(&first, "谁").await.expect("the code lets them in");
    assert_eq!(claimed.get("/me").await.json::<circle_model::wire::Me>().name, "老 周");
    assert_eq!(api.store().claimed("dushu", "m-1").await.expect("a name").as_deref(), Some("老 周"));
    assert_eq!(leave(1).await, 204);
    assert_eq!(anon.join(&second, "谁").await.err().expect("taken").refusal(), (409, ErrorCode::NameTaken));
    claimed.comment("回来了", None).await;
    let mine = exported(&api).await.into_iter().find_map(|one| match one {
        Exported::Is(Record::Comment(comment)) if comment.body.source == "回来了" => comment.author,
        _ => None,
    });
    assert_eq!(mine.expect("an author").as_str(), "m-1");
    assert_eq!(claimed.call(Method::DELETE, "/me").await.status.as_u16(), 204);
    assert!(anon.join(&second, "谁").await.is_ok(), "their place is free");

    // Writing at one moment with one key, and guessing, are settled by the database.
    let send = || {
        let new = json!({ "thread": THREAD, "body": "一次" });
        let request = leader.request(Method::POST, "/comments").header("idempotency-key", "key-0001").json(&new);
        circle_tests::api::Reply::of(request)
    };
    let (a, b, c) = tokio::join!(send(), send(), send());
    for reply in [a, b, c] {
        assert_eq!(reply.status.as_u16(), 201, "{}", reply.body);
    }
    assert_eq!(anon.thread().await.total, 1);
    let guesses = 31;
    let mut last = 0;
    for _ in 0..guesses {
        last = anon.join(&"Y".repeat(26), "猜").await.err().expect("wrong").status.as_u16();
    }
    assert_eq!(last, 429);
    api.end().await;
}

async fn exported(api: &TestApi) -> Vec<Exported> {
    let mut records = Vec::new();
    export(api.store(), api.circle(), |one| {
        records.push(one);
        Ok::<_, circle_api::store::StoreError>(())
    })
    .await
    .expect("an export");
    records
}
