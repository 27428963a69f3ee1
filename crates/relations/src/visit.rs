//! What is known of a visit and of a person, as the picture needs it.

use mingjian_model::day::Day;

/// 就诊类别 as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// 住院
    Stay,
    /// 门诊
    Visit,
    /// 药店购药
    Pharmacy,
}

impl Kind {
    /// stay, visit, pharmacy: as timelines call them.
    pub fn id(self) -> &'static str {
        match self {
            Kind::Stay => "stay",
            Kind::Visit => "visit",
            Kind::Pharmacy => "pharmacy",
        }
    }
}

/// One visit in full. Codes are the national ones; amounts are fen, 0 where nothing was settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// 就诊ID
    pub id: String,
    pub person: String,
    pub place: String,
    pub kind: Kind,
    pub begin: Day,
    /// Not before `begin`.
    pub end: Day,
    /// Code of the doctor in charge; empty where it is not known.
    pub doctor: String,
    /// Masked.
    pub doctor_name: String,
    pub department: String,
    /// Main diagnosis: code and name, empty where there is none.
    pub diagnosis: String,
    pub diagnosis_name: String,
    pub total_fen: i64,
    pub fund_fen: i64,
}

/// A person as the picture may name one. Address, telephone and employer are compared and never shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    pub no: String,
    /// 周**
    pub label: String,
    pub sex: String,
    pub age: Option<i64>,
    pub address: String,
    pub telephone: String,
    pub unit: String,
    pub unit_name: String,
}
