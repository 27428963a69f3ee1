//! 筛查批次, 接入批次, 数据质量: the records the workspace and the lake keep of themselves.

use mingjian_model::{day, schema};
use mingjian_platform::DataError;
use mingjian_platform::contract::runs::{ImportBatch, ImportTable, QualityCheck, Run};

use super::{WorkspaceData, failed, told};
use crate::columns::Rows;
use crate::runs;

/// Newest first.
pub fn runs(data: &WorkspaceData) -> Result<Vec<Run>, DataError> {
    let current = data.open().ok().and_then(|opened| opened.run.as_ref().map(|run| run.report.findings_version));
    let mut found = Vec::new();
    for run in runs::all(&data.folder).map_err(told)? {
        let report = &run.report;
        found.push(Run {
            id: report.findings_version.to_string(),
            at: run.finished.clone(),
            data_version: report.data_version as i64,
            rule_set_hash: report.rule_set_hash.clone(),
            rules: report.rules.len() as i64,
            findings: report.totals.findings as i64,
            amount_fen: report.totals.amount_once,
            persons: report.totals.persons as i64,
            lines: report.totals.lines as i64,
            seconds: run.seconds,
            current: current == Some(report.findings_version),
        });
    }
    found.sort_by(|a, b| b.at.cmp(&a.at));
    Ok(found)
}

/// Newest first.
pub fn imports(data: &WorkspaceData) -> Result<Vec<ImportBatch>, DataError> {
    let opened = data.open()?;
    let records = opened.lake.history().map_err(failed)?;
    let batches = records.into_iter().filter(|record| record.act == mingjian_lake::Act::Import).map(|record| {
        let tables = record.counts.iter().map(|(name, counts)| ImportTable {
            table: name.clone(),
            title: schema::table(name).map_or_else(|| name.clone(), |table| table.title.to_owned()),
            rows: (counts.new + counts.replaced) as i64,
            rejected: counts.set_aside as i64,
        });
        let tables: Vec<ImportTable> = tables.collect();
        let read: u64 = record.sources.iter().map(|source| source.rows).sum();
        let typed: u64 = record.counts.values().map(|counts| counts.incoming).sum();
        ImportBatch {
            version: record.version as i64,
            at: record.time.map(day::format_moment).unwrap_or_default(),
            sources: record.sources.iter().map(|source| source.file.clone()).collect(),
            rows: tables.iter().map(|table| table.rows).sum(),
            // Rows that could not be read at all never became rows of a table.
            rejected: tables.iter().map(|table| table.rejected).sum::<i64>() + read.saturating_sub(typed) as i64,
            tables,
        }
    });
    let mut batches: Vec<ImportBatch> = batches.collect();
    batches.sort_by_key(|batch| std::cmp::Reverse(batch.version));
    Ok(batches)
}

pub fn quality(data: &WorkspaceData) -> Result<Vec<QualityCheck>, DataError> {
    let opened = data.open()?;
    let mut found = Vec::new();
    if !opened.snapshot.has_table("quality") {
        return Ok(found);
    }
    for batch in opened.snapshot.read_table("quality", &[]).map_err(failed)? {
        let rows = Rows::new(&batch);
        for row in 0..rows.len() {
            let text = |name: &str| rows.column(name).text(row).to_owned();
            let (checked, wrong) = (rows.column("checked").int(row).unwrap_or(0), rows.column("failed").int(row).unwrap_or(0));
            found.push(QualityCheck {
                institution: text("fixmedins_code"),
                institution_name: text("fixmedins_name"),
                check: text("check"),
                title: text("check"),
                rows: checked,
                failed: wrong,
                share: if checked > 0 { wrong as f64 / checked as f64 } else { 0.0 },
                consequence: text("detail"),
            });
        }
    }
    Ok(found)
}
