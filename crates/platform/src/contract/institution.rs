//! 机构画像 and the institution's own page.

use serde::Serialize;
use utoipa::ToSchema;

/// 机构 against its peers.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct InstitutionProfile {
    pub code: String,
    pub name: String,
    pub level: String,
    pub kind: String,
    pub region: String,
    /// How many institutions of the same level and kind it is compared with.
    pub peers: i64,
    pub measures: Vec<Measure>,
    pub months: Vec<ProfileMonth>,
    /// By rule, from the findings.
    pub rules: Vec<ProfileRule>,
}

/// One figure of an institution beside its peers.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct Measure {
    pub id: String,
    pub title: String,
    pub unit: String,
    pub value: f64,
    pub peer_p25: f64,
    pub peer_median: f64,
    pub peer_p75: f64,
    /// 0–100
    pub percentile: f64,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct ProfileMonth {
    /// 2026-01
    pub month: String,
    pub visits: i64,
    pub stays: i64,
    pub amount_fen: i64,
    pub fund_fen: i64,
    pub findings: i64,
    pub found_fen: i64,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct ProfileRule {
    pub id: String,
    pub title: String,
    pub findings: i64,
    pub amount_fen: i64,
}

/// 本院统计: only the institution's own.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct InstitutionSummary {
    pub open: i64,
    pub open_fen: i64,
    pub due3: i64,
    pub overdue: i64,
    pub accepted: i64,
    pub accepted_fen: i64,
    pub withdrawn_fen: i64,
    pub refund_due_fen: i64,
    pub refunded_fen: i64,
    pub by_rule: Vec<ProfileRule>,
    pub by_month: Vec<SummaryMonth>,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct SummaryMonth {
    pub month: String,
    pub findings: i64,
    pub amount_fen: i64,
}
