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
                region: opened.peers.region(&text("fixmedins_code")).unwrap_or_default().to_owned(),
                institution_name: text("fixmedins_name"),
                check: text("check"),
                title: text("check"),
                rows: checked,
                failed: wrong,
                share: if checked > 0 { wrong as f64 / checked as f64 } else { 0.0 },
                consequence: consequence(&text("check")).to_owned(),
            });
        }
    }
    Ok(found)
}

/// What cannot be told, or not be trusted, where a check (by its title) fails; blank where judging goes on all the same.
fn consequence(check: &str) -> &'static str {
    match check {
        "费用分解不平" | "基金分解不平" | "支付分解不平" => "基金份额按结算的分解折算，这些结算的基金损失只供参考",
        "明细合计与结算不符" | "结算没有明细" => "缺的明细没有审核，疑点可能少了",
        "单价×数量与金额不符" => "按数量折算的涉案金额只供参考",
        "明细找不到就诊" | "结算找不到就诊" => "按就诊、住院审的规则对这些明细不判",
        "明细找不到结算" => "不知道是否已退费，基金份额不计",
        "冲销找不到原费用" => "数量没有冲掉，由 N036 查",
        "医保目录编码为空" | "医保目录编码不合规则" | "医保目录编码不在目录中" => {
            "对不上知识点，按项目审的规则看不到这些明细"
        }
        "医师编码不合规则" => "按医师审的规则看不到这些明细",
        "诊断编码不合规则" => "按诊断的限定和豁免对不上",
        "手术编码不合规则" => "按手术审的规则对不上",
        "身份证号校验不通过" => "与死亡名单等外部名单对不上",
        _ => "",
    }
}
