//! One lead in full: its findings, what was done, what can be done, what was decided, what came back.
//!
//! An institution reads what it was told: no score, no first review, no inner notes, no panel; its own answers, the conclusions once told.

use std::collections::BTreeMap;

use mingjian_model::day::{Moment, format_moment};
use mingjian_store::Row;

use super::list::scoped;
use super::row::{FINDING_COLUMNS, FindingStored, LEAD_COLUMNS, LeadRow};
use super::view::{
    ActOffer, Attachment, Choice, Decision, Holder, LeadDetail, LeadKin, LineAnswer, Panel, PanelMember, Reply, Step, StepBy, filled,
};
use crate::Office;
use crate::error::{CaseError, Result};
use crate::person::{Asker, role};
use crate::status::Status;
use crate::triage::Learned;
use crate::way::{self, HANDS, Hands, Seat, table};
use crate::{attachments, recoveries, triage};

/// A lead within the asker's scope.
pub async fn detail(office: &Office, asker: &Asker, id: &str) -> Result<LeadDetail> {
    let lead = read(office, asker, id).await?;
    let outside = asker.person.is_institution();
    let store = &office.store;
    let mut findings = Vec::new();
    for row in
        store.rows(&format!("select {FINDING_COLUMNS} from lead_findings where lead = $1 order by gone, seq, id"), &[id.into()]).await?
    {
        findings.push(FindingStored::read(&row)?);
    }
    let attached = attachments::of_owner(office, "lead", id, outside).await?;
    let seats = way::read_seats(&store.rows(way::SEATS, &[id.into()]).await?)?;
    let steps = steps(office, asker, &lead, &seats, &attached).await?;
    let concluded = !outside || lead.status.is_closed() || matches!(lead.status, Status::Appeal | Status::Appeal2);
    Ok(LeadDetail {
        lead: lead.to_view(&office.calendar, asker.at, outside),
        finding_list: findings.iter().map(|finding| finding.to_view(concluded)).collect(),
        acts: offers(office, asker, &lead, &Hands::of(&lead, &store.rows(HANDS, &[id.into()]).await?, &seats)?).await?,
        kin: if outside { Vec::new() } else { kin(office, asker, id).await? },
        reply: reply(office, &steps, &findings, outside).await?,
        decision: decision(&lead, &steps, &findings),
        panel: (!outside).then(|| panel(&lead, &seats, asker)).flatten(),
        recoveries: recoveries::of_lead(office, id, asker.at).await?,
        attachments: attached.into_values().collect(),
        steps: steps.into_iter().map(|kept| kept.step).collect(),
    })
}

/// Name and certificate number of the person of a lead, sealed as the run handed them in: whoever opens it records why.
pub async fn sealed_identity(office: &Office, asker: &Asker, id: &str) -> Result<Option<String>> {
    let mut clause = scoped(asker);
    clause.and("l.id = ?", [id.into()]);
    let sql = format!("select l.person_sealed from leads l where {}", clause.sql());
    let row = office.store.one(&sql, &clause.args).await?.ok_or(CaseError::NotFound)?;
    Ok(row.maybe_text("person_sealed")?)
}

/// What can be done, with the leads that may go into this one.
async fn offers(office: &Office, asker: &Asker, lead: &LeadRow, hands: &Hands) -> Result<Vec<ActOffer>> {
    let mut offers = way::offers(office, asker, lead, hands);
    if let Some(offer) = offers.iter_mut().find(|offer| offer.act == way::Act::Merge.id() && offer.allowed) {
        let mut clause = scoped(asker);
        clause.and("l.institution = ? and l.person_no = ?", [lead.institution.as_str().into(), lead.person_no.as_str().into()]);
        clause.and("l.status in ('new', 'check') and l.told = 0 and l.gone = 0 and l.id <> ?", [lead.id.as_str().into()]);
        if !asker.person.has(role::SUPERVISOR) {
            clause.and("l.holder in ('', ?)", [asker.person.account.as_str().into()]);
        }
        let sql = format!(
            "select l.id, l.subject_label, l.amount_fen from leads l where {} order by l.rank_fen desc, l.id limit {MERGE_SHOWN}",
            clause.sql()
        );
        for row in office.store.rows(&sql, &clause.args).await? {
            let (code, amount) = (row.text("id")?, mingjian_model::Fen(row.int("amount_fen")?));
            offer.leads.push(Choice { title: format!("{code} {} {amount} 元", row.text("subject_label")?), code });
        }
        if offer.leads.is_empty() {
            offer.allowed = false;
            offer.why_not = Some("没有可以并入的线索：须是同一机构、同一参保人，尚未发送，也不在别人手里".into());
        }
    }
    for offer in offers.iter_mut().filter(|offer| offer.allowed && matches!(offer.act.as_str(), "confirm" | "decide")) {
        let rules: Vec<&str> = lead.rules.iter().map(|rule| rule.id.as_str()).collect();
        let note = crate::campaigns::refunded_note(&office.store, &lead.institution, &rules).await?;
        if !note.is_empty() {
            offer.effect = format!("{}。{note}", offer.effect);
        }
    }
    Ok(offers)
}

/// Leads offered to be merged.
const MERGE_SHOWN: i64 = 50;

/// Leads that went into this one, and those taken out of it.
async fn kin(office: &Office, asker: &Asker, id: &str) -> Result<Vec<LeadKin>> {
    let mut kin = Vec::new();
    for (column, how) in [("merged_into", "merged"), ("split_from", "split")] {
        let mut clause = scoped(asker);
        // The second condition is that of the index.
        clause.and(&format!("l.{column} = ? and l.{column} <> ''"), [id.into()]);
        let sql = format!("select l.id, l.subject_label, l.status, l.amount_fen from leads l where {} order by l.id", clause.sql());
        for row in office.store.rows(&sql, &clause.args).await? {
            let status = row.text("status")?;
            kin.push(LeadKin {
                id: row.text("id")?,
                how: how.into(),
                subject_label: row.text("subject_label")?,
                status_title: Status::of(&status).map(Status::title).unwrap_or_default().into(),
                amount_fen: row.int("amount_fen")?,
            });
        }
    }
    Ok(kin)
}

/// The row of a lead within the asker's scope.
pub(crate) async fn read(office: &Office, asker: &Asker, id: &str) -> Result<LeadRow> {
    let mut clause = scoped(asker);
    clause.and("l.id = ?", [id.into()]);
    let row = office.store.one(&format!("select {LEAD_COLUMNS} from leads l where {}", clause.sql()), &clause.args).await?;
    row.as_ref().map(LeadRow::read).transpose()?.ok_or(CaseError::NotFound)
}

/// A step as shown, with what the page asks of it.
struct Kept {
    step: Step,
    at: Moment,
}

async fn steps(
    office: &Office,
    asker: &Asker,
    lead: &LeadRow,
    seats: &[Seat],
    attached: &BTreeMap<String, Attachment>,
) -> Result<Vec<Kept>> {
    let sql = "select at, act, account, name, role, from_status, to_status, text, reason, lines, attachments, inner_only from lead_steps \
               where lead = $1 order by seq";
    let outside = asker.person.is_institution();
    // Opinions are nobody else's until all are in, and never theirs who stood aside.
    let hidden = lead.status == Status::Panel && !seats.is_empty() || stood_aside(seats, asker);
    let mut steps = Vec::new();
    for row in office.store.rows(sql, &[lead.id.as_str().into()]).await? {
        if outside && row.int("inner_only")? != 0 {
            continue;
        }
        let mut kept = read_step(&row, attached)?;
        let own = kept.step.by.account == asker.person.account;
        if hidden && kept.step.act == "vote" && !own {
            kept.step.text = None;
            kept.step.lines = Vec::new();
        }
        if outside && !own {
            // The institution deals with the bureau, not with a person of it.
            kept.step.by = StepBy { account: String::new(), name: String::new(), role_title: kept.step.by.role_title };
            kept.step.from_status = public_status(&kept.step.from_status);
            kept.step.to_status = public_status(&kept.step.to_status);
        }
        steps.push(kept);
    }
    Ok(steps)
}

/// Statuses of the bureau's own working, as the institution reads them.
fn public_status(id: &str) -> String {
    match id {
        "new" | "check" => String::new(),
        other => other.to_owned(),
    }
}

fn read_step(row: &Row, attached: &BTreeMap<String, Attachment>) -> Result<Kept> {
    let (act, at) = (row.text("act")?, row.int("at")?);
    let (lines, files) = (row.text("lines")?, row.text("attachments")?);
    let broken = |error: serde_json::Error| CaseError::Broken(format!("lead_steps: {error}"));
    let lines: Vec<LineAnswer> = if lines.is_empty() { Vec::new() } else { serde_json::from_str(&lines).map_err(broken)? };
    let files: Vec<String> = if files.is_empty() { Vec::new() } else { serde_json::from_str(&files).map_err(broken)? };
    let step = Step {
        at: format_moment(at),
        act_title: table::act_title(&act),
        act,
        by: StepBy { account: row.text("account")?, name: row.text("name")?, role_title: role::title(&row.text("role")?).to_owned() },
        from_status: row.text("from_status")?,
        to_status: row.text("to_status")?,
        text: filled(row.text("text")?),
        reason: filled(row.text("reason")?),
        lines,
        attachments: files.iter().filter_map(|id| attached.get(id).cloned()).collect(),
    };
    Ok(Kept { step, at })
}

/// The newest answer of the institution, and for the reviewer what its words amount to.
async fn reply(office: &Office, steps: &[Kept], findings: &[FindingStored], outside: bool) -> Result<Option<Reply>> {
    let newest = steps.iter().rev().find(|kept| matches!(kept.step.act.as_str(), "reply" | "again" | "lapse" | "accept"));
    let Some(Kept { step, .. }) = newest else { return Ok(None) };
    let lines: Vec<LineAnswer> = findings
        .iter()
        .filter(|finding| !finding.answer.is_empty())
        .map(|finding| LineAnswer {
            finding_id: finding.id.clone(),
            conclusion: finding.answer.clone(),
            amount_fen: None,
            reason: filled(finding.answer_reason.clone()),
            text: filled(finding.answer_text.clone()),
        })
        .collect();
    let (mut proposed, mut class) = (Vec::new(), None);
    if !outside {
        let learned = learned(office).await?;
        class = step.text.as_deref().and_then(|text| learned.classify(text));
        proposed = lines.iter().map(|line| propose(line, class.as_ref(), &learned)).collect();
    }
    Ok(Some(Reply {
        at: step.at.clone(),
        by: Holder { account: step.by.account.clone(), name: step.by.name.clone() },
        lines,
        text: step.text.clone(),
        attachments: step.attachments.clone(),
        proposed,
        class,
    }))
}

/// What the reviewer's form is filled with for a finding: a proposal, never more.
fn propose(line: &LineAnswer, whole: Option<&triage::Proposal>, learned: &Learned) -> LineAnswer {
    let own = line.text.as_deref().and_then(|text| learned.classify(text));
    let proposal = own.as_ref().or(whole);
    let conclusion = match (line.conclusion.as_str(), proposal) {
        ("accept", _) => "uphold".to_owned(),
        (_, Some(proposal)) if proposal.answer == "appeal" => proposal.conclusion.clone().unwrap_or_default(),
        _ => String::new(),
    };
    LineAnswer {
        finding_id: line.finding_id.clone(),
        conclusion,
        amount_fen: None,
        reason: line.reason.clone().or_else(|| proposal.map(|proposal| proposal.class.clone())),
        text: proposal.map(|proposal| format!("{}（{}%）：{}", proposal.title, proposal.confidence, proposal.words.join("、"))),
    }
}

/// Replies whose grounds a person chose from the list teach the words.
async fn learned(office: &Office) -> Result<Learned> {
    let sql = "select answer_reason, answer_text from lead_findings where answer = 'appeal' and answer_reason <> '' and answer_text <> '' \
               order by id limit 500";
    let mut learned = Learned::default();
    for row in office.store.rows(sql, &[]).await? {
        learned.learn(&row.text("answer_text")?, &row.text("answer_reason")?);
    }
    Ok(learned)
}

fn decision(lead: &LeadRow, steps: &[Kept], findings: &[FindingStored]) -> Option<Decision> {
    if !lead.status.is_closed() {
        return None;
    }
    let at = lead.decided_at?;
    let step = steps.iter().rev().find(|kept| kept.at == at).map(|kept| &kept.step);
    Some(Decision {
        at: format_moment(at),
        by: step.map(|step| Holder { account: step.by.account.clone(), name: step.by.name.clone() }).unwrap_or_default(),
        road: filled(lead.road.clone()),
        upheld_fen: lead.decided_fen,
        loss_fen: lead.loss_fen,
        withdrawn_fen: lead.withdrawn_fen,
        dropped_fen: lead.dropped_fen,
        lines: findings
            .iter()
            .filter(|finding| !finding.conclusion.is_empty())
            .map(|finding| LineAnswer {
                finding_id: finding.id.clone(),
                conclusion: finding.conclusion.clone(),
                amount_fen: Some(finding.decided_fen),
                ..LineAnswer::default()
            })
            .collect(),
        text: step.and_then(|step| step.text.clone()),
    })
}

fn panel(lead: &LeadRow, seats: &[Seat], asker: &Asker) -> Option<Panel> {
    let round = seats.first()?.round;
    let open = lead.status != Status::Panel;
    let read = open && !stood_aside(seats, asker);
    let members = seats
        .iter()
        .map(|seat| {
            let shown = read || seat.account == asker.person.account;
            PanelMember {
                account: seat.account.clone(),
                name: seat.name.clone(),
                voted: seat.state == "voted",
                recused: seat.state == "recused",
                vote: filled(seat.vote.clone()).filter(|_| shown),
                text: filled(seat.text.clone()).filter(|_| shown),
            }
        })
        .collect();
    let outcome = read.then(|| way::outcome(seats)).flatten().map(|one| one.id().to_owned());
    Some(Panel { round, members, open, outcome })
}

/// 回避: whoever stood aside reads no opinion, then or later.
fn stood_aside(seats: &[Seat], asker: &Asker) -> bool {
    seats.iter().any(|seat| seat.account == asker.person.account && seat.state == "recused")
}
