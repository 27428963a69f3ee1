//! 线索: the list, one in full, and what it rests on.

use axum::extract::{Path, State};
use axum::routing::{get, post};
use mingjian_casework::leads::{self, Filter};
use mingjian_model::day::format_moment;
use mingjian_people::unmask::Look;
use mingjian_people::{Act, Object, Role};
use mingjian_store::audit;
use serde_json::{Value, json};

use crate::Shared;
use crate::body::{Json, Query};
use crate::caller::{Caller, event};
use crate::contract::evidence::{Evidence, EvidenceLine, Lane, PersonTimeline};
use crate::contract::lead::{Identity, LeadDetail, LeadPage, LeadQuery, UnmaskRequest};
use crate::contract::looks::{LeadLook, LooksPage, LooksQuery};
use crate::looks;
use crate::pages::library;
use crate::problem::{Answer, ApiError, Code};
use crate::routes::{Access, Route, Verb};

pub fn routes() -> Vec<Route> {
    let read = Access::Right(Act::LeadsRead);
    vec![
        Route::new(Verb::Get, "/leads", read, "线索清单", || get(list)).asks::<LeadQuery>().gives::<LeadPage>(),
        Route::new(Verb::Get, "/leads/{id}", read, "一条线索", || get(detail)).gives::<LeadDetail>(),
        Route::new(Verb::Post, "/leads/{id}/unmask", Access::Right(Act::LeadsUnmask), "查看全名（记录事由）", || post(unmask))
            .takes::<UnmaskRequest>()
            .gives::<Identity>(),
        Route::new(Verb::Get, "/leads/{id}/looks", Access::Right(Act::LeadsLooks), "这条线索谁看过", || get(who_looked))
            .asks::<LooksQuery>()
            .gives::<LooksPage>(),
        Route::new(Verb::Get, "/findings/{id}/evidence", read, "一条疑点的证据", || get(evidence)).gives::<Evidence>(),
        Route::new(Verb::Get, "/findings/{id}/timeline", read, "疑点前后的就诊时间线", || get(timeline)).gives::<PersonTimeline>(),
    ]
}

/// Whose and which list a cursor belongs to: all of the filter but the place in it.
fn name_of(caller: &Caller, filter: &Filter) -> String {
    let all = Filter { after: None, limit: None, ..filter.clone() };
    format!("{}\u{1f}leads\u{1f}{}", caller.account(), json!(all))
}

/// A page as the person may see it, its cursors signed.
pub(crate) async fn page(platform: &Shared, caller: &Caller, act: Act, mut filter: Filter) -> Answer<leads::LeadPage> {
    let name = name_of(caller, &filter);
    filter.after = filter.after.as_deref().map(|after| platform.cursors.read::<String>(after, &name)).transpose()?;
    let mut page = leads::list(&platform.office, &caller.asker(act), &filter).await?;
    page.next = page.next.map(|next| platform.cursors.write(&next, &name)).transpose()?;
    page.prev = page.prev.map(|prev| platform.cursors.write(&prev, &name)).transpose()?;
    Ok(page)
}

async fn list(State(platform): State<Shared>, caller: Caller, Query(filter): Query<Filter>) -> Answer<Json<leads::LeadPage>> {
    page(&platform, &caller, Act::LeadsRead, filter).await.map(Json)
}

async fn detail(State(platform): State<Shared>, caller: Caller, Path(id): Path<String>) -> Answer<Json<leads::LeadDetail>> {
    let asker = caller.asker_with_colleagues(&platform, std::slice::from_ref(&id)).await?;
    let found = leads::detail(&platform.office, &asker, &id).await?;
    note_look(&platform, &caller, looks::LEAD, &id, json!({})).await?;
    Ok(Json(found))
}

/// Writes down that somebody looks at a lead, or at what belongs to it.
pub(crate) async fn note_look(platform: &Shared, caller: &Caller, act: &'static str, lead: &str, detail: Value) -> Answer<()> {
    looks::note(platform, &caller.person, &caller.origin, Act::LeadsRead, event(act, "lead", lead, detail, None)).await
}

/// What an institution is told of another.
const OTHER: &str = "其他机构";
/// Longest reason, in characters.
const REASON_MAX: usize = 200;
/// What is shown in clear.
const FIELDS: &[&str] = &["name", "certno"];

async fn unmask(
    State(platform): State<Shared>,
    caller: Caller,
    Path(id): Path<String>,
    Json(asked): Json<UnmaskRequest>,
) -> Answer<Json<Identity>> {
    if asked.reason.chars().count() > REASON_MAX {
        return Err(ApiError::invalid("reason", format!("事由不超过 {REASON_MAX} 字")));
    }
    let asker = caller.asker(Act::LeadsUnmask);
    // Out of scope is told as absent, before anything is recorded or opened.
    let sealed = leads::sealed_identity(&platform.office, &asker, &id).await?;
    let lead = leads::detail(&platform.office, &asker, &id).await?.lead;
    let institution = lead.institution.unwrap_or_default();
    let no = lead.person.map(|person| person.no).filter(|no| !no.is_empty()).ok_or_else(|| ApiError::not_found("参保人"))?;
    // On record first: whoever has seen a name has left a trace.
    let object = Object::lead(&id, &institution.region, &institution.code);
    let look = Look { object_kind: "lead", id: &id, fields: FIELDS, reason: &asked.reason };
    platform.people.unmask(&caller.person, &object, &look, &caller.origin).await?;
    if let Some(text) = sealed {
        let clear = platform.sealer.open(&text).map_err(|error| ApiError::internal(&error))?;
        let identity: Identity =
            serde_json::from_str(&clear).map_err(|_| ApiError::fault("sealed identity of a lead is not as written"))?;
        return Ok(Json(identity));
    }
    let found = platform.ask(move |data| data.person(&no)).await?;
    Ok(Json(found.ok_or_else(|| ApiError::not_found("参保人"))?))
}

/// The lead a finding belongs to, as casework shows the finding there; absent where the person may not see the lead.
async fn shown(platform: &Shared, caller: &Caller, finding: &str) -> Answer<leads::LeadDetail> {
    let row = platform.store.one("select lead from lead_findings where id = $1", &[finding.into()]).await?;
    let lead = row.map(|row| row.text("lead")).transpose()?.ok_or_else(|| ApiError::not_found("疑点"))?;
    leads::detail(&platform.office, &caller.asker(Act::LeadsRead), &lead).await.map_err(|error| match ApiError::from(error) {
        absent if absent.code() == Code::NotFound => ApiError::not_found("疑点"),
        other => other,
    })
}

async fn evidence(State(platform): State<Shared>, caller: Caller, Path(id): Path<String>) -> Answer<Json<Evidence>> {
    let lead = shown(&platform, &caller, &id).await?;
    let asked = id.clone();
    let found = platform.ask(move |data| data.evidence(&asked)).await?;
    note_look(&platform, &caller, looks::EVIDENCE, &lead.lead.id, json!({ "finding": id })).await?;
    let mut evidence = found.ok_or_else(|| ApiError::new(Code::Unavailable).detail("数据里已没有这条疑点：它可能在重新筛查后消失"))?;
    // What people decided stands in the business store.
    for finding in std::iter::once(&mut evidence.finding).chain(&mut evidence.others) {
        if let Some(kept) = lead.finding_list.iter().find(|kept| kept.id == finding.id) {
            finding.decided_fen = kept.decided_fen;
            finding.conclusion.clone_from(&kept.conclusion);
            finding.answer.clone_from(&kept.answer);
            (finding.counted, finding.counted_fen, finding.gone) = (kept.counted, kept.counted_fen, kept.gone);
        }
    }
    if caller.asker(Act::LeadsRead).person.is_institution() {
        // An institution sees what it was told of its own: findings elsewhere, and how sure the rule is, are not its affair.
        evidence.others.retain(|other| lead.finding_list.iter().any(|kept| kept.id == other.id));
        evidence.precision = library::precision((0, 0));
        of_own(&mut evidence, &lead.lead.institution.unwrap_or_default());
        return Ok(Json(evidence));
    }
    let checked = library::outcomes(&platform).await?;
    evidence.precision = library::precision(checked.get(&evidence.finding.rule.id).copied().unwrap_or_default());
    Ok(Json(evidence))
}

/// Leaves an institution its own lines of a finding that spans several: of the others that there are some, and nothing else. What is
/// worked out over all of them could be reckoned back to them, so it goes too. A line nobody is named for is not its own.
fn of_own(evidence: &mut Evidence, own: &leads::LeadInstitution) {
    let mut others = false;
    for line in evidence.lines.iter_mut().filter(|line| line.house != own.code) {
        others = true;
        *line = EvidenceLine { name: OTHER.to_owned(), hit: line.hit, ..EvidenceLine::default() };
    }
    if evidence.visit.as_ref().is_some_and(|visit| visit.institution != own.name && visit.institution != own.code) {
        others = true;
        evidence.visit = None;
        (evidence.diagnoses, evidence.operations) = (Vec::new(), Vec::new());
    }
    if others {
        evidence.lines_hidden = 0;
        (evidence.arithmetic, evidence.against, evidence.not_judged) = (Vec::new(), Vec::new(), Vec::new());
    }
}

async fn timeline(State(platform): State<Shared>, caller: Caller, Path(id): Path<String>) -> Answer<Json<PersonTimeline>> {
    let lead = shown(&platform, &caller, &id).await?;
    note_look(&platform, &caller, looks::TIMELINE, &lead.lead.id, json!({ "finding": id })).await?;
    let found = platform.ask(move |data| data.timeline(&id)).await?;
    let mut timeline = found.ok_or_else(|| ApiError::not_found("疑点"))?;
    if caller.asker(Act::LeadsRead).person.is_institution() {
        // Where else the person was is not for one hospital to know.
        let own = lead.lead.institution.map(|institution| institution.name).unwrap_or_default();
        timeline.lanes.retain(|lane| lane.hit || lane.institution == own);
        for lane in timeline.lanes.iter_mut().filter(|lane| lane.institution != own) {
            // What the finding rests on is shown; whose it is, is not.
            *lane = Lane { institution: OTHER.to_owned(), label: OTHER.to_owned(), amount_fen: 0, ..lane.clone() };
        }
    }
    Ok(Json(timeline))
}

const LOOKS: i64 = 50;
const LOOKS_MAX: i64 = 200;

/// 此件谁看过. What those who watch the bureau looked at is for those who read the trail.
async fn who_looked(
    State(platform): State<Shared>,
    caller: Caller,
    Path(id): Path<String>,
    Query(asked): Query<LooksQuery>,
) -> Answer<Json<LooksPage>> {
    leads::sealed_identity(&platform.office, &caller.asker(Act::LeadsLooks), &id).await?;
    platform.flush_looks().await?;
    let list = format!("{}\u{1f}looks\u{1f}{id}", caller.account());
    let before = asked.after.as_deref().map(|after| platform.cursors.read::<i64>(after, &list)).transpose()?;
    let limit = asked.limit.unwrap_or(LOOKS).clamp(1, LOOKS_MAX);
    let filter = audit::Filter { acts: looks::LOOKS, object_kind: Some("lead".to_owned()), object: Some(id), ..audit::Filter::default() };
    let mut records = audit::page(&platform.store, &filter, before, limit + 1).await?;
    let more = records.len() as i64 > limit;
    records.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next = records.last().filter(|_| more).map(|last| platform.cursors.write(&last.seq, &list)).transpose()?;
    if !caller.may(Act::AuditRead) {
        records.retain(|record| !WATCHERS.contains(&record.role.as_str()));
    }
    let accounts: Vec<String> = records.iter().map(|record| record.account.clone()).collect();
    let names = platform.people.names(&accounts).await?;
    let items = records.into_iter().map(|record| LeadLook {
        at: format_moment(record.at),
        name: names.get(&record.account).cloned().unwrap_or_default(),
        account: record.account,
        role_title: Role::from_id(&record.role).map_or("", Role::title).to_owned(),
        act: record.act,
        origin: record.origin,
        reason: record.reason,
    });
    Ok(Json(LooksPage { items: items.collect(), next }))
}

/// Who supervises the bureau.
const WATCHERS: [&str; 2] = ["overseer", "auditadmin"];
