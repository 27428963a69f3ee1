//! 暂缓: a lead waits for a day and comes back by itself, since whether it waits is asked of the day, not of a mark.
//!
//! Limits that run towards an institution, or on a review it waits for, run on. Only the bureau's own first review waits too: its working
//! days left count from the day the lead comes back.

use mingjian_model::day::{Day, parse_day};

use super::act::Doing;
use super::table::Act;
use crate::error::{CaseError, Result};
use crate::leads::row::NO_DUE;
use crate::reasons;

/// The longest a lead is put off at once, in days.
const LONGEST: Day = 366;

pub(super) fn act(doing: &mut Doing<'_>) -> Result<()> {
    let today = doing.today();
    // Where its limit counts from as it stands.
    let from = Day::try_from(doing.before.put_off_day).unwrap_or(today).max(today);
    let day = match doing.row.act {
        Act::PutOff => {
            let day = doing.input.until.as_deref().and_then(parse_day);
            let day = day.ok_or_else(|| CaseError::field("until", "请填写暂缓到哪一天，日期应为 YYYY-MM-DD"))?;
            if day <= today || day > today + LONGEST {
                return Err(CaseError::field("until", "暂缓的日期应在明天至一年之内"));
            }
            doing.reason = doing.input.reason_of(reasons::PUT_OFF)?;
            doing.after.put_off_day = day.into();
            doing.said = Some(format!("暂缓至 {}。{}", mingjian_model::day::format_day(day), doing.input.text()));
            day
        }
        _ => {
            doing.after.put_off_day = 0;
            today
        }
    };
    if doing.before.status.is_early() && doing.before.due_day < NO_DUE {
        let due = Day::try_from(doing.before.due_day).unwrap_or(today);
        let left = doing.office.calendar.left(from, due).max(0);
        doing.after.due_day = doing.office.calendar.add(day, left).into();
    }
    Ok(())
}
