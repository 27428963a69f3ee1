//! `mingjian rejected` and `mingjian quality`: what did not land, and what landed with faults; shown or exported.

use std::collections::BTreeMap;
use std::path::Path;

use arrow::array::RecordBatch;
use mingjian_lake::Snapshot;
use rust_xlsxwriter::{Format, Workbook};
use serde_json::{Map, Value, json};

use crate::args::{Quality, Rejected};
use crate::cells;
use crate::columns::Rows;
use crate::errors::{During, Failure, Outcome};
use crate::format::count;
use crate::output::Context;
use crate::table::{Align, Table};
use crate::workspace::{open_snapshot, write_file};

/// Chinese titles of the two tables' columns; a column not listed keeps its name.
const TITLES: &[(&str, &str)] = &[
    ("file", "文件"),
    ("table_name", "表"),
    ("row_no", "行号"),
    ("line_no", "文件行"),
    ("column_name", "列"),
    ("value", "原值"),
    ("reason", "原因"),
    ("lake_version", "版本"),
    ("fixmedins_code", "机构编码"),
    ("fixmedins_name", "机构名称"),
    ("check", "检查项"),
    ("checked", "检查行数"),
    ("rows", "行数"),
    ("failed", "有问题"),
    ("example", "例"),
    ("detail", "说明"),
    ("title", "检查项"),
    ("share", "占比"),
];

pub fn rejected(arguments: &Rejected, context: &mut Context) -> Outcome {
    let snapshot = open_snapshot(context, None)?;
    let kept = |rows: &Rows<'_>, row: usize| arguments.table.as_deref().is_none_or(|table| rows.column("table_name").text(row) == table);
    let Some(out) = &arguments.out else { return show_rejected(arguments, &snapshot, kept, context) };
    export(out, "另册", &snapshot, mingjian_lake::REJECTED_TABLE, kept, context)
}

fn show_rejected(arguments: &Rejected, snapshot: &Snapshot, kept: impl Fn(&Rows<'_>, usize) -> bool, context: &mut Context) -> Outcome {
    let batches = read(snapshot, mingjian_lake::REJECTED_TABLE)?;
    let mut reasons: BTreeMap<(String, String, String), u64> = BTreeMap::new();
    let mut first = Vec::new();
    for batch in &batches {
        let rows = Rows::new(batch);
        for row in (0..rows.len()).filter(|&row| kept(&rows, row)) {
            let text = |name: &str| rows.column(name).text(row).to_owned();
            *reasons.entry((text("table_name"), text("column_name"), text("reason"))).or_default() += 1;
            if first.len() < arguments.top {
                first.push(object(batch, row));
            }
        }
    }
    let total: u64 = reasons.values().sum();
    if context.json {
        let reasons: Vec<Value> = reasons
            .iter()
            .map(|((table, column, reason), rows)| json!({ "table": table, "column": column, "reason": reason, "rows": rows }))
            .collect();
        return context.json_value(&json!({ "total": total, "reasons": reasons, "rows": first }));
    }
    if total == 0 {
        return context.say("另册是空的：导入的行都入了湖。");
    }
    context.heading(format!("另册共 {} 行", count(total)))?;
    let mut table = Table::new(&[("表", Align::Left), ("列", Align::Left), ("行数", Align::Right), ("原因", Align::Flexible)]);
    let mut sorted: Vec<_> = reasons.into_iter().collect();
    sorted.sort_by(|(a_key, a), (b_key, b)| b.cmp(a).then_with(|| a_key.cmp(b_key)));
    for ((name, column, reason), rows) in sorted {
        table.row([name, column, count(rows), reason]);
    }
    context.table(&table)?;
    context.gap()?;
    context.heading(format!("前 {} 行", first.len()))?;
    let mut table = Table::new(&[
        ("文件", Align::Flexible),
        ("表", Align::Left),
        ("行号", Align::Right),
        ("列", Align::Left),
        ("原值", Align::Flexible),
        ("原因", Align::Flexible),
    ]);
    for row in &first {
        table.row(["file", "table_name", "row_no", "column_name", "value", "reason"].map(|name| plain(row.get(name))));
    }
    context.table(&table)?;
    context.remark("导出给来源单位更正：mingjian rejected --out 另册.xlsx");
    Ok(())
}

pub fn quality(arguments: &Quality, context: &mut Context) -> Outcome {
    let snapshot = open_snapshot(context, None)?;
    let kept =
        |rows: &Rows<'_>, row: usize| arguments.institution.as_deref().is_none_or(|code| rows.column("fixmedins_code").text(row) == code);
    if let Some(out) = &arguments.out {
        return export(out, "数据质量", &snapshot, QUALITY_TABLE, kept, context);
    }
    let mut found = Vec::new();
    let batches = read(&snapshot, QUALITY_TABLE)?;
    for batch in &batches {
        let rows = Rows::new(batch);
        found.extend((0..rows.len()).filter(|&row| kept(&rows, row)).map(|row| object(batch, row)));
    }
    if context.json {
        return context.json_value(&json!({ "total": found.len(), "rows": found }));
    }
    if found.is_empty() {
        return context.say("没有发现数据质量问题（或还没有导入数据）。");
    }
    let names = column_names(&batches);
    let columns: Vec<(&'static str, Align)> = names.iter().map(|name| (title(name), align(name))).collect();
    let mut table = Table::new(&columns);
    for row in found.iter().take(arguments.top) {
        table.row(names.iter().map(|name| plain(row.get(name))));
    }
    context.table(&table)?;
    if found.len() > arguments.top {
        context.remark(format!(
            "共 {} 行，只列前 {} 行；导出全部：mingjian quality --out 数据质量.xlsx",
            count(found.len() as u64),
            arguments.top
        ));
    }
    Ok(())
}

const QUALITY_TABLE: &str = "quality";

fn read(snapshot: &Snapshot, table: &str) -> Outcome<Vec<RecordBatch>> {
    if snapshot.has_table(table) { Ok(snapshot.read_table(table, &[])?) } else { Ok(Vec::new()) }
}

fn column_names(batches: &[RecordBatch]) -> Vec<String> {
    let schema = batches.first().map(RecordBatch::schema);
    schema.iter().flat_map(|schema| schema.fields()).map(|field| field.name().clone()).collect()
}

/// A row as an object, columns in their order, cells as text or number.
fn object(batch: &RecordBatch, row: usize) -> Map<String, Value> {
    let rows = Rows::new(batch);
    let schema = batch.schema();
    let cell = |name: &str| {
        let text = rows.column(name).shown(row);
        let number = batch.column_by_name(name).is_some_and(|array| array.data_type().is_integer());
        match text.parse::<i64>() {
            Ok(value) if number => json!(value),
            _ if text.is_empty() => Value::Null,
            _ => json!(text),
        }
    };
    schema.fields().iter().map(|field| (field.name().clone(), cell(field.name()))).collect()
}

fn plain(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.as_i64().map_or_else(|| number.to_string(), count),
        _ => String::new(),
    }
}

fn title(name: &str) -> &'static str {
    TITLES.iter().find(|(known, _)| *known == name).map_or("", |(_, title)| title)
}

fn align(name: &str) -> Align {
    match name {
        "rows" | "checked" | "failed" | "row_no" | "line_no" | "lake_version" => Align::Right,
        "detail" | "example" | "reason" | "value" => Align::Flexible,
        _ => Align::Left,
    }
}

/// All rows of a table as .xlsx or .csv.
fn export(
    out: &Path,
    sheet_name: &str,
    snapshot: &Snapshot,
    table: &str,
    kept: impl Fn(&Rows<'_>, usize) -> bool,
    context: &mut Context,
) -> Outcome {
    let batches = read(snapshot, table)?;
    let names = column_names(&batches);
    let titled = |name: &String| if title(name).is_empty() { name.clone() } else { title(name).to_owned() };
    let mut total = 0u64;
    match out.extension().and_then(|extension| extension.to_str()) {
        Some("csv") => write_file(out, |file| {
            // Spreadsheets take UTF-8 for what it is only behind this mark.
            file.write_all("\u{feff}".as_bytes())?;
            let header: Vec<String> = names.iter().map(titled).collect();
            file.write_all(cells::csv_line(header.iter().map(String::as_str)).as_bytes())?;
            for batch in &batches {
                let rows = Rows::new(batch);
                for row in (0..rows.len()).filter(|&row| kept(&rows, row)) {
                    let line: Vec<String> = names.iter().map(|name| rows.column(name).shown(row)).collect();
                    file.write_all(cells::csv_line(line.iter().map(String::as_str)).as_bytes())?;
                    total += 1;
                }
            }
            Ok(())
        })?,
        Some("xlsx") => {
            let mut workbook = Workbook::new();
            let sheet = workbook.add_worksheet_with_low_memory()?;
            sheet.set_name(sheet_name)?;
            let bold = Format::new().set_bold();
            for (name, at) in names.iter().zip(0u16..) {
                sheet.set_column_width(at, if align(name) == Align::Flexible { 36.0 } else { 16.0 })?;
                sheet.write_string_with_format(0, at, titled(name), &bold)?;
            }
            sheet.set_freeze_panes(1, 0)?;
            for batch in &batches {
                let rows = Rows::new(batch);
                for row in (0..rows.len()).filter(|&row| kept(&rows, row)) {
                    total += 1;
                    let at = u32::try_from(total).ok().filter(|at| *at < 1_048_576);
                    let at =
                        at.ok_or_else(|| Failure::new("行数超过一张工作表的上限 1,048,575").advise("导出为 .csv，或用筛选分成几份"))?;
                    for (name, column) in names.iter().zip(0u16..) {
                        sheet.write_string(at, column, cells::defuse(&rows.column(name).shown(row)).as_ref())?;
                    }
                }
            }
            workbook.save(out).during(|| format!("写不成 {}", out.display()))?;
        }
        _ => return Err(Failure::wrong_use("--out 要以 .xlsx 或 .csv 结尾")),
    }
    if context.json {
        return context.json_value(&json!({ "out": out, "rows": total }));
    }
    context.say(format!("{} 行 → {}", count(total), out.display()))
}
