//! 筛查批次, 接入批次, 数据质量.

use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct RunList {
    pub items: Vec<Run>,
}

/// 一次筛查
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct Run {
    pub id: String,
    pub at: String,
    pub data_version: i64,
    pub rule_set_hash: String,
    pub rules: i64,
    pub findings: i64,
    /// Each line's money once.
    pub amount_fen: i64,
    pub persons: i64,
    pub lines: i64,
    pub seconds: f64,
    /// Whether the leads come from it.
    pub current: bool,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct ImportList {
    pub items: Vec<ImportBatch>,
}

/// 一次导入
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct ImportBatch {
    pub version: i64,
    pub at: String,
    pub sources: Vec<String>,
    pub tables: Vec<ImportTable>,
    pub rows: i64,
    pub rejected: i64,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct ImportTable {
    pub table: String,
    pub title: String,
    pub rows: i64,
    pub rejected: i64,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct QualityList {
    pub items: Vec<QualityCheck>,
}

/// One check of one institution.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct QualityCheck {
    pub institution: String,
    pub institution_name: String,
    /// 统筹区; empty where the data does not say.
    pub region: String,
    pub check: String,
    pub title: String,
    pub rows: i64,
    pub failed: i64,
    /// 0–1
    pub share: f64,
    /// What cannot be judged because of it.
    pub consequence: String,
}
