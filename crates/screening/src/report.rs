//! What a screening tells of itself: rules run and not run, hits, persons, money.

use serde::Serialize;

/// Progress of a screening, called from its threads.
pub trait Progress: Sync {
    /// A step begins: `装载目录`, `跨人规则`, …
    fn step(&self, _name: &str) {}
    /// So many buckets with so many lines lie ahead.
    fn begin(&self, _buckets: u32, _lines: u64) {}
    /// A bucket with so many lines is done.
    fn bucket(&self, _lines: u64) {}
    /// Asked before each step and bucket; true stops the screening, which then leaves the findings as they were.
    fn cancelled(&self) -> bool {
        false
    }
}

/// Nobody watches.
pub struct Quiet;

impl Progress for Quiet {}

/// Why so many rows or groups were not judged (不判) or exempted (豁免).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    pub reason: String,
    pub count: u64,
}

/// A rule that ran. Money in fen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RuleResult {
    pub rule_id: String,
    pub version: u32,
    pub title: String,
    pub class: String,
    pub findings: u64,
    /// Of these 违规; the rest is 可疑.
    pub violations: u64,
    /// Of these in the core band.
    pub core: u64,
    pub persons: u64,
    /// `None` where the rule computes no money.
    pub amount: Option<i64>,
    pub fund_amount: i64,
    pub acct_amount: i64,
    /// Money of clusters this rule leads, each counted once.
    pub amount_once: i64,
    pub not_judged: Vec<Reason>,
    pub exempted: Vec<Reason>,
}

/// A rule that did not run, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleNotRun {
    pub rule_id: String,
    pub title: String,
    pub reason: String,
}

/// An institution whose data leaves rules without ground.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InstitutionGap {
    pub fixmedins_code: String,
    pub lines: u64,
    /// Lines without a practitioner.
    pub no_doctor: u64,
    /// Lines whose item code is empty or of no known shape.
    pub ill_formed: u64,
}

/// Sums over all rules. Money in fen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    pub lines: u64,
    pub findings: u64,
    pub violations: u64,
    pub persons: u64,
    /// Σ over findings.
    pub amount: i64,
    pub fund_amount: i64,
    pub acct_amount: i64,
    /// One money, one finding: Σ over clusters.
    pub amount_once: i64,
    /// Lines with money at risk, each once.
    pub lines_at_risk: u64,
}

/// The outcome of [`crate::screen`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ScreenReport {
    /// The version of the lake that was screened.
    pub data_version: u64,
    /// The version of the lake that holds the findings.
    pub findings_version: u64,
    pub rule_set_hash: String,
    /// By rule id.
    pub rules: Vec<RuleResult>,
    pub not_run: Vec<RuleNotRun>,
    /// Institutions with at least a twentieth of their lines without practitioner or sound item code, worst first, at most 50.
    pub gaps: Vec<InstitutionGap>,
    pub totals: Totals,
}
