//! 线索.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::recovery::Recovery;
use super::{Choice, Holder};

/// 线索 in a list.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct Lead {
    pub id: String,
    /// XS2026-000123
    pub number: String,
    /// stay, visit, person, practitioner, institution_month
    #[schema(value_type = crate::contract::words::Subject)]
    pub subject: String,
    pub subject_label: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub institution: Option<LeadInstitution>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<LeadPerson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visit: Option<LeadVisit>,
    pub rules: Vec<LeadRule>,
    /// 疑点数
    pub findings: i64,
    /// 系统判别: 违规, 可疑, 提醒
    #[schema(value_type = crate::contract::words::Found)]
    pub result: String,
    /// 涉及金额, each line's money once.
    pub amount_fen: i64,
    /// 其中基金
    pub fund_fen: i64,
    /// 其中个人账户
    pub acct_fen: i64,
    /// 预期可追回: precision of the rules × amount.
    pub expected_fen: i64,
    /// 0–100
    pub score: i64,
    /// One sentence: why this one.
    pub reason: String,
    pub first_day: String,
    pub last_day: String,
    pub status: String,
    pub status_title: String,
    /// wait, back, upheld, cleared, run
    #[schema(value_type = crate::contract::words::Tone)]
    pub tone: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holder: Option<Holder>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<Due>,
    /// The clock is stopped.
    pub paused: bool,
    /// Its findings are in the newest run no more.
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

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct LeadInstitution {
    pub code: String,
    pub name: String,
    pub level: String,
    pub region: String,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct LeadPerson {
    pub no: String,
    /// 周**
    pub name_masked: String,
    pub sex: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age: Option<i64>,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct LeadVisit {
    pub id: String,
    pub kind_title: String,
    pub begin: String,
    pub end: String,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct LeadRule {
    pub id: String,
    pub title: String,
    pub class: String,
}

/// 期限
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct Due {
    pub day: String,
    /// Negative when over.
    pub working_days_left: i64,
    pub overdue: bool,
    /// The year's notice of holidays is not known yet: they are not taken out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub provisional: bool,
}

/// What a list of leads is asked by; the same names filter acts on many and exports.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams, ToSchema)]
#[serde(default)]
pub struct LeadQuery {
    /// One or several status ids, by comma.
    pub status: Option<String>,
    pub institution: Option<String>,
    pub rule: Option<String>,
    /// 违规, 可疑, 提醒
    pub result: Option<String>,
    pub subject: Option<String>,
    /// Days of the findings.
    pub from: Option<String>,
    pub to: Option<String>,
    pub amount_min_fen: Option<i64>,
    /// Number, institution or person number.
    pub q: Option<String>,
    /// 1: in my hands.
    pub mine: Option<u8>,
    /// Due within so many working days.
    pub due: Option<i64>,
    /// 1: only what is put off to a later day (暂缓); 0: only what is not.
    pub put_off: Option<u8>,
    /// rank where it is left out.
    #[schema(value_type = Option<crate::contract::words::LeadSort>)]
    #[param(inline, value_type = Option<crate::contract::words::LeadSort>)]
    pub sort: Option<String>,
    pub after: Option<String>,
    /// At most 200.
    pub limit: Option<i64>,
}

/// 导出事由
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default)]
pub struct ExportReason {
    /// Why the list is taken; stays on record.
    #[param(required = true)]
    pub reason: Option<String>,
}

/// A page of leads; the sums are over the whole filtered set.
#[derive(Debug, Clone, Serialize, ToSchema)]
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
#[derive(Debug, Clone, Serialize, ToSchema)]
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
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct LeadKin {
    pub id: String,
    #[schema(value_type = crate::contract::words::Kinship)]
    pub how: String,
    pub subject_label: String,
    pub status_title: String,
    pub amount_fen: i64,
}

/// 疑点: what one rule says.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct Finding {
    pub id: String,
    pub rule: FindingRule,
    /// 违规, 可疑
    #[schema(value_type = crate::contract::words::Found)]
    pub result: String,
    /// core, watch
    pub band: String,
    /// 类型, as the rule has it.
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
    /// Leads its cluster: its money is the one counted.
    pub counted: bool,
    /// The cluster's money counted on it.
    pub counted_fen: i64,
    /// The newest run does not have it any more.
    pub gone: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub practitioner: Option<Practitioner>,
    /// accept or appeal, as the institution answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<crate::contract::words::Conclusion>)]
    pub answer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_fen: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<crate::contract::words::Conclusion>)]
    pub conclusion: Option<String>,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct FindingRule {
    pub id: String,
    pub title: String,
    pub class: String,
    pub version: i64,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct Practitioner {
    pub code: String,
    pub name_masked: String,
}

/// 流转: one step of a lead, by a person or by time.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct Step {
    pub at: String,
    pub act: String,
    pub act_title: String,
    pub by: StepBy,
    pub from_status: String,
    pub to_status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<LineAnswer>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct StepBy {
    pub account: String,
    pub name: String,
    pub role_title: String,
}

/// What can be done with a lead now, or why not.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct ActOffer {
    pub act: String,
    pub title: String,
    pub allowed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why_not: Option<String>,
    /// Sentence for the dialog that asks once more.
    pub effect: String,
    /// assignee, members, reason, text, lines, attachments, limit, vote, road, until, leads, findings
    #[schema(value_type = Vec<crate::contract::words::Need>)]
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

/// 逐条意见
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct LineAnswer {
    pub finding_id: String,
    /// Empty in a proposal where the records must be read first.
    #[schema(value_type = crate::contract::words::Answered)]
    pub conclusion: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount_fen: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// 机构反馈
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
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

/// 答复归类: what free words amount to; it proposes, a person decides.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct Proposal {
    /// accept, clinical, emergency, distinct, policy, price, data, refunded, other
    pub class: String,
    pub title: String,
    /// accept, appeal
    pub answer: String,
    /// uphold, partly, withdraw; absent where records must be read first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conclusion: Option<String>,
    /// 0–100
    pub confidence: i64,
    /// The words that spoke for it.
    pub words: Vec<String>,
}

/// 决定
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct Decision {
    pub at: String,
    pub by: Holder,
    /// refuse, recover, none
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<crate::contract::words::Road>)]
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
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct Panel {
    pub round: i64,
    pub members: Vec<PanelMember>,
    /// Whether all votes are in, so that they can be read.
    pub open: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct PanelMember {
    pub account: String,
    pub name: String,
    pub voted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vote: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// 回避
    pub recused: bool,
}

/// 附件
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct Attachment {
    pub id: String,
    pub name: String,
    /// Media type, found by content.
    pub media: String,
    pub size: i64,
    pub sm3: String,
    pub by: Holder,
    pub at: String,
}

/// What an act is given.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ActRequest {
    /// The version the person saw; an act on an older one is a conflict.
    pub version: i64,
    pub assignee: Option<String>,
    /// Code of a reason.
    pub reason: Option<String>,
    pub text: Option<String>,
    pub lines: Vec<LineAnswer>,
    /// Ids of attachments uploaded before.
    pub attachments: Vec<String>,
    pub limit_days: Option<i64>,
    pub vote: Option<String>,
    #[schema(value_type = Option<crate::contract::words::Road>)]
    pub road: Option<String>,
    /// Day, of acts that put a lead off.
    pub until: Option<String>,
    /// Accounts, of acts that name several people (合议).
    pub members: Vec<String>,
    /// 合并: the leads that go into this one.
    pub leads: Vec<String>,
    /// 拆分: the findings that become a lead of their own.
    pub findings: Vec<String>,
}

/// An act on many: by ids, or on all that a filter names.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct BatchRequest {
    pub ids: Option<Vec<String>>,
    pub filter: Option<LeadQuery>,
    #[serde(flatten)]
    pub act: ActRequest,
}

/// What became of an act on many.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct BatchResult {
    pub done: i64,
    pub failed: Vec<BatchFailure>,
    /// Money of the leads done.
    pub amount_fen: i64,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct BatchFailure {
    pub id: String,
    pub detail: String,
}

/// 查看全名
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
pub struct UnmaskRequest {
    /// Stays on record.
    pub reason: String,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct Identity {
    pub name: String,
    pub certno: String,
}
