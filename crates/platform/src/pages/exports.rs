//! 导出 of lists: exactly the filtered set, written to the trail with its reason before a byte leaves.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use axum::routing::get;
use mingjian_casework::leads::Filter;
use mingjian_casework::recoveries::RecoveryFilter;
use mingjian_model::day::format_moment;
use mingjian_people::Act;
use serde_json::json;

use crate::Shared;
use crate::body::Query;
use crate::caller::{Caller, event};
use crate::contract::lead::{ExportReason, LeadQuery};
use crate::contract::recovery::RecoveryQuery;
use crate::export::{self, Cell, Kind, ROWS_MAX, Sheet};
use crate::pages::{leads, recoveries};
use crate::problem::{Answer, ApiError};
use crate::routes::{Access, Route, Verb};

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const CSV: &str = "text/csv; charset=utf-8";
/// Rows read at a time.
const STRIDE: i64 = 200;
/// Characters of a reason.
const REASON_MAX: usize = 200;

pub fn routes() -> Vec<Route> {
    let (leads, money) = (Access::Right(Act::LeadsExport), Access::Right(Act::RecoveriesExport));
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
    ]
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Xlsx,
    Csv,
}

async fn leads_xlsx(state: State<Shared>, caller: Caller, reason: Query<ExportReason>, filter: Query<Filter>) -> Answer<Response> {
    lead_list(state, caller, reason, filter, Form::Xlsx).await
}

async fn leads_csv(state: State<Shared>, caller: Caller, reason: Query<ExportReason>, filter: Query<Filter>) -> Answer<Response> {
    lead_list(state, caller, reason, filter, Form::Csv).await
}

async fn recoveries_xlsx(
    state: State<Shared>,
    caller: Caller,
    reason: Query<ExportReason>,
    filter: Query<RecoveryFilter>,
) -> Answer<Response> {
    ledger(state, caller, reason, filter, Form::Xlsx).await
}

async fn recoveries_csv(
    state: State<Shared>,
    caller: Caller,
    reason: Query<ExportReason>,
    filter: Query<RecoveryFilter>,
) -> Answer<Response> {
    ledger(state, caller, reason, filter, Form::Csv).await
}

fn given(reason: ExportReason) -> Answer<String> {
    let reason = reason.reason.unwrap_or_default().trim().to_owned();
    match reason.chars().count() {
        0 => Err(ApiError::invalid("reason", "请写明导出事由")),
        1..=REASON_MAX => Ok(reason),
        _ => Err(ApiError::invalid("reason", format!("事由不超过 {REASON_MAX} 字"))),
    }
}

fn too_many(total: i64) -> Answer<()> {
    if usize::try_from(total).unwrap_or(usize::MAX) > ROWS_MAX {
        return Err(ApiError::invalid("filter", format!("共 {total} 行，一次最多导出 {ROWS_MAX} 行，请缩小范围")));
    }
    Ok(())
}

async fn lead_list(
    State(platform): State<Shared>,
    caller: Caller,
    Query(reason): Query<ExportReason>,
    Query(filter): Query<Filter>,
    form: Form,
) -> Answer<Response> {
    let reason = given(reason)?;
    let mut asked = Filter { after: None, limit: Some(STRIDE), ..filter.clone() };
    let mut rows = Vec::new();
    let sums = loop {
        let page = leads::page(&platform, &caller, Act::LeadsExport, asked.clone()).await?;
        too_many(page.total)?;
        rows.extend(page.items.into_iter().map(lead_row));
        match page.next {
            Some(next) if rows.len() < ROWS_MAX => asked.after = Some(next),
            _ => break (page.sum_amount_fen, page.sum_fund_fen),
        }
    };
    let columns = vec![
        ("线索编号", Kind::Text),
        ("系统判别", Kind::Text),
        ("对象", Kind::Text),
        ("机构", Kind::Text),
        ("机构编码", Kind::Text),
        ("参保人", Kind::Text),
        ("规则", Kind::Text),
        ("疑点数", Kind::Whole),
        ("涉及金额（元）", Kind::Money),
        ("其中基金（元）", Kind::Money),
        ("最近发生", Kind::Text),
        ("办理状态", Kind::Text),
        ("办理时限", Kind::Text),
        ("经办人", Kind::Text),
        ("理由", Kind::Text),
    ];
    let total = vec![("涉及金额合计", export::money(sums.0)), ("其中基金合计", export::money(sums.1))];
    let taken = Taken {
        act: Act::LeadsExport,
        event: "export.leads",
        title: "线索",
        filter: json!(Filter { after: None, limit: None, ..filter }),
        reason,
    };
    send(&platform, &caller, taken, columns, rows, total, form).await
}

fn lead_row(lead: mingjian_casework::leads::Lead) -> Vec<Cell> {
    let institution = lead.institution.unwrap_or_default();
    vec![
        lead.number.into(),
        lead.result.into(),
        lead.subject_label.into(),
        institution.name.into(),
        institution.code.into(),
        lead.person.map(|person| person.name_masked).unwrap_or_default().into(),
        lead.rules.into_iter().map(|rule| format!("{} {}", rule.id, rule.title)).collect::<Vec<_>>().join("；").into(),
        lead.findings.into(),
        lead.amount_fen.into(),
        lead.fund_fen.into(),
        lead.last_day.into(),
        lead.status_title.into(),
        lead.due.map(|due| due.day).unwrap_or_default().into(),
        lead.holder.map(|holder| holder.name).unwrap_or_default().into(),
        lead.reason.into(),
    ]
}

async fn ledger(
    State(platform): State<Shared>,
    caller: Caller,
    Query(reason): Query<ExportReason>,
    Query(filter): Query<RecoveryFilter>,
    form: Form,
) -> Answer<Response> {
    let reason = given(reason)?;
    let mut asked = RecoveryFilter { after: None, limit: Some(STRIDE), ..filter.clone() };
    let mut rows = Vec::new();
    let sums = loop {
        let page = recoveries::page(&platform, &caller, Act::RecoveriesExport, asked.clone()).await?;
        too_many(page.total)?;
        rows.extend(page.items.into_iter().map(recovery_row));
        match page.next {
            Some(next) if rows.len() < ROWS_MAX => asked.after = Some(next),
            _ => break page.sums,
        }
    };
    let columns = vec![
        ("台账编号", Kind::Text),
        ("线索编号", Kind::Text),
        ("机构", Kind::Text),
        ("机构编码", Kind::Text),
        ("方式", Kind::Text),
        ("状态", Kind::Text),
        ("认定金额（元）", Kind::Money),
        ("应收（元）", Kind::Money),
        ("拒付（元）", Kind::Money),
        ("冲抵（元）", Kind::Money),
        ("到账（元）", Kind::Money),
        ("核减（元）", Kind::Money),
        ("未结（元）", Kind::Money),
        ("期限", Kind::Text),
    ];
    let total = vec![
        ("应收合计", export::money(sums.due_fen)),
        ("拒付合计", export::money(sums.refused_fen)),
        ("到账与冲抵合计", export::money(sums.paid_fen + sums.offset_fen)),
        ("未结合计", export::money(sums.open_fen)),
    ];
    let filter = json!(RecoveryFilter { after: None, limit: None, ..filter });
    let taken = Taken { act: Act::RecoveriesExport, event: "export.recoveries", title: "追回台账", filter, reason };
    send(&platform, &caller, taken, columns, rows, total, form).await
}

fn recovery_row(row: mingjian_casework::recoveries::Recovery) -> Vec<Cell> {
    let road = if row.road == "refuse" { "拒付" } else { "追回" };
    let state = match row.state.as_str() {
        "due" => "待收",
        "part" => "部分",
        "closed" => "已结",
        "overdue" => "逾期",
        other => other,
    };
    vec![
        row.number.into(),
        row.lead.number.into(),
        row.institution.name.into(),
        row.institution.code.into(),
        road.into(),
        state.into(),
        row.amount_fen.into(),
        row.due_fen.into(),
        row.refused_fen.into(),
        row.offset_fen.into(),
        row.paid_fen.into(),
        row.waived_fen.into(),
        row.open_fen.into(),
        row.due_day.into(),
    ]
}

/// What is taken, by which right, why.
struct Taken {
    act: Act,
    event: &'static str,
    title: &'static str,
    filter: serde_json::Value,
    reason: String,
}

async fn send(
    platform: &Shared,
    caller: &Caller,
    taken: Taken,
    columns: Vec<(&'static str, Kind)>,
    rows: Vec<Vec<Cell>>,
    totals: Vec<(&'static str, String)>,
    form: Form,
) -> Answer<Response> {
    let kind = if form == Form::Xlsx { "xlsx" } else { "csv" };
    let detail = json!({ "filter": taken.filter, "rows": rows.len(), "form": kind });
    let number = caller.note(platform, taken.act, event(taken.event, "list", taken.title, detail, Some(taken.reason.clone()))).await?;
    let at = format_moment(caller.person.at);
    let (name, account) = (caller.name(), caller.account().to_owned());
    let watermark = format!("{name}（{account}） {at} 导出，留痕第 {number} 号");
    let filter = taken.filter.as_object().map(|filter| {
        let set = filter.iter().filter(|(_, value)| !value.is_null());
        set.map(|(name, value)| format!("{name} = {}", value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
            .collect::<Vec<_>>()
            .join("；")
    });
    let mut notes = vec![
        ("内容".to_owned(), taken.title.to_owned()),
        ("条件".to_owned(), filter.filter(|text| !text.is_empty()).unwrap_or_else(|| "全部（权限范围内）".to_owned())),
        ("导出时间".to_owned(), at.clone()),
        ("导出人".to_owned(), format!("{name}（{account}）")),
        ("事由".to_owned(), taken.reason),
        ("留痕编号".to_owned(), number.to_string()),
        ("行数".to_owned(), rows.len().to_string()),
    ];
    notes.extend(totals.into_iter().map(|(name, value)| (name.to_owned(), value)));
    notes.push(("说明".to_owned(), "系统判别由规则得出，不是认定；参保人姓名已脱敏。金额按行去重。".to_owned()));
    let sheet = Sheet { title: taken.title.to_owned(), columns, rows, notes, watermark };
    let bytes = platform
        .blocking(move || match form {
            Form::Xlsx => export::xlsx(&sheet).map_err(|error| ApiError::internal(&error)),
            Form::Csv => Ok(export::csv(&sheet)),
        })
        .await??;
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(if form == Form::Xlsx { XLSX } else { CSV }));
    let file = format!("{}-{}.{kind}", taken.title, at.replace([' ', ':'], "-"));
    headers.insert(header::CONTENT_DISPOSITION, crate::download::disposition(&file)?);
    Ok(response)
}
