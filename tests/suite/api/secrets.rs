//! What must be nowhere: not in the database's bytes, not in an answer, not in the log.

use super::*;

#[tokio::test]
async fn who_is_erased_leaves_no_byte_behind() {
    let (api, anon, member, leader) = TestApi::new().await;
    let renamed = member.send(Method::PATCH, "/me", &json!({ "name": "植入的名字" })).await;
    assert!(renamed.status.is_success());
    let first = member.comment("植入的原文", None).await;
    member
        .send(Method::PATCH, &format!("/comments/{}", first.id), &json!({ "body": "植入的改文" }))
        .await
        .json::<Comment>();
    leader.comment("回答", Some(&first.id)).await;
    member.comment("植入的另一条", None).await;
    assert_eq!(member.call(Method::DELETE, "/me").await.status.as_u16(), 204);
    assert_eq!(member.get("/me").await.refusal(), (401, ErrorCode::NotSignedIn));

    let page = anon.thread().await;
    assert_eq!((page.comments.len(), page.total, page.comments[0].deleted), (2, 1, true));
    let bytes = api.database_bytes();
    for planted in ["植入的名字", "植入的原文", "植入的改文", "植入的另一条"] {
        let found = bytes.windows(planted.len()).any(|window| window == planted.as_bytes());
        assert!(!found, "{planted} is still in the database's files");
    }
    assert!(bytes.windows(6).any(|window| window == "回答".as_bytes()), "the search itself finds what is there");
}

#[tokio::test]
async fn secrets_are_in_no_file_no_answer_and_no_log() {
    let api =
        TestApi::with(CIRCLE, |config| config.trusted_proxies.push("127.0.0.1".parse().expect("an address"))).await;
    let invitation = api.invite(|_| {}).await;
    let proxied =
        |caller: &Caller, method, path: &str| caller.request(method, path).header("x-forwarded-for", "203.0.113.77");
    let nonce = "planted-nonce-0123456789";
    let body = json!({ "code": invitation.code, "name": "小满", "nonce": nonce });
    let joined: Joined = Reply::of(proxied(&api.anon(), Method::POST, "/join").json(&body)).await.json();
    let wrong = json!({ "code": "Y".repeat(26), "name": "别人", "nonce": nonce });
    assert_eq!(Reply::of(proxied(&api.anon(), Method::POST, "/join").json(&wrong)).await.status.as_u16(), 403);
    let member = api.anon().with_token(joined.token.clone());
    member.comment("植入的评论", None).await;

    let bare = |code: &str| code.replace('-', "");
    let secrets = [
        invitation.code.clone(),
        bare(&invitation.code),
        bare(&invitation.code)[6..19].to_owned(),
        invitation.link_secret.clone(),
        joined.token.clone(),
        joined.recovery_code.clone(),
        bare(&joined.recovery_code),
        nonce.to_owned(),
        "203.0.113.77".to_owned(),
    ];
    let answers = [
        member.thread_reply().await.body,
        member.get("/me").await.body,
        member.get("/me/export").await.body,
        api.anon().get("").await.body,
        api.anon().get(&format!("/threads/fragment?thread={THREAD}")).await.body,
    ];
    let (bytes, logs) = (api.database_bytes(), logs());
    for secret in &secrets {
        assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "{secret} is in the database");
        assert!(!logs.contains(secret.as_str()), "{secret} is in the log");
        assert!(answers.iter().all(|answer| !answer.contains(secret.as_str())), "{secret} is in an answer");
    }
    assert!(logs.contains("answered") && !logs.contains("植入的评论"), "there are logs, and no text in them");
}
