//! 一次调用: who sends it, what is written down of it, and how it is answered.
//!
//! True of it: what is written down holds no personal data: no name, no number of a person, a visit or a practitioner, no text of the
//! caller but its vendor's name, and of the msgid a fingerprint only (`tests/it/audit.rs`).

use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use mingjian_model::day::{MICROS_PER_SECOND, Moment, format_moment};
use serde::Serialize;
use serde_json::Value;

use crate::access::{Caller, Right};
use crate::service::Service;
use crate::trace::{Stages, Trace};
use crate::wire::Dialect;
use crate::wire::answer::{Output, Reply};
use crate::wire::fsi::is_national;

/// A call that is not answered as asked.
pub(crate) struct Refusal {
    /// For the record: one of a few words.
    pub code: &'static str,
    /// What the caller reads.
    pub text: String,
}

impl Refusal {
    pub fn new(code: &'static str, text: impl Into<String>) -> Refusal {
        Refusal { code, text: text.into() }
    }
}

/// What is written down of a call: one line of JSON.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Record {
    pub time: String,
    /// 3101, 3102, 3103, settlements; else other.
    pub call: &'static str,
    /// The key it came with.
    pub key: String,
    pub fixmedins_code: String,
    pub vendor: String,
    /// Fingerprint of the msgid, to find a call again by it.
    pub msgid: String,
    pub patients: usize,
    /// Lines in hand and sent as history.
    pub lines: usize,
    /// Reminders told.
    pub hits: usize,
    /// Reminders that manners kept back.
    pub untold: usize,
    pub ms: f64,
    /// ok, replayed, light, late, shed, limited, failed; or why it was refused.
    pub outcome: &'static str,
    pub trace_id: String,
}

/// One call on its way.
pub(crate) struct Call {
    pub came: Moment,
    pub stages: Stages,
    pub trace: Trace,
    pub record: Record,
    /// mdtrtarea_admvs
    pub area: String,
}

const KNOWN: [&str; 4] = ["3101", "3102", "3103", "settlements"];

impl Call {
    pub fn begin(service: &Service, headers: &HeaderMap) -> Call {
        let stages = Stages::begin();
        let (came, trace) = ((service.clock)(), Trace::of(headers));
        let record = Record { call: "other", outcome: "ok", ..Record::default() };
        Call { came, stages, trace, record, area: String::new() }
    }

    pub fn named(&mut self, call: &str) {
        self.record.call = KNOWN.iter().find(|known| **known == call).copied().unwrap_or("other");
    }

    /// Who says to call. What is no code and no key could be anything, also a name: it is not written down.
    pub fn by(&mut self, institution: &str, vendor: &str, msgid: &str) {
        self.record.fixmedins_code = if is_national(institution) { institution.to_owned() } else { String::new() };
        self.record.vendor = vendor.chars().filter(|c| !c.is_control()).take(40).collect();
        self.record.msgid = if msgid.is_empty() { String::new() } else { blake3::hash(msgid.as_bytes()).to_hex()[..16].to_owned() };
    }

    /// The body, once it has come whole and in time from somebody who may send it. Who may not is told so before the body is read.
    pub async fn receive(&mut self, service: &Service, headers: &HeaderMap, body: Body, right: Right) -> Result<(Caller, Bytes), Refusal> {
        let caller = service.access().identify(headers, self.came).map_err(|why| Refusal::new("unsigned", why.to_string()));
        let caller = caller.and_then(|caller| caller.may(right).map(|()| caller).map_err(|why| Refusal::new("forbidden", why)));
        let caller = match caller {
            Ok(caller) => caller,
            Err(why) => {
                // A short body is taken off the line, so that its sender gets to read the answer.
                let _ = tokio::time::timeout(Duration::from_millis(500), to_bytes(body, 64 << 10)).await;
                return Err(why);
            }
        };
        self.record.key = caller.key_id().to_owned();
        let body = match tokio::time::timeout(service.options.body_timeout, to_bytes(body, service.options.body_max)).await {
            Ok(Ok(body)) => body,
            Ok(Err(_)) => {
                let most = service.options.body_max >> 20;
                return Err(Refusal::new("body", format!("报文超过 {most} MB，或没有传完；请分次发送")));
            }
            Err(_) => return Err(Refusal::new("body", "报文没有在时限内传完；请检查网络后重发")),
        };
        self.stages.end("receive");
        Ok((caller, body))
    }

    /// Whether the institution's share of calls is used up.
    pub fn is_limited(&self, service: &Service, caller: &Caller, institution: &str) -> bool {
        let Some(rate) = caller.rate().or(service.options.rate) else { return false };
        // Codes without end would be shares without end: what is none counts for its key.
        let of = if is_national(institution) { institution } else { caller.key_id() };
        !service.buckets.take(&format!("{}\u{1f}{of}", caller.key_id()), rate, std::time::Instant::now())
    }

    /// The answer's bytes; what was judged, refused, counted and written down.
    pub fn end(mut self, service: &Service, outcome: Result<Bytes, Refusal>) -> Response {
        let refused = outcome.is_err();
        let bytes = outcome.unwrap_or_else(|why| {
            self.record.outcome = why.code;
            let mut reply = Reply::new(service.refmsgid(&self.area, self.came), self.came, (service.clock)(), Output::default());
            reply.infcode = -1;
            reply.err_msg = why.text;
            encode(&reply, None)
        });
        self.stages.end("answer");
        let took = self.stages.begun().elapsed();
        service.metrics.called(self.record.call, !refused, took);
        if let Some(calls) = &service.calls {
            self.record.time = format!("{}.{:03}", format_moment(self.came), self.came.rem_euclid(MICROS_PER_SECOND) / 1_000);
            self.record.ms = (took.as_micros() as f64 / 10.0).round() / 100.0;
            self.record.trace_id = format!("{:032x}", self.trace.id);
            // Texts and numbers only: writing them cannot fail.
            let mut line = serde_json::to_vec(&self.record).unwrap_or_default();
            line.push(b'\n');
            calls.write(line);
        }
        if let Some(traces) = service.traces.as_ref().filter(|_| self.trace.sampled) {
            traces.write(self.stages.lines(&self.trace, self.record.call, self.came, self.record.outcome));
        }
        // Also a refusal goes out as 200: callers read infcode, and take any other status for a broken line.
        let headers = [(header::CONTENT_TYPE, "application/json; charset=utf-8".to_owned()), (TRACEPARENT, self.trace.header())];
        (headers, bytes).into_response()
    }
}

const TRACEPARENT: header::HeaderName = header::HeaderName::from_static("traceparent");

/// An answer in the names its caller knows.
pub(crate) fn encode<T: Serialize>(reply: &Reply<T>, dialect: Option<&Dialect>) -> Bytes {
    // Texts and numbers only: writing them cannot fail.
    match dialect.filter(|dialect| dialect.renames_answers()) {
        None => serde_json::to_vec(reply).unwrap_or_default().into(),
        Some(dialect) => {
            let value = serde_json::to_value(reply).unwrap_or(Value::Null);
            serde_json::to_vec(&dialect.to_theirs(value)).unwrap_or_default().into()
        }
    }
}
