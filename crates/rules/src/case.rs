//! 例子: the cases of a rule file as rows of text, checked for their columns.

mod run;
mod timeline;

use mingjian_model::schema;

use crate::csv::{self, Csv};
use crate::diagnostic::{Complaints, Span, nearest};
use crate::document::{Part, Section};

pub use run::{CaseResult, run_cases};

/// One example of a rule.
#[derive(Debug, Clone)]
pub struct Case {
    /// The line of text before it.
    pub name: String,
    /// From “应命中”.
    pub hits: bool,
    /// 1-based line of the first table's header.
    pub line: usize,
    /// One table of fee lines for a kernel rule (its name is empty), or national tables for an SQL rule.
    pub tables: Vec<CaseTable>,
    /// What an SQL rule should find; `None` when nothing.
    pub expect: Option<CaseTable>,
}

/// Rows as written, cells trimmed.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseTable {
    pub table: String,
    pub columns: Vec<String>,
    pub rows: Vec<CaseRow>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct CaseRow {
    /// 1-based line in the file.
    pub line: usize,
    pub cells: Vec<String>,
}

impl CaseTable {
    /// A row's cell by column; empty where there is no such column.
    pub fn cell<'t>(&self, row: &'t CaseRow, column: &str) -> &'t str {
        let at = self.columns.iter().position(|known| known == column);
        at.and_then(|at| row.cells.get(at)).map_or("", String::as_str)
    }
}

/// Columns of a kernel rule's cases.
pub const COLUMNS: [&str; 45] = [
    "psn_no",
    "gend",
    "brdy",
    "die_date",
    "mdtrt_id",
    "setl_id",
    "fixmedins_code",
    "fixmedins_type",
    "hosp_lv",
    "insutype",
    "med_type",
    "begntime",
    "endtime",
    "setl_time",
    "dscg_way",
    "diag",
    "oprn",
    "opsp",
    "bkkp_sn",
    "fee_ocur_time",
    "item",
    "cnt",
    "pric",
    "det_item_fee_sumamt",
    "fulamt_ownpay_amt",
    "inscp_amt",
    "overlmt_selfpay",
    "pric_uplmt_amt",
    "list_price",
    "unit",
    "rx_drord_no",
    "init_feedetl_sn",
    "refd_setl_flag",
    "init_setl_id",
    "med_chrgitm_type",
    "dscg_tkdrug_flag",
    "matn_fee_flag",
    "prd_days",
    "medc_way_dscr",
    "caty",
    "bilg_dr_code",
    "refl_old_mdtrt_id",
    "crte_time",
    "hosp_appr_flag",
    "expect",
];

/// Reads the cases of one section.
pub(crate) fn read(complaints: &mut Complaints<'_>, section: &Section, hits: bool, of_sql: bool, cases: &mut Vec<Case>) {
    let source = complaints.source;
    let mut name: Option<String> = None;
    let mut open: Option<Case> = None;
    for part in &section.parts {
        match part {
            Part::Text(span) => {
                cases.extend(open.take());
                name = source.slice(*span).lines().map(str::trim).rfind(|line| !line.is_empty()).map(tidy_name);
            }
            Part::Block(block) => {
                let info = source.slice(block.info);
                let Some(what) = info.strip_prefix("csv") else {
                    complaints.at(block.info, format!("例子写在 csv 块里，这里是“{info}”"));
                    continue;
                };
                let csv = csv::parse(complaints, block.body);
                let line = source.position(block.body.start).0;
                let fresh = || Case {
                    name: name.clone().unwrap_or_else(|| "（未命名）".to_string()),
                    hits,
                    line,
                    tables: Vec::new(),
                    expect: None,
                };
                if of_sql {
                    let case = open.get_or_insert_with(fresh);
                    sql_table(complaints, case, what.trim(), block.info, &csv);
                } else {
                    if !what.trim().is_empty() {
                        complaints.at(block.info, "内核规则的例子写 ```csv，不写表名；一行是一条费用明细");
                    }
                    let mut case = fresh();
                    kernel_columns(complaints, &csv, hits);
                    case.tables.push(table("", complaints, csv));
                    cases.push(case);
                    name = None;
                }
            }
        }
    }
    cases.extend(open);
}

fn tidy_name(line: &str) -> String {
    line.trim_start_matches(['-', '*', '#', ' ']).trim_end_matches(['：', ':', '。']).to_string()
}

fn table(name: &str, complaints: &Complaints<'_>, csv: Csv) -> CaseTable {
    let columns = csv.header.into_iter().map(|cell| cell.text).collect();
    let rows = csv.rows.into_iter().map(|row| CaseRow {
        line: complaints.source.position(row.first().map_or(0, |cell| cell.at.start)).0,
        cells: row.into_iter().map(|cell| cell.text).collect(),
    });
    CaseTable { table: name.to_string(), columns, rows: rows.collect() }
}

fn kernel_columns(complaints: &mut Complaints<'_>, csv: &Csv, hits: bool) {
    for cell in &csv.header {
        if !COLUMNS.contains(&cell.text.as_str()) && !cell.text.is_empty() {
            complaints.suggest(
                cell.at,
                format!("例子里没有列 {}；可用的列：{}", cell.text, COLUMNS.join("、")),
                nearest(&cell.text, COLUMNS),
            );
        }
    }
    let at = csv.header.first().map_or(Span::default(), |cell| cell.at);
    let expect = csv.column("expect");
    let says = |row: &Vec<csv::Cell>| expect.and_then(|i| row.get(i)).is_some_and(|cell| !cell.text.is_empty());
    if hits && !csv.rows.iter().any(says) {
        complaints.at(at, "应命中的例子要有 expect 列，写命中行应得的涉案金额（不算钱的规则写 是）");
    } else if !hits && let Some(row) = csv.rows.iter().find(|row| says(row)) {
        complaints.at(row.first().map_or(at, |cell| cell.at), "不应命中的例子不写 expect");
    } else if csv.rows.is_empty() {
        complaints.at(at, "这个例子没有数据行");
    }
}

fn sql_table(complaints: &mut Complaints<'_>, case: &mut Case, name: &str, at: Span, csv: &Csv) {
    if name == "expect" {
        if !case.hits {
            complaints.at(at, "不应命中的例子没有 expect 块");
        }
        case.expect = Some(table(name, complaints, csv.clone()));
        return;
    }
    let Some(national) = schema::table(name) else {
        let known = schema::TABLES.iter().map(|table| table.name);
        complaints.suggest(at, format!("没有国家表“{name}”；写成 ```csv setl_d 这样，最后一块写 ```csv expect"), nearest(name, known));
        return;
    };
    for cell in &csv.header {
        if national.column(&cell.text).is_none() {
            let known = national.columns.iter().map(|column| column.name);
            complaints.suggest(cell.at, format!("表 {name} 没有列 {}", cell.text), nearest(&cell.text, known));
        }
    }
    case.tables.push(table(name, complaints, csv.clone()));
}
