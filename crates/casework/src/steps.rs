//! 流转记录: every step of a lead, who, when, why; written once, never changed.

use mingjian_store::{Actor, Arg, Change};

use crate::error::{CaseError, Result};
use crate::leads::row::LeadRow;
use crate::leads::view::LineAnswer;
use crate::leads::write::insert_many;
use crate::status::Status;

/// A step about to be written.
pub(crate) struct NewStep<'a> {
    pub lead: &'a str,
    /// The version the lead has after the step: steps are numbered by it.
    pub seq: i64,
    pub act: &'a str,
    pub from: Status,
    pub to: Status,
    pub text: &'a str,
    pub reason: &'a str,
    pub lines: &'a [LineAnswer],
    pub attachments: &'a [String],
    /// Not for the institution's eyes.
    pub inner_only: bool,
    pub idem: Option<&'a str>,
}

impl<'a> NewStep<'a> {
    /// A step of a lead as it stands after it.
    pub fn of(after: &'a LeadRow, from: Status, to: Status) -> NewStep<'a> {
        NewStep {
            lead: &after.id,
            seq: after.version,
            act: "",
            from,
            to,
            text: "",
            reason: "",
            lines: &[],
            attachments: &[],
            inner_only: false,
            idem: None,
        }
    }
}

const COLUMNS: &[&str] = &[
    "lead",
    "seq",
    "at",
    "act",
    "account",
    "name",
    "role",
    "from_status",
    "to_status",
    "text",
    "reason",
    "lines",
    "attachments",
    "inner_only",
    "idem",
];

pub(crate) async fn write(change: &mut Change, actor: &Actor, name: &str, step: &NewStep<'_>) -> Result<()> {
    write_many(change, actor, name, std::slice::from_ref(step)).await
}

/// Steps of many leads.
pub(crate) async fn write_many(change: &mut Change, actor: &Actor, name: &str, steps: &[NewStep<'_>]) -> Result<()> {
    let rows = steps.iter().map(|step| args(actor, name, step)).collect::<Result<Vec<_>>>()?;
    insert_many(change, "lead_steps", COLUMNS, rows).await
}

fn args(actor: &Actor, name: &str, step: &NewStep<'_>) -> Result<Vec<Arg>> {
    let json = |error: serde_json::Error| CaseError::Broken(error.to_string());
    let lines = if step.lines.is_empty() { String::new() } else { serde_json::to_string(step.lines).map_err(json)? };
    let attachments = if step.attachments.is_empty() { String::new() } else { serde_json::to_string(step.attachments).map_err(json)? };
    Ok(vec![
        step.lead.into(),
        step.seq.into(),
        actor.at.into(),
        step.act.into(),
        actor.account.as_str().into(),
        name.into(),
        actor.role.as_str().into(),
        step.from.id().into(),
        step.to.id().into(),
        step.text.into(),
        step.reason.into(),
        lines.into(),
        attachments.into(),
        Arg::Int(i64::from(step.inner_only)),
        step.idem.into(),
    ])
}
