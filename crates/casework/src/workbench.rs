//! 工作台: the few numbers of a morning, what to read first, what falls due, who has how much.

use std::collections::BTreeMap;

use mingjian_model::day::{MICROS_PER_DAY, day_of, from_ymd, to_ymd};
use mingjian_store::Arg;
use serde::Serialize;

use crate::Office;
use crate::error::Result;
use crate::leads::ask::Question;
use crate::leads::list::{referred, scoped};
use crate::leads::roll::{Entry, Held};
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

/// Weeks a lead can count in, from 1970 on: to the year 2161.
const WEEKS_KNOWN: usize = 10_000;

/// The asker's morning.
pub async fn workbench(office: &Office, asker: &Asker) -> Result<Workbench> {
    let mut first = today(office, asker).await?;
    first.truncate(10);
    let recovered_fen = recovered(office, asker).await?;
    let (own, all) = (own(office, asker).await?, Question::below(office, asker).await?);
    // One walk over what waits for the asker, one over all they see.
    let held = office.roll.read();
    let (strip, ladder, next_due) = waiting(office, asker, &held, &own);
    let scene = scene(asker, &held, &all);
    let strip =
        Strip { new_leads: scene.new_leads, replied: scene.replied, recovered_fen, target_fen: office.settings.target_fen, ..strip };
    Ok(Workbench { strip, first, ladder, weeks: scene.weeks, load: scene.load, next_due })
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
fn mine(asker: &Asker) -> (&'static [Status], bool) {
    let person = &asker.person;
    if person.is_institution() {
        (&[Status::Sent, Status::Appeal], false)
    } else if person.has(role::SUPERVISOR) || person.has(role::DIRECTOR) {
        (&[Status::Appeal2, Status::Final], false)
    } else if person.has(role::LEGAL) {
        (
            &[Status::Check, Status::Sent, Status::Answered, Status::Review, Status::Appeal, Status::Appeal2, Status::Panel, Status::Final],
            true,
        )
    } else if person.has(role::EXPERT) {
        (&[Status::Panel], true)
    } else {
        (&[Status::Check, Status::Sent, Status::Review, Status::Appeal], true)
    }
}

async fn own(office: &Office, asker: &Asker) -> Result<Question> {
    let (statuses, in_hand) = mine(asker);
    let mut question = Question::below(office, asker).await?;
    question.statuses(statuses);
    if in_hand {
        let me = asker.person.account.as_str();
        if asker.person.has(role::LEGAL) {
            question.holder(&office.roll, me, &referred(office, asker).await?)?;
        } else if asker.person.has(role::EXPERT) {
            let seats = "select lead as id from panel_seats where account = $1 and state = 'asked'";
            question.only(&office.roll, &office.store.rows(seats, &[me.into()]).await?)?;
        } else {
            question.holder(&office.roll, me, &[])?;
        }
    }
    Ok(question)
}

/// What waits for the asker: how much, by working days left, and the nearest day to come.
fn waiting(office: &Office, asker: &Asker, held: &Held, own: &Question) -> (Strip, Ladder, Option<String>) {
    let today = day_of(asker.at);
    let day = |days| office.calendar.add(today, days);
    let (three, seven) = (day(3), day(7));
    let (mut strip, mut ladder, mut nearest) = (Strip::default(), Ladder::default(), None::<i32>);
    own.each(held, |_, entry| {
        let due = entry.due_day;
        strip.todo += i64::from(entry.put_off_day <= today);
        strip.due3 += i64::from(due <= three);
        if i64::from(due) >= NO_DUE {
            return;
        }
        *match due {
            due if due < today => &mut ladder.overdue,
            due if due == today => &mut ladder.today,
            due if due <= three => &mut ladder.d1_3,
            due if due <= seven => &mut ladder.d4_7,
            _ => &mut ladder.later,
        } += 1;
        if due >= today {
            nearest = Some(nearest.map_or(due, |other| other.min(due)));
        }
    });
    (strip, ladder, nearest.map(|day| day_text(day.into())))
}

/// What the asker sees of everybody's.
#[derive(Default)]
struct Scene {
    new_leads: i64,
    replied: i64,
    weeks: Vec<Week>,
    load: Vec<Load>,
}

/// Leads nobody has, those that came back, findings by week of the care (the last 26 weeks with data up to today), and for those who give
/// out work what each person has in hand: no ranking of people.
fn scene(asker: &Asker, held: &Held, all: &Question) -> Scene {
    const WEEKS: i64 = 26;
    let mut scene = Scene::default();
    if asker.person.is_institution() {
        return scene;
    }
    let today = day_of(asker.at);
    let gives_out = asker.person.has(role::SUPERVISOR) || asker.person.has(role::DIRECTOR);
    let violation = held.words.code("违规");
    // By the number of the week since 1970: a walk over a million leads looks up nothing.
    let mut numbered = vec![Week::default(); WEEKS_KNOWN];
    let mut people: BTreeMap<u32, (Vec<i64>, i64)> = BTreeMap::new();
    let nobody = held.holders.code("");
    all.each(held, |_, entry| {
        scene.new_leads += i64::from(entry.status == Status::New && entry.put_off_day <= today);
        scene.replied += i64::from(matches!(entry.status, Status::Answered | Status::Appeal2));
        let week = week_of(entry).and_then(|monday| usize::try_from((monday + 3) / 7).ok());
        if let Some(week) = week.and_then(|week| numbered.get_mut(week)) {
            let part = if violation == Some(entry.result.into()) { &mut week.violation } else { &mut week.suspect };
            *part += i64::from(entry.findings);
        }
        let in_hand = matches!(entry.status, Status::Check | Status::Sent | Status::Review | Status::Appeal);
        if gives_out && in_hand && nobody != Some(entry.holder) {
            let person = people.entry(entry.holder).or_default();
            person.0.push(i64::from(today - entry.held_day));
            person.1 += i64::from(entry.due_day < today);
        }
    });
    let monday_of = |number: usize| number as i64 * 7 - 3;
    let filled = |week: &Week| week.violation + week.suspect > 0;
    let mut by_week: BTreeMap<i64, Week> =
        numbered.into_iter().enumerate().filter(|(_, week)| filled(week)).map(|(number, week)| (monday_of(number), week)).collect();
    let this = monday(today);
    if let Some(newest) = by_week.keys().max().filter(|_| asker.scope.has_places()) {
        let newest = *newest.min(&this);
        scene.weeks = (0..WEEKS)
            .map(|n| newest - 7 * (WEEKS - 1 - n))
            .map(|week| Week { week: day_text(week), ..by_week.remove(&week).unwrap_or_default() })
            .collect();
    }
    scene.load = people
        .into_iter()
        .map(|(holder, (mut ages, overdue))| {
            ages.sort_unstable();
            let (account, name) = held.holders.word(holder);
            let median_age_days = ages[ages.len() / 2];
            Load { account: account.into(), name: name.into(), in_hand: ages.len() as i64, median_age_days, overdue }
        })
        .collect();
    scene.load.sort_by(|a, b| a.account.cmp(&b.account));
    scene
}

/// The Monday of the week a lead counts in; none where a run does not find it any more.
pub(crate) fn week_of(entry: &Entry) -> Option<i64> {
    (!entry.gone && entry.last_day > 0).then(|| monday(entry.last_day))
}

/// The Monday of a day's week: 1970-01-01 was a Thursday. Days are well past 1970, so plain division rounds down.
fn monday(day: i32) -> i64 {
    (i64::from(day) + 3) / 7 * 7 - 3
}

/// Offset and paid since 1 January, less what was given back, within the scope.
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
        "select cast(coalesce(sum(case when e.kind = 'returned' then -e.amount_fen else e.amount_fen end), 0) as bigint) as fen \
         from recovery_entries e where e.at >= ${} and e.kind in ('offset', 'paid', 'returned') \
         and e.recovery in (select id from recoveries where road = 'recover' and {inner})",
        clause.args.len()
    );
    Ok(office.store.one(&sql, &clause.args).await?.map(|row| row.int("fen")).transpose()?.unwrap_or(0))
}
