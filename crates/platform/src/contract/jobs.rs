//! 任务中心: what takes longer than a click.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Starts a job.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
pub struct JobRequest {
    #[schema(value_type = crate::contract::words::JobKind)]
    pub kind: String,
    /// What it is about, by kind; see docs/api.md.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    pub args: serde_json::Map<String, serde_json::Value>,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct Job {
    pub id: String,
    pub kind: String,
    pub title: String,
    /// running, done, failed, cancelled, interrupted (the program ended under it)
    #[schema(value_type = crate::contract::words::JobState)]
    pub state: String,
    pub started: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<String>,
    pub by: String,
    /// The path of an import.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// What is under way, in words.
    pub step: String,
    pub done: i64,
    /// 0 while not known.
    pub total: i64,
    /// What came of it, or why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// Whether it can be taken up again: it did not get done, and nobody has yet.
    pub resumable: bool,
    /// The job that this one takes up again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resumes: Option<String>,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct JobList {
    pub items: Vec<Job>,
}
