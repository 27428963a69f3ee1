//! 操作日志: the trail, and whether its chain is whole.

use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use mingjian_model::day::{Day, day_of, format_day, format_moment};
use mingjian_people::{Act, Role};
use mingjian_store::audit;
use serde_json::json;

use crate::Shared;
use crate::body::{Json, Query};
use crate::caller::{Caller, event};
use crate::contract::lead::ExportReason;
use crate::contract::users::{AuditAnchor, AuditEvent, AuditPage, AuditQuery, AuditState};
use crate::export::{Cell, Kind};
use crate::looks;
use crate::pages::exports::file::{self, CSV, Marks, XLSX};
use crate::pages::exports::given;
use crate::pages::exports::lists::{Content, Rows, too_many};
use crate::problem::Answer;
use crate::routes::{Access, Route, Verb};

const ROWS: i64 = 100;
const ROWS_MAX: i64 = 500;

pub fn routes() -> Vec<Route> {
    let read = Access::Right(Act::AuditRead);
    vec![
        Route::new(Verb::Get, "/audit", read, "操作日志", || get(list)).asks::<AuditQuery>().gives::<AuditPage>(),
        Route::new(Verb::Get, "/audit.xlsx", Access::Right(Act::AuditExport), "导出操作日志（记录事由）", || get(xlsx))
            .asks::<AuditQuery>()
            .asks::<ExportReason>()
            .gives_file(XLSX),
        Route::new(Verb::Get, "/audit.csv", Access::Right(Act::AuditExport), "导出操作日志（记录事由）", || get(csv))
            .asks::<AuditQuery>()
            .asks::<ExportReason>()
            .gives_file(CSV),
        Route::new(Verb::Get, "/audit/state", Access::Right(Act::AuditVerify), "日志链是否完整", || get(state)).gives::<AuditState>(),
    ]
}

fn filter(asked: &AuditQuery) -> audit::Filter {
    let acts = if asked.looks == Some(1) { looks::LOOKS } else { &[] };
    let AuditQuery { account, act, object, .. } = asked.clone();
    audit::Filter { account, act, acts, object, ..audit::Filter::default() }
}

async fn xlsx(state: State<Shared>, caller: Caller, reason: Query<ExportReason>, asked: Query<AuditQuery>) -> Answer<Response> {
    export(state, caller, reason, asked, "xlsx").await
}

async fn csv(state: State<Shared>, caller: Caller, reason: Query<ExportReason>, asked: Query<AuditQuery>) -> Answer<Response> {
    export(state, caller, reason, asked, "csv").await
}

/// The filtered trail, newest first, with the hash of each event, so that it can be held against the chain. Nobody of the bureau approves
/// it: whom the trail watches must not decide who reads it.
async fn export(
    State(platform): State<Shared>,
    caller: Caller,
    Query(reason): Query<ExportReason>,
    Query(asked): Query<AuditQuery>,
    form: &'static str,
) -> Answer<Response> {
    let reason = given(reason)?;
    platform.flush_looks().await?;
    let filter = filter(&asked);
    let (mut rows, mut before) = (Vec::new(), None);
    loop {
        let records = audit::page(&platform.store, &filter, before, STRIDE).await?;
        before = records.last().map(|last| last.seq);
        let more = records.len() as i64 == STRIDE;
        rows.extend(records.into_iter().map(row));
        too_many(i64::try_from(rows.len()).unwrap_or(i64::MAX), i64::MAX)?;
        if !more {
            break;
        }
    }
    let conditions = json!({ "account": asked.account, "act": asked.act, "object": asked.object, "looks": asked.looks });
    let detail = json!({ "filter": conditions, "rows": rows.len(), "form": form });
    let seq = caller.note(&platform, Act::AuditExport, event("export.audit", "list", TITLE, detail, Some(reason.clone()))).await?;
    let rows = Rows { columns: COLUMNS.to_vec(), rows, totals: Vec::new(), shown: Vec::new() };
    let number = format!("留痕第 {seq} 号");
    let explained = "按留痕编号倒序；摘要是 SM3，逐条连着前一条，mingjian audit verify 核验。".to_owned();
    let marks = Marks { title: TITLE, form, filter: conditions, reason, number, approved: None, explained };
    file::make(&platform, &caller, marks, Content::Table(rows)).await
}

const TITLE: &str = "操作日志";
/// Events read at a time.
const STRIDE: i64 = 2_000;
const COLUMNS: [(&str, Kind); 11] = [
    ("留痕编号", Kind::Whole),
    ("时间", Kind::Text),
    ("账号", Kind::Text),
    ("角色", Kind::Text),
    ("来源", Kind::Text),
    ("动作", Kind::Text),
    ("对象类别", Kind::Text),
    ("对象", Kind::Text),
    ("内容", Kind::Text),
    ("事由", Kind::Text),
    ("摘要", Kind::Text),
];

fn row(record: audit::Record) -> Vec<Cell> {
    let role = Role::from_id(&record.role).map_or(record.role, |role| role.title().to_owned());
    vec![
        record.seq.into(),
        format_moment(record.at).into(),
        record.account.into(),
        role.into(),
        record.origin.into(),
        record.act.into(),
        record.object_kind.into(),
        record.object.into(),
        record.detail.into(),
        record.reason.unwrap_or_default().into(),
        record.hash.into(),
    ]
}

async fn list(State(platform): State<Shared>, caller: Caller, Query(asked): Query<AuditQuery>) -> Answer<Json<AuditPage>> {
    let filter = filter(&asked);
    let (account, act, object, acts) = (&filter.account, &filter.act, &filter.object, filter.acts);
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
