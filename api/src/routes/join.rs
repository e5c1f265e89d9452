//! `POST …/join` with an invite code, and `POST …/recover` with a recovery code.
//!
//! A wrong, used, expired or revoked code gets the same response after the same work. The guess is counted. The secret is hashed, against
//! nothing if the selector does not exist. The statement that takes a use of the invite runs, with no invite if the secret was wrong. So
//! neither the text nor the time of the response helps a guesser.

use axum::{Json, extract::State, http::StatusCode};
use circle_model::{
    code::{self, Code, printed},
    wire::{ErrorCode, JoinRequest, Joined, Me, RecoverRequest},
};

use crate::{
    Api,
    auth::{Credentials, Does},
    codes::{digest, new_recovery, new_token},
    config::CircleConfig,
    error::{Answer, ApiError, Body, Segments},
    limits::From,
    names,
    store::{Guess, Join, JoinError, Keys, Session},
};

/// The maximum length of an answer to a question, in characters.
const MAX_ANSWER_CHARS: usize = 1000;

pub(crate) async fn join(
    State(api): State<Api>,
    Segments(circle): Segments<String>,
    from: From,
    credentials: Credentials,
    Body(request): Body<JoinRequest>,
) -> Answer<(StatusCode, Json<Joined>)> {
    let asking = api.asking(&circle, Does::Writes, &Credentials::none()).await?;
    let (circle, now) = (asking.circle, asking.now);
    let name = names::name(&request.name)?;
    let answers = answers(circle, &request)?;
    if !(16..=128).contains(&request.nonce.len()) || !request.nonce.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(ApiError::field("nonce", "a nonce is 16 to 128 random ASCII letters and digits"));
    }
    let code = code::parse(&request.code).map_err(|_| invite_invalid())?;

    let guesses = guesses(&api, circle, from, Some(&code));
    if let Err(seconds) = api.store().count_guess(&guesses, now).await? {
        return Err(ApiError::wait(seconds));
    }
    let invite = find_invite(&api, circle, code).await?.unwrap_or_default();
    let (token, recovery) = (new_token()?, new_recovery()?);
    let (token_hash, recovery_hash) = (digest("token", &token), digest("recovery", &recovery));
    let attempt = Join {
        circle: &circle.id,
        invite: &invite,
        name: &name.shown,
        name_key: &name.key,
        is_reserved: api.keeps_name(&circle.id, &name.key, &[]),
        answers: &answers,
        nonce_hash: &digest("nonce", &request.nonce),
        capacity: circle.capacity,
        keys: Keys { token_hash: &token_hash, recovery_hash: &recovery_hash, origin: credentials.origin() },
    };
    let joined = match api.store().join(&attempt, now).await {
        // The name may have been taken by the same attempt, sent twice at the same moment. The second try finds it.
        Err(JoinError::NameTaken) => api.store().join(&attempt, now).await,
        other => other,
    };
    // A correct code is not a guess, even if the circle is full or the name is taken.
    if !matches!(joined, Err(JoinError::Invite)) {
        api.store().forgive(&guesses).await?;
    }
    let session = joined.map_err(|error| match error {
        JoinError::Invite => invite_invalid(),
        JoinError::Full => ApiError::new(ErrorCode::CircleFull, "the circle has all the members that it can hold"),
        JoinError::NameTaken => ApiError::new(ErrorCode::NameTaken, "another member has this name, or one too alike"),
        JoinError::NameReserved => ApiError::name_reserved(),
        JoinError::Store(error) => error.into(),
    })?;
    Ok((StatusCode::CREATED, Json(welcome(circle, session, token, &recovery))))
}

pub(crate) async fn recover(
    State(api): State<Api>,
    Segments(circle): Segments<String>,
    from: From,
    credentials: Credentials,
    Body(request): Body<RecoverRequest>,
) -> Answer<Json<Joined>> {
    let asking = api.asking(&circle, Does::TakesBack, &Credentials::none()).await?;
    let (circle, now) = (asking.circle, asking.now);
    let invalid = || ApiError::new(ErrorCode::RecoveryInvalid, "nobody in this circle has this recovery code");
    let Ok(Code::Recovery(old)) = code::parse(&request.recovery_code) else { return Err(invalid()) };
    let guesses = guesses(&api, circle, from, None);
    if let Err(seconds) = api.store().count_guess(&guesses, now).await? {
        return Err(ApiError::wait(seconds));
    }
    let (token, recovery) = (new_token()?, new_recovery()?);
    let (token_hash, recovery_hash) = (digest("token", &token), digest("recovery", &recovery));
    let keys = Keys { token_hash: &token_hash, recovery_hash: &recovery_hash, origin: credentials.origin() };
    let session = api.store().recover(&circle.id, &digest("recovery", &old), keys, now).await?.ok_or_else(invalid)?;
    api.store().forgive(&guesses).await?;
    Ok(Json(welcome(circle, session, token, &recovery)))
}

fn welcome(circle: &CircleConfig, session: Session, token: String, recovery: &str) -> Joined {
    Joined {
        token,
        recovery_code: printed(recovery),
        member: Me { id: session.member, name: session.name, role: session.role },
        welcome: circle.welcome.clone(),
    }
}

/// The one response to every code that admits nobody.
fn invite_invalid() -> ApiError {
    ApiError::new(ErrorCode::InviteInvalid, "this code does not let anybody in: wrong, used up, expired or revoked")
}

/// The id of the invite that has this secret.
async fn find_invite(api: &Api, circle: &CircleConfig, code: Code) -> Answer<Option<String>> {
    match code {
        Code::Typed { selector, secret } => {
            let found = api.store().invite_by_selector(&circle.id, &selector).await?;
            let right = api.hasher().verify(secret, found.as_ref().map(|found| found.secret_hash.as_str())).await?;
            Ok(found.filter(|_| right).map(|found| found.id))
        }
        Code::Link(link) => Ok(api.store().invite_by_link(&circle.id, &link).await?.map(|found| found.id)),
        Code::Recovery(_) => Ok(None),
    }
}

/// The keys by which a guess is counted.
fn guesses(api: &Api, circle: &CircleConfig, from: From, code: Option<&Code>) -> Vec<Guess> {
    let limits = api.limits();
    let mut guesses = vec![
        Guess { by: "address", who: format!("{}\0{}", circle.id, from.0), limit: limits.guesses_by_address },
        Guess { by: "circle", who: circle.id.clone(), limit: limits.guesses_by_circle },
    ];
    if let Some(Code::Typed { selector, .. }) = code {
        guesses.push(Guess {
            by: "selector",
            who: format!("{}\0{selector}", circle.id),
            limit: limits.guesses_by_selector,
        });
    }
    guesses
}

/// The answers to the circle's questions as JSON. Fails if an answer is missing or the rules were not accepted.
fn answers(circle: &CircleConfig, request: &JoinRequest) -> Answer<String> {
    if !circle.rules_html.is_empty() && !request.accept_rules {
        return Err(ApiError::field("accept_rules", "the rules of the circle are to be accepted"));
    }
    let given: Vec<&str> = request.answers.iter().map(|answer| answer.trim()).collect();
    if given.len() != circle.questions.len() || given.iter().any(|answer| answer.is_empty()) {
        return Err(ApiError::field("answers", format!("answer each of the {} questions", circle.questions.len())));
    }
    if given.iter().any(|answer| answer.chars().count() > MAX_ANSWER_CHARS) {
        return Err(ApiError::field("answers", format!("an answer has at most {MAX_ANSWER_CHARS} characters")));
    }
    serde_json::to_string(&given).map_err(ApiError::internal)
}
