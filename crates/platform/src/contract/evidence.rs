//! 证据: what a finding rests on, what it does not, and what speaks against it.

use serde::Serialize;
use utoipa::ToSchema;

use super::lead::Finding;

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct Evidence {
    pub finding: Finding,
    pub rule: RuleText,
    /// 知识点 the finding rests on.
    pub points: Vec<Point>,
    /// All lines of the days concerned; those hit are marked.
    pub lines: Vec<EvidenceLine>,
    /// Lines there are beyond those listed.
    pub lines_hidden: i64,
    pub diagnoses: Vec<Diagnosis>,
    pub operations: Vec<Operation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visit: Option<VisitFacts>,
    /// 金额如何算出, one step a line.
    pub arithmetic: Vec<String>,
    /// 不利于认定的事实
    pub against: Vec<String>,
    /// 未判: what could not be judged, and why.
    pub not_judged: Vec<String>,
    pub precision: Precision,
    /// Other findings on the same visit or money.
    pub others: Vec<Finding>,
}

/// The rule as it stood.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct RuleText {
    pub id: String,
    pub version: i64,
    pub title: String,
    pub plain: String,
    /// 误报与申辩
    pub misfires: String,
    pub basis: Vec<String>,
    pub logic: String,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct Point {
    pub label: String,
    pub table_title: String,
    pub origin: String,
    /// Column and cell.
    pub cells: Vec<(String, String)>,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct EvidenceLine {
    /// Code of the institution that billed it; never sent: what of a finding an institution reads is decided by it.
    #[serde(skip)]
    #[schema(ignore)]
    pub house: String,
    pub id: String,
    pub time: String,
    pub code: String,
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spec: Option<String>,
    /// As billed: decimal text.
    pub count: String,
    pub price: String,
    pub amount_fen: i64,
    /// 符合政策范围金额
    pub scope_fen: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub practitioner: Option<String>,
    pub hit: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hit_fen: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct Diagnosis {
    pub code: String,
    pub name: String,
    pub main: bool,
    pub hit: bool,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct Operation {
    pub code: String,
    pub name: String,
    pub day: String,
    pub hit: bool,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct VisitFacts {
    pub id: String,
    pub kind_title: String,
    pub institution: String,
    pub department: String,
    pub begin: String,
    pub end: String,
    pub insurance: String,
    pub settled: String,
    pub total: String,
    pub fund: String,
}

/// 历史核实: how often the rule was right, with the interval (95 %).
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct Precision {
    pub checked: i64,
    pub upheld: i64,
    /// 0–1
    pub low: f64,
    pub high: f64,
}

/// 时间线 of a person around a finding.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct PersonTimeline {
    pub lanes: Vec<Lane>,
    pub from: String,
    pub to: String,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct Lane {
    /// stay, visit, pharmacy, registration
    #[schema(value_type = crate::contract::words::LaneKind)]
    pub kind: String,
    pub institution: String,
    pub begin: String,
    pub end: String,
    pub label: String,
    pub amount_fen: i64,
    pub hit: bool,
    pub overlap: bool,
}
