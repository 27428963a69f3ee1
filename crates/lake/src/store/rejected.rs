//! 拒收行: rows set aside wait in a temporary file, then join the lake's `rejected` table.
//!
//! A row set aside before — same file, table, row, line, column, value and reason — is not added again, so importing a file twice
//! changes nothing here either.

use std::collections::HashSet;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{Array, ArrayRef, AsArray, Int64Array, StringArray};
use arrow::datatypes::{DataType, Field, Int64Type, Schema, SchemaRef};

use super::hash::Identity;
use super::run::Run;
use super::snapshot::Snapshot;
use super::write::{Written, write_plain};
use super::{LakeError, disk};
use crate::block::Rejected;

/// The lake's table of rows set aside.
pub const REJECTED_TABLE: &str = "rejected";

/// Rows of one data file of the table: what bounds memory.
const FILE_ROWS: usize = 500_000;

pub(crate) fn schema() -> SchemaRef {
    let text = |name| Field::new(name, DataType::Utf8, true);
    let number = |name| Field::new(name, DataType::Int64, true);
    Arc::new(Schema::new(vec![
        text("file"),
        text("table_name"),
        number("row_no"),
        number("line_no"),
        text("column_name"),
        text("value"),
        text("reason"),
        // The version of the lake the row was first set aside by.
        number("lake_version"),
    ]))
}

/// Takes rows from any number of threads.
pub(crate) struct RejectLog {
    path: PathBuf,
    out: Mutex<Out>,
}

#[derive(Default)]
struct Out {
    writer: Option<BufWriter<File>>,
    rows: u64,
    /// The files rows came from: those of other files need not be known again.
    files: HashSet<String>,
}

impl RejectLog {
    pub(crate) fn new(dir: &Path) -> RejectLog {
        RejectLog { path: dir.join("rejected.jsonl"), out: Mutex::default() }
    }

    pub(crate) fn add(&self, rows: &[Rejected]) -> Result<(), LakeError> {
        if rows.is_empty() {
            return Ok(());
        }
        let failed = |e| LakeError::io(&self.path, "写临时文件", e);
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        if out.writer.is_none() {
            if let Some(dir) = self.path.parent() {
                disk::make_dir(dir)?;
            }
            out.writer = Some(BufWriter::new(File::create(&self.path).map_err(failed)?));
        }
        let Out { writer, files, .. } = &mut *out;
        if let Some(writer) = writer {
            for row in rows {
                if !files.contains(&row.file) {
                    files.insert(row.file.clone());
                }
                let cells = (&row.file, &row.table, row.row, row.line, &row.column, &row.value, &row.reason);
                serde_json::to_writer(&mut *writer, &cells).map_err(|e| failed(e.into()))?;
                writer.write_all(b"\n").map_err(failed)?;
            }
        }
        out.rows += rows.len() as u64;
        Ok(())
    }

    pub(crate) fn rows(&self) -> u64 {
        self.out.lock().unwrap_or_else(PoisonError::into_inner).rows
    }

    /// Writes the rows the lake does not know yet as data files of the table.
    pub(crate) fn write(&self, base: &Snapshot, table_dir: &Path, version: u64) -> Result<Vec<Written>, LakeError> {
        let failed = |e| LakeError::io(&self.path, "读临时文件", e);
        let (writer, files) = {
            let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
            (out.writer.take(), std::mem::take(&mut out.files))
        };
        let Some(mut writer) = writer else { return Ok(Vec::new()) };
        writer.flush().map_err(|e| LakeError::io(&self.path, "写临时文件", e))?;
        let mut known = known(base, &files)?;
        let mut written = Vec::new();
        let mut fresh: Vec<Rejected> = Vec::new();
        for line in BufReader::new(File::open(&self.path).map_err(failed)?).lines() {
            let line = line.map_err(failed)?;
            let (file, table, row, lines, column, value, reason) = serde_json::from_str(&line).map_err(|e| failed(e.into()))?;
            let rejected = Rejected { file, table, row, line: lines, column, value, reason };
            if known.insert(identity(&rejected)) {
                fresh.push(rejected);
            }
            if fresh.len() == FILE_ROWS {
                written.push(write_file(table_dir, version, std::mem::take(&mut fresh))?);
            }
        }
        if !fresh.is_empty() {
            written.push(write_file(table_dir, version, fresh)?);
        }
        Ok(written)
    }
}

fn identity(row: &Rejected) -> Identity {
    let mut identity = Identity::EMPTY;
    for text in [&row.file, &row.table, &row.column, &row.value, &row.reason] {
        identity.text(text.as_bytes());
    }
    identity.number(row.row as i64);
    identity.number(row.line.map_or(-1, |line| line as i64));
    identity
}

/// The rows of these files that the lake has set aside, one data file of the table in memory at a time.
fn known(base: &Snapshot, files: &HashSet<String>) -> Result<HashSet<Identity>, LakeError> {
    let mut known = HashSet::new();
    for file in base.files(REJECTED_TABLE) {
        note_known(&Run::open_plain(&file.path)?, files, &mut known)?;
    }
    Ok(known)
}

fn note_known(run: &Run, files: &HashSet<String>, known: &mut HashSet<Identity>) -> Result<(), LakeError> {
    let names = ["file", "table_name", "column_name", "value", "reason", "row_no", "line_no"];
    for batch in run.batches(&names)? {
        let columns: Vec<&ArrayRef> = names.iter().filter_map(|name| batch.column_by_name(name)).collect();
        if columns.len() != names.len() {
            return Err(LakeError::corrupt(run.path(), "缺少字段"));
        }
        for row in 0..batch.num_rows() {
            let text = |column: usize| columns[column].as_string::<i32>().value(row).to_owned();
            if !files.contains(&text(0)) {
                continue;
            }
            let number = |column: usize| {
                let numbers = columns[column].as_primitive::<Int64Type>();
                numbers.is_valid(row).then(|| numbers.value(row) as u64)
            };
            known.insert(identity(&Rejected {
                file: text(0),
                table: text(1),
                column: text(2),
                value: text(3),
                reason: text(4),
                row: number(5).unwrap_or(0),
                line: number(6),
            }));
        }
    }
    Ok(())
}

fn write_file(dir: &Path, version: u64, mut rows: Vec<Rejected>) -> Result<Written, LakeError> {
    // Threads set rows aside in any order; the table does not show it.
    rows.sort_by(|a, b| (&a.file, &a.table, a.row, &a.column).cmp(&(&b.file, &b.table, b.row, &b.column)));
    let text = |of: fn(&Rejected) -> &str| -> ArrayRef { Arc::new(StringArray::from_iter_values(rows.iter().map(of))) };
    let columns: Vec<ArrayRef> = vec![
        text(|row| &row.file),
        text(|row| &row.table),
        Arc::new(Int64Array::from_iter_values(rows.iter().map(|row| row.row as i64))),
        Arc::new(Int64Array::from_iter(rows.iter().map(|row| row.line.map(|line| line as i64)))),
        text(|row| &row.column),
        text(|row| &row.value),
        text(|row| &row.reason),
        Arc::new(Int64Array::from_value(version as i64, rows.len())),
    ];
    write_plain(dir, &format!("{version:08}"), &schema(), columns)
}
