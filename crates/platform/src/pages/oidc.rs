//! 单点登录: off to the provider and back, each time as a redirect; what goes wrong is told on the log-in page.

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::get;
use mingjian_people::SignInError;

use crate::Shared;
use crate::body::{Json, Query};
use crate::contract::me::{SignInWays, VouchedAnswer, VouchedStart, VouchedWay};
use crate::guard::Origin;
use crate::oidc::{Answered, Oidc};
use crate::problem::{Answer, ApiError};
use crate::routes::{Access, ROOT, Route, Verb};
use crate::session;

pub fn routes() -> Vec<Route> {
    vec![
        Route::new(Verb::Get, "/session", Access::Open, "可用的登录方式", || get(ways)).gives::<SignInWays>(),
        Route::new(Verb::Get, "/session/oidc", Access::Open, "去单点登录（重定向）", || get(start)).asks::<VouchedStart>().redirects(),
        Route::new(Verb::Get, "/session/oidc/back", Access::Open, "单点登录回来（重定向）", || get(back))
            .asks::<VouchedAnswer>()
            .redirects(),
    ]
}

async fn ways(State(platform): State<Shared>) -> Json<SignInWays> {
    let oidc = platform.oidc.as_ref().map(|oidc| VouchedWay { title: oidc.settings.title.clone(), start: format!("{ROOT}/session/oidc") });
    Json(SignInWays { oidc })
}

fn provider(platform: &Shared) -> Answer<&Oidc> {
    platform.oidc.as_ref().ok_or_else(|| ApiError::not_found("登录方式"))
}

async fn start(State(platform): State<Shared>, Query(asked): Query<VouchedStart>) -> Answer<Response> {
    let oidc = provider(&platform)?;
    match oidc.start(asked.to.as_deref().unwrap_or("/"), (platform.clock)()).await {
        Ok(begun) => {
            let mut response = redirect(&begun.url)?;
            response.headers_mut().insert(header::SET_COOKIE, session::bind_cookie(&begun.bind, platform.tls)?);
            Ok(response)
        }
        Err(refused) => {
            (platform.log)(&format!("单点登录没有开始：{}", refused.log));
            redirect(&format!("/?login={}", refused.code))
        }
    }
}

async fn back(
    State(platform): State<Shared>,
    Extension(Origin(origin)): Extension<Origin>,
    headers: HeaderMap,
    Query(asked): Query<VouchedAnswer>,
) -> Answer<Response> {
    let oidc = provider(&platform)?;
    let now = (platform.clock)();
    let answered = Answered {
        state: asked.state.unwrap_or_default(),
        code: asked.code.unwrap_or_default(),
        issuer: asked.iss,
        error: asked.error,
        bind: session::bind(&headers).unwrap_or_default(),
    };
    let (vouched, to) = match oidc.end(&answered, now).await {
        Ok(vouched) => vouched,
        Err(refused) => {
            (platform.log)(&format!("单点登录没有成：{}", refused.log));
            platform.people.note_vouching_refused(refused.code, &origin, now).await?;
            return refuse(&platform, refused.code);
        }
    };
    let signed = match platform.people.sign_in_vouched(&vouched, oidc.settings.makes, &origin, now).await {
        Ok(signed) => signed,
        Err(SignInError::Other(error)) => return Err(ApiError::from(error)),
        Err(refused) => return refuse(&platform, refused.code()),
    };
    // As with a password: whoever was in this browser before is out, and the session is new.
    if let Some(old) = session::token(&headers) {
        platform.people.sign_out(&old, &origin, now).await?;
    }
    let mut response = redirect(&to)?;
    response.headers_mut().append(header::SET_COOKIE, session::cookie(&signed.token, platform.tls)?);
    response.headers_mut().append(header::SET_COOKIE, session::no_bind_cookie(platform.tls)?);
    Ok(response)
}

fn refuse(platform: &Shared, code: &str) -> Answer<Response> {
    let mut response = redirect(&format!("/?login={code}"))?;
    response.headers_mut().append(header::SET_COOKIE, session::no_bind_cookie(platform.tls)?);
    Ok(response)
}

fn redirect(to: &str) -> Answer<Response> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    response.headers_mut().insert(header::LOCATION, HeaderValue::from_str(to).map_err(|error| ApiError::internal(&error))?);
    Ok(response)
}
