//! 视图 and 通知.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default)]
pub struct ViewQuery {
    #[param(inline, value_type = crate::contract::words::ViewPage)]
    pub page: String,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct ViewList {
    pub items: Vec<SavedView>,
}

/// 存为视图: a filter under a name.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct SavedView {
    pub id: String,
    pub title: String,
    /// As the page's address has it.
    #[schema(value_type = Object)]
    pub query: serde_json::Map<String, serde_json::Value>,
    /// For the department: whoever shares region and institution with the owner.
    pub shared: bool,
    pub own: bool,
    /// Who saved it.
    pub by: String,
}

#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
pub struct NewView {
    #[schema(value_type = crate::contract::words::ViewPage)]
    pub page: String,
    pub title: String,
    #[schema(value_type = Object)]
    pub query: serde_json::Map<String, serde_json::Value>,
    #[serde(default)]
    pub shared: bool,
}

/// 通知, newest first.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct NoticeList {
    pub items: Vec<Notice>,
    pub unread: i64,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct Notice {
    /// Names it for good.
    pub key: String,
    #[schema(value_type = crate::contract::words::NoticeKind)]
    pub kind: String,
    /// A lead's number; absent where it is about an export.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lead: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub export: Option<String>,
    pub institution: String,
    pub amount_fen: i64,
    /// Who did it; empty of limits, and for institutions.
    pub by: String,
    /// Of limits the day they end on.
    pub at: String,
    pub read: bool,
}

#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
pub struct NoticesRead {
    pub keys: Vec<String>,
}
