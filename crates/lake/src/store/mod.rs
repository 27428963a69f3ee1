//! The storing half 存储: Delta tables on the disk, versions, writers and readers.
//!
//! ```text
//! lake/_lake.json              format and number of buckets, fixed when the lake is made
//! lake/_lock                   held by the one writer
//! lake/_versions/NNNNNNNN.json a version: Delta version of each table, sources, counts; written last (record.rs)
//! lake/_tmp/                   rows of a running import (spill.rs)
//! lake/<table>/_delta_log/     Delta's log (delta.rs)
//! lake/<table>/[bucket=NN/]part-VVVVVVVV-n.parquet   a sorted run, written by version V (write.rs)
//! ```
//!
//! The way of a row: [`ImportTxn::append`] packs it into `_tmp` by bucket; [`ImportTxn::commit`] takes bucket after
//! bucket: judges keys (decide.rs), orders (order.rs), writes a run; then makes the reports over the version to be, commits each Delta
//! table and last the version record. Readers open a version as a [`Snapshot`]. A writer that dies leaves the last record standing; the next writer
//! sweeps what it left (sweep.rs).

mod cells;
mod check;
mod compact;
mod decide;
mod delta;
mod disk;
mod error;
mod hash;
mod lock;
mod order;
mod pages;
mod publish;
mod record;
mod rejected;
mod replace;
mod rows;
mod run;
mod shape;
mod snapshot;
mod spill;
mod sweep;
mod txn;
mod vacuum;
mod write;

use std::path::{Path, PathBuf};

use mingjian_model::day::Moment;
use serde::{Deserialize, Serialize};

pub use check::{CheckReport, Problem};
pub use compact::{CompactOptions, CompactReport};
pub use decide::TableCounts;
pub use error::LakeError;
pub use hash::bucket_of;
pub use record::{Act, SourceRecord, TableRecord, VersionRecord};
pub use rejected::REJECTED_TABLE;
pub use replace::TableAnew;
pub use shape::{BUCKET_COLUMN, arrow_type, file_schema};
pub use snapshot::{DataFile, Snapshot};
pub use txn::{CommitOptions, ImportOutcome, ImportTxn, Report};
pub use vacuum::{Keep, VacuumReport};

use lock::WriteLock;

/// Buckets of a lake unless its maker says otherwise.
pub const DEFAULT_BUCKETS: u32 = 64;

/// A lake on the disk. Cheap to clone; holds no file open.
#[derive(Debug, Clone)]
pub struct Lake {
    root: PathBuf,
    buckets: u32,
    clock: Option<fn() -> Moment>,
}

#[derive(Serialize, Deserialize)]
struct Settings {
    format: u32,
    buckets: u32,
}

impl Lake {
    /// Opens the lake of a workspace; makes it when it is missing.
    ///
    /// Errors: the folder cannot be made or written, or the settings file is damaged. Opening a lake that exists writes nothing,
    /// so a read-only workspace can be read.
    pub fn open(workspace: &Path) -> Result<Lake, LakeError> {
        Lake::open_with(workspace, DEFAULT_BUCKETS)
    }

    /// As [`Lake::open`]; a lake that is made gets so many buckets (1 to 4096). One that is there keeps its own number.
    pub fn open_with(workspace: &Path, buckets: u32) -> Result<Lake, LakeError> {
        let root = workspace.join("lake");
        let path = root.join("_lake.json");
        let read = match std::fs::read(&path) {
            Ok(bytes) => Some(bytes),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(LakeError::io(&path, "读湖的设置", error)),
        };
        let broken = |detail: String| LakeError::Settings { path: path.clone(), detail };
        let settings = match read {
            Some(bytes) => serde_json::from_slice::<Settings>(&bytes).map_err(|e| broken(e.to_string()))?,
            None if !record::versions(&root.join("_versions"))?.is_empty() => return Err(broken("文件不存在，而湖里已有数据".to_owned())),
            None => {
                let settings = Settings { format: 1, buckets };
                disk::make_dir(&root.join("_versions"))?;
                let text = serde_json::to_string(&settings).map_err(|e| broken(e.to_string()))?;
                disk::write_atomically(&path, text.as_bytes())?;
                settings
            }
        };
        if settings.format != 1 || !(1..=4096).contains(&settings.buckets) {
            return Err(broken(format!("格式 {}，分桶 {}", settings.format, settings.buckets)));
        }
        Ok(Lake { root, buckets: settings.buckets, clock: None })
    }

    /// The clock version records take their time from. Without one they carry no time.
    pub fn with_clock(mut self, clock: fn() -> Moment) -> Lake {
        self.clock = Some(clock);
        self
    }

    /// The folder of the lake.
    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn buckets(&self) -> u32 {
        self.buckets
    }

    /// The newest version, or the one asked for. A lake without versions is version 0, without tables.
    pub fn snapshot(&self, as_of: Option<u64>) -> Result<Snapshot, LakeError> {
        Snapshot::load(&self.root, self.buckets, self.record(as_of)?)
    }

    /// The number of the newest version; 0 where there is none. One look at a folder.
    pub fn version(&self) -> Result<u64, LakeError> {
        Ok(record::versions(&self.versions_dir())?.into_iter().max().unwrap_or(0))
    }

    /// All versions on record with what made them, oldest first.
    pub fn history(&self) -> Result<Vec<VersionRecord>, LakeError> {
        let dir = self.versions_dir();
        record::versions(&dir)?.into_iter().map(|version| record::read(&dir, version)).collect()
    }

    /// The version some tables have come with as a snapshot shows them: the oldest, going back from it, in which all of them are the
    /// same. So a screening, which makes a version of its own, does not make its data look newer.
    pub fn since(&self, snapshot: &Snapshot, of: impl Fn(&str) -> bool) -> Result<u64, LakeError> {
        let shown = |record: &VersionRecord| -> Vec<(String, u64)> {
            let tables = record.tables.iter().filter(|(name, _)| of(name));
            tables.map(|(name, table)| (name.clone(), table.delta_version)).collect()
        };
        let wanted = shown(snapshot.record());
        let mut history = self.history()?;
        history.retain(|record| record.version <= snapshot.version());
        let same = history.iter().rev().take_while(|record| shown(record) == wanted);
        Ok(same.last().map_or(snapshot.version(), |record| record.version))
    }

    /// Begins an import. Errors when another process writes this lake.
    pub fn begin_import(&self) -> Result<ImportTxn, LakeError> {
        ImportTxn::begin(self.clone())
    }

    fn record(&self, as_of: Option<u64>) -> Result<VersionRecord, LakeError> {
        let dir = self.versions_dir();
        let versions = record::versions(&dir)?;
        let newest = versions.last().copied().unwrap_or(0);
        match as_of.unwrap_or(newest) {
            0 => Ok(VersionRecord::empty()),
            version if versions.contains(&version) => record::read(&dir, version),
            asked => Err(LakeError::NoVersion { asked, oldest: versions.first().copied().unwrap_or(0), newest }),
        }
    }

    fn versions_dir(&self) -> PathBuf {
        self.root.join("_versions")
    }

    fn tmp_dir(&self) -> PathBuf {
        self.root.join("_tmp")
    }

    fn now(&self) -> Option<Moment> {
        self.clock.map(|clock| clock())
    }

    /// Removes what a dead writer left, rows of its import among it; where somebody writes now, that is theirs and stays.
    ///
    /// Every writer does so before it begins. This is for who found nothing to write.
    pub fn tidy(&self) -> Result<(), LakeError> {
        if disk::list(&self.tmp_dir())?.is_empty() {
            return Ok(());
        }
        match self.begin_write() {
            Ok(_) | Err(LakeError::Locked { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Takes the lock, then sweeps what a dead writer left; the newest version.
    fn begin_write(&self) -> Result<(WriteLock, VersionRecord), LakeError> {
        let lock = WriteLock::take(&self.root.join("_lock"))?;
        let record = self.record(None)?;
        sweep::after_crash(self, &record, lock.after_death)?;
        Ok((lock, record))
    }
}
