//! The national field schema (国家医保信息平台): which tables there are, their columns in order, and the type of each.
//!
//! Shape: every [`Table`] lists its columns in the national order; [`TABLES`] lists the tables. Types say what a text
//! cell must parse to and what the lake stores: money as decimal(16,2), quantities as decimal(16,4), prices as
//! decimal(16,6), days and local times without a zone.

mod tables;

pub use tables::*;

/// What a column's cells are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Type {
    /// Codes, ids and names.
    Text,
    /// Whole numbers: days, counts of beds.
    Int,
    /// 金额: decimal(16,2), [`crate::Fen`] in memory.
    Money,
    /// 数量: decimal(16,4), scaled by [`crate::QUANTITY_SCALE`] in memory.
    Quantity,
    /// 单价: decimal(16,6), scaled by [`crate::PRICE_SCALE`] in memory.
    Price,
    /// 比例: decimal(5,4).
    Ratio,
    /// A local Chinese day.
    Date,
    /// A local Chinese date and time, to the second.
    Time,
}

/// One national column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// The national field name, e.g. `setl_id`.
    pub name: &'static str,
    /// The Chinese title; empty where the national list gives none.
    pub title: &'static str,
    pub ty: Type,
}

/// One national table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Table {
    /// The table's name at every boundary: file names, lake folders, SQL.
    pub name: &'static str,
    /// The Chinese title.
    pub title: &'static str,
    /// The columns that identify a row; empty where the whole row is the key (an equal row is the same row).
    pub key: &'static [&'static str],
    /// Columns without which a row cannot land: key, person, visit, institution.
    pub required: &'static [&'static str],
    /// The column whose hash decides the bucket; `None` for small tables kept whole.
    pub bucket_by: Option<&'static str>,
    pub columns: &'static [Column],
}

impl Table {
    /// The position of a column by its national name.
    pub fn column_index(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// A column by its national name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// A table by its national name.
pub fn table(name: &str) -> Option<&'static Table> {
    TABLES.iter().copied().find(|table| table.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_required_and_bucket_columns_exist_and_names_are_unique() {
        for table in TABLES {
            for name in table.key.iter().chain(table.required).chain(table.bucket_by.iter()) {
                assert!(table.column(name).is_some(), "{}.{name}", table.name);
            }
            for (i, column) in table.columns.iter().enumerate() {
                assert_eq!(table.column_index(column.name), Some(i), "{}.{} stands twice", table.name, column.name);
            }
        }
    }

    #[test]
    fn the_national_widths_hold() {
        let width = |name| table(name).map(|table| table.columns.len());
        assert_eq!(width("mdtrt_d"), Some(106));
        assert_eq!(width("setl_d"), Some(100));
        assert_eq!(width("fee_list_d"), Some(82));
        assert_eq!(width("setl_list_diag_d"), Some(23));
        assert_eq!(width("setl_list_oprn_d"), Some(31));
    }
}
