//! The two summaries that go with 疑点清单: by 问题性质 × 问题类型, and by item.

use std::collections::{BTreeMap, BTreeSet};

use mingjian_model::Fen;
use mingjian_screening::Finding;

use super::RuleBook;
use super::facts::Facts;
use crate::codes;

/// Findings of one 问题性质 and 问题类型.
#[derive(Default)]
pub struct OfKind<'f> {
    pub findings: u64,
    pub violations: u64,
    persons: BTreeSet<&'f str>,
    institutions: BTreeSet<&'f str>,
    pub amount: Fen,
    pub fund: Fen,
    /// Money of which a finding of this kind is the leading one: counted once over all kinds.
    pub once: Fen,
}

impl OfKind<'_> {
    pub fn persons(&self) -> usize {
        self.persons.len()
    }

    pub fn institutions(&self) -> usize {
        self.institutions.len()
    }
}

/// By (问题性质, 规则编号, 问题类型), in that order.
pub fn by_kind<'f>(findings: &'f [Finding], rules: &RuleBook<'_>) -> BTreeMap<(&'f str, &'f str, String), OfKind<'f>> {
    let mut kinds: BTreeMap<_, OfKind<'f>> = BTreeMap::new();
    for finding in findings {
        let key = (finding.kind.as_str(), finding.rule_id.as_str(), rules.title(&finding.rule_id));
        let kind = kinds.entry(key).or_default();
        kind.findings += 1;
        kind.violations += u64::from(finding.result == "违规");
        kind.persons.extend(finding.psn_no.as_deref());
        kind.institutions.extend(finding.fixmedins_code.as_deref());
        kind.amount += Fen(finding.amount.unwrap_or(0));
        kind.fund += Fen(finding.fund_amount.unwrap_or(0));
        kind.once += Fen(finding.cluster_amount.unwrap_or(0));
    }
    kinds
}

/// Offending lines of one item.
#[derive(Default)]
pub struct OfItem<'f> {
    pub kind: &'static str,
    pub unit: String,
    persons: BTreeSet<&'f str>,
    pub findings: u64,
    /// 1/10,000
    pub count: i64,
    /// Amount at risk; the same line under several rules counts with the largest of them.
    pub amount: Fen,
}

impl OfItem<'_> {
    pub fn persons(&self) -> usize {
        self.persons.len()
    }
}

/// By (name, spec, code), in that order: offending fee lines alone. A line that several findings name counts once.
pub fn by_item<'f>(findings: &'f [Finding], facts: &'f Facts) -> BTreeMap<(&'f str, &'f str, &'f str), OfItem<'f>> {
    let mut items: BTreeMap<_, OfItem<'f>> = BTreeMap::new();
    let mut counted: BTreeMap<(&str, &str), Fen> = BTreeMap::new();
    for finding in findings.iter().filter(|finding| finding.amount.is_some()) {
        let mut named = BTreeSet::new();
        for (line, amount) in facts.lines(finding) {
            let amount = amount.unwrap_or_default();
            if amount == Fen::ZERO {
                continue;
            }
            let key = (line.name.as_str(), line.spec.as_str(), line.code.as_str());
            let item = items.entry(key).or_default();
            item.kind = codes::item_kind(&line.code);
            item.unit = facts.item(&line.code).map(|item| item.unit.clone()).unwrap_or_default();
            item.persons.extend(finding.psn_no.as_deref());
            item.findings += u64::from(named.insert(key));
            let line_key = (line.mdtrt_id.as_str(), line.sn.as_str());
            let before = counted.get(&line_key).copied();
            item.count += if before.is_none() { line.count } else { 0 };
            let more = amount.max(before.unwrap_or_default()) - before.unwrap_or_default();
            item.amount += more;
            counted.insert(line_key, amount.max(before.unwrap_or_default()));
        }
    }
    items
}
