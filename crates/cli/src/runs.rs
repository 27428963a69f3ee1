//! The record of a screening, kept beside the lake as `runs/NNNNNNNN.json` by the version that holds its findings, so that lists and
//! reports can say later which rules ran, which did not, and why.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use mingjian_screening::ScreenReport;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::errors::{During, Outcome};
use crate::workspace::write_file;

/// What later readers need of it.
#[derive(Deserialize, Default)]
pub struct Run {
    /// Local time it ended.
    pub finished: String,
    /// Options in words; empty for all live rules over all days.
    pub options: String,
    /// How long it took, by the clock on the wall; 0 in old records.
    #[serde(default)]
    pub seconds: f64,
    #[serde(flatten)]
    pub report: Report,
}

#[derive(Deserialize, Default)]
pub struct Report {
    pub data_version: u64,
    pub findings_version: u64,
    pub rule_set_hash: String,
    pub rules: Vec<RuleRun>,
    pub not_run: Vec<NotRun>,
    pub gaps: Vec<Gap>,
    pub totals: Totals,
}

#[derive(Deserialize)]
pub struct RuleRun {
    pub rule_id: String,
    pub version: u32,
    pub title: String,
    pub findings: u64,
    /// Of these 违规.
    pub violations: u64,
    /// Money of clusters this rule leads, fen.
    pub amount_once: i64,
    pub not_judged: Vec<Reason>,
    pub exempted: Vec<Reason>,
}

#[derive(Deserialize)]
pub struct NotRun {
    pub rule_id: String,
    pub title: String,
    pub reason: String,
}

#[derive(Deserialize)]
pub struct Reason {
    pub reason: String,
    pub count: u64,
}

#[derive(Deserialize)]
pub struct Gap {
    pub fixmedins_code: String,
    pub lines: u64,
    pub no_doctor: u64,
    pub ill_formed: u64,
}

#[derive(Deserialize, Default)]
pub struct Totals {
    pub lines: u64,
    pub findings: u64,
    pub persons: u64,
    /// Each line's money once, fen.
    pub amount_once: i64,
    pub lines_at_risk: u64,
}

/// Writes the record, whole or not at all, and removes what a screening that was killed over its own has left.
pub fn store(workspace: &Path, report: &ScreenReport, options: &str, finished: &str, took: Duration) -> Outcome<Value> {
    let mut value = serde_json::to_value(report)?;
    value["format"] = json!(1);
    value["finished"] = json!(finished);
    value["options"] = json!(options);
    value["seconds"] = json!((took.as_secs_f64() * 10.0).round() / 10.0);
    let path = path(workspace, report.findings_version);
    let folder = workspace.join("runs");
    fs::create_dir_all(&folder).during(|| format!("建不成 {}", folder.display()))?;
    for entry in fs::read_dir(&folder).during(|| format!("读不成 {}", folder.display()))?.flatten() {
        if entry.path().extension().is_some_and(|end| end == "tmp") {
            // What cannot be removed is looked at again next time; the record is what counts.
            let _ = fs::remove_file(entry.path());
        }
    }
    let text = serde_json::to_string_pretty(&value)?;
    write_file(&path, |file| Ok(file.write_all(text.as_bytes())?))?;
    Ok(value)
}

/// The record of the screening that wrote its findings as this version of the lake. `None` where it was not kept, as when the
/// screening was killed right after its findings had landed.
pub fn load(workspace: &Path, findings_version: u64) -> Outcome<Option<Run>> {
    let path = path(workspace, findings_version);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).during(|| format!("读不成 {}", path.display())),
    };
    let run = serde_json::from_str(&text).during(|| format!("{} 不是筛查记录", path.display()))?;
    Ok(Some(run))
}

/// All records, by version; one that cannot be read is an error.
pub fn all(workspace: &Path) -> Outcome<Vec<Run>> {
    let mut versions: Vec<u64> = fs::read_dir(workspace.join("runs"))
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.strip_suffix(".json")?.parse().ok())
        .collect();
    versions.sort_unstable();
    let mut found = Vec::new();
    for version in versions {
        found.extend(load(workspace, version)?);
    }
    Ok(found)
}

fn path(workspace: &Path, version: u64) -> PathBuf {
    workspace.join("runs").join(format!("{version:08}.json"))
}
