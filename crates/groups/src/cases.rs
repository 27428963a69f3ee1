//! The examples of SQL rules: their tables in memory, through the same code as the lake's.

use std::ops::ControlFlow;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use datafusion::datasource::TableProvider;
use datafusion::error::DataFusionError;
use mingjian_engine::Band;
use mingjian_model::schema::{Table, Type};
use mingjian_rules::{Case, CaseResult, CaseTable, Library, ParamOverrides, Rule, Selection, Status};

use crate::hit::{Column, GroupHit};
use crate::{Settings, runtime, session, statement};

/// Runs the examples of an SQL rule with its default parameters; nothing for kernel rules, whose examples
/// [`mingjian_rules::run_cases`] runs.
pub fn run_cases(library: &Library, rule: &Rule) -> Vec<CaseResult> {
    if rule.is_kernel() {
        return Vec::new();
    }
    rule.cases
        .iter()
        .map(|case| {
            let mut said = Vec::new();
            let message = run_case(library, rule, case, &mut said).err().unwrap_or_default();
            CaseResult { name: case.name.clone(), line: case.line, passed: message.is_empty(), message, said }
        })
        .collect()
}

/// `Err` says in Chinese what differed; `said` takes the hits' sentences.
fn run_case(library: &Library, rule: &Rule, case: &Case, said: &mut Vec<String>) -> Result<(), String> {
    let selection =
        Selection { ids: Some(vec![rule.id.clone()]), statuses: vec![Status::Draft, Status::Shadow, Status::Live, Status::Retired] };
    let compiled = library
        .compile(&selection, &ParamOverrides::default())
        .map_err(|found| found.first().map_or_else(|| "规则不能编译".to_owned(), ToString::to_string))?;
    let Some(compiled) = compiled.sql.first() else { return Err("规则没有 sql 块".to_owned()) };
    let tables = |table: &'static Table| -> Result<Option<Arc<dyn TableProvider>>, DataFusionError> {
        let Some(rows) = case.tables.iter().find(|rows| rows.table == table.name) else { return Ok(None) };
        session::memory_table(table, batch(table, rows)?).map(Some)
    };
    let mut hits: Vec<GroupHit> = Vec::new();
    let _flow = runtime(1).map_err(|error| chain(&error))?.block_on(async {
        let context = session::open(&Settings::default(), &[&compiled.sql], &tables).await.map_err(|error| chain(&error))?;
        let mut take = |hit| {
            hits.push(hit);
            ControlFlow::Continue(())
        };
        statement::run(&context, rule, compiled, &mut take).await.map_err(|error| chain(&error))
    })?;
    said.extend(hits.iter().map(|hit| hit.text.clone()));
    compare(case, &hits)
}

/// An error with its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        text.push_str(&format!("：{inner}"));
        source = inner.source();
    }
    text
}

/// The rows of an example, in the types of a query. Days and times may be written with or without the time.
fn batch(table: &'static Table, rows: &CaseTable) -> Result<RecordBatch, DataFusionError> {
    let schema = session::arrow_schema(table);
    let mut columns: Vec<ArrayRef> = Vec::with_capacity(table.columns.len());
    for (column, field) in table.columns.iter().zip(schema.fields()) {
        let texts: StringArray = rows
            .rows
            .iter()
            .map(|row| {
                let cell = rows.cell(row, column.name);
                let cell = if column.ty == Type::Time && cell.len() == 16 { format!("{cell}:00") } else { cell.to_owned() };
                Some(cell).filter(|cell| !cell.is_empty())
            })
            .collect();
        let options = arrow::compute::CastOptions { safe: false, ..Default::default() };
        columns.push(
            arrow::compute::cast_with_options(&texts, field.data_type(), &options)
                .map_err(|error| DataFusionError::Execution(format!("例子的表 {} 列 {}：{error}", table.name, column.name)))?,
        );
    }
    Ok(RecordBatch::try_new(schema, columns)?)
}

/// Every expected row must find a hit of its own, and none may be left.
fn compare(case: &Case, hits: &[GroupHit]) -> Result<(), String> {
    let mut left: Vec<&GroupHit> = hits.iter().collect();
    let empty = CaseTable { table: String::new(), columns: Vec::new(), rows: Vec::new() };
    let expect = case.expect.as_ref().unwrap_or(&empty);
    for row in &expect.rows {
        let wanted: Vec<(&str, &str)> = expect.columns.iter().map(|column| (column.as_str(), expect.cell(row, column))).collect();
        let fits = |hit: &&GroupHit| wanted.iter().all(|(column, cell)| cell_of(hit, column) == *cell);
        match left.iter().position(fits) {
            Some(at) => {
                left.remove(at);
            }
            None => {
                let wanted: Vec<String> = wanted.iter().map(|(column, cell)| format!("{column}={cell}")).collect();
                let got: Vec<String> = left.iter().map(|hit| shown(hit, &expect.columns)).collect();
                let got = if got.is_empty() { "没有其他疑点".to_owned() } else { format!("得到的是 {}", got.join(" | ")) };
                return Err(format!("第 {} 行应有的疑点（{}）没有出现；{got}", row.line, wanted.join("，")));
            }
        }
    }
    match left.first() {
        None => Ok(()),
        Some(first) => Err(format!("多出 {} 条疑点，第一条：{}", left.len(), first.text)),
    }
}

fn cell_of(hit: &GroupHit, column: &str) -> String {
    match column {
        "evidence" => hit.evidence.join(";"),
        "band" => if hit.band == Band::Core { "core" } else { "watch" }.to_owned(),
        "result" => hit.outcome.title().to_owned(),
        _ => hit.columns.iter().find(|Column { name, .. }| name == column).and_then(|column| column.text.clone()).unwrap_or_default(),
    }
}

fn shown(hit: &GroupHit, columns: &[String]) -> String {
    let cells: Vec<String> = columns.iter().map(|column| format!("{column}={}", cell_of(hit, column))).collect();
    cells.join("，")
}
