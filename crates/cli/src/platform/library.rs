//! 规则库 and 知识库 as the pages show them.

use std::collections::{BTreeMap, HashMap};

use mingjian_model::day::format_day;
use mingjian_platform::contract::knowledge::{KnowledgeRevision, KnowledgeTable};
use mingjian_platform::contract::rules::{RuleExample, RuleKnowledge, RulePage, RuleParam, RulePast, RuleRow};
use mingjian_platform::{DataError, KnowledgeRows};
use mingjian_rules::{KnowledgePoint, Library, Rule};

use super::{WorkspaceData, told};
use crate::commands::explain::logic;
use crate::runs::{self, RuleRun};
use crate::workspace::library_at;

/// Calls with the library in force and what each rule found last; before the first import the library alone.
fn with_library<T>(data: &WorkspaceData, show: impl FnOnce(&Library, &HashMap<&str, &RuleRun>) -> T) -> Result<T, DataError> {
    match data.open() {
        Ok(opened) => {
            let found = opened.run.iter().flat_map(|run| &run.report.rules).map(|rule| (rule.rule_id.as_str(), rule)).collect();
            Ok(show(&opened.library, &found))
        }
        Err(_) => Ok(show(&library_at(&data.folder, None).map_err(told)?.0, &HashMap::new())),
    }
}

pub fn rules(data: &WorkspaceData) -> Result<Vec<RuleRow>, DataError> {
    with_library(data, |library, found| library.rules.iter().map(|rule| row(rule, found)).collect())
}

fn row(rule: &Rule, found: &HashMap<&str, &RuleRun>) -> RuleRow {
    let last = found.get(rule.id.as_str());
    RuleRow {
        id: rule.id.clone(),
        title: rule.title.clone(),
        class: rule.class.title().to_owned(),
        verdict: rule.outcome.title().to_owned(),
        status: format!("{:?}", rule.status).to_lowercase(),
        version: i64::from(rule.version),
        valid_from: if rule.valid.0 == i32::MIN { String::new() } else { format_day(rule.valid.0) },
        findings: last.map_or(0, |rule| rule.findings as i64),
        amount_fen: last.map_or(0, |rule| rule.amount_once),
        ..RuleRow::default()
    }
}

pub fn rule(data: &WorkspaceData, id: &str) -> Result<Option<RulePage>, DataError> {
    let Some(page) = with_library(data, |library, found| library.rule(id).map(|rule| page(library, rule, found)))? else { return Ok(None) };
    Ok(Some(RulePage { past: past(data, id)?, ..page }))
}

/// 历次筛查 of a rule, newest first.
fn past(data: &WorkspaceData, id: &str) -> Result<Vec<RulePast>, DataError> {
    let current = data.open().ok().and_then(|opened| opened.run.as_ref().map(|run| run.report.findings_version));
    let mut past: Vec<RulePast> = Vec::new();
    for run in runs::all(&data.folder).map_err(told)? {
        let of = RulePast { at: run.finished, current: current == Some(run.report.findings_version), ..RulePast::default() };
        if let Some(rule) = run.report.rules.iter().find(|rule| rule.rule_id == id) {
            past.push(RulePast {
                version: i64::from(rule.version),
                findings: rule.findings as i64,
                violations: rule.violations as i64,
                amount_fen: rule.amount_once,
                ..of
            });
        } else if let Some(rule) = run.report.not_run.into_iter().find(|rule| rule.rule_id == id) {
            past.push(RulePast { not_run: Some(rule.reason), ..of });
        }
    }
    past.reverse();
    Ok(past)
}

fn page(library: &Library, rule: &Rule, found: &HashMap<&str, &RuleRun>) -> RulePage {
    let knowledge = rule.knowledge.iter().filter_map(|name| library.table(name));
    RulePage {
        row: row(rule, found),
        past: Vec::new(),
        // Of the business store: the platform adds it.
        kinds: Vec::new(),
        plain: rule.text.clone(),
        logic: logic(rule).join("\n"),
        markdown: rule.source_text().to_owned(),
        params: rule
            .params
            .iter()
            .map(|(name, param)| RuleParam {
                name: name.clone(),
                value: param.value.to_string(),
                text: param.value.kind_title().to_owned(),
            })
            .collect(),
        basis: rule.basis.iter().map(|basis| format!("{} {}", basis.doc, basis.article).trim().to_owned()).collect(),
        misfires: rule.misfires.clone(),
        knowledge: knowledge
            .map(|table| RuleKnowledge { table: table.name.clone(), title: table.title.clone(), points: table.points.len() as i64 })
            .collect(),
        examples: rule
            .cases
            .iter()
            .filter_map(|case| {
                let table = case.tables.first()?;
                Some(RuleExample {
                    title: case.name.clone(),
                    hits: case.hits,
                    columns: table.columns.clone(),
                    rows: table.rows.iter().map(|row| row.cells.clone()).collect(),
                })
            })
            .collect(),
    }
}

pub fn knowledge(data: &WorkspaceData) -> Result<Vec<KnowledgeTable>, DataError> {
    with_library(data, |library, _| {
        let users = |table: &str| {
            library.rules.iter().filter(|rule| rule.knowledge.iter().any(|name| name == table)).map(|rule| rule.id.clone()).collect()
        };
        library
            .tables
            .iter()
            .map(|table| KnowledgeTable {
                table: table.name.clone(),
                title: table.title.clone(),
                points: table.points.len() as i64,
                origin: table.origin.clone(),
                rules: users(&table.name),
            })
            .collect()
    })
}

pub fn knowledge_rows(data: &WorkspaceData, table: &str, text: &str, skip: u64, limit: u64) -> Result<Option<KnowledgeRows>, DataError> {
    with_library(data, |library, _| {
        let table = library.table(table)?;
        let holds = |cells: &[String]| text.is_empty() || cells.iter().any(|cell| cell.contains(text));
        let mut columns: Vec<String> = table.columns.iter().map(|column| column.name.clone()).collect();
        columns.push("valid".to_owned());
        let day = |day: i32| if day == i32::MIN || day == i32::MAX { "不限".to_owned() } else { format_day(day) };
        let rows = table.points.iter().map(|point| {
            let mut cells = point.cells.clone();
            cells.push(format!("{} 至 {}", day(point.valid.0), day(point.valid.1)));
            cells
        });
        let found: Vec<Vec<String>> = rows.filter(|cells| holds(cells)).collect();
        let total = found.len() as u64;
        let rows = found.into_iter().skip(skip as usize).take(limit as usize).collect();
        Some(KnowledgeRows { columns, rows, total, revisions: revisions(&table.points) })
    })
}

/// 历次修订, newest first: days on which points begin to hold, and those after the last day they held.
fn revisions(points: &[KnowledgePoint]) -> Vec<KnowledgeRevision> {
    let mut days: BTreeMap<i32, (i64, i64)> = BTreeMap::new();
    for point in points {
        if point.valid.0 != i32::MIN {
            days.entry(point.valid.0).or_default().0 += 1;
        }
        if point.valid.1 != i32::MAX {
            days.entry(point.valid.1 + 1).or_default().1 += 1;
        }
    }
    days.into_iter().rev().map(|(day, (begun, ended))| KnowledgeRevision { day: format_day(day), begun, ended }).collect()
}
