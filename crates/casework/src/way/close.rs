//! 结论落定: what a lead ends with; the ledger opens, the rules learn.
//!
//! True of it: found = decided + withdrawn + dropped, and what is due in the ledger is the funds' part of what was decided.

use mingjian_store::{Arg, Change};

use super::act::Doing;
use crate::error::{CaseError, Result};
use crate::leads::row::FindingStored;
use crate::money::{Conclusion, Money, Verdict};
use crate::rank;
use crate::recoveries;
use crate::status::Status;

/// How a lead ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// By decision after the institution was heard.
    Decided,
    /// 初审排除
    Dropped,
    /// 撤回
    Withdrawn,
}

pub(super) async fn close(
    doing: &mut Doing<'_>,
    change: &mut Change,
    findings: &[FindingStored],
    verdicts: &[Verdict],
    ending: Ending,
) -> Result<()> {
    let mut decided = Money::default();
    verdicts.iter().for_each(|verdict| decided += verdict.money);
    let rest = doing.before.amount_fen - decided.amount_fen;
    if rest < 0 {
        return Err(CaseError::Broken(format!("lead {}: decided more than was found", doing.before.id)));
    }
    write_verdicts(change, findings, verdicts).await?;
    let live = || findings.iter().zip(verdicts).filter(|(finding, _)| !finding.gone).map(|(_, verdict)| verdict.conclusion);
    let after = &mut doing.after;
    after.decided_fen = decided.amount_fen;
    after.loss_fen = decided.loss_fen();
    after.decided_at = Some(doing.asker.at);
    // What falls before the institution was told is dropped, after it withdrawn: the two are never mixed.
    let dropped = ending == Ending::Dropped || !doing.before.told;
    (after.dropped_fen, after.withdrawn_fen) = if dropped { (rest, 0) } else { (0, rest) };
    after.status = match ending {
        Ending::Dropped => Status::Cleared,
        Ending::Withdrawn => Status::Withdrawn,
        Ending::Decided if live().all(|one| one == Conclusion::Withdraw) => Status::Cleared,
        // A finding that fell by itself in a new run leaves the rest decided in part.
        Ending::Decided if live().all(|one| one == Conclusion::Uphold) && rest == 0 => Status::Upheld,
        Ending::Decided => Status::Partly,
    };
    after.road = String::new();
    if after.loss_fen > 0 {
        after.road = match doing.input.road.as_deref() {
            Some(road @ ("refuse" | "recover")) => road.to_owned(),
            _ => return Err(CaseError::field("road", "请选择拒付（尚未拨付）或追回（已经拨付）")),
        };
    }
    doing.stop_clock();
    doing.hold_by_nobody();
    if doing.after.loss_fen > 0 {
        let due = doing.office.calendar.add(doing.today(), doing.limits.payment);
        recoveries::open(change, &doing.after, due.into(), doing.asker.at).await?;
    }
    // Withdrawn by us for reasons that are not the rule's: nothing is learned.
    if ending == Ending::Decided || crate::reasons::tells_of_the_rule(&doing.reason) {
        let kind = rank::kind_of(&doing.before.institution, &doing.before.institution_level);
        learn(change, &kind, findings, verdicts).await?;
    }
    Ok(())
}

/// 更正决定: less stands than was decided. The four amounts move from decided to withdrawn, what is due falls, the rules unlearn.
pub(super) async fn correct(doing: &mut Doing<'_>, change: &mut Change, findings: &[FindingStored], now: &[Verdict]) -> Result<()> {
    let then: Vec<Verdict> = findings.iter().map(FindingStored::decided).collect();
    let mut decided = Money::default();
    now.iter().for_each(|verdict| decided += verdict.money);
    let stands = |verdict: &Verdict| verdict.conclusion != Conclusion::Withdraw;
    let rises = |(before, after): (&Verdict, &Verdict)| after.conclusion > before.conclusion;
    if then.iter().zip(now).any(rises) || decided.amount_fen > doing.before.decided_fen || decided.loss_fen() > doing.before.loss_fen {
        return Err(CaseError::field("lines", "更正只能减少认定，不能增加"));
    }
    let same =
        |(before, after): (&Verdict, &Verdict)| before.conclusion == after.conclusion && before.money.amount_fen == after.money.amount_fen;
    if then.iter().zip(now).all(same) {
        return Err(CaseError::field("lines", "请至少改一条疑点的结论或金额"));
    }
    write_verdicts(change, findings, now).await?;
    let after = &mut doing.after;
    after.decided_fen = decided.amount_fen;
    after.loss_fen = decided.loss_fen();
    after.withdrawn_fen = doing.before.withdrawn_fen + doing.before.decided_fen - decided.amount_fen;
    after.decided_at = Some(doing.asker.at);
    after.status = if now.iter().any(stands) { Status::Partly } else { Status::Cleared };
    recoveries::correct(change, doing.asker, &doing.after, doing.before.loss_fen - decided.loss_fen(), doing.input.text()).await?;
    if crate::reasons::tells_of_the_rule(&doing.reason) {
        let kind = rank::kind_of(&doing.before.institution, &doing.before.institution_level);
        unlearn(change, &kind, findings, &then, now).await?;
    }
    Ok(())
}

/// Puts conclusions beside the findings; proposals until the lead is closed.
pub(super) async fn write_verdicts(change: &mut Change, findings: &[FindingStored], verdicts: &[Verdict]) -> Result<()> {
    for (finding, verdict) in findings.iter().zip(verdicts) {
        let args: [Arg; 4] =
            [verdict.conclusion.id().into(), verdict.money.amount_fen.into(), verdict.money.loss_fen().into(), finding.id.as_str().into()];
        change.run("update lead_findings set conclusion = $1, decided_fen = $2, loss_fen = $3 where id = $4", &args).await?;
    }
    Ok(())
}

/// What of a finding's own money stands.
fn upheld_fen(finding: &FindingStored, verdict: &Verdict) -> i64 {
    let own = finding.amount_fen.unwrap_or(0);
    match (verdict.conclusion, finding.counted.amount_fen) {
        (Conclusion::Withdraw, _) => 0,
        // Its money is counted by another finding: it stands or falls as a whole.
        (_, 0) | (Conclusion::Uphold, _) => own,
        (_, counted) => mingjian_model::Fen(own).share(mingjian_model::Fen(verdict.money.amount_fen), mingjian_model::Fen(counted)).0,
    }
}

/// What was learned of a decision that was corrected, taken back: as many were checked, fewer stand.
async fn unlearn(change: &mut Change, kind: &str, findings: &[FindingStored], then: &[Verdict], now: &[Verdict]) -> Result<()> {
    let count = |verdict: &Verdict| i64::from(verdict.conclusion != Conclusion::Withdraw);
    for ((finding, before), after) in findings.iter().zip(then).zip(now).filter(|((finding, _), _)| !finding.gone) {
        let args: [Arg; 4] = [
            (count(before) - count(after)).into(),
            (upheld_fen(finding, before) - upheld_fen(finding, after)).into(),
            finding.rule.as_str().into(),
            kind.into(),
        ];
        let less = "set upheld = upheld - $1, upheld_fen = upheld_fen - $2 where rule = $3";
        change.run(&format!("update rule_outcomes {less}"), &args[..3]).await?;
        change.run(&format!("update rule_kind_outcomes {less} and kind = $4"), &args).await?;
    }
    Ok(())
}

/// Back to the rules' precision, by count and by money; and to that at the kind of institution.
async fn learn(change: &mut Change, kind: &str, findings: &[FindingStored], verdicts: &[Verdict]) -> Result<()> {
    for (finding, verdict) in findings.iter().zip(verdicts).filter(|(finding, _)| !finding.gone) {
        let (own, upheld_fen) = (finding.amount_fen.unwrap_or(0), upheld_fen(finding, verdict));
        let args: [Arg; 4] =
            [finding.rule.as_str().into(), Arg::Int(i64::from(verdict.conclusion != Conclusion::Withdraw)), own.into(), upheld_fen.into()];
        change
            .run(
                "insert into rule_outcomes (rule, checked, upheld, checked_fen, upheld_fen) values ($1, 1, $2, $3, $4) \
                 on conflict (rule) do update set checked = rule_outcomes.checked + 1, upheld = rule_outcomes.upheld + excluded.upheld, \
                 checked_fen = rule_outcomes.checked_fen + excluded.checked_fen, upheld_fen = rule_outcomes.upheld_fen + excluded.upheld_fen",
                &args,
            )
            .await?;
        let [rule, upheld, checked_fen, upheld_fen] = args;
        change
            .run(
                "insert into rule_kind_outcomes (rule, kind, checked, upheld, checked_fen, upheld_fen) values ($1, $2, 1, $3, $4, $5) \
                 on conflict (rule, kind) do update set checked = rule_kind_outcomes.checked + 1, \
                 upheld = rule_kind_outcomes.upheld + excluded.upheld, checked_fen = rule_kind_outcomes.checked_fen + excluded.checked_fen, \
                 upheld_fen = rule_kind_outcomes.upheld_fen + excluded.upheld_fen",
                &[rule, kind.into(), upheld, checked_fen, upheld_fen],
            )
            .await?;
    }
    Ok(())
}
