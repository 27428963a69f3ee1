//! 知识库.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct KnowledgeTables {
    pub items: Vec<KnowledgeTable>,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct KnowledgeTable {
    pub table: String,
    pub title: String,
    pub points: i64,
    pub origin: String,
    /// Ids of rules that use it.
    pub rules: Vec<String>,
}

#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default)]
pub struct KnowledgeQuery {
    /// Text that a cell holds.
    pub q: Option<String>,
    pub after: Option<String>,
    pub limit: Option<i64>,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct KnowledgePage {
    pub columns: Vec<String>,
    pub items: Vec<Vec<String>>,
    pub total: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}
