//! 调用: what a call goes through, from its bytes to the answer's.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request as HttpRequest, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use mingjian_counter::{Desk, Effort, Feedback, HistoryError, Level, Reminder, Request, Scene};
use mingjian_engine::program::stage;
use mingjian_model::day::Moment;
use serde::Serialize;
use tokio::sync::oneshot;

use crate::callers::Callers;
use crate::clock::{self, Clock, compact};
use crate::idempotent::{Idempotent, fingerprint};
use crate::metrics::Metrics;
use crate::pool::Pool;
use crate::serve::MoreFigures;
use crate::sign::{Signature, Signed};
use crate::wire::answer::{Output, Reply};
use crate::wire::{self, Envelope};

/// Bounds of a call.
#[derive(Debug, Clone)]
pub struct CallOptions {
    /// An answer is sent by then, whatever has been judged.
    pub deadline: Duration,
    /// The body must have come by then.
    pub body_timeout: Duration,
    pub body_max: usize,
    /// Threads that judge.
    pub threads: usize,
    /// Calls that may wait for one of them.
    pub queue_max: usize,
    pub signature: Signature,
}

impl Default for CallOptions {
    fn default() -> CallOptions {
        CallOptions {
            deadline: Duration::from_millis(300),
            body_timeout: Duration::from_secs(10),
            body_max: 8 << 20,
            threads: std::thread::available_parallelism().map_or(2, usize::from),
            queue_max: 512,
            signature: Signature::None,
        }
    }
}

/// Everything a call meets.
pub struct Service {
    desk: Arc<Desk>,
    pool: Pool,
    options: CallOptions,
    clock: Clock,
    log: fn(&str),
    answers: Idempotent,
    metrics: Metrics,
    callers: Callers,
    /// Shapes of calls that could not be understood, each logged once.
    odd: Mutex<HashSet<String>>,
    sequence: AtomicU64,
}

impl Service {
    pub fn new(desk: Arc<Desk>, options: CallOptions) -> Service {
        Service {
            desk,
            pool: Pool::new(options.threads, options.queue_max),
            options,
            clock: clock::now,
            log: |line| eprintln!("{line}"),
            answers: Idempotent::default(),
            metrics: Metrics::default(),
            callers: Callers::default(),
            odd: Mutex::default(),
            sequence: AtomicU64::new(0),
        }
    }

    /// With a clock of its own, as tests have.
    pub fn with_clock(self, clock: Clock) -> Service {
        Service { clock, ..self }
    }

    /// Where remarks about callers go; they hold no personal data.
    pub fn with_log(self, log: fn(&str)) -> Service {
        Service { log, ..self }
    }

    pub fn desk(&self) -> &Desk {
        &self.desk
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    fn refmsgid(&self, area: &str, now: Moment) -> String {
        let number = self.sequence.fetch_add(1, Ordering::Relaxed) % 10_000_000;
        let area: String = area.chars().filter(char::is_ascii_digit).take(6).collect();
        format!("{area:0<6}{}{number:07}", compact(now))
    }

    fn log_once(&self, shape: String, line: impl FnOnce() -> String) {
        let mut odd = self.odd.lock().unwrap_or_else(PoisonError::into_inner);
        if odd.len() < 1_000 && odd.insert(shape) {
            (self.log)(&line());
        }
    }
}

/// The counter's own paths; `beside` gets all others.
pub(crate) fn router(service: Arc<Service>, beside: Option<Router>, more: Option<MoreFigures>) -> Router {
    let elsewhere = Elsewhere { service: service.clone(), beside: beside.map(TowerToHyperService::new) };
    Router::new()
        .route("/fsi", post(fsi))
        .route("/3101", named("3101"))
        .route("/3102", named("3102"))
        .route("/3103", named("3103"))
        .route("/settlements", post(settlements))
        .route("/follow", get(follow))
        .route("/callers", get(callers))
        .route("/healthz", get(|| async { "好\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(move |state| figures(state, more.clone())))
        .fallback(move |request| elsewhere.clone().answer(request))
        .with_state(service)
}

/// A transaction that stands in the path.
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
            let told = "没有这个地址；可用的有 /fsi、/3101、/3102、/3103、/settlements、/healthz、/readyz、/metrics、/follow、/callers\n";
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

async fn ready(State(service): State<Arc<Service>>) -> String {
    let rules = service.desk.live().rules();
    format!("就绪：在线规则 {} 条，规则集 {}\n", rules.count(), rules.hash())
}

async fn figures(State(service): State<Arc<Service>>, more: Option<MoreFigures>) -> Response {
    let rules = service.desk.live().rules().count();
    let persons = service.desk.history().and_then(|history| history.size().ok()).map_or(0, |size| size.persons);
    let mut text = service.metrics.render(service.pool.waiting(), rules, persons);
    if let Some(more) = more {
        text.push_str(&more.render());
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}

async fn fsi(State(service): State<Arc<Service>>, headers: HeaderMap, body: Body) -> Response {
    answer(service, String::new(), headers, body).await
}

/// A call that is not answered as asked: what the caller reads.
struct Refusal(String);

/// The body, once it has come whole and in time from somebody who may call.
async fn received(service: &Service, headers: &HeaderMap, body: Body, came: Moment) -> Result<Bytes, Refusal> {
    let body = match tokio::time::timeout(service.options.body_timeout, to_bytes(body, service.options.body_max)).await {
        Ok(Ok(body)) => body,
        Ok(Err(_)) => {
            let most = service.options.body_max >> 20;
            return Err(Refusal(format!("报文超过 {most} MB，或没有传完；请分次发送")));
        }
        Err(_) => return Err(Refusal("报文没有在时限内传完；请检查网络后重发".to_owned())),
    };
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let signed = Signed {
        name: header("_api_name"),
        version: header("_api_version"),
        timestamp: header("_api_timestamp"),
        access_key: header("_api_access_key"),
        signature: header("_api_signature"),
    };
    service.options.signature.check(&signed, came).map_err(|why| Refusal(why.to_string()))?;
    Ok(body)
}

async fn answer(service: Arc<Service>, named: String, headers: HeaderMap, body: Body) -> Response {
    let begun = Instant::now();
    let came = (service.clock)();
    let body = match received(&service, &headers, body, came).await {
        Ok(body) => body,
        Err(why) => return refused(&service, "other", begun, came, "", why),
    };
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let envelope = match wire::decode(&body, header("content-type")) {
        Ok(envelope) => envelope,
        Err(why) => return refused(&service, "other", begun, came, "", Refusal(why.to_string())),
    };
    let infno = if named.is_empty() { envelope.infno.0.clone() } else { named };
    let area = envelope.area.0.clone();
    let key = (!envelope.msgid.0.is_empty()).then(|| format!("{infno}\u{1f}{}", envelope.msgid.0));
    let print = fingerprint(&body);
    if let Some(key) = &key
        && let Some(answer) = service.answers.find(key, print, came)
    {
        service.metrics.replayed.fetch_add(1, Ordering::Relaxed);
        service.metrics.called(&infno, true, begun.elapsed());
        return json(answer);
    }
    let outcome = match infno.as_str() {
        "3101" | "3102" => judge(&service, &infno, envelope, begun, came).await,
        "3103" => feedback(&service, envelope, came).await,
        "" => Err(Refusal("没有写交易编号 infno；3101 事前、3102 事中、3103 反馈".to_owned())),
        other => Err(Refusal(format!("没有交易 {other}；可用的有 3101 事前、3102 事中、3103 反馈"))),
    };
    match outcome {
        Ok(mut reply) => {
            reply.inf_refmsgid = service.refmsgid(&area, came);
            let bytes = encode(&reply);
            if let Some(key) = key {
                service.answers.keep(key, print, came, bytes.clone());
            }
            service.metrics.called(&infno, true, begun.elapsed());
            json(bytes)
        }
        Err(why) => refused(&service, &infno, begun, came, &area, why),
    }
}

/// What a call is told.
#[derive(Default)]
struct Told {
    told: Vec<(Reminder, Level)>,
    remarks: Vec<String>,
}

impl Told {
    fn nothing(why: String) -> Told {
        Told { told: Vec::new(), remarks: vec![why] }
    }
}

/// 3103: what the doctor did.
async fn feedback(service: &Arc<Service>, envelope: Envelope, came: Moment) -> Result<Reply<Output>, Refusal> {
    let (caller, vendor) = (envelope.institution.0.clone(), envelope.vendor.0.clone());
    let warns = envelope.into_data().warns.0;
    if warns.is_empty() {
        return Err(Refusal("反馈里没有内容：应在 input.data.warns 下".to_owned()));
    }
    let mut all = Vec::with_capacity(warns.len());
    for warn in warns {
        let changed = match warn.way.0.as_str() {
            "1" => false,
            "2" => true,
            other => return Err(Refusal(format!("处理方式 dspo_way 应为 1 继续执行医嘱或 2 返回修改医嘱，写的是“{other}”"))),
        };
        if !changed && warn.reason.0.is_empty() {
            return Err(Refusal("继续执行医嘱（dspo_way 为 1）要写处理原因 dspo_way_rea".to_owned()));
        }
        let one = Feedback { id: warn.id.0, changed, reason: warn.reason.0 };
        let known = service.desk.live().rules().library().rule(one.rule()).is_some();
        if !known {
            return Err(Refusal(format!("没有提醒 {}：warn_rslt_id 应是 3101 或 3102 返回的 jr_id", one.id)));
        }
        all.push(one);
    }
    let changed = all.iter().filter(|one| one.changed).count() as u64;
    let continued = all.len() as u64 - changed;
    in_background(service, move |desk| desk.feedback(&all)).await?;
    service.callers.fed_back(&caller, &vendor, changed, continued);
    Ok(Reply::new(String::new(), came, (service.clock)(), Output::default()))
}

/// Writes what has to be durable on a thread that may wait for the disk.
async fn in_background<T: Send + 'static>(
    service: &Arc<Service>,
    work: impl FnOnce(&Desk) -> Result<T, HistoryError> + Send + 'static,
) -> Result<T, Refusal> {
    let desk = service.desk.clone();
    let done = tokio::task::spawn_blocking(move || work(&desk)).await;
    match done {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => {
            (service.log)(&format!("写历史库失败：{}", chain(&error)));
            Err(Refusal(format!("{error}；请稍后重发")))
        }
        Err(_) => Err(Refusal("处理程序出错；请稍后重发".to_owned())),
    }
}

/// An error with its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(&format!("：{cause}"));
        source = cause.source();
    }
    text
}

/// What `/settlements` is answered.
#[derive(Debug, Default, Serialize)]
struct Taken {
    accepted: usize,
    rejected: Vec<Left>,
}

#[derive(Debug, Serialize)]
struct Left {
    /// Position in the list, from 1.
    at: usize,
    reason: String,
}

async fn settlements(State(service): State<Arc<Service>>, headers: HeaderMap, body: Body) -> Response {
    let begun = Instant::now();
    let came = (service.clock)();
    let body = match received(&service, &headers, body, came).await {
        Ok(body) => body,
        Err(why) => return refused(&service, "settlements", begun, came, "", why),
    };
    let content_type = headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let sent: wire::settlement::Settlements = match wire::decode_as(&body, content_type) {
        Ok(sent) => sent,
        Err(why) => return refused(&service, "settlements", begun, came, "", Refusal(why.to_string())),
    };
    if sent.all.0.is_empty() {
        return refused(&service, "settlements", begun, came, "", Refusal("报文里没有结算：应在 settlements 下".to_owned()));
    }
    let taken = in_background(&service, move |desk| {
        let mut taken = Taken::default();
        let mut rows = Vec::with_capacity(sent.all.0.len());
        for (at, one) in sent.all.0.iter().enumerate() {
            match one.lacks() {
                Some(column) => taken.rejected.push(Left { at: at + 1, reason: format!("缺 {column}") }),
                None => rows.push(one.rows(came)),
            }
        }
        taken.accepted = rows.len();
        desk.settle(&rows).map(|()| taken)
    });
    match taken.await {
        Ok(taken) => {
            service.metrics.called("settlements", true, begun.elapsed());
            json(encode(&Reply::new(service.refmsgid("", came), came, (service.clock)(), taken)))
        }
        Err(why) => refused(&service, "settlements", begun, came, "", why),
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

async fn callers(State(service): State<Arc<Service>>) -> Response {
    json(serde_json::to_vec(&service.callers.list()).unwrap_or_default().into())
}

async fn follow(State(service): State<Arc<Service>>) -> Response {
    let (follow, shadowed) = (service.desk.manners().follow(), service.desk.shadowed());
    let rules = service.desk.live().rules();
    let named: std::collections::BTreeSet<&String> = follow.keys().chain(shadowed.keys()).collect();
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
    json(serde_json::to_vec(&all.collect::<Vec<_>>()).unwrap_or_default().into())
}

/// Judges on a thread of the pool, as long as the deadline allows.
async fn judge(service: &Arc<Service>, infno: &str, envelope: Envelope, begun: Instant, came: Moment) -> Result<Reply<Output>, Refusal> {
    let vendor = envelope.vendor.0.clone();
    let caller = envelope.institution.0.clone();
    let mut keys = envelope.others.clone();
    let data = envelope.into_data();
    if data.patients.0.is_empty() {
        keys.extend(data.others);
        keys.truncate(12);
        let seen = keys.join("、");
        service.log_once(format!("{vendor}|{seen}"), || format!("不认得的报文 infno={infno} vendor={vendor} keys={seen}"));
        let saw = if seen.is_empty() { String::new() } else { format!("；不认得的节点：{seen}") };
        return Err(Refusal(format!("报文里没有患者：应在 input.data.patient_dtos 下{saw}")));
    }
    let task = data.task.0;
    let scene = Scene::parse(&data.scene.0);
    let request = Request {
        stage: scene.map_or(if infno == "3102" { stage::DURING } else { stage::BEFORE }, Scene::stage),
        rule_ids: data.rules.0.into_iter().map(|text| text.0).collect(),
        institution: caller.clone(),
        patients: data.patients.0.into_iter().map(|patient| patient.neutral(&caller)).collect(),
    };
    let (send, receive) = oneshot::channel::<Told>();
    let (desk, light) = (service.desk.clone(), service.metrics.light.clone());
    // A call that has waited for two thirds of its time no longer reads history.
    let spare = service.options.deadline * 2 / 3;
    let submitted = service.pool.submit(move || {
        // Nobody waits any longer: judging would only delay those who do.
        if send.is_closed() {
            return;
        }
        let effort = if begun.elapsed() > spare { Effort::Light } else { Effort::Full };
        light.fetch_add(u64::from(effort == Effort::Light), Ordering::Relaxed);
        let answer = desk.answer(&request, came, effort);
        let mut remarks = answer.remarks;
        remarks.extend(desk.marks(&request, came));
        let told = desk.sort(answer.reminders, &request, came).told;
        let _ = send.send(Told { told, remarks });
        desk.shadow(&request, came);
    });
    let answer = match submitted {
        Err(_) => {
            service.metrics.shed.fetch_add(1, Ordering::Relaxed);
            Told::nothing("系统繁忙，本次未审核，按无提醒处理".to_owned())
        }
        Ok(()) => match in_time(service.options.deadline.saturating_sub(begun.elapsed()), receive).await {
            Some(Ok(answer)) => answer,
            Some(Err(_)) => Told::nothing("审核程序出错，本次未审核，按无提醒处理".to_owned()),
            None => {
                service.metrics.late.fetch_add(1, Ordering::Relaxed);
                Told::nothing(format!("未能在 {} 毫秒内审核完，按无提醒处理", service.options.deadline.as_millis()))
            }
        },
    };
    service.metrics.reminders.fetch_add(answer.told.len() as u64, Ordering::Relaxed);
    service.callers.judged(&caller, &vendor, answer.told.len(), begun.elapsed());
    let mut reply = Reply::new(String::new(), came, (service.clock)(), Output::of(&answer.told, &task));
    reply.warn_msg = answer.remarks.join("；");
    Ok(reply)
}

/// `None`: the time is over, or was before.
async fn in_time<T>(left: Duration, work: impl Future<Output = T>) -> Option<T> {
    if left.is_zero() { None } else { tokio::time::timeout(left, work).await.ok() }
}

fn refused(service: &Service, call: &str, begun: Instant, came: Moment, area: &str, why: Refusal) -> Response {
    service.metrics.called(call, false, begun.elapsed());
    let mut reply = Reply::new(service.refmsgid(area, came), came, (service.clock)(), Output::default());
    reply.infcode = -1;
    reply.err_msg = why.0;
    json(encode(&reply))
}

fn encode<T: Serialize>(reply: &Reply<T>) -> Bytes {
    // Texts and numbers only: writing them cannot fail.
    serde_json::to_vec(reply).unwrap_or_default().into()
}

/// Also a refusal goes out as 200: callers read infcode, and take any other status for a broken line.
fn json(bytes: Bytes) -> Response {
    ([(header::CONTENT_TYPE, "application/json; charset=utf-8")], bytes).into_response()
}
