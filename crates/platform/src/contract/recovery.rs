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

/// 登记到账, 冲抵, 拒付, 核销.
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
