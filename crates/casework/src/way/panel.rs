//! 合议: an odd panel of at least three with an expert among them, recusal, opinions hidden until all are in, the middle opinion holds.

use mingjian_store::{Arg, Change, Row};

use super::act::Doing;
use super::answer::to_the_last_word;
use super::close::write_verdicts;
use super::hands::Hands;
use super::review::{belongs, lines_of, no_worse, too_much};
use super::table::Act;
use crate::error::{CaseError, Result};
use crate::leads::row::{FindingStored, LeadRow};
use crate::leads::view::LineAnswer;
use crate::money::{Conclusion, Stake, Verdict, verdicts};
use crate::person::{Colleague, role};
use crate::reasons;
use crate::status::Status;

/// A seat of a panel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seat {
    pub round: i64,
    pub account: String,
    pub name: String,
    /// asked, recused, voted
    pub state: String,
    pub vote: String,
    pub lines: Vec<LineAnswer>,
    pub text: String,
}

/// The seats of a lead's newest panel.
pub(crate) const SEATS: &str = "select s.round, s.account, s.name, s.state, s.vote, s.lines, s.text from panel_seats s where s.lead = $1 \
    and s.round = (select max(n.round) from panel_seats n where n.lead = $1) order by s.at, s.account";

pub(crate) fn read_seats(rows: &[Row]) -> Result<Vec<Seat>> {
    rows.iter()
        .map(|row| {
            let lines = row.text("lines")?;
            Ok(Seat {
                round: row.int("round")?,
                account: row.text("account")?,
                name: row.text("name")?,
                state: row.text("state")?,
                vote: row.text("vote")?,
                lines: if lines.is_empty() {
                    Vec::new()
                } else {
                    serde_json::from_str(&lines).map_err(|error| CaseError::Broken(format!("panel_seats.lines: {error}")))?
                },
                text: row.text("text")?,
            })
        })
        .collect()
}

/// Who may not sit on a lead's panel, and why.
pub(super) fn conflict(colleague: &Colleague, lead: &LeadRow, hands: &Hands) -> Option<&'static str> {
    if hands.is_first(&colleague.account) || hands.is_second(&colleague.account) {
        return Some("办理过本件的人不能参加合议");
    }
    (colleague.institution.as_deref() == Some(lead.institution.as_str())).then_some("当事机构的人须回避")
}

/// Roles that may sit.
pub(super) const SITS: &[&str] = &[role::EXPERT, role::REVIEWER, role::OUTSIDE];

pub(super) async fn act(doing: &mut Doing<'_>, change: &mut Change, findings: &[FindingStored], seats: Vec<Seat>) -> Result<()> {
    let me = doing.asker.person.account.clone();
    match doing.row.act {
        Act::Convene => convene(doing, change, &seats).await,
        Act::Recuse => {
            doing.reason = doing.input.reason_of(reasons::RECUSE)?;
            let mut seats = seats;
            for seat in seats.iter_mut().filter(|seat| seat.account == me) {
                seat.state = "recused".into();
                write_seat(change, doing, seat).await?;
            }
            finish_if_all_are_in(doing, change, findings, &seats).await
        }
        _ => {
            let opinion = opinion(doing, findings)?;
            let mut seats = seats;
            for seat in seats.iter_mut().filter(|seat| seat.account == me) {
                seat.state = "voted".into();
                seat.vote = opinion.0.id().into();
                seat.lines.clone_from(&opinion.1);
                seat.text = doing.input.text().to_owned();
                write_seat(change, doing, seat).await?;
            }
            finish_if_all_are_in(doing, change, findings, &seats).await
        }
    }
}

async fn convene(doing: &mut Doing<'_>, change: &mut Change, seats: &[Seat]) -> Result<()> {
    let adds = doing.before.status == Status::Panel;
    let mut members: Vec<Colleague> = Vec::new();
    for account in &doing.input.members {
        let found =
            doing.asker.colleagues.iter().find(|one| &one.account == account && one.roles.iter().any(|own| SITS.contains(&own.as_str())));
        let colleague = found.ok_or_else(|| CaseError::field("members", "合议成员应为专家、复审员或第三方"))?;
        if let Some(why) = conflict(colleague, &doing.before, doing.hands) {
            return Err(CaseError::field("members", format!("{}：{why}", colleague.name)));
        }
        if members.iter().any(|one| one.account == colleague.account)
            || (adds && seats.iter().any(|seat| seat.account == colleague.account))
        {
            return Err(CaseError::field("members", format!("{} 已在合议组", colleague.name)));
        }
        members.push(colleague.clone());
    }
    let sitting = if adds { seats.iter().filter(|seat| seat.state != "recused").count() } else { 0 };
    let total = sitting + members.len();
    let least = doing.limits.panel_members.max(3) | 1;
    if members.is_empty() || total < least || total.is_multiple_of(2) {
        return Err(CaseError::field("members", format!("合议组应为不少于 {least} 人的单数，现为 {total} 人")));
    }
    if !adds && !members.iter().any(|one| one.roles.iter().any(|own| own == role::EXPERT)) {
        return Err(CaseError::field("members", "合议组至少有一名专家"));
    }
    let round = seats.first().map_or(1, |seat| if adds { seat.round } else { seat.round + 1 });
    for member in &members {
        let args: [Arg; 6] = [
            doing.before.id.as_str().into(),
            round.into(),
            member.account.as_str().into(),
            member.name.as_str().into(),
            member.institution.as_deref().unwrap_or("").into(),
            doing.asker.at.into(),
        ];
        change
            .run(
                "insert into panel_seats (lead, round, account, name, institution, state, vote, lines, text, at) \
                 values ($1, $2, $3, $4, $5, 'asked', '', '', '', $6)",
                &args,
            )
            .await?;
    }
    doing.after.status = Status::Panel;
    doing.hold_by_nobody();
    let days = doing.limit(doing.limits.panel)?;
    let today = doing.today();
    doing.run_from(today, days);
    Ok(())
}

/// The opinion given: one word for all, and amounts per finding where it is 'partly'.
fn opinion(doing: &Doing<'_>, findings: &[FindingStored]) -> Result<(Conclusion, Vec<LineAnswer>)> {
    let vote = doing.input.vote.as_deref().unwrap_or("");
    let vote = Conclusion::of(vote).ok_or_else(|| CaseError::field("vote", "请选择维持、部分维持或不成立"))?;
    doing.input.needs_text().map_err(|_| CaseError::field("text", "合议意见须写明理由"))?;
    let verdicts = amounts(doing, findings, vote)?;
    if vote == Conclusion::Partly && doing.input.lines.is_empty() {
        return Err(CaseError::field("lines", "部分维持须逐条写明结论和金额"));
    }
    let lines = findings
        .iter()
        .zip(&verdicts)
        .map(|(finding, verdict)| LineAnswer {
            finding_id: finding.id.clone(),
            conclusion: verdict.conclusion.id().into(),
            amount_fen: Some(verdict.money.amount_fen),
            ..LineAnswer::default()
        })
        .collect();
    Ok((vote, lines))
}

/// What an opinion makes of each finding.
fn amounts(doing: &Doing<'_>, findings: &[FindingStored], vote: Conclusion) -> Result<Vec<Verdict>> {
    let lines = &doing.input.lines;
    belongs(lines, findings)?;
    let stakes: Vec<Stake> = findings.iter().map(FindingStored::stake).collect();
    let mut said = Vec::with_capacity(findings.len());
    for finding in findings {
        let line = lines.iter().find(|line| line.finding_id == finding.id);
        let one = match (finding.gone, line) {
            (true, _) => (Conclusion::Withdraw, None),
            (_, Some(line)) => {
                let conclusion =
                    Conclusion::of(&line.conclusion).ok_or_else(|| CaseError::field("lines", "结论应为“维持”“部分维持”或“不成立”"))?;
                (conclusion, line.amount_fen)
            }
            // Findings a partial opinion does not name stand.
            (_, None) if vote == Conclusion::Partly => (Conclusion::Uphold, None),
            (_, None) => (vote, None),
        };
        said.push(no_worse(doing.hands, finding, line.is_some(), one)?);
    }
    verdicts(&stakes, &said).map_err(|(at, most)| too_much(&findings[at], most))
}

/// Once every member not recused has spoken, and they are an odd three or more, the middle opinion goes to the last word.
async fn finish_if_all_are_in(doing: &mut Doing<'_>, change: &mut Change, findings: &[FindingStored], seats: &[Seat]) -> Result<()> {
    let sitting: Vec<&Seat> = seats.iter().filter(|seat| seat.state != "recused").collect();
    let least = doing.limits.panel_members.max(3) | 1;
    if sitting.len() < least || sitting.len().is_multiple_of(2) || sitting.iter().any(|seat| seat.state != "voted") {
        return Ok(());
    }
    let mut said = Vec::with_capacity(findings.len());
    for finding in findings {
        let mut opinions: Vec<(Conclusion, i64)> = sitting
            .iter()
            .map(|seat| {
                let line = seat.lines.iter().find(|line| line.finding_id == finding.id);
                let conclusion = line.and_then(|line| Conclusion::of(&line.conclusion)).unwrap_or(Conclusion::Withdraw);
                (conclusion, line.and_then(|line| line.amount_fen).unwrap_or(0))
            })
            .collect();
        // By amount first: withdraw < partly < uphold have growing amounts where there is money.
        opinions.sort_by_key(|&(conclusion, fen)| (fen, conclusion));
        let (conclusion, fen) = opinions[opinions.len() / 2];
        said.push(match conclusion {
            _ if finding.gone => (Conclusion::Withdraw, None),
            Conclusion::Withdraw => (Conclusion::Withdraw, None),
            other => (other, Some(fen)),
        });
    }
    let stakes: Vec<Stake> = findings.iter().map(FindingStored::stake).collect();
    // Middles taken apart may together exceed a cluster's money: then the later finding takes what is left, in each cluster where they do.
    let mut middle = verdicts(&stakes, &said);
    for _ in 0..findings.len() {
        let Err((at, most)) = middle else { break };
        said[at].1 = Some(most);
        middle = verdicts(&stakes, &said);
    }
    let middle = middle.map_err(|(at, most)| too_much(&findings[at], most))?;
    write_verdicts(change, findings, &middle).await?;
    doing.lines = lines_of(findings, &middle, &[]);
    doing.after.status = Status::Final;
    to_the_last_word(doing);
    Ok(())
}

async fn write_seat(change: &mut Change, doing: &Doing<'_>, seat: &Seat) -> Result<()> {
    let lines = if seat.lines.is_empty() {
        String::new()
    } else {
        serde_json::to_string(&seat.lines).map_err(|error| CaseError::Broken(error.to_string()))?
    };
    let args: Vec<Arg> = vec![
        seat.state.as_str().into(),
        seat.vote.as_str().into(),
        lines.into(),
        seat.text.as_str().into(),
        doing.asker.at.into(),
        doing.before.id.as_str().into(),
        seat.round.into(),
        seat.account.as_str().into(),
    ];
    change
        .run(
            "update panel_seats set state = $1, vote = $2, lines = $3, text = $4, at = $5 where lead = $6 and round = $7 and account = $8",
            &args,
        )
        .await?;
    Ok(())
}

/// The middle of the votes of an open panel.
pub(crate) fn outcome(seats: &[Seat]) -> Option<Conclusion> {
    let mut votes: Vec<Conclusion> =
        seats.iter().filter(|seat| seat.state == "voted").filter_map(|seat| Conclusion::of(&seat.vote)).collect();
    votes.sort();
    votes.get(votes.len() / 2).copied()
}
