//! Lists of leads: filters, four orders, keyset pages, total and sums; always below a scope.
//!
//! Which leads, in what order and how much they come to is asked of the roll ([`super::roll`]); the store is asked for the rows of the page.

use std::collections::HashMap;

use mingjian_model::day::{day_of, parse_day};
use mingjian_store::{Arg, Row};
use serde::{Deserialize, Serialize};

use super::ask::{Order, Question, Totals};
use super::roll::{Entry, Id};
use super::row::{LEAD_COLUMNS, LeadRow};
use super::view::{Lead, LeadPage};
use crate::Office;
use crate::error::{CaseError, Result};
use crate::person::{Asker, role};
use crate::status::Status;

/// Rows read by one statement.
const ROWS_AT_ONCE: usize = 201;

/// What a list is asked by: the query parameters of the contract.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Filter {
    /// Status ids, by comma.
    pub status: Option<String>,
    pub institution: Option<String>,
    pub rule: Option<String>,
    /// 违规, 可疑, 提醒
    pub result: Option<String>,
    pub subject: Option<String>,
    /// Days of the findings.
    pub from: Option<String>,
    pub to: Option<String>,
    pub amount_min_fen: Option<i64>,
    /// A number, a person's, visit's or practitioner's code, an institution's code or part of its name.
    pub q: Option<String>,
    /// 1: in my hands.
    pub mine: Option<u8>,
    /// Due within so many working days; what is over too.
    pub due: Option<i64>,
    /// 1: only what is put off to a later day (暂缓); 0: only what is not.
    pub put_off: Option<u8>,
    /// rank (default; for an institution the amount), amount, due, day
    pub sort: Option<String>,
    /// Where the page before ended: `next` or `prev` of an answer.
    pub after: Option<String>,
    /// 50 unless said; at most 200.
    pub limit: Option<i64>,
}

/// The order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    Rank,
    Amount,
    Due,
    Day,
}

impl Sort {
    fn of(text: Option<&str>) -> Result<Sort> {
        match text.unwrap_or("rank") {
            "rank" | "" => Ok(Sort::Rank),
            "amount" => Ok(Sort::Amount),
            "due" => Ok(Sort::Due),
            "day" => Ok(Sort::Day),
            _ => Err(CaseError::field("sort", "排序应为 rank、amount、due 或 day")),
        }
    }

    fn key(self) -> fn(&Entry) -> i64 {
        match self {
            Sort::Rank => |entry| entry.rank_fen,
            Sort::Amount => |entry| entry.amount_fen,
            Sort::Due => |entry| entry.due_day.into(),
            Sort::Day => |entry| entry.last_day.into(),
        }
    }

    /// The largest first, save for limits: the nearest first.
    fn is_descending(self) -> bool {
        self != Sort::Due
    }
}

/// A condition under construction: text with its arguments numbered as they come.
#[derive(Debug, Clone, Default)]
pub(crate) struct Where {
    parts: Vec<String>,
    pub args: Vec<Arg>,
}

impl Where {
    /// Begins with the scope, whose placeholders are the first.
    pub fn below(scope: &crate::person::Scope) -> Where {
        Where { parts: vec![format!("({})", scope.sql)], args: scope.args.clone() }
    }

    /// Adds a condition in which each `?` is the next argument.
    pub fn and(&mut self, condition: &str, args: impl IntoIterator<Item = Arg>) {
        let mut args = args.into_iter();
        let mut text = String::with_capacity(condition.len() + 8);
        for char in condition.chars() {
            match (char, char == '?') {
                (_, true) => {
                    self.args.extend(args.next());
                    text.push_str(&format!("${}", self.args.len()));
                }
                (char, false) => text.push(char),
            }
        }
        self.parts.push(text);
    }

    /// `column in (…)`; nothing matches an empty list.
    pub fn and_in(&mut self, column: &str, values: &[String]) {
        if values.is_empty() {
            self.parts.push("1 = 0".into());
        } else {
            let marks = vec!["?"; values.len()].join(", ");
            self.and(&format!("{column} in ({marks})"), values.iter().map(|value| Arg::from(value.as_str())));
        }
    }

    pub fn sql(&self) -> String {
        self.parts.join(" and ")
    }
}

/// A page of leads within the asker's scope.
pub async fn list(office: &Office, asker: &Asker, filter: &Filter) -> Result<LeadPage> {
    let limit = filter.limit.unwrap_or(50).clamp(1, 200) as usize;
    let (question, sort) = asked(office, asker, filter).await?;
    let cursor = filter.after.as_deref().filter(|text| !text.is_empty()).map(Cursor::parse).transpose()?;
    let back = cursor.as_ref().is_some_and(|cursor| cursor.back);
    let ((total, sum_amount_fen, sum_fund_fen), mut found) = found(office, &question, sort, cursor.as_ref(), limit + 1);
    let more = found.len() > limit;
    found.truncate(limit);
    if back {
        found.reverse();
    }
    let mark = |place: Option<&(i64, Id)>, back| place.map(|(key, id)| Cursor { back, key: *key, id: *id }.print());
    let (next, prev) = match back {
        false => (mark(found.last().filter(|_| more), false), mark(found.first().filter(|_| cursor.is_some()), true)),
        true => (mark(found.last(), false), mark(found.first().filter(|_| more), true)),
    };
    let outside = asker.person.is_institution();
    let rows = rows_of(office, asker, &found).await?;
    let items = rows.iter().map(|lead| lead.to_view(&office.calendar, asker.at, outside)).collect();
    Ok(LeadPage { items, total, sum_amount_fen, sum_fund_fen, next, prev })
}

/// Ids of at most `most` leads a filter names, in its order: for acts on many. The second is whether there are more.
pub async fn ids(office: &Office, asker: &Asker, filter: &Filter, most: i64) -> Result<(Vec<String>, bool)> {
    let (question, sort) = asked(office, asker, filter).await?;
    let most = usize::try_from(most).unwrap_or(0);
    let (_, mut found) = found(office, &question, sort, None, most + 1);
    let more = found.len() > most;
    found.truncate(most);
    Ok((found.iter().map(|(_, id)| id.text()).collect(), more))
}

/// The first leads of a filter, as many as there is room for.
async fn first(office: &Office, asker: &Asker, filter: &Filter, most: i64) -> Result<Vec<LeadRow>> {
    let (question, sort) = asked(office, asker, filter).await?;
    let (_, found) = found(office, &question, sort, None, usize::try_from(most).unwrap_or(0));
    rows_of(office, asker, &found).await
}

/// 今日优先: what the asker should read today. An auditor: what is in hand first, then the dearest nobody has, up to what one can read in
/// a day less what was taken up today. Others: what waits for them.
pub async fn today(office: &Office, asker: &Asker) -> Result<Vec<Lead>> {
    let person = &asker.person;
    let per_day = office.settings.ranking.per_day.max(0);
    let one = |status: &str, mine: bool, sort: &str, limit: i64| Filter {
        status: Some(status.into()),
        mine: mine.then_some(1),
        sort: Some(sort.into()),
        limit: Some(limit.clamp(1, 200)),
        // What is put off is nobody's today; an institution is not told of it.
        put_off: (!person.is_institution()).then_some(0),
        ..Filter::default()
    };
    let (mine, open) = if person.is_institution() {
        (one("sent,appeal", false, "due", per_day), None)
    } else if person.has(role::AUDITOR) {
        (one("check", true, "rank", per_day), Some(one("new", false, "rank", per_day)))
    } else if person.has(role::REVIEWER) {
        (one("review", true, "due", per_day), Some(one("answered", false, "rank", per_day)))
    } else if person.has(role::LEGAL) {
        (one("answered,review,appeal,appeal2,panel,final", true, "due", per_day), None)
    } else if person.has(role::EXPERT) {
        (one("panel", true, "due", per_day), None)
    } else {
        (one("appeal2,final", false, "due", per_day), Some(one("new", false, "rank", per_day)))
    };
    let outside = person.is_institution();
    let mut leads = first(office, asker, &mine, per_day).await?;
    if let Some(open) = open {
        let taken = taken_today(office, asker).await?;
        let room = per_day - taken.max(leads.len() as i64);
        if room > 0 {
            leads.extend(first(office, asker, &open, room).await?);
        }
    }
    Ok(leads.iter().map(|lead| lead.to_view(&office.calendar, asker.at, outside)).collect())
}

/// Leads sent to a legal reviewer on which they have not said a word since; none for others. What was referred to somebody else is out of
/// their scope.
pub(crate) async fn referred(office: &Office, asker: &Asker) -> Result<Vec<Row>> {
    if !asker.person.has(role::LEGAL) {
        return Ok(Vec::new());
    }
    let mut clause = scoped(asker);
    clause.and(
        "s.act = 'refer' and not exists (select 1 from lead_steps n where n.lead = l.id and n.account = ? and n.seq > s.seq)",
        [asker.person.account.as_str().into()],
    );
    let sql = format!("select distinct l.id as id from leads l join lead_steps s on s.lead = l.id where {}", clause.sql());
    office.store.rows(&sql, &clause.args).await.map_err(Into::into)
}

/// Leads the asker has acted on today; what was put off is not among what was read.
async fn taken_today(office: &Office, asker: &Asker) -> Result<i64> {
    let today = i64::from(day_of(asker.at));
    let from = today * mingjian_model::day::MICROS_PER_DAY;
    let sql = "select count(distinct s.lead) as n from lead_steps s join leads l on l.id = s.lead where s.account = $1 and s.at >= $2 \
               and l.put_off_day <= $3";
    let row = office.store.one(sql, &[asker.person.account.as_str().into(), from.into(), today.into()]).await?;
    Ok(row.map(|row| row.int("n")).transpose()?.unwrap_or(0))
}

/// What everything asked of leads stands below: the scope, and for an institution only what it was told.
pub(crate) fn scoped(asker: &Asker) -> Where {
    let mut clause = Where::below(&asker.scope);
    if asker.person.is_institution() {
        clause.and("l.told = 1 and l.status not in ('new', 'check')", []);
        clause.and("l.institution = ?", [Arg::from(asker.person.institution.as_deref().unwrap_or("\u{1}"))]);
    }
    clause
}

/// A filter as a question below the asker's scope, and its order.
async fn asked(office: &Office, asker: &Asker, filter: &Filter) -> Result<(Question, Sort)> {
    let roll = &office.roll;
    let mut question = Question::below(office, asker).await?;
    let sort = match Sort::of(filter.sort.as_deref())? {
        // An institution is not told what the bureau expects to recover: neither by an order nor by the place a page ends at.
        Sort::Rank if asker.person.is_institution() => Sort::Amount,
        sort => sort,
    };
    let mut statuses = Vec::new();
    for id in filter.status.as_deref().unwrap_or("").split(',').map(str::trim).filter(|id| !id.is_empty()) {
        statuses.push(Status::of(id).ok_or_else(|| CaseError::field("status", format!("没有这个状态：{id}")))?);
    }
    question.statuses(&statuses);
    let text = |text: &Option<String>| text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    if let Some(institution) = text(&filter.institution) {
        question.institutions(roll, |code| code == institution);
    }
    if let Some(subject) = text(&filter.subject) {
        question.subject(roll, &subject);
    }
    if let Some(result) = text(&filter.result) {
        question.result(roll, &result);
    }
    if let Some(rule) = text(&filter.rule) {
        question.rule(roll, &rule);
    }
    let day = |name: &str, text: &str| parse_day(text).map(i64::from).ok_or_else(|| CaseError::field(name, "日期应为 YYYY-MM-DD"));
    // A lead belongs to its last day, so that months add up.
    let (from, to) = (text(&filter.from), text(&filter.to));
    question.days(from.map(|from| day("from", &from)).transpose()?, to.map(|to| day("to", &to)).transpose()?);
    if let Some(least) = filter.amount_min_fen {
        question.least(least);
    }
    if filter.mine == Some(1) && !asker.person.is_institution() {
        let me = asker.person.account.as_str();
        let seats = "select lead as id from panel_seats where account = $1 and state = 'asked'";
        let mut theirs = if asker.person.has(role::EXPERT) { office.store.rows(seats, &[me.into()]).await? } else { Vec::new() };
        theirs.extend(referred(office, asker).await?);
        question.holder(roll, me, &theirs)?;
    }
    if let Some(waits) = filter.put_off.filter(|_| !asker.person.is_institution()) {
        question.waiting(waits == 1, day_of(asker.at));
    }
    if let Some(days) = filter.due {
        // Below zero: what is over.
        let today = day_of(asker.at);
        question.until(i64::from(if days < 0 { today - 1 } else { office.calendar.add(today, days.min(400)) }));
    }
    if sort == Sort::Due {
        question.limited();
    }
    if let Some(q) = text(&filter.q) {
        search(office, &mut question, &q).await?;
    }
    Ok((question, sort))
}

/// Adds what the search box means.
async fn search(office: &Office, question: &mut Question, q: &str) -> Result<()> {
    let q: String = q.chars().take(64).collect();
    if q.len() >= 2 && q.to_ascii_uppercase().starts_with("XS") {
        question.numbers(&q.to_ascii_uppercase());
        return Ok(());
    }
    let like = format!("%{}%", q.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
    let sql = "select code from institution_names where code = $1 or name like $2 escape '\\' order by code limit 200";
    let rows = office.store.rows(sql, &[q.as_str().into(), like.into()]).await?;
    let codes = rows.iter().map(|row| row.text("code")).collect::<std::result::Result<Vec<_>, _>>()?;
    if codes.is_empty() {
        // One index each: the union is asked in one statement, the scope is the question's.
        let sql = "select id from leads where person_no = $1 union select id from leads where visit = $1 \
                   union select id from leads where practitioner = $1";
        question.only(&office.roll, &office.store.rows(sql, &[q.as_str().into()]).await?)?;
        return Ok(());
    }
    question.institutions(&office.roll, |code| codes.iter().any(|one| one == code));
    Ok(())
}

/// Totals of a question, and the places of a page.
fn found(office: &Office, question: &Question, sort: Sort, cursor: Option<&Cursor>, most: usize) -> (Totals, Vec<(i64, Id)>) {
    let back = cursor.is_some_and(|cursor| cursor.back);
    let order = Order { key: sort.key(), descending: sort.is_descending() != back, beyond: cursor.map(|cursor| (cursor.key, cursor.id)) };
    question.page(&office.roll.read(), &order, most)
}

/// The rows of a page, in its order; below the scope once more, since they are read a moment later.
async fn rows_of(office: &Office, asker: &Asker, found: &[(i64, Id)]) -> Result<Vec<LeadRow>> {
    let mut rows = HashMap::with_capacity(found.len());
    for some in found.chunks(ROWS_AT_ONCE) {
        let mut clause = scoped(asker);
        clause.and_in("l.id", &some.iter().map(|(_, id)| id.text()).collect::<Vec<_>>());
        for row in office.store.rows(&format!("select {LEAD_COLUMNS} from leads l where {}", clause.sql()), &clause.args).await? {
            let lead = LeadRow::read(&row)?;
            rows.insert(lead.id.clone(), lead);
        }
    }
    Ok(found.iter().filter_map(|(_, id)| rows.remove(&id.text())).collect())
}

/// Where a page ended.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Cursor {
    /// Towards the beginning.
    back: bool,
    key: i64,
    id: Id,
}

impl Cursor {
    fn print(&self) -> String {
        format!("{}{}_{}", if self.back { 'p' } else { 'n' }, self.key, self.id.text())
    }

    fn parse(text: &str) -> Result<Cursor> {
        let wrong = || CaseError::field("after", "翻页标记无效，请回到第一页");
        let back = match text.chars().next() {
            Some('n') => false,
            Some('p') => true,
            _ => return Err(wrong()),
        };
        let (key, id) = text[1..].split_once('_').ok_or_else(wrong)?;
        Ok(Cursor { back, key: key.parse().map_err(|_| wrong())?, id: Id::of(id).ok_or_else(wrong)? })
    }
}
