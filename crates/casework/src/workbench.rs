//! 工作台: the few numbers of a morning, what to read first, what falls due, who has how much.

use std::collections::BTreeMap;

use mingjian_model::day::{MICROS_PER_DAY, day_of, from_ymd, to_ymd};
use mingjian_store::Arg;
use serde::Serialize;

use crate::Office;
use crate::error::Result;
use crate::leads::list::scoped;
use crate::leads::row::{NO_DUE, day_text};
use crate::leads::{Lead, today};
use crate::person::{Asker, role};
use crate::status::Status;

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Workbench {
    pub strip: Strip,
    /// 今日优先
    pub first: Vec<Lead>,
    pub ladder: Ladder,
    /// The last 26 weeks, oldest first.
    pub weeks: Vec<Week>,
    /// Per person, for those who give out work.
    pub load: Vec<Load>,
    /// The nearest day on which something falls due.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_due: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Strip {
    /// What waits for the asker.
    pub todo: i64,
    /// Of it, what is due within three working days or over.
    pub due3: i64,
    /// Leads nobody has.
    pub new_leads: i64,
    /// What came back: answered, appealed again.
    pub replied: i64,
    /// Offset and paid this year; refused money is not among it.
    pub recovered_fen: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_fen: Option<i64>,
}

/// By working days left.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Ladder {
    pub overdue: i64,
    pub today: i64,
    pub d1_3: i64,
    pub d4_7: i64,
    pub later: i64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Week {
    /// Its Monday.
    pub week: String,
    pub violation: i64,
    pub suspect: i64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Load {
    pub account: String,
    pub name: String,
    pub in_hand: i64,
    pub median_age_days: i64,
    pub overdue: i64,
}

/// The asker's morning.
pub async fn workbench(office: &Office, asker: &Asker) -> Result<Workbench> {
    let (ladder, next_due) = ladder(office, asker).await?;
    let mut first = today(office, asker).await?;
    first.truncate(10);
    Ok(Workbench {
        strip: strip(office, asker).await?,
        first,
        ladder,
        weeks: weeks(office, asker).await?,
        load: load(office, asker).await?,
        next_due,
    })
}

/// 催办: a lead whose limit is near or over, and whose move it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reminder {
    pub lead: String,
    pub status: String,
    pub status_title: String,
    /// Who has it inside; blank where it waits for a role.
    pub holder: String,
    /// The institution whose answer is awaited; blank where it is the bureau's move.
    pub institution: String,
    pub due: String,
    pub working_days_left: i64,
}

/// Leads within the asker's scope that fall due within so many working days or are over, the nearest first; at most 1,000. For the notices
/// of a morning: to whom they go is the caller's matter.
pub async fn reminders(office: &Office, asker: &Asker, days: i64) -> Result<Vec<Reminder>> {
    let today = day_of(asker.at);
    let mut clause = scoped(asker);
    clause.and("l.due_day <= ?", [i64::from(office.calendar.add(today, days.clamp(0, 60))).into()]);
    let sql = format!(
        "select l.id, l.status, l.holder, l.institution, l.due_day from leads l where {} order by l.due_day, l.id limit 1000",
        clause.sql()
    );
    let mut reminders = Vec::new();
    for row in office.store.rows(&sql, &clause.args).await? {
        let (status, due) = (row.text("status")?, row.int("due_day")?);
        let known = Status::of(&status).ok_or_else(|| crate::CaseError::Broken(format!("leads.status: {status}")))?;
        let theirs = matches!(known, Status::Sent | Status::Appeal);
        reminders.push(Reminder {
            lead: row.text("id")?,
            status,
            status_title: known.title().into(),
            holder: row.text("holder")?,
            institution: if theirs { row.text("institution")? } else { String::new() },
            due: day_text(due),
            working_days_left: mingjian_model::day::Day::try_from(due).map_or(0, |due| office.calendar.left(today, due)),
        });
    }
    Ok(reminders)
}

/// Which leads wait for the asker: statuses, and whether only those in hand.
fn mine(asker: &Asker) -> (&'static [&'static str], bool) {
    let person = &asker.person;
    if person.is_institution() {
        (&["sent", "appeal"], false)
    } else if person.has(role::SUPERVISOR) || person.has(role::DIRECTOR) {
        (&["appeal2", "final"], false)
    } else if person.has(role::EXPERT) {
        (&["panel"], true)
    } else {
        (&["check", "sent", "review", "appeal"], true)
    }
}

fn own(asker: &Asker) -> crate::leads::list::Where {
    let (statuses, in_hand) = mine(asker);
    let mut clause = scoped(asker);
    let list: Vec<String> = statuses.iter().map(|&status| status.to_owned()).collect();
    clause.and_in("l.status", &list);
    if in_hand {
        let me: Arg = asker.person.account.as_str().into();
        if asker.person.has(role::EXPERT) {
            clause.and("l.id in (select s.lead from panel_seats s where s.account = ? and s.state = 'asked')", [me]);
        } else {
            clause.and("l.holder = ?", [me]);
        }
    }
    clause
}

async fn strip(office: &Office, asker: &Asker) -> Result<Strip> {
    let today = day_of(asker.at);
    let mut clause = own(asker);
    let soon = i64::from(office.calendar.add(today, 3));
    clause.args.push(soon.into());
    let sql = format!(
        "select count(*) as n, cast(coalesce(sum(case when l.due_day <= ${} then 1 else 0 end), 0) as bigint) as soon from leads l where {}",
        clause.args.len(),
        clause.sql()
    );
    let row = office.store.one(&sql, &clause.args).await?;
    let (todo, due3) = row.map(|row| Ok::<_, crate::CaseError>((row.int("n")?, row.int("soon")?))).transpose()?.unwrap_or_default();
    let (mut new_leads, mut replied) = (0, 0);
    if !asker.person.is_institution() {
        new_leads = count(office, asker, &["new"]).await?;
        replied = count(office, asker, &["answered", "appeal2"]).await?;
    }
    Ok(Strip { todo, due3, new_leads, replied, recovered_fen: recovered(office, asker).await?, target_fen: office.settings.target_fen })
}

async fn count(office: &Office, asker: &Asker, statuses: &[&str]) -> Result<i64> {
    let filter = crate::leads::Filter { status: Some(statuses.join(",")), limit: Some(1), ..crate::leads::Filter::default() };
    crate::leads::list::total(office, asker, &filter).await
}

/// Offset and paid since 1 January, within the scope.
async fn recovered(office: &Office, asker: &Asker) -> Result<i64> {
    let year = to_ymd(day_of(asker.at)).0;
    let from = i64::from(from_ymd(year, 1, 1).unwrap_or(0)) * MICROS_PER_DAY;
    let scope = asker.scope.of_table_with_lead("lead");
    let mut clause = crate::leads::list::Where::below(&scope);
    if asker.person.is_institution() {
        clause.and("institution = ?", [Arg::from(asker.person.institution.as_deref().unwrap_or("\u{1}"))]);
    }
    let inner = clause.sql();
    clause.args.push(from.into());
    let sql = format!(
        "select cast(coalesce(sum(e.amount_fen), 0) as bigint) as fen from recovery_entries e where e.at >= ${} and e.kind in ('offset', 'paid') \
         and e.recovery in (select id from recoveries where {inner})",
        clause.args.len()
    );
    Ok(office.store.one(&sql, &clause.args).await?.map(|row| row.int("fen")).transpose()?.unwrap_or(0))
}

async fn ladder(office: &Office, asker: &Asker) -> Result<(Ladder, Option<String>)> {
    let today = day_of(asker.at);
    let day = |days| i64::from(office.calendar.add(today, days));
    let (three, seven) = (day(3), day(7));
    let mut clause = own(asker);
    clause.and("l.due_day < ?", [NO_DUE.into()]);
    let base = clause.args.len();
    clause.args.extend([i64::from(today).into(), three.into(), seven.into()]);
    let case = |condition: String| format!("cast(coalesce(sum(case when {condition} then 1 else 0 end), 0) as bigint)");
    let (t, d3, d7) = (format!("${}", base + 1), format!("${}", base + 2), format!("${}", base + 3));
    let sql = format!(
        "select {} as overdue, {} as today, {} as d1_3, {} as d4_7, {} as later, min(case when l.due_day >= {t} then l.due_day end) as nearest \
         from leads l where {}",
        case(format!("l.due_day < {t}")),
        case(format!("l.due_day = {t}")),
        case(format!("l.due_day > {t} and l.due_day <= {d3}")),
        case(format!("l.due_day > {d3} and l.due_day <= {d7}")),
        case(format!("l.due_day > {d7}")),
        clause.sql()
    );
    let Some(row) = office.store.one(&sql, &clause.args).await? else { return Ok((Ladder::default(), None)) };
    let ladder = Ladder {
        overdue: row.int("overdue")?,
        today: row.int("today")?,
        d1_3: row.int("d1_3")?,
        d4_7: row.int("d4_7")?,
        later: row.int("later")?,
    };
    Ok((ladder, row.maybe_int("nearest")?.map(day_text)))
}

/// Findings' leads by week of the care, the last 26 weeks with data up to today.
async fn weeks(office: &Office, asker: &Asker) -> Result<Vec<Week>> {
    const WEEKS: i64 = 26;
    if asker.person.is_institution() || !asker.scope.speaks_only_of(&["region", "institution"]) {
        return Ok(Vec::new());
    }
    let mut clause = crate::leads::list::Where::below(&asker.scope);
    let newest = office.store.one(&format!("select max(week) as week from lead_weeks where {}", clause.sql()), &clause.args).await?;
    let Some(newest) = newest.map(|row| row.maybe_int("week")).transpose()?.flatten() else { return Ok(Vec::new()) };
    let this = (i64::from(day_of(asker.at)) + 3) / 7 * 7 - 3;
    let newest = newest.min(this);
    let first = newest - 7 * (WEEKS - 1);
    clause.and("week >= ? and week <= ?", [first.into(), newest.into()]);
    let sql =
        format!("select week, result, cast(sum(findings) as bigint) as n from lead_weeks where {} group by week, result", clause.sql());
    let mut by_week: BTreeMap<i64, (i64, i64)> = (0..WEEKS).map(|n| (first + 7 * n, (0, 0))).collect();
    for row in office.store.rows(&sql, &clause.args).await? {
        let part = by_week.entry(row.int("week")?).or_default();
        match row.text("result")?.as_str() {
            "违规" => part.0 += row.int("n")?,
            _ => part.1 += row.int("n")?,
        }
    }
    Ok(by_week.into_iter().map(|(week, (violation, suspect))| Week { week: day_text(week), violation, suspect }).collect())
}

/// What each person has in hand: for those who give out work, no ranking of people.
async fn load(office: &Office, asker: &Asker) -> Result<Vec<Load>> {
    if !asker.person.has(role::SUPERVISOR) && !asker.person.has(role::DIRECTOR) {
        return Ok(Vec::new());
    }
    let mut clause = scoped(asker);
    clause.and("l.holder > '' and l.status in ('check', 'sent', 'review', 'appeal')", []);
    let sql = format!("select l.holder, l.holder_name, l.held_at, l.due_day from leads l where {} order by l.holder", clause.sql());
    let today = day_of(asker.at);
    let mut people: BTreeMap<String, (String, Vec<i64>, i64)> = BTreeMap::new();
    for row in office.store.rows(&sql, &clause.args).await? {
        let person = people.entry(row.text("holder")?).or_default();
        person.0 = row.text("holder_name")?;
        person.1.push(i64::from(today - day_of(row.int("held_at")?)));
        person.2 += i64::from(row.int("due_day")? < i64::from(today));
    }
    Ok(people
        .into_iter()
        .map(|(account, (name, mut ages, overdue))| {
            ages.sort_unstable();
            Load { account, name, in_hand: ages.len() as i64, median_age_days: ages[ages.len() / 2], overdue }
        })
        .collect())
}
