//! 关系图谱: who is treated together with whom, whether it is more than chance, at what cost, and what speaks against it.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Coded;

/// What of the picture is asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(default)]
pub struct RelationsQuery {
    /// 1 (一度, unless said): the group and whom it was asked about. 2 (二度): also who came together with members less often.
    pub degree: Option<i64>,
    /// 最少共现次数; unless said 3 for stays, 5 for all kinds. 1–50.
    pub least: Option<i64>,
    /// stays (unless said) or all.
    pub kinds: Option<String>,
    /// Days of admission, both among them.
    pub from: Option<String>,
    pub to: Option<String>,
    /// Nodes left out, by comma: `person:<psn_no>`, `hospital:<code>`, `pharmacy:<code>`, `doctor:<code>`.
    pub without: Option<String>,
    /// Rounds of the permutation test, 10,000 unless said, at most 100,000; a large group gets fewer.
    pub rounds: Option<i64>,
}

/// Why the picture is taken out of the house, and why nodes were left out of it.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default)]
pub struct RelationsReason {
    /// 导出事由
    pub reason: Option<String>,
    /// 排除理由 of the nodes left out, one text for all or one each in their order, by `|`.
    pub why: Option<String>,
}

/// How it was asked, with what was not said filled in.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct RelationsAsked {
    pub degree: i64,
    pub least: i64,
    /// stays or all
    #[schema(value_type = crate::contract::words::RelationKinds)]
    pub kinds: String,
    /// First and last day that count.
    pub from: String,
    pub to: String,
    pub without: Vec<RelationLeftOut>,
}

/// A node left out by whoever asked.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct RelationLeftOut {
    /// `person:<psn_no>` and the like.
    pub id: String,
    pub label: String,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct Relations {
    /// What it was asked about, in words.
    pub title: String,
    pub asked: RelationsAsked,
    /// Version of the data, and its last day.
    pub data_version: i64,
    pub as_of: String,
    /// At most 300, persons first.
    pub nodes: Vec<RelationNode>,
    pub edges: Vec<RelationEdge>,
    /// 同日: days of institutions on which at least two of the persons came, ascending.
    pub events: Vec<RelationEvent>,
    /// 就诊时间线: bars by person, then day.
    pub bars: Vec<RelationBar>,
    /// Ids of the persons as the matrix shows them: who comes together stands together, the group first.
    pub order: Vec<String>,
    /// Persons of the group; 0 where nobody reaches the least number.
    pub core: i64,
    /// 为什么成团
    pub why: Vec<String>,
    /// 不利于成团的事实
    pub against: Vec<String>,
    pub chance: RelationChance,
    pub money: RelationMoney,
    /// What is not shown, and why.
    pub cut: Vec<String>,
    /// Leads of the persons of the group, as far as one may see them; 50 at most.
    pub leads: Vec<RelationLead>,
    pub leads_total: i64,
    /// Size of the picture that `x` and `y` are in.
    pub width: f64,
    pub height: f64,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct RelationNode {
    /// `person:<psn_no>`, `hospital:<code>`, `pharmacy:<code>`, `doctor:<code>`
    pub id: String,
    /// person, hospital, pharmacy, doctor
    #[schema(value_type = crate::contract::words::RelationNodeKind)]
    pub kind: String,
    pub code: String,
    /// 周**, or an institution's name.
    pub label: String,
    /// Age of a person, department of a doctor.
    pub note: String,
    /// Of persons: core, outside (asked about, not of the group) or fringe (came together less often).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<crate::contract::words::RelationStanding>)]
    pub standing: Option<String>,
    pub x: f64,
    pub y: f64,
    pub visits: i64,
    pub amount_fen: i64,
    pub fund_fen: i64,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct RelationEdge {
    pub from: String,
    pub to: String,
    /// together (同日共现), treated, cared (主管医师), bought
    #[schema(value_type = crate::contract::words::RelationLink)]
    pub link: String,
    /// Common days; visits.
    pub count: i64,
    pub days: Vec<String>,
    /// 就诊ID
    pub visits: Vec<String>,
    /// Codes of the institutions persons came together at.
    pub places: Vec<String>,
    pub fund_fen: i64,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct RelationEvent {
    pub day: String,
    pub institution: Coded,
    /// Ids of persons.
    pub persons: Vec<String>,
    /// How many of them are of the group.
    pub core: i64,
    /// Everybody the institution had that day, and on its median day.
    pub volume: i64,
    pub median: i64,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct RelationBar {
    pub person: String,
    /// 就诊ID
    pub visit: String,
    #[schema(value_type = crate::contract::words::LaneKind)]
    pub kind: String,
    pub institution: Coded,
    pub begin: String,
    pub end: String,
    /// Main diagnosis.
    pub label: String,
    /// Masked.
    pub practitioner: String,
    pub amount_fen: i64,
    pub fund_fen: i64,
    /// Begins on a common day of the group.
    pub joint: bool,
}

/// 偶然共现的可能. A 人对日 is a pair of persons of the group at the same institution on the same day.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct RelationChance {
    /// 人对日 as they were.
    pub observed: i64,
    /// To be expected if everybody came on any day of their institutions, busy ones more likely.
    pub expected: f64,
    /// Rounds of the permutation test, and how many of them reached what was observed.
    pub rounds: i64,
    pub reached: i64,
    /// 人对日 of a round on average, and the most of any.
    pub mean: f64,
    pub most: i64,
    pub seed: i64,
}

/// 金额 of the group.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct RelationMoney {
    pub visits: i64,
    pub amount_fen: i64,
    pub fund_fen: i64,
    /// Of them those that began on a common day: 涉及.
    pub joint_visits: i64,
    pub joint_amount_fen: i64,
    pub joint_fund_fen: i64,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct RelationLead {
    pub id: String,
    /// Id of the person's node.
    pub person: String,
    pub institution: String,
    pub rule: String,
    pub status: String,
    pub status_title: String,
    #[schema(value_type = crate::contract::words::Tone)]
    pub tone: String,
    pub amount_fen: i64,
    /// Work on it is not finished.
    pub open: bool,
}

/// 团组 of the newest data that are worth a look, the most surprising × money first.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct RelationGroups {
    pub items: Vec<RelationGroup>,
    /// Groups found; those beyond the first hundred are not listed.
    pub total: i64,
    pub as_of: String,
    pub data_version: i64,
    /// First and last day of the data.
    pub from: String,
    pub to: String,
    /// 最少共现次数 and 最少人数 of a group.
    pub least: i64,
    pub persons_least: i64,
    /// Persons and stays looked through.
    pub persons: i64,
    pub stays: i64,
    /// Groups that came about when all stays were dealt out anew over the days of their institutions: on average, of so many dealings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_chance: Option<RelationDealt>,
    /// What is not looked at, and why.
    pub cut: Vec<String>,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct RelationDealt {
    pub rounds: i64,
    /// Groups a round, on average, and the most of any.
    pub mean: f64,
    pub most: i64,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct RelationGroup {
    /// The member its picture is asked by.
    pub person: String,
    pub persons: i64,
    /// Masked, ten at most.
    pub names: Vec<String>,
    /// Days on which at least two of them came together.
    pub days: i64,
    /// Most of them on one day.
    pub most: i64,
    pub first: String,
    pub last: String,
    /// Those they came together at, four at most.
    pub institutions: Vec<Coded>,
    pub observed: i64,
    pub expected: f64,
    /// How far beyond chance: O·ln(O÷E) − (O − E).
    pub surprise: f64,
    /// Stays that began on a common day.
    pub joint_visits: i64,
    pub joint_amount_fen: i64,
    pub joint_fund_fen: i64,
    /// Open leads of its members, as far as one may see them.
    pub leads: i64,
}
