//! 判定: findings of one person become reminders about the lines in hand.

use mingjian_model::day::{Moment, day_of, to_ymd};
use mingjian_rules::Rule;
use mingjian_screening::person::{PersonFinding, PersonScreener};

use crate::live::Rules;
use crate::manners::alternative;
use crate::request::Request;
use crate::timeline::Hand;

/// 提醒: a finding that a line in hand triggers, as the doctor is told.
#[derive(Debug, Clone, PartialEq)]
pub struct Reminder {
    /// jr_id: of the rule, the finding and the day it was told, so that feedback needs no more than this id.
    pub id: String,
    pub finding_id: String,
    pub rule_id: String,
    /// 国家规则编码; empty where the rule has none.
    pub national_code: String,
    pub rule_version: u32,
    pub rule_name: String,
    /// 违规类型
    pub kind: String,
    /// 政策类 / 管理类 / 医疗类
    pub class: String,
    /// 违规 (else 可疑).
    pub violation: bool,
    /// 核心区 (else 观察区).
    pub core: bool,
    /// Rests on published knowledge points.
    pub points: Vec<String>,
    pub text: String,
    /// What may lawfully be done instead; may be empty.
    pub advice: &'static str,
    /// 依据
    pub basis: String,
    pub patient: String,
    pub visit: String,
    pub institution: String,
    pub doctor: String,
    /// Fen; `None` where the rule computes no money.
    pub amount: Option<i64>,
    pub first: Option<Moment>,
    pub last: Option<Moment>,
    pub details: Vec<Detail>,
}

/// A line the reminder is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    pub visit: String,
    /// rx_id; empty where the visit itself is the evidence.
    pub line: String,
    /// 违规项 (else 涉及项).
    pub offends: bool,
    /// Fen.
    pub amount: i64,
    /// It is being ordered now.
    pub current: bool,
}

/// Judges a person by the rules a request asks for.
pub fn judge(rules: &Rules, screener: &mut PersonScreener, request: &Request, hand: &Hand<'_>, now: Moment) -> Vec<Reminder> {
    let mut found: Vec<Reminder> = screener
        .screen(&rules.in_force(), request.stage, &hand.rows)
        .into_iter()
        .filter(|found| is_asked(&rules.library().rules[found.rule], &request.rule_ids) && is_triggered(hand, found))
        .map(|found| reminder(&rules.library().rules[found.rule], hand, found, now))
        .collect();
    found.sort_by(|a, b| (!a.violation, !a.core, &a.rule_id, &a.finding_id).cmp(&(!b.violation, !b.core, &b.rule_id, &b.finding_id)));
    found
}

fn is_asked(rule: &Rule, asked: &[String]) -> bool {
    asked.is_empty() || asked.iter().any(|id| *id == rule.id || rule.national_code.as_ref() == Some(id))
}

/// A line in hand stands in the evidence; where visits or diagnoses are the evidence, the visit in hand does.
fn is_triggered(hand: &Hand<'_>, found: &PersonFinding) -> bool {
    found.evidence.iter().any(|stand| match stand.line {
        Some(line) => hand.current[line],
        None => hand.visit == Some(stand.visit),
    })
}

fn reminder(rule: &Rule, hand: &Hand<'_>, found: PersonFinding, now: Moment) -> Reminder {
    let details = found.evidence.iter().map(|stand| Detail {
        visit: hand.rows.visits[stand.visit].id.to_owned(),
        line: stand.line.map_or(String::new(), |line| hand.rows.lines[line].id.to_owned()),
        offends: stand.offends,
        amount: stand.amount,
        current: stand.line.map_or(hand.visit == Some(stand.visit), |line| hand.current[line]),
    });
    let details = details.collect();
    let finding = found.finding;
    let (year, month, day) = to_ymd(day_of(now));
    Reminder {
        id: format!("{}-{}-{year:04}{month:02}{day:02}", finding.rule_id, &finding.finding_id[..20]),
        finding_id: finding.finding_id,
        rule_id: finding.rule_id,
        national_code: rule.national_code.clone().unwrap_or_default(),
        rule_version: finding.rule_version,
        rule_name: finding.rule_name,
        advice: alternative(&finding.kind),
        kind: finding.kind,
        class: finding.class,
        violation: finding.result == "违规",
        core: finding.band == "core",
        points: finding.points,
        text: finding.text,
        basis: rule.basis.iter().map(|basis| format!("{}{}", basis.doc, basis.article)).collect::<Vec<_>>().join("；"),
        patient: hand.rows.psn_no.to_owned(),
        visit: finding.mdtrt_id.unwrap_or_default(),
        institution: finding.fixmedins_code.unwrap_or_default(),
        doctor: finding.bilg_dr_code.unwrap_or_default(),
        amount: finding.amount,
        first: finding.first_time,
        last: finding.last_time,
        details,
    }
}
