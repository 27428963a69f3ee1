//! Rows of national tables from short text.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Date32Array, Decimal128Array, Int32Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow::datatypes::{DataType, Field, Int64Type, Schema};
use mingjian_lake::{ImportOutcome, Lake, Origin, Snapshot, SourceRecord, TypedBlock};
use mingjian_model::schema::{Table, Type, table};
use mingjian_model::{day, parse_scaled};

pub fn lake(dir: &Path) -> Lake {
    Lake::open_with(dir, 4).expect("a lake")
}

/// A block from CSV without quotes: header, then rows. Empty cells are null.
pub fn block(name: &str, csv: &str) -> TypedBlock {
    let table = table(name).expect("a national table");
    let mut lines = csv.trim().lines().map(str::trim);
    let header: Vec<&str> = lines.next().expect("a header").split(',').collect();
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    block_of(table, &header, rows.len(), |row, column| rows[row][column].to_owned(), "test.csv")
}

pub fn block_of(table: &'static Table, header: &[&str], rows: usize, cell: impl Fn(usize, usize) -> String, file: &str) -> TypedBlock {
    let mut columns: Vec<(usize, Field, ArrayRef)> = Vec::new();
    for (at, name) in header.iter().enumerate() {
        let index = table.column_index(name).expect("a national column");
        let cells: Vec<Option<String>> = (0..rows).map(|row| Some(cell(row, at)).filter(|text| !text.is_empty())).collect();
        let array = typed(table.columns[index].ty, &cells);
        columns.push((index, Field::new(*name, array.data_type().clone(), true), array));
    }
    columns.sort_by_key(|(index, _, _)| *index);
    let schema = Schema::new(columns.iter().map(|(_, field, _)| field.clone()).collect::<Vec<_>>());
    let batch = RecordBatch::try_new(Arc::new(schema), columns.into_iter().map(|(_, _, array)| array).collect()).expect("a batch");
    let numbers: Vec<u64> = (1..=rows as u64).collect();
    let lines = numbers.iter().map(|row| row + 1).collect();
    TypedBlock { table, batch, origin: Origin { file: Arc::from(file), rows: numbers, lines } }
}

fn typed(ty: Type, cells: &[Option<String>]) -> ArrayRef {
    let scaled = |precision, scale: u32| -> ArrayRef {
        let values = cells.iter().map(|c| c.as_ref().map(|c| i128::from(parse_scaled(c, scale).expect("a number"))));
        Arc::new(Decimal128Array::from_iter(values).with_precision_and_scale(precision, scale as i8).expect("fits"))
    };
    match ty {
        Type::Text => Arc::new(StringArray::from_iter(cells.iter().map(|c| c.as_deref()))),
        Type::Int => Arc::new(Int32Array::from_iter(cells.iter().map(|c| c.as_ref().map(|c| c.parse::<i32>().expect("a number"))))),
        Type::Date => Arc::new(Date32Array::from_iter(cells.iter().map(|c| c.as_ref().map(|c| day::parse_day(c).expect("a day"))))),
        Type::Time => Arc::new(TimestampMicrosecondArray::from_iter(
            cells.iter().map(|c| c.as_ref().map(|c| day::parse_moment(c).expect("a moment"))),
        )),
        Type::Money => scaled(16, 2),
        Type::Quantity => scaled(16, 4),
        Type::Price => scaled(16, 6),
        Type::Ratio => scaled(5, 4),
    }
}

pub fn source(file: &str) -> SourceRecord {
    SourceRecord { file: file.to_owned(), blake3: String::new(), size: 0, rows: 0, modified: None }
}

pub fn import(lake: &Lake, blocks: impl IntoIterator<Item = TypedBlock>) -> ImportOutcome {
    let txn = lake.begin_import().expect("no other writer");
    blocks.into_iter().for_each(|block| txn.append(block).expect("appended"));
    txn.commit(vec![source("test.csv")]).expect("committed")
}

/// Rows of a bucketed table as text, run after run; `|` between cells.
pub fn rows(snapshot: &Snapshot, table: &str, columns: &[&str]) -> Vec<String> {
    let mut all = Vec::new();
    for bucket in 0..snapshot.buckets() {
        for run in snapshot.read_bucket(table, bucket, columns).expect("readable") {
            run.iter().for_each(|batch| all.extend(batch_rows(batch)));
        }
    }
    all
}

pub fn sorted_rows(snapshot: &Snapshot, table: &str, columns: &[&str]) -> Vec<String> {
    let mut rows = rows(snapshot, table, columns);
    rows.sort();
    rows
}

pub fn batch_rows(batch: &RecordBatch) -> Vec<String> {
    let cell = |column: &ArrayRef, row: usize| -> String {
        if column.is_null(row) {
            return String::new();
        }
        match column.data_type() {
            DataType::Dictionary(_, _) => {
                let keys = column.as_dictionary::<arrow::datatypes::Int32Type>();
                keys.downcast_dict::<StringArray>().map(|texts| arrow::array::ArrayAccessor::value(&texts, row).to_owned()).expect("texts")
            }
            DataType::Int64 => column.as_primitive::<Int64Type>().value(row).to_string(),
            DataType::Int32 => column.as_primitive::<arrow::datatypes::Int32Type>().value(row).to_string(),
            DataType::Utf8 => column.as_string::<i32>().value(row).to_owned(),
            other => panic!("{other}"),
        }
    };
    (0..batch.num_rows()).map(|row| batch.columns().iter().map(|c| cell(c, row)).collect::<Vec<_>>().join("|")).collect()
}

/// Everything below a folder but temporary files: path → bytes.
pub fn tree(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![dir.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(dir).expect("below").to_string_lossy().into_owned();
                found.insert(name, std::fs::read(&path).expect("a file"));
            }
        }
    }
    found
}

/// `n` visits of 3 lines for persons P000…; amounts 1.00 × running number.
pub fn city(visits: usize) -> Vec<TypedBlock> {
    let fees = table("fee_list_d").expect("there");
    let header =
        ["bkkp_sn", "mdtrt_id", "fee_ocur_time", "psn_no", "fixmedins_code", "cnt", "det_item_fee_sumamt", "hilist_code", "updt_time"];
    let lines = block_of(
        fees,
        &header,
        visits * 3,
        |row, column| match column {
            0 => format!("B{row:06}"),
            1 => format!("M{:05}", row / 3),
            2 => format!("2025-01-{:02} 08:{:02}:00", row / 3 % 28 + 1, row % 3),
            3 => format!("P{:03}", row / 3 % 50),
            4 => format!("H{}", row % 4),
            5 => "1".to_owned(),
            6 => format!("{row}.00"),
            7 => format!("X{:04}", row % 97),
            _ => "2025-02-01 00:00:00".to_owned(),
        },
        "fees.csv",
    );
    let seen = block_of(
        table("mdtrt_d").expect("there"),
        &["mdtrt_id", "psn_no", "fixmedins_code", "begntime", "updt_time"],
        visits,
        |row, column| match column {
            0 => format!("M{row:05}"),
            1 => format!("P{:03}", row % 50),
            2 => format!("H{}", row % 4),
            3 => format!("2025-01-{:02} 07:00:00", row % 28 + 1),
            _ => "2025-02-01 00:00:00".to_owned(),
        },
        "visits.csv",
    );
    vec![seen, lines]
}
