//! 登录与本人.

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use mingjian_casework::{CaseError, leads};
use mingjian_people::{Act, Must, PeopleError, Person, SignInError, Way, acts_of};

use crate::Shared;
use crate::body::Json;
use crate::caller::{Caller, event};
use crate::contract::Coded;
use crate::contract::me::{Me, NewPassword, PrintNote, RecoveryCodes, SignIn, SignedOut, TotpCode, TotpOffer};
use crate::guard::Origin;
use crate::looks;
use crate::problem::{Answer, ApiError, Code};
use crate::routes::{Access, Route, Verb};
use crate::session;

/// A password longer than this is not hashed: it would cost time, not the guesser.
const PASSWORD_MAX: usize = 1_024;

pub fn routes() -> Vec<Route> {
    let own = Access::Own;
    vec![
        Route::new(Verb::Post, "/session", Access::Open, "登录", || post(sign_in)).takes::<SignIn>().gives::<Me>(),
        Route::new(Verb::Delete, "/session", own, "退出（单点登录的，200 并给出去处；其余 204）", || delete(sign_out)).gives::<SignedOut>(),
        Route::new(Verb::Get, "/me", own, "本人", || get(me)).gives::<Me>(),
        Route::new(Verb::Post, "/me/prints", own, "登记打印（水印编号）", || post(printed)).takes::<PrintNote>(),
        Route::new(Verb::Post, "/me/password", own, "修改密码", || post(password)).takes::<NewPassword>(),
        Route::new(Verb::Post, "/me/totp", own, "取动态口令密钥", || post(totp)).gives::<TotpOffer>(),
        Route::new(Verb::Post, "/me/totp/confirm", own, "确认动态口令", || post(totp_confirm)).takes::<TotpCode>().gives::<RecoveryCodes>(),
        Route::new(Verb::Post, "/me/totp/remove", own, "停用动态口令", || post(totp_remove)).takes::<TotpCode>(),
    ]
}

async fn sign_in(
    State(platform): State<Shared>,
    Extension(Origin(origin)): Extension<Origin>,
    headers: HeaderMap,
    Json(typed): Json<SignIn>,
) -> Answer<Response> {
    if typed.password.len() > PASSWORD_MAX || typed.account.len() > PASSWORD_MAX {
        return Err(ApiError::new(Code::Wrong).detail("账号或密码不对"));
    }
    let challenge = platform.people.challenge(&typed.account).await?;
    // Hashing takes a core for a while: few at a time, so that guessing does not hold up those at work.
    let turn = platform.hashing_turn().await?;
    let checked = platform.blocking(move || challenge.check(&typed.password)).await?;
    drop(turn);
    let signed = platform.people.sign_in(checked, typed.code.as_deref(), &origin, (platform.clock)()).await.map_err(refused)?;
    // A session that was open in this browser ends: nobody goes on under the name of who was there before.
    if let Some(old) = session::token(&headers) {
        platform.people.sign_out(&old, &origin, (platform.clock)()).await?;
    }
    let me = describe(&platform, &signed.person, signed.csrf).await;
    let mut response = Json(me).into_response();
    response.headers_mut().insert(header::SET_COOKIE, session::cookie(&signed.token, platform.tls)?);
    Ok(response)
}

fn refused(error: SignInError) -> ApiError {
    let error = match error {
        SignInError::Other(other) => return other.into(),
        told => told,
    };
    let code = match error {
        SignInError::Wrong => Code::Wrong,
        SignInError::Locked { .. } => Code::Locked,
        SignInError::CodeNeeded => Code::CodeNeeded,
        // Of providers; a password does not lead there.
        SignInError::NoAccount | SignInError::OtherIdentity | SignInError::SecondFactor | SignInError::Other(_) => Code::Wrong,
    };
    ApiError::new(code).detail(error.to_string())
}

async fn sign_out(State(platform): State<Shared>, caller: Caller) -> Answer<Response> {
    let vouched = platform.people.way_of(&caller.token).await? != Way::Password;
    platform.people.sign_out(&caller.token, &caller.origin, caller.person.at).await?;
    let go = match &platform.oidc {
        Some(oidc) if vouched => oidc.sign_out(caller.person.at).await,
        _ => None,
    };
    let mut response = go.map_or_else(|| StatusCode::NO_CONTENT.into_response(), |go| Json(SignedOut { go }).into_response());
    response.headers_mut().insert(header::SET_COOKIE, session::no_cookie(platform.tls)?);
    Ok(response)
}

async fn me(State(platform): State<Shared>, caller: Caller) -> Json<Me> {
    let csrf = platform.people.csrf(&caller.token);
    Json(describe(&platform, &caller.person, csrf).await)
}

async fn describe(platform: &Shared, person: &Person, csrf: String) -> Me {
    // Data that cannot be read must not keep anybody from logging in.
    let (state, region_names) = platform.ask(|data| Ok((data.state().unwrap_or_default(), data.region_names()))).await.unwrap_or_default();
    Me {
        account: person.account.clone(),
        name: person.name.clone(),
        roles: person.roles.iter().map(|role| role.id().to_owned()).collect(),
        role_titles: person.roles.iter().map(|role| role.title().to_owned()).collect(),
        region: person.region.clone(),
        region_names,
        institution: institution(platform, person).await,
        acts: acts_of(person).into_iter().map(str::to_owned).collect(),
        csrf,
        totp: person.totp,
        must_change: person.must == Some(Must::ChangePassword),
        must_totp: person.must == Some(Must::SetUpTotp),
        as_of: state.as_of,
        run: state.run,
    }
}

/// The own institution, with its name where a lead has told it.
async fn institution(platform: &Shared, person: &Person) -> Option<Coded> {
    let code = person.institution.clone()?;
    let row = platform.store.one("select name from institution_names where code = $1", &[(&code).into()]).await.ok().flatten();
    let name = row.and_then(|row| row.text("name").ok()).unwrap_or_else(|| code.clone());
    Some(Coded { code, name })
}

/// Longest path of a page, and longest number.
const PAGE_MAX: usize = 100;
const NUMBER_MAX: usize = 40;

/// Somebody printed a page: what the mark on the paper leads back to.
async fn printed(State(platform): State<Shared>, caller: Caller, Json(told): Json<PrintNote>) -> Answer<StatusCode> {
    let plain = |text: &str, also: &[u8]| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || also.contains(&byte));
    if told.number.is_empty() || told.number.len() > NUMBER_MAX || !plain(&told.number, b"-") {
        return Err(ApiError::invalid("number", "编号只能是字母、数字和横线"));
    }
    // What is no path of ours may be anything: it is not kept.
    let page =
        if told.page.starts_with('/') && told.page.len() <= PAGE_MAX && plain(&told.page, b"/-_.") { told.page.as_str() } else { "?" };
    let of_lead = ["/leads/", "/reviews/", "/answers/"].iter().find_map(|begin| page.strip_prefix(begin)).filter(|id| !id.is_empty());
    // Who never saw a lead does not stand among those who printed it.
    let (kind, object, page) = match of_lead {
        None => ("page", page, page),
        Some(id) if sees(&platform, &caller, id).await? => ("lead", id, page),
        Some(_) => ("page", "?", "?"),
    };
    let detail = serde_json::json!({ "number": told.number, "page": page });
    caller.note(&platform, Act::SelfService, event(looks::PRINT, kind, object, detail, None)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn sees(platform: &Shared, caller: &Caller, lead: &str) -> Answer<bool> {
    if !caller.may(Act::LeadsRead) {
        return Ok(false);
    }
    match leads::sealed_identity(&platform.office, &caller.asker(Act::LeadsRead), lead).await {
        Ok(_) => Ok(true),
        Err(CaseError::NotFound) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

async fn password(State(platform): State<Shared>, caller: Caller, Json(typed): Json<NewPassword>) -> Answer<StatusCode> {
    if typed.password.len() > PASSWORD_MAX || typed.current.len() > PASSWORD_MAX {
        return Err(ApiError::invalid("password", "密码太长"));
    }
    let task = platform.people.password_task(&caller.person).await?;
    let turn = platform.hashing_turn().await?;
    let new = platform.blocking(move || task.run(&typed.current, &typed.password)).await?;
    drop(turn);
    if matches!(new, Err(PeopleError::WrongPassword)) {
        platform.people.own_failure(&caller.person, "password", &caller.origin).await?;
    }
    let new = new?;
    platform.people.set_password(new, &caller.token, &caller.person, &caller.origin).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn totp(State(platform): State<Shared>, caller: Caller) -> Answer<Json<TotpOffer>> {
    let offer = platform.people.totp_begin(&caller.person, &caller.origin).await?;
    Ok(Json(TotpOffer { secret: offer.secret, uri: offer.uri }))
}

async fn totp_confirm(State(platform): State<Shared>, caller: Caller, Json(typed): Json<TotpCode>) -> Answer<Json<RecoveryCodes>> {
    let recovery_codes = platform.people.totp_confirm(&caller.person, &typed.code, &caller.origin).await?;
    Ok(Json(RecoveryCodes { recovery_codes }))
}

async fn totp_remove(State(platform): State<Shared>, caller: Caller, Json(typed): Json<TotpCode>) -> Answer<StatusCode> {
    platform.people.totp_remove(&caller.person, &typed.code, &caller.origin).await?;
    Ok(StatusCode::NO_CONTENT)
}
