//! Lists of leads: filters, four orders, keyset pages, total and sums; always below a scope.
//!
//! How a million leads answer in milliseconds: a page is read from an index in its order, one branch per status where several are asked;
//! totals come from `lead_sums` where the filter speaks only of what it holds, else from the rows.

use mingjian_model::day::{day_of, parse_day};
use mingjian_store::{Arg, Row};
use serde::{Deserialize, Serialize};

use super::row::{LEAD_COLUMNS, LeadRow, NO_DUE};
use super::sums;
use super::view::{Lead, LeadPage};
use crate::Office;
use crate::error::{CaseError, Result};
use crate::person::{Asker, role};
use crate::status::Status;

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
    /// rank (default), amount, due, day
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

    fn column(self) -> &'static str {
        match self {
            Sort::Rank => "rank_fen",
            Sort::Amount => "amount_fen",
            Sort::Due => "due_day",
            Sort::Day => "last_day",
        }
    }

    fn key(self, lead: &LeadRow) -> i64 {
        match self {
            Sort::Rank => lead.rank_fen,
            Sort::Amount => lead.amount_fen,
            Sort::Due => lead.due_day,
            Sort::Day => lead.last_day,
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
    /// Places of parts that name a column of an index which the order should not be given up for.
    ranges: Vec<usize>,
    pub args: Vec<Arg>,
}

impl Where {
    /// Begins with the scope, whose placeholders are the first.
    pub fn below(scope: &crate::person::Scope) -> Where {
        Where { parts: vec![format!("({})", scope.sql)], ranges: Vec::new(), args: scope.args.clone() }
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

    /// Adds a condition that begins with a column and takes in many rows: see [`Where::sql_in_order`].
    fn and_range(&mut self, condition: &str, arg: Arg) {
        self.ranges.push(self.parts.len());
        self.and(condition, [arg]);
    }

    pub fn sql(&self) -> String {
        self.parts.join(" and ")
    }

    /// For a page in an order: a `+` before the column of a range keeps the database from reading all of the range by its index and
    /// sorting it, where walking the index of the order meets a page full soon.
    fn sql_in_order(&self) -> String {
        let part = |(at, part): (usize, &String)| if self.ranges.contains(&at) { format!("+{part}") } else { part.clone() };
        self.parts.iter().enumerate().map(part).collect::<Vec<_>>().join(" and ")
    }
}

/// A filter read and resolved.
struct Wanted {
    /// Scope and filter over `leads l`, without status, rule, result and days.
    clause: Where,
    result: Option<String>,
    /// First and last day, inclusive.
    days: (Option<i64>, Option<i64>),
    statuses: Vec<Status>,
    rule: Option<String>,
    sort: Sort,
    /// Only of columns that `lead_sums` has.
    summable: bool,
    /// Speaks of institutions: sums are those of each, not those over all.
    by_institution: bool,
    /// One branch a status reads faster.
    branched: bool,
}

/// A page of leads within the asker's scope.
pub async fn list(office: &Office, asker: &Asker, filter: &Filter) -> Result<LeadPage> {
    let limit = filter.limit.unwrap_or(50).clamp(1, 200);
    let wanted = wanted(office, asker, filter).await?;
    let cursor = filter.after.as_deref().filter(|text| !text.is_empty()).map(Cursor::parse).transpose()?;
    let back = cursor.as_ref().is_some_and(|cursor| cursor.back);
    let (total, sum_amount_fen, sum_fund_fen) = totals(office, &wanted).await?;
    // Where there is nothing, nothing is looked for: a walk along the order would go through all of it.
    let mut rows = if total == 0 { Vec::new() } else { page(office, &wanted, cursor.as_ref(), limit + 1).await? };
    let more = rows.len() as i64 > limit;
    rows.truncate(limit as usize);
    if back {
        rows.reverse();
    }
    let mark = |lead: Option<&LeadRow>, back| lead.map(|lead| Cursor { back, key: wanted.sort.key(lead), id: lead.id.clone() }.print());
    let (next, prev) = match back {
        false => (mark(rows.last().filter(|_| more), false), mark(rows.first().filter(|_| cursor.is_some()), true)),
        true => (mark(rows.last(), false), mark(rows.first().filter(|_| more), true)),
    };
    let outside = asker.person.is_institution();
    let items = rows.iter().map(|lead| lead.to_view(&office.calendar, asker.at, outside)).collect();
    Ok(LeadPage { items, total, sum_amount_fen, sum_fund_fen, next, prev })
}

/// How many leads a filter names.
pub(crate) async fn total(office: &Office, asker: &Asker, filter: &Filter) -> Result<i64> {
    Ok(totals(office, &wanted(office, asker, filter).await?).await?.0)
}

/// Ids of at most `most` leads a filter names, in its order: for acts on many. The second is whether there are more.
pub async fn ids(office: &Office, asker: &Asker, filter: &Filter, most: i64) -> Result<(Vec<String>, bool)> {
    let wanted = wanted(office, asker, filter).await?;
    let mut rows = page(office, &wanted, None, most + 1).await?;
    let more = rows.len() as i64 > most;
    rows.truncate(most as usize);
    Ok((rows.into_iter().map(|lead| lead.id).collect(), more))
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
        ..Filter::default()
    };
    let (mine, open) = if person.is_institution() {
        (one("sent,appeal", false, "due", per_day), None)
    } else if person.has(role::AUDITOR) {
        (one("check", true, "rank", per_day), Some(one("new", false, "rank", per_day)))
    } else if person.has(role::REVIEWER) {
        (one("review", true, "due", per_day), Some(one("answered", false, "rank", per_day)))
    } else if person.has(role::EXPERT) {
        (one("panel", true, "due", per_day), None)
    } else {
        (one("appeal2,final", false, "due", per_day), Some(one("new", false, "rank", per_day)))
    };
    let outside = person.is_institution();
    let mut leads = page(office, &wanted(office, asker, &mine).await?, None, per_day).await?;
    if let Some(open) = open {
        let taken = taken_today(office, asker).await?;
        let room = per_day - taken.max(leads.len() as i64);
        if room > 0 {
            leads.extend(page(office, &wanted(office, asker, &open).await?, None, room).await?);
        }
    }
    Ok(leads.iter().map(|lead| lead.to_view(&office.calendar, asker.at, outside)).collect())
}

/// Leads the asker has acted on today.
async fn taken_today(office: &Office, asker: &Asker) -> Result<i64> {
    let from = i64::from(day_of(asker.at)) * mingjian_model::day::MICROS_PER_DAY;
    let sql = "select count(distinct lead) as n from lead_steps where account = $1 and at >= $2";
    let row = office.store.one(sql, &[asker.person.account.as_str().into(), from.into()]).await?;
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

async fn wanted(office: &Office, asker: &Asker, filter: &Filter) -> Result<Wanted> {
    let mut clause = scoped(asker);
    let mut summable = asker.scope.speaks_only_of(&["region", "institution"]);
    // A scope of few institutions, or one asked for, reads by institution and status.
    let mut by_institution = asker.person.is_institution() || asker.scope.sql.contains("institution");
    let mut branched = asker.person.is_institution() || (summable && by_institution);
    let mut statuses = Vec::new();
    for id in filter.status.as_deref().unwrap_or("").split(',').map(str::trim).filter(|id| !id.is_empty()) {
        statuses.push(Status::of(id).ok_or_else(|| CaseError::field("status", format!("没有这个状态：{id}")))?);
    }
    let text = |text: &Option<String>| text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    if let Some(institution) = text(&filter.institution) {
        clause.and("l.institution = ?", [institution.into()]);
        (branched, by_institution) = (true, true);
    }
    if let Some(subject) = text(&filter.subject) {
        clause.and("l.subject = ?", [subject.into()]);
    }
    let day = |name: &str, text: &str| parse_day(text).map(i64::from).ok_or_else(|| CaseError::field(name, "日期应为 YYYY-MM-DD"));
    // A lead belongs to its last day, so that months add up.
    let (from, to) = (text(&filter.from), text(&filter.to));
    let from = from.map(|from| day("from", &from)).transpose()?;
    let to = to.map(|to| day("to", &to)).transpose()?;
    if let Some(least) = filter.amount_min_fen {
        clause.and_range("l.amount_fen >= ?", least.into());
        summable = false;
    }
    if filter.mine == Some(1) {
        let me = asker.person.account.as_str();
        if !asker.person.is_institution() {
            if asker.person.has(role::EXPERT) {
                let seat = "(l.holder = ? or l.id in (select s.lead from panel_seats s where s.account = ? and s.state = 'asked'))";
                clause.and(seat, [me.into(), me.into()]);
            } else {
                clause.and("l.holder = ?", [me.into()]);
            }
            (summable, branched) = (false, true);
        }
    }
    if let Some(days) = filter.due {
        let until = office.calendar.add(day_of(asker.at), days.clamp(0, 400));
        clause.and("l.due_day <= ?", [i64::from(until).into()]);
        summable = false;
    }
    if let Some(q) = text(&filter.q) {
        let houses = search(office, &mut clause, &q).await?;
        summable &= houses;
        by_institution |= houses;
    }
    Ok(Wanted {
        clause,
        result: text(&filter.result),
        days: (from, to),
        statuses,
        rule: text(&filter.rule),
        sort: Sort::of(filter.sort.as_deref())?,
        summable,
        by_institution,
        branched,
    })
}

/// Adds what the search box means; true where it is only about institutions.
async fn search(office: &Office, clause: &mut Where, q: &str) -> Result<bool> {
    let q: String = q.chars().take(64).collect();
    if q.len() >= 2 && q.to_ascii_uppercase().starts_with("XS") {
        let from = q.to_ascii_uppercase();
        clause.and("l.id >= ? and l.id < ?", [from.clone().into(), format!("{from}\u{7f}").into()]);
        return Ok(false);
    }
    let like = format!("%{}%", q.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
    let sql = "select code from institution_names where code = $1 or name like $2 escape '\\' order by code limit 200";
    let rows = office.store.rows(sql, &[q.as_str().into(), like.into()]).await?;
    let codes = rows.iter().map(|row| row.text("code")).collect::<std::result::Result<Vec<_>, _>>()?;
    if codes.is_empty() {
        clause.and("(l.person_no = ? or l.visit = ? or l.practitioner = ?)", [q.as_str().into(), q.as_str().into(), q.as_str().into()]);
        return Ok(false);
    }
    clause.and_in("l.institution", &codes);
    Ok(true)
}

/// Where a page ended.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Cursor {
    /// Towards the beginning.
    back: bool,
    key: i64,
    id: String,
}

impl Cursor {
    fn print(&self) -> String {
        format!("{}{}_{}", if self.back { 'p' } else { 'n' }, self.key, self.id)
    }

    fn parse(text: &str) -> Result<Cursor> {
        let wrong = || CaseError::field("after", "翻页标记无效，请回到第一页");
        let back = match text.chars().next() {
            Some('n') => false,
            Some('p') => true,
            _ => return Err(wrong()),
        };
        let (key, id) = text[1..].split_once('_').ok_or_else(wrong)?;
        Ok(Cursor { back, key: key.parse().map_err(|_| wrong())?, id: id.to_owned() })
    }
}

/// Reads rows from the index of the order, one branch a status.
async fn page(office: &Office, wanted: &Wanted, cursor: Option<&Cursor>, limit: i64) -> Result<Vec<LeadRow>> {
    // In the order of worth results lie apart: what is suspected comes after all that is definite. Each is read by itself.
    let by_result = wanted.sort == Sort::Rank && wanted.rule.is_none() && !wanted.branched;
    let statuses: Vec<Option<Status>> = match wanted.statuses.as_slice() {
        [] if wanted.rule.is_none() && (wanted.branched || by_result && wanted.result.is_some()) => {
            Status::ALL.into_iter().map(Some).collect()
        }
        [] => vec![None],
        some => some.iter().copied().map(Some).collect(),
    };
    let results: Vec<Option<&str>> = match wanted.result.as_deref() {
        Some(result) => vec![Some(result)],
        None if by_result && !wanted.statuses.is_empty() => vec![Some("违规"), Some("可疑"), Some("提醒")],
        None => vec![None],
    };
    let back = cursor.is_some_and(|cursor| cursor.back);
    let descending = wanted.sort.is_descending() != back;
    let (order, beyond) = if descending { ("desc", "<") } else { ("asc", ">") };
    let column = wanted.sort.column();
    // A rule's leads are read from the rule's own index, save in the order of limits, which it does not have.
    let (from, key) = match &wanted.rule {
        Some(_) if wanted.sort != Sort::Due => ("lead_rules r join leads l on l.id = r.lead", format!("r.{column}")),
        Some(_) => ("leads l join lead_rules r on l.id = r.lead", format!("l.{column}")),
        None => ("leads l", format!("l.{column}")),
    };
    let id = if wanted.rule.is_some() && wanted.sort != Sort::Due { "r.lead" } else { "l.id" };
    let mut rows = Vec::new();
    // Branches are few and small: asked one after another, they stay within the store's cache of statements.
    let branches: Vec<_> = statuses.iter().flat_map(|status| results.iter().map(move |result| (*status, *result))).collect();
    for (status, result) in branches {
        let mut clause = wanted.clause.clone();
        let (from_day, to_day) = wanted.days;
        // Few days hold few leads: those are read by day.
        let few = from_day.zip(to_day).is_some_and(|(from, to)| to - from < 3);
        for (condition, bound) in [("l.last_day >= ?", from_day), ("l.last_day <= ?", to_day)] {
            match bound {
                Some(bound) if few => clause.and(condition, [bound.into()]),
                Some(bound) => clause.and_range(condition, bound.into()),
                None => {}
            }
        }
        if let Some(result) = result {
            clause.and("l.result = ?", [result.into()]);
        }
        if let Some(rule) = &wanted.rule {
            clause.and("r.rule = ?", [rule.as_str().into()]);
        }
        if let Some(status) = status {
            clause.and("l.status = ?", [status.id().into()]);
        }
        if let Some(cursor) = cursor {
            clause.and(&format!("({key}, {id}) {beyond} (?, ?)"), [cursor.key.into(), cursor.id.as_str().into()]);
        }
        if wanted.sort == Sort::Due {
            clause.and("l.due_day < ?", [NO_DUE.into()]);
        }
        let sql =
            format!("select {LEAD_COLUMNS} from {from} where {} order by {key} {order}, {id} {order} limit {limit}", clause.sql_in_order());
        for row in office.store.rows(&sql, &clause.args).await? {
            rows.push(LeadRow::read(&row)?);
        }
    }
    rows.sort_by(|a, b| {
        let order = wanted.sort.key(a).cmp(&wanted.sort.key(b)).then_with(|| a.id.cmp(&b.id));
        if descending { order.reverse() } else { order }
    });
    rows.truncate(limit as usize);
    Ok(rows)
}

/// Total, amount and fund of all that is wanted.
async fn totals(office: &Office, wanted: &Wanted) -> Result<Totals> {
    let (from, to) = (wanted.days.0.unwrap_or(0), wanted.days.1.unwrap_or(NO_DUE));
    let dated = wanted.days != (None, None);
    // In the order of limits only leads with a limit are listed, a rule of one institution is in no sum: rows are counted.
    let summable = wanted.summable && wanted.sort != Sort::Due && !(wanted.by_institution && (wanted.rule.is_some() || dated));
    if !summable || (dated && wanted.rule.is_some()) {
        return of_rows(office, wanted, (from, to)).await;
    }
    if !dated {
        return of_sums(office, wanted, None).await;
    }
    // Whole blocks from the sums, the days before and after them from the rows.
    let first = (from + sums::BLOCK_DAYS - 1) / sums::BLOCK_DAYS;
    let end = (to + 1) / sums::BLOCK_DAYS;
    if first >= end {
        return of_rows(office, wanted, (from, to)).await;
    }
    let mut totals = of_sums(office, wanted, Some((first, end))).await?;
    for (from, to) in [(from, first * sums::BLOCK_DAYS - 1), (end * sums::BLOCK_DAYS, to)] {
        if from <= to && from < NO_DUE {
            let edge = of_rows(office, wanted, (from, to)).await?;
            totals = (totals.0 + edge.0, totals.1 + edge.1, totals.2 + edge.2);
        }
    }
    Ok(totals)
}

/// Count, amount, fund.
type Totals = (i64, i64, i64);

/// What rows and sums alike are asked by.
fn narrowed(wanted: &Wanted) -> Where {
    let mut clause = wanted.clause.clone();
    if let Some(result) = &wanted.result {
        clause.and("l.result = ?", [result.as_str().into()]);
    }
    if !wanted.statuses.is_empty() {
        let ids: Vec<String> = wanted.statuses.iter().map(|status| status.id().to_owned()).collect();
        clause.and_in("l.status", &ids);
    }
    clause
}

/// From the sums; of the blocks from the first to before the end, where days are asked for.
async fn of_sums(office: &Office, wanted: &Wanted, blocks: Option<(i64, i64)>) -> Result<Totals> {
    let mut clause = narrowed(wanted);
    clause.and("l.rule = ?", [wanted.rule.as_deref().unwrap_or("").into()]);
    clause.and(if wanted.by_institution { "l.institution <> ?" } else { "l.institution = ?" }, [sums::ALL.into()]);
    if let Some((first, end)) = blocks {
        clause.and("l.block >= ? and l.block < ?", [first.into(), end.into()]);
    }
    let sql = format!("select {SUMS_OF_SUMS} from lead_sums l where {}", clause.sql());
    read_totals(office.store.one(&sql, &clause.args).await?)
}

/// From the rows of these days.
async fn of_rows(office: &Office, wanted: &Wanted, (from, to): (i64, i64)) -> Result<Totals> {
    let mut clause = narrowed(wanted);
    if from > 0 {
        clause.and("l.last_day >= ?", [from.into()]);
    }
    if to < NO_DUE {
        clause.and("l.last_day <= ?", [to.into()]);
    }
    if wanted.sort == Sort::Due {
        clause.and("l.due_day < ?", [NO_DUE.into()]);
    }
    let from = match &wanted.rule {
        Some(rule) => {
            clause.and("r.rule = ?", [rule.as_str().into()]);
            "lead_rules r join leads l on l.id = r.lead"
        }
        None => "leads l",
    };
    let sql = format!("select {SUMS_OF_ROWS} from {from} where {}", clause.sql());
    read_totals(office.store.one(&sql, &clause.args).await?)
}

const SUMS_OF_SUMS: &str = "cast(coalesce(sum(l.leads), 0) as bigint) as n, cast(coalesce(sum(l.amount_fen), 0) as bigint) as amount_fen, \
    cast(coalesce(sum(l.fund_fen), 0) as bigint) as fund_fen";
const SUMS_OF_ROWS: &str = "count(*) as n, cast(coalesce(sum(l.amount_fen), 0) as bigint) as amount_fen, \
    cast(coalesce(sum(l.fund_fen), 0) as bigint) as fund_fen";

fn read_totals(row: Option<Row>) -> Result<Totals> {
    let Some(row) = row else { return Ok((0, 0, 0)) };
    Ok((row.int("n")?, row.int("amount_fen")?, row.int("fund_fen")?))
}
