//! Sums of a screening, per rule and in all; each thread has its own, merged at the end.

use std::collections::{BTreeMap, HashSet};

use mingjian_engine::timeline::flag;
use mingjian_engine::{Attrition, Band, Outcome, Worker};
use mingjian_rules::{Compiled, Library};

use super::drafts::Risky;
use crate::finding::Draft;
use crate::load::bucket::Bucket;
use crate::report::{InstitutionGap, Reason, RuleResult, ScreenReport, Totals};

/// Institutions listed at most.
const GAPS: usize = 50;

#[derive(Debug, Clone, Default)]
struct RuleSums {
    findings: u64,
    violations: u64,
    core: u64,
    persons: u64,
    /// Persons of group rules, who may come in any bucket.
    group_persons: HashSet<String>,
    has_amount: bool,
    amount: i64,
    fund: i64,
    account: i64,
    once: i64,
}

#[derive(Debug, Clone, Copy, Default)]
struct LineFaults {
    lines: u64,
    no_doctor: u64,
    ill_formed: u64,
}

pub(crate) struct Tally {
    rules: Vec<RuleSums>,
    totals: Totals,
    group_persons: HashSet<String>,
    institutions: BTreeMap<String, LineFaults>,
    pub attrition: Attrition,
}

impl Tally {
    pub fn new(library: &Library) -> Tally {
        Tally {
            rules: vec![RuleSums::default(); library.rules.len()],
            totals: Totals::default(),
            group_persons: HashSet::new(),
            institutions: BTreeMap::new(),
            attrition: Attrition::default(),
        }
    }

    /// A finding of a group rule.
    pub fn group_finding(&mut self, draft: &Draft) {
        self.count(draft);
        if !draft.psn_no.is_empty() {
            self.rules[draft.rule as usize].group_persons.insert(draft.psn_no.clone());
            self.group_persons.insert(draft.psn_no.clone());
        }
    }

    /// A bucket's findings and lines. `seen`: persons group rules have counted.
    pub fn bucket(&mut self, bucket: &Bucket, found: &[Risky], seen: &HashSet<String>, worker: &Worker) {
        self.totals.lines += bucket.line_count();
        let mut persons: Vec<(u32, &str)> = Vec::with_capacity(found.len());
        let mut at_risk: Vec<u32> = Vec::new();
        for Risky { draft, lines, .. } in found {
            self.count(draft);
            persons.push((draft.rule, &draft.psn_no));
            at_risk.extend(lines.iter().map(|line| line.0));
        }
        persons.sort_unstable();
        persons.dedup();
        persons.iter().for_each(|&(rule, _)| self.rules[rule as usize].persons += 1);
        let mut all: Vec<&str> = persons.into_iter().map(|(_, person)| person).filter(|person| !seen.contains(*person)).collect();
        all.sort_unstable();
        all.dedup();
        self.totals.persons += all.len() as u64;
        at_risk.sort_unstable();
        at_risk.dedup();
        self.totals.lines_at_risk += at_risk.len() as u64;
        self.faults(bucket, worker);
    }

    fn count(&mut self, draft: &Draft) {
        let sums = &mut self.rules[draft.rule as usize];
        let totals = &mut self.totals;
        let violation = u64::from(draft.outcome == Outcome::Violation);
        sums.findings += 1;
        sums.violations += violation;
        sums.core += u64::from(draft.band == Band::Core);
        totals.findings += 1;
        totals.violations += violation;
        sums.has_amount |= draft.amount.is_some();
        for (value, sum, total) in [
            (draft.amount, &mut sums.amount, &mut totals.amount),
            (draft.fund_amount, &mut sums.fund, &mut totals.fund_amount),
            (draft.acct_amount, &mut sums.account, &mut totals.acct_amount),
            (draft.cluster_amount, &mut sums.once, &mut totals.amount_once),
        ] {
            *sum += value.unwrap_or(0);
            *total += value.unwrap_or(0);
        }
    }

    fn faults(&mut self, bucket: &Bucket, worker: &Worker) {
        let mut here: BTreeMap<u32, LineFaults> = BTreeMap::new();
        for chunk in &bucket.chunks {
            let persons = &bucket.people.persons[chunk.persons.start as usize..chunk.persons.end as usize];
            for visit in persons.iter().flat_map(|person| person.visits.clone()).map(|visit| &bucket.people.visits[visit as usize]) {
                if visit.lines.is_empty() {
                    continue;
                }
                let flags = &chunk.lines.flags[visit.lines.start as usize..visit.lines.end as usize];
                let faults = here.entry(visit.institution).or_default();
                faults.lines += flags.len() as u64;
                for &flags in flags {
                    faults.no_doctor += u64::from(flags & flag::NO_DOCTOR != 0);
                    faults.ill_formed += u64::from(flags & flag::ILL_FORMED_ITEM != 0);
                }
            }
        }
        for (institution, faults) in here {
            add(self.institutions.entry(worker.institution_code(institution).to_owned()).or_default(), faults);
        }
    }

    pub fn merge(&mut self, other: Tally) {
        for (mine, theirs) in self.rules.iter_mut().zip(other.rules) {
            mine.findings += theirs.findings;
            mine.violations += theirs.violations;
            mine.core += theirs.core;
            mine.persons += theirs.persons;
            mine.has_amount |= theirs.has_amount;
            mine.amount += theirs.amount;
            mine.fund += theirs.fund;
            mine.account += theirs.account;
            mine.once += theirs.once;
            mine.group_persons.extend(theirs.group_persons);
        }
        let (mine, theirs) = (&mut self.totals, other.totals);
        mine.lines += theirs.lines;
        mine.findings += theirs.findings;
        mine.violations += theirs.violations;
        mine.persons += theirs.persons;
        mine.amount += theirs.amount;
        mine.fund_amount += theirs.fund_amount;
        mine.acct_amount += theirs.acct_amount;
        mine.amount_once += theirs.amount_once;
        mine.lines_at_risk += theirs.lines_at_risk;
        self.group_persons.extend(other.group_persons);
        for (code, faults) in other.institutions {
            add(self.institutions.entry(code).or_default(), faults);
        }
    }

    /// The report, but for versions and rules that did not run.
    pub fn report(self, library: &Library, compiled: &Compiled) -> ScreenReport {
        let mut ran: Vec<usize> = compiled.rules.iter().copied().chain(compiled.sql.iter().map(|sql| sql.rule)).collect();
        ran.sort_unstable();
        ran.dedup();
        let rules = ran
            .into_iter()
            .map(|at| {
                let (rule, sums) = (&library.rules[at], &self.rules[at]);
                let (not_judged, exempted) = self.reasons(compiled, at);
                RuleResult {
                    rule_id: rule.id.clone(),
                    version: rule.version,
                    title: rule.title.clone(),
                    class: rule.class.title().to_owned(),
                    findings: sums.findings,
                    violations: sums.violations,
                    core: sums.core,
                    persons: sums.persons + sums.group_persons.len() as u64,
                    amount: sums.has_amount.then_some(sums.amount),
                    fund_amount: sums.fund,
                    acct_amount: sums.account,
                    amount_once: sums.once,
                    not_judged,
                    exempted,
                }
            })
            .collect();
        let mut totals = self.totals.clone();
        totals.persons += self.group_persons.len() as u64;
        ScreenReport { rules, totals, gaps: self.gaps(), ..ScreenReport::default() }
    }

    /// Not judged and exempted, over the rule's blocks, by reason.
    fn reasons(&self, compiled: &Compiled, rule: usize) -> (Vec<Reason>, Vec<Reason>) {
        let (mut not_judged, mut exempted): (BTreeMap<String, u64>, BTreeMap<String, u64>) = Default::default();
        for (block, attrition) in compiled.rule_set.blocks.iter().zip(&self.attrition.blocks) {
            if compiled.rules[usize::from(block.rule)] != rule {
                continue;
            }
            for (need, &count) in block.needs.iter().zip(&attrition.lacking) {
                *not_judged.entry(need.reason.clone()).or_default() += count;
            }
            *not_judged.entry("缺少判断所需的数据".to_owned()).or_default() += attrition.not_judged;
            for (exemption, &count) in block.unless.iter().zip(&attrition.exempted) {
                *exempted.entry(exemption.reason.clone()).or_default() += count;
            }
        }
        let list = |reasons: BTreeMap<String, u64>| {
            reasons.into_iter().filter(|reason| reason.1 > 0).map(|(reason, count)| Reason { reason, count }).collect()
        };
        (list(not_judged), list(exempted))
    }

    fn gaps(&self) -> Vec<InstitutionGap> {
        let mut gaps: Vec<InstitutionGap> = self
            .institutions
            .iter()
            .filter(|(_, faults)| faults.no_doctor.max(faults.ill_formed) * 20 >= faults.lines.max(1))
            .map(|(code, faults)| InstitutionGap {
                fixmedins_code: code.clone(),
                lines: faults.lines,
                no_doctor: faults.no_doctor,
                ill_formed: faults.ill_formed,
            })
            .collect();
        gaps.sort_by(|a, b| {
            let worst = |gap: &InstitutionGap| gap.no_doctor.max(gap.ill_formed);
            (worst(b), &a.fixmedins_code).cmp(&(worst(a), &b.fixmedins_code))
        });
        gaps.truncate(GAPS);
        gaps
    }
}

fn add(mine: &mut LineFaults, theirs: LineFaults) {
    mine.lines += theirs.lines;
    mine.no_doctor += theirs.no_doctor;
    mine.ill_formed += theirs.ill_formed;
}
