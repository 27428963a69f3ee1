//! 操作日志: the trail, and whether its chain is whole.

use axum::extract::State;
use axum::routing::get;
use mingjian_model::day::{Day, day_of, format_day, format_moment};
use mingjian_people::Act;
use mingjian_store::audit;
use serde_json::json;

use crate::Shared;
use crate::body::{Json, Query};
use crate::caller::{Caller, event};
use crate::contract::users::{AuditAnchor, AuditEvent, AuditPage, AuditQuery, AuditState};
use crate::looks;
use crate::problem::Answer;
use crate::routes::{Access, Route, Verb};

const ROWS: i64 = 100;
const ROWS_MAX: i64 = 500;

pub fn routes() -> Vec<Route> {
    let read = Access::Right(Act::AuditRead);
    vec![
        Route::new(Verb::Get, "/audit", read, "操作日志", || get(list)).asks::<AuditQuery>().gives::<AuditPage>(),
        Route::new(Verb::Get, "/audit/state", Access::Right(Act::AuditVerify), "日志链是否完整", || get(state)).gives::<AuditState>(),
    ]
}

async fn list(State(platform): State<Shared>, caller: Caller, Query(asked): Query<AuditQuery>) -> Answer<Json<AuditPage>> {
    let acts = if asked.looks == Some(1) { looks::LOOKS } else { &[] };
    let filter = audit::Filter { account: asked.account, act: asked.act, acts, object: asked.object, ..audit::Filter::default() };
    let (account, act, object) = (&filter.account, &filter.act, &filter.object);
    let list = format!("{}\u{1f}audit\u{1f}{account:?}\u{1f}{act:?}\u{1f}{object:?}\u{1f}{}", caller.account(), acts.len());
    // What was looked at a moment ago is on the page too.
    platform.flush_looks().await?;
    let before = asked.after.as_deref().map(|after| platform.cursors.read::<i64>(after, &list)).transpose()?;
    let limit = asked.limit.unwrap_or(ROWS).clamp(1, ROWS_MAX);
    let mut records = audit::page(&platform.store, &filter, before, limit + 1).await?;
    let more = records.len() as i64 > limit;
    records.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next = records.last().filter(|_| more).map(|last| platform.cursors.write(&last.seq, &list)).transpose()?;
    // Who looks at the overseers' page is itself on it, once a page.
    let page = asked.after.as_deref().map_or("first", |_| "next");
    caller.note(&platform, Act::AuditRead, event("audit.read", "audit", page, json!({}), None)).await?;
    let items = records.into_iter().map(|record| AuditEvent {
        seq: record.seq,
        at: format_moment(record.at),
        account: record.account,
        role: record.role,
        origin: record.origin,
        act: record.act,
        object_kind: record.object_kind,
        object: record.object,
        detail: serde_json::from_str(&record.detail).unwrap_or(serde_json::Value::String(record.detail)),
        reason: record.reason,
        hash: record.hash,
    });
    Ok(Json(AuditPage { items: items.collect(), next }))
}

/// A watch over the trail that walks all of it once a day and only what is new in between: a look at the page must not cost a walk over
/// years.
#[derive(Default)]
pub(crate) struct Watched {
    watch: audit::Watch,
    /// The day of the last whole walk.
    day: std::sync::atomic::AtomicI32,
}

impl Watched {
    async fn look(&self, store: &mingjian_store::Store, today: Day) -> Answer<audit::Verdict> {
        if self.day.swap(today, std::sync::atomic::Ordering::Relaxed) != today {
            self.watch.begin_anew().await;
        }
        Ok(self.watch.look(store).await?)
    }
}

async fn state(State(platform): State<Shared>, caller: Caller) -> Answer<Json<AuditState>> {
    let verdict = platform.watch.look(&platform.store, day_of(caller.person.at)).await?;
    let anchor = audit::anchors(&platform.store).await?.into_iter().max_by_key(|anchor| anchor.seq);
    Ok(Json(AuditState {
        intact: verdict.intact(),
        events: i64::try_from(verdict.events).unwrap_or(i64::MAX),
        broken: verdict.broken.map(|found| found.to_string()),
        anchor: anchor.map(|anchor| AuditAnchor { day: format_day(day_of(anchor.at)), seq: anchor.seq, hash: anchor.hash }),
    }))
}
