//! 导出 of lists: exactly the filtered set, written to the trail with its reason before a byte leaves. What is in clear or in bulk waits for
//! the word of a second person ([`mingjian_people::exports`]).

pub(crate) mod file;
pub(crate) mod lists;

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use mingjian_casework::leads::Filter;
use mingjian_casework::recoveries::RecoveryFilter;
use mingjian_model::day::{Moment, format_moment};
use mingjian_people::exports::decides;
use mingjian_people::{Act, Export, ExportKind, NewExport, Of, Taken};
use serde_json::{Value, json};

use self::file::{CSV, Marks, XLSX};
use self::lists::{Asked, CLEAR_MAX, too_many};
use crate::Shared;
use crate::body::{Json, Query};
use crate::caller::{Caller, event};
use crate::contract::Holder;
use crate::contract::exports::{self as shapes, ExportPage, ExportQuery, ExportRequest, ExportVerdict, ExportVersion};
use crate::contract::lead::{ExportReason, LeadQuery};
use crate::contract::recovery::RecoveryQuery;
use crate::problem::{Answer, ApiError, Code};
use crate::routes::{Access, Route, Verb};

/// Characters of a reason.
const REASON_MAX: usize = 200;
const ROWS: i64 = 50;
const ROWS_MAX: i64 = 200;

pub fn routes() -> Vec<Route> {
    let (leads, money) = (Access::Right(Act::LeadsExport), Access::Right(Act::RecoveriesExport));
    let take = Access::AnyRight(&[Act::LeadsExport, Act::RecoveriesExport]);
    let see = Access::AnyRight(&[Act::LeadsExport, Act::RecoveriesExport, Act::ExportsApprove]);
    let decide = Access::Right(Act::ExportsApprove);
    let (of_leads, of_money) = ("导出线索（记录事由）", "导出追回台账（记录事由）");
    vec![
        Route::new(Verb::Get, "/leads.xlsx", leads, of_leads, || get(leads_xlsx))
            .asks::<LeadQuery>()
            .asks::<ExportReason>()
            .gives_file(XLSX),
        Route::new(Verb::Get, "/leads.csv", leads, of_leads, || get(leads_csv)).asks::<LeadQuery>().asks::<ExportReason>().gives_file(CSV),
        Route::new(Verb::Get, "/recoveries.xlsx", money, of_money, || get(recoveries_xlsx))
            .asks::<RecoveryQuery>()
            .asks::<ExportReason>()
            .gives_file(XLSX),
        Route::new(Verb::Get, "/recoveries.csv", money, of_money, || get(recoveries_csv))
            .asks::<RecoveryQuery>()
            .asks::<ExportReason>()
            .gives_file(CSV),
        Route::new(Verb::Get, "/exports", see, "导出申请", || get(list)).asks::<ExportQuery>().gives::<ExportPage>(),
        Route::new(Verb::Post, "/exports", take, "申请导出", || post(ask)).takes::<ExportRequest>().gives::<shapes::Export>(),
        Route::new(Verb::Get, "/exports/{id}", see, "一件导出申请", || get(one)).gives::<shapes::Export>(),
        Route::new(Verb::Post, "/exports/{id}/approve", decide, "批准导出", || post(approve))
            .takes::<ExportVerdict>()
            .gives::<shapes::Export>(),
        Route::new(Verb::Post, "/exports/{id}/refuse", decide, "不批准导出", || post(refuse))
            .takes::<ExportVerdict>()
            .gives::<shapes::Export>(),
        Route::new(Verb::Post, "/exports/{id}/withdraw", take, "撤回导出申请", || post(withdraw))
            .takes::<ExportVersion>()
            .gives::<shapes::Export>(),
        Route::new(Verb::Get, "/exports/{id}/file", take, "下载获准导出的文件（一次）", || get(fetch)).gives_file("*/*"),
    ]
}

async fn leads_xlsx(
    State(platform): State<Shared>,
    caller: Caller,
    reason: Query<ExportReason>,
    filter: Query<Filter>,
) -> Answer<Response> {
    at_once(&platform, &caller, reason.0, Asked::Leads(filter.0), ExportKind::Leads, "xlsx").await
}

async fn leads_csv(State(platform): State<Shared>, caller: Caller, reason: Query<ExportReason>, filter: Query<Filter>) -> Answer<Response> {
    at_once(&platform, &caller, reason.0, Asked::Leads(filter.0), ExportKind::Leads, "csv").await
}

async fn recoveries_xlsx(
    State(platform): State<Shared>,
    caller: Caller,
    reason: Query<ExportReason>,
    filter: Query<RecoveryFilter>,
) -> Answer<Response> {
    at_once(&platform, &caller, reason.0, Asked::Recoveries(filter.0), ExportKind::Recoveries, "xlsx").await
}

async fn recoveries_csv(
    State(platform): State<Shared>,
    caller: Caller,
    reason: Query<ExportReason>,
    filter: Query<RecoveryFilter>,
) -> Answer<Response> {
    at_once(&platform, &caller, reason.0, Asked::Recoveries(filter.0), ExportKind::Recoveries, "csv").await
}

pub(crate) fn given(reason: ExportReason) -> Answer<String> {
    let reason = reason.reason.unwrap_or_default().trim().to_owned();
    match reason.chars().count() {
        0 => Err(ApiError::invalid("reason", "请写明导出事由")),
        1..=REASON_MAX => Ok(reason),
        _ => Err(ApiError::invalid("reason", format!("事由不超过 {REASON_MAX} 字"))),
    }
}

/// A file that needs nobody's word. What needs it is refused, with the way to ask.
pub(crate) async fn at_once(
    platform: &Shared,
    caller: &Caller,
    reason: ExportReason,
    asked: Asked,
    kind: ExportKind,
    form: &'static str,
) -> Answer<Response> {
    let reason = given(reason)?;
    let total = asked.count(platform, caller).await?;
    if platform.people.export_rules().why(false, total).is_some() {
        let detail = format!("共 {total} {}，要经审批才能导出：请先申请（POST /exports），获准后下载", counted_in(kind));
        return Err(ApiError::new(Code::ApprovalNeeded).detail(detail));
    }
    let content = asked.content(platform, caller, false, i64::MAX).await?;
    let (title, filter, (object_kind, object)) = (kind.title(), asked.json(), asked.object(kind)?);
    let mut detail = json!({ "filter": asked.told(platform).await?, "rows": content.count(), "form": form });
    if let Some(digest) = content.digest() {
        detail["data"] = json!(digest);
    }
    let act = match kind {
        ExportKind::Leads => "export.leads",
        ExportKind::Recoveries => "export.recoveries",
        ExportKind::Relations => "export.relations",
    };
    let seq = caller.note(platform, kind.act(), event(act, object_kind, &object, detail, Some(reason.clone()))).await?;
    let number = format!("留痕第 {seq} 号");
    let marks = Marks { title, form, filter, reason, number, approved: None, explained: explained(false) };
    file::make(platform, caller, marks, content).await
}

/// What an export's size is counted in.
fn counted_in(kind: ExportKind) -> &'static str {
    if kind == ExportKind::Relations { "名参保人" } else { "行" }
}

/// What whoever holds the file must know.
fn explained(clear: bool) -> String {
    let persons = if clear {
        "含参保人姓名、证件号码，按批准的事由使用，不得转给他人"
    } else {
        "参保人姓名已脱敏"
    };
    format!("系统判别由规则得出，不是认定；{persons}。金额按行去重。")
}

fn of_kind(id: &str) -> Answer<ExportKind> {
    ExportKind::from_id(id).ok_or_else(|| ApiError::invalid("kind", "可导出的是 leads、recoveries、relations"))
}

fn of_form(kind: ExportKind, id: &str) -> Answer<&'static str> {
    let (forms, said): (&[&'static str], _) = match kind {
        ExportKind::Leads | ExportKind::Recoveries => (&["xlsx", "csv"], "格式是 xlsx 或 csv"),
        ExportKind::Relations => (&["html"], "证据图的格式是 html"),
    };
    forms.iter().find(|form| **form == id).copied().ok_or_else(|| ApiError::invalid("form", said))
}

async fn ask(State(platform): State<Shared>, caller: Caller, Json(asked): Json<ExportRequest>) -> Answer<Json<shapes::Export>> {
    let kind = of_kind(&asked.kind)?;
    let form = of_form(kind, &asked.form)?;
    caller.allows(kind.act(), &mingjian_people::Object::none())?;
    if asked.clear && kind != ExportKind::Leads {
        return Err(ApiError::invalid("clear", "只有线索清单可以含姓名和证件号码"));
    }
    let filter = Asked::parse(kind, Value::Object(asked.filter))?;
    let rows = filter.count(&platform, &caller).await?;
    if rows == 0 {
        let none = if kind == ExportKind::Relations { "图里没有参保人" } else { "没有符合条件的行" };
        return Err(ApiError::invalid("filter", none));
    }
    too_many(rows, if asked.clear { CLEAR_MAX } else { i64::MAX })?;
    let (told, filter) = (filter.told(&platform).await?, filter.json());
    let new = NewExport { kind, form, clear: asked.clear, filter, told, rows, reason: asked.reason };
    let made = platform.people.ask_export(&caller.person, &new, &caller.origin).await?;
    shown_one(&platform, &caller, made).await
}

async fn list(State(platform): State<Shared>, caller: Caller, Query(asked): Query<ExportQuery>) -> Answer<Json<ExportPage>> {
    let of = match asked.of.as_deref() {
        None | Some("own") => Of::Own,
        Some("others") => Of::Others,
        Some(_) => return Err(ApiError::invalid("of", "应为 own 或 others")),
    };
    let waiting = asked.waiting == Some(1);
    let name = format!("{}\u{1f}exports\u{1f}{of:?}\u{1f}{waiting}", caller.account());
    let before = asked.after.as_deref().map(|after| platform.cursors.read::<(Moment, String)>(after, &name)).transpose()?;
    let limit = asked.limit.unwrap_or(ROWS).clamp(1, ROWS_MAX);
    let mut found = platform.people.exports(&caller.person, of, waiting, before.as_ref(), limit + 1).await?;
    let more = found.len() as i64 > limit;
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next = found.last().filter(|_| more).map(|last| platform.cursors.write(&(last.asked_at, &last.id), &name)).transpose()?;
    let names = names(&platform, &found).await?;
    let items = found.into_iter().map(|export| shown(&caller, export, &names)).collect();
    Ok(Json(ExportPage { items, waiting: platform.people.exports_waiting(&caller.person).await?, next }))
}

async fn one(State(platform): State<Shared>, caller: Caller, Path(id): Path<String>) -> Answer<Json<shapes::Export>> {
    let found = platform.people.export(&caller.person, &id).await?;
    shown_one(&platform, &caller, found).await
}

async fn approve(state: State<Shared>, caller: Caller, id: Path<String>, verdict: Json<ExportVerdict>) -> Answer<Json<shapes::Export>> {
    decide(state, caller, id, verdict, true).await
}

async fn refuse(state: State<Shared>, caller: Caller, id: Path<String>, verdict: Json<ExportVerdict>) -> Answer<Json<shapes::Export>> {
    decide(state, caller, id, verdict, false).await
}

async fn decide(
    State(platform): State<Shared>,
    caller: Caller,
    Path(id): Path<String>,
    Json(verdict): Json<ExportVerdict>,
    approve: bool,
) -> Answer<Json<shapes::Export>> {
    let people = &platform.people;
    let decided = people.decide_export(&caller.person, &id, verdict.version, approve, &verdict.reason, &caller.origin).await?;
    shown_one(&platform, &caller, decided).await
}

async fn withdraw(
    State(platform): State<Shared>,
    caller: Caller,
    Path(id): Path<String>,
    Json(asked): Json<ExportVersion>,
) -> Answer<Json<shapes::Export>> {
    let withdrawn = platform.people.withdraw_export(&caller.person, &id, asked.version, &caller.origin).await?;
    shown_one(&platform, &caller, withdrawn).await
}

/// The file of one's own approved request: made now, from the frozen filter, under the rights of now; then it is taken.
async fn fetch(State(platform): State<Shared>, caller: Caller, Path(id): Path<String>) -> Answer<Response> {
    let export = platform.people.export_to_take(&caller.person, &id).await?;
    let form = of_form(export.kind, &export.form)?;
    let asked = Asked::parse(export.kind, export.filter.clone())?;
    let most = if export.clear { export.rows_max().min(CLEAR_MAX) } else { export.rows_max() };
    let content = asked.content(&platform, &caller, export.clear, most).await.map_err(|error| match error.code() {
        Code::Invalid => ApiError::new(Code::NotNow).detail(format!(
            "申请时是 {} {}，现在多出一成以上，请重新申请",
            export.rows,
            counted_in(export.kind)
        )),
        _ => error,
    })?;
    let approved = match (&export.decided_by, export.decided_at) {
        (Some(by), Some(at)) => {
            let name = platform.people.names(std::slice::from_ref(by)).await?.remove(by).unwrap_or_default();
            Some(format!("{name}（{by}） {} 批准：{}", format_moment(at), export.decision.clone().unwrap_or_default()))
        }
        _ => None,
    };
    let taken = Taken { rows: content.count(), shown: content.shown().to_vec(), digest: content.digest() };
    let marks = Marks {
        title: export.kind.title(),
        form,
        filter: asked.json(),
        reason: export.reason.clone(),
        number: format!("编号 {}", export.id),
        approved,
        explained: explained(export.clear),
    };
    // Made before it is marked as taken, so that what cannot be made is not lost; on record before it leaves.
    let response = file::make(&platform, &caller, marks, content).await?;
    platform.people.take_export(&caller.person, &export, &taken, &caller.origin).await?;
    Ok(response)
}

async fn names(platform: &Shared, found: &[Export]) -> Answer<BTreeMap<String, String>> {
    let mut accounts: Vec<String> =
        found.iter().flat_map(|export| std::iter::once(export.account.clone()).chain(export.decided_by.clone())).collect();
    accounts.sort();
    accounts.dedup();
    Ok(platform.people.names(&accounts).await?)
}

async fn shown_one(platform: &Shared, caller: &Caller, export: Export) -> Answer<Json<shapes::Export>> {
    let names = names(platform, std::slice::from_ref(&export)).await?;
    Ok(Json(shown(caller, export, &names)))
}

fn shown(caller: &Caller, export: Export, names: &BTreeMap<String, String>) -> shapes::Export {
    let holder = |account: &str| Holder { account: account.to_owned(), name: names.get(account).cloned().unwrap_or_default() };
    let conditions = file::conditions(&export.filter).into_iter().map(|(name, value)| shapes::ExportCondition { name, value });
    let decision = export.decided_by.as_deref().map(|by| shapes::ExportDecision {
        by: holder(by),
        at: export.decided_at.map(format_moment).unwrap_or_default(),
        approved: export.until.is_some(),
        reason: export.decision.clone().unwrap_or_default(),
    });
    shapes::Export {
        kind: export.kind.id().to_owned(),
        clear: export.clear,
        conditions: conditions.collect(),
        rows: export.rows,
        state: export.state.to_owned(),
        asked_at: format_moment(export.asked_at),
        asker: holder(&export.account),
        decision,
        until: export.until.map(format_moment),
        taken_at: export.taken_at.map(format_moment),
        rows_taken: export.rows_taken,
        own: export.account == caller.account(),
        may_decide: export.state == "waiting" && decides(&caller.person, &export).is_ok(),
        version: export.version,
        id: export.id,
        form: export.form,
        reason: export.reason,
        why: export.why,
    }
}
