//! 快照: one version of the lake, for reading.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, RecordBatch, new_null_array};
use arrow::datatypes::{DataType, Date32Type, Decimal64Type, Field, Int32Type, Int64Type, Schema, TimestampMicrosecondType};
use mingjian_model::day::Moment;
use mingjian_model::schema::{self, Type};

use super::LakeError;
use super::delta::{self, LiveFile};
use super::record::VersionRecord;
use super::run::Run;

/// One version of the lake. Stays readable while newer versions are written, until a vacuum drops it.
#[derive(Debug, Clone)]
pub struct Snapshot {
    root: PathBuf,
    buckets: u32,
    record: Arc<VersionRecord>,
    files: Arc<BTreeMap<String, Vec<LiveFile>>>,
}

/// A data file of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataFile {
    pub path: PathBuf,
    pub bucket: Option<u32>,
    pub rows: u64,
}

impl Snapshot {
    pub(crate) fn load(root: &Path, buckets: u32, record: VersionRecord) -> Result<Snapshot, LakeError> {
        let asked: Vec<(String, u64)> = record.tables.iter().map(|(name, table)| (name.clone(), table.delta_version)).collect();
        let found = if asked.is_empty() { Vec::new() } else { delta::live_files(root, &asked)? };
        let files = asked.into_iter().map(|(name, _)| name).zip(found).collect();
        Ok(Snapshot { root: root.to_path_buf(), buckets, record: Arc::new(record), files: Arc::new(files) })
    }

    /// Another version of the same lake.
    pub(crate) fn with(&self, record: VersionRecord, files: BTreeMap<String, Vec<LiveFile>>) -> Snapshot {
        Snapshot { root: self.root.clone(), buckets: self.buckets, record: Arc::new(record), files: Arc::new(files) }
    }

    /// The version's number; 0 for a lake without data.
    pub fn version(&self) -> u64 {
        self.record.version
    }

    pub fn record(&self) -> &VersionRecord {
        &self.record
    }

    pub fn buckets(&self) -> u32 {
        self.buckets
    }

    /// Whether the version has the table, be it empty.
    pub fn has_table(&self, table: &str) -> bool {
        self.record.tables.contains_key(table)
    }

    /// Columns of the table that some source supplied, in national order; none when the table is absent.
    pub fn columns(&self, table: &str) -> Vec<String> {
        self.record.tables.get(table).map(|table| table.columns.clone()).unwrap_or_default()
    }

    /// Rows of the table; 0 when it is absent.
    pub fn rows(&self, table: &str) -> u64 {
        self.record.tables.get(table).map_or(0, |table| table.rows)
    }

    /// The newest moment any settlement row was uploaded at: crte_time, else updt_time, else the file's time.
    pub fn newest_upload(&self) -> Option<Moment> {
        self.record.newest_upload
    }

    /// Whether every data file is there, has its size and ends as a Parquet file does; the first that does not is the error. Other engines
    /// may answer such a file with a panic. Cost: some microseconds a file, nothing of the content is read.
    pub fn probe(&self) -> Result<(), LakeError> {
        self.all_files().try_for_each(|(file, path)| file.probe(&path))
    }

    fn all_files(&self) -> impl Iterator<Item = (&LiveFile, PathBuf)> {
        self.files.iter().flat_map(move |(table, files)| files.iter().map(move |file| (file, self.path(table, file))))
    }

    /// The first data file that is missing or not what was written, by table and path: for other engines that read the files and
    /// cannot say which one they failed on. Cost: reads every file once.
    pub fn damage(&self) -> Option<LakeError> {
        self.all_files().find_map(|(file, path)| file.verify(&path).err())
    }

    /// Of tables kept by person, only the rows that this version's own import wrote: new ones, and those it had to write again with them.
    /// Tables that are not in buckets stand in it as a whole. Rows another version wrote are not there, so a row may be without the one
    /// it belongs to.
    pub fn brought(&self) -> Snapshot {
        let own = format!("part-{:08}-", self.version());
        let is_own = |file: &LiveFile| file.bucket.is_none() || file.path.rsplit('/').next().is_some_and(|name| name.starts_with(&own));
        let files = self.files.iter().map(|(table, files)| (table.clone(), files.iter().filter(|file| is_own(file)).cloned().collect()));
        self.with(VersionRecord::clone(&self.record), files.collect())
    }

    /// The data files of the table, by path.
    pub fn files(&self, table: &str) -> Vec<DataFile> {
        let file = |file: &LiveFile| DataFile { path: self.path(table, file), bucket: file.bucket, rows: file.rows };
        self.live(table).iter().map(file).collect()
    }

    pub(crate) fn live(&self, table: &str) -> &[LiveFile] {
        self.files.get(table).map(Vec::as_slice).unwrap_or_default()
    }

    pub(crate) fn live_in(&self, table: &str, bucket: Option<u32>) -> Vec<LiveFile> {
        self.live(table).iter().filter(|file| file.bucket == bucket).cloned().collect()
    }

    pub(crate) fn path(&self, table: &str, file: &LiveFile) -> PathBuf {
        self.root.join(table).join(&file.path)
    }

    /// The runs of one bucket, oldest first: each a list of batches, one a row group, sorted as the table is.
    ///
    /// Columns come in the order asked, as they stand in the file: Text as `Dictionary(Int32, Utf8)`, Money, Quantity, Price, Ratio and Time
    /// (microseconds) as Int64, Int and Date as Int32. A person's rows lie together in one batch of each run that has any. No
    /// runs when the bucket or the table has no rows.
    pub fn read_bucket(&self, table: &str, bucket: u32, columns: &[&str]) -> Result<Vec<Vec<RecordBatch>>, LakeError> {
        let wanted = self.wanted(table, columns)?;
        let mut runs = Vec::new();
        for file in self.live(table).iter().filter(|file| file.bucket.unwrap_or(0) == bucket) {
            let run = Run::open(&self.path(table, file), true)?;
            runs.push(run.batches(columns)?.iter().map(|batch| raw_batch(batch, &wanted)).collect::<Result<_, _>>()?);
        }
        Ok(runs)
    }

    /// As [`Snapshot::read_bucket`], one row group in memory at a time; `take` is told the number of the run.
    pub fn each_batch(
        &self,
        table: &str,
        bucket: u32,
        columns: &[&str],
        take: &mut dyn FnMut(usize, RecordBatch) -> Result<(), LakeError>,
    ) -> Result<(), LakeError> {
        let wanted = self.wanted(table, columns)?;
        for (number, file) in self.live(table).iter().filter(|file| file.bucket.unwrap_or(0) == bucket).enumerate() {
            let run = Run::open(&self.path(table, file), true)?;
            for group in 0..run.row_groups() {
                take(number, raw_batch(&run.batch(columns, group)?, &wanted)?)?;
            }
        }
        Ok(())
    }

    /// Some columns of some rows of one run of a bucket, `rows` ascending; the place to fetch ids for the few rows that hit. Types as in [`Snapshot::read_bucket`].
    ///
    /// `run` counts as [`Snapshot::read_bucket`] returned the runs, rows count through the run's batches. Cost: the pages that hold the rows.
    pub fn read_columns_for_rows(
        &self,
        table: &str,
        bucket: u32,
        run: usize,
        columns: &[&str],
        rows: &[u64],
    ) -> Result<Vec<RecordBatch>, LakeError> {
        let wanted = self.wanted(table, columns)?;
        let Some(file) = self.live(table).iter().filter(|file| file.bucket.unwrap_or(0) == bucket).nth(run) else { return Ok(Vec::new()) };
        let run = Run::open(&self.path(table, file), true)?;
        run.rows_of(columns, rows)?.iter().map(|batch| raw_batch(batch, &wanted)).collect()
    }

    /// Some columns of the rows of a bucket whose text `column` is `wanted`, run after run. Types as in [`Snapshot::read_bucket`]. Cost: that column
    /// of the bucket, and of the others the pages that hold the rows.
    pub fn read_rows_where(
        &self,
        table: &str,
        bucket: u32,
        column: &str,
        wanted: &dyn Fn(&str) -> bool,
        columns: &[&str],
    ) -> Result<Vec<RecordBatch>, LakeError> {
        let types = self.wanted(table, columns)?;
        let mut found = Vec::new();
        for file in self.live(table).iter().filter(|file| file.bucket.unwrap_or(0) == bucket) {
            let run = Run::open(&self.path(table, file), true)?;
            if !run.has(column) {
                continue;
            }
            let (mut rows, mut base) = (Vec::new(), 0);
            for group in run.column(column)? {
                let texts =
                    group.as_dictionary_opt::<Int32Type>().ok_or_else(|| LakeError::corrupt(run.path(), format!("{column} 不是文本")))?;
                let hits: Vec<bool> = texts.values().as_string::<i32>().iter().map(|text| text.is_some_and(wanted)).collect();
                let keys = texts.keys().iter().enumerate();
                rows.extend(keys.filter(|(_, key)| key.is_some_and(|key| hits[key as usize])).map(|(row, _)| base + row as u64));
                base += group.len() as u64;
            }
            if !rows.is_empty() {
                found.extend(run.rows_of(columns, &rows)?.iter().map(|batch| raw_batch(batch, &types)).collect::<Result<Vec<_>, _>>()?);
            }
        }
        Ok(found)
    }

    /// Batches of the whole table with the types that stand in the lake (Utf8, Decimal128, Date32, Timestamp); all columns when none are named.
    pub fn read_table(&self, table: &str, columns: &[&str]) -> Result<Vec<RecordBatch>, LakeError> {
        let mut batches = Vec::new();
        for file in self.live(table) {
            let run = Run::open_plain(&self.path(table, file))?;
            let all: Vec<&str> = run.schema().fields().iter().map(|field| field.name().as_str()).collect();
            let names = if columns.is_empty() { &all[..] } else { columns };
            for batch in run.batches(names)? {
                batches.push(in_order(table, &batch, names)?);
            }
        }
        Ok(batches)
    }

    /// The asked columns with their national types; an error names one that the table does not have.
    fn wanted(&self, table: &str, columns: &[&str]) -> Result<Vec<(String, Type)>, LakeError> {
        let national = schema::table(table);
        let unknown = |column: &str| LakeError::NoColumn {
            table: table.to_owned(),
            column: column.to_owned(),
            known: national.map(|table| table.columns.iter().map(|c| c.name).collect::<Vec<_>>().join("、")).unwrap_or_default(),
        };
        columns
            .iter()
            .map(|name| national.and_then(|table| table.column(name)).map(|c| ((*name).to_owned(), c.ty)).ok_or_else(|| unknown(name)))
            .collect()
    }
}

/// Named columns in the order asked.
fn in_order(table: &str, batch: &RecordBatch, names: &[&str]) -> Result<RecordBatch, LakeError> {
    let indices = names.iter().map(|name| {
        batch.schema().index_of(name).map_err(|_| LakeError::NoColumn {
            table: table.to_owned(),
            column: (*name).to_owned(),
            known: batch.schema().fields().iter().map(|f| f.name().as_str()).collect::<Vec<_>>().join("、"),
        })
    });
    let indices = indices.collect::<Result<Vec<_>, _>>()?;
    batch.project(&indices).map_err(|e| LakeError::column(table, e))
}

fn raw_type(ty: Type) -> DataType {
    match ty {
        Type::Text => DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)),
        Type::Int | Type::Date => DataType::Int32,
        Type::Money | Type::Quantity | Type::Price | Type::Ratio | Type::Time => DataType::Int64,
    }
}

/// A batch as the file has it → plain integers and dictionaries, without copying; columns the file is too old to have are null.
fn raw_batch(batch: &RecordBatch, wanted: &[(String, Type)]) -> Result<RecordBatch, LakeError> {
    let mut fields = Vec::with_capacity(wanted.len());
    let mut arrays: Vec<ArrayRef> = Vec::with_capacity(wanted.len());
    for (name, ty) in wanted {
        fields.push(Field::new(name, raw_type(*ty), true));
        arrays.push(match batch.column_by_name(name) {
            Some(array) => raw(array),
            None => new_null_array(&raw_type(*ty), batch.num_rows()),
        });
    }
    let options = arrow::record_batch::RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), arrays, &options).map_err(|e| LakeError::column("", e))
}

fn raw(array: &ArrayRef) -> ArrayRef {
    match array.data_type() {
        DataType::Decimal64(_, _) => Arc::new(array.as_primitive::<Decimal64Type>().reinterpret_cast::<Int64Type>()),
        DataType::Timestamp(_, _) => Arc::new(array.as_primitive::<TimestampMicrosecondType>().reinterpret_cast::<Int64Type>()),
        DataType::Date32 => Arc::new(array.as_primitive::<Date32Type>().reinterpret_cast::<Int32Type>()),
        _ => array.clone(),
    }
}

const _: () = {
    const fn shared<T: Send + Sync>() {}
    shared::<Snapshot>();
};
