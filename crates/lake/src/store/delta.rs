//! Delta 日志: the files of a table at a version, and commits, through delta-rs.
//!
//! Each call runs on a thread of its own with a small runtime: callers may stand inside a runtime themselves.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use arrow::datatypes::Schema;
use deltalake_core::kernel::engine::arrow_conversion::TryFromArrow;
use deltalake_core::kernel::transaction::{CommitBuilder, CommitProperties};
use deltalake_core::kernel::{Action, Add, Protocol, Remove, StructType, new_metadata};
use deltalake_core::protocol::{DeltaOperation, SaveMode};
use deltalake_core::table::builder::ensure_table_uri;
use deltalake_core::{DeltaResult, DeltaTable, DeltaTableBuilder, DeltaTableError};

use super::shape::BUCKET_COLUMN;
use super::write::Written;
use super::{LakeError, disk};

/// Every so many commits delta-rs sums the log up, so that opening a table does not grow dearer with its age.
const CHECKPOINT_INTERVAL: &str = "20";

/// A live file of a Delta table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LiveFile {
    /// Relative to the table's folder.
    pub path: String,
    pub bucket: Option<u32>,
    pub rows: u64,
    pub bytes: u64,
    /// BLAKE3 of the content, if the log tells.
    pub blake3: Option<String>,
}

impl From<&Written> for LiveFile {
    fn from(file: &Written) -> LiveFile {
        LiveFile { path: file.path.clone(), bucket: file.bucket, rows: file.rows, bytes: file.bytes, blake3: Some(file.blake3.clone()) }
    }
}

/// The tag of a file's hash in the log.
const HASH_TAG: &str = "mingjian.blake3";

/// What one commit changes.
#[derive(Debug, Default)]
pub(crate) struct Change {
    pub add: Vec<Written>,
    pub remove: Vec<LiveFile>,
    /// False for a compaction: the same rows in other files.
    pub data_change: bool,
}

fn run<T: Send>(work: impl Future<Output = DeltaResult<T>> + Send) -> DeltaResult<T> {
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
            runtime.map_err(|e| DeltaTableError::generic(e.to_string()))?.block_on(work)
        });
        thread.join().unwrap_or_else(|_| Err(DeltaTableError::generic("Delta 线程中断")))
    })
}

async fn open(dir: &Path, version: u64) -> DeltaResult<DeltaTable> {
    let uri = ensure_table_uri(dir.to_string_lossy())?;
    DeltaTableBuilder::from_url(uri)?.with_version(version).load().await
}

/// The live files of several tables at given versions, in the order asked, each sorted by path.
pub(crate) fn live_files(lake: &Path, tables: &[(String, u64)]) -> Result<Vec<Vec<LiveFile>>, LakeError> {
    let work = async {
        let mut found = Vec::with_capacity(tables.len());
        for (table, version) in tables {
            let files = files_of(&lake.join(table), *version).await;
            found.push(files.map_err(|error| (table, *version, error)));
        }
        Ok(found)
    };
    let detail = |table: &str, version: u64, error: &DeltaTableError| LakeError::DeltaLog {
        table: table.to_owned(),
        version,
        path: lake.join(table),
        detail: LakeError::first_line(error),
    };
    let found = run(work).map_err(|error| detail("", 0, &error))?;
    found.into_iter().map(|files| files.map_err(|(table, version, error)| detail(table, version, &error))).collect()
}

async fn files_of(dir: &Path, version: u64) -> DeltaResult<Vec<LiveFile>> {
    let table = open(dir, version).await?;
    let mut files: Vec<LiveFile> = table
        .snapshot()?
        .log_data()
        .iter()
        .map(|file| {
            let path = file.path().into_owned();
            let bucket = path.split_once('/').and_then(|(folder, _)| folder.strip_prefix("bucket=")).and_then(|number| number.parse().ok());
            #[expect(deprecated, reason = "no other public way leads to a file's tags")]
            let blake3 = file.add_action().tags.and_then(|tags| tags.get(HASH_TAG).cloned().flatten());
            LiveFile { bucket, rows: file.num_records().unwrap_or(0) as u64, bytes: file.size() as u64, blake3, path }
        })
        .collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

/// Commits a change on top of `base` (`None`: the table does not exist yet); the new version, durable.
///
/// `schema` is the schema of the data files; bucketed tables get the partition column behind it.
pub(crate) fn commit(
    dir: &Path,
    table: &str,
    base: Option<u64>,
    schema: &Schema,
    bucketed: bool,
    change: Change,
) -> Result<u64, LakeError> {
    let failed = |error: DeltaTableError| commit_failed(dir, table, error);
    disk::make_dir(dir)?;
    let version = run(commit_on(dir, base, schema, bucketed, change)).map_err(failed)?;
    disk::sync_file(&log_path(dir, version))?;
    disk::sync_dir(&dir.join("_delta_log"))?;
    if let Some(parent) = dir.parent().filter(|_| base.is_none()) {
        disk::sync_dir(dir)?;
        disk::sync_dir(parent)?;
    }
    Ok(version)
}

/// delta-rs wraps what the disk said; the user needs to know a full disk from a refused one.
fn commit_failed(dir: &Path, table: &str, error: DeltaTableError) -> LakeError {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    while let Some(inner) = cause {
        if let Some(io_error) = inner.downcast_ref::<std::io::Error>() {
            return LakeError::io(dir.join("_delta_log"), "写 Delta 日志", std::io::Error::new(io_error.kind(), io_error.to_string()));
        }
        cause = inner.source();
    }
    LakeError::DeltaCommit { table: table.to_owned(), path: dir.join("_delta_log"), detail: LakeError::first_line(&error) }
}

async fn commit_on(dir: &Path, base: Option<u64>, schema: &Schema, bucketed: bool, change: Change) -> DeltaResult<u64> {
    let table = match base {
        Some(version) => Some(open(dir, version).await?),
        None => None,
    };
    let log_store = match &table {
        Some(table) => table.log_store(),
        None => DeltaTableBuilder::from_url(ensure_table_uri(dir.to_string_lossy())?)?.build_storage()?,
    };
    let kernel_schema = kernel_schema(schema, bucketed)?;
    let partitions: &[&str] = if bucketed { &[BUCKET_COLUMN] } else { &[] };
    let mut actions = Vec::with_capacity(change.add.len() + change.remove.len() + 2);
    match &table {
        None => {
            actions.push(Action::Protocol(protocol()?));
            let settings = [("delta.checkpointInterval", CHECKPOINT_INTERVAL)];
            actions.push(Action::Metadata(new_metadata(&kernel_schema, partitions, settings)?));
        }
        // A newer program may know more columns, and tables such as the findings may change theirs.
        Some(table) => {
            let metadata = table.snapshot()?.metadata();
            if metadata.parse_schema().is_ok_and(|stored| stored != kernel_schema) {
                use deltalake_core::kernel::MetadataExt;
                actions.push(Action::Metadata(metadata.clone().with_schema(&kernel_schema)?));
            }
        }
    }
    let deleted = change.add.iter().map(|file| file.modified_ms).max();
    actions.extend(change.remove.into_iter().map(|file| Action::Remove(remove(file, change.data_change, deleted))));
    actions.extend(change.add.into_iter().map(|file| Action::Add(add(file, change.data_change))));
    let operation =
        DeltaOperation::Write { mode: SaveMode::Append, partition_by: bucketed.then(|| vec![BUCKET_COLUMN.to_owned()]), predicate: None };
    let reference = table.as_ref().map(|table| table.snapshot()).transpose()?;
    let reference = reference.map(|state| state as &dyn deltalake_core::kernel::transaction::TableReference);
    // The lake's lock keeps other writers away: a version that is there already is a mistake, not a race to win. Log entries stay, since old
    // versions of the lake need them.
    let properties = CommitProperties::default().with_max_retries(0).with_cleanup_expired_logs(Some(false));
    let commit = CommitBuilder::from(properties).with_actions(actions).build(reference, log_store, operation);
    Ok(commit.await?.version())
}

/// The table's schema in Delta's terms: the columns of its files and, where it is bucketed, the bucket.
fn kernel_schema(schema: &Schema, bucketed: bool) -> DeltaResult<StructType> {
    use arrow::datatypes::{DataType, Field};
    let wide = |field: &Field| match field.data_type() {
        DataType::Decimal64(precision, scale) => field.clone().with_data_type(DataType::Decimal128(*precision, *scale)),
        _ => field.clone(),
    };
    let mut fields: Vec<Field> = schema.fields().iter().map(|field| wide(field)).collect();
    if bucketed {
        fields.push(Field::new(BUCKET_COLUMN, DataType::Int32, true));
    }
    Ok(StructType::try_from_arrow(&Schema::new(fields))?)
}

/// Local times without a zone are a table feature of their own.
fn protocol() -> DeltaResult<Protocol> {
    Ok(serde_json::from_value(serde_json::json!({
        "minReaderVersion": 3, "minWriterVersion": 7, "readerFeatures": ["timestampNtz"], "writerFeatures": ["timestampNtz"]
    }))?)
}

fn partition(bucket: Option<u32>) -> HashMap<String, Option<String>> {
    bucket.map(|bucket| (BUCKET_COLUMN.to_owned(), Some(bucket.to_string()))).into_iter().collect()
}

fn add(file: Written, data_change: bool) -> Add {
    Add {
        partition_values: partition(file.bucket),
        size: file.bytes as i64,
        modification_time: file.modified_ms,
        data_change,
        stats: Some(format!("{{\"numRecords\":{}}}", file.rows)),
        path: file.path,
        tags: Some(HashMap::from([(HASH_TAG.to_owned(), Some(file.blake3))])),
        deletion_vector: None,
        base_row_id: None,
        default_row_commit_version: None,
        clustering_provider: None,
    }
}

fn remove(file: LiveFile, data_change: bool, deletion_timestamp: Option<i64>) -> Remove {
    Remove {
        data_change,
        deletion_timestamp,
        extended_file_metadata: Some(true),
        partition_values: Some(partition(file.bucket)),
        size: Some(file.bytes as i64),
        path: file.path,
        ..Remove::default()
    }
}

pub(crate) fn log_path(dir: &Path, version: u64) -> PathBuf {
    dir.join("_delta_log").join(format!("{version:020}.json"))
}

/// Checkpoints in a table's log: version and path.
pub(crate) fn checkpoints(dir: &Path) -> Result<Vec<(u64, PathBuf)>, LakeError> {
    let entries = disk::list(&dir.join("_delta_log"))?.into_iter();
    let version =
        |name: &str| name.split_once(".checkpoint").filter(|(_, end)| end.ends_with(".parquet")).and_then(|(v, _)| v.parse().ok());
    Ok(entries.filter_map(|(name, path)| version(&name).map(|version| (version, path))).collect())
}

/// Entries that were being written when their writer died. On a local disk an entry is written under its name and `#` with a number,
/// then linked to its name (object_store), so what is left between the two steps was never read by anybody.
pub(crate) fn staged(dir: &Path) -> Result<Vec<PathBuf>, LakeError> {
    let entries = disk::list(&dir.join("_delta_log"))?.into_iter();
    let is_staged = |name: &str| name.rsplit_once('#').is_some_and(|(_, number)| number.parse::<u64>().is_ok());
    Ok(entries.filter(|(name, _)| is_staged(name)).map(|(_, path)| path).collect())
}

/// The file that points readers to the newest checkpoint; they find it without, too.
pub(crate) fn checkpoint_hint(dir: &Path) -> PathBuf {
    dir.join("_delta_log/_last_checkpoint")
}

/// Versions in a table's log, ascending.
pub(crate) fn log_versions(dir: &Path) -> Result<Vec<u64>, LakeError> {
    let names = disk::list(&dir.join("_delta_log"))?.into_iter();
    Ok(names.filter_map(|(name, _)| name.strip_suffix(".json").and_then(|stem| stem.parse().ok())).collect())
}
