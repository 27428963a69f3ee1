//! Parquet: row groups of any Arrow types, brought to the national types.
//!
//! A column that has the lake's type is taken as it is; every other becomes text first and is read like a CSV cell, so
//! that texts, floats and integers mean the same in every form of file.

use std::fs::File;
use std::path::Path;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Date32Type, Decimal64Type, Decimal128Type, Int32Type, Int64Type, TimeUnit, TimestampMicrosecondType};
use arrow::record_batch::RecordBatch;
use mingjian_model::schema::Type;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};

use super::cell::scale_of;
use super::columns::{Builder, Suspicion};
use super::plan::{From, Plan};
use super::rows::{Assembly, Parsed};

const BATCH_ROWS: usize = 32_768;

/// Names of the columns, and the number of row groups.
pub(crate) fn head(path: &Path) -> Result<(Vec<String>, usize), String> {
    let file = File::open(path).map_err(|error| error.to_string())?;
    let meta = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new()).map_err(|error| error.to_string())?;
    let names = meta.schema().fields().iter().map(|field| field.name().clone()).collect();
    Ok((names, meta.metadata().num_row_groups()))
}

/// Types the rows of one row group; `deliver` returns false to stop.
pub(crate) fn read(path: &Path, group: usize, plan: &Plan, deliver: &mut dyn FnMut(Parsed) -> bool) -> Result<(), String> {
    let file = File::open(path).map_err(|error| error.to_string())?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| error.to_string())?;
    let groups = builder.metadata().row_groups();
    let before: i64 = groups[..group].iter().map(|group| group.num_rows()).sum();
    let mut row = before as u64;
    let wanted: Vec<usize> =
        plan.targets.iter().filter_map(|target| if let From::Cell(source) = target.from { Some(source) } else { None }).collect();
    let mask = ProjectionMask::roots(builder.parquet_schema(), wanted);
    let reader = builder.with_row_groups(vec![group]).with_projection(mask).with_batch_size(BATCH_ROWS).build();
    for batch in reader.map_err(|error| error.to_string())? {
        let batch = batch.map_err(|error| error.to_string())?;
        let parsed = typed(&batch, row, plan)?;
        row += batch.num_rows() as u64;
        if !deliver(parsed) {
            break;
        }
    }
    Ok(())
}

fn typed(batch: &RecordBatch, before: u64, plan: &Plan) -> Result<Parsed, String> {
    let rows = batch.num_rows();
    let mut assembly = Assembly::new(plan, rows, Suspicion { nul: true, replaced: false });
    for row in 1..=rows as u64 {
        assembly.place(before + row, None);
    }
    for (number, target) in plan.targets.iter().enumerate() {
        match &target.from {
            From::Constant(text) => assembly.extend(number, std::iter::repeat_n(text.as_bytes(), rows)),
            From::Cell(source) => {
                let name = &plan.header[*source];
                let array = batch.column_by_name(name).ok_or_else(|| format!("缺少列 {name}"))?;
                if !as_it_is(assembly.builder(number), array) {
                    let text = texts(array).map_err(|detail| format!("列 {name} 的类型 {} 无法转换（{detail}）", array.data_type()))?;
                    assembly.extend(number, text.iter().map(|cell| cell.unwrap_or_default().as_bytes()));
                }
            }
        }
    }
    assembly.finish().map_err(|error| error.to_string())
}

/// Takes a column that has the lake's type already; false when it has not, or when a cell has to be judged.
fn as_it_is(builder: &mut Builder, array: &ArrayRef) -> bool {
    let scale = scale_of(builder.column().ty);
    match (builder.column().ty, array.data_type()) {
        (Type::Int, DataType::Int32) => builder.take_ints(array.as_primitive::<Int32Type>().iter()),
        (Type::Date, DataType::Date32) => builder.take_ints(array.as_primitive::<Date32Type>().iter()),
        (Type::Time, DataType::Timestamp(TimeUnit::Microsecond, None)) => {
            builder.take_longs(array.as_primitive::<TimestampMicrosecondType>().iter())
        }
        (Type::Money | Type::Quantity | Type::Price, DataType::Decimal64(_, s)) if Some(*s as u32) == scale => {
            builder.take_longs(array.as_primitive::<Decimal64Type>().iter())
        }
        (Type::Money | Type::Quantity | Type::Price, DataType::Decimal128(_, s)) if Some(*s as u32) == scale => {
            let narrow = |value: Option<i128>| value.map(|value| i64::try_from(value).unwrap_or(i64::MAX));
            builder.take_longs(array.as_primitive::<Decimal128Type>().iter().map(narrow))
        }
        (Type::Int, DataType::Int64) => {
            let narrow = |value: Option<i64>| value.map(|value| i32::try_from(value).unwrap_or(i32::MAX));
            builder.take_ints(array.as_primitive::<Int64Type>().iter().map(narrow))
        }
        _ => false,
    }
}

/// Any column as text, the way a CSV would have it.
fn texts(array: &ArrayRef) -> Result<StringArray, String> {
    if array.data_type() == &DataType::Boolean {
        let flags: &BooleanArray = array.as_boolean();
        return Ok(flags.iter().map(|flag| flag.map(|flag| if flag { "1" } else { "0" })).collect());
    }
    let text = cast(array, &DataType::Utf8).map_err(|error| error.to_string())?;
    Ok(text.as_string::<i32>().clone())
}
