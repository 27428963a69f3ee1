//! 对象画像, the part of casework: findings about a person or a doctor, and the leads they are worked on in, within the asker's scope.

use std::collections::BTreeMap;

use mingjian_model::day::{MICROS_PER_DAY, day_of, format_day};
use mingjian_store::Arg;

use crate::Office;
use crate::error::Result;
use crate::leads::list::scoped;
use crate::person::Asker;
use crate::status::Status;

/// Findings listed at most.
const LISTED: i64 = 50;
/// Subjects a search gives of each kind at most.
const FOUND: i64 = 6;

/// Whom findings are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of<'a> {
    Person(&'a str),
    /// A doctor's code, at one institution.
    Doctor(&'a str, &'a str),
}

/// A finding with where it is worked on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub id: String,
    pub lead: String,
    pub rule: String,
    pub rule_name: String,
    /// 违规, 可疑, 提醒
    pub result: String,
    pub text: String,
    pub institution: String,
    pub amount_fen: Option<i64>,
    /// Day of its last row, else of its first; empty where it has neither.
    pub day: String,
    pub status: Status,
    pub gone: bool,
}

/// Findings of a rule or a month; money counted once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sum {
    /// Name of the rule.
    pub title: String,
    pub findings: i64,
    pub amount_fen: i64,
}

/// All about a subject that the asker may see. What the newest run does not have any more is listed, and in no sum.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// Newest first.
    pub findings: Vec<Told>,
    pub total: i64,
    pub rules: BTreeMap<String, Sum>,
    /// By month, `2026-01`.
    pub months: BTreeMap<String, Sum>,
}

/// Findings about a subject.
pub async fn about(office: &Office, asker: &Asker, of: Of<'_>) -> Result<About> {
    let mut clause = scoped(asker);
    let (condition, args): (&str, Vec<Arg>) = match of {
        Of::Person(no) => ("person_no = ?", vec![no.into()]),
        Of::Doctor(code, institution) => ("practitioner = ? and institution = ?", vec![code.into(), institution.into()]),
    };
    // The leads first, below the scope; the columns of both tables have the same names.
    clause.and(&format!("l.id in (select lead from lead_findings where {condition})"), args.clone());
    let own = numbered(condition, clause.args.len());
    let mut all = clause.args.clone();
    all.extend(args);
    let seen = format!("with seen as (select l.id as number, l.status, l.institution_name from leads l where {})", clause.sql());
    let from = format!("from (select * from lead_findings where {own}) f join seen on seen.number = f.lead");
    let last = "coalesce(f.last_time, f.first_time)";
    let mut about = About::default();

    let sql = format!(
        "{seen} select f.rule, max(f.rule_name) as rule_name, {last} / {MICROS_PER_DAY} as day, count(*) as n, sum(f.counted_fen) as fen \
         {from} where f.gone = 0 group by f.rule, {last} / {MICROS_PER_DAY}"
    );
    for row in office.store.rows(&sql, &all).await? {
        let (findings, amount_fen) = (row.int("n")?, row.int("fen")?);
        let rule = about.rules.entry(row.text("rule")?).or_insert_with(Sum::default);
        rule.title = row.text("rule_name")?;
        rule.findings += findings;
        rule.amount_fen += amount_fen;
        if let Some(day) = row.maybe_int("day")?.and_then(|day| i32::try_from(day).ok()) {
            let month = about.months.entry(format_day(day)[..7].to_owned()).or_default();
            month.findings += findings;
            month.amount_fen += amount_fen;
        }
    }
    let total = office.store.one(&format!("{seen} select count(*) as n {from}"), &all).await?;
    about.total = total.map(|row| row.int("n")).transpose()?.unwrap_or(0);
    let sql = format!(
        "{seen} select f.id, f.lead, f.rule, f.rule_name, f.result, f.band, f.text, f.amount_fen, f.gone, {last} as last, seen.status, \
         seen.institution_name {from} order by f.gone, {last} desc, f.id limit {LISTED}"
    );
    for row in office.store.rows(&sql, &all).await? {
        let day = row.maybe_int("last")?.map(day_of);
        about.findings.push(Told {
            id: row.text("id")?,
            lead: row.text("lead")?,
            rule: row.text("rule")?,
            rule_name: row.text("rule_name")?,
            result: if row.text("band")? == "watch" { "提醒".to_owned() } else { row.text("result")? },
            text: row.text("text")?,
            institution: row.text("institution_name")?,
            amount_fen: row.maybe_int("amount_fen")?,
            day: day.map(format_day).unwrap_or_default(),
            status: Status::of(&row.text("status")?).unwrap_or(Status::New),
            gone: row.int("gone")? != 0,
        });
    }
    Ok(about)
}

/// Persons a lead speaks of: its own, or those of its findings, the most often first, so many at most. Whoever may see the lead may know them.
pub async fn persons_of(office: &Office, asker: &Asker, lead: &str, most: i64) -> Result<Vec<String>> {
    let lead = crate::leads::detail::read(office, asker, lead).await?;
    if !lead.person_no.is_empty() {
        return Ok(vec![lead.person_no]);
    }
    let sql = "select person_no from lead_findings where lead = $1 and person_no <> '' group by person_no order by count(*) desc, person_no limit $2";
    office.store.rows(sql, &[lead.id.as_str().into(), most.into()]).await?.iter().map(|row| Ok(row.text("person_no")?)).collect()
}

/// A lead about one of several persons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfPerson {
    pub id: String,
    pub person: String,
    pub institution: String,
    pub rule: String,
    pub status: Status,
    pub amount_fen: i64,
}

impl OfPerson {
    /// Work on it is not finished.
    pub fn is_open(&self) -> bool {
        !self.status.is_closed()
    }
}

/// Leads about these persons that the asker may see, those with most at stake first; what the newest run does not have any more and what went
/// into another lead is left out.
pub async fn leads_of(office: &Office, asker: &Asker, persons: &[String]) -> Result<Vec<OfPerson>> {
    let mut leads = Vec::new();
    for some in persons.chunks(200) {
        let mut clause = scoped(asker);
        clause.and_in("l.person_no", some);
        clause.and("l.gone = 0 and l.status <> 'merged'", []);
        let sql = format!(
            "select l.id, l.person_no, l.institution_name, l.status, l.amount_fen, l.rank_fen, l.rules from leads l where {}",
            clause.sql()
        );
        for row in office.store.rows(&sql, &clause.args).await? {
            let rules: Vec<crate::leads::view::LeadRule> = serde_json::from_str(&row.text("rules")?).unwrap_or_default();
            let lead = OfPerson {
                id: row.text("id")?,
                person: row.text("person_no")?,
                institution: row.text("institution_name")?,
                rule: rules.into_iter().next().map(|rule| rule.title).unwrap_or_default(),
                status: Status::of(&row.text("status")?).unwrap_or(Status::New),
                amount_fen: row.int("amount_fen")?,
            };
            leads.push((row.int("rank_fen")?, lead));
        }
    }
    leads.sort_by(|a, b| (-a.0, &a.1.id).cmp(&(-b.0, &b.1.id)));
    Ok(leads.into_iter().map(|(_, lead)| lead).collect())
}

/// A subject that leads in the asker's scope speak of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// institution, doctor, person
    pub kind: &'static str,
    pub code: String,
    /// Masked, where it is a human being.
    pub title: String,
}

/// Subjects whose code begins with the words, institutions also those whose name holds them. Nothing for less than two characters.
pub async fn find(office: &Office, asker: &Asker, words: &str) -> Result<Vec<Subject>> {
    let words: String = words.trim().chars().take(64).collect();
    let mut found = Vec::new();
    if words.chars().count() < 2 {
        return Ok(found);
    }
    let after = format!("{words}\u{7f}");
    let like = format!("%{}%", words.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
    // The scope's bare columns are those of the leads, the innermost table.
    let seen = |on: &str| format!("exists (select 1 from leads l where {on} and {})", scoped(asker).sql());
    let queries = [
        (
            "institution",
            format!(
                "select n.code, n.name as title from institution_names n where {} and ((n.code >= ? and n.code < ?) or n.name like ? escape '\\')",
                seen("l.institution = n.code")
            ),
            vec![words.as_str(), after.as_str(), like.as_str()],
        ),
        (
            "doctor",
            format!(
                "select f.practitioner as code, max(f.practitioner_name) as title from lead_findings f \
                 where {} and f.practitioner >= ? and f.practitioner < ? and f.practitioner <> '' group by f.practitioner",
                seen("l.id = f.lead")
            ),
            vec![words.as_str(), after.as_str()],
        ),
        (
            "person",
            format!(
                "select l.person_no as code, max(l.person_name) as title from leads l \
                 where {} and l.person_no >= ? and l.person_no < ? and l.person_no <> '' group by l.person_no",
                scoped(asker).sql()
            ),
            vec![words.as_str(), after.as_str()],
        ),
    ];
    for (kind, sql, words) in queries {
        let mut args = scoped(asker).args;
        let sql = numbered(&sql, args.len());
        args.extend(words.into_iter().map(Arg::from));
        for row in office.store.rows(&format!("{sql} order by code limit {FOUND}"), &args).await? {
            found.push(Subject { kind, code: row.text("code")?, title: row.text("title")? });
        }
    }
    Ok(found)
}

/// Each `?` becomes the next placeholder after `taken`.
fn numbered(sql: &str, taken: usize) -> String {
    let mut parts = sql.split('?');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.enumerate().fold(first, |text, (at, part)| format!("{text}${}{part}", taken + at + 1))
}
