//! 导出审批.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Holder;

/// 申请导出: what, in which form, by which filter, why. The filter is that of the list, without a place in it.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
pub struct ExportRequest {
    #[schema(value_type = crate::contract::words::ExportKind)]
    pub kind: String,
    #[schema(value_type = crate::contract::words::ExportForm)]
    pub form: String,
    /// With names and certificate numbers in clear; always needs approval.
    #[serde(default)]
    pub clear: bool,
    #[serde(default)]
    #[schema(value_type = Object)]
    pub filter: serde_json::Map<String, serde_json::Value>,
    pub reason: String,
}

#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default)]
pub struct ExportQuery {
    /// own (default), others: those of others one may decide
    pub of: Option<String>,
    /// 1: those that wait for a decision only.
    pub waiting: Option<u8>,
    pub after: Option<String>,
    pub limit: Option<i64>,
}

/// Requests, newest first.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct ExportPage {
    pub items: Vec<Export>,
    /// How many wait for one's own decision.
    pub waiting: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct ExportCondition {
    /// The filter's parameter, `institution`.
    pub name: String,
    pub value: String,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct Export {
    /// DC2026-000001; also the number of the watermark.
    pub id: String,
    #[schema(value_type = crate::contract::words::ExportKind)]
    pub kind: String,
    #[schema(value_type = crate::contract::words::ExportForm)]
    pub form: String,
    pub clear: bool,
    pub conditions: Vec<ExportCondition>,
    /// Rows the filter named when it was asked for.
    pub rows: i64,
    pub reason: String,
    /// Why a second person is needed; absent where none is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<crate::contract::words::ExportWhy>)]
    pub why: Option<String>,
    #[schema(value_type = crate::contract::words::ExportState)]
    pub state: String,
    pub asked_at: String,
    pub asker: Holder,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<ExportDecision>,
    /// Until when the file can be taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taken_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows_taken: Option<i64>,
    /// Whether it is one's own.
    pub own: bool,
    /// Whether one may decide it now.
    pub may_decide: bool,
    pub version: i64,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct ExportDecision {
    pub by: Holder,
    pub at: String,
    pub approved: bool,
    pub reason: String,
}

/// 批准 or 不批准, with a reason that stays on record.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct ExportVerdict {
    pub version: i64,
    pub reason: String,
}

/// 撤回
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct ExportVersion {
    pub version: i64,
}
