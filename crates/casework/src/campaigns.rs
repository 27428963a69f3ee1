//! 自查自纠: one problem list goes out to many institutions; each sees what the rules found at it, declares, pays back, signs a promise.
//!
//! ```text
//! campaign     draft ─publish→ open ─close→ closed
//! institution  waiting ─declare→ declared ─refund (财务 confirms)→ paid ─accept→ accepted;  returned ─declare→ …
//! ```
//! What is declared and what the rules see stand side by side; a gap is a lead, not an accusation. Money found by oneself is booked here
//! and never mixed with what was recovered by decision.

use mingjian_model::Fen;
use mingjian_model::day::{day_of, format_moment, parse_day, to_ymd};
use mingjian_store::{Arg, Change, Event, Row};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::Office;
use crate::error::{CaseError, Result};
use crate::leads::list::Where;
use crate::leads::row::{FINDING_COLUMNS, FindingStored, NO_DUE, day_text};
use crate::leads::update::take_serial;
use crate::leads::view::{Attachment, Finding, filled};
use crate::leads::write::insert_many;
use crate::person::{Asker, Scope, role};
use crate::recoveries::Coded;

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct CampaignList {
    pub items: Vec<Campaign>,
}

/// One campaign, with the institutions the asker may see.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Campaign {
    /// ZC2026-000001
    pub id: String,
    pub title: String,
    /// draft, open, closed
    pub state: String,
    pub text: String,
    /// 问题清单: ids of rules.
    pub rules: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    pub due_day: String,
    pub institutions: Vec<Part>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub report: Option<String>,
    pub version: i64,
}

/// One institution's part in a campaign.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Part {
    pub institution: Coded,
    /// waiting, declared, paid, accepted, returned
    pub state: String,
    /// What the rules had found when the list went out: findings, and their money counted once.
    pub findings: i64,
    pub found_fen: i64,
    pub declared_fen: i64,
    pub refunded_fen: i64,
    /// Who signed the promise, and when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub promised: Option<String>,
    /// Nothing handed in, and the day is over.
    pub overdue: bool,
    /// Handed in for the first time after the day.
    pub late: bool,
    pub entries: Vec<PartEntry>,
    pub version: i64,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct PartEntry {
    pub at: String,
    /// declare, refund, accept, return
    pub act: String,
    pub amount_fen: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    pub by: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct NewCampaign {
    pub title: String,
    pub text: String,
    pub rules: Vec<String>,
    /// Findings of these days are shown; blank: all.
    pub from: Option<String>,
    pub to: Option<String>,
    pub due_day: String,
    /// Codes.
    pub institutions: Vec<String>,
}

/// What an institution hands in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Declaration {
    /// Of the institution's part.
    pub version: i64,
    pub declared_fen: i64,
    /// 退款单号, where it was paid already; 财务 confirms the money.
    pub document: Option<String>,
    pub text: Option<String>,
    /// 承诺: who signs.
    pub promise: String,
    #[serde(skip)]
    pub key: Option<String>,
}

/// What the bureau does with a part.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct PartInput {
    pub version: i64,
    /// Of a refund; negative takes back one that was booked wrongly, with words why.
    pub amount_fen: i64,
    pub document: Option<String>,
    pub text: Option<String>,
    #[serde(skip)]
    pub key: Option<String>,
}

const COLUMNS: &str = "id, title, body, state, rules, from_day, to_day, due_day, report, version";
const PART_COLUMNS: &str = "id, institution, institution_name, region, state, findings, found_fen, declared_fen, refunded_fen, text, \
    promised_by, promised_at, version";

fn forbidden(who: &str) -> CaseError {
    CaseError::Refused(format!("须由{who}办理"))
}

/// Makes a draft. The head of supervision's.
pub async fn create(office: &Office, asker: &Asker, new: &NewCampaign) -> Result<Campaign> {
    if !asker.person.has(role::SUPERVISOR) {
        return Err(forbidden("基金监管科长"));
    }
    let title = new.title.trim();
    if title.is_empty() || title.chars().count() > 100 {
        return Err(CaseError::field("title", "请填写标题，不超过 100 字"));
    }
    if new.rules.is_empty() {
        return Err(CaseError::field("rules", "问题清单至少有一条规则"));
    }
    let day = |name: &str, text: &str| parse_day(text).map(i64::from).ok_or_else(|| CaseError::field(name, "日期应为 YYYY-MM-DD"));
    let due = day("due_day", &new.due_day)?;
    if due < i64::from(day_of(asker.at)) {
        return Err(CaseError::field("due_day", "截止日期不能早于今天"));
    }
    let maybe = |name: &str, text: &Option<String>, none: i64| match text.as_deref().filter(|text| !text.is_empty()) {
        Some(text) => day(name, text),
        None => Ok(none),
    };
    let (from, to) = (maybe("from", &new.from, 0)?, maybe("to", &new.to, NO_DUE)?);
    let houses = houses(office, asker, &new.institutions).await?;
    let mut change = office.store.begin(&asker.actor(role::SUPERVISOR)).await?;
    let year = to_ymd(day_of(asker.at)).0;
    let id = format!("ZC{year}-{:06}", take_serial(&mut change, "ZC", year, 1).await?);
    let rules = serde_json::to_string(&new.rules).map_err(|error| CaseError::Broken(error.to_string()))?;
    let args: Vec<Arg> = vec![
        id.as_str().into(),
        title.into(),
        new.text.trim().into(),
        rules.into(),
        from.into(),
        to.into(),
        due.into(),
        asker.person.account.as_str().into(),
        asker.person.name.as_str().into(),
        asker.at.into(),
    ];
    change
        .run(
            "insert into campaigns (id, title, body, state, rules, from_day, to_day, due_day, account, by_name, report, version, created_at, \
             updated_at) values ($1, $2, $3, 'draft', $4, $5, $6, $7, $8, $9, '', 1, $10, $10)",
            &args,
        )
        .await?;
    let columns = [
        "id",
        "institution",
        "institution_name",
        "region",
        "state",
        "findings",
        "found_fen",
        "declared_fen",
        "refunded_fen",
        "text",
        "promised_by",
        "version",
    ];
    let rows: Vec<Vec<Arg>> = houses
        .iter()
        .map(|(code, name, region)| {
            vec![
                id.as_str().into(),
                code.as_str().into(),
                name.as_str().into(),
                region.as_str().into(),
                "waiting".into(),
                Arg::Int(0),
                Arg::Int(0),
                Arg::Int(0),
                Arg::Int(0),
                "".into(),
                "".into(),
                Arg::Int(1),
            ]
        })
        .collect();
    let institutions = rows.len();
    insert_many(&mut change, "campaign_institutions", &columns, rows).await?;
    noted(&mut change, "campaign.create", &id, json!({ "institutions": institutions, "rules": new.rules }));
    change.commit().await?;
    detail(office, asker, &id).await
}

/// Code, name and region of institutions within the asker's scope; one outside is an error that names it.
async fn houses(office: &Office, asker: &Asker, codes: &[String]) -> Result<Vec<(String, String, String)>> {
    if codes.is_empty() || codes.len() > 10_000 {
        return Err(CaseError::field("institutions", "请选择机构，不超过 10000 家"));
    }
    // The table calls the code `code`: the scope is put over columns of the names it knows.
    let sql = format!(
        "select institution, name, region from (select code as institution, code as id, name, region from institution_names) n where ({})",
        asker.scope.sql
    );
    let mut known = std::collections::HashMap::new();
    for row in office.store.rows(&sql, &asker.scope.args).await? {
        known.insert(row.text("institution")?, (row.text("name")?, row.text("region")?));
    }
    let mut houses: Vec<(String, String, String)> = Vec::with_capacity(codes.len());
    for code in codes {
        let (name, region) =
            known.get(code).ok_or_else(|| CaseError::field("institutions", format!("没有机构 {code}，或不在您的范围内")))?;
        if houses.iter().all(|house| &house.0 != code) {
            houses.push((code.clone(), name.clone(), region.clone()));
        }
    }
    Ok(houses)
}

/// Sends the list out: each institution's own findings are counted as they stand.
pub async fn publish(office: &Office, asker: &Asker, id: &str, version: i64) -> Result<Campaign> {
    if !asker.person.has(role::SUPERVISOR) {
        return Err(forbidden("基金监管科长"));
    }
    let before = detail(office, asker, id).await?;
    let mut change = office.store.begin(&asker.actor(role::SUPERVISOR)).await?;
    sees_all(&mut change, &before).await?;
    let now = step(&mut change, id, version, "draft").await?;
    for part in &before.institutions {
        let (findings, found_fen) = found(&mut change, &before, &part.institution.code).await?;
        let args: [Arg; 4] = [findings.into(), found_fen.into(), id.into(), part.institution.code.as_str().into()];
        change.run("update campaign_institutions set findings = $1, found_fen = $2 where id = $3 and institution = $4", &args).await?;
    }
    set_state(&mut change, asker, id, "open", "", now).await?;
    noted(&mut change, "campaign.publish", id, json!({ "institutions": before.institutions.len() }));
    change.commit().await?;
    detail(office, asker, id).await
}

/// Ends a campaign, with a report.
pub async fn close(office: &Office, asker: &Asker, id: &str, version: i64, report: &str) -> Result<Campaign> {
    if !asker.person.has(role::SUPERVISOR) {
        return Err(forbidden("基金监管科长"));
    }
    if report.trim().is_empty() {
        return Err(CaseError::field("report", "请填写总结"));
    }
    let before = detail(office, asker, id).await?;
    let mut change = office.store.begin(&asker.actor(role::SUPERVISOR)).await?;
    sees_all(&mut change, &before).await?;
    let now = step(&mut change, id, version, "open").await?;
    set_state(&mut change, asker, id, "closed", report.trim(), now).await?;
    noted(&mut change, "campaign.close", id, json!({}));
    change.commit().await?;
    detail(office, asker, id).await
}

/// What is done to the whole of a campaign is done by who sees the whole of it: the head of one county does not end a city's.
async fn sees_all(change: &mut Change, seen: &Campaign) -> Result<()> {
    let row = change.one("select count(*) as n from campaign_institutions where id = $1", &[seen.id.as_str().into()]).await?;
    let all = row.map_or(Ok(0), |row| row.int("n"))?;
    if all == seen.institutions.len() as i64 {
        Ok(())
    } else {
        Err(CaseError::Refused("活动里有不在您范围内的机构，须由范围包括全部机构的科长办理".into()))
    }
}

/// The version of a campaign in a state, or what is wrong.
async fn step(change: &mut Change, id: &str, seen: i64, state: &str) -> Result<i64> {
    let row = change.one("select state, version from campaigns where id = $1", &[id.into()]).await?.ok_or(CaseError::NotFound)?;
    let now = row.int("version")?;
    if now != seen {
        return Err(CaseError::Conflict { seen, now });
    }
    if row.text("state")? != state {
        return Err(CaseError::Refused("活动的状态已变，不能这样办理".into()));
    }
    Ok(now)
}

async fn set_state(change: &mut Change, asker: &Asker, id: &str, state: &str, report: &str, version: i64) -> Result<()> {
    let args: [Arg; 5] = [state.into(), report.into(), (version + 1).into(), asker.at.into(), id.into()];
    change.run("update campaigns set state = $1, report = $2, version = $3, updated_at = $4 where id = $5", &args).await?;
    Ok(())
}

fn noted(change: &mut Change, act: &'static str, id: &str, detail: serde_json::Value) {
    change.note(Event { act, object_kind: "campaign", object: id.to_owned(), detail, reason: None });
}

/// Findings of a campaign's rules and days at an institution, gone ones left out: how many, and their money counted once.
async fn found(change: &mut Change, campaign: &Campaign, institution: &str) -> Result<(i64, i64)> {
    let clause = findings_clause(campaign, institution);
    let sql =
        format!("select count(*) as n, cast(coalesce(sum(f.counted_fen), 0) as bigint) as fen from lead_findings f where {}", clause.sql());
    let row = change.one(&sql, &clause.args).await?;
    row.map_or(Ok((0, 0)), |row| Ok((row.int("n")?, row.int("fen")?)))
}

fn findings_clause(campaign: &Campaign, institution: &str) -> Where {
    let mut clause = Where::below(&Scope::all());
    clause.and("f.institution = ?", [institution.into()]);
    clause.and_in("f.rule", &campaign.rules);
    clause.and("f.gone = 0", []);
    let moment = |day: &Option<String>| day.as_deref().and_then(parse_day).map(|day| i64::from(day) * mingjian_model::day::MICROS_PER_DAY);
    if let Some(from) = moment(&campaign.from) {
        clause.and("f.last_time >= ?", [from.into()]);
    }
    if let Some(to) = moment(&campaign.to) {
        clause.and("f.last_time < ?", [(to + mingjian_model::day::MICROS_PER_DAY).into()]);
    }
    clause
}

/// What the rules found at one institution, for it to look through: at most 500.
pub async fn findings(office: &Office, asker: &Asker, id: &str, institution: &str) -> Result<Vec<Finding>> {
    let campaign = detail(office, asker, id).await?;
    if campaign.institutions.iter().all(|part| part.institution.code != institution) {
        return Err(CaseError::NotFound);
    }
    let clause = findings_clause(&campaign, institution);
    let columns: Vec<String> = FINDING_COLUMNS.split(", ").map(|column| format!("f.{}", column.trim())).collect();
    let sql =
        format!("select {} from lead_findings f where {} order by f.counted_fen desc, f.id limit 500", columns.join(", "), clause.sql());
    let rows = office.store.rows(&sql, &clause.args).await?;
    rows.iter().map(|row| Ok(FindingStored::read(row)?.to_view(false))).collect()
}

fn scoped(asker: &Asker) -> Where {
    let mut clause = Where::below(&asker.scope);
    if asker.person.is_institution() {
        clause.and("institution = ?", [Arg::from(asker.person.institution.as_deref().unwrap_or("\u{1}"))]);
    }
    clause
}

fn may_read(asker: &Asker) -> Result<()> {
    let reads = [role::SUPERVISOR, role::AUDITOR, role::REVIEWER, role::DIRECTOR, role::FINANCE, role::INSTITUTION, role::OVERSEER];
    let may = reads.iter().any(|role| asker.person.has(role)) && asker.scope.speaks_only_of(&["region", "institution"]);
    if may { Ok(()) } else { Err(CaseError::NotFound) }
}

/// Campaigns with an institution in the asker's scope, the newest first. An institution does not see drafts.
pub async fn list(office: &Office, asker: &Asker) -> Result<CampaignList> {
    may_read(asker)?;
    let clause = scoped(asker);
    let drafts = if asker.person.is_institution() { " and c.state <> 'draft'" } else { "" };
    let sql = format!(
        "select {COLUMNS} from campaigns c where c.id in (select p.id from (select * from campaign_institutions where {}) p){drafts} \
         order by c.id desc limit 200",
        clause.sql()
    );
    let mut items = Vec::new();
    for row in office.store.rows(&sql, &clause.args).await? {
        items.push(read(&row)?);
    }
    for campaign in &mut items {
        campaign.institutions = parts(office, asker, campaign).await?;
    }
    Ok(CampaignList { items })
}

/// One campaign with the parts the asker may see; none of them, no campaign.
pub async fn detail(office: &Office, asker: &Asker, id: &str) -> Result<Campaign> {
    may_read(asker)?;
    let row =
        office.store.one(&format!("select {COLUMNS} from campaigns where id = $1"), &[id.into()]).await?.ok_or(CaseError::NotFound)?;
    let mut campaign = read(&row)?;
    campaign.institutions = parts(office, asker, &campaign).await?;
    if campaign.institutions.is_empty() || (asker.person.is_institution() && campaign.state == "draft") {
        return Err(CaseError::NotFound);
    }
    Ok(campaign)
}

fn read(row: &Row) -> Result<Campaign> {
    let (from, to) = (row.int("from_day")?, row.int("to_day")?);
    let rules = row.text("rules")?;
    Ok(Campaign {
        id: row.text("id")?,
        title: row.text("title")?,
        state: row.text("state")?,
        text: row.text("body")?,
        rules: serde_json::from_str(&rules).map_err(|error| CaseError::Broken(format!("campaigns.rules: {error}")))?,
        from: (from > 0).then(|| day_text(from)),
        to: (to < NO_DUE).then(|| day_text(to)),
        due_day: day_text(row.int("due_day")?),
        institutions: Vec::new(),
        report: filled(row.text("report")?),
        version: row.int("version")?,
    })
}

async fn parts(office: &Office, asker: &Asker, campaign: &Campaign) -> Result<Vec<Part>> {
    // A campaign's id is no lead's: the scope was checked to speak of regions and institutions alone.
    let mut clause = scoped(asker);
    clause.and("id = ?", [campaign.id.as_str().into()]);
    let sql = format!("select {PART_COLUMNS} from campaign_institutions where {} order by institution", clause.sql());
    let due = parse_day(&campaign.due_day);
    let late = due.is_some_and(|due| due < day_of(asker.at));
    let mut parts = Vec::new();
    for row in office.store.rows(&sql, &clause.args).await? {
        parts.push(read_part(&row, late && campaign.state == "open")?);
    }
    let sql =
        "select institution, at, act, amount_fen, document, text, name from campaign_entries where campaign = $1 order by institution, seq";
    let outside = asker.person.is_institution();
    for row in office.store.rows(sql, &[campaign.id.as_str().into()]).await? {
        let institution = row.text("institution")?;
        if let Some(part) = parts.iter_mut().find(|part| part.institution.code == institution) {
            if row.text("act")? == "declare" && part.entries.iter().all(|entry| entry.act != "declare") {
                part.late = due.is_some_and(|due| due < day_of(row.int("at").unwrap_or_default()));
            }
            part.entries.push(PartEntry {
                at: format_moment(row.int("at")?),
                act: row.text("act")?,
                amount_fen: row.int("amount_fen")?,
                document: filled(row.text("document")?),
                text: filled(row.text("text")?),
                // The institution deals with the bureau, not with a person of it.
                by: if outside && row.text("act")? != "declare" { String::new() } else { row.text("name")? },
            });
        }
    }
    Ok(parts)
}

fn read_part(row: &Row, late: bool) -> Result<Part> {
    let state = row.text("state")?;
    let promised = row.maybe_int("promised_at")?.map(format_moment);
    Ok(Part {
        institution: Coded { code: row.text("institution")?, name: row.text("institution_name")? },
        overdue: late && matches!(state.as_str(), "waiting" | "returned"),
        late: false,
        state,
        findings: row.int("findings")?,
        found_fen: row.int("found_fen")?,
        declared_fen: row.int("declared_fen")?,
        refunded_fen: row.int("refunded_fen")?,
        promised: promised.map(|at| Ok::<_, CaseError>(format!("{} {at}", row.text("promised_by")?))).transpose()?,
        entries: Vec::new(),
        version: row.int("version")?,
    })
}

/// An institution hands in what it found, with the promise signed. Again after it was returned.
pub async fn declare(office: &Office, asker: &Asker, id: &str, input: &Declaration) -> Result<Campaign> {
    if !asker.person.is_institution() {
        return Err(forbidden("机构医保办"));
    }
    let institution = asker.person.institution.clone().unwrap_or_default();
    if input.declared_fen < 0 {
        return Err(CaseError::field("declared_fen", "申报金额不能为负"));
    }
    let promise = input.promise.trim();
    if promise.is_empty() || promise.chars().count() > 40 {
        return Err(CaseError::field("promise", "请由承诺人签名"));
    }
    let entry = New { act: "declare", amount_fen: input.declared_fen, document: &input.document, text: &input.text, key: &input.key };
    with_part(office, asker, (id, &institution), (input.version, role::INSTITUTION), &entry, |part, change| {
        if !matches!(part.state.as_str(), "waiting" | "returned" | "declared") {
            return Err(CaseError::Refused("已退款或已认可，不能再改申报".into()));
        }
        if input.declared_fen < part.refunded_fen {
            return Err(CaseError::field("declared_fen", format!("申报金额不能少于已退的 {} 元", Fen(part.refunded_fen))));
        }
        change.state = settled(input.declared_fen, part.refunded_fen).into();
        change.declared_fen = input.declared_fen;
        change.promise = Some(promise.to_owned());
        Ok(())
    })
    .await
}

/// Declared in full and paid in full, or nothing to pay.
fn settled(declared_fen: i64, refunded_fen: i64) -> &'static str {
    if refunded_fen >= declared_fen { "paid" } else { "declared" }
}

/// 财务 books a refund received.
pub async fn refund(office: &Office, asker: &Asker, id: &str, institution: &str, input: &PartInput) -> Result<Campaign> {
    if !asker.person.has(role::FINANCE) {
        return Err(forbidden("财务"));
    }
    let is_blank = |text: &Option<String>| text.as_deref().is_none_or(|text| text.trim().is_empty());
    if input.amount_fen < 0 && is_blank(&input.text) {
        return Err(CaseError::field("text", "冲正须写明理由"));
    }
    if input.amount_fen >= 0 && is_blank(&input.document) {
        return Err(CaseError::field("document", "请填写银行回单号"));
    }
    let entry = New { act: "refund", amount_fen: input.amount_fen, document: &input.document, text: &input.text, key: &input.key };
    with_part(office, asker, (id, institution), (input.version, role::FINANCE), &entry, |part, change| {
        // Money may be on its way while a declaration is sent back to be mended.
        if !matches!(part.state.as_str(), "declared" | "paid" | "returned") {
            return Err(CaseError::Refused("机构尚未申报，或已经认可，不能登记退款".into()));
        }
        let (open, booked) = (part.declared_fen - part.refunded_fen, part.refunded_fen);
        if input.amount_fen == 0 || input.amount_fen > open {
            return Err(CaseError::field("amount_fen", format!("金额应大于 0，不超过待退的 {} 元；多退的请机构先补报", Fen(open.max(0)))));
        }
        if -input.amount_fen > booked {
            return Err(CaseError::field("amount_fen", format!("冲正不能超过已登记的 {} 元", Fen(booked))));
        }
        change.refunded_fen += input.amount_fen;
        if part.state != "returned" {
            change.state = settled(part.declared_fen, change.refunded_fen).into();
        }
        Ok(())
    })
    .await
}

/// The bureau accepts what was declared and paid.
pub async fn accept(office: &Office, asker: &Asker, id: &str, institution: &str, input: &PartInput) -> Result<Campaign> {
    decide(office, asker, (id, institution), input, "accept").await
}

/// The bureau returns a declaration, with words why.
pub async fn send_back(office: &Office, asker: &Asker, id: &str, institution: &str, input: &PartInput) -> Result<Campaign> {
    if input.text.as_deref().is_none_or(|text| text.trim().is_empty()) {
        return Err(CaseError::field("text", "请写明退回的理由"));
    }
    decide(office, asker, (id, institution), input, "return").await
}

async fn decide(office: &Office, asker: &Asker, part: (&str, &str), input: &PartInput, act: &'static str) -> Result<Campaign> {
    let own = [role::SUPERVISOR, role::AUDITOR].into_iter().find(|role| asker.person.has(role));
    let own = own.ok_or_else(|| forbidden("基金监管科长、稽核员"))?;
    let entry = New { act, amount_fen: 0, document: &None, text: &input.text, key: &input.key };
    with_part(office, asker, part, (input.version, own), &entry, |part, change| {
        let (fits, state) = if act == "accept" {
            (part.state == "paid", "accepted")
        } else {
            (matches!(part.state.as_str(), "declared" | "paid"), "returned")
        };
        if !fits {
            return Err(CaseError::Refused("机构尚未申报或退清，或已经认可".into()));
        }
        change.state = state.into();
        Ok(())
    })
    .await
}

/// What changes of a part.
struct Changed {
    state: String,
    declared_fen: i64,
    refunded_fen: i64,
    promise: Option<String>,
}

/// The entry that tells of it.
struct New<'a> {
    act: &'static str,
    amount_fen: i64,
    document: &'a Option<String>,
    text: &'a Option<String>,
    key: &'a Option<String>,
}

/// Changes one institution's part of an open campaign within the asker's scope.
async fn with_part(
    office: &Office,
    asker: &Asker,
    (id, institution): (&str, &str),
    (version, own): (i64, &str),
    entry: &New<'_>,
    alter: impl FnOnce(&Part, &mut Changed) -> Result<()>,
) -> Result<Campaign> {
    let campaign = detail(office, asker, id).await?;
    if campaign.state != "open" {
        return Err(CaseError::Refused("活动不在进行中".into()));
    }
    let mut change = office.store.begin(&asker.actor(own)).await?;
    if let Some(key) = entry.key.as_deref() {
        let sql = "select seq from campaign_entries where account = $1 and idem = $2";
        if change.one(sql, &[asker.person.account.as_str().into(), key.into()]).await?.is_some() {
            return Ok(campaign);
        }
    }
    let mut clause = scoped(asker);
    clause.and("id = ? and institution = ?", [id.into(), institution.into()]);
    let row = change.one(&format!("select {PART_COLUMNS} from campaign_institutions where {}", clause.sql()), &clause.args).await?;
    let part = row.as_ref().map(|row| read_part(row, false)).transpose()?.ok_or(CaseError::NotFound)?;
    if part.version != version {
        return Err(CaseError::Conflict { seen: version, now: part.version });
    }
    let mut to = Changed { state: part.state.clone(), declared_fen: part.declared_fen, refunded_fen: part.refunded_fen, promise: None };
    alter(&part, &mut to)?;
    let signed = to.promise.as_ref().map(|_| asker.at);
    let args: Vec<Arg> = vec![
        to.state.as_str().into(),
        to.declared_fen.into(),
        to.refunded_fen.into(),
        to.promise.as_deref().into(),
        signed.into(),
        (part.version + 1).into(),
        id.into(),
        institution.into(),
    ];
    change
        .run(
            "update campaign_institutions set state = $1, declared_fen = $2, refunded_fen = $3, promised_by = coalesce($4, promised_by), \
             promised_at = coalesce($5, promised_at), version = $6 where id = $7 and institution = $8",
            &args,
        )
        .await?;
    let trimmed = |text: &Option<String>| Arg::Text(text.as_deref().map_or("", str::trim).chars().take(2_000).collect());
    let args: Vec<Arg> = vec![
        id.into(),
        institution.into(),
        part.version.into(),
        asker.at.into(),
        entry.act.into(),
        entry.amount_fen.into(),
        trimmed(entry.document),
        trimmed(entry.text),
        asker.person.account.as_str().into(),
        asker.person.name.as_str().into(),
        entry.key.as_deref().into(),
    ];
    change
        .run(
            "insert into campaign_entries (campaign, institution, seq, at, act, amount_fen, document, text, account, name, idem) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            &args,
        )
        .await?;
    let said = json!({ "institution": institution, "act": entry.act, "amount_fen": entry.amount_fen, "state": to.state });
    noted(&mut change, "campaign.part", id, said);
    change.commit().await?;
    detail(office, asker, id).await
}

/// Attaches a file to an institution's part.
pub async fn attach(office: &Office, asker: &Asker, id: &str, institution: &str, name: &str, bytes: Vec<u8>) -> Result<Attachment> {
    let campaign = detail(office, asker, id).await?;
    if campaign.state != "open" || campaign.institutions.iter().all(|part| part.institution.code != institution) {
        return Err(CaseError::NotFound);
    }
    let owner = format!("{id}:{institution}");
    let owner = crate::attachments::Owner { kind: "campaign", id: &owner, region: "", institution };
    crate::attachments::keep(office, asker, &owner, name, bytes).await
}

/// Whether the asker may read the files of an institution's part.
pub(crate) async fn readable(office: &Office, asker: &Asker, owner: &str, institution: &str) -> Result<()> {
    let id = owner.split(':').next().unwrap_or("");
    let campaign = detail(office, asker, id).await?;
    let own = campaign.institutions.iter().any(|part| part.institution.code == institution);
    if own { Ok(()) } else { Err(CaseError::NotFound) }
}

/// What an institution has paid back of itself on the rules of a lead: said where the lead is decided, since the same money is not taken
/// twice. Blank where there is nothing.
pub(crate) async fn refunded_note(store: &mingjian_store::Store, institution: &str, rules: &[&str]) -> Result<String> {
    let sql = "select c.id, c.rules, i.refunded_fen from campaign_institutions i join campaigns c on c.id = i.id \
               where i.institution = $1 and i.refunded_fen > 0 order by c.id";
    let mut notes = Vec::new();
    for row in store.rows(sql, &[institution.into()]).await? {
        let listed: Vec<String> =
            serde_json::from_str(&row.text("rules")?).map_err(|error| CaseError::Broken(format!("campaigns.rules: {error}")))?;
        if listed.iter().any(|rule| rules.contains(&rule.as_str())) {
            notes.push(format!("自查 {} 已退 {} 元", row.text("id")?, Fen(row.int("refunded_fen")?)));
        }
    }
    Ok(if notes.is_empty() {
        String::new()
    } else {
        format!("本机构{}，请核对是否同一笔钱，不重复收取", notes.join("、"))
    })
}
