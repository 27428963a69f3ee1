//! What is taken in for good: 3103 (what the doctor did) and settlements. Acknowledged: a kill loses nothing of it.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::body::{Body, Bytes};
use axum::http::HeaderMap;
use mingjian_counter::{Desk, Feedback, HistoryError};
use serde::Serialize;

use crate::access::{Caller, Right};
use crate::call::{Call, Refusal, encode};
use crate::seal::{ID_MAX, Unsealed};
use crate::service::Service;
use crate::wire::answer::{Output, Reply};
use crate::wire::fsi::is_national;
use crate::wire::{self, Envelope};

/// A reason is kept up to so many characters; the standard has 200.
const REASON_MAX: usize = 200;

/// Reminders named that are none of ours.
const LEFT_TOLD: usize = 5;

const LIMITED: &str = "超过本机构的限额，没有收下；请稍后重发";

/// 3103: what the doctor did.
pub(crate) async fn feedback(
    service: &Arc<Service>,
    call: &mut Call,
    caller: &Caller,
    envelope: Envelope,
) -> Result<Reply<Output>, Refusal> {
    let institution = caller.institution(&envelope.institution.0).map_err(|why| Refusal::new("forbidden", why))?;
    let vendor = envelope.vendor.0.clone();
    call.by(&institution, &vendor, &envelope.msgid.0);
    if call.is_limited(service, caller, &institution) {
        return Err(Refusal::new("limited", LIMITED));
    }
    let warns = envelope.into_data().warns.0;
    if warns.is_empty() {
        return Err(Refusal::new("shape", "反馈里没有内容：应在 input.data.warns 下"));
    }
    let told_to = caller.answers_for(&institution);
    let (mut all, mut left) = (Vec::with_capacity(warns.len()), Vec::new());
    for warn in warns {
        let changed = match warn.way.0.as_str() {
            "1" => false,
            "2" => true,
            other => {
                let other: String = other.chars().take(20).collect();
                return Err(Refusal::new("value", format!("处理方式 dspo_way 应为 1 继续执行医嘱或 2 返回修改医嘱，写的是“{other}”")));
            }
        };
        if !changed && warn.reason.0.is_empty() {
            return Err(Refusal::new("value", "继续执行医嘱（dspo_way 为 1）要写处理原因 dspo_way_rea"));
        }
        match service.options.seal.open_id(told_to, &warn.id.0, call.came, service.options.feedback_days) {
            Ok(id) => all.push(Feedback { id: id.to_owned(), changed, reason: warn.reason.0.chars().take(REASON_MAX).collect() }),
            Err(why) => {
                let id: String = warn.id.0.chars().take(ID_MAX).collect();
                left.push(match why {
                    Unsealed::Unknown => format!("没有向本机构发过提醒 {id}：warn_rslt_id 应是 3101 或 3102 返回给本机构的 jr_id"),
                    Unsealed::Old => format!("提醒 {id} 已超过 {} 日，不再收反馈", service.options.feedback_days),
                });
            }
        }
    }
    service.metrics.feedback_refused.fetch_add(left.len() as u64, Ordering::Relaxed);
    let told = told_of(&left);
    // Nothing of ours among them: an error. Some: those are taken, and what was not is named; to send it again would change nothing.
    if all.is_empty() {
        return Err(Refusal::new("unknown", told));
    }
    call.record.lines = all.len();
    call.stages.end("read");
    let (all, before) = in_background(service, move |desk| desk.feedback(&all).map(|before| (all, before))).await?;
    // What was answered before takes the place of the answer it was given then, and is not counted again.
    let moved = |changed: bool| {
        let now = all.iter().filter(|one| one.changed == changed).count() as i64;
        now - before.iter().filter(|before| **before == Some(changed)).count() as i64
    };
    service.callers.fed_back(&institution, &vendor, moved(true), moved(false));
    for (one, before) in all.iter().zip(&before) {
        service.days.fed_back(call.came, &institution, &vendor, one.rule(), *before, one.changed);
    }
    let mut reply = Reply::new(service.refmsgid(&call.area, call.came), call.came, (service.clock)(), Output::default());
    reply.warn_msg = told;
    Ok(reply)
}

/// What was not taken, in one line: a few by name, the rest by number.
fn told_of(left: &[String]) -> String {
    let more = if left.len() > LEFT_TOLD { format!("；等 {} 条没有收下", left.len()) } else { String::new() };
    format!("{}{more}", left[..left.len().min(LEFT_TOLD)].join("；"))
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

pub(crate) async fn settlements(service: &Arc<Service>, call: &mut Call, headers: &HeaderMap, body: Body) -> Result<Bytes, Refusal> {
    call.named("settlements");
    let (caller, body) = call.receive(service, headers, body, Right::Settle).await?;
    let content_type = headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let dialects = service.dialects();
    let read = wire::decode_in::<wire::settlement::Settlements>(&body, content_type, &dialects, caller.key_id());
    let (sent, dialect) = read.map_err(|why| Refusal::new("body", why.to_string()))?;
    if sent.all.0.is_empty() {
        return Err(Refusal::new("shape", "报文里没有结算：应在 settlements 下"));
    }
    call.record.lines = sent.all.0.len();
    let first = sent.all.0.iter().map(|one| one.institution.0.as_str()).find(|code| is_national(code)).unwrap_or_default();
    call.by(first, "", "");
    if call.is_limited(service, &caller, first) {
        return Err(Refusal::new("limited", LIMITED));
    }
    call.stages.end("read");
    let came = call.came;
    let taken = in_background(service, move |desk| {
        let mut taken = Taken::default();
        let mut rows = Vec::with_capacity(sent.all.0.len());
        for (at, one) in sent.all.0.iter().enumerate() {
            let wrong = match one.lacks() {
                Some(column) => Some(format!("缺 {column}")),
                None => caller.speaks_for(&one.institution.0).err(),
            };
            match wrong {
                Some(reason) => taken.rejected.push(Left { at: at + 1, reason }),
                None => rows.push(one.rows(came)),
            }
        }
        taken.accepted = rows.len();
        desk.settle(&rows).map(|()| taken)
    });
    let reply = Reply::new(service.refmsgid("", call.came), call.came, (service.clock)(), taken.await?);
    Ok(encode(&reply, dialect))
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
            Err(Refusal::new("store", format!("{error}；请稍后重发")))
        }
        Err(_) => Err(Refusal::new("failed", "处理程序出错；请稍后重发")),
    }
}

/// An error with its causes.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(&format!("：{cause}"));
        source = cause.source();
    }
    text
}
