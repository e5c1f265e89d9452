//! The API over real HTTP: who may do what, and how every refusal looks.

use circle_model::wire::{CircleInfo, Comment, CommentPage, ErrorCode, Joined, Me, Phase, Preview};
use circle_tests::api::{CIRCLE, Caller, Reply, THREAD, TestApi, circle_of, logs};
use reqwest::{Method, header};
use serde_json::{Value, json};

mod secrets;

#[tokio::test]
async fn every_refusal_has_the_one_shape() {
    let (api, anon, member, _) = TestApi::new().await;
    let theirs = api.joined("阿澈", "member").await.comment("别人的", None).await.id;
    let post = |body: Value| (Method::POST, "/comments".to_owned(), body);
    let new = |body: &str| json!({ "thread": THREAD, "body": body });
    let long = "长".repeat(6000);
    let cases = [
        (&anon, (Method::GET, "/nowhere".to_owned(), json!(null)), (404, ErrorCode::NotFound)),
        (&anon, (Method::GET, "/comments/no/such/room".to_owned(), json!(null)), (404, ErrorCode::NotFound)),
        (&anon, (Method::PUT, "/comments".to_owned(), json!(null)), (405, ErrorCode::MethodNotAllowed)),
        (&anon, (Method::DELETE, "/join".to_owned(), json!(null)), (405, ErrorCode::MethodNotAllowed)),
        (&anon, (Method::GET, "/comments".to_owned(), json!(null)), (400, ErrorCode::BadRequest)),
        (&anon, (Method::GET, "/comments?thread=/abs".to_owned(), json!(null)), (422, ErrorCode::InvalidField)),
        (&anon, (Method::GET, "/comments?thread=a&limit=0".to_owned(), json!(null)), (422, ErrorCode::InvalidField)),
        (&anon, (Method::GET, "/comments?thread=a&limit=x".to_owned(), json!(null)), (400, ErrorCode::BadRequest)),
        (&anon, (Method::GET, "/comments?thread=a&after='--".to_owned(), json!(null)), (422, ErrorCode::InvalidField)),
        (&anon, (Method::GET, "/threads/fragment?thread=..".to_owned(), json!(null)), (422, ErrorCode::InvalidField)),
        (&anon, (Method::GET, "/me".to_owned(), json!(null)), (401, ErrorCode::NotSignedIn)),
        (&anon, (Method::GET, "/me/export".to_owned(), json!(null)), (401, ErrorCode::NotSignedIn)),
        (&anon, post(new("我来了")), (401, ErrorCode::NotSignedIn)),
        (&anon, (Method::POST, "/preview".to_owned(), json!({ "body": "x" })), (401, ErrorCode::NotSignedIn)),
        (&anon, (Method::POST, "/join".to_owned(), json!({ "code": 7 })), (422, ErrorCode::BadRequest)),
        (
            &anon,
            (Method::POST, "/recover".to_owned(), json!({ "recovery_code": "x" })),
            (403, ErrorCode::RecoveryInvalid),
        ),
        (&member, post(json!([])), (422, ErrorCode::BadRequest)),
        (&member, post(new("  \n ")), (422, ErrorCode::InvalidField)),
        (&member, post(new(&long)), (422, ErrorCode::InvalidField)),
        (&member, post(new(&"x".repeat(70_000))), (413, ErrorCode::TooLarge)),
        (&member, post(json!({ "thread": "../x", "body": "x" })), (422, ErrorCode::InvalidField)),
        (&member, post(json!({ "thread": THREAD, "body": "x", "parent": "none" })), (422, ErrorCode::InvalidField)),
        (&member, post(json!({ "thread": "other", "body": "x", "parent": theirs })), (422, ErrorCode::InvalidField)),
        (&member, (Method::PATCH, format!("/comments/{theirs}"), json!({ "body": "x" })), (403, ErrorCode::Forbidden)),
        (&member, (Method::DELETE, format!("/comments/{theirs}"), json!(null)), (403, ErrorCode::Forbidden)),
        (&member, (Method::DELETE, "/comments/none".to_owned(), json!(null)), (404, ErrorCode::NotFound)),
        (&member, (Method::PUT, "/comments/none/like".to_owned(), json!(null)), (404, ErrorCode::NotFound)),
        (&member, (Method::PATCH, "/me".to_owned(), json!({ "name": " " })), (422, ErrorCode::InvalidField)),
        (&member, (Method::PATCH, "/me".to_owned(), json!({ "name": "林 晚" })), (409, ErrorCode::NameTaken)),
        (&member, (Method::POST, "/counts".to_owned(), json!({ "threads": ["?"] })), (422, ErrorCode::InvalidField)),
    ];
    for (caller, (method, path, body), wanted) in cases {
        let reply = caller.send(method.clone(), &path, &body).await;
        assert_eq!(reply.refusal(), wanted, "{method} {path} {}", reply.body);
        assert_eq!(reply.error().field.is_some(), wanted.1 == ErrorCode::InvalidField, "{method} {path}");
        assert_eq!(reply.header("x-content-type-options"), "nosniff");
        assert_eq!(reply.header("cache-control"), "no-store");
    }
    // What is no JSON, says that it is none, or comes with a header that is no token.
    let broken = member.request(Method::POST, "/comments").header(header::CONTENT_TYPE, "application/json").body("{");
    assert_eq!(Reply::of(broken).await.refusal(), (400, ErrorCode::BadRequest));
    let form = member.request(Method::POST, "/comments").body("thread=a");
    assert_eq!(Reply::of(form).await.refusal(), (415, ErrorCode::BadRequest));
    let basic = anon.request(Method::GET, "/me").header(header::AUTHORIZATION, "Basic eDp5");
    assert_eq!(Reply::of(basic).await.refusal(), (401, ErrorCode::NotSignedIn));
    let unknown = anon.with_token("A".repeat(43));
    assert_eq!(unknown.thread_reply().await.refusal(), (401, ErrorCode::NotSignedIn));
    // Outside of circles too.
    for path in
        ["/", "/api", "/api/v1", "/api/v1/", "/api/v2/circles", "/api/v1/circles/none", "/api/v1/circles/%ff/me"]
    {
        let reply = Reply::of(reqwest::Client::new().get(format!("{}{path}", api.url))).await;
        assert_eq!(reply.refusal(), (404, ErrorCode::NotFound), "{path}");
    }
    for path in ["/healthz", "/readyz"] {
        assert!(Reply::of(reqwest::Client::new().get(format!("{}{path}", api.url))).await.status.is_success());
        let wrong = Reply::of(reqwest::Client::new().post(format!("{}{path}", api.url))).await;
        assert_eq!(wrong.refusal(), (405, ErrorCode::MethodNotAllowed));
    }
}

#[tokio::test]
async fn a_code_lets_in_however_it_is_typed_and_its_link_too() {
    let api = TestApi::with(CIRCLE, |_| {}).await;
    let anon = api.anon();
    let wide: String = api
        .invite(|_| {})
        .await
        .code
        .chars()
        .map(|c| char::from_u32(u32::from(c) + 0xfee0).expect("a full-width form"))
        .collect();
    let typed = anon.join(&wide.to_lowercase(), "全角").await.expect("typed with an input method");
    let me: Me = typed.get("/me").await.json();
    assert_eq!((me.name.as_str(), me.role.as_str()), ("全角", "member"));
    let link = api.invite(|new| new.role = "leader".to_owned()).await.link_secret;
    let leader = anon.join(&format!("https://dushu.example/#join={link}"), "圈主").await.expect("the whole link");
    assert_eq!(leader.get("/me").await.json::<Me>().role, "leader");
    let info: CircleInfo = anon.get("").await.json();
    assert_eq!((info.members, info.phase, info.name.as_str()), (2, Phase::Open, "漫读书会"));
}

#[tokio::test]
async fn wrong_used_expired_and_revoked_codes_are_one_answer() {
    let api = TestApi::with(CIRCLE, |_| {}).await;
    let anon = api.anon();
    let used = api.invite(|_| {}).await;
    anon.join(&used.code, "先来").await.expect("the first one gets in");
    let revoked = api.invite(|_| {}).await;
    assert!(api.store().revoke_invite("dushu", &revoked.id, circle_model::time::Utc(1)).await.expect("revoked"));
    let now = circle_api::Clock::now(&api.clock).0;
    let expired = api.invite(|new| new.expires_at = Some(circle_model::time::Utc(now + 60_000))).await;
    api.clock.forward(61);
    let mut wrong = used.code.clone();
    wrong.replace_range(0..1, if wrong.starts_with('7') { "8" } else { "7" });
    let answers = [
        anon.join(&wrong, "甲").await,
        anon.join("nonsense", "甲").await,
        anon.join(&"Z".repeat(26), "甲").await,
        anon.join(&used.code, "甲").await,
        anon.join(&used.link_secret, "甲").await,
        anon.join(&revoked.code, "甲").await,
        anon.join(&revoked.link_secret, "甲").await,
        anon.join(&expired.code, "甲").await,
        anon.join(&expired.link_secret, "甲").await,
    ];
    let replies: Vec<Reply> = answers.into_iter().map(|answer| answer.err().expect("nobody gets in")).collect();
    for reply in &replies {
        assert_eq!(reply.refusal(), (403, ErrorCode::InviteInvalid));
        assert_eq!(reply.body, replies[0].body);
    }
    assert_eq!(api.store().count_members("dushu").await.expect("a count"), 1);
}

#[tokio::test]
async fn guessing_is_slowed_down_and_a_restart_forgets_nothing() {
    let api = TestApi::with(CIRCLE, |config| config.limits.guesses_by_address = 3).await;
    let anon = api.anon();
    let guess = || "Y".repeat(26);
    for _ in 0..3 {
        assert_eq!(anon.join(&guess(), "甲").await.err().expect("wrong").refusal(), (403, ErrorCode::InviteInvalid));
    }
    let right = api.invite(|_| {}).await;
    let reply = anon.join(&right.code, "甲").await.err().expect("too many");
    assert_eq!(reply.refusal(), (429, ErrorCode::TooManyRequests));
    let wait = reply.error().retry_after.expect("seconds");
    assert_eq!(reply.header("retry-after"), wait.to_string());

    // Another program on the same database knows of the guesses.
    let mut config =
        circle_api::ApiConfig::new(format!("sqlite://{}", api.database_file().display()), circle_of(CIRCLE));
    config.limits.guesses_by_address = 3;
    let again = circle_api::Api::open(config, std::sync::Arc::new(api.clock.clone())).await.expect("opens");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/api/v1/circles/dushu/join", listener.local_addr().expect("an address"));
    tokio::spawn(circle_api::serve(listener, circle_api::router(again), std::future::pending()));
    let body = json!({ "code": right.code, "name": "甲", "nonce": "0123456789abcdef" });
    let reply = Reply::of(reqwest::Client::new().post(url).json(&body)).await;
    assert_eq!(reply.refusal(), (429, ErrorCode::TooManyRequests));

    api.clock.forward(i64::try_from(wait).expect("seconds"));
    anon.join(&right.code, "甲").await.expect("after the wait the right code is right");
}

#[tokio::test]
async fn the_last_seat_is_taken_once_and_nobody_half_joins() {
    let api = TestApi::with(CIRCLE, |config| config.circles[0].capacity = 3).await;
    let anon = api.anon();
    for name in ["一", "二"] {
        anon.join(&api.invite(|_| {}).await.code, name).await.expect("a seat");
    }
    let (left, right) = (api.invite(|_| {}).await, api.invite(|_| {}).await);
    let (left, right) = tokio::join!(anon.join(&left.code, "左"), anon.join(&right.code, "右"));
    let (winner, loser) = match (left, right) {
        (Ok(winner), Err(loser)) | (Err(loser), Ok(winner)) => (winner, loser),
        other => panic!("one of two, not {:?}", (other.0.is_ok(), other.1.is_ok())),
    };
    assert_eq!(loser.refusal(), (409, ErrorCode::CircleFull));
    assert_eq!(api.store().count_members("dushu").await.expect("a count"), 3);
    let invites = api.store().invites("dushu").await.expect("invites");
    assert_eq!(invites.iter().map(|invite| invite.uses).sum::<i64>(), 3, "the loser's code is not burnt");

    assert_eq!(winner.call(Method::DELETE, "/me").await.status.as_u16(), 204);
    let unused = api.invite(|_| {}).await;
    anon.join(&unused.code, "候补").await.expect("a seat is free again");
}

#[tokio::test]
async fn one_use_is_one_member_also_at_one_moment() {
    let api = TestApi::with(CIRCLE, |_| {}).await;
    let anon = api.anon();
    let code = api.invite(|_| {}).await.code;
    let (a, b, c) = tokio::join!(anon.join(&code, "甲"), anon.join(&code, "乙"), anon.join(&code, "丙"));
    assert_eq!([a, b, c].iter().filter(|joined| joined.is_ok()).count(), 1);
    assert_eq!(api.store().count_members("dushu").await.expect("a count"), 1);
}

#[tokio::test]
async fn a_lost_answer_burns_no_code() {
    let api = TestApi::with(CIRCLE, |_| {}).await;
    let anon = api.anon();
    let code = api.invite(|_| {}).await.code;
    let nonce = "5f2b0b6e-9f0f-4a54-8f5e-0c2e5b1f7a11";
    let first = anon.join_again(&code, "小满", nonce).await.expect("joined");
    let again = anon.join_again(&code, "小满", nonce).await.expect("the same membership");
    assert_eq!((&first.id, api.store().count_members("dushu").await.expect("a count")), (&again.id, 1));
    assert!(again.get("/me").await.status.is_success());
    let stranger = anon.join_again(&"Y".repeat(26), "小满", nonce).await.err().expect("a nonce is no key");
    assert_eq!(stranger.refusal(), (403, ErrorCode::InviteInvalid));
    api.clock.forward(25 * 3600);
    assert!(anon.join_again(&code, "小满", nonce).await.is_err(), "not for ever");
}

#[tokio::test]
async fn entry_questions_and_rules() {
    let toml = "id = \"dushu\"\nname = \"x\"\nrules = \"**不剧透**\"\n[live]\nquestions = [\"在读什么？\"]\nwelcome = \"坐吧\"";
    let api = TestApi::with(toml, |_| {}).await;
    let anon = api.anon();
    let info: CircleInfo = anon.get("").await.json();
    assert_eq!(info.rules_html.trim(), "<p><strong>不剧透</strong></p>");
    let code = api.invite(|_| {}).await.code;
    let try_with = async |answers: Value, accept: bool| {
        let body = json!({ "code": code, "name": "甲", "nonce": "0123456789abcdef", "answers": answers, "accept_rules": accept });
        anon.send(Method::POST, "/join", &body).await
    };
    assert_eq!(try_with(json!(["活着"]), false).await.error().field.as_deref(), Some("accept_rules"));
    assert_eq!(try_with(json!([]), true).await.error().field.as_deref(), Some("answers"));
    assert_eq!(try_with(json!([" "]), true).await.error().field.as_deref(), Some("answers"));
    let joined: Joined = try_with(json!(["活着"]), true).await.json();
    assert_eq!(joined.welcome, "坐吧");
}

#[tokio::test]
async fn signing_in_on_another_device() {
    let (_api, anon, member, _) = TestApi::new().await;
    let recover = async |code: &str| anon.send(Method::POST, "/recover", &json!({ "recovery_code": code })).await;
    let joined: Joined = recover(&member.recovery.to_lowercase().replace('-', " ")).await.json();
    assert_eq!(joined.member.id, member.id);
    assert!(member.get("/me").await.status.is_success(), "the first device stays signed in");
    assert_eq!(
        recover(&member.recovery).await.refusal(),
        (403, ErrorCode::RecoveryInvalid),
        "a code is for one device"
    );
    assert!(recover(&joined.recovery_code).await.status.is_success());
}

#[tokio::test]
async fn a_token_is_for_one_circle_and_one_origin() {
    let (api, anon, member, _) = TestApi::new().await;
    let code = api.invite(|_| {}).await.code;
    let body = json!({ "code": code, "name": "甲", "nonce": "0123456789abcdef" });
    let from_blog = anon.request(Method::POST, "/join").header(header::ORIGIN, "https://blog.example").json(&body);
    let joined: Joined = Reply::of(from_blog).await.json();
    let guest = anon.with_token(joined.token);
    let asks = async |origin: &str| Reply::of(guest.request(Method::GET, "/me").header(header::ORIGIN, origin)).await;
    assert!(asks("https://blog.example").await.status.is_success());
    assert_eq!(asks("https://evil.example").await.refusal(), (401, ErrorCode::NotSignedIn));
    assert!(member.get("/me").await.status.is_success());
}

#[tokio::test]
async fn comments_are_written_answered_liked_changed_and_taken_back() {
    let (api, anon, member, leader) = TestApi::new().await;
    let first =
        member.comment("**读完了。**后面\n\n<script>alert(1)</script> ![x](https://t.example/p.png)", None).await;
    assert!(
        first.html.contains("<strong>读完了。</strong>")
            && !first.html.contains("<script")
            && !first.html.contains("<img")
    );
    assert_eq!(first.created, "2026-11-21T20:00:00+08:00");
    assert!(first.mine && first.editable && first.source.is_some());
    let answer = leader.comment("好", Some(&first.id)).await;

    let seen = anon.thread().await;
    assert_eq!(seen.comments.iter().map(|c| c.id.as_str()).collect::<Vec<_>>(), [&first.id, &answer.id]);
    assert_eq!((seen.total, seen.next), (2, None));
    assert!(seen.comments.iter().all(|c| c.source.is_none() && !c.mine && !c.editable), "private to its author");
    assert_eq!(seen.comments[1].author.as_ref().map(|author| author.role.as_str()), Some("leader"));

    for _ in 0..2 {
        let liked: Comment = leader.call(Method::PUT, &format!("/comments/{}/like", first.id)).await.json();
        assert_eq!((liked.likes, liked.liked), (1, true));
    }
    assert!(!anon.thread().await.comments[0].liked);
    let unliked: Comment = leader.call(Method::DELETE, &format!("/comments/{}/like", first.id)).await.json();
    assert_eq!((unliked.likes, unliked.liked), (0, false));

    api.clock.forward(60);
    let path = format!("/comments/{}", first.id);
    let edited: Comment = member.send(Method::PATCH, &path, &json!({ "body": "改过" })).await.json();
    assert_eq!((edited.html.trim(), edited.edited.as_deref()), ("<p>改过</p>", Some("2026-11-21T20:01:00+08:00")));

    let gone: Comment = member.call(Method::DELETE, &path).await.json();
    assert!(gone.deleted && gone.html.is_empty() && gone.author.is_none());
    let page = anon.thread().await;
    assert_eq!((page.comments.len(), page.total, page.comments[0].deleted), (2, 1, true), "a stub holds the place");
    assert_eq!(member.send(Method::PATCH, &path, &json!({ "body": "x" })).await.refusal(), (404, ErrorCode::NotFound));
    let late = json!({ "thread": THREAD, "body": "x", "parent": first.id });
    assert_eq!(member.send(Method::POST, "/comments", &late).await.error().field.as_deref(), Some("parent"));

    leader.call(Method::DELETE, &format!("/comments/{}", answer.id)).await.json::<Comment>();
    assert_eq!(anon.thread().await, CommentPage::default(), "with its last answer the stub goes too");
}

#[tokio::test]
async fn who_leads_may_delete_what_others_wrote() {
    let (_api, anon, member, leader) = TestApi::new().await;
    let comment = member.comment("广告", None).await;
    assert!(leader.call(Method::DELETE, &format!("/comments/{}", comment.id)).await.status.is_success());
    assert_eq!(anon.thread().await.total, 0);
}

#[tokio::test]
async fn the_same_key_is_the_same_comment() {
    let (_api, anon, member, leader) = TestApi::new().await;
    let send = async |caller: &Caller, body: &str| {
        let new = json!({ "thread": THREAD, "body": body });
        Reply::of(caller.request(Method::POST, "/comments").header("idempotency-key", "key-0001").json(&new)).await
    };
    let first: Comment = send(&member, "一次").await.json();
    let again: Comment = send(&member, "一次").await.json();
    assert_eq!(first.id, again.id);
    assert_eq!(send(&member, "另一次").await.refusal(), (409, ErrorCode::IdempotencyMismatch));
    send(&leader, "一次").await.json::<Comment>();
    assert_eq!(anon.thread().await.total, 2, "another member's key is another key");
    let (a, b) = tokio::join!(send(&leader, "一次"), send(&leader, "一次"));
    assert_eq!(a.json::<Comment>().id, b.json::<Comment>().id);
}

#[tokio::test]
async fn pages_follow_each_other_and_come_again_only_when_they_changed() {
    let (_api, anon, member, _) = TestApi::new().await;
    let mut written = Vec::new();
    for n in 0..7 {
        written.push(member.comment(&format!("第{n}"), None).await.id);
    }
    let (mut read, mut after) = (Vec::new(), String::new());
    loop {
        let page: CommentPage = anon.get(&format!("/comments?thread={THREAD}&limit=3&after={after}")).await.json();
        assert_eq!(page.total, 7);
        read.extend(page.comments.into_iter().map(|comment| comment.id));
        match page.next {
            Some(next) => after = next,
            None => break,
        }
    }
    assert_eq!(read, written);

    for path in
        [format!("/comments?thread={THREAD}"), format!("/threads/fragment?thread={THREAD}&lang=zh"), String::new()]
    {
        let first = anon.get(&path).await;
        let tag = first.header("etag").to_owned();
        assert_eq!(first.header("cache-control"), "private, no-cache");
        assert!(first.header("vary").to_ascii_lowercase().contains("origin"), "{}", first.header("vary"));
        assert!(first.header("vary").to_ascii_lowercase().contains("authorization"));
        let ask = |tag: &str| anon.request(Method::GET, &path).header(header::IF_NONE_MATCH, tag);
        let same = Reply::of(ask(&format!("\"other\", W/{tag}"))).await;
        assert_eq!((same.status.as_u16(), same.body.as_str(), same.header("etag")), (304, "", tag.as_str()), "{path}");
        assert_eq!(Reply::of(ask("\"other\"")).await.status.as_u16(), 200);
    }
    let before = anon.thread_reply().await;
    member.comment("新的", None).await;
    assert_ne!(anon.thread_reply().await.header("etag"), before.header("etag"));

    let counts = anon.send(Method::POST, "/counts", &json!({ "threads": [THREAD, "none.html"] })).await;
    assert_eq!(counts.json::<Value>(), json!({ "counts": { THREAD: 8, "none.html": 0 } }));
}

#[tokio::test]
async fn a_fragment_is_the_archives_own_view() {
    let (_api, anon, member, leader) = TestApi::new().await;
    let first = member.comment("读完了。", None).await;
    let second = leader.comment("好", Some(&first.id)).await;
    let reply = anon.get(&format!("/threads/fragment?thread={THREAD}&lang=zh-CN")).await;
    assert_eq!(reply.header("content-type"), "text/html; charset=utf-8");
    let start =
        format!("<section class=\"circle-thread\" data-circle-thread data-until=\"{}\" lang=\"zh-Hans\"", second.id);
    assert!(reply.body.starts_with(&start), "{}", reply.body);
    assert!(reply.body.contains("2 条评论") && reply.body.contains("圈主") && !reply.body.contains("<button"));
    assert!(anon.get(&format!("/threads/fragment?thread={THREAD}&lang=en")).await.body.contains("2 comments"));
    assert!(anon.get("/threads/fragment?thread=empty.html").await.body.contains("还没有人评论"));
    let preview: Preview = member.send(Method::POST, "/preview", &json!({ "body": "*斜*" })).await.json();
    assert_eq!(preview.html.trim(), "<p><em>斜</em></p>");
}

#[tokio::test]
async fn a_private_circle_is_read_by_its_members() {
    let api = TestApi::with(&CIRCLE.replace("[live]", "[live]\nprivate = true"), |_| {}).await;
    let (anon, member, _) = api.people().await;
    member.comment("圈内", None).await;
    for path in [format!("/comments?thread={THREAD}"), format!("/threads/fragment?thread={THREAD}")] {
        assert_eq!(anon.get(&path).await.refusal(), (401, ErrorCode::NotSignedIn));
        assert!(member.get(&path).await.body.contains("圈内"));
    }
    let counts = anon.send(Method::POST, "/counts", &json!({ "threads": [THREAD] })).await;
    assert_eq!(counts.refusal(), (401, ErrorCode::NotSignedIn));
    assert!(anon.get("").await.status.is_success());
}

#[tokio::test]
async fn the_window_for_changes_closes() {
    let api = TestApi::with(&CIRCLE.replace("[live]", "[live]\nedit_window_minutes = 15"), |_| {}).await;
    let (anon, member, _) = api.people().await;
    let comment = member.comment("原文", None).await;
    let path = format!("/comments/{}", comment.id);
    api.clock.forward(15 * 60 - 1);
    assert!(member.send(Method::PATCH, &path, &json!({ "body": "赶上了" })).await.status.is_success());
    api.clock.forward(1);
    let late = member.send(Method::PATCH, &path, &json!({ "body": "晚了" })).await;
    assert_eq!(late.refusal(), (403, ErrorCode::EditWindowClosed));
    assert_eq!(member.call(Method::DELETE, &path).await.refusal(), (403, ErrorCode::EditWindowClosed));
    assert!(!member.thread().await.comments[0].editable);
    assert!(anon.thread().await.comments[0].html.contains("赶上了"));
}

#[tokio::test]
async fn a_circle_ends_in_order_by_the_clock() {
    let toml = CIRCLE.replace("[live]", "[live]\nfreeze_at = \"2026-11-22\"\nclose_at = \"2026-12-01 00:00\"\n");
    let api = TestApi::with(&toml, |_| {}).await;
    let (anon, member, leader) = api.people().await;
    let comment = member.comment("再见", None).await;
    let kept = leader.comment("再见", None).await;
    let invite = api.invite(|_| {}).await;
    let write = json!({ "thread": THREAD, "body": "x" });

    api.clock.forward(4 * 3600);
    let info: CircleInfo = anon.get("").await.json();
    assert_eq!((info.phase, info.freeze_at.as_deref()), (Phase::Frozen, Some("2026-11-22T00:00:00+08:00")));
    let like = format!("/comments/{}/like", kept.id);
    for refused in [
        member.send(Method::POST, "/comments", &write).await,
        member.send(Method::PATCH, &format!("/comments/{}", comment.id), &json!({ "body": "x" })).await,
        member.call(Method::PUT, &like).await,
        member.send(Method::PATCH, "/me", &json!({ "name": "x" })).await,
        anon.join(&invite.code, "晚到").await.err().expect("nobody new"),
    ] {
        assert_eq!(refused.refusal(), (403, ErrorCode::CircleFrozen));
    }
    assert_eq!(anon.thread().await.total, 2);
    assert!(member.get("/me/export").await.body.contains("再见"));
    assert!(member.call(Method::DELETE, &format!("/comments/{}", comment.id)).await.status.is_success());
    let signed_in = anon.send(Method::POST, "/recover", &json!({ "recovery_code": member.recovery })).await;
    assert!(signed_in.status.is_success(), "to take one's data along from another device");

    api.clock.forward(9 * 24 * 3600);
    for refused in [
        leader.send(Method::POST, "/comments", &write).await,
        leader.call(Method::DELETE, &format!("/comments/{}", kept.id)).await,
        leader.call(Method::DELETE, "/me").await,
        anon.thread_reply().await,
        anon.get(&format!("/threads/fragment?thread={THREAD}")).await,
        anon.join(&invite.code, "晚到").await.err().expect("nobody new"),
    ] {
        assert_eq!(refused.refusal(), (410, ErrorCode::CircleClosed));
        assert!(refused.error().message.contains("https://dushu.example/"), "it says where the archive is");
    }
    let info: CircleInfo = anon.get("").await.json();
    assert_eq!((info.phase, info.archive_url.as_deref()), (Phase::Closed, Some("https://dushu.example/")));
    assert!(leader.get("/me/export").await.body.contains("再见"), "one's own data to the very end");
}

#[tokio::test]
async fn only_listed_origins_may_ask_from_other_pages() {
    let (api, anon, _, _) = TestApi::new().await;
    let preflight = async |origin: &str| {
        let request = anon
            .request(Method::OPTIONS, "/comments")
            .header(header::ORIGIN, origin)
            .header(header::ACCESS_CONTROL_REQUEST_METHOD, "POST")
            .header(header::ACCESS_CONTROL_REQUEST_HEADERS, "authorization,content-type,idempotency-key");
        Reply::of(request).await
    };
    let good = preflight("https://blog.example").await;
    assert_eq!(good.header("access-control-allow-origin"), "https://blog.example");
    let allowed = good.header("access-control-allow-headers").to_owned();
    assert!(["authorization", "content-type", "idempotency-key", "if-none-match"].iter().all(|h| allowed.contains(h)));
    for origin in ["https://evil.example", "http://blog.example", "https://blog.example.evil.example", "null"] {
        assert_eq!(preflight(origin).await.header("access-control-allow-origin"), "", "{origin}");
    }
    let simple = |path: &str| anon.request(Method::GET, path).header(header::ORIGIN, "https://blog.example");
    for path in [format!("/comments?thread={THREAD}"), "/nowhere".to_owned(), "/me".to_owned()] {
        let reply = Reply::of(simple(&path)).await;
        assert_eq!(reply.header("access-control-allow-origin"), "https://blog.example", "{path}: errors too");
        assert_eq!(reply.header("access-control-allow-credentials"), "");
        assert!(reply.header("vary").to_ascii_lowercase().contains("origin"));
        let exposed = reply.header("access-control-expose-headers").to_ascii_lowercase();
        assert!(exposed.contains("etag") && exposed.contains("retry-after"));
    }
    let health =
        reqwest::Client::new().get(format!("{}/healthz", api.url)).header(header::ORIGIN, "https://blog.example");
    assert_eq!(Reply::of(health).await.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn floods_are_told_how_long_to_wait() {
    let api = TestApi::with(CIRCLE, |config| {
        config.limits.writes = 4;
        config.limits.requests = 40;
    })
    .await;
    let (anon, member, leader) = api.people().await;
    for n in 0..4 {
        member.comment(&format!("第{n}"), None).await;
    }
    let reply = member.send(Method::POST, "/comments", &json!({ "thread": THREAD, "body": "x" })).await;
    assert_eq!(reply.refusal(), (429, ErrorCode::TooManyRequests));
    let wait = reply.error().retry_after.expect("seconds");
    assert!((1..=60).contains(&wait), "{wait}");
    leader.comment("别人不受影响", None).await;
    api.clock.forward(i64::try_from(wait).expect("seconds"));
    member.comment("又可以了", None).await;

    let mut last = anon.get("").await;
    for _ in 0..60 {
        last = anon.get("").await;
    }
    assert_eq!(last.refusal(), (429, ErrorCode::TooManyRequests));
    assert!(!last.header("retry-after").is_empty());
}

#[tokio::test]
async fn one_takes_all_of_ones_own_along_and_nothing_of_others() {
    let (_api, _, member, leader) = TestApi::new().await;
    let theirs = leader.comment("别人的话", None).await;
    member.comment("我的话", Some(&theirs.id)).await;
    member.call(Method::PUT, &format!("/comments/{}/like", theirs.id)).await;
    let reply = member.get("/me/export").await;
    assert!(reply.header("content-disposition").contains("attachment"));
    let data: Value = reply.json();
    assert_eq!(data["comments"][0]["markdown"], "我的话");
    assert_eq!(data["likes"][0]["comment"], theirs.id.as_str());
    assert!(!reply.body.contains("别人的话") && !reply.body.contains("林晚"));
}
