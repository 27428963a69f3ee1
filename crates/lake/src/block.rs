//! 数据块: rows of one national table on their way from a reader to the lake.

use std::sync::Arc;

use arrow::record_batch::RecordBatch;
use mingjian_model::schema::Table;

/// Rows of one table, typed.
///
/// `batch` holds only the columns the source has, by their national names, in schema order. Text is Utf8 (empty cells are
/// null), Int is Int32, Money, Quantity, Price and Ratio are Decimal64 or Decimal128 of the schema's precision, Date is
/// Date32, Time is Timestamp(Microsecond, None).
#[derive(Debug, Clone)]
pub struct TypedBlock {
    pub table: &'static Table,
    pub batch: RecordBatch,
    pub origin: Origin,
}

/// Where the rows of a block stood.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The source file as the user named it.
    pub file: Arc<str>,
    /// 1-based data row of each row of the block.
    pub rows: Vec<u64>,
    /// Physical line of each row; empty where the source has no lines (Parquet, a database).
    pub lines: Vec<u64>,
}

/// A row that could not land, 拒收.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rejected {
    pub file: String,
    pub table: String,
    /// 1-based data row.
    pub row: u64,
    /// Physical line; `None` where the source has no lines.
    pub line: Option<u64>,
    pub column: String,
    pub value: String,
    pub reason: String,
}
