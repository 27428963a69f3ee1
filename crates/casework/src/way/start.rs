//! 初审: giving a lead out, taking it, telling the institution, dropping what is plainly no matter; and the clock.

use mingjian_model::day::{Day, day_of, format_day, parse_day};
use mingjian_store::Change;

use super::act::Doing;
use super::close::{self, Ending};
use super::table::Act;
use crate::error::{CaseError, Result};
use crate::leads::row::{FindingStored, NO_DUE};
use crate::money::{Conclusion, Money, Verdict};
use crate::person::role;
use crate::reasons;
use crate::status::Status;

pub(super) async fn act(doing: &mut Doing<'_>, change: &mut Change, findings: &[FindingStored]) -> Result<()> {
    let today = doing.today();
    match doing.row.act {
        Act::Assign => {
            let account = doing.input.assignee.as_deref().unwrap_or("");
            if doing.before.status == Status::Review {
                return pass_on(doing, account);
            }
            let colleague =
                doing.asker.colleagues.iter().find(|one| one.account == account && one.roles.iter().any(|own| own == role::AUDITOR));
            let colleague = colleague.ok_or_else(|| CaseError::field("assignee", "请选择一名稽核员"))?.clone();
            doing.after.status = Status::Check;
            doing.hold(&colleague.account, &colleague.name);
            let days = doing.limit(doing.limits.first_review)?;
            doing.run_from(today, days);
        }
        Act::Take => {
            doing.after.status = Status::Check;
            doing.hold_by_me();
            doing.run_from(today, doing.limits.first_review);
        }
        Act::Send => {
            let days = doing.limit(doing.limits.feedback)?;
            doing.after.status = Status::Sent;
            doing.after.told = true;
            doing.after.delivered_day = None;
            doing.after.contested = false;
            first_review_by_me(doing);
            doing.run_from(today, days);
            change
                .run(
                    "update lead_findings set answer = '', answer_reason = '', answer_text = '', conclusion = '', decided_fen = 0, loss_fen = 0 \
                     where lead = $1",
                    &[doing.after.id.as_str().into()],
                )
                .await?;
        }
        Act::Drop => {
            doing.reason = doing.input.reason_of(reasons::DROP)?;
            first_review_by_me(doing);
            close::close(doing, change, findings, &nothing(findings), Ending::Dropped).await?;
        }
        Act::Recall => {
            doing.reason = doing.input.reason_of(reasons::WITHDRAW)?;
            doing.after.status = Status::Check;
            doing.after.delivered_day = None;
            doing.run_from(today, doing.limits.first_review);
        }
        _ => {
            doing.reason = doing.input.reason_of(reasons::WITHDRAW)?;
            doing.inner = !doing.before.told;
            close::close(doing, change, findings, &nothing(findings), Ending::Withdrawn).await?;
        }
    }
    Ok(())
}

/// 改派 of a second review: to a reviewer who did not do the first; the limit runs on.
fn pass_on(doing: &mut Doing<'_>, account: &str) -> Result<()> {
    let found = doing.asker.colleagues.iter().find(|one| one.account == account && one.roles.iter().any(|own| own == role::REVIEWER));
    let colleague = found.ok_or_else(|| CaseError::field("assignee", "请选择一名复审员"))?.clone();
    if doing.hands.is_first(&colleague.account) {
        return Err(CaseError::field("assignee", "初审人不能复审"));
    }
    doing.after.second_account.clone_from(&colleague.account);
    doing.after.second_name.clone_from(&colleague.name);
    doing.hold(&colleague.account, &colleague.name);
    Ok(())
}

fn first_review_by_me(doing: &mut Doing<'_>) {
    doing.after.first_account.clone_from(&doing.asker.person.account);
    doing.after.first_name.clone_from(&doing.asker.person.name);
}

/// Nothing stands.
fn nothing(findings: &[FindingStored]) -> Vec<Verdict> {
    findings.iter().map(|_| Verdict { conclusion: Conclusion::Withdraw, money: Money::default() }).collect()
}

/// Stopping, starting and lengthening the clock, and notes.
pub(super) fn clock(doing: &mut Doing<'_>) -> Result<()> {
    let today = doing.today();
    match doing.row.act {
        Act::Pause => {
            doing.reason = doing.input.reason_of(reasons::PAUSE)?;
            let due = Day::try_from(doing.before.due_day).unwrap_or(today);
            doing.after.paused_left = Some(doing.office.calendar.left(today, due).max(0));
            doing.after.due_day = NO_DUE;
        }
        Act::Resume => {
            let left = doing.before.paused_left.unwrap_or(0);
            // The limit as it was set stays: delivery, when it is proved, starts all of it.
            doing.after.due_day = doing.office.calendar.add(today, left).into();
            doing.after.paused_left = None;
        }
        Act::Extend => {
            doing.reason = doing.input.reason_of(reasons::EXTEND)?;
            let days = doing.input.limit_days.ok_or_else(|| CaseError::field("limit_days", "请填写延长的工作日数"))?;
            let days = doing.limit(days)?;
            let due = Day::try_from(doing.before.due_day).unwrap_or(today);
            doing.after.due_day = doing.office.calendar.add(due.max(today), days).into();
            // Longer by so much, also when it begins only with a delivery still to be proved.
            doing.after.limit_days = doing.before.limit_days + days;
        }
        _ => {
            doing.input.needs_text()?;
            doing.inner = !doing.asker.person.is_institution();
        }
    }
    Ok(())
}

/// 送法制审核: names who reads it and writes an opinion (by a note); who hands out sight of leads lets them see it.
pub(super) fn refer(doing: &mut Doing<'_>) -> Result<()> {
    let account = doing.input.assignee.as_deref().unwrap_or("");
    let found = doing.asker.colleagues.iter().find(|one| one.account == account && one.roles.iter().any(|own| own == role::LEGAL));
    let colleague = found.ok_or_else(|| CaseError::field("assignee", "请选择一名法制审核人员"))?;
    doing.input.needs_text()?;
    doing.said = Some(format!("送 {}：{}", colleague.name, doing.input.text()));
    Ok(())
}

/// The day given as `until`: of a delivery, between the day the institution was told (发送，或复审结论) and today.
pub(super) async fn day_of_delivery(doing: &Doing<'_>, change: &mut Change) -> Result<Day> {
    let today = doing.today();
    let Some(text) = doing.input.until.as_deref().filter(|text| !text.is_empty()) else { return Ok(today) };
    let day = parse_day(text).ok_or_else(|| CaseError::field("until", "日期应为 YYYY-MM-DD"))?;
    let told = if doing.before.status == Status::Appeal { "conclude" } else { "send" };
    let sql = "select max(at) as at from lead_steps where lead = $1 and act = $2";
    let row = change.one(sql, &[doing.before.id.as_str().into(), told.into()]).await?;
    let sent = row.map(|row| row.maybe_int("at")).transpose()?.flatten().map_or(today, day_of);
    if day > today || day < sent {
        return Err(CaseError::field("until", format!("送达日期应在告知之日 {} 至今天之间", format_day(sent))));
    }
    Ok(day)
}
