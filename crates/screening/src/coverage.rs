//! 覆盖: which rules can be judged on this lake, and which cannot, and why.

use mingjian_lake::Snapshot;
use mingjian_model::schema;
use mingjian_rules::{Library, Rule, alternatives};

use crate::report::RuleNotRun;

/// Tables that hold only exceptions (goods taken back, stock written off): a city that sends none had none, so a rule that
/// reads them is judged without them.
const EXCEPTIONS: &[&str] = &["purcinfo_3504", "selinfo_3506", "invinfo_3502"];

/// Rules of a selection, by whether their data is there.
pub(crate) struct Coverage {
    /// Ids of rules that run.
    pub runnable: Vec<String>,
    pub not_run: Vec<RuleNotRun>,
}

/// Splits rules (positions in the library) by what they need.
pub(crate) fn judge(library: &Library, selected: &[usize], snapshot: &Snapshot) -> Coverage {
    let mut coverage = Coverage { runnable: Vec::new(), not_run: Vec::new() };
    for &at in selected {
        let rule = &library.rules[at];
        match missing(rule, snapshot) {
            None => coverage.runnable.push(rule.id.clone()),
            Some(reason) => coverage.not_run.push(RuleNotRun { rule_id: rule.id.clone(), title: rule.title.clone(), reason }),
        }
    }
    coverage
}

/// What a rule lacks, in words; `None` where it lacks nothing.
fn missing(rule: &Rule, snapshot: &Snapshot) -> Option<String> {
    let supplied = |(table, column): (&str, &str)| snapshot.columns(table).iter().any(|name| name == column);
    let mut tables: Vec<&str> = Vec::new();
    let mut columns: Vec<String> = Vec::new();
    for &(table, column) in &rule.needs {
        if supplied((table, column)) || alternatives(table, column).iter().any(|&other| supplied(other)) {
            continue;
        }
        if !snapshot.has_table(table) {
            if EXCEPTIONS.contains(&table) {
                continue;
            }
            if !tables.contains(&table) {
                tables.push(table);
            }
        } else {
            let title = schema::table(table).and_then(|table| table.column(column)).map_or("", |column| column.title);
            columns.push(if title.is_empty() { format!("{table}.{column}") } else { format!("{table}.{column}（{title}）") });
        }
    }
    let mut reasons = Vec::new();
    if !tables.is_empty() {
        let named: Vec<String> = tables
            .iter()
            .map(|name| schema::table(name).map_or_else(|| (*name).to_owned(), |table| format!("{name}（{}）", table.title)))
            .collect();
        reasons.push(format!("缺表 {}", named.join("、")));
    }
    if !columns.is_empty() {
        reasons.push(format!("缺列 {}", columns.join("、")));
    }
    (!reasons.is_empty()).then(|| format!("不判：{}", reasons.join("；")))
}
