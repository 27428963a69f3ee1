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
    /// 历次修订 of the whole table, newest first.
    pub revisions: Vec<KnowledgeRevision>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A day on which points of a table began or ceased to hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct KnowledgeRevision {
    pub day: String,
    /// Points that hold from this day on.
    pub begun: i64,
    /// Points that held the day before for the last time.
    pub ended: i64,
}
