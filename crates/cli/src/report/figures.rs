//! The report's figures: findings added up by rule, institution and month.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use mingjian_model::{Fen, day};
use mingjian_screening::Finding;

/// Counts and money of a set of findings.
#[derive(Default, Clone)]
pub struct Sums {
    pub findings: u64,
    pub violations: u64,
    pub watch: u64,
    /// Every finding's money.
    pub amount: Fen,
    pub fund: Fen,
    pub account: Fen,
    /// One money, one finding: the money of which a finding of this set is the leading one.
    pub once: Fen,
}

impl Sums {
    fn add(&mut self, finding: &Finding) {
        self.findings += 1;
        self.violations += u64::from(finding.result == "违规");
        self.watch += u64::from(finding.band == "watch");
        self.amount += Fen(finding.amount.unwrap_or(0));
        self.fund += Fen(finding.fund_amount.unwrap_or(0));
        self.account += Fen(finding.acct_amount.unwrap_or(0));
        self.once += Fen(finding.cluster_amount.unwrap_or(0));
    }

    pub fn suspects(&self) -> u64 {
        self.findings - self.violations
    }
}

/// A set's sums with whom it concerns.
#[derive(Default)]
pub struct Group {
    pub sums: Sums,
    persons: HashSet<String>,
    institutions: HashSet<String>,
    /// Findings and money counted once per rule, to name the main problems of an institution.
    rules: BTreeMap<String, Sums>,
}

impl Group {
    fn add(&mut self, finding: &Finding) {
        self.sums.add(finding);
        if let Some(person) = &finding.psn_no
            && !self.persons.contains(person)
        {
            self.persons.insert(person.clone());
        }
        if let Some(code) = &finding.fixmedins_code
            && !self.institutions.contains(code)
        {
            self.institutions.insert(code.clone());
        }
        match self.rules.get_mut(&finding.rule_id) {
            Some(sums) => sums.add(finding),
            None => self.rules.entry(finding.rule_id.clone()).or_default().add(finding),
        }
    }

    pub fn persons(&self) -> usize {
        self.persons.len()
    }

    pub fn institutions(&self) -> usize {
        self.institutions.len()
    }

    /// The rules with most money counted once (then most findings), at most `most`.
    pub fn main_rules(&self, most: usize) -> Vec<&str> {
        let mut rules: Vec<(&String, &Sums)> = self.rules.iter().collect();
        rules.sort_by(|(a_id, a), (b_id, b)| (b.once, b.findings, a_id).cmp(&(a.once, a.findings, b_id)));
        rules.into_iter().take(most).map(|(id, _)| id.as_str()).collect()
    }
}

/// Everything the page shows of the findings.
#[derive(Default)]
pub struct Figures {
    pub all: Group,
    /// By rule id.
    pub rules: BTreeMap<String, Group>,
    /// By 问题性质.
    pub kinds: BTreeMap<String, Sums>,
    /// By institution code.
    pub institutions: BTreeMap<String, Group>,
    /// By (year, month) of the last row.
    pub months: BTreeMap<(i32, u32), Sums>,
    pub first: Option<day::Day>,
    pub last: Option<day::Day>,
    pub data_versions: BTreeSet<u64>,
    pub rule_set_hashes: BTreeSet<String>,
}

impl Figures {
    pub fn add(&mut self, finding: &Finding) {
        self.all.add(finding);
        self.rules.entry(finding.rule_id.clone()).or_default().add(finding);
        self.kinds.entry(finding.kind.clone()).or_default().add(finding);
        if let Some(code) = &finding.fixmedins_code {
            self.institutions.entry(code.clone()).or_default().add(finding);
        }
        if let Some(day) = finding.last_time.map(day::day_of) {
            let (year, month, _) = day::to_ymd(day);
            self.months.entry((year, month)).or_default().add(finding);
            self.first = Some(self.first.map_or(day, |first| first.min(day)));
            self.last = Some(self.last.map_or(day, |last| last.max(day)));
        }
        self.data_versions.insert(finding.data_version);
        if !self.rule_set_hashes.contains(&finding.rule_set_hash) {
            self.rule_set_hashes.insert(finding.rule_set_hash.clone());
        }
    }

    /// Groups by money counted once, then findings, most first.
    pub fn ranked(groups: &BTreeMap<String, Group>) -> Vec<(&String, &Group)> {
        let mut ranked: Vec<_> = groups.iter().collect();
        ranked.sort_by(|(a_id, a), (b_id, b)| (b.sums.once, b.sums.findings, a_id).cmp(&(a.sums.once, a.sums.findings, b_id)));
        ranked
    }

    /// Months from first to last, those without findings too, at most 36 (the newest).
    pub fn month_row(&self) -> Vec<((i32, u32), Sums)> {
        let (Some((&first, _)), Some((&last, _))) = (self.months.first_key_value(), self.months.last_key_value()) else {
            return Vec::new();
        };
        let mut row = Vec::new();
        let mut at = first;
        while at <= last {
            row.push((at, self.months.get(&at).cloned().unwrap_or_default()));
            at = if at.1 == 12 { (at.0 + 1, 1) } else { (at.0, at.1 + 1) };
        }
        let superfluous = row.len().saturating_sub(36);
        row.split_off(superfluous)
    }
}
