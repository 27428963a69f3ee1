//! 机构反馈与申诉: delivery, the institution's word on each finding, silence, a second appeal.

use mingjian_store::{Arg, Change};

use super::act::Doing;
use super::start::day_of_delivery;
use super::table::Act;
use crate::error::{CaseError, Result};
use crate::leads::row::FindingStored;
use crate::leads::view::LineAnswer;
use crate::reasons;
use crate::status::Status;

pub(super) async fn act(doing: &mut Doing<'_>, change: &mut Change, findings: &[FindingStored]) -> Result<()> {
    match doing.row.act {
        Act::Deliver => {
            // The proof: a file, or words that say how it was served.
            if doing.input.attachments.is_empty() {
                doing.input.needs_text().map_err(|_| CaseError::field("text", "请上传送达证明，或写明送达方式"))?;
            }
            let day = day_of_delivery(doing, change).await?;
            delivered(doing, day);
        }
        Act::Receipt => {
            let today = doing.today();
            delivered(doing, today);
        }
        Act::Reply => {
            said_late(doing);
            reply(doing, change, findings).await?;
        }
        Act::Lapse => lapse(doing, change, findings).await?,
        Act::Accept => {
            doing.after.status = Status::Final;
            doing.after.contested = false;
            to_the_last_word(doing);
        }
        _ => {
            if doing.input.attachments.is_empty() {
                doing.input.needs_text()?;
            }
            said_late(doing);
            doing.after.status = Status::Appeal2;
            doing.after.delivered_day.get_or_insert_with(|| mingjian_model::day::day_of(doing.asker.at).into());
            doing.hold_by_nobody();
            let today = doing.today();
            doing.run_from(today, doing.limits.panel);
        }
    }
    Ok(())
}

/// The limit set when it was sent, with what an extension added, runs from the day of delivery; all of it, also where the clock was stopped
/// before.
fn delivered(doing: &mut Doing<'_>, day: mingjian_model::day::Day) {
    doing.after.delivered_day = Some(day.into());
    if doing.before.paused_left.is_some() {
        doing.after.paused_left = Some(doing.before.limit_days);
    } else {
        let due = i64::from(doing.office.calendar.add(day, doing.before.limit_days));
        doing.after.due_day = doing.after.due_day.max(due);
    }
}

/// What a step says that came after its limit: taken, since nobody recorded the silence before, and visibly late.
fn said_late(doing: &mut Doing<'_>) {
    let today = doing.today();
    let due = mingjian_model::day::Day::try_from(doing.before.due_day).unwrap_or(today);
    if doing.before.delivered_day.is_some() && due < today {
        let days = -doing.office.calendar.left(today, due);
        let late = format!("（期满 {} 之后提交，晚 {days} 个工作日）", mingjian_model::day::format_day(due));
        doing.said = Some(format!("{late}{}", doing.input.text()));
    }
}

async fn reply(doing: &mut Doing<'_>, change: &mut Change, findings: &[FindingStored]) -> Result<()> {
    let input = doing.input;
    let all = input.vote.as_deref().filter(|vote| !vote.is_empty());
    let mut answers = Vec::with_capacity(findings.len());
    for finding in findings.iter().filter(|finding| !finding.gone || input.lines.iter().any(|line| line.finding_id == finding.id)) {
        let given = input.lines.iter().find(|line| line.finding_id == finding.id);
        let answer = match (given, all) {
            (Some(line), _) => line.clone(),
            (None, Some(all)) => LineAnswer { reason: input.reason.clone(), text: None, ..line(finding, all) },
            (None, None) => return Err(CaseError::field("lines", "每条疑点都要选择“认可”或“申诉”")),
        };
        let says = |text: &Option<String>| text.as_deref().is_some_and(|text| !text.trim().is_empty());
        match answer.conclusion.as_str() {
            "accept" => {}
            "appeal" => {
                let code = answer.reason.as_deref().unwrap_or("");
                let words = says(&answer.text) || says(&input.text);
                if !code.is_empty() && reasons::title(reasons::APPEAL, code).is_none() {
                    return Err(CaseError::field("lines", "申诉理由不在列表中"));
                }
                if (code.is_empty() || code == "other") && !words {
                    return Err(CaseError::field("lines", "申诉须选择理由或写明理由"));
                }
            }
            _ => return Err(CaseError::field("lines", "反馈应为“认可”或“申诉”")),
        }
        if answer.text.as_ref().is_some_and(|text| text.chars().count() > 2_000) {
            return Err(CaseError::field("lines", "每条说明不超过 2000 字"));
        }
        answers.push(answer);
    }
    super::review::belongs(&input.lines, findings)?;
    if answers.is_empty() {
        return Err(CaseError::field("lines", "没有可反馈的疑点"));
    }
    for answer in &answers {
        write_answer(change, answer).await?;
    }
    doing.after.contested = answers.iter().any(|answer| answer.conclusion == "appeal");
    doing.lines = answers;
    answered(doing);
    Ok(())
}

/// Silence past the limit, with proof of delivery: as if accepted.
async fn lapse(doing: &mut Doing<'_>, change: &mut Change, findings: &[FindingStored]) -> Result<()> {
    if doing.before.status == Status::Appeal {
        // The conclusion of the second review was not appealed in time.
        doing.after.status = Status::Final;
        to_the_last_word(doing);
        return Ok(());
    }
    let lines: Vec<LineAnswer> = findings
        .iter()
        .filter(|finding| !finding.gone)
        .map(|finding| LineAnswer { text: Some("逾期未反馈，视为无异议".into()), ..line(finding, "accept") })
        .collect();
    for answer in &lines {
        write_answer(change, answer).await?;
    }
    doing.lines = lines;
    doing.after.contested = false;
    answered(doing);
    Ok(())
}

fn line(finding: &FindingStored, conclusion: &str) -> LineAnswer {
    LineAnswer { finding_id: finding.id.clone(), conclusion: conclusion.into(), ..LineAnswer::default() }
}

fn answered(doing: &mut Doing<'_>) {
    let today = doing.today();
    doing.after.status = Status::Answered;
    // Who answers has received it.
    doing.after.delivered_day.get_or_insert(today.into());
    doing.hold_by_nobody();
    doing.run_from(today, doing.limits.review);
}

pub(super) fn to_the_last_word(doing: &mut Doing<'_>) {
    let today = doing.today();
    doing.hold_by_nobody();
    doing.run_from(today, doing.limits.last_word);
}

async fn write_answer(change: &mut Change, answer: &LineAnswer) -> Result<()> {
    let text = |text: &Option<String>| Arg::Text(text.as_deref().unwrap_or("").trim().to_owned());
    let args: [Arg; 4] = [answer.conclusion.as_str().into(), text(&answer.reason), text(&answer.text), answer.finding_id.as_str().into()];
    change.run("update lead_findings set answer = $1, answer_reason = $2, answer_text = $3 where id = $4", &args).await?;
    Ok(())
}
