//! 调用: what a call goes through, from its bytes to the answer's.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request as HttpRequest, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;

use crate::access::Right;
use crate::call::{Call, Refusal, encode};
use crate::figures;
use crate::idempotent::fingerprint;
use crate::judging::judge;
use crate::serve::MoreFigures;
use crate::service::Service;
use crate::taking;
use crate::wire::{self, Envelope};

/// The counter's own paths; `beside` gets all others.
pub(crate) fn router(service: Arc<Service>, beside: Option<Router>, more: Option<MoreFigures>) -> Router {
    let elsewhere = Elsewhere { service: service.clone(), beside: beside.map(TowerToHyperService::new) };
    Router::new()
        .route("/fsi", named(""))
        .route("/3101", named("3101"))
        .route("/3102", named("3102"))
        .route("/3103", named("3103"))
        .route("/settlements", post(settlements))
        .route("/follow", get(figures::follow))
        .route("/callers", get(figures::callers))
        .route("/days", get(figures::by_day))
        .route("/shadow", get(figures::shadow))
        .route("/healthz", get(|| async { "好\n" }))
        .route("/readyz", get(figures::ready))
        .route("/metrics", get(move |state, headers| figures::metrics(state, headers, more.clone())))
        .fallback(move |request| elsewhere.clone().answer(request))
        .with_state(service)
}

/// A transaction that stands in the path; empty: in the envelope.
fn named(infno: &'static str) -> MethodRouter<Arc<Service>> {
    post(move |State(service): State<Arc<Service>>, headers, body| answer(service, infno.to_owned(), headers, body))
}

/// Paths that are none of the counter's.
#[derive(Clone)]
struct Elsewhere {
    service: Arc<Service>,
    beside: Option<TowerToHyperService<Router>>,
}

impl Elsewhere {
    async fn answer(self, request: HttpRequest) -> Response {
        // A transaction there is none of is answered in the envelope, which is what its caller reads.
        if let (&Method::POST, Some(infno)) = (request.method(), transaction(request.uri().path())) {
            let infno = infno.to_owned();
            let (parts, body) = request.into_parts();
            return answer(self.service, infno, parts.headers, body).await;
        }
        let Some(beside) = self.beside else {
            let told = "没有这个地址；可用的有 /fsi、/3101、/3102、/3103、/settlements、/healthz、/readyz、/metrics、/follow、/callers、/days、/shadow\n";
            return (StatusCode::NOT_FOUND, told).into_response();
        };
        match beside.call(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }
}

/// `/2204`: four digits, perhaps with a letter behind.
fn transaction(path: &str) -> Option<&str> {
    let name = path.strip_prefix('/')?;
    let digits = name.strip_suffix(|last: char| last.is_ascii_uppercase()).unwrap_or(name);
    (digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit())).then_some(name)
}

async fn answer(service: Arc<Service>, named: String, headers: HeaderMap, body: Body) -> Response {
    let mut call = Call::begin(&service, &headers);
    let outcome = transact(&service, &mut call, named, &headers, body).await;
    call.end(&service, outcome)
}

async fn settlements(State(service): State<Arc<Service>>, headers: HeaderMap, body: Body) -> Response {
    let mut call = Call::begin(&service, &headers);
    let outcome = taking::settlements(&service, &mut call, &headers, body).await;
    call.end(&service, outcome)
}

async fn transact(service: &Arc<Service>, call: &mut Call, named: String, headers: &HeaderMap, body: Body) -> Result<Bytes, Refusal> {
    call.named(&named);
    let (caller, body) = call.receive(service, headers, body, Right::Call).await?;
    let content_type = headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let dialects = service.dialects();
    let read = wire::decode_in::<Envelope>(&body, content_type, &dialects, caller.key_id());
    let (envelope, dialect) = read.map_err(|why| Refusal::new("body", why.to_string()))?;
    let infno = if named.is_empty() { envelope.infno.0.clone() } else { named };
    call.named(&infno);
    call.area = envelope.area.0.clone();
    // A msgid is its sender's: another's key finds none of its answers.
    let msgid = &envelope.msgid.0;
    let key = (!msgid.is_empty()).then(|| (format!("{infno}\u{1f}{}\u{1f}{msgid}", caller.key_id()), fingerprint(&body)));
    if let Some((key, print)) = &key
        && let Some(answer) = service.answers.find(key, *print, call.came)
    {
        call.by(&envelope.institution.0, &envelope.vendor.0, msgid);
        call.record.outcome = "replayed";
        service.metrics.replayed.fetch_add(1, Ordering::Relaxed);
        return Ok(answer);
    }
    let (bytes, keep) = match infno.as_str() {
        "3101" | "3102" => {
            let judged = judge(service, call, &caller, &infno, envelope).await?;
            (encode(&judged.reply, dialect), judged.keep)
        }
        "3103" => (encode(&taking::feedback(service, call, &caller, envelope).await?, dialect), true),
        "" => return Err(Refusal::new("value", "没有写交易编号 infno；3101 事前、3102 事中、3103 反馈")),
        other => {
            let other: String = other.chars().take(10).collect();
            return Err(Refusal::new("value", format!("没有交易 {other}；可用的有 3101 事前、3102 事中、3103 反馈")));
        }
    };
    if let Some((key, print)) = key.filter(|_| keep) {
        service.answers.keep(key, print, call.came, bytes.clone());
    }
    Ok(bytes)
}
