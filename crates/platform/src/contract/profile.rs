//! 对象画像: an institution, a doctor, a person beside those of their like.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Coded;
use super::evidence::PersonTimeline;

/// 同类: who it is compared with.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct Like {
    /// What they have in common, as 三级医疗机构.
    pub title: String,
    /// How many others there are; the subject is not among them.
    pub count: i64,
}

/// One figure of the subject, and of its like.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct Measure {
    pub id: String,
    pub title: String,
    pub unit: String,
    pub value: f64,
    /// Absent where fewer than five of the like have the figure: then nothing is compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peers: Option<Band>,
}

/// The like on one figure, the subject not among them.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct Band {
    pub count: i64,
    pub p25: f64,
    pub median: f64,
    pub p75: f64,
    /// Share of the like below the subject, 0–100.
    pub percentile: f64,
    /// Their values, ascending; of more than 120 every so many, lowest and highest among them.
    pub dots: Vec<f64>,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct ProfileMonth {
    /// 2026-01
    pub month: String,
    /// 门诊和购药
    pub visits: i64,
    pub stays: i64,
    pub amount_fen: i64,
    /// Paid by the funds; of a doctor, whose lines know no payment: within the scope of the insurance (医保范围内).
    pub fund_fen: i64,
    pub findings: i64,
    pub found_fen: i64,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct ProfileRule {
    pub id: String,
    pub title: String,
    pub findings: i64,
    pub amount_fen: i64,
}

/// A finding about the subject, with the lead it is worked on in.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct ProfileFinding {
    pub id: String,
    /// Its number too.
    pub lead: String,
    pub rule: Coded,
    #[schema(value_type = crate::contract::words::Found)]
    pub result: String,
    pub text: String,
    pub institution: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount_fen: Option<i64>,
    pub day: String,
    pub status_title: String,
    #[schema(value_type = crate::contract::words::Tone)]
    pub tone: String,
    /// The newest run does not have it any more.
    pub gone: bool,
}

#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default)]
pub struct DoctorQuery {
    /// Of a doctor who works at several: which.
    pub institution: Option<String>,
}

/// 医师画像: a doctor at one institution.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct DoctorProfile {
    pub code: String,
    /// 周**
    pub name_masked: String,
    pub institution: Coded,
    pub level: String,
    pub region: String,
    /// Where most of the doctor's lines were ordered.
    pub department: String,
    /// 职称, where the register has it.
    pub job_title: String,
    pub like: Like,
    pub measures: Vec<Measure>,
    pub months: Vec<ProfileMonth>,
    pub rules: Vec<ProfileRule>,
    /// Newest first, at most 50.
    pub findings: Vec<ProfileFinding>,
    pub findings_total: i64,
    /// Other institutions the doctor works at, as far as one may see them.
    pub elsewhere: Vec<Coded>,
    /// 看不到的: what the figures cannot say, and why.
    pub unseen: Vec<String>,
}

/// 参保人画像. Masked; every look stands in the trail.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct PersonProfile {
    pub no: String,
    pub name_masked: String,
    pub sex: String,
    /// On the last day of the data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age: Option<i64>,
    /// 险种
    pub insurance: String,
    /// 参保地
    pub region: String,
    /// 门诊慢特病 registered.
    pub registered: Vec<String>,
    pub like: Like,
    pub measures: Vec<Measure>,
    pub months: Vec<ProfileMonth>,
    pub rules: Vec<ProfileRule>,
    /// Newest first, at most 50.
    pub findings: Vec<ProfileFinding>,
    pub findings_total: i64,
    pub timeline: PersonTimeline,
    /// 看不到的: what the figures cannot say, and why.
    pub unseen: Vec<String>,
}

#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default)]
pub struct SubjectQuery {
    /// Beginning of a number or code; of an institution, part of its name.
    pub q: Option<String>,
}

/// Subjects that leads in one's scope speak of.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct SubjectList {
    pub items: Vec<SubjectFound>,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct SubjectFound {
    #[schema(value_type = crate::contract::words::ProfileKind)]
    pub kind: String,
    pub code: String,
    /// A person's or doctor's masked.
    pub title: String,
}
