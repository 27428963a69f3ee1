//! 规则库.

use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct RuleList {
    pub items: Vec<RuleRow>,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct RuleRow {
    pub id: String,
    pub title: String,
    pub class: String,
    /// 违规, 可疑
    pub verdict: String,
    /// draft, shadow, live, retired
    pub status: String,
    pub version: i64,
    pub valid_from: String,
    /// Of the newest run.
    pub findings: i64,
    pub amount_fen: i64,
    /// 历史核实
    pub checked: i64,
    pub upheld: i64,
    pub low: f64,
    pub high: f64,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct RulePage {
    #[serde(flatten)]
    pub row: RuleRow,
    pub plain: String,
    pub logic: String,
    /// The file as its author wrote it.
    pub markdown: String,
    pub params: Vec<RuleParam>,
    pub basis: Vec<String>,
    pub misfires: String,
    pub knowledge: Vec<RuleKnowledge>,
    pub examples: Vec<RuleExample>,
    /// 历次筛查, newest first.
    pub past: Vec<RulePast>,
    /// 历史核实 by kind of institution; kinds nothing was decided about are absent.
    pub kinds: Vec<RuleKind>,
}

/// What a rule found in one screening.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct RulePast {
    /// When the screening ended.
    pub at: String,
    /// The rule's version then.
    pub version: i64,
    pub findings: i64,
    /// Of these 违规.
    pub violations: i64,
    /// Each money once.
    pub amount_fen: i64,
    /// Whether its findings are those at hand.
    pub current: bool,
    /// Why it was not run; absent where it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_run: Option<String>,
}

/// What people decided about a rule's findings at one kind of institution.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct RuleKind {
    /// 三级, 二级, 一级, 药店, 未定级, …
    pub kind: String,
    pub checked: i64,
    pub upheld: i64,
    /// The interval of the share upheld at 95 %.
    pub low: f64,
    pub high: f64,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct RuleParam {
    pub name: String,
    pub value: String,
    pub text: String,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct RuleKnowledge {
    pub table: String,
    pub title: String,
    pub points: i64,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct RuleExample {
    pub title: String,
    /// Whether the rule must find something here.
    pub hits: bool,
    pub columns: Vec<String>,
    pub rows: Vec<Vec<String>>,
}
