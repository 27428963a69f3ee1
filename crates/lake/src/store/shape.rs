//! 表的形状: how a national table stands in the lake — Arrow types, sort order, encodings.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use mingjian_model::schema::{Table, Type};

/// The name of the partition column of bucketed tables.
pub const BUCKET_COLUMN: &str = "bucket";

/// The Arrow type a column is written with.
pub fn arrow_type(ty: Type) -> DataType {
    match ty {
        Type::Text => DataType::Utf8,
        Type::Int => DataType::Int32,
        Type::Money => DataType::Decimal64(16, 2),
        Type::Quantity => DataType::Decimal64(16, 4),
        Type::Price => DataType::Decimal64(16, 6),
        Type::Ratio => DataType::Decimal64(5, 4),
        Type::Date => DataType::Date32,
        Type::Time => DataType::Timestamp(TimeUnit::Microsecond, None),
    }
}

/// The Arrow schema of a table's data files: all national columns, all nullable.
pub fn file_schema(table: &Table) -> SchemaRef {
    Arc::new(Schema::new(table.columns.iter().map(|c| Field::new(c.name, arrow_type(c.ty), true)).collect::<Vec<_>>()))
}

/// How the rows of a table are ordered inside a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Order {
    /// The column rows are grouped by; row groups are cut where it changes if `cut` says so.
    pub group: Option<usize>,
    pub cut: bool,
    /// Set for fee lines: the visit stands between person and time.
    pub visit: Option<usize>,
    pub time: Option<usize>,
    /// Whose text (or number) breaks ties; all of the key.
    pub ties: &'static [&'static str],
}

/// The moment or day a row is about, by table.
fn time_column(table: &Table) -> Option<&'static str> {
    Some(match table.name {
        "setl_d" => "setl_time",
        "mdtrt_d" => "begntime",
        "fee_list_d" => "fee_ocur_time",
        "setl_list_oprn_d" => "oprn_oprt_date",
        "opsp_reg_d" => "begndate",
        "invinfo_3501" => "invdate",
        "invinfo_3502" => "inv_chg_time",
        "purcinfo_3503" | "purcinfo_3504" => "purc_retn_stoin_time",
        "selinfo_3505" | "selinfo_3506" => "sel_retn_time",
        _ => return None,
    })
}

/// The order of a table: (person, time, key) — fee lines (person, begin of the visit, visit, time, key), stock tables
/// (institution, time, whole row), small tables by their key.
pub(crate) fn order_of(table: &Table) -> Order {
    let index = |name: &str| table.column_index(name);
    Order {
        group: table.bucket_by.and_then(index),
        cut: table.bucket_by == Some("psn_no"),
        visit: if table.name == "fee_list_d" { index("mdtrt_id") } else { None },
        time: time_column(table).and_then(index),
        ties: table.key,
    }
}

/// How the cells of a column are encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// Few different values: a dictionary a row group (falls back to plain by itself when it grows too large).
    Dictionary,
    /// Texts of which nearly every one is different: prefixes shared with the neighbour are left out.
    Unique,
    /// Times: differences, packed.
    Delta,
}

pub(crate) fn encoding_of(table: &Table, column: usize) -> Encoding {
    let column = &table.columns[column];
    let own_key = table.key.last() == Some(&column.name) && table.columns.len() > 20;
    match column.ty {
        Type::Time => Encoding::Delta,
        Type::Text if own_key || matches!(column.name, "rid" | "drug_trac_codg") => Encoding::Unique,
        _ => Encoding::Dictionary,
    }
}

/// Columns whose smallest and largest value a file states: what readers prune by.
pub(crate) fn has_statistics(table: &Table, column: usize) -> bool {
    let order = order_of(table);
    order.group == Some(column) || order.time == Some(column)
}

/// The column that says how new a row is, if the table has one.
pub(crate) fn updated_column(table: &Table) -> Option<usize> {
    table.column_index("updt_time")
}

/// The column by which N036 knows when rows were uploaded; only settlement tables have it.
pub(crate) fn uploaded_columns(table: &Table) -> Option<(usize, Option<usize>)> {
    table.column_index("crte_time").map(|created| (created, updated_column(table)))
}

#[cfg(test)]
mod tests {
    use mingjian_model::schema::{TABLES, table};

    use super::*;

    #[test]
    fn every_time_column_exists() {
        for table in TABLES {
            let order = order_of(table);
            assert_eq!(order.time.is_some(), time_column(table).is_some(), "{}", table.name);
            assert_eq!(order.group.is_some(), table.bucket_by.is_some(), "{}", table.name);
        }
    }

    #[test]
    fn the_line_number_is_unique_and_the_visit_is_not() {
        let fees = table("fee_list_d").expect("there");
        assert_eq!(encoding_of(fees, fees.column_index("bkkp_sn").expect("there")), Encoding::Unique);
        assert_eq!(encoding_of(fees, fees.column_index("mdtrt_id").expect("there")), Encoding::Dictionary);
        let visits = table("mdtrt_d").expect("there");
        assert_eq!(encoding_of(visits, visits.column_index("mdtrt_id").expect("there")), Encoding::Unique);
    }
}
