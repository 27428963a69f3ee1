//! 门卫: what every request of the interface passes before its handler runs: session, CSRF token, right, idempotency; and what every answer
//! passes on its way out: security headers, counts, the log.

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::FutureExt as _;
use mingjian_people::{Act, Object, Person, Refusal, allows};

use crate::Shared;
use crate::body::JSON_MAX;
use crate::caller::Caller;
use crate::headers;
use crate::idempotent::{Idempotent, Pending, Turn};
use crate::looks;
use crate::problem::{Answer, ApiError, Cause, Code};
use crate::random;
use crate::routes::{Access, ROOT, Route};
use crate::session;
use crate::spill::Rest;

/// What the guard of one route knows.
#[derive(Clone)]
pub struct Post {
    pub platform: Shared,
    pub route: Route,
}

/// Lets a request through to its handler, or answers why not.
pub async fn guard(State(post): State<Post>, request: Request, next: Next) -> Response {
    let thing = thing(post.route.path, request.uri().path()).map(str::to_owned);
    let (response, caller) = match admit(&post, request).await {
        Ok((request, caller)) => {
            let response = carry_out(&post, request, caller.as_ref(), next).await.unwrap_or_else(IntoResponse::into_response);
            (response, caller)
        }
        Err(Turned { error, caller }) => (error.into_response(), caller.map(|caller| *caller)),
    };
    // Who tried to see what is not theirs has left a trace.
    if let (Some(id), Some(caller), 403 | 404) = (&thing, &caller, response.status().as_u16()) {
        let act = match post.route.access {
            Access::Right(act) => act,
            Access::AnyRight(acts) => acts.first().copied().unwrap_or(Act::SelfService),
            Access::Open | Access::Own => Act::SelfService,
        };
        let status = response.status().as_u16();
        looks::note_refused(&post.platform, &caller.person, &caller.origin, act, post.route.path, id, status).await;
    }
    response
}

/// Who was turned away, where that is known.
struct Turned {
    error: ApiError,
    caller: Option<Box<Caller>>,
}

impl<E: Into<ApiError>> From<E> for Turned {
    fn from(error: E) -> Turned {
        Turned { error: error.into(), caller: None }
    }
}

/// The id of the thing a path is about, as the route names it.
fn thing<'a>(route: &str, path: &'a str) -> Option<&'a str> {
    let path = path.strip_prefix(ROOT)?;
    let pairs = route.split('/').zip(path.split('/'));
    pairs.into_iter().find(|(named, _)| ["{id}", "{account}", "{code}"].contains(named)).map(|(_, id)| id)
}

async fn admit(post: &Post, mut request: Request) -> Result<(Request, Option<Caller>), Turned> {
    let origin = origin(&post.platform, &request);
    if post.route.verb.changes() {
        same_site(request.headers())?;
    }
    if post.route.access == Access::Open {
        request.extensions_mut().insert(Origin(origin));
        return Ok((request, None));
    }
    let token = session::token(request.headers()).ok_or_else(|| ApiError::new(Code::Unauthenticated).detail("请登录"))?;
    let person = session::person(&post.platform, &token).await?;
    if post.route.verb.changes() {
        let sent = request.headers().get("x-csrf-token").and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !random::same(sent, &post.platform.people.csrf(&token)) {
            return Err(ApiError::new(Code::Csrf).detail("请刷新页面后再试").into());
        }
    }
    let key = Idempotent::key(request.headers())?;
    let caller = Caller { person, origin, token, key };
    if let Err(refusal) = right(&post.route, &caller.person) {
        return Err(Turned { error: refusal.into(), caller: Some(Box::new(caller)) });
    }
    request.extensions_mut().insert(caller.clone());
    Ok((request, Some(caller)))
}

/// Whether the person has the right a route asks for.
fn right(route: &Route, person: &Person) -> Result<(), Refusal> {
    match route.access {
        Access::Open | Access::Own => Ok(()),
        Access::Right(act) => allows(person, act, &Object::none()),
        Access::AnyRight(acts) => {
            // One right will do; without any, the refusal names the first.
            let mut asked = acts.iter().map(|act| allows(person, *act, &Object::none()));
            let first = asked.next().unwrap_or(Ok(()));
            if asked.any(|other| other.is_ok()) { Ok(()) } else { first }
        }
    }
}

/// Runs the handler; for a request with an idempotency key, once.
async fn carry_out(post: &Post, request: Request, caller: Option<&Caller>, next: Next) -> Answer<Response> {
    let Some((caller, key)) = caller.and_then(|caller| Some((caller, caller.key.clone()?))) else { return Ok(next.run(request).await) };
    if !post.route.is_repeatable() {
        return Ok(next.run(request).await);
    }
    let (parts, body) = request.into_parts();
    let body = crate::body::read(body, JSON_MAX).await?;
    let mut print = blake3::Hasher::new();
    print.update(parts.method.as_str().as_bytes()).update(parts.uri.to_string().as_bytes()).update(b"\n").update(&body);
    let shelf = &post.platform.answers;
    let key = format!("{}\u{1f}{key}", caller.account());
    let (print, at, store) = (print.finalize(), caller.person.at, (&post.platform.store, &*post.platform.sealer));
    let key = match shelf.begin(key, *print.as_bytes(), at)? {
        Turn::First(key) => key,
        Turn::Again(status, body) => return Ok(again(status, body)),
    };
    let pending = Pending { shelf, key };
    let print = print.to_hex();
    if let Some((before, status, body)) = shelf.stored(store, &pending.key, at).await? {
        if before != print.as_str() {
            return Err(ApiError::new(Code::KeyReused).detail("这个幂等键已用于另一个请求；请换一个"));
        }
        shelf.done(&pending.key, status, &body);
        return Ok(again(status, body));
    }
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    let (parts, body) = response.into_parts();
    // Answers of acts are made whole in memory; nothing streamed comes with a key.
    let body = to_bytes(body, usize::MAX).await.map_err(|error| ApiError::internal(&error))?;
    shelf.done(&pending.key, parts.status, &body);
    if let Err(error) = shelf.keep(store, (&pending.key, print.as_str()), at, (parts.status, &body)).await {
        (post.platform.log)(&format!("answer to a repeatable act not kept: {error}"));
    }
    Ok(Response::from_parts(parts, Body::from(body)))
}

fn again(status: axum::http::StatusCode, body: Bytes) -> Response {
    let problem = !status.is_success();
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let kind = if problem { "application/problem+json; charset=utf-8" } else { "application/json; charset=utf-8" };
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response.headers_mut().insert("idempotency-replayed", HeaderValue::from_static("true"));
    response
}

/// A browser says whether another site made it send this. Old ones say nothing; the token then has the word.
fn same_site(headers: &HeaderMap) -> Answer<()> {
    let said = headers.get("sec-fetch-site").and_then(|value| value.to_str().ok());
    if matches!(said, Some("cross-site" | "same-site")) {
        return Err(ApiError::new(Code::Csrf).detail("请求来自别的网站，没有受理"));
    }
    Ok(())
}

/// Whose address a request of an open route came from.
#[derive(Clone)]
pub struct Origin(pub String);

fn origin(platform: &Shared, request: &Request) -> String {
    (platform.peer)(request.extensions()).map_or_else(|| "unknown".to_owned(), |address| address.to_string())
}

/// Around everything, pages too.
pub async fn finish(State(platform): State<Shared>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let path = request.uri().path().to_owned();
    let (request, rest) = Rest::of(request);
    // A panic is a fault of ours: it is answered and logged, and ends nobody else's request.
    let ran = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    let mut response = ran.unwrap_or_else(|_| ApiError::fault("panic in a handler").into_response());
    if path.starts_with("/api/") {
        response = in_words(response);
    }
    if let Some(rest) = rest.filter(|_| !response.status().is_success()) {
        rest.spill().await;
    }
    if let Some(Cause(cause)) = response.extensions_mut().remove::<Cause>() {
        // Below the root of the interface a path holds ids, which are not personal; queries may be, and are left out.
        (platform.log)(&format!("{path} {cause}"));
    }
    headers::secure(response.headers_mut(), platform.tls);
    platform.metrics.count(&path, response.status().as_u16(), begun.elapsed());
    response
}

/// What the framework refuses by itself, a verb there is none of or a path that is no text, is told like everything else.
fn in_words(response: Response) -> Response {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() || is_problem(&response) {
        return response;
    }
    let code = match status.as_u16() {
        404 => Code::NotFound,
        405 => Code::Method,
        413 => Code::TooLarge,
        415 => Code::Unsupported,
        400..=499 => Code::Malformed,
        _ => Code::Internal,
    };
    let mut told = ApiError::new(code).into_response();
    if let Some(allow) = response.headers().get(header::ALLOW) {
        told.headers_mut().insert(header::ALLOW, allow.clone());
    }
    told
}

fn is_problem(response: &Response) -> bool {
    response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/problem+json"))
}
