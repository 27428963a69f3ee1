//! 数据质量: how well each institution's rows hold together, counted over what has landed.
//!
//! In: a version of the lake. Out: one row an institution and [`Check`] that failed somewhere — rows checked, rows failed, the
//! smallest failing key. True of it: nothing is set aside here, the rules decide what a fault means; the result depends on
//! the lake's rows alone, not on threads, files or buckets; memory is bounded by one bucket a thread.
//! Sources: the identities and keys of the national tables and the shapes of the national codes; see docs/import.md.

mod bucket;
mod checks;
mod shapes;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

pub use checks::{CHECKS, Check};

use crate::store::{LakeError, Snapshot, TableAnew};
use bucket::{Catalogue, check_bucket};

/// The lake's table of this report.
pub const QUALITY_TABLE: &str = "quality";

/// What one check found at one institution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QualityRow {
    /// Empty for rows that name no institution.
    pub fixmedins_code: String,
    pub fixmedins_name: String,
    pub check: Check,
    pub checked: u64,
    pub failed: u64,
    /// The smallest key of a failing row: setl_id, of fee lines the visit's mdtrt_id.
    pub example: String,
}

/// Rows checked and failed; the smallest failing key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    checked: u64,
    failed: u64,
    example: Option<String>,
}

impl Tally {
    /// Counts a row and keeps the smallest failing key.
    pub(crate) fn note(&mut self, holds: bool, key: &str) {
        self.checked += 1;
        if !holds {
            self.failed += 1;
            if self.example.as_ref().is_none_or(|example| key < example.as_str()) {
                self.example = Some(key.to_owned());
            }
        }
    }

    fn join(&mut self, other: Tally) {
        self.checked += other.checked;
        self.failed += other.failed;
        self.example = match (self.example.take(), other.example) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
    }
}

/// Tallies by institution, one for each of [`CHECKS`].
pub(crate) type Tallies = BTreeMap<String, Vec<Tally>>;

/// Checks every row of a version on `threads` threads; the checks that failed, the worst first.
pub fn check(snapshot: &Snapshot, threads: usize) -> Result<Vec<QualityRow>, LakeError> {
    let catalogue = Catalogue::load(snapshot)?;
    let next = AtomicU32::new(0);
    let (joined, failed): (Mutex<Tallies>, Mutex<Option<LakeError>>) = Default::default();
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                let mut own = Tallies::new();
                loop {
                    let bucket = next.fetch_add(1, Ordering::Relaxed);
                    if bucket >= snapshot.buckets() {
                        break;
                    }
                    if let Err(error) = check_bucket(snapshot, bucket, &catalogue, &mut own) {
                        failed.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                        next.store(snapshot.buckets(), Ordering::Relaxed);
                    }
                }
                let mut joined = joined.lock().unwrap_or_else(PoisonError::into_inner);
                for (institution, tallies) in own {
                    let held = joined.entry(institution).or_insert_with(|| vec![Tally::default(); CHECKS.len()]);
                    held.iter_mut().zip(tallies).for_each(|(held, tally)| held.join(tally));
                }
            });
        }
    });
    if let Some(error) = failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
        return Err(error);
    }
    let names = names(snapshot)?;
    let tallies = joined.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut rows: Vec<QualityRow> = Vec::new();
    for (institution, tallies) in tallies {
        let name = names.get(&institution).cloned().unwrap_or_default();
        let found = tallies.into_iter().zip(CHECKS).filter(|(tally, _)| tally.failed > 0);
        rows.extend(found.map(|(tally, check)| QualityRow {
            fixmedins_code: institution.clone(),
            fixmedins_name: name.clone(),
            check: *check,
            checked: tally.checked,
            failed: tally.failed,
            example: tally.example.unwrap_or_default(),
        }));
    }
    rows.sort_by(|a, b| (b.failed, &a.fixmedins_code, a.check).cmp(&(a.failed, &b.fixmedins_code, b.check)));
    Ok(rows)
}

/// Names of the institutions, from their own table.
fn names(snapshot: &Snapshot) -> Result<BTreeMap<String, String>, LakeError> {
    let mut names = BTreeMap::new();
    if !snapshot.has_table("fixmedins_b") {
        return Ok(names);
    }
    for batch in snapshot.read_table("fixmedins_b", &["fixmedins_code", "fixmedins_name"])? {
        let (codes, texts) = (bucket::Texts::of(batch.column(0)), bucket::Texts::of(batch.column(1)));
        for row in 0..batch.num_rows() {
            if let (Some(code), Some(name)) = (codes.at(row), texts.at(row)) {
                names.insert(code.to_owned(), name.to_owned());
            }
        }
    }
    Ok(names)
}

/// The columns of the table.
pub fn schema() -> SchemaRef {
    let text = |name| Field::new(name, DataType::Utf8, true);
    let number = |name| Field::new(name, DataType::Int64, true);
    Arc::new(Schema::new(vec![
        text("fixmedins_code"),
        text("fixmedins_name"),
        text("check"),
        text("table_name"),
        number("checked"),
        number("failed"),
        text("example"),
        text("detail"),
    ]))
}

/// The report on a version as a table of the lake.
pub fn table(snapshot: &Snapshot, threads: usize) -> Result<TableAnew, LakeError> {
    let rows = check(snapshot, threads)?;
    Ok(TableAnew { name: QUALITY_TABLE.to_owned(), schema: schema(), batches: vec![batch(&rows)?] })
}

/// The report as a batch of [`schema`].
pub fn batch(rows: &[QualityRow]) -> Result<RecordBatch, LakeError> {
    let text = |of: fn(&QualityRow) -> &str| -> ArrayRef { Arc::new(StringArray::from_iter_values(rows.iter().map(of))) };
    let number = |of: fn(&QualityRow) -> u64| -> ArrayRef { Arc::new(Int64Array::from_iter_values(rows.iter().map(|row| of(row) as i64))) };
    let columns = vec![
        text(|row| &row.fixmedins_code),
        text(|row| &row.fixmedins_name),
        text(|row| row.check.title()),
        text(|row| row.check.table()),
        number(|row| row.checked),
        number(|row| row.failed),
        text(|row| &row.example),
        text(|row| row.check.detail()),
    ];
    RecordBatch::try_new(schema(), columns)
        .map_err(|error| LakeError::Column { table: QUALITY_TABLE.to_owned(), detail: error.to_string() })
}
