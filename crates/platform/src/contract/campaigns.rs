//! 自查自纠.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Coded;
use super::lead::Finding;

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct CampaignList {
    pub items: Vec<Campaign>,
}

/// 一次自查自纠: the problem list, who is asked, what came back.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct Campaign {
    pub id: String,
    pub title: String,
    /// draft, open, closed
    #[schema(value_type = crate::contract::words::CampaignState)]
    pub state: String,
    pub text: String,
    /// 问题清单: ids of rules.
    pub rules: Vec<String>,
    /// Findings from this day on are shown; absent: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    pub due_day: String,
    /// Those the person may see.
    pub institutions: Vec<CampaignInstitution>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub report: Option<String>,
    pub version: i64,
}

/// One institution's part.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct CampaignInstitution {
    pub institution: Coded,
    /// waiting, declared, paid, accepted, returned
    #[schema(value_type = crate::contract::words::PartState)]
    pub state: String,
    /// What the rules had found when the list went out.
    pub findings: i64,
    pub found_fen: i64,
    pub declared_fen: i64,
    pub refunded_fen: i64,
    /// 承诺书 signed by, at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub promised: Option<String>,
    /// Nothing handed in, and the day is over.
    pub overdue: bool,
    /// Handed in for the first time after the day.
    pub late: bool,
    pub entries: Vec<CampaignEntry>,
    pub version: i64,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct CampaignEntry {
    pub at: String,
    /// declare, refund, accept, return
    pub act: String,
    pub amount_fen: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    pub by: String,
}

#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct NewCampaign {
    pub title: String,
    pub text: String,
    pub rules: Vec<String>,
    pub from: Option<String>,
    pub to: Option<String>,
    pub due_day: String,
    /// Codes.
    pub institutions: Vec<String>,
}

/// 发布或结束.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct CampaignStep {
    pub version: i64,
    /// When it is closed: what came of it.
    pub report: Option<String>,
}

/// What an institution hands in.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct CampaignDeclaration {
    /// Of the institution's part.
    pub version: i64,
    pub declared_fen: i64,
    /// 退款单号, where it was paid already.
    pub document: Option<String>,
    pub text: Option<String>,
    /// 承诺: who signs.
    pub promise: String,
}

/// What the bureau does with a part.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct CampaignPartInput {
    /// Of the institution's part.
    pub version: i64,
    /// Of a refund; negative takes back one that was booked wrongly, with words why.
    pub amount_fen: i64,
    pub document: Option<String>,
    pub text: Option<String>,
}

/// 本院疑点 of a campaign.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct CampaignFindings {
    pub items: Vec<Finding>,
}
