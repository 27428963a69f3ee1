//! 合并与拆分: what people put together or apart before anything was sent.
//!
//! True of it: a finding is in one lead, its counted money goes with it, and findings on the same money stay together in a split; so the
//! sums over all leads are the same before and after (`tests/it/shape.rs`, and the random walks of `tests/it/ledger.rs`). Runs leave the
//! findings where people put them, and bring new ones of a merged lead's subject to where it went ([`crate::leads::plan`]).

use std::collections::{BTreeSet, HashSet};

use mingjian_model::day::{Day, day_of, to_ymd};
use mingjian_store::{Actor, Arg, Change, Event};
use serde_json::json;

use super::act::{Doing, read_lead};
use crate::error::{CaseError, Result};
use crate::leads::row::{FINDING_COLUMNS, FindingStored, LeadRow, NO_DUE};
use crate::leads::tally::{Piece, tally};
use crate::leads::update::{read_learned, take_serial};
use crate::leads::write::{insert_leads, update_all_facts, update_state};
use crate::person::role;
use crate::rank::{self, Learned};
use crate::settings::Ranking;
use crate::status::Status;
use crate::steps::{self, NewStep};
use crate::subject::key_of;

/// Leads that go into one at once.
const MOST: usize = 100;
/// The subject of a lead split from another is no subject of findings: no run makes it again.
const PART: &str = "part:";

/// 合并: other leads of the same institution and person go into this one.
pub(super) async fn merge(doing: &mut Doing<'_>, change: &mut Change, actor: &Actor, own: &[FindingStored]) -> Result<()> {
    doing.input.needs_text()?;
    let ids: BTreeSet<&str> = doing.input.leads.iter().map(|id| id.trim()).filter(|id| !id.is_empty() && *id != doing.before.id).collect();
    if ids.is_empty() || ids.len() > MOST {
        return Err(CaseError::field("leads", format!("请选择要并入的线索，一次 1 至 {MOST} 条")));
    }
    let mut all = own.to_vec();
    for id in &ids {
        let other = read_lead(change, doing.asker, id).await;
        let other = other.map_err(|error| match error {
            CaseError::NotFound => CaseError::field("leads", format!("没有线索 {id}，或者不在您的数据范围内")),
            other => other,
        })?;
        fits(doing, &other).map_err(|why| CaseError::field("leads", format!("{id} {why}")))?;
        all.extend(findings_of(change, id).await?);
        move_findings(change, "lead", id, &doing.before.id).await?;
        // What had gone into it goes along.
        let along: [Arg; 2] = [doing.before.id.as_str().into(), (*id).into()];
        change.run("update leads set merged_into = $1 where merged_into = $2 and merged_into <> ''", &along).await?;
        let ended = LeadRow {
            findings: 0,
            definite: false,
            amount_fen: 0,
            fund_fen: 0,
            acct_fen: 0,
            expected_fen: 0,
            rank_fen: 0,
            score: 0,
            status: Status::Merged,
            merged_into: doing.before.id.clone(),
            put_off_day: 0,
            due_day: NO_DUE,
            paused_left: None,
            holder: String::new(),
            holder_name: String::new(),
            version: other.version + 1,
            updated_at: doing.asker.at,
            ..other.clone()
        };
        write(change, &ended).await?;
        let text =
            format!("并入 {}，{} 条疑点，涉及金额 {} 元。{}", doing.before.id, other.findings, fen(other.amount_fen), doing.input.text());
        told(doing, change, actor, &other, &ended, "merged", &text).await?;
    }
    doing.said = Some(format!("并入 {}。{}", ids.iter().copied().collect::<Vec<_>>().join("、"), doing.input.text()));
    let learned = read_learned(change).await?;
    doing.after.shaped = true;
    doing.after = added(doing, change, &learned, &doing.after, &all).await?;
    doing.after.subject_label = label(change, &doing.after).await?;
    update_all_facts(change, &doing.after).await
}

/// Whether a lead may go into the one at hand; if not, why.
fn fits(doing: &Doing<'_>, other: &LeadRow) -> std::result::Result<(), String> {
    let (lead, person) = (&doing.before, &doing.asker.person);
    let wrong = if !other.status.is_early() || other.told {
        Some(format!("{}，只有没有发送过机构的线索可以合并", other.status.title()))
    } else if other.gone {
        Some("疑点已全部消失".into())
    } else if other.institution != lead.institution {
        Some("是另一家机构的".into())
    } else if other.person_no != lead.person_no {
        Some("不是同一参保人的".into())
    } else if !other.holder.is_empty() && other.holder != person.account && !person.has(role::SUPERVISOR) {
        Some(format!("由{}经办，须由本人或科长合并", other.holder_name))
    } else {
        None
    };
    wrong.map_or(Ok(()), Err)
}

/// 拆分: chosen findings, and what is on the same money, become a lead of their own in the same hands.
pub(super) async fn split(doing: &mut Doing<'_>, change: &mut Change, actor: &Actor, own: &[FindingStored]) -> Result<()> {
    doing.input.needs_text()?;
    let asked: HashSet<&str> = doing.input.findings.iter().map(String::as_str).collect();
    let live = || own.iter().filter(|finding| !finding.gone);
    if asked.is_empty() || asked.iter().any(|id| live().all(|finding| finding.id != *id)) {
        return Err(CaseError::field("findings", "请选择本线索里的疑点"));
    }
    let money: HashSet<&str> = live().filter(|one| asked.contains(one.id.as_str())).map(|one| one.cluster_id.as_str()).collect();
    let goes = |finding: &&FindingStored| asked.contains(finding.id.as_str()) || money.contains(finding.cluster_id.as_str());
    let (taken, left): (Vec<FindingStored>, Vec<FindingStored>) = own.iter().cloned().partition(|finding| !finding.gone && goes(&finding));
    if left.iter().all(|finding| finding.gone) {
        return Err(CaseError::field("findings", "至少留一条疑点；同一笔钱的疑点一起拆出"));
    }
    let year = to_ymd(doing.today()).0;
    let id = format!("XS{year}-{:06}", take_serial(change, "XS", year, 1).await?);
    for finding in &taken {
        move_findings(change, "id", &finding.id, &id).await?;
    }
    let learned = read_learned(change).await?;
    let sealed = change.one("select person_sealed from leads where id = $1", &[doing.before.id.as_str().into()]).await?;
    let sealed = sealed.map(|row| row.maybe_text("person_sealed")).transpose()?.flatten();
    let part = LeadRow {
        subject_key: format!("{PART}{id}"),
        generation: 0,
        subject_label: format!("{}（拆分）", base(&doing.before.subject_label)),
        id: id.clone(),
        split_from: doing.before.id.clone(),
        shaped: true,
        version: 1,
        created_at: doing.asker.at,
        updated_at: doing.asker.at,
        ..doing.before.clone()
    };
    let part = added(doing, change, &learned, &part, &taken).await?;
    insert_leads(change, &[&part], &[sealed]).await?;
    let text =
        format!("从 {} 拆出 {} 条疑点，涉及金额 {} 元。{}", doing.before.id, part.findings, fen(part.amount_fen), doing.input.text());
    told(doing, change, actor, &part, &part, "split_off", &text).await?;
    doing.said = Some(format!("{} 条疑点另立为 {id}，涉及金额 {} 元。{}", part.findings, fen(part.amount_fen), doing.input.text()));
    doing.after.shaped = true;
    doing.after = added(doing, change, &learned, &doing.after, &left).await?;
    update_all_facts(change, &doing.after).await
}

/// 撤销合并: the findings of the lead's own subject come back to it.
pub(super) async fn restore(doing: &mut Doing<'_>, change: &mut Change, actor: &Actor) -> Result<()> {
    doing.input.needs_text()?;
    let refuse = |why: String| Err(CaseError::Refused(why));
    let person = &doing.asker.person;
    let target = read_lead(change, doing.asker, &doing.before.merged_into).await?;
    if !target.status.is_early() || target.told {
        return refuse(format!("{} 已发送过机构，不能撤销合并", target.id));
    }
    if !target.holder.is_empty() && target.holder != person.account && !person.has(role::SUPERVISOR) {
        return refuse(format!("{} 由{}经办，须由本人或科长撤销", target.id, target.holder_name));
    }
    let key = &doing.before.subject_key;
    if key.starts_with(PART) {
        return refuse("拆分出来的线索合并后，请用“拆分”重新分出".into());
    }
    let args: [Arg; 2] = [key.as_str().into(), doing.before.id.as_str().into()];
    let twin = "select id from leads where subject_key = $1 and id <> $2 and status in ('new', 'check')";
    if let Some(row) = change.one(twin, &args).await? {
        return refuse(format!("同一对象另有未发送的线索 {}，请先合并", row.text("id")?));
    }
    let undated = Day::try_from(doing.before.last_day).unwrap_or_else(|_| doing.today());
    let own = |finding: &FindingStored| {
        let day = finding.first_time.or(finding.last_time).map_or(undated, day_of);
        key_of(&finding.visit, &finding.person_no, &finding.practitioner, &finding.institution, day) == *key
    };
    let (back, left): (Vec<FindingStored>, Vec<FindingStored>) = findings_of(change, &target.id).await?.into_iter().partition(own);
    if back.iter().all(|finding| finding.gone) || left.iter().all(|finding| finding.gone) {
        return refuse(format!("{} 里已没有可以分开的疑点", target.id));
    }
    for finding in &back {
        move_findings(change, "id", &finding.id, &doing.before.id).await?;
    }
    let learned = read_learned(change).await?;
    doing.after.merged_into = String::new();
    doing.after.status = target.status;
    doing.hold(&target.holder, &target.holder_name);
    (doing.after.due_day, doing.after.limit_days, doing.after.paused_left) = (target.due_day, target.limit_days, target.paused_left);
    doing.after = added(doing, change, &learned, &doing.after, &back).await?;
    doing.after.subject_label = base(&doing.after.subject_label).to_owned();
    update_all_facts(change, &doing.after).await?;
    // Written before the other is counted: its label says how many there are.
    update_state(change, &doing.after).await?;
    let mut rest = LeadRow { version: target.version + 1, updated_at: doing.asker.at, ..target.clone() };
    rest = added(doing, change, &learned, &rest, &left).await?;
    rest.subject_label = label(change, &rest).await?;
    write(change, &rest).await?;
    let text = format!("{} 恢复为单独的线索。{}", doing.before.id, doing.input.text());
    told(doing, change, actor, &target, &rest, "restore", &text).await
}

/// A lead with the sums of these findings, which are put in its order.
async fn added(doing: &Doing<'_>, change: &mut Change, learned: &Learned, lead: &LeadRow, all: &[FindingStored]) -> Result<LeadRow> {
    let ranking = &doing.office.settings.ranking;
    let live = all.iter().enumerate().filter(|(_, finding)| !finding.gone);
    let mut pieces: Vec<Piece<'_>> =
        live.map(|(at, finding)| Piece::of_stored(at, finding, worth(learned, ranking, lead, finding))).collect();
    let sums = tally(&mut pieces, Day::try_from(lead.last_day).unwrap_or_else(|_| doing.today()));
    for (seq, piece) in pieces.iter().enumerate() {
        let args: [Arg; 2] = [Arg::Int(seq as i64), all[piece.at].id.as_str().into()];
        change.run("update lead_findings set seq = $1 where id = $2", &args).await?;
    }
    Ok(sums.on(lead))
}

fn worth(learned: &Learned, ranking: &Ranking, lead: &LeadRow, finding: &FindingStored) -> (i64, i64) {
    let kind = rank::kind_of(&lead.institution, &lead.institution_level);
    let shown = crate::finding::shown_result(&finding.result, &finding.band);
    let precision = learned.precision(&finding.rule, &kind, shown);
    rank::expected(precision, finding.amount_fen.map(|_| finding.counted.loss_fen()), ranking)
}

async fn findings_of(change: &mut Change, lead: &str) -> Result<Vec<FindingStored>> {
    let sql = format!("select {FINDING_COLUMNS} from lead_findings where lead = $1 order by gone, seq, id");
    change.rows(&sql, &[lead.into()]).await?.iter().map(FindingStored::read).collect()
}

/// Findings of a lead, or the one of an id, into another lead.
async fn move_findings(change: &mut Change, by: &'static str, what: &str, to: &str) -> Result<()> {
    change.run(&format!("update lead_findings set lead = $1 where {by} = $2"), &[to.into(), what.into()]).await?;
    Ok(())
}

async fn write(change: &mut Change, lead: &LeadRow) -> Result<()> {
    update_all_facts(change, lead).await?;
    update_state(change, lead).await
}

/// The step and the event of a lead that an act on another made, ended or changed.
async fn told(
    doing: &Doing<'_>,
    change: &mut Change,
    actor: &Actor,
    before: &LeadRow,
    after: &LeadRow,
    act: &'static str,
    text: &str,
) -> Result<()> {
    let step = NewStep { act, text, inner_only: true, ..NewStep::of(after, before.status, after.status) };
    steps::write(change, actor, &doing.asker.person.name, &step).await?;
    change.note(Event {
        act: match act {
            "merged" => "lead.merged",
            "split_off" => "lead.split_off",
            _ => "lead.restored",
        },
        object_kind: "lead",
        object: after.id.clone(),
        detail: json!({
            "from": before.status.id(), "to": after.status.id(), "version": after.version, "from_fen": before.amount_fen,
            "to_fen": after.amount_fen, "with": doing.before.id,
        }),
        reason: None,
    });
    Ok(())
}

/// Its label, with how many leads went into it.
async fn label(change: &mut Change, lead: &LeadRow) -> Result<String> {
    let sql = "select count(*) as n from leads where merged_into = $1 and merged_into <> ''";
    let merged = change.one(sql, &[lead.id.as_str().into()]).await?.map(|row| row.int("n")).transpose()?.unwrap_or(0);
    let base = base(&lead.subject_label);
    Ok(if merged == 0 { base.to_owned() } else { format!("{base}（并 {merged} 件）") })
}

/// The label without what a merge added.
fn base(label: &str) -> &str {
    label.find("（并 ").map_or(label, |at| &label[..at])
}

fn fen(fen: i64) -> mingjian_model::Fen {
    mingjian_model::Fen(fen)
}
