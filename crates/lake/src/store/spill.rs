//! 溢写: rows of an import wait on the disk, by bucket and column, until the commit sorts them.
//!
//! Blocks are kept until a table holds [`TABLE_BYTES`] (or all together [`TOTAL_BYTES`]); then the caller's thread splits them by
//! bucket, packs each bucket's columns and writes one stretch of the table's file. So memory does not grow with the
//! input, and the commit reads one column of one bucket at a time. Only sizes are kept in memory: 16 bytes a bucket and stretch.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{Array, Int64Array};
use mingjian_model::day::Moment;
use mingjian_model::schema::{TABLES, Table};

use super::cells::{Cells, Picked, Scratch, pack};
use super::{LakeError, disk, hash, shape};
use crate::block::TypedBlock;

/// A table's blocks are written out when they take this much memory.
const TABLE_BYTES: usize = 64 << 20;
/// … or when all tables together take this much.
const TOTAL_BYTES: usize = 160 << 20;

/// Columns behind the national ones: which file, which row, which line a row came from.
pub(crate) const ORIGINS: usize = 3;

/// One bucket's rows of one stretch.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stretch {
    pub offset: u64,
    pub rows: u32,
}

/// The rows of one table waiting on the disk.
#[derive(Debug)]
pub(crate) struct SpilledTable {
    pub table: &'static Table,
    pub path: PathBuf,
    pub file: File,
    /// By bucket; one bucket for small tables.
    pub stretches: Vec<Vec<Stretch>>,
    /// National columns that some source supplied.
    pub supplied: Vec<bool>,
}

/// Everything an import has appended, at the commit.
#[derive(Debug, Default)]
pub(crate) struct Spilled {
    pub tables: Vec<SpilledTable>,
    /// Source files by their number in the origin column.
    pub files: Vec<Arc<str>>,
    /// The newest moment any row of a settlement table was uploaded at.
    pub newest_upload: Option<Moment>,
}

struct Block {
    /// National columns, then the origin.
    cells: Vec<Option<Cells>>,
    /// Rows by bucket and where each bucket begins.
    order: Vec<u32>,
    starts: Vec<u32>,
    bytes: usize,
}

#[derive(Default)]
struct Waiting {
    blocks: Vec<Block>,
    bytes: usize,
    stretches: Vec<Vec<Stretch>>,
    supplied: Vec<bool>,
    rows: u64,
}

struct Slot {
    table: &'static Table,
    buckets: u32,
    path: PathBuf,
    waiting: Mutex<Waiting>,
    file: Mutex<Option<Arc<File>>>,
    end: AtomicU64,
}

/// Takes blocks from any number of threads.
pub(crate) struct Spill {
    slots: Vec<Slot>,
    files: Mutex<Vec<Arc<str>>>,
    total: AtomicUsize,
    newest_upload: Mutex<Option<Moment>>,
}

impl Spill {
    pub(crate) fn new(dir: &Path, buckets: u32) -> Spill {
        let slots = TABLES.iter().map(|table| Slot {
            table,
            buckets: if table.bucket_by.is_some() { buckets } else { 1 },
            path: dir.join(format!("{}.spill", table.name)),
            waiting: Mutex::default(),
            file: Mutex::default(),
            end: AtomicU64::new(0),
        });
        Spill { slots: slots.collect(), files: Mutex::default(), total: AtomicUsize::new(0), newest_upload: Mutex::default() }
    }

    /// Takes a block; may write out the table's waiting blocks on this thread.
    pub(crate) fn append(&self, block: TypedBlock) -> Result<(), LakeError> {
        let Some(slot) = self.slots.iter().find(|slot| slot.table.name == block.table.name) else {
            return Err(LakeError::column(block.table.name, "不是国家标准表"));
        };
        let rows = block.batch.num_rows();
        if rows == 0 {
            return Ok(());
        }
        let (block, supplied) = self.prepare(slot, block)?;
        let total = self.total.fetch_add(block.bytes, Ordering::Relaxed) + block.bytes;
        let mut waiting = lock(&slot.waiting);
        waiting.rows += rows as u64;
        waiting.bytes += block.bytes;
        waiting.blocks.push(block);
        waiting.supplied.resize(slot.table.columns.len(), false);
        supplied.iter().for_each(|column| waiting.supplied[*column] = true);
        if waiting.bytes < TABLE_BYTES && total < TOTAL_BYTES {
            return Ok(());
        }
        let (blocks, bytes) = (std::mem::take(&mut waiting.blocks), std::mem::take(&mut waiting.bytes));
        drop(waiting);
        self.write_out(slot, &blocks, bytes)
    }

    /// Brings the columns into the lake's forms and sorts the rows into buckets.
    fn prepare(&self, slot: &Slot, block: TypedBlock) -> Result<(Block, Vec<usize>), LakeError> {
        let (table, rows) = (slot.table, block.batch.num_rows());
        let mut cells: Vec<Option<Cells>> = vec![None; table.columns.len() + ORIGINS];
        let mut supplied = Vec::new();
        let schema = block.batch.schema();
        for (field, array) in schema.fields().iter().zip(block.batch.columns()) {
            let Some(index) = table.column_index(field.name()) else {
                let known = table.columns.iter().map(|c| c.name).collect::<Vec<_>>().join("、");
                return Err(LakeError::NoColumn { table: table.name.to_owned(), column: field.name().clone(), known });
            };
            let ty = table.columns[index].ty;
            let Some(column) = Cells::of(ty, array) else {
                return Err(LakeError::WrongType {
                    table: table.name.to_owned(),
                    column: field.name().clone(),
                    expected: shape::arrow_type(ty).to_string(),
                    found: array.data_type().to_string(),
                });
            };
            supplied.push(index);
            cells[index] = (!column.all_null()).then_some(column);
        }
        let file = self.file_number(&block.origin.file);
        let numbers = |values: &[u64]| Int64Array::from_iter_values((0..rows).map(|i| values.get(i).map_or(0, |v| *v as i64)));
        let origin = table.columns.len();
        cells[origin] = Some(Cells::Long(Int64Array::from_value(file, rows)));
        cells[origin + 1] = Some(Cells::Long(numbers(&block.origin.rows)));
        if !block.origin.lines.is_empty() {
            cells[origin + 2] = Some(Cells::Long(numbers(&block.origin.lines)));
        }
        self.note_upload(table, &cells, rows);
        let (order, starts) = split(table, &cells, rows, slot.buckets);
        // A folder of many tiny files makes many tiny blocks: count what a block takes by itself.
        let own = size_of_val(cells.as_slice()) + 4 * starts.len();
        let bytes = cells.iter().flatten().map(Cells::bytes).sum::<usize>() + 4 * order.len() + own;
        Ok((Block { cells, order, starts, bytes }, supplied))
    }

    fn file_number(&self, file: &Arc<str>) -> i64 {
        let mut files = lock(&self.files);
        match files.iter().position(|known| known == file) {
            Some(number) => number as i64,
            None => {
                files.push(file.clone());
                files.len() as i64 - 1
            }
        }
    }

    fn note_upload(&self, table: &Table, cells: &[Option<Cells>], rows: usize) {
        let Some((created, updated)) = shape::uploaded_columns(table) else { return };
        let column = |index: usize| match &cells[index] {
            Some(Cells::Long(array)) => Some(array),
            _ => None,
        };
        let (created, updated) = (column(created), updated.and_then(column));
        let at = |array: Option<&Int64Array>, row| array.and_then(|a| a.is_valid(row).then(|| a.value(row)));
        let newest = (0..rows).filter_map(|row| at(created, row).or_else(|| at(updated, row))).max();
        let mut held = lock(&self.newest_upload);
        *held = (*held).max(newest);
    }

    fn write_out(&self, slot: &Slot, blocks: &[Block], bytes: usize) -> Result<(), LakeError> {
        let columns = slot.table.columns.len() + ORIGINS;
        let mut out: Vec<u8> = Vec::with_capacity(bytes / 3);
        let mut scratch = Scratch::default();
        let mut stretches: Vec<Option<Stretch>> = Vec::with_capacity(slot.buckets as usize);
        for bucket in 0..slot.buckets as usize {
            let rows_of = |block: &'_ Block| -> std::ops::Range<usize> { block.starts[bucket] as usize..block.starts[bucket + 1] as usize };
            let rows: usize = blocks.iter().map(|block| rows_of(block).len()).sum();
            if rows == 0 {
                stretches.push(None);
                continue;
            }
            stretches.push(Some(Stretch { offset: out.len() as u64, rows: rows as u32 }));
            let head = out.len();
            out.resize(head + 4 * columns, 0);
            for column in 0..columns {
                let begin = out.len();
                let parts: Vec<Picked<'_>> = blocks
                    .iter()
                    .map(|block| Picked { cells: block.cells[column].as_ref(), rows: &block.order[rows_of(block)] })
                    .filter(|part| !part.rows.is_empty())
                    .collect();
                pack(&parts, &mut scratch, &mut out);
                let size = (out.len() - begin) as u32;
                out[head + 4 * column..head + 4 * column + 4].copy_from_slice(&size.to_le_bytes());
            }
        }
        let file = slot.open()?;
        let base = slot.end.fetch_add(out.len() as u64, Ordering::Relaxed);
        file.write_all_at(&out, base).map_err(|e| LakeError::io(&slot.path, "写临时文件", e))?;
        let mut waiting = lock(&slot.waiting);
        waiting.stretches.resize(slot.buckets as usize, Vec::new());
        for (bucket, stretch) in stretches.into_iter().enumerate() {
            if let Some(stretch) = stretch {
                waiting.stretches[bucket].push(Stretch { offset: base + stretch.offset, ..stretch });
            }
        }
        drop(waiting);
        self.total.fetch_sub(bytes, Ordering::Relaxed);
        Ok(())
    }

    /// Writes out what still waits and hands everything over. Call when no thread appends any more.
    pub(crate) fn finish(&self) -> Result<Spilled, LakeError> {
        let mut tables = Vec::new();
        for slot in &self.slots {
            let (blocks, bytes) = {
                let mut waiting = lock(&slot.waiting);
                if waiting.rows == 0 {
                    continue;
                }
                (std::mem::take(&mut waiting.blocks), std::mem::take(&mut waiting.bytes))
            };
            if !blocks.is_empty() {
                self.write_out(slot, &blocks, bytes)?;
            }
            let mut waiting = lock(&slot.waiting);
            let file = slot.open()?.try_clone().map_err(|e| LakeError::io(&slot.path, "打开临时文件", e))?;
            let mut stretches = std::mem::take(&mut waiting.stretches);
            // Threads finish in any order; the file's order does not depend on when this list grew.
            stretches.iter_mut().for_each(|bucket| bucket.sort_by_key(|stretch| stretch.offset));
            tables.push(SpilledTable {
                table: slot.table,
                path: slot.path.clone(),
                file,
                stretches,
                supplied: std::mem::take(&mut waiting.supplied),
            });
        }
        Ok(Spilled { tables, files: lock(&self.files).clone(), newest_upload: *lock(&self.newest_upload) })
    }
}

impl Slot {
    fn open(&self) -> Result<Arc<File>, LakeError> {
        let mut file = lock(&self.file);
        if let Some(file) = &*file {
            return Ok(file.clone());
        }
        if let Some(dir) = self.path.parent() {
            disk::make_dir(dir)?;
        }
        let opened = File::options().read(true).write(true).create(true).truncate(true).open(&self.path);
        let opened = Arc::new(opened.map_err(|e| LakeError::io(&self.path, "建临时文件", e))?);
        *file = Some(opened.clone());
        Ok(opened)
    }
}

/// The rows of a block by bucket: row numbers, and where each bucket begins (one more than there are buckets).
fn split(table: &Table, cells: &[Option<Cells>], rows: usize, buckets: u32) -> (Vec<u32>, Vec<u32>) {
    let number = table.bucket_by.and_then(|name| table.column_index(name)).and_then(|index| cells[index].as_ref());
    let Some(Cells::Text(number)) = number else {
        let mut starts = vec![rows as u32; buckets as usize + 1];
        starts[0] = 0;
        return ((0..rows as u32).collect(), starts);
    };
    let of: Vec<u32> =
        (0..rows).map(|i| if number.is_null(i) { 0 } else { hash::bucket_of(number.value(i).as_bytes(), buckets) }).collect();
    let mut starts = vec![0u32; buckets as usize + 1];
    of.iter().for_each(|bucket| starts[*bucket as usize + 1] += 1);
    (0..buckets as usize).for_each(|bucket| starts[bucket + 1] += starts[bucket]);
    let mut next = starts.clone();
    let mut order = vec![0u32; rows];
    for (row, bucket) in of.iter().enumerate() {
        let slot = &mut next[*bucket as usize];
        order[*slot as usize] = row as u32;
        *slot += 1;
    }
    (order, starts)
}

/// A poisoned lock means another thread of this import panicked; its import fails, the data under the lock is whole.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
