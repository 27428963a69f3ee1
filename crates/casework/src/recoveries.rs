//! 追回台账: what a decision makes due, and what came of it: refused before payment, or offset, paid, waived after it.
//!
//! True of it: due = refused + offset + paid + waived − returned + open, always; entries are never changed, a mistake is undone by a counter
//! entry. Open is below nought only where a decision was corrected after money had come in: so much is owed back to the institution.

use mingjian_model::Fen;
use mingjian_model::day::{Day, MICROS_PER_DAY, Moment, day_of, format_moment, from_ymd, to_ymd};
use mingjian_store::{Arg, Change, Event, Row};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::Office;
use crate::error::{CaseError, Result};
use crate::leads::list::Where;
use crate::leads::row::{LeadRow, day_text};
use crate::leads::update::take_serial;
use crate::leads::view::filled;
use crate::person::{Asker, role};

/// 一笔应拒付或应追回的钱.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Recovery {
    pub id: String,
    /// ZH2026-000001
    pub number: String,
    pub lead: RecoveryLead,
    pub institution: Coded,
    /// refuse (before payment), recover (after it)
    pub road: String,
    /// due, part, closed, overdue; refund: more came in than is due since the decision was corrected
    pub state: String,
    /// 涉及金额 decided; the funds' part of it is due.
    pub amount_fen: i64,
    pub due_fen: i64,
    pub refused_fen: i64,
    pub offset_fen: i64,
    pub paid_fen: i64,
    pub waived_fen: i64,
    /// 退还: given back to the institution after a correction.
    pub returned_fen: i64,
    /// 待收; below nought what is to be given back.
    pub open_fen: i64,
    pub due_day: String,
    pub entries: Vec<Entry>,
    pub version: i64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RecoveryLead {
    pub id: String,
    pub number: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Coded {
    pub code: String,
    pub name: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Entry {
    pub seq: i64,
    pub at: String,
    /// refused, offset, paid, waived, returned; corrected: what a correction took off what is due
    pub kind: String,
    /// Negative in a counter entry and in a correction.
    pub amount_fen: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    pub by: String,
    /// The entry it undoes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reverses: Option<i64>,
}

/// What the ledger is asked by.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RecoveryFilter {
    /// due, part, closed, overdue, refund
    pub state: Option<String>,
    pub institution: Option<String>,
    /// refuse, recover
    pub road: Option<String>,
    pub after: Option<String>,
    pub limit: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecoveryPage {
    pub items: Vec<Recovery>,
    pub total: i64,
    pub sums: RecoverySums,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Sums over the filtered set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RecoverySums {
    pub due_fen: i64,
    pub refused_fen: i64,
    pub offset_fen: i64,
    pub paid_fen: i64,
    pub waived_fen: i64,
    pub returned_fen: i64,
    /// What is still to come in; what is to be given back is not set off against it.
    pub open_fen: i64,
    /// Of what is open, what is past its day.
    pub overdue_fen: i64,
    /// 应退还: due = refused + offset + paid + waived − returned + open − refund.
    pub refund_fen: i64,
}

/// 登记.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct EntryInput {
    pub version: i64,
    /// refused, offset, paid, waived, returned
    pub kind: String,
    /// Positive; a counter entry takes the amount of what it undoes.
    pub amount_fen: i64,
    pub document: Option<String>,
    pub text: Option<String>,
    /// The entry to undo; kind and amount are its own.
    pub reverses: Option<i64>,
    #[serde(skip)]
    pub key: Option<String>,
}

/// Opens the ledger's row of a decision.
pub(crate) async fn open(change: &mut Change, lead: &LeadRow, due_day: i64, at: Moment) -> Result<()> {
    let year = mingjian_model::day::to_ymd(day_of(at)).0;
    let id = format!("ZH{year}-{:06}", take_serial(change, "ZH", year, 1).await?);
    let args: Vec<Arg> = vec![
        id.as_str().into(),
        lead.id.as_str().into(),
        lead.region.as_str().into(),
        lead.institution.as_str().into(),
        lead.institution_name.as_str().into(),
        lead.road.as_str().into(),
        lead.decided_fen.into(),
        lead.loss_fen.into(),
        due_day.into(),
        at.into(),
    ];
    change
        .run(
            "insert into recoveries (id, lead, region, institution, institution_name, road, amount_fen, due_fen, refused_fen, offset_fen, \
             paid_fen, waived_fen, open_fen, due_day, opened_at, version) values ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0, 0, 0, $8, $9, $10, 1)",
            &args,
        )
        .await?;
    change.note(Event {
        act: "recovery.open",
        object_kind: "recovery",
        object: id,
        detail: json!({ "lead": lead.id, "road": lead.road, "amount_fen": lead.decided_fen, "due_fen": lead.loss_fen }),
        reason: None,
    });
    Ok(())
}

/// 更正决定: so much less is due. What was waived falls first; what came in beyond what is due now is owed back.
pub(crate) async fn correct(change: &mut Change, asker: &Asker, lead: &LeadRow, less_fen: i64, why: &str) -> Result<()> {
    let sql = format!("select {COLUMNS} from recoveries where lead = $1");
    let Some(row) = change.one(&sql, &[lead.id.as_str().into()]).await?.filter(|_| less_fen > 0) else { return Ok(()) };
    let mut recovery = read(&row, day_of(asker.at).into())?;
    recovery.due_fen -= less_fen;
    recovery.open_fen -= less_fen;
    recovery.version += 1;
    let entry = EntryInput { text: Some(why.to_owned()), ..EntryInput::default() };
    write(change, asker, &recovery, ("corrected", -less_fen, why), &entry).await?;
    let unwaived = (-recovery.open_fen).clamp(0, recovery.waived_fen);
    if unwaived > 0 {
        recovery.waived_fen -= unwaived;
        recovery.open_fen += unwaived;
        recovery.version += 1;
        write(change, asker, &recovery, ("waived", -unwaived, "决定已更正，减免随之减少"), &entry).await?;
    }
    let args: [Arg; 3] = [lead.decided_fen.into(), recovery.due_fen.into(), recovery.id.as_str().into()];
    change.run("update recoveries set amount_fen = $1, due_fen = $2 where id = $3", &args).await?;
    change.note(Event {
        act: "recovery.correct",
        object_kind: "recovery",
        object: recovery.id.clone(),
        detail: json!({ "lead": lead.id, "less_fen": less_fen, "due_fen": recovery.due_fen, "open_fen": recovery.open_fen }),
        reason: None,
    });
    Ok(())
}

const COLUMNS: &str = "id, lead, institution, institution_name, road, amount_fen, due_fen, refused_fen, offset_fen, paid_fen, waived_fen, \
    returned_fen, open_fen, due_day, version";

fn read(row: &Row, today: i64) -> Result<Recovery> {
    let (lead, due_day) = (row.text("lead")?, row.int("due_day")?);
    let (due_fen, open_fen) = (row.int("due_fen")?, row.int("open_fen")?);
    let state = match () {
        () if open_fen < 0 => "refund",
        () if open_fen == 0 => "closed",
        () if due_day < today => "overdue",
        () if open_fen < due_fen => "part",
        () => "due",
    };
    let id = row.text("id")?;
    Ok(Recovery {
        number: id.clone(),
        id,
        lead: RecoveryLead { id: lead.clone(), number: lead },
        institution: Coded { code: row.text("institution")?, name: row.text("institution_name")? },
        road: row.text("road")?,
        state: state.into(),
        amount_fen: row.int("amount_fen")?,
        due_fen,
        refused_fen: row.int("refused_fen")?,
        offset_fen: row.int("offset_fen")?,
        paid_fen: row.int("paid_fen")?,
        waived_fen: row.int("waived_fen")?,
        returned_fen: row.int("returned_fen")?,
        open_fen,
        due_day: day_text(due_day),
        entries: Vec::new(),
        version: row.int("version")?,
    })
}

async fn with_entries(office: &Office, mut items: Vec<Recovery>) -> Result<Vec<Recovery>> {
    if items.is_empty() {
        return Ok(items);
    }
    let mut clause = Where::below(&crate::person::Scope::all());
    let ids: Vec<String> = items.iter().map(|item| item.id.clone()).collect();
    clause.and_in("recovery", &ids);
    let sql = format!(
        "select recovery, seq, at, kind, amount_fen, document, text, name, reverses from recovery_entries where {} order by recovery, seq",
        clause.sql()
    );
    for row in office.store.rows(&sql, &clause.args).await? {
        let recovery = row.text("recovery")?;
        if let Some(item) = items.iter_mut().find(|item| item.id == recovery) {
            item.entries.push(Entry {
                seq: row.int("seq")?,
                at: format_moment(row.int("at")?),
                kind: row.text("kind")?,
                amount_fen: row.int("amount_fen")?,
                document: filled(row.text("document")?),
                text: filled(row.text("text")?),
                by: row.text("name")?,
                reverses: row.maybe_int("reverses")?,
            });
        }
    }
    Ok(items)
}

/// The ledger's rows of a lead the asker may see.
pub(crate) async fn of_lead(office: &Office, lead: &str, now: Moment) -> Result<Vec<Recovery>> {
    let today = i64::from(day_of(now));
    let rows = office.store.rows(&format!("select {COLUMNS} from recoveries where lead = $1 order by id"), &[lead.into()]).await?;
    with_entries(office, rows.iter().map(|row| read(row, today)).collect::<Result<_>>()?).await
}

fn scoped(asker: &Asker) -> Where {
    let mut clause = Where::below(&asker.scope.of_table_with_lead("lead"));
    if asker.person.is_institution() {
        clause.and("institution = ?", [Arg::from(asker.person.institution.as_deref().unwrap_or("\u{1}"))]);
    }
    clause
}

/// The ledger within the asker's scope, the newest first.
pub async fn list(office: &Office, asker: &Asker, filter: &RecoveryFilter) -> Result<RecoveryPage> {
    let today = i64::from(day_of(asker.at));
    let limit = filter.limit.unwrap_or(50).clamp(1, 200);
    let mut clause = scoped(asker);
    let text = |text: &Option<String>| text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    if let Some(institution) = text(&filter.institution) {
        clause.and("institution = ?", [institution.into()]);
    }
    if let Some(road) = text(&filter.road) {
        clause.and("road = ?", [road.into()]);
    }
    match text(&filter.state).as_deref() {
        None => {}
        Some("refund") => clause.and("open_fen < 0", []),
        Some("closed") => clause.and("open_fen = 0", []),
        Some("overdue") => clause.and("open_fen > 0 and due_day < ?", [today.into()]),
        Some("part") => clause.and("open_fen > 0 and open_fen < due_fen and due_day >= ?", [today.into()]),
        Some("due") => clause.and("open_fen = due_fen and open_fen > 0 and due_day >= ?", [today.into()]),
        Some(_) => return Err(CaseError::field("state", "状态应为 due、part、closed、overdue 或 refund")),
    }
    let sums = sums(office, &clause, today).await?;
    let mut paged = clause.clone();
    if let Some(after) = text(&filter.after) {
        paged.and("id < ?", [after.into()]);
    }
    let sql = format!("select {COLUMNS} from recoveries where {} order by id desc limit {}", paged.sql(), limit + 1);
    let mut items = office.store.rows(&sql, &paged.args).await?.iter().map(|row| read(row, today)).collect::<Result<Vec<_>>>()?;
    let more = items.len() as i64 > limit;
    items.truncate(limit as usize);
    let next = items.last().filter(|_| more).map(|item| item.id.clone());
    Ok(RecoveryPage { items: with_entries(office, items).await?, total: sums.0, sums: sums.1, next })
}

async fn sums(office: &Office, clause: &Where, today: i64) -> Result<(i64, RecoverySums)> {
    let mut clause = clause.clone();
    // Placed last among the arguments, first in the text.
    clause.args.push(today.into());
    let overdue = format!("sum(case when open_fen > 0 and due_day < ${} then open_fen else 0 end)", clause.args.len());
    let sum = |of: &str| format!("cast(coalesce({of}, 0) as bigint)");
    let sql = format!(
        "select count(*) as n, {} as due_fen, {} as refused_fen, {} as offset_fen, {} as paid_fen, {} as waived_fen, \
         {} as returned_fen, {} as open_fen, {} as refund_fen, {} as overdue_fen from recoveries where {}",
        sum("sum(due_fen)"),
        sum("sum(refused_fen)"),
        sum("sum(offset_fen)"),
        sum("sum(paid_fen)"),
        sum("sum(waived_fen)"),
        sum("sum(returned_fen)"),
        sum("sum(case when open_fen > 0 then open_fen else 0 end)"),
        sum("sum(case when open_fen < 0 then -open_fen else 0 end)"),
        sum(&overdue),
        clause.sql()
    );
    let Some(row) = office.store.one(&sql, &clause.args).await? else { return Ok((0, RecoverySums::default())) };
    let sums = RecoverySums {
        due_fen: row.int("due_fen")?,
        refused_fen: row.int("refused_fen")?,
        offset_fen: row.int("offset_fen")?,
        paid_fen: row.int("paid_fen")?,
        waived_fen: row.int("waived_fen")?,
        returned_fen: row.int("returned_fen")?,
        open_fen: row.int("open_fen")?,
        refund_fen: row.int("refund_fen")?,
        overdue_fen: row.int("overdue_fen")?,
    };
    Ok((row.int("n")?, sums))
}

/// A year of the ledger by month: what was decided due in it, and what came of anything due, in the month it was booked. Counter entries count
/// in their own month, so a month can be negative.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RecoveryYear {
    pub year: i64,
    /// From January on, up to December or the month that is not over.
    pub months: Vec<RecoveryMonth>,
    /// 年度追回目标; of this year alone, and not for institutions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_fen: Option<i64>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RecoveryMonth {
    /// 2026-01
    pub month: String,
    /// 未满月: it is not over.
    pub running: bool,
    /// As it stands now: a corrected decision is due for less in the month it was made.
    pub due_fen: i64,
    /// Less what was given back of refusals.
    pub refused_fen: i64,
    pub offset_fen: i64,
    pub paid_fen: i64,
    pub waived_fen: i64,
    /// 退还机构: given back of what was recovered.
    pub returned_fen: i64,
}

/// The year of the ledger within the asker's scope; the asker's own year where none is named.
pub async fn year(office: &Office, asker: &Asker, year: Option<i64>) -> Result<RecoveryYear> {
    let this = i64::from(to_ymd(day_of(asker.at)).0);
    let year = year.unwrap_or(this);
    let begin = |year: i64| i32::try_from(year).ok().filter(|year| (2000..=2999).contains(year)).and_then(|year| from_ymd(year, 1, 1));
    let (Some(from), Some(to)) = (begin(year), begin(year + 1)) else {
        return Err(CaseError::field("year", "年份应在 2000 到 2998 之间"));
    };
    let (from, to) = (i64::from(from) * MICROS_PER_DAY, i64::from(to) * MICROS_PER_DAY);
    let mut clause = scoped(asker);
    let inner = clause.sql();
    clause.args.extend([Arg::from(from), Arg::from(to)]);
    let (a, b) = (clause.args.len() - 1, clause.args.len());
    // By day, since neither database's months are the other's; a year has few enough of them.
    let decided = format!(
        "select opened_at / {MICROS_PER_DAY} as day, 'due' as kind, cast(sum(due_fen) as bigint) as fen from recoveries \
         where {inner} and opened_at >= ${a} and opened_at < ${b} group by opened_at / {MICROS_PER_DAY}"
    );
    let booked = format!(
        "select e.at / {MICROS_PER_DAY} as day, case when e.kind = 'returned' and r.road = 'refuse' then 'unrefused' else e.kind end as kind, \
         cast(sum(e.amount_fen) as bigint) as fen from recovery_entries e join recoveries r on r.id = e.recovery \
         where e.at >= ${a} and e.at < ${b} and e.kind <> 'corrected' and e.recovery in (select id from recoveries where {inner}) \
         group by e.at / {MICROS_PER_DAY}, e.kind, r.road"
    );
    let now = format!("{:04}-{:02}", this, to_ymd(day_of(asker.at)).1);
    let mut months: Vec<RecoveryMonth> = (1..=12)
        .map(|month| format!("{year:04}-{month:02}"))
        .filter(|month| *month <= now)
        .map(|month| RecoveryMonth { running: month == now, month, ..RecoveryMonth::default() })
        .collect();
    for sql in [decided, booked] {
        for row in office.store.rows(&sql, &clause.args).await? {
            let day = Day::try_from(row.int("day")?).map_err(|_| CaseError::Broken("recoveries: a day beyond the calendar".into()))?;
            let (kind, fen) = (row.text("kind")?, row.int("fen")?);
            let Some(month) = months.get_mut(to_ymd(day).1 as usize - 1) else { continue };
            *match kind.as_str() {
                "due" => &mut month.due_fen,
                "refused" => &mut month.refused_fen,
                "offset" => &mut month.offset_fen,
                "paid" => &mut month.paid_fen,
                "waived" => &mut month.waived_fen,
                "returned" => &mut month.returned_fen,
                "unrefused" => {
                    month.refused_fen -= fen;
                    continue;
                }
                other => return Err(CaseError::Broken(format!("recovery_entries.kind: {other}"))),
            } += fen;
        }
    }
    let target_fen = office.settings.target_fen.filter(|_| year == this && !asker.person.is_institution());
    Ok(RecoveryYear { year, months, target_fen })
}

/// Books an entry, or its counter entry, and shows the row.
///
/// 财务 books what was refused, offset and paid; a waiver is the head of supervision's or the director's, and not of whoever decided the
/// matter (内控: four eyes on what is written off). Nobody else.
pub async fn enter(office: &Office, asker: &Asker, id: &str, input: &EntryInput) -> Result<Recovery> {
    let waives = input.kind == "waived";
    let allowed: &[&str] = if waives { &[role::SUPERVISOR, role::DIRECTOR] } else { &[role::FINANCE] };
    let own = allowed.iter().copied().find(|role| asker.person.has(role));
    let own = own.ok_or_else(|| CaseError::Refused(if waives { "减免须由科长或局领导办理" } else { "登记须由财务办理" }.into()))?;
    let actor = asker.actor(own);
    let today = i64::from(day_of(asker.at));
    let mut change = office.store.begin(&actor).await?;
    let mut clause = scoped(asker);
    clause.and("id = ?", [id.into()]);
    let row = change.one(&format!("select {COLUMNS} from recoveries where {}", clause.sql()), &clause.args).await?;
    let mut recovery = row.as_ref().map(|row| read(row, today)).transpose()?.ok_or(CaseError::NotFound)?;
    if let Some(key) = input.key.as_deref() {
        let sql = "select seq from recovery_entries where account = $1 and idem = $2";
        if change.one(sql, &[asker.person.account.as_str().into(), key.into()]).await?.is_some() {
            return shown(office, recovery).await;
        }
    }
    if input.version != recovery.version {
        return Err(CaseError::Conflict { seen: input.version, now: recovery.version });
    }
    if waives {
        let sql = "select seq from lead_steps where lead = $1 and account = $2 and act in ('confirm', 'decide', 'correct')";
        if change.one(sql, &[recovery.lead.id.as_str().into(), asker.person.account.as_str().into()]).await?.is_some() {
            return Err(CaseError::Refused("本件的决定由您作出，减免须由他人办理".into()));
        }
    }
    let (kind, amount_fen) = match input.reverses {
        Some(seq) => undone(&mut change, id, seq, &input.kind).await?,
        None => (checked(&recovery, input)?, input.amount_fen),
    };
    let text = input.text.as_deref().map_or("", str::trim);
    if (waives || input.reverses.is_some()) && text.is_empty() {
        return Err(CaseError::field("text", "减免和冲正须写明理由"));
    }
    for (name, own) in [
        ("refused", &mut recovery.refused_fen),
        ("offset", &mut recovery.offset_fen),
        ("paid", &mut recovery.paid_fen),
        ("waived", &mut recovery.waived_fen),
        ("returned", &mut recovery.returned_fen),
    ] {
        if name == kind {
            *own += amount_fen;
        }
    }
    recovery.open_fen -= if kind == "returned" { -amount_fen } else { amount_fen };
    recovery.version += 1;
    write(&mut change, asker, &recovery, (&kind, amount_fen, text), input).await?;
    change.note(Event {
        act: "recovery.enter",
        object_kind: "recovery",
        object: id.to_owned(),
        detail: json!({ "kind": kind, "amount_fen": amount_fen, "open_fen": recovery.open_fen, "reverses": input.reverses }),
        reason: None,
    });
    change.commit().await?;
    let row = office.store.one(&format!("select {COLUMNS} from recoveries where id = $1"), &[id.into()]).await?;
    shown(office, row.as_ref().map(|row| read(row, today)).transpose()?.ok_or(CaseError::NotFound)?).await
}

async fn shown(office: &Office, recovery: Recovery) -> Result<Recovery> {
    with_entries(office, vec![recovery]).await?.pop().ok_or(CaseError::NotFound)
}

/// The kind of an entry, if its road has it and what is open suffices.
fn checked(recovery: &Recovery, input: &EntryInput) -> Result<String> {
    if input.kind == "returned" {
        let owed = (-recovery.open_fen).max(0);
        if input.amount_fen <= 0 || input.amount_fen > owed {
            return Err(CaseError::field("amount_fen", format!("金额应大于 0，不超过应退还的 {} 元", Fen(owed))));
        }
        return if is_blank(input.document.as_deref()) {
            Err(CaseError::field("document", "请填写退还的凭证号"))
        } else {
            Ok(input.kind.clone())
        };
    }
    let kinds: &[&str] = if recovery.road == "refuse" { &["refused", "waived"] } else { &["offset", "paid", "waived"] };
    if !kinds.contains(&input.kind.as_str()) {
        let what = if recovery.road == "refuse" {
            "拒付的款项只能登记拒付或减免"
        } else {
            "追回的款项只能登记抵扣、到账或减免"
        };
        return Err(CaseError::field("kind", what));
    }
    if input.amount_fen <= 0 || input.amount_fen > recovery.open_fen {
        return Err(CaseError::field("amount_fen", format!("金额应大于 0，不超过待追的 {} 元", Fen(recovery.open_fen.max(0)))));
    }
    if matches!(input.kind.as_str(), "paid" | "offset" | "refused") && is_blank(input.document.as_deref()) {
        return Err(CaseError::field("document", "请填写凭证号（银行回单或清算批次）"));
    }
    Ok(input.kind.clone())
}

fn is_blank(text: Option<&str>) -> bool {
    text.is_none_or(|text| text.trim().is_empty())
}

/// Kind and negative amount of the entry undone; each once, and no counter entry of a counter entry.
async fn undone(change: &mut Change, id: &str, seq: i64, kind: &str) -> Result<(String, i64)> {
    let sql = "select kind, amount_fen, reverses from recovery_entries where recovery = $1 and seq = $2";
    let row = change.one(sql, &[id.into(), seq.into()]).await?.ok_or_else(|| CaseError::field("reverses", "没有这一笔"))?;
    let again = change.one("select seq from recovery_entries where recovery = $1 and reverses = $2", &[id.into(), seq.into()]).await?;
    let own = row.text("kind")?;
    if again.is_some() || row.maybe_int("reverses")?.is_some() || own == "corrected" || row.int("amount_fen")? <= 0 {
        return Err(CaseError::field("reverses", "这一笔已冲正，或本身是冲正、更正"));
    }
    if own != kind {
        return Err(CaseError::field("kind", "冲正的类型须与原来一笔相同"));
    }
    Ok((own, -row.int("amount_fen")?))
}

async fn write(
    change: &mut Change,
    asker: &Asker,
    recovery: &Recovery,
    (kind, amount_fen, text): (&str, i64, &str),
    input: &EntryInput,
) -> Result<()> {
    let args: Vec<Arg> = vec![
        recovery.refused_fen.into(),
        recovery.offset_fen.into(),
        recovery.paid_fen.into(),
        recovery.waived_fen.into(),
        recovery.open_fen.into(),
        recovery.version.into(),
        recovery.returned_fen.into(),
        recovery.id.as_str().into(),
    ];
    change
        .run(
            "update recoveries set refused_fen = $1, offset_fen = $2, paid_fen = $3, waived_fen = $4, open_fen = $5, version = $6, \
             returned_fen = $7 where id = $8",
            &args,
        )
        .await?;
    let args: Vec<Arg> = vec![
        recovery.id.as_str().into(),
        // Numbered by the version it made, from 1.
        (recovery.version - 1).into(),
        asker.at.into(),
        kind.into(),
        amount_fen.into(),
        input.document.as_deref().map_or("", str::trim).into(),
        text.into(),
        asker.person.account.as_str().into(),
        asker.person.name.as_str().into(),
        input.reverses.into(),
        input.key.as_deref().into(),
    ];
    change
        .run(
            "insert into recovery_entries (recovery, seq, at, kind, amount_fen, document, text, account, name, reverses, idem) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            &args,
        )
        .await?;
    Ok(())
}
