//! What lists and pages show of a lead: the shapes of the HTTP contract.

use serde::{Deserialize, Serialize};

use crate::recoveries::Recovery;
use crate::status::Tone;
use crate::triage::Proposal;

/// 线索 in a list.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Lead {
    pub id: String,
    /// XS2026-000123
    pub number: String,
    /// stay, visit, person, practitioner, institution_month
    pub subject: String,
    pub subject_label: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub institution: Option<LeadInstitution>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<LeadPerson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visit: Option<LeadVisit>,
    pub rules: Vec<LeadRule>,
    pub findings: i64,
    /// 违规, 可疑, 提醒
    pub result: String,
    /// Each line's money once.
    pub amount_fen: i64,
    pub fund_fen: i64,
    pub acct_fen: i64,
    /// Precision of the rules × the funds' part.
    pub expected_fen: i64,
    /// 0–100
    pub score: i64,
    pub reason: String,
    pub first_day: String,
    pub last_day: String,
    pub status: String,
    pub status_title: String,
    pub tone: Tone,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holder: Option<Holder>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<Due>,
    /// The clock is stopped.
    pub paused: bool,
    /// All its findings are gone from the newest run.
    pub gone: bool,
    /// 暂缓 until this day, on which it comes back by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub put_off_until: Option<String>,
    /// 合并: the lead it went into.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<String>,
    /// 拆分: the lead it was taken out of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub split_from: Option<String>,
    pub version: i64,
    pub updated: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct LeadInstitution {
    pub code: String,
    pub name: String,
    pub level: String,
    pub region: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct LeadPerson {
    pub no: String,
    pub name_masked: String,
    pub sex: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age: Option<i64>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct LeadVisit {
    pub id: String,
    pub kind_title: String,
    pub begin: String,
    pub end: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeadRule {
    pub id: String,
    pub title: String,
    pub class: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Holder {
    pub account: String,
    pub name: String,
}

/// 期限
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Due {
    pub day: String,
    /// Negative when over.
    pub working_days_left: i64,
    pub overdue: bool,
    /// The year's notice is not known: holidays are not taken out yet.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub provisional: bool,
}

/// A page of leads; total and sums are over the whole filtered set.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LeadPage {
    pub items: Vec<Lead>,
    pub total: i64,
    pub sum_amount_fen: i64,
    pub sum_fund_fen: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prev: Option<String>,
}

/// 线索 with everything about it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LeadDetail {
    #[serde(flatten)]
    pub lead: Lead,
    pub finding_list: Vec<Finding>,
    pub steps: Vec<Step>,
    pub acts: Vec<ActOffer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply: Option<Reply>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub panel: Option<Panel>,
    pub recoveries: Vec<Recovery>,
    pub attachments: Vec<Attachment>,
    /// Leads that went into this one, or were taken out of it.
    pub kin: Vec<LeadKin>,
}

/// A lead that was merged into or split from another.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct LeadKin {
    pub id: String,
    /// merged or split
    pub how: String,
    pub subject_label: String,
    pub status_title: String,
    pub amount_fen: i64,
}

/// 疑点: what one rule says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub id: String,
    pub rule: FindingRule,
    pub result: String,
    pub band: String,
    pub kind: String,
    pub text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount_fen: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fund_fen: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acct_fen: Option<i64>,
    pub first_time: String,
    pub last_time: String,
    pub cluster_id: String,
    /// Its money is the one counted in the lead.
    pub counted: bool,
    /// The cluster's money counted on it.
    pub counted_fen: i64,
    /// The newest run does not have it any more.
    pub gone: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub practitioner: Option<Practitioner>,
    /// accept or appeal, as the institution answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_fen: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conclusion: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct FindingRule {
    pub id: String,
    pub title: String,
    pub class: String,
    pub version: i64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Practitioner {
    pub code: String,
    pub name_masked: String,
}

/// 流转: one step.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Step {
    pub at: String,
    pub act: String,
    pub act_title: String,
    pub by: StepBy,
    pub from_status: String,
    pub to_status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Code of the reason chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<LineAnswer>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct StepBy {
    pub account: String,
    pub name: String,
    pub role_title: String,
}

/// What can be done now, or why not.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct ActOffer {
    pub act: String,
    pub title: String,
    pub allowed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why_not: Option<String>,
    /// Sentence for the dialog that asks once more.
    pub effect: String,
    /// assignee, members, reason, text, lines, attachments, limit, vote, road, until, leads, findings
    pub needs: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Choice>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub assignees: Vec<Holder>,
    /// Leads that may go into this one (合并).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub leads: Vec<Choice>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit_days: Option<i64>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub danger: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Choice {
    pub code: String,
    pub title: String,
}

/// 逐条意见
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineAnswer {
    pub finding_id: String,
    /// accept, appeal, uphold, partly, withdraw
    pub conclusion: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount_fen: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// 机构反馈: the newest answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Reply {
    pub at: String,
    pub by: Holder,
    pub lines: Vec<LineAnswer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    pub attachments: Vec<Attachment>,
    /// What the words amount to, line by line; a person decides.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub proposed: Vec<LineAnswer>,
    /// The class of the whole text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<Proposal>,
}

/// 决定
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Decision {
    pub at: String,
    pub by: Holder,
    /// refuse or recover; none where there is no money.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub road: Option<String>,
    pub upheld_fen: i64,
    /// The funds' part of it: what is refused or recovered.
    pub loss_fen: i64,
    /// 申诉核减
    pub withdrawn_fen: i64,
    /// 初审排除
    pub dropped_fen: i64,
    pub lines: Vec<LineAnswer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// 合议: opinions stay hidden until all are in.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Panel {
    pub round: i64,
    pub members: Vec<PanelMember>,
    /// All opinions are in and can be read.
    pub open: bool,
    /// uphold, partly, withdraw: the middle opinion.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct PanelMember {
    pub account: String,
    pub name: String,
    pub voted: bool,
    /// 回避
    pub recused: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vote: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// 附件
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Attachment {
    pub id: String,
    pub name: String,
    /// Media type found by its content.
    pub media: String,
    pub size: i64,
    pub sm3: String,
    pub by: Holder,
    pub at: String,
}

/// A text, none when blank.
pub(crate) fn filled(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}
