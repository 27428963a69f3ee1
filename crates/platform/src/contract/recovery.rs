//! 追回台账.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Coded;

/// 一笔应拒付或应追回的钱. `due = refused + offset + paid + waived - returned + open`.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct Recovery {
    pub id: String,
    pub number: String,
    pub lead: RecoveryLead,
    pub institution: Coded,
    /// refuse (before payment), recover (after it)
    #[schema(value_type = crate::contract::words::Road)]
    pub road: String,
    /// due, part, closed, overdue; refund: more came in than is due since the decision was corrected
    #[schema(value_type = crate::contract::words::RecoveryState)]
    pub state: String,
    /// 涉及金额 decided; the funds' part of it is due.
    pub amount_fen: i64,
    pub due_fen: i64,
    pub refused_fen: i64,
    pub offset_fen: i64,
    pub paid_fen: i64,
    pub waived_fen: i64,
    /// 退还: given back to the institution after a correction.
    pub returned_fen: i64,
    /// 待收; below nought what is to be given back.
    pub open_fen: i64,
    pub due_day: String,
    pub entries: Vec<RecoveryEntry>,
    pub version: i64,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct RecoveryLead {
    pub id: String,
    pub number: String,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct RecoveryEntry {
    pub seq: i64,
    pub at: String,
    /// refused, offset, paid, waived, returned; corrected: what a correction took off what is due
    #[schema(value_type = crate::contract::words::EntryKind)]
    pub kind: String,
    /// Negative in a counter entry and in a correction.
    pub amount_fen: i64,
    /// 凭证号
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    pub by: String,
    /// The entry it undoes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reverses: Option<i64>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams, ToSchema)]
#[serde(default)]
pub struct RecoveryQuery {
    /// due, part, closed, overdue, refund
    pub state: Option<String>,
    pub institution: Option<String>,
    /// refuse, recover
    pub road: Option<String>,
    pub after: Option<String>,
    pub limit: Option<i64>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RecoveryPage {
    pub items: Vec<Recovery>,
    pub total: i64,
    pub sums: RecoverySums,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Sums over the filtered set.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct RecoverySums {
    pub due_fen: i64,
    pub refused_fen: i64,
    pub offset_fen: i64,
    pub paid_fen: i64,
    pub waived_fen: i64,
    pub returned_fen: i64,
    pub open_fen: i64,
    pub overdue_fen: i64,
    /// 应退还机构. `due = refused + offset + paid + waived - returned + open - refund`.
    pub refund_fen: i64,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams, ToSchema)]
#[serde(default)]
pub struct RecoveryYearQuery {
    /// This year where it is left out.
    pub year: Option<i64>,
}

/// 追回台账按月: a year within what the person sees.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct RecoveryYear {
    pub year: i64,
    /// From January on, up to December or the month that is not over.
    pub months: Vec<RecoveryMonth>,
    /// 年度追回目标 of this year, where one is set; institutions are not told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_fen: Option<i64>,
}

/// What was decided due in a month, and what was booked in it, whenever it was decided; counter entries take off.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct RecoveryMonth {
    /// 2026-01
    pub month: String,
    /// 未满月: it is not over.
    pub running: bool,
    /// As it stands now: a corrected decision is due for less in the month it was made.
    pub due_fen: i64,
    /// Less what was given back of refusals.
    pub refused_fen: i64,
    pub offset_fen: i64,
    pub paid_fen: i64,
    pub waived_fen: i64,
    /// 退还机构: given back of what was recovered.
    pub returned_fen: i64,
}

/// 登记到账, 抵扣, 拒付, 减免.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct EntryRequest {
    pub version: i64,
    pub kind: String,
    pub amount_fen: i64,
    pub document: Option<String>,
    pub text: Option<String>,
    /// The entry to undo; kind and amount are its own.
    pub reverses: Option<i64>,
}
