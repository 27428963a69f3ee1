//! Columns of a record batch as plain slices.

use arrow::array::{Array, AsArray, RecordBatch, StringArray};
use arrow::buffer::{NullBuffer, ScalarBuffer};
use arrow::datatypes::{
    ArrowNativeType, DataType, Date32Type, Decimal64Type, Decimal128Type, Int32Type, Int64Type, TimeUnit, TimestampMicrosecondType,
};

use crate::error::ScreenError;

/// A dictionary-encoded text column.
#[derive(Debug, Clone)]
pub(crate) struct Texts {
    /// Empty cells have the key after the last entry, so that a look-up per row needs no branch.
    keys: ScalarBuffer<i32>,
    values: StringArray,
}

impl Texts {
    /// The column, or `None` where the batch has none.
    pub fn of(batch: &RecordBatch, name: &str) -> Result<Option<Texts>, ScreenError> {
        let Some(column) = batch.column_by_name(name) else { return Ok(None) };
        let wanted = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
        let column = if *column.data_type() == wanted { column.clone() } else { arrow::compute::cast(column, &wanted)? };
        let dictionary = column.as_dictionary::<Int32Type>();
        let values = dictionary.values().as_string::<i32>().clone();
        let keys = dictionary.keys().values();
        let keys = match dictionary.keys().nulls().filter(|nulls| nulls.null_count() > 0) {
            None => keys.clone(),
            Some(nulls) => filled(keys, nulls, values.len() as i32),
        };
        Ok(Some(Texts { keys, values }))
    }

    /// How many entries the dictionary has.
    pub fn entries(&self) -> usize {
        self.values.len()
    }

    /// An entry's text.
    pub fn entry(&self, key: usize) -> &str {
        if self.values.is_null(key) { "" } else { self.values.value(key) }
    }

    /// The entry of a row; `None` where the cell is empty.
    #[inline]
    pub fn key(&self, row: usize) -> Option<usize> {
        Some(self.keys[row] as usize).filter(|&key| key < self.values.len())
    }

    /// The text of a row; empty where the cell is.
    #[inline]
    pub fn text(&self, row: usize) -> &str {
        self.key(row).map_or("", |key| self.entry(key))
    }

    /// Something worked out once per entry; the last element stands for empty cells. Read it with [`Texts::slot`].
    pub fn map<T: Clone>(&self, empty: T, mut of: impl FnMut(&str) -> T) -> Vec<T> {
        let mut mapped = Vec::with_capacity(self.entries() + 1);
        mapped.extend((0..self.entries()).map(|key| of(self.entry(key))));
        mapped.push(empty);
        mapped
    }

    /// The row's position in what [`Texts::map`] gave.
    #[inline]
    pub fn slot(&self, row: usize) -> usize {
        self.keys[row] as usize
    }
}

/// Values with `empty` in empty cells, under which a reader leaves anything. Runs of cells are copied whole.
fn filled<T: ArrowNativeType>(values: &[T], nulls: &NullBuffer, empty: T) -> ScalarBuffer<T> {
    let mut all = vec![empty; values.len()];
    for (start, end) in nulls.valid_slices() {
        all[start..end].copy_from_slice(&values[start..end]);
    }
    all.into()
}

/// A text that may have no column.
#[inline]
pub(crate) fn text_of(column: &Option<Texts>, row: usize) -> &str {
    column.as_ref().map_or("", |column| column.text(row))
}

/// A whole-number column: money in fen, quantities and prices scaled, moments.
#[derive(Debug, Clone)]
pub(crate) struct Numbers {
    pub values: ScalarBuffer<i64>,
    nulls: Option<NullBuffer>,
}

impl Numbers {
    /// The column; empty cells read as `empty`. `None` where the batch has none.
    pub fn of(table: &str, batch: &RecordBatch, name: &str, empty: i64) -> Result<Option<Numbers>, ScreenError> {
        let Some(column) = batch.column_by_name(name) else { return Ok(None) };
        let (values, nulls) = match column.data_type() {
            DataType::Int64 => (column.as_primitive::<Int64Type>().values().clone(), column.nulls()),
            DataType::Timestamp(TimeUnit::Microsecond, None) => {
                (column.as_primitive::<TimestampMicrosecondType>().values().clone(), column.nulls())
            }
            DataType::Date32 => (column.as_primitive::<Date32Type>().values().iter().map(|&day| i64::from(day)).collect(), column.nulls()),
            // Small tables may come as the decimals they are stored as: the raw value is the scaled integer.
            DataType::Decimal128(..) => {
                (column.as_primitive::<Decimal128Type>().values().iter().map(|&raw| raw as i64).collect(), column.nulls())
            }
            DataType::Decimal64(..) => (column.as_primitive::<Decimal64Type>().values().clone(), column.nulls()),
            DataType::Int32 => {
                (column.as_primitive::<Int32Type>().values().iter().map(|&value| i64::from(value)).collect(), column.nulls())
            }
            other => {
                return Err(ScreenError::ColumnType {
                    table: table.to_owned(),
                    column: name.to_owned(),
                    found: other.to_string(),
                    expected: "整数（分、千分之一等）、日期或时间",
                });
            }
        };
        let nulls = nulls.filter(|nulls| nulls.null_count() > 0).cloned();
        let values = match &nulls {
            Some(nulls) => filled(&values, nulls, empty),
            None => values,
        };
        Ok(Some(Numbers { values, nulls }))
    }

    /// Which cells are empty; `None` where none is.
    pub fn nulls(&self) -> Option<&NullBuffer> {
        self.nulls.as_ref()
    }

    #[inline]
    pub fn get(&self, row: usize) -> Option<i64> {
        match &self.nulls {
            Some(nulls) if nulls.is_null(row) => None,
            _ => Some(self.values[row]),
        }
    }
}

/// A number that may have no column.
#[inline]
pub(crate) fn number_of(column: &Option<Numbers>, row: usize) -> Option<i64> {
    column.as_ref().and_then(|column| column.get(row))
}
