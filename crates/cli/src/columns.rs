//! Reads cells of the lake's batches by column name, whatever Arrow type a column is stored as.

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Date32Array, Decimal64Array, Decimal128Array, DictionaryArray, Int32Array, Int64Array,
    LargeStringArray, RecordBatch, StringArray, StringViewArray, TimestampMicrosecondArray, UInt32Array, UInt64Array,
};
use arrow::datatypes::Int32Type;
use mingjian_model::day::{self, MICROS_PER_DAY};

/// A batch whose columns are asked for by name; a column that is not there reads as all null.
pub struct Rows<'a> {
    batch: &'a RecordBatch,
}

impl<'a> Rows<'a> {
    pub fn new(batch: &'a RecordBatch) -> Rows<'a> {
        Rows { batch }
    }

    pub fn len(&self) -> usize {
        self.batch.num_rows()
    }

    pub fn column(&self, name: &str) -> Column<'a> {
        Column { array: self.batch.column_by_name(name) }
    }
}

/// One column of a batch.
#[derive(Clone, Copy)]
pub struct Column<'a> {
    array: Option<&'a ArrayRef>,
}

impl<'a> Column<'a> {
    fn known(&self, row: usize) -> Option<&'a dyn Array> {
        self.array.map(|array| array.as_ref()).filter(|array| array.is_valid(row))
    }

    /// A text cell; empty for null.
    pub fn text(&self, row: usize) -> &'a str {
        let Some(array) = self.known(row) else { return "" };
        let any = array.as_any();
        if let Some(dictionary) = any.downcast_ref::<DictionaryArray<Int32Type>>() {
            let values = dictionary.values().as_string_opt::<i32>();
            return match (values, dictionary.key(row)) {
                (Some(values), Some(key)) if values.is_valid(key) => values.value(key),
                _ => "",
            };
        }
        if let Some(array) = any.downcast_ref::<StringArray>() {
            return array.value(row);
        }
        if let Some(array) = any.downcast_ref::<StringViewArray>() {
            return array.value(row);
        }
        any.downcast_ref::<LargeStringArray>().map_or("", |array| array.value(row))
    }

    /// The integer a cell is stored as: fen, scaled quantities and prices, days, microseconds; `None` for null.
    pub fn int(&self, row: usize) -> Option<i64> {
        let any = self.known(row)?.as_any();
        if let Some(array) = any.downcast_ref::<Int64Array>() {
            return Some(array.value(row));
        }
        if let Some(array) = any.downcast_ref::<Decimal128Array>() {
            return i64::try_from(array.value(row)).ok();
        }
        if let Some(array) = any.downcast_ref::<Decimal64Array>() {
            return Some(array.value(row));
        }
        if let Some(array) = any.downcast_ref::<TimestampMicrosecondArray>() {
            return Some(array.value(row));
        }
        if let Some(array) = any.downcast_ref::<Int32Array>() {
            return Some(i64::from(array.value(row)));
        }
        if let Some(array) = any.downcast_ref::<Date32Array>() {
            return Some(i64::from(array.value(row)));
        }
        if let Some(array) = any.downcast_ref::<UInt32Array>() {
            return Some(i64::from(array.value(row)));
        }
        any.downcast_ref::<UInt64Array>().and_then(|array| i64::try_from(array.value(row)).ok())
    }

    /// A cell as a person reads it: numbers by their scale, days and times as dates; empty for null.
    pub fn shown(&self, row: usize) -> String {
        let Some(array) = self.known(row) else { return String::new() };
        let any = array.as_any();
        if let Some(array) = any.downcast_ref::<Decimal128Array>() {
            return scaled(array.value(row) as i64, array.scale());
        }
        if let Some(array) = any.downcast_ref::<Decimal64Array>() {
            return scaled(array.value(row), array.scale());
        }
        if let Some(array) = any.downcast_ref::<Date32Array>() {
            return day::format_day(array.value(row));
        }
        if let Some(array) = any.downcast_ref::<TimestampMicrosecondArray>() {
            return moment(array.value(row));
        }
        if let Some(array) = any.downcast_ref::<BooleanArray>() {
            return if array.value(row) { "是" } else { "否" }.to_owned();
        }
        match self.int(row) {
            Some(number) => number.to_string(),
            None => self.text(row).to_owned(),
        }
    }
}

fn scaled(value: i64, scale: i8) -> String {
    match u32::try_from(scale) {
        Ok(2) => mingjian_model::Fen(value).to_string(),
        Ok(scale) => mingjian_model::format_scaled(value, scale),
        Err(_) => value.to_string(),
    }
}

/// A moment; midnight shows as its day alone, as most sources that know no clock write it.
pub fn moment(moment: i64) -> String {
    if moment.rem_euclid(MICROS_PER_DAY) == 0 { day::format_day(day::day_of(moment)) } else { day::format_moment(moment) }
}
