//! 机构画像 and the institution's own page.

use serde::Serialize;
use utoipa::ToSchema;

use super::profile::{Like, Measure, ProfileMonth, ProfileRule};

/// 机构 against its peers.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct InstitutionProfile {
    pub code: String,
    pub name: String,
    pub level: String,
    pub kind: String,
    pub region: String,
    /// Institutions of the same level and kind.
    pub like: Like,
    pub measures: Vec<Measure>,
    pub months: Vec<ProfileMonth>,
    /// By rule, from the findings.
    pub rules: Vec<ProfileRule>,
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
