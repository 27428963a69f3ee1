//! 列: cells of one column become one Arrow array.

use std::sync::Arc;

use arrow::array::builder::NullBufferBuilder;
use arrow::array::{ArrayRef, PrimitiveArray, StringArray};
use arrow::buffer::{Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow::datatypes::{Date32Type, Decimal64Type, Int32Type, TimestampMicrosecondType};
use mingjian_model::day::{Day, MICROS_PER_DAY};
use mingjian_model::schema::{Column, Type};

use super::cell::{Dates, Fault, Rounding, parse_decimal, parse_int, parse_ratio, scale_of, trim};
use crate::store::arrow_type;

/// 1900-01-01 and 2100-12-31: days outside are mistakes.
const FIRST_DAY: Day = -25_567;
const LAST_DAY: Day = 47_846;

/// Collects the cells of one column. A cell at fault is kept as null; its row leaves later.
pub(crate) struct Builder {
    column: &'static Column,
    /// Empty cells are faults.
    required: bool,
    suspicion: Suspicion,
    rounding: Rounding,
    dates: Dates,
    values: Values,
    nulls: NullBufferBuilder,
}

enum Values {
    Text { bytes: Vec<u8>, offsets: Vec<i32> },
    Int(Vec<i32>),
    Long(Vec<i64>),
}

/// What a look at the whole block gave reason to look for in its texts.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Suspicion {
    /// There are NULs.
    pub nul: bool,
    /// The block was decoded and some bytes made no sense: U+FFFD stands for them.
    pub replaced: bool,
}

impl Suspicion {
    fn judge(self, text: &[u8]) -> Option<Fault> {
        if self.nul && text.contains(&0) {
            return Some(Fault::Nul);
        }
        (self.replaced && text.windows(3).any(|three| three == "\u{FFFD}".as_bytes())).then_some(Fault::BadBytes)
    }
}

/// How the cells of one column are to be read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reading {
    pub required: bool,
    pub rounding: Rounding,
    pub date_formats: Arc<[String]>,
    pub suspicion: Suspicion,
}

/// The array of a column, and the rows whose text is not UTF-8.
pub(crate) struct Finished {
    pub array: ArrayRef,
    pub bad_text: Vec<usize>,
}

impl Builder {
    pub(crate) fn new(column: &'static Column, reading: &Reading, rows: usize) -> Builder {
        let values = match column.ty {
            Type::Text => {
                let mut offsets = Vec::with_capacity(rows + 1);
                offsets.push(0);
                Values::Text { bytes: Vec::with_capacity(rows * 8), offsets }
            }
            Type::Int | Type::Date => Values::Int(Vec::with_capacity(rows)),
            _ => Values::Long(Vec::with_capacity(rows)),
        };
        // 'No end' is written as the year 9999 where validity ends, nowhere else.
        let open_end = column.name.contains("end");
        Builder {
            column,
            required: reading.required,
            suspicion: reading.suspicion,
            rounding: reading.rounding,
            dates: Dates::new(&reading.date_formats, open_end),
            values,
            nulls: NullBufferBuilder::new(rows),
        }
    }

    pub(crate) fn column(&self) -> &'static Column {
        self.column
    }

    pub(crate) fn len(&self) -> usize {
        self.nulls.len()
    }

    /// Appends one cell for each item; `fault` hears of the cells that cannot land by their number among the items.
    #[inline]
    pub(crate) fn extend<'a>(&mut self, cells: impl Iterator<Item = &'a [u8]>, mut fault: impl FnMut(usize, Fault)) {
        let Builder { values, nulls, dates, .. } = self;
        let (rounding, required, suspicion) = (self.rounding, self.required, self.suspicion);
        let missing = |row: usize, fault: &mut dyn FnMut(usize, Fault)| {
            if required {
                fault(row, Fault::Missing);
            }
        };
        match values {
            Values::Text { bytes, offsets } => {
                for (row, cell) in cells.enumerate() {
                    let cell = trim(cell);
                    if cell.is_empty() {
                        nulls.append_null();
                        missing(row, &mut fault);
                    } else {
                        bytes.extend_from_slice(cell);
                        nulls.append_non_null();
                        if required && is_float(cell) {
                            fault(row, Fault::LostDigits);
                        }
                        if let Some(found) = suspicion.judge(cell) {
                            fault(row, found);
                        }
                    }
                    offsets.push(bytes.len() as i32);
                }
            }
            Values::Int(out) => match self.column.ty {
                Type::Date => fill(cells, out, nulls, |cell| dates.day(cell), missing, fault),
                _ => fill(cells, out, nulls, parse_int, missing, fault),
            },
            Values::Long(out) => match self.column.ty {
                Type::Time => fill(cells, out, nulls, |cell| dates.moment(cell), missing, fault),
                Type::Ratio => fill(cells, out, nulls, |cell| parse_ratio(cell, rounding), missing, fault),
                ty => {
                    let scale = scale_of(ty).unwrap_or(0);
                    fill(cells, out, nulls, |cell| parse_decimal(cell, scale, rounding), missing, fault);
                }
            },
        }
    }

    /// Takes whole cells of a column of whole numbers or days; takes none and returns false when one is missing or out of range.
    pub(crate) fn take_ints(&mut self, cells: impl Iterator<Item = Option<i32>> + Clone) -> bool {
        let days = self.column.ty == Type::Date;
        let fits = |cell: i32| !days || (FIRST_DAY..=LAST_DAY).contains(&cell);
        if cells.clone().any(|cell| cell.map_or(self.required, |cell| cell == i32::MAX || !fits(cell))) {
            return false;
        }
        let Values::Int(out) = &mut self.values else { return false };
        for cell in cells {
            out.push(cell.unwrap_or_default());
            self.nulls.append(cell.is_some());
        }
        true
    }

    /// As [`Builder::take_ints`] for scaled decimals and moments.
    pub(crate) fn take_longs(&mut self, cells: impl Iterator<Item = Option<i64>> + Clone) -> bool {
        let range = match self.column.ty {
            Type::Time => i64::from(FIRST_DAY) * MICROS_PER_DAY..=i64::from(LAST_DAY + 1) * MICROS_PER_DAY - 1,
            _ => -9_999_999_999_999_999..=9_999_999_999_999_999,
        };
        if cells.clone().any(|cell| cell.map_or(self.required, |cell| !range.contains(&cell))) {
            return false;
        }
        let Values::Long(out) = &mut self.values else { return false };
        for cell in cells {
            out.push(cell.unwrap_or_default());
            self.nulls.append(cell.is_some());
        }
        true
    }

    /// The array. Text that is not UTF-8 becomes null and its rows are told.
    pub(crate) fn finish(mut self) -> Finished {
        let nulls = self.nulls.finish();
        let mut bad_text = Vec::new();
        let array: ArrayRef = match self.values {
            Values::Text { bytes, offsets } => Arc::new(strings(bytes, offsets, nulls, &mut bad_text)),
            Values::Int(values) => match self.column.ty {
                Type::Date => Arc::new(PrimitiveArray::<Date32Type>::new(ScalarBuffer::from(values), nulls)),
                _ => Arc::new(PrimitiveArray::<Int32Type>::new(ScalarBuffer::from(values), nulls)),
            },
            Values::Long(values) => match self.column.ty {
                Type::Time => Arc::new(PrimitiveArray::<TimestampMicrosecondType>::new(ScalarBuffer::from(values), nulls)),
                ty => {
                    let array = PrimitiveArray::<Decimal64Type>::new(ScalarBuffer::from(values), nulls);
                    Arc::new(array.with_data_type(arrow_type(ty)))
                }
            },
        };
        Finished { array, bad_text }
    }
}

/// `3.30123E+17`: a long number a worksheet mangled.
#[inline]
fn is_float(cell: &[u8]) -> bool {
    matches!(cell, [.., b'E', b'+', a, b] if a.is_ascii_digit() && b.is_ascii_digit())
        && cell[..cell.len() - 4].iter().all(|byte| byte.is_ascii_digit() || *byte == b'.')
}

/// Parses cells one after the other.
#[inline]
fn fill<'a, T: Default>(
    cells: impl Iterator<Item = &'a [u8]>,
    out: &mut Vec<T>,
    nulls: &mut NullBufferBuilder,
    mut parse: impl FnMut(&[u8]) -> Result<Option<T>, Fault>,
    missing: impl Fn(usize, &mut dyn FnMut(usize, Fault)),
    mut fault: impl FnMut(usize, Fault),
) {
    for (row, cell) in cells.enumerate() {
        let value = if cell.is_empty() { Ok(None) } else { parse(cell) };
        match value {
            Ok(Some(value)) => {
                out.push(value);
                nulls.append_non_null();
            }
            Ok(None) => {
                out.push(T::default());
                nulls.append_null();
                missing(row, &mut fault);
            }
            Err(found) => {
                out.push(T::default());
                nulls.append_null();
                fault(row, found);
            }
        }
    }
}

fn strings(bytes: Vec<u8>, offsets: Vec<i32>, nulls: Option<NullBuffer>, bad: &mut Vec<usize>) -> StringArray {
    let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
    let buffer = Buffer::from_vec(bytes);
    match StringArray::try_new(offsets.clone(), buffer.clone(), nulls.clone()) {
        Ok(array) => array,
        Err(_) => {
            let valid = |row: usize| nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row));
            let text = |row: usize| std::str::from_utf8(&buffer[offsets[row] as usize..offsets[row + 1] as usize]);
            let rows = offsets.len() - 1;
            bad.extend((0..rows).filter(|row| valid(*row) && text(*row).is_err()));
            StringArray::from_iter((0..rows).map(|row| text(row).ok().filter(|_| valid(row))))
        }
    }
}
