//! A lead and its findings as the store keeps them, and as a list shows them.

use mingjian_model::day::{Day, Moment, day_of, format_day, format_moment};
use mingjian_store::Row;

use super::view::{Due, Finding, FindingRule, Holder, Lead, LeadInstitution, LeadPerson, LeadRule, LeadVisit, Practitioner, filled};
use crate::calendar::Calendar;
use crate::error::{CaseError, Result};
use crate::money::{Money, Stake};
use crate::status::Status;

/// No limit runs: later than every day.
pub(crate) const NO_DUE: i64 = 99_999_999;

/// A row of `leads`.
#[derive(Debug, Clone, PartialEq)]
pub struct LeadRow {
    pub id: String,
    pub subject: String,
    pub subject_key: String,
    pub generation: i64,
    pub subject_label: String,
    pub region: String,
    pub institution: String,
    pub institution_name: String,
    pub institution_level: String,
    pub person_no: String,
    pub person_name: String,
    pub person_sex: String,
    pub person_age: Option<i64>,
    pub visit: String,
    pub visit_kind: String,
    pub visit_begin: String,
    pub visit_end: String,
    pub practitioner: String,
    pub rules: Vec<LeadRule>,
    pub findings: i64,
    pub result: String,
    pub definite: bool,
    pub amount_fen: i64,
    pub fund_fen: i64,
    pub acct_fen: i64,
    pub expected_fen: i64,
    pub rank_fen: i64,
    pub score: i64,
    pub reason: String,
    pub first_day: i64,
    pub last_day: i64,
    pub status: Status,
    pub holder: String,
    pub holder_name: String,
    pub held_at: Moment,
    pub first_account: String,
    pub first_name: String,
    pub second_account: String,
    pub second_name: String,
    pub told: bool,
    pub delivered_day: Option<i64>,
    pub contested: bool,
    pub due_day: i64,
    /// Working days of the limit that runs.
    pub limit_days: i64,
    pub paused_left: Option<i64>,
    pub gone: bool,
    pub decided_fen: i64,
    pub loss_fen: i64,
    pub withdrawn_fen: i64,
    pub dropped_fen: i64,
    pub road: String,
    pub decided_at: Option<Moment>,
    /// 暂缓: it waits until this day; 0 where it does not.
    pub put_off_day: i64,
    /// 合并: the lead it went into.
    pub merged_into: String,
    /// 拆分: the lead it was taken out of.
    pub split_from: String,
    /// People put its findings together: a run leaves them where they are.
    pub shaped: bool,
    pub version: i64,
    pub created_at: Moment,
    pub updated_at: Moment,
}

/// Every column of [`LeadRow`], qualified by `l`.
pub(crate) const LEAD_COLUMNS: &str = "l.id, l.subject, l.subject_key, l.generation, l.subject_label, l.region, l.institution, \
    l.institution_name, l.institution_level, l.person_no, l.person_name, l.person_sex, l.person_age, l.visit, l.visit_kind, l.visit_begin, \
    l.visit_end, l.practitioner, l.rules, l.findings, l.result, l.definite, l.amount_fen, l.fund_fen, l.acct_fen, l.expected_fen, \
    l.rank_fen, l.score, l.reason, l.first_day, l.last_day, l.status, l.holder, l.holder_name, l.held_at, l.first_account, l.first_name, \
    l.second_account, l.second_name, l.told, l.delivered_day, l.contested, l.due_day, l.limit_days, l.paused_left, l.gone, l.decided_fen, l.loss_fen, \
    l.withdrawn_fen, l.dropped_fen, l.road, l.decided_at, l.put_off_day, l.merged_into, \
    l.split_from, l.shaped, l.version, l.created_at, l.updated_at";

impl LeadRow {
    pub(crate) fn read(row: &Row) -> Result<LeadRow> {
        let status = row.text("status")?;
        let rules = row.text("rules")?;
        Ok(LeadRow {
            id: row.text("id")?,
            subject: row.text("subject")?,
            subject_key: row.text("subject_key")?,
            generation: row.int("generation")?,
            subject_label: row.text("subject_label")?,
            region: row.text("region")?,
            institution: row.text("institution")?,
            institution_name: row.text("institution_name")?,
            institution_level: row.text("institution_level")?,
            person_no: row.text("person_no")?,
            person_name: row.text("person_name")?,
            person_sex: row.text("person_sex")?,
            person_age: row.maybe_int("person_age")?,
            visit: row.text("visit")?,
            visit_kind: row.text("visit_kind")?,
            visit_begin: row.text("visit_begin")?,
            visit_end: row.text("visit_end")?,
            practitioner: row.text("practitioner")?,
            rules: serde_json::from_str(&rules).map_err(|error| CaseError::Broken(format!("leads.rules: {error}")))?,
            findings: row.int("findings")?,
            result: row.text("result")?,
            definite: row.int("definite")? != 0,
            amount_fen: row.int("amount_fen")?,
            fund_fen: row.int("fund_fen")?,
            acct_fen: row.int("acct_fen")?,
            expected_fen: row.int("expected_fen")?,
            rank_fen: row.int("rank_fen")?,
            score: row.int("score")?,
            reason: row.text("reason")?,
            first_day: row.int("first_day")?,
            last_day: row.int("last_day")?,
            status: Status::of(&status).ok_or_else(|| CaseError::Broken(format!("leads.status: {status}")))?,
            holder: row.text("holder")?,
            holder_name: row.text("holder_name")?,
            held_at: row.int("held_at")?,
            first_account: row.text("first_account")?,
            first_name: row.text("first_name")?,
            second_account: row.text("second_account")?,
            second_name: row.text("second_name")?,
            told: row.int("told")? != 0,
            delivered_day: row.maybe_int("delivered_day")?,
            contested: row.int("contested")? != 0,
            due_day: row.int("due_day")?,
            limit_days: row.int("limit_days")?,
            paused_left: row.maybe_int("paused_left")?,
            gone: row.int("gone")? != 0,
            decided_fen: row.int("decided_fen")?,
            loss_fen: row.int("loss_fen")?,
            withdrawn_fen: row.int("withdrawn_fen")?,
            dropped_fen: row.int("dropped_fen")?,
            road: row.text("road")?,
            decided_at: row.maybe_int("decided_at")?,
            put_off_day: row.int("put_off_day")?,
            merged_into: row.text("merged_into")?,
            split_from: row.text("split_from")?,
            shaped: row.int("shaped")? != 0,
            version: row.int("version")?,
            created_at: row.int("created_at")?,
            updated_at: row.int("updated_at")?,
        })
    }

    /// 暂缓: it waits for its day.
    pub(crate) fn waits(&self, today: Day) -> bool {
        self.put_off_day > i64::from(today)
    }

    /// What the list shows. `outside`: for the institution itself, which sees neither score nor expectation nor who holds it.
    pub(crate) fn to_view(&self, calendar: &Calendar, now: Moment, outside: bool) -> Lead {
        let holder = (!self.holder.is_empty() && !outside).then(|| Holder { account: self.holder.clone(), name: self.holder_name.clone() });
        Lead {
            id: self.id.clone(),
            number: self.id.clone(),
            subject: self.subject.clone(),
            subject_label: self.subject_label.clone(),
            institution: (!self.institution.is_empty()).then(|| LeadInstitution {
                code: self.institution.clone(),
                name: self.institution_name.clone(),
                level: self.institution_level.clone(),
                region: self.region.clone(),
            }),
            person: (!self.person_no.is_empty()).then(|| LeadPerson {
                no: self.person_no.clone(),
                name_masked: self.person_name.clone(),
                sex: self.person_sex.clone(),
                age: self.person_age,
            }),
            visit: (!self.visit.is_empty()).then(|| LeadVisit {
                id: self.visit.clone(),
                kind_title: self.visit_kind.clone(),
                begin: self.visit_begin.clone(),
                end: self.visit_end.clone(),
            }),
            rules: self.rules.clone(),
            findings: self.findings,
            result: self.result.clone(),
            amount_fen: self.amount_fen,
            fund_fen: self.fund_fen,
            acct_fen: self.acct_fen,
            expected_fen: if outside { 0 } else { self.expected_fen },
            score: if outside { 0 } else { self.score },
            reason: self.reason.clone(),
            first_day: day_text(self.first_day),
            last_day: day_text(self.last_day),
            status: self.status.id().into(),
            status_title: self.status.title().into(),
            tone: self.status.tone(),
            holder,
            due: due(self.due_day, calendar, now),
            paused: self.paused_left.is_some(),
            gone: self.gone,
            put_off_until: (!outside && self.waits(day_of(now))).then(|| day_text(self.put_off_day)),
            merged_into: filled(self.merged_into.clone()).filter(|_| !outside),
            split_from: filled(self.split_from.clone()).filter(|_| !outside),
            version: self.version,
            updated: format_moment(self.updated_at),
        }
    }
}

/// What the list shows of a limit; none where none runs.
pub(crate) fn due(due_day: i64, calendar: &Calendar, now: Moment) -> Option<Due> {
    let day = Day::try_from(due_day).ok().filter(|_| due_day < NO_DUE)?;
    let today = day_of(now);
    Some(Due {
        day: format_day(day),
        working_days_left: calendar.left(today, day),
        overdue: day < today,
        provisional: !calendar.is_known(day),
    })
}

pub(crate) fn day_text(day: i64) -> String {
    Day::try_from(day).map(format_day).unwrap_or_default()
}

/// A row of `lead_findings`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingStored {
    pub id: String,
    pub lead: String,
    pub rule: String,
    pub rule_version: i64,
    pub rule_name: String,
    pub kind: String,
    pub class: String,
    pub result: String,
    pub band: String,
    pub person_no: String,
    pub visit: String,
    pub institution: String,
    pub practitioner: String,
    pub practitioner_name: String,
    pub first_time: Option<Moment>,
    pub last_time: Option<Moment>,
    pub amount_fen: Option<i64>,
    pub fund_fen: Option<i64>,
    pub acct_fen: Option<i64>,
    pub text: String,
    pub cluster_id: String,
    pub counted: Money,
    pub gone: bool,
    pub answer: String,
    pub answer_reason: String,
    pub answer_text: String,
    pub conclusion: String,
    pub decided_fen: i64,
    pub loss_fen: i64,
}

pub(crate) const FINDING_COLUMNS: &str = "id, lead, rule, rule_version, rule_name, kind, class, result, band, person_no, visit, institution, practitioner, \
    practitioner_name, first_time, last_time, amount_fen, fund_fen, acct_fen, text, cluster_id, counted_fen, counted_fund_fen, \
    counted_acct_fen, gone, answer, answer_reason, answer_text, conclusion, decided_fen, loss_fen";

impl FindingStored {
    pub(crate) fn read(row: &Row) -> Result<FindingStored> {
        Ok(FindingStored {
            id: row.text("id")?,
            lead: row.text("lead")?,
            rule: row.text("rule")?,
            rule_version: row.int("rule_version")?,
            rule_name: row.text("rule_name")?,
            kind: row.text("kind")?,
            class: row.text("class")?,
            result: row.text("result")?,
            band: row.text("band")?,
            person_no: row.text("person_no")?,
            visit: row.text("visit")?,
            institution: row.text("institution")?,
            practitioner: row.text("practitioner")?,
            practitioner_name: row.text("practitioner_name")?,
            first_time: row.maybe_int("first_time")?,
            last_time: row.maybe_int("last_time")?,
            amount_fen: row.maybe_int("amount_fen")?,
            fund_fen: row.maybe_int("fund_fen")?,
            acct_fen: row.maybe_int("acct_fen")?,
            text: row.text("text")?,
            cluster_id: row.text("cluster_id")?,
            counted: Money {
                amount_fen: row.int("counted_fen")?,
                fund_fen: row.int("counted_fund_fen")?,
                acct_fen: row.int("counted_acct_fen")?,
            },
            gone: row.int("gone")? != 0,
            answer: row.text("answer")?,
            answer_reason: row.text("answer_reason")?,
            answer_text: row.text("answer_text")?,
            conclusion: row.text("conclusion")?,
            decided_fen: row.int("decided_fen")?,
            loss_fen: row.int("loss_fen")?,
        })
    }

    /// The finding's own money; what is not told counts as nothing.
    pub(crate) fn own(&self) -> Money {
        Money { amount_fen: self.amount_fen.unwrap_or(0), fund_fen: self.fund_fen.unwrap_or(0), acct_fen: self.acct_fen.unwrap_or(0) }
    }

    pub(crate) fn stake(&self) -> Stake {
        Stake { id: self.id.clone(), cluster: self.cluster_id.clone(), own: self.own(), counted: self.counted }
    }

    /// What was decided on it; the funds' parts are kept in one sum.
    pub(crate) fn decided(&self) -> crate::money::Verdict {
        let money = Money { amount_fen: self.decided_fen, fund_fen: self.loss_fen, acct_fen: 0 };
        crate::money::Verdict {
            conclusion: crate::money::Conclusion::of(&self.conclusion).unwrap_or(crate::money::Conclusion::Withdraw),
            money,
        }
    }

    /// `concluded`: the reader may see the conclusion; an institution reads a proposal only once it was told.
    pub(crate) fn to_view(&self, concluded: bool) -> Finding {
        let time = |moment: Option<Moment>| moment.map(format_moment).unwrap_or_default();
        let shown = concluded && !self.conclusion.is_empty();
        Finding {
            id: self.id.clone(),
            rule: FindingRule {
                id: self.rule.clone(),
                title: self.rule_name.clone(),
                class: self.class.clone(),
                version: self.rule_version,
            },
            result: self.result.clone(),
            band: self.band.clone(),
            kind: self.kind.clone(),
            text: self.text.clone(),
            amount_fen: self.amount_fen,
            fund_fen: self.fund_fen,
            acct_fen: self.acct_fen,
            first_time: time(self.first_time),
            last_time: time(self.last_time),
            cluster_id: self.cluster_id.clone(),
            counted: self.counted.amount_fen > 0,
            counted_fen: self.counted.amount_fen,
            gone: self.gone,
            practitioner: (!self.practitioner.is_empty())
                .then(|| Practitioner { code: self.practitioner.clone(), name_masked: self.practitioner_name.clone() }),
            answer: filled(self.answer.clone()),
            decided_fen: shown.then_some(self.decided_fen),
            conclusion: filled(self.conclusion.clone()).filter(|_| shown),
        }
    }
}
