//! 读法: how one source table is read — which national table it is, which cell goes where.

use std::sync::Arc;

use mingjian_model::schema::Table;

use super::cell::Rounding;
use super::columns::{Builder, Reading, Suspicion};

/// Where the cells of a national column come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum From {
    /// The source's column of this number.
    Cell(usize),
    /// The same text in every row; the profile says so.
    Constant(Arc<str>),
}

/// A national column that the source supplies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// Its number in the national table.
    pub column: usize,
    pub from: From,
}

/// How the rows of one source table become rows of a national table.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub table: &'static Table,
    /// The source as the user named it: `城/fee_list_d.csv`, `包.zip/明细.csv`, `表.xlsx[费用明细]`.
    pub file: Arc<str>,
    /// The source's header cells as they stand.
    pub header: Vec<String>,
    /// In schema order.
    pub targets: Vec<Target>,
    pub rounding: Rounding,
    pub date_formats: Arc<[String]>,
}

impl Plan {
    /// One builder for each target.
    pub(crate) fn builders(&self, rows: usize, suspicion: Suspicion) -> Vec<Builder> {
        let reading = |name: &str| Reading {
            required: self.table.required.contains(&name),
            rounding: self.rounding,
            date_formats: self.date_formats.clone(),
            suspicion,
        };
        self.targets
            .iter()
            .map(|target| {
                let column = &self.table.columns[target.column];
                Builder::new(column, &reading(column.name), rows)
            })
            .collect()
    }
}
