//! 事前事中提醒: what hospitals asked the counter, how fast it answered and what became of its reminders.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::evidence::Precision;

#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
pub struct CounterQuery {
    /// First day, `2026-07-01`; left out: 29 days before the last.
    pub from: Option<String>,
    /// Last day; left out: today. At most 92 days.
    pub to: Option<String>,
}

/// Figures of the institutions the person sees, and of nobody else.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct CounterPage {
    /// Whether the counter answers in this very process; else its figures are where it runs.
    pub serving: bool,
    pub from: String,
    pub to: String,
    pub totals: CounterFigures,
    /// By institution and vendor, the most calls first.
    pub callers: Vec<CounterCaller>,
    pub interfaces: Vec<CounterInterface>,
    /// Each day of the range.
    pub days: Vec<CounterDay>,
    /// By hour of day, 24 of them.
    pub hours: Vec<CounterHour>,
    pub rules: Vec<CounterRule>,
    /// Not for who sees one institution.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection: Option<CounterConnection>,
    /// Days whose figures cannot be read.
    pub unread: Vec<String>,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct CounterFigures {
    /// Calls of 3101 and 3102.
    pub calls: i64,
    /// Answered empty because the time was over.
    pub late: i64,
    /// Answered empty without being judged.
    pub unjudged: i64,
    /// Judged without history for want of time.
    pub light: i64,
    /// Calls that brought a reminder.
    pub reminded: i64,
    pub reminders: i64,
    /// Feedback (3103): the order was changed.
    pub changed: i64,
    /// The doctor went on, with a reason.
    pub continued: i64,
    /// Milliseconds within which half of the calls were answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p50_ms: Option<f64>,
    /// Milliseconds within which 99 of 100 calls were answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p99_ms: Option<f64>,
    /// Followed (upheld) of those answered (checked), with its 95 % interval.
    pub followed: Precision,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct CounterCaller {
    pub institution: String,
    pub institution_name: String,
    pub vendor: String,
    pub figures: CounterFigures,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct CounterInterface {
    /// 3101 or 3102
    pub interface: String,
    pub figures: CounterFigures,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct CounterDay {
    pub day: String,
    pub calls: i64,
    pub reminders: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p99_ms: Option<f64>,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct CounterHour {
    pub hour: i64,
    pub calls: i64,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct CounterRule {
    pub id: String,
    pub title: String,
    /// definite 明确违规，第一天就提醒; silent 静默试看; speaking 试看后开口
    pub state: String,
    pub reminders: i64,
    pub changed: i64,
    pub continued: i64,
    pub followed: Precision,
    /// Not told, and the line was not settled; over all institutions and all time, so only for who sees all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dropped: Option<i64>,
    /// Not told, and the line was settled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kept: Option<i64>,
    /// Why doctors went on, the most frequent first.
    pub reasons: Vec<CounterReason>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
pub struct CounterReason {
    pub reason: String,
    pub times: i64,
}

/// Institutions that settle, and which of them called.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct CounterConnection {
    pub institutions: i64,
    pub connected: i64,
    /// The most settling first; 200 at most.
    pub not_connected: Vec<CounterAbsent>,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct CounterAbsent {
    pub code: String,
    pub name: String,
}
