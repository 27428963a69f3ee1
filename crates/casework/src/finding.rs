//! What a run hands in: findings as plain rows, and the facts about institutions, persons and visits that leads are labelled with.

use std::collections::HashMap;

use mingjian_model::day::{Day, Moment, day_of};

/// One row of the `findings` table (ARCHITECTURE.md, Findings), as far as casework needs it. Money in fen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FindingRow {
    pub finding_id: String,
    pub rule_id: String,
    pub rule_version: i64,
    pub rule_name: String,
    pub kind: String,
    /// 政策类, 管理类, 医疗类
    pub class: String,
    /// 违规, 可疑
    pub result: String,
    /// core, watch
    pub band: String,
    pub psn_no: Option<String>,
    pub mdtrt_id: Option<String>,
    pub setl_id: Option<String>,
    pub fixmedins_code: Option<String>,
    pub bilg_dr_code: Option<String>,
    pub first_time: Option<Moment>,
    pub last_time: Option<Moment>,
    /// None where the rule computes no money.
    pub amount: Option<i64>,
    pub fund_amount: Option<i64>,
    pub acct_amount: Option<i64>,
    pub text: String,
    pub cluster_id: String,
    /// Leads its cluster.
    pub leads: bool,
    /// The cluster's money counted once; on the leading finding only.
    pub cluster_amount: Option<i64>,
}

impl FindingRow {
    /// 违规, 可疑, or 提醒 for the watch band, as lists show it.
    pub fn shown_result(&self) -> &'static str {
        shown_result(&self.result, &self.band)
    }

    pub fn first_day(&self) -> Option<Day> {
        self.first_time.or(self.last_time).map(day_of)
    }

    pub fn last_day(&self) -> Option<Day> {
        self.last_time.or(self.first_time).map(day_of)
    }
}

/// 违规, 可疑, or 提醒 for the watch band.
pub fn shown_result(result: &str, band: &str) -> &'static str {
    match (result, band) {
        (_, "watch") => "提醒",
        ("违规", _) => "违规",
        _ => "可疑",
    }
}

/// Facts a run hands in beside its findings. What is missing stays blank in the lead.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// By institution code.
    pub institutions: HashMap<String, InstitutionFact>,
    /// By person number.
    pub persons: HashMap<String, PersonFact>,
    /// By visit id.
    pub visits: HashMap<String, VisitFact>,
    /// Masked names by practitioner code.
    pub practitioners: HashMap<String, String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InstitutionFact {
    pub name: String,
    pub level: String,
    /// Code of the region (统筹区).
    pub region: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PersonFact {
    /// 周**
    pub name_masked: String,
    /// Name and certificate number, sealed by the caller; shown only with a recorded reason.
    pub sealed: Option<String>,
    /// 男, 女, or blank.
    pub sex: String,
    pub born: Option<Day>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VisitFact {
    /// 住院, 普通门诊, 药店购药, …
    pub kind_title: String,
    /// A stay (住院).
    pub stay: bool,
    pub begin: Option<Day>,
    pub end: Option<Day>,
}
