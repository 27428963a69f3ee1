//! 复审与终审: the second reviewer's conclusion on each finding, the short way, the last word.

use mingjian_store::Change;

use super::act::Doing;
use super::answer::to_the_last_word;
use super::close::{self, Ending, write_verdicts};
use super::hands::Hands;
use super::table::Act;
use crate::error::{CaseError, Result};
use crate::leads::row::FindingStored;
use crate::leads::view::LineAnswer;
use crate::money::{Conclusion, Stake, Verdict, verdicts};
use crate::status::Status;

pub(super) async fn act(doing: &mut Doing<'_>, change: &mut Change, findings: &[FindingStored]) -> Result<()> {
    match doing.row.act {
        Act::Review => {
            doing.after.status = Status::Review;
            second_review_by_me(doing);
            doing.hold_by_me();
        }
        Act::Confirm => {
            let all = said(doing, findings, |_| Some(Conclusion::Uphold))?;
            second_review_by_me(doing);
            close::close(doing, change, findings, &all, Ending::Decided).await?;
        }
        Act::Conclude => conclude(doing, change, findings).await?,
        Act::SkipPanel => {
            doing.after.status = Status::Final;
            to_the_last_word(doing);
        }
        Act::Correct => {
            doing.input.needs_text()?;
            doing.reason = doing.input.reason_of(crate::reasons::CORRECT)?;
            let now = said(doing, findings, |finding| Conclusion::of(&finding.conclusion))?;
            close::correct(doing, change, findings, &now).await?;
        }
        _ => {
            let kept = said(doing, findings, |finding| Conclusion::of(&finding.conclusion))?;
            let panel_said = |(finding, verdict): (&FindingStored, &Verdict)| {
                finding.gone || (finding.conclusion == verdict.conclusion.id() && finding.decided_fen == verdict.money.amount_fen)
            };
            if !doing.hands.spoken.is_empty() && !findings.iter().zip(&kept).all(panel_said) {
                doing.input.needs_text().map_err(|_| CaseError::field("text", "与合议意见不同的决定须写明理由"))?;
            }
            close::close(doing, change, findings, &kept, Ending::Decided).await?;
        }
    }
    Ok(())
}

fn second_review_by_me(doing: &mut Doing<'_>) {
    doing.after.second_account.clone_from(&doing.asker.person.account);
    doing.after.second_name.clone_from(&doing.asker.person.name);
}

async fn conclude(doing: &mut Doing<'_>, change: &mut Change, findings: &[FindingStored]) -> Result<()> {
    // What the institution accepts stands unless the reviewer says otherwise; what it contests must be concluded.
    let verdicts = said(doing, findings, |finding| (finding.answer == "accept").then_some(Conclusion::Uphold))?;
    second_review_by_me(doing);
    if verdicts.iter().all(|verdict| verdict.conclusion == Conclusion::Withdraw) {
        return close::close(doing, change, findings, &verdicts, Ending::Decided).await;
    }
    write_verdicts(change, findings, &verdicts).await?;
    let against = |(finding, verdict): (&FindingStored, &Verdict)| finding.answer == "appeal" && verdict.conclusion != Conclusion::Withdraw;
    if findings.iter().zip(&verdicts).any(against) && !doing.before.definite {
        doing.after.status = Status::Appeal;
        doing.after.delivered_day = None;
        let today = doing.today();
        doing.run_from(today, doing.limits.appeal);
    } else {
        doing.after.status = Status::Final;
        to_the_last_word(doing);
    }
    Ok(())
}

/// The conclusions given, else `usual`; a finding the newest run does not have falls. Kept with the step.
fn said(doing: &mut Doing<'_>, findings: &[FindingStored], usual: impl Fn(&FindingStored) -> Option<Conclusion>) -> Result<Vec<Verdict>> {
    let input = doing.input;
    let known = |id: &str| Conclusion::of(id).ok_or_else(|| CaseError::field("lines", "结论应为“维持”“部分维持”或“不成立”"));
    let all = input.vote.as_deref().filter(|vote| !vote.is_empty()).map(known).transpose()?;
    belongs(&input.lines, findings)?;
    let mut said = Vec::with_capacity(findings.len());
    for finding in findings {
        let line = input.lines.iter().find(|line| line.finding_id == finding.id);
        let kept = || {
            let part = Conclusion::of(&finding.conclusion) == Some(Conclusion::Partly);
            usual(finding).map(|conclusion| (conclusion, (part && conclusion == Conclusion::Partly).then_some(finding.decided_fen)))
        };
        let one = match (finding.gone, line, all) {
            (true, ..) => Some((Conclusion::Withdraw, None)),
            (_, Some(line), _) => Some((known(&line.conclusion)?, line.amount_fen)),
            (_, None, Some(all)) => Some((all, None)),
            (_, None, None) => kept(),
        };
        let one = one.ok_or_else(|| CaseError::field("lines", "机构有异议的每条疑点都要有结论"))?;
        said.push(if doing.row.act == Act::Conclude { one } else { no_worse(doing.hands, finding, line.is_some(), one)? });
    }
    let stakes: Vec<Stake> = findings.iter().map(FindingStored::stake).collect();
    let verdicts = verdicts(&stakes, &said).map_err(|(at, most)| too_much(&findings[at], most))?;
    doing.lines = lines_of(findings, &verdicts, &input.lines);
    Ok(verdicts)
}

/// 不因申诉加重: what the second review told the institution is the most that can stand afterwards, on each finding. A line that says more
/// is refused; a word for all is read down to it. (行政处罚法 art. 45 and 行政复议法 art. 63, taken over for 协议处理.)
pub(super) fn no_worse(
    hands: &Hands,
    finding: &FindingStored,
    named: bool,
    (conclusion, amount): (Conclusion, Option<i64>),
) -> Result<(Conclusion, Option<i64>)> {
    let Some(told) = hands.told.iter().find(|line| line.finding_id == finding.id) else { return Ok((conclusion, amount)) };
    let most = told.amount_fen.unwrap_or(0);
    match (Conclusion::of(&told.conclusion), conclusion) {
        (_, Conclusion::Withdraw) | (None | Some(Conclusion::Uphold), _) => Ok((conclusion, amount)),
        (Some(Conclusion::Withdraw), _) if named => {
            Err(CaseError::field("lines", format!("疑点 {} 复审已告知不成立，不能因再申诉重新认定", finding.rule)))
        }
        (Some(Conclusion::Withdraw), _) => Ok((Conclusion::Withdraw, None)),
        (Some(Conclusion::Partly), _) => match amount {
            Some(fen) if fen > most => {
                let most = mingjian_model::Fen(most);
                Err(CaseError::field("lines", format!("疑点 {} 复审已告知认定 {most} 元，不能因再申诉提高", finding.rule)))
            }
            Some(_) => Ok((conclusion, amount)),
            None => Ok((Conclusion::Partly, Some(most))),
        },
    }
}

/// Every line is of a finding of this lead, and none is answered twice.
pub(super) fn belongs(lines: &[LineAnswer], findings: &[FindingStored]) -> Result<()> {
    for (at, line) in lines.iter().enumerate() {
        if findings.iter().all(|finding| finding.id != line.finding_id) {
            return Err(CaseError::field("lines", format!("疑点 {} 不在这条线索里", line.finding_id)));
        }
        if lines[..at].iter().any(|other| other.finding_id == line.finding_id) {
            return Err(CaseError::field("lines", format!("疑点 {} 填写了两次", line.finding_id)));
        }
    }
    Ok(())
}

pub(super) fn too_much(finding: &FindingStored, most: i64) -> CaseError {
    CaseError::field("lines", format!("疑点 {} 的认定金额应在 0 至 {} 元之间", finding.rule, mingjian_model::Fen(most)))
}

/// What was decided on each finding, with the words given to it.
pub(super) fn lines_of(findings: &[FindingStored], verdicts: &[Verdict], given: &[LineAnswer]) -> Vec<LineAnswer> {
    findings
        .iter()
        .zip(verdicts)
        .map(|(finding, verdict)| {
            let line = given.iter().find(|line| line.finding_id == finding.id);
            LineAnswer {
                finding_id: finding.id.clone(),
                conclusion: verdict.conclusion.id().into(),
                amount_fen: Some(verdict.money.amount_fen),
                reason: line.and_then(|line| line.reason.clone()),
                text: line.and_then(|line| line.text.clone()),
            }
        })
        .collect()
}
