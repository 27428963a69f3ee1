//! Pages for whoever runs the counter: figures for Prometheus, what became of rules, who calls, what rules on trial would have said.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use mingjian_model::day::{day_of, format_day, format_moment, parse_day};
use serde::Serialize;

use crate::access::Right;
use crate::days;
use crate::serve::MoreFigures;
use crate::service::Service;

/// Shadow answers a page shows.
const SHADOW_MAX: usize = 1_000;

/// Refuses whoever has no key to watch with.
fn allowed(service: &Service, headers: &HeaderMap) -> Result<(), String> {
    let caller = service.access().identify(headers, (service.clock)()).map_err(|why| why.to_string())?;
    caller.may(Right::Watch)
}

fn refused(why: String) -> Response {
    (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, "Bearer")], format!("{why}\n")).into_response()
}

/// Whether calls are taken; what with, only to whom it concerns.
pub(crate) async fn ready(State(service): State<Arc<Service>>, headers: HeaderMap) -> String {
    if allowed(&service, &headers).is_err() {
        return "就绪\n".to_owned();
    }
    let rules = service.desk.live().rules();
    format!("就绪：在线规则 {} 条，规则集 {}\n", rules.count(), rules.hash())
}

pub(crate) async fn metrics(State(service): State<Arc<Service>>, headers: HeaderMap, more: Option<MoreFigures>) -> Response {
    if let Err(why) = allowed(&service, &headers) {
        return refused(why);
    }
    let rules = service.desk.live().rules().count();
    let history = service.desk.history().and_then(|history| history.size().ok()).unwrap_or_default();
    let lost = [&service.calls, &service.traces].into_iter().flatten().map(crate::journal::Journal::lost).sum();
    let mut text = service.metrics.render(service.pool.waiting(), rules, history, service.desk.is_behind(), lost);
    if let Some(more) = more {
        text.push_str(&more.render());
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}

/// Days a page of hours shows at most.
const DAYS_MAX: i32 = 400;

/// One day of figures.
#[derive(Debug, Serialize)]
struct OneDay {
    day: String,
    hours: Vec<HourLine>,
    rules: Vec<RuleLine>,
}

#[derive(Debug, Serialize)]
struct HourLine {
    #[serde(flatten)]
    caller: days::Caller,
    #[serde(flatten)]
    counts: days::Counts,
}

#[derive(Debug, Serialize)]
struct RuleLine {
    #[serde(flatten)]
    at: days::AtRule,
    #[serde(flatten)]
    counts: days::RuleCounts,
}

#[derive(Debug, Serialize)]
struct DaysPage {
    /// Upper bounds of `took`, in microseconds; one more place holds what is above.
    bounds_micros: [u64; days::BOUNDS.len()],
    days: Vec<OneDay>,
    /// Days whose file cannot be read.
    unread: Vec<String>,
}

/// `/days?from=2026-07-01&to=2026-07-31`; left out: today.
pub(crate) async fn by_day(State(service): State<Arc<Service>>, headers: HeaderMap, uri: Uri) -> Response {
    if let Err(why) = allowed(&service, &headers) {
        return refused(why);
    }
    let today = day_of((service.clock)());
    let asked = |name: &str| {
        let written = uri.query().unwrap_or_default().split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        written.map_or(Some(today), parse_day)
    };
    let (from, to) = match (asked("from"), asked("to")) {
        (Some(from), Some(to)) if from <= to && to - from < DAYS_MAX => (from, to),
        _ => return (StatusCode::BAD_REQUEST, format!("from、to 写成 2026-07-01，不超过 {DAYS_MAX} 天\n")).into_response(),
    };
    let asked = service.clone();
    let Ok((found, unread)) = tokio::task::spawn_blocking(move || asked.days.between(from, to)).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let one = |(day, figures): (i32, days::DayFigures)| OneDay {
        day: format_day(day),
        hours: figures.hours.into_iter().map(|(caller, counts)| HourLine { caller, counts }).collect(),
        rules: figures.rules.into_iter().map(|(at, counts)| RuleLine { at, counts }).collect(),
    };
    json(&DaysPage {
        bounds_micros: days::BOUNDS,
        days: found.into_iter().map(one).collect(),
        unread: unread.into_iter().map(format_day).collect(),
    })
}

pub(crate) async fn callers(State(service): State<Arc<Service>>, headers: HeaderMap) -> Response {
    match allowed(&service, &headers) {
        Ok(()) => json(&service.callers.list()),
        Err(why) => refused(why),
    }
}

/// One rule's figures.
#[derive(Debug, Serialize)]
struct RuleFollow {
    rule_id: String,
    rule_name: String,
    /// 可疑 rules: whether it speaks; 违规 rules always do.
    speaks: bool,
    changed: u64,
    continued: u64,
    dropped_in_silence: u64,
    kept_in_silence: u64,
    /// On trial: how often it would have spoken.
    would_have_spoken: u64,
    /// Why doctors went on, the commonest first.
    reasons: Vec<(String, u64)>,
}

pub(crate) async fn follow(State(service): State<Arc<Service>>, headers: HeaderMap) -> Response {
    if let Err(why) = allowed(&service, &headers) {
        return refused(why);
    }
    let (follow, shadowed) = (service.desk.manners().follow(), service.desk.shadowed());
    let rules = service.desk.live().rules();
    let named: BTreeSet<&String> = follow.keys().chain(shadowed.keys()).collect();
    let all = named.into_iter().map(|id| {
        let of = follow.get(id).copied().unwrap_or_default();
        let rule = rules.library().rule(id);
        RuleFollow {
            rule_id: id.clone(),
            rule_name: rule.map_or(String::new(), |rule| rule.title.clone()),
            speaks: of.speaks || rule.is_some_and(|rule| rule.outcome == mingjian_engine::Outcome::Violation),
            changed: of.changed,
            continued: of.continued,
            dropped_in_silence: of.dropped,
            kept_in_silence: of.kept,
            would_have_spoken: shadowed.get(id).copied().unwrap_or(0),
            reasons: service.desk.history().and_then(|history| history.reasons(id, 10).ok()).unwrap_or_default(),
        }
    });
    json(&all.collect::<Vec<_>>())
}

/// What a rule on trial would have said.
#[derive(Debug, Serialize)]
struct ShadowLine {
    time: String,
    jr_id: String,
    rule_id: String,
    rule_version: u32,
    fixmedins_code: String,
    mdtrt_id: String,
    rx_id: String,
    amount_fen: Option<i64>,
    text: String,
}

pub(crate) async fn shadow(State(service): State<Arc<Service>>, headers: HeaderMap) -> Response {
    if let Err(why) = allowed(&service, &headers) {
        return refused(why);
    }
    let desk = service.desk.clone();
    let found = tokio::task::spawn_blocking(move || desk.history().map(|history| history.shadowed(None, SHADOW_MAX)));
    let Ok(Some(Ok(found))) = found.await else { return json(&Vec::<ShadowLine>::new()) };
    let lines = found.into_iter().map(|one| ShadowLine {
        time: format_moment(one.at),
        jr_id: one.id,
        rule_id: one.rule_id,
        rule_version: one.rule_version,
        fixmedins_code: one.institution,
        mdtrt_id: one.visit,
        rx_id: one.line,
        amount_fen: one.amount,
        text: one.text,
    });
    json(&lines.collect::<Vec<_>>())
}

fn json<T: Serialize>(all: &T) -> Response {
    // Texts and numbers only: writing them cannot fail.
    let bytes: Bytes = serde_json::to_vec(all).unwrap_or_default().into();
    ([(header::CONTENT_TYPE, "application/json; charset=utf-8")], bytes).into_response()
}
