//! What an export holds: the rows of a list, or a picture; what the filter names and the person may see.

use std::collections::HashMap;

use mingjian_casework::leads::{Filter, Lead};
use mingjian_casework::recoveries::RecoveryFilter;
use mingjian_people::{Act, ExportKind};
use mingjian_store::Arg;
use serde_json::{Value, json};

use crate::Shared;
use crate::caller::Caller;
use crate::contract::lead::Identity;
use crate::export::{self, Cell, Kind, ROWS_MAX};
use crate::pages::relations::file::{PictureAsked, Taken};
use crate::pages::{leads, recoveries};
use crate::problem::{Answer, ApiError};

/// Rows read at a time.
const STRIDE: i64 = 200;
/// Rows with names in clear at most: each is a person looked up, and a line of the trail.
pub const CLEAR_MAX: i64 = 500;

/// Rows of a list, with the sums of its filter.
pub struct Rows {
    pub columns: Vec<(&'static str, Kind)>,
    pub rows: Vec<Vec<Cell>>,
    pub totals: Vec<(&'static str, String)>,
    /// Leads whose persons are shown in clear.
    pub shown: Vec<String>,
}

/// A filter as it was typed or sent.
#[derive(Debug, Clone)]
pub enum Asked {
    Leads(Filter),
    Recoveries(RecoveryFilter),
    Picture(PictureAsked),
}

/// What leaves with the file.
pub enum Content {
    Table(Rows),
    Picture(Box<Taken>),
}

impl Content {
    /// Rows; of a picture the persons in it.
    pub fn count(&self) -> i64 {
        match self {
            Content::Table(rows) => i64::try_from(rows.rows.len()).unwrap_or(i64::MAX),
            Content::Picture(taken) => taken.persons(),
        }
    }

    /// Leads whose persons are in it in clear.
    pub fn shown(&self) -> &[String] {
        match self {
            Content::Table(rows) => &rows.shown,
            Content::Picture(_) => &[],
        }
    }

    /// Digest of the data of a file that carries its data whole.
    pub fn digest(&self) -> Option<String> {
        match self {
            Content::Table(_) => None,
            Content::Picture(taken) => Some(taken.digest()),
        }
    }
}

impl Asked {
    /// Errors: fields of another kind of value.
    pub fn parse(kind: ExportKind, filter: Value) -> Answer<Asked> {
        let wrong = |error: serde_json::Error| ApiError::invalid("filter", format!("条件读不懂：{error}"));
        Ok(match kind {
            ExportKind::Leads => Asked::Leads(Filter { after: None, limit: None, ..serde_json::from_value(filter).map_err(wrong)? }),
            ExportKind::Recoveries => {
                Asked::Recoveries(RecoveryFilter { after: None, limit: None, ..serde_json::from_value(filter).map_err(wrong)? })
            }
            ExportKind::Relations => {
                let asked: PictureAsked = serde_json::from_value(filter).map_err(wrong)?;
                asked.around()?;
                Asked::Picture(asked)
            }
        })
    }

    /// What is set of it, as JSON.
    pub fn json(&self) -> Value {
        let mut filter = match self {
            Asked::Leads(filter) => json!(Filter { after: None, limit: None, ..filter.clone() }),
            Asked::Recoveries(filter) => json!(RecoveryFilter { after: None, limit: None, ..filter.clone() }),
            Asked::Picture(asked) => json!(asked),
        };
        if let Value::Object(fields) = &mut filter {
            fields.retain(|_, value| !value.is_null());
        }
        filter
    }

    /// The same for the trail. What was typed into the search box may be a person's name or number, which the trail must not hold: codes and
    /// what names an institution stay, the rest is `?`.
    pub async fn told(&self, platform: &Shared) -> Answer<Value> {
        let mut filter = self.json();
        let typed = filter.get("q").and_then(Value::as_str).map(str::to_owned);
        if let Some(typed) = typed.filter(|typed| !is_code(typed))
            && !names_institution(platform, &typed).await?
        {
            filter["q"] = "?".into();
        }
        Ok(filter)
    }

    /// What the trail says left: a list by its title, or whom the picture is around.
    pub fn object(&self, kind: ExportKind) -> Answer<(&'static str, String)> {
        match self {
            Asked::Leads(_) | Asked::Recoveries(_) => Ok(("list", kind.title().to_owned())),
            Asked::Picture(asked) => {
                let around = asked.around()?;
                let (kind, object) = around.object();
                Ok((kind, object.to_owned()))
            }
        }
    }

    /// How many rows it names for this person; of a picture, how many persons are in it.
    pub async fn count(&self, platform: &Shared, caller: &Caller) -> Answer<i64> {
        Ok(match self {
            Asked::Leads(filter) => {
                leads::page(platform, caller, Act::LeadsExport, Filter { limit: Some(1), ..filter.clone() }).await?.total
            }
            Asked::Recoveries(filter) => {
                let filter = RecoveryFilter { limit: Some(1), ..filter.clone() };
                recoveries::page(platform, caller, Act::RecoveriesExport, filter).await?.total
            }
            Asked::Picture(asked) => asked.draw(platform, caller).await?.persons(),
        })
    }

    /// All of it. Errors: more than `most`.
    pub async fn content(&self, platform: &Shared, caller: &Caller, clear: bool, most: i64) -> Answer<Content> {
        Ok(match self {
            Asked::Leads(filter) => Content::Table(lead_rows(platform, caller, filter, clear, most).await?),
            Asked::Recoveries(filter) => Content::Table(ledger_rows(platform, caller, filter, most).await?),
            Asked::Picture(asked) => {
                let taken = asked.draw(platform, caller).await?;
                too_many(taken.persons(), most)?;
                Content::Picture(Box::new(taken))
            }
        })
    }
}

/// A number of a lead, a code: letters and digits; a certificate (15, 18 places) and a phone (11) are none.
fn is_code(typed: &str) -> bool {
    let plain = typed.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let begins_with_letter = typed.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic());
    plain && (begins_with_letter || !matches!(typed.len(), 11 | 15 | 18))
}

async fn names_institution(platform: &Shared, typed: &str) -> Answer<bool> {
    let like = format!("%{}%", typed.trim().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
    let sql = "select code from institution_names where name like $1 escape '\\' limit 1";
    Ok(platform.store.one(sql, &[like.into()]).await?.is_some())
}

/// More than can be written in one go, or than was approved.
pub fn too_many(total: i64, most: i64) -> Answer<()> {
    let limit = most.min(i64::try_from(ROWS_MAX).unwrap_or(i64::MAX));
    if total > limit {
        return Err(ApiError::invalid("filter", format!("共 {total} 行，这次最多导出 {limit} 行，请缩小范围")));
    }
    Ok(())
}

async fn lead_rows(platform: &Shared, caller: &Caller, filter: &Filter, clear: bool, most: i64) -> Answer<Rows> {
    let mut asked = Filter { after: None, limit: Some(STRIDE), ..filter.clone() };
    let mut found: Vec<Lead> = Vec::new();
    let sums = loop {
        let page = leads::page(platform, caller, Act::LeadsExport, asked.clone()).await?;
        too_many(page.total, most)?;
        found.extend(page.items);
        match page.next {
            Some(next) if found.len() < ROWS_MAX => asked.after = Some(next),
            _ => break (page.sum_amount_fen, page.sum_fund_fen),
        }
    };
    let known = if clear { identities(platform, &found).await? } else { HashMap::new() };
    let mut columns = vec![
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
    if clear {
        columns.insert(6, ("证件号码", Kind::Text));
    }
    let mut shown = Vec::new();
    let mut rows = Vec::with_capacity(found.len());
    for lead in found {
        let identity = known.get(&lead.id);
        if identity.is_some() {
            shown.push(lead.id.clone());
        }
        rows.push(lead_row(lead, clear, identity));
    }
    let totals = vec![("涉及金额合计", export::money(sums.0)), ("其中基金合计", export::money(sums.1))];
    Ok(Rows { columns, rows, totals, shown })
}

/// Who the leads are about, in clear, by lead: sealed in the store, or else from the register of the data.
async fn identities(platform: &Shared, found: &[Lead]) -> Answer<HashMap<String, Identity>> {
    let mut known = HashMap::new();
    for some in found.chunks(500) {
        let places: Vec<String> = (1..=some.len()).map(|place| format!("${place}")).collect();
        let sql = format!("select id, person_sealed from leads where person_sealed is not null and id in ({})", places.join(", "));
        let args: Vec<Arg> = some.iter().map(|lead| Arg::from(&lead.id)).collect();
        for row in platform.store.rows(&sql, &args).await? {
            let clear = platform.sealer.open(&row.text("person_sealed")?).map_err(|error| ApiError::internal(&error))?;
            let identity = serde_json::from_str(&clear).map_err(|_| ApiError::fault("sealed identity of a lead is not as written"))?;
            known.insert(row.text("id")?, identity);
        }
    }
    let missing = found.iter().filter(|lead| !known.contains_key(&lead.id));
    let missing: Vec<(String, String)> = missing
        .filter_map(|lead| Some((lead.id.clone(), lead.person.as_ref().map(|person| person.no.clone()).filter(|no| !no.is_empty())?)))
        .collect();
    if !missing.is_empty() {
        let mut numbers: Vec<String> = missing.iter().map(|(_, no)| no.clone()).collect();
        numbers.sort();
        numbers.dedup();
        let register = platform.ask(move |data| data.persons(&numbers)).await?;
        known.extend(missing.into_iter().filter_map(|(lead, no)| Some((lead, register.get(&no)?.clone()))));
    }
    Ok(known)
}

fn lead_row(lead: Lead, clear: bool, identity: Option<&Identity>) -> Vec<Cell> {
    let institution = lead.institution.unwrap_or_default();
    let masked = lead.person.map(|person| person.name_masked).unwrap_or_default();
    let mut row: Vec<Cell> = vec![
        lead.number.into(),
        lead.result.into(),
        lead.subject_label.into(),
        institution.name.into(),
        institution.code.into(),
        identity.map_or(masked, |identity| identity.name.clone()).into(),
    ];
    if clear {
        row.push(identity.map(|identity| identity.certno.clone()).unwrap_or_default().into());
    }
    row.extend([
        Cell::from(lead.rules.into_iter().map(|rule| format!("{} {}", rule.id, rule.title)).collect::<Vec<_>>().join("；")),
        lead.findings.into(),
        lead.amount_fen.into(),
        lead.fund_fen.into(),
        lead.last_day.into(),
        lead.status_title.into(),
        lead.due.map(|due| due.day).unwrap_or_default().into(),
        lead.holder.map(|holder| holder.name).unwrap_or_default().into(),
        lead.reason.into(),
    ]);
    row
}

async fn ledger_rows(platform: &Shared, caller: &Caller, filter: &RecoveryFilter, most: i64) -> Answer<Rows> {
    let mut asked = RecoveryFilter { after: None, limit: Some(STRIDE), ..filter.clone() };
    let mut rows = Vec::new();
    let sums = loop {
        let page = recoveries::page(platform, caller, Act::RecoveriesExport, asked.clone()).await?;
        too_many(page.total, most)?;
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
        ("抵扣（元）", Kind::Money),
        ("到账（元）", Kind::Money),
        ("减免（元）", Kind::Money),
        ("退还机构（元）", Kind::Money),
        ("待追（元）", Kind::Money),
        ("应退还（元）", Kind::Money),
        ("期限", Kind::Text),
        ("凭证号", Kind::Text),
    ];
    let totals = vec![
        ("应收合计", export::money(sums.due_fen)),
        ("拒付合计", export::money(sums.refused_fen)),
        ("到账与抵扣合计", export::money(sums.paid_fen + sums.offset_fen)),
        ("减免合计", export::money(sums.waived_fen)),
        ("退还机构合计", export::money(sums.returned_fen)),
        ("待追合计", export::money(sums.open_fen)),
        ("应退还合计", export::money(sums.refund_fen)),
    ];
    Ok(Rows { columns, rows, totals, shown: Vec::new() })
}

fn recovery_row(row: mingjian_casework::recoveries::Recovery) -> Vec<Cell> {
    // What finance looks a row up by in its own books; what was undone is not among them.
    let undone: Vec<i64> = row.entries.iter().filter_map(|entry| entry.reverses).collect();
    let stands = row.entries.iter().filter(|entry| entry.reverses.is_none() && !undone.contains(&entry.seq));
    let documents: Vec<&str> = stands.filter_map(|entry| entry.document.as_deref()).collect();
    let road = if row.road == "refuse" { "拒付" } else { "追回" };
    let state = match row.state.as_str() {
        "due" if row.road == "refuse" => "待拒付",
        "due" if row.road == "refuse" => "待拒付",
        "due" => "待追",
        "part" => "部分到账",
        "refund" => "应退还",
        "closed" => "已结清",
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
        row.returned_fen.into(),
        row.open_fen.max(0).into(),
        (-row.open_fen).max(0).into(),
        row.due_day.into(),
        documents.join("；").into(),
    ]
}
