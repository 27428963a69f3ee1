//! `mingjian lake`: history, compaction, vacuum, check.

use mingjian_lake::{CompactOptions, Keep};
use mingjian_model::day;
use serde_json::json;

use crate::args::LakeCommand;
use crate::errors::{Failure, Outcome};
use crate::format::{count, size};
use crate::output::{Context, Style};
use crate::progress::Bar;
use crate::table::{Align, Table};
use crate::workspace::open_existing;

pub fn run(command: &LakeCommand, context: &mut Context) -> Outcome {
    match command {
        LakeCommand::History => history(context),
        LakeCommand::Compact => compact(context),
        LakeCommand::Vacuum { keep } => vacuum(*keep, context),
        LakeCommand::Check => check(context),
    }
}

fn history(context: &mut Context) -> Outcome {
    let records = open_existing(context)?.history()?;
    if context.json {
        return context.json_value(&serde_json::to_value(&records)?);
    }
    let mut table = Table::new(&[
        ("版本", Align::Right),
        ("时间", Align::Left),
        ("做了什么", Align::Left),
        ("表", Align::Right),
        ("行", Align::Right),
        ("大小", Align::Right),
        ("来源或说明", Align::Flexible),
    ]);
    for record in &records {
        let rows: u64 = record.tables.values().map(|table| table.rows).sum();
        let bytes: u64 = record.tables.values().map(|table| table.bytes).sum();
        let sources: Vec<&str> = record.sources.iter().map(|source| source.file.as_str()).collect();
        let note = match (record.note.as_str(), sources.as_slice()) {
            ("", []) => String::new(),
            ("", [only]) => (*only).to_owned(),
            ("", [first, ..]) => format!("{first} 等 {} 个来源", sources.len()),
            (note, _) => note.to_owned(),
        };
        table.row([
            record.version.to_string(),
            record.time.map(day::format_moment).unwrap_or_default(),
            record.act.title().to_owned(),
            record.tables.len().to_string(),
            count(rows),
            size(bytes),
            note,
        ]);
    }
    if table.is_empty() {
        return context.say("数据湖还没有版本。先导入：mingjian import <文件或目录>");
    }
    context.table(&table)
}

fn compact(context: &mut Context) -> Outcome {
    let lake = open_existing(context)?;
    let bar = Bar::new(context.progress, "合并", "行");
    let report = lake.compact(CompactOptions::default())?;
    bar.clear();
    if context.json {
        let tables: Vec<_> = report
            .tables
            .iter()
            .map(|(table, before, after, rows)| json!({ "table": table, "files_before": before, "files_after": after, "rows": rows }))
            .collect();
        return context.json_value(&json!({ "version": report.version, "changed": report.changed, "tables": tables }));
    }
    if !report.changed {
        return context.say("没有需要合并的：每个分桶只有一个文件。");
    }
    let mut table = Table::new(&[("表", Align::Left), ("合并前文件", Align::Right), ("合并后文件", Align::Right), ("行", Align::Right)]);
    for (name, before, after, rows) in &report.tables {
        table.row([name.clone(), count(*before as u64), count(*after as u64), count(*rows)]);
    }
    context.table(&table)?;
    context.say(format!("已合并为版本 {}，内容不变。旧文件还在，用 mingjian lake vacuum 清理。", report.version))
}

fn vacuum(keep: u32, context: &mut Context) -> Outcome {
    let lake = open_existing(context)?;
    let report = lake.vacuum(Keep::Versions(keep as usize), false)?;
    if context.json {
        return context.json_value(&json!({
            "versions_kept": report.versions_kept, "versions_removed": report.versions_removed,
            "files_removed": report.files_removed, "bytes_removed": report.bytes_removed,
        }));
    }
    context.say(format!(
        "保留 {} 个版本，去掉 {} 个；删除 {} 个文件，腾出 {}。",
        report.versions_kept.len(),
        report.versions_removed.len(),
        count(report.files_removed),
        size(report.bytes_removed)
    ))
}

fn check(context: &mut Context) -> Outcome {
    let lake = open_existing(context)?;
    let bar = Bar::new(context.progress, "检查", "行");
    bar.set(0.0, 0);
    let report = lake.check(None)?;
    bar.clear();
    if context.json {
        let problems: Vec<_> =
            report.problems.iter().map(|problem| json!({ "table": problem.table, "path": problem.path, "what": problem.what })).collect();
        context.json_value(&json!({ "version": report.version, "tables": report.tables, "files": report.files, "rows": report.rows, "problems": problems }))?;
    } else {
        context.say(format!(
            "版本 {}：{} 张表，{} 个文件，{} 行",
            report.version,
            report.tables,
            count(report.files as u64),
            count(report.rows)
        ))?;
        for problem in &report.problems {
            let place = if problem.table.is_empty() {
                problem.path.display().to_string()
            } else {
                format!("{} {}", problem.table, problem.path.display())
            };
            let line = format!("  ✗ {place}：{}", problem.what);
            let line = context.paint(Style::Red, line);
            context.say(line)?;
        }
        if report.problems.is_empty() {
            let line = context.paint(Style::Green, "完好：记录、文件、排序、分桶、主键都对。");
            return context.say(line);
        }
    }
    match report.problems.len() {
        0 => Ok(()),
        problems => {
            context.flush()?;
            Err(Failure::new(format!("数据湖有 {problems} 处不对"))
                .advise("从备份恢复所列文件；没有备份的，用 --as-of 读较早的版本，或重新导入"))
        }
    }
}
