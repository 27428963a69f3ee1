//! Rows of national tables as texts, for people to read.

use std::collections::HashSet;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{Int32Type, Int64Type};
use mingjian_lake::{Snapshot, bucket_of};
use mingjian_model::day::{format_day, format_moment};
use mingjian_model::schema::{Table, Type};
use mingjian_model::{Fen, format_scaled};

use crate::error::ScreenError;
use crate::load::columns::{Numbers, Texts};

/// A row: the cells of columns some source supplied, in national order; empty cells are left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    pub cells: Vec<(&'static str, String)>,
}

impl Row {
    /// A cell; empty where there is none.
    pub fn get(&self, column: &str) -> &str {
        self.cells.iter().find(|cell| cell.0 == column).map_or("", |cell| cell.1.as_str())
    }
}

/// All rows of a person (of an institution, in stock tables), run after run.
pub(crate) fn of_subject(snapshot: &Snapshot, table: &'static Table, subject: &str) -> Result<Vec<Row>, ScreenError> {
    let Some(column) = table.bucket_by.filter(|_| snapshot.has_table(table.name)) else { return Ok(Vec::new()) };
    let wanted: HashSet<&str> = [subject].into();
    pick(snapshot, table, bucket_of(subject.as_bytes(), snapshot.buckets()), column, &wanted)
}

/// Rows whose `column` is one of `wanted`, at most `most`, bucket after bucket.
pub(crate) fn by_column(
    snapshot: &Snapshot,
    table: &'static Table,
    column: &str,
    wanted: &HashSet<&str>,
    most: usize,
) -> Result<Vec<Row>, ScreenError> {
    let mut rows = Vec::new();
    if !snapshot.has_table(table.name) {
        return Ok(rows);
    }
    for bucket in 0..snapshot.buckets() {
        rows.extend(pick(snapshot, table, bucket, column, wanted)?);
        if rows.len() >= most {
            rows.truncate(most);
            break;
        }
    }
    Ok(rows)
}

/// Rows of a bucket whose `column` is one of `wanted`.
fn pick(snapshot: &Snapshot, table: &'static Table, bucket: u32, column: &str, wanted: &HashSet<&str>) -> Result<Vec<Row>, ScreenError> {
    let supplied = snapshot.columns(table.name);
    if !supplied.iter().any(|name| name == column) {
        return Ok(Vec::new());
    }
    let supplied: Vec<&str> = supplied.iter().map(String::as_str).collect();
    let mut found = Vec::new();
    for batch in snapshot.read_rows_where(table.name, bucket, column, &|text| wanted.contains(text), &supplied)? {
        found.extend(texts_of(table, &batch)?);
    }
    Ok(found)
}

fn texts_of(table: &'static Table, batch: &RecordBatch) -> Result<Vec<Row>, ScreenError> {
    let mut rows = vec![Row::default(); batch.num_rows()];
    for column in table.columns {
        let Some(array) = batch.column_by_name(column.name) else { continue };
        let cells = cells(table.name, batch, array, column.name, column.ty)?;
        for (row, cell) in rows.iter_mut().zip(cells) {
            if let Some(cell) = cell {
                row.cells.push((column.name, cell));
            }
        }
    }
    Ok(rows)
}

fn cells(table: &str, batch: &RecordBatch, array: &ArrayRef, name: &str, ty: Type) -> Result<Vec<Option<String>>, ScreenError> {
    if ty == Type::Text {
        let texts = Texts::of(batch, name)?;
        return Ok((0..batch.num_rows())
            .map(|row| texts.as_ref().map(|texts| texts.text(row)).filter(|text| !text.is_empty()).map(str::to_owned))
            .collect());
    }
    debug_assert!(array.as_primitive_opt::<Int64Type>().is_some() || array.as_primitive_opt::<Int32Type>().is_some() || array.is_empty());
    let numbers = Numbers::of(table, batch, name, 0)?;
    Ok((0..batch.num_rows()).map(|row| numbers.as_ref().and_then(|numbers| numbers.get(row)).map(|value| number_text(ty, value))).collect())
}

fn number_text(ty: Type, value: i64) -> String {
    match ty {
        Type::Text | Type::Int => value.to_string(),
        Type::Money => Fen(value).to_string(),
        Type::Quantity | Type::Ratio => format_scaled(value, 4),
        Type::Price => format_scaled(value, 6),
        Type::Date => format_day(value as i32),
        Type::Time => format_moment(value),
    }
}
