//! 工作台与汇总.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::lead::Lead;

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct Workbench {
    pub strip: Strip,
    /// 今日优先
    pub first: Vec<Lead>,
    pub ladder: Ladder,
    /// The last 26 weeks, oldest first.
    pub weeks: Vec<Week>,
    /// 在办 per person; for those who assign work.
    pub load: Vec<Load>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_due: Option<String>,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct Strip {
    pub todo: i64,
    /// 3 个工作日内到期
    pub due3: i64,
    pub new_leads: i64,
    pub replied: i64,
    /// 本年追回, refused money not among it.
    pub recovered_fen: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_fen: Option<i64>,
}

/// 期限, in working days.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct Ladder {
    pub overdue: i64,
    pub today: i64,
    pub d1_3: i64,
    pub d4_7: i64,
    pub later: i64,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct Week {
    /// Its Monday.
    pub week: String,
    pub violation: i64,
    pub suspect: i64,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct Load {
    pub account: String,
    pub name: String,
    pub in_hand: i64,
    pub median_age_days: i64,
    pub overdue: i64,
}

#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default)]
pub struct SummaryQuery {
    /// rule where it is left out.
    #[param(inline, value_type = Option<crate::contract::words::SummaryBy>)]
    pub by: Option<String>,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct Summary {
    pub items: Vec<SummaryItem>,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct SummaryItem {
    pub key: String,
    pub title: String,
    pub leads: i64,
    pub findings: i64,
    pub amount_fen: i64,
    pub upheld: i64,
    pub cleared: i64,
}
