//! 事前事中提醒: what the counter in this process counted, as the platform asks for it.

use std::collections::BTreeMap;

use mingjian_engine::Outcome as Verdict;
use mingjian_model::day::Day;
use mingjian_platform::contract::counter::CounterReason;
use mingjian_platform::counter::{CounterCell, CounterFacts, CounterInstitution, CounterRuleCell, CounterRuleState};
use mingjian_server::Service;
use mingjian_server::days::BOUNDS;

use super::Opened;

/// Reasons of one rule that are told.
const REASONS: usize = 5;

/// Of the counter, and of the institutions the lake knows; without either, nothing of it.
pub fn counted(service: Option<&Service>, opened: Option<&Opened>, from: Day, to: Day) -> CounterFacts {
    let institutions = opened.map_or_else(Vec::new, |opened| {
        let all = opened.peers.all();
        let of = |(code, name, region, settled): (&str, &str, &str, i64)| CounterInstitution {
            code: code.to_owned(),
            name: name.to_owned(),
            region: region.to_owned(),
            settled,
        };
        all.filter(|found| found.3 > 0).map(of).collect()
    });
    let mut facts = CounterFacts { institutions, bounds_micros: BOUNDS.to_vec(), ..CounterFacts::default() };
    let Some(service) = service else { return facts };
    facts.serving = true;
    let (days, unread) = service.days().between(from, to);
    facts.unread = unread;
    let mut by_rule: BTreeMap<(String, String), CounterRuleCell> = BTreeMap::new();
    let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    for (day, figures) in days {
        for (caller, counts) in figures.hours {
            facts.cells.push(CounterCell {
                day,
                hour: caller.hour,
                institution: caller.fixmedins_code,
                vendor: caller.vendor,
                interface: caller.call,
                calls: number(counts.calls),
                late: number(counts.late),
                unjudged: number(counts.unjudged),
                light: number(counts.light),
                reminded: number(counts.reminded),
                reminders: number(counts.reminders),
                changed: counts.changed,
                continued: counts.continued,
                took: counts.took.to_vec(),
            });
        }
        for (at, counts) in figures.rules {
            let cell = by_rule.entry((at.rule_id.clone(), at.fixmedins_code.clone())).or_insert_with(|| CounterRuleCell {
                institution: at.fixmedins_code,
                rule: at.rule_id,
                ..CounterRuleCell::default()
            });
            cell.reminders += number(counts.reminders);
            cell.changed += counts.changed;
            cell.continued += counts.continued;
        }
    }
    facts.rules = by_rule.into_values().collect();
    facts.states = states(service);
    facts
}

fn states(service: &Service) -> Vec<CounterRuleState> {
    let desk = service.desk();
    let (follow, rules) = (desk.manners().follow(), desk.live().rules());
    let state = |rule: &mingjian_rules::Rule| {
        let of = follow.get(&rule.id).copied().unwrap_or_default();
        let reasons = desk.history().and_then(|history| history.reasons(&rule.id, REASONS).ok()).unwrap_or_default();
        let reason = |(reason, times): (String, u64)| CounterReason { reason, times: i64::try_from(times).unwrap_or(i64::MAX) };
        CounterRuleState {
            id: rule.id.clone(),
            title: rule.title.clone(),
            definite: rule.outcome == Verdict::Violation,
            speaks: of.speaks,
            dropped: i64::try_from(of.dropped).unwrap_or(i64::MAX),
            kept: i64::try_from(of.kept).unwrap_or(i64::MAX),
            reasons: reasons.into_iter().map(reason).collect(),
        }
    };
    rules.library().rules.iter().map(state).collect()
}
